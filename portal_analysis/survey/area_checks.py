"""Whether a model of areas can be believed: which covariates help, which areas do not fit, whether regions add up.

Hands on ESTIMATES, one kind of check each.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from portal_analysis.shape import domains_of, estimates, has_flag, join_flags
from portal_analysis.survey.area_data import SHARE, Areas, all_areas, checked_level, fitted_to
from portal_analysis.survey.fay_herriot import AreaError, Fit, fit

KINDS = ("covariates", "residuals", "regions")


def area_checks(
    rates: pd.DataFrame,
    covariates: pd.DataFrame | None = None,
    kind: str = "covariates",
    regions: Mapping[str, str] | None = None,
    scale: str = "arcsine",
    covariance: pd.DataFrame | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Check the model of :func:`~portal_analysis.survey.small_area.small_area`.

    Parameters
    ----------
    rates, covariates, scale, covariance
        As there.
    kind : {"covariates", "residuals", "regions"}
        *covariates*: the coefficient of each standardised covariate on the model's scale, with ``between_without``, the
        between-area standard deviation if it is left out, and ``area_sd`` with all. *residuals*: each area's direct
        value less the regression, over its standard error, with ``influence`` (Cook's distance). *regions*: the
        weighted mean of the unbenchmarked model in each region less that of the direct rates; a model that leans to
        one side in a region is off by more than the standard error of the direct mean.
    regions : mapping, optional
        The region of each area.

    Returns
    -------
    DataFrame
        ESTIMATES flagged ``model-based``, with ``term`` or ``region`` as domain column, or the areas' own.

    Raises
    ------
    AreaError
        If ``kind`` is unknown, there are no covariates or regions to check, or as of the model.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> rates = pa.area_rates(pa.load_survey("province-survey-simulated"), "internet_home")
    >>> found = pa.area_checks(rates, pa.province_facts({"income": 2016}))
    >>> print(found[["term", "estimate", "se"]].round(3).to_string(index=False))
      term  estimate    se
    income     0.085 0.009
    """
    if kind not in KINDS:
        raise AreaError(f"kind={kind!r} is unknown; it may be {list(KINDS)}")
    checked_level(level)
    if regions is not None and not isinstance(regions, Mapping | pd.Series):
        raise AreaError("regions= is a mapping from area to region")
    if kind == "covariates" and covariates is None:
        raise AreaError("there are no covariates to check")
    parts, domains = [], domains_of(rates)
    for areas in all_areas(rates, covariates, scale, covariance):
        fitted = fitted_to(areas, covariates)
        if kind == "covariates":
            table = _coefficients(areas, fitted, level)
        elif kind == "residuals":
            table = _residuals(areas, fitted)
        else:
            table = _regions(areas, fitted, regions, level)
        simulated = "simulated" if has_flag(areas.rows, "simulated").any() else ""
        parts.append(
            table.assign(
                indicator=areas.rows["indicator"].iloc[0],
                source=areas.rows["source"].iloc[0],
                flag=join_flags("review" if fitted.adjusted else "", "model-based", simulated),
            )
        )
    domain = {"covariates": ["term"], "residuals": domains, "regions": ["region"]}[kind]
    return estimates(pd.concat(parts, ignore_index=True), domain)


def _coefficients(areas: Areas, fitted: Fit, level: float) -> pd.DataFrame:
    from scipy.stats import t

    first = areas.x.shape[1] - len([n for n in areas.names if n not in _constants(areas)])
    at = np.arange(first, areas.x.shape[1])
    value, se = fitted.beta[at], np.sqrt(np.diag(fitted.beta_covariance)[at])
    half = t.ppf(0.5 + level / 2, areas.free) * se
    without = [
        fit(areas.y, np.delete(areas.x, one, axis=1), areas.sampling, areas.effects).variances.sum()
        for one in at
    ]
    return pd.DataFrame(
        {
            "term": [areas.names[one] for one in at],
            "estimate": value,
            "se": se,
            "ci_low": value - half,
            "ci_high": value + half,
            "df": float(areas.free),
            "statistic": value / se,
            "p_value": 2 * t.sf(np.abs(value / se), areas.free),
            "between_without": np.sqrt(without),
            "area_sd": np.sqrt(fitted.variances.sum()),
            "unit": "number",
            "measure": "coefficient",
            "level": level,
            "n": float(len(areas.rows)),
        }
    )


def _constants(areas: Areas) -> set[str]:
    return {str(one) for one in areas.rows[areas.wave].unique()} if areas.wave else {"constant"}


def _residuals(areas: Areas, fitted: Fit) -> pd.DataFrame:
    keys = domains_of(areas.rows)
    return areas.rows[[*keys, *(n for n in ("units",) if n in areas.rows)]].assign(
        estimate=fitted.residuals, influence=fitted.influence, unit="number", measure="test statistic"
    )


def _regions(areas: Areas, fitted: Fit, regions: Mapping[str, str] | None, level: float) -> pd.DataFrame:
    """Return by how much the model's mean of each region is off the direct one, with the latter's error."""
    from scipy.stats import norm

    of = areas.rows[areas.area].map(dict({} if regions is None else regions))
    if of.isna().any():
        bare = areas.rows.loc[of.isna(), areas.area].astype(str).tolist()
        raise AreaError(
            f"regions= names no region for {areas.area} {bare[:5]}, {len(bare)} of {len(of)} areas"
        )
    share = areas.rows[SHARE].to_numpy(dtype=float)
    model = areas.scale.rate(fitted.value, fitted.mse)
    error = areas.scale.spread(fitted.y, np.diag(areas.sampling))
    sums = pd.DataFrame(
        {
            "region": of,
            "share": share,
            "off": share * (model - areas.rows["estimate"].to_numpy()),
            "variance": (share * error) ** 2,
            "n": areas.rows["n"],
        }
    )
    table = sums.groupby("region", sort=False, as_index=False).sum()
    value, se = table["off"] / table["share"], np.sqrt(table["variance"]) / table["share"]
    half = norm.ppf(0.5 + level / 2) * se
    return pd.DataFrame(
        {
            "region": table["region"], "estimate": value, "se": se, "ci_low": value - half, "ci_high": value + half,
            "n": table["n"], "unit": "points", "measure": "difference", "level": level,
        }
    )  # fmt: skip
