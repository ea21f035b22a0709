"""The numbers in a sentence: value, the word before, unit, what they are out of, and the time nearest to them.

Hands on :func:`find_quantities`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

from portal_analysis.claims.periods import Period
from portal_analysis.claims.vocabulary import (
    NUMERAL,
    SPACE,
    Numeral,
    any_of,
    code_of,
    digit_words,
    keyed,
    number_words,
    phrases,
    read_numeral,
    squeezed,
    word_value,
)

NAMES = re.compile(
    r"\S+://\S+|www\.\S+|\S+@\S+|\S*\d/[A-Z\u0110]\S*|(?<!\w)\d{1,2}[:h]\d\d(?!\w)|(?<!\S)24/7(?!\w)"
    r"|\[\d+(?:[,–-] ?\d+)*\]|^\(?\d{1,2}[.)](?=\s|$)"
)
"""Addresses, numbers of documents such as 06/QĐ-TTg, times of the day, notes, numbers of a list: not quantities."""

LISTED = re.compile(r"\(\d{1,2}\)")
"""The numbers of a list in running text: (1) …, (2) …"""

WORDS_BETWEEN = 3
"""So many words may stand between a number and the noun that it counts: "five main shortcomings"."""

CLAUSE_ENDS = {",": 60, ")": 60, ";": 200, ":": 60}
"""How far apart, in letters, a sign sets a number and a time; an "and" as far as a comma."""


@dataclass(frozen=True)
class Quantity:
    """One number in a text, from ``start`` to ``end``, with the word before it and its unit."""

    start: int
    end: int
    value: Decimal | None
    decimals: int = 0
    other: Decimal | None = None
    qualifier: str = "exact"
    unit: str = ""
    base: Decimal | None = None
    period: Period | None = None


def find_quantities(text: str, periods: Sequence[Period], lang: str, sign: str) -> list[Quantity]:
    """Return the numbers of a sentence in their order, those of its times and names left out.

    Parameters
    ----------
    text : str
        The sentence.
    periods : sequence of Period
        Its times.
    lang : str
        Its language.
    sign : str
        The sign of decimals, where a number could be read with either.
    """
    zones = [(one.start, one.end) for one in periods]
    zones += [match.span() for match in NAMES.finditer(text)]
    if "(1)" in text and "(2)" in text:
        zones += [match.span() for match in LISTED.finditer(text)]
    free = _without(text, zones)
    found = _special(free, lang)
    free = _without(free, [(one.start, one.end) for one in found])
    plain = [_with_unit(one, text, free, lang) for one in _plain(free, lang, sign)]
    found += [one for one in plain if one.value is not None or one.unit]
    found = _inherited(sorted(found, key=lambda one: one.start), text, lang)
    found = _shares(found, text, lang)
    found = [_qualified(one, text, lang) for one in found]
    placed = [one for one in periods if one.first is not None or one.last is not None]
    if len(placed) == len(found) and re.search(any_of(phrases("respectively", lang)), text, re.IGNORECASE):
        return [replace(one, period=when) for one, when in zip(found, placed, strict=True)]
    return [_with_period(one, text, periods, lang) for one in found]


def _without(text: str, zones: Iterable[tuple[int, int]]) -> str:
    """Return a text of the same length in which nothing can be read in some places."""
    for start, end in zones:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def _special(text: str, lang: str) -> list[Quantity]:
    """Return fractions ("one third") and multiples ("doubled") in words."""
    found = []
    for match in _word_pattern("multiple", lang).finditer(text):
        value = Decimal(code_of("multiple", lang)[squeezed(match.group())])
        places = 0 if value == value.to_integral_value() else 1
        found.append(Quantity(match.start(), match.end(), value, places, None, "about", "times"))
    for match in _word_pattern("fraction", lang).finditer(
        _without(text, [(one.start, one.end) for one in found])
    ):
        share = Fraction(code_of("fraction", lang)[squeezed(match.group())]) * 100
        places = 0 if share.denominator == 1 else 1
        value = round(Decimal(share.numerator) / share.denominator, places)
        found.append(Quantity(match.start(), match.end(), value, places, None, "about", "percent"))
    return found


@cache
def _word_pattern(kind: str, lang: str) -> re.Pattern[str]:
    return re.compile(any_of(code_of(kind, lang)), re.IGNORECASE)


@cache
def _number_pattern(lang: str) -> re.Pattern[str]:
    scales = any_of(code_of("scale", lang))
    short = "|".join(re.escape(one) for one in sorted(code_of("scale", lang), key=len, reverse=True))
    figures = rf"(?<![\w.,])(?<![^\d\s]/)(?<![^\W\d_]-)(?P<figures>(?:(?<![\w%)])[-−])?{NUMERAL})"
    half, again = (rf"(?P<{name}>{SPACE}+{any_of(phrases('half', lang))})?" for name in ("half", "again"))
    scaled = rf"(?P<scale>(?:{SPACE}*{scales})+|(?:{short})(?!\w))?"
    rest = rf"(?:{SPACE}+{any_of(phrases('point', lang))}{SPACE}+(?P<rest>{number_words(lang)}))?"
    words = rf"(?P<words>{number_words(lang)}){rest}"
    return re.compile(rf"(?:{figures}|{words}){half}{scaled}{again}", re.IGNORECASE)


def _plain(text: str, lang: str, sign: str) -> list[Quantity]:
    """Return numbers in figures and in words, without their units."""
    return [
        _read(match, lang, sign)
        for match in _number_pattern(lang).finditer(text)
        if not _is_label(text, match.start(), lang)
        and _ends_well(text, match, lang)
        and (match["words"] is None or _is_number(text, match, lang))
    ]


def _read(match: re.Match[str], lang: str, sign: str) -> Quantity:
    """Read a number in figures or words, with its scale and a half more: "2.5 million", "hai triệu rưỡi"."""
    scale, inner = _scale(match["scale"] or "", lang), 1
    if match["words"] is not None:
        inner = int(code_of("scale", lang).get(re.split(r"[\s-]", match["words"])[-1].casefold(), 1))
        read = _read_words(match, inner, lang)
    else:
        read = read_numeral(match["figures"], sign)
    half = Decimal(scale * inner if match["half"] or match["again"] else 0) / 2
    value, other = (None if one is None else one * scale + half for one in (read.value, read.other))
    return Quantity(
        match.start(), match.end(), value, read.decimals - len(str(scale)) + 1 + bool(half), other
    )


def _read_words(match: re.Match[str], scale: int, lang: str) -> Numeral:
    """Read a number in words, with its decimals: "twenty-three point five"."""
    value = word_value(match["words"], lang)
    if match["rest"] is None:
        return Numeral(value, 1 - len(str(scale)))
    digits = digit_words(match["rest"], lang)
    return Numeral(value + Decimal(f"0.{digits}"), len(digits))


def _scale(told: str, lang: str) -> int:
    """Return the product of "nghìn tỷ", "million"."""
    scale = 1
    for part in re.findall("|".join(sorted(code_of("scale", lang), key=len, reverse=True)), told.casefold()):
        scale *= int(code_of("scale", lang)[part])
    return scale


def _is_label(text: str, start: int, lang: str) -> bool:
    """Is it the number of a decree, a figure, a level; the second, third one?"""
    told = any_of([*phrases("label", lang), *phrases("ordinal", lang)])
    return re.search(rf"{told}[\s-]*$", text[max(0, start - 30) : start], re.IGNORECASE) is not None


def _ends_well(text: str, match: re.Match[str], lang: str) -> bool:
    """Does the number end here, or with a unit that is written right after it ("2.5x"), and not as in 4G or 9th?"""
    rest = text[match.end() :]
    if match["words"] is not None or not re.match(r"\w", rest):
        return True
    return re.match(_glued(lang), rest, re.IGNORECASE) is not None


@cache
def _glued(lang: str) -> str:
    """Return a pattern for a unit that is written right after its number: "2.5x"."""
    return rf"(?:{'|'.join(re.escape(one) for one in code_of('unit', lang) if one[0].isalpha())})(?!\w)"


def _is_number(text: str, match: re.Match[str], lang: str) -> bool:
    """Does a number word mean a number here, and not, as "năm" and "one" may, something else?"""
    told = squeezed(match["words"])
    if told != squeezed(match.group()):
        return True
    if told in phrases("never", lang):
        return False
    if told not in phrases("alone", lang):
        return True
    counted = any_of([*phrases("counted", lang), *code_of("unit", lang)])
    return re.match(rf"{SPACE}+{counted}", text[match.end() :], re.IGNORECASE) is not None


def _with_unit(one: Quantity, text: str, free: str, lang: str) -> Quantity:
    """Add the unit that follows a number, a few words on at most."""
    unit, other = (
        re.compile(any_of(told), re.IGNORECASE) for told in (code_of("unit", lang), phrases("no_unit", lang))
    )
    if glued := re.compile(_glued(lang), re.IGNORECASE).match(free, one.end):
        return replace(one, unit=code_of("unit", lang)[squeezed(glued.group())], end=glued.end())
    place = one.end
    for _ in range(WORDS_BETWEEN + 1):
        match = re.compile(rf"{SPACE}*").match(free, place)
        place = match.end() if match else place
        if (found := unit.match(free, place)) and not other.match(free, place):
            return replace(
                one, unit=code_of("unit", lang)[squeezed(found.group())], end=_end(one, found, text)
            )
        word = re.compile(r"[^\W\d_][\w&/-]*").match(free, place)
        if word is None or squeezed(word.group()) in phrases("common", lang):
            break
        place = word.end()
    return one


def _end(one: Quantity, unit: re.Match[str], text: str) -> int:
    """Return where a number ends: after a per cent sign that belongs to it, before a noun that it counts."""
    signs = re.fullmatch(rf"{SPACE}*", text[one.end : unit.start()])
    return unit.end() if signs and not unit.group()[0].isalpha() else one.end


def _inherited(found: list[Quantity], text: str, lang: str) -> list[Quantity]:
    """Give a number without unit that of the next, where only a comma, a dash, "to" or "and" is between."""
    between = any_of([*phrases("to", lang), *phrases("both", lang)])
    joint = re.compile(rf"{SPACE}*(?:[,–—-]|{between})?{SPACE}*(?:{_before(lang)})?{SPACE}*", re.IGNORECASE)
    told = list(found)
    for place in range(len(told) - 2, -1, -1):
        one, after = told[place], told[place + 1]
        if not one.unit and after.unit and joint.fullmatch(text, one.end, after.start):
            told[place] = replace(one, unit=after.unit)
    return told


@cache
def _before(lang: str) -> str:
    return any_of(code_of("before", lang))


def _shares(found: list[Quantity], text: str, lang: str) -> list[Quantity]:
    """Make one quantity with a base of "30 of 63 portals"."""
    between = [one.replace("{count}", "").replace("{base}", "").strip() for one in keyed("share", lang)["of"]]
    joint = re.compile(rf"{SPACE}*{any_of(between)}{SPACE}*", re.IGNORECASE)
    told: list[Quantity] = []
    for one in found:
        last = told[-1] if told else None
        if last is not None and _is_share(last, one) and joint.fullmatch(text, last.end, one.start):
            told[-1] = replace(last, end=one.end, base=one.value, unit=last.unit or one.unit)
        else:
            told.append(one)
    return told


def _is_share(count: Quantity, base: Quantity) -> bool:
    """Can two numbers be a count and what it is out of?"""
    units = ("", base.unit)
    return (
        base.value is not None
        and base.unit not in ("percent", "points", "times")
        and count.unit in units
        and count.base is None
    )


def _qualified(one: Quantity, text: str, lang: str) -> Quantity:
    """Add the word before a number, or after it."""
    before = re.compile(rf"({_before(lang)}){SPACE}*[$€£]?$", re.IGNORECASE)
    match = before.search(text[max(0, one.start - 40) : one.start])
    qualifier = code_of("before", lang)[squeezed(match.group(1))] if match else one.qualifier
    start = max(0, one.start - 40) + match.start(1) if match else one.start
    unit = rf"(?:{SPACE}*{any_of(code_of('unit', lang))})?"
    after = re.compile(rf"{unit}{SPACE}*({any_of(code_of('after', lang))})", re.IGNORECASE).match(
        text, one.end
    )
    if after:
        qualifier = code_of("after", lang)[squeezed(after.group(1))]
    return replace(one, qualifier=qualifier, start=start, end=after.end(1) if after else one.end)


def _with_period(one: Quantity, text: str, periods: Sequence[Period], lang: str) -> Quantity:
    """Add the time of the sentence that stands nearest, signs between counted as letters; the earlier of two."""
    if not periods:
        return one
    return replace(one, period=min(periods, key=lambda when: _distance(one, when, text, lang)))


def _distance(one: Quantity, when: Period, text: str, lang: str) -> tuple[float, bool]:
    between = text[when.end : one.start] if when.end <= one.start else text[one.end : when.start]
    signs = sum(CLAUSE_ENDS.get(letter, 0) for letter in between)
    signs += 60 * len(re.findall(any_of(phrases("both", lang)), between, re.IGNORECASE))
    unplaced = 40 if when.first is None and when.last is None else 0
    behind = when.start >= one.end
    return len(between) + signs + unplaced + (0 if not behind or signs == 0 else 30), behind
