"""The tables of an audit as data: their Table Schema, and a frame brought into its shape and checked by it.

Hands on :data:`TABLES`, :func:`shape`, and the faults of frames and of the keys between them. The schema stands in
``schema.json``; :mod:`portal_analysis.codebook` checks it, as it checks every dataset.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis import codebook
from portal_analysis.codebook import TEXT
from portal_analysis.faults import Error

FAULT_COLUMNS = ["table", "row", "file", "column", "found", "allowed"]

_NO_FAULTS = pd.DataFrame(columns=FAULT_COLUMNS)


class AuditError(Error):
    """The tables of an audit do not fit together.

    Attributes
    ----------
    table : DataFrame or None
        Every fault of a cell: ``table, row, file, column, found, allowed``; ``row`` counts from 1 below the header.
    """


@dataclass(frozen=True, eq=False)
class Table:
    """One table of an audit and its Table Schema.

    Own properties of a field: ``categorical`` keeps an identifier as a categorical, for the large table repeats it.
    """

    name: str
    schema: Mapping[str, Any]

    @cached_property
    def fields(self) -> dict[str, Mapping[str, Any]]:
        """The fields by name, in order."""
        return {str(field["name"]): field for field in self.schema["fields"]}

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self.fields)

    def words(self, column: str) -> tuple[str, ...]:
        """Return the words that may stand in a column, in order."""
        return tuple(self.fields[column].get("categories", ()))

    @cached_property
    def _empty(self) -> pd.DataFrame:
        return pd.DataFrame({name: _missing(field, 0) for name, field in self.fields.items()})

    def empty(self) -> pd.DataFrame:
        """Return a frame with these columns and dtypes and no row."""
        return self._empty.copy()


def _read_tables() -> dict[str, Table]:
    described = json.loads((Path(__file__).parent / "schema.json").read_text("utf-8"))
    return {one["name"]: Table(one["name"], one["schema"]) for one in described["resources"]}


TABLES: dict[str, Table] = _read_tables()
"""The tables of an audit by name.

Beyond the design's columns: ``codebook.version`` (several versions may stand side by side), ``shortcomings``
(the lists of shortcomings a codebook speaks of), in ``judgements`` the ``severity`` and the number of
``elements`` that a tool tells, in ``criteria`` the ``wcag_level`` and the clause of EN 301 549, in
``assessors`` whether their files ``reports`` problems only, and in ``runs`` a ``message`` (why a page was not
audited), ``round``, ``assessor_id`` and ``source_file``. A criterion whose ``round`` is missing holds for every
round. A judgement whose ``page_id`` is missing is about the portal as a whole. A feedback row whose
``shortcoming`` is missing says that the coder read the item and found none. Columns of a researcher's own may
follow; they are kept.
"""


# ---------------------------------------------------------------------------------------------- shape


def shape(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame the columns and dtypes of a table of an audit.

    Parameters
    ----------
    name : str
        A name of :data:`TABLES`.
    frame : DataFrame
        Any subset of the columns that holds the required ones; further columns are kept at the end.

    Returns
    -------
    DataFrame
        A new frame.

    Raises
    ------
    AuditError
        All missing columns and all cells that do not fit their column, in one.
    """
    if name not in TABLES:
        raise AuditError(f"no table of an audit is called {name!r}; they are {list(TABLES)}")
    shaped, faults = checked(TABLES[name], frame, keys=False)
    raise_all([faults])
    return shaped


