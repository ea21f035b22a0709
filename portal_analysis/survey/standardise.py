"""Among people alike in age and schooling: rates standardised to one population, and the gaps between them.

Hands on ESTIMATES.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.shape import estimates, join_flags
from portal_analysis.survey import gather, intervals, linear
from portal_analysis.survey.answers import levels
from portal_analysis.survey.domains import Domain, about_whom, members
from portal_analysis.survey.estimate import outcomes_of
from portal_analysis.survey.joint import Joint, Outcomes, degrees, joint, within_one_psu
from portal_analysis.survey.linear import CompareError, Derived
from portal_analysis.survey.margins import Population, population_of
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import names_of, need

SHOWN = 5
"""How many empty cells a message quotes."""


@gather.anywhere(why="a standardised rate")
def standardise(
    survey: Survey,
    indicators: str | Sequence[str],
    over: str | Sequence[str],
    population: Population | str = "sample",
    by: str | Sequence[str] | None = None,
    domain: Domain = None,
    statistic: str = "proportion",
    reference: Hashable = None,
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the rates that groups would have if they were all made up alike of ``over``.

    Rates of provinces with old and young populations can be compared once their ages are made alike; the
    rates of each on its own are :func:`~portal_analysis.survey.estimate.proportion`'s.

    Parameters
    ----------
    survey : Survey
    indicators : str or sequence of str
        Yes/no columns; numbers with ``statistic="mean"``.
    over : str or sequence of str
        What the groups are made alike in: columns such as the age group; their crossing.
    population : mapping, Series, DataFrame or str
        The standard: sizes or shares of the cells of ``over``, as in
        :func:`portal_analysis.survey.weights.post_stratify`; ``"sample"``, everybody in ``domain``; or an
        expression such as ``"wave == 2020"``, the people of the survey for whom it holds.
    by : str or sequence of str, optional
        The groups.
    domain : optional
        Whose rates: see :func:`portal_analysis.survey.domains.members`.
    statistic : {"proportion", "mean"}
    reference : optional
        A group of ``by`` (one column): the table then holds the adjusted gaps, each group's standardised rate
        less that of this one.
    df, level : optional
        As of :func:`portal_analysis.survey.estimate.proportion`; the interval is estimate ± t·se.

    Returns
    -------
    DataFrame
        ESTIMATES with the extras ``crude`` (the rate, or gap, as it is), ``over``, ``standard`` (how the
        population was told), ``interval``, ``level``, ``df_kind``, ``n_missing``, ``n_ungrouped``, and for
        gaps ``reference``, ``statistic``, ``p_value``.

    Raises
    ------
    CompareError
        If a group has nobody in a cell of the standard (merge categories), or the population does not fit.

    Notes
    -----
    ``Σ_a P_a p_ga``. A population that is given is fixed, as in R's ``svystandardize`` (Klein and Schoenborn
    2001); one that is estimated from the survey itself has its own error, which is in the result, so that a
    group standardised to itself has its crude rate and the error of that.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.standardise(papi, "internet_home", over="age_group", by="ethnicity")
    >>> print(found[["ethnicity", "estimate"]].round(3).to_string(index=False))
    ethnicity  estimate
         kinh     0.788
        other     0.517
    """
    need(survey, [])
    linear.checked(df, level)
    names, strata = names_of(indicators, "indicators"), names_of(over, "over")
    if not strata:
        raise CompareError("over names no column; the standard is that of one at least")
    columns = linear.columns_of(by)
    need(survey, [*columns, *strata])
    if statistic not in ("proportion", "mean"):
        raise CompareError(f"statistic={statistic!r} is unknown; it may be ['proportion', 'mean']")
    if twice := sorted(set(columns) & set(strata)):
        raise CompareError(f"{twice} can stand in one of by and over only")
    outcomes = outcomes_of(survey, names, statistic)
    told = joint(survey, outcomes, columns or None, domain)
    cells, shares = _cells(survey, outcomes, columns, strata, population, domain)
    rates = _rates(cells, told, columns, strata, shares, _pairs(told, columns, reference))
    table = _table(told, rates, columns, reference, df, level, statistic)
    standard = population if isinstance(population, str) else "given"
    table = table.assign(over=" x ".join(strata), standard=standard)
    return about_whom(estimates(table, columns), survey, domain)


