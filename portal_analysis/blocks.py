"""What a report is made of: headings, paragraphs, figures and tables, as notebooks hand them over.

Takes frames; hands on :class:`Shown`, a table that Jupyter displays and that the report reads.
"""

from __future__ import annotations

import html
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.wording import check_language, number

TABLE_MIME = "application/vnd.portal-analysis.table+json"


class BlockError(ValueError):
    """A table cannot be shown as asked."""


@dataclass(frozen=True)
class Span:
    """A run of text in one style; ``href`` makes it a link."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    href: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title of a notebook."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text."""

    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Listing:
    """A list of paragraphs, numbered or not."""

    items: tuple[tuple[Span, ...], ...]
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    """A table as text, with its caption."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A figure: its files by format, the words that go with it, and its numbers."""

    name: str
    files: Mapping[str, Path]
    title: str
    caption: str
    alt: str
    long_alt: str
    table: Table


Block = Heading | Paragraph | Listing | Table | Picture


@dataclass(frozen=True)
class Shown:
    """A table as it is read: text in columns and rows, under a title.

    Attributes
    ----------
    title : str
        What the table shows.
    columns : tuple of str
        Column headings.
    rows : tuple of tuple of str
        The cells.
    lang : {"en", "vi"}
        The language of the words.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lang: str = "en"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        table = {"columns": list(self.columns), "rows": [list(row) for row in self.rows]}
        return {
            "text/plain": self._plain(),
            "text/html": table_html(self.title, self.columns, self.rows, self.lang),
            TABLE_MIME: {"title": self.title, "lang": self.lang, "table": table},
        }

    def _plain(self) -> str:
        return "\n".join([self.title, "\t".join(self.columns), *("\t".join(row) for row in self.rows)])


def show(
    table: pd.DataFrame,
    title: str,
    lang: str = "en",
    columns: Mapping[str, str] | Sequence[str] | None = None,
) -> Shown:
    """Show a table in a notebook and in the report: numbers by language, every cell escaped.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES, which are labelled from the codebook with flags in words; or any other frame.
    title : str
        What the table shows; it becomes its caption.
    lang : {"en", "vi"}
        The language.
    columns : mapping or sequence of str, optional
        Which columns to show, and, as a mapping, what to call them.

    Returns
    -------
    Shown
        Displays itself in Jupyter.

    Raises
    ------
    BlockError
        If a column is not in the table, or the title is empty.
    """
    check_language(lang)
    if not title.strip():
        raise BlockError("a table needs a title that says what it shows")
    if columns is None and {"indicator", "estimate", "flag", "source"} <= set(table.columns):
        from portal_analysis.figures.display import readable

        read = readable(table, lang)
        return Shown(title, tuple(read["columns"]), tuple(tuple(row) for row in read["rows"]), lang)
    names = list(table.columns) if columns is None else list(columns)
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise BlockError(f"the table has no columns {missing}; it has {list(table.columns)}")
    headings = dict(columns) if isinstance(columns, Mapping) else {}
    rows = table[names].itertuples(index=False, name=None)
    cells = tuple(tuple(_cell(value, lang) for value in row) for row in rows)
    return Shown(title, tuple(str(headings.get(name, name)) for name in names), cells, lang)


def table_html(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], lang: str) -> str:
    """Write a table as accessible HTML: caption, column and row headers, all text escaped."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
        if row
    )
    return (
        f'<table lang="{html.escape(lang)}"><caption>{html.escape(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(value: Any, lang: str) -> str:
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "vi": ("không", "có")}[lang][value]
    if isinstance(value, numbers.Real):
        return number(float(value), "number", lang)
    return str(value)
