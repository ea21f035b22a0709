"""Write blocks as a PDF that screen readers can read (PDF/UA-1, ISO 14289-1), set by Typst.

Takes blocks; hands on the file. Typst refuses what the standard forbids, such as a picture without alternative text.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from portal_analysis.documents.blocks import (
    Block,
    Front,
    Heading,
    Listing,
    Paragraph,
    Part,
    Picture,
    Span,
    Table,
    front,
)
from portal_analysis.documents.numbered import (
    Numbered,
    caption,
    column_count,
    column_shares,
    filled,
    listed,
    numbered,
)
from portal_analysis.faults import Error
from portal_analysis.figures.typeface import FONTS
from portal_analysis.files import moment
from portal_analysis.language.catalogue import catalogue, word

STANDARD: Literal["ua-1"] = "ua-1"
TALLEST = 20.0
"""Centimetres that a picture may be high, its caption left aside."""
WIDE = 16.0
WHOLE = 12
"""A list of so many items stands on one page."""
ROOM = 8.5
"""Centimetres of a page that a part needs to begin on it, a third; where there are fewer it begins on the next."""
CHAPTER = 2
"""Headings of this level and above open a chapter or a part."""

STYLE = """
#set page(paper: "a4", margin: (x: 2.5cm, y: 2.1cm), numbering: "1", header: context {
  set text(size: 8pt, fill: rgb("#3c4550"))
  let parts = query(<part>)
  let here-on = parts.filter(part => part.location().page() == here().page())
  let before = parts.filter(part => part.location().page() < here().page())
  let opens = here-on.len() > 0 and here-on.first().location().position().y < 3.5cm
  let shown = if opens or before.len() == 0 { here-on } else { (before.last(), ..here-on) }
  shown.map(part => part.body).join([ · ])
})
#set text(font: ("Be Vietnam Pro",), size: 10pt, lang: LANG, region: REGION, fill: rgb("#1b1f24"))
#set par(leading: 0.68em, spacing: 1em)
#set heading(numbering: none)
#show heading: set block(above: 1.4em, below: 0.7em)
#show heading.where(level: 1): set text(size: 17pt)
#show heading.where(level: 2): set text(size: 13pt)
#show heading.where(level: 3): set text(size: 11pt)
#show link: it => { set text(fill: rgb(ACCENT)); underline(it) }
#show raw: set text(font: ("DejaVu Sans Mono", "Be Vietnam Pro"))
#show figure: set block(spacing: 1.2em)
#show figure.where(kind: table): set block(breakable: true)
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.caption: set text(size: 8.5pt, fill: rgb("#3c4550"))
#show figure.caption: it => block(width: 100%, sticky: true, { set align(left); it.body })
#set table(stroke: (x, y) => (bottom: if y == 0 { 0.8pt } else { 0.3pt + rgb("#8b949e") }), inset: (x: 3pt, y: 3pt))
#show table: set text(size: 8pt)
#show table: set par(leading: 0.55em)
#show table: set align(left)
#show table.cell.where(y: 0): strong
"""


class PdfError(Error):
    """The report cannot be written as a PDF for every reader, and why."""


def write_pdf(path: Path, blocks: Sequence[Block], title: str | Front, lang: str) -> Path:
    """Write blocks as a tagged PDF (PDF/UA-1).

    Parameters
    ----------
    path : Path
        The file to write.
    blocks : sequence of Block
        The report's content.
    title : str or Front
        The report's title, or its first page.
    lang : {"en", "vi"}
        The document's language.

    Returns
    -------
    Path
        The file. The same blocks give the same bytes.

    Raises
    ------
    PdfError
        If the content does not meet PDF/UA-1.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="portal-analysis-") as scratch:
        folder = Path(scratch)
        source = folder / "report.typ"
        source.write_text(typst_text(blocks, title, lang, folder), encoding="utf-8", newline="\n")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
        try:
            made = typst.compile(
                source,
                root=folder,
                font_paths=fonts,
                format="pdf",
                pdf_standards=STANDARD,
                timestamp=moment().replace(tzinfo=UTC),
            )
        except typst.TypstError as error:
            told = "; ".join([str(error), *getattr(error, "hints", [])])
            raise PdfError(f"the PDF would not be readable for everybody ({STANDARD}): {told}") from error
    path.write_bytes(made)
    return path


