"""Codes for missing answers and numbers in text: what a column of a file holds once they are told apart.

Hands on typed columns, and by column the codes that mean "no answer".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis import tables
from portal_analysis.codebook import Labels, code_meant
from portal_analysis.faults import near
from portal_analysis.survey.design import Design
from portal_analysis.tables import border
from portal_analysis.tables.border import one_spelling
from portal_analysis.tables.replies import says_no_answer
from portal_analysis.tables.table import is_textual, warn

Codes = Mapping[str, tuple[Any, ...]]
DECIMAL = re.compile(r"-?\d+[.,]\d+")


@dataclass(frozen=True)
class Told:
    """What the caller and a preset say of missing answers and numbers."""

    design: Design
    everywhere: Sequence[Any]
    missing: Mapping[str, Sequence[Any]] | Sequence[Any] | None
    decimal: str | None

    @property
    def common(self) -> tuple[Any, ...]:
        """Codes of all columns but those of the design."""
        given = () if self.missing is None or isinstance(self.missing, Mapping) else tuple(self.missing)
        return (*self.everywhere, *given)

    def of(self, column: str, declared: Codes) -> tuple[Any, ...]:
        """Return the codes that mean "no answer" in a column."""
        common = () if column in self.design.columns else self.common
        own = asked(self.missing).get(column, ())
        return tuple(dict.fromkeys((*declared.get(column, ()), *common, *several(own))))


def asked(missing: Any) -> Mapping[str, Any]:
    """Return the codes that were given by column, none if they were given for all columns."""
    return missing if isinstance(missing, Mapping) else {}


def several(codes: Any) -> tuple[Any, ...]:
    """Return one code or several as a tuple."""
    return tuple(codes) if pd.api.types.is_list_like(codes) else (codes,)


def meant(missing: Any, known: Labels, data: pd.DataFrame) -> Any:
    """Return what was said of missing answers, with codes in place of labels that are not values themselves."""
    if not isinstance(missing, Mapping):
        return missing
    return {
        column: tuple(
            one if column in data and held(data[str(column)], [one]).any() else code_meant(known, column, one)
            for one in several(codes)
        )
        for column, codes in missing.items()
    }


def file_missing(table: tables.Table) -> dict[str, tuple[Any, ...]]:
    """Return the file's missing codes as they occur: a range becomes the values that lie in it."""
    found = {}
    for column in table.missing:
        values = table.data[column]
        found[column] = tuple(values[table.is_missing(column) & values.notna() & (values != "")].unique())
    return {column: codes for column, codes in found.items() if codes}


def numbers(data: pd.DataFrame, codes: Codes, decimal: str | None) -> pd.DataFrame:
    """Turn columns of text into numbers where all texts but the codes for no answer are numbers; the codes stay.

    Text that stands for nothing in columns of numbers (NA) is told where it stands in columns of text.
    """
    numeric: dict[str, pd.Series] = {}
    silent: dict[str, list[str]] = {}
    for column in (str(name) for name in data if is_textual(data[name])):
        out = held(data[column], codes.get(column, ()))
        found = border.numbers_in(data[column].mask(out), decimal)
        if is_textual(found):
            silent[column] = border.stands_for_nothing(data[column].mask(out))
        elif out.any():
            kept = border.numbers_in(data[column][out], decimal)
            found = found.astype(object).mask(out, kept).infer_objects()
        numeric[column] = found
    blanks = {
        text for column in numeric if column not in silent for text in border.stands_for_nothing(data[column])
    }
    left = {column: [text for text in texts if text in blanks] for column, texts in silent.items()}
    told = {column: tuple(texts) for column, texts in left.items() if texts}
    if told:
        warn(
            f"text that stands for no answer in columns of numbers is left in columns of words, {told}: if it means "
            f"that there too, say missing={told}"
        )
    return data.assign(**numeric)


