"""Files that carry labels: Stata, SPSS; and Parquet.

Hands on codes as codes, with their labels and the codes declared missing beside them, dates as dates, text in
Unicode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from portal_analysis.letters import composed
from portal_analysis.tables import apart
from portal_analysis.tables.columnar import read_columns
from portal_analysis.tables.encodings import decoded, recoded, recognised, vietnamese
from portal_analysis.tables.periods import from_spss, from_stata
from portal_analysis.tables.table import (
    Options,
    Table,
    TableError,
    header_faults,
    is_textual,
    opened,
    package,
    raise_faults,
    respelled,
)

BYTES = "LATIN1"
"""The encoding in which every byte of a file becomes one letter, to be decoded here."""

Read = Callable[..., tuple[pd.DataFrame, Any]]


@dataclass(frozen=True)
class _Raw:
    """A labelled file as its package gives it, texts decoded."""

    data: pd.DataFrame
    meta: Any
    spell: Callable[[str], str]


def read_stata(path: Path, options: Options) -> Table:
    """Read a Stata file."""
    raw = _read(path, "read_dta", options.encoding)
    data, meta = raw.data, raw.meta
    missing = {name: tuple(f".{code}" for code in codes) for name, codes in meta.missing_user_values.items()}
    for name in missing:
        # The package gives Stata's .a as the letter a; numbers beside it stay numbers.
        data[name] = data[name].map(lambda value: f".{value}" if isinstance(value, str) else value)
    values = {
        name: {f".{code}" if isinstance(code, str) else code: text for code, text in codes.items()}
        for name, codes in meta.variable_value_labels.items()
    }
    return _labelled(path, raw, from_stata, values, missing, options)


def read_spss(path: Path, options: Options) -> Table:
    """Read an SPSS file."""
    raw = _read(path, "read_sav", options.encoding)
    missing = {
        name: tuple(one["lo"] if one["lo"] == one["hi"] else (one["lo"], one["hi"]) for one in ranges)
        for name, ranges in raw.meta.missing_ranges.items()
    }
    return _labelled(path, raw, from_spss, raw.meta.variable_value_labels, missing, options)


def read_parquet(path: Path, options: Options) -> Table:
    """Read a Parquet file; a named index becomes columns."""
    package("pyarrow", path)
    data = read_columns(path)
    named = [name for name in data.index.names if name is not None]
    data = data.reset_index(named) if named else data
    encoding = vietnamese(options.encoding)
    spell = (lambda text: recoded(text, encoding)) if encoding else composed
    names = [str(name) for name in data.columns]
    raise_faults(path, header_faults(names, "columns"))
    index = pd.RangeIndex(1, len(data) + 1, name="row")
    plain = respelled(_exact(data.set_axis(names, axis=1).set_axis(index, axis=0)), spell)
    if options.encoding is None:
        raise_legacy(path, plain, ())
    return Table(plain.rename(columns=spell), path=path)


def _read(path: Path, name: str, encoding: str | None) -> _Raw:
    """Read values and labels; text of encodings that the package cannot decode is decoded here, byte by byte."""
    package("pyreadstat", path)
    read = partial(apart.read, name)
    declared = _declared(path)
    wanted = encoding or declared
    if vietnamese(wanted) or (encoding and declared and _is_utf8(declared)):
        data, meta = _opened(path, read, BYTES)
        return _Raw(data, meta, _speller(path, str(wanted), declared))
    try:
        data, meta = read(path, user_missing=True, encoding=encoding, disable_datetime_conversion=True)
    except apart.SaidError as error:
        if "invalid byte sequence" in str(error):
            raise_faults(path, [_byte_fault(path, read, declared)])
        raise _unreadable(path, error) from error
    return _Raw(data, meta, composed)


def _opened(path: Path, read: Read, encoding: str) -> tuple[pd.DataFrame, Any]:
    found: tuple[pd.DataFrame, Any] = opened(
        path, lambda: read(path, user_missing=True, encoding=encoding, disable_datetime_conversion=True)
    )
    return found


def _unreadable(path: Path, error: Exception) -> TableError:
    return TableError(f"{path.name} is no readable {path.suffix} file, or it is damaged: {error}")


ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")
ENCODING_RECORDS = {order: b"".join(number.to_bytes(4, order) for number in (7, 20, 1)) for order in ORDERS}
"""How the record begins in which an SPSS file names its encoding, by the order of bytes."""
DICTIONARY = 16_000_000
"""So many bytes of an SPSS file are looked at for the record; dictionaries are much smaller."""


def _declared(path: Path) -> str | None:
    """Return the encoding that a file says its text is in; Stata files say so only by their version."""
    with path.open("rb") as stream:
        head = stream.read(60 if path.suffix.lower() == ".dta" else DICTIONARY)
    if path.suffix.lower() == ".dta":
        return "UTF-8" if any(b"<release>%d" % version in head for version in (118, 119, 120, 121)) else None
    for order, record in ENCODING_RECORDS.items():
        _, found, rest = head.partition(record)
        if found:
            size = int.from_bytes(rest[:4], order)
            told = rest[4 : 4 + size] if size < 64 else b""
            return told.decode("ascii", errors="replace").strip() or None
    return None


def _is_utf8(encoding: str) -> bool:
    return encoding.upper().replace("-", "") == "UTF8"


def _speller(path: Path, encoding: str, declared: str | None) -> Callable[[str], str]:
    """Return how one text, read byte by byte, is decoded; in a file of UTF-8 what is UTF-8 stays so."""

    def spell(text: str) -> str:
        raw = text.encode("latin-1", errors="replace")
        if declared and _is_utf8(declared):
            try:
                return decoded(raw, "utf-8")
            except UnicodeDecodeError:
                pass
        try:
            return decoded(raw, encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise TableError(f"{path.name}: the text {text!r} is not in {encoding}: {error}") from error

    return spell


def _byte_fault(path: Path, read: Read, declared: str | None) -> str:
    """Name the first text that is not in the file's encoding."""
    data, _ = _opened(path, read, BYTES)
    for name in data.columns:
        if not is_textual(data[name]):
            continue
        for text in (one for one in data[name].dropna().unique() if isinstance(one, str)):
            try:
                text.encode("latin-1", errors="replace").decode("utf-8")
            except UnicodeDecodeError:
                row = int(np.flatnonzero(data[name] == text)[0]) + 1
                return (
                    f"column {name!r}, row {row}: the text {text!r} is not in {declared or 'the encoding'} as the "
                    'file says; name the encoding of such texts, such as encoding="latin-1" or '
                    'encoding="windows-1258": what is in UTF-8 stays as it is'
                )
    return f"names or labels are not in {declared or 'the encoding'} as the file says; name it with encoding="


