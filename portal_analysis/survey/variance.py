"""From linearised scores to variances and covariances, as the strata and stages of the design say.

Hands on variances of many estimates at once from the small sums, and full covariance matrices where they are
asked for. Every linearised score passes through :func:`unit_scores` (from rows, where a calibration takes
its part out) or comes straight from unit totals where no calibration exists.
"""

from __future__ import annotations

import numpy as np

from portal_analysis.survey.design import Design
from portal_analysis.survey.layout import Layout, Stage
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.totals import run_starts


def unit_scores(survey: Survey, scores: np.ndarray) -> np.ndarray:
    """Add weighted linearised scores up to sampling units, after taking out what the calibrations explain.

    Parameters
    ----------
    scores : ndarray, shape (rows, estimates)
        Weighted linearised values of each row; 0 outside the domain.

    Returns
    -------
    ndarray, shape (units, estimates)
    """
    for calibration in survey.calibration:
        scores = calibration.residuals(scores)
    layout = survey.layout
    order = np.argsort(layout.unit, kind="stable")
    return np.add.reduceat(scores[order], run_starts(layout.unit[order]), axis=0)


def covariance(survey: Survey, scores: np.ndarray) -> np.ndarray:
    """Return the covariance of estimates whose linearised scores are given per unit.

    The recursion of R's ``svyrecvar``: at each stage s, in each stratum h, with n of N clusters drawn,
    (Π of n/N above) · (1 − n/N) · n/(n−1) · Σ (z − z̄)(z − z̄)'.

    Parameters
    ----------
    scores : ndarray, shape (units, estimates)

    Returns
    -------
    ndarray, shape (estimates, estimates)
    """
    scaled = _scaled(survey.layout, survey.design, scores)
    return scaled.T @ scaled


def _scaled(layout: Layout, design: Design, scores: np.ndarray) -> np.ndarray:
    """Return a matrix whose cross-product is the covariance of dense unit scores."""
    parts = []
    for level, stage in enumerate(layout.stages):
        z = np.add.reduceat(scores, run_starts(stage.cluster), axis=0)
        starts = run_starts(stage.stratum)
        total = np.add.reduceat(z, starts, axis=0)
        centre = total / stage.drawn[:, None]
        if design.lonely_psu == "adjust" and stage.lonely.any():
            parent = _parents(layout, level)
            grand = (
                np.add.reduceat(total, run_starts(parent), axis=0)
                / np.bincount(parent[stage.stratum])[:, None]
            )
            centre[stage.lonely] = grand[parent[stage.lonely]]
        root = np.sqrt(_coefficient(stage, design))
        part = (z - centre[stage.stratum]) * root[stage.stratum, None]
        if design.lonely_psu == "average" and level == 0 and stage.lonely.any():
            part *= np.sqrt(len(stage.drawn) / (~stage.lonely).sum())
        parts.append(part)
    return np.concatenate(parts)


def _parents(layout: Layout, level: int) -> np.ndarray:
    """Return for each stratum of a stage the cluster it divides: 0, the whole sample, at stage one."""
    stage = layout.stages[level]
    out = np.zeros(len(stage.drawn), dtype=np.int64)
    if level > 0:
        out[stage.stratum[stage.cluster]] = layout.stages[level - 1].cluster
    return out


def _coefficient(stage: Stage, design: Design) -> np.ndarray:
    """Return each stratum's factor of Σ (z − z̄)²; 0 for a census and for lonely units that are left out."""
    ratio = np.where(stage.drawn > 1, stage.drawn / np.maximum(stage.drawn - 1, 1), 1.0)
    census = stage.unsampled < 1e-7
    left_out = stage.lonely & (design.lonely_psu != "adjust")
    return np.where(census | left_out, 0.0, stage.factor * stage.unsampled * ratio)


