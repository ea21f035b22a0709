"""One tile a province, placed as on the map: every province the same size, none too small to read.

Hands on :func:`plot_tiles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from portal_analysis.figures import style
from portal_analysis.figures.blocks import one_unit
from portal_analysis.figures.colours import Colours, colour_key_height, draw_colour_key
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.layout import Sheet
from portal_analysis.figures.places import by_province, places, province_column, rank, ranked
from portal_analysis.figures.telling import Sentence, too_few
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import arrange, heading, whole
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading

LEAST = 6.6
STRIP = 3.4
"""Height of the striped edge of a flagged tile, in points."""

KEY_COLUMNS = 3


@dataclass(frozen=True)
class Tile:
    """A province, its place, and its line of the table, if there is one."""

    code: str
    abbr: str
    name: str
    row: int
    column: int
    line: Line | None

    @property
    def striped(self) -> bool:
        """Has it a striped edge, because its value needs care?"""
        return self.line is not None and self.line.doubtful


@figure()
def plot_tiles(
    reading: Reading,
    look: Look,
    province: str | None = None,
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Draw one value a province as a grid of tiles, of the list (63 or 34) that the table's codes are of.

    Every province has the same room, so that small ones are seen as well as large ones;
    :func:`~portal_analysis.figures.maps.plot_map` draws them as they lie.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with one row a province; total rows are left out.
    province : str, optional
        The column of province codes; found by its name if not given.
    limits : (float, float), optional
        The values at the two ends of the colours; those of the table if not given.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. A flagged value's tile has a striped edge; a withheld or missing value's tile is white.
        Where fewer than a quarter of the values can be published, a sentence that names them stands in its place.

    Raises
    ------
    FigureError
        If the table is empty, has no province column, several rows for a province, or an unknown code.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> rates = pa.proportion(papi, "internet_home", by="province")
    >>> figure = pa.plot_tiles(rates)
    >>> print(figure.portal_text.title)
    Has internet at home by province
    """
    one_unit(reading)
    province = province_column(reading.table, province)
    reading = reading.subset(whole(reading.table[reading.table[province].notna()]))
    where = places(reading)
    values = by_province(reading, province, where)
    found = arrange(reading.table, province)
    if too_few(reading.lines):
        heads = heading(reading, found, look.title, look.subtitle)
        return Sentence(reading, heads, [(where.name(code), line) for code, line in ranked(values)])
    tiles = [
        Tile(
            str(code),
            str(unit.abbr),
            where.name(code),
            int(str(unit.tile_row)),
            int(str(unit.tile_col)),
            values.get(str(code)),
        )
        for code, unit in zip(where.units.index, where.units.itertuples(), strict=True)
    ]
    picture = _Tiles(reading, heading(reading, found, look.title, look.subtitle), tiles, limits)
    picture.notes = key_notes(reading, any(tile.line is None for tile in tiles), "note.striped")
    return picture


def key_notes(reading: Reading, empty: bool, flagged: str) -> tuple[str, ...]:
    """Say what white places and marked ones are, if there are any."""
    white = empty or any(line.hidden for line in reading.lines)
    parts = [reading.word("note.white")] if white else []
    if reading.all_doubtful:
        parts.append(reading.word("note.all_flagged"))
    elif any(line.doubtful for line in reading.lines):
        parts.append(reading.word(flagged))
    return (" ".join(parts),) if parts else ()


class _Tiles(Picture):
    """Tiles on a sheet; the key to their colours stands where the map has none, else above it."""

    kind = "tiles"
    tells = ("n",)

    def __init__(
        self,
        reading: Reading,
        heads: tuple[str, str],
        tiles: list[Tile],
        limits: tuple[float, float] | None,
    ) -> None:
        super().__init__(reading, heads)
        self.tiles, self.limits = tiles, limits
        self.axes = reading.word("alt.tile")

    def shown(self) -> list[Shown]:
        """Return the provinces, the highest first."""
        ordered = sorted(self.tiles, key=lambda tile: rank(tile.line))
        return [Shown(tile.name, tile.line) for tile in ordered if tile.line is not None]

    def measure(self, page: Sheet) -> float:
        """Choose what stands in the tiles, and the size of the text."""
        self.page = page
        self.colours = Colours(self.reading, self.limits)
        self.rows = max(tile.row for tile in self.tiles) + 1
        self.columns = max(tile.column for tile in self.tiles) + 1
        self.width = page.width / self.columns
        self.flagged = any(tile.striped for tile in self.tiles) and not self.reading.all_doubtful
        self.key_points = page.size.most(10.0)
        self.gap = self._empty_rows()
        self.above = 0.0 if self.gap else colour_key_height(self.key_points)
        self.points, self.height, self.form = self._fit()
        return self.above + self.rows * self.height

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
            points = self.page.size.most(11.0)
            while points >= self.page.size.floor(LEAST):
                height = self._needs(form, points)
                if height is not None and height <= limit:
                    return points, height, form
                points = round(points - 0.2, 1)
        least = self.page.size.least or LEAST
        return least, self._needs("sign above", least) or 20.0, "sign above"

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
        return name, tile.line.short if tile.line is not None else ""

    def draw(self) -> None:
        """Draw the tiles and the key."""
        page = self.page
        left, top, width = 0.0, 0.0, min(page.width, 10 * style.CM)
        if self.gap:
            width = KEY_COLUMNS * self.width - self.key_points
            top = (self.gap[0] + self.gap[1] / 2) * self.height - colour_key_height(self.key_points) / 2
        draw_colour_key(page, self.colours, self.reading, left, top, width, self.key_points)
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
        face = self.colours.of(tile.line)
        look: dict[str, Any] = {"edgecolor": style.RULE, "linewidth": 0.6}
        axes.add_artist(Rectangle((x, y), wide, tall, facecolor=face, gid=f"tile-{tile.code}", **look))
        strip = 0.0
        if tile.striped and self.flagged:
            strip = STRIP
            look = {"facecolor": "white", "edgecolor": style.INK, "hatch": "////////", "linewidth": 0}
            place = (x, y + tall - strip)
            axes.add_artist(Rectangle(place, wide, strip, gid=f"flagged-{tile.code}", **look))
        self._write_tile(axes, tile, x + wide / 2, y + (tall - strip) / 2, style.ink_on(face))
        if tile.line is not None:
            self.anchor(tile.line, axes, x + wide / 2, y + tall / 2)
        if self.emphasis.stands_out(tile.line):
            thick: dict[str, Any] = {
                "facecolor": "none",
                "edgecolor": style.INK,
                "linewidth": 2.2,
                "zorder": 5,
            }
            axes.add_artist(Rectangle((x + 0.6, y + 0.6), wide - 1.2, tall - 1.2, gid="highlight", **thick))

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
