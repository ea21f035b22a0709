"""Tools against people: what a tool finds of the failures that people find, and prevalence corrected for it.

Takes an audit in which tools and people judged the same success criteria; hands on ESTIMATES.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.audit import intervals
from portal_analysis.audit.consensus import NOT_MET, PARTLY, RULES, decide, votes
from portal_analysis.audit.intervals import check_level
from portal_analysis.audit.judgements import ASSESSOR_KINDS, AUDITED, OUTCOMES, Audit, AuditError
from portal_analysis.audit.shares import finish

NO_FAILURES = "no-failure-by-people"
NO_PASSES = "no-pass-by-people"
NO_BETTER = "no-better-than-chance"
"""Sensitivity and specificity add up to 1 or less: what the tool says tells nothing, and nothing can be corrected."""


def tool_accuracy(
    audit: Audit,
    people: Sequence[str] = ("expert",),
    tool: str | None = None,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    interval: str | None = "superpopulation",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate which share of the failures that people find a tool finds, and which share of their passes it passes.

    What a tool cannot see is no sign that a portal is accessible: this says how much it sees, by what people
    found on the same portals.

    Parameters
    ----------
    audit : Audit
        With criteria that name their success criterion (``wcag_sc``), judged by assessors of the kind ``tool`` and
        by people.
    people : sequence of str
        The kinds of assessors who are taken to be right.
    tool : str, optional
        A value of ``assessors.tool``; every tool by itself if not given.
    consensus, roll_up : str
        How several people, or several versions of a tool, and pages become one verdict on a portal.
    interval : {"superpopulation", None}
        Wilson's interval, as if the portals were a sample.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES with the indicators ``sensitivity`` and ``specificity``, domains ``round, tool, wcag_sc`` (missing
        for all together): ``count`` of ``base`` portals (or portals × success criteria) that fail, or pass, by
        people. ``note`` says why a number is missing. Rows over all success criteria take cells of a portal together.

    Raises
    ------
    AuditError
        If no criterion names a success criterion, or nowhere did a tool and people judge the same one on the same
        portal.

    Notes
    -----
    A failure is ``not_met`` or ``partly`` on any criterion of the success criterion. A tool tests a part of a success
    criterion: a pass by the tool is no pass, which is what the sensitivity shows. Over all success criteria the
    interval uses the number of cells that would give the variance between portals if all were independent
    (E. Wilson, *JASA* 22 (1927) 209–212; L. Kish, *Survey Sampling*, 1965, § 8.2).

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> words = {"f": "not_met", "p": "met"}
    >>> judged = pd.DataFrame({"portal_id": list("abcdef") * 2, "criterion_id": ["alt"] * 6 + ["axe:image"] * 6,
    ...                        "assessor_id": ["expert"] * 6 + ["axe"] * 6, "round": "1",
    ...                        "outcome": [words[one] for one in "ffffpp" + "fffppp"]})
    >>> criteria = pd.DataFrame({"criterion_id": ["alt", "axe:image"], "wcag_sc": "1.1.1"})
    >>> assessors = pd.DataFrame({"assessor_id": ["expert", "axe"], "kind": ["expert", "tool"],
    ...                           "tool": [None, "axe"]})
    >>> audit = pa.Audit(judged, criteria=criteria, assessors=assessors)
    >>> print(pa.tool_accuracy(audit)[["indicator", "estimate"]].round(2).to_string(index=False))
      indicator  estimate
    sensitivity      0.75
    specificity      1.00
    sensitivity      0.75
    specificity      1.00
    """
    people = list(people)
    unknown = [kind for kind in people if kind not in ASSESSOR_KINDS or kind == "tool"]
    if unknown or not people:
        allowed = [kind for kind in ASSESSOR_KINDS if kind != "tool"]
        raise AuditError(f"people are {people}; they can be {', '.join(allowed)}")
    if interval not in (None, "superpopulation"):
        raise AuditError(f"interval is {interval!r}; for tools it can be None or 'superpopulation'")
    cells = _cells(audit, people, tool, consensus, roll_up)
    rows = []
    for (when, name), own in cells.groupby(["round", "tool"], sort=True):
        for number, part in [*own.groupby("wcag_sc", sort=True), (None, own)]:
            for kind in ("sensitivity", "specificity"):
                about = {"round": when, "tool": name, "wcag_sc": number}
                rows.append(_share(part, kind, interval, level) | about)
    table = pd.DataFrame(rows).assign(unit="proportion", measure="proportion", interval=interval or "")
    return finish(audit, table.assign(level=level if interval else np.nan), ["round", "tool", "wcag_sc"])


