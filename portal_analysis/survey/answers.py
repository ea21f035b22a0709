"""What a column of the microdata says: yes or no, a number, or a category, with missing codes taken out.

Hands on plain arrays in the order of the survey's rows: floats with NaN for "no answer", or whole-number
codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.survey.design import SHOWN, Survey


class AnswersError(ValueError):
    """A column cannot be read as what it was asked for."""


def yes_no(survey: Survey, columns: Sequence[str]) -> list[np.ndarray]:
    """Read yes/no items as 1, 0 and NaN (no answer).

    Booleans and 0/1 need no word; any other coding needs the yes-code in ``Survey(yes={column: code})``.

    Raises
    ------
    AnswersError
        For all columns at once: unknown, text, or codes that are not plainly yes and no.
    """
    return _read(survey, columns, _yes_no_column)


def numbers(survey: Survey, columns: Sequence[str]) -> list[np.ndarray]:
    """Read numeric columns as floats with NaN for "no answer".

    Raises
    ------
    AnswersError
        For all columns at once: unknown, or text.
    """
    return _read(survey, columns, _number_column)


def members(survey: Survey, column: str) -> np.ndarray:
    """Read a 0/1 column that says who belongs to a subpopulation; missing means not (as R's ``subset``).

    Raises
    ------
    AnswersError
        If it is not 0/1 or nobody belongs to it.
    """
    inside = yes_no(survey, [column])[0] == 1
    if not (inside & (survey.layout.weights > 0)).any():
        raise AnswersError(f"domain {column!r} has no member: no row with a weight above 0 is in it")
    return inside


def of_subpopulation(table: pd.DataFrame, domain: str | None) -> pd.DataFrame:
    """Return a table with the column ``subpopulation``: the 0/1 column that the estimates were kept to, if any."""
    return table if domain is None else table.assign(subpopulation=domain)


def levels(survey: Survey, column: str) -> tuple[np.ndarray, pd.Index]:
    """Read a categorical column as codes (-1: no answer) and the sorted values they stand for.

    Raises
    ------
    AnswersError
        If the column is unknown.
    """
    _need(survey, [column])
    values = survey.data[column]
    if column in survey.missing:
        values = values.mask(_is_missing(survey, column))
    try:
        codes, found = pd.factorize(values, sort=True)
    except TypeError:  # values of kinds that have no order among them
        codes, found = pd.factorize(values.astype(str).where(values.notna()), sort=True)
    return codes, pd.Index(found)


def _need(survey: Survey, columns: Sequence[str]) -> None:
    wrong = [name for name in columns if not isinstance(name, str)]
    if wrong:
        raise AnswersError(f"columns are named by text, not {[type(name).__name__ for name in wrong]}")
    unknown = [name for name in dict.fromkeys(columns) if name not in survey.data.columns]
    if unknown:
        raise AnswersError(f"no column {unknown}; the survey has {list(survey.data.columns)}")
    twice = [name for name in dict.fromkeys(columns) if list(survey.data.columns).count(name) > 1]
    if twice:
        raise AnswersError(f"the columns {twice} are in the table more than once")


def _read(survey: Survey, columns: Sequence[str], reader: Any) -> list[np.ndarray]:
    _need(survey, columns)
    found, faults = [], []
    for name in columns:
        answer = reader(survey, name)
        if isinstance(answer, str):
            faults.append(answer)
        else:
            found.append(answer)
    if faults:
        raise AnswersError("cannot read the answers:\n" + "\n".join(f"  - {fault}" for fault in faults))
    return found


def _is_missing(survey: Survey, column: str) -> np.ndarray:
    values, codes = survey.data[column], survey.missing.get(column, ())
    absent = values.isna().to_numpy()
    if not codes:
        return absent
    if pd.api.types.is_numeric_dtype(values.dtype):
        numeric = pd.to_numeric(pd.Series(list(codes), dtype=object), errors="coerce").dropna()
        return absent | np.isin(values.to_numpy(float, na_value=np.nan), numeric.to_numpy(float))
    return absent | values.astype(str).isin([str(code) for code in codes]).to_numpy()


def _is_yes(survey: Survey, column: str) -> np.ndarray:
    code = survey.yes[column]
    codes = list(code) if isinstance(code, tuple | list | set | frozenset) else [code]
    values = survey.data[column]
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.isin(pd.to_numeric(pd.Series(codes, dtype=object), errors="coerce").dropna()).to_numpy(
            bool
        )
    return (values.isin(codes) | values.astype(str).isin([str(c) for c in codes])).to_numpy(bool)


def _yes_no_column(survey: Survey, column: str) -> np.ndarray | str:
    if column in survey.yes:
        said = np.where(_is_missing(survey, column), np.nan, _is_yes(survey, column).astype(float))
        return said if (said == 1).any() or np.isnan(said).all() else _never_yes(survey, column)
    values = survey.data[column]
    if not pd.api.types.is_numeric_dtype(values.dtype):
        shown = [str(v) for v in pd.unique(values.dropna())[:SHOWN]]
        return (
            f"{column!r} holds text {shown}, not yes/no: name the yes-code with "
            f"yes={{{column!r}: …}} in Survey, or ask for its categories with categories=True"
        )
    answer = _number_column(survey, column)
    if isinstance(answer, str):
        return answer
    wrong = ~((answer == 0) | (answer == 1) | np.isnan(answer))
    if wrong.any():
        shown = [f"{v:g}" for v in np.unique(answer[~np.isnan(answer)])[: SHOWN + 3]]
        return (
            f"{column!r} holds {', '.join(shown)}: not plainly 0/1. Name the yes-code with "
            f"yes={{{column!r}: …}} and the codes for no answer with "
            f"missing={{{column!r}: (…)}} in Survey, or ask for categories=True"
        )
    return answer


def _never_yes(survey: Survey, column: str) -> np.ndarray | str:
    values = survey.data[column]
    if isinstance(values.dtype, pd.CategoricalDtype) and survey.yes[column] in values.cat.categories:
        return np.where(_is_missing(survey, column), np.nan, 0.0)
    held = [str(value) for value in pd.unique(values)[: SHOWN + 3]]
    return f"{column!r} never holds its yes-code {survey.yes[column]!r}; it holds {held}"


def _number_column(survey: Survey, column: str) -> np.ndarray | str:
    values = survey.data[column]
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return f"{column!r} holds {values.dtype}, not numbers"
    answer = values.to_numpy(dtype=float, na_value=np.nan)
    if column in survey.missing:
        answer = np.where(_is_missing(survey, column), np.nan, answer)
    if np.isinf(answer).any():
        return f"{column!r} holds infinite values"
    return answer
