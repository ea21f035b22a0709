"""What a rating means: levels of a criterion, worst first, and the outcome that each stands for.

Hands on the outcome of a rating, and the ratings that are on no scale or contradict their outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.audit.schema import TABLES, as_text, fault_rows, shape

OUTCOMES = TABLES["judgements"].words("outcome")
"""What a judgement may say, the three audited ones first and worst first.

The words are those of W3C EARL 1.0 (``failed, passed, cantTell, inapplicable, untested``) with ``partly``
for the middle level of a graded criterion and ``error`` for a look that broke off.
"""

AUDITED = OUTCOMES[:3]
"""The outcomes that enter a denominator; the rest is shown beside, never counted as failed or passed."""

LEVEL_SEPARATOR = "|"
"""Between the levels of a criterion in ``criteria.levels``, worst first: ``red|yellow|green``."""


def split_levels(levels: Any) -> list[str]:
    """Return the levels that a cell of ``criteria.levels`` holds, worst first."""
    if _is_missing(levels):
        return []
    return [part.strip() for part in str(levels).split(LEVEL_SEPARATOR) if part.strip()]


def outcome_of(rating: str, levels: Sequence[str], good_from: str | None = None) -> str | None:
    """Return the outcome that a rating means on a criterion's scale.

    Parameters
    ----------
    rating : str
        A level, or a number for a criterion without levels.
    levels : sequence of str
        The levels, worst first; empty for a count.
    good_from : str, optional
        The level (or number) from which a portal meets the criterion; the best level if not given.

    Returns
    -------
    str or None
        ``met`` at ``good_from`` or above; ``not_met`` at the lowest level (or 0), ``partly`` between. None
        if the rating is not on the scale.
    """
    if levels:
        if rating not in levels:
            return None
        place = list(levels).index(rating)
        enough = list(levels).index(str(good_from)) if good_from in levels else len(levels) - 1
        return "met" if place >= enough else "not_met" if place == 0 else "partly"
    value, enough_count = _as_number(rating), _as_number(good_from)
    if value is None:
        return None
    least = 1.0 if enough_count is None else enough_count
    return "met" if value >= least else "not_met" if value <= 0 else "partly"


def _as_number(text: Any) -> float | None:
    try:
        return None if _is_missing(text) else float(str(text).replace(",", "."))
    except ValueError:
        return None


def rate(judgements: pd.DataFrame, criteria: pd.DataFrame) -> pd.DataFrame:
    """Fill the outcomes that are missing from the ratings, by each criterion's own scale.

    Parameters
    ----------
    judgements : DataFrame
        With ``criterion_id``, ``round`` and ``rating``; ``outcome`` where it is known already.
    criteria : DataFrame
        With ``criterion_id``, ``round``, ``levels`` and ``good_from``.

    Returns
    -------
    DataFrame
        A new frame in which ``outcome`` is filled: from the rating, or ``not_tested`` where there is none.
        A rating that is not on its criterion's scale leaves the outcome missing, so that :class:`Audit`
        names it.
    """
    rated = judgements.copy()
    known = (
        rated["outcome"].astype(object) if "outcome" in rated else pd.Series(None, rated.index, dtype=object)
    )
    meant = _meant(
        as_text(rated["criterion_id"]), as_text(rated["round"]), as_text(rated["rating"]), criteria
    )
    blank = _is_blank(known)
    filled = known.mask(blank, meant).mask(blank & _is_blank(rated["rating"]), "not_tested")
    rated["outcome"] = filled
    return rated


def _meant(criterion: pd.Series, round_: pd.Series, rating: pd.Series, criteria: pd.DataFrame) -> pd.Series:
    """Return the outcome each rating means, worked out once per distinct criterion, round and rating."""
    keys = pd.DataFrame({"criterion_id": criterion, "round": round_, "rating": rating})
    codes = keys.groupby(list(keys.columns), dropna=False, sort=False, observed=True).ngroup().to_numpy()
    first = pd.Series(codes).drop_duplicates().index
    scales = scale_table(criteria)
    meant: list[str | None] = []
    for name, when, word in keys.iloc[first].astype(object).itertuples(index=False, name=None):
        scale = scales.get((name, when), scales.get((name, None)))
        meant.append(None if scale is None or pd.isna(word) else outcome_of(word, *scale))
    return pd.Series(
        np.array(meant, dtype=object)[codes] if len(keys) else [], index=criterion.index, dtype=object
    )


def scale_table(criteria: pd.DataFrame) -> dict[tuple[str, str | None], tuple[list[str], str | None]]:
    """Return (criterion, round or None) → (levels worst first, good_from or None)."""
    scales: dict[tuple[str, str | None], tuple[list[str], str | None]] = {}
    for row in shape("criteria", criteria).astype(object).itertuples(index=False):
        when = None if _is_missing(row.round) else str(row.round)
        good = None if _is_missing(row.good_from) else str(row.good_from)
        scales[(str(row.criterion_id), when)] = (split_levels(row.levels), good)
    return scales


def rating_faults(judgements: pd.DataFrame, criteria: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the judgements whose rating is off its scale, or against the outcome beside it."""
    if not len(judgements) or not len(criteria) or judgements["rating"].isna().all():
        return []
    meant = _meant(judgements["criterion_id"], judgements["round"], judgements["rating"], criteria)
    outcome = judgements["outcome"].astype(object)
    judged = judgements["rating"].notna() & outcome.isin(AUDITED)
    off_scale = judged & meant.isna()
    against = judged & meant.notna() & (meant != outcome)
    faults = []
    if off_scale.any():
        allowed = "a level of its criterion (criteria.levels), or a number where it has none"
        faults.append(
            fault_rows("judgements", judgements, off_scale, "rating", judgements["rating"], allowed)
        )
    if against.any():
        found = outcome + " for the rating " + judgements["rating"].astype(object)
        allowed = "the outcome that the rating means (criteria.levels, criteria.good_from)"
        faults.append(fault_rows("judgements", judgements, against, "outcome", found, allowed))
    return faults


def _is_blank(column: pd.Series) -> pd.Series:
    """Missing, or text of nothing but blanks."""
    return as_text(column).isna()


def _is_missing(value: Any) -> bool:
    return (
        value is None or (not isinstance(value, list | tuple | dict) and bool(pd.isna(value))) or value == ""
    )
