"""Formulas of inequality measures: functions of the groups' rates and population shares alone.

Hands on arrays; complex steps pass through, so that the engine can differentiate them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from portal_analysis.survey.linear import size
from portal_analysis.survey.trend import line_through

ORDERED = ("difference", "ratio", "sii", "rii", "aci", "rci", "wagstaff", "erreygers", "par", "paf")
"""Measures of groups in an order, from the most to the least disadvantaged."""

UNORDERED = (
    *("difference", "ratio", "mdb", "mdbu", "mdm", "mdmu", "mdr", "mdru"),
    *("bgv", "bgsd", "cov", "idis", "idisu", "theil", "mld", "par", "paf"),
)
"""Measures of groups without an order."""


def measured(
    p: np.ndarray,
    share: np.ndarray,
    wanted: Sequence[str],
    ordered: bool = False,
    base: int | None = None,
    favourable: bool = True,
    link: str = "logit",
) -> np.ndarray:
    """Return measures of rates and population shares of groups in their order.

    Parameters
    ----------
    p, share : ndarray, shape (…, groups)
        Complex steps pass through.
    wanted : sequence of str
    ordered, favourable, link
        As of :func:`inequality`.
    base : int, optional
        The reference group's place.

    Returns
    -------
    ndarray, shape (…, measures)
        ``ratio`` and ``rii`` as logarithms.
    """
    p, share = np.broadcast_arrays(p, share)
    mean = (share * p).sum(axis=-1, keepdims=True)
    best, worst = _best(p, favourable), _best(p, not favourable)
    if ordered:
        best, worst = p[..., -1:], p[..., :1]
    elif base is not None:
        best, worst = p[..., base : base + 1], _best(np.delete(p, base, axis=-1), not favourable)
    high, low = (best, worst) if favourable else (worst, best)
    rank = np.cumsum(share, axis=-1) - share / 2
    aci = (2 * share * p * (rank - 0.5)).sum(axis=-1, keepdims=True)
    own = best if ordered else _best(p, favourable)
    par = np.where((own - mean).real * (1 if favourable else -1) > 0, own - mean, 0.0)
    bgv = (share * (p - mean) ** 2).sum(axis=-1, keepdims=True)
    start = p[..., base : base + 1] if base is not None else own
    relative = np.where(p == 0, 1e-6, p) / mean

    def apart(centre: np.ndarray, weighted: bool) -> np.ndarray:
        distance = size(p - centre)
        return ((share * distance).sum(axis=-1) if weighted else distance.mean(axis=-1))[..., None]

    formulas: dict[str, Callable[[], np.ndarray]] = {
        "difference": lambda: high - low,
        "ratio": lambda: np.log(high / low),
        "sii": lambda: _slope(p, share, rank, link, False),
        "rii": lambda: _slope(p, share, rank, link, True),
        "aci": lambda: aci,
        "rci": lambda: aci / mean,
        "wagstaff": lambda: aci / mean / (1 - mean),
        "erreygers": lambda: 4 * aci,
        "mdb": lambda: apart(own, True),
        "mdbu": lambda: apart(own, False),
        "mdm": lambda: apart(mean, True),
        "mdmu": lambda: apart(mean, False),
        "mdr": lambda: apart(start, True),
        "mdru": lambda: apart(start, False),
        "bgv": lambda: bgv,
        "bgsd": lambda: np.sqrt(bgv),
        "cov": lambda: 100 * np.sqrt(bgv) / mean,
        "idis": lambda: 100 * apart(mean, True) / mean,
        "idisu": lambda: 100 * apart(mean, False) / mean,
        "theil": lambda: 1000 * (share * relative * np.log(relative)).sum(axis=-1, keepdims=True),
        "mld": lambda: -1000 * (share * np.log(relative)).sum(axis=-1, keepdims=True),
        "par": lambda: par,
        "paf": lambda: 100 * par / mean,
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.concatenate([formulas[name]() for name in wanted], axis=-1)


def _best(p: np.ndarray, highest: bool) -> np.ndarray:
    """Return the highest or lowest rate, by its real part."""
    at = (p.real.argmax if highest else p.real.argmin)(axis=-1)
    return np.take_along_axis(p, at[..., None], axis=-1)


def _slope(p: np.ndarray, share: np.ndarray, rank: np.ndarray, link: str, ratio: bool) -> np.ndarray:
    """Return the fitted rate at the top less that at the bottom, or the logarithm of their ratio."""
    intercept, slope = (part[..., None] for part in line_through(share, p, rank, link))
    bottom, top = intercept, intercept + slope
    if link == "logit":
        bottom, top = (1 / (1 + np.exp(-eta)) for eta in (bottom, top))
    return np.log(top / bottom) if ratio else top - bottom
