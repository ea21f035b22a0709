"""What a table must look like: a Table Schema compiled into checks, all faults in one error.

Takes tables of text as `tables` reads them; hands on typed, checked frames, and the labels in both languages.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.datasets import (
    Dataset,
    SourceError,
    dataset,
    find,
    read_descriptor,
    state,
    translated,
    write_descriptor,
)
from portal_analysis.tables import TableError, cell_text, draft_resource, read_csv_text, read_table, save_csv

FAULT_COLUMNS = ["file", "row", "column", "found", "allowed"]
SHOWN_FAULTS = 40
REPEATED = "a key used once"
"""What is allowed where a key repeats, at the beginning of what a fault says."""

NO_COLUMN = "no such column in the file"
"""What a fault finds where a required column is missing."""

BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "1": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "0": False,
}

Schema = Mapping[str, Any]
Labels = dict[tuple[str, str | None], dict[str, str]]


class CodebookError(ValueError):
    """Tables do not hold what their codebook says.

    Attributes
    ----------
    faults : DataFrame
        One row a fault: ``file, row`` (line of the file), ``column, found, allowed``.
    """

    def __init__(self, faults: pd.DataFrame) -> None:
        self.faults = faults.reset_index(drop=True)
        super().__init__(_message(self.faults))


@dataclass(frozen=True)
class Checked:
    """A table after its check: typed values, and the faults that were found."""

    table: pd.DataFrame
    faults: pd.DataFrame


def load(name: str | Path | Dataset, keep_codes: bool = False) -> dict[str, pd.DataFrame]:
    """Read a dataset's tables, checked against its codebook, keys between tables included.

    Parameters
    ----------
    name : str, Path or Dataset
        The id of a dataset, the path of its folder, or the dataset.
    keep_codes : bool
        Keep labelled missing codes such as 888 (don't know) instead of turning them into missing values.

    Returns
    -------
    dict of str to DataFrame
        The typed tables by resource name. Integers are ``Int64`` where values are missing, else ``int64``.

    Raises
    ------
    SourceError
        If the dataset or one of its files is missing, or a file is not the one described.
    TableError
        If a file is no readable table.
    CodebookError
        With all faults of all tables.
    """
    source = name if isinstance(name, Dataset) else dataset(name)
    files = {key: one for key, one in source.resources.items() if one.get("format") == "csv"}
    checked = {
        key: check(read_csv_text(source.file(key)), one["schema"], str(one["path"]), keep_codes)
        for key, one in files.items()
    }
    faults = [each.faults for each in checked.values()]
    if all(each.empty for each in faults):
        faults += [foreign_key_faults(key, files, checked) for key in files]
    raise_faults(faults)
    return {key: each.table.reset_index(drop=True) for key, each in checked.items()}


load_tables = load
"""The name of :func:`load` among the public names."""


def draft_dataset(path: str | Path, into: str | Path, kind: str = "survey") -> Path:
    """Make a dataset folder from a file, its description drafted from the file's own names, labels and codes.

    Parameters
    ----------
    path : str or Path
        A CSV, Excel, Stata, SPSS or Parquet file.
    into : str or Path
        The folder in which the dataset's folder is made, e.g. ``data/private``.
    kind : str
        What it is: ``survey``, ``audit``, ``published`` or another of :data:`portal_analysis.datasets.KINDS`.

    Returns
    -------
    Path
        The new folder, with the table as CSV and a ``datapackage.json`` for a person to complete: titles in
        Vietnamese, licence, sources, and the design of a survey.

    Raises
    ------
    TableError
        If the file cannot be read. Nothing is written.
    SourceError
        If the folder is there already.
    """
    table = read_table(path)
    resource = draft_resource(table)
    folder = Path(into) / resource["name"]
    if folder.exists():
        raise SourceError(f"{folder} is there already; choose another place with --into, or remove it first")
    folder.mkdir(parents=True)
    save_csv(table, folder / resource["path"])
    blank_design = {"design": {"weights": "", "strata": "", "psu": ""}} if kind == "survey" else {}
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": resource["name"],
        "title": Path(path).stem,
        "title_vi": "",
        "kind": kind,
        "simulated": False,
        "licenses": [],
        "sources": [],
        **blank_design,
        "resources": [resource],
    }
    write_descriptor(folder, descriptor)
    return folder


def check(text: pd.DataFrame, schema: Schema, file: str = "table", keep_codes: bool = False) -> Checked:
    """Turn a table of text into typed values and check it against a Table Schema.

    Parameters
    ----------
    text : DataFrame
        All columns text; the index holds each row's line in the file.
    schema : mapping
        A Table Schema (``fields``, ``primaryKey``, ``missingValues``).
    file : str
        What to call the table in faults.
    keep_codes : bool
        See :func:`load`.

    Returns
    -------
    Checked
        The typed table with the schema's columns in the schema's order, and the faults.
    """
    fields = list(schema["fields"])
    faults = [_column_faults(text, fields, file)]
    typed: dict[str, pd.Series] = {}
    for one in fields:
        name = str(one["name"])
        if name in text.columns:
            typed[name], found = _checked_column(text[name], one, schema, file, keep_codes)
            faults += found
    table = pd.DataFrame(typed, index=text.index)
    faults.append(_key_faults(table, schema, file))
    return Checked(table, _stack(faults))


def raise_faults(faults: Iterable[pd.DataFrame]) -> None:
    """Raise one :class:`CodebookError` with all ``faults``; return quietly if there are none."""
    found = _stack(list(faults))
    if len(found):
        raise CodebookError(found)


def missing_codes(field: Schema, schema: Schema, labelled: bool | None = None) -> list[str]:
    """Return the texts that mean "missing" in a field: all, only the ``labelled``, or only the others."""
    codes = field.get("missingValues", schema.get("missingValues", [""]))
    named = {str(code["value"]): bool(code.get("label")) for code in codes if isinstance(code, Mapping)}
    plain = {str(code): False for code in codes if not isinstance(code, Mapping)}
    return [
        code for code, has_label in {**plain, **named}.items() if labelled is None or has_label == labelled
    ]


def remember(source: str, labels: Labels, units: int | None = None) -> None:
    """Remember what the columns and codes of an opened source are called, for whoever shows its estimates.

    A table of estimates is a plain frame; its ``source`` column is the link to these names. A source is known by
    its id alone: of two surveys with one id the one used later gives the names.

    Parameters
    ----------
    source : str
        What stands in the ``source`` column.
    labels : mapping
        As :func:`labels` gives them; empty to forget what was remembered.
    units : {63, 34}, optional
        The list that the source's codes of provinces are of.
    """
    if labels or units:
        _REMEMBERED[source] = (dict(labels), units)
    else:
        _REMEMBERED.pop(source, None)


def labels(source: str) -> Labels:
    """Return the names of a source's columns and codes in English and Vietnamese.

    Parameters
    ----------
    source : str
        A dataset's id, or the id of an opened survey: its own names go before those of a dataset of that id.

    Returns
    -------
    dict
        ``(column, None)`` holds the names of a column, ``(column, code)`` those of a code, each as
        ``{"en": …, "vi": …}``. Names of indicators stand under the column ``indicator``. Empty if nothing is
        known of the source. A description that was edited is read again.
    """
    described = _described(source)
    own = _REMEMBERED.get(source)
    return {**described, **own[0]} if own else described


def units(source: str, column: str) -> int | None:
    """Return the list of provinces, 63 or 34, that a source's column is declared to be of; None if it is not."""
    own = _REMEMBERED.get(source)
    if own and own[1]:
        return own[1]
    try:
        folder = find(source)
        return None if folder is None else _declared_units(folder, state(folder)).get(column)
    except SourceError:
        return None


def labels_of(folder: Path) -> Labels:
    """Return the names that the dataset in a folder gives its columns and codes."""
    files = _label_files(folder, state(folder))
    return dict(_labels_once(folder, state(folder, files)))


def as_labels(given: Mapping[Any, Any]) -> Labels:
    """Bring names of columns and codes into one form.

    Parameters
    ----------
    given : mapping
        By column a name, or a mapping from codes to names (``None`` standing for the column's own); or by
        ``(column, code)`` a name. A name is one text for both languages, or ``{"en": …, "vi": …}``.

    Raises
    ------
    TableError
        If something else is given.

    Examples
    --------
    >>> as_labels({"q1": {1: "Có", 2: "Không"}})[("q1", "1")]
    {'en': 'Có', 'vi': 'Có'}
    """
    found: Labels = {}
    for key, value in given.items():
        column, code = key if isinstance(key, tuple) and len(key) == 2 else (key, None)
        codes = value if isinstance(value, Mapping) and not set(value) <= {"en", "vi"} else {code: value}
        for one, text in codes.items():
            found[(str(column), None if one is None else cell_text(one))] = _both_languages(text, key)
    titles: Labels = {("indicator", column): name for (column, code), name in found.items() if code is None}
    return {**titles, **found}


_REMEMBERED: dict[str, tuple[Labels, int | None]] = {}


def _described(source: str) -> Labels:
    """Return the names that a dataset of that id gives; none if there is no such dataset, or no readable one."""
    try:
        folder = find(source)
        return {} if folder is None else labels_of(folder)
    except SourceError:
        return {}


def _both_languages(text: Any, key: Any) -> dict[str, str]:
    if isinstance(text, str):
        return {"en": text, "vi": text}
    if isinstance(text, Mapping) and text and all(isinstance(one, str) for one in text.values()):
        first = next(iter(text.values()))
        return {lang: text.get(lang) or first for lang in ("en", "vi")}
    raise TableError(f'labels of {key!r}: {text!r} is no name; give a text, or {{"en": …, "vi": …}}')


@functools.lru_cache(maxsize=64)
def _label_files(folder: Path, state: Any) -> tuple[str, ...]:
    source = read_descriptor(folder)
    rules = source.descriptor.get("labels", {}).values()
    used = {rule["resource"] for rule in rules}
    return tuple(str(source.resources[name]["path"]) for name in sorted(used & set(source.resources)))


@functools.lru_cache(maxsize=64)
def _labels_once(folder: Path, state: Any) -> Labels:
    source = read_descriptor(folder)
    found: Labels = {}
    for one in _fields_of(source):
        found.update(field_labels(one))
    for column, rule in source.descriptor.get("labels", {}).items():
        found.update(_table_labels(source, column, rule))
    return found


@functools.lru_cache(maxsize=64)
def _declared_units(folder: Path, state: Any) -> dict[str, int]:
    return {str(one["name"]): one["units"] for one in _fields_of(read_descriptor(folder)) if one.get("units")}


def _fields_of(source: Dataset) -> list[Schema]:
    return [one for each in source.resources.values() for one in each.get("schema", {}).get("fields", [])]


def foreign_key_faults(
    name: str, files: Mapping[str, Schema], checked: Mapping[str, Checked]
) -> pd.DataFrame:
    """Return the rows of a table whose foreign keys point nowhere."""
    faults = []
    for key in files[name]["schema"].get("foreignKeys", []):
        columns = _as_list(key["fields"])
        other = key["reference"].get("resource") or name
        theirs = checked[other].table
        known = set(_keys(theirs, _as_list(key["reference"]["fields"])))
        ours = checked[name].table
        astray = [None not in one and one not in known for one in _keys(ours, columns)]
        if not any(astray):
            continue
        lost = ours.loc[astray, columns].astype("string")
        found = lost.agg(", ".join, axis=1) if len(lost) else pd.Series(dtype=str)
        allowed = f"a value of {', '.join(_as_list(key['reference']['fields']))} in {files[other]['path']}"
        faults.append(_faults(str(files[name]["path"]), found, ", ".join(columns), allowed))
    return _stack(faults)


def _keys(table: pd.DataFrame, columns: list[str]) -> list[tuple[str | None, ...]]:
    """The keys of a table's rows as texts; None where a part is missing."""
    parts = []
    for name in columns:
        codes, words = _distinct(table[name])
        texts = [*words, None]
        parts.append([texts[code] for code in codes.tolist()])
    return list(zip(*parts, strict=True))


def _column_faults(text: pd.DataFrame, fields: list[Schema], file: str) -> pd.DataFrame:
    wanted = [str(one["name"]) for one in fields]
    unknown = [name for name in text.columns if name not in wanted]
    lacking = [name for name in wanted if name not in text.columns]
    rows = [(file, 1, name, NO_COLUMN, "required column") for name in lacking]
    for name in unknown:
        near = difflib.get_close_matches(name, lacking or wanted, n=3)
        allowed = f"did you mean {near}?" if near else f"columns are {wanted}"
        rows.append((file, 1, name, "unknown column", allowed))
    return pd.DataFrame(rows, columns=FAULT_COLUMNS) if rows else _NO_FAULTS


def _checked_column(
    text: pd.Series, field: Schema, schema: Schema, file: str, keep_codes: bool
) -> tuple[pd.Series, list[pd.DataFrame]]:
    """Return a column's values in the field's type, and its faults; each distinct text is looked at once."""
    codes, words = _distinct(text)
    missing = missing_codes(field, schema, labelled=None if not keep_codes else False)
    known = np.array([word not in missing for word in words], dtype=bool)
    convert = _CONVERTERS.get(field.get("type", "string"), _to_string)
    shown = [word if there else None for word, there in zip(words, known, strict=True)]
    values, right = convert(pd.Series(shown, dtype="str"), field)
    wrong = known & ~right.to_numpy(dtype=bool)
    faults = []
    if wrong.any():
        faults.append(_faults(file, text[_where(wrong, codes)], str(field["name"]), _allowed(field)))
    if field.get("constraints") or field.get("categories"):
        faults += _constraint_faults(text, codes, words, values, field, schema, file)
    return _spread(values, codes, field, text), faults


def _distinct(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the number of each row's distinct value, -1 where it is missing, and those values as texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, words = column.cat.codes.to_numpy(), column.cat.categories.tolist()
        if len(words) <= len(codes) and np.bincount(codes[codes >= 0], minlength=len(words)).all():
            return codes, [str(word) for word in words]
    codes, distinct = pd.factorize(column)
    return codes, [str(word) for word in distinct.tolist()]


def _where(distinct: np.ndarray, codes: np.ndarray, blank: bool = False) -> np.ndarray:
    """Rows whose distinct value is marked; ``blank`` says what holds for cells that are missing altogether."""
    return np.append(distinct, blank)[codes]


def _spread(values: pd.Series, codes: np.ndarray, field: Schema, text: pd.Series) -> pd.Series:
    """The values of distinct texts as a column; a ``categorical`` field, or listed words of one, as such."""
    if field.get("categorical") or (field.get("categories") and isinstance(text.dtype, pd.CategoricalDtype)):
        return pd.Series(_categorical(values, codes, field), index=text.index, name=text.name)
    absent = bool((codes < 0).any())
    if absent and values.dtype in (np.dtype("int64"), np.dtype("bool")):
        values = values.astype("boolean" if values.dtype.kind == "b" else "Int64")
    spread = values.array.take(codes, allow_fill=absent)
    return pd.Series(spread, index=text.index, name=text.name)


def _categorical(values: pd.Series, codes: np.ndarray, field: Schema) -> pd.Categorical:
    words = [None if pd.isna(value) else str(value) for value in values]
    listed = _categories(field) or sorted({word for word in words if word is not None})
    place = {word: position for position, word in enumerate(listed)}
    lookup = np.array([*(-1 if word is None else place.get(word, -1) for word in words), -1], dtype=int)
    index = pd.Index(listed, dtype=_TEXT)
    ordered = bool(field.get("categoriesOrdered"))
    return pd.Categorical.from_codes(lookup[codes], categories=index, ordered=ordered, validate=False)


_TEXT = pd.Series(["text"]).dtype


def _to_string(text: pd.Series, field: Schema) -> tuple[pd.Series, pd.Series]:
    return text.astype("str"), pd.Series(True, index=text.index)


def _to_number(text: pd.Series, field: Schema) -> tuple[pd.Series, pd.Series]:
    values = pd.to_numeric(text.str.strip(), errors="coerce").astype(float)
    return values, values.notna() & np.isfinite(values)


def _to_integer(text: pd.Series, field: Schema) -> tuple[pd.Series, pd.Series]:
    values, right = _to_number(text, field)
    right &= values == np.floor(values)
    whole = values.where(right)
    if right.all():
        return whole.astype("int64"), right
    return whole.astype("Int64"), right


def _to_boolean(text: pd.Series, field: Schema) -> tuple[pd.Series, pd.Series]:
    values = text.map(BOOLEANS)
    return values.astype("boolean") if values.isna().any() else values.astype(bool), values.notna()


def _to_date(text: pd.Series, field: Schema) -> tuple[pd.Series, pd.Series]:
    values = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    return values, values.notna()


def _to_datetime(text: pd.Series, field: Schema) -> tuple[pd.Series, pd.Series]:
    """ISO 8601; a time with an offset becomes UTC, and all are naive."""
    values = pd.to_datetime(text.astype(object), format="ISO8601", errors="coerce", utc=True)
    return values.dt.tz_localize(None).astype("datetime64[us]"), values.notna()


_CONVERTERS: dict[str, Callable[[pd.Series, Schema], tuple[pd.Series, pd.Series]]] = {
    "number": _to_number,
    "integer": _to_integer,
    "year": _to_integer,
    "boolean": _to_boolean,
    "date": _to_date,
    "datetime": _to_datetime,
}


def _constraint_faults(
    text: pd.Series,
    codes: np.ndarray,
    words: list[str],
    values: pd.Series,
    field: Schema,
    schema: Schema,
    file: str,
) -> list[pd.DataFrame]:
    """Return where values break the field's constraints: required, allowed, bounds, pattern, unique."""
    name, rules = str(field["name"]), field.get("constraints", {})
    faults = []
    if rules.get("required"):
        unsaid = missing_codes(field, schema)
        empty = _where(np.array([word in unsaid for word in words], dtype=bool), codes, blank=True)
        if empty.any():
            faults.append(_faults(file, text[empty], name, "a value: it is required"))
    tests = _tests(field)
    if tests:
        labelled = missing_codes(field, schema, labelled=True)
        said = values.notna().to_numpy() & np.array([word not in labelled for word in words], dtype=bool)
        right = np.logical_and.reduce([test(values).fillna(True).to_numpy(dtype=bool) for test in tests])
        wrong = ~right & said
        if wrong.any():
            faults.append(_faults(file, text[_where(wrong, codes)], name, _allowed(field)))
    if rules.get("unique"):
        spread = _spread(values, codes, {**field, "categorical": False}, text.astype(object))
        faults.append(_repeats(spread.dropna().astype("string"), name, file))
    return faults


def _tests(field: Schema) -> list[Callable[[pd.Series], pd.Series]]:
    """Compile a field's constraints: each test says which of some distinct values it lets through."""
    rules = field.get("constraints", {})
    tests: list[Callable[[pd.Series], pd.Series]] = []
    if allowed := _categories(field):
        whole = field.get("type") in ("integer", "year")
        values: list[Any] = [int(value) for value in allowed] if whole else list(allowed)
        tests.append(lambda found: found.isin(values))
    if "minimum" in rules:
        tests.append(lambda found: found >= _bound(rules["minimum"], field))
    if "maximum" in rules:
        tests.append(lambda found: found <= _bound(rules["maximum"], field))
    if "pattern" in rules:
        pattern = re.compile(rules["pattern"])
        tests.append(lambda found: found.map(lambda value: pattern.fullmatch(str(value)) is not None))
    return tests


def _bound(value: Any, field: Schema) -> Any:
    return pd.Timestamp(value) if field.get("type") == "date" else float(value)


def _categories(field: Schema) -> list[str]:
    given = field.get("categories") or field.get("constraints", {}).get("enum") or []
    return [str(one["value"]) if isinstance(one, Mapping) else str(one) for one in given]


def _key_faults(typed: pd.DataFrame, schema: Schema, file: str) -> pd.DataFrame:
    columns = _as_list(schema.get("primaryKey", []))
    if not columns or any(name not in typed for name in columns):
        return _stack([])
    repeated = typed.duplicated(columns, keep=False)
    if not repeated.any():
        return _stack([])
    keys = typed.loc[repeated, columns].astype("string").fillna("").agg(", ".join, axis=1)
    return _repeats(keys, ", ".join(columns), file)


def _repeats(keys: Any, column: str, file: str) -> pd.DataFrame:
    repeated = keys[keys.duplicated()]
    first = keys.drop_duplicates().reset_index().set_index(keys.name or 0).iloc[:, 0]
    allowed = [f"{REPEATED}; row {first[key]} has it already" for key in repeated]
    return pd.DataFrame(
        {
            "file": file,
            "row": repeated.index,
            "column": column,
            "found": repeated.to_numpy(),
            "allowed": allowed,
        },
        columns=FAULT_COLUMNS,
    )


def _allowed(field: Schema) -> str:
    """Say what a field may hold."""
    rules, kind = field.get("constraints", {}), field.get("type", "string")
    parts = ["text" if kind == "string" else str(kind)]
    if allowed := _categories(field):
        parts.append("one of " + ", ".join(allowed[:20]) + (" …" if len(allowed) > 20 else ""))
    if "minimum" in rules or "maximum" in rules:
        parts.append(f"from {rules.get('minimum', '…')} to {rules.get('maximum', '…')}")
    if "pattern" in rules:
        parts.append(f"matching {rules['pattern']}")
    return ", ".join(parts)


def _faults(file: str, found: Any, column: str, allowed: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "file": file,
            "row": found.index,
            "column": column,
            "found": found.map(repr).to_numpy(),
            "allowed": allowed,
        },
        columns=FAULT_COLUMNS,
    )


def no_faults() -> pd.DataFrame:
    """Return a table of faults without a row."""
    return _NO_FAULTS.copy()


_NO_FAULTS = pd.DataFrame(columns=FAULT_COLUMNS)


def _stack(faults: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [each for each in faults if len(each)]
    if not filled:
        return no_faults()
    stacked = pd.concat(filled, ignore_index=True).drop_duplicates()
    return stacked.sort_values(["file", "row"], kind="stable", ignore_index=True)


def _message(faults: pd.DataFrame) -> str:
    lines = [
        f"- {row.file}, row {row.row}, column '{row.column}': found {row.found}; allowed: {row.allowed}"
        for row in faults.head(SHOWN_FAULTS).itertuples()
    ]
    more = len(faults) - SHOWN_FAULTS
    tail = [f"… and {more} more, all in the error's `faults` table"] if more > 0 else []
    return "\n".join([f"{len(faults)} fault(s):", *lines, *tail])


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def field_labels(field: Schema) -> Labels:
    """Return the names that one field of a Table Schema gives its column, its codes and its missing codes."""
    name = str(field["name"])
    found: Labels = {(name, None): _both(field, "title")} if field.get("title") else {}
    coded = [*field.get("categories", []), *field.get("missingValues", [])]
    for code in coded:
        if isinstance(code, Mapping) and code.get("label"):
            found[(name, cell_text(code["value"]))] = _both(code, "label")
    if field.get("title"):
        found.setdefault(("indicator", name), _both(field, "title"))
    return found


def _both(item: Schema, name: str) -> dict[str, str]:
    return {lang: str(translated(item, name, lang)) for lang in ("en", "vi")}


def _table_labels(source: Dataset, column: str, rule: Mapping[str, str]) -> Labels:
    """Read labels that stand in a table: ``{"resource", "value", "en", "vi"}`` name the table and its columns."""
    table = read_csv_text(source.file(rule["resource"]))
    rows = table[[rule["value"], rule["en"], rule["vi"]]].itertuples(index=False, name=None)
    return {
        (column, value): {"en": english, "vi": vietnamese or english} for value, english, vietnamese in rows
    }
