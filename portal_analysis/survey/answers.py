"""What a column of the microdata says: yes or no, a number, or a category, with missing codes taken out.

Hands on plain arrays in the order of the survey's rows: floats with NaN for "no answer", or whole-number
codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.survey.columns import read_alike
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import AnswersError, is_missing, names_of, need, read
from portal_analysis.tables import cell_text
from portal_analysis.tables.order import in_order


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the people who answered and have a weight above 0, of whatever the rows of the arrays stand for.

    ``n`` counts them; ``w`` Σw, ``wy`` Σwy, ``wyy`` Σwy²; for a denominator x that is not 1 ``wx`` Σwx, ``wxy`` Σwxy,
    ``wxx`` Σwx² (with x = 1 they are ``w, wy, w``).
    """

    n: np.ndarray
    w: np.ndarray
    wy: np.ndarray
    wyy: np.ndarray
    wx: np.ndarray
    wxy: np.ndarray
    wxx: np.ndarray


@dataclass(frozen=True, eq=False)
class Sums(Moments):
    """What stands for a column of answers where each row of a survey tells of several people.

    ``low`` is the smallest answer.
    """

    low: float = 0.0


Answers = np.ndarray | Sums
"""A column as an outcome: a number for each row (NaN: no answer), or its sums."""


def negative(answers: Answers) -> bool:
    """Tell whether some answer is below 0."""
    return answers.low < 0 if isinstance(answers, Sums) else bool((answers < 0).any())


def yes_no(survey: Survey, columns: Sequence[str], ticks: bool = False) -> list[Any]:
    """Read yes/no items as 1, 0 and NaN (no answer).

    Booleans and 0/1 need no word; any other coding needs the yes-code in ``Survey(yes={column: code})``, and the
    no-codes in ``no=`` if there are several other values.

    Parameters
    ----------
    ticks : bool
        An item may be ticked or blank, so that nobody says no.

    Raises
    ------
    AnswersError
        For all columns at once: unknown, text, codes that are not plainly yes and no, or labels that say the
        opposite of 0 and 1; a column in which nobody says no and some are blank.
    """
    return _read(survey, columns, "ticks" if ticks else "yes_no")


def several(
    survey: Survey, items: str | Sequence[str], sep: str | None, choices: Sequence[str] = ()
) -> tuple[list[str], np.ndarray, list[object] | None]:
    """Read a question with several answers: who gave which, NaN for all of who gave none.

    Parameters
    ----------
    items : str or sequence of str
        Yes/no columns, or the name of a set; with ``sep`` the column whose cells hold all answers.
    sep : str, optional
        What parts the answers in a cell.
    choices : sequence of str
        Answers that hold the mark themselves.

    Returns
    -------
    tuple
        The names of the columns, the answers (rows, answers), and the categories if they stand in cells.

    Raises
    ------
    AnswersError
        If there is no item, or the columns are no yes/no items; several columns with ``sep``; an empty ``sep``.
    """
    if isinstance(items, str) and items in getattr(survey, "sets", {}):
        items = survey.sets[items]
    names = names_of(items, "items")
    if not names:
        raise AnswersError("name at least one item of the set")
    if sep is not None:
        if len(names) > 1 or not sep:
            raise AnswersError(f"sep={sep!r} parts the cells of one column; items name {names}")
        categories, said = _parted(survey, names[0], sep, choices)
        return names * len(categories), said, categories
    matrix = np.column_stack(yes_no(survey, names, ticks=True))
    silent = np.isnan(matrix).all(axis=1)
    return names, np.where(silent[:, None], np.nan, np.nan_to_num(matrix)), None


def _parted(survey: Survey, column: str, sep: str, choices: Sequence[str]) -> tuple[list[object], np.ndarray]:
    """Return the answers that cells of one column hold, and who gave each."""
    need(survey, [column])
    absent = is_missing(survey, column)
    codes, cells = pd.factorize(survey.data[column].map(cell_text, na_action="ignore").mask(absent))
    sets = [_answers_in(str(cell), sep, choices) for cell in cells]
    given = in_order(dict.fromkeys(one for each in sets for one in each))
    declared = [cell_text(code) for code in survey.categories.get(column, ())]
    found = list(dict.fromkeys([*declared, *given]))
    if not found:
        raise AnswersError(f"{column!r} holds no answers")
    held = np.array([[float(one in each) for one in found] for each in [*sets, set[str]()]])
    return list(found), np.where(codes[:, None] < 0, np.nan, held[codes])


