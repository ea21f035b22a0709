"""From many judgements to one verdict: pages rolled up to the portal, assessors brought to one voice.

Hands on votes (one a portal, criterion and assessor) and verdicts (one a portal and criterion), by named
rules.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.audit.judgements import AUDITED, OUTCOMES, Audit, AuditError, outcome_of, scale_table

VERDICTS = (*OUTCOMES, "no_record")
"""What is known of a portal on a criterion: an outcome, or ``no_record`` where nobody left a judgement."""

ROLL_UPS = ("any-page-fails", "worst", "share-of-pages", "home-only")
"""How the pages of a portal become one vote of an assessor.

* ``any-page-fails``: the worst page; a page that could not be decided (``cant_tell``) keeps the portal from
  being ``met``. This is how WCAG-EM reports a whole site.
* ``worst``: the worst page among those that were decided.
* ``share-of-pages``: ``met`` if every audited page is, ``not_met`` if none is at all, ``partly`` between;
  the share of pages that are ``met`` is kept beside.
* ``home-only``: only pages whose ``role`` is ``home`` (and judgements of the portal as a whole).

A judgement of the portal as a whole, as WCAG-EM files hold beside those of pages, is one more voice for the worst of
them, but no page: it enters a share of pages only where no page was audited.
"""

RULES = ("majority", "median", "unanimous", "any-fails")
"""How the votes of several assessors become one verdict.

Votes are ``not_met``, ``partly``, ``met`` and ``not_applicable``; the rest abstain.

* ``majority``: the portal is audited if at least half of the votes are not ``not_applicable``; then the
  outcome with most votes; a tie goes to the worse outcome and is listed as a tie.
* ``median``: audited as under ``majority``; then the middle vote, the worse of the two middle ones if they differ.
* ``unanimous``: the common vote, or ``cant_tell`` if there is none.
* ``any-fails``: the worst vote.
"""

NOT_MET, PARTLY, MET, CANT_TELL, NOT_APPLICABLE, NOT_TESTED, ERROR, NO_RECORD = range(len(VERDICTS))

_PAGE_ORDER = {
    "any-page-fails": (NOT_MET, PARTLY, CANT_TELL, MET, ERROR, NOT_APPLICABLE, NOT_TESTED),
    "worst": (NOT_MET, PARTLY, MET, CANT_TELL, ERROR, NOT_APPLICABLE, NOT_TESTED),
}
_ABSTAINED = (CANT_TELL, ERROR, NOT_TESTED)


@dataclass(frozen=True, eq=False)
class Votes:
    """One vote a portal, criterion, round and assessor, with what the numbers in it stand for.

    ``table`` has the integer columns ``pair`` (row of ``pairs``), ``portal`` and ``assessor`` (places in the
    lists), ``verdict`` (place in :data:`VERDICTS`), ``share_met`` (share of audited pages that are met) and
    ``pages`` (audited pages or judgements of the whole portal).
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    portals: list[str]
    assessors: list[str]

    def of(self, assessors: Collection[str]) -> Votes:
        """Return the votes of some assessors, on the criteria that at least one of them judged somewhere."""
        places = [place for place, name in enumerate(self.assessors) if name in assessors]
        table = self.table[self.table["assessor"].isin(places)]
        kept = np.sort(table["pair"].unique())
        renumbered = np.full(len(self.pairs), -1)
        renumbered[kept] = np.arange(len(kept))
        pairs = self.pairs.iloc[kept].reset_index(drop=True)
        return replace(self, table=table.assign(pair=renumbered[table["pair"]]), pairs=pairs)


