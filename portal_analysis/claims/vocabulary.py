"""How a language writes numbers, units and times in running text: the words of its catalogue as patterns.

Hands on :func:`phrases`, :func:`keyed`, :func:`any_of`, number words and numerals to values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from portal_analysis.language.catalogue import catalogue
from portal_analysis.languages import FIRST, LANGUAGES

SPACE = r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"
GROUP_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
NUMERAL = rf"(?:[1-9]\d{{0,2}}(?:[ {GROUP_SPACES}]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
PHONES = re.compile(
    r"(?<![\w.,])(?:1[89]00[ .-]?(?!(?:1[89]|20)\d\d(?!\d))\d{4,6}|\+\d{1,3}(?:[ .-]?\d{2,4}){2,5})(?!\w)"
)
"""Numbers to be called: 1900 9095, +84 24 3825 0001."""

SIGNS = {".": ",", ",": "."}
"""The two signs of decimals, each with the sign of thousands that goes with it."""


@cache
def languages_read() -> tuple[str, ...]:
    """Return the languages whose files say, under ``[text]``, all of how numbers are written in running text."""
    needed = {key for key in catalogue(FIRST) if key.startswith("text.")}
    return tuple(lang for lang in LANGUAGES if needed <= set(catalogue(lang)))


def phrases(kind: str, lang: str) -> list[str]:
    """Return the phrases of a kind."""
    return [str(one) for one in catalogue(lang)[f"text.{kind}"]]


@cache
def keyed(kind: str, lang: str) -> dict[str, list[str]]:
    """Return the phrases of a kind by their code."""
    start = f"text.{kind}."
    return {
        key.removeprefix(start): list(told) for key, told in catalogue(lang).items() if key.startswith(start)
    }


@cache
def code_of(kind: str, lang: str) -> dict[str, str]:
    """Return the code of each phrase of a kind, by the phrase in small letters."""
    return {one.casefold(): code for code, told in keyed(kind, lang).items() for one in told}


def any_of(told: Iterable[str]) -> str:
    """Return a pattern for any of several phrases, the longest first, as whole words; for none, of nothing."""
    return "(?:" + ("|".join(_phrase(one) for one in sorted(told, key=len, reverse=True)) or "(?!)") + ")"


def _phrase(told: str) -> str:
    found = SPACE.join(re.escape(part) for part in told.split(" ")).replace(SPACE, f"{SPACE}+")
    before = r"(?<!\w)" if re.match(r"\w", told) else ""
    return before + found + (r"(?!\w)" if re.search(r"\w$", told) else "")


def squeezed(told: str) -> str:
    """Return a phrase as the catalogue writes it: single spaces, small letters."""
    return re.sub(rf"{SPACE}+", " ", told).strip().casefold()


@cache
def one_of(kind: str, lang: str) -> re.Pattern[str]:
    """Return a compiled pattern for any phrase of a kind."""
    told = code_of(kind, lang) or phrases(kind, lang)
    return re.compile(any_of(told), re.IGNORECASE)


def without(text: str, zones: Iterable[tuple[int, int]]) -> str:
    """Return a text of the same length in which nothing can be read in some places."""
    for start, end in zones:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def find_number_words(text: str, lang: str) -> list[tuple[int, int]]:
    """Return where numbers stand in words: "sixty-three", "một trăm linh năm"; "hai năm" is two, and years.

    Examples
    --------
    >>> text = "sixty-three of one hundred and five, two three"
    >>> [text[start:end] for start, end in find_number_words(text, "en")]
    ['sixty-three', 'one hundred and five', 'two', 'three']
    """
    words = list(one_of("number", lang).finditer(text))
    values = [int(code_of("number", lang)[squeezed(word.group())]) for word in words]
    found: list[tuple[int, int]] = []
    for place, word in enumerate(words):
        gap = _gap(text, found[-1][1], word.start(), lang) if place else None
        following = values[place + 1] if place + 1 < len(words) else 0
        if gap is not None and _follows(values[place - 1], values[place], word.group(), gap, following, lang):
            found[-1] = (found[-1][0], word.end())
        else:
            found.append(word.span())
    return found


def _gap(text: str, end: int, start: int, lang: str) -> str | None:
    """Return what stands between two words of one number ("-", "and"), or None if more does."""
    between = squeezed(text[end:start]) if start - end < 12 else None
    return between if between in ("", "-", *phrases("filler", lang)) and end < start else None


def _follows(before: int, value: int, told: str, gap: str, following: int, lang: str) -> bool:
    """Can a number word continue a number? Two digits in a row cannot."""
    if value >= 100:
        return 0 < before < value or (before == 0 and value == 100)
    if value == 10 and squeezed(told) in phrases("never", lang):
        return 0 < before < 10
    if before >= 100:
        return value >= 10 or bool(gap) or following in (10, 100)
    return value < 10 and 10 <= before < 100 and squeezed(told) in phrases("after_ten", lang)


def word_value(told: str, lang: str) -> Decimal:
    """Return the value of a number in words: "sixty-three", "hai mươi lăm".

    Examples
    --------
    >>> word_value("one hundred and twenty-five", "en"), word_value("sáu mươi ba", "vi")
    (Decimal('125'), Decimal('63'))
    """
    total = current = 0
    last = -1
    for value in _codes(told, lang):
        if value >= 1000:
            total, current = total + max(current, 1) * value, 0
        elif value == 100:
            current = 0 if last == 0 else max(current, 1) * 100
        elif value == 10 and current % 10:
            current += current % 10 * 9
        else:
            current += value
        last = value
    return Decimal(total + current)


def _codes(told: str, lang: str) -> list[int]:
    """Return the values of the words of a number."""
    known = code_of("number", lang)
    return [int(known[squeezed(part)]) for part in re.findall(any_of(known), told, re.IGNORECASE)]


def scale_of(told: str, lang: str) -> int:
    """Return the product of the scales in a text: "nghìn tỷ", "million"; one if there are none."""
    known = code_of("scale", lang)
    scale = 1
    for part in re.findall(r"[^\W\d_]+", told.casefold()):
        scale *= int(known.get(part, 1))
    return scale


class Numeral(NamedTuple):
    """A number as read from its figures, and the other way to read it where there is one."""

    value: Decimal | None
    decimals: int
    other: Decimal | None = None


def read_words(told: list[str], lang: str) -> Numeral:
    """Read a number in words, with the words of its decimals: "twenty-three", "five"; "one", "two million".

    Examples
    --------
    >>> read_words(["twenty-three", "zero five"], "en").value, read_words(["một", "hai triệu"], "vi").value
    (Decimal('23.05'), Decimal('1200000.0'))
    """
    value = word_value(told[0], lang)
    if len(told) == 1:
        last = _codes(told[0], lang)[-1]
        return Numeral(value, 1 - len(str(last if last >= 1000 else 1)))
    codes, scale = _codes(" ".join(told[1:]), lang), 1
    while codes and codes[-1] >= 1000:
        scale *= codes.pop()
    digits = "".join(map(str, codes)) if all(code < 10 for code in codes) else str(_sum_of(codes))
    return Numeral((value + Decimal(f"0.{digits or 0}")) * scale, len(digits) - len(str(scale)) + 1)


def _sum_of(codes: list[int]) -> int:
    """Return the value of decimals that are told as a number: twenty-five."""
    total = 0
    for code in codes:
        total = total + total % 10 * 9 if code == 10 and total % 10 else total + code
    return total


def decimal_sign(text: str, lang: str) -> str:
    """Return the sign of decimals in a text: as its unmistakable numbers write it, else as its language does."""
    spaces = re.compile(f"[ {GROUP_SPACES}]")
    found = [sign for one in re.findall(NUMERAL, text) if (sign := _unmistakable(spaces.sub("", one)))]
    own = str(catalogue(lang)["language.decimal"])
    return max(SIGNS, key=lambda sign: (found.count(sign), sign == own))


def _unmistakable(told: str) -> str | None:
    """Return the sign of decimals that a number must have, or None where it could have either."""
    signs = re.findall(r"[.,]", told)
    if len(set(signs)) == 2:
        return signs[-1]
    if not signs:
        return None
    head, *rest = re.split(r"[.,]", told)
    if len(signs) > 1:
        return SIGNS[signs[0]]
    return None if len(rest[0]) == 3 and len(head) <= 3 and not head.startswith("0") else signs[0]


def read_numeral(told: str, sign: str) -> Numeral:
    """Read figures in a notation, or in the only one in which they can be read.

    Parameters
    ----------
    told : str
        The figures: ``1.234,5``, ``3.05``, ``16,117``.
    sign : str
        The sign of decimals to be taken where both are possible.

    Examples
    --------
    >>> read_numeral("16,117", ".")
    Numeral(value=Decimal('16117'), decimals=0, other=Decimal('16.117'))
    >>> read_numeral("3,05", ".")
    Numeral(value=Decimal('3.05'), decimals=2, other=None)
    """
    if told[:1] in "-−":
        return _negative(read_numeral(told[1:], sign))
    bare = re.sub(f"[ {GROUP_SPACES}]", "", told)
    only = _unmistakable(bare)
    value, decimals = _read_with(bare, only or sign)
    ambiguous = only is None and re.search(r"[.,]", bare)
    other = _read_with(bare, SIGNS[sign])[0] if ambiguous else None
    return Numeral(value, decimals, other)


def _negative(read: Numeral) -> Numeral:
    value, other = (None if one is None else -one for one in (read.value, read.other))
    return Numeral(value, read.decimals, other)


def _read_with(told: str, sign: str) -> tuple[Decimal | None, int]:
    whole, _, rest = told.partition(sign)
    groups = whole.split(SIGNS[sign])
    if not rest.isdigit() and rest:
        return None, 0
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(one) != 3 for one in groups[1:])):
        return None, 0
    return Decimal("".join(groups) + (f".{rest}" if rest else "")), len(rest)


def language_of(text: str) -> str | None:
    """Return the language whose common words a text has most of; None if none, or two as many."""
    words = re.findall(r"\w+", text.casefold())
    score = {lang: sum(words.count(one) for one in set(phrases("common", lang))) for lang in languages_read()}
    best = max(score.values())
    ahead = [lang for lang, points in score.items() if points == best]
    return ahead[0] if best and len(ahead) == 1 else None
