"""Before an estimator runs: a big table becomes a small survey, whose rows stand for people who are alike.

Hands on :func:`anywhere`, put before every estimator. People are alike who are in the same sampling unit and have the
same values in the columns by which the estimator divides; of the columns that it adds up, sums are enough. One query
asks for all of them. The small survey is then estimated from as any other.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

import numpy as np

from portal_analysis.survey import answers, values
from portal_analysis.survey.codings import Asked, Coding, answered_by, readings_of, sums_of, table_in
from portal_analysis.survey.columns import coded, first_rows
from portal_analysis.survey.layout import Layout, People, laid_out, weights_and_people
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.totals import MANY, Adder, refuse_many
from portal_analysis.tables.border import passed

P = ParamSpec("P")

R = TypeVar("R")


Reads = Callable[[Survey, Mapping[str, Any]], list[Asked]]
"""What an estimator adds up, by its arguments."""

BIG = 100_000
"""Rows of a pandas frame from which on it is added up before it is estimated from."""

GROUPS = ("by", "between", "over")
"""Arguments whose columns split into domains."""


def anywhere(
    *summed: str, reads: Reads | None = None, why: str = "this"
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let an estimator take surveys whose data stay elsewhere.

    Parameters
    ----------
    *summed : str
        Arguments that name the columns which are added up; all others that name columns divide.
    reads : callable, optional
        How they are read.
    why : str
        What needs the rows where a column that divides has too many values for that.
    """

    def told(survey: Survey, arguments: Mapping[str, Any]) -> Survey:
        if not survey.elsewhere and not (reads and _is_big(survey, arguments)):
            return survey
        values.need(survey, [])
        wanted = reads(survey, arguments) if reads else []
        divide = {name: value for name, value in arguments.items() if name not in summed}
        return (_asked if survey.elsewhere else _added)(survey, divide, wanted, why)

    return _taking(told)


