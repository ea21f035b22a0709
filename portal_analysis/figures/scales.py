"""Axes that carry numbers: their range, their ticks, their signs in the figure's language.

Hands on small functions that set up matplotlib axes; they choose ranges and compute no statistic.
"""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from portal_analysis.estimates import rows_of
from portal_analysis.figures import style
from portal_analysis.figures.words import Words, hidden, scale_of


def span(table: pd.DataFrame, words: Words) -> tuple[float, float]:
    """Return the range that estimates and intervals need, with zero where the unit has one."""
    rows = [row for row in rows_of(table) if not hidden(row)]
    values = [
        row[name] for row in rows for name in ("estimate", "ci_low", "ci_high") if not pd.isna(row[name])
    ]
    values = [float(value) for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(values), max(values)
    if words.unit in ("proportion", "count", "points"):
        low, high = min(low, 0.0), max(high, 0.0)
    if words.unit == "odds ratio":
        return min(low, 0.95), max(high, 1.05)
    if high == low:
        pad = abs(high) * 0.5 or (0.01 if words.unit in ("proportion", "points") else 1.0)
        return (low if low == 0 else low - pad), high + pad
    pad = (high - low) * 0.04
    bounded = words.unit == "proportion" and high > 0.97
    return (low if low == 0 else low - pad), (min(high + pad, 1.0 + pad / 2) if bounded else high + pad)


def ticks(low: float, high: float, words: Words, most: int) -> list[float]:
    """Return round tick positions inside the range, in the table's own scale."""
    scale = scale_of(words.unit)
    if words.unit == "odds ratio":
        return [t for t in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low <= t <= high]
    whole = words.unit == "count"
    found = MaxNLocator(nbins=max(most, 2), steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(
        low * scale, high * scale
    )
    eps = (high - low) * scale * 1e-9
    return [float(t) / scale for t in found if low * scale - eps <= t <= high * scale + eps]


def tick_labels(places: list[float], words: Words) -> list[str]:
    """Write ticks with as many decimals as their step needs."""
    scale = scale_of(words.unit)
    digits = 0
    while digits < 4 and any(abs(p * scale - round(p * scale, digits)) > 1e-6 for p in places):
        digits += 1
    return [words.number(place, digits) for place in places]


def number_axis(
    axes: Axes, which: str, low: float, high: float, words: Words, length: float, points: float
) -> list[float]:
    """Set range, ticks and grid of one axis that is ``length`` points long; return the ticks."""
    if words.unit == "odds ratio":
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    room = style.text_size("000,0%", points)[0] * 1.7 if which == "x" else points * 2.4
    found = ticks(low, high, words, int(min(8, max(2, length // room))))
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
    axis.set_ticks(found, labels=tick_labels(found, words), fontsize=points, color=style.MUTED)
    axis.set_ticks([], minor=True)
    axis.grid(True, color=style.RULE, linewidth=0.5, zorder=0)
    return found


def zero_line(axes: Axes, words: Words, low: float, high: float) -> None:
    """Draw the line of no difference where the unit has one inside the range."""
    neutral = {"points": 0.0, "odds ratio": 1.0}.get(words.unit)
    if neutral is not None and low <= neutral <= high:
        axes.axvline(neutral, color=style.INK, linewidth=0.8, zorder=1, gid="no-difference")
