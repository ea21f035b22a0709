"""Tables that stay where they are: Polars, PyArrow, DuckDB, Parquet, Spark, Ibis; the one room that knows them.

Hands on :class:`Table`, which answers with small pandas frames: sums by group, the distinct values of a column, its
range; and rows where somebody needs them. What is sent is one query through narwhals, which each engine runs in its
own way, on its own machines.
"""

from __future__ import annotations

import functools
import math
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from portal_analysis.survey.queries import (
    REST,
    Place,
    Query,
    Range,
    Value,
    Wanted,
    is_category,
    number_of,
    range_of,
)
from portal_analysis.tables.elsewhere import asked, library, parquet

IN_MEMORY = 100_000
"""Tables in memory (Polars, PyArrow) of fewer rows become pandas frames: asking an engine would take longer."""

SOME = 10_000
"""Rows that show whether a column has few different values."""


Groups = tuple[pd.DataFrame, dict[Place, np.ndarray]]
"""The keys of groups, and their sums."""


class RowsWarning(UserWarning):
    """Rows are fetched, since what was asked for cannot be told from sums."""


P = ParamSpec("P")

R = TypeVar("R")


def answering(method: Callable[P, R]) -> Callable[P, R]:
    """Let a method of a table raise no other error than :class:`EngineError`."""

    @functools.wraps(method)
    def safe(*args: P.args, **kwargs: P.kwargs) -> R:
        with asked(args[0].engine):  # type: ignore[attr-defined]
            return method(*args, **kwargs)

    return safe


