"""Two values side by side: how far apart two groups or two rounds are.

Hands on :func:`plot_gap`, as dumbbells or as slopes.
"""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes

from portal_analysis.figures import scales, style
from portal_analysis.figures.blocks import member, one_unit
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.dots import Dot, draw_dots, draw_sample
from portal_analysis.figures.layout import (
    PITCH,
    Sheet,
    draw_key,
    key_height,
    label_rows,
    spread,
    write_lines,
)
from portal_analysis.figures.pairs import Pair, Pairs, note_of, pairs_of, written
from portal_analysis.figures.periods import parse
from portal_analysis.figures.places import rank
from portal_analysis.figures.style import FigureError
from portal_analysis.language.arrange import arrange, heading, varying, whole
from portal_analysis.language.labels import TIME_COLUMNS
from portal_analysis.language.reading import Reading, read
from portal_analysis.shape import PROVINCE_COLUMNS

LEAST = 7.0


@figure()
def plot_gap(
    reading: Reading,
    look: Look,
    between: str | None = None,
    rows: str | None = None,
    kind: Literal["dumbbell", "slope"] = "dumbbell",
    differences: pd.DataFrame | None = None,
    sort: bool | None = None,
) -> Picture:
    """Draw the values of two groups joined by a line, one row (or one slope) a domain.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with two values of ``between`` for each row.
    between : str, optional
        The column of the two groups; the column with two values if not given.
    rows : str, optional
        The column that makes the rows; the other column that varies if not given.
    kind : {"dumbbell", "slope"}
        Two dots on a line a row, with intervals; or a line from the first group (left) to the second. A slope is
        drawn over time where two times are in the table: the earlier one is to the left.
    differences : DataFrame, optional
        ESTIMATES of the differences, as ``difference(survey, …)`` gives them; written behind the rows with
        their intervals. Nothing is subtracted here: the error of a difference needs the design.
    sort : bool, optional
        Highest first value first; done by default for provinces.

    Raises
    ------
    FigureError
        If the table is empty, or ``between`` does not have two values.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> rates = pa.proportion(papi, "internet_home", by=["wave", "ethnicity"])
    >>> figure = pa.plot_gap(rates, between="ethnicity")
    >>> print(figure.portal_text.title)
    Has internet at home by ethnicity, 2020 to 2024
    """
    if kind not in ("dumbbell", "slope"):
        raise FigureError(f"unknown kind {kind!r}; it may be 'dumbbell' or 'slope'")
    one_unit(reading)
    between = between or _two_valued(reading.table, rows, kind)
    found = arrange(reading.table, rows, between)
    sides = list(dict.fromkeys(reading.table[between]))
    if len(sides) != 2:
        raise FigureError(f"{between!r} has the values {sides}; a gap is between two")
    if kind == "slope" and between in TIME_COLUMNS:
        sides.sort(key=lambda side: period.start if (period := parse(side)) else 0.0)
    told = None if differences is None else read(whole(differences), look.lang, look.labels)
    pairs = pairs_of(reading, found, sides, written(told, found.rows))
    if found.rows in PROVINCE_COLUMNS if sort is None else sort:
        pairs.sort(key=lambda pair: rank(pair.values[0] or pair.values[1]))
    names = [member(reading, between, side) for side in sides]
    maker = Dumbbells if kind == "dumbbell" else _Slopes
    picture = maker(reading, heading(reading, found, look.title, look.subtitle), pairs, names)
    if kind == "slope" and between in TIME_COLUMNS:
        picture.axes += " " + reading.word("alt.slope_time", one=names[0], other=names[1])
    if told is not None:
        picture.notes = (note_of(told),)
    return picture


def _two_valued(table: pd.DataFrame, rows: str | None, kind: str) -> str:
    """Return the column whose two values are compared: of a slope the time, of a dumbbell rather a group."""
    found = [name for name in varying(table) if table[name].nunique(dropna=False) == 2 and name != rows]
    own = [name for name in found if name != "indicator"] or found
    if not own:
        raise FigureError("no column has two values to compare; name it with between=")
    wanted = [name for name in own if (name in TIME_COLUMNS) == (kind == "slope")]
    return (wanted or own)[0]


