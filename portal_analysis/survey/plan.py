"""The next wave: how many sampling units and respondents each group needs for a wanted margin, and what that costs.

Takes the shares of the variance by stage (:mod:`~portal_analysis.survey.stages`); hands on ESTIMATES of sample sizes
and of margins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number, is_share, is_whole
from portal_analysis.faults import Error
from portal_analysis.shape import check, domains_of, estimates, join_flags
from portal_analysis.survey.intervals import limits, reliability, t_quantile

PUBLISH = "publish"
"""The goal of a rate that the reliability rule lets pass without a flag."""

MOST_UNITS = 10_000
"""So many units of the first stage are tried in a group."""

MOST_AVAILABLE = 10_000_000
"""So many may be said to be available, and are tried."""

OPTIMAL = "optimal"


class PlanError(Error):
    """A wave cannot be planned with what was given."""


@dataclass(frozen=True, eq=False)
class Wave:
    """One indicator's wave: the share of the variance, and units within the unit before, of each stage.

    ``within[0]`` stands for the first stage, whose number is what is planned, and is not used.
    """

    indicator: str
    stages: tuple[str, ...]
    share: np.ndarray
    within: np.ndarray
    rate: float
    weighting: float
    level: float
    about: Mapping[str, Any] = field(default_factory=dict)

    def below(self) -> np.ndarray:
        """Return how many units of each stage lie in one unit of the first."""
        return np.cumprod(np.concatenate([[1.0], self.within[1:]]))

    def effect(self) -> float:
        """Return the design effect, that of the weights too."""
        people = self.below()[-1]
        spread = 1 + (self.weighting - 1) * self.below() / people
        return float(people * (spread * self.share / self.below()).sum())

    def se(self, first: np.ndarray) -> np.ndarray:
        """Return the standard error of the rate with so many units of the first stage."""
        return np.sqrt(self.rate * (1 - self.rate) * self.effect() / (first * self.below()[-1]))

    def margin(self, first: np.ndarray) -> np.ndarray:
        """Return half the width of the t interval; infinite with one unit."""
        return np.where(first > 1, t_quantile(first - 1.0, self.level) * self.se(first), np.inf)

    def publishable(self, first: np.ndarray) -> np.ndarray:
        """Return whether a rate as expected would carry no flag."""
        p = np.full(first.shape, self.rate)
        return reliability(p, self.se(first), first * self.below()[-1], first - 1.0) == ""

    def width(self, first: np.ndarray) -> np.ndarray:
        """Return half the width of the Korn–Graubard interval, by which rates are judged reliable."""
        p, n = np.full(first.shape, self.rate), first * self.below()[-1]
        low, high, _ = limits(p, self.se(first), n, n, first - 1.0, self.level, "korn-graubard")
        return np.asarray((high - low) / 2)


def plan_wave(
    effects: pd.DataFrame,
    margins: Sequence[float] | float = (0.01, 0.02, 0.05),
    groups: int | None = None,
    clusters: Mapping[str, float] | str | None = None,
    costs: Mapping[str, float] | None = None,
    rate: float | None = None,
    available: int | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say how many units and respondents a group, such as a province, needs: for a margin, and for no flag.

    Parameters
    ----------
    effects : DataFrame
        From :func:`portal_analysis.survey.stages.stage_effects`.
    margins : float or sequence of float
        Wanted half-widths of a group's interval: 0.02 is two points.
    groups : int, optional
        How many groups; those of ``effects`` if not given.
    clusters : mapping of str to float, or "optimal", optional
        Units of each later stage in a unit of the stage before: ``{"commune": 2, "village": 2, "person": 16}``; those
        of ``effects`` where not given. ``optimal`` takes those that cost least.
    costs : mapping of str to float, optional
        What one more unit of each stage costs, in any currency: ``{"district": 300, …, "person": 5}``.
    rate : float, optional
        The rate expected in a group; that of ``effects`` if not given.
    available : int, optional
        Units of the first stage that there are in a group.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES, domain columns ``goal`` (a margin, or ``publish``: the reliability rule of
        :func:`portal_analysis.survey.intervals.reliability` sets no flag): ``estimate`` is the number of respondents
        a group. Extras: a column for each stage with its units a group; ``in_all``, respondents of all groups;
        ``margin``, the half-width reached (of ``publish`` that of the Korn–Graubard interval); ``deff``, ``df``,
        ``rate``, ``cost``. Where more first-stage units would be needed than are ``available``, the number is missing
        and flagged ``not measured``, with ``note``.

    Raises
    ------
    PlanError
        If the table is none of shares by stage, a number lies outside what it may be, or a stage is unknown.

    Notes
    -----
    With shares ρ_j of the variance, m_j units of stage j a group and n_j respondents in each,
    ``Var = p (1 − p) Σ_j ρ_j / m_j (1 + (w − 1) / n_j)``: weights that have nothing to do with the units widen the
    variance of persons by Kish's effect w, and that of units the less, the more respondents they hold. The margin is
    ``t(m₁ − 1)`` times the root, so that few first-stage units are paid for twice. The optimum is
    ``m_j / m_{j−1} = √(ρ_j C_{j−1} / ρ_{j−1} C_j)`` (R. Valliant, J. Dever & F. Kreuter,
    *Practical Tools for Designing and Weighting Survey Samples*, 2nd ed. 2018, ch. 9), held at one unit and more.
    Units are taken as drawn with replacement and alike in size: a finite number of them gives smaller margins.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.stage_effects(papi, "pesp_use", ["district", "commune", "village"], within="province")
    >>> plan = pa.plan_wave(found, [0.05], clusters={"commune": 2, "village": 2, "person": 16})
    >>> plan["goal"].tolist()
    ['0.05', 'publish']
    """
    checked_margins = _fractions("margins", margins)
    for name, value in (("groups", groups), ("available", available)):
        if value is not None and not is_whole(value, 1, MOST_AVAILABLE):
            raise PlanError(f"{name} is {value!r}; it is a whole number, from 1 to {MOST_AVAILABLE:,}")
    rows = []
    for wave, source in waves(effects, clusters, costs, rate, level):
        tried = np.arange(2, (MOST_UNITS if available is None else available) + 1)
        reached = wave.margin(tried)
        goals = [(f"{margin:g}", reached <= margin) for margin in checked_margins]
        for goal, enough in [*goals, (PUBLISH, wave.publishable(tried))]:
            first = int(tried[enough.argmax()]) if enough.any() else None
            row = _row(wave, goal, first, costs)
            rows.append(
                {**source, **wave.about, **row, "flag": join_flags(source["flag"], row.get("flag", ""))}
            )
    table = pd.DataFrame(rows)
    many = int(effects["groups"].iloc[0]) if groups is None else groups
    table["in_all"] = table["estimate"] * many
    if costs is not None:
        table["cost"] *= many
    about = [name for name in domains_of(effects) if name != "stage"]
    return estimates(
        table.assign(groups=many, unit="count", measure="sample size", level=level), [*about, "goal"]
    )


