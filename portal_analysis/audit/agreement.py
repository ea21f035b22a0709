"""How far assessors agree, and where they do not, so that a disagreement is settled and not averaged away.

Hands on ESTIMATES of agreement on the levels of each criterion, and the list of portal × criterion cells on which
votes differ. The arithmetic stands in :mod:`~portal_analysis.audit.coefficients`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.audit import coefficients as co
from portal_analysis.audit.ballots import NO_RATING, Ballots, ballots, with_not_applicable
from portal_analysis.audit.consensus import VERDICTS, Votes, decide, tally_votes, votes
from portal_analysis.audit.intervals import check_draws, check_level, check_seed
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.shares import finish

OPINIONS = ("not_met", "partly", "met", "not_applicable")
METHODS = ("analytic", "bootstrap")
NOT_APPLICABLE_RULES = ("ignore", "category")
COHEN = "Cohen kappa"

NO_VARIATION = "no-variation"
"""Chance alone would give full agreement: all ratings are the same, and the coefficient is not defined."""

ONE_ASSESSOR = "one-assessor"
NOT_TWICE = "not-rated-twice"
NOT_RATED = "not-rated"
ONE_LEVEL = "one-level"
ONE_PORTAL = "one-portal"
NO_DISAGREEMENT = "no-disagreement"
"""Nobody disagreed anywhere, so that nothing tells how far the coefficient might vary: no interval is given."""


@dataclass(frozen=True)
class Asked:
    """What was asked of a coefficient."""

    weights: str = "identity"
    interval: str | None = None
    method: str = "analytic"
    level: float = 0.95
    replicates: int = 1000
    seed: int = 20230711
    not_applicable: str = "ignore"

    def __post_init__(self) -> None:
        refuse("not_applicable", self.not_applicable, NOT_APPLICABLE_RULES)
        if self.not_applicable == "category" and self.weights == "rank":
            raise AuditError(
                "weights='rank' order levels by their ratings, and 'not applicable' is on no scale; take 'ordinal'"
            )
        refuse("weights", self.weights, co.WEIGHTS)
        refuse("method", self.method, METHODS)
        if self.interval not in (None, "superpopulation"):
            raise AuditError(
                f"interval is {self.interval!r}; for agreement it can be None or 'superpopulation'"
            )
        check_level(self.level)
        if self.interval and self.method == "bootstrap":
            check_draws("replicates", self.replicates, 2, "a bootstrap needs")
            check_seed(self.seed)


def agreement(
    audit: Audit,
    by: str = "criterion_id",
    weights: str = "identity",
    roll_up: str = "any-page-fails",
    interval: str | None = None,
    method: str = "analytic",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 20230711,
    not_applicable: str = "ignore",
) -> pd.DataFrame:
    """Estimate how far assessors agree: for each criterion or group of criteria, and pooled over a round.

    Low agreement on a criterion may come from its wording, from its assessors, or from a level that nearly
    all portals have: look before its results are read. Who disagrees with whom is told by
    :func:`~portal_analysis.audit.raters.pairwise_agreement`.

    Parameters
    ----------
    audit : Audit
        Two assessors at least; any of them may have left any cell out.
    by : str
        A column of ``criteria`` (``criterion_id``, ``group``, ``wcag_sc`` …): one set of rows for each of its
        values, and one for all criteria of the round.
    weights : {"identity", "linear", "quadratic", "ordinal", "rank"}
        How near two levels are to each other, on the levels of each criterion; see
        :data:`portal_analysis.audit.coefficients.WEIGHTS`. ``identity`` counts only equal levels as agreement.
    roll_up : str
        How pages become one rating; see :data:`portal_analysis.audit.consensus.ROLL_UPS`.
    interval : {None, "superpopulation"}
        None for the portals as they are; ``superpopulation`` as if they were a sample of portals, with the assessors
        as they are.
    method : {"analytic", "bootstrap"}
        Of the interval: Gwet's standard error with Student's t, or the percentiles of a bootstrap over portals, all
        of a portal's cells together.
    level, replicates, seed
        Of the interval and the bootstrap.
    not_applicable : {"ignore", "category"}
        Whether "not applicable" is no rating, or a category of its own beside the levels (``n_levels`` counts it): it
        then agrees with itself and, under any weights, with no level. Agreement on whether a criterion applies at all
        is in the numbers only then.

    Returns
    -------
    DataFrame
        ESTIMATES with an indicator for each coefficient: ``percent agreement``, ``AC1`` (``AC2`` under weights),
        ``Brennan-Prediger``, ``Fleiss kappa``, ``Conger kappa``, ``Krippendorff alpha``, and ``Cohen kappa`` where
        exactly two assessors rated. Domains are ``round`` and the column of ``by`` (missing for all criteria of the
        round). ``n`` = ``base`` is the number of cells with at least two ratings; other outcomes than ``met``,
        ``partly`` and ``not_met`` are no rating. Extras: ``unit``; ``by_chance``, the agreement that the coefficient
        expects by chance; ``assessors``; ``n_levels`` of the criterion, ``n_criteria`` pooled; ``metric``, the
        weights of that very row; ``interval, method, level``; ``note``, a code that says why a number is missing
        (``not-rated``, ``one-assessor``, ``not-rated-twice``, ``one-level``, ``no-variation``, ``one-portal``,
        ``no-disagreement``). A criterion that nobody rated twice is flagged ``not measured``.

    Raises
    ------
    AuditError
        If the audit has no judgements, or an argument is none of those listed.

    Notes
    -----
    Formulas stand in :mod:`portal_analysis.audit.coefficients` (K. Gwet, *Handbook of Inter-Rater Reliability*, 4th
    ed. 2014; the numbers equal R's irrCAC). A criterion has the levels of the audit's table ``criteria`` whether or
    not somebody used them all, since AC1 and Brennan–Prediger depend on what could have been said.

    Several criteria are pooled by the observed and the chance agreement of each, weighted by its cells with two
    ratings, so that criteria that few and that nearly all portals meet do not make agreement on each look better (H.
    de Vries et al., *Field Methods* 20 (2008) 272–282). The standard error adds up all cells of a portal first;
    ``df`` is the number of portals less one.

    Kappa and alpha fall towards 0 where nearly all portals are alike, however well assessors agree; AC1 and the plain
    percentage do not (A. Feinstein & D. Cicchetti, *J. Clin. Epidemiol.* 43 (1990) 543–549). ``rank`` gives
    Krippendorff's alpha with his ordinal metric; its analytic standard error takes those weights as given.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> rows = [(p, a, "not_met") for p in range(61) for a in "xy"]
    >>> rows += [(61, "x", "met"), (61, "y", "not_met"), (62, "x", "not_met"), (62, "y", "met")]
    >>> judged = pd.DataFrame(rows, columns=["portal_id", "assessor_id", "outcome"])
    >>> table = pa.agreement(pa.Audit(judged.assign(criterion_id="k", round="2024")))
    >>> table.query("criterion_id == 'k'").set_index("indicator")["estimate"].round(3)[["AC1", "Cohen kappa"]].to_dict()
    {'AC1': 0.967, 'Cohen kappa': -0.016}
    """
    asked = Asked(weights, interval, method, level, replicates, seed, not_applicable)
    cast = ballots(audit, roll_up)
    if asked.not_applicable == "category":
        cast = with_not_applicable(cast)
    if by not in cast.pairs:
        raise AuditError(f"by is {by!r}; it can be a column of criteria: {list(audit.criteria.columns)}")
    parts = []
    for when, name, places in groups_of(cast.pairs, by):
        rows = coefficient_rows(cast.of_pairs(places), asked)
        parts.append(rows.assign(round=when, **{by: name}))
    return finish(audit, pd.concat(parts, ignore_index=True).assign(measure="agreement"), ["round", by])


def refuse(name: str, value: object, allowed: Sequence[object]) -> None:
    """Raise if a value is not one of those allowed."""
    if value not in allowed:
        raise AuditError(f"{name} is {value!r}; it can be {', '.join(map(str, allowed))}")


def groups_of(pairs: pd.DataFrame, by: str) -> Iterator[tuple[str, str | None, list[int]]]:
    """Yield round, value of ``by`` and places of the criteria: each value, then all of the round."""
    for when in pairs["round"].unique():
        inside = np.flatnonzero(pairs["round"] == when)
        values = pairs[by].iloc[inside].astype(object)
        for name in values.dropna().unique():
            yield when, name, inside[(values == name).to_numpy()].tolist()
        yield when, None, inside.tolist()


# ---------------------------------------------------------------------------------------------- one group


def coefficient_rows(cast: Ballots, asked: Asked) -> pd.DataFrame:
    """Return one row a coefficient for some criteria taken together, without what names the group."""
    broken = [co.units_of(rating, len(words)) for rating, words in zip(cast.rating, cast.levels, strict=True)]
    rows = _rows(broken, cast.values, asked)
    rows["indicator"] = co.NAMES
    if asked.weights != "identity":
        rows.loc[co.AC, "indicator"] = "AC2"
    raters = int((cast.rating != NO_RATING).any(axis=(0, 1)).sum())
    if raters == 2:
        rows = pd.concat([rows, _cohen(cast, asked)], ignore_index=True)
    rows["unit"] = np.where(rows["indicator"] == "percent agreement", "proportion", "number")
    widths = {len(words) for words in cast.levels}
    rows["assessors"], rows["n_criteria"] = raters, len(cast.levels)
    rows["n_levels"] = float(widths.pop()) if len(widths) == 1 else np.nan
    rows["metric"], rows["interval"] = asked.weights, asked.interval or ""
    rows["method"] = asked.method if asked.interval else ""
    rows["level"] = asked.level if asked.interval else np.nan
    if raters == 1:
        rows["note"] = ONE_ASSESSOR
    return rows


def _cohen(cast: Ballots, asked: Asked) -> pd.DataFrame:
    """Cohen's kappa: Conger's, on the cells that both rated."""
    here = (cast.rating != NO_RATING).any(axis=(0, 1))
    both = (cast.rating[..., here] != NO_RATING).all(axis=-1)
    rating = np.where(both[..., None], cast.rating[..., here], NO_RATING)
    broken = [co.units_of(one, len(words)) for one, words in zip(rating, cast.levels, strict=True)]
    row = _rows(broken, cast.values, asked).iloc[[co.CONGER]].assign(indicator=COHEN)
    return row.replace({"note": {NOT_RATED: NOT_TWICE}})


def _rows(broken: list[co.Units], values: list[np.ndarray], asked: Asked) -> pd.DataFrame:
    total = [units.total() for units in broken]
    weights = [co.weight_matrix(asked.weights, at, sums) for at, sums in zip(values, total, strict=True)]
    pooled = _pooled([co.parts_of(sums, matrix) for sums, matrix in zip(total, weights, strict=True)])
    base = int(pooled.double)
    rows = pd.DataFrame({"estimate": pooled.values(), "n": base, "base": base})
    rows["by_chance"] = pooled.chance if base else np.nan
    rows["note"] = _notes_of(broken, rows["estimate"], base, max(len(at) for at in values))
    if asked.interval and base:
        rated = _portals_with(broken, 1)
        rows["df"] = float(len(rated) - 1)
        if len(rated) < 2:
            rows["note"] = rows["note"].mask(rows["estimate"].notna(), ONE_PORTAL)
        elif asked.method == "analytic":
            rows = _analytic(rows, broken, total, weights, pooled, asked.level)
        else:
            rows = _bootstrapped(rows, broken, values, asked)
    return rows


def _portals_with(broken: list[co.Units], ratings: int) -> np.ndarray:
    """Return the places of the portals that have that many ratings on some criterion."""
    return np.flatnonzero(np.max([units.size for units in broken], axis=0) >= ratings)


def _notes_of(broken: list[co.Units], estimate: pd.Series, base: int, width: int) -> np.ndarray:
    if not base:
        return np.full(len(estimate), NOT_TWICE if any(units.size.any() for units in broken) else NOT_RATED)
    return np.where(estimate.isna(), ONE_LEVEL if width < 2 else NO_VARIATION, "").astype(object)


def _pooled(parts: list[co.Parts]) -> co.Parts:
    """Observed and chance agreement over criteria, each weighted by its cells with two ratings."""
    double = sum(part.double for part in parts)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = [np.where(part.double > 0, part.double / double, 0.0)[..., None] for part in parts]

    def mean(values: list[np.ndarray]) -> np.ndarray:
        return sum(
            (np.where(share > 0, value, 0.0) * share for share, value in zip(shares, values, strict=True)),
            start=np.zeros(1),
        )

    return co.Parts(
        mean([part.observed for part in parts]),
        mean([part.inner for part in parts]),
        mean([part.chance for part in parts]),
        np.asarray(double),
    )


def _analytic(
    rows: pd.DataFrame,
    broken: list[co.Units],
    total: list[co.Sums],
    weights: list[np.ndarray],
    pooled: co.Parts,
    level: float,
) -> pd.DataFrame:
    """Return the rows with Gwet's standard error, cells of one portal taken together, and Student's t."""
    from scipy import stats

    with np.errstate(invalid="ignore", divide="ignore"):
        inner = (pooled.inner - pooled.chance) / (1 - pooled.chance)
        added = np.zeros((len(broken[0].size), len(co.NAMES)))
        for units, sums, matrix in zip(broken, total, weights, strict=True):
            if sums.double > 0:
                observed, chance = co.influence(units, sums, matrix)
                change = (observed - (1 - inner) * chance) / (1 - pooled.chance)
                added += change * sums.double / pooled.double
        count = np.full(len(co.NAMES), rows["df"].iloc[0] + 1)
        count[co.ALPHA] = len(_portals_with(broken, 2))
        variance = count / (count - 1) * (added**2).sum(axis=0)
    rows["se"] = np.sqrt(variance)
    half = rows["se"] * stats.t.ppf(0.5 + level / 2, rows["df"])
    return _with_limits(rows, rows["estimate"] - half, rows["estimate"] + half)


def _bootstrapped(
    rows: pd.DataFrame, broken: list[co.Units], values: list[np.ndarray], asked: Asked
) -> pd.DataFrame:
    """Return the rows with the standard deviation and percentiles over draws of portals."""
    rated = _portals_with(broken, 1)
    times = np.zeros((asked.replicates, len(broken[0].size)))
    random = np.random.default_rng(asked.seed)
    times[:, rated] = random.multinomial(
        len(rated), np.full(len(rated), 1 / len(rated)), size=asked.replicates
    )
    parts = []
    for units, at in zip(broken, values, strict=True):
        sums = units.total(times)
        parts.append(co.parts_of(sums, co.weight_matrix(asked.weights, at, sums)))
    found = _pooled(parts).values()
    known = (~np.isnan(found)).sum(axis=0) > 1
    filled = np.where(known, found, 0.0)
    tails = (0.5 - asked.level / 2, 0.5 + asked.level / 2)
    rows["se"] = np.where(known, np.nanstd(filled, axis=0, ddof=1), np.nan)
    low, high = np.where(known, np.nanquantile(filled, tails, axis=0), np.nan)
    return _with_limits(rows.assign(df=np.nan), pd.Series(low), pd.Series(high))


def _with_limits(rows: pd.DataFrame, low: pd.Series, high: pd.Series) -> pd.DataFrame:
    """Limits within what a coefficient can be; none where nobody disagreed, and none without an estimate."""
    known = rows["estimate"].notna()
    still = known & ~(rows["se"] > co.NO_CHANCE)
    rows["se"] = rows["se"].where(known)
    low = low.clip(lower=pd.Series(np.where(rows.index == co.PERCENT, 0.0, -np.inf)))
    rows["ci_low"], rows["ci_high"] = low.where(known & ~still), high.clip(upper=1.0).where(known & ~still)
    rows["note"] = rows["note"].mask(still, NO_DISAGREEMENT)
    return rows


# ---------------------------------------------------------------------------------------------- to settle


def disagreements(audit: Audit, consensus: str = "majority", roll_up: str = "any-page-fails") -> pd.DataFrame:
    """List the portals and criteria on which assessors differ, ties first, then the widest splits.

    Parameters
    ----------
    audit : Audit
    consensus, roll_up : str
        As in :func:`portal_analysis.audit.shares.shares`.

    Returns
    -------
    DataFrame
        ``round, criterion_id, portal_id, verdict, tie, votes``, the number of votes for each opinion,
        ``dissent`` (share of votes against the verdict), and one row for each assessor's vote:
        ``assessor_id, vote, evidence, comment`` of that assessor on that cell. Not ESTIMATES: a list to work
        through.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> found = pa.disagreements(latest)
    >>> columns = ["portal_id", "criterion_id", "assessor_id", "vote", "verdict"]
    >>> print(found[columns].head(2).to_string(index=False))
    portal_id    criterion_id assessor_id    vote verdict
    portal-12 chatbot_present    expert-1 not_met not_met
    portal-12 chatbot_present    expert-2     met not_met
    """
    cast = votes(audit, roll_up)
    cells = _split_cells(cast, consensus)
    names = np.array(VERDICTS, dtype=object)
    ballots = cast.table.merge(cells, on=["pair", "portal"], suffixes=("_vote", ""))
    about = cast.pairs.iloc[ballots["pair"]].reset_index(drop=True)
    listed = pd.DataFrame(
        {
            "round": about["round"].astype(object),
            "criterion_id": about["criterion_id"].astype(object),
            "portal_id": np.array(cast.portals, dtype=object)[ballots["portal"]],
            "verdict": names[ballots["verdict"]],
            "tie": ballots["tie"],
            "votes": ballots["votes"],
            **{name: ballots[name] for name in OPINIONS},
            "dissent": ballots["dissent"],
            "assessor_id": np.array(cast.assessors, dtype=object)[ballots["assessor"]],
            "vote": names[ballots["verdict_vote"]],
        }
    )
    key = ["round", "criterion_id", "portal_id", "assessor_id"]
    listed = listed.merge(_notes(audit, key), on=key, how="left")
    order = ["tie", "dissent", "round", "criterion_id", "portal_id", "assessor_id"]
    return listed.sort_values(order, ascending=[False, False, True, True, True, True], ignore_index=True)


def _split_cells(cast: Votes, consensus: str) -> pd.DataFrame:
    """Return the cells in which there is more than one opinion."""
    tally = tally_votes(cast)
    verdict, tie = decide(tally, consensus)
    opinions = tally[..., [VERDICTS.index(name) for name in OPINIONS]]
    pair, portal = np.nonzero((opinions > 0).sum(axis=-1) > 1)
    counted = opinions[pair, portal]
    cells = pd.DataFrame({"pair": pair, "portal": portal, "verdict": verdict[pair, portal]})
    cells["tie"] = tie[pair, portal]
    cells["votes"] = counted.sum(axis=1)
    cells[list(OPINIONS)] = counted
    with_verdict = tally[pair, portal, np.minimum(cells["verdict"], tally.shape[-1] - 1)]
    cells["dissent"] = 1 - with_verdict / cells["votes"]
    return cells


def _notes(audit: Audit, key: list[str]) -> pd.DataFrame:
    """Evidence and comments of each vote; those of several pages are joined."""
    noted = audit.judgements[[*key, "evidence", "comment"]].astype(object)
    noted = noted[noted["evidence"].notna() | noted["comment"].notna()]
    if not len(noted):
        return noted
    joined = noted.groupby(key, sort=True)[["evidence", "comment"]]
    return joined.agg(_joined).reset_index()


def _joined(cells: pd.Series) -> str | None:
    return "; ".join(dict.fromkeys(cells.dropna())) or None
