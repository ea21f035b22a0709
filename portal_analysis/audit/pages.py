"""What an audit misses because it looked at few pages: failing criteria seen, and those estimated to be unseen.

Takes an audit whose judgements name pages; hands on ESTIMATES. The arithmetic stands in
:mod:`~portal_analysis.audit.unseen`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.audit.intervals import check_level
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.shares import finish
from portal_analysis.audit.sites import Site, sites
from portal_analysis.audit.unseen import GOALS, discovery_curve, estimate_unseen, share_limits

INSUFFICIENT = "insufficient"
"""One page says nothing about the others."""

NONE_SEEN = "none-seen"
NONE_TWICE = "none-seen-twice"
TAKEN_FOR_RANDOM = "taken-for-random"
"""No page has the role ``random``: all are taken for a random sample of the portal's pages."""


def pages(
    audit: Audit,
    of: int | str | Mapping[str, float] | pd.Series | None = None,
    at_least: str = "good",
    consensus: str = "majority",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate, for each portal, how many criteria fail somewhere, those on pages not looked at included.

    More pages looked at find more failures; this puts portals of which few pages were seen beside those of
    which many were.

    Parameters
    ----------
    audit : Audit
        With judgements of pages.
    of : int, str, mapping or Series, optional
        How many pages a portal has: a number, a column of ``portals``, numbers by portal, or ``"listed"`` if the
        table ``pages`` lists every page of the portals. Unknown and many, if not given.
    at_least : {"good", "partly"}
        The level that a page has to reach; below it the criterion fails there.
    consensus : str
        How several assessors become one verdict on a page.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``failing criteria``, domains ``round`` and ``portal_id``: ``estimate`` =
        ``seen`` + ``unseen``; ``n`` pages looked at. The error that the interval stands for is ``pages``. Extras:
        ``unit``; ``base``, criteria judged; ``seen, unseen, once, twice``; ``of_pages`` (missing where unknown);
        ``coverage``, the estimated share of all failures on pages that belongs to criteria seen to fail; ``need_80``,
        ``need_90``, ``need_95``, further pages until that share of the estimated failing criteria is seen;
        ``structured`` and ``random`` pages; ``method``; ``note``, a code. With one page there is no estimate and the
        note is ``insufficient``; a portal without judged pages is ``not measured``.

    Raises
    ------
    AuditError
        If no judgement names a page, an argument is unknown, or a portal has fewer pages than were looked at.

    Notes
    -----
    Pages whose role is ``random`` are the sample, all others are known: criteria that fail on structured pages are
    seen, and what is unseen is estimated from the random pages over the criteria that do not fail on the structured
    ones. Without such roles all pages are taken for random, and a structured sample, which seeks out failures, then
    makes the unseen look fewer; the note says ``taken-for-random``.

    The estimate is a lower bound in expectation (A. Chao & C.-W. Lin, *Biometrics* 68 (2012) 912–921; formulas in
    :mod:`portal_analysis.audit.unseen`). It and its interval are at most the number of criteria judged on the portal.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> fails = {"k": "110", "l": "100", "m": "000"}
    >>> judged = pd.DataFrame([(c, f"page{i}", "not_met" if one == "1" else "met")
    ...                        for c, row in fails.items() for i, one in enumerate(row)],
    ...                       columns=["criterion_id", "page_id", "outcome"])
    >>> table = pa.pages(pa.Audit(judged.assign(portal_id="a", assessor_id="x", round="1")), of=12)
    >>> table[["seen", "unseen", "of_pages"]].round(2).values.tolist()
    [[2.0, 0.3, 12.0]]
    """
    check_level(level)
    parts = [_site_row(site, level) for site in sites(audit, of, at_least, consensus)]
    return finish(audit, pd.DataFrame(parts), ["round", "portal_id"])


def page_shares(
    audit: Audit,
    of: int | str | Mapping[str, float] | pd.Series | None = None,
    at_least: str = "good",
    consensus: str = "majority",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate, for each portal and criterion, the share of its pages on which the criterion fails.

    A criterion that fails on one page of fifty and one that fails on all are the same in a table of portals,
    and not to users.

    Parameters
    ----------
    audit, of, at_least, consensus, level
        As in :func:`pages`.

    Returns
    -------
    DataFrame
        ESTIMATES with the criterion as indicator, domains ``round`` and ``portal_id``; ``n`` = ``base`` pages on
        which the criterion was judged, ``count`` those on which it fails. Exact intervals for the error ``pages``;
        with one random page of several there is none, and ``note`` is ``insufficient``.

    Notes
    -----
    Structured pages are known; the random ones are a simple random sample of the rest. With T pages, s of them
    structured and judged with k failures, and x of t random ones failing: ``(k + (T − s) x / t) / T``, and the
    limits of :func:`portal_analysis.audit.unseen.share_limits` for the rest. Pages on which a criterion does not
    apply are no pages of it; the number of pages it applies to is taken in proportion.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> luxembourg = pa.load_audit("audits-luxembourg")
    >>> found = pa.page_shares(luxembourg)
    >>> print(found[["portal_id", "indicator", "count", "base"]].head(2).to_string(index=False))
               portal_id indicator  count  base
    digital-learning-hub       1.1      0     2
    digital-learning-hub       1.2      4    12
    """
    check_level(level)
    parts = [_share_rows(site, level) for site in sites(audit, of, at_least, consensus) if site.audited.any()]
    if not parts:
        raise AuditError("no criterion was judged on any page")
    return finish(audit, pd.concat(parts, ignore_index=True), ["round", "portal_id"])


def discovery(audit: Audit, at_least: str = "good", consensus: str = "majority") -> pd.DataFrame:
    """Compute how many of the failing criteria seen would have been seen on fewer pages, drawn at random.

    Parameters
    ----------
    audit, at_least, consensus
        As in :func:`pages`.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``failing criteria seen``, domains ``round, portal_id, pages``: the mean over all
        choices of so many pages; ``sd`` over these choices; ``share`` of those seen on all pages. An exact count, no
        sample: there is no interval.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> curve = pa.discovery(pa.load_audit("audits-luxembourg"))
    >>> print(curve[["portal_id", "pages", "estimate"]].head(3).round(2).to_string(index=False))
               portal_id  pages  estimate
    digital-learning-hub      1      9.17
    digital-learning-hub      2     15.44
    digital-learning-hub      3     20.03
    """
    parts = []
    for site in sites(audit, None, at_least, consensus):
        if site.fails.shape[1]:
            mean, sd = discovery_curve(site.fails)
            seen = max(int(site.fails.any(axis=1).sum()), 1)
            rows = pd.DataFrame(
                {"pages": range(1, len(mean) + 1), "estimate": mean, "sd": sd, "share": mean / seen}
            )
            rows["n"] = rows["base"] = len(mean)
            parts.append(rows.assign(round=site.when, portal_id=site.portal))
    if not parts:
        raise AuditError("no page was looked at")
    table = pd.concat(parts, ignore_index=True).assign(
        indicator="failing criteria seen", unit="count", measure="count"
    )
    return finish(audit, table, ["round", "portal_id", "pages"])


# ---------------------------------------------------------------------------------------------- rows


def _site_row(site: Site, level: float) -> dict[str, Any]:
    judged = int(site.audited.any(axis=1).sum())
    known = site.fails[:, site.structured].any(axis=1)
    drawn = site.fails[~known][:, ~site.structured]
    found = estimate_unseen(drawn, site.random_total(), level)
    seen = int(known.sum()) + found.seen
    looked = site.fails.shape[1] > 0
    whole = float(np.clip(seen + found.unseen, None, max(judged, seen))) if looked else np.nan
    row = {
        "indicator": "failing criteria",
        "round": site.when,
        "portal_id": site.portal,
        "estimate": whole,
        "se": found.se,
        "ci_low": np.clip(known.sum() + found.low, None, whole),
        "ci_high": np.clip(known.sum() + found.high, None, max(judged, seen)),
        "n": site.fails.shape[1],
        "base": judged,
        "unit": "count",
        "measure": "count",
        "seen": seen,
        "unseen": whole - seen,
        "once": found.once,
        "twice": found.twice,
        "of_pages": site.total if np.isfinite(site.total) else np.nan,
        "coverage": found.coverage,
        "structured": int(site.structured.sum()),
        "random": int((~site.structured).sum()),
        "method": "chao-lin" if np.isfinite(site.total) else "chao2",
        "interval": "pages",
        "level": level,
        "note": _note(site, found.unseen, seen, found.once, found.twice),
    }
    return row | {f"need_{goal * 100:.0f}": found.more_pages(goal, int(known.sum())) for goal in GOALS}


def _note(site: Site, unseen: float, seen: int, once: int, twice: int) -> str:
    if not site.fails.shape[1]:
        return ""
    if np.isnan(unseen):
        return INSUFFICIENT
    if site.fails.shape[1] == site.total:
        return ""
    if not seen:
        return NONE_SEEN
    if once and not twice:
        return NONE_TWICE
    return "" if site.structured.any() else TAKEN_FOR_RANDOM


def _share_rows(site: Site, level: float) -> pd.DataFrame:
    chosen, drawn = site.audited & site.structured, site.audited & ~site.structured
    s, t = chosen.sum(axis=1), drawn.sum(axis=1)
    k, x = (site.fails & chosen).sum(axis=1), (site.fails & drawn).sum(axis=1)
    looked = max(int((~site.structured).sum()), 1)
    # a criterion that applies to t of the random pages looked at applies to that share of the rest
    finite = np.isfinite(site.total)
    rest = np.rint(site.random_total() * t / looked) if finite else np.full(np.shape(t), np.inf)
    rest = np.maximum(rest, t)
    rows = []
    for row in np.flatnonzero(s + t > 0):
        low, high = _of_rest(x[row], t[row], rest[row], level)
        share = x[row] / t[row] if t[row] else np.nan
        whole = s[row] + rest[row]
        weight = rest[row] / whole if np.isfinite(whole) else 1.0
        own = (1 - weight) * (k[row] / s[row] if s[row] else 0.0)
        if rest[row] == 0:
            share = low = high = 0.0
        rows.append([own + weight * one for one in (share, low, high)])
    table = pd.DataFrame(rows, columns=["estimate", "ci_low", "ci_high"])
    here = s + t > 0
    table["indicator"], table["round"], table["portal_id"] = site.criteria[here], site.when, site.portal
    table["n"] = table["base"] = (s + t)[here]
    table["count"] = (k + x)[here]
    table["note"] = np.where((t < 2) & (t < rest), INSUFFICIENT, "")[here]
    return table.assign(unit="proportion", measure="proportion", interval="pages", level=level)


def _of_rest(failing: int, pages: int, rest: float, level: float) -> tuple[float, float]:
    if pages == rest:
        return (failing / pages, failing / pages) if pages else (0.0, 0.0)
    if pages < 2:
        return np.nan, np.nan
    low, high = share_limits(np.array([failing]), pages, rest, level)
    return float(low[0]), float(high[0])
