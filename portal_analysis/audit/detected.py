"""Detected failures: how many portals or pages have at least one, of those that were reached.

Hands on ESTIMATES per rule, success criterion, level, clause of EN 301 549 or severity. It is the number for
tools that list problems only, whose silence is no pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.audit import intervals
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.shares import finish

UNITS = ("portals", "pages")
INTERVALS = ("incomplete", "superpopulation")
INDICATOR = "detected failure"
"""The indicator of rows that are not about one criterion."""

REACHED_RUNS = ("ok", "unknown")
_REACHED = ("met", "partly", "not_met", "cant_tell", "not_applicable")


@dataclass(frozen=True)
class _By:
    """The columns of ``by``, by the table they stand in."""

    criteria: list[str]
    judgements: list[str]
    assessors: list[str]
    portals: list[str]

    @property
    def kinds(self) -> list[str]:
        """The columns that say what kind of failure it is; the others say who looked, and at what."""
        return [*self.criteria, *self.judgements]

    @property
    def groups(self) -> list[str]:
        return [*self.assessors, *self.portals]


def detected(
    audit: Audit,
    by: str | Sequence[str] = "criterion_id",
    of: str = "portals",
    interval: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Count the portals or pages with at least one detected failure, out of those that were reached.

    What a tool did not find it did not pass either: only failures are counted here, over what was reached.
    What people judged as met or not is better asked of :func:`~portal_analysis.audit.shares.shares`.

    Parameters
    ----------
    audit : Audit
        All judgements count; ``audit.only(kind="tool")`` keeps to the tools.
    by : str or sequence of str
        What the failures are told apart by: ``criterion_id`` (rules, if the audit was read with ``criteria="rule"``),
        ``wcag_sc``, ``wcag_level``, ``en_301_549``, ``group`` or another column of ``criteria``; ``severity`` or
        another column of ``judgements``; and who looked, at what: columns of ``assessors`` (``tool``, ``kind``,
        ``assessor_id``) and of ``portals``. The round is always a domain. An empty sequence counts any failure.
    of : {"portals", "pages"}
        What is counted.
    interval : {None, "incomplete", "superpopulation"}
        As in :func:`portal_analysis.audit.shares.shares`: ``incomplete`` bounds the share if no portal that was not
        reached had such a failure, or every one.
    level : float
        Coverage of ``superpopulation``.

    Returns
    -------
    DataFrame
        ESTIMATES: ``estimate = count / base``; ``count`` portals or pages have at least one judgement
        ``not_met`` of the kind, of ``base`` = ``n`` that were reached: by a run that was ``ok`` or
        ``unknown``, or, where no run tells, by a judgement that says something. ``indicator`` is the
        criterion, or ``detected failure`` where ``by`` has none. Extras: ``unit, count, base, counted,
        not_reached, elements`` (places on the pages, where tools count them), ``label_en, label_vi, interval,
        level, measure``. Failures that lack a value of a column of ``by`` (a rule of good practice has no
        ``wcag_level``) are in none of its rows. A round in which nothing was reached has no estimate and the
        flag ``not measured``.

    Raises
    ------
    AuditError
        If a column, the unit or the interval is unknown.

    Notes
    -----
    A judgement that sums up several rules (``criteria="wcag"``) has the worst of their severities; read the
    audit with ``criteria="rule"`` to count each rule's own. ``1 − estimate`` is not the share that meets a
    criterion: a tool tests a part of it, and one that lists problems only does not say what it tested (W3C,
    *WCAG-EM 1.0*, 2014, step 4; *ACT Rules Format 1.0*, 2019).

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> judged = pd.DataFrame({"portal_id": ["a", "a", "b"], "criterion_id": ["k", "l", "k"], "assessor_id": "t",
    ...                        "round": "2024", "outcome": ["not_met", "cant_tell", "cant_tell"],
    ...                        "severity": ["serious", None, None]})
    >>> pa.detected(pa.Audit(judged))[["indicator", "count", "base"]]
      indicator  count  base
    0         k    1.0     2
    1         l    0.0     2
    >>> pa.detected(pa.Audit(judged), by="severity")[["severity", "count", "base"]]
      severity  count  base
    0  serious    1.0     2
    """
    if of not in UNITS:
        raise AuditError(f"of is {of!r}; it can be {', '.join(UNITS)}")
    if interval not in (None, *INTERVALS):
        raise AuditError(f"interval is {interval!r}; it can be None, {', '.join(INTERVALS)}")
    names = [by] if isinstance(by, str) else list(by)
    split = _split(audit, names)
    unit = ["portal_id", "page_id"] if of == "pages" else ["portal_id"]
    rows = _counted(audit, _looks(audit, split, unit), _failures(audit, split), split, unit)
    low_high = _interval(rows, interval, level)
    rows = rows.assign(
        unit="proportion", counted=of, measure="proportion", interval=interval or "", **low_high
    )
    rows["level"] = level if interval == "superpopulation" else np.nan
    return finish(audit, rows, ["round", *(name for name in names if name != "criterion_id")])


