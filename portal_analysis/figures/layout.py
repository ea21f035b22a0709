"""The sheet on which every figure is laid out: heading above, picture, notes below; nothing overlaps.

Hands on a :class:`Sheet`, which measures text before it is drawn, so that the height follows the contents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase
from matplotlib.transforms import ScaledTranslation

from portal_analysis.figures import style
from portal_analysis.figures.saving import drawing, figure_html
from portal_analysis.figures.style import FigureError, Size
from portal_analysis.language.alternative import FigureText, Shown
from portal_analysis.language.catalogue import nfc
from portal_analysis.language.reading import Reading

MARGIN = 6.0
LEADING = 1.32
KEY_PITCH = 1.6
PITCH = 1.25
SAMPLE = 2.2


class PortalFigure(Figure):
    """A matplotlib figure that knows its own text and the table that it was made of.

    Notebooks draw figures that pyplot does not know as plain text; this one brings its own picture.
    """

    portal_text: FigureText
    portal_table: pd.DataFrame
    portal_again: Callable[..., Figure]
    portal_recipe: Any
    portal_shown: list[Shown]
    portal_parts: tuple[Figure, ...] = ()

    def draw(self, renderer: RendererBase) -> None:
        """Draw with letters where the typeface puts them, not moved to whole pixels: text is as wide as measured."""
        with drawing(), mpl.rc_context({"text.hinting": "no_hinting"}):
            super().draw(renderer)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": figure_html(self), "text/plain": self.portal_text.alt}


@dataclass(frozen=True)
class Line:
    """A line of text with its look and its place, in points from the sheet's top."""

    text: str
    size: float
    top: float
    weight: str = "normal"
    colour: str = style.INK


@dataclass
class Sheet:
    """Heading and notes of a figure, measured; and the room between them."""

    size: Size
    title: str
    subtitle: str
    notes: list[str]
    stamp: str
    head: list[Line] = field(default_factory=list)
    head_height: float = 0.0
    foot: list[str] = field(default_factory=list)
    foot_height: float = 0.0
    figure: FigureBase | None = None
    height: float = 0.0

    @property
    def width(self) -> float:
        """Width of the picture in points."""
        return self.size.width - 2 * MARGIN

    @property
    def room(self) -> float:
        """Height that the picture should not exceed, in points: what heading and notes leave of the page."""
        return self.size.height - self.head_height - self.foot_height

    def body(self, wanted: float) -> float:
        """Return the height of a picture that could have any: all the room of a slide, else what is wanted."""
        return self.room if self.size.fixed else min(wanted, self.room)

    def tall(self, body: float) -> float:
        """Return the height of the sheet with a picture ``body`` points high."""
        height = self.head_height + body + self.foot_height
        return max(height, self.size.height) if self.size.fixed else height

    def open(self, height: float, on: FigureBase | None = None) -> FigureBase:
        """Write heading and notes on a figure ``height`` points high, a new one or a part of one."""
        self.height = height
        self.figure = blank(self.size.width, height) if on is None else on
        with style.house(self.size):
            self._write_all()
        return self.figure

    def _write_all(self) -> None:
        for line in self.head:
            self._write(line.text, line.top, line.size, weight=line.weight, color=line.colour)
        if self.stamp:
            self._stamp()
        top = self.height - self.foot_height + style.CM * 0.12
        for number, text in enumerate(self.foot):
            self._write(text, top + number * self.size.note * LEADING, self.size.note, color=style.MUTED)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes; all in points from the picture's upper left corner."""
        figure = self.opened
        return figure.add_axes(
            (
                (MARGIN + left) / self.size.width,
                1 - (self.head_height + top + height) / self.height,
                width / self.size.width,
                height / self.height,
            )
        )

    def text(self, x: float, y: float, text: str, size: float | None = None, **look: Any) -> Any:
        """Write text into the picture; position in points from the picture's upper left corner."""
        look.setdefault("va", "center")
        look.setdefault("fontsize", size or self.size.small)
        place = ((MARGIN + x) / self.size.width, 1 - (self.head_height + y) / self.height)
        return self.opened.text(*place, nfc(text), **look)

    @property
    def opened(self) -> FigureBase:
        """The figure, once the sheet is open."""
        if self.figure is None:
            raise FigureError("the sheet is not open yet")
        return self.figure

    def _write(self, text: str, top: float, size: float, **look: Any) -> None:
        place = (MARGIN / self.size.width, 1 - (top + size * 0.98) / self.height)
        self.opened.text(*place, text, fontsize=size, ha="left", va="baseline", **look)

    def _stamp(self) -> None:
        """Write the words that nobody may miss above the title of a figure of simulated data."""
        size = self.size.small
        box = {
            "boxstyle": "square,pad=0.25",
            "facecolor": style.ALARM,
            "edgecolor": style.ALARM,
            "linewidth": 0,
        }
        place = ((MARGIN + 0.25 * size) / self.size.width, 1 - (MARGIN + size * 1.12) / self.height)
        self.opened.text(
            *place,
            self.stamp,
            fontsize=size,
            ha="left",
            va="baseline",
            color="white",
            weight="bold",
            bbox=box,
            gid="stamp",
        )


