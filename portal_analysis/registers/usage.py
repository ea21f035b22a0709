"""One register, every denominator: five rates that are all called "use of online services".

Takes a :class:`Register`; hands on ESTIMATES. Every row of a register counts: a rate has no sampling error, unless the
caller asks what it would be if the clusters (agencies) were a sample of such clusters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_share
from portal_analysis.registers.procedures import CLUSTER, NUMBERS, PROCEDURE, SIDES, procedures
from portal_analysis.registers.register import Register, RegisterError
from portal_analysis.shape import VALUE_COLUMNS, add_flag, estimates
from portal_analysis.survey import intervals
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import ratio
from portal_analysis.survey.joint import By
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.totals import groupings

RATES = (
    "procedures offered online",
    "dossiers online",
    "dossiers online where offered",
    "mean procedure rate",
    "procedures used online",
)
"""The five rates, as ``indicator`` calls them."""

OF_DOSSIERS = RATES[1:3]
NEEDS_OFFER = (RATES[0], RATES[2])
"""Rates that rest on what is offered, which a procedure used online though not offered puts in doubt."""

RESERVED = frozenset(
    ("indicator", *VALUE_COLUMNS, "count", "base", "counted", "claim", "level", "unit", "measure")
)


class Parts(NamedTuple):
    """Numerator and denominator of a rate, a row of procedures each."""

    above: np.ndarray
    below: np.ndarray


def usage_rates(
    register: Register, by: By = None, cluster: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Give the five rates of online use of one register side by side.

    Parameters
    ----------
    register : Register
    by : str, sequence of str, or sequence of sequences, optional
        Columns that split into domains, such as ``["month", "province"]``; several groupings as of
        :func:`portal_analysis.proportion`.
    cluster : str, optional
        The column of what rows are alike within, such as the agency. Every row counts still, but the rates get the
        error they would have if these clusters were a sample of such clusters. Without it they have none.
    level : float
        Coverage of the interval with ``cluster``.

    Returns
    -------
    DataFrame
        ESTIMATES, unit ``proportion``, five rows a domain:

        ================================  =================================================================
        procedures offered online         procedures offered online / procedures
        dossiers online                   dossiers filed online / dossiers
        dossiers online where offered     the same, of procedures that are offered online
        mean procedure rate               mean over procedures with a dossier of their dossiers' online share
        procedures used online            procedures with an online dossier / procedures with a dossier
        ================================  =================================================================

        Extras: ``count``, ``base`` and ``counted`` (``procedures``, ``procedures with dossiers``, ``dossiers``);
        ``claim``, what a published claim must speak of to mean this rate; ``interval`` (``clusters``) and ``level``;
        ``n_missing``, procedures whose offer, or dossiers whose way of filing, is not told; ``n_inconsistent``,
        procedures behind the rate that contradict themselves (:func:`register_conflicts`), which sets the flag
        ``inconsistent``. Procedures with more dossiers online than in all count for none of the rates of dossiers.

    Raises
    ------
    RegisterError
        If a column is unknown or holds something else, there is one cluster, or the engine does not answer.

    Notes
    -----
    Sums are of whole numbers of 64 bits in the engine that holds the data, and rates are the nearest float to the exact
    fraction; the mean of procedure rates is an exactly rounded sum. A register of dossiers knows no procedure that
    nobody used: its first rate is of procedures with dossiers.

    With ``cluster`` the variance is that of a ratio of cluster totals, clusters drawn with replacement (Binder 1983),
    as :func:`portal_analysis.proportion` has it with ``Design(psu=cluster)``, with its Korn–Graubard interval. Rates
    of procedures that lie in several clusters have no such error, and none is given.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> japan = pa.load_register("procedures-japan").only(kind="1", actor=("5", "7"))
    >>> pa.usage_rates(japan)["estimate"].round(3).tolist()
    [0.476, 0.688, 0.71, 0.247, 0.391]
    """
    groups = groupings(by)
    columns = list(dict.fromkeys(name for group in groups for name in group))
    if taken := sorted(set(columns) & RESERVED):
        raise RegisterError(
            f"by={by!r}: {taken} are names of columns of the result; rename them in the data first"
        )
    if not is_share(level):
        raise RegisterError(f"level={level!r} must lie between 0 and 1, such as 0.95")
    finest = procedures(register, columns, cluster)
    if cluster and finest[CLUSTER].nunique() < 2:
        raise RegisterError(f"cluster {cluster!r} has one value: nothing can be seen of how clusters differ")
    rows = [
        one for group in groups for one in _of_grouping(finest, list(group), register, bool(cluster), level)
    ]
    if not rows:
        raise RegisterError(f"by={by!r} leaves no domain")
    return _shaped(pd.DataFrame(rows), columns, register)


