"""A Word document has real styles, a header row and alt text; LaTeX prints what the table says."""

from __future__ import annotations

import zipfile

import docx as word
import pytest
from docx.oxml.ns import qn

from portal_analysis.exports import export


@pytest.fixture
def path(table, figure, tmp_path):
    return export("use", table, figure, tmp_path, ["docx"]).files["docx"]


def test_styles_are_words_own(path, figure):
    document = word.Document(path)
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles[0] == "Title"
    assert styles.count("Caption") == 2
    assert "Heading 1" in styles
    captions = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Caption"]
    assert captions[0] == f"Hình 1. {figure.portal_text.caption}"
    assert captions[1].startswith("Bảng 1. ")
    assert any("DỮ LIỆU MÔ PHỎNG" in paragraph.text for paragraph in document.paragraphs)


def test_the_picture_has_alt_text_and_a_drawing_beside(path, figure):
    document = word.Document(path)
    named = document.inline_shapes[0]._inline.docPr
    assert named.get("descr") == figure.portal_text.long_alt
    assert document.inline_shapes[0].width.cm <= 16.01
    with zipfile.ZipFile(path) as archive:
        assert "word/media/figure1.svg" in archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_tables_first_row_is_a_header(path):
    table = word.Document(path).tables[0]
    assert [cell.text for cell in table.rows[0].cells][:3] == ["Chỉ tiêu", "Tỉnh, thành phố", "Ước lượng"]
    assert [cell.text for cell in table.rows[2].cells][2] == "không công bố"
    heads = [row._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None for row in table.rows]
    assert heads == [True, False, False, False]
    assert table._tbl.tblPr.find(qn("w:tblDescription")) is not None


def test_the_document_knows_its_language(path):
    document = word.Document(path)
    assert document.core_properties.language == "vi-VN"
    languages = {element.get(qn("w:val")) for element in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"vi-VN"}


def test_latex_escapes_and_lines_up(table, tmp_path):
    source = table.assign(indicator="a_b & 50%")
    text = export("use", source, folder=tmp_path, formats=["tex"]).files["tex"].read_text("utf-8")
    assert r"a b \& 50\%" in text
    assert r"\toprule" in text
    assert "SIMULATED DATA" in text
    assert r"5.1\% & 3.0–8.0 & 400" in text


def test_a_long_latex_table_breaks_across_pages(table, tmp_path):
    import pandas as pd

    many = pd.concat([table] * 12, ignore_index=True)
    text = export("use", many, folder=tmp_path, formats=["tex"]).files["tex"].read_text("utf-8")
    assert r"\begin{longtable}{llrrrl}" in text
    assert text.count(r"\midrule") == 2
