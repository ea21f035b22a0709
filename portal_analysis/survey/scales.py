"""Scales on which rates of areas are modelled: there and back, with what the way back does to a mean and an error.

Hands on :data:`SCALES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NODES = 40


@dataclass(frozen=True)
class Scale:
    """A scale of rates.

    Attributes
    ----------
    name, interval : str
    forward : callable
        From rates, effective sample sizes and the national rates to values and sampling variances.
    back : callable
        From values to rates; what lies beyond the scale's ends becomes 0 or 1.
    moments : callable
        Mean and standard deviation of the rate of a normal value with a variance.
    """

    name: str
    interval: str
    forward: Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    back: Callable[[np.ndarray], np.ndarray]
    moments: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

    def rate(self, value: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return the mean rate of normal values."""
        return self.moments(value, variance)[0]

    def spread(self, value: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return the standard deviation of the rates of normal values."""
        return self.moments(value, variance)[1]


def _to_arcsine(p: np.ndarray, n: np.ndarray, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """F. J. Anscombe (*Biometrika* 35 (1948) 246–254): the variance hardly depends on the rate, also near 0."""
    return np.arcsin(np.sqrt((p * n + 0.375) / (n + 0.75))), 1 / (4 * n + 2)


def _from_arcsine(value: np.ndarray) -> np.ndarray:
    return np.asarray(np.sin(np.clip(value, 0.0, np.pi / 2)) ** 2)


def _arcsine_moments(value: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of sin² of a normal value: closed, by the cosine's characteristic function."""
    one = np.exp(-2 * variance) * np.cos(2 * value)
    two = np.exp(-8 * variance) * np.cos(4 * value)
    mean = (1 - one) / 2
    return mean, np.sqrt(np.maximum((3 - 4 * one + two) / 8 - mean**2, 0.0))


def _to_logit(p: np.ndarray, n: np.ndarray, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """J. B. S. Haldane's half answer added to yes and no; the variance at the national rate."""
    yes = p * n
    return np.log((yes + 0.5) / (n - yes + 0.5)), 1 / (n * rate * (1 - rate))


def _from_logit(value: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-value)))


def _logit_moments(value: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the inverse logit of a normal value, by Gauss–Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    rates = _from_logit(value[..., None] + np.sqrt(variance)[..., None] * nodes)
    weights = weights / weights.sum()
    mean = rates @ weights
    return mean, np.sqrt(np.maximum((rates**2) @ weights - mean**2, 0.0))


SCALES = {
    "arcsine": Scale("arcsine", "asin", _to_arcsine, _from_arcsine, _arcsine_moments),
    "logit": Scale("logit", "logit", _to_logit, _from_logit, _logit_moments),
}
