"""The data held against the design: which row belongs to which sampling unit, in whole numbers.

Hands on a :class:`Layout`, from which every variance is computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.survey import engine, queries
from portal_analysis.survey.columns import (
    as_numbers,
    column_faults,
    crossed,
    header_faults,
    label_codes,
    rows_quoted,
    weight_faults,
)
from portal_analysis.survey.design import LARGEST, LONELY_PSU, SHOWN, Design, DesignError, as_names
from portal_analysis.tables.border import passed


@dataclass(frozen=True)
class Stage:
    """One stage of sampling, in whole numbers.

    ``cluster`` gives each unit's cluster at this stage, ``stratum`` each cluster's stratum. For each
    stratum: ``drawn`` and ``population`` count its clusters (infinite: with replacement), ``factor``
    multiplies its variance by the sampling fractions of the stages above, ``labels`` name it.
    """

    cluster: np.ndarray
    stratum: np.ndarray
    drawn: np.ndarray
    population: np.ndarray
    factor: np.ndarray
    labels: tuple[str, ...]

    @property
    def unsampled(self) -> np.ndarray:
        """Share of each stratum's clusters that were not drawn: R's ``f``."""
        return np.where(np.isinf(self.population), 1.0, 1 - self.drawn / self.population)

    @property
    def lonely(self) -> np.ndarray:
        """Strata of one cluster whose variance cannot be estimated (a census of one is not among them)."""
        return (self.drawn == 1) & (self.unsampled >= 1e-7)


@dataclass(frozen=True)
class People:
    """Of how many each row of a :class:`Layout` tells: rows, those with a weight above 0, their squared weights."""

    rows: np.ndarray
    counted: np.ndarray
    squares: np.ndarray


@dataclass(frozen=True)
class Layout:
    """Which unit each row belongs to, and how units were drawn.

    ``unit`` (rows) is the finest unit whose totals the variance needs, ``weights`` (rows) the weights,
    ``stages`` the stages outermost first, each told for ``units`` units. ``psu`` (units) is the unit's PSU,
    ``stratum`` (PSUs) the PSU's stratum of stage one. A row may stand for several people who are alike in all that
    is asked for: ``weights`` is then the sum of theirs, and ``people`` tells of how many.
    """

    unit: np.ndarray
    units: int
    weights: np.ndarray
    stages: tuple[Stage, ...]
    people: People | None = None

    @property
    def counted(self) -> np.ndarray:
        """How many people with a weight above 0 each row stands for."""
        return (self.weights > 0).astype(float) if self.people is None else self.people.counted

    @property
    def rows(self) -> np.ndarray:
        """How many rows of the data each row stands for."""
        return np.ones(len(self.weights)) if self.people is None else self.people.rows

    @property
    def squares(self) -> np.ndarray:
        """Sum of the squared weights that each row stands for."""
        return self.weights**2 if self.people is None else self.people.squares

    @property
    def psu(self) -> np.ndarray:
        """PSU of each unit."""
        return self.stages[0].cluster

    @property
    def stratum(self) -> np.ndarray:
        """Stratum of each PSU."""
        return self.stages[0].stratum

    @property
    def psus(self) -> int:
        """Number of PSUs of the design."""
        return len(self.stages[0].stratum)

    @property
    def strata(self) -> int:
        """Number of strata of stage one."""
        return len(self.stages[0].drawn)

    @property
    def expands(self) -> bool:
        """Can the weights count people? Not if they sum to no more than the rows, unless everybody was asked."""
        return self.everybody or bool(self.weights.sum() > self.counted.sum() * (1 + 1e-3))

    @property
    def everybody(self) -> bool:
        """Was nothing drawn at any stage: a census, whose numbers have no sampling error?"""
        return all((stage.unsampled < 1e-7).all() for stage in self.stages)

    @property
    def row_psu(self) -> np.ndarray:
        """PSU of each row."""
        return self.psu[self.unit]


def layout_of(data: Any, design: Design, also: Sequence[str]) -> Layout:
    """Check the data against the design and say which row belongs to which unit.

    Raises
    ------
    DesignError
        All faults at once.
    """
    faults = header_faults(data) or column_faults(data, design, also)
    if faults:
        raise DesignError.of(faults, "the design does not fit the data")
    if isinstance(data, engine.Table):
        return _layout_elsewhere(data, design)
    weights = np.ones(len(data)) if design.weights is None else as_numbers(data[design.weights])
    faults = [] if design.weights is None else weight_faults(weights, data[design.weights])
    return laid_out(data, design, weights, None, faults)


def _layout_elsewhere(table: engine.Table, design: Design) -> Layout:
    """Ask a table that lives elsewhere for its design: one small query."""
    faults = [
        f"{name!r} is {table.schema[name]}; labels must be text or numbers"
        for name in design.columns
        if not table.is_label(name)
    ]
    numbers = (*as_names(design.weights), *as_names(design.fpc))
    faults += [
        f"{name!r} is {table.schema[name]}, not numbers" for name in numbers if not table.is_number(name)
    ]
    if faults:
        raise DesignError.of(faults, "the design does not fit the data")
    keys, sums = table.units(design.keys, design.weights)
    faults = [] if design.weights is None else _range_faults(design.weights, table)
    if faults:
        raise DesignError.of(faults, "the design does not fit the data")
    return laid_out(passed(keys), design.ultimate, *weights_and_people(sums), [])


def weights_and_people(sums: Mapping[queries.Place, np.ndarray]) -> tuple[np.ndarray, People]:
    """Return the weights of groups of rows, and of how many people each tells."""
    rows = sums["rows", -1]
    counted, weights, squares = (sums.get((name, -1), rows) for name in ("counted", "w", "ww"))
    return weights, People(rows, counted, squares)


def _range_faults(name: str, table: engine.Table) -> list[str]:
    column = queries.Value(name)
    span = table.ranges([column])[column]
    lost = len(table) - span.known
    faults = [] if len(table) else ["the table has no rows"]
    faults += [f"weights {name!r} are missing or not a number in {lost:,} rows"] if lost else []
    if span.known and span.low < 0:
        faults.append(f"weights {name!r} are negative: down to {span.low:g}")
    if span.known and not span.high <= LARGEST:
        faults.append(f"weights {name!r} are infinite or above {LARGEST:g}: up to {span.high:g}")
    if not faults and not span.high > 0:
        faults.append(f"weights {name!r} sum to zero: nobody counts")
    return faults


def laid_out(
    data: pd.DataFrame, design: Design, weights: np.ndarray, people: People | None, faults: list[str]
) -> Layout:
    """Say which row belongs to which unit, given the rows' weights and of how many people each row tells.

    Raises
    ------
    DesignError
        All faults at once, those given too.
    """
    named = dict.fromkeys([*as_names(design.strata), *as_names(design.panel), *design.stages])
    codes = {name: label_codes(data[name], name, faults) for name in named}
    if not faults:
        clusters, strata, labels = _stage_codes(data, design, codes, faults)
        unit, units, stages = _stages(data, design, clusters, strata, labels, faults)
    if not faults and not design.replicates_given:
        faults += _lonely_faults(stages, design)
    if faults:
        raise DesignError.of(faults, "the design does not fit the data")
    return Layout(unit, units, weights, stages, people)


def _stage_codes(
    data: pd.DataFrame, design: Design, codes: dict[str, tuple[np.ndarray, list[str]]], faults: list[str]
) -> tuple[list[np.ndarray], list[np.ndarray], list[tuple[str, ...]]]:
    """Return, stage by stage, the cluster and the stratum of each row and the strata's names."""
    declared = [codes[name] for name in as_names(design.strata)] or [
        (np.zeros(len(data), dtype=np.int64), ["the whole sample"])
    ]
    if design.panel is not None:
        declared[0] = _divided(declared[0], codes[design.panel])
    units = [codes[name] for name in design.stages] or [(np.arange(len(data)), [])]
    clusters: list[np.ndarray] = []
    strata: list[np.ndarray] = []
    labels: list[tuple[str, ...]] = []
    for level, (unit, names) in enumerate(units):
        own, own_names = declared[min(level, len(declared) - 1)]
        stratum, first = crossed(*clusters[-1:], own)
        if level == 0:
            if not design.nest:
                _unique_labels(unit, stratum, names, own_names, design, faults)
            labels.append(tuple(own_names[i] for i in own[first]))
        else:
            outer = units[level - 1]
            labels.append(tuple(f"{design.stages[level - 1]} {outer[1][outer[0][i]]}" for i in first))
        cluster, _ = crossed(stratum, unit)
        clusters.append(cluster)
        strata.append(stratum)
    return clusters, strata, labels


