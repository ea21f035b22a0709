"""Write blocks as a Word document: real styles, captions that Word counts, alternative texts, repeated headers.

Takes blocks; hands on the file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    column_count,
    column_shares,
    filled,
    listed,
    numbered,
)
from portal_analysis.files import moment, same_bytes
from portal_analysis.language.catalogue import catalogue, word

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as WordParagraph

WIDE, TALLEST = 16.0, 20.0
"""Centimetres between the margins of an A4 page, and the height that a picture may have."""
LETTERS = "Arial"
INK, LINK = "1B1F24", "0B4F8A"
STYLES = ("Title", "Caption", *(f"Heading {level}" for level in range(1, 7)))


def write_docx(path: Path, blocks: Sequence[Block], title: str | Front, lang: str) -> Path:
    """Write blocks as a Word document.

    Parameters
    ----------
    path, blocks, title, lang
        As of :func:`~portal_analysis.documents.html.write_html`, and so is what is returned.
    """
    path.write_bytes(word_bytes(blocks, title, lang))
    return path


def word_bytes(blocks: Sequence[Block], title: str | Front, lang: str, report: bool = True) -> bytes:
    """Return blocks as the bytes of a Word document.

    A report has a first page, a table of contents and running headers; without it captions are told in full.
    """
    from docx import Document

    document, page = Document(), front(title)
    _set_up(document, page, lang)
    _add_front(document, page, lang)
    content = numbered(blocks, lang)
    if report:
        _add_contents(document, content, lang)
    for place, one in enumerate(content):
        _add(document, one, place, lang, report)
    target = io.BytesIO()
    document.save(target)
    return same_bytes(target.getvalue())


def _add_front(document: Document, page: Front, lang: str) -> None:
    """Add title, lines and summary; number the pages."""
    from docx.shared import Cm

    if page.logo is not None and page.logo.suffix.lower() == ".png":
        document.add_picture(str(page.logo), height=Cm(1.6))
    document.add_paragraph(page.title, style="Title")
    for line in page.lines:
        document.add_paragraph(line)
    for block in page.summary:
        _add(document, Numbered(block), -1, lang, report=True)
    _field(document.sections[0].footer.paragraphs[0], " PAGE ", "1")


def _add_part(document: Document, text: str, place: int) -> None:
    """Begin a part on a page of its own, whose pages have its name at their head."""
    from docx.enum.section import WD_SECTION

    section: Any = document.add_section(WD_SECTION.NEW_PAGE)
    section.header.is_linked_to_previous = False
    section.header.paragraphs[0].text = text
    _bookmark(document.add_heading(text, level=1), place)


def _set_up(document: Document, page: Front, lang: str) -> None:
    """Set page, language, properties and styles; colours are dark enough on white."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    about: Any = document.core_properties
    about.title, about.language = page.title, str(catalogue(lang)["language.tag"])
    about.author = "; ".join(page.authors) or "portal_analysis"
    about.comments, about.last_modified_by, about.revision = "", "portal_analysis", 1
    about.created = about.modified = moment()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    for mark in document.styles.element.iter(qn("w:lang")):
        mark.set(qn("w:val"), str(catalogue(lang)["language.tag"]))
        mark.set(qn("w:eastAsia"), str(catalogue(lang)["language.tag"]))
    for name in ("Normal", *STYLES):
        style: Any = document.styles[name]
        style.font.name = LETTERS
        style.font.color.rgb = RGBColor.from_string(INK)
        fonts = style.element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for use in ("hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{use}"), LETTERS)
    document.styles["Normal"].font.size = Pt(10)
    document.styles["Caption"].font.bold = False


