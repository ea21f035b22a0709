"""Published numbers, loaded as estimates: figures of reports and the press, and counts of reviews.

Takes checked tables of a dataset of kind ``published``; hands on ESTIMATES.
"""

from __future__ import annotations

import pandas as pd

from portal_analysis import codebook
from portal_analysis.datasets import SourceError, dataset
from portal_analysis.origins import of_dataset, remember
from portal_analysis.shape import EstimatesError, add_flag, check, domains_of, estimates

NO_COUNT = "no published count"
"""The indicator of a row that stands for a shortcoming of which nobody published a count."""

STATUS_FLAGS = {
    "reported": "",
    "reported_inexact": "inexact",
    "uncertain_definition": "definition unknown",
    "uncertain": "uncertain",
    "conflict": "conflict",
    "target": "target",
}
"""What the ``status`` of a published number puts in its ``flag``."""

PUBLISHED = {
    "figures": (
        *("indicator_id", "level", "geography", "period_start", "period_end", "value", "n", "unit", "status"),
        "figure_id",
    ),
    "counts": ("count_id", "round", "count", "base", "unit", "status"),
}
"""The columns without which a table of published numbers cannot be loaded."""


def load_published(name: str) -> pd.DataFrame:
    """Load published figures as ESTIMATES, each with what is known of its definition and sources.

    Parameters
    ----------
    name : str
        The id of a dataset of kind ``published``. Its numbers stand in a table ``figures`` (values as published)
        or ``counts`` ("n of N").

    Returns
    -------
    DataFrame
        ESTIMATES. Percentages are proportions (0–1). For ``figures`` the domain columns are ``level``,
        ``geography`` and ``period`` (ISO 8601; ``level`` is missing where a number is about all levels), for
        ``counts`` it is ``round``. Extras: ``unit``; ``qualifier`` ("more than") and ``decimals`` as published;
        ``count``, ``base`` and ``counted`` (what is counted) of counts; ``status``, ``note``, ``note_vi``; the
        row's id (``figure_id``, ``count_id``); ``source_ids``, the publications, joined by ``"; "``;
        ``origin_en`` and ``origin_vi``, who measured it, where that is another than who published it.

    Raises
    ------
    SourceError
        If there is no such dataset, or it holds no published numbers.
    CodebookError
        If its tables do not hold what their codebook says.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> published = pa.load_published("egov-figures")
    >>> usage = published[published["indicator"] == "ncdt_usage_rate"]
    >>> print(usage[["period", "estimate"]].to_string(index=False))
                   period  estimate
                     2020    0.0178
                     2021    0.0951
    2022-01-01/2022-07-31    0.1800
    """
    source = dataset(name)
    tables = codebook.load(source)
    if source.kind != "published" or not {"figures", "counts"} & set(tables):
        raise SourceError(
            f"dataset '{name}' is of kind '{source.kind}' and holds no table 'figures' or 'counts'"
        )
    held = "figures" if "figures" in tables else "counts"
    lacking = [column for column in PUBLISHED[held] if column not in tables[held]]
    if lacking:
        raise SourceError(f"dataset '{name}': the table '{held}' lacks the columns {lacking}")
    rows, domains = _figure_rows(tables) if held == "figures" else _count_rows(tables)
    rows["flag"] = rows["status"].map(STATUS_FLAGS)
    rows["source"] = source.id
    table = estimates(rows, domains)
    remember(source.id, of_dataset(source, "load_published"))
    return add_flag(table, "simulated") if source.simulated else table


