"""Facts about areas as covariates of a model: one row an area (and wave), all of them numbers that tell areas apart.

Takes direct rates and a table of facts; hands on the facts, checked, and the names of the covariates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.survey.fay_herriot import AreaError

SHOWN = 5
ALIKE = 1e-9
"""Covariates that differ by a smaller share of their size are the same in every area."""


def facts_of(
    rates: pd.DataFrame, covariates: pd.DataFrame | None, area: str, wave: str | None
) -> tuple[pd.DataFrame, list[str]]:
    """Return the covariates of every area (and wave), checked."""
    keys = [name for name in (wave, area) if name]
    if covariates is None:
        return rates.loc[rates[area].notna(), keys].drop_duplicates(), []
    if not isinstance(covariates, pd.DataFrame) or area not in covariates:
        raise AreaError(f"covariates are a table with the column {area!r} and numbers, one row an area")
    facts = covariates.rename(columns=str)
    if twice := sorted(set(facts.columns[facts.columns.duplicated()])):
        raise AreaError(f"covariates have several columns {twice}; rename them")
    key = [area, wave] if wave and wave in facts else [area]
    columns = [str(name) for name in facts if name not in key]
    texts = [name for name in columns if not _real(facts[name])]
    if texts or not columns:
        raise AreaError(
            f"covariates are numbers; {texts or 'none'} are not" if texts else "covariates hold no number"
        )
    facts = facts[[*key, *columns]].copy()
    if facts[key].isna().any(axis=None):
        raise AreaError(f"covariates have rows without {' or '.join(key)}: take the country's row out")
    if facts[key].duplicated().any():
        raise AreaError(
            f"covariates have several rows for {facts.loc[facts[key].duplicated(), area].iloc[0]!r}"
        )
    gaps = facts[~np.isfinite(facts[columns].astype(float)).all(axis=1)]
    if len(gaps):
        raise AreaError(
            f"covariates are missing for {area} {some(gaps[area])}: fill them, or choose other covariates"
        )
    if wave and wave not in facts:
        facts = facts.merge(pd.DataFrame({wave: rates[wave].dropna().unique()}), how="cross")
    _all_there(rates, facts, keys)
    return facts, columns


def _real(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_complex_dtype(values)


def _all_there(rates: pd.DataFrame, facts: pd.DataFrame, keys: list[str]) -> None:
    """Raise an AreaError if an area of the rates has no facts, or none in a wave."""
    wanted = rates.loc[rates[keys[-1]].notna(), keys].drop_duplicates()
    held = set(facts[keys].itertuples(index=False, name=None))
    bare = [row for row in wanted.itertuples(index=False, name=None) if row not in held]
    if not bare:
        return
    areas = [row[-1] for row in bare]
    if not set(wanted[keys[-1]]) & set(facts[keys[-1]]):
        theirs = some(repr(one) for one in dict.fromkeys(facts[keys[-1]]))
        raise AreaError(
            f"covariates have no row for {keys[-1]} {some(map(repr, dict.fromkeys(areas)))}; theirs are {theirs}"
        )
    told = [" in ".join(str(one) for one in reversed(row)) for row in bare]
    raise AreaError(f"covariates have no row for {keys[-1]} {some(told)}")


def telling(facts: pd.DataFrame, columns: list[str]) -> None:
    """Raise an AreaError if covariates are the same in every area that has a sample."""
    values = facts[columns].astype(float)
    still = [name for name in columns if np.ptp(values[name]) <= ALIKE * np.abs(values[name]).max()]
    if still:
        raise AreaError(f"covariates {still} are the same in every area with a sample and tell none apart")


def some(values: Any) -> str:
    """Name the first few of some things."""
    listed = [str(one) for one in values]
    return ", ".join(listed[:SHOWN]) + (f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else "")
