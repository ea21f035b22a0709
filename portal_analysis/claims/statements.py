"""Published statements: what is claimed, by whom, on how many; and which publications are of one house.

Takes the tables of a dataset of published figures; hands on :class:`Claims`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from portal_analysis import codebook
from portal_analysis.datasets import SourceError, dataset
from portal_analysis.language import numbers
from portal_analysis.language.labels import is_missing
from portal_analysis.published import period_code

RELATION_COLUMNS = ["relation", "claim_id", "of"]
RECORD_COLUMNS = ["dataset", "resource", "key", "source_id"]

PERCENT_UNITS = {"percent": "proportion", "points": "points"}
"""Units that a claim gives in hundredths, and how they are written."""


@dataclass(frozen=True)
class Claims:
    """Statements and what bears on each.

    Attributes
    ----------
    statements : DataFrame
        One row a claim: ``claim_id, statement_en, statement_vi, source_id, kind, indicator_id, value, decimals,
        qualifier, unit, period_start, period_end``; ``n``, the respondents of the
        percentage that it states.
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
    record_sources : DataFrame
        ``dataset, resource, key, source_id``: the publications that those rows are taken from.
    publishers : mapping
        The publisher of each ``source_id``; a publication without one is a publisher of its own.
    relations : DataFrame
        ``relation, claim_id, of``: what claims say of one another, as :func:`check_arithmetic` takes it.
    """

    statements: pd.DataFrame
    figures: pd.DataFrame
    stated: pd.DataFrame
    records: pd.DataFrame
    source: str
    record_sources: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RECORD_COLUMNS))
    publishers: Mapping[str, str] = field(default_factory=dict)
    relations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RELATION_COLUMNS))


def load_claims(name: str = "egov-figures") -> Claims:
    """Load the statements of a dataset of published figures.

    Parameters
    ----------
    name : str
        The id of the dataset.

    Returns
    -------
    Claims

    Raises
    ------
    SourceError
        If there is no such dataset, or it has no table ``claims``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> claims = pa.load_claims("egov-figures")
    >>> said = claims.statements.set_index("claim_id")
    >>> float(said.loc["article.profile_3_05", "value"])
    3.05
    """
    source = dataset(name)
    tables = codebook.load(source)
    if "claims" not in tables:
        raise SourceError(f"dataset '{name}' has no table 'claims'; it has {list(tables)}")
    stated = pd.concat([tables["figure_variants"], tables["figure_sources"]], ignore_index=True)
    links, sizes = tables["claim_figures"], tables["figures"].set_index("figure_id")["n"]
    states = (
        links[links["relation"] == "states"].drop_duplicates("claim_id").set_index("claim_id")["figure_id"]
    )
    told = tables["claims"]
    statements = told.assign(n=told["claim_id"].map(states).map(sizes).where(told["unit"] == "percent"))
    records = tables["claim_records"]
    others = {str(other): codebook.load(str(other)) for other in records["dataset"].unique()}
    return Claims(
        statements,
        links,
        stated,
        records,
        source.id,
        _record_sources(records, others),
        _publishers([*others.values(), tables]),
        _same_measure(links, states),
    )


def _record_sources(records: pd.DataFrame, others: Mapping[str, Mapping[str, pd.DataFrame]]) -> pd.DataFrame:
    """Return the publications of records, from the table of sources that stands beside theirs."""
    rows = []
    for other, resource in (
        records[["dataset", "resource"]].drop_duplicates().itertuples(index=False, name=None)
    ):
        links = others[other].get(f"{resource.removesuffix('s')}_sources")
        if links is not None:
            keys = links[[name for name in links if name != "source_id"]].astype(str).agg("/".join, axis=1)
            told = {"dataset": other, "resource": resource, "key": keys, "source_id": links["source_id"]}
            rows.append(pd.DataFrame(told))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=RECORD_COLUMNS)


def _publishers(datasets: list[Mapping[str, pd.DataFrame]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tables in datasets:
        if "sources" in tables:
            found |= dict(zip(tables["sources"]["source_id"], tables["sources"]["publisher"], strict=True))
    return found


def _same_measure(links: pd.DataFrame, states: pd.Series) -> pd.DataFrame:
    """Return the pairs of claims of which one states what is to the other the same measure."""
    pairs = links[links["relation"] == "same measure"].merge(
        states.rename("figure_id").reset_index(), on="figure_id"
    )
    told = {tuple(sorted(pair)) for pair in zip(pairs["claim_id_x"], pairs["claim_id_y"], strict=True)}
    rows = [["same measure", None, "; ".join(pair)] for pair in sorted(told)]
    return pd.DataFrame(rows, columns=RELATION_COLUMNS)


def same_house(one: str, other: str) -> bool:
    """Tell whether two publishers have a name in common: in full, abbreviated, or as part of a longer one.

    Examples
    --------
    >>> same_house("Institute for Policy Studies (IPS)", "Vietnam Law & Legal Forum (IPS/UNDP authors)")
    True
    >>> same_house("VTV", "Vietnam News Agency (VietnamPlus)")
    False
    """
    ours, theirs = _names(one), _names(other)
    return any(_alike(mine, yours) for mine in ours for yours in theirs)


def _names(publisher: str) -> set[str]:
    """Return a publisher's names: its parts, the abbreviations in them, and the initials of long ones."""
    parts = [
        part.strip()
        for part in re.split(r"[(),;/&]|\b(?:and|via|citing|reprinted by|on behalf of)\b", publisher)
    ]
    short = re.findall(r"\b[A-Z\u0110]{3,}\b", publisher)
    initials = ["".join(re.findall(r"\b[A-Z\u0110]", part)) for part in parts if len(part.split()) > 2]
    return {name.casefold() for name in [*parts, *short, *(one for one in initials if len(one) > 2)] if name}


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) > 2 and long.startswith(f"{short} "))


def claimed(claim: Mapping[str, Any], lang: str) -> str:
    """Write what a claim states: its number with qualifier and unit, or its period; nothing where it states none."""
    if is_missing(claim.get("value")):
        return ""
    if claim.get("kind") == "definition":
        return numbers.period(str(period_code(claim["period_start"], claim["period_end"])), lang)
    unit = str(claim["unit"]) if not is_missing(claim.get("unit")) else "number"
    scale = 100.0 if unit in PERCENT_UNITS else 1.0
    qualifier = "exact" if is_missing(claim.get("qualifier")) else str(claim["qualifier"])
    decimals = None if is_missing(claim.get("decimals")) else max(0, int(claim["decimals"]))
    return written(float(claim["value"]) / scale, PERCENT_UNITS.get(unit, unit), qualifier, lang, decimals)


def written(value: float, unit: str, qualifier: str, lang: str, decimals: int | None) -> str:
    """Write a published value with its qualifier and the name of its unit."""
    told = numbers.qualified(numbers.number(value, unit, lang, decimals), qualifier, lang)
    return f"{told} {numbers.unit_name(unit, lang)}".strip()
