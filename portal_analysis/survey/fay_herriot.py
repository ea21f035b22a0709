"""The Fay–Herriot model: between-area variance, best predictions of all areas, and how far off they may be.

Takes plain arrays on the model's scale; hands on a :class:`Fit`, and parametric bootstraps of its error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portal_analysis.faults import Error

MOST_STEPS = 1000
STEPS_TOGETHER = 100
"""After so many steps of all draws at once those that have not come to rest are fitted one by one."""
PRECISE = 1e-12
ALIKE = 1e-7
"""Covariates that differ from a sum of others by less than this share of their size are determined by them."""


class AreaError(Error):
    """Areas cannot be modelled as asked: too few, no covariate that tells them apart, or too rare an outcome."""


@dataclass(frozen=True, eq=False)
class Possible:
    """Coefficients at one value of the variances that may be, with its probability and the variances' sum."""

    share: float
    beta: np.ndarray
    beta_covariance: np.ndarray
    variance: float


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model ``y = Xβ + Σ_k u_k + e``, ``var(u_k) = σ²_k G_k``, ``var(e) = R``.

    Attributes
    ----------
    beta, beta_covariance
        Coefficients by generalised least squares.
    variances, variances_covariance
        The σ²_k, and the inverse of their expected information.
    adjusted : bool
        Was the likelihood adjusted, all σ²_k being 0 without?
    fixed, value : ndarray
        ``Xβ`` and the best prediction ``Xβ + u``.
    mse : ndarray
        Mean squared error g1 + g2 + 2 g3 of the predictions.
    covariance : ndarray
        Of the predictions' errors, g1 + g2, with the diagonal of ``mse``.
    parts : tuple of ndarray
        g1, g2 and g3.
    kept : ndarray
        The weight of each direct value in its own prediction: 1 less the shrinkage.
    residuals : ndarray
        ``y − Xβ`` over its standard error.
    influence : ndarray
        Cook's distance of each value: the shift of all coefficients without it, in units of their error.
    possible : tuple of Possible
        Values of the variances that ``mse`` and ``covariance`` are averages over; none: the estimated ones alone.
    """

    y: np.ndarray
    x: np.ndarray
    sampling: np.ndarray
    beta: np.ndarray
    beta_covariance: np.ndarray
    variances: np.ndarray
    variances_covariance: np.ndarray
    adjusted: bool
    fixed: np.ndarray
    value: np.ndarray
    mse: np.ndarray
    covariance: np.ndarray
    parts: tuple[np.ndarray, np.ndarray, np.ndarray]
    kept: np.ndarray
    residuals: np.ndarray
    influence: np.ndarray
    possible: tuple[Possible, ...] = ()


@dataclass(frozen=True, eq=False)
class Best:
    """Best predictions at given variances: ``towards`` is how much each direct value counts in each prediction."""

    beta: np.ndarray
    beta_covariance: np.ndarray
    fixed: np.ndarray
    value: np.ndarray
    towards: np.ndarray
    g1: np.ndarray
    g2: np.ndarray
    loglik: float


@dataclass(frozen=True, eq=False)
class _Projection:
    """What the restricted likelihood at given variances is made from."""

    inverse: np.ndarray
    p: np.ndarray
    s: np.ndarray
    beta: np.ndarray
    loglik: float


def fit(y: np.ndarray, x: np.ndarray, sampling: np.ndarray, effects: Sequence[np.ndarray]) -> Fit:
    """Fit the model by restricted maximum likelihood; where all its variances are 0, by an adjusted one.

    Parameters
    ----------
    y, x, sampling : ndarray
        Direct values (m), covariates with the constant (m, p), and the known covariance R of sampling errors (m, m).
    effects : sequence of ndarray
        The matrices G_k: one for areas, and with several waves one for areas and one for area × wave.

    Raises
    ------
    AreaError
        If the likelihood has no maximum that can be found, or the covariates determine each other.

    Notes
    -----
    R. E. Fay & R. A. Herriot, *JASA* 74 (1979) 269–277; mean squared error: G. S. Datta & P. Lahiri, *Statistica
    Sinica* 10 (2000) 613–627, for several components J. N. K. Rao & I. Molina, *Small Area Estimation*, 2015,
    5.3. Adjustment: M. Yoshimori & P. Lahiri, *J. Multivariate Anal.* 124 (2014) 281–294: the restricted likelihood
    times ``arctan(tr(G V⁻¹))^(1/m)``, which is largest above 0.
    """
    if np.linalg.matrix_rank(x, tol=ALIKE * np.linalg.norm(x)) < x.shape[1]:
        raise AreaError("the covariates determine each other; leave one out")
    sigma = reml(y, x, sampling, effects)
    adjusted = not sigma.any()
    if adjusted and x.shape[1] > 1:
        sigma = _adjusted(y, x, sampling, effects)
    return _predicted(y, x, sampling, effects, sigma, adjusted)


def reml(y: np.ndarray, x: np.ndarray, sampling: np.ndarray, effects: Sequence[np.ndarray]) -> np.ndarray:
    """Return the variances that maximise the restricted likelihood, by Fisher scoring; none is below 0."""
    sigma = np.full(len(effects), np.trace(sampling) / len(y))
    now = _project(y, x, sampling, effects, sigma)
    for _ in range(MOST_STEPS):
        score, information = _score(y, now, effects), _information(now, effects)
        free = (sigma > 0) | (score > 0)
        if not free.any():
            return sigma
        step = np.zeros_like(sigma)
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        moved, then = _ascend(y, x, sampling, effects, sigma, step, now)
        # a variance far below the sampling errors is not known to more figures than they are
        change = np.abs(moved - sigma).max() / (np.abs(moved).max() + np.trace(sampling) / len(y) * 0.1)
        sigma, now = moved, then
        if change < PRECISE:
            return sigma
    raise AreaError("the between-area variance could not be found: the likelihood has no clear maximum")


def _ascend(
    y: np.ndarray,
    x: np.ndarray,
    sampling: np.ndarray,
    effects: Sequence[np.ndarray],
    sigma: np.ndarray,
    step: np.ndarray,
    now: _Projection,
) -> tuple[np.ndarray, _Projection]:
    """Return the variances after a step, halved until the likelihood does not fall and the step ends near its top."""
    score = _score(y, now, effects)
    while True:
        moved = np.maximum(sigma + step, 0.0)
        then = _project(y, x, sampling, effects, moved)
        before, after = score @ (moved - sigma), _score(y, then, effects) @ (moved - sigma)
        # a slope turned round and no flatter than half of what it was: the next step would come back here
        beyond = before > 0 and after < -before / 2
        if not (then.loglik < now.loglik - 1e-9 or beyond):
            return moved, then
        step = step / 2


def _project(
    y: np.ndarray, x: np.ndarray, sampling: np.ndarray, effects: Sequence[np.ndarray], sigma: np.ndarray
) -> _Projection:
    v = sampling + _between(sampling, effects, sigma)
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    s = np.linalg.inv(information)
    p = inverse - inverse @ x @ s @ x.T @ inverse
    loglik = -0.5 * (np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + y @ p @ y)
    return _Projection(inverse, p, s, s @ (x.T @ inverse @ y), float(loglik))


def _score(y: np.ndarray, at: _Projection, effects: Sequence[np.ndarray]) -> np.ndarray:
    """Return the first derivatives of the restricted likelihood."""
    py = at.p @ y
    return np.array([0.5 * (py @ g @ py - np.sum(at.p * g)) for g in effects])


def _information(at: _Projection, effects: Sequence[np.ndarray]) -> np.ndarray:
    """Return the expected information of the restricted likelihood."""
    pg = [at.p @ g for g in effects]
    return 0.5 * np.array([[np.sum(one * other.T) for other in pg] for one in pg])


def _adjusted(
    y: np.ndarray, x: np.ndarray, sampling: np.ndarray, effects: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the variances that maximise the adjusted restricted likelihood."""
    from scipy.optimize import minimize, minimize_scalar

    typical, m = np.trace(sampling) / len(y), len(y)

    def loss(logs: np.ndarray) -> float:
        sigma = typical * np.exp(np.atleast_1d(logs))
        at = _project(y, x, sampling, effects, sigma)
        shared = sum(s * np.sum(g * at.inverse) for s, g in zip(sigma, effects, strict=True))
        return -at.loglik - np.log(np.arctan(shared)) / m

    if len(effects) == 1:
        found = minimize_scalar(loss, bounds=(-18.0, 5.0), method="bounded", options={"xatol": 1e-10})
    else:
        found = minimize(
            loss, np.full(len(effects), -3.0), method="Nelder-Mead", bounds=[(-18, 5)] * len(effects)
        )
    return typical * np.exp(np.atleast_1d(found.x))


