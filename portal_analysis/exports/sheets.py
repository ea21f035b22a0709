"""Tables as CSV and as a workbook: to be read, and to be computed with, with what the numbers mean.

Hands on the bytes of a file.
"""

from __future__ import annotations

import io
import math
from typing import Any

import pandas as pd

from portal_analysis.exports.cells import csv_text, is_missing, plain
from portal_analysis.exports.job import Job
from portal_analysis.exports.provenance import all_sources_told, provenance
from portal_analysis.files import moment, safe_cell
from portal_analysis.language.catalogue import catalogue, word
from portal_analysis.language.reading import read
from portal_analysis.languages import LANGUAGES
from portal_analysis.shape import domains_of, split_flags

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What makes Excel read a CSV as UTF-8."""


def csv(job: Job) -> bytes:
    """Return the table as CSV: UTF-8, all digits, missing cells empty; with a byte-order mark if asked for."""
    return (BYTE_ORDER_MARK if job.bom else b"") + csv_text(job.table).encode()


def xlsx(job: Job) -> bytes:
    """Return a workbook: the table to be read; numbers, codebook, sources and method on their own sheets."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    about = {"title": job.title, "author": "portal_analysis"}
    book.set_properties({**about, "created": moment()})
    tables = {
        "reading": pd.DataFrame(job.reading.rows, columns=pd.Index(job.reading.columns, dtype=object)),
        "numbers": job.table,
        "codebook": codebook_sheet(job),
        "sources": sources_sheet(job),
        "method": method_sheet(job),
    }
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    plain_text = book.add_format({"text_wrap": True, "valign": "top"})
    for name, table in tables.items():
        sheet = book.add_worksheet(word(f"sheet.{name}", job.lang))
        above = [job.reading.caption] if name == "reading" else []
        _fill(sheet, table, head, None if name == "numbers" else plain_text, above)
    book.close()
    return target.getvalue()


def _fill(sheet: Any, table: pd.DataFrame, head: Any, look: Any, above: list[str]) -> None:
    """Write a table below its caption, if it has one; the header stays in sight and can filter."""
    for row, text in enumerate(above):
        sheet.write_string(row, 0, str(safe_cell(text)), head)
    top = len(above)
    for column, name in enumerate(table.columns):
        sheet.write_string(top, column, str(safe_cell(str(name))), head)
        longest = len(str(name))
        for row, value in enumerate(table.iloc[:, column].astype(object), start=top + 1):
            longest = max(longest, _write(sheet, row, column, plain(value), look))
        sheet.set_column(column, column, min(max(longest + 2, 9), 60))
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, top + max(len(table), 1), max(len(table.columns) - 1, 0))


def _write(sheet: Any, row: int, column: int, cell: Any, look: Any) -> int:
    """Write a cell, numbers as numbers and all else as text; return the length of the text."""
    if is_missing(cell):
        return 0
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and math.isfinite(cell):
        sheet.write_number(row, column, cell, look)
        return 0
    sheet.write_string(row, column, str(safe_cell(str(cell))), look)
    return len(str(cell))


def codebook_sheet(job: Job) -> pd.DataFrame:
    """Return the names of the table's columns and of the codes in it, in every language."""
    table = job.table
    readings = {lang: read(table, lang, job.labels) for lang in LANGUAGES}
    rows: list[dict[str, str]] = []
    for column in ("indicator", *domains_of(table)):
        named = {lang: reading.names.column(column) for lang, reading in readings.items()}
        rows.append({"column": column, "code": "", **named})
        first = table[column].dropna().drop_duplicates()
        for place in table.index.get_indexer(first.index):
            told = {lang: reading.lines[place].named(column) for lang, reading in readings.items()}
            rows.append({"column": column, "code": str(table[column].iloc[place]), **told})
    for column in (key.partition(".")[2] for key in catalogue("en") if key.startswith("meaning.")):
        if column in table:
            told = {lang: word(f"meaning.{column}", lang) for lang in LANGUAGES}
            rows.append({"column": column, "code": "", **told})
    for flag in dict.fromkeys(flag for cell in table["flag"] for flag in split_flags(cell)):
        rows.append(
            {"column": "flag", "code": flag, **{lang: word(f"flag.{flag}", lang) for lang in LANGUAGES}}
        )
    return pd.DataFrame(rows, columns=["column", "code", *LANGUAGES])


def sources_sheet(job: Job) -> pd.DataFrame:
    """Return one row a dataset and one a source that it names."""
    rows = []
    for told in all_sources_told(job):
        licences = ", ".join(str(licence.get("name", "")) for licence in told.get("licenses", []))
        hashes = "\n".join(f"{item['path']} {item.get('hash', '')}" for item in told.get("files", []))
        rows.append(
            {
                "dataset": told["id"],
                "title": told.get("title", told.get("note", "")),
                "citation": told.get("citation", ""),
                "licence": licences,
                "simulated": str(told.get("simulated", "")),
                "path": "",
                "files": hashes,
            }
        )
        for one in told.get("sources", []):
            rows.append({"dataset": told["id"], "title": one.get("title", ""), "path": one.get("path", "")})
    columns = ["dataset", "title", "citation", "licence", "simulated", "path", "files"]
    return pd.DataFrame(rows, columns=columns)


def method_sheet(job: Job) -> pd.DataFrame:
    """Return caption, method, suppression, versions and command as names and values."""
    told = provenance(job)
    rows = (
        [("title", job.words.title), ("caption", job.words.caption), ("alt", job.words.long_alt)]
        if job.words
        else []
    )
    rows += [(name, ", ".join(map(str, values))) for name, values in told["method"].items()]
    rows += [("suppression", told["suppression"]["rule"]), ("min_n", told["suppression"]["min_n"])]
    rows += [(name, version) for name, version in told["software"].items()]
    rows.append(("command", told["command"]))
    return pd.DataFrame(rows, columns=["name", "value"])
