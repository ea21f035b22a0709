"""From any usual spelling of a province to its code, and from the code to its name, region, tile and outline.

Hands on codes as text (``"01"`` to ``"96"``), always of one of two lists: the 63 units until 30 June 2025, or the
34 units since. The same number can mean two provinces (15 is Yên Bái in the first list and Lào Cai in the second),
so every function names its list.
"""

from __future__ import annotations

import builtins
import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import Any, overload

import pandas as pd

from portal_analysis import datasets
from portal_analysis.faults import Error
from portal_analysis.structured import parse_json
from portal_analysis.tables import read_csv_text

DATASET = "provinces"
LISTS = (63, 34)
"""The two lists: 63 units until 30 June 2025, 34 units since 1 July 2025."""

MERGER = pd.Timestamp("2025-07-01")
SHOWN_ROWS = 5
SEPARATORS = frozenset(".'’`")
LETTERS = str.maketrans({"đ": "d", "ð": "d"})
ISO_CODE = re.compile(r"VN-[0-9A-Z]{2}", re.IGNORECASE)
KIND_WORDS = re.compile(r"^(thanhpho|tp|tinh)|(city|province)$")
NUMBER = re.compile(r"[0-9]{1,2}(\.0+)?", re.ASCII)


class ProvinceError(Error):
    """A name or code is unknown, ambiguous or missing, or a list does not exist.

    Attributes
    ----------
    table : DataFrame or None
        One row a distinct faulty input: ``value, rows, problem, nearest``; None if the fault is in an argument.
    """


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
    >>> code("tỉnh Hà Giang")
    '02'
    >>> code(["TP.HCM", "Thua Thien-Hue", "BRVT"]).tolist()
    ['79', '46', '77']
    >>> code("Lào Cai", list=34)
    '15'
    """
    wanted = _listed(63 if list is None else list)
    single, given = _series(names)
    values = given.map(_plain).astype(object)
    register = _register()
    found = {value: _resolve(value, wanted, list, register) for value in values.dropna().unique()}
    codes = {value: answer for value, (answer, _) in found.items() if answer}
    result = values.map(codes)
    if result.isna().any():
        raise _unresolved(values[result.isna()], found, wanted, register)
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
    return _register().units[_chosen(list, year)].copy()


@overload
def name(code: str, lang: str = "en", list: int = 63) -> str: ...
@overload
def name(code: Iterable[Any], lang: str = "en", list: int = 63) -> pd.Series: ...


def name(code: Any, lang: str = "en", list: int = 63) -> str | pd.Series:
    """Return the name of each code of a list in English or Vietnamese.

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
    return _looked_up(code, f"name_{_language(lang)}", list)


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
    return _looked_up(code, "region" if lang is None else f"region_{_language(lang)}", list)


def crosswalk() -> pd.DataFrame:
    """Return which unit of the list of 34 each of the 63 units became part of.

    Returns
    -------
    DataFrame
        ``gso63, name63_en, name63_vi, gso34, name34_en, name34_vi, same_extent``; the last says whether the unit
        kept its extent. Every one of the 63 lies in exactly one of the 34.
    """
    old, new = (_register().units[each] for each in LISTS)
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
    chosen = _register().units[_listed(list)]
    columns = ["code", "list", "abbr", "name_en", "name_vi", "tile_row", "tile_col"]
    return chosen[columns].rename(columns={"tile_row": "row", "tile_col": "col"})


def boundaries(list: int = 63) -> dict[str, Any]:
    """Return the indicative outlines of a list's units as parsed GeoJSON; a feature's ``id`` is its code.

    They are right for maps in reports and never for areas or densities: see :func:`boundary_note`. Hoàng Sa and
    Trường Sa have no outline; their points are in :func:`islands`.
    """
    parsed = parse_json(_register().outlines[_listed(list)], "the outlines", ProvinceError)
    if not isinstance(parsed, dict):
        raise ProvinceError("the outlines are no GeoJSON object")
    return parsed


def boundary_note(lang: str = "en") -> str:
    """Return the sentence that goes under every map drawn with :func:`boundaries`."""
    described = datasets.dataset(DATASET).descriptor
    return str(datasets.translated(described, "note", _language(lang)))


def islands() -> pd.DataFrame:
    """Return points for the labels of islands and archipelagos.

    Returns
    -------
    DataFrame
        ``island, name_vi, name_en, gso63, gso34, lon, lat, inset``; ``inset`` says that a map draws a labelled
        box instead of an outline.
    """
    return _register().islands.copy()


@dataclass(frozen=True)
class _Register:
    """The dataset as it is looked up in: per list the units, and which key means which code."""

    units: Mapping[int, pd.DataFrame]
    keys: Mapping[int, Mapping[str, str]]
    iso: Mapping[str, str]
    islands: pd.DataFrame
    outlines: Mapping[int, str] = field(repr=False)

    def label(self, code: str, list: int) -> str:
        """Name a unit in an error: its Vietnamese name and its code."""
        row = self.units[list].set_index("code").loc[code]
        return f"{row['name_vi']} ({code})"


