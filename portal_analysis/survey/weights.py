"""Fit the weights to known population totals: post-stratification and raking, and the variance that follows.

Hands on a new Survey with the fitted weights (replicate weights too) and what its variance must know of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.survey.answers import levels, names_of, need, numbers
from portal_analysis.survey.design import LARGEST, Survey, WeightsWarning, as_numbers, rows_quoted
from portal_analysis.survey.gather import with_rows
from portal_analysis.survey.variance import replicate_columns, replicates
from portal_analysis.tables.table import near

Population = Mapping[Any, float] | pd.Series | pd.DataFrame

RESIDUALS = ("rake", "greg")
"""How the variance of raked weights takes residuals: as R's ``rake``, or as R's ``calibrate``."""

SWEEPS = 10
"""Passes over the margins when R's ``svyrecvar`` takes residuals of a raked design."""

SHOWN = 8
"""How many categories a message quotes."""


class CalibrationError(Error):
    """Weights cannot be fitted to the population that was given."""


@dataclass(frozen=True, eq=False)
class PostStratified:
    """One post-stratification: the cell of each row, and the weights before and after."""

    cell: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        """Return weighted scores less their mean in the cell, as ``svyrecvar`` after ``postStratify``."""
        values = _unweighted(scores, self.after)
        sizes = np.bincount(self.cell, self.before)
        means = _sums(values * self.before[:, None], self.cell, len(sizes)) / _not_zero(sizes)[:, None]
        return scores - means[self.cell] * self.after[:, None]


@dataclass(frozen=True, eq=False)
class Raked:
    """One raking, as R's ``rake`` sees it: ten sweeps of plain means over the margins in turn."""

    margins: tuple[np.ndarray, ...]
    after: np.ndarray

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        """Return weighted scores less what the margins explain; people count alike, as in ``svyrecvar``."""
        values = _unweighted(scores, self.after)
        for _ in range(SWEEPS):
            for group in self.margins:
                sizes = np.bincount(group)
                values = values - (_sums(values, group, len(sizes)) / _not_zero(sizes)[:, None])[group]
        return np.where(self.after[:, None] > 0, values * self.after[:, None], scores)


