"""A Word document has real styles, a header row and alt text; LaTeX prints what the table says."""

from __future__ import annotations

import zipfile

import docx as word
import pytest
from docx.oxml.ns import qn

from portal_analysis import origins
from portal_analysis.datasets import dataset
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
    assert [cell.text for cell in table.rows[0].cells][:3] == ["Chỉ tiêu", "Tỉnh, thành phố", "Giá trị"]
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
    assert r"a\_b \& 50\%" in text
    assert r"\toprule" in text
    assert "SIMULATED DATA" in text
    assert r"5.10\% & 3.00–8.00 & 400" in text
    assert r"& n &" in text


def test_a_long_latex_table_breaks_across_pages(table, tmp_path):
    import pandas as pd

    many = pd.concat([table] * 12, ignore_index=True)
    short = export("short", table, folder=tmp_path, formats=["tex"]).files["tex"].read_text("utf-8")
    assert "longtable" not in short
    text = export("use", many, folder=tmp_path, formats=["tex"]).files["tex"].read_text("utf-8")
    assert r"\begin{longtable}{llrrrl}" in text
    assert text.count(r"\midrule") == 2


@pytest.fixture
def rates():
    """Return a simulated survey's rates by year and sex, one of them with a flag."""
    import pandas as pd

    from portal_analysis.shape import estimates

    rows = [(2020, "female", 0.1, "simulated"), (2020, "male", 0.2, "simulated")]
    rows += [(2021, "female", 0.3, "review; simulated"), (2021, "male", 0.4, "simulated")]
    frame = pd.DataFrame(rows, columns=["wave", "sex", "estimate", "flag"]).assign(
        indicator="npsp_use", source="papi-simulated", unit="proportion", se=0.01, ci_low=0.05, ci_high=0.5
    )
    return estimates(frame, ["wave", "sex"])


def test_a_wide_table_is_written_in_word_and_latex(rates, tmp_path):
    done = export("wide", rates, None, tmp_path, ["docx", "tex"], rows="sex", across="wave", interval=True)
    table = word.Document(done.files["docx"]).tables[0]
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells == [
        ["Sex", "2020 (%)", "2021 (%)"],
        ["Women", "10.0 (5.0–50.0)", "30.0\N{THIN SPACE}† (5.0–50.0)"],
        ["Men", "20.0 (5.0–50.0)", "40.0 (5.0–50.0)"],
    ]
    text = done.files["tex"].read_text("utf-8")
    assert r"\begin{tabular}{lrr}" in text
    assert r"Sex & 2020 (\%) & 2021 (\%) \\" in text
    assert r"Women & 10.0 (5.0–50.0) & 30.0\,\dag{} (5.0–50.0) \\" in text
    for told in (
        text.replace(r"\dag{}", "†"),
        "\n".join(p.text for p in word.Document(done.files["docx"]).paragraphs),
    ):
        assert "SIMULATED DATA – not real findings. † to be read with caution" in told


def test_a_table_alone_says_first_that_its_data_are_simulated(rates, tmp_path):
    document = word.Document(export("use", rates, None, tmp_path, ["docx"], lang="vi").files["docx"])
    assert document.paragraphs[1].text == "DỮ LIỆU MÔ PHỎNG – không phải kết quả thực tế"
    assert not document.inline_shapes
    captions = [one.text for one in document.paragraphs if one.style.name == "Caption"]
    assert len(captions) == 1
    assert captions[0].startswith("Bảng 1. Đã sử dụng Cổng Dịch vụ công quốc gia theo giới tính, ")
    assert document.core_properties.title in captions[0]
    real = word.Document(
        export("real", rates.assign(source="mine", flag=""), None, tmp_path, ["docx"]).files["docx"]
    )
    assert not any("SIMULATED" in one.text for one in real.paragraphs)


def test_sources_close_the_document(rates, tmp_path):
    origins.remember("papi-simulated", origins.of_dataset(dataset("papi-simulated"), "load_survey"))
    document = word.Document(export("use", rates, None, tmp_path, ["docx"]).files["docx"])
    texts = [(one.style.name, one.text) for one in document.paragraphs if one.text]
    place = texts.index(("Heading 1", "Sources"))
    assert [style for style, _ in texts[place + 1 :]] == ["List Bullet"]
    assert "Complex sample" in texts[-1][1]
