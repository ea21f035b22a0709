"""Columns of few words that break nothing: typed without a frame, which costs more than the look at the words.

Takes the distinct words of a column; hands on its values, or None where ``checks`` must look.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.codebook.faults import Schema
from portal_analysis.codebook.fields import categories, missing_codes

TEXT = pd.Series(["text"]).dtype
"""The dtype of text columns: ``str`` in pandas 3, ``object`` before."""

WHOLE = re.compile(r"-?[0-9]{1,15}", re.ASCII)
"""Whole numbers whose text and value are told from each other exactly."""


def plain_values(codes: np.ndarray, words: list[str], field: Schema, schema: Schema) -> Any:
    """Return a column's values as :func:`portal_analysis.codebook.check` gives them, or None.

    Parameters
    ----------
    codes : ndarray of int
        The number of each row's word, -1 where it is missing.
    words : list of str
        The distinct words.
    field, schema : mapping
        A field of a Table Schema, and the schema.

    Returns
    -------
    array or None
        None where a word may break a rule, or a rule is none of ``required`` and ``categories``.
    """
    kind, rules = field.get("type", "string"), field.get("constraints") or {}
    blank = bool((codes < 0).any())
    if (
        kind not in ("string", "integer")
        or not rules.keys() <= {"required"}
        or (blank and rules.get("required"))
    ):
        return None
    if not set(words).isdisjoint(missing_codes(field, schema)):
        return None
    if kind == "integer":
        return None if field.get("categories") else _whole(codes, words, blank)
    if listed := categories(field):
        return categorical(codes, words, field) if set(words) <= set(listed) else None
    if field.get("categorical"):
        return categorical(codes, words, field)
    return pd.array(np.array([*words, None], dtype=object)[codes], dtype=TEXT)


def _whole(codes: np.ndarray, words: list[str], blank: bool) -> Any:
    if not all(WHOLE.fullmatch(word) for word in words):
        return None
    values = np.array([*map(int, words), 0], dtype=np.int64)[codes]
    return pd.arrays.IntegerArray(values, codes < 0) if blank else values


def categorical(codes: np.ndarray, words: Sequence[str | None], field: Schema) -> pd.Categorical:
    """Return words as categories: those that the field lists, in their order, or those that occur, sorted."""
    listed = tuple(categories(field)) or tuple(sorted({word for word in words if word is not None}))
    place = {word: position for position, word in enumerate(listed)}
    lookup = np.array([*(-1 if word is None else place.get(word, -1) for word in words), -1], dtype=int)
    kind = _kind(listed, bool(field.get("categoriesOrdered")))
    return pd.Categorical.from_codes(lookup[codes], dtype=kind, validate=False)


def _new_kind(listed: tuple[str, ...], ordered: bool) -> pd.CategoricalDtype:
    index: Any = pd.Index(listed, dtype=TEXT)
    return pd.CategoricalDtype(index, ordered=ordered)


_kept_kind = lru_cache(maxsize=512)(_new_kind)


def _kind(listed: tuple[str, ...], ordered: bool) -> pd.CategoricalDtype:
    return _kept_kind(listed, ordered) if len(listed) <= 50 else _new_kind(listed, ordered)
