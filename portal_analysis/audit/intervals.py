"""Intervals for counts of portals, each for one named error.

Hands on bounds and standard errors; formulas and sources stand in
:func:`portal_analysis.audit.shares.shares`.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import MOST_DRAWS, is_share, is_whole
from portal_analysis.audit.consensus import Votes, decide
from portal_analysis.audit.judgements import AUDITED, OUTCOMES, AuditError
from portal_analysis.inference import score_limits


@dataclass(frozen=True)
class Asked:
    """What interval was asked for, and what it needs to know."""

    interval: str | None
    at_least: str | None = None
    consensus: str = "majority"
    level: float = 0.95
    replicates: int = 1000
    seed: int = 20230711
    of: Any = None


def check_level(level: float) -> None:
    """Refuse a level that is no probability.

    Raises
    ------
    AuditError
        If it is no number above 0 and below 1.
    """
    if not is_share(level):
        raise AuditError(f"level is {level!r}; it is a probability between 0 and 1, such as 0.95")


def check_draws(name: str, draws: int, least: int, why: str) -> None:
    """Refuse a number of draws that is none, or too small or large to be drawn.

    Raises
    ------
    AuditError
        If it is no whole number from the least to :data:`~portal_analysis.arguments.MOST_DRAWS`.
    """
    if not is_whole(draws, least, MOST_DRAWS):
        raise AuditError(f"{name} is {draws!r}; {why} at least {least}, and at most {MOST_DRAWS:,}")


def check_seed(seed: Any) -> None:
    """Refuse what no random numbers can begin with.

    Raises
    ------
    AuditError
        If numpy takes no seed of the kind.
    """
    try:
        np.random.SeedSequence(seed)
    except (TypeError, ValueError):
        raise AuditError(f"seed is {seed!r}; it is a whole number, 0 or above") from None


def wilson(count: Any, base: Any, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's score interval for ``count`` of ``base``; NaN where ``base`` is 0."""
    check_level(level)
    n = np.where(np.asarray(base) > 0, np.asarray(base, dtype=float), np.nan)
    return score_limits(np.asarray(count, dtype=float) / n, n, NormalDist().inv_cdf(0.5 + level / 2))


def worst_and_best(count: Any, base: Any, unknown: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the share if every unknown unit failed to reach the level, and if every one reached it."""
    x, n, u = (np.asarray(part, dtype=float) for part in (count, base, unknown))
    total = np.where(n + u > 0, n + u, np.nan)
    return x / total, (x + u) / total


def of_trials(chance: Any, level: float) -> tuple[float, float, float]:
    """Return the standard error and the limits of the share of successes in independent, unequal trials.

    The limits are quantiles of the Poisson–binomial distribution of the count, over the number of trials.
    """
    p = np.asarray(chance, dtype=float)
    mass = np.ones(1)
    for one in p:
        mass = np.convolve(mass, [1 - one, one])
    below = mass.cumsum()
    low = int(np.searchsorted(below, 0.5 - level / 2 - 1e-12))
    high = int(np.searchsorted(below, 0.5 + level / 2 - 1e-12))
    return float(np.sqrt((p * (1 - p)).sum()) / len(p)), low / len(p), min(high, len(p)) / len(p)


def pages(cast: Votes, number: np.ndarray, n_groups: int, level: float) -> dict[str, np.ndarray]:
    """Return ``se, ci_low, ci_high, df`` of the mean share of pages met, pages sampled within portals.

    A group in which some portal has one audited page only has no standard error: nothing says how its pages
    vary.
    """
    from scipy import stats

    table = cast.table[cast.table["pages"] > 0]
    portal = table.groupby(["pair", "portal"]).agg(share=("share_met", "mean"), pages=("pages", "max"))
    portal = portal.reset_index()
    portal["group"] = number[portal["portal"].to_numpy()]
    varying = portal["share"] * (1 - portal["share"])
    portal["variance"] = varying / (portal["pages"] - 1).where(portal["pages"] > 1)
    portal["df"] = portal["pages"] - 1
    sums = portal.groupby(["pair", "group"]).agg(
        mean=("share", "mean"), n=("share", "size"), df=("df", "sum"), single=("pages", "min")
    )
    total = portal.groupby(["pair", "group"])["variance"].sum()
    grid = pd.MultiIndex.from_product([range(len(cast.pairs)), range(n_groups)], names=["pair", "group"])
    sums, total = sums.reindex(grid), total.reindex(grid)
    se = (np.sqrt(total) / sums["n"]).where(sums["single"] > 1)
    half = se * stats.t.ppf(0.5 + level / 2, sums["df"].where(sums["df"] > 0))
    return {
        "se": se.to_numpy(),
        "ci_low": (sums["mean"] - half).clip(lower=0).to_numpy(),
        "ci_high": (sums["mean"] + half).clip(upper=1).to_numpy(),
        "df": sums["df"].where(se.notna()).to_numpy(dtype=float),
    }


def assessors(
    cast: Votes, accepted: np.ndarray, number: np.ndarray, n_groups: int, asked: Asked
) -> dict[str, np.ndarray]:
    """Return ``se, ci_low, ci_high`` of each share by a bootstrap over the assessors of each criterion.

    Parameters
    ----------
    cast : Votes
    accepted : ndarray of bool, shape (pairs, numbers, verdicts)
        Which verdicts each number counts.
    number : ndarray of int, shape (portals,)
        The group of each portal.
    n_groups : int
    asked : Asked

    Returns
    -------
    dict of ndarray
        Flattened from (pairs, groups, numbers); NaN for a criterion with fewer than two assessors.
    """
    random = np.random.default_rng(asked.seed)
    shape = (len(cast.pairs), n_groups, accepted.shape[1])
    found = {name: np.full(shape, np.nan) for name in ("se", "ci_low", "ci_high")}
    member = (number[:, None] == np.arange(n_groups)).astype(float)
    tails = (0.5 - asked.level / 2, 0.5 + asked.level / 2)
    for pair in range(len(cast.pairs)):
        ballots = cast.table[cast.table["pair"].to_numpy() == pair]
        voters, place = np.unique(ballots["assessor"], return_inverse=True)
        if len(voters) < 2:
            continue
        ballot = np.zeros((len(voters), len(cast.portals), len(OUTCOMES)))
        ballot[place, ballots["portal"], ballots["verdict"]] = 1
        weights = random.multinomial(
            len(voters), np.full(len(voters), 1 / len(voters)), size=asked.replicates
        )
        verdict, _ = decide(np.tensordot(weights, ballot, axes=1), asked.consensus)
        replicates = _shares_of(verdict, accepted[pair], member)
        known = (~np.isnan(replicates)).sum(axis=0) > 1
        filled = np.where(known, replicates, 0.0)  # numpy would warn about what is empty in every replicate
        found["se"][pair] = np.where(known, np.nanstd(filled, axis=0, ddof=1), np.nan)
        bounds = np.where(known, np.nanquantile(filled, tails, axis=0), np.nan)
        found["ci_low"][pair], found["ci_high"][pair] = bounds
    return {name: values.ravel() for name, values in found.items()}


def _shares_of(verdict: np.ndarray, accepted: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Shares (replicates, groups, numbers) from verdicts (replicates, portals); NaN where none is audited."""
    audited = (verdict < len(AUDITED)).astype(float) @ member
    reached = accepted[:, verdict].astype(float) @ member
    return np.moveaxis(reached, 0, -1) / np.where(audited > 0, audited, np.nan)[..., None]
