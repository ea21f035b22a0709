"""Rates and scores set beside each other, one pair a province, each with the variance of its error.

Takes two tables of ESTIMATES by province; hands on :class:`Pairs`. Brings units of the list of 63 to the list of 34.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis import provinces
from portal_analysis.arguments import is_number
from portal_analysis.faults import Error
from portal_analysis.shape import (
    LISTS,
    PROVINCE_COLUMNS,
    check,
    domains_of,
    estimates,
    has_flag,
    join_flags,
    split_flags,
)

LEAST_AREAS = 10
"""With fewer provinces neither a correlation nor a variance between provinces says anything."""

VARIANCES = ("smoothed", "given")
"""How the errors of rates are taken: one variance a person for all provinces, over each one's n; or as they stand."""

MODEL_BASED = "model-based"
CARRIED = (MODEL_BASED, "simulated")
"""Flags of single rates and scores that hold of what is computed from all of them."""


class LinkError(Error):
    """Rates and scores cannot be set beside each other, or say nothing about a link."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """One pair a province: score ``x`` and rate ``y``, each with the variance of its error.

    ``about`` says what holds of all rates and scores (wave, round …), ``rates_about`` names what is of rates;
    ``lost`` counts provinces that stand in one table only.
    """

    codes: np.ndarray
    x: np.ndarray
    y: np.ndarray
    x_variance: np.ndarray
    y_variance: np.ndarray
    units: int
    outcome: str
    predictor: str
    about: Mapping[str, Any]
    rates_about: tuple[str, ...]
    lost: int
    source: str
    flag: str

    def without(self, place: int) -> Pairs:
        """Return the pairs without one province."""
        kept = np.arange(len(self.codes)) != place
        names = ("codes", "x", "y", "x_variance", "y_variance")
        return replace(self, **{name: getattr(self, name)[kept] for name in names})

    def scaled(self, per: float) -> Pairs:
        """Return the pairs with scores in other units."""
        return replace(self, x=self.x / per, x_variance=self.x_variance / per**2)


def pairs(
    rates: pd.DataFrame,
    scores: pd.DataFrame,
    weights: Mapping[str, float] | str | None = None,
    variances: str | None = None,
) -> Pairs:
    """Set rates and scores of the same provinces beside each other.

    Parameters
    ----------
    rates, scores : DataFrame
        ESTIMATES of one indicator each, one row a province; rows without a province (the country's) are left out.
    weights : mapping of str to float, or "equal", optional
        Needed where one table is of the list of 63 and the other of the list of 34: see :func:`in_34`.
    variances : {"smoothed", "given"}, optional
        See :data:`VARIANCES`; if not given, smoothed where rates are direct estimates with ``n``.

    Raises
    ------
    LinkError
        If a table has no column of provinces, several rows for one, no known error; if fewer than 10 provinces stand
        in both; if scores or rates are all alike.

    Notes
    -----
    The smoothed variance of a rate is ``mean(n_i v_i) / n_i``: with a few districts a province the direct variances
    ``v_i`` are so unsure, and so bound up with the rates themselves (a rate of 0 has none), that weights made of them
    bias the result (K. Wolter, *Introduction to Variance Estimation*, 2nd ed. 2007, ch. 7).
    """
    left, right, units = beside(rates, scores, weights)
    both = left.index.intersection(right.index, sort=False)
    if len(both) < LEAST_AREAS:
        raise LinkError(
            f"{len(both)} provinces have a rate and a score; a link needs {LEAST_AREAS} and more. "
            f"There are {len(left)} rates and {len(right)} scores"
        )
    lost = len(left.index.union(right.index)) - len(both)
    y_variance = _rate_variances(left, variances)
    left, right, y_variance = left.loc[both], right.loc[both], y_variance[left.index.isin(both)]
    x, y = right["estimate"].to_numpy(), left["estimate"].to_numpy()
    for name, values in (("scores", x), ("rates", y)):
        if np.ptp(values) <= 1e-12:
            raise LinkError(
                f"the {name} of all {len(both)} provinces are {values[0]:g}; there is nothing to link"
            )
    if not (y_variance > 0).all():
        raise LinkError(
            "the standard errors of all rates are 0, as if they were exact: areas of one sampling unit?"
        )
    flags = [flag for table in (left, right) for cell in table["flag"] for flag in split_flags(cell)]
    sources = [
        one for table in (left, right) for cell in table["source"] for one in str(cell).split("; ") if one
    ]
    return Pairs(
        codes=np.array(both, dtype=object),
        x=x,
        y=y,
        x_variance=np.nan_to_num(right["se"].to_numpy() ** 2),
        y_variance=y_variance,
        units=units,
        outcome=str(left["indicator"].iloc[0]),
        predictor=str(right["indicator"].iloc[0]),
        about={**_about(scores), **_about(rates)},
        rates_about=tuple(_about(rates)),
        lost=lost,
        source="; ".join(dict.fromkeys(sources)),
        flag=join_flags(*(flag for flag in CARRIED if flag in flags)),
    )


def beside(
    rates: pd.DataFrame, scores: pd.DataFrame, weights: Mapping[str, float] | str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Return the rows of rates and of scores by the codes of one list of provinces, and which list it is."""
    of = [
        _units(check(table), _column(table, name)) for table, name in ((rates, "rates"), (scores, "scores"))
    ]
    if of[0] != of[1]:
        rates, scores = (
            table if own == 34 else in_34(table, weights)
            for table, own in zip((rates, scores), of, strict=True)
        )
    return _one_each(rates, "rates"), _one_each(scores, "scores"), 34 if 34 in of else 63


def only_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores by code of province, with ``units`` the list that the codes are of."""
    of = _units(check(scores), _column(scores, "scores"))
    return _one_each(scores, "scores").assign(units=of)


def in_34(table: pd.DataFrame, weights: Mapping[str, float] | str | None) -> pd.DataFrame:
    """Bring estimates of the 63 units to the 34 that they became part of in July 2025.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES of shares, means or scores with a column of provinces.
    weights : mapping of str to float, or "equal"
        How much each of the 63 counts within its new unit: people for rates, such as the population of each code.
        ``equal`` lets them count alike.

    Returns
    -------
    DataFrame
        ESTIMATES with ``units`` 34: weighted means. ``se`` takes the parts as independent, as strata are; intervals
        are missing, ``n`` is the sum. A unit of which a part has no estimate has none; it carries the flags of all its
        parts, so that what is ``suppress`` is no number of the 34 either.

    Raises
    ------
    LinkError
        If the table is of the list of 34 already, or a weight is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> rates = pa.estimates(pd.DataFrame({"indicator": "use", "province": ["35", "36", "37"],
    ...                                 "estimate": [0.1, 0.2, 0.3], "se": 0.03}), "indicator", by="province")
    >>> pa.in_34(rates, "equal")[["province", "estimate"]].round(3).values.tolist()
    [['37', 0.2]]
    """
    column = _column(table, "table")
    if _units(table, column) == 34:
        raise LinkError("the table is of the 34 units already")
    own = table[table[column].notna()].copy()
    if weights is None:
        raise LinkError(
            "rates and scores are of different lists of provinces. Give weights= (the population of each of the "
            "63 codes, or 'equal') to bring the 63 to the 34; or estimate rates of the 34 from the microdata"
        )
    if (isinstance(weights, str) and weights != "equal") or not isinstance(
        weights, str | Mapping | pd.Series
    ):
        raise LinkError(f"weights={weights!r} is unknown; it is 'equal' or a number for each code of the 63")
    given = dict.fromkeys(own[column], 1.0) if isinstance(weights, str) else dict(weights)
    lacking = sorted(
        {str(code) for code in own[column]}
        - {code for code, one in given.items() if is_number(one) and 0 < one < np.inf}
    )
    if lacking:
        raise LinkError(f"weights: no number above 0 for {lacking}")
    moved = provinces.crosswalk().set_index("gso63")["gso34"]
    own["_w"] = own[column].map(given).astype(float)
    own["_new"] = own[column].map(moved)
    others = [name for name in ("indicator", *domains_of(table)) if name != column]
    whole = moved.value_counts()
    parts = [
        _merged(group)
        | ({} if len(group) == whole[group["_new"].iloc[0]] else {"estimate": np.nan, "se": np.nan})
        for _, group in own.groupby([*others, "_new"], dropna=False, sort=False)
    ]
    name = "gso34" if column == "gso63" else column
    rows = (
        pd.DataFrame(parts)
        .drop(columns=[column, "_w", "units"], errors="ignore")
        .rename(columns={"_new": name})
    )
    return estimates(rows, [name if one == column else one for one in domains_of(table)], units=34)


def _merged(group: pd.DataFrame) -> dict[str, Any]:
    w = (group["_w"] / group["_w"].sum()).to_numpy()
    row = {str(name): group[name].iloc[0] for name in group if group[name].nunique(dropna=False) == 1}
    gone = dict.fromkeys(("ci_low", "ci_high", "df", "deff", "count", "base", "rank", "tied", "band"), np.nan)
    return {name: value for name, value in row.items() if name not in gone} | {
        "_new": group["_new"].iloc[0],
        "estimate": float(w @ group["estimate"].to_numpy()),
        "se": float(np.sqrt(w**2 @ group["se"].to_numpy() ** 2)),
        "n": float(group["n"].sum(min_count=1)),
        "flag": join_flags(*group["flag"]),
    }


def _column(table: pd.DataFrame, name: str) -> str:
    """Return the one column of provinces that a table has codes in."""
    there = [one for one in PROVINCE_COLUMNS[:-1] if one in domains_of(table) and table[one].notna().any()]
    if len(there) != 1:
        raise LinkError(
            f"{name} need one column of provinces, out of {list(PROVINCE_COLUMNS[:-1])}; there are {there}. "
            "Ask for by='province', or for portal_scores of the audit"
        )
    return there[0]


def _units(table: pd.DataFrame, column: str) -> int:
    """Return the list of provinces of a table, 63 if nothing is said and the codes are of both."""
    said = {int(one) for one in table["units"].dropna()} if "units" in table else set()
    said |= {LISTS[column]} if column in LISTS else set()
    codes = {str(code) for code in table[column].dropna()}
    known = {of: set(provinces.units(of)["code"]) for of in (63, 34)}
    fitting = said or {of for of in (63, 34) if codes <= known[of]}
    if len(said) > 1 or not fitting or not codes <= known[max(fitting)]:
        raise LinkError(f"the codes of {column!r} are of no single list of provinces: {sorted(codes)[:5]} …")
    return max(fitting)


def _one_each(table: pd.DataFrame, name: str) -> pd.DataFrame:
    column = _column(table, name)
    rows = table[table[column].notna() & ~has_flag(table, "not measured") & table["estimate"].notna()]
    own = rows.set_index(rows[column].astype(str))
    if own.index.has_duplicates:
        several = [
            one
            for one in ("indicator", *domains_of(rows))
            if one != column and rows[one].nunique(dropna=False) > 1
        ]
        twice = own.index[own.index.duplicated()].unique().tolist()
        raise LinkError(
            f"{name}: several rows for {twice[:3]}; choose one value of {several or 'the table'} first"
        )
    return own


def _rate_variances(rates: pd.DataFrame, variances: str | None) -> np.ndarray:
    """Return the variance of each rate's error."""
    n, se = rates["n"].to_numpy(dtype=float), rates["se"].to_numpy(dtype=float)
    direct = not has_flag(rates, MODEL_BASED).any()
    chosen = variances or ("smoothed" if direct and (n > 0).all() else "given")
    if chosen not in VARIANCES:
        raise LinkError(f"variances={variances!r} is unknown; it may be {list(VARIANCES)}")
    if not np.isfinite(se).any():
        raise LinkError("the rates have no standard errors; a link takes account of them")
    if chosen == "smoothed":
        if not (n > 0).all():
            raise LinkError("variances='smoothed' needs n for each rate")
        return np.asarray(np.nanmean(n * se**2) / n)
    unsure = rates.index[~(se > 0)].tolist()
    if unsure:
        raise LinkError(
            f"the rates of {unsure[:5]} have a standard error of 0 or none, as if they were exact; "
            "take variances='smoothed', or leave them out"
        )
    return np.asarray(se**2)


def _about(table: pd.DataFrame) -> dict[str, Any]:
    """Return the domains that hold of all rows of a table."""
    found = {
        name: table[name].dropna().unique() for name in domains_of(table) if name not in PROVINCE_COLUMNS
    }
    return {name: values[0] for name, values in found.items() if len(values) == 1}
