"""Axes that carry numbers: their range, their ticks, their signs in the figure's language.

Hands on small functions that set up matplotlib axes; they choose ranges and compute no statistic.
"""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from portal_analysis.figures import style
from portal_analysis.language.numbers import RATIOS, scale_of
from portal_analysis.language.reading import Reading


def span(words: Reading, margin: float = 0.04) -> tuple[float, float]:
    """Return the range that estimates and intervals need, with zero where the unit has one, and a margin."""
    lines = [line for line in words.lines if not line.hidden]
    values = [value for line in lines for value in (line.estimate, line.low, line.high)]
    values = [value for value in values if math.isfinite(value)] or (
        [1.0] if words.unit in RATIOS else [0.0, 1.0]
    )
    low, high = min(values), max(values)
    if words.unit in ("proportion", "count", "points"):
        low, high = min(low, 0.0), max(high, 0.0)
    if words.unit in RATIOS:
        low, high = min(low, 0.95), max(high, 1.05)
        return low * (low / high) ** 0.04, high * (high / low) ** 0.04
    if words.measure in ("rank", "area rank"):
        return low - 0.7, high + 0.7
    if high == low:
        pad = abs(high) * 0.5 or (0.01 if words.unit in ("proportion", "points") else 1.0)
        return (low if low == 0 else low - pad), high + pad
    pad = (high - low) * margin
    bounded = words.unit == "proportion" and high > 0.97
    return (low if low == 0 else low - pad), (min(high + pad, 1.0 + pad / 2) if bounded else high + pad)


def ticks(low: float, high: float, words: Reading, most: int) -> list[float]:
    """Return round tick positions inside the range, in the table's own scale."""
    scale = scale_of(words.unit)
    eps = (high - low) * scale * 1e-9
    found: list[float] = []
    for steps in ([1, 2, 2.5, 5, 10], [1, 2, 5, 10]):
        locator = MaxNLocator(nbins=max(most, 2), steps=steps, integer=words.unit == "count")
        found = [float(tick) for tick in locator.tick_values(low * scale, high * scale)]
        if all(abs(tick - round(tick)) < 1e-6 for tick in found):
            break
    return [tick / scale for tick in found if low * scale - eps <= tick <= high * scale + eps]


def ratio_ticks(low: float, high: float) -> list[list[float]]:
    """Return ticks of an axis of ratios, the densest first: 1-2-5, then powers of ten."""
    decades = range(-6, 7)
    return [
        [lead * 10.0**power for power in decades for lead in leads if low <= lead * 10.0**power <= high]
        for leads in ((1, 2, 5), (1, 3), (1,))
    ]


def rounded(low: float, high: float, words: Reading, most: int) -> tuple[float, float]:
    """Return the range widened to the next ticks."""
    found = ticks(low, high, words, most)
    if words.unit in RATIOS or len(found) < 2:
        return low, high
    step = found[1] - found[0]
    return (
        math.floor(low / step + 1e-6) * step,
        math.ceil(high / step - 1e-6) * step if high else high,
    )


def tick_labels(places: list[float], words: Reading) -> list[str]:
    """Write ticks with as many decimals as their step needs; each ratio with as many as it needs itself."""
    if words.unit in RATIOS:
        return [words.number(place, max(0, -math.floor(math.log10(place) + 1e-9))) for place in places]
    scale = scale_of(words.unit)
    digits = 0
    while digits < 4 and any(abs(p * scale - round(p * scale, digits)) > 1e-6 for p in places):
        digits += 1
    return [words.number(place, digits) for place in places]


def number_axis(
    axes: Axes, which: str, low: float, high: float, words: Reading, length: float, points: float
) -> list[float]:
    """Set range, ticks and grid of one axis that is ``length`` points long; return the ticks."""
    ratio = words.unit in RATIOS
    if ratio:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    if which == "y":
        found = ticks(low, high, words, most_ticks(length, points))
    else:
        tried = (
            ratio_ticks(low, high) if ratio else [ticks(low, high, words, most) for most in range(7, 1, -1)]
        )
        place = math.log if ratio else float
        scale = length / (place(high) - place(low))
        found = next(
            (one for one in tried if _fit([place(t) * scale for t in one], one, words, points)), tried[-1]
        )
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
    axis.set_ticks(found, labels=tick_labels(found, words), fontsize=points, color=style.MUTED)
    axis.set_ticks([], minor=True)
    axis.grid(True, color=style.RULE, linewidth=0.5, zorder=0)
    return found


def most_ticks(length: float, points: float) -> int:
    """Return how many ticks an upright axis of this length has at most."""
    return int(min(8, max(2, length // (points * 2.4))))


def _fit(places: list[float], found: list[float], words: Reading, points: float) -> bool:
    """Tell whether the labels of these ticks stand well apart."""
    widths = [style.text_size(label, points)[0] for label in tick_labels(found, words)]
    return all(
        right - left > (one + two) / 2 + points * 1.6
        for left, right, one, two in zip(places, places[1:], widths, widths[1:], strict=False)
    )


def zero_line(axes: Axes, words: Reading, low: float, high: float) -> None:
    """Draw the line of no difference where the unit has one inside the range."""
    neutral = 1.0 if words.unit in RATIOS else 0.0 if words.lines[0].signed else None
    if neutral is not None and low <= neutral <= high:
        axes.axvline(neutral, color=style.INK, linewidth=0.8, zorder=1, gid="no-difference")
