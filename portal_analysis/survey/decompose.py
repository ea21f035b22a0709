"""How much of a gap do a model's variables explain: Oaxaca–Blinder and Fairlie, with the errors the design gives.

Hands on ESTIMATES, one row for each part of the gap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from portal_analysis.shape import estimates
from portal_analysis.survey import gather, linear
from portal_analysis.survey.answers import levels
from portal_analysis.survey.domains import Domain, about_whom, members
from portal_analysis.survey.fit import influence, maximum, replicate_weights
from portal_analysis.survey.kitagawa import two_groups
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.problem import FAMILIES, ModelError, Problem, problem_of
from portal_analysis.survey.replicates import replicates
from portal_analysis.survey.values import need
from portal_analysis.survey.variance import covariance, unit_scores

METHODS = {"oaxaca": "linear", "fairlie": "logit"}
"""Decompositions by a model, and its family."""

REFERENCES = ("pooled", "neumark", "reference", "compared", "average")
"""Whose coefficients weigh the differences in composition."""

LARGEST_TABLE = 1e8
"""How many pairs of patterns times subsets of terms are computed at most."""


@gather.anywhere(why="a decomposition")
def decompose(
    survey: Survey,
    formula: str,
    between: str,
    method: str = "oaxaca",
    groups: tuple[object, object] | None = None,
    reference: str = "pooled",
    threefold: bool = False,
    domain: Domain = None,
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Split the gap between two groups into what a model's variables explain, one by one, and the rest.

    For many variables at once, numbers among them, where :func:`~portal_analysis.survey.kitagawa.kitagawa`
    would have cells without people. The parts describe; they show no causes.

    Parameters
    ----------
    survey : Survey
    formula : str
        ``"npsp_use ~ age_group + school + urban"``, without ``between``.
    between : str
        The column of the groups.
    method : {"oaxaca", "fairlie"}
        A linear model (Oaxaca 1973, Blinder 1973), or a logistic one (Fairlie 2005).
    groups : (compared, reference), optional
        Which two; the second and the first if not given.
    reference : {"pooled", "neumark", "reference", "compared", "average"}
        Whose coefficients weigh the composition: of both groups together with a term for the group (Jann
        2008), or without one (Neumark 1988); of one group; or the mean of both groups' coefficients.
    threefold : bool
        Endowments, coefficients and their interaction, seen from the reference group, instead.
    domain, df, level : optional
        As of :func:`portal_analysis.survey.model.regress`; df are PSUs less strata.

    Returns
    -------
    DataFrame
        ESTIMATES with the domain columns ``part`` (``gap``, ``explained``, ``unexplained``; ``endowments``,
        ``coefficients``, ``interaction``) and ``term`` (missing for a whole part): the terms' shares of what
        is explained add up to it, and the parts to the gap; the column ``between`` and ``reference`` tell the
        groups. Extras ``share`` (of the gap), ``contrast``, ``coefficients``, ``method``, ``statistic``,
        ``p_value``, ``n_missing``.

    Raises
    ------
    ModelError
        As :func:`portal_analysis.survey.model.regress`; if the groups are not two; if people differ in too
        many ways for the terms to be told apart (leave terms out, or make numbers coarser).

    Notes
    -----
    Explained is the mean prediction with the compared group's people less that with the reference's people,
    under the coefficients named. A term's share is its Shapley value: its effect of changing hands averaged
    over all orders of the terms, the others being paired at random, as in Fairlie's (2005, 2017) simulation,
    but summed over all pairs instead of drawn. For a linear model that is ``β(x̄₁−x̄₀)``, Oaxaca's detail. Errors
    from the linearised scores of coefficients and people together, or from every replicate.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.decompose(papi, "internet_home ~ age_group + urban", "ethnicity")
    >>> print(found[["part", "estimate"]].round(3).head(3).to_string(index=False))
           part  estimate
            gap    -0.272
      explained    -0.031
    unexplained    -0.241
    """
    need(survey, [])
    linear.checked(df, level)
    for name, value, allowed in (("method", method, METHODS), ("reference", reference, REFERENCES)):
        if value not in allowed:
            raise ModelError(f"{name}={value!r} is unknown; it may be {list(allowed)}")
    need(survey, [between])
    compared, base = two_groups(survey, between, groups)
    problem, other = _problems(survey, formula, between, method, (compared, base), domain, df)
    plan = _Plan(problem, other, _group(survey, problem, between, compared), reference, threefold)
    told = plan.parts(problem.weights)
    estimate = np.array([part.value for part in told])
    if survey.design.replicate_method is not None:
        made = replicates(survey)
        again = np.array([[p.value for p in plan.parts(w)] for w in replicate_weights(problem, made).T])
        spread = np.diag(made.covariance(again, estimate))
    else:
        scores = np.zeros((len(survey), len(told)))
        scores[problem.rows] = np.column_stack([part.scores for part in told])
        spread = np.diag(covariance(survey, unit_scores(survey, scores)))
    free = np.full(len(told), problem.df + len(problem.names) - 1)
    exact = np.full(len(told), survey.layout.everybody)
    rows = linear.told(estimate, spread, free, level, exact)
    binary = set(np.unique(problem.answers)) <= {0.0, 1.0}
    table = pd.DataFrame(rows).assign(
        indicator=problem.outcome,
        part=[part.name for part in told],
        term=pd.Series([part.term for part in told], dtype=object),
        share=estimate / estimate[0],
        unit="points" if binary else "number",
        n=float(problem.people.sum()),
        n_least=min(float(problem.people[side].sum()) for side in (plan.compared, ~plan.compared)),
        flag=linear.flags(survey, rows, exact),
        source=survey.source or "",
        contrast=f"{compared} - {base}",
        reference=base,
        coefficients="threefold" if threefold else reference,
        method=method,
        df_kind=problem.df_kind,
        n_missing=problem.n_missing,
        n_ungrouped=_ungrouped(survey, between, domain),
        measure="decomposition",
    )
    table = table.assign(**{between: compared})
    return about_whom(estimates(table, ["part", "term", between]), survey, domain)


