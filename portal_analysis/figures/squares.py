"""Values in a grid of rows and columns: shortcomings by province, criteria by round, shortcomings with each other.

Hands on :func:`plot_matrix` and :func:`plot_co_occurrence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.shortcomings import co_occurrence
from portal_analysis.figures import style
from portal_analysis.figures.blocks import one_unit
from portal_analysis.figures.colours import Colours, colour_key_height, draw_colour_key, yes_or_no
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.layout import Sheet, label_rows
from portal_analysis.figures.places import REGIONS, Places, places
from portal_analysis.figures.style import FigureError
from portal_analysis.language import numbers
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import arrange, heading
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading
from portal_analysis.shape import PROVINCE_COLUMNS, domains_of

STRIP = 3.2
LEAST = 6.4


@dataclass(frozen=True)
class Grid:
    """What stands where: names of rows and columns, and the line of the table in each cell."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    codes: tuple[str, ...]
    cells: dict[tuple[int, int], Line]


@figure()
def plot_matrix(
    reading: Reading,
    look: Look,
    rows: str | None = None,
    columns: str | None = None,
    counts: bool | None = None,
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Draw values as a grid: one row a province or criterion, one column a shortcoming, round or group.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES in which two columns vary.
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
        If the table is empty, mixes units, not two columns vary, or counts are asked for that are not there.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> figure = pa.plot_matrix(pa.shortcomings(latest), rows="shortcoming", columns="rule")
    >>> print(figure.portal_text.title)
    Portals that have each shortcoming by rule
    """
    one_unit(reading)
    if counts and not any(line.counted for line in reading.lines):
        raise FigureError("counts=True needs the columns 'count' and 'base'")
    found = arrange(reading.table, rows, columns)
    if found.group is None:
        raise FigureError(
            "only one column varies; a matrix needs rows and columns: draw it with plot_estimates"
        )
    heads = heading(reading, found, look.title, look.subtitle)
    grid = _grid(reading, found.rows, found.group, places(reading))
    picture = _Squares(reading, heads, grid, counts, limits)
    named = {"rows": reading.names.column(found.rows), "columns": reading.names.column(found.group)}
    picture.axes = reading.word("alt.grid", **named)
    return picture


def _together(given: Any) -> pd.DataFrame:
    return co_occurrence(given) if isinstance(given, Audit) else given


@figure(_together)
def plot_co_occurrence(
    reading: Reading, look: Look, first: str = "shortcoming", second: str = "with_shortcoming"
) -> Picture:
    """Draw how many portals have two shortcomings together; the diagonal is how many have each.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES as ``co_occurrence(audit)`` gives it, of one round, with ``count`` and ``base``.
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

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> figure = pa.plot_co_occurrence(pa.co_occurrence(latest))
    >>> print(figure.portal_text.title)
    Shortcomings that occur together
    """
    missing = [name for name in (first, second) if name not in domains_of(reading.table)]
    if missing:
        raise FigureError(f"no columns {missing}; the table is about {domains_of(reading.table)}")
    found = arrange(reading.table, first, second)
    heads = heading(reading, found, look.title, look.subtitle, reading.word("title.together"))
    picture = _Squares(reading, heads, _lower(_grid(reading, first, second, places(reading))), None, None)
    picture.kind, picture.axes = "co_occurrence", reading.word("alt.pairs")
    return picture


def _grid(reading: Reading, rows: str, columns: str, where: Places) -> Grid:
    down, across = ({line.row[name]: line.named(name) for line in reading.lines} for name in (rows, columns))
    codes = list(down)
    if rows in PROVINCE_COLUMNS and where.knows(codes):
        codes.sort(key=lambda code: REGIONS.index(where.region(code)))
    over = list(across)
    cells = {(codes.index(line.row[rows]), over.index(line.row[columns])): line for line in reading.lines}
    names = tuple(down[code] for code in codes)
    return Grid(names, tuple(across.values()), tuple(str(value) for value in over), cells)


def _lower(grid: Grid) -> Grid:
    cells = {place: line for place, line in grid.cells.items() if place[1] <= place[0]}
    named = zip(grid.codes, grid.rows, strict=True)
    rows = tuple(name if name.startswith(code) else f"{code}: {name}" for code, name in named)
    return Grid(rows, grid.columns, grid.codes, cells)


class _Squares(Picture):
    """A grid on a sheet: row names to the left, column names above; long column names give way to their codes."""

    kind = "matrix"

    def __init__(
        self,
        reading: Reading,
        heads: tuple[str, str],
        grid: Grid,
        counts: bool | None,
        limits: tuple[float, float] | None,
    ) -> None:
        super().__init__(reading, heads)
        self.grid, self.limits = grid, limits
        self.counted = any(line.counted for line in reading.lines) if counts is None else counts
        self.tells = () if self.counted else ("n",)
        self.yes_no = self.counted and _yes_no(grid)
        self.values = {place: self._value(cell) for place, cell in grid.cells.items()}

    def shown(self) -> list[Shown]:
        """Return the cells, row by row; a count is told as it stands in its cell."""
        alone = self.kind == "co_occurrence"
        return [
            Shown(
                self.grid.rows[row]
                if alone and row == column
                else f"{self.grid.rows[row]} × {self.grid.columns[column]}",
                cell,
                text=self._counted(cell) if self.counted and cell.counted and not cell.hidden else "",
            )
            for (row, column), cell in sorted(self.grid.cells.items())
        ]

    def measure(self, page: Sheet) -> float:
        """Choose the size of the text, and into how many blocks the rows are dealt."""
        self.page = page
        self.colours = Colours(self.reading, self.limits, self.yes_no)
        self.widest = max((style.text_size(value, 10)[0] for value in self.values.values()), default=0.0) / 10
        self.flagged = any(cell.doubtful for cell in self.grid.cells.values())
        self.blocks = self._blocks()
        points = page.size.most(11.0)
        while not self._lay_out(points) and points > page.size.floor(LEAST):
            points = max(round(points - 0.3, 1), page.size.least)
        self._lay_out(points)
        return self._body()

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
        self.above = self._heads(points)
        self.coded = self.above is None
        if self.above is None:
            self.above = [style.wrap(code, self.cell - 2, points, "bold") for code in self.grid.codes]
        self.legend = self._legend(points)
        lines = max(len(lines) for lines in self.wrapped)
        few = self.blocks == 1 and len(self.grid.rows) <= 12
        self.height = points * (1.2 * lines + 0.1)
        self.height = max(self.height, min(40.0, self.cell * 0.5)) if few else self.height
        self.head = max(len(lines) for lines in self.above) * points * 1.25 + points * 0.5
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

    def _value(self, cell: Line) -> str:
        if not self.counted or cell.hidden or not cell.counted:
            return cell.short
        return self._counted(cell) + cell.marks

    def _counted(self, cell: Line) -> str:
        if self.yes_no:
            return yes_or_no(cell.row["count"], self.reading)
        return "/".join(numbers.count(cell.row[name], cell.lang) for name in ("count", "base"))

    def draw(self) -> None:
        """Draw key, names, cells and the names behind codes."""
        page, points = self.page, self.points
        draw_colour_key(page, self.colours, self.reading, 0.0, 0.0, min(page.width, 10 * style.CM), points)
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
        for column, lines in enumerate(self.above or []):
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

    def _draw_cell(self, axes: Axes, place: tuple[int, int], cell: Line, x: float, y: float) -> None:
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
        strip = STRIP if cell.doubtful else 0.0
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
        self.anchor(cell, axes, x + gap / 2 + wide / 2, y + gap / 2 + tall / 2)
        if self.emphasis.stands_out(cell):
            thick: dict[str, Any] = {
                "facecolor": "none",
                "edgecolor": style.INK,
                "linewidth": 2.0,
                "zorder": 5,
            }
            axes.add_artist(Rectangle((x + gap, y + gap), wide - gap, tall - gap, gid="highlight", **thick))


def _yes_no(grid: Grid) -> bool:
    """Tell whether every cell is about one portal only, so that it either has the thing or has not."""
    bases = [cell.row.get("base") for cell in grid.cells.values() if not cell.hidden]
    return bool(bases) and all(base == 1 for base in bases)
