"""Whether use goes with the quality of portals from province to province, the errors of both taken into account.

Takes rates and scores by province; hands on ESTIMATES of correlations and slopes, all flagged as ecological: what holds
of provinces need not hold of persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number
from portal_analysis.linkage.both import EDGE, Both, fit_both, held_at, profile, weighted
from portal_analysis.linkage.pairs import LinkError, Pairs, pairs
from portal_analysis.linkage.power import detectable
from portal_analysis.shape import estimates, join_flags
from portal_analysis.survey.intervals import faults_of

ECOLOGICAL = "ecological"

ALIKE = 1e-6
"""True rates whose variance is less than this share of that of their errors are alike: no correlation is defined, nor
where any from −1 to 1 fits."""

SPREAD = "sd"
"""Slopes are for one standard deviation of the scores."""


def link(
    rates: pd.DataFrame,
    scores: pd.DataFrame,
    weights: Mapping[str, float] | str | None = None,
    variances: str | None = None,
    per: float | str = SPREAD,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say whether provinces with better scores have higher rates, the errors of both taken into account.

    A survey's rates and an audit's scores are both measured with error; an ordinary regression takes the
    scores for exact, and its slope comes out too flat.

    Parameters
    ----------
    rates : DataFrame
        ESTIMATES of one indicator by province: direct ones such as ``proportion(…, by="province")`` gives, those
        flagged ``suppress`` too (each counts by its error, none is shown), or others with ``se``.
    scores : DataFrame
        ESTIMATES of one score by province, such as :func:`portal_analysis.audit.portal_scores.portal_scores` of one
        round. Without ``se`` they count as exact.
    weights : mapping of str to float, or "equal", optional
        For tables of different lists of provinces: see :func:`portal_analysis.linkage.pairs.in_34`.
    variances : {"smoothed", "given"}, optional
        Errors of rates: see :func:`portal_analysis.linkage.pairs.pairs`.
    per : float or "sd"
        The difference in score that slopes are for; ``sd``: one standard deviation of the scores as measured.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES flagged ``ecological``; ``indicator`` is the rate, the domain columns what holds of all rates and
        scores, ``predictor`` (the score) and ``method``. Correlations: ``spearman`` of ranks as measured, ``true
        values`` with the errors of both taken out. Slopes, in points: ``weighted`` by the errors of rates, scores
        taken as exact; ``reliability correction``, the same over the reliability of the scores; ``errors in both``.
        ``n`` is the number of provinces. Extras: ``p_value``; ``per``; ``reliability`` of the scores and
        ``rate_reliability``; ``detectable``, the least correlation of true values that so many provinces, measured so
        well, would show with 80 % power; ``lost`` provinces in one table only; ``note`` where true values lie on one
        line (``on-one-line``), or rates differ by no more than their errors (``rates-alike``).

    Raises
    ------
    LinkError
        See :func:`portal_analysis.linkage.pairs.pairs`; scores that are nothing but error.

    Notes
    -----
    ``spearman``: interval by Fisher's z with variance ``(1 + r²/2) / (n − 3)`` (D. Bonett & T. Wright, *Psychometrika*
    65 (2000) 23–28), p-value by t. ``true values`` and ``errors in both``: bivariate random-effects model, true scores
    and rates normal around their means, measured with known error variances, fitted by restricted maximum likelihood;
    the slope is their covariance over the variance of true scores (H. van Houwelingen, L. Arends & T. Stijnen,
    *Statist. Med.* 21 (2002) 589–624). Intervals are those of the profile likelihood, the p-value of the likelihood
    ratio. ``weighted``: random-effects regression by REML, errors by G. Knapp & J. Hartung, *Statist. Med.* 22 (2003)
    2693–2710. ``reliability correction``: W. Fuller, *Measurement Error Models*, 1987, § 1.1; its error takes the
    reliability as known.

    **What holds of provinces need not hold of persons** (W. Robinson, *Am. Sociol. Rev.* 15 (1950) 351–357): a link
    between provinces may come from what else tells them apart, such as income, and says nothing of who uses what.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> rng = np.random.default_rng(1)
    >>> codes, quality = pa.provinces.units(63)["code"], rng.normal(0.5, 0.1, 63)
    >>> rows = {"indicator": "portal_score", "province": codes, "estimate": quality}
    >>> scores = pa.estimates(pd.DataFrame(rows), "indicator", by="province", unit="proportion")
    >>> rows |= {"indicator": "npsp_use", "estimate": 0.2 * quality + rng.normal(0, 0.01, 63), "se": 0.01, "n": 250}
    >>> rates = pa.estimates(pd.DataFrame(rows), "indicator", by="province", unit="proportion")
    >>> found = pa.link(rates, scores)
    >>> found["method"].tolist()
    ['spearman', 'true values', 'weighted', 'reliability correction', 'errors in both']
    >>> round(float(found["estimate"].iloc[-1]), 3)
    0.018
    """
    own, of = prepared(rates, scores, weights, variances, per, level)
    best = fit_both(of)
    rows = [
        _spearman(of, level),
        *_of_both(of, best, level),
        *_regressions(of, best, level),
    ]
    order = [0, 1, 3, 4, 2]
    x_rel, y_rel = _reliability(best.spread, of.x_variance), _reliability(best.rate_spread, of.y_variance)
    table = pd.DataFrame([rows[place] for place in order]).assign(
        reliability=x_rel,
        rate_reliability=y_rel,
        detectable=detectable(len(of.x), x_rel * y_rel, level),
        per=own,
    )
    return _told(table, of, level)


