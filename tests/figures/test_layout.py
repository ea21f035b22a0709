"""Nothing overlaps and nothing is cut off, in either language, at any size."""

from __future__ import annotations

import time
from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib.text import Text

from portal_analysis.figures import plot_counts, plot_estimates, plot_tiles, plot_trend, style
from portal_analysis.figures.layout import spread

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
        "tiles34": lambda **to: plot_tiles(four_provinces.iloc[[0]], labels=named, units=34, **to),
        "counts": lambda **to: plot_counts(counted, labels=named, **to),
    }
    return lambda kind, **to: kinds[kind](**to)


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("size", list(style.SIZES))
@pytest.mark.parametrize(
    "kind", ["provinces", "panels", "few", "groups", "trend", "tiles", "tiles34", "counts"]
)
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


@pytest.mark.parametrize("kind", ["provinces", "few", "trend", "tiles", "counts"])
def test_a_slide_has_the_size_of_a_slide(draw, kind):
    width, height = draw(kind, size="slide", lang="vi").get_size_inches() * 2.54
    assert (round(width, 2), round(height, 2)) == (25.4, 14.3)


@pytest.mark.parametrize("kind", ["provinces", "tiles", "trend", "counts"])
def test_a_figure_fits_on_its_page(draw, kind):
    assert draw(kind, size="report", lang="vi").get_figheight() * 2.54 <= 24.8
    assert draw(kind, size="landscape", lang="vi").get_figheight() * 2.54 <= 16.1


@pytest.mark.parametrize("kind", ["provinces", "tiles", "trend", "counts"])
def test_a_figure_takes_less_than_a_second(draw, kind):
    draw(kind, size="report", lang="en")
    start = time.perf_counter()
    draw(kind, size="report", lang="vi").canvas.draw()
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_simulated_data_are_stamped_on_the_figure(draw, lang):
    stamp = {"en": "SIMULATED DATA", "vi": "DỮ LIỆU MÔ PHỎNG"}[lang]
    for kind in ("few", "provinces", "tiles"):
        assert any(stamp in text for text, *_ in boxes(draw(kind, lang=lang)))
    assert not any(stamp in text for text, *_ in boxes(draw("counts", lang=lang)))


def test_the_foot_says_source_n_interval_and_flags(draw):
    found = " ".join(text for text, *_ in boxes(draw("few", lang="en")))
    assert "Source: toy. n = 7–400 for each value. Line: 95% confidence interval (Korn–Graubard)." in found
    assert "† to be read with caution." in found


def test_labels_are_moved_apart_in_order():
    places = spread([10.0, 11.0, 50.0], [10.0, 10.0, 10.0], 0.0, 100.0)
    assert places == [5.5, 15.5, 50.0]
    assert spread([99.0, 100.0], [10.0, 10.0], 0.0, 100.0) == [85.0, 95.0]
