"""One field of a Table Schema: from text to values of its type, and what its constraints let through."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.codebook.faults import Schema
from portal_analysis.patterns import fits

BOUNDS: dict[str, Callable[[Any, Any], Any]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}
WITHOUT_BOUNDS = ("string", "any", "boolean")
"""Types whose values have no order that a smallest or largest one could bound."""
LENGTHS: dict[str, Callable[[Any, Any], Any]] = {"minLength": operator.ge, "maxLength": operator.le}
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


def missing_codes(field: Schema, schema: Schema, labelled: bool | None = None) -> list[str]:
    """Return the texts that mean "missing" in a field: all, only the ``labelled``, or only the others."""
    codes = field.get("missingValues", schema.get("missingValues", [""]))
    named = {str(code["value"]): bool(code.get("label")) for code in codes if isinstance(code, Mapping)}
    plain = {str(code): False for code in codes if not isinstance(code, Mapping)}
    return [
        code for code, has_label in {**plain, **named}.items() if labelled is None or has_label == labelled
    ]


def typed_values(text: pd.Series, field: Schema, missing: list[str]) -> tuple[pd.Series, pd.Series]:
    """Return a column's values in the field's type, and where the text is not of that type."""
    known = ~text.isin(missing)
    values, right = TYPES[field.get("type", "string")](text.where(known, None), field)
    return values, known & ~right


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
    values = pd.to_datetime(_written(text), format="%Y-%m-%d", errors="coerce")
    return values, values.notna()


def _to_datetime(text: pd.Series, field: Schema) -> tuple[pd.Series, pd.Series]:
    """ISO 8601; a time with an offset becomes UTC, and all are naive."""
    values = _moments(_written(text))
    if values.dt.unit == "ns" and (values.isna() & text.notna()).any():
        values = _moments(text.str.replace(r"(\.\d{6})\d+", r"\1", regex=True))
    return values.dt.tz_localize(None).astype("datetime64[us]"), values.notna()


def _moments(text: pd.Series) -> pd.Series:
    """Return texts as times in UTC; one with nanoseconds among them leaves those before 1677 and after 2262 missing."""
    return pd.to_datetime(text.astype(object), format="ISO8601", errors="coerce", utc=True)


def _written(text: pd.Series) -> pd.Series:
    """Leave out the words that pandas takes for the time at which they are read."""
    return text.mask(text.isin(("now", "today")))


def _to_month(text: pd.Series, field: Schema) -> tuple[pd.Series, pd.Series]:
    return text.astype("str"), text.astype("str").str.fullmatch(r"\d{4}-(0[1-9]|1[0-2])").fillna(
        False
    ).astype(bool)


TYPES: dict[str, Callable[[pd.Series, Schema], tuple[pd.Series, pd.Series]]] = {
    "string": _to_string,
    "any": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "year": _to_integer,
    "boolean": _to_boolean,
    "date": _to_date,
    "datetime": _to_datetime,
    "yearmonth": _to_month,
}
"""How text becomes values of each type of a Table Schema; a type that is not here is a fault of the schema."""


def tests_of(field: Schema) -> list[Callable[[pd.Series], pd.Series]]:
    """Compile a field's constraints: each test says which of some distinct values it lets through."""
    rules = field.get("constraints", {})
    tests: list[Callable[[pd.Series], pd.Series]] = []
    if allowed := categories(field):
        values = typed_values(pd.Series(allowed, dtype="str"), field, [])[0].tolist()
        tests.append(lambda found: found.isin(values))
    tests += [_bounded(BOUNDS[name], _bound(rules[name], field)) for name in BOUNDS if name in rules]
    tests += [_bounded(LENGTHS[name], rules[name], _length) for name in LENGTHS if name in rules]
    if "pattern" in rules:
        tests.append(lambda found: found.map(lambda value: fits(rules["pattern"], str(value))))
    return tests


def _bound(value: Any, field: Schema) -> Any:
    """Return a bound as a value of the field, read as those of the table are."""
    text = pd.Series([str(value)], dtype="str")
    return typed_values(text, {"type": field.get("type", "string")}, [])[0].iloc[0]


def _bounded(
    compare: Callable[[Any, Any], Any], bound: Any, measure: Callable[[Any], Any] | None = None
) -> Callable[[pd.Series], pd.Series]:
    return lambda found: compare(found if measure is None else found.map(measure), bound)


def _length(value: Any) -> int:
    return len(str(value))


def categories(field: Schema) -> list[str]:
    """Return the codes that a field allows, as text; empty if any value is allowed."""
    given = field.get("categories") or field.get("constraints", {}).get("enum") or []
    return [str(one["value"]) if isinstance(one, Mapping) else str(one) for one in given]


def rules_of(field: Schema) -> str:
    """Say what a field may hold."""
    rules, kind = field.get("constraints", {}), field.get("type", "string")
    parts = ["text" if kind == "string" else str(kind)]
    if allowed := categories(field):
        parts.append("one of " + ", ".join(allowed[:20]) + (" …" if len(allowed) > 20 else ""))
    if "minimum" in rules or "maximum" in rules:
        parts.append(f"from {rules.get('minimum', '…')} to {rules.get('maximum', '…')}")
    words = {
        "exclusiveMinimum": "above",
        "exclusiveMaximum": "below",
        "minLength": "at least",
        "maxLength": "at most",
    }
    for name in (name for name in words if name in rules):
        parts.append(f"{words[name]} {rules[name]}{' letters' if name in LENGTHS else ''}")
    if "pattern" in rules:
        parts.append(f"matching {rules['pattern']}")
    return ", ".join(parts)
