"""Replicate weights: found in the file or made from strata and PSUs, and the variance over them.

Hands on :class:`Replicates`, which turns an estimate under each replicate's weights into variances and covariances.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import numpy as np

from portal_analysis.faults import near
from portal_analysis.survey.columns import as_numbers
from portal_analysis.survey.design import LARGEST, Design, DesignError
from portal_analysis.survey.layout import Layout
from portal_analysis.survey.microdata import Survey


@dataclass(frozen=True)
class Replicates:
    """Replicate weights: ``weights`` (rows or PSUs, replicates), whose weight they are, and R's factors.

    Where ``of_psu`` they are factors of the weights of each PSU, else the weights of each row.
    """

    weights: np.ndarray
    of_psu: bool
    scale: float
    rscales: np.ndarray
    mse: bool

    def variance(self, thetas: np.ndarray, estimate: np.ndarray) -> np.ndarray:
        """Return scale · Σ rscales (θ_r − centre)², as R's ``svrVar``; thetas (replicates, …)."""
        deviations = self._deviations(thetas, estimate)
        return self.scale * np.tensordot(self.rscales, deviations**2, axes=1)

    def covariance(self, thetas: np.ndarray, estimate: np.ndarray) -> np.ndarray:
        """Return the covariance of estimates from thetas (replicates, estimates)."""
        deviations = self._deviations(thetas, estimate) * np.sqrt(self.rscales)[:, None]
        return self.scale * deviations.T @ deviations

    def _deviations(self, thetas: np.ndarray, estimate: np.ndarray) -> np.ndarray:
        return thetas - (estimate if self.mse else thetas[self.rscales > 0].mean(axis=0))


def replicates(survey: Survey) -> Replicates:
    """Read the file's replicate weights, or make those the design asks for.

    Raises
    ------
    DesignError
        If they are missing or do not fit their factors; if calibrated weights would need other
        ones.
    """
    design = survey.design
    if design.replicates_given:
        return _given(survey)
    if survey.calibration:
        raise DesignError(
            "replicates made here do not repeat the calibration of the weights: use a design without "
            "replicate_method (linearised variance), or calibrate the replicate weights of the file"
        )
    if design.replicate_method == "bootstrap":
        return _bootstrap(survey.layout, design)
    return _jackknife(survey.layout, design)


def replicate_columns(survey: Survey) -> list[str]:
    """Return the names of the file's replicate weights, in their order.

    Raises
    ------
    DesignError
        If there are fewer than two, the weights themselves are among those named, or those that begin with a text
        are not numbered without a gap.
    """
    wanted = survey.design.replicates
    if isinstance(wanted, tuple):
        found = list(wanted)
        if survey.design.weights in found:
            raise DesignError(
                f"replicates name {survey.design.weights!r}, the weights themselves: they are no replicate"
            )
    else:
        found = _numbered(survey, str(wanted))
    if len(found) < 2:
        raise DesignError(
            f"replicates={wanted!r} names {len(found)} columns, at least 2 are needed; "
            f"{near(str(wanted), survey.data.columns)}"
        )
    return found


def _numbered(survey: Survey, prefix: str) -> list[str]:
    """Return the columns that begin with a text and end in a number, the weights aside, in the order of the numbers."""
    pattern = re.compile(re.escape(prefix) + r"_?(\d+)$")
    matches = [(pattern.match(str(name)), str(name)) for name in survey.data.columns]
    of_number: dict[int, list[str]] = {}
    for match, name in matches:
        if match is not None and name not in survey.design.columns:
            of_number.setdefault(int(match.group(1)), []).append(name)
    numbers = sorted(of_number)
    twice = [of_number[number] for number in numbers if len(of_number[number]) > 1]
    gaps = [(low, high) for low, high in itertools.pairwise(numbers) if high > low + 1]
    if twice or gaps or (numbers and numbers[0] > 1):
        shown = f"{prefix}{numbers[0]} … {prefix}{numbers[-1]}" if numbers else prefix
        jump = (
            f", with a jump from {gaps[0][0]} to {gaps[0][1]}"
            if gaps
            else f", {twice[0]} alike"
            if twice
            else ""
        )
        raise DesignError(
            f"replicates={prefix!r} fits {len(numbers)} columns that are not numbered from 0 or 1 without a gap: "
            f"{shown}{jump}; name those meant, as in replicates=[f'{prefix}{{k}}' for k in range(1, 81)]"
        )
    return [of_number[number][0] for number in numbers]


