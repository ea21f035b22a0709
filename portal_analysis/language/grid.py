"""A table as it is read: headings and cells as text, long or wide.

Takes a Reading; hands on a :class:`Grid`, which notebooks, documents and workbooks place.
"""

from __future__ import annotations

import numbers as abstract
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.language import numbers
from portal_analysis.language.arrange import (
    FigureError,
    arrange,
    section_columns,
    section_of,
)
from portal_analysis.language.catalogue import capital, in_language, own_word, word
from portal_analysis.language.labels import Labels, code_text, is_missing, package_word
from portal_analysis.language.line import Line, flag_text
from portal_analysis.language.reading import Reading, read
from portal_analysis.languages import column_in
from portal_analysis.shape import VALUE_COLUMNS, domains_of, rows_of

CODED = ("counted", "count_type", "claim")
"""Columns of ESTIMATES whose codes are named although they are no domains."""


_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
"""A day or month as files write it."""


class GridError(Error):
    """A table cannot be shown as asked."""


EXTRA_UNITS = {
    **dict.fromkeys(("margin", "planned"), "margin"),
    **dict.fromkeys(("rate", "target_value", "covered", "reliability", "rate_reliability"), "proportion"),
    "moved": "points",
}
"""Units of columns beside the estimate; others are bare numbers."""


@dataclass(frozen=True)
class Grid:
    """A table as text: headings, cells, and what must be said below it.

    Attributes
    ----------
    columns : tuple of str
    rows : tuple of tuple of str
    note : str
        That the data are simulated; nothing for other data.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def long_grid(reading: Reading) -> Grid:
    """Return a table of estimates with one row a number; columns that say nothing are left out."""
    lines = reading.lines
    margins = section_columns(reading.table) if lines else []
    keys = [name for name in ("indicator", *domains_of(reading.table)) if name not in margins]
    keys = [name for name in keys if name == "indicator" or any(name in line.told for line in lines)]
    titles = [reading.names.title(name) for name in keys]
    columns: list[tuple[str, Callable[[Line], str]]] = [
        (title, _named(name)) for title, name in zip(titles, keys, strict=True)
    ]
    columns += [column for column in _parts(reading, margins) if _speaks(column[1], lines)]
    cells = tuple(tuple(cell(line) for _, cell in columns) for line in lines)
    return Grid(tuple(title for title, _ in columns), cells, reading.stamp)


def _named(name: str) -> Callable[[Line], str]:
    return lambda line: line.named(name)


def _speaks(cell: Callable[[Line], str], lines: Sequence[Line]) -> bool:
    return any(cell(line) for line in lines)


def _parts(reading: Reading, margins: list[str]) -> list[tuple[str, Callable[[Line], str]]]:
    """Return the columns after the names: what is compared, the number, and what must be said beside it."""
    heads = {
        name: reading.word(f"heading.{name}")
        for name in ("characteristic", "group", "reference", "period", "count", "n", "p")
    }
    columns: list[tuple[str, Callable[[Line], str]]] = []
    if margins:
        columns = [
            (heads["characteristic"], lambda line: section_of(line, margins).heading),
            (heads["group"], lambda line: section_of(line, margins).label),
        ]
    single = reading.unit_words or len({line.unit_words for line in reading.lines}) == 1
    return [
        *columns,
        (
            heads["reference"],
            lambda line: section_of(line, margins).reference if margins else line.reference,
        ),
        (reading.word("column.over"), lambda line: line.standard),
        (reading.word("word.among"), lambda line: line.subpopulation),
        (heads["period"], lambda line: line.period),
        (heads["count"], lambda line: line.count),
        (reading.value_heading, lambda line: line.number if single or line.counted else line.spoken),
        (reading.interval_heading, lambda line: line.interval),
        (heads["p"], lambda line: line.p()),
        (heads["n"], lambda line: line.n),
        (reading.word("heading.caution"), _caution(reading)),
    ]


def _caution(reading: Reading) -> Callable[[Line], str]:
    """Return what tells a line's flags; that data are simulated is said once where all are."""
    every = all("simulated" in line.flags for line in reading.lines)
    return lambda line: line.caveat if every else flag_text("; ".join(line.flags), line.lang)