Convert = Callable[[pd.Series, str], pd.Series | None]


def _labelled(
    path: Path,
    raw: _Raw,
    convert: Convert,
    values: Mapping[str, Mapping[Any, str]],
    missing: Mapping[str, tuple[Any, ...]],
    options: Options,
) -> Table:
    spell, meta = raw.spell, raw.meta
    if not all(isinstance(name, str) for name in (*raw.data.columns, *meta.original_variable_types)):
        raise_faults(path, ["a variable has no name: the file is damaged"])
    names = [spell(str(name)) for name in raw.data.columns]
    raise_faults(path, header_faults(names, "columns"))
    index = pd.RangeIndex(1, len(raw.data) + 1, name="row")
    floats = [spell(name) for name, kind in meta.readstat_variable_types.items() if kind == "float"]
    data = _exact(raw.data.set_axis(names, axis=1).set_axis(index, axis=0), floats)
    forms = {spell(name): str(form) for name, form in meta.original_variable_types.items()}
    lost = {spell(name): codes for name, codes in missing.items()}
    data, notes = _dated(data, forms, convert, lost)
    lost = {
        name: codes for name, codes in lost.items() if not pd.api.types.is_datetime64_any_dtype(data[name])
    }
    labels = {spell(name): spell(text) for name, text in meta.column_names_to_labels.items() if name and text}
    named = {
        spell(name): {
            spell(code) if isinstance(code, str) else code: spell(text) for code, text in each.items()
        }
        for name, each in values.items()
    }
    table = Table(respelled(data, spell), labels, named, lost, *_sets(meta, spell, data), notes, path)
    if options.encoding is None:
        texts = [*labels.values(), *(text for each in named.values() for text in each.values())]
        raise_legacy(path, table.data, texts)
    return table


