"""JSON and TOML that people wrote or sent: read once, within bounds, with every mishap an error of the package.

Hands on plain values: no number that a computer word does not hold, no text that is no Unicode, no name twice in an
object, no deeper nesting than anybody writes.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from portal_analysis.faults import Error
from portal_analysis.paths import is_file, shown

LARGEST = 50_000_000
"""So many bytes of a description are read; the largest of this project's own has 70 thousand."""
DEEPEST = 60
"""So many objects and lists may lie in each other."""
MOST_DIGITS = 18

E = TypeVar("E", bound=Error)


class _No(Exception):
    """What is wrong with a text, on its way to the caller's error."""


def read_json(path: Path, error: type[E]) -> Any:
    """Return what a file of JSON holds.

    Raises
    ------
    error
        If it cannot be read, is not UTF-8 or not JSON, is too large or too deep, names a thing twice in an object, or
        holds a number or text that no table could hold.
    """
    return _read(path, error, _json)


def read_toml(path: Path, error: type[E]) -> Any:
    """Return what a file of TOML holds; as :func:`read_json`."""
    return _read(path, error, _toml)


def read_either(path: Path, error: type[E]) -> Any:
    """Return what a file of TOML or JSON holds, told apart by the first letter; as :func:`read_json`."""
    return _read(path, error, lambda text: (_json if text.lstrip().startswith("{") else _toml)(text))


def parse_json(text: str, where: str, error: type[E]) -> Any:
    """Return what a text of JSON holds; as :func:`read_json`, ``where`` says in messages what the text is."""
    try:
        return _bounded(_json, text)
    except _No as wrong:
        raise error(f"{where}{wrong}") from wrong


def _read(path: Path, error: type[E], parse: Callable[[str], Any]) -> Any:
    try:
        if not is_file(path):
            raise error(f"{shown(path)} cannot be read: there is no such file")
        if path.stat().st_size > LARGEST:
            raise error(f"{path} has more than {LARGEST:,} bytes, which no description needs")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise error(f"{path} is not UTF-8: {wrong.reason} at byte {wrong.start}") from wrong
    except (OSError, ValueError) as wrong:
        raise error(f"{shown(path)} cannot be read: {reason(wrong)}") from wrong
    try:
        return _bounded(parse, text)
    except _No as wrong:
        raise error(f"{path}{wrong}") from wrong


def reason(error: Exception) -> str:
    """Say why the system gave no file, without the path that it repeats."""
    return str(getattr(error, "strerror", None) or error)


def _bounded(parse: Callable[[str], Any], text: str) -> Any:
    try:
        value = parse(text)
    except RecursionError as error:
        raise _No(f": more than {DEEPEST} objects and lists lie in each other") from error
    for wrong in _impossible(value):
        raise _No(f": {wrong}")
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_int=_whole, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _No(f", line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from error


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text, parse_float=_real)
    except tomllib.TOMLDecodeError as error:
        raise _No(f": not TOML: {error}") from error
    except (ValueError, OverflowError) as error:
        raise _No(f": not TOML: a number or date that cannot be: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _No(f": the name {twice!r} stands twice in one object")
    return found


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise _No(f": a whole number of {len(digits):,} digits; at most {MOST_DIGITS} can be reckoned with")
    return int(digits)


def _real(digits: str) -> float:
    return float(digits)


def _no_number(name: str) -> float:
    raise _No(f": {name} is no number in JSON")


def _impossible(value: Any) -> Iterator[str]:
    """Say what in a value no table could hold, without recursion."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, dict | list):
            if depth > DEEPEST:
                yield f"more than {DEEPEST} objects and lists lie in each other"
                return
            parts = [*one, *one.values()] if isinstance(one, dict) else one
            waiting += [(part, depth + 1) for part in parts]
        elif isinstance(one, str):
            yield from _no_text(one)
        elif isinstance(one, float) and not math.isfinite(one):
            yield f"{one} is no number"
        elif isinstance(one, int) and abs(one) >= 10**MOST_DIGITS:
            yield f"a whole number of more than {MOST_DIGITS} digits"


def _no_text(text: str) -> Iterator[str]:
    if "\x00" in text:
        yield f"the text {text[:60]!r} holds a NUL character"
    elif any("\ud800" <= letter <= "\udfff" for letter in text) if not text.isascii() else False:
        yield f"the text {text[:60]!r} holds half of a character"
