"""Shortcomings that portals have together: every pair with its fourfold table, and whether it is more than chance.

Hands on ESTIMATES of co-occurrence.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.audit.defects import (
    Settings,
    check_settings,
    defects,
    portal_has,
    shortcoming_list,
    with_codebook,
)
from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.shares import finish
from portal_analysis.inference import adjusted


def co_occurrence(
    audit: Audit,
    scheme: str = "article",
    rule: str = "any",
    threshold: float = 0.5,
    codebook: pd.DataFrame | None = None,
    version: str | None = None,
    partly: float = 0.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    unaudited: str = "undecided",
) -> pd.DataFrame:
    """Count the portals that have two shortcomings together, for every pair.

    Shortcomings that come together may have one cause, and be mended at once.

    Parameters
    ----------
    audit, scheme, threshold, codebook, version, partly, consensus, roll_up, unaudited
        As in :func:`shortcomings`.
    rule : {"any", "share", "severity"}

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``co-occurrence`` and the domains ``round, shortcoming,
        with_shortcoming`` (both orders and the diagonal: a full square). ``count`` portals have both, of
        ``base`` for which both are decided. Extras: ``first_only, second_only, neither``, ``jaccard`` (both
        / at least one), ``phi``, ``p_value`` (Fisher's exact test, two-sided) and ``p_holm`` (Holm over the
        pairs of a round that have one).

    Notes
    -----
    R. Fisher, *Statistical Methods for Research Workers*, 5th ed. 1934, § 21.02; S. Holm, *Scand. J. Statist.* 6
    (1979) 65–70; P. Jaccard, *New Phytologist* 11 (1912) 37–50. A pair in which everybody or nobody has one of the
    two has no test: its p-value would be 1 whatever the portals were like, so it is left missing.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> together = pa.co_occurrence(latest)
    >>> print(together[["shortcoming", "with_shortcoming", "count", "base"]].head(3).to_string(index=False))
    shortcoming with_shortcoming  count  base
             S1               S1   51.0    63
             S1               S2   32.0    63
             S1               S3   50.0    63
    """
    settings = Settings(scheme, version, threshold, partly, consensus, roll_up, unaudited)
    check_settings(settings, rule, None)
    audit = with_codebook(audit, codebook)
    listed = shortcoming_list(audit, scheme)
    parts = [
        _square(each.round, portal_has(each, settings)[rule], listed) for each in defects(audit, settings)
    ]
    rows = pd.concat(parts, ignore_index=True).assign(rule=rule, scheme=scheme)
    return finish(audit, rows, ["round", "shortcoming", "with_shortcoming"])


def _square(when: str, has: np.ndarray, listed: pd.DataFrame) -> pd.DataFrame:
    """Every ordered pair of shortcomings of a round with its fourfold table."""
    names = listed["shortcoming"].tolist()
    rows = []
    for first, one in enumerate(names):
        for second, other in enumerate(names):
            known = ~np.isnan(has[first]) & ~np.isnan(has[second])
            a, b = has[first][known] == 1, has[second][known] == 1
            cells = [int(np.sum(each)) for each in (a & b, a & ~b, ~a & b, ~a & ~b)]
            rows.append((when, one, other, *cells))
    columns = ["round", "shortcoming", "with_shortcoming", "count", "first_only", "second_only", "neither"]
    table = pd.DataFrame(rows, columns=columns).assign(indicator="co-occurrence", unit="proportion")
    table["counted"] = "portals"
    four = table[["count", "first_only", "second_only", "neither"]].astype(float)
    table["base"] = table["n"] = four.sum(axis=1).astype(int)
    table["estimate"] = four["count"] / table["base"].where(table["base"] > 0)
    either = four.drop(columns="neither").sum(axis=1)
    table["jaccard"] = four["count"] / either.where(either > 0)
    tests = [_association(row) for row in four.itertuples(index=False)]
    table["phi"] = [phi for phi, _ in tests]
    table["p_value"] = np.where(
        table["shortcoming"] == table["with_shortcoming"], np.nan, [p for _, p in tests]
    )
    table["p_holm"] = _holm(table)
    four_counts = ["count", "first_only", "second_only", "neither"]
    return table.assign(**{name: four[name].where(table["base"] > 0) for name in four_counts})


def _association(cells: Any) -> tuple[float, float]:
    """Phi and Fisher's exact p of a fourfold table; missing if a margin is empty."""
    from scipy import stats

    both, first, second, neither = cells
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if margins == 0:
        return np.nan, np.nan
    p_value = stats.fisher_exact([[both, first], [second, neither]]).pvalue
    return (both * neither - first * second) / np.sqrt(margins), float(p_value)


def _holm(table: pd.DataFrame) -> pd.Series:
    """Holm's adjusted p over the unordered pairs of a round, given to both orders."""
    once = table[(table["shortcoming"] < table["with_shortcoming"]) & table["p_value"].notna()]
    pairs = zip(once["shortcoming"], once["with_shortcoming"], strict=True)
    grown = adjusted(once["p_value"].to_numpy(dtype=float), "holm")
    found = {frozenset(pair): p for pair, p in zip(pairs, grown, strict=True)}
    keys = zip(table["shortcoming"], table["with_shortcoming"], strict=True)
    return pd.Series([found.get(frozenset(key), np.nan) for key in keys], index=table.index)
