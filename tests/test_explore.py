"""Looking around: selectors in the language, the figure and its numbers, nothing changed."""

from __future__ import annotations

import pandas as pd
import pytest

from portal_analysis.explore import ExploreError, chosen, code, explore, figure, groupings, page, selection
from portal_analysis.language.catalogue import WordingError
from portal_analysis.shape import estimates


@pytest.fixture
def table():
    """Return a use rate for all, by sex, by year and by both, and a count with a single value."""
    rows = [
        {"indicator": "use", "sex": sex, "year": year, "estimate": value, "n": 100}
        for sex, year, value in (
            (None, None, 0.3),
            ("<b>women</b>", None, 0.2),
            ("men", None, 0.4),
            (None, "2023", 0.25),
            (None, "2024", 0.35),
            ("men", "2024", 0.5),
        )
    ]
    rows.append({"indicator": "asked", "sex": None, "year": None, "estimate": 600.0, "n": 600})
    frame = pd.DataFrame(rows).assign(source="mine", flag="", unit="proportion")
    frame.loc[frame["indicator"] == "asked", "unit"] = "count"
    return estimates(frame, ["sex", "year"])


def test_groupings_are_columns_that_tell_apart(table):
    assert groupings(table, "use") == ["sex", "year"]
    assert groupings(table, "asked") == [""]


def test_margins_are_chosen_where_there_are_any(table):
    assert chosen(table, "use", "sex")["estimate"].tolist() == [0.2, 0.4]
    assert chosen(table, "use", "year")["estimate"].tolist() == [0.25, 0.35]
    assert chosen(table, "asked", "")["estimate"].tolist() == [600.0]


def test_the_selectors_follow_the_language_and_the_indicator(table):
    before = table.copy()
    box = explore(table, "vi")
    indicator, grouping, language, view = box.children[:4]
    assert [one.description for one in box.children[:3]] == ["Chỉ tiêu", "Theo", "Ngôn ngữ"]
    grouping.value = "year"
    assert "35%" in view.value
    assert 'lang="vi"' in view.value
    language.value = "en"
    assert grouping.value == "year"
    assert indicator.description == "Indicator"
    assert 'lang="en"' in view.value
    indicator.value = "asked"
    assert grouping.value == ""
    assert dict(grouping.options) == {"all together": ""}
    assert "600" in view.value
    pd.testing.assert_frame_equal(table, before)


def test_the_figure_has_alternative_text_and_labels_are_escaped(table):
    text = page(chosen(table, "use", "sex"), "en")
    assert text.startswith('<img src="data:image/png;base64,')
    assert 'alt="' in text
    assert "<b>women</b>" not in text
    assert "&lt;b&gt;women&lt;/b&gt;" in text


def test_rows_that_cannot_be_drawn_are_still_told(table, monkeypatch):
    from portal_analysis.figures import points

    def refuse(rows, lang):
        raise ValueError("too many")

    monkeypatch.setattr(points, "plot_estimates", refuse)
    text = page(chosen(table, "use", "sex"), "en")
    assert text.startswith("<table")
    assert "20%" in text


def test_two_indicators_of_one_name_are_told_apart(table):
    from ipywidgets import Dropdown

    from portal_analysis.explore import _fill

    selector = Dropdown(options=["a"])
    _fill(selector, [("Use", "a"), ("Use", "b"), ("Other", "c")])
    assert [name for name, _ in selector.options] == ["Use (a)", "Use (b)", "Other"]


def test_published_figures_can_be_looked_around_in_every_way():
    from portal_analysis.published import load_published

    box = explore(load_published("egov-figures"))
    indicator, grouping, _, view = box.children[:4]
    for name in [value for _, value in indicator.options][:6]:
        indicator.value = name
        for option in [value for _, value in grouping.options]:
            grouping.value = option
            assert "<table" in view.value


def test_nothing_to_look_at_is_told(table):
    with pytest.raises(ExploreError, match="no rows"):
        explore(table.iloc[:0])
    with pytest.raises(WordingError):
        explore(table, "xx")


def test_a_series_is_drawn_over_time_and_groups_as_dots(table):
    assert figure(chosen(table, "use", "year"), "en").portal_text.kind == "trend"
    assert figure(chosen(table, "use", "sex"), "en").portal_text.kind == "plain_dots"


@pytest.mark.parametrize(("indicator", "grouping"), [("use", "sex"), ("use", "year"), ("asked", "")])
def test_the_code_selects_what_is_shown_and_runs(table, indicator, grouping, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = chosen(table, indicator, grouping)
    told = code(selection(table, indicator, grouping), rows, figure(rows, "vi"), "vi")
    names = {"estimates": table}
    exec(told, names)
    pd.testing.assert_frame_equal(names["rows"], rows)
    assert ("plot_trend" in told) == (grouping == "year")
    assert {path.suffix for path in (tmp_path / "exports").iterdir()} >= {".csv", ".json"}


def test_the_code_stands_below_the_numbers_and_a_button_exports(table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    box = explore(table, "en")
    view, button, done = box.children[3:]
    assert "rows = estimates[" in view.value
    assert button.description == "Export figure and numbers"
    button.click()
    assert "use-sex.svg" in done.value
    assert (tmp_path / "exports" / "use-sex.svg").is_file()
