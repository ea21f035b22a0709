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

from portal_analysis.estimates import VALUE_COLUMNS, domains_of, rows_of
from portal_analysis.terms import term
from portal_analysis.wording import (
    check_language,
    flag_text,
    interval_text,
    is_withheld,
    label,
    number,
    p_value,
    part_name,
    period,
    reference_name,
    value_text,
)

NO_DOMAINS = ("indicator", "counted", "count_type")
"""Columns of ESTIMATES whose codes are labelled although they are no domains."""

TABLE_MIME = "application/vnd.portal-analysis.table+json"


HEADINGS: Mapping[str, Mapping[str, str]] = {
    "indicator": {"en": "Indicator", "vi": "Chỉ tiêu"},
    "estimate": {"en": "Value", "vi": "Giá trị"},
    "interval": {"en": "Interval", "vi": "Khoảng tin cậy"},
    "n": {"en": "n", "vi": "n"},
    "flag": {"en": "Caution", "vi": "Lưu ý"},
    "period": {"en": "Period", "vi": "Kỳ"},
    "round": {"en": "Round", "vi": "Đợt đánh giá"},
    "shortcoming": {"en": "Shortcoming", "vi": "Hạn chế"},
    "shortcoming_id": {"en": "No.", "vi": "Mã"},
    "share": {"en": "Share", "vi": "Tỷ phần"},
    "reference": {"en": "Compared with", "vi": "So với"},
    "p_value": {"en": "p", "vi": "p"},
    "p_adjusted": {"en": "p, adjusted", "vi": "p, hiệu chỉnh"},
    "deff": {"en": "Design effect", "vi": "Hệ số thiết kế"},
    "n_eff": {"en": "Effective size", "vi": "Cỡ mẫu hiệu dụng"},
    "n_missing": {"en": "No answer", "vi": "Không trả lời"},
    "note": {"en": "Note", "vi": "Ghi chú"},
    "source": {"en": "Dataset", "vi": "Bộ dữ liệu"},
    "source_ids": {"en": "Published by", "vi": "Nơi công bố"},
    "statement": {"en": "Statement", "vi": "Nhận định"},
    "stated_by": {"en": "Stated by", "vi": "Nguồn nêu"},
    "claimed": {"en": "Claimed", "vi": "Giá trị nêu"},
    "found": {"en": "Found", "vi": "Số liệu tìm được"},
    "verdict_label": {"en": "Verdict", "vi": "Kết luận"},
    "why": {"en": "Why", "vi": "Lý do"},
    "title": {"en": "Title", "vi": "Tên gọi"},
    "label": {"en": "Wording", "vi": "Nội dung"},
    "description": {"en": "Description", "vi": "Mô tả"},
    "design": {"en": "Design", "vi": "Thiết kế"},
    "wording": {"en": "Criterion", "vi": "Tiêu chí"},
    "group": {"en": "Group", "vi": "Nhóm"},
    "period_start": {"en": "From", "vi": "Từ"},
    "period_end": {"en": "To", "vi": "Đến"},
    "published": {"en": "Published", "vi": "Công bố"},
    "publisher": {"en": "Publisher", "vi": "Cơ quan công bố"},
    "date": {"en": "Date", "vi": "Ngày"},
    "url": {"en": "Address", "vi": "Địa chỉ"},
    "numerator": {"en": "Numerator", "vi": "Tử số"},
    "denominator": {"en": "Denominator", "vi": "Mẫu số"},
    "population": {"en": "Population", "vi": "Tổng thể"},
}
"""What to call the columns that tables of this package share."""

LOOK = (
    ":root table[lang] :is(th, td, caption) "
    "{ text-align: left; vertical-align: top; padding: .3em .7em .3em 0; line-height: 1.35 } "
    ":root table[lang] tbody th { font-weight: normal }"
)
"""How a table looks in a notebook; ``:root`` outweighs JupyterLab's own rule, which sets cells to the right."""


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
        Which columns to show, and, as a mapping, what to call them. ``x`` stands for ``x_en`` or ``x_vi`` where the
        table has those. Of ESTIMATES, ``estimate`` is the value with its qualifier or count, ``interval`` its
        interval, codes are labelled and flags are told in words.

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
    is_estimates = {"indicator", *VALUE_COLUMNS} <= set(table.columns)
    if columns is None and is_estimates:
        from portal_analysis.figures.display import readable

        read = readable(table, lang)
        return Shown(title, tuple(read["columns"]), tuple(tuple(row) for row in read["rows"]), lang)
    names = [str(name) for name in (table.columns if columns is None else columns)]
    known = {*table.columns, *(["interval"] if is_estimates else [])}
    missing = [name for name in names if not {name, f"{name}_{lang}"} & known]
    if missing:
        raise BlockError(f"the table has no columns {missing}; it has {list(table.columns)}")
    given = dict(columns) if isinstance(columns, Mapping) else {}
    headings = tuple(str(given.get(name) or _heading(name, lang)) for name in names)
    coded = ["indicator", *domains_of(table), "counted", "count_type"] if is_estimates else []
    rows = tuple(
        tuple(
            _estimate_cell(row, name, coded, lang) if is_estimates else _plain_cell(row, name, lang)
            for name in names
        )
        for row in rows_of(table)
    )
    return Shown(title, headings, rows, lang)


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
        f"<style>{LOOK}</style>"
    )


def _heading(name: str, lang: str) -> str:
    if name in HEADINGS:
        return HEADINGS[name][lang]
    own = term(name, None, lang)
    return own[:1].upper() + own[1:] or name


def _estimate_cell(row: Mapping[str, Any], name: str, coded: Sequence[str], lang: str) -> str:
    if name == "estimate":
        return "–" if pd.isna(row["estimate"]) else value_text(row, lang)
    if name == "interval":
        return interval_text(row, lang)
    if name in ("p_value", "p_adjusted"):
        return "" if is_withheld(row) or pd.isna(row[name]) else p_value(row[name], lang)
    if name == "reference":
        return reference_name(row, [one for one in coded if one not in NO_DOMAINS], lang)
    if name == "flag":
        return flag_text(row["flag"], lang)
    if name == "source_ids":
        ids = str(row[name] or "").split("; ")
        return "; ".join(dict.fromkeys(label(row["source"], "source_id", one, lang) for one in ids if one))
    if name == "n":
        return "" if pd.isna(row["n"]) else number(row["n"], "count", lang)
    if name in coded:
        return "" if pd.isna(row[name]) else part_name(row, name, row[name], lang)
    return _plain_cell(row, name, lang)


def _plain_cell(row: Mapping[str, Any], name: str, lang: str) -> str:
    value = row.get(f"{name}_{lang}", row.get(name))
    own = term(name, value, lang) if isinstance(value, str) else ""
    return own or _cell(value, lang)


def _cell(value: Any, lang: str) -> str:
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "vi": ("không", "có")}[lang][value]
    if isinstance(value, pd.Timestamp):
        return period(f"{value:%Y-%m-%d}", lang)
    if isinstance(value, numbers.Real):
        return number(float(value), "number", lang)
    return str(value)
