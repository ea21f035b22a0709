"""An estimate for every province that says how sure it is, and what it borrowed from the others.

Takes direct rates of areas and facts about the areas; hands on ESTIMATES, every row flagged ``model-based``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
import pandas as pd

from portal_analysis.shape import check, domains_of, estimates, has_flag, join_flags, split_flags
from portal_analysis.survey import gather
from portal_analysis.survey.area_data import (
    SHARE,
    Areas,
    all_areas,
    checked,
    checked_draws,
    checked_level,
    fitted_to,
)
from portal_analysis.survey.area_posterior import averaged
from portal_analysis.survey.domains import Domain, about_whom
from portal_analysis.survey.estimate import outcomes_of, proportion
from portal_analysis.survey.fay_herriot import AreaError, Fit, bootstrap, predict
from portal_analysis.survey.joint import joint
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.scales import Scale
from portal_analysis.survey.values import names_of

BENCHMARKS = ("national", None)
ERRORS = ("analytic", "bootstrap")
LEAST_DRAWS = 100


@gather.anywhere("indicators", reads=gather.named("indicators", "yes_no"))
def area_rates(
    survey: Survey,
    indicators: str | Sequence[str],
    by: str = "province",
    wave: str | None = None,
    domain: Domain = None,
) -> pd.DataFrame:
    """Estimate the direct rates that :func:`small_area` starts from: of every area, and of all together.

    They are :func:`~portal_analysis.survey.estimate.proportion` by area, with each area's share of the
    weights beside it, by which the areas' rates average to the country's.

    Parameters
    ----------
    survey : Survey
    indicators : str or sequence of str
        Yes/no columns.
    by : str
        The column of areas.
    wave : str, optional
        The column of waves, if the survey has several.
    domain : optional
        As of :func:`portal_analysis.survey.estimate.proportion`.

    Returns
    -------
    DataFrame
        ESTIMATES of :func:`~portal_analysis.survey.estimate.proportion`, rows without an area being national, with
        the extra ``share``: the area's share of the sum of weights of those who answered.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> survey = pa.load_survey("province-survey-simulated")
    >>> rates = pa.area_rates(survey, "internet_home")
    >>> print(rates[["province", "estimate", "n"]].head(2).round(3).to_string(index=False))
    province  estimate       n
         NaN     0.760 16117.0
          01     0.862   697.0
    """
    over = (wave,) if wave else ()
    groups = [over, (*over, by)]
    names = names_of(indicators, "indicators")
    table = proportion(survey, names, by=groups, domain=domain)
    found = joint(survey, outcomes_of(survey, names, "proportion"), groups, domain)
    keys = [*over, by]
    size = pd.concat(
        [found.names[keys].assign(indicator=name, weights=found.below[:, i]) for i, name in enumerate(names)]
    )
    whole = size[size[by].isna()].rename(columns={"weights": "all"})[["indicator", *over, "all"]]
    size = size.merge(whole, on=["indicator", *over], how="left")
    size[SHARE] = size["weights"] / size["all"]
    joined = table.merge(size[["indicator", *keys, SHARE]], on=["indicator", *keys], how="left")
    return about_whom(joined, survey, domain)


def small_area(
    rates: pd.DataFrame,
    covariates: pd.DataFrame | None = None,
    benchmark: str | None = "national",
    scale: str = "arcsine",
    covariance: pd.DataFrame | None = None,
    mse: str = "analytic",
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 20230711,
) -> pd.DataFrame:
    """Estimate the rate of every area from its own sample, its covariates and how areas differ.

    Where a survey has forty people in a province, its own rate is too rough to publish. The model draws it
    towards what the regression on the covariates expects, the more so the fewer its own answers are.

    Parameters
    ----------
    rates : DataFrame
        Direct rates, from :func:`area_rates`. Their last domain column holds the areas; rows where it is missing are
        national. A column before it that varies holds waves.
    covariates : DataFrame, optional
        One row an area (and wave, if it has that column): the column of areas and numbers. Areas that have a row here
        and no sample get a synthetic estimate.
    benchmark : {"national", None}
        Move all estimates by one amount on the model's scale so that their mean, weighted by ``share``, is the
        national direct rate.
    scale : {"arcsine", "logit"}
        See :mod:`portal_analysis.survey.scales`.
    covariance : DataFrame, optional
        Of the direct rates, from :func:`portal_analysis.survey.compare.covariance` by wave and area: waves that
        share PSUs. Its correlations are smoothed over areas. Without it waves are taken for independent.
    mse : {"analytic", "bootstrap"}
        Datta and Lahiri's g1 + g2 + 2 g3, or ``draws`` parametric bootstraps. Where areas differ by little beside
        their sampling errors the former is cautious, by a quarter where that is a tenth; the latter takes the
        estimated variance for the true one. Where the likelihood had to be adjusted neither is used, see Notes.
    level : float
    draws, seed : int

    Returns
    -------
    DataFrame
        ESTIMATES, all rows flagged ``model-based``, with the extras ``direct``, ``direct_se`` and ``direct_flag``
        (the direct estimate; ``suppress`` stays said), ``shrinkage`` (0: the direct value, 1: the regression alone),
        ``gain`` (1 less the model's standard error over the direct one's smoothed), ``basis`` (``model`` or
        ``synthetic``, which is a flag too), ``covariates``, ``area_sd`` (between areas, on the model's scale),
        ``fitting`` (``REML`` or ``adjusted REML``), ``scale``, ``benchmark``. Synthetic rows have no ``n``.

    Raises
    ------
    AreaError
        If there are too few areas; a covariate is missing, constant or determined by others; the outcome is too rare
        for the sample (``area_data.LEAST_YES``), all rates 0 among them; there are no covariates and areas do not
        differ beyond chance, since a model that shrinks every area to the national mean looks precise and is not.

    Notes
    -----
    Fay and Herriot's model (:func:`portal_analysis.survey.fay_herriot.fit`) with sampling variances smoothed by one
    design effect of all areas of a wave (generalised variance function: R. Valliant, *JASA* 82 (1987) 499–508): the
    area's own is itself estimated from a handful of clusters. With several waves, effects of areas and of areas in a
    wave. The rate and its variance are those of the back-transformed normal distribution (M. Hadam, N. Würz & A.-K.
    Kreutzmann, 2020), the interval estimate ± t·√mse on the
    model's scale, with areas less coefficients degrees of freedom. Benchmarking adds the square of the shift
    to the mean squared error (G. S. Datta *et al.*, *Test* 20 (2011) 574–588). Where the likelihood had to be adjusted
    the data do not tell how areas differ beyond the covariates: errors are then averages over all variances between
    areas that may be (:func:`portal_analysis.survey.area_posterior.averaged`), and rows flagged ``review``. So are the
    errors of areas without sample always, since that variance alone says how far they are from the regression.
    Intervals are of the area's own clusters' luck: a design whose standard errors are cautious makes areas look alike.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> survey = pa.load_survey("province-survey-simulated")
    >>> facts = pa.province_facts({"income": 2016})
    >>> model = pa.small_area(pa.area_rates(survey, "internet_home"), facts)
    >>> print(model[["province", "estimate", "flag"]].head(2).round(3).to_string(index=False))
    province  estimate                   flag
          01     0.871 model-based; simulated
          02     0.601 model-based; simulated
    """
    checked(benchmark, BENCHMARKS, "benchmark")
    checked(mse, ERRORS, "mse")
    checked_level(level)
    checked_draws(draws, seed, LEAST_DRAWS)
    parts = []
    for areas in all_areas(rates, covariates, scale, covariance):
        fitted = fitted_to(areas, covariates)
        drawn = mse == "bootstrap" and not fitted.possible
        error = bootstrap(fitted, areas.effects, draws, seed) if drawn else fitted.mse
        parts.append(_table(areas, fitted, error, benchmark, level))
    found = pd.concat(parts, ignore_index=True)
    kept = [name for name in ("units", "subpopulation") if name in found]
    return estimates(found[[name for name in found if name not in kept] + kept], domains_of(rates))


def direct_and_model(rates: pd.DataFrame, model: pd.DataFrame) -> pd.DataFrame:
    """Put direct and modelled rates of the same areas beside each other.

    Returns
    -------
    DataFrame
        ESTIMATES with the further domain column ``estimator``, ``direct`` or ``model``; each row keeps its flags, so
        that a direct rate that is ``suppress`` stays withheld. National rows are left out.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> rates = pa.area_rates(pa.load_survey("province-survey-simulated"), "internet_home")
    >>> both = pa.direct_and_model(rates, pa.small_area(rates, pa.province_facts({"income": 2016})))
    >>> print(both[["province", "estimator", "estimate"]].head(2).round(3).to_string(index=False))
    province estimator  estimate
          01    direct     0.862
          02    direct     0.571
    """
    names = domains_of(check(rates))
    if has_flag(rates, "model-based").any() or not has_flag(check(model), "model-based").all():
        raise AreaError("give the direct rates first, then what small_area() made of them")
    if names != domains_of(model):
        raise AreaError(f"direct rates are by {names}, those of the model by {domains_of(model)}")
    own = rates[rates[names[-1]].notna() & rates["indicator"].isin(model["indicator"])]
    both = [own.assign(estimator="direct"), model.assign(estimator="model")]
    kept = [name for name in own if name in model] + ["estimator"]
    return estimates(pd.concat([each[kept] for each in both], ignore_index=True), [*names, "estimator"])


# ----------------------------------------------------------------------------------------------- what comes out


def shift_to(
    national: float, share: np.ndarray, rate: Callable[[np.ndarray, np.ndarray], np.ndarray], value: np.ndarray,
    mse: np.ndarray,
) -> float:  # fmt: skip
    """Return by how much all values are moved so that the weighted mean of their rates is the national one."""
    from scipy.optimize import brentq

    def off(c: float) -> float:
        return float(share @ rate(value + c, mse + c**2) - national)

    low, high = -0.05, 0.05
    while off(low) > 0 or off(high) < 0:
        low, high = 2 * low, 2 * high
        if high > 10:
            raise AreaError(f"no shift of all areas gives the national rate {national:.4g}")
    return float(brentq(off, low, high, xtol=1e-15, rtol=8.9e-16))


def _shifts(areas: Areas, fitted: Fit, error: np.ndarray, benchmark: str | None) -> np.ndarray:
    moved = np.zeros(len(areas.rows))
    groups = areas.rows[areas.wave].to_numpy() if areas.wave else np.zeros(len(moved))
    for one in pd.unique(groups) if benchmark else ():
        here = groups == one
        share = areas.rows[SHARE].to_numpy(dtype=float)[here]
        moved[here] = shift_to(
            float(areas.rate[here][0]),
            share / share.sum(), areas.scale.rate, fitted.value[here], error[here],
        )  # fmt: skip
    return moved


def _table(areas: Areas, fitted: Fit, error: np.ndarray, benchmark: str | None, level: float) -> pd.DataFrame:
    moved = _shifts(areas, fitted, error, benchmark)
    rows = areas.rows
    kept = [
        *domains_of(rows),
        "indicator",
        "n",
        "source",
        *(n for n in ("units", "subpopulation") if n in rows),
    ]
    own = rows[kept].assign(
        direct=rows["estimate"],
        direct_se=rows["se"],
        direct_flag=_reliability(rows),
        shrinkage=1 - fitted.kept,
        deff=areas.deff,
        basis="model",
        **_told(areas.scale, fitted.value + moved, error + moved**2, level, areas.free),
    )
    smooth = areas.scale.spread(fitted.y + moved, np.diag(areas.sampling))
    own["gain"] = 1 - own["se"] / smooth
    found = pd.concat([own, *_synthetic(areas, fitted, moved, level)], ignore_index=True)
    simulated = "simulated" if has_flag(rows, "simulated").any() else ""
    return found.assign(
        indicator=rows["indicator"].iloc[0],
        flag=[
            join_flags(
                "review" if fitted.adjusted else "",
                "model-based",
                "synthetic" * (basis == "synthetic"),
                simulated,
            )
            for basis in found["basis"]
        ],
        unit="proportion",
        measure="small area",
        interval=areas.scale.interval,
        level=level,
        covariates=" + ".join(areas.names[len(_constants(areas)) :]),
        area_sd=float(np.sqrt(fitted.variances.sum())),
        fitting="adjusted REML" if fitted.adjusted else "REML",
        scale=areas.scale.name,
        benchmark=benchmark or "none",
    )


def _constants(areas: Areas) -> list[Hashable]:
    return list(areas.rows[areas.wave].unique()) if areas.wave else [None]


def _reliability(rows: pd.DataFrame) -> list[str]:
    return [
        "; ".join(one for one in split_flags(flag) if one in ("suppress", "review")) for flag in rows["flag"]
    ]


def _told(scale: Scale, value: np.ndarray, mse: np.ndarray, level: float, free: int) -> dict[str, np.ndarray]:
    from scipy.stats import t

    half = t.ppf(0.5 + level / 2, free) * np.sqrt(mse)
    return {
        "estimate": scale.rate(value, mse),
        "se": scale.spread(value, mse),
        "ci_low": scale.back(value - half),
        "ci_high": scale.back(value + half),
    }


def _synthetic(areas: Areas, fitted: Fit, moved: np.ndarray, level: float) -> list[pd.DataFrame]:
    """Return the rows of areas without sample: the regression alone, moved as the others are."""
    if areas.outside.empty:
        return []
    whole = fitted if fitted.possible else averaged(fitted, areas.effects)
    value, mse = predict(whole, areas.x_outside)
    shift = np.full(len(value), moved[0])
    if areas.wave:
        shift = (
            areas.outside[areas.wave]
            .map(dict(zip(areas.rows[areas.wave], moved, strict=True)))
            .to_numpy(float)
        )
    keys = [name for name in (areas.wave, areas.area) if name]
    same = {n: areas.rows[n].iloc[0] for n in ("source", "units", "subpopulation") if n in areas.rows}
    fixed = {n: areas.rows[n].iloc[0] for n in domains_of(areas.rows) if n not in keys}
    told = _told(areas.scale, value + shift, mse + shift**2, level, areas.free)
    return [
        areas.outside[keys].assign(**same, **fixed, shrinkage=1.0, basis="synthetic", direct_flag="", **told)
    ]
