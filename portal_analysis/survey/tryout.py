"""A planned wave drawn again and again by a computer: does it reach the margin that was planned?

Takes a plan (:mod:`~portal_analysis.survey.plan`); hands on ESTIMATES of the margins that simulated waves reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import MOST_DRAWS, is_whole, strangers
from portal_analysis.shape import check, domains_of, estimates
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import proportion
from portal_analysis.survey.intervals import t_quantile
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.plan import PUBLISH, PlanError, Wave, waves

CHOICES = ("clusters", "costs", "rate", "level")


def try_plan(
    plan: pd.DataFrame, effects: pd.DataFrame, draws: int = 500, seed: int = 20230711, **choices: Any
) -> pd.DataFrame:
    """Draw the planned wave again and again, and say which margin it reaches.

    Parameters
    ----------
    plan : DataFrame
        From :func:`plan_wave`; its rows of the goal ``publish`` are left out.
    effects : DataFrame
        What it was made from.
    draws : int
        Simulated waves for each row.
    seed : int
    **choices
        ``clusters``, ``costs``, ``rate``, ``level`` as given to :func:`plan_wave`.

    Returns
    -------
    DataFrame
        ESTIMATES, domain columns of ``plan``: ``estimate`` is the half-width that the draws reach (root mean square),
        in points, flagged ``simulated``. Extras: ``planned``, the half-width that was planned with so many units;
        ``covered``, the share of intervals that hold the true rate; ``draws``.

    Notes
    -----
    The rates of units follow beta distributions around that of the unit before, with the variance of their stage;
    weights are log-normal with the plan's Kish effect. The estimator is
    :func:`portal_analysis.survey.estimate.proportion` with ``interval="mean"``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> effects = pa.stage_effects(papi, "pesp_use", ["district", "commune", "village"], within="province")
    >>> plan = pa.plan_wave(effects, [0.05], clusters={"commune": 2, "village": 2, "person": 16})
    >>> tried = pa.try_plan(plan, effects, draws=50)
    >>> print(tried[["goal", "planned", "estimate", "covered"]].round(3).to_string(index=False))
    goal  planned  estimate  covered
    0.05    0.048     0.043     0.94
    """
    if faults := strangers(choices, CHOICES):
        raise PlanError.of(faults)
    found = {wave.indicator: wave for wave, _ in waves(effects, **{"level": 0.95, **choices})}
    if not {"goal", "margin"} <= set(check(plan)):
        raise PlanError("plan is not a table of plan_wave: it has no goals")
    rows = plan[(plan["goal"] != PUBLISH) & plan["estimate"].notna()]
    if lost := sorted(set(rows["indicator"]) - set(found)):
        raise PlanError(f"effects hold nothing of {lost}; give those that the plan was made from")
    if not is_whole(seed, 0):
        raise PlanError(f"seed is {seed!r}; it is a whole number, 0 or above")
    if is_whole(draws, MOST_DRAWS + 1):
        raise PlanError(f"draws is {draws!r}; it is at most {MOST_DRAWS:,}")
    if not is_whole(draws, 2) or not len(rows):
        raise PlanError(f"draws is {draws!r} for {len(rows)} rows of a margin; nothing can be drawn")
    draws, parts = int(draws), []
    for place, (_, row) in enumerate(rows.iterrows()):
        wave = found[row["indicator"]]
        survey = _simulated(wave, int(row[wave.stages[0]]), draws, [seed, place])
        drawn = proportion(survey, "yes", by="draw", interval="mean", level=wave.level, deff=False)
        half = t_quantile(drawn["df"].to_numpy(), wave.level) * drawn["se"].to_numpy()
        hit = (np.abs(drawn["estimate"].to_numpy() - wave.rate) <= half).mean()
        own = {name: row[name] for name in ("indicator", *domains_of(plan), "source")}
        reached = {
            "estimate": float(np.sqrt((half**2).mean())),
            "planned": row["margin"],
            "covered": float(hit),
        }
        parts.append({**own, **reached, "n": row["estimate"], "df": row["df"]})
    table = pd.DataFrame(parts).assign(unit="margin", measure="margin", draws=draws, flag="simulated")
    return estimates(table, domains_of(plan))


def _simulated(wave: Wave, first: int, draws: int, seed: Sequence[int]) -> Survey:
    """Return so many waves of one group in one survey: each draw is a stratum."""
    random = np.random.default_rng(list(seed))
    rates, left = np.full(draws, wave.rate), 1.0
    counts = [first, *np.maximum(np.round(wave.within[1:]), 1).astype(int)]
    psu = np.arange(draws)
    for place, (many, share) in enumerate(zip(counts[:-1], wave.share[:-1], strict=True)):
        rates = _around(random, np.repeat(rates, many), share / left)
        left -= share
        psu = np.repeat(psu, many) if place else np.arange(draws * many)
    rates, psu = np.repeat(rates, counts[-1]), np.repeat(psu, counts[-1])
    spread = np.sqrt(np.log(wave.weighting))
    data = pd.DataFrame(
        {
            "draw": psu // first,
            "psu": psu,
            "yes": (random.random(len(rates)) < rates).astype(int),
            "weight": np.exp(spread * random.standard_normal(len(rates))),
        }
    )
    return Survey(data, Design("weight", strata="draw", psu="psu"), simulated=True, min_n=0)


def _around(random: np.random.Generator, rates: np.ndarray, share: float) -> np.ndarray:
    """Draw rates around some, with a variance that is a share of p (1 − p)."""
    if share <= 1e-12:
        return rates
    size = (1 - share) / share
    inner = np.clip(rates, 1e-12, 1 - 1e-12)
    return random.beta(inner * size, (1 - inner) * size)
