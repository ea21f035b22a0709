"""Provinces in a caller's own columns: numbers, and numbers with labels of their own, become codes of a list.

Hands on columns of two-digit codes, and which list they are of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from portal_analysis import provinces
from portal_analysis.codebook import Labels
from portal_analysis.shape import LISTS, PROVINCE_COLUMNS
from portal_analysis.tables import cell_text
from portal_analysis.tables.table import warn

WHERE = tuple(name for name in PROVINCE_COLUMNS if name != "geography")
"""Columns that hold provinces by their names."""


def with_codes(data: pd.DataFrame, known: Labels, units: int | None) -> tuple[pd.DataFrame, Labels]:
    """Return a frame whose columns of provinces hold two-digit codes, and the labels that are still needed.

    A number that its label names a province is that province, whatever the number: surveys count the provinces in
    their own order. Names stay names in a column called ``province``, and become codes in the others, which are
    called codes. Columns in which hardly anything is a province are left as they are; where some are not, nothing is
    changed and a warning names them.
    """
    changed = {}
    for column in (name for name in WHERE if name in data):
        told = {
            code: text["vi"] for (name, code), text in known.items() if name == column and code is not None
        }
        codes = _codes(data[column], told, LISTS.get(column, units), column)
        if codes is not None:
            changed[column] = data[column].map(codes).astype("str")
            known = {key: text for key, text in known.items() if key[0] != column or key[1] is None}
    return data.assign(**changed), known


def codes_of(values: pd.Series, units: int | None = None) -> tuple[pd.Series, int]:
    """Return provinces, however they are written, as codes of a list, and the list; what is missing stays missing.

    Parameters
    ----------
    values : Series
        Numbers, codes or names.
    units : {63, 34}, optional
        The list. If not given it is the list of 63, unless the values are the 34 names of the other and all of them.

    Raises
    ------
    ProvinceError
        If a value is no province of the list; all of them are named with what comes nearest.
    """
    held = pd.Series(values.dropna().unique()).map(_plain)
    wanted = units or _list_of(held)
    codes = dict(zip(values.dropna().unique(), provinces.code(held, list=wanted), strict=True))
    return values.map(codes).astype("str").mask(values.isna()), wanted


def _plain(value: Any) -> Any:
    text = cell_text(value)
    return text.zfill(2) if text.isdigit() else text


def _list_of(held: pd.Series) -> int:
    """Tell the list of names: 34 if they are all the names of that list."""
    try:
        found = set(provinces.code(held, list=34))
    except provinces.ProvinceError:
        return 63
    return 34 if len(found) == len(held) == len(provinces.units(34)) else 63


def _codes(
    values: pd.Series, told: Mapping[str, str], units: int | None, column: str
) -> dict[Any, str] | None:
    """Return the code of each value of a column; None if it holds no provinces, or not only."""
    held = [value for value in values.dropna().unique() if cell_text(value).strip()]
    named = {value: told.get(cell_text(value), cell_text(value)) for value in held}
    if not held or (column == "province" and not any(cell_text(value).isdigit() for value in held)):
        return None
    if all(text.isdigit() for text in named.values()):
        known = {code for each in (units,) if each for code in provinces.units(each)["code"]} or {
            code for each in provinces.LISTS for code in provinces.units(each)["code"]
        }
        padded = {value: text.zfill(2) for value, text in named.items()}
        return padded if set(padded.values()) <= known else None
    try:
        found, _ = codes_of(pd.Series(list(named.values())), units)
    except provinces.ProvinceError as error:
        if len(error.faults) <= len(held) / 2:
            warn(f"{column!r} is left as it is: {error}")
        return None
    return dict(zip(held, found, strict=True))
