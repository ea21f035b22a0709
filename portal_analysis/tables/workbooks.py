"""A workbook is a zip archive: what is looked at before it is unfolded.

Hands on what is wrong and what to do, for readers that put it into errors of their own.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

LARGEST = 300 * 1024**2
"""So many bytes a workbook may unfold to."""
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, NotImplementedError),
    *(ValueError, KeyError, IndexError, OverflowError),
)
"""What the reader of zip archives raises of a broken one."""
MOST_CELLS = 20_000_000
"""So many cells the used range of a sheet may span: one stray cell in the last row spans 17 thousand million."""


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
            size = sum(part.file_size for part in parts)
            if size > LARGEST:
                return f"the workbook unfolds to {size:,} bytes", f"at most {LARGEST:,} are read; split it"
            declared = (part.filename for part in parts if _is_markup(part) and _declares(archive, part))
            if (name := next(declared, None)) is not None:
                return f"{name} declares a document type", "save the workbook again in Excel"
    except BROKEN as error:
        return f"no workbook: {error}", "save it as .xlsx without a password"
    return None


def _is_markup(part: zipfile.ZipInfo) -> bool:
    return part.filename.endswith((".xml", ".rels"))


def _declares(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as stream:
        head = stream.read(4096)
    return b"<!DOCTYPE" in head or b"<!ENTITY" in head
