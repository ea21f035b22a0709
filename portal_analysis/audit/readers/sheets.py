"""Sheets as grids: text and fill colour of every cell, from a workbook or a CSV.

Hands on :class:`Sheet` values; formulas are never run, their stored values are taken.
"""

from __future__ import annotations

import colorsys
import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal_analysis.audit.readers.files import check_workbook
from portal_analysis.audit.readers.reading import Fault, FileFaults, clean

MOST_CELLS = 20_000_000
"""Cells read of one workbook: many times what people fill in."""

MOST_COLUMNS = 2_000
_THEME = re.compile(r"<a:(dk1|lt1|dk2|lt2|accent[1-6])>.*?(?:val|lastClr)=\"([0-9A-Fa-f]{6})\"", re.DOTALL)
_THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6")


@dataclass(frozen=True)
class Sheet:
    """One sheet: ``rows`` of texts, and ``colours`` (``green``, ``yellow``, ``red``) by row and column.

    Rows and columns count from 0; line ``n`` of the file is row ``n - 1``.
    """

    name: str
    rows: Sequence[Sequence[str]]
    colours: dict[tuple[int, int], str] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> str:
        """Return the text of a cell, empty beyond the edge."""
        cells = self.rows[row] if row < len(self.rows) else ()
        return cells[column] if column < len(cells) else ""


def workbook_sheets(path: Path, file: str) -> list[Sheet]:
    """Return the visible sheets of a workbook.

    Raises
    ------
    FileFaults
        If the workbook cannot be opened or is too large.
    """
    check_workbook(path, file)
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        theme = _theme(book)
        try:
            return [_sheet(sheet, theme, file) for sheet in book.worksheets if sheet.sheet_state == "visible"]
        finally:
            book.close()
    except FileFaults:
        raise
    except (
        Exception
    ) as error:  # a broken workbook fails in openpyxl, zipfile or expat with errors of any kind
        found = f"the workbook cannot be read: {type(error).__name__}: {error}"
        raise FileFaults(Fault(file, None, clean(found, 300), "save it again as .xlsx")) from error


def _sheet(sheet: Any, theme: list[str], file: str) -> Sheet:
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    colours: dict[tuple[int, int], str] = {}
    known: dict[Any, str | None] = {}
    seen = 0
    for place, cells in enumerate(sheet.iter_rows()):
        if len(cells) > MOST_COLUMNS:
            cells = cells[:MOST_COLUMNS]
        seen += len(cells)
        if seen > MOST_CELLS:
            raise FileFaults(
                Fault(file, place + 1, "the sheet is too large", f"at most {MOST_CELLS:,} cells")
            )
        rows.append([cell_text(cell.value) for cell in cells])
        for column, colour in _filled(cells, theme, known):
            colours[(place, column)] = colour
    while rows and not any(rows[-1]) and not any(row == len(rows) - 1 for row, _ in colours):
        rows.pop()
    return Sheet(sheet.title, rows, colours)


def cell_text(value: Any) -> str:
    """Return a cell's value as text: whole numbers without ``.0``, dates as ISO 8601, TRUE and FALSE as words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat() if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()


def _filled(
    cells: Sequence[Any], theme: list[str], known: dict[Any, str | None]
) -> Iterator[tuple[int, str]]:
    for column, cell in enumerate(cells):
        style = getattr(cell, "_style_id", None)
        if not getattr(cell, "has_style", False):
            continue
        if style is None or style not in known:
            known[style] = _fill_colour(cell, theme)
        colour = known[style] if style is not None else _fill_colour(cell, theme)
        if colour is not None:
            yield column, colour


def _fill_colour(cell: Any, theme: list[str]) -> str | None:
    from openpyxl.styles.colors import COLOR_INDEX

    fill = cell.fill
    if fill is None or fill.fill_type != "solid":
        return None
    colour = fill.fgColor
    if colour.type == "rgb" and isinstance(colour.rgb, str):
        return traffic_light(colour.rgb[-6:])
    if colour.type == "indexed" and 0 <= colour.indexed < len(COLOR_INDEX):
        return traffic_light(COLOR_INDEX[colour.indexed][-6:])
    if colour.type == "theme" and 0 <= colour.theme < len(theme):
        return traffic_light(theme[colour.theme])
    return None


def _theme(book: Any) -> list[str]:
    source = book.loaded_theme
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else str(source or "")
    found = dict(_THEME.findall(text))
    return [found.get(name, "FFFFFF") for name in _THEME_ORDER]


def traffic_light(rgb: str) -> str | None:
    """Return ``green``, ``yellow`` or ``red`` by the hue of a colour, None for any other or for grey.

    Hue below 20° or from 340° is red, 20° to 70° yellow (orange and amber included), 75° to 170° green.
    """
    try:
        red, green, blue = (int(rgb[place : place + 2], 16) / 255 for place in (0, 2, 4))
    except ValueError:
        return None
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    degrees = hue * 360
    if saturation < 0.12 or value < 0.25:
        return None
    if degrees < 20 or degrees >= 340:
        return "red"
    if degrees <= 70:
        return "yellow"
    return "green" if 75 <= degrees <= 170 else None
