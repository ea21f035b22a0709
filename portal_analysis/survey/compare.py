"""Are groups or years apart by more than chance: differences, ratios, differences in differences, and any other.

Hands on ESTIMATES with p-values, and covariance matrices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.shape import estimates, join_flags
from portal_analysis.survey import gather, intervals, linear
from portal_analysis.survey.answers import Domain, about_whom, levels, names_of, need, negative, rates
from portal_analysis.survey.association import association
from portal_analysis.survey.design import Survey
from portal_analysis.survey.estimate import outcomes_of
from portal_analysis.survey.joint import By, Joint, Outcomes, joint
from portal_analysis.survey.linear import CompareError
from portal_analysis.survey.trend import trend

__all__ = ["CompareError", "association", "contrast", "covariance", "difference", "trend"]

SCALES = ("difference", "ratio")
"""Whether estimates are added up with their coefficients, or multiplied with them as exponents."""

Coefficients = Mapping[str, Mapping[Any, float]]


@gather.anywhere("indicators", "denominator", reads=gather.by_statistic)
def covariance(
    survey: Survey,
    indicators: str | Sequence[str],
    by: By = None,
    domain: Domain = None,
    statistic: str = "proportion",
    denominator: str | None = None,
) -> pd.DataFrame:
    """Return the covariance matrix of estimates, of all indicators and domains at once.

    Parameters
    ----------
    survey : Survey
    indicators : str or sequence of str
        Columns, as of ``statistic``.
    by, domain : optional
        As of :func:`portal_analysis.survey.estimate.proportion`.
    statistic : {"proportion", "mean", "total", "ratio"}
        What is estimated.
    denominator : str, optional
        Of a ratio.

    Returns
    -------
    DataFrame
        Rows and columns in the order of the estimates' table, labelled by indicator and the columns of ``by``.
        A census has variances of 0; what has no estimate has zeros too.

    Notes
    -----
    Taylor linearisation over the strata of the whole design, R's ``vcov(svyby(covmat=TRUE))``; with replicate
    weights the covariance over the replicates. Groups and waves that share PSUs vary together.

    Examples
    --------
    >>> covariance(survey, "npsp_use", by="wave")  # doctest: +SKIP
    """
    need(survey, [])
    found = joint(
        survey, _outcomes(survey, names_of(indicators, "indicators"), statistic, denominator), by, domain
    )
    count, size = found.n.shape
    labels = pd.DataFrame({"indicator": np.repeat(np.array(found.outcomes.names, dtype=object), count)})
    for name in found.names:
        labels[name] = np.tile(found.names[name].astype(object).to_numpy(), size)
    index = pd.MultiIndex.from_frame(labels)
    return pd.DataFrame(linear.derived(found).covariance(), index=index, columns=index)


@gather.anywhere("indicator", reads=gather.named("indicator", "yes_no"))
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
    names, columns = names_of(indicator, "indicator"), linear.columns_of(by)
    need(survey, [*names, between, *columns])
    linear.checked(df, level)
    faults = intervals.faults_of_adjustment(adjust)
    if pairs not in ("reference", "all"):
        faults.append(f"pairs={pairs!r} is unknown; it may be ['reference', 'all']")
    if between in columns:
        faults.append(f"{between!r} cannot stand in by and in between")
    if faults:
        raise CompareError.of(faults)
    found = joint(survey, Outcomes(names, rates(survey, names)), [*columns, between], domain)
    rows = list(_planned(survey, found, columns, between, None, reference, pairs))
    first, second = (np.array([list(held)[i] for _, held in rows]) for i in (0, 1))
    table = _told(found, rows, "difference", "proportion", df, level).drop(columns="scale")
    rate, compared = found.estimate.T.ravel(), found.names[between].to_numpy()
    table["reference"] = compared[second % len(compared)]
    table["proportion"], table["reference_proportion"] = rate[first], rate[second]
    if adjust is not None:
        table["p_adjusted"] = intervals.adjusted(table["p_value"].to_numpy(), adjust)
    return about_whom(estimates(table.assign(measure="difference"), [*columns, between]), survey, domain)


@gather.anywhere("indicators", "denominator", reads=gather.by_statistic)
def contrast(
    survey: Survey,
    indicators: str | Sequence[str],
    between: str | Sequence[str] | None = None,
    over: str | None = None,
    coefficients: Coefficients | None = None,
    by: str | Sequence[str] | None = None,
    domain: Domain = None,
    statistic: str = "proportion",
    denominator: str | None = None,
    scale: str = "difference",
    reference: object = None,
    adjust: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare proportions, means, totals or ratios in any way: does the gap close, how many times as often.

    Parameters
    ----------
    survey : Survey
    indicators : str or sequence of str
        Columns, as of ``statistic``.
    between : str or sequence of str, optional
        The column whose groups are compared with ``reference``. With ``coefficients`` one or several columns,
        whose values (or tuples of values) they name; without ``between`` they name indicators.
    over : str, optional
        A column such as the wave: the comparison at each of its values less that at its first value (a
        difference in differences, or a ratio of ratios): is the gap closing?
    coefficients : mapping, optional
        Comparisons of one's own: ``{"name": {group: coefficient, …}, …}``.
    by : str or sequence of str, optional
        Compare within each cell of these columns.
    domain : optional
        Who is compared: see :func:`portal_analysis.survey.answers.members`.
    statistic : {"proportion", "mean", "total", "ratio"}
    denominator : str, optional
        Of a ratio.
    scale : {"difference", "ratio"}
        ``Σ c·θ``, or ``Π θ^c`` (``exp Σ c·log θ``): the ratio of two rates has the coefficients 1 and −1.
    reference : optional
        The group the others are compared with; the first if not given.
    adjust : {"holm", "bh"}, optional
        As of :func:`portal_analysis.survey.compare.difference`.
    df, level : optional
        As of :func:`portal_analysis.survey.estimate.proportion`, over the PSUs of all groups compared.

    Returns
    -------
    DataFrame
        ESTIMATES. Domain columns ``by``, then ``over`` and ``between`` (what is compared), or ``contrast``
        where ``coefficients`` are given. ``unit`` is ``points`` for differences of proportions, ``number`` or
        ``ratio``. Extras ``contrast``, ``scale``, ``statistic`` (t; for a ratio of its logarithm),
        ``p_value``, ``interval``, ``level``, ``df_kind``, ``n_missing``, ``n_ungrouped``. For ratios ``se`` is
        by the delta method, the interval that of the logarithm, exponentiated. A comparison of which an
        estimate would itself be flagged is flagged ``review``.

    Raises
    ------
    CompareError
        If there is nothing to compare, a group is unknown or arguments contradict each other.

    Notes
    -----
    Linearised scores of all estimates are combined before they are added up per PSU, R's ``svycontrast`` of
    ``svyby(covmat=TRUE)``; with replicate weights the comparison is computed with each replicate.

    Examples
    --------
    >>> contrast(survey, "npsp_use", between="ethnicity", over="wave")  # doctest: +SKIP
    >>> contrast(survey, "npsp_use", between="urban", scale="ratio")  # doctest: +SKIP
    """
    need(survey, [])
    linear.checked(df, level)
    names, columns = names_of(indicators, "indicators"), linear.columns_of(by)
    groups = [] if between is None else names_of(between, "between")
    faults = _faults(groups, over, coefficients, columns, scale, adjust)
    if faults:
        raise CompareError.of(faults)
    axes = [*groups, *([over] if over else [])]
    need(survey, [*columns, *axes])
    outcomes = _outcomes(survey, names, statistic, denominator)
    found = joint(survey, outcomes, [*columns, *axes] or None, domain)
    if coefficients is None:
        rows, places = list(_planned(survey, found, columns, groups[0], over, reference)), axes[::-1]
    else:
        rows, places = list(_given(found, columns, groups, coefficients)), ["contrast"]
    table = _told(found, rows, scale, statistic, df, level)
    if adjust is not None:
        table["p_adjusted"] = intervals.adjusted(table["p_value"].to_numpy(), adjust)
    plain = scale == "difference" and over is None and coefficients is None
    table["measure"] = "difference" if plain else "contrast"
    return about_whom(estimates(table, [*columns, *places]), survey, domain)


