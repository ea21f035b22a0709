"""Is a Table Schema itself in order? What the checks would not understand is a fault, never passed over.

Hands on sentences that name resource, field and property.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from portal_analysis.arguments import units_faults
from portal_analysis.codebook.fields import BOUNDS, TYPES, WITHOUT_BOUNDS, typed_values
from portal_analysis.datasets import is_table
from portal_analysis.faults import near
from portal_analysis.languages import LANGUAGES
from portal_analysis.patterns import PatternError, compiled

CONSTRAINTS = (
    *("required", "unique", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength"),
)
TOLD = tuple(
    name for one in ("title", "description") for name in (one, *(f"{one}_{lang}" for lang in LANGUAGES))
)
FIELD = (
    *("name", "type", *TOLD, "constraints", "categories"),
    *("missingValues", "categoriesOrdered", "example", "examples", "rdfType", "units", "format"),
)
SCHEMA = ("fields", "primaryKey", "foreignKeys", "missingValues", "$schema", "name", *TOLD)


def schema_faults(resource: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Say what is wrong with a schema: unknown properties, types, constraints; values and keys that cannot be.

    Parameters
    ----------
    resource : mapping
        A resource of ``datapackage.json`` whose ``schema.fields`` have names.
    others : mapping
        All resources of the dataset by name, for foreign keys.
    """
    schema, where = resource["schema"], f"resource '{resource['name']}'"
    yield from _unknown(schema, SCHEMA, where)
    names = [str(one["name"]) for one in schema["fields"]]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{where}: field '{name}' is described {names.count(name)} times"
    for one in schema["fields"]:
        yield from _field_faults(one, f"{where}, field '{one['name']}'")
    yield from _key_faults(schema, names, where, others)


def _unknown(found: Mapping[str, Any], known: tuple[str, ...], where: str) -> Iterator[str]:
    for name in found:
        if name not in known and not str(name).startswith("x_"):
            yield f"{where}: the property '{name}' is not understood; {near(str(name), known)}"


def _field_faults(field: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _unknown(field, FIELD, where)
    kind = field.get("type", "string")
    if kind not in TYPES:
        yield f"{where}: the type {kind!r} is unknown; {near(str(kind), TYPES)}"
        return
    if field.get("format", "default") != "default":
        yield f"{where}: the format {field['format']!r} is not understood; leave it out"
    for fault in units_faults(field.get("units")):
        yield f"{where}: {fault}"
    yield from _code_faults(field, where)
    rules = field.get("constraints", {})
    if not isinstance(rules, Mapping):
        yield f"{where}: constraints must be an object, not {type(rules).__name__}"
        return
    yield from _unknown(rules, CONSTRAINTS, f"{where}, constraints")
    yield from _rule_faults(field, rules, where)


def _code_faults(field: Mapping[str, Any], where: str) -> Iterator[str]:
    """Check categories and missing values: codes of the field's type, each once."""
    for name in ("categories", "missingValues"):
        given = field.get(name, [])
        if not isinstance(given, list):
            yield f"{where}: {name} must be a list, not {type(given).__name__}"
            continue
        if any(isinstance(one, Mapping) and "value" not in one for one in given):
            yield f"{where}: {name} hold an object without a value"
            continue
        codes = [str(one["value"]) if isinstance(one, Mapping) else str(one) for one in given]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            yield f"{where}: {name} name {twice} more than once"
        if name == "categories" and (wrong := _not_of_type(codes, field)):
            yield f"{where}: categories {wrong} are no {field.get('type', 'string')}"


def _not_of_type(codes: list[str], field: Mapping[str, Any]) -> list[str]:
    text = pd.Series(codes, dtype="str")
    return list(text[typed_values(text, {"type": field.get("type", "string")}, [])[1]])


def _rule_faults(field: Mapping[str, Any], rules: Mapping[str, Any], where: str) -> Iterator[str]:
    for name in ("required", "unique"):
        if not isinstance(rules.get(name, False), bool):
            yield f"{where}: {name} must be true or false, not {rules[name]!r}"
    kind = field.get("type", "string")
    for name in (name for name in BOUNDS if name in rules):
        if kind in WITHOUT_BOUNDS:
            yield f"{where}: {name} bounds numbers, dates and months; the type is {kind!r}"
        elif _not_of_type([str(rules[name])], field):
            yield f"{where}: {name} {rules[name]!r} is no {kind}"
    for name in ("minLength", "maxLength"):
        if name in rules and (not isinstance(rules[name], int) or rules[name] < 0):
            yield f"{where}: {name} {rules[name]!r} must be a whole number"
    if not isinstance(rules.get("enum", []), list):
        yield f"{where}: enum must be a list"
    elif wrong := _not_of_type([str(one) for one in rules.get("enum", [])], field):
        yield f"{where}: enum {wrong} are no {field.get('type', 'string')}"
    try:
        compiled(str(rules.get("pattern", "")))
    except PatternError as error:
        yield f"{where}: the pattern {error}"


def _key_faults(
    schema: Mapping[str, Any], names: list[str], where: str, others: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    primary = schema.get("primaryKey", [])
    for name in [primary] if isinstance(primary, str) else primary:
        if name not in names:
            yield f"{where}: primaryKey names '{name}', which is no field; {near(str(name), names)}"
    for key in schema.get("foreignKeys", []):
        yield from _foreign_faults(key, names, where, others)


def _foreign_faults(
    key: Any, names: list[str], where: str, others: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    reference = key.get("reference") if isinstance(key, Mapping) else None
    if not isinstance(reference, Mapping) or "fields" not in key or "fields" not in reference:
        yield f"{where}: a foreign key needs 'fields' and 'reference' with 'resource' and 'fields'"
        return
    ours, theirs = (
        [one] if isinstance(one, str) else list(one) for one in (key["fields"], reference["fields"])
    )
    for name in (name for name in ours if name not in names):
        yield f"{where}: a foreign key names '{name}', which is no field; {near(str(name), names)}"
    target = reference.get("resource") or ""
    other = others.get(target) if target else {"schema": {"fields": [{"name": name} for name in names]}}
    if other is None:
        yield f"{where}: a foreign key points to the resource '{target}'; {near(target, others)}"
        return
    if target and not is_table(other):
        yield f"{where}: a foreign key points to the resource '{target}', which is no table"
        return
    known = [str(one["name"]) for one in other.get("schema", {}).get("fields", [])]
    for name in (name for name in theirs if name not in known):
        yield f"{where}: a foreign key points to the field '{name}', which is not there; {near(str(name), known)}"
    if len(ours) != len(theirs):
        yield f"{where}: a foreign key matches {len(ours)} fields with {len(theirs)}"
