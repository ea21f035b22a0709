"""A small file that claims, or unfolds to, more than a file of its size holds is refused in the package's own words."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import portal_analysis as pa
from portal_analysis.tables import columnar, read_table, workbooks

pyarrow = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def written(path: Path, columns: dict) -> Path:
    pq.write_table(pyarrow.table(columns), path)
    return path


@pytest.fixture
def one_long_text(tmp_path):
    """Two million rows of one text of 100,000 letters: 200 GB in 14 KB."""
    places = pyarrow.array(np.zeros(2_000_000, dtype=np.int32))
    texts = pyarrow.DictionaryArray.from_arrays(places, pyarrow.array(["x" * 100_000]))
    pq.write_table(pyarrow.table({"a": texts}), tmp_path / "text.parquet", store_schema=False)
    return tmp_path / "text.parquet"


class TestParquet:
    def test_one_text_for_millions_of_rows(self, one_long_text):
        assert one_long_text.stat().st_size < 20_000
        with pytest.raises(pa.Error, match=r"texts of .* unfold to more"):
            pa.read_survey(one_long_text, pa.Design())
        with pytest.raises(pa.Error, match=r"texts of .* unfold to more"):
            pa.read_audit(one_long_text)

    def test_cells_of_one_value(self, tmp_path, monkeypatch):
        monkeypatch.setattr(columnar, "CELLS", 1_000_000)
        path = written(tmp_path / "cells.parquet", {"a": np.zeros(4_000_000)})
        with pytest.raises(pa.Error, match="4,000,000 cells in"):
            read_table(path)

    @pytest.mark.parametrize(
        ("limit", "said"), [("MOST_COLUMNS", "has 2 columns"), ("MOST_GROUPS", "has 2 groups of rows")]
    )
    def test_many_columns_and_groups(self, tmp_path, monkeypatch, limit, said):
        monkeypatch.setattr(columnar, limit, 1)
        path = tmp_path / "many.parquet"
        pq.write_table(pyarrow.table({"a": [1, 2], "b": [1, 2]}), path, row_group_size=1)
        with pytest.raises(pa.Error, match=said):
            read_table(path)

    @pytest.mark.parametrize(
        "cells",
        [
            [[1], [2, 3]],
            [{"a": 1}, {"a": 2}],
            pyarrow.array([[("a", 1)], []], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
        ],
        ids=["lists", "records", "maps"],
    )
    def test_cells_of_several_values(self, tmp_path, cells):
        path = written(tmp_path / "nested.parquet", {"a": [1, 0], "x": cells})
        for read in (lambda one: pa.read_survey(one, pa.Design()), pa.read_audit):
            with pytest.raises(pa.Error, match="'x' holds lists or records"):
                read(path)

    def test_texts_stay_as_they_are(self, tmp_path):
        path = written(tmp_path / "texts.parquet", {"a": ["x", None, ""], "b": [b"1", b"2", None]})
        assert read_table(path).data["a"].fillna("-").tolist() == ["x", "-", ""]

    def test_bytes_that_are_no_text(self, tmp_path):
        path = tmp_path / "texts.parquet"
        pq.write_table(pyarrow.table({"a": ["aaa", "b"]}), path, compression="none")
        path.write_bytes(path.read_bytes().replace(b"aaa", b"a\xd0a"))
        with pytest.raises(pa.Error, match=r"texts\.parquet is no readable \.parquet file"):
            read_table(path)


@pytest.mark.parametrize("quoted", ["", '"'])
def test_a_text_file_of_a_million_columns(tmp_path, quoted):
    names = ",".join(f"{quoted}c{place}{quoted}" for place in range(1_000_000))
    (tmp_path / "wide.csv").write_text(f"{names}\n{names}\n", encoding="utf-8")
    start = time.process_time()
    for read in (read_table, pa.read_audit):
        with pytest.raises(pa.Error, match=r"1,000,000 columns; at most 16,384 are read"):
            read(tmp_path / "wide.csv")
    assert time.process_time() - start < 10


def test_a_record_of_spss_that_is_cut_off(tmp_path):
    (tmp_path / "cut.sav").write_bytes(
        b"$FL2" + b"\x00" * 60 + b"\x07\x00\x00\x00\x14\x00\x00\x00\x01\x00\x00\x00"
    )
    with pytest.raises(pa.Error, match=r"cut\.sav"):
        read_table(tmp_path / "cut.sav")


NAMES = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FIRST = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
SHEETS = {
    "a cell far off": (
        f'<sheetData>{FIRST}<row r="99"><c r="XFD99"><v>1</v></c></row></sheetData>',
        "delete the cells far off",
    ),
    "merged cells": (
        f'<sheetData>{FIRST}</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        "merges or links 17,179,869,184 cells",
    ),
    "linked cells": (
        f"<sheetData>{FIRST}</sheetData><hyperlinks><hyperlink location='a' ref = '$A$1:$ZZ$99999'/></hyperlinks>",
        "merges or links",
    ),
}


def book(path: Path, inside: str, encoding: str = "utf-8") -> Path:
    made = openpyxl.Workbook()
    made.active["A1"] = "a"
    packed = io.BytesIO()
    made.save(packed)
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            sheet = f'<worksheet xmlns="{NAMES}">{inside}</worksheet>'.encode(encoding)
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return path


class TestWorkbooks:
    @pytest.mark.parametrize(("inside", "said"), SHEETS.values(), ids=SHEETS)
    def test_what_a_small_workbook_spans(self, tmp_path, inside, said):
        path, start = book(tmp_path / "b.xlsx", inside), time.process_time()
        for read in (read_table, lambda one: pa.read_papi(one, sheet="Sheet")):
            with pytest.raises(pa.Error, match=said):
                read(path)
        assert time.process_time() - start < 5

    def test_what_hides_its_entities_in_another_encoding(self, tmp_path):
        path = book(tmp_path / "b.xlsx", f"<sheetData>{FIRST}</sheetData>", "utf-16")
        with pytest.raises(pa.Error, match="is not in UTF-8"):
            read_table(path)

    def test_columns_hidden_again_and_again(self, tmp_path):
        hidden = '<col min="1" max="16384" hidden="1"/>' * 50_000
        path, start = (
            book(tmp_path / "b.xlsx", f"<cols>{hidden}</cols><sheetData>{FIRST}</sheetData>"),
            time.process_time(),
        )
        with pytest.raises(pa.Error):
            pa.read_audit(path)
        assert time.process_time() - start < 5

    def test_a_small_one_unfolds_to_little(self, tmp_path):
        path = book(tmp_path / "b.xlsx", f"<sheetData>{FIRST}</sheetData>" + " " * 20_000_000)
        with pytest.raises(pa.Error, match="unfolds to 20,"):
            read_table(path)

    def test_numbers_unfold_to_much_less_than_is_let_through(self, tmp_path):
        made = openpyxl.Workbook(write_only=True)
        sheet = made.create_sheet()
        for _ in range(2_000):
            sheet.append([1] * 40)
        made.save(tmp_path / "ones.xlsx")
        with zipfile.ZipFile(tmp_path / "ones.xlsx") as archive:
            unfolded = sum(part.file_size for part in archive.infolist())
        assert unfolded * 3 < workbooks.PER_BYTE * (tmp_path / "ones.xlsx").stat().st_size
