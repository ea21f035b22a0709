"""Confidence intervals for proportions, and the published rules for when a proportion is reliable.

Hands on arrays: lower and upper limits, the method that was really used, effective sample sizes and flags.
"""

from __future__ import annotations

from numbers import Real

import numpy as np

DF = ("domain", "design")
"""Rules of degrees of freedom that have a name; a number is the other way to say them."""

INTERVALS = ("korn-graubard", "logit", "xlogit", "beta", "wilson", "agresti-coull", "asin", "mean")

SMALL_SAMPLE, WIDE, NARROW, RELATIVE_WIDTH, FEW_DF = 30, 0.30, 0.05, 1.30, 8
"""Thresholds of the standards cited in :func:`reliability`."""


def faults_of(df: object, level: object) -> list[str]:
    """Say what is wrong with the degrees of freedom and the level that were asked for."""
    faults = []
    if isinstance(df, str) and df not in DF:
        faults.append(f"df={df!r} is unknown; it may be {list(DF)} or a number above 0")
    if not isinstance(df, str) and (not _is_number(df) or not df > 0):  # type: ignore[operator]
        faults.append(f"df={df!r} must be a number above 0, or out of {list(DF)}")
    if not _is_number(level) or not 0 < level < 1:  # type: ignore[operator]
        faults.append(f"level={level!r} must be a number that must lie between 0 and 1, such as 0.95")
    return faults


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def t_quantile(df: np.ndarray, level: float) -> np.ndarray:
    """Return the two-sided critical value of Student's t; missing where df < 1 or unknown."""
    from scipy.special import ndtri, stdtrit

    upper = 0.5 + level / 2
    usable = df > 0
    with np.errstate(invalid="ignore"):
        value = -stdtrit(np.where(usable & np.isfinite(df), df, 1.0), 1 - upper)
    return np.where(usable, np.where(np.isinf(df), ndtri(upper), value), np.nan)


def effective_size(p: np.ndarray, se: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return p(1−p)/se², at most n; n itself where nobody or everybody says yes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = p * (1 - p) / se**2
    return np.where((p <= 0) | (p >= 1), n, np.fmin(size, n))


def limits(
    p: np.ndarray,
    se: np.ndarray,
    n: np.ndarray,
    members: np.ndarray,
    df: np.ndarray,
    level: float,
    method: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower limit, upper limit and the method used for each proportion.

    Notes
    -----
    ``logit`` (and R's ``xlogit``, the same interval), ``asin``: t intervals on the transformed scale.
    ``mean``: p ± t·se, not cut at 0 and 1. ``beta``: Korn and Graubard (1998), Clopper–Pearson limits with
    the effective sample size n_e = p(1−p)/se² times (t(n−1)/t(df))², as R's ``svyciprop``.
    ``korn-graubard``: the same with n_e at most n, as the National Center for Health Statistics has it
    (Parker et al. 2017). ``wilson``: score interval with n_e and t(df), as R. ``agresti-coull``: adds t²/2
    to n_e·p and t² to n_e (Dean and Pagano 2015).

    Where p is 0 or 1 no variance can be estimated: n_e is n for ``korn-graubard, beta, wilson,
    agresti-coull``; the transformations, which degenerate there, give way to ``korn-graubard``, and the
    method returned says so. With no degrees of freedom nothing is known: 0 to 1.
    """
    t = t_quantile(df, level)
    edge = (p <= 0) | (p >= 1)
    used = np.full(p.shape, method, dtype=object)
    if method in ("logit", "xlogit", "asin", "mean"):
        low, high = _transformed(p, se, t, method)
        exact = _korn_graubard(p, se, n, n, df, level, cap=True)
        low, high = np.where(edge, exact[0], low), np.where(edge, exact[1], high)
        used[edge] = "korn-graubard"
    elif method in ("korn-graubard", "beta"):
        low, high = _korn_graubard(p, se, n, members if method == "beta" else n, df, level, method != "beta")
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.where(edge, n, np.minimum(p * (1 - p) / se**2, 1e300))
        low, high = _score(p, size, t) if method == "wilson" else _agresti_coull(p, size, t)
    low, high = np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)
    unknown = ~(df > 0) & ~np.isnan(p)
    return np.where(unknown, 0.0, low), np.where(unknown, 1.0, high), used


def _transformed(p: np.ndarray, se: np.ndarray, t: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "mean":
            return p - t * se, p + t * se
        if method == "asin":
            centre, half = np.arcsin(np.sqrt(p)), t * se / (2 * np.sqrt(p * (1 - p)))
            return np.sin(np.maximum(centre - half, 0)) ** 2, np.sin(
                np.minimum(centre + half, np.pi / 2)
            ) ** 2
        centre, half = np.log(p / (1 - p)), t * se / (p * (1 - p))
        return 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))


def _korn_graubard(
    p: np.ndarray, se: np.ndarray, n: np.ndarray, rows: np.ndarray, df: np.ndarray, level: float, cap: bool
) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import betaincinv

    edge = (p <= 0) | (p >= 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = p * (1 - p) / se**2
        size = np.minimum(size, n) if cap else np.minimum(size, 1e15)
        size = size * (t_quantile(rows - 1, level) / t_quantile(df, level)) ** 2
        size = np.minimum(size, n) if cap else size
        size = np.where(edge, n, size)
        yes, no, tail = size * p, size * (1 - p), (1 - level) / 2
        low = betaincinv(np.where(yes > 0, yes, 1.0), no + 1, tail)
        high = betaincinv(yes + 1, np.where(no > 0, no, 1.0), 1 - tail)
    return np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)


def _score(p: np.ndarray, size: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (p + t**2 / (2 * size)) / (1 + t**2 / size)
        half = t * np.sqrt(p * (1 - p) / size + t**2 / (4 * size**2)) / (1 + t**2 / size)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def _agresti_coull(p: np.ndarray, size: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        more = size + t**2
        centre = (size * p + t**2 / 2) / more
        half = t * np.sqrt(centre * (1 - centre) / more)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def reliability(p: np.ndarray, se: np.ndarray, n: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Return ``suppress``, ``review`` or nothing for each proportion.

    Notes
    -----
    Parker JD, Talih M, Malec DJ, et al. National Center for Health Statistics Data Presentation Standards for
    Proportions. Vital Health Stat 2(175), 2017. In their order, on the 95% Korn–Graubard interval: suppress
    if n or the effective sample size is below 30; if the interval is 0.30 or wider; if it is wider than 0.05
    and wider than 130% of the proportion. Review if df is below 8, or if nobody or everybody says yes; the
    relative width is not defined there and is left out, so that both ends are treated alike. The standards'
    footnote on an unreliable complement (the share of those who do not) sets no flag here. Two cases the
    standards leave out are suppressed too: no answer at all, and no standard error or no degrees of freedom.
    """
    low, high, _ = limits(p, se, n, n, df, 0.95, "korn-graubard")
    width = high - low
    with np.errstate(invalid="ignore"):
        hidden = (n < SMALL_SAMPLE) | (effective_size(p, se, n) < SMALL_SAMPLE) | (width >= WIDE)
        at_the_end = (p <= 0) | (p >= 1)
        hidden |= ~at_the_end & (width > NARROW) & (width > RELATIVE_WIDTH * p)
        hidden |= np.isnan(p) | np.isnan(se) | ~(df > 0)
        review = (df < FEW_DF) | at_the_end
    return np.where(hidden, "suppress", np.where(review, "review", ""))
