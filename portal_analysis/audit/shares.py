"""How many portals meet each criterion: counts out of N first, then shares, every interval names its error.

Hands on ESTIMATES with the counts of every outcome beside each number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis import shape as est
from portal_analysis.audit import intervals
from portal_analysis.audit.consensus import (
    VERDICTS,
    Votes,
    decide,
    mean_share,
    reaching,
    tally_votes,
    votes,
)
from portal_analysis.audit.judgements import AUDITED, Audit, AuditError, lists_problems_only
from portal_analysis.audit.settle import settle, settled
from portal_analysis.audit.sites import unseen_chance

SHOWN = ("met", "partly", "not_met")
"""The outcomes that have a row each when no level is asked for, best first."""

MODEL = "dawid-skene"
"""The consensus that rests on a model of the errors of each assessor."""

INTERVALS = ("assessors", "pages", "incomplete", "superpopulation")
"""The errors an interval may stand for; see :func:`shares`."""


@dataclass(frozen=True)
class Domains:
    """How ``by`` splits an audit: columns of the assessors, and of the portals, and of the criteria."""

    assessors: list[str]
    portals: list[str]
    criteria: list[str]


def shares(
    audit: Audit,
    at_least: str | None = None,
    by: str | Sequence[str] | None = None,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    interval: str | None = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 20230711,
    of: int | str | Mapping[str, float] | pd.Series | None = None,
) -> pd.DataFrame:
    """Count the portals that meet each criterion, partly meet it or do not, out of those that were audited.

    Parameters
    ----------
    audit : Audit
    at_least : str, optional
        Count the portals at or above a level: ``good`` (or ``met``), ``partly``, or a level of the criteria
        such as ``yellow``. Without it, every criterion has three rows, one an outcome.
    by : str or sequence of str, optional
        Columns of ``portals`` (``province_code``, ``portal_id`` …), ``assessors`` (``kind``, ``tool``,
        ``assessor_id``) or ``criteria`` (``group``). The round is always a domain, since wordings change.
    consensus : {"majority", "median", "unanimous", "any-fails", "dawid-skene"}
        How several assessors become one verdict; see :data:`portal_analysis.audit.consensus.RULES`. ``dawid-skene``
        takes the most probable level under a model of each assessor's errors; see
        :func:`portal_analysis.audit.settle.settle`.
    roll_up : {"any-page-fails", "worst", "share-of-pages", "home-only"}
        How pages become one vote; see :data:`portal_analysis.audit.consensus.ROLL_UPS`. With
        ``share-of-pages`` and ``at_least`` the estimate is the mean over portals of the share of pages that
        are met, and ``count`` is missing.
    interval : {None, "assessors", "pages", "incomplete", "superpopulation"}
        The error the interval stands for. A census of portals has no sampling error, so there is none by
        default.
    level : float
        Coverage of the interval.
    replicates, seed : int
        Of the bootstrap over assessors.
    of : int, str, mapping or Series, optional
        How many pages a portal has, for the interval ``pages``; see :func:`portal_analysis.audit.pages.pages`.

    Returns
    -------
    DataFrame
        ESTIMATES: ``indicator`` is the criterion; domains are ``round``, those of ``by``, and ``outcome``
        if ``at_least`` is not given. ``estimate`` = ``count / base``; ``n`` = ``base`` = portals that are
        ``met``, ``partly`` or ``not_met``. Extras: ``unit, count, base, n_portals`` (expected), one column
        of counts for each outcome and ``no_record``, ``ties``, ``group, label_en, label_vi, at_least,
        consensus, roll_up, interval, level``. A criterion that nobody could audit has no estimate and the
        flag ``not measured``; nor has one on which only tools spoke that list problems, whose silence is no pass:
        :func:`portal_analysis.audit.detected.detected` counts what they found.

    Raises
    ------
    AuditError
        If a rule, an interval, a level or a column is unknown, or an interval does not go with the roll-up.

    Notes
    -----
    With m portals of ``count`` x reaching the level out of ``base`` n, N expected:

    * ``assessors``: bootstrap over the assessors of each criterion and round, percentile interval, ``se`` the
      standard deviation of the replicates; consensus is formed anew in each (B. Efron & R. Tibshirani, *An
      Introduction to the Bootstrap*, 1993, ch. 13). Needs two assessors; with few it is rough, and it says
      nothing about an error that all assessors share. With ``dawid-skene`` and ``good`` it is the distribution of the
      number of portals that truly reach it, given the ratings and the estimated errors: a sum of independent trials
      of unequal probability, its quantiles exact.
    * ``pages``: pages as a simple random sample within each portal, portals as strata: ``se² = N⁻² Σ p_h (1
      − p_h) / (m_h − 1)`` for the mean of the ``p_h`` over ``m_h`` pages (W. Cochran, *Sampling
      Techniques*, 3rd ed. 1977, § 5.3), Student's t with ``Σ (m_h − 1)`` degrees of freedom. So with
      ``share-of-pages``. Where one failing page fails the portal, further pages can only lower the count: the upper
      bound is the count seen, and in the lower one every portal that passed on all its pages counts with one less
      the chance of failing elsewhere, which is the upper limit of the portal's unseen failing criteria (A. Chao &
      C.-W. Lin 2012) over the criteria that passed. None if some portal of the group has one page only.
    * ``incomplete``: the bounds if every portal that was not audited failed, or reached the level:
      ``x / (n + u)`` and ``(x + u) / (n + u)`` with u portals neither audited nor not applicable (C. Manski,
      *Partial Identification of Probability Distributions*, 2003, ch. 1). Bounds, not a confidence interval.
    * ``superpopulation``: Wilson's score interval, as if the audited portals were a sample from a process
      that makes portals (E. Wilson, *JASA* 22 (1927) 209–212).

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> judged = pd.DataFrame({"portal_id": ["a", "b", "c"], "criterion_id": "k", "assessor_id": "x",
    ...                        "round": "2024", "outcome": ["met", "not_met", "not_tested"]})
    >>> pa.shares(pa.Audit(judged), at_least="good")[["indicator", "count", "base", "not_tested"]]
      indicator  count  base  not_tested
    0         k    1.0     2           1
    """
    asked = intervals.Asked(interval, at_least, consensus, level, replicates, seed, of)
    _check_interval(asked, roll_up)
    if roll_up == "share-of-pages" and at_least not in (None, "good", "met"):
        raise AuditError(f"with roll_up 'share-of-pages', at_least is 'good', not {at_least!r}")
    domains = split_domains(audit, by)
    if consensus == MODEL:
        return _by_model(audit, domains, by, roll_up, asked)
    cast = votes(audit, roll_up, at_least)
    parts = []
    for values, part in by_assessors(audit, cast, domains.assessors):
        rows = _rows(audit, part, domains, at_least, consensus, roll_up)
        rows = _without_silence(audit, part, rows)
        if interval is not None:
            rows = _with_interval(audit, part, domains, rows, asked, roll_up)
        parts.append(rows.assign(**values))
    table = pd.concat(parts, ignore_index=True)
    table = table[table["is_level"]].drop(columns="is_level")
    table["consensus"], table["roll_up"] = consensus, roll_up
    table["interval"], table["level"] = interval or "", level if interval else np.nan
    return finish(audit, table, ["round", *_names_of(by), *(["outcome"] if at_least is None else [])])


def _without_silence(audit: Audit, cast: Votes, rows: pd.DataFrame) -> pd.DataFrame:
    """Leave unmeasured what only tools voted on that list problems: their silence is no pass."""
    places = [place for place, name in enumerate(cast.assessors) if name in lists_problems_only(audit)]
    heard = cast.table.loc[~cast.table["assessor"].isin(places), "pair"]
    voted = cast.table["pair"].unique()
    silent = np.isin(np.arange(len(cast.pairs)), np.setdiff1d(voted, heard))
    of_rows = np.repeat(silent, len(rows) // max(len(cast.pairs), 1))
    nothing = {"estimate": np.nan, "count": np.nan, "base": 0, "n": 0}
    return rows.assign(**{name: rows[name].mask(of_rows, value) for name, value in nothing.items()})


def finish(audit: Audit, rows: pd.DataFrame, domains: Sequence[str]) -> pd.DataFrame:
    """Give rows the shape of ESTIMATES with the audit's source and flags; no base means not measured."""
    flags = pd.Series(np.where(rows["base"] > 0, "", "not measured"), index=rows.index)
    if audit.simulated:
        flags = flags.map(lambda flag: est.join_flags(flag, "simulated"))
    first = [name for name in ("unit", "count", "base", "n_portals") if name in rows.columns]
    others = [name for name in rows.columns if name not in first]
    return est.estimates(rows[[*first, *others]].assign(flag=flags, source=audit.source), list(domains))


