"""What a column of the microdata says: yes or no, a number, or a category, with missing codes taken out.

Hands on plain arrays in the order of the survey's rows: floats with NaN for "no answer", or whole-number
codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.survey.design import LARGEST, SHOWN, Survey, read_alike

Domain = str | Sequence[bool] | np.ndarray | pd.Series | None
"""What keeps an estimate to a subpopulation: see :func:`members`."""

UNORDERED = (set, frozenset, dict, pd.DataFrame)
"""Kinds that could be walked through but do not list columns in an order."""


class AnswersError(ValueError):
    """A column cannot be read as what it was asked for."""


def names_of(columns: Any, argument: str) -> list[str]:
    """Return the columns that an argument names, by one text or a sequence of texts.

    Raises
    ------
    AnswersError
        If it is something else, or names a column twice.
    """
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, UNORDERED) or not pd.api.types.is_list_like(columns):
        raise AnswersError(
            f"{argument} is a {type(columns).__name__}; it must be the name of a column or a list of names"
        )
    found = list(columns)
    wrong = [type(name).__name__ for name in found if not isinstance(name, str)]
    if wrong:
        raise AnswersError(f"{argument} must name columns by text, not {wrong[:SHOWN]}")
    twice = [name for name in dict.fromkeys(found) if found.count(name) > 1]
    if twice:
        raise AnswersError(f"{argument} names {twice} more than once")
    return found


def yes_no(survey: Survey, columns: Sequence[str]) -> list[np.ndarray]:
    """Read yes/no items as 1, 0 and NaN (no answer).

    Booleans and 0/1 need no word; any other coding needs the yes-code in ``Survey(yes={column: code})``.

    Raises
    ------
    AnswersError
        For all columns at once: unknown, text, or codes that are not plainly yes and no.
    """
    return _read(survey, columns, _yes_no_column)


def rates(survey: Survey, names: list[str]) -> list[np.ndarray]:
    """Read yes/no columns for a comparison of rates.

    Raises
    ------
    AnswersError
        If one is no yes/no column: what compares means, totals and ratios is named.
    """
    try:
        return yes_no(survey, names)
    except AnswersError as error:
        raise AnswersError(
            f"{error}\nRates (shares of yes) are compared here; contrast(…, statistic='mean') compares means of "
            "numbers, and regress('number ~ wave') gives the trend of a number"
        ) from error


def numbers(survey: Survey, columns: Sequence[str]) -> list[np.ndarray]:
    """Read numeric columns as floats with NaN for "no answer".

    Raises
    ------
    AnswersError
        For all columns at once: unknown, or text.
    """
    return _read(survey, columns, _number_column)


def members(survey: Survey, domain: Domain) -> np.ndarray:
    """Say who belongs to a subpopulation; missing means not (as R's ``subset``).

    Parameters
    ----------
    domain : str or sequence of bool, optional
        A 0/1 column; an expression of columns such as ``"age >= 18 and urban == 1"`` (pandas' ``query``, in
        which codes for no answer are missing); or a truth value for each row.

    Raises
    ------
    AnswersError
        If it is none of these, or nobody belongs to it.
    """
    counted = survey.layout.weights > 0
    if domain is None:
        return np.ones(len(survey), dtype=bool)
    if isinstance(domain, str):
        plain = domain in survey.data.columns or domain.isidentifier()
        inside = yes_no(survey, [domain])[0] == 1 if plain else _expressed(survey, domain)
    else:
        inside = _masked(survey, domain)
    if not (inside & counted).any():
        raise AnswersError(
            f"domain {told_domain(domain)!r} has no member: no row with a weight above 0 is in it"
        )
    return inside


def _expressed(survey: Survey, expression: str) -> np.ndarray:
    frame = survey.data.copy(deep=False)
    for name in survey.missing:
        frame[name] = frame[name].mask(is_missing(survey, name))
    try:
        found = frame.eval(expression, engine="python")
    except Exception as error:  # whatever a text that is no expression may raise
        raise AnswersError(
            f"domain={expression!r} is neither a column nor an expression of columns: {error}; "
            f"the survey has {list(survey.data.columns)}"
        ) from error
    return _masked(survey, found)


def _masked(survey: Survey, mask: Any) -> np.ndarray:
    held = (
        pd.Series(mask).reset_index(drop=True) if pd.api.types.is_list_like(mask) else pd.Series(dtype=bool)
    )
    if not isinstance(mask, UNORDERED) and len(held) == len(survey):
        if pd.api.types.is_bool_dtype(held.dtype):
            return held.to_numpy(dtype=bool, na_value=False)
        if set(held.dropna().unique()) <= {0, 1}:
            return (held == 1).to_numpy(dtype=bool, na_value=False)
    raise AnswersError(
        f"domain is a {type(mask).__name__} that does not say yes or no for each of the {len(survey)} rows"
    )


def told_domain(domain: Domain) -> str:
    """Return how a table names a subpopulation: its column, its expression, the mask's own name."""
    if isinstance(domain, str):
        return domain
    name = getattr(domain, "name", None)
    return str(name) if isinstance(name, str) and name else "given rows"


def of_subpopulation(table: pd.DataFrame, domain: Domain) -> pd.DataFrame:
    """Return a table with the column ``subpopulation``: what the estimates were kept to, if anything."""
    return table if domain is None else table.assign(subpopulation=told_domain(domain))


def levels(survey: Survey, column: str) -> tuple[np.ndarray, pd.Index]:
    """Read a categorical column as codes (-1: no answer) and the sorted values they stand for.

    Raises
    ------
    AnswersError
        If the column is unknown.
    """
    need(survey, [column])
    values = survey.data[column]
    if column in survey.missing:
        values = values.mask(is_missing(survey, column))
    try:
        alike = read_alike(pd.unique(values.dropna())) if values.dtype == object else []
    except TypeError as error:
        kinds = sorted({type(value).__name__ for value in values})
        raise AnswersError(f"{column!r} holds {kinds}; categories must be text or numbers") from error
    if alike:
        raise AnswersError(f"{column!r} holds {alike} both as text and as a number: make them one kind")
    try:
        codes, found = pd.factorize(values, sort=True)
    except TypeError:  # values of kinds that have no order among them
        codes, found = pd.factorize(values.astype(str).where(values.notna()), sort=True)
    return codes, pd.Index(found)


def need(survey: Survey, columns: Sequence[str]) -> None:
    """Check that ``survey`` is one and that its table has the columns, once each, of real values.

    Raises
    ------
    AnswersError
        If not.
    """
    if not isinstance(survey, Survey):
        raise AnswersError(
            f"expected a Survey, got {type(survey).__name__}: declare the design with Survey(data, Design(…))"
        )
    wrong = [name for name in columns if not isinstance(name, str)]
    if wrong:
        raise AnswersError(f"columns are named by text, not {[type(name).__name__ for name in wrong]}")
    unknown = [name for name in dict.fromkeys(columns) if name not in survey.data.columns]
    if unknown:
        raise AnswersError(f"no column {unknown}; the survey has {list(survey.data.columns)}")
    twice = [name for name in dict.fromkeys(columns) if list(survey.data.columns).count(name) > 1]
    if twice:
        raise AnswersError(f"the columns {twice} are in the table more than once")
    unreal = [name for name in columns if getattr(survey.data[name].dtype, "kind", "O") == "c"]
    if unreal:
        raise AnswersError(f"the columns {unreal} hold complex numbers; take their real parts first")


def _read(survey: Survey, columns: Sequence[str], reader: Any) -> list[np.ndarray]:
    need(survey, columns)
    if not len(columns):
        raise AnswersError("name at least one column to estimate")
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


def is_missing(survey: Survey, column: str) -> np.ndarray:
    """Return which rows have no answer: nothing, or one of the column's missing codes."""
    values, codes = survey.data[column], survey.missing.get(column, ())
    absent = values.isna().to_numpy()
    if not codes:
        return absent
    held = _floats(values)
    if held is not None:
        numeric = pd.to_numeric(pd.Series(list(codes), dtype=object), errors="coerce").dropna()
        return absent | np.isin(held, numeric.to_numpy(float))
    return absent | values.astype(str).isin([str(code) for code in codes]).to_numpy()


def _is_yes(survey: Survey, column: str) -> np.ndarray:
    code = survey.yes[column]
    codes = list(code) if pd.api.types.is_list_like(code) else [code]
    values = survey.data[column]
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.isin(pd.to_numeric(pd.Series(codes, dtype=object), errors="coerce").dropna()).to_numpy(
            bool
        )
    return (values.isin(codes) | values.astype(str).isin([str(c) for c in codes])).to_numpy(bool)


def _yes_no_column(survey: Survey, column: str) -> np.ndarray | str:
    if column in survey.yes:
        said = np.where(is_missing(survey, column), np.nan, _is_yes(survey, column).astype(float))
        return said if (said == 1).any() or np.isnan(said).all() else _never_yes(survey, column)
    values = survey.data[column]
    if _floats(values) is None:
        shown = [str(v) for v in dict.fromkeys(values.dropna().astype(str))][:SHOWN]
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
        return np.where(is_missing(survey, column), np.nan, 0.0)
    held = list(dict.fromkeys(values.astype(str)))[: SHOWN + 3]
    return f"{column!r} never holds its yes-code {survey.yes[column]!r}; it holds {held}"


def _number_column(survey: Survey, column: str) -> np.ndarray | str:
    values = survey.data[column]
    answer = _floats(values)
    if answer is None:
        return f"{column!r} holds {values.dtype}, not numbers"
    if column in survey.missing:
        answer = np.where(is_missing(survey, column), np.nan, answer)
    if np.isinf(answer).any():
        return f"{column!r} holds infinite values"
    if (np.abs(answer) > LARGEST).any():
        return f"{column!r} holds values beyond ±{LARGEST:g}"
    return answer


def _floats(values: pd.Series) -> np.ndarray | None:
    """Return a column of numbers or truth values (Decimal and plain objects too) as floats; None if it is not."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=float, na_value=np.nan)
    if values.dtype != object:
        return None
    absent = values.isna().to_numpy()
    kinds = {type(value) for value in values[~absent]}
    if not kinds or not all(issubclass(kind, Real | Decimal | np.bool_) for kind in kinds):
        return None
    held = np.full(len(values), np.nan)
    held[~absent] = [float(value) for value in values[~absent]]
    return held
