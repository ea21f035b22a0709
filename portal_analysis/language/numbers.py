"""How a number is written: one rule for its decimals, the signs of each language, periods in words.

Hands on text for values, counts, p-values and periods; rounding happens here and nowhere else.
"""

from __future__ import annotations

import calendar
import math
import re
from typing import Any

import pandas as pd

from portal_analysis.language.catalogue import WordingError, catalogue, check_language, own_word, word

MINUS = "\N{MINUS SIGN}"
NONE = "–"
"""What stands for a missing number."""

PERCENT = ("proportion", "points", "margin")
"""Units that are written a hundred times as large."""

STATISTICS = ("F", "X²")
"""Units of test statistics."""

RATIOS = ("odds ratio", "ratio")
"""Units whose value of no difference is one, and whose steps are small near zero."""

PLACES = {"deff": 2, "n_eff": 0, "n_kish": 0, "jaccard": 2}
"""The decimals of columns that stand beside an estimate."""

MOST = 6
"""The most decimals that a number is written with."""


def scale_of(unit: str) -> float:
    """Return what a value is multiplied with before it is written: 100 for proportions and points."""
    return 100.0 if unit in PERCENT else 1.0


def digits(value: float, unit: str, se: float = math.nan, width: float = math.nan) -> int:
    """Return the decimals of a number from its size, its standard error and its unit.

    Parameters
    ----------
    value, se, width : float
        The number, its standard error, and the width of its interval, which stands in for a missing error.
    unit : str
        Its unit.

    Returns
    -------
    int
        * Without an error: as many as the number has, up to two in percentages and four otherwise.
        * Percentages and points: two below 10 if the error is at most one point, else one.
        * Ratios: three below 0.1, two below 10, else one. Test statistics: two.
        * Any other number: so many that two digits of the error are shown, at most four.
        * Never so few that a number is written as zero that :data:`MOST` decimals tell from it.
    """
    if pd.isna(value):
        return 0
    scaled = abs(value) * scale_of(unit)
    error = (se if not pd.isna(se) and se > 0 else width / 4) * scale_of(unit)
    return _until_seen(scaled, _wanted(scaled, unit, error))


def _wanted(scaled: float, unit: str, error: float) -> int:
    if unit in STATISTICS:
        return 2
    if unit in RATIOS:
        return 3 if scaled < 0.1 else 2 if scaled < 10 else 1
    if pd.isna(error) or error == 0:
        return _own_decimals(scaled, 2 if unit in PERCENT else 4)
    if unit in PERCENT:
        return 2 if scaled < 10 and error <= 1 + 1e-9 else 1
    return min(4, max(0, 1 - math.floor(math.log10(error))))


def _own_decimals(scaled: float, most: int) -> int:
    return next((n for n in range(most) if abs(scaled - round(scaled, n)) < 1e-9), most)


def _until_seen(scaled: float, places: int) -> int:
    if round(scaled, MOST) == 0:
        return places
    while round(scaled, places) == 0:
        places += 1
    return places


def plain(value: float, lang: str, places: int) -> str:
    """Write a number with the language's decimal sign and thousands sign; a missing one is a dash."""
    known = catalogue(check_language(lang))
    if value is None or pd.isna(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = re.sub(r"^-(?=[0.,]*$)", "", f"{value:,.{_until_seen(abs(value), places)}f}")
    signs = {",": known["language.thousands"], ".": known["language.decimal"], "-": MINUS}
    return "".join(signs.get(letter, letter) for letter in text)


def number(value: float, unit: str, lang: str, places: int | None = None, signed: bool = False) -> str:
    """Write a value in its unit, without the unit's name: ``18.5%``, ``+2.1``, ``16,117``.

    Parameters
    ----------
    value : float
        The number; proportions and points on 0–1.
    unit : str
        Its unit.
    lang : str
        The language: decimal point or comma, thousands by comma or point.
    places : int, optional
        Decimals; those that the number has itself (:func:`digits`) if not given.
    signed : bool
        Write ``+`` before what is above zero; points always have it.
    """
    check_language(lang)
    if value is None or pd.isna(value):
        return NONE
    if unit == "count":
        places = 0
    text = plain(value * scale_of(unit), lang, digits(value, unit) if places is None else places)
    if (signed or unit == "points") and value > 0:
        text = f"+{text}"
    return word("number.proportion", lang, value=text) if unit == "proportion" else text


def count(value: float, lang: str) -> str:
    """Write a whole number."""
    return plain(value, lang, 0)


def unit_name(unit: str, lang: str) -> str:
    """Return a unit's name; nothing for percentages and bare numbers; an unknown unit is its own name."""
    if unit in ("proportion", "number", "count", ""):
        return ""
    return own_word("unit", unit, lang) or unit


def qualified(text: str, qualifier: Any, lang: str) -> str:
    """Write a published number with its qualifier: "more than 1%", "gần 76%".

    Raises
    ------
    WordingError
        If there is no such qualifier.
    """
    name = "exact" if not isinstance(qualifier, str) or not qualifier.strip() else qualifier
    if f"qualifier.{name}" not in catalogue(lang):
        known = [key.partition(".")[2] for key in catalogue(lang) if key.startswith("qualifier.")]
        raise WordingError(f"qualifier {name!r} is not known; qualifiers are {known}")
    return word(f"qualifier.{name}", lang, value=text)


def p_value(value: float, lang: str) -> str:
    """Write a p-value to three decimals; a smaller one is "< 0.001"."""
    if value < 0.001:
        return f"< {plain(0.001, lang, 3)}"
    return plain(value, lang, 3)


def period(code: str, lang: str) -> str:
    """Write a period (``2022``, ``2024-07``, ``2022-01-01/2022-07-31``) in words.

    Whole years and whole months are told as such; any other period by its first and last day.
    """
    check_language(lang)
    if "/" not in str(code):
        return _date(str(code), lang)
    start, end = str(code).split("/")
    if start == "..":
        return word("period.until", lang, when=_date(end, lang))
    if end == "..":
        return word("period.since", lang, when=_date(start, lang))
    if start[:4] == end[:4] and start[8:] == "01" and _is_month_end(end):
        first, last = month_words(int(start[5:7]), lang), month_words(int(end[5:7]), lang)
        return word("period.months_of", lang, first_name=first["name"], last_name=last["name"], year=end[:4])
    dash = "–" if len(start) == len(end) == 4 else " – "
    return f"{_date(start, lang)}{dash}{_date(end, lang)}"


def month_words(month: int, lang: str) -> dict[str, str]:
    """Return the names of a month: ``name`` in text, ``short`` alone on an axis, ``span`` beside a day or year."""
    lists = {"name": "months", "short": "short_months", "span": "span_months"}
    return {name: str(catalogue(lang)[f"period.{key}"][month - 1]) for name, key in lists.items()}


def period_name(code: Any, lang: str) -> str:
    """Write a period in words, or the code itself if it is none."""
    try:
        return period(str(code), lang)
    except (ValueError, IndexError):
        return str(code)


def _date(code: str, lang: str) -> str:
    parts = code.split("-")
    if len(parts) == 1:
        return code
    name = month_words(int(parts[1]), lang)["name"]
    if len(parts) == 2:
        return word("period.month", lang, name=name, year=parts[0])
    return word("period.day", lang, day=int(parts[2]), name=name, year=parts[0])


def _is_month_end(day: str) -> bool:
    year, month, last = (int(part) for part in day.split("-"))
    return last == calendar.monthrange(year, month)[1]
