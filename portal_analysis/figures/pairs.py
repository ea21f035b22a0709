"""Pairs of values, a row each, with the differences that another table gives them.

Takes a Reading of two groups or times; hands on :class:`Pair`, and :class:`Pairs` to draw them on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal_analysis.figures.compose import Picture
from portal_analysis.figures.style import FigureError
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import Arrangement
from portal_analysis.language.labels import is_missing
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading


@dataclass(frozen=True)
class Pair:
    """One row: its label, the values of its groups, and their difference as another table gives it."""

    label: str
    values: tuple[Line | None, ...]
    difference: str = ""


def note_of(differences: Reading) -> str:
    """Say what the numbers behind the rows are."""
    inside = differences.interval_line("note.brackets")
    unit = f" ({differences.unit_words})" if differences.unit_words else ""
    what = differences.word("note.difference")
    if "inequality" in differences.table and differences.table["inequality"].nunique() == 1:
        what = differences.lines[0].named("inequality")
    return differences.word(
        "note.differences", what=what, unit=unit, interval=f"; {inside}" if inside else ""
    )


def pairs_of(reading: Reading, found: Arrangement, sides: list[Any], told: dict[str, str]) -> list[Pair]:
    """Gather each row's values, a place for each side."""
    gathered: dict[Any, list[Line | None]] = {}
    for line in reading.lines:
        key = None if is_missing(line.row[found.rows]) else line.row[found.rows]
        gathered.setdefault(key, [None] * len(sides))[sides.index(line.row[str(found.group)])] = line
    return [
        Pair(
            next(line for line in lines if line).named(found.rows),
            tuple(lines),
            told.get(str(key), ""),
        )
        for key, lines in gathered.items()
    ]


def written(differences: Reading | None, rows: str) -> dict[str, str]:
    """Write each difference with its interval, by the value of the rows' column."""
    if differences is None:
        return {}
    if rows not in differences.table or differences.table[rows].duplicated().any():
        raise FigureError(f"differences need one row for each {rows!r}")
    return {
        str(line.row[rows]): line.marked + (f" ({line.interval})" if line.interval else "")
        for line in differences.lines
    }


class Pairs(Picture):
    """Two values a row, however they are drawn."""

    def __init__(self, reading: Reading, heads: tuple[str, str], pairs: list[Pair], names: list[str]) -> None:
        super().__init__(reading, heads)
        self.pairs, self.names = pairs, names
        self.axes = " ".join(part for part in (self._groups_told(), self._differences_told()) if part)

    def _groups_told(self) -> str:
        return self.reading.word("alt.two_values", one=self.names[0], other=self.names[1])

    def _differences_told(self) -> str:
        told = [f"{pair.label} {pair.difference}" for pair in self.pairs if pair.difference]
        return self.reading.word("alt.differences", told="; ".join(told)) if told else ""

    def shown(self) -> list[Shown]:
        """Return both values of each row."""
        return [
            Shown(pair.label, value, name)
            for pair in self.pairs
            for value, name in zip(pair.values, self.names, strict=True)
            if value is not None
        ]
