"""Scores across, rates upwards, a dot a province with the intervals of both, and the line of true values.

Hands on :func:`plot_link`.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from portal_analysis.figures import scales, style
from portal_analysis.figures.annotations import Said, annotate
from portal_analysis.figures.blocks import one_unit
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.layout import PITCH, Sheet
from portal_analysis.figures.places import province_column
from portal_analysis.figures.points import dot_notes
from portal_analysis.figures.style import FigureError
from portal_analysis.language import numbers
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import Arrangement, fixed, heading
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading, read

NEEDED = ("score", "score_low", "score_high", "fitted", "stands")


@figure()
def plot_link(reading: Reading, look: Look, names: int = 6) -> Picture:
    """Draw the rates of provinces against their scores, with the intervals of both and the line of true values.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES as ``link_points(rates, scores)`` gives them.
    names : int, optional
        At most so many provinces that stand apart from the line are named, those whose rates are the farthest first.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. Withheld rates have no dot and are counted below the picture. What holds of provinces
        need not hold of persons; the flag ``ecological`` says so.

    Raises
    ------
    FigureError
        If the table is empty or was not made by ``link_points``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> rates = pa.proportion(papi, "internet_home", by="province")
    >>> scores = pa.portal_scores(pa.load_audit("portal-review-simulated").only(round="2024"), draws=100)
    >>> figure = pa.plot_link(pa.link_points(rates, scores))
    >>> print(figure.portal_text.title)
    Has internet at home, by “Score of the portal”
    """
    table = reading.table
    if lost := [name for name in NEEDED if name not in table]:
        raise FigureError(f"no columns {lost}; make the table with link_points()")
    one_unit(reading)
    province = province_column(table, None)
    scored = read(_scores(table), look.lang, look.labels)
    rate, score = reading.lines[0].indicator, scored.lines[0].indicator
    found = Arrangement(province, None, fixed(table, (province, "predictor")))
    title = reading.word("title.link", rate=rate, score=score)
    picture = _Scatter(
        reading, heading(reading, found, look.title, look.subtitle, title), scored, province, names
    )
    picture.names = (rate, score)
    picture.axes = picture.told_axes()
    picture.notes = tuple(note for note in picture.told_below() if note)
    return picture


def _scores(table: pd.DataFrame) -> pd.DataFrame:
    """Return the scores as a table of their own, that is never withheld."""
    told = table.assign(
        estimate=table["score"],
        se=float("nan"),
        ci_low=table["score_low"],
        ci_high=table["score_high"],
        indicator=table["predictor"],
        unit="number",
        measure="score",
        flag="",
        n=float("nan"),
    )
    return told.assign(interval=table.get("score_interval", ""))


class _Scatter(Picture):
    """Dots with the intervals of both on a sheet."""

    kind = "link"
    tells = ("n",)
    names: tuple[str, str]

    def __init__(
        self, reading: Reading, heads: tuple[str, str], scored: Reading, province: str, most: int
    ) -> None:
        super().__init__(reading, heads)
        self.scored, self.province, self.most = scored, province, most
        self.dots = list(zip(scored.lines, reading.lines, strict=True))

    def shown(self) -> list[Shown]:
        """Return each province's rate with its score."""
        return [
            Shown(line.named(self.province), line, text="" if line.hidden else self._value(score, line))
            for score, line in self.dots
        ]

    def _value(self, score: Line, line: Line) -> str:
        rate = f"{line.number} ({line.interval})" if line.interval else line.number
        return self.reading.word("alt.link_value", rate=rate, score=score.number)

    def told_axes(self) -> str:
        """Say what the axes are, and how the line runs."""
        (_, first), (_, last) = self._ends()
        low, high = (self.reading.number(value, 1) for value in (first, last))
        line = self.reading.word("alt.rising" if last >= first else "alt.falling", low=low, high=high)
        rate, score = self.names
        return self.reading.word("alt.link_axes", rate=rate, score=score, line=line)

    def told_below(self) -> list[str]:
        """Say what the lines are, and how many rates have no dot."""
        reading = self.reading
        hidden = sum(line.hidden for _, line in self.dots)
        count, whole = (numbers.count(one, reading.lang) for one in (hidden, len(self.dots)))
        return [
            ". ".join(
                one.rstrip(".")
                for one in (reading.interval_line("note.upright"), self.scored.interval_line("note.across"))
                if one
            )
            + ".",
            reading.word("note.link_line"),
            reading.word("note.link_hidden", count=count, all=whole) if hidden else "",
            *dot_notes(reading, [line for _, line in self.dots if not line.hidden]),
        ]

    def _ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the line of true values at the lowest and the highest score."""
        table = self.reading.table.dropna(subset=["score", "fitted"]).sort_values("score", kind="stable")
        places = [(float(row["score"]), float(row["fitted"])) for _, row in table.iloc[[0, -1]].iterrows()]
        return places[0], places[1]

    def measure(self, page: Sheet) -> float:
        """Choose the height; leave room for the numbers and names of both axes."""
        self.page, self.points = page, page.size.small
        self.across, self.up = scales.span(self.scored), scales.span(self.reading)
        self.upper = style.wrap(self.names[0], page.width, self.points)
        self.lower = style.wrap(self.names[1], page.width, self.points)
        self.body = page.body(max(page.width * 0.58, self._head() + self._foot() + self.points * 12))
        return self.body

    def _head(self) -> float:
        return self.points * (PITCH * len(self.upper) + 0.6)

    def _foot(self) -> float:
        return self.points * (PITCH * len(self.lower) + 2.1)

    def draw(self) -> None:
        """Draw both axes, the line, and the dots; name those that stand apart."""
        page, points = self.page, self.points
        tall = self.body - self._head() - self._foot()
        left = max(style.text_size(self.reading.number(one, 1), points)[0] for one in self.up) + points * 1.6
        width = page.width - left - points
        axes = page.axes(left, self._head(), width, tall)
        scales.number_axis(axes, "x", *self.across, self.scored, width, points)
        scales.number_axis(axes, "y", *self.up, self.reading, tall, points)
        axes.tick_params(length=0, pad=points * 0.3)
        for number, text in enumerate(self.upper):
            page.text(0, points * PITCH * (number + 0.5), text, points, gid="axis-name")
        bottom = self.body - points * PITCH * len(self.lower)
        for number, text in enumerate(self.lower):
            place = bottom + points * PITCH * (number + 0.5)
            page.text(left + width, place, text, points, ha="right", gid="axis-name")
        self._draw_line(axes)
        for score, line in self.dots:
            if not line.hidden:
                self._draw_dot(axes, score, line)
        self._name()

    def _draw_line(self, axes: Axes) -> None:
        (x, y), (right, high) = self._ends()
        look: dict[str, Any] = {"linestyle": (0, (5, 1.6)), "linewidth": 1.4, "zorder": 3, "gid": "link"}
        axes.plot([x, right], [y, high], color=style.INK, scalex=False, scaley=False, **look)

    def _draw_dot(self, axes: Axes, score: Line, line: Line) -> None:
        colour, x, y = self.emphasis.colour(line, style.COLOURS[0]), score.estimate, line.estimate
        thin: dict[str, Any] = {"colors": style.RULE, "linewidth": 0.9, "zorder": 1}
        if line.ranged:
            axes.vlines([x], [line.low], [line.high], gid="intervals-up", **thin)
        if score.ranged and all(map(math.isfinite, (score.low, score.high))):
            axes.hlines([y], [score.low], [score.high], gid="intervals-across", **thin)
        face = "white" if line.doubtful else colour
        look: dict[str, Any] = {"edgecolors": colour, "linewidths": 1.0, "zorder": 4, "clip_on": False}
        axes.scatter([x], [y], s=(self.points * 0.62) ** 2, c=[face], gid="points-0", **look)
        self.anchor(line, axes, x, y)

    def _name(self) -> None:
        """Write the names of those that stand apart beside their dots, where there is room."""
        apart = [line for _, line in self.dots if not line.hidden and line.row["stands"]]
        apart.sort(key=lambda line: -abs(line.estimate - line.row["fitted"]))
        told = {id(line): Said(line, line.named(self.province)) for line in apart[: self.most]}
        annotate(self.page.opened, self.anchors, told, self.points)
