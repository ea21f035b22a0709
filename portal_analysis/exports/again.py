"""Make the files of an export again from the json beside them, and say whether they are the same.

Hands on :func:`again` and :func:`verify`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal_analysis import origins
from portal_analysis.datasets import DATA_VARIABLE
from portal_analysis.exports.files import COLUMN, REPORT_VARIABLE, Exported, export
from portal_analysis.exports.job import ExportError
from portal_analysis.exports.making import read_told, take

FOLDERS = (".", "../figures", "../tables")
"""Where the files of an export lie, seen from its json: beside it, or in the folders of a report."""


def again(path: str | Path, folder: str | Path | None = None, data: str | Path | None = None) -> Exported:
    """Make the files of an export again from the json that stands beside them.

    Parameters
    ----------
    path : str or Path
        The json.
    folder : str or Path, optional
        Where to write; ``again`` beside the json if not given. An older file of the same name is replaced.
    data : str or Path, optional
        A data folder to look in first, as of ``portal-analysis report``.

    Returns
    -------
    Exported

    Raises
    ------
    ExportError
        If the file is no such json, it was made from what is not known (a table in memory, a function of the caller's
        own), or a step cannot be taken.
    Error
        Whatever the functions called say of data that have changed or are not there.

    Notes
    -----
    The steps are calls of public functions of this package with their arguments; others are refused. Files that were
    read are looked for under the paths that were given then, so the folder to call this in is the one of then. Rows
    that were chosen or sorted in between are chosen again by their places; a table that no function of this package
    made is taken as it was exported, withheld cells left empty.
    """
    path = Path(path)
    told = read_told(path)
    if not told.get("steps"):
        raise ExportError(f"{path} cannot be made again: {told.get('untraced') or 'it holds no steps'}")
    with _as_then(told, data), origins.afresh():
        _, given = take(told["steps"])
        return export(**{**given, "folder": Path(folder) if folder is not None else path.parent / "again"})


@contextmanager
def _as_then(told: dict[str, Any], data: str | Path | None) -> Iterator[None]:
    """Date files as they were dated, look for data where they are said to be, and draw for no report."""
    then = str(told.get("dated", ""))
    try:
        dated = datetime.strptime(then, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise ExportError(f"'dated' is {then!r}; it is a moment such as 2024-01-01T00:00:00Z") from error
    changes = {"SOURCE_DATE_EPOCH": str(int(dated.timestamp())), REPORT_VARIABLE: None}
    if data is not None:
        changes[DATA_VARIABLE] = str(Path(data).resolve())
    before = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def verify(path: str | Path, data: str | Path | None = None) -> list[str]:
    """Make the files of an export again and compare them with those that are there.

    Parameters
    ----------
    path : str or Path
        The json beside the files.
    data : str or Path, optional
        A data folder to look in first.

    Returns
    -------
    list of str
        What differs, a line a file; nothing if all are identical to the byte.

    Raises
    ------
    ExportError
        As of :func:`again`.
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix="portal-analysis-") as scratch:
        made = again(path, scratch, data)
        found = []
        for kind, one in made.files.items():
            if f"{made.name}.{kind}" != f"{made.name}.{COLUMN}":
                found += _difference(path.parent, one)
        return found


def _difference(folder: Path, made: Path) -> list[str]:
    there = [folder / place / made.name for place in FOLDERS if (folder / place / made.name).is_file()]
    if not there:
        return [f"{made.name} is missing"]
    before, now = there[0].read_bytes(), made.read_bytes()
    if before == now:
        return []
    return [f"{made.name} differs: {first_difference(before, now)}"]


def first_difference(before: bytes, now: bytes) -> str:
    """Say where two files begin to differ: the line of a text, else the byte."""
    try:
        lines = [one.decode().splitlines() for one in (before, now)]
    except UnicodeDecodeError:
        place = next(
            (n for n, (a, b) in enumerate(zip(before, now, strict=False)) if a != b),
            min(len(before), len(now)),
        )
        return f"from byte {place} on ({len(before)} bytes before, {len(now)} now)"
    pairs = zip(*lines, strict=False)
    place = next((n for n, (a, b) in enumerate(pairs) if a != b), min(map(len, lines)))
    told = [repr(one[place].strip()[:80]) if place < len(one) else "nothing" for one in lines]
    return f"line {place + 1}: {told[0]} before, {told[1]} now"
