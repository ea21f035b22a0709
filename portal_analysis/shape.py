"""The one table in which every number ends: its columns, its flags, how tables are put together.

Hands on plain pandas frames in the shape
``indicator | domain columns | estimate … source | extras``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from portal_analysis import codebook
from portal_analysis.arguments import is_number, units_faults
from portal_analysis.faults import Error, near

VALUE_COLUMNS = ("estimate", "se", "ci_low", "ci_high", "n", "df", "deff", "flag", "source")
"""The columns after the domain columns, in their order. Extra columns follow ``source``."""

NUMBER_COLUMNS = VALUE_COLUMNS[:7]

FLAGS = (
    "suppress",
    "review",
    "model-based",
    "synthetic",
    "inexact",
    "definition unknown",
    "conflict",
    "uncertain",
    "not comparable",
    "target",
    "not measured",
    "no population total",
    "inconsistent",
    "ecological",
    "simulated",
)
"""The words a ``flag`` may hold; several are joined by ``"; "`` in this order."""

PROVINCE_COLUMNS = ("province", "province_code", "gso63", "gso34", "other_province", "geography")
"""Domain columns that hold provinces."""

LISTS = {"gso63": 63, "gso34": 34}
"""Columns whose name says of which list of provinces their codes are."""

MEASURES = (
    "proportion",
    "mean",
    "total",
    "ratio",
    "difference",
    "trend",
    "association",
    "coefficient",
    "odds ratio",
    "marginal effect",
    "term test",
    "agreement",
    "probability",
    "count",
    "score",
    "rank",
    "variance share",
    "test statistic",
    "contrast",
    "standardised",
    "quantile",
    "inequality",
    "decomposition",
    "correlation",
    "slope",
    "margin",
    "sample size",
    "small area",
    "area rank",
)
"""What kind of number a row is: the words of the extra column ``measure``, where a table says it."""


class EstimatesError(Error):
    """A table does not have the shape of ESTIMATES."""


def estimates(rows: pd.DataFrame, domains: Sequence[str] = (), units: int | None = None) -> pd.DataFrame:
    """Give a frame the shape of ESTIMATES: columns in order, what does not exist left missing.

    Parameters
    ----------
    rows : DataFrame
        One row a number, with at least ``indicator`` and ``estimate``.
    domains : sequence of str
        The columns that say what a number is about, in the order wanted.
    units : {63, 34}, optional
        The list that the provinces of the table are of. If not given: as a column ``units`` of ``rows``, the
        name of the domain column (``gso63``, ``gso34``) or the rows' source says.

    Returns
    -------
    DataFrame
        A new frame: ``indicator``, the domain columns, :data:`VALUE_COLUMNS`, ``unit`` if there is one, then every
        other column of ``rows`` in its order. Missing numbers are NaN, missing ``flag`` and ``source`` are ``""``.
        A table about provinces has the extra column ``units``, 63 or 34, where that is known.

    Raises
    ------
    EstimatesError
        If ``indicator``, ``estimate`` or a domain column is missing, a flag is not one of :data:`FLAGS`, or what
        ``measure`` says is not one of :data:`MEASURES`, for which there are words.
    """
    missing = [name for name in ("indicator", *domains, "estimate") if name not in rows.columns]
    if missing:
        raise EstimatesError(f"estimates need the columns {missing}; the frame has {list(rows.columns)}")
    if "measure" in rows and "measure" not in domains:
        said = rows["measure"].dropna().unique()
        if unknown := [name for name in said if name not in ("", *MEASURES)]:
            raise EstimatesError.of(
                [f"no measure is called {name!r}: {near(str(name), MEASURES)}" for name in unknown]
            )
    shaped = rows.copy().reset_index(drop=True)
    for name in NUMBER_COLUMNS:
        shaped[name] = pd.to_numeric(shaped[name]).astype(float) if name in shaped else float("nan")
    for name in ("flag", "source"):
        shaped[name] = shaped[name].fillna("").astype(str) if name in shaped else ""
    shaped["flag"] = shaped["flag"].map({flag: join_flags(flag) for flag in shaped["flag"].unique()})
    for name in (name for name in domains if name in PROVINCE_COLUMNS):
        shaped[name] = _two_digits(shaped[name])
    if (of := _units_of(shaped, domains, units)) is not None:
        shaped["units"] = of
    first = [
        "indicator",
        *domains,
        *VALUE_COLUMNS,
        *(["unit"] if "unit" in shaped and "unit" not in domains else []),
    ]
    return shaped[first + [name for name in shaped.columns if name not in first]]


def _two_digits(codes: pd.Series) -> pd.Series:
    """Return codes of provinces that are numbers as their two digits: 1.0 is 01; others as they are."""
    held = codes.dropna()
    if not all(map(is_number, held)):
        return codes
    whole = held.astype(float)
    if not len(held) or not ((whole % 1 == 0) & whole.between(1, 99)).all():
        return codes
    return codes.map(lambda code: f"{int(code):02d}", na_action="ignore").astype(object)


def _units_of(shaped: pd.DataFrame, domains: Sequence[str], units: int | None) -> Any:
    """Return the list of provinces of each row, or None where nothing is known or nothing is to be said."""
    if faults := units_faults(units):
        raise EstimatesError.of(faults)
    about = [name for name in domains if name in PROVINCE_COLUMNS]
    if units is not None or not about:
        return units
    named = {LISTS[name] for name in about if name in LISTS}
    if len(named) == 1:
        return named.pop()
    told = {source: _declared(source, about) for source in shaped["source"].unique()}
    found = shaped["source"].map(told).astype("Int64")
    found = shaped["units"].astype("Int64").fillna(found) if "units" in shaped else found
    return (
        found.astype("int64")
        if len(found) and found.notna().all()
        else found
        if found.notna().any()
        else None
    )


def _declared(source: str, about: Sequence[str]) -> int | None:
    found = {codebook.units(one, name) for one in source.split("; ") for name in about} - {None}
    return found.pop() if len(found) == 1 else None


def check(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` if it is ESTIMATES; say what is missing if it is not.

    Raises
    ------
    EstimatesError
        If a column of ESTIMATES is missing, the table is not a frame, or an estimate is infinite or outside what its
        unit allows.
    """
    faults = list(_impossible(_formed(table)))
    if faults:
        raise EstimatesError.of(faults)
    return table


