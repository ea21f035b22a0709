"""Faults of tables: one row a fault, and the one error that tells them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from portal_analysis.faults import Error

Schema = Mapping[str, Any]
FAULT_COLUMNS = ["file", "row", "column", "found", "allowed"]


class CodebookError(Error):
    """Tables do not hold what their codebook says.

    Attributes
    ----------
    table : DataFrame
        One row a fault: ``file, row`` (line of the file), ``column, found, allowed``.
    """


def raise_faults(faults: Iterable[pd.DataFrame]) -> None:
    """Raise one :class:`CodebookError` with all ``faults``; return quietly if there are none."""
    found = stacked(list(faults))
    if len(found):
        raise CodebookError.of(_lines(found), "the tables do not hold what their codebook says", found)


def faults_at(file: str, found: Any, column: str, allowed: str) -> pd.DataFrame:
    """Return a fault for each value of a Series of wrong values; its index is the row."""
    return pd.DataFrame(
        {
            "file": file,
            "row": found.index,
            "column": column,
            "found": found.map(repr).to_numpy(),
            "allowed": allowed,
        },
        columns=FAULT_COLUMNS,
    )


def no_faults() -> pd.DataFrame:
    """Return a table of faults without a row."""
    return _NO_FAULTS.copy()


_NO_FAULTS = pd.DataFrame(columns=FAULT_COLUMNS)


def stacked(faults: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of faults below each other, in the order of files and rows, each fault once."""
    filled = [each for each in faults if len(each)]
    if not filled:
        return no_faults()
    stacked = pd.concat(filled, ignore_index=True).drop_duplicates()
    return stacked.sort_values(["file", "row"], kind="stable", ignore_index=True)


def _lines(faults: pd.DataFrame) -> list[str]:
    return [
        f"{row.file}, row {row.row}, column '{row.column}': found {row.found}; allowed: {row.allowed}"
        for row in faults.itertuples()
    ]
