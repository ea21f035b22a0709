"""One level from several assessors: by majority, by median, or by a model of who errs how often.

Takes an audit; hands on the settled level of every cell with how sure it is, the same as an audit that can be written
back as a rubric, and the errors of each assessor as ESTIMATES.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number
from portal_analysis.audit.ballots import (
    LEVEL_RULES,
    NO_RATING,
    Ballots,
    ballots,
    mostly_not_applicable,
    one_rating,
)
from portal_analysis.audit.judgements import AUDITED, Audit, AuditError, outcome_of, rate, scale_table

SETTLE_RULES = (*LEVEL_RULES, "dawid-skene")
"""How several assessors become one level."""

CONSENSUS = "consensus"
"""The assessor of a settled audit."""

LEAST_RATERS = 3
"""Assessors that a model of their errors needs: with two, nothing tells which of them errs."""

MOST_ROUNDS = 20_000
_SETTLED = 1e-10
_TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Fit:
    """A Dawid–Skene model: ``level`` (units, q), ``prevalence`` (criteria, q), ``error`` (raters, truth, said)."""

    level: np.ndarray
    prevalence: np.ndarray
    error: np.ndarray


def fit_dawid_skene(
    rating: np.ndarray, n_levels: int, criterion: np.ndarray | None = None, prior: float = 0.5
) -> Fit:
    """Estimate true levels and the errors of each rater by expectation–maximisation.

    Parameters
    ----------
    rating : ndarray of int, shape (units, raters)
        Places of levels, ``-1`` where a rater gave none.
    n_levels : int
    criterion : ndarray of int, shape (units,), optional
        The criterion of each unit; each has its own prevalence of levels, the raters' errors are shared. One if not
        given.
    prior : float
        Ratings that each cell of a rater's table of errors is given beforehand (Jeffreys: 0.5), so that an error
        that was not seen is not taken for impossible. 0 gives maximum likelihood.

    Returns
    -------
    Fit

    Raises
    ------
    AuditError
        If no unit was rated, ``prior`` is negative, or the estimates do not come to rest.

    Notes
    -----
    ``P(z_i = k | ratings) ∝ ρ_ck Π_g e_g,k,said(i,g)``, ``ρ_ck`` the mean of these probabilities over the units of
    criterion c and ``e_gkl`` their sum where g said l, over that where g said anything; started at the shares of the
    votes (A. Dawid & A. Skene, *Appl. Statist.* 28 (1979) 20–28).
    """
    if not is_number(prior) or prior < 0:
        raise AuditError(f"prior is {prior!r}; it is a number of ratings, 0 or more")
    said = (rating[..., None] == np.arange(n_levels)).astype(float)
    rated = said.sum(axis=(1, 2)) > 0
    if not rated.any():
        raise AuditError("nobody rated anything")
    _, group = np.unique(np.zeros(len(rating)) if criterion is None else criterion, return_inverse=True)
    member = (group[rated, None] == np.arange(group.max() + 1)).astype(float)
    said_here, level = said[rated], said[rated].sum(axis=1)
    level = level / level.sum(axis=1, keepdims=True)
    for _ in range(MOST_ROUNDS):
        prevalence = _normalised(member.T @ level)
        error = _normalised(np.einsum("ik,igl->gkl", level, said_here) + prior)
        log = np.log(np.maximum(member @ prevalence, _TINY))
        log = log + np.einsum("igl,gkl->ik", said_here, np.log(np.maximum(error, _TINY)))
        most = log.max(axis=1, keepdims=True)
        found = np.exp(log - most)
        total = found.sum(axis=1, keepdims=True)
        change = np.abs(found / total - level).max()
        level = found / total
        if change < _SETTLED:
            everywhere = np.full((len(rating), n_levels), np.nan)
            everywhere[rated] = level
            return Fit(everywhere, prevalence, error)
    raise AuditError(f"the model did not come to rest within {MOST_ROUNDS:,} rounds; give a larger prior")


def _normalised(counts: np.ndarray) -> np.ndarray:
    total = counts.sum(axis=-1, keepdims=True)
    return counts / np.where(total > 0, total, 1)


def settle(
    audit: Audit, rule: str = "majority", roll_up: str = "any-page-fails", prior: float = 0.5
) -> pd.DataFrame:
    """Settle on one level for each portal and criterion, and say how sure it is.

    Parameters
    ----------
    audit : Audit
    rule : {"majority", "median", "dawid-skene"}
        The most frequent level, the middle one, or the most probable one under a model in which every assessor errs
        in an own way. Ties go to the worse level.
    roll_up : str
        How pages become one rating; see :data:`portal_analysis.audit.consensus.ROLL_UPS`.
    prior : float
        Of the model; see :func:`fit_dawid_skene`.

    Returns
    -------
    DataFrame
        One row for each criterion of a round and portal with a rating: ``round, criterion_id, portal_id, rating``,
        ``outcome``, ``probability`` (under the model, that the level is the true one; else the share of ratings that
        gave this level), ``p_met`` (that the portal meets the criterion, likewise), ``ratings``, ``rule``. Not
        ESTIMATES: a list. Where fewer than three assessors rated the criteria that share a scale, nothing tells who
        errs: there ``rule`` says ``majority`` although the model was asked for.

    Raises
    ------
    AuditError
        If the rule is unknown, or the model is asked for and nowhere three assessors rated.

    Notes
    -----
    The model takes criteria of one round with the same levels together: each has its own prevalence, the assessors
    keep their errors. It supposes that assessors err independently of each other given the true level; an error that
    all share, such as a page that none of them opened, is not in its probabilities.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> judged = pd.DataFrame({"portal_id": "a", "criterion_id": "k", "assessor_id": list("xyz"), "round": "1",
    ...                        "outcome": ["met", "met", "not_met"]})
    >>> pa.settle(pa.Audit(judged))[["rating", "probability", "ratings"]].values.tolist()
    [['met', 0.6666666666666666, 3]]
    """
    if rule not in SETTLE_RULES:
        raise AuditError(f"rule is {rule!r}; it can be {', '.join(SETTLE_RULES)}")
    cast = ballots(audit, roll_up)
    parts = [_settled_group(cast, places, rule, prior) for places in same_scale(cast)]
    table = pd.concat(parts, ignore_index=True)
    if rule == "dawid-skene" and not (table["rule"] == rule).any():
        raise AuditError(
            f"Dawid–Skene needs {LEAST_RATERS} assessors of the same criteria; nowhere are there so many. "
            "Take 'majority' or 'median'"
        )
    table["outcome"] = _outcomes(audit, table)
    order = ["round", "criterion_id", "portal_id"]
    table = table.sort_values(["pair", "portal"], ignore_index=True)
    return table[[*order, "rating", "outcome", "probability", "p_met", "ratings", "rule"]]


def settled(
    audit: Audit, rule: str = "majority", roll_up: str = "any-page-fails", prior: float = 0.5
) -> Audit:
    """Return the audit as one assessor called ``consensus`` would have left it.

    Parameters
    ----------
    audit, rule, roll_up, prior
        As in :func:`settle`.

    Returns
    -------
    Audit
        One judgement of the portal as a whole for each cell with a rating; ``comment`` holds the rule, the number of
        ratings and the probability. Cells that all left without a level are ``not_applicable`` where most said so,
        and have no judgement otherwise. Written with :func:`portal_analysis.audit.write.write_audit` it is a rubric
        to go on with.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> print(len(latest.judgements), len(pa.settled(latest).judgements))
    3007 755
    """
    table = settle(audit, rule, roll_up, prior)
    told = [
        f"{row.rule}: {row.ratings} ratings, {row.probability:.4f}" for row in table.itertuples(index=False)
    ]
    judged = table[["round", "criterion_id", "portal_id", "outcome"]].assign(
        rating=table["rating"].where(_on_scale(audit, table)), assessor_id=CONSENSUS, comment=told
    )
    judged = pd.concat([judged, _not_applicable(ballots(audit, roll_up))], ignore_index=True)
    assessors = pd.DataFrame({"assessor_id": [CONSENSUS], "kind": ["expert"]})
    tables = {**audit.tables(), "judgements": judged, "assessors": assessors}
    return Audit(
        **{name: frame for name, frame in tables.items() if name != "runs"},
        source=audit.source,
        simulated=audit.simulated,
        origin=audit.origin,
    )


def same_scale(cast: Ballots) -> Iterator[list[int]]:
    """Yield the places of the criteria of a round that have the same levels."""
    key = pd.Series(["\x1f".join(words) for words in cast.levels]) + "\x1e" + cast.pairs["round"].astype(str)
    for _, places in pd.Series(range(len(key))).groupby(key, sort=False):
        yield places.tolist()


def raters_of(rating: np.ndarray) -> int:
    """Return how many assessors (last axis) gave any rating."""
    return int((rating != NO_RATING).reshape(-1, rating.shape[-1]).any(axis=0).sum())


def fit_group(cast: Ballots, places: Sequence[int], prior: float) -> Fit:
    """Fit the model to criteria of the same scale, all portals."""
    rating = cast.rating[list(places)]
    criterion = np.repeat(np.arange(len(rating)), rating.shape[1])
    return fit_dawid_skene(
        rating.reshape(-1, rating.shape[-1]), len(cast.levels[places[0]]), criterion, prior
    )


def _settled_group(cast: Ballots, places: list[int], rule: str, prior: float) -> pd.DataFrame:
    rating, dropped = cast.rating[places], cast.not_applicable[places]
    words = cast.levels[places[0]]
    counts = (rating[..., None] == np.arange(len(words))).sum(axis=-2)
    share = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    place = one_rating(rating, dropped, "median" if rule == "median" else "majority")
    used = rule
    if rule == "dawid-skene":
        used = rule if raters_of(rating) >= LEAST_RATERS else "majority"
    if used == "dawid-skene":
        share = fit_group(cast, places, prior).level.reshape(share.shape)
        place = np.where(place == NO_RATING, NO_RATING, np.nan_to_num(share).argmax(axis=-1))
    pair, portal = np.nonzero(place != NO_RATING)
    own = place[pair, portal]
    about = cast.pairs.iloc[np.array(places)[pair]]
    good = _good_from(cast, places)
    return pd.DataFrame(
        {
            "pair": np.array(places)[pair],
            "portal": portal,
            "round": about["round"].to_numpy(dtype=object),
            "criterion_id": about["criterion_id"].to_numpy(dtype=object),
            "portal_id": np.array(cast.portals, dtype=object)[portal],
            "rating": np.array(words, dtype=object)[own],
            "probability": share[pair, portal, own],
            "p_met": (share * good[:, None, :]).sum(axis=-1)[pair, portal],
            "ratings": counts.sum(axis=-1)[pair, portal],
            "rule": used,
        }
    )


def _good_from(cast: Ballots, places: Sequence[int]) -> np.ndarray:
    """Which levels meet each criterion, shape (criteria, levels)."""
    wanted = cast.pairs["good_from"] if "good_from" in cast.pairs else pd.Series(None, cast.pairs.index)
    rows = []
    for place in places:
        words, good = cast.levels[place], wanted.iloc[place]
        own = None if pd.isna(good) else str(good)
        counted = cast.pairs["scale"].iloc[place] == "count" if "scale" in cast.pairs else False
        levels = [] if counted else list(words)
        rows.append([outcome_of(word, levels, own) == "met" for word in words])
    return np.array(rows, dtype=float)


def _on_scale(audit: Audit, table: pd.DataFrame) -> pd.Series:
    """Is the settled level a rating (a level of the criterion, a number), and not an outcome in place of one?"""
    scales = scale_table(audit.criteria)
    cells = zip(table["criterion_id"], table["round"], table["rating"], strict=True)
    found = [
        word in scales.get((name, when), scales.get((name, None), ([], None)))[0]
        for name, when, word in cells
    ]
    return pd.Series(found, dtype=bool) | ~table["rating"].isin(AUDITED)


def _outcomes(audit: Audit, table: pd.DataFrame) -> pd.Series:
    """Return what each settled level means on its criterion's scale; an outcome stands for itself."""
    asked = table[["criterion_id", "round", "rating"]]
    return rate(asked.assign(outcome=table["rating"].where(~_on_scale(audit, table))), audit.criteria)[
        "outcome"
    ]


def _not_applicable(cast: Ballots) -> pd.DataFrame:
    pair, portal = np.nonzero(mostly_not_applicable(cast.rating, cast.not_applicable))
    about = cast.pairs.iloc[pair]
    return pd.DataFrame(
        {
            "round": about["round"].to_numpy(dtype=object),
            "criterion_id": about["criterion_id"].to_numpy(dtype=object),
            "portal_id": np.array(cast.portals, dtype=object)[portal],
            "outcome": "not_applicable",
            "assessor_id": CONSENSUS,
        }
    )
