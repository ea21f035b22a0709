"""Give figures and tables their numbers, for formats that are read page by page.

Takes blocks; hands on the same blocks with labels, and the list of figures and tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal_analysis.documents.blocks import Block, Heading, Part, Picture, Table
from portal_analysis.language.catalogue import word


@dataclass(frozen=True)
class Numbered:
    """A block with its label ("Figure 3")."""

    block: Block
    label: str = ""


def numbered(blocks: Sequence[Block], lang: str) -> list[Numbered]:
    """Return the blocks with their labels, headings without gaps in their levels.

    Figures and tables are counted apart. Parts, where there are any, are headings of the first level, and all others
    stand one level lower.
    """
    found: list[Numbered] = []
    figures = tables = level = 0
    lower = int(any(isinstance(block, Part) for block in blocks))
    for block in blocks:
        if isinstance(block, Part):
            level = 1
            found.append(Numbered(block))
        elif isinstance(block, Heading):
            level = min(block.level + lower, level + 1)
            found.append(Numbered(Heading(level, block.text)))
        elif isinstance(block, Picture):
            figures += 1
            label = f"{word('word.figure', lang)} {figures}"
            found.append(Numbered(block, label))
        elif isinstance(block, Table):
            tables += 1
            found.append(Numbered(block, f"{word('word.table', lang)} {tables}"))
        else:
            found.append(Numbered(block))
    return found


def listed(content: Sequence[Numbered]) -> list[tuple[str, str]]:
    """Return label and title of every figure and table that has one, figures first."""
    pictures = [(one.label, one.block.title) for one in content if isinstance(one.block, Picture)]
    tables = [(one.label, one.block.title) for one in content if isinstance(one.block, Table)]
    return [*pictures, *(one for one in tables if one[1])]


def caption(label: str, title: str) -> str:
    """Return the caption of a figure or table."""
    return f"{label}. {title}" if title else label


def column_count(block: Table) -> int:
    """Return how many columns a table has, counted in its longest row."""
    return max((len(row) for row in (block.columns, *block.rows)), default=1)


LETTERS = 92
"""So many letters stand beside each other on a page; long texts take no more than short words leave."""


def column_shares(block: Table) -> list[int]:
    """Return the columns' shares of the width: room for the longest word, more for those with longer texts."""
    columns = column_count(block)
    cells = list(zip(*(filled(row, columns) for row in (block.columns, *block.rows)), strict=True))
    words = [max(len(part) for text in column for part in [*text.split(), ""]) for column in cells]
    texts = [sum(map(len, column)) / max(1, len(block.rows)) for column in cells]
    least = [min(longest, 16) + 3 for longest in words]
    more = [max(0, min(round(size**0.75), 60) - one) for one, size in zip(least, texts, strict=True)]
    spare = max(0, LETTERS - sum(least))
    part = min(1.0, spare / sum(more)) if sum(more) else 0.0
    return [one + round(extra * part) for one, extra in zip(least, more, strict=True)]


def filled(row: Sequence[str], columns: int) -> list[str]:
    """Return a row with empty cells at its end where it is shorter than the table."""
    return [*row, *[""] * (columns - len(row))]
