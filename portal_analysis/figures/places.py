"""What a figure needs to know of the provinces: names, regions, tiles.

Hands on :class:`Places`, made from the package's register of provinces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis import provinces
from portal_analysis.figures.style import FigureError

PROVINCE_COLUMNS = ("province", "province_code", "gso63", "gso34", "geography")
REGIONS = ("NMM", "RRD", "NCC", "CHL", "SE", "MRD", "")
"""Regions from north to south; the last is that of units whose parts lie in several."""

SEVERAL = {"en": "In several regions", "vi": "Thuộc nhiều vùng"}


@dataclass(frozen=True)
class Places:
    """Provinces by code: ``abbr, name_en, name_vi, region, region_en, region_vi, tile_row, tile_col``."""

    units: pd.DataFrame

    def name(self, code: Any, lang: str) -> str:
        """Return a province's name, or nothing if the code is not in the list."""
        return str(self.units.loc[code, f"name_{lang}"]) if code in self.units.index else ""

    def region(self, code: Any) -> str:
        """Return the code of a province's region, or nothing."""
        found = self.units.loc[code, "region"] if code in self.units.index else ""
        return "" if pd.isna(found) else str(found)

    def region_name(self, region: str, lang: str) -> str:
        """Return a region's name."""
        found = self.units.loc[self.units["region"] == region, f"region_{lang}"]
        return str(found.iloc[0]) if len(found) else SEVERAL[lang]

    def knows(self, values: Any) -> bool:
        """Tell whether all values are codes of the list."""
        values = [value for value in values if not pd.isna(value)]
        return bool(values) and all(value in self.units.index for value in values)


def places(units: int = 63) -> Places:
    """Return the provinces as a figure needs them.

    Parameters
    ----------
    units : {63, 34}
        The list of 63, or that of 34 since July 2025.

    Raises
    ------
    FigureError
        If there is no such list.
    """
    if units not in (63, 34):
        raise FigureError(f"there is no list of {units!r} provinces; lists are 63 and 34")
    return Places(provinces.units(units).set_index("code"))
