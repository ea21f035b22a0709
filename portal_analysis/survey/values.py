"""What the cells of one column count as: yes or no, a number, or no answer; and what is wrong where they do not.

Takes a survey and a column's name; hands on floats with NaN for "no answer", or a fault as text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis import codebook
from portal_analysis.faults import Error, near
from portal_analysis.survey.design import LARGEST, SHOWN
from portal_analysis.survey.microdata import Survey
from portal_analysis.tables import cell_text
from portal_analysis.tables.order import in_order
from portal_analysis.tables.replies import says_no_answer, speaks_against

NUMERAL = re.compile(r"-?\d+(\.\d+)?")

UNORDERED = (set, frozenset, dict, pd.DataFrame)
"""Kinds that could be walked through but do not list columns in an order."""


class AnswersError(Error):
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
    survey.tell_labels()
    wrong = [name for name in columns if not isinstance(name, str)]
    if wrong:
        raise AnswersError(f"columns are named by text, not {[type(name).__name__ for name in wrong]}")
    known = survey.columns.union(survey.data.columns, sort=False)
    unknown = [name for name in dict.fromkeys(columns) if name not in known]
    if unknown:
        hints = "; ".join(f"no column {name!r}: {near(name, known)}" for name in unknown)
        raise AnswersError(hints)
    held = list(survey.data.columns)
    twice = [name for name in dict.fromkeys(columns) if held.count(name) > 1]
    if twice:
        raise AnswersError(f"the columns {twice} are in the table more than once")
    if survey.elsewhere:
        return
    here = [name for name in columns if name in survey.data.columns]
    unreal = [name for name in here if getattr(survey.data[name].dtype, "kind", "O") == "c"]
    if unreal:
        raise AnswersError(f"the columns {unreal} hold complex numbers; take their real parts first")


def read(survey: Survey, column: str, kind: str) -> np.ndarray | str:
    """Read a column of rows as ``yes_no``, ``ticks`` or ``numbers``; return what is wrong with it as text."""
    if kind == "numbers":
        return _measured(survey, column)
    return _yes_no_column(survey, column, kind == "ticks")


def is_missing(survey: Survey, column: str) -> np.ndarray:
    """Return which rows have no answer: nothing, or one of the column's missing codes."""
    values, codes = survey.data[column], survey.missing.get(column, ())
    absent = values.isna().to_numpy()
    return absent | _holds(values, codes) if codes else absent


def _holds(values: pd.Series, codes: Any) -> np.ndarray:
    """Return which values are one of some codes: numbers as numbers, in the precision in which they are stored."""
    codes = list(codes) if pd.api.types.is_list_like(codes) else [codes]
    held = _floats(values)
    if held is not None:
        wanted = pd.to_numeric(pd.Series(codes, dtype=object), errors="coerce").dropna().to_numpy(float)
        single = getattr(values.dtype, "numpy_dtype", values.dtype) == np.float32
        return np.isin(held, wanted.astype(np.float32).astype(float) if single else wanted)
    texts = {cell_text(code) for code in codes}
    return values.map(lambda value: cell_text(value) in texts, na_action="ignore").eq(True).to_numpy(bool)


def _yes_no_column(survey: Survey, column: str, ticks: bool) -> np.ndarray | str:
    plain = column not in survey.yes
    answer = _plain_yes_no(survey, column) if plain else _coded_yes_no(survey, column)
    if isinstance(answer, str) or ticks or column in survey.no:
        return answer
    absent = np.isnan(answer)
    if absent.any() and not absent.all() and (answer[~absent] == 1).all() and not _may_say_no(survey, column):
        held = "1" if plain else f"its yes-code {_quoted(survey.yes[column])}"
        blank, rows = (int(survey.layout.rows[of].sum()) for of in (absent, slice(None)))
        return (
            f"{column!r} holds {held} and nothing else, {blank:,} of {rows:,} rows are blank: "
            f"is a blank a no? Then fill it, as in data[{column!r}].fillna(0), or ask for the set that it is one of "
            f"with multiple_response. If nobody said no, say no={{{column!r}: 0}} in Survey"
        )
    return answer


