"""What an argument may be: a number, a whole number, a text, or what the signature of a public function says.

Hands on :func:`is_number` and its like for the rooms that look at a value, and :func:`guarded`, by which no public
function answers an argument of a wrong kind with an error of Python's or another library's.
"""

from __future__ import annotations

import inspect
import math
import os
import types
import typing
from collections import abc
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import Any, ParamSpec, TypeGuard, TypeVar

import numpy as np

from portal_analysis.faults import Error, near

MOST_DRAWS = 10_000_000
"""Draws, replicates and the like that can be asked for: more fill the memory, and say no more."""

P = ParamSpec("P")
R = TypeVar("R")

SHOWN = 60
"""Letters of a value that a message quotes."""

LOOKED_AT = 1000
"""Values of a list that are looked at: a list can say something of each row of a survey."""

ERRORS = {
    "audit": "AuditError",
    "audit.earl": "WriteError",
    "audit.readers": "ReaderError",
    "audit.write": "WriteError",
    "claims": "ClaimError",
    "codebook": "CodebookError",
    "datasets": "SourceError",
    "deposit": "DepositError",
    "disclosure": "DisclosureError",
    "documents": "GridError",
    "explore": "ExploreError",
    "exports": "ExportError",
    "facts": "FactsError",
    "figures": "FigureError",
    "language": "EstimatesError",
    "linkage": "LinkError",
    "progress": "TargetError",
    "published": "SourceError",
    "registers": "RegisterError",
    "shape": "EstimatesError",
    "survey": "AnswersError",
    "survey.plan": "PlanError",
    "survey.readers": "SurveyReadError",
    "survey.tryout": "PlanError",
}
"""With which error the functions of a room refuse an argument; the longest name that fits holds."""

WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "True or False",
    "NoneType": "None",
    "Path": "a path",
    "ndarray": "an array",
    "Figure": "a figure",
    "Claims": "Claims",
    "Hashable": "one value",
    "object": "any value",
    "Any": "any value",
}
"""How a message calls a kind of value, where its own name does not do."""

MANY = {"str": "texts", "int": "whole numbers", "float": "numbers", "Sequence": "lists", "Figure": "figures"}
"""How a message calls several values of a kind."""

HOW = {
    "Audit": "make one with Audit(judgements, criteria, …), or read one with load_audit or read_audit",
    "Register": "read one with load_register or read_register",
    "Survey": "declare the design with Survey(data, Design(…)), or read one with load_survey or read_survey",
    "Design": "name the columns with Design(weights=…, strata=…, psu=…)",
    "Claims": "read them with load_claims",
    "Figure": "the functions plot_… make them",
}
"""How one comes by what only this package makes."""


def is_whole(value: object, least: int, most: float = math.inf) -> TypeGuard[int]:
    """Is it a whole number that is not below the least, nor above the most?"""
    return isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most


def is_number(value: object) -> TypeGuard[float]:
    """Is it a real number that arrays can hold, and no truth value?"""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def is_share(value: object) -> TypeGuard[float]:
    """Is it a number above 0 and below 1, as a level or a share is?"""
    return is_number(value) and 0 < value < 1


def units_faults(units: object) -> list[str]:
    """Say that something is neither of the two lists of provinces, 63 and 34, nor None.

    Examples
    --------
    >>> units_faults(63), units_faults(64)
    ([], ['units is 64; lists of provinces are 63 and 34'])
    """
    known = units is None or (is_whole(units, 34) and units in (63, 34))
    return [] if known else [f"units is {shown(units)}; lists of provinces are 63 and 34"]


# ------------------------------------------------------------------------------------------------ kinds


class _Called(type):
    """A class known by its name alone: what a room that is heavy to load makes."""

    def __instancecheck__(cls, value: object) -> bool:
        return any(one.__name__ == cls.__name__ for one in type(value).__mro__)


NAMES = {**vars(abc), "Figure": _Called("Figure", (), {})}
"""What names in annotations mean that their modules import for the type checker only."""

UNIONS = (typing.Union, types.UnionType)

PLAIN: Mapping[Any, Callable[[Any], bool]] = {
    bool: lambda value: isinstance(value, bool | np.bool_),
    int: lambda value: isinstance(value, Integral) and not isinstance(value, bool),
    float: is_number,
    Path: lambda value: isinstance(value, os.PathLike),
}
"""Kinds that hold more, or less, than the instances of their class."""


def fits(value: Any, kind: Any) -> bool:
    """Is a value of the kind that an annotation says? What is no known kind holds everything.

    Examples
    --------
    >>> fits("a", str), fits("a", float), fits(True, float | None)
    (True, False, False)
    """
    origin, parts = typing.get_origin(kind) or kind, typing.get_args(kind)
    if origin in UNIONS:
        return any(fits(value, one) for one in parts)
    if origin is typing.Literal:
        return any(type(value) is type(one) and value == one for one in parts)
    if kind is None or origin in PLAIN:
        return value is None if kind is None else PLAIN[origin](value)
    if not isinstance(origin, type) or origin is Any:
        return True
    if origin is tuple and parts and Ellipsis not in parts:
        several = isinstance(value, list | tuple) and len(value) == len(parts)
        return several and all(map(fits, value, parts))
    if issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(map(_fits_all, (value.keys(), value.values()), parts))
    if parts and issubclass(origin, Iterable):
        return _is_several(value) and _fits_all(value, parts[0])
    return isinstance(value, origin)


