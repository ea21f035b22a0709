"""The seam: one pass over the big table, to sums per sampling unit and domain.

Hands on :class:`Totals`: small arrays from which every estimate, variance and design effect follows, so that
nothing after this room needs the respondents again. Another table library has to produce the same sums and
nothing else: :mod:`portal_analysis.survey.gather` asks it for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.survey import answers
from portal_analysis.survey.answers import levels
from portal_analysis.survey.columns import BLOCK, numbered
from portal_analysis.survey.domains import Domain, members
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import UNORDERED

Groupings = tuple[tuple[str, ...], ...]


class TotalsError(Error):
    """The domains asked for do not exist."""


@dataclass(frozen=True, eq=False)
class Totals(answers.Moments):
    """Sums per unit and domain, sorted by domain, then unit; only pairs that occur are there.

    ``unit, domain`` (pairs) number the sampling unit and the domain. ``members`` (pairs) counts respondents
    with a weight above 0, answering or not. The moments are (pairs, outcomes).
    """

    unit: np.ndarray
    domain: np.ndarray
    domains: int
    members: np.ndarray

    def by_domain(self, name: str) -> np.ndarray:
        """Add up one of the sums to (domains, …)."""
        return self.added(getattr(self, name))

    def added(self, values: np.ndarray) -> np.ndarray:
        """Add up values of the pairs to (domains, …)."""
        out = np.zeros((self.domains, *values.shape[1:]))
        starts = run_starts(self.domain)
        out[self.domain[starts]] = np.add.reduceat(values, starts, axis=0)
        return out


@dataclass(frozen=True)
class Domains:
    """The domains asked for: their names, one row each; and by grouping each row's domain (-1: none)."""

    names: pd.DataFrame
    of_row: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class _Cells:
    """The finest cells: each row's cell (-1: none); and by grouping each cell's domain (-1: none)."""

    of_row: np.ndarray
    domain: tuple[np.ndarray, ...]
    count: int


def run_starts(sorted_codes: np.ndarray) -> np.ndarray:
    """Return where each run of equal codes begins."""
    if not len(sorted_codes):
        return np.zeros(0, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(np.diff(sorted_codes)) + 1])


def groupings(by: str | Sequence[str] | Sequence[Sequence[str]] | None) -> Groupings:
    """Turn ``by`` into groupings: ``"a"`` and ``["a", "b"]`` are one, ``[("a",), ("a", "b"), ()]`` are three.

    Raises
    ------
    TotalsError
        If ``by`` is something else, a grouping names a column twice, or a grouping is asked for twice.
    """
    if by is None:
        return ((),)
    if isinstance(by, str):
        return ((by,),)
    asked = _listed(by)
    if asked and all(isinstance(name, str) for name in asked):
        asked = [asked]
    found = tuple((group,) if isinstance(group, str) else tuple(_listed(group)) for group in asked) or ((),)
    wrong = [name for group in found for name in group if not isinstance(name, str)]
    if wrong:
        raise TotalsError(f"by={by!r} must name columns by text, not {wrong}")
    twice = [group for group in found if len(set(group)) < len(group)]
    if twice:
        raise TotalsError(f"by names a column twice in {twice}")
    seen = Counter(frozenset(group) for group in found)
    again = [group for group in dict.fromkeys(found) if seen[frozenset(group)] > 1]
    if again:
        raise TotalsError(f"by asks for the same grouping more than once: {again}")
    return found


def _listed(by: Any) -> list[Any]:
    if isinstance(by, UNORDERED) or not pd.api.types.is_list_like(by):
        raise TotalsError(
            f"by holds a {type(by).__name__}: it must be the name of a column, a list of names, or a list of such lists"
        )
    return list(by)


