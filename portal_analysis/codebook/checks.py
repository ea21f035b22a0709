"""A table against its Table Schema: columns, values, keys.

Hands on the typed table and its faults.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis.codebook.faults import FAULT_COLUMNS, Schema, faults_at, stacked
from portal_analysis.codebook.fields import breaks, missing_codes, rules_of, typed_values


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
    present = [one for one in fields if one["name"] in text.columns]
    typed = pd.DataFrame(index=text.index)
    for one in present:
        missing = missing_codes(one, schema, labelled=None if not keep_codes else False)
        values, wrong = typed_values(text[one["name"]], one, missing)
        typed[one["name"]] = values
        faults.append(faults_at(file, text[one["name"]][wrong], one["name"], rules_of(one)))
    faults += [_constraint_faults(text, typed, present, schema, file), _key_faults(typed, schema, file)]
    return Checked(typed, stacked(faults))


def foreign_key_faults(
    name: str, files: Mapping[str, Schema], checked: Mapping[str, Checked]
) -> pd.DataFrame:
    """Return the rows of a table whose foreign keys point nowhere."""
    faults = []
    for key in files[name]["schema"].get("foreignKeys", []):
        columns = as_list(key["fields"])
        other = key["reference"].get("resource") or name
        theirs = checked[other].table[as_list(key["reference"]["fields"])].astype("string")
        ours = checked[name].table[columns].astype("string").dropna()
        known = pd.MultiIndex.from_frame(theirs)
        lost = ours[~pd.MultiIndex.from_frame(ours).isin(known)]
        found = lost.agg(", ".join, axis=1) if len(lost) else pd.Series(dtype=str)
        allowed = f"a value of {', '.join(as_list(key['reference']['fields']))} in {files[other]['path']}"
        faults.append(faults_at(str(files[name]["path"]), found, ", ".join(columns), allowed))
    return stacked(faults)


def _column_faults(text: pd.DataFrame, fields: list[Schema], file: str) -> pd.DataFrame:
    wanted = [str(one["name"]) for one in fields]
    unknown = [name for name in text.columns if name not in wanted]
    lacking = [name for name in wanted if name not in text.columns]
    rows = [(file, 1, name, "no such column in the file", "required column") for name in lacking]
    for name in unknown:
        near = difflib.get_close_matches(name, lacking or wanted, n=3)
        allowed = f"did you mean {near}?" if near else f"columns are {wanted}"
        rows.append((file, 1, name, "unknown column", allowed))
    return pd.DataFrame(rows, columns=FAULT_COLUMNS)


def _constraint_faults(
    text: pd.DataFrame, typed: pd.DataFrame, fields: list[Schema], schema: Schema, file: str
) -> pd.DataFrame:
    """Return where values break the fields' constraints: required, allowed, bounds, pattern, unique."""
    faults = []
    for one in fields:
        name, rules = str(one["name"]), one.get("constraints", {})
        if rules.get("required"):
            empty = text[name].isin(missing_codes(one, schema))
            faults.append(faults_at(file, text[name][empty], name, "a value: it is required"))
        labelled = text[name].isin(missing_codes(one, schema, labelled=True))
        wrong = breaks(typed[name], one) & ~labelled
        faults.append(faults_at(file, text[name][wrong], name, rules_of(one)))
        if rules.get("unique"):
            faults.append(_repeats(typed[name].dropna().astype("string"), name, file))
    return stacked(faults)


def _key_faults(typed: pd.DataFrame, schema: Schema, file: str) -> pd.DataFrame:
    columns = as_list(schema.get("primaryKey", []))
    if not columns or any(name not in typed for name in columns):
        return stacked([])
    keys = (
        typed[columns].astype("string").fillna("").agg(", ".join, axis=1)
        if len(typed)
        else pd.Series(dtype=str)
    )
    return _repeats(keys, ", ".join(columns), file)


def _repeats(keys: Any, column: str, file: str) -> pd.DataFrame:
    repeated = keys[keys.duplicated()]
    first = keys.drop_duplicates().reset_index().set_index(keys.name or 0).iloc[:, 0]
    allowed = [f"a key used once; row {first[key]} has it already" for key in repeated]
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
    return [value] if isinstance(value, str) else list(value)
