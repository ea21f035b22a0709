"""What a model of areas starts from: direct rates, covariates and smoothed sampling errors on the model's scale.

Takes direct rates and facts about areas; hands on :class:`Areas`, checked, and the model fitted to them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.arguments import MOST_DRAWS, is_whole
from portal_analysis.shape import check, domains_of
from portal_analysis.survey.area_facts import facts_of, some, telling
from portal_analysis.survey.area_posterior import averaged
from portal_analysis.survey.fay_herriot import AreaError, Fit, fit
from portal_analysis.survey.intervals import faults_of
from portal_analysis.survey.scales import SCALES, Scale

LEAST_AREAS = 10
"""So many areas, and so many more than covariates, are needed to estimate how areas differ."""
LEAST_YES = 5.0
"""Mean effective number of people of an area who say yes, or no, below which no model of rates serves."""
SHARE = "share"
"""The extra column of :func:`area_rates` that holds the area's share of the population that answered."""


@dataclass(frozen=True, eq=False)
class Areas:
    """Direct rates of one indicator, ready for the model.

    Attributes
    ----------
    rows : DataFrame
        The areas' rows of the rates, those with a sample.
    outside : DataFrame
        Areas of the covariates without sample (and each wave).
    x, x_outside : ndarray
        The constant of each wave, then the covariates, centred and scaled.
    names : tuple of str
        What the columns of ``x`` are.
    y, sampling : ndarray
        Direct values and the smoothed covariance of their errors on the model's scale.
    n_eff, rate : ndarray
        Effective sample size of each row, and the national rate of its wave.
    effects : list of ndarray
    """

    rows: pd.DataFrame
    outside: pd.DataFrame
    x: np.ndarray
    x_outside: np.ndarray
    names: tuple[str, ...]
    y: np.ndarray
    sampling: np.ndarray
    n_eff: np.ndarray
    deff: np.ndarray
    rate: np.ndarray
    effects: list[np.ndarray]
    scale: Scale
    area: str
    wave: str | None

    @property
    def free(self) -> int:
        """Degrees of freedom by which areas differ."""
        return int(self.rows[self.area].nunique()) - self.x.shape[1]


def fitted_to(areas: Areas, covariates: pd.DataFrame | None) -> Fit:
    """Fit the model; refuse one that has nothing to tell areas apart by.

    Where the likelihood had to be adjusted errors are those of :func:`portal_analysis.survey.area_posterior.averaged`.
    """
    fitted = fit(areas.y, areas.x, areas.sampling, areas.effects)
    if fitted.adjusted and covariates is None:
        raise AreaError(
            f"{areas.rows['indicator'].iloc[0]}: areas do not differ beyond chance (between-area variance 0) and there "
            "are no covariates: every estimate would be the national rate. Give covariates=, or report the national "
            "rate"
        )
    return averaged(fitted, areas.effects) if fitted.adjusted else fitted


def checked_level(level: object) -> None:
    """Raise an AreaError for a level that is no probability."""
    if faults := faults_of("domain", level):
        raise AreaError.of(faults)


def checked_draws(draws: object, seed: object, least: int) -> None:
    """Raise an AreaError for numbers that nothing can be drawn with."""
    for name, value, lowest in (("draws", draws, least), ("seed", seed, 0)):
        most = MOST_DRAWS if name == "draws" else math.inf
        if not is_whole(value, lowest, most):
            ends = f"{lowest} or above" if math.isinf(most) else f"from {lowest} to {most:,}"
            raise AreaError(f"{name} is {value!r}; it is a whole number, {ends}")


def checked(value: object, allowed: Sequence[object], name: str) -> None:
    """Raise an AreaError for a value that an argument may not have."""
    if value not in allowed:
        raise AreaError(f"{name}={value!r} is unknown; it may be {list(allowed)}")


def all_areas(
    rates: pd.DataFrame,
    covariates: pd.DataFrame | None,
    scale: str,
    covariance: pd.DataFrame | None = None,
) -> list[Areas]:
    """Return what the model of each indicator starts from."""
    checked(scale, list(SCALES), "scale")
    area, wave = _direct(rates)
    facts, columns = facts_of(rates, covariates, area, wave)
    return [
        _areas(own, facts, columns, SCALES[scale], covariance, area, wave)
        for _, own in rates.groupby("indicator", sort=False)
    ]