@dataclass(frozen=True, eq=False)
class Regressed:
    """One calibration by a distance, as R's ``calibrate`` sees it: residuals of a weighted regression.

    ``cell`` gives each row's combination of categories, ``columns`` what each cell says on the margins.
    """

    cell: np.ndarray
    columns: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        """Return weighted scores less their regression on the margins with the weights before."""
        values = _unweighted(scores, self.after) * self.before[:, None]
        sizes = np.bincount(self.cell, self.before, minlength=len(self.columns))
        moments = self.columns.T @ (self.columns * sizes[:, None])
        slopes = _solve(moments, self.columns.T @ _sums(values, self.cell, len(self.columns)))
        return scores - (self.columns @ slopes)[self.cell] * self.after[:, None]


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
    >>> fitted = post_stratify(survey, "gender", {"female": 37.1e6, "male": 36.2e6})  # doctest: +SKIP
    """
    margin = _margins(survey, {_key(names_of(by, "by")): population})[0]
    weights = _all_weights(survey)
    cell_weights = _sums(weights, margin.group, len(margin.totals))
    faults = _nobody(cell_weights, margin)
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
    """
    if residuals not in (None, *RESIDUALS):
        raise CalibrationError(f"residuals={residuals!r} is unknown; it may be {list(RESIDUALS)}")
    if faults := _rule_faults(bounds, tolerance, max_iter):
        raise CalibrationError.of(faults, "the weights cannot be raked")
    found = _margins(survey, margins)
    weights = _all_weights(survey)
    grid = _grid(found)
    cell_weights = _sums(weights, grid.cell, len(grid.columns))
    faults = _sum_faults(found)
    for margin, groups in zip(found, grid.groups, strict=True):
        faults += _nobody(_sums(cell_weights, groups, len(margin.totals)), margin)
    if faults:
        raise CalibrationError.of(faults, "the weights cannot be raked")
    if bounds is None:
        factor = _proportional_fit(cell_weights, found, grid, tolerance, max_iter)
    else:
        factor = _bounded_fit(cell_weights, found, grid, bounds, tolerance, max_iter)
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
    >>> fitted = calibrate(survey, {"age": 3.9e9}, count=97.5e6)  # doctest: +SKIP
    """
    need(survey, [])
    if not isinstance(totals, Mapping) or not totals:
        raise CalibrationError('totals must name columns and their totals, such as {"age": 3.9e9}')
    named = {key: value for key, value in totals.items() if isinstance(value, Mapping | pd.Series)}
    margins = _margins(survey, named) if named else []
    numeric = [key for key in totals if key not in named]
    columns = [np.eye(len(m.totals))[m.group] for m in margins]
    values = numbers(survey, numeric) if numeric else []
    faults = _sum_faults(margins) if margins else []
    faults += [
        f"{key!r} is missing in {rows_quoted(np.isnan(v))}"
        for key, v in zip(numeric, values, strict=True)
        if np.isnan(v).any()
    ]
    wanted = [*(t for m in margins for t in m.totals), *(totals[key] for key in numeric)]
    if count is not None or not margins:
        columns.append(np.ones((len(survey), 1)))
        wanted.insert(len(wanted) - len(numeric), survey.layout.weights.sum() if count is None else count)
    if not all(isinstance(t, Real) and np.isfinite(float(t)) for t in wanted):
        faults.append(f"totals must be finite numbers: {dict(totals)}, count={count!r}")
    if faults:
        raise CalibrationError.of(faults, "the weights cannot be calibrated")
    x, aim = np.column_stack([*columns, *values]), np.array(wanted, dtype=float)
    weights = _all_weights(survey)
    fitted = np.empty_like(weights)
    for i, w in enumerate(weights.T):
        off = aim - w @ x
        fitted[:, i] = w * (1 + x @ _solve(x.T @ (x * w[:, None]), off[:, None])[:, 0])
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


# ---------------------------------------------------------------------------------- populations and margins


@dataclass(frozen=True, eq=False)
class _Margin:
    """One margin: its columns, its categories with their totals, and the category of each row."""

    columns: tuple[str, ...]
    labels: tuple[Any, ...]
    totals: np.ndarray
    group: np.ndarray

    @property
    def name(self) -> str:
        return " x ".join(self.columns)


@dataclass(frozen=True, eq=False)
class _Grid:
    """The combinations of categories that occur: each row's, and each combination's category and dummies."""

    cell: np.ndarray
    groups: tuple[np.ndarray, ...]
    columns: np.ndarray


def _rule_faults(bounds: object, tolerance: object, max_iter: object) -> list[str]:
    """Say what is wrong with the numbers that rule the fit."""
    faults = []
    pair = list(bounds) if isinstance(bounds, Sequence) else []
    if bounds is not None and not (
        len(pair) == 2 and all(isinstance(v, Real) for v in pair) and 0 <= pair[0] < 1 < pair[1] < np.inf
    ):
        faults.append(f"bounds={bounds!r} must lie around 1, such as (0.5, 2): 0 <= lower < 1 < upper")
    if not isinstance(tolerance, Real) or not 0 < float(tolerance) < 1:
        faults.append(f"tolerance={tolerance!r} must be a number between 0 and 1")
    if not isinstance(max_iter, Integral) or max_iter < 1:
        faults.append(f"max_iter={max_iter!r} must be a whole number, 1 or above")
    return faults


def _key(by: Sequence[str]) -> str | tuple[str, ...]:
    return by[0] if len(by) == 1 else tuple(by)


def _margins(survey: Survey, margins: Mapping[Any, Population]) -> list[_Margin]:
    """Read all margins against the survey.

    Raises
    ------
    CalibrationError
        All faults of all margins.
    """
    need(survey, [])
    if not isinstance(margins, Mapping) or not margins:
        raise CalibrationError(
            'margins must name columns and their totals, such as {"gender": {"female": 5}}'
        )
    faults: list[str] = []
    wanted = {tuple(names_of(key, "a margin")): population for key, population in margins.items()}
    found = [_margin(survey, key, population, faults) for key, population in wanted.items()]
    if faults:
        raise CalibrationError.of(faults, "the population does not fit the survey")
    return [margin for margin in found if margin is not None]


def _margin(
    survey: Survey, columns: tuple[str, ...], population: Population, faults: list[str]
) -> _Margin | None:
    before = len(faults)
    absent = [name for name in columns if name not in survey.data.columns]
    if absent or not columns:
        faults += [f"no column {name!r}: {near(name, survey.data.columns)}" for name in absent]
        faults += [] if columns else ["a margin names no column"]
        return None
    totals = population_of(columns, population, faults)
    keys = _row_keys(survey, columns, faults)
    if len(faults) > before:
        return None
    labels = tuple(totals)
    group = pd.Index(labels, tupleize_cols=False).get_indexer(keys)
    numbers = as_numbers(pd.Series([totals[label] for label in labels], dtype=object))
    faults += _category_faults(" x ".join(columns), labels, numbers, keys, group)
    return _Margin(columns, labels, numbers, group)


def population_of(columns: tuple[str, ...], population: Population, faults: list[str]) -> dict[Any, float]:
    """Return the population as ``{category: total}``; a category of several columns is a tuple."""
    name = " x ".join(columns)
    if isinstance(population, pd.DataFrame):
        counts = [column for column in population.columns if column not in columns]
        if len(counts) != 1 or not set(columns) <= set(population.columns):
            faults.append(
                f"the population of {name} needs the columns {list(columns)} and one of counts; "
                f"it has {list(population.columns)}"
            )
            return {}
        population = population.set_index(list(columns) if len(columns) > 1 else columns[0])[counts[0]]
    if isinstance(population, pd.Series):
        if twice := population.index[population.index.duplicated()].unique().tolist():
            faults.append(f"the population of {name} gives {twice[:SHOWN]} more than once")
        return dict(zip(population.index.tolist(), population.tolist(), strict=True))
    if not isinstance(population, Mapping):
        faults.append(f"the population of {name} is a {type(population).__name__}; give a mapping or a frame")
        return {}
    return dict(population)


def _row_keys(survey: Survey, columns: tuple[str, ...], faults: list[str]) -> pd.Index:
    """Return each row's category, a tuple if there are several columns."""
    frame = survey.data[list(columns)]
    for name in columns:
        missing = levels(survey, name)[0] < 0
        if missing.any():
            faults.append(
                f"{name!r} is missing in {rows_quoted(missing)}: "
                "give those people a category of their own, or impute it, before the weights are fitted"
            )
    if len(columns) == 1:
        return pd.Index(frame[columns[0]].tolist(), tupleize_cols=False)
    return pd.Index(list(zip(*(frame[name].tolist() for name in columns), strict=True)), tupleize_cols=False)


