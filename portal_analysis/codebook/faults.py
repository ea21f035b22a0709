"""Faults of tables: one row a fault, and the one error that tells them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

Schema = Mapping[str, Any]
FAULT_COLUMNS = ["file", "row", "column", "found", "allowed"]


SHOWN_FAULTS = 40


class CodebookError(ValueError):
    """Tables do not hold what their codebook says.

    Attributes
    ----------
    faults : DataFrame
        One row a fault: ``file, row`` (line of the file), ``column, found, allowed``.
    """

    def __init__(self, faults: pd.DataFrame) -> None:
        self.faults = faults.reset_index(drop=True)
        super().__init__(_message(self.faults))

    def __reduce__(self) -> tuple[type[CodebookError], tuple[pd.DataFrame]]:
        return type(self), (self.faults,)


def raise_faults(faults: Iterable[pd.DataFrame]) -> None:
    """Raise one :class:`CodebookError` with all ``faults``; return quietly if there are none."""
    found = stacked(list(faults))
    if len(found):
        raise CodebookError(found)


def faults_at(file: str, found: Any, column: str, allowed: str) -> pd.DataFrame:
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
    filled = [each for each in faults if len(each)]
    if not filled:
        return no_faults()
    stacked = pd.concat(filled, ignore_index=True).drop_duplicates()
    return stacked.sort_values(["file", "row"], kind="stable", ignore_index=True)


def _message(faults: pd.DataFrame) -> str:
    lines = [
        f"- {row.file}, row {row.row}, column '{row.column}': found {row.found}; allowed: {row.allowed}"
        for row in faults.head(SHOWN_FAULTS).itertuples()
    ]
    more = len(faults) - SHOWN_FAULTS
    tail = [f"… and {more} more, all in the error's `faults` table"] if more > 0 else []
    return "\n".join([f"{len(faults)} fault(s):", *lines, *tail])
