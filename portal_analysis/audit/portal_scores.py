"""The index of each portal with the error of its measurement, by the province whose portal it is.

Takes an audit; hands on ESTIMATES that :func:`portal_analysis.linkage.areas.link` sets beside rates of use.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import handed_on
from portal_analysis.audit.intervals import check_level
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.montecarlo import Choices, factors, in_chunks, nominal_score, prepared
from portal_analysis.audit.shares import finish

MEASURED = ("assessors", "pages")
"""The errors of a measurement; what weights or rules are chosen is no error of a portal."""


def portal_scores(
    audit: Audit,
    by: str = "province_code",
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 20230711,
    **choices: Any,
) -> pd.DataFrame:
    """Compute the index of each portal, with the standard error that assessors and unseen pages leave.

    For :func:`~portal_analysis.linkage.areas.link`, which needs to know how well each score is measured.

    Parameters
    ----------
    audit : Audit
    by : str
        The column of the portals that says whose portal it is.
    draws : int
        Measurements drawn anew.
    level, seed
    **choices
        ``weights, normalise, consensus, roll_up, of`` as of :func:`portal_analysis.audit.montecarlo.ranks`; the mean
        is arithmetic, and a missing rating is left out.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``portal_score``, domains ``round`` and ``by``, in the order of the portals: the
        nominal score; ``se`` the standard deviation over the draws, missing where no cell was rated twice and no page
        is named; percentiles over the draws as interval. Extras: ``portal_id``, ``reliability`` of the round's scores
        (``1 − mean se² / variance``).

    Raises
    ------
    AuditError
        If the portals have no such column, or one has nothing in it.

    Notes
    -----
    The draws are those of :func:`portal_analysis.audit.montecarlo.ranks` with the choices held: the true level of
    every cell given its ratings, and failures on pages not looked at. The latter can only lower a score, so that an
    interval may lie below its score.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> found = pa.portal_scores(audit, draws=100)
    >>> len(found), bool((found["se"] > 0).all())
    (63, True)
    """
    if by not in audit.portals or audit.portals[by].isna().any():
        raise AuditError(
            f"portals need a column {by!r} with a value for each; they have {list(audit.portals.columns)}"
        )
    check_level(level)
    whose = audit.portals.set_index("portal_id")[by]
    parts = []
    for one in audit.rounds():
        own = audit.only(round=one)
        table = _scored(own, draws, level, seed, choices)
        table["reliability"] = reliability(table["estimate"].to_numpy(), table["se"].to_numpy())
        table[by] = table["portal_id"].map(whose)
        parts.append(table.assign(round=one))
    rows = pd.concat(parts, ignore_index=True).assign(
        indicator="portal_score", unit="number", measure="score", level=level
    )
    return finish(audit, rows, ["round", by])


def reliability(values: np.ndarray, se: np.ndarray) -> float:
    """Return the share of the variance of measured values that is no error: ``1 − mean se² / variance``."""
    spread = np.nanvar(values, ddof=1)
    error = np.nanmean(np.square(se)) if np.isfinite(se).any() else np.nan
    return float(np.clip(1 - error / spread, 0, 1)) if spread > 0 else float("nan")


def _scored(audit: Audit, draws: int, level: float, seed: int, choices: dict[str, Any]) -> pd.DataFrame:
    judged = audit.judgements
    twice = judged.groupby(["portal_id", "criterion_id"], observed=True)["assessor_id"].nunique().gt(1).any()
    have = {"assessors": bool(twice), "pages": bool(judged["page_id"].notna().any())}
    sources = [name for name in MEASURED if have[name]]
    fixed = {
        "aggregations": ("arithmetic",),
        "missing_rules": ("ignore",),
        "draws": max(draws, 100),
        "seed": seed,
        # without an error to draw, the weights stand in as a source that is not used
        "sources": sources or ["weights"],
    }
    sheet, nominal, plan, draw = next(prepared(audit, handed_on(Choices, choices, fixed)))
    score = nominal_score(sheet, nominal)
    table = pd.DataFrame({"portal_id": sheet.portals, "estimate": score})
    table["base"] = table["n"] = (sheet.level >= 0).sum(axis=1)
    if not sources:
        return table.assign(se=np.nan)
    drawn = np.concatenate([draw.scores(part) for part in in_chunks(factors(draw, plan.draws, seed))])
    low, high = np.nanquantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return table.assign(
        se=np.nanstd(drawn, axis=0, ddof=1), ci_low=low, ci_high=high, interval=", ".join(sources)
    )
