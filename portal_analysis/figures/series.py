"""Values of one thing over time, in the order of their periods, and whether the periods can be compared.

Takes a Reading; hands on :class:`Series` of :class:`Point`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from portal_analysis.figures import style
from portal_analysis.figures.periods import Period, parse
from portal_analysis.figures.style import FigureError
from portal_analysis.language.arrange import (
    differing_references,
    row_label,
)
from portal_analysis.language.labels import TIME_COLUMNS
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading
from portal_analysis.shape import domains_of


@dataclass(frozen=True)
class Point:
    """One value at its place in time."""

    x: float
    y: float
    line: Line
    period: Period


@dataclass(frozen=True)
class Series:
    """The values of one indicator or group, in the order of time."""

    name: str
    points: tuple[Point, ...]

    @property
    def seen(self) -> tuple[Point, ...]:
        """The values that may be drawn."""
        return tuple(point for point in self.points if not point.line.hidden)


def time_column(table: pd.DataFrame, over: str | None) -> str:
    """Return the column of periods: the one asked for, or the first that holds times."""
    names = domains_of(table)
    if over is not None:
        if over not in names:
            raise FigureError(f"no column {over!r}; the table is about {names}")
        return over
    for name in (*TIME_COLUMNS, *names):
        if name in names and (name in TIME_COLUMNS or table[name].map(parse).notna().all()):
            return name
    raise FigureError(f"no column of periods among {names}; name it with over=")


def series_of(reading: Reading, over: str, names: list[str]) -> list[Series]:
    """Return the lines of a chart over time, each with its points in the order of the table."""
    periods = _periods(reading, over)
    several = differing_references(reading)
    found: dict[str, list[Point]] = {}
    for line, period in zip(reading.lines, periods, strict=True):
        name = _series_name(line, names, several)
        found.setdefault(name, []).append(Point(period.middle, line.estimate, line, period))
    if len(found) > len(style.COLOURS):
        raise FigureError(
            f"{len(found)} series; at most {len(style.COLOURS)} can be told apart: choose fewer"
        )
    series = [
        Series(name, tuple(sorted(points, key=lambda point: point.x))) for name, points in found.items()
    ]
    for item in series:
        places_ = [point.x for point in item.points]
        if len(set(places_)) < len(places_):
            raise FigureError(
                f"several rows of {item.name or 'the table'} for the same period; a line needs one for each"
            )
    return series


def _series_name(line: Line, names: list[str], several: bool) -> str:
    """Name a line by what sets it apart; that it is about everybody is not said where something else is."""
    told = [name for name in names if not pd.isna(line.row[name])] or names[:1]
    return row_label(line, told, several)


def _periods(reading: Reading, over: str) -> list[Period]:
    column = reading.table[over]
    parsed = [parse(value) for value in column]
    if all(period is not None for period in parsed):
        return [period for period in parsed if period is not None]
    order = {value: number for number, value in enumerate(dict.fromkeys(column))}
    none = (0, 0, 0)
    return [
        Period(order[line.row[over]], order[line.row[over]] + 1, none, none, label=line.named(over))
        for line in reading.lines
    ]


def unequal(series: list[Series]) -> bool:
    """Say whether the periods differ in length by more than a tenth."""
    lengths = [point.period.end - point.period.start for item in series for point in item.points]
    return max(lengths) > 1.1 * min(lengths)
