"""Periods as the tables name them: a year, a month, a stretch of months, a day.

Hands on where a period lies on a time axis and what it is called there.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from portal_analysis.language.catalogue import word
from portal_analysis.language.numbers import month_words

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_HALF = re.compile(r"(\d{4})[- ]?([HQ])([1-4])")


@dataclass(frozen=True)
class Period:
    """A stretch of time in decimal years, and its name on one or two lines."""

    start: float
    end: float
    first: tuple[int, int, int]
    last: tuple[int, int, int]
    open: str = ""
    label: str = ""

    @property
    def middle(self) -> float:
        """Where its value is drawn."""
        return (self.start + self.end) / 2

    def name(self, lang: str) -> str:
        """Return its name, two lines at most: given, or made of its first and last day."""
        if self.label:
            return self.label
        told = _name(self.first, self.last, lang)
        return word(f"period.{self.open}", lang, when=told) if self.open else told


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
    return replace(known, open="until" if until else "since")


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
    return Period(start, end, (y1, m1, d1), (y2, m2, d2)) if end > start else None


def _decimal(year: int, month: int, day: int) -> float:
    return year + (month - 1 + day / calendar.monthrange(year, month)[1]) / 12


def _name(one: tuple[int, int, int], two: tuple[int, int, int], lang: str) -> str:
    (y1, m1, d1), (y2, m2, d2) = one, two
    first, last = month_words(m1, lang), month_words(m2, lang)
    if one == two:
        return word("period.short_day", lang, day=d1, span=first["span"], year=y1)
    if (m1, d1, m2, d2) == (1, 1, 12, 31):
        return f"{y1}" if y1 == y2 else f"{y1}–{y2}"
    if (y1, m1) == (y2, m2):
        return word("period.short_month", lang, short=first["short"], year=y1)
    if y1 == y2:
        ends = {"first_short": first["short"], "last_short": last["short"]}
        return word("period.short_months_of", lang, **ends, year=y1)
    ends = {"first_span": first["span"], "last_span": last["span"]}
    return word("period.short_span", lang, **ends, first_year=y1, last_year=y2)
