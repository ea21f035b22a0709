"""Are groups or years apart by more than chance: differences, trends and tests of association.

Hands on ESTIMATES with p-values; errors hold the covariance of the domains compared, waves that share
sampling units included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.estimates import estimates, join_flags
from portal_analysis.survey.answers import levels, names_of, need, numbers, of_subpopulation, yes_no
from portal_analysis.survey.contrasts import (
    Cells,
    Shares,
    Terms,
    cells_of,
    check,
    columns_of,
    degrees,
    degrees_of_freedom,
    flags,
    not_zero,
    replicate_shares,
    replicate_sums,
    replicates_of,
    shares_of,
    term_variances,
    told,
)
from portal_analysis.survey.design import Survey
from portal_analysis.survey.intervals import reliability
from portal_analysis.survey.variance import covariance, unit_scores

METHODS = ("linear", "logit", "contrast")
"""Which slope :func:`trend` gives."""

STATISTICS = ("F", "Chisq", "Wald", "adjWald")
"""Tests of association, in the words of R's ``svychisq``."""


class CompareError(ValueError):
    """What was asked to be compared cannot be."""


# ---------------------------------------------------------------------------------------------- difference


def difference(
    survey: Survey,
    indicator: str | Sequence[str],
    between: str,
    by: str | Sequence[str] | None = None,
    domain: str | None = None,
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
    adjust : {"holm"}, optional
        Adds ``p_adjusted``: Holm's p-values over all rows of the table.
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
        ``df_kind``, ``n_missing``. ``n`` counts the respondents of both groups. A difference without an error
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
    check(df, level)
    if pairs not in ("reference", "all"):
        raise CompareError(f"pairs={pairs!r} is unknown; it may be ['reference', 'all']")
    if adjust not in (None, "holm"):
        raise CompareError(f"adjust={adjust!r} is unknown; it may be None or 'holm'")
    if between in columns:
        raise CompareError(f"{between!r} cannot stand in by and in between")
    cells = cells_of(survey, [*columns, between], domain)
    wanted = _pairs(survey, cells, columns, between, reference, pairs)
    tables = [
        _difference(survey, name, answers, cells, wanted, columns, between, df, level)
        for name, answers in zip(names, yes_no(survey, names), strict=True)
    ]
    table = pd.concat(tables, ignore_index=True)
    if adjust == "holm":
        table["p_adjusted"] = holm(table["p_value"].to_numpy())
    return of_subpopulation(estimates(table.assign(measure="difference"), [*columns, between]), domain)


def _difference(
    survey: Survey,
    name: str,
    answers: np.ndarray,
    cells: Cells,
    wanted: pd.DataFrame,
    columns: list[str],
    between: str,
    df: str | float,
    level: float,
) -> pd.DataFrame:
    first, second = wanted["first"].to_numpy(), wanted["second"].to_numpy()
    asked = len(wanted)
    terms = Terms(
        np.concatenate([first, second]),
        np.tile(np.arange(asked), 2),
        np.repeat([1.0, -1.0], asked),
        asked,
    )
    share = shares_of(survey, answers, cells)
    estimate = share.p[first] - share.p[second]
    repeated, spread = replicates_of(survey), None
    if repeated is None:
        variance = term_variances(survey, cells, share.scores, terms, share.known)
    else:
        p = replicate_shares(survey, repeated, answers, cells)
        variance = repeated.variance(p[:, first] - p[:, second], estimate)
        spread = repeated.variance(p, share.p)
    free, kind = degrees(survey, cells.of_row, terms, df)
    rows = told(estimate, variance, free, level)
    weak = _doubtful(survey, cells, share, df, spread)
    caution = np.where((weak[first] | weak[second]) & (rows["se"] > 0) & (free >= 1), "review", "")
    places = {column: cells.names[column].to_numpy()[first] for column in [*columns, between]}
    compared = cells.names[between].to_numpy()
    return (
        pd.DataFrame({"indicator": name, **places, "unit": "points"})
        .assign(
            **rows,
            n=share.n[first] + share.n[second],
            source=survey.source or "",
            reference=compared[second],
            contrast=[f"{a} - {b}" for a, b in zip(compared[first], compared[second], strict=True)],
            proportion=share.p[first],
            reference_proportion=share.p[second],
            df_kind=kind,
            n_missing=share.missing[first] + share.missing[second],
        )
        .assign(
            flag=[join_flags(*both) for both in zip(flags(survey, rows["se"], free), caution, strict=True)]
        )
    )


def _doubtful(
    survey: Survey, cells: Cells, share: Shares, df: str | float, variance: np.ndarray | None
) -> np.ndarray:
    """Return whose own rate :func:`intervals.reliability` flags; a variance is given where replicates are."""
    count = len(cells.names)
    alone = Terms(np.arange(count), np.arange(count), np.ones(count), count)
    if variance is None:
        variance = term_variances(survey, cells, share.scores, alone, share.known)
    free, _ = degrees(survey, cells.of_row, alone, df)
    return reliability(share.p, np.sqrt(variance), share.n, free) != ""


def _pairs(
    survey: Survey, cells: Cells, columns: list[str], between: str, reference: object, pairs: str
) -> pd.DataFrame:
    """Return the cells to compare, ``first`` less ``second``, within each cell of ``columns``."""
    order = list(levels(survey, between)[1])
    found = [value for value in order if value in set(cells.names[between])]
    if len(found) < 2:
        raise CompareError(f"{between!r} has the groups {found}: at least two are needed for a difference")
    if reference is not None and reference not in found:
        raise CompareError(f"reference={reference!r} is not a group of {between!r}, which has {found}")
    base = found[0] if reference is None else reference
    places = (
        cells.names[columns]
        .astype(object)
        .assign(
            cell=np.arange(len(cells.names)),
            rank=cells.names[between].map({value: i for i, value in enumerate(order)}),
        )
    )
    places["rank"] = places["rank"].astype(int)
    key = "place"
    places[key] = cells.names.groupby(columns, sort=False).ngroup() if columns else 0
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


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return Holm's adjusted p-values (R's ``p.adjust``); missing ones stay missing and do not count."""
    adjusted = np.full(len(p_values), np.nan)
    there = np.flatnonzero(~np.isnan(p_values))
    order = there[np.argsort(p_values[there], kind="stable")]
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1)))
    return adjusted


# --------------------------------------------------------------------------------------------------- trend


def trend(
    survey: Survey,
    indicators: str | Sequence[str],
    over: str = "wave",
    by: str | Sequence[str] | None = None,
    domain: str | None = None,
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
    check(df, level)
    if method not in METHODS:
        raise CompareError(f"method={method!r} is unknown; it may be {list(METHODS)}")
    if over in columns:
        raise CompareError(f"{over!r} cannot stand in by and in over")
    time = _time(survey, over)
    groups = cells_of(survey, columns, domain)
    of_row = np.where(np.isnan(time), -1, groups.of_row)
    points = np.unique(time[of_row >= 0])
    if len(points) < 2:
        raise CompareError(f"{over!r} holds {points.tolist()}: a trend needs at least two values")
    waves = np.where(of_row >= 0, of_row * len(points) + np.searchsorted(points, time), -1)
    groups = Cells(of_row, groups.names)
    plan = _Plan(
        groups, Cells(waves, pd.DataFrame(index=range(len(groups.names) * len(points)))), points, method
    )
    tables = [
        _trend(survey, name, answers, plan, df, level)
        for name, answers in zip(names, yes_no(survey, names), strict=True)
    ]
    slopes = estimates(pd.concat(tables, ignore_index=True).assign(over=over, measure="trend"), columns)
    return of_subpopulation(slopes, domain)


@dataclass(frozen=True, eq=False)
class _Plan:
    """A trend's groups, its groups × points in time, the points and the method."""

    groups: Cells
    waves: Cells
    points: np.ndarray
    method: str


