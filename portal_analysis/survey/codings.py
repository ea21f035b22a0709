"""How an estimator would read columns that live in another engine, and the sums that stand for their answers.

Takes a table elsewhere and what an estimator adds up; hands on what to ask for, and the answers as sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from portal_analysis.survey import answers
from portal_analysis.survey.design import LARGEST
from portal_analysis.survey.engine import Table
from portal_analysis.survey.layout import Layout, People
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.queries import Range, Value, Wanted
from portal_analysis.survey.values import labels_of, read
from portal_analysis.tables.border import passed

Asked = tuple[str, ...]
"""How columns are read, as ``answers.read`` has it, and their names: ``("ratio", "numerator", "denominator")``."""


@dataclass(frozen=True)
class Coding:
    """How an outcome is asked for, and its smallest number."""

    wanted: Wanted
    low: float


def table_in(survey: Survey) -> Table:
    """Return the table of a survey whose data stay elsewhere."""
    return cast("Table", survey.table)


def readings_of(survey: Survey, wanted: list[Asked]) -> dict[Asked, Coding | str]:
    """Say how each outcome is asked for, or what is wrong with it; ranges of all columns come from one query."""
    table = table_in(survey)
    names = list(dict.fromkeys((kind, name) for kind, *of in wanted for name in of))
    plain = [_plain(survey, name) for kind, name in names if table.is_number(name)]
    table.ranges(plain)
    out: dict[Asked, Coding | str] = {}
    for one in wanted:
        kind, name, *rest = one
        if kind == "category":
            out |= _categories(survey, name)
        elif kind == "yes_no":
            out[one] = _yes_no(survey, name)
        else:
            parts = [_as_number(survey, column) for column in (name, *rest)]
            faults = [part for part in parts if isinstance(part, str)]
            out[one] = (
                faults[0] if faults else _of_numbers([part for part in parts if not isinstance(part, str)])
            )
    return out


def _plain(survey: Survey, name: str) -> Value:
    """Return the numbers of a column without its missing codes."""
    codes = survey.missing.get(name, ())
    if not codes:
        return Value(name)
    numbers = pd.to_numeric(pd.Series(list(codes), dtype=object), errors="coerce").dropna().tolist()
    if str(table_in(survey).schema[name]) == "Float32":
        numbers = [float(np.float32(code)) for code in numbers]
    return Value(name, missing=tuple(float(code) for code in numbers))


def _yes_no(survey: Survey, name: str) -> Coding | str:
    """Read a yes/no column: 0/1 by its range, others by their different values."""
    table, coded = table_in(survey), any(name in codes for codes in (survey.yes, survey.no, survey.missing))
    if table.is_number(name) and not coded and not labels_of(survey, name):
        value = _plain(survey, name)
        span = table.ranges([value])[value]
        full = span.known == len(table)
        if span.known and span.low >= 0 and span.high <= 1 and span.whole and (span.low == 0 or full):
            return Coding(Wanted(value, binary=True, complete=full), 0.0)
    values, of_rows = table.distinct(name)
    answer = read(_few(survey, name, values, of_rows), name, "yes_no")
    return (
        answer if isinstance(answer, str) else Coding(Wanted(_coded(name, values, answer), binary=True), 0.0)
    )


def _few(survey: Survey, name: str, values: pd.Series, of_rows: np.ndarray) -> Survey:
    """Return a survey of the different values of a column, to be read as one of people would."""
    one = np.zeros(len(values), dtype=np.int64)
    layout = Layout(one, 1, of_rows, (), People(of_rows, of_rows, of_rows))
    return survey.collapsed(passed(pd.DataFrame({name: values})), layout)


def _coded(name: str, values: pd.Series, answer: np.ndarray) -> Value:
    held = zip(values.tolist(), answer.tolist(), strict=True)
    return Value(name, codes=tuple((value, number) for value, number in held if not np.isnan(number)))


def _categories(survey: Survey, name: str) -> dict[Asked, Coding | str]:
    """Read each category of a column as yes (this one) or no (another one)."""
    values, of_rows = table_in(survey).distinct(name)
    codes, found = answers.levels(_few(survey, name, values, of_rows), name, declared=True)
    known = codes >= 0
    return {
        ("category", name, str(code)): Coding(
            Wanted(_coded(name, values, np.where(known, (codes == code).astype(float), np.nan)), binary=True),
            0.0,
        )
        for code in range(len(found))
    }


def _as_number(survey: Survey, name: str) -> tuple[Value, Range] | str:
    """Read a column of numbers, or say what is wrong with it."""
    table = table_in(survey)
    if not table.is_number(name) or labels_of(survey, name):
        values, of_rows = table.distinct(name)
        fault = read(_few(survey, name, values, of_rows), name, "numbers")
        if isinstance(fault, str):
            return fault
    value = _plain(survey, name)
    span = table.ranges([value])[value]
    if span.known and np.isinf([span.low, span.high]).any():
        return f"{name!r} holds infinite values"
    if span.known and max(-span.low, span.high) > LARGEST:
        return f"{name!r} holds values beyond ±{LARGEST:g}"
    return value, span


def _of_numbers(parts: list[tuple[Value, Range]]) -> Coding:
    spans = [span for _, span in parts if span.known]
    largest = max([1.0, *(max(-span.low, span.high) for span in spans)])
    x = parts[1][0] if len(parts) > 1 else None
    return Coding(Wanted(parts[0][0], x, largest=largest), parts[0][1].low)


def sums_of(
    sums: Mapping[tuple[str, int], np.ndarray], k: int, w: np.ndarray, people: People, how: Coding
) -> answers.Sums:
    """Lay the sums of an outcome out as an estimator takes them."""
    n, weight = sums.get(("n", k), people.counted), sums.get(("w", k))
    if weight is None:  # not asked for: everybody answered, or weights are 1
        weight = w if ("n", k) not in sums else n
    wy = sums["wy", k]
    wyy, wx, wxy, wxx = (sums.get((name, k)) for name in ("wyy", "wx", "wxy", "wxx"))
    wyy = wy if wyy is None else wyy
    if wx is None or wxy is None or wxx is None:
        return answers.Sums(n, weight, wy, wyy, weight, wy, weight, how.low)
    return answers.Sums(n, weight, wy, wyy, wx, wxy, wxx, how.low)


def answered_by(survey: Survey, told: Mapping[Asked, Any]) -> dict[Asked, Any]:
    """Return outcomes by how they are read, the categories of a column with what they are called."""
    out = dict(told)
    for name in dict.fromkeys(one[1] for one in told if one[0] == "category"):
        values, of_rows = table_in(survey).distinct(name)
        _, found = answers.levels(_few(survey, name, values, of_rows), name, declared=True)
        out["categories", name] = [told["category", name, str(code)] for code in range(len(found))], found
    return out
