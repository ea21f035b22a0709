"""Look around in a table of estimates: choose indicator, grouping and language, see figure and numbers.

Takes ESTIMATES; hands on widgets for a notebook, which work without a network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from portal_analysis.disclosure.withhold import publishable
from portal_analysis.documents.html import table_html
from portal_analysis.documents.show import show
from portal_analysis.language.catalogue import LANGUAGES, check_language, word
from portal_analysis.language.reading import read
from portal_analysis.shape import check, domains_of

if TYPE_CHECKING:
    from ipywidgets import VBox

TOGETHER = ""


class ExploreError(ValueError):
    """A table cannot be looked around in."""


def explore(estimates: pd.DataFrame, lang: str = "en") -> VBox:
    """Show a table of estimates with selectors for indicator, grouping and language.

    Parameters
    ----------
    estimates : DataFrame
        ESTIMATES; not changed.
    lang : {"en", "vi"}
        The language to begin with.

    Returns
    -------
    ipywidgets.VBox
        Three selectors, and under them the figure and its numbers.

    Raises
    ------
    ExploreError
        If the table has no rows.
    """
    from ipywidgets import HTML, Dropdown, Layout, VBox

    check_language(lang)
    if check(estimates).empty:
        raise ExploreError("the table has no rows; there is nothing to look at")
    table = publishable(estimates)
    wide = Layout(width="max-content", max_width="100%")
    style = {"description_width": "initial"}
    language = Dropdown(
        options=[(word("language.name", one), one) for one in LANGUAGES], value=lang, layout=wide, style=style
    )
    indicator = Dropdown(options=list(table["indicator"].unique()), layout=wide, style=style)
    grouping = Dropdown(options=[TOGETHER], layout=wide, style=style)
    view = HTML()
    busy: list[bool] = []

    def renew(change: object = None) -> None:
        if busy:
            return
        busy.append(True)
        try:
            _label(table, indicator, grouping, language)
            view.value = page(chosen(table, indicator.value, grouping.value), language.value)
        finally:
            busy.clear()

    for selector in (indicator, grouping, language):
        selector.observe(renew, names="value")
    renew()
    return VBox([indicator, grouping, language, view])


def groupings(table: pd.DataFrame, indicator: str) -> list[str]:
    """Return the domain columns by which an indicator has more than one value; none if it has a single one."""
    rows = table[table["indicator"] == indicator]
    return [name for name in domains_of(table) if rows[name].nunique() > 1] or [TOGETHER]


def chosen(table: pd.DataFrame, indicator: str, grouping: str) -> pd.DataFrame:
    """Return the rows of an indicator that tell a grouping apart, and nothing else where there are such rows."""
    rows = table[table["indicator"] == indicator]
    if grouping == TOGETHER:
        return rows
    rows = rows[rows[grouping].notna()]
    others = [name for name in domains_of(table) if name != grouping and rows[name].isna().any()]
    alone = rows[rows[others].isna().all(axis=1)]
    return rows if alone.empty else alone


def page(rows: pd.DataFrame, lang: str) -> str:
    """Return the figure of some rows, where they can be drawn, and their table, as HTML."""
    told = show(rows, None, lang)
    caption = f"{word('heading.numbers', lang)}: {told.table.caption}"
    return _figure(rows, lang) + table_html(told.table, caption, lang)


def _figure(rows: pd.DataFrame, lang: str) -> str:
    from portal_analysis.figures.points import plot_estimates
    from portal_analysis.figures.saving import figure_html

    try:
        return figure_html(plot_estimates(rows, lang=lang))
    except ValueError:
        return ""


def _label(table: pd.DataFrame, indicator: Any, grouping: Any, language: Any) -> None:
    """Write the selectors' options in the chosen language, and keep what is chosen where it is still there."""
    lang = language.value
    lines = read(table.drop_duplicates("indicator"), lang).lines
    _fill(indicator, [(line.indicator, line.row["indicator"]) for line in lines])
    names = read(table[table["indicator"] == indicator.value], lang).names
    found = [(names.title(one), one) for one in groupings(table, indicator.value) if one]
    _fill(grouping, found or [(word("explore.together", lang), TOGETHER)])
    for name, selector in (("indicator", indicator), ("grouping", grouping), ("language", language)):
        selector.description = word(f"explore.{name}", lang)


def _fill(selector: Any, options: list[tuple[str, str]]) -> None:
    """Set a selector's options; names that two of them share are told apart by their codes."""
    names = [name for name, _ in options]
    options = [(name if names.count(name) == 1 else f"{name} ({value})", value) for name, value in options]
    kept = selector.value
    selector.options = options
    if kept in [value for _, value in options]:
        selector.value = kept
