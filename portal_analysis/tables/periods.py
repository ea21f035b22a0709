"""Dates and periods of Stata and SPSS, from the numbers that stand in the file.

Hands on dates as dates, and months, quarters, weeks, half-years as text in ISO's manner: ``2023-05``, ``2023-Q2``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

STATA_FORMAT = re.compile(r"%-?(?:t([cCdwmqhy])|(d))")
SPSS_DAYS = re.compile(r"(DATE|ADATE|EDATE|JDATE|SDATE)\d*")
SPSS_TIMES = re.compile(r"(DATETIME|YMDHMS)[\d.]*")
SPSS_PERIODS = MappingProxyType({"MOYR": "month", "QYR": "quarter", "WKYR": "week"})
SPSS_PERIOD = re.compile(r"(MOYR|QYR|WKYR)\d*")

LEAP_SECONDS = pd.to_datetime(
    [
        *("1972-07-01", "1973-01-01", "1974-01-01", "1975-01-01", "1976-01-01", "1977-01-01", "1978-01-01"),
        *("1979-01-01", "1980-01-01", "1981-07-01", "1982-07-01", "1983-07-01", "1985-07-01", "1988-01-01"),
        *("1990-01-01", "1991-01-01", "1992-07-01", "1993-07-01", "1994-07-01", "1996-01-01", "1997-07-01"),
        *("1999-01-01", "2006-01-01", "2009-01-01", "2012-07-01", "2015-07-01", "2017-01-01"),
    ]
)
"""Days before which a second was put in, which Stata's %tC counts and calendars do not."""

FIRST, LAST = np.datetime64("0001-01-01", "s"), np.datetime64("9999-12-31T23:59:59", "s")
LARGEST = 1e12
"""Numbers beyond this (in seconds, some thirty thousand years) are no dates."""


def from_stata(values: pd.Series, form: str) -> pd.Series | None:
    """Return a column of Stata as dates or periods by its display format; None if the format is of neither.

    A number that is no date (or no period) of the years 1 to 9999 is missing.
    """
    match = STATA_FORMAT.match(form)
    if match is None or not pd.api.types.is_numeric_dtype(values.dtype):
        return None
    kind = match.group(1) or "d"
    if kind == "y":  # a year is a number that trends can be taken over
        return values.astype("int64") if values.notna().all() else None
    number = values.to_numpy(dtype=float, na_value=np.nan)
    if kind in "cCd":
        scale = 86400.0 if kind == "d" else 0.001
        found = _moments(number * scale, np.datetime64("1960-01-01", "s"))
        return pd.Series(
            _without_leaps(found) if kind == "C" else found, index=values.index, name=values.name
        )
    return _periods(values, number, STATA_PERIODS[kind])


def from_spss(values: pd.Series, form: str) -> pd.Series | None:
    """Return a column of SPSS as dates or periods by its display format; None if the format is of neither.

    Times of day and durations stay seconds. A number that is no date of the years 1 to 9999 is missing.
    """
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return None
    day, time, period = (each.fullmatch(form.upper()) for each in (SPSS_DAYS, SPSS_TIMES, SPSS_PERIOD))
    if not (day or time or period):
        return None
    number = values.to_numpy(dtype=float, na_value=np.nan)
    found = pd.Series(
        _moments(number, np.datetime64("1582-10-14", "s")), index=values.index, name=values.name
    )
    if period:
        return _named(found, SPSS_PERIODS[period.group(1)])
    return found.dt.normalize() if day else found


def _moments(seconds: np.ndarray, start: np.datetime64) -> np.ndarray:
    """Return start + seconds, to the microsecond; what is no date is NaT."""
    usable = np.isfinite(seconds) & (np.abs(seconds) < LARGEST)
    micro = np.round(np.where(usable, seconds, 0.0) * 1e6).astype("int64").astype("timedelta64[us]")
    found = start.astype("datetime64[us]") + micro
    usable &= (found >= FIRST) & (found <= LAST)
    return np.where(usable, found, np.datetime64("NaT", "us"))


def _without_leaps(found: np.ndarray) -> np.ndarray:
    passed = np.searchsorted(LEAP_SECONDS.to_numpy().astype("datetime64[us]"), found)
    return np.where(np.isnat(found), found, found - passed.astype("timedelta64[s]"))


def _periods(values: pd.Series, number: np.ndarray, name: Callable[[int], str]) -> pd.Series:
    """Name each number of periods since 1960; each distinct one is looked at once."""
    whole = np.isfinite(number) & (number == np.floor(number)) & (np.abs(number) < LARGEST)
    names = {one: name(int(one)) for one in np.unique(number[whole])}
    said = [names[one] if good else None for one, good in zip(number, whole, strict=True)]
    inside = [text if text is not None and re.match(r"\d{4}(\D|$)", text) else None for text in said]
    return pd.Series(inside, index=values.index, name=values.name, dtype="str")


def _of_year(parts: int, form: str) -> Callable[[int], str]:
    return lambda number: form.format(1960 + number // parts, number % parts + 1)


STATA_PERIODS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "m": _of_year(12, "{:04d}-{:02d}"),
        "q": _of_year(4, "{:04d}-Q{}"),
        "w": _of_year(52, "{:04d}-W{:02d}"),
        "h": _of_year(2, "{:04d}-H{}"),
    }
)
"""Stata counts weeks from the first of January, 52 a year: its weeks are not ISO's."""


def _named(dates: pd.Series, period: str) -> pd.Series:
    """Name the month, quarter or week (from the first of January, as SPSS counts) that dates lie in."""
    year = dates.dt.year
    part = {
        "month": dates.dt.month,
        "quarter": dates.dt.quarter,
        "week": (dates.dt.day_of_year - 1) // 7 + 1,
    }[period]
    form = {"month": "{:04d}-{:02d}", "quarter": "{:04d}-Q{}", "week": "{:04d}-W{:02d}"}[period]
    said = [None if pd.isna(y) else form.format(int(y), int(p)) for y, p in zip(year, part, strict=True)]
    return pd.Series(said, index=dates.index, name=dates.name, dtype="str")