def link_without(
    rates: pd.DataFrame,
    scores: pd.DataFrame,
    weights: Mapping[str, float] | str | None = None,
    variances: str | None = None,
    per: float | str = SPREAD,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say how the slope with errors in both changes when each province in turn is left out.

    Sixty provinces are few: a slope that hangs on one of them is no finding.

    Parameters
    ----------
    rates, scores, weights, variances, per, level
        As of :func:`link`.

    Returns
    -------
    DataFrame
        ESTIMATES as of :func:`link`, method ``errors in both``, with the domain column ``without``, the province left
        out, the furthest change first. Extras: ``moved``, the change of the slope from that of all provinces;
        ``correlation`` of true values. Intervals are those of the likelihood's curvature at the slope, on the normal
        scale.

    Raises
    ------
    LinkError
        As :func:`link`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> quality = np.random.default_rng(1).normal(0.5, 0.1, 12)
    >>> rows = {"indicator": "score", "province": pa.provinces.units(63)["code"][:12], "estimate": quality}
    >>> scores = pa.estimates(pd.DataFrame(rows), "indicator", by="province")
    >>> rows |= {"indicator": "use", "estimate": quality**2, "se": 0.01, "n": 250}
    >>> rates = pa.estimates(pd.DataFrame(rows), "indicator", by="province", unit="proportion")
    >>> found = pa.link_without(rates, scores)
    >>> print(found[["without", "moved"]].head(1).round(3).to_string(index=False))
    without  moved
         06  0.005
    """
    scale, of = prepared(rates, scores, weights, variances, per, level)
    whole, rows = fit_both(of), []
    for place, code in enumerate(of.codes):
        left = of.without(place)
        best = fit_both(left, whole)
        rows.append(
            {
                "without": code,
                **_row("slope", "errors in both", best.slope, *_curved(left, best, level), len(left.x)),
                "interval": "wald",
                "moved": best.slope - whole.slope,
                "correlation": best.correlation,
            }
        )
    table = pd.DataFrame(rows).assign(per=scale)
    order = table["moved"].abs().sort_values(ascending=False, kind="stable").index
    return _told(table.loc[order], of, level, ["without"])


def prepared(
    rates: pd.DataFrame,
    scores: pd.DataFrame,
    weights: Any,
    variances: str | None,
    per: float | str,
    level: float,
) -> tuple[float, Pairs]:
    """Return the difference in score that slopes are for, and the pairs with scores in units of it."""
    if faults := faults_of("domain", level):
        raise LinkError.of(faults)
    of = pairs(rates, scores, weights, variances)
    one = float(np.std(of.x, ddof=1)) if per == SPREAD else per
    if not is_number(one) or not 0 < one < np.inf:
        raise LinkError(f"per is {per!r}; it is a difference in score above 0, or 'sd'")
    if of.x_variance.mean() >= np.var(of.x, ddof=1):
        raise LinkError(
            "the scores differ by no more than their own errors; there is nothing to link rates with"
        )
    return one, of.scaled(one)


def _row(
    measure: str, method: str, estimate: float, se: float, low: float, high: float, n: int, p: float = np.nan
) -> dict[str, Any]:
    return {
        "measure": measure, "method": method, "estimate": estimate, "se": se, "ci_low": low, "ci_high": high,
        "n": n, "p_value": p,
    }  # fmt: skip


def _spearman(of: Pairs, level: float) -> dict[str, Any]:
    from scipy import stats

    found, n = stats.spearmanr(of.x, of.y), len(of.x)
    r = float(found.statistic)
    half = stats.norm.ppf(0.5 + level / 2) * np.sqrt((1 + r**2 / 2) / (n - 3))
    z = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    low, high = np.tanh([z - half, z + half])
    return _row("correlation", "spearman", r, np.nan, low, high, n, float(found.pvalue)) | {
        "df": n - 2,
        "interval": "fisher-z",
    }


def _of_both(of: Pairs, best: Both, level: float) -> list[dict[str, Any]]:
    """Return the rows of the bivariate model: the correlation of true values, and the slope."""
    from scipy.stats import chi2

    p = float(chi2.sf(max(held_at(of, best, "slope", 0.0) - best.fit, 0.0), 1))
    note = "on-one-line" if abs(best.correlation) > EDGE else ""
    ends = {name: profile(of, best, name, level) for name in ("correlation", "slope")}
    if best.rate_spread**2 < ALIKE * of.y_variance.mean() or ends["correlation"] == (-1.0, 1.0):
        best, note = replace(best, rest=float("nan")), "rates-alike"
    return [
        _row(measure, method, getattr(best, name), np.nan, *ends[name], len(of.x), p)
        | {"interval": "profile", "note": note}
        for measure, method, name in (
            ("correlation", "true values", "correlation"),
            ("slope", "errors in both", "slope"),
        )
    ]


def _regressions(of: Pairs, best: Both, level: float) -> list[dict[str, Any]]:
    from scipy import stats

    found, n = weighted(of), len(of.x)
    reliable = _reliability(best.spread, of.x_variance)
    half, p = stats.t.ppf(0.5 + level / 2, n - 2), float(2 * stats.t.sf(abs(found.slope / found.se), n - 2))
    rows = []
    for method, by in (("weighted", 1.0), ("reliability correction", reliable)):
        slope, se = found.slope / by, found.se / by
        row = _row("slope", method, slope, se, slope - half * se, slope + half * se, n, p)
        rows.append(row | {"df": n - 2, "between": found.between, "interval": "t"})
    return rows


def _reliability(spread: float, error: np.ndarray) -> float:
    """Return the share of the variance of measured values that is no error."""
    return float(spread**2 / (spread**2 + error.mean()))


def _curved(of: Pairs, best: Both, level: float) -> tuple[float, float, float]:
    """Return error and limits of the slope from the curvature of its profile likelihood."""
    from scipy.stats import norm

    step = 0.5 * max(best.rate_spread, 1e-9) / best.spread / np.sqrt(len(of.x))
    rise = np.mean([held_at(of, best, "slope", best.slope + sign * step) - best.fit for sign in (-1, 1)])
    se = step / np.sqrt(rise) if rise > 0 else np.nan
    half = norm.ppf(0.5 + level / 2) * se
    return se, best.slope - half, best.slope + half


def _told(table: pd.DataFrame, of: Pairs, level: float, more: list[str] | None = None) -> pd.DataFrame:
    slope = table["measure"] == "slope"
    about = {name: value for name, value in of.about.items() if name not in table}
    rows = table.assign(
        indicator=of.outcome,
        predictor=of.predictor,
        unit=np.where(slope, "points", "number"),
        per=table["per"].where(slope),
        lost=of.lost,
        level=level,
        source=of.source,
        flag=join_flags(ECOLOGICAL, of.flag),
        **about,
    )
    first = [name for name in about if name in of.rates_about]
    rest = [name for name in about if name not in first]
    return estimates(rows, [*first, "predictor", *rest, "method", *(more or [])], units=of.units)
