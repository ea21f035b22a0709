"""Which numbers may leave: small groups are withheld, and whatever would give them away by subtraction.

Takes ESTIMATES; hands on ESTIMATES in which withheld rows carry the flag ``suppress`` and no number. A Reading
(:mod:`portal_analysis.language.reading`) starts from :func:`publishable`, and so does every figure, sentence, table and
file; there is no way around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.disclosure.cells import PARTIAL, Cells, Key
from portal_analysis.disclosure.thresholds import THRESHOLD, DisclosureError, thresholds, whole_number
from portal_analysis.shape import NUMBER_COLUMNS, add_flag, check, domains_of, has_flag

OUTCOMES = (
    *("category", "term", "part", "inequality", "quantile", "component", "statistic", "contrast"),
    *("method", "quantity", "goal", "stage", "without"),
)
"""Domain columns that tell numbers of one group apart, and no groups of people."""

COMPARISONS = (
    *("difference", "trend", "association", "coefficient", "odds ratio", "marginal effect", "term test"),
    *("contrast", "decomposition", "test statistic", "variance share"),
    *("correlation", "slope", "margin", "sample size"),
)
"""Measures whose ``n`` is that of several groups together."""

WHOLE = (
    *("association", "coefficient", "odds ratio", "marginal effect", "term test", "test statistic"),
    *("variance share", "correlation", "trend"),
)
"""Measures of those whose ``n`` is that of all people of their group: a total, by which a small part may be found."""

LEAST = "n_least"
"""The extra column of comparisons that holds the answers of the smallest group compared."""

DIRECT = ("direct", "direct_se")
"""Numbers of a direct estimate beside one of a model; ``direct_flag`` says how reliable it is."""

KEPT = ("level", "units", "decimals")
"""Numbers that say how a row is made, and nothing of the people in it."""


def withhold(table: pd.DataFrame, min_n: int = THRESHOLD) -> pd.DataFrame:
    """Withhold the numbers of small groups, and of further rows by which they could be found.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES; not changed.
    min_n : int
        Rows with fewer answers are withheld; 0 withholds only what is flagged ``suppress`` already.

    Returns
    -------
    DataFrame
        ESTIMATES. Withheld rows keep their domain, flag (with ``suppress``) and source; their estimate, error,
        interval, n and every other number are missing. Withholding again changes nothing.

    Raises
    ------
    DisclosureError
        If most rows rest on a single answer: the table is microdata in disguise. If ``min_n`` is no whole number.

    Notes
    -----
    *Primary* suppression withholds rows with ``n < min_n``. *Complementary* suppression (Hundepool et al.,
    *Statistical Disclosure Control*, Wiley 2012, ch. 4) withholds further rows, smallest first, until

    1. no total less the rows shown of it leaves fewer than ``min_n`` people, be they in rows or left out of the table,
       and whether the total is a row or the sum of another grouping (of the waves, the sexes, the provinces);
    2. no withheld group follows from the linear equations between all groupings of the table, whole tables of two and
       more columns included: its unit vector is not in the row space of the equations in the withheld cells.

    Indicators with the same numbers of answers are treated as one, so that none gives away what another withholds. A
    comparison with a withheld group, or with a group of fewer (its extra ``n_least``), is withheld with it. The n of a
    test or model of all, and the degrees of freedom of a design whose units are its rows, count as totals. Rows
    flagged ``suppress`` for their reliability alone lose their numbers, too, but others are not withheld for their
    sake: they rest on ``min_n`` answers and more. So statistics offices do: Statistics Canada marks a number too
    unreliable to be published (F) apart from one that is confidential (x), Eurostat low reliability (u) apart from
    confidential (c), and only the confidential one has other cells suppressed with it. Whoever computes such a number
    back from a total and the rest gets an estimate that says little, and learns of nobody.

    What this cannot know: groups nested under other names (a region beside its provinces), a second table of the same
    people cut otherwise, nearly the same answers to another question, and what a reader knows from elsewhere.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> rows = {"indicator": "use", "group": [None, "a", "b", "c"], "estimate": 0.5, "n": [100, 60, 36, 4]}
    >>> pa.withhold(pa.estimates(pd.DataFrame(rows), "indicator", by="group"))["n"].tolist()
    [100.0, 60.0, nan, nan]
    """
    return _withheld(check(table), np.full(len(table), float(whole_number(min_n, "min_n"))))


def publishable(table: pd.DataFrame, min_n: int = 0) -> pd.DataFrame:
    """Return what of a table may leave by the thresholds of its sources, and by ``min_n`` if that is stricter.

    As :func:`withhold`, with the threshold of each row's source (:func:`thresholds`).
    """
    return _withheld(check(table), thresholds(table, min_n))


def _withheld(table: pd.DataFrame, limits: np.ndarray) -> pd.DataFrame:
    n = table["n"].to_numpy(dtype=float, na_value=np.nan)
    if LEAST in table:
        n = np.fmin(n, pd.to_numeric(table[LEAST]).to_numpy(dtype=float, na_value=np.nan))
    _refuse_microdata(n[limits > 0])
    flagged = has_flag(table, "suppress").to_numpy()
    small = n < limits
    added = small.copy()
    if (limits > 0).any() and len(table) > 1:
        added |= _complements(table, limits, n, small, flagged)
    shown = add_flag(table, "suppress", added & ~flagged) if (added & ~flagged).any() else table.copy()
    return _without_unreliable(_blank(shown, flagged | added))


def _without_unreliable(table: pd.DataFrame) -> pd.DataFrame:
    """Take out direct estimates that are flagged ``suppress``, though the model's estimate beside them is shown."""
    if "direct_flag" in table:
        hidden = table["direct_flag"].astype(str).str.contains("suppress", regex=False)
        for column in (name for name in DIRECT if name in table):
            table[column] = table[column].astype(float).mask(hidden)
    return table