def _figure_rows(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
    figures = tables["figures"]
    percent = figures["unit"] == "percent"
    rows = pd.DataFrame(
        {
            "indicator": figures["indicator_id"],
            "level": figures["level"].where(figures["level"] != "all"),
            "geography": figures["geography"],
            "period": _periods(figures["period_start"], figures["period_end"]),
            "estimate": figures["value"].where(~percent, figures["value"] / 100),
            "n": figures["n"],
            "unit": figures["unit"].where(~percent, "proportion"),
        }
    )
    extras = ["qualifier", "decimals", "status", "note", "note_vi", "figure_id"]
    rows = rows.join(figures[[name for name in extras if name in figures]])
    rows["source_ids"] = _joined_sources(tables.get("figure_sources"), figures["figure_id"], "figure_id")
    if "origin_en" in tables.get("indicators", ()):
        measured = tables["indicators"].set_index("indicator_id")[["origin_en", "origin_vi"]]
        rows = rows.join(measured, on="indicator")
    return rows, ["level", "geography", "period"]


def _count_rows(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
    counts = tables["counts"]
    rows = pd.DataFrame(
        {
            "indicator": counts["count_id"],
            "round": counts["round"],
            "estimate": counts["count"] / counts["base"],
            "n": counts["base"],
            "unit": "proportion",
            "count": counts["count"],
            "base": counts["base"],
            "counted": counts["unit"],
        }
    )
    extras = ["count_type", "level", "status", "note", "note_vi", "count_id", "criterion_id", "item_id"]
    rows = rows.join(counts[[name for name in extras if name in counts]])
    rows["source_ids"] = _joined_sources(tables.get("count_sources"), counts["count_id"], "count_id")
    return rows, ["round"]


def published_shortcomings(counts: pd.DataFrame, scheme: str = "article") -> pd.DataFrame:
    """Sort published counts under the shortcomings that they bear on.

    Parameters
    ----------
    counts : DataFrame
        Published counts of one dataset, from :func:`load_published`, or some of its rows.
    scheme : str
        Which list of shortcomings of the dataset: ``article`` (S1 to S5) or ``reviewers`` (R1 to R5).

    Returns
    -------
    DataFrame
        ESTIMATES with ``shortcoming`` as first domain column, in the list's order. A count that bears on two
        shortcomings stands under both, with the extra ``share`` that the dataset's codebook gives each; ``basis``
        says who linked them. A shortcoming without a count keeps one row without a value, flagged ``not measured``.
        Counts that the codebook links to no shortcoming are left out.

    Raises
    ------
    EstimatesError
        If the table holds no counts, or those of several datasets.
    SourceError
        If the dataset has no such list.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> counts = pa.load_published("portal-review-published")
    >>> found = pa.published_shortcomings(counts)
    >>> print(found[["shortcoming", "round", "count", "base"]].head(3).to_string(index=False))
    shortcoming round  count  base
             S1  2023   26.0  63.0
             S1  2023   24.0  63.0
             S1  2023   17.0  63.0
    """
    names = sorted(check(counts)["source"].unique())
    if "count_id" not in counts or len(names) != 1:
        raise EstimatesError(f"expected published counts of one dataset; the table's sources are {names}")
    tables = codebook.load(names[0])
    schemes = list(tables["shortcomings"]["scheme"].unique()) if "shortcomings" in tables else []
    if scheme not in schemes:
        raise SourceError(f"dataset '{names[0]}' has no list of shortcomings '{scheme}'; it has {schemes}")
    listed = tables["shortcomings"].query("scheme == @scheme").sort_values("position")
    links = tables["codebook"].query("scheme == @scheme").dropna(subset=["count_id"])
    rows = listed[["shortcoming_id"]].merge(
        links[["shortcoming_id", "count_id", "share", "basis"]], how="left"
    )
    rows = rows.merge(counts, how="left", on="count_id").rename(columns={"shortcoming_id": "shortcoming"})
    bare = ~rows["shortcoming"].isin(rows.loc[rows["indicator"].notna(), "shortcoming"])
    kept = rows[rows["indicator"].notna() | (bare & ~rows["shortcoming"].duplicated())].copy()
    none = kept["indicator"].isna()
    kept.loc[none, ["source", "flag"]] = [names[0], "not measured"]
    kept.loc[none, "indicator"] = NO_COUNT
    return estimates(kept, ["shortcoming", *domains_of(counts)])


def _joined_sources(links: pd.DataFrame | None, ids: pd.Series, key: str) -> pd.Series:
    if links is None:
        return pd.Series("", index=ids.index)
    return ids.map(links.groupby(key)["source_id"].agg("; ".join)).fillna("")


def _periods(start: pd.Series, end: pd.Series) -> pd.Series:
    """Write periods as ISO 8601: a whole year or month as such, any other as ``start/end``."""
    return pd.Series(
        [period_code(*pair) for pair in zip(start, end, strict=True)], index=start.index, dtype="object"
    )


def period_code(start: pd.Timestamp, end: pd.Timestamp) -> str | None:
    """Write a period as ISO 8601: ``2022``, ``2024-07``, ``2022-01-01/2022-07-31``; ``..`` where an end is open."""
    if pd.isna(start) and pd.isna(end):
        return None
    if pd.isna(start) or pd.isna(end):
        return (
            f"{'..' if pd.isna(start) else f'{start:%Y-%m-%d}'}/{'..' if pd.isna(end) else f'{end:%Y-%m-%d}'}"
        )
    if start.is_year_start and end.is_year_end and start.year == end.year:
        return f"{start:%Y}"
    if start.is_month_start and end.is_month_end and f"{start:%Y%m}" == f"{end:%Y%m}":
        return f"{start:%Y-%m}"
    return f"{start:%Y-%m-%d}/{end:%Y-%m-%d}"