def _given(survey: Survey) -> Replicates:
    design, columns = survey.design, replicate_columns(survey)
    weights = np.column_stack([as_numbers(survey.data[name]) for name in columns])
    faults = _replicate_faults(weights, columns)
    if faults:
        raise DesignError.of(faults)
    if _are_factors(design, weights, survey.layout.weights):
        weights = weights * survey.layout.weights[:, None]
    count = len(columns)
    scale, rscales = _factors(design, count)
    if len(rscales) != count:
        raise DesignError(f"rscales has {len(rscales)} numbers for {count} replicates")
    return Replicates(weights, False, scale, rscales, design.mse)


def _replicate_faults(weights: np.ndarray, columns: list[str]) -> list[str]:
    numbers = np.isfinite(weights).all(axis=0)
    bad = {
        "are missing, infinite or not numbers in some rows": ~numbers,
        f"are above {LARGEST:g} in some rows": numbers & (weights > LARGEST).any(axis=0),
        "sum to zero": numbers & ~weights.any(axis=0),
        "sum to a negative number": numbers & (weights.sum(axis=0) < 0),
    }
    return [
        f"replicate weights {[name for name, hit in zip(columns, hits, strict=True) if hit]} {what}"
        for what, hits in bad.items()
        if hits.any()
    ]


def _are_factors(design: Design, replicated: np.ndarray, weights: np.ndarray) -> bool:
    """Tell whether replicates are factors of the weights (R's ``combined.weights=FALSE``) and not weights themselves.

    Raises
    ------
    DesignError
        If the design does not say, and they have the mean of factors while the weights do not.
    """
    if design.replicate_factors is not None:
        return design.replicate_factors
    inside = weights > 0
    mean, of_weights = replicated[inside].mean(), weights[inside].mean()
    if 0.8 <= mean <= 1.25 and not 0.5 <= of_weights <= 2:
        raise DesignError(
            f"the replicates have the mean {mean:.3g}, the weights {of_weights:.3g}: are they factors of the weights? "
            "Then say replicate_factors=True in the design; replicate_factors=False if they are weights"
        )
    return False


def _factors(design: Design, count: int) -> tuple[float, np.ndarray]:
    """Return scale and rscales with R's defaults for each kind."""
    default = {
        "BRR": 1 / count,
        "Fay": 1 / (count * (1 - (design.rho or 0.0)) ** 2),
        "bootstrap": 1 / (count - 1),
        "JK1": (count - 1) / count,
        "ACS": 4 / count,
    }.get(str(design.replicate_method), 1.0)
    scale = default if design.scale is None else design.scale
    given = design.rscales
    if given is None:
        return scale, np.ones(count)
    return scale, np.full(count, given) if isinstance(given, int | float) else np.asarray(given, float)


def _jackknife(layout: Layout, design: Design) -> Replicates:
    """Leave out each PSU in turn, the others of its stratum taking its weight (R's JK1, JKn)."""
    stage = layout.stages[0]
    factors, rscales = [], []
    for h, drawn in enumerate(stage.drawn):
        inside = np.flatnonzero(stage.stratum == h)
        if stage.unsampled[h] < 1e-7 or (
            drawn == 1 and (design.lonely_psu != "adjust" or layout.strata == 1)
        ):
            continue
        for i in inside:
            column = np.ones(layout.psus)
            column[inside] = drawn / max(drawn - 1, 1)
            if drawn == 1:
                column[:] = layout.strata / (layout.strata - 1)
            column[i] = 0
            factors.append(column)
            size = drawn if drawn > 1 else layout.strata
            rscales.append((stage.unsampled[h] if drawn > 1 else 1.0) * (size - 1) / size)
    if not factors:
        raise DesignError(
            "no jackknife replicate can be made: every stratum is a census or has one PSU that is left out "
            "or stands alone"
        )
    scale = layout.psus / len(factors) if design.lonely_psu == "average" else 1.0
    return Replicates(np.column_stack(factors), True, scale, np.asarray(rscales), design.mse)


def _bootstrap(layout: Layout, design: Design) -> Replicates:
    """Draw n−1 of n PSUs with replacement in each stratum, times n/(n−1) (Rao and Wu 1988)."""
    count = int(design.replicates) if isinstance(design.replicates, int) else 0
    random = np.random.default_rng(design.seed)
    stage = layout.stages[0]
    factors = np.ones((layout.psus, count))
    for h, drawn in enumerate(stage.drawn):
        if drawn > 1:
            inside = np.flatnonzero(stage.stratum == h)
            times = random.multinomial(drawn - 1, np.full(drawn, 1 / drawn), size=count).T
            factors[inside] = 1 + np.sqrt(stage.unsampled[h]) * (times * drawn / (drawn - 1) - 1)
    scale = 1 / (count - 1) if design.scale is None else design.scale
    return Replicates(factors, True, scale, np.ones(count), design.mse)
