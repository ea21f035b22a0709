"""WCAG 2 as a catalogue: every spelling of a success criterion in audit files, brought to its number.

Hands on the numbers (``1.4.3``), the catalogue as a table, and which criteria a rule of axe-core tests in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import pandas as pd

from portal_analysis import datasets

DATASET = "wcag2"

_NUMBER = re.compile(r"(?<![\d.])([1-4])\.([1-5])\.(\d{1,2})(?![\d.])")
_TAG = re.compile(r"wcag([1-4])([1-5])(\d{1,2})")
_HTMLCS = re.compile(r"\.([1-4])_([1-5])_(\d{1,2})(?=[._,]|$)")


@cache
def _tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    dataset = datasets.dataset(DATASET)
    criteria, rules = (
        pd.read_csv(dataset.file(name), dtype=str, keep_default_na=False) for name in ("criteria", "rules")
    )
    return criteria, rules


def catalogue() -> pd.DataFrame:
    """Return the success criteria: ``wcag_sc, level, handle, other_handles, title, principle, …``."""
    return _tables()[0].copy()


@cache
def _handles() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _tables()[0].itertuples(index=False):
        for handle in (row.handle, *str(row.other_handles).split("|")):
            if handle:
                found[str(handle)] = str(row.wcag_sc)
    return found


@cache
def titles() -> dict[str, tuple[str, str]]:
    """Return number → (title with number and level, guideline)."""
    table = _tables()[0]
    named = zip(table["wcag_sc"], table["title"], table["level"], table["guideline"], strict=True)
    return {
        number: (f"{title} (WCAG {number}, level {level})", group) for number, title, level, group in named
    }


@cache
def is_obsolete(number: str) -> bool:
    """Is this a criterion that WCAG 2.2 no longer has? Only 4.1.1 Parsing, held to be satisfied in 2.0 and 2.1.

    See the notes to 4.1.1 of October 2023 in WCAG 2.0 and 2.1.
    """
    rows = _tables()[0].set_index("wcag_sc")
    return number in rows.index and "2.2" not in str(rows.loc[number, "versions"])


@cache
def level_of(number: str) -> str | None:
    """Return the level of a success criterion, ``A``, ``AA`` or ``AAA``; None if there is no such criterion."""
    rows = _tables()[0].set_index("wcag_sc")
    return str(rows.loc[number, "level"]) if number in rows.index else None


@cache
def clause_of(number: str) -> str | None:
    """Return the clause of EN 301 549 on web pages that a criterion is, ``9.1.4.3``; None if it has none.

    Clause 9 of EN 301 549 V3.2.1 (2021) holds the criteria of WCAG 2.1 at levels A and AA under their own numbers.
    """
    rows = _tables()[0].set_index("wcag_sc")
    if number not in rows.index or "2.1" not in str(rows.loc[number, "versions"]):
        return None
    return f"9.{number}" if rows.loc[number, "level"] in ("A", "AA") else None


@cache
def described(number: str) -> dict[str, str | None]:
    """Return a success criterion as columns of an audit's table of criteria."""
    title, guideline = titles()[number]
    return {
        "scheme": "wcag21" if is_obsolete(number) else "wcag22",
        "wording_en": title,
        "group": guideline,
        "wcag_sc": number,
        "wcag_level": level_of(number),
        "en_301_549": clause_of(number),
    }


@cache
def requirement(number: str) -> str:
    """Return a success criterion's identifier at W3C: ``WCAG21:contrast-minimum``, ``WCAG22:`` if new in 2.2."""
    rows = _tables()[0].set_index("wcag_sc")
    prefix = "WCAG21" if "2.1" in str(rows.loc[number, "versions"]) else "WCAG22"
    return f"{prefix}:{rows.loc[number, 'handle']!s}"


@cache
def _numbers() -> frozenset[str]:
    return frozenset(_tables()[0]["wcag_sc"])


@cache
def _rules() -> dict[str, tuple[str, ...]]:
    rules = _tables()[1]
    return {
        str(rule): tuple(number for number in group["wcag_sc"] if number)
        for rule, group in rules.groupby("rule_id", sort=False)
    }


def criterion(spelling: str) -> str | None:
    """Return the number of the success criterion that a text names, or None if it names none.

    Understood: ``1.4.3``, ``WCAG 1.4.3 Contrast``, ``wcag143``, ``WCAG2:contrast-minimum``,
    ``https://www.w3.org/TR/WCAG20/#visual-audio-contrast-contrast``, and the codes of HTML CodeSniffer
    (``WCAG2AA.Principle1.Guideline1_4.1_4_3.G18``).
    """
    text = str(spelling).strip()
    handle = re.split(r"[:#/]", text)[-1]
    if handle in _handles():
        return _handles()[handle]
    for pattern in (_HTMLCS, _NUMBER):
        found = pattern.search(text)
        if found and ".".join(found.groups()) in _numbers():
            return ".".join(found.groups())
    numbers = of_tags([text])
    return numbers[0] if numbers else None


def of_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the success criteria that tags such as ``wcag143`` or ``wcag1410`` name, in order, once each."""
    found = (_TAG.fullmatch(str(tag).strip().lower()) for tag in tags)
    numbers = (".".join(match.groups()) for match in found if match)
    return tuple(dict.fromkeys(number for number in numbers if number in _numbers()))


def of_rule(rule: str) -> tuple[str, ...]:
    """Return the success criteria of which a rule of axe-core tests a part; none for good practice."""
    return _rules().get(rule, ())


def is_rule(rule: str) -> bool:
    """Is this the id of a rule of axe-core?"""
    return rule in _rules()
