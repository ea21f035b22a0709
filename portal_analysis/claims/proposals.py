"""From an article's text to the statements in it that hold numbers, for a person to confirm.

Hands on :func:`propose_claims`; what it proposes decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from portal_analysis.claims.periods import Period, find_periods
from portal_analysis.claims.quantities import Quantity, find_quantities
from portal_analysis.claims.spans import ClaimError
from portal_analysis.claims.vocabulary import decimal_sign, language_of, languages_read, phrases
from portal_analysis.language.catalogue import check_language, nfc
from portal_analysis.published import period_code

PROPOSAL_COLUMNS = [
    "claim_id",
    "sentence",
    "written",
    "kind",
    "value",
    "other_value",
    "decimals",
    "qualifier",
    "unit",
    "base",
    "period",
    "period_start",
    "period_end",
    "period_written",
    "start",
    "end",
    "lang",
    "confirmed",
]

TYPES = {
    **dict.fromkeys(("value", "other_value", "base"), "float"),
    **dict.fromkeys(("period_start", "period_end"), "datetime64[ns]"),
    **dict.fromkeys(("start", "end"), "int64"),
    "decimals": "Int64",
    "confirmed": "bool",
}
"""The types of the columns; the others are text."""

SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]?(\w))|\s*\n\s*")
LIST_ITEM = re.compile(r"[-–—•*]|\(?\w{1,2}[.)]\s")
SHORT_LINE = 60
"""A line that is shorter than this, in letters, may be a heading or an entry; a longer one goes on in the next."""


def propose_claims(text: str, lang: str | None = None) -> pd.DataFrame:
    """Find the numbers of an article and propose each as a claim, to be confirmed by a person.

    Parameters
    ----------
    text : str
        The article, in English or Vietnamese.
    lang : {"en", "vi"}, optional
        Its language; told by its most common words if not given.

    Returns
    -------
    DataFrame
        One row a number: ``claim_id`` (``p1``, ``p2`` …), ``sentence``, ``written`` (the number with its qualifier, as
        in the text), ``kind`` (``figure``; ``count`` of what has a base; ``definition`` of a time that belongs to no
        number), ``value``, ``other_value`` (how else it could be read: 16,117 or 16.117), ``decimals``
        (below zero of 4.3 million), ``qualifier`` (one of :data:`QUALIFIERS`), ``unit`` (empty if not recognised),
        ``base`` ("30 of 63"), ``period``, ``period_start``, ``period_end`` (missing where the sentence gives none, or
        one without a year), ``period_written``, ``start`` and ``end`` (where ``written`` stands in the text, in
        composed Unicode), ``lang``, and ``confirmed``, which is False throughout.

        The columns are those that :func:`check_arithmetic` reads.

    Raises
    ------
    ClaimError
        If ``text`` is no text, its language cannot be told, or its words say nothing of numbers in running text.
    WordingError
        If the language is not known.

    Notes
    -----
    Nothing is decided: a value is never altered, an ambiguous one is given both ways, and the period is only the one
    that stands nearest in the sentence. Fractions in words are percentages ("one third" is about 33.3), "doubled" is
    about 2 times. Numbers of decrees, figures and levels, ordinals and addresses are left out.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> told = pa.propose_claims("In the first seven months of 2022 the rate only reached 18%.", lang="en")
    >>> told[["value", "unit", "qualifier", "period"]].values.tolist()
    [[18.0, 'percent', 'exact', '2022-01-01/2022-07-31']]
    >>> pa.propose_claims("Hơn 1% dùng cổng; 30/63 cổng đạt.", lang="vi")["written"].tolist()
    ['Hơn 1%', '30/63']
    """
    if not isinstance(text, str):
        raise ClaimError(f"expected the text of an article, got {type(text).__name__}")
    composed = nfc(text)
    spoken = check_language(lang) if lang is not None else language_of(composed)
    if spoken is None:
        raise ClaimError(f"the language of the text cannot be told; give lang, one of {[*languages_read()]}")
    if spoken not in languages_read():
        raise ClaimError(
            f"no numbers can be read in {spoken!r}: its words do not say how they are written in running text "
            f"([text]); languages are {[*languages_read()]}"
        )
    sign = decimal_sign(composed, spoken)
    rows = [
        row
        for start, end in _sentences(composed, spoken)
        for row in _proposed(composed[start:end], start, spoken, sign)
    ]
    numbered = [{"claim_id": f"p{number}", **row} for number, row in enumerate(rows, 1)]
    return pd.DataFrame({name: _column(name, numbered) for name in PROPOSAL_COLUMNS})


def _column(name: str, rows: list[dict[str, Any]]) -> pd.Series:
    """Return one column, of the same type whatever the rows hold."""
    cells = [row.get(name) for row in rows]
    if name in ("value", "other_value", "base"):
        cells = [None if cell is None else float(cell) for cell in cells]
    return pd.Series(cells, dtype=TYPES.get(name, "object"))


def _sentences(text: str, lang: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence begins and ends; an abbreviation ends none."""
    start = 0
    for match in SENTENCE_END.finditer(text):
        if _ends(text, start, match, lang):
            yield from _trimmed(text, start, match.start() + len(match.group().rstrip()))
            start = match.end()
    yield from _trimmed(text, start, len(text))


