"""The times in a sentence: days, months, years, halves and parts of years, and what runs from one to another.

Hands on :func:`find_periods`.
"""

from __future__ import annotations

import calendar
import re
from functools import cache
from typing import NamedTuple

import pandas as pd

from portal_analysis.claims.vocabulary import (
    PHONES,
    SPACE,
    any_of,
    code_of,
    keyed,
    phrases,
    squeezed,
    without,
    word_value,
)
from portal_analysis.language.catalogue import catalogue

ISO_DAY = re.compile(r"(?<![\w/-])((?:19|20)\d\d)-(\d\d)-(\d\d)(?![\w/-])")
YEAR_AND_TWO = re.compile(r"(?<![\w/-])((?:19|20)\d\d)[-–/](\d\d)(?![\w/-])")
"""2021-22 and 2022-07: two years, or a month."""

NUMERIC_MONTH = re.compile(r"(?<![\w/.-])(0?[1-9]|1[0-2])/((?:19|20)\d\d)(?![\w/-])")
NUMERIC_DAY = re.compile(r"(?<![\w/-])\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d\d(?![\w/-])")
"""A day in figures whose order of day and month the language does not tell."""

LEAD = 18
"""So many letters before a time are looked at for "since" and "until"."""


class Period(NamedTuple):
    """A time in a text, from ``start`` to ``end``; its days are missing where the text leaves them open."""

    start: int
    end: int
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    kind: str


def find_periods(text: str, lang: str) -> list[Period]:
    """Return the times in a text in their order, none inside another."""
    found: list[Period] = []
    text = without(text, [match.span() for match in PHONES.finditer(text)])
    for kind, pattern in _patterns(lang):
        for match in pattern.finditer(text):
            free = _is_free(Period(match.start(), match.end(), None, None, kind), found)
            days = _days(kind, match, lang) if free else None
            if days is not None and not (kind == "year" and _is_quantity(text, match, lang)):
                found.append(Period(match.start(), match.end(), *days, kind))
    found += [one for one in _in_figures(text) if _is_free(one, found)]
    in_order = sorted(found, key=lambda one: one.start)
    return [_open(one, text, lang) for one in _joined(in_order, text, lang)]


def _in_figures(text: str) -> list[Period]:
    """Return the times in figures that are written alike in every language."""
    found = [
        (match, _one_day(*(int(part) for part in match.groups())), "day") for match in ISO_DAY.finditer(text)
    ]
    for match in YEAR_AND_TWO.finditer(text):
        year, two = int(match[1]), int(match[2])
        if 1 <= two <= 12:
            found.append((match, (pd.Timestamp(year, two, 1), _month_end(year, two)), "month"))
        elif two > year % 100:
            found.append((match, (pd.Timestamp(year, 1, 1), _month_end(year - year % 100 + two, 12)), "run"))
    for match in NUMERIC_MONTH.finditer(text):
        month, year = int(match[1]), int(match[2])
        found.append((match, (pd.Timestamp(year, month, 1), _month_end(year, month)), "month"))
    told = [Period(*match.span(), *days, kind) for match, days, kind in found if days is not None]
    return told + [Period(*match.span(), None, None, "unplaced") for match in NUMERIC_DAY.finditer(text)]


def _is_free(one: Period, found: list[Period]) -> bool:
    return all(one.end <= other.start or one.start >= other.end for other in found)


@cache
def _patterns(lang: str) -> list[tuple[str, re.Pattern[str]]]:
    told = [(kind, one) for kind, several in keyed("period", lang).items() for one in several]
    order = list(keyed("period", lang))
    told.sort(key=lambda pair: (order.index(pair[0]), -len(pair[1])))
    return [(kind, re.compile(_compiled(one, lang), re.IGNORECASE)) for kind, one in told]


def _compiled(told: str, lang: str) -> str:
    slots = {
        "year": r"(?P<year>(?:19|20)\d\d)",
        "month": rf"(?P<month>{_month(lang)})(?:\.(?=\s))?",
        "month1": rf"(?P<month1>{_month(lang)})(?:\.(?=\s))?",
        "day": r"(?P<day>0?[1-9]|[12]\d|3[01])",
        "day1": r"(?P<day1>0?[1-9]|[12]\d|3[01])",
        "quarter": rf"(?P<quarter>{'|'.join(sorted(code_of('quarter', lang), key=len, reverse=True))})(?!\w)",
        "count": rf"(?P<count>\d+|{any_of(code_of('number', lang))})",
    }
    parts = re.split(r"\{(\w+)\}", told)
    text = "".join(
        slots[part] if place % 2 else re.escape(part).replace(r"\ ", f"{SPACE}+")
        for place, part in enumerate(parts)
    )
    return rf"(?<![\w.,])(?<!\D/)(?<!\b\d/)(?<!\b\d\d/)(?<![^\W\d_]-){text}(?![\w%])(?![.,]\d)(?![/-]\d{{1,2}}(?!\d))"


@cache
def _month(lang: str) -> str:
    return any_of(_months(lang))


