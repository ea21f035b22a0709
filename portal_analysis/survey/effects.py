"""What a fitted model says: coefficients, ratios, tests of terms, marginal effects and predictive margins.

Hands on rows of ESTIMATES.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portal_analysis.shape import join_flags, term_columns
from portal_analysis.survey import linear
from portal_analysis.survey.fit import Fit, replicate_weights
from portal_analysis.survey.intervals import FEW_DF
from portal_analysis.survey.problem import ModelError, Problem
from portal_analysis.survey.replicates import replicates
from portal_analysis.survey.variance import covariance, unit_scores

if TYPE_CHECKING:
    from formulaic import ModelSpec


@dataclass(frozen=True)
class _Column:
    """What a column of the model matrix stands for."""

    term: str
    category: str | None
    reference: str | None


def _variable(spec: ModelSpec, factor: Any) -> str:
    """Return the column a factor is made of if it is plainly that, otherwise its expression."""
    used = [str(v) for v in spec.factor_variables[factor] if v in spec.required_variables]
    plain = factor in spec.factor_contrasts or factor.expr in used
    return used[0] if plain and len(used) == 1 else factor.expr


def described(problem: Problem) -> list[_Column]:
    """Say for every column of the model matrix its term, its category and the category compared with.

    A number that is 0 or 1 for everybody is a category as a text is: 1, compared with 0.
    """
    spec, found = problem.spec, {}
    binary = {name for name, column in problem.frame.items() if set(column.unique()) == {0, 1}}
    for term, indices in spec.term_indices.items():
        factors = [f for f in term.factors if f.expr != "1"]
        name = ":".join(_variable(spec, factor) for factor in factors) or "Intercept"
        for i in indices:
            labels, references = [], []
            for factor, part in zip(factors, _parts(spec, i), strict=False):
                if "[" in part:
                    labels.append(part[part.index("[") + 1 : part.rindex("]")].removeprefix("T."))
                elif factor.expr in binary:
                    labels.append("1")
                if factor in spec.factor_contrasts or factor.expr in binary:
                    references.append(str(_reference(spec, factor)))
            told = len(labels) == len(references) and bool(labels)
            found[i] = _Column(name, ":".join(labels) or None, ":".join(references) if told else None)
    return [found[i] for i in range(len(spec.column_names))]


def _parts(spec: ModelSpec, column: int) -> list[str]:
    """Split a column's name at the colons between factors, not at those within brackets."""
    parts, depth = [""], 0
    for sign in str(spec.column_names[column]):
        depth += (sign in "([") - (sign in ")]")
        if sign == ":" and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part if part.endswith("]") else "" for part in parts]


def _reference(spec: ModelSpec, factor: Any) -> Any:
    from formulaic.utils.sentinels import UNSET

    if factor not in spec.factor_contrasts:
        return 0
    state = spec.factor_contrasts[factor]
    base = getattr(state.contrasts, "base", UNSET)
    return state.levels[0] if base is UNSET else base


# ----------------------------------------------------------------------------------------------- what is told


def _rows(
    problem: Problem,
    columns: Sequence[_Column],
    estimate: np.ndarray,
    spread: np.ndarray,
    level: float,
    unit: str,
) -> pd.DataFrame:
    """Lay numbers that rest on t out beside what they are about."""
    survey, df = problem.survey, np.full(len(estimate), problem.df)
    exact = np.full(len(estimate), survey.layout.everybody)
    told = linear.told(estimate, np.diag(spread), df, level, exact)
    places = {name: [getattr(c, name) for c in columns] for name in ("term", "category", "reference")}
    rows = pd.DataFrame({"unit": unit, **places, **told})
    return rows.assign(
        contrast=[_compared(c) for c in columns],
        n_least=[_least(problem, c) for c in columns],
        flag=linear.flags(survey, told, exact),
    )


def _least(problem: Problem, column: _Column) -> float:
    """Return the answers of the smaller of the category and the one compared with; NaN for numbers."""
    names = [name for name in term_columns(column.term) if name in problem.frame]
    codes = problem.frame[names].astype(str).agg(":".join, axis=1) if names else pd.Series(dtype=str)
    counts = problem.sums(problem.people)
    held = [counts[codes == code].sum() for code in (column.category, column.reference) if code in set(codes)]
    return float(min(held, default=np.nan))


