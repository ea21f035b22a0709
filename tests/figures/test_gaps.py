"""Both ends of a gap are the estimates; a difference is only what another table says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis.figures import plot_gap
from portal_analysis.figures.style import FigureError
from portal_analysis.shape import estimates


def by_gid(figure, gid):
    return [artist for axes in figure.axes for artist in axes.get_children() if artist.get_gid() == gid]


@pytest.fixture
def differences():
    rows = {
        "indicator": ["npsp_use", "npsp_profile"],
        "estimate": [0.029, 0.022],
        "ci_low": 0.01,
        "ci_high": 0.04,
    }
    return estimates(pd.DataFrame({**rows, "source": "toy", "unit": "points", "level": 0.95}), [])


def test_dumbbells_join_the_two_estimates(two_groups, labels):
    figure = plot_gap(two_groups, labels=labels)
    joined = [list(line.get_xdata()) for line in by_gid(figure, "gap")]
    assert joined == [[0.051, 0.022], [0.034, 0.012]]
    np.testing.assert_allclose(by_gid(figure, "points-0")[0].get_offsets()[:, 0], [0.051, 0.034])
    assert [[a[0], b[0]] for a, b in by_gid(figure, "intervals-1")[0].get_segments()] == [
        [0.015, 0.031],
        [0.007, 0.02],
    ]
    assert [text.get_text() for text in by_gid(figure, "group")] == ["Kinh", "Ethnic minorities"]


def test_differences_are_written_as_given(two_groups, differences, labels):
    figure = plot_gap(two_groups, labels=labels, differences=differences)
    assert [text.get_text() for text in by_gid(figure, "value")] == [
        "+2.90 (+1.00 to +4.00)",
        "+2.20 (+1.00 to +4.00)",
    ]
    assert (
        "difference (percentage points); in brackets: 95% confidence interval" in figure.portal_text.caption
    )


def test_slopes_run_from_the_first_group_to_the_second(two_groups, labels):
    figure = plot_gap(two_groups, labels=labels, kind="slope")
    assert [list(line.get_ydata()) for line in by_gid(figure, "gap")] == [[0.051, 0.022], [0.034, 0.012]]


def test_a_withheld_end_has_no_gap(two_groups, labels):
    figure = plot_gap(two_groups.assign(flag=["suppress", "", "", ""]), labels=labels)
    assert [list(line.get_xdata()) for line in by_gid(figure, "gap")] == [[0.034, 0.012]]


def test_faults_are_told(two_groups, differences):
    with pytest.raises(FigureError, match="between two"):
        plot_gap(
            pd.concat([two_groups, two_groups.iloc[[0, 2]].assign(ethnicity="third")]), between="ethnicity"
        )
    with pytest.raises(FigureError, match="unknown kind 'bars'"):
        plot_gap(two_groups, kind="bars")
    with pytest.raises(FigureError, match="one row for each"):
        plot_gap(two_groups, differences=pd.concat([differences, differences]))
    with pytest.raises(FigureError, match="no column has two values"):
        plot_gap(two_groups.iloc[[0]])
