"""Figure and table as a Word document, and the table as LaTeX, written as the report writes them.

Hands on the bytes of a file.
"""

from __future__ import annotations

from portal_analysis.documents.blocks import Block, Heading, Listing, Paragraph, Picture, Span
from portal_analysis.documents.docx import word_bytes
from portal_analysis.documents.tex import tex as tex_text
from portal_analysis.exports.job import Job
from portal_analysis.exports.provenance import all_sources_told
from portal_analysis.figures.saving import save
from portal_analysis.files import plain_text
from portal_analysis.language.catalogue import word

PNG_DPI = 300


def docx(job: Job) -> bytes:
    """Return a Word document: figure with alt text and caption, table with header row, sources."""
    blocks: list[Block] = []
    if job.reading.note:
        blocks.append(Paragraph((Span(job.reading.note, strong=True),)))
    if job.figure is not None:
        blocks.append(_picture(job))
    blocks += [job.reading, *_sources(job)]
    return word_bytes(blocks, plain_text(job.title), job.lang, report=False)


def tex(job: Job) -> bytes:
    """Return the table as LaTeX, with what the figure's caption says below it."""
    return tex_text(job.reading, job.name, job.words.caption if job.words else "").encode()


def _picture(job: Job) -> Picture:
    words = job.told
    files = {
        "png": save(job.drawn, "png", {"Software": None}, dpi=PNG_DPI),
        "outline": save(job.drawn, "svg", {"Date": None}, outline=True),
    }
    return Picture(job.name, files, words.title, words.caption, words.alt, words.long_alt, job.reading)


def _sources(job: Job) -> list[Block]:
    found = all_sources_told(job)
    if not found:
        return []
    told = [f"{one.get('citation') or one['id']} {one.get('design_in_words') or ''}".strip() for one in found]
    return [
        Heading(1, word("sheet.sources", job.lang)),
        Listing(tuple((Span(plain_text(text)),) for text in told)),
    ]
