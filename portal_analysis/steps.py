"""How a table or a figure was made: the calls of public functions that led to it, as plain data.

Hands on :func:`recorded`, by which the package's public functions leave a note of each call, and :func:`traced`, which
lists the calls behind a table, even where rows were chosen, sorted or put together in between.
"""

from __future__ import annotations

import inspect
import math
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.faults import Error

TABLES_KEPT = 400
"""How many of the last tables are remembered."""

LARGEST = 20_000
"""Rows of the largest table that is remembered."""

LONGEST = 1000
"""Values of the longest list that is written down: what says something of each row of a survey is not."""

MARK = "$"
"""How the name of what is no plain value begins, where values are written down."""

PLAIN = (bool, int, str)


class Untraced(Error):
    """How something was made is not known, and why."""


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a public function: its name and its arguments, what is no plain value still as it was."""

    name: str
    given: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Lost:
    """An argument that cannot be written down, and why."""

    why: str


_TABLES: deque[tuple[Call, pd.DataFrame]] = deque(maxlen=TABLES_KEPT)
_MADE: dict[int, tuple[weakref.ref[Any], Call]] = {}
_LOCK = threading.Lock()


def forget() -> None:
    """Forget all calls."""
    with _LOCK:
        _TABLES.clear()
        _MADE.clear()


# ------------------------------------------------------------------------------------------------ noting


def recorded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that leaves a note of each of its calls whose result may be asked about."""
    signature = inspect.signature(function)

    @wraps(function)
    def noting(*args: Any, **more: Any) -> Any:
        made = function(*args, **more)
        if isinstance(made, pd.DataFrame) or hasattr(made, "origin") or hasattr(made, "portal_text"):
            note(made, function.__name__, _flat(signature, args, more))
        return made

    return noting


