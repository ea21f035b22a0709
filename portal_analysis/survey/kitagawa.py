"""How much of a gap is composition, without a model: Kitagawa's decomposition of rates over cells.

Hands on ESTIMATES, one row for each part of the gap.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.shape import estimates
from portal_analysis.survey import gather, linear
from portal_analysis.survey.answers import levels, rates
from portal_analysis.survey.domains import Domain, about_whom
from portal_analysis.survey.estimate import outcomes_of
from portal_analysis.survey.joint import Joint, Outcomes, joint, within_one_psu
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.problem import ModelError
from portal_analysis.survey.values import names_of, need


@gather.anywhere(why="a decomposition")
def kitagawa(
    survey: Survey,
    indicators: str | list[str],
    between: str,
    over: str | list[str],
    groups: tuple[object, object] | None = None,
    domain: Domain = None,
    statistic: str = "proportion",
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Split the gap between two groups into what their composition makes and what their rates make.

    Is use lower in the countryside because more people there are old, or because the old (and the young)
    there use it less? Cells must be filled: with more than two or three columns use
    :func:`~portal_analysis.survey.decompose.decompose`.

    Parameters
    ----------
    survey : Survey
    indicators : str or list of str
        Yes/no columns; numbers with ``statistic="mean"``.
    between : str
        The column of the groups.
    over : str or list of str
        What they differ in: columns such as the age group; their crossing.
    groups : (compared, reference), optional
        Which two; the second and the first if not given.
    domain, statistic, df, level : optional
        As of :func:`portal_analysis.survey.standardise.standardise`.

    Returns
    -------
    DataFrame
        ESTIMATES with the domain column ``part``: ``gap``, ``composition``, ``rates``. Extras ``share`` (of
        the gap), ``contrast``, ``statistic``, ``p_value``, ``n_missing``, ``n_ungrouped``.

    Raises
    ------
    ModelError
        If the groups are not two, or nobody of a group answered in a cell where the other has people.

    Notes
    -----
    Kitagawa (1955): ``Σ (s₁−s₀)(p₁+p₀)/2`` and ``Σ (p₁−p₀)(s₁+s₀)/2`` with shares s and rates p of the cells.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.kitagawa(papi, "internet_home", "ethnicity", over=["age_group", "urban"])
    >>> print(found[["part", "estimate"]].round(3).to_string(index=False))
           part  estimate
            gap    -0.272
    composition    -0.035
          rates    -0.238
    """
    need(survey, [])
    linear.checked(df, level)
    names, strata = names_of(indicators, "indicators"), names_of(over, "over")
    need(survey, [*names, between, *strata])
    if not strata:
        raise ModelError("over names no column; the composition is that of one at least")
    if between in strata:
        raise ModelError(f"{between!r} cannot stand in between and in over")
    compared, base = two_groups(survey, between, groups)
    y = rates(survey, names) if statistic == "proportion" else outcomes_of(survey, names, statistic).y
    found = joint(survey, Outcomes(names, y), [between, *strata], domain)
    tables = [
        _parts(found, k, _cells(found.names, found.n[:, k], between, strata, compared, base), df, level)
        for k in range(len(names))
    ]
    unit = "points" if statistic == "proportion" else "number"
    table = pd.concat(tables, ignore_index=True).assign(
        unit=unit,
        contrast=f"{compared} - {base}",
        reference=base,
        measure="decomposition",
    )
    table = table.assign(**{between: compared})
    return about_whom(estimates(table, ["part", between]), survey, domain)


def _parts(found: Joint, k: int, at: np.ndarray, df: str | float, level: float) -> pd.DataFrame:
    """Return the gap and its two parts, of cells of the compared group and then of the reference."""
    from scipy.sparse import csr_matrix

    cells = len(at) // 2

    def of(above: np.ndarray, below: np.ndarray) -> np.ndarray:
        p = above / below
        one, other = below[..., :cells], below[..., cells:]
        s1, s0 = (w / w.sum(axis=-1, keepdims=True) for w in (one, other))
        p1, p0 = p[..., :cells], p[..., cells:]
        composition = ((s1 - s0) * (p1 + p0) / 2).sum(axis=-1)
        rest = ((p1 - p0) * (s1 + s0) / 2).sum(axis=-1)
        return np.stack([composition + rest, composition, rest], axis=-1)

    halves = csr_matrix((np.ones(len(at)), (np.arange(len(at)) // cells, at)), (2, len(found.names)))
    sampled = ~found.finite.exact[at, k].reshape(2, -1).all(axis=1)
    unseen = bool((within_one_psu(found, halves) & sampled).any())
    rows = linear.rows_of(linear.function(found, of, k * len(found.names) + at, unseen), df, level)
    return rows.assign(
        indicator=found.outcomes.names[k],
        part=["gap", "composition", "rates"],
        share=rows["estimate"] / rows["estimate"].iloc[0],
        n=found.n[at, k].sum(),
        n_least=min(found.n[half, k].sum() for half in (at[:cells], at[cells:])),
        n_missing=int((found.members[at] - found.n[at, k]).sum()),
    )


def two_groups(survey: Survey, between: str, groups: tuple[object, object] | None) -> tuple[Any, Any]:
    """Return the compared and the reference group.

    Raises
    ------
    ModelError
        If they are not two groups of the column.
    """
    codes, values = levels(survey, between)
    held = [value for i, value in enumerate(values) if (codes[survey.layout.weights > 0] == i).any()]
    if groups is None:
        if len(held) != 2:
            raise ModelError(f"{between!r} has the groups {held}: name two with groups=(compared, reference)")
        return held[1], held[0]
    if len(groups) != 2 or groups[0] == groups[1] or not set(groups) <= set(held):
        raise ModelError(f"groups={groups!r} must be two different groups of {between!r}, which has {held}")
    return groups[0], groups[1]


def _cells(
    names: pd.DataFrame, n: np.ndarray, between: str, strata: list[str], compared: object, base: object
) -> np.ndarray:
    """Return the domains of the compared group's cells, then the reference's in the same order."""
    key = names[strata].apply(tuple, axis=1)
    held = [
        {key[d]: d for d in np.flatnonzero((names[between] == group).to_numpy() & (n > 0))}
        for group in (compared, base)
    ]
    if alone := [tuple(map(str, k)) for k in sorted(set(held[0]) ^ set(held[1]), key=str)]:
        raise ModelError(
            f"only one of the groups has answers in {alone[:5]} ({len(alone)} in all): merge categories of over="
        )
    return np.array([*held[0].values(), *(held[1][k] for k in held[0])], dtype=np.int64)
