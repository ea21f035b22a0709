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
    find_number_words,
    keyed,
    one_of,
    phrases,
    read_numeral,
    squeezed,
    word_value,
)

NAMES = re.compile(
    r"(?<!\S)(?:\S+://\S+|\S+@\S+|\S*\d/[A-Z\u0110]\S*)|www\.\S+|(?<!\w)\d{1,2}[:h]\d\d(?!\w)|(?<!\S)24/7(?!\w)"
    r"|\[\d+(?:[,–-] ?\d+)*\]|^\(?\d{1,2}[.)](?=\s|$)"
)
"""Addresses, numbers of documents such as 06/QĐ-TTg, times of the day, notes, numbers of a list: not quantities."""

LISTED = re.compile(r"\(\d{1,2}\)")
"""The numbers of a list in running text: (1) …, (2) …"""

Places = list[tuple[int, int]]
"""Where the words of a number stand."""

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
    for match in one_of("multiple", lang).finditer(text):
        value = Decimal(code_of("multiple", lang)[squeezed(match.group())])
        places = 0 if value == value.to_integral_value() else 1
        found.append(Quantity(match.start(), match.end(), value, places, None, "about", "times"))
    for match in one_of("fraction", lang).finditer(_without(text, [(one.start, one.end) for one in found])):
        share = Fraction(code_of("fraction", lang)[squeezed(match.group())]) * 100
        places = 0 if share.denominator == 1 else 1
        value = round(Decimal(share.numerator) / share.denominator, places)
        found.append(Quantity(match.start(), match.end(), value, places, None, "about", "percent"))
    return found


@cache
def _figures(lang: str) -> re.Pattern[str]:
    before = r"(?<![\w.,])(?<![^\d\s]/)(?<![^\W\d_]-)"
    return re.compile(rf"{before}(?P<figures>(?:(?<![\w%)])[-−])?{NUMERAL})", re.IGNORECASE)


@cache
def _tail(lang: str) -> re.Pattern[str]:
    """Return a pattern for what may follow a number: a scale ("million"), and a half more before or after it."""
    scales = any_of(code_of("scale", lang))
    short = "|".join(re.escape(one) for one in sorted(code_of("scale", lang), key=len, reverse=True))
    half, again = (rf"(?P<{name}>{SPACE}+{any_of(phrases('half', lang))})?" for name in ("half", "again"))
    return re.compile(rf"{half}(?P<scale>(?:{SPACE}*{scales})+|(?:{short})(?!\w))?{again}", re.IGNORECASE)


def _plain(text: str, lang: str, sign: str) -> list[Quantity]:
    """Return numbers in figures and in words, without their units."""
    figures = [match.span() for match in _figures(lang).finditer(text)]
    told: list[tuple[int, int, Places | None]] = [(start, end, None) for start, end in figures]
    told += _with_decimals(text, find_number_words(text, lang), lang)
    found = (
        _read(text, start, end, words, lang, sign)
        for start, end, words in told
        if not _is_label(text, start, lang)
    )
    return sorted((one for one in found if one is not None), key=lambda one: one.start)


def _with_decimals(text: str, words: Places, lang: str) -> list[tuple[int, int, Places]]:
    """Return numbers in words, each with the places of its words before and after "point"."""
    found: list[tuple[int, int, Places]] = []
    point = re.compile(rf"{SPACE}+{any_of(phrases('point', lang))}{SPACE}+|{SPACE}+", re.IGNORECASE)
    for start, end in words:
        last = found[-1] if found else None
        between = point.fullmatch(text, last[1], start) if last else None
        if last and between and (between.group().strip() or len(last[2]) > 1):
            found[-1] = (last[0], end, [*last[2], (start, end)])
        else:
            found.append((start, end, [(start, end)]))
    return found


