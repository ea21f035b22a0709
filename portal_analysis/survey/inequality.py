"""How unequal is it over all groups: WHO's summary measures of inequality, with the errors the design gives.

Hands on ESTIMATES.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.shape import estimates, join_flags
from portal_analysis.survey import gather, linear
from portal_analysis.survey.answers import levels, rates
from portal_analysis.survey.domains import Domain, about_whom
from portal_analysis.survey.estimate import outcomes_of
from portal_analysis.survey.joint import Joint, Outcomes, joint
from portal_analysis.survey.linear import CompareError
from portal_analysis.survey.measures import ORDERED, UNORDERED, measured
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import names_of, need

DRAWS, SEED = 1000, 20230711
"""Of the simulation that says what chance alone would show."""

LOGARITHMIC = ("ratio", "rii")
RELATIVE = ("rci", "wagstaff", "cov", "idis", "idisu", "theil", "mld", "paf", "bgv")
SIGNED = ("difference", "sii", "aci", "rci", "wagstaff", "erreygers")


@gather.anywhere(why="a measure of inequality")
def inequality(
    survey: Survey,
    indicators: str | Sequence[str],
    between: str,
    measures: str | Sequence[str] = ("difference", "ratio"),
    order: Sequence[object] | None = None,
    reference: Hashable = None,
    favourable: bool = True,
    by: str | Sequence[str] | None = None,
    over: str | None = None,
    domain: Domain = None,
    statistic: str = "proportion",
    link: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Sum up how unequal groups are, in absolute or relative terms.

    One number for the gap over all groups, such as five wealth quintiles, that can be followed from wave to
    wave. The gap of two groups is :func:`~portal_analysis.survey.compare.difference`.

    Parameters
    ----------
    survey : Survey
    indicators : str or sequence of str
        Yes/no columns; numbers with ``statistic="mean"``.
    between : str
        The column of the groups.
    measures : str or sequence of str
        Out of :data:`portal_analysis.survey.measures.ORDERED` if ``order`` is given, else of ``UNORDERED``; see Notes.
    order : sequence, optional
        The groups from the most to the least disadvantaged, such as wealth quintiles. Without it the groups
        have no order, and ``difference`` and ``ratio`` compare the highest with the lowest.
    reference : optional
        Of ``mdr`` and ``mdru``; ``difference`` and ``ratio`` then compare it with the worst other group.
    favourable : bool
        A higher rate is better (use of a service), or worse (a barrier met).
    by : str or sequence of str, optional
        Sum up within each cell of these columns.
    over : str, optional
        A column such as the wave: the measure at each of its values less that at the first (for ``ratio`` and
        ``rii`` divided by it).
    domain : optional
        See :func:`portal_analysis.survey.domains.members`.
    statistic : {"proportion", "mean"}
    link : {"logit", "linear"}, optional
        The regression of ``sii`` and ``rii``; logit for proportions and linear for means if not given.
    df, level : optional
        As of :func:`portal_analysis.survey.estimate.proportion`.

    Returns
    -------
    DataFrame
        ESTIMATES with the domain column ``inequality`` (the measure) after ``by`` and ``over``. Extras:
        ``groups`` (how many); for measures without an order ``if_equal``, what they would show on average if
        all groups had the same rate, and ``bias``, by how much chance alone raises them (a parametric
        bootstrap with the covariance of the groups): noise makes groups look unequal, the more of them the
        more. Where a measure stays below the 95th percentile of that, it is flagged ``review``.

    Raises
    ------
    CompareError
        If a measure, a group or an argument is unknown, or there are fewer than two groups (three for the
        slope and concentration indices).

    Notes
    -----
    With rates p, population shares s, mean μ = Σsp and the mid-rank R of each group (the share of people
    below it and half of its own): ``difference`` and ``ratio``: last and first group, divided the way that
    ``favourable`` says. ``sii``, ``rii``: fitted rate at R = 1 less, or over, that at R = 0, of a regression
    on R weighted by s. ``aci`` = Σ 2sp(R−½), ``rci`` = aci/μ, ``wagstaff`` = rci/(1−μ), ``erreygers`` =
    4·aci. ``mdb``, ``mdm``, ``mdr`` = ``Σ s·|p − p*|`` from the best group, the mean, the reference; ``mdbu``,
    ``mdmu``, ``mdru`` with 1/G for s. ``bgv`` = Σ s(p−μ)², ``bgsd`` its root, ``cov`` = 100·bgsd/μ. ``idis`` =
    100·Σ s|p−μ|/μ, ``idisu`` with 1/G. ``theil`` = 1000·Σ s(p/μ)·ln(p/μ), ``mld`` = −1000·Σ s·ln(p/μ).
    ``par`` = p*−μ, ``paf`` = 100·par/μ with p* of the last group, or the best one. Points are those of WHO's
    ``healthequal`` (Schlotheuber and Hosseinpoor 2022), with the people who answered as population. Errors by
    linearisation of all sums together, or each replicate: groups that share PSUs vary together, which WHO's
    tool leaves out, and the shares are estimates too.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.inequality(papi, "internet_home", "province", ["difference", "mdb", "theil"])
    >>> print(found[["inequality", "estimate"]].round(3).to_string(index=False))
    inequality  estimate
    difference     0.258
           mdb     0.105
         theil     2.530
    """
    need(survey, [])
    linear.checked(df, level)
    names, columns = names_of(indicators, "indicators"), linear.columns_of(by)
    wanted = names_of(measures, "measures")
    link = link or ("logit" if statistic == "proportion" else "linear")
    faults = _faults(wanted, order, reference, statistic, link)
    if twice := sorted(({between, over} & set(columns)) | ({between} & {over}), key=str):
        faults.append(f"{twice} can stand in one of by, between and over only")
    if faults:
        raise CompareError.of(faults)
    need(survey, [*columns, between, *([over] if over else [])])
    y = rates(survey, names) if statistic == "proportion" else outcomes_of(survey, names, statistic).y
    found = joint(survey, Outcomes(names, y), [*columns, between, *([over] if over else [])], domain)
    ranked = _ranked(survey, found, between, order, reference)
    rank = found.names[between].map({value: i for i, value in enumerate(ranked)}).to_numpy(dtype=int)
    base = None if reference is None else ranked.index(reference)
    plan = _Plan(wanted, order is not None, base, favourable, link, rank)
    tables = [
        _summed(found, k, place, points, over, plan, df, level)
        for k in range(len(names))
        for place, points in _places(survey, found, columns, over, rank)
    ]
    table = pd.concat(tables, ignore_index=True)
    return about_whom(estimates(table, [*columns, *([over] if over else []), "inequality"]), survey, domain)


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is asked for: the measures, and what they need to know beside rates; ``rank`` of each domain."""

    wanted: list[str]
    ordered: bool
    base: int | None
    favourable: bool
    link: str
    rank: np.ndarray

    def of(self, p: np.ndarray, share: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Return the measures of rates and shares (…, groups), (…, measures); ratios as logarithms."""
        base = None if self.base is None else int(np.flatnonzero(self.rank[held] == self.base)[0])
        return measured(p, share, self.wanted, self.ordered, base, self.favourable, self.link)


