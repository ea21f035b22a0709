"""Every group is a dot on its row's line; the line reaches from the lowest to the highest that may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from portal_analysis.figures import plot_equiplot
from portal_analysis.figures.emphasis import MUTED
from portal_analysis.figures.style import COLOURS, FigureError
from portal_analysis.shape import estimates


def by_gid(figure, gid):
    return [artist for artist in figure.findobj() if artist.get_gid() == gid]


def text(figure, gid):
    return [artist.get_text() for artist in by_gid(figure, gid)]


@pytest.fixture
def by_school():
    """Three levels of schooling in two years; one of them withheld in the second."""
    rows = [
        *(("none", 2022, 0.02, ""), ("school", 2022, 0.08, ""), ("college", 2022, 0.20, "review")),
        *(("none", 2024, 0.01, "suppress"), ("school", 2024, 0.10, ""), ("college", 2024, 0.30, "")),
    ]
    frame = pd.DataFrame(rows, columns=["schooling", "wave", "estimate", "flag"])
    frame = frame.assign(ci_low=frame["estimate"] / 2, ci_high=frame["estimate"] * 1.5, n=400)
    frame = frame.assign(indicator="use", source="papi-simulated", unit="proportion", level=0.95)
    return estimates(frame, ["wave", "schooling"])


def test_dots_are_the_estimates_and_lines_join_the_ends(by_school):
    figure = plot_equiplot(by_school)
    assert [list(line.get_xdata()) for line in by_gid(figure, "gap")] == [[0.02, 0.20], [0.10, 0.30]]
    for number, wanted in enumerate([[0.02], [0.08, 0.10], [0.20, 0.30]]):
        np.testing.assert_allclose(by_gid(figure, f"points-{number}")[0].get_offsets()[:, 0], wanted)
    assert text(figure, "group") == ["none", "school", "college"]
    assert text(figure, "value") == ["2.00% – 20.0%\u2009†", "10.0% – 30.0%"]
    assert by_gid(figure, "intervals-0") == by_gid(figure, "keyintervals-0") == []


def test_what_is_withheld_stands_in_no_text(by_school):
    figure = plot_equiplot(by_school)
    told = figure.portal_text
    assert "1.00%" not in told.long_alt + " ".join(text(figure, "value"))
    assert "2024, none" in told.long_alt
    assert "SIMULATED DATA" in text(figure, "stamp")[0]
    assert told.alt.startswith("SIMULATED DATA – not real findings. Equiplot")
    assert "Groups: none, school, college." in told.long_alt
    assert "Các nhóm: none, school, college." in plot_equiplot(by_school, "vi").portal_text.long_alt


def test_a_measure_of_inequality_stands_behind_each_line(by_school):
    told = pd.DataFrame({"wave": [2022, 2024], "inequality": "sii", "estimate": [0.15, 0.25]})
    told = told.assign(indicator="use", unit="points", measure="inequality", source="papi-simulated")
    told = told.assign(ci_low=0.1, ci_high=0.3, level=0.95)
    figure = plot_equiplot(by_school, differences=estimates(told, ["wave", "inequality"]))
    assert text(figure, "value") == ["+15.0 (+10.0 to +30.0)", "+25.0 (+10.0 to +30.0)"]
    assert "Numbers to the right: slope index of inequality" in figure.portal_text.caption
    with pytest.raises(FigureError, match="one row for each 'wave'"):
        plot_equiplot(by_school, differences=estimates(pd.concat([told, told]), ["wave", "inequality"]))


def test_the_sign_of_a_hollow_dot_stands_at_the_dot(by_school):
    """Also where a measure stands behind the lines, so that the note's sign is seen in the figure."""
    found = by_gid(plot_equiplot(by_school), "mark")
    assert [(mark.get_text(), mark.xy[0]) for mark in found] == [("†", 0.20)]
    assert "† to be read with caution" in plot_equiplot(by_school).portal_text.caption


def test_dots_that_would_hide_each_other_are_moved_apart(by_school):
    near = by_school.assign(estimate=[0.10, 0.1001, 0.30, 0.1, 0.2, 0.3], flag="")
    low, high = (by_gid(plot_equiplot(near), f"points-{n}")[0].get_offsets()[0, 1] for n in (0, 1))
    assert low < high
    apart = (by_gid(plot_equiplot(by_school), f"points-{n}")[0].get_offsets()[0, 1] for n in (0, 1))
    assert len(set(apart)) == 1


def test_one_group_stands_out_and_another_has_its_colour(by_school):
    figure = plot_equiplot(by_school, highlight="college")
    seen = [by_gid(figure, f"points-{n}")[0] for n in (0, 2)]
    assert {MUTED} == {to_hex(one) for one in seen[0].get_facecolors()}
    assert COLOURS[2] in {to_hex(one) for one in seen[1].get_facecolors()}
    figure = plot_equiplot(by_school, colours={"school": "#0a5f45"})
    keys = by_gid(figure, "keypoints-1")
    assert {to_hex(one) for key in keys for one in key.get_facecolors()} == {"#0a5f45"}


def test_faults_are_told(by_school):
    with pytest.raises(FigureError, match="compares two groups or more"):
        plot_equiplot(by_school[by_school["schooling"] == "none"], between="schooling")
    with pytest.raises(FigureError, match="no column has groups"):
        plot_equiplot(by_school.iloc[[0]])
    many = pd.concat([by_school.iloc[[0]].assign(schooling=str(n)) for n in range(7)])
    with pytest.raises(FigureError, match="at most 6 can be told apart"):
        plot_equiplot(many)
    with pytest.raises(FigureError, match="mixes the units"):
        plot_equiplot(by_school.assign(unit=["points", *["proportion"] * 5]))
