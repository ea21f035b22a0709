"""A map of the provinces with indicative boundaries, and boxes for the two archipelagos.

Hands on :func:`plot_map`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from portal_analysis import provinces
from portal_analysis.figures import style
from portal_analysis.figures.alt import Shown, describe_figure
from portal_analysis.figures.colours import Colours, colour_key_height, draw_colour_key
from portal_analysis.figures.layout import Sheet, sheet, write_lines
from portal_analysis.figures.places import Places, places
from portal_analysis.figures.reading import heading, read, whole
from portal_analysis.figures.tiles import by_province, province_column, without_intervals
from portal_analysis.figures.words import Labels, Words, hidden, short_value, words


def plot_map(
    table: pd.DataFrame,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    province: str | None = None,
    insets: bool = True,
    name: int = 3,
    limits: tuple[float, float] | None = None,
    labels: Labels | None = None,
    units: int = 63,
    source_note: str | None = None,
) -> Figure:
    """Draw one value a province on a map.

    The boundaries are indicative; a note under the map says so. Small provinces are hard to see: prefer
    :func:`~portal_analysis.figures.tiles.plot_tiles` where every province matters.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with one row a province; total rows are left out.
    lang, size, title, subtitle, labels, units, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.
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
        With ``portal_text``. Flagged provinces are hatched; withheld and missing ones are white.

    Raises
    ------
    FigureError
        If the table is empty, has no province column, several rows for a province, or an unknown code.
    """
    form = style.size_of(size)
    province = province_column(whole(table), province)
    table = whole(table[table[province].notna()])
    text = words(table, lang, labels)
    where = places(units)
    values = by_province(table, province, where)
    head, under = heading(table, read(table, province, None), text, where, title, subtitle)
    notes = (_key_note(values, where, text), provinces.boundary_note(lang))
    with style.house(form):
        page = sheet(without_intervals(table), lang, form, head, under, source_note, extra_notes=notes)
        _Picture(page, table, text, values, where, units, insets, name, limits).draw()
    shown = [Shown(where.name(code, lang), row) for code, row in sorted(values.items(), key=_rank)]
    axes = text.say(
        "Each province is coloured by its value; the darker, the more.",
        "Mỗi tỉnh, thành phố được tô màu theo giá trị; màu càng đậm thì giá trị càng cao.",
    )
    page.finish(describe_figure("map", head, shown, text, axes, page.notes, under))
    return page.opened


def _rank(item: tuple[str, dict[str, Any]]) -> float:
    return float("inf") if hidden(item[1]) else -item[1]["estimate"]


def _key_note(values: dict[str, dict[str, Any]], where: Places, text: Words) -> str:
    parts = []
    if len(values) < len(where.units) or any(hidden(row) for row in values.values()):
        parts.append(text.say("White: no value shown.", "Màu trắng: không có số liệu."))
    if any(_hatched(row) for row in values.values()):
        parts.append(text.say("Hatched: flagged value.", "Gạch chéo: giá trị cần lưu ý."))
    return " ".join(parts)


def _hatched(row: dict[str, Any] | None) -> bool:
    return row is not None and not hidden(row) and style.is_doubtful(row["flag"])


class _Picture:
    """The map to the left; key, list of ends and the boxes to the right of the coast."""

    def __init__(
        self,
        page: Sheet,
        table: pd.DataFrame,
        text: Words,
        values: dict[str, dict[str, Any]],
        where: Places,
        units: int,
        insets: bool,
        name: int,
        limits: tuple[float, float] | None,
    ) -> None:
        self.page, self.text, self.values, self.where = page, text, values, where
        self.colours = Colours(table, limits, text)
        self.units, self.insets, self.name = units, insets, name
        self.paths = outlines(units)
        corners = np.vstack([path.vertices for path in self.paths.values()])
        (self.west, self.south), (self.east, self.north) = corners.min(axis=0), corners.max(axis=0)
        self.points = min(page.size.small, 11.0)

    def draw(self) -> None:
        """Draw the map and what stands beside it."""
        page = self.page
        shrink = math.cos(math.radians((self.north + self.south) / 2))
        ratio = (self.north - self.south) / ((self.east - self.west) * shrink)
        share = 0.62 if page.size.name == "column" else 0.56
        height = page.body(min(page.width * share * ratio, 17 * style.CM))
        width = min(height / ratio, page.width * 0.62)
        height = width * ratio if not page.size.fixed else height
        page.open(height)
        axes = page.axes(0, 0, width, height)
        axes.set_xlim(self.west, self.east)
        axes.set_ylim(self.south, self.north)
        axes.set_aspect(1 / shrink, anchor="W")
        axes.axis("off")
        for code, path in self.paths.items():
            self._draw_province(axes, code, path)
        self._beside(width, height)

    def _draw_province(self, axes: Axes, code: str, path: Path) -> None:
        row = self.values.get(code)
        face = self.colours.of(row)
        axes.add_patch(
            PathPatch(
                path,
                facecolor=face,
                edgecolor="white" if row and not hidden(row) else style.MUTED,
                linewidth=0.4,
                gid=f"province-{code}",
            )
        )
        if _hatched(row):
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

    def _beside(self, width: float, height: float) -> None:
        """Place key, lists and boxes in the room to the right of the map; side by side where it is wide."""
        page, points = self.page, self.points
        left = width + points
        room = min(page.width - left, 46 * points)
        draw_colour_key(page, self.colours, self.text, left - points, 0.0, room + points, points)
        top = colour_key_height(points) + points
        across = 2 if room > 30 * points else 1
        each = (room - points * 2 * (across - 1)) / across
        ranked = sorted(((c, r) for c, r in self.values.items() if not hidden(r)), key=_rank)
        if len(ranked) > 2 * self.name > 0:
            ends = {self.text.say("Highest", "Cao nhất"): ranked[: self.name]}
            ends[self.text.say("Lowest", "Thấp nhất")] = ranked[-self.name :]
            tall = (self.name + 1) * points * 1.35 + points * 0.7
            for number, (name, items) in enumerate(ends.items()):
                place = (left + number % across * (each + points * 2), top + number // across * tall)
                self._list(*place, each, name, items)
            top += tall * len(ends) / across
        if self.insets:
            self._boxes(left, each, top, height, across)

    def _list(
        self, left: float, top: float, room: float, name: str, items: list[tuple[str, dict[str, Any]]]
    ) -> None:
        page, points = self.page, self.points
        pitch = points * 1.35
        page.text(left, top + pitch / 2, name, points, weight="bold", gid="list")
        for number, (code, row) in enumerate(items, start=1):
            y = top + (number + 0.5) * pitch
            page.text(left, y, self.where.name(code, self.text.lang), points, gid="list")
            page.text(left + room, y, short_value(row, self.text), points, ha="right", gid="list")

    def _boxes(self, left: float, room: float, top: float, height: float, across: int) -> None:
        """Draw the boxes of the archipelagos, each with its name, the province, and its colour."""
        points = self.points
        boxes = provinces.islands().query("inset").to_dict("records")
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
        code = str(row["gso63" if self.units == 63 else "gso34"])
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
        names = [str(row[f"name_{self.text.lang}"]), f"({self.where.name(code, self.text.lang)})"]
        lines = [line for text in names for line in style.wrap(text, room - points * 3, points)][:3]
        write_lines(axes, points * 2.4, tall / 2, lines, points, gid="inset")


def outlines(units: int) -> dict[str, Path]:
    """Return each province's outline as one path, by code; holes are drawn as holes."""
    found = {}
    for feature in provinces.boundaries(units)["features"]:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        rings = [np.asarray(ring, dtype=float)[:, :2] for polygon in polygons for ring in polygon]
        found[str(feature["id"])] = Path.make_compound_path(*[Path(ring, closed=True) for ring in rings])
    return found
