"""The words in which people write a level, in Vietnamese and English, with or without tone marks, in any case.

Hands on what a cell means: a family of levels and an outcome, or an outcome alone, and the note that trails it. The
words themselves stand in ``words.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from portal_analysis.audit.readers.vocabulary import vocabulary
from portal_analysis.letters import folded, plain_letters

Levels = tuple[tuple[str, str, tuple[str, ...]], ...]

MIXED: Levels = (("not_met", "not_met", ()), ("partly", "partly", ()), ("met", "met", ()))
"""The levels of a criterion for which people wrote words of several families."""

OUTCOME_WORDS = ("met", "partly", "not_met", "cant_tell", "not_applicable", "not_tested", "error")

TICKS, CROSSES = ("v", "✓", "✔"), ("x",)
"""Marks that mean the same alone and may mean the opposite of each other side by side."""

_TRAILING = re.compile(r"\s*(?:[(\[;:\n]|\s[-–—]\s|,\s|\.\s)")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?$")


@dataclass(frozen=True)
class Reading:
    """What a cell means: ``outcome``, the ``family`` or ``level`` it was written in, and a trailing note."""

    outcome: str
    family: str | None = None
    level: str | None = None
    note: str = ""


@cache
def families() -> dict[str, Levels]:
    """Return the families of levels: each level's name, its outcome and the words for it, worst first."""
    return {
        family: tuple((one["name"], one["outcome"], tuple(one["words"])) for one in levels)
        for family, levels in vocabulary()["families"].items()
    }


# ------------------------------------------------------------------------------------------- comparing


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return text for comparing: composed, lower case, single blanks for ``_`` and breaks; tone marks stay."""
    return folded(text.replace("_", " "))


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Return folded text without tone marks and other diacritics, ``đ`` as ``d``."""
    return plain_letters(fold(text))


def agree(cell: str, word: str) -> bool:
    """Say whether a cell may be a word: equal, or equal but for marks that the cell leaves out word by word."""
    ours, theirs = fold(cell).split(" "), fold(word).split(" ")
    return len(ours) == len(theirs) and all(
        one == other or (one == plain(one) and one == plain(other))
        for one, other in zip(ours, theirs, strict=True)
    )


class Words:
    """Words with what they mean, found with or without tone marks. A class, for the lookup is built once.

    A cell with marks means the word with just these marks: ``Vâng`` is not ``vàng``. A cell without marks means
    any word that is written so without them.
    """

    def __init__(self, meanings: Iterable[tuple[str, object]]) -> None:
        self._exact: dict[str, object] = {}
        self._plain: dict[str, list[tuple[str, object]]] = {}
        for word, meaning in meanings:
            self._exact.setdefault(fold(word), meaning)
            self._plain.setdefault(plain(word), []).append((word, meaning))

    def all(self, text: str) -> list[object]:
        """Return every meaning that a text may have: one if it is a word as written."""
        exact = self._exact.get(fold(text))
        if exact is not None:
            return [exact]
        close = [meaning for word, meaning in self._plain.get(plain(text), []) if agree(text, word)]
        return [meaning for place, meaning in enumerate(close) if meaning not in close[:place]]

    def one(self, text: str) -> object | None:
        """Return the meaning of a text, None if it has none or several."""
        found = self.all(text)
        return found[0] if len(found) == 1 else None


def word_list(*path: str) -> Words:
    """Return a list of ``words.toml`` as words that mean themselves."""
    listed = vocabulary()
    for name in path:
        listed = listed[name]
    return Words((word, word) for word in listed)


# -------------------------------------------------------------------------------------------- meaning


@cache
def _words() -> Words:
    meanings: list[tuple[str, object]] = []
    for outcome, spellings in vocabulary()["without_level"].items():
        meanings += [(word, Reading(outcome)) for word in spellings]
    for family, levels in families().items():
        for _, outcome, spellings in levels:
            meanings += [(word, Reading(outcome, family)) for word in spellings]
    return Words(meanings)


@cache
def _known_as(word: str) -> tuple[Reading, ...]:
    return tuple(one for one in _words().all(word) if isinstance(one, Reading))


def number_of(text: str) -> float | None:
    """Return the number that a text is, with a decimal point or comma; None if it is none."""
    text = text.strip()
    return float(text.replace(",", ".")) if _NUMBER.match(text) else None


