"""A table's description, drafted from what its file says, for a person to complete.

Hands on a resource of ``datapackage.json``.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from portal_analysis.tables.table import Table, as_text, cell_text, plain_letters

MOST_CATEGORIES = 30
"""A text column with more different values than this is drafted without categories."""


def draft_resource(table: Table) -> dict[str, Any]:
    """Draft the description of a table as a resource of ``datapackage.json``, for a person to complete.

    Names, labels and codes are the file's own. Types are read off the values: a column is ``integer``,
    ``number`` or ``date`` only if all its values are; ``01`` stays text.

    Parameters
    ----------
    table : Table
        From :func:`read_table`.

    Returns
    -------
    dict
        ``name``, ``path`` (the CSV file that :func:`save_csv` is to write), ``schema`` with ``title``,
        ``categories`` and ``missingValues``. Vietnamese titles and labels are left ``""``.
    """
    text = as_text(table.data)
    name = re.sub(r"[^a-z0-9]+", "-", plain_letters(table.path.stem).lower()).strip("-") or "data"
    return {
        "name": name,
        "path": f"{name}.csv",
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": [_draft_field(table, str(column), text[column]) for column in text]},
    }


def _draft_field(table: Table, column: str, text: pd.Series) -> dict[str, Any]:
    """Draft one field: type, title, categories and missing values as the file has them."""
    lost = table.is_missing(column)
    known = text[~lost]
    labels = {cell_text(code): label for code, label in table.values.get(column, {}).items()}
    lost_codes = sorted(
        {
            *text[lost],
            *(cell_text(one) for one in table.missing.get(column, ()) if not isinstance(one, tuple)),
        }
        - {""}
    )
    kind = _draft_type(known)
    codes = [code for code in labels if code not in lost_codes]
    if not codes and kind == "string" and 0 < known.nunique() <= min(MOST_CATEGORIES, len(known) / 2):
        codes = sorted(known.unique())
    draft: dict[str, Any] = {
        "name": column,
        "type": kind,
        "title": table.labels.get(column, column),
        "title_vi": "",
    }
    # A code without a label would be refused, so categories are drafted only if they cover the values.
    if codes and known.isin(codes).all():
        value = int if kind == "integer" else str
        draft["categories"] = [
            {"value": value(code), "label": labels.get(code, code), "label_vi": ""} for code in codes
        ]
    if lost_codes:
        coded = [{"value": code, "label": labels.get(code, "Missing"), "label_vi": ""} for code in lost_codes]
        draft["missingValues"] = ["", *coded]
    return draft


def _draft_type(known: pd.Series) -> str:
    """Return the Table Schema type that all values have: no leading zeros in numbers, ISO dates."""
    patterns = {
        "integer": r"-?(0|[1-9][0-9]{0,14})",
        "number": r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?",
        "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    }
    for kind, pattern in patterns.items():
        if len(known) and known.str.fullmatch(pattern).all():
            return kind
    return "string"
