"""Are groups or years apart by more than chance: differences, trends and tests of association.

Hands on ESTIMATES with p-values; errors hold the covariance of the domains compared, waves that share
sampling units included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.estimates import estimates, join_flags
from portal_analysis.survey.answers import (
    AnswersError,
    Domain,
    about_whom,
    levels,
    members,
    names_of,
    need,
    numbers,
    yes_no,
)
from portal_analysis.survey.association import association
from portal_analysis.survey.design import Survey
from portal_analysis.survey.intervals import (
    adjusted,
    faults_of_adjustment,
    reliability,
    reliability_of_numbers,
)
from portal_analysis.survey.joint import Joint, Outcomes, joint
from portal_analysis.survey.linear import (
    CompareError,
    Derived,
    checked,
    columns_of,
    combined,
    exponentiated,
    flags,
    kind_of,
    spreads,
    told,
)

__all__ = ["CompareError", "association", "difference", "trend"]

METHODS = ("linear", "logit", "contrast")
"""Which slope :func:`trend` gives."""


# ---------------------------------------------------------------------------------------------- difference


def difference(
    survey: Survey,
    indicator: str | Sequence[str],
    between: str,
    by: str | Sequence[str] | None = None,
    domain: Domain = None,
    reference: object = None,
    pairs: str = "reference",
    adjust: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the proportions of yes between groups.

    Parameters
    ----------
    survey : Survey
    indicator : str or sequence of str
        Yes/no columns.
    between : str
        The column whose groups are compared: a group of people, or the wave.
    by : str or sequence of str, optional
        Compare within each cell of these columns.
    domain : str, optional
        A 0/1 column that keeps the estimate to a subpopulation.
    reference : optional
        The group the others are compared with; the first if not given.
    pairs : {"reference", "all"}
        Every group against the reference, or every pair (the later less the earlier).
    adjust : {"holm", "bh"}, optional
        Adds ``p_adjusted`` over all rows of the table: Holm's p-values, which keep the chance of any false
        finding, or Benjamini and Hochberg's (1995), which keep the share of false ones among the findings.
    df : {"domain", "design"} or float
        Degrees of freedom of t: PSUs less strata, over the PSUs with people in the two groups or over all.
    level : float
        Of the confidence interval.

    Returns
    -------
    DataFrame
        ESTIMATES: domain columns ``by`` and ``between`` (the group compared), ``estimate`` its proportion
        less that of ``reference``, unit ``points`` on the scale 0–1. Extras: ``reference``, ``contrast``,
        ``proportion`` and ``reference_proportion``, ``statistic`` (t), ``p_value``, ``interval``, ``level``,
        ``df_kind``, ``n_missing``, ``n_least`` (the respondents of the smaller group; by it small groups are withheld).
        ``n`` counts the respondents of both groups. A difference without an error
        (both proportions 0, or 1) is flagged ``suppress``; one of which either proportion would itself be flagged
        (``intervals.reliability``) is flagged ``review``.

    Raises
    ------
    CompareError
        If there are not two groups, or the reference is not one of them.

    Notes
    -----
    Linearised scores ``w (y - p) / W`` of the two domains are taken from each other before they are added up
    per PSU, so that groups and waves that share PSUs have their covariance: R's ``svycontrast`` of
    ``svyby(covmat=TRUE)``. With replicate weights the difference is computed with each.

    Examples
    --------
    >>> difference(survey, "npsp_use", between="ethnicity", by="wave", reference="Kinh")  # doctest: +SKIP
    """
    names, columns = names_of(indicator, "indicator"), columns_of(by)
    need(survey, [*names, between, *columns])
    checked(df, level)
    faults = faults_of_adjustment(adjust)
    if pairs not in ("reference", "all"):
        faults.append(f"pairs={pairs!r} is unknown; it may be ['reference', 'all']")
    if between in columns:
        faults.append(f"{between!r} cannot stand in by and in between")
    if faults:
        raise CompareError("; ".join(faults))
    found = joint(survey, Outcomes(names, rates(survey, names)), [*columns, between], domain)
    wanted = _pairs(survey, found.names[found.members > 0], columns, between, reference, pairs)
    table = _differences(found, wanted, columns, between, df, level)
    if adjust is not None:
        table["p_adjusted"] = adjusted(table["p_value"].to_numpy(), adjust)
    return about_whom(estimates(table.assign(measure="difference"), [*columns, between]), survey, domain)


