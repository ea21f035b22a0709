"""Give figures and tables their numbers, for formats that are read page by page.

Takes blocks; hands on the same blocks with labels, and a closing chapter with the numbers behind each figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal_analysis.documents.blocks import Block, Heading, Paragraph, Picture, Span, Table
from portal_analysis.language.catalogue import word


@dataclass(frozen=True)
class Numbered:
    """A block with its label ("Figure 3"); a table of a figure's numbers carries the figure's label.

    Headings that are not ``listed`` stay out of the table of contents.
    """

    block: Block
    label: str = ""
    listed: bool = True


def numbered(blocks: Sequence[Block], lang: str, describe: bool = True) -> list[Numbered]:
    """Return the blocks with their labels, headings without gaps in their levels.

    Figures and tables are counted apart. With ``describe``, a chapter at the end describes each figure and gives
    its numbers.
    """
    found: list[Numbered] = []
    behind: list[Numbered] = []
    figures = tables = level = 0
    for block in blocks:
        if isinstance(block, Heading):
            level = min(block.level, level + 1)
            found.append(Numbered(Heading(level, block.text)))
        elif isinstance(block, Picture):
            figures += 1
            label = f"{word('word.figure', lang)} {figures}"
            found.append(Numbered(block, label))
            behind += _behind(block, label)
        elif isinstance(block, Table):
            tables += 1
            found.append(Numbered(block, f"{word('word.table', lang)} {tables}"))
        else:
            found.append(Numbered(block))
    if behind and describe:
        found += [Numbered(Heading(1, word("report.behind", lang))), *behind]
    return found


def _behind(picture: Picture, label: str) -> list[Numbered]:
    return [
        Numbered(Heading(2, f"{label}. {picture.title}"), listed=False),
        Numbered(Paragraph((Span(picture.long_alt),))),
        Numbered(picture.table, label),
    ]


def caption(label: str, title: str) -> str:
    """Return the caption of a figure or table."""
    return f"{label}. {title}" if title else label


def column_count(block: Table) -> int:
    """Return how many columns a table has, counted in its longest row."""
    return max((len(row) for row in (block.columns, *block.rows)), default=1)


def column_shares(block: Table) -> list[int]:
    """Return the columns' shares of the width: room for the longest word, more for those with longer texts."""
    columns = column_count(block)
    cells = list(zip(*(filled(row, columns) for row in (block.columns, *block.rows)), strict=True))
    words = [max(len(part) for text in column for part in [*text.split(), ""]) for column in cells]
    texts = [sum(map(len, column)) / max(1, len(block.rows)) for column in cells]
    return [
        max(min(longest, 16) + 2, min(round(size**0.75), 60))
        for longest, size in zip(words, texts, strict=True)
    ]


def filled(row: Sequence[str], columns: int) -> list[str]:
    """Return a row with empty cells at its end where it is shorter than the table."""
    return [*row, *[""] * (columns - len(row))]
