"""The publications that a report rests on, as files that reference managers read.

Takes datasets; hands on the text of BibTeX, RIS and CSL JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal_analysis import codebook
from portal_analysis.datasets import Dataset
from portal_analysis.shape import rows_of


@dataclass(frozen=True)
class Citation:
    """A publication: its key, title, who published it, when and where."""

    key: str
    title: str
    publisher: str = ""
    date: str = ""
    url: str = ""
    language: str = ""

    @property
    def year(self) -> str:
        """The year of the date, if it has one."""
        found = re.search(r"\d{4}", self.date)
        return found.group() if found else ""


def citations(datasets: Sequence[Dataset]) -> list[Citation]:
    """Return the datasets and the publications that they list, each once."""
    found: dict[str, Citation] = {}
    for source in datasets:
        found[source.id] = Citation(
            source.id, source.title("en"), source.people, str(source.descriptor.get("created", ""))
        )
        for one in _publications(source):
            found.setdefault(one.key, one)
    return list(found.values())


def _publications(source: Dataset) -> list[Citation]:
    """Return the rows of a table of sources, or the sources that the description names."""
    if "sources" in source.resources:
        rows = rows_of(codebook.load(source)["sources"].astype("string").fillna(""))
        names = ("title", "publisher", "date", "url", "language")
        return [Citation(row["source_id"], *(str(row.get(name, "")) for name in names)) for row in rows]
    listed = source.descriptor.get("sources", [])
    return [
        Citation(f"{source.id}_{place}", str(one.get("title", "")), url=str(one.get("path", "")))
        for place, one in enumerate(listed, start=1)
    ]


def bibtex(found: Sequence[Citation]) -> str:
    """Return publications as BibTeX."""
    return "\n".join(_bibtex(one) for one in found)


def _bibtex(one: Citation) -> str:
    fields = {"title": one.title, "publisher": one.publisher, "year": one.year, "url": one.url}
    lines = [f"  {name} = {{{_braced(value)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{one.key},", *lines, "}", ""])


def _braced(text: str) -> str:
    return re.sub(r"([{}%&#$_])", r"\\\1", text) if not text.startswith("http") else text


def ris(found: Sequence[Citation]) -> str:
    """Return publications as RIS."""
    return "".join(_ris(one) for one in found)


def _ris(one: Citation) -> str:
    fields = [("TY", "GEN"), ("ID", one.key), ("TI", one.title), ("PB", one.publisher), ("PY", one.year)]
    fields += [("UR", one.url), ("LA", one.language)]
    lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in fields if value]
    return "\n".join([*lines, "ER  - ", "", ""])


def csl(found: Sequence[Citation]) -> str:
    """Return publications as CSL JSON."""
    return json.dumps([_csl(one) for one in found], ensure_ascii=False, indent=2) + "\n"


def _csl(one: Citation) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.key, "type": "document", "title": one.title}
    if one.publisher:
        told["publisher"] = one.publisher
    numbers = [int(part) for part in re.findall(r"\d+", one.date)][:3]
    if numbers:
        told["issued"] = {"date-parts": [numbers]}
    return told | ({"URL": one.url} if one.url else {})
