"""A workbook is a zip archive: what is looked at before it is unfolded.

Hands on what is wrong and what to do, for readers that put it into errors of their own.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LARGEST = 300 * 1024**2
"""So many bytes a workbook may unfold to."""
SMALLEST, PER_BYTE = 5_000_000, 60
"""A small one to so many, and so many more for each of its bytes: sheets of numbers unfold to some 15."""
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, NotImplementedError),
    *(ValueError, KeyError, IndexError, OverflowError),
)
"""What the reader of zip archives raises of a broken one."""
MOST_CELLS = 20_000_000
"""So many cells the used range of a sheet may span: one stray cell in the last row spans 17 thousand million."""
_RANGES = re.compile(
    rb"[<:](?:mergeCell|hyperlink)\s[^<>]*?\bref\s*=\s*[\"']\$?([A-Za-z]{1,3})\$?(\d{1,7}):\$?([A-Za-z]{1,3})\$?(\d{1,7})"
)
"""Ranges of which the reader of workbooks makes every cell."""
FEWEST_CELLS, CELLS_PER_BYTE = 200_000, 20
"""In a small workbook so many, and so many more for each of its bytes: a full cell takes three bytes and more."""


@contextmanager
def streamed(path: Path, formulas: bool = False) -> Iterator[Any]:
    """Open a workbook that was looked at, to be read row by row: its values, or its formulas."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=not formulas, keep_links=False)
    try:
        yield book
    finally:
        book.close()


def fault_of(path: Path) -> tuple[str, str] | None:
    """Say what is wrong with a workbook and what to do; None if it can be opened.

    It unfolds to no more than :data:`LARGEST` bytes, and no part declares a document type, by which a small text
    could unfold without end.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if not any(part.filename.startswith("xl/") for part in parts):
                return "a zip archive that is no workbook", "unpack it"
            size, most = sum(part.file_size for part in parts), most_of(path)
            if size > most:
                return f"the workbook unfolds to {size:,} bytes", f"at most {most:,} are read; split it"
            told = (
                (part.filename, why)
                for part in parts
                if _is_markup(part) and (why := _harm(archive, part, path))
            )
            if (found := next(told, None)) is not None:
                return " ".join(found), "save the workbook again in Excel"
    except BROKEN as error:
        return f"no workbook: {error}", "save it as .xlsx without a password"
    return None


def most_of(path: Path) -> int:
    """Return how many bytes a workbook may unfold to, by its size."""
    return min(LARGEST, SMALLEST + PER_BYTE * path.stat().st_size)


def most_cells(path: Path) -> int:
    """Return how many cells a sheet of a workbook may span, by the size of the file."""
    return min(MOST_CELLS, FEWEST_CELLS + CELLS_PER_BYTE * path.stat().st_size)


def _is_markup(part: zipfile.ZipInfo) -> bool:
    return part.filename.endswith((".xml", ".rels"))


def _harm(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> str | None:
    """Say by what a part would unfold without end in the reader of workbooks."""
    text = archive.read(part)
    head = text[:4096]
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        return "declares a document type"
    if b"\x00" in head:
        return "is not in UTF-8"
    spanned = sum(_area(span) for span in _RANGES.findall(text))
    return f"merges or links {spanned:,} cells" if spanned > most_cells(path) else None


def _area(span: tuple[bytes, bytes, bytes, bytes]) -> int:
    left, top, right, bottom = (_column(one) if one.isalpha() else int(one) for one in span)
    return max(right - left + 1, 0) * max(bottom - top + 1, 0)


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place