def expected_criteria(audit: Audit) -> pd.DataFrame:
    """Return the criteria expected in each round: ``round, criterion_id`` and what else ``criteria`` says.

    A criterion without a round is expected in the rounds in which somebody judged it, or in all if nobody
    did. An audit without a table of criteria expects what was judged; one without judgements and rounds is refused.
    """
    judged = audit.judgements[["round", "criterion_id"]].drop_duplicates().astype(object)
    if not len(judged) and not audit.criteria["round"].notna().any():
        raise AuditError("the audit has no judgements, and no criterion names the round it belongs to")
    if not len(audit.criteria):
        return judged.sort_values(["round", "criterion_id"]).reset_index(drop=True)
    criteria = audit.criteria.astype({"criterion_id": object, "round": object})
    criteria = criteria.assign(place=range(len(criteria)))
    dated = criteria[criteria["round"].notna()]
    undated = criteria[criteria["round"].isna()].drop(columns="round")
    own = set(zip(dated["criterion_id"], dated["round"], strict=True))
    keys = zip(judged["criterion_id"], judged["round"], strict=True)
    judged = judged[np.array([key not in own for key in keys], dtype=bool)]
    found = undated.merge(judged, on="criterion_id")
    never = undated[~undated["criterion_id"].isin(found["criterion_id"])]
    never = never.merge(pd.DataFrame({"round": audit.rounds()}, dtype=object), how="cross")
    parts = [part for part in (dated, found, never) if len(part)]
    expected = pd.concat(parts, ignore_index=True).sort_values(["round", "place"], kind="stable")
    first = ["round", "criterion_id"]
    others = [name for name in audit.criteria.columns if name not in first]
    return expected[first + others].reset_index(drop=True)


def votes(audit: Audit, roll_up: str = "any-page-fails", at_least: str | None = None) -> Votes:
    """Roll the pages up: one vote a portal, criterion, round and assessor.

    Parameters
    ----------
    audit : Audit
    roll_up : str
        One of :data:`ROLL_UPS`.
    at_least : str, optional
        A level. Ratings of criteria on which it does not fall between two outcomes are first turned into
        ``met`` (at it or above) and ``not_met``.

    Raises
    ------
    AuditError
        If the rule is unknown, or ``home-only`` is asked for and no page has the role ``home``.
    """
    _one_of("roll_up", roll_up, ROLL_UPS)
    pairs = expected_criteria(audit)
    portals, assessors = audit.portal_ids(), _names(audit.judgements["assessor_id"])
    judgements = _recoded(rolled_judgements(audit, roll_up), audit, at_least)
    pair, portal, assessor = judgement_places(judgements, pairs, portals, assessors)
    outcome = judgements["outcome"].cat.codes.to_numpy().astype(np.int64)
    known = (pair >= 0) & (portal >= 0) & (outcome >= 0)
    key = (pair[known] * len(portals) + portal[known]) * max(len(assessors), 1) + assessor[known]
    place, keys = pd.factorize(key, sort=True)
    width = len(OUTCOMES)
    cell = place * width + outcome[known]
    tally = np.bincount(cell, minlength=len(keys) * width).reshape(-1, width)
    of_page = judgements["page_id"].notna().to_numpy()[known]
    pages = _pages_first(tally, np.bincount(cell[of_page], minlength=len(keys) * width).reshape(-1, width))
    table = _unpacked(np.asarray(keys), len(portals), max(len(assessors), 1))
    table["verdict"] = _rolled(pages if roll_up == "share-of-pages" else tally, roll_up)
    audited = pages[:, : len(AUDITED)].sum(axis=1)
    with np.errstate(invalid="ignore"):
        table["share_met"] = pages[:, MET] / audited
    table["pages"] = audited
    return Votes(table, pairs, portals, assessors)


def rolled_judgements(audit: Audit, roll_up: str) -> pd.DataFrame:
    """Return the judgements that a roll-up looks at: all, or those of the home page."""
    _one_of("roll_up", roll_up, ROLL_UPS)
    return _home_only(audit) if roll_up == "home-only" else audit.judgements