def _category_faults(
    name: str, labels: tuple[Any, ...], totals: np.ndarray, keys: pd.Index, group: np.ndarray
) -> Iterator[str]:
    bad = ~((totals <= LARGEST) & (totals > 0))
    if bad.any():
        shown = {label: float(total) for label, total in zip(labels, totals, strict=True) if not total > 0}
        said = shown or f"one is infinite or above {LARGEST:g}"
        yield f"population totals of {name} must be positive numbers: {said}"
    unseen = [label for i, label in enumerate(labels) if i not in set(group.tolist())]
    if unseen:
        yield (
            f"{name}: the population's {unseen[:SHOWN]} have no respondent; "
            "merge them with a neighbouring category in the survey and the population"
        )
    if (group < 0).any():
        strange = pd.Index(keys[group < 0]).unique().tolist()
        yield (
            f"{name}: the survey's {strange[:SHOWN]} are not in the population, "
            f"which has {list(labels[:SHOWN])}"
        )


def _sum_faults(margins: list[_Margin]) -> list[str]:
    sums = {margin.name: float(margin.totals.sum()) for margin in margins}
    if max(sums.values()) - min(sums.values()) <= 1e-9 * max(sums.values()):
        return []
    return [f"the margins disagree about the size of the population: {sums}; scale them to one total"]


def _nobody(weights: np.ndarray, margin: _Margin) -> list[str]:
    """Say which categories have no weight, in the sample or in a replicate of it."""
    empty = ~(weights > 0)
    faults = []
    for i in np.flatnonzero(empty.any(axis=1)):
        where = "the weights" if empty[i, 0] else f"replicate {int(np.flatnonzero(empty[i])[0])}"
        faults.append(
            f"{margin.name}: {margin.labels[i]!r} has weight zero in {where}; merge it with another"
        )
    return faults[:SHOWN]


def _grid(margins: list[_Margin]) -> _Grid:
    """Cross the margins: what happens to a weight depends on its combination of categories only."""
    crossed = pd.DataFrame({i: margin.group for i, margin in enumerate(margins)})
    cell = crossed.groupby(list(crossed.columns), sort=True).ngroup().to_numpy()
    first = np.zeros(int(cell.max()) + 1, dtype=np.int64)
    first[cell] = np.arange(len(cell))
    groups = tuple(margin.group[first] for margin in margins)
    dummies = [np.eye(len(m.totals))[g] for m, g in zip(margins, groups, strict=True)]
    return _Grid(cell, groups, np.hstack(dummies))


# --------------------------------------------------------------------------------------------------- fitting


def _proportional_fit(
    weights: np.ndarray, margins: list[_Margin], grid: _Grid, tolerance: float, max_iter: int
) -> np.ndarray:
    """Return the factor of each cell, shape (cells, 1 + replicates)."""
    factor = np.ones_like(weights)
    for _ in range(max_iter):
        for margin, group in zip(margins, grid.groups, strict=True):
            sums = _sums(weights * factor, group, len(margin.totals))
            factor = factor * (margin.totals[:, None] / _not_zero(sums))[group]
        if np.abs(_misfit(weights * factor, margins, grid)).max() <= tolerance:
            return factor
    raise CalibrationError(_unfitted(weights * factor, margins, grid, max_iter, None))


