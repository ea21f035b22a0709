"""The steps of a composite index as arithmetic: put on one scale, weigh, put together, rank.

Takes arrays (any draws × portals × parts); hands on arrays. No tables, no audits. The steps and their names are
those of the OECD and JRC (*Handbook on Constructing Composite Indicators*, 2008); the numbers equal R's COINr.
"""

from __future__ import annotations

import numpy as np

from portal_analysis.audit.judgements import AuditError

NORMALISATIONS = ("level", "met", "minmax", "zscore", "rank", "goalposts")
"""``level``: the place of the level, worst 0 and best 1; ``met``: 1 if the criterion is met; ``minmax``: 0 and 1 for
the lowest and highest portal; ``zscore``: mean 0 and standard deviation 1; ``rank``: 1 for the lowest portal, ties
the lower rank; ``goalposts``: 0 and 1 at given values, cut there."""

AGGREGATIONS = ("arithmetic", "geometric", "copeland")
"""How groups become the index; criteria within a group are always averaged, so that one 0 is no veto there."""

ZEROS = ("raise", "offset")
"""What a geometric mean does with a group score of 0 or less: refuse, or add an offset to all scores first."""


def normalise(
    values: np.ndarray, kind: str = "minmax", goalposts: tuple[float, float] = (0.0, 1.0)
) -> np.ndarray:
    """Put the parts (last axis) of portals (last but one) on one scale; NaN stays NaN.

    A part on which all portals are alike has no spread: it is NaN under ``minmax`` and ``zscore``.
    """
    if kind in ("level", "met"):
        return values
    if kind == "goalposts":
        low, high = goalposts
        if low == high:
            raise AuditError(f"goalposts {goalposts} are the same value; they are (worst, best)")
        return np.clip((values - low) / (high - low), 0, 1)
    if kind == "rank":
        below = (values[..., None, :, :] < values[..., :, None, :]).sum(axis=-2) + 1.0
        return np.where(np.isnan(values), np.nan, below)
    if kind not in NORMALISATIONS:
        raise AuditError(f"normalise is {kind!r}; it can be {', '.join(NORMALISATIONS)}")
    known = ~np.isnan(values)
    n = known.sum(axis=-2, keepdims=True)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        if kind == "minmax":
            low = np.where(known, values, np.inf).min(axis=-2, keepdims=True)
            high = np.where(known, values, -np.inf).max(axis=-2, keepdims=True)
            return np.where(high > low, (values - low) / (high - low), np.nan)
        mean = filled.sum(axis=-2, keepdims=True) / n
        sd = np.sqrt((np.where(known, values - mean, 0.0) ** 2).sum(axis=-2, keepdims=True) / (n - 1))
        return np.where(sd > 0, (values - mean) / sd, np.nan)


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean over the parts (last axis), weights shared out among those that are known."""
    known = ~np.isnan(values)
    total = (known * weights).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (np.where(known, values, 0.0) * weights).sum(axis=-1) / total, np.nan)


def aggregate(
    values: np.ndarray,
    weights: np.ndarray,
    kind: str = "arithmetic",
    zeros: str = "raise",
    offset: float = 0.01,
) -> np.ndarray:
    """Put the parts (last axis) of each portal (last but one) together.

    Parameters
    ----------
    values : ndarray, shape (…, portals, parts)
    weights : ndarray, shape (…, parts)
    kind : {"arithmetic", "geometric", "copeland"}
    zeros : {"raise", "offset"}
        Of the geometric mean: ``offset`` is added to every value first and taken off the result.
    offset : float

    Raises
    ------
    AuditError
        If a geometric mean meets a value of 0 or less and may not add an offset.

    Notes
    -----
    ``Σ w x / Σ w``; ``exp(Σ w log x / Σ w)``; Copeland: the number of portals that one outranks less those that
    outrank it, a outranking b where the weights of the parts on which it is higher, and half of those on which they
    are equal, exceed one half.
    """
    each = weights[..., None, :]
    if kind == "arithmetic":
        return weighted_mean(values, each)
    if kind == "copeland":
        return _copeland(values, weights)
    if kind != "geometric":
        raise AuditError(f"aggregation is {kind!r}; it can be {', '.join(AGGREGATIONS)}")
    if zeros not in ZEROS:
        raise AuditError(f"zeros is {zeros!r}; it can be {', '.join(ZEROS)}")
    shift = offset if zeros == "offset" else 0.0
    if (values + shift <= 0).any():
        raise AuditError(
            "a geometric mean has no value where a group score is 0 or less; take zeros='offset', which adds "
            "a small number to every score and says so, or aggregation='arithmetic'"
        )
    return np.exp(weighted_mean(np.log(values + shift), each)) - shift


def _copeland(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    share = weights / weights.sum(axis=-1, keepdims=True)
    won = np.zeros((*values.shape[:-1], values.shape[-2]))
    for part in range(values.shape[-1]):
        one = values[..., part]
        gap = one[..., :, None] - one[..., None, :]
        won += share[..., part, None, None] * np.where(gap > 0, 1.0, np.where(gap == 0, 0.5, 0.0))
    outranks = np.where(np.abs(won - 0.5) < 1e-12, 0.0, np.sign(won - 0.5))
    outranks[..., np.arange(values.shape[-2]), np.arange(values.shape[-2])] = 0.0
    # with an unknown part neither may reach one half; what is won is compared with what the other wins
    return np.where(np.isnan(values).all(axis=-1), np.nan, outranks.sum(axis=-1))


def ranks_of(scores: np.ndarray) -> np.ndarray:
    """Return ranks along the last axis: 1 the highest, ties the better rank, NaN where there is no score."""
    tidy = np.round(scores, 12)
    above = (tidy[..., None, :] > tidy[..., :, None]).sum(axis=-1) + 1.0
    return np.where(np.isnan(scores), np.nan, above)


def first_component(values: np.ndarray) -> np.ndarray:
    """Return weights from the first principal component of the parts' correlations: squared loadings.

    Raises
    ------
    AuditError
        If fewer than two parts vary, or too few portals are complete.
    """
    complete = values[~np.isnan(values).any(axis=-1)]
    if len(complete) < 3 or (complete.std(axis=0) > 0).sum() < 2:
        raise AuditError("weights='pca' needs three complete portals and two groups that vary; take 'equal'")
    varies = complete.std(axis=0) > 0
    _, vectors = np.linalg.eigh(np.corrcoef(complete[:, varies], rowvar=False))
    weights = np.zeros(values.shape[-1])
    weights[varies] = vectors[:, -1] ** 2
    return weights