def rates(survey: Survey, names: list[str]) -> list[np.ndarray]:
    """Read yes/no columns for a comparison of rates.

    Raises
    ------
    AnswersError
        If one is no yes/no column: what compares means, totals and ratios is named.
    """
    try:
        return yes_no(survey, names)
    except AnswersError as error:
        raise AnswersError(
            f"{error}\nRates (shares of yes) are compared here; contrast(…, statistic='mean') compares means of "
            "numbers, and regress('number ~ wave') gives the trend of a number"
        ) from error


def _differences(
    found: Joint, wanted: pd.DataFrame, columns: list[str], between: str, df: str | float, level: float
) -> pd.DataFrame:
    first, second = wanted["first"].to_numpy(), wanted["second"].to_numpy()
    asked, (count, outcomes) = len(wanted), found.n.shape
    which = np.repeat(np.arange(outcomes), asked)
    first, second = np.tile(first, outcomes), np.tile(second, outcomes)
    apart = combined(found, _signed(which * count + first, which * count + second, found.n.size))
    rows = told(apart.estimate, apart.spread(), apart.degrees(df), level, apart.exact)
    own = doubtful(found, df)
    weak = own[first, which] | own[second, which]
    caution = np.where(weak & (rows["se"] > 0) & (rows["df"] >= 1), "review", "")
    places = {column: found.names[column].to_numpy()[first] for column in [*columns, between]}
    compared, rate = found.names[between].to_numpy(), found.estimate
    return pd.DataFrame(
        {"indicator": np.array(found.outcomes.names, dtype=object)[which], **places, "unit": "points"}
    ).assign(
        **rows,
        n=found.n[first, which] + found.n[second, which],
        source=found.survey.source or "",
        flag=[
            join_flags(*both) for both in zip(flags(found.survey, rows, apart.exact), caution, strict=True)
        ],
        reference=compared[second],
        contrast=[f"{a} - {b}" for a, b in zip(compared[first], compared[second], strict=True)],
        proportion=rate[first, which],
        reference_proportion=rate[second, which],
        n_least=np.minimum(found.n[first, which], found.n[second, which]),
        df_kind=kind_of(df),
        n_missing=_missing(found, first, which) + _missing(found, second, which),
        n_ungrouped=found.ungrouped[first].astype(int),
    )


def _missing(found: Joint, domain: np.ndarray, which: np.ndarray) -> np.ndarray:
    return (found.members[domain] - found.n[domain, which]).astype(int)


def _signed(plus: np.ndarray, minus: np.ndarray, size: int) -> Any:
    """Return sparse coefficients: one estimate less another in each row."""
    from scipy.sparse import csr_matrix

    row, ones = np.arange(len(plus)), np.ones(len(plus))
    return csr_matrix((ones, (row, plus)), (len(plus), size)) - csr_matrix(
        (ones, (row, minus)), (len(plus), size)
    )


def doubtful(found: Joint, df: str | float, statistic: str = "proportion") -> np.ndarray:
    """Return which estimates, (domains, outcomes), would themselves be flagged."""
    se = np.sqrt(spreads(found))
    free = np.repeat(found.degrees(df)[:, None], found.n.shape[1], axis=1)
    if statistic == "proportion":
        return reliability(found.estimate, se, found.n, free, found.finite) != ""
    signed = np.broadcast_to([bool((y < 0).any()) for y in found.outcomes.y], se.shape)
    exact, count = found.finite.exact, found.outcomes.total
    return reliability_of_numbers(found.estimate, se, found.n, free, count, signed, exact) != ""


def _pairs(
    survey: Survey, names: pd.DataFrame, columns: list[str], between: str, reference: object, pairs: str
) -> pd.DataFrame:
    """Return the cells to compare, ``first`` less ``second``, within each cell of ``columns``."""
    order = list(levels(survey, between)[1])
    found = [value for value in order if value in set(names[between])]
    if len(found) < 2:
        raise CompareError(f"{between!r} has the groups {found}: at least two are needed for a difference")
    if reference is not None and reference not in found:
        raise CompareError(f"reference={reference!r} is not a group of {between!r}, which has {found}")
    base = found[0] if reference is None else reference
    places = (
        names[columns]
        .astype(object)
        .assign(
            cell=names.index,
            rank=names[between].map({value: i for i, value in enumerate(order)}),
        )
    )
    places["rank"] = places["rank"].astype(int)
    key = "place"
    places[key] = names.groupby(columns, sort=False).ngroup() if columns else 0
    both = places[["cell", "rank", key]].merge(
        places[["cell", "rank", key]], on=key, suffixes=("_first", "_second")
    )
    if pairs == "all":
        both = both[both["rank_first"] > both["rank_second"]]
    else:
        at = order.index(base)
        both = both[(both["rank_second"] == at) & (both["rank_first"] != at)]
    if both.empty:
        raise CompareError(f"no cell of {columns} has {base!r} and another group of {between!r}")
    both = both.sort_values([key, "rank_first", "rank_second"])
    return both.rename(columns={"cell_first": "first", "cell_second": "second"}).reset_index(drop=True)


