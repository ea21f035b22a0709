"""From any usual spelling of a province to its code, and from the code to its name, region, tile and outline.

Hands on codes as text (``"01"`` to ``"96"``), always of one of two lists: the 63 units until 30 June 2025, or the
34 units since. The same number can mean two provinces (15 is Yên Bái in the first list and Lào Cai in the second),
so every function names its list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

import pandas as pd

from portal_analysis import datasets
from portal_analysis.arguments import is_number
from portal_analysis.languages import LANGUAGES, column_in
from portal_analysis.provinces.register import DATASET, LISTS, UNIT_COLUMNS, register_read
from portal_analysis.provinces.spellings import ISO_CODE, ProvinceError, resolve, unresolved
from portal_analysis.structured import parse_json

__all__ = [
    "DATASET",
    "ISO_CODE",
    "LISTS",
    "MERGER",
    "ProvinceError",
    "boundaries",
    "boundary_note",
    "code",
    "crosswalk",
    "islands",
    "name",
    "region",
    "tiles",
    "units",
]

MERGER = pd.Timestamp("2025-07-01")


@overload
def code(names: str | int, list: int | None = None) -> str: ...


@overload
def code(names: Iterable[Any], list: int | None = None) -> pd.Series: ...


def code(names: Any, list: int | None = None) -> str | pd.Series:
    """Return the GSO code of each province, whatever usual spelling it is named in.

    Upper and lower case, tone marks and other diacritics, composed or decomposed Unicode, blanks, hyphens and
    dots make no difference; ``Tỉnh``, ``Thành phố``, ``TP.``, ``Province`` and ``City`` may stand with a name of
    that type. Short and former spellings in use are those of ``data/provinces/aliases.csv``. Nothing else is
    matched: a name that is only similar to a province is an error. So is ``TP. Thái Nguyên``, which is a town and
    not the province.

    Parameters
    ----------
    names : str, int, or Series or other iterable of them
        Names, ISO 3166-2 codes (``VN-HN``) or GSO codes (``"01"``, ``1``).
    list : {63, 34}, optional
        The list that the result belongs to. If not given, names are looked up in the list of 63, and a bare number
        that means different provinces in the two lists (15, 24, 44, 52, 80, 82, 91) is an error.

    Returns
    -------
    str or Series
        The code of one name; for several, a Series with the index and name of the one given.

    Raises
    ------
    ProvinceError
        If an input is unknown, ambiguous or missing. All of them are named, each with its rows and the three
        nearest names.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> pa.provinces.code("tỉnh Hà Giang")
    '02'
    >>> pa.provinces.code(["TP.HCM", "Thua Thien-Hue", "BRVT"]).tolist()
    ['79', '46', '77']
    >>> pa.provinces.code("Lào Cai", list=34)
    '15'
    """
    wanted = _listed(63 if list is None else list)
    single, given = _series(names)
    values = given.map(_plain).astype(object)
    register = register_read()
    found = {value: resolve(value, wanted, list, register) for value in values.dropna().unique()}
    codes = {value: answer for value, (answer, _) in found.items() if answer}
    result = values.map(codes)
    if result.isna().any():
        raise unresolved(values[result.isna()], found, wanted, register)
    return str(result.iloc[0]) if single else result.astype("str")


def units(list: int | None = None, year: int | None = None) -> pd.DataFrame:
    """Return the provinces and centrally governed cities of a list.

    Parameters
    ----------
    list : {63, 34}, optional
        The list; 63 if neither ``list`` nor ``year`` is given.
    year : int, optional
        A year instead of a list: until 2024 the list of 63, from 2026 that of 34. 2025 has both.

    Returns
    -------
    DataFrame
        One row a unit in the order of the codes: ``code, list, name_en, name_vi, type, region, region_en,
        region_vi, lon, lat, tile_row, tile_col, abbr``; for the list of 63 also ``iso_3166_2, hasc, gso34`` (the
        unit it became part of), for the list of 34 ``parts`` (a tuple of codes of the list of 63). The regions are
        the six of the list of 63; they are missing for a unit whose parts lie in several. ``lon`` and ``lat`` are
        a point inside.

    Raises
    ------
    ProvinceError
        If there is no such list, list and year contradict each other, or the year is 2025.
    """
    return register_read().units[_chosen(list, year)].copy()


@overload
def name(code: str, lang: str = "en", list: int = 63) -> str: ...


@overload
def name(code: Iterable[Any], lang: str = "en", list: int = 63) -> pd.Series: ...


def name(code: Any, lang: str = "en", list: int = 63) -> str | pd.Series:
    """Return the name of each code of a list in a language, in English where the list holds none in it.

    Parameters
    ----------
    code : str, or Series or other iterable of str
        GSO codes. In a Series a missing code stays missing: in ESTIMATES it means the whole country.
    lang : {"en", "vi"}
        Language.
    list : {63, 34}
        The list that the codes belong to.

    Raises
    ------
    ProvinceError
        If codes are not in the list (all of them are named), or the language is not known.
    """
    return _looked_up(code, _column("name", lang), list)


@overload
def region(code: str, lang: str | None = None, list: int = 63) -> str: ...


@overload
def region(code: Iterable[Any], lang: str | None = None, list: int = 63) -> pd.Series: ...


def region(code: Any, lang: str | None = None, list: int = 63) -> str | pd.Series:
    """Return the socio-economic region of each code: its own code, or its name in ``lang``.

    The six regions are those of the list of 63. A unit of the list of 34 has one only if all its parts lie in it.

    Raises
    ------
    ProvinceError
        If codes are not in the list, or are units of the list of 34 whose parts lie in several regions.
    """
    return _looked_up(code, "region" if lang is None else _column("region", lang), list)


def crosswalk() -> pd.DataFrame:
    """Return which unit of the list of 34 each of the 63 units became part of.

    Returns
    -------
    DataFrame
        ``gso63, name63_en, name63_vi, gso34, name34_en, name34_vi, same_extent``; the last says whether the unit
        kept its extent. Every one of the 63 lies in exactly one of the 34.
    """
    old, new = (register_read().units[each] for each in LISTS)
    columns = ["code", "name_en", "name_vi"]
    left = old[[*columns, "gso34"]].set_axis(["gso63", "name63_en", "name63_vi", "gso34"], axis=1)
    right = new[columns].set_axis(["gso34", "name34_en", "name34_vi"], axis=1)
    joined = left.merge(right, on="gso34", how="left", validate="many_to_one").sort_values("gso63")
    joined["same_extent"] = joined.groupby("gso34")["gso63"].transform("size") == 1
    return joined.reset_index(drop=True)


def tiles(list: int = 63) -> pd.DataFrame:
    """Return the place of each unit in the tile grid, where every unit is a square of the same size.

    Returns
    -------
    DataFrame
        ``code, list, abbr, name_en, name_vi, row, col``; row 0 is the north, column 0 the west.
    """
    chosen = register_read().units[_listed(list)]
    columns = ["code", "list", "abbr", "name_en", "name_vi", "tile_row", "tile_col"]
    return chosen[columns].rename(columns={"tile_row": "row", "tile_col": "col"})


def boundaries(list: int = 63) -> dict[str, Any]:
    """Return the indicative outlines of a list's units as parsed GeoJSON; a feature's ``id`` is its code.

    They are right for maps in reports and never for areas or densities: see :func:`boundary_note`. Hoàng Sa and
    Trường Sa have no outline; their points are in :func:`islands`.
    """
    parsed = parse_json(register_read().outlines[_listed(list)], "the outlines", ProvinceError)
    if not isinstance(parsed, dict):
        raise ProvinceError("the outlines are no GeoJSON object")
    return parsed


def boundary_note(lang: str = "en") -> str:
    """Return the sentence that goes under every map drawn with :func:`boundaries`."""
    described = datasets.dataset(DATASET).descriptor
    return datasets.translated(described, "note", _language(lang))


def islands() -> pd.DataFrame:
    """Return points for the labels of islands and archipelagos.

    Returns
    -------
    DataFrame
        ``island, name_vi, name_en, gso63, gso34, lon, lat, inset``; ``inset`` says that a map draws a labelled
        box instead of an outline.
    """
    return register_read().islands.copy()


def _series(given: Any) -> tuple[bool, pd.Series]:
    """Tell whether one value was given, and return what was given as a Series of objects."""
    single = isinstance(given, str | bytes) or not isinstance(given, Iterable)
    values = (
        given if isinstance(given, pd.Series) else pd.Series([given] if single else [*given], dtype=object)
    )
    return single, values.astype(object)


def _plain(value: Any) -> Any:
    """Keep text, numbers and what is missing; show anything else as text, so that it is named in the error."""
    usable = isinstance(value, str) or is_number(value)
    if isinstance(value, str):
        # half a character of Unicode is shown by its number: no table can hold it
        return value.encode("utf-8", "backslashreplace").decode("utf-8") if value.strip() else None
    return value if usable or value is None or value is pd.NA or value is pd.NaT else repr(value)


def _looked_up(codes: Any, column: str, list: int) -> str | pd.Series:
    table = register_read().units[_listed(list)].set_index("code")[column]
    single, given = _series(codes)
    present = given.dropna() if not single else given
    unknown = present[~present.isin(table.index)]
    if len(unknown):
        shown = ", ".join(f"{value!r} (row {row})" for row, value in unknown.drop_duplicates().items())
        raise ProvinceError(
            f"not codes of the list of {list}: {shown}. Codes are two digits as text; `code` finds them for names."
        )
    crossing = present[present.map(table).isna()]
    if len(crossing):
        shown = ", ".join(sorted(register_read().label(each, list) for each in crossing.unique()))
        raise ProvinceError(
            f"{shown}: the parts lie in several regions; ask for the region of the 63 units instead"
        )
    result = given.astype(object).map(table.to_dict())
    return str(result.iloc[0]) if single else result.astype("str")


def _chosen(list: int | None, year: int | None) -> int:
    if year is None:
        return _listed(63 if list is None else list)
    if year == MERGER.year and list is None:
        raise ProvinceError(
            f"{year} has two lists: 63 units until 30 June, 34 since 1 July; pass list=63 or list=34"
        )
    meant = list if year == MERGER.year and list is not None else 63 if year < MERGER.year else 34
    if list is not None and _listed(list) != meant:
        raise ProvinceError(f"list={list} and year={year} contradict each other: {year} has {meant} units")
    return _listed(meant)


def _listed(list: int) -> int:
    if list not in LISTS:
        raise ProvinceError(
            f"there is no list {list!r}; there are 63 (units until 30 June 2025) and 34 (since 1 July 2025)"
        )
    return list


def _column(name: str, lang: str) -> str:
    return column_in(UNIT_COLUMNS, name, _language(lang))


def _language(lang: str) -> str:
    if lang not in LANGUAGES:
        raise ProvinceError(f"language {lang!r} is not known; languages are {[*LANGUAGES]}")
    return lang
