"""A table's description, drafted from what its file says, for a person to complete.

Hands on a resource of ``datapackage.json``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from portal_analysis.letters import plain_letters
from portal_analysis.tables.border import numbers_in
from portal_analysis.tables.replies import says_no_answer
from portal_analysis.tables.table import Table, as_text, cell_text, is_textual

MOST_CATEGORIES = 30
"""A text column with more different values than this is drafted without categories."""


DESIGN_NAMES = {
    "weights": r"((final|p|sample|sampling|person|indv?|hh)_?)?(weights?|wt|wgt|pw|w)(_?(final|all|ind|hh))?|"
    r".*(psweight|_weight|pwgt|finalwt)|trong[_ ]?so|quyen[_ ]?so|v005|perwt",
    "strata": r"(.*_)?(strata|stratum|strat)|tang|v02[23]",
    "psu": r"(.*_)?(psu|cluster|ea|enumeration_?area)|cum|dia[_ ]?ban|v021",
}
"""What columns of weights, strata and sampling units are often called, in small letters without marks."""


def plain_numbers(table: Table) -> Table:
    """Return a table whose columns of text that hold numbers, however they are written, are numbers."""
    found = {name: numbers_in(table.data[name]) for name in table.data if is_textual(table.data[name])}
    numeric = {str(name): values for name, values in found.items() if not is_textual(values)}
    return replace(table, data=table.data.assign(**numeric))


def guess_design(table: Table) -> dict[str, str]:
    """Guess the columns of the design by their names; ``""`` where none, or more than one, is called so.

    Examples
    --------
    >>> guess_design(Table(pd.DataFrame(columns=["id", "PSW_psweight", "PSW_STRATA", "PSW_PSU"])))
    {'weights': 'PSW_psweight', 'strata': 'PSW_STRATA', 'psu': 'PSW_PSU'}
    """
    guessed = {}
    for part, pattern in DESIGN_NAMES.items():
        fits = [str(name) for name in table.data if re.fullmatch(pattern, plain_letters(str(name)).lower())]
        guessed[part] = fits[0] if len(fits) == 1 else ""
    return guessed


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
    silent = [code for code, label in labels.items() if says_no_answer(label) and (text == code).any()]
    lost_codes = sorted({*lost_codes, *silent})
    known = known[~known.isin(silent)]
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
    elif codes:
        draft["x_labels"] = [{"value": code, "label": labels[code], "label_vi": ""} for code in codes]
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
