"""Every picture carries the words that stand for it, and its text stays text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from PIL import Image

from portal_analysis.exports import export

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def files(table, figure, tmp_path):
    return export("use", table, figure, tmp_path, ["svg", "pdf", "png"]).files


def test_svg_has_role_title_and_description(files, figure):
    root = ElementTree.parse(files["svg"]).getroot()
    assert (root.get("role"), root.get("lang")) == ("img", "vi")
    ids = root.get("aria-labelledby").split()
    found = {element.get("id"): element for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [found[name].text for name in ids] == [figure.portal_text.title, figure.portal_text.long_alt]
    assert root[0].tag == f"{SVG}title"


def test_svg_text_is_text_and_brings_its_letters(files):
    drawing = files["svg"].read_text("utf-8")
    assert "Hà Nội" in drawing
    assert "DỮ LIỆU MÔ PHỎNG" in drawing
    assert drawing.count("@font-face") >= 2
    assert not re.search(r"""(href|src)\s*=\s*["']https?:|url\(["']?https?:""", drawing)


def test_svg_of_shapes_has_no_text(table, figure, tmp_path):
    drawing = export("use", table, figure, tmp_path, ["svg"], text="outline").files["svg"].read_text("utf-8")
    assert "<text" not in drawing
    assert "@font-face" not in drawing
    assert "<desc" in drawing


def test_png_has_300_dots_an_inch_and_its_words(files, figure):
    with Image.open(files["png"]) as image:
        assert image.info["Title"] == figure.portal_text.title
        assert image.info["Description"] == figure.portal_text.alt
        assert "Software" not in image.info
        assert round(image.info["dpi"][0]) == 300
        assert abs(image.width - figure.get_figwidth() * 300) <= 1


def test_pdf_has_title_subject_and_language(files, figure):
    content = files["pdf"].read_bytes()
    assert content.rstrip().endswith(b"%%EOF")
    assert b"/Lang (vi)" in content
    assert b"/DisplayDocTitle true" in content
    assert b"/CreationDate" not in content
    title = figure.portal_text.title.encode("utf-16-be")
    assert title[:20] in content.replace(b"\\(", b"(").replace(b"\\)", b")")
    place = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    assert content[place : place + 4] == b"xref"
    start = int(re.search(rb"xref\n\d+ 1\n(\d{10})", content[place:])[1])
    assert re.match(rb"\d+ 0 obj", content[start:])


def test_simulated_is_in_every_files_words(files):
    with Image.open(files["png"]) as image:
        for told in ("Description", "Source"):
            assert "DỮ LIỆU MÔ PHỎNG – không phải kết quả thực tế" in image.info[told]
    drawing = files["svg"].read_text("utf-8")
    assert drawing.count("DỮ LIỆU MÔ PHỎNG – không phải kết quả thực tế") >= 2
