"""The PDF: PDF/UA-1, its words in Vietnamese come back, and the same blocks give the same bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

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
from portal_analysis.documents.pdf import PdfError, quoted, typst_text, write_pdf

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">
<text x="5" y="20" style="font-family: 'Be Vietnam Pro', 'DejaVu Sans'; font-size: 9px">Tỷ lệ ở Đắk Lắk</text></svg>"""
NASTY = 'a "b" \\c #panic("x") $y$ *z* _u_ `v` @w <l> // /* [ ] { } = - +'
SENTENCE = "Người trả lời đã sử dụng Cổng Dịch vụ công quốc gia: 18,5% ≥ −3"


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "p.svg"
    path.write_text(SVG, "utf-8")
    return Picture(
        "p", {"svg": path}, "P", "Nguồn " + NASTY, "Biểu đồ " + NASTY, "Dài", Table("t", ("a",), (("1",),))
    )


def blocks(picture):
    link = Span("there", href="https://example.org")
    return [
        Heading(1, "Chương " + NASTY),
        Paragraph((Span(SENTENCE), Span(NASTY, strong=True, emphasis=True), Span(NASTY, code=True), link)),
        Listing(((Span("một"),), (Span(NASTY),)), ordered=True),
        Heading(2, "Bảng"),
        Table(NASTY, ("a", "b", "c"), ((NASTY, "1", "2"), ("x",))),
        picture,
    ]


def words(path):
    """Return the text of a PDF, without the breaks of its lines."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def test_vietnamese_and_signs_of_the_language_of_typst_come_back(tmp_path, picture):
    text = words(write_pdf(tmp_path / "r.pdf", blocks(picture), "Báo cáo", "vi"))
    assert SENTENCE in text
    assert "Tỷ lệ ở Đắk Lắk" in text
    assert text.count('#panic("x")') >= 5
    assert "Hình 1" in text
    assert "Bảng 1. a" in text


def test_the_catalogue_names_title_language_and_standard(tmp_path, picture):
    from pypdf import PdfReader

    reader = PdfReader(write_pdf(tmp_path / "r.pdf", blocks(picture), "Báo cáo", "vi"))
    root = reader.trailer["/Root"]
    assert str(root["/Lang"]).lower().startswith("vi")
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Báo cáo"
    meta = root["/Metadata"].get_data().decode()
    assert "pdfuaid:part" in meta
    assert [one.title for one in reader.outline if not isinstance(one, list)] == ["Chương " + NASTY]


def tags(node, found):
    """Gather the tags of a PDF's structure, with alternative texts of figures."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(kid, dict) and "/S" in kid:
            found.append((kid["/S"], str(kid.get("/Alt", ""))))
            tags(kid, found)
    return found


def test_headings_tables_lists_and_figures_are_tagged(tmp_path, picture):
    from pypdf import PdfReader

    reader = PdfReader(write_pdf(tmp_path / "r.pdf", blocks(picture), "Báo cáo", "vi"))
    found = tags(reader.trailer["/Root"]["/StructTreeRoot"], [])
    names = {name for name, _ in found}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/THead", "/L", "/LI", "/Link", "/Caption", "/TOC"} <= names
    assert [alt for name, alt in found if name == "/Figure"] == [picture.long_alt]


def test_the_same_blocks_give_the_same_bytes(tmp_path, picture):
    first = write_pdf(tmp_path / "a.pdf", blocks(picture), "T", "en").read_bytes()
    assert write_pdf(tmp_path / "b.pdf", blocks(picture), "T", "en").read_bytes() == first


def test_a_picture_without_alternative_text_is_refused(tmp_path, picture):
    bare = Picture("p", picture.files, "P", "C", "", "", picture.table)
    with pytest.raises(PdfError, match="missing alt text"):
        write_pdf(tmp_path / "r.pdf", [Heading(1, "A"), bare], "T", "en")
    assert not (tmp_path / "r.pdf").exists()


def test_text_cannot_leave_its_quotes(tmp_path):
    assert quoted('a"b\\c\nd\x00') == '"a\\"b\\\\c\\nd"'
    text = typst_text([Paragraph((Span('"] #import "x.typ'),))], "T", "en", tmp_path)
    assert '\\"] #import \\"x.typ"' in text


def test_a_tall_drawing_is_no_higher_than_the_page(tmp_path, picture):
    picture.files["svg"].write_text(SVG.replace("0 0 100 50", "0 0 100 300"), "utf-8")
    assert "height: 20.0cm" in typst_text([picture], "T", "en", tmp_path)