def _sets(
    meta: Any, spell: Callable[[str], str], data: pd.DataFrame
) -> tuple[dict[str, tuple[str, ...]], dict[str, Any]]:
    """Return the sets of yes/no columns of an SPSS file by name, without SPSS's $, and the code each column counts."""
    sets: dict[str, tuple[str, ...]] = {}
    counted: dict[str, Any] = {}
    known = {str(column).lower(): str(column) for column in data.columns}
    for name, one in (getattr(meta, "mr_sets", None) or {}).items():
        columns = [known.get(spell(str(column)).lower()) for column in one.get("variable_list", ())]
        if not columns or None in columns or not one.get("is_dichotomy", one.get("type") == "D"):
            continue
        sets[spell(str(name)).lstrip("$")] = tuple(column for column in columns if column)
        value = one.get("counted_value")
        if value is not None:
            counted |= {str(column): value for column in columns}
    return sets, counted


def _dated(
    data: pd.DataFrame, forms: Mapping[str, str], convert: Convert, missing: Mapping[str, tuple[Any, ...]]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Turn numbers into dates and periods where the file displays them so; and say which could not be."""
    changed, notes = {}, []
    for name, form in forms.items():
        values = data[name]
        if codes := missing.get(name, ()):
            values = pd.to_numeric(values.mask(Table(data, missing={name: codes}).is_missing(name)))
        found = convert(values, form)
        if found is None:
            continue
        changed[name] = found
        lost = values[found.isna() & values.notna()]
        if len(lost):
            more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
            told = ", ".join(f"row {row}: {value:g}" for row, value in lost.head(3).items())
            notes.append(f"column {name!r} ({form}): {told}{more}: no date that can be, so it is missing")
    return data.assign(**changed), tuple(notes)


def _exact(data: pd.DataFrame, floats: list[str] | None = None) -> pd.DataFrame:
    """Return numbers that were stored with seven digits as the shortest number they may be: 99.90000153 is 99.9."""
    single = [str(name) for name in data if data[name].dtype == np.float32] if floats is None else floats
    return data.assign(**{name: _shortest(data[name]) for name in single if _is_number(data[name])})


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_float_dtype(values.dtype)


def _shortest(values: pd.Series) -> pd.Series:
    codes, distinct = pd.factorize(values.to_numpy(dtype=float, na_value=np.nan))
    exact = np.append([float(str(one)) for one in distinct.astype(np.float32)], np.nan)
    return pd.Series(exact[codes], index=values.index, name=values.name)


def raise_legacy(path: Path, data: pd.DataFrame, labels: Any) -> None:
    """Raise the one fault of text that was typed for fonts from before Unicode and was read as Western text."""
    columns = {str(name): _texts(data[name]) for name in data if is_textual(data[name])}
    everything = [text for texts in columns.values() for text in texts]
    tried = {**{f"column {name!r}": texts for name, texts in columns.items()}, "the labels": labels}
    for where, texts in {**tried, "the file": everything}.items():
        found = recognised(texts)
        if found:
            encoding, example, read = found
            raise_faults(
                path,
                [
                    f"{where} holds text that is not in Unicode: {example!r} is {read!r} in {encoding}; read it with "
                    f'encoding="{encoding}", or leave it as it is with encoding="latin-1"'
                ],
            )


def _texts(values: pd.Series) -> list[str]:
    return [text for text in values.dropna().unique() if isinstance(text, str)]