def _direct(rates: pd.DataFrame) -> tuple[str, str | None]:
    """Return the columns of areas and of waves of direct rates, checked."""
    names = domains_of(check(rates))
    lacking = [name for name in ("deff", SHARE) if name not in rates]
    if not names or lacking or rates.empty:
        raise AreaError(f"these are no direct rates of areas (columns {lacking or names}): see area_rates()")
    units = sorted(set(rates["unit"].dropna()) - {"proportion"}) if "unit" in rates else []
    if units:
        raise AreaError(f"the model is of shares of people; these rates are in {units}")
    area = names[-1]
    varying = [name for name in names[:-1] if rates[name].nunique(dropna=False) > 1]
    if len(varying) > 1:
        raise AreaError(f"{varying} vary beside the areas of {area!r}: one column of waves only")
    wave = varying[0] if varying else None
    keys = ["indicator", *([wave] if wave else []), area]
    if (again := rates.duplicated(keys)).any():
        first = rates.loc[again, area].iloc[0]
        who = "the country (no area)" if pd.isna(first) else repr(first)
        raise AreaError(
            f"the rates have several rows for {who}; keep one an indicator{' and wave' if wave else ''}"
        )
    _national(rates, area, wave)
    share = rates.loc[rates[area].notna() & (rates["n"] > 0), SHARE]
    if not (share > 0).all():
        raise AreaError(f"{SHARE!r} says how much each area counts in the country: a number above 0 for each")
    return area, wave


def _national(rates: pd.DataFrame, area: str, wave: str | None) -> None:
    """Raise an AreaError if an indicator has no national rate (in a wave)."""
    keys = ["indicator", *([wave] if wave else [])]
    known = rates[rates[area].isna() & rates["estimate"].notna()]
    for key, _ in rates[rates[area].notna()].groupby(keys, sort=False):
        if not (known[keys] == list(key)).all(axis=1).any():
            raise AreaError(
                f"the rates hold no national row (one without {area}) for {some(key)}: see area_rates()"
            )


def _areas(
    own: pd.DataFrame,
    facts: pd.DataFrame,
    columns: list[str],
    scale: Scale,
    covariance: pd.DataFrame | None,
    area: str,
    wave: str | None,
) -> Areas:
    keys = [name for name in (wave, area) if name]
    held = own[area].notna() & own["estimate"].notna() & (own["n"] > 0)
    rows = own[held].reset_index(drop=True)
    national = own[own[area].isna()].reset_index(drop=True)
    _enough(rows, columns, area)
    merged = rows[keys].merge(facts, on=keys, how="left")
    telling(merged, columns)
    facts = facts[facts[wave].isin(rows[wave])] if wave else facts
    there = pd.MultiIndex.from_frame(facts[keys].astype(object)).isin(
        pd.MultiIndex.from_frame(rows[keys].astype(object))
    )
    outside = facts[~there].reset_index(drop=True)
    centre, spread = merged[columns].astype(float).mean(), merged[columns].astype(float).std()
    waves = list(dict.fromkeys(rows[wave])) if wave else []

    def design(of: pd.DataFrame) -> np.ndarray:
        constant = [(of[wave] == one).to_numpy(float) for one in waves] if wave else [np.ones(len(of))]
        scaled = (of[columns].astype(float) - centre) / spread
        return np.column_stack([*constant, scaled.to_numpy()])

    rate = _of_wave(rows, national, wave, "estimate")
    deff = _smoothed(rows, rate, wave)
    n_eff = rows["n"].to_numpy() / deff
    _not_too_rare(own, n_eff, rate)
    y, variance = scale.forward(rows["estimate"].to_numpy(), n_eff, rate)
    sampling = np.diag(variance) if covariance is None else _joined(rows, variance, covariance, keys)
    return Areas(
        rows, outside, design(merged), design(outside), (*(map(str, waves) if wave else ["constant"]), *columns),
        y, sampling, n_eff, deff, rate, _effects(rows, area, wave), scale, area, wave,
    )  # fmt: skip