def _time(survey: Survey, over: str) -> np.ndarray:
    try:
        return numbers(survey, [over])[0]
    except ValueError as error:
        raise CompareError(f"over={over!r} must be a column of numbers, such as the year: {error}") from error


def _trend(
    survey: Survey, name: str, answers: np.ndarray, plan: _Plan, df: str | float, level: float
) -> pd.DataFrame:
    groups, points = len(plan.groups.names), plan.points
    share = shares_of(survey, answers, plan.waves)
    shape = (groups, len(points))
    w, p = share.w.reshape(shape), share.p.reshape(shape)
    intercept, slope = _slopes(w, p, points, plan.method)
    repeated = replicates_of(survey)
    alone = Terms(np.arange(groups), np.arange(groups), np.ones(groups), groups)
    if repeated is not None:
        top, bottom = replicate_sums(survey, repeated, answers, plan.waves)
        with np.errstate(divide="ignore", invalid="ignore"):
            again = (top / bottom).reshape(-1, *shape)
        _, thetas = _slopes(bottom.reshape(-1, *shape), again, points, plan.method)
        variance = repeated.variance(thetas, slope)
    else:
        scores = np.nan_to_num(_slope_scores(survey, answers, plan, w, intercept, slope, share))
        variance = term_variances(survey, plan.groups, scores, alone, share.known)
    free, kind = degrees(survey, plan.groups.of_row, alone, df, share.known)
    free = free if plan.method == "contrast" or kind == "given" else free - 1
    rows = told(slope, variance, free, level)
    unit = "points"
    if plan.method == "logit":
        unit, rows = "odds ratio", _exponentiated(rows)
    asked = {
        "n": share.n.reshape(shape).sum(axis=1),
        "source": survey.source or "",
        "period": [_period(points[seen > 0]) for seen in w],
        "method": plan.method,
        "df_kind": kind,
        "n_missing": share.missing.reshape(shape).sum(axis=1),
        "flag": flags(survey, rows["se"], free),
    }
    return plan.groups.names.assign(indicator=name, unit=unit, **rows, **asked)


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


