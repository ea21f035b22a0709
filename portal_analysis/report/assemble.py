"""How a report is put together: parts of chapters, then the reference: methods, glossary, tables, data, licences.

Takes chapters; hands on the blocks of the document in their order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from portal_analysis.datasets import Dataset, SourceError, dataset, translated
from portal_analysis.documents.blocks import Block, Heading, Listing, Paragraph, Part, Picture, Span, Table
from portal_analysis.language import numbers
from portal_analysis.language.catalogue import word
from portal_analysis.language.line import flag_text
from portal_analysis.report.settings import PartOf, Settings


@dataclass(frozen=True)
class Chapter:
    """A notebook as a chapter: the part that it belongs to, what it argues, and what only stands to be looked up."""

    part: PartOf | None
    body: list[Block]
    reference: list[Block]

    @property
    def title(self) -> str:
        """The chapter's first heading."""
        return next((block.text for block in self.body if isinstance(block, Heading)), "")


def assemble(
    chapters: Sequence[Chapter], settings: Settings, method: Sequence[Block], lang: str
) -> list[Block]:
    """Return a report's blocks: its parts with their chapters, and the reference at the end."""
    document: list[Block] = []
    last: PartOf | None = None
    for chapter in chapters:
        if chapter.part is not None and chapter.part is not last:
            document.append(Part(chapter.part.title))
        last = chapter.part
        document += _titled(chapter, lang)
    blocks = [block for chapter in chapters for block in (*chapter.body, *chapter.reference)]
    if settings.parts:
        document.append(Part(word("report.reference", lang), small=True))
    document += [*method, *_glossary(settings, lang), *_looked_up(chapters, lang), *_annex(blocks, lang)]
    return document


def _titled(chapter: Chapter, lang: str) -> list[Block]:
    """Return a chapter's blocks; the title of one on simulated data says so."""
    if chapter.part is None or not chapter.part.simulated:
        return chapter.body
    titled, body = False, []
    for block in chapter.body:
        if isinstance(block, Heading) and not titled:
            block, titled = Heading(block.level, word("report.simulated_title", lang, title=block.text)), True
        body.append(block)
    return body


def _glossary(settings: Settings, lang: str) -> list[Block]:
    items = tuple((Span(term, strong=True), Span(f": {meaning}")) for term, meaning in settings.glossary)
    return [Heading(1, word("report.glossary", lang)), Listing(items)] if items else []


def _looked_up(chapters: Sequence[Chapter], lang: str) -> list[Block]:
    """Return what is to be looked up, by chapter."""
    found: list[Block] = []
    for chapter in chapters:
        if chapter.reference:
            simulated = chapter.part is not None and chapter.part.simulated
            title = word("report.simulated_title", lang, title=chapter.title) if simulated else chapter.title
            found += [Heading(2, title), *map(_lowered, chapter.reference)]
    return [Heading(1, word("report.tables", lang)), *found] if found else []


def _lowered(block: Block) -> Block:
    """Return a heading as it stands below the title of its chapter."""
    return Heading(max(block.level, 3), block.text) if isinstance(block, Heading) else block


def _annex(blocks: list[Block], lang: str) -> list[Block]:
    """Return the closing chapter: which numbers need care, where the data come from, under which licence."""
    pictures = [block for block in blocks if isinstance(block, Picture)]
    notes = [_provenance(picture) for picture in pictures]
    datasets = datasets_of(blocks)
    lead = word("report.annex_lead", lang, version=metadata.version("portal-analysis"))
    annex: list[Block] = [Heading(1, word("report.annex", lang)), Paragraph((Span(lead),))]
    flagged = _flagged(notes, lang)
    if flagged.rows:
        annex += [
            Heading(2, word("report.flags", lang)),
            Paragraph((Span(word("report.flags_lead", lang)),)),
            flagged,
        ]
    if datasets:
        annex += [Heading(2, word("report.datasets", lang)), _dataset_table(datasets, lang)]
    publications = list(dict.fromkeys(item for one in datasets for item in _publications(one, lang)))
    if publications:
        annex += [Heading(2, word("report.sources", lang)), Listing(tuple(publications))]
    return annex


def datasets_of(blocks: Sequence[Block]) -> list[Dataset]:
    """Return the datasets that the figures rest on, as far as the package finds them."""
    notes = [_provenance(block) for block in blocks if isinstance(block, Picture)]
    used = list(
        dict.fromkeys(one["id"] for note in notes for one in note.get("sources", []) if "citation" in one)
    )
    return [one for one in map(_known, used) if one is not None]


def _provenance(picture: Picture) -> dict[str, Any]:
    return json.loads(picture.content("json")) if "json" in picture.files else {}


def _known(name: str) -> Dataset | None:
    try:
        return dataset(name)
    except SourceError:
        return None


def _flagged(notes: list[dict[str, Any]], lang: str) -> Table:
    """Return a row a flag: how many numbers carry it, in which figures."""
    places: dict[str, list[int]] = {}
    counts: dict[str, int] = {}
    for place, note in enumerate(notes, start=1):
        for flag, count in note.get("table", {}).get("flags", {}).items():
            places.setdefault(flag, []).append(place)
            counts[flag] = counts.get(flag, 0) + count
    columns = tuple(word(f"report.{name}", lang) for name in ("flag", "number", "where"))
    rows = [
        (flag_text(flag, lang), numbers.count(counts[flag], lang), ", ".join(map(str, where)))
        for flag, where in places.items()
    ]
    return Table(word("report.flags", lang), columns, tuple(rows))


def _dataset_table(datasets: list[Dataset], lang: str) -> Table:
    columns = tuple(word(f"report.{name}", lang) for name in ("dataset", "kind", "licence", "simulated"))
    rows = tuple(
        (
            f"{one.title(lang)} ({one.id})",
            word(f"kind.{one.kind}", lang),
            one.licence,
            word("report.yes" if one.simulated else "word.no", lang),
        )
        for one in datasets
    )
    return Table(word("report.datasets", lang), columns, rows)


def _publications(source: Dataset, lang: str) -> list[tuple[Span, ...]]:
    return [
        (Span(_dated(translated(item, "title", "en"), lang), href=str(item.get("path", ""))),)
        for item in source.descriptor.get("sources", [])
    ]


def _dated(title: str, lang: str) -> str:
    """Write the time at the end of a title in words: "(…, 11 July 2023)"."""
    told = re.sub(
        r"\d{4}-\d\d(?:-\d\d)?(?=\)*$)", lambda found: numbers.period_name(found.group(), lang), title
    )
    return re.sub(r"\bn\.d\.(?=\)*$)", word("report.no_date", lang), told)
