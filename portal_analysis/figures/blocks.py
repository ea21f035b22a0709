"""Rows of a picture, in blocks under their headings: in which order, by region or margin, and in how many columns.

Takes a Reading; hands on :class:`Block` of :class:`Row`, each with a line of the table for every group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any, Literal

import pandas as pd

from portal_analysis.figures import style
from portal_analysis.figures.places import REGIONS, Places, rank
from portal_analysis.figures.style import FigureError
from portal_analysis.language.arrange import (
    Arrangement,
    Section,
    differing_references,
    row_label,
)
from portal_analysis.language.labels import is_missing
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading
from portal_analysis.shape import PROVINCE_COLUMNS


@dataclass(frozen=True)
class Row:
    """One row of the picture: its label and, for each group, the row of the table."""

    label: str
    values: tuple[Line | None, ...]
    total: bool = False


@dataclass(frozen=True)
class Block:
    """Rows under one heading (a region), or under none."""

    heading: str
    rows: tuple[Row, ...]


def one_unit(reading: Reading) -> None:
    """Refuse a table whose numbers cannot stand on one axis.

    Raises
    ------
    FigureError
        If the table mixes units.
    """
    if len(reading.units) > 1:
        raise FigureError(f"the table mixes the units {sorted(reading.units)}; draw one figure for each unit")


def groups_of(reading: Reading, found: Arrangement) -> list[Any]:
    """Return the values that a row's dots are of.

    Raises
    ------
    FigureError
        If there are more than can be told apart.
    """
    groups = list(dict.fromkeys(reading.table[found.group])) if found.group else [None]
    if len(groups) > len(style.COLOURS):
        raise FigureError(
            f"{found.group!r} has {len(groups)} values; at most {len(style.COLOURS)} can be told apart"
        )
    return groups


def member(reading: Reading, group: str | None, value: Any) -> str:
    """Name a group as its lines name it."""
    lines = (line for line in reading.lines if _same(line.row[str(group)], value))
    return next(lines).named(str(group))


def default_regions(reading: Reading, found: Arrangement, where: Places) -> Literal["bands", False]:
    """Put 20 provinces and more under their regions, unless it is asked otherwise."""
    if found.rows not in PROVINCE_COLUMNS:
        return False
    codes = reading.table[found.rows]
    return "bands" if where.knows(codes) and codes.nunique() >= 20 else False


def blocks_of(
    reading: Reading,
    found: Arrangement,
    groups: Sequence[Any],
    where: Places,
    sort: bool | None,
    regions: bool,
) -> list[Block]:
    """Arrange the table's rows: the total first, then ranked or in the table's order, by region if asked for."""
    several = differing_references(reading)
    gathered: dict[Any, list[Line]] = {}
    for line in reading.lines:
        value = line.row[found.rows]
        gathered.setdefault(None if is_missing(value) else value, []).append(line)
    totals, apart = [], dict[str, list[Row]]()
    for value, lines in gathered.items():
        cells = tuple(_of_group(lines, found.group, member) for member in groups)
        row = Row(row_label(lines[0], [found.rows], several), cells, total=value is None)
        if row.total:
            totals.append(row)
        else:
            apart.setdefault(where.region(value) if regions else "", []).append(row)
    blocks = [Block("", tuple(totals))] if totals else []
    ordered = found.rows in PROVINCE_COLUMNS if sort is None else sort
    for name in dict.fromkeys(name for name in (*REGIONS, *apart) if name in apart):
        rows = sorted(apart[name], key=_first_rank) if ordered else apart[name]
        blocks.append(Block(where.region_name(name) if regions else "", tuple(rows)))
    return blocks


def section_blocks(
    parts: Sequence[Section], found: Arrangement, groups: Sequence[Any], ordered: bool
) -> list[Block]:
    """Arrange the rows of margins: one block a column, its categories in the table's order or ranked."""
    blocks = []
    for part in parts:
        rows = [
            Row(label, tuple(_of_group(lines, found.group, member) for member in groups), part.total)
            for label, lines in part.rows.items()
        ]
        blocks.append(Block(part.heading, tuple(sorted(rows, key=_first_rank) if ordered else rows)))
    return blocks


def _of_group(lines: Sequence[Line], group: str | None, member: Any) -> Line | None:
    return next((one for one in lines if group is None or _same(one.row[group], member)), None)


def _same(one: Any, other: Any) -> bool:
    return bool(pd.isna(one) and pd.isna(other)) or one == other


def _first_rank(row: Row) -> float:
    return min((rank(cell) for cell in row.values[:1]), default=float("inf"))


def split_columns(blocks: list[Block], number: int) -> list[list[Block]]:
    """Deal blocks out to columns of nearly the same height, order kept; one long block is cut."""
    if number <= 1:
        return [blocks]
    if len(blocks) < number:
        return _cut(blocks, number)
    best = None
    for cuts in combinations(range(1, len(blocks)), number - 1):
        ends = (0, *cuts, len(blocks))
        parts = [blocks[a:b] for a, b in pairwise(ends)]
        tallest = max(sum(len(block.rows) + 1.25 * bool(block.heading) for block in part) for part in parts)
        if best is None or tallest < best[0]:
            best = (tallest, parts)
    return best[1] if best else [blocks]


def _cut(blocks: list[Block], number: int) -> list[list[Block]]:
    rows = [(block.heading, row) for block in blocks for row in block.rows]
    each = -(-len(rows) // number)
    columns = []
    for start in range(0, len(rows), each):
        part: list[Block] = []
        for name, row in rows[start : start + each]:
            if part and part[-1].heading == name:
                part[-1] = replace(part[-1], rows=(*part[-1].rows, row))
            else:
                part.append(Block(name, (row,)))
        columns.append(part)
    return columns