def _answers_in(cell: str, sep: str, choices: Sequence[str]) -> set[str]:
    """Return the answers in a cell: choices that hold the mark first, then what the mark parts."""
    found = set()
    for choice in sorted(choices, key=len, reverse=True):
        if choice in cell:
            found.add(choice)
            cell = cell.replace(choice, "")
    parts = cell.split() if sep.isspace() and sep != "\n" else cell.split(sep.strip(" ") or sep)
    return found | {part.strip() for part in parts if part.strip()}


def rates(survey: Survey, names: list[str]) -> list[Any]:
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


def numbers(survey: Survey, columns: Sequence[str]) -> list[Any]:
    """Read numeric columns as floats with NaN for "no answer".

    Raises
    ------
    AnswersError
        For all columns at once: unknown, or text; or a label says that a number in it is no answer.
    """
    return _read(survey, columns, "numbers")


def ratios(survey: Survey, names: Sequence[str], denominator: str) -> list[Sums] | None:
    """Return the sums of ratios, where a survey holds sums; None where it holds people.

    Raises
    ------
    AnswersError
        As :func:`numbers`.
    """
    need(survey, [])
    known = survey.answered
    if known is None or not isinstance(denominator, str):
        return None
    found = [known["ratio", name, denominator] for name in names]
    faults = list(dict.fromkeys(one for one in found if isinstance(one, str)))
    if faults:
        raise AnswersError.of(faults, "cannot read the answers")
    return [one for one in found if isinstance(one, Sums)]


def categories(survey: Survey, column: str) -> tuple[list[Answers], pd.Index]:
    """Read each category of a column as an outcome: yes for this one, no for another; and return them."""
    need(survey, [column])
    if survey.answered is not None and ("categories", column) in survey.answered:
        return survey.answered["categories", column]
    codes, values = levels(survey, column, declared=True)
    return [np.where(codes < 0, np.nan, (codes == code).astype(float)) for code in range(len(values))], values


def levels(survey: Survey, column: str, declared: bool = False) -> tuple[np.ndarray, pd.Index]:
    """Read a categorical column as codes (-1: no answer) and the values they stand for, in order.

    The order is that of ``Survey.categories`` or of a pandas categorical; else texts that hold numbers are sorted by
    them (5-9 before 10-14), other values as they sort.

    Parameters
    ----------
    declared : bool
        Values that could be given and that nobody gave are among them.

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
    if isinstance(values.dtype, pd.CategoricalDtype):
        kept = values.cat.categories if declared else values.cat.remove_unused_categories().cat.categories
        return kept.get_indexer(pd.Index(values.astype(object))).astype(np.int64), pd.CategoricalIndex(
            kept, kept
        )
    codes, found = pd.factorize(values)
    wanted = _ordered(list(found), survey.categories.get(column, ()), declared)
    place = {value: at for at, value in enumerate(wanted)}
    moved = np.array([*(place[value] for value in found), -1], dtype=np.int64)
    return moved[codes], _index(wanted, found)


def _ordered(found: list[Any], declared: Sequence[Any], all_of_them: bool) -> list[Any]:
    """Return the values that occur in the order declared, others behind; or all that are declared too."""
    held = {cell_text(value): value for value in found}
    first = [held.pop(cell_text(code), code) for code in declared if all_of_them or cell_text(code) in held]
    return [*first, *in_order(held.values())]


def _index(wanted: list[Any], found: Any) -> pd.Index:
    """Return values as an index of the kind that the column has."""
    try:
        return pd.Index(wanted, dtype=found.dtype)
    except (TypeError, ValueError):
        return pd.Index(wanted)


def _read(survey: Survey, columns: Sequence[str], kind: str) -> list[Any]:
    need(survey, columns)
    if not len(columns):
        raise AnswersError("name at least one column to estimate")
    known, found, faults = survey.answered or {}, [], []
    for name in columns:
        answer = known[kind, name] if (kind, name) in known else read(survey, name, kind)
        if isinstance(answer, str):
            faults.append(answer)
        else:
            found.append(answer)
    if faults:
        raise AnswersError.of(faults, "cannot read the answers")
    return found
