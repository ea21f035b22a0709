"""How sure it is that a target is met, and which yearly rise it still needs.

Takes ESTIMATES with a time and a target; hands on ESTIMATES. It forecasts nothing: what was seen stands beside what is
needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis import codebook, datasets
from portal_analysis.arguments import is_share, is_whole
from portal_analysis.faults import Error
from portal_analysis.shape import check, domains_of, estimates, has_flag, join_flags, split_flags
from portal_analysis.survey.intervals import faults_of

TIMES = ("wave", "year", "period", "round")
"""Domain columns that hold a time."""

QUANTITIES = ("met", "gap", "needed rise", "seen rise")
"""The chance that the target is met; how far the estimate is from it; the yearly rise that it needs; the one seen."""


class TargetError(Error):
    """Estimates cannot be held against a target."""


@dataclass(frozen=True)
class Target:
    """A value to be reached by the end of a year; what is counted, where that is known."""

    name: str
    value: float
    due: float
    counts: str | None = None
    numerator: str | None = None
    source: str = ""


def targets(
    table: pd.DataFrame,
    target: float | pd.DataFrame,
    due: int | None = None,
    seen: pd.DataFrame | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say how sure it is that a target is met, and which yearly rise it needs, given the errors of the estimates.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES of shares with a domain column of time: ``wave``, ``year``, ``period`` or ``round``. Of each series
        the last time counts.
    target : float or DataFrame
        A share; or published targets, rows of :func:`portal_analysis.published.load_published` flagged ``target``.
    due : int, optional
        The year at the end of which it is to be met; of published targets their own if not given.
    seen : DataFrame, optional
        The rise that was seen: of :func:`portal_analysis.survey.trend.trend` over the same series, whose error knows
        that waves share districts. Two estimates of a table do not tell it.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES, domain columns those of the table, ``target`` and ``quantity`` (:data:`QUANTITIES`). ``met`` is a
        probability, ``gap`` in points (below zero: not reached), rises in points a year. Without a known standard
        error ``met`` is missing (``not measured``), the others have no interval. Extras: ``target_value``, ``due``,
        ``years`` left, ``note``: ``due`` where none are.

    Raises
    ------
    TargetError
        If the table has no time or is not of shares; if it counts something else than the target does: a target for
        dossiers says nothing of persons.

    Notes
    -----
    ``met`` is the confidence that the true share has reached the target, ``T_df((logit p − logit c) / se_logit)``
    with ``se_logit = se / (p (1 − p))``: one less the p-value of the one-sided test that it has not (M. Xie & K. Singh,
    *Int. Statist. Rev.* 81 (2013) 3–39), on the scale on which shares have no ends. The needed rise is
    ``(c − p) / years``, its error that of the estimate. It is arithmetic and no forecast: a line through three points
    would say what is going to happen only if the world went on in a line.

    Published figures of definitions that differ are flagged ``definition unknown``.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> rows = {"indicator": "npsp_use", "wave": [2022], "estimate": 0.05, "se": 0.004, "df": 200.0}
    >>> found = pa.targets(pa.estimates(pd.DataFrame(rows), "indicator", by="wave", unit="proportion"), 0.1, due=2025)
    >>> found[["quantity", "estimate"]].round(4).values.tolist()
    [['met', 0.0], ['gap', -0.05], ['needed rise', 0.0167]]
    """
    if faults := faults_of("domain", level):
        raise TargetError.of(faults)
    if due is not None and not is_whole(due, 1):
        raise TargetError(f"due is {due!r}; it is a year, such as 2025")
    time, wanted = _time(table), list(_targets(target, due))
    about = [name for name in domains_of(table) if name != time]
    rows = []
    for _, series in table[table["estimate"].notna()].groupby(
        ["indicator", *about], dropna=False, sort=False
    ):
        for one in wanted:
            last = _last(series, time, one.due)
            shared = _common(last, one, time)
            for row in _rows(last, one, time, seen, about, level):
                rows.append(shared | row | {"flag": join_flags(shared["flag"], row.get("flag", ""))})
    if not rows:
        raise TargetError("the table has no estimate to hold against the target")
    domains = [*domains_of(table), "target", "quantity"]
    # a domain column of that name (of government) stands where the level of intervals would
    found = pd.DataFrame(rows).assign(**({} if "level" in domains else {"level": level}))
    return estimates(found, domains)


