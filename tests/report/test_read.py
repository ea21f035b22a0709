"""What a notebook shows is read as blocks, and nothing of it as markup."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from portal_analysis.documents.blocks import Heading, Listing, Paragraph, Picture, Span, Table
from portal_analysis.documents.show import show
from portal_analysis.exports import MIME
from portal_analysis.report.read import markdown_blocks, read_blocks, read_cells


def cell(kind, source="", tags=(), **data):
    output = SimpleNamespace(output_type="display_data", get=lambda name, default=None: data)
    outputs = [output] if data else []
    return SimpleNamespace(cell_type=kind, source=source, outputs=outputs, metadata={"tags": list(tags)})


def notebook(*cells):
    return SimpleNamespace(cells=list(cells))


def test_markdown_becomes_headings_paragraphs_and_lists():
    blocks = markdown_blocks("# Title\n\nSome *soft* and **loud** `code`.\n\n1. one\n2. two")
    assert blocks[0] == Heading(1, "Title")
    assert blocks[1] == Paragraph(
        (
            Span("Some "),
            Span("soft", emphasis=True),
            Span(" and "),
            Span("loud", strong=True),
            Span(" "),
            Span("code", code=True),
            Span("."),
        )
    )
    assert blocks[2] == Listing(((Span("one"),), (Span("two"),)), ordered=True)


def test_a_markdown_table_is_a_table():
    (table,) = markdown_blocks("| a | b |\n|---|---|\n| 1 | **2** |")
    assert table == Table("", ("a", "b"), (("1", "2"),))


def test_raw_html_is_text():
    (paragraph,) = markdown_blocks("a <script>alert(1)</script> b")
    assert "".join(span.text for span in paragraph.spans) == "a <script>alert(1)</script> b"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "../x"])
def test_a_link_leads_to_the_web_or_nowhere(address):
    (paragraph,) = markdown_blocks(f"[x]({address})")
    assert all(span.href == "" for span in paragraph.spans)


def test_a_web_link_is_kept():
    (paragraph,) = markdown_blocks("see [there](https://example.org/a?b=1)")
    assert paragraph.spans[1] == Span("there", href="https://example.org/a?b=1")


def test_line_breaks_and_paragraphs_in_a_list_do_not_glue_words():
    (listing,) = markdown_blocks("- one\n  two\n\n  three\n  - four\n- five")
    assert "".join(span.text for span in listing.items[0]).split() == ["one", "two", "three", "four"]
    assert "".join(span.text for span in listing.items[1]) == "five"


def test_an_image_is_told_by_its_alt_text_once():
    (paragraph,) = markdown_blocks("![a map](x.png)")
    assert "".join(span.text for span in paragraph.spans) == "a map"


def test_shown_tables_are_read_and_code_and_streams_are_not(tmp_path):
    shown = show(pd.DataFrame({"a": [1.5], "b": ["x"]}), "T", "vi")
    data = shown._repr_mimebundle_()
    blocks = read_blocks(
        notebook(
            cell("code", "secret = 1"), cell("code", "t", **data), cell("code", "p", **{"text/plain": "3"})
        ),
        tmp_path,
    )
    assert blocks == [Table("T", ("a", "b"), (("1,5", "x"),))]


def test_what_must_be_said_with_a_table_is_read_with_it(tmp_path):
    shown = show(pd.DataFrame({"a": ["x"]}), "T", source="papi-simulated")
    (table,) = read_blocks(notebook(cell("code", "t", **shown._repr_mimebundle_())), tmp_path)
    assert table == shown.table
    assert table.caption == "T. SIMULATED DATA – not real findings"


def test_tags_say_what_stays_in_the_notebook_and_what_is_only_looked_up(tmp_path):
    cells = [
        cell("markdown", "one"),
        cell("markdown", "two", ["notebook"]),
        cell("markdown", "three", ["reference"]),
        cell("markdown", "four", ["else"]),
    ]
    cells[0].metadata.clear()
    body, reference = read_cells(notebook(*cells), tmp_path)
    assert [block.spans[0].text for block in body] == ["one", "four"]
    assert [block.spans[0].text for block in reference] == ["three"]
    assert read_blocks(notebook(*cells), tmp_path) == [*body, *reference]


def test_described_text_is_read_as_markdown(tmp_path):
    blocks = read_blocks(notebook(cell("code", "d", **{"text/markdown": "**18%**"})), tmp_path)
    assert blocks == [Paragraph((Span("18%", strong=True),))]


def test_an_export_with_a_figure_is_a_picture_and_one_without_a_table(tmp_path):
    shown = {
        "name": "use",
        "folder": "exports",
        "files": {"svg": "use.svg", "csv": "use.csv"},
        "title": "Use",
        "caption": "Use. Source: x",
        "alt": "Bars",
        "long_alt": "Bars, long",
        "table": {"columns": ["a"], "rows": [["1"]]},
    }
    picture, table = read_blocks(
        notebook(
            cell("code", "", **{MIME: shown}),
            cell("code", "", **{MIME: {**shown, "title": "", "files": {"csv": "use.csv"}}}),
        ),
        tmp_path,
    )
    assert isinstance(picture, Picture)
    assert picture.files["svg"] == tmp_path / "exports" / "use.svg"
    assert picture.table == Table("Use", ("a",), (("1",),))
    assert table == Table("use", ("a",), (("1",),))
    noted = {**shown, "note": "SIMULATED", "files": {"csv": "use.csv"}}
    assert read_blocks(notebook(cell("code", "", **{MIME: noted})), tmp_path)[0].note == "SIMULATED"
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "use.column.svg").write_text("<svg/>")
    (both,) = read_blocks(notebook(cell("code", "", **{MIME: shown})), tmp_path)
    assert both.files["column"] == tmp_path / "exports" / "use.column.svg"
