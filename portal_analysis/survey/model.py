"""Who uses a service, other things equal: logistic regression with the design's errors.

Hands on ESTIMATES of odds ratios, coefficients, average marginal effects or tests of terms.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portal_analysis.estimates import estimates
from portal_analysis.survey.answers import is_missing, members, need, of_subpopulation, yes_no
from portal_analysis.survey.design import Survey
from portal_analysis.survey.intervals import faults_of
from portal_analysis.survey.joint import degrees_of_freedom
from portal_analysis.survey.variance import Replicates, covariance, replicates, unit_scores

if TYPE_CHECKING:
    from formulaic import ModelSpec

EFFECTS = ("odds ratio", "coefficient", "marginal", "term")
KINDS = {"marginal": "marginal effect", "term": "term test"}
"""What :func:`logit` may give: three readings of the coefficients, and one test for each term."""

VARIANCES = ("design", "delta")
"""Errors of average marginal effects: with the people sampled too, or with the people taken as fixed."""

EXTREME = 12.0
"""A linear predictor beyond this (odds of 160,000 to 1) makes the fit suspect of separation."""


class ModelError(ValueError):
    """A model cannot be fitted to the data it was asked of."""


@dataclass(frozen=True, eq=False)
class _Problem:
    """What is fitted: the rows that count, their answers and weights, and the model matrix of their patterns.

    People with the same values in all columns of the formula are one ``pattern``; ``frame``, ``matrix`` and
    ``basis`` have one row for each pattern, since the likelihood needs no more.
    ``basis`` spans the same columns as ``matrix`` but is orthogonal, and ``matrix = basis @ back``: fits and
    errors are computed there, since years such as 2021 and a constant are almost the same column to a
    computer.
    """

    survey: Survey
    outcome: str
    rows: np.ndarray
    answers: np.ndarray
    pattern: np.ndarray
    matrix: np.ndarray
    basis: np.ndarray
    back: np.ndarray
    weights: np.ndarray
    frame: pd.DataFrame
    spec: ModelSpec
    n_missing: int
    df: float
    df_kind: str

    @property
    def names(self) -> list[str]:
        return list(self.spec.column_names)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Add values of rows up to patterns."""
        return np.bincount(self.pattern, values, len(self.matrix))


@dataclass(frozen=True, eq=False)
class _Fit:
    """Coefficients, their influence (rows of the survey × coefficients) or replicates, and covariance."""

    coefficients: np.ndarray
    covariance: np.ndarray
    influence: np.ndarray | None
    replicates: np.ndarray | None


