"""The points are the estimates, the segments' ends the intervals, the labels the domains in their order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis.figures import plot_estimates
from portal_analysis.figures.style import FigureError
from portal_analysis.shape import EstimatesError


def by_gid(figure, gid):
    return [artist for axes in figure.axes for artist in axes.get_children() if artist.get_gid() == gid]


def texts(figure, gid):
    return [artist.get_text() for artist in by_gid(figure, gid)]


def xs(figure, number=0):
    return [x for artist in by_gid(figure, f"points-{number}") for x in artist.get_offsets()[:, 0]]


def ends(figure, number=0):
    return [
        [start[0], end[0]]
        for artist in by_gid(figure, f"intervals-{number}")
        for start, end in artist.get_segments()
    ]


def row_labels(figure):
    return [tick.label1.get_text() for axes in figure.axes for tick in axes.yaxis.get_major_ticks()]


def test_provinces_are_ranked_and_drawn_as_they_are(four_provinces, labels):
    figure = plot_estimates(four_provinces, labels=labels)
    assert row_labels(figure) == ["Ca Mau", "Ha Noi", "Ha Giang", "Cao Bang"]
    np.testing.assert_allclose(xs(figure), [0.12, 0.05, 0.01])
    np.testing.assert_allclose(ends(figure), [[0.08, 0.17], [0.03, 0.08], [0.0, 0.04]])


def test_a_withheld_value_is_neither_drawn_nor_written(four_provinces, labels):
    figure = plot_estimates(four_provinces, labels=labels)
    assert 0.20 not in xs(figure)
    assert texts(figure, "value") == [
        "12.0% (8.0–17.0)",
        "5.0% (3.0–8.0)",
        "1.00%\N{THIN SPACE}† (0.00–4.00)",
        "withheld",
    ]
    words = figure.portal_text
    assert "20" not in words.long_alt.replace("2020", "")
    assert "60" not in words.long_alt


def test_a_flagged_dot_is_hollow(four_provinces, labels):
    faces = by_gid(plot_estimates(four_provinces, labels=labels), "points-0")[0].get_facecolors()
    assert [bool((face == 1).all()) for face in faces] == [False, False, True]


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "Hollow dot: †. 1 of 4 values are withheld and have no dot."),
        ("vi", "Điểm rỗng: †. 1/4 giá trị không được công bố và không có điểm."),
    ],
)
def test_dots_without_numbers_say_what_is_hollow_and_what_is_not_there(four_provinces, labels, lang, told):
    assert told in plot_estimates(four_provinces, labels=labels, values=False, lang=lang).portal_text.caption
    assert told not in plot_estimates(four_provinces, labels=labels, lang=lang).portal_text.caption


def test_table_order_is_kept_unless_sorted(two_groups, labels):
    one = two_groups[two_groups["ethnicity"] == "other"]
    assert row_labels(plot_estimates(one, labels=labels)) == ["Used the portal", "Has a profile"]
    back = one.iloc[::-1]
    assert row_labels(plot_estimates(back, labels=labels)) == ["Has a profile", "Used the portal"]
    assert row_labels(plot_estimates(back, labels=labels, sort=True)) == ["Used the portal", "Has a profile"]


def test_groups_have_their_own_colour_marker_and_name(two_groups, labels):
    figure = plot_estimates(two_groups, labels=labels, rows="indicator")
    np.testing.assert_allclose(xs(figure, 0), [0.051, 0.034])
    np.testing.assert_allclose(xs(figure, 1), [0.022, 0.012])
    assert texts(figure, "group") == ["Kinh", "Ethnic minorities"]
    kinh, other = by_gid(figure, "points-0")[0], by_gid(figure, "points-1")[0]
    assert (kinh.get_facecolors()[0] != other.get_facecolors()[0]).any()
    assert len(kinh.get_paths()[0].vertices) != len(other.get_paths()[0].vertices)


def test_numbers_follow_the_language(two_groups, labels):
    figure = plot_estimates(two_groups, lang="vi", labels=labels, rows="indicator")
    assert "5,10% (4,50–5,80)" in texts(figure, "value")
    small = two_groups.assign(**{name: two_groups[name] / 10 for name in ("estimate", "ci_low", "ci_high")})
    figure = plot_estimates(small, lang="vi", labels=labels, rows="indicator")
    assert "0,2%" in [label.get_text() for label in figure.axes[1].get_xticklabels()]


def test_a_total_row_stands_first_in_bold(four_provinces, labels):
    total = four_provinces.iloc[[0]].assign(province=None, flag="simulated", estimate=0.06)
    figure = plot_estimates(pd.concat([four_provinces, total], ignore_index=True), labels=labels)
    first = figure.axes[0].get_yticklabels()[0]
    assert (first.get_text(), first.get_fontweight()) == ("All", "bold")


def test_63_provinces_stand_under_their_regions(all_provinces, labels):
    figure = plot_estimates(all_provinces, labels=labels)
    assert texts(figure, "region") == [
        "Northern Midlands and Mountains",
        "Red River Delta",
        "North Central and Central Coast",
        "Central Highlands",
        "Southeast",
        "Mekong River Delta",
    ]
    assert len(row_labels(figure)) == 63
    values = dict(zip(row_labels(figure), by_gid(figure, "value"), strict=True))
    assert values["Son La"].get_text()


@pytest.mark.parametrize(("size", "columns"), [("report", 1), ("landscape", 3), ("slide", 3)])
def test_many_rows_are_dealt_out_to_columns(all_provinces, labels, size, columns):
    figure = plot_estimates(all_provinces, size=size, labels=labels)
    assert len(figure.axes) == columns
    assert sorted(xs(figure)) == sorted(all_provinces["estimate"].drop(17))


def test_small_multiples_by_region(all_provinces, labels):
    figure = plot_estimates(all_provinces, regions="panels", labels=labels)
    assert len(figure.axes) == 6
    assert {axes.get_xlim() for axes in figure.axes} == {figure.axes[0].get_xlim()}


def test_a_difference_shows_the_line_of_no_difference(two_groups, labels):
    gap = two_groups.assign(unit="points", estimate=[-0.02, 0.01, 0.0, 0.03], ci_low=-0.05, ci_high=0.05)
    figure = plot_estimates(gap, labels=labels, rows="indicator")
    assert by_gid(figure, "no-difference")[0].get_xdata()[0] == 0
    assert texts(figure, "value") == [f"{told} (−5.0 to +5.0)" for told in ("−2.0", "0.0", "+1.0", "+3.0")]


def test_the_table_is_not_changed(four_provinces, labels):
    before = four_provinces.copy()
    plot_estimates(four_provinces, labels=labels)
    pd.testing.assert_frame_equal(four_provinces, before)


def test_what_cannot_be_drawn_says_why(four_provinces, two_groups):
    with pytest.raises(FigureError, match="no rows"):
        plot_estimates(four_provinces.iloc[:0])
    with pytest.raises(EstimatesError, match="columns"):
        plot_estimates(pd.DataFrame({"a": [1]}))
    with pytest.raises(FigureError, match=r"mixes the units.*count.*proportion"):
        plot_estimates(two_groups.assign(unit=["count", "count", "proportion", "proportion"]))
    with pytest.raises(FigureError, match="several rows for the same"):
        plot_estimates(pd.concat([four_provinces, four_provinces]))
    with pytest.raises(FigureError, match=r"no such column.*'region'"):
        plot_estimates(four_provinces, rows="region")
    with pytest.raises(FigureError, match=r"unknown size 'a4'.*column"):
        plot_estimates(four_provinces, size="a4")
    with pytest.raises(ValueError, match="language"):
        plot_estimates(four_provinces, lang="xx")


def test_a_row_has_room_only_for_the_groups_that_it_has(two_groups, labels):
    ragged = two_groups.iloc[[0, 1, 2]]
    figure = plot_estimates(ragged, labels=labels, rows="indicator", group="ethnicity")
    heights = [sorted(point[1] for point in artist.get_offsets()) for artist in by_gid(figure, "points-0")]
    (kinh,) = heights
    ticks = [tick.get_loc() for tick in figure.axes[-1].yaxis.get_major_ticks()]
    assert kinh[1] == pytest.approx(ticks[1])
    assert kinh[0] < ticks[0]


def test_an_axis_of_ratios_is_named_at_powers_and_ends_beyond_the_intervals(two_groups, labels):
    ratios = two_groups.assign(unit="odds ratio", estimate=[0.01, 1.2, 3.0, 0.5], ci_low=[0.001, 1, 2, 0.3])
    figure = plot_estimates(ratios.assign(ci_high=[0.07, 1.5, 4.2, 0.9]), labels=labels, rows="indicator")
    axes = next(one for one in figure.axes if one.get_xscale() == "log")
    told = [label.get_text() for label in axes.get_xticklabels()]
    assert told[0] == "0.001"
    assert {"0.01", "0.1", "1"} <= set(told)
    assert axes.get_xlim()[0] < 0.001
    assert axes.get_xlim()[1] > 4.2