def _enough(rows: pd.DataFrame, columns: list[str], area: str) -> None:
    count = rows[area].nunique()
    if count < LEAST_AREAS + len(columns):
        raise AreaError(
            f"{count} areas have a sample; a model with {len(columns)} covariates needs {LEAST_AREAS + len(columns)}, "
            "since how areas differ is estimated from them"
        )


def _not_too_rare(own: pd.DataFrame, n_eff: np.ndarray, rate: np.ndarray) -> None:
    yes = float(np.mean(n_eff * np.minimum(rate, 1 - rate)))
    if yes < LEAST_YES:
        raise AreaError(
            f"{own['indicator'].iloc[0]}: too rare for a model of areas. An area's sample is worth "
            f"{np.mean(n_eff):.0f} independent answers, of which {yes:.1f} say what few say; {LEAST_YES:g} are needed. "
            "Join waves or areas (regions)"
        )


def _of_wave(rows: pd.DataFrame, national: pd.DataFrame, wave: str | None, column: str) -> np.ndarray:
    if wave is None:
        return np.full(len(rows), float(national[column].iloc[0]))
    return rows[wave].map(national.set_index(wave)[column]).to_numpy(dtype=float)


def _smoothed(rows: pd.DataFrame, rate: np.ndarray, wave: str | None) -> np.ndarray:
    """Return the design effect of each row's wave: the sum of the areas' variances over that of simple samples."""
    found = np.ones(len(rows))
    groups = rows[wave].to_numpy() if wave else np.zeros(len(rows))
    p, n, se = (rows[name].to_numpy(dtype=float) for name in ("estimate", "n", "se"))
    known = np.isfinite(se) & (n > 1)
    for one in pd.unique(groups):
        here = (groups == one) & known
        if np.sum(here & (se > 0)) < LEAST_AREAS:
            _not_too_rare(rows, n, rate)
            raise AreaError(
                f"{rows['indicator'].iloc[0]}: {np.sum(here & (se > 0))} areas have a standard error above 0 and "
                f"{LEAST_AREAS} are needed to tell the design effect. Areas of one sampling unit have none"
            )
        found[groups == one] = (se[here] ** 2).sum() / (p * (1 - p) / np.maximum(n - 1, 1))[here].sum()
    return found


def _joined(
    rows: pd.DataFrame, variance: np.ndarray, covariance: pd.DataFrame, keys: list[str]
) -> np.ndarray:
    """Return the covariance of sampling errors, the correlation of each pair of waves being that of all areas."""
    wave, area = keys if len(keys) == 2 else (None, keys[0])
    if wave is None:
        raise AreaError("covariance= is that of several waves; the rates have one")
    index = pd.MultiIndex.from_frame(rows[["indicator", *keys]].astype(object))
    own = covariance.reorder_levels(["indicator", *keys]).reorder_levels(["indicator", *keys], axis=1)
    lacking = [key for key in index if key not in own.index]
    if len(lacking):
        raise AreaError(f"covariance= has no row for {some(lacking)}: ask for by={keys}")
    v = own.loc[index, index].to_numpy()
    waves, areas = rows[wave].to_numpy(), rows[area].to_numpy()
    same = areas[:, None] == areas[None, :]
    root = np.sqrt(np.maximum(np.diag(v), 0.0))
    r = np.zeros_like(v)
    for one in pd.unique(waves):
        for other in pd.unique(waves):
            pair = same & (waves[:, None] == one) & (waves[None, :] == other)
            r[pair] = 1.0 if one == other else v[pair].sum() / max(np.outer(root, root)[pair].sum(), 1e-300)
    return r * np.sqrt(np.outer(variance, variance))


def _effects(rows: pd.DataFrame, area: str, wave: str | None) -> list[np.ndarray]:
    names = rows[area].to_numpy()
    own = np.eye(len(rows))
    return [own] if wave is None else [(names[:, None] == names[None, :]).astype(float), own]