@dataclass(frozen=True, eq=False)
class Table:
    """A table that lives elsewhere.

    Attributes
    ----------
    frame : narwhals.LazyFrame
    engine : str
        What it is called.
    """

    frame: Any
    engine: str
    kept: Any = None
    _known: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def schema(self) -> dict[str, Any]:
        """Each column's kind, as narwhals calls it."""
        if "schema" not in self._known:
            with asked(self.engine):
                self._known["schema"] = dict(self.frame.collect_schema())
        return self._known["schema"]

    @property
    def columns(self) -> pd.Index:
        """Names of the columns."""
        return pd.Index(list(self.schema), dtype=object)

    @answering
    def __len__(self) -> int:
        if "rows" not in self._known:
            import narwhals as nw

            self._known["rows"] = int(self._row(self.frame.select(rows=nw.len()))["rows"])
        return self._known["rows"]

    def is_number(self, column: str) -> bool:
        """Tell whether a column holds numbers or truth values."""
        kind = self.schema[column]
        return bool(kind.is_numeric()) or str(kind) == "Boolean"

    def is_category(self, column: str) -> bool:
        """Tell whether a column is declared to hold categories."""
        return is_category(self.schema[column])

    def is_label(self, column: str) -> bool:
        """Tell whether a column's values can name groups."""
        return not bool(self.schema[column].is_nested()) and str(self.schema[column]) not in (
            "Object",
            "Unknown",
        )

    @answering
    def groups(
        self, keys: Sequence[str], weights: str | None, wanted: Sequence[Wanted] = (), rows: int = 0
    ) -> Groups:
        """Ask once for the sums of each combination of the keys.

        ``rows``, ``counted`` (a weight above 0), ``w``, ``ww`` stand under ``(name, -1)``, the sums of outcome k under
        ``(name, k)``.

        Parameters
        ----------
        rows : int
            How many rows a group has at most, if known: longer ones are added up in two parts.
        """
        column = None if weights is None else Value(weights)
        span = self.ranges([column])[column] if column is not None and rows else None
        query = Query(self.schema, weights, rows, span)
        sums = query.of_group() | {
            place: one for k, each in enumerate(wanted) for place, one in query.of_outcome(k, each).items()
        }
        return self._grouped(list(keys), query.named(sums))

    @answering
    def units(self, keys: Sequence[str], weights: str | None) -> Groups:
        """Ask for the sampling units: rows and weights of each; and keep the number of rows and the weights' range."""
        query = Query(self.schema, weights, 0, None)
        sums = query.of_group()
        if weights is not None:
            known = number_of(self.schema, Value(weights))
            sums |= {("low", -1): known.min(), ("high", -1): known.max(), ("known", -1): known.count()}
        found, told = self._grouped(list(keys), query.named(sums))
        self._known["rows"] = int(told["rows", -1].sum())
        if weights is not None and len(found):
            low, high, known = told["low", -1].min(), told["high", -1].max(), told["known", -1].sum()
            self._known["range", Value(weights)] = Range(float(low), float(high), int(known), False)
        return found, told

    def _grouped(self, keys: list[str], sums: Mapping[Place, Any]) -> Groups:
        alias = {f"_{number}": place for number, place in enumerate(sums)}
        told = [one.alias(name) for name, one in zip(alias, sums.values(), strict=True)]
        query = self.frame.group_by(*keys).agg(*told) if keys else self.frame.select(*told)
        found = self._collected(query)
        order = _order([found[key] for key in keys])
        found = found.iloc[order].reset_index(drop=True)
        out: dict[Place, np.ndarray] = {}
        for name, (what, k) in alias.items():
            place = what.removeprefix(REST), k
            out[place] = out.get(place, 0.0) + np.nan_to_num(
                _numbers(found[name]), posinf=np.inf, neginf=-np.inf
            )
        return found[keys], out

    @answering
    def ranges(self, values: Sequence[Value]) -> dict[Value, Range]:
        """Ask once for the range of several columns of numbers; what was asked before is remembered."""
        new = [value for value in dict.fromkeys(values) if ("range", value) not in self._known]
        if new:
            sums = {
                (k, i): one
                for k, value in enumerate(new)
                for i, one in enumerate(range_of(self.schema, value))
            }
            row = self._row(self.frame.select(*(one.alias(f"_{k}_{i}") for (k, i), one in sums.items())))
            for k, value in enumerate(new):
                low, high = (_number(row[f"_{k}_{i}"]) for i in (0, 1))
                whole = not ((k, 3) in sums and _number(row[f"_{k}_3"]) > 0)
                self._known["range", value] = Range(low, high, int(row[f"_{k}_2"]), whole)
        return {value: self._known["range", value] for value in values}

    @answering
    def sizes(self, columns: Sequence[str]) -> dict[str, int]:
        """Ask how many different values several columns hold; where some rows show few, that is enough to know."""
        new = [name for name in dict.fromkeys(columns) if ("size", name) not in self._known]
        if new:
            seen = self._counted(self.frame.head(SOME), new)
            many = [name for name, size in seen.items() if size > SOME // 50]
            self._known.update(
                {("size", n): size for n, size in (seen | self._counted(self.frame, many)).items()}
            )
        return {name: self._known["size", name] for name in columns}

    def _counted(self, frame: Any, columns: Sequence[str]) -> dict[str, int]:
        """Count the different values of some columns."""
        import narwhals as nw

        if not columns:
            return {}
        counts = [nw.col(name).n_unique().alias(f"_{k}") for k, name in enumerate(columns)]
        row = self._row(frame.select(*counts))
        return {name: int(row[f"_{k}"]) for k, name in enumerate(columns)}

    @answering
    def distinct(self, column: str, most: int = 100_000) -> tuple[pd.Series, np.ndarray]:
        """Ask for the different values of a column, in their order, and how often each occurs."""
        import narwhals as nw

        if ("values", column) not in self._known:
            query = self.frame.group_by(column).agg(nw.len().alias("_rows")).head(most)
            found = self._collected(query)
            found = found.iloc[_order([found[column]])].reset_index(drop=True)
            self._known["values", column] = found[column], found["_rows"].to_numpy(dtype=float)
        return self._known["values", column]

    def rows(self, columns: Sequence[str] | None, why: str) -> pd.DataFrame:
        """Fetch rows, and say so before."""
        names = list(self.columns) if columns is None else list(dict.fromkeys(columns))
        warnings.warn(
            f"{why} cannot be told from sums: {len(self):,} rows x {len(names)} columns are fetched from {self.engine}",
            RowsWarning,
            stacklevel=5,
        )
        return self._collected(self.frame.select(*names))

    def _row(self, query: Any) -> dict[str, Any]:
        """Return an answer of one row by the names of its columns."""
        with asked(self.engine):
            found: list[dict[str, Any]] = query.collect("pyarrow").to_native().to_pylist()
        return found[0]

    def _collected(self, query: Any) -> pd.DataFrame:
        with asked(self.engine):
            found = _signed(query.collect("pyarrow").to_native()).to_pandas()
        return pd.DataFrame({name: _plain(found[name]) for name in found.columns})


def table_of(data: Any) -> Table | None:
    """Return a table that lives elsewhere; None for a pandas frame, small tables in memory and what is no table.

    Raises
    ------
    EngineError
        If a file is no Parquet, or the library that a table needs is not installed.
    """
    if isinstance(data, Table):
        return data
    if isinstance(data, pd.DataFrame):
        return None
    if isinstance(data, str | os.PathLike):
        return _parquet(os.fspath(data))
    package = type(data).__module__.partition(".")[0]
    name = NAMES.get(package)
    if name is None:
        return None
    if name in ("Polars", "PyArrow") and hasattr(data, "shape") and data.shape[0] < IN_MEMORY:
        return None
    narwhals = library("narwhals", name)
    if package == "pyarrow":
        return _arrow(data)
    with asked(name):
        return Table(narwhals.from_native(data).lazy(), name)


NAMES = {
    "polars": "Polars",
    "pyarrow": "PyArrow",
    "duckdb": "DuckDB",
    "_duckdb": "DuckDB",
    "pyspark": "Spark",
    "ibis": "Ibis",
    "narwhals": "narwhals",
    "sqlframe": "SQLFrame",
    "dask": "Dask",
}
"""Packages whose tables are asked, and what they are called."""


def _parquet(path: str) -> Table:
    narwhals, (relation, connection) = library("narwhals", "Parquet"), parquet(path)
    with asked("DuckDB"):
        return Table(narwhals.from_native(relation).lazy(), "DuckDB", kept=connection)


def _arrow(data: Any) -> Table:
    """Let DuckDB read an Arrow table where it lies."""
    narwhals, duckdb = (library(name, "PyArrow") for name in ("narwhals", "duckdb"))
    with asked("DuckDB"):
        connection = duckdb.connect()
        return Table(
            narwhals.from_native(connection.from_arrow(data)).lazy(), "DuckDB", kept=(connection, data)
        )


def _plain(values: pd.Series) -> pd.Series:
    """Return a column as pandas itself would hold it: text as text, NaN for nothing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.reset_index(drop=True)
    if isinstance(values.dtype, pd.ArrowDtype) or str(values.dtype) in (
        "Int64",
        "Int32",
        "Float64",
        "boolean",
    ):
        return pd.Series(values.astype(object).where(values.notna(), np.nan).tolist())
    if values.dtype == object:
        held = values.where(values.notna(), None)
        return pd.Series(held.tolist()).infer_objects()
    return values.reset_index(drop=True)


def _numbers(values: pd.Series) -> np.ndarray:
    return pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)


def _number(value: Any) -> float:
    return math.nan if value is None or pd.isna(value) else float(value)


def _order(keys: Sequence[pd.Series]) -> np.ndarray:
    """Return the order of rows by their keys: whatever order an engine answers in, the same numbers follow."""
    if not keys:
        return np.zeros(1, dtype=np.int64)
    codes = []
    for key in keys:
        plain = key.astype(object) if isinstance(key.dtype, pd.CategoricalDtype) else key
        try:
            codes.append(pd.factorize(plain, sort=True)[0])
        except TypeError:
            codes.append(pd.factorize(plain.astype(str), sort=True)[0])
    return np.lexsort(codes[::-1])


def _signed(table: Any) -> Any:
    """Return an Arrow table whose categories are numbered with a sign: older versions give pandas no others."""
    import pyarrow as pa

    columns = []
    for column in table.schema:
        kind = column.type
        if pa.types.is_dictionary(kind) and pa.types.is_unsigned_integer(kind.index_type):
            column = column.with_type(pa.dictionary(pa.int32(), kind.value_type, kind.ordered))
        columns.append(column)
    return table.cast(pa.schema(columns)) if columns != list(table.schema) else table