def _may_say_no(survey: Survey, column: str) -> bool:
    """Tell whether another answer than yes is declared: as a category, or by the labels of codes."""
    values = survey.data[column]
    declared = list(survey.categories.get(column, ()))
    if isinstance(values.dtype, pd.CategoricalDtype):
        declared += list(values.cat.categories)
    code = survey.yes.get(column, 1)
    yes = {cell_text(one) for one in (code if pd.api.types.is_list_like(code) else [code])} | {"True"}
    told = {cell_text(one) for one in declared} | {
        one for one, label in labels_of(survey, column).items() if not says_no_answer(label)
    }
    return bool(told - yes - {cell_text(one) for one in survey.missing.get(column, ())})


def _coded_yes_no(survey: Survey, column: str) -> np.ndarray | str:
    """Read a column by its yes-code, and its no-codes where there are any."""
    values, absent = survey.data[column], is_missing(survey, column)
    yes = _holds(values, survey.yes[column])
    others = values[~absent & ~yes]
    beside = others[~_holds(others, survey.no[column])] if column in survey.no else others
    distinct = in_order(beside.unique())
    if not yes.any() and not absent.all():
        never = _never_yes(survey, column)
        if isinstance(never, str):
            return never
    if distinct and (column in survey.no or len(distinct) > 1):
        return _which_is_no(survey, column, distinct)
    return np.where(absent, np.nan, yes.astype(float))


def _which_is_no(survey: Survey, column: str, others: list[Any]) -> str:
    """Ask which of several answers beside yes are no, and which are no answer."""
    labels = labels_of(survey, column)
    told = [
        f"{cell_text(one)} ({labels[cell_text(one)]})" if cell_text(one) in labels else _quoted(one)
        for one in others
    ]
    silent = [one for one in others if says_no_answer(labels.get(cell_text(one), cell_text(one)))]
    spoken = [one for one in others if one not in silent]
    shown = ", ".join(told[: SHOWN + 3]) + (
        f" and {len(told) - SHOWN - 3} more" if len(told) > SHOWN + 3 else ""
    )
    code = survey.yes[column]
    head = f"{column!r}: yes is {_quoted(code)}; beside it the column holds {shown}"
    if column in survey.no:
        return f"{head}, which no= does not name: add them, or say missing={{{column!r}: (…)}} if they are no answer"
    guess = _quoted(silent) if silent else "(…)"
    return (
        f"{head}: which of them mean no, and which no answer? Say missing={{{column!r}: {guess}}} for these, and "
        f"no={{{column!r}: {_quoted(spoken[: SHOWN + 3])}}} for those, in Survey"
    )


def _quoted(codes: Any) -> str:
    """Write codes as a tuple is written, whole numbers without ``.0``; one code alone as itself."""
    if not pd.api.types.is_list_like(codes):
        return repr(codes) if isinstance(codes, str) else cell_text(codes)
    said = [_quoted(code) for code in codes]
    return f"({', '.join(said)}{',' if len(said) == 1 else ''})"


def _plain_yes_no(survey: Survey, column: str) -> np.ndarray | str:
    """Read a column of 0 and 1, or of truth values."""
    values = survey.data[column]
    if _is_plainly_binary(survey, column):
        return _against_labels(survey, column) or values.to_numpy(dtype=float)
    if _floats(_known(survey, column)) is None:
        texts = [str(v) for v in dict.fromkeys(values.dropna().astype(str))][:SHOWN]
        return (
            f"{column!r} holds text {texts}, not yes/no: name the yes-code with "
            f"yes={{{column!r}: …}} in Survey, or ask for its categories with categories=True; if a cell holds several "
            f"answers, ask for them with multiple_response(survey, {column!r}, sep=…)"
        )
    answer = _number_column(survey, column)
    if isinstance(answer, str):
        return answer
    wrong = ~((answer == 0) | (answer == 1) | np.isnan(answer))
    if wrong.any():
        labels = labels_of(survey, column)
        held = [f"{v:g}" for v in np.unique(answer[~np.isnan(answer)])[: SHOWN + 3]]
        shown = ", ".join(f"{code} ({labels[code]})" if code in labels else code for code in held)
        return (
            f"{column!r} holds {shown}: not plainly 0/1. Name the yes-code with "
            f"yes={{{column!r}: …}} and the codes for no answer with "
            f"missing={{{column!r}: (…)}} in Survey, or ask for categories=True"
        )
    return _against_labels(survey, column) or answer