# ----------------------------------------------------------------------------------------------- parts


def _split(audit: Audit, names: Sequence[str]) -> _By:
    """Say in which table each column of ``by`` stands; one that several have is the first's."""
    found: dict[str, list[str]] = {"criteria": [], "judgements": [], "assessors": [], "portals": []}
    keys = {"criterion_id": "criteria", "assessor_id": "assessors", "portal_id": "portals"}
    unknown = []
    for name in names:
        home = keys.get(name) or next((one for one in found if name in getattr(audit, one).columns), None)
        if home is None or name == "round":
            unknown.append(name)
        else:
            found[home].append(name)
    if unknown:
        columns = {table: list(getattr(audit, table).columns) for table in found}
        raise AuditError(f"by: no column {unknown} in {', '.join(columns)}; they have {columns}")
    return _By(**found)


def _about(audit: Audit, frame: pd.DataFrame, split: _By) -> pd.DataFrame:
    """Return the frame with the columns of assessors and portals that ``by`` asks for."""
    for table, key, columns in (
        ("assessors", "assessor_id", split.assessors),
        ("portals", "portal_id", split.portals),
    ):
        wanted = [name for name in columns if name != key]
        if wanted:
            known = getattr(audit, table).astype(object)[[key, *wanted]]
            frame = frame.merge(known, on=key, how="left", validate="many_to_one")
    return frame


def _looks(audit: Audit, split: _By, unit: list[str]) -> pd.DataFrame:
    """One row a unit, round and group of assessors and portals: was it reached?"""
    columns = ["portal_id", "page_id", "round", "assessor_id"]
    judged = audit.judgements[columns].astype(object)
    judged = judged.assign(reached=audit.judgements["outcome"].isin(_REACHED).to_numpy())
    runs = audit.runs[columns].astype(object)
    runs = runs.assign(reached=audit.runs["status"].isin(REACHED_RUNS).to_numpy())
    runs = _in_every_round(runs[runs["portal_id"].notna()], audit.rounds())
    if "page_id" in unit:
        judged, runs = (one[one["page_id"].notna()] for one in (judged, runs))
    logged = pd.MultiIndex.from_frame(runs[[*unit, "round"]])
    unlogged = judged[~pd.MultiIndex.from_frame(judged[[*unit, "round"]]).isin(logged)]
    looks = _about(audit, pd.concat([runs, unlogged], ignore_index=True), split)
    keys = list(dict.fromkeys(["round", *split.groups, *unit]))
    found = looks.groupby(keys, dropna=False, sort=False)["reached"].any().reset_index()
    return found.assign(unit_key=pd.MultiIndex.from_frame(found[unit]).to_flat_index())


def _in_every_round(runs: pd.DataFrame, rounds: Sequence[str]) -> pd.DataFrame:
    """Repeat a run without a round in all rounds."""
    undated = runs[runs["round"].isna()]
    if undated.empty:
        return runs
    spread = undated.drop(columns="round").merge(
        pd.DataFrame({"round": list(rounds)}, dtype=object), how="cross"
    )
    return pd.concat([runs[runs["round"].notna()], spread], ignore_index=True)