def _add_contents(document: Document, content: Sequence[Numbered], lang: str) -> None:
    """Add a table of contents that Word can renew; until then it holds links to the headings."""
    heading = document.add_paragraph(
        style="TOC Heading" if "TOC Heading" in _names(document) else "Heading 1"
    )
    heading.paragraph_format.page_break_before = True
    heading.add_run(word("report.contents", lang))
    entries = [
        (place, 1 if isinstance(one.block, Part) else one.block.level, one.block.text)
        for place, one in enumerate(content)
        if isinstance(one.block, Part) or (isinstance(one.block, Heading) and one.block.level <= 2)
    ]
    for order, (place, level, text) in enumerate(entries):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent = (level - 1) * 200000
        if order == 0:
            _field_part(paragraph, "begin")
            _field_part(paragraph, "instruction", ' TOC \\o "1-2" \\h \\z \\u ')
            _field_part(paragraph, "separate")
        _link(paragraph, Span(text), anchor=f"_b{place}")
        if order == len(entries) - 1:
            _field_part(paragraph, "end")
    if found := listed(content):
        document.add_paragraph(style="Heading 2").add_run(word("report.list", lang))
    for label, title in found:
        document.add_paragraph(f"{label}. {title}", style="List Bullet")


def _names(document: Document) -> set[str]:
    return {str(style.name) for style in document.styles}


def _add(document: Document, one: Numbered, place: int, lang: str, report: bool) -> None:
    block = one.block
    if isinstance(block, Part):
        _add_part(document, block.text, place)
    elif isinstance(block, Heading):
        _bookmark(document.add_heading(block.text, level=min(block.level, 6)), place)
    elif isinstance(block, Paragraph):
        _spans(document.add_paragraph(), block.spans)
    elif isinstance(block, Listing):
        _listing(document, block)
    elif isinstance(block, Picture):
        _picture(document, block, one.label, lang, report)
    elif isinstance(block, Table):
        _table(document, block, one.label, lang)


def _listing(document: Document, block: Listing) -> None:
    number = _fresh_numbers(document) if block.ordered else None
    for item in block.items:
        paragraph = document.add_paragraph(style="List Number" if block.ordered else "List Bullet")
        if number is not None:
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = 0
            properties.get_or_add_numId().val = number
        _spans(paragraph, item)


def _fresh_numbers(document: Document) -> int:
    """Return the id of a numbering that begins at one, in the shape of the style List Number."""
    style: Any = document.styles["List Number"]
    numbering: Any = document.part.numbering_part.element
    shape = numbering.num_having_numId(style.element.pPr.numPr.numId.val).abstractNumId.val
    fresh = numbering.add_num(shape)
    fresh.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(fresh.numId)


def _spans(paragraph: WordParagraph, spans: Sequence[Span]) -> None:
    for span in spans:
        if span.href.startswith(("http", "mailto:")):
            _link(paragraph, span)
        else:
            _styled(paragraph.add_run(span.text), span)


def _styled(run: Any, span: Span) -> None:
    run.bold = span.strong or None
    run.italic = span.emphasis or None
    if span.code:
        run.font.name = "Consolas"


def _link(paragraph: WordParagraph, span: Span, anchor: str = "") -> None:
    """Add a link, to an address or to a bookmark of the document."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement
    from docx.shared import RGBColor

    run = paragraph.add_run(span.text)
    _styled(run, span)
    run.font.color.rgb = RGBColor.from_string(LINK)
    run.font.underline = True
    link = OxmlElement("w:hyperlink")
    if anchor:
        link.set(qn("w:anchor"), anchor)
    else:
        link.set(
            qn("r:id"), paragraph.part.relate_to(span.href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        )
    run._r.addprevious(link)
    link.append(run._r)


def _bookmark(paragraph: WordParagraph, place: int) -> None:
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(place))
    start.set(qn("w:name"), f"_b{place}")
    paragraph._p.insert(1, start)
    paragraph._p.append(end)


def _picture(document: Document, block: Picture, label: str, lang: str, report: bool) -> None:
    """Add a picture with its alternative text and, below it, its caption; a drawing of shapes beside it if given."""
    from docx.shared import Cm

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    shape: Any = paragraph.add_run().add_picture(io.BytesIO(block.content("png")))
    ratio = shape.height / shape.width
    wide = min(WIDE, TALLEST / ratio)
    shape.width, shape.height = Cm(wide), Cm(wide * ratio)
    named = shape._inline.docPr
    named.set("name", label)
    named.set("title", block.title)
    named.set("descr", block.long_alt)
    if "outline" in block.files:
        _add_drawing(document, shape, block.content("outline"))
    _caption(document, "figure", label, "" if report else block.caption, lang)


def _add_drawing(document: Any, shape: Any, drawing: bytes) -> None:
    """Put an SVG beside the PNG; newer word processors print that, older ones the PNG ([MS-ODRAWXML] 2.3.3)."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    part = Part(PackURI("/word/media/figure1.svg"), "image/svg+xml", drawing, document.part.package)
    relation = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    blip = shape._inline.graphic.graphicData.pic.blipFill.blip
    drawn = "http://schemas.openxmlformats.org/drawingml/2006/main"
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    blip.append(
        parse_xml(
            f'<a:extLst xmlns:a="{drawn}"><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
            '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
            f'xmlns:r="{related}" r:embed="{relation}"/></a:ext></a:extLst>'
        )
    )


