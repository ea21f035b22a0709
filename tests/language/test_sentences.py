"""Numbers, periods and sentences, as a reader of either language expects them."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal_analysis import wording
from portal_analysis.estimates import EstimatesError, estimates
from portal_analysis.wording import WordingError, describe, label, number, period, qualified


def table(rows: list[dict], domains: tuple[str, ...] = ("period",)) -> pd.DataFrame:
    return estimates(pd.DataFrame(rows).assign(source="a caller's"), domains)


@pytest.mark.parametrize(
    ("value", "unit", "digits", "en", "vi"),
    [
        (0.185, "proportion", None, "18.5%", "18,5%"),
        (0.18, "proportion", None, "18%", "18%"),
        (0.0951, "proportion", None, "9.51%", "9,51%"),
        (0.4, "proportion", 1, "40.0%", "40,0%"),
        (1.0, "proportion", None, "100%", "100%"),
        (0.0, "proportion", 1, "0.0%", "0,0%"),
        (-0.00001, "proportion", 1, "0.0%", "0,0%"),
        (0.021, "points", None, "+2.1 percentage points", "+2,1 điểm phần trăm"),
        (-0.021, "points", None, "−2.1 percentage points", "−2,1 điểm phần trăm"),
        (16117, "count", None, "16,117", "16.117"),
        (1234567.5, "number", None, "1,234,567.5", "1.234.567,5"),
        (1.25, "odds ratio", 2, "1.25", "1,25"),
        (16117, "persons", None, "16,117 persons", "16.117 người"),
        (14.5, "million dossiers", None, "14.5 million dossiers", "14,5 triệu hồ sơ"),
        (3, "apples", None, "3 apples", "3 apples"),
        (math.nan, "proportion", None, "–", "–"),
        (None, "count", None, "–", "–"),
    ],
)
def test_a_number_follows_its_unit_and_language(value, unit, digits, en, vi):
    assert number(value, unit, "en", digits) == en
    assert number(value, unit, "vi", digits) == vi


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_a_count_can_be_read_back_in_both_languages(value):
    for lang, thousands in (("en", ","), ("vi", ".")):
        text = number(value, "count", lang).replace(wording.MINUS, "-").replace(thousands, "")
        assert int(text) == value


@pytest.mark.parametrize(
    ("code", "en", "vi"),
    [
        ("2022", "2022", "2022"),
        ("2024-07", "July 2024", "tháng 7/2024"),
        ("2022-01-01/2022-07-31", "January–July 2022", "tháng 1–7/2022"),
        ("2024-01-01/2024-02-29", "January–February 2024", "tháng 1–2/2024"),
        ("2024-01-01/2024-07-10", "1 January 2024 – 10 July 2024", "1/1/2024 – 10/7/2024"),
        ("2020-01-01/2021-12-31", "1 January 2020 – 31 December 2021", "1/1/2020 – 31/12/2021"),
        ("2023-01-01/..", "since 1 January 2023", "từ 1/1/2023"),
        ("../2020-05-19", "to 19 May 2020", "đến 19/5/2020"),
    ],
)
def test_a_period_is_told_in_words(code, en, vi):
    assert (period(code, "en"), period(code, "vi")) == (en, vi)


@pytest.mark.parametrize(
    ("qualifier", "en", "vi"),
    [
        ("exact", "76%", "76%"),
        ("", "76%", "76%"),
        (math.nan, "76%", "76%"),
        ("nearly", "nearly 76%", "gần 76%"),
        ("more than", "more than 76%", "hơn 76%"),
        ("just over", "just over 76%", "nhỉnh hơn 76%"),
        ("about", "about 76%", "khoảng 76%"),
    ],
)
def test_a_published_number_keeps_its_qualifier(qualifier, en, vi):
    assert qualified(0.76, "proportion", qualifier, "en") == en
    assert qualified(0.76, "proportion", qualifier, "vi") == vi


def test_a_published_number_keeps_its_decimals():
    assert qualified(0.0500, "proportion", "exact", "en", 2) == "5.00%"


def test_unknown_words_are_told():
    with pytest.raises(WordingError, match="'roughly' is not known; qualifiers are"):
        qualified(0.1, "proportion", "roughly", "en")
    with pytest.raises(WordingError, match="language 'fr' is not known; languages are"):
        number(1, "count", "fr")
    with pytest.raises(WordingError, match="language 'EN'"):
        describe(table([{"indicator": "use", "period": "2022", "estimate": 0.1}]), "EN")


def test_labels_come_from_the_codebook_and_else_from_the_code():
    assert label("portal-review-published", "round", "2023", "en") == "2023, first review"
    assert label("portal-review-published", "round", "2023", "vi") == "2023, đánh giá lần thứ nhất"
    assert label("nobody's", "round", "2023", "en") == "2023"
    assert label("nobody's", "period", "2024-07", "vi") == "tháng 7/2024"
    assert label("nobody's", "province", "01", "vi") == "Hà Nội"
    assert label("nobody's", "province", None, "en") == "province"
    assert label("nobody's", "province", math.nan, "en") == "all"


def test_one_estimate_is_read_with_its_interval_its_base_and_its_caveat():
    row = {
        "indicator": "use",
        "province": "01",
        "estimate": 0.0485,
        "se": 0.002,
        "ci_low": 0.041,
        "ci_high": 0.057,
        "n": 16117,
        "flag": "review",
    }
    one = table([row], ("province",))
    assert describe(one, "en") == (
        "use (Ha Noi): **4.85%** (95% interval 4.10% to 5.70%; n = 16,117). To be read with caution."
    )
    assert describe(one, "vi") == (
        "use (Hà Nội): **4,85%** (khoảng tin cậy 95%: 4,10% đến 5,70%; n = 16.117). Cần thận trọng khi sử dụng."
    )


def test_values_without_an_interval_are_read_together():
    rows = [{"indicator": "use", "place": "x", "period": year, "estimate": 0.1} for year in ("2020", "2021")]
    rows[1]["flag"] = "inexact"
    told = describe(table(rows, ("place", "period")), "en")
    assert told == "use (x): **10%** (2020), **10%** (2021; published as an approximate value)."
    rows[0]["flag"] = "inexact"
    told = describe(table(rows, ("place", "period")), "en")
    assert told == "use (x): **10%** (2020), **10%** (2021). Published as an approximate value."


def test_values_with_an_interval_are_read_one_by_one():
    rows = [
        {"indicator": "use", "period": year, "estimate": 0.1, "se": 0.01, "ci_low": 0.08, "ci_high": 0.12}
        for year in ("2020", "2021")
    ]
    told = describe(table(rows), "en").splitlines()
    assert told == [
        "- use (2020): **10.0%** (95% interval 8.0% to 12.0%).",
        "- use (2021): **10.0%** (95% interval 8.0% to 12.0%).",
    ]


def test_a_column_of_levels_is_not_taken_for_the_level_of_an_interval():
    row = {"indicator": "use", "level": "provinces", "estimate": 0.1, "ci_low": 0.08, "ci_high": 0.12}
    assert "95% interval" in describe(table([row], ("level",)), "en")
    row["level"] = 0.9
    assert "90% interval" in describe(table([row], ()), "en")


@pytest.mark.parametrize(
    ("count", "en"),
    [(26, "26 of 63 portals (41.3%)"), (0, "0 of 63 portals (0%)"), (63, "63 of 63 portals (100%)")],
)
def test_counts_come_first(count, en):
    row = {
        "indicator": "x",
        "estimate": count / 63,
        "count": count,
        "base": 63,
        "counted": "portals",
        "n": 63,
    }
    assert describe(table([row], ()), "en") == f"x: **{en}**."


def test_the_error_that_an_interval_stands_for_is_named():
    row = {"indicator": "x", "estimate": 0.5, "ci_low": 0.4, "ci_high": 0.6, "interval": "assessors"}
    assert "(range over assessors: 40.0% to 60.0%)" in describe(table([row], ()), "en")
    assert "95%" not in describe(table([row], ()), "vi")


def test_a_difference_is_read_in_points():
    row = {
        "indicator": "gap",
        "estimate": -0.05,
        "ci_low": -0.08,
        "ci_high": -0.02,
        "unit": "points",
        "p_value": 1e-5,
    }
    assert describe(table([row], ()), "en") == (
        "gap: **−5.00 percentage points** (95% interval −8.00 to −2.00 percentage points; p < 0.001)."
    )


def test_a_long_table_is_read_by_its_ends_and_its_flags():
    rows = [{"indicator": "use", "period": str(2000 + k), "estimate": k / 100, "flag": ""} for k in range(10)]
    rows[3]["flag"] = "inexact"
    assert describe(table(rows), "en") == (
        "use: 10 values, from 0% (2000) to 9% (2009). 1 of them: published as an approximate value."
    )
    every = table([{**row, "flag": "target"} for row in rows])
    assert "All of them: a target, not a result." in describe(every, "en")
    assert "Tất cả các giá trị này: là chỉ tiêu" in describe(every, "vi")


def test_simulated_data_say_so():
    one = table([{"indicator": "use", "period": "2022", "estimate": 0.1, "flag": "simulated"}])
    assert describe(one, "en").endswith(
        "*These are simulated data: they show the method and say nothing about Viet Nam.*"
    )
    assert "dữ liệu mô phỏng" in describe(one, "vi")


def test_what_is_not_there_is_not_a_number():
    assert describe(table([{"indicator": "use", "period": "2022", "estimate": math.nan}]), "en") == (
        "use (2022): **not available**."
    )
    empty = table([{"indicator": "use", "period": "2022", "estimate": 0.1}]).iloc[:0]
    assert describe(empty, "vi") == "Không có gì để trình bày: bảng trống."
    with pytest.raises(EstimatesError, match="not a table of estimates"):
        describe(pd.DataFrame({"indicator": ["use"]}))


def test_jupyter_shows_a_description_as_markdown():
    text = describe(table([{"indicator": "use", "period": "2022", "estimate": 0.1}]))
    assert text._repr_markdown_() == str(text)


SURVEY = "papi-simulated"


def survey_table(rows: list[dict], domains: tuple[str, ...]) -> pd.DataFrame:
    return estimates(pd.DataFrame(rows).assign(source=SURVEY, indicator="npsp_use"), domains)


INTERVAL = {"se": 0.01, "ci_low": 0.02, "ci_high": 0.06}


def test_what_is_too_unreliable_is_withheld_and_not_told():
    row = {"province": "01", "estimate": 0.04, **INTERVAL, "p_value": 0.01, "n": 90, "flag": "suppress"}
    told = describe(survey_table([row], ("province",)), "en")
    assert told == (
        "Used the National Public Service Portal (Ha Noi): **withheld** (n = 90). Too unreliable to publish."
    )
    assert "không công bố" in describe(survey_table([row], ("province",)), "vi")


def test_a_long_table_leaves_withheld_values_out_of_its_ends():
    rows = [{"wave": 2000 + k, "estimate": k / 100, "flag": "suppress" if k > 7 else ""} for k in range(10)]
    assert describe(survey_table(rows, ("wave",)), "en").endswith(
        ": 8 of 10 values can be published, from 0% (2000) to 7% (2007); the others are too unreliable."
    )
    nothing = survey_table([{**row, "flag": "suppress"} for row in rows], ("wave",))
    assert ": withheld." in describe(nothing, "en")
    assert "%" not in describe(nothing, "en")


def test_the_ends_of_a_long_table_are_read_with_their_intervals():
    rows = [{"wave": 2000 + k, "estimate": 0.04 + k / 1000, **INTERVAL} for k in range(10)]
    told = describe(survey_table(rows, ("wave",)), "en")
    assert "from 4.00% (2000; 95% interval 2.00% to 6.00%) to 4.90% (2009; 95% interval" in told


def test_a_comparison_names_both_groups():
    row = {"wave": 2022, "urban": 1.0, "reference": 0, "estimate": 0.03, "unit": "points", **INTERVAL}
    one = survey_table([row], ("wave", "urban"))
    assert "(2022, Urban compared with Rural): **+3.00 percentage points**" in describe(one, "en")
    assert "(2022, Thành thị so với Nông thôn): **+3,00 điểm phần trăm**" in describe(one, "vi")


def test_a_trend_is_read_by_the_year():
    row = {"estimate": 0.006, "unit": "points", **INTERVAL, "over": "wave", "period": "2020/2024"}
    one = survey_table([row], ())
    assert "(2020–2024): **+0.60 percentage points a year** (95% interval" in describe(one, "en")
    assert "**+0,60 điểm phần trăm mỗi năm**" in describe(one, "vi")
    other = survey_table([{**row, "over": "age"}], ())
    assert "points for each unit of “Age in years”**" in describe(other, "en")


def test_a_model_is_read_by_the_names_of_its_categories():
    row = {
        "term": "ethnicity",
        "category": "other",
        "reference": "kinh",
        "unit": "odds ratio",
        "estimate": 0.55,
    }
    rows = [
        {**row, **INTERVAL},
        {**row, "term": "C(urban)", "category": 1, "reference": 0, "estimate": 0.012, **INTERVAL},
        {**row, "term": "ethnicity:I(wave - 2022)", **INTERVAL},
        {**row, "term": "age", "category": None, "reference": None, **INTERVAL},
    ]
    told = describe(survey_table(rows, ("term", "category")), "en").splitlines()
    assert "(Other ethnic groups compared with Kinh): **odds ratio 0.55**" in told[0]
    assert "(Urban compared with Rural): **odds ratio 0.012**" in told[1]
    assert "(Ethnicity × Survey year, Other ethnic groups compared with Kinh)" in told[2]
    assert "(Age in years)" in told[3]


def test_a_category_is_named_by_the_question_it_answers():
    table_ = survey_table([{"category": "none", "estimate": 0.1, **INTERVAL}], ("category",))
    told = describe(table_.assign(indicator="education"), "en")
    assert told.startswith("Highest education completed (No schooling completed): **10.0%**")


def test_a_test_is_read_with_its_degrees_of_freedom():
    row = {"estimate": 27.134, "unit": "F", "df": 519.6, "ndf": 3.61, "n": 15854, "p_value": 1e-9}
    one = survey_table([row], ()).assign(indicator="npsp_use x ethnicity")
    assert describe(one, "en") == (
        "Used the National Public Service Portal × Ethnicity: **F = 27.13** "
        "(3.6 and 520 degrees of freedom; n = 15,854; p < 0.001)."
    )
    assert "(3,6 và 520 bậc tự do;" in describe(one, "vi")


@pytest.mark.parametrize(("lang", "named"), [("en", "Hard to reach"), ("vi", "Khó tiếp cận")])
def test_a_table_of_no_dataset_brings_its_own_names(lang, named):
    row = {"indicator": "shortcoming", "shortcoming": "S2", "estimate": 0.5}
    own = table([{**row, "label_en": "Hard to reach", "label_vi": "Khó tiếp cận"}], ("shortcoming",))
    assert named in describe(own, lang)
    assert "S2" in describe(own.drop(columns=["label_en", "label_vi"]), lang)


def test_a_share_of_answers_is_not_read_as_a_share_of_people():
    one = survey_table([{"estimate": 0.424, **INTERVAL, "share_of": "answers"}], ())
    assert "**42.4% of all answers**" in describe(one, "en")
    assert "**42,4% tổng số câu trả lời**" in describe(one, "vi")
    people = survey_table([{"estimate": 0.424, **INTERVAL, "share_of": "respondents"}], ())
    assert "**42.4%**" in describe(people, "en")
