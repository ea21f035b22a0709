"""How far assessors agree, and where they do not, so that a disagreement is settled and not averaged away.

Hands on ESTIMATES of agreement, and the list of portal × criterion cells on which votes differ.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from portal_analysis.audit.consensus import VERDICTS, Votes, decide, tally_votes, votes
from portal_analysis.audit.judgements import AUDITED, Audit, AuditError, split_levels
from portal_analysis.audit.shares import finish

OPINIONS = ("not_met", "partly", "met", "not_applicable")
METRICS = ("ordinal", "nominal")
COEFFICIENTS = ("percent agreement", "AC1", "Fleiss kappa", "Krippendorff alpha")
NO_VARIATION = "all votes are the same; the coefficient is not defined"


def agreement(
    audit: Audit,
    roll_up: str = "any-page-fails",
    metric: str = "ordinal",
    interval: str | None = None,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 20230711,
) -> pd.DataFrame:
    """Estimate how far assessors agree, for each criterion and pooled over the criteria of a round.

    Parameters
    ----------
    audit : Audit
    roll_up : str
        How pages become one vote; see :data:`portal_analysis.audit.consensus.ROLL_UPS`.
    metric : {"ordinal", "nominal"}
        Whether Krippendorff's alpha counts ``not_met`` against ``met`` as a wider gap than against ``partly``.
    interval : {None, "superpopulation"}
        Percentile bootstrap over portals, all of a portal's cells together, as if portals were a sample.
    level, replicates, seed
        Of the interval.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicators of :data:`COEFFICIENTS` and the domains ``round`` and ``criterion_id`` (missing
        for all criteria of the round). ``n`` = ``base`` is the number of cells with at least two votes of ``met``,
        ``partly`` and ``not_met``; other outcomes are no vote. Extras: ``assessors``, ``metric`` and ``note``, which
        says why a coefficient is not defined. A criterion that nobody judged twice is ``not measured``.

    Notes
    -----
    With ``r_ik`` votes for k on cell i, ``r_i`` in all, q levels, and ``π_k`` the mean over cells of ``r_ik / r_i``:
    ``p = mean_i Σ_k r_ik (r_ik − 1) / (r_i (r_i − 1))`` over the cells with two votes; each of the next two is
    ``(p − e) / (1 − e)``, AC1 with ``e = Σ π_k (1 − π_k) / (q − 1)`` and Fleiss' kappa with ``e = Σ π_k²``
    (K. Gwet, *Br. J. Math. Stat. Psychol.* 61 (2008) 29–48; J. Fleiss, *Psychol. Bull.* 76 (1971) 378–382);
    ``alpha = 1 − D_o / D_e`` from the matrix of coincidences (K. Krippendorff, *Content Analysis*, 2nd ed. 2004,
    ch. 11). Kappa and alpha fall towards 0 where nearly all portals are alike, however well assessors agree; AC1
    and the plain percentage do not.
    """
    if metric not in METRICS:
        raise AuditError(f"metric is {metric!r}; it can be {', '.join(METRICS)}")
    if interval not in (None, "superpopulation"):
        raise AuditError(f"interval is {interval!r}; for agreement it can be None or 'superpopulation'")
    cast = votes(audit, roll_up)
    tally = tally_votes(cast)[..., : len(AUDITED)]
    draws = np.random.default_rng(seed).integers(
        tally.shape[1], size=(replicates if interval else 0, tally.shape[1])
    )
    parts = []
    for when in cast.pairs["round"].unique():
        pairs = np.flatnonzero(cast.pairs["round"] == when)
        single = [([int(pair)], cast.pairs["criterion_id"].iloc[pair]) for pair in pairs]
        for chosen, name in [*single, (pairs.tolist(), None)]:
            rows = _coefficient_rows(tally[chosen], _used(cast, chosen, tally), metric, draws, level)
            rows["assessors"] = cast.table.loc[cast.table["pair"].isin(chosen), "assessor"].nunique()
            parts.append(rows.assign(round=when, criterion_id=name))
    table = pd.concat(parts, ignore_index=True)
    table["interval"], table["level"] = interval or "", level if interval else np.nan
    return finish(audit, table.assign(metric=metric), ["round", "criterion_id"])


def _used(cast: Votes, chosen: list[int], tally: np.ndarray) -> np.ndarray:
    """Which levels could be voted for: all, or without ``partly`` where the criteria have two levels only."""
    used = np.ones(len(AUDITED), dtype=bool)
    levels = cast.pairs["levels"].iloc[chosen] if "levels" in cast.pairs else pd.Series(dtype=object)
    if len(levels) and levels.notna().all():
        used[AUDITED.index("partly")] = any(len(split_levels(cell)) > 2 for cell in levels)
    else:
        used[AUDITED.index("partly")] = tally[chosen][..., AUDITED.index("partly")].sum() > 0
    return used


def _coefficient_rows(
    tally: np.ndarray, used: np.ndarray, metric: str, draws: np.ndarray, level: float
) -> pd.DataFrame:
    """One row a coefficient, from votes of shape (criteria, portals, levels)."""
    counts = tally[..., used]
    flat = counts.reshape(-1, counts.shape[-1])
    values = coefficients(flat, metric)
    base = int((flat.sum(axis=1) > 1).sum())
    rows = pd.DataFrame({"indicator": COEFFICIENTS, "estimate": values, "n": base, "base": base})
    rows["unit"] = np.where(rows["indicator"] == "percent agreement", "proportion", "number")
    rows["note"] = np.where((base > 0) & rows["estimate"].isna(), NO_VARIATION, "")
    if len(draws):
        resampled = np.moveaxis(counts[:, draws], 0, 1).reshape(len(draws), -1, counts.shape[-1])
        found = np.stack([coefficients(one, metric) for one in resampled])
        for place in range(len(COEFFICIENTS)):
            known = found[~np.isnan(found[:, place]), place]
            if len(known) > 1:
                rows.loc[place, "se"] = np.std(known, ddof=1)
                tails = (0.5 - level / 2, 0.5 + level / 2)
                rows.loc[place, ["ci_low", "ci_high"]] = np.quantile(known, tails)
    return rows


def coefficients(counts: np.ndarray, metric: str = "nominal") -> np.ndarray:
    """Return the four :data:`COEFFICIENTS` of a table of votes.

    Parameters
    ----------
    counts : ndarray of int, shape (cells, levels)
        How many votes each cell has for each level, levels in their order.
    metric : {"ordinal", "nominal"}
        For alpha.

    Returns
    -------
    ndarray of float, shape (4,)
        NaN where a coefficient is not defined.
    """
    total = counts.sum(axis=1)
    judged, paired = counts[total > 0], counts[total > 1].astype(float)
    if not len(paired):
        return np.full(4, np.nan)
    size = paired.sum(axis=1)
    observed = ((paired * (paired - 1)).sum(axis=1) / (size * (size - 1))).mean()
    share = (judged / judged.sum(axis=1, keepdims=True)).mean(axis=0)
    by_chance = {"AC1": (share * (1 - share)).sum() / max(len(share) - 1, 1), "kappa": (share**2).sum()}
    corrected = [
        (observed - chance) / (1 - chance) if 1 - chance > 1e-12 else np.nan for chance in by_chance.values()
    ]
    return np.array([observed, *corrected, _alpha(paired, metric)])


def _alpha(paired: np.ndarray, metric: str) -> float:
    """Krippendorff's alpha from the cells with at least two votes."""
    spread = 1 / (paired.sum(axis=1) - 1)
    coincidence = (paired * spread[:, None]).T @ paired - np.diag((paired * spread[:, None]).sum(axis=0))
    margin = coincidence.sum(axis=0)
    gap = 1 - np.eye(len(margin))
    if metric == "ordinal":
        # The gap between two levels is the number of votes that lie from one to the other, half of each end.
        middle = np.cumsum(margin) - margin / 2
        gap = (middle[:, None] - middle[None, :]) ** 2
    expected = (margin[:, None] * margin[None, :] * gap).sum() / (margin.sum() - 1)
    return float(1 - (coincidence * gap).sum() / expected) if expected > 0 else np.nan


