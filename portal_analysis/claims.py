"""Published statements against estimates: what is claimed, what is found, and whether the two agree.

Takes statements and ESTIMATES; hands on one row a claim with its verdict and the reason in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from portal_analysis import codebook
from portal_analysis.datasets import SourceError, dataset
from portal_analysis.estimates import check, domains_of, has_flag, period_code, rows_of
from portal_analysis.language import numbers
from portal_analysis.language.catalogue import check_language, word
from portal_analysis.language.labels import Names
from portal_analysis.language.reading import read

VERDICTS = ("agrees", "differs", "conflicting sources", "definition unknown", "not computable")
LOOSENESS = 0.1
"""How far from its number a value called "about", "just over" or "nearly" may lie, as a share of the number."""

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


class ClaimError(ValueError):
    """The claims or the estimates cannot be set beside each other."""


@dataclass(frozen=True)
class Claims:
    """Statements and what bears on each.

    Attributes
    ----------
    statements : DataFrame
        One row a claim: ``claim_id, statement_en, statement_vi, source_id, kind, indicator_id, value, decimals,
        qualifier, unit, period_start, period_end``.
    figures : DataFrame
        ``claim_id, figure_id, relation``; relations are ``states``, ``same measure``, ``same series``,
        ``must not be confused with``.
    stated : DataFrame
        Who writes a figure, and how: ``figure_id, source_id, value, decimals, qualifier, period_start,
        period_end``; value and period are missing where a publication writes the figure as it stands.
    records : DataFrame
        ``claim_id, dataset, resource, key, relation``: claims that rest on rows of other datasets.
    source : str
        The id of the dataset.
    """

    statements: pd.DataFrame
    figures: pd.DataFrame
    stated: pd.DataFrame
    records: pd.DataFrame
    source: str


class Span(NamedTuple):
    """The values that a published number leaves open."""

    low: float
    high: float

    def meets(self, other: Span) -> bool:
        """Is there a value that both allow?"""
        return self.low <= other.high and other.low <= self.high


class Evidence(NamedTuple):
    """One number to hold against a claim."""

    span: Span
    text: str
    who: str
    said_by: str
    period: str


def load_claims(name: str = "egov-figures") -> Claims:
    """Load the statements of a dataset of published figures.

    Raises
    ------
    SourceError
        If there is no such dataset, or it has no table ``claims``.
    """
    source = dataset(name)
    tables = codebook.load(source)
    if "claims" not in tables:
        raise SourceError(f"dataset '{name}' has no table 'claims'; it has {list(tables)}")
    stated = pd.concat([tables["figure_variants"], tables["figure_sources"]], ignore_index=True)
    return Claims(tables["claims"], tables["claim_figures"], stated, tables["claim_records"], source.id)


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
        The verdict is

        * ``definition unknown``: the figure's numerator or denominator is stated by no source;
        * ``conflicting sources``: publications give values, or periods, that cannot all be right;
        * ``differs``: every other number excludes the claimed value;
        * ``agrees``: no number excludes it;
        * ``not computable``: the claim states no number, or nothing measured bears on it. Simulated estimates
          never decide a verdict.

    Notes
    -----
    An exact value covers half a unit of its last decimal on both sides; "more than x" all above x; "just over",
    "nearly" and "about" up to :data:`LOOSENESS` of x; an estimate its interval. Two numbers agree when the values
    they cover meet.

    Raises
    ------
    EstimatesError
        If ``estimates`` is no such table.
    ClaimError
        If a claim points to figures and none of them is among the estimates.
    """
    check_language(lang)
    check(estimates)
    wanted = set(claims.figures.loc[claims.figures["relation"] == "states", "figure_id"])
    if "figure_id" not in estimates or not wanted & set(estimates["figure_id"]):
        raise ClaimError(
            "none of the figures that the claims state is among the estimates; "
            f"load them with load_published('{claims.source}')"
        )
    rows = [_checked(row, claims, estimates, lang, dict(match or {})) for row in rows_of(claims.statements)]
    return pd.DataFrame(rows, columns=CLAIM_COLUMNS)


def span(value: float, qualifier: str = "exact", decimals: int = 0) -> Span:
    """Return the values that "nearly 76" or "3.05" leaves open (see :func:`check_claims`)."""
    loose = abs(value) * LOOSENESS
    half = 0.5 * 10.0**-decimals
    spans = {
        "exact": Span(value - half, value + half),
        "about": Span(value - loose, value + loose),
        "more than": Span(math.nextafter(value, math.inf), math.inf),
        "just over": Span(math.nextafter(value, math.inf), value + loose),
        "nearly": Span(value - loose, math.nextafter(value, -math.inf)),
    }
    return spans[qualifier]


