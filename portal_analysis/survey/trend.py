"""How rates change for each unit of time: slopes, with the covariance of waves that share sampling units.

Hands on ESTIMATES with p-values.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from portal_analysis.shape import estimates
from portal_analysis.survey import gather
from portal_analysis.survey.answers import levels, numbers, rates
from portal_analysis.survey.domains import Domain, about_whom, members
from portal_analysis.survey.joint import Joint, Outcomes, joint
from portal_analysis.survey.linear import (
    ENDS,
    CompareError,
    Derived,
    checked,
    columns_of,
    exponentiated,
    rows_of,
)
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import names_of, need

METHODS = ("linear", "logit", "contrast")
"""Which slope :func:`trend` gives."""


@gather.anywhere("indicators", reads=gather.named("indicators", "yes_no"))
def trend(
    survey: Survey,
    indicators: str | Sequence[str],
    over: str = "wave",
    by: str | Sequence[str] | None = None,
    domain: Domain = None,
    method: str = "linear",
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Say by how much the proportion of yes changes for each unit of time.

    All waves count, where :func:`~portal_analysis.survey.compare.difference` compares two of them.

    Parameters
    ----------
    survey : Survey
    indicators : str or sequence of str
        Yes/no columns.
    over : str
        A column of numbers: the year, the wave.
    by : str or sequence of str, optional
        A trend for each cell of these columns.
    domain : str, optional
        A 0/1 column that keeps the estimate to a subpopulation.
    method : {"linear", "logit", "contrast"}
        ``linear``: the slope of the weighted regression of the 0/1 answers on ``over``, so that waves count
        by their weights (R's ``svyglm`` with the gaussian family). ``logit``: the slope of the logistic
        regression (``svyglm`` quasibinomial), told as an odds ratio for each unit. ``contrast``: the straight
        line through the waves' proportions, every wave counting alike (R's ``svycontrast``).
    df : {"domain", "design"} or float
        Degrees of freedom: PSUs less strata; ``linear`` and ``logit`` take off one for the slope, as R does.
    level : float
        Of the confidence interval.

    Returns
    -------
    DataFrame
        ESTIMATES: domain columns ``by``; unit ``points`` for each unit of ``over``, or ``odds ratio``.
        Extras: ``over``, ``period`` (first to last), ``method``, ``statistic`` (t), ``p_value``,
        ``interval``, ``level``, ``df_kind``, ``n_missing``. A slope that does not exist (one wave; for
        ``logit`` nobody or everybody yes) is missing and flagged ``suppress``. The waves' own estimates are
        ``proportion(survey, …, by=over)``.

    Raises
    ------
    CompareError
        If ``over`` does not hold numbers or has less than two values.

    Notes
    -----
    Waves that share PSUs are not independent: their covariance is in the linearised scores, as long as the
    design's PSUs are the same in each wave. Strata are to be province x panel: ``Design(..., panel=)`` does
    that. A stratum for each wave would make the waves independent, which is wrong where districts were kept.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> found = pa.trend(papi, "npsp_use", over="wave", by="ethnicity")
    >>> print(found[["ethnicity", "estimate"]].round(4).to_string(index=False))
    ethnicity  estimate
         kinh    0.0066
        other    0.0010
    """
    names, columns = names_of(indicators, "indicators"), columns_of(by)
    need(survey, [*names, *columns])
    checked(df, level)
    if method not in METHODS:
        raise CompareError(f"method={method!r} is unknown; it may be {list(METHODS)}")
    if over in columns:
        raise CompareError(f"{over!r} cannot stand in by and in over")
    time = _time(survey, over)
    inside = members(survey, domain) & (survey.layout.weights > 0)
    for column in columns:
        inside &= levels(survey, column)[0] >= 0
    points = np.unique(time[inside & ~np.isnan(time)])
    if len(points) < 2:
        raise CompareError(f"{over!r} holds {points.tolist()}: a trend needs at least two values")
    tables = []
    for name, answered in zip(names, rates(survey, names), strict=True):
        found = joint(survey, Outcomes([name], [answered]), [*columns, over], domain)
        tables.append(_trend(found, columns, over, points, method, df, level))
    slopes = estimates(pd.concat(tables, ignore_index=True).assign(over=over, measure="trend"), columns)
    return about_whom(slopes, survey, domain)


def _time(survey: Survey, over: str) -> np.ndarray:
    try:
        return numbers(survey, [over])[0]
    except ValueError as error:
        raise CompareError(f"over={over!r} must be a column of numbers, such as the year: {error}") from error


def _trend(
    found: Joint,
    columns: list[str],
    over: str,
    points: np.ndarray,
    method: str,
    df: str | float,
    level: float,
) -> pd.DataFrame:
    held = np.flatnonzero(found.members > 0)
    names = found.names.iloc[held]
    group = names.groupby(columns, sort=False, observed=True).ngroup().to_numpy() if columns else held * 0
    groups = int(group.max()) + 1
    wave = np.searchsorted(points, names[over].to_numpy(dtype=float))
    at = np.zeros((groups, len(points), len(found.names)))
    at[group, wave, held] = 1.0
    w, top = at @ found.below[:, 0], at @ found.above[:, 0]
    since = points - points[0]  # years themselves are far from zero, where slopes lose digits
    intercept, slope = line_through(w, _shares(top, w), since, method)
    slopes = _slope_of(found, at, w, _shares(top, w), intercept, slope, since, method)
    free = slopes.degrees(df, answered=True)
    free = free if method == "contrast" or not isinstance(df, str) else free - 1
    rows = rows_of(slopes, df, level, free)
    if method == "logit":
        rows = rows.assign(**exponentiated({name: rows[name] for name in ENDS}))
    first = [int(np.flatnonzero(group == g)[0]) for g in range(groups)]
    places = names[columns].iloc[first].reset_index(drop=True)
    told = places.assign(
        indicator=found.outcomes.names[0], unit="odds ratio" if method == "logit" else "points"
    )
    return pd.concat([told, rows], axis=1).assign(
        n=slopes.summed(found.n),
        period=[_period(points[seen > 0]) for seen in w],
        method=method,
        n_missing=slopes.summed(found.members[:, None] - found.n).astype(int),
    )


