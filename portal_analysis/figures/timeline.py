"""Where a moment and a value stand on a sheet, and how the periods below it are named.

Takes :class:`~portal_analysis.figures.series.Series`; hands on :class:`Timeline`, the picture to draw lines on.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from portal_analysis.figures import style
from portal_analysis.figures.compose import Picture
from portal_analysis.figures.periods import Period
from portal_analysis.figures.series import Point, Series

LINE = 1.45
"""Height of a line of a period's name, in letters' heights."""

UNKNOWN = "definition unknown"


class Timeline(Picture):
    """Series over an axis of time; sizes are in points, times in the unit of the periods."""

    series: list[Series]
    breaks: str | None
    points: float
    across: float
    down: float
    first: float
    last: float
    low: float
    high: float

    def _pads(self) -> tuple[float, float]:
        """Return the time left free at both ends.

        Before lines without intervals there is room for the first values, which then stand clear of the lines.
        """
        whole = (self.last - self.first) * 1.03
        least = whole - (self.last - self.first)
        if any(line.ranged for line in self.reading.lines) or not any(map(self._drawn_joined, self.series)):
            return least, least
        wide = max(
            style.text_size(item.seen[0].line.marked, self.points)[0] for item in self.series if item.seen
        )
        room = min(wide - self.points * 0.7, self.across * 0.24)
        return max(least, whole * room / (self.across - room) - self._before_first()), least

    def _before_first(self) -> float:
        """Return the time between the start of the axis' first period and its value."""
        return min(item.seen[0].x for item in self.series if item.seen) - self.first

    def _drawn_joined(self, item: Series) -> bool:
        return any(self._joined(one, two) for one, two in pairwise(item.points))

    def _x(self, value: float) -> float:
        before, after = self._pads()
        return (value - self.first + before) / (self.last - self.first + before + after) * self.across

    def _y(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low) * self.down

    def _levels(self) -> list[tuple[int, dict[Period, str]]]:
        """Return the names of the periods, level below level, each with its number of lines.

        What does not fit between its neighbours stands in a line below them, or below that.
        """
        found = {point.period for item in self.series for point in item.points}
        periods = sorted(found, key=lambda period: period.middle)
        names = {period: period.name(self.reading.lang) for period in periods}
        upper = self._apart(periods, names)
        levels = [(max(names[one].count("\n") + 1 for one in upper), {one: names[one] for one in upper})]
        rest = {period: names[period].replace("\n", " ") for period in periods if period not in upper}
        while rest:
            lower = self._apart(list(rest), rest)
            levels.append((1, {one: rest.pop(one) for one in lower}))
        return levels

    def _time_axis(self, axes: Axes, levels: list[tuple[int, dict[Period, str]]]) -> None:
        """Name the periods below the axis."""
        seen = {point.period: point.x for item in self.series for point in item.points}
        look: dict[str, Any] = {"labelsize": self.points, "labelcolor": style.INK}
        upper = levels[0][1]
        lower = {
            one: "\n" * deep + name
            for deep, (_, names) in enumerate(levels[1:])
            for one, name in names.items()
        }
        axes.set_xticks([seen[one] for one in upper], labels=list(upper.values()))
        axes.set_xticks([seen[one] for one in lower], labels=list(lower.values()), minor=True)
        axes.tick_params(axis="x", which="major", **look)
        below = levels[0][0] * LINE * self.points
        axes.tick_params(axis="x", which="minor", length=2, pad=3.5 + below, **look)
        for label in axes.get_xticklabels(which="both"):
            label.set_linespacing(1.15)

    def _apart(self, periods: list[Period], names: dict[Period, str]) -> list[Period]:
        """Return the periods whose names do not touch the name before; the last is always named."""
        chosen: list[Period] = []
        for period in reversed(periods):
            if not chosen or self._end(period, names, 1) + self.points * 0.5 < self._end(
                chosen[-1], names, -1
            ):
                chosen.append(period)
        return chosen[::-1]

    def _end(self, period: Period, names: dict[Period, str], side: int) -> float:
        width = max(style.text_size(part, self.points)[0] for part in names[period].split("\n"))
        return self._x(period.middle) + side * width / 2

    def _joined(self, one: Point, two: Point) -> bool:
        if one.line.hidden or two.line.hidden or one.period.end > two.period.start + 1e-6:
            return False
        if any(UNKNOWN in point.line.flags for point in (one, two)):
            return False
        if self.breaks is None:
            return True
        before, after = one.line.row[self.breaks], two.line.row[self.breaks]
        return bool(before == after or (pd.isna(before) and pd.isna(after)))