def _checked(
    claim: dict[str, Any], claims: Claims, estimates: pd.DataFrame, lang: str, match: dict[str, str]
) -> dict[str, Any]:
    linked = claims.figures[claims.figures["claim_id"] == claim["claim_id"]]
    figures = {
        relation: _rows_of(estimates, part["figure_id"]) for relation, part in linked.groupby("relation")
    }
    evidence = _published(claim, figures, claims, lang) + _recorded(claim, claims, estimates, lang)
    measured, only_simulated = _measured(claim, estimates, lang, match)
    verdict, why = _verdict(claim, figures, evidence + measured, lang)
    if only_simulated:
        why = f"{why} {word('why.simulated', lang)}"
    if verdict == "not computable":
        why = f"{why} {_bearing(claim, claims, estimates, lang)}".strip()
    return {
        "claim_id": claim["claim_id"],
        "statement": claim[f"statement_{lang}"],
        "stated_by": Names(lang, [claims.source]).value("source_id", claim["source_id"]),
        "claimed": _claimed(claim, lang),
        "found": _told(evidence + measured),
        "verdict": verdict,
        "verdict_label": word(f"claim.{verdict}", lang),
        "why": why,
        "source": claim["source_id"],
    }


def _verdict(
    claim: dict[str, Any], figures: dict[str, pd.DataFrame], evidence: list[Evidence], lang: str
) -> tuple[str, str]:
    states = figures.get("states", pd.DataFrame())
    if claim["kind"] == "definition":
        return _period_verdict(claim, evidence, lang)
    if len(states) and has_flag(states, "definition unknown").any():
        return "definition unknown", _definition_unknown(figures, lang)
    if pd.isna(claim["value"]):
        return "not computable", word("why.no_number", lang)
    others = [one for one in evidence if one.said_by != claim["source_id"]]
    own = [one for one in evidence if one.said_by == claim["source_id"]]
    if not own and not others:
        return "not computable", word("why.nothing", lang)
    claimed = span(claim["value"], claim["qualifier"], int(claim["decimals"]))
    against = [one for one in others if not one.span.meets(claimed)]
    told = _told(against)
    if not against:
        return "agrees", word("why.agrees" if others else "why.only_itself", lang)
    if own or len(against) < len(others):
        return "conflicting sources", word("why.conflict", lang, told=told)
    return "differs", word("why.differs", lang, told=told)


def _period_verdict(claim: dict[str, Any], evidence: list[Evidence], lang: str) -> tuple[str, str]:
    ours = period_code(claim["period_start"], claim["period_end"])
    others = [one for one in evidence if one.period != ours]
    if not others:
        return "agrees", word("why.agrees", lang)
    return "conflicting sources", word("why.conflict", lang, told=_told(others))


def _told(evidence: list[Evidence]) -> str:
    """Write each number once, with everybody who gives it."""
    said: dict[str, list[str]] = {}
    for one in evidence:
        said.setdefault(one.text, []).append(one.who)
    return "; ".join(f"{text} ({'; '.join(dict.fromkeys(who))})" for text, who in said.items())


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


def _published(
    claim: dict[str, Any], figures: dict[str, pd.DataFrame], claims: Claims, lang: str
) -> list[Evidence]:
    """Return what publications write of the claimed measure, one piece of evidence a publication and figure."""
    found = []
    for relation in ("states", "same measure"):
        for row in rows_of(figures.get(relation, pd.DataFrame())):
            stated = claims.stated[claims.stated["figure_id"] == row["figure_id"]]
            found += [_one_publication(row, said, lang) for said in rows_of(stated)]
    if claim["kind"] == "definition":
        return [one._replace(text=numbers.period(one.period, lang)) for one in found]
    return found


def _one_publication(row: dict[str, Any], said: dict[str, Any], lang: str) -> Evidence:
    scale = 100.0 if row["unit"] == "proportion" else 1.0
    if pd.isna(said["value"]):
        value, qualifier, decimals, when = (
            row["estimate"] * scale,
            row["qualifier"],
            int(row["decimals"]),
            row["period"],
        )
    else:
        value, qualifier, decimals = float(said["value"]), said["qualifier"], int(said["decimals"])
        when = period_code(said["period_start"], said["period_end"])
    text = _written(value / scale, row["unit"], qualifier, lang, decimals)
    who = Names(lang, [row["source"]]).value("source_id", said["source_id"])
    return Evidence(span(value, qualifier, decimals), text, who, said["source_id"], when)


