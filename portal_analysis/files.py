"""What every file that the package writes has in common: its moment, its bytes, cells that no program runs.

Hands on :func:`moment`, :func:`same_bytes` and :func:`safe_cell`.
"""

from __future__ import annotations

import io
import os
import zipfile
from datetime import UTC, datetime
from typing import Any

EPOCH = 1704067200
"""The moment written into files that must name one (1 January 2024, UTC), unless SOURCE_DATE_EPOCH is set."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the start of a formula."""


def moment() -> datetime:
    """Return the moment that files are dated with."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))
    return datetime.fromtimestamp(max(seconds, 315532800), tz=UTC).replace(tzinfo=None)


def same_bytes(archive: bytes) -> bytes:
    """Return a zip archive with the same contents in fixed order and with fixed times."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
    return target.getvalue()


def safe_cell(value: Any) -> Any:
    """Return text so that no spreadsheet takes it for a formula; numbers are left as they are."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return "'" + value
    return value
