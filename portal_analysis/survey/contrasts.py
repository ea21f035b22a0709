"""Sums of domains that vary together: from domains' scores to the variance of their contrasts.

Hands on what comparisons need: proportions per cell, row scores, variances and degrees of freedom of sums of
cells, and the numbers of a row of ESTIMATES that rest on t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.estimates import join_flags
from portal_analysis.survey.answers import names_of
from portal_analysis.survey.design import Survey
from portal_analysis.survey.intervals import faults_of
from portal_analysis.survey.totals import domains, groupings
from portal_analysis.survey.variance import Replicates, replicates, row_variances, variances

BLOCK = 64
"""How many scores per row are held at once where calibrated weights need them."""


class ContrastError(ValueError):
    """Degrees of freedom or a level that have no meaning."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Domains that do not overlap: each row's (-1: in none), and their names, one row each."""

    of_row: np.ndarray
    names: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Terms:
    """Estimates as sums of cells: estimate ``estimate[i]`` holds ``cell[i]`` times ``coefficient[i]``."""

    cell: np.ndarray
    estimate: np.ndarray
    coefficient: np.ndarray
    count: int


@dataclass(frozen=True, eq=False)
class Shares:
    """Per cell weight, proportion, respondents, missing answers; per row linearised score, known or not."""

    w: np.ndarray
    p: np.ndarray
    n: np.ndarray
    missing: np.ndarray
    scores: np.ndarray
    known: np.ndarray


def columns_of(by: str | Sequence[str] | None) -> list[str]:
    """Return the columns of one grouping, none for None; several groupings at once are an error."""
    return [] if by is None else names_of(by, "by")


def check(df: object, level: object = 0.95) -> None:
    """Raise a ContrastError for degrees of freedom or a level without meaning."""
    if faults := faults_of(df, level):
        raise ContrastError("; ".join(faults))


def cells_of(survey: Survey, columns: Sequence[str], domain: str | None) -> Cells:
    """Return the cells that the columns make, of people with a weight above 0."""
    found, _ = domains(survey, groupings(list(columns) or None), domain)
    return Cells(np.where(survey.layout.weights > 0, found.of_row[0], -1), found.names)


