"""What a published number leaves open: the values that would be written as it is written.

Hands on :class:`Span` and the reckoning with spans; ends are exact fractions, so that no claim is accused by the
rounding of a computer.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple

import pandas as pd

from portal_analysis.faults import Error

LOOSENESS = 0.1
"""How far from its number a value called "about", "just over" or "nearly" may lie, as a share of the number."""

QUALIFIERS = ("exact", "about", "more than", "just over", "nearly", "at least", "at most", "less than")
"""The words that may stand before a published number."""

MOST_PLACES = 300
"""Decimals, or zeros before the point, that a number can have: no floating-point number has more figures."""

End = Fraction | float


class ClaimError(Error):
    """The claims, or what they are to be held against, cannot be reckoned with."""


class Span(NamedTuple):
    """The values that a published number leaves open, from ``low`` to ``high``; an open end does not belong to them."""

    low: End
    high: End
    open_low: bool = False
    open_high: bool = False

    def holds(self, value: End) -> bool:
        """Is this one of the values?"""
        return self.meets(Span(value, value))

    def meets(self, other: Span) -> bool:
        """Is there a value that both allow?"""
        return _reaches(self.low, other.high, self.open_low or other.open_high) and _reaches(
            other.low, self.high, other.open_low or self.open_high
        )

    def plus(self, other: Span) -> Span:
        """Return the sums of a value of each."""
        return Span(self.low + other.low, self.high + other.high, *_either(self, other))

    def minus(self, other: Span) -> Span:
        """Return the differences of a value of each."""
        return self.plus(other.negative())

    def negative(self) -> Span:
        """Return the values with the other sign."""
        return Span(-self.high, -self.low, self.open_high, self.open_low)

    def times(self, factor: End) -> Span:
        """Return the values a positive number of times."""
        return self._replace(low=self.low * factor, high=self.high * factor)

    def over(self, other: Span) -> Span:
        """Return the ratios of a value of each; without an upper end where the second may be zero.

        Of values below zero nothing is said: every number is a ratio of them.
        """
        if self.high < 0 or other.high < 0:
            return Span(-math.inf, math.inf)
        above, below = self.not_negative(), other.not_negative()
        if below.low == 0 or below.high == 0:
            low = above.low / below.high if below.high > 0 else Fraction(0)
            return Span(low, math.inf)
        return Span(
            above.low / below.high,
            above.high / below.low,
            above.open_low or below.open_high,
            above.open_high or below.open_low,
        )

    def not_negative(self) -> Span:
        """Return the values from zero on."""
        return (
            self if self.low >= 0 else Span(Fraction(0), max(self.high, Fraction(0)), False, self.open_high)
        )

    def whole(self) -> range:
        """Return the whole numbers among the values.

        Raises
        ------
        ClaimError
            If they have no end.
        """
        if math.isinf(self.low) or math.isinf(self.high):
            raise ClaimError("there is no end to the whole numbers that this leaves open")
        first, last = math.ceil(self.low), math.floor(self.high)
        return range(
            first + (self.open_low and first == self.low), last + 1 - (self.open_high and last == self.high)
        )


def _reaches(low: End, high: End, is_open: bool) -> bool:
    return bool(low < high or (low == high and not is_open))


def _either(one: Span, other: Span) -> tuple[bool, bool]:
    return one.open_low or other.open_low, one.open_high or other.open_high


def as_written(value: Any, decimals: Any = None) -> tuple[Fraction, int]:
    """Return a number exactly, with its decimals: those given, those of a text, or those that it has itself.

    Raises
    ------
    ClaimError
        If the value is no finite number, or the decimals are no whole number.
    """
    try:
        told = Decimal(str(value).strip()) if isinstance(value, str) else Decimal(str(float(value)))
    except (InvalidOperation, TypeError, ValueError):
        raise ClaimError(f"{value!r} is not a number, such as 3.05 or '3.10'") from None
    if not told.is_finite():
        raise ClaimError(f"{value!r} is not a finite number")
    if decimals is None or decimals is pd.NA or (not isinstance(decimals, str) and pd.isna(decimals)):
        short = told if isinstance(value, str) else told.normalize()
        return Fraction(told), max(0, -int(short.as_tuple().exponent))
    return Fraction(told), places(decimals)


def places(decimals: Any) -> int:
    """Return a number of decimals; below zero it is that of the zeros before the point.

    Raises
    ------
    ClaimError
        If it is no whole number, or one of more figures than a number can have.
    """
    try:
        number = float(decimals)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not number.is_integer() or abs(number) > MOST_PLACES:
        raise ClaimError(f"decimals must be a whole number, at most {MOST_PLACES}, not {decimals!r}")
    return int(number)


def span(value: Any, qualifier: str = "exact", decimals: Any = 0) -> Span:
    """Return the values that "nearly 76" or "3.05" leaves open.

    Parameters
    ----------
    value : float or str
        The number as published.
    qualifier : str
        One of :data:`QUALIFIERS`.
    decimals : int, optional
        Its decimals; below zero where it is rounded to tens or more (4.3 million: -5). Those that the number has
        if None.

    Returns
    -------
    Span
        An exact value covers half a unit of its last decimal on both sides; "more than x" all above x; "just
        over", "nearly" and "about" up to :data:`LOOSENESS` of x.

    Raises
    ------
    ClaimError
        If the value is no number or the qualifier is not known.

    Examples
    --------
    >>> held = span(3.05, "exact", 2)
    >>> float(held.low), float(held.high)
    (3.045, 3.055)
    """
    number, places = as_written(value, decimals)
    loose = abs(number) * Fraction(str(LOOSENESS))
    half = Fraction(1, 2) / Fraction(10) ** places
    spans = {
        "exact": Span(number - half, number + half),
        "about": Span(number - loose, number + loose),
        "more than": Span(number, math.inf, open_low=True),
        "just over": Span(number, number + loose, open_low=True),
        "nearly": Span(number - loose, number, open_high=True),
        "at least": Span(number, math.inf),
        "at most": Span(-math.inf, number),
        "less than": Span(-math.inf, number, open_high=True),
    }
    if qualifier not in spans:
        raise ClaimError(f"qualifier {qualifier!r} is not known; qualifiers are {list(QUALIFIERS)}")
    return spans[qualifier]
