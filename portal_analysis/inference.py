"""What both wings reckon alike: Wilson's limits of a share, and p-values adjusted for their number.

Takes and hands on arrays; what is missing stays missing.
"""

from __future__ import annotations

import numpy as np

ADJUSTMENTS = {"holm": "holm", "bh": "fdr_bh"}
"""How p-values are adjusted, and what statsmodels calls it."""


def score_limits(p: np.ndarray, n: np.ndarray, z: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of a share ``p`` of ``n`` at the quantile ``z`` of its statistic.

    Notes
    -----
    ``(p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)`` (E. Wilson, *JASA* 22 (1927) 209–212). At 0 and at 1 the
    limit is exactly that; subtraction would leave it a rounding error off.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, spread = p + z**2 / (2 * n), 1 + z**2 / n
        half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        low, high = (centre - half) / spread, (centre + half) / spread
    known = ~np.isnan(low)
    return np.where(known & (p <= 0), 0.0, np.clip(low, 0, 1)), np.where(
        known & (p >= 1), 1.0, np.clip(high, 0, 1)
    )


def adjusted(p_values: np.ndarray, how: str) -> np.ndarray:
    """Return p-values adjusted by Holm's (1979) or Benjamini and Hochberg's (1995) method, as R's ``p.adjust``.

    Missing ones are no tests: they stay missing and do not count.
    """
    from statsmodels.stats.multitest import multipletests

    out, known = np.full(len(p_values), np.nan), ~np.isnan(p_values)
    if known.any():
        out[known] = multipletests(p_values[known], method=ADJUSTMENTS[how])[1]
    return out