def _shaped(rows: pd.DataFrame, columns: list[str], register: Register) -> pd.DataFrame:
    order = {name: place for place, name in enumerate(RATES)}
    rows = rows.sort_values("indicator", key=lambda names: names.map(order), kind="stable")
    rows = rows.assign(source=register.source, unit="proportion", measure="proportion")
    for name in ("count", "base"):
        rows[name] = rows[name].astype("Int64")
    table = estimates(rows, columns, register.units)
    table = add_flag(table, "inconsistent", table["n_inconsistent"].to_numpy() > 0)
    return add_flag(table, "simulated") if register.simulated else table


def _of_grouping(
    finest: pd.DataFrame, group: list[str], register: Register, clustered: bool, level: float
) -> list[dict[str, Any]]:
    """Return the rates of each domain of a grouping."""
    inside = finest.dropna(subset=group) if group else finest
    if not len(inside):
        return []
    number = inside.groupby(group, sort=True, observed=True).ngroup() if group else pd.Series(0, inside.index)
    inside = inside.assign(_domain=number.to_numpy())
    each = inside if register.dossiers else _together(inside, clustered)
    parts = {name: _parts(name, each) for name in RATES}
    firsts = inside.drop_duplicates("_domain").set_index("_domain")[group]
    names: dict[Any, dict[Any, Any]] = firsts.to_dict("index")
    clusters = finest[CLUSTER].astype(str).unique().tolist() if clustered else []
    errors = {name: _errors(parts[name], each, inside, name, clusters) for name in RATES} if clustered else {}
    rows = []
    for domain, of_domain in each.groupby("_domain", sort=True):
        at = each.index.get_indexer(of_domain.index)
        about = dict(names[domain]) if group else {}
        for name in RATES:
            row = _rate(name, Parts(*(one[at] for one in parts[name])), of_domain, bool(register.dossiers))
            rows.append({**about, **row, **_interval(row, errors.get(name, {}).get(domain), level)})
    return rows


def _together(inside: pd.DataFrame, clustered: bool) -> pd.DataFrame:
    """Add a procedure's dossiers up within each domain; its cluster stays where it lies in one alone."""
    keys = ["_domain", PROCEDURE]
    grouped = inside.groupby(keys, sort=True, observed=True)
    added = grouped[[*NUMBERS, *SIDES[:3]]].sum().reset_index()
    added["procedures"], added["wrong"] = 1, False
    if clustered:
        several = grouped[CLUSTER].nunique().to_numpy() > 1
        added[CLUSTER] = grouped[CLUSTER].first().mask(several).to_numpy()
    return added


def _parts(name: str, each: pd.DataFrame) -> Parts:
    """Return a rate's numerator and denominator, procedure by procedure, of one of those alike."""
    used, online = ((each[column] > 0).to_numpy() for column in ("dossiers", "online"))
    if name == "procedures offered online":
        return Parts((each["yes"] > 0).to_numpy(np.int64), (each["known"] > 0).to_numpy(np.int64))
    if name in OF_DOSSIERS:
        of = "offered_" if name == OF_DOSSIERS[1] else ""
        return Parts(each[f"{of}online"].to_numpy(np.int64), each[f"{of}dossiers"].to_numpy(np.int64))
    if name == "procedures used online":
        return Parts((used & online).astype(np.int64), used.astype(np.int64))
    share = each["online"].to_numpy() / np.where(used, each["dossiers"], 1)
    return Parts(np.where(used, share, 0.0), used.astype(np.int64))


def _rate(name: str, parts: Parts, each: pd.DataFrame, listed: bool) -> dict[str, Any]:
    """Return one rate of one domain, to the nearest float."""
    alike = each["procedures"].to_numpy()
    base = int((parts.below * alike).sum())
    mean = name == "mean procedure rate"
    count = math.fsum(parts.above * alike) if mean else int((parts.above * alike).sum())
    doubtful = (each["contrary"] > 0) if name in NEEDS_OFFER else pd.Series(False, each.index)
    if name != RATES[0]:
        doubtful = doubtful | each["wrong"]
    missing = (
        each["missing"] if name in OF_DOSSIERS else (each["known"] == 0) if name == RATES[0] else 0 * alike
    )
    everywhere = "procedures" if listed and name == RATES[0] else "procedures with dossiers"
    return {
        "indicator": name,
        "estimate": count / base if base else math.nan,
        "n": base,
        "count": pd.NA if mean else count,
        "base": pd.NA if mean else base,
        "counted": "dossiers" if name in OF_DOSSIERS else everywhere,
        "claim": name,
        "decimals": 1 if mean else pd.NA,
        "n_missing": int((missing * (alike if listed else 1)).sum()),
        "n_inconsistent": int(alike[doubtful.to_numpy(dtype=bool)].sum()),
    }


