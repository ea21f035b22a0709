"""Files that carry labels: Stata, SPSS; and Parquet.

Hands on codes as codes, with their labels and the codes declared missing beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.tables.table import (
    Table,
    composed,
    composed_frame,
    header_faults,
    opened,
    package,
    raise_faults,
)


def read_stata(path: Path, sheet: str | None, encoding: str | None) -> Table:
    pyreadstat = package("pyreadstat", path)
    data, meta = opened(path, lambda: pyreadstat.read_dta(path, user_missing=True, encoding=encoding))
    missing = {name: tuple(f".{code}" for code in codes) for name, codes in meta.missing_user_values.items()}
    for name in missing:
        # The package gives Stata's .a as the letter a; numbers beside it stay numbers.
        data[name] = data[name].map(lambda value: f".{value}" if isinstance(value, str) else value)
    values = {
        name: {f".{code}" if isinstance(code, str) else code: text for code, text in codes.items()}
        for name, codes in meta.variable_value_labels.items()
    }
    return _labelled(path, data, meta.column_names_to_labels, values, missing)


def read_spss(path: Path, sheet: str | None, encoding: str | None) -> Table:
    pyreadstat = package("pyreadstat", path)
    data, meta = opened(path, lambda: pyreadstat.read_sav(path, user_missing=True, encoding=encoding))
    missing = {
        name: tuple(one["lo"] if one["lo"] == one["hi"] else (one["lo"], one["hi"]) for one in ranges)
        for name, ranges in meta.missing_ranges.items()
    }
    return _labelled(path, data, meta.column_names_to_labels, meta.variable_value_labels, missing)


def read_parquet(path: Path, sheet: str | None, encoding: str | None) -> Table:
    package("pyarrow", path)
    data = opened(path, lambda: pd.read_parquet(path, engine="pyarrow"))
    return _labelled(path, data.reset_index(drop=True), {}, {}, {})


def _labelled(
    path: Path,
    data: pd.DataFrame,
    labels: Mapping[str, str | None],
    values: Mapping[str, Mapping[Any, str]],
    missing: Mapping[str, tuple[Any, ...]],
) -> Table:
    names = [composed(str(name)) for name in data.columns]
    raise_faults(path, header_faults(names, "columns"))
    index = pd.RangeIndex(1, len(data) + 1, name="row")
    return Table(
        composed_frame(data.set_axis(names, axis=1).set_axis(index, axis=0)),
        {composed(name): composed(text) for name, text in labels.items() if text},
        {
            composed(name): {code: composed(text) for code, text in each.items()}
            for name, each in values.items()
        },
        {composed(name): codes for name, codes in missing.items()},
        path,
    )
