"""A ranking shows how sure it is, and which portals it does not tell apart."""

from __future__ import annotations

import pandas as pd
import pytest

from portal_analysis.figures import plot_ranks
from portal_analysis.figures.style import FigureError
from portal_analysis.shape import estimates


@pytest.fixture
def ranked() -> pd.DataFrame:
    """Four portals: b and c cannot be told apart."""
    rows = {
        "indicator": "rank", "round": "2024", "portal_id": list("abcd"), "estimate": [1, 2, 2, 4],
        "ci_low": [1, 2, 2, 3], "ci_high": [1, 3, 4, 4], "n": 12, "band": [1, 2, 2, 3],
        "unit": "number", "measure": "rank", "interval": "choices", "level": 0.9, "source": "toy",
    }  # fmt: skip
    return estimates(pd.DataFrame(rows), ["round", "portal_id"])


def drawn(figure, gid: str) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == gid]


def test_points_are_ranks_and_headings_the_groups(ranked: pd.DataFrame) -> None:
    figure = plot_ranks(ranked)
    (points,) = [one for axes in figure.axes for one in axes.collections if one.get_gid() == "points-0"]
    assert points.get_offsets()[:, 0].tolist() == [1, 2, 2, 4]
    (lines,) = [one for axes in figure.axes for one in axes.collections if one.get_gid() == "intervals-0"]
    ends = [[float(x) for x in segment[:, 0]] for segment in lines.get_segments()]
    assert ends == [[1, 1], [2, 3], [2, 4], [3, 4]]
    assert drawn(figure, "region") == ["Place 1", "Places 2–3: not told apart", "Place 4"]
    assert "cannot be told apart" in figure.portal_text.caption
    assert "choices and errors" in figure.portal_text.caption
    assert "Places 2–3" in figure.portal_text.long_alt
    assert figure.axes[-1].get_xlim()[0] > 0, "there is no rank 0"


def test_without_bands_nothing_is_said_of_groups(ranked: pd.DataFrame) -> None:
    figure = plot_ranks(ranked, bands=False, lang="vi")
    assert drawn(figure, "region") == []
    assert "không thể phân biệt" not in figure.portal_text.caption.lower()


def test_the_order_is_that_of_the_ranks(ranked: pd.DataFrame) -> None:
    labels = [
        tick.label1.get_text() for tick in plot_ranks(ranked.iloc[::-1]).axes[-1].yaxis.get_major_ticks()
    ]
    assert labels[0] == "a"
    assert labels[-1] == "d"


def test_what_is_no_ranking_of_one_round_is_refused(ranked: pd.DataFrame) -> None:
    with pytest.raises(FigureError, match="several rounds"):
        plot_ranks(pd.concat([ranked, ranked.assign(round="2023")]))
    with pytest.raises(FigureError, match="make the table with ranks"):
        plot_ranks(ranked.drop(columns="band"))
    with pytest.raises(FigureError, match="make the table with ranks"):
        plot_ranks(ranked.assign(measure="score"))


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "Areas under one heading"), ("vi", "các địa bàn dưới cùng")]
)
def test_areas_are_ranked_as_portals_are(ranked: pd.DataFrame, lang: str, told: str) -> None:
    areas = ranked.drop(columns=["round", "portal_id"]).assign(
        province=["01", "02", "04", "06"], indicator="npsp_use", measure="area rank", flag="model-based"
    )
    figure = plot_ranks(estimates(areas, ["province"]), lang=lang)
    assert len(drawn(figure, "region")) == 3
    assert told in figure.portal_text.caption
    assert {"en": "ranks of the areas", "vi": "thứ hạng của các địa bàn"}[lang] in figure.portal_text.title
    assert figure.axes[-1].get_xlim()[0] > 0, "there is no rank 0"
    both = pd.concat([areas, areas.assign(indicator="pesp_use")])
    with pytest.raises(FigureError, match="several indicators"):
        plot_ranks(estimates(both, ["province"]), lang=lang)
