"""What link between provinces could be seen at all: the power of a correlation that errors of measurement dilute.

Hands on ESTIMATES of power, and the least correlation that can be detected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number
from portal_analysis.linkage.pairs import LinkError
from portal_analysis.shape import estimates
from portal_analysis.survey.intervals import faults_of

MOST_AREAS = 10_000_000
POWER = 0.8


def link_power(
    areas: int = 63,
    correlations: Sequence[float] | float = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    reliability: float | tuple[float, float] = 1.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say how likely so many provinces are to show a correlation, given how well scores and rates are measured.

    Parameters
    ----------
    areas : int
        Provinces; 4 and more.
    correlations : float or sequence of float
        Of true scores and true rates.
    reliability : float or pair of float
        Of scores and of rates: the share of the variance of measured values that is no error; ``reliability`` and
        ``rate_reliability`` of :func:`portal_analysis.linkage.areas.link`.
    level : float
        The test is two-sided at ``1 − level``.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``link_power`` and the domain column ``true_correlation``; ``n`` provinces. Extras:
        ``observed``, the correlation that is to be expected of measured values; ``detectable``, the least true one
        with a power of 80 %, missing where none has it.

    Raises
    ------
    LinkError
        If a number lies outside what it may be.

    Notes
    -----
    Errors dilute a correlation ρ to ``ρ √(λ_x λ_y)`` (C. Spearman, *Am. J. Psychol.* 15 (1904) 72–101). Power by
    Fisher's z with the correction for bias ``r / (2 (n − 1))`` (J. Cohen, *Statistical Power Analysis*, 2nd ed. 1988,
    ch. 12).

    Examples
    --------
    >>> import portal_analysis as pa
    >>> found = pa.link_power(63, [0.3], reliability=(0.8, 0.5))
    >>> round(float(found["estimate"].iloc[0]), 3), round(float(found["detectable"].iloc[0]), 3)
    (0.322, 0.545)
    """
    both = np.atleast_1d(np.asarray(reliability, dtype=float))
    if not ((both > 0) & (both <= 1)).all() or len(both) > 2:
        raise LinkError(f"reliability is {reliability!r}: of scores and of rates, each above 0 and at most 1")
    if not is_number(areas) or areas % 1 or not 4 <= areas <= MOST_AREAS:
        raise LinkError(f"areas is {areas!r}; a correlation needs 4 and more, and at most {MOST_AREAS:,}")
    asked = list(correlations) if isinstance(correlations, Iterable) else [correlations]
    bad = [one for one in asked if not is_number(one) or not -1 < one < 1]
    if faults := faults_of("domain", level):
        raise LinkError.of(faults)
    if bad or not asked:
        raise LinkError(f"correlations {bad or asked} lie between -1 and 1")
    share = float(np.prod(both))
    true = np.asarray(asked, dtype=float)
    seen = true * np.sqrt(share)
    rows = pd.DataFrame({"true_correlation": [f"{one:g}" for one in true], "observed": seen})
    rows["estimate"] = [power_of(float(one), int(areas), level) for one in seen]
    told = rows.assign(
        indicator="link_power", unit="proportion", measure="probability", n=areas, level=level,
        detectable=detectable(int(areas), share, level),
    )  # fmt: skip
    return estimates(told, ["true_correlation"])


def power_of(correlation: float, n: int, level: float = 0.95) -> float:
    """Return the power of the two-sided test of a correlation, as the values are measured."""
    from scipy import stats

    t = stats.t.isf((1 - level) / 2, n - 2)
    critical = np.arctanh(np.sqrt(t**2 / (t**2 + n - 2)))
    r = abs(correlation)
    z = np.arctanh(r) + r / (2 * (n - 1))
    return float(
        stats.norm.cdf((z - critical) * np.sqrt(n - 3)) + stats.norm.cdf((-z - critical) * np.sqrt(n - 3))
    )


def detectable(n: int, reliability: float, level: float = 0.95, power: float = POWER) -> float:
    """Return the least true correlation that is seen with some power; missing where none is."""
    from scipy.optimize import brentq

    most = np.sqrt(reliability) * (1 - 1e-9)
    if power_of(most, n, level) < power:
        return float("nan")
    return float(brentq(lambda r: power_of(r, n, level) - power, 0.0, most) / np.sqrt(reliability))
