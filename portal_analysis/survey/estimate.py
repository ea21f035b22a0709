"""From totals to estimates: proportions, means, totals and ratios with the errors the design gives them.

Hands on ESTIMATES, one row for each outcome and domain; :func:`joint` also their covariance, for comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.estimates import VALUE_COLUMNS, add_flag, estimates
from portal_analysis.survey import answers, intervals, totals, variance
from portal_analysis.survey.design import Survey

By = str | Sequence[str] | Sequence[Sequence[str]] | None
RESERVED = frozenset(
    {
        *("indicator", *VALUE_COLUMNS, "unit", "interval", "level", "df_kind", "deff_kind"),
        *("n_eff", "n_missing", "members", "category", "share_of", "units"),
    }
)
"""Columns of the result, which no column of ``by`` may be called."""
CHUNK = 64
"""How many estimates' scores are spread over the rows at a time where a calibration needs them."""


class EstimateError(ValueError):
    """An estimate was asked for with arguments that have no meaning."""


@dataclass(frozen=True)
class Outcomes:
    """What is estimated: names, values y (NaN: no answer), denominators x, and whether Σwy or Σwy/Σwx."""

    names: list[str]
    y: list[np.ndarray]
    x: list[np.ndarray] | None = None
    total: bool = False
    category: list[object] | None = None


@dataclass(frozen=True)
class _Computed:
    """Numbers of all domains and outcomes, (domains, outcomes) each, and what covariances need."""

    domains: totals.Domains
    sums: totals.Totals
    estimate: np.ndarray
    variance: np.ndarray
    n: np.ndarray
    members: np.ndarray
    df: np.ndarray
    deff: np.ndarray
    thetas: np.ndarray | None


