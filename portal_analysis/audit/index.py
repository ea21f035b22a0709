"""From criteria to an index of portals: criterion → group → index, every choice named.

Takes an audit; hands on ESTIMATES of scores, of what each criterion tells, and of what a portal would gain. How sure
ranks are stands in :mod:`~portal_analysis.audit.montecarlo`, the arithmetic in
:mod:`~portal_analysis.audit.composite`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import handed_on, is_number
from portal_analysis.audit import composite
from portal_analysis.audit.ballots import NO_RATING, Ballots, ballots, mostly_not_applicable, one_rating
from portal_analysis.audit.judgements import Audit, AuditError, outcome_of
from portal_analysis.audit.shares import finish

MISSING = ("ignore", "worst", "mean")
"""A portal without a rating on a criterion: left out and its weight shared among the others; counted as the worst level
("not found is not met"); or given the mean of the other portals."""

NOT_APPLICABLE_RULES = ("ignore", "best", "worst")
WEIGHTS = ("equal", "given", "pca")


@dataclass(frozen=True)
class Recipe:
    """How an index is made."""

    normalise: str = "level"
    weights: str | Mapping[str, float] = "equal"
    aggregation: str = "arithmetic"
    missing: str = "ignore"
    not_applicable: str = "ignore"
    goalposts: tuple[float, float] = (0.0, 1.0)
    zeros: str = "raise"
    offset: float = 0.01

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("normalise", self.normalise, composite.NORMALISATIONS),
            ("aggregation", self.aggregation, composite.AGGREGATIONS),
            ("missing", self.missing, MISSING),
            ("not_applicable", self.not_applicable, NOT_APPLICABLE_RULES),
            ("zeros", self.zeros, composite.ZEROS),
        ):
            if value not in allowed:
                raise AuditError(f"{name} is {value!r}; it can be {', '.join(allowed)}")
        if isinstance(self.weights, str) and self.weights not in WEIGHTS:
            raise AuditError(
                f"weights is {self.weights!r}; it can be {', '.join(WEIGHTS)}, or a weight for each group"
            )


@dataclass(frozen=True, eq=False)
class Sheet:
    """What one round says: levels of portals × criteria, and how criteria belong to groups."""

    when: str
    level: np.ndarray  # (portals, criteria): place of the level, NO_RATING where there is none
    dropped: np.ndarray  # (portals, criteria): not applicable
    value: np.ndarray  # (criteria, levels): what each level is worth before normalising
    good: np.ndarray  # (criteria, levels): does the level meet the criterion?
    criteria: list[str]
    groups: list[str]
    group_of: np.ndarray
    given: np.ndarray  # (criteria,): weights of the table of criteria
    portals: list[str]
    cast: Ballots = field(repr=False)


def scores(
    audit: Audit,
    normalise: str = "level",
    weights: str | Mapping[str, float] = "equal",
    aggregation: str = "arithmetic",
    missing: str = "ignore",
    not_applicable: str = "ignore",
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    goalposts: tuple[float, float] = (0.0, 1.0),
    zeros: str = "raise",
    offset: float = 0.01,
) -> pd.DataFrame:
    """Compute an index of portals: criteria averaged within groups, groups put together.

    Parameters
    ----------
    audit : Audit
    normalise : str
        One of :data:`portal_analysis.audit.composite.NORMALISATIONS`, for each criterion.
    weights : {"equal", "given", "pca"} or mapping of str to float
        Of the groups: all alike; the sum of the column ``weight`` of their criteria; squared loadings of the first
        principal component of the groups' scores; or a number for each group, which add up to 1. Within a group
        criteria have their ``weight`` with ``given``, else all the same.
    aggregation : {"arithmetic", "geometric", "copeland"}
        How groups become the index.
    missing : {"ignore", "worst", "mean"}
        See :data:`MISSING`.
    not_applicable : {"ignore", "best", "worst"}
        A criterion that does not apply to a portal: left out, or counted as the best or the worst level.
    consensus : {"majority", "median"}
        How several assessors become one level.
    roll_up, goalposts, zeros, offset
        How pages become one level; the values of ``normalise="goalposts"``; what a geometric mean does with a group
        score of 0, see :data:`portal_analysis.audit.composite.ZEROS`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``score``, domains ``round``, ``portal_id``, ``group`` (missing for the index),
        best first within round and group. ``n`` = ``base`` is the number of criteria with a rating. Extras: ``rank``
        (ties share the better rank), ``tied`` portals with the same rank, ``weight`` of the group, and the choices
        made.

    Raises
    ------
    AuditError
        If a choice is unknown, given weights are missing or negative or do not add up to 1, or the audit has no
        judgements.

    Notes
    -----
    OECD & JRC, *Handbook on Constructing Composite Indicators* (2008), steps 5 and 6. A criterion on which all
    portals are alike has no spread: under ``minmax`` and ``zscore`` it is left out. A criterion without a group is
    in the group ``all``.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> judged = pd.DataFrame({"portal_id": list("aabb"), "criterion_id": list("klkl"), "assessor_id": "x",
    ...                        "round": "1",
    ...                        "outcome": ["met", "met", "met", "not_met"]})
    >>> table = pa.scores(pa.Audit(judged))
    >>> table.loc[table["group"].isna(), ["portal_id", "estimate", "rank"]].values.tolist()
    [['a', 1.0, 1.0], ['b', 0.5, 2.0]]
    """
    recipe = Recipe(normalise, weights, aggregation, missing, not_applicable, goalposts, zeros, offset)
    parts = [_score_rows(sheet, recipe) for sheet in sheets(audit, consensus, roll_up)]
    table = pd.concat(parts, ignore_index=True)
    chosen = {"normalise": normalise, "aggregation": aggregation, "missing": missing}
    chosen |= {
        "weights": weights if isinstance(weights, str) else "own",
        "consensus": consensus,
        "roll_up": roll_up,
    }
    return finish(audit, table.assign(**chosen), ["round", "portal_id", "group"])


def mostly_met(
    audit: Audit,
    more_than: float = 0.5,
    missing: str = "ignore",
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
) -> pd.DataFrame:
    """Count the portals that are good on more than a share of the criteria, as reviewers put it in a headline.

    A headline, "half of the portals meet most criteria", with its rule said.

    Parameters
    ----------
    audit : Audit
    more_than : float
        The share that has to be exceeded.
    missing : {"ignore", "worst"}
        Whether a criterion without a rating is left out or counted as not met.
    consensus, roll_up : str
        As in :func:`scores`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``good on most criteria`` (``good on a share of criteria`` where ``more_than`` is
        not one half) and the domain ``round``: ``count`` of ``base``
        portals with a rating. Not applicable criteria are left out.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> print(pa.mostly_met(latest)[["count", "base"]].to_string(index=False))
     count  base
        19    63
    """
    if not is_number(more_than) or not 0 <= more_than < 1:
        raise AuditError(
            f"more_than is {more_than!r}; it is a share of the criteria, from 0 up to but below 1"
        )
    recipe = Recipe(normalise="met", missing=missing)
    rows = []
    for sheet in sheets(audit, consensus, roll_up):
        value = worth(sheet, recipe, sheet.level)
        judged = ~np.isnan(value).all(axis=1)
        share = composite.weighted_mean(value[judged], np.ones(value.shape[1]))
        count = int((share > more_than + 1e-12).sum())
        rows.append({"round": sheet.when, "count": count, "base": int(judged.sum())})
    table = pd.DataFrame(rows)
    table["estimate"] = table["count"] / table["base"].where(table["base"] > 0)
    name = "good on most criteria" if more_than == 0.5 else "good on a share of criteria"
    table["n"], table["indicator"], table["unit"] = table["base"], name, "proportion"
    return finish(
        audit, table.assign(more_than=more_than, counted="portals", measure="proportion"), ["round"]
    )


def what_if(
    audit: Audit, consensus: str = "majority", roll_up: str = "any-page-fails", **recipe: Any
) -> pd.DataFrame:
    """Compute what each portal would gain if it alone met one criterion more.

    Parameters
    ----------
    audit : Audit
    consensus, roll_up
        As in :func:`scores`.
    **recipe
        ``normalise, weights, aggregation, missing …`` of :func:`scores`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``gain``, domains ``round, portal_id, criterion_id``, for every criterion that
        the portal does not meet: the new score less the old one. Extras: ``rank`` and ``new_rank``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> gains = pa.what_if(latest).sort_values("estimate", ascending=False, kind="stable")
    >>> print(gains[["portal_id", "criterion_id", "rank", "new_rank"]].head(2).to_string(index=False))
    portal_id      criterion_id  rank  new_rank
    portal-36 disability_access  57.0      18.0
    portal-10   data_protection   5.0       1.0
    """
    own, parts = handed_on(Recipe, recipe), []
    for sheet in sheets(audit, consensus, roll_up):
        before = index_of(sheet, own, sheet.level)
        rank = composite.ranks_of(before)
        best = sheet.good.argmax(axis=1)
        met = np.where(sheet.level == NO_RATING, True, sheet.good[np.arange(len(best)), sheet.level])
        for portal, criterion in np.argwhere(~met.astype(bool)):
            changed = sheet.level.copy()
            changed[portal, criterion] = best[criterion]
            after = index_of(sheet, own, changed)
            parts.append(
                {
                    "round": sheet.when,
                    "portal_id": sheet.portals[portal],
                    "criterion_id": sheet.criteria[criterion],
                    "estimate": after[portal] - before[portal],
                    "rank": rank[portal],
                    "new_rank": composite.ranks_of(after)[portal],
                    "n": len(sheet.portals),
                    "base": len(sheet.portals),
                }
            )
    if not parts:
        raise AuditError("no portal has a rating that does not meet its criterion; there is nothing to gain")
    table = pd.DataFrame(parts).assign(indicator="gain", unit="number", measure="difference")
    return finish(audit, table, ["round", "portal_id", "criterion_id"])


# ---------------------------------------------------------------------------------------------- sheets


def sheets(audit: Audit, consensus: str, roll_up: str) -> Iterator[Sheet]:
    """Yield what each round says of its portals."""
    cast = ballots(audit, roll_up)
    level = one_rating(cast.rating, cast.not_applicable, consensus)
    dropped = mostly_not_applicable(cast.rating, cast.not_applicable)
    for when in cast.pairs["round"].unique():
        places = np.flatnonzero(cast.pairs["round"] == when)
        own = cast.of_pairs(places.tolist())
        named = (
            own.pairs["group"].astype(object)
            if "group" in own.pairs
            else pd.Series(None, index=own.pairs.index)
        )
        group_of, groups = pd.factorize(named.where(named.notna(), "all"))
        weight = (
            pd.to_numeric(own.pairs["weight"])
            if "weight" in own.pairs
            else pd.Series(np.nan, own.pairs.index)
        )
        value, good = _worths(own)
        yield Sheet(
            when,
            level[places].T,
            dropped[places].T,
            value,
            good,
            own.pairs["criterion_id"].astype(object).tolist(),
            [str(name) for name in groups],
            group_of,
            weight.to_numpy(dtype=float),
            cast.portals,
            own,
        )


def _worths(cast: Ballots) -> tuple[np.ndarray, np.ndarray]:
    """Return what each level of each criterion is worth, on its scale, and whether it meets the criterion."""
    width = max(len(words) for words in cast.levels)
    value, good = np.full((len(cast.levels), width), np.nan), np.zeros((len(cast.levels), width), dtype=bool)
    for row, (words, at) in enumerate(zip(cast.levels, cast.values, strict=True)):
        pair = cast.pairs.iloc[row]
        counted = "scale" in cast.pairs and pair["scale"] == "count"
        value[row, : len(at)] = at if counted else at / max(at[-1], 1.0)
        wanted = pair["good_from"] if "good_from" in cast.pairs and pd.notna(pair["good_from"]) else None
        levels = [] if counted else list(words)
        good[row, : len(words)] = [outcome_of(word, levels, wanted) == "met" for word in words]
    return value, good


def worth(sheet: Sheet, recipe: Recipe, level: np.ndarray) -> np.ndarray:
    """Return what levels (…, portals, criteria) are worth, normalised; NaN where a criterion does not count."""
    table = sheet.good.astype(float) if recipe.normalise == "met" else sheet.value
    rows = np.arange(len(table))
    found = np.where(level == NO_RATING, np.nan, table[rows, np.maximum(level, 0)])
    low, high = np.nanmin(table, axis=1), np.nanmax(table, axis=1)
    dropped = np.broadcast_to(sheet.dropped, level.shape)
    unknown = (level == NO_RATING) & ~dropped & (~np.isnan(found)).any(axis=-2, keepdims=True)
    if recipe.missing == "worst":
        found = np.where(unknown, low, found)
    elif recipe.missing == "mean":
        known = ~np.isnan(found)
        mean = np.where(known, found, 0.0).sum(axis=-2) / np.maximum(known.sum(axis=-2), 1)
        found = np.where(unknown, mean[..., None, :], found)
    if recipe.not_applicable != "ignore":
        found = np.where(dropped, high if recipe.not_applicable == "best" else low, found)
    return composite.normalise(found, recipe.normalise, recipe.goalposts)


def weights_of(sheet: Sheet, recipe: Recipe, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of criteria within their group, shape (criteria, groups), and of groups.

    Raises
    ------
    AuditError
        If weights are missing, negative, or do not add up to 1.
    """
    member = (sheet.group_of[:, None] == np.arange(len(sheet.groups))).astype(float)
    if recipe.weights == "given":
        if np.isnan(sheet.given).any() or (sheet.given < 0).any() or not sheet.given.sum() > 0:
            bad = [name for name, one in zip(sheet.criteria, sheet.given, strict=True) if not one >= 0]
            raise AuditError(
                f"weights='given' needs a weight of 0 or more for each criterion; see {bad[:10]}"
            )
        own = member * sheet.given[:, None]
        return own, own.sum(axis=0) / own.sum()
    if recipe.weights == "equal":
        return member, np.full(len(sheet.groups), 1 / len(sheet.groups))
    if recipe.weights == "pca":
        return member, composite.first_component(group_scores(values, member))
    given = {str(name): float(one) for name, one in dict(recipe.weights).items()}  # type: ignore[arg-type]
    if set(given) != set(sheet.groups):
        raise AuditError(
            f"weights name the groups {sorted(given)}; round {sheet.when} has {sorted(sheet.groups)}"
        )
    if min(given.values()) < 0 or abs(sum(given.values()) - 1) > 1e-9:
        raise AuditError(
            f"weights of groups are 0 or more and add up to 1; these add up to {sum(given.values()):g}"
        )
    return member, np.array([given[name] for name in sheet.groups])


