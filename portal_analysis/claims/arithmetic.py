"""Whether a published number is possible at its n: the GRIM test for means and percentages, and counts behind them.

Hands on :func:`grim`, :func:`possible_counts` and :func:`grim_power`; all reckon in whole numbers and fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from portal_analysis.claims.spans import ClaimError, as_written, places, span


def possible_counts(percent: Any, n: Any, decimals: int | None = None, qualifier: str = "exact") -> range:
    """Return how many of n units a published percentage can stand for, if each counts once.

    Parameters
    ----------
    percent : float or str
        The percentage as published. Give it as text if its last decimals are zeros: ``"3.10"``.
    n : int
        The units that it is out of.
    decimals : int, optional
        Its decimals; those of the text, or those that the number has itself, if not given.
    qualifier : str
        The word before it, one of :data:`QUALIFIERS`; what it leaves open says :func:`span`.

    Returns
    -------
    range
        The counts k with 0 <= k <= n of which ``100 k / n``, rounded to the decimals (a last 5 either way), is the
        percentage. Empty if there are none: then the percentage is not possible at this n, *unless it is weighted*.
        Of a weighted percentage the counts say nothing.

    Raises
    ------
    ClaimError
        If ``percent`` is no number, ``n`` no whole number above zero, or the qualifier not known.

    See Also
    --------
    grim : the same question answered by yes or no, for means too.
    check_arithmetic : the same for a table of claims.

    References
    ----------
    Brown & Heathers (2017), as of :func:`grim`.

    Examples
    --------
    The two rates of profiles that were published for one survey are six or seven people apart:

    >>> import portal_analysis as pa
    >>> list(pa.possible_counts(3.01, 16117)), list(pa.possible_counts(3.05, 16117))
    ([485], [491, 492])
    >>> list(pa.possible_counts(41.5, 63))
    []
    """
    size = sample_size(n)
    held = span(percent, qualifier, as_written(percent, decimals)[1])
    if held.high < 0:
        return range(0)
    held = held.not_negative()
    if math.isinf(held.high) or held.high > 100:
        held = held._replace(high=max(Fraction(100), held.low), open_high=False)
    found = held.times(Fraction(size, 100)).whole()
    return range(found.start, max(found.start, min(found.stop, size + 1)))


def grim(value: Any, n: Any, items: int = 1, percent: bool = False, decimals: int | None = None) -> bool:
    """Test whether a mean or a percentage of whole numbers is possible at its n (granularity, GRIM).

    Parameters
    ----------
    value : float or str
        The mean or percentage as published; as text if its last decimals are zeros (``"5.20"``).
    n : int
        The respondents.
    items : int
        How many whole-number answers of each respondent are averaged.
    percent : bool
        Is the value a percentage?
    decimals : int, optional
        The value's decimals; those of the text, or those that the number has itself, if not given.

    Returns
    -------
    bool
        Is there a whole number k of which ``k / (n items)``, or 100 times that, rounds to the value? A last 5 may
        have been rounded up or down.

    Raises
    ------
    ClaimError
        If the value is no number, or ``n`` or ``items`` no whole number above zero.

    Notes
    -----
    The test is for unweighted numbers. Where ``n items`` is at least 10 to the power of the decimals (of the value
    as a share), every value is possible and the test can find nothing (:func:`grim_power`).

    References
    ----------
    Brown, N. J. L., & Heathers, J. A. J. (2017). The GRIM test. *Social Psychological and Personality Science*,
    8(4), 363–369. doi:10.1177/1948550616673876

    Examples
    --------
    >>> import portal_analysis as pa
    >>> pa.grim("5.19", 28), pa.grim("5.19", 32)
    (False, True)
    >>> pa.grim("47.6", 63, percent=True), pa.grim("47.5", 63, percent=True)
    (True, False)
    """
    granules = sample_size(n) * sample_size(items, "items")
    held = span(value, "exact", as_written(value, decimals)[1])
    return bool(held.times(Fraction(granules, 100 if percent else 1)).whole())


def grim_power(n: Any, decimals: int, items: int = 1, percent: bool = True) -> float:
    """Return which share of all values with these decimals the GRIM test would find impossible.

    Parameters
    ----------
    n : int
        The respondents.
    decimals : int
        The decimals of the value.
    items : int
        How many answers of each respondent are averaged.
    percent : bool
        Is the value a percentage?

    Returns
    -------
    float
        ``max(0, 1 - n items / 10**decimals)``, for percentages with two decimals more.

    Raises
    ------
    ClaimError
        If a number is not whole, or not above zero.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> round(pa.grim_power(63, 1), 3), pa.grim_power(16117, 2)
    (0.937, 0.0)
    """
    granules = sample_size(n) * sample_size(items, "items")
    values = Fraction(10) ** (places(decimals) + (2 if percent else 0))
    return float(max(Fraction(0), 1 - granules / values))


def sample_size(value: Any, name: str = "n") -> int:
    """Return a number of units.

    Raises
    ------
    ClaimError
        If it is no whole number above zero.
    """
    number, _ = as_written(value)
    if number.denominator != 1 or number <= 0:
        raise ClaimError(f"{name} must be a whole number above zero, not {value!r}")
    return int(number)