def typst_text(blocks: Sequence[Block], title: str | Front, lang: str, folder: Path) -> str:
    """Return the report in Typst's language; its pictures are copied into ``folder``.

    Every text of the report stands in a string literal, so that nothing in it is taken for a command.
    """
    page, content = front(title), numbered(blocks, lang)
    values = {"LANG": quoted(lang), "REGION": quoted(region(lang)), "ACCENT": quoted(page.accent)}
    style = STYLE
    for name, value in values.items():
        style = style.replace(name, value)
    authors = ", ".join(quoted(name) for name in page.authors or ("portal_analysis",))
    head = [
        f"#set document(title: {quoted(page.title)}, author: ({authors},), date: {_date(moment())})",
        style,
        *_front(page, lang, folder),
        f"#text(size: 8.5pt, outline(title: {quoted(word('report.contents', lang))}, depth: 2))",
        *_lists(content, lang),
    ]
    low = _opening(content)
    body = [line for place, one in enumerate(content) for line in _lines(one, place, folder, place in low)]
    return "\n".join([*head, *body]) + "\n"


def _front(page: Front, lang: str, folder: Path) -> Iterator[str]:
    """Set title, lines and summary on the first page."""
    if page.logo is not None:
        (folder / f"logo{page.logo.suffix}").write_bytes(page.logo.read_bytes())
        yield f'#image("logo{page.logo.suffix}", alt: {quoted(page.title)}, height: 1.6cm)'
    yield f"#text(size: 22pt, weight: 700, title({quoted(page.title)}))"
    for line in page.lines:
        yield f'#par(text(fill: rgb("#3c4550"), {quoted(line)}))'
    for place, one in enumerate(numbered(page.summary, lang)):
        if isinstance(one.block, Heading):
            yield f"#heading(level: 1, outlined: false, {quoted(one.block.text)})"
        else:
            yield from _lines(one, -1 - place, folder)
    if page.summary:
        yield "#pagebreak(weak: true)"


def _lists(content: Sequence[Numbered], lang: str) -> Iterator[str]:
    """List figures and tables with the pages that they are on."""
    places = {one.label: place for place, one in enumerate(content) if one.label}
    found = listed(content)
    if found:
        yield f"#heading(level: 2, outlined: false, {quoted(word('report.list', lang))})"
        yield "#columns(2, gutter: 1em)["
    for label, title in found:
        target = f"<p{places[label]}>"
        page = f"context counter(page).at({target}).first()"
        line = (
            f"columns: (1fr, auto), column-gutter: 1em, {quoted(f'{label}. {title}')}, align(bottom, {page})"
        )
        yield f"#block(spacing: 0.42em, {{ set par(leading: 0.4em); text(size: 7pt, link({target}, grid({line}))) }})"
    if found:
        yield "]"


def region(lang: str) -> str:
    """Return the country whose habits a language's documents follow."""
    return str(catalogue(lang)["language.tag"]).partition("-")[2].lower()


