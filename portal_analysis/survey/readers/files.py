"""From a file to a survey: values, labels, missing answers and the columns of the design.

Hands on a :class:`Survey` that every estimator starts from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis import codebook as codebooks
from portal_analysis import datasets, tables
from portal_analysis.codebook import as_labels
from portal_analysis.faults import near
from portal_analysis.origins import of_files
from portal_analysis.survey.design import Design
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.readers.codes import (
    Told,
    asked,
    file_missing,
    meant,
    numbers,
    present,
    refuse_label_rows,
    tell_absent,
    without_codes,
)
from portal_analysis.survey.readers.labels import labelled_yes, labels_of_file, scales, with_digits
from portal_analysis.survey.readers.places import with_codes
from portal_analysis.survey.readers.presets import PRESETS, Preset, SurveyReadError
from portal_analysis.survey.readers.schema import missing_of
from portal_analysis.tables import border

TYPED = (".dta", ".sav", ".zsav", ".parquet")
"""Kinds of files that say themselves which columns are numbers."""


def read_survey(
    path: str | Path,
    design: Design | None = None,
    codebook: Mapping[str, Any] | None = None,
    preset: str | None = None,
    missing: Mapping[str, Sequence[Any]] | Sequence[Any] | None = None,
    yes: Mapping[str, Any] | None = None,
    rename: Mapping[str, str] | None = None,
    source: str | None = None,
    simulated: bool = False,
    keep_codes: bool = False,
    labels: Mapping[Any, Any] | None = None,
    units: int | None = None,
    no: Mapping[str, Any] | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    sep: str | None = None,
    decimal: str | None = None,
    header: int | None = None,
    label_rows: int = 0,
) -> Survey:
    """Read survey microdata from a CSV, Excel, Stata, SPSS or Parquet file.

    The same people give the same survey from every format: blank text is no answer, labels that print alike are one
    label, dates are dates, text is in Unicode.

    Parameters
    ----------
    path : str or Path
        The file.
    design : Design, optional
        How the sample was drawn, in the column names after renaming. Needed unless a preset gives it; ``Design()``
        if there are neither weights nor strata nor units.
    codebook : mapping, optional
        A Table Schema (``fields`` …) for the file's own column names. The file is then checked against it, and
        all faults come in one error.
    preset : {"papi-2016"}, optional
        What is known of a public file; ``design``, ``missing`` and ``rename`` add to it.
    missing : mapping or sequence, optional
        Codes that mean "no answer": for all columns but those of the design, such as ``(888, 999)`` or ``("NA",)``,
        or by column, such as ``{"d101": (8, 9)}`` or, by their labels, ``{"d101": "Don't know"}``. Codes that an SPSS
        or Stata file declares are known already.
        ``{"age": ()}`` says that all its numbers are numbers, whatever their labels say.
    yes : mapping, optional
        For yes/no columns the code that means yes, such as ``{"d101": 1}`` where 2 means no.
    rename : mapping, optional
        New column names by the file's names.
    source : str, optional
        What to call the data in the ``source`` column. The file's name without its ending if not given; with
        ``(own file)`` behind it if a dataset of the package is called so, whose names and marks are not the
        file's.
    simulated : bool
        The data were made by a program. A file of a simulated dataset is known as such, wherever it was copied to.
    keep_codes : bool
        Leave the codes of missing answers in the data and declare them in ``Survey.missing``, instead of
        turning them into missing values.
    labels : mapping, optional
        What columns (new names) and codes are called, such as ``{"q1": "Used the portal"}``; goes before what
        ``codebook`` and the file say. See :class:`Survey`.
    units : {63, 34}, optional
        The list that codes of provinces are of; not needed for a column called ``gso63`` or ``gso34``.
    no : mapping, optional
        The codes that mean no, where ``yes`` leaves more than one other: ``{"d101": (2, 3)}``.
    sheet, encoding, sep, header, label_rows
        As of :func:`portal_analysis.tables.read_table`.
    decimal : {".", ","}, optional
        The decimal mark of numbers in text. If not given, a point; a comma in columns that can only be read so.

    Returns
    -------
    Survey
        In a text file or a sheet without a codebook, a column is numeric if every text is a number once the codes for
        no answer are out; ``01`` stays text. The file's labels of columns and codes are kept in ``labels``, the points
        of labelled scales in ``categories``, SPSS's multiple-response sets in ``sets``. A column whose two labels
        are Yes and No (Có and Không), but not 1 and 0, is read by them: ``yes`` need not name it. Provinces (a column
        called ``province``, ``province_code``, ``gso63`` or ``gso34``) that are numbers, or a survey's own numbers with
        labels, become two-digit codes; names do so but in a column called ``province``, where they stay names.

    Raises
    ------
    SurveyReadError
        If there is neither design nor preset, or a name to be renamed or a column of ``missing`` is not there.
    TableError, CodebookError, DesignError
        If the file, its values or its design have faults; all at once.

    Warns
    -----
    TableWarning
        If a code of ``missing`` never occurs, or text columns hold what stands for nothing in the columns of numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> rows = pd.DataFrame({"weight": [1.0, 2.0, 1.5], "uses": ["yes", "no", "yes"]})
    >>> rows.to_csv("answers.csv", index=False)
    >>> survey = pa.read_survey("answers.csv", pa.Design("weight"), yes={"uses": "yes"})
    >>> print(pa.proportion(survey, "uses")["estimate"].round(3).tolist())
    [0.556]
    """
    given = dict(locals())
    chosen = _preset(preset, design)
    if decimal not in (None, ".", ","):
        raise SurveyReadError(f"decimal={decimal!r} must be '.' or ','")
    if isinstance(codebook, Mapping) and not isinstance(codebook.get("fields"), Sequence):
        raise SurveyReadError(
            "codebook has no 'fields'; it must be a Table Schema: {'fields': [{'name': …}, …]}"
        )
    table = tables.read_table(path, sheet, encoding, sep, header, label_rows)
    names = _new_names(table, chosen, rename or {})
    used = design or chosen.design
    renamed = table.data.rename(columns=names)
    known = labels_of_file(table, codebook, names, renamed)
    missing = meant(missing, known, renamed)
    told = Told(used, chosen.missing, missing, decimal)
    data, codes = _values(table, codebook, names, told)
    blank = without_codes(data, codes)
    for column, digits in chosen.digits.items():
        if column in data and pd.api.types.is_numeric_dtype(blank[column]):
            blank[column] = _digits(blank[column], digits)
            data[column] = _digits(data[column], digits)
            known = with_digits(known, column, digits)
    blank, known = with_codes(blank, known, units)
    known |= as_labels(labels or {})
    origin = of_files([Path(path)], read_survey, given, used, simulated)
    return Survey(
        (data if keep_codes else blank).reset_index(drop=True),
        used,
        source=source or datasets.own_source(table.path),
        simulated=origin.simulated,
        missing=codes if keep_codes else {name: () for name in asked(missing) if not codes.get(name)},
        yes={**labelled_yes(known, blank), **_counted(table, names, blank), **(yes or {})},
        no=no or {},
        categories=scales(table, codebook, names, known, blank),
        sets={name: [names.get(one, one) for one in columns] for name, columns in table.sets.items()},
        labels=known,
        units=units,
        origin=origin,
    )


def _counted(table: tables.Table, names: Mapping[str, str], data: pd.DataFrame) -> dict[str, Any]:
    """Return the code that counts in columns of SPSS's multiple-response sets, where it is not plainly 1 of 0 and 1."""
    found = {}
    for old, code in table.counted.items():
        column = names.get(old, old)
        number = pd.to_numeric(pd.Series([code], dtype=object), errors="coerce").iloc[0]
        numeric = pd.api.types.is_numeric_dtype(data[column].dtype)
        if not (numeric and number == 1 and set(data[column].dropna().unique()) <= {0, 1}):
            found[column] = number if numeric else str(code).strip()
    return found