def _is_plainly_binary(survey: Survey, column: str) -> bool:
    """Tell at a glance that a column of whole numbers holds nothing but 0 and 1."""
    values = survey.data[column]
    if survey.missing.get(column) or not isinstance(values.dtype, np.dtype) or values.dtype.kind not in "iu":
        return False
    plain = values.to_numpy()
    return len(plain) > 0 and bool(plain.min() >= 0) and bool(plain.max() <= 1)


def labels_of(survey: Survey, column: str) -> dict[str, str]:
    """Return what the codes of a column are called, by the survey's own labels or its dataset's."""
    known = (codebook.labels(survey.source) if survey.source else {}) | dict(survey.labels)
    return {code: text["vi"] for (name, code), text in known.items() if name == column and code is not None}


def _against_labels(survey: Survey, column: str) -> str:
    """Say that the labels of a 0/1 column call 0 the yes and 1 the no, if they do."""
    said = labels_of(survey, column)
    if not {"0", "1"} <= set(said) or not speaks_against(said["0"], said["1"]):
        return ""
    return (
        f"{column!r} is 0/1, but its labels say 0 = {said['0']!r}, 1 = {said['1']!r}: which is the yes? "
        f"Say yes={{{column!r}: 0}} to go by the labels, or yes={{{column!r}: 1}}"
    )


def _never_yes(survey: Survey, column: str) -> np.ndarray | str:
    values = survey.data[column]
    if isinstance(values.dtype, pd.CategoricalDtype) and survey.yes[column] in values.cat.categories:
        return np.where(is_missing(survey, column), np.nan, 0.0)
    if cell_text(survey.yes[column]) in labels_of(survey, column):  # a declared answer that nobody gave
        return np.where(is_missing(survey, column), np.nan, 0.0)
    labels = labels_of(survey, column)
    held = [cell_text(one) for one in in_order(values.dropna().unique())[: SHOWN + 3]]
    told = ", ".join(f"{one} ({labels[one]})" if one in labels else one for one in held) or "nothing"
    return f"{column!r} never holds its yes-code {survey.yes[column]!r}; it holds {told}"


def _known(survey: Survey, column: str) -> pd.Series:
    """Return a column whose missing codes are taken out; numbers beside a code of text are then numbers."""
    values = survey.data[column]
    if not survey.missing.get(column):
        return values
    return values.mask(is_missing(survey, column)).infer_objects()


def _number_column(survey: Survey, column: str) -> np.ndarray | str:
    values = _known(survey, column)
    answer = _floats(values)
    if answer is None:
        wrong = [value for value in values if isinstance(value, str)]
        texts = dict.fromkeys([*(one for one in wrong if not NUMERAL.fullmatch(one)), *wrong])
        such = f", such as {', '.join(map(repr, list(texts)[:3]))}" if texts else ""
        return f"{column!r} holds {values.dtype}, not numbers{such}"
    if np.isinf(answer).any():
        return f"{column!r} holds infinite values"
    if (np.abs(answer) > LARGEST).any():
        return f"{column!r} holds values beyond ±{LARGEST:g}"
    return answer


def _measured(survey: Survey, column: str) -> np.ndarray | str:
    """Read a column of measurements, in which no label says that a number is no answer."""
    answer = _number_column(survey, column)
    if isinstance(answer, str) or column in survey.missing:
        return answer
    labels = {
        float(code): label for code, label in labels_of(survey, column).items() if NUMERAL.fullmatch(code)
    }
    if not labels:
        return answer
    distinct = np.unique(answer[~np.isnan(answer)])
    plain = distinct[~np.isin(distinct, list(labels))]
    silent = [code for code, label in labels.items() if code in distinct and _is_silent(code, label, plain)]
    if not silent:
        return answer
    said = ", ".join(
        f"{code:g}, labelled {labels[code]!r}, in {int(survey.layout.rows[answer == code].sum()):,} rows"
        for code in silent
    )
    return (
        f"{column!r} holds {said}: is it a missing answer? Say missing={{{column!r}: {_quoted(silent)}}}, "
        f"or missing={{{column!r}: ()}} if it is a number like the others"
    )


def _is_silent(code: float, label: str, plain: np.ndarray) -> bool:
    """Tell whether a labelled number says "no answer", by its words or by standing far from all without labels."""
    if says_no_answer(label):
        return True
    if len(plain) < SHOWN:
        return False
    low, high = plain.min(), plain.max()
    return max(code - high, low - code) > high - low


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
