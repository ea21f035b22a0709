"""Rows, groups and sections of a table, and the title that says what its numbers are."""

from __future__ import annotations

import pandas as pd
import pytest

from portal_analysis.figures import style
from portal_analysis.language.arrange import (
    CHARACTERISTIC,
    Arrangement,
    FigureError,
    arrange,
    axis_words,
    differing_references,
    fixed,
    heading,
    row_label,
    section_columns,
    sections,
    title_of,
    varying,
    whole,
)
from portal_analysis.language.reading import read
from portal_analysis.shape import EstimatesError, estimates

USE = "Used the National Public Service Portal"
GAP = {"unit": "points", "measure": "difference", "reference": "male"}


def table(columns: dict, domains: tuple[str, ...] = (), **more) -> pd.DataFrame:
    given = {"source": "papi-simulated", "unit": "proportion", "indicator": "npsp_use", **columns, **more}
    return estimates(pd.DataFrame(given), domains)


def by_sex(**more) -> pd.DataFrame:
    return table({"sex": ["female", "male"], "estimate": [0.1, 0.2]}, ("sex",), **more)


@pytest.fixture
def margins() -> pd.DataFrame:
    rows = {"sex": [None, "female", "male", None, None], "urban": [None, None, None, 0.0, 1.0]}
    return table({**rows, "estimate": [0.05, 0.04, 0.06, 0.03, 0.05]}, ("sex", "urban"))


@pytest.fixture
def model() -> pd.DataFrame:
    rows = {
        "term": ["ethnicity", "C(urban)", "age"],
        "category": ["other", 1, None],
        "reference": ["kinh", 0, None],
        "estimate": [0.5, 0.012, 12.0],
    }
    return table(rows, ("term", "category"), unit="odds ratio", measure="odds ratio")


# rows and groups


def test_the_column_of_more_values_makes_the_rows():
    crossed = table({"wave": [1, 2, 3] * 2, "sex": ["f"] * 3 + ["m"] * 3, "estimate": 0.1}, ("sex", "wave"))
    assert arrange(crossed) == Arrangement("wave", "sex", {"indicator": "npsp_use"})
    assert arrange(crossed, rows="sex") == Arrangement("sex", "wave", {"indicator": "npsp_use"})
    assert arrange(crossed, group="wave").used == ("sex", "wave")


def test_provinces_make_the_rows_whatever_else_varies():
    waves = table({"province": ["01"] * 3, "wave": [1, 2, 3], "estimate": 0.1}, ("province", "wave"))
    assert arrange(waves).rows == "wave"
    both = pd.concat([waves, waves.assign(province="04")], ignore_index=True)
    assert (arrange(both).rows, arrange(both).group) == ("province", "wave")


def test_a_single_row_has_a_row_too():
    one = table({"wave": 2022, "sex": None, "estimate": [0.1]}, ("wave", "sex"))
    assert arrange(one) == Arrangement("wave", None, {"indicator": "npsp_use", "sex": None})
    assert arrange(table({"estimate": [0.1]})).rows == "indicator"


def test_what_all_rows_share_is_kept_apart():
    shared = by_sex(wave=2022).pipe(lambda one: estimates(one, ["wave", "sex"]))
    assert varying(shared) == ["sex"]
    assert fixed(shared, ["sex"]) == {"indicator": "npsp_use", "wave": 2022}
    assert fixed(shared, ["sex", "wave"]) == {"indicator": "npsp_use"}


def test_what_cannot_be_arranged_is_told():
    crossed = table(
        {"a": [1, 2] * 4, "b": [1, 1, 2, 2] * 2, "c": [1] * 4 + [2] * 4, "estimate": 0.1}, ("a", "b", "c")
    )
    with pytest.raises(FigureError, match=r"all vary; a figure shows two of them.*choose one value"):
        arrange(crossed)
    with pytest.raises(FigureError, match=r"no such column: \['d'\]; rows and groups can be"):
        arrange(crossed, rows="d")
    with pytest.raises(FigureError, match=r"several rows for the same \['sex'\].*'female'"):
        arrange(pd.concat([by_sex(), by_sex()], ignore_index=True))
    with pytest.raises(FigureError, match="no rows; there is nothing to draw"):
        whole(by_sex().iloc[:0])
    with pytest.raises(EstimatesError):
        whole(pd.DataFrame({"a": [1]}))


def test_figures_raise_the_same_error():
    assert style.FigureError is FigureError


# sections


def test_margins_are_sections_and_everybody_is_one_without_a_heading(margins):
    found = sections(read(margins, "en"))
    assert found.columns == ("sex", "urban")
    assert [(part.heading, list(part.rows), part.total) for part in found.parts] == [
        ("", ["All"], True),
        ("Sex", ["Women", "Men"], False),
        ("Urban or rural", ["Rural", "Urban"], False),
    ]
    assert section_columns(margins) == ["sex", "urban"]
    assert next(iter(sections(read(margins, "vi")).parts[0].rows)) == "Chung"


