"""Tables as CSV and as a workbook with the numbers, what they mean, and where they come from.

Hands on the bytes of a file.
"""

from __future__ import annotations

import csv as csv_module
import io
import math
import os
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from portal_analysis.estimates import domains_of, split_flags
from portal_analysis.exports.job import EPOCH, Job
from portal_analysis.wording import flag_text

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the start of a formula."""


def safe_cell(value: Any) -> Any:
    """Return text so that no spreadsheet takes it for a formula; numbers are left as they are."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return "'" + value
    return value


def _cell(value: Any) -> Any:
    """Return a cell for a text file: missing is empty, whole numbers have no decimals, floats all their digits."""
    if _is_missing(value):
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, int):
        return value
    return safe_cell(str(value))


def _is_missing(value: Any) -> bool:
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


def csv(job: Job) -> bytes:
    """Return the table as CSV: UTF-8, all digits, missing cells empty."""
    target = io.StringIO(newline="")
    writer = csv_module.writer(target, lineterminator="\n")
    writer.writerow([safe_cell(str(column)) for column in job.table.columns])
    for row in job.table.astype(object).itertuples(index=False, name=None):
        writer.writerow([_cell(plain(value)) for value in row])
    return target.getvalue().encode()


def plain(value: Any) -> Any:
    """Return a Python value for a numpy one."""
    return value.item() if hasattr(value, "item") else value


SHEETS = {
    "numbers": {"en": "Numbers", "vi": "Số liệu"},
    "codebook": {"en": "Codebook", "vi": "Bảng mã"},
    "sources": {"en": "Sources", "vi": "Nguồn"},
    "method": {"en": "Method", "vi": "Phương pháp"},
}


def xlsx(job: Job) -> bytes:
    """Return a workbook: numbers, codebook, sources and method on their own sheets."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    about = {"title": job.words.title if job.words else job.name, "author": "portal_analysis"}
    book.set_properties({**about, "created": moment()})
    tables = {
        "numbers": job.table,
        "codebook": codebook_sheet(job),
        "sources": sources_sheet(job),
        "method": method_sheet(job),
    }
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    plain_text = book.add_format({"text_wrap": True, "valign": "top"})
    for name, table in tables.items():
        sheet = book.add_worksheet(SHEETS[name][job.lang])
        _fill(sheet, table, head, None if name == "numbers" else plain_text)
    book.close()
    return target.getvalue()


def moment() -> datetime:
    """Return the moment that files are dated with."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))
    return datetime.fromtimestamp(max(seconds, 315532800), tz=UTC).replace(tzinfo=None)


def _fill(sheet: Any, table: pd.DataFrame, head: Any, look: Any) -> None:
    """Write a table: numbers as numbers, all else as text; the header stays in sight and can filter."""
    widths = []
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, str(safe_cell(str(name))), head)
        longest = len(str(name))
        for row, value in enumerate(table[name].astype(object), start=1):
            cell = plain(value)
            if _is_missing(cell):
                continue
            if isinstance(cell, (int, float)) and not isinstance(cell, bool) and math.isfinite(cell):
                sheet.write_number(row, column, cell, look)
                continue
            sheet.write_string(row, column, str(safe_cell(str(cell))), look)
            longest = max(longest, len(str(cell)))
        widths.append(min(max(longest + 2, 9), 60))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(table), 1), max(len(table.columns) - 1, 0))


def codebook_sheet(job: Job) -> pd.DataFrame:
    """Return the names of the table's columns and of the codes in it, in both languages."""
    from portal_analysis.figures.places import places
    from portal_analysis.figures.reading import name_of
    from portal_analysis.figures.words import words

    table = job.table.drop(columns="unit", errors="ignore")
    spoken = {lang: words(table, lang, job.labels) for lang in ("en", "vi")}
    rows: list[dict[str, str]] = []
    for column in ("indicator", *domains_of(table)):
        names = {lang: text.column(column) for lang, text in spoken.items()}
        rows.append({"column": column, "code": "", **names})
        for code in table[column].dropna().drop_duplicates():
            told = {lang: name_of(column, code, text, places()) for lang, text in spoken.items()}
            rows.append({"column": column, "code": str(code), **told})
    for column, told in COLUMNS.items():
        if column in job.table:
            rows.append({"column": column, "code": "", **told})
    for flag in dict.fromkeys(flag for cell in table["flag"] for flag in split_flags(cell)):
        rows.append({"column": "flag", "code": flag, **{lang: flag_text(flag, lang) for lang in spoken}})
    return pd.DataFrame(rows, columns=["column", "code", "en", "vi"])


COLUMNS = {
    "estimate": {
        "en": "the number, unrounded; proportions on 0–1",
        "vi": "giá trị chưa làm tròn; tỷ lệ trong khoảng 0–1",
    },
    "se": {"en": "standard error", "vi": "sai số chuẩn"},
    "ci_low": {"en": "lower end of the interval", "vi": "cận dưới của khoảng tin cậy"},
    "ci_high": {"en": "upper end of the interval", "vi": "cận trên của khoảng tin cậy"},
    "n": {"en": "answers or units behind the number", "vi": "số câu trả lời hoặc đơn vị được tính"},
    "df": {"en": "degrees of freedom", "vi": "số bậc tự do"},
    "deff": {"en": "design effect", "vi": "hệ số thiết kế"},
    "source": {"en": "the dataset", "vi": "bộ dữ liệu"},
    "unit": {"en": "unit of the number", "vi": "đơn vị"},
    "count": {"en": "units counted", "vi": "số đếm"},
    "base": {"en": "units that the count is out of", "vi": "cơ số của số đếm"},
}
"""What the columns of every table of estimates hold."""


def sources_sheet(job: Job) -> pd.DataFrame:
    """Return one row a dataset and one a source that it names."""
    from portal_analysis.exports.provenance import source_told
    from portal_analysis.figures.words import sources_of

    rows = []
    for source in sources_of(job.table):
        told = source_told(source, job.lang)
        licences = ", ".join(str(licence.get("name", "")) for licence in told.get("licenses", []))
        hashes = "\n".join(f"{item['path']} {item.get('hash', '')}" for item in told.get("files", []))
        rows.append(
            {
                "dataset": source,
                "title": told.get("title", told.get("note", "")),
                "citation": told.get("citation", ""),
                "licence": licences,
                "simulated": str(told.get("simulated", "")),
                "path": "",
                "files": hashes,
            }
        )
        for one in told.get("sources", []):
            rows.append({"dataset": source, "title": one.get("title", ""), "path": one.get("path", "")})
    columns = ["dataset", "title", "citation", "licence", "simulated", "path", "files"]
    return pd.DataFrame(rows, columns=columns)


def method_sheet(job: Job) -> pd.DataFrame:
    """Return caption, method, suppression, versions and command as names and values."""
    from portal_analysis.exports.provenance import provenance

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
