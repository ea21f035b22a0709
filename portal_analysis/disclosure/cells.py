"""What follows from a table in which some groups of people are withheld, and which further ones must be.

Takes groups with their numbers of answers; hands on the groups to withhold. Knows nothing of estimates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

PRIME = 2_147_483_647

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
        """Does a total less what is shown of it leave a group that is too small?"""
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
        for key in found:
            mine = [*self.of.get(key, ()), *self.totals.get(key, ())]
            if touched.intersection(map(id, mine)):
                continue
            near = {other for one in self.of.get(key, ()) for other in one.parts} - self.hidden
            near = near or {other for one in mine for other in (one.total, *one.parts)} & self.n.keys() - self.hidden
            if near:
                self.hidden.add(min(near, key=lambda other: (self.n[other], other)))
                touched.update(map(id, mine))
        return bool(touched)

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
    """Return the unknowns that equations leave no choice for: those with a row of their own once solved.

    Gauss-Jordan elimination modulo a prime, on rows as mappings: exact for the zeros and ones of sums.
    """
    solved: dict[Any, dict[Any, int]] = {}
    uses: dict[Any, set[Any]] = {}
    for equation in equations:
        row = dict(equation)
        for pivot in [name for name in row if name in solved]:
            _subtract(row, solved[pivot], row.get(pivot, 0))
        if not row:
            continue
        pivot = next(iter(row))
        scale = pow(row[pivot], -1, PRIME)
        row = {name: value * scale % PRIME for name, value in row.items()}
        for other in list(uses.get(pivot, ())):
            if pivot in solved[other]:
                _subtract(solved[other], row, solved[other][pivot])
                for name in row:
                    uses.setdefault(name, set()).add(other)
        solved[pivot] = row
        for name in row:
            uses.setdefault(name, set()).add(pivot)
    return sorted(key for key in wanted if len(solved.get(key, ())) == 1)


def _subtract(row: dict[Any, int], other: Mapping[Any, int], times: int) -> None:
    for name, value in other.items():
        left = (row.get(name, 0) - times * value) % PRIME
        if left:
            row[name] = left
        else:
            row.pop(name, None)
