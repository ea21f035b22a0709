"""Generalised linear models of survey answers: the fit, and each row's pull on it.

Hands on :class:`Fit`, from which coefficients, margins and decompositions are told.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from portal_analysis.survey.problem import ModelError, Problem
from portal_analysis.survey.replicates import Replicates, replicates
from portal_analysis.survey.variance import covariance, unit_scores

EXTREME = 12.0
"""A linear predictor beyond this (odds of 160,000 to 1) makes the fit suspect of separation."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients, their influence (rows of the survey × coefficients) or replicates, and covariance."""

    coefficients: np.ndarray
    covariance: np.ndarray
    influence: np.ndarray | None
    replicates: np.ndarray | None


def fitted(problem: Problem) -> Fit:
    """Fit the model, with every replicate if the design has them."""
    survey, back = problem.survey, problem.back
    on_basis = maximum(problem, problem.weights, None)
    _refuse_separation(problem, on_basis)
    coefficients = np.linalg.solve(back, on_basis)
    if survey.design.replicate_method is not None:
        repeated = replicates(survey)
        weights = replicate_weights(problem, repeated).T
        again = [maximum(problem, w, on_basis, f" in replicate {i}") for i, w in enumerate(weights, 1)]
        thetas = np.linalg.solve(back, np.array(again).T).T
        return Fit(coefficients, repeated.covariance(thetas, coefficients), None, thetas)
    pull = np.zeros((len(survey), len(coefficients)))
    pull[problem.rows] = influence(problem, on_basis)
    return Fit(coefficients, covariance(survey, unit_scores(survey, pull)), pull, None)


def replicate_weights(problem: Problem, repeated: Replicates) -> np.ndarray:
    """Return the replicate weights of the rows that count, shape (rows, replicates)."""
    if not repeated.of_psu:
        return repeated.weights[problem.rows]
    psu = problem.survey.layout.row_psu[problem.rows]
    return repeated.weights[psu] * problem.weights[:, None]


def maximum(problem: Problem, weights: np.ndarray, start: np.ndarray | None, where: str = "") -> np.ndarray:
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
        family=getattr(sm.families, problem.family.likelihood)(),
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


def influence(problem: Problem, on_basis: np.ndarray) -> np.ndarray:
    """Return ``A⁻¹ U`` of each row: its pull on the coefficients."""
    q, eta = problem.basis, problem.basis @ on_basis
    information = q.T @ (q * (problem.sums(problem.weights) * problem.family.slope(eta))[:, None])
    pull = np.linalg.solve(problem.back, np.linalg.solve(information, q.T)).T
    off = problem.weights * (problem.answers - problem.family.mean(eta)[problem.pattern])
    return pull[problem.pattern] * off[:, None]


def _refuse_separation(problem: Problem, on_basis: np.ndarray | None) -> None:
    """Raise ModelError if some direction of the columns foretells the answers (Albert and Anderson 1984).

    A linear programme looks for one, when the fit looks suspect or has failed: then it is certain, and it
    names the columns.
    """
    suspect = on_basis is None or np.abs(problem.basis @ on_basis).max() >= EXTREME
    if problem.family.name == "linear" or not suspect:
        return
    from scipy.optimize import linprog

    yes, people = problem.sums(problem.answers), problem.sums(np.ones(len(problem.answers)))
    signed = np.vstack([problem.matrix[yes > 0], -problem.matrix[yes < people]])
    if problem.family.name == "poisson":  # only nobody's yes is foretold: who says yes may stay on the line
        signed = np.vstack([problem.matrix[yes > 0], -problem.matrix[yes > 0], -problem.matrix[yes == 0]])
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
        f"ratio has no finite value (separation){''.join(told)}. Merge the category with another, "
        "leave the term out, or report the proportions"
    )


def _who_answered(problem: Problem, column: int) -> str:
    x = problem.matrix[:, column][problem.pattern]
    if set(np.unique(x)) != {0.0, 1.0}:
        return ""
    (yes, of), (other, others) = (
        (int((problem.people * problem.answers)[at].sum()), int(problem.people[at].sum()))
        for at in (x == 1, x == 0)
    )
    return f"; {problem.names[column]}: {yes} yes of {of}, all others {other} yes of {others}"