def with_rows(why: str, whole: bool = True) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function that needs rows take surveys whose data stay elsewhere: it says so and fetches them.

    Parameters
    ----------
    why : str
        What needs them.
    whole : bool
        All columns are fetched, for a survey that is handed on; else those that the arguments and the design name.
    """

    def told(survey: Survey, arguments: Mapping[str, Any]) -> Survey:
        if not survey.elsewhere:
            return survey
        for choices in (arguments, *(value for value in arguments.values() if isinstance(value, Mapping))):
            _has_order(survey, choices.get("domain"))
        named = [name for value in arguments.values() for name in columns_in(survey, value)]
        return _fetched(survey, None if whole else [*survey.design.columns, *named], why)

    return _taking(told)


def _taking(
    told: Callable[[Survey, Mapping[str, Any]], Survey],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Put another survey in the place of the one that a function is given."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError:
                return function(*args, **kwargs)
            bound.apply_defaults()
            survey = bound.arguments.get("survey")
            if not isinstance(survey, Survey):
                return function(*args, **kwargs)
            bound.arguments["survey"] = told(survey, bound.arguments)
            return function(*bound.args, **bound.kwargs)

        asked.takes_tables_elsewhere = True  # type: ignore[attr-defined]
        return asked

    return decorate


def _has_order(survey: Survey, domain: Any) -> None:
    """Refuse a domain that is told row by row of a table whose rows have no order."""
    if domain is not None and not isinstance(domain, str):
        raise values.AnswersError(
            f"domain is a {type(domain).__name__}: the rows of {table_in(survey).engine} have no order that it "
            'could follow; name a 0/1 column, or write an expression such as "age >= 18"'
        )


def columns_in(survey: Survey, value: Any) -> list[str]:
    """Return the columns that an argument names: by name, in a list, in choices, or in an expression or formula."""
    known = survey.columns
    if isinstance(value, Mapping):
        return columns_in(survey, list(value.values()))
    if isinstance(value, str):
        if value in survey.sets:
            return list(survey.sets[value])
        if value in known:
            return [value]
        return [name for name in known if re.search(rf"(?<!\w){re.escape(str(name))}(?!\w)", value)]
    if isinstance(value, list | tuple):
        return list(dict.fromkeys(name for one in value for name in columns_in(survey, one)))
    return []


def _asked(survey: Survey, divide: Mapping[str, Any], wanted: list[Asked], why: str) -> Survey:
    """Ask a table that lives elsewhere for the sums of all outcomes."""
    table = table_in(survey)
    _has_order(survey, divide.get("domain"))
    keys = _dividing(survey, divide)
    values.need(survey, [name for _, *names in wanted for name in names])
    if many := _too_many(survey, divide, keys):
        names = [*survey.design.columns, *keys, *(name for _, *of in wanted for name in of)]
        return _fetched(survey, names, f"{why} with a value for nearly every row in {many}")
    read = readings_of(survey, wanted)
    faulty = {one: found for one, found in read.items() if isinstance(found, str)}
    good = {one: found for one, found in read.items() if isinstance(found, Coding)}
    asked = {} if faulty else good
    longest = int(survey.layout.rows.max())
    design = survey.design
    found, sums = table.groups(
        list(dict.fromkeys([*design.keys, *keys])),
        design.weights,
        [one.wanted for one in asked.values()],
        longest,
    )
    frame = passed(found)
    weights, people = weights_and_people(sums)
    layout = laid_out(frame, design.ultimate, weights, people, [])
    told: dict[Asked, Any] = {
        one: sums_of(sums, k, weights, people, how) for k, (one, how) in enumerate(asked.items())
    }
    return survey.collapsed(frame, layout, answered_by(survey, told | faulty))


def _fetched(survey: Survey, columns: Sequence[str] | None, why: str) -> Survey:
    """Fetch the rows of some columns, with a warning, and make a survey of them."""
    wanted = None
    if columns is not None:
        named = [*survey.missing, *survey.yes, *survey.no, *survey.categories]
        wanted = [name for name in survey.columns if name in {*columns, *named, *_of_sets(survey)}]
    return replace(survey, data=table_in(survey).rows(wanted, why))


def _of_sets(survey: Survey) -> list[str]:
    return [name for columns in survey.sets.values() for name in columns]


def _dividing(survey: Survey, divide: Mapping[str, Any]) -> list[str]:
    """Return the columns by which people are told apart.

    Raises
    ------
    AnswersError
        If an argument that splits names a column that is not there, or one whose cells are no labels.
    """
    table = table_in(survey)
    named = [divide.get(name) for name in GROUPS]
    for value in named:
        flat = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
        values.need(survey, [one for one in flat if isinstance(one, str) and one not in survey.sets])
    keys = [
        name
        for argument, value in divide.items()
        if argument not in ("survey", "population")
        or (argument == "population" and isinstance(value, str) and value != "sample")
        for name in columns_in(survey, value)
    ]
    keys = list(dict.fromkeys(keys))
    if wrong := [name for name in keys if not table.is_label(name)]:
        kinds = {name: str(table.schema[name]) for name in wrong}
        raise values.AnswersError(f"the columns {kinds} hold neither text nor numbers")
    return keys


def _too_many(survey: Survey, divide: Mapping[str, Any], keys: list[str]) -> list[str]:
    """Return the columns with too many values to divide by; those of ``by`` are refused."""
    table = table_in(survey)
    sizes = table.sizes(
        [name for name in keys if name not in survey.design.keys and not table.is_category(name)]
    )
    split = {name for argument in GROUPS for name in columns_in(survey, divide.get(argument))}
    refuse_many({name: size for name, size in sizes.items() if name in split})
    return [name for name, size in sizes.items() if size > MANY]


def _is_big(survey: Survey, arguments: Mapping[str, Any]) -> bool:
    """Tell whether a pandas frame is worth being added up first; given rows of a domain have no name to divide by."""
    domain, design = arguments.get("domain"), survey.design
    plain = survey.table is None and not survey.calibration and not design.replicates_given
    return (
        plain and bool(design.stages) and len(survey) >= BIG and (domain is None or isinstance(domain, str))
    )


def _added(survey: Survey, divide: Mapping[str, Any], wanted: list[Asked], why: str) -> Survey:
    """Add a pandas frame up, outcome by outcome; unchanged where people are not alike or something is wrong."""
    layout, data = survey.layout, survey.data
    names = [name for _, *of in wanted for name in of]
    keys = list(dict.fromkeys(n for value in divide.values() for n in columns_in(survey, value)))
    if not {*names, *keys} <= set(data.columns) or any(kind == "category" for kind, *_ in wanted):
        return survey
    try:
        group, first = _alike(layout.unit, (coded(data[name])[0] for name in keys))
    except TypeError:
        return survey
    if len(first) > len(data) / 8:
        return survey
    adder = Adder(group, len(first), layout.weights, layout.counted)
    told: dict[Asked, Any] = {}
    for one in wanted:
        found = _added_up(survey, adder, one)
        if isinstance(found, str):
            return survey
        told[one] = found
    count = len(first)
    rows = np.bincount(group, minlength=count).astype(float)
    people = People(rows, adder.everyone, adder.add(layout.weights**2))
    few = Layout(layout.unit[first], layout.units, adder.weight, layout.stages, people)
    columns = list(dict.fromkeys([*survey.design.columns, *keys]))
    return survey.collapsed(data[columns].iloc[first].reset_index(drop=True), few, told)


def _added_up(survey: Survey, adder: Adder, one: Asked) -> answers.Sums | str:
    kind, name, *rest = one
    read: list[np.ndarray] = []
    for column in (name, *rest):
        answer = values.read(survey, column, "yes_no" if kind == "yes_no" else "numbers")
        if isinstance(answer, str):
            return answer
        read.append(answer)
    y, x = read[0], read[1] if rest else None
    y = y if x is None else np.where(np.isnan(x), np.nan, y)
    return replace(adder.of(y, x, kind == "yes_no"), low=float(np.fmin.reduce(y, initial=0.0)))


def _alike(unit: np.ndarray, codes: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Give numbers to the people who are alike, and return one row of each."""
    key, size = unit, int(unit.max()) + 1
    for code in codes:
        radix = int(code.max(initial=-1)) + 2
        if size * radix > 2**62:
            key, found = coded(key)
            size = len(found)
        key, size = key * radix, size * radix
        key += code
        key += 1
    group, found = coded(key)
    return group, first_rows(group, len(found))


