"""What a deposit is about, as both standards need it: title, people, licence, files, tables.

Hands on :class:`Study`, made of a dataset's description or of a report's record.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal_analysis.datasets import Dataset, hash_of
from portal_analysis.files import moment, plain_text
from portal_analysis.languages import texts_in


@dataclass(frozen=True)
class Held:
    """One file: its path in the deposit, where it lies now, and its description if it is a table."""

    path: str
    place: Path
    title: Mapping[str, str] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.place.stat().st_size

    @property
    def sha256(self) -> str:
        """Its hash, as hexadecimal digits."""
        return hash_of(self.place).removeprefix("sha256:")

    @property
    def media(self) -> str:
        """Its media type."""
        known = {".geojson": "application/geo+json", ".bib": "application/x-bibtex", ".md": "text/markdown"}
        known |= {
            ".ris": "application/x-research-info-systems",
            ".ipynb": "application/x-ipynb+json",
            ".csv": "text/csv",
        }
        return (
            known.get(self.place.suffix)
            or mimetypes.guess_type(self.place.name)[0]
            or "application/octet-stream"
        )


@dataclass(frozen=True)
class Study:
    """A dataset or a report that is deposited.

    Attributes
    ----------
    id, version, date, period : str
        ``date`` as ISO 8601.
    title, description : mapping
        By language.
    people : tuple of str
    licences, sources : tuple of mapping
        As in a Data Package: ``name``, ``title``, ``path``.
    simulated : bool
    kind : str
    files : tuple of Held
    design : str
        The sample design in words.
    weight : str
        The column of the weights.
    made_of : tuple of mapping
        ``name`` and ``hash`` of what a report was made of; empty for a dataset.
    software : mapping
        Versions.
    """

    id: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    kind: str
    simulated: bool
    files: tuple[Held, ...]
    version: str = ""
    date: str = ""
    period: str = ""
    people: tuple[str, ...] = ()
    licences: tuple[Mapping[str, Any], ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()
    design: str = ""
    weight: str = ""
    made_of: tuple[Mapping[str, Any], ...] = ()
    software: Mapping[str, str] = field(default_factory=dict)


def by_language(item: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return a text of a description in the languages that it has."""
    return {lang: plain_text(text) for lang, text in texts_in(item, name).items()}


def study_of_dataset(source: Dataset, design: str) -> Study:
    """Return what a dataset's description says for a deposit."""
    told = source.descriptor
    drawn = told.get("design") or {}
    return Study(
        source.id,
        by_language(told, "title"),
        by_language(told, "description") or by_language(told, "title"),
        source.kind,
        source.simulated,
        tuple(_held(source, name, one) for name, one in source.resources.items()),
        str(told.get("version", "")),
        str(told.get("created") or told.get("accessed") or moment().date().isoformat())[:10],
        str(told.get("period", "")),
        tuple(str(one["title"]) for one in told.get("contributors", [])),
        tuple(told.get("licenses", [])),
        tuple(one for one in told.get("sources", []) if one.get("title")),
        design,
        str(drawn.get("weights") or "") if isinstance(drawn, Mapping) else "",
    )


def _held(source: Dataset, name: str, one: Mapping[str, Any]) -> Held:
    schema = one.get("schema")
    return Held(
        str(one["path"]),
        source.file(name),
        by_language(one, "title"),
        schema if isinstance(schema, Mapping) else None,
    )


def study_of_report(
    folder: Path, told: Mapping[str, Any], title: str, people: Sequence[str], datasets: Sequence[Dataset]
) -> Study:
    """Return what a report's record says for a deposit; it is simulated if any of its data are."""
    lang = str(told["options"].get("lang") or "en")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    made_of = [{"name": one["path"], "hash": one.get("hash", "")} for one in told["inputs"]]
    made_of += [{"name": one["id"], "hash": one.get("hash", "")} for one in told["datasets"]]
    return Study(
        folder.resolve().name,
        {lang: title},
        {lang: title},
        "report",
        any(one.simulated for one in datasets),
        tuple(Held(path.relative_to(folder).as_posix(), path) for path in paths),
        str((told.get("software") or {}).get("portal-analysis", "")),
        str(told.get("day") or moment().date().isoformat()),
        people=tuple(people),
        sources=tuple({"title": one.title(lang), "path": ""} for one in datasets),
        made_of=tuple(made_of),
        software=dict(told.get("software") or {}),
    )
