"""Areas in the order of their modelled rates: how sure each rank is, and which areas cannot be told apart.

Hands on ESTIMATES; ranks are counted by :mod:`portal_analysis.ranking`, as those of portals are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_whole
from portal_analysis.ranking import Tally, bands
from portal_analysis.shape import domains_of, estimates, has_flag, join_flags
from portal_analysis.survey.area_data import Areas, all_areas, checked_draws, checked_level, fitted_to
from portal_analysis.survey.fay_herriot import AreaError, Fit

CHUNK = 250
LEAST_DRAWS = 100


def area_ranks(
    rates: pd.DataFrame,
    covariates: pd.DataFrame | None = None,
    scale: str = "arcsine",
    top: int = 10,
    draws: int = 10_000,
    level: float = 0.90,
    seed: int = 20230711,
) -> pd.DataFrame:
    """Rank areas by the model of :func:`~portal_analysis.survey.small_area.small_area`, with the ranks' intervals.

    Parameters
    ----------
    rates, covariates, scale
        As there; one wave.
    top : int
        For the chance to be among the first.
    draws, level, seed
        ``level`` 0.90 gives the 5th to the 95th percentile.

    Returns
    -------
    DataFrame
        ESTIMATES of the rates' indicators, best first, flagged ``model-based``: ``estimate`` is the rank of the
        model's estimate. Extras: ``score``, ``median``, ``mean``, ``p_top``, and ``band``:
        areas of one band cannot be told apart from its first one, which is less than 95 % sure to stand above each.

    Raises
    ------
    AreaError
        As there; if ``draws`` is below 100 or the rates have several waves.

    Notes
    -----
    The areas' true values are drawn from the normal distribution around their predictions with the covariance
    g1 + g2 (common error of the coefficients included) and 2 g3 on its diagonal; a benchmark moves all alike and no
    rank. Areas without sample are left out.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> survey = pa.load_survey("province-survey-simulated")
    >>> facts = pa.province_facts({"income": 2016})
    >>> rates = pa.area_rates(survey, "internet_home")
    >>> found = pa.area_ranks(rates, facts, draws=500)
    >>> print(found[["province", "estimate"]].head(2).to_string(index=False))
    province  estimate
          74       1.0
          75       2.0
    """
    checked_level(level)
    if not is_whole(top, 1):
        raise AreaError(f"top is {top!r}; it is a number of places, 1 or above")
    parts = []
    for areas, fitted, tally in _tallied(rates, covariates, scale, draws, seed):
        order = np.argsort(-fitted.value, kind="stable")
        table = tally.summary(level, top).iloc[order].reset_index(drop=True)
        table["estimate"] = np.arange(1.0, len(order) + 1)
        table["score"] = areas.scale.rate(fitted.value, fitted.mse)[order]
        table["band"] = bands(tally.above[np.ix_(order, order)])
        table[areas.area] = areas.rows[areas.area].to_numpy()[order]
        table["n"] = areas.rows["n"].to_numpy()[order]
        parts.append(
            _finish(areas, fitted, table, areas.rows["indicator"].iloc[0], "number", draws).assign(
                level=level
            )
        )
    return estimates(pd.concat(parts, ignore_index=True), domains_of(rates))


def area_above(
    rates: pd.DataFrame,
    covariates: pd.DataFrame | None = None,
    scale: str = "arcsine",
    draws: int = 10_000,
    seed: int = 20230711,
) -> pd.DataFrame:
    """Compute the chance of every area to stand above every other one; arguments as of :func:`area_ranks`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``area stands above`` and, for areas in ``province``, the further domain column
        ``other_province``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> rates = pa.area_rates(pa.load_survey("province-survey-simulated"), "internet_home")
    >>> found = pa.area_above(rates, pa.province_facts({"income": 2016}), draws=500)
    >>> print(found[["province", "other_province", "estimate"]].head(2).round(1).to_string(index=False))
    province other_province  estimate
          01             02       1.0
          01             04       1.0
    """
    parts = []
    for areas, fitted, tally in _tallied(rates, covariates, scale, draws, seed):
        names = areas.rows[areas.area].to_numpy(dtype=object)
        one, other = np.nonzero(~np.eye(len(names), dtype=bool))
        table = pd.DataFrame(
            {areas.area: names[one], f"other_{areas.area}": names[other], "estimate": tally.above[one, other]}
        )
        parts.append(
            _finish(areas, fitted, table, "area stands above", "proportion", draws).assign(
                measure="probability", ranked=areas.rows["indicator"].iloc[0]
            )
        )
    return estimates(
        pd.concat(parts, ignore_index=True), [*domains_of(rates), f"other_{domains_of(rates)[-1]}"]
    )


def _tallied(
    rates: pd.DataFrame, covariates: pd.DataFrame | None, scale: str, draws: int, seed: int
) -> Iterator[tuple[Areas, Fit, Tally]]:
    """Yield the model of each indicator with the ranks of its draws."""
    checked_draws(draws, seed, LEAST_DRAWS)
    for areas in all_areas(rates, covariates, scale):
        if areas.wave:
            raise AreaError(f"ranks are of one wave: keep one value of {areas.wave!r}")
        fitted = fitted_to(areas, covariates)
        random = np.random.default_rng(seed)
        root = np.linalg.cholesky(fitted.covariance)
        tally = Tally(len(fitted.value))
        for start in range(0, draws, CHUNK):
            n = min(CHUNK, draws - start)
            tally.add(fitted.value + random.standard_normal((n, len(root))) @ root.T)
        yield areas, fitted, tally


def _finish(
    areas: Areas, fitted: Fit, table: pd.DataFrame, indicator: str, unit: str, draws: int
) -> pd.DataFrame:
    rows = areas.rows
    same: dict[str, Any] = {name: rows[name].iloc[0] for name in domains_of(rows) if name != areas.area}
    same |= {name: rows[name].iloc[0] for name in ("source", "units", "subpopulation") if name in rows}
    simulated = "simulated" if has_flag(rows, "simulated").any() else ""
    return table.assign(
        **same,
        indicator=indicator,
        unit=unit,
        measure="area rank",
        flag=join_flags("review" if fitted.adjusted else "", "model-based", simulated),
        draws=draws,
    )