def _refuse_microdata(n: np.ndarray) -> None:
    single = int((n == 1).sum())
    if single > 2 and single > len(n) / 2:
        raise DisclosureError(
            f"{single} of {len(n)} rows rest on one answer each: this is microdata, not a table to publish; "
            "use fewer or wider groups"
        )


def _blank(table: pd.DataFrame, hidden: np.ndarray) -> pd.DataFrame:
    """Take every number out of the withheld rows."""
    if hidden.any():
        extras = list(table.columns)[list(table.columns).index("source") + 1 :]
        for column in (*NUMBER_COLUMNS, *(name for name in extras if name not in KEPT)):
            values = table[column]
            if pd.api.types.is_bool_dtype(values):
                table[column] = values.astype("boolean").mask(hidden)
            elif pd.api.types.is_numeric_dtype(values):
                whole = pd.api.types.is_extension_array_dtype(values.dtype)
                table[column] = (values if whole else values.astype(float)).mask(hidden)
            elif values.dtype == object:
                table[column] = values.mask(hidden & values.map(_is_number).to_numpy(dtype=bool))
    return table


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | complex | np.number)


# ------------------------------------------------------------------------------------ complementary suppression


def _complements(
    table: pd.DataFrame, limits: np.ndarray, n: np.ndarray, small: np.ndarray, flagged: np.ndarray
) -> np.ndarray:
    """Return the further rows to withhold."""
    added = np.zeros(len(table), bool)
    keys, compared = _keys(table), _is_comparison(table)
    gone: set[tuple[str, str, Key]] = set()
    inside = np.flatnonzero((limits > 0) & ~compared).tolist()
    sources, names = table["source"].astype(str).to_numpy(), table["indicator"].astype(str).to_numpy()
    for source in dict.fromkeys(sources[inside]):
        rows = [row for row in inside if sources[row] == source]
        for members in _alike(rows, names, keys, n):
            cells: dict[Key, list[int]] = {}
            for row in members:
                cells.setdefault(keys[row], []).append(row)
            elsewhere = _totals_elsewhere(
                table, keys, members, np.flatnonzero(compared & (sources == source)).tolist()
            )
            limit = float(limits[members].max())
            numbers = {key: float(np.nanmin(n[held])) if (~np.isnan(n[held])).any() else np.nan
                       for key, held in cells.items()}  # fmt: skip
            known = {key for key, held in cells.items() if (small | flagged)[held].all()}
            for key in Cells({**elsewhere, **numbers}, limit, known).protected():
                added[cells.get(key, [])] = True
                gone |= {(source, names[row], key) for row in members}
    hidden = gone | {(sources[row], names[row], keys[row]) for row in inside if added[row] or small[row]}
    for row in np.flatnonzero(compared & (limits > 0)).tolist() if hidden else ():
        added[row] |= any(
            (sources[row], name, key) in hidden
            for key in _compared_keys(table, keys, row)
            for name in {names[row], *names[row].split(" x ")}
        )
    return added