def test_a_table_about_one_thing_or_with_named_rows_has_no_sections(margins):
    assert sections(read(by_sex(), "en")) is None
    assert sections(read(margins, "en"), rows="sex") is None


def test_terms_of_a_model_are_sections_that_name_their_reference(model):
    found = sections(read(model, "en"))
    assert found.columns == ("term", "category")
    assert [(part.heading, list(part.rows)) for part in found.parts] == [
        ("Ethnicity (compared with: Kinh)", ["Other ethnic groups"]),
        ("Urban or rural (compared with: Rural)", ["Urban"]),
        ("Age in years", ["each unit more"]),
    ]
    assert not any(part.total for part in found.parts)


def test_groups_within_sections_are_found(margins):
    both = pd.concat([margins, margins.assign(indicator="pesp_use")], ignore_index=True)
    found = sections(read(both, "en")).arrange(both, None)
    assert (found.rows, found.group) == (CHARACTERISTIC, "indicator")
    alone = sections(read(margins, "en")).arrange(margins, None)
    assert (alone.group, alone.fixed) == (None, {"indicator": "npsp_use"})


def test_rows_at_one_place_of_a_section_are_refused(margins):
    twice = pd.concat([margins, margins], ignore_index=True)
    with pytest.raises(FigureError, match="several rows for , All"):
        sections(read(twice, "en")).arrange(twice, None)


# titles


@pytest.mark.parametrize(
    ("more", "en", "vi"),
    [
        ({}, f"{USE} by sex", "Đã sử dụng Cổng Dịch vụ công quốc gia theo giới tính"),
        (
            {"measure": "mean", "unit": "number"},
            f"{USE}: mean by sex",
            "Đã sử dụng Cổng Dịch vụ công quốc gia: giá trị trung bình theo giới tính",
        ),
        (
            GAP,
            f"{USE}: difference by sex. Percentage points; compared with: Men",
            "Đã sử dụng Cổng Dịch vụ công quốc gia: chênh lệch theo giới tính. Điểm phần trăm; so với: Nam",
        ),
        (
            {"measure": "odds ratio", "unit": "odds ratio"},
            f"{USE}: odds ratio by sex",
            "Đã sử dụng Cổng Dịch vụ công quốc gia: tỷ số chênh theo giới tính",
        ),
        (
            {"measure": "trend", "unit": "points", "over": "wave", "period": "2020/2024"},
            f"{USE}: change by sex. Percentage points a year; 2020–2024",
            "Đã sử dụng Cổng Dịch vụ công quốc gia: mức thay đổi theo giới tính. Điểm phần trăm mỗi năm; 2020–2024",
        ),
        ({"share_of": "answers"}, f"{USE} by sex. Of all answers", None),
        ({"subpopulation": "internet_home"}, f"{USE} by sex. Only those of “Has internet at home”", None),
    ],
)
def test_a_title_says_what_kind_of_number_it_is_and_what_it_needs(more, en, vi):
    assert title_of(read(by_sex(**more), "en")) == en
    if vi is not None:
        assert title_of(read(by_sex(**more), "vi")) == vi


def test_the_kind_is_known_without_being_said():
    assert title_of(read(by_sex(unit="points"), "en")).startswith(f"{USE}: difference by sex")
    assert title_of(read(by_sex(unit="odds ratio"), "en")) == f"{USE}: odds ratio by sex"


def test_what_all_rows_share_stands_under_the_title():
    one = table({"wave": 2022, "sex": ["female", "male"], "estimate": [0.1, 0.2]}, ("wave", "sex"))
    assert title_of(read(one, "en")) == f"{USE} by sex. 2022"


def test_two_indicators_are_named_and_more_are_told_by_their_kind():
    names = ["npsp_use", "npsp_profile", "internet_home"]
    two, three = (table({"estimate": [0.1] * n}, indicator=names[:n]) for n in (2, 3))
    assert title_of(read(two, "en")) == f"{USE} and Has a profile on the National Public Service Portal"
    assert title_of(read(three, "en")) == "Share: 3 indicators"
    assert title_of(read(three.assign(unit="points", measure="difference"), "en")).startswith(
        "Difference: 3 indicators"
    )
    counted = three.assign(count=3, base=63, counted="portals", source="toy")
    assert title_of(read(counted, "en")) == "Share of portals: 3 indicators"
    assert title_of(read(counted, "vi")) == "Tỷ lệ cổng: 3 chỉ tiêu"


