"""What a table's rows are, what its groups, what all rows share; and the title that follows from it.

Takes a Reading; hands on an :class:`Arrangement`, or :class:`Sections` of a table about one characteristic after the
other, for figures and tables to place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.language import numbers
from portal_analysis.language.catalogue import capital, inside, own_word
from portal_analysis.language.labels import TIME_COLUMNS, code_text, is_missing
from portal_analysis.language.line import Line
from portal_analysis.language.numbers import unit_name
from portal_analysis.language.reading import Reading
from portal_analysis.shape import PROVINCE_COLUMNS, check, domains_of, margins_of, term_columns

MODEL = ("term", "category")
SAID = (
    *("", "proportion", "agreement", "probability", "count", "score", "rank"),
    *("variance share", "test statistic"),
)
"""Kinds of numbers that the name of the indicator says already."""
_BEGINS = re.compile(r"(\.\./)?\d{4}")
"""What a time begins with: a year."""
CHARACTERISTIC = "characteristic"
"""What stands for the rows of a table about one characteristic after the other."""


class FigureError(Error):
    """A figure or a wide table was asked for that cannot be made from the table."""


@dataclass(frozen=True)
class Arrangement:
    """The columns of a table by what they do: rows, groups within a row, and what all rows share."""

    rows: str
    group: str | None
    fixed: dict[str, Any]

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that make rows and groups."""
        return tuple(name for name in (self.rows, self.group) if name)


@dataclass(frozen=True)
class Section:
    """The rows about one characteristic: its heading, and the lines for each category's name."""

    heading: str
    rows: dict[str, list[Line]]
    total: bool = False


@dataclass(frozen=True)
class Sections:
    """The sections of a table, and the columns that they take up."""

    columns: tuple[str, ...]
    parts: tuple[Section, ...]

    def arrange(self, table: pd.DataFrame, group: str | None) -> Arrangement:
        """Say which column makes the groups; the rows are the sections' own.

        Raises
        ------
        FigureError
            If more than one other column varies, or a row would stand at the same place as another.
        """
        other = [name for name in varying(table) if name not in (*self.columns, group)]
        group = group or (other.pop(0) if other else None)
        if other:
            raise FigureError(
                f"{[group, *other]} both vary beside {list(self.columns)}: choose one value first"
            )
        for section in self.parts:
            for label, lines in section.rows.items():
                members = [str(line.row[group]) if group else "" for line in lines]
                if len(set(members)) < len(members):
                    raise FigureError(f"several rows for {section.heading}, {label}; a figure needs one")
        return Arrangement(CHARACTERISTIC, group, fixed(table, (*self.columns, group)))


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table if it is ESTIMATES with at least one row.

    Raises
    ------
    FigureError
        If there is nothing to draw.
    """
    if check(table).empty:
        raise FigureError("the table has no rows; there is nothing to draw")
    return table


def varying(table: pd.DataFrame) -> list[str]:
    """Return ``indicator`` and the domain columns that hold more than one value."""
    names = ["indicator", *domains_of(table)]
    return [name for name in names if table[name].nunique(dropna=False) > 1]


def fixed(table: pd.DataFrame, used: Sequence[str | None]) -> dict[str, Any]:
    """Return the value of each column that is the same in all rows and plays no other part."""
    names = [name for name in ["indicator", *domains_of(table)] if name not in used]
    return {name: table[name].iloc[0] for name in names if table[name].nunique(dropna=False) == 1}


def arrange(table: pd.DataFrame, rows: str | None = None, group: str | None = None) -> Arrangement:
    """Find out which column makes the rows and which the groups.

    Raises
    ------
    FigureError
        If a named column is not there, if more than two columns vary, or if two rows of the table would stand
        at the same place.
    """
    names = ["indicator", *domains_of(table)]
    unknown = [name for name in (rows, group) if name is not None and name not in names]
    if unknown:
        raise FigureError(f"no such column: {unknown}; rows and groups can be {names}")
    open_ = [name for name in varying(table) if name not in (rows, group)]
    if rows is None:
        rows = _most_values(table, open_) if open_ else _first_domain(table, group)
        open_ = [name for name in open_ if name != rows]
    if group is None and open_:
        group = open_.pop(0)
    if open_:
        raise FigureError(
            f"{[rows, group, *open_]} all vary; a figure shows two of them, as rows and groups: "
            "choose one value of the others first"
        )
    found = Arrangement(rows, group, fixed(table, (rows, group)))
    _check_single(table, list(found.used))
    return found


def _most_values(table: pd.DataFrame, names: Sequence[str]) -> str:
    provinces = [name for name in names if name in PROVINCE_COLUMNS]
    return provinces[0] if provinces else max(names, key=lambda name: table[name].nunique(dropna=False))


def _first_domain(table: pd.DataFrame, group: str | None) -> str:
    names = [name for name in domains_of(table) if name != group]
    named = [name for name in names if table[name].notna().any()]
    return (named or names or ["indicator"])[-1 if named else 0]


def _check_single(table: pd.DataFrame, names: list[str]) -> None:
    twice = table[table.duplicated(names, keep=False)]
    if not twice.empty:
        found = twice[names].drop_duplicates().head(3).to_dict("records")
        raise FigureError(f"several rows for the same {names}: {found}; a figure needs one row for each")


def sections(reading: Reading, rows: str | None = None) -> Sections | None:
    """Return a table's sections, or nothing if it is about one characteristic only or ``rows`` are named."""
    columns = section_columns(reading.table)
    if rows is not None or not columns:
        return None
    found: dict[str, dict[str, list[Line]]] = {}
    totals = []
    for line in reading.lines:
        heading, label, reference = section_of(line, columns)
        totals += [] if heading else [label]
        if reference:
            heading += f" ({line.word('word.compared_with', other=reference)})"
        found.setdefault(heading, {}).setdefault(label, []).append(line)
    parts = [Section(heading, members, bool(totals) and not heading) for heading, members in found.items()]
    return Sections(tuple(columns), tuple(parts))


