"""Colours for ordered values, and the key to them.

Hands on :class:`Colours`, for tiles, maps and matrices.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import Colormap, Normalize

from portal_analysis.estimates import rows_of
from portal_analysis.figures import scales, style
from portal_analysis.figures.layout import Sheet
from portal_analysis.figures.words import Words, hidden


class Colours:
    """Which colour a value has: cividis between two ends; white where there is none to show."""

    def __init__(self, table: pd.DataFrame, limits: tuple[float, float] | None) -> None:
        seen: list[float] = [row["estimate"] for row in rows_of(table) if not hidden(row)]
        self.low: float = limits[0] if limits else min(seen, default=0.0)
        self.high: float = limits[1] if limits else max(seen, default=1.0)
        if self.high <= self.low:
            self.low, self.high = min(0.0, self.low), max(self.high, self.low + 1e-9)
        self.map: Colormap = colormaps[style.ORDERED]
        self.scale = Normalize(self.low, self.high, clip=True)

    def of(self, row: dict[str, Any] | None) -> Any:
        """Return the colour of a row of the table."""
        if row is None or hidden(row):
            return "white"
        return self.map(self.scale(row["estimate"]))


def colour_key_height(points: float) -> float:
    """Return the room that the key to the colours needs, in points."""
    return points * 3.2


def draw_colour_key(
    page: Sheet, colours: Colours, text: Words, left: float, top: float, width: float, points: float
) -> None:
    """Draw the key to the colours: a bar with its numbers below it."""
    axes = page.axes(left + points * 1.5, top + points * 0.2, width - points * 3, points * 0.85)
    edges = [colours.low + (colours.high - colours.low) * number / 256 for number in range(257)]
    axes.pcolormesh(
        [edges, edges],
        [[0] * 257, [1] * 257],
        [edges[:-1]],
        cmap=colours.map,
        norm=colours.scale,
        gid="colour-key",
    )
    axes.set_xlim(colours.low, colours.high)
    room = style.text_size("00,0%", points)[0] * 1.8
    found = scales.ticks(colours.low, colours.high, text, int(max(2, (width - points * 3) // room)))
    axes.set_xticks(found, labels=scales.tick_labels(found, text), fontsize=points)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=2, pad=1.5)
