"""Is a ``datapackage.json`` one? Held against the standard first, then against what this project adds to it.

Hands on sentences that say where in the description, what was found, and what is expected. The standard is the Data
Package 2.0, whose profiles are carried in ``datapackage-2.0.json`` (public domain).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portal_analysis.languages import LANGUAGES

KINDS = ("survey", "audit", "register", "published", "geography", "standard")

_TEXT = {"type": "string"}
_NAMED = {"type": "string", "minLength": 1}
_FIELDS = {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": _NAMED}}}
_RULE = {
    "type": "object",
    "required": ["en", "resource", "value", "vi"],
    "properties": dict.fromkeys(("resource", "value", *LANGUAGES), _TEXT),
}
_TITLES = dict.fromkeys(("title", *(f"title_{lang}" for lang in LANGUAGES)), _TEXT)
_SET_TO = dict.fromkeys(("set_to", *(f"set_to_{lang}" for lang in LANGUAGES)), _TEXT)
OWN: Mapping[str, Any] = {
    "type": "object",
    "required": ["name", "title", "kind", "simulated", "resources"],
    "properties": {
        "name": _NAMED,
        **_TITLES,
        "period": {"type": ["string", "number"]},
        "version": {"type": ["string", "number"]},
        "created": _TEXT,
        "accessed": _TEXT,
        "kind": {"enum": list(KINDS)},
        "simulated": {"type": "boolean"},
        **_SET_TO,
        "min_n": {"type": "integer", "minimum": 0},
        "design": {"type": "object"},
        "register": {"type": "object"},
        "labels": {"type": "object", "additionalProperties": _RULE},
        "contributors": {"type": "array", "items": {"type": "object"}},
        "resources": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "path"],
                "properties": {
                    "name": _NAMED,
                    "path": _NAMED,
                    "format": _TEXT,
                    **_TITLES,
                    "schema": {"type": "object", "properties": {"fields": _FIELDS}},
                },
            },
        },
    },
}
"""What this project adds: the kind, whether data are simulated, titles by language, designs, names of codes."""
_ENTRIES = {"resources": "resource", "fields": "field"}
_TYPES = {
    **{"object": "an object", "array": "a list", "string": "a text", "boolean": "true or false"},
    **{"integer": "a whole number", "number": "a number"},
}


def faults_of(descriptor: Any) -> list[str]:
    """Say what is wrong with a description, each thing once.

    Parameters
    ----------
    descriptor
        What ``datapackage.json`` holds.
    """
    found = [*_against("package", descriptor), *_against("own", descriptor)]
    for place, field in _fields(descriptor):
        kind = field.get("type", "string")
        if not isinstance(kind, str):
            found.append(f"{_where([*place, 'type'])} is {_short(kind)}, expected a text")
        elif kind in _profiles()["fields"]:
            found += _against(kind, field, place)
    return list(dict.fromkeys(found))


def _fields(descriptor: Any) -> Iterator[tuple[list[str | int], Mapping[str, Any]]]:
    resources = descriptor.get("resources") if isinstance(descriptor, dict) else None
    for number, resource in enumerate(resources if isinstance(resources, list) else []):
        schema = resource.get("schema") if isinstance(resource, dict) else None
        fields = schema.get("fields") if isinstance(schema, dict) else None
        for place, field in enumerate(fields if isinstance(fields, list) else []):
            if isinstance(field, dict):
                yield ["resources", number, "schema", "fields", place], field


@cache
def _profiles() -> dict[str, Any]:
    path = Path(__file__).with_name("datapackage-2.0.json")
    return dict(json.loads(path.read_text("utf-8")))


def _profile(name: str) -> Mapping[str, Any]:
    profiles = _profiles()
    return {"package": profiles["package"], "own": OWN, **profiles["fields"]}[name]


@cache
def _quick(name: str) -> Any:
    import fastjsonschema

    return fastjsonschema.compile(dict(_profile(name)), use_default=False)


def _against(name: str, value: Any, below: Sequence[str | int] = ()) -> Iterator[str]:
    """Hold a value against a profile; the library that tells every fault takes a second to load, and is asked last."""
    import fastjsonschema

    try:
        _quick(name)(value)
    except fastjsonschema.JsonSchemaException:
        yield from _explained(name, value, below)


def _explained(name: str, value: Any, below: Sequence[str | int]) -> Iterator[str]:
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import best_match

    for error in Draft7Validator(_profile(name)).iter_errors(value):
        several = error.validator in ("anyOf", "oneOf") and not _asks_for_one(error)
        inner = best_match([error]) if several else error
        yield _told(inner, [*below, *inner.absolute_path])


def _asks_for_one(error: Any) -> bool:
    return all(set(one) <= {"required", "properties"} and "required" in one for one in error.validator_value)


def _told(error: Any, place: list[str | int]) -> str:
    where, found = _where(place), _short(error.instance)
    if error.validator == "required":
        lacking = [name for name in error.validator_value if name not in error.instance]
        told = ", ".join(f"'{name}' is missing" for name in lacking)
        return f"{where}: {told}" if where else told
    if error.validator == "type":
        wanted = error.validator_value
        names = [wanted] if isinstance(wanted, str) else wanted
        expected = " or ".join(_TYPES.get(name, f"a {name}") for name in names)
        return f"{where or 'the description'} is {found}, expected {expected}"
    if error.validator == "enum":
        return f"{where} is {found}, allowed are {error.validator_value}"
    return f"{where or 'the description'} is {found}, which the standard does not allow: {_rule(error)}"


def _rule(error: Any) -> str:
    if error.validator in ("anyOf", "oneOf"):
        wanted = [" and ".join(one["required"]) for one in error.validator_value if "required" in one]
        return f"it needs one of {wanted}" if wanted else "it has none of the forms"
    return f"{error.validator} {_short(error.validator_value)}"


def _where(place: Sequence[str | int]) -> str:
    """Name a place as a person counts: lists from 1."""
    parts: list[str] = []
    for number, one in enumerate(place):
        if isinstance(one, int):
            name = _ENTRIES.get(str(place[number - 1]) if number else "")
            parts[-1:] = [f"{name} {one + 1}"] if name else [*parts[-1:], f"entry {one + 1}"]
        elif one != "schema" or number == len(place) - 1:
            parts.append(f"'{one}'")
    return ", ".join(parts)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
