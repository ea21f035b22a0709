"""From the criteria of tools to shortcomings: the shipped codebook of WCAG, axe-core and Lighthouse.

Hands on :func:`tool_codebook`, a frame to edit, and the shipped lists of shortcomings.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from portal_analysis import codebook
from portal_analysis.datasets import dataset
from portal_analysis.tables import read_csv_text

CODEBOOK = "wcag2"
LISTS = "portal-review-published"


@cache
def _tool_codebook() -> pd.DataFrame:
    found = dataset(CODEBOOK)
    schema = found.resources["codebook"]["schema"]
    checked = codebook.check(read_csv_text(found.file("codebook")), schema, "codebook.csv")
    codebook.raise_faults([checked.faults])
    return checked.table.reset_index(drop=True)


def tool_codebook() -> pd.DataFrame:
    """Return the shipped codebook for criteria that tools and WCAG reports name.

    Returns
    -------
    DataFrame
        ``criterion_id`` (``wcag:1.4.3``, ``axe:region``, ``lighthouse:is-on-https``), ``scheme``, ``shortcoming``,
        ``share``, ``version``, and ``basis, note, note_vi``. It speaks of S1, S2 and S3 of the scheme ``article``: no
        tool measures how systems are connected (S4) or how people and processes deliver (S5). It is our reading:
        edit a copy, give it another ``version``, and hand it over as ``codebook=``.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> codes = pa.tool_codebook().set_index("criterion_id")
    >>> codes.loc[["wcag:1.4.3", "lighthouse:is-on-https"], "shortcoming"].tolist()
    ['S2', 'S3']
    """
    return _tool_codebook().copy()


@cache
def known_criteria() -> frozenset[str]:
    """Return the criteria that the shipped codebook speaks of."""
    return frozenset(_tool_codebook()["criterion_id"])


def shipped_shortcomings(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Return the shipped lists of shortcomings for the schemes of a codebook; None if it goes beyond them.

    Parameters
    ----------
    rows : DataFrame
        With ``scheme`` and ``shortcoming``.
    """
    listed = read_csv_text(dataset(LISTS).file("shortcomings")).rename(
        columns={"shortcoming_id": "shortcoming"}
    )
    known = set(zip(listed["scheme"], listed["shortcoming"], strict=True))
    used = set(zip(rows["scheme"].astype(object), rows["shortcoming"].astype(object), strict=True))
    if not used <= known:
        return None
    wanted = listed["scheme"].isin({scheme for scheme, _ in used})
    return listed.loc[wanted, ["scheme", "shortcoming", "label_en", "label_vi"]].reset_index(drop=True)
