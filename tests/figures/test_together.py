"""Figures on one sheet keep their own titles and notes; the sheet has the words and the tables of all."""

from __future__ import annotations

import pytest

from portal_analysis.exports import export
from portal_analysis.figures import plot_estimates, plot_together, plot_trend
from portal_analysis.figures.style import FigureError
from portal_analysis.shape import combine


@pytest.fixture
def two(four_provinces, over_time):
    return plot_estimates(four_provinces, title="Provinces"), plot_trend(over_time, title="Years")


def test_two_figures_stand_beside_each_other_with_the_words_of_both(two):
    sheet = plot_together(two)
    assert sheet.get_size_inches()[0] == pytest.approx(two[0].get_size_inches()[0])
    assert len(sheet.subfigs) == 2
    assert [one.get_window_extent().x0 > 0 for one in sheet.subfigs] == [False, True]
    words = sheet.portal_text
    assert words.alt.startswith("Two figures on one sheet: Provinces; Years. (1) ")
    for figure in two:
        assert figure.portal_text.alt.partition(":")[2].split(".")[0] in words.alt
    assert words.caption.count("Source: ") == 2


def test_on_a_narrow_sheet_they_stand_below_each_other(two):
    below = plot_together(two).portal_again(size="column")
    left = [one.get_window_extent().x0 for one in below.subfigs]
    assert left == [0, 0]
    assert below.get_size_inches()[1] > plot_together(two).get_size_inches()[1]


def test_the_sheet_is_exported_with_both_tables(two, four_provinces, over_time, tmp_path):
    both = combine(four_provinces, over_time)
    done = export("both", both, plot_together(two), tmp_path, ["svg", "csv"])
    assert "Provinces" in done.files["svg"].read_text("utf-8")
    same = plot_together([two[0], two[0]])
    assert export("same", four_provinces, same, tmp_path, ["png"]).files["png"].is_file()


def test_what_cannot_stand_together_is_refused(two, four_provinces):
    with pytest.raises(FigureError, match="two to 4"):
        plot_together(two[:1])
    with pytest.raises(FigureError, match="one language"):
        plot_together([two[0], plot_estimates(four_provinces, "vi")])
    with pytest.raises(FigureError, match="plot_ function"):
        plot_together([two[0], two[0].axes[0]])
    with pytest.raises(FigureError, match="unknown side"):
        plot_together(two, "above")
