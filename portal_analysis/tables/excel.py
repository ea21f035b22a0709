"""Sheets of Excel workbooks as tables.

Hands on values as Excel keeps them, names from the first row that names more than a title.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.faults import near
from portal_analysis.letters import composed
from portal_analysis.tables import workbooks
from portal_analysis.tables.encodings import recoded, vietnamese
from portal_analysis.tables.labelled import raise_legacy
from portal_analysis.tables.table import (
    Options,
    Table,
    TableError,
    cell_text,
    header_faults,
    opened,
    package,
    raise_faults,
    respelled,
    row_names,
)

EXCEL_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
NO_DATE = re.compile(r"Cell ([A-Z]+[0-9]+) is marked as a date but the serial value (\S+) is outside")
Cells = list[list[Any]]


def read_excel(path: Path, options: Options) -> Table:
    """Read one sheet: names in its first row, values as Excel keeps them, merged cells filled downwards."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        book = open_book(path)
        formulas = _loaded(path, data_only=False)
    page = _sheet(path, book, options.sheet)
    formulas = formulas[page.title]
    notes = _impossible_dates(page, [str(one.message) for one in told])
    rows = cells_of(path, page)
    first = _header_row(path, page, rows, options.header)
    _fill(page, rows, first)
    faults = [*_merged_faults(page, first), *_cell_faults(page, formulas)]
    return replace(_table(path, rows, first, options, faults), notes=notes)


def open_book(path: Path) -> Any:
    """Open a workbook that unfolds to no more than a file of its size does.

    Raises
    ------
    TableError
        If it is none, broken, or made to do harm.
    """
    package("openpyxl", path)
    if (wrong := workbooks.fault_of(path)) is not None:
        raise TableError(
            f"{path.name} is no readable {path.suffix} file, or it is damaged: {'; '.join(wrong)}"
        )
    return _loaded(path, data_only=True)


def _loaded(path: Path, data_only: bool) -> Any:
    """Load a workbook that was looked at: its values, or its formulas."""
    openpyxl = package("openpyxl", path)
    return opened(path, lambda: openpyxl.load_workbook(path, data_only=data_only))


def cells_of(path: Path, page: Any) -> Cells:
    """Return the values of a sheet by row.

    Raises
    ------
    TableError
        If a cell far off makes it span more than a file of its size fills.
    """
    if page.max_row * page.max_column > workbooks.most_cells(path):
        spans = f"{page.max_row:,} rows and {page.max_column:,} columns"
        raise TableError(
            f"{path.name}, sheet {page.title!r} spans {spans}; delete the cells far off the table"
        )
    return [list(row) for row in page.iter_rows(values_only=True)]


def _impossible_dates(page: Any, told: list[str]) -> tuple[str, ...]:
    """Empty cells whose number is no date that can be, and say which; the reader of workbooks only warns of them."""
    notes = {}
    for match in filter(None, map(NO_DATE.search, told)):
        cell = page[match.group(1)]
        if cell.value == "#VALUE!":
            cell.value = None
            notes[match.group(1)] = (
                f"cell {match.group(1)}: {match.group(2)}: no date that can be, so it is missing"
            )
    return tuple(notes.values())


def _sheet(path: Path, book: Any, wanted: str | None) -> Any:
    used = [each.title for each in book.worksheets if each.max_row > 1 or each["A1"].value is not None]
    if wanted is None and len(used) != 1:
        raise TableError(f"{path.name} has {len(used)} sheets with data: name one by sheet= out of {used}")
    if wanted is not None and wanted not in book.sheetnames:
        raise TableError(f"{path.name} has no sheet {wanted!r}: {near(wanted, book.sheetnames)}")
    return book[wanted or used[0]]


def _header_row(path: Path, page: Any, rows: Cells, header: int | None) -> int:
    """Return the place of the row of names: the one told, or the first that fills more than a title's cell."""
    if header is not None:
        if not 1 <= header <= len(rows):
            raise TableError(f"{path.name} has {len(rows)} rows; header={header} is none of them")
        return header - 1
    filled = [sum(cell is not None and str(cell).strip() != "" for cell in row) for row in rows]
    wide = max(filled, default=0)
    if not wide:
        raise_faults(path, [f"sheet {page.title!r} is empty; its first row must name the columns"])
    titles = next(place for place, count in enumerate(filled) if count > (1 if wide > 2 else 0))
    if titles and wide <= 2:
        raise_faults(path, [f"sheet {page.title!r}: row 1 must name the columns, but it is empty"])
    return titles


def _merged_faults(page: Any, first: int) -> list[str]:
    """Name merged cells that say no plain thing: across columns in the header or among the values."""
    return [
        f"cells {each.coord} are merged across columns: "
        + (
            f"the names stand in more than one row; give each column one name, in row header={first + 2} perhaps"
            if each.min_row <= first + 1
            else "which column does the value belong to? Split them"
        )
        for each in page.merged_cells.ranges
        if each.max_col > each.min_col and each.max_row > first
    ]


def _fill(page: Any, rows: Cells, first: int) -> None:
    """Write the value of cells merged downwards into each row that they cover."""
    for each in page.merged_cells.ranges:
        if each.min_row > first + 1 and each.min_col == each.max_col:
            for row in range(each.min_row, each.max_row):
                rows[row][each.min_col - 1] = rows[each.min_row - 1][each.min_col - 1]


def _table(path: Path, rows: Cells, first: int, options: Options, faults: list[str]) -> Table:
    encoding = vietnamese(options.encoding)
    filled = [place for place, row in enumerate(rows) if place > first and any(_there(cell) for cell in row)]
    kept = filled[options.label_rows :]
    names = rows[first]
    places = [
        at for at in range(len(names)) if _there(names[at]) or any(_there(rows[each][at]) for each in kept)
    ]
    body = [[rows[each][at] for at in places] for each in kept]
    header = [composed(cell_text(names[at])).strip() if _there(names[at]) else "" for at in places]
    columns = [[cell_text(row[at]) for row in body[:50_000]] for at in range(min(1, len(places)))]
    header = row_names(header, columns[0] if columns else [])
    raise_faults(path, [*header_faults(header, f"row {first + 1}"), *faults])
    index = pd.Index([each + 1 for each in kept], name="row", dtype="int64")
    data = pd.DataFrame(body, columns=pd.Index(header), index=index, dtype=object).infer_objects()
    said = [rows[each] for each in filled[: options.label_rows]]
    labels = {
        name: composed(cell_text(said[0][at]))
        for name, at in zip(header, places, strict=True)
        if said and _there(said[0][at])
    }
    spell = (lambda text: recoded(text, encoding)) if encoding else composed
    table = Table(respelled(data, spell), labels, path=path)
    if options.encoding is None:
        raise_legacy(path, table.data, labels.values())
    return table


def _there(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or cell.strip() != "")


def _cell_faults(page: Any, formulas: Any) -> list[str]:
    """Name cells that hold an error, or a formula whose result was never saved."""
    faults = []
    for row in page.iter_rows():
        for cell in row:
            if cell.value in EXCEL_ERRORS:
                faults.append(f"cell {cell.coordinate}: {cell.value}")
            elif cell.value is None and str(formulas[cell.coordinate].value or "").startswith("="):
                faults.append(f"cell {cell.coordinate}: a formula without its result; save the file in Excel")
    return faults
