"""Slides have a title, the picture with its alternative text, and the source as text; nothing is below 14 points."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from pptx import Presentation
from pptx.oxml.ns import qn

import portal_analysis as pa
from portal_analysis.exports import ExportError, export, slides
from portal_analysis.figures import plot_estimates, plot_tiles
from portal_analysis.provinces import units
from portal_analysis.shape import estimates


@pytest.fixture
def provinces():
    """All 63 provinces and the country; simulated."""
    codes = [None, *units(63)["code"]]
    frame = pd.DataFrame({"province": codes, "estimate": [0.2 + 0.01 * n for n in range(64)]})
    frame = frame.assign(ci_low=frame["estimate"] - 0.05, ci_high=frame["estimate"] + 0.05, n=400)
    frame = frame.assign(indicator="use", flag="simulated", source="toy", unit="proportion", level=0.95)
    return estimates(frame, ["province"])


def pictures(slide):
    return [shape for shape in slide.shapes if shape._element.tag == qn("p:pic")]


def sizes(deck):
    return [
        run.font.size.pt
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    ]


def test_one_figure_is_one_slide_with_title_alternative_text_and_source(table, figure, tmp_path):
    deck = Presentation(export("use", table, figure, tmp_path, ["pptx"]).files["pptx"])
    (slide,) = deck.slides
    words = figure.portal_text
    assert slide.shapes.title.text_frame.text == words.title
    (picture,) = pictures(slide)
    named = picture._element.nvPicPr.cNvPr
    assert named.get("descr") == words.long_alt
    assert "DỮ LIỆU MÔ PHỎNG" in named.get("descr")
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    assert any(text.startswith("Nguồn: toy") for text in texts)
    assert words.long_alt in slide.notes_slide.notes_text_frame.text
    assert min(sizes(deck)) >= 14
    languages = {element.get("lang") for element in slide._element.iter(qn("a:rPr"))}
    assert languages == {"vi-VN"}


def test_nothing_lies_outside_the_slide_or_over_something_else(table, figure, tmp_path):
    deck = Presentation(slides("two", [figure, (figure, figure)], tmp_path))
    assert len(deck.slides) == 2
    assert len(pictures(deck.slides[1])) == 2
    for slide in deck.slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        assert all(x0 >= 0 and y0 >= 0 for x0, y0, _, _ in boxes)
        assert all(x1 <= deck.slide_width and y1 <= deck.slide_height for _, _, x1, y1 in boxes)
        for place, one in enumerate(boxes):
            for other in boxes[place + 1 :]:
                across = min(one[2], other[2]) - max(one[0], other[0])
                down = min(one[3], other[3]) - max(one[1], other[1])
                assert across <= 1 or down <= 1


@pytest.mark.parametrize("ends", [(68, 84, 100), pytest.param(range(60, 104, 4), marks=pytest.mark.slow)])
def test_text_has_room_in_the_letters_of_a_program_without_arial(table, tmp_path, ends):
    """DejaVu Sans, the widest that stands in for others, must not run over what is below."""
    titles = [" ".join(["Applications handled online by province and district"] * 2)[:end] for end in ends]
    deck = Presentation(slides("t", [plot_estimates(table, title=one) for one in titles], tmp_path))
    for slide in deck.slides:
        for shape in (one for one in slide.shapes if one.has_text_frame):
            lines = sum(wide_lines(one.runs[0], shape.width.pt) for one in shape.text_frame.paragraphs)
            assert lines * shape.text_frame.paragraphs[0].runs[0].font.size.pt * 1.17 <= shape.height.pt + 0.1


def wide_lines(run, width):
    """Return over how many lines a program with DejaVu Sans sets a text."""
    letters = FontProperties(family="DejaVu Sans", weight="bold" if run.font.bold else "normal")
    lines, line = 1, ""
    for word in run.text.split(" "):
        longer = f"{line} {word}".strip()
        if line and TextPath((0, 0), longer, size=run.font.size.pt, prop=letters).get_extents().width > width:
            lines, longer = lines + 1, word
        line = longer
    return lines


def test_63_provinces_go_to_two_slides_and_none_is_lost(provinces, tmp_path):
    figure = plot_estimates(provinces, highlight="01")
    deck = Presentation(export("all", provinces, figure, tmp_path, ["pptx"]).files["pptx"])
    assert [slide.shapes.title.text_frame.text[-8:] for slide in deck.slides] == ["(1 of 2)", "(2 of 2)"]
    told = " ".join(pictures(slide)[0]._element.nvPicPr.cNvPr.get("descr") for slide in deck.slides)
    assert all(name in told for name in units(63)["name_en"])
    assert told.count("SIMULATED DATA") == 2


def test_what_fits_on_no_slide_is_refused(provinces, tmp_path):
    with pytest.raises(ExportError, match="does not fit on a slide with text of 14 points"):
        export("tiles", provinces, plot_tiles(provinces), tmp_path, ["pptx"])
    assert list(tmp_path.iterdir()) == []


def test_figures_of_others_and_empty_decks_are_refused(figure, tmp_path):
    with pytest.raises(ExportError, match="no figure was given"):
        slides("none", [], tmp_path)
    with pytest.raises(ExportError, match="plot_ function"):
        slides("other", [figure.axes[0]], tmp_path)
    with pytest.raises(ExportError, match="not 3"):
        slides("three", [(figure, figure, figure)], tmp_path)


def test_the_same_figures_give_the_same_bytes(figure, tmp_path):
    made = [slides(name, [figure], tmp_path / name, title="t").read_bytes() for name in ("a", "a")]
    assert len({hashlib.sha256(one).hexdigest() for one in made}) == 1


@pytest.mark.slow
def test_an_office_program_opens_the_slides_and_keeps_the_alternative_texts(
    office_pdf, alternatives, figure, provinces, tmp_path
):
    path = slides("talk", [figure, plot_estimates(provinces)], tmp_path)
    reader = office_pdf(path, "impress")
    assert len(reader.pages) == 3
    assert figure.portal_text.title.split()[0] in reader.pages[0].extract_text()
    kept = alternatives(reader)
    assert any(figure.portal_text.long_alt in one for one in kept)


def test_where_room_is_short_the_notes_alone_tell_which_numbers_are_published(tmp_path):
    latest = pa.load_survey("papi-simulated", wave=2024)
    rates = pa.proportion(latest, "internet_home", by=[(), ("province",)])
    figure = pa.plot_estimates(rates, highlight="01", annotate={"01": "The capital stands apart"})
    deck = Presentation(slides("talk", [figure], tmp_path))
    assert len(deck.slides) == 2
    assert all(
        "Set to published national rates" in slide.notes_slide.notes_text_frame.text for slide in deck.slides
    )
    assert all("SIMULATED DATA" in slide.notes_slide.notes_text_frame.text for slide in deck.slides)
