"""Bars in parts: how many portals are good, average or inadequate; how many were audited at all.

Hands on :func:`plot_criteria`, :func:`plot_coverage` and :func:`plot_flows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from portal_analysis.audit.coverage import coverage
from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.shares import shares
from portal_analysis.figures import style
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.layout import Sheet, draw_key, key_height
from portal_analysis.figures.parts import FLOWS, LEVELS, REASONS, REST, Part, dressed
from portal_analysis.figures.rows import rows as rows_on
from portal_analysis.figures.style import FigureError
from portal_analysis.language import numbers
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import Arrangement, fixed, heading, varying
from portal_analysis.language.labels import is_missing
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading
from portal_analysis.shape import domains_of


@dataclass(frozen=True)
class Stack:
    """One bar: its label, the count of each part, and the first line of the table that it is made of."""

    label: str
    counts: tuple[float, ...]
    line: Line

    @property
    def total(self) -> float:
        """The whole bar."""
        return sum(self.counts)

    @property
    def measured(self) -> bool:
        """Is there anything in the bar?"""
        return bool(self.total) and "not measured" not in self.line.flags


def _counted(given: Any) -> pd.DataFrame:
    return shares(given) if isinstance(given, Audit) else given


def _covered(given: Any) -> pd.DataFrame:
    return coverage(given, by=("round", "criterion_id")) if isinstance(given, Audit) else given


@figure(_counted)
def plot_criteria(reading: Reading, look: Look, outcome: str | None = None, sort: bool = False) -> Picture:
    """Draw each criterion as a bar of good, average and inadequate portals, with their counts.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES with one row a criterion and outcome, as ``shares(audit)`` gives it: ``count`` and, if some
        portals could not be judged, ``base`` and ``n_portals``. An Audit is counted by ``shares`` first.
    outcome : str, optional
        The column of levels (``met, partly, not_met``, or ``green, yellow, red``); found by its values if not given.
    sort : bool
        Most good portals first; by default the table's order.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. The levels differ in lightness and hatch, not in colour alone.

    Raises
    ------
    FigureError
        If the table is empty, has no column of levels, or an unknown level.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> figure = pa.plot_criteria(pa.shares(latest), sort=True)
    >>> print(figure.portal_text.title)
    Portals by level of each criterion
    """
    outcome = _part_column(reading.table, outcome, LEVELS)
    rows = [name for name in varying(reading.table) if name != outcome] or ["indicator"]
    stacks = _level_stacks(reading, outcome, rows)
    if sort:
        stacks.sort(key=lambda stack: -(stack.counts[0] / stack.total if stack.total else -1.0))
    heads = _heads(reading, look, [*rows, outcome], "title.levels")
    return _stacked("criteria", reading, heads, stacks, (*LEVELS, REST))


@figure(_covered)
def plot_coverage(reading: Reading, look: Look) -> Picture:
    """Draw what was reached of what was to be audited, and what became of the rest.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES as ``coverage(audit, by=…)`` gives it, with a column of counts for each reason. Of an Audit,
        each criterion is shown.

    Raises
    ------
    FigureError
        If the table is empty or has no counts of reasons.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("portal-review-simulated")
    >>> figure = pa.plot_coverage(pa.coverage(audit, by=["round", "kind"]))
    >>> print(figure.portal_text.title)
    What was judged, and what was not
    """
    used = tuple(part for part in REASONS if any(code in reading.table for code in part.codes))
    if not used:
        known = [code for part in REASONS for code in part.codes]
        raise FigureError(
            f"no counts of reasons: none of the columns {known}; make the table with coverage()"
        )
    several = varying(reading.table)
    rows = [name for name in several if name != "indicator" or len(several) == 1]
    stacks = _column_stacks(reading, rows, used)
    return _stacked("coverage", reading, _heads(reading, look, rows, "title.coverage"), stacks, used)


@figure()
def plot_flows(reading: Reading, look: Look) -> Picture:
    """Draw what became of the portals on each criterion from one round to another.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES of two rounds as ``rounds(audit, first, second)`` gives them, with the counts ``kept, fixed, new,
        still_failing``. A sign marks criteria that cannot be compared.

    Raises
    ------
    FigureError
        If the table is empty, has no counts of flows, or compares several pairs of rounds.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> chile = pa.load_audit("egi-chile")
    >>> figure = pa.plot_flows(pa.rounds(chile, "2019", "2021"))
    >>> print(figure.portal_text.title)
    What became of the portals between 2019 and 2021
    """
    table = reading.table
    codes = [code for part in FLOWS for code in part.codes]
    if not set(codes) <= set(table):
        raise FigureError(f"no counts of flows: the columns are {codes}; make the table with rounds()")
    if len(table[["first", "second"]].drop_duplicates()) > 1:
        raise FigureError("the table compares several pairs of rounds; draw one")
    line = reading.lines[0]
    told = reading.word("title.flows", first=line.named("first"), second=line.named("second"))
    rows = [name for name in varying(table) if name != "indicator"] or ["criterion_id"]
    found = Arrangement(rows[0], None, {})
    heads = heading(reading, found, look.title, look.subtitle or "", told)
    return _stacked("flows", reading, heads, _column_stacks(reading, rows, FLOWS), FLOWS)


def _column_stacks(reading: Reading, rows: Sequence[str], parts: Sequence[Part]) -> list[Stack]:
    """Gather the counts that stand in columns of each line into one bar."""
    return [
        Stack(
            _label(line, rows),
            tuple(float(sum(line.row.get(code) or 0 for code in part.codes)) for part in parts),
            line,
        )
        for line in reading.lines
    ]


def _heads(reading: Reading, look: Look, rows: Sequence[str], title: str) -> tuple[str, str]:
    found = Arrangement(rows[0] if rows else "indicator", None, fixed(reading.table, [*rows, "indicator"]))
    return heading(reading, found, look.title, look.subtitle, reading.word(title))


def _stacked(
    kind: str, reading: Reading, heads: tuple[str, str], stacks: list[Stack], parts: Sequence[Part]
) -> Picture:
    """Return the picture of the parts that occur."""
    always = len(LEVELS) if kind == "criteria" else 0
    seen = [n for n in range(len(parts)) if n < always or any(stack.counts[n] for stack in stacks)]
    kept = [Stack(one.label, tuple(one.counts[n] for n in seen), one.line) for one in stacks]
    return _Stacks(kind, reading, heads, kept, tuple(parts[n] for n in seen))


def _part_column(table: pd.DataFrame, column: str | None, parts: Sequence[Part]) -> str:
    known = {code for part in parts for code in part.codes}
    names = domains_of(table)
    if column is None:
        column = next((name for name in names if set(table[name].dropna().astype(str)) <= known), None)
    if column is None or column not in names:
        raise FigureError(f"no column of levels among {names}; levels are {sorted(known)}")
    unknown = sorted(set(table[column].dropna().astype(str)) - known)
    if unknown:
        raise FigureError(f"unknown levels {unknown} in column {column!r}; levels are {sorted(known)}")
    if "count" not in table:
        raise FigureError(f"levels need the column 'count'; the table has {list(table.columns)}")
    return column


def _label(line: Line, names: Sequence[str]) -> str:
    return ", ".join(line.named(name) for name in names) or line.word("word.all")


def _level_stacks(reading: Reading, outcome: str, rows: list[str]) -> list[Stack]:
    """Gather the lines of each criterion into one bar; the last part is what could not be judged."""
    place = {code: number for number, part in enumerate(LEVELS) for code in part.codes}
    found: dict[str, list[float]] = {}
    first: dict[str, Line] = {}
    for line in reading.lines:
        label, row = _label(line, rows), line.row
        counts = found.setdefault(label, [0.0] * (len(LEVELS) + 1))
        first.setdefault(label, line)
        level = place[str(row[outcome])]
        if counts[level]:
            raise FigureError(
                f"several rows for {label!r} at the level {row[outcome]!r}; a bar needs one for each"
            )
        counts[level] = 0.0 if is_missing(row["count"]) else float(row["count"])
        if not is_missing(row.get("n_portals")) and not is_missing(row.get("base")):
            counts[-1] = float(row["n_portals"] - row["base"])
    return [Stack(label, tuple(counts), first[label]) for label, counts in found.items()]


def _judged(reading: Reading) -> bool:
    """Is it judgements that are covered, not visits?"""
    return "audited" in reading.table


class _Stacks(Picture):
    """Bars in parts on a sheet, with a key to the parts."""

    tells = ()
    divisible = True

    def __init__(
        self,
        kind: str,
        reading: Reading,
        heads: tuple[str, str],
        stacks: list[Stack],
        parts: Sequence[Part],
    ) -> None:
        super().__init__(reading, heads)
        self.kind, self.stacks, self.parts = kind, stacks, parts
        self.names = [reading.word(f"part.{part.name}") for part in parts]
        if kind == "coverage" and all(stack.line.counted for stack in stacks):
            self.notes = (reading.word("note.coverage"),) if _judged(reading) else ()
        self.axes = reading.word("alt.parts", first=self.names[0], told="; ".join(map(self._told, stacks)))

    def _told(self, stack: Stack) -> str:
        counts = (numbers.count(count, self.reading.lang) for count in stack.counts)
        parts = ", ".join(f"{name} {count}" for name, count in zip(self.names, counts, strict=True))
        return f"{stack.label}: {parts}"

    def shown(self) -> list[Shown]:
        """Return the first part of each bar as its value."""
        return [
            Shown(
                stack.label,
                stack.line.with_estimate(stack.counts[0] if stack.total else float("nan")),
                text=numbers.count(stack.counts[0], self.reading.lang) if stack.measured else "",
            )
            for stack in self.stacks
        ]

    def measure(self, page: Sheet) -> float:
        """Measure the rows and the key."""
        self.page = page
        written = [self._written(stack) for stack in self.stacks]
        self.rows = rows_on(page, [stack.label for stack in self.stacks], written, 2.6)
        self.key = key_height(page, self.names, self.rows.points)
        return self.key + self.rows.height

    def _written(self, stack: Stack) -> str:
        if not stack.measured:
            return self.reading.word("word.not_measured")
        if self.kind == "coverage" and stack.line.counted:
            return stack.line.count
        told = self.reading.word("number.n", n=numbers.count(stack.total, self.reading.lang))
        return told + stack.line.marks if self.kind == "flows" else told

    def draw(self) -> None:
        """Draw the key and the bars."""
        page = self.page
        draw_key(page, self.names, self.rows.points, self._draw_sample)
        bold = [place for place, one in enumerate(self.stacks) if self.emphasis.stands_out(one.line)]
        axes, middles = self.rows.axes(page, self.key, bold)
        for stack, middle in zip(self.stacks, middles, strict=True):
            self._draw_stack(axes, stack, middle)
            self.anchor(stack.line, axes, stack.counts[0] / stack.total if stack.total else 0.0, middle)
            self.rows.write(axes, page, middle, self._written(stack), bool(stack.total))

    def _draw_stack(self, axes: Axes, stack: Stack, middle: float) -> None:
        left, across = 0.0, self.rows.across(self.page)
        for number, (part, count) in enumerate(zip(self.parts, stack.counts, strict=True)):
            if not count:
                continue
            width = count / stack.total
            axes.barh(
                middle,
                width,
                left=left,
                height=self.rows.bar,
                zorder=2,
                gid=f"part-{number}",
                **dressed(part),
            )
            told = numbers.count(count, self.reading.lang)
            if style.text_size(told, self.rows.points, "bold")[0] + self.rows.points * 0.5 < width * across:
                self._write_count(axes, left + width / 2, middle, told, part)
            left += width

    def _write_count(self, axes: Axes, x: float, y: float, told: str, part: Part) -> None:
        """Write a count, on a plain patch where the part is hatched."""
        points = self.rows.points
        if part.hatch:
            wide = (style.text_size(told, points, "bold")[0] + points * 0.4) / self.rows.across(self.page)
            axes.barh(
                y,
                wide,
                left=x - wide / 2,
                height=self.rows.bar - 1.2,
                color=part.colour,
                zorder=3,
                gid="patch",
            )
        look: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "weight": "bold",
            "zorder": 4,
            "gid": "count",
        }
        axes.text(x, y, told, fontsize=points, color=style.ink_on(part.colour), **look)

    def _draw_sample(self, axes: Axes, x: float, y: float, number: int) -> None:
        width = self.rows.points * 1.7
        axes.barh(y, width, left=x, height=self.rows.points, gid="key", **dressed(self.parts[number]))