def _predicted(
    y: np.ndarray,
    x: np.ndarray,
    sampling: np.ndarray,
    effects: Sequence[np.ndarray],
    sigma: np.ndarray,
    adjusted: bool,
) -> Fit:
    at = _project(y, x, sampling, effects, sigma)
    best = _best(y, x, sampling, effects, sigma, at)
    g1, g2, towards, fixed = best.g1, best.g2, best.towards, best.fixed
    spread = np.linalg.inv(_information(at, effects))
    moves = [one @ at.inverse - towards @ one @ at.inverse for one in effects]
    v = _between(sampling, effects, sigma) + sampling
    g3 = sum(
        spread[k, j] * np.einsum("ij,jk,ik->i", moves[k], v, moves[j])
        for k in range(len(effects))
        for j in range(len(effects))
    )
    mse = np.diag(g1) + np.diag(g2) + 2 * g3
    errors = g1 + g2 + np.diag(2 * g3)
    error_of = v - x @ at.s @ x.T
    own = np.diag(at.p)
    leverage = at.inverse @ x @ at.s
    cook = np.einsum("ij,jk,ik->i", leverage, np.linalg.inv(at.s), leverage) * (at.p @ y / own) ** 2
    return Fit(
        y, x, sampling, at.beta, at.s, sigma, spread, adjusted, fixed, best.value, mse, errors,
        (np.diag(g1), np.diag(g2), g3), np.diag(towards), (y - fixed) / np.sqrt(np.diag(error_of)),
        cook / x.shape[1],
    )  # fmt: skip