def group_scores(values: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Return the weighted means of criteria within groups, shape (…, portals, groups); NaN where none is known."""
    known = ~np.isnan(values)
    total = known.astype(values.dtype) @ member
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (np.where(known, values, 0.0) @ member) / total, np.nan)


def index_of(sheet: Sheet, recipe: Recipe, level: np.ndarray) -> np.ndarray:
    """Return the index of each portal for some levels."""
    values = worth(sheet, recipe, level)
    member, weights = weights_of(sheet, recipe, values)
    return composite.aggregate(
        group_scores(values, member), weights, recipe.aggregation, recipe.zeros, recipe.offset
    )


def _score_rows(sheet: Sheet, recipe: Recipe) -> pd.DataFrame:
    values = worth(sheet, recipe, sheet.level)
    member, weights = weights_of(sheet, recipe, values)
    by_group = group_scores(values, member)
    whole = composite.aggregate(by_group, weights, recipe.aggregation, recipe.zeros, recipe.offset)
    rated = (sheet.level != NO_RATING).astype(int)
    base = np.column_stack([rated @ (member > 0), rated.sum(axis=1)])
    parts = []
    columns = [*sheet.groups, None]
    for place, (name, score) in enumerate(zip(columns, [*by_group.T, whole], strict=True)):
        rank = composite.ranks_of(score)
        own = pd.DataFrame(
            {"portal_id": sheet.portals, "estimate": score, "rank": rank, "base": base[:, place]}
        )
        own["n"] = own["base"]
        own["tied"] = own.groupby("rank")["rank"].transform("size")
        own["group"], own["weight"] = name, weights[place] if name is not None else np.nan
        parts.append(own.sort_values(["rank", "portal_id"], kind="stable"))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(round=sheet.when, indicator="score", unit="number", measure="score")