def blank(width: float, height: float) -> PortalFigure:
    """Return an empty figure; its size in points."""
    with style.house(style.SIZES["report"]):
        figure = PortalFigure(figsize=(width / 72, height / 72))
        FigureCanvasAgg(figure)
    return figure


def sheet(
    reading: Reading,
    size: Size,
    heads: tuple[str, str],
    source_note: str | None = None,
    notes: Sequence[str] = (),
    tells: Sequence[str] = ("n", "interval"),
) -> Sheet:
    """Measure heading and notes for a figure; ``tells`` says whether n and the interval stand in the picture."""
    facts = [
        reading.source_line(source_note),
        reading.n_line() if "n" in tells else "",
        reading.interval_line() if "interval" in tells else "",
    ]
    body = ". ".join(fact.rstrip(".") for fact in facts if fact)
    told = [body + "." if body else "", *notes, reading.set_line]
    flags = reading.flag_lines()
    told.append("  ".join(f"{flag}." for flag in flags))
    title, subtitle = (nfc(one) for one in heads)
    page = Sheet(size, title, subtitle, [nfc(note) for note in told if note], reading.stamp)
    if size.bare:
        page.head_height = size.small * 1.95 + MARGIN if page.stamp else 0.0
        return page
    _measure_head(page)
    for note in [" ".join(page.notes)] if size.fixed else page.notes:
        page.foot.extend(style.wrap(note, page.width, size.note))
    page.foot_height = len(page.foot) * size.note * LEADING + MARGIN + style.CM * 0.2
    return page


def _measure_head(page: Sheet) -> None:
    size = page.size
    top = MARGIN + (size.small * 1.95 if page.stamp else 0.0)
    for text in style.wrap(page.title, page.width, size.title, "bold"):
        page.head.append(Line(text, size.title, top, weight="bold"))
        top += size.title * 1.25
    if page.subtitle:
        top += size.text * 0.15
        for text in style.wrap(page.subtitle, page.width, size.text):
            page.head.append(Line(text, size.text, top, colour=style.MUTED))
            top += size.text * LEADING
    page.head_height = top + size.text * 0.6


