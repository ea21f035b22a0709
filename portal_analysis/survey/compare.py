"""Are groups or years apart by more than chance: differences, ratios, differences in differences, and any other.

Hands on ESTIMATES with p-values, and covariance matrices.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from portal_analysis import inference
from portal_analysis.shape import estimates
from portal_analysis.survey import gather, intervals, linear
from portal_analysis.survey.answers import rates
from portal_analysis.survey.association import association
from portal_analysis.survey.comparisons import (
    Coefficients,
    contrast_faults,
    given_rows,
    planned_rows,
    told_rows,
)
from portal_analysis.survey.domains import Domain, about_whom
from portal_analysis.survey.estimate import outcomes_of
from portal_analysis.survey.joint import By, Outcomes, joint
from portal_analysis.survey.linear import CompareError
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.trend import trend
from portal_analysis.survey.values import names_of, need

__all__ = ["CompareError", "association", "contrast", "covariance", "difference", "trend"]


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
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> found = pa.covariance(papi, "npsp_use", by="wave")
    >>> print(found.shape)
    (5, 5)
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
    reference: Hashable = None,
    pairs: str = "reference",
    adjust: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the proportions of yes between groups.

    For two groups, or two waves, at a time. Ratios, means and gaps of gaps are :func:`contrast`'s; one number
    for the gap over many groups is :func:`~portal_analysis.survey.inequality.inequality`'s.

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
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.difference(papi, "internet_home", between="ethnicity")
    >>> print(found[["estimate", "ci_low", "ci_high"]].round(3).to_string(index=False))
     estimate  ci_low  ci_high
       -0.272  -0.302   -0.243
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
    rows = list(planned_rows(survey, found, columns, between, None, reference, pairs))
    first, second = (np.array([list(held)[i] for _, held in rows]) for i in (0, 1))
    table = told_rows(found, rows, "difference", "proportion", df, level).drop(columns="scale")
    rate, compared = found.estimate.T.ravel(), found.names[between].to_numpy()
    table["reference"] = compared[second % len(compared)]
    table["proportion"], table["reference_proportion"] = rate[first], rate[second]
    if adjust is not None:
        table["p_adjusted"] = inference.adjusted(table["p_value"].to_numpy(), adjust)
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
    reference: Hashable = None,
    adjust: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare proportions, means, totals or ratios in any way: does the gap close, how many times as often.

    ``between`` gives the difference between groups, ``over`` how a rate, or that difference, has changed
    since the first wave: both together tell whether a gap closes.

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
        Who is compared: see :func:`portal_analysis.survey.domains.members`.
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
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> found = pa.contrast(papi, "internet_home", between="ethnicity", over="wave")
    >>> print(found[["estimate", "p_value"]].round(3).tail(1).to_string(index=False))
     estimate  p_value
        0.145      0.0
    """
    need(survey, [])
    linear.checked(df, level)
    names, columns = names_of(indicators, "indicators"), linear.columns_of(by)
    groups = [] if between is None else names_of(between, "between")
    faults = contrast_faults(groups, over, coefficients, columns, scale, adjust)
    if faults:
        raise CompareError.of(faults)
    axes = [*groups, *([over] if over else [])]
    need(survey, [*columns, *axes])
    outcomes = _outcomes(survey, names, statistic, denominator)
    found = joint(survey, outcomes, [*columns, *axes] or None, domain)
    if coefficients is None:
        rows, places = list(planned_rows(survey, found, columns, groups[0], over, reference)), axes[::-1]
    else:
        rows, places = list(given_rows(found, columns, groups, coefficients)), ["contrast"]
    table = told_rows(found, rows, scale, statistic, df, level)
    if adjust is not None:
        table["p_adjusted"] = inference.adjusted(table["p_value"].to_numpy(), adjust)
    plain = scale == "difference" and over is None and coefficients is None
    table["measure"] = "difference" if plain else "contrast"
    return about_whom(estimates(table, [*columns, *places]), survey, domain)


def _outcomes(survey: Survey, names: list[str], statistic: str, denominator: str | None) -> Outcomes:
    if statistic == "proportion" and denominator is None:
        return Outcomes(names, rates(survey, names))
    return outcomes_of(survey, names, statistic, denominator)
