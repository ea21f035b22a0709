"""Colours for ordered values, and the key to them.

Hands on :class:`Colours`, for tiles, maps and matrices.
"""

from __future__ import annotations

from typing import Any

from matplotlib.colors import Colormap, ListedColormap, Normalize, to_hex
from matplotlib.patches import Rectangle

from portal_analysis.figures import scales, style
from portal_analysis.figures.layout import Sheet
from portal_analysis.language.line import Line
from portal_analysis.language.numbers import scale_of
from portal_analysis.language.reading import Reading

MOST_STEPS = 6
"""Whole numbers up to so many are named one by one in the key."""


class Colours:
    """Which colour a value has: light to dark between two ends; white where there is none to show.

    Counts out of a base have one scale from none to all, so that a count has one colour in every figure.

    ``steps`` are the values that the key names one by one: a few whole numbers, or no and yes.
    """

    def __init__(self, text: Reading, limits: tuple[float, float] | None, yes_no: bool = False) -> None:
        seen = [line.estimate for line in text.lines if not line.hidden]
        counted = text.unit == "proportion" and any(line.counted for line in text.lines)
        limits = (0.0, 1.0) if yes_no or (counted and limits is None) else limits
        self.low: float = limits[0] if limits else min(seen, default=0.0)
        self.high: float = limits[1] if limits else max(seen, default=1.0)
        if self.high <= self.low:
            self.low, self.high = min(0.0, self.low), max(self.high, self.low + 1e-9)
        ordered: Colormap = style.ORDERED
        self.map = ListedColormap([style.REST, to_hex(ordered(1.0))]) if yes_no else ordered
        self.scale = Normalize(self.low, self.high, clip=True)
        whole = text.unit != "proportion" and all(float(value).is_integer() for value in (*seen, self.high))
        few = whole and self.high - self.low <= MOST_STEPS - 1
        self.steps = range(int(self.low), int(self.high) + 1) if yes_no or few else range(0)
        self.names = [yes_or_no(step, text) if yes_no else text.number(step) for step in self.steps]

    def of(self, line: Line | None) -> Any:
        """Return the colour of a line of the table."""
        if line is None or line.hidden:
            return "white"
        return self.map(self.scale(line.estimate))


def yes_or_no(value: float, text: Reading) -> str:
    """Write 1 and 0 as what they mean where one portal is counted."""
    return text.word("word.yes" if value else "word.no")


def colour_key_height(points: float) -> float:
    """Return the room that the key to the colours needs, in points."""
    return points * 3.2


def draw_colour_key(
    page: Sheet, colours: Colours, text: Reading, left: float, top: float, width: float, points: float
) -> None:
    """Draw the key to the colours: a bar with its numbers below it, or a field for each of a few values."""
    if colours.steps:
        _draw_steps(page, colours, left, top, width, points)
        return
    axes = page.axes(left + points * 1.5, top + points * 0.2, width - points * 3, points * 0.85)
    edges = [colours.low + (colours.high - colours.low) * number / 256 for number in range(257)]
    axes.pcolormesh(
        [edges, edges],
        [[0] * 257, [1] * 257],
        [edges[:-1]],
        cmap=colours.map,
        norm=colours.scale,
        edgecolors="face",  # else viewers show the ground between the strips
        linewidth=0.4,
        gid="colour-key",
    )
    axes.set_xlim(colours.low, colours.high)
    room = style.text_size("00,0%", points)[0] * 1.8
    most = int(max(2, (width - points * 3) // room))
    ticks = scales.ticks(colours.low, colours.high, text, most)
    found = _with_ends(colours, ticks, room / (width - points * 3))
    axes.set_xticks(found, labels=[_end(place, text) for place in found], fontsize=points)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=2, pad=1.5)


def _with_ends(colours: Colours, found: list[float], apart: float) -> list[float]:
    """Return both ends of the scale, and the ticks between that stand well apart from them and each other."""
    least = (colours.high - colours.low) * apart
    places = [colours.low]
    for place in found:
        if place - places[-1] >= least and colours.high - place >= least:
            places.append(place)
    return [*places, colours.high]


def _end(place: float, text: Reading) -> str:
    """Write a number below the key with as many decimals as the lines of the table have, at most."""
    least = min((line.places for line in text.lines if not line.hidden), default=0)
    scaled = place * scale_of(text.unit)
    return text.number(place, next((n for n in range(least) if abs(scaled - round(scaled, n)) < 1e-9), least))


def _draw_steps(page: Sheet, colours: Colours, left: float, top: float, width: float, points: float) -> None:
    field = min(points * 3.2, (width - points * 3) / len(colours.steps))
    axes = page.axes(left + points * 1.5, top + points * 0.2, field * len(colours.steps), points * 0.85)
    axes.set_xlim(0, len(colours.steps))
    axes.set_ylim(0, 1)
    for number, step in enumerate(colours.steps):
        face = colours.map(colours.scale(step))
        look: dict[str, Any] = {"facecolor": face, "edgecolor": "white", "linewidth": 1.0}
        axes.add_artist(Rectangle((number, 0), 1, 1, gid="colour-key", **look))
    middles = [number + 0.5 for number in range(len(colours.steps))]
    axes.set_xticks(middles, labels=colours.names, fontsize=points)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0, pad=1.5)
