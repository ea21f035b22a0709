"""The numbers in a sentence: value, the word before, unit, what they are out of, and the time nearest to them.

Hands on :func:`find_quantities`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from portal_analysis.claims.parts import Quantity, find_parts
from portal_analysis.claims.periods import Period
from portal_analysis.claims.vocabulary import (
    NUMERAL,
    PHONES,
    SPACE,
    any_of,
    code_of,
    find_number_words,
    keyed,
    one_of,
    phrases,
    read_numeral,
    read_words,
    scale_of,
    squeezed,
    without,
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
    zones += [match.span() for pattern in (NAMES, PHONES) for match in pattern.finditer(text)]
    if "(1)" in text and "(2)" in text:
        zones += [match.span() for match in LISTED.finditer(text)]
    free = without(text, zones)
    parts = find_parts(free, lang)
    free = without(free, [(one.start, one.end) for one in parts])
    found = [one if one.unit else _with_unit(one, text, free, lang) for one in parts]
    plain = [_with_unit(one, text, free, lang) for one in _plain(free, lang, sign)]
    found += [one for one in plain if one.value is not None or one.unit]
    found = _inherited(sorted(found, key=lambda one: one.start), text, lang)
    found = _shares(found, text, lang)
    found = [_qualified(one, text, lang) for one in found]
    placed = [one for one in periods if one.first is not None or one.last is not None]
    if len(placed) == len(found) and re.search(any_of(phrases("respectively", lang)), text, re.IGNORECASE):
        return [replace(one, period=when) for one, when in zip(found, placed, strict=True)]
    return [_with_period(one, text, periods, lang) for one in found]


@cache
def _figures(lang: str) -> re.Pattern[str]:
    before = r"(?<![\w.,])(?<![^\d\s]/)(?<![^\W\d_]-)"
    return re.compile(rf"{before}(?P<figures>(?:(?<![\w%)])[-−])?{NUMERAL})", re.IGNORECASE)


@cache
def _tail(lang: str) -> re.Pattern[str]:
    """Return a pattern for what may follow a number: a scale ("million"), and a half more before or after it."""
    scales = any_of(code_of("scale", lang))
    short = "|".join(re.escape(one) for one in sorted(code_of("scale", lang), key=len, reverse=True))
    half, again = (rf"(?P<{name}>(?:{SPACE}+|-){_half(lang)})?" for name in ("half", "again"))
    return re.compile(rf"{half}(?P<scale>(?:{SPACE}*{scales})+|(?:{short})(?!\w))?{again}", re.IGNORECASE)


@cache
def _half(lang: str) -> str:
    return any_of(phrases("half", lang))


def _plain(text: str, lang: str, sign: str) -> list[Quantity]:
    """Return numbers in figures and in words, without their units."""
    figures = [match.span() for match in _figures(lang).finditer(text)]
    found = [_read(text, start, end, None, lang, sign) for start, end in figures]
    free = without(text, [(one.start, one.end) for one in found if one is not None])
    words = _with_decimals(free, find_number_words(free, lang), lang)
    found += [_read(free, start, end, told, lang, sign) for start, end, told in words]
    kept = [one for one in found if one is not None and not _is_label(text, one.start, lang)]
    return _added(sorted(kept, key=lambda one: one.start), text)


def _added(found: list[Quantity], text: str) -> list[Quantity]:
    """Make one number of "2 million 300 thousand"."""
    told: list[Quantity] = []
    for one in found:
        last = told[-1] if told else None
        if last is not None and _goes_on(last, one) and not text[last.end : one.start].strip():
            total = Decimal(last.value or 0) + Decimal(one.value or 0)
            told[-1] = replace(one, start=last.start, value=total, other=None)
        else:
            told.append(one)
    return told


def _goes_on(one: Quantity, after: Quantity) -> bool:
    """Can a number of thousands end a number of millions?"""
    if one.value is None or after.value is None or one.other is not None or after.other is not None:
        return False
    return one.decimals < after.decimals < 0 and 0 < after.value < Decimal(10) ** -one.decimals


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
    scale, inner = scale_of(tail["scale"] or "", lang), 1
    if words is None:
        read = read_numeral(text[start:end], sign)
    elif not tail.group() and not _is_number(text, start, end, lang):
        return None
    else:
        inner = scale_of(re.split(r"[\s-]", text[start:end])[-1], lang)
        read = read_words([text[one:other] for one, other in words], lang)
        start = _with_article(text, start, end, lang)
    half = Decimal(scale * inner if tail["half"] or tail["again"] else 0) / 2
    value, other = (None if one is None else one * scale + half for one in (read.value, read.other))
    return Quantity(start, tail.end(), value, read.decimals - len(str(scale)) + 1 + bool(half), other)


def _with_article(text: str, start: int, end: int, lang: str) -> int:
    """Return where "a hundred" begins."""
    article = _article(lang).search(text[max(0, start - 4) : start])
    return (
        start - len(article.group())
        if article and squeezed(text[start:end]) in phrases("never", lang)
        else start
    )


@cache
def _article(lang: str) -> re.Pattern[str]:
    return re.compile(rf"{any_of(phrases('article', lang))}{SPACE}+$", re.IGNORECASE)


def _is_label(text: str, start: int, lang: str) -> bool:
    """Is it the number of a decree, a figure, a level; the second, third one?"""
    return _labels(lang).search(text[max(0, start - 30) : start]) is not None


@cache
def _labels(lang: str) -> re.Pattern[str]:
    told = any_of([*phrases("label", lang), *phrases("ordinal", lang)])
    return re.compile(rf"{told}[\s-]*$", re.IGNORECASE)


def _ends_well(text: str, end: int, in_figures: bool, lang: str) -> bool:
    """Does a number end here, or with a unit that is written right after it ("2.5x"), and not as in 4G or 9th?"""
    if not in_figures or not re.match(r"\w", text[end : end + 1]):
        return True
    return re.compile(_glued(lang), re.IGNORECASE).match(text, end) is not None


@cache
def _glued(lang: str) -> str:
    """Return a pattern for a unit that is written right after its number: "2.5x"."""
    return rf"(?:{'|'.join(re.escape(one) for one in code_of('unit', lang) if one[0].isalpha())})(?!\w)"


def _is_number(text: str, start: int, end: int, lang: str) -> bool:
    """Does a number word mean a number here, and not, as "năm" and "one" may, something else?"""
    told = squeezed(text[start:end])
    if code_of("number", lang).get(told) == "1" and _share_follows(lang).match(text, end):
        return True
    if told in phrases("never", lang):
        return _with_article(text, start, end, lang) != start
    if told not in phrases("alone", lang):
        return True
    return re.compile(rf"{SPACE}+{_counted(lang)}", re.IGNORECASE).match(text, end) is not None


@cache
def _share_follows(lang: str) -> re.Pattern[str]:
    """Return a pattern for what goes on after the "one" of "one in five"."""
    number = rf"(?:\d|{any_of(code_of('number', lang))})"
    return re.compile(rf"{SPACE}+{_of(lang)}{SPACE}+{number}", re.IGNORECASE)


@cache
def _of(lang: str) -> str:
    """Return a pattern for what stands between a count and its base."""
    return any_of(
        [one.replace("{count}", "").replace("{base}", "").strip() for one in keyed("share", lang)["of"]]
    )


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
            named = replace(
                one, unit=code_of("unit", lang)[squeezed(found.group())], end=_end(one, found, text)
            )
            return _and_a_half(named, found.end(), text, lang)
        word = re.compile(r"[^\W\d_][\w&/-]*").match(free, place)
        if word is None or squeezed(word.group()) in phrases("common", lang):
            break
        place = word.end()
    return one


def _and_a_half(one: Quantity, end: int, text: str, lang: str) -> Quantity:
    """Add the half of "2 lần rưỡi", "two years and a half"."""
    half = re.compile(rf"{SPACE}+{_half(lang)}", re.IGNORECASE).match(text, end)
    if half is None or one.value is None or one.value != one.value.to_integral_value():
        return one
    return replace(one, value=one.value + Decimal("0.5"), decimals=1, other=None, end=half.end())


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
    joint = re.compile(rf"{SPACE}*{_of(lang)}{SPACE}*", re.IGNORECASE)
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
