"""One tile a province, placed as on the map: every province the same size, none too small to read.

Hands on :func:`plot_tiles`.
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
from portal_analysis.figures.colours import Colours, colour_key_height, draw_colour_key
from portal_analysis.figures.layout import Sheet, sheet
from portal_analysis.figures.places import PROVINCE_COLUMNS, Places, places
from portal_analysis.figures.reading import heading, read, whole
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.words import Labels, Words, hidden, short_value, words

LEAST = 6.6
STRIP = 3.4
"""Height of the striped edge of a flagged tile, in points."""

KEY_COLUMNS = 3


@dataclass(frozen=True)
class Tile:
    """A province, its place, and its row of the table, if there is one."""

    code: str
    abbr: str
    name: str
    row: int
    column: int
    value: dict[str, Any] | None


def plot_tiles(
    table: pd.DataFrame,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    province: str | None = None,
    limits: tuple[float, float] | None = None,
    labels: Labels | None = None,
    units: int = 63,
    source_note: str | None = None,
) -> Figure:
    """Draw one value a province as a grid of tiles.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with one row a province; total rows are left out.
    lang, size, title, subtitle, labels, units, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.
    province : str, optional
        The column of province codes; found by its name if not given.
    limits : (float, float), optional
        The values at the two ends of the colours; those of the table if not given.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. A flagged value's tile has a striped edge; a withheld or missing value's tile is white.

    Raises
    ------
    FigureError
        If the table is empty, has no province column, several rows for a province, or an unknown code.
    """
    form = style.size_of(size)
    province = province_column(whole(table), province)
    table = table[table[province].notna()]
    text = words(whole(table), lang, labels)
    where = places(units)
    values = by_province(table, province, where)
    head, under = heading(table, read(table, province, None), text, where, title, subtitle)
    tiles = [
        Tile(
            str(code),
            str(unit.abbr),
            str(getattr(unit, f"name_{lang}")),
            int(str(unit.tile_row)),
            int(str(unit.tile_col)),
            values.get(str(code)),
        )
        for code, unit in zip(where.units.index, where.units.itertuples(), strict=True)
    ]
    notes = (key_note(table, tiles, text),)
    with style.house(form):
        page = sheet(without_intervals(table), lang, form, head, under, source_note, extra_notes=notes)
        _Picture(page, table, text, tiles, limits).draw()
    shown = [Shown(tile.name, tile.value) for tile in sorted(tiles, key=_rank) if tile.value is not None]
    axes = text.say(
        "Each tile is a province, placed roughly as on the map; the darker, the more.",
        "Mỗi ô là một tỉnh, thành phố, đặt gần đúng vị trí trên bản đồ; màu càng đậm thì giá trị càng cao.",
    )
    page.finish(describe_figure("tiles", head, shown, text, axes, page.notes, under))
    return page.opened


def _rank(tile: Tile) -> float:
    return float("inf") if tile.value is None or hidden(tile.value) else -tile.value["estimate"]


def without_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table as a picture shows it that draws no interval."""
    return table.assign(ci_low=float("nan"), ci_high=float("nan"))


def province_column(table: pd.DataFrame, province: str | None) -> str:
    """Return the column of province codes."""
    names = domains_of(table)
    found = [province] if province else [name for name in PROVINCE_COLUMNS if name in names]
    if not found or found[0] not in names:
        raise FigureError(f"no column of provinces among {names}; name it with province=")
    return found[0]


def by_province(table: pd.DataFrame, province: str, where: Places) -> dict[str, dict[str, Any]]:
    """Return each province's row; unknown and repeated codes are an error."""
    codes = table[province].astype(str)
    unknown = sorted(set(codes) - set(where.units.index))
    if unknown:
        raise FigureError(
            f"not codes of the list of {len(where.units)} provinces: {unknown[:8]} in column {province!r}"
        )
    twice = sorted(codes[codes.duplicated()].unique())
    if twice:
        raise FigureError(
            f"several rows for the provinces {twice[:8]}; a map shows one value each: choose one first"
        )
    return dict(zip(codes, rows_of(table), strict=True))


def key_note(table: pd.DataFrame, tiles: list[Tile], text: Words) -> str:
    """Say what white tiles and striped edges are, if there are any."""
    parts = []
    if any(tile.value is None for tile in tiles):
        parts.append(text.say("White: no value.", "Ô trắng: không có số liệu."))
    if any(
        tile.value is not None and not hidden(tile.value) and style.is_doubtful(tile.value["flag"])
        for tile in tiles
    ):
        parts.append(text.say("Striped edge: flagged value.", "Cạnh sọc: giá trị cần lưu ý."))
    return " ".join(parts)