def _divided(
    strata: tuple[np.ndarray, list[str]], panel: tuple[np.ndarray, list[str]]
) -> tuple[np.ndarray, list[str]]:
    """Cross strata with panels: each row's number and the names of the crossings."""
    number, first = crossed(strata[0], panel[0])
    return number, [f"{strata[1][strata[0][i]]}, panel {panel[1][panel[0][i]]}" for i in first]


def _unique_labels(
    unit: np.ndarray,
    stratum: np.ndarray,
    names: list[str],
    strata: list[str],
    design: Design,
    faults: list[str],
) -> None:
    pairs = pd.DataFrame({"unit": unit, "stratum": stratum}).drop_duplicates()
    shared = pairs.loc[pairs["unit"].duplicated(keep=False)].groupby("unit").size()
    if len(shared):
        shown = [names[int(i)] for i in shared.index[:SHOWN]] if names else list(shared.index[:SHOWN])
        faults.append(
            f"PSU {shown} ({len(shared)} in all) lie in more than one stratum; "
            f"if labels are used again in every stratum, declare nest=True"
        )


def _stages(
    data: pd.DataFrame,
    design: Design,
    clusters: list[np.ndarray],
    strata: list[np.ndarray],
    labels: list[tuple[str, ...]],
    faults: list[str],
) -> tuple[np.ndarray, int, tuple[Stage, ...]]:
    """Tell each stage for the finest units that the variance needs."""
    fpc = as_names(design.fpc)
    depth = len(clusters) if fpc else 1
    unit = clusters[depth - 1]
    units = int(unit.max()) + 1
    row_of_unit = np.zeros(units, dtype=np.int64)
    row_of_unit[unit] = np.arange(len(unit))
    stages: list[Stage] = []
    row_factor = np.ones(len(unit))
    for level in range(depth):
        cluster, stratum = clusters[level], strata[level]
        of_cluster = np.zeros(int(cluster.max()) + 1, dtype=np.int64)
        of_cluster[cluster] = stratum
        drawn = np.bincount(of_cluster)
        population = np.full(len(drawn), np.inf)
        if design.census:
            population = drawn.astype(float)
        elif level < len(fpc):
            population = _population(data[fpc[level]], fpc[level], stratum, drawn, labels[level], faults)
        factor = np.zeros(len(drawn))
        factor[stratum] = row_factor
        stages.append(Stage(cluster[row_of_unit], of_cluster, drawn, population, factor, labels[level]))
        row_factor = row_factor * (drawn / population)[stratum]
    return unit, units, tuple(stages)


