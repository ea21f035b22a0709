"""Values in a grid of rows and columns: shortcomings by province, criteria by round, shortcomings with each other.

Hands on :func:`plot_matrix` and :func:`plot_co_occurrence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from portal_analysis.estimates import domains_of, rows_of
from portal_analysis.figures import style
from portal_analysis.figures.alt import Shown, describe_figure
from portal_analysis.figures.colours import Colours, colour_key_height, draw_colour_key, yes_or_no
from portal_analysis.figures.layout import Sheet, label_rows, sheet
from portal_analysis.figures.places import PROVINCE_COLUMNS, REGIONS, Places, places
from portal_analysis.figures.reading import heading, name_of, read, whole
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.words import (
    Labels,
    Words,
    hidden,
    marks,
    plain_number,
    short_value,
    split_flags,
    words,
)

STRIP = 3.2
LEAST = 6.4


@dataclass(frozen=True)
class Grid:
    """What stands where: names of rows and columns, and the row of the table in each cell."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    codes: tuple[str, ...]
    cells: dict[tuple[int, int], dict[str, Any]]


def plot_matrix(
    table: pd.DataFrame,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    rows: str | None = None,
    columns: str | None = None,
    counts: bool | None = None,
    limits: tuple[float, float] | None = None,
    labels: Labels | None = None,
    units: int = 63,
    source_note: str | None = None,
) -> Figure:
    """Draw values as a grid: one row a province or criterion, one column a shortcoming, round or group.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES in which two columns vary.
    lang, size, title, subtitle, labels, units, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.
    rows, columns : str, optional
        The column with more values makes the rows if they are not given. Provinces are put by region.
    counts : bool, optional
        Write "12/63" instead of the estimate; done by default where the table has ``count`` and ``base``.
    limits : (float, float), optional
        The values at the two ends of the colours.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. A flagged cell has a striped edge; a cell without a value is white with a dash.

    Raises
    ------
    FigureError
        If the table is empty, mixes units, or not two columns vary.
    """
    text = words(whole(table), lang, labels)
    where = places(units)
    reading = read(table, rows, columns)
    if reading.group is None:
        raise FigureError(
            "only one column varies; a matrix needs rows and columns: draw it with plot_estimates"
        )
    head, under = heading(table, reading, text, where, title, subtitle)
    grid = _grid(table, reading.rows, reading.group, text, where)
    axes = text.say(
        f"Rows are {text.column(reading.rows)}, columns {text.column(reading.group)}; the darker, the more.",
        f"Hàng: {text.column(reading.rows)}; cột: {text.column(reading.group)}; màu càng đậm thì càng cao.",
    )
    return _draw("matrix", table, grid, text, size, head, under, axes, counts, limits, source_note)


def plot_co_occurrence(
    table: Any,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    first: str = "shortcoming",
    second: str = "with_shortcoming",
    labels: Labels | None = None,
    source_note: str | None = None,
) -> Figure:
    """Draw how many portals have two shortcomings together; the diagonal is how many have each.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES as ``co_occurrence(audit)`` gives it, of one round, with ``count`` and ``base``.
    lang, size, title, subtitle, labels, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.
    first, second : str
        The two columns of shortcomings.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. Each pair is drawn once, below the diagonal.

    Raises
    ------
    FigureError
        If the table is empty, lacks the columns, or has several rounds.
    """
    if not isinstance(table, pd.DataFrame) and hasattr(table, "judgements"):
        from portal_analysis.audit.shortcomings import co_occurrence

        table = co_occurrence(table)
    missing = [name for name in (first, second) if name not in domains_of(whole(table))]
    if missing:
        raise FigureError(f"no columns {missing}; the table is about {domains_of(table)}")
    named = dict(labels or {})
    text = words(table, lang, labels)
    for (column, value), told in text.labels.items():
        if column == first:
            named.setdefault((second, value), told)
    text = words(table, lang, named)
    reading = read(table, first, second)
    grid = _lower(_grid(table, first, second, text, places()))
    made = text.say("Shortcomings that occur together", "Các hạn chế cùng xuất hiện")
    _, under = heading(table, reading, text, places(), title, subtitle)
    axes = text.say(
        "A cell counts the portals that have both shortcomings; the diagonal those that have one.",
        "Mỗi ô đếm số cổng có cả hai hạn chế; đường chéo là số cổng có hạn chế đó.",
    )
    head = made if title is None else title
    return _draw("co-occurrence", table, grid, text, size, head, under, axes, None, None, source_note)