def disagreements(audit: Audit, consensus: str = "majority", roll_up: str = "any-page-fails") -> pd.DataFrame:
    """List the portals and criteria on which assessors differ, ties first, then the widest splits.

    Parameters
    ----------
    audit : Audit
    consensus, roll_up : str
        As in :func:`portal_analysis.audit.shares.shares`.

    Returns
    -------
    DataFrame
        ``round, criterion_id, portal_id, verdict, tie, votes``, the number of votes for each opinion,
        ``dissent`` (share of votes against the verdict), and one row for each assessor's vote:
        ``assessor_id, vote, evidence, comment`` of that assessor on that cell. Not ESTIMATES: a list to work
        through.
    """
    cast = votes(audit, roll_up)
    cells = _split_cells(cast, consensus)
    names = np.array(VERDICTS, dtype=object)
    ballots = cast.table.merge(cells, on=["pair", "portal"], suffixes=("_vote", ""))
    about = cast.pairs.iloc[ballots["pair"]].reset_index(drop=True)
    listed = pd.DataFrame(
        {
            "round": about["round"].astype(object),
            "criterion_id": about["criterion_id"].astype(object),
            "portal_id": np.array(cast.portals, dtype=object)[ballots["portal"]],
            "verdict": names[ballots["verdict"]],
            "tie": ballots["tie"],
            "votes": ballots["votes"],
            **{name: ballots[name] for name in OPINIONS},
            "dissent": ballots["dissent"],
            "assessor_id": np.array(cast.assessors, dtype=object)[ballots["assessor"]],
            "vote": names[ballots["verdict_vote"]],
        }
    )
    key = ["round", "criterion_id", "portal_id", "assessor_id"]
    listed = listed.merge(_notes(audit, key), on=key, how="left")
    order = ["tie", "dissent", "round", "criterion_id", "portal_id", "assessor_id"]
    return listed.sort_values(order, ascending=[False, False, True, True, True, True], ignore_index=True)