Row = tuple[dict[str, Any], dict[int, float]]
"""What one comparison is called (its columns), and its coefficients by number of the estimate."""


def _outcomes(survey: Survey, names: list[str], statistic: str, denominator: str | None) -> Outcomes:
    if statistic == "proportion" and denominator is None:
        return Outcomes(names, rates(survey, names))
    return outcomes_of(survey, names, statistic, denominator)


def _faults(
    groups: list[str], over: str | None, coefficients: Any, columns: list[str], scale: str, adjust: str | None
) -> list[str]:
    faults = intervals.faults_of_adjustment(adjust)
    if scale not in SCALES:
        faults.append(f"scale={scale!r} is unknown; it may be {list(SCALES)}")
    if twice := {*groups, over} & set(columns) | ({over} & set(groups)):
        faults.append(f"{sorted(map(str, twice))} can stand in one of by, between and over only")
    if coefficients is None:
        if len(groups) != 1:
            faults.append("name one column in between=, or say what to compare with coefficients=")
    elif over is not None:
        faults.append("coefficients= says all that is compared; put the column of over= into between=")
    elif not isinstance(coefficients, Mapping) or not coefficients:
        faults.append('coefficients must be such as {"gap": {"Kinh": 1, "other": -1}}')
    else:
        for name, held in coefficients.items():
            if not isinstance(held, Mapping) or not held:
                faults.append(f"coefficients of {name!r} must be a mapping from groups to numbers")
            elif not all(isinstance(c, Real) and np.isfinite(float(c)) for c in held.values()):
                faults.append(f"coefficients of {name!r} must be finite numbers: {dict(held)}")
    return faults