def wide_grid(
    reading: Reading, rows: str | None = None, across: str | None = None, interval: bool = False
) -> Grid:
    """Return a table with one row a value of ``rows`` and one column a value of ``across``.

    Parameters
    ----------
    reading : Reading
    rows, across : str, optional
        Two columns of the table; found as a figure finds its rows and groups.
    interval : bool
        Write the interval behind each number.

    Raises
    ------
    FigureError
        If other columns vary too, or several rows would stand in one cell.
    """
    found = arrange(reading.table, rows, across)
    if found.group is None:
        raise FigureError(f"nothing but {found.rows!r} varies; a wide table needs a second column")
    down = list(dict.fromkeys(code_text(line.row[found.rows]) for line in reading.lines))
    over = list(dict.fromkeys(code_text(line.row[found.group]) for line in reading.lines))
    cells = {
        (code_text(line.row[found.rows]), code_text(line.row[found.group])): line for line in reading.lines
    }
    first = {code_text(line.row[found.rows]): line.named(found.rows) for line in reading.lines}
    heads = {code_text(line.row[found.group]): _head(line, found.group) for line in reading.lines}
    counted = all(line.counted or line.hidden for line in reading.lines) and reading.unit == "proportion"
    bases = {row: _bases([cells[row, one] for one in over if (row, one) in cells]) for row in down}
    counted = counted and all(len(one) <= 1 for one in bases.values())
    unit = "" if counted else ("%" if reading.unit == "proportion" else reading.unit_words)
    columns = [
        reading.names.title(found.rows),
        *(f"{heads[one]} ({unit})" if unit else heads[one] for one in over),
    ]
    table = []
    for row in down:
        told = [_wide_cell(cells.get((row, one)), unit, counted, interval) for one in over]
        table.append((first[row], *told, *([bases[row][0] if bases[row] else ""] if counted else [])))
    columns += [reading.word("heading.of")] if counted else []
    return Grid(tuple(columns), tuple(table), _notes(reading))


def _head(line: Line, column: str) -> str:
    """Name a column of a wide table; a code without a name stays as it is written."""
    code, name = code_text(line.row[column]), line.named(column)
    return name if name == code and not package_word(column, code, line.lang) else capital(name)


def _bases(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(numbers.count(line.row["base"], line.lang) for line in lines if line.counted))


def _wide_cell(line: Line | None, unit: str, counted: bool, interval: bool) -> str:
    if line is None:
        return ""
    if line.hidden:
        return line.absent
    told = numbers.count(line.row["count"], line.lang) if counted else line.number.removesuffix(unit)
    inside = f" ({line.interval})" if interval and line.interval else ""
    return told + line.marks + inside


def _notes(reading: Reading) -> str:
    """Return what the signs in a wide table mean, and that its data are simulated."""
    return ". ".join(part for part in (reading.stamp, *reading.flag_lines(worded=True)) if part)


def chosen_grid(
    table: pd.DataFrame,
    lang: str,
    columns: Mapping[str, str] | Sequence[str],
    labels: Labels | None = None,
    stamp: str = "",
) -> Grid:
    """Return the columns of any frame that are asked for, named and written in the language.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES, whose codes are named and whose ``estimate``, ``interval``, ``flag`` … are written as a reading
        writes them; or any other frame.
    lang : str
    columns : mapping or sequence of str
        Which columns, and, as a mapping, what to call them. ``x`` stands for ``x_en`` or ``x_vi``, by the language.
    labels : mapping, optional
        Names of codes.
    stamp : str
        What to say of a frame that is not ESTIMATES: that it rests on simulated data.

    Raises
    ------
    GridError
        If a column is not in the table.
    """
    reading = read(table, lang, labels) if is_estimates(table) else None
    names = [str(name) for name in columns]
    known = {*table.columns, *(("interval",) if reading else ())}
    missing = [name for name in names if _column(known, name, lang) not in known]
    if missing:
        raise GridError(f"the table has no columns {missing}; it has {list(table.columns)}")
    given = dict(columns) if isinstance(columns, Mapping) else {}
    heads = tuple(in_language(given.get(name) or "", lang) or _title(name, lang, reading) for name in names)
    if reading is None:
        rows = tuple(tuple(plain_cell(row, name, lang) for name in names) for row in rows_of(table))
        return Grid(heads, rows, stamp)
    bare = not given.get("estimate") and len({line.unit_words for line in reading.lines}) == 1
    cells = tuple(tuple(_cell(line, name, bare) for name in names) for line in reading.lines)
    return Grid(heads, cells, reading.stamp)


