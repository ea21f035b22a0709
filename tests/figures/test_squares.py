"""Every cell holds its row of the table; a pair is drawn once."""

from __future__ import annotations

import pandas as pd
import pytest

from portal_analysis.figures import plot_co_occurrence, plot_matrix, style
from portal_analysis.figures.style import FigureError
from portal_analysis.shape import estimates


@pytest.fixture
def pairs():
    """Two shortcomings: S1 at 5 of 10 portals, S2 at 4, both at 3."""
    rows = [("S1", "S1", 5), ("S1", "S2", 3), ("S2", "S1", 3), ("S2", "S2", 4)]
    frame = pd.DataFrame(rows, columns=["shortcoming", "with_shortcoming", "count"]).assign(
        indicator="co-occurrence", base=10, n=10, source="toy", unit="proportion", round="2024"
    )
    names = {"label_en": frame["shortcoming"].map({"S1": "Clumsy", "S2": "Hard to reach"}), "label_vi": "Khó"}
    return estimates(
        frame.assign(estimate=frame["count"] / 10, **names), ["round", "shortcoming", "with_shortcoming"]
    )


@pytest.fixture
def grid():
    rows = [
        ("96", "S1", 0.1, ""),
        ("96", "S2", 0.9, "review"),
        ("01", "S1", 0.5, "suppress"),
        ("01", "S2", 0.5, ""),
    ]
    frame = pd.DataFrame(rows, columns=["province", "shortcoming", "estimate", "flag"])
    return estimates(
        frame.assign(indicator="s", source="toy", unit="proportion"), ["province", "shortcoming"]
    )


def patches(figure, start):
    found = [patch for axes in figure.axes for patch in axes.patches]
    return {patch.get_gid(): patch for patch in found if str(patch.get_gid()).startswith(start)}


def values(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == "value"]


def test_cells_have_the_colours_of_their_values(grid):
    figure = plot_matrix(grid)
    cells = patches(figure, "cell-")
    assert set(cells) == {"cell-0-0", "cell-0-1", "cell-1-0", "cell-1-1"}
    assert cells["cell-1-0"].get_facecolor() == style.ORDERED(0.0)
    assert cells["cell-1-1"].get_facecolor() == style.ORDERED(1.0)
    assert cells["cell-0-0"].get_facecolor() == (1, 1, 1, 1)
    assert values(figure) == ["×", "50%", "10%", "90%\N{THIN SPACE}†"]


def test_provinces_stand_by_region(grid):
    figure = plot_matrix(grid, lang="vi")
    ticks = figure.axes[-1].yaxis.get_major_ticks()
    assert [tick.label1.get_text() for tick in ticks] == ["Hà Nội", "Cà Mau"]


def test_a_flagged_cell_is_striped(grid):
    assert patches(plot_matrix(grid), "flagged")["flagged"].get_hatch()


def test_a_pair_is_drawn_once_and_counted(pairs):
    figure = plot_co_occurrence(pairs)
    assert set(patches(figure, "cell-")) == {"cell-0-0", "cell-1-0", "cell-1-1"}
    assert values(figure) == ["5/10", "3/10", "4/10"]
    assert "from 3/10 (S2: Hard to reach × Clumsy) to 5/10 (S1: Clumsy)" in figure.portal_text.alt


def test_only_what_was_counted_is_written_as_a_count(grid):
    assert values(plot_matrix(grid, counts=False))[1] == "50%"
    with pytest.raises(FigureError, match="counts=True needs the columns 'count' and 'base'"):
        plot_matrix(grid, counts=True)
    mixed = grid.assign(count=[1, 9, None, None], base=[10, 10, None, None])
    figure = plot_matrix(mixed)
    assert values(figure) == ["×", "50%", "1/10", "9/10\N{THIN SPACE}†"]
    assert "50%" in figure.portal_text.long_alt


def test_faults_are_told(grid, pairs):
    with pytest.raises(FigureError, match="rows and columns"):
        plot_matrix(grid[grid["shortcoming"] == "S1"])
    with pytest.raises(FigureError, match=r"no columns \['shortcoming'"):
        plot_co_occurrence(grid.rename(columns={"shortcoming": "s"}))
    with pytest.raises(FigureError, match="all vary"):
        plot_co_occurrence(pd.concat([pairs, pairs.assign(round="2023")]))


def test_what_one_portal_has_is_written_as_yes_and_no(grid):
    one = grid.assign(estimate=[1.0, 0.0, 1.0, 1.0], count=[1, 0, 1, 1], base=1, n=1)
    figure = plot_matrix(one)
    assert values(figure) == ["×", "yes", "yes", "no\N{THIN SPACE}†"]
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["no", "yes"]
    assert values(plot_matrix(one, lang="vi")) == ["×", "có", "có", "không\N{THIN SPACE}†"]
