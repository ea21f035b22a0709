"""How a table is read before it is drawn: what its rows are, what its groups, what all rows share.

Hands on a :class:`Reading`; a figure then only has to place what it lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis.estimates import check, domains_of
from portal_analysis.figures.places import PROVINCE_COLUMNS, Places
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.words import Words

TIME_COLUMNS = ("wave", "period", "year", "round", "date")


@dataclass(frozen=True)
class Reading:
    """The columns of a table by what they do in a figure."""

    rows: str
    group: str | None
    fixed: dict[str, Any]


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


def read(table: pd.DataFrame, rows: str | None, group: str | None) -> Reading:
    """Find out which column makes the rows and which the groups.

    Raises
    ------
    FigureError
        If a named column is not there, if more than two columns vary, or if two rows of the table would be
        drawn at the same place.
    """
    names = ["indicator", *domains_of(table)]
    unknown = [name for name in (rows, group) if name is not None and name not in names]
    if unknown:
        raise FigureError(f"no such column: {unknown}; rows and groups can be {names}")
    open_ = [name for name in varying(table) if name not in (rows, group)]
    if rows is None:
        rows = _most_values(table, open_) if open_ else (_first_domain(table, group))
        open_ = [name for name in open_ if name != rows]
    if group is None and open_:
        group = open_.pop(0)
    if open_:
        raise FigureError(
            f"{[rows, group, *open_]} all vary; a figure shows two of them, as rows and groups: "
            "choose one value of the others first"
        )
    _check_single(table, [name for name in (rows, group) if name])
    return Reading(rows, group, fixed(table, (rows, group)))


def _most_values(table: pd.DataFrame, names: Sequence[str]) -> str:
    provinces = [name for name in names if name in PROVINCE_COLUMNS]
    return provinces[0] if provinces else max(names, key=lambda name: table[name].nunique(dropna=False))


def _first_domain(table: pd.DataFrame, group: str | None) -> str:
    for name in (*domains_of(table), "indicator"):
        if name != group:
            return name
    return "indicator"


def _check_single(table: pd.DataFrame, names: list[str]) -> None:
    twice = table[table.duplicated(names, keep=False)]
    if not twice.empty:
        found = twice[names].drop_duplicates().head(3).to_dict("records")
        raise FigureError(f"several rows for the same {names}: {found}; a figure needs one row for each")


def heading(
    table: pd.DataFrame,
    reading: Reading,
    words: Words,
    places: Places,
    title: str | None,
    subtitle: str | None,
) -> tuple[str, str]:
    """Return title and subtitle: given, or made of what all rows share."""
    rest = dict(reading.fixed)
    made = name_of("indicator", rest.pop("indicator"), words, places) if "indicator" in rest else ""
    made = made or _indicators(table, reading, words, places)
    by = [
        _inside(words.column(name)) for name in (reading.rows, reading.group) if name and name != "indicator"
    ]
    by = [name for name in by if name.lower() != made.lower()]
    if by:
        made += words.say(" by ", " theo ") + words.say(" and ", " và ").join(by)
    shared = [name_of(name, value, words, places) for name, value in rest.items() if not pd.isna(value)]
    unit = words.unit_name()
    shared += [unit] if unit and unit.lower() not in (title or "").lower() else []
    kept: list[str] = list(table["subpopulation"].dropna().unique()) if "subpopulation" in table else []
    shared += [words.say("only those of ", "chỉ nhóm ") + f"“{words.column(name)}”" for name in kept]
    told = "; ".join(shared)
    return (made if title is None else title), (told[:1].upper() + told[1:] if subtitle is None else subtitle)


def _indicators(table: pd.DataFrame, reading: Reading, words: Words, places: Places) -> str:
    """Name two indicators; more of them, or those that make the rows, are named in the picture only."""
    found = list(dict.fromkeys(table["indicator"]))
    if reading.rows == "indicator" or len(found) > 2:
        return words.column("indicator").capitalize()
    return words.say(" and ", " và ").join(name_of("indicator", one, words, places) for one in found)


def _inside(name: str) -> str:
    """Return a column's title as it stands inside a sentence; abbreviations keep their capitals."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def name_of(column: str, value: Any, words: Words, places: Places) -> str:
    """Return the label of a value: a province's name if the column holds provinces, else the codebook's label."""
    if column in PROVINCE_COLUMNS and (column, str(value)) not in words.labels:
        named = places.name(value, words.lang)
        if named:
            return named
    return words.label(column, value)
