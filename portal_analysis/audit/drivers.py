"""What moves ranks most: the variance of the shift in rank shared out among the choices and errors behind it.

Takes an audit; hands on ESTIMATES of Sobol indices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import handed_on
from portal_analysis.audit import composite
from portal_analysis.audit.index import Sheet
from portal_analysis.audit.intervals import check_draws
from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.montecarlo import Choices, Draw, factors, in_chunks, nominal_score, prepared
from portal_analysis.audit.shares import finish


def rank_drivers(audit: Audit, draws: int = 1024, **choices: Any) -> pd.DataFrame:
    """Say which choice or error moves ranks most: Sobol indices of the mean shift in rank.

    Parameters
    ----------
    audit : Audit
    draws : int
        Base draws; ``(sources + 2)`` times as many indices are computed.
    **choices
        As in :func:`ranks`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicators ``first order`` and ``total`` and the domains ``round`` and ``driver``: the
        share of the variance of the mean absolute shift from the nominal ranks that a source causes alone, and
        together with others. ``se`` is from splitting the draws into 16 parts. Extra: ``shift``, the mean absolute
        shift with all sources drawn.

    Notes
    -----
    A. Saltelli et al., *Comput. Phys. Commun.* 181 (2010) 259–270: first order ``mean(f_B (f_ABi − f_A)) / V``, total
    ``mean((f_A − f_ABi)²) / 2V``. A source is one factor however many numbers it draws, which the estimators allow.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> drivers = pa.rank_drivers(latest, draws=64)
    >>> print(drivers.sort_values("estimate")["driver"].iloc[-1])
    aggregation
    """
    check_draws("draws", draws, 1, "Sobol indices need")
    parts = []
    for sheet, nominal, plan, draw in prepared(
        audit, handed_on(Choices, choices, {"draws": max(draws, 100)})
    ):
        base = composite.ranks_of(nominal_score(sheet, nominal))
        first, second = factors(draw, draws, plan.seed), factors(draw, draws, plan.seed + 1)

        def shift(
            given: dict[str, np.ndarray], sheet: Sheet = sheet, draw: Draw = draw, base: np.ndarray = base
        ) -> Any:
            scores = np.concatenate([draw.scores(one) for one in in_chunks(given)])
            moved = np.abs(composite.ranks_of(scores) - base)
            ranked = np.isfinite(moved).sum(axis=1)
            return np.where(ranked > 0, np.nansum(moved, axis=1) / np.maximum(ranked, 1), np.nan)

        a, b = shift(first), shift(second)
        for source in plan.sources:
            mixed = shift({**first, source: second[source]})
            parts.append(_sobol(a, b, mixed) | {"round": sheet.when, "driver": source, "shift": a.mean()})
    table = pd.DataFrame(parts)
    long = [
        table.assign(indicator=name, estimate=table[key], se=table[f"{key}_se"])
        for name, key in (("first order", "first"), ("total", "total"))
    ]
    rows = pd.concat(long, ignore_index=True).drop(columns=["first", "first_se", "total_se"])
    rows["n"] = rows["base"] = draws
    return finish(
        audit,
        rows.drop(columns="total").assign(unit="proportion", measure="variance share"),
        ["round", "driver"],
    )


def _sobol(a: np.ndarray, b: np.ndarray, mixed: np.ndarray) -> dict[str, float]:
    variance = np.concatenate([a, b]).var()
    estimators: dict[str, Callable[[slice], float]] = {
        "first": lambda rows: float(((b - b.mean()) * (mixed - a))[rows].mean() / variance),
        "total": lambda rows: float(((a - mixed) ** 2)[rows].mean() / (2 * variance)),
    }
    found: dict[str, float] = {}
    for name, of in estimators.items():
        if not variance > 0:
            found[name] = found[f"{name}_se"] = float("nan")
            continue
        found[name] = of(slice(None))
        parts = [of(slice(start, None, 16)) for start in range(16)]
        found[f"{name}_se"] = float(np.std(parts, ddof=1) / 4)
    return found
