"""Two or more rounds of the same portals as arithmetic: tests and limits of paired shares.

Takes counts and tables; hands on numbers.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np


def mcnemar(gained: int, lost: int) -> tuple[float, float]:
    """Return the exact and the mid-p two-sided p-value that as many were gained as lost.

    Notes
    -----
    ``gained`` is binomial with one half out of ``gained + lost``; mid-p counts the outcome seen by half (M. Fagerland
    et al., *BMC Med. Res. Methodol.* 13 (2013) 91). Without any change both are 1.
    """
    from scipy import stats

    n = gained + lost
    if n == 0:
        return 1.0, 1.0
    law = stats.binom(n, 0.5)
    few = min(gained, lost)
    exact = min(1.0, 2 * law.cdf(few))
    return float(exact), float(min(1.0, 2 * law.cdf(few) - law.pmf(few)))


def score_limits(gained: int, lost: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return Tango's score limits of the difference of two paired shares, ``(gained − lost) / n``.

    Notes
    -----
    The differences d with ``|gained − lost − n d| ≤ z √(n (2 q + d (1 − d)))``, q the likelihood estimate of the
    share lost given d (T. Tango, *Statist. Med.* 17 (1998) 891–908).
    """
    from scipy import optimize

    if n == 0:
        return float("nan"), float("nan")
    z = NormalDist().inv_cdf(0.5 + level / 2)

    def statistic(d: float) -> float:
        b = -gained - lost + (2 * n - gained + lost) * d
        q = (np.sqrt(max(b * b + 8 * n * lost * d * (1 - d), 0.0)) - b) / (4 * n)
        variance = n * (2 * q + d * (1 - d))
        return (gained - lost - n * d) / np.sqrt(max(variance, 1e-300))

    here, edge = (gained - lost) / n, 1 - 1e-12
    low = (
        -1.0
        if statistic(-edge) <= z
        else optimize.brentq(lambda d: statistic(d) - z, -edge, here, xtol=1e-12)
    )
    high = (
        1.0 if statistic(edge) >= -z else optimize.brentq(lambda d: statistic(d) + z, here, edge, xtol=1e-12)
    )
    return float(low), float(high)


def phi(both: int, lost: int, gained: int, neither: int) -> float:
    """Return the correlation of two paired yes–no answers; NaN where one of them is always the same."""
    margin = float(both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    return (both * neither - lost * gained) / np.sqrt(margin) if margin > 0 else float("nan")


def homogeneity(table: np.ndarray, method: str) -> tuple[float, float, float]:
    """Return statistic, degrees of freedom and p-value that the levels are as frequent in both rounds.

    Parameters
    ----------
    table : ndarray of int, shape (levels, levels)
        Portals by level before (rows) and after.
    method : {"stuart_maxwell", "bhapkar"}

    Notes
    -----
    A. Stuart, *Biometrika* 42 (1955) 412–416; V. Bhapkar, *J. Am. Statist. Assoc.* 61 (1966) 228–235, which is
    Q / (1 − Q / n) with Stuart's Q and all n portals. A level that no portal left or came to says nothing: the degrees
    of freedom are the rank of the covariance, as in R's ``coin``: the levels that exchange portals, less one for each
    part of them (four levels in two parts have 2).
    NaN where nothing changed, and for Bhapkar where every portal made the same step.
    """
    from scipy import stats

    difference = table.sum(axis=1) - table.sum(axis=0)
    spread = np.diag(table.sum(axis=1) + table.sum(axis=0)) - table - table.T
    df = int(np.linalg.matrix_rank(spread))
    if df == 0:
        return float("nan"), float("nan"), float("nan")
    found = float(difference @ np.linalg.pinv(spread, hermitian=True) @ difference)
    if method == "bhapkar":
        left = 1 - found / table.sum()
        found = found / left if left > 1e-9 else float("nan")
    return found, float(df), float(stats.chi2.sf(found, df))


def cochran(answers: np.ndarray) -> tuple[float, float, float]:
    """Return Cochran's Q, its degrees of freedom and p-value; portals × rounds of 0 and 1, complete.

    NaN where no portal changed.
    """
    from statsmodels.stats.contingency_tables import cochrans_q

    if not len(answers) or (answers == answers[:, :1]).all():
        return float("nan"), float("nan"), float("nan")
    found = cochrans_q(answers)
    return float(found.statistic), float(found.df), float(found.pvalue)
