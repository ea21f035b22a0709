"""Two values side by side: how far apart two groups or two rounds are.

Hands on :func:`plot_gap`, as dumbbells or as slopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from portal_analysis.figures import scales, style
from portal_analysis.figures.alt import Shown, describe_figure
from portal_analysis.figures.layout import Sheet, draw_key, key_height, sheet, spread
from portal_analysis.figures.places import PROVINCE_COLUMNS, Places, places
from portal_analysis.figures.points import draw_dots, draw_sample
from portal_analysis.figures.reading import Reading, heading, name_of, read, whole
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.words import Labels, Words, hidden, rows_of, words

LEAST = 7.0


@dataclass(frozen=True)
class Pair:
    """One row: its label, its two values, and its difference as another table gives it."""

    label: str
    values: tuple[dict[str, Any] | None, dict[str, Any] | None]
    difference: str = ""


def plot_gap(
    table: pd.DataFrame,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    between: str | None = None,
    rows: str | None = None,
    kind: Literal["dumbbell", "slope"] = "dumbbell",
    differences: pd.DataFrame | None = None,
    sort: bool | None = None,
    labels: Labels | None = None,
    units: int = 63,
    source_note: str | None = None,
) -> Figure:
    """Draw the values of two groups joined by a line, one row (or one slope) a domain.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with two values of ``between`` for each row.
    lang, size, title, subtitle, labels, units, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.
    between : str, optional
        The column of the two groups; the column with two values if not given.
    rows : str, optional
        The column that makes the rows; the other column that varies if not given.
    kind : {"dumbbell", "slope"}
        Two dots on a line a row, with intervals; or a line from the first group (left) to the second.
    differences : DataFrame, optional
        ESTIMATES of the differences, as ``difference(survey, …)`` gives them; written behind the rows with
        their intervals. Nothing is subtracted here: the error of a difference needs the design.
    sort : bool, optional
        Highest first value first; done by default for provinces.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``.

    Raises
    ------
    FigureError
        If the table is empty, or ``between`` does not have two values.
    """
    form = style.size_of(size)
    if kind not in ("dumbbell", "slope"):
        raise FigureError(f"unknown kind {kind!r}; it may be 'dumbbell' or 'slope'")
    text = words(whole(table), lang, labels)
    where = places(units)
    between = between or _two_valued(table, rows)
    reading = read(table, rows, between)
    sides = list(dict.fromkeys(table[between]))
    if len(sides) != 2:
        raise FigureError(f"{between!r} has the values {sides}; a gap is between two: choose them first")
    head, under = heading(reading, text, where, title, subtitle)
    names = [name_of(between, side, text, where) for side in sides]
    pairs = _pairs(table, reading, sides, text, where, _told(differences, reading.rows, lang, labels))
    if reading.rows in PROVINCE_COLUMNS if sort is None else sort:
        pairs.sort(key=_rank)
    with style.house(form):
        page = sheet(
            table if kind == "dumbbell" else table.assign(ci_low=float("nan")),
            lang,
            form,
            head,
            under,
            source_note,
        )
        (_Dumbbells if kind == "dumbbell" else _Slopes)(page, table, text, pairs, names).draw()
    shown = [
        Shown(pair.label, value, name)
        for pair in pairs
        for value, name in zip(pair.values, names, strict=True)
        if value is not None
    ]
    axes = text.say(
        f"Two values a row: {names[0]} and {names[1]}.", f"Mỗi hàng hai giá trị: {names[0]} và {names[1]}."
    )
    told = [f"{pair.label} {pair.difference}" for pair in pairs if pair.difference]
    axes += text.say(" Differences: ", " Chênh lệch: ") + "; ".join(told) + "." if told else ""
    page.finish(describe_figure("gap", head, shown, text, axes, page.notes, under))
    return page.opened


def _two_valued(table: pd.DataFrame, rows: str | None) -> str:
    from portal_analysis.figures.reading import varying

    found = [name for name in varying(table) if table[name].nunique(dropna=False) == 2 and name != rows]
    own = [name for name in found if name != "indicator"] or found
    if not own:
        raise FigureError("no column has two values to compare; name it with between=")
    return own[0]


def _pairs(
    table: pd.DataFrame, reading: Reading, sides: list[Any], text: Words, where: Places, told: dict[str, str]
) -> list[Pair]:
    found: dict[Any, list[dict[str, Any] | None]] = {}
    for row in rows_of(table):
        key = None if pd.isna(row[reading.rows]) else row[reading.rows]
        found.setdefault(key, [None, None])[sides.index(row[str(reading.group)])] = row
    return [
        Pair(name_of(reading.rows, key, text, where), (one, two), told.get(str(key), ""))
        for key, (one, two) in found.items()
    ]


def _told(differences: pd.DataFrame | None, rows: str, lang: str, labels: Labels | None) -> dict[str, str]:
    """Write each difference with its interval, by the value of the rows' column."""
    if differences is None:
        return {}
    if rows not in whole(differences) or differences[rows].duplicated().any():
        raise FigureError(f"differences need one row for each {rows!r}")
    text = words(differences, lang, labels)
    told = {}
    for row in rows_of(differences):
        inside = text.interval(row)
        told[str(row[rows])] = text.value(row) + (f" ({inside})" if inside else "")
    return told


