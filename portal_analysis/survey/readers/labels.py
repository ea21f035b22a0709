"""What a file's labels say: names of columns and codes, the code of yes, the points of scales.

Hands on the labels of a :class:`Survey` and what follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from portal_analysis import tables
from portal_analysis.codebook import Labels, as_labels, field_labels
from portal_analysis.survey.readers.schema import categories_of
from portal_analysis.tables.border import one_spelling
from portal_analysis.tables.replies import code_of_yes, is_yes_or_no, says_no_answer


def labels_of_file(
    table: tables.Table, schema: Mapping[str, Any] | None, names: Mapping[str, str], data: pd.DataFrame
) -> Labels:
    """Return what the file calls its columns and codes, then the codebook, by the columns' new names."""
    found = as_labels({(column, None): one_spelling(text) or column for column, text in table.labels.items()})
    for column, codes in table.values.items():
        spelled = {_spelled(code): one_spelling(text) or str(code) for code, text in codes.items()}
        found |= as_labels({(column, code): text for code, text in spelled.items()})
    for one in (schema or {}).get("fields", []):
        found |= field_labels(one)
    renamed: Labels = {}
    for (column, code), text in found.items():
        of_indicator = column == "indicator" and code is not None
        key = ("indicator", names.get(str(code), code)) if of_indicator else (names.get(column, column), code)
        renamed[key] = text
    return {
        key: text for key, text in renamed.items() if (key[1] if key[0] == "indicator" else key[0]) in data
    }


def _spelled(code: Any) -> Any:
    return one_spelling(code) if isinstance(code, str) else code


def with_digits(known: Labels, column: str, digits: int) -> Labels:
    """Return labels whose codes of one column have so many digits."""
    return {
        (name, code.zfill(digits) if name == column and code and code.isdigit() else code): text
        for (name, code), text in known.items()
    }


def _codes_of(known: Labels) -> dict[str, dict[str, str]]:
    """Return by column the labels of its codes."""
    found: dict[str, dict[str, str]] = {}
    for (column, code), text in known.items():
        if code is not None and column != "indicator":
            found.setdefault(column, {})[code] = text["vi"]
    return found


def labelled_yes(known: Labels, data: pd.DataFrame) -> dict[str, Any]:
    """Return the code of Yes of columns that hold only the two codes which the file labels Yes and No."""
    found = {}
    for column, told in _codes_of(known).items():
        if column not in data:
            continue
        held = {tables.cell_text(value): value for value in data[column].dropna().unique()}
        said = {code: told.get(text, "") for text, code in held.items()}
        beside = {text: label for text, label in told.items() if text not in held and is_yes_or_no(label)}
        code = code_of_yes({**beside, **said}) if held else None
        if code is not None:
            found[column] = code
    return found


def scales(
    table: tables.Table,
    schema: Mapping[str, Any] | None,
    names: Mapping[str, str],
    known: Labels,
    data: pd.DataFrame,
) -> dict[str, tuple[Any, ...]]:
    """Return the points of scales: a schema's categories; or a file's labelled codes where they label all values."""
    found: dict[str, tuple[Any, ...]] = {}
    for column, told in _codes_of(known).items():
        old = next((name for name, new in names.items() if new == column), column)
        lost = {tables.cell_text(code) for code in table.missing.get(old, ()) if not isinstance(code, tuple)}
        points = [code for code, label in told.items() if code not in lost and not says_no_answer(label)]
        if column in data and old in table.values and _label_all(data[column], told):
            found[column] = tuple(_in_kind(points, data[column]))
    of_schema = {} if schema is None else categories_of(schema)
    return {**found, **{names.get(column, column): codes for column, codes in of_schema.items()}}


def _label_all(values: pd.Series, told: Mapping[str, str]) -> bool:
    held = values.dropna().unique()
    return len(held) > 0 and all(tables.cell_text(value) in told for value in held)


def _in_kind(points: Sequence[str], values: pd.Series) -> list[Any]:
    """Return labelled codes as values of the column's kind, numbers in their order."""
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return list(points)
    numbers = pd.to_numeric(pd.Series(points, dtype=object), errors="coerce").dropna()
    return sorted(numbers.astype(values.dtype).tolist())