def _ends(text: str, start: int, match: re.Match[str], lang: str) -> bool:
    """Tell whether a sentence ends here, and not only an abbreviation, or a line of it."""
    before, after = text[start : match.start()], text[match.end() : match.end() + 8]
    if match.group().count("\n") > 1 or LIST_ITEM.match(after):
        return True
    last = before.rsplit(None, 1)[-1:]
    if last and last[0].casefold().lstrip('(“"') in [f"{one}." for one in phrases("abbreviations", lang)]:
        return False
    opens = re.match(r"[\"“‘(\[]*(\w)", after)
    begins = opens is not None and (opens[1].isupper() or opens[1].isdigit())
    if before.rstrip('"”’)]')[-1:] in ".!?…":
        return begins
    return begins and len(before.rpartition("\n")[2]) < SHORT_LINE


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    told = text[start:end]
    if told.strip():
        yield start + len(told) - len(told.lstrip()), start + len(told.rstrip())


def _proposed(sentence: str, offset: int, lang: str, sign: str) -> list[dict[str, Any]]:
    """Return the rows of one sentence."""
    periods = find_periods(sentence, lang)
    found = find_quantities(sentence, periods, lang, sign)
    used = {one.period for one in found}
    rows = [_of_quantity(one, sentence) for one in found]
    rows += [_of_period(when, sentence) for when in periods if when not in used]
    rows.sort(key=lambda row: int(row["start"]))
    shared = {"sentence": sentence, "lang": lang, "confirmed": False}
    return [{**row, **shared, "start": row["start"] + offset, "end": row["end"] + offset} for row in rows]


def _of_quantity(one: Quantity, sentence: str) -> dict[str, Any]:
    return {
        "written": sentence[one.start : one.end],
        "kind": "figure" if one.base is None else "count",
        "value": one.value,
        "other_value": one.other,
        "decimals": one.decimals,
        "qualifier": one.qualifier,
        "unit": one.unit,
        "base": one.base,
        **_when(one.period, sentence),
        "start": one.start,
        "end": one.end,
    }


def _of_period(when: Period, sentence: str) -> dict[str, Any]:
    told = {
        "written": sentence[when.start : when.end],
        "kind": "definition",
        "start": when.start,
        "end": when.end,
    }
    return {"qualifier": "exact", "unit": "", **told, **_when(when, sentence)}


def _when(period: Period | None, sentence: str) -> dict[str, Any]:
    if period is None:
        return {"period": None, "period_start": None, "period_end": None, "period_written": ""}
    first, last = (pd.Timestamp("NaT") if one is None else one for one in (period.first, period.last))
    return {
        "period": period_code(first, last),
        "period_start": first,
        "period_end": last,
        "period_written": sentence[period.start : period.end],
    }
