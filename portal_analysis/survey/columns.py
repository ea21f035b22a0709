"""Columns of the microdata as the design needs them: numbers, labels as codes, and what is wrong with them.

Takes pandas columns; hands on plain arrays, and faults as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.faults import near
from portal_analysis.survey.design import LARGEST, SHOWN, Design

BLOCK = 2**16
"""Rows worked on at a time: a block stays in the processor's cache."""


def as_numbers(column: pd.Series) -> np.ndarray:
    """Return a column as floats; what is missing or not a real number (text, dates, complex) is NaN."""
    kind = getattr(column.dtype, "kind", "O")
    if kind in "cmM":
        return np.full(len(column), np.nan)
    if isinstance(column.dtype, pd.CategoricalDtype) or kind == "O":
        values = [v if _is_plain(v) else np.nan for v in column.astype(object)]
        column = pd.Series(values, dtype=object)
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _is_plain(value: object) -> bool:
    return isinstance(value, Real | Decimal | str | np.bool_)


def header_faults(data: Any) -> list[str]:
    """Say what is wrong with the names of columns."""
    if data.columns.nlevels > 1:
        return [f"the table has {data.columns.nlevels} rows of column names: give it one, of text"]
    wrong = [name for name in data.columns if not isinstance(name, str)]
    if not wrong:
        return []
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return [f"columns must be named by text, not {wrong[:SHOWN]}{more}: data.rename(columns=str) does that"]


def column_faults(data: Any, design: Design, also: Sequence[str]) -> list[str]:
    """Say which columns of a design are not there, or are there twice."""
    if not len(data):
        return ["the table has no rows"]
    given = design.replicates if isinstance(design.replicates, tuple) else ()
    wanted = list(dict.fromkeys([*design.columns, *given, *also]))
    absent = [name for name in wanted if name not in data.columns]
    faults = [f"no column {name!r}; {near(name, data.columns)}" for name in absent]
    twice = [name for name in wanted if list(data.columns).count(name) > 1]
    return faults + ([f"the columns {twice} are there more than once"] if twice else [])


def rows_quoted(mask: np.ndarray) -> str:
    """Say where a mask is true: the first positions, counted from 0, and how many more."""
    where = np.flatnonzero(mask)
    more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
    return f"row {', '.join(str(i) for i in where[:SHOWN])}{more} (counted from 0)"


def weight_faults(weights: np.ndarray, column: pd.Series) -> list[str]:
    """Say which weights cannot be counted with, and where."""
    faults, name = [], column.name
    for what, wrong in (
        ("missing or not a number", np.isnan(weights)),
        ("infinite", np.isinf(weights)),
        ("negative", weights < 0),
        (f"above {LARGEST:g}", np.isfinite(weights) & (weights > LARGEST)),
    ):
        if wrong.any():
            text = next((value for value in column[wrong] if isinstance(value, str)), None)
            such = "" if text is None else f", such as {text!r}"
            faults.append(f"weights {name!r} are {what} in {rows_quoted(wrong)}{such}")
    if not faults and not weights.sum() > 0:
        faults.append(f"weights {name!r} sum to zero: nobody counts")
    elif not faults and weights.sum() < 1 / LARGEST:
        faults.append(f"weights {name!r} sum to {weights.sum():g}: too little to compute with")
    return faults


def label_codes(column: pd.Series, name: str, faults: list[str]) -> tuple[np.ndarray, list[str]]:
    """Return the number of each row's label and the labels; what is wrong goes to ``faults``."""
    try:
        codes, labels = coded(column)
    except TypeError:
        kinds = sorted({type(value).__name__ for value in column})
        faults.append(f"{name!r} holds {kinds}; labels must be text or numbers")
        return np.zeros(len(column), dtype=np.int64), []
    if (codes < 0).any():
        faults.append(f"{name!r} is missing in {rows_quoted(codes < 0)}")
    if alike := read_alike(labels):
        faults.append(f"{name!r} holds {alike} both as text and as a number: make them one kind")
    return codes, [str(label) for label in labels]


def read_alike(values: Iterable[Any]) -> list[str]:
    """Return the first labels that are written alike though they are not equal, such as 1 and "1"."""
    counts = Counter(str(value) for value in values)
    return [label for label, times in counts.items() if times > 1][:SHOWN]


def coded(values: Any) -> tuple[np.ndarray, Any]:
    """Return the number of each value, as ``pandas.factorize`` does; few values are expected of many rows."""
    return pd.factorize(values, size_hint=max(len(values) // 16, 1024))


def crossed(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give numbers to the combinations that occur from 0; return each row's number and the first row of each."""
    key = np.asarray(columns[0], dtype=np.int64)
    for column in columns[1:]:
        key = numbered(key)[0]
        key *= int(column.max()) + 1
        key += column
    number, first, _ = numbered(key)
    return number, first


def numbered(key: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count the different values in their order; return each row's number, the first place of each, and each.

    What ``numpy.unique`` returns, without sorting the rows.
    """
    code, found = coded(key)
    order = np.argsort(found, kind="stable")
    rank = np.empty(len(found), dtype=np.int64)
    rank[order] = np.arange(len(found))
    return rank[code], first_rows(code, len(found))[order], np.asarray(found)[order]


def first_rows(number: np.ndarray, count: int) -> np.ndarray:
    """Return the first row of each of ``count`` numbers, all of which occur; block by block, from the last row on."""
    first = np.empty(count, dtype=np.int64)
    for stop in range(len(number), 0, -BLOCK):
        start = max(stop - BLOCK, 0)
        first[number[start:stop][::-1]] = np.arange(stop - 1, start - 1, -1)
    return first
