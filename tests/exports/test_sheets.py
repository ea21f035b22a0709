"""Text is never a formula, numbers stay numbers, every digit is kept."""

from __future__ import annotations

import csv

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal_analysis.exports import export
from portal_analysis.files import DANGEROUS, safe_cell


def test_csv_keeps_every_digit_and_every_code(table, tmp_path):
    exact = table.assign(estimate=[1 / 3, 0.2, 0.1 + 0.2])
    path = export("use", exact, folder=tmp_path, formats=["csv"]).files["csv"]
    head, *rows = csv.reader(path.read_text("utf-8").splitlines())
    assert head == list(table.columns)
    assert [float(rows[0][2]), rows[1][2], float(rows[2][2])] == [1 / 3, "", 0.1 + 0.2]
    assert [row[1] for row in rows] == ["01", "02", "96"]


def test_csv_makes_text_safe_and_leaves_numbers(table, tmp_path):
    path = export("use", table, folder=tmp_path, formats=["csv"]).files["csv"]
    lines = path.read_text("utf-8").splitlines()
    assert lines[1].endswith(",-0.5,'=HYPERLINK(1)")
    assert lines[2].endswith(",,'-3")
    assert lines[3].endswith(',3,"plain, “quoted”"')
    assert b"\r" not in path.read_bytes()


@given(st.text(max_size=20))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_no_text_starts_a_formula(text):
    assert not str(safe_cell(text)).startswith(DANGEROUS)
    assert str(safe_cell(text)).endswith(text)


@pytest.mark.parametrize("number", [-1, -0.5, 0, 3.25, np.float64(-2.0)])
def test_numbers_are_left_as_they_are(number):
    assert safe_cell(number) is number


def test_workbook_has_numbers_codebook_sources_and_method(table, figure, tmp_path, labels):
    path = export("use", table, figure, tmp_path, ["xlsx"], labels=labels).files["xlsx"]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Số liệu", "Bảng mã", "Nguồn", "Phương pháp"]
    rows = list(book["Số liệu"].iter_rows(values_only=True))
    assert list(rows[0]) == list(table.columns)
    assert rows[1][:3] == ("npsp_use", "01", 0.051)
    assert rows[2][2] is None
    assert rows[1][-2:] == (-0.5, "'=HYPERLINK(1)")
    codes = list(book["Bảng mã"].iter_rows(values_only=True))
    assert ("province", "01", "Ha Noi", "Hà Nội") in codes
    assert ("indicator", "npsp_use", "Used the portal", "Đã sử dụng Cổng Dịch vụ công quốc gia") in codes
    assert any(row[1] == "simulated" for row in codes)
    method = dict(book["Phương pháp"].iter_rows(values_only=True))
    assert method["interval"] == "korn-graubard"
    assert method["caption"] == figure.portal_text.caption


def test_no_cell_of_a_workbook_is_a_formula(table, tmp_path):
    path = export("use", table, folder=tmp_path, formats=["xlsx"]).files["xlsx"]
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
