"""What is asked of a table elsewhere, as expressions of narwhals: numbers of cells, ranges, and sums by group.

Takes the kinds of its columns and what is wanted; hands on expressions that any engine can run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LONG = 2**20
"""A group of more rows than this is added up in two parts, of which the larger is exact."""

REST = "rest of "
"""Of the smaller part of a sum in two parts."""


Place = tuple[str, int]
"""What a sum is of, and the number of the outcome, -1 for the group itself."""


@dataclass(frozen=True)
class Value:
    """What a column's cells count as: the number of each code in ``codes``, else the number that they hold.

    Cells that ``codes`` does not name, cells in ``missing``, nulls and NaN are missing.
    """

    column: str
    codes: tuple[tuple[Any, float], ...] | None = None
    missing: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Range:
    """Smallest and largest number of a column, how many there are, and whether all are whole."""

    low: float
    high: float
    known: int
    whole: bool


@dataclass(frozen=True)
class Wanted:
    """Sums asked for: of outcome ``y`` and denominator ``x``.

    ``binary`` says that y is 0 or 1, so that Σwy² = Σwy; ``complete`` that it is never missing; ``largest`` is the
    largest number, without its sign.
    """

    y: Value
    x: Value | None = None
    binary: bool = False
    complete: bool = False
    largest: float = 1.0


Schema = Mapping[str, Any]
"""Names of columns, and their kinds as narwhals calls them."""


def is_category(kind: Any) -> bool:
    """Tell whether a kind of column holds categories."""
    return str(kind).startswith(("Categorical", "Enum"))


def number_of(schema: Schema, value: Value) -> Any:
    """Return the number that each cell of a column counts as, null where it is missing."""
    import narwhals as nw

    column = nw.col(value.column)
    if value.codes is not None:
        numbers = sorted({number for _, number in value.codes})
        held: Any = None
        for one in numbers:
            which = [code for code, of_code in value.codes if of_code == one]
            then = nw.when(_among(schema, value.column, which)).then(nw.lit(float(one)))
            held = then if held is None else then.otherwise(held)
        return held if held is not None else nw.lit(None, dtype=nw.Float64)
    number: Any = column.cast(nw.Int8) if str(schema[value.column]) == "Boolean" else column
    number = number.cast(nw.Float64)
    if schema[value.column].is_float():
        number = nw.when(~number.is_nan()).then(number)
    if value.missing:
        number = nw.when(~_among(schema, value.column, value.missing)).then(number)
    return number


def range_of(schema: Schema, value: Value) -> list[Any]:
    """Return smallest, largest, how many; of fractions how far they are from whole numbers at most.

    Plain columns are asked for as they are: engines keep these numbers of them.
    """
    import narwhals as nw

    plain = schema[value.column].is_integer() and not value.missing
    y = nw.col(value.column) if plain else number_of(schema, value)
    found = [y.min(), y.max(), y.count()]
    return [*found, (y - y.round()).abs().max()] if schema[value.column].is_float() else found


def _is_one(schema: Schema, value: Value) -> Any:
    """Return whether a cell of a yes/no column counts as 1."""
    import narwhals as nw

    if value.codes is not None:
        return _among(schema, value.column, [code for code, number in value.codes if number == 1])
    if str(schema[value.column]) == "Boolean":
        return nw.col(value.column)
    return nw.col(value.column) == 1


def _among(schema: Schema, column: str, codes: Sequence[Any]) -> Any:
    import narwhals as nw

    values = nw.col(column)
    if is_category(schema[column]):
        values = values.cast(nw.String)
    plain = [code.item() if isinstance(code, np.generic) else code for code in codes]
    kind = schema[column]
    if kind.is_integer():
        plain = [int(code) for code in plain if float(code).is_integer()]
    elif str(kind) == "Boolean":
        plain = [bool(code) for code in plain if code in (0, 1)]
    elif kind.is_numeric():
        values, plain = values.cast(nw.Float64), [float(code) for code in plain]
    return values.is_in(plain) if plain else nw.lit(False)


class Query:
    """The sums of one query, as expressions."""

    def __init__(self, schema: Schema, weights: str | None, rows: int, span: Range | None) -> None:
        self.schema, self.weights = schema, weights
        self.longest = rows if rows > LONG else 0
        self.scale = 1.0
        self.positive = weights is None
        self.w: Any = None
        if weights is not None:
            import narwhals as nw

            self.w = nw.col(weights)  # that none is missing was seen before
            if not schema[weights].is_float():
                self.w = self.w.cast(nw.Float64)
            if span is not None:
                self.scale, self.positive = span.high, span.low > 0

    def of_group(self) -> dict[Place, Any]:
        """Return the sums that are asked of each group, by their place."""
        import narwhals as nw

        if self.w is None:
            return {("rows", -1): nw.len()}
        counted = nw.len() if self.positive else nw.when(self.w > 0).then(self.w).count()
        return {
            ("rows", -1): nw.len(),
            ("counted", -1): counted,
            ("w", -1): (self.w, self.scale),
            ("ww", -1): (self.w * self.w, self.scale**2),
        }

    def of_outcome(self, k: int, wanted: Wanted) -> dict[Place, Any]:
        """Return the sums of an outcome; those of the group are not asked again where everybody answered."""
        import narwhals as nw

        y = number_of(self.schema, wanted.y)
        x = None if wanted.x is None else number_of(self.schema, wanted.x)
        if x is not None:
            y, x = nw.when(~x.is_null()).then(y), nw.when(~y.is_null()).then(x)
        sums: dict[Place, Any] = {}
        high = self.scale * wanted.largest
        if not wanted.complete:
            there = y if self.positive else nw.when(self.w > 0).then(y)
            sums["n", k] = there.count()
            if self.w is not None:
                sums["w", k] = (nw.when(~y.is_null()).then(self.w), self.scale)
        if wanted.binary:
            sums["wy", k] = self._yes(y, wanted, high)
            return sums
        wy = y if self.w is None else self.w * y
        sums["wy", k] = (wy, high)
        sums["wyy", k] = (wy * y, high * wanted.largest)
        if x is not None:
            wx = x if self.w is None else self.w * x
            sums["wx", k] = (wx, high)
            sums["wxy", k] = (wx * y, high * wanted.largest)
            sums["wxx", k] = (wx * x, high * wanted.largest)
        return sums

    def _yes(self, y: Any, wanted: Wanted, high: float) -> Any:
        """Return the sum of those who say yes: a product where that will do, which engines add up fastest."""
        import narwhals as nw

        yes = nw.when(_is_one(self.schema, wanted.y))
        if self.w is None:
            return yes.then(nw.lit(1)).count()
        if wanted.complete and not self.schema[wanted.y.column].is_float():
            return self.w * y, high
        return yes.then(self.w).otherwise(nw.lit(0.0)), high

    def named(self, sums: Mapping[Place, Any]) -> dict[Place, Any]:
        """Return each sum; of long groups in two parts, the first a multiple of a power of 2 and so exact."""
        out: dict[Place, Any] = {}
        for (what, k), one in sums.items():
            if not isinstance(one, tuple):
                out[what, k] = one
                continue
            term, largest = one
            if not self.longest or not largest > 0:
                out[what, k] = term.sum()
                continue
            step = 2.0 ** (math.ceil(math.log2(largest * self.longest)) - 52)
            whole = (term / step).round() * step
            out[what, k] = whole.sum()
            out[REST + what, k] = (term - whole).sum()
        return out