def _rank(pair: Pair) -> float:
    seen = [value["estimate"] for value in pair.values if value is not None and not hidden(value)]
    return -seen[0] if seen else float("inf")


class _Dumbbells:
    """Rows of two dots on a sheet."""

    def __init__(
        self, page: Sheet, table: pd.DataFrame, text: Words, pairs: list[Pair], names: list[str]
    ) -> None:
        self.page, self.text, self.pairs, self.names = page, text, pairs, names
        self.low, self.high = scales.span(table, text)
        self.ranges = bool(table["ci_low"].notna().any())
        points = page.size.small if len(pairs) <= 40 else round(page.size.small * 0.92, 1)
        while self._lay_out(points) > page.room and points > (8.0 if page.size.fixed else LEAST):
            points = round(points - 0.3, 1)
        self._lay_out(points)

    def _lay_out(self, points: float) -> float:
        self.points, width = points, self.page.width
        dense = len(self.pairs) > 30
        self.pitch = points * ((1.3 if dense else 1.9) if self.ranges else (1.22 if dense else 1.5))
        label = max(style.text_size(pair.label, points)[0] for pair in self.pairs) + points * 0.8
        self.label = min(label, width * 0.42)
        self.written = max((style.text_size(pair.difference, points)[0] for pair in self.pairs), default=0.0)
        self.written += points * 0.9 if self.written else 0.0
        self.plot = width - self.label - self.written - points * 1.0
        self.wrapped = [style.wrap(pair.label, self.label - points * 0.6, points) for pair in self.pairs]
        self.heights = [max(self.pitch, len(lines) * points * 1.25 + points * 0.3) for lines in self.wrapped]
        self.key = key_height(self.page, self.names, points)
        return self.key + sum(self.heights) + points * 2.1

    def draw(self) -> None:
        """Draw the key and the rows."""
        body = self._lay_out(self.points)
        page, points = self.page, self.points
        page.open(body)
        draw_key(page, self.names, points, draw_sample(points))
        height = sum(self.heights)
        axes = page.axes(self.label + points * 0.3, self.key, self.plot, height)
        axes.set_ylim(height, 0)
        scales.number_axis(axes, "x", self.low, self.high, self.text, self.plot, points)
        axes.tick_params(axis="x", length=0, pad=points * 0.25)
        axes.spines["left"].set_visible(False)
        scales.zero_line(axes, self.text, self.low, self.high)
        middles = [sum(self.heights[:number]) + tall / 2 for number, tall in enumerate(self.heights)]
        names = ["\n".join(lines) for lines in self.wrapped]
        axes.set_yticks(middles, labels=names, fontsize=points)
        axes.tick_params(axis="y", pad=points * 0.4)
        self._draw_pairs(axes, middles)

    def _draw_pairs(self, axes: Axes, middles: list[float]) -> None:
        points = self.points
        aside = points * 0.28 if self.ranges else 0.0
        sides: list[list[tuple[float, float, dict[str, Any]]]] = [[], []]
        for pair, y in zip(self.pairs, middles, strict=True):
            seen = [value["estimate"] for value in pair.values if value is not None and not hidden(value)]
            if len(seen) == 2:
                axes.plot(seen, [y, y], color=style.REST, linewidth=points * 0.55, zorder=1, gid="gap")
            for number, value in enumerate(pair.values):
                if value is not None:
                    sides[number].append((float(value["estimate"]), y + (aside if number else -aside), value))
            if pair.difference:
                place = 1 + points * 0.7 / self.plot
                axes.text(
                    place,
                    y,
                    pair.difference,
                    transform=axes.get_yaxis_transform(),
                    fontsize=points,
                    va="center",
                    gid="value",
                )
        for number, items in enumerate(sides):
            draw_dots(axes, items, number, points)


