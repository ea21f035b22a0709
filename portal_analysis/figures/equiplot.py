"""All groups' rates as dots on one line, a line for each indicator or time: how wide a gap is and who is where in it.

Hands on :func:`plot_equiplot`, after the equiplots of the International Center for Equity in Health (Pelotas).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes

from portal_analysis.figures import style
from portal_analysis.figures.blocks import groups_of, member, one_unit
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.dots import Dot, draw_dots
from portal_analysis.figures.gaps import Dumbbells
from portal_analysis.figures.pairs import Pair, note_of, pairs_of, written
from portal_analysis.figures.style import FigureError
from portal_analysis.language.arrange import arrange, heading, varying, whole
from portal_analysis.language.labels import TIME_COLUMNS
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading, read

ASIDE = 0.34
"""By how many letters' heights dots that would hide each other are moved up and down."""


@figure()
def plot_equiplot(
    reading: Reading,
    look: Look,
    between: str | None = None,
    rows: str | None = None,
    differences: pd.DataFrame | None = None,
) -> Picture:
    """Draw the rates of all groups as dots on one line, a line for each indicator, time or place.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES, such as ``proportion(survey, indicators, by="education")``.
    between : str, optional
        The column of the groups, at most six; the one that varies beside the rows if not given.
    rows : str, optional
        The column that makes the rows; the other column that varies if not given.
    differences : DataFrame, optional
        ESTIMATES with one row for each row of the figure, such as ``inequality(survey, …, measures="sii")``;
        written behind the lines with their intervals. Without it the lowest and the highest value are.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. Withheld values are not drawn, and no line reaches for them; intervals are left to the
        alternative text and the table, as so many on one line could not be told apart.

    Raises
    ------
    FigureError
        If the table is empty, mixes units, has no groups or more than can be told apart, or ``differences`` do not
        have one row for each line.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> rates = pa.proportion(papi, "internet_home", by=["wave", "education"])
    >>> figure = pa.plot_equiplot(rates)
    >>> print(figure.portal_text.title)
    Has internet at home by highest education completed, 2020 to 2024
    """
    one_unit(reading)
    between = between or _compared(reading.table, rows)
    found = arrange(reading.table, rows, between)
    groups = groups_of(reading, found)
    if len(groups) < 2:
        raise FigureError(f"{between!r} has one value only; an equiplot compares two groups or more")
    told = None if differences is None else read(whole(differences), look.lang, look.labels)
    lines = pairs_of(reading, found, groups, written(told, found.rows))
    names = [member(reading, between, group) for group in groups]
    heads = heading(reading, found, look.title, look.subtitle)
    if told is None:
        picture: _Equiplot = _WithEnds(
            reading, heads, [replace(one, difference=_ends(one)) for one in lines], names
        )
        picture.notes = (reading.word("note.equiplot"),)
    else:
        picture = _Equiplot(reading, heads, lines, names)
        picture.notes = (reading.word("note.equiplot_line"), note_of(told))
    return picture


def _compared(table: pd.DataFrame, rows: str | None) -> str:
    """Return the column of the groups: rather a characteristic than a time or the indicator."""
    found = [name for name in varying(table) if name != rows]
    own = [name for name in found if name != "indicator" and name not in TIME_COLUMNS] or found
    if not own:
        raise FigureError("no column has groups to compare; name it with between=")
    return own[0]


def _seen(line: Pair) -> list[Line]:
    """Return the values of a row that may be shown, the lowest first."""
    return sorted(
        (one for one in line.values if one is not None and not one.hidden), key=lambda one: one.estimate
    )


def _ends(line: Pair) -> str:
    """Write the lowest and the highest value of a row."""
    seen = _seen(line)
    return " – ".join(dict.fromkeys(one.marked for one in (seen[0], seen[-1]))) if seen else ""


class _Equiplot(Dumbbells):
    """Rows of dots on one line each, one for each group."""

    kind = "equiplot"
    tells = ("n",)
    intervals = False

    def _groups_told(self) -> str:
        return self.reading.word("alt.equiplot_groups", names=", ".join(self.names))

    def _draw_pairs(self, axes: Axes, pairs: list[Pair], middles: list[float]) -> None:
        points = self.points
        groups: list[list[Dot]] = [[] for _ in self.names]
        for pair, y in zip(pairs, middles, strict=True):
            seen = _seen(pair)
            if len(seen) > 1:
                ends = [seen[0].estimate, seen[-1].estimate]
                axes.plot(ends, [y, y], color=style.REST, linewidth=points * 0.4, zorder=1, gid="gap")
            aside = self._apart(seen)
            for number, value in enumerate(pair.values):
                if value is not None:
                    moved = aside.get(id(value), 0.0) * points * ASIDE
                    groups[number].append((value.estimate, y + moved, value))
            self._write_difference(axes, pair, y)
        for number, items in enumerate(groups):
            draw_dots(axes, items, number, points, self.emphasis, ranges=False)
            for x, y, value in items:
                self.anchor(value, axes, x, y)
                self._write_marks(axes, x, y, value)

    def _write_marks(self, axes: Axes, x: float, y: float, value: Line) -> None:
        """Write the signs of a hollow dot's flags above it, which the note below the figure explains."""
        if value.doubtful and not value.hidden:
            above = (0, self.points * 0.2)
            axes.annotate(
                value.marks.strip(), (x, y), above, textcoords="offset points", ha="center", va="bottom",
                fontsize=self.points, annotation_clip=False, gid="mark",
            )  # fmt: skip

    def _apart(self, seen: Sequence[Line]) -> dict[int, float]:
        """Say which values move up (-1) or down (1), because the dot before them is too near."""
        near = (self.high - self.low) * self.points * 0.6 / self.plot
        moved: dict[int, float] = {}
        for before, value in pairwise(seen):
            if value.estimate - before.estimate < near:
                moved.setdefault(id(before), -1.0)
                moved[id(value)] = -moved[id(before)]
        return moved


class _WithEnds(_Equiplot):
    """The lowest and the highest value stand behind each line, in the place of a difference."""

    def _differences_told(self) -> str:
        return ""
