"""At which stage of a sample people resemble each other: the variance of answers shared out among the stages.

Hands on ESTIMATES of shares of the variance and of what each stage adds to the design effect, from which
:mod:`~portal_analysis.survey.plan` plans a wave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.shape import estimates
from portal_analysis.survey.answers import yes_no
from portal_analysis.survey.domains import Domain, about_whom, members
from portal_analysis.survey.gather import with_rows
from portal_analysis.survey.intervals import faults_of, t_quantile
from portal_analysis.survey.microdata import Survey, kish
from portal_analysis.survey.values import names_of, need

PERSON = "person"
"""The last stage: what is left within the units of the last stage that is named."""


class StageError(Error):
    """The stages of a sample cannot be told from the data."""


@dataclass(frozen=True, eq=False)
class Nested:
    """The sums of squares of an outcome in nested stages, group by group.

    ``squares`` is (groups, stages), ``expected`` (groups, stages, stages): what each component adds to the mean of
    each sum of squares. ``parts`` is each stage's Σ(n_c/n)² within a group, and ``units`` its number of units.
    """

    squares: np.ndarray
    expected: np.ndarray
    parts: np.ndarray
    units: np.ndarray
    n: np.ndarray

    def components(self, kept: np.ndarray | None = None) -> np.ndarray:
        """Return the variance components of the groups that are kept, from the last stage upwards."""
        kept = np.ones(len(self.n), dtype=bool) if kept is None else kept
        return np.linalg.solve(self.expected[kept].sum(axis=0), self.squares[kept].sum(axis=0))


@with_rows("stage effects", whole=False)
def stage_effects(
    survey: Survey,
    indicators: str | Sequence[str],
    stages: Sequence[str],
    within: str,
    domain: Domain = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share out the variance of answers among the stages of the sample, and say what each adds to the design effect.

    For whoever draws the next sample: where answers within a village are alike, more villages help and more
    people in each do not.

    Parameters
    ----------
    survey : Survey
    indicators : str or sequence of str
        Yes/no columns.
    stages : sequence of str
        The columns that name the units drawn, outermost first: ``["district", "commune", "village"]``. Codes may be
        used again in another unit of the stage before.
    within : str
        The column of the groups that are samples of their own, such as the province. Differences between them are no
        part of the variance.
    domain : optional
        Keep to a subpopulation; see :func:`portal_analysis.survey.domains.members`.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES, domain column ``stage`` (those given and ``person``): ``estimate`` is the stage's share of the
        variance within groups. Interval and ``se`` come from leaving out one group at a time. ``deff`` is what the
        stage adds to the design effect of a group's rate as the sample is, before weights. Extras: ``variance`` (the
        component; one below 0 counts as a share of 0), ``cluster_size`` (mean number of the stage's units in a unit of
        the stage before), ``clusters`` (in all), ``rate``, ``weighting`` (Kish's effect of the weights within groups),
        ``groups``.

    Raises
    ------
    StageError
        If no stage is named or one has no two units in any group, or all answers within groups are alike.

    Notes
    -----
    Sequential (type 1) analysis of variance of nested stages with unequal numbers: each sum of squares is set equal
    to its expectation (S. Searle, G. Casella & C. McCulloch, *Variance Components*, 1992, ch. 5), without weights.
    With shares ρ_j and n_c answers in unit c of stage j, stage j adds ``ρ_j n Σ_c (n_c/n)²`` to the design effect; of
    equal units that is ``1 + (n̄ − 1) ρ`` for a sample of one stage (L. Kish, *Survey Sampling*, 1965, § 5.4). The
    interval is the jackknife's (groups − 1 degrees of freedom).

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.stage_effects(papi, "npsp_use", ["district", "commune", "village"], within="province")
    >>> found["stage"].tolist(), round(float(found["estimate"].sum()), 9)
    (['district', 'commune', 'village', 'person'], 1.0)
    """
    names, columns = names_of(indicators, "indicators"), names_of(stages, "stages")
    if not columns or within in columns:
        raise StageError("name the columns of the stages, outermost first, and another column as within")
    if faults := faults_of("domain", level):
        raise StageError.of(faults)
    need(survey, [*names, *columns, within])
    inside = members(survey, domain) & (survey.layout.weights > 0)
    inside &= survey.data[[within, *columns]].notna().all(axis=1).to_numpy()
    tables = []
    for name, answered in zip(names, yes_no(survey, names), strict=True):
        rows = inside & ~np.isnan(answered)
        found = nested(answered[rows], survey.data.loc[rows, [within, *columns]])
        table = _told(found, [*columns, PERSON], level, name)
        weights = survey.layout.weights[rows]
        table["rate"] = np.average(answered[rows], weights=weights)
        table["weighting"] = _weighting(weights, survey.data.loc[rows, within])
        tables.append(table)
    shaped = pd.concat(tables, ignore_index=True).assign(
        source=survey.source or "",
        flag="simulated" if survey.simulated else "",
        unit="proportion",
        measure="variance share",
        level=level,
        interval="jackknife",
    )
    return about_whom(estimates(shaped, ["stage"]), survey, domain)


