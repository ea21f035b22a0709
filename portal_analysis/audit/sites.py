"""The pages of each portal: which were looked at, how many there are, and which criteria fail on which.

Takes an audit whose judgements name pages; hands on one small table of failures a portal and round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number
from portal_analysis.audit.consensus import (
    CANT_TELL,
    NOT_APPLICABLE,
    NOT_MET,
    PARTLY,
    decide,
    expected_criteria,
    judgement_places,
)
from portal_analysis.audit.judgements import AUDITED, OUTCOMES, Audit, AuditError
from portal_analysis.audit.unseen import estimate_unseen

FAILING = {"good": (NOT_MET, PARTLY), "partly": (NOT_MET,)}
"""Which outcomes of a page fail, by the level that it should reach."""

MOST_PAGES = 100_000_000
"""So many pages a portal can have: more are reckoned with in no memory."""

RANDOM = "random"
"""The role of pages that were drawn at random, as WCAG-EM has it; all other roles are structured."""


@dataclass(frozen=True, eq=False)
class Site:
    """The pages of one portal in one round: which criteria fail on which."""

    when: str
    portal: str
    criteria: np.ndarray
    page: np.ndarray
    fails: np.ndarray
    audited: np.ndarray
    structured: np.ndarray
    total: float

    def random_total(self) -> float:
        """Return how many pages there are beyond the structured ones."""
        return self.total - self.structured.sum()


def sites(audit: Audit, of: Any, at_least: str, consensus: str) -> Iterator[Site]:
    """Yield the pages of each portal in each round in which pages were judged."""
    if at_least not in FAILING:
        raise AuditError(f"at_least is {at_least!r}; for pages it can be {', '.join(FAILING)}")
    paged = audit.judgements[audit.judgements["page_id"].notna()]
    if not len(paged):
        raise AuditError("no judgement names a page; what pages leave unseen cannot be estimated")
    pairs = expected_criteria(audit)
    portals = audit.portal_ids()
    total = _totals(audit, portals, of)
    roles = _structured_pages(audit)
    pair, portal, _ = judgement_places(paged, pairs, portals, [])
    page = paged["page_id"].astype(object).to_numpy()
    outcome = paged["outcome"].cat.codes.to_numpy()
    when = pairs["round"].to_numpy(dtype=object)
    for round_ in dict.fromkeys(when[np.unique(pair[pair >= 0])]):
        of_round = np.flatnonzero(when == round_)
        row_of = np.full(len(pairs) + 1, -1)
        row_of[of_round] = np.arange(len(of_round))
        rows = row_of[pair]
        for place, name in enumerate(portals):
            here = (rows >= 0) & (portal == place)
            names, column = np.unique(page[here].astype(str), return_inverse=True)
            verdict = _page_verdicts(
                rows[here], column, outcome[here], (len(of_round), len(names)), consensus
            )
            looked = np.isin(verdict, [*range(len(AUDITED)), NOT_APPLICABLE, CANT_TELL]).any(axis=0)
            yield Site(
                round_,
                name,
                pairs["criterion_id"].to_numpy(dtype=object)[of_round],
                names[looked],
                np.isin(verdict, FAILING[at_least])[:, looked],
                (verdict < len(AUDITED))[:, looked],
                np.array([(name, one) in roles for one in names[looked]], dtype=bool),
                _total_of(name, total[name], int(looked.sum())),
            )


def _page_verdicts(
    row: np.ndarray, column: np.ndarray, outcome: np.ndarray, shape: tuple[int, int], consensus: str
) -> np.ndarray:
    flat = (row * shape[1] + column) * len(OUTCOMES) + outcome
    tally = np.bincount(flat, minlength=shape[0] * shape[1] * len(OUTCOMES))
    return decide(tally.reshape(*shape, len(OUTCOMES)), consensus)[0]


def _structured_pages(audit: Audit) -> set[tuple[str, str]]:
    """Pages that were not drawn at random, where roles tell: none if no page has the role ``random``."""
    role = audit.pages["role"].astype(object)
    known = audit.pages[["portal_id", "page_id"]].astype(object)
    drawn = set(known.loc[role == RANDOM, "portal_id"])
    chosen = known[(role != RANDOM) & known["portal_id"].isin(drawn)]
    return set(chosen.itertuples(index=False, name=None))


def _totals(audit: Audit, portals: list[str], of: Any) -> dict[str, float]:
    """How many pages each portal has, infinite where it is unknown."""
    if of is None:
        return dict.fromkeys(portals, np.inf)
    if isinstance(of, str) and of == "listed":
        listed = audit.pages["portal_id"].astype(object).value_counts()
        of = {name: int(listed.get(name, 0)) for name in portals}
    elif isinstance(of, str):
        if of not in audit.portals:
            raise AuditError(
                f"of is {of!r}; it can be 'listed' or a column of portals: {list(audit.portals)}"
            )
        of = dict(
            zip(audit.portals["portal_id"].astype(object), pd.to_numeric(audit.portals[of]), strict=True)
        )
    elif not isinstance(of, Mapping | pd.Series):
        of = dict.fromkeys(portals, of)
    found = {name: of.get(name, np.nan) for name in portals}
    known = {
        name: value for name, value in found.items() if not (pd.api.types.is_scalar(value) and pd.isna(value))
    }
    bad = [name for name, value in known.items() if not _is_many(value)]
    if bad:
        told = {name: known[name] for name in bad[:5]}
        raise AuditError(f"of holds no numbers of pages, which are whole and at most {MOST_PAGES:,}: {told}")
    return {name: float(known.get(name, np.inf)) for name in found}


def _is_many(value: Any) -> bool:
    return is_number(value) and 0 <= value <= MOST_PAGES and not value % 1


def _total_of(name: str, total: float, looked: int) -> float:
    if total < looked:
        raise AuditError(f"portal {name!r} has {total:.0f} pages by 'of', but {looked} were looked at")
    return total


def unseen_chance(
    audit: Audit, pairs: pd.DataFrame, asked_at: str, consensus: str, of: Any, level: float | None
) -> np.ndarray:
    """Return how probable it is that a criterion which passed on all pages fails on another, (pairs, portals).

    The upper limit at ``level`` of a portal's unseen failing criteria (their estimate if that is None), shared out
    among the criteria that passed on all its pages. 0 where a criterion was not judged on pages or all pages were
    looked at; NaN where one page says nothing about the others.
    """
    portals = audit.portal_ids()
    chance = np.zeros((len(pairs), len(portals)))
    place = {key: row for row, key in enumerate(zip(pairs["round"], pairs["criterion_id"], strict=True))}
    for site in sites(audit, of, asked_at, consensus):
        known = site.fails[:, site.structured].any(axis=1)
        found = estimate_unseen(site.fails[~known][:, ~site.structured], site.random_total(), level or 0.95)
        beyond = found.unseen if level is None else found.high - found.seen
        passed = site.audited.any(axis=1) & ~site.fails.any(axis=1)
        rows = [place[(site.when, name)] for name in site.criteria[passed]]
        chance[rows, portals.index(site.portal)] = min(beyond / max(len(rows), 1), 1.0)
    return chance
