"""How weights are fitted to margins, and what each kind of fit takes out of a linearised score.

Takes margins and weights; hands on fitted weights and :class:`PostStratified`, :class:`Raked`, :class:`Regressed`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.survey.margins import CalibrationError, Margin

SWEEPS = 10
"""Passes over the margins when R's ``svyrecvar`` takes residuals of a raked design."""


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
        means = sums_of(values * self.before[:, None], self.cell, len(sizes)) / _not_zero(sizes)[:, None]
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
                values = values - (sums_of(values, group, len(sizes)) / _not_zero(sizes)[:, None])[group]
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
        slopes = solve(moments, self.columns.T @ sums_of(values, self.cell, len(self.columns)))
        return scores - (self.columns @ slopes)[self.cell] * self.after[:, None]


@dataclass(frozen=True, eq=False)
class _Grid:
    """The combinations of categories that occur: each row's, and each combination's category and dummies."""

    cell: np.ndarray
    groups: tuple[np.ndarray, ...]
    columns: np.ndarray


def grid_of(margins: list[Margin]) -> _Grid:
    """Cross the margins: what happens to a weight depends on its combination of categories only."""
    crossed = pd.DataFrame({i: margin.group for i, margin in enumerate(margins)})
    cell = crossed.groupby(list(crossed.columns), sort=True).ngroup().to_numpy()
    first = np.zeros(int(cell.max()) + 1, dtype=np.int64)
    first[cell] = np.arange(len(cell))
    groups = tuple(margin.group[first] for margin in margins)
    dummies = [np.eye(len(m.totals))[g] for m, g in zip(margins, groups, strict=True)]
    return _Grid(cell, groups, np.hstack(dummies))


def proportional_fit(
    weights: np.ndarray, margins: list[Margin], grid: _Grid, tolerance: float, max_iter: int
) -> np.ndarray:
    """Return the factor of each cell, shape (cells, 1 + replicates)."""
    factor = np.ones_like(weights)
    for _ in range(max_iter):
        for margin, group in zip(margins, grid.groups, strict=True):
            sums = sums_of(weights * factor, group, len(margin.totals))
            factor = factor * (margin.totals[:, None] / _not_zero(sums))[group]
        if np.abs(_misfit(weights * factor, margins, grid)).max() <= tolerance:
            return factor
    raise CalibrationError(_unfitted(weights * factor, margins, grid, max_iter, None))


def bounded_fit(
    weights: np.ndarray,
    margins: list[Margin],
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
        step = solve(columns.T @ (columns * (weights * curvature)[:, None]), misfit[:, None])[:, 0]
        slope, length = float(misfit @ step) / scale, 1.0
        trial = dual(eta + step)
        while trial[0] > value - 1e-4 * length * slope + 1e-15 * abs(value) and length > 1e-10:
            length /= 2
            trial = dual(eta + length * step)
        eta = eta + length * step
        value, factor, misfit = trial
    return factor


def _misfit(weights: np.ndarray, margins: list[Margin], grid: _Grid) -> np.ndarray:
    """Return by which share of its total each category is off, shape (categories, 1 + replicates)."""
    sums = [sums_of(weights, group, len(m.totals)) for m, group in zip(margins, grid.groups, strict=True)]
    return np.vstack([s / m.totals[:, None] - 1 for s, m in zip(sums, margins, strict=True)])


def _unfitted(
    weights: np.ndarray, margins: list[Margin], grid: _Grid, rounds: int, bounds: tuple[float, float] | None
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


def sums_of(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
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


def solve(moments: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve normal equations whose columns may be redundant (every margin sums to one)."""
    scale = 1 / np.sqrt(_not_zero(np.diag(moments)))
    inverse = np.linalg.pinv(moments * np.outer(scale, scale), rcond=1e-12, hermitian=True)
    return scale[:, None] * (inverse @ (scale[:, None] * right))
