"""What a column, a code in it, or a province is called.

Hands on :class:`Names`, made for a table and a language, and the one order in which names are looked up: the
caller's, the table's own, those of the caller's file or of the dataset, the package's, the list of provinces, the
period in words, the code itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd

from portal_analysis import codebook, datasets, provinces
from portal_analysis.faults import Error
from portal_analysis.language.catalogue import capital, in_language, nfc, own_word, word
from portal_analysis.language.numbers import number, period_name, unit_name
from portal_analysis.languages import LANGUAGES, column_in, texts_in
from portal_analysis.shape import LISTS, PROVINCE_COLUMNS, domains_of, term_columns

Labels = Mapping[tuple[str, str | None], "str | Mapping[str, str]"]
"""Text for (column, value); (column, None) is the column's own title; text may be given per language."""

TIME_COLUMNS = ("wave", "period", "year", "month", "round", "date")

SAME_CODES = {
    "with_shortcoming": "shortcoming",
    "left_out": "criterion_id",
    "without": "province",
    "predictor": "indicator",
    "target": "indicator",
}
"""Columns whose codes are those of another column, and are named as there."""

SAME_WORDS = dict.fromkeys(("reason", "verdict", "vote", "status"), "outcome")
"""Columns that share another column's words."""

NUMBERED = {
    "goal": ("margin", "word.goal_margin"),
    "true_correlation": ("number", "word.true_correlation"),
    "first_stage": ("number", "word.first_stage"),
    "target": ("proportion", "word.target"),
}
"""Columns whose codes may be numbers: the unit in which they are written, and the words around them."""

NEW_LIST = 2026
"""The first year in which every survey and audit speaks of the 34 units."""


class NamesError(Error):
    """Codes of provinces that no single list holds."""


def code_text(value: Any) -> str:
    """Return a code as codebooks write it: whole numbers without decimals."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_missing(value: Any) -> bool:
    """Tell whether a cell holds nothing."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def sources_of(table: pd.DataFrame) -> list[str]:
    """Return the ids of the datasets that the rows come from, in order of appearance."""
    if "source" not in table:
        return []
    cells = [str(cell) for cell in table["source"].dropna().unique()]
    return list(dict.fromkeys(part.strip() for cell in cells for part in cell.split(";") if part.strip()))


def _written(code: str, lang: str) -> str:
    try:
        return number(float(code), "number", lang)
    except ValueError:
        return code


def source_title(source: str, lang: str) -> str:
    """Return the title of a dataset that the package finds, or the id of the caller's own dataset."""
    try:
        return nfc(datasets.dataset(source).title(lang))
    except datasets.SourceError:
        return package_word("source", source, lang) or nfc(source)


@cache
def _register(units: int, lang: str) -> dict[str, str]:
    table = provinces.units(units)
    return dict(zip(table["code"], table[column_in(table, "name", lang)], strict=True))


def province_list(table: pd.DataFrame) -> int:
    """Return which list of provinces a table's codes are of: 63 units, or 34 since July 2025.

    The table's own column ``units`` says so, or the name of the column (``gso34``); else the list that holds all
    codes: 34 if the codes are the whole list of 34, or all periods lie after the merger; 63 otherwise.

    Raises
    ------
    NamesError
        If the table says two lists, or one that does not hold its codes.
    """
    columns = [name for name in PROVINCE_COLUMNS[:-1] if name in domains_of(table)]
    said = {int(value) for value in pd.unique(table["units"].dropna())} if "units" in table else set()
    said |= {LISTS[name] for name in columns if name in LISTS and table[name].notna().any()}
    if len(said) > 1 or said - {63, 34}:
        raise NamesError(f"a table is about one list of provinces, 63 or 34, not {sorted(said)}")
    codes = {str(code) for name in columns for code in table[name].dropna().unique()}
    found = said.pop() if said else _fitting(table, codes)
    other = 97 - found
    lost, here, there = codes, set(_register(found, "en")), set(_register(other, "en"))
    if lost - here and lost <= there:
        raise NamesError(
            f"{sorted(lost - here)[:8]} are no codes of the list of {found} provinces, but of that of {other}: "
            f"say units={other} where the table is made"
        )
    return found


def _fitting(table: pd.DataFrame, codes: set[str]) -> int:
    new, old = set(_register(34, "en")), set(_register(63, "en"))
    if codes and codes == new:
        return 34
    if codes <= new and (_after_merger(table) or not codes <= old):
        return 34
    return 63


def _after_merger(table: pd.DataFrame) -> bool:
    times = [name for name in TIME_COLUMNS if name in domains_of(table)]
    starts = [pd.to_numeric(table[name].astype(str).str[:4], errors="coerce") for name in times]
    return any(bool(len(years) and (years >= NEW_LIST).all()) for years in starts)


def package_word(column: str, code: str, lang: str) -> str:
    """Return the package's own name of a code in a column, or nothing."""
    section = "indicator" if column == "indicator" else f"value.{SAME_WORDS.get(column, column)}"
    found = own_word(section, code, lang)
    return own_word("unit", code, lang) if column == "counted" and not found else found


