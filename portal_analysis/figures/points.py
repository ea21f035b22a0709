"""Dots with their intervals, one row a domain.

Hands on :func:`plot_estimates`, the figure for any table of estimates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes

from portal_analysis.figures import scales, style
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.emphasis import PLAIN, Emphasis
from portal_analysis.figures.layout import PITCH, Sheet, draw_key, key_height, label_rows
from portal_analysis.figures.places import REGIONS, Places, places, rank
from portal_analysis.figures.style import FigureError
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import (
    Arrangement,
    Section,
    arrange,
    axis_words,
    differing_references,
    heading,
    row_label,
    sections,
)
from portal_analysis.language.labels import is_missing
from portal_analysis.language.reading import Line, Reading
from portal_analysis.shape import PROVINCE_COLUMNS

LEAST = 7.0
"""No text inside a picture is smaller than this, in points."""
PANEL_GAP = 0.9
"""Between the small pictures of the regions, in letters' heights."""

Dot = tuple[float, float, Line]
"""Where a line's value is drawn, across and down."""


@dataclass(frozen=True)
class Row:
    """One row of the picture: its label and, for each group, the row of the table."""

    label: str
    values: tuple[Line | None, ...]
    total: bool = False


@dataclass(frozen=True)
class Block:
    """Rows under one heading (a region), or under none."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Measures:
    """Sizes of a picture in points, once it is known how its columns are laid out."""

    text: float
    pitch: float
    label: float
    value: float
    plot: float
    gutter: float
    heights: dict[int, float]


@figure()
def plot_estimates(
    reading: Reading,
    look: Look,
    rows: str | None = None,
    group: str | None = None,
    sort: bool | None = None,
    regions: Literal["bands", "panels"] | bool | None = None,
    columns: int | None = None,
    values: bool | None = None,
) -> Picture:
    """Draw estimates as dots with their intervals, one row a domain.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES in which at most two of ``indicator`` and the domain columns vary. Margins (each row about
        one of several columns, as of ``by=[("sex",), ("age_group",)]``, combined differences) and the terms of a
        model are drawn one under the other, each under its heading.
    rows, group : str, optional
        The columns that make the rows and, within a row, the dots told apart by colour and marker.
    sort : bool, optional
        Highest first. By default provinces are ranked and anything else keeps the table's order.
    regions : {"bands", "panels", False}, optional
        Provinces under their region's heading, or one small picture a region. Bands are the default when 20 or
        more provinces are shown.
    columns : int, optional
        Columns side by side; chosen by size and number of rows if not given.
    values : bool, optional
        Write estimate and interval beside each dot; done by default where there is room.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``, its title, caption and alt texts. No statistic is computed; withheld values are
        not drawn.

    Raises
    ------
    FigureError
        If the table is empty, mixes units, or more than two columns vary.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> rates = pa.proportion(papi, "internet_home", by="age_group")
    >>> figure = pa.plot_estimates(rates)
    >>> print(figure.portal_text.title)
    Has internet at home by age group
    """
    one_unit(reading)
    where = places(reading)
    parts = sections(reading, rows)
    found = arrange(reading.table, rows, group) if parts is None else parts.arrange(reading.table, group)
    groups = groups_of(reading, found)
    if parts is not None:
        blocks = _section_blocks(parts.parts, found, groups, bool(sort))
    else:
        if regions in (True, None):
            regions = _default_regions(reading, found, where) if regions is None else "bands"
        blocks = _blocks(reading, found, groups, where, sort, bool(regions))
    picture = Dots(reading, heading(reading, found, look.title, look.subtitle))
    names = [member(reading, found.group, one) for one in groups if found.group]
    picture.lay(blocks, names, columns, values, sectioned=parts is not None)
    picture.panels = regions == "panels"
    picture.axes = _axes_text(reading, found, picture.names)
    return picture


def one_unit(reading: Reading) -> None:
    """Refuse a table whose numbers cannot stand on one axis.

    Raises
    ------
    FigureError
        If the table mixes units.
    """
    if len(reading.units) > 1:
        raise FigureError(f"the table mixes the units {sorted(reading.units)}; draw one figure for each unit")


def groups_of(reading: Reading, found: Arrangement) -> list[Any]:
    """Return the values that a row's dots are of.

    Raises
    ------
    FigureError
        If there are more than can be told apart.
    """
    groups = list(dict.fromkeys(reading.table[found.group])) if found.group else [None]
    if len(groups) > len(style.COLOURS):
        raise FigureError(
            f"{found.group!r} has {len(groups)} values; at most {len(style.COLOURS)} can be told apart"
        )
    return groups


def member(reading: Reading, group: str | None, value: Any) -> str:
    """Name a group as its lines name it."""
    lines = (line for line in reading.lines if _same(line.row[str(group)], value))
    return next(lines).named(str(group))


def _default_regions(reading: Reading, found: Arrangement, where: Places) -> Literal["bands", False]:
    if found.rows not in PROVINCE_COLUMNS:
        return False
    codes = reading.table[found.rows]
    return "bands" if where.knows(codes) and codes.nunique() >= 20 else False


def _blocks(
    reading: Reading,
    found: Arrangement,
    groups: Sequence[Any],
    where: Places,
    sort: bool | None,
    regions: bool,
) -> list[Block]:
    """Arrange the table's rows: the total first, then ranked or in the table's order, by region if asked for."""
    several = differing_references(reading)
    gathered: dict[Any, list[Line]] = {}
    for line in reading.lines:
        value = line.row[found.rows]
        gathered.setdefault(None if is_missing(value) else value, []).append(line)
    totals, apart = [], dict[str, list[Row]]()
    for value, lines in gathered.items():
        cells = tuple(_of_group(lines, found.group, member) for member in groups)
        row = Row(row_label(lines[0], [found.rows], several), cells, total=value is None)
        if row.total:
            totals.append(row)
        else:
            apart.setdefault(where.region(value) if regions else "", []).append(row)
    blocks = [Block("", tuple(totals))] if totals else []
    ordered = found.rows in PROVINCE_COLUMNS if sort is None else sort
    for name in dict.fromkeys(name for name in (*REGIONS, *apart) if name in apart):
        rows = sorted(apart[name], key=_rank) if ordered else apart[name]
        blocks.append(Block(where.region_name(name) if regions else "", tuple(rows)))
    return blocks


def _section_blocks(
    parts: Sequence[Section], found: Arrangement, groups: Sequence[Any], ordered: bool
) -> list[Block]:
    """Arrange the rows of margins: one block a column, its categories in the table's order or ranked."""
    blocks = []
    for part in parts:
        rows = [
            Row(label, tuple(_of_group(lines, found.group, member) for member in groups), part.total)
            for label, lines in part.rows.items()
        ]
        blocks.append(Block(part.heading, tuple(sorted(rows, key=_rank) if ordered else rows)))
    return blocks


