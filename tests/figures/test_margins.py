"""A table about one characteristic after the other is drawn and shown under headings."""

from __future__ import annotations

import pandas as pd
import pytest

from portal_analysis.figures import plot_estimates
from portal_analysis.figures.style import FigureError
from portal_analysis.language.grid import the_grid
from portal_analysis.shape import estimates

VALUES = {
    "se": 0.01,
    "ci_low": 0.02,
    "ci_high": 0.06,
    "n": 50,
    "unit": "proportion",
    "source": "papi-simulated",
}


@pytest.fixture
def margins() -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "indicator": "npsp_use",
            "sex": [None, "female", "male", None, None],
            "urban": [None, None, None, 0.0, 1.0],
            "estimate": [0.05, 0.04, 0.06, 0.03, 0.05],
        }
    )
    return estimates(rows.assign(**VALUES), ["sex", "urban"])


@pytest.fixture
def model() -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "indicator": "npsp_use",
            "term": ["ethnicity", "C(urban)", "age"],
            "category": ["other", 1, None],
            "reference": ["kinh", 0, None],
            "estimate": [0.5, 0.012, 12.0],
        }
    )
    return estimates(rows.assign(**{**VALUES, "unit": "odds ratio"}), ["term", "category"])


def labels_of(figure) -> list[str]:
    found = [tick.label1.get_text() for axes in figure.axes for tick in axes.yaxis.get_major_ticks()]
    return [label for label in found if label]


def written(figure) -> str:
    return " | ".join(text.get_text() for axes in figure.axes for text in axes.texts)


def test_margins_stand_under_their_headings_and_everybody_comes_first(margins):
    figure = plot_estimates(margins)
    assert labels_of(figure) == ["All", "Women", "Men", "Rural", "Urban"]
    assert "Sex" in written(figure)
    assert "Urban or rural" in written(figure)
    assert "by characteristic" in figure.portal_text.title


def test_indicators_of_margins_become_groups(margins):
    both = pd.concat([margins, margins.assign(indicator="pesp_use")], ignore_index=True)
    assert labels_of(plot_estimates(both)) == ["All", "Women", "Men", "Rural", "Urban"]
    with pytest.raises(FigureError, match="several rows for"):
        plot_estimates(pd.concat([margins, margins], ignore_index=True))
    more = pd.concat([both.assign(wave=2021), both.assign(wave=2022)], ignore_index=True)
    with pytest.raises(FigureError, match="choose one value first"):
        plot_estimates(estimates(more, ["wave", "sex", "urban"]))


def test_named_rows_are_drawn_as_before(margins):
    sexes = margins[margins["sex"].notna()]
    assert labels_of(plot_estimates(sexes, rows="sex")) == ["Women", "Men"]


def test_terms_of_a_model_name_what_they_compare_with(model):
    figure = plot_estimates(model)
    assert labels_of(figure) == ["Other ethnic groups", "Urban", "each unit more"]
    assert "Ethnicity (compared with: Kinh)" in written(figure)
    assert "Urban or rural (compared with: Rural)" in written(figure)
    assert "(so với: Kinh)" in written(plot_estimates(model, lang="vi"))


def test_odds_ratios_keep_their_figures_near_zero(model):
    said = plot_estimates(model).portal_text.long_alt
    assert all(
        value in said for value in ("groups 0.50 (0.02–0.06)", "Urban 0.012 (0.020–0.060)", "12.0 (<0.1–0.1)")
    )


def test_an_interval_below_zero_is_written_with_a_word(margins):
    below = margins.assign(unit="points", ci_low=-0.06, ci_high=-0.02)
    assert "(−6.00 to −2.00)" in plot_estimates(below).portal_text.long_alt
    assert "(−6,00 đến −2,00)" in plot_estimates(below, lang="vi").portal_text.long_alt


def test_a_table_of_margins_has_two_columns_for_all(margins):
    told = the_grid(margins, "en")
    assert told.columns == ("Indicator", "Characteristic", "Group", "Value", "95% interval", "n")
    assert [row[1:3] for row in told.rows] == [
        ("", "All"),
        ("Sex", "Women"),
        ("Sex", "Men"),
        ("Urban or rural", "Rural"),
        ("Urban or rural", "Urban"),
    ]


def test_p_values_are_shown_unless_withheld(margins):
    told = the_grid(margins.assign(p_value=0.0001, flag=["suppress", "", "", "", ""]), "vi")
    place = told.columns.index("p")
    assert [row[place] for row in told.rows] == ["", "< 0,001", "< 0,001", "< 0,001", "< 0,001"]


def test_a_total_stands_first_whatever_marks_it_as_missing(margins):
    table = margins.drop(columns="urban").iloc[[1, 2, 0]].reset_index(drop=True)
    for dtype in (object, "str"):
        assert labels_of(plot_estimates(table.astype({"sex": dtype}))) == ["All", "Women", "Men"]
