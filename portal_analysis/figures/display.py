"""A table of estimates as it is read: labelled, formatted by language, flags in words.

Hands on plain text in columns and rows, for notebooks, documents and reports.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from portal_analysis.estimates import domains_of, rows_of, split_flags
from portal_analysis.figures.margins import margin_columns, place
from portal_analysis.figures.places import places
from portal_analysis.figures.reading import name_of
from portal_analysis.figures.words import Labels, Words, hidden, nfc, plain_number, words
from portal_analysis.wording import flag_text, p_value

HEADINGS = {
    "estimate": {"en": "Estimate", "vi": "Ước lượng"},
    "value": {"en": "Value", "vi": "Giá trị"},
    "characteristic": {"en": "Characteristic", "vi": "Đặc điểm"},
    "category": {"en": "Group", "vi": "Nhóm"},
    "p": {"en": "p", "vi": "p"},
    "interval": {"en": "Interval", "vi": "Khoảng tin cậy"},
    "count": {"en": "Count", "vi": "Số đếm"},
    "n": {"en": "n", "vi": "n"},
    "notes": {"en": "Notes", "vi": "Ghi chú"},
}


def readable(table: pd.DataFrame, lang: str, labels: Labels | None = None) -> dict[str, Any]:
    """Return ``{"columns": [...], "rows": [[...], ...]}``: all text, columns that say nothing left out."""
    units = table["unit"].fillna("") if "unit" in table else pd.Series("", index=table.index)
    parts = {str(unit): words(table[units == unit], lang, labels) for unit in units.unique()}
    where = places()
    one_by_one = margin_columns(table)
    keys = ["indicator", *(name for name in domains_of(table) if table[name].notna().any())]
    keys = [name for name in keys if name not in one_by_one]
    first = next(iter(parts.values()))
    columns = [first.column(name).capitalize() for name in keys]
    columns += [HEADINGS[name][lang] for name in ("characteristic", "category") if one_by_one]
    has = {
        "count": "count" in table and "base" in table and bool(table["count"].notna().any()),
        "interval": bool(table["ci_low"].notna().any()),
        "p": "p_value" in table and bool(table["p_value"].notna().any()),
        "n": bool(table["n"].notna().any()),
        "notes": any(split_flags(flag) for flag in table["flag"]),
    }
    columns += [HEADINGS["estimate" if has["interval"] else "value"][lang]]
    columns += [HEADINGS[name][lang] for name in ("interval", "p", "count", "n", "notes") if has[name]]
    rows = []
    for row, unit in zip(rows_of(table), units, strict=True):
        text = parts[str(unit)]
        cells = [name_of(name, row[name], text, where) for name in keys]
        cells += place(row, one_by_one, text, where) if one_by_one else ()
        cells.append(text.value(row, marked=False))
        cells += [cell for name, cell in _cells(row, text, lang) if has[name]]
        rows.append([nfc(cell) for cell in cells])
    return {"columns": [nfc(column) for column in columns], "rows": rows}


def _cells(row: dict[str, Any], text: Words, lang: str) -> list[tuple[str, str]]:
    count = ""
    if not hidden(row) and not pd.isna(row.get("count")):
        base = row.get("base")
        of = text.say(" of ", " trên ") + plain_number(base, lang, 0) if not pd.isna(base) else ""
        count = plain_number(row["count"], lang, 0) + of
    n = "" if pd.isna(row["n"]) else plain_number(row["n"], lang, 0)
    notes = flag_text(row["flag"], lang)
    p = "" if hidden(row) or pd.isna(row.get("p_value")) else p_value(row["p_value"], lang)
    return [("interval", text.interval(row)), ("p", p), ("count", count), ("n", n), ("notes", notes)]
