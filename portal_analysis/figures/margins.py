"""Tables about one characteristic after the other: by sex, by age group, by education; the terms of a model.

Hands on :class:`Margins`: such a table's rows in sections, each with a heading, for figures and tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis.estimates import domains_of, margins_of, rows_of, term_columns
from portal_analysis.figures.places import Places
from portal_analysis.figures.reading import Reading, fixed, name_of, varying
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.words import Words

MODEL = ("term", "category")


@dataclass(frozen=True)
class Section:
    """The rows about one characteristic: its heading, and the table's rows for each category's label."""

    heading: str
    rows: dict[str, list[dict[str, Any]]]
    total: bool = False


@dataclass(frozen=True)
class Margins:
    """The sections of a table, and the columns that they take up."""

    columns: tuple[str, ...]
    sections: tuple[Section, ...]

    def read(self, table: pd.DataFrame, group: str | None) -> Reading:
        """Say which column makes the groups; the rows are the sections' own.

        Raises
        ------
        FigureError
            If more than one other column varies, or a row would be drawn at the same place as another.
        """
        other = [name for name in varying(table) if name not in (*self.columns, group)]
        group = group or (other.pop(0) if other else None)
        if other:
            raise FigureError(
                f"{[group, *other]} both vary beside {list(self.columns)}: choose one value first"
            )
        for section in self.sections:
            for label, records in section.rows.items():
                members = [str(record[group]) if group else "" for record in records]
                if len(set(members)) < len(members):
                    raise FigureError(f"several rows for {section.heading}, {label}; a figure needs one")
        return Reading("characteristic", group, fixed(table, (*self.columns, group)))


def sections(table: pd.DataFrame, rows: str | None, text: Words, where: Places) -> Margins | None:
    """Return a table's sections, or nothing if it is about one characteristic only or ``rows`` are named."""
    columns = margin_columns(table)
    if rows is not None or not columns:
        return None
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    totals = []
    for row in rows_of(table):
        told = place(row, columns, text, where)
        totals += [] if told[0] else [told[1]]
        found.setdefault(told[0], {}).setdefault(told[1], []).append(row)
    parts = [Section(heading, members, bool(totals) and not heading) for heading, members in found.items()]
    return Margins(tuple(columns), tuple(parts))


def margin_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns that a table is about one after the other; none if it is not such a table."""
    model = set(MODEL) <= set(domains_of(table)) and table["term"].nunique() > 1
    return list(MODEL) if model else margins_of(table)


def place(row: dict[str, Any], columns: list[str], text: Words, where: Places) -> tuple[str, str]:
    """Return a row's heading and label: what it is about, and which category; no heading for everybody."""
    if columns == list(MODEL):
        of = term_columns(row["term"]) or [str(row["term"])]
        heading, value = " × ".join(text.column(name) for name in of), row["category"]
        if pd.isna(value):
            return heading, text.say("each unit more", "mỗi đơn vị tăng thêm")
    else:
        of = [name for name in columns if not pd.isna(row[name])]
        if not of:
            return "", text.label(columns[0], None)
        heading, value = text.column(of[0]), row[of[0]]
    heading += _reference(row, of, text, where)
    return heading, _category(value, of, text, where)


def _category(value: Any, columns: list[str], text: Words, where: Places) -> str:
    codes = [value] if len(columns) == 1 else str(value).split(":")
    names = [[name_of(column, code, text, where) for column in columns] for code in codes]
    return " × ".join(
        next((name for name in tried if name != str(code)), tried[0])
        for tried, code in zip(names, codes, strict=True)
    )


def _reference(row: dict[str, Any], columns: list[str], text: Words, where: Places) -> str:
    if pd.isna(row.get("reference")):
        return ""
    told = _category(row["reference"], columns, text, where)
    return text.say(f" (compared with: {told})", f" (so với: {told})")
