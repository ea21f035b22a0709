"""Look around in a table of estimates: choose indicator, grouping and language, see figure and numbers.

Takes ESTIMATES; hands on widgets for a notebook, which work without a network.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from portal_analysis.disclosure.withhold import publishable
from portal_analysis.documents.html import table_html
from portal_analysis.documents.show import show
from portal_analysis.faults import Error
from portal_analysis.language.catalogue import check_language, word
from portal_analysis.language.labels import TIME_COLUMNS
from portal_analysis.language.reading import read
from portal_analysis.languages import LANGUAGES
from portal_analysis.shape import check, domains_of

if TYPE_CHECKING:
    from ipywidgets import VBox
    from matplotlib.figure import Figure

TOGETHER = ""


class ExploreError(Error):
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
        Three selectors, and under them the figure (over time as lines), its numbers, the code that makes them, and a
        button that exports them to ``exports``.

    Raises
    ------
    ExploreError
        If the table has no rows.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> box = pa.explore(pa.proportion(papi, "npsp_use", by="wave"))
    >>> print(type(box).__name__)
    VBox
    """
    from ipywidgets import HTML, Button, Dropdown, Layout, VBox

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
    view, done = HTML(), HTML()
    save = Button(layout=wide)
    busy: list[bool] = []

    def renew(change: object = None) -> None:
        if busy:
            return
        busy.append(True)
        try:
            _label(table, indicator, grouping, language)
            save.description, done.value = word("explore.export", language.value), ""
            rows = chosen(table, indicator.value, grouping.value)
            view.value = page(rows, language.value, selection(table, indicator.value, grouping.value))
        finally:
            busy.clear()

    for selector in (indicator, grouping, language):
        selector.observe(renew, names="value")

    def export_shown(_: object) -> None:
        done.value = _exported(chosen(table, indicator.value, grouping.value), language.value)

    save.on_click(export_shown)
    renew()
    return VBox([indicator, grouping, language, view, save, done])


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


def page(rows: pd.DataFrame, lang: str, selected: str = "") -> str:
    """Return the figure of some rows, where they can be drawn, their table, and the code that makes them, as HTML.

    ``selected`` is the code that selects the rows; without it no code is shown.
    """
    from portal_analysis.figures.saving import figure_html

    shown, drawn = show(rows, None, lang), figure(rows, lang)
    caption = f"{word('heading.numbers', lang)}: {shown.table.caption}"
    picture = "" if drawn is None else figure_html(drawn)
    parts = [picture, table_html(shown.table, caption, lang)]
    if selected:
        head, told = word("explore.code", lang), code(selected, rows, drawn, lang)
        parts.append(
            f"<details><summary>{html.escape(head)}</summary><pre><code>{html.escape(told)}</code></pre></details>"
        )
    return "".join(parts)


def over_time(rows: pd.DataFrame) -> bool:
    """Are the rows a series: does one of their columns tell more than one time?"""
    return any(name in TIME_COLUMNS and rows[name].nunique() > 1 for name in domains_of(rows))


def figure(rows: pd.DataFrame, lang: str) -> Figure | None:
    """Draw rows, a series as lines, any other as dots; nothing where they cannot be drawn."""
    from portal_analysis.figures.lines import plot_trend
    from portal_analysis.figures.points import plot_estimates

    for plot in [plot_trend, plot_estimates] if over_time(rows) else [plot_estimates]:
        try:
            return plot(rows, lang=lang)
        except ValueError:
            continue
    return None


def selection(table: pd.DataFrame, indicator: str, grouping: str) -> str:
    """Return the code that selects the chosen rows of a table called ``estimates``."""
    kept = [f'(estimates["indicator"] == {indicator!r})']
    rows = table[table["indicator"] == indicator]
    if grouping != TOGETHER:
        kept.append(f"estimates[{grouping!r}].notna()")
        every, rows = rows[rows[grouping].notna()], chosen(table, indicator, grouping)
        others = [name for name in domains_of(table) if name != grouping and every[name].isna().any()]
        kept += [f"estimates[{name!r}].isna()" for name in others if rows[name].isna().all()]
    return f"estimates[{' & '.join(kept)}]"


def code(selected: str, rows: pd.DataFrame, drawn: Figure | None, lang: str) -> str:
    """Return the code that makes the figure and the files of some rows."""
    lines = ["import portal_analysis as pa", "", f"rows = {selected}"]
    if drawn is None:
        return "\n".join([*lines, f"pa.export({_name(rows)!r}, rows, lang={lang!r})"])
    plot = "plot_trend" if drawn.portal_text.kind == "trend" else "plot_estimates"  # type: ignore[attr-defined]
    lines.append(f"figure = pa.{plot}(rows, lang={lang!r})")
    return "\n".join([*lines, f"pa.export({_name(rows)!r}, rows, figure)"])


def _name(rows: pd.DataFrame) -> str:
    """Return a file's name for some rows: their indicator and what tells them apart."""
    several = [name for name in domains_of(rows) if rows[name].nunique() > 1]
    told = " ".join([str(rows["indicator"].iloc[0]), *several])
    return re.sub(r"[^A-Za-z0-9_-]+", "-", told).strip("-_")[:80] or "numbers"


def _exported(rows: pd.DataFrame, lang: str) -> str:
    """Export what is shown; say where it lies, or why nothing was written."""
    from portal_analysis.exports import export

    try:
        files = export(_name(rows), rows, figure(rows, lang), lang=lang).files
    except (ValueError, OSError) as fault:
        return f"<p>{html.escape(str(fault))}</p>"
    told = ", ".join(str(path) for path in files.values())
    return f"<p>{html.escape(word('word.files', lang))}: {html.escape(told)}</p>"


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
