"""What a table read from a file is: values, labels and codes for missing answers, and how its faults are told.

Hands on :class:`Table` and :class:`TableError`, from which every reader of this folder starts.
"""

from __future__ import annotations

import difflib
import importlib
import itertools
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.paths import is_file, is_folder, names_in, shown

MOST_COLUMNS = 16_384
"""So many columns a sheet has; a wider file is no table that anybody made."""


class TableError(Error):
    """A file cannot be read as a table, or not without guessing; the message holds every fault found."""


class TableWarning(UserWarning):
    """Something in a file was not read as it stands, or looks like a slip; the message says what and where."""


def warn(message: str) -> None:
    """Warn with a :class:`TableWarning` that points at the caller's line outside the package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("portal_analysis"):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, TableWarning, stacklevel=level)


@dataclass(frozen=True)
class Options:
    """How a file is to be read, where it does not say so itself: the arguments of :func:`read_table`."""

    sheet: str | None = None
    encoding: str | None = None
    sep: str | None = None
    header: int | None = None
    label_rows: int = 0


@dataclass(frozen=True, eq=False)
class Table:
    """A file's values as they are, with what the file says of them.

    Attributes
    ----------
    data : DataFrame
        Values as stored: codes stay codes, codes of missing answers stay in place. A CSV file is all text.
        The index ``row`` is the row of the file (CSV and Excel: the header is row 1; others: from 1).
    labels : mapping of str to str
        What the file calls its columns.
    values : mapping of str to mapping
        For a column, what its codes mean. Two codes may share a label.
    missing : mapping of str to tuple
        For a column, the codes declared to be missing answers: single codes, or ``(low, high)`` ranges.
        Stata's extended missing values are the texts ``".a"`` to ``".z"``.
    sets : mapping of str to tuple
        Multiple-response sets of yes/no columns that the file declares: the columns of each.
    counted : mapping of str to object
        For a column of such a set, the code that is counted as yes.
    notes : tuple of str
        What was not read as it stands; :func:`read_table` warns of each.
    path : Path
        The file.
    """

    data: pd.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    missing: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counted: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    path: Path = Path()

    def is_missing(self, column: str) -> pd.Series:
        """Return where a column holds nothing, or a code declared to be a missing answer."""
        values = self.data[column]
        found = values.isna() | is_blank(values)
        for code in self.missing.get(column, ()):
            if isinstance(code, tuple):
                found |= pd.to_numeric(values, errors="coerce").between(*code)
            else:
                found |= values == code
        return found.astype(bool)


def as_text(data: pd.DataFrame) -> pd.DataFrame:
    """Return a frame's values as the text a CSV file holds: whole numbers without ``.0``, nothing as ``""``."""
    return pd.DataFrame({name: _text(data[name]) for name in data.columns}, index=data.index)