class Dumbbells(Pairs):
    """Rows of two dots on a sheet, in several columns where the sheet is wide and low."""

    kind = "gap"
    divisible = True
    intervals = True

    def measure(self, page: Sheet) -> float:
        """Choose the number of columns and the size of the text."""
        self.page = page
        self.low, self.high = scales.span(self.reading)
        self.ranges = any(line.ranged for line in self.reading.lines)
        wide = page.size.name in ("landscape", "slide")
        self.columns = 1 + (wide and len(self.pairs) > 16) + (wide and len(self.pairs) > 36)
        points = page.size.small if len(self.pairs) / self.columns <= 40 else round(page.size.small * 0.92, 1)
        while self._lay_out(points) > page.room and points > page.size.floor(LEAST, 8.0):
            points = max(round(points - 0.3, 1), page.size.least)
        return self._lay_out(points)

    def _lay_out(self, points: float) -> float:
        """Measure everything at this size of text; return the height of the picture."""
        self.points, gutter = points, points * 1.8
        self.column = (self.page.width - gutter * (self.columns - 1)) / self.columns
        self.step = self.column + gutter
        dense = len(self.pairs) > 20
        pitch = points * ((1.18 if dense else 1.9) if self.ranges else (1.18 if dense else 1.5))
        label = max(style.text_size(pair.label, points)[0] for pair in self.pairs) + points * 0.8
        self.label = min(label, self.column * 0.42)
        self.written = max((style.text_size(pair.difference, points)[0] for pair in self.pairs), default=0.0)
        self.written += points * 0.9 if self.written else 0.0
        self.plot = self.column - self.label - self.written - points * 1.0
        self.wrapped = [style.wrap(pair.label, self.label - points * 0.6, points) for pair in self.pairs]
        self.heights = [max(pitch, len(lines) * points * 1.18) for lines in self.wrapped]
        self.key = key_height(self.page, self.names, points)
        self.deep = -(-len(self.pairs) // self.columns)
        return self.key + max(sum(self.heights[part]) for part in self._parts()) + points * 2.1

    def _parts(self) -> list[slice]:
        return [slice(first, first + self.deep) for first in range(0, len(self.pairs), self.deep)]

    def draw(self) -> None:
        """Draw the key and the rows."""
        page, points = self.page, self.points
        draw_key(page, self.names, points, draw_sample(points, self._colours(), self.intervals))
        for number, part in enumerate(self._parts()):
            self._draw_column(number * self.step, part)

    def _draw_column(self, left: float, part: slice) -> None:
        points, heights = self.points, self.heights[part]
        axes = self.page.axes(left + self.label + points * 0.3, self.key, self.plot, sum(heights))
        axes.set_ylim(sum(heights), 0)
        scales.number_axis(axes, "x", self.low, self.high, self.reading, self.plot, points)
        axes.tick_params(axis="x", length=0, pad=points * 0.25)
        axes.spines["left"].set_visible(False)
        scales.zero_line(axes, self.reading, self.low, self.high)
        middles = [sum(heights[:number]) + tall / 2 for number, tall in enumerate(heights)]
        bold = [
            n for n, pair in enumerate(self.pairs[part]) if all(map(self.emphasis.stands_out, pair.values))
        ]
        label_rows(axes, middles, self.wrapped[part], points, points * 0.4, bold=bold)
        self._draw_pairs(axes, self.pairs[part], middles)

    def _draw_pairs(self, axes: Axes, pairs: list[Pair], middles: list[float]) -> None:
        points = self.points
        aside = points * 0.28 if self.ranges else 0.0
        sides: list[list[Dot]] = [[] for _ in self.names]
        for pair, y in zip(pairs, middles, strict=True):
            seen = [value.estimate for value in pair.values if value is not None and not value.hidden]
            if len(seen) == 2:
                axes.plot(seen, [y, y], color=style.REST, linewidth=points * 0.55, zorder=1, gid="gap")
            for number, value in enumerate(pair.values):
                if value is not None:
                    sides[number].append((value.estimate, y + (aside if number else -aside), value))
            self._write_difference(axes, pair, y)
        for number, items in enumerate(sides):
            draw_dots(axes, items, number, points, self.emphasis)
            for x, y, value in items:
                self.anchor(value, axes, x, y)

    def _write_difference(self, axes: Axes, pair: Pair, y: float) -> None:
        if pair.difference:
            look: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "gid": "value"}
            axes.text(1 + self.points * 0.7 / self.plot, y, pair.difference, fontsize=self.points, **look)

    def _colours(self) -> list[str]:
        return self.emphasis.of_groups(
            [[pair.values[side] for pair in self.pairs] for side in range(len(self.names))]
        )


