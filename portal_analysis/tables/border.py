"""The border that every table passes, whatever its format: one spelling of a label, blanks, numbers in text.

Hands on frames in which what prints alike is alike, and what holds nothing is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from portal_analysis.letters import composed
from portal_analysis.tables.replies import BLANK_WORDS
from portal_analysis.tables.table import is_textual

WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Letters and signs of full width, which East Asian keyboards type, to the plain ones that print alike."""
UNSEEN = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD))
"""Marks that print nothing."""
SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f]+")
PLAIN_NUMBER = re.compile(r"-?((0|[1-9][0-9]{0,14})(\.[0-9]+)?|\.[0-9]+)([eE][+-][0-9]{1,3})?")
COMMA_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(,[0-9]+)?")
GROUPED_NUMBER = re.compile(r"-?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?")


def one_spelling(text: str) -> str:
    r"""Return a text as it prints: composed, of plain width, single blanks, none at the ends, nothing unseen.

    Examples
    --------
    >>> one_spelling(" Hà\u00a0Nội\u200b ")
    'Hà Nội'
    """
    shown = composed(text.translate(WIDE).translate(UNSEEN))
    return SPACES.sub(" ", shown).strip()


def passed(data: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which labels that print alike are one label and blank text is missing.

    Columns of numbers, dates and truth values are left as they are; of a categorical column, the categories are
    spelled. The frame given is not changed.
    """
    changed = {}
    for place, name in enumerate(data.columns):
        values = data.iloc[:, place]
        new = _categories(values) if isinstance(values.dtype, pd.CategoricalDtype) else _texts(values)
        if new is not None and isinstance(name, str) and list(data.columns).count(name) == 1:
            changed[name] = new
    return data.assign(**changed) if changed else data


def _texts(values: pd.Series) -> pd.Series | None:
    """Return a column with its texts spelled once; None if nothing changes."""
    if not is_textual(values):
        return None
    try:
        distinct = values.dropna().unique()
    except TypeError:  # lists and other values that are no labels
        return None
    spelled = {
        text: new for text in distinct if isinstance(text, str) and (new := one_spelling(text)) != text
    }
    blank = [text for text in distinct if isinstance(text, str) and not one_spelling(text)]
    if not spelled and not blank:
        return None
    told: dict[str, object] = {**spelled, **dict.fromkeys(blank, np.nan)}
    said = values.map(lambda value: told.get(value, value) if isinstance(value, str) else value)
    return said.astype(values.dtype) if isinstance(values.dtype, pd.StringDtype) else said


def _categories(values: pd.Series) -> pd.Series | None:
    old = [one for one in values.cat.categories if isinstance(one, str)]
    spelled = {one: one_spelling(one) for one in old}
    if all(one == new and new for one, new in spelled.items()):
        return None
    order = [new for one in values.cat.categories if (new := spelled.get(one, one)) != ""]
    plain = values.astype(object).map(
        lambda value: spelled.get(value, value) if isinstance(value, str) else value
    )
    kept = list(dict.fromkeys(order))
    return pd.Series(
        pd.Categorical(plain.mask(plain == ""), categories=kept, ordered=values.cat.ordered),
        index=values.index,
        name=values.name,
    )


def numbers_in(values: pd.Series, decimal: str | None = None) -> pd.Series:
    """Return a column of text as numbers if every text is one; what is not plainly a number stays text.

    ``01`` and ``+1`` are codes, not numbers. ``0,85`` is a number if ``decimal`` is a comma, or if some text of the
    column can only be read so (``0,85`` and not ``1,234``). What programs write for nothing (``NA``, ``.``) is missing
    in a column whose other texts are all numbers, or that holds nothing else.

    Parameters
    ----------
    values : Series
        Text, or text beside numbers.
    decimal : {".", ","}, optional
        The decimal mark of the file.
    """
    if not is_textual(values):
        return values
    texts = [text for text in values.dropna().unique() if isinstance(text, str)]
    filled = {text: text.strip() for text in texts if text.strip()}
    counted = [text for text in filled.values() if text not in BLANK_WORDS]
    if filled and not counted and values.isin(texts).sum() == values.notna().sum():
        return pd.Series(np.nan, index=values.index, name=values.name)
    if not counted:
        blank = values.isin([text for text in texts if text not in filled])
        return (values.mask(blank) if blank.any() else values).infer_objects()
    read = _reading(counted, decimal)
    if read is None:
        return values.mask(values.isin([text for text in texts if text not in filled]))
    number = {old: read(new) if new not in BLANK_WORDS else np.nan for old, new in filled.items()}
    found = values.map(lambda value: number.get(value, np.nan) if isinstance(value, str) else value)
    return pd.to_numeric(found)


def stands_for_nothing(values: pd.Series) -> list[str]:
    """Return the texts of a column that programs write for nothing, such as NA."""
    return [text for text in values.dropna().unique() if isinstance(text, str) and text in BLANK_WORDS]


def _reading(texts: list[str], decimal: str | None) -> Callable[[str], float | int] | None:
    """Return how all of some texts are read as numbers; None if they are not all numbers."""
    if decimal != "," and all(PLAIN_NUMBER.fullmatch(text) for text in texts):
        return _plain
    commas = all(COMMA_NUMBER.fullmatch(text) or GROUPED_NUMBER.fullmatch(text) for text in texts)
    if decimal == ",":
        return _with_comma if commas else None
    certain = any(re.search(r",(\d{1,2}|\d{4,})$", text) or text.startswith(("0,", "-0,")) for text in texts)
    return _with_comma if decimal is None and commas and certain else None


def _plain(text: str) -> float | int:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _with_comma(text: str) -> float | int:
    return _plain(text.replace(".", "").replace(",", "."))
