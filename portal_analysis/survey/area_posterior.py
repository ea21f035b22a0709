"""Errors of a model of areas where its own variance was estimated as 0: averaged over all variances that may be.

Takes a :class:`~portal_analysis.survey.fay_herriot.Fit`; hands it on with other errors, its predictions unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from portal_analysis.survey.fay_herriot import Fit, Possible, at_variances

NODES = {1: 48, 2: 16}
"""Nodes of Gauss–Legendre quadrature in each variance, by the number of variances."""
MIDDLE = 0.3
"""Half of the nodes lie below this share of the mean sampling variance."""


def averaged(fitted: Fit, effects: Sequence[np.ndarray]) -> Fit:
    """Return the fit with the mean squared errors of its predictions under a flat prior of the variances.

    Notes
    -----
    An estimate of 0 does not say that areas are alike, and an error computed as if it did is too small. With a flat
    prior of the variance σ² (and of the coefficients) its posterior density is the restricted likelihood (C. Morris,
    *JASA* 78 (1983) 47–55); with equal sampling variances it is the prior whose posterior variance has the mean squared
    error as its expectation (G. S. Datta, J. N. K. Rao & D. D. Smith, *Biometrika* 92 (2005) 183–196). The error of a
    prediction θ̂ is ``E[(θ − θ̂)²]``: that of the best predictions at each σ², g1 + g2, and how far they are from θ̂.
    """
    typical = float(np.trace(fitted.sampling) / len(fitted.y))
    points, weights = _nodes(len(effects))
    logs, found, errors = [], [], []
    for point in points:
        at = at_variances(fitted.y, fitted.x, fitted.sampling, effects, MIDDLE * typical * point)
        off = at.value - fitted.value
        logs.append(at.loglik)
        errors.append(at.g1 + at.g2 + np.outer(off, off))
        found.append((at.beta, at.beta_covariance, MIDDLE * typical * point.sum()))
    share = weights * np.exp(np.array(logs) - max(logs))
    share /= share.sum()
    covariance = np.einsum("k,kij->ij", share, np.stack(errors))
    possible = [Possible(float(one), *each) for one, each in zip(share, found, strict=True)]
    return replace(fitted, mse=np.diag(covariance).copy(), covariance=covariance, possible=tuple(possible))


def _nodes(variances: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points between 0 and ∞ in each variance, and their weights."""
    u, w = np.polynomial.legendre.leggauss(NODES[variances])
    u, w = (u + 1) / 2, w / 2
    point, weight = u / (1 - u), w / (1 - u) ** 2
    points = np.array(list(product(point, repeat=variances)))
    return points, np.array([np.prod(each) for each in product(weight, repeat=variances)])