def _shares(top: np.ndarray, w: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return top / w


def _slope_of(
    found: Joint,
    at: np.ndarray,
    w: np.ndarray,
    p: np.ndarray,
    intercept: np.ndarray,
    slope: np.ndarray,
    points: np.ndarray,
    method: str,
) -> Derived:
    """Return the slopes as functions of the sums of groups × points, whose domains ``at`` tells."""
    from scipy.sparse import csr_matrix

    pull, fitted = _pulls(w, p, points, intercept, slope, method)
    a, b = (np.nan_to_num(np.einsum("gt,gtd->gd", part, at)) for part in (pull, -pull * fitted))
    thetas = None
    if found.again is not None:
        top, bottom = (np.einsum("rd,gtd->rgt", sums[:, :, 0], at) for sums in found.again)
        thetas = line_through(bottom, _shares(top, bottom), points, method)[1]
    return Derived(found, slope, csr_matrix(a), csr_matrix(b), csr_matrix(at.sum(axis=1)) > 0, thetas)


def _pulls(
    w: np.ndarray, p: np.ndarray, points: np.ndarray, intercept: np.ndarray, slope: np.ndarray, method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return each point's pull on its group's slope for one more Σwy, and the share it is measured from."""
    if method == "contrast":
        seen = w > 0
        apart = np.where(seen, points - _mean(points, seen)[:, None], 0.0)
        return apart / _not_zero((apart**2).sum(axis=1))[:, None] / _not_zero(w), np.where(seen, p, 0.0)
    eta = intercept[:, None] + slope[:, None] * points
    fitted = eta if method == "linear" else 1 / (1 + np.exp(-eta))
    v = w if method == "linear" else w * fitted * (1 - fitted)
    centre = (v * points).sum(axis=1) / _not_zero(v.sum(axis=1))
    apart = points - centre[:, None]
    return apart / _not_zero((v * apart**2).sum(axis=1))[:, None], fitted


def line_through(
    w: np.ndarray, p: np.ndarray, points: np.ndarray, method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return intercepts and slopes of (…) lines through the proportions of (…, points); complex steps pass.

    Answers vary with the point only through its proportion, so that proportions and weights are all that
    either regression needs. ``logit`` takes Newton's steps, all lines at once.
    """
    seen = w.real > 0
    p = np.where(seen, p, 0.0)
    weight = seen.astype(float) if method == "contrast" else w
    with np.errstate(divide="ignore", invalid="ignore"):
        total = weight.sum(axis=-1)
        middle, mean = (weight * points).sum(axis=-1) / total, (weight * p).sum(axis=-1) / total
        x = points - middle[..., None]
        slope = (weight * x * p).sum(axis=-1) / (weight * x**2).sum(axis=-1)
        slope = np.where(seen.sum(axis=-1) > 1, slope, np.nan)
        if method == "logit":
            inside = ~np.isnan(slope) & (mean.real > 0) & (mean.real < 1)
            odds = np.log(np.where(inside, mean / (1 - mean), 1.0))
            mean, slope = _newton(w, p, x, np.where(inside, odds, np.nan))
    return mean - slope * middle, slope


def _newton(w: np.ndarray, p: np.ndarray, x: np.ndarray, a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    b, rest = np.zeros_like(a), 0
    for _ in range(60):
        fitted = 1 / (1 + np.exp(-(a[..., None] + b[..., None] * x)))
        off, v = w * (p - fitted), w * fitted * (1 - fitted)
        s0, s1, s2 = v.sum(axis=-1), (v * x).sum(axis=-1), (v * x**2).sum(axis=-1)
        u0, u1 = off.sum(axis=-1), (off * x).sum(axis=-1)
        determinant = s0 * s2 - s1**2
        step_a, step_b = (s2 * u0 - s1 * u1) / determinant, (s0 * u1 - s1 * u0) / determinant
        a, b = a + step_a, b + step_b
        moved = np.nanmax(np.abs(np.concatenate([step_a.real.ravel(), step_b.real.ravel()])), initial=0.0)
        rest += moved < 1e-11 * max(1.0, np.nanmax(np.abs(b.real), initial=0.0))
        if rest > 2:  # the imaginary part, which carries derivatives, comes to rest after the real one
            break
    # a step that never rests is a slope without a finite value: the points foretell the answers
    lost = ~(np.abs(step_b.real) < 1e-9)
    return np.where(lost, np.nan, a), np.where(lost, np.nan, b)


def _mean(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    return (seen * points).sum(axis=1) / _not_zero(seen.sum(axis=1))


def _period(points: np.ndarray) -> str:
    return f"{points[0]:g}/{points[-1]:g}" if len(points) else ""


def _not_zero(values: np.ndarray) -> np.ndarray:
    return np.where(values == 0, 1.0, values)
