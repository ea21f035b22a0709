"""Bars under or beside their labels: how much room labels, bars and written values need.

Hands on :class:`Rows`, on which counts, criteria and coverage are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from portal_analysis.figures import style
from portal_analysis.figures.layout import PITCH, Sheet, label_rows, write_lines


@dataclass(frozen=True)
class Rows:
    """Rows measured for a sheet, all in points: labels to the left of their bars, or above them in a column."""

    points: float
    above: bool
    label: float
    written: float
    wrapped: tuple[tuple[str, ...], ...]
    heights: tuple[float, ...]

    @property
    def bar(self) -> float:
        """The height of a bar."""
        return self.points * 1.25

    @property
    def height(self) -> float:
        """The height of all rows."""
        return sum(self.heights)

    @property
    def left(self) -> float:
        """Where the bars start."""
        return 0.0 if self.above else self.label

    def across(self, page: Sheet) -> float:
        """Return the length of a whole bar."""
        return page.width - self.left - self.written

    def axes(self, page: Sheet, top: float, bold: Sequence[int] = ()) -> tuple[Axes, list[float]]:
        """Add axes that count points downwards, with the labels written; return also the middles of the bars."""
        axes = page.axes(self.left, top, self.across(page), self.height)
        axes.set_xlim(0, 1)
        axes.set_ylim(self.height, 0)
        axes.set_xticks([])
        axes.spines[["bottom", "left"]].set_visible(False)
        start, middles = 0.0, []
        for place, (lines, height) in enumerate(zip(self.wrapped, self.heights, strict=True)):
            text = len(lines) * self.points * PITCH
            middles.append(start + text + self.bar / 2 if self.above else start + height / 2)
            if self.above:
                weight = "bold" if place in bold else "normal"
                write_lines(axes, 0, start + text / 2, lines, self.points, gid="label", weight=weight)
            start += height
        if self.above:
            axes.set_yticks([])
        else:
            label_rows(axes, middles, self.wrapped, self.points, self.label, "left", bold)
        return axes, middles

    def write(self, axes: Axes, page: Sheet, middle: float, text: str, shown: bool = True) -> None:
        """Write a row's value behind its bar; in slanted letters if there is none to show."""
        axes.text(
            1 + self.points * 0.5 / self.across(page),
            middle,
            text,
            fontsize=self.points,
            va="center",
            weight="bold" if shown else "normal",
            style="normal" if shown else "italic",
            gid="value",
        )


def rows(page: Sheet, labels: list[str], written: list[str], extra: float) -> Rows:
    """Measure rows in the largest text with which they and ``extra`` lines of text fit on the page."""
    least = page.size.floor(7.0, 8.0)
    points = page.size.most(12.0)
    while True:
        found = _measure(page, labels, written, points)
        if points <= least or found.height + extra * points <= page.room:
            return found
        points = round(max(points - 0.4, least), 1)


def _measure(page: Sheet, labels: list[str], written: list[str], points: float) -> Rows:
    width = page.width
    room = max((style.text_size(text, points, "bold")[0] for text in written), default=0.0) + points * 0.8
    label = max(style.text_size(text, points)[0] for text in labels) + points * 1.7
    above = page.size.name == "column" and label >= width * 0.4
    label = width if above else min(label, width * 0.5)
    wrapped = tuple(
        tuple(style.wrap(text, label - points * (1.0 if above else 1.7), points)) for text in labels
    )
    bar = points * 1.25
    heights = []
    for lines in wrapped:
        text = len(lines) * points * 1.25
        heights.append(text + bar + points * 0.9 if above else max(text, bar) + points * 0.75)
    return Rows(points, above, label, room, wrapped, tuple(heights))