def domains(survey: Survey, groups: Groupings, domain: Domain = None) -> tuple[Domains, _Cells]:
    """Find the domains that occur, in the order of the groupings and of their values.

    A row with a missing value in a column of a grouping belongs to none of that grouping's domains.
    """
    columns = list(dict.fromkeys(name for group in groups for name in group))
    inside = members(survey, domain)
    read = {name: levels(survey, name) for name in columns}
    refuse_many(
        {
            name: len(found)
            for name, (_, found) in read.items()
            if not isinstance(survey.data[name].dtype, pd.CategoricalDtype)
        }
    )
    cell, first = _number([read[name][0] for name in columns], inside)
    named, of_cell, of_row, start = [], [], [], 0
    for group in groups:
        codes = [read[name][0][first] for name in group]
        known = np.all([code >= 0 for code in codes], axis=0) if codes else np.ones(len(first), dtype=bool)
        number, where = _number(codes, known)
        named.append(_names(columns, group, [read[name] for name in group], first[where]))
        of_cell.append(np.where(number >= 0, number + start, -1))
        of_row.append(np.where(cell >= 0, of_cell[-1][cell], -1))
        start += len(where)
    names = pd.DataFrame({name: _column([part[name] for part in named], read[name][1]) for name in columns})
    names = names if columns else pd.DataFrame(index=range(start))
    return Domains(names, tuple(of_row)), _Cells(cell, tuple(of_cell), len(first))


MANY = 1000
"""A column of more values than this splits into domains only if it is declared a category."""


def refuse_many(sizes: Mapping[str, int]) -> None:
    """Raise where a column of ``by`` that is no category looks like a number or an id, not like a group.

    Raises
    ------
    TotalsError
        If it has more than :data:`MANY` values.
    """
    for name, size in sizes.items():
        if size > MANY:
            raise TotalsError(
                f"by={name!r} would make {size:,} domains: is it a number or an id? Group it first, as with pd.cut; "
                f"if every value is meant, make it a category: data[{name!r}].astype('category')"
            )


