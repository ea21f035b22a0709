"""A map of the provinces with indicative boundaries, and boxes for the two archipelagos.

Hands on :func:`plot_map`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from portal_analysis import provinces
from portal_analysis.figures import style
from portal_analysis.figures.blocks import one_unit
from portal_analysis.figures.colours import Colours, colour_key_height, draw_colour_key
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.layout import Sheet, write_lines
from portal_analysis.figures.places import Places, by_province, places, province_column, ranked
from portal_analysis.figures.telling import Sentence, too_few
from portal_analysis.figures.tiles import key_notes
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import arrange, heading, whole
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading
from portal_analysis.languages import text_of, texts_in


@figure()
def plot_map(
    reading: Reading,
    look: Look,
    province: str | None = None,
    insets: bool = True,
    name: int = 3,
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Draw one value a province on a map, of the list (63 or 34) that the table's codes are of.

    The boundaries are indicative; a note under the map says so. Small provinces are hard to see: prefer
    :func:`~portal_analysis.figures.tiles.plot_tiles` where every province matters.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with one row a province; total rows are left out.
    province : str, optional
        The column of province codes; found by its name if not given.
    insets : bool
        Draw labelled boxes for Hoàng Sa and Trường Sa, coloured like the province that they belong to.
    name : int
        So many of the highest and of the lowest provinces are listed beside the map.
    limits : (float, float), optional
        The values at the two ends of the colours.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. Flagged provinces are hatched, unless all are; withheld and missing ones are white.
        Where fewer than a quarter of the values can be published, a sentence that names them stands in its place.

    Raises
    ------
    FigureError
        As of :func:`~portal_analysis.figures.plot_tiles`.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> rates = pa.proportion(pa.load_survey("papi-simulated"), "internet_home", by="province")
    >>> figure = pa.plot_map(rates, lang="vi")
    >>> print(figure.portal_text.title)
    Có kết nối internet tại nhà theo tỉnh, thành phố
    """
    one_unit(reading)
    province = province_column(reading.table, province)
    reading = reading.subset(whole(reading.table[reading.table[province].notna()]))
    where = places(reading)
    values = by_province(reading, province, where)
    found = arrange(reading.table, province)
    heads = heading(reading, found, look.title, look.subtitle)
    if too_few(reading.lines):
        return Sentence(reading, heads, [(where.name(code), line) for code, line in ranked(values)])
    picture = _Map(reading, heads, values, where)
    picture.insets, picture.name, picture.limits = insets, name, limits
    empty = len(values) < len(where.units)
    picture.notes = (*key_notes(reading, empty, "note.hatched"), provinces.boundary_note(reading.lang))
    return picture