def _register() -> _Register:
    return _read(datasets.dataset(DATASET).folder)


@functools.lru_cache(maxsize=4)
def _read(folder: Path) -> _Register:
    source = datasets.read_descriptor(folder)
    rows = read_csv_text(source.file("units")).reset_index(drop=True)
    aliases = read_csv_text(source.file("aliases"))
    islands = read_csv_text(source.file("islands")).reset_index(drop=True)
    tables = {63: _units63(rows), 34: _units34(rows)}
    return _Register(
        units=tables,
        keys={each: _keys(tables[each], aliases[["alias", f"gso{each}"]]) for each in LISTS},
        iso=dict(zip(rows["iso_3166_2"], rows["gso63"], strict=True)),
        islands=islands.assign(
            lon=islands["lon"].astype(float),
            lat=islands["lat"].astype(float),
            inset=islands["inset"] == "true",
        ),
        outlines={each: source.file(f"boundaries{each}").read_text("utf-8") for each in LISTS},
    )


UNIT_COLUMNS = [
    *("code", "list", "name_en", "name_vi", "type", "region", "region_en", "region_vi"),
    *("lon", "lat", "tile_row", "tile_col", "abbr"),
]


def _units63(rows: pd.DataFrame) -> pd.DataFrame:
    named = rows.rename(columns={"gso63": "code", "type63": "type"}).assign(list=63)
    return _typed(named)[[*UNIT_COLUMNS, "iso_3166_2", "hasc", "gso34"]]