def shares_of(survey: Survey, answers: np.ndarray, cells: Cells) -> Shares:
    """Return each cell's weighted proportion of yes and each row's linearised score."""
    count, inside = len(cells.names), cells.of_row >= 0
    known = inside & ~np.isnan(answers)
    cell, weights = cells.of_row[known], survey.layout.weights[known]
    w = np.bincount(cell, weights, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.bincount(cell, weights * answers[known], count) / w
    n = np.bincount(cell, minlength=count).astype(float)
    scores = np.zeros(len(answers))
    scores[known] = weights * (answers[known] - p[cell]) / w[cell]
    missing = np.bincount(cells.of_row[inside], minlength=count) - n
    return Shares(w, p, n, missing, scores, known)


def _expanded(cell: np.ndarray, terms: Terms) -> tuple[np.ndarray, np.ndarray]:
    """Repeat items of cells for every estimate that holds the cell: (item, term) of each repetition."""
    order = np.argsort(terms.cell, kind="stable")
    first = np.searchsorted(terms.cell[order], cell, side="left")
    times = np.searchsorted(terms.cell[order], cell, side="right") - first
    item = np.repeat(np.arange(len(cell)), times)
    within = np.arange(len(item)) - np.repeat(np.cumsum(times) - times, times)
    return item, order[np.repeat(first, times) + within]


def term_variances(
    survey: Survey, cells: Cells, scores: np.ndarray, terms: Terms, known: np.ndarray
) -> np.ndarray:
    """Return the variance of each estimate from row scores of its cells."""
    if survey.calibration:
        return _calibrated_variances(survey, cells, scores, terms)
    rows = np.flatnonzero(cells.of_row >= 0)
    units = survey.layout.units
    found, pair = np.unique(cells.of_row[rows] * units + survey.layout.unit[rows], return_inverse=True)
    sums = np.bincount(pair, scores[rows], len(found))
    answered = np.bincount(pair, known[rows], len(found))
    item, term = _expanded(found // units, terms)
    key, place = np.unique(terms.estimate[term] * units + found[item] % units, return_inverse=True)
    z = np.bincount(place, sums[item] * terms.coefficient[term], len(key))
    n = np.bincount(place, answered[item], len(key))
    return variances(survey, key % units, key // units, terms.count, z[:, None], n[:, None])[:, 0]


def _calibrated_variances(survey: Survey, cells: Cells, scores: np.ndarray, terms: Terms) -> np.ndarray:
    """Take the scores of a block of estimates at a time through the calibrations, row by row."""
    out = np.empty(terms.count)
    for start in range(0, terms.count, BLOCK):
        stop = min(start + BLOCK, terms.count)
        held = (terms.estimate >= start) & (terms.estimate < stop)
        weights = np.zeros((len(cells.names) + 1, stop - start))
        np.add.at(weights, (terms.cell[held], terms.estimate[held] - start), terms.coefficient[held])
        out[start:stop] = row_variances(survey, scores[:, None] * weights[cells.of_row])
    return out


def degrees_of_freedom(survey: Survey, inside: np.ndarray, repeated: Replicates | None = None) -> float:
    """Return PSUs less strata over the PSUs of ``inside``; for replicates of a file their rank less 1."""
    if survey.design.replicates_given:
        weights = (repeated or replicates(survey)).weights[inside]
        moments = np.linalg.eigvalsh(weights.T @ weights)
        return float((moments > 1e-10 * moments.max()).sum()) - 1
    psus = np.unique(survey.layout.row_psu[inside])
    return float(len(psus) - len(np.unique(survey.layout.stratum[psus])))


def degrees(
    survey: Survey, of_row: np.ndarray, terms: Terms, df: str | float, known: np.ndarray | None = None
) -> tuple[np.ndarray, str]:
    """Return each estimate's degrees of freedom and the name of the rule."""
    layout = survey.layout
    if df == "design":
        return np.full(terms.count, degrees_of_freedom(survey, layout.weights > 0)), "design"
    if df != "domain":
        check(df)
        return np.full(terms.count, float(df)), "given"
    inside = of_row >= 0 if known is None else (of_row >= 0) & known
    if survey.design.replicates_given:
        return _ranks(survey, np.where(inside, of_row, -1), terms), "domain"
    found = np.unique(of_row[inside] * layout.psus + layout.row_psu[inside])
    item, term = _expanded(found // layout.psus, terms)
    psus = np.unique(terms.estimate[term] * layout.psus + found[item] % layout.psus)
    strata = np.unique(psus // layout.psus * layout.strata + layout.stratum[psus % layout.psus])
    number = np.bincount(psus // layout.psus, minlength=terms.count)
    return (number - np.bincount(strata // layout.strata, minlength=terms.count)).astype(float), "domain"


def _ranks(survey: Survey, of_row: np.ndarray, terms: Terms) -> np.ndarray:
    """Return for each estimate the rank of the replicate weights of its cells less 1 (R's ``degf``)."""
    held = [terms.cell[terms.estimate == i] for i in range(terms.count)]
    repeated = replicates(survey)
    return np.array([degrees_of_freedom(survey, np.isin(of_row, cells), repeated) for cells in held])


def replicates_of(survey: Survey) -> Replicates | None:
    """Return the design's replicate weights, None if it has none."""
    return replicates(survey) if survey.design.replicate_method is not None else None


def replicate_sums(
    survey: Survey, repeated: Replicates, answers: np.ndarray, cells: Cells
) -> tuple[np.ndarray, np.ndarray]:
    """Return Σ w y and Σ w over those who answered, for each replicate and cell."""
    count, layout = len(cells.names), survey.layout
    rows = np.flatnonzero((cells.of_row >= 0) & ~np.isnan(answers))
    cell, y = cells.of_row[rows], answers[rows]
    if repeated.of_psu:
        key, w = layout.row_psu[rows] * count + cell, layout.weights[rows]
        sums = [np.bincount(key, v, layout.psus * count).reshape(layout.psus, count) for v in (w * y, w)]
        return repeated.weights.T @ sums[0], repeated.weights.T @ sums[1]
    again = repeated.weights[rows]
    top = np.array([np.bincount(cell, w * y, count) for w in again.T])
    return top, np.array([np.bincount(cell, w, count) for w in again.T])


def replicate_shares(survey: Survey, repeated: Replicates, answers: np.ndarray, cells: Cells) -> np.ndarray:
    """Return each replicate's proportions of the cells, shape (replicates, cells)."""
    top, bottom = replicate_sums(survey, repeated, answers, cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        return top / bottom


def told(estimate: np.ndarray, variance: np.ndarray, df: np.ndarray, level: float) -> dict[str, np.ndarray]:
    """Return estimate, error, t interval and p-value; what has no error has no interval."""
    from scipy.stats import t as student

    se = np.where(np.isnan(estimate), np.nan, np.sqrt(variance))
    sure = (se > 0) & (df >= 1)
    free = np.where(sure, df, 1.0)
    statistic = np.where(sure, estimate / np.where(sure, se, 1.0), np.nan)
    reach = np.where(sure, student.ppf((1 + level) / 2, free) * se, np.nan)
    return {
        "estimate": estimate,
        "se": se,
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
        "df": df,
        "statistic": statistic,
        "p_value": np.where(sure, 2 * student.sf(np.abs(statistic), free), np.nan),
        "interval": np.full(len(estimate), "t"),
        "level": np.full(len(estimate), level),
    }


def flags(survey: Survey, se: np.ndarray, df: np.ndarray) -> list[str]:
    """Flag what has no error as ``suppress`` and what rests on few PSUs as ``review`` (NCHS: df below 8)."""
    simulated = "simulated" if survey.simulated else ""
    sure = (se > 0) & (df >= 1)
    return [
        join_flags("" if safe else "suppress", "review" if few else "", simulated)
        for safe, few in zip(sure, (df < 8) & sure, strict=True)
    ]


def not_zero(values: np.ndarray) -> np.ndarray:
    """Return the values with 1 in place of 0, to divide by."""
    return np.where(values == 0, 1.0, values)
