"""From how many answers on the rows of a source may leave.

Takes the ids in a table's column ``source``; hands on a threshold for each row.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_whole
from portal_analysis.datasets import SourceError, find, read_descriptor, state
from portal_analysis.faults import Error

THRESHOLD = 10
"""Groups of fewer answers are withheld, unless the dataset or the Survey says another number."""

PROPERTY = "min_n"
"""The property of a ``datapackage.json`` of a survey that holds its own threshold."""


class DisclosureError(Error):
    """A table would disclose what people said."""


_DECLARED: dict[str, int | None] = {}


def declare(source: str, min_n: int | None) -> None:
    """Say that the tables of a source come from microdata, and from how many answers on they may leave.

    A source is known by its id alone: of two surveys with one id the one used later counts. ``None`` stands for the
    dataset's own threshold, or for :data:`THRESHOLD`.

    Raises
    ------
    DisclosureError
        If the threshold is no whole number of 0 or more.
    """
    _DECLARED[source] = None if min_n is None else whole_number(min_n, "min_n")


def declared(source: str) -> dict[str, int | None]:
    """Return what was declared of a source: ``min_n``, or nothing if nobody declared it."""
    return {"min_n": _DECLARED[source]} if source in _DECLARED else {}


def threshold(source: str) -> int | None:
    """Return from how many answers on rows of a source may leave: 0 for any, None if the source is not known.

    Published figures, audits of portals, registers of geography and standards are no microdata: 0. Of a dataset whose
    description is broken nothing is known but that it may be one: as of any survey.
    """
    declared = _DECLARED.get(source)
    if declared is not None:
        return declared
    try:
        folder = find(source) if source else None
        described = None if folder is None else _described(folder, state(folder))
    except SourceError:
        return THRESHOLD
    if described is not None and (described or source not in _DECLARED):
        return described
    return THRESHOLD if source in _DECLARED else None


@lru_cache(maxsize=128)
def _described(folder: Path, stamp: Any) -> int:
    found = read_descriptor(folder)
    if found.kind != "survey":
        return 0
    return whole_number(found.descriptor.get(PROPERTY, THRESHOLD), f"{found.id}: {PROPERTY!r}")


def whole_number(value: Any, name: str) -> int:
    """Return a threshold as a number, or refuse what is none; ``name`` says where it stands."""
    if not is_whole(value, 0):
        raise DisclosureError(f"{name} is {value!r}; a threshold is a whole number of answers, 0 for none")
    return int(value)


def thresholds(table: pd.DataFrame, min_n: int = 0) -> np.ndarray:
    """Return each row's threshold: that of its source, and ``min_n`` at least.

    Rows of a source that nobody declared count as microdata where their columns are those of an estimator of surveys
    (degrees of freedom of a design, people without an answer) and no count of portals.
    """
    least = whole_number(min_n, "min_n")
    sources = table["source"].fillna("").astype(str)
    told = {cell: _strictest(cell) for cell in sources.unique()}
    marked = _of_survey(table) if any(one is None for one in told.values()) else np.zeros(len(table), bool)
    own = [
        (THRESHOLD if mark else 0) if told[cell] is None else told[cell]
        for cell, mark in zip(sources, marked, strict=True)
    ]
    return np.maximum(np.array(own, dtype=float), least)


def _strictest(cell: str) -> int | None:
    found = [threshold(part.strip()) for part in cell.split(";")] if cell else [threshold("")]
    known = [one for one in found if one is not None]
    return max(known) if len(known) == len(found) or any(known) else None


def _of_survey(table: pd.DataFrame) -> np.ndarray:
    marked = table["df"].notna().to_numpy()
    for name in ("df_kind", "n_missing", "n_eff", "deff_kind"):
        if name in table:
            marked = marked | table[name].notna().to_numpy()
    return marked & ~table["counted"].notna().to_numpy() if "counted" in table else marked
