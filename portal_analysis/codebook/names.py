"""What columns and codes are called: by a dataset's description, or by a source that was opened.

Hands on labels by language, and the list that codes of provinces are of.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal_analysis.codebook.faults import Schema
from portal_analysis.datasets import Dataset, SourceError, find, read_descriptor, state
from portal_analysis.languages import FIRST, LANGUAGES, in_each, texts_in
from portal_analysis.tables import TableError, cell_text, read_csv_text
from portal_analysis.tables.replies import plainly

Labels = dict[tuple[str, str | None], dict[str, str]]


_REMEMBERED: dict[str, tuple[Labels, int | None]] = {}


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


def remembered(source: str) -> tuple[Labels, int | None]:
    """Return the names and the list of provinces that a survey or audit of the caller's brought for its source."""
    return _REMEMBERED.get(source, ({}, None))


def labels(source: str) -> Labels:
    """Return the names of a source's columns and codes by language.

    Parameters
    ----------
    source : str
        A dataset's id, or the id of an opened survey: its own names go before those of a dataset of that id.

    Returns
    -------
    dict
        ``(column, None)`` holds the names of a column, ``(column, code)`` those of a code, each as
        ``{"en": …, "vi": …}``, and in any further language in which it is given. Names of indicators stand under the
        column ``indicator``. Empty if nothing is known of the source. A description that was edited is read again.
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
        ``(column, code)`` a name. A name is one text for all languages, or ``{"en": …, "vi": …}``.

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
        codes = value if isinstance(value, Mapping) and not set(value) <= set(LANGUAGES) else {code: value}
        for one, text in codes.items():
            found[(str(column), None if one is None else cell_text(one))] = _by_language(text, key)
    titles: Labels = {("indicator", column): name for (column, code), name in found.items() if code is None}
    return {**titles, **found}


def code_meant(labels: Mapping[Any, dict[str, str]], column: str, said: Any) -> Any:
    """Return the code whose label was said, as a number where it is one; what is no label comes back as it is.

    Examples
    --------
    >>> code_meant(as_labels({"q1": {1: "Có", 2: "Không"}}), "q1", "có")
    1.0
    """
    if not isinstance(said, str) or (column, said) in labels:
        return said
    meant = [
        code
        for (name, code), texts in labels.items()
        if name == column and code is not None and plainly(said) in map(plainly, texts.values())
    ]
    try:
        return float(meant[0]) if len(meant) == 1 else said
    except ValueError:
        return said


def field_labels(field: Schema) -> Labels:
    """Return the names that one field of a Table Schema gives its column, its codes and its missing codes."""
    name = str(field["name"])
    found: Labels = {(name, None): in_each(texts_in(field, "title"))} if field.get("title") else {}
    coded = [*field.get("categories", []), *field.get("missingValues", []), *field.get("x_labels", [])]
    for code in coded:
        if isinstance(code, Mapping) and code.get("label"):
            found[(name, cell_text(code["value"]))] = in_each(texts_in(code, "label"))
    if field.get("title"):
        found.setdefault(("indicator", name), in_each(texts_in(field, "title")))
    return found


def _described(source: str) -> Labels:
    """Return the names that a dataset of that id gives; none if there is no such dataset, or no readable one."""
    try:
        folder = find(source)
        return {} if folder is None else labels_of(folder)
    except SourceError:
        return {}


def _by_language(text: Any, key: Any) -> dict[str, str]:
    if isinstance(text, str):
        return in_each({FIRST: text})
    if isinstance(text, Mapping) and text and all(isinstance(one, str) for one in text.values()):
        return in_each(text)
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


def _table_labels(source: Dataset, column: str, rule: Mapping[str, str]) -> Labels:
    """Read labels that stand in a table: ``{"resource", "value", "en", "vi"}`` name the table and its columns."""
    table = read_csv_text(source.file(rule["resource"]))
    given = [lang for lang in LANGUAGES if lang in rule]
    rows = table[[rule["value"], *(rule[lang] for lang in given)]].itertuples(index=False, name=None)
    return {(column, value): in_each(dict(zip(given, texts, strict=True))) for value, *texts in rows}