def _problems(
    survey: Survey,
    formula: str,
    between: str,
    method: str,
    groups: tuple[object, object],
    domain: Domain,
    df: str | float,
) -> tuple[Problem, Problem]:
    """Return the model of the formula, and the same with a term for the group, for the two groups' people."""
    codes, values = levels(survey, between)
    wanted = [i for i, value in enumerate(values) if value in groups]
    inside = members(survey, domain) & np.isin(codes, wanted)
    if not isinstance(formula, str) or "~" not in formula:
        raise ModelError(f"the formula {formula!r} must be text such as 'outcome ~ a + b'")
    family = FAMILIES[METHODS[method]]
    problem = problem_of(survey, family, formula, inside, df)
    if between in problem.frame.columns:
        raise ModelError(f"the formula names {between!r}, whose gap is to be split: leave it out")
    if "Intercept" not in problem.names:
        raise ModelError("a decomposition needs the model's constant: leave out '0 +' and '- 1'")
    if problem.names == ["Intercept"]:
        raise ModelError(f"the formula {formula!r} names no term that could explain a gap")
    return problem, problem_of(survey, family, f"{formula} + C({between})", inside, df)


def _ungrouped(survey: Survey, between: str, domain: Domain) -> int:
    """Count the people of whom nobody knows the group."""
    lost = members(survey, domain) & (levels(survey, between)[0] < 0)
    return int(survey.layout.counted[lost].sum())


def _group(survey: Survey, problem: Problem, between: str, compared: object) -> np.ndarray:
    codes, values = levels(survey, between)
    return np.asarray(codes[problem.rows] == list(values).index(compared))


_Scored = tuple[float, np.ndarray]
"""A number and each row's pull on it."""


@dataclass(frozen=True)
class _Part:
    """A part of the gap: its value, and how each row pulls on it."""

    name: str
    term: str | None
    value: float
    scores: np.ndarray


@dataclass(frozen=True, eq=False)
class _Coefficients:
    """Coefficients and each row's influence on them."""

    value: np.ndarray
    influence: np.ndarray


