"""What a Table Schema says of a survey's columns: codes of yes, of missing answers, the answers that could be given.

Hands on the arguments of a :class:`Survey`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal_analysis import codebook
from portal_analysis.tables.replies import code_of_yes


def missing_of(schema: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Return the labelled missing codes of each field, in the field's type."""
    found = {}
    for one in schema["fields"]:
        codes = codebook.missing_codes(one, schema, labelled=True)
        if codes:
            found[one["name"]] = tuple(_of_type(code, one) for code in codes)
    return found


def yes_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the code of Yes of fields whose two categories are Yes and No, but are not 1 and 0."""
    found = {}
    for one in schema["fields"]:
        said = {
            each["value"]: str(each.get("label", ""))
            for each in one.get("categories", [])
            if isinstance(each, Mapping)
        }
        code = code_of_yes(said)
        if code is not None:
            found[one["name"]] = code
    return found


def categories_of(schema: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Return the answers that could be given to fields with categories, in the schema's order."""
    found = {}
    for one in schema["fields"]:
        codes = [each["value"] if isinstance(each, Mapping) else each for each in one.get("categories", [])]
        if codes:
            found[one["name"]] = tuple(_of_type(str(code), one) for code in codes)
    return found


def _of_type(code: str, one: Mapping[str, Any]) -> Any:
    kind = one.get("type", "string")
    return int(code) if kind in ("integer", "year") else float(code) if kind == "number" else code
