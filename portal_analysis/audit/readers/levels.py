"""The words in which people write a level, in Vietnamese and English, with or without diacritics, in any case.

Hands on what a cell means: a family of levels and an outcome, or an outcome alone, and the note that trails it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

Levels = tuple[tuple[str, str, tuple[str, ...]], ...]

FAMILIES: dict[str, Levels] = {
    "number": (("0", "not_met", ("0",)), ("1", "met", ("1",))),
    "đạt": (
        ("không đạt", "not_met", ("không đạt", "chưa đạt", "không đạt yêu cầu", "chưa đạt yêu cầu")),
        ("đạt một phần", "partly", ("đạt một phần", "một phần", "đạt 1 phần", "1 phần", "đạt phần nào")),
        ("đạt", "met", ("đạt", "đạt yêu cầu", "đạt đầy đủ")),
    ),
    "có": (
        ("không", "not_met", ("không", "không có", "chưa có", "ko", "chưa")),
        ("có một phần", "partly", ("có một phần", "có 1 phần")),
        ("có", "met", ("có",)),
    ),
    "tốt": (
        ("kém", "not_met", ("kém", "yếu")),
        ("trung bình", "partly", ("trung bình", "tb")),
        ("tốt", "met", ("tốt",)),
    ),
    "xanh": (
        ("đỏ", "not_met", ("đỏ", "màu đỏ")),
        ("vàng", "partly", ("vàng", "màu vàng")),
        ("xanh", "met", ("xanh", "xanh lá", "xanh lá cây", "xanh lục", "màu xanh")),
    ),
    "green": (
        ("red", "not_met", ("red",)),
        ("yellow", "partly", ("yellow", "amber", "orange")),
        ("green", "met", ("green",)),
    ),
    "yes": (
        ("no", "not_met", ("no", "n", "false")),
        ("partly", "partly", ("partly", "partially", "partial", "in part")),
        ("yes", "met", ("yes", "y", "true")),
    ),
    "pass": (
        ("fail", "not_met", ("fail", "failed", "fails")),
        ("partial pass", "partly", ("partial pass", "partly passed")),
        ("pass", "met", ("pass", "passed", "passes")),
    ),
    "met": (
        ("not met", "not_met", ("not met", "unmet", "not compliant", "does not meet")),
        ("partly met", "partly", ("partly met", "partially met", "partially compliant")),
        ("met", "met", ("met", "compliant", "meets", "fully met")),
    ),
    "good": (
        ("poor", "not_met", ("poor", "bad", "weak")),
        ("fair", "partly", ("fair", "average", "medium", "moderate")),
        ("good", "met", ("good",)),
    ),
    "mark": (("x", "met", ("x", "✓", "✔", "v")),),
}
"""Families of levels: each level's name, its outcome, and the words for it; worst first."""

MIXED: Levels = (("not_met", "not_met", ()), ("partly", "partly", ()), ("met", "met", ()))
"""The levels of a criterion for which people wrote words of several families."""

WITHOUT_LEVEL = {
    "not_applicable": ("n/a", "na", "không áp dụng", "kad", "not applicable", "inapplicable", "không liên quan"),
    "not_tested": (
        "-", "–", "—", "…", "...", ".", "not tested", "untested", "chưa kiểm tra", "chưa đánh giá",
        "không đánh giá", "không kiểm tra", "not assessed", "not audited", "missing",
    ),
    "cant_tell": ("?", "unsure", "unclear", "cannot tell", "can't tell", "không rõ", "chưa rõ", "không xác định"),
    "error": (
        "error", "lỗi", "unreachable", "not reachable", "không truy cập được", "không vào được", "không mở được",
        "sập", "down", "timeout",
    ),
}  # fmt: skip
"""Words that say why there is no level."""

OUTCOME_WORDS = ("met", "partly", "not_met", "cant_tell", "not_applicable", "not_tested", "error")

_TRAILING = re.compile(r"\s*(?:[(\[;:\n]|\s[-–—]\s|,\s|\.\s)")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?$")


@dataclass(frozen=True)
class Reading:
    """What a cell means: ``outcome``, the ``family`` or ``level`` it was written in, and a trailing note."""

    outcome: str
    family: str | None = None
    level: str | None = None
    note: str = ""


def fold(text: str) -> str:
    """Return text for comparing: no diacritics, ``đ`` as ``d``, lower case, single spaces for ``_`` and breaks."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(letters.replace("_", " ").casefold().split())


def number_of(text: str) -> float | None:
    """Return the number that a text is, with a decimal point or comma; None if it is none."""
    text = text.strip()
    return float(text.replace(",", ".")) if _NUMBER.match(text) else None


@cache
def _words() -> dict[str, Reading]:
    words: dict[str, Reading] = {}
    for outcome, spellings in WITHOUT_LEVEL.items():
        words.update({fold(word): Reading(outcome) for word in spellings})
    for family, levels in FAMILIES.items():
        for _, outcome, spellings in levels:
            words.update({fold(word): Reading(outcome, family) for word in spellings})
    return words


def understand(text: str, levels: Mapping[str, Reading] | None = None) -> Reading | None:
    """Return what a cell means, None if its words are not known.

    Parameters
    ----------
    text : str
        The cell, which may carry a note: ``Đạt (có lỗi nhỏ)``, ``Không - thiếu nút tìm``.
    levels : mapping, optional
        Folded word → reading, when the mapping file says what the words mean. Otherwise the words are those
        of :data:`FAMILIES`; words without a level (:data:`WITHOUT_LEVEL`) are known in both cases.
    """
    words = _words()
    number = number_of(text)
    if number is not None:
        text = f"{number:g}"
    for whole, note in _splits(text):
        folded = fold(whole)
        if levels is not None and folded in levels:
            found = levels[folded]
        elif folded in words and (levels is None or words[folded].family is None):
            found = words[folded]
        else:
            continue
        return Reading(found.outcome, found.family, found.level, note)
    return None


def _splits(text: str) -> Iterable[tuple[str, str]]:
    yield text.strip(), ""
    cut = _TRAILING.search(text)
    if cut and cut.start() > 0:
        yield text[: cut.start()], text[cut.end() :].strip(" )]")


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


def scale_of(families: Iterable[str], outcomes: Iterable[str]) -> dict[str, str]:
    """Return outcome → level, worst first, for a criterion written in these families with these outcomes.

    The middle level is part of the scale only if somebody used it.
    """
    used = set(families)
    family = FAMILIES[next(iter(used))] if len(used) == 1 and used != {"mark"} else MIXED
    middle = "partly" in set(outcomes)
    return {outcome: level for level, outcome, _ in family if outcome != "partly" or middle}
