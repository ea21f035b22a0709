"""A Parquet file is small for what it may unfold to: what is looked at before its columns are read.

Hands on the frame of a file whose size in memory stands in proportion to its size on disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.tables.table import MOST_COLUMNS, opened, package, raise_faults, too_wide

CELLS, CELLS_PER_BYTE = 20_000_000, 100
"""So many cells a small file may hold, and so many more for each of its bytes: eight answers fit in one."""
TEXT, TEXT_PER_BYTE = 300 * 1024**2, 100
"""So many bytes its texts may unfold to: one text, written once, may stand in thousands of millions of rows."""
MOST_GROUPS = 100_000
"""So many groups of rows that are written one after the other."""


def read_columns(path: Path) -> pd.DataFrame:
    """Read a Parquet file.

    Raises
    ------
    TableError
        If it is broken, unfolds to more than a file of its size does, or a cell holds more than one value.
    """
    raise_faults(path, opened(path, lambda: _faults(path)))
    data: pd.DataFrame = opened(path, lambda: pd.read_parquet(path, engine="pyarrow"))
    return data


def _faults(path: Path) -> list[str]:
    parquet, size = package("pyarrow.parquet", path), path.stat().st_size
    with parquet.ParquetFile(path) as file:
        if wrong := [*_claims(file.metadata, size), *_nested(file.schema)]:
            return wrong
        texts = [one.name for one in _columns(file.schema) if one.physical_type == "BYTE_ARRAY"]
    with parquet.ParquetFile(path, read_dictionary=texts) as packed:
        much = texts and _unfolds(packed, texts, TEXT + TEXT_PER_BYTE * size)
    return [f"the texts of {size:,} bytes unfold to more than a file of its size holds"] if much else []


def _claims(told: Any, size: int) -> list[str]:
    """Say what a file claims that no file of its size holds."""
    faults = [too_wide(told.num_columns)] if told.num_columns > MOST_COLUMNS else []
    if told.num_row_groups > MOST_GROUPS:
        faults.append(
            f"the file has {told.num_row_groups:,} groups of rows; at most {MOST_GROUPS:,} are read"
        )
    cells = told.num_rows * told.num_columns
    if not 0 <= cells <= CELLS + CELLS_PER_BYTE * size:
        faults.append(f"the file says that it holds {cells:,} cells in {size:,} bytes")
    return faults


def _nested(schema: Any) -> list[str]:
    found = dict.fromkeys(one.path.split(".")[0] for one in _columns(schema) if one.path != one.name)
    return [f"column {name!r} holds lists or records; a cell of a table holds one value" for name in found]


def _columns(schema: Any) -> list[Any]:
    return [schema.column(place) for place in range(len(schema))]


def _unfolds(packed: Any, names: list[str], most: int) -> bool:
    """Tell whether texts take more than so many bytes, without unfolding them: each distinct one is read once."""
    import pyarrow
    from pyarrow import compute

    seen = 0
    for batch in packed.iter_batches(columns=names):
        for column in batch.columns:
            column.validate(full=True)  # bytes that are no text raise here, and not at a first look
            if not pyarrow.types.is_dictionary(column.type):
                seen += column.nbytes
                continue
            lengths = compute.take(compute.binary_length(column.dictionary), column.indices)
            seen += compute.sum(lengths).as_py() or 0
        if seen > most:
            return True
    return False
