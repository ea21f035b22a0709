"""Sums of all outcomes over all domains, from one pass over the data, with all that their errors need.

Hands on :class:`Joint`: estimates, replicates, what the population's size tells, and degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.shape import VALUE_COLUMNS
from portal_analysis.survey import intervals, replicates, totals
from portal_analysis.survey.domains import Domain
from portal_analysis.survey.microdata import Survey

By = str | Sequence[str] | Sequence[Sequence[str]] | None
RESERVED = frozenset(
    {
        *("indicator", *VALUE_COLUMNS, "unit", "interval", "level", "df_kind", "deff_kind"),
        *("n_eff", "n_missing", "n_ungrouped", "members", "category", "share_of", "measure", "units"),
    }
)
"""Columns of the result, which no column of ``by`` may be called."""


class EstimateError(Error):
    """An estimate was asked for with arguments that have no meaning."""


@dataclass(frozen=True)
class Outcomes:
    """What is estimated: names, values y (NaN: no answer), denominators x, and whether Σwy or Σwy/Σwx.

    Where the values are sums (:class:`portal_analysis.survey.answers.Sums`) the denominators are in them.
    """

    names: list[str]
    y: list[Any]
    x: list[np.ndarray] | None = None
    total: bool = False
    category: list[object] | None = None


@dataclass(frozen=True, eq=False)
class Joint:
    """Sums Σwy (``above``) and Σwx (``below``) of all domains and outcomes, (domains, outcomes) each.

    ``repeated`` holds the design's replicate weights and ``again`` both sums of each replicate. ``ungrouped``
    (domains) counts the people who are in no domain of that grouping, a value of ``by`` being missing.
    """

    survey: Survey
    outcomes: Outcomes
    domains: totals.Domains
    sums: totals.Totals
    above: np.ndarray
    below: np.ndarray
    n: np.ndarray
    members: np.ndarray
    ungrouped: np.ndarray
    finite: intervals.Finite
    repeated: replicates.Replicates | None
    again: tuple[np.ndarray, np.ndarray] | None

    @property
    def names(self) -> pd.DataFrame:
        """Names of the domains, one row each."""
        return self.domains.names

    @property
    def estimate(self) -> np.ndarray:
        """Totals or ratios, (domains, outcomes)."""
        if self.outcomes.total:
            return np.where(self.n > 0, self.above, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.above / np.where(self.below != 0, self.below, np.nan)

    @property
    def slopes(self) -> tuple[np.ndarray, np.ndarray]:
        """Derivatives of each estimate in its Σwy and Σwx."""
        if self.outcomes.total:
            return np.ones(self.n.shape), np.zeros(self.n.shape)
        there = self.below != 0
        below = np.where(there, self.below, 1.0)
        return 1 / below, np.where(there, -self.above / below / below, 0.0)

    @property
    def thetas(self) -> np.ndarray | None:
        """The estimates of every replicate, (replicates, domains, outcomes); missing where one has none."""
        if self.again is None or self.outcomes.total:
            return None if self.again is None else self.again[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            thetas = self.again[0] / self.again[1]
        return np.where(~np.isfinite(thetas).all(axis=0), np.nan, thetas)

    @property
    def alone(self) -> np.ndarray:
        """Domains that lie within one PSU, whose error nobody can see (with the file's replicates: rank 1)."""
        if self.repeated is not None and not self.repeated.of_psu:
            return self.degrees("domain") <= 0
        counted, psus = self.sums.members > 0, self.survey.layout.psus
        key = self.sums.domain[counted] * psus + self.survey.layout.psu[self.sums.unit[counted]]
        return np.bincount(key[totals.run_starts(key)] // psus, minlength=self.sums.domains) <= 1

    @property
    def unseen(self) -> np.ndarray:
        """Estimates, (domains, outcomes), that lie within one PSU and are no census: their error is unknown."""
        return self.alone[:, None] & ~self.finite.exact

    def degrees(self, df: str | float, answered: bool = False) -> np.ndarray:
        """Return the degrees of freedom of every domain."""
        return degrees(self, None, df, answered)


# ------------------------------------------------------------------------------------------------ from the data


def joint(survey: Survey, outcomes: Outcomes, by: By = None, domain: Domain = None) -> Joint:
    """Pass once over the data: sums of every outcome in every domain.

    Raises
    ------
    EstimateError
        If ``by`` leaves no domain or names a column of the result, or the numbers are too far apart in size.
    """
    with in_range(outcomes.names):
        return _joint(survey, outcomes, by, domain)


@contextmanager
def in_range(names: Sequence[str]) -> Iterator[None]:
    """Raise an EstimateError where numbers leave the computer's range."""
    try:
        with np.errstate(over="raise"):
            yield
    except FloatingPointError as error:
        raise EstimateError(
            f"{list(names)}: numbers are too far apart in size to compute with; tell them in other units"
        ) from error


def _joint(survey: Survey, outcomes: Outcomes, by: By, domain: Domain) -> Joint:
    asked = totals.groupings(by)
    taken = sorted({name for group in asked for name in group} & RESERVED)
    if taken:
        raise EstimateError(
            f"by={by!r}: {taken} are names of columns of the result; rename them in the data first"
        )
    groups, cells = totals.domains(survey, asked, domain)
    if not len(groups.names):
        raise EstimateError(f"by={by!r} leaves no domain: every row misses a value of a column in it")
    sums = totals.sums(survey, outcomes.y, outcomes.x, cells, len(groups.names))
    made = replicates.replicates(survey) if survey.design.replicate_method else None
    n, above = sums.by_domain("n"), sums.by_domain("wy")
    return Joint(
        survey=survey,
        outcomes=outcomes,
        domains=groups,
        sums=sums,
        above=above,
        below=sums.by_domain("wx"),
        n=n,
        members=sums.by_domain("members"),
        ungrouped=_ungrouped(survey, groups, cells.of_row >= 0),
        finite=_finite(survey, sums, n),
        repeated=made,
        again=None if made is None else _replicate_sums(survey, outcomes, groups, sums, made),
    )


def _ungrouped(survey: Survey, groups: totals.Domains, inside: np.ndarray) -> np.ndarray:
    """Count the people inside who are in no domain of a grouping, for each domain of that grouping."""
    counted = np.where(inside, survey.layout.counted, 0.0)
    out = np.zeros(len(groups.names))
    for of_row in groups.of_row:
        if (found := of_row >= 0).any():
            out[of_row[found].min() : of_row.max() + 1] = counted[~found].sum()
    return out


def _finite(survey: Survey, sums: totals.Totals, n: np.ndarray) -> intervals.Finite:
    """Return what the design's ``fpc`` tells of the populations of domains."""
    known = intervals.infinite(n.shape)
    layout, design = survey.layout, survey.design
    last = layout.stages[-1]
    if not design.census and (not design.fpc or len(layout.stages) < len(design.stages)):
        return known
    stratum = last.stratum[last.cluster]
    chance = (last.factor * last.drawn / last.population)[stratum]
    there = sums.n > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        held = np.where(there, sums.n / chance[sums.unit][:, None], 0.0)
        size = sums.added(held)
        exact = (size <= n * (1 + 1e-9)) & (n > 0)
        if layout.units < layout.rows.sum():
            return intervals.Finite(size, known.least, known.most, exact)
        yes = sums.added(np.where(there, sums.wy / np.where(there, sums.w, 1.0), 0.0))
        least, most = yes / size, (yes + size - n) / size
    return intervals.Finite(size, np.nan_to_num(least), np.nan_to_num(most, nan=1.0), exact)


def _replicate_sums(
    survey: Survey,
    outcomes: Outcomes,
    groups: totals.Domains,
    sums: totals.Totals,
    made: replicates.Replicates,
) -> tuple[np.ndarray, np.ndarray]:
    shape = (made.weights.shape[1], sums.domains, len(outcomes.y))
    above, below = np.zeros(shape), np.zeros(shape)
    if made.of_psu:
        starts = totals.run_starts(sums.domain)
        for rows in np.split(np.arange(len(sums.domain)), starts[1:]):
            factors = made.weights[survey.layout.psu[sums.unit[rows]]].T
            above[:, sums.domain[rows[0]]] = factors @ sums.wy[rows]
            below[:, sums.domain[rows[0]]] = factors @ sums.wx[rows]
        return above, below
    y = np.column_stack(outcomes.y)
    known = ~np.isnan(y)
    x = known.astype(float) if outcomes.x is None else np.where(known, np.column_stack(outcomes.x), 0.0)
    y = np.where(known, y, 0.0)
    for d, rows in enumerate(_rows_of(groups, sums.domains)):
        factors = made.weights[rows].T
        above[:, d], below[:, d] = factors @ y[rows], factors @ x[rows]
    return above, below


def _rows_of(groups: totals.Domains, count: int) -> list[np.ndarray]:
    """Return the rows of each domain."""
    found: list[np.ndarray] = []
    for of_row in groups.of_row:
        rows = np.argsort(of_row, kind="stable")
        rows = rows[of_row[rows] >= 0]
        if len(rows):
            found += np.split(rows, totals.run_starts(of_row[rows])[1:])
    return found[:count]


# ------------------------------------------------------------------------------------------- degrees of freedom


def degrees(joint: Joint, rests: Any, df: str | float, answered: bool = False) -> np.ndarray:
    """Return PSUs less strata of what each result rests on, (results, domains); R's ``degf`` of the subset.

    With replicate weights of the file it is their rank less 1; a census has none. ``answered`` counts the PSUs
    with an answer to any outcome, otherwise those with a member.
    """
    survey, sums = joint.survey, joint.sums
    results = sums.domains if rests is None else rests.shape[0]
    if not isinstance(df, str):
        return np.full(results, float(df))
    if survey.design.census:
        return np.full(results, np.nan)
    if df == "design":
        inside = survey.layout.weights > 0
        return np.full(results, degrees_of_freedom(survey, inside, joint.repeated))
    if joint.repeated is not None and not joint.repeated.of_psu:
        rows = _rows_of(joint.domains, sums.domains)
        known = ~np.isnan(np.column_stack(joint.outcomes.y)).all(axis=1)
        asked = [[d] for d in range(results)] if rests is None else [line.indices for line in rests.tocsr()]
        held = [np.concatenate([rows[d] for d in line]) for line in asked]
        kept = [line[known[line]] if answered else line for line in held]
        return np.array([rank(joint.repeated.weights[line]) - 1 for line in kept])
    counted = (sums.n > 0).any(axis=1) if answered else sums.members > 0
    unit, domain = sums.unit[counted], sums.domain[counted]
    return (
        _own_degrees(survey, unit, domain, results) if rests is None else _shared(survey, unit, domain, rests)
    )


def _own_degrees(survey: Survey, unit: np.ndarray, domain: np.ndarray, domains: int) -> np.ndarray:
    layout, psu = survey.layout, survey.layout.psu[unit]
    psus = totals.run_starts(domain * layout.psus + psu)
    strata = totals.run_starts(domain * layout.strata + layout.stratum[psu])
    number = np.bincount(domain[psus], minlength=domains)
    return (number - np.bincount(domain[strata], minlength=domains)).astype(float)


def _shared(survey: Survey, unit: np.ndarray, domain: np.ndarray, rests: Any) -> np.ndarray:
    """Return PSUs less strata of results, each unit that several domains share counted once."""
    from scipy.sparse import csr_matrix

    layout = survey.layout
    psus = _psus_of(survey, unit, domain, rests).astype(float)
    of_stratum = csr_matrix((np.ones(layout.psus), (np.arange(layout.psus), layout.stratum)))
    strata = (psus @ of_stratum) > 0
    return np.asarray(psus.getnnz(axis=1) - strata.getnnz(axis=1), dtype=float)


def _psus_of(survey: Survey, unit: np.ndarray, domain: np.ndarray, rests: Any) -> Any:
    """Return which PSUs each result rests on, results × PSUs, sparse."""
    from scipy.sparse import csr_matrix

    layout = survey.layout
    there = csr_matrix((np.ones(len(unit)), (domain, layout.psu[unit])), (rests.shape[1], layout.psus))
    return (rests.astype(float) @ there) > 0


def within_one_psu(joint: Joint, rests: Any) -> np.ndarray:
    """Return which results, (results, domains), rest on one PSU, so that nobody can see their error."""
    if joint.repeated is not None and not joint.repeated.of_psu:
        return degrees(joint, rests, "domain") <= 0
    counted = joint.sums.members > 0
    psus = _psus_of(joint.survey, joint.sums.unit[counted], joint.sums.domain[counted], rests)
    return np.asarray(psus.getnnz(axis=1) <= 1)


def degrees_of_freedom(
    survey: Survey, inside: np.ndarray, repeated: replicates.Replicates | None = None
) -> float:
    """Return PSUs less strata over the PSUs of ``inside``; for replicates of a file their rank less 1."""
    if survey.design.census:
        return np.nan
    if survey.design.replicates_given:
        return rank((repeated or replicates.replicates(survey)).weights[inside]) - 1
    psus = np.unique(survey.layout.row_psu[inside])
    return float(len(psus) - len(np.unique(survey.layout.stratum[psus])))


def rank(weights: np.ndarray) -> float:
    """Return the rank of replicate weights (rows, replicates), R's tolerance."""
    if not len(weights):
        return 0.0
    moments = np.linalg.eigvalsh(weights.T @ weights)
    return float((moments > 1e-10 * moments.max()).sum())
