"""Nothing overlaps and nothing is cut off, in either language, at any size."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.text import Text

from portal_analysis.figures import (
    plot_co_occurrence,
    plot_counts,
    plot_coverage,
    plot_criteria,
    plot_equiplot,
    plot_estimates,
    plot_gap,
    plot_link,
    plot_map,
    plot_matrix,
    plot_tiles,
    plot_trend,
    style,
)
from portal_analysis.figures.layout import spread
from portal_analysis.shape import estimates

LONG = {
    "guide": "Có hướng dẫn sử dụng dưới cả ba hình thức: văn bản, hình ảnh và video trên trang chủ của cổng",
    "originals": "Yêu cầu bản giấy gốc để đối chiếu dù đã nộp bản sao điện tử trực tuyến",
    "app": "Có chính sách bảo vệ dữ liệu cá nhân cho ứng dụng di động của tỉnh",
    "rate": "Tỷ lệ sử dụng dịch vụ công trực tuyến theo Ủy ban Quốc gia về chuyển đổi số",
}


def boxes(figure):
    """Return text and box, in points, of all text that is drawn."""
    with mpl.rc_context({"text.hinting": "no_hinting"}):
        return _boxes(figure)


def _boxes(figure):
    figure.canvas.draw()
    renderer, scale = figure.canvas.get_renderer(), 72 / figure.dpi
    found = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            low, high = ink(text, box, renderer)
            found.append((text.get_text(), box.x0 * scale, low * scale, box.x1 * scale, high * scale))
    return found


def ink(text, box, renderer):
    """Return bottom and top of the letters of one line, without the room that the box leaves for others."""
    if "\n" in text.get_text():
        return box.y0, box.y1
    font = text.get_fontproperties()
    _, height, below = renderer.get_text_width_height_descent(text.get_text(), font, ismath=False)
    _, _, line_below = renderer.get_text_width_height_descent("lp", font, ismath=False)
    baseline = box.y0 + max(below, line_below)
    return baseline - below, baseline - below + height


def overlaps(found, slack=1.2):
    """Return pairs of texts whose boxes share more than ``slack`` points in both directions."""
    pairs = []
    for (a, ax0, ay0, ax1, ay1), (b, bx0, by0, bx1, by1) in combinations(found, 2):
        if min(ax1, bx1) - max(ax0, bx0) > slack and min(ay1, by1) - max(ay0, by0) > slack:
            pairs.append((a, b))
    return pairs


def cut_off(figure, found):
    width, height = figure.get_size_inches() * 72
    return [
        t for t, x0, y0, x1, y1 in found if x0 < -0.5 or y0 < -0.5 or x1 > width + 0.5 or y1 > height + 0.5
    ]


SHORTCOMINGS = {
    "S1": ("Functions do not work smoothly", "Tính năng hoạt động chưa thông suốt, quy trình chưa tối ưu"),
    "S2": (
        "Hard to reach for blind people and minorities",
        "Khó tiếp cận đối với người khiếm thị và người dân tộc",
    ),
    "S3": (
        "Too little attention to personal data protection",
        "Chưa quan tâm đúng mức đến bảo vệ dữ liệu cá nhân",
    ),
    "S4": (
        "Poorly connected data, accounts and interfaces",
        "Dữ liệu, tài khoản, giao diện chưa được kết nối tốt",
    ),
    "S5": ("Technical, human and process problems", "Vấn đề kỹ thuật, con người và quy trình"),
}


def _labelled(frame, column):
    for place, lang in enumerate(("en", "vi")):
        frame[f"label_{lang}"] = frame[column].map(lambda code, place=place: SHORTCOMINGS[code][place])
    return frame.assign(source="toy", unit="proportion", flag="simulated")


def _by_group(table):
    other = table.assign(ethnicity="other", estimate=table["estimate"] * 0.6)
    return estimates(pd.concat([table.assign(ethnicity="kinh"), other]), ["province", "ethnicity"])


def _linked(table):
    """Scores beside rates as link_points gives them; six provinces stand apart."""
    score = [0.3 + (37 * place % 63) / 100 for place in range(len(table))]
    told = table.assign(predictor="portal_score", score=score, fitted=[0.1 + one / 20 for one in score])
    told = told.assign(score_low=told["score"] - 0.1, score_high=told["score"] + 0.05, stands="")
    told.loc[told.index[:6], "stands"] = "above"
    return estimates(told, ["province", "predictor"])


def _long_names(table):
    long = "All other ethnic groups of the country taken together in one group"
    return table.assign(ethnicity=table["ethnicity"].replace("other", long))


def _by_shortcoming(table):
    parts = [table.assign(shortcoming=code, indicator="shortcoming") for code in SHORTCOMINGS]
    return estimates(_labelled(pd.concat(parts), "shortcoming"), ["province", "shortcoming"])


def _levels():
    rows = [
        (code, level, 10 + 3 * i, 60) for i, code in enumerate(SHORTCOMINGS) for level in ("met", "partly")
    ]
    rows += [(code, "not_met", 40 - 6 * i, 60) for i, code in enumerate(SHORTCOMINGS)]
    frame = _labelled(pd.DataFrame(rows, columns=["indicator", "outcome", "count", "base"]), "indicator")
    return estimates(frame.assign(estimate=frame["count"] / 60, n_portals=63), ["outcome"])


def _reached():
    reasons = {
        "audited": 50,
        "not_applicable": 3,
        "cant_tell": 2,
        "error": 4,
        "not_tested": 3,
        "no_record": 1,
    }
    frame = _labelled(pd.DataFrame({"indicator": list(SHORTCOMINGS), "estimate": 0.9}), "indicator")
    return estimates(frame.assign(**reasons))


def _together():
    rows = [(one, two, 7 + 5 * i) for i, one in enumerate(SHORTCOMINGS) for two in SHORTCOMINGS]
    frame = _labelled(pd.DataFrame(rows, columns=["shortcoming", "with_shortcoming", "count"]), "shortcoming")
    frame = frame.assign(indicator="co-occurrence", base=63, estimate=frame["count"] / 63)
    return estimates(frame, ["shortcoming", "with_shortcoming"])


KINDS = (
    "provinces",
    "panels",
    "few",
    "groups",
    "trend",
    "tiles",
    "tiles34",
    "counts",
    "map",
    "gap",
    "slope",
    "slope of long names",
    "gaps",
    "equiplot",
    "link",
)
KINDS += ("criteria", "coverage", "matrix", "co-occurrence")


@pytest.fixture
def draw(all_provinces, four_provinces, two_groups, over_time, counted, labels):
    named = {**labels, **{("indicator", key): text for key, text in LONG.items()}}
    kinds = {
        "provinces": lambda **to: plot_estimates(all_provinces, labels=named, **to),
        "panels": lambda **to: plot_estimates(all_provinces, labels=named, regions="panels", **to),
        "few": lambda **to: plot_estimates(four_provinces, labels=named, **to),
        "groups": lambda **to: plot_estimates(two_groups, labels=named, rows="indicator", **to),
        "trend": lambda **to: plot_trend(over_time, labels=named, **to),
        "tiles": lambda **to: plot_tiles(all_provinces, labels=named, **to),
        "tiles34": lambda **to: plot_tiles(four_provinces.iloc[[0]].assign(units=34), labels=named, **to),
        "counts": lambda **to: plot_counts(counted, labels=named, **to),
        "map": lambda **to: plot_map(all_provinces, labels=named, **to),
        "gap": lambda **to: plot_gap(two_groups, labels=named, **to),
        "slope": lambda **to: plot_gap(two_groups, labels=named, kind="slope", **to),
        "slope of long names": lambda **to: plot_gap(
            _long_names(two_groups), labels=labels, kind="slope", **to
        ),
        "gaps": lambda **to: plot_gap(_by_group(all_provinces), labels=named, **to),
        "equiplot": lambda **to: plot_equiplot(two_groups, labels=named, **to),
        "link": lambda **to: plot_link(_linked(all_provinces), labels=named, **to),
        "criteria": lambda **to: plot_criteria(_levels(), **to),
        "coverage": lambda **to: plot_coverage(_reached(), **to),
        "matrix": lambda **to: plot_matrix(_by_shortcoming(all_provinces), **to),
        "co-occurrence": lambda **to: plot_co_occurrence(_together(), **to),
    }
    return lambda kind, **to: kinds[kind](**to)


QUICK = {("report", "en"), ("report", "vi"), ("column", "vi")}
"""Sizes and languages that the quick tests draw in; the others are as sure to be drawn by the whole suite."""


@pytest.mark.parametrize(
    ("size", "lang"),
    [
        pytest.param(size, lang, marks=() if (size, lang) in QUICK else pytest.mark.slow)
        for size in style.SIZES
        for lang in ("en", "vi")
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_overlaps_or_is_cut_off(draw, kind, size, lang):
    figure = draw(kind, size=size, lang=lang)
    found = boxes(figure)
    assert len(found) > 5
    assert overlaps(found) == []
    assert cut_off(figure, found) == []
    assert round(figure.get_figwidth() * 72, 3) == round(style.SIZES[size].width, 3)


def test_the_measure_of_overlap_can_fail(draw):
    figure = draw("few", size="report", lang="en")
    figure.text(0.5, 0.5, "on top")
    figure.text(0.51, 0.5, "of it")
    assert overlaps(boxes(figure)) == [("on top", "of it")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_slide_has_the_size_of_a_slide(draw, kind):
    width, height = draw(kind, size="slide", lang="vi").get_size_inches() * 2.54
    assert (round(width, 2), round(height, 2)) == (25.4, 14.3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_fits_on_its_page(draw, kind):
    assert draw(kind, size="report", lang="vi").get_figheight() * 2.54 <= 24.8
    assert draw(kind, size="landscape", lang="vi").get_figheight() * 2.54 <= 16.1


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_simulated_data_are_stamped_on_the_figure(draw, lang):
    stamp = {"en": "SIMULATED DATA", "vi": "DỮ LIỆU MÔ PHỎNG"}[lang]
    for kind in ("few", "provinces", "tiles"):
        assert any(stamp in text for text, *_ in boxes(draw(kind, lang=lang)))
    assert not any(stamp in text for text, *_ in boxes(draw("counts", lang=lang)))


def test_the_foot_says_source_n_interval_and_flags(draw):
    found = " ".join(text for text, *_ in boxes(draw("few", lang="en")))
    assert "Source: toy. n = 90–400 for each value. Line: 95% confidence interval (Korn–Graubard)." in found
    assert "† to be read with caution." in found


def test_labels_are_moved_apart_in_order():
    places = spread([10.0, 11.0, 50.0], [10.0, 10.0, 10.0], 0.0, 100.0)
    assert places == [5.5, 15.5, 50.0]
    assert spread([99.0, 100.0], [10.0, 10.0], 0.0, 100.0) == [85.0, 95.0]
