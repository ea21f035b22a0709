"""The typeface has every Vietnamese letter; the colours stay apart for every eye; settings stay in the house."""

from __future__ import annotations

import logging
import unicodedata
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.colors import to_rgb

from portal_analysis.figures import style
from portal_analysis.figures.bars import bar_look

VOWELS = "aăâeêioôơuưy"
TONES = "\u0300\u0301\u0303\u0309\u0323"

# Machado, Oliveira & Fernandes (2009), severity 1.0, on linear RGB.
DEFICIENCIES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* (D65) of linear RGB."""
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other, matrix):
    return float(np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(other))))


def letters():
    lower = {unicodedata.normalize("NFC", v + t) for v in VOWELS for t in ["", *TONES]} | {"đ"}
    found = lower | {letter.upper() for letter in lower}
    assert len(found) == 146
    return found


@pytest.mark.parametrize("file", sorted(style.FONTS.glob("*.ttf")), ids=lambda file: file.stem)
def test_the_typeface_has_every_vietnamese_letter_and_sign(file):
    known = set(TTFont(file).getBestCmap())
    assert {letter for letter in letters() if ord(letter) not in known} == set()
    assert {sign for sign in "0123456789%–−×≈†‡§¶?≥≤·₫" if ord(sign) not in known} == set()


def test_three_cuts_are_there_with_their_licence():
    assert len(style.load_fonts()) == 3
    assert "SIL Open Font License" in (style.FONTS / "OFL.txt").read_text(encoding="utf-8")


def test_fonts_are_found_without_a_warning(four_provinces, labels, caplog):
    from portal_analysis.figures import plot_estimates

    with caplog.at_level(logging.WARNING, logger="matplotlib"):
        figure = plot_estimates(four_provinces, lang="vi", labels=labels)
        figure.canvas.draw()
    assert caplog.records == []
    names = {text.get_fontfamily()[0] for axes in figure.axes for text in axes.texts}
    assert names == {"Be Vietnam Pro"}


def test_settings_outside_stay_as_they_are():
    before = dict(mpl.rcParams)
    with style.house(style.SIZES["report"]):
        assert mpl.rcParams["font.family"] == ["Be Vietnam Pro", "DejaVu Sans"]
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", DEFICIENCIES)
def test_six_colours_stay_apart(name):
    matrix = np.array(DEFICIENCIES[name])
    assert min(difference(a, b, matrix) for a, b in combinations(style.COLOURS, 2)) > 12


def test_the_check_of_colours_can_fail():
    tab10 = ("#2ca02c", "#d62728", "#8c564b")
    matrix = np.array(DEFICIENCIES["deuteranopia"])
    assert min(difference(a, b, matrix) for a, b in combinations(tab10, 2)) < 12


def test_met_and_not_met_differ_for_every_eye_and_in_grey():
    met, not_met = bar_look(0), bar_look(1)
    for matrix in DEFICIENCIES.values():
        assert difference(met["facecolor"], not_met["facecolor"], np.array(matrix)) > 20
    assert met["hatch"] != not_met["hatch"]
    grey = [style.luminance(look["facecolor"]) for look in (met, not_met)]
    assert abs(grey[0] - grey[1]) > 0.1


def test_text_on_any_ordered_colour_can_be_read():
    cividis = style.ORDERED
    assert min(style.contrast(style.ink_on(cividis(v)), cividis(v)) for v in np.linspace(0, 1, 101)) >= 4.5
    assert style.contrast(style.MUTED, "white") >= 4.5
    assert style.contrast("white", style.ALARM) >= 4.5


def test_lines_are_wrapped_to_their_width():
    text = "Tỷ lệ người dân đã sử dụng Cổng Dịch vụ công quốc gia trong mười hai tháng qua"
    lines = style.wrap(text, 120, 9)
    assert " ".join(lines) == text
    assert max(style.text_size(line, 9)[0] for line in lines) <= 120
    assert "".join(style.wrap("x" * 80, 60, 9)) == "x" * 80


@pytest.mark.parametrize("name", DEFICIENCIES)
def test_levels_stay_apart_for_every_eye(name):
    from portal_analysis.figures.parts import LEVELS, REASONS

    matrix = np.array(DEFICIENCIES[name])
    assert min(difference(a.colour, b.colour, matrix) for a, b in combinations(LEVELS, 2)) > 15
    for one, two in combinations(REASONS, 2):
        assert difference(one.colour, two.colour, matrix) > 10 or one.hatch != two.hatch