class _Slopes:
    """Lines from one group to the other on a sheet; names and values at both ends."""

    def __init__(
        self, page: Sheet, table: pd.DataFrame, text: Words, pairs: list[Pair], names: list[str]
    ) -> None:
        if len(pairs) > 25:
            raise FigureError(
                f"{len(pairs)} slopes cannot be told apart; draw dumbbells, or choose at most 25 rows"
            )
        self.page, self.text, self.pairs, self.names = page, text, pairs, names
        self.low, self.high = scales.span(table, text)
        self.points = min(page.size.small, 12.0)
        while self._needs() > page.room and self.points > LEAST:
            self.points = round(self.points - 0.3, 1)

    def _needs(self) -> float:
        return len(self.pairs) * self.points * 1.3 + self.points * 3

    def draw(self) -> None:
        """Draw the slopes."""
        page, points = self.page, self.points
        body = page.body(max(page.width * 0.6, self._needs()))
        page.open(body)
        ends = [[self._end(pair, side) for pair in self.pairs] for side in (0, 1)]
        room = [max(style.text_size(text, points)[0] for text in texts) + points * 2.2 for texts in ends]
        room = [min(one, page.width * 0.42) for one in room]
        self.down = body - points * 2.5
        self.plot = page.width - sum(room)
        axes = page.axes(room[0], points * 2.0, self.plot, self.down)
        axes.set_xlim(0, 1)
        axes.set_ylim(self.low, self.high)
        axes.axis("off")
        for side, name in enumerate(self.names):
            axes.axvline(side, color=style.RULE, linewidth=0.8, zorder=1)
            page.text(
                room[0] + side * self.plot,
                points * 0.9,
                name,
                points,
                weight="bold",
                ha="right" if side == 0 else "left",
                gid="group",
            )
        for number, pair in enumerate(self.pairs):
            self._draw_pair(axes, pair, number)
        for side in (0, 1):
            self._write_side(axes, side, ends[side])

    def _end(self, pair: Pair, side: int) -> str:
        value = pair.values[side]
        told = self.text.value(value) if value is not None else "–"
        return f"{pair.label} {told}" if side == 0 else f"{told} {pair.label}"

    def _draw_pair(self, axes: Axes, pair: Pair, number: int) -> None:
        seen = [
            (side, value) for side, value in enumerate(pair.values) if value is not None and not hidden(value)
        ]
        colour = (
            style.COLOURS[number % len(style.COLOURS)]
            if len(self.pairs) <= len(style.COLOURS)
            else style.COLOURS[0]
        )
        if len(seen) == 2:
            ends = [value["estimate"] for _, value in seen]
            axes.plot([0, 1], ends, color=colour, linewidth=1.4, zorder=2, gid="gap")
        for side, value in seen:
            face = "white" if style.is_doubtful(value["flag"]) else colour
            look: dict[str, Any] = {
                "c": [face],
                "edgecolors": style.darker(colour),
                "clip_on": False,
                "zorder": 3,
            }
            axes.scatter(
                [side], [value["estimate"]], s=(self.points * 0.65) ** 2, gid=f"points-{side}", **look
            )

    def _write_side(self, axes: Axes, side: int, texts: list[str]) -> None:
        points = self.points
        drawn = [(pair.values[side], text) for pair, text in zip(self.pairs, texts, strict=True)]
        kept = [(value, text) for value, text in drawn if value is not None and not hidden(value)]
        wanted = [(value["estimate"] - self.low) / (self.high - self.low) * self.down for value, _ in kept]
        placed = spread(wanted, [points * 1.25] * len(kept), -points, self.down + points)
        for (_, text), was, y in zip(kept, wanted, placed, strict=True):
            out = points * 1.4 / self.plot * (1 if side else -1)
            axes.plot(
                [side, side + out],
                [was / self.down, y / self.down],
                transform=axes.transAxes,
                color=style.RULE,
                linewidth=0.5,
                clip_on=False,
                zorder=0,
                gid="leader",
            )
            axes.text(
                side + out * 1.15,
                y / self.down,
                text,
                transform=axes.transAxes,
                fontsize=points,
                va="center",
                ha="left" if side else "right",
                gid="value",
            )