def logit(
    survey: Survey,
    formula: str,
    domain: str | None = None,
    effect: str = "odds ratio",
    df: str | float = "domain",
    level: float = 0.95,
    variance: str = "design",
) -> pd.DataFrame:
    """Fit a logistic regression with the survey's weights and design-based errors.

    Parameters
    ----------
    survey : Survey
    formula : str
        Such as ``"npsp_use ~ gender + C(wave) + age * urban"`` (formulaic's grammar, much as R's): the
        outcome is a yes/no column, text columns are categories, ``C()`` makes categories of numbers. The
        first category is the reference; ``C(age_group, contr.treatment(base="55+"))`` names another.
    domain : str, optional
        A 0/1 column that keeps the model to a subpopulation. People outside, or with an answer missing in any
        column of the formula, stay in the design.
    effect : {"odds ratio", "coefficient", "marginal", "term"}
        ``odds ratio``: ``exp`` of each coefficient but the constant. ``coefficient``: the log odds.
        ``marginal``: the average marginal effect of each variable, in points: for a category and for a 0/1
        column the mean difference in the fitted probability between it and the reference, everybody put in
        the one and in the other; for a number the mean slope. ``term``: a Wald test of each term.
    df : {"domain", "design"} or float
        Degrees of freedom before the model takes its coefficients: those of the PSUs with people in the model
        (as R does), of the whole design, or a number.
    level : float
        Of the confidence interval.
    variance : {"design", "delta"}
        For ``marginal``: with the people as a sample, or taken as fixed (the delta method alone).

    Returns
    -------
    DataFrame
        ESTIMATES; ``indicator`` is the outcome, the domain columns are ``term`` (the variable) and
        ``category`` (missing for a number). ``unit`` is ``odds ratio``, ``log odds``, ``points`` or ``F``;
        extras ``reference`` (the category compared with), ``contrast``, ``statistic`` (t, or F for ``term``),
        ``p_value``, ``n_missing``, ``level``, ``interval``, ``df_kind``. ``df`` is what t and F are taken
        with: ``df + 1 - coefficients``. For odds ratios ``se`` is by the delta method (the odds ratio times
        the coefficient's error), while the interval is that of the coefficient, exponentiated.

    Raises
    ------
    ModelError
        An unknown column; an outcome that is not yes/no or never varies; terms that say the same (collinear);
        categories that foretell the outcome perfectly (separation), with their names; no convergence; more
        coefficients than degrees of freedom.

    Notes
    -----
    Pseudo maximum likelihood and the sandwich ``A⁻¹ V(U) A⁻¹`` with ``V(U)`` the design's covariance of the
    weighted scores (Binder 1983), as R's ``svyglm(family = quasibinomial)``. With replicate weights the model
    is fitted anew with each. Wald tests as R's ``regTermTest``.

    Examples
    --------
    >>> logit(survey, "npsp_use ~ gender + ethnicity", effect="marginal")  # doctest: +SKIP
    """
    for name, value, allowed in (("effect", effect, EFFECTS), ("variance", variance, VARIANCES)):
        if value not in allowed:
            raise ModelError(f"{name}={value!r} is unknown; it may be {list(allowed)}")
    need(survey, [])
    if faults := faults_of(df, level):
        raise ModelError("; ".join(faults))
    if not isinstance(formula, str):
        raise ModelError(f"the formula is a {type(formula).__name__}; write it as text, 'outcome ~ a + b'")
    problem = _problem(survey, formula, domain, df)
    fit = _fit(problem)
    if effect != "coefficient" and problem.names == ["Intercept"]:
        raise ModelError(
            f"the formula {formula!r} names no term; ask for effect='coefficient' to see the constant"
        )
    if effect == "term":
        rows = _term_tests(problem, fit)
    elif effect == "marginal":
        rows = _marginal_rows(problem, fit, level, variance)
    else:
        rows = _coefficient_rows(problem, fit, level, effect)
    rows = rows.assign(
        indicator=problem.outcome,
        n=float(len(problem.answers)),
        df=problem.df,
        source=survey.source or "",
        flag="simulated" if survey.simulated else "",
        n_missing=problem.n_missing,
        df_kind=problem.df_kind,
        measure=KINDS.get(effect, effect),
    )
    return of_subpopulation(estimates(rows, ["term", "category"]), domain)


# --------------------------------------------------------------------------------------------- what is fitted


def _problem(survey: Survey, formula: str, domain: str | None, df: str | float) -> _Problem:
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        parsed = Formula(formula)
        outcome, right = str(parsed.lhs), parsed.rhs
    except (FormulaicError, AttributeError, SyntaxError) as error:
        raise ModelError(
            f"the formula {formula!r} cannot be read ({error}); write it as 'outcome ~ a + b'"
        ) from error
    known = list(survey.data.columns)
    # names within calls such as scale(age) are columns too, though the grammar does not count them
    words = {name for name in re.findall(r"\w+", formula.split("~", 1)[1]) if name in known}
    columns = sorted({str(name) for name in right.required_variables} | words)
    absent = [name for name in (outcome, *columns) if name not in known]
    if absent:
        raise ModelError(f"no column {absent} for the formula {formula!r}; the survey has {known}")
    need(survey, columns)
    answers = yes_no(survey, [outcome])[0]
    inside = survey.layout.weights > 0
    if domain is not None:
        inside &= members(survey, domain)
    frame = _without_codes(survey, columns)
    complete = ~np.isnan(answers) & frame.notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(inside & complete)
    answers = answers[rows]
    if not len(rows) or answers.min() == answers.max():
        said = "nobody has answered" if not len(rows) else f"all {len(rows):,} answers are {answers[0]:g}"
        raise ModelError(f"{outcome!r} does not vary: {said}; there is nothing to explain")
    frame = _own_categories(frame.iloc[rows].reset_index(drop=True))
    spec, x = _model_matrix(right, frame, formula)
    pattern, first = _patterns(frame)
    basis, back = _orthogonal(x[first], list(spec.column_names))
    free, kind = _degrees(survey, rows, df)
    if free + 1 - x.shape[1] < 1:
        raise ModelError(
            f"the model has {x.shape[1]} coefficients but the design gives {free:g} degrees of freedom "
            f"(PSUs less strata, df={kind!r}): take fewer terms, or merge categories"
        )
    return _Problem(
        survey=survey,
        outcome=outcome,
        rows=rows,
        answers=answers,
        pattern=pattern,
        matrix=x[first],
        basis=basis,
        back=back,
        weights=survey.layout.weights[rows],
        frame=frame.iloc[first].reset_index(drop=True),
        spec=spec,
        n_missing=int((inside & ~complete).sum()),
        df=free + 1 - x.shape[1],
        df_kind=kind,
    )