def nested(values: np.ndarray, codes: pd.DataFrame) -> Nested:
    """Return the sums of squares of values in nested units, whose codes stand in columns, the groups first."""
    if not len(values):
        raise StageError("nobody has answered")
    frame = codes.reset_index(drop=True)
    ids = [
        frame.groupby(list(frame.columns[: depth + 1]), observed=True).ngroup().to_numpy()
        for depth in range(frame.shape[1])
    ] + [np.arange(len(values))]
    sizes = [np.bincount(own) for own in ids]
    firsts = [np.unique(own, return_index=True)[1] for own in ids]
    means = [np.bincount(own, values) / size for own, size in zip(ids, sizes, strict=True)]
    groups, last = ids[0], len(ids) - 1
    squares, expected = np.zeros((len(sizes[0]), last)), np.zeros((len(sizes[0]), last, last))
    for k in range(1, last + 1):
        squares[:, k - 1] = np.bincount(groups, (means[k][ids[k]] - means[k - 1][ids[k - 1]]) ** 2)
        for j in range(k, last + 1):
            at = firsts[j]
            spread = 1 / sizes[k][ids[k][at]] - 1 / sizes[k - 1][ids[k - 1][at]]
            expected[:, k - 1, j - 1] = np.bincount(groups[at], sizes[j] ** 2 * spread)
    stages = range(1, last + 1)
    units = np.column_stack([np.bincount(groups[firsts[j]]) for j in stages])
    inside = [np.bincount(groups[firsts[j]], sizes[j] ** 2.0) / sizes[0] ** 2 for j in stages]
    held = np.diagonal(expected.sum(axis=0))
    lacking = [name for name, own in zip([*frame.columns[1:], PERSON], held, strict=True) if own <= 0]
    if lacking:
        raise StageError(f"the stages {lacking} have one unit only wherever they were drawn; leave them out")
    return Nested(squares, expected, np.column_stack(inside), units, sizes[0])


def shares_of(components: np.ndarray) -> np.ndarray:
    """Return each component's share of the whole; one below 0 counts as 0."""
    kept = np.clip(components, 0, None)
    if kept.sum() <= 0:
        raise StageError("all answers within the groups are alike; there is no variance to share out")
    return kept / kept.sum()


def _told(found: Nested, stages: list[str], level: float, name: str) -> pd.DataFrame:
    components = found.components()
    share, groups = shares_of(components), len(found.n)
    se = _jackknife(found) if groups > 2 else np.full(len(share), np.nan)
    half, centre = t_quantile(np.array(float(groups - 1)), level) * se, components / components.sum()
    before = np.column_stack([np.ones(groups), found.units[:, :-1]])
    return pd.DataFrame(
        {
            "indicator": name,
            "stage": stages,
            "estimate": share,
            "se": se,
            "ci_low": np.clip(centre - half, 0, 1),
            "ci_high": np.clip(centre + half, 0, 1),
            "n": float(found.n.sum()),
            "df": float(groups - 1) if groups > 2 else np.nan,
            "deff": share * (found.n[:, None] * found.parts).mean(axis=0),
            "variance": components,
            "cluster_size": found.units.sum(axis=0) / before.sum(axis=0),
            "clusters": found.units.sum(axis=0),
            "groups": groups,
        }
    )


def _jackknife(found: Nested) -> np.ndarray:
    """Return the standard errors of the shares, those below 0 as they are, one group left out at a time."""
    groups = len(found.n)
    left = np.array([found.components(np.arange(groups) != one) for one in range(groups)])
    left /= left.sum(axis=1, keepdims=True)
    return np.sqrt((groups - 1) / groups * ((left - left.mean(axis=0)) ** 2).sum(axis=0))


def _weighting(weights: np.ndarray, groups: pd.Series) -> float:
    """Return by how much unequal weights widen the variance of a group's rate, in the mean of the groups."""
    by_group = pd.Series(weights).groupby(groups.to_numpy())
    return float(np.mean([len(own) / kish(own.to_numpy()) for _, own in by_group]))