def _slope_scores(
    survey: Survey,
    answers: np.ndarray,
    plan: _Plan,
    w: np.ndarray,
    intercept: np.ndarray,
    slope: np.ndarray,
    share: Shares,
) -> np.ndarray:
    """Return each row's linearised score of its group's slope."""
    points = plan.points
    if plan.method == "contrast":
        seen = w > 0
        apart = np.where(seen, points - _mean(points, seen)[:, None], 0.0)
        coefficient = apart / not_zero((apart**2).sum(axis=1))[:, None]
        return share.scores * np.append(coefficient.ravel(), 0.0)[plan.waves.of_row]
    group, wave = plan.groups.of_row, plan.waves.of_row
    eta = intercept[:, None] + slope[:, None] * points
    fitted = eta if plan.method == "linear" else 1 / (1 + np.exp(-eta))
    v = w if plan.method == "linear" else w * fitted * (1 - fitted)
    centre = (v * points).sum(axis=1) / not_zero(v.sum(axis=1))
    apart = points - centre[:, None]
    pull = apart / not_zero((v * apart**2).sum(axis=1))[:, None]
    inside = (group >= 0) & share.known
    off = np.where(inside, answers, 0.0) - np.append(fitted.ravel(), 0.0)[wave]
    return np.where(inside, survey.layout.weights * off * np.append(pull.ravel(), 0.0)[wave], 0.0)


