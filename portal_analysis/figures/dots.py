"""A dot with its interval: how it is drawn in a picture and in its key."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from portal_analysis.figures import style
from portal_analysis.figures.emphasis import PLAIN, Emphasis
from portal_analysis.language.line import Line

Dot = tuple[float, float, Line]
"""Where a line's value is drawn, across and down."""


def draw_dots(
    axes: Axes,
    items: Sequence[Dot],
    number: int,
    points: float,
    emphasis: Emphasis = PLAIN,
    ranges: bool = True,
) -> None:
    """Draw one group's intervals and dots; a flagged dot is hollow, a withheld one is not drawn."""
    painted: dict[str, list[Dot]] = {}
    for item in items:
        painted.setdefault(emphasis.colour(item[2], style.COLOURS[number]), []).append(item)
    for colour, dots in painted.items():
        seen = [(x, y, cell.doubtful) for x, y, cell in dots if not cell.hidden]
        drawn = [(y, cell.low, cell.high) for _, y, cell in dots if cell.ranged and ranges]
        _draw(axes, seen, drawn, number, points, colour)


def _draw(
    axes: Axes,
    seen: Sequence[tuple[float, float, bool]],
    ranges: Sequence[tuple[float, float, float]],
    number: int,
    points: float,
    colour: str,
    name: str = "",
) -> None:
    marker = style.MARKERS[number]
    if ranges:
        y, low, high = zip(*ranges, strict=True)
        axes.hlines(
            y,
            low,
            high,
            colors=colour,
            linewidth=max(1.2, points * 0.2),
            zorder=3,
            gid=f"{name}intervals-{number}",
        )
    if seen:
        faces = ["white" if doubtful else colour for _, _, doubtful in seen]
        axes.scatter(
            [x for x, _, _ in seen],
            [y for _, y, _ in seen],
            s=(points * 0.62) ** 2,
            c=faces,
            edgecolors=colour if colour == style.COLOURS[0] else style.darker(colour),
            linewidths=1.0,
            marker=marker,
            zorder=4,
            clip_on=False,
            gid=f"{name}points-{number}",
        )


def draw_sample(
    points: float, colours: Sequence[str] = (), ranges: bool = True
) -> Callable[[Axes, float, float, int], None]:
    """Return what draws a group's dot and interval in a key; its colour if it has one of its own."""

    def draw(axes: Axes, x: float, y: float, number: int) -> None:
        middle, colour = x + points * 0.9, (colours or style.COLOURS)[number]
        across = [(y, x, x + points * 1.8)] if ranges else []
        _draw(axes, [(middle, y, False)], across, number, points, colour, "key")

    return draw