class _Slopes(Pairs):
    """Lines from one group to the other on a sheet; names and values at both ends."""

    kind = "slope"
    tells = ("n",)

    def measure(self, page: Sheet) -> float:
        """Choose the size of the text."""
        if len(self.pairs) > 25:
            raise FigureError(
                f"{len(self.pairs)} slopes cannot be told apart; draw dumbbells, or choose at most 25 rows"
            )
        self.page = page
        self.low, self.high = scales.span(self.reading)
        self.points = page.size.most(12.0)
        while self._needs() > page.room and self.points > page.size.floor(LEAST, LEAST):
            self.points = max(round(self.points - 0.3, 1), page.size.least)
        self.body = page.body(max(page.width * 0.5, self._needs()))
        return self.body

    def _needs(self) -> float:
        return (
            max(sum(len(lines) for lines in self._ends(side)) for side in (0, 1)) * self.points * 1.3
            + self.points * 1.75
            + self._head()
        )

    def _most(self) -> float:
        """Return the width that one side may take from the slopes."""
        return self.page.width * 0.36

    def _heads(self) -> list[list[str]]:
        """Return the name over each side, in lines no wider than the names and values below it may be."""
        return [style.wrap(name, self._most(), self.points, "bold") for name in self.names]

    def _head(self) -> float:
        """Return the height of the names over the sides."""
        return self.points * PITCH * max(len(lines) for lines in self._heads())

    def _ends(self, side: int) -> list[list[str]]:
        """Return name and value of each end, in lines that leave room for the slopes."""
        room = self._most() - self.points * 2.2
        return [style.wrap(self._end(pair, side), room, self.points) for pair in self.pairs]

    def draw(self) -> None:
        """Draw the slopes."""
        page, points = self.page, self.points
        ends = [self._ends(side) for side in (0, 1)]
        heads = self._heads()
        room = [
            max(
                max(style.text_size(line, points)[0] for text in texts for line in text) + points * 2.2,
                max(style.text_size(line, points, "bold")[0] for line in head),
            )
            for texts, head in zip(ends, heads, strict=True)
        ]
        top = self._head() + points * 0.75
        self.down = self.body - top - points * 0.5
        self.plot = page.width - sum(room)
        axes = page.axes(room[0], top, self.plot, self.down)
        axes.set_xlim(0, 1)
        axes.set_ylim(self.low, self.high)
        axes.axis("off")
        for side, lines in enumerate(heads):
            axes.axvline(side, color=style.RULE, linewidth=0.8, zorder=1, clip_on=False)
            where = "left" if side else "right"
            middle = 1 + points * (1.1 + PITCH * (len(lines) - 1) / 2) / self.down
            look: dict[str, Any] = {"weight": "bold", "ha": where, "gid": "group"}
            write_lines(axes, side, middle, lines, points, transform=axes.transAxes, **look)
        for number, pair in enumerate(self.pairs):
            self._draw_pair(axes, pair, number)
        for side in (0, 1):
            self._write_side(axes, side, ends[side])

    def _end(self, pair: Pair, side: int) -> str:
        value = pair.values[side]
        told = value.marked if value is not None else "–"
        return f"{pair.label} {told}" if side == 0 else f"{told} {pair.label}"

    def _draw_pair(self, axes: Axes, pair: Pair, number: int) -> None:
        seen = [
            (side, value) for side, value in enumerate(pair.values) if value is not None and not value.hidden
        ]
        few = len(self.pairs) <= len(style.COLOURS) and not self.emphasis.codes
        meant = next(
            (one for one in pair.values if self.emphasis.stands_out(one)), pair.values[0] or pair.values[1]
        )
        colour = self.emphasis.colour(meant, style.COLOURS[number % len(style.COLOURS) if few else 0])
        for side, value in seen:
            self.anchor(value, axes, side, value.estimate)
        if len(seen) == 2:
            ends = [value.estimate for _, value in seen]
            axes.plot([0, 1], ends, color=colour, linewidth=1.4, zorder=2, gid="gap")
        for side, value in seen:
            face = "white" if value.doubtful else colour
            look: dict[str, Any] = {
                "c": [face],
                "edgecolors": style.darker(colour),
                "clip_on": False,
                "zorder": 3,
            }
            axes.scatter([side], [value.estimate], s=(self.points * 0.65) ** 2, gid=f"points-{side}", **look)

    def _write_side(self, axes: Axes, side: int, texts: list[list[str]]) -> None:
        points = self.points
        drawn = [(pair.values[side], lines) for pair, lines in zip(self.pairs, texts, strict=True)]
        kept = [(value, lines) for value, lines in drawn if value is not None and not value.hidden]
        wanted = [(value.estimate - self.low) / (self.high - self.low) * self.down for value, _ in kept]
        heights = [points * (1.25 * len(lines) + 0.15) for _, lines in kept]
        placed = spread(wanted, heights, 0.0, self.down + points)
        out = points * 1.4 / self.plot * (1 if side else -1)
        thin: dict[str, Any] = {
            "color": style.RULE,
            "linewidth": 0.5,
            "clip_on": False,
            "zorder": 0,
            "gid": "leader",
        }
        look: dict[str, Any] = {"ha": "left" if side else "right", "gid": "value"}
        for (_, lines), was, y in zip(kept, wanted, placed, strict=True):
            ends = [was / self.down, y / self.down]
            axes.plot([side, side + out], ends, transform=axes.transAxes, **thin)
            write_lines(axes, side + out * 1.15, ends[1], lines, points, transform=axes.transAxes, **look)