def _time(table: pd.DataFrame) -> str:
    there = [name for name in TIMES if name in domains_of(table) and table[name].notna().all()]
    if check(table).empty or not there:
        raise TargetError(f"the table needs a time in a domain column: one of {list(TIMES)}")
    unit = table["unit"] if "unit" in table else pd.Series("proportion", index=table.index)
    if not unit.fillna("proportion").eq("proportion").all():
        raise TargetError(f"targets are of shares; the table is in {sorted(unit.dropna().unique())}")
    return there[0]


def _targets(target: float | pd.DataFrame, due: int | None) -> Iterator[Target]:
    if not isinstance(target, pd.DataFrame):
        if not is_share(target):
            raise TargetError(f"target is {target!r}; a share lies between 0 and 1, 80 per cent are 0.8")
        if due is None:
            raise TargetError("say with due= in which year the target is to be met")
        yield Target(f"{target:g}", float(target), due + 1.0)
        return
    own = target[has_flag(target, "target")]
    if own.empty or not own["estimate"].between(0, 1, inclusive="neither").all():
        raise TargetError("the table of targets has no row flagged 'target' that is a share between 0 and 1")
    for row in own.to_dict("records"):
        told = _definition(str(row["source"]), str(row["indicator"]))
        end = due + 1.0 if due is not None else end_of(row.get("period"))
        yield Target(
            str(row["indicator"]), float(row["estimate"]), end, told.get("counts"), told.get("numerator_en"),
            str(row["source"]),
        )  # fmt: skip


def end_of(time: Any) -> float:
    """Return when a time ends, in years: 2022 ends at 2023.0, the first half of 2024 at 2024.5.

    Raises
    ------
    TargetError
        If it is no year, month or period.
    """
    text = str(int(time)) if isinstance(time, float) else str(time)
    last = text.rpartition("/")[2]
    try:
        end = pd.Period(last).end_time if len(last) < 10 else pd.Timestamp(last)
    except ValueError as error:
        raise TargetError(f"{time!r} is no year, month or period") from error
    if pd.isna(end):
        raise TargetError(f"{time!r} is no year, month or period that ends")
    days = 366 if end.is_leap_year else 365
    return float(end.year + end.day_of_year / days)


def _definition(source: str, indicator: str) -> Mapping[str, Any]:
    """Return what a dataset says an indicator counts; of a survey it counts persons; nothing if nothing is said."""
    try:
        found = datasets.dataset(source)
    except datasets.SourceError:
        return {}
    if found.kind == "survey":
        return {"counts": "persons"}
    listed = codebook.load(found).get("indicators")
    rows = [] if listed is None else listed[listed["indicator_id"] == indicator].to_dict("records")
    return {str(name): value for name, value in rows[0].items() if isinstance(value, str)} if rows else {}


def _last(series: pd.DataFrame, time: str, due: float) -> dict[str, Any]:
    ends = series[time].map(end_of).to_numpy()
    before = ends <= due + 1e-9
    latest = series[ends == (ends[before].max() if before.any() else ends.min())]
    if len(latest) > 1:
        raise TargetError(f"several rows of {latest['indicator'].iloc[0]!r} end at the same time; choose one")
    return {str(name): value for name, value in latest.iloc[0].items()}