def spread(wanted: list[float], heights: list[float], low: float, high: float) -> list[float]:
    """Move labels apart along a line: order kept, as near to the wanted places as may be, inside ``low``–``high``.

    Labels that would overlap form a block, which is centred on the mean of what its members want.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[list[int]] = []
    for i in order:
        blocks.append([i])
        while (
            len(blocks) > 1
            and _block(blocks[-2], wanted, heights)[1] > _block(blocks[-1], wanted, heights)[0]
        ):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    bounds = [_block(block, wanted, heights) for block in blocks]
    places = [0.0] * len(wanted)
    floor = low
    for block, (start, end) in zip(blocks, bounds, strict=True):
        rest = sum(heights[i] for other in blocks[blocks.index(block) + 1 :] for i in other)
        start = max(floor, min(start, high - rest - (end - start)))
        for i in block:
            places[i] = start + heights[i] / 2
            start += heights[i]
        floor = start
    return places


def _block(members: list[int], wanted: list[float], heights: list[float]) -> tuple[float, float]:
    """Return both ends of a block of labels that touch."""
    total, before, middle = sum(heights[i] for i in members), 0.0, 0.0
    for i in members:
        middle += wanted[i] - before - heights[i] / 2
        before += heights[i]
    start = middle / len(members)
    return start, start + total


def draw_key(
    page: Sheet,
    names: list[str],
    points: float,
    draw: Callable[[Axes, float, float, int], None],
    top: float = 0.0,
) -> None:
    """Write names, each behind a sample that ``draw(axes, x, y, number)`` makes, in as many lines as they need."""
    entries, height = _key(page, names, points)
    if not entries:
        return
    axes = page.axes(0, top, page.width, height)
    axes.set_xlim(0, page.width)
    axes.set_ylim(height, 0)
    axes.axis("off")
    for number, (x, y, lines) in enumerate(entries):
        draw(axes, x, y, number)
        write_lines(
            axes, x + points * SAMPLE, y + (len(lines) - 1) * points * PITCH / 2, lines, points, gid="group"
        )


def key_height(page: Sheet, names: list[str], points: float) -> float:
    """Return the room that a key needs, with some below it."""
    return _key(page, names, points)[1] + (points * 0.5 if names else 0.0)


def _key(page: Sheet, names: list[str], points: float) -> tuple[list[tuple[float, float, list[str]]], float]:
    """Place the names of a key: left end and middle of the first line of each; and the height of them all."""
    entries: list[tuple[float, float, list[str]]] = []
    x, top, deep = 0.0, 0.0, 0.0
    for name in names:
        lines = style.wrap(name, page.width - points * SAMPLE, points)
        wide = points * SAMPLE + max(style.text_size(line, points)[0] for line in lines)
        if x and x + wide > page.width:
            x, top, deep = 0.0, top + deep, 0.0
        entries.append((x, top + points * KEY_PITCH / 2, lines))
        deep = max(deep, points * (KEY_PITCH + (len(lines) - 1) * PITCH))
        x += wide + points * 1.6
    return entries, top + deep


def write_lines(axes: Axes, x: float, y: float, lines: Sequence[str], points: float, **look: Any) -> None:
    """Write lines the same distance apart, centred on ``y``; matplotlib's own lines follow the letters' height.

    The axes' vertical scale may run either way; ``transform`` and all else is passed on.
    """
    transform = look.pop("transform", axes.transData)
    pitch = points * PITCH
    for number, line in enumerate(lines):
        down = (number - (len(lines) - 1) / 2) * pitch
        moved = transform + ScaledTranslation(0, -down / 72, opened_figure(axes).dpi_scale_trans)
        axes.text(x, y, line, transform=moved, fontsize=points, **{"va": "center", **look})


def opened_figure(axes: Axes) -> Figure:
    """Return the figure that axes are on."""
    figure = axes.get_figure(root=True)
    if figure is None:
        raise FigureError("the axes are on no figure")
    return figure


def label_rows(
    axes: Axes,
    places: list[float],
    wrapped: Sequence[Sequence[str]],
    points: float,
    pad: float,
    align: str = "right",
    bold: Sequence[int] = (),
) -> None:
    """Name rows at the vertical axis; a name of several lines is written line by line, its tick label not shown."""
    names = ["\n".join(lines) for lines in wrapped]
    axes.set_yticks(places, labels=names, fontsize=points, ha=align)
    axes.tick_params(axis="y", pad=pad)
    moved = axes.get_yaxis_transform() + ScaledTranslation(-pad / 72, 0, opened_figure(axes).dpi_scale_trans)
    for number, (tick, lines) in enumerate(zip(axes.yaxis.get_major_ticks(), wrapped, strict=True)):
        weight = "bold" if number in bold else "normal"
        tick.label1.set_fontweight(weight)
        tick.label1.set_verticalalignment("center")
        if len(lines) > 1:
            tick.label1.set_visible(False)
            look = {"transform": moved, "ha": align, "weight": weight, "gid": "row-label"}
            write_lines(axes, 0, places[number], lines, points, **look)