class Names:
    """The names of one table's columns and codes in one language.

    Attributes
    ----------
    lang : str
    units : int
        The list of provinces that codes are looked up in.
    """

    def __init__(
        self, lang: str, sources: Iterable[str], units: int = 63, given: Labels | None = None
    ) -> None:
        self.lang, self.units, self.given = lang, units, dict(given or {})
        self._known = {source: codebook.labels(source) for source in sources}

    @classmethod
    def of(cls, table: pd.DataFrame, lang: str, labels: Labels | None = None) -> Names:
        """Return the names of a table: the caller's first, then the table's own, then those of its sources."""
        given = {**_table_labels(table), **dict(labels or {})}
        return cls(lang, sources_of(table), province_list(table), given)

    def column(self, column: str, source: str | None = None) -> str:
        """Return the title of a column."""
        if found := self._found(column, None, source):
            return found
        return own_word("column", column, self.lang) or nfc(column.replace("_", " "))

    def value(self, column: str, value: Any, source: str | None = None) -> str:
        """Return the name of a code in a column; missing is everybody."""
        if is_missing(value):
            return word("word.all", self.lang)
        code = code_text(value)
        for name in dict.fromkeys((column, SAME_CODES.get(column, column))):
            found = self._found(name, code, source)
            if found and not (column == "indicator" and self._only_title(code, found, source)):
                return found
        if column == "indicator" and not package_word(column, code, self.lang):
            return self._of_columns(code, source) or nfc(code)
        return self._numbered(column, code) or self._own(SAME_CODES.get(column, column), code)

    def _own(self, column: str, code: str) -> str:
        if found := package_word(column, code, self.lang):
            return found
        if column in PROVINCE_COLUMNS and code in (register := _register(self.units, self.lang)):
            return package_word("province", code, self.lang) or register[code]
        if column == "quantile":
            return word("word.quantile_of", self.lang, value=_written(code, self.lang))
        if column in ("period", "month"):
            return nfc(period_name(code, self.lang))
        if column == "stage":
            return self.column(code)
        return nfc(code)

    def _numbered(self, column: str, code: str) -> str:
        """Return a code that is a number as the language writes it; nothing for any other."""
        if column not in NUMBERED or not re.fullmatch(r"-?\d+(\.\d+)?", code):
            return ""
        unit, key = NUMBERED[column]
        return word(
            key, self.lang, value=number(float(code), unit, self.lang), unit=unit_name(unit, self.lang)
        )

    def _only_title(self, code: str, found: str, source: str | None) -> bool:
        """Is an indicator's name only the title of a column that is called as an indicator of the package?"""
        ours = package_word("indicator", code, self.lang)
        return bool(ours) and ("indicator", code) not in self.given and found == self.column(code, source)

    def _of_columns(self, code: str, source: str | None) -> str:
        """Return the name of an indicator made of columns: of one, of two tested together, of a ratio of two."""
        if found := self._found(code, None, source):
            return found
        for sign, told in ((" x ", " × "), ("/", " / ")):
            parts = [
                self._found("indicator", part, source) or self._found(part, None, source)
                for part in code.split(sign)
            ]
            if len(parts) == 2 and (all(parts) or sign == " x "):
                asked = zip(parts, code.split(sign), strict=True)
                return told.join(part or self.column(name, source) for part, name in asked)
        return ""

    def _found(self, column: str, code: str | None, source: str | None) -> str:
        """Return the caller's or a codebook's name, the row's own source first."""
        if given := self.given.get((column, code)):
            return in_language(given, self.lang)
        sources = [*str(source).split("; "), *self._known] if source else list(self._known)
        for one in sources:
            found = self._known.get(one, {}).get((column, code))
            if found and (text := in_language(found, self.lang)):
                return text
        return ""

    def part(self, row: Mapping[str, Any], column: str, value: Any) -> str:
        """Return the name of a domain of a row: a term by its columns, a category by the column that it is of."""
        source = row.get("source")
        if is_missing(value) and column == "term" and not is_missing(row.get("part")):
            return word("word.all_terms", self.lang)
        if is_missing(value) and column in ("term", "category"):
            return word("word.one_more", self.lang) if column == "category" else ""
        if column == "term":
            return self.term(value, source)
        if column == "category":
            of = row["indicator"] if is_missing(row.get("term")) else row["term"]
            return self.category(term_columns(of) or [str(of)], value, source)
        return self.value(column, value, source)

    def term(self, term: str, source: str | None = None) -> str:
        """Return the name of a model's term by the columns that it is made of: "Ethnicity × Survey year"."""
        return " × ".join(self.column(name, source) for name in term_columns(term) or [str(term)])

    def category(self, columns: Iterable[str], category: Any, source: str | None = None) -> str:
        """Return the name of a category of a model's term, as the codebook calls the codes of its columns."""
        columns = list(columns)
        codes = [category] if len(columns) == 1 else str(category).split(":")
        names = []
        for code in codes:
            found = [self.value(column, code, source) for column in columns]
            names.append(next((name for name in found if name != code_text(code)), found[0]))
        return " × ".join(names)

    def title(self, column: str) -> str:
        """Return a column's title as the heading of a table."""
        name = self.column(column)
        return capital(name) if len(name) > 1 else name


def _table_labels(table: pd.DataFrame) -> dict[tuple[str, str | None], Any]:
    """Return the names that a table brings itself in ``label_en``, ``label_vi`` and further languages.

    They name the shortcoming where there is such a column, else the indicator.
    """
    if "label_en" not in table:
        return {}
    column = "shortcoming" if "shortcoming" in table else "indicator"
    given = [name for lang in LANGUAGES if (name := f"label_{lang}") in table]
    rows = table[[column, *given]].dropna(subset=[column, "label_en"]).drop_duplicates(column)
    return {
        (column, code_text(row[column])): texts_in(row, "label")
        for row in rows.astype(object).to_dict("records")
    }