class _Picture:
    """Tiles on a sheet; the key to their colours stands where the map has none, else above it."""

    def __init__(
        self,
        page: Sheet,
        table: pd.DataFrame,
        text: Words,
        tiles: list[Tile],
        limits: tuple[float, float] | None,
    ) -> None:
        self.page, self.text, self.tiles = page, text, tiles
        self.colours = Colours(table, limits, text)
        self.rows = max(tile.row for tile in tiles) + 1
        self.columns = max(tile.column for tile in tiles) + 1
        self.width = page.width / self.columns
        self.flagged = any(_striped(tile) for tile in tiles)
        self.key_points = min(page.size.small, 10.0)
        self.gap = self._empty_rows()
        self.above = 0.0 if self.gap else colour_key_height(self.key_points)
        self.points, self.height, self.form = self._fit()

    def _empty_rows(self) -> tuple[int, int] | None:
        """Find the longest run of rows whose first three columns are empty: its first row and its length."""
        taken = {tile.row for tile in self.tiles if tile.column < KEY_COLUMNS}
        best, start = (0, 0), None
        for row in range(self.rows + 1):
            if row < self.rows and row not in taken:
                start = row if start is None else start
            elif start is not None:
                best, start = max(best, (row - start, start)), None
        return (best[1], best[0]) if best[0] >= 3 else None

    def _fit(self) -> tuple[float, float, str]:
        """Choose names or signs, on one line or above the value, in the largest text that fits."""
        limit = (self.page.room - self.above) / self.rows
        for form in ("name above", "name beside", "sign above", "sign beside"):
            points = min(self.page.size.small, 11.0)
            while points >= (7.6 if self.page.size.fixed else LEAST):
                height = self._needs(form, points)
                if height is not None and height <= limit:
                    return points, height, form
                points = round(points - 0.2, 1)
        return LEAST, self._needs("sign above", LEAST) or 20.0, "sign above"

    def _needs(self, form: str, points: float) -> float | None:
        """Return the height of a tile of this form, or None if some tile's text is too wide."""
        inside = self.width - points * 0.7
        strip = STRIP if self.flagged else 0.0
        if form.endswith("beside"):
            texts = [" ".join(self._texts(tile, form)) for tile in self.tiles]
            fits = all(style.text_size(text, points)[0] <= inside for text in texts)
            return points * 1.5 + strip if fits else None
        most = 1
        for tile in self.tiles:
            name, value = self._texts(tile, form)
            lines = style.wrap(name, inside, points)
            too_wide = style.text_size(value, points, "bold")[0] > inside
            if too_wide or " ".join(lines) != name or len(lines) > 2:
                return None
            most = max(most, len(lines))
        return points * ((most + 1) * 1.2 + 0.5) + strip

    def _texts(self, tile: Tile, form: str) -> tuple[str, str]:
        name = tile.name if form.startswith("name") else tile.abbr
        return name, short_value(tile.value, self.text) if tile.value is not None else ""

    def draw(self) -> None:
        """Draw the tiles and the key."""
        page = self.page
        page.open(self.above + self.rows * self.height)
        left, top, width = 0.0, 0.0, min(page.width, 10 * style.CM)
        if self.gap:
            width = KEY_COLUMNS * self.width - self.key_points
            top = (self.gap[0] + self.gap[1] / 2) * self.height - colour_key_height(self.key_points) / 2
        draw_colour_key(page, self.colours, self.text, left, top, width, self.key_points)
        axes = page.axes(0, self.above, page.width, self.rows * self.height)
        axes.set_xlim(0, self.columns * self.width)
        axes.set_ylim(self.rows * self.height, 0)
        axes.axis("off")
        axes.set_facecolor("none")
        for tile in self.tiles:
            self._draw_tile(axes, tile)

    def _draw_tile(self, axes: Axes, tile: Tile) -> None:
        gap = 1.4
        x, y = tile.column * self.width + gap / 2, tile.row * self.height + gap / 2
        wide, tall = self.width - gap, self.height - gap
        face = self.colours.of(tile.value)
        look: dict[str, Any] = {"edgecolor": style.RULE, "linewidth": 0.6}
        axes.add_artist(Rectangle((x, y), wide, tall, facecolor=face, gid=f"tile-{tile.code}", **look))
        strip = 0.0
        if _striped(tile):
            strip = STRIP
            look = {"facecolor": "white", "edgecolor": style.INK, "hatch": "////////", "linewidth": 0}
            place = (x, y + tall - strip)
            axes.add_artist(Rectangle(place, wide, strip, gid=f"flagged-{tile.code}", **look))
        self._write_tile(axes, tile, x + wide / 2, y + (tall - strip) / 2, style.ink_on(face))

    def _write_tile(self, axes: Axes, tile: Tile, x: float, y: float, ink: str) -> None:
        name, value = self._texts(tile, self.form)
        look: dict[str, Any] = {"color": ink, "fontsize": self.points, "ha": "center", "va": "center"}
        if self.form.endswith("beside"):
            axes.text(x, y, f"{name} {value}".strip(), gid="tile-text", **look)
            return
        lines = style.wrap(name, self.width - self.points * 0.7, self.points)
        pitch = self.points * 1.2
        top = y - pitch * (len(lines) - (0 if value else 1)) / 2
        for number, line in enumerate(lines):
            axes.text(x, top + number * pitch, line, gid="tile-text", **look)
        if value:
            axes.text(x, top + len(lines) * pitch, value, weight="bold", gid="value", **look)


def _striped(tile: Tile) -> bool:
    return tile.value is not None and not hidden(tile.value) and style.is_doubtful(tile.value["flag"])
