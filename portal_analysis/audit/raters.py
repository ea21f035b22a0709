"""Assessors one against another: pairs of them, of rounds or of tools; who is stricter; who errs how often.

Takes an audit; hands on ESTIMATES.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from portal_analysis.audit.agreement import Asked, coefficient_rows, groups_of, refuse
from portal_analysis.audit.ballots import (
    NO_RATING,
    Ballots,
    ballots,
    grouped,
    mostly_not_applicable,
    one_rating,
    with_not_applicable,
)
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.settle import LEAST_RATERS, fit_dawid_skene, raters_of, same_scale
from portal_analysis.audit.shares import finish


def pairwise_agreement(
    audit: Audit,
    between: str = "assessor_id",
    by: str | None = None,
    weights: str = "identity",
    roll_up: str = "any-page-fails",
    consensus: str = "majority",
    interval: str | None = None,
    method: str = "analytic",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 20230711,
    not_applicable: str = "ignore",
) -> pd.DataFrame:
    """Estimate the agreement of every two assessors, kinds of assessors, tools or rounds.

    Who disagrees with whom, where :func:`~portal_analysis.audit.agreement.agreement` tells how far all of
    them agree.

    Parameters
    ----------
    audit : Audit
    between : str
        ``assessor_id``, another column of ``assessors`` (``kind``, ``tool`` …), or ``round``. The assessors of one
        value, or of one round, speak with one voice by ``consensus``.
    by : str, optional
        A column of ``criteria`` (``criterion_id``, ``wcag_sc`` …) to split by; pooled over criteria if not given.
    weights, roll_up, interval, method, level, replicates, seed, not_applicable
        As in :func:`portal_analysis.audit.agreement.agreement`. Errors take the cells of a portal together.
    consensus : {"majority", "median"}
        How several assessors become one level.

    Returns
    -------
    DataFrame
        ESTIMATES as from ``agreement``, with domains ``round`` (not between rounds), the column of ``by``, and the
        two that are compared, ``<between>_a`` and ``<between>_b``. Extras beyond those of ``agreement``:
        ``a_higher`` and ``b_higher``, cells on which one gave the better level, and ``bias_p``, the p-value of the
        exact sign test that neither is stricter. Pairs that share no cell are left out. Between rounds only criteria
        with the same levels in both are compared.

    Raises
    ------
    AuditError
        If nothing can be compared: one assessor, one round, no cell that two rated.

    Notes
    -----
    Agreement between rounds is low where portals changed as well as where assessors did;
    :func:`portal_analysis.audit.rounds.rounds` is about change.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> pairs = pa.pairwise_agreement(latest.only(kind="expert"))
    >>> alike = pairs[pairs["indicator"] == "percent agreement"]
    >>> print(alike["estimate"].round(2).tolist())
    [0.82, 0.84, 0.79]
    """
    asked = Asked(weights, interval, method, level, replicates, seed, not_applicable)
    cast = ballots(audit, roll_up)
    refuse("by", by, (None, *cast.pairs.columns))
    cast, names = _voices(audit, cast, between, consensus)
    cast = with_not_applicable(cast) if not_applicable == "category" else cast
    parts = []
    for first, second in combinations(range(len(names)), 2):
        pair = _of_two(cast, first, second)
        if not len(pair.pairs):
            continue
        groups = list(groups_of(pair.pairs, by or "criterion_id"))
        for when, name, places in groups if by else [group for group in groups if group[1] is None]:
            one = pair.of_pairs(places)
            rows = coefficient_rows(one, asked).assign(**_bias(one))
            about = {"round": when, f"{between}_a": names[first], f"{between}_b": names[second]}
            parts.append(rows.assign(**about, **({by: name} if by else {})))
    if not parts:
        raise AuditError(f"no cell was rated by two of {between}: {names}; there is nothing to compare")
    domains = ["round"] if between != "round" else []
    domains += [*([by] if by else []), f"{between}_a", f"{between}_b"]
    table = pd.concat(parts, ignore_index=True).assign(measure="agreement")
    return finish(audit, table.drop(columns=[] if "round" in domains else ["round"]), domains)


def _voices(audit: Audit, cast: Ballots, between: str, rule: str) -> tuple[Ballots, list[str]]:
    """Ballots in which each of the things compared is one assessor, and their names."""
    if between == "assessor_id":
        return cast, cast.assessors
    if between == "round":
        return _rounds_as_voices(cast, rule)
    known = audit.assessors.astype(object)
    if between not in known:
        columns = ["assessor_id", "round", *known.columns[1:]]
        raise AuditError(f"between is {between!r}; it can be {', '.join(dict.fromkeys(columns))}")
    groups = known.dropna(subset=[between]).groupby(between, sort=True)["assessor_id"].agg(list)
    if len(groups) < 2:
        raise AuditError(f"assessors have one value of {between!r} only: {list(groups.index)}")
    return grouped(cast, groups.tolist(), rule), [str(name) for name in groups.index]


def _rounds_as_voices(cast: Ballots, rule: str) -> tuple[Ballots, list[str]]:
    rounds = list(dict.fromkeys(cast.pairs["round"]))
    if len(rounds) < 2:
        raise AuditError(f"the audit has one round only: {rounds}")
    level = one_rating(cast.rating, cast.not_applicable, rule)
    name = cast.pairs["criterion_id"].astype(str) + "\x1f" + pd.Series(["|".join(one) for one in cast.levels])
    first = ~name.duplicated()
    rating = np.full((int(first.sum()), len(cast.portals), len(rounds)), NO_RATING)
    row = pd.Index(name[first]).get_indexer(pd.Index(name))
    of_round = [rounds.index(when) for when in cast.pairs["round"]]
    rating[row, :, of_round] = level
    dropped = np.zeros(rating.shape, dtype=bool)
    dropped[row, :, of_round] = mostly_not_applicable(cast.rating, cast.not_applicable)
    kept = cast.of_pairs(np.flatnonzero(first).tolist())
    voices = replace(
        kept,
        rating=rating,
        not_applicable=dropped,
        pairs=kept.pairs.assign(round=""),
        assessors=rounds,
    )
    return voices, rounds


def _of_two(cast: Ballots, first: int, second: int) -> Ballots:
    """Return the ratings of two, on the criteria where both rated some portal."""
    two = cast.rating[..., [first, second]]
    both = (two != NO_RATING).all(axis=-1).any(axis=-1)
    chosen = cast.of_pairs(np.flatnonzero(both).tolist())
    return replace(chosen, rating=two[both], not_applicable=chosen.not_applicable[..., [first, second]])


def _bias(pair: Ballots) -> dict[str, float]:
    from scipy import stats

    graded = [np.isfinite(at).sum() for at in pair.values]
    on_scale = (pair.rating != NO_RATING) & (pair.rating < np.array(graded)[:, None, None])
    both = on_scale.all(axis=-1)
    above = int((pair.rating[..., 0] > pair.rating[..., 1])[both].sum())
    below = int((pair.rating[..., 0] < pair.rating[..., 1])[both].sum())
    p = stats.binomtest(above, above + below).pvalue if above + below else 1.0
    return {"a_higher": above, "b_higher": below, "bias_p": float(p)}


def assessor_bias(
    audit: Audit,
    by: str | None = None,
    roll_up: str = "any-page-fails",
    interval: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate how much stricter or milder each assessor is than the others on the same cells.

    Two assessors may disagree often and still be equally strict; the one who is always the milder should be
    trained, or corrected for.

    Parameters
    ----------
    audit : Audit
    by : str, optional
        A column of ``criteria`` to split by; pooled over the criteria of a round if not given.
    roll_up : str
    interval : {None, "superpopulation"}
        None for the portals as they are; ``superpopulation`` as if they were a sample, cells of a portal together.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``leniency``, domains ``round``, the column of ``by`` and ``assessor_id``:
        the mean over cells of the assessor's level less the mean level of the others, the worst level at 0 and the
        best at 1, so that a negative number means stricter. ``n`` = ``base`` cells that others rated as well. Extras:
        ``agrees``, the share of those cells on which the assessor gave the others' most frequent level;
        ``own_level`` and ``others_level``, the two means.

    Raises
    ------
    AuditError
        If there is one assessor only, or an argument is unknown.

    Notes
    -----
    ``se² = m / (m − 1) Σ_p (Σ_{i∈p} (d_i − d̄))² / n²`` over m portals; Student's t with m − 1 degrees of freedom.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> bias = pa.assessor_bias(latest)
    >>> print(bias[["assessor_id", "estimate"]].head(3).round(3).to_string(index=False))
    assessor_id  estimate
            axe    -0.200
     blind-user    -0.011
       expert-1     0.002
    """
    asked = Asked(interval=interval, level=level)
    cast = ballots(audit, roll_up)
    if raters_of(cast.rating) < 2:
        raise AuditError("fewer than two assessors gave ratings; nobody can be compared")
    refuse("by", by, (None, *cast.pairs.columns))
    parts = []
    groups = list(groups_of(cast.pairs, by or "criterion_id"))
    for when, name, places in groups if by else [group for group in groups if group[1] is None]:
        one = cast.of_pairs(places)
        for voice, assessor in enumerate(cast.assessors):
            if (one.rating[..., voice] != NO_RATING).any():
                row = _leniency(one, voice, asked)
                parts.append({**row, "round": when, **({by: name} if by else {}), "assessor_id": assessor})
    table = pd.DataFrame(parts).assign(measure="difference")
    return finish(audit, table, ["round", *([by] if by else []), "assessor_id"])