def _read(text: str, start: int, end: int, words: Places | None, lang: str, sign: str) -> Quantity | None:
    """Read a number with its scale and a half more: "2.5 million", "hai triệu rưỡi"; None if it is no number."""
    tail = _tail(lang).match(text, end)
    if tail is None or not _ends_well(text, tail.end(), words is None, lang):
        return None
    scale, inner = _scale(tail["scale"] or "", lang), 1
    if words is None:
        read = read_numeral(text[start:end], sign)
    elif not tail.group() and not _is_number(text, start, end, lang):
        return None
    else:
        inner = int(code_of("scale", lang).get(re.split(r"[\s-]", text[start:end])[-1].casefold(), 1))
        read = _read_words([text[one:other] for one, other in words], inner, lang)
    half = Decimal(scale * inner if tail["half"] or tail["again"] else 0) / 2
    value, other = (None if one is None else one * scale + half for one in (read.value, read.other))
    return Quantity(start, tail.end(), value, read.decimals - len(str(scale)) + 1 + bool(half), other)


def _read_words(told: list[str], scale: int, lang: str) -> Numeral:
    """Read a number in words, with its decimals: "twenty-three point five"."""
    value = word_value(told[0], lang)
    if len(told) == 1:
        return Numeral(value, 1 - len(str(scale)))
    digits = digit_words(" ".join(told[1:]), lang)
    return Numeral(value + Decimal(f"0.{digits}"), len(digits))


def _scale(told: str, lang: str) -> int:
    """Return the product of "nghìn tỷ", "million"."""
    scale = 1
    for part in re.findall("|".join(sorted(code_of("scale", lang), key=len, reverse=True)), told.casefold()):
        scale *= int(code_of("scale", lang)[part])
    return scale


def _is_label(text: str, start: int, lang: str) -> bool:
    """Is it the number of a decree, a figure, a level; the second, third one?"""
    return _labels(lang).search(text[max(0, start - 30) : start]) is not None


@cache
def _labels(lang: str) -> re.Pattern[str]:
    told = any_of([*phrases("label", lang), *phrases("ordinal", lang)])
    return re.compile(rf"{told}[\s-]*$", re.IGNORECASE)


def _ends_well(text: str, end: int, in_figures: bool, lang: str) -> bool:
    """Tell whether a number ends here, or with a unit written right after it ("2.5x"), and not as in 4G or 9th."""
    if not in_figures or not re.match(r"\w", text[end : end + 1]):
        return True
    return re.compile(_glued(lang), re.IGNORECASE).match(text, end) is not None


@cache
def _glued(lang: str) -> str:
    """Return a pattern for a unit that is written right after its number: "2.5x"."""
    return rf"(?:{'|'.join(re.escape(one) for one in code_of('unit', lang) if one[0].isalpha())})(?!\w)"


def _is_number(text: str, start: int, end: int, lang: str) -> bool:
    """Tell whether a number word means a number here, and not, as "năm" and "one" may, something else."""
    told = squeezed(text[start:end])
    if told in phrases("never", lang):
        return False
    if told not in phrases("alone", lang):
        return True
    return re.compile(rf"{SPACE}+{_counted(lang)}", re.IGNORECASE).match(text, end) is not None


@cache
def _counted(lang: str) -> str:
    return any_of([*phrases("counted", lang), *code_of("unit", lang)])


def _with_unit(one: Quantity, text: str, free: str, lang: str) -> Quantity:
    """Add the unit that follows a number, a few words on at most."""
    unit, other = one_of("unit", lang), one_of("no_unit", lang)
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
    before, after = _around(lang)
    match = before.search(text[max(0, one.start - 40) : one.start])
    qualifier = code_of("before", lang)[squeezed(match.group(1))] if match else one.qualifier
    start = max(0, one.start - 40) + match.start(1) if match else one.start
    behind = after.match(text, one.end)
    if behind:
        qualifier = code_of("after", lang)[squeezed(behind.group(1))]
    return replace(one, qualifier=qualifier, start=start, end=behind.end(1) if behind else one.end)


@cache
def _around(lang: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns for a qualifier before a number and for one after it and its unit."""
    unit = rf"(?:{SPACE}*{any_of(code_of('unit', lang))})?"
    after = rf"{unit}{SPACE}*({any_of(code_of('after', lang))})"
    before = rf"({_before(lang)}){SPACE}*[$€£]?$"
    return re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE)


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
