"""From totals to estimates: proportions, means, totals and ratios with the errors the design gives them.

Hands on ESTIMATES, one row for each outcome and domain; :func:`joint` also their covariance, for comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.shape import add_flag, estimates
from portal_analysis.survey import answers, domains, gather, intervals, linear, values
from portal_analysis.survey.domains import Domain
from portal_analysis.survey.joint import By, EstimateError, Joint, Outcomes, in_range, joint
from portal_analysis.survey.microdata import Survey

STATISTICS = ("proportion", "mean", "total", "ratio")
"""What may be estimated, compared and standardised."""


@dataclass(frozen=True)
class _Computed:
    """Numbers of all domains and outcomes, (domains, outcomes) each."""

    joint: Joint
    estimate: np.ndarray
    variance: np.ndarray
    df: np.ndarray
    deff: np.ndarray


@gather.anywhere("indicators", reads=gather.as_shares)
def proportion(
    survey: Survey,
    indicators: str | Sequence[str],
    by: By = None,
    domain: Domain = None,
    interval: str = "korn-graubard",
    df: str | float = "domain",
    level: float = 0.95,
    categories: bool = False,
    deff: bool | str = True,
) -> pd.DataFrame:
    """Estimate the share of people who say yes, or who are in each category.

    Parameters
    ----------
    survey : Survey
    indicators : str or sequence of str
        Yes/no columns; with ``categories=True`` columns of any values, each of which becomes a row.
    by : str, sequence of str, or sequence of sequences, optional
        Columns that split into domains. A list of lists asks for several tables at once, ``()`` being
        everybody: ``by=[(), ("province",), ("sex", "ethnicity")]`` passes over the data once.
    domain : str or sequence of bool, optional
        Estimate for a subpopulation only: a 0/1 column, an expression such as ``"age >= 18 and urban == 1"``,
        or a truth value for each row (``answers.members``). Neither ``by`` nor ``domain`` drops a PSU.
    interval : str
        One of :data:`portal_analysis.survey.intervals.INTERVALS`, whose formulas are told in
        ``intervals.limits``.
    df : {"domain", "design"} or number
        PSUs less strata among those with members in the domain (R's ``degf`` of the subset, answers missing
        or not), of the whole design, or a given number. With replicate weights of the file: their rank less
        1, as R.
    level : float
        Coverage of the interval.
    categories : bool
        Estimate each category; a domain column ``category`` names it.
    deff : {True, "replace", False}
        Design effect against simple random sampling without (R's default) or with replacement. Weights that
        sum to no more than n cannot be population weights: there the reference is with replacement.
        ``deff_kind`` says which.

    Returns
    -------
    DataFrame
        ESTIMATES, unit ``proportion``, with the extra columns ``interval, n_eff, level, df_kind, deff_kind,
        n_missing, n_ungrouped``. ``n`` counts respondents who answered and have a weight above 0,
        ``n_missing`` those of the domain who did not answer (they are outside the denominator but stay in the
        design), ``n_ungrouped`` those who are in no row of this grouping, since a value of ``by`` is missing.
        ``flag`` follows the NCHS standards (``intervals.reliability``). Where the domain itself gives no
        degrees of freedom (it lies in one PSU), whatever ``df`` says, the standard error is missing, the
        interval is 0 to 1 and the flag ``suppress``. A census (``fpc``) has an error and a width of 0.

    Raises
    ------
    AnswersError
        If a column is unknown, named twice or cannot be read as yes/no.
    EstimateError
        If ``interval``, ``df``, ``level`` or ``deff`` is not one of those above.

    Notes
    -----
    p = Σwy/Σw; its variance is that of the linearised score w(y−p)/Σw, summed over the units of the design
    as R's ``svyrecvar`` does (Binder 1983). deff = v / [(N−n)/N · n/(n−1) · Σw(y−p)²/Σw / n], N = Σw, R's
    ``deff=TRUE``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated")
    >>> rates = pa.proportion(papi, "npsp_use", by="wave")
    >>> print(rates[["wave", "estimate", "ci_low", "ci_high"]].round(4).to_string(index=False))
     wave  estimate  ci_low  ci_high
     2020    0.0405  0.0361   0.0453
     2021    0.0411  0.0366   0.0460
     2022    0.0485  0.0444   0.0529
     2023    0.0559  0.0513   0.0608
     2024    0.0633  0.0578   0.0692
    """
    _check(interval, df, level, deff)
    names = values.names_of(indicators, "indicators")
    outcomes = _categories(survey, names) if categories else Outcomes(names, answers.yes_no(survey, names))
    table = _proportions(_compute(survey, outcomes, by, domain, df, deff), interval, df, level, deff)
    return domains.about_whom(table.assign(measure="proportion"), survey, domain)


@gather.anywhere(why="a set of answers")
def multiple_response(
    survey: Survey,
    items: str | Sequence[str],
    by: By = None,
    domain: Domain = None,
    of: str = "respondents",
    interval: str = "korn-graubard",
    df: str | float = "domain",
    level: float = 0.95,
    sep: str | None = None,
    choices: Sequence[str] = (),
) -> pd.DataFrame:
    """Estimate the shares of a question with several answers, one yes/no column an answer or all in one cell.

    Parameters
    ----------
    items : str or sequence of str
        The yes/no columns of the set, or the name of a set of the survey (``Survey.sets``). Who answered none of
        them (all missing) is missing; a missing item of somebody who answered another one is a no. With ``sep``
        the one column whose cells hold all answers, as KoBo and Google Forms write them.
    of : {"respondents", "answers"}
        Share of the people, or of all answers given (which add up to 1; a ratio, with the interval p ± t·se).
    sep : str, optional
        What parts the answers in a cell, such as ``" "`` (KoBo) or ``", "`` (Google Forms). The answers are then the
        domain column ``category``; those of ``Survey.categories`` that nobody gave are rows of 0.
    choices : sequence of str
        Answers that hold the mark themselves, such as ``"Cost (fees, travel)"``.

    Returns
    -------
    DataFrame
        ESTIMATES as of :func:`proportion`, with an extra column ``share_of``.

    Raises
    ------
    EstimateError
        If ``of`` is another word.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> ways = pa.multiple_response(papi, ["npsp_profile", "npsp_use"])
    >>> print(ways[["indicator", "estimate"]].round(4).to_string(index=False))
       indicator  estimate
    npsp_profile    0.0301
        npsp_use    0.0485
    """
    _check(interval, df, level, True)
    if of not in ("respondents", "answers"):
        raise EstimateError(f"of={of!r} is unknown; it may be ['respondents', 'answers']")
    names, said, category = answers.several(survey, items, sep, choices)
    outcomes = Outcomes(
        names,
        list(said.T),
        None if of == "respondents" else [said.sum(axis=1)] * len(names),
        category=category,
    )
    used = interval if of == "respondents" else "mean"
    table = _proportions(_compute(survey, outcomes, by, domain, df, True), used, df, level, True)
    return domains.about_whom(table.assign(share_of=of, measure="proportion"), survey, domain)


@gather.anywhere("variables", reads=gather.named("variables", "numbers"))
def mean(
    survey: Survey,
    variables: str | Sequence[str],
    by: By = None,
    domain: Domain = None,
    df: str | float = "domain",
    level: float = 0.95,
    deff: bool | str = True,
) -> pd.DataFrame:
    """Estimate means of numeric columns; arguments as of :func:`proportion`, interval estimate ± t·se.

    Flags as of ``intervals.reliability_of_numbers``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> ages = pa.mean(papi, "age", by="sex")
    >>> print(ages[["sex", "estimate", "se"]].round(2).to_string(index=False))
       sex  estimate   se
    female     43.38 0.20
      male     43.44 0.25
    """
    _check("mean", df, level, deff)
    outcomes = outcomes_of(survey, values.names_of(variables, "variables"), "mean")
    table = _numbers(_compute(survey, outcomes, by, domain, df, deff), "number", df, level, deff)
    return domains.about_whom(table.assign(measure="mean"), survey, domain)


@gather.anywhere("variables", reads=gather.named("variables", "numbers"))
def total(
    survey: Survey,
    variables: str | Sequence[str],
    by: By = None,
    domain: Domain = None,
    df: str | float = "domain",
    level: float = 0.95,
    deff: bool | str = True,
) -> pd.DataFrame:
    """Estimate population totals Σwy of numeric columns; arguments as of :func:`mean`.

    The score is wy itself. Missing answers count as nothing, so a total with ``n_missing`` above 0 is too
    low. Totals of weights that sum to no more than the number of rows (normalised to mean 1, shares, none) count
    no people and are flagged ``no population total``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> users = pa.total(papi, "npsp_use")
    >>> print(users["indicator"].tolist(), users["estimate"].round(-3).tolist())
    ['npsp_use'] [3163000.0]
    """
    _check("mean", df, level, deff)
    outcomes = outcomes_of(survey, values.names_of(variables, "variables"), "total")
    table = _numbers(_compute(survey, outcomes, by, domain, df, deff), "number", df, level, deff)
    if not survey.layout.expands:
        table = add_flag(table, "no population total")
    return domains.about_whom(table.assign(measure="total"), survey, domain)


@gather.anywhere("numerator", "denominator", reads=gather.as_ratios)
def ratio(
    survey: Survey,
    numerator: str | Sequence[str],
    denominator: str,
    by: By = None,
    domain: Domain = None,
    df: str | float = "domain",
    level: float = 0.95,
    deff: bool | str = True,
) -> pd.DataFrame:
    """Estimate ratios of totals Σwy/Σwx; arguments as of :func:`mean`, score w(y−Rx)/Σwx.

    A respondent who did not answer either column counts as missing.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> share = pa.ratio(papi, "npsp_use", "npsp_profile")
    >>> print(share["estimate"].round(3).tolist())
    [1.6]
    """
    _check("mean", df, level, deff)
    outcomes = outcomes_of(survey, values.names_of(numerator, "numerator"), "ratio", denominator)
    table = _numbers(_compute(survey, outcomes, by, domain, df, deff), "number", df, level, deff)
    return domains.about_whom(table.assign(measure="ratio"), survey, domain)


def outcomes_of(survey: Survey, names: list[str], statistic: str, denominator: str | None = None) -> Outcomes:
    """Read the columns that a proportion, mean, total or ratio is made of.

    Raises
    ------
    AnswersError
        If a column is unknown or holds something else.
    EstimateError
        If ``statistic`` is unknown, or a denominator is missing or not wanted.
    """
    if statistic not in STATISTICS:
        raise EstimateError(f"statistic={statistic!r} is unknown; it may be {list(STATISTICS)}")
    if (denominator is None) == (statistic == "ratio"):
        raise EstimateError(f"statistic={statistic!r} with denominator={denominator!r}: a ratio needs one")
    if statistic == "proportion":
        return Outcomes(names, answers.yes_no(survey, names))
    if denominator is not None and (sums := answers.ratios(survey, names, denominator)) is not None:
        return Outcomes([f"{name}/{denominator}" for name in names], sums)
    y = answers.numbers(survey, names)
    if denominator is None:
        return Outcomes(names, y, total=statistic == "total")
    below = answers.numbers(survey, [denominator])[0]
    known = [np.where(np.isnan(below), np.nan, column) for column in y]
    return Outcomes([f"{name}/{denominator}" for name in names], known, [below] * len(names))


def _check(interval: str, df: str | float, level: float, deff: bool | str) -> None:
    faults = []
    if interval not in intervals.INTERVALS:
        faults.append(f"interval={interval!r} is unknown; it may be {list(intervals.INTERVALS)}")
    faults += intervals.faults_of(df, level)
    if not isinstance(deff, bool) and deff != "replace":
        faults.append(f"deff={deff!r} is unknown; it may be True, 'replace' or False")
    if faults:
        raise EstimateError.of(faults)


def _categories(survey: Survey, names: list[str]) -> Outcomes:
    found: list[str] = []
    y: list[answers.Answers] = []
    category: list[object] = []
    for name in names:
        said, values = answers.categories(survey, name)
        found += [name] * len(values)
        y += said
        category += list(values)
    if not found:
        raise EstimateError(f"no answers in {names}: there are no categories to estimate")
    return Outcomes(found, y, category=category)


def _compute(
    survey: Survey, outcomes: Outcomes, by: By, domain: Domain, df: str | float, deff: bool | str
) -> _Computed:
    with in_range(outcomes.names):
        found = joint(survey, outcomes, by, domain)
        degrees, estimate, spread = found.degrees(df), found.estimate, linear.spreads(found)
        if (
            df != "domain"
        ):  # what lies within one PSU has no error that could be seen, whatever df is asked for
            degrees = np.where(found.alone, np.minimum(degrees, 0), degrees)
        known = (degrees > 0)[:, None] | found.finite.exact
        spread = np.where(known & ~np.isnan(estimate), spread, np.nan)
        return _Computed(found, estimate, spread, degrees, _design_effect(found, spread, deff))


def _design_effect(found: Joint, spread: np.ndarray, deff: bool | str) -> np.ndarray:
    """Return R's design effect; missing if not asked for or without a reference variance."""
    if deff is False:
        return np.full(spread.shape, np.nan)
    sums, n = found.sums, found.n
    w, wyy, wxy, wxx = (sums.by_domain(name) for name in ("w", "wyy", "wxy", "wxx"))
    wy, wx = found.above, found.below
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(_without_replacement(w, n, deff), (w - n) / w, 1.0)
        if found.outcomes.total:
            squares = np.maximum(wyy - wy**2 / w, 0.0)
            reference = squares / w * w**2
        else:
            ratio = found.estimate
            squares = np.maximum(wyy - 2 * ratio * wxy + ratio**2 * wxx, 0.0)
            reference = squares * w / wx**2
        reference = reference * left / (n - 1)
        effect = spread / reference
    return np.where(reference > 1e-12 * np.abs(wyy) / np.maximum(w, 1) ** 2, effect, np.nan)


def _without_replacement(w: np.ndarray, n: np.ndarray, deff: bool | str) -> np.ndarray:
    return (w > n * (1 + 1e-9)) & (deff is True)


def _long(found: _Computed) -> tuple[pd.DataFrame, list[str]]:
    """Lay the numbers out, outcome by outcome, with the names of the domains."""
    count, size = found.estimate.shape
    names, outcomes = found.joint.names, found.joint.outcomes
    columns: dict[str, object] = {"indicator": np.repeat(np.array(outcomes.names, dtype=object), count)}
    domains = list(names.columns)
    for name in domains:
        columns[name] = names[name].take(np.tile(np.arange(count), size)).reset_index(drop=True)
    if outcomes.category is not None:
        domains.append("category")
        columns["category"] = [value for value in outcomes.category for _ in range(count)]
    flat = {
        "estimate": found.estimate,
        "se": np.sqrt(found.variance),
        "n": found.joint.n,
        "df": np.repeat(found.df[:, None], size, axis=1),
        "deff": found.deff,
        "members": np.repeat(found.joint.members[:, None], size, axis=1),
        "n_ungrouped": np.repeat(found.joint.ungrouped[:, None], size, axis=1).astype(int),
    }
    columns.update({name: values.T.ravel() for name, values in flat.items()})
    return pd.DataFrame(columns), domains


def _finish(
    rows: pd.DataFrame, domains: list[str], found: _Computed, df: str | float, level: float, deff: bool | str
) -> pd.DataFrame:
    survey, sums = found.joint.survey, found.joint.sums
    rows["level"] = level
    rows["df_kind"] = linear.kind_of(df)
    without = _without_replacement(sums.by_domain("w"), found.joint.n, deff).T.ravel()
    rows["deff_kind"] = np.where(without, "without replacement", "with replacement") if deff else "none"
    rows["n_missing"] = (rows["members"] - rows["n"]).astype(int)
    rows["source"] = survey.source or ""
    last = rows.pop("n_ungrouped")
    table = estimates(rows.drop(columns="members").assign(n_ungrouped=last), domains)
    return add_flag(table, "simulated") if survey.simulated else table


def _proportions(
    found: _Computed, interval: str, df: str | float, level: float, deff: bool | str
) -> pd.DataFrame:
    rows, domains = _long(found)
    finite = found.joint.finite.flat()
    p, se, n, members, degrees = (rows[c].to_numpy() for c in ("estimate", "se", "n", "members", "df"))
    p = np.clip(p, 0.0, 1.0)
    logit_se = _logit_errors(found) if interval == "logit" else None
    low, high, used = intervals.limits(p, se, n, members, degrees, level, interval, finite, logit_se)
    rows["ci_low"], rows["ci_high"] = low, high
    width = high - low if interval == "korn-graubard" and level == 0.95 else None
    rows["estimate"] = p
    rows["flag"] = intervals.reliability(p, se, n, degrees, finite, width)
    rows["unit"] = "proportion"
    rows["interval"] = used
    rows["n_eff"] = intervals.effective_size(p, se, n)
    return _finish(rows, domains, found, df, level, deff)


def _logit_errors(found: _Computed) -> np.ndarray | None:
    """Return the error of logit(p) over the replicates, as R takes it; missing where one has p of 0 or 1."""
    repeated, thetas = found.joint.repeated, found.joint.thetas
    if repeated is None or thetas is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        odds, again = (np.log(p / (1 - p)) for p in (found.estimate, thetas))
        return np.sqrt(repeated.variance(again, odds)).T.ravel()


def _numbers(found: _Computed, unit: str, df: str | float, level: float, deff: bool | str) -> pd.DataFrame:
    rows, domains = _long(found)
    outcomes, exact = found.joint.outcomes, found.joint.finite.exact.T.ravel()
    half = intervals.t_quantile(rows["df"].to_numpy(), level) * rows["se"].to_numpy()
    half = np.where(exact & rows["estimate"].notna(), 0.0, half)
    rows["ci_low"], rows["ci_high"] = rows["estimate"] - half, rows["estimate"] + half
    signed = np.repeat([answers.negative(y) for y in outcomes.y], len(found.df))
    value, se, n, free = (rows[name].to_numpy() for name in ("estimate", "se", "n", "df"))
    rows["flag"] = intervals.reliability_of_numbers(value, se, n, free, outcomes.total, signed, exact)
    rows["unit"] = unit
    rows["interval"] = "t"
    return _finish(rows, domains, found, df, level, deff)