# --------------------------------------------------------------------------------------------------- trend


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
    >>> trend(survey, "npsp_use", over="wave", by="ethnicity")  # doctest: +SKIP
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
    intercept, slope = _slopes(w, _shares(top, w), points, method)
    slopes = _slope_of(found, at, w, _shares(top, w), intercept, slope, points, method)
    free = slopes.degrees(df, answered=True)
    free = free if method == "contrast" or not isinstance(df, str) else free - 1
    rows = told(slope, slopes.spread(), free, level, slopes.exact)
    asked: dict[str, Any] = {
        "n": slopes.summed(found.n),
        "source": found.survey.source or "",
        "period": [_period(points[seen > 0]) for seen in w],
        "method": method,
        "df_kind": kind_of(df),
        "n_missing": slopes.summed(found.members[:, None] - found.n).astype(int),
        "n_ungrouped": int(found.ungrouped[0]),
        "flag": flags(found.survey, rows, slopes.exact),
    }
    unit = "points"
    if method == "logit":
        unit, rows = "odds ratio", exponentiated(rows)
    first = [int(np.flatnonzero(group == g)[0]) for g in range(groups)]
    places = names[columns].iloc[first].reset_index(drop=True)
    return places.assign(indicator=found.outcomes.names[0], unit=unit, **rows, **asked)


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
        thetas = _slopes(bottom, _shares(top, bottom), points, method)[1]
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


def _slopes(w: np.ndarray, p: np.ndarray, points: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the intercepts and slopes of (…, groups) from weights and proportions (…, groups, points)."""
    seen = w > 0
    p = np.where(seen, p, 0.0)
    weight = seen.astype(float) if method == "contrast" else w
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (weight * points).sum(axis=-1) / weight.sum(axis=-1)
        apart = points - centre[..., None]
        slope = (weight * apart * p).sum(axis=-1) / (weight * apart**2).sum(axis=-1)
        slope = np.where(seen.sum(axis=-1) > 1, slope, np.nan)
        intercept = (weight * p).sum(axis=-1) / weight.sum(axis=-1) - slope * centre
    if method != "logit":
        return intercept, slope
    return _logit_slopes(w, p, points)


def _logit_slopes(w: np.ndarray, p: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return intercepts and slopes of logistic regressions on the points: Newton's steps, all groups at once.

    The answers vary with the point only through its proportion, so that the points' proportions are all
    that the likelihood needs.
    """
    total = w.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (w * points).sum(axis=-1) / total
        x = points - middle[..., None]
        share = (w * p).sum(axis=-1) / total
        spread = (w > 0).sum(axis=-1) > 1
        a = np.where(spread & (share > 0) & (share < 1), np.log(share / (1 - share)), np.nan)
        b = np.zeros_like(a)
        for _ in range(50):
            fitted = 1 / (1 + np.exp(-(a[..., None] + b[..., None] * x)))
            off, v = w * (p - fitted), w * fitted * (1 - fitted)
            s0, s1, s2 = v.sum(axis=-1), (v * x).sum(axis=-1), (v * x**2).sum(axis=-1)
            u0, u1 = off.sum(axis=-1), (off * x).sum(axis=-1)
            determinant = s0 * s2 - s1**2
            step_a, step_b = (s2 * u0 - s1 * u1) / determinant, (s0 * u1 - s1 * u0) / determinant
            a, b = a + step_a, b + step_b
            moved = np.nanmax(np.abs(np.concatenate([step_a.ravel(), step_b.ravel()])), initial=0.0)
            if moved < 1e-14 * max(1.0, np.nanmax(np.abs(b), initial=0.0)):
                break
    # a step that never rests is a slope without a finite value: the points foretell the answers
    lost = ~(np.abs(step_b) < 1e-9)
    return np.where(lost, np.nan, a - b * middle), np.where(lost, np.nan, b)


def _mean(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    return (seen * points).sum(axis=1) / _not_zero(seen.sum(axis=1))


def _period(points: np.ndarray) -> str:
    return f"{points[0]:g}/{points[-1]:g}" if len(points) else ""


def _not_zero(values: np.ndarray) -> np.ndarray:
    return np.where(values == 0, 1.0, values)