def _leniency(cast: Ballots, voice: int, asked: Asked) -> dict[str, object]:
    from scipy import stats

    widest = np.array([max(at[-1] - at[0], 1.0) for at in cast.values])[:, None, None]
    width = max(len(at) for at in cast.values)
    at = np.array([np.pad(one - one[0], (0, width - len(one))) for one in cast.values])
    rows = np.arange(len(at))[:, None, None]
    level = np.where(cast.rating == NO_RATING, np.nan, at[rows, cast.rating] / widest)
    others = np.delete(level, voice, axis=-1)
    seen = (~np.isnan(others)).sum(axis=-1)
    mean = np.nansum(others, axis=-1) / np.maximum(seen, 1)
    compared = ~np.isnan(level[..., voice]) & (seen > 0)
    gap = np.where(compared, level[..., voice] - mean, 0.0)
    n, portals = int(compared.sum()), int(compared.any(axis=0).sum())
    estimate = gap.sum() / n if n else np.nan
    same = one_rating(np.delete(cast.rating, voice, axis=-1), np.zeros((1, 1, 1), dtype=bool))
    row = {"indicator": "leniency", "estimate": estimate, "n": n, "base": n, "unit": "number"}
    row["agrees"] = (same == cast.rating[..., voice])[compared].mean() if n else np.nan
    row["own_level"] = level[..., voice][compared].mean() if n else np.nan
    row["others_level"] = mean[compared].mean() if n else np.nan
    if asked.interval and portals > 1:
        of_portal = np.where(compared, gap - estimate, 0.0).sum(axis=0)
        row["se"] = np.sqrt(portals / (portals - 1) * (of_portal**2).sum()) / n
        half = row["se"] * stats.t.ppf(0.5 + asked.level / 2, portals - 1)
        row |= {"df": portals - 1, "ci_low": estimate - half, "ci_high": estimate + half}
    return {**row, "interval": asked.interval or "", "level": asked.level if asked.interval else np.nan}


