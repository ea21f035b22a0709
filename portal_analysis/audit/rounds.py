"""What changed from one round to the next, and whether the rounds can be compared at all.

Takes an audit of several rounds; hands on the flows of portals as a list, and ESTIMATES of change.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis import shape as est
from portal_analysis.audit import paired
from portal_analysis.audit.ballots import NO_RATING, Ballots, ballots, one_rating
from portal_analysis.audit.intervals import check_level
from portal_analysis.audit.judgements import Audit, AuditError, outcome_of
from portal_analysis.audit.shares import finish
from portal_analysis.inference import adjusted

FLOWS = ("still failing", "fixed", "new", "kept")
"""Met in neither round; not met, then met; met, then not met; met in both."""

MOST_CHANGE = 0.4
LEAST_PHI = 0.1
"""A criterion whose share met moves by more than :data:`MOST_CHANGE`, with next to no correlation between the rounds
(phi of at most this, or not defined), has probably been defined anew: portals that improve keep their order."""

OTHER_WORDING = "other-wording"
OTHER_LEVELS = "other-levels"
ONE_SIDED = "one-sided-flow"


def flows(
    audit: Audit, first: str, second: str, consensus: str = "majority", roll_up: str = "any-page-fails"
) -> pd.DataFrame:
    """List for each portal and criterion what became of it from one round to another.

    Parameters
    ----------
    audit : Audit
    first, second : str
        Two rounds.
    consensus : {"majority", "median"}
    roll_up : str

    Returns
    -------
    DataFrame
        ``criterion_id, portal_id, before, after`` (levels), ``flow`` (of :data:`FLOWS`): every portal with a level
        on the criterion in both rounds. Not ESTIMATES: a list.

    Raises
    ------
    AuditError
        If a round is not in the audit, or the rounds share no portal and criterion.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> chile = pa.load_audit("egi-chile")
    >>> found = pa.flows(chile, "2019", "2021")
    >>> print(found["flow"].value_counts().to_string())
    flow
    still failing    2195
    kept             1381
    new              1186
    fixed             780
    """
    parts = []
    for pair in _paired(audit, first, second, consensus, roll_up):
        both = (pair["before"] != NO_RATING) & (pair["after"] != NO_RATING)
        before, after = pair["before"][both], pair["after"][both]
        good = pair["good_before"][before].astype(int), pair["good_after"][after].astype(int)
        flow = np.array(FLOWS, dtype=object)[2 * good[0] + good[1]]
        words = [np.array(one, dtype=object) for one in (pair["levels_before"], pair["levels_after"])]
        names = np.array(pair["portals"], dtype=object)[both]
        table = pd.DataFrame(
            {"portal_id": names, "before": words[0][before], "after": words[1][after], "flow": flow}
        )
        parts.append(table.assign(criterion_id=pair["criterion_id"]))
    table = pd.concat(parts, ignore_index=True)
    return table[["criterion_id", "portal_id", "before", "after", "flow"]]


def rounds(
    audit: Audit,
    first: str,
    second: str,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    interval: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate how the share of portals that meet each criterion changed between two rounds, the same portals in both.

    Portals are compared with themselves, so that a portal that is new in the second round moves nothing.

    Parameters
    ----------
    audit : Audit
    first, second : str
        Two rounds.
    consensus : {"majority", "median"}
        How several assessors become one level.
    roll_up : str
    interval : {None, "superpopulation"}
        Tango's score limits, as if the portals were a sample; a census of portals changed as it did.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``change`` and the domains ``criterion_id``, ``first`` and ``second``:
        ``estimate`` = share met after less share met before, over ``n`` = ``base`` portals rated in both. Extras:
        ``unit``; ``kept, fixed, new, still_failing``, the flows; ``share_first, share_second``; ``p_value``
        (McNemar, mid-p) and ``p_exact``; ``stuart_maxwell, bhapkar`` with ``test_df`` and ``p_stuart_maxwell,
        p_bhapkar``, for the levels; ``p_holm``, the p-value adjusted for the number of criteria that can be
        compared; ``phi``; ``comparable`` and ``reason``: ``other-wording``, ``other-levels`` or ``one-sided-flow``.
        A criterion that cannot be compared is flagged ``not comparable``. Criteria of one round only are left out.

    Raises
    ------
    AuditError
        If a round is not in the audit, or the rounds share no portal and criterion.

    Notes
    -----
    Comparable are criteria with the same wording and levels whose flow is not so one-sided that they were probably
    defined anew: see :data:`LEAST_PHI`. The p-values are about a process that makes portals better or worse; of a
    census the flows are what happened.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> chile = pa.load_audit("egi-chile")
    >>> changed = pa.rounds(chile, "2019", "2021")
    >>> print(changed[["criterion_id", "estimate", "n"]].head(3).round(3).to_string(index=False))
    criterion_id  estimate     n
           forms    -0.770 326.0
            news     0.436 326.0
          search     0.083 326.0
    """
    if interval not in (None, "superpopulation"):
        raise AuditError(f"interval is {interval!r}; for change it can be None or 'superpopulation'")
    check_level(level)
    rows = [_change(pair, interval, level) for pair in _paired(audit, first, second, consensus, roll_up)]
    table = pd.DataFrame(rows).assign(
        first=first, second=second, indicator="change", unit="points", measure="difference"
    )
    tested = table["p_value"].where(table["comparable"])
    table["p_holm"] = adjusted(tested.to_numpy(dtype=float), "holm")
    shaped = finish(
        audit,
        table.assign(interval=interval or "", level=level if interval else np.nan),
        ["criterion_id", "first", "second"],
    )
    return est.add_flag(shaped, "not comparable", ~shaped["comparable"].astype(bool))


