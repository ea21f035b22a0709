"""Names brought together: one portal, criterion or assessor may be spelled in several ways in several files.

Hands on :class:`Names`, which gives every spelling the first one met, or the id that the table of portals gives.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from portal_analysis import datasets, provinces
from portal_analysis.audit.readers.addresses import address_key, host_of
from portal_analysis.audit.readers.levels import plain
from portal_analysis.audit.readers.reading import Fault, reader_error
from portal_analysis.letters import folded
from portal_analysis.tables import read_csv_text

_NAME_COLUMNS = ("portal_id", "name_vi", "name_en", "name")


@lru_cache(maxsize=65536)
def spelling(text: str) -> str:
    """Return what spellings of one name share: composed Unicode, lower case, single blanks."""
    return folded(text)


def _letters(text: str) -> str:
    return "".join(sign for sign in plain(text) if sign.isalnum())


@cache
def _province_names() -> frozenset[str]:
    """Every name that the register knows, as bare letters: what holds none of them names no province."""
    aliases = read_csv_text(datasets.dataset(provinces.DATASET).file("aliases"))["alias"]
    tables = [provinces.units(number) for number in provinces.LISTS]
    named = [
        *aliases,
        *(name for table in tables for column in ("name_vi", "name_en") for name in table[column]),
    ]
    return frozenset(_letters(str(name)) for name in named) - {""}


@lru_cache(maxsize=8192)
def province_of(text: str) -> str | None:
    """Return the code of the province that a text names, None for numbers and for anything else."""
    letters = _letters(text)
    if letters.isdigit() or provinces.ISO_CODE.fullmatch(text.strip()):
        return None
    if not any(name in letters for name in _province_names()):
        return None
    try:
        return provinces.code(text)
    except provinces.ProvinceError:
        return None


class Names:
    """First spellings, by kind. A class, for it is filled while many files are read.

    Parameters
    ----------
    portals : DataFrame, optional
        The portals with ``portal_id`` and, where known, ``name_vi``, ``name_en``, ``url`` and ``province_code``.
        A portal of a sheet must then be one of them.

    Raises
    ------
    ReaderError
        If a portal stands there twice with different names.
    """

    def __init__(self, portals: pd.DataFrame | None = None) -> None:
        self._first: dict[tuple[str, str], str] = {}
        self._provinces: dict[str, str] = {}
        self._listed: dict[str, str] | None = None
        self._shown: dict[str, str] = {}
        if portals is not None and "portal_id" in portals.columns:
            self._listed = {}
            for row in portals.to_dict("records"):
                self._list(row)

    def _list(self, row: Mapping[Any, Any]) -> None:
        portal = str(row["portal_id"])
        spelled = [str(row[name]) for name in _NAME_COLUMNS if isinstance(row.get(name), str)]
        keys = {spelling(one) for one in [portal, *spelled]}
        listed = self._listed if self._listed is not None else {}
        for key in keys:
            owner = listed.setdefault(key, portal)
            if owner != portal:
                found = f"{key!r} is the name of both {owner!r} and {portal!r}"
                raise reader_error([Fault("portals", None, found, "give each portal its own name")])
        url = row.get("url")
        if isinstance(url, str) and host_of(url):
            for key in (spelling(url), spelling(address_key(url))):
                listed.setdefault(key, portal)
        for one in [portal, *spelled]:
            self._shown[one] = portal
            code = province_of(one)
            if code is not None:
                self._provinces.setdefault(code, portal)

    def portal(self, text: str) -> str | None:
        """Return the portal that a name means; None if the portals are listed and it is none of them."""
        key = spelling(text)
        if self._listed is not None:
            listed = self._listed.get(key) or self._listed.get(spelling(address_key(text)))
            if listed is not None:
                return listed
        if "//" in text or key.startswith("www."):
            key = host_of(text) or key
            text = key
        known = self._first.get(("portal", key))
        if known is not None:
            return known
        code = province_of(text)
        if code is not None and code in self._provinces:
            return self._provinces[code]
        if self._listed is not None:
            return None
        if code is not None:
            self._provinces[code] = text
        self._first[("portal", key)] = text
        return text

    def near(self, text: str) -> list[str]:
        """Return names of listed portals that look like a text."""
        return difflib.get_close_matches(text, list(self._shown), n=3, cutoff=0.5)

    def same(self, kind: str, text: str) -> str:
        """Return the first spelling met of a criterion, an assessor or a round."""
        return self._first.setdefault((kind, spelling(text)), text)