def understand(
    text: str, levels: Mapping[str, Reading] | None = None, near: Iterable[str] = ()
) -> Reading | None:
    """Return what a cell means, None if its words are not known or name two levels.

    Parameters
    ----------
    text : str
        The cell, which may carry a note: ``Đạt (có lỗi nhỏ)``, ``Không - thiếu nút tìm``.
    levels : mapping, optional
        Folded word → reading, when the mapping file says what the words mean. Otherwise the words are those
        of ``words.toml``; words without a level are known in both cases.
    near : iterable of str
        Families of levels that other cells of the criterion are written in: they decide what a word
        without tone marks means that could be of several, such as ``vang``.
    """
    number = number_of(text)
    if number is not None:
        text = f"{number:g}"
    for whole, note in _splits(text):
        found = _meant(whole, levels, near)
        if found is None:
            continue
        if note and _contradicts(note, found, levels):
            return None
        return Reading(found.outcome, found.family, found.level, note)
    return None


def _meant(whole: str, levels: Mapping[str, Reading] | None, near: Iterable[str]) -> Reading | None:
    given = _given(levels)
    if given is not None:
        said = given.one(whole)
        if isinstance(said, Reading):
            return said
    found = [one for one in _known_as(whole) if levels is None or one.family is None]
    if len(found) > 1:
        found = [one for one in found if one.family in set(near)]
    return found[0] if len({(one.outcome, one.family) for one in found}) == 1 else None


def _given(levels: Mapping[str, Reading] | None) -> Words | None:
    return None if levels is None else Words(levels.items())


def two_levels(text: str, levels: Mapping[str, Reading] | None = None) -> bool:
    """Say whether a cell names two levels with different outcomes: ``Có, Không``, ``Đạt; chưa đạt trên di động``."""
    for whole, note in _splits(text):
        found = _meant(whole, levels, ())
        if found is not None:
            return bool(note) and _contradicts(note, found, levels)
    return False


def _contradicts(note: str, found: Reading, levels: Mapping[str, Reading] | None) -> bool:
    """Is a note another level, or does it begin with another level of the same family?"""
    parts = re.split(r"\s*[,;/\n]\s*|\s[-–—]\s", note.strip(" .)]([;,"))
    for part in parts:
        whole = _meant(part, levels, (found.family or "",))
        if whole is not None and whole.outcome != found.outcome and re.search(r"\w", part):
            return True
    first = parts[0].split() if parts and found.family != "number" else []
    for length in range(len(first), 0, -1):
        begun = _meant(" ".join(first[:length]).strip(":.("), levels, (found.family or "",))
        if begun is not None:
            return begun.outcome != found.outcome and begun.family == found.family
    return False


def _splits(text: str) -> Iterable[tuple[str, str]]:
    yield text.strip(), ""
    cut = _TRAILING.search(text)
    if cut and cut.start() > 0:
        yield text[: cut.start()], text[cut.end() :].strip(" )]")


# --------------------------------------------------------------------------------------------- scales


def ordered(levels: Sequence[str], good_from: str | None) -> dict[str, Reading]:
    """Return the readings of levels given worst first: met from ``good_from``, the worst not met."""
    enough = len(levels) - 1 if good_from is None else list(levels).index(good_from)
    outcomes = [
        "met" if place >= enough else "not_met" if place == 0 else "partly" for place in range(len(levels))
    ]
    return {
        fold(level): Reading(outcome, None, level) for level, outcome in zip(levels, outcomes, strict=True)
    }


def named(levels: Mapping[str, str]) -> tuple[dict[str, Reading], list[str]]:
    """Return the readings of words given with their outcomes, and the level names worst first.

    Words with the same outcome are one level, called by the first of them.
    """
    first: dict[str, str] = {}
    for word, outcome in levels.items():
        first.setdefault(outcome, word)
    for outcome in ("not_met", "met"):
        first.setdefault(outcome, outcome)
    graded = [first[outcome] for outcome in ("not_met", "partly", "met") if outcome in first]
    readings = {}
    for word, outcome in levels.items():
        level = first[outcome] if outcome in ("not_met", "partly", "met") else None
        readings[fold(word)] = Reading(outcome, None, level)
    return readings, graded


def scale_of(used: Iterable[str], outcomes: Iterable[str]) -> dict[str, str]:
    """Return outcome → level, worst first, for a criterion written in these families with these outcomes.

    The middle level is part of the scale only if somebody used it, be it in a column of outcomes.
    """
    names, middle = set(used), "partly" in set(outcomes)
    family = families()[next(iter(names))] if len(names) == 1 and names != {"mark"} else MIXED
    if middle and "partly" not in {outcome for _, outcome, _ in family}:
        family = MIXED
    return {outcome: level for level, outcome, _ in family if outcome != "partly" or middle}
