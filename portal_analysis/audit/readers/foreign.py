"""Plain values out of foreign ones: text, lists, mappings and counts, whatever a tool's file holds.

Hands on :func:`clean`, which every text of a file passes, and what takes a value of JSON for what it should be.
"""

from __future__ import annotations

import re
from typing import Any

EVIDENCE_LENGTH = 500
"""Characters kept of one snippet of evidence: enough to find the place, too short to carry a page."""

CELL_LENGTH = 4000
"""Characters kept of a judgement's evidence or comment."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff￾￿]")


def clean(value: Any, length: int = CELL_LENGTH) -> str:
    """Return foreign text as plain text: no control characters, no broken characters, cut to ``length``."""
    text = _CONTROL.sub("�", str(value)).strip() if value is not None else ""
    return text if len(text) <= length else text[: length - 1] + "…"


def text_of(value: Any) -> str | None:
    """Return a non-empty text or number as text, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return clean(value) or None


def dict_of(value: Any) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return a list: the value if it is one, nothing for None, else a list of the one value."""
    return value if isinstance(value, list) else [] if value is None else [value]


def count_of(value: Any) -> int | None:
    """Return a whole number that is not negative, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    found = re.fullmatch(r"(\d{1,12})(?:\.0+)?", str(value).strip())
    return int(found.group(1)) if found else None
