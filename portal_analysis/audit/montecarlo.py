"""How sure ranks are: the index made again and again, with what is uncertain about it drawn anew each time.

Takes an audit; hands on ESTIMATES of ranks with intervals, and of who stands above whom. What moves ranks most is
told by :mod:`~portal_analysis.audit.drivers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import handed_on, is_number
from portal_analysis.audit import composite
from portal_analysis.audit.ballots import NO_RATING
from portal_analysis.audit.index import MISSING, Recipe, Sheet, group_scores, sheets, weights_of, worth
from portal_analysis.audit.intervals import check_draws, check_level, check_seed
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.settle import LEAST_RATERS, fit_group, raters_of, same_scale
from portal_analysis.audit.shares import finish
from portal_analysis.audit.sites import unseen_chance
from portal_analysis.ranking import Tally, bands

SOURCES = ("weights", "aggregation", "missing", "assessors", "pages")
"""What is drawn anew: weights of groups from a Dirichlet distribution around those given; how groups are put
together; the rule for missing ratings; the true level of every cell, given the assessors' ratings; failures on pages
not looked at."""

CHUNK = 250
PRIOR = 0.5


@dataclass(frozen=True)
class Plan:
    """What is drawn, and from what."""

    sources: tuple[str, ...]
    aggregations: tuple[str, ...]
    missing: tuple[str, ...]
    concentration: float
    draws: int
    seed: int

    def __post_init__(self) -> None:
        unknown = [name for name in self.sources if name not in SOURCES]
        if unknown or not self.sources:
            raise AuditError(f"sources are {list(self.sources)}; they can be {', '.join(SOURCES)}")
        for name, given, allowed in (
            ("aggregations", self.aggregations, composite.AGGREGATIONS),
            ("missing rules", self.missing, MISSING),
        ):
            if not given or any(one not in allowed for one in given):
                raise AuditError(f"{name} are {list(given)}; they can be {', '.join(allowed)}")
        check_draws("draws", self.draws, 100, "percentiles of ranks need")
        check_seed(self.seed)
        if not is_number(self.concentration) or not self.concentration > 0:
            raise AuditError(f"concentration is {self.concentration!r}; it is a number above 0")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What :func:`ranks` may be asked for, but for how its draws are told."""

    sources: Sequence[str] | None = None
    weights: str | Mapping[str, float] = "equal"
    normalise: str = "level"
    aggregations: Sequence[str] = ("arithmetic", "geometric")
    missing_rules: Sequence[str] = ("ignore", "worst")
    concentration: float = 50.0
    consensus: str = "majority"
    roll_up: str = "any-page-fails"
    draws: int = 10_000
    seed: int = 20230711
    of: Any = None

    def plan(self, sources: tuple[str, ...]) -> Plan:
        """Return the plan that draws from these sources."""
        rules = tuple(self.aggregations), tuple(self.missing_rules)
        return Plan(sources, *rules, self.concentration, self.draws, self.seed)


def ranks(
    audit: Audit,
    sources: Sequence[str] | None = None,
    weights: str | Mapping[str, float] = "equal",
    normalise: str = "level",
    aggregations: Sequence[str] = ("arithmetic", "geometric"),
    missing_rules: Sequence[str] = ("ignore", "worst"),
    concentration: float = 50.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    top: int = 10,
    draws: int = 10_000,
    level: float = 0.90,
    seed: int = 20230711,
    of: Any = None,
) -> pd.DataFrame:
    """Rank portals, each rank with the interval that the choices and errors behind it leave.

    Parameters
    ----------
    audit : Audit
    sources : sequence of str, optional
        Of :data:`SOURCES`; all that the audit can have, if not given: assessors where some cell was rated twice,
        pages where judgements name pages.
    weights, normalise, consensus, roll_up
        The nominal index, as in :func:`portal_analysis.audit.index.scores`.
    aggregations, missing_rules : sequence of str
        Those drawn from, the first one nominal. A geometric mean adds 0.01 to all scores, since a group score may be
        0.
    concentration : float
        Of the Dirichlet distribution of the weights: the larger, the nearer to the given ones. A share w then varies
        with variance ``w (1 − w) / (concentration + 1)``.
    top : int
        For the chance to be among the first.
    draws, level, seed
        ``level`` 0.90 gives the 5th to the 95th percentile.
    of
        How many pages a portal has; see :func:`portal_analysis.audit.pages.pages`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``rank``, domains ``round`` and ``portal_id``, best first: ``estimate`` is the
        nominal rank, ``ci_low`` and ``ci_high`` percentiles over the draws; the error that the interval stands for is
        ``choices``, and ``drawn`` names what was drawn. Extras: ``score``; ``median`` and ``mean`` rank; ``p_top``,
        the chance to be among the first ``top``; ``tied``, portals of the same nominal rank; ``band``: portals
        of one band cannot be told apart from its first one, which is less than 95 % sure to stand above each of them.

    Raises
    ------
    AuditError
        If there is one portal only, or a choice is unknown.

    Notes
    -----
    M. Saisana, A. Saltelli & S. Tarantola, *J. R. Statist. Soc. A* 168 (2005) 307–323. With three assessors and more
    the true level of a cell is drawn from a Dawid–Skene model, else from its ratings with half a rating added to
    each level. Cells are drawn independently: an error that runs through all cells of an assessor is in the model's
    estimates, not in its draws. A criterion that passed on all pages fails with the chance of
    :func:`portal_analysis.audit.sites.unseen_chance` at its estimate.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> ranked = pa.ranks(latest, draws=500)
    >>> print(ranked[["portal_id", "estimate"]].head(2).to_string(index=False))
    portal_id  estimate
    portal-72       1.0
    portal-14       2.0
    """
    check_level(level)
    parts = []
    choices = Choices(
        sources=sources,
        weights=weights,
        normalise=normalise,
        aggregations=aggregations,
        missing_rules=missing_rules,
        concentration=concentration,
        consensus=consensus,
        roll_up=roll_up,
        draws=draws,
        seed=seed,
        of=of,
    )
    for sheet, nominal, plan, draw in prepared(audit, choices):
        table, above = _drawn(sheet, plan, draw, level, top)
        score = nominal_score(sheet, nominal)
        table["score"], table["estimate"] = score, composite.ranks_of(score)
        table["base"] = table["n"] = (sheet.level != NO_RATING).sum(axis=1)
        table["tied"] = table.groupby("estimate")["estimate"].transform("size")
        order = table.sort_values(["estimate", "mean"], kind="stable").index.to_numpy(dtype=int)
        ordered = table.iloc[order].assign(band=bands(above[np.ix_(order, order)]))
        parts.append(ordered.assign(round=sheet.when, drawn=", ".join(plan.sources)))
    whole = pd.concat(parts, ignore_index=True)
    return finish(
        audit,
        whole.assign(
            indicator="rank", unit="number", measure="rank", interval="choices", level=level, draws=draws
        ),
        ["round", "portal_id"],
    )


