"""Known totals of a population, held against the categories that a survey has.

Takes totals by category; hands on margins, in the order of the survey's rows, or every fault of theirs at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.faults import Error, near
from portal_analysis.survey.answers import levels
from portal_analysis.survey.columns import as_numbers, rows_quoted
from portal_analysis.survey.design import LARGEST
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import names_of, need

Population = Mapping[Any, float] | pd.Series | pd.DataFrame

SHOWN = 8
"""How many categories a message quotes."""


class CalibrationError(Error):
    """Weights cannot be fitted to the population that was given."""


@dataclass(frozen=True, eq=False)
class Margin:
    """One margin: its columns, its categories with their totals, and the category of each row."""

    columns: tuple[str, ...]
    labels: tuple[Any, ...]
    totals: np.ndarray
    group: np.ndarray

    @property
    def name(self) -> str:
        """The columns of the margin, as errors name it."""
        return " x ".join(self.columns)


def key_of(by: Sequence[str]) -> str | tuple[str, ...]:
    """Return columns as they were named: one by itself, several as a tuple."""
    return by[0] if len(by) == 1 else tuple(by)


def margins_of(survey: Survey, margins: Mapping[Any, Population]) -> list[Margin]:
    """Read all margins against the survey.

    Raises
    ------
    CalibrationError
        All faults of all margins.
    """
    need(survey, [])
    if not isinstance(margins, Mapping) or not margins:
        raise CalibrationError(
            'margins must name columns and their totals, such as {"gender": {"female": 5}}'
        )
    faults: list[str] = []
    wanted = {tuple(names_of(key, "a margin")): population for key, population in margins.items()}
    found = [_margin(survey, key, population, faults) for key, population in wanted.items()]
    if faults:
        raise CalibrationError.of(faults, "the population does not fit the survey")
    return [margin for margin in found if margin is not None]


def _margin(
    survey: Survey, columns: tuple[str, ...], population: Population, faults: list[str]
) -> Margin | None:
    before = len(faults)
    absent = [name for name in columns if name not in survey.data.columns]
    if absent or not columns:
        faults += [f"no column {name!r}: {near(name, survey.data.columns)}" for name in absent]
        faults += [] if columns else ["a margin names no column"]
        return None
    totals = population_of(columns, population, faults)
    keys = _row_keys(survey, columns, faults)
    if len(faults) > before:
        return None
    labels = tuple(totals)
    group = pd.Index(labels, tupleize_cols=False).get_indexer(keys)
    numbers = as_numbers(pd.Series([totals[label] for label in labels], dtype=object))
    faults += _category_faults(" x ".join(columns), labels, numbers, keys, group)
    return Margin(columns, labels, numbers, group)


def population_of(columns: tuple[str, ...], population: Population, faults: list[str]) -> dict[Any, float]:
    """Return the population as ``{category: total}``; a category of several columns is a tuple."""
    name = " x ".join(columns)
    if isinstance(population, pd.DataFrame):
        counts = [column for column in population.columns if column not in columns]
        if len(counts) != 1 or not set(columns) <= set(population.columns):
            faults.append(
                f"the population of {name} needs the columns {list(columns)} and one of counts; "
                f"it has {list(population.columns)}"
            )
            return {}
        population = population.set_index(list(columns) if len(columns) > 1 else columns[0])[counts[0]]
    if isinstance(population, pd.Series):
        if twice := population.index[population.index.duplicated()].unique().tolist():
            faults.append(f"the population of {name} gives {twice[:SHOWN]} more than once")
        return dict(zip(population.index.tolist(), population.tolist(), strict=True))
    if not isinstance(population, Mapping):
        faults.append(f"the population of {name} is a {type(population).__name__}; give a mapping or a frame")
        return {}
    return dict(population)


def _row_keys(survey: Survey, columns: tuple[str, ...], faults: list[str]) -> pd.Index:
    """Return each row's category, a tuple if there are several columns."""
    frame = survey.data[list(columns)]
    for name in columns:
        missing = levels(survey, name)[0] < 0
        if missing.any():
            faults.append(
                f"{name!r} is missing in {rows_quoted(missing)}: "
                "give those people a category of their own, or impute it, before the weights are fitted"
            )
    if len(columns) == 1:
        return pd.Index(frame[columns[0]].tolist(), tupleize_cols=False)
    return pd.Index(list(zip(*(frame[name].tolist() for name in columns), strict=True)), tupleize_cols=False)


def _category_faults(
    name: str, labels: tuple[Any, ...], totals: np.ndarray, keys: pd.Index, group: np.ndarray
) -> Iterator[str]:
    bad = ~((totals <= LARGEST) & (totals > 0))
    if bad.any():
        shown = {label: float(total) for label, total in zip(labels, totals, strict=True) if not total > 0}
        said = shown or f"one is infinite or above {LARGEST:g}"
        yield f"population totals of {name} must be positive numbers: {said}"
    unseen = [label for i, label in enumerate(labels) if i not in set(group.tolist())]
    if unseen:
        yield (
            f"{name}: the population's {unseen[:SHOWN]} have no respondent; "
            "merge them with a neighbouring category in the survey and the population"
        )
    if (group < 0).any():
        strange = pd.Index(keys[group < 0]).unique().tolist()
        yield (
            f"{name}: the survey's {strange[:SHOWN]} are not in the population, "
            f"which has {list(labels[:SHOWN])}"
        )


def sum_faults(margins: list[Margin]) -> list[str]:
    """Say by how much margins disagree about the size of the population."""
    sums = {margin.name: float(margin.totals.sum()) for margin in margins}
    if max(sums.values()) - min(sums.values()) <= 1e-9 * max(sums.values()):
        return []
    return [f"the margins disagree about the size of the population: {sums}; scale them to one total"]


def nobody_in(weights: np.ndarray, margin: Margin) -> list[str]:
    """Say which categories have no weight, in the sample or in a replicate of it."""
    empty = ~(weights > 0)
    faults = []
    for i in np.flatnonzero(empty.any(axis=1)):
        where = "the weights" if empty[i, 0] else f"replicate {int(np.flatnonzero(empty[i])[0])}"
        faults.append(
            f"{margin.name}: {margin.labels[i]!r} has weight zero in {where}; merge it with another"
        )
    return faults[:SHOWN]
