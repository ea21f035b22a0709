"""What a report says of itself: title, people, date, parts, glossary, from one small TOML beside the notebooks.

Hands on :class:`Settings`; without a file a report has the project's title and one part.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from portal_analysis.faults import Error
from portal_analysis.language.catalogue import in_language, word
from portal_analysis.language.numbers import period_name
from portal_analysis.structured import read_toml

NAME = "report.toml"
DAY_VARIABLE = "PORTAL_ANALYSIS_DAY"
"""Names the day of a report that is made again."""
KNOWN = ("title", "institution", "authors", "date", "version", "logo", "accent", "parts", "glossary")


class SettingsError(Error):
    """The report's settings cannot be read."""


@dataclass(frozen=True)
class PartOf:
    """A part of a report: its title, the numbers of its notebooks, and whether its data are simulated."""

    title: str
    notebooks: tuple[str, ...]
    simulated: bool = False


@dataclass(frozen=True)
class Settings:
    """What a report says of itself, in its language.

    Attributes
    ----------
    title, institution, date, version : str
    authors : tuple of str
    logo : Path, optional
    accent : str
    parts : tuple of PartOf
    glossary : tuple of (str, str)
        Terms and what they mean.
    """

    title: str
    institution: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    version: str = ""
    logo: Path | None = None
    accent: str = "#0b4f8a"
    parts: tuple[PartOf, ...] = ()
    glossary: tuple[tuple[str, str], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands below the title."""
        return tuple(
            one for one in (self.institution, ", ".join(self.authors), self.date, self.version) if one
        )

    def part_of(self, notebook: str) -> PartOf | None:
        """Return the part that a notebook belongs to."""
        return next((part for part in self.parts if notebook[:2] in part.notebooks), None)


def read_settings(folder: Path, lang: str) -> Settings:
    """Read ``report.toml`` of a folder of notebooks, or of the folder above it.

    Raises
    ------
    SettingsError
        With all faults: what is no TOML, an unknown name, a value of the wrong kind, a logo that is not there.
    """
    path = next((place / NAME for place in (folder, folder.parent) if (place / NAME).is_file()), None)
    if path is None:
        return Settings(word("report.title", lang), date=_today(lang), version=_version(lang))
    told = read_toml(path, SettingsError)
    faults = _faults(told, path.parent)
    if faults:
        raise SettingsError.of(faults, f"{path} cannot be used")
    return _settings(told, path.parent, lang)


def _settings(told: Mapping[str, Any], folder: Path, lang: str) -> Settings:
    date = str(told.get("date") or "")
    parts = tuple(
        PartOf(in_language(one["title"], lang), tuple(one["notebooks"]), bool(one.get("simulated", False)))
        for one in told.get("parts", [])
    )
    glossary = tuple(
        (in_language(one["term"], lang), in_language(one["meaning"], lang))
        for one in told.get("glossary", [])
    )
    return Settings(
        in_language(told.get("title", ""), lang) or word("report.title", lang),
        in_language(told.get("institution", ""), lang),
        tuple(told.get("authors", [])),
        period_name(date, lang) if date else _today(lang),
        word("report.version", lang, version=told["version"]) if told.get("version") else _version(lang),
        folder / told["logo"] if told.get("logo") else None,
        told.get("accent", "#0b4f8a"),
        parts,
        glossary,
    )


def _today(lang: str) -> str:
    """Return the day of the report in words; that of PORTAL_ANALYSIS_DAY or SOURCE_DATE_EPOCH where it is set."""
    if named := os.environ.get(DAY_VARIABLE):
        return period_name(named, lang)
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    day = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
    return period_name(day.date().isoformat(), lang)


def _version(lang: str) -> str:
    return word("report.version", lang, version=metadata.version("portal-analysis"))


def _faults(told: Mapping[str, Any], folder: Path) -> list[str]:
    faults = [f"unknown name {name!r}; names are {list(KNOWN)}" for name in told if name not in KNOWN]
    for name in ("title", "institution"):
        if name in told and not _is_text(told[name]):
            faults.append(
                f"{name!r} is {told[name]!r}; give a text, or one for each language: {{en = …, vi = …}}"
            )
    for name in ("date", "version", "logo", "accent"):
        if name in told and not isinstance(told[name], str):
            faults.append(f"{name!r} is {told[name]!r}; give a text in quotes")
    authors = told.get("authors", [])
    if not isinstance(authors, list) or not all(isinstance(one, str) for one in authors):
        faults.append(f"'authors' is {authors!r}; give a list of names")
    if isinstance(told.get("accent"), str) and not re.fullmatch(r"#[0-9a-fA-F]{6}", told["accent"]):
        faults.append(f"'accent' is {told['accent']!r}; give a colour such as '#0b4f8a'")
    logo = told.get("logo")
    if isinstance(logo, str) and logo and not (folder / logo).is_file():
        faults.append(f"'logo' is {logo!r}, and there is no such file in {folder}")
    return (
        faults
        + _list_faults(told, "parts", ("title", "notebooks"))
        + _list_faults(told, "glossary", ("term", "meaning"))
    )


def _list_faults(told: Mapping[str, Any], name: str, needed: tuple[str, str]) -> list[str]:
    items = told.get(name, [])
    if not isinstance(items, list) or not all(isinstance(one, Mapping) for one in items):
        return [f"{name!r} is {items!r}; write [[{name}]] before each of them"]
    faults = []
    for place, one in enumerate(items, start=1):
        faults += [f"{name} {place}: {key!r} is missing" for key in needed if key not in one]
        faults += [
            f"{name} {place}: {key!r} is {one[key]!r}; give a text, or one for each language"
            for key in needed
            if key in one and key != "notebooks" and not _is_text(one[key])
        ]
        numbers = one.get("notebooks", [])
        if not isinstance(numbers, list) or not all(isinstance(n, str) for n in numbers):
            faults.append(
                f"{name} {place}: 'notebooks' is {numbers!r}; give their numbers as text: ['01', '02']"
            )
    return faults


def _is_text(value: Any) -> bool:
    texts = list(value.values()) if isinstance(value, Mapping) else [value]
    return bool(texts) and all(isinstance(one, str) for one in texts)
