"""What follows from a table in which some groups of people are withheld, and which further ones must be.

Takes groups with their numbers of answers; hands on the groups to withhold. Knows nothing of estimates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

SMALL = 1e-8
"""What counts as nothing beside one, in sums of zeros and ones."""

Key = tuple[tuple[str, str], ...]
"""A group of people: the columns that describe it, with its values."""

PARTIAL = "subpopulation"
"""The column whose groups may overlap and need not be all."""


@dataclass(frozen=True)
class Sum:
    """A total and the rows it is the sum of; ``whole`` if they are all of it."""

    total: Key
    parts: tuple[Key, ...]
    whole: bool


class Cells:
    """The groups of people of one table, which of them are withheld, and what follows from the others."""

    def __init__(self, n: Mapping[Key, float], limit: float, hidden: set[Key]) -> None:
        self.n, self.limit, self.hidden = dict(n), limit, set(hidden)
        self.secret = {key for key in hidden if self.n[key] < limit}
        self.sums = list(_sums(self.n))
        self.of: dict[Key, list[Sum]] = {}
        self.totals: dict[Key, list[Sum]] = {}
        for one in self.sums:
            self.totals.setdefault(one.total, []).append(one)
            for key in one.parts:
                self.of.setdefault(key, []).append(one)

    def protected(self) -> set[Key]:
        """Hide further groups until nothing follows; return all that are hidden and were not before."""
        before = set(self.hidden)
        while self._close_remainders() or self._close_equations():
            pass
        return self.hidden - before

    def _close_remainders(self) -> bool:
        closed = False
        for one in self.sums:
            for total in self._known_totals(one):
                if self._reveals(one, total):
                    closed = self._hide_smallest(one) or closed
                    break
        return closed

    def _known_totals(self, one: Sum) -> list[float]:
        """Return what is known of a total: its row, and the sums of groupings that are shown whole."""
        if one.total in self.n and one.total not in self.hidden:
            return [self.n[one.total]]
        others = [other for other in self.totals[one.total] if other is not one and other.whole]
        return [
            sum(self.n[key] for key in other.parts)
            for other in others
            if one.whole and not self.hidden.intersection(other.parts)
        ]

    def _reveals(self, one: Sum, total: float) -> bool:
        """Tell whether a total less what is shown of it leaves a group that is too small."""
        some = one.whole and bool(self.hidden.intersection(one.parts))
        left = total - sum(self.n[key] for key in one.parts if key not in self.hidden)
        row = one.total in self.n and one.total not in self.hidden
        return (-0.5 < left < self.limit) if some else (row and 0.5 <= left < self.limit)

    def _hide_smallest(self, one: Sum) -> bool:
        shown = [key for key in one.parts if key not in self.hidden and not np.isnan(self.n[key])]
        others = [one.total] if one.total in self.n else []
        others += [key for other in self.totals[one.total] for key in other.parts]
        for found in (shown, [key for key in others if key not in self.hidden]):
            if found:
                self.hidden.add(min(found, key=lambda key: (self.n[key], key)))
                return True
        return False

    def _close_equations(self) -> bool:
        """Hide a neighbour of each small group that follows from the equations."""
        found = _determined(self._equations(), self.secret) if self.secret else []
        touched: set[int] = set()
        closed = False
        for key in found:
            mine = sorted(self.of.get(key, ()), key=lambda one: len(one.parts))
            if mine and id(mine[0]) in touched:
                continue
            near = {other for one in mine for other in one.parts} - self.hidden
            if not near:
                around = {
                    other for one in (*mine, *self.totals.get(key, ())) for other in (one.total, *one.parts)
                }
                near = (around & self.n.keys()) - self.hidden
            if near:
                chosen = min(near, key=lambda other: (self.n[other], other))
                self.hidden.add(chosen)
                touched.update(id(one) for one in self.of.get(chosen, ()))
                closed = True
        return closed

    def _equations(self) -> list[dict[Any, int]]:
        """Return what is not known in each sum: withheld groups, and totals that are no row."""
        rows = []
        for one in (one for one in self.sums if one.whole):
            unknown: dict[Any, int] = {key: 1 for key in one.parts if key in self.hidden}
            if one.total not in self.n or one.total in self.hidden:
                unknown[one.total] = unknown.get(one.total, 0) - 1
            if unknown:
                rows.append(unknown)
        return rows


def _sums(cells: Mapping[Key, float]) -> Iterator[Sum]:
    """Yield every sum between groupings: of a row, or of what two groupings have in common."""
    groupings: dict[frozenset[str], list[Key]] = {}
    for key in cells:
        groupings.setdefault(_columns(key), []).append(key)
    above = set(groupings) | {one & other for one, other in combinations(groupings, 2)}
    for columns in sorted(above, key=lambda one: (len(one), sorted(one))):
        for finer, keys in groupings.items():
            if not columns < finer:
                continue
            parts: dict[Key, list[Key]] = {}
            for key in keys:
                parts.setdefault(tuple(pair for pair in key if _column(pair) in columns), []).append(key)
            whole = not any(name.startswith(f"{PARTIAL}=") for name in finer - columns)
            for total, held in parts.items():
                yield Sum(total, tuple(held), whole)


def _column(pair: tuple[str, str]) -> str:
    return f"{pair[0]}={pair[1]}" if pair[0] == PARTIAL else pair[0]


def _columns(key: Key) -> frozenset[str]:
    return frozenset(map(_column, key))


def _determined(equations: list[dict[Any, int]], wanted: set[Key]) -> list[Key]:
    """Return the wanted unknowns that equations leave no choice for."""
    found, left = _one_by_one(equations)
    return sorted(wanted & found) or sorted(wanted & _together(left))


def _one_by_one(equations: list[dict[Any, int]]) -> tuple[set[Any], list[dict[Any, int]]]:
    """Solve equations in one unknown, put what they give into the others, and again; return what is left of those."""
    left = [dict(equation) for equation in equations]
    uses: dict[Any, list[dict[Any, int]]] = {}
    for unknown in left:
        for name in unknown:
            uses.setdefault(name, []).append(unknown)
    found: set[Any] = set()
    waiting = [unknown for unknown in left if len(unknown) == 1]
    while waiting:
        for name in list(waiting.pop()):
            found.add(name)
            for other in uses.pop(name, ()):
                other.pop(name, None)
                waiting += [other] if len(other) == 1 else []
    return found, [unknown for unknown in left if unknown]


def _together(equations: list[dict[Any, int]]) -> set[Any]:
    """Return the unknowns whose unit vector lies in the row space of the equations: its projection has length one."""
    names = list(dict.fromkeys(name for equation in equations for name in equation))
    if not names:
        return set()
    place = {name: number for number, name in enumerate(names)}
    matrix = np.zeros((len(equations), len(names)))
    for row, equation in enumerate(equations):
        for name, sign in equation.items():
            matrix[row, place[name]] = sign
    _, sizes, basis = np.linalg.svd(matrix, full_matrices=False)
    length = (basis[sizes > SMALL * sizes[0]] ** 2).sum(axis=0)
    return {name for name, one in zip(names, length, strict=True) if one > 1 - SMALL}