def variances(
    survey: Survey, unit: np.ndarray, domain: np.ndarray, domains: int, scores: np.ndarray, n: np.ndarray
) -> np.ndarray:
    """Return the variance of many domains' estimates from scores of the pairs of unit and domain that occur.

    A unit without a member in the domain contributes zero, not nothing: it is counted, though never stored.

    Parameters
    ----------
    unit, domain : ndarray, shape (pairs,)
        Sorted by domain, then unit.
    scores, n : ndarray, shape (pairs, outcomes)
        Linearised scores, and respondents who answered.

    Returns
    -------
    ndarray, shape (domains, outcomes)
    """
    out = np.zeros((domains, scores.shape[1]))
    for level, stage in enumerate(survey.layout.stages):
        out += _stage_variances(survey, level, stage, unit, domain, out.shape, scores, n)
    return out


def _stage_variances(
    survey: Survey,
    level: int,
    stage: Stage,
    unit: np.ndarray,
    domain: np.ndarray,
    shape: tuple[int, ...],
    scores: np.ndarray,
    n: np.ndarray,
) -> np.ndarray:
    design, cluster = survey.design, stage.cluster[unit]
    starts = run_starts(domain * len(stage.stratum) + cluster)
    z, there = scores, n
    if len(starts) < len(unit):
        z, there = np.add.reduceat(z, starts, axis=0), np.add.reduceat(n, starts, axis=0)
    domain, stratum = domain[starts], stage.stratum[cluster[starts]]
    groups = run_starts(domain * len(stage.drawn) + stratum)
    in_domain, in_stratum = domain[groups], stratum[groups]
    sizes = np.diff(np.append(groups, len(domain)))
    drawn = stage.drawn[in_stratum][:, None].astype(float)
    total, present = np.add.reduceat(z, groups, axis=0), np.add.reduceat(there, groups, axis=0) > 0
    centre, alone = total / drawn, None
    if design.lonely_domain and design.lonely_psu in ("adjust", "average"):
        alone = (np.add.reduceat((there > 0).astype(int), groups, axis=0) == 1) & (drawn > 1)
    if design.lonely_psu == "adjust":
        uncentred = np.broadcast_to(stage.lonely[in_stratum][:, None], centre.shape)
        uncentred = uncentred if alone is None else uncentred | alone
        if uncentred.any():
            parent = _parents(survey.layout, level)
            grand = _grand_means(total, drawn * present, in_domain * len(parent) + parent[in_stratum])
            centre = np.where(uncentred & present, grand, centre)
    deviations = z - np.repeat(centre, sizes, axis=0)
    squares = np.add.reduceat(deviations**2, groups, axis=0) + (drawn - sizes[:, None]) * centre**2
    part = squares * _coefficient(stage, design)[in_stratum][:, None]
    first = run_starts(in_domain)
    out = np.zeros(shape)
    if design.lonely_psu != "average" or level > 0:
        out[in_domain[first]] = np.add.reduceat(part, first, axis=0)
        return out
    usable = np.broadcast_to(~stage.lonely[in_stratum][:, None], part.shape)
    usable = usable if alone is None else usable & ~alone
    strata = np.add.reduceat(present.astype(float), first, axis=0)
    good = np.add.reduceat((present & usable).astype(float), first, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        out[in_domain[first]] = np.add.reduceat(np.where(usable, part, 0.0), first, axis=0) * strata / good
    return out


def _grand_means(totals: np.ndarray, drawn: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Return each group's mean of all clusters with the same key, as R centres a lonely one."""
    runs = run_starts(key)
    with np.errstate(divide="ignore", invalid="ignore"):
        grand = np.add.reduceat(totals, runs, axis=0) / np.add.reduceat(drawn, runs, axis=0)
    return np.repeat(grand, np.diff(np.append(runs, len(key))), axis=0)


def row_variances(survey: Survey, scores: np.ndarray) -> np.ndarray:
    """Return the variance of estimates whose scores are given per row: the way of calibrated weights.

    Parameters
    ----------
    scores : ndarray, shape (rows, estimates)

    Returns
    -------
    ndarray, shape (estimates,)
    """
    return (_scaled(survey.layout, survey.design, unit_scores(survey, scores)) ** 2).sum(axis=0)
