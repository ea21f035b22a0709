"""Confidence intervals for proportions, and the published rules for when a proportion is reliable.

Hands on arrays: lower and upper limits, the method that was really used, effective sample sizes and flags.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portal_analysis import inference
from portal_analysis.arguments import is_number, is_share

DF = ("domain", "design")
"""Rules of degrees of freedom that have a name; a number is the other way to say them."""

INTERVALS = (
    *("korn-graubard", "logit", "xlogit", "likelihood", "beta"),
    *("wilson", "agresti-coull", "asin", "mean"),
)

SMALL_SAMPLE, WIDE, NARROW, RELATIVE_WIDTH, FEW_DF = 30, 0.30, 0.05, 1.30, 8
"""Thresholds of the standards cited in :func:`reliability`."""

FEW_COUNTED, COUNT_WIDTH, DOUBTFUL, USELESS = 10, 1.60, 0.30, 0.50
"""Thresholds of the standards cited in :func:`reliability_of_numbers`."""


@dataclass(frozen=True)
class Finite:
    """What is known of domains without any estimate: who is in the population, and what was seen of it.

    ``size`` is the population that the design's ``fpc`` tells (infinite: drawn with replacement), ``least``
    and ``most`` the proportions that are possible at all, since the people seen are among it; ``exact`` says
    that everybody was seen: a census, whose numbers have no sampling error.
    """

    size: np.ndarray
    least: np.ndarray
    most: np.ndarray
    exact: np.ndarray

    def flat(self) -> Finite:
        """Return (domains, outcomes) outcome by outcome, as rows of a table are."""
        return Finite(*(part.T.ravel() for part in (self.size, self.least, self.most, self.exact)))


def infinite(shape: tuple[int, ...]) -> Finite:
    """Return what is known of domains of a population without an end."""
    return Finite(np.full(shape, np.inf), np.zeros(shape), np.ones(shape), np.zeros(shape, dtype=bool))


def faults_of(df: object, level: object) -> list[str]:
    """Say what is wrong with the degrees of freedom and the level that were asked for."""
    faults = []
    if isinstance(df, str) and df not in DF:
        faults.append(f"df={df!r} is unknown; it may be {list(DF)} or a number above 0")
    if not isinstance(df, str) and (not is_number(df) or not df > 0):
        faults.append(f"df={df!r} must be a number above 0, or out of {list(DF)}")
    if not is_share(level):
        faults.append(f"level={level!r} must be a number that must lie between 0 and 1, such as 0.95")
    return faults


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
    finite: Finite | None = None,
    logit_se: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower limit, upper limit and the method used for each proportion.

    Notes
    -----
    ``logit`` (and R's ``xlogit``, the same interval), ``asin``: t intervals on the transformed scale; with
    replicate weights ``logit`` takes the variance of logit(p) over the replicates (``logit_se``), as R.
    ``likelihood``: where twice the log likelihood of n_e answers falls by t(df)² (R profiles it by
    interpolation, so that the fourth digit may differ). ``mean``: p ± t·se, not cut at 0 and 1. ``beta``: Korn
    and Graubard (1998), Clopper–Pearson limits with the effective sample size n_e = p(1−p)/se² times
    (t(n−1)/t(df))², as R's ``svyciprop``.
    ``korn-graubard``: the same, n_e being at most n after its correction for the degrees of freedom, as the
    National Center for Health Statistics (Parker et al. 2017) and the CDC's ``surveytable`` have it.
    ``wilson``: score interval with n_e and t(df), as R. ``agresti-coull``: adds t²/2 to n_e·p and t² to n_e
    (Dean and Pagano 2015).

    Where p is 0 or 1 no variance can be estimated. ``korn-graubard`` and ``beta`` then take n, corrected for
    the degrees of freedom, as Stata's ``kg_nchs`` (Ward 2019); NCHS' macro takes n itself, which with 3 PSUs
    covers too little (tests/reference/coverage.py). ``wilson, agresti-coull`` take n, having t(df) already.
    The transformations, which degenerate there, give way to ``korn-graubard``, and the method returned says
    so. With no degrees of freedom nothing is known: 0 to 1.

    Where the design's ``fpc`` tells the size N of the domain's population, ``korn-graubard``
    takes the size n* = n_e/(1 + n_e/N) that a simple random sample without replacement needs for the same
    variance, and draws the binomial limits towards p by √((N−n*)/(N−1)) as Burstein (1975, JASA 70:67–69)
    does. No limit leaves what is possible given those who were seen, and a census has a width of 0.
    """
    finite = finite or infinite(p.shape)
    t = t_quantile(df, level)
    edge = (p <= 0) | (p >= 1)
    used = np.full(p.shape, method, dtype=object)
    if method in ("logit", "xlogit", "likelihood", "asin", "mean"):
        low, high = (
            _likelihood(p, se, n, t) if method == "likelihood" else _transformed(p, se, t, method, logit_se)
        )
        exact = _korn_graubard(p, se, n, n, df, level, True, finite.size)
        low, high = np.where(edge, exact[0], low), np.where(edge, exact[1], high)
        used[edge] = "korn-graubard"
    elif method in ("korn-graubard", "beta"):
        rows, size = (members, np.inf) if method == "beta" else (n, finite.size)
        low, high = _korn_graubard(
            p, se, n, rows, df, level, method != "beta", np.broadcast_to(size, p.shape)
        )
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.where(edge, n, np.minimum(p * (1 - p) / se**2, 1e15))
        low, high = inference.score_limits(p, size, t) if method == "wilson" else _agresti_coull(p, size, t)
    low, high = np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)
    unknown = ~(df > 0) & ~np.isnan(p)
    low, high = np.where(unknown, 0.0, low), np.where(unknown, 1.0, high)
    low, high = _possible(low, high, p, finite)
    return np.where(finite.exact, p, low), np.where(finite.exact, p, high), used