@pytest.mark.parametrize(
    ("column", "codes", "en", "vi"),
    [
        ("wave", [2020, 2022, 2024], "2020 to 2024", "từ 2020 đến 2024"),
        ("period", ["2021", "2022-01-01/2022-07-31"], "2021 and January–July 2022", "2021 và tháng 1–7/2022"),
        ("round", ["2023", "2024"], "2023 and 2024", "2023 và 2024"),
    ],
)
def test_a_title_tells_the_times_and_does_not_go_by_them(column, codes, en, vi):
    rows = table({column: codes, "estimate": [0.1] * len(codes)}, (column,))
    assert title_of(read(rows, "en")) == f"{USE}, {en}"
    assert title_of(read(rows, "vi")) == f"Đã sử dụng Cổng Dịch vụ công quốc gia, {vi}"


def test_times_that_are_no_dates_stay_what_the_title_goes_by():
    rows = table({"round": ["first", "second"], "estimate": [0.1, 0.2]}, ("round",))
    assert title_of(read(rows, "en")) == f"{USE} by round"


def test_shortcomings_are_not_told_by_shortcoming():
    rows = table(
        {"shortcoming": ["S1", "S1", "S2", "S2"], "rule": ["any", "share"] * 2, "estimate": [0.1] * 4},
        ("shortcoming", "rule"),
        indicator="shortcoming",
    )
    assert title_of(read(rows, "en")) == "Portals that have each shortcoming by rule"


@pytest.mark.parametrize(
    ("at", "en", "vi"), [(0.5, "median", "trung vị"), (0.9, "quantile 0.9", "phân vị 0,9")]
)
def test_a_quantile_is_called_what_it_is(at, en, vi):
    rows = table(
        {"sex": ["female", "male"], "quantile": [at] * 2, "estimate": [1.0, 2.0]},
        ("sex", "quantile"),
        indicator="waiting_days",
    ).assign(unit="number", measure="quantile")
    assert title_of(read(rows, "en")) == f"waiting_days: {en} by sex"
    assert title_of(read(rows, "vi")) == f"waiting_days: {vi} theo giới tính"


def test_sections_are_titled_by_characteristic_and_a_model_by_itself(margins, model):
    assert title_of(read(margins, "en")) == f"{USE} by characteristic"
    assert title_of(read(margins, "vi")) == "Đã sử dụng Cổng Dịch vụ công quốc gia theo đặc điểm"
    assert title_of(read(model, "en")) == f"{USE}: odds ratio"


def test_a_test_of_association_is_not_named_twice():
    tested = table({"estimate": [27.1]}, indicator="npsp_use x ethnicity", unit="F", measure="association")
    assert title_of(read(tested, "en")).startswith(f"{USE} × Ethnicity")
    assert "test of" not in title_of(read(tested, "en"))


def test_a_table_that_no_figure_can_show_has_a_title_too():
    crossed = table(
        {"a": [1, 2] * 4, "b": [1, 1, 2, 2] * 2, "c": [1] * 4 + [2] * 4, "estimate": 0.1}, ("a", "b", "c")
    )
    assert title_of(read(crossed, "en")) == f"{USE} by a"
    pairs = table(
        {"sex": "female", "estimate": [0.1, 0.2], "reference": ["male", "other"]}, ("sex",), unit="points"
    )
    assert title_of(read(pairs, "en")) == f"{USE}: difference. Women; percentage points"
    assert title_of(read(by_sex().iloc[:0], "en")) == "Numbers"
    assert title_of(read(by_sex().iloc[:0], "vi")) == "Số liệu"


def test_a_given_title_stands_and_what_it_says_is_not_said_again():
    reading, found = read(by_sex(**GAP), "en"), arrange(by_sex(**GAP))
    assert heading(reading, found, "Mine") == ("Mine", "Percentage points; compared with: Men")
    assert heading(reading, found, "In percentage points") == ("In percentage points", "Compared with: Men")
    assert heading(reading, found, "Mine", "Below") == ("Mine", "Below")
    assert heading(reading, found, "", "") == ("", "")
    assert heading(reading, found, made="Made")[0] == "Made"


def test_rows_that_are_compared_with_different_groups_say_with_which():
    pairs = {"education": ["a", "b"], "reference": ["x", "y"], "estimate": [0.1, 0.2]}
    reading = read(table(pairs, ("education",), source="toy", unit="points"), "en")
    assert differing_references(reading)
    assert [row_label(line, ["education"], several=True) for line in reading.lines] == [
        "a compared with x",
        "b compared with y",
    ]
    assert [row_label(line, ["education"]) for line in reading.lines] == ["a", "b"]
    assert "ompared" not in title_of(reading)
    assert not differing_references(read(by_sex(**GAP), "en"))


def test_the_axes_are_told_in_words():
    assert (
        axis_words(read(by_sex(), "en"), "sex") == "Each row is one sex. The horizontal axis is in per cent."
    )
    assert axis_words(read(by_sex(**GAP), "en"), "sex").endswith(
        "The horizontal axis is in percentage points."
    )
    assert axis_words(read(by_sex(unit="number"), "en"), "sex").endswith(
        "The horizontal axis shows the value."
    )
    assert axis_words(read(by_sex(), "vi"), CHARACTERISTIC).startswith("Mỗi hàng là một đặc điểm.")