def several_rounds(
    audit: Audit,
    of: Sequence[str] | None = None,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
) -> pd.DataFrame:
    """Test over three or more rounds whether as many portals meet each criterion.

    One test for all rounds, before :func:`rounds` is asked which of them differ.

    Parameters
    ----------
    audit : Audit
    of : sequence of str, optional
        The rounds; all if not given.
    consensus, roll_up
        As in :func:`rounds`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``Cochran's Q`` and the domain ``criterion_id``: the statistic, ``df`` its
        degrees of freedom, ``n`` portals rated in every round; ``p_value`` and ``p_holm``. Criteria that are not in
        every round, or whose wording or levels changed on the way, are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> met = {"a": "ynn", "b": "yyn", "c": "yyy", "d": "yyn", "e": "ynn", "f": "yyn"}
    >>> rows = [(portal, str(2022 + k), "met" if one == "y" else "not_met")
    ...         for portal, told in met.items() for k, one in enumerate(told)]
    >>> judged = pd.DataFrame(rows, columns=["portal_id", "round", "outcome"])
    >>> found = pa.several_rounds(pa.Audit(judged.assign(criterion_id="k", assessor_id="x")))
    >>> print(found[["estimate", "df", "p_value"]].round(3).to_string(index=False))
     estimate  df  p_value
          7.6 2.0    0.022
    """
    names = list(of) if of is not None else audit.rounds()
    if len(names) < 3:
        raise AuditError(
            f"Cochran's Q is for three rounds and more; these are {names}. For two take rounds()"
        )
    pairs = [_paired(audit, names[0], name, consensus, roll_up) for name in names[1:]]
    common = set.intersection(
        *[{one["criterion_id"] for one in pair if not _difference(one)} for pair in pairs]
    )
    if not common:
        raise AuditError(f"no criterion is in all of the rounds {names} with the same wording and levels")
    rows = []
    for first in [one for one in pairs[0] if one["criterion_id"] in common]:
        own = [next(one for one in pair if one["criterion_id"] == first["criterion_id"]) for pair in pairs]
        level = np.column_stack([first["before"], *[one["after"] for one in own]])
        complete = level[(level != NO_RATING).all(axis=1)]
        q, df, p = paired.cochran(first["good_before"][complete].astype(int))
        n = len(complete)
        rows.append(
            {"criterion_id": first["criterion_id"], "estimate": q, "df": df, "p_value": p, "n": n, "base": n}
        )
    table = pd.DataFrame(rows).assign(indicator="Cochran's Q", unit="number", measure="test statistic")
    table["p_holm"] = adjusted(table["p_value"].to_numpy(dtype=float), "holm")
    return finish(audit, table, ["criterion_id"])


def chained_index(
    audit: Audit,
    of: Sequence[str] | None = None,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
) -> pd.DataFrame:
    """Follow the mean share of criteria met over rounds, on what can be compared only.

    Criteria and portals that come and go would move a plain mean; each step is taken on those that both
    rounds have.

    Parameters
    ----------
    audit : Audit
    of : sequence of str, optional
        The rounds in order; all if not given.
    consensus, roll_up
        As in :func:`rounds`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``chained index`` and the domain ``round``. The first round has its mean over
        the criteria that can be compared with the second; every further one adds the mean change over the criteria
        and portals comparable with the round before. Extras: ``n_criteria`` behind the link, ``left_out`` and
        ``naive``, the mean over all criteria of the round, which mixes change with the change of criteria.

    Raises
    ------
    AuditError
        If there are fewer than two rounds, or two that follow share no comparable criterion.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> chile = pa.load_audit("egi-chile")
    >>> index = pa.chained_index(chile)
    >>> print(index[["round", "estimate"]].round(1).to_string(index=False))
    round  estimate
     2019       0.4
     2021       0.3
    """
    names = list(of) if of is not None else audit.rounds()
    if len(names) < 2:
        raise AuditError(f"a chain needs two rounds; there are {names}")
    rows: list[dict[str, Any]] = []
    for before, after in pairwise(names):
        table = rounds(audit, before, after, consensus, roll_up)
        own = table[table["comparable"] & table["estimate"].notna()]
        if not len(own):
            reasons = dict(zip(table["criterion_id"], table["reason"], strict=True))
            raise AuditError(
                f"rounds {before} and {after} share no criterion that can be compared: {reasons}"
            )
        if not rows:
            rows.append({"round": before, "estimate": own["share_first"].mean(), "n_criteria": len(own)})
            rows[0] |= {"n": own["n"].max(), "left_out": "", "naive": table["share_first"].mean()}
        left = ", ".join(table.loc[~table["comparable"], "criterion_id"].astype(str))
        step = {
            "round": after,
            "estimate": rows[-1]["estimate"] + own["estimate"].mean(),
            "n_criteria": len(own),
        }
        rows.append(step | {"n": own["n"].max(), "left_out": left, "naive": table["share_second"].mean()})
    table = pd.DataFrame(rows).assign(indicator="chained index", unit="proportion", measure="score")
    return finish(audit, table.assign(base=table["n"]), ["round"])


