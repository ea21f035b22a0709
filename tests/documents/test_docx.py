"""The Word document: real styles, alternative texts, repeated header rows, fixed bytes."""

from __future__ import annotations

import base64
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn

from portal_analysis.documents.blocks import (
    Front,
    Heading,
    Listing,
    Paragraph,
    Part,
    Picture,
    Span,
    Table,
)
from portal_analysis.documents.docx import write_docx

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "p.png"
    path.write_bytes(PNG)
    numbers = Table("Số liệu", ("a",), (("1",),))
    return Picture("p", {"png": path}, "Tỷ lệ", "Nguồn: x", "Biểu đồ cột", "Mô tả dài", numbers)


@pytest.fixture
def path(tmp_path, picture):
    blocks = [
        Heading(1, "Chương"),
        Paragraph(
            (Span("a "), Span("b", strong=True), Span("c", code=True), Span("d", href="https://example.org"))
        ),
        Listing(((Span("một"),),), ordered=True),
        Heading(2, "Phần <&>"),
        Listing(((Span("một"),), (Span("hai"),)), ordered=True),
        Listing(((Span("chấm"),),)),
        Table("Giá trị", ("a", "b"), (("x", "1"), ("y", "2"))),
        picture,
    ]
    return write_docx(tmp_path / "r.docx", blocks, "Báo cáo", "vi")


def test_headings_lists_and_captions_have_their_styles(path):
    told = [(one.style.name, one.text) for one in Document(path).paragraphs]
    assert told[0] == ("Title", "Báo cáo")
    assert ("Heading 1", "Chương") in told
    assert ("Heading 2", "Phần <&>") in told
    assert ("List Bullet", "chấm") in told
    assert ("Caption", "Bảng 1. Giá trị") in told
    assert ("Caption", "Hình 1") in told
    assert ("List Bullet", "Hình 1. Tỷ lệ") in told


def test_each_numbered_list_begins_at_one(path):
    document = Document(path)
    numbers = [one._p.pPr.numPr.numId.val for one in document.paragraphs if one.style.name == "List Number"]
    assert numbers[0] != numbers[1] == numbers[2]
    definitions = document.part.numbering_part.element
    for number in numbers:
        assert definitions.num_having_numId(number).lvlOverride_lst[0].startOverride.val == 1


def test_pictures_have_alternative_texts(path):
    (shape,) = Document(path).inline_shapes
    assert shape._inline.docPr.get("descr") == "Mô tả dài"
    assert shape._inline.docPr.get("title") == "Tỷ lệ"


def test_header_rows_are_repeated_and_tables_are_named(path):
    tables = Document(path).tables
    assert len(tables) == 1
    for table in tables:
        first, *others = table._tbl.tr_lst
        assert first.trPr.find(qn("w:tblHeader")) is not None
        assert all(row.trPr.find(qn("w:tblHeader")) is None for row in others)
    assert tables[0]._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "Giá trị"
    assert [cell.text for cell in tables[0].rows[2].cells] == ["y", "2"]


def test_links_lead_out_and_contents_lead_to_headings(path):
    body = Document(path).element.body
    links = list(body.iter(qn("w:hyperlink")))
    anchors = {one.get(qn("w:anchor")) for one in links} - {None}
    marks = {one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))}
    assert anchors
    assert anchors <= marks
    targets = {one.target_ref for one in Document(path).part.rels.values() if one.is_external}
    assert targets == {"https://example.org"}


def test_language_and_properties_are_set(path):
    document = Document(path)
    about = document.core_properties
    assert (about.title, about.language, about.author) == ("Báo cáo", "vi-VN", "portal_analysis")
    assert {one.get(qn("w:val")) for one in document.styles.element.iter(qn("w:lang"))} == {"vi-VN"}


def test_the_same_blocks_give_the_same_bytes(tmp_path, picture):
    first = write_docx(tmp_path / "a.docx", [picture], "T", "en").read_bytes()
    assert write_docx(tmp_path / "b.docx", [picture], "T", "en").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.slow
def test_the_report_holds_every_figure_and_table(reports):
    for report in reports.values():
        document = Document(report.docx)
        assert len(document.inline_shapes) == report.figures
        assert len(document.tables) == report.tables


def test_the_first_page_names_people_and_sums_up(tmp_path):
    summary = (Heading(2, "Summary"), Paragraph((Span("All in all."),)))
    page = Front("T", ("Institute", "26 November 2026"), summary, ("A. Author", "B. Author"))
    document = Document(write_docx(tmp_path / "t.docx", [Part("One"), Heading(1, "A")], page, "en"))
    told = [one.text for one in document.paragraphs]
    assert told[:5] == ["T", "Institute", "26 November 2026", "Summary", "All in all."]
    assert document.core_properties.author == "A. Author; B. Author"


def test_pages_are_numbered_and_each_part_stands_at_the_head_of_its_pages(tmp_path):
    blocks = [Part("One"), Heading(1, "A"), Part("Two"), Heading(1, "B")]
    document = Document(write_docx(tmp_path / "t.docx", blocks, "T", "en"))
    heads = [section.header.paragraphs[0].text for section in document.sections]
    assert heads == ["", "One", "Two"]
    assert " PAGE " in document.sections[0].footer._element.xml
    assert all(section.footer.is_linked_to_previous for section in list(document.sections)[1:])


def test_columns_are_as_wide_as_their_texts_need(tmp_path):
    table = Table("T", ("a", "b"), (("x", "a long text that wants room " * 8), ("y",)))
    document = Document(write_docx(tmp_path / "t.docx", [table], "T", "en"))
    narrow, wide = (column.width.cm for column in document.tables[0].columns)
    assert wide > 3 * narrow
    assert narrow + wide == pytest.approx(16, abs=0.1)
    cells = document.tables[0].rows[1].cells
    assert [cell.width.cm for cell in cells] == pytest.approx([narrow, wide], abs=0.01)
    assert [cell.text for cell in document.tables[0].rows[2].cells] == ["y", ""]