def wave_margins(
    effects: pd.DataFrame,
    first: Sequence[int] | int = (3, 6, 9, 12, 20, 30),
    clusters: Mapping[str, float] | str | None = None,
    costs: Mapping[str, float] | None = None,
    rate: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say which margin a group's rate has with some numbers of first-stage units.

    Parameters
    ----------
    first : int or sequence of int
        Units of the first stage in a group, each 2 or more.
    effects, clusters, costs, rate, level
        As of :func:`plan_wave`.

    Returns
    -------
    DataFrame
        ESTIMATES, domain column ``first_stage``: ``estimate`` is the half-width of the interval, in points. ``n`` is
        the number of respondents a group; extras as of :func:`plan_wave`.

    Raises
    ------
    PlanError
        As :func:`plan_wave`; fewer than two units.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> effects = pa.stage_effects(papi, "pesp_use", ["district", "commune", "village"], within="province")
    >>> found = pa.wave_margins(effects, first=[3, 6], clusters={"commune": 2, "village": 2, "person": 16})
    >>> print(found[["first_stage", "estimate", "n"]].round(3).to_string(index=False))
    first_stage  estimate     n
              3     0.113 192.0
              6     0.048 384.0
    """
    first = list(first) if isinstance(first, Iterable) else [first]
    if not first or any(not is_number(one) or one % 1 or one < 2 for one in first):
        raise PlanError(
            f"first is {first}; an error needs 2 units of the first stage and more, a whole number"
        )
    rows = []
    for wave, source in waves(effects, clusters, costs, rate, level):
        for one in first:
            row = _row(wave, "", int(one), costs)
            row |= {"n": row["estimate"], "estimate": row["margin"], "first_stage": str(int(one))}
            rows.append({**source, **wave.about, **row})
    about = [name for name in domains_of(effects) if name != "stage"]
    table = pd.DataFrame(rows).drop(columns=["goal", "margin"])
    return estimates(table.assign(unit="margin", measure="margin", level=level), [*about, "first_stage"])


# ------------------------------------------------------------------------------------------- one wave


def waves(
    effects: pd.DataFrame,
    clusters: Mapping[str, float] | str | None = None,
    costs: Mapping[str, float] | None = None,
    rate: float | None = None,
    level: float = 0.95,
) -> list[tuple[Wave, dict[str, Any]]]:
    """Return the wave of each indicator of a table of shares by stage, with where it comes from."""
    lacking = [
        name
        for name in ("stage", "cluster_size", "rate", "weighting", "groups")
        if name not in check(effects)
    ]
    if lacking or effects.empty:
        raise PlanError(
            f"this is no table of stage_effects: the columns {lacking} are missing, or it is empty"
        )
    about = [name for name in domains_of(effects) if name != "stage"]
    found = []
    for name, own in effects.groupby("indicator", sort=False):
        expected = float(own["rate"].iloc[0]) if rate is None else rate
        if not is_share(expected):
            raise PlanError(f"the rate of {name!r} is {expected!r}; give one between 0 and 1 with rate=")
        wave = Wave(
            str(name), tuple(own["stage"]), own["estimate"].to_numpy(),
            own["cluster_size"].to_numpy(dtype=float), expected,
            float(own["weighting"].iloc[0]), _fractions("level", [level])[0],
            {one: own[one].iloc[0] for one in about},
        )  # fmt: skip
        source = {one: own[one].iloc[0] for one in ("source", "flag")}
        found.append((replace(wave, within=_within(wave, clusters, costs)), source))
    return found


def optimal_within(share: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return how many units of each stage in one of the stage before cost least, not rounded; the first is 1.

    Examples
    --------
    >>> optimal_within(np.array([0.05, 0.95]), np.array([750.0, 100.0])).round(2).tolist()
    [1.0, 11.94]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(share[1:] / share[:-1] * cost[:-1] / cost[1:])
    return np.concatenate([[1.0], ratio])


def cost_of(within: np.ndarray, cost: np.ndarray) -> float:
    """Return what one unit of the first stage costs with all units in it."""
    return float((np.cumprod(within) * cost).sum())


def _within(
    wave: Wave, clusters: Mapping[str, float] | str | None, costs: Mapping[str, float] | None
) -> np.ndarray:
    cost = _costs(wave, costs)
    if clusters == OPTIMAL:
        if cost is None:
            raise PlanError("clusters='optimal' needs costs: what one more unit of each stage costs")
        if not (cost > 0).all():
            raise PlanError(
                "clusters='optimal' needs a cost above 0 of each stage: what costs nothing has no limit"
            )
        return _held(wave.share, cost)
    if clusters is not None and not isinstance(clusters, Mapping):
        raise PlanError(f"clusters={clusters!r} is unknown; it is 'optimal' or units by stage")
    given = dict(clusters or {})
    unknown = [name for name in given if name not in wave.stages[1:]]
    bad = [name for name, many in given.items() if not is_number(many) or not 1 <= many < np.inf]
    if unknown or bad:
        raise PlanError(
            f"clusters {unknown + bad}: later stages are {list(wave.stages[1:])}, each of 1 unit or more"
        )
    return np.array([float(given.get(name, own)) for name, own in zip(wave.stages, wave.within, strict=True)])


def _held(share: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return the optimum in whole units; a stage where people are no more alike than in the next has one unit."""
    kept, within = [0], np.ones(len(share))
    for place in range(1, len(share)):
        # a stage without variance of its own needs one unit, and is looked through
        if share[place] > 0:
            kept.append(place)
    kept = [place for place in kept if share[place] > 0] or [0]
    best = optimal_within(share[kept], cost[kept])
    within[kept[1:]] = np.maximum(np.round(best[1:]), 1)
    return within


def _costs(wave: Wave, costs: Mapping[str, float] | None) -> np.ndarray | None:
    if costs is None:
        return None
    if not isinstance(costs, Mapping):
        raise PlanError(f"costs={costs!r} is no price by stage; stages are {list(wave.stages)}")
    lacking = [name for name in wave.stages if name not in costs]
    unknown = [name for name in costs if name not in wave.stages]
    bad = [name for name in costs if not is_number(costs[name]) or not 0 <= costs[name] < np.inf]
    if lacking or unknown or bad:
        raise PlanError(
            f"costs: missing {lacking}, unknown {unknown}, below 0 or no number {bad}; stages are {list(wave.stages)}"
        )
    return np.array([float(costs[name]) for name in wave.stages])


def _row(wave: Wave, goal: str, first: int | None, costs: Mapping[str, float] | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "indicator": wave.indicator,
        "goal": goal,
        "deff": wave.effect(),
        "rate": wave.rate,
    }
    cost = _costs(wave, costs)
    if first is None:
        return row | {
            "estimate": np.nan,
            "note": "more-than-there-are",
            "flag": "not measured",
            "cost": np.nan,
        }
    units = first * wave.below()
    at = np.array([float(first)])
    row |= {"estimate": float(np.ceil(units[-1] - 1e-9)), "note": "", "df": first - 1.0}
    row |= {
        name: float(np.ceil(many - 1e-9)) for name, many in zip(wave.stages[:-1], units[:-1], strict=True)
    }
    row["margin"] = float((wave.width(at) if goal == PUBLISH else wave.margin(at))[0])
    row["cost"] = np.nan if cost is None else float(np.ceil(units - 1e-9) @ cost)
    return row


def _fractions(name: str, values: Sequence[float] | float) -> list[float]:
    values = list(values) if isinstance(values, Iterable) else [values]
    bad = [one for one in values if not is_share(one)]
    if bad or not values:
        raise PlanError(f"{name} {bad or values}: each lies between 0 and 1; two points are 0.02")
    return [float(one) for one in values]