def _of_group(lines: Sequence[Line], group: str | None, member: Any) -> Line | None:
    return next((one for one in lines if group is None or _same(one.row[group], member)), None)


def _same(one: Any, other: Any) -> bool:
    return bool(pd.isna(one) and pd.isna(other)) or one == other


def _rank(row: Row) -> float:
    return min((rank(cell) for cell in row.values[:1]), default=float("inf"))


def _axes_text(reading: Reading, found: Arrangement, names: Sequence[str]) -> str:
    told = [axis_words(reading, found.rows)]
    if names:
        told.append(reading.word("alt.groups", names=", ".join(names)))
    return " ".join(told)


class Dots(Picture):
    """Rows of dots: first measured, then drawn."""

    panels = False
    divisible = True

    def lay(
        self,
        blocks: list[Block],
        names: list[str],
        columns: int | None,
        values: bool | None,
        sectioned: bool,
    ) -> None:
        """Say what is drawn, in how many columns, and whether values are written."""
        self.blocks, self.names, self.columns, self.sectioned = blocks, names, columns, sectioned
        self.groups = max(1, len(names))
        self.rows = [row for block in blocks for row in block.rows]
        cells = sum(cell is not None for row in self.rows for cell in row.values)
        self.write = (self.groups == 1 or cells <= 40) if values is None else values
        ranged = bool(self.reading.table["ci_low"].notna().any())
        self.kind = "dots" if ranged else "plain_dots"

    def shown(self) -> list[Shown]:
        """Return the dots, row by row."""
        return [
            Shown(self._full(block, row), cell, self.names[number] if self.names else "")
            for block in self.blocks
            for row in block.rows
            for number, cell in enumerate(row.values)
            if cell is not None
        ]

    def _full(self, block: Block, row: Row) -> str:
        """Name a row with the characteristic that it is a category of."""
        return f"{block.heading}: {row.label}" if self.sectioned and block.heading else row.label

    def measure(self, page: Sheet) -> float:
        """Choose the number of columns and the size of the text."""
        self.page = page
        self.low, self.high = scales.span(self.reading)
        self.split, self.measures = self._fit(self.columns)
        return self._body(self.split, self.measures)

    def _fit(self, columns: int | None) -> tuple[list[list[Block]], Measures]:
        """Choose the number of columns and the size of the text so that the rows fit where the height is fixed."""
        last = None
        for number in [columns] if columns else self._column_choices():
            split = _split(self.blocks, number)
            for points, leading in self._texts(number):
                last = (split, self._measure(split, len(split), points, leading))
                if self._fits(*last):
                    return last
        if last is None:
            raise FigureError("there is nothing to draw")
        return last

    def _texts(self, columns: int) -> list[tuple[float, float]]:
        """Return sizes of text with their distances of lines, the best first, the smallest and densest last."""
        size, dense = self.page.size, len(self.rows) / columns > 40
        largest = max(size.small * (0.92 if dense else 1.0), size.least)
        smallest = min(size.floor(LEAST, 8.0), largest)
        steps = int((largest - smallest) / 0.4)
        texts = [
            (round(largest - 0.4 * step, 1), 1.4 if not (dense or step) else 1.22)
            for step in range(steps + 1)
        ]
        return [*texts, (smallest, 1.22), (smallest, 1.15)]

    def _column_choices(self) -> list[int]:
        size, count = self.page.size, len(self.rows)
        if size.name in ("column", "report"):
            return [2 if self.panels and size.name == "report" else 1]
        if size.name == "landscape":
            return [1 if count <= 24 else 2 if count <= 44 else 3]
        return [1, 2, 3] if count > 8 else [1]

    def _fits(self, split: list[list[Block]], measures: Measures) -> bool:
        return measures.plot >= 60 and self._body(split, measures) <= self.page.room

    def _measure(self, split: list[list[Block]], number: int, points: float, leading: float) -> Measures:
        """Share a column's width out among labels, plot and written values; long labels are broken."""
        gutter = points * 1.8
        width = (self.page.width - gutter * (number - 1)) / number
        label = max(
            style.text_size(row.label, points, "bold" if row.total else "normal")[0] for row in self.rows
        )
        label = min(label, width * 0.42) + points * 0.3
        written = self._values(points, intervals=True)
        if width - label - written < width * 0.36:
            written = self._values(points, intervals=False)
        plot = width - label - written - points * 1.2
        pitch = points * leading
        heights = {id(row): self._tall(row, label, points, pitch) for row in self.rows}
        return Measures(points, pitch, label, written, plot, gutter, heights)

    def _tall(self, row: Row, label: float, points: float, pitch: float) -> float:
        """Return the height of a row: its label's lines, or its dots one below the other."""
        lines = len(style.wrap(row.label, label, points, "bold" if row.total else "normal"))
        dots = sum(cell is not None for cell in row.values)
        return max(pitch + (lines - 1) * points * PITCH, pitch * dots) + pitch * 0.12 * (self.groups > 1)

    def _values(self, points: float, intervals: bool) -> float:
        self.intervals = intervals
        if not self.write:
            return 0.0
        texts = [self._value(cell) for row in self.rows for cell in row.values if cell is not None]
        return max(style.text_size(text, points)[0] for text in texts) + points * 0.4

    def _value(self, cell: Line) -> str:
        if not self.intervals:
            return cell.short
        return cell.marked + (f" ({cell.interval})" if cell.interval else "")

    def _key(self, points: float) -> float:
        return key_height(self.page, self.names, points)

    def _axis(self, points: float) -> float:
        return points * 2.1

    def _height(self, blocks: Sequence[Block], m: Measures) -> float:
        heads = sum(self._head(block.heading, m)[1] for block in blocks)
        extra = m.text * PANEL_GAP * (len(blocks) - 1) if self.panels else 0.0
        return sum(m.heights[id(row)] for block in blocks for row in block.rows) + heads + extra

    def _head(self, text: str, m: Measures) -> tuple[list[str], float]:
        """Return a heading's lines, which fit the width of its column, and the height that they take."""
        if not text:
            return [], 0.0
        lines = style.wrap(text, m.label + m.plot + m.value + m.text * 0.6, m.text, "bold")
        return lines, m.pitch * 1.25 + (len(lines) - 1) * m.text * PITCH

    def _body(self, split: list[list[Block]], m: Measures) -> float:
        return self._key(m.text) + max(self._height(blocks, m) for blocks in split) + self._axis(m.text)

    def draw(self) -> None:
        """Draw the key and the columns of rows."""
        m = self.measures
        draw_key(self.page, self.names, m.text, draw_sample(m.text, self._colours()))
        left = 0.0
        for blocks in self.split:
            top = self._key(m.text)
            for part in [[block] for block in blocks] if self.panels else [blocks]:
                height = self._height(part, m)
                axes = self.page.axes(left + m.label + m.text * 0.6, top, m.plot, height)
                self._draw_rows(axes, part, height)
                axes.tick_params(axis="x", labelbottom=part[-1] is blocks[-1])
                top += height + m.text * PANEL_GAP
            left += m.label + m.plot + m.value + m.text * 1.2 + m.gutter

    def _colours(self) -> list[str]:
        columns = range(len(self.names))
        return self.emphasis.of_groups([[row.values[number] for row in self.rows] for number in columns])

    def _draw_rows(self, axes: Axes, blocks: Sequence[Block], height: float) -> None:
        """Draw one column of rows; its vertical axis counts points from the top."""
        m = self.measures
        axes.set_ylim(height, 0)
        scales.number_axis(axes, "x", self.low, self.high, self.reading, m.plot, m.text)
        axes.tick_params(axis="x", length=0, pad=m.text * 0.25)
        axes.spines[["left"]].set_visible(False)
        scales.zero_line(axes, self.reading, self.low, self.high)
        y, places_, labels = 0.0, [], []
        dots: list[list[Dot]] = [[] for _ in range(self.groups)]
        for block in blocks:
            if block.heading:
                y += self._draw_heading(axes, block.heading, y)
            for row in block.rows:
                tall = m.heights[id(row)]
                places_.append(y + tall / 2)
                labels.append(style.wrap(row.label, m.label, m.text, "bold" if row.total else "normal"))
                self._place(row, y, tall, dots)
                y += tall
        drawn = [row for block in blocks for row in block.rows]
        bold = [place for place, row in enumerate(drawn) if row.total or self._meant(row)]
        label_rows(axes, places_, labels, m.text, m.text * 0.5, bold=bold)
        for number, items in enumerate(dots):
            draw_dots(axes, items, number, m.text, self.emphasis)
            self._draw_values(axes, items)
            for x, y, cell in items:
                self.anchor(cell, axes, x, y)

    def _meant(self, row: Row) -> bool:
        """Does a row stand out as a whole?"""
        return all(self.emphasis.stands_out(cell) for cell in row.values if cell is not None)

    def _place(self, row: Row, top: float, tall: float, dots: list[list[Dot]]) -> None:
        """Place a row's dots one below the other; a group without a value takes no room."""
        seen = [(number, cell) for number, cell in enumerate(row.values) if cell is not None]
        step = min(tall / len(seen), self.measures.pitch) if seen else 0.0
        for place, (number, cell) in enumerate(seen):
            middle = top + tall / 2 + (place - (len(seen) - 1) / 2) * step
            dots[number].append((cell.estimate, middle, cell))

    def _draw_heading(self, axes: Axes, text: str, top: float) -> float:
        m = self.measures
        lines, height = self._head(text, m)
        whole_width = (m.label + m.plot + m.value + m.text * 1.2) / m.plot
        start = -(m.label + m.text * 0.6) / m.plot
        axes.add_patch(style.band(axes, start, top + m.pitch * 0.17, whole_width, height - m.pitch * 0.19))
        axes.text(
            start + m.text * 0.3 / m.plot,
            top + height / 2 + m.pitch * 0.075,
            "\n".join(lines),
            transform=axes.get_yaxis_transform(),
            fontsize=m.text,
            weight="bold",
            va="center",
            linespacing=PITCH,
            gid="region",
        )
        return height

    def _draw_values(self, axes: Axes, items: list[Dot]) -> None:
        m = self.measures
        if not self.write:
            return
        for _, y, cell in items:
            axes.text(
                1 + m.text * 0.6 / m.plot,
                y,
                self._value(cell),
                transform=axes.get_yaxis_transform(),
                fontsize=m.text,
                va="center",
                color=style.MUTED if cell.hidden else style.INK,
                style="italic" if cell.hidden else "normal",
                gid="value",
            )