def _between(sampling: np.ndarray, effects: Sequence[np.ndarray], sigma: np.ndarray) -> np.ndarray:
    """Return the covariance of the true values."""
    return sum((s * g for s, g in zip(sigma, effects, strict=True)), np.zeros_like(sampling))


def at_variances(
    y: np.ndarray, x: np.ndarray, sampling: np.ndarray, effects: Sequence[np.ndarray], sigma: np.ndarray
) -> Best:
    """Return the best predictions at given variances, with the restricted likelihood that those have."""
    return _best(y, x, sampling, effects, sigma, _project(y, x, sampling, effects, sigma))


def _best(
    y: np.ndarray,
    x: np.ndarray,
    sampling: np.ndarray,
    effects: Sequence[np.ndarray],
    sigma: np.ndarray,
    at: _Projection,
) -> Best:
    g = _between(sampling, effects, sigma)
    towards = g @ at.inverse
    left, fixed = x - towards @ x, x @ at.beta
    value = fixed + towards @ (y - fixed)
    return Best(at.beta, at.s, fixed, value, towards, g - towards @ g, left @ at.s @ left.T, at.loglik)


def predict(fitted: Fit, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the synthetic values of areas without sample, and their mean squared errors."""
    value = x @ fitted.beta
    whole = Possible(1.0, fitted.beta, fitted.beta_covariance, float(fitted.variances.sum()))
    error = np.zeros(len(x))
    for one in fitted.possible or (whole,):
        own = np.einsum("ij,jk,ik->i", x, one.beta_covariance, x)
        error += one.share * (own + one.variance + (x @ one.beta - value) ** 2)
    return value, error


# ------------------------------------------------------------------------------------------------- bootstrap


def bootstrap(fitted: Fit, effects: Sequence[np.ndarray], draws: int, seed: int) -> np.ndarray:
    """Return the mean squared error of each prediction over parametric bootstraps.

    True values and direct values are drawn from the fitted model, and the model fitted anew to each draw (W. González-
    Manteiga *et al.*, *J. Statist. Comput. Simul.* 78 (2008) 443–462).
    """
    random = np.random.default_rng(seed)
    m = len(fitted.y)
    roots = [_root(_between(fitted.sampling, effects, fitted.variances)), _root(fitted.sampling)]
    truth = fitted.fixed + random.standard_normal((draws, m)) @ roots[0].T
    direct = truth + random.standard_normal((draws, m)) @ roots[1].T
    if len(effects) == 1 and np.array_equal(effects[0], np.eye(m)) and _diagonal(fitted.sampling):
        found = _many(direct, fitted.x, fitted.sampling, effects)
    else:
        found = np.array([fit(one, fitted.x, fitted.sampling, effects).value for one in direct])
    return np.asarray(((found - truth) ** 2).mean(axis=0))


def _root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def _diagonal(matrix: np.ndarray) -> bool:
    return not np.any(matrix - np.diag(np.diag(matrix)))


def _many(
    direct: np.ndarray, x: np.ndarray, sampling: np.ndarray, effects: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the predictions for many draws of independent areas at once."""
    d = np.diag(sampling)
    a = reml_of_many(direct, x, d)
    for one in np.flatnonzero(a == 0) if x.shape[1] > 1 else ():
        a[one] = _adjusted(direct[one], x, sampling, effects)[0]
    w = 1 / (a[:, None] + d)
    beta = np.linalg.solve(_crossed(w, x), ((w * direct) @ x)[..., None])[..., 0]
    fixed = beta @ x.T
    return np.asarray(fixed + a[:, None] * w * (direct - fixed))


def _crossed(w: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return X'WX for each row of weights."""
    return np.asarray(
        (w @ (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)).reshape(-1, x.shape[1], x.shape[1])
    )


def reml_of_many(direct: np.ndarray, x: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Return the between-area variance of each row of ``direct``, areas being independent with variances ``d``."""
    a = np.full(len(direct), d.mean())
    moving = np.ones(len(direct), dtype=bool)
    for _ in range(STEPS_TOGETHER):
        w = 1 / (a[:, None] + d)
        s, two, three = (_crossed(w**k, x) for k in (1, 2, 3))
        inverse = np.linalg.inv(s)
        beta = np.einsum("bjk,bk->bj", inverse, (w * direct) @ x)
        py = w * (direct - beta @ x.T)
        trace = w.sum(axis=1) - np.einsum("bjk,bkj->b", inverse, two)
        half = inverse @ two
        squared = (
            (w**2).sum(axis=1)
            - 2 * np.einsum("bjk,bkj->b", inverse, three)
            + np.einsum("bjk,bkj->b", half, half)
        )
        moved = np.maximum(a + ((py**2).sum(axis=1) - trace) / squared, 0.0)
        moving = np.abs(moved - a) >= 1e-10 * d.mean()
        a = moved
        if not moving.any():
            break
    for one in np.flatnonzero(moving):
        a[one] = reml(direct[one], x, np.diag(d), [np.eye(len(d))])[0]
    return a
