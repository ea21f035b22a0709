"""Fit the weights to known population totals: post-stratification, raking, calibration, and replicates for it all.

Hands on a new Survey with the fitted weights (replicate weights too) and what its variances must know of the fit.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number
from portal_analysis.survey.answers import numbers
from portal_analysis.survey.calibration import (
    PostStratified,
    Raked,
    Regressed,
    bounded_fit,
    grid_of,
    proportional_fit,
    solve,
    sums_of,
)
from portal_analysis.survey.columns import rows_quoted
from portal_analysis.survey.gather import with_rows
from portal_analysis.survey.margins import (
    CalibrationError,
    Population,
    key_of,
    margins_of,
    nobody_in,
    sum_faults,
)
from portal_analysis.survey.microdata import Survey, WeightsWarning
from portal_analysis.survey.replicates import replicate_columns, replicates
from portal_analysis.survey.values import names_of, need

RESIDUALS = ("rake", "greg")
"""How the variance of raked weights takes residuals: as R's ``rake``, or as R's ``calibrate``."""


@with_rows("post-stratification")
def post_stratify(survey: Survey, by: str | Sequence[str], population: Population) -> Survey:
    """Scale the weights so that every cell of ``by`` has its population total.

    Parameters
    ----------
    survey : Survey
        Its replicate weights, if it has them, are scaled one by one.
    by : str or sequence of str
        Column of the post-strata; with several columns their crossing.
    population : mapping, Series or DataFrame
        The number of people in each cell: ``{"female": 37.1e6, "male": 36.2e6}``, with several columns
        ``{("female", "18-34"): …}`` or a Series with such an index; or a frame with the columns of ``by`` and
        one column of counts.

    Returns
    -------
    Survey
        A new survey, whose weights are a new column ``<weights>_poststratified`` and whose estimates have the
        errors of post-stratified ones.

    Raises
    ------
    CalibrationError
        All faults at once: unknown column, missing answers in ``by``, cells of the population without a
        respondent and the reverse, totals that are missing or not positive.

    Notes
    -----
    Weights ``w* = w N_g / sum_g(w)``; variance from the residuals of the linearised scores on the cells, as
    R's ``survey::postStratify`` and ``svyrecvar``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> fitted = pa.post_stratify(papi, "sex", {"female": 37.1e6, "male": 36.2e6})
    >>> print(pa.proportion(fitted, "internet_home")["estimate"].round(3).tolist())
    [0.758]
    """
    margin = margins_of(survey, {key_of(names_of(by, "by")): population})[0]
    weights = _all_weights(survey)
    cell_weights = sums_of(weights, margin.group, len(margin.totals))
    faults = nobody_in(cell_weights, margin)
    if faults:
        raise CalibrationError.of(faults, "the weights cannot be post-stratified")
    fitted = weights * (margin.totals[:, None] / cell_weights)[margin.group]
    calibration = PostStratified(margin.group, weights[:, 0], fitted[:, 0])
    return _with_weights(survey, fitted, "poststratified", calibration)


@with_rows("raking")
def rake(
    survey: Survey,
    margins: Mapping[Any, Population],
    bounds: tuple[float, float] | None = None,
    tolerance: float = 1e-12,
    max_iter: int = 1000,
    residuals: str | None = None,
) -> Survey:
    """Fit the weights to the totals of several margins at once.

    Parameters
    ----------
    survey : Survey
        Its replicate weights, if it has them, are raked one by one.
    margins : mapping
        For each margin, named by its column or a tuple of columns, the population as in
        :func:`post_stratify`: ``{"gender": {"female": …}, "age_group": {…}}``. All must have the same sum.
    bounds : (float, float), optional
        The least and the greatest factor by which a weight may change, such as ``(0.5, 2)``, after all
        weights were brought to the population's size by one common factor.
    tolerance : float
        The weights fit when no category is off by more than this share of its total.
    max_iter : int
        How many rounds are tried.
    residuals : {"rake", "greg"}, optional
        ``rake`` gives the errors of R's ``rake`` (default without bounds), ``greg`` those of R's
        ``calibrate(calfun="raking")`` (default with bounds). They differ in whether residuals on the margins
        are taken with equal or with the sampling weights; with unequal weights ``greg`` is the one that
        theory gives. Replicate weights need neither.

    Returns
    -------
    Survey
        A new survey, whose weights are a new column ``<weights>_raked``.

    Raises
    ------
    CalibrationError
        All faults of the margins at once, as in :func:`post_stratify`, or margins that disagree about the
        total; or that the weights do not fit after ``max_iter`` rounds, with the category that is worst off.

    Notes
    -----
    Iterative proportional fitting (Deming and Stephan 1940); with bounds the truncated multiplicative
    distance of Deville and Särndal (1992), ``g = min(max(exp(x'η), L), U)``, as R's ``calibrate``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> raked = pa.rake(papi, {"sex": {"female": 37.1e6, "male": 36.2e6}})
    >>> print(pa.proportion(raked, "sex", categories=True)["estimate"].round(2).tolist())
    [0.51, 0.49]
    """
    if residuals not in (None, *RESIDUALS):
        raise CalibrationError(f"residuals={residuals!r} is unknown; it may be {list(RESIDUALS)}")
    if faults := _rule_faults(bounds, tolerance, max_iter):
        raise CalibrationError.of(faults, "the weights cannot be raked")
    found = margins_of(survey, margins)
    weights = _all_weights(survey)
    grid = grid_of(found)
    cell_weights = sums_of(weights, grid.cell, len(grid.columns))
    faults = sum_faults(found)
    for margin, groups in zip(found, grid.groups, strict=True):
        faults += nobody_in(sums_of(cell_weights, groups, len(margin.totals)), margin)
    if faults:
        raise CalibrationError.of(faults, "the weights cannot be raked")
    if bounds is None:
        factor = proportional_fit(cell_weights, found, grid, tolerance, max_iter)
    else:
        factor = bounded_fit(cell_weights, found, grid, bounds, tolerance, max_iter)
    fitted = weights * factor[grid.cell]
    calibration: Raked | Regressed
    if (residuals or ("rake" if bounds is None else "greg")) == "rake":
        calibration = Raked(tuple(margin.group for margin in found), fitted[:, 0])
    else:
        calibration = Regressed(grid.cell, grid.columns, weights[:, 0], fitted[:, 0])
    return _with_weights(survey, fitted, "raked", calibration)


@with_rows("calibration")
def calibrate(survey: Survey, totals: Mapping[str, Any], count: float | None = None) -> Survey:
    """Fit the weights to known totals of numbers and categories together (generalised regression, GREG).

    Parameters
    ----------
    survey : Survey
        Its replicate weights, if it has them, are calibrated one by one.
    totals : mapping
        For a numeric column its population total, for a column of categories the total of each:
        ``{"household_members": 97.5e6, "gender": {"female": …, "male": …}}``.
    count : float, optional
        The size of the population; it follows from categories, and without either is left as it is.

    Returns
    -------
    Survey
        A new survey, whose weights are a new column ``<weights>_calibrated``.

    Raises
    ------
    CalibrationError
        All faults of the totals at once; columns that say the same; or that a weight would fall below 0: use
        :func:`rake` with bounds, or fewer totals.

    Notes
    -----
    ``w* = w (1 + x'λ)`` with ``Σ w* x`` the totals (Deville and Särndal 1992, linear distance); variance from
    the residuals of the weighted regression on x, as R's ``survey::calibrate``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> fitted = pa.calibrate(papi, {"age": 3.2e9}, count=73.3e6)
    >>> print(pa.mean(fitted, "age")["estimate"].round(2).tolist())
    [43.66]
    """
    need(survey, [])
    if not isinstance(totals, Mapping) or not totals:
        raise CalibrationError('totals must name columns and their totals, such as {"age": 3.9e9}')
    named = {key: value for key, value in totals.items() if isinstance(value, Mapping | pd.Series)}
    margins = margins_of(survey, named) if named else []
    numeric = [key for key in totals if key not in named]
    columns = [np.eye(len(m.totals))[m.group] for m in margins]
    values = numbers(survey, numeric) if numeric else []
    faults = sum_faults(margins) if margins else []
    faults += [
        f"{key!r} is missing in {rows_quoted(np.isnan(v))}"
        for key, v in zip(numeric, values, strict=True)
        if np.isnan(v).any()
    ]
    wanted = [*(t for m in margins for t in m.totals), *(totals[key] for key in numeric)]
    if count is not None or not margins:
        columns.append(np.ones((len(survey), 1)))
        wanted.insert(len(wanted) - len(numeric), survey.layout.weights.sum() if count is None else count)
    if not all(is_number(t) and np.isfinite(float(t)) for t in wanted):
        faults.append(f"totals must be finite numbers: {dict(totals)}, count={count!r}")
    if faults:
        raise CalibrationError.of(faults, "the weights cannot be calibrated")
    x, aim = np.column_stack([*columns, *values]), np.array(wanted, dtype=float)
    weights = _all_weights(survey)
    fitted = np.empty_like(weights)
    for i, w in enumerate(weights.T):
        off = aim - w @ x
        fitted[:, i] = w * (1 + x @ solve(x.T @ (x * w[:, None]), off[:, None])[:, 0])
    misfit = np.abs(fitted[:, 0] @ x - aim) > 1e-8 * np.maximum(np.abs(aim), weights[:, 0] @ np.abs(x))
    if misfit.any():
        raise CalibrationError("the totals contradict each other: no weights fit them all; leave one out")
    if (fitted[:, 0] < 0).any():
        raise CalibrationError(
            f"weights would fall below 0 in {rows_quoted(fitted[:, 0] < 0)}: use rake() with bounds, or fewer totals"
        )
    calibration = Regressed(np.arange(len(survey)), x, weights[:, 0], fitted[:, 0])
    return _with_weights(survey, fitted, "calibrated", calibration)


@with_rows("replicate weights")
def as_replicates(
    survey: Survey, method: str = "JKn", replicates: int | None = None, seed: int | None = None
) -> Survey:
    """Turn strata and PSUs into a table with replicate weights, for programs that know no design.

    Parameters
    ----------
    survey : Survey
        One without replicates of the file and without calibration.
    method : {"JKn", "JK1", "bootstrap"}
        As of :class:`Design`.
    replicates : int, optional
        How many, of the bootstrap.
    seed : int, optional
        Of the bootstrap; the design's if not given.

    Returns
    -------
    Survey
        A new survey whose ``data`` hold the columns ``<weights>_1``, ``<weights>_2`` … and whose design names
        them with ``scale`` and ``rscales``; the estimates' errors are those of the replicates.

    Raises
    ------
    DesignError
        If the design cannot have such replicates.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> jackknife = pa.as_replicates(papi, "JKn")
    >>> print(pa.proportion(jackknife, "npsp_profile")["se"].round(4).tolist())
    [0.0019]
    """
    need(survey, [])
    design = survey.design
    made = replace(
        design,
        replicates=replicates,
        replicate_method=method,
        seed=design.seed if seed is None else seed,
    )
    new = replace(survey, design=made)
    weights = _all_weights(new)
    return _with_replicates(new, weights, design.weights or "every_row_1")


def _rule_faults(bounds: object, tolerance: object, max_iter: object) -> list[str]:
    """Say what is wrong with the numbers that rule the fit."""
    faults = []
    pair = list(bounds) if isinstance(bounds, Sequence) else []
    if bounds is not None and not (
        len(pair) == 2 and all(map(is_number, pair)) and 0 <= pair[0] < 1 < pair[1] < np.inf
    ):
        faults.append(f"bounds={bounds!r} must lie around 1, such as (0.5, 2): 0 <= lower < 1 < upper")
    if not is_number(tolerance) or not 0 < float(tolerance) < 1:
        faults.append(f"tolerance={tolerance!r} must be a number between 0 and 1")
    if not isinstance(max_iter, Integral) or max_iter < 1:
        faults.append(f"max_iter={max_iter!r} must be a whole number, 1 or above")
    return faults


def _all_weights(survey: Survey) -> np.ndarray:
    """Return the weights and the replicate weights side by side, shape (rows, 1 + replicates)."""
    weights = survey.layout.weights[:, None]
    if survey.design.replicate_method is None:
        return weights
    repeated = replicates(survey)
    again = repeated.weights
    if repeated.of_psu:
        again = again[survey.layout.row_psu] * weights
    return np.hstack([weights, again])


def _with_weights(
    survey: Survey, fitted: np.ndarray, word: str, calibration: PostStratified | Raked | Regressed
) -> Survey:
    """Return the survey with fitted weights in new columns, and what its variance must know."""
    if fitted[:, 0].sum() <= 1.01:
        warnings.warn(
            f"the population is told in shares, so that the fitted weights sum to {fitted[:, 0].sum():g}: shares "
            "and means are right, but totals are shares too; give numbers of people to have them counted",
            WeightsWarning,
            stacklevel=3,
        )
    name = f"{survey.design.weights or 'weight'}_{word}"
    if survey.design.replicate_method is None:
        data = survey.data.assign(**{name: fitted[:, 0]})
        return replace(
            survey,
            data=data,
            design=replace(survey.design, weights=name),
            calibration=(*survey.calibration, calibration),
        )
    return _with_replicates(survey, fitted, name, word)


def _with_replicates(survey: Survey, fitted: np.ndarray, name: str, word: str = "") -> Survey:
    """Return the survey with weights and replicate weights in columns."""
    repeated = replicates(survey)
    factors: dict[str, Any] = {}
    if survey.design.replicates_given:
        columns = [f"{old}_{word}" for old in replicate_columns(survey)]
    else:
        columns = [f"{name}_{i}" for i in range(1, fitted.shape[1])]
        factors = {"scale": repeated.scale, "rscales": tuple(float(x) for x in repeated.rscales)}
    new = pd.DataFrame(fitted, columns=[name, *columns], index=survey.data.index)
    data = pd.concat([survey.data.drop(columns=list(new.columns), errors="ignore"), new], axis=1)
    design = replace(
        survey.design, weights=name, replicates=tuple(columns), replicate_factors=False, **factors
    )
    return replace(survey, data=data, design=design)
