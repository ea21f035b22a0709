"""Write slides as a PowerPoint file: real titles, pictures with alternative texts, sources as text; 14 pt at least.

Takes slides; hands on the file's bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal_analysis.documents.blocks import Picture, Table
from portal_analysis.files import moment, same_bytes
from portal_analysis.language.catalogue import catalogue

WIDE, HIGH = 960.0, 540.0
"""A slide of 16:9, in points."""
LEAST = 14.0
"""No text on a slide is smaller, in points."""
LETTERS, INK, MUTED = "Arial", "1B1F24", "50575F"


@dataclass(frozen=True)
class Box:
    """A place on a slide, in points."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Words:
    """Text with its place, size and look; ``lines`` are paragraphs."""

    lines: tuple[str, ...]
    box: Box
    size: float = LEAST
    bold: bool = False
    muted: bool = False


@dataclass(frozen=True)
class Placed:
    """A picture with its place."""

    picture: Picture
    box: Box


@dataclass(frozen=True)
class Slide:
    """One slide: its title, what else stands on it in the order in which it is read, and the speaker's notes."""

    title: Words
    parts: tuple[Words | Placed, ...]
    notes: str = ""


def slide_bytes(slides: Sequence[Slide], title: str, lang: str) -> bytes:
    """Return slides as the bytes of a PowerPoint file; the same slides give the same bytes."""
    from pptx import Presentation
    from pptx.util import Pt

    deck: Any = Presentation()
    _widen(deck, Pt(WIDE), Pt(HIGH))
    _describe(deck, title, lang)
    for slide in slides:
        _add(deck, slide, lang)
    target = io.BytesIO()
    deck.save(target)
    return same_bytes(target.getvalue())


def _widen(deck: Any, width: int, height: int) -> None:
    """Make the slides 16:9; the placeholders of the layouts follow, for slides that are added by hand."""
    across, down = width / deck.slide_width, height / deck.slide_height
    deck.slide_width, deck.slide_height = width, height
    for page in (deck.slide_master, *deck.slide_layouts):
        for shape in page.placeholders:
            places = [shape.left, shape.top, shape.width, shape.height]
            if None not in places:
                shape.left, shape.width = int(places[0] * across), int(places[2] * across)
                shape.top, shape.height = int(places[1] * down), int(places[3] * down)


def _describe(deck: Any, title: str, lang: str) -> None:
    about = deck.core_properties
    about.title, about.language = title, str(catalogue(lang)["language.tag"])
    about.author = about.last_modified_by = "portal_analysis"
    about.created = about.modified = about.last_printed = moment()
    about.revision = 1


def _add(deck: Any, slide: Slide, lang: str) -> None:
    only_title = next(layout for layout in deck.slide_layouts if layout.name == "Title Only")
    page = deck.slides.add_slide(only_title)
    _write(page.shapes.title, slide.title, lang)
    for part in slide.parts:
        if isinstance(part, Placed):
            _place(page, part)
        else:
            _write(page.shapes.add_textbox(0, 0, 1, 1), part, lang)
    if slide.notes:
        page.notes_slide.notes_text_frame.text = slide.notes


def _put(shape: Any, box: Box) -> None:
    from pptx.util import Pt

    shape.left, shape.top, shape.width, shape.height = (
        Pt(one) for one in (box.left, box.top, box.width, box.height)
    )


def _write(shape: Any, words: Words, lang: str) -> None:
    """Write paragraphs into a shape; each run says its language, so that it is read aloud as it should be."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    _put(shape, words.box)
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for number, line in enumerate(words.lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text = line
        run.font.name, run.font.size, run.font.bold = LETTERS, Pt(words.size), words.bold
        run.font.color.rgb = RGBColor.from_string(MUTED if words.muted else INK)
        run._r.get_or_add_rPr().set("lang", str(catalogue(lang)["language.tag"]))


def _place(page: Any, part: Placed) -> None:
    """Add a picture with its alternative text."""
    shape = page.shapes.add_picture(io.BytesIO(part.picture.content("png")), 0, 0)
    _put(shape, part.box)
    named = shape._element.nvPicPr.cNvPr
    named.set("name", part.picture.name)
    named.set("title", part.picture.title)
    named.set("descr", part.picture.long_alt)


def slides_of(content: bytes) -> list[Slide]:
    """Read back the slides that :func:`slide_bytes` wrote, to put them into another file.

    Pictures keep their words; their numbers, which slides do not hold, are an empty table.
    """
    from pptx import Presentation

    return [_slide_of(page) for page in Presentation(io.BytesIO(content)).slides]


def _slide_of(page: Any) -> Slide:
    title = page.shapes.title
    others = [shape for shape in page.shapes if shape.shape_id != title.shape_id]
    parts = tuple(_words_of(shape) if shape.has_text_frame else _placed_of(shape) for shape in others)
    return Slide(
        _words_of(title), parts, page.notes_slide.notes_text_frame.text if page.has_notes_slide else ""
    )


def _box_of(shape: Any) -> Box:
    return Box(shape.left.pt, shape.top.pt, shape.width.pt, shape.height.pt)


def _words_of(shape: Any) -> Words:
    runs = [paragraph.runs[0] for paragraph in shape.text_frame.paragraphs if paragraph.runs]
    if not runs:
        return Words((), _box_of(shape))
    font = runs[0].font
    muted = str(font.color.rgb) == MUTED
    return Words(tuple(run.text for run in runs), _box_of(shape), font.size.pt, bool(font.bold), muted)


def _placed_of(shape: Any) -> Placed:
    named = shape._element.nvPicPr.cNvPr
    title, told = named.get("title"), named.get("descr")
    files = {"png": shape.image.blob}
    return Placed(
        Picture(named.get("name"), files, title, "", told, told, Table(title, (), ())), _box_of(shape)
    )
