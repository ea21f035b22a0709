"""Figures and tables get their numbers; the numbers behind the figures close the report."""

from __future__ import annotations

from portal_analysis.documents.blocks import Heading, Paragraph, Picture, Span, Table
from portal_analysis.documents.numbered import caption, numbered

TABLE = Table("T", ("a",), (("1",),))
PICTURE = Picture("p", {}, "P", "P. Source", "Alt", "Long alt", Table("numbers", ("a",), ()))


def test_figures_and_tables_are_counted_apart():
    found = numbered([PICTURE, TABLE, PICTURE, TABLE], "vi")
    assert [one.label for one in found[:4]] == ["Hình 1", "Bảng 1", "Hình 2", "Bảng 2"]


def test_each_figure_is_described_with_its_numbers_at_the_end():
    found = numbered([Heading(1, "A"), PICTURE], "en")
    assert [one.block for one in found[2:]] == [
        Heading(1, "Descriptions and numbers of the figures"),
        Heading(2, "Figure 1. P"),
        Paragraph((Span("Long alt"),)),
        PICTURE.table,
    ]
    assert found[-1].label == "Figure 1"
    assert not found[3].listed


def test_levels_have_no_gaps():
    found = numbered([Heading(1, "A"), Heading(4, "b"), Heading(4, "c"), Heading(2, "d")], "en")
    assert [one.block.level for one in found] == [1, 2, 3, 2]


def test_a_caption_without_a_title_is_the_label():
    assert caption("Table 1", "") == "Table 1"
    assert caption("Table 1", "x") == "Table 1. x"