def draw_dots(
    axes: Axes,
    items: Sequence[Dot],
    number: int,
    points: float,
    emphasis: Emphasis = PLAIN,
    ranges: bool = True,
) -> None:
    """Draw one group's intervals and dots; a flagged dot is hollow, a withheld one is not drawn."""
    painted: dict[str, list[Dot]] = {}
    for item in items:
        painted.setdefault(emphasis.colour(item[2], style.COLOURS[number]), []).append(item)
    for colour, dots in painted.items():
        seen = [(x, y, cell.doubtful) for x, y, cell in dots if not cell.hidden]
        drawn = [(y, cell.low, cell.high) for _, y, cell in dots if cell.ranged and ranges]
        _draw(axes, seen, drawn, number, points, colour)


def _draw(
    axes: Axes,
    seen: Sequence[tuple[float, float, bool]],
    ranges: Sequence[tuple[float, float, float]],
    number: int,
    points: float,
    colour: str,
    name: str = "",
) -> None:
    marker = style.MARKERS[number]
    if ranges:
        y, low, high = zip(*ranges, strict=True)
        axes.hlines(
            y,
            low,
            high,
            colors=colour,
            linewidth=max(1.2, points * 0.2),
            zorder=3,
            gid=f"{name}intervals-{number}",
        )
    if seen:
        faces = ["white" if doubtful else colour for _, _, doubtful in seen]
        axes.scatter(
            [x for x, _, _ in seen],
            [y for _, y, _ in seen],
            s=(points * 0.62) ** 2,
            c=faces,
            edgecolors=colour if colour == style.COLOURS[0] else style.darker(colour),
            linewidths=1.0,
            marker=marker,
            zorder=4,
            clip_on=False,
            gid=f"{name}points-{number}",
        )


