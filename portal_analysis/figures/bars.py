"""Counts of portals as bars: "30 of 63", with what is left of the 63 beside it.

Hands on :func:`plot_counts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from portal_analysis.estimates import rows_of
from portal_analysis.figures import style
from portal_analysis.figures.alt import Shown, describe_figure
from portal_analysis.figures.layout import Sheet, draw_key, key_height, sheet
from portal_analysis.figures.places import places
from portal_analysis.figures.reading import Reading, heading, name_of, read, whole
from portal_analysis.figures.rows import rows as rows_on
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.words import Labels, Words, hidden, marks, nfc, plain_number, split_flags, words
from portal_analysis.wording import unit_label

MET = {"meeting": 0, "met": 0, "not meeting": 1, "not_met": 1, "having the defect": 1, "defect": 1}
KIND_TEXT = (
    {"en": "portals that meet it", "vi": "số cổng đáp ứng"},
    {
        "en": "portals that do not meet it or have the defect",
        "vi": "số cổng chưa đáp ứng hoặc có khiếm khuyết",
    },
)


@dataclass(frozen=True)
class Bar:
    """One count with its base, as it is written and drawn."""

    label: str
    count: float
    base: float
    kind: int
    row: dict[str, Any]
    written: str


def plot_counts(
    table: pd.DataFrame,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    rows: str | None = None,
    group: str | None = None,
    sort: bool = False,
    kind: str | None = None,
    labels: Labels | None = None,
    units: int = 63,
    source_note: str | None = None,
) -> Figure:
    """Draw counts out of a base as bars; the pale rest of a bar is what the count leaves.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with the columns ``count`` and ``base``.
    lang, size, title, subtitle, labels, units, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.
    rows, group : str, optional
        The columns whose values name a bar; those that vary if not given.
    sort : bool
        Largest share first; by default the table's order.
    kind : str, optional
        A column that says what is counted: ``meeting``, or ``not meeting`` and ``having the defect``, which get
        another colour and a hatch; ``count_type`` if the table has it.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``.

    Raises
    ------
    FigureError
        If the table is empty or lacks ``count`` or ``base``, or a count is larger than its base.
    """
    form = style.size_of(size)
    text = words(whole(table), lang, labels)
    missing = [name for name in ("count", "base") if name not in table]
    if missing:
        raise FigureError(f"counts need the columns {missing}; the table has {list(table.columns)}")
    wrong = table[table["count"] > table["base"]]
    if not wrong.empty:
        raise FigureError(
            f"a count is larger than its base: {wrong[['indicator', 'count', 'base']].to_dict('records')}"
        )
    where = places(units)
    reading = read(table, rows, group)
    head, under = heading(table, reading, text, where, title, subtitle)
    head = _title(reading, text) or head if title is None else head
    kind = kind or ("count_type" if "count_type" in table else None)
    bars = []
    for row in rows_of(table):
        parts = [name_of(name, row[name], text, where) for name in (reading.rows, reading.group) if name]
        number = MET.get(str(row[kind]), 0) if kind else 0
        bars.append(Bar(", ".join(parts), row["count"], row["base"], number, row, _written(row, text)))
    if sort:
        bars.sort(key=lambda bar: -bar.count / bar.base if not hidden(bar.row) else 1.0)
    notes = _notes(bars, text)
    with style.house(form):
        page = sheet(table.assign(n=float("nan")), lang, form, head, under, source_note, extra_notes=notes)
        _Picture(page, text, bars).draw()
    shown = [Shown(bar.label, bar.row) for bar in bars]
    counted = Words(lang, text.labels, "proportion", text.digits) if text.unit == "count" else text
    axes = (
        text.say(
            "Each bar is a whole base; its dark part is the count. ",
            "Mỗi thanh là toàn bộ cơ số; phần đậm là số đếm. ",
        )
        + "; ".join(f"{bar.label}: {bar.written}" for bar in bars)
        + "."
    )
    page.finish(describe_figure("counts", head, shown, _OfBase(counted), axes, page.notes, under))
    return page.opened


def _title(reading: Reading, text: Words) -> str:
    """Return a title for the tables whose own would say little: many indicators, or shortcomings."""
    if "shortcoming" in (reading.rows, reading.group):
        return text.say("Portals that have each shortcoming", "Số cổng có từng hạn chế")
    if "indicator" in (reading.rows, reading.group):
        return text.say("Counts out of all that were looked at", "Số đếm trên tổng số đã xem xét")
    return ""


class _OfBase(Words):
    """Words that write a row as its count and base."""

    def __init__(self, text: Words) -> None:
        super().__init__(text.lang, text.labels, text.unit, text.digits)

    def value(self, row: Any, marked: bool = True) -> str:
        return _written(row, self)


def _written(row: Any, text: Words) -> str:
    """Write "30 of 63", with the marks of the row's flags."""
    flags = split_flags(row["flag"])
    if hidden(row) or pd.isna(row["count"]):
        return (
            text.say("not measured", "không đo")
            if "suppress" not in flags
            else text.say("withheld", "không công bố")
        )
    count = plain_number(row["count"], text.lang, 0)
    if pd.isna(row["base"]):
        return count + marks(flags)
    base = plain_number(row["base"], text.lang, 0)
    counted = unit_label(str(row.get("counted") or ""), text.lang) if row.get("counted") != "portals" else ""
    return nfc(f"{count} {text.say('of', 'trên')} {base} {counted}".strip()) + marks(flags)


