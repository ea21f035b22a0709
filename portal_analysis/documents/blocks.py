"""What a document is made of: headings, paragraphs, lists, tables and figures.

Hands on plain values that the writers of all formats place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Span:
    """A run of text in one style; ``href`` makes it a link."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    href: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title of a chapter."""

    level: int
    text: str


@dataclass(frozen=True)
class Part:
    """A part of a document: what stands over its chapters, in the contents, and at the head of each of its pages.

    ``small`` says that it is looked up, not read: its text is set smaller where pages are counted.
    """

    text: str
    small: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text."""

    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Listing:
    """A list of paragraphs, numbered or not."""

    items: tuple[tuple[Span, ...], ...]
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    """A table as text, with its caption and what must be said with it: that its data are simulated."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def caption(self) -> str:
        """The title with the note."""
        return ". ".join(part.rstrip(".") for part in (self.title, self.note) if part)


@dataclass(frozen=True)
class Picture:
    """A figure: its files by format (paths, or their bytes), the words that go with it, and its numbers."""

    name: str
    files: Mapping[str, Path | bytes]
    title: str
    caption: str
    alt: str
    long_alt: str
    table: Table

    def content(self, kind: str) -> bytes:
        """Return the picture in a format."""
        file = self.files[kind]
        return file if isinstance(file, bytes) else file.read_bytes()


Block = Part | Heading | Paragraph | Listing | Table | Picture


@dataclass(frozen=True)
class Front:
    """The first page: title, who made it and when, and the summary.

    Attributes
    ----------
    title : str
    lines : tuple of str
        Institution, authors, date and version, one a line.
    summary : tuple of Block
    authors : tuple of str
        For the document's properties.
    accent : str
        The colour of rules and links, ``#rrggbb``.
    logo : Path, optional
        A PNG or SVG file.
    """

    title: str
    lines: tuple[str, ...] = ()
    summary: tuple[Block, ...] = ()
    authors: tuple[str, ...] = ()
    accent: str = "#0b4f8a"
    logo: Path | None = None


def front(title: str | Front) -> Front:
    """Return the first page of a document that may have nothing but a title."""
    return title if isinstance(title, Front) else Front(title)