def judgement_places(
    judgements: pd.DataFrame, pairs: pd.DataFrame, portals: list[str], assessors: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the place of each judgement among the pairs, portals and assessors, -1 where it has none."""
    return (
        _pair_codes(judgements, pairs),
        _codes(judgements["portal_id"], portals),
        _codes(judgements["assessor_id"], assessors),
    )


def verdicts(audit: Audit, consensus: str = "majority", roll_up: str = "any-page-fails") -> pd.DataFrame:
    """Return one verdict a round, criterion and portal, with the votes behind it.

    Parameters
    ----------
    audit : Audit
    consensus : str
        One of :data:`RULES`.
    roll_up : str
        One of :data:`ROLL_UPS`.

    Returns
    -------
    DataFrame
        ``round, criterion_id, portal_id, verdict`` (of :data:`VERDICTS`), ``tie``, ``votes``, the number of
        votes for each outcome, and ``share_met`` (mean over assessors of the share of pages met). Every
        expected criterion × portal has a row; where nobody judged, the verdict is ``no_record``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> found = pa.verdicts(latest)
    >>> print(found[["portal_id", "criterion_id", "verdict", "votes"]].head(2).to_string(index=False))
    portal_id      criterion_id verdict  votes
    portal-01 disability_access not_met      5
    portal-02 disability_access not_met      5
    """
    cast = votes(audit, roll_up)
    tally = tally_votes(cast)
    verdict, tie = decide(tally, consensus)
    table = cast.pairs[["round", "criterion_id"]].loc[np.repeat(cast.pairs.index, len(cast.portals))]
    table = table.reset_index(drop=True)
    table["portal_id"] = np.tile(np.array(cast.portals, dtype=object), len(cast.pairs))
    table["verdict"] = pd.Categorical.from_codes(verdict.ravel(), dtype=pd.CategoricalDtype(list(VERDICTS)))
    table["tie"] = tie.ravel()
    table["votes"] = tally[..., [NOT_MET, PARTLY, MET, NOT_APPLICABLE]].sum(axis=-1).ravel()
    for place, name in enumerate(OUTCOMES):
        table[name] = tally[..., place].ravel()
    table["share_met"] = mean_share(cast).ravel()
    return table


def tally_votes(cast: Votes) -> np.ndarray:
    """Return the number of votes, shape (pairs, portals, outcomes)."""
    shape = (len(cast.pairs), len(cast.portals), len(OUTCOMES))
    table = cast.table
    flat = (table["pair"] * shape[1] + table["portal"]).to_numpy() * shape[2] + table["verdict"].to_numpy()
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)


def mean_share(cast: Votes) -> np.ndarray:
    """Return the share of pages met, averaged over assessors, shape (pairs, portals); NaN where none."""
    shape = (len(cast.pairs), len(cast.portals))
    table = cast.table[cast.table["pages"] > 0]
    flat = (table["pair"] * shape[1] + table["portal"]).to_numpy()
    size = shape[0] * shape[1]
    total = np.bincount(flat, weights=table["share_met"].to_numpy(), minlength=size)
    with np.errstate(invalid="ignore"):
        return (total / np.bincount(flat, minlength=size)).reshape(shape)


def decide(tally: np.ndarray, rule: str = "majority") -> tuple[np.ndarray, np.ndarray]:
    """Turn votes into verdicts by a named rule.

    Parameters
    ----------
    tally : ndarray
        Votes for each of :data:`OUTCOMES` along the last axis; any leading shape.
    rule : str
        One of :data:`RULES`.

    Returns
    -------
    verdict : ndarray of int8
        Places in :data:`VERDICTS`, of the leading shape.
    tie : ndarray of bool
        Whether a tie had to be settled.
    """
    _one_of("consensus", rule, RULES)
    audited = tally[..., : len(AUDITED)]
    n_audited = audited.sum(axis=-1)
    n_not_applicable = tally[..., NOT_APPLICABLE]
    none = n_audited + n_not_applicable == 0
    tie = np.zeros(none.shape, dtype=bool)
    if rule in ("majority", "median"):
        chosen, tie = _most_or_middle(audited, rule)
        tie = np.where(n_audited < n_not_applicable, False, tie) | ((n_audited == n_not_applicable) & ~none)
        verdict = np.where(n_audited >= n_not_applicable, chosen, NOT_APPLICABLE)
    else:
        worst = (audited > 0).argmax(axis=-1)
        verdict = np.where(n_audited > 0, worst, NOT_APPLICABLE)
        if rule == "unanimous":
            opinions = (audited > 0).sum(axis=-1) + (n_not_applicable > 0)
            verdict = np.where(opinions > 1, CANT_TELL, verdict)
    abstained = np.full(none.shape, NO_RECORD)
    for place in reversed(_ABSTAINED):
        abstained = np.where(tally[..., place] > 0, place, abstained)
    return np.where(none, abstained, verdict).astype(np.int8), tie


def _most_or_middle(audited: np.ndarray, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the most frequent or the middle of the audited outcomes, and whether two had an equal claim."""
    if rule == "majority":
        # argmax takes the first of equals, and the worst outcome stands first.
        most = audited.max(axis=-1)
        return audited.argmax(axis=-1), ((audited == most[..., None]).sum(axis=-1) > 1) & (most > 0)
    twice = 2 * audited.cumsum(axis=-1)
    total = audited.sum(axis=-1, keepdims=True)
    lower, upper = (twice >= np.maximum(total, 1)).argmax(axis=-1), (twice > total).argmax(axis=-1)
    return lower, (lower != upper) & (total[..., 0] > 0)


def reaching(audit: Audit, pairs: pd.DataFrame, at_least: str) -> np.ndarray:
    """Return which verdicts count as reaching a level, shape (pairs, verdicts); no True where it is no level.

    ``good`` and ``met`` stand for ``met``, ``partly`` for ``partly`` or ``met``; any other word is a level
    of the criteria that have it.

    Raises
    ------
    AuditError
        If no criterion has the level.
    """
    accepted = np.zeros((len(pairs), len(VERDICTS)), dtype=bool)
    words = {"good": (MET,), "met": (MET,), "partly": (PARTLY, MET)}
    scales = scale_table(audit.criteria)
    has_level = _with_level(pairs, scales, at_least)
    for place, has in enumerate(has_level):
        levels, good_from = _scale(pairs, place, scales)
        if has:
            split = _split_by_level(at_least, levels, good_from)
            accepted[place, list(split if split is not None else (MET,))] = True
        elif at_least in words:
            accepted[place, list(words[at_least])] = True
    if not accepted.any() and len(pairs):
        known = sorted({level for levels, _ in scales.values() for level in levels})
        raise AuditError(f"no criterion has the level {at_least!r}; levels are {['good', 'partly', *known]}")
    return accepted


# ---------------------------------------------------------------------------------------------- parts


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise AuditError(f"{name} is {value!r}; it can be {', '.join(allowed)}")


def _names(column: pd.Series) -> list[str]:
    return sorted(column.astype(object).dropna().unique())


def _codes(column: pd.Series, names: list[str]) -> np.ndarray:
    """Place of each cell in ``names``, -1 if it is not there; looked up once per category."""
    place = {name: position for position, name in enumerate(names)}
    lookup = np.array([place.get(name, -1) for name in column.cat.categories] + [-1], dtype=np.int64)
    return lookup[column.cat.codes.to_numpy()]


def _pair_codes(judgements: pd.DataFrame, pairs: pd.DataFrame) -> np.ndarray:
    criteria, rounds = _names(judgements["criterion_id"]), _names(judgements["round"])
    lookup = np.full((len(criteria) + 1, len(rounds) + 1), -1, dtype=np.int64)
    row = {name: place for place, name in enumerate(criteria)}
    column = {name: place for place, name in enumerate(rounds)}
    for place, (when, name) in enumerate(zip(pairs["round"], pairs["criterion_id"], strict=True)):
        if name in row and when in column:
            lookup[row[name], column[when]] = place
    return lookup[_codes(judgements["criterion_id"], criteria), _codes(judgements["round"], rounds)]


def _home_only(audit: Audit) -> pd.DataFrame:
    home = audit.pages.loc[audit.pages["role"].astype(object) == "home", "page_id"].astype(object)
    page = audit.judgements["page_id"]
    if page.notna().any() and not len(home):
        roles = _names(audit.pages["role"])
        raise AuditError(
            f"roll_up 'home-only' needs pages with the role 'home'; the pages have roles {roles}"
        )
    return audit.judgements[page.isna() | page.isin(set(home))]


def _unpacked(keys: np.ndarray, n_portals: int, n_assessors: int) -> pd.DataFrame:
    cell, assessor = np.divmod(keys.astype(np.int64), n_assessors)
    pair, portal = np.divmod(cell, max(n_portals, 1))
    return pd.DataFrame({"pair": pair, "portal": portal, "assessor": assessor})


def _pages_first(tally: np.ndarray, of_pages: np.ndarray) -> np.ndarray:
    """Return the outcomes of the pages, and of the portal as a whole only where no page was audited."""
    audited = of_pages[:, : len(AUDITED)].sum(axis=1) > 0
    return np.where(audited[:, None], of_pages, tally)


def _rolled(tally: np.ndarray, roll_up: str) -> np.ndarray:
    """One outcome a vote from the counts of its pages' outcomes."""
    order = _PAGE_ORDER["any-page-fails" if roll_up == "any-page-fails" else "worst"]
    first = (tally[:, list(order)] > 0).argmax(axis=1)
    verdict = np.array(order, dtype=np.int8)[first]
    if roll_up == "share-of-pages":
        audited = tally[:, : len(AUDITED)].sum(axis=1)
        mixed = (audited > 0) & (tally[:, MET] < audited) & (tally[:, NOT_MET] < audited)
        verdict = np.where(mixed, PARTLY, verdict)
    return verdict.astype(np.int8)


def _scale(pairs: pd.DataFrame, place: int, scales: dict[Any, Any]) -> tuple[list[str], str | None]:
    when, name = pairs["round"].iloc[place], pairs["criterion_id"].iloc[place]
    return scales.get((name, when), scales.get((name, None), ([], None)))


def _with_level(pairs: pd.DataFrame, scales: dict[Any, Any], level: str) -> list[bool]:
    return [level in _scale(pairs, place, scales)[0] for place in range(len(pairs))]


def _split_by_level(level: str, levels: list[str], good_from: str | None) -> tuple[int, ...] | None:
    """Return the outcomes that lie at ``level`` or above, or None if the level splits an outcome in two."""
    place = levels.index(level)
    below = {outcome_of(word, levels, good_from) for word in levels[:place]}
    above = {outcome_of(word, levels, good_from) for word in levels[place:]}
    return None if below & above else tuple(sorted(OUTCOMES.index(str(word)) for word in above))


def _recoded(judgements: pd.DataFrame, audit: Audit, at_least: str | None) -> pd.DataFrame:
    """Where a level splits an outcome, ratings become ``met`` (at it or above) and ``not_met`` at once."""
    if at_least is None:
        return judgements
    pieces = []
    scales = scale_table(audit.criteria)
    for (name, when), (levels, good_from) in scales.items():
        if at_least in levels and _split_by_level(at_least, levels, good_from) is None:
            pieces.append((name, when, levels[levels.index(at_least) :]))
    if not pieces:
        return judgements
    outcome = judgements["outcome"].astype(object)
    recoded = outcome.copy()
    for name, when, enough in pieces:
        rows = (judgements["criterion_id"] == name) & outcome.isin(AUDITED)
        rows &= (judgements["round"] == when) if when is not None else True
        recoded = recoded.mask(rows, "not_met").mask(rows & judgements["rating"].isin(enough), "met")
        # Without a rating nobody knows on which side of the level the judgement lies.
        recoded = recoded.mask(rows & judgements["rating"].isna(), "cant_tell")
    return judgements.assign(outcome=pd.Categorical(recoded, categories=list(OUTCOMES), ordered=True))
