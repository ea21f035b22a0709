"""A line joins only values of one definition; every value is where its period is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis.figures import plot_trend, style
from portal_analysis.figures.periods import parse
from portal_analysis.figures.style import FigureError
from portal_analysis.shape import domains_of, estimates


def by_gid(figure, gid):
    return [artist for axes in figure.axes for artist in axes.get_children() if artist.get_gid() == gid]


def test_points_are_the_estimates_at_their_periods(over_time, labels):
    figure = plot_trend(over_time, labels=labels)
    points = by_gid(figure, "points-0")[0].get_offsets()
    np.testing.assert_allclose(points[:, 1], [0.02, 0.04, 0.041, 0.048])
    np.testing.assert_allclose(np.diff(points[:, 0]), 1.0)
    segments = by_gid(figure, "intervals-0")[0].get_segments()
    assert [[a[1], b[1]] for a, b in segments] == [[0.01, 0.03], [0.03, 0.05], [0.03, 0.05], [0.04, 0.06]]


def test_the_line_breaks_where_the_definition_changes(over_time, labels):
    lines = by_gid(plot_trend(over_time, labels=labels), "line-0")
    assert [list(line.get_ydata()) for line in lines] == [[0.02, 0.04], [0.041, 0.048]]


def test_values_of_unknown_definition_are_not_joined(over_time, labels):
    figure = plot_trend(over_time, labels=labels)
    assert by_gid(figure, "line-1") == []
    assert len(by_gid(figure, "points-1")[0].get_offsets()) == 2
    assert "not joined" in figure.portal_text.caption


def test_a_withheld_value_breaks_the_line(over_time, labels):
    one = over_time.iloc[:4].drop(columns="definition").assign(flag=["", "suppress", "", ""])
    lines = by_gid(plot_trend(one, labels=labels), "line-0")
    assert [list(line.get_ydata()) for line in lines] == [[0.041, 0.048]]


def test_periods_of_unequal_length_are_shown(over_time, labels):
    figure = plot_trend(over_time, labels=labels)
    bars = by_gid(figure, "periods-1")[0].get_segments()
    np.testing.assert_allclose([b[0] - a[0] for a, b in bars], [1, 7 / 12])
    axes = figure.axes[0]
    shown = [label.get_text() for label in axes.get_xticklabels(which="both")]
    assert sorted(name.replace("\n", " ") for name in shown) == [
        "2019",
        "2020",
        "2021",
        "2022",
        "Jan–Jul 2022",
    ]


def test_the_axis_ends_at_a_round_number_at_or_above_the_highest_value(over_time, labels):
    one = over_time.iloc[:4].assign(estimate=[0.0178, 0.0951, 0.12, 0.18], ci_low=np.nan, ci_high=np.nan)
    axes = plot_trend(one, labels=labels).axes[0]
    assert axes.get_ylim() == pytest.approx((0.0, 0.2))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0%", "5%", "10%", "15%", "20%"]
    even = plot_trend(one.assign(estimate=[0.1, 0.15, 0.12, 0.2]), labels=labels).axes[0]
    assert even.get_ylim()[1] == pytest.approx(0.2)


def test_values_have_the_colour_of_their_line_and_can_be_read(over_time, labels):
    figure = plot_trend(over_time, labels=labels)
    colours = {text.get_color() for text in by_gid(figure, "value")}
    assert len(colours) == 2
    assert min(style.contrast(colour, "white") for colour in colours) >= 4.5
    assert {text.get_color() for text in by_gid(figure, "group")} == colours


def test_a_line_about_everybody_is_named_by_its_indicator_alone(over_time, labels):
    told = estimates(over_time.assign(region=[None] * 4 + ["north"] * 2), ["region", *domains_of(over_time)])
    names = [text.get_text().replace("\n", " ") for text in by_gid(plot_trend(told, labels=labels), "group")]
    assert names == ["Used the portal", "rate, north"]


def test_series_are_named_beside_their_lines(over_time, labels):
    figure = plot_trend(over_time, labels=labels)
    assert [text.get_text().replace("\n", " ") for text in by_gid(figure, "group")] == [
        "Used the portal",
        "rate",
    ]


def test_the_ends_are_told_in_words(over_time, labels):
    words = plot_trend(over_time.iloc[:4], labels=labels).portal_text
    assert "2.00% in 2019, 4.80% in 2022" in words.alt


@pytest.mark.parametrize(
    ("code", "start", "end", "en", "vi"),
    [
        ("2022", 2022, 2023, "2022", "2022"),
        (2022, 2022, 2023, "2022", "2022"),
        ("2022-07", 2022.5, 2022 + 7 / 12, "Jul\n2022", "T7\n2022"),
        ("2022-01-01/2022-07-31", 2022, 2022 + 7 / 12, "Jan–Jul\n2022", "T1–T7\n2022"),
        ("2022-01..07", 2022, 2022 + 7 / 12, "Jan–Jul\n2022", "T1–T7\n2022"),
        ("2022-H2", 2022.5, 2023, "Jul–Dec\n2022", "T7–T12\n2022"),
        (pd.Timestamp("2024-07-19"), 2024.5484, 2024.5511, "19 Jul\n2024", "19/7\n2024"),
        ("../2024-07", 2024.5, 2024 + 7 / 12, "to Jul\n2024", "đến T7\n2024"),
    ],
)
def test_periods_are_read(code, start, end, en, vi):
    period = parse(code)
    assert (period.name("en"), period.name("vi")) == (en, vi)
    np.testing.assert_allclose([period.start, period.end], [start, end], atol=1e-4)


@pytest.mark.parametrize("code", ["first wave", "2022-13", "22", "", "2022-07/2021-01"])
def test_what_is_no_period_is_not_read_as_one(code):
    assert parse(code) is None


def test_faults_are_told(over_time, labels):
    with pytest.raises(FigureError, match="no rows"):
        plot_trend(over_time.iloc[:0])
    with pytest.raises(FigureError, match="several rows"):
        plot_trend(pd.concat([over_time, over_time]))
    with pytest.raises(FigureError, match=r"no column 'nothing'"):
        plot_trend(over_time, over="nothing")
    with pytest.raises(FigureError, match="to break"):
        plot_trend(over_time, breaks="nothing")