def _grid(table: pd.DataFrame, rows: str, columns: str, text: Words, where: Places) -> Grid:
    down = list(dict.fromkeys(table[rows]))
    if rows in PROVINCE_COLUMNS and where.knows(down):
        down.sort(key=lambda code: REGIONS.index(where.region(code)))
    across = list(dict.fromkeys(table[columns]))
    cells = {(down.index(row[rows]), across.index(row[columns])): row for row in rows_of(table)}
    return Grid(
        tuple(name_of(rows, value, text, where) for value in down),
        tuple(name_of(columns, value, text, where) for value in across),
        tuple(str(value) for value in across),
        cells,
    )


def _lower(grid: Grid) -> Grid:
    cells = {place: row for place, row in grid.cells.items() if place[1] <= place[0]}
    named = zip(grid.codes, grid.rows, strict=True)
    rows = tuple(name if name.startswith(code) else f"{code}: {name}" for code, name in named)
    return Grid(rows, grid.columns, grid.codes, cells)


def _draw(
    kind: str,
    table: pd.DataFrame,
    grid: Grid,
    text: Words,
    size: str,
    head: str,
    under: str,
    axes: str,
    counts: bool | None,
    limits: tuple[float, float] | None,
    source_note: str | None,
) -> Figure:
    form = style.size_of(size)
    counted = (
        ("count" in table and "base" in table and table["count"].notna().any()) if counts is None else counts
    )
    with style.house(form):
        plain = table.assign(ci_low=float("nan"), **({"n": float("nan")} if counted else {}))
        page = sheet(plain, text.lang, form, head, under, source_note)
        picture = _Picture(page, table, text, grid, bool(counted), limits)
        page = picture.page
        picture.draw()
    shown = [
        Shown(
            f"{grid.rows[row]} × {grid.columns[column]}"
            if row != column or kind == "matrix"
            else grid.rows[row],
            cell,
        )
        for (row, column), cell in sorted(grid.cells.items())
    ]
    page.finish(describe_figure(kind, head, shown, text, axes, page.notes, under))
    return page.opened


