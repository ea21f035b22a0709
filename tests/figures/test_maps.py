"""Every province has its outline and its colour; the archipelagos have their boxes; the note is there."""

from __future__ import annotations

import pytest

from portal_analysis import provinces
from portal_analysis.figures import plot_map, style
from portal_analysis.figures.maps import outlines


def patches(figure, start):
    found = [patch for axes in figure.axes for patch in axes.patches]
    return {patch.get_gid(): patch for patch in found if str(patch.get_gid()).startswith(start)}


def test_every_province_is_drawn_in_its_colour(four_provinces, labels):
    figure = plot_map(four_provinces, labels=labels)
    drawn = patches(figure, "province-")
    assert len(drawn) == 63
    assert drawn["province-96"].get_facecolor() == style.ORDERED(1.0)
    assert drawn["province-02"].get_facecolor() == style.ORDERED(0.0)
    assert drawn["province-04"].get_facecolor() == (1, 1, 1, 1)
    assert list(patches(figure, "flagged-")) == ["flagged-02"]


def test_both_archipelagos_have_a_named_box(four_provinces, labels):
    figure = plot_map(four_provinces, lang="vi", labels=labels)
    assert set(patches(figure, "inset-")) == {"inset-hoang_sa", "inset-truong_sa"}
    told = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert all(name in told for name in ("Hoàng Sa", "(Đà Nẵng)", "Trường Sa", "(Khánh Hòa)"))


def test_the_boxes_can_be_left_out(four_provinces, labels):
    assert patches(plot_map(four_provinces, labels=labels, insets=False), "inset-") == {}


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_the_note_on_boundaries_is_on_the_figure(four_provinces, labels, lang):
    figure = plot_map(four_provinces, lang=lang, labels=labels)
    assert provinces.boundary_note(lang) in figure.portal_text.caption
    shown = " ".join(text.get_text() for text in figure.texts)
    assert provinces.boundary_note(lang)[:40] in shown


def test_the_map_is_not_stretched(four_provinces, labels):
    axes = plot_map(four_provinces, labels=labels).axes[0]
    assert axes.get_aspect() == pytest.approx(1.04, abs=0.03)


def test_the_list_of_34_has_34_outlines(four_provinces, labels):
    assert len(outlines(34)) == 34
    figure = plot_map(four_provinces.iloc[[0]].assign(units=34), labels=labels)
    assert len(patches(figure, "province-")) == 34
