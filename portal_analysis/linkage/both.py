"""A line through points that have errors in both directions.

Hands on the fit of a bivariate random-effects model, its profile likelihood, and the regression that knows of the
errors of rates alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal_analysis.linkage.pairs import LinkError, Pairs
from portal_analysis.survey.fay_herriot import reml

HELD = 1e-5
"""How flat a profile likelihood has to be at its best: its height errs by the square of that."""

EDGE = 0.999
"""A correlation beyond this is at the edge of what is possible."""


@dataclass(frozen=True, eq=False)
class Both:
    """True scores and rates as a bivariate normal distribution, fitted to what was measured.

    ``spread`` is the standard deviation of true scores, ``slope`` the change of the true rate for one unit of the true
    score, ``rest`` the standard deviation of true rates around that line, ``fit`` minus twice the restricted
    likelihood.
    """

    spread: float
    slope: float
    rest: float
    fit: float

    @property
    def correlation(self) -> float:
        """The correlation of true scores and true rates."""
        along = self.slope * self.spread
        whole = float(np.hypot(along, self.rest))
        return along / whole if whole != 0 else 0.0

    @property
    def rate_spread(self) -> float:
        """The standard deviation of true rates."""
        return float(np.hypot(self.slope * self.spread, self.rest))


def minus_twice_likelihood(of: Pairs, spread: Any, slope: Any, rest: Any) -> Any:
    """Return minus twice the restricted log likelihood of a bivariate random-effects model, without constants.

    Complex parameters pass, which carry exact derivatives.
    """
    inside, p, q, r = _inverse(of, spread, slope, rest)
    if not (np.real(inside) > 0).all():
        return float("inf")
    x, y, whole = _centre(of, p, q, r)
    dx, dy = of.x - x, of.y - y
    return np.log(inside).sum() + np.log(whole) + (p * dx**2 + 2 * q * dx * dy + r * dy**2).sum()


def _inverse(of: Pairs, spread: Any, slope: Any, rest: Any) -> tuple[Any, Any, Any, Any]:
    """Return the determinant and the inverse of each pair's covariance as measured."""
    a = spread**2 + of.x_variance
    b = slope * spread**2 + 0 * of.x
    c = slope**2 * spread**2 + rest**2 + of.y_variance
    inside = a * c - b**2
    return inside, c / inside, -b / inside, a / inside


def _centre(of: Pairs, p: Any, q: Any, r: Any) -> tuple[Any, Any, Any]:
    """Return the means of true scores and rates, and the determinant of their information."""
    whole = p.sum() * r.sum() - q.sum() ** 2
    u, v = (p * of.x + q * of.y).sum(), (q * of.x + r * of.y).sum()
    return (r.sum() * u - q.sum() * v) / whole, (p.sum() * v - q.sum() * u) / whole, whole


def centre(of: Pairs, best: Both) -> tuple[float, float]:
    """Return the means of true scores and of true rates, through which the line of a fit runs."""
    x, y, _ = _centre(of, *_inverse(of, best.spread, best.slope, best.rest)[1:])
    return float(x), float(y)


def fit_both(of: Pairs, start: Both | None = None) -> Both:
    """Fit the bivariate model by restricted maximum likelihood; from two starts, or from a fit that is near."""
    first = np.array(_start(of))
    starts = (
        [first, first * [1.0, 0.0, 2.0]]
        if start is None
        else [np.array([start.spread, start.slope, start.rest])]
    )
    fits = [_lowest(of, lambda z: (z[0], z[1], z[2]), one) for one in starts]
    spread, slope, rest = min(fits, key=lambda one: minus_twice_likelihood(of, *one))
    return Both(spread, slope, rest, float(minus_twice_likelihood(of, spread, slope, rest)))


