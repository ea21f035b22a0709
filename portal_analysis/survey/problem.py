"""What a model is fitted to: its kind, the formula read against the survey, and the matrix of its terms.

Hands on :class:`Problem`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portal_analysis.faults import Error, near
from portal_analysis.survey.answers import numbers, yes_no
from portal_analysis.survey.domains import Domain, members
from portal_analysis.survey.joint import degrees_of_freedom
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import AnswersError, is_missing, need

if TYPE_CHECKING:
    from formulaic import ModelSpec


@dataclass(frozen=True)
class Family:
    """A kind of model with its canonical link: the mean and its first two derivatives in the predictor."""

    name: str
    likelihood: str
    mean: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    curve: Callable[[np.ndarray], np.ndarray]
    coefficient: str
    ratio: str | None


def _probability(eta: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-eta))


FAMILIES = {
    family.name: family
    for family in (
        Family(
            "logit",
            "Binomial",
            _probability,
            lambda eta: _probability(eta) * (1 - _probability(eta)),
            lambda eta: _probability(eta) * (1 - _probability(eta)) * (1 - 2 * _probability(eta)),
            "log odds",
            "odds ratio",
        ),
        Family("poisson", "Poisson", np.exp, np.exp, np.exp, "log ratio", "ratio"),
        Family("linear", "Gaussian", lambda eta: eta, np.ones_like, np.zeros_like, "number", None),
    )
}
"""Logistic regression, Poisson regression (ratios of rates) and linear regression."""


class ModelError(Error):
    """A model cannot be fitted to the data it was asked of."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What is fitted: the rows that count, their answers, weights and people, and the model matrix of their patterns.

    People with the same values in all columns of the formula are one ``pattern``; ``frame``, ``matrix`` and
    ``basis`` have one row for each pattern, since the likelihood needs no more.
    ``basis`` spans the same columns as ``matrix`` but is orthogonal, and ``matrix = basis @ back``: fits and
    errors are computed there, since years such as 2021 and a constant are almost the same column to a
    computer.
    """

    survey: Survey
    family: Family
    outcome: str
    rows: np.ndarray
    answers: np.ndarray
    pattern: np.ndarray
    matrix: np.ndarray
    basis: np.ndarray
    back: np.ndarray
    weights: np.ndarray
    people: np.ndarray
    frame: pd.DataFrame
    spec: ModelSpec
    n_missing: int
    df: float
    df_kind: str

    @property
    def names(self) -> list[str]:
        """The terms of the model."""
        return list(self.spec.column_names)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Add values of rows up to patterns."""
        return np.bincount(self.pattern, values, len(self.matrix))


def problem_of(survey: Survey, family: Family, formula: str, domain: Domain, df: str | float) -> Problem:
    """Read a formula against the survey.

    Raises
    ------
    ModelError
        All that :func:`portal_analysis.survey.model.regress` names.
    """
    outcome, right, columns = _read(survey, formula)
    answers = _outcome(survey, family, outcome)
    inside = members(survey, domain) & (survey.layout.weights > 0)
    frame = _without_codes(survey, columns)
    complete = ~np.isnan(answers) & frame.notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(inside & complete)
    answers = answers[rows]
    _must_vary(survey, outcome, answers, rows)
    frame = _own_categories(frame.iloc[rows].reset_index(drop=True))
    spec, x = _model_matrix(right, frame, formula)
    pattern, first = _patterns(frame)
    basis, back = _orthogonal(x[first], list(spec.column_names))
    free, kind = _free(survey, rows, df, x.shape[1])
    return Problem(
        survey=survey,
        family=family,
        outcome=outcome,
        rows=rows,
        answers=answers,
        pattern=pattern,
        matrix=x[first],
        basis=basis,
        back=back,
        weights=survey.layout.weights[rows],
        people=survey.layout.counted[rows],
        frame=frame.iloc[first].reset_index(drop=True),
        spec=spec,
        n_missing=int(survey.layout.counted[inside & ~complete].sum()),
        df=free,
        df_kind=kind,
    )


def _read(survey: Survey, formula: str) -> tuple[str, Any, list[str]]:
    """Return a formula's outcome, its right side, and the columns that the right side needs."""
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        parsed = Formula(formula)
        outcome, right = str(parsed.lhs), parsed.rhs
    except (FormulaicError, AttributeError, SyntaxError) as error:
        raise ModelError(
            f"the formula {formula!r} cannot be read ({error}); write it as 'outcome ~ a + b'"
        ) from error
    known = list(survey.columns)
    # names within calls such as scale(age) are columns too, though the grammar does not count them
    words = {name for name in re.findall(r"\w+", formula.split("~", 1)[1]) if name in known}
    columns = sorted({str(name) for name in right.required_variables} | words)
    absent = [name for name in (outcome, *columns) if name not in known]
    if absent:
        told = "; ".join(f"no column {name!r}: {near(name, known)}" for name in absent)
        raise ModelError(f"the formula {formula!r} names columns that are not there; {told}")
    need(survey, columns)
    return outcome, right, columns


