"""Tables read aloud: numbers, intervals, caveats and names, as a reader of either language expects them."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from portal_analysis.language.catalogue import WordingError
from portal_analysis.language.labels import NamesError
from portal_analysis.language.sentences import describe, phrase
from portal_analysis.shape import EstimatesError, estimates

SURVEY = "papi-simulated"
SIMULATED = "\n\n*These are simulated data: they show the method and say nothing about Viet Nam.*"
INTERVAL = {"se": 0.01, "ci_low": 0.02, "ci_high": 0.06}


def table(rows: list[dict], domains: tuple[str, ...] = ("period",)) -> pd.DataFrame:
    return estimates(pd.DataFrame(rows).assign(source="a caller's"), domains)


def survey_table(rows: list[dict], domains: tuple[str, ...]) -> pd.DataFrame:
    return estimates(pd.DataFrame(rows).assign(source=SURVEY, indicator="npsp_use"), domains)


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


def test_an_end_that_rounds_to_zero_is_below_the_least_that_can_be_written():
    row = {"indicator": "use", "estimate": 0.004, "se": 0.002, "ci_low": 0.00004, "ci_high": 0.01}
    assert describe(table([row], ()), "en") == "use: **0.40%** (95% interval <0.01% to 1.00%)."
    assert describe(table([row], ()), "vi") == "use: **0,40%** (khoảng tin cậy 95%: <0,01% đến 1,00%)."
    row["ci_low"] = 0.0
    assert "interval 0.00% to 1.00%" in describe(table([row], ()), "en")


def test_a_column_of_levels_is_not_taken_for_the_level_of_an_interval():
    row = {"indicator": "use", "level": "provinces", "estimate": 0.1, "ci_low": 0.08, "ci_high": 0.12}
    assert "95% interval" in describe(table([row], ("level",)), "en")
    row["level"] = 0.9
    assert "90% interval" in describe(table([row], ()), "en")


@pytest.mark.parametrize(
    ("count", "en", "vi"),
    [
        (26, "26 of 63 portals (41.3%)", "26/63 cổng (41,3%)"),
        (0, "0 of 63 portals (0%)", "0/63 cổng (0%)"),
        (63, "63 of 63 portals (100%)", "63/63 cổng (100%)"),
    ],
)
def test_counts_come_first(count, en, vi):
    row = {
        "indicator": "x",
        "estimate": count / 63,
        "count": count,
        "base": 63,
        "counted": "portals",
        "n": 63,
    }
    assert describe(table([row], ()), "en") == f"x: **{en}**."
    assert describe(table([row], ()), "vi") == f"x: **{vi}**."


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
        "gap: **−5.0 percentage points** (95% interval −8.0 to −2.0 percentage points; p < 0.001)."
    )
    assert describe(table([{**row, "se": 0.01}], ()), "en") == (
        "gap: **−5.00 percentage points** (95% interval −8.00 to −2.00 percentage points; p < 0.001)."
    )


def test_what_kind_of_number_it_is_is_said_beside_the_name():
    row = {"indicator": "age", "estimate": 44.12, "se": 0.3, "ci_low": 43.5, "ci_high": 44.7}
    mean = table([{**row, "unit": "number", "measure": "mean"}], ())
    assert describe(mean, "en") == "age: mean: **44.12** (95% interval 43.50 to 44.70)."
    total = table([{**row, "unit": "persons", "measure": "total"}], ())
    assert describe(total, "en").startswith("age: total: **44.12 persons**")


def test_a_published_number_keeps_qualifier_unit_and_decimals():
    row = {"indicator": "use", "period": "2022", "estimate": 3.0, "qualifier": "nearly", "decimals": 1}
    one = table([{**row, "unit": "million"}])
    assert describe(one, "en") == "use (2022): **nearly 3.0 million**."
    assert describe(one, "vi") == "use (2022): **gần 3,0 triệu**."


def test_a_long_table_is_read_by_its_ends_and_its_flags():
    rows = [{"indicator": "use", "period": str(2000 + k), "estimate": k / 100, "flag": ""} for k in range(10)]
    rows[3]["flag"] = "inexact"
    assert describe(table(rows), "en") == (
        "use: 10 values, from 0% (2000) to 9% (2009). 1 of them: published as an approximate value."
    )
    every = table([{**row, "flag": "target"} for row in rows])
    assert "All of them: a target, not a result." in describe(every, "en")
    assert "Tất cả các giá trị này: là chỉ tiêu" in describe(every, "vi")


def test_what_is_long_can_be_chosen():
    rows = [{"indicator": "use", "period": str(2000 + k), "estimate": k / 100} for k in range(10)]
    assert describe(table(rows), "en", most=10).count("%") == 10
    assert describe(table(rows[:3]), "en", most=2).startswith("use: 3 values, from 0% (2000) to 2% (2002).")


def test_simulated_data_say_so():
    one = table([{"indicator": "use", "period": "2022", "estimate": 0.1, "flag": "simulated"}])
    assert describe(one, "en").endswith(SIMULATED)
    assert "dữ liệu mô phỏng" in describe(one, "vi")


def test_that_data_are_simulated_follows_from_their_source_too():
    one = survey_table([{"estimate": 0.1, **INTERVAL}], ())
    assert (one["flag"] == "").all()
    assert describe(one, "en").endswith(SIMULATED)
    assert SIMULATED not in describe(one.assign(source="mine"), "en")


def test_what_is_not_there_is_not_a_number():
    row = {"indicator": "use", "period": "2022", "estimate": math.nan}
    assert describe(table([row]), "en") == "use (2022): **not available**."
    assert describe(table([row]), "vi") == "use (2022): **không có**."
    unmeasured = table([{**row, "flag": "not measured"}])
    assert describe(unmeasured, "en") == "use (2022): **not measured**. Not measured by this source."
    empty = table([row]).iloc[:0]
    assert describe(empty, "vi") == "Không có gì để trình bày: bảng trống."
    assert describe(empty, "en") == "There is nothing to report: the table is empty."


def test_what_cannot_be_read_is_told():
    one = table([{"indicator": "use", "period": "2022", "estimate": 0.1}])
    with pytest.raises(EstimatesError, match="not a table of estimates"):
        describe(pd.DataFrame({"indicator": ["use"]}))
    with pytest.raises(WordingError, match="language 'EN'"):
        describe(one, "EN")
    with pytest.raises(WordingError, match="language 'xx'"):
        describe(one.iloc[:0], "xx")
    with pytest.raises(WordingError, match="'roughly' is not known; qualifiers are"):
        describe(one.assign(qualifier="roughly"))
    with pytest.raises(NamesError, match="list of 34"):
        describe(table([{"indicator": "use", "province": "02", "units": 34, "estimate": 0.1}], ("province",)))


def test_jupyter_shows_a_description_as_markdown():
    text = describe(table([{"indicator": "use", "period": "2022", "estimate": 0.1}]))
    assert text._repr_markdown_() == str(text)


def test_what_is_too_unreliable_is_withheld_and_not_told():
    row = {"province": "01", "estimate": 0.04, **INTERVAL, "p_value": 0.01, "n": 90, "flag": "suppress"}
    told = describe(survey_table([row], ("province",)), "en")
    assert told == (
        "Used the National Public Service Portal (Ha Noi): **withheld**. "
        "Too unreliable to publish, or it would reveal the answers of few people." + SIMULATED
    )
    assert "không công bố" in describe(survey_table([row], ("province",)), "vi")


def test_a_long_table_leaves_withheld_values_out_of_its_ends():
    rows = [{"wave": 2000 + k, "estimate": k / 100, "flag": "suppress" if k > 7 else ""} for k in range(10)]
    assert (
        describe(survey_table(rows, ("wave",)), "en")
        .removesuffix(SIMULATED)
        .endswith(": 8 of 10 values can be published, from 0% (2000) to 7% (2007); the others are withheld.")
    )
    nothing = survey_table([{**row, "flag": "suppress"} for row in rows], ("wave",))
    assert ": withheld." in describe(nothing, "en")
    assert "%" not in describe(nothing, "en")


def test_a_long_table_without_any_number_says_so_and_does_not_call_it_withheld():
    rows = [{"indicator": "use", "period": str(2000 + k), "estimate": math.nan} for k in range(10)]
    assert describe(table(rows), "en") == "use: not available."


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


def test_those_of_a_subpopulation_are_told():
    row = {"estimate": 0.1, **INTERVAL, "subpopulation": "internet_home"}
    told = describe(survey_table([row], ()), "en")
    assert "(only those of “" in told.splitlines()[0]


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
    assert "(Age in years" in told[3]


def test_a_category_is_named_by_the_question_it_answers():
    table_ = survey_table([{"category": "none", "estimate": 0.1, **INTERVAL}], ("category",))
    told = describe(table_.assign(indicator="education"), "en")
    assert told.startswith("Highest education completed (No schooling completed): **10.0%**")


def test_a_test_is_read_with_its_degrees_of_freedom():
    row = {"estimate": 27.134, "unit": "F", "df": 519.6, "ndf": 3.61, "n": 15854, "p_value": 1e-9}
    one = survey_table([row], ()).assign(indicator="npsp_use x ethnicity")
    assert describe(one, "en") == (
        "Used the National Public Service Portal × Ethnicity: **F = 27.13** "
        "(3.6 and 520 degrees of freedom; n = 15,854; p < 0.001)." + SIMULATED
    )
    assert "(3,6 và 520 bậc tự do;" in describe(one, "vi")


@pytest.mark.parametrize(("lang", "named"), [("en", "Hard to reach"), ("vi", "Khó tiếp cận")])
def test_a_table_of_no_dataset_brings_its_own_names(lang, named):
    row = {"indicator": "shortcoming", "shortcoming": "S2", "estimate": 0.5}
    own = table([{**row, "label_en": "Hard to reach", "label_vi": "Khó tiếp cận"}], ("shortcoming",))
    assert named in describe(own, lang)
    assert "S2" in describe(own.drop(columns=["label_en", "label_vi"]), lang)


def test_a_callers_labels_come_first():
    one = survey_table([{"sex": "female", "estimate": 0.1, **INTERVAL}], ("sex",))
    told = describe(one, "en", labels={("sex", "female"): "women asked", ("indicator", "npsp_use"): "Use"})
    assert told.startswith("Use (women asked): ")


def test_a_share_of_answers_is_not_read_as_a_share_of_people():
    one = survey_table([{"estimate": 0.424, **INTERVAL, "share_of": "answers"}], ())
    assert "**42.4% of all answers**" in describe(one, "en")
    assert "**42,4% tổng số câu trả lời**" in describe(one, "vi")
    people = survey_table([{"estimate": 0.424, **INTERVAL, "share_of": "respondents"}], ())
    assert "**42.4%**" in describe(people, "en")


def test_phrases_are_of_the_notebooks_and_an_unknown_one_is_told():
    assert phrase("datasets", "en") == "Datasets"
    assert phrase("datasets", "vi")._repr_markdown_() == "Các bộ dữ liệu"
    with pytest.raises(WordingError, match=r"no word 'notebook\.nothing'"):
        phrase("nothing")


def test_numbers_in_a_phrase_are_written_as_in_a_sentence(monkeypatch):
    from portal_analysis.language import catalogue as words

    known = dict(words.catalogue("en")) | {"notebook.toy": "It was {numbers} in {where}."}
    monkeypatch.setattr(words, "catalogue", lambda lang: known)
    one = table([{"indicator": "use", "period": "2022", "estimate": 0.185, "qualifier": "nearly"}])
    assert phrase("toy", numbers=one, where="Hue") == "It was nearly 18.5% in Hue."
    two = pd.concat([one, one.assign(period="2023", estimate=0.2)], ignore_index=True)
    assert phrase("toy", numbers=two, where="Hue") == (
        "It was nearly 18.5% (2022), nearly 20% (2023) in Hue."
    )
    other = pd.concat([one, one.assign(indicator="other")], ignore_index=True)
    assert phrase("toy", numbers=other, where="x") == "It was use: nearly 18.5%, other: nearly 18.5% in x."
