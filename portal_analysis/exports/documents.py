"""Figure and table as a Word document with real styles, and the table as LaTeX.

Hands on the bytes of a file.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from portal_analysis.estimates import has_flag
from portal_analysis.exports.job import Job
from portal_analysis.exports.sheets import moment

LANGUAGE = {"en": "en-GB", "vi": "vi-VN"}
HEADINGS = {
    "figure": {"en": "Figure", "vi": "Hình"},
    "table": {"en": "Table", "vi": "Bảng"},
    "sources": {"en": "Sources", "vi": "Nguồn"},
}
STAMP = {
    "en": "SIMULATED DATA – not real findings",
    "vi": "DỮ LIỆU MÔ PHỎNG – không phải kết quả thực tế",
}
PNG_DPI = 300
WIDEST = 16.0
"""Centimetres between the margins of an A4 page."""


def docx(job: Job) -> bytes:
    """Return a Word document: figure with alt text and caption, table with header row, sources."""
    from docx import Document
    from docx.shared import Cm

    document = Document()
    _set_up(document, job)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    document.add_paragraph(_title(job), style="Title")
    if has_flag(job.table, "simulated").any():
        document.add_paragraph().add_run(STAMP[job.lang]).bold = True
    if job.figure is not None:
        _add_figure(document, job)
    _add_caption(document, "table", _title(job), job.lang, keep=True)
    _add_table(document, job)
    _add_sources(document, job)
    target = io.BytesIO()
    document.save(target)
    return same_bytes(target.getvalue())


def _title(job: Job) -> str:
    return job.words.title if job.words else job.name


def _set_up(document: Any, job: Job) -> None:
    """Set language, dates and names, so that readers and screen readers know them."""
    from docx.oxml.ns import qn

    about = document.core_properties
    about.title, about.author, about.language = _title(job), "portal_analysis", LANGUAGE[job.lang]
    about.subject = job.words.alt[:255] if job.words else ""
    about.comments, about.last_modified_by, about.revision = "", "portal_analysis", 1
    about.created = about.modified = moment()
    for style in document.styles.element.iter(qn("w:lang")):
        style.set(qn("w:val"), LANGUAGE[job.lang])
        style.set(qn("w:eastAsia"), LANGUAGE[job.lang])


def _add_figure(document: Any, job: Job) -> None:
    from docx.shared import Cm

    from portal_analysis.exports.pictures import save

    words = job.told
    picture = save(job.drawn, "png", {"Software": None}, dpi=PNG_DPI)
    wide = min(job.drawn.get_figwidth() * 2.54, WIDEST)
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Cm(wide))
    named = shape._inline.docPr
    named.set("name", words.title)
    named.set("title", words.title)
    named.set("descr", words.long_alt)
    _add_drawing(document, shape, save(job.drawn, "svg", {"Date": None}, outline=True))
    _add_caption(document, "figure", words.caption, job.lang)


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


def _add_caption(document: Any, kind: str, text: str, lang: str, keep: bool = False) -> None:
    """Add a caption in the style Caption, with a number that Word counts and can list."""
    paragraph = document.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = keep
    name = HEADINGS[kind][lang]
    paragraph.add_run(f"{name} ")
    _add_field(paragraph, f" SEQ {name} \\* ARABIC ", "1")
    paragraph.add_run(f". {text}")


def _add_field(paragraph: Any, instruction: str, shown: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind in ("begin", "instr", "separate", "text", "end"):
        run = paragraph.add_run()
        if kind == "text":
            run.text = shown
        elif kind == "instr":
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = instruction
            run._r.append(element)
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
            run._r.append(element)


def _add_table(document: Any, job: Job) -> None:
    """Add the table with a header row that is repeated on each page, numbers to the right."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    columns, rows = job.display["columns"], job.display["rows"]
    table = document.add_table(rows=1 + len(rows), cols=len(columns), style="Table Grid")
    right = [_is_number_column(rows, column) for column in range(len(columns))]
    for line, cells in enumerate([columns, *rows]):
        row = table.rows[line]._tr
        properties = row.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if line == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for column, (cell, text) in enumerate(zip(row.tc_lst, cells, strict=True)):
            paragraph = cell.p_lst[0]
            run = paragraph.add_r()
            run.text = str(text)
            run.get_or_add_rPr().sz_val = Pt(9)
            if line == 0:
                run.get_or_add_rPr().insert(0, OxmlElement("w:b"))
            if right[column]:
                paragraph.get_or_add_pPr().jc_val = WD_ALIGN_PARAGRAPH.RIGHT
    for tag, text in (
        ("w:tblCaption", _title(job)),
        ("w:tblDescription", job.words.alt if job.words else _title(job)),
    ):
        element = OxmlElement(tag)
        element.set(qn("w:val"), text)
        table._tbl.tblPr.append(element)


