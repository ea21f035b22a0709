"""Regular expressions that others wrote, in a descriptor or a mapping: compiled once, and bounded in time.

Hands on functions of a text; a pattern whose search would not end (nested repeats) is an error, never a wait.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from portal_analysis.faults import Error

SECONDS = 1.0
"""So long a pattern may look at one text; sound patterns take microseconds."""
LONGEST = 1000


class PatternError(Error):
    """A regular expression is none, or takes too long."""


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """Return a pattern ready for :func:`fits` and :func:`named`.

    Raises
    ------
    PatternError
        If it is no regular expression, or longer than :data:`LONGEST` letters.
    """
    import regex

    if len(pattern) > LONGEST:
        raise PatternError(f"a pattern of {len(pattern):,} letters; at most {LONGEST:,} are read")
    try:
        return regex.compile(pattern)
    except (
        regex.error,
        RecursionError,
        OverflowError,
        MemoryError,
        ValueError,
        IndexError,
        KeyError,
    ) as error:
        raise PatternError(f"{pattern!r} is no regular expression: {error}") from error


def fits(pattern: str, text: str) -> bool:
    """Tell whether the whole text matches a pattern.

    Raises
    ------
    PatternError
        If that takes longer than :data:`SECONDS`.
    """
    return _asked(compiled(pattern).fullmatch, pattern, text) is not None


def named(pattern: str, text: str) -> dict[str, str]:
    """Return the named groups of the first place where a pattern matches; those that took part in the match.

    Raises
    ------
    PatternError
        As :func:`fits`.
    """
    found = _asked(compiled(pattern).search, pattern, text)
    return {name: value for name, value in found.groupdict().items() if value} if found else {}


def _asked(ask: Any, pattern: str, text: str) -> Any:
    try:
        return ask(text, timeout=SECONDS)
    except TimeoutError as error:
        slow = f"the pattern {pattern!r} takes more than {SECONDS:g} s on {text[:60]!r}"
        raise PatternError(f"{slow}; write it without repeats in repeats") from error
