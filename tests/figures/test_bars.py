"""A bar's dark part is the count, the pale rest what it leaves of the base."""

from __future__ import annotations

import numpy as np
import pytest

from portal_analysis.figures import plot_counts
from portal_analysis.figures.style import FigureError


def bars(figure, gid):
    found = [artist for axes in figure.axes for artist in axes.patches if artist.get_gid() == gid]
    return [bar.get_width() for bar in found]


def texts(figure, gid):
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == gid]


def test_bars_are_counts_of_their_base(counted):
    figure = plot_counts(counted)
    np.testing.assert_allclose(bars(figure, "count"), [62 / 63, 26 / 63, 32 / 50])
    np.testing.assert_allclose(bars(figure, "rest"), [1 / 63, 37 / 63, 18 / 50])
    assert texts(figure, "value") == ["62 of 63", "26 of 63", "32 of 50\N{THIN SPACE}§"]
    assert [tick.label1.get_text() for tick in figure.axes[-1].yaxis.get_major_ticks()] == [
        "guide",
        "originals",
        "app",
    ]


def test_a_defect_is_hatched_and_named_in_the_key(counted):
    figure = plot_counts(counted)
    hatches = [bar.get_hatch() for axes in figure.axes for bar in axes.patches if bar.get_gid() == "count"]
    assert [bool(hatch) for hatch in hatches] == [False, True, False]
    assert len(texts(figure, "group")) == 2


def test_different_bases_are_told(counted):
    assert "Bases differ" in plot_counts(counted).portal_text.caption
    assert "Bases differ" not in plot_counts(counted.iloc[:2]).portal_text.caption


def test_words_in_vietnamese(counted):
    figure = plot_counts(counted, lang="vi", sort=True)
    assert texts(figure, "value") == ["62/63", "32/50\N{THIN SPACE}§", "26/63"]
    assert "từ 26/63 (originals) đến 62/63 (guide)" in figure.portal_text.alt


def test_what_was_not_measured_has_no_bar(counted):
    figure = plot_counts(counted.assign(flag=["", "not measured", ""]))
    assert len(bars(figure, "count")) == 2
    assert texts(figure, "value")[1] == "not measured"


def test_faults_are_told(counted):
    with pytest.raises(FigureError, match=r"need the columns \['base'\]"):
        plot_counts(counted.drop(columns="base"))
    with pytest.raises(FigureError, match="larger than its base"):
        plot_counts(counted.assign(count=[64, 1, 1]))


def test_a_count_of_none_has_no_bar(counted):
    none = counted.assign(count=0, estimate=0.0)
    assert bars(plot_counts(none), "count") == []
    assert len(bars(plot_counts(none), "rest")) > 0
