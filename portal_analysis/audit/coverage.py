"""What was to be audited and what was reached, so that a gap is seen before a share is read.

Hands on ESTIMATES: cells (portal × criterion) or visits reached out of those expected, with the reasons
beside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from portal_analysis.audit.consensus import VERDICTS, Votes, decide, tally_votes, votes
from portal_analysis.audit.judgements import AUDITED, RUN_STATUSES, Audit, AuditError
from portal_analysis.audit.shares import by_assessors, finish, split_domains

REASONS = ("audited", "not_applicable", "cant_tell", "error", "not_tested", "no_record")
"""What became of an expected cell; the first three were reached."""

REACHED = REASONS[:3]
FAILED_RUNS = tuple(status for status in RUN_STATUSES if status not in ("ok", "unknown"))
"""Visits that did not see the page that was meant."""


def coverage(
    audit: Audit, by: str | Sequence[str] = ("round",), of: str = "judgements", roll_up: str = "worst"
) -> pd.DataFrame:
    """Count what was reached out of what was expected.

    Parameters
    ----------
    audit : Audit
    by : str or sequence of str
        Any of ``round``, ``criterion_id``, ``portal_id``, other columns of ``portals``, ``criteria`` or
        ``assessors`` (``kind``, ``tool``, ``assessor_id``), and ``reason``, which gives one row a reason.
        An empty sequence gives the total.
    of : {"judgements", "runs"}
        ``judgements``: cells portal × criterion × round. A group of assessors is expected to judge on every
        portal the criteria that it judged on at least one. ``runs``: visits in the ledger of runs, which
        also knows pages that left no judgement at all, and those that led to something else: a log-in, another site.
    roll_up : str
        How pages become one vote; see :data:`portal_analysis.audit.consensus.ROLL_UPS`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``coverage`` (``visits`` for runs): ``estimate`` = ``count / base``,
        ``count`` = reached, ``base`` = ``n`` = expected. Reached means that somebody looked and said
        something: audited, not applicable or cannot tell. Extras: one column of counts for each reason. A
        cell without a judgement counts as ``error`` where every run on that portal in that round failed.

    Raises
    ------
    AuditError
        If a column of ``by`` is in no table.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("portal-review-simulated")
    >>> reached = pa.coverage(audit)
    >>> print(reached[["round", "count", "base"]].to_string(index=False))
    round  count  base
     2022  252.0   252
     2023  814.0   819
     2024  755.0   756
    """
    names = [by] if isinstance(by, str) else list(by)
    if of == "runs":
        return _visits(audit, names)
    if of != "judgements":
        raise AuditError(f"of is {of!r}; it can be 'judgements' or 'runs'")
    own = ("round", "criterion_id", "portal_id", "reason")
    domains = split_domains(audit, [name for name in names if name not in own])
    cast = votes(audit, roll_up)
    parts = [
        _cells(audit, part, [*domains.portals, *domains.criteria]).assign(**values)
        for values, part in by_assessors(audit, cast, domains.assessors)
    ]
    cells = pd.concat(parts, ignore_index=True)
    return _tabulate(audit, cells, names, REASONS, REACHED, "coverage")


def _cells(audit: Audit, cast: Votes, columns: Sequence[str]) -> pd.DataFrame:
    """One row an expected cell with its reason and the columns asked for."""
    verdict, _ = decide(tally_votes(cast), "any-fails")
    words = np.array([*["audited"] * len(AUDITED), *VERDICTS[len(AUDITED) :]], dtype=object)
    place = np.repeat(np.arange(len(cast.pairs)), len(cast.portals))
    cells = cast.pairs.iloc[place].reset_index(drop=True)
    cells["portal_id"] = np.tile(np.array(cast.portals, dtype=object), len(cast.pairs))
    cells["reason"] = words[verdict.ravel()]
    failed = _failed_visits(audit, cast)
    lost = (cells["reason"] == "no_record") & pd.Series(
        [key in failed for key in zip(cells["round"], cells["portal_id"], strict=True)], dtype=bool
    )
    cells["reason"] = cells["reason"].mask(lost, "error")
    about = [name for name in columns if name not in cells.columns]
    if about:
        portals = audit.portals.astype({"portal_id": object})[["portal_id", *about]]
        cells = cells.merge(portals, on="portal_id", how="left", validate="many_to_one")
    return cells[["round", "criterion_id", "portal_id", "reason", *columns]]


def _failed_visits(audit: Audit, cast: Votes) -> set[tuple[str, str]]:
    """Return the (round, portal) on which all runs of these assessors failed; one without a round is of all rounds."""
    runs = audit.runs
    voters = {cast.assessors[place] for place in cast.table["assessor"].unique()}
    runs = runs[runs["assessor_id"].isna() | runs["assessor_id"].isin(voters)]
    runs = runs[runs["portal_id"].notna()].astype({"portal_id": object, "round": object})
    failed = runs["status"].isin(FAILED_RUNS)
    found = set()
    for when in cast.pairs["round"].unique():
        mine = runs["round"].isna() | (runs["round"] == when)
        every = failed[mine].groupby(runs.loc[mine, "portal_id"]).all()
        found |= {(when, portal) for portal in every.index[every]}
    return found


def _visits(audit: Audit, names: list[str]) -> pd.DataFrame:
    runs = audit.runs.astype({"status": object}).rename(columns={"status": "reason"})
    unknown = [name for name in names if name not in runs.columns and name not in audit.portals.columns]
    if unknown:
        columns = [*runs.columns, *audit.portals.columns]
        raise AuditError(f"by: no column {unknown} in runs or portals; they have {columns}")
    about = [name for name in names if name not in runs.columns]
    if about:
        runs = runs.merge(audit.portals[["portal_id", *about]], on="portal_id", how="left")
    return _tabulate(audit, runs, names, RUN_STATUSES, ("ok",), "visits")


def _tabulate(
    audit: Audit,
    cells: pd.DataFrame,
    names: list[str],
    reasons: Sequence[str],
    reached: Sequence[str],
    indicator: str,
) -> pd.DataFrame:
    """Count the reasons in every domain; one row a domain, or one a domain and reason."""
    domains = [name for name in names if name != "reason"]
    counts = pd.DataFrame({reason: (cells["reason"] == reason).astype(int) for reason in reasons})
    if domains:
        keys = [cells[name].astype(object) for name in domains]
        counts = counts.groupby(keys, dropna=False, sort=True).sum().reset_index()
    else:
        counts = counts.sum().to_frame().T
    rows = counts.assign(indicator=indicator, unit="proportion")
    rows["base"] = rows["n"] = rows[list(reasons)].sum(axis=1).astype(int)
    rows["count"] = rows[list(reached)].sum(axis=1).astype(float)
    if "reason" in names:
        rows = rows.loc[rows.index.repeat(len(reasons))].reset_index(drop=True)
        rows["reason"] = list(reasons) * (len(rows) // len(reasons))
        column = [list(reasons).index(reason) for reason in rows["reason"]]
        rows["count"] = rows[list(reasons)].to_numpy(dtype=float)[np.arange(len(rows)), column]
    rows["estimate"] = rows["count"] / rows["base"].where(rows["base"] > 0)
    return finish(audit, rows, names)