# ---------------------------------------------------------------------------------------------- pairs of rounds


def _paired(audit: Audit, first: str, second: str, consensus: str, roll_up: str) -> list[dict[str, Any]]:
    """Return what two rounds say of each criterion that both have."""
    cast = ballots(audit, roll_up)
    there = list(dict.fromkeys(cast.pairs["round"]))
    if first not in there or second not in there or first == second:
        raise AuditError(f"rounds are {first!r} and {second!r}; the audit has {there}, take two of them")
    level = one_rating(cast.rating, cast.not_applicable, consensus)
    place = {
        key: row for row, key in enumerate(zip(cast.pairs["round"], cast.pairs["criterion_id"], strict=True))
    }
    found = []
    for name in dict.fromkeys(cast.pairs["criterion_id"]):
        if (first, name) in place and (second, name) in place:
            rows = place[(first, name)], place[(second, name)]
            one: dict[str, Any] = {"criterion_id": name, "portals": cast.portals}
            for when, row in zip(("before", "after"), rows, strict=True):
                one[when], one[f"levels_{when}"] = level[row], cast.levels[row]
                one[f"good_{when}"], one[f"about_{when}"] = _good(cast, row), cast.pairs.iloc[row]
            found.append(one)
    shared = [((one["before"] != NO_RATING) & (one["after"] != NO_RATING)).any() for one in found]
    if not any(shared):
        raise AuditError(
            f"rounds {first} and {second} share no portal that was rated on the same criterion in both"
        )
    return [one for one, any_ in zip(found, shared, strict=True) if any_]


def _good(cast: Ballots, row: int) -> np.ndarray:
    about = cast.pairs.iloc[row]
    wanted = about.get("good_from")
    levels = [] if about.get("scale") == "count" else list(cast.levels[row])
    own = None if pd.isna(wanted) else str(wanted)
    return np.array([outcome_of(word, levels, own) == "met" for word in cast.levels[row]])


def _difference(pair: dict[str, Any]) -> str:
    """Why the criterion is another one in the second round, if it is."""
    before, after = pair["about_before"], pair["about_after"]
    for column in ("wording_vi", "wording_en"):
        words = [" ".join(str(one.get(column)).casefold().split()) for one in (before, after)]
        known = not pd.isna(before.get(column)) and not pd.isna(after.get(column))
        if known and words[0] != words[1]:
            return OTHER_WORDING
    same = pair["levels_before"] == pair["levels_after"] and (pair["good_before"] == pair["good_after"]).all()
    return "" if same else OTHER_LEVELS


def _change(pair: dict[str, Any], interval: str | None, level: float) -> dict[str, Any]:
    both = (pair["before"] != NO_RATING) & (pair["after"] != NO_RATING)
    before, after = pair["before"][both], pair["after"][both]
    one, two = pair["good_before"][before], pair["good_after"][after]
    n = int(both.sum())
    kept, new, fixed, neither = (int(part.sum()) for part in (one & two, one & ~two, ~one & two, ~one & ~two))
    exact, mid = paired.mcnemar(fixed, new)
    row: dict[str, Any] = {
        "criterion_id": pair["criterion_id"],
        "estimate": (fixed - new) / n,
        "n": n,
        "base": n,
    }
    row |= {"kept": kept, "fixed": fixed, "new": new, "still_failing": neither}
    row |= {"share_first": (kept + new) / n, "share_second": (kept + fixed) / n}
    row |= {"p_value": mid, "p_exact": exact, "phi": paired.phi(kept, new, fixed, neither)}
    reason = _difference(pair)
    if reason != OTHER_LEVELS:
        table = np.zeros((len(pair["levels_before"]),) * 2, dtype=int)
        np.add.at(table, (before, after), 1)
        for name in ("stuart_maxwell", "bhapkar"):
            row[name], row["test_df"], row[f"p_{name}"] = paired.homogeneity(table, name)
    one_sided = abs(row["estimate"]) > MOST_CHANGE and not row["phi"] > LEAST_PHI
    row["reason"] = reason or (ONE_SIDED if one_sided else "")
    row["comparable"] = not row["reason"]
    if interval:
        row["ci_low"], row["ci_high"] = paired.score_limits(fixed, new, n, level)
    return row
