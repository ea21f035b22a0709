"""What a report was made of and what came out, in ``report.json`` beside it; and the report made again to compare.

Hands on :func:`record`, :func:`verify_report`.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from portal_analysis.datasets import DESCRIPTOR, Dataset, hash_of
from portal_analysis.faults import Error
from portal_analysis.report.settings import DAY_VARIABLE
from portal_analysis.structured import read_json

RECORD = "report.json"
DATE_VARIABLE = "SOURCE_DATE_EPOCH"
SOFTWARE = ("portal-analysis", "pandas", "numpy", "scipy", "statsmodels", "matplotlib", "nbclient", "typst")
SEEDS = "every call that draws at random has its seed among its arguments; the json of each export holds them"


class RecordError(Error):
    """A report cannot be made again, or is not what its record says."""


def record(
    made: Path, inputs: Iterable[Path], datasets: Iterable[Dataset], options: Mapping[str, Any]
) -> None:
    """Write ``report.json`` into the folder of a finished report.

    Parameters
    ----------
    made : Path
        The folder; what lies in it are the outputs.
    inputs : iterable of Path
        Notebooks, settings and texts that the report was made of.
    datasets : iterable of Dataset
        What the figures rest on.
    options : mapping
        The arguments by which it is made again.
    """
    files = sorted(path for path in made.rglob("*") if path.is_file() and path.name != RECORD)
    told = {
        "report": "portal_analysis",
        "options": dict(options),
        "day": today(),
        "dated": os.environ.get(DATE_VARIABLE),
        "seeds": SEEDS,
        "inputs": [_told(path, path.name) for path in inputs],
        "datasets": [{"id": one.id, **_told(one.folder / DESCRIPTOR, DESCRIPTOR)} for one in datasets],
        "outputs": [_told(path, path.relative_to(made).as_posix()) for path in files],
        "software": software(),
        "commit": commit(),
    }
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    (made / RECORD).write_text(text, encoding="utf-8", newline="\n")


def _told(path: Path, name: str) -> dict[str, Any]:
    return {"path": name, "bytes": path.stat().st_size, "hash": hash_of(path)}


def today() -> str:
    """Return the day that a report is dated with, in UTC."""
    seconds = os.environ.get(DATE_VARIABLE)
    day = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
    return os.environ.get(DAY_VARIABLE) or day.date().isoformat()


def software() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers and pictures depend on, where they are there."""
    found = {"python": platform.python_version()}
    for name in SOFTWARE:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """Return the commit of the checkout that the package runs from, ``+`` behind it if files differ; else None."""
    git, place = shutil.which("git"), Path(__file__).resolve().parents[2]
    if git is None or not (place / ".git").exists():
        return None

    def said(*words: str) -> str:
        run = subprocess.run(
            [git, "-C", str(place), *words], capture_output=True, text=True, check=False, timeout=60
        )
        return run.stdout.strip()

    found = said("rev-parse", "HEAD")
    return (found + ("+" if said("status", "--porcelain", "--untracked-files=no") else "")) or None


def read_record(path: Path) -> dict[str, Any]:
    """Read a ``report.json``.

    Raises
    ------
    RecordError
        If it is missing, no JSON within bounds, or no record of a report.
    """
    told = read_json(path, RecordError)
    if not is_record(told):
        raise RecordError(f"{path} is no record of a report")
    return dict(told)


def is_record(told: Any) -> bool:
    """Tell whether JSON is the record of a report."""
    lists = ("inputs", "outputs", "datasets")
    return (
        isinstance(told, dict)
        and told.get("report") == "portal_analysis"
        and isinstance(told.get("options"), dict)
        and all(isinstance(told.get(name), list) for name in lists)
        and all(
            isinstance(one, dict) and isinstance(one.get("path"), str) for name in lists for one in told[name]
        )
    )


def differences(folder: Path, before: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """Say what differs between a report as it lies there, its record, and the record of the report made again.

    Changed inputs, versions and data come first, since they explain the rest.
    """
    found = [
        f"{name}: {before.get(name)} before, {again.get(name)} now"
        for name in ("commit", "day")
        if before.get(name) != again.get(name)
    ]
    old, new = before.get("software") or {}, again.get("software") or {}
    found += [
        f"{name}: {old.get(name)} before, {new.get(name)} now"
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]
    for kind, word in (("inputs", "input"), ("datasets", "dataset"), ("outputs", "output")):
        was, now = (_hashes(one[kind]) for one in (before, again))
        found += [
            f"{word} {name} is {_how(was.get(name), now.get(name))}"
            for name in {**was, **now}
            if was.get(name) != now.get(name)
        ]
    for one in before["outputs"]:
        path = folder / one["path"]
        if not path.is_file():
            found.append(f"{one['path']} is missing in {folder}")
        elif hash_of(path) != one.get("hash"):
            found.append(f"{one['path']} in {folder} is not the file that was written")
    return found


def _hashes(files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(one.get("id") or one["path"]): one.get("hash") for one in files}


def _how(was: Any, now: Any) -> str:
    return "new" if was is None else "no more there" if now is None else "not the same"


def verify_report(path: Path, make: Callable[[Mapping[str, Any], Path], None], scratch: Path) -> list[str]:
    """Make a report again and say what differs.

    Parameters
    ----------
    path : Path
        Its ``report.json``.
    make : callable
        Makes a report with the options of the record in a folder.
    scratch : Path
        An empty folder.

    Returns
    -------
    list of str
        Nothing if every file is identical to the byte.
    """
    before = read_record(path)
    with _dated(before):
        make(before["options"], scratch)
    return differences(path.parent, before, read_record(scratch / RECORD))


@contextmanager
def _dated(told: Mapping[str, Any]) -> Iterator[None]:
    """Date files as they were dated."""
    wanted = {DATE_VARIABLE: told.get("dated"), DAY_VARIABLE: told.get("day")}
    before = {name: os.environ.get(name) for name in wanted}
    _set(wanted)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = str(value)