@dataclass(frozen=True, eq=False)
class _Plan:
    """One decomposition: the models with and without the group, and who is in the compared group."""

    problem: Problem
    with_group: Problem
    compared: np.ndarray
    reference: str
    threefold: bool

    def parts(self, weights: np.ndarray) -> list[_Part]:
        """Return the gap and its parts under some weights."""
        one, other = (self._fit(self.problem, weights * who) for who in (self.compared, ~self.compared))
        terms = self._terms()
        everything = tuple(range(len(terms)))

        def mean(subset: tuple[int, ...], b: _Coefficients) -> _Scored:
            return self._mean(weights, [i for t in subset for i in terms[t][1]], b)

        top, bottom = mean(everything, one), mean((), other)
        gap = _less(top, bottom)
        if self.threefold:
            crossed, own = mean(everything, other), mean((), one)
            endowments, coefficients = _less(crossed, bottom), _less(own, bottom)
            interaction = _less(_less(gap, endowments), coefficients)
            named = {
                "gap": gap,
                "endowments": endowments,
                "coefficients": coefficients,
                "interaction": interaction,
            }
            return [_Part(name, None, *scored) for name, scored in named.items()]
        b = self._between(one, other, weights)
        value = {subset: mean(subset, b) for subset in _subsets(everything)}
        explained = _less(value[everything], value[()])
        found: list[tuple[str, str | None, _Scored]] = [
            ("gap", None, gap),
            ("explained", None, explained),
            ("unexplained", None, _less(gap, explained)),
        ]
        for t, (name, _) in enumerate(terms):
            found.append(("explained", name, _shapley(t, everything, value)))
        return [_Part(part, term, *scored) for part, term, scored in found]

    def _terms(self) -> list[tuple[str, list[int]]]:
        spec = self.problem.spec
        terms = [(str(term), list(held)) for term, held in spec.term_indices.items() if str(term) != "1"]
        patterns = len(self.problem.matrix)
        pairs = patterns if self.problem.family.name == "linear" else patterns**2
        if pairs * 2.0 ** len(terms) > LARGEST_TABLE:
            raise ModelError(
                f"people differ in {patterns} ways and the formula has {len(terms)} terms: too many to tell "
                "the terms' shares apart; make numbers coarser or leave terms out"
            )
        return terms

    def _fit(self, problem: Problem, weights: np.ndarray) -> _Coefficients:
        own = replace(problem, weights=weights)
        on_basis = maximum(own, weights, None, " in one of the groups")
        return _Coefficients(np.linalg.solve(own.back, on_basis), influence(own, on_basis))

    def _between(self, one: _Coefficients, other: _Coefficients, weights: np.ndarray) -> _Coefficients:
        if self.reference in ("pooled", "neumark"):
            problem = self.with_group if self.reference == "pooled" else self.problem
            both = self._fit(problem, weights)
            kept = [problem.names.index(name) for name in self.problem.names]
            return _Coefficients(both.value[kept], both.influence[:, kept])
        share = {"compared": 1.0, "reference": 0.0, "average": 0.5}[self.reference]
        return _Coefficients(
            share * one.value + (1 - share) * other.value,
            share * one.influence + (1 - share) * other.influence,
        )

    def _mean(self, weights: np.ndarray, columns: list[int], b: _Coefficients) -> _Scored:
        """Return the mean prediction with ``columns`` of the compared group's people, the rest of the others'.

        The people of the two groups are paired at random: all pairs, by their weights.
        """
        problem, x = self.problem, self.problem.matrix
        left = np.isin(np.arange(x.shape[1]), columns)
        shares = [problem.sums(weights * who) for who in (self.compared, ~self.compared)]
        here = [np.flatnonzero(s > 0) for s in shares]
        one, other = (s[h] / s.sum() for s, h in zip(shares, here, strict=True))
        at = x[here[0]][:, left] @ b.value[left], x[here[1]][:, ~left] @ b.value[~left]
        gradient = np.zeros(x.shape[1])
        family = problem.family
        if family.name == "linear":  # a sum: pairs need not be put together
            of_one, of_other = at[0] + other @ at[1], at[1] + one @ at[0]
            gradient[left], gradient[~left] = one @ x[here[0]][:, left], other @ x[here[1]][:, ~left]
        else:
            eta = at[0][:, None] + at[1][None, :]
            fitted, slope = family.mean(eta), family.slope(eta)
            of_one, of_other = fitted @ other, one @ fitted
            gradient[left] = (one * (slope @ other)) @ x[here[0]][:, left]
            gradient[~left] = (other * (one @ slope)) @ x[here[1]][:, ~left]
        value = float(one @ of_one)
        pull = np.zeros((2, len(x)))
        pull[0, here[0]], pull[1, here[1]] = of_one - value, of_other - value
        scores = b.influence @ gradient
        for who, off, s in zip((self.compared, ~self.compared), pull, shares, strict=True):
            scores = scores + weights * who * off[problem.pattern] / s.sum()
        return value, scores


def _less(one: _Scored, other: _Scored) -> _Scored:
    return one[0] - other[0], one[1] - other[1]


def _subsets(terms: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    return [subset for size in range(len(terms) + 1) for subset in combinations(terms, size)]


def _shapley(term: int, terms: tuple[int, ...], value: dict[tuple[int, ...], _Scored]) -> _Scored:
    """Return a term's share: what it adds to each set of other terms, averaged over all orders."""
    count, total, scores = len(terms), 0.0, np.zeros(len(value[()][1]))
    for subset in _subsets(tuple(t for t in terms if t != term)):
        weight = factorial(len(subset)) * factorial(count - len(subset) - 1) / factorial(count)
        added = _less(value[tuple(sorted((*subset, term)))], value[subset])
        total, scores = total + weight * added[0], scores + weight * added[1]
    return total, scores