def _flat(signature: inspect.Signature, args: Sequence[Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments by name; those of ``*tables`` as a list under ``*``."""
    given: dict[str, Any] = {}
    for name, value in signature.bind(*args, **more).arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            given["*"] = list(value)
        elif kind is inspect.Parameter.VAR_KEYWORD:
            given |= value
        else:
            given[name] = value
    return given


def note(made: Any, name: str, given: Mapping[str, Any]) -> None:
    """Remember which call made something; of a large table only that it cannot be traced."""
    call = Call(name, {key: kept(value) for key, value in given.items()})
    with _LOCK:
        if isinstance(made, pd.DataFrame):
            if len(made) <= LARGEST:
                _TABLES.append((call, made.copy(deep=False)))
            return
        for key in [key for key, (held, _) in _MADE.items() if held() is None]:
            del _MADE[key]
        _MADE[id(made)] = (weakref.ref(made), call)


def made_by(value: Any) -> Call | None:
    """Return the call that made a survey, an audit, a register or a figure."""
    found = _MADE.get(id(value))
    return found[1] if found is not None and found[0]() is value else None


def kept(value: Any) -> Any:
    """Return an argument without what is large: a survey becomes the call that made it, a table a copy for later."""
    if isinstance(value, pd.DataFrame):
        return value.copy(deep=False) if len(value) <= LARGEST else Lost(f"a table of {len(value)} rows")
    if (call := made_by(value)) is not None:
        return call
    if value is None or isinstance(value, PLAIN):
        return value
    if isinstance(value, np.generic):
        return kept(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else {f"{MARK}float": repr(value)}
    if isinstance(value, os.PathLike):
        return {f"{MARK}path": os.fspath(value)}
    return _kept_many(value)


def _kept_many(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset) and len(value) > LONGEST:
        return Lost(f"{len(value)} values in a list")
    if isinstance(value, list):
        return [kept(one) for one in value]
    if isinstance(value, tuple):
        return {f"{MARK}tuple": [kept(one) for one in value]}
    if isinstance(value, set | frozenset):
        return {f"{MARK}set": [kept(one) for one in sorted(value, key=repr)]}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and not key.startswith(MARK) for key in value):
            return {key: kept(one) for key, one in value.items()}
        return {f"{MARK}dict": [[kept(key), kept(one)] for key, one in value.items()]}
    if is_dataclass(value) and type(value).__name__ == "Design":
        held = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
        usual = {one.name: one.default for one in fields(value)}
        return {f"{MARK}Design": {name: kept(one) for name, one in held.items() if one != usual[name]}}
    return Lost(f"a {type(value).__name__} that no function of this package made or read")


# ----------------------------------------------------------------------------------------------- tracing


class Trace:
    """A list of steps, each a call; what a step needs stands before it.

    Parameters
    ----------
    written : callable
        Writes a table down that cannot be traced, with what of it may leave.

    Attributes
    ----------
    steps : list of dict
        ``{"call": name, "with": arguments}``; ``{"rows": [[step, first, last], …]}`` of the steps' tables; or
        ``{"table": …}``, a table as it was written. What is no plain value is marked: ``{"$step": 3}`` is what step 3
        made.
    lost : bool
        Was some table written down?
    """

    def __init__(self, written: Callable[[pd.DataFrame], dict[str, Any]]) -> None:
        self.steps: list[dict[str, Any]] = []
        self._places: dict[int, int] = {}
        self._written = written
        self._made: list[tuple[Call, pd.DataFrame]] | None = None
        self.lost = False

    def value(self, given: Any) -> Any:
        """Return an argument as plain data, once all that it needs is among the steps.

        Raises
        ------
        Untraced
            If it cannot be written down.
        """
        if isinstance(given, Lost):
            raise Untraced(given.why)
        if isinstance(given, Call):
            return {f"{MARK}step": self.call(given)}
        if isinstance(given, pd.DataFrame):
            return {f"{MARK}step": self.table(given)}
        if isinstance(given, dict):
            return {key: self.value(one) for key, one in given.items()}
        return [self.value(one) for one in given] if isinstance(given, list) else given

    def shown(self, given: Any) -> Any:
        """Return an argument of what only places numbers: a table that cannot be traced may be the written one."""
        return {f"{MARK}step": self.outer(given)} if isinstance(given, pd.DataFrame) else self.value(given)

    def outer(self, table: pd.DataFrame) -> int:
        """Add what made a table, or the table itself, as much of it as may leave, where that is not known."""
        before = len(self.steps)
        try:
            return self.table(table)
        except Untraced:
            del self.steps[before:]
            self._places = {key: place for key, place in self._places.items() if place < before}
            self.lost = True
            return self.add(self._written(table))

    def call(self, call: Call) -> int:
        """Add a call; return its place."""
        if id(call) not in self._places:
            take = self.shown if call.name.startswith("plot_") else self.value
            before, self._made = self._made, _before(call, self._tables())
            try:
                given = {name: take(one) for name, one in call.given.items()}
            finally:
                self._made = before
            self._places[id(call)] = self.add({"call": call.name, "with": given})
        return self._places[id(call)]

    def add(self, step: dict[str, Any]) -> int:
        """Add a step; return its place, that of an equal one if there is one."""
        if step in self.steps:
            return self.steps.index(step)
        self.steps.append(step)
        return len(self.steps) - 1

    def _tables(self) -> list[tuple[Call, pd.DataFrame]]:
        """Return the tables, with the calls that returned them, that the call looked at can have been given."""
        if self._made is not None:
            return self._made
        with _LOCK:
            return list(_TABLES)

    def table(self, table: pd.DataFrame) -> int:
        """Add what made a table, or the tables that its rows are of.

        Raises
        ------
        Untraced
            If some row is in no table that a function returned.
        """
        made = reversed(self._tables())
        held = [(call, one) for call, one in made if list(one.columns) == list(table.columns)]
        for call, one in held:
            if _same(one, table):
                return self.call(call)
        parts, picked = _rows_from(table, [one for _, one in held])
        places = [self.call(held[part][0]) for part in parts]
        order = dict(zip(parts, places, strict=True))
        return self.add({"rows": _runs([(order[part], row) for part, row in picked])})


def _before(call: Call, made: list[tuple[Call, pd.DataFrame]]) -> list[tuple[Call, pd.DataFrame]]:
    """Return the tables of calls before this one, which it can have been given; all, if it returned no table."""
    return made[: next((place for place, (one, _) in enumerate(made) if one is call), len(made))]


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return len(one) == len(other) and one.reset_index(drop=True).equals(other.reset_index(drop=True))


def _rows_from(table: pd.DataFrame, held: Sequence[pd.DataFrame]) -> tuple[list[int], list[tuple[int, int]]]:
    """Say of each row in which table it stands, and where: tables in which most rows stand come first."""
    wanted = _keys(table)
    found: dict[Any, tuple[int, int]] = {}
    places = [{key: row for row, key in reversed(list(enumerate(_keys(one))))} for one in held]
    left = set(wanted)
    while left:
        best = max(range(len(places)), key=lambda part: len(left & places[part].keys()), default=None)
        if best is None or not left & places[best].keys():
            raise Untraced("some of its rows were made outside this package")
        found |= {key: (best, places[best][key]) for key in left & places[best].keys()}
        left -= places[best].keys()
    picked = [found[key] for key in wanted]
    parts = list(dict.fromkeys(part for part, _ in picked))
    if not _same(joined([(held[part], row) for part, row in picked]), table):
        raise Untraced("its columns hold other kinds of values than the tables that it is of")
    return parts, picked


def _keys(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return each row as something to look up, missing values alike."""
    rows = table.astype(object).where(table.notna(), None).itertuples(index=False, name=None)
    return [tuple(map(repr, row)) for row in rows]


def joined(picked: Iterable[tuple[pd.DataFrame, int]]) -> pd.DataFrame:
    """Return rows of tables as one table, in their order."""
    rows = list(picked)
    tables = list({id(one): one for one, _ in rows}.values())
    starts, total = {}, 0
    for one in tables:
        starts[id(one)], total = total, total + len(one)
    whole = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    return whole.iloc[[starts[id(one)] + row for one, row in rows]].reset_index(drop=True)


def _runs(picked: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Write places shortly: ``[step, first row, last row]`` of rows that follow each other."""
    runs: list[list[int]] = []
    for step, row in picked:
        if runs and runs[-1][0] == step and runs[-1][2] + 1 == row:
            runs[-1][2] = row
        else:
            runs.append([step, row, row])
    return runs


def derived(call: Call | None, name: str, given: Mapping[str, Any], made: Any) -> Any:
    """Remember that a method of what a call made gave something; return that."""
    if call is not None:
        key = f"{MARK}of"
        with _LOCK:
            whole = {key: call, **{one: kept(value) for one, value in given.items()}}
            _MADE[id(made)] = (weakref.ref(made), Call(name, whole))
    return made
