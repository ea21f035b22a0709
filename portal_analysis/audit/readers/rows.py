"""Which rows of a sheet are about a portal, and which are sums, weights, signatures and notes.

Hands on the rows to read; what is left out, though it holds something, is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portal_analysis.audit.readers import levels as words
from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.layout import Layout, is_listed
from portal_analysis.audit.readers.reading import LEFT_OUT, Fault, Notes
from portal_analysis.audit.readers.sheets import Sheet
from portal_analysis.audit.readers.vocabulary import vocabulary

_LONG_TEXT = 60
_FOOTNOTE = re.compile(r"^(\*|\(\*|†|‡|\(?\d{1,2}\)|\[\d+\])")


def body(sheet: Sheet, layout: Layout, where: str, notes: Notes) -> Iterator[int]:
    """Yield the rows below the header that are about a portal; sums, signatures and notes are left out."""
    last = _last_judged(sheet, layout)
    for row in range(layout.first, len(sheet.rows)):
        filled = [cell for cell in sheet.rows[row] if cell]
        if not filled and not any(place == row for place, _ in sheet.colours):
            continue
        key = _key(sheet, layout, row)
        first = filled[0] if filled else ""
        at_key = bool(filled) and (first in key or not any(key))
        judged = any(sheet.cell(row, column) for column in _judged(layout))
        if at_key and _is_note(first):
            continue
        named = next((one for one in [*key, *([first] if at_key else [])] if _is_sum(one)), None)
        if named is not None:
            if judged:
                found = f"{named!r} does not look like a portal"
                advice = "the row was left out; if it is one, give it a name of its own"
                notes.add(LEFT_OUT, Fault(where, row + 1, found, advice))
            continue
        if at_key and not judged and _is_foot(first, row > last, len(filled)):
            found = f"{clean(first, 60)!r} looks like a signature or a footnote"
            notes.add(LEFT_OUT, Fault(where, row + 1, found, "the row was left out"))
            continue
        if not any(key) and not judged:
            continue
        yield row


def _key(sheet: Sheet, layout: Layout, row: int) -> list[str]:
    roles = [role for role in ("portal", "criterion") if role in layout.columns]
    return [sheet.cell(row, layout.columns[role]) for role in roles]


def _judged(layout: Layout) -> Iterable[int]:
    own = [layout.columns[role] for role in ("rating", "outcome") if role in layout.columns]
    return [*layout.criteria, *own, *(place for answers in layout.answers.values() for place in answers)]


def _last_judged(sheet: Sheet, layout: Layout) -> int:
    columns = list(_judged(layout))
    rows = range(len(sheet.rows) - 1, layout.first - 1, -1)
    return next((row for row in rows if any(sheet.cell(row, column) for column in columns)), -1)


def _is_sum(text: str) -> bool:
    """Is a text the name of a sum, weight or statistic, alone or with words that say of what?"""
    if is_listed(text, "rows", "sums"):
        return True
    folded, bare = words.fold(text), words.plain(text)
    return any(
        folded.startswith(words.fold(name) + " ")
        or (folded == bare and bare.startswith(words.plain(name) + " "))
        for name in vocabulary()["rows"]["sums_of"]
    )


def _is_note(first: str) -> bool:
    folded = words.fold(first)
    return first[:1] == "*" or any(
        re.match(rf"{re.escape(words.fold(name))}\s*($|[:.(]|\d)", folded)
        or re.match(rf"{re.escape(words.plain(name))}\s*($|[:.(]|\d)", folded)
        for name in vocabulary()["rows"]["notes"]
    )


def _is_foot(first: str, below: bool, filled: int) -> bool:
    """Is a row without a judgement a signature, or one text below the table that is too long for a name?"""
    folded = words.fold(first)
    end = r"\b" if below else r"\s*($|[:.,(/]|\d|tháng)"
    signed = any(
        re.match(re.escape(words.fold(name)) + end, folded) for name in vocabulary()["rows"]["signatures"]
    )
    loose = below and filled == 1 and (len(first) > _LONG_TEXT or bool(_FOOTNOTE.match(first)))
    return signed or loose