def _places(found: Joint, columns: list[str]) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
    """Return the cells of ``by``, each with its domains that have members."""
    held = np.flatnonzero(found.members > 0)
    if not columns:
        yield {}, held
        return
    keys = found.names[columns].iloc[held].apply(tuple, axis=1)
    for key in dict.fromkeys(keys):
        yield dict(zip(columns, key, strict=True)), held[(keys == key).to_numpy()]


def _planned(
    survey: Survey,
    found: Joint,
    columns: list[str],
    between: str,
    over: str | None,
    reference: object,
    pairs: str = "reference",
) -> Iterator[Row]:
    """Compare each group with the reference, or every pair, at each value of ``over`` with that at the first."""
    ordered = {name: list(levels(survey, name)[1]) for name in (between, over) if name}
    held = set(found.names[between])
    groups = [value for value in ordered[between] if value in held]
    if len(groups) < 2:
        raise CompareError(f"{between!r} has the groups {groups}: at least two are needed for a difference")
    if reference is not None and reference not in groups:
        raise CompareError(f"reference={reference!r} is not a group of {between!r}, which has {groups}")
    base = groups[0] if reference is None else reference
    wanted = [(g, base) for g in groups if g != base]
    if pairs == "all":
        wanted = [(g, less) for i, g in enumerate(groups) for less in groups[:i]]
    points = [None] if over is None else [p for p in ordered[over] if p in set(found.names[over])]
    if over is not None and len(points) < 2:
        raise CompareError(f"{over!r} has {points}: at least two values are needed for a change")
    some = False
    for (place, domains), k in (
        (cell, k) for k in range(len(found.outcomes.names)) for cell in _places(found, columns)
    ):
        at = {
            (found.names[between].iloc[d], None if over is None else found.names[over].iloc[d]): int(d)
            for d in domains
        }
        for point in points[1:] or points:
            for group, less in wanted:
                corners = {(group, point): 1.0, (less, point): -1.0}
                if over is not None:
                    corners |= {(group, points[0]): -1.0, (less, points[0]): 1.0}
                if not all(corner in at for corner in corners):
                    continue
                some = True
                said = {**place, between: group, "reference": less}
                if over is not None:
                    said |= {over: point, "over": over, "over_reference": points[0]}
                told = f"{group} - {less}" + ("" if over is None else f", {point} - {points[0]}")
                number = {k * len(found.names) + at[corner]: c for corner, c in corners.items()}
                yield {"indicator": found.outcomes.names[k], **said, "contrast": told}, number
    if not some:
        raise CompareError(f"no cell of {columns} has {base!r} and another group of {between!r} to compare")