def coefficient_rows(problem: Problem, fit: Fit, level: float, ratios: bool) -> pd.DataFrame:
    """Return the coefficients, or their exponentials."""
    columns = described(problem)
    unit = problem.family.coefficient
    rows = _rows(problem, columns, fit.coefficients, fit.covariance, level, unit)
    if not ratios:
        return rows
    rows = rows[rows["term"] != "Intercept"]
    ends = linear.exponentiated({name: rows[name] for name in linear.ENDS})
    return rows.assign(**ends, unit=problem.family.ratio)


def _compared(column: _Column) -> str:
    if column.term == "Intercept":
        return ""
    if column.category is None:
        return f"one more {column.term}"
    return f"{column.category} - {column.reference}" if column.reference and ":" not in column.term else ""


def term_tests(problem: Problem, fit: Fit) -> pd.DataFrame:
    """Return a Wald test of each term."""
    from scipy.stats import f as fisher

    if problem.survey.layout.everybody:
        raise ModelError(
            "everybody was asked: coefficients have no sampling error, and there is nothing to test"
        )
    rows = []
    columns = described(problem)
    for indices in problem.spec.term_indices.values():
        term = columns[indices[0]].term if indices else ""
        if not indices or term == "Intercept":
            continue
        b = fit.coefficients[indices]
        statistic = float(b @ np.linalg.solve(fit.covariance[np.ix_(indices, indices)], b)) / len(indices)
        p_value = float(fisher.sf(statistic, len(indices), problem.df))
        rows.append(
            {"term": term, "estimate": statistic, "unit": "F", "ndf": float(len(indices)), "p_value": p_value}
        )
    names = ["term", "estimate", "unit", "ndf", "p_value"]
    tests = pd.DataFrame(rows, columns=names).assign(category=None)
    weak = "review" if problem.df < FEW_DF else ""
    return tests.assign(
        statistic=tests["estimate"], flag=join_flags(weak, "simulated" if problem.survey.simulated else "")
    )


@dataclass(frozen=True, eq=False)
class _Contrast:
    """One marginal effect, as a change between two model matrices; ``low`` None is a mean itself, ``width`` a slope."""

    term: str
    category: str | None
    reference: str | None
    high: np.ndarray
    low: np.ndarray | None
    width: np.ndarray | None


def marginal_rows(
    problem: Problem, fit: Fit, level: float, variance: str, predicted: bool = False
) -> pd.DataFrame:
    """Return average marginal effects or, ``predicted``, the mean with everybody in each category."""
    contrasts = _contrasts(problem, predicted)
    if not contrasts:
        raise ModelError("the formula names no category to predict for: numbers have marginal effects only")
    values = [_average_effect(problem, c, fit.coefficients) for c in contrasts]
    b = np.array([average for average, _, _ in values])
    slopes = np.array([gradient for _, gradient, _ in values])
    covariance = slopes @ fit.covariance @ slopes.T
    if variance == "design":
        covariance = _sampled_covariance(problem, fit, contrasts, values, slopes)
    columns = [_Column(c.term, c.category, c.reference) for c in contrasts]
    unit = _unit(problem, predicted)
    return _rows(problem, columns, b, covariance, level, unit).assign(variance=variance)