def checked(table: Table, frame: pd.DataFrame, keys: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a frame in the shape of a table, and its faults; with ``keys`` those of repeated keys too."""
    wanted = [
        field
        for name, field in table.fields.items()
        if name in frame.columns or field.get("constraints", {}).get("required")
    ]
    there = [str(field["name"]) for field in wanted if field["name"] in frame.columns]
    key = [name for name in table.schema.get("primaryKey", ()) if keys and name in there]
    own = {name: frame[name].array for name in frame.columns if name not in table.fields}
    if len(there) == len(wanted) and (plain := _plainly_right(table, frame, there, key)) is not None:
        return _blank(table.name, len(frame)).assign(**plain, **own), _NO_FAULTS
    lines = pd.RangeIndex(1, len(frame) + 1)
    text = pd.DataFrame({name: as_text(frame[name]).array for name in there}, index=lines)
    found = codebook.check(text, {"fields": wanted, "primaryKey": key}, table.name)
    known: dict[str, pd.Series] = {}
    for name in there:
        column = found.table[name].array
        known[name] = column.astype("Int64") if table.fields[name]["type"] == "integer" else column
    shaped = _blank(table.name, len(frame)).assign(**known, **own)
    return shaped, _placed(table.name, shaped, found.faults)


def _plainly_right(
    table: Table, frame: pd.DataFrame, there: Sequence[str], key: Sequence[str]
) -> dict[str, Any] | None:
    """Return the columns of a short table without a fault; None where it is long, or a fault is to be told."""
    if len(frame) > _SMALL:
        return None
    known, keyed = {}, []
    for name in there:
        codes, words = _spelled(frame[name])
        values = codebook.plain_values(codes, words, table.fields[name], table.schema)
        if values is None:
            text = pd.DataFrame({name: _text(codes, words)})
            found = codebook.check(text, {"fields": [table.fields[name]]}, table.name)
            if len(found.faults):
                return None
            values = found.table[name].array
        known[name] = pd.array(values, dtype="Int64") if table.fields[name]["type"] == "integer" else values
        keyed += [codes.tolist()] if name in key else []
    return known if not key or len(set(zip(*keyed, strict=True))) == len(frame) else None


def _blank(table: str, length: int) -> pd.DataFrame:
    """Return a frame of a table with missing values only; small ones are made once."""
    if length > _SMALL:
        return _made_blank(table, length)
    return _kept_blank(table, length)


def _made_blank(table: str, length: int) -> pd.DataFrame:
    fields = TABLES[table].fields
    return pd.DataFrame({name: _missing(field, length) for name, field in fields.items()})


_SMALL = 200
_kept_blank = lru_cache(maxsize=256)(_made_blank)


def as_text(column: pd.Series) -> pd.Series:
    """Return a column as text, each distinct value spelled once: no blanks at its ends, ``2024.0`` as ``2024``.

    What is missing or blank stays missing.
    """
    return pd.Series(_text(*_spelled(column)), index=column.index, name=column.name)


def _text(codes: np.ndarray, words: Sequence[str]) -> pd.Categorical:
    index: Any = pd.Index(list(words), dtype=TEXT)
    return pd.Categorical.from_codes(codes, categories=index, validate=False)


def _spelled(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the number of each row's word, -1 where it is missing, and the words in the order of their rows."""
    if len(column) <= _SMALL:
        return _spelled_few(column.tolist())
    codes, values = pd.factorize(column)
    words = [_word(value) for value in values.tolist()]
    distinct = list(dict.fromkeys(word for word in words if word))
    place = {word: position for position, word in enumerate(distinct)}
    lookup = np.array([*(place[word] if word else -1 for word in words), -1], dtype=np.int64)
    return lookup[codes], distinct


def _spelled_few(values: Sequence[Any]) -> tuple[np.ndarray, list[str]]:
    """As :func:`_spelled`, without a table of hashes for every column."""
    place: dict[str, int] = {}
    known: dict[Any, int] = {}
    codes = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        if value not in known:
            word = "" if value is None or value is pd.NA or value != value else _word(value)
            known[value] = place.setdefault(word, len(place)) if word else -1
        codes[row] = known[value]
    return codes, list(place)


def _word(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value).strip()


def _missing(field: Mapping[str, Any], length: int) -> pd.Series:
    """Return a column of a field's dtype without a value."""
    kind = field["type"]
    if field.get("categorical") or field.get("categories"):
        listed = pd.Index(list(field.get("categories", ())), dtype=TEXT)
        ordered = bool(field.get("categoriesOrdered"))
        nowhere = np.full(length, -1, dtype=np.int8)
        return pd.Series(pd.Categorical.from_codes(nowhere, categories=listed, ordered=ordered))
    dtype = {"number": "float64", "integer": "Int64", "datetime": "datetime64[us]"}.get(kind, TEXT)
    return pd.Series([None] * length, dtype=dtype)


def no_dates(texts: Iterable[str]) -> set[str]:
    """Return those texts that no table of an audit takes for a day or time; it is the tables that are asked.

    Examples
    --------
    >>> no_dates(["2024-05-31", "20240531T080000Z", "2024-W22-5"])
    {'2024-W22-5'}
    """
    words = list(dict.fromkeys(texts))
    field = TABLES["runs"].fields["started_at"]
    column = as_text(pd.Series(words, dtype=object)).rename(field["name"])
    found = codebook.check(column.to_frame(), {"fields": [field]}, "runs").faults
    return {words[int(row)] for row in found["row"]}


# ----------------------------------------------------------------------------------------------- keys


def key_faults(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows whose keys into another table lead nowhere.

    A table without rows is not checked against: it means that the audit came without it.
    """
    filled = {name: frame for name, frame in tables.items() if len(frame)}
    keyed = {
        name: one for name in filled if (one := _described(TABLES[name], filled))["schema"]["foreignKeys"]
    }
    if not keyed:
        return _NO_FAULTS
    known = {name: codebook.Checked(_numbered(frame), codebook.no_faults()) for name, frame in filled.items()}
    if "criteria" in known and "judgements" in known:
        every = _in_every_round(tables["criteria"], tables["judgements"])
        known["criteria"] = codebook.Checked(every, codebook.no_faults())
    files = {**{name: {"path": name} for name in filled}, **keyed}
    return _stacked(
        [_placed(name, filled[name], codebook.foreign_key_faults(name, files, known)) for name in keyed]
    )


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.RangeIndex(1, len(frame) + 1), axis=0)


def _described(table: Table, filled: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    keys = [key for key in table.schema.get("foreignKeys", ()) if key["reference"]["resource"] in filled]
    return {"path": table.name, "schema": {"foreignKeys": keys}}


def _in_every_round(criteria: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of the criteria, those without a round in every round that was judged."""
    names, rounds = criteria["criterion_id"].tolist(), criteria["round"].tolist()
    judged = list(judgements["round"].cat.categories)
    keys = [
        (name, each)
        for name, when in zip(names, rounds, strict=True)
        for each in ([*judged, None] if pd.isna(when) else [when])
    ]
    return pd.DataFrame(keys, columns=["criterion_id", "round"], dtype=object)


# ---------------------------------------------------------------------------------------------- faults


def _placed(table: str, frame: pd.DataFrame, faults: pd.DataFrame) -> pd.DataFrame:
    """Return the faults of a table as an audit tells them; ``file`` says ``file line`` where the table remembers it."""
    if not len(faults):
        return _NO_FAULTS
    of_column = faults["found"] == codebook.NO_COLUMN
    rows = faults["row"].where(~of_column, None).astype("Int64")
    found = faults["found"].where(~faults["found"].isin(["nan", "None", "''", "<NA>"]), "(empty)")
    place = ["" if pd.isna(row) else _place(frame, int(row) - 1) for row in rows]
    told = {"table": table, "row": rows, "file": place, "column": faults["column"], "found": found}
    return pd.DataFrame({**told, "allowed": faults["allowed"]}, columns=FAULT_COLUMNS)


def _place(frame: pd.DataFrame, row: int) -> str:
    if "source_file" not in frame.columns or pd.isna(frame["source_file"].iloc[row]):
        return ""
    line = frame["source_row"].iloc[row] if "source_row" in frame.columns else None
    return str(frame["source_file"].iloc[row]) + ("" if line is None or pd.isna(line) else f" line {line}")


def fault_rows(
    table: str, frame: pd.DataFrame, where: pd.Series, column: str, found: Iterable[Any], allowed: str
) -> pd.DataFrame:
    """Return one fault for each row of ``where``."""
    rows = np.flatnonzero(where.to_numpy())
    values = pd.Series(list(found), dtype=object).iloc[rows]
    faults = pd.DataFrame({"row": rows + 1, "column": column, "found": [repr(value) for value in values]})
    return _placed(table, frame, faults.assign(allowed=allowed))


def only_repeats(faults: pd.DataFrame) -> bool:
    """Are these no faults, or repeated keys only, so that keys and ratings can still be looked at?"""
    return not len(faults) or bool(faults["allowed"].str.startswith(codebook.REPEATED).all())


def _stacked(faults: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [one for one in faults if len(one)]
    return pd.concat(filled, ignore_index=True) if filled else _NO_FAULTS


def raise_all(faults: Sequence[pd.DataFrame]) -> None:
    """Raise one :class:`AuditError` with all faults; return quietly if there are none."""
    table = _stacked(faults)
    if not len(table):
        return
    kinds = table.groupby(["table", "column", "found", "allowed"], sort=False)
    lines = []
    for (name, column, found, allowed), group in kinds:
        first = group.iloc[0]
        where = "" if pd.isna(first["row"]) else f" row {first['row']}"
        where += f" ({first['file']})" if first["file"] else ""
        more = f" [{len(group)} rows in all]" if len(group) > 1 else ""
        lines.append(f"{name}{where}, column {column!r}: found {found}; allowed: {allowed}{more}")
    raise AuditError.of(lines, "the tables of the audit do not hold what they must", table)