def split_domains(audit: Audit, by: str | Sequence[str] | None) -> Domains:
    """Say to which table each column of ``by`` belongs.

    Raises
    ------
    AuditError
        If no table has a column of that name.
    """
    found: dict[str, list[str]] = {"assessors": [], "portals": [], "criteria": []}
    unknown = []
    for name in _names_of(by):
        home = next((table for table in found if name in getattr(audit, table).columns), None)
        home = "assessors" if name == "assessor_id" else "portals" if name == "portal_id" else home
        if home is None:
            unknown.append(name)
        else:
            found[home].append(name)
    if unknown:
        columns = {table: list(getattr(audit, table).columns) for table in found}
        raise AuditError(f"by: no column {unknown} in portals, assessors or criteria; they have {columns}")
    return Domains(**found)


def by_assessors(audit: Audit, cast: Votes, columns: Sequence[str]) -> Iterator[tuple[dict[str, Any], Votes]]:
    """Yield the votes of each group of assessors, with what names the group; all of them if not split."""
    if not columns:
        yield {}, cast
        return
    assessors = audit.assessors.astype(object)
    if not len(assessors):
        assessors = pd.DataFrame({"assessor_id": cast.assessors}, dtype=object)
    missing = [name for name in columns if name not in assessors.columns]
    if missing:
        raise AuditError(f"by: the audit has no table of assessors with the columns {missing}")
    for values, group in assessors.groupby(list(columns), dropna=False, sort=True):
        yield dict(zip(columns, values, strict=True)), cast.of(set(group["assessor_id"]))