def _bounded_fit(
    weights: np.ndarray,
    margins: list[_Margin],
    grid: _Grid,
    bounds: tuple[float, float],
    tolerance: float,
    max_iter: int,
) -> np.ndarray:
    """Return the bounded factor of each cell, for the weights and each replicate in turn."""
    size = margins[0].totals.sum() / weights.sum(axis=0)
    totals = np.concatenate([margin.totals for margin in margins])
    factors = np.ones_like(weights)
    for i in range(weights.shape[1]):
        factors[:, i] = size[i] * _newton(
            weights[:, i] * size[i], grid.columns, totals, bounds, tolerance, max_iter
        )
        fitted = (weights[:, i] * factors[:, i])[:, None]
        if not np.abs(_misfit(fitted, margins, grid)).max() <= tolerance:
            raise CalibrationError(_unfitted(fitted, margins, grid, max_iter, bounds))
    return factors


def _newton(
    weights: np.ndarray,
    columns: np.ndarray,
    totals: np.ndarray,
    bounds: tuple[float, float],
    tolerance: float,
    max_iter: int,
) -> np.ndarray:
    """Minimise the convex dual ``sum w Φ(x'η) - totals'η``, Φ' = exp kept within the bounds."""
    low, high = bounds
    eta = np.zeros(columns.shape[1])
    scale = totals.max()

    def dual(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        u = columns @ at
        factor = np.clip(np.exp(np.clip(u, -700, 700)), low, high)
        lower = low * (u - np.log(low) + 1) if low > 0 else np.zeros_like(u)
        upper = high * (u - np.log(high) + 1)
        potential = np.where(factor <= low, lower, np.where(factor >= high, upper, factor))
        value = float(weights @ potential - totals @ at) / scale
        return value, factor, totals - columns.T @ (weights * factor)

    value, factor, misfit = dual(eta)
    for _ in range(max_iter):
        if np.abs(misfit / totals).max() <= tolerance / 2:
            break
        # a cell at its bound keeps a little curvature, so that it can come back
        curvature = np.where((factor > low) & (factor < high), factor, 1e-3 * factor + 1e-12)
        step = _solve(columns.T @ (columns * (weights * curvature)[:, None]), misfit[:, None])[:, 0]
        slope, length = float(misfit @ step) / scale, 1.0
        trial = dual(eta + step)
        while trial[0] > value - 1e-4 * length * slope + 1e-15 * abs(value) and length > 1e-10:
            length /= 2
            trial = dual(eta + length * step)
        eta = eta + length * step
        value, factor, misfit = trial
    return factor


def _misfit(weights: np.ndarray, margins: list[_Margin], grid: _Grid) -> np.ndarray:
    """Return by which share of its total each category is off, shape (categories, 1 + replicates)."""
    sums = [_sums(weights, group, len(m.totals)) for m, group in zip(margins, grid.groups, strict=True)]
    return np.vstack([s / m.totals[:, None] - 1 for s, m in zip(sums, margins, strict=True)])


def _unfitted(
    weights: np.ndarray, margins: list[_Margin], grid: _Grid, rounds: int, bounds: tuple[float, float] | None
) -> str:
    misfit = _misfit(weights, margins, grid)
    worst = int(np.abs(np.nan_to_num(misfit, nan=np.inf)).max(axis=1).argmax())
    names = [f"{margin.name} {label!r}" for margin in margins for label in margin.labels]
    off = misfit[worst][int(np.abs(misfit[worst]).argmax())]
    advice = (
        f"no weights within the bounds {bounds} may fit; widen them or drop a margin"
        if bounds
        else "the margins may contradict each other where a combination has no respondent; merge categories"
    )
    return (
        f"the weights do not fit after {rounds} rounds: {names[worst]} is off by {off:.2g} of its total; "
        f"{advice}"
    )


# ------------------------------------------------------------------------------------------- sums and weights


def _sums(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Sum rows by group: shape (rows, k) to (groups, k); groups without a row are 0."""
    order = np.argsort(group, kind="stable")
    present, starts = np.unique(group[order], return_index=True)
    sums = np.zeros((groups, values.shape[1]))
    sums[present] = np.add.reduceat(values[order], starts, axis=0)
    return sums


def _not_zero(values: np.ndarray) -> np.ndarray:
    return np.where(values == 0, 1.0, values)


def _unweighted(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return scores / _not_zero(weights)[:, None]


def _solve(moments: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve normal equations whose columns may be redundant (every margin sums to one)."""
    scale = 1 / np.sqrt(_not_zero(np.diag(moments)))
    inverse = np.linalg.pinv(moments * np.outer(scale, scale), rcond=1e-12, hermitian=True)
    return scale[:, None] * (inverse @ (scale[:, None] * right))


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