def _possible(
    low: np.ndarray, high: np.ndarray, p: np.ndarray, finite: Finite
) -> tuple[np.ndarray, np.ndarray]:
    """Keep limits to what is possible; ``least`` and ``most`` bind only where the population has an end."""
    known = np.isfinite(finite.size)
    low = np.where(known, np.fmin(np.maximum(low, finite.least), p), low)
    return low, np.where(known, np.fmax(np.minimum(high, finite.most), p), high)


def _transformed(
    p: np.ndarray, se: np.ndarray, t: np.ndarray, method: str, logit_se: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "mean":
            return p - t * se, p + t * se
        if method == "asin":
            centre, half = np.arcsin(np.sqrt(p)), t * se / (2 * np.sqrt(p * (1 - p)))
            return np.sin(np.maximum(centre - half, 0)) ** 2, np.sin(
                np.minimum(centre + half, np.pi / 2)
            ) ** 2
        spread = se / (p * (1 - p))
        if method == "logit" and logit_se is not None:
            spread = np.where(np.isfinite(logit_se), logit_se, spread)
        centre, half = np.log(p / (1 - p)), t * spread
        return 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))


def _likelihood(p: np.ndarray, se: np.ndarray, n: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        fall = t**2 * se**2 / (p * (1 - p)) / 2 * n / np.maximum(n - 1, 1)  # its quasi-likelihood

        def limit(outer: float) -> np.ndarray:
            near, far = p.copy(), np.full(p.shape, outer)
            for _ in range(60):
                middle = (near + far) / 2
                apart = p * np.log(p / middle) + (1 - p) * np.log((1 - p) / (1 - middle))
                beyond = apart > fall
                near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
            return np.where(np.isnan(fall), np.nan, near)

        return limit(0.0), limit(1.0)


def _korn_graubard(
    p: np.ndarray,
    se: np.ndarray,
    n: np.ndarray,
    rows: np.ndarray,
    df: np.ndarray,
    level: float,
    cap: bool,
    population: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import betaincinv

    edge = (p <= 0) | (p >= 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(edge, n / np.maximum(1 - n / population, 1e-15), p * (1 - p) / se**2)
        few = np.where(rows > 1, t_quantile(rows - 1, level) / t_quantile(df, level), 1.0) ** 2
        size = np.minimum(size, 1e15) * few
        size = size / (1 + size / population)
        size = np.minimum(size, n) if cap else np.where(edge, np.minimum(size, n), size)
        yes, no, tail = size * p, size * (1 - p), (1 - level) / 2
        low = betaincinv(np.where(yes > 0, yes, 1.0), no + 1, tail)
        high = betaincinv(yes + 1, np.where(no > 0, no, 1.0), 1 - tail)
        low, high = np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)
        shrink = np.sqrt(np.maximum(population - size, 0) / np.maximum(population - 1, 1))
        below, above = p - 0.5 / size, p + 0.5 / size
        ends = np.isfinite(population)
        low = np.where(ends, np.minimum(below + (low - below) * shrink, p), low)
        high = np.where(ends, np.maximum(above + (high - above) * shrink, p), high)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def _agresti_coull(p: np.ndarray, size: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        more = size + t**2
        centre = (size * p + t**2 / 2) / more
        half = t * np.sqrt(centre * (1 - centre) / more)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def reliability(
    p: np.ndarray,
    se: np.ndarray,
    n: np.ndarray,
    df: np.ndarray,
    finite: Finite | None = None,
    width: np.ndarray | None = None,
) -> np.ndarray:
    """Return ``suppress``, ``review`` or nothing for each proportion.

    ``width`` is that of the 95% Korn–Graubard interval where it is known already.

    Notes
    -----
    Parker JD, Talih M, Malec DJ, et al. National Center for Health Statistics Data Presentation Standards for
    Proportions. Vital Health Stat 2(175), 2017. In their order, on the 95% Korn–Graubard interval: suppress
    if n or the effective sample size is below 30; if the interval is 0.30 or wider; if it is wider than 0.05
    and wider than 130% of the proportion. Review if df is below 8, or if nobody or everybody says yes; the
    relative width is not defined there and is left out, so that both ends are treated alike. The standards'
    footnote on an unreliable complement (the share of those who do not) sets no flag here. Two cases the
    standards leave out are suppressed too: no answer at all, and no standard error or no degrees of freedom.
    A census is exact and has no flag, however small the domain.
    """
    finite = finite or infinite(p.shape)
    if width is None:
        low, high, _ = limits(p, se, n, n, df, 0.95, "korn-graubard", finite)
        width = high - low
    with np.errstate(invalid="ignore"):
        hidden = (n < SMALL_SAMPLE) | (effective_size(p, se, n) < SMALL_SAMPLE) | (width >= WIDE)
        at_the_end = (p <= 0) | (p >= 1)
        hidden |= ~at_the_end & (width > NARROW) & (width > RELATIVE_WIDTH * p)
        hidden |= np.isnan(p) | np.isnan(se) | ~(df > 0)
        review = (df < FEW_DF) | at_the_end
    return _flagged(hidden, review, finite.exact & ~np.isnan(p))


def reliability_of_numbers(
    estimate: np.ndarray,
    se: np.ndarray,
    n: np.ndarray,
    df: np.ndarray,
    count: bool,
    signed: np.ndarray,
    exact: np.ndarray,
) -> np.ndarray:
    """Return ``suppress``, ``review`` or nothing for each total (``count``), mean or ratio.

    Notes
    -----
    Totals: Parker JD, Talih M, Irimata KE, et al. National Center for Health Statistics Data Presentation
    Standards for Rates and Counts. Vital Health Stat 2(200), 2023: suppress if n is below 10 or if the 95%
    interval is wider than 160% of the total; review if df is below 8. Means and ratios, for which there is
    no newer standard: suppress if n is below 30 or the relative standard error above 50%, review if it is
    30% or more (Johnson CL, Paulose-Ram R, Ogden CL, et al. NHANES Analytic Guidelines 1999–2010, Vital
    Health Stat 2(161), 2013; the 50% of NCHS' Health, United States) or if df is below 8. Of a variable that
    may be negative (``signed``) the relative error says nothing, and n and df alone are looked at. What has
    no error is suppressed, a census never is.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(signed, 0.0, se / np.abs(estimate))
        if count:
            hidden = (n < FEW_COUNTED) | (2 * t_quantile(df, 0.95) * relative > COUNT_WIDTH)
            review = df < FEW_DF
        else:
            hidden = (n < SMALL_SAMPLE) | (relative > USELESS)
            review = (df < FEW_DF) | (relative >= DOUBTFUL)
        hidden |= np.isnan(estimate) | np.isnan(se) | ~(df > 0)
    return _flagged(hidden, review, exact & ~np.isnan(estimate))


def _flagged(hidden: np.ndarray, review: np.ndarray, exact: np.ndarray) -> np.ndarray:
    return np.where(exact, "", np.where(hidden, "suppress", np.where(review, "review", "")))


def faults_of_adjustment(adjust: object) -> list[str]:
    """Say what is wrong with a name of an adjustment of p-values."""
    known = [None, *inference.ADJUSTMENTS]
    return [] if adjust in known else [f"adjust={adjust!r} is unknown; it may be {known}"]