def _is_several(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _fits_all(values: Any, kind: Any) -> bool:
    """Tell whether the first values of a list fit; what can be gone through once only is left alone."""
    return isinstance(values, Iterator) or all(fits(one, kind) for one in islice(values, LOOKED_AT))


def called(kind: Any) -> str:
    """Say in words what an annotation allows.

    Examples
    --------
    >>> print(called(str | list[str] | None))
    a text, a list of texts or None
    """
    *most, last = dict.fromkeys(_called(kind))
    return f"{', '.join(most)} or {last}" if most else last


def _called(kind: Any) -> list[str]:
    """Return what an annotation allows, one text each."""
    origin, parts = typing.get_origin(kind) or kind, typing.get_args(kind)
    if origin in UNIONS:
        return [text for one in parts for text in _called(one)]
    if origin is typing.Literal:
        return [repr(one) for one in parts]
    name = getattr(origin, "__name__", str(origin))
    if origin is tuple and parts and Ellipsis not in parts:
        return [f"({', '.join(called(one) for one in parts)})"]
    if origin is Callable:
        return ["a function"]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return ["a mapping"]
    if parts and isinstance(origin, type) and issubclass(origin, Iterable):
        inner = {MANY.get(getattr(typing.get_origin(one) or one, "__name__", ""), "") for one in parts[:1]}
        return ["a list of " + " or ".join(inner) if all(inner) else "a list"]
    return [WORDS.get(name, with_article(name))]


def with_article(name: str) -> str:
    """Put "a" or "an" before the name of a class."""
    return f"{'an' if name[:1] in 'AEIOUaeio' else 'a'} {name}"


def shown(value: Any) -> str:
    """Quote a short plain value; of anything else say what it is.

    Examples
    --------
    >>> print(shown("x"), shown([None]), shown(object()), sep="; ")
    'x'; [None]; an object
    """
    if isinstance(value, str | bytes | int | float | list | tuple | dict | set | np.generic | None):
        text = repr(value)
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return with_article(type(value).__name__)


def misfits(given: Mapping[str, Any], kinds: Mapping[str, Any]) -> list[str]:
    """Say of each argument that is not of its kind what it is and what it must be."""
    return [
        f"{name} is {shown(value)}; it must be {called(kinds[name])}{_how(kinds[name])}"
        for name, value in given.items()
        if name in kinds and not fits(value, kinds[name])
    ]


def _how(kind: Any) -> str:
    """Say how one comes by what an annotation asks for, where that is not plain."""
    parts = [kind, *typing.get_args(kind)]
    return "".join(f": {HOW[name]}" for one in parts if (name := getattr(one, "__name__", "")) in HOW)


# ------------------------------------------------------------------------------------ choices handed on by keyword


def strangers(given: Iterable[str], known: Iterable[str]) -> list[str]:
    """Say of each keyword that is not known which one may be meant.

    Examples
    --------
    >>> strangers(["levle", "seed"], ["level", "seed"])
    ["no choice is called 'levle': did you mean ['level']?"]
    """
    names = list(known)
    return [f"no choice is called {name!r}: {near(name, names)}" for name in given if name not in names]


def handed_on(
    kind: Callable[..., R],
    given: Mapping[str, Any],
    fixed: Mapping[str, Any] | None = None,
    error: type[Error] | None = None,
) -> R:
    """Call a class or a function with choices that a caller handed on, and with what is fixed and not theirs to choose.

    Raises
    ------
    Error
        The one named, else that of the room of ``kind``, if a choice is none of its arguments, or is fixed.
    """
    own = fixed or {}
    if faults := strangers(given, [name for name in inspect.signature(kind).parameters if name not in own]):
        raise (error or error_of(kind.__module__)).of(faults)
    return kind(**given, **own)


# ---------------------------------------------------------------------------------------------- functions


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that says which argument is of a wrong kind, where one makes it fail with a foreign error.

    What the function can work with, and what it refuses in its own words, is not looked at.
    """

    @wraps(function)
    def checked(*args: P.args, **more: P.kwargs) -> R:
        try:
            return function(*args, **more)
        except (Error, Warning):
            raise
        except Exception as error:
            faults = _faults(function, args, more)
            if faults:
                raise error_of(function.__module__).of(faults) from error
            raise

    return checked


def _faults(function: Callable[..., Any], args: Any, more: Any) -> list[str]:
    """Return what is wrong with the kinds of arguments; nothing if they do not even have places in the signature."""
    signature = inspect.signature(function)
    try:
        bound = signature.bind(*args, **more).arguments
    except TypeError:
        return []
    known = kinds_of(function)
    several = [one.name for one in signature.parameters.values() if one.kind is one.VAR_POSITIONAL]
    found = misfits({name: value for name, value in bound.items() if name not in several}, known)
    for name in several:
        found += [fault for one in bound.get(name, ()) for fault in misfits({name: one}, known)]
    return found


def kinds_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the kinds that the annotations of a function's arguments say."""
    names: dict[str, Any] = dict(NAMES)
    one: Any = function
    while one is not None:
        names |= one.__globals__
        one = getattr(one, "__wrapped__", None)
    found = {}
    for name, told in inspect.signature(function).parameters.items():
        if told.annotation is not told.empty and told.kind is not told.VAR_KEYWORD:
            kind = eval(told.annotation, names) if isinstance(told.annotation, str) else told.annotation
            found[name] = kind
    return found


def error_of(module: str) -> type[Error]:
    """Return the error with which the functions of a module refuse an argument."""
    parts = module.removeprefix("portal_analysis.").split(".")
    rooms = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    name = next((ERRORS[room] for room in rooms if room in ERRORS), "")
    return next((one for one in _below(Error) if one.__name__ == name), Error)


def _below(kind: type[Error]) -> Iterator[type[Error]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
