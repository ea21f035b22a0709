"""Medians and other quantiles, with Woodruff's intervals.

Hands on ESTIMATES.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.shape import add_flag, estimates
from portal_analysis.survey import gather, intervals, linear
from portal_analysis.survey.answers import numbers
from portal_analysis.survey.domains import Domain, about_whom
from portal_analysis.survey.joint import EstimateError, Joint, Outcomes, joint
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import names_of

RULES = ("math", "school")
"""Where the distribution is level: its lower end (the inverse of the distribution), or the middle of it."""

INTERVALS = ("mean", "xlogit", "beta", "asin")
"""Intervals of the proportion below the quantile, in R's words."""


@gather.anywhere(why="a quantile")
def quantile(
    survey: Survey,
    variables: str | Sequence[str],
    probabilities: float | Sequence[float] = 0.5,
    by: str | Sequence[str] | None = None,
    domain: Domain = None,
    rule: str = "math",
    interval: str = "mean",
    df: str | float = "domain",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate quantiles of numeric columns, the median if nothing else is said.

    Half of the people waited no longer than the median; a mean follows the few who waited for months.

    Parameters
    ----------
    survey : Survey
    variables : str or sequence of str
        Columns of numbers.
    probabilities : float or sequence of float
        Between 0 and 1.
    by, domain, df, level : optional
        As of :func:`portal_analysis.survey.estimate.proportion`, ``by`` being one grouping.
    rule : {"math", "school"}
        R's ``qrule``: the smallest value with at least this share of the weights at or below it; or, where
        that share is met exactly, the middle between it and the next.
    interval : {"mean", "xlogit", "beta", "asin"}
        R's ``interval.type``.

    Returns
    -------
    DataFrame
        ESTIMATES, unit ``number``, with the domain column ``quantile``; extras ``interval`` (``woodruff``),
        ``level``, ``df_kind``, ``n_missing``, ``n_ungrouped``. ``se`` is the interval's width over 2t, as R
        has it. A limit beyond the largest or smallest value is missing, and the row is flagged ``suppress``.

    Raises
    ------
    EstimateError
        If an argument is not one of those above.

    Notes
    -----
    Woodruff (1952): the interval of the proportion at or below the quantile is read back through the weighted
    distribution; R's ``svyquantile`` of survey 4.1 and later.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.quantile(papi, "age", [0.5, 0.9], by="sex")
    >>> print(found[["sex", "quantile", "estimate"]].round(1).to_string(index=False))
       sex  quantile  estimate
    female       0.5      41.0
      male       0.5      41.0
    female       0.9      71.0
      male       0.9      70.0
    """
    linear.checked(df, level)
    names, columns = names_of(variables, "variables"), linear.columns_of(by)
    asked: list[Any] = [probabilities] if isinstance(probabilities, Real) else list(probabilities)  # type: ignore[arg-type]
    faults = [
        f"{name}={value!r} is unknown; it may be {list(allowed)}"
        for name, value, allowed in (("rule", rule, RULES), ("interval", interval, INTERVALS))
        if value not in allowed
    ]
    if not asked or not all(isinstance(p, Real) and 0 < float(p) < 1 for p in asked):
        faults.append(f"probabilities={probabilities!r} must lie between 0 and 1")
    if faults:
        raise EstimateError.of(faults)
    values = numbers(survey, names)
    whole = joint(survey, Outcomes(names, values), columns or None, domain)
    told = [(k, p) for k in range(len(names)) for p in asked]
    sorted_ = [_distributions(whole, y) for y in values]
    found = np.array([[_inverse(*dist, p, rule) for dist in sorted_[k]] for k, p in told])
    of_row = whole.domains.of_row[0]
    y = [
        np.where(np.isnan(values[k]), np.nan, (values[k] <= np.append(q, np.nan)[of_row]).astype(float))
        for (k, _), q in zip(told, found, strict=True)
    ]
    below = joint(survey, Outcomes([names[k] for k, _ in told], y), columns or None, domain)
    ends = _limits(below, sorted_, told, rule, interval, df, level)
    return about_whom(_table(below, found, ends, told, columns, df, level), survey, domain)


def _distributions(whole: Joint, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each domain's values in their order and the share of weights up to each."""
    weights, of_row = whole.survey.layout.weights, whole.domains.of_row[0]
    out = []
    for d in range(len(whole.names)):
        rows = np.flatnonzero((of_row == d) & ~np.isnan(y) & (weights > 0))
        rows = rows[np.argsort(y[rows], kind="stable")]
        share = np.cumsum(weights[rows])
        out.append((y[rows], share / share[-1] if len(rows) else share))
    return out


def _inverse(values: np.ndarray, share: np.ndarray, p: float, rule: str) -> float:
    """Return the value at which the distribution reaches p; missing outside it."""
    if not len(values) or np.isnan(p) or not 0 <= p <= 1:
        return np.nan
    at = min(int(np.searchsorted(share, p - 1e-13, side="left")), len(values) - 1)
    level = rule == "school" and abs(share[at] - p) < 1e-13 and at + 1 < len(values)
    return float((values[at] + values[at + 1]) / 2 if level else values[at])


def _degrees(below: Joint, df: str | float) -> np.ndarray:
    """Return the degrees of freedom of the people who answered, as ``svyquantile`` that leaves the others out."""
    return np.where(below.alone, 0.0, below.degrees(df, answered=True))


def _limits(
    below: Joint,
    sorted_: list[list[tuple[np.ndarray, np.ndarray]]],
    told: list[tuple[int, float]],
    rule: str,
    interval: str,
    df: str | float,
    level: float,
) -> np.ndarray:
    """Return lower and upper limits, (2, quantiles, domains)."""
    se = np.sqrt(linear.spreads(below))
    p = below.estimate
    free = np.repeat(_degrees(below, df)[:, None], p.shape[1], axis=1)
    low, high, _ = intervals.limits(p, se, below.n, below.n, free, level, interval)
    unknown = ~(free > 0) | (p <= 0) | (p >= 1)
    ends = [np.where(unknown & ~below.finite.exact, np.nan, part) for part in (low, high)]
    ends = [np.where(below.finite.exact, p, part) for part in ends]
    return np.array(
        [
            [
                [_inverse(*sorted_[k][d], end[d, i], rule) for d in range(len(p))]
                for i, (k, _) in enumerate(told)
            ]
            for end in ends
        ]
    )


def _table(
    below: Joint,
    found: np.ndarray,
    ends: np.ndarray,
    told: list[tuple[int, float]],
    columns: list[str],
    df: str | float,
    level: float,
) -> pd.DataFrame:
    count, size = len(below.names), len(told)
    free = _degrees(below, df)
    low, high, exact = ends[0].ravel(), ends[1].ravel(), below.finite.exact.T.ravel()
    free = np.tile(free, size)
    half = np.where(exact, 0.0, (high - low) / 2)
    low, high = np.where(exact, found.ravel(), low), np.where(exact, found.ravel(), high)
    n = below.n.T.ravel()
    hidden = np.isnan(half) | np.isnan(found.ravel()) | (~exact & (n < intervals.SMALL_SAMPLE))
    few = (free < intervals.FEW_DF) & ~exact
    table = pd.DataFrame(
        {
            "indicator": np.repeat(np.array(below.outcomes.names, dtype=object), count),
            **{name: np.tile(below.names[name].to_numpy(), size) for name in columns},
            "quantile": np.repeat([p for _, p in told], count),
            "estimate": found.ravel(),
            "se": np.where(exact, 0.0, half / intervals.t_quantile(free, level)),
            "ci_low": low,
            "ci_high": high,
            "n": n,
            "df": free,
            "flag": np.where(hidden, "suppress", np.where(few, "review", "")),
            "source": below.survey.source or "",
            "unit": "number",
            "measure": "quantile",
            "interval": "woodruff",
            "level": level,
            "df_kind": linear.kind_of(df),
            "n_missing": (np.tile(below.members, size) - n).astype(int),
            "n_ungrouped": int(below.ungrouped[0]),
        }
    )
    told_table = estimates(table, [*columns, "quantile"])
    return add_flag(told_table, "simulated") if below.survey.simulated else told_table