class _Picture:
    """A grid on a sheet: row names to the left, column names above; long column names give way to their codes."""

    def __init__(
        self,
        page: Sheet,
        table: pd.DataFrame,
        text: Words,
        grid: Grid,
        counted: bool,
        limits: tuple[float, float] | None,
    ) -> None:
        self.page, self.text, self.grid, self.counted = page, text, grid, counted
        self.yes_no = counted and _yes_no(grid)
        self.colours = Colours(table, limits, text, self.yes_no)
        self.values = {place: self._value(cell) for place, cell in grid.cells.items()}
        self.widest = max((style.text_size(value, 10)[0] for value in self.values.values()), default=0.0) / 10
        self.flagged = any(_striped(cell) for cell in grid.cells.values())
        self.blocks = self._blocks()
        points = min(page.size.small, 11.0)
        while not self._lay_out(points) and points > (7.6 if page.size.fixed else LEAST):
            points = round(points - 0.3, 1)
        self._lay_out(points)

    def _blocks(self) -> int:
        """Return into how many blocks side by side the rows are dealt."""
        wide = self.page.size.name in ("landscape", "slide")
        few_columns = len(self.grid.columns) <= 8
        return (
            3
            if wide and len(self.grid.rows) > 40 and few_columns
            else 2
            if wide and len(self.grid.rows) > 20 and few_columns
            else 1
        )

    def _lay_out(self, points: float) -> bool:
        """Measure everything at this size of text; tell whether it fits."""
        self.points = points
        gutter = points * 1.5
        self.block = (self.page.width - gutter * (self.blocks - 1)) / self.blocks
        self.step = self.block + gutter
        label = max(style.text_size(name, points)[0] for name in self.grid.rows) + points
        self.label = min(label, self.block * 0.4)
        self.cell = (self.block - self.label) / len(self.grid.columns)
        self.wrapped = [style.wrap(name, self.label - points * 0.8, points) for name in self.grid.rows]
        self.heads = self._heads(points)
        self.coded = self.heads is None
        if self.heads is None:
            self.heads = [style.wrap(code, self.cell - 2, points, "bold") for code in self.grid.codes]
        self.legend = self._legend(points)
        lines = max(len(lines) for lines in self.wrapped)
        few = self.blocks == 1 and len(self.grid.rows) <= 12
        self.height = points * (1.2 * lines + 0.1)
        self.height = max(self.height, min(40.0, self.cell * 0.5)) if few else self.height
        self.head = max(len(lines) for lines in self.heads) * points * 1.25 + points * 0.5
        self.key = colour_key_height(points)
        self.deep = -(-len(self.grid.rows) // self.blocks)
        self.write = self.widest * points < self.cell - 2 - (STRIP if self.flagged else 0.0)
        return self._body() <= self.page.room and self.write

    def _heads(self, points: float) -> list[list[str]] | None:
        """Return the column names wrapped to the cells, or None if a word or the lines are too long."""
        heads = []
        for name in self.grid.columns:
            lines = style.wrap(name, self.cell - points * 0.6, points, "bold")
            if " ".join(lines) != name or len(lines) > 5:
                return None
            heads.append(lines)
        return heads

    def _legend(self, points: float) -> list[str]:
        if not self.coded or all(
            name.startswith(f"{code}:") for code, name in zip(self.grid.codes, self.grid.rows, strict=False)
        ):
            return []
        lines = []
        for code, name in zip(self.grid.codes, self.grid.columns, strict=True):
            if code != name:
                lines += style.wrap(f"{code}: {name}", self.page.width, points)
        return lines

    def _body(self) -> float:
        legend = len(self.legend) * self.points * 1.3 + (self.points if self.legend else 0.0)
        return self.key + self.head + self.deep * self.height + legend

    def _value(self, cell: dict[str, Any]) -> str:
        if not self.counted or hidden(cell) or pd.isna(cell["count"]):
            return short_value(cell, self.text)
        if self.yes_no:
            return yes_or_no(cell["count"], self.text) + marks(split_flags(cell["flag"]))
        base = plain_number(cell["base"], self.text.lang, 0)
        return f"{plain_number(cell['count'], self.text.lang, 0)}/{base}" + marks(split_flags(cell["flag"]))

    def draw(self) -> None:
        """Draw key, names, cells and the names behind codes."""
        page, points = self.page, self.points
        page.open(self._body())
        draw_colour_key(page, self.colours, self.text, 0.0, 0.0, min(page.width, 10 * style.CM), points)
        for number in range(self.blocks):
            first = number * self.deep
            rows = range(first, min(first + self.deep, len(self.grid.rows)))
            self._draw_block(number * self.step, rows)
        top = self.key + self.head + self.deep * self.height + points
        for number, line in enumerate(self.legend):
            page.text(0, top + (number + 0.5) * points * 1.3, line, points, gid="legend")

    def _draw_block(self, left: float, rows: range) -> None:
        page, points = self.page, self.points
        across = self.cell * len(self.grid.columns)
        for column, lines in enumerate(self.heads or []):
            middle = left + self.label + (column + 0.5) * self.cell
            for number, line in enumerate(reversed(lines)):
                y = self.key + self.head - points * 0.4 - (number + 0.5) * points * 1.25
                page.text(middle, y, line, points, ha="center", weight="bold", gid="column")
        if not len(rows):
            return
        axes = page.axes(left + self.label, self.key + self.head, across, self.height * len(rows))
        axes.set_xlim(0, across)
        axes.set_ylim(self.height * len(rows), 0)
        axes.set_xticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        middles = [(number + 0.5) * self.height for number in range(len(rows))]
        label_rows(axes, middles, [self.wrapped[row] for row in rows], points, points * 0.4)
        for number, row in enumerate(rows):
            for column in range(len(self.grid.columns)):
                cell = self.grid.cells.get((row, column))
                if cell is not None:
                    self._draw_cell(axes, (row, column), cell, column * self.cell, number * self.height)

    def _draw_cell(
        self, axes: Axes, place: tuple[int, int], cell: dict[str, Any], x: float, y: float
    ) -> None:
        gap = 1.0
        wide, tall = self.cell - gap, self.height - gap
        face = self.colours.of(cell)
        edge: dict[str, Any] = {"edgecolor": style.RULE, "linewidth": 0.5, "clip_on": False}
        axes.add_artist(
            Rectangle(
                (x + gap / 2, y + gap / 2),
                wide,
                tall,
                facecolor=face,
                gid=f"cell-{place[0]}-{place[1]}",
                **edge,
            )
        )
        strip = STRIP if _striped(cell) else 0.0
        if strip:
            stripes: dict[str, Any] = {
                "facecolor": "white",
                "edgecolor": style.INK,
                "hatch": "////////",
                "linewidth": 0,
            }
            axes.add_artist(Rectangle((x + gap / 2, y + gap / 2), strip, tall, gid="flagged", **stripes))
        if self.write:
            middle = (x + gap / 2 + (wide + strip) / 2, y + gap / 2 + tall / 2)
            look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": self.points}
            axes.text(*middle, self.values[place], color=style.ink_on(face), gid="value", **look)


def _yes_no(grid: Grid) -> bool:
    """Tell whether every cell is about one portal only, so that it either has the thing or has not."""
    bases = [cell["base"] for cell in grid.cells.values() if not hidden(cell)]
    return bool(bases) and all(base == 1 for base in bases)


def _striped(cell: dict[str, Any]) -> bool:
    return not hidden(cell) and style.is_doubtful(cell["flag"])
