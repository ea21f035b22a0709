"""Sheets of Excel workbooks as tables.

Hands on values as Excel keeps them, names from the first row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.tables.table import (
    Table,
    TableError,
    composed,
    composed_frame,
    header_faults,
    opened,
    package,
    raise_faults,
)

EXCEL_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


def read_excel(path: Path, sheet: str | None, encoding: str | None) -> Table:
    """Read one sheet: names in its first row, values as Excel keeps them."""
    openpyxl = package("openpyxl", path)
    book = opened(path, lambda: openpyxl.load_workbook(path, data_only=True))
    used = [each.title for each in book.worksheets if each.max_row > 1 or each["A1"].value is not None]
    if sheet is None and len(used) != 1:
        raise TableError(f"{path.name} has {len(used)} sheets with data: name one by sheet= out of {used}")
    if sheet is not None and sheet not in book.sheetnames:
        raise TableError(f"{path.name} has no sheet {sheet!r}; it has {book.sheetnames}")
    page = book[sheet or used[0]]
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    kept = [number for number, row in enumerate(rows) if any(cell is not None for cell in row)]
    if 0 not in kept:
        raise_faults(path, [f"sheet {page.title!r}: row 1 must name the columns, but it is empty"])
    places = [
        place for place in range(len(rows[0])) if any(rows[number][place] is not None for number in kept)
    ]
    header = ["" if rows[0][place] is None else composed(str(rows[0][place])) for place in places]
    formulas = opened(path, lambda: openpyxl.load_workbook(path))[page.title]
    raise_faults(path, [*header_faults(header, "row 1"), *_cell_faults(page, formulas)])
    body = [[rows[number][place] for place in places] for number in kept[1:]]
    index = pd.Index([number + 1 for number in kept[1:]], name="row", dtype="int64")
    data = pd.DataFrame(body, columns=pd.Index(header), index=index, dtype=object).infer_objects()
    return Table(composed_frame(data), path=path)


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
