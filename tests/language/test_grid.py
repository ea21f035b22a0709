"""Tables as they are read: long and wide, headings with kind and unit, cells as sentences and figures write them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from portal_analysis.language.arrange import FigureError
from portal_analysis.language.catalogue import WordingError
from portal_analysis.language.grid import (
    Grid,
    GridError,
    chosen_grid,
    is_estimates,
    long_grid,
    plain_cell,
    the_grid,
    wide_grid,
)
from portal_analysis.language.reading import read
from portal_analysis.shape import estimates

THIN = "\N{THIN SPACE}"


def table(rows: list[tuple], **more) -> pd.DataFrame:
    """Return estimates by year and sex: (year, sex, estimate, flag)."""
    frame = pd.DataFrame(rows, columns=["year", "sex", "estimate", "flag"])
    frame = frame.assign(indicator="use", source="toy", unit="proportion", **more)
    return estimates(frame, ["year", "sex"])


@pytest.fixture
def rates() -> pd.DataFrame:
    rows = [("2022", "female", 0.041, ""), ("2022", "male", 0.052, "conflict")]
    rows += [("2023", "female", 0.06, "suppress"), ("2023", "male", 0.002, "review; uncertain")]
    return table(rows, se=0.002)


@pytest.fixture
def counts() -> pd.DataFrame:
    rows = [("2022", "female", 0.4, ""), ("2022", "male", 0.7, "conflict")]
    rows += [("2023", "female", 0.0, ""), ("2023", "male", math.nan, "not measured")]
    return table(rows, count=[4, 7, 0, None], base=[10, 10, 1200, None], counted="portals")


def wide(frame: pd.DataFrame, lang: str = "en", **to) -> Grid:
    return wide_grid(read(frame, lang), "sex", "year", **to)


# wide


def test_a_wide_table_has_its_unit_in_the_headings_and_bare_numbers_in_its_cells(rates):
    grid = wide(rates)
    assert grid.columns == ("Sex", "2022 (%)", "2023 (%)")
    assert grid.rows == (
        ("female", "4.10", "withheld"),
        ("male", f"5.20{THIN}§", f"0.20{THIN}†#"),
    )


def test_the_unit_of_a_wide_table_is_named_in_the_language(rates):
    points = rates.assign(unit="points")
    assert wide(points).columns[1] == "2022 (percentage points)"
    grid = wide(points, "vi")
    assert grid.columns[1] == "2022 (điểm phần trăm)"
    assert grid.rows[0][1] == "+4,10"
    assert wide(rates.assign(unit="number")).columns[1:] == ("2022", "2023")


def test_the_signs_in_a_wide_table_are_told_below_it(rates):
    assert wide(rates).note == (
        "withheld: too unreliable to publish, or it would reveal the answers of few people. "
        "† to be read with caution. § sources contradict each other. "
        "# the published text is incomplete"
    )
    assert wide(rates.assign(flag="")).note == ""
    said = wide(rates, "vi")
    assert "không công bố: không đủ tin cậy để công bố" in said.note
    told = {sign for row in said.rows for cell in row for sign in "†§#≈‡¶×" if sign in cell}
    assert told == {sign for sign in "†§#≈‡¶×" if sign in said.note}


def test_a_qualified_number_needs_no_sign_and_the_note_says_its_words(rates):
    about = rates.assign(flag=["inexact", "inexact", "", ""], qualifier=["about", "exact", "", ""])
    grid = wide(about)
    assert [row[1] for row in grid.rows] == ["about 4.10", f"5.20{THIN}≈"]
    assert grid.note == "about …, ≈: published as an approximate value"


def test_simulated_data_say_so_first(rates):
    assert wide(rates.assign(source="papi-simulated")).note.startswith("SIMULATED DATA – not real findings. ")
    grid = wide(rates.assign(flag="simulated"), "vi")
    assert grid.note == "DỮ LIỆU MÔ PHỎNG – không phải kết quả thực tế"


def test_counts_of_one_base_a_row_have_a_column_of_the_base(counts):
    same = counts.assign(base=[10, 20, 10, None])
    grid = wide(same)
    assert grid.columns == ("Sex", "2022", "2023", "Out of")
    assert grid.rows == (("female", "4", "0", "10"), ("male", f"7{THIN}§", "not measured", "20"))
    assert wide(same, "vi").columns[-1] == "Trên tổng số"


def test_counts_of_several_bases_a_row_are_shares(counts):
    grid = wide(counts)
    assert grid.columns == ("Sex", "2022 (%)", "2023 (%)")
    assert grid.rows[0] == ("female", "40.0", "0")


def test_the_interval_stands_behind_the_number_if_asked_for(rates):
    ranged = rates.assign(ci_low=[0.037, 0.048, 0.01, 0.00001], ci_high=[0.045, 0.056, 0.2, 0.004])
    assert [row[1:] for row in wide(ranged, interval=True).rows] == [
        ("4.10 (3.70–4.50)", "withheld"),
        (f"5.20{THIN}§ (4.80–5.60)", f"0.20{THIN}†# (<0.01–0.40)"),
    ]
    assert wide(ranged).rows == wide(rates).rows


def test_a_pair_that_is_not_there_is_an_empty_cell(rates):
    assert wide(rates.iloc[:3]).rows[1] == ("male", f"5.20{THIN}§", "")


def test_everybody_is_a_row_with_a_name(rates):
    every = rates.assign(sex=[None, "male", None, "male"])
    assert [row[0] for row in wide(every).rows] == ["All", "male"]


def test_codes_that_are_numbers_meet_in_one_row():
    mixed = table([(2022, 1.0, 0.1, ""), (2023, 1, 0.2, "")])
    assert wide(mixed).rows == (("1", "10", "20"),)


def test_what_cannot_be_made_wide_is_told(rates):
    with pytest.raises(FigureError, match="nothing but 'sex' varies; a wide table needs a second column"):
        wide_grid(read(rates[rates["year"] == "2022"], "en"))
    with pytest.raises(FigureError, match=r"no such column: \['region'\]"):
        wide_grid(read(rates, "en"), "region", "year")
    twice = pd.concat([rates, rates], ignore_index=True)
    with pytest.raises(FigureError, match="several rows for the same"):
        wide(twice)


def test_rows_and_columns_are_found_as_a_figure_finds_them(rates):
    found = wide_grid(read(rates, "en"))
    assert {found.columns[0]} == {"Year"}
    assert wide_grid(read(rates, "en"), across="year").columns[0] == "Sex"


# long


def test_columns_that_say_nothing_are_left_out(rates):
    grid = long_grid(read(rates.assign(flag=""), "en"))
    assert grid.columns == ("Indicator", "Year", "Sex", "Value")
    alone = estimates(rates.assign(sex=None, flag="").head(1), ["year", "sex"])
    assert long_grid(read(alone, "en")).columns == ("Indicator", "Year", "Value")


def test_flags_are_told_in_words_beside_their_number(rates):
    grid = long_grid(read(rates, "en"))
    assert grid.columns[-2:] == ("Value", "Caution")
    assert [row[-2:] for row in grid.rows] == [
        ("4.10%", ""),
        ("5.20%", "sources contradict each other"),
        ("withheld", "too unreliable to publish, or it would reveal the answers of few people"),
        ("0.20%", "to be read with caution; the published text is incomplete"),
    ]


def test_that_some_rows_are_simulated_is_told_beside_them(rates):
    some = rates.assign(flag=["simulated", "", "", ""])
    assert [row[-1] for row in long_grid(read(some, "en")).rows] == ["simulated data", "", "", ""]
    every = long_grid(read(rates.assign(flag="simulated"), "en"))
    assert every.columns[-1] == "Value"
    assert every.note == "SIMULATED DATA – not real findings"


def test_counts_have_a_column_of_their_own(counts):
    grid = long_grid(read(counts, "vi"))
    assert grid.columns[3:] == ("Số lượng", "Giá trị", "Lưu ý")
    assert [row[3:5] for row in grid.rows] == [
        ("4/10", "40,0%"),
        ("7/10", "70,0%"),
        ("0/1.200", "0%"),
        ("không đo", "không đo"),
    ]


def test_p_values_and_n_are_written_and_withheld_with_their_number(rates):
    tested = rates.assign(p_value=[0.04, 1e-9, 0.5, None], n=[1200, 7, 3, None])
    grid = long_grid(read(tested, "en"))
    place = grid.columns.index("p")
    assert [row[place] for row in grid.rows] == ["0.040", "< 0.001", "", ""]
    assert [row[place + 1] for row in grid.rows] == ["1,200", "7", "", ""]


def test_intervals_of_one_level_name_it_over_their_column(rates):
    ranged = rates.assign(ci_low=0.01, ci_high=0.09)
    assert long_grid(read(ranged.assign(level=0.9), "en")).columns[4] == "90% interval"
    assert long_grid(read(ranged.assign(level=[0.9, 0.95, 0.9, 0.9]), "en")).columns[4] == "Interval"
    assert long_grid(read(ranged.assign(interval="assessors"), "en")).columns[4] == "Interval"


# chosen


def test_chosen_columns_are_named_and_written():
    frame = pd.DataFrame({"what_en": ["Round"], "what_vi": ["Đợt"], "share": [0.25], "odd_name": ["x"]})
    grid = chosen_grid(frame, "vi", {"what": "Gì", "share": {"en": "Part", "vi": "Phần"}, "odd_name": ""})
    assert grid == Grid(("Gì", "Phần", "odd_name"), (("Đợt", "0,25", "x"),))


def test_columns_that_are_not_there_are_told(rates):
    with pytest.raises(GridError, match=r"no columns \['b', 'interval'\]; it has \['a'\]"):
        chosen_grid(pd.DataFrame({"a": [1]}), "en", ["a", "b", "interval"])
    with pytest.raises(GridError, match=r"no columns \['median'\]"):
        chosen_grid(rates, "en", ["estimate", "median"])


@pytest.mark.parametrize(
    ("cell", "en", "vi"),
    [
        (1234.5, "1,234.5", "1.234,5"),
        (7, "7", "7"),
        (np.int64(7), "7", "7"),
        (True, "yes", "có"),
        (None, "", ""),
        (math.nan, "", ""),
        (pd.NaT, "", ""),
        (pd.Timestamp("2023-07-11"), "11 July 2023", "11/7/2023"),
        ("met", "met", "met"),
        ([1, 2], "[1, 2]", "[1, 2]"),
    ],
)
def test_a_cell_of_any_frame_is_written_in_the_language(cell, en, vi):
    assert [plain_cell({"x": cell}, "x", lang) for lang in ("en", "vi")] == [en, vi]


def test_codes_of_the_package_are_named_in_any_frame():
    assert plain_cell({"rule": "any"}, "rule", "en") == "at least one criterion not met"
    assert plain_cell({"reason": "not_tested"}, "reason", "vi") == "chưa kiểm tra"


# whichever is asked for


def test_one_function_makes_each_of_them(rates):
    reading = read(rates, "en")
    assert the_grid(rates, "en") == long_grid(reading)
    assert the_grid(rates, "en", across="year") == wide_grid(reading, None, "year")
    assert the_grid(rates, "en", rows="year") == wide_grid(reading, "year")
    assert the_grid(rates, "en", ["sex"]) == chosen_grid(rates, "en", ["sex"])
    frame = pd.DataFrame({"a": [1], "b": ["x"]})
    assert the_grid(frame, "en", stamp="made up") == Grid(("a", "b"), (("1", "x"),), "made up")


def test_a_text_that_is_not_there_in_the_language_is_that_of_another():
    frame = pd.DataFrame({"what_en": ["Round"], "name": ["Hà Nội"], "name_en": ["Ha Noi"]})
    assert chosen_grid(frame, "vi", ["what", "name"]).rows == (("Round", "Hà Nội"),)
    assert chosen_grid(frame, "en", ["what", "name"]).rows == (("Round", "Ha Noi"),)


def test_an_empty_table_is_one_clear_sentence(rates):
    nothing = (("There is nothing to report: the table is empty.",),)
    for to in ({}, {"across": "year"}, {"columns": ["estimate"]}, {"columns": ["no such"]}):
        assert the_grid(rates.iloc[:0], "en", **to).rows == nothing
    assert the_grid(pd.DataFrame(), "vi").rows == (("Không có gì để trình bày: bảng trống.",),)


def test_a_wide_table_and_chosen_columns_exclude_each_other(rates):
    with pytest.raises(
        GridError, match="columns= chooses the columns of a long table, across= makes a wide one"
    ):
        the_grid(rates, "en", ["estimate"], across="year")


def test_an_unknown_language_is_told(rates):
    for to in ({}, {"across": "year"}, {"columns": ["sex"]}):
        with pytest.raises(WordingError, match="language 'xx'"):
            the_grid(rates, "xx", **to)


def test_estimates_are_told_from_other_frames(rates):
    assert is_estimates(rates)
    assert not is_estimates(rates.drop(columns="ci_low"))


def test_the_table_is_not_changed(rates):
    before = rates.copy()
    for to in ({}, {"across": "year"}, {"columns": ["sex", "estimate"]}):
        the_grid(rates, "vi", **to)
    pd.testing.assert_frame_equal(rates, before)
