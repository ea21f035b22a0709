"""From criteria to shortcomings: which portals have which, by a codebook that the researcher can edit.

Hands on ESTIMATES of prevalence out of the portals that could be decided and their sensitivity to the codebook, and the
table portal × shortcoming behind them. Which portal fails on what stands in :mod:`portal_analysis.audit.defects`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from portal_analysis.audit import intervals
from portal_analysis.audit.co_occurrence import co_occurrence
from portal_analysis.audit.defects import (
    RULES,
    Defects,
    Settings,
    check_settings,
    chosen_codes,
    concerned,
    defect_bounds,
    defects,
    portal_has,
    shortcoming_list,
    variants,
    versions,
    with_codebook,
)
from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.shares import finish, portal_groups, sum_by_group

__all__ = [
    "RULES",
    "Defects",
    "Settings",
    "co_occurrence",
    "defects",
    "portal_shortcomings",
    "sensitivity",
    "shortcoming_list",
    "shortcomings",
    "versions",
]


def shortcomings(
    audit: Audit,
    scheme: str = "article",
    rule: str | None = None,
    threshold: float = 0.5,
    by: str | Sequence[str] | None = None,
    codebook: pd.DataFrame | None = None,
    version: str | None = None,
    interval: str | None = None,
    level: float = 0.95,
    partly: float = 0.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    unaudited: str = "undecided",
) -> pd.DataFrame:
    """Count the portals that have each shortcoming, out of those for which it could be decided.

    Parameters
    ----------
    audit : Audit
    scheme : str
        Which list of shortcomings: ``article``, ``reviewers``, or a scheme of the codebook's own.
    rule : {None, "any", "share", "severity"}
        See :data:`RULES`; None shows all three, which is what a reader should see first.
    threshold : float
        For ``share`` and ``severity``, in (0, 1].
    by : str or sequence of str, optional
        Columns of ``portals``, such as ``province_code``.
    codebook : DataFrame, optional
        ``criterion_id, scheme, shortcoming, share, version`` instead of the audit's own. An audit that has none,
        such as one read from reports of tools, is read by
        :func:`~portal_analysis.audit.crosswalk.tool_codebook`.
    version : str, optional
        Which version of the codebook; the highest if not given.
    interval : {None, "incomplete", "superpopulation"}
        As in :func:`portal_analysis.audit.shares.shares`; the unknown portals of ``incomplete`` are the
        undecided.
    level : float
    partly : float
        How much of a defect ``partly`` is, 0–1; 0 counts only what is ``not_met``.
    consensus, roll_up : str
        As in :func:`portal_analysis.audit.shares.shares`.
    unaudited : {"undecided", "ignore"}
        What a criterion means that was not audited on a portal, though it was on others. ``undecided``: a
        portal has the shortcoming only if it would whatever that criterion said, and is free of it only if
        it would be whatever it said; else it is undecided and outside the base. A criterion that could be
        told on no portal (``cant_tell``) leaves them undecided too. ``ignore``: judge by what was audited.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``shortcoming``; domains ``round``, those of ``by``, ``shortcoming``
        and ``rule``. ``count`` portals have it out of ``base`` decided ones; ``undecided`` and
        ``n_portals`` stand beside. Extras: ``n_criteria`` (measured in that round), ``n_codebook`` (that
        the codebook names), ``bound_low, bound_high`` (if all undecided portals were free of it, or had
        it), ``label_en, label_vi, scheme, codebook`` (version), ``threshold``. A shortcoming that no
        criterion of the round measures, or that could be decided for no portal, has no count, no estimate and
        the flag ``not measured``; it is never 0.

    Raises
    ------
    AuditError
        If the scheme, the version, a rule or a column is unknown, or the codebook is not in order.

    Notes
    -----
    Under ``any``, a portal with a failed criterion is decided even if others were not audited, while one without is
    not; with many gaps ``count / base`` therefore leans upwards. ``bound_low`` and ``bound_high`` hold the truth.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> found = pa.shortcomings(latest, rule="any")
    >>> print(found[["shortcoming", "count", "base", "undecided"]].to_string(index=False))
    shortcoming  count  base  undecided
             S1   51.0    63          0
             S2   39.0    63          0
             S3   60.0    63          0
             S4    NaN     0          0
             S5    NaN     0          0
    """
    settings = Settings(scheme, version, threshold, partly, consensus, roll_up, unaudited)
    check_settings(settings, rule, interval)
    audit = with_codebook(audit, codebook)
    names = [by] if isinstance(by, str) else list(by or [])
    number, groups = portal_groups(audit, audit.portal_ids(), names)
    listed = shortcoming_list(audit, scheme)
    wanted = RULES if rule is None else (rule,)
    parts = [
        _prevalence(each, listed, has, kind, number, groups)
        for each in defects(audit, settings)
        for kind, has in portal_has(each, settings).items()
        if kind in wanted
    ]
    rows = _finished(audit, pd.concat(parts, ignore_index=True), settings, interval, level)
    rows = rows.sort_values(["round", "place"], kind="stable").drop(columns="place")
    return finish(audit, rows, ["round", *names, "shortcoming", "rule"])


def portal_shortcomings(
    audit: Audit,
    scheme: str = "article",
    threshold: float = 0.5,
    codebook: pd.DataFrame | None = None,
    version: str | None = None,
    partly: float = 0.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    unaudited: str = "undecided",
) -> pd.DataFrame:
    """Say for every portal and round which shortcomings it has, by all three rules.

    The list behind :func:`shortcomings`, portal by portal, for those who will mend them.

    Parameters
    ----------
    audit, scheme, threshold, codebook, version, partly, consensus, roll_up, unaudited
        As in :func:`shortcomings`.

    Returns
    -------
    DataFrame
        One row a round, portal and shortcoming: ``n_criteria`` measured in the round, ``n_audited``,
        ``n_failed`` and ``n_unknown`` on the portal, ``defect_share`` and ``defect_severity`` (0–1, of what
        was audited), and ``any, share, severity``: True, False, or missing where it is undecided or not
        measured. Not ESTIMATES.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> found = pa.portal_shortcomings(latest)
    >>> columns = ["portal_id", "shortcoming", "n_failed", "n_audited", "any"]
    >>> print(found[columns].head(3).to_string(index=False))
    portal_id shortcoming  n_failed  n_audited  any
    portal-01          S1         4         10 True
    portal-01          S2         1          1 True
    portal-01          S3         1          1 True
    """
    settings = Settings(scheme, version, threshold, partly, consensus, roll_up, unaudited)
    check_settings(settings, None, None)
    audit = with_codebook(audit, codebook)
    listed, portals = shortcoming_list(audit, scheme), audit.portal_ids()
    parts = [_portal_table(each, settings, listed, portals) for each in defects(audit, settings)]
    return pd.concat(parts, ignore_index=True)


def sensitivity(
    audit: Audit,
    scheme: str = "article",
    rule: str = "any",
    threshold: float = 0.5,
    codebook: pd.DataFrame | None = None,
    partly: float = 0.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    unaudited: str = "undecided",
) -> pd.DataFrame:
    """Show how much each prevalence hangs on one criterion, and on which version of the codebook is used.

    Parameters
    ----------
    audit, scheme, threshold, codebook, partly, consensus, roll_up, unaudited
        As in :func:`shortcomings`.
    rule : {"any", "share", "severity"}

    Returns
    -------
    DataFrame
        ESTIMATES with the domains ``round, shortcoming, codebook`` (every version there is) and
        ``left_out`` (a criterion; missing for the whole codebook). The extra ``change`` is the difference
        to the whole codebook of the same version, on 0–1. A shortcoming that only the criterion left out
        measures is ``not measured``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> varied = pa.sensitivity(latest)
    >>> moved = varied[(varied["codebook"] == "1") & (varied["change"] < 0)]
    >>> print(moved[["shortcoming", "rule", "left_out", "change"]].head(2).round(3).to_string(index=False))
    shortcoming rule         left_out  change
             S1  any      lookup_ease  -0.016
             S1  any lookup_messaging  -0.063
    """
    base = Settings(scheme, None, threshold, partly, consensus, roll_up, unaudited)
    check_settings(base, rule, None)
    audit = with_codebook(audit, codebook)
    number, groups = portal_groups(audit, audit.portal_ids(), [])
    listed = shortcoming_list(audit, scheme)
    parts = []
    for version in versions(audit, scheme):
        settings = Settings(scheme, version, threshold, partly, consensus, roll_up, unaudited)
        for each in defects(audit, settings):
            for left_out, variant in variants(each):
                rows = _prevalence(variant, listed, portal_has(variant, settings)[rule], rule, number, groups)
                rows["left_out"] = left_out
                parts.append(rows[concerned(each, left_out)].assign(codebook=version))
    table = pd.concat(parts, ignore_index=True)
    whole = table[table["left_out"].isna()].set_index(["round", "shortcoming", "codebook"])["estimate"]
    key = pd.MultiIndex.from_frame(table[["round", "shortcoming", "codebook"]])
    table["change"] = table["estimate"] - whole.reindex(key).to_numpy()
    return finish(
        audit, table.drop(columns="place"), ["round", "shortcoming", "rule", "codebook", "left_out"]
    )


def _portal_table(
    each: Defects, settings: Settings, listed: pd.DataFrame, portals: list[str]
) -> pd.DataFrame:
    names = listed["shortcoming"].to_numpy(dtype=object)
    table = pd.DataFrame(
        {
            "round": each.round,
            "portal_id": np.tile(np.array(portals, dtype=object), len(names)),
            "shortcoming": np.repeat(names, len(portals)),
        }
    )
    table["n_criteria"] = np.repeat(each.mapped.sum(axis=0).astype(int), len(portals))
    for name, values in (
        ("n_audited", each.audited),
        ("n_failed", each.failed),
        ("n_unknown", each.unknown),
    ):
        table[name] = (each.mapped.T @ values).astype(int).ravel()
    table["defect_share"] = defect_bounds(each, each.mapped, strict=False)[0].ravel()
    table["defect_severity"] = defect_bounds(each, each.weights, strict=False)[0].ravel()
    for rule, has in portal_has(each, settings).items():
        table[rule] = pd.array(has.ravel(), dtype="Float64")
        table[rule] = table[rule].where(~np.isnan(has.ravel())).astype("boolean")
    return table.sort_values(["portal_id", "shortcoming"], kind="stable", ignore_index=True)


def _prevalence(
    each: Defects,
    listed: pd.DataFrame,
    has: np.ndarray,
    rule: str,
    number: np.ndarray,
    groups: pd.DataFrame,
) -> pd.DataFrame:
    """One row a shortcoming and group of portals."""
    n_groups = len(groups)
    states = np.stack([has == 1, has == 0, np.isnan(has)], axis=-1)
    counts = sum_by_group(states, number, n_groups).reshape(-1, 3)
    place = np.repeat(np.arange(len(listed)), n_groups)
    rows = listed.iloc[place].reset_index(drop=True).assign(place=place, round=each.round, rule=rule)
    for name in groups.columns:
        rows[name] = np.tile(groups[name].to_numpy(dtype=object), len(listed))
    n_criteria = each.mapped.sum(axis=0).astype(int)[place]
    rows["indicator"], rows["unit"], rows["counted"] = "shortcoming", "proportion", "portals"
    rows["count"], rows["base"] = counts[:, 0].astype(float), counts[:, :2].sum(axis=1)
    rows["n"], rows["n_portals"] = rows["base"], counts.sum(axis=1)
    rows["undecided"] = np.where(n_criteria > 0, counts[:, 2], 0)
    rows["estimate"] = rows["count"] / rows["base"].where(rows["base"] > 0)
    rows["count"] = rows["count"].where(rows["base"] > 0)
    low, high = intervals.worst_and_best(rows["count"].fillna(0.0), rows["base"], rows["undecided"])
    return rows.assign(n_criteria=n_criteria, bound_low=low, bound_high=high)


def _finished(
    audit: Audit, rows: pd.DataFrame, settings: Settings, interval: str | None, level: float
) -> pd.DataFrame:
    if interval == "superpopulation":
        rows["ci_low"], rows["ci_high"] = intervals.wilson(rows["count"], rows["base"], level)
    if interval == "incomplete":
        rows["ci_low"], rows["ci_high"] = rows["bound_low"], rows["bound_high"]
    chosen = chosen_codes(audit, settings)
    named = chosen.groupby("shortcoming")["criterion_id"].nunique()
    rows["n_codebook"] = rows["shortcoming"].map(named).fillna(0).astype(int)
    rows["interval"], rows["level"] = interval or "", level if interval == "superpopulation" else np.nan
    return rows.assign(
        scheme=settings.scheme,
        codebook=chosen["version"].iloc[0],
        threshold=np.where(rows["rule"] == "any", np.nan, settings.threshold),
        consensus=settings.consensus,
        roll_up=settings.roll_up,
        unaudited=settings.unaudited,
    )
