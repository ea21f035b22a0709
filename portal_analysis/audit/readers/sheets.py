"""Sheets as grids: text and fill colour of every cell, from a workbook of Excel, a CSV or a frame.

Hands on :class:`Sheet` values; formulas are never run, their stored values are taken, and one without is a fault.
"""

from __future__ import annotations

import colorsys
import datetime
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.audit.readers.files import check_workbook
from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.reading import Fault, FileFaults
from portal_analysis.tables import workbooks

_TAGS = re.compile(rb"<(row|col)\b([^<>]*)>")
_IS_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_PLACE = re.compile(rb'\b(r|min|max)="(\d{1,7})"')
_SHOWN = 10
_SPANS = 200
"""So many hidden columns and rows are told apart; the rest is hidden for harm."""
_THEME = re.compile(r"<a:(dk1|lt1|dk2|lt2|accent[1-6])>.*?(?:val|lastClr)=\"([0-9A-Fa-f]{6})\"", re.DOTALL)
_THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6")


@dataclass(frozen=True)
class Sheet:
    """One sheet: ``rows`` of texts, and ``colours`` (``green``, ``yellow``, ``red``) by row and column.

    Rows and columns count from 0; line ``n`` of the file is row ``n - 1``. ``shades`` are the fills exactly
    (``C6EFCE``), which tell a tint from a level; ``said`` is what needs to be told of the sheet, such as hidden rows;
    ``wordings`` are the long names of columns.
    """

    name: str
    rows: Sequence[Sequence[str]]
    colours: dict[tuple[int, int], str] = field(default_factory=dict)
    shades: dict[tuple[int, int], str] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    wordings: dict[str, str] = field(default_factory=dict)

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
    try:
        with workbooks.streamed(path) as book:
            theme, most = _theme(book), workbooks.most_cells(path)
            shown = [one for one in book.worksheets if one.sheet_state == "visible"]
            sheets = [_sheet(one, theme, file, _hidden(path, one), most) for one in shown]
        _check_formulas(path, file, sheets)
    except FileFaults:
        raise
    except (
        Exception
    ) as error:  # a broken workbook fails in openpyxl, zipfile or expat with errors of any kind
        found = f"the workbook cannot be read: {type(error).__name__}: {error}"
        raise FileFaults(Fault(file, None, clean(found, 300), "save it again as .xlsx")) from error
    return sheets


def _hidden(path: Path, sheet: Any) -> tuple[str, ...]:
    """Return what is hidden in a sheet, in words."""
    part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    with zipfile.ZipFile(path) as archive:
        if part not in archive.namelist():
            return ()
        text = archive.read(part)
    hidden = [(kind, said) for kind, said in _TAGS.findall(text) if _IS_HIDDEN.search(said)]
    places = [(kind, {name: int(number) for name, number in _PLACE.findall(said)}) for kind, said in hidden]
    rows = [place[b"r"] for kind, place in places if kind == b"row" and b"r" in place]
    columns: set[int] = set()
    for kind, place in places[:_SPANS]:
        if kind == b"col":
            columns |= set(range(place.get(b"min", 1), min(place.get(b"max", 0), sheet_width(sheet)) + 1))
    return hidden_said(rows, sorted(columns))


def sheet_width(sheet: Any) -> int:
    """Columns that a sheet says it has; all that there can be if it does not say."""
    return int(sheet.max_column or 16_384)


def hidden_said(rows: Sequence[int], columns: Sequence[int]) -> tuple[str, ...]:
    """Return what is to be said of hidden rows and columns, which count from 1."""
    said = []
    for kind, found in (
        ("rows", [str(one) for one in rows]),
        ("columns", [_letters(one) for one in columns]),
    ):
        if found:
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            said.append(f"hidden {kind}: {', '.join(found[:_SHOWN])}{more}")
    return tuple(said)


def _letters(column: int) -> str:
    """``1`` → ``A``, ``28`` → ``AB``."""
    letters = ""
    while column > 0:
        column, place = divmod(column - 1, 26)
        letters = chr(65 + place) + letters
    return letters


