"""A table against its Table Schema: columns, values, keys.

Hands on the typed table and its faults.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.codebook.faults import FAULT_COLUMNS, Schema, faults_at, no_faults, stacked
from portal_analysis.codebook.fields import TYPES, missing_codes, rules_of, tests_of
from portal_analysis.codebook.plain import categorical

REPEATED = "a key used once"
"""What is allowed where a key repeats, at the beginning of what a fault says."""

NO_COLUMN = "no such column in the file"
"""What a fault finds where a required column is missing."""


@dataclass(frozen=True)
class Checked:
    """A table after its check: typed values, and the faults that were found."""

    table: pd.DataFrame
    faults: pd.DataFrame


def check(text: pd.DataFrame, schema: Schema, file: str = "table", keep_codes: bool = False) -> Checked:
    """Turn a table of text into typed values and check it against a Table Schema.

    Parameters
    ----------
    text : DataFrame
        All columns text; the index holds each row's line in the file.
    schema : mapping
        A Table Schema (``fields``, ``primaryKey``, ``missingValues``).
    file : str
        What to call the table in faults.
    keep_codes : bool
        See :func:`load`.

    Returns
    -------
    Checked
        The typed table with the schema's columns in the schema's order, and the faults.
    """
    fields = list(schema["fields"])
    faults = [_column_faults(text, fields, file)]
    typed: dict[str, pd.Series] = {}
    for one in fields:
        name = str(one["name"])
        if name in text.columns:
            typed[name], found = _checked_column(text[name], one, schema, file, keep_codes)
            faults += found
    table = pd.DataFrame(typed, index=text.index)
    faults.append(_key_faults(table, schema, file))
    return Checked(table, stacked(faults))


def foreign_key_faults(
    name: str, files: Mapping[str, Schema], checked: Mapping[str, Checked]
) -> pd.DataFrame:
    """Return the rows of a table whose foreign keys point nowhere."""
    faults = []
    for key in files[name]["schema"].get("foreignKeys", []):
        columns = as_list(key["fields"])
        other = key["reference"].get("resource") or name
        theirs = checked[other].table
        known = set(_keys(theirs, as_list(key["reference"]["fields"])))
        ours = checked[name].table
        astray = [None not in one and one not in known for one in _keys(ours, columns)]
        if not any(astray):
            continue
        lost = ours.loc[astray, columns].astype("string")
        found = lost.agg(", ".join, axis=1) if len(lost) else pd.Series(dtype=str)
        allowed = f"a value of {', '.join(as_list(key['reference']['fields']))} in {files[other]['path']}"
        faults.append(faults_at(str(files[name]["path"]), found, ", ".join(columns), allowed))
    return stacked(faults)


def _column_faults(text: pd.DataFrame, fields: list[Schema], file: str) -> pd.DataFrame:
    wanted = [str(one["name"]) for one in fields]
    unknown = [name for name in text.columns if name not in wanted]
    lacking = [name for name in wanted if name not in text.columns]
    rows = [(file, 1, name, NO_COLUMN, "required column") for name in lacking]
    for name in unknown:
        near = difflib.get_close_matches(name, lacking or wanted, n=3)
        allowed = f"did you mean {near}?" if near else f"columns are {wanted}"
        rows.append((file, 1, name, "unknown column", allowed))
    return pd.DataFrame(rows, columns=FAULT_COLUMNS) if rows else no_faults()


def _keys(table: pd.DataFrame, columns: list[str]) -> list[tuple[str | None, ...]]:
    """Return the keys of a table's rows as texts; None where a part is missing."""
    parts = []
    for name in columns:
        codes, words = _distinct(table[name])
        texts = [*words, None]
        parts.append([texts[code] for code in codes.tolist()])
    return list(zip(*parts, strict=True))


def _checked_column(
    text: pd.Series, field: Schema, schema: Schema, file: str, keep_codes: bool
) -> tuple[pd.Series, list[pd.DataFrame]]:
    """Return a column's values in the field's type, and its faults; each distinct text is looked at once."""
    codes, words = _distinct(text)
    missing = missing_codes(field, schema, labelled=None if not keep_codes else False)
    known = np.array([word not in missing for word in words], dtype=bool)
    convert = TYPES[field.get("type", "string")]
    shown = [word if there else None for word, there in zip(words, known, strict=True)]
    values, right = convert(pd.Series(shown, dtype="str"), field)
    wrong = known & ~right.to_numpy(dtype=bool)
    faults = []
    if wrong.any():
        faults.append(faults_at(file, text[_where(wrong, codes)], str(field["name"]), rules_of(field)))
    if field.get("constraints") or field.get("categories"):
        faults += _constraint_faults(text, codes, words, values, field, schema, file)
    return _spread(values, codes, field, text), faults