def portal_groups(
    audit: Audit, portals: Sequence[str], columns: Sequence[str]
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the group number of each portal and one row a group with its values."""
    if not columns:
        return np.zeros(len(portals), dtype=int), pd.DataFrame(index=range(1))
    table = audit.portals.astype(object) if len(audit.portals) else pd.DataFrame({"portal_id": list(portals)})
    if absent := [name for name in columns if name not in table]:
        raise AuditError(f"portals have no columns {absent}; they have {list(table.columns)}")
    table = table.set_index("portal_id", drop=False).loc[list(portals), list(columns)]
    table = table.reset_index(drop=True)
    groups = table.drop_duplicates().sort_values(list(columns)).reset_index(drop=True)
    number = {
        tuple(map(str, row)): place for place, row in enumerate(groups.itertuples(index=False, name=None))
    }
    return np.array(
        [number[tuple(map(str, row))] for row in table.itertuples(index=False, name=None)]
    ), groups


def _rows(
    audit: Audit, cast: Votes, domains: Domains, at_least: str | None, consensus: str, roll_up: str
) -> pd.DataFrame:
    """One row a criterion, group of portals and outcome asked for, with all counts."""
    verdict, tie = decide(tally_votes(cast), consensus)
    number, groups = portal_groups(audit, cast.portals, domains.portals)
    counts = sum_by_group(verdict[..., None] == np.arange(len(VERDICTS)), number, len(groups))
    accepted = accepting(audit, cast.pairs, at_least)
    rows = _skeleton(cast.pairs, groups, domains.criteria, accepted.shape[1])
    each = np.repeat(np.arange(counts.shape[0] * counts.shape[1]), accepted.shape[1])
    flat = counts.reshape(-1, len(VERDICTS))[each]
    base = flat[:, : len(AUDITED)].sum(axis=1)
    rows["count"] = np.einsum("pgv,pkv->pgk", counts, accepted).ravel().astype(float)
    rows["estimate"] = rows["count"] / np.where(base > 0, base, np.nan)
    if roll_up == "share-of-pages" and at_least is not None:
        rows["estimate"] = _mean_share(cast, verdict, number, len(groups)).ravel()
        rows["count"] = np.nan
    rows["n"] = rows["base"] = base
    rows["n_portals"] = flat.sum(axis=1)
    rows[list(VERDICTS)] = flat
    rows["ties"] = sum_by_group(tie[..., None], number, len(groups)).ravel()[each]
    rows["unit"], rows["counted"], rows["at_least"] = "proportion", "portals", at_least or ""
    if at_least is None:
        rows["outcome"] = np.tile(np.array(SHOWN, dtype=object), len(rows) // len(SHOWN))
    rows["is_level"] = np.repeat(accepted.any(axis=(1, 2)), len(groups) * accepted.shape[1])
    return rows


def accepting(audit: Audit, pairs: pd.DataFrame, at_least: str | None) -> np.ndarray:
    """Return which verdicts each number counts, shape (pairs, numbers a pair, verdicts)."""
    if at_least is not None:
        return reaching(audit, pairs, at_least)[:, None, :]
    one_each = np.eye(len(VERDICTS), dtype=bool)[[VERDICTS.index(name) for name in SHOWN]]
    return np.broadcast_to(one_each, (len(pairs), *one_each.shape))


def sum_by_group(values: np.ndarray, number: np.ndarray, n_groups: int) -> np.ndarray:
    """Add up along the portals (axis 1) within each group; axis 1 of the result is the group."""
    member = (number[:, None] == np.arange(n_groups)).astype(float)
    summed = np.moveaxis(np.tensordot(values.astype(float), member, axes=(1, 0)), -1, 1)
    return np.rint(summed).astype(np.int64) if values.dtype.kind in "bi" else summed


def _mean_share(cast: Votes, verdict: np.ndarray, number: np.ndarray, n_groups: int) -> np.ndarray:
    met = np.where(verdict < len(AUDITED), mean_share(cast), np.nan)[..., None]
    known = sum_by_group(~np.isnan(met), number, n_groups)
    total = sum_by_group(np.nan_to_num(met), number, n_groups)
    return total / np.where(known > 0, known, np.nan)


def _skeleton(
    pairs: pd.DataFrame, groups: pd.DataFrame, criteria: Sequence[str], n_each: int
) -> pd.DataFrame:
    """Criterion × group × number, in this order: what each row is about, before it has a number."""
    place = np.repeat(np.arange(len(pairs)), len(groups) * n_each)
    about = pairs.iloc[place].reset_index(drop=True)
    rows = pd.DataFrame(
        {"indicator": about["criterion_id"].astype(object), "round": about["round"].astype(object)}
    )
    group = np.tile(np.repeat(np.arange(len(groups)), n_each), len(pairs))
    for name in groups.columns:
        rows[name] = groups[name].to_numpy(dtype=object)[group]
    for name in criteria:
        rows[name] = about[name].astype(object)
    for label, column in (("group", "group"), ("label_en", "wording_en"), ("label_vi", "wording_vi")):
        if column in about and label not in rows:
            rows[label] = about[column].astype(object)
    return rows


def _with_interval(
    audit: Audit, cast: Votes, domains: Domains, rows: pd.DataFrame, asked: intervals.Asked, roll_up: str
) -> pd.DataFrame:
    """Return the rows with ``ci_low, ci_high`` and, where it exists, ``se`` and ``df``."""
    if asked.interval == "superpopulation":
        low, high = intervals.wilson(rows["count"], rows["base"], asked.level)
        return rows.assign(ci_low=low, ci_high=high)
    if asked.interval == "incomplete":
        unknown = rows["n_portals"] - rows["base"] - rows["not_applicable"]
        low, high = intervals.worst_and_best(rows["count"], rows["base"], unknown)
        return rows.assign(ci_low=low, ci_high=high)
    number, groups = portal_groups(audit, cast.portals, domains.portals)
    if asked.interval == "pages" and roll_up == "share-of-pages":
        return rows.assign(**intervals.pages(cast, number, len(groups), asked.level))
    if asked.interval == "pages":
        return _with_unseen_pages(audit, cast, rows, asked, number, len(groups))
    accepted = accepting(audit, cast.pairs, asked.at_least)
    return rows.assign(**intervals.assessors(cast, accepted, number, len(groups), asked))


def _with_unseen_pages(
    audit: Audit, cast: Votes, rows: pd.DataFrame, asked: intervals.Asked, number: np.ndarray, n_groups: int
) -> pd.DataFrame:
    """Return the rows with the bounds that pages not looked at leave: the count seen, and what would be left of it."""
    at_least = "good" if asked.at_least == "met" else str(asked.at_least)
    chance = unseen_chance(audit, cast.pairs, at_least, asked.consensus, asked.of, asked.level)
    verdict, _ = decide(tally_votes(cast), asked.consensus)
    accepted = accepting(audit, cast.pairs, asked.at_least)[:, 0]
    reached = accepted[np.arange(len(verdict))[:, None], verdict]
    left = np.where(reached, 1 - chance, 0.0)[..., None]
    known = ~sum_by_group(np.isnan(left), number, n_groups).ravel().astype(bool)
    low = sum_by_group(np.nan_to_num(left), number, n_groups).ravel() / rows["base"].where(rows["base"] > 0)
    return rows.assign(ci_low=low.where(known), ci_high=rows["estimate"].where(known))


def _by_model(
    audit: Audit, domains: Domains, by: str | Sequence[str] | None, roll_up: str, asked: intervals.Asked
) -> pd.DataFrame:
    """Return the shares of the audit as the model settles it, and the distribution of the count given the ratings."""
    if domains.assessors or roll_up == "share-of-pages":
        raise AuditError(f"consensus {MODEL!r} takes all assessors together, and one level a portal")
    cells = settle(audit, MODEL, roll_up)
    by_model = asked.interval == "assessors"
    if by_model and asked.at_least not in ("good", "met"):
        raise AuditError(f"with consensus {MODEL!r} the interval 'assessors' is for at_least='good'")
    rest = None if by_model else asked.interval
    table = shares(settled(audit, MODEL, roll_up), asked.at_least, by, "majority", roll_up, rest, asked.level)
    table["consensus"] = MODEL
    if not by_model:
        return table
    for home, key in ((audit.portals, "portal_id"), (audit.criteria, "criterion_id")):
        known = [name for name in (domains.portals + domains.criteria) if name in home and name != key]
        if known:
            cells = cells.merge(home[[key, *known]].astype(object).drop_duplicates(key), on=key, how="left")
    keys = ["round", "criterion_id", *domains.portals, *domains.criteria]
    groups = {
        key: intervals.of_trials(own, asked.level) for key, own in cells.groupby(keys, dropna=False)["p_met"]
    }
    found = pd.DataFrame.from_dict(groups, orient="index", columns=["se", "ci_low", "ci_high"])
    found.index = pd.MultiIndex.from_tuples(found.index, names=keys)
    found = found.reset_index()
    table = table.drop(columns=["se", "ci_low", "ci_high"])
    table = table.merge(
        found.rename(columns={"criterion_id": "indicator"}), on=["indicator", *keys[:1], *keys[2:]]
    )
    return est.estimates(table.assign(interval=asked.interval, level=asked.level), ["round", *_names_of(by)])


def _check_interval(asked: intervals.Asked, roll_up: str) -> None:
    if asked.interval is None:
        return
    if asked.interval not in INTERVALS:
        raise AuditError(
            f"interval is {asked.interval!r}; it can be None or name its error: {', '.join(INTERVALS)}"
        )
    by_pages = roll_up == "share-of-pages" and asked.at_least is not None
    if asked.interval == "pages" and (
        asked.at_least not in ("good", "met", "partly") or roll_up == "home-only"
    ):
        raise AuditError("interval 'pages' needs at_least='good' or 'partly', and a roll_up of all pages")
    if by_pages and asked.interval != "pages":
        raise AuditError(
            f"a mean share of pages has no interval {asked.interval!r}; it can have 'pages', or take a "
            "roll_up that gives each portal one verdict"
        )


def _names_of(by: str | Sequence[str] | None) -> list[str]:
    return [] if by is None else [by] if isinstance(by, str) else list(by)
