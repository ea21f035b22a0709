"""Published statements against estimates: what is claimed, what is found, and whether the two agree.

Takes statements and ESTIMATES; hands on one row a claim with its verdict and the reason in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from portal_analysis.claims.claim import Claim
from portal_analysis.claims.evidence import Evidence, bearing, measured, published, recorded
from portal_analysis.claims.spans import ClaimError
from portal_analysis.claims.statements import Claims, claimed, same_house
from portal_analysis.language import numbers
from portal_analysis.language.catalogue import check_language, word
from portal_analysis.language.labels import Names
from portal_analysis.language.reading import MOST_PUBLICATIONS, read
from portal_analysis.languages import text_of, texts_in
from portal_analysis.published import period_code
from portal_analysis.shape import check, has_flag, rows_of

VERDICTS = (
    "agrees",
    "no independent source",
    "differs",
    "conflicting sources",
    "definition unknown",
    "not computable",
)

CLAIM_COLUMNS = [
    "claim_id",
    "statement",
    "stated_by",
    "claimed",
    "found",
    "verdict",
    "verdict_label",
    "why",
    "source",
]


def check_claims(
    claims: Claims, estimates: pd.DataFrame, lang: str = "en", match: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Hold published statements against estimates.

    Parameters
    ----------
    claims : Claims
        The statements, from :func:`load_claims`.
    estimates : DataFrame
        ESTIMATES: published figures (with ``figure_id`` or ``count_id``), survey estimates, or both combined.
    lang : {"en", "vi"}
        Language of ``statement``, ``claimed``, ``found``, ``verdict_label`` and ``why``.
    match : mapping, optional
        Which indicator of a survey measures which claimed one, e.g. ``{"papi_npsp_use": "npsp_use"}``. A row
        counts if its ``wave`` or ``period`` is the claim's and its other domain columns are empty.

    Returns
    -------
    DataFrame
        One row a claim: ``claim_id, statement, stated_by, claimed, found, verdict, verdict_label, why, source``.
        ``stated_by`` names who measured, if another, and who published. The verdict is

        * ``definition unknown``: the figure's numerator or denominator is stated by no source;
        * ``conflicting sources``: publications give values, or periods, that cannot all be right;
        * ``differs``: every other number excludes the claimed value;
        * ``agrees``: somebody else than the statement's publisher gives a number too, and none excludes it;
        * ``no independent source``: only the statement's own publisher gives the number, in whatever language
          (:func:`same_house`);
        * ``not computable``: the claim states no number, or nothing measured bears on it. Simulated estimates
          never decide a verdict.

    Notes
    -----
    What a number leaves open says :func:`span`; an estimate leaves open its interval. Two numbers agree when the
    values that they leave open meet.

    Raises
    ------
    EstimatesError
        If ``estimates`` is no such table.
    ClaimError
        If ``claims`` are none, or point to figures and none of them is among the estimates.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> checked = pa.check_claims(pa.load_claims(), pa.load_published("egov-figures")).set_index("claim_id")
    >>> checked.loc["ips.npsp_profile_2020", "verdict"]
    'no independent source'
    """
    check_language(lang)
    if not isinstance(claims, Claims):
        raise ClaimError(f"expected claims from load_claims, got {type(claims).__name__}")
    check(estimates)
    wanted = set(claims.figures.loc[claims.figures["relation"] == "states", "figure_id"])
    if "figure_id" not in estimates or not wanted & set(estimates["figure_id"]):
        raise ClaimError(
            "none of the figures that the claims state is among the estimates; "
            f"load them with load_published('{claims.source}')"
        )
    rows = [_checked(row, claims, estimates, lang, dict(match or {})) for row in rows_of(claims.statements)]
    return pd.DataFrame(rows, columns=CLAIM_COLUMNS)