def section_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns that a table is about one after the other; none if it is not such a table."""
    model = set(MODEL) <= set(domains_of(table)) and table["term"].nunique() > 1
    return list(MODEL) if model and table["category"].notna().any() else margins_of(table)


class Place(NamedTuple):
    """Where a line stands in a table of sections: under which heading, as which category, compared with which."""

    heading: str
    label: str
    reference: str


def section_of(line: Line, columns: Sequence[str]) -> Place:
    """Return a line's heading, label and reference; no heading for what is about everybody."""
    names, row = line.names, line.row
    if tuple(columns) == MODEL:
        of, value = term_columns(row["term"]) or [str(row["term"])], row["category"]
        heading = names.term(row["term"], row["source"])
        if is_missing(value):
            return Place(heading, line.named("category"), "")
    else:
        of = [name for name in columns if name in line.told]
        if not of:
            return Place("", names.value(columns[0], None), "")
        heading, value = names.column(of[0], row["source"]), row[of[0]]
    other = row.get("reference")
    told = "" if is_missing(other) else names.category(of, other, row["source"])
    return Place(heading, names.category(of, value, row["source"]), told)


def heading(
    reading: Reading,
    found: Arrangement,
    title: str | None = None,
    subtitle: str | None = None,
    made: str = "",
) -> tuple[str, str]:
    """Return title and subtitle: given, or made of what all rows share; ``made`` stands in for the made title."""
    rest = dict(found.fixed)
    what = _what(reading, found, rest)
    head = made or (_by(reading, what, found) if title is None else "")
    shared = [_shared(reading, name, value) for name, value in rest.items() if not is_missing(value)]
    shared += _beside(reading, found, title if title is not None else head)
    return (head if title is None else title), (
        capital("; ".join(part for part in shared if part)) if subtitle is None else subtitle
    )


def _what(reading: Reading, found: Arrangement, rest: dict[str, Any]) -> str:
    """Name what the numbers are of: one or two indicators by name, more of them by their kind."""
    said = "" if reading.measure in SAID else reading.word(f"measure.{reading.measure}")
    if reading.measure == "quantile" and not is_missing(rest.get("quantile")):
        said = reading.names.value("quantile", rest.pop("quantile"))
    if "indicator" in rest and rest["indicator"] in found.used:
        del rest["indicator"]
        return reading.word("title.each_shortcoming")
    if "indicator" in rest:
        return _measured(reading, reading.names.value("indicator", rest.pop("indicator")), said)
    names = list(dict.fromkeys(reading.table["indicator"]))
    if len(names) > 2:
        count = numbers.count(len(names), reading.lang)
        return reading.word("title.several", kind=capital(said or _kind(reading)), count=count)
    what = reading.word("word.and").join(reading.names.value("indicator", one) for one in names)
    return _measured(reading, what, said)


def _measured(reading: Reading, what: str, said: str) -> str:
    """Add the kind of number to a name; the name of a test of association says it already."""
    if not said or reading.measure == "association":
        return what
    return reading.word("title.measured", what=what, measure=said)