def _population(
    column: pd.Series,
    name: str,
    stratum: np.ndarray,
    drawn: np.ndarray,
    labels: tuple[str, ...],
    faults: list[str],
) -> np.ndarray:
    """Return each stratum's number of clusters from counts or sampling fractions."""
    values = as_numbers(column)
    if (bad := ~((values > 0) & np.isfinite(values))).any():
        faults.append(
            f"fpc {name!r} is missing, zero, negative, infinite or not a number in {rows_quoted(bad)}; "
            f"a stage drawn with replacement is declared without fpc"
        )
        return np.full(len(drawn), np.inf)
    low, high = (np.full(len(drawn), start) for start in (np.inf, -np.inf))
    np.minimum.at(low, stratum, values)
    np.maximum.at(high, stratum, values)
    if (varies := low != high).any():
        faults.append(f"fpc {name!r} varies within the strata {_quoted(labels, varies)}")
    fractions = bool((values <= 1).all())
    if not fractions and (values < 1).any():
        faults.append(f"fpc {name!r} mixes fractions and counts: below 1 in {rows_quoted(values < 1)}")
    with np.errstate(divide="ignore"):
        population = drawn / low if fractions else low
    if not fractions and (small := population < drawn).any():
        i = int(np.flatnonzero(small)[0])
        faults.append(
            f"fpc {name!r} is below the sample in the strata {_quoted(labels, small)}: "
            f"{drawn[i]} drawn from {population[i]:g} in {labels[i]!r}"
        )
    return population


def _quoted(labels: Sequence[str], mask: np.ndarray) -> str:
    found = [label for label, hit in zip(labels, mask, strict=True) if hit]
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"{found[:SHOWN]}{more}"


def _lonely_faults(stages: tuple[Stage, ...], design: Design) -> list[str]:
    faults = []
    for level, stage in enumerate(stages, start=1):
        if not stage.lonely.any():
            continue
        where = f"strata {_quoted(stage.labels, stage.lonely)} have one unit each at stage {level}"
        if design.lonely_psu == "fail":
            faults.append(
                f"{where}: their variance cannot be estimated. Merge them with a "
                f'neighbouring stratum, or declare lonely_psu="adjust" (or {list(LONELY_PSU[2:])}). If rows were left '
                f"out before, for a subpopulation, keep them all and ask with domain= or by="
            )
        elif design.lonely_psu == "average" and level > 1:
            faults.append(
                f'{where}: lonely_psu="average" has no other strata to average over within one unit'
            )
        elif design.lonely_psu == "average" and stage.lonely.all():
            faults.append(f'{where}: lonely_psu="average" has no other strata to average over')
    return faults
