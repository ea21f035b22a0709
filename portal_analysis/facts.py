"""Published facts about provinces, each with its year and source, as one table of covariates.

Hands on a plain frame, one row a province of the list of 63.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from portal_analysis import codebook
from portal_analysis.faults import Error

DATASET = "province-facts"


class FactsError(Error):
    """A fact is unknown, or was not published for a year."""


def province_facts(facts: Mapping[str, int], dataset: str = DATASET) -> pd.DataFrame:
    """Return facts of the provinces, of the years named.

    Parameters
    ----------
    facts : mapping of str to int
        The year of each fact: ``{"income": 2016, "dti": 2022}``. What there is: the table ``definitions`` of
        ``load_tables("province-facts")``.
    dataset : str
        A dataset with tables ``facts`` (``fact_id``, ``gso63``, ``year``, ``value``) and ``definitions``.

    Returns
    -------
    DataFrame
        The column ``province`` (GSO codes of the list of 63, all of which have a row) and one column a fact; missing
        where a fact was not published for a province.

    Raises
    ------
    FactsError
        If a fact is unknown, or has no value for the year; the message names the years there are.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> pa.province_facts({"literacy": 2016}).shape
    (63, 2)
    """
    held = codebook.load(dataset)["facts"]
    if not isinstance(facts, Mapping) or not facts:
        raise FactsError("facts are named with their years, such as {'income': 2016}")
    years = held.groupby("fact_id")["year"].unique()
    faults = [_fault(name, year, years) for name, year in facts.items()]
    if any(faults):
        raise FactsError("; ".join(fault for fault in faults if fault))
    table = pd.DataFrame({"province": sorted(held["gso63"].unique())})
    for name, year in facts.items():
        own = held[(held["fact_id"] == name) & (held["year"] == year)].set_index("gso63")["value"]
        table[name] = table["province"].map(own)
    return table


def _fault(name: str, year: int, years: pd.Series) -> str:
    if name not in years:
        return f"fact {name!r} is unknown; there are {sorted(years.index)}"
    listed = sorted(int(one) for one in years[name])
    return "" if year in listed else f"{name!r} has no value for {year!r}; its years are {listed}"