def _recorded(claim: dict[str, Any], claims: Claims, estimates: pd.DataFrame, lang: str) -> list[Evidence]:
    """Return the counts of records that a claim rests on: portals of a round, items of a list."""
    records = claims.records[
        (claims.records["claim_id"] == claim["claim_id"]) & (claims.records["relation"] != "bears on")
    ]
    if pd.isna(claim["value"]) or records.empty:
        return []
    found = []
    for (other, resource), part in records.groupby(["dataset", "resource"]):
        who = dataset(str(other)).title(lang)
        for value in _record_counts(str(resource), part["key"], estimates):
            text = f"{numbers.count(value, lang)} {numbers.unit_name(claim['unit'], lang)}"
            found.append(Evidence(span(value), text, who, str(other), ""))
    return found


def _record_counts(resource: str, keys: pd.Series, estimates: pd.DataFrame) -> list[float]:
    if resource == "rounds" and {"round", "base", "counted"} <= set(estimates.columns):
        counted = estimates[estimates["round"].isin(keys) & (estimates["counted"] == "portals")]
        return sorted(counted["base"].dropna().unique())
    lists = keys.str.split("/").str[0]
    return [float(count) for count in lists.value_counts()] if resource == "shortcomings" else []


def _measured(
    claim: dict[str, Any], estimates: pd.DataFrame, lang: str, match: dict[str, str]
) -> tuple[list[Evidence], bool]:
    """Return a survey's own estimates of the claimed measure, and whether there are only simulated ones."""
    indicator = match.get(claim["indicator_id"]) if not pd.isna(claim["indicator_id"]) else None
    if indicator is None or pd.isna(claim["value"]):
        return [], False
    rows = estimates[(estimates["indicator"] == indicator) & estimates["ci_low"].notna()]
    rows = rows[[_is_national(row, domains_of(estimates), claim) for row in rows_of(rows)]]
    real = rows[~has_flag(rows, "simulated")]
    scale = 100.0 if claim["unit"] == "percent" else 1.0
    found = [
        Evidence(
            Span(line.low * scale, line.high * scale), line.spoken, line.row["source"], line.row["source"], ""
        )
        for line in read(real, lang).lines
    ]
    return found, bool(len(rows)) and not len(real)


def _is_national(row: dict[str, Any], domains: list[str], claim: dict[str, Any]) -> bool:
    when = period_code(claim["period_start"], claim["period_end"])
    times = [name for name in ("wave", "period") if name in domains and not pd.isna(row[name])]
    rest = [name for name in domains if name not in times]
    same = any(str(row[name]).removesuffix(".0") == when for name in times)
    return same and all(pd.isna(row[name]) for name in rest)


def _bearing(claim: dict[str, Any], claims: Claims, estimates: pd.DataFrame, lang: str) -> str:
    """Name the published counts that bear on a claim without deciding it."""
    records = claims.records[
        (claims.records["claim_id"] == claim["claim_id"]) & (claims.records["relation"] == "bears on")
    ]
    if records.empty or "count_id" not in estimates:
        return ""
    rows = estimates[estimates["count_id"].isin(records["key"])]
    told = [f"{line.indicator}: {line.spoken}" for line in read(rows, lang).lines]
    return word("why.bearing", lang, told="; ".join(told)) if told else ""


def _claimed(claim: dict[str, Any], lang: str) -> str:
    if pd.isna(claim["value"]):
        return ""
    if claim["kind"] == "definition":
        return numbers.period(str(period_code(claim["period_start"], claim["period_end"])), lang)
    if claim["unit"] == "percent":
        return _written(claim["value"] / 100, "proportion", claim["qualifier"], lang, int(claim["decimals"]))
    return _written(claim["value"], claim["unit"], claim["qualifier"], lang, 0)


def _written(value: float, unit: str, qualifier: str, lang: str, decimals: int) -> str:
    """Write a published value with its qualifier and the name of its unit."""
    told = numbers.qualified(numbers.number(value, unit, lang, decimals), qualifier, lang)
    return f"{told} {numbers.unit_name(unit, lang)}".strip()


def _rows_of(estimates: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    return estimates[estimates["figure_id"].isin(ids)]