def above(audit: Audit, **choices: Any) -> pd.DataFrame:
    """Compute the chance of every portal to stand above every other one.

    Parameters
    ----------
    audit : Audit
    **choices
        As in :func:`ranks`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``stands above``, domains ``round, portal_id, other``; equal scores count half.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> surer = pa.above(latest, draws=500)
    >>> print(surer[["portal_id", "other", "estimate"]].head(2).round(1).to_string(index=False))
    portal_id     other  estimate
    portal-01 portal-02       0.5
    portal-01 portal-04       0.2
    """
    parts = []
    for sheet, _, plan, draw in prepared(audit, handed_on(Choices, choices)):
        _, chance = _drawn(sheet, plan, draw, 0.9, 10)
        one, other = np.nonzero(~np.eye(len(chance), dtype=bool))
        names = np.array(sheet.portals, dtype=object)
        rows = pd.DataFrame({"portal_id": names[one], "other": names[other], "estimate": chance[one, other]})
        rows["n"] = rows["base"] = plan.draws
        parts.append(rows.assign(round=sheet.when, drawn=", ".join(plan.sources)))
    table = pd.concat(parts, ignore_index=True).assign(
        indicator="stands above", unit="proportion", measure="probability"
    )
    return finish(audit, table, ["round", "portal_id", "other"])


# ---------------------------------------------------------------------------------------------- draws