def _faults(wanted: list[str], order: object, reference: Hashable, statistic: str, link: str) -> list[str]:
    allowed = UNORDERED if order is None else ORDERED
    faults = [] if wanted else ["name at least one measure"]
    if unknown := [name for name in wanted if name not in allowed]:
        kind = "without order=" if order is None else "of groups in an order"
        faults.append(f"measures {unknown} are unknown {kind}; there are {list(allowed)}")
    if reference is None and (asked := sorted({"mdr", "mdru"} & set(wanted))):
        faults.append(f"{asked} need a reference")
    if reference is not None and order is not None:
        faults.append("groups in an order are compared along it; leave reference= out")
    if statistic not in ("proportion", "mean"):
        faults.append(f"statistic={statistic!r} is unknown; it may be ['proportion', 'mean']")
    elif statistic == "mean" and (only := sorted({"wagstaff", "erreygers"} & set(wanted))):
        faults.append(f"{only} are measures of proportions")
    if link not in ("logit", "linear") or (link == "logit" and statistic == "mean"):
        faults.append(f"link={link!r} does not fit: it may be 'linear', or 'logit' for proportions")
    return faults


def _ranked(
    survey: Survey, found: Joint, between: str, order: Sequence[object] | None, reference: Hashable
) -> list[object]:
    """Return the groups, from the most to the least disadvantaged if there is an order."""
    held = set(found.names[between])
    groups = [value for value in levels(survey, between)[1] if value in held]
    if order is not None:
        if sorted(map(str, order)) != sorted(map(str, groups)) or set(order) != set(groups):
            raise CompareError(f"order={list(order)} must name every group of {between!r} once: {groups}")
        groups = list(order)
    if reference is not None and reference not in groups:
        raise CompareError(f"reference={reference!r} is not a group of {between!r}, which has {groups}")
    return groups