def save_csv(table: Table, path: str | Path) -> Path:
    """Write a table's values as CSV: UTF-8, commas, line feeds; codes stay codes."""
    path = Path(path)
    path.write_bytes(as_text(table.data).to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return path


def existing(path: str | Path) -> Path:
    """Return ``path`` if a file is there.

    Raises
    ------
    TableError
        If not; the message names the files of that folder whose names come near.
    """
    path = Path(path)
    if is_file(path):
        return path
    if is_folder(path):
        raise TableError(f"{shown(path)} is a folder; name a file in it: {_listed(names_in(path))}")
    if not is_folder(path.parent):
        raise TableError(f"there is no file {shown(path)}: the folder {shown(path.parent)} does not exist")
    names = names_in(path.parent)
    lower = {name.lower(): name for name in names}
    near = [lower[name] for name in difflib.get_close_matches(path.name.lower(), lower, n=5, cutoff=0.5)]
    near += [name for name in names if Path(name).stem == path.stem and name not in near]
    hint = f"did you mean {_listed(near)}?" if near else f"the folder holds {_listed(names)}"
    raise TableError(f"there is no file {shown(path.name)} in {shown(path.parent)}: {hint}")


def raise_faults(path: Path, faults: Iterable[str]) -> None:
    """Raise one :class:`TableError` that lists ``faults``, or do nothing if there are none."""
    found = list(faults)
    if found:
        raise TableError.of(found, f"{path.name} cannot be read as a table")


def _listed(names: list[str]) -> str:
    more = f" … ({len(names)} files)" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more if names else "no files"


def row_names(header: list[str], first: list[str]) -> list[str]:
    """Name a first column without a name "row" if it counts the rows, as pandas and R write it; ``first``: its text."""
    if not header or header[0].strip() or "row" in header or not first:
        return header
    if not all(re.fullmatch(r"\d{1,15}", text) for text in first):
        return header
    numbers = [int(text) for text in first]
    rising = all(low < high for low, high in itertools.pairwise(numbers))
    return ["row", *header[1:]] if rising else header


def header_faults(header: list[str], line: str = "line 1") -> list[str]:
    """Say what is wrong with the first line: separators, empty, doubled or padded names."""
    unnamed = [place for place, name in enumerate(header, 1) if not name.strip()]
    counts = Counter(name for name in header if name.strip())
    padded = [name for name in counts if name != name.strip()]
    alone = header[0] if len(header) == 1 else ""
    hint = "; if another line names the columns, say header= and its number" if len(unnamed) > 1 else ""
    return [
        *(f"{line}: cells are parted by {mark!r}, not by commas" for mark in ";\t|" if mark in alone),
        *(f"{line}: column {place} has no name{hint}" for place in unnamed),
        *(
            f"{line}: the name {name!r} stands over {times} columns"
            for name, times in counts.items()
            if times > 1
        ),
        *(f"{line}: the name {name!r} begins or ends with a blank" for name in padded),
    ]


def package(name: str, path: Path) -> Any:
    """Import a package that reading a file needs, or say how to install it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise TableError(
            f"reading {path.name} needs the package {name}: pip install portal-analysis[io]"
        ) from error


def opened(path: Path, read: Callable[[], Any]) -> Any:
    """Return what ``read`` returns; whatever it raises, the file is broken or not what its name says."""
    try:
        return read()
    except Exception as error:  # each package has its own kinds of error for a broken file
        raise TableError(
            f"{path.name} is no readable {path.suffix} file, or it is damaged: {error}"
        ) from error


def too_wide(columns: int) -> str:
    """Say that a file has more columns than are read."""
    return f"the file has {columns:,} columns; at most {MOST_COLUMNS:,} are read"


def is_blank(values: pd.Series) -> pd.Series:
    """Return where a column of text holds blanks and nothing else: in every format that is no answer."""
    if not is_textual(values):
        return pd.Series(False, index=values.index)
    blank = [text for text in values.dropna().unique() if isinstance(text, str) and not text.strip()]
    return values.isin(blank) if blank else pd.Series(False, index=values.index)


def is_textual(values: pd.Series) -> bool:
    """Tell whether a column may hold text."""
    return values.dtype == object or isinstance(values.dtype, pd.StringDtype)


def respelled(data: pd.DataFrame, spell: Callable[[str], str]) -> pd.DataFrame:
    """Return a frame whose texts went through ``spell``; each distinct one once."""
    changed = {}
    for name in data.columns:
        if not is_textual(data[name]):
            continue
        texts = [text for text in data[name].dropna().unique() if isinstance(text, str)]
        spelled = {text: new for text in texts if (new := spell(text)) != text}
        if spelled:
            changed[name] = data[name].map(
                lambda value, new=spelled: new.get(value, value) if isinstance(value, str) else value
            )
    return data.assign(**changed)


def _text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        short = (values.dropna() == values.dropna().dt.normalize()).all()
        return values.dt.strftime("%Y-%m-%d" if short else "%Y-%m-%dT%H:%M:%S").fillna("").astype("str")
    return values.astype(object).map(cell_text).astype("str")


def cell_text(value: Any) -> str:
    """Return a value as the text a CSV file holds: whole numbers without ``.0``, nothing as ``""``."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