def _failures(audit: Audit, split: _By) -> pd.DataFrame:
    """All judgements with the columns of ``by``; ``failed`` are the detected failures."""
    judged = audit.judgements.astype(object).assign(
        failed=(audit.judgements["outcome"] == "not_met").to_numpy()
    )
    wanted = [name for name in split.criteria if name not in judged.columns]
    if wanted:
        criteria = audit.criteria.astype(object).drop_duplicates("criterion_id")
        judged = judged.merge(criteria[["criterion_id", *wanted]], on="criterion_id", how="left")
    return _about(audit, judged, split)


def _counted(
    audit: Audit, looks: pd.DataFrame, failures: pd.DataFrame, split: _By, unit: list[str]
) -> pd.DataFrame:
    """One row a round, group and kind of failure, with its counts."""
    kinds = _kinds(failures, split)
    groups = looks.groupby(["round", *split.groups], dropna=False, sort=True)
    rows = []
    for values, group in groups:
        said = dict(zip(["round", *split.groups], values, strict=True))
        reached = set(group.loc[group["reached"], "unit_key"])
        mine = _matching(failures, said)
        mine = mine[mine["failed"].to_numpy(dtype=bool)]
        mine = mine[pd.MultiIndex.from_frame(mine[unit]).to_flat_index().isin(reached)]
        rows += [{**said, **kind, **_count(_matching(mine, kind), unit, group)} for kind in kinds]
    columns = [
        "round",
        *split.groups,
        *split.kinds,
        "count",
        "base",
        "n",
        "not_reached",
        "elements",
        "estimate",
    ]
    table = pd.DataFrame(rows, columns=list(dict.fromkeys(columns)))
    return _labelled(audit, table)


def _kinds(failures: pd.DataFrame, split: _By) -> list[dict[str, object]]:
    """Return the kinds of failure that have a row each; one, without a name, if ``by`` asks for none."""
    if not split.kinds:
        return [{}]
    seen = failures[failures["failed"].to_numpy(dtype=bool)] if split.judgements else failures
    found = seen[split.kinds].dropna().drop_duplicates().sort_values(split.kinds, kind="stable")
    return [dict(zip(split.kinds, row, strict=True)) for row in found.itertuples(index=False, name=None)]


def _matching(frame: pd.DataFrame, said: dict[str, object]) -> pd.DataFrame:
    kept = np.ones(len(frame), dtype=bool)
    for name, value in said.items():
        kept &= (frame[name].isna() if pd.isna(value) else frame[name] == value).to_numpy(dtype=bool)  # type: ignore[call-overload]
    return frame[kept]


def _count(mine: pd.DataFrame, unit: list[str], group: pd.DataFrame) -> dict[str, float]:
    base = int(group["reached"].sum())
    count = float(len(mine[unit].drop_duplicates()))
    elements = pd.to_numeric(mine["elements"]).sum(min_count=1)
    return {
        "count": count if base else np.nan,
        "base": base,
        "n": base,
        "not_reached": len(group) - base,
        "elements": np.nan if pd.isna(elements) else float(elements),
        "estimate": count / base if base else np.nan,
    }


def _labelled(audit: Audit, table: pd.DataFrame) -> pd.DataFrame:
    """Return indicator and labels: those of the criterion where there is one."""
    if "criterion_id" not in table.columns:
        return table.assign(indicator=INDICATOR)
    table = table.rename(columns={"criterion_id": "indicator"})
    criteria = audit.criteria.astype(object).drop_duplicates("criterion_id").set_index("criterion_id")
    for label, column in (("label_en", "wording_en"), ("label_vi", "wording_vi")):
        table[label] = table["indicator"].map(criteria[column]) if len(criteria) else None
    return table


def _interval(rows: pd.DataFrame, interval: str | None, level: float) -> dict[str, np.ndarray]:
    if interval is None:
        return {}
    if interval == "superpopulation":
        low, high = intervals.wilson(rows["count"], rows["base"], level)
    else:
        low, high = intervals.worst_and_best(rows["count"].fillna(0.0), rows["base"], rows["not_reached"])
    return {"ci_low": low, "ci_high": high}