def _preset(name: str | None, design: Design | None) -> Preset:
    if name is not None and name not in PRESETS:
        raise SurveyReadError(f"there is no preset {name!r}; {near(name, PRESETS)}")
    if name is None and design is None:
        raise SurveyReadError(
            "how was the sample drawn? Give design=Design(weights=…, strata=…, psu=…), Design() if every person counts "
            f"the same and nothing is known of strata and units, or a preset out of {list(PRESETS)}"
        )
    return PRESETS[name] if name is not None else Preset(design or Design())


def _new_names(table: tables.Table, preset: Preset, rename: Mapping[str, str]) -> dict[str, str]:
    """Return the new names of columns: the preset's as far as they are there, then the caller's."""
    columns = [str(name) for name in table.data.columns]
    _refuse_unknown("rename", rename, columns)
    names = {old: new for old, new in preset.rename.items() if old in columns} | dict(rename)
    after = [names.get(name, name) for name in columns]
    twice = sorted({name for name in after if after.count(name) > 1})
    if twice:
        raise SurveyReadError(f"after renaming, {twice} would stand over several columns; columns: {columns}")
    return names


def _refuse_unknown(argument: str, names: Iterable[str], columns: Sequence[str]) -> None:
    unknown = [f"{name!r}: {near(name, columns)}" for name in names if name not in columns]
    if unknown:
        raise SurveyReadError(f"{argument}= names columns that are not there: {'; '.join(unknown)}")


def _values(
    table: tables.Table, schema: Mapping[str, Any] | None, names: Mapping[str, str], told: Told
) -> tuple[pd.DataFrame, dict[str, tuple[Any, ...]]]:
    """Return typed values under their new names, codes still in place, and each column's codes for no answer."""
    declared: dict[str, tuple[Any, ...]] = file_missing(table)
    if schema is not None:
        checked = codebooks.check(tables.as_text(table.data), schema, table.path.name, keep_codes=True)
        codebooks.raise_faults([checked.faults])
        data, declared = checked.table, {**declared, **missing_of(schema)}
    else:
        data = border.passed(table.data)
    data = data.rename(columns=names)
    declared = {names.get(column, column): codes for column, codes in declared.items()}
    _refuse_unknown("missing", asked(told.missing), list(data.columns))
    untyped = schema is None and table.path.suffix.lower() not in TYPED
    if untyped:
        refuse_label_rows(table)
    codes = {column: present(data[column], told.of(column, declared)) for column in map(str, data)}
    if untyped:
        data = numbers(data, codes, told.decimal)
    tell_absent(data, codes, told)
    return data, {column: found for column, found in codes.items() if found}


def _digits(values: pd.Series, digits: int) -> pd.Series:
    return values.map(lambda value: f"{int(value):0{digits}d}", na_action="ignore").astype("str")