def quoted(text: str) -> str:
    """Write text as a string literal of Typst."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "")
    return f'"{re.sub(_CONTROL, "", safe)}"'


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _date(when: datetime) -> str:
    return f"datetime(year: {when.year}, month: {when.month}, day: {when.day})"


def _opening(content: Sequence[Numbered]) -> set[int]:
    """Return the places of each chapter's first picture, which stands below the chapter's title and never above it."""
    found, begun = set(), False
    for place, one in enumerate(content):
        if isinstance(one.block, Part) or (isinstance(one.block, Heading) and one.block.level <= CHAPTER):
            begun = True
        elif begun and isinstance(one.block, Picture):
            found.add(place)
            begun = False
    return found


def _lines(one: Numbered, place: int, folder: Path, low: bool = False) -> Iterator[str]:
    block = one.block
    if isinstance(block, Part):
        yield f"#place.flush()\n#block(breakable: false, below: 0pt, height: {ROOM}cm)\n#v(-{ROOM}cm)"
        yield f"#heading(level: 1, {quoted(block.text)}) <part>"
        if block.small:
            yield "#set text(size: 8pt)\n#set par(leading: 0.55em, spacing: 0.8em)\n#show table: set text(size: 7pt)"
    elif isinstance(block, Heading):
        if block.level == 1:
            yield "#pagebreak(weak: true)"
        yield f"#heading(level: {block.level}, {quoted(block.text)})"
    elif isinstance(block, Paragraph):
        yield f"#par({_spans(block.spans)})"
    elif isinstance(block, Listing):
        yield _listing(block)
    elif isinstance(block, Picture):
        yield _picture(block, one.label, f"p{place}", folder, "bottom" if low else "auto")
    elif isinstance(block, Table):
        yield _table(block, one.label, f"p{place}")


def _listing(block: Listing) -> str:
    """Return a list that no floating picture can part, which Typst's tags do not bear: whole, or after all pictures."""
    items = ", ".join(f"[#{{{_spans(item)}}}]" for item in block.items)
    made = f"{'enum' if block.ordered else 'list'}({items})"
    return f"#block(breakable: false, {made})" if len(block.items) <= WHOLE else f"#place.flush()\n#{made}"


def _spans(spans: Sequence[Span]) -> str:
    return " + ".join(_span(span) for span in spans) or '""'


def _span(span: Span) -> str:
    text = f"raw({quoted(span.text)})" if span.code else f"[#{quoted(span.text)}]"
    text = f"emph({text})" if span.emphasis else text
    text = f"strong({text})" if span.strong else text
    return f"link({quoted(span.href)}, {text})" if span.href.startswith(("http", "mailto:")) else text


def _picture(block: Picture, label: str, name: str, folder: Path, placed: str) -> str:
    kind = "svg" if "svg" in block.files else "png"
    content = block.content(kind)
    (folder / f"{name}.{kind}").write_bytes(content)
    size = _size(content) if kind == "svg" else "width: 100%"
    words = quoted(block.long_alt)
    image = f'image("{name}.{kind}", alt: {words}, {size})'
    set_as = f"placement: {placed}, numbering: none, caption: {quoted(label)}"
    # a label inside stands where the picture comes to stand, one on the figure where it is called
    return f"#figure({{ [#metadata(none) <{name}>]; {image} }}, alt: {words}, {set_as})"


def _size(svg: bytes) -> str:
    """Return how large a drawing is set: as wide as the text, unless it would be higher than the page."""
    box = re.search(rb'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"', svg)
    if box and float(box[2]) / float(box[1]) * WIDE > TALLEST:
        return f"height: {TALLEST}cm"
    return "width: 100%"


def _table(block: Table, label: str, name: str) -> str:
    columns = column_count(block)
    head = ", ".join(_cell(text) for text in filled(block.columns, columns))
    rows = ", ".join(_cell(text) for row in block.rows for text in filled(row, columns))
    widths = ", ".join(f"{width}fr" for width in column_shares(block))
    table = f"table(columns: ({widths},), table.header({head}), {rows})"
    told = quoted(caption(label, block.caption))
    return f"#figure({table}, kind: table, supplement: none, numbering: none, caption: {told}) <{name}>"


def _cell(text: str) -> str:
    """Return a cell; addresses may break after their slashes."""
    return f"[#{quoted(re.sub(r'(?<=[/&?=_])(?=[^/ ])', chr(0x200B), text) if '://' in text else text)}]"
