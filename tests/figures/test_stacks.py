"""Every bar is made of its counts; levels differ in lightness and hatch, not in colour alone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from portal_analysis.figures import plot_coverage, plot_criteria, plot_flows, style
from portal_analysis.figures.parts import LEVELS, REASONS, dressed
from portal_analysis.figures.style import FigureError
from portal_analysis.shape import estimates


@pytest.fixture
def levels():
    """Two criteria of 63 portals; at the second three could not be judged."""
    rows = [("c1", "met", 22, 63), ("c1", "partly", 30, 63), ("c1", "not_met", 11, 63)]
    rows += [("c2", "met", 4, 60), ("c2", "partly", 15, 60), ("c2", "not_met", 41, 60)]
    frame = pd.DataFrame(rows, columns=["indicator", "outcome", "count", "base"])
    more = {
        "estimate": frame["count"] / frame["base"],
        "n_portals": 63,
        "source": "toy",
        "unit": "proportion",
    }
    names = {"label_en": frame["indicator"].map({"c1": "Search", "c2": "Privacy"}), "label_vi": "Tra cứu"}
    return estimates(frame.assign(round="2024", **more, **names), ["round", "outcome"])


def widths(figure, number):
    bars = [bar for axes in figure.axes for bar in axes.patches if bar.get_gid() == f"part-{number}"]
    return [bar.get_width() for bar in bars]


def labels_of(figure):
    return [tick.label1.get_text() for tick in figure.axes[-1].yaxis.get_major_ticks()]


def texts(figure, gid):
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == gid]


def test_parts_are_the_counts(levels):
    figure = plot_criteria(levels)
    np.testing.assert_allclose(widths(figure, 0), [22 / 63, 4 / 63])
    np.testing.assert_allclose(widths(figure, 1), [30 / 63, 15 / 63])
    np.testing.assert_allclose(widths(figure, 2), [11 / 63, 41 / 63])
    np.testing.assert_allclose(widths(figure, 3), [3 / 63])
    assert labels_of(figure) == ["Search", "Privacy"]
    assert texts(figure, "count")[:3] == ["22", "30", "11"]
    assert texts(figure, "group")[-1] == "not judged"


def test_sorting_puts_most_good_portals_first(levels):
    assert labels_of(plot_criteria(levels.iloc[::-1], sort=True)) == ["Search", "Privacy"]


def test_the_long_text_tells_every_count(levels):
    text = plot_criteria(levels).portal_text.long_alt
    assert "Search: good (met) 22, average (partly) 30, inadequate (not met) 11, not judged 0" in text
    assert "2 values from 4 (Privacy) to 22 (Search)" in text


def test_colours_of_levels_keep_their_lightness_apart():
    for one, two in combinations(LEVELS, 2):
        light = [116 * np.cbrt(style.luminance(part.colour)) - 16 for part in (one, two)]
        assert abs(light[0] - light[1]) > 15
    assert len({dressed(part)["hatch"] for part in LEVELS}) == 3
    assert len({(part.colour, part.hatch) for part in REASONS}) == len(REASONS)


def test_what_is_missing_is_told(levels):
    with pytest.raises(FigureError, match="no column of levels"):
        plot_criteria(levels.assign(outcome="superb"))
    with pytest.raises(FigureError, match=r"unknown levels \['superb'\]"):
        plot_criteria(levels.assign(outcome="superb"), outcome="outcome")
    with pytest.raises(FigureError, match="several rows"):
        plot_criteria(pd.concat([levels, levels]))
    with pytest.raises(FigureError, match="no counts of reasons"):
        plot_coverage(levels)


def test_coverage_shows_what_became_of_every_cell():
    rows = pd.DataFrame(
        {
            "indicator": "coverage",
            "round": ["2023", "2024"],
            "estimate": [0.9, 1.0],
            "audited": [50, 63],
            "not_applicable": [3, 0],
            "cant_tell": [0, 0],
            "error": [10, 0],
            "not_tested": [0, 0],
            "no_record": [0, 0],
            "source": "toy",
        }
    )
    figure = plot_coverage(estimates(rows, ["round"]), lang="vi")
    np.testing.assert_allclose(widths(figure, 0), [50 / 63, 1.0])
    assert texts(figure, "group") == ["đã chấm mức", "không áp dụng", "lỗi hoặc không truy cập được"]
    assert labels_of(figure) == ["2023", "2024"]


def test_not_measured_has_no_bar():
    empty = pd.DataFrame(
        {
            "indicator": ["a", "b"],
            "outcome": "met",
            "estimate": [0.5, None],
            "count": [1, None],
            "base": [2, 0],
        }
    ).assign(flag=["", "not measured"], source="toy", unit="proportion")
    figure = plot_criteria(estimates(empty, ["outcome"]))
    assert texts(figure, "value") == ["n = 1", "not measured"]


@pytest.fixture
def flows():
    """Two criteria of ten portals; the second cannot be compared."""
    rows = {
        "indicator": "change", "criterion_id": ["Search", "Mobile"], "first": "2019", "second": "2021",
        "estimate": [0.1, 0.8], "n": 10, "kept": [4, 1], "fixed": [2, 8], "new": [1, 0], "still_failing": [3, 1],
        "unit": "points", "measure": "difference", "source": "toy", "flag": ["", "not comparable"],
    }  # fmt: skip
    return estimates(pd.DataFrame(rows), ["criterion_id", "first", "second"])


def test_flows_are_the_counts_and_what_is_not_comparable_has_a_sign(flows):
    figure = plot_flows(flows)
    np.testing.assert_allclose(widths(figure, 0), [0.4, 0.1])
    np.testing.assert_allclose(widths(figure, 1), [0.2, 0.8])
    np.testing.assert_allclose(widths(figure, 2), [0.1])
    np.testing.assert_allclose(widths(figure, 3), [0.3, 0.1])
    assert labels_of(figure) == ["Search", "Mobile"]
    assert [text.endswith("¬") for text in texts(figure, "value")] == [False, True]
    assert "cannot be compared" in figure.portal_text.caption
    assert "2019" in figure.portal_text.title
    assert "2021" in figure.portal_text.title
    assert "mới phát sinh" in plot_flows(flows, lang="vi").portal_text.long_alt


def test_flows_of_several_pairs_of_rounds_are_refused(flows):
    with pytest.raises(FigureError, match="several pairs"):
        plot_flows(pd.concat([flows, flows.assign(second="2023")]))
    with pytest.raises(FigureError, match="rounds"):
        plot_flows(flows.drop(columns="kept"))
