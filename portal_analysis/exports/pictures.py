"""Figures as SVG, PDF, PNG and EMF, each with the words that stand for the picture.

Hands on the bytes of a file.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from portal_analysis.exports.job import ExportError, Job
from portal_analysis.figures.saving import save
from portal_analysis.figures.typeface import FONTS, font_subset
from portal_analysis.files import plain_text
from portal_analysis.language.alternative import FigureText


def png(job: Job) -> bytes:
    """Return the figure as PNG of 300 dots an inch, its words in text chunks."""
    words = job.told
    info = {"Title": words.title, "Description": words.alt, "Source": words.caption, "Software": None}
    return save(job.drawn, "png", info)


def svg(job: Job) -> bytes:
    """Return the figure as SVG: text as text with its letters inside, or as shapes."""
    words = job.told
    info = {
        "Date": None,
        "Creator": None,
        "Title": words.title,
        "Description": words.alt,
        "Language": words.lang,
    }
    outline = job.text == "outline"
    drawing = plain_text(save(job.drawn, "svg", info, outline=outline).decode()).encode()
    return accessible_svg(drawing if outline else with_fonts(drawing), words, job.name)


def accessible_svg(svg: bytes, words: FigureText, name: str) -> bytes:
    """Return the SVG with ``role``, language, ``<title>`` and ``<desc>``, so that a screen reader reads its text."""
    start = svg.index(b"<svg")
    end = svg.index(b">", start)
    tag = svg[start:end].decode()
    spoken = (
        f' role="img" lang="{words.lang}" xml:lang="{words.lang}" aria-labelledby="{name}-title {name}-desc"'
    )
    inside = (
        f'\n <title id="{name}-title">{html.escape(words.title)}</title>'
        f'\n <desc id="{name}-desc">{html.escape(words.long_alt)}</desc>'
    )
    return svg[:start] + (tag + spoken + ">" + inside).encode() + svg[end + 1 :]


def pdf(job: Job) -> bytes:
    """Return the figure as PDF with fonts inside, its words and language in the document's information."""
    words = job.told
    info = {
        "Title": words.title,
        "Subject": words.alt,
        "Keywords": words.caption,
        "Creator": "portal_analysis",
        "Producer": None,
        "CreationDate": None,
    }
    return _with_language(save(job.drawn, "pdf", info), words.lang)


def _with_language(pdf: bytes, lang: str) -> bytes:
    """Return the PDF with its language in the catalogue, added as an update after the end (ISO 32000-1, 7.5.6)."""
    trailer = pdf[pdf.rindex(b"trailer") :]
    root = re.search(rb"/Root (\d+) 0 R", trailer)
    size = re.search(rb"/Size (\d+)", trailer)
    start = re.search(rb"startxref\s+(\d+)", trailer)
    catalogue = root and re.search(rb"(?<!\d)" + root[1] + rb" 0 obj\s*<<(.*?)>>\s*endobj", pdf, re.DOTALL)
    if not (root and size and start and catalogue):
        return pdf
    more = f"/Lang ({lang}) /ViewerPreferences << /DisplayDocTitle true >>".encode()
    body = pdf + (b"" if pdf.endswith(b"\n") else b"\n")
    place = len(body)
    body += root[1] + b" 0 obj\n<<" + catalogue[1].rstrip() + b" " + more + b" >>\nendobj\n"
    xref = len(body)
    body += b"xref\n" + root[1] + b" 1\n" + f"{place:010d} 00000 n \n".encode()
    kept = re.search(rb"/Info (\d+) 0 R", trailer)
    note = b" /Info " + kept[1] + b" 0 R" if kept else b""
    body += (
        b"trailer\n<< /Size "
        + size[1]
        + b" /Root "
        + root[1]
        + b" 0 R"
        + note
        + b" /Prev "
        + start[1]
        + b" >>\n"
    )
    return body + f"startxref\n{xref}\n%%EOF\n".encode()


def emf(job: Job) -> bytes:
    """Return the figure as EMF for old word processors, made by Inkscape from an SVG of shapes."""
    tool = shutil.which("inkscape")
    if tool is None:
        raise ExportError(
            "the format 'emf' needs the program Inkscape, which is not installed; svg and pdf do not"
        )
    drawing = save(job.drawn, "svg", {"Date": None}, outline=True)
    with tempfile.TemporaryDirectory() as folder:
        source, goal = Path(folder) / "figure.svg", Path(folder) / "figure.emf"
        source.write_bytes(drawing)
        command = [tool, str(source), "--export-type=emf", f"--export-filename={goal}"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if run.returncode != 0 or not goal.is_file():
            raise ExportError(f"Inkscape could not make the emf file: {run.stderr.strip()[-300:]}")
        return goal.read_bytes()


def with_fonts(drawing: bytes) -> bytes:
    """Return an SVG of text with the letters that it uses of the package's typeface inside.

    So the text stays text and fits on machines that do not have the typeface (SIL OFL 1.1 allows embedding).
    """
    text = drawing.decode()
    faces = {
        "Regular": ("normal", "normal", True),
        "Bold": ("bold", "normal", "font-weight: bold" in text or "font-weight: 700" in text),
        "Italic": ("normal", "italic", "font-style: italic" in text),
    }
    letters = {ord(letter) for letter in html.unescape(re.sub(r"<[^>]*>", "", text)) if letter.isprintable()}
    rules = [
        f"@font-face{{font-family:'Be Vietnam Pro';font-weight:{weight};font-style:{slant};"
        f"src:url(data:font/woff;base64,{font_subset(FONTS / f'BeVietnamPro-{cut}.ttf', frozenset(letters))})}}"
        for cut, (weight, slant, used) in faces.items()
        if used
    ]
    end = text.index(">", text.index("<svg")) + 1
    return (text[:end] + f'\n <style type="text/css">{"".join(rules)}</style>' + text[end:]).encode()