def _is_number_column(rows: list[list[str]], column: int) -> bool:
    """Tell whether a column holds numbers, counts or intervals, as far as it holds anything."""
    cells = [row[column] for row in rows if row[column]]
    pattern = re.compile(r"[−+]?[\d.,]+%?(–[−+]?[\d.,]+)?( \w+ [\d.,]+)?")
    return bool(cells) and sum(bool(pattern.fullmatch(cell)) for cell in cells) >= len(cells) / 2


def _add_sources(document: Any, job: Job) -> None:
    from portal_analysis.exports.provenance import source_told
    from portal_analysis.figures.words import sources_of

    found = [source_told(source, job.lang) for source in sources_of(job.table)]
    if not found:
        return
    document.add_heading(HEADINGS["sources"][job.lang], level=1)
    for told in found:
        document.add_paragraph(str(told.get("citation") or told["id"]), style="List Bullet")
        if told.get("design_in_words"):
            document.add_paragraph(str(told["design_in_words"]))


def same_bytes(archive: bytes) -> bytes:
    """Return a zip archive with the same contents in fixed order and with fixed times."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
    return target.getvalue()


def tex(job: Job) -> bytes:
    """Return the table as LaTeX with rules of booktabs; a long one breaks across pages."""
    columns, rows = job.display["columns"], job.display["rows"]
    long = len(rows) > 30
    shape = "".join("r" if _is_number_column(rows, column) else "l" for column in range(len(columns)))
    head = " & ".join(_escape(column) for column in columns) + r" \\"
    body = [" & ".join(_escape(str(cell)) for cell in row) + r" \\" for row in rows]
    title, label = _escape(_title(job)), f"tab:{job.name}"
    notes = _escape(job.words.caption if job.words else "")
    lines = [
        "% packages: booktabs" + (", longtable" if long else "") + "; a typeface with Vietnamese letters"
    ]
    if long:
        lines += [
            rf"\begin{{longtable}}{{{shape}}}",
            rf"\caption{{{title}}}\label{{{label}}}\\",
            r"\toprule",
            head,
        ]
        lines += [
            r"\midrule",
            r"\endfirsthead",
            r"\toprule",
            head,
            r"\midrule",
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
        ]
        lines += [*body, r"\end{longtable}"]
    else:
        lines += [
            r"\begin{table}",
            rf"\caption{{{title}}}\label{{{label}}}",
            rf"\begin{{tabular}}{{{shape}}}",
        ]
        lines += [r"\toprule", head, r"\midrule", *body, r"\bottomrule", r"\end{tabular}"]
        lines += [rf"\par\footnotesize {notes}"] if notes else []
        lines += [r"\end{table}"]
    if has_flag(job.table, "simulated").any():
        lines.insert(1, f"% {STAMP[job.lang]}")
    return ("\n".join(lines) + "\n").encode()


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": r"\ensuremath{-}",
    "≈": r"\ensuremath{\approx}",
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    "×": r"\ensuremath{\times}",
}


def _escape(text: str) -> str:
    """Write text so that LaTeX prints it as it is."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)