def _formed(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` if it has the columns of ESTIMATES, whatever they hold."""
    if not isinstance(table, pd.DataFrame):
        raise EstimatesError(f"expected a table of estimates, got {type(table).__name__}")
    missing = [name for name in ("indicator", *VALUE_COLUMNS) if name not in table.columns]
    if missing:
        raise EstimatesError(
            f"this is not a table of estimates: the columns {missing} are missing; it has {list(table.columns)}"
        )
    return table


RANGES = {
    "proportion": (0.0, 1.0, "Is it a percentage? Divide by 100"),
    "points": (-1.0, 1.0, "Is it in percentage points? Divide by 100"),
    "count": (0.0, float("inf"), "A count is not negative"),
    "margin": (0.0, float("inf"), "Half the width of an interval is not negative"),
}
"""Between which numbers an estimate of a unit lies, and what else it may be."""

SLACK = 1e-9


def _impossible(table: pd.DataFrame) -> Iterator[str]:
    """Say where an estimate is infinite or lies outside what its unit allows."""
    values = table["estimate"].to_numpy(dtype=float, na_value=float("nan"))
    infinite = abs(values) == float("inf")
    if infinite.any():
        yield f"estimates are finite; {_rows(table, infinite)}"
    if "unit" not in table:
        return
    unit = table["unit"].astype(object)
    for name in unit.dropna().unique():
        low, high, hint = RANGES.get(name, (-float("inf"), float("inf"), ""))
        wrong = ((values < low - SLACK) | (values > high + SLACK)) & (unit == name).to_numpy() & ~infinite
        if wrong.any():
            span = f"between {low:g} and {high:g}" if high < float("inf") else f"{low:g} or above"
            yield f"unit {name}: estimates lie {span}; {_rows(table, wrong)}. {hint}"


def _rows(table: pd.DataFrame, wrong: Any) -> str:
    """Quote the first of some rows: "row 0 has 66.7 (and 2 more)"."""
    at = int(wrong.argmax())
    more = f" (and {int(wrong.sum()) - 1} more)" if wrong.sum() > 1 else ""
    return f"row {table.index[at]} has {table['estimate'].iloc[at]:.6g}{more}"


def domains_of(table: pd.DataFrame) -> list[str]:
    """Return the domain columns of ESTIMATES: those between ``indicator`` and ``estimate``."""
    columns = list(_formed(table).columns)
    return columns[columns.index("indicator") + 1 : columns.index("estimate")]


def margins_of(table: pd.DataFrame) -> list[str]:
    """Return the domain columns that a table splits by one at a time: each row names at most one of them.

    Such are the tables of ``by=[(), ("sex",), ("age_group",)]`` and of several combined differences. Empty if
    there are not at least two.
    """
    named = table[domains_of(table)].notna()
    columns = [str(name) for name in named if named[name].any() and not named[name].all()]
    alone = bool((named[columns].sum(axis=1) <= 1).all())
    return columns if len(columns) > 1 and alone else []


def term_columns(term: str) -> list[str]:
    """Return the columns that a model's term is made of: ``C(urban):I(wave - 2022)`` is urban and wave."""
    found = [re.search(r"[^\W\d]\w*", re.sub(r"^[A-Za-z]\w*\(", "", part)) for part in str(term).split(":")]
    return [match.group() for match in found if match]


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as mappings from column to value."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def split_flags(flag: str) -> list[str]:
    """Return the flags that a ``flag`` cell holds; an empty cell holds none."""
    return [part for part in str(flag).split("; ") if part]


def join_flags(*flags: str) -> str:
    """Join flags into one cell: each once, in the order of :data:`FLAGS`.

    Raises
    ------
    EstimatesError
        If a word is not one of :data:`FLAGS`.
    """
    found = {part for flag in flags for part in split_flags(flag)}
    unknown = sorted(found - set(FLAGS))
    if unknown:
        raise EstimatesError(f"unknown flag {unknown}; flags are {list(FLAGS)}")
    return "; ".join(flag for flag in FLAGS if flag in found)


def add_flag(table: pd.DataFrame, flag: str, where: Iterable[bool] | None = None) -> pd.DataFrame:
    """Return a new table with ``flag`` joined to the rows of ``where`` (all rows if not given)."""
    flagged = check(table).copy()
    mask = (
        pd.Series(True, index=flagged.index) if where is None else pd.Series(list(where), index=flagged.index)
    )
    flagged.loc[mask, "flag"] = flagged.loc[mask, "flag"].map(lambda old: join_flags(old, flag))
    return flagged


def has_flag(table: pd.DataFrame, flag: str) -> pd.Series:
    """Return a Boolean column: does the row carry ``flag``?"""
    return _formed(table)["flag"].map(lambda cell: flag in split_flags(cell)).astype(bool)


def combine(*tables: pd.DataFrame) -> pd.DataFrame:
    """Put tables of estimates under each other; domain columns that one lacks are left missing there.

    Returns
    -------
    DataFrame
        ESTIMATES with the union of the domain columns, in order of first appearance. An extra column that is
        called as a domain column of another table (``level`` of an interval, ``level`` of government) is left out.

    Raises
    ------
    EstimatesError
        If there is no table, or one is not ESTIMATES.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> published = pa.load_published("egov-figures")
    >>> papi = pa.load_survey("papi-simulated")
    >>> used = published[published["indicator"] == "papi_npsp_use"]
    >>> both = pa.combine(used, pa.proportion(papi, "npsp_use", by="wave"))
    >>> print(sorted(both["source"].unique()))
    ['egov-figures', 'papi-simulated']
    """
    if not tables:
        raise EstimatesError("combine needs at least one table of estimates")
    names = list(dict.fromkeys(name for table in tables for name in domains_of(check(table))))
    own = [table.drop(columns=set(names) & set(table) - set(domains_of(table))) for table in tables]
    stacked = pd.concat([table.reindex(columns=_union(table, names)) for table in own], ignore_index=True)
    return estimates(stacked, names)


def _union(table: pd.DataFrame, domains: list[str]) -> list[str]:
    taken = {"indicator", *domains}
    extras = [name for name in table.columns if name not in taken]
    return ["indicator", *domains, *extras]