@dataclass(frozen=True, eq=False)
class Draw:
    """What the draws of one round are made from; random numbers come from outside, so that a source can be held."""

    sheet: Sheet
    recipe: Recipe
    plan: Plan
    cumulative: np.ndarray  # (portals, criteria, levels): of the chance of each level
    rated: np.ndarray  # (portals, criteria)
    unseen: np.ndarray  # (portals, criteria): chance to fail on a page not looked at

    def drawn(self, source: str, random: np.random.Generator, n: int) -> np.ndarray:
        """Return the random numbers that a source needs for n draws."""
        shape = self.sheet.level.shape
        if source == "weights":
            _, centre = weights_of(self.sheet, self.recipe, worth(self.sheet, self.recipe, self.sheet.level))
            alpha = np.maximum(centre * self.plan.concentration, 1e-9)
            return random.dirichlet(alpha, n)
        if source in ("assessors", "pages"):
            return random.random((n, *shape), dtype=np.float32)
        size = len(self.plan.aggregations if source == "aggregation" else self.plan.missing)
        return random.integers(size, size=n)

    def scores(self, numbers: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the index of each portal in each draw."""
        n = len(next(iter(numbers.values())))
        level = np.broadcast_to(self.sheet.level, (n, *self.sheet.level.shape))
        if "assessors" in numbers:
            place = (numbers["assessors"][..., None] > self.cumulative[..., :-1]).sum(axis=-1)
            level = np.where(self.rated, place, NO_RATING)
        if "pages" in numbers:
            level = np.where((numbers["pages"] < self.unseen) & (level > 0), 0, level)
        rule = numbers.get("missing", np.zeros(n, dtype=int))
        kind = numbers.get("aggregation", np.zeros(n, dtype=int))
        found = np.full((n, len(self.sheet.portals)), np.nan)
        for missing in np.unique(rule):
            recipe = replace(self.recipe, missing=self.plan.missing[missing])
            mine = np.flatnonzero(rule == missing)
            values = worth(self.sheet, recipe, level[mine]).astype(np.float32)
            member, centre = weights_of(self.sheet, self.recipe, worth(self.sheet, recipe, self.sheet.level))
            groups = group_scores(values, member.astype(np.float32)).astype(float)
            weights = (
                numbers["weights"][mine]
                if "weights" in numbers
                else np.broadcast_to(centre, (len(mine), len(centre)))
            )
            for one in np.unique(kind[mine]):
                here = kind[mine] == one
                found[mine[here]] = composite.aggregate(
                    groups[here], weights[here], self.plan.aggregations[one], "offset"
                )
        return np.round(found, 6)


def prepared(audit: Audit, choices: Choices) -> Iterator[tuple[Sheet, Recipe, Plan, Draw]]:
    """Yield what the draws of each round are made from."""
    if choices.normalise == "zscore" and "geometric" in choices.aggregations:
        raise AuditError(
            "z-scores have no geometric mean; take aggregations=['arithmetic'] or another normalise"
        )
    if len(audit.portal_ids()) < 2:
        raise AuditError("one portal only; there is nothing to rank")
    paged = bool(audit.judgements["page_id"].notna().any())
    if choices.sources is not None and "pages" in choices.sources and not paged:
        raise AuditError("no judgement names a page; 'pages' cannot be among the sources")
    for sheet in sheets(audit, choices.consensus, choices.roll_up):
        twice = bool(((sheet.cast.rating != NO_RATING).sum(axis=-1) > 1).any())
        have = {"assessors": twice, "pages": paged}
        found = (one for one in SOURCES if have.get(one, True))
        wanted = tuple(found if choices.sources is None else choices.sources)
        if "assessors" in wanted and not twice:
            raise AuditError(
                f"round {sheet.when}: no cell was rated twice; 'assessors' cannot be among the sources"
            )
        plan = choices.plan(wanted)
        recipe = Recipe(
            choices.normalise, choices.weights, plan.aggregations[0], plan.missing[0], zeros="offset"
        )
        unseen = np.zeros(sheet.level.shape)
        if "pages" in wanted:
            chance = unseen_chance(audit, sheet.cast.pairs, "good", choices.consensus, choices.of, None)
            unseen = np.nan_to_num(chance).T
        cumulative = _level_chances(sheet).cumsum(axis=-1).astype(np.float32)
        yield sheet, recipe, plan, Draw(sheet, recipe, plan, cumulative, sheet.level != NO_RATING, unseen)


def _level_chances(sheet: Sheet) -> np.ndarray:
    """Return the chance of each level of each cell given its ratings, shape (portals, criteria, levels)."""
    cast = sheet.cast
    width = max(len(words) for words in cast.levels)
    chance = np.zeros((*cast.rating.shape[:2], width))
    for places in same_scale(cast):
        q = len(cast.levels[places[0]])
        rating = cast.rating[places]
        if raters_of(rating) >= LEAST_RATERS:
            own = fit_group(cast, places, PRIOR).level.reshape(*rating.shape[:2], q)
        else:
            counts = (rating[..., None] == np.arange(q)).sum(axis=-2) + PRIOR
            own = counts / counts.sum(axis=-1, keepdims=True)
        chance[places, :, :q] = np.nan_to_num(own)
    return np.moveaxis(chance, 0, 1)


def nominal_score(sheet: Sheet, recipe: Recipe) -> np.ndarray:
    """Return the index of each portal with nothing drawn."""
    values = worth(sheet, recipe, sheet.level)
    member, weights = weights_of(sheet, recipe, values)
    return composite.aggregate(group_scores(values, member), weights, recipe.aggregation, recipe.zeros)


def factors(draw: Draw, n: int, seed: int) -> dict[str, np.ndarray]:
    """Return the random numbers of every source for n draws, each source from its own stream."""
    streams = np.random.SeedSequence(seed).spawn(len(SOURCES))
    return {
        source: draw.drawn(source, np.random.default_rng(streams[SOURCES.index(source)]), n)
        for source in draw.plan.sources
    }


def in_chunks(numbers: Mapping[str, np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
    """Yield the random numbers of some draws at a time."""
    n = len(next(iter(numbers.values())))
    for start in range(0, n, CHUNK):
        yield {source: one[start : start + CHUNK] for source, one in numbers.items()}


def _drawn(sheet: Sheet, plan: Plan, draw: Draw, level: float, top: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Ranks over all draws, and the chance of each portal to stand above each other."""
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(plan.seed).spawn(len(SOURCES))]
    tally = Tally(len(sheet.portals))
    for start in range(0, plan.draws, CHUNK):
        n = min(CHUNK, plan.draws - start)
        tally.add(draw.scores({one: draw.drawn(one, streams[SOURCES.index(one)], n) for one in plan.sources}))
    table = tally.summary(level, top)
    table.insert(0, "portal_id", sheet.portals)
    return table, tally.above