def _number(codes: Sequence[np.ndarray], inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give numbers to combinations of codes (missing included) from 0; -1 outside; and a row of each."""
    key = np.zeros(len(inside), dtype=np.int64)
    size = 1
    for code in codes:
        radix = int(code.max(initial=-1)) + 2
        if size * radix > 2**62:
            key = numbered(key)[0]
            size = int(key.max(initial=0)) + 1
        key, size = key * radix + code + 1, size * radix
    rows = np.flatnonzero(inside)
    number, first, _ = numbered(key[rows])
    out = np.full(len(inside), -1, dtype=np.int64)
    out[rows] = number
    return out, rows[first]


def _names(
    columns: Sequence[str],
    group: Sequence[str],
    read: Sequence[tuple[np.ndarray, pd.Index]],
    rows: np.ndarray,
) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {name: [None] * len(rows) for name in columns}
    for name, (codes, values) in zip(group, read, strict=True):
        found[name] = list(values[codes[rows]])
    return found


def _column(parts: list[list[object]], values: pd.Index) -> pd.Series:
    """Put one domain column together; whole numbers stay whole beside the empty cells of margins."""
    flat = [value for part in parts for value in part]
    if any(value is None for value in flat) and values.dtype.kind in "iub":
        return pd.Series(flat, dtype=object)
    return pd.Series(
        flat, dtype=values.categories.dtype if isinstance(values, pd.CategoricalIndex) else values.dtype
    )


def sums(
    survey: Survey,
    y: Sequence[answers.Answers],
    x: Sequence[np.ndarray] | None,
    cells: _Cells,
    count: int,
) -> Totals:
    """Pass once over the rows: sums per unit and finest cell; then add up to the domains of every grouping.

    Parameters
    ----------
    y : sequence of ndarray, shape (rows,), or of Sums
        Outcomes, NaN for no answer.
    x : sequence of ndarray, shape (rows,), optional
        Denominators of ratios, NaN where ``y`` is; without them x = 1. Sums have their own.
    """
    layout = survey.layout
    rows = np.flatnonzero(cells.of_row >= 0)
    everybody = len(rows) == len(cells.of_row)
    key = layout.unit * cells.count + cells.of_row
    pair, _, found = numbered(key if everybody else key[rows])
    pick = slice(None) if everybody else rows
    adder = Adder(pair, len(found), layout.weights[pick], layout.counted[pick])
    parts = [
        _of_sums(column, adder, pick)
        if isinstance(column, answers.Sums)
        else adder.of(column[pick], None if x is None else x[k][pick])
        for k, column in enumerate(y)
    ]
    fine = {name: np.column_stack([getattr(part, name) for part in parts]) for name in SUMS}
    if x is None and not any(isinstance(column, answers.Sums) for column in y):
        fine |= {"wx": fine["w"], "wxy": fine["wy"], "wxx": fine["w"]}
    fine["members"] = adder.everyone
    return _margins(found // cells.count, found % cells.count, fine, cells, count, layout.units)


SUMS = ("n", "w", "wy", "wyy", "wx", "wxy", "wxx")
"""What is summed of each outcome."""

LONG = 2**16
"""A group of more rows than this is added up in two parts, of which the larger is exact."""


class Adder:
    """Adds columns up by group: ``weights`` and ``counted`` (people with a weight above 0) of each row are known."""

    def __init__(self, group: np.ndarray, groups: int, weights: np.ndarray, counted: np.ndarray) -> None:
        self.group, self.groups, self.w, self.counted = group, groups, weights, counted
        self.longest = int(np.bincount(group, minlength=1).max()) if len(group) > LONG else 0
        self.everyone, self.weight = self.add(counted), self.add(weights)

    def add(self, *factors: np.ndarray) -> np.ndarray:
        """Add the products of some columns up by group, block by block where there are many rows of each."""
        size = len(self.group)
        block = size if size <= 2 * BLOCK or self.groups > BLOCK // 4 else BLOCK
        step, out, rest = self._step(factors), np.zeros(self.groups), np.zeros(self.groups)
        for start in range(0, size, max(block, 1)):
            part = slice(start, start + block)
            values = factors[0][part]
            for factor in factors[1:]:
                values = values * factor[part]
            if step:
                whole = np.rint(values / step) * step
                rest += np.bincount(self.group[part], values - whole, self.groups)
                values = whole
            out += np.bincount(self.group[part], values, self.groups)
        return out + rest

    def _step(self, factors: Sequence[np.ndarray]) -> float:
        """Return the power of 2 whose multiples add up without loss, 0 where no group is long."""
        if self.longest <= LONG:
            return 0.0
        largest = float(np.prod([max(abs(factor.max()), abs(factor.min())) for factor in factors]))
        return 2.0 ** (np.ceil(np.log2(largest * self.longest)) - 52) if 0 < largest < np.inf else 0.0

    def of(self, y: np.ndarray, x: np.ndarray | None, binary: bool = False) -> answers.Sums:
        """Return the sums of one outcome, NaN for no answer, and its denominator if that is not 1.

        ``binary`` says that it is known to be 0, 1 or missing.
        """
        w = self.w
        n, weight, value, known = self.everyone, self.weight, y, None
        if np.isnan(y.sum()):
            known = ~np.isnan(y)
            value = np.where(known, y, 0.0)
            n, weight = self.add(self.counted, known), self.add(w, known)
        wy = self.add(w, value)
        binary = binary or bool((value * value == value).all())
        wyy = wy if binary else self.add(w, value, value)
        if x is None:
            return answers.Sums(n, weight, wy, wyy, weight, wy, weight)
        below = x if known is None else np.where(known, x, 0.0)
        return answers.Sums(
            n, weight, wy, wyy, self.add(w, below), self.add(w, value, below), self.add(w, below, below)
        )


def _of_sums(sums: answers.Sums, adder: Adder, pick: slice | np.ndarray) -> answers.Sums:
    """Add sums of smaller groups up."""
    parts = {name: adder.add(getattr(sums, name)[pick]) for name in SUMS}
    return answers.Sums(**parts, low=sums.low)


def _margins(
    unit: np.ndarray, cell: np.ndarray, fine: dict[str, np.ndarray], cells: _Cells, count: int, units: int
) -> Totals:
    """Add the finest cells up to the domains of every grouping; no second pass over the rows."""
    of_pair = [domain[cell] for domain in cells.domain]
    source = np.concatenate([np.flatnonzero(domain >= 0) for domain in of_pair])
    domain = np.concatenate([domain[domain >= 0] for domain in of_pair])
    key = domain * units + unit[source]
    order = np.argsort(key, kind="stable")
    starts = run_starts(key[order])
    source, domain = source[order], domain[order]
    added: dict[int, np.ndarray] = {}
    for values in fine.values():
        if id(values) not in added:
            added[id(values)] = np.add.reduceat(values[source], starts, axis=0)
    return Totals(
        unit=unit[source][starts],
        domain=domain[starts],
        domains=count,
        **{name: added[id(values)] for name, values in fine.items()},
    )
