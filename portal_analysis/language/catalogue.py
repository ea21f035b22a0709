"""Every word that a reader meets, once, by its key: one file a language in ``words/``.

Hands on :func:`word` and the check of a language. A further language is one more file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from portal_analysis.faults import Error
from portal_analysis.files import plain_text
from portal_analysis.languages import FOLDER, LANGUAGES, text_of
from portal_analysis.letters import composed


class WordingError(Error):
    """A language, a word or a qualifier is not known."""


def check_language(lang: str) -> str:
    """Return ``lang`` if it is one of :data:`LANGUAGES`.

    Raises
    ------
    WordingError
        If it is another.
    """
    if lang not in LANGUAGES:
        raise WordingError(f"language {lang!r} is not known; languages are {list(LANGUAGES)}")
    return lang


def nfc(text: object) -> str:
    """Return text in composed Unicode, as Vietnamese is searched and drawn, without what no file can hold."""
    return plain_text(composed(str(text)))


@cache
def catalogue(lang: str) -> Mapping[str, Any]:
    """Return the words of a language by their keys: ``flag.review``, ``value.rule.any``."""
    told = tomllib.loads((FOLDER / f"{check_language(lang)}.toml").read_text("utf-8"))
    return dict(_flat(told, ""))


def _flat(told: Mapping[str, Any], above: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in told.items():
        inside = isinstance(value, Mapping)
        found += _flat(value, f"{above}{key}.") if inside else [(f"{above}{key}", value)]
    return found


def word(key: str, lang: str, **values: object) -> str:
    """Return a word or phrase in a language, its placeholders filled.

    Raises
    ------
    WordingError
        If the language or the key is not known.
    """
    known = catalogue(lang)
    if key not in known:
        raise WordingError(f"there is no word {key!r}")
    return nfc(known[key].format(**values) if values else known[key])


def own_word(section: str, name: str, lang: str) -> str:
    """Return the package's own name of something in a section (``column``, ``indicator``), or nothing."""
    found = catalogue(lang).get(f"{section}.{name}", "")
    return nfc(found) if isinstance(found, str) else ""


def in_language(text: str | Mapping[str, str], lang: str) -> str:
    """Return a text that may be given per language; one that lacks this language is given in English."""
    return nfc(text_of(text, lang) if isinstance(text, Mapping) else text)


def capital(text: str) -> str:
    """Return text with a capital first letter; the sign of a p-value stays small."""
    return text if text[:2] in ("p", "p,", "p ") else text[:1].upper() + text[1:]


def inside(text: str) -> str:
    """Return a name as it stands inside a sentence; abbreviations keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