def _places(
    survey: Survey, found: Joint, columns: list[str], over: str | None, rank: np.ndarray
) -> Iterator[tuple[dict[str, Any], list[tuple[object, np.ndarray]]]]:
    """Return each cell of ``by`` with the domains, in rank order, at each value of ``over``."""
    held = found.names.assign(**{"": rank})[found.members > 0].sort_values("", kind="stable")
    parts: list[tuple[Any, pd.DataFrame]] = [((), held)]
    if columns:
        parts = list(held.groupby(columns, sort=False, observed=True))
        parts.sort(key=lambda part: int(part[1].index.min()))
    for key, part in parts:
        key = key if isinstance(key, tuple) else (key,)
        points: list[tuple[object, np.ndarray]] = [(None, part.index.to_numpy())]
        if over is not None:
            values = [v for v in levels(survey, over)[1] if (part[over] == v).any()]
            points = [(value, part.index[part[over] == value].to_numpy()) for value in values]
        yield dict(zip(columns, key, strict=True)), points


def _summed(
    found: Joint,
    k: int,
    place: dict[str, Any],
    points: list[tuple[object, np.ndarray]],
    over: str | None,
    plan: _Plan,
    df: str | float,
    level: float,
) -> pd.DataFrame:
    where = f" in {place}" if place else ""
    points = [(value, held[found.n[held, k] > 0]) for value, held in points]
    least = 3 if {"sii", "rii", "aci", "rci", "wagstaff", "erreygers"} & set(plan.wanted) else 2
    if any(len(held) < least for _, held in points) or (over is not None and len(points) < 2):
        counts = [len(held) for _, held in points]
        raise CompareError(
            f"groups with answers{where}: {counts}; {least} are needed (and two values of over=)"
        )
    if plan.base is not None and any(plan.base not in plan.rank[held] for _, held in points):
        raise CompareError(f"the reference has no answers{where}: take another one")
    name = found.outcomes.names[k]
    if over is None:
        told = _rows(found, k, [points[0][1]], plan, df, level).assign(indicator=name, **place)
        told = told if plan.ordered else _with_chance(told, found, k, points[0][1], plan)
        return _on_scale(told, False, found, k)
    (_, first), *later = points
    changes = [_rows(found, k, [first, held], plan, df, level) for _, held in later]
    told = pd.concat(changes, ignore_index=True)
    told[over] = np.repeat([value for value, _ in later], len(plan.wanted))
    return _on_scale(told.assign(indicator=name, **place), True, found, k)


