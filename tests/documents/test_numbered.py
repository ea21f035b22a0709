"""Figures and tables get their numbers, and the list of them; parts stand above chapters."""

from __future__ import annotations

from portal_analysis.documents.blocks import Heading, Part, Picture, Table
from portal_analysis.documents.numbered import caption, listed, numbered

TABLE = Table("T", ("a",), (("1",),))
PICTURE = Picture("p", {}, "P", "P. Source", "Alt", "Long alt", Table("numbers", ("a",), ()))


def test_figures_and_tables_are_counted_apart():
    found = numbered([PICTURE, TABLE, PICTURE, TABLE], "vi")
    assert [one.label for one in found[:4]] == ["Hình 1", "Bảng 1", "Hình 2", "Bảng 2"]


def test_figures_and_tables_with_a_title_are_listed():
    found = listed(numbered([TABLE, PICTURE, Table("", ("a",), ())], "en"))
    assert found == [("Figure 1", "P"), ("Table 1", "T")]


def test_parts_stand_above_all_other_headings():
    found = numbered([Part("One"), Heading(1, "A"), Heading(2, "b"), Part("Two"), Heading(1, "C")], "en")
    levels = [one.block.level for one in found if isinstance(one.block, Heading)]
    assert levels == [2, 3, 2]
    assert [one.block.text for one in found if isinstance(one.block, Part)] == ["One", "Two"]


def test_levels_have_no_gaps():
    found = numbered([Heading(1, "A"), Heading(4, "b"), Heading(4, "c"), Heading(2, "d")], "en")
    assert [one.block.level for one in found] == [1, 2, 3, 2]


def test_a_caption_without_a_title_is_the_label():
    assert caption("Table 1", "") == "Table 1"
    assert caption("Table 1", "x") == "Table 1. x"
