"""Every province has its tile, its colour follows its value, a flagged one is striped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis import provinces
from portal_analysis.figures import plot_map, plot_tiles, style
from portal_analysis.figures.style import FigureError


def by_gid(figure, start):
    children = [artist for axes in figure.axes for artist in axes.get_children()]
    return {artist.get_gid(): artist for artist in children if str(artist.get_gid()).startswith(start)}


def test_every_province_has_one_tile_at_its_place(four_provinces, labels):
    tiles = by_gid(plot_tiles(four_provinces, labels=labels), "tile-")
    units = provinces.units(63).set_index("code")
    assert set(tiles) >= {f"tile-{code}" for code in units.index}
    width = tiles["tile-01"].get_width() + 1.4
    columns = {code: round((tiles[f"tile-{code}"].get_x() - 0.7) / width) for code in units.index}
    assert columns == dict(units["tile_col"])


def test_colours_follow_the_values(four_provinces, labels):
    tiles = by_gid(plot_tiles(four_provinces, labels=labels), "tile-")
    cividis = style.ORDERED
    assert tiles["tile-02"].get_facecolor() == cividis(0.0)
    assert tiles["tile-96"].get_facecolor() == cividis(1.0)
    assert tiles["tile-01"].get_facecolor() == cividis(0.04 / 0.11)


def test_withheld_and_missing_tiles_are_white_and_flagged_ones_striped(four_provinces, labels):
    figure = plot_tiles(four_provinces, labels=labels)
    tiles = by_gid(figure, "tile-")
    assert tiles["tile-04"].get_facecolor() == (1, 1, 1, 1)
    assert tiles["tile-06"].get_facecolor() == (1, 1, 1, 1)
    flagged = by_gid(figure, "flagged-")
    assert list(flagged) == ["flagged-02"]
    assert flagged["flagged-02"].get_hatch()


def test_limits_set_the_ends_of_the_colours(four_provinces, labels):
    tiles = by_gid(plot_tiles(four_provinces, labels=labels, limits=(0.0, 0.24)), "tile-")
    assert tiles["tile-96"].get_facecolor() == style.ORDERED(0.5)


def test_34_provinces(labels, four_provinces):
    new = four_provinces.iloc[[0]]
    tiles = by_gid(plot_tiles(new.assign(units=34), labels=labels), "tile-")
    assert {gid for gid in tiles if gid != "tile-text"} == {
        f"tile-{code}" for code in provinces.units(34)["code"]
    }
    named = new.rename(columns={"province": "gso34"})
    assert set(by_gid(plot_tiles(named, labels=labels), "tile-")) == set(tiles)


def test_the_list_of_provinces_is_said_where_the_table_is_made(four_provinces, labels):
    with pytest.raises(FigureError, match="a property of the table: say units=34 where it is made"):
        plot_tiles(four_provinces.iloc[[0]], labels=labels, units=34)


def test_faults_are_told(four_provinces, two_groups):
    with pytest.raises(FigureError, match=r"not codes of the list[\s\S]*'99'"):
        plot_tiles(four_provinces.assign(province=["01", "02", "04", "99"]))
    with pytest.raises(FigureError, match=r"several rows.*'01'"):
        plot_tiles(pd.concat([four_provinces, four_provinces.iloc[[0]]]))
    with pytest.raises(FigureError, match="no column of provinces"):
        plot_tiles(two_groups)
    with pytest.raises(FigureError, match=r"'provinces'; did you mean \['province'\]"):
        plot_tiles(four_provinces, province="provinces")


def test_a_few_whole_numbers_are_named_one_by_one(four_provinces, labels):
    counts = four_provinces.assign(estimate=[3, 0, 2, 1], unit="number", ci_low=np.nan, ci_high=np.nan)
    figure = plot_tiles(counts, labels=labels)
    key = [axes for axes in figure.axes if any(p.get_gid() == "colour-key" for p in axes.patches)]
    assert [label.get_text() for label in key[0].get_xticklabels()] == ["0", "1", "2", "3"]
    faces = [patch.get_facecolor() for patch in key[0].patches]
    assert faces == [style.ORDERED(number / 3) for number in range(4)]


@pytest.mark.parametrize("plot", [plot_tiles, plot_map])
def test_provinces_are_found_in_any_usual_spelling(plot, four_provinces):
    plain = plot(four_provinces).portal_text.long_alt
    for named in (
        ["Hà Nội", "tinh Ha Giang", "VN-04", "96"],
        ["1", "2.0", "4", "Cà Mau"],
        [1.0, 2.0, 4.0, 96.0],
    ):
        figure = plot(four_provinces.assign(province=pd.Series(named, dtype=object)))
        assert figure.portal_text.long_alt.split("Values")[0].count("Ha Noi") == plain.split("Values")[
            0
        ].count("Ha Noi")
        assert "Ca Mau" in figure.portal_text.long_alt
    with pytest.raises(FigureError, match=r"several rows for the provinces \['01'\]"):
        plot(four_provinces.assign(province=["01", "TP. Hà Nội", "04", "96"]))
    with pytest.raises(FigureError, match=r"not codes of the list of 63 provinces[\s\S]*Atlantis"):
        plot(four_provinces.assign(province=["01", "Atlantis", "04", "96"]))