def _check_formulas(path: Path, file: str, sheets: Sequence[Sheet]) -> None:
    """Raise for formulas of which the workbook holds no value: nobody has opened it since they were written."""
    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        if not any(b"<f" in archive.read(name) for name in parts if name.endswith(".xml")):
            return
    by_name = {sheet.name: sheet for sheet in sheets}
    faults = []
    with workbooks.streamed(path, formulas=True) as book:
        for sheet in book.worksheets:
            if sheet.title in by_name:
                sheet.reset_dimensions()
                lost = list(_without_value(sheet, by_name[sheet.title]))
                faults += [formula_fault(file, sheet.title, lost)] if lost else []
    if faults:
        raise FileFaults(*faults)


def _without_value(sheet: Any, values: Sheet) -> Iterator[tuple[int, int]]:
    for row, cells in enumerate(sheet.iter_rows(values_only=True)):
        for column, value in enumerate(cells):
            formula = str(getattr(value, "text", value)) if value is not None else ""
            if formula.startswith("=") and len(formula) > 1 and not values.cell(row, column):
                yield row, column


def formula_fault(file: str, sheet: str, cells: Sequence[tuple[int, int]]) -> Fault:
    """Return the fault of formulas without a value, by row and column from 0."""
    named = [f"{_letters(column + 1)}{row + 1}" for row, column in cells[:_SHOWN]]
    more = f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
    found = f"formulas without a stored value in {sheet!r}: {', '.join(named)}{more}"
    return Fault(
        file, cells[0][0] + 1, found, "open the file in a spreadsheet, let it calculate, and save it"
    )


def _sheet(sheet: Any, theme: list[str], file: str, said: tuple[str, ...], most: int) -> Sheet:
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    shades: dict[tuple[int, int], str] = {}
    known: dict[Any, str | None] = {}
    seen = 0
    for place, cells in enumerate(sheet.iter_rows()):
        seen += len(cells)
        if seen > most:
            raise FileFaults(Fault(file, place + 1, *too_large(most)))
        rows.append([cell_text(cell.value) for cell in cells])
        for column, shade in _filled(cells, theme, known):
            shades[(place, column)] = shade
    return made(sheet.title, rows, shades, said)


def too_large(most: int) -> tuple[str, str]:
    """Say of a sheet that it spans too many cells, and what to do."""
    return (
        "the sheet is too large",
        f"at most {most:,} cells in a file of its size; delete the cells far off the table",
    )


def made(
    name: str, rows: list[list[str]], shades: dict[tuple[int, int], str], said: tuple[str, ...] = ()
) -> Sheet:
    """Return a sheet of rows of texts and exact fills, without empty rows at its end."""
    colours = {place: light for place, shade in shades.items() if (light := traffic_light(shade))}
    lowest = max((row for row, _ in colours), default=-1)
    while rows and not any(rows[-1]) and len(rows) - 1 > lowest:
        rows.pop()
    return Sheet(name, rows, colours, shades, said)


def frame_sheet(name: str, frame: pd.DataFrame, wordings: Mapping[str, str] | None = None) -> Sheet:
    """Return a frame as a sheet: its column names are the header, labels of categories the words."""
    header = [clean(str(column), 300) for column in frame.columns]
    columns = [
        [_frame_text(value) for value in frame.iloc[:, place].astype(object)] for place in range(len(header))
    ]
    rows = [header, *([list(row) for row in zip(*columns, strict=True)] if columns else [])]
    return Sheet(name, rows, wordings=dict(wordings or {}))


def _frame_text(value: Any) -> str:
    if value is None or (not isinstance(value, list | tuple | dict) and pd.isna(value)):
        return ""
    return cell_text(value.item() if hasattr(value, "item") else value)


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
        return colour.rgb[-6:]
    if colour.type == "indexed" and 0 <= colour.indexed < len(COLOR_INDEX):
        return str(COLOR_INDEX[colour.indexed][-6:])
    if colour.type == "theme" and 0 <= colour.theme < len(theme):
        return theme[colour.theme]
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