def assessor_errors(
    audit: Audit,
    roll_up: str = "any-page-fails",
    prior: float = 0.5,
    interval: str | None = None,
    level: float = 0.95,
    replicates: int = 200,
    seed: int = 20230711,
) -> pd.DataFrame:
    """Estimate how often each assessor says which level, given the true one, by the model of Dawid and Skene.

    Parameters
    ----------
    audit : Audit
    roll_up : str
    prior : float
        See :func:`portal_analysis.audit.settle.fit_dawid_skene`.
    interval : {None, "superpopulation"}
        ``superpopulation``: percentiles of a bootstrap over portals.
    level, replicates, seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``said``, domains ``round``, ``assessor_id``, ``truth`` and ``said``: the
        probability that the assessor says a level where another is the true one. ``n`` is the expected number of the
        assessor's ratings of cells of that true level. Criteria of a round with the same levels are taken together;
        ``levels`` names them.

    Raises
    ------
    AuditError
        If nowhere three assessors rated criteria with the same levels.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> errors = pa.assessor_errors(latest)
    >>> print(errors["assessor_id"].unique()[:3].tolist())
    ['axe', 'blind-user', 'expert-1']
    """
    asked = Asked(interval=interval, method="bootstrap", level=level, replicates=replicates, seed=seed)
    cast = ballots(audit, roll_up)
    parts = []
    for places in same_scale(cast):
        one = cast.of_pairs(places)
        if raters_of(one.rating) >= LEAST_RATERS:
            parts.append(_error_rows(one, prior, asked))
    if not parts:
        raise AuditError(f"nowhere did {LEAST_RATERS} assessors rate criteria with the same levels")
    table = pd.concat(parts, ignore_index=True)
    return finish(audit, table, ["round", "assessor_id", "truth", "said"])


def _error_rows(cast: Ballots, prior: float, asked: Asked) -> pd.DataFrame:
    here = np.flatnonzero((cast.rating != NO_RATING).any(axis=(0, 1)))
    rating, words = cast.rating[..., here], cast.levels[0]
    error, weight = _errors(rating, len(words), prior)
    places = [(cast.assessors[g], k, l) for g in here for k in words for l in words]  # noqa: E741
    rows = pd.DataFrame(places, columns=["assessor_id", "truth", "said"])
    rows["estimate"], rows["n"] = error.ravel(), np.repeat(weight.ravel(), len(words))
    rows["base"] = np.repeat((rating != NO_RATING).sum(axis=(0, 1)), len(words) ** 2)
    if asked.interval:
        random = np.random.default_rng(asked.seed)
        draws = random.integers(rating.shape[1], size=(asked.replicates, rating.shape[1]))
        found = np.stack([_errors(rating[:, draw], len(words), prior)[0].ravel() for draw in draws])
        tails = (0.5 - asked.level / 2, 0.5 + asked.level / 2)
        rows["se"] = found.std(axis=0, ddof=1)
        rows["ci_low"], rows["ci_high"] = np.quantile(found, tails, axis=0)
    rows["round"], rows["levels"] = cast.pairs["round"].iloc[0], "|".join(words)
    rows["unit"], rows["interval"] = "proportion", asked.interval or ""
    return rows.assign(
        indicator="said", measure="probability", level=asked.level if asked.interval else np.nan
    )


def _errors(rating: np.ndarray, n_levels: int, prior: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the table of errors of each assessor, and how many ratings of each true level it rests on."""
    flat = rating.reshape(-1, rating.shape[-1])
    fit = fit_dawid_skene(flat, n_levels, np.repeat(np.arange(len(rating)), rating.shape[1]), prior)
    return fit.error, (flat != NO_RATING).T.astype(float) @ np.nan_to_num(fit.level)
