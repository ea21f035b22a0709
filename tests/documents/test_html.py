"""The HTML report: one file that loads nothing, with names, headings and languages for every reader."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

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
from portal_analysis.documents.html import inline_svg, write_html

BAD = '"><script>alert(1)</script>'
SVG = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="10pt" viewBox="0 0 10 10" role="img" aria-labelledby="t">
 <title id="t">Old title</title><desc>Old</desc><metadata><x>http://purl.org</x></metadata>
 <defs><clipPath id="c"><path d="M0 0"/></clipPath></defs>
 <g clip-path="url(#c)"><use xlink:href="#c"/><text>Tỷ lệ</text></g>
</svg>"""


class Tags(HTMLParser):
    """Gather every start tag with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, *names):
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "p.svg"
    path.write_text(SVG, "utf-8")
    table = Table(BAD, ("a", BAD), ((BAD, "1"), ("", "2")))
    return Picture("p", {"svg": path}, BAD, "Caption " + BAD, "Alt " + BAD, "Long " + BAD, table)


def written(tmp_path, blocks, lang="en", title="T"):
    return write_html(tmp_path / "r.html", blocks, title, lang).read_text("utf-8")


def test_markup_in_any_text_is_escaped(tmp_path, picture):
    span = Span(BAD, strong=True, emphasis=True, code=True, href='https://x.org/"onclick="x')
    blocks = [
        Heading(1, BAD),
        Paragraph((span,)),
        Listing(((span,),)),
        Table(BAD, (BAD,), ((BAD,),)),
        picture,
    ]
    text = written(tmp_path, blocks, title=BAD)
    tags = Tags(text)
    assert not tags.all("script")
    assert text.count("<script>") == 0
    assert not [name for _, attributes in tags.tags for name in attributes if name.startswith("on")]


def test_ids_are_unique_and_references_meet_them(tmp_path, picture):
    tags = Tags(written(tmp_path, [Heading(1, "A"), picture, picture, Heading(1, "B")]))
    ids = [attributes["id"] for _, attributes in tags.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [link["href"][1:] for link in tags.all("a") if link["href"].startswith("#")]
    uses = [use["xlink:href"][1:] for use in tags.all("use")]
    assert {*targets, *uses} <= set(ids)
    assert {"text"} < set(targets)


def test_headings_go_down_one_step_at_a_time(tmp_path):
    blocks = [
        Heading(1, "A"),
        Heading(3, "a"),
        Heading(4, "b"),
        Heading(2, "c"),
        Heading(1, "B"),
        Heading(6, "d"),
    ]
    levels = [int(level) for level in re.findall(r"<h(\d)", written(tmp_path, blocks))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_figures_and_tables_are_numbered_apart_in_the_language(tmp_path, picture):
    text = written(tmp_path, [picture, Table("x", ("a",), (("1",),)), picture], "vi")
    assert re.findall(r"<figcaption>(Hình \d+)", text) == ["Hình 1", "Hình 2"]
    assert "<caption>Bảng 1. x</caption>" in text
    assert '<html lang="vi">' in text


def test_a_drawing_has_one_name_and_no_ids_of_its_own(picture):
    drawing = inline_svg(SVG, "b7", picture)
    (svg,) = Tags(drawing).all("svg")
    assert svg["role"] == "img"
    assert svg["aria-label"] == picture.alt
    assert "width" not in svg
    assert not Tags(drawing).all("title", "desc", "metadata")
    assert 'id="b7-c"' in drawing
    assert "url(#b7-c)" in drawing
    assert 'href="#b7-c"' in drawing


def test_a_png_is_used_where_there_is_no_svg(tmp_path, picture):
    path = tmp_path / "p.png"
    path.write_bytes(b"\x89PNG")
    only = Picture("p", {"png": path}, "T", "C", "Alt <x>", "L", picture.table)
    (image,) = Tags(written(tmp_path, [only])).all("img")
    assert image["alt"] == "Alt <x>"
    assert image["src"].startswith("data:image/png;base64,")


def test_header_cells_name_columns_and_rows_and_none_is_empty(tmp_path):
    text = written(tmp_path, [Table("x", ("a", ""), (("r", "1"), ("", "2")))])
    assert '<th role="columnheader" scope="col">a</th>' in text
    assert '<th role="rowheader" scope="row">r</th>' in text
    assert not re.search(r"<th[^>]*></th>", text)


def test_wide_tables_are_read_row_by_row_on_narrow_screens_and_nothing_scrolls(tmp_path, picture):
    tables = [Table("x", tuple("abcdefgh"[:n]), (tuple("12345678"[:n]),)) for n in (2, 3, 8)]
    text = written(tmp_path, [*tables, picture])
    assert [one.get("class") for one in Tags(text).all("table")] == [None, "stack", "stack many", None]
    assert 'data-head="h">8</td>' in text
    assert not [one for _, one in Tags(text).tags if "tabindex" in one or one.get("role") == "region"]
    assert {one["role"] for one in Tags(text).all("table")} == {"table"}


def test_the_first_page_and_the_parts(tmp_path):
    page = Front("T", ("Institute",), (Heading(2, "Summary"), Paragraph((Span("All."),))), accent="#123456")
    text = written(tmp_path, [Part("One"), Heading(1, "A"), Heading(2, "b")], title=page)
    head = text[text.index("<header>") : text.index("</header>")]
    assert "<p>Institute</p>" in head
    assert "<h2" in head
    assert re.findall(r"<h(\d)[^>]*>(\w+)<", text[text.index("<main") :]) == [
        ("2", "One"),
        ("3", "A"),
        ("4", "b"),
    ]
    assert "#123456" in text
    assert "#0b4f8a" not in text


def test_the_fonts_inside_hold_the_letters_of_the_text(tmp_path):
    from base64 import b64decode
    from io import BytesIO

    from fontTools.ttLib import TTFont

    text = written(tmp_path, [Heading(1, "Tỷ lệ sử dụng ≥ 18,5%")], "vi")
    fonts = re.findall(r"data:font/ttf;base64,([^)]+)\)", text)
    assert len(fonts) == 3
    for font in fonts:
        letters = TTFont(BytesIO(b64decode(font))).getBestCmap()
        assert {ord(letter) for letter in "Tỷlệsửdụng≥18,5%"} <= set(letters)


@pytest.mark.parametrize("lang", ["en", "vi"])
class TestWholeReport:
    """The report of a small notebook."""

    @pytest.mark.slow
    def test_nothing_is_loaded_from_anywhere(self, reports, lang):
        text = reports[lang].html.read_text("utf-8")
        tags = Tags(text)
        assert not tags.all("script", "link", "iframe", "object", "base", "source")
        loaded = [
            value
            for tag, attributes in tags.tags
            for name, value in attributes.items()
            if name in ("src", "srcset", "data", "href", "xlink:href") and tag != "a"
        ]
        assert all(value.startswith(("data:", "#")) for value in loaded)
        assert not re.search(r"url\((?!#|data:)", text)
        assert "@import" not in text

    @pytest.mark.slow
    def test_every_drawing_has_a_name_and_its_numbers(self, reports, lang):
        text = reports[lang].html.read_text("utf-8")
        drawings = Tags(text).all("svg", "img")
        assert len(drawings) == 2 * reports[lang].figures == 4  # one for wide screens, one for narrow ones
        assert all(len(one.get("aria-label") or one.get("alt", "")) > 20 for one in drawings)
        assert text.count("<details>") == 2

    def test_the_language_is_declared(self, reports, lang):
        tags = Tags(reports[lang].html.read_text("utf-8"))
        assert tags.all("html") == [{"lang": lang}]

    def test_the_annex_names_the_dataset_and_its_flags(self, reports, lang):
        text = reports[lang].html.read_text("utf-8")
        assert "egov-figures" in text
        assert {"en": "Numbers that need care", "vi": "Các số liệu cần thận trọng"}[lang] in text