def is_estimates(table: pd.DataFrame) -> bool:
    """Tell whether a frame has the columns of ESTIMATES."""
    return {"indicator", *VALUE_COLUMNS} <= set(table.columns)


def _title(name: str, lang: str, reading: Reading | None) -> str:
    if reading is not None and name == "estimate":
        return reading.value_heading
    if reading is not None and name == "interval":
        return reading.interval_heading
    if name == "reference":
        return word("heading.reference", lang)
    if reading is not None:
        return reading.names.title(name)
    own = own_word("column", name, lang)
    return capital(own) if len(own) > 1 else own or name


def _cell(line: Line, name: str, bare: bool) -> str:
    if name == "estimate":
        return line.number if bare and not line.counted else line.spoken
    if name == "flag":
        return line.caveat
    if name == "source_ids":
        ids = str(line.row[name] or "").split("; ")
        named = [line.names.value("source_id", one, line.row["source"]) for one in ids if one]
        return "; ".join(dict.fromkeys(named))
    told: dict[str, Callable[[], str]] = {
        "interval": lambda: line.interval,
        "n": lambda: line.n,
        "reference": lambda: line.reference,
        "p_value": line.p,
        "p_adjusted": lambda: line.p("p_adjusted"),
        "p_holm": lambda: line.p("p_holm"),
    }
    if name in told:
        return told[name]()
    if name in ("indicator", *line.domains, *CODED):
        return "" if is_missing(line.row[name]) else line.named(name)
    return plain_cell(line.row, name, line.lang)


def _column(columns: Container[Any], name: str, lang: str) -> str:
    """Return the column that is meant: the text in the language, else the column itself, else another language's."""
    own = column_in(columns, name, lang)
    return name if name in columns and own != f"{name}_{lang}" else own


def plain_cell(row: Mapping[str, Any], name: str, lang: str) -> str:
    """Write a cell of any frame: words of the package, numbers and dates in the language's form."""
    value = row.get(_column(row, name, lang))
    if isinstance(value, str):
        own = package_word(name, value, lang)
        return own or (numbers.period_name(value, lang) if _DATE.fullmatch(value) else value)
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return word("word.yes" if value else "word.no", lang)
    if isinstance(value, pd.Timestamp):
        return numbers.period(f"{value:%Y-%m-%d}", lang)
    if isinstance(value, abstract.Real):
        if name in EXTRA_UNITS:
            return _with_unit(float(value), EXTRA_UNITS[name], lang)
        return numbers.number(float(value), "number", lang, numbers.PLACES.get(name))
    return str(value)


def _with_unit(value: float, unit: str, lang: str) -> str:
    told, named = numbers.number(value, unit, lang), numbers.unit_name(unit, lang)
    return word("number.spoken", lang, value=told, unit=named) if named else told


def the_grid(
    table: pd.DataFrame,
    lang: str,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    labels: Labels | None = None,
    *,
    rows: str | None = None,
    across: str | None = None,
    interval: bool = False,
    stamp: str = "",
) -> Grid:
    """Return a table as text: long by default, wide if ``across`` is given, or with chosen columns."""
    if table.empty:
        return Grid((word("heading.value", lang),), ((word("sentence.nothing", lang),),), stamp)
    if columns is not None and across is not None:
        raise GridError("columns= chooses the columns of a long table, across= makes a wide one: give one")
    if across is not None or rows is not None:
        return wide_grid(read(table, lang, labels), rows, across, interval)
    if columns is not None or not is_estimates(table):
        return chosen_grid(table, lang, list(table.columns) if columns is None else columns, labels, stamp)
    return long_grid(read(table, lang, labels))
