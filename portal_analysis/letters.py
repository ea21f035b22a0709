"""How letters are folded: one spelling for all that look alike."""

from __future__ import annotations

import functools
import unicodedata

_D = str.maketrans({"đ": "d", "ð": "d"})


def composed(text: str) -> str:
    """Return ``text`` in Unicode's composed form (NFC)."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Return what spellings of one text share: composed, in small letters, single blanks; tone marks stay."""
    return " ".join(composed(text).casefold().split())


def plain_letters(text: str) -> str:
    """Return a text without tone marks and other diacritics; đ, which is no accented d to Unicode, becomes d."""
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def apart(text: str) -> str:
    """Return a text in small letters, each mark behind its letter (NFKD); đ, and ð typed for it, becomes d."""
    return unicodedata.normalize("NFKD", text.casefold()).translate(_D)


def plain_in_place(text: str) -> str:
    """Return a text in small letters without diacritics, letter for letter, so that places in it stay.

    Examples
    --------
    >>> plain_in_place("Đặng Thị Hà")
    'dang thi ha'
    """
    return "".join(map(_plain_letter, text))


@functools.lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    plain = unicodedata.normalize("NFD", letter)[0].lower()
    return "d" if plain == "đ" else plain