def _distinct(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the number of each row's distinct value, -1 where it is missing, and those values as texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, words = column.cat.codes.to_numpy(), column.cat.categories.tolist()
        if len(words) <= len(codes) and np.bincount(codes[codes >= 0], minlength=len(words)).all():
            return codes, [str(word) for word in words]
    codes, distinct = pd.factorize(column)
    return codes, [str(word) for word in distinct.tolist()]


def _where(distinct: np.ndarray, codes: np.ndarray, blank: bool = False) -> np.ndarray:
    """Rows whose distinct value is marked; ``blank`` says what holds for cells that are missing altogether."""
    return np.append(distinct, blank)[codes]


def _spread(values: pd.Series, codes: np.ndarray, field: Schema, text: pd.Series) -> pd.Series:
    """Return the values of distinct texts as a column; a ``categorical`` field, or listed words of one, as such."""
    if field.get("categorical") or (field.get("categories") and isinstance(text.dtype, pd.CategoricalDtype)):
        return pd.Series(_categorical(values, codes, field), index=text.index, name=text.name)
    absent = bool((codes < 0).any())
    if absent and values.dtype in (np.dtype("int64"), np.dtype("bool")):
        values = values.astype("boolean" if values.dtype.kind == "b" else "Int64")
    spread = values.array.take(codes, allow_fill=absent)
    return pd.Series(spread, index=text.index, name=text.name)


def _categorical(values: pd.Series, codes: np.ndarray, field: Schema) -> pd.Categorical:
    return categorical(codes, [None if pd.isna(value) else str(value) for value in values], field)


def _constraint_faults(
    text: pd.Series,
    codes: np.ndarray,
    words: list[str],
    values: pd.Series,
    field: Schema,
    schema: Schema,
    file: str,
) -> list[pd.DataFrame]:
    """Return where values break the field's constraints: required, allowed, bounds, pattern, unique."""
    name, rules = str(field["name"]), field.get("constraints", {})
    faults = []
    if rules.get("required"):
        unsaid = missing_codes(field, schema)
        empty = _where(np.array([word in unsaid for word in words], dtype=bool), codes, blank=True)
        if empty.any():
            faults.append(faults_at(file, text[empty], name, "a value: it is required"))
    tests = tests_of(field)
    if tests:
        labelled = missing_codes(field, schema, labelled=True)
        said = values.notna().to_numpy() & np.array([word not in labelled for word in words], dtype=bool)
        right = np.logical_and.reduce([test(values).fillna(True).to_numpy(dtype=bool) for test in tests])
        wrong = ~right & said
        if wrong.any():
            faults.append(faults_at(file, text[_where(wrong, codes)], name, rules_of(field)))
    if rules.get("unique"):
        spread = _spread(values, codes, {**field, "categorical": False}, text.astype(object))
        faults.append(_repeats(spread.dropna().astype("string"), name, file))
    return faults


def _key_faults(typed: pd.DataFrame, schema: Schema, file: str) -> pd.DataFrame:
    columns = as_list(schema.get("primaryKey", []))
    if not columns or any(name not in typed for name in columns):
        return stacked([])
    repeated = typed.duplicated(columns, keep=False)
    if not repeated.any():
        return stacked([])
    keys = typed.loc[repeated, columns].astype("string").fillna("").agg(", ".join, axis=1)
    return _repeats(keys, ", ".join(columns), file)


def _repeats(keys: Any, column: str, file: str) -> pd.DataFrame:
    repeated = keys[keys.duplicated()]
    first = keys.drop_duplicates().reset_index().set_index(keys.name or 0).iloc[:, 0]
    allowed = [f"{REPEATED}; row {first[key]} has it already" for key in repeated]
    return pd.DataFrame(
        {
            "file": file,
            "row": repeated.index,
            "column": column,
            "found": repeated.to_numpy(),
            "allowed": allowed,
        },
        columns=FAULT_COLUMNS,
    )


def as_list(value: Any) -> list[str]:
    """Return one name or several as a list."""
    return [value] if isinstance(value, str) else list(value)
