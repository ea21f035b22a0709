"""Cells of sheets: what each holds as text, which fill it has, and what is hidden."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color

from portal_analysis.audit.readers import ReaderError, read_audit
from portal_analysis.audit.readers.sheets import cell_text, frame_sheet, traffic_light, workbook_sheets


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (2.0, "2"),
        (0.5, "0.5"),
        (datetime.datetime(2024, 5, 1), "2024-05-01"),
        (datetime.datetime(2024, 5, 1, 10, 30), "2024-05-01T10:30:00"),
        (datetime.date(2024, 5, 1), "2024-05-01"),
        (datetime.time(8), "08:00:00"),
        (" Đạt\n", "Đạt"),
    ],
)
def test_each_kind_of_value_has_one_text(value: Any, text: str) -> None:
    assert cell_text(value) == text


def test_missing_values_of_a_frame_are_empty_cells() -> None:
    frame = pd.DataFrame({"portal": ["A", None], "a": [1.0, float("nan")], "b": [pd.NaT, "x"]})
    assert frame_sheet("f", frame).rows == [["portal", "a", "b"], ["A", "1", ""], ["", "", "x"]]


@pytest.mark.parametrize("text", ["", "00B0", "theme1"])
def test_what_is_no_colour_is_no_level(text: str) -> None:
    assert traffic_light(text) is None


def test_fills_of_the_palette_and_of_the_theme_are_colours(tmp_path: Path) -> None:
    """17 of the palette is green, as the third accent is; a stripe, or a place that is not there, is no fill."""
    book = openpyxl.Workbook()
    fills = [
        PatternFill("solid", fgColor=Color(indexed=17)),
        PatternFill("solid", fgColor=Color(theme=6)),
        PatternFill("solid", fgColor=Color(indexed=64)),
        PatternFill("solid", fgColor=Color(theme=60)),
        PatternFill("lightUp", fgColor=Color(rgb="FFFF0000")),
    ]
    for column, fill in enumerate(fills, start=1):
        book.active.cell(1, column).fill = fill
    book.save(tmp_path / "f.xlsx")
    (sheet,) = workbook_sheets(tmp_path / "f.xlsx", "f.xlsx")
    assert sheet.shades == {(0, 0): "008000", (0, 1): "9BBB59"}
    assert sheet.colours == {(0, 0): "green", (0, 1): "green"}


def test_formulas_without_a_value_count_in_visible_sheets_only(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Portal", "a"], ["A", "x"]):
        book.active.append(row)
    book.create_sheet("sums").append(["=1+1"])
    book["sums"].sheet_state = "hidden"
    book.save(tmp_path / "f.xlsx")
    assert read_audit(tmp_path / "f.xlsx").judgements["outcome"].tolist() == ["met"]
    book["sums"].sheet_state = "visible"
    book.save(tmp_path / "f.xlsx")
    with pytest.raises(ReaderError, match="formulas without a stored value in 'sums': A1"):
        read_audit(tmp_path / "f.xlsx")


def test_a_small_workbook_that_spans_many_cells_is_too_large(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in range(1, 31):
        book.active.cell(row, 16_384).value = 1
    book.save(tmp_path / "f.xlsx")
    with pytest.raises(ReaderError, match=r"line 19: the sheet is too large; at most [\d,]+ cells"):
        read_audit(tmp_path / "f.xlsx")