def corrected_prevalence(
    audit: Audit,
    people: Sequence[str] = ("expert",),
    tool: str | None = None,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    interval: str | None = "superpopulation",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate from a tool the share of portals that fail each success criterion, corrected for the tool's errors.

    For tools that were run on all portals and people who judged a few of them.

    Parameters
    ----------
    audit, people, tool, consensus, roll_up, interval, level
        As in :func:`tool_accuracy`; the portals that people judged too are where sensitivity and specificity come
        from.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``failing portals``, domains ``round, tool, wcag_sc``; ``n`` = ``base`` portals
        that the tool audited. Extras: ``apparent``, the share by the tool; ``sensitivity``, ``specificity``;
        ``checked``, portals that people judged too; ``raw``, the estimate before it is cut to 0 and 1; ``note``.

    Notes
    -----
    ``p = (o + Sp − 1) / (Se + Sp − 1)``, with variance ``[o (1 − o) / n + p² Se (1 − Se) / n₁ + (1 − p)² Sp (1 − Sp)
    / n₀] / (Se + Sp − 1)²`` (W. Rogan & B. Gladen, *Am. J. Epidemiol.* 107 (1978) 71–76), n₁ and n₀ the portals that
    fail and pass by people, and p as ``raw``. It supposes that the tool errs elsewhere as often as on the portals that
    people judged. In small samples the interval is rough, and where Se or Sp is 0 or 1 its part of the variance is 0.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> said = {"alt": "ffffpp", "axe:image": "fffppp"}
    >>> rows = [(criterion, portal, "met" if letter == "p" else "not_met")
    ...         for criterion, letters in said.items() for portal, letter in zip("abcdef", letters)]
    >>> judged = pd.DataFrame(rows, columns=["criterion_id", "portal_id", "outcome"]).assign(round="1")
    >>> judged["assessor_id"] = judged["criterion_id"].map({"alt": "expert", "axe:image": "axe"})
    >>> people = pd.DataFrame({"assessor_id": ["expert", "axe"], "kind": ["expert", "tool"], "tool": [None, "axe"]})
    >>> named = pd.DataFrame({"criterion_id": list(said), "wcag_sc": "1.1.1"})
    >>> audit = pa.Audit(judged, criteria=named, assessors=people)
    >>> print(pa.corrected_prevalence(audit)[["indicator", "estimate"]].round(2).to_string(index=False))
          indicator  estimate
    failing portals      0.67
    """
    from statistics import NormalDist

    check_level(level)
    checked = tool_accuracy(audit, people, tool, consensus, roll_up, None)
    found = checked.pivot(
        index=["round", "tool", "wcag_sc"], columns="indicator", values=["estimate", "base"]
    )
    apparent = _apparent(audit, tool, consensus, roll_up)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rows = []
    for where, own in found[found.index.get_level_values("wcag_sc").notna()].iterrows():
        key: tuple[str, str, str] = where  # type: ignore[assignment]
        se, sp = own[("estimate", "sensitivity")], own[("estimate", "specificity")]
        n1, n0 = own[("base", "sensitivity")], own[("base", "specificity")]
        o, n = apparent.loc[[key]].to_numpy(dtype=float)[0]
        row: dict[str, Any] = dict(zip(["round", "tool", "wcag_sc"], key, strict=True))
        row |= {"apparent": o, "sensitivity": se, "specificity": sp, "checked": n1 + n0, "n": n, "base": n}
        rows.append(row | rogan_gladen(o, n, se, sp, n1, n0, z if interval else None))
    table = pd.DataFrame(rows).assign(
        indicator="failing portals", unit="proportion", measure="proportion", interval=interval or ""
    )
    return finish(audit, table.assign(level=level if interval else np.nan), ["round", "tool", "wcag_sc"])


def rogan_gladen(
    o: float, n: float, se: float, sp: float, n1: float, n0: float, z: float | None
) -> dict[str, Any]:
    """Return the corrected share of failures; o of n fail by the tool, n1 fail and n0 pass by people."""
    if np.isnan(se) or np.isnan(sp):
        return {"estimate": np.nan, "raw": np.nan, "note": NO_FAILURES if np.isnan(se) else NO_PASSES}
    if se + sp - 1 <= 1e-12:
        return {"estimate": np.nan, "raw": np.nan, "note": NO_BETTER}
    raw = (o + sp - 1) / (se + sp - 1)
    p = min(max(raw, 0.0), 1.0)
    row: dict[str, Any] = {"estimate": p, "raw": raw, "note": ""}
    if z is not None:
        variance = o * (1 - o) / n + raw**2 * se * (1 - se) / n1 + (1 - raw) ** 2 * sp * (1 - sp) / n0
        row["se"] = np.sqrt(variance) / (se + sp - 1)
        row |= {"ci_low": max(raw - z * row["se"], 0.0), "ci_high": min(raw + z * row["se"], 1.0)}
        row |= {"ci_low": min(row["ci_low"], p), "ci_high": max(row["ci_high"], p)}
    return row


# ---------------------------------------------------------------------------------------------- cells


def _cells(audit: Audit, people: list[str], tool: str | None, consensus: str, roll_up: str) -> pd.DataFrame:
    """Round, success criterion, portal, tool; whether people and whether the tool find a failure."""
    by_people = _failures(audit, audit.assessors["kind"].isin(people), consensus, roll_up)
    keys = ["round", "wcag_sc", "portal_id"]
    parts = []
    for name, mine in _tools(audit, tool):
        by_tool = _failures(audit, mine, consensus, roll_up)
        both = by_people.merge(by_tool, on=keys, suffixes=("_people", "_tool"))
        parts.append(both.assign(tool=name))
    cells = pd.concat(parts, ignore_index=True)
    if not len(cells):
        raise AuditError("nowhere did a tool and people judge the same success criterion of the same portal")
    return cells


def _tools(audit: Audit, tool: str | None) -> list[tuple[str, pd.Series]]:
    assessors = audit.assessors.astype(object)
    own = assessors[assessors["kind"] == "tool"]
    names = own["tool"].where(own["tool"].notna(), own["assessor_id"])
    found = [(str(name), audit.assessors["assessor_id"].isin(own.loc[names == name, "assessor_id"]))
             for name in names.unique() if tool in (None, name)]  # fmt: skip
    if not found:
        raise AuditError(
            f"no tool {tool or ''!r} among the assessors; there are {sorted(map(str, names.unique()))}"
        )
    return found


def _failures(audit: Audit, chosen: pd.Series, consensus: str, roll_up: str) -> pd.DataFrame:
    """Round, success criterion and portal: does it fail by these assessors? What they could not decide is left out."""
    if consensus not in RULES:
        raise AuditError(f"consensus is {consensus!r}; it can be {', '.join(RULES)}")
    cast = votes(audit, roll_up).of(set(audit.assessors.loc[chosen.to_numpy(), "assessor_id"].astype(object)))
    named = (
        cast.pairs["wcag_sc"]
        if "wcag_sc" in cast.pairs
        else pd.Series(None, index=cast.pairs.index, dtype=object)
    )
    if not audit.criteria["wcag_sc"].notna().any():
        raise AuditError("no criterion names its success criterion (criteria.wcag_sc)")
    shape = (len(cast.pairs), len(cast.portals), len(OUTCOMES))
    table = cast.table
    flat = (table["pair"] * shape[1] + table["portal"]).to_numpy() * shape[2] + table["verdict"].to_numpy()
    verdict, _ = decide(np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape), consensus)
    pair, portal = np.nonzero(verdict < len(AUDITED))
    rows = pd.DataFrame({"round": cast.pairs["round"].to_numpy(dtype=object)[pair]})
    rows["wcag_sc"] = [re.findall(r"\d+\.\d+\.\d+", str(one)) for one in named.to_numpy(dtype=object)[pair]]
    rows["portal_id"] = np.array(cast.portals, dtype=object)[portal]
    rows["fails"] = np.isin(verdict[pair, portal], (NOT_MET, PARTLY))
    rows = rows.explode("wcag_sc").dropna(subset=["wcag_sc"])
    return rows.groupby(["round", "wcag_sc", "portal_id"])["fails"].max().reset_index()


def _apparent(audit: Audit, tool: str | None, consensus: str, roll_up: str) -> pd.DataFrame:
    parts = []
    for name, mine in _tools(audit, tool):
        parts.append(_failures(audit, mine, consensus, roll_up).assign(tool=name))
    whole = pd.concat(parts).astype({"fails": float})
    return whole.groupby(["round", "tool", "wcag_sc"])["fails"].agg(["mean", "size"])


def _share(cells: pd.DataFrame, kind: str, interval: str | None, level: float) -> dict[str, Any]:
    fails = kind == "sensitivity"
    own = cells[cells["fails_people"].astype(bool) == fails]
    right = own["fails_tool"].astype(bool) == fails
    count, n = int(right.sum()), len(own)
    row: dict[str, Any] = {"indicator": kind, "count": count, "base": n, "n": n}
    row["estimate"] = count / n if n else np.nan
    row["note"] = "" if n else (NO_FAILURES if fails else NO_PASSES)
    if interval and n:
        effective = _effective(right.astype(float), own["portal_id"], row["estimate"])
        low, high = intervals.wilson(row["estimate"] * effective, effective, level)
        row |= {"ci_low": float(low), "ci_high": float(high)}
    return row


def _effective(right: pd.Series, portal: pd.Series, share: float) -> float:
    """How many independent cells would vary as those of these portals do."""
    n, portals = len(right), portal.nunique()
    if n == portals:
        return float(n)
    if share in (0.0, 1.0) or portals < 2:
        return float(portals)
    sums = (right - share).groupby(portal.to_numpy()).sum()
    variance = portals / (portals - 1) * float((sums**2).sum()) / n**2
    return float(min(share * (1 - share) / variance, n)) if variance > 0 else float(n)