def _errors(
    parts: Parts, each: pd.DataFrame, inside: pd.DataFrame, name: str, clusters: Sequence[str]
) -> dict[Any, tuple[float, float]]:
    """Return each domain's standard error and degrees of freedom: of a ratio of cluster totals."""
    if name in OF_DOSSIERS and len(each) != len(inside):
        each, parts = inside, _parts(name, inside)
    if each[CLUSTER].isna().any():
        return {}
    alike = each["procedures"].to_numpy()
    added = pd.DataFrame({"domain": each["_domain"], "cluster": each[CLUSTER].astype(str)})
    added = added.assign(above=parts.above * alike, below=parts.below * alike)
    sums = added.groupby(["domain", "cluster"], as_index=False).sum()
    # A cluster without a member in any domain still is one of the clusters: it contributes zero, not nothing.
    others = pd.DataFrame({"cluster": sorted(set(clusters) - set(sums["cluster"]))})
    sums = pd.concat([sums, others.assign(above=0.0, below=0.0)]) if len(others) else sums
    sums["domain"] = sums["domain"].astype("Int64").astype("category")
    found = ratio(Survey(sums, Design(psu="cluster")), "above", "below", by="domain", deff=False)
    numbers = zip(found["se"].tolist(), found["df"].tolist(), strict=True)
    return dict(zip(found["domain"].tolist(), numbers, strict=True))


def _interval(row: dict[str, Any], error: tuple[float, float] | None, level: float) -> dict[str, Any]:
    """Return error and interval of a rate if clusters were a sample; what has no error has none."""
    if error is None or math.isnan(error[0]) or not row["n"]:
        return {"se": math.nan, "interval": "", "level": math.nan}
    p, se, n, df = (np.array([float(one)]) for one in (row["estimate"], error[0], row["n"], error[1]))
    low, high, _ = intervals.limits(p, se, n, n, df, level, "korn-graubard")
    counted = not pd.isna(row["count"]) and 0 < row["estimate"] < 1 and row["n"] > 1
    deff = se[0] ** 2 * (row["n"] - 1) / (row["estimate"] * (1 - row["estimate"])) if counted else math.nan
    return {
        "se": se[0],
        "df": df[0],
        "deff": deff,
        "ci_low": low[0],
        "ci_high": high[0],
        "interval": "clusters",
        "level": level,
    }


def register_conflicts(register: Register, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """List the procedures of a register that contradict themselves.

    Parameters
    ----------
    register : Register
    by : str or sequence of str
        Further columns to list.

    Returns
    -------
    DataFrame
        One row a procedure (or several alike, ``procedures``): ``conflict``, which is ``used online, not offered``,
        or ``numbers do not add up`` where the total is not the sum of its parts or is less than one; ``by``, the
        procedure where the register names it, ``procedures, dossiers, online``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> japan = pa.load_register("procedures-japan").only(kind="1", actor=("5", "7"))
    >>> int(pa.register_conflicts(japan)["procedures"].sum())
    168
    """
    columns = list(groupings(by if isinstance(by, str) else list(by) or None)[0])
    found = procedures(register, columns)
    if not register.dossiers:
        found = found.assign(_domain=found.groupby(columns, dropna=False).ngroup() if columns else 0)
    named = {PROCEDURE: register.procedure} if register.procedure else {}
    kept = [*columns, *named.values(), "procedures", "dossiers", "online"]
    parts = [
        found[mask].assign(conflict=told)
        for told, mask in (
            ("used online, not offered", found["contrary"] > 0),
            ("numbers do not add up", found["wrong"]),
        )
    ]
    listed = pd.concat(parts, ignore_index=True)
    if register.dossiers and register.procedure and register.procedure not in listed:
        kept.remove(register.procedure)
    return listed[["conflict", *dict.fromkeys(kept)]]