def _cells(
    survey: Survey,
    outcomes: Outcomes,
    columns: list[str],
    strata: list[str],
    population: Population | str,
    domain: Domain,
) -> tuple[Joint, dict[Any, float] | None]:
    """Return sums by group x cell and by cell, with one more outcome: who is in the standard population."""
    given, standard = None, np.ones(len(survey))
    if isinstance(population, str):
        standard = members(survey, domain if population == "sample" else population).astype(float)
    else:
        faults: list[str] = []
        given = population_of(tuple(strata), population, faults)
        given = {key if isinstance(key, tuple) else (key,): float(size) for key, size in given.items()}
        if any(not 0 <= size < np.inf for size in given.values()) or not sum(given.values()) > 0:
            faults.append(f"the population of {' x '.join(strata)} must hold sizes that are not negative")
        if faults:
            raise CompareError.of(faults)
    inside = members(survey, domain)
    y = [np.where(inside, column, np.nan) for column in outcomes.y]
    known = np.all([levels(survey, name)[0] >= 0 for name in strata], axis=0)
    all_of_it = Outcomes([*outcomes.names, "standard"], [*y, np.where(known, standard, 0.0)])
    groupings = [[*columns, *strata], strata] if columns else [strata]
    return joint(survey, all_of_it, groupings), given


def _pairs(told: Joint, columns: list[str], reference: Hashable) -> list[tuple[int, int | None]]:
    """Return which groups' rates are told, and which is taken off each."""
    groups = [g for g in range(len(told.names)) if told.members[g] > 0]
    if reference is None:
        return [(g, None) for g in groups]
    if len(columns) != 1:
        raise CompareError("a reference is a group of one column: name it in by=")
    found = told.names[columns[0]].tolist()
    if reference not in found:
        raise CompareError(f"reference={reference!r} is not a group of {columns[0]!r}, which has {found}")
    base = found.index(reference)
    return [(g, base) for g in groups if g != base]


