"""From a usual spelling of a province to its code, or to why it means none.

Takes text, numbers and ISO codes; hands on codes of one list, or one error that names every fault.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.provinces.register import LISTS, Register, key_of

SHOWN_ROWS = 5

ISO_CODE = re.compile(r"VN-[0-9A-Z]{2}", re.IGNORECASE)

KIND_WORDS = re.compile(r"^(thanhpho|tp|tinh)|(city|province)$")

NUMBER = re.compile(r"[0-9]{1,2}(\.0+)?", re.ASCII)


class ProvinceError(Error):
    """A name or code is unknown, ambiguous or missing, or a list does not exist.

    Attributes
    ----------
    table : DataFrame or None
        One row a distinct faulty input: ``value, rows, problem, nearest``; None if the fault is in an argument.
    """


def resolve(value: Any, wanted: int, given: int | None, register: Register) -> tuple[str | None, str]:
    """Return the code that a value means, or why it means none."""
    text = str(value).strip()
    if NUMBER.fullmatch(text):
        return _from_number(f"{int(float(text)):02d}", wanted, given, register)
    if ISO_CODE.fullmatch(text):
        known = register.iso.get(text.upper())
        if known and wanted == 63:
            return known, ""
        return None, "is no ISO 3166-2 code of a province" if not known else "is a code of the list of 63"
    key = key_of(text)
    if key in register.keys[wanted]:
        return register.keys[wanted][key], ""
    return None, _elsewhere(key, wanted, register)


def _from_number(number: str, wanted: int, given: int | None, register: Register) -> tuple[str | None, str]:
    names: dict[int, dict[str, str]] = {
        each: dict(zip(table["code"], table["name_vi"], strict=True))
        for each, table in register.units.items()
    }
    if number not in names[wanted]:
        return None, f"is no code of the list of {wanted}"
    old, new = (names[each].get(number) for each in LISTS)
    if given is None and new is not None and new != old and new in names[63].values():
        return (
            None,
            f"is ambiguous: {old} in the list of 63, {new} in the list of 34; pass list=63 or list=34",
        )
    return number, ""


def _elsewhere(key: str, wanted: int, register: Register) -> str:
    """Say why a name is not in a list: it is one of the other list, or of none."""
    other = 34 if wanted == 63 else 63
    known = register.keys[other].get(key)
    if known is None:
        bare = register.keys[wanted].get(KIND_WORDS.sub("", key))
        return f"is of another kind than {register.label(bare, wanted)}" if bare else "is unknown"
    if other == 34:
        return f"is a name of the list of 34 ({register.label(known, 34)})"
    successors = dict(zip(register.units[63]["code"], register.units[63]["gso34"], strict=True))
    return f"is a name of the list of 63; since July 2025 it is in {register.label(successors[known], 34)}"


def unresolved(
    values: pd.Series, found: Mapping[Any, tuple[str | None, str]], wanted: int, register: Register
) -> ProvinceError:
    """Make the one error that names all faulty inputs."""
    keys = values.map(lambda value: "" if pd.isna(value) else repr(value))
    faults = []
    for shown, rows in values.groupby(keys, sort=False):
        value = rows.iloc[0]
        missing = pd.isna(value)
        problem = "names nothing; drop or fill it first" if missing else found[value][1]
        nearest = () if missing else _nearest(str(value), wanted, register)
        faults.append((shown or "an empty cell", tuple(rows.index), problem, nearest))
    table = pd.DataFrame(faults, columns=["value", "rows", "problem", "nearest"])
    lines = [_fault_line(*fault) for fault in faults]
    return ProvinceError.of(lines, f"not every name is a province of the list of {wanted}", table)


def _fault_line(shown: str, rows: tuple[Any, ...], problem: str, nearest: tuple[str, ...]) -> str:
    places = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    more = f" … ({len(rows)} rows)" if len(rows) > SHOWN_ROWS else ""
    near = f"; nearest: {', '.join(nearest)}" if nearest else ""
    return f"row {places}{more}: {shown} {problem}{near}"


def _nearest(text: str, wanted: int, register: Register) -> tuple[str, ...]:
    """Return the three units whose names come nearest: by initials, then by letters; for a number by codes."""
    key, table = key_of(text), register.units[wanted]
    if NUMBER.fullmatch(text.strip()):
        gaps = {known: abs(int(known) - float(text)) for known in table["code"]}
        return tuple(
            register.label(known, wanted) for known in sorted(gaps, key=lambda known: gaps[known])[:3]
        )
    if not key:
        return ()
    scores: dict[str, tuple[bool, float]] = {}
    for known, vietnamese, english in table[["code", "name_vi", "name_en"]].itertuples(index=False):
        initials = key_of("".join(word[0] for word in re.split(r"[\s-]+", vietnamese) if word))
        alike = max(
            difflib.SequenceMatcher(None, key, key_of(each)).ratio() for each in (vietnamese, english)
        )
        scores[known] = (key == initials, alike)
    best = sorted(scores, key=lambda known: scores[known], reverse=True)[:3]
    return tuple(register.label(known, wanted) for known in best)