def _checked(
    claim: dict[str, Any], claims: Claims, estimates: pd.DataFrame, lang: str, match: dict[str, str]
) -> dict[str, Any]:
    linked = claims.figures[claims.figures["claim_id"] == claim["claim_id"]]
    figures = {
        relation: estimates[estimates["figure_id"].isin(part["figure_id"])]
        for relation, part in linked.groupby("relation")
    }
    own, only_simulated = measured(claim, estimates, lang, match)
    evidence = published(claim, figures, claims, lang) + recorded(claim, claims, estimates, lang) + own
    verdict, why = _verdict(claim, figures, evidence, claims.publishers, lang)
    if only_simulated:
        why = f"{why} {word('why.simulated', lang)}"
    bears = bearing(claim, claims, estimates, lang) if verdict == "not computable" else []
    if bears:
        why = f"{why} {word('why.bearing', lang, told='; '.join(bears))}"
    return {
        "claim_id": claim["claim_id"],
        "statement": text_of(texts_in(claim, "statement"), lang),
        "stated_by": _stated_by(claim, claims, figures, lang),
        "claimed": claimed(claim, lang),
        "found": _told(evidence, lang),
        "verdict": verdict,
        "verdict_label": word(f"claim.{verdict}", lang),
        "why": why,
        "source": claim["source_id"],
    }


def _stated_by(claim: dict[str, Any], claims: Claims, figures: dict[str, pd.DataFrame], lang: str) -> str:
    """Name who published a statement and, where that is another, who measured what it says."""
    name = Names(lang, [claims.source]).value("source_id", claim["source_id"])
    for row in rows_of(figures.get("states", pd.DataFrame())):
        if origin := text_of(texts_in(row, "origin"), lang):
            return word("note.quoted", lang, origin=origin, names=name)
    return name


def _verdict(
    claim: dict[str, Any],
    figures: dict[str, pd.DataFrame],
    evidence: list[Evidence],
    publishers: Mapping[str, str],
    lang: str,
) -> tuple[str, str]:
    states = figures.get("states", pd.DataFrame())
    is_period = claim["kind"] == "definition"
    if not is_period and len(states) and has_flag(states, "definition unknown").any():
        return "definition unknown", _definition_unknown(figures, lang)
    if pd.isna(claim["value"]):
        return "not computable", word("why.no_number", lang)
    if not evidence:
        return "not computable", word("why.nothing", lang)
    others = [one for one in evidence if not _of_house(one, claim, publishers)]
    against = [one for one in evidence if not _allows(one, claim)]
    told = _told(against, lang)
    if not against:
        return _unopposed(others, lang)
    if is_period or len(against) < len(evidence):
        return "conflicting sources", word("why.conflict", lang, told=told)
    return "differs", word("why.differs", lang, told=told)


def _unopposed(others: list[Evidence], lang: str) -> tuple[str, str]:
    """Return the verdict on a claim that nothing excludes: it needs somebody else who says so."""
    if others:
        return "agrees", word("why.agrees", lang, told=_told(others, lang))
    return "no independent source", word("why.only_itself", lang)


def _of_house(one: Evidence, claim: dict[str, Any], publishers: Mapping[str, str]) -> bool:
    """Tell whether evidence comes from the claim's own publisher."""
    ours, theirs = (publishers.get(name, name) for name in (claim["source_id"], one.said_by))
    return one.said_by == claim["source_id"] or same_house(ours, theirs)


def _allows(one: Evidence, claim: dict[str, Any]) -> bool:
    if claim["kind"] == "definition":
        return one.period == period_code(claim["period_start"], claim["period_end"])
    return one.span.meets(Claim(claim, "en").span)


def _told(evidence: list[Evidence], lang: str) -> str:
    """Write each number once, with those who give it; of many the first by name."""
    said: dict[str, list[str]] = {}
    for one in evidence:
        said.setdefault(one.text, []).append(one.who)
    return "; ".join(f"{text} ({_few(list(dict.fromkeys(who)), lang)})" for text, who in said.items())


def _few(names: list[str], lang: str) -> str:
    more = len(names) - MOST_PUBLICATIONS
    shown = "; ".join(names[:MOST_PUBLICATIONS])
    return shown + (word("alt.more", lang, count=numbers.count(more, lang)) if more > 0 else "")


def _definition_unknown(figures: dict[str, pd.DataFrame], lang: str) -> str:
    series = pd.concat([figures.get("same series", pd.DataFrame()), figures["states"]])
    told = [
        f"{line.spoken} ({numbers.period(line.row['period'], lang)})" for line in read(series, lang).lines
    ]
    text = word("why.definition", lang, series=" → ".join(told))
    unlike = figures.get("must not be confused with", pd.DataFrame())
    if unlike.empty:
        return text
    listed = [
        f"{line.indicator}, {numbers.period(line.row['period'], lang)}: {line.spoken}"
        for line in read(unlike, lang).lines
    ]
    return f"{text} {word('why.confuse', lang, told='; '.join(listed))}"
