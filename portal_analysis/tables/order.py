"""The order of labels: numbers in text compare as numbers.

Hands on a key to sort by: 5-9 before 10-14 before 100+, T2 before T10, "under 18" before "18-29".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{3})+(?![\d])|\d+(?:[.,]\d+)?")
BELOW = re.compile(
    r"^\s*(?:<|≤|under|below|less than|up to|dưới|ít hơn|nhỏ hơn|tối đa|đến)\s*(?=\d)", re.IGNORECASE
)
ABOVE = re.compile(
    r"^\s*(?:>|≥|over|above|more than|at least|from|trên|hơn|nhiều hơn|lớn hơn|từ)\s*(?=\d)", re.IGNORECASE
)

LAST = "\uffff"
"""Sorts after every text."""

Key = tuple[tuple[int, float, str], ...]


def natural_key(text: str, bands: bool = False) -> Key:
    """Return what to sort a text by.

    Parameters
    ----------
    text : str
    bands : bool
        The text is one of some that begin with a number: "under 18" stands before all that begin with 18, "over 60"
        after them.

    Examples
    --------
    >>> sorted(["10-14", "100+", "5-9", "Dưới 5"], key=lambda text: natural_key(text, bands=True))
    ['Dưới 5', '5-9', '10-14', '100+']
    """
    for pattern, beside in ((BELOW, ""), (ABOVE, LAST)) if bands else ():
        if pattern.match(text) and (number := NUMBER.search(text)):
            return ((0, _value(number.group()), beside), (1, 0.0, text))
    parts: list[tuple[int, float, str]] = []
    end = 0
    for match in NUMBER.finditer(text):
        if match.start() > end:
            parts.append((1, 0.0, text[end : match.start()]))
        parts.append((0, _value(match.group()), match.group()))
        end = match.end()
    if end < len(text):
        parts.append((1, 0.0, text[end:]))
    return tuple(parts)


def in_order(values: Iterable[Any]) -> list[Any]:
    """Return distinct values in their order: texts that hold numbers naturally, other texts and values as they sort.

    Values that have no order among them are sorted as text.
    """
    found = list(values)
    if all(isinstance(value, str) for value in found) and any(NUMBER.search(value) for value in found):
        bands = any(value[:1].isdigit() for value in found)
        return sorted(found, key=lambda value: (natural_key(value, bands), value))
    try:
        return sorted(found)
    except TypeError:
        return sorted(found, key=str)


def _value(number: str) -> float:
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", number):
        return float(re.sub(r"[.,]", "", number))
    return float(number.replace(",", "."))
