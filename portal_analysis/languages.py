"""Which languages there are, and what data hold of a text in one of them.

Hands on :data:`LANGUAGES` and the one order in which a text is looked up: in the language that is asked for, else in
English, else in Vietnamese, else in whatever there is. A further language is one more file in ``language/words/``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent / "language" / "words"
FIRST = "en"
"""The language that is asked first, and that stands in where data have no text in another."""
OF_DATA = (FIRST, "vi")
"""The languages in which data are described; what is in no other is looked up in them, in this order."""


def _languages() -> tuple[str, ...]:
    found = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return (FIRST, *(name for name in found if name != FIRST))


LANGUAGES = _languages()


def text_of(texts: Mapping[str, str], lang: str) -> str:
    """Return a text that is given by language; nothing if there is none in any.

    Examples
    --------
    >>> text_of({"vi": "Nữ", "en": "Women"}, "fr")
    'Women'
    """
    order = dict.fromkeys((lang, *OF_DATA, *texts))
    return next((str(texts[one]) for one in order if texts.get(one)), "")


def in_each(texts: Mapping[str, str]) -> dict[str, str]:
    """Return a text in the languages of data and in those in which it is given; one that lacks is that of another.

    Examples
    --------
    >>> in_each({"en": "Women"})
    {'en': 'Women', 'vi': 'Women'}
    """
    return {lang: text_of(texts, lang) for lang in dict.fromkeys((*OF_DATA, *texts))}


def texts_in(row: Mapping[Any, Any], name: str) -> dict[str, str]:
    """Return a text of a row or a description by language: ``name_en``, or ``name`` itself, which is English.

    Only languages in which something is said are there.

    Examples
    --------
    >>> texts_in({"title": "Women", "title_vi": "Nữ", "title_fr": ""}, "title")
    {'en': 'Women', 'vi': 'Nữ'}
    """
    found = {lang: row.get(f"{name}_{lang}") for lang in LANGUAGES}
    if _is_nothing(found[FIRST]):
        found[FIRST] = row.get(name)
    return {lang: str(text) for lang, text in found.items() if not _is_nothing(text)}


def column_in(columns: Container[Any], name: str, lang: str) -> str:
    """Return the column in which a table holds a text in a language: ``name_fr``, else ``name_en``, else ``name_vi``.

    Examples
    --------
    >>> column_in(["code", "name_en", "name_vi"], "name", "fr")
    'name_en'
    """
    names = (f"{name}_{one}" for one in dict.fromkeys((lang, *OF_DATA)))
    return next((one for one in names if one in columns), name)


def _is_nothing(value: Any) -> bool:
    return (
        not value
        if isinstance(value, str)
        else value is None or bool(pd.api.types.is_scalar(value) and pd.isna(value))
    )