def _notes(bars: list[Bar], text: Words) -> tuple[str, ...]:
    bases = {bar.base for bar in bars if not pd.isna(bar.base) and not hidden(bar.row)}
    notes = []
    if len(bases) > 1:
        notes.append(
            text.say(
                "Bases differ: each bar is the whole of its own base.",
                "Cơ số khác nhau: mỗi thanh là toàn bộ cơ số riêng.",
            )
        )
    return tuple(notes)


class _Picture:
    """Bars on a sheet, with a key to their kinds where there are several."""

    def __init__(self, page: Sheet, text: Words, bars: list[Bar]) -> None:
        self.page, self.bars = page, bars
        several = len({bar.kind for bar in bars}) > 1
        self.names = [told[text.lang] for told in KIND_TEXT] if several else []
        self.rows = rows_on(page, [bar.label for bar in bars], [bar.written for bar in bars], 2.6)
        self.key = key_height(page, self.names, self.rows.points)

    def draw(self) -> None:
        """Draw the key and the bars."""
        page, points = self.page, self.rows.points
        page.open(self.key + self.rows.height)
        draw_key(page, self.names, points, self._draw_sample)
        axes, middles = self.rows.axes(page, self.key)
        for bar, middle in zip(self.bars, middles, strict=True):
            shown = not hidden(bar.row) and not pd.isna(bar.count)
            if shown and not pd.isna(bar.base):
                self._draw_bar(axes, bar, middle)
            self.rows.write(axes, page, middle, bar.written, shown)

    def _draw_bar(self, axes: Axes, bar: Bar, middle: float) -> None:
        part = bar.count / bar.base if bar.base else 0.0
        rest: dict[str, Any] = {"facecolor": style.REST, "edgecolor": style.RULE, "linewidth": 0.5}
        if part:
            axes.barh(middle, part, height=self.rows.bar, gid="count", zorder=3, **bar_look(bar.kind))
        axes.barh(middle, 1 - part, left=part, height=self.rows.bar, gid="rest", zorder=2, **rest)

    def _draw_sample(self, axes: Axes, x: float, y: float, number: int) -> None:
        axes.barh(y, self.rows.points * 1.7, left=x, height=self.rows.points, gid="key", **bar_look(number))


def bar_look(kind: int) -> dict[str, Any]:
    """Return how a count's bar is filled: what is met plain, what is not met hatched."""
    colour = ("#2f5fb3", "#e07b00")[kind]
    return {
        "facecolor": colour,
        "edgecolor": "white" if kind else colour,
        "hatch": "////" if kind else "",
        "linewidth": 0.0 if kind else 0.5,
    }