def named(argument: str, kind: str) -> Reads:
    """Read the columns of an argument all in one way."""

    def reads(survey: Survey, arguments: Mapping[str, Any]) -> list[Asked]:
        return [(kind, name) for name in values.names_of(arguments[argument], argument)]

    return reads


def by_statistic(survey: Survey, arguments: Mapping[str, Any]) -> list[Asked]:
    """Read ``indicators`` as the argument ``statistic`` says; what is unknown is left to the estimator."""
    names = values.names_of(arguments["indicators"], "indicators")
    statistic, under = arguments["statistic"], arguments["denominator"]
    if statistic == "proportion" and under is None:
        return [("yes_no", name) for name in names]
    if statistic in ("mean", "total") and under is None:
        return [("numbers", name) for name in names]
    return (
        [("ratio", name, under) for name in names] if statistic == "ratio" and isinstance(under, str) else []
    )


def as_shares(survey: Survey, arguments: Mapping[str, Any]) -> list[Asked]:
    """Read ``indicators`` as yes/no or, with ``categories``, each category of them."""
    names = values.names_of(arguments["indicators"], "indicators")
    return [("category" if arguments["categories"] else "yes_no", name) for name in names]


def as_ratios(survey: Survey, arguments: Mapping[str, Any]) -> list[Asked]:
    """Read numerators over one denominator."""
    under = arguments["denominator"]
    names = values.names_of(arguments["numerator"], "numerator")
    return [("ratio", name, under) for name in names] if isinstance(under, str) else []
