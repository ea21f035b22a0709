"""How many units of a list a share takes, for a wanted margin: the arithmetic that surveys and audits have in common.

Hands on numbers; what a round of an audit or a wave of a survey takes is told by
:mod:`portal_analysis.audit.plan` and :mod:`portal_analysis.survey.plan`.
"""

from __future__ import annotations

from math import ceil, inf
from statistics import NormalDist

from portal_analysis.arguments import is_share
from portal_analysis.faults import Error


class SizeError(Error):
    """A wanted margin or share does not exist."""


def size_for_margin(margin: float, share: float = 0.5, of: float = inf, level: float = 0.95) -> float:
    """Return how large a simple random sample gives a share within a margin, not rounded.

    Parameters
    ----------
    margin : float
        Half the width of the interval, as a share: 0.1 is ten points.
    share : float
        The share that is expected; 0.5 is the worst case.
    of : float
        Units of the population.
    level : float

    Raises
    ------
    SizeError
        If a number lies outside what it may be.

    Notes
    -----
    ``n = n₀ / (1 + (n₀ − 1) / N)``, ``n₀ = z² p (1 − p) / margin²`` (W. Cochran, *Sampling Techniques*, 3rd ed.
    1977, § 4.4).

    Examples
    --------
    >>> round(size_for_margin(0.1), 1), round(size_for_margin(0.1, of=100), 1)
    (96.0, 49.2)
    """
    for name, value in (("margin", margin), ("share", share), ("level", level)):
        if not is_share(value):
            raise SizeError(f"{name} is {value!r}; it lies between 0 and 1")
    if not of >= 1:
        raise SizeError(f"of is {of!r}; a population has one unit at least")
    many = NormalDist().inv_cdf(0.5 + level / 2) ** 2 * share * (1 - share) / margin**2
    return many / (1 + (many - 1) / of)


def rounded_up(size: float, most: float = inf) -> int:
    """Return the next whole number, that a rounding error does not raise, and that is no more than there are."""
    return int(min(ceil(size - 1e-9), most))
