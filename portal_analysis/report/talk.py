"""A report as slides for a talk: its title, its summary, and a slide for each figure of its body.

Takes blocks; hands on the file. The figures were drawn for slides where they were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from portal_analysis.documents.blocks import Block, Front, Listing, Paragraph, Picture, Span
from portal_analysis.documents.pptx import slide_bytes, slides_of
from portal_analysis.exports.deck import text_slide
from portal_analysis.exports.files import SLIDES
from portal_analysis.files import plain_text
from portal_analysis.language.catalogue import word


def write_slides(path: Path, body: Sequence[Block], page: Front, lang: str) -> Path:
    """Write the slides of a report.

    Parameters
    ----------
    path : Path
        The file to write.
    body : sequence of Block
        What the report argues; its pictures that were drawn for slides go on them.
    page : Front
        Title, lines and summary.
    lang : {"en", "vi"}

    Returns
    -------
    Path
        The file. The same report gives the same bytes.

    Raises
    ------
    ExportError
        If the summary does not fit on a slide with text of 14 points.
    """
    made = [text_slide(page.title, page.lines)]
    if told := list(_told(page.summary)):
        made.append(text_slide(word("report.summary", lang), told))
    for block in body:
        if isinstance(block, Picture) and SLIDES in block.files:
            made += slides_of(block.content(SLIDES))
    path.write_bytes(slide_bytes(made, plain_text(page.title), lang))
    return path


def _told(summary: Sequence[Block]) -> Iterator[str]:
    """Return the paragraphs of a summary as plain text."""
    for block in summary:
        if isinstance(block, Paragraph):
            yield _plain(block.spans)
        elif isinstance(block, Listing):
            yield from map(_plain, block.items)


def _plain(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spans)