class _Map(Picture):
    """The map to the left; key, list of ends and the boxes to the right of the coast."""

    kind = "map"
    tells = ("n",)
    insets: bool
    name: int
    limits: tuple[float, float] | None

    def __init__(
        self, reading: Reading, heads: tuple[str, str], values: dict[str, Line], where: Places
    ) -> None:
        super().__init__(reading, heads)
        self.values, self.where = values, where
        self.axes = reading.word("alt.province")

    def shown(self) -> list[Shown]:
        """Return the provinces, the highest first."""
        return [Shown(self.where.name(code), line) for code, line in ranked(self.values)]

    def measure(self, page: Sheet) -> float:
        """Choose the size of the map."""
        self.page = page
        self.colours = Colours(self.reading, self.limits)
        self.paths = outlines(self.reading.names.units)
        corners = np.vstack([path.vertices for path in self.paths.values()])
        (self.west, self.south), (self.east, self.north) = corners.min(axis=0), corners.max(axis=0)
        self.points = page.size.most(11.0)
        self.shrink = math.cos(math.radians((self.north + self.south) / 2))
        ratio = (self.north - self.south) / ((self.east - self.west) * self.shrink)
        share = 0.62 if page.size.name == "column" else 0.56
        height = page.body(min(page.width * share * ratio, 17 * style.CM))
        self.wide = min(height / ratio, page.width * 0.62)
        self.height = self.wide * ratio if not page.size.fixed else height
        return self.height

    def draw(self) -> None:
        """Draw the map and what stands beside it."""
        axes = self.page.axes(0, 0, self.wide, self.height)
        axes.set_xlim(self.west, self.east)
        axes.set_ylim(self.south, self.north)
        axes.set_aspect(1 / self.shrink, anchor="W")
        axes.axis("off")
        for code, path in self.paths.items():
            self._draw_province(axes, code, path)
            if (line := self.values.get(code)) is not None:
                box = path.get_extents()
                self.anchor(line, axes, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
        self._beside(self.wide, self.height)

    def _draw_province(self, axes: Axes, code: str, path: Path) -> None:
        row = self.values.get(code)
        face = self.colours.of(row)
        axes.add_patch(
            PathPatch(
                path,
                facecolor=face,
                edgecolor="white" if row and not row.hidden else style.MUTED,
                linewidth=0.4,
                gid=f"province-{code}",
            )
        )
        if row is not None and row.doubtful and not self.reading.all_doubtful:
            axes.add_patch(
                PathPatch(
                    path,
                    facecolor="none",
                    edgecolor=style.ink_on(face),
                    hatch="////",
                    linewidth=0,
                    gid=f"flagged-{code}",
                )
            )

        if self.emphasis.stands_out(row):
            thick: dict[str, Any] = {
                "facecolor": "none",
                "edgecolor": style.INK,
                "linewidth": 1.6,
                "zorder": 5,
            }
            axes.add_patch(PathPatch(path, gid="highlight", **thick))

    def _beside(self, width: float, height: float) -> None:
        """Place key, lists and boxes in the room to the right of the map; side by side where it is wide."""
        page, points = self.page, self.points
        left = width + points
        room = min(page.width - left, 46 * points)
        draw_colour_key(page, self.colours, self.reading, left - points, 0.0, room + points, points)
        top = colour_key_height(points) + points
        across = 2 if room > 30 * points else 1
        each = (room - points * 2 * (across - 1)) / across
        seen = [(code, line) for code, line in ranked(self.values) if not line.hidden]
        if len(seen) > 2 * self.name > 0:
            ends = {self.reading.word("key.highest"): seen[: self.name]}
            ends[self.reading.word("key.lowest")] = seen[-self.name :]
            tall = (self.name + 1) * points * 1.35 + points * 0.7
            for number, (name, items) in enumerate(ends.items()):
                place = (left + number % across * (each + points * 2), top + number // across * tall)
                self._list(*place, each, name, items)
            top += tall * len(ends) / across
        if self.insets:
            self._boxes(left, each, top, height, across)

    def _list(self, left: float, top: float, room: float, name: str, items: list[tuple[str, Line]]) -> None:
        page, points = self.page, self.points
        pitch = points * 1.35
        page.text(left, top + pitch / 2, name, points, weight="bold", gid="list")
        for number, (code, row) in enumerate(items, start=1):
            y = top + (number + 0.5) * pitch
            page.text(left, y, self.where.name(code), points, gid="list")
            page.text(left + room, y, row.short, points, ha="right", gid="list")

    def _boxes(self, left: float, room: float, top: float, height: float, across: int) -> None:
        """Draw the boxes of the archipelagos, each with its name, the province, and its colour."""
        points = self.points
        boxes = provinces.islands().query("inset").to_dict("records")
        names = [line for row in boxes for line in self._island(row)]
        room = min(
            room, max(style.text_size(name, points)[0] for name in names) + points * 3.4, self.wide * 0.9
        )
        tall = points * 4.0
        needed = (tall + points * 0.6) * len(boxes) / across
        start = max(top, min(height * 0.45, height - needed))
        for number, row in enumerate(boxes):
            place = (
                left + number % across * (room + points * 2),
                start + number // across * (tall + points * 0.6),
            )
            self._box(*place, room, tall, row)

    def _box(self, left: float, top: float, room: float, tall: float, row: dict[Any, Any]) -> None:
        points = self.points
        code = str(row[f"gso{self.reading.names.units}"])
        axes = self.page.axes(left, top, room, tall)
        axes.set_xlim(0, room)
        axes.set_ylim(tall, 0)
        axes.axis("off")
        edge: dict[str, Any] = {"facecolor": "white", "edgecolor": style.MUTED, "linewidth": 0.8}
        axes.add_patch(Rectangle((0.8, 0.8), room - 1.6, tall - 1.6, gid=f"inset-{row['island']}", **edge))
        dot: dict[str, Any] = {"c": [self.colours.of(self.values.get(code))], "edgecolors": style.MUTED}
        axes.scatter(
            [points * 1.3], [tall / 2], s=(points * 1.1) ** 2, linewidths=0.6, gid="inset-dot", **dot
        )
        lines = [line for text in self._island(row) for line in style.wrap(text, room - points * 3, points)][
            :3
        ]
        write_lines(axes, points * 2.4, tall / 2, lines, points, gid="inset")

    def _island(self, row: dict[Any, Any]) -> tuple[str, str]:
        """Name an archipelago and the province that it belongs to."""
        name = text_of(texts_in(row, "name"), self.reading.lang)
        return name, f"({self.where.name(str(row[f'gso{self.reading.names.units}']))})"


def outlines(units: int) -> dict[str, Path]:
    """Return each province's outline as one path, by code; holes are drawn as holes."""
    found = {}
    for feature in provinces.boundaries(units)["features"]:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        rings = [np.asarray(ring, dtype=float)[:, :2] for polygon in polygons for ring in polygon]
        found[str(feature["id"])] = Path.make_compound_path(*[Path(ring, closed=True) for ring in rings])
    return found
