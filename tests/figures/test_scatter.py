"""A dot a province where its score and its rate are, the line of true values, and who stands apart from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis import provinces
from portal_analysis.figures import plot_link
from portal_analysis.figures.style import FigureError
from portal_analysis.linkage.areas import link
from portal_analysis.linkage.points import link_points
from portal_analysis.shape import estimates

CODES = provinces.units(63)["code"].tolist()[:30]


def by_gid(figure, gid):
    return [artist for artist in figure.findobj() if artist.get_gid() == gid]


@pytest.fixture(scope="module")
def tables():
    """Rates and scores of 30 provinces; the third rate is withheld, the first stands far above the line."""
    rng = np.random.default_rng(5)
    score = rng.normal(0.5, 0.1, 30)
    rate = 0.2 + 0.3 * (score - 0.5) + rng.normal(0, 0.01, 30)
    rate[0] += 0.2
    rows = {"province": CODES, "se": 0.01, "n": 300, "level": 0.95}
    rates = pd.DataFrame({**rows, "estimate": rate, "indicator": "npsp_use", "unit": "proportion"})
    rates = rates.assign(ci_low=rate - 0.02, ci_high=rate + 0.02, source="papi-simulated", interval="wilson")
    rates["flag"] = ["", "review", "suppress", *[""] * 27]
    scores = pd.DataFrame({**rows, "estimate": score, "indicator": "portal_score", "unit": "number"})
    scores = scores.assign(
        ci_low=score - 0.02, ci_high=score + 0.02, source="portal-review-simulated", flag=""
    )
    return estimates(rates, ["province"]), estimates(scores.assign(interval="assessors"), ["province"])


def test_the_line_has_the_slope_of_the_link(tables):
    points = link_points(*tables)
    per = points["score"].std()
    slope = link(*tables).set_index("method").loc["errors in both", "estimate"]
    run = np.polyfit(points["score"], points["fitted"], 1)
    assert run[0] * per == pytest.approx(slope, rel=1e-9)
    assert run[1] + run[0] * points["score"].mean() == pytest.approx(points["estimate"].mean(), abs=0.01)


def test_rates_stay_as_they_were_and_say_that_they_are_of_provinces(tables):
    points = link_points(*tables)
    assert points["estimate"].tolist() == tables[0]["estimate"].tolist()
    assert points["score"].to_numpy() == pytest.approx(tables[1]["estimate"].to_numpy(), rel=1e-12)
    assert points["flag"].str.contains("ecological").all()
    assert points["flag"].iloc[2] == "suppress; ecological"
    assert points["stands"].tolist()[:3] == ["above", "", ""]
    assert points["source"].unique().tolist() == ["papi-simulated; portal-review-simulated"]


def test_dots_are_where_score_and_rate_are(tables):
    points = link_points(*tables)
    figure = plot_link(points)
    seen = [tuple(dot.get_offsets()[0]) for dot in by_gid(figure, "points-0")]
    shown = points.drop(index=2)
    assert seen == list(zip(shown["score"], shown["estimate"], strict=True))
    line = by_gid(figure, "link")[0]
    ordered = shown.sort_values("score")
    assert list(line.get_ydata()) == ordered["fitted"].iloc[[0, -1]].tolist()
    assert len(by_gid(figure, "intervals-up")) == len(by_gid(figure, "intervals-across")) == 29
    assert [text.get_text() for text in by_gid(figure, "annotation")] == ["Ha Noi"]
    assert by_gid(plot_link(points, names=0), "annotation") == []


@pytest.mark.parametrize(
    ("lang", "hidden", "ecological"),
    [
        ("en", "1 of 30 rates are withheld", "holds of provinces and says nothing of persons"),
        ("vi", "1/30 tỷ lệ không được công bố", "không nói lên điều gì về từng người"),
    ],
)
def test_it_says_what_it_is(tables, lang, hidden, ecological):
    told = plot_link(link_points(*tables), lang).portal_text
    assert hidden in told.caption
    assert ecological in told.long_alt
    assert told.alt.startswith({"en": "SIMULATED DATA", "vi": "DỮ LIỆU MÔ PHỎNG"}[lang])
    rate = f"{100 * tables[0]['estimate'].iloc[2]:.1f}"
    assert rate not in told.long_alt.replace(",", ".") or rate in str(tables[0]["estimate"].round(3).tolist())


def test_another_table_is_refused(tables):
    with pytest.raises(FigureError, match=r"make the table with link_points\(\)"):
        plot_link(tables[0])


@pytest.mark.parametrize(
    ("lang", "error", "hollow"),
    [
        ("en", "range over assessors, range over sampled pages", "Hollow dot: †."),
        ("vi", "dao động giữa những người đánh giá, dao động giữa các trang được chọn", "Điểm rỗng: †."),
    ],
)
def test_errors_of_scores_and_hollow_dots_are_told_in_words(tables, lang, error, hollow):
    rates, scores = tables
    points = link_points(rates, scores.assign(interval="assessors, pages"))
    caption = plot_link(points, lang=lang).portal_text.caption
    assert error in caption
    assert "(assessors" not in caption
    assert hollow in caption
