"""Cells of a text file, and the table that they make.

Hands on :func:`csv_text` and its hash, so that provenance and sheets speak of the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from typing import Any

import pandas as pd

from portal_analysis.files import safe_cell


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV: all digits, missing cells empty."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([safe_cell(str(column)) for column in table.columns])
    for row in table.astype(object).itertuples(index=False, name=None):
        writer.writerow([_cell(plain(value)) for value in row])
    return target.getvalue()


def table_hash(table: pd.DataFrame) -> str:
    """Return the SHA-256 of a table's CSV."""
    return hashlib.sha256(csv_text(table).encode()).hexdigest()


def _cell(value: Any) -> Any:
    """Return a cell for a text file: missing is empty, whole numbers have no decimals, floats all their digits."""
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    return value if isinstance(value, int) else safe_cell(str(value))


def is_missing(value: Any) -> bool:
    """Tell whether a cell holds nothing."""
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


def plain(value: Any) -> Any:
    """Return a Python value for a numpy one."""
    return value.item() if hasattr(value, "item") else value
