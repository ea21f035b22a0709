"""The register of provinces as it is looked up in: the 63 units, the 34 they became, and every known spelling.

Takes the dataset ``provinces``; hands on tables of units and keys of spellings, read once.
"""

from __future__ import annotations

import builtins
import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from portal_analysis import datasets
from portal_analysis.letters import apart
from portal_analysis.tables import read_csv_text

DATASET = "provinces"

LISTS = (63, 34)
"""The two lists: 63 units until 30 June 2025, 34 units since 1 July 2025."""

SEPARATORS = frozenset(".'’`")


@dataclass(frozen=True)
class Register:
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


def register_read() -> Register:
    """Return the register of the shipped provinces, as it stands in the data folder in use."""
    return _read(datasets.dataset(DATASET).folder)


@functools.lru_cache(maxsize=4)
def _read(folder: Path) -> Register:
    source = datasets.read_descriptor(folder)
    rows = read_csv_text(source.file("units")).reset_index(drop=True)
    aliases = read_csv_text(source.file("aliases"))
    islands = read_csv_text(source.file("islands")).reset_index(drop=True)
    tables = {63: _units63(rows), 34: _units34(rows)}
    return Register(
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
    return {form: known for spelling, known in spelled for form in _forms(key_of(spelling), types[known])}


def _forms(key: str, kind: str) -> builtins.list[str]:
    """Return a key with the words that may stand with a name of its type."""
    if kind == "municipality":
        befores, afters = ["thanhpho", "tp", "cityof"], ["city", "municipality"]
    else:
        befores, afters = ["tinh", "provinceof"], ["province"]
    return [key, *(before + key for before in befores), *(key + after for after in afters)]


def key_of(text: str) -> str:
    """Reduce a spelling to what tells names apart: its letters, without case, marks and separators."""
    return "".join(mark for mark in apart(text) if not _separates(mark))


def _separates(mark: str) -> bool:
    kind = unicodedata.category(mark)
    return kind[0] in "ZC" or kind in ("Mn", "Pd", "Pc") or mark in SEPARATORS