def _kind(reading: Reading) -> str:
    """Name the kind of many indicators' numbers: shares, of portals where portals are counted."""
    counted = {str(line.row.get("counted") or "") for line in reading.lines}
    named = unit_name(counted.pop(), reading.lang) if len(counted) == 1 else ""
    if reading.unit != "proportion":
        return reading.word("heading.value")
    return reading.word("title.shares_of", counted=named) if named else reading.word("measure.proportion")


def _by(reading: Reading, what: str, found: Arrangement) -> str:
    """Add to a title what makes the rows and groups."""
    times = {name: told for name in found.used if (told := _times(reading, name))}
    named = [name for name in found.used if name not in times and not _names_itself(reading, name, what)]
    by = [inside(_column(reading, name)) for name in named]
    if by:
        what = reading.word("word.by", what=what, columns=reading.word("word.and").join(by))
    return ", ".join([what, *times.values()])


def _times(reading: Reading, name: str) -> str:
    """Say over which times the rows of a table go: the first and the last; nothing for what is no time."""
    if name not in TIME_COLUMNS or name not in reading.table:
        return ""
    lines = {code_text(line.row[name]): line for line in reading.lines if not is_missing(line.row[name])}
    codes = sorted(lines, key=lambda code: code.lstrip("./"))
    if len(codes) < 2 or not all(_BEGINS.match(code) for code in codes):
        return ""
    ends = {"first": lines[codes[0]].named(name), "last": lines[codes[-1]].named(name)}
    if name == "round":
        ends = {"first": codes[0][:4], "last": codes[-1][:4]}
    return reading.word("title.two_times" if len(codes) == 2 else "title.times", **ends)


def _names_itself(reading: Reading, name: str, what: str) -> bool:
    """Is a column said already: indicators by their names or number, a model's terms by the model?"""
    if name == CHARACTERISTIC:
        return "term" in reading.table
    if name == "indicator":
        return True
    itself = name == reading.table["indicator"].iloc[0] and reading.table["indicator"].nunique() == 1
    return itself or name in MODEL or _column(reading, name).lower() == what.lower()


def _column(reading: Reading, name: str) -> str:
    if name == CHARACTERISTIC:
        return own_word("column", name, reading.lang)
    return reading.names.column(name)


def _shared(reading: Reading, name: str, value: Any) -> str:
    if name == "category" and len(reading.lines):
        return reading.lines[0].named(name)
    return reading.names.term(value) if name == "term" else reading.names.value(name, value)


def _beside(reading: Reading, found: Arrangement, title: str) -> list[str]:
    """Say what a number needs beside its name: unit, what it is compared with, whom it is about, its time."""
    parts = []
    unit = reading.unit_words
    if unit and unit.lower() not in title.lower():
        parts.append(unit)
    references = {line.reference for line in reading.lines}
    if found.rows != CHARACTERISTIC and len(references) == 1 and (other := references.pop()):
        parts.append(reading.word("word.compared_with", other=other))
    bases = {line.row.get("base") for line in reading.lines if line.counted and line.unit != "proportion"}
    if len(bases) == 1:
        parts.append(reading.word("word.of_measured", base=f"{bases.pop():.0f}"))
    parts += list(dict.fromkeys(line.period for line in reading.lines if line.period))
    parts += list(dict.fromkeys(line.only for line in reading.lines if line.only))
    return parts


def row_label(line: Line, columns: Sequence[str], several: bool = False) -> str:
    """Return the name of a row by some columns; with what it is compared with where rows differ in that."""
    told = ", ".join(line.named(name) for name in columns if name != CHARACTERISTIC)
    if several and line.reference and line.told and line.told[-1] in columns:
        return line.word("word.compared", one=told, other=line.reference)
    return told


def differing_references(reading: Reading) -> bool:
    """Are the rows compared with different groups, so that each must say with which?"""
    return len({line.reference for line in reading.lines}) > 1


def axis_words(reading: Reading, rows: str) -> str:
    """Say what the rows are, and what the axis of the values is in."""
    unit = reading.word("alt.per_cent") if reading.unit == "proportion" else reading.unit_words
    across = reading.word("alt.axis", unit=unit) if unit else reading.word("alt.axis_plain")
    return f"{reading.word('alt.rows', rows=inside(_column(reading, rows)))} {across}"


def title_of(reading: Reading) -> str:
    """Return a title for a table: what all rows share, as a figure's title and subtitle say it."""
    if not reading.lines:
        return reading.word("heading.numbers")
    parts = sections(reading)
    try:
        found = arrange(reading.table) if parts is None else parts.arrange(reading.table, None)
    except FigureError:
        several = varying(reading.table) or ["indicator"]
        found = Arrangement(several[0], None, fixed(reading.table, several))
    return ". ".join(part for part in heading(reading, found) if part)