def _units34(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the 63 together to the 34; point and abbreviation are those of the part that gave the name."""
    parts = rows.groupby("gso34")["gso63"].agg(tuple).rename("parts")
    grouped = rows.groupby("gso34")[["region", "region_en", "region_vi"]]
    regions = grouped.first().where(grouped.nunique() == 1)
    gave_name = rows["name_vi"] == rows["name34_vi"]
    alone = ~rows["gso34"].isin(rows.loc[gave_name, "gso34"])
    eponyms = (
        rows[gave_name | alone]
        .drop_duplicates("gso34")
        .drop(columns=[*regions.columns, "name_en", "name_vi"])
    )
    renamed = {
        "gso34": "code",
        "name34_en": "name_en",
        "name34_vi": "name_vi",
        "type34": "type",
        "tile34_row": "tile_row",
        "tile34_col": "tile_col",
    }
    joined = (
        eponyms.drop(columns=["tile_row", "tile_col"]).merge(regions, on="gso34").merge(parts, on="gso34")
    )
    named = joined.rename(columns=renamed).assign(list=34).sort_values("code", ignore_index=True)
    return _typed(named)[[*UNIT_COLUMNS, "parts"]]


def _typed(named: pd.DataFrame) -> pd.DataFrame:
    numbers = {each: named[each].astype(float) for each in ("lon", "lat")}
    places = {each: named[each].astype("int64") for each in ("tile_row", "tile_col")}
    return named.assign(**numbers, **places)


def _keys(table: pd.DataFrame, aliases: pd.DataFrame) -> dict[str, str]:
    """Return what each spelling, reduced to its key, means in a list."""
    types = dict(zip(table["code"], table["type"], strict=True))
    spelled = [
        *zip(table["name_vi"], table["code"], strict=True),
        *zip(table["name_en"], table["code"], strict=True),
        *((alias, known) for alias, known in aliases.itertuples(index=False) if known),
    ]
    return {form: known for spelling, known in spelled for form in _forms(_key(spelling), types[known])}


def _forms(key: str, kind: str) -> builtins.list[str]:
    """Return a key with the words that may stand with a name of its type."""
    if kind == "municipality":
        befores, afters = ["thanhpho", "tp", "cityof"], ["city", "municipality"]
    else:
        befores, afters = ["tinh", "provinceof"], ["province"]
    return [key, *(before + key for before in befores), *(key + after for after in afters)]


def _key(text: str) -> str:
    """Reduce a spelling to what tells names apart: its letters, without case, marks and separators."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
    return "".join(mark for mark in plain if not _separates(mark))


def _separates(mark: str) -> bool:
    kind = unicodedata.category(mark)
    return kind[0] in "ZC" or kind in ("Mn", "Pd", "Pc") or mark in SEPARATORS


def _series(given: Any) -> tuple[bool, pd.Series]:
    """Tell whether one value was given, and return what was given as a Series of objects."""
    single = isinstance(given, str | bytes) or not isinstance(given, Iterable)
    values = (
        given if isinstance(given, pd.Series) else pd.Series([given] if single else [*given], dtype=object)
    )
    return single, values.astype(object)


def _plain(value: Any) -> Any:
    """Keep text, numbers and what is missing; show anything else as text, so that it is named in the error."""
    usable = isinstance(value, str | Real) and not isinstance(value, bool)
    if isinstance(value, str) and not value.strip():
        return None
    return value if usable or value is None or value is pd.NA or value is pd.NaT else repr(value)


def _resolve(value: Any, wanted: int, given: int | None, register: _Register) -> tuple[str | None, str]:
    """Return the code that a value means, or why it means none."""
    text = str(value).strip()
    if NUMBER.fullmatch(text):
        return _from_number(f"{int(float(text)):02d}", wanted, given, register)
    if ISO_CODE.fullmatch(text):
        known = register.iso.get(text.upper())
        if known and wanted == 63:
            return known, ""
        return None, "is no ISO 3166-2 code of a province" if not known else "is a code of the list of 63"
    key = _key(text)
    if key in register.keys[wanted]:
        return register.keys[wanted][key], ""
    return None, _elsewhere(key, wanted, register)


def _from_number(number: str, wanted: int, given: int | None, register: _Register) -> tuple[str | None, str]:
    names: dict[int, dict[str, str]] = {
        each: dict(zip(table["code"], table["name_vi"], strict=True))
        for each, table in register.units.items()
    }
    if number not in names[wanted]:
        return None, f"is no code of the list of {wanted}"
    old, new = (names[each].get(number) for each in LISTS)
    if given is None and new is not None and new != old and new in names[63].values():
        return (
            None,
            f"is ambiguous: {old} in the list of 63, {new} in the list of 34; pass list=63 or list=34",
        )
    return number, ""


def _elsewhere(key: str, wanted: int, register: _Register) -> str:
    """Say why a name is not in a list: it is one of the other list, or of none."""
    other = 34 if wanted == 63 else 63
    known = register.keys[other].get(key)
    if known is None:
        bare = register.keys[wanted].get(KIND_WORDS.sub("", key))
        return f"is of another kind than {register.label(bare, wanted)}" if bare else "is unknown"
    if other == 34:
        return f"is a name of the list of 34 ({register.label(known, 34)})"
    successors = dict(zip(register.units[63]["code"], register.units[63]["gso34"], strict=True))
    return f"is a name of the list of 63; since July 2025 it is in {register.label(successors[known], 34)}"


def _unresolved(
    values: pd.Series, found: Mapping[Any, tuple[str | None, str]], wanted: int, register: _Register
) -> ProvinceError:
    """Make the one error that names all faulty inputs."""
    keys = values.map(lambda value: "" if pd.isna(value) else repr(value))
    faults = []
    for shown, rows in values.groupby(keys, sort=False):
        value = rows.iloc[0]
        missing = pd.isna(value)
        problem = "names nothing; drop or fill it first" if missing else found[value][1]
        nearest = () if missing else _nearest(str(value), wanted, register)
        faults.append((shown or "an empty cell", tuple(rows.index), problem, nearest))
    table = pd.DataFrame(faults, columns=["value", "rows", "problem", "nearest"])
    lines = [_fault_line(*fault) for fault in faults]
    return ProvinceError.of(lines, f"not every name is a province of the list of {wanted}", table)


def _fault_line(shown: str, rows: tuple[Any, ...], problem: str, nearest: tuple[str, ...]) -> str:
    places = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    more = f" … ({len(rows)} rows)" if len(rows) > SHOWN_ROWS else ""
    near = f"; nearest: {', '.join(nearest)}" if nearest else ""
    return f"row {places}{more}: {shown} {problem}{near}"


def _nearest(text: str, wanted: int, register: _Register) -> tuple[str, ...]:
    """Return the three units whose names come nearest: by initials, then by letters; for a number by codes."""
    key, table = _key(text), register.units[wanted]
    if NUMBER.fullmatch(text.strip()):
        gaps = {known: abs(int(known) - float(text)) for known in table["code"]}
        return tuple(
            register.label(known, wanted) for known in sorted(gaps, key=lambda known: gaps[known])[:3]
        )
    if not key:
        return ()
    scores: dict[str, tuple[bool, float]] = {}
    for known, vietnamese, english in table[["code", "name_vi", "name_en"]].itertuples(index=False):
        initials = _key("".join(word[0] for word in re.split(r"[\s-]+", vietnamese) if word))
        alike = max(difflib.SequenceMatcher(None, key, _key(each)).ratio() for each in (vietnamese, english))
        scores[known] = (key == initials, alike)
    best = sorted(scores, key=lambda known: scores[known], reverse=True)[:3]
    return tuple(register.label(known, wanted) for known in best)


def _looked_up(codes: Any, column: str, list: int) -> str | pd.Series:
    table = _register().units[_listed(list)].set_index("code")[column]
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
        shown = ", ".join(sorted(_register().label(each, list) for each in crossing.unique()))
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


def _language(lang: str) -> str:
    if lang not in ("en", "vi"):
        raise ProvinceError(f"unknown language {lang!r}; languages are 'en' and 'vi'")
    return lang