def _split_cells(cast: Votes, consensus: str) -> pd.DataFrame:
    """The cells in which there is more than one opinion."""
    tally = tally_votes(cast)
    verdict, tie = decide(tally, consensus)
    opinions = tally[..., [VERDICTS.index(name) for name in OPINIONS]]
    pair, portal = np.nonzero((opinions > 0).sum(axis=-1) > 1)
    counted = opinions[pair, portal]
    cells = pd.DataFrame({"pair": pair, "portal": portal, "verdict": verdict[pair, portal]})
    cells["tie"] = tie[pair, portal]
    cells["votes"] = counted.sum(axis=1)
    cells[list(OPINIONS)] = counted
    with_verdict = tally[pair, portal, np.minimum(cells["verdict"], tally.shape[-1] - 1)]
    cells["dissent"] = 1 - with_verdict / cells["votes"]
    return cells


def _notes(audit: Audit, key: list[str]) -> pd.DataFrame:
    """Evidence and comments of each vote; those of several pages are joined."""
    noted = audit.judgements[[*key, "evidence", "comment"]].astype(object)
    noted = noted[noted["evidence"].notna() | noted["comment"].notna()]
    if not len(noted):
        return noted
    joined = noted.groupby(key, sort=True)[["evidence", "comment"]]
    return joined.agg(_joined).reset_index()


def _joined(cells: pd.Series) -> str | None:
    return "; ".join(dict.fromkeys(cells.dropna())) or None
