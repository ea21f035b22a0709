"""Tables that stay in another engine: opened without being read, and one error for whatever an engine answers.

Takes paths of Parquet; hands on relations of DuckDB with the connection in which they live.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from portal_analysis.faults import Error
from portal_analysis.paths import MOST_FILES, is_folder, is_there, looked_through, shown

INSTALL = "pip install 'portal-analysis[big]'"

SETTINGS = {"memory_limit": "256MB", "preserve_insertion_order": "false"}
"""Of a connection that reads Parquet: sums need little memory, whatever the length of the file."""


class EngineError(Error):
    """A table that lives elsewhere could not be asked; nothing was computed."""


@contextmanager
def asked(engine: str) -> Iterator[None]:
    """Turn whatever an engine raises into one error."""
    try:
        yield
    except Error:
        raise
    except Exception as error:  # every engine has errors of its own
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise EngineError(
            f"{engine} did not answer, and nothing was computed: {said[:300]} ({type(error).__name__})"
        ) from error


def library(package: str, engine: str) -> Any:
    """Return a package that a table needs.

    Raises
    ------
    EngineError
        If it is not installed: how to install it.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise EngineError(f"a table of {engine} needs the package {package}: {INSTALL}") from error


def parquet(given: str | os.PathLike[str]) -> tuple[Any, Any]:
    """Open one or several Parquet files (a folder, or a path with ``*``) without reading them.

    Returns
    -------
    tuple
        DuckDB's relation, and the connection that must be kept as long as it is asked.

    Raises
    ------
    EngineError
        If there is no such file, it is no Parquet, a folder holds a whole disk, or DuckDB is not installed.
    """
    path = os.fspath(given)
    if "://" not in path and "*" not in path and not is_there(Path(path)):
        raise EngineError(f"there is no file '{shown(path)}'")
    if is_folder(Path(path)):
        if looked_through(Path(path)) is None:
            raise EngineError(
                f"'{shown(path)}' holds more than {MOST_FILES:,} files; name a folder that holds the table and no more"
            )
        path = str(Path(path) / "**" / "*.parquet")
    elif "parquet" not in Path(path).suffix and "parq" not in Path(path).suffix:
        raise EngineError(
            f"{path!r} is no Parquet file; read others first, as with load_survey or pd.read_csv"
        )
    duckdb = library("duckdb", "Parquet")
    with asked("DuckDB"):
        connection = duckdb.connect(config=SETTINGS)
        return connection.read_parquet(path), connection


def said_of_itself(given: str | os.PathLike[str], key: str) -> str | None:
    """Return what a Parquet file says of itself under a key; None if it does not.

    Raises
    ------
    EngineError
        As :func:`parquet`.
    """
    _, connection = parquet(given)
    with asked("DuckDB"):
        rows = connection.execute(
            "select key, value from parquet_kv_metadata(?)", [os.fspath(given)]
        ).fetchall()
    return next(
        (bytes(value).decode("utf-8", "replace") for name, value in rows if bytes(name) == key.encode()), None
    )
