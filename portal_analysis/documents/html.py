"""Write blocks as one HTML file that loads nothing: fonts and pictures are inside, for every reader.

Takes blocks; hands on the file.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

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
from portal_analysis.documents.numbered import caption, column_count, column_shares
from portal_analysis.figures.typeface import FONTS, font_subset
from portal_analysis.language.catalogue import word

FACES = (
    ("BeVietnamPro-Regular.ttf", 400, "normal"),
    ("BeVietnamPro-Bold.ttf", 700, "normal"),
    ("BeVietnamPro-Italic.ttf", 400, "italic"),
)

POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"
"""What the page may load: nothing but what is inside it, and no script."""

LOOK = (
    ":root table[lang] :is(th, td, caption) "
    "{ text-align: left; vertical-align: top; padding: .3em .7em .3em 0; line-height: 1.35 } "
    ":root table[lang] tbody th { font-weight: normal }"
)
"""How a table looks in a notebook; ``:root`` outweighs JupyterLab's own rule, which sets cells to the right."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { font-size: 100%; scroll-padding-top: 1rem; }
body { margin: 0; color: #1b1f24; background: #fff; font: 1rem/1.6 "Be Vietnam Pro", "DejaVu Sans", sans-serif; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: #fff; border: 2px solid #0b4f8a; z-index: 1; }
header, nav, main, footer { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
main { container-type: inline-size; }
header { padding-top: 2rem; }
h1 { font-size: 1.9rem; line-height: 1.25; }
h2 { font-size: 1.5rem; line-height: 1.3; margin-top: 3.5rem; padding-top: 1rem; border-top: 3px solid #0b4f8a; }
h3 { font-size: 1.2rem; line-height: 1.35; margin-top: 2.2rem; }
h4 { font-size: 1.05rem; margin-top: 1.6rem; }
h1, h2, h3, h4, p, li, figcaption, caption, td, th { overflow-wrap: break-word; }
a { color: #0b4f8a; text-underline-offset: .15em; }
a:focus, summary:focus, [tabindex]:focus { outline: 3px solid #b3541e; outline-offset: 2px; }
nav ul { padding-left: 1.4rem; list-style: none; }
nav li { margin: .4rem 0; }
figure { margin: 2rem 0; }
figure svg, figure img { display: block; width: 100%; height: auto; }
figure svg * { letter-spacing: normal !important; word-spacing: normal !important; }
.narrow { display: none; }
@container (max-width: 34rem) { .wide { display: none; } .narrow { display: block; } }
.logo { height: 3rem; }
header p { margin: .2rem 0; }
nav li.part { margin-left: -1.4rem; font-weight: 700; }
h2.part { font-size: 1.7rem; }
figcaption, caption { font-size: .9rem; color: #3c4550; text-align: left; padding: .5rem 0; }
details { margin: .5rem 0 2rem; font-size: .95rem; }
summary { cursor: pointer; color: #0b4f8a; padding: .3rem 0; }
table { margin: 1.2rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; line-height: 1.45; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid #c9d1d9; }
th, td { overflow-wrap: break-word; hyphens: auto; }
thead th { border-bottom: 2px solid #1b1f24; font-weight: 700; }
tbody th { font-weight: 400; }
code { font-size: .92em; background: #f1f3f5; padding: .1em .25em; }
footer { margin-top: 3rem; padding-bottom: 3rem; font-size: .9rem; color: #3c4550; }
@media print { nav, .skip { display: none; } details > * { display: block; } h2 { break-before: page; } }
"""

STACKED = """
NAME, NAME :is(caption, tbody, tr, th, td) { display: block; }
NAME colgroup { display: none; }
NAME thead { position: absolute; left: -100rem; }
NAME tbody tr { border-bottom: 2px solid #c9d1d9; padding: .4rem 0; }
NAME tbody :is(th, td) { border: 0; padding: .1rem 0; overflow-wrap: anywhere; }
NAME td[data-head]:not(:empty)::before { content: attr(data-head) ": "; color: #3c4550; }
NAME tbody th { font-weight: 700; }
"""
"""Tables whose rows are read one below the other; a column's head stands before each of its cells."""

STACKS = ((2, ".stack", "34rem"), (3, ".stack.many", "44rem"))
"""Tables of more columns than these are read row by row where the text is narrower, in sizes of its letters."""


def write_html(path: Path, blocks: Sequence[Block], title: str | Front, lang: str) -> Path:
    """Write blocks as one self-contained, accessible HTML file.

    Parameters
    ----------
    path : Path
        The file to write.
    blocks : sequence of Block
        The report's content; headings of level 1 open its chapters.
    title : str or Front
        The report's title, or its first page.
    lang : {"en", "vi"}
        The document's language.

    Returns
    -------
    Path
        The file. The same blocks give the same bytes.
    """
    page = front(title)
    body = "\n".join(_body(blocks, lang))
    contents, head = _contents(blocks, lang), _front(page, lang)
    text = f"""<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{html.escape(page.title)}</title>
<style>{_font_faces(head + contents + body)}{STYLE.replace("#0b4f8a", page.accent)}{_stacks()}</style>
</head>
<body>
<a class="skip" href="#text">{html.escape(word("report.skip", lang))}</a>
<header>
{head}
</header>
{contents}
<main id="text">
{body}
</main>
</body>
</html>
"""
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _contents(blocks: Sequence[Block], lang: str) -> str:
    chapters = [
        f'<li{_part_class(block)}><a href="#{key}">{html.escape(block.text)}</a></li>'
        for key, block in _keyed(blocks)
        if isinstance(block, Part) or (isinstance(block, Heading) and block.level == 1)
    ]
    heading = html.escape(word("report.contents", lang))
    return (
        f'<nav aria-labelledby="contents"><h2 id="contents">{heading}</h2><ul>{"".join(chapters)}</ul></nav>'
    )


def _part_class(block: Block) -> str:
    return ' class="part"' if isinstance(block, Part) else ""


def _front(page: Front, lang: str) -> str:
    """Write title, lines and summary."""
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in page.lines)
    summary = "".join(_body(page.summary, lang, "s"))
    return _logo(page) + f"<h1>{html.escape(page.title)}</h1>{lines}" + summary


def _logo(page: Front) -> str:
    if page.logo is None:
        return ""
    kind = "svg+xml" if page.logo.suffix.lower() == ".svg" else "png"
    data = base64.b64encode(page.logo.read_bytes()).decode("ascii")
    return f'<img class="logo" alt="" src="data:image/{kind};base64,{data}">'


def _keyed(blocks: Iterable[Block], letter: str = "b") -> Iterator[tuple[str, Block]]:
    for place, block in enumerate(blocks, start=1):
        yield f"{letter}{place}", block


def _body(blocks: Sequence[Block], lang: str, letter: str = "b") -> Iterator[str]:
    figures = tables = 0
    level = 1
    lower = int(any(isinstance(block, Part) for block in blocks))
    for key, block in _keyed(blocks, letter):
        if isinstance(block, Part):
            level = 2
            yield f'<h2 class="part" id="{key}">{html.escape(block.text)}</h2>'
        elif isinstance(block, Heading):
            level = min(block.level + 1 + lower, level + 1, 6)
            yield f'<h{level} id="{key}">{html.escape(block.text)}</h{level}>'
        elif isinstance(block, Paragraph):
            yield f"<p>{_spans(block.spans)}</p>"
        elif isinstance(block, Listing):
            tag = "ol" if block.ordered else "ul"
            yield f"<{tag}>" + "".join(f"<li>{_spans(item)}</li>" for item in block.items) + f"</{tag}>"
        elif isinstance(block, Picture):
            figures += 1
            yield _picture(block, key, figures, lang)
        elif isinstance(block, Table):
            tables += 1
            yield _table(block, caption(f"{word('word.table', lang)} {tables}", block.caption))


def _spans(spans: Sequence[Span]) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    text = html.escape(span.text)
    for tag, used in (("code", span.code), ("em", span.emphasis), ("strong", span.strong)):
        text = f"<{tag}>{text}</{tag}>" if used else text
    return f'<a href="{html.escape(span.href)}">{text}</a>' if span.href else text


def _picture(block: Picture, key: str, place: int, lang: str) -> str:
    label = f"{word('word.figure', lang)} {place}. "
    drawing = inline_svg(block.content("svg").decode(), key, block) if "svg" in block.files else _image(block)
    if "column" in block.files:  # the drawing for narrow screens
        narrow = inline_svg(block.content("column").decode(), f"{key}n", block)
        drawing = f'<div class="wide">{drawing}</div><div class="narrow">{narrow}</div>'
    more = html.escape(word("report.numbers", lang, number=place))
    return (
        f'<figure id="{key}">{drawing}<figcaption>{html.escape(label.rstrip(". "))}</figcaption></figure>'
        f"<details><summary>{more}</summary><p>{html.escape(block.long_alt)}</p>"
        f"{_table(block.table, label + block.table.caption)}</details>"
    )


def _stacks() -> str:
    return "".join(
        f"@container (max-width: {width}) {{{STACKED.replace('NAME', name)}}}\n" for _, name, width in STACKS
    )


def _image(block: Picture) -> str:
    data = base64.b64encode(block.content("png")).decode("ascii")
    return f'<img alt="{html.escape(block.alt)}" src="data:image/png;base64,{data}">'


def inline_svg(svg: str, key: str, block: Picture) -> str:
    """Make an SVG file part of the page: one accessible name and description, ids that no other picture has."""
    drawing = re.sub(r"^.*?(?=<svg\b)", "", svg, flags=re.S)
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.S)
    drawing = re.sub(
        r'<style type="text/css">@font-face.*?</style>', "", drawing, flags=re.S
    )  # the page has it
    drawing = re.sub(r"\s*<(title|desc)\b[^>]*>.*?</\1>", "", drawing, flags=re.S)
    drawing = re.sub(r'\b(id|aria-labelledby)="([^"]+)"', lambda m: f'{m[1]}="{key}-{m[2]}"', drawing)
    drawing = re.sub(r'\b((?:xlink:)?href)="#([^"]+)"', rf'\1="#{key}-\2"', drawing)
    drawing = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", drawing)
    opening = re.match(r"<svg\b[^>]*>", drawing)
    if opening is None:
        return _image(block)
    box = re.search(r'viewBox="[^"]+"', opening[0])
    tag = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box[0] if box else ""} role="img" aria-label="{html.escape(block.alt)}">'
    )
    return tag + drawing[opening.end() :].strip()


def _table(block: Table, told: str) -> str:
    shares = column_shares(block)
    widths = "".join(f'<col style="width: {100 * share // sum(shares)}%">' for share in shares)
    names = [name for most, name, _ in STACKS if column_count(block) > most]
    look = f' class="{names[-1].replace(".", " ").strip()}"' if names else ""
    return bare_table(block, told, look, f"<colgroup>{widths}</colgroup>")


def table_html(block: Table, told: str, lang: str) -> str:
    """Write a table as accessible HTML that stands alone, as in a notebook."""
    return bare_table(block, told, f' lang="{html.escape(lang)}"') + f"<style>{LOOK}</style>"


def bare_table(block: Table, told: str, attributes: str = "", widths: str = "") -> str:
    """Write a table: caption, headers of columns and rows, all text escaped.

    Roles are written out, so that a table stays one for screen readers where its rows are shown as blocks.
    """
    head = "".join(_header(column, "col") for column in block.columns)
    rows = "".join(_row(row, block.columns) for row in block.rows)
    return (
        f'<table role="table"{attributes}><caption>{html.escape(told)}</caption>{widths}'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def _row(row: Sequence[str], columns: Sequence[str]) -> str:
    heads = [*columns, *[""] * len(row)]
    cells = "".join(
        f'<td role="cell" data-head="{html.escape(head)}">{html.escape(cell)}</td>'
        for head, cell in zip(heads[1:], row[1:], strict=False)
    )
    return f'<tr role="row">{_header(row[0], "row") if row else ""}{cells}</tr>'


def _header(text: str, scope: str) -> str:
    """Return a header cell; an empty one is no header."""
    role = "columnheader" if scope == "col" else "rowheader"
    if not text.strip():
        return '<td role="cell"></td>'
    return f'<th role="{role}" scope="{scope}">{html.escape(text)}</th>'


def _font_faces(text: str) -> str:
    letters = frozenset(ord(letter) for letter in text if letter.isprintable())
    return "".join(
        f"@font-face {{ font-family: 'Be Vietnam Pro'; font-weight: {weight}; font-style: {slant}; "
        f"src: url(data:font/ttf;base64,{font_subset(FONTS / name, letters, None)}) format('truetype'); }}\n"
        for name, weight, slant in FACES
    )
