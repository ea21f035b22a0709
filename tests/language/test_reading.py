"""A row as text: its number with its decimals, its interval, its signs; and what must be said below a table."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.language.line import MARKS, Line, flag_text
from portal_analysis.language.reading import Reading, is_simulated, read
from portal_analysis.shape import FLAGS, estimates

THIN = "\N{THIN SPACE}"


def reading(rows: list[dict], lang: str = "en", domains: tuple[str, ...] = (), **more) -> Reading:
    frame = pd.DataFrame(rows).assign(**{"indicator": "use", "source": "toy", "unit": "proportion", **more})
    return read(estimates(frame, domains), lang)


def line(lang: str = "en", **row) -> Line:
    return reading(
        [{"estimate": 0.05, **row}], lang, **{key: row[key] for key in ("unit",) if key in row}
    ).lines[0]


RANGED = {"estimate": 0.0485, "se": 0.002, "ci_low": 0.041, "ci_high": 0.057}


# the number


@pytest.mark.parametrize(
    ("row", "number", "interval"),
    [
        (RANGED, "4.85%", "4.10–5.70"),
        ({**RANGED, "se": 0.02}, "4.9%", "4.1–5.7"),
        ({**RANGED, "se": None}, "4.85%", "4.10–5.70"),
        ({**RANGED, "ci_low": 0.00001}, "4.85%", "<0.01–5.70"),
        ({**RANGED, "ci_low": 0.0}, "4.85%", "0.00–5.70"),
        ({**RANGED, "unit": "points"}, "+4.85", "+4.10 to +5.70"),
        ({**RANGED, "unit": "points", "ci_low": -0.01}, "+4.85", "−1.00 to +5.70"),
        ({**RANGED, "unit": "log odds", "ci_low": -0.01}, "0.0485", "−0.0100 to 0.0570"),
        ({"estimate": 1.25, "unit": "odds ratio", "ci_low": 0.4, "ci_high": 12.5}, "1.25", "0.40–12.50"),
        ({"estimate": 0.18}, "18%", ""),
        ({"estimate": 0.18, "decimals": 1}, "18.0%", ""),
        ({"estimate": 0.0002, "se": 0.002}, "0.02%", ""),
        ({"estimate": 0.18, "ci_low": 0.1}, "18%", ""),
    ],
)
def test_a_number_and_its_interval_share_their_decimals(row, number, interval):
    found = line(**row)
    assert (found.number, found.interval) == (number, interval)


@given(st.floats(1e-4, 1), st.floats(1e-4, 0.2), st.floats(0, 1))
def test_sentence_figure_and_table_write_the_same_text(estimate, se, share):
    found = line(estimate=estimate, se=se, ci_low=estimate * share, ci_high=min(1.0, estimate * 2))
    assert found.spoken == found.number == found.marked == found.short
    low, high = (end.removesuffix("%") for end in found.ends)
    assert found.interval == f"{low}–{high}"
    assert found.write(estimate) == found.number


def test_a_number_of_a_unit_is_spoken_with_it():
    assert line(estimate=0.021, unit="points").spoken == "+2.1 percentage points"
    assert line(estimate=1.25, unit="odds ratio").spoken == "odds ratio 1.25"
    assert line(estimate=27.134, unit="F").spoken == "F = 27.13"
    assert line("vi", estimate=16117, unit="persons").spoken == "16.117 người"
    assert line(estimate=0.185).spoken == "18.5%"


@pytest.mark.parametrize(
    ("count", "base", "places", "spoken"),
    [
        (26, 63, 1, "26 of 63 portals (41.3%)"),
        (0, 63, 0, "0 of 63 portals (0%)"),
        (63, 63, 0, "63 of 63 portals (100%)"),
        (5, 10, 1, "5 of 10 portals (50.0%)"),
    ],
)
def test_a_count_is_told_with_its_base_and_its_share(count, base, places, spoken):
    found = line(estimate=count / base, count=count, base=base, counted="portals", se=0.001)
    assert (found.counted, found.places, found.spoken) == (True, places, spoken)
    assert found.count == f"{count} of {base}"
    assert line(estimate=0.5).count == ""


def test_a_published_number_keeps_its_qualifier():
    found = line("vi", estimate=0.76, qualifier="nearly", flag="inexact")
    assert (found.number, found.spoken, found.marks, found.short) == ("gần 76%", "gần 76%", "", "≈76%")
    assert line(estimate=0.76, flag="inexact").marked == f"76%{THIN}≈"
    assert line(estimate=0.76, qualifier="exact").qualified is False


@pytest.mark.parametrize(
    ("row", "told", "vi", "short"),
    [
        ({"estimate": math.nan}, "not available", "không có", "–"),
        ({"estimate": math.nan, "flag": "not measured"}, "not measured", "không đo", "–"),
        ({"estimate": 0.2, "flag": "not measured"}, "not measured", "không đo", "–"),
        ({"estimate": 0.2, "flag": "suppress"}, "withheld", "không công bố", "×"),
        ({"estimate": math.nan, "flag": "suppress"}, "withheld", "không công bố", "×"),
    ],
)
def test_what_is_not_told_is_nowhere(row, told, vi, short):
    found = line(**row, ci_low=0.1, ci_high=0.3, p_value=0.2, count=2, base=10)
    assert found.hidden
    assert {found.number, found.spoken, found.marked, found.count, found.absent} == {told}
    assert (found.interval, found.ends, found.marks, found.short) == ("", None, "", short)
    assert not found.doubtful
    assert line("vi", **row).number == vi


def test_a_p_value_is_withheld_with_its_number():
    assert line(p_value=0.0401).p() == "0.040"
    assert line(p_value=0.0401, p_adjusted=1e-9).p("p_adjusted") == "< 0.001"
    assert line(p_value=0.0401, flag="suppress").p() == line().p() == ""


# signs and flags


@pytest.mark.parametrize("flag", [flag for flag in MARKS if flag not in ("suppress", "not measured")])
def test_each_flag_has_a_sign_that_stands_apart(flag):
    found = line(estimate=0.1, flag=flag)
    assert found.marked == f"10%{THIN}{MARKS[flag]}"
    assert found.doubtful == (flag not in ("model-based", "ecological"))


def test_signs_are_told_apart():
    assert len(set(MARKS.values())) == len(MARKS)
    assert set(MARKS) == set(FLAGS) - {"simulated"}
    assert (MARKS["conflict"], MARKS["uncertain"]) == ("§", "#")
    assert line(flag="review; conflict").marks == f"{THIN}†§"
    assert line(flag="simulated").marks == ""
    assert not line(flag="simulated").doubtful


def test_flags_are_told_in_words():
    assert flag_text("review; conflict", "en") == "to be read with caution; sources contradict each other"
    assert flag_text("", "en") == ""
    assert line("vi", flag="simulated; target").caveat == "là chỉ tiêu, không phải kết quả"


def test_below_a_table_each_sign_is_explained_once():
    found = reading(
        [{"estimate": 0.1, "flag": one} for one in ("review", "review; conflict", "", "suppress")]
    )
    assert found.flag_lines() == [
        "× too unreliable to publish, or it would reveal the answers of few people",
        "† to be read with caution",
        "§ sources contradict each other",
    ]
    told = "withheld: too unreliable to publish, or it would reveal the answers of few people"
    assert found.flag_lines(worded=True)[0] == told
    assert reading([{"estimate": 0.1}]).flag_lines() == []


def test_words_that_stand_for_a_sign_are_explained_with_it():
    rows = [{"estimate": 0.1, "flag": "inexact", "qualifier": one} for one in ("about", "nearly", "about")]
    assert reading(rows).flag_lines() == ["about …, nearly …: published as an approximate value"]
    mixed = reading([*rows, {"estimate": 0.1, "flag": "inexact", "qualifier": "exact"}])
    assert mixed.flag_lines() == ["about …, nearly …, ≈: published as an approximate value"]


# what kind of number it is


@pytest.mark.parametrize(
    ("row", "measure"),
    [
        ({"measure": "mean"}, "mean"),
        ({}, "proportion"),
        ({"unit": "points"}, "difference"),
        ({"unit": "points", "over": "wave"}, "trend"),
        ({"unit": "points", "term": "sex"}, "marginal effect"),
        ({"unit": "F"}, "association"),
        ({"unit": "F", "term": "sex"}, "term test"),
        ({"unit": "odds ratio"}, "odds ratio"),
        ({"unit": "log odds"}, "coefficient"),
        ({"unit": "persons"}, ""),
    ],
)
def test_the_kind_of_number_is_read_from_the_table(row, measure):
    assert line(**row).measure == measure


@pytest.mark.parametrize(
    ("more", "en", "vi"),
    [
        ({}, "Value", "Giá trị"),
        ({"unit": "points"}, "Difference, percentage points", "Chênh lệch, điểm phần trăm"),
        ({"unit": "odds ratio"}, "Odds ratio", "Tỷ số chênh"),
        ({"unit": "persons", "measure": "total"}, "Total, persons", "Tổng, người"),
        ({"unit": "number", "measure": "mean"}, "Mean", "Giá trị trung bình"),
        ({"share_of": "answers"}, "Value, of all answers", None),
    ],
)
def test_the_heading_over_values_says_kind_and_unit(more, en, vi):
    rows = [{"estimate": 0.1}, {"estimate": 0.2}]
    assert reading(rows, **more).value_heading == en
    if vi is not None:
        assert reading(rows, "vi", **more).value_heading == vi


def test_rows_of_several_kinds_share_no_heading():
    found = reading([{"estimate": 0.1}, {"estimate": 0.2}], unit=["points", "proportion"])
    assert (found.unit, found.measure, found.unit_words, found.value_heading) == ("", "", "", "Value")
    assert found.units == ("points", "proportion")


# what a row is about


def test_a_row_says_what_it_is_about():
    rows = [{"estimate": 0.1, "wave": 2022, "sex": "female", "reference": "male"}]
    found = reading(rows, domains=("wave", "sex"), source="papi-simulated").lines[0]
    assert found.about() == "2022, Women compared with Men"
    assert found.about(("wave",)) == "2022"
    assert found.reference == "Men"
    assert found.told == ("wave", "sex")
    every = reading([{"estimate": 0.1, "wave": 2022, "sex": None}], domains=("wave", "sex")).lines[0]
    assert (every.told, every.about(), every.reference) == (("wave",), "2022", "")


def test_time_of_a_trend_and_members_of_a_subpopulation_are_told():
    row = {"estimate": 0.01, "over": "wave", "period": "2020/2024", "subpopulation": "internet_home"}
    found = reading([row], source="papi-simulated", unit="points").lines[0]
    assert found.period == "2020–2024"
    assert found.only == f"only those of “{found.subpopulation}”"
    assert found.about() == f"2020–2024, {found.only}"
    assert line(period="2020/2024").period == ""


# below a table


def test_the_source_line_names_datasets_or_what_is_given():
    assert reading([{"estimate": 0.1}]).source_line() == "Source: toy"
    assert reading([{"estimate": 0.1}], "vi").source_line("của tôi") == "Nguồn: của tôi"
    assert "PAPI" in reading([{"estimate": 0.1}], source="papi-simulated").source_line()


def test_the_source_line_of_published_numbers_names_who_published():
    from portal_analysis.published import load_published

    table = load_published("egov-figures")
    few = table[table["indicator"] == "ncdt_usage_rate"]
    said = read(few, "en").source_line()
    assert "VTV, 13 August 2023" in said
    assert "13/8/2023" in read(few, "vi").source_line()
    assert "publications, listed in" in read(table, "en").source_line()


def test_n_is_told_once_or_as_a_range():
    assert reading([{"estimate": 0.1, "n": 1200}, {"estimate": 0.2, "n": 1200}]).n_line() == "n = 1,200"
    told = reading([{"estimate": 0.1, "n": 7}, {"estimate": 0.2, "n": 1200}], "vi").n_line()
    assert told.startswith("n = 7–1.200")
    assert reading([{"estimate": 0.1}]).n_line() == ""


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"interval": "logit", "level": 0.95}, "Line: 95% confidence interval (logit)"),
        ({"interval": "wilson", "level": 0.9}, "Line: 90% confidence interval (Wilson)"),
        ({"level": 0.95}, "Line: 95% confidence interval"),
        ({}, "Line: confidence interval"),
        ({"interval": "assessors"}, "Line: range over assessors"),
        ({"interval": "superpopulation", "level": 0.95}, "Line: interval if the portals were a sample (95%)"),
    ],
)
def test_the_intervals_are_told_with_the_error_that_they_stand_for(more, told):
    rows = [{"estimate": 0.1, "ci_low": 0.05, "ci_high": 0.2}]
    assert reading(rows, **more).interval_line() == told
    assert reading([{"estimate": 0.1}], **more).interval_line() == ""
    assert reading(rows, flag="suppress", **more).interval_line() == ""


def test_the_heading_over_intervals_names_a_level_that_all_share():
    rows = [{"estimate": 0.1, "ci_low": 0.05, "ci_high": 0.2, "level": 0.9}]
    assert reading(rows).interval_heading == "90% interval"
    assert reading(rows, "vi").interval_heading == "Khoảng tin cậy 90%"
    assert reading([*rows, {**rows[0], "level": 0.95}]).interval_heading == "Interval"
    assert reading(rows, interval="pages").interval_heading == "Interval"


# simulated data


def test_the_mark_of_simulated_data_follows_from_flag_or_source():
    rows = [{"estimate": 0.1}, {"estimate": 0.2}]
    assert reading(rows, flag=["", "simulated"]).simulated
    assert reading(rows, source=["toy", "egov-figures; papi-simulated"]).simulated
    assert reading(rows, source="papi-simulated").stamp == "SIMULATED DATA – not real findings"
    for source in ("egov-figures", "toy"):
        assert not reading(rows, source=source).simulated
        assert reading(rows, source=source).stamp == ""
    assert is_simulated("papi-simulated")
    assert not is_simulated("no such dataset")


def test_some_rows_are_read_with_the_names_of_all():
    found = reading([{"estimate": 0.1, "wave": 1}, {"estimate": 0.2, "wave": 2}], domains=("wave",))
    part = found.subset(found.table.iloc[1:])
    assert [one.number for one in part.lines] == ["20%"]
    assert part.names is found.names


def test_another_number_of_the_same_row_keeps_what_the_row_is():
    found = reading([{"estimate": 0.1, "wave": 1, "se": 0.01}], domains=("wave",)).lines[0]
    other = found.with_estimate(0.25)
    assert (other.number, other.named("wave"), found.number) == ("25.0%", "1", "10.0%")


def test_every_sign_is_in_the_packages_typeface_so_that_no_reader_swaps_the_letters_beside_it():
    from fontTools.ttLib import TTFont

    from portal_analysis.figures.typeface import FONTS

    known = TTFont(FONTS / "BeVietnamPro-Regular.ttf").getBestCmap()
    assert {sign for sign in MARKS.values() if ord(sign) not in known} == set()
