"""Text is never a formula, numbers stay numbers, every digit is kept."""

from __future__ import annotations

import csv
import io

import openpyxl
import pandas as pd

from portal_analysis.exports import export
from portal_analysis.languages import LANGUAGES


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


def test_workbook_has_numbers_codebook_sources_and_method(table, figure, tmp_path, labels):
    path = export("use", table, figure, tmp_path, ["xlsx"], labels=labels).files["xlsx"]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Bảng", "Số liệu", "Bảng mã", "Nguồn", "Phương pháp"]
    rows = list(book["Số liệu"].iter_rows(values_only=True))
    assert list(rows[0]) == list(table.columns)
    assert rows[1][:3] == ("npsp_use", "01", 0.051)
    assert rows[2][2] is None
    assert rows[1][-2:] == (-0.5, "'=HYPERLINK(1)")
    head, *told = book["Bảng mã"].iter_rows(values_only=True)
    assert head == ("column", "code", *LANGUAGES)
    codes = [tuple(row[head.index(name)] for name in ("column", "code", "en", "vi")) for row in told]
    assert ("province", "01", "Ha Noi", "Hà Nội") in codes
    assert ("indicator", "npsp_use", "Used the portal", "Đã sử dụng Cổng Dịch vụ công quốc gia") in codes
    assert any(row[1] == "simulated" for row in codes)
    method = dict(book["Phương pháp"].iter_rows(values_only=True))
    assert method["interval"] == "korn-graubard"
    assert method["caption"] == figure.portal_text.caption


def sheet(path, name):
    return [list(row) for row in openpyxl.load_workbook(path)[name].iter_rows(values_only=True)]


def test_a_workbook_begins_with_the_table_to_be_read(table, figure, tmp_path, labels):
    done = export("use", table, figure, tmp_path, ["xlsx"], labels=labels)
    caption, head, *rows = sheet(done.files["xlsx"], "Bảng")
    assert caption[0] == f"{figure.portal_text.title}. DỮ LIỆU MÔ PHỎNG – không phải kết quả thực tế"
    assert set(caption[1:]) == {None}
    assert head == ["Chỉ tiêu", "Tỉnh, thành phố", "Giá trị", "Khoảng tin cậy 95%", "n", "Lưu ý"]
    assert [row[1:4] for row in rows] == [
        ["Hà Nội", "5,10%", "3,00–8,00"],
        ["Hà Giang", "không công bố", ""],
        ["Cà Mau", "12,3%", "8,0–17,0"],
    ]
    read = openpyxl.load_workbook(done.files["xlsx"]).worksheets[0]
    assert (read.freeze_panes, read.auto_filter.ref) == ("A3", "A2:F5")


def test_the_table_to_be_read_can_be_wide(table, tmp_path):
    both = pd.concat([table.assign(indicator="a"), table.assign(indicator="b")], ignore_index=True)
    done = export("use", both, folder=tmp_path, formats=["xlsx"], rows="province", across="indicator")
    caption, head, *rows = sheet(done.files["xlsx"], "Table")
    assert caption[0].endswith(
        "SIMULATED DATA – not real findings. withheld: too unreliable to publish, "
        "or it would reveal the answers of few people"
    )
    assert head == ["Province", "a (%)", "b (%)"]
    assert rows[0] == ["Ha Noi", "5.10", "5.10"]
    assert rows[1] == ["Ha Giang", "withheld", "withheld"]
    assert len(sheet(done.files["xlsx"], "Numbers")) == 1 + len(both)


def test_a_csv_begins_with_a_byte_order_mark_if_asked_for(table, tmp_path):
    plain = export("use", table, folder=tmp_path, formats=["csv"]).files["csv"].read_bytes()
    marked = export("use", table, folder=tmp_path, formats=["csv"], bom=True).files["csv"].read_bytes()
    assert plain.startswith(b"indicator,")
    assert marked == b"\xef\xbb\xbf" + plain
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "use.csv"), pd.read_csv(io.BytesIO(plain)))


def test_a_byte_order_mark_changes_no_other_file(table, tmp_path):
    one = export("use", table, folder=tmp_path / "a", formats=["csv", "json", "xlsx", "tex"], command="x")
    two = export(
        "use", table, folder=tmp_path / "b", formats=["csv", "json", "xlsx", "tex"], command="x", bom=True
    )
    for kind in ("xlsx", "tex"):
        assert one.files[kind].read_bytes() == two.files[kind].read_bytes()
    text = two.files["json"].read_text("utf-8").replace('"bom": true', '"bom": false')
    assert one.files["json"].read_text("utf-8") == text


def test_no_cell_of_a_workbook_is_a_formula(table, tmp_path):
    path = export("use", table, folder=tmp_path, formats=["xlsx"]).files["xlsx"]
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
