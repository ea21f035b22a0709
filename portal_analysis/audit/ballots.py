"""Which level each assessor gave each portal on each criterion: the ratings that agreement is measured on.

Takes an audit; hands on places in the levels of each criterion, worst first, where the coarser room
:mod:`~portal_analysis.audit.consensus` hands on outcomes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.audit.consensus import (
    NOT_APPLICABLE,
    PARTLY,
    VERDICTS,
    Votes,
    judgement_places,
    rolled_judgements,
    votes,
)
from portal_analysis.audit.judgements import AUDITED, Audit, AuditError, outcome_of, scale_table

NO_RATING = -1
"""In :attr:`Ballots.rating`: the assessor gave no level."""

LEVEL_RULES = ("majority", "median")
"""How several ratings become one level; ties, and a median between two levels, go to the worse level."""


@dataclass(frozen=True, eq=False)
class Ballots:
    """The level that each assessor gave each portal on each criterion of a round.

    Parameters
    ----------
    rating : ndarray of int, shape (pairs, portals, assessors)
        The place of the level among ``levels`` of the pair, or :data:`NO_RATING`.
    not_applicable : ndarray of bool, of the same shape
        Whether the assessor said that the criterion does not apply.
    pairs : DataFrame
        One row a criterion and round, as :func:`~portal_analysis.audit.consensus.expected_criteria` gives them.
    levels : list of tuple of str
        The levels of each pair, worst first: those of its criterion, or outcomes where the criterion has no levels or
        some judgement came without a rating.
    values : list of ndarray of float
        Where the levels stand: 0, 1, 2 …, or the number itself on a scale that counts.
    portals, assessors : list of str
    """

    rating: np.ndarray
    not_applicable: np.ndarray
    pairs: pd.DataFrame
    levels: list[tuple[str, ...]]
    values: list[np.ndarray]
    portals: list[str]
    assessors: list[str]

    def of_pairs(self, places: Sequence[int]) -> Ballots:
        """Return the ratings of some criteria."""
        chosen = list(places)
        return replace(
            self,
            rating=self.rating[chosen],
            not_applicable=self.not_applicable[chosen],
            pairs=self.pairs.iloc[chosen].reset_index(drop=True),
            levels=[self.levels[place] for place in chosen],
            values=[self.values[place] for place in chosen],
        )


def ballots(audit: Audit, roll_up: str = "any-page-fails") -> Ballots:
    """Read the levels that the assessors gave, pages rolled up to the portal.

    Parameters
    ----------
    audit : Audit
    roll_up : str
        How pages become one rating; see :data:`~portal_analysis.audit.consensus.ROLL_UPS`. A portal has the worst
        level of its pages; with ``share-of-pages``, which makes outcomes of its own, the outcomes are taken for
        levels.

    Raises
    ------
    AuditError
        If the audit has no judgements, or the roll-up is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> judged = pd.DataFrame({"portal_id": ["a", "a"], "criterion_id": "k", "assessor_id": ["x", "y"],
    ...                        "round": "1", "rating": ["red", "green"], "outcome": ["not_met", "met"]})
    >>> criteria = pd.DataFrame({"criterion_id": ["k"], "levels": ["red|yellow|green"]})
    >>> ballots(Audit(judged, criteria=criteria)).rating.tolist()
    [[[0, 2]]]
    """
    if not len(audit.judgements):
        raise AuditError("the audit has no judgements")
    cast = votes(audit, roll_up)
    shape = (len(cast.pairs), len(cast.portals), len(cast.assessors))
    place = tuple(cast.table[name].to_numpy() for name in ("pair", "portal", "assessor"))
    verdict = np.full(shape, NO_RATING)
    verdict[place] = cast.table["verdict"]
    scales = _Scales(audit, cast, roll_up)
    graded = [scales.levels(pair, verdict[pair]) for pair in range(len(cast.pairs))]
    rating = np.stack([rating for _, _, rating in graded])
    audited = (verdict >= 0) & (verdict < len(AUDITED))
    return Ballots(
        rating=np.where(audited, rating, NO_RATING),
        not_applicable=verdict == NOT_APPLICABLE,
        pairs=cast.pairs,
        levels=[words for words, _, _ in graded],
        values=[values for _, values, _ in graded],
        portals=cast.portals,
        assessors=cast.assessors,
    )


def one_rating(rating: np.ndarray, not_applicable: np.ndarray, rule: str = "majority") -> np.ndarray:
    """Return one level a cell from several ratings (last axis), :data:`NO_RATING` where nobody gave one.

    Where more assessors say that a criterion does not apply than give a level, there is none.
    """
    if rule not in LEVEL_RULES:
        raise AuditError(f"consensus is {rule!r}; for levels it can be {', '.join(LEVEL_RULES)}")
    width = int(rating.max(initial=0)) + 1
    counts = (rating[..., None] == np.arange(width)).sum(axis=-2)
    total = counts.sum(axis=-1)
    reached = counts.cumsum(axis=-1) * 2 >= np.maximum(total, 1)[..., None]
    level = counts.argmax(axis=-1) if rule == "majority" else reached.argmax(axis=-1)
    dropped = mostly_not_applicable(rating, not_applicable)
    return np.where((total == 0) | dropped, NO_RATING, level)


def mostly_not_applicable(rating: np.ndarray, not_applicable: np.ndarray) -> np.ndarray:
    """Tell for which cells more assessors (last axis) say that the criterion does not apply than give a level."""
    return not_applicable.sum(axis=-1) > (rating != NO_RATING).sum(axis=-1)


def with_not_applicable(cast: Ballots) -> Ballots:
    """Return ballots in which "not applicable" is one more level of every criterion, without a place on its scale."""
    place = np.array([len(words) for words in cast.levels])[:, None, None]
    return replace(
        cast,
        rating=np.where(cast.not_applicable, place, cast.rating),
        not_applicable=np.zeros(cast.rating.shape, dtype=bool),
        levels=[(*words, VERDICTS[NOT_APPLICABLE]) for words in cast.levels],
        values=[np.append(at, np.nan) for at in cast.values],
    )


def grouped(cast: Ballots, groups: Sequence[Collection[str]], rule: str = "majority") -> Ballots:
    """Return ballots in which each group of assessors speaks with one voice."""
    members = [[place for place, name in enumerate(cast.assessors) if name in group] for group in groups]
    rating = [one_rating(cast.rating[..., each], cast.not_applicable[..., each], rule) for each in members]
    dropped = [
        mostly_not_applicable(cast.rating[..., each], cast.not_applicable[..., each]) for each in members
    ]
    return replace(
        cast,
        rating=np.stack(rating, axis=-1),
        not_applicable=np.stack(dropped, axis=-1),
        assessors=[str(place) for place in range(len(groups))],
    )


# ---------------------------------------------------------------------------------------------- levels


class _Scales:
    """The ratings of each vote on its criterion's own scale, where every judgement of a pair has one."""

    def __init__(self, audit: Audit, cast: Votes, roll_up: str) -> None:
        scales = scale_table(audit.criteria)
        keys = zip(cast.pairs["criterion_id"], cast.pairs["round"], strict=True)
        self.scale = [scales.get(key, scales.get((key[0], None), ([], None))) for key in keys]
        self.words = [tuple(levels) for levels, _ in self.scale]
        shape = (len(cast.pairs), len(cast.portals), len(cast.assessors))
        self.worst = np.full(shape, np.iinfo(np.int64).max)
        self.complete = np.zeros(len(cast.pairs), dtype=bool)
        if roll_up != "share-of-pages":
            self._read(rolled_judgements(audit, roll_up), cast)

    def _read(self, judged: pd.DataFrame, cast: Votes) -> None:
        """Take the worst rating of each vote."""
        pair, portal, assessor = judgement_places(judged, cast.pairs, cast.portals, cast.assessors)
        outcome = judged["outcome"].cat.codes.to_numpy()
        used = (pair >= 0) & (portal >= 0) & (outcome >= 0) & (outcome < len(AUDITED))
        names = [str(name) for name in judged["rating"].cat.categories]
        pair, portal, assessor = pair[used], portal[used], assessor[used]
        code = judged["rating"].cat.codes.to_numpy()[used]
        self._count_scales(pair, code, names)
        lookup = np.full((len(self.words), len(names) + 1), NO_RATING)
        for row, words in enumerate(self.words):
            places = {word: place for place, word in enumerate(words)}
            lookup[row, : len(names)] = [places.get(name, NO_RATING) for name in names]
        place = lookup[pair, code]
        rows = len(self.words)
        self.complete = (np.bincount(pair, minlength=rows) > 0) & (
            np.bincount(pair[place < 0], minlength=rows) == 0
        )
        np.minimum.at(self.worst, (pair, portal, assessor), place)

    def _count_scales(self, pair: np.ndarray, code: np.ndarray, names: list[str]) -> None:
        """Take the numbers in which a criterion without levels was rated for its levels."""
        for row in np.unique(pair[code >= 0]):
            if not self.words[row]:
                used = {
                    names[one]: _number(names[one]) for one in np.unique(code[(pair == row) & (code >= 0)])
                }
                if None not in used.values():
                    self.words[row] = tuple(sorted(used, key=lambda name: used[name] or 0.0))

    def levels(self, pair: int, verdict: np.ndarray) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
        """Return the levels of a pair, where they stand, and the rating of each vote."""
        levels, good_from = self.scale[pair]
        if self.complete[pair]:
            words = self.words[pair]
            values = (
                [float(place) for place in range(len(words))] if levels else [_number(one) for one in words]
            )
            return words, np.array(values, dtype=float), self.worst[pair]
        meant = {outcome_of(word, levels, good_from) for word in levels}
        partly = "partly" in meant or bool((verdict == PARTLY).any())
        words = AUDITED if partly else ("not_met", "met")
        place = [words.index(name) if name in words else NO_RATING for name in VERDICTS]
        return words, np.arange(len(words), dtype=float), np.array([*place, NO_RATING])[verdict]


def _number(text: Any) -> float | None:
    try:
        return float(str(text).replace(",", "."))
    except ValueError:
        return None