def _rates(
    cells: Joint,
    told: Joint,
    columns: list[str],
    strata: list[str],
    given: dict[Any, float] | None,
    pairs: list[tuple[int, int | None]],
) -> Derived:
    """Return the standardised rates, or their differences, outcome by outcome."""
    count, outcomes = len(cells.names), cells.n.shape[1] - 1
    finest = cells.names[columns].notna().all(axis=1).to_numpy() if columns else np.ones(count, dtype=bool)
    margins = ~finest if columns else finest
    key = cells.names[strata].apply(tuple, axis=1)
    standard = np.flatnonzero(margins & (cells.above[:, -1] > 0)) if given is None else np.arange(0)
    wanted = list(given) if given is not None else [key[d] for d in standard]
    wanted = [k for k in wanted if given is None or given[k] > 0]
    at = np.full((len(told.names), len(wanted)), -1)
    group = _group_of(cells, told, columns)
    place = {k: i for i, k in enumerate(wanted)}
    for d in np.flatnonzero(finest):
        if key[d] in place and group[d] >= 0:
            at[group[d], place[key[d]]] = d
    _refuse_empty(cells, told, columns, wanted, at, pairs, outcomes)
    rests = [
        (k * count + at[[g] if b is None else [g, b]]).ravel() for k in range(outcomes) for g, b in pairs
    ]
    sizes = None if given is None else np.array([given[k] for k in wanted])
    used = np.unique(np.concatenate([*rests, outcomes * count + standard]))
    find = {int(c): i for i, c in enumerate(used)}
    own = [
        ([find[k * count + d] for d in at[g]], None if b is None else [find[k * count + d] for d in at[b]])
        for k in range(outcomes)
        for g, b in pairs
    ]
    size = [find[outcomes * count + d] for d in standard]

    def of(above: np.ndarray, below: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            standing = above[..., size] if sizes is None else sizes
            share = standing / standing.sum(axis=-1, keepdims=True)
            rate = [(share * above[..., g] / below[..., g]).sum(axis=-1) for g, _ in own]
            less = [
                0.0 if b is None else (share * above[..., b] / below[..., b]).sum(axis=-1) for _, b in own
            ]
        return np.stack([r - o for r, o in zip(rate, less, strict=True)], axis=-1)

    return linear.function(cells, of, used)


def _group_of(cells: Joint, told: Joint, columns: list[str]) -> np.ndarray:
    """Return the group of each cell, -1 where nobody of the domain is in it."""
    if not columns:
        return np.zeros(len(cells.names), dtype=np.int64)
    keys = {key: g for g, key in enumerate(told.names[columns].apply(tuple, axis=1))}
    return np.array([keys.get(key, -1) for key in cells.names[columns].apply(tuple, axis=1)])


def _refuse_empty(
    cells: Joint,
    told: Joint,
    columns: list[str],
    wanted: list[Any],
    at: np.ndarray,
    pairs: list[tuple[int, int | None]],
    outcomes: int,
) -> None:
    used = sorted({g for pair in pairs for g in pair if g is not None})
    empty = [
        (*(told.names[columns].iloc[g] if columns else ()), *wanted[a])
        for g in used
        for a in range(len(wanted))
        if at[g, a] < 0 or (cells.n[at[g, a], :outcomes] == 0).any()
    ]
    if empty or not wanted:
        more = f" and {len(empty) - SHOWN} more" if len(empty) > SHOWN else ""
        raise CompareError(
            f"nobody answered in {[tuple(map(str, e)) for e in empty[:SHOWN]]}{more}: merge categories of over=, "
            "or leave the group out, so that every group has people in every cell of the standard"
        )


def _table(
    told: Joint,
    rates: Derived,
    columns: list[str],
    reference: Hashable,
    df: str | float,
    level: float,
    statistic: str,
) -> pd.DataFrame:
    from scipy.sparse import csr_matrix

    pairs = _pairs(told, columns, reference)
    which = np.repeat(np.arange(told.n.shape[1]), len(pairs))
    first = np.tile([g for g, _ in pairs], told.n.shape[1])
    second = np.tile([g if b is None else b for g, b in pairs], told.n.shape[1])
    gap = reference is not None
    rests = np.zeros((len(first), len(told.names)))
    rests[np.arange(len(first)), first] = rests[np.arange(len(first)), second] = 1.0
    of_told = csr_matrix(rests)
    rates = replace(rates, unseen=within_one_psu(told, of_told))
    rows = linear.rows_of(rates, df, level, degrees(told, of_told, df))
    crude = told.estimate[first, which] - (told.estimate[second, which] if gap else 0.0)
    if not gap and statistic == "proportion":
        simulated = "simulated" if told.survey.simulated else ""
        value, se, free = (rows[name].to_numpy() for name in ("estimate", "se", "df"))
        size, least, most, _ = (part[first, which] for part in vars(told.finite).values())
        known = intervals.Finite(size, least, most, rates.exact)
        own = intervals.reliability(value, se, told.n[first, which], free, known)
        rows["flag"] = [join_flags(f, simulated) for f in own]
    unit = "number" if statistic == "mean" else "points" if gap else "proportion"
    places = {name: told.names[name].to_numpy()[first] for name in columns}
    names = np.array(told.outcomes.names, dtype=object)
    about = pd.DataFrame({"indicator": names[which], **places})
    table = pd.concat([about, rows], axis=1).assign(
        n=told.n[first, which] + (told.n[second, which] if gap else 0),
        n_least=np.minimum(told.n[first, which], told.n[second, which]),
        unit=unit,
        measure="standardised",
        crude=crude,
        n_missing=(told.members[first] - told.n[first, which]).astype(int),
        n_ungrouped=int(told.ungrouped[0]),
    )
    if not gap:
        return table.drop(columns=["statistic", "p_value"])
    table["reference"] = pd.Series([reference] * len(table), dtype=object)
    return table
