"""What the file system is asked by a path that somebody typed: no name, however strange, raises an error of the system.

Hands on answers, and files with the faults of those that may not be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

MOST_FILES = 50_000
"""So many files a folder may hold to be looked through: more are those of a whole disk."""


def is_file(path: Path) -> bool:
    """Is there a file that may be looked at? False too for a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Is there a folder that may be looked at? False too for a name that no folder can have."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Is there a file or a folder that may be looked at?"""
    return is_file(path) or is_folder(path)


def looked_through(folder: Path) -> list[tuple[Path, str]] | None:
    """Return what :func:`files_below` yields; None where that is more than is looked through."""
    found = list(islice(files_below(folder), MOST_FILES + 1))
    return found if len(found) <= MOST_FILES else None


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path as text that can be printed, whatever bytes it is made of."""
    text = os.fspath(path)[:1000]
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")


def names_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder, in order; none where it may not be looked into."""
    try:
        return sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
    except (OSError, ValueError):
        return []


def files_below(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file at any depth with an empty text, and each folder that cannot be looked into with the reason."""
    refused: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=refused.append):
        folders.sort()
        yield from ((path, "") for name in sorted(names) if is_file(path := Path(place) / name))
    for error in refused:
        yield Path(error.filename or folder), error.strerror or str(error)