def _patterns(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Number the combinations of values that occur; return each row's number and a row of each."""
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


# ------------------------------------------------------------------------------------------------------- fit


def _fit(problem: _Problem) -> _Fit:
    survey, back = problem.survey, problem.back
    on_basis = _maximum(problem, problem.weights, None)
    _refuse_separation(problem, on_basis)
    coefficients = np.linalg.solve(back, on_basis)
    if survey.design.replicate_method is not None:
        repeated = replicates(survey)
        weights = _replicate_weights(problem, repeated).T
        again = [_maximum(problem, w, on_basis, f" in replicate {i}") for i, w in enumerate(weights, 1)]
        thetas = np.linalg.solve(back, np.array(again).T).T
        return _Fit(coefficients, repeated.covariance(thetas, coefficients), None, thetas)
    influence = np.zeros((len(survey), len(coefficients)))
    influence[problem.rows] = _influence(problem, on_basis)
    return _Fit(coefficients, covariance(survey, unit_scores(survey, influence)), influence, None)


def _replicate_weights(problem: _Problem, repeated: Replicates) -> np.ndarray:
    """Return the replicate weights of the rows that count, shape (rows, replicates)."""
    if not repeated.of_psu:
        return repeated.weights[problem.rows]
    psu = problem.survey.layout.row_psu[problem.rows]
    return repeated.weights[psu] * problem.weights[:, None]


def _maximum(problem: _Problem, weights: np.ndarray, start: np.ndarray | None, where: str = "") -> np.ndarray:
    """Return the coefficients of the greatest weighted likelihood, on the orthogonal basis."""
    import statsmodels.api as sm

    together = problem.sums(weights)
    used = together > 0
    empty = np.abs(problem.matrix[used]).sum(axis=0) == 0
    if empty.any():
        gone = [name for name, none in zip(problem.names, empty, strict=True) if none]
        raise ModelError(f"nobody is left in {gone}{where}; merge the category with another")
    model = sm.GLM(
        problem.sums(weights * problem.answers)[used] / together[used],
        problem.basis[used],
        family=sm.families.Binomial(),
        var_weights=together[used] / together[used].mean(),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # separation and non-convergence are told by name below
        result = model.fit(start_params=start, maxiter=200, tol=1e-10, tol_criterion="params")
    if not (result.converged and np.isfinite(result.params).all()):
        _refuse_separation(problem, None)
        raise ModelError(
            f"the fit of {problem.outcome!r}{where} did not converge; look for rare categories, and "
            "take fewer terms"
        )
    return np.asarray(result.params, dtype=float)


def _influence(problem: _Problem, on_basis: np.ndarray) -> np.ndarray:
    """Return ``A⁻¹ U`` of each row: its pull on the coefficients."""
    q, p = problem.basis, _probability(problem.basis @ on_basis)
    information = q.T @ (q * (problem.sums(problem.weights) * p * (1 - p))[:, None])
    pull = np.linalg.solve(problem.back, np.linalg.solve(information, q.T)).T
    off = problem.weights * (problem.answers - p[problem.pattern])
    return pull[problem.pattern] * off[:, None]


def _probability(eta: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-eta))


def _refuse_separation(problem: _Problem, on_basis: np.ndarray | None) -> None:
    """Raise ModelError if some direction of the columns foretells the answers (Albert and Anderson 1984).

    A linear programme looks for one, when the fit looks suspect or has failed: then it is certain, and it
    names the columns.
    """
    if on_basis is not None and np.abs(problem.basis @ on_basis).max() < EXTREME:
        return
    from scipy.optimize import linprog

    yes, people = problem.sums(problem.answers), problem.sums(np.ones(len(problem.answers)))
    signed = np.vstack([problem.matrix[yes > 0], -problem.matrix[yes < people]])
    size = np.abs(signed).max(axis=0)
    found = linprog(
        -(signed / size).sum(axis=0),
        A_ub=-signed / size,
        b_ub=np.zeros(len(signed)),
        bounds=(-1, 1),
        method="highs",
    )
    if not found.success or -found.fun < 1e-7:
        return
    guilty = [i for i, x in enumerate(found.x) if abs(x) > 1e-7 and problem.names[i] != "Intercept"]
    told = [_who_answered(problem, i) for i in guilty]
    raise ModelError(
        f"{problem.outcome!r} is foretold perfectly by {[problem.names[i] for i in guilty]}, so that the "
        f"odds ratio has no finite value (separation){''.join(told)}. Merge the category with another, "
        "leave the term out, or report the proportions"
    )


def _who_answered(problem: _Problem, column: int) -> str:
    x = problem.matrix[:, column][problem.pattern]
    if set(np.unique(x)) != {0.0, 1.0}:
        return ""
    with_it, without = problem.answers[x == 1], problem.answers[x == 0]
    return (
        f"; {problem.names[column]}: {int(with_it.sum())} yes of {len(with_it)}, "
        f"all others {int(without.sum())} yes of {len(without)}"
    )


# --------------------------------------------------------------------------------------- terms and categories


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


def _described(spec: ModelSpec) -> list[_Column]:
    """Say for every column of the model matrix its term, its category and the category compared with."""
    described: dict[int, _Column] = {}
    for term, indices in spec.term_indices.items():
        factors = [f for f in term.factors if f.expr != "1"]
        name = ":".join(_variable(spec, factor) for factor in factors) or "Intercept"
        references = [str(_reference(spec, f)) for f in factors if f in spec.factor_contrasts]
        for i in indices:
            inside = [
                p[p.index("[") + 1 : p.rindex("]")].removeprefix("T.") for p in _parts(spec, i) if "[" in p
            ]
            told = len(inside) == len(references) and bool(inside)
            described[i] = _Column(name, ":".join(inside) or None, ":".join(references) if told else None)
    return [described[i] for i in range(len(spec.column_names))]


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

    state = spec.factor_contrasts[factor]
    base = getattr(state.contrasts, "base", UNSET)
    return state.levels[0] if base is UNSET else base


# ----------------------------------------------------------------------------------------------- what is told


def _coefficient_rows(problem: _Problem, fit: _Fit, level: float, effect: str) -> pd.DataFrame:
    from scipy.stats import t as student

    described = _described(problem.spec)
    b, se = fit.coefficients, np.sqrt(np.diag(fit.covariance))
    reach = student.ppf((1 + level) / 2, problem.df) * se
    rows = pd.DataFrame(
        {
            "term": [c.term for c in described],
            "category": [c.category for c in described],
            "estimate": b,
            "se": se,
            "ci_low": b - reach,
            "ci_high": b + reach,
            "unit": "log odds",
            "reference": [c.reference for c in described],
            "contrast": [_compared(c) for c in described],
            "statistic": b / se,
            "p_value": 2 * student.sf(np.abs(b / se), problem.df),
            "interval": "t",
            "level": level,
        }
    )
    if effect == "coefficient":
        return rows
    rows = rows[rows["term"] != "Intercept"]
    ratio = np.exp(rows["estimate"])
    return rows.assign(
        estimate=ratio,
        se=ratio * rows["se"],
        ci_low=np.exp(rows["ci_low"]),
        ci_high=np.exp(rows["ci_high"]),
        unit="odds ratio",
    )


def _compared(column: _Column) -> str:
    if column.term == "Intercept":
        return ""
    if column.category is None:
        return f"one more {column.term}"
    return f"{column.category} - {column.reference}" if column.reference and ":" not in column.term else ""


def _term_tests(problem: _Problem, fit: _Fit) -> pd.DataFrame:
    from scipy.stats import f as fisher

    rows = []
    described = _described(problem.spec)
    for indices in problem.spec.term_indices.values():
        term = described[indices[0]].term if indices else ""
        if not indices or term == "Intercept":
            continue
        b = fit.coefficients[indices]
        statistic = float(b @ np.linalg.solve(fit.covariance[np.ix_(indices, indices)], b)) / len(indices)
        p_value = float(fisher.sf(statistic, len(indices), problem.df))
        rows.append(
            {"term": term, "estimate": statistic, "unit": "F", "ndf": float(len(indices)), "p_value": p_value}
        )
    columns = ["term", "estimate", "unit", "ndf", "p_value"]
    tests = pd.DataFrame(rows, columns=columns).assign(category=None)
    return tests.assign(statistic=tests["estimate"])


@dataclass(frozen=True, eq=False)
class _Contrast:
    """One marginal effect, as a change between two model matrices; ``width`` 0 says a slope."""

    term: str
    category: str | None
    reference: str | None
    high: np.ndarray
    low: np.ndarray
    width: np.ndarray | None


def _marginal_rows(problem: _Problem, fit: _Fit, level: float, variance: str) -> pd.DataFrame:
    from scipy.stats import t as student

    contrasts = _contrasts(problem)
    values = [_average_effect(problem, c, fit.coefficients) for c in contrasts]
    b = np.array([average for average, _, _ in values])
    slopes = np.array([gradient for _, gradient, _ in values])
    covariance = slopes @ fit.covariance @ slopes.T
    if variance == "design":
        covariance = _sampled_covariance(problem, fit, contrasts, values, slopes)
    se = np.sqrt(np.diag(covariance))
    reach = student.ppf((1 + level) / 2, problem.df) * se
    return pd.DataFrame(
        {
            "term": [c.term for c in contrasts],
            "category": [c.category for c in contrasts],
            "estimate": b,
            "se": se,
            "ci_low": b - reach,
            "ci_high": b + reach,
            "unit": "points",
            "reference": [c.reference for c in contrasts],
            "contrast": [_compared(_Column(c.term, c.category, c.reference)) for c in contrasts],
            "statistic": b / se,
            "p_value": 2 * student.sf(np.abs(b / se), problem.df),
            "interval": "t",
            "level": level,
            "variance": variance,
        }
    )


def _contrasts(problem: _Problem) -> list[_Contrast]:
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
            low = _matrix_with(problem, name, _all_the_same(column, reference))
            contrasts += [
                _Contrast(
                    name,
                    str(one),
                    str(reference),
                    _matrix_with(problem, name, _all_the_same(column, one)),
                    low,
                    None,
                )
                for one in levels
                if one != reference
            ]
        else:
            number = column.astype(float)
            step = np.cbrt(np.finfo(float).eps) * np.maximum(number.abs(), number.std() or 1.0)
            up, down = number + step, number - step
            high, low = (_matrix_with(problem, name, moved) for moved in (up, down))
            contrasts.append(_Contrast(name, None, None, high, low, (up - down).to_numpy()))
    return contrasts


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


def _matrix_with(problem: _Problem, name: str, column: pd.Series) -> np.ndarray:
    return np.asarray(problem.spec.get_model_matrix(problem.frame.assign(**{name: column})), dtype=float)


def _average_effect(
    problem: _Problem, contrast: _Contrast, coefficients: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the weighted mean effect, its gradient in the coefficients, and each pattern's effect."""
    w = problem.sums(problem.weights if weights is None else weights)
    w = w / w.sum()
    if contrast.width is None:
        high, low = (_probability(x @ coefficients) for x in (contrast.high, contrast.low))
        effects = high - low
        gradient = (w * high * (1 - high)) @ contrast.high - (w * low * (1 - low)) @ contrast.low
        return float(w @ effects), gradient, effects
    p = _probability(problem.matrix @ coefficients)
    slope = (contrast.high - contrast.low) / contrast.width[:, None]
    steep, density = slope @ coefficients, p * (1 - p)
    effects = density * steep
    gradient = (w * density) @ slope + (w * density * (1 - 2 * p) * steep) @ problem.matrix
    return float(w @ effects), gradient, effects


def _sampled_covariance(
    problem: _Problem, fit: _Fit, contrasts: list[_Contrast], values: list[Any], slopes: np.ndarray
) -> np.ndarray:
    """Return the covariance of the effects when the people averaged over are a sample too."""
    if fit.replicates is not None:
        repeated = replicates(problem.survey)
        weights = _replicate_weights(problem, repeated)
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
