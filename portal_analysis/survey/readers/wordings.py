"""What a survey asked: its columns with their wordings, types and answers.

Hands on one plain table, a row a column.
"""

from __future__ import annotations

import pandas as pd

from portal_analysis import codebook
from portal_analysis.language.catalogue import check_language, in_language
from portal_analysis.survey.gather import with_rows
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import is_missing, need
from portal_analysis.tables import cell_text
from portal_analysis.tables.order import in_order

MOST_ANSWERS = 12
"""Columns of text with more distinct answers than this are told as text, without listing them."""


@with_rows("a list of questions with the answers that occur")
def questions(survey: Survey, lang: str = "en") -> pd.DataFrame:
    """List what a survey asked: names, wordings, types and answers of its columns.

    Parameters
    ----------
    survey : Survey
    lang : {"en", "vi"}
        Language of wordings and answers, where they are known in it, else English.

    Returns
    -------
    DataFrame
        One row a column: ``name``; ``wording`` (the column's label, ``""`` if there is none); ``type``, one of
        ``design``, ``yes/no``, ``category``, ``number``, ``date``, ``text``, ``empty``; ``answers``, such as
        "1 = Yes; 2 = No" or "18 to 93"; ``n``, how many answered; ``n_missing``, how many did not; ``part_of``, the
        multiple-response set that it belongs to.

    Raises
    ------
    AnswersError
        If it is no Survey.
    WordingError
        If the language is not known.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> asked = pa.questions(pa.load_survey("papi-simulated", wave=2022)).set_index("name")
    >>> asked.loc["sex", "type"]
    'category'
    """
    need(survey, [])
    check_language(lang)
    known = codebook.labels(survey.source or "") | dict(survey.labels)
    sets = {column: name for name, columns in survey.sets.items() for column in columns}
    rows = []
    for name in map(str, survey.data.columns):
        lost = is_missing(survey, name)
        values = survey.data[name][~lost]
        labels = {
            code: in_language(text, lang)
            for (column, code), text in known.items()
            if column == name and code is not None
        }
        kind, answers = _described(survey, name, values, labels)
        rows.append(
            {
                "name": name,
                "wording": in_language(known.get((name, None), {}), lang),
                "type": kind,
                "answers": answers,
                "n": len(values),
                "n_missing": int(lost.sum()),
                "part_of": sets.get(name, ""),
            }
        )
    columns = ["name", "wording", "type", "answers", "n", "n_missing", "part_of"]
    return pd.DataFrame(rows, columns=columns)


def _described(survey: Survey, name: str, values: pd.Series, labels: dict[str, str]) -> tuple[str, str]:
    """Return the type of a column and its answers in words."""
    if name in survey.design.columns:
        return "design", f"{values.nunique():,} different"
    if not len(values):
        return "empty", ""
    distinct = values.unique()
    declared = {cell_text(value): value for value in survey.categories.get(name, ())}
    held = [*declared.values(), *in_order(value for value in distinct if cell_text(value) not in declared)]
    if name in survey.yes or set(map(cell_text, held)) <= {"0", "1", "True", "False"}:
        return "yes/no", _listed(held, labels)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "date", f"{values.min():%Y-%m-%d} to {values.max():%Y-%m-%d}"
    if (
        declared
        or isinstance(values.dtype, pd.CategoricalDtype)
        or all(cell_text(one) in labels for one in distinct)
    ):
        return "category", _listed(held, labels)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "number", f"{values.min():g} to {values.max():g}"
    if len(distinct) <= MOST_ANSWERS:
        return "category", _listed(held, labels)
    return "text", f"{len(distinct):,} different, such as {cell_text(distinct[0])[:40]!r}"


def _listed(values: list[object], labels: dict[str, str]) -> str:
    codes = [cell_text(value) for value in values]
    said = [f"{code} = {labels[code]}" if code in labels and labels[code] != code else code for code in codes]
    more = f"; … ({len(said)} in all)" if len(said) > 30 else ""
    return "; ".join(said[:30]) + more