def proportion(
    survey: Survey,
    indicators: str | Sequence[str],
    by: By = None,
    domain: str | None = None,
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
    domain : str, optional
        A 0/1 column: estimate for its members only. Neither ``by`` nor ``domain`` drops a PSU.
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
        ESTIMATES, unit ``proportion``, with the extra columns ``interval, level, df_kind, deff_kind, n_eff,
        n_missing``. ``n`` counts respondents who answered and have a weight above 0, ``n_missing`` those of
        the domain who did not answer (they are outside the denominator but stay in the design). ``flag``
        follows the NCHS standards (``intervals.reliability``). Where there are no degrees of freedom (a
        domain in one PSU) the standard error is missing, the interval is 0 to 1 and the flag ``suppress``.

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
    """
    _check(interval, df, level, deff)
    names = answers.names_of(indicators, "indicators")
    outcomes = _categories(survey, names) if categories else Outcomes(names, answers.yes_no(survey, names))
    computed = _compute(survey, outcomes, by, domain, df, deff)
    table = _proportions(survey, outcomes, computed, interval, df, level, deff)
    return answers.of_subpopulation(table.assign(measure="proportion"), domain)


def multiple_response(
    survey: Survey,
    items: str | Sequence[str],
    by: By = None,
    domain: str | None = None,
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
    computed = _compute(survey, outcomes, by, domain, df, True)
    used = interval if of == "respondents" else "mean"
    table = _proportions(survey, outcomes, computed, used, df, level, True)
    return answers.of_subpopulation(table.assign(share_of=of, measure="proportion"), domain)


def mean(
    survey: Survey,
    variables: str | Sequence[str],
    by: By = None,
    domain: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
    deff: bool | str = True,
) -> pd.DataFrame:
    """Estimate means of numeric columns; arguments as of :func:`proportion`, interval estimate ± t·se."""
    _check("mean", df, level, deff)
    names = answers.names_of(variables, "variables")
    outcomes = Outcomes(names, answers.numbers(survey, names))
    table = _numbers(
        survey, outcomes, _compute(survey, outcomes, by, domain, df, deff), "number", df, level, deff
    )
    return answers.of_subpopulation(table.assign(measure="mean"), domain)


def total(
    survey: Survey,
    variables: str | Sequence[str],
    by: By = None,
    domain: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
    deff: bool | str = True,
) -> pd.DataFrame:
    """Estimate population totals Σwy of numeric columns; arguments as of :func:`mean`.

    The score is wy itself. Missing answers count as nothing, so a total with ``n_missing`` above 0 is too
    low. Totals of weights that sum to no more than the number of rows (normalised to mean 1, shares, none) count
    no people and are flagged ``no population total``.
    """
    _check("mean", df, level, deff)
    names = answers.names_of(variables, "variables")
    outcomes = Outcomes(names, answers.numbers(survey, names), total=True)
    table = _numbers(
        survey, outcomes, _compute(survey, outcomes, by, domain, df, deff), "number", df, level, deff
    )
    if not survey.layout.expands:
        table = add_flag(table, "no population total")
    return answers.of_subpopulation(table.assign(measure="total"), domain)


def ratio(
    survey: Survey,
    numerator: str | Sequence[str],
    denominator: str,
    by: By = None,
    domain: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
    deff: bool | str = True,
) -> pd.DataFrame:
    """Estimate ratios of totals Σwy/Σwx; arguments as of :func:`mean`, score w(y−Rx)/Σwx.

    A respondent who did not answer either column counts as missing.
    """
    _check("mean", df, level, deff)
    names = answers.names_of(numerator, "numerator")
    y, below = answers.numbers(survey, names), answers.numbers(survey, [denominator])[0]
    outcomes = Outcomes(
        [f"{name}/{denominator}" for name in names],
        [np.where(np.isnan(below), np.nan, column) for column in y],
        [below] * len(names),
    )
    table = _numbers(
        survey, outcomes, _compute(survey, outcomes, by, domain, df, deff), "number", df, level, deff
    )
    return answers.of_subpopulation(table.assign(measure="ratio"), domain)


@dataclass(frozen=True)
class Joint:
    """Estimates of several domains and outcomes, and how they vary together.

    ``table`` is ESTIMATES as of :func:`proportion`; ``covariance`` has a row and a column for each of its
    rows. ``scores`` (units, rows) are the linearised scores per sampling unit, None with replicates.
    """

    table: pd.DataFrame
    covariance: np.ndarray
    scores: np.ndarray | None


def joint(
    survey: Survey,
    indicators: str | Sequence[str],
    by: By = None,
    domain: str | None = None,
    df: str | float = "domain",
    level: float = 0.95,
    categories: bool = False,
    values: str = "yes/no",
) -> Joint:
    """Estimate proportions (``values="yes/no"``) or means (``"number"``) with their full covariance matrix.

    Waves and domains that share PSUs vary together, which a comparison must know. The matrix takes the whole
    design's strata for ``lonely_psu="average"``.
    """
    _check("korn-graubard", df, level, True)
    names = answers.names_of(indicators, "indicators")
    if categories:
        outcomes = _categories(survey, names)
    else:
        read = answers.numbers if values == "number" else answers.yes_no
        outcomes = Outcomes(names, read(survey, names))
    computed = _compute(survey, outcomes, by, domain, df, True)
    if values == "number":
        table = _numbers(survey, outcomes, computed, "number", df, level, True)
    else:
        table = _proportions(survey, outcomes, computed, "korn-graubard", df, level, True)
    size = computed.estimate.size
    if computed.thetas is not None:
        thetas = computed.thetas.transpose(0, 2, 1).reshape(-1, size)
        made = variance.replicates(survey)
        return Joint(table, made.covariance(thetas, computed.estimate.T.ravel()), None)
    parts = [
        variance.unit_scores(survey, _row_scores(survey, outcomes, computed, which))
        for which in np.array_split(np.arange(size), -(-size // CHUNK))
    ]
    scores = np.concatenate(parts, axis=1)
    return Joint(table, variance.covariance(survey, scores), scores)


def _check(interval: str, df: str | float, level: float, deff: bool | str) -> None:
    faults = []
    if interval not in intervals.INTERVALS:
        faults.append(f"interval={interval!r} is unknown; it may be {list(intervals.INTERVALS)}")
    faults += intervals.faults_of(df, level)
    if not isinstance(deff, bool) and deff != "replace":
        faults.append(f"deff={deff!r} is unknown; it may be True, 'replace' or False")
    if faults:
        raise EstimateError("; ".join(faults))


def _categories(survey: Survey, names: list[str]) -> Outcomes:
    found: list[str] = []
    y: list[np.ndarray] = []
    category: list[object] = []
    for name in names:
        codes, values = answers.levels(survey, name, declared=True)
        for code, value in enumerate(values):
            found.append(name)
            y.append(np.where(codes < 0, np.nan, (codes == code).astype(float)))
            category.append(value)
    if not found:
        raise EstimateError(f"no answers in {names}: there are no categories to estimate")
    return Outcomes(found, y, category=category)


def _compute(
    survey: Survey, outcomes: Outcomes, by: By, domain: str | None, df: str | float, deff: bool | str
) -> _Computed:
    try:
        with np.errstate(over="raise"):
            return _computed(survey, outcomes, by, domain, df, deff)
    except FloatingPointError as error:
        raise EstimateError(
            f"{outcomes.names}: numbers are too far apart in size to compute with; tell them in other units"
        ) from error


def _computed(
    survey: Survey, outcomes: Outcomes, by: By, domain: str | None, df: str | float, deff: bool | str
) -> _Computed:
    if not outcomes.names:
        raise EstimateError("name at least one column to estimate")
    asked = totals.groupings(by)
    taken = sorted({name for group in asked for name in group} & RESERVED)
    if taken:
        raise EstimateError(
            f"by={by!r}: {taken} are names of columns of the result; rename them in the data first"
        )
    groups, cells = totals.domains(survey, asked, domain)
    if not len(groups.names):
        raise EstimateError(f"by={by!r} leaves no domain: every row misses a value of a column in it")
    sums = totals.sums(survey, outcomes.y, outcomes.x, cells, len(groups.names))
    wy, wx, n = sums.by_domain("wy"), sums.by_domain("wx"), sums.by_domain("n")
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(n > 0, wy, np.nan) if outcomes.total else wy / np.where(wx != 0, wx, np.nan)
    made = variance.replicates(survey) if survey.design.replicate_method else None
    degrees = _degrees(survey, groups, sums, df, made)
    found = _Computed(groups, sums, estimate, estimate, n, sums.by_domain("members"), degrees, estimate, None)
    if made is not None:
        thetas = _thetas(survey, outcomes, found, made)
        spread = made.variance(thetas, estimate)
    else:
        thetas, spread = None, _linearised(survey, outcomes, found)
    spread = np.where((degrees[:, None] > 0) & ~np.isnan(estimate), spread, np.nan)
    effect = _design_effect(outcomes, found, spread, deff)
    return _Computed(groups, sums, estimate, spread, n, found.members, degrees, effect, thetas)


def _degrees(
    survey: Survey,
    groups: totals.Domains,
    sums: totals.Totals,
    df: str | float,
    made: variance.Replicates | None,
) -> np.ndarray:
    """Return the degrees of freedom of each domain."""
    layout = survey.layout
    if not isinstance(df, str):
        return np.full(sums.domains, float(df))
    if made is not None and not made.of_psu:
        return _ranks(made.weights, groups, df, sums.domains)
    if df == "design":
        inside = layout.weights > 0
        psus = np.unique(layout.row_psu[inside])
        return np.full(sums.domains, float(len(psus) - len(np.unique(layout.stratum[psus]))))
    counted = sums.members > 0
    psu = layout.psu[sums.unit[counted]]
    domain = sums.domain[counted]
    psus = totals.run_starts(domain * layout.psus + psu)
    strata = totals.run_starts(domain * layout.strata + layout.stratum[psu])
    return np.bincount(domain[psus], minlength=sums.domains) - np.bincount(
        domain[strata], minlength=sums.domains
    ).astype(float)


def _ranks(weights: np.ndarray, groups: totals.Domains, df: str, count: int) -> np.ndarray:
    """Return the rank of the replicate weights less 1, R's ``degf`` of a replicate design."""
    if df == "design":
        return np.full(count, np.linalg.matrix_rank(weights, rtol=1e-5) - 1.0)
    return np.array(
        [np.linalg.matrix_rank(weights[rows], rtol=1e-5) - 1.0 for rows in _rows_of(groups, count)]
    )


def _rows_of(groups: totals.Domains, count: int) -> list[np.ndarray]:
    """Return the rows of each domain."""
    found: list[np.ndarray] = []
    for of_row in groups.of_row:
        rows = np.argsort(of_row, kind="stable")
        rows = rows[of_row[rows] >= 0]
        if len(rows):
            found += np.split(rows, totals.run_starts(of_row[rows])[1:])
    return found[:count]


def _linearised(survey: Survey, outcomes: Outcomes, found: _Computed) -> np.ndarray:
    if survey.calibration:
        size = found.estimate.size
        parts = [
            variance.row_variances(survey, _row_scores(survey, outcomes, found, which))
            for which in np.array_split(np.arange(size), -(-size // CHUNK))
        ]
        return np.concatenate(parts).reshape(found.estimate.shape[::-1]).T
    sums = found.sums
    scores = sums.wy
    if not outcomes.total:
        wx = sums.by_domain("wx")
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(wx != 0, found.estimate, 0.0)
            scores = (sums.wy - ratio[sums.domain] * sums.wx) / np.where(wx != 0, wx, 1.0)[sums.domain]
    return variance.variances(survey, sums.unit, sums.domain, sums.domains, scores, sums.n)


def _row_scores(survey: Survey, outcomes: Outcomes, found: _Computed, which: np.ndarray) -> np.ndarray:
    """Return weighted linearised scores (rows, len(which)); estimates numbered outcome by outcome."""
    weights, count = survey.layout.weights, found.sums.domains
    wx = found.sums.by_domain("wx")
    out = np.zeros((len(survey), len(which)))
    starts = np.cumsum([0] + [int(of_row.max(initial=-1)) + 1 for of_row in _own(found.domains)])
    for j, number in enumerate(which):
        k, d = divmod(int(number), count)
        group = int(np.searchsorted(starts, d, side="right")) - 1
        y = outcomes.y[k]
        inside = (found.domains.of_row[group] == d) & ~np.isnan(y)
        if outcomes.total:
            out[inside, j] = weights[inside] * y[inside]
        elif wx[d, k] != 0:
            x = 1.0 if outcomes.x is None else outcomes.x[k][inside]
            out[inside, j] = weights[inside] * (y[inside] - found.estimate[d, k] * x) / wx[d, k]
    return out


def _own(groups: totals.Domains) -> list[np.ndarray]:
    """Return each grouping's domains numbered from 0."""
    return [
        np.where(of_row < 0, -1, of_row - of_row[of_row >= 0].min(initial=of_row.max(initial=0)))
        for of_row in groups.of_row
    ]


def _thetas(survey: Survey, outcomes: Outcomes, found: _Computed, made: variance.Replicates) -> np.ndarray:
    """Return the estimates of every replicate, (replicates, domains, outcomes)."""
    above, below = _replicate_sums(survey, outcomes, found, made)
    if outcomes.total:
        return above
    with np.errstate(divide="ignore", invalid="ignore"):
        thetas = above / below
    lost = ~np.isfinite(thetas).all(axis=0)
    return np.where(lost, np.nan, thetas)


def _replicate_sums(
    survey: Survey, outcomes: Outcomes, found: _Computed, made: variance.Replicates
) -> tuple[np.ndarray, np.ndarray]:
    sums, shape = found.sums, (made.weights.shape[1], *found.estimate.shape)
    above, below = np.zeros(shape), np.zeros(shape)
    if made.of_psu:
        starts = totals.run_starts(sums.domain)
        for rows in np.split(np.arange(len(sums.domain)), starts[1:]):
            factors = made.weights[survey.layout.psu[sums.unit[rows]]].T
            above[:, sums.domain[rows[0]]] = factors @ sums.wy[rows]
            below[:, sums.domain[rows[0]]] = factors @ sums.wx[rows]
        return above, below
    y = np.column_stack(outcomes.y)
    known = ~np.isnan(y)
    x = known.astype(float) if outcomes.x is None else np.where(known, np.column_stack(outcomes.x), 0.0)
    y = np.where(known, y, 0.0)
    for d, rows in enumerate(_rows_of(found.domains, sums.domains)):
        factors = made.weights[rows].T
        above[:, d], below[:, d] = factors @ y[rows], factors @ x[rows]
    return above, below


def _design_effect(outcomes: Outcomes, found: _Computed, spread: np.ndarray, deff: bool | str) -> np.ndarray:
    """Return R's design effect; missing if not asked for or without a reference variance."""
    if deff is False:
        return np.full(spread.shape, np.nan)
    sums, n = found.sums, found.n
    w, wy, wyy = (sums.by_domain(name) for name in ("w", "wy", "wyy"))
    wx, wxy, wxx = (sums.by_domain(name) for name in ("wx", "wxy", "wxx"))
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(_without_replacement(w, n, deff), (w - n) / w, 1.0)
        if outcomes.total:
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


def _long(survey: Survey, outcomes: Outcomes, found: _Computed) -> tuple[pd.DataFrame, list[str]]:
    """Lay the numbers out, outcome by outcome, with the names of the domains."""
    count, size = found.estimate.shape
    names = found.domains.names
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
        "n": found.n,
        "df": np.repeat(found.df[:, None], size, axis=1),
        "deff": found.deff,
        "members": np.repeat(found.members[:, None], size, axis=1),
    }
    columns.update({name: values.T.ravel() for name, values in flat.items()})
    return pd.DataFrame(columns), domains


def _finish(
    survey: Survey,
    rows: pd.DataFrame,
    domains: list[str],
    found: _Computed,
    df: str | float,
    deff: bool | str,
) -> pd.DataFrame:
    rows["df_kind"] = df if isinstance(df, str) else "given"
    without = _without_replacement(found.sums.by_domain("w"), found.n, deff).T.ravel()
    rows["deff_kind"] = np.where(without, "without replacement", "with replacement") if deff else "none"
    rows["n_missing"] = (rows["members"] - rows["n"]).astype(int)
    rows["source"] = survey.source or ""
    if survey.simulated:
        rows["flag"] = rows["flag"].map(
            {flag: f"{flag}; simulated".lstrip("; ") for flag in rows["flag"].unique()}
        )
    return estimates(rows.drop(columns="members"), domains)


def _proportions(
    survey: Survey,
    outcomes: Outcomes,
    found: _Computed,
    interval: str,
    df: str | float,
    level: float,
    deff: bool | str,
) -> pd.DataFrame:
    rows, domains = _long(survey, outcomes, found)
    p, se, n, members, degrees = (rows[c].to_numpy() for c in ("estimate", "se", "n", "members", "df"))
    p = np.clip(p, 0.0, 1.0)
    rows["ci_low"], rows["ci_high"], used = intervals.limits(p, se, n, members, degrees, level, interval)
    rows["estimate"] = p
    rows["flag"] = intervals.reliability(p, se, n, degrees)
    rows["unit"] = "proportion"
    rows["interval"] = used
    rows["level"] = level
    rows["n_eff"] = intervals.effective_size(p, se, n)
    return _finish(survey, rows, domains, found, df, deff)


def _numbers(
    survey: Survey,
    outcomes: Outcomes,
    found: _Computed,
    unit: str,
    df: str | float,
    level: float,
    deff: bool | str,
) -> pd.DataFrame:
    rows, domains = _long(survey, outcomes, found)
    half = intervals.t_quantile(rows["df"].to_numpy(), level) * rows["se"].to_numpy()
    rows["ci_low"], rows["ci_high"] = rows["estimate"] - half, rows["estimate"] + half
    rows["flag"] = np.where(np.isnan(half) | np.isnan(rows["estimate"].to_numpy()), "suppress", "")
    rows["unit"] = unit
    rows["interval"] = "t"
    rows["level"] = level
    return _finish(survey, rows, domains, found, df, deff)
