"""A report as slides: title, summary, and every figure of its body, all with words for those who do not see them."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pandas as pd
import pytest
from pptx import Presentation
from pptx.oxml.ns import qn

from portal_analysis.documents.blocks import Front, Heading, Paragraph, Picture, Span, Table
from portal_analysis.documents.pptx import slide_bytes, slides_of
from portal_analysis.exports import ExportError
from portal_analysis.exports.deck import for_report, text_slide
from portal_analysis.exports.files import SLIDES
from portal_analysis.figures import plot_estimates, plot_tiles, plot_together
from portal_analysis.provinces import units
from portal_analysis.report import make_report
from portal_analysis.report.talk import write_slides
from portal_analysis.shape import estimates


def pictures(slide):
    return [shape for shape in slide.shapes if shape._element.tag == qn("p:pic")]


def titles(deck):
    return [slide.shapes.title.text_frame.text for slide in deck.slides]


def sizes(deck):
    shapes = [shape for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
    return [run.font.size.pt for shape in shapes for one in shape.text_frame.paragraphs for run in one.runs]


def made_of(figure):
    words = figure.portal_text
    return for_report(SimpleNamespace(drawn=figure, name="use", title=words.title, lang=words.lang))


def rates(codes):
    """Return a simulated rate of each province."""
    frame = pd.DataFrame({"province": codes, "estimate": [0.2 + 0.01 * n for n in range(len(codes))]})
    frame = frame.assign(ci_low=frame["estimate"] - 0.05, ci_high=frame["estimate"] + 0.05, n=400)
    frame = frame.assign(indicator="use", flag="simulated", source="toy", unit="proportion", level=0.95)
    return estimates(frame, ["province"])


@pytest.fixture
def figure():
    return plot_estimates(rates(["01", "02", "96"]), "vi")


@pytest.fixture(scope="module")
def talk(toy_notebooks, tmp_path_factory):
    """Return the report of the small notebook, with slides."""
    out = tmp_path_factory.mktemp("talk")
    return make_report("vi", out=out / "report", notebooks=toy_notebooks, progress=False, slides=True)


@pytest.mark.slow
def test_a_report_has_a_slide_a_figure_after_its_title(talk):
    deck = Presentation(talk.pptx)
    assert len(deck.slides) == 1 + talk.figures
    assert [len(pictures(slide)) for slide in deck.slides] == [0, 1, 1]
    told = [pictures(slide)[0]._element.nvPicPr.cNvPr.get("descr") for slide in list(deck.slides)[1:]]
    assert all("Biểu đồ đường" in one for one in told)
    assert min(sizes(deck)) >= 14
    assert {path.suffix for path in (talk.folder / "figures").iterdir()} == {".svg", ".pdf", ".png"}
    assert not list((talk.folder / "tables").glob("*.pptx"))


def test_slides_are_written_only_if_asked_for(reports):
    assert reports["en"].pptx is None
    assert not (reports["en"].folder / "report.pptx").exists()


def test_the_summary_is_the_second_slide(tmp_path):
    summary = (Heading(2, "Summary"), Paragraph((Span("Use.", strong=True), Span(" It was 18%."))))
    path = write_slides(tmp_path / "t.pptx", [], Front("Title", ("Institute",), summary), "en")
    deck = Presentation(path)
    assert titles(deck) == ["Title", "Summary"]
    assert deck.slides[1].shapes[1].text_frame.text == "Use. It was 18%."
    long = (Paragraph((Span("word " * 900),)),)
    with pytest.raises(ExportError, match="does not fit on a slide with 14 points"):
        write_slides(tmp_path / "t.pptx", [], Front("Title", (), long), "en")


def test_slides_come_back_as_they_were_written(figure):
    content = made_of(figure)
    assert hashlib.sha256(slide_bytes(slides_of(content), figure.portal_text.title, "vi")).digest() == (
        hashlib.sha256(content).digest()
    )


def test_figures_drawn_together_share_a_slide(figure):
    (slide,) = slides_of(made_of(plot_together([figure, figure])))
    assert sum(hasattr(part, "picture") for part in slide.parts) == 2


def test_a_figure_that_fits_on_no_slide_is_told():
    figure = plot_tiles(rates(units(63)["code"]))
    (slide,) = slides_of(made_of(figure))
    assert figure.portal_text.alt in slide.parts[0].lines[0]
    assert slide.parts[0].lines[-1] == "This figure is too large for a slide; the report shows it."
    assert min(slide.parts[0].size, slide.title.size) >= 14


def test_long_words_become_smaller_but_not_below_14_points():
    assert text_slide("t", ("word " * 520,)).parts[0].size == 14


@pytest.mark.slow
def test_an_office_program_opens_the_slides_of_a_report(office_pdf, alternatives, figure, tmp_path):
    words = figure.portal_text
    one = Picture(
        "use", {SLIDES: made_of(figure)}, words.title, "", words.alt, words.long_alt, Table("", (), ())
    )
    summary = (Paragraph((Span("All in all."),)),)
    path = write_slides(tmp_path / "talk.pptx", [one], Front("Title", ("Institute",), summary), "vi")
    reader = office_pdf(path, "impress")
    assert len(reader.pages) == 3
    kept = alternatives(reader)
    assert any(words.long_alt in one for one in kept)
