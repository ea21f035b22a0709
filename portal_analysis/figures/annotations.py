"""Words beside a value: placed where nothing else stands, with a thin line to the value.

Hands on :func:`annotate`, which says which words found no room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import LineCollection
from matplotlib.figure import FigureBase
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from portal_analysis.figures import style
from portal_analysis.figures.emphasis import codes_of
from portal_analysis.figures.layout import PITCH
from portal_analysis.figures.style import FigureError
from portal_analysis.language.catalogue import in_language, nfc
from portal_analysis.language.labels import code_text
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading

WIDEST = 15.0
"""Words longer than so many letters' heights are broken into lines."""

WAYS = ((1, 0), (0, 1), (1, 1), (1, -1), (0, -1), (-1, 1), (-1, -1), (-1, 0))
STEPS = (1.1, 2.0, 3.2, 4.6, 7.0, 10.0)
"""Directions and distances (in letters' heights) that are tried, the best first."""


@dataclass(frozen=True)
class Anchor:
    """Where a line's value is drawn, in the data of its axes."""

    line: Line
    axes: Axes
    x: float
    y: float

    @property
    def place(self) -> tuple[float, float]:
        """The place on the figure, in dots."""
        x, y = self.axes.transData.transform((self.x, self.y))
        return float(x), float(y)


@dataclass(frozen=True)
class Said:
    """Words beside the value of a line."""

    line: Line
    text: str


def words(reading: Reading, given: Mapping[Any, Any] | None, part: bool = False) -> dict[Any, Said]:
    """Return the words of each line that a code, or a tuple of codes that all fit, names; by that key.

    A part of a table may lack lines that are named.

    Raises
    ------
    FigureError
        If a code names no row, or several.
    """
    found = {}
    for key, text in (given or {}).items():
        codes = {code_text(one).casefold() for one in (key if isinstance(key, tuple) else (key,))}
        lines = [line for line in reading.lines if codes <= set(codes_of(line))]
        if part and not lines:
            continue
        if len(lines) != 1:
            raise FigureError(
                f"annotate: {key!r} names {len(lines)} rows and must name one; give several codes as a tuple"
            )
        found[key] = Said(lines[0], nfc(in_language(text, reading.lang)))
    return found


def annotate(
    figure: FigureBase, anchors: Sequence[Anchor], told: Mapping[Any, Said], points: float
) -> list[Any]:
    """Write words beside the values of their lines; return the keys of those that found no room."""
    if not told:
        return []
    with mpl.rc_context(
        {"text.hinting": "no_hinting"}
    ):  # as it is drawn: matplotlib keeps what it once measured
        return _annotated(figure, anchors, told, points)


def _annotated(
    figure: FigureBase, anchors: Sequence[Anchor], told: Mapping[Any, Said], points: float
) -> list[Any]:
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    scale = figure.dpi / 72  # type: ignore[attr-defined]
    taken = list(_taken(figure, renderer, anchors, points * scale))
    lost = []
    for key, said in told.items():
        anchor = next((one for one in anchors if one.line.row is said.line.row), None)
        if anchor is None or not _write(anchor, said.text, points, scale, taken):
            lost.append(key)
    return lost


def _write(anchor: Anchor, text: str, points: float, scale: float, taken: list[Bbox]) -> bool:
    """Write words in the first free place round an anchor; tell whether there is one."""
    lines = style.wrap(text, points * WIDEST, points)
    wide = max(style.text_size(line, points)[0] for line in lines) * scale
    tall = len(lines) * points * PITCH * scale
    room = anchor.axes.get_window_extent()
    lands = [
        patch.get_transform().transform_path(patch.get_path())
        for patch in anchor.axes.patches
        if isinstance(patch, PathPatch)
    ]
    x, y = anchor.place
    for step, (across, up) in product(STEPS, WAYS):
        middle = (
            x + across * (step * points * scale + wide / 2),
            y + up * (step * points * scale + tall / 2),
        )
        box = Bbox.from_bounds(middle[0] - wide / 2, middle[1] - tall / 2, wide, tall)
        inside = box.x0 >= room.x0 and box.x1 <= room.x1 and box.y0 >= room.y0 and box.y1 <= room.y1
        clear = not any(box.overlaps(other) for other in taken)
        if inside and clear and not any(land.intersects_bbox(box, filled=True) for land in lands):
            _draw(anchor, lines, points, middle, box)
            taken.append(box)
            return True
    return False


def _draw(
    anchor: Anchor, lines: Sequence[str], points: float, middle: tuple[float, float], box: Bbox
) -> None:
    axes = anchor.axes
    back = axes.transAxes.inverted()
    near = (min(max(anchor.place[0], box.x0), box.x1), min(max(anchor.place[1], box.y0), box.y1))
    ends = back.transform([anchor.place, near])
    thin: dict[str, Any] = {"color": style.MUTED, "linewidth": 0.7, "zorder": 2, "gid": "annotation-line"}
    axes.plot(ends[:, 0], ends[:, 1], transform=axes.transAxes, scalex=False, scaley=False, **thin)
    pitch = (box.y1 - box.y0) / len(lines)
    for number, line in enumerate(lines):
        across, up = back.transform((middle[0], middle[1] + (len(lines) / 2 - 0.5 - number) * pitch))
        look: dict[str, Any] = {"transform": axes.transAxes, "fontsize": points, "zorder": 6}
        axes.text(
            float(across), float(up), line, ha="center", va="center", style="italic", gid="annotation", **look
        )


def _taken(
    figure: FigureBase, renderer: RendererBase, anchors: Sequence[Anchor], size: float
) -> Iterator[Bbox]:
    """Return the boxes of what is drawn already: text, dots, and lines in short pieces."""
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip():
            yield text.get_window_extent(renderer)
    for anchor in anchors:
        x, y = anchor.place
        yield Bbox.from_extents(x - size * 0.5, y - size * 0.5, x + size * 0.5, y + size * 0.5)
    for axes in figure.findobj(Axes):
        for piece in _segments(axes) if isinstance(axes, Axes) else ():
            for x, y in piece:
                yield Bbox.from_extents(x - 1, y - 1, x + 1, y + 1)


def _segments(axes: Axes) -> Iterator[np.ndarray]:
    """Return the data's lines of axes as points close to each other, in dots."""
    drawn = [line.get_xydata() for line in axes.lines if line.get_transform() is axes.transData]
    for collection in axes.collections:
        if isinstance(collection, LineCollection) and str(collection.get_gid()).startswith("intervals"):
            drawn += collection.get_segments()
    for path in drawn:
        place = axes.transData.transform(np.asarray(path, dtype=float))
        for one, two in pairwise(place):
            yield np.linspace(one, two, max(2, int(np.hypot(*(two - one)) // 3)))
