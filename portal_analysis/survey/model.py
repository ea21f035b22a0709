"""Who uses a service, other things equal: regressions with the design's errors.

Hands on ESTIMATES of ratios, coefficients, marginal effects, predictive margins or tests of terms.
"""

from __future__ import annotations

import pandas as pd

from portal_analysis.shape import estimates
from portal_analysis.survey import effects, gather
from portal_analysis.survey.domains import Domain, about_whom
from portal_analysis.survey.fit import fitted
from portal_analysis.survey.intervals import faults_of
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.problem import FAMILIES, ModelError, problem_of
from portal_analysis.survey.values import need

__all__ = ["ModelError", "logit", "regress"]

EFFECTS = ("ratio", "odds ratio", "coefficient", "marginal", "predicted", "term")
"""What a model may give: readings of the coefficients, means of predictions, and one test for each term."""

VARIANCES = ("design", "delta")
"""Errors of average marginal effects: with the people sampled too, or with the people taken as fixed."""

KINDS = {"marginal": "marginal effect", "term": "term test", "predicted": "standardised"}
"""What ``measure`` says of the effects that are not called as they are asked for."""


def logit(
    survey: Survey,
    formula: str,
    domain: Domain = None,
    effect: str = "odds ratio",
    df: str | float = "domain",
    level: float = 0.95,
    variance: str = "design",
) -> pd.DataFrame:
    """Fit a logistic regression with the survey's weights and design-based errors.

    For who uses a service when age, schooling and place are held alike. Marginal effects in points are easier
    to tell readers than odds ratios.

    Parameters
    ----------
    survey : Survey
    formula : str
        Such as ``"npsp_use ~ gender + C(wave) + age * urban"`` (formulaic's grammar, much as R's): the
        outcome is a yes/no column, text columns are categories, ``C()`` makes categories of numbers. The
        first category is the reference; ``C(age_group, contr.treatment(base="55+"))`` names another.
    domain : optional
        Who is in the model: see :func:`portal_analysis.survey.domains.members`. People outside, or with an
        answer missing in any column of the formula, stay in the design.
    effect : {"odds ratio", "coefficient", "marginal", "predicted", "term"}
        ``odds ratio``: ``exp`` of each coefficient but the constant. ``coefficient``: the log odds.
        ``marginal``: the average marginal effect of each variable, in points: for a category and for a 0/1
        column the mean difference in the fitted probability between it and the reference, everybody put in
        the one and in the other; for a number the mean slope. ``predicted``: the predictive margin of each
        category, the mean fitted probability with everybody put in it (points as R's ``svypredmeans``; the
        error holds the sampling of the people and of the coefficients together). ``term``: a Wald test of
        each term.
    df : {"domain", "design"} or float
        Degrees of freedom before the model takes its coefficients: those of the PSUs with people in the model
        (as R does), of the whole design, or a number.
    level : float
        Of the confidence interval.
    variance : {"design", "delta"}
        For ``marginal`` and ``predicted``: with the people as a sample, or taken as fixed (the delta method alone).

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
    A column that is 0 or 1 is a category, 1 compared with 0. Where the outcome is not rare an odds ratio is
    far from the ratio of the rates: that is ``regress(…, family="poisson")``. Pseudo maximum likelihood and
    the sandwich ``A⁻¹ V(U) A⁻¹`` with ``V(U)`` the design's covariance of the weighted scores (Binder 1983), as
    R's ``svyglm(family = quasibinomial)``. With replicate weights the model is fitted anew with each. Wald
    tests as R's ``regTermTest``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.logit(papi, "internet_home ~ sex + urban", effect="marginal")
    >>> print(found[["term", "estimate"]].round(3).to_string(index=False))
     term  estimate
      sex     0.028
    urban     0.150
    """
    return regress(survey, formula, "logit", domain, effect, df, level, variance)


@gather.anywhere(why="a model")
def regress(
    survey: Survey,
    formula: str,
    family: str = "linear",
    domain: Domain = None,
    effect: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
    variance: str = "design",
) -> pd.DataFrame:
    """Fit a linear, Poisson or logistic regression with the survey's weights and design-based errors.

    The Poisson model of a yes/no column gives ratios of rates, which is what most readers take an odds ratio
    for.

    Parameters
    ----------
    family : {"linear", "poisson", "logit"}
        ``linear``: of a number or a yes/no column. ``poisson``: of a count, or of a yes/no column, whose
        exponentiated coefficients are then ratios of rates (prevalence ratios; Barros and Hirakata 2003).
    effect : {"ratio", "coefficient", "marginal", "predicted", "term"}, optional
        As of :func:`logit`; ``ratio`` is the exponential of the coefficients (default of Poisson), of a
        logistic model the odds ratio. The default of a linear model is ``coefficient``.
    survey, formula, domain, df, level, variance
        As of :func:`logit`.

    Returns
    -------
    DataFrame
        ESTIMATES as of :func:`logit`; ``unit`` is ``ratio``, ``log ratio``, ``number``, or ``points`` and
        ``proportion`` for marginal effects and predictions of a yes/no column.

    Raises
    ------
    ModelError
        As :func:`logit`; a ratio asked of a linear model; negative counts.

    Notes
    -----
    R's ``svyglm`` with ``gaussian()``, ``quasipoisson()`` and ``quasibinomial()``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.regress(papi, "internet_home ~ ethnicity", family="poisson", domain="urban")
    >>> print(found[["term", "estimate", "ci_low", "ci_high"]].round(2).to_string(index=False))
         term  estimate  ci_low  ci_high
    ethnicity      0.73    0.68     0.78
    """
    need(survey, [])
    faults = [] if family in FAMILIES else [f"family={family!r} is unknown; it may be {list(FAMILIES)}"]
    for name, value, allowed in (("effect", effect, (None, *EFFECTS)), ("variance", variance, VARIANCES)):
        if value not in allowed:
            faults.append(f"{name}={value!r} is unknown; it may be {list(allowed)}")
    faults += faults_of(df, level)
    if not isinstance(formula, str):
        faults.append(f"the formula is a {type(formula).__name__}; write it as text, 'outcome ~ a + b'")
    if faults:
        raise ModelError.of(faults)
    kind = FAMILIES[family]
    effect = effect or ("ratio" if kind.ratio else "coefficient")
    ratios = effect in ("ratio", "odds ratio")
    if ratios and (kind.ratio is None or (effect == "odds ratio" and family != "logit")):
        raise ModelError(f"a {family} model has no {effect}; ask for effect='coefficient' or 'marginal'")
    problem = problem_of(survey, kind, formula, domain, df)
    fit = fitted(problem)
    if effect != "coefficient" and problem.names == ["Intercept"]:
        raise ModelError(
            f"the formula {formula!r} names no term; ask for effect='coefficient' to see the constant"
        )
    if effect == "term":
        rows = effects.term_tests(problem, fit)
    elif effect in ("marginal", "predicted"):
        rows = effects.marginal_rows(problem, fit, level, variance, effect == "predicted")
    else:
        rows = effects.coefficient_rows(problem, fit, level, ratios)
    rows = rows.assign(
        indicator=problem.outcome,
        n=float(problem.people.sum()),
        df=problem.df,
        source=survey.source or "",
        measure=kind.ratio if ratios else KINDS.get(effect, effect),
        n_missing=problem.n_missing,
        df_kind=problem.df_kind,
    )
    return about_whom(estimates(rows, ["term", "category"]), survey, domain)
