"""The files themselves: which there are, what is inside, and how to open them without trusting them.

Hands on each file as what it is by content: JSON text, rows of a CSV, a workbook, or a table of a statistics program.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from portal_analysis.audit.readers.reading import Fault, FileFaults
from portal_analysis.paths import MOST_FILES, is_file, looked_through, shown
from portal_analysis.tables import workbooks
from portal_analysis.tables.table import MOST_COLUMNS, too_wide

LARGEST_TEXT = 2 * 1024**3
"""Bytes that a compressed file may unfold to."""

_HEAD = 1 << 16
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_IGNORED = ("~$", ".", "Thumbs.db", "desktop.ini")


def files_under(path: Path) -> list[Path]:
    """Return the file, or all files below the folder in order; hidden and lock files are left out.

    Raises
    ------
    FileFaults
        If a folder below cannot be looked into: what is in it would be missing without a word; or there are too many.
    """
    if is_file(path):
        return [path]
    found: list[tuple[Path, str]] = []
    refused: list[tuple[Path, str]] = []
    below = looked_through(path)
    if below is None:
        advice = "name a folder that holds results and no more"
        raise FileFaults(Fault(shown(path), None, f"holds more than {MOST_FILES:,} files", advice))
    for one, why in below:
        if not any(part.startswith(_IGNORED) for part in one.relative_to(path).parts):
            (refused if why else found).append((one, why))
    if refused:
        advice = "make it readable, or take it away"
        raise FileFaults(
            *(Fault(shown(one), None, f"cannot be looked into: {why}", advice) for one, why in refused)
        )
    return sorted((one for one, _ in found), key=lambda one: one.relative_to(path).as_posix())


_MAGIC = {
    b"PK\x03\x04": "zip",
    b"<stata_dta>": "dta",
    b"$FL2": "sav",
    b"$FL3": "sav",
    b"PAR1": "parquet",
}
_OLD_STATA = (b"\x69", b"\x6c", b"\x6e", b"\x6f", b"\x71", b"\x72", b"\x73")


def _by_magic(head: bytes, path: Path) -> str | None:
    named = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
    if named is None and head[:1] in _OLD_STATA and head[1:2] in (b"\x01", b"\x02"):
        return "dta" if path.name.lower().endswith((".dta", ".dta.gz")) else None
    return named


def kind_of(path: Path, file: str) -> str:
    """Return ``json``, ``csv``, ``zip``, ``dta``, ``sav`` or ``parquet`` by the first bytes of a file.

    Raises
    ------
    FileFaults
        If it is empty, or neither of these.
    """
    with _bytes(path, file) as stream:
        head = stream.read(_HEAD)
    packed = _by_magic(head, path)
    if packed is not None:
        return packed
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        advice = "save it as .xlsx without a password"
        raise FileFaults(Fault(file, None, "an old or encrypted Excel workbook", advice))
    text = _decoded_head(head, file)
    if not text.strip("﻿ \t\r\n\x00\x1e"):
        raise FileFaults(Fault(file, None, "the file is empty", "take it away, or get it again"))
    first = text.lstrip("﻿ \t\r\n\x00\x1e")[0]
    if first in "{[":
        return "json"
    if first == "<":
        raise FileFaults(Fault(file, 1, "HTML or XML", "give the JSON or CSV that the tool writes"))
    if "\x00" in text:
        raise FileFaults(Fault(file, None, "neither text nor a workbook", "give JSON, CSV or .xlsx"))
    return "csv"


@contextmanager
def _bytes(path: Path, file: str) -> Iterator[io.BufferedIOBase]:
    """Open a file's bytes, unfolding gzip."""
    if not is_file(path):
        raise FileFaults(Fault(shown(file), None, "there is no such file", "correct the path"))
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream: io.BufferedIOBase = gzip.GzipFile(fileobj=raw) if packed else raw
            yield stream
    except (OSError, EOFError, zlib.error) as error:
        raise FileFaults(Fault(file, None, f"cannot be read: {error}", "get it again")) from error


def _decoded_head(head: bytes, file: str) -> str:
    encoding = _encoding(head)
    try:
        return head.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start > len(head) - 8 and len(head) == _HEAD:
            return head[: error.start].decode(encoding)
        raise _not_utf8(file, head.count(b"\n", 0, error.start) + 1) from error


def _encoding(head: bytes) -> str:
    return next((name for bom, name in _BOMS.items() if head.startswith(bom)), "utf-8")


def _not_utf8(file: str, line: int | None) -> FileFaults:
    advice = "save it as UTF-8 (in Excel: CSV UTF-8)"
    return FileFaults(Fault(file, line, "the text is not UTF-8", advice))


@contextmanager
def text_stream(path: Path, file: str) -> Iterator[TextIO]:
    """Open a file as text: UTF-8 or UTF-16 with a byte-order mark, gzip unfolded up to a limit."""
    with _bytes(path, file) as stream:
        head = stream.read(4)
        stream.seek(0)
        bounded = io.BufferedReader(_Bounded(stream, LARGEST_TEXT))  # type: ignore[type-var]
        yield io.TextIOWrapper(bounded, encoding=_encoding(head), newline="")


class _Bounded(io.RawIOBase):
    """Bytes of another stream up to a limit: a small file must not unfold without end."""

    def __init__(self, stream: io.BufferedIOBase, limit: int) -> None:
        self._stream, self._left = stream, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        self._left -= len(block)
        if self._left < 0:
            raise OSError(f"the file unfolds to more than {LARGEST_TEXT:,} bytes")
        buffer[: len(block)] = block
        return len(block)


def csv_rows(path: Path, file: str, mend: Callable[[str], str] | None = None) -> list[list[str]]:
    """Return the rows of a CSV file as text; the delimiter (``, ; tab |``) is the header's most frequent.

    ``mend`` may put text right that a tool writes in a way of its own.

    Raises
    ------
    FileFaults
        If it is not UTF-8 or a quote is never closed.
    """
    with text_stream(path, file) as stream:
        try:
            text = stream.read()
        except UnicodeDecodeError as error:
            raise _not_utf8(file, None) from error
    text = text.removeprefix("﻿").replace("\x00", "�")
    text = mend(text) if mend else text
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    previous = csv.field_size_limit(10_000_000)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise FileFaults(Fault(file, None, f"no CSV: {error}", "write the file again")) from error
    finally:
        csv.field_size_limit(previous)
    if (columns := max(map(len, rows), default=0)) > MOST_COLUMNS:
        raise FileFaults(Fault(file, None, too_wide(columns), "write the file again"))
    return [[cell.strip() for cell in row] for row in rows]


def check_workbook(path: Path, file: str) -> None:
    """Look at a workbook's parts before it is opened: not too large, no document types in its XML.

    Raises
    ------
    FileFaults
        If it is no workbook, unfolds to too much, or declares XML entities.
    """
    wrong = workbooks.fault_of(path)
    if wrong is not None:
        raise FileFaults(Fault(file, None, *wrong))