def test_the_first_page_holds_title_people_and_summary(tmp_path):
    from pypdf import PdfReader

    summary = (Heading(2, "Summary"), Paragraph((Span("All in all."),)))
    page = Front("Title", ("Institute", "26 November 2026"), summary, ("A. Author",))
    blocks = [Part("Part one"), Heading(1, "A"), Part("Part two"), Heading(1, "B")]
    reader = PdfReader(write_pdf(tmp_path / "r.pdf", blocks, page, "en"))
    first = reader.pages[0].extract_text()
    assert all(text in first for text in ("Title", "Institute", "26 November 2026", "Summary", "All in all."))
    assert reader.metadata.author == "A. Author"
    assert "Part one · Part two" in reader.pages[-1].extract_text()
    assert reader.pages[-1].extract_text().count("Part two") == 3


def test_a_part_begins_below_another_if_a_third_of_the_page_is_free_and_else_on_the_next(tmp_path):
    from pypdf import PdfReader

    lines = [Paragraph((Span(f"Line {number}."),)) for number in range(27)]
    for count, pages in ((12, 1), (27, 2)):
        blocks = [Part("Part one"), *lines[:count], Part("Part two"), Heading(1, "B")]
        told = [
            page.extract_text() for page in PdfReader(write_pdf(tmp_path / "r.pdf", blocks, "T", "en")).pages
        ]
        assert len(told) == pages
        assert told[-1].startswith("Part one · Part two" if pages == 1 else "Part two")


def test_the_list_of_figures_names_the_page_where_each_comes_to_stand(tmp_path, picture):
    from pypdf import PdfReader

    tall = tmp_path / "tall.svg"
    tall.write_text(SVG.replace("100 50", "100 90"), "utf-8")
    figures = [replace(picture, name=f"p{number}", title="T", files={"svg": tall}) for number in range(5)]
    text = Paragraph((Span("Word after word. " * 60),))
    blocks = [Heading(1, "A"), *(one for figure in figures for one in (text, figure))]
    pages = [
        page.extract_text() for page in PdfReader(write_pdf(tmp_path / "r.pdf", blocks, "T", "en")).pages
    ]
    listed = dict(re.findall(r"(Figure \d)\. T\s+(\d+)", pages[0]))
    stands = {
        label: str(number)
        for number, page in enumerate(pages, start=1)
        for label in re.findall(r"(Figure \d)(?!\.)", page)
    }
    assert len(listed) == len(figures)
    assert listed == stands


def test_the_report_is_written_in_both_languages(reports):
    assert "All published values:" in words(reports["en"].pdf)
    assert "Mọi giá trị đã công bố:" in words(reports["vi"].pdf)
    assert "Ủy ban" in words(reports["vi"].pdf)


def test_a_chapters_first_picture_stands_below_its_title(tmp_path, picture):
    content = [
        Part("One"),
        Heading(1, "A"),
        picture,
        picture,
        Heading(2, "B"),
        picture,
        Heading(1, "C"),
        picture,
    ]
    text = typst_text(content, "T", "en", tmp_path)
    assert re.findall(r"placement: (\w+)", text) == ["bottom", "auto", "auto", "bottom"]


def test_no_list_is_parted_by_a_page_of_pictures(tmp_path, picture):
    """Typst refuses as badly tagged what breaks around a page that pictures fill."""
    picture.files["svg"].write_text(SVG.replace("0 0 100 50", "0 0 100 72"), "utf-8")
    items = Listing(tuple((Span(f"item {n} " + "word " * 22),) for n in range(6)))
    content = [Part("P"), Heading(1, "A"), *[Paragraph((Span("x"),))] * 33, picture, picture, items]
    text = words(write_pdf(tmp_path / "r.pdf", content, "T", "en"))
    assert [f"item {n}" in text for n in range(6)] == [True] * 6


def test_a_long_list_waits_for_the_pictures_before_it(tmp_path, picture):
    items = Listing(tuple((Span(f"item {n}"),) for n in range(90)))
    content = [Heading(1, "A"), *[Paragraph((Span("x"),))] * 30, picture, picture, items]
    text = words(write_pdf(tmp_path / "r.pdf", content, "T", "en"))
    assert text.index("Figure 2", text.index("Contents") + 200) < text.index("item 0")
