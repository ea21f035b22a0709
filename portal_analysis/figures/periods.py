"""Periods as the tables name them: a year, a month, a stretch of months, a day.

Hands on where a period lies on a time axis and what it is called there.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_HALF = re.compile(r"(\d{4})[- ]?([HQ])([1-4])")


@dataclass(frozen=True)
class Period:
    """A stretch of time in decimal years, and its name on one or two lines."""

    start: float
    end: float
    name_en: str
    name_vi: str

    @property
    def middle(self) -> float:
        """Where its value is drawn."""
        return (self.start + self.end) / 2

    def name(self, lang: str) -> str:
        """Return its name, two lines at most."""
        return self.name_en if lang == "en" else self.name_vi


def parse(value: Any) -> Period | None:
    """Read a period: ``2022``, ``2022-07``, ``2022-01/2022-07``, ``2022-01..07``, ``2022-H1``, a date; else nothing."""
    if isinstance(value, pd.Period):
        return _between(value.start_time.strftime("%Y-%m-%d"), value.end_time.strftime("%Y-%m-%d"))
    if isinstance(value, pd.Timestamp):
        value = value.strftime("%Y-%m-%d")
    text = re.sub(r"\.0$", "", str(value).strip())
    half = _HALF.fullmatch(text)
    if half:
        year, kind, part = half.groups()
        months = 6 if kind == "H" else 3
        last = int(part) * months
        return _between(f"{year}-{last - months + 1:02d}", f"{year}-{last:02d}") if last <= 12 else None
    if text.startswith("../") or text.endswith("/.."):
        return _open(text)
    first, _, last_text = text.replace("..", "/").replace("–", "/").partition("/")
    if last_text and len(last_text) <= 2:
        last_text = f"{first[:4]}-{last_text}"
    return _between(first, last_text or first)


def _open(text: str) -> Period | None:
    """Read ``../2024-07`` and ``2023/..``: drawn at the end that is known."""
    until = text.startswith("../")
    known = parse(text[3:] if until else text[:-3])
    if known is None:
        return None
    en, vi = (known.name_en, known.name_vi)
    return Period(
        known.start, known.end, f"{'to' if until else 'since'} {en}", f"{'đến' if until else 'từ'} {vi}"
    )


def _between(first: str, last: str) -> Period | None:
    one, two = _DATE.fullmatch(first), _DATE.fullmatch(last)
    if not one or not two:
        return None
    y1, m1, d1 = int(one[1]), int(one[2] or 1), int(one[3] or 1)
    y2, m2 = int(two[1]), int(two[2] or 12)
    if not (1 <= m1 <= 12 and 1 <= m2 <= 12 and 1900 <= y1 <= y2 <= 2200):
        return None
    d2 = int(two[3] or calendar.monthrange(y2, m2)[1])
    if not (1 <= d1 <= calendar.monthrange(y1, m1)[1] and 1 <= d2 <= calendar.monthrange(y2, m2)[1]):
        return None
    start, end = _decimal(y1, m1, d1 - 1), _decimal(y2, m2, d2)
    return Period(start, end, *_names((y1, m1, d1), (y2, m2, d2))) if end > start else None


def _decimal(year: int, month: int, day: int) -> float:
    return year + (month - 1 + day / calendar.monthrange(year, month)[1]) / 12


def _names(one: tuple[int, int, int], two: tuple[int, int, int]) -> tuple[str, str]:
    (y1, m1, d1), (y2, m2, d2) = one, two
    if one == two:
        return f"{d1} {MONTHS[m1 - 1]}\n{y1}", f"{d1}/{m1}\n{y1}"
    if (m1, d1, m2, d2) == (1, 1, 12, 31):
        name = f"{y1}" if y1 == y2 else f"{y1}–{y2}"
        return name, name
    if y1 == y2 and m1 == m2:
        return f"{MONTHS[m1 - 1]}\n{y1}", f"T{m1}\n{y1}"
    if y1 == y2:
        return f"{MONTHS[m1 - 1]}–{MONTHS[m2 - 1]}\n{y1}", f"T{m1}–T{m2}\n{y1}"
    return f"{MONTHS[m1 - 1]} {y1}–\n{MONTHS[m2 - 1]} {y2}", f"{m1}/{y1}–\n{m2}/{y2}"