def draw_sample(
    points: float, colours: Sequence[str] = (), ranges: bool = True
) -> Callable[[Axes, float, float, int], None]:
    """Return what draws a group's dot and interval in a key; its colour if it has one of its own."""

    def draw(axes: Axes, x: float, y: float, number: int) -> None:
        middle, colour = x + points * 0.9, (colours or style.COLOURS)[number]
        across = [(y, x, x + points * 1.8)] if ranges else []
        _draw(axes, [(middle, y, False)], across, number, points, colour, "key")

    return draw


def _split(blocks: list[Block], number: int) -> list[list[Block]]:
    """Deal blocks out to columns of nearly the same height, order kept; one long block is cut."""
    if number <= 1:
        return [blocks]
    if len(blocks) < number:
        return _cut(blocks, number)
    best = None
    for cuts in combinations(range(1, len(blocks)), number - 1):
        ends = (0, *cuts, len(blocks))
        parts = [blocks[a:b] for a, b in pairwise(ends)]
        tallest = max(sum(len(block.rows) + 1.25 * bool(block.heading) for block in part) for part in parts)
        if best is None or tallest < best[0]:
            best = (tallest, parts)
    return best[1] if best else [blocks]


def _cut(blocks: list[Block], number: int) -> list[list[Block]]:
    rows = [(block.heading, row) for block in blocks for row in block.rows]
    each = -(-len(rows) // number)
    columns = []
    for start in range(0, len(rows), each):
        part: list[Block] = []
        for name, row in rows[start : start + each]:
            if part and part[-1].heading == name:
                part[-1] = replace(part[-1], rows=(*part[-1].rows, row))
            else:
                part.append(Block(name, (row,)))
        columns.append(part)
    return columns
