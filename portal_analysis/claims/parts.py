"""Numbers that are told as parts and multiples: "a third", "half a million", "doubled", "cứ 10 người thì có 3".

Hands on :class:`Quantity` and :func:`find_parts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from portal_analysis.claims.periods import Period
from portal_analysis.claims.vocabulary import (
    SPACE,
    any_of,
    code_of,
    keyed,
    one_of,
    phrases,
    scale_of,
    squeezed,
    without,
    word_value,
)


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


def find_parts(text: str, lang: str) -> list[Quantity]:
    """Return the multiples, the counts "in every" so many, and the fractions of a text."""
    found: list[Quantity] = []
    for of_one_kind in (_multiples, _of_every, _fractions):
        free = without(text, [(one.start, one.end) for one in found])
        found += list(of_one_kind(free, lang))
    return found


def _multiples(text: str, lang: str) -> Iterator[Quantity]:
    """Yield "doubled", "fivefold", "gấp hai lần rưỡi"."""
    half = re.compile(rf"{SPACE}+{any_of(phrases('half', lang))}", re.IGNORECASE)
    for match in one_of("multiple", lang).finditer(text):
        value, end = Decimal(code_of("multiple", lang)[squeezed(match.group())]), match.end()
        if more := half.match(text, end):
            value, end = value + Decimal("0.5"), more.end()
        places = 0 if value == value.to_integral_value() else 1
        yield Quantity(match.start(), end, value, places, None, "about", "times")
    for match in _fold(lang).finditer(text):
        yield Quantity(match.start(), match.end(), word_value(match[1], lang), 0, None, "about", "times")


@cache
def _fold(lang: str) -> re.Pattern[str]:
    """Return a pattern for "fivefold"."""
    numbers = "|".join(sorted(map(re.escape, code_of("number", lang)), key=len, reverse=True))
    told = "|".join(map(re.escape, phrases("fold", lang))) or "(?!)"
    return re.compile(rf"(?<!\w)({numbers})-?(?:{told})(?!\w)", re.IGNORECASE)


def _of_every(text: str, lang: str) -> Iterator[Quantity]:
    """Yield "four users in every five"."""
    for pattern in _every(lang):
        for match in pattern.finditer(text):
            count, base = (_small(match[name], lang) for name in ("count", "base"))
            unit = code_of("unit", lang).get(squeezed(match["noun"]), "")
            if count <= base:
                yield Quantity(match.start(), match.end(), count, 0, None, "exact", unit, base)


@cache
def _every(lang: str) -> list[re.Pattern[str]]:
    number = rf"\d+|{any_of(code_of('number', lang))}"
    slots = {"count": f"(?P<count>{number})", "base": f"(?P<base>{number})", "noun": r"(?P<noun>[^\W\d_]+)"}
    told = []
    for template in keyed("share", lang)["every"]:
        parts = re.split(r"\{(\w+)\}", template)
        text = "".join(
            slots[part] if place % 2 else re.escape(part).replace(r"\ ", f"{SPACE}+")
            for place, part in enumerate(parts)
        )
        told.append(re.compile(rf"(?<![\w.,]){text}(?![\w%])(?![.,]\d)", re.IGNORECASE))
    return told


def _small(told: str, lang: str) -> Decimal:
    """Return the value of a small number in figures or words; "a" is one."""
    if squeezed(told) in phrases("article", lang):
        return Decimal(1)
    return Decimal(told) if told.isdigit() else word_value(told, lang)


def _fractions(text: str, lang: str) -> Iterator[Quantity]:
    """Yield "a third", "five sixths", "năm phần sáu", "nearly half", "half a million"."""
    told = [(match, Fraction(1, 2)) for match in _half_alone(lang).finditer(text)]
    told += [
        (match, Fraction(code_of("fraction", lang)[squeezed(match.group())]))
        for match in one_of("fraction", lang).finditer(text)
    ]
    denominators = code_of("denominator", lang)
    for match in _counted_parts(lang).finditer(text):
        parts = Fraction(int(_small(match["count"], lang)), int(denominators[squeezed(match["part"])]))
        told += [(match, parts)] if 0 < parts < 1 else []
    taken: list[tuple[int, int]] = []
    for match, share in sorted(told, key=lambda one: (one[0].start(), -one[0].end())):
        if all(match.end() <= start or match.start() >= end for start, end in taken):
            one = _of_scale(match, share, text, lang)
            taken.append((one.start, one.end))
            yield one


def _of_scale(match: re.Match[str], share: Fraction, text: str, lang: str) -> Quantity:
    """Return a part of a million as a number, any other as a percentage."""
    scale = _scale_after(lang).match(text, match.end())
    whole = scale_of(scale[1], lang) if scale else 100
    part = share * whole
    places = 0 if part.denominator == 1 else 1
    value = round(Decimal(part.numerator) / part.denominator, places)
    end = scale.end() if scale else match.end()
    decimals = 2 - len(str(whole)) if scale else places
    return Quantity(match.start(), end, value, decimals, None, "about", "" if scale else "percent")


@cache
def _scale_after(lang: str) -> re.Pattern[str]:
    of = "".join(rf"(?:{any_of(phrases(kind, lang))}{SPACE}+)?" for kind in ("of", "article"))
    return re.compile(rf"{SPACE}+{of}({any_of(code_of('scale', lang))})", re.IGNORECASE)


@cache
def _half_alone(lang: str) -> re.Pattern[str]:
    """Return a pattern for a half that is neither one of a year nor half of an hour."""
    word, after = (any_of(phrases(kind, lang)) for kind in ("a_half", "no_half_after"))
    behind = "".join(rf"(?<!{re.escape(one)} )" for one in phrases("no_half_before", lang))
    return re.compile(rf"{behind}(?<!-){word}(?!-)(?!{SPACE}+{after})", re.IGNORECASE)


@cache
def _counted_parts(lang: str) -> re.Pattern[str]:
    """Return a pattern for so many thirds, quarters and so on."""
    counts = [
        *phrases("article", lang),
        *(one for one, code in code_of("number", lang).items() if 0 < int(code) < 20),
    ]
    joint = rf"(?:{SPACE}+|-)"
    part = any_of(code_of("denominator", lang))
    return re.compile(
        rf"(?P<count>(?<![\w.,])\d{{1,2}}|{any_of(counts)}){joint}(?P<part>{part})", re.IGNORECASE
    )