@cache
def _months(lang: str) -> dict[str, int]:
    """Return the number of each month by its names; figures with and without a leading zero."""
    lists = [catalogue(lang)[f"period.{key}"] for key in ("months", "short_months")]
    found = {str(name).casefold(): number for names in lists for number, name in enumerate(names, 1)}
    figures = {
        f"{'0' * zeros}{number}": number
        for number in range(1, 13)
        for zeros in (0, 1)
        if number < 10 or not zeros
    }
    spelt = {one: int(code) for one, code in code_of("number", lang).items() if 1 <= int(code) <= 12}
    return found if not any(name.isdigit() for name in found) else found | figures | spelt


def _days(
    kind: str, match: re.Match[str], lang: str
) -> tuple[pd.Timestamp | None, pd.Timestamp | None] | None:
    """Return the first and the last day of a match, or None if there is no such time."""
    told = match.groupdict()
    if kind == "unplaced":
        return None, None
    year = int(told["year"])
    if kind == "day":
        return _one_day(year, _months(lang)[squeezed(told["month"])], int(told["day"]))
    if kind == "days":
        return _several_days(year, told, lang)
    span = _part_of_year(kind, told, lang)
    return None if span is None else (pd.Timestamp(year, span[0], 1), _month_end(year, span[1]))


def _several_days(year: int, told: dict[str, str], lang: str) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Return the ends of "5 to 28 January", of which the later one has the year."""
    month = _months(lang)[squeezed(told["month"])]
    begun = _months(lang)[squeezed(told["month1"])] if "month1" in told else month
    first = _one_day(year - (begun > month), begun, int(told["day1"]))
    last = _one_day(year, month, int(told["day"]))
    return (first[0], last[1]) if first and last and first[0] < last[1] else None


def _one_day(year: int, month: int, day: int) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return pd.Timestamp(year, month, day), pd.Timestamp(year, month, day)


def _part_of_year(kind: str, told: dict[str, str], lang: str) -> tuple[int, int] | None:
    """Return the first and the last month of a part of a year."""
    if kind in ("months_first", "months_last"):
        count = int(told["count"]) if told["count"].isdigit() else int(word_value(told["count"], lang))
        if not 1 <= count <= 12:
            return None
        return (1, count) if kind == "months_first" else (13 - count, 12)
    if kind == "quarter":
        quarter = int(code_of("quarter", lang)[squeezed(told["quarter"])])
        return 3 * quarter - 2, 3 * quarter
    if kind == "month":
        month = _months(lang)[squeezed(told["month"])]
        return month, month
    return {"half_first": (1, 6), "half_second": (7, 12), "year": (1, 12)}[kind]


def _month_end(year: int, month: int) -> pd.Timestamp:
    return pd.Timestamp(year, month, calendar.monthrange(year, month)[1])


def _is_quantity(text: str, match: re.Match[str], lang: str) -> bool:
    """Is a bare number such as 2000 followed by a unit, and so no year?"""
    listed = any_of([",", *phrases("both", lang)])
    before = text[max(0, match.start() - LEAD) : match.start()]
    if not match.group().isdigit() or re.search(rf"(?:19|20)\d\d{SPACE}*{listed}{SPACE}*$", before):
        return False
    unit = rf"{SPACE}*(?!{any_of(phrases('no_unit', lang))}){any_of(code_of('unit', lang))}"
    return re.match(unit, text[match.end() :], re.IGNORECASE) is not None


def _joined(found: list[Period], text: str, lang: str) -> list[Period]:
    """Make one time of two that a "to" or a dash stands between."""
    told: list[Period] = []
    between = re.compile(rf"{SPACE}*(?:[-–—/]|{any_of(phrases('to', lang))}){SPACE}*", re.IGNORECASE)
    for one in found:
        last = told[-1] if told else None
        runs = last is not None and last.first is not None and one.last is not None and last.first <= one.last
        if (
            last is not None
            and runs
            and between.fullmatch(text, last.end, one.start)
            and _is_run(last, one, text, lang)
        ):
            told[-1] = Period(last.start, one.end, last.first, one.last, "run")
        else:
            told.append(one)
    return told


def _is_run(last: Period, one: Period, text: str, lang: str) -> bool:
    """Do two times make a run? "2020 and 2021" do not, "between 2020 and 2021" and "2020 to 2021" do."""
    between = squeezed(text[last.end : one.start])
    return between not in phrases("both", lang) or _leads(text, last.start, phrases("between", lang)) != ""


def _leads(text: str, start: int, told: list[str]) -> str:
    """Return the phrase that stands right before a place, if it is one of these."""
    match = re.search(rf"({any_of(told)}){SPACE}*$", text[max(0, start - LEAD) : start], re.IGNORECASE)
    return match.group(1) if match else ""


def _open(one: Period, text: str, lang: str) -> Period:
    """Leave open the beginning after "until" and the end after "since"."""
    if one.first is None or one.kind in ("run", "days"):
        return one
    lead = _leads(text, one.start, [*phrases("until", lang), *phrases("since", lang)])
    if not lead:
        return one
    start = one.start - len(text[: one.start]) + len(text[: one.start].rstrip()) - len(lead)
    if squeezed(lead) in phrases("since", lang):
        return one._replace(start=start, last=None)
    return one._replace(start=start, first=None)