def _mean(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    return (seen * points).sum(axis=1) / not_zero(seen.sum(axis=1))


def _period(points: np.ndarray) -> str:
    return f"{points[0]:g}/{points[-1]:g}" if len(points) else ""


def _exponentiated(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    ratio = np.exp(rows["estimate"])
    low, high = np.exp(rows["ci_low"]), np.exp(rows["ci_high"])
    return {**rows, "estimate": ratio, "se": ratio * rows["se"], "ci_low": low, "ci_high": high}


# --------------------------------------------------------------------------------------------- association


def association(
    survey: Survey,
    row: str,
    column: str,
    by: str | Sequence[str] | None = None,
    domain: str | None = None,
    statistic: str = "F",
) -> pd.DataFrame:
    """Test whether two categorical columns are associated.

    Parameters
    ----------
    survey : Survey
    row, column : str
        Columns of categories; people with either missing are outside the table.
    by : str or sequence of str, optional
        A test for each cell of these columns.
    domain : str, optional
        A 0/1 column that keeps the test to a subpopulation.
    statistic : {"F", "Chisq", "Wald", "adjWald"}
        ``F``: Pearson's X² with the second-order correction of Rao and Scott (1984). ``Chisq``: the
        first-order correction. ``Wald``: Koch, Freeman and Freeman (1975), ``adjWald`` with the correction
        for few PSUs.

    Returns
    -------
    DataFrame
        ESTIMATES: ``indicator`` is ``"row x column"``, ``estimate`` the statistic, ``unit`` its name (``F``,
        ``X²``), ``df`` the denominator's degrees of freedom (missing for ``Chisq``). Extras: ``statistic``
        (the method), ``ndf``, ``p_value``, ``n_missing``. For ``Chisq`` the estimate is Pearson's X² of the
        weighted proportions times n, before the correction that the p-value takes in, as R prints it.

    Raises
    ------
    CompareError
        If the table has not two rows and two columns, or its covariance is singular. With ``by``, such a cell
        is missing and flagged ``suppress``.

    Notes
    -----
    R's ``svychisq`` of the same word.

    Examples
    --------
    >>> association(survey, "npsp_use", "ethnicity")  # doctest: +SKIP
    """
    columns = columns_of(by)
    need(survey, [row, column, *columns])
    if statistic not in STATISTICS:
        raise CompareError(f"statistic={statistic!r} is unknown; it may be {list(STATISTICS)}")
    if row == column:
        raise CompareError(f"{row!r} cannot be tested against itself")
    across, down = levels(survey, row)[0], levels(survey, column)[0]
    groups = cells_of(survey, columns, domain)
    known = (across >= 0) & (down >= 0)
    tests = []
    for i in range(len(groups.names)):
        inside = (groups.of_row == i) & (survey.layout.weights > 0)
        where = "".join(f", {name} {groups.names[name].iloc[i]!r}" for name in columns)
        try:
            table = _table(across, down, inside & known, f"{row!r} x {column!r}{where}")
            answer = _tested(survey, table, statistic)
        except CompareError:
            if not columns:
                raise
            unit = "X²" if statistic == "Chisq" else "F"
            answer = {"estimate": np.nan, "unit": unit, "flag": "suppress"}
        counts = {"n": float((inside & known).sum()), "n_missing": int((inside & ~known).sum())}
        tests.append({"flag": "", **answer, **counts})
    tested = groups.names.reset_index(drop=True).join(pd.DataFrame(tests))
    simulated = "simulated" if survey.simulated else ""
    tested["flag"] = [join_flags(flag, simulated) for flag in tested["flag"]]
    tested = tested.assign(indicator=f"{row} x {column}", source=survey.source or "", statistic=statistic)
    tested["measure"] = "association"
    return of_subpopulation(estimates(tested, columns), domain)


@dataclass(frozen=True, eq=False)
class _Table:
    """A two-way table: who is inside, everybody's cell (column by column, -1 outside) and its size."""

    inside: np.ndarray
    cell: np.ndarray
    rows: int
    columns: int
    name: str


def _table(across: np.ndarray, down: np.ndarray, inside: np.ndarray, name: str) -> _Table:
    rows, r = np.unique(across[inside], return_inverse=True)
    columns, c = np.unique(down[inside], return_inverse=True)
    if len(rows) < 2 or len(columns) < 2:
        raise CompareError(
            f"{name}: the table has {len(rows)} row(s) and {len(columns)} column(s); at least 2 x 2 is needed"
        )
    cell = np.full(len(inside), -1)
    cell[inside] = c * len(rows) + r
    return _Table(inside, cell, len(rows), len(columns), name)


def _tested(survey: Survey, table: _Table, statistic: str) -> dict[str, object]:
    free = degrees_of_freedom(survey, table.inside)
    try:
        if statistic in ("Wald", "adjWald"):
            return _wald(survey, table, free, statistic)
        return _rao_scott(survey, table, free, statistic)
    except np.linalg.LinAlgError as error:
        raise CompareError(
            f"{table.name}: the covariance of the cells is singular; "
            "there are too few PSUs or too many empty cells"
        ) from error


def _rao_scott(survey: Survey, table: _Table, free: float, statistic: str) -> dict[str, object]:
    """Return Pearson's X² of the weighted shares and its corrections (Rao and Scott 1984)."""
    from scipy.stats import chi2
    from scipy.stats import f as fisher

    n = int(table.inside.sum())
    p, spread = _table_covariance(survey, table, shares=True)
    square = p.reshape(table.columns, table.rows)
    expected = np.outer(square.sum(axis=1), square.sum(axis=0))
    pearson = n * float(((square - expected) ** 2 / expected).sum())
    inverse = np.where(p > 0, 1 / np.where(p > 0, p, 1.0), 0.0)
    interaction = np.kron(_centred(table.columns), _centred(table.rows))
    scaled = interaction * inverse[:, None]
    design_effects = np.linalg.solve(interaction.T @ scaled / n, scaled.T @ spread @ scaled)
    total = float(np.trace(design_effects))
    if statistic == "Chisq":
        size = len(design_effects)
        p_value = float(chi2.sf(pearson / (total / size), size))
        return {"estimate": pearson, "unit": "X²", "ndf": float(size), "df": np.nan, "p_value": p_value}
    ndf = total**2 / float(np.trace(design_effects @ design_effects))
    p_value = float(fisher.sf(pearson / total, ndf, ndf * free))
    return {"estimate": pearson / total, "unit": "F", "ndf": ndf, "df": ndf * free, "p_value": p_value}


def _centred(size: int) -> np.ndarray:
    return (np.eye(size) - 1 / size)[:, 1:]


def _wald(survey: Survey, table: _Table, free: float, statistic: str) -> dict[str, object]:
    """Return the test of observed less expected totals (Koch, Freeman and Freeman 1975)."""
    from scipy.stats import f as fisher

    totals, spread = _table_covariance(survey, table, shares=False)
    square, size = totals.reshape(table.columns, table.rows), totals.sum()
    columns, rows = square.sum(axis=1), square.sum(axis=0)
    in_row = np.kron(np.ones(table.columns), np.eye(table.rows)).reshape(table.rows, -1)
    in_column = np.kron(np.eye(table.columns), np.ones(table.rows))
    expected = np.outer(columns, rows)
    # the expected total of a cell is row total x column total / size: its slopes in the cells' totals
    slopes = (
        np.kron(columns, np.ones(table.rows))[:, None] * np.tile(in_row, (table.columns, 1))
        + np.tile(rows, table.columns)[:, None] * np.repeat(in_column, table.rows, axis=0)
    ) / size - (expected.ravel() / size**2)[:, None]
    use = np.flatnonzero((np.arange(totals.size) % table.rows > 0) & (np.arange(totals.size) >= table.rows))
    apart = (square - expected / size).ravel()[use]
    jacobian = (np.eye(totals.size) - slopes)[use]
    wald = float(apart @ np.linalg.solve(jacobian @ spread @ jacobian.T, apart))
    ndf = float(len(use))
    below = free if statistic == "Wald" else free - ndf + 1
    value = wald / ndf if statistic == "Wald" else wald * below / (ndf * free)
    return {
        "estimate": value,
        "unit": "F",
        "ndf": ndf,
        "df": below,
        "p_value": float(fisher.sf(value, ndf, below)),
    }


def _table_covariance(survey: Survey, table: _Table, shares: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells' weighted totals, or their shares of the whole, and the covariance of them."""
    size, weights = table.rows * table.columns, np.where(table.inside, survey.layout.weights, 0.0)
    cells = Cells(table.cell, pd.DataFrame(index=range(size)))
    totals = np.bincount(table.cell[table.inside], weights[table.inside], size)
    value = totals / totals.sum() if shares else totals
    repeated = replicates_of(survey)
    if repeated is not None:
        _, thetas = replicate_sums(survey, repeated, table.inside.astype(float), cells)
        return value, repeated.covariance(
            thetas / thetas.sum(axis=1, keepdims=True) if shares else thetas, value
        )
    if survey.calibration:
        scores = np.zeros((len(survey), size))
        scores[table.inside, table.cell[table.inside]] = weights[table.inside]
        if shares:
            scores = (scores - weights[:, None] * value) / totals.sum()
        return value, covariance(survey, unit_scores(survey, scores))
    key = survey.layout.unit[table.inside] * size + table.cell[table.inside]
    units = survey.layout.units
    sums = np.bincount(key, weights[table.inside], units * size).reshape(units, size)
    if shares:
        sums = (sums - sums.sum(axis=1, keepdims=True) * value) / totals.sum()
    return value, covariance(survey, sums)