def refuse_label_rows(table: tables.Table) -> None:
    """Raise if the first rows are texts over columns of numbers: labels, not answers."""
    for count in (1, 2, 3):
        if len(table.data) > count + 1 and (over := _columns_under(table.data, count)):
            first, last = table.data.index[0], table.data.index[count - 1]
            lines = f"line {first} looks" if count == 1 else f"lines {first} to {last} look"
            told = ", ".join(f"{name!r}: {str(table.data[name].iloc[0])[:40]!r}" for name in over[:3])
            tables.raise_faults(
                table.path,
                [f"{lines} like labels, not answers ({told}); read the file with label_rows={count}"],
            )


def _columns_under(data: pd.DataFrame, count: int) -> list[str]:
    """Return the columns that are numbers below so many rows of text, if no column is numbers from the start."""
    over = []
    for name in data:
        values = data[name]
        if not is_textual(values):
            return []
        head, body = values.iloc[:count], values.iloc[count:]
        if is_textual(border.numbers_in(body)) or not body.notna().any():
            continue
        texts = [text for text in head if isinstance(text, str) and text.strip()]
        if any(
            not is_textual(border.numbers_in(pd.Series([text]))) or says_no_answer(text) for text in texts
        ):
            return []
        if len(texts) == count:
            over.append(str(name))
    return over


def held(values: pd.Series, codes: Sequence[Any]) -> pd.Series:
    """Return where a column holds one of some codes: numbers as numbers, texts as they are written."""
    if not codes:
        return pd.Series(False, index=values.index)
    if is_textual(values) or isinstance(values.dtype, pd.CategoricalDtype):
        texts = {one_spelling(tables.cell_text(code)) for code in codes}
        numerals = {tables.cell_text(code) for code in codes if not isinstance(code, str)}
        held = {
            one
            for one in values.dropna().unique()
            if (text := one_spelling(tables.cell_text(one))) in texts or _without_zeros(text) in numerals
        }
        return values.isin(list(held)) if held else pd.Series(False, index=values.index)
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return values.isin([code for code in codes if isinstance(code, pd.Timestamp)])
    numbers = pd.to_numeric(
        pd.Series([code for code in codes if not isinstance(code, bool)]), errors="coerce"
    )
    return values.isin(numbers.dropna().tolist()).fillna(False).astype(bool)


def _without_zeros(text: str) -> str:
    """Return a number's text without zeros that end its decimals: 9 is also written 9.0 or 9,0."""
    if not DECIMAL.fullmatch(text):
        return text
    whole, decimals = re.split("[.,]", text)
    return f"{whole}.{decimals.rstrip('0')}".rstrip(".")


def present(values: pd.Series, codes: Sequence[Any]) -> tuple[Any, ...]:
    """Return those codes that occur."""
    return tuple(code for code in codes if held(values, [code]).any()) if codes else ()


def tell_absent(data: pd.DataFrame, found: Codes, told: Told) -> None:
    """Warn of codes that were said to mean "no answer" and never occur: a slip of the pen, or another column."""
    for column, codes in asked(told.missing).items():
        for code in several(codes):
            if code not in found[column]:
                warn(f"missing: the code {code!r} never occurs in {column!r}{_nearest(data[column], code)}")
    if told.common and not any(set(told.common) & set(codes) for codes in found.values()):
        warn(f"missing: none of the codes {list(told.common)} occurs in any column")


def _nearest(values: pd.Series, code: Any) -> str:
    """Say which values of a column come nearest to a code."""
    if pd.api.types.is_numeric_dtype(values.dtype) and isinstance(code, int | float):
        distinct = values.dropna().unique()
        closest = sorted(distinct, key=lambda value: abs(float(value) - code))[:2]
        return f"; near it: {', '.join(f'{float(value):.10g}' for value in closest)}" if len(closest) else ""
    texts = [str(value) for value in values.dropna().unique()[:1000]]
    return f"; {near(str(code), texts)}" if texts else ""


def without_codes(data: pd.DataFrame, codes: Codes) -> pd.DataFrame:
    """Return the data with codes that mean "no answer" left blank."""
    cleaned = {name: data[name].mask(held(data[name], found)) for name, found in codes.items()}
    # A column that held .a or NA beside numbers is a column of numbers once they are gone.
    return data.assign(**{name: values.infer_objects() for name, values in cleaned.items()})
