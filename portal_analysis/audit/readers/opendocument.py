"""Spreadsheets of LibreOffice and others (``.ods``) as sheets: text, fill, what is hidden, formulas without a value.

Hands on :class:`~portal_analysis.audit.readers.sheets.Sheet` values. Read by the standard library: the readers
that there are for this format do not tell fills, hidden rows or formulas, on which a judgement may hang.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.reading import Fault, FileFaults
from portal_analysis.audit.readers.sheets import (
    Sheet,
    cell_text,
    formula_fault,
    hidden_said,
    made,
    too_large,
)
from portal_analysis.tables import workbooks

_NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
}
_MOST_REPEATED = 16_384
_MOST_COLUMNS, _MOST_ROWS = 16_384, 1_048_576
"""So many a sheet of LibreOffice has; what is repeated more often says nothing."""
_MOST_BLANKS = 1_000
_DEEPEST = 200
"""So many elements may lie in each other."""
_ROWS = ("table-row", "table-row-group", "table-rows", "table-header-rows")


def _q(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMES[prefix]}}}{local}"


def is_opendocument(path: Path) -> bool:
    """Is this archive a spreadsheet in OpenDocument?"""
    try:
        with zipfile.ZipFile(path) as archive:
            kind = archive.read("mimetype") if "mimetype" in archive.namelist() else b""
            return kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet")
    except workbooks.BROKEN:
        return False


def opendocument_sheets(path: Path, file: str) -> list[Sheet]:
    """Return the visible sheets of a spreadsheet.

    Raises
    ------
    FileFaults
        If it cannot be opened, is too large, or holds formulas without a value.
    """
    root = _content(path, file)
    fills = _fills(root)
    hidden = {
        style.get(_q("style:name"))
        for style in root.iter(_q("style:style"))
        for one in style.iter(_q("style:table-properties"))
        if one.get(_q("table:display")) == "false"
    }
    sheets, faults = [], []
    for table in root.iter(_q("table:table")):
        if table.get(_q("table:style-name")) not in hidden:
            sheet, lost = _sheet(table, fills, file, workbooks.most_cells(path))
            sheets.append(sheet)
            faults += [formula_fault(file, sheet.name, lost)] if lost else []
    if faults:
        raise FileFaults(*faults)
    return sheets


def _content(path: Path, file: str) -> ElementTree.Element:
    advice = "save it again as .ods without a password, or as .xlsx"
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("content.xml").file_size > workbooks.most_of(path):
                raise FileFaults(Fault(file, None, "the spreadsheet is too large", "split it"))
            text = archive.read("content.xml")
        if b"<!DOCTYPE" in text[:4096] or b"<!ENTITY" in text[:4096]:
            raise FileFaults(Fault(file, None, "content.xml declares a document type", advice))
        root = ElementTree.fromstring(text)
        if _is_deeper(root, _DEEPEST):
            raise FileFaults(Fault(file, None, f"more than {_DEEPEST} elements lie in each other", advice))
        return root
    except FileFaults:
        raise
    except (*workbooks.BROKEN, ElementTree.ParseError) as error:
        found = clean(f"the spreadsheet cannot be read: {error}", 300)
        raise FileFaults(Fault(file, None, found, advice)) from error


def _is_deeper(root: ElementTree.Element, most: int) -> bool:
    layer = [root]
    for _ in range(most):
        layer = [inner for one in layer for inner in one]
    return bool(layer)


def _fills(root: ElementTree.Element) -> dict[str, str]:
    """Style → its fill as ``RRGGBB``."""
    found = {}
    for style in root.iter(_q("style:style")):
        for cell in style.iter(_q("style:table-cell-properties")):
            colour = cell.get(_q("fo:background-color"), "")
            if colour.startswith("#") and len(colour) == 7:
                found[str(style.get(_q("style:name")))] = colour[1:].upper()
    return found


def _repeated(element: ElementTree.Element, name: str, most: int) -> int:
    """Return how often an element stands there, by what it says; never more than so often."""
    text = element.get(_q(name), "1")
    if not (text.isascii() and text.isdigit()):
        return 1
    return min(int(text), most) if len(text) <= len(str(most)) else most


def _sheet(
    table: ElementTree.Element, fills: dict[str, str], file: str, most: int
) -> tuple[Sheet, list[tuple[int, int]]]:
    rows: list[list[str]] = []
    shades: dict[tuple[int, int], str] = {}
    hidden: list[int] = []
    lost: list[tuple[int, int]] = []
    seen = 0
    waiting = 0
    for element in _rows(table):
        cells = list(_cells(element, fills))
        times = _repeated(element, "table:number-rows-repeated", _MOST_ROWS - len(rows))
        if not any(text or formula for text, _, formula in cells) and times > 1:
            waiting += times
            continue
        rows += [[] for _ in range(min(waiting, _MOST_ROWS - len(rows)))]
        waiting = 0
        for _ in range(min(times, _MOST_REPEATED)):
            seen += len(cells)
            if seen > most:
                raise FileFaults(Fault(file, len(rows), *too_large(most)))
            place = len(rows)
            rows.append([text for text, _, _ in cells])
            shades.update({(place, column): shade for column, (_, shade, _) in enumerate(cells) if shade})
            lost += [
                (place, column) for column, (text, _, formula) in enumerate(cells) if formula and not text
            ]
            if element.get(_q("table:visibility")) in ("collapse", "filter"):
                hidden.append(place + 1)
    said = hidden_said(hidden, _hidden_columns(table))
    return made(str(table.get(_q("table:name"), "")), rows, shades, said), lost


def _rows(parent: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for element in parent:
        if element.tag == _q("table:table-row"):
            yield element
        elif element.tag in {_q(f"table:{name}") for name in _ROWS}:
            yield from _rows(element)


def _cells(row: ElementTree.Element, fills: dict[str, str]) -> Iterator[tuple[str, str | None, bool]]:
    """Text, fill and whether there is a formula, of each cell up to the last that says something."""
    found: list[tuple[str, str | None, bool]] = []
    for cell in row:
        if cell.tag not in (_q("table:table-cell"), _q("table:covered-table-cell")):
            continue
        one = (
            _text(cell),
            fills.get(str(cell.get(_q("table:style-name")))),
            bool(cell.get(_q("table:formula"))),
        )
        found += [one] * _repeated(cell, "table:number-columns-repeated", _MOST_COLUMNS - len(found))
    while found and not found[-1][0] and not found[-1][2] and (len(found) > 1 and found[-1] == found[-2]):
        found.pop()
    return iter(found)


def _text(cell: ElementTree.Element) -> str:
    kind = cell.get(_q("office:value-type"))
    if kind in ("float", "percentage", "currency"):
        return cell_text(_number(cell.get(_q("office:value"), "")))
    if kind == "boolean":
        return cell.get(_q("office:boolean-value"), "")
    if kind == "date":
        return cell.get(_q("office:date-value"), "")
    lines = ["".join(_inside(line)) for line in cell.findall(_q("text:p"))]
    return "\n".join(lines).strip()


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _inside(element: ElementTree.Element) -> Iterator[str]:
    """The text of a paragraph, with the blanks that OpenDocument writes as elements; notes beside it are left out."""
    yield element.text or ""
    for child in element:
        if child.tag == _q("text:s"):
            yield " " * _repeated(child, "text:c", _MOST_BLANKS)
        elif child.tag in (_q("text:tab"), _q("text:line-break")):
            yield " "
        elif child.tag != _q("office:annotation"):
            yield from _inside(child)
        yield child.tail or ""


def _hidden_columns(table: ElementTree.Element) -> list[int]:
    hidden, place = [], 1
    for column in table.iter(_q("table:table-column")):
        times = _repeated(column, "table:number-columns-repeated", _MOST_COLUMNS - place + 1)
        if column.get(_q("table:visibility")) in ("collapse", "filter"):
            hidden += list(range(place, place + times))
        place += times
    return hidden