def _given(found: Joint, columns: list[str], groups: list[str], coefficients: Coefficients) -> Iterator[Row]:
    """Look up the estimates that the researcher's own comparisons name."""
    count, names = len(found.names), found.outcomes.names
    for place, domains in _places(found, columns):
        where = f" in {place}" if place else ""
        if not groups:
            at = {name: k * count + int(domains[0]) for k, name in enumerate(names)}
            for told, held in coefficients.items():
                yield {"indicator": told, **place, "contrast": told}, _numbered(told, held, at, where)
            continue
        keys = found.names[groups].iloc[domains].apply(tuple, axis=1)
        single = len(groups) == 1
        at = {key[0] if single else key: int(d) for key, d in zip(keys, domains, strict=True)}
        for k, name in enumerate(names):
            for told, held in coefficients.items():
                number = _numbered(told, held, at, where)
                yield (
                    {"indicator": name, **place, "contrast": told},
                    {k * count + d: c for d, c in number.items()},
                )


def _numbered(told: str, held: Mapping[Any, float], at: Mapping[Any, int], where: str) -> dict[int, float]:
    unknown = [key for key in held if key not in at]
    if unknown:
        raise CompareError(f"coefficients of {told!r} name {unknown}{where}; there are {list(at)}")
    return {at[key]: float(c) for key, c in held.items()}


def _told(
    found: Joint, rows: list[Row], scale: str, statistic: str, df: str | float, level: float
) -> pd.DataFrame:
    from scipy.sparse import csr_matrix

    place = [(i, number) for i, (_, held) in enumerate(rows) for number in held]
    values = [c for _, held in rows for c in held.values()]
    matrix = csr_matrix((values, tuple(np.array(place).T)), (len(rows), found.n.size))
    compared = linear.combined(found, matrix, log=scale == "ratio")
    numbers = linear.rows_of(compared, df, level)
    weak = compared.summed(doubtful(found, df, statistic).astype(float)) > 0
    caution = weak & (numbers["se"] > 0)
    numbers["flag"] = [
        join_flags(f, "review" if c else "") for f, c in zip(numbers["flag"], caution, strict=True)
    ]
    unit = "points" if statistic == "proportion" else "number"
    if scale == "ratio":
        unit = "ratio"
        numbers = numbers.assign(**linear.exponentiated({n: numbers[n] for n in linear.ENDS}))
    told = pd.DataFrame([said for said, _ in rows])
    name = told.pop("contrast")
    return pd.concat([told.assign(unit=unit), numbers], axis=1).assign(
        n=compared.summed(found.n),
        contrast=name,
        scale=scale,
        n_missing=compared.summed(found.members[:, None] - found.n).astype(int),
    )


def doubtful(found: Joint, df: str | float, statistic: str = "proportion") -> np.ndarray:
    """Return which estimates, (domains, outcomes), would themselves be flagged."""
    se = np.sqrt(linear.spreads(found))
    free = np.repeat(found.degrees(df)[:, None], found.n.shape[1], axis=1)
    if statistic == "proportion":
        return intervals.reliability(found.estimate, se, found.n, free, found.finite) != ""
    signed = np.broadcast_to([negative(y) for y in found.outcomes.y], se.shape)
    exact, count = found.finite.exact, found.outcomes.total
    return intervals.reliability_of_numbers(found.estimate, se, found.n, free, count, signed, exact) != ""