def _totals_elsewhere(
    table: pd.DataFrame, keys: list[Key], members: list[int], compared: list[int]
) -> dict[Key, float]:
    """Return numbers of answers of whole groups that other rows tell: those of a test or model, and degrees of freedom.

    The degrees of a design whose units are its rows are their number less one, or less the strata.
    """
    n = table["n"].to_numpy(dtype=float, na_value=np.nan)
    names = set(table["indicator"].iloc[members])
    whole = table["measure"].isin(WHOLE).to_numpy() if "measure" in table else np.zeros(len(table), bool)
    found = {
        keys[row]: float(n[row])
        for row in compared
        if whole[row] and names.intersection(str(table["indicator"].iloc[row]).split(" x "))
    }
    if "df_kind" in table and (table["df_kind"].iloc[members] == "design").any():
        sums: dict[frozenset[str], float] = {}
        for row in members:
            columns = frozenset(name for name, _ in keys[row])
            sums[columns] = sums.get(columns, 0.0) + (0.0 if np.isnan(n[row]) else n[row])
        everybody, df = max(sums.values()), float(np.nanmax(table["df"].iloc[members].to_numpy(dtype=float)))
        if df > everybody / 2:
            found[()] = everybody
    return found


def _is_comparison(table: pd.DataFrame) -> np.ndarray:
    found = np.zeros(len(table), bool)
    if "measure" in table:
        found |= table["measure"].isin(COMPARISONS).to_numpy()
    if "reference" in table:
        found |= table["reference"].notna().to_numpy()
    return found


def _keys(table: pd.DataFrame) -> list[Key]:
    """Return the group that each row is about."""
    columns = [name for name in domains_of(table) if name not in OUTCOMES]
    columns += [name for name in (PARTIAL,) if name in table and name not in columns]
    cells = [table[name].map(str, na_action="ignore").to_numpy(dtype=object) for name in columns]
    return [
        tuple((name, value) for name, value in zip(columns, row, strict=True) if isinstance(value, str))
        for row in (zip(*cells, strict=True) if cells else [()] * len(table))
    ]


def _compared_keys(table: pd.DataFrame, keys: list[Key], row: int) -> Iterator[Key]:
    """Yield the groups that a comparison is of: its own, and the one it is compared with."""
    yield keys[row]
    reference = table["reference"].iloc[row] if "reference" in table else None
    if keys[row] and reference is not None and not pd.isna(reference):
        column = next((name for name, _ in reversed(keys[row]) if name != PARTIAL), "")
        yield tuple((name, str(reference) if name == column else value) for name, value in keys[row])


def _alike(rows: Iterable[int], names: np.ndarray, keys: list[Key], n: np.ndarray) -> list[list[int]]:
    """Sort rows into indicators with the same numbers of answers: what one withholds the others must."""
    by_name: dict[str, list[int]] = {}
    for row in rows:
        by_name.setdefault(names[row], []).append(row)
    found: list[tuple[dict[Key, float], list[int]]] = []
    for members in by_name.values():
        own = {keys[row]: n[row] for row in members if not np.isnan(n[row])}
        for numbers, held in found:
            if all(own[key] == numbers[key] for key in own.keys() & numbers.keys()):
                numbers.update(own)
                held.extend(members)
                break
        else:
            found.append((own, members))
    return [held for _, held in found]
