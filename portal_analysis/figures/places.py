"""Where the provinces lie: their regions, tiles and signs, for the list that a table's codes are of.

Hands on :class:`Places`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis import provinces
from portal_analysis.faults import near
from portal_analysis.figures.style import FigureError
from portal_analysis.language.labels import is_missing
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading
from portal_analysis.languages import column_in
from portal_analysis.shape import PROVINCE_COLUMNS, domains_of

REGIONS = ("NMM", "RRD", "NCC", "CHL", "SE", "MRD", "")
"""Regions from north to south; the last is that of units whose parts lie in several."""


@dataclass(frozen=True)
class Places:
    """The provinces of a reading by code: ``abbr, region, region_en, region_vi, tile_row, tile_col``."""

    reading: Reading
    units: pd.DataFrame

    def name(self, code: Any) -> str:
        """Return a province's name."""
        return self.reading.names.value("province", code)

    def region(self, code: Any) -> str:
        """Return the code of a province's region, or nothing."""
        found = self.units.loc[code, "region"] if code in self.units.index else ""
        return "" if pd.isna(found) else str(found)

    def region_name(self, region: str) -> str:
        """Return a region's name."""
        column = column_in(self.units, "region", self.reading.lang)
        found = self.units.loc[self.units["region"] == region, column]
        return str(found.iloc[0]) if len(found) else self.reading.word("word.several_regions")

    def knows(self, values: Any) -> bool:
        """Tell whether all values are codes of the list."""
        values = [value for value in values if not is_missing(value)]
        return bool(values) and all(value in self.units.index for value in values)


def places(reading: Reading) -> Places:
    """Return the provinces of the list that a table's codes are of."""
    return Places(reading, provinces.units(reading.names.units).set_index("code"))


def province_column(table: pd.DataFrame, province: str | None) -> str:
    """Return the column of province codes.

    Raises
    ------
    FigureError
        If there is none.
    """
    names = domains_of(table)
    if province and province not in names:
        raise FigureError(f"province= names no column of the table: {province!r}; {near(province, names)}")
    found = [province] if province else [name for name in PROVINCE_COLUMNS if name in names]
    if not found:
        raise FigureError(f"no column of provinces among {names}; name it with province=")
    return found[0]


def by_province(reading: Reading, province: str, where: Places) -> dict[str, Line]:
    """Return each province's line, in whatever usual spelling it is named; unknown and repeated ones are an error."""
    codes = _codes(reading.table[province], province, where)
    twice = sorted(codes[codes.duplicated()].unique())
    if twice:
        raise FigureError(
            f"several rows for the provinces {twice[:8]}; a map shows one value each: choose one first"
        )
    return dict(zip(codes, reading.lines, strict=True))


def _codes(named: pd.Series, province: str, where: Places) -> pd.Series:
    """Return the codes of provinces that are named by code, number or name."""
    if where.knows(named):
        return named.astype(str)
    try:
        return provinces.code(named, list=where.reading.names.units)
    except provinces.ProvinceError as error:
        count = len(where.units)
        raise FigureError(
            f"not codes of the list of {count} provinces, in column {province!r}: {error}"
        ) from error


def ranked(values: dict[str, Line]) -> list[tuple[str, Line]]:
    """Return provinces with their lines, the highest first and those without a value last."""
    return sorted(values.items(), key=lambda item: rank(item[1]))


def rank(line: Line | None) -> float:
    """Return what lines are sorted by to have the highest first and hidden ones last."""
    return float("inf") if line is None or line.hidden else -line.estimate
