"""Read an executed notebook as blocks: headings, paragraphs, lists, tables and figures.

Takes notebooks after their run; hands on blocks. What is neither Markdown nor shown nor exported stays out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal_analysis.documents.blocks import Block, Heading, Listing, Paragraph, Picture, Span, Table
from portal_analysis.documents.show import TABLE_MIME
from portal_analysis.exports import MIME as EXPORT_MIME
from portal_analysis.exports.files import COLUMN, SLIDES

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode
    from nbformat import NotebookNode

APART = ("paragraph", "bullet_list", "ordered_list", "list_item")
"""Parts of a list item that must not run into each other when it is read as one paragraph."""


def read_cells(notebook: NotebookNode, folder: Path) -> tuple[list[Block], list[Block]]:
    """Return what an executed notebook shows, in order: what it argues, and what only stands to be looked up.

    Parameters
    ----------
    notebook : NotebookNode
        After its run. A cell with the tag ``notebook`` stays out of the report, one with ``reference`` goes to
        its end.
    folder : Path
        The folder in which it ran; exported files are looked up from there.
    """
    body: list[Block] = []
    reference: list[Block] = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "notebook" not in tags:
            (reference if "reference" in tags else body).extend(_cell_blocks(cell, folder))
    return body, reference


def read_blocks(notebook: NotebookNode, folder: Path) -> list[Block]:
    """Return everything that an executed notebook shows to the report."""
    body, reference = read_cells(notebook, folder)
    return [*body, *reference]


def _cell_blocks(cell: NotebookNode, folder: Path) -> list[Block]:
    if cell.cell_type == "markdown":
        return markdown_blocks(cell.source)
    if cell.cell_type != "code":
        return []
    return [block for output in cell.outputs for block in _output_blocks(output.get("data", {}), folder)]


def markdown_blocks(text: str) -> list[Block]:
    """Read Markdown: headings, paragraphs, lists and tables; raw HTML is text, never markup."""
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return [block for node in SyntaxTreeNode(parser.parse(text)).children for block in _node_blocks(node)]


def _output_blocks(data: dict[str, Any], folder: Path) -> Iterator[Block]:
    if EXPORT_MIME in data:
        yield _picture(data[EXPORT_MIME], folder)
    elif TABLE_MIME in data:
        yield _table(data[TABLE_MIME]["title"], data[TABLE_MIME])
    elif "text/markdown" in data:
        yield from markdown_blocks(str(data["text/markdown"]))


def _picture(shown: dict[str, Any], folder: Path) -> Block:
    table = _table(shown["title"] or shown["name"], shown)
    place = folder / shown["folder"]
    files = {kind: place / name for kind, name in shown["files"].items()}
    column = place / f"{shown['name']}.{COLUMN}"
    if column.is_file():
        files["column"] = column
    slides = place / f"{shown['name']}.{SLIDES}.pptx"
    if slides.is_file():
        files[SLIDES] = slides
    if not {"svg", "png"} & set(files):
        return table
    words = {name: shown[name] for name in ("title", "caption", "alt", "long_alt")}
    return Picture(shown["name"], files, table=table, **words)


def _table(title: str, shown: dict[str, Any]) -> Table:
    table = shown["table"]
    rows = tuple(tuple(row) for row in table["rows"])
    return Table(title, tuple(table["columns"]), rows, shown.get("note", ""))


def _node_blocks(node: SyntaxTreeNode) -> Iterator[Block]:
    if node.type == "heading":
        yield Heading(int(node.tag[1:]), "".join(span.text for span in _spans(node)))
    elif node.type == "paragraph":
        yield Paragraph(tuple(_spans(node)))
    elif node.type in ("bullet_list", "ordered_list"):
        items = tuple(tuple(_spans(item)) for item in node.children)
        yield Listing(items, ordered=node.type == "ordered_list")
    elif node.type == "table":
        rows = [
            tuple(_plain(cell) for cell in row.children) for part in node.children for row in part.children
        ]
        yield Table("", rows[0], tuple(rows[1:]))
    elif node.type in ("fence", "code_block"):
        yield Paragraph((Span(node.content.rstrip("\n"), code=True),))
    elif node.children:
        for child in node.children:
            yield from _node_blocks(child)


def _plain(node: SyntaxTreeNode) -> str:
    return "".join(span.text for span in _spans(node))


def _spans(
    node: SyntaxTreeNode, strong: bool = False, emphasis: bool = False, href: str = ""
) -> Iterator[Span]:
    if node.type in ("text", "code_inline", "image"):
        if node.content:
            yield Span(node.content, strong, emphasis, node.type == "code_inline", href)
        return
    if node.type in ("softbreak", "hardbreak"):
        yield Span(" ", strong, emphasis, href=href)
    for place, child in enumerate(node.children):
        if place and child.type in APART:
            yield Span(" ", strong, emphasis, href=href)
        yield from _spans(
            child,
            strong or child.type == "strong",
            emphasis or child.type == "em",
            _safe(str(child.attrs.get("href", ""))) if child.type == "link" else href,
        )


def _safe(address: str) -> str:
    """Return a link's address if it leads to the web or into the document; no script, no file."""
    return address if address.startswith(("https://", "http://", "#", "mailto:")) else ""