def _must_vary(survey: Survey, outcome: str, answers: np.ndarray, rows: np.ndarray) -> None:
    if not len(rows) or answers.min() == answers.max():
        people = int(survey.layout.counted[rows].sum())
        said = "nobody has answered" if not len(rows) else f"all {people:,} answers are {answers[0]:g}"
        raise ModelError(f"{outcome!r} does not vary: {said}; there is nothing to explain")


def _free(survey: Survey, rows: np.ndarray, df: str | float, coefficients: int) -> tuple[float, str]:
    """Return the degrees of freedom that the coefficients leave, and which kind they are."""
    if not survey.layout.everybody and len(np.unique(survey.layout.row_psu[rows])) == 1:
        raise ModelError(
            "all people in the model lie within one PSU: nobody can see its errors, whatever df is asked for"
        )
    free, kind = _degrees(survey, rows, df)
    if free + 1 - coefficients < 1:
        raise ModelError(
            f"the model has {coefficients} coefficients but the design gives {free:g} degrees of freedom "
            f"(PSUs less strata, df={kind!r}): take fewer terms, or merge categories"
        )
    return free + 1 - coefficients, kind


def _outcome(survey: Survey, family: Family, outcome: str) -> np.ndarray:
    if family.name == "logit":
        try:
            return yes_no(survey, [outcome])[0]
        except AnswersError as error:
            raise AnswersError(
                f"{error}\nA logistic model is of a rate (a share of yes); regress(…, family='linear') is of a number"
            ) from error
    answers = yes_no(survey, [outcome])[0] if outcome in survey.yes else numbers(survey, [outcome])[0]
    if family.name == "poisson" and (answers < 0).any():
        raise ModelError(f"{outcome!r} has negative values: a Poisson model is for yes/no columns and counts")
    return answers


def _patterns(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give numbers to the combinations of values that occur; return each row's number and a row of each."""
    if not len(frame.columns):
        return np.zeros(len(frame), dtype=np.int64), np.zeros(1, dtype=np.int64)
    pattern = frame.groupby(list(frame.columns), observed=True, sort=True).ngroup().to_numpy()
    first = np.zeros(int(pattern.max()) + 1, dtype=np.int64)
    first[pattern[::-1]] = np.arange(len(pattern))[::-1]
    return pattern, first


def _degrees(survey: Survey, rows: np.ndarray, df: str | float) -> tuple[float, str]:
    """Return the degrees of freedom that ``rows``, or the whole design, give, and the name of the rule."""
    if df == "design":
        return degrees_of_freedom(survey, survey.layout.weights > 0), "design"
    if df == "domain":
        inside = np.zeros(len(survey), dtype=bool)
        inside[rows] = True
        return degrees_of_freedom(survey, inside), "domain"
    return float(df), "given"


def _without_codes(survey: Survey, columns: Sequence[str]) -> pd.DataFrame:
    """Return the columns with codes of missing answers made missing."""
    frame = survey.data[list(columns)].copy()
    for name in columns:
        if survey.missing.get(name):
            frame[name] = frame[name].where(~is_missing(survey, name))
    return frame


def _own_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop categories without a person."""
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].cat.remove_unused_categories()
    return frame


def _model_matrix(right: Any, frame: pd.DataFrame, formula: str) -> tuple[ModelSpec, np.ndarray]:
    from formulaic.errors import FormulaicError

    try:
        with np.errstate(all="ignore"):  # what is not finite is told by name below
            made = right.get_model_matrix(frame, na_action="ignore")
    except (FormulaicError, TypeError, ValueError) as error:
        raise ModelError(f"the formula {formula!r} cannot be computed: {error}") from error
    x = np.asarray(made, dtype=float)
    names = list(made.model_spec.column_names)
    bad = [name for name, column in zip(names, x.T, strict=True) if not np.isfinite(column).all()]
    if bad:
        raise ModelError(f"the columns {bad} of the formula {formula!r} are not finite for everybody")
    return made.model_spec, x


def _orthogonal(matrix: np.ndarray, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return an orthogonal basis of the columns, and what makes the columns of it.

    Raises
    ------
    ModelError
        If a column is a sum of those before it: its coefficient has no value.
    """
    size = np.sqrt((matrix**2).sum(axis=0))
    if (size == 0).any():
        raise ModelError(
            f"the columns {[n for n, s in zip(names, size, strict=True) if s == 0]} are zero for everybody"
        )
    if len(matrix) < len(names):
        raise ModelError(
            f"the model's {len(names)} columns are collinear: people differ in {len(matrix)} ways only; "
            "leave a term out"
        )
    basis, back = np.linalg.qr(matrix / size)
    left = np.abs(np.diag(back))
    if left.min() < 1e-9:
        twins = [name for name, rest in zip(names, left, strict=True) if rest < 1e-9]
        raise ModelError(
            f"the model's columns are collinear: {twins} can be put together from the columns before them; "
            "leave one of the terms out"
        )
    people = np.sqrt(len(matrix))
    return basis * people, back * size / people
