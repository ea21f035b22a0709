"""Users' comments coded by people: how many speak of each shortcoming, and how far coders and keywords can be trusted.

Hands on ESTIMATES, and the texts with personal data masked; no other table of this package shows a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from portal_analysis import datasets, tables
from portal_analysis.audit import coefficients as co
from portal_analysis.audit import intervals
from portal_analysis.audit.ballots import NO_RATING
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.masking import mask as mask
from portal_analysis.audit.shares import finish
from portal_analysis.letters import folded

WORD_LISTS = "portal-review-simulated"
"""The dataset that holds the list ``keywords``; the list itself is not simulated."""

CONSENSUS = ("majority", "any", "unanimous")
PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}


def feedback_shares(
    audit: Audit, period: str | None = None, consensus: str = "majority", level: float = 0.95
) -> pd.DataFrame:
    """Estimate the share of feedback items that speak of each shortcoming.

    Parameters
    ----------
    audit : Audit
    period : {None, "month", "quarter", "year"}
        Split by the date of the item.
    consensus : {"majority", "any", "unanimous"}
        An item has a code if at least half of the people who coded it gave it (a tie counts: the worse
        reading), if anybody did, or if everybody did.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``feedback`` and the domains ``period`` (if asked for) and
        ``shortcoming``. ``count`` items of ``base`` that somebody coded; an item may have several codes, so
        shares do not add up to 1. The interval stands for the error ``items``: Wilson, with the item as the
        unit however many people coded it. Extras: ``ties``, ``coders``.

    Notes
    -----
    The interval treats the items as a simple random sample of all that users had to say. They are what somebody
    chose to post, so it shows how little a number of items can tell, not how far posters differ from users.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("portal-review-simulated")
    >>> found = pa.feedback_shares(audit)
    >>> print(found[["shortcoming", "count", "base"]].to_string(index=False))
    shortcoming  count  base
             S1   68.0   200
             S2   31.0   200
             S3   30.0   200
             S4   29.0   200
             S5   47.0   200
    """
    items = _coded_items(audit, consensus)
    names = ["shortcoming"]
    if period is not None:
        _one_of("period", period, tuple(PERIODS))
        dates = audit.feedback.drop_duplicates("item_id").set_index("item_id")["date"]
        dates.index = dates.index.astype(object)
        items["period"] = items["item_id"].map(dates.dt.to_period(PERIODS[period]).astype(str))
        names = ["period", "shortcoming"]
    grouped = items.groupby(names, sort=True)
    rows = grouped.agg(count=("has", "sum"), base=("has", "size"), ties=("tie", "sum")).reset_index()
    rows["coders"] = audit.feedback["coder"].nunique()
    return _with_items_interval(audit, rows.assign(indicator="feedback", consensus=consensus), names, level)


def coder_agreement(audit: Audit, level: float = 0.95) -> pd.DataFrame:
    """Estimate the share of items on which the people who coded them agree.

    Parameters
    ----------
    audit : Audit
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``coders agree`` and the domain ``shortcoming``: the share of items
        coded by at least two people on which all gave the same answer for that code; the row without a
        shortcoming says on how many all gave the same set of codes. Wilson intervals over items. Extras:
        ``pairwise`` (mean agreement of two coders) and ``ac1``.

    Notes
    -----
    Both are those of :mod:`portal_analysis.audit.coefficients` on two levels, given or not. Unlike kappa, AC1 does not
    collapse when a code is very rare or very common (K. Gwet, *Br. J. Math. Stat. Psychol.* 61 (2008) 29–48). They
    are missing for whole sets of codes.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("portal-review-simulated")
    >>> found = pa.coder_agreement(audit)
    >>> print(found[["shortcoming", "indicator", "estimate"]].head(3).round(2).to_string(index=False))
    shortcoming    indicator  estimate
             S1 coders agree      0.86
             S2 coders agree      0.86
             S3 coders agree      0.88
    """
    votes = _votes(audit)
    votes = votes[votes["coders"] > 1]
    votes["same"] = (votes["given"] == 0) | (votes["given"] == votes["coders"])
    by_code = votes.groupby("shortcoming", sort=True)
    rows = by_code.agg(count=("same", "sum"), base=("same", "size")).reset_index()
    rows[["pairwise", "ac1"]] = np.array([_coefficients(own) for _, own in by_code]).reshape(-1, 2)
    whole = votes.groupby("item_id")["same"].all()
    total = pd.DataFrame({"shortcoming": [None], "count": [whole.sum()], "base": [len(whole)]})
    rows = pd.concat([rows, total.astype({"shortcoming": object})], ignore_index=True)
    return _with_items_interval(audit, rows.assign(indicator="coders agree"), ["shortcoming"], level)


def _coefficients(votes: pd.DataFrame) -> np.ndarray:
    """Pairwise agreement and AC1 of the coders on one code; who gave it makes no difference to either."""
    coder = np.arange(votes["coders"].max())
    given, coders = (votes[name].to_numpy()[:, None] for name in ("given", "coders"))
    rating = np.where(coder < coders, coder < given, NO_RATING)
    sums = co.units_of(rating, 2).total()
    return co.parts_of(sums, co.weight_matrix("identity", np.arange(2.0), sums)).values()[[co.PERCENT, co.AC]]


def suggest_codes(texts: pd.Series, keywords: pd.DataFrame | None = None) -> pd.DataFrame:
    """Suggest codes for texts by a list of keywords, saying which word led to which code.

    Parameters
    ----------
    texts : Series of str
        Its index names the items.
    keywords : DataFrame, optional
        ``keyword, shortcoming`` (and ``lang``); the shipped list if not given.

    Returns
    -------
    DataFrame
        One row an item, shortcoming and keyword found: ``item_id, shortcoming, keyword``. Case and the two
        ways of writing Vietnamese accents make no difference; only whole words are found. A suggestion is
        for a person to confirm: it is never counted.
    """
    words = keyword_list() if keywords is None else keywords
    patterns = [
        (re.compile(rf"(?<!\w){re.escape(folded(word))}(?!\w)"), word, code)
        for word, code in zip(words["keyword"], words["shortcoming"], strict=True)
    ]
    rows = []
    for item, text in texts.items():
        said = folded("" if pd.isna(text) else str(text))
        rows += [(item, code, word) for pattern, word, code in patterns if pattern.search(said)]
    return pd.DataFrame(rows, columns=["item_id", "shortcoming", "keyword"])


def suggestion_quality(
    audit: Audit, keywords: pd.DataFrame | None = None, consensus: str = "majority", level: float = 0.95
) -> pd.DataFrame:
    """Say how well the keywords do against the people: precision and recall for each shortcoming.

    Parameters
    ----------
    audit : Audit
    keywords : DataFrame, optional
        As in :func:`suggest_codes`.
    consensus : {"majority", "any", "unanimous"}
        What counts as the people's code.
    level : float

    Returns
    -------
    DataFrame
        ESTIMATES with the indicators ``precision`` (of the items suggested, those that people coded so) and
        ``recall`` (of the items that people coded so, those suggested), and the domain ``shortcoming``; the
        row without one pools all codes. Wilson intervals over items. Quality on the items a list was
        written from flatters it.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("portal-review-simulated")
    >>> found = pa.suggestion_quality(audit)
    >>> print(found[["shortcoming", "indicator", "estimate"]].head(3).round(2).to_string(index=False))
    shortcoming indicator  estimate
             S1 precision      0.77
             S2 precision      0.91
             S3 precision      0.92
    """
    items = _coded_items(audit, consensus)
    texts = audit.feedback.drop_duplicates("item_id").set_index("item_id")["text"]
    suggested = suggest_codes(texts, keywords)[["item_id", "shortcoming"]].drop_duplicates()
    found = set(suggested.itertuples(index=False, name=None))
    keys = zip(items["item_id"], items["shortcoming"], strict=True)
    items["suggested"] = [key in found for key in keys]
    items["both"] = items["suggested"] & items["has"]
    counts = items.groupby("shortcoming", sort=True)[["both", "suggested", "has"]].sum().reset_index()
    total = counts[["both", "suggested", "has"]].sum().to_frame().T.assign(shortcoming=None)
    counts = pd.concat([counts, total.astype({"shortcoming": object})], ignore_index=True)
    parts = [
        counts.assign(indicator=name, count=counts["both"].astype(float), base=counts[base].astype(int))
        for name, base in (("precision", "suggested"), ("recall", "has"))
    ]
    rows = pd.concat(parts, ignore_index=True).drop(columns=["both", "suggested", "has"])
    return _with_items_interval(audit, rows.assign(consensus=consensus), ["shortcoming"], level)


def feedback_texts(audit: Audit, consensus: str = "majority", lang: str = "en") -> pd.DataFrame:
    """Return the items with their codes and their texts, personal data masked.

    Returns
    -------
    DataFrame
        ``item_id, date, portal_id, shortcomings`` (codes joined by a blank), ``text``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("portal-review-simulated")
    >>> texts = pa.feedback_texts(audit, lang="en")
    >>> print(texts.columns.tolist())
    ['item_id', 'date', 'portal_id', 'shortcomings', 'text']
    """
    coded = _coded_items(audit, consensus)
    codes = coded[coded["has"]].groupby("item_id")["shortcoming"].agg(" ".join)
    items = audit.feedback.drop_duplicates("item_id").astype({"item_id": object, "portal_id": object})
    shown = items[["item_id", "date", "portal_id"]].reset_index(drop=True)
    shown["shortcomings"] = shown["item_id"].map(codes).fillna("")
    shown["text"] = [mask(text, lang) for text in items["text"].fillna("")]
    return shown


def keyword_list() -> pd.DataFrame:
    """Return the shipped keywords: ``keyword, lang, shortcoming`` (codes of the scheme ``article``)."""
    listed = tables.read_csv_text(datasets.dataset(WORD_LISTS).file("keywords"))
    return listed[["keyword", "lang", "shortcoming"]].reset_index(drop=True)


# ---------------------------------------------------------------------------------------------- counting


def _votes(audit: Audit) -> pd.DataFrame:
    """One row an item and code: how many people coded the item, and how many gave it this code."""
    feedback = audit.feedback.astype({"item_id": object, "coder": object, "shortcoming": object})
    if not len(feedback):
        raise AuditError("the audit holds no coded feedback")
    anonymous = feedback["coder"].isna()
    if anonymous.all():
        feedback = feedback.assign(coder="(one coder)")
    elif anonymous.any():
        rows = [int(place) + 1 for place in np.flatnonzero(anonymous)[:5]]
        raise AuditError(f"feedback: {int(anonymous.sum())} rows have no coder, the first are rows {rows}")
    coders = feedback.groupby("item_id")["coder"].nunique()
    codes = sorted(_codes_in_use(audit, feedback["shortcoming"]))
    grid = pd.MultiIndex.from_product([coders.index, codes], names=["item_id", "shortcoming"])
    given = feedback.dropna(subset=["shortcoming"]).groupby(["item_id", "shortcoming"])["coder"].nunique()
    votes = given.reindex(grid, fill_value=0).rename("given").reset_index()
    votes["coders"] = votes["item_id"].map(coders)
    return votes


def _codes_in_use(audit: Audit, codes: pd.Series) -> Iterable[str]:
    """Return the codes given, and those of the schemes they come from that nobody gave."""
    used = set(codes.dropna())
    listed = audit.shortcomings.astype(object)
    schemes = [set(group["shortcoming"]) for _, group in listed.groupby("scheme")]
    return used.union(*(scheme for scheme in schemes if used & scheme))


def _coded_items(audit: Audit, consensus: str) -> pd.DataFrame:
    _one_of("consensus", consensus, CONSENSUS)
    votes = _votes(audit)
    given, coders = votes["given"], votes["coders"]
    rules = {"majority": (2 * given >= coders) & (given > 0), "any": given > 0, "unanimous": given == coders}
    return votes.assign(has=rules[consensus], tie=(2 * given == coders))


def _with_items_interval(audit: Audit, rows: pd.DataFrame, names: list[str], level: float) -> pd.DataFrame:
    """Shares of items with Wilson's interval, the item being the unit."""
    rows["count"] = rows["count"].astype(float)
    rows["base"] = rows["n"] = rows["base"].astype(int)
    rows["estimate"] = rows["count"] / rows["base"].where(rows["base"] > 0)
    rows["ci_low"], rows["ci_high"] = intervals.wilson(rows["count"], rows["base"], level)
    rows = rows.assign(unit="proportion", counted="items", interval="items", level=level)
    return finish(audit, rows, names)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise AuditError(f"{name} is {value!r}; it can be {', '.join(allowed)}")
