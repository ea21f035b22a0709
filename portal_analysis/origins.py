"""Where data came from: the files themselves, how they were read, or the dataset that was loaded; never a mere name.

Hands on :class:`Origin`, which a Survey, an Audit and a Register carry, and :func:`known`, by which an export finds the
origins of the ``source`` that stands in a table.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import inspect
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from portal_analysis.datasets import (
    DESCRIPTOR,
    Dataset,
    SourceError,
    dataset,
    folders,
    hash_of,
    read_descriptor,
    sources,
    state,
)
from portal_analysis.paths import is_file, is_folder, looked_through

MOST = 200
"""How many files an origin lists one by one; more are told by their number, size and one hash over all."""

LARGEST_HASHED = 1 << 30
"""Bytes up to which a file is hashed."""

ORIGINS_KEPT = 20
"""How many origins of one source are remembered: the last ones."""


@dataclass(frozen=True)
class Origin:
    """Where the data of a survey, an audit or a table of published numbers came from.

    Attributes
    ----------
    reader : str
        The function that read or loaded them; ``""`` for a table in memory.
    files : tuple of mapping
        ``path`` as it was given, ``bytes`` and ``hash`` of each file.
    options : mapping
        The arguments of the reader that differ from its defaults, as plain data.
    design : mapping, optional
        The columns of the design.
    simulated : bool
    dataset : Dataset, optional
        The dataset that was loaded; its description then says the rest.
    """

    reader: str = field(default="", compare=False)
    files: tuple[Mapping[str, Any], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    design: Mapping[str, Any] | None = None
    simulated: bool = False
    dataset: Dataset | None = None


_KNOWN: dict[str, list[Origin]] = {}
_LOCK = threading.Lock()


def remember(source: str | None, origin: Origin | None) -> None:
    """Let an export find an origin by the ``source`` of a table; None stands for a table in memory."""
    if not source:
        return
    found = origin if origin is not None else Origin()
    with _LOCK:
        kept = [one for one in _KNOWN.get(source, []) if one != found]
        _KNOWN[source] = [*kept, found][-ORIGINS_KEPT:]


def known(source: str) -> list[Origin]:
    """Return the origins that data called ``source`` had in this session, oldest first."""
    with _LOCK:
        return list(_KNOWN.get(source, []))


@contextmanager
def afresh() -> Iterator[None]:
    """Forget, inside, what the session has read before; afterwards both is known."""
    with _LOCK:
        before = dict(_KNOWN)
        _KNOWN.clear()
    try:
        yield
    finally:
        with _LOCK:
            _KNOWN.update(before)


def of_dataset(found: Dataset, reader: str) -> Origin:
    """Return the origin of what was loaded from a dataset's folder."""
    return Origin(reader, simulated=found.simulated, dataset=found)


def of_files(
    paths: Iterable[Path],
    reader: Callable[..., Any],
    given: Mapping[str, Any],
    design: Any = None,
    simulated: bool = False,
) -> Origin:
    """Return the origin of what was read from a caller's own files.

    Parameters
    ----------
    paths : iterable of Path
        As the caller gave them.
    reader : callable
        The function that reads them.
    given : mapping
        Its arguments by name; those that are not its defaults are kept.
    design : Design, optional
        How the sample was drawn.
    simulated : bool
        Did the caller, or the file, say so? A file of a simulated dataset is simulated whatever is said.
    """
    files = [_file(path) for path in paths]
    made_up = simulated or any(is_made_up(Path(one["path"]), one.get("hash", "")) for one in files)
    options = options_of(reader, given)
    return Origin(reader.__name__, _listed(files), options, plain(design) if design else None, made_up)


def of_path(data: Any, reader: str, design: Any = None, simulated: bool = False) -> Origin | None:
    """Return the origin of data that are given as the path of a file or folder, or as a path with ``*``; else None."""
    if not isinstance(data, str | os.PathLike):
        return None
    path = Path(data)
    files = [_file(one) for one in _files_of(path)]
    made_up = simulated or any(is_made_up(Path(one["path"]), one.get("hash", "")) for one in files)
    return Origin(reader, _listed(files), {}, plain(design) if design else None, made_up)


def _files_of(path: Path) -> list[Path]:
    """Return the file, or those of a folder or a pattern; none of a folder that its reader will find too crowded."""
    if is_file(path):
        return [path]
    if is_folder(path):
        return sorted(one for one, why in looked_through(path) or () if not why)
    return [one for one in sorted(map(Path, glob.glob(str(path), recursive=True))) if is_file(one)]


def _file(path: Path) -> dict[str, Any]:
    """Return a file's path, size and hash; no hash of one too large to be read for that alone, or not to be read."""
    found: dict[str, Any] = {"path": str(path), "bytes": 0}
    with contextlib.suppress(OSError):  # its reader says why it cannot be read
        found["bytes"] = path.stat().st_size
        found |= {"hash": hash_of(path)} if found["bytes"] <= LARGEST_HASHED else {}
    return found


def _listed(files: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    if len(files) <= MOST:
        return tuple(files)
    each = "".join(f"{one['path']}\n{one.get('hash', '')}\n" for one in files)
    whole = "sha256:" + hashlib.sha256(each.encode("utf-8", "surrogatepass")).hexdigest()
    size = sum(one["bytes"] for one in files)
    return ({"path": f"{len(files)} files, the first: {files[0]['path']}", "bytes": size, "hash": whole},)


def is_made_up(path: Path, hashed: str) -> bool:
    """Tell whether a file belongs to a simulated dataset: it lies in its folder, or has the bytes of a file there."""
    try:
        own = [read_descriptor(path.parent)] if (path.parent / DESCRIPTOR).is_file() else []
    except SourceError:
        own = []
    if any(
        one.simulated and path.name in {str(each["path"]) for each in one.resources.values()} for one in own
    ):
        return True
    try:
        return hashed in _hashes_of_simulated(tuple((folder, state(folder)) for folder in folders()))
    except SourceError:  # no folder can be looked into
        return False


@lru_cache(maxsize=8)
def _hashes_of_simulated(stamped: tuple[Any, ...]) -> set[str]:
    """Return the hashes of all files of simulated datasets; read again only where a description changed."""
    try:
        table = sources()
        found = [dataset(Path(folder)) for folder in table.loc[table["simulated"].astype(bool), "folder"]]
    except SourceError:  # a broken description somewhere is told by whoever loads that dataset
        return set()
    return {str(each["hash"]) for one in found for each in one.resources.values() if each.get("hash")}


def options_of(reader: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call that are not the defaults, as plain data; paths and the design stand elsewhere."""
    usual = inspect.signature(reader).parameters
    aside = ("path", "design")
    return {
        name: plain(given[name])
        for name, one in usual.items()
        if name in given and name not in aside and not _is_same(given[name], one.default)
    }


def _is_same(value: Any, other: Any) -> bool:
    return value is other or (
        isinstance(value, str | int | bool) and type(value) is type(other) and value == other
    )


def plain(value: Any) -> Any:
    """Return a value as plain data for JSON: what is a table is only named, so that no row of it leaves."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        usual = {one.name: one.default for one in fields(value)}
        return {
            key: plain(one) for key, one in asdict(value).items() if key not in usual or one != usual[key]
        }
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in (value if isinstance(value, list | tuple) else sorted(value, key=str))]
    if isinstance(value, Path):
        return str(value)
    return f"({type(value).__name__})"