def _caption(document: Document, kind: str, label: str, text: str, lang: str, above: bool = False) -> None:
    """Add a caption; its number is a field, unless it repeats a figure's number above its table."""
    paragraph = document.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = above
    name = word(f"word.{kind}", lang)
    if label.startswith(f"{name} "):
        paragraph.add_run(f"{name} ")
        _field(paragraph, f" SEQ {name} \\* ARABIC ", label.removeprefix(f"{name} "))
    else:
        paragraph.add_run(label)
    paragraph.add_run(f". {text}" if text else "")


def _field(paragraph: WordParagraph, instruction: str, shown: str) -> None:
    """Add a field that Word computes, with what it shows until then."""
    for part, text in (
        ("begin", ""),
        ("instruction", instruction),
        ("separate", ""),
        ("text", shown),
        ("end", ""),
    ):
        _field_part(paragraph, part, text)


def _field_part(paragraph: WordParagraph, part: str, text: str = "") -> None:
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    run = paragraph.add_run(text if part == "text" else "")
    if part == "instruction":
        told: Any = OxmlElement("w:instrText")
        told.set(qn("xml:space"), "preserve")
        told.text = text
        run._r.append(told)
    elif part != "text":
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), part)
        run._r.append(mark)


def _table(document: Document, block: Table, label: str, lang: str) -> None:
    """Add a table under its caption; its first row is repeated on each page, its first column heads the rows."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    _caption(document, "table", label, block.caption, lang, above=True)
    columns = column_count(block)
    table: Any = document.add_table(rows=1 + len(block.rows), cols=columns, style="Table Grid")
    widths = _widths(block)
    table.autofit = False
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = width
    for place, (row, cells) in enumerate(zip(table._tbl.tr_lst, (block.columns, *block.rows), strict=True)):
        _fill(row, cells, widths, head=place == 0)
    for tag in ("w:tblCaption", "w:tblDescription"):
        told = OxmlElement(tag)
        told.set(qn("w:val"), block.caption or label)
        table._tbl.tblPr.append(told)
    document.add_paragraph()


def _widths(block: Table) -> list[int]:
    """Share the width between the margins out to the columns by the length of their texts, as the PDF does."""
    from docx.shared import Cm

    shares = column_shares(block)
    return [Cm(WIDE * share / sum(shares)) for share in shares]


def _fill(row: Any, cells: Sequence[str], widths: Sequence[int], head: bool) -> None:
    from docx.oxml.parser import OxmlElement
    from docx.shared import Pt

    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
    for cell, width, text in zip(row.tc_lst, widths, filled(cells, len(widths)), strict=True):
        cell.width = width
        run = cell.p_lst[0].add_r()
        run.text = text
        style = run.get_or_add_rPr()
        style.sz_val = Pt(8.5)
        if head:
            style.insert(0, OxmlElement("w:b"))