def _contrasts(problem: Problem, predicted: bool = False) -> list[_Contrast]:
    """Put everybody in each category and in the reference; move numbers a little up and down."""
    spec, frame = problem.spec, problem.frame
    categories: dict[str, tuple[list[Any], Any]] = {}
    for factor, state in spec.factor_contrasts.items():
        used = [str(v) for v in spec.factor_variables[factor] if v in frame.columns]
        if not any(_plain(factor.expr, name) for name in used):
            raise ModelError(
                f"marginal effects of {used} cannot be told apart within {factor.expr!r}: make it a column "
                "of its own"
            )
        categories.setdefault(used[0], (list(state.levels), _reference(spec, factor)))
    contrasts: list[_Contrast] = []
    for name in _in_order(spec, list(frame.columns)):
        column = frame[name]
        if name in categories or set(column.unique()) == {0, 1}:
            levels, reference = categories.get(name, ([0, 1], 0))
            low = None if predicted else _matrix_with(problem, name, _all_the_same(column, reference))
            contrasts += [
                _Contrast(
                    name,
                    str(one),
                    None if predicted else str(reference),
                    _matrix_with(problem, name, _all_the_same(column, one)),
                    low,
                    None,
                )
                for one in levels
                if predicted or one != reference
            ]
        elif not predicted:
            number = column.astype(float)
            step = np.cbrt(np.finfo(float).eps) * np.maximum(number.abs(), number.std() or 1.0)
            up, down = number + step, number - step
            high, low = (_matrix_with(problem, name, moved) for moved in (up, down))
            contrasts.append(_Contrast(name, None, None, high, low, (up - down).to_numpy()))
    return contrasts


def _unit(problem: Problem, predicted: bool) -> str:
    """Return the unit of means and of changes of them."""
    if not set(np.unique(problem.answers)) <= {0.0, 1.0}:
        return "number"
    return "proportion" if predicted else "points"


def _plain(expression: str, name: str) -> bool:
    """Say whether a factor is the column itself or ``C()`` of it."""
    return expression == name or bool(re.match(rf"C\({re.escape(name)}\s*[,)]", expression))


def _in_order(spec: ModelSpec, columns: list[str]) -> list[str]:
    """Return the columns in the order in which the formula's terms name them."""
    place: dict[str, tuple[int, str]] = {}
    for i, term in enumerate(spec.terms):
        for factor in term.factors:
            for variable in spec.factor_variables[factor]:
                place.setdefault(str(variable), (i, factor.expr))
    return sorted(columns, key=lambda name: (*place.get(name, (len(place), "")), name))


def _all_the_same(column: pd.Series, value: Any) -> pd.Series:
    return pd.Series([value] * len(column), index=column.index, name=column.name).astype(column.dtype)


def _matrix_with(problem: Problem, name: str, column: pd.Series) -> np.ndarray:
    return np.asarray(problem.spec.get_model_matrix(problem.frame.assign(**{name: column})), dtype=float)


def _average_effect(
    problem: Problem, contrast: _Contrast, coefficients: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the weighted mean effect, its gradient in the coefficients, and each pattern's effect."""
    w = problem.sums(problem.weights if weights is None else weights)
    w = w / w.sum()
    family = problem.family
    if contrast.low is None:
        eta = contrast.high @ coefficients
        effects, gradient = family.mean(eta), (w * family.slope(eta)) @ contrast.high
    elif contrast.width is None:
        high, low = contrast.high @ coefficients, contrast.low @ coefficients
        effects = family.mean(high) - family.mean(low)
        gradient = (w * family.slope(high)) @ contrast.high - (w * family.slope(low)) @ contrast.low
    else:
        eta = problem.matrix @ coefficients
        slope = (contrast.high - contrast.low) / contrast.width[:, None]
        steep = slope @ coefficients
        effects = family.slope(eta) * steep
        gradient = (w * family.slope(eta)) @ slope + (w * family.curve(eta) * steep) @ problem.matrix
    return float(w @ effects), gradient, effects


def _sampled_covariance(
    problem: Problem, fit: Fit, contrasts: list[_Contrast], values: list[Any], slopes: np.ndarray
) -> np.ndarray:
    """Return the covariance of the effects when the people averaged over are a sample too."""
    if fit.replicates is not None:
        repeated = replicates(problem.survey)
        weights = replicate_weights(problem, repeated)
        means = [
            [_average_effect(problem, c, b, w)[0] for c in contrasts]
            for b, w in zip(fit.replicates, weights.T, strict=True)
        ]
        return repeated.covariance(np.array(means), np.array([v[0] for v in values]))
    scores = fit.influence @ slopes.T
    share = problem.weights / problem.weights.sum()
    scores[problem.rows] += np.column_stack(
        [share * (effects[problem.pattern] - mean) for mean, _, effects in values]
    )
    return covariance(problem.survey, unit_scores(problem.survey, scores))