def held_at(of: Pairs, best: Both, name: str, value: float) -> float:
    """Return the fit with the slope or the correlation held at a value."""
    if name == "slope":
        start = np.array([best.spread, max(best.rest, 0.1 * best.rate_spread)])
        found = _lowest(of, lambda z: (z[0], value, z[1]), start, fine=HELD)
    else:
        tight, start = np.sqrt(1 - value**2), np.log([best.spread, max(best.rate_spread, 1e-12)])
        found = _lowest(
            of,
            lambda z: (np.exp(z[0]), value * np.exp(z[1] - z[0]), tight * np.exp(z[1])),
            start,
            unit=1.0,
            fine=HELD,
        )
    return float(minus_twice_likelihood(of, *found))


def profile(of: Pairs, best: Both, name: str, level: float) -> tuple[float, float]:
    """Return the ends between which the profile likelihood of the slope or the correlation does not fall too far."""
    from scipy.optimize import brentq
    from scipy.stats import chi2

    most, estimate = chi2.ppf(level, 1), getattr(best, name)

    def above(value: float) -> float:
        return float(held_at(of, best, name, value) - best.fit - most)

    ends = []
    for sign in (-1.0, 1.0):
        if name == "correlation":
            edge = sign * 0.99999
            far = edge if (edge - estimate) * sign > 0 and above(edge) > 0 else None
        else:
            far = _beyond(above, estimate, sign, max(abs(estimate), best.rate_spread / best.spread, 1e-9))
        ends.append(sign if far is None else float(brentq(above, estimate, far, xtol=1e-9, rtol=1e-9)))
    return ends[0], ends[1]


def _beyond(above: Callable[[float], float], estimate: float, sign: float, step: float) -> float:
    for _ in range(60):
        if above(estimate + sign * step) > 0:
            return estimate + sign * step
        step *= 2
    raise LinkError("the slope has no limit: the scores are hardly more than their own errors")


def _start(of: Pairs) -> tuple[float, float, float]:
    x, y = np.var(of.x, ddof=1), np.var(of.y, ddof=1)
    true_x = max(x - of.x_variance.mean(), 0.1 * x)
    slope = np.cov(of.x, of.y)[0, 1] / true_x
    return np.sqrt(true_x), slope, np.sqrt(max(y - of.y_variance.mean() - slope**2 * true_x, 0.05 * y))


def _lowest(
    of: Pairs,
    full: Callable[[np.ndarray], tuple[Any, Any, Any]],
    start: np.ndarray,
    unit: Any = None,
    fine: float = 1e-9,
) -> tuple[float, float, float]:
    """Return spread, slope and rest of the best fit near a start, in units in which each is about one."""
    from scipy.optimize import minimize

    if unit is None:
        unit = np.where(np.abs(start) > 1e-12, np.abs(start), np.std(of.y) / np.std(of.x))

    def objective(z: np.ndarray) -> tuple[float, np.ndarray]:
        value = float(np.real(minus_twice_likelihood(of, *full(z * unit))))
        steps = [full((z + 1e-20j * one) * unit) for one in np.eye(len(z))]
        slopes = np.array([np.imag(minus_twice_likelihood(of, *one)) / 1e-20 for one in steps])
        return (value, slopes) if np.isfinite(value) else (1e300, np.zeros(len(z)))

    found = minimize(objective, start / unit, method="BFGS", jac=True, options={"gtol": fine, "maxiter": 500})
    spread, slope, rest = (float(np.real(one)) for one in full(found.x * unit))
    return abs(spread), slope, abs(rest)


@dataclass(frozen=True)
class Weighted:
    """A regression weighted by the errors of rates: slope, its error, and the variance between provinces."""

    slope: float
    se: float
    between: float


def weighted(of: Pairs) -> Weighted:
    """Fit the random-effects regression of rates on scores, taken as exact; errors by Knapp and Hartung."""
    matrix = np.column_stack([np.ones(len(of.x)), of.x])
    between = float(reml(of.y, matrix, np.diag(of.y_variance), [np.eye(len(of.y))])[0])
    w = 1 / (between + of.y_variance)
    inverse = np.linalg.inv(matrix.T @ (matrix * w[:, None]))
    beta = inverse @ (matrix.T @ (w * of.y))
    scale = (w * (of.y - matrix @ beta) ** 2).sum() / (len(of.y) - 2)
    return Weighted(float(beta[1]), float(np.sqrt(scale * inverse[1, 1])), between)
