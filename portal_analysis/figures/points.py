"""Dots with their intervals, one row a domain.

Hands on :func:`plot_estimates`, the figure for any table of estimates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes

from portal_analysis.figures import scales, style
from portal_analysis.figures.blocks import (
    Block,
    Row,
    blocks_of,
    default_regions,
    groups_of,
    member,
    one_unit,
    section_blocks,
    split_columns,
)
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.dots import Dot, draw_dots, draw_sample
from portal_analysis.figures.layout import PITCH, Sheet, draw_key, key_height, label_rows
from portal_analysis.figures.places import places
from portal_analysis.figures.style import FigureError
from portal_analysis.language import numbers
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import (
    Arrangement,
    arrange,
    axis_words,
    heading,
    sections,
)
from portal_analysis.language.line import DOUBTFUL, MARKS, Line
from portal_analysis.language.reading import Reading

LEAST = 7.0
"""No text inside a picture is smaller than this, in points."""

PANEL_GAP = 0.9
"""Between the small pictures of the regions, in letters' heights."""


@dataclass(frozen=True)
class Measures:
    """Sizes of a picture in points, once it is known how its columns are laid out."""

    text: float
    pitch: float
    label: float
    value: float
    plot: float
    gutter: float
    heights: dict[Row, float]


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
        blocks = section_blocks(parts.parts, found, groups, bool(sort))
    else:
        if regions in (True, None):
            regions = default_regions(reading, found, where) if regions is None else "bands"
        blocks = blocks_of(reading, found, groups, where, sort, bool(regions))
    picture = Dots(reading, heading(reading, found, look.title, look.subtitle))
    names = [member(reading, found.group, one) for one in groups if found.group]
    picture.lay(blocks, names, columns, values, sectioned=parts is not None)
    picture.panels = regions == "panels"
    picture.axes = _axes_text(reading, found, picture.names)
    picture.notes = () if picture.write else dot_notes(reading, reading.lines)
    return picture


def dot_notes(reading: Reading, lines: Sequence[Line]) -> tuple[str, ...]:
    """Say what hollow and absent dots are where no values with their signs stand beside them."""
    hidden = sum(line.withheld for line in lines)
    flags = dict.fromkeys(
        flag for line in lines if not line.hidden for flag in line.flags if flag in DOUBTFUL
    )
    signs = " ".join(MARKS[flag] for flag in flags)
    told = [reading.word("note.hollow", signs=signs)] if signs else []
    if hidden:
        count, whole = (numbers.count(one, reading.lang) for one in (hidden, len(lines)))
        told.append(reading.word("note.no_dot", count=count, all=whole))
    return (" ".join(told),) if told else ()


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
            split = split_columns(self.blocks, number)
            for points, leading in self._texts(number):
                last = (split, self._measure(split, len(split), points, leading))
                if self._fits(*last):
                    return last
        if last is None:
            raise FigureError("there is nothing to draw")
        if columns and last[1].plot <= 0:
            raise FigureError(f"columns is {columns!r}; so many have no room beside each other")
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
        heights = {row: self._tall(row, label, points, pitch) for row in self.rows}
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
        return sum(m.heights[row] for block in blocks for row in block.rows) + heads + extra

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
                tall = m.heights[row]
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
        """Tell whether a row stands out as a whole."""
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