def _common(last: dict[str, Any], target: Target, time: str) -> dict[str, Any]:
    """Return what all rows of a series and a target share, having checked that they count the same."""
    told = _definition(str(last["source"]), str(last["indicator"]))
    counts = told.get("counts")
    if counts and target.counts and counts != target.counts:
        raise TargetError(
            f"{last['indicator']!r} counts {counts}, the target {target.name!r} {target.counts}: "
            "they cannot be held against each other"
        )
    other = bool(target.source) and (told.get("numerator_en") != target.numerator or not target.numerator)
    flags = [flag for flag in split_flags(last["flag"]) if flag != "target"]
    sources = [one for one in (*str(last["source"]).split("; "), target.source) if one]
    kept = {name: last[name] for name in ("units", "source_ids", "origin_en", "origin_vi") if name in last}
    return kept | {
        **{name: last[name] for name in ("indicator", time)},
        "target": target.name,
        "target_value": target.value,
        "due": target.due - 1.0,
        "years": target.due - end_of(last[time]),
        "n": last["n"],
        "df": last["df"],
        "flag": join_flags(*flags, *(["definition unknown"] if other else [])),
        "source": "; ".join(dict.fromkeys(sources)),
    }


def _rows(
    last: dict[str, Any], target: Target, time: str, seen: pd.DataFrame | None, about: list[str], level: float
) -> Iterator[dict[str, Any]]:
    place = {name: last[name] for name in about}
    if "suppress" in split_flags(last["flag"]) or pd.isna(last["estimate"]):
        yield place | {"quantity": "met", "estimate": np.nan, "unit": "proportion", "measure": "probability"}
        return
    p, se = float(last["estimate"]), float(last["se"])
    half = _t(last["df"], 0.5 + level / 2) * se
    yield place | _met(p, se, float(last["df"]), target, str(last["flag"]))
    gap = p - target.value
    yield place | _points("gap", gap, se, half) | {"measure": "difference"}
    years = target.due - end_of(last[time])
    if years <= 1e-9:
        none = _rise("needed rise", np.nan, np.nan, np.nan, last, time, target)
        yield place | none | {"note": "due", "flag": join_flags(last["flag"], "not measured")}
    else:
        yield place | _rise("needed rise", -gap / years, se / years, half / years, last, time, target)
    if seen is not None:
        yield place | _seen(seen, last, about)


def _met(p: float, se: float, df: float, target: Target, flag: str) -> dict[str, Any]:
    row = {"quantity": "met", "unit": "proportion", "measure": "probability", "estimate": np.nan}
    if not se > 0 or not 0 < p < 1:
        return row | {"flag": join_flags(flag, "not measured"), "note": "no-error"}
    distance = (np.log(p / (1 - p)) - np.log(target.value / (1 - target.value))) / (se / (p * (1 - p)))
    return row | {"estimate": _below(distance, df)}


def _points(quantity: str, estimate: float, se: float, half: float) -> dict[str, Any]:
    ends = {"ci_low": estimate - half, "ci_high": estimate + half}
    return {"quantity": quantity, "estimate": estimate, "se": se, "unit": "points", **ends}


def _rise(
    quantity: str, estimate: float, se: float, half: float, last: dict[str, Any], time: str, target: Target
) -> dict[str, Any]:
    row = _points(quantity, estimate, se, half) | {"measure": "trend", "over": "year"}
    since = str(last[time]).rpartition("/")[2][:4]
    return row if time == "period" else row | {"period": f"{since}/{target.due - 1:.0f}"}


def _seen(seen: pd.DataFrame, last: dict[str, Any], about: list[str]) -> dict[str, Any]:
    rows = check(seen)[seen["indicator"] == last["indicator"]]
    for name in (one for one in about if one in domains_of(seen)):
        rows = rows[rows[name].isna() if pd.isna(last[name]) else rows[name] == last[name]]
    if len(rows) != 1 or rows["unit"].iloc[0] != "points":
        raise TargetError(
            f"seen has {len(rows)} rows for {last['indicator']!r}; give trend(…, method='linear') over the same series"
        )
    row = rows.iloc[0]
    told = {
        name: row[name]
        for name in ("estimate", "se", "ci_low", "ci_high", "n", "df", "flag", "period")
        if name in row
    }
    return told | {"quantity": "seen rise", "unit": "points", "measure": "trend", "over": "year"}


def _t(df: Any, upper: float) -> float:
    from scipy import stats

    free = float(df)
    return float(stats.t.ppf(upper, free) if free > 0 else stats.norm.ppf(upper))


def _below(value: float, df: float) -> float:
    from scipy import stats

    return float(stats.t.cdf(value, df) if df > 0 else stats.norm.cdf(value))
