"""Small files of the same people in every format, for the readers of surveys."""

from __future__ import annotations

import struct
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

FORMATS = ("csv", "xlsx", "dta", "sav", "parquet")


def write_file(frame: pd.DataFrame, path: Path, **labels: object) -> Path:
    """Write a frame in the format that the name ends in; Stata and SPSS with labels."""
    kind = path.suffix
    if kind == ".csv":
        frame.to_csv(path, index=False)
    elif kind == ".xlsx":
        frame.to_excel(path, index=False)
    elif kind == ".parquet":
        frame.to_parquet(path)
    else:
        write = pyreadstat.write_dta if kind == ".dta" else pyreadstat.write_sav
        write(frame, str(path), **labels)
    return path


LAST_RECORD = struct.pack("<ii", 999, 0)
"""What ends the dictionary of an SPSS file."""


def with_record(raw: bytes, subtype: int, text: bytes) -> bytes:
    """Return an SPSS file with one more record of text at the end of its dictionary."""
    place = raw.index(LAST_RECORD)
    return raw[:place] + struct.pack("<iiii", 7, subtype, 1, len(text)) + text + raw[place:]


def in_code_page(path: Path, name: str, swapped: dict[bytes, bytes]) -> Path:
    """Turn an SPSS file of UTF-8 into one that says another encoding, with some of its bytes changed."""
    said = struct.pack("<iiii", 7, 20, 1, 5) + b"UTF-8"
    raw = with_record(path.read_bytes().replace(said, b""), 20, name.encode("ascii"))
    for old, new in swapped.items():
        assert len(old) == len(new)
        assert old in raw
        raw = raw.replace(old, new)
    path.write_bytes(raw)
    return path


def with_set(path: Path, line: str) -> Path:
    """Put a record of multiple-response sets into an SPSS file."""
    path.write_bytes(with_record(path.read_bytes(), 7, line.encode("utf-8")))
    return path


@pytest.fixture(params=FORMATS)
def ending(request: pytest.FixtureRequest) -> str:
    """Return each format's ending in turn."""
    return str(request.param)
