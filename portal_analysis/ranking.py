"""Ranks over many draws: how sure each rank is, who stands above whom, and which bands cannot be told apart.

Takes draws of scores, the higher the better; hands on plain arrays. Portals and provinces are ranked by the same code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

SURE = 0.95
"""So sure one must stand above another to open a new band."""


@dataclass(eq=False)
class Tally:
    """Ranks and wins of some units, counted draw by draw."""

    units: int
    ranks: list[np.ndarray] = field(default_factory=list)
    wins: np.ndarray = field(init=False)
    draws: int = 0

    def __post_init__(self) -> None:
        self.wins = np.zeros((self.units, self.units))

    def add(self, scores: np.ndarray) -> None:
        """Count the draws of ``scores`` (draws, units); equal scores share half a win, a missing one has no rank."""
        gap = scores[:, :, None] - scores[:, None, :]
        higher = (gap < 0).sum(axis=2)
        self.ranks.append(np.where(np.isnan(scores), np.nan, higher + 1.0).astype(np.float32))
        self.wins += (gap > 0).sum(axis=0) + 0.5 * (gap == 0).sum(axis=0)
        self.draws += len(scores)

    @property
    def above(self) -> np.ndarray:
        """The chance of each unit to stand above each other one."""
        return self.wins / self.draws

    def summary(self, level: float, top: int) -> pd.DataFrame:
        """Return percentiles and mean of each unit's rank, and the chance to be among the first ``top``."""
        rank = np.concatenate(self.ranks)
        known = ~np.isnan(rank).all(axis=0)
        filled = np.where(known, rank, 0.0)
        tails = (0.5 - level / 2, 0.5, 0.5 + level / 2)
        low, middle, high = np.nanquantile(filled, tails, axis=0)
        told = {"ci_low": low, "ci_high": high, "median": middle, "mean": np.nanmean(filled, axis=0)}
        told["p_top"] = (filled <= top).mean(axis=0)
        return pd.DataFrame({name: np.where(known, values, np.nan) for name, values in told.items()})


def bands(above: np.ndarray, sure: float = SURE) -> np.ndarray:
    """Give numbers to the bands of units, best first: a new one starts where the first of a band is surely above."""
    band, first = np.ones(len(above)), 0
    for place in range(1, len(above)):
        if above[first, place] >= sure:
            first = place
            band[place] = band[place - 1] + 1
        else:
            band[place] = band[place - 1]
    return band