def _rows(
    found: Joint, k: int, parts: list[np.ndarray], plan: _Plan, df: str | float, level: float
) -> pd.DataFrame:
    """Return the measures of some domains; of two sets of domains, the second's less the first's."""
    held = np.concatenate(parts)
    bounds = np.cumsum([0, *map(len, parts)])

    def of(above: np.ndarray, below: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            told = [
                plan.of(above[..., a:b] / below[..., a:b], _shares(below[..., a:b]), held[a:b])
                for a, b in pairwise(bounds)
            ]
        return told[0] if len(told) == 1 else told[1] - told[0]

    summed = linear.function(found, of, k * len(found.names) + held, bool(found.unseen[held, k].any()))
    return linear.rows_of(summed, df, level).assign(
        inequality=plan.wanted,
        groups=len(parts[-1]),
        n=found.n[held, k].sum(),
        n_missing=int((found.members[held] - found.n[held, k]).sum()),
        measure="inequality",
    )


def _shares(below: np.ndarray) -> np.ndarray:
    return below / below.sum(axis=-1, keepdims=True)


def _on_scale(table: pd.DataFrame, change: bool, found: Joint, k: int) -> pd.DataFrame:
    """Exponentiate logarithms, cut what cannot be negative at 0, and name units."""
    table = table.copy()
    logs = table["inequality"].isin(LOGARITHMIC)
    told = linear.exponentiated({c: table.loc[logs, c] for c in linear.ENDS})
    for name, values in told.items():
        table.loc[logs, name] = values
    if not change:
        positive = ~table["inequality"].isin((*SIGNED, *LOGARITHMIC))
        table.loc[positive, "ci_low"] = table.loc[positive, "ci_low"].clip(lower=0)
    y = found.outcomes.y[k]
    absolute = "points" if ((y == 0) | (y == 1) | np.isnan(y)).all() else "number"
    table["unit"] = np.where(logs, "ratio", np.where(table["inequality"].isin(RELATIVE), "number", absolute))
    return table


def _with_chance(told: pd.DataFrame, found: Joint, k: int, held: np.ndarray, plan: _Plan) -> pd.DataFrame:
    """Add what the measures would show if all groups were alike, and what chance adds to them."""
    from scipy.sparse import csr_matrix

    pick = csr_matrix(
        (np.ones(len(held)), (np.arange(len(held)), k * len(found.names) + held)), (len(held), found.n.size)
    )
    groups = linear.combined(found, pick)
    # a replicate in which a group has nobody, or a group within one PSU
    if np.isnan(groups.estimate).any() or np.any(groups.unseen):
        return told.assign(if_equal=np.nan, bias=np.nan)
    spread = groups.covariance()
    p, share = found.estimate[held, k], _shares(found.below[held, k])
    noise = np.random.default_rng(SEED).multivariate_normal(np.zeros(len(p)), spread, DRAWS, method="eigh")
    least, most = (
        (0.0, 1.0) if set(np.unique(found.outcomes.y[k])) - {0.0, 1.0} == set() else (-np.inf, np.inf)
    )
    alike = plan.of(np.clip((share * p).sum() + noise, least, most), share, held)
    again = plan.of(np.clip(p + noise, least, most), share, held)
    point = told["estimate"].to_numpy()
    with np.errstate(all="ignore"):
        alike = np.where(np.isfinite(alike), alike, np.nan)
        again = np.where(np.isfinite(again), again, np.nan)
        weak = point < np.nanquantile(alike, 0.95, axis=0)
        usual: np.ndarray = np.asarray(np.nanmean(alike, axis=0))
        bias = np.nanmean(again, axis=0) - point
    logs = told["inequality"].isin(LOGARITHMIC).to_numpy()
    with np.errstate(over="ignore"):
        bias = np.where(logs, np.exp(point + bias) - np.exp(point), bias)
        usual = np.where(logs, np.exp(usual), usual)
    flag = [join_flags(f, "review" if w else "") for f, w in zip(told["flag"], weak, strict=True)]
    return told.assign(if_equal=usual, bias=bias, flag=flag)
