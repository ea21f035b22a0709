"""What bears on a published statement: what publications write, counts of records, a survey's own estimates.

Hands on :class:`Evidence`, one number or period of one publication each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from portal_analysis.claims.spans import Span, span
from portal_analysis.claims.statements import PERCENT_UNITS, Claims, written
from portal_analysis.language import numbers
from portal_analysis.language.labels import Names, source_title
from portal_analysis.language.reading import read
from portal_analysis.published import period_code
from portal_analysis.shape import domains_of, has_flag, rows_of


class Evidence(NamedTuple):
    """One number to hold against a claim; ``said_by`` is the id of the publication or of the survey."""

    span: Span
    text: str
    who: str
    said_by: str
    period: str


def published(
    claim: Mapping[str, Any], figures: Mapping[str, pd.DataFrame], claims: Claims, lang: str
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


def _one_publication(row: Mapping[str, Any], said: Mapping[str, Any], lang: str) -> Evidence:
    scale = 100.0 if row["unit"] == "proportion" else 1.0
    if pd.isna(said["value"]):
        value, qualifier, decimals = row["estimate"] * scale, row["qualifier"], int(row["decimals"])
        when = row["period"]
    else:
        value, qualifier, decimals = float(said["value"]), said["qualifier"], int(said["decimals"])
        when = period_code(said["period_start"], said["period_end"])
    text = written(value / scale, row["unit"], qualifier, lang, decimals)
    who = Names(lang, [row["source"]]).value("source_id", said["source_id"])
    return Evidence(span(round(value, 9), qualifier, decimals), text, who, said["source_id"], when)


def recorded(claim: Mapping[str, Any], claims: Claims, estimates: pd.DataFrame, lang: str) -> list[Evidence]:
    """Return the counts of records that a claim rests on (portals of a round, items of a list), by publication."""
    records = claims.records[
        (claims.records["claim_id"] == claim["claim_id"]) & (claims.records["relation"] != "bears on")
    ]
    if pd.isna(claim["value"]) or records.empty:
        return []
    found = []
    for (other, resource), part in records.groupby(["dataset", "resource"]):
        for value, keys in _record_counts(str(resource), part["key"], estimates):
            text = f"{numbers.count(value, lang)} {numbers.unit_name(claim['unit'], lang)}"
            found += [
                Evidence(span(value), text, who, said_by, "")
                for said_by, who in _who_records(claims, str(other), str(resource), keys, lang)
            ]
    return found


def _record_counts(resource: str, keys: pd.Series, estimates: pd.DataFrame) -> list[tuple[float, list[str]]]:
    """Return each count with the keys of the records that it counts."""
    if resource == "rounds" and {"round", "base", "counted"} <= set(estimates.columns):
        counted = estimates[estimates["round"].isin(keys) & (estimates["counted"] == "portals")]
        return [(float(base), list(keys)) for base in sorted(counted["base"].dropna().unique())]
    if resource != "shortcomings":
        return []
    return [(float(len(part)), list(part)) for _, part in keys.groupby(keys.str.split("/").str[0])]


def _who_records(
    claims: Claims, other: str, resource: str, keys: list[str], lang: str
) -> list[tuple[str, str]]:
    """Return the publications that records are taken from, or the dataset where none are listed."""
    listed = claims.record_sources
    of = listed[(listed["dataset"] == other) & (listed["resource"] == resource)]
    told = of.loc[of["key"].isin(keys), "source_id"].unique()
    names = Names(lang, [other])
    return [(one, names.value("source_id", one)) for one in told] or [(other, source_title(other, lang))]


def measured(
    claim: Mapping[str, Any], estimates: pd.DataFrame, lang: str, match: Mapping[str, str]
) -> tuple[list[Evidence], bool]:
    """Return a survey's own estimates of the claimed measure, and whether there are only simulated ones."""
    indicator = match.get(claim["indicator_id"]) if not pd.isna(claim["indicator_id"]) else None
    if indicator is None or pd.isna(claim["value"]):
        return [], False
    rows = estimates[(estimates["indicator"] == indicator) & estimates["ci_low"].notna()]
    rows = rows[[_is_national(row, domains_of(estimates), claim) for row in rows_of(rows)]]
    real = rows[~has_flag(rows, "simulated")]
    scale = 100.0 if claim["unit"] in PERCENT_UNITS else 1.0
    found = [
        Evidence(
            Span(line.low * scale, line.high * scale),
            line.spoken,
            source_title(line.row["source"], lang),
            line.row["source"],
            "",
        )
        for line in read(real, lang).lines
    ]
    return found, bool(len(rows)) and not len(real)


def _is_national(row: Mapping[str, Any], domains: list[str], claim: Mapping[str, Any]) -> bool:
    when = period_code(claim["period_start"], claim["period_end"])
    times = [name for name in ("wave", "period") if name in domains and not pd.isna(row[name])]
    rest = [name for name in domains if name not in times]
    same = any(str(row[name]).removesuffix(".0") == when for name in times)
    return same and all(pd.isna(row[name]) for name in rest)


def bearing(claim: Mapping[str, Any], claims: Claims, estimates: pd.DataFrame, lang: str) -> list[str]:
    """Name the published counts that bear on a claim without deciding it."""
    records = claims.records[
        (claims.records["claim_id"] == claim["claim_id"]) & (claims.records["relation"] == "bears on")
    ]
    if records.empty or "count_id" not in estimates:
        return []
    rows = estimates[estimates["count_id"].isin(records["key"])]
    return [f"{line.indicator}: {line.spoken}" for line in read(rows, lang).lines]
