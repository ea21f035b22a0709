"""From a file or a dataset folder to a survey: values, missing answers and the columns of the design.

Hands on a :class:`Survey` that every estimator starts from.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from portal_analysis import codebook, datasets, tables
from portal_analysis.codebook import Labels, as_labels, field_labels
from portal_analysis.survey.design import Design, Survey
from portal_analysis.tables.replies import code_of_yes, is_yes_or_no


class SurveyReadError(ValueError):
    """A file or dataset cannot be read as the survey asked for."""


@dataclass(frozen=True)
class Preset:
    """What is known of a published file: its design, its codes for missing answers, names for its columns.

    Attributes
    ----------
    design : Design
        Design in the file's own column names.
    missing : tuple
        Codes that mean "no answer" in every column but those of the design.
    rename : mapping of str to str
        Names that the analyses use, by the file's names. Those that the file lacks are passed over.
    digits : mapping of str to int
        Columns (new names) whose whole numbers are codes of so many digits: ``1`` is ``"01"``.
    cite : str
        Where the names are described.
    """

    design: Design
    missing: tuple[Any, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    digits: Mapping[str, int] = field(default_factory=dict)
    cite: str = ""


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "papi-2016": Preset(
            design=Design("PSW_psweight", strata="PSW_STRATA", psu="PSW_PSU"),
            missing=(888, 999, -999999),
            rename={
                "a001": "sex",
                "a002": "age",
                "a005": "ethnicity",
                "a006": "education",
                "khuvuc": "urban",
                "tinh": "province",
            },
            digits={"province": 2},
            cite="doi:10.7910/DVN/Z8ALJA (source dataverse_Z8ALJA of the dataset egov-figures)",
        )
    }
)
"""Presets of public files. In the file of ``papi-2016`` a respondent has one row for each candidate shown."""


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
) -> Survey:
    """Read survey microdata from a CSV, Excel, Stata, SPSS or Parquet file.

    Parameters
    ----------
    path : str or Path
        The file.
    design : Design, optional
        How the sample was drawn, in the column names after renaming. Needed unless a preset gives it.
    codebook : mapping, optional
        A Table Schema (``fields`` …) for the file's own column names. The file is then checked against it, and
        all faults come in one error.
    preset : {"papi-2016"}, optional
        What is known of a public file; ``design``, ``missing`` and ``rename`` add to it.
    missing : mapping or sequence, optional
        Codes that mean "no answer": for all columns but those of the design, such as ``(888, 999)``, or by
        column, such as ``{"d101": (8, 9)}``. Codes that an SPSS or Stata file declares are known already.
    yes : mapping, optional
        For yes/no columns the code that means yes, such as ``{"d101": 1}`` where 2 means no.
    rename : mapping, optional
        New column names by the file's names.
    source : str, optional
        What to call the data in the ``source`` column. The file's name without its ending if not given; with
        ``(own file)`` behind it if a dataset of the package is called so, whose names and marks are not the
        file's.
    simulated : bool
        The data were made by a program.
    keep_codes : bool
        Leave the codes of missing answers in the data and declare them in ``Survey.missing``, instead of
        turning them into missing values.
    labels : mapping, optional
        What columns (new names) and codes are called, such as ``{"q1": "Used the portal"}``; goes before what
        ``codebook`` and the file say. See :class:`Survey`.
    units : {63, 34}, optional
        The list that codes of provinces are of; not needed for a column called ``gso63`` or ``gso34``.

    Returns
    -------
    Survey
        In a CSV file without a codebook, a column is numeric if every value is a plain number; ``01`` stays
        text. The file's labels of columns and codes are kept in ``labels``. A column whose two labels are Yes
        and No (Có and Không), but not 1 and 0, is read by them: ``yes`` need not name it.

    Raises
    ------
    SurveyReadError
        If there is neither design nor preset, or a name to be renamed or a column of ``missing`` is not there.
    TableError, CodebookError, DesignError
        If the file, its values or its design have faults; all at once.
    """
    chosen = _preset(preset, design)
    table = tables.read_table(path)
    names = _new_names(table, chosen, rename or {})
    data, declared = _values(table, codebook)
    data = data.rename(columns=names)
    known = _labels_of_file(table, codebook, names, data)
    declared = {names.get(column, column): codes for column, codes in declared.items()}
    used = design or chosen.design
    codes = _missing_by_column(data, used, declared, chosen.missing, missing)
    blank = _without_codes(data, codes)
    for column, digits in chosen.digits.items():
        if column in data and pd.api.types.is_numeric_dtype(blank[column]):
            blank[column] = _digits(blank[column], digits)
            data[column] = _digits(data[column], digits)
            known = _with_digits(known, column, digits)
    return Survey(
        (data if keep_codes else blank).reset_index(drop=True),
        used,
        source=source or _own_source(table.path),
        simulated=simulated,
        missing=codes if keep_codes else {},
        yes={**_labelled_yes(known, blank), **(yes or {})},
        labels={**known, **as_labels(labels or {})},
        units=units,
    )


def _own_source(path: Path) -> str:
    """Call a caller's file by its name, but never as a dataset of the package is called."""
    return f"{path.stem} (own file)" if datasets.find(path.stem) is not None else path.stem


def _labels_of_file(
    table: tables.Table, schema: Mapping[str, Any] | None, names: Mapping[str, str], data: pd.DataFrame
) -> Labels:
    """Return what the file calls its columns and codes, then the codebook, by the columns' new names."""
    found = as_labels({(column, None): text for column, text in table.labels.items()})
    for column, codes in table.values.items():
        found |= as_labels({(column, code): text for code, text in codes.items()})
    for one in (schema or {}).get("fields", []):
        found |= field_labels(one)
    renamed: Labels = {}
    for (column, code), text in found.items():
        of_indicator = column == "indicator" and code is not None
        key = ("indicator", names.get(str(code), code)) if of_indicator else (names.get(column, column), code)
        renamed[key] = text
    return {
        key: text for key, text in renamed.items() if (key[1] if key[0] == "indicator" else key[0]) in data
    }


def _with_digits(known: Labels, column: str, digits: int) -> Labels:
    """Return labels whose codes of one column have so many digits."""
    return {
        (name, code.zfill(digits) if name == column and code and code.isdigit() else code): text
        for (name, code), text in known.items()
    }


def load_survey(
    name: str | Path, wave: int | str | Iterable[int | str] | None = None, keep_codes: bool = False
) -> Survey:
    """Load a survey dataset: microdata checked against their codebook, with their design.

    Parameters
    ----------
    name : str or Path
        The id of a dataset of the kind ``survey``, or the path of its folder.
    wave : int, str or several, optional
        Keep only these waves. A wave is a sample of its own, so nothing of its design is lost. All waves if not
        given.
    keep_codes : bool
        Leave codes such as 888 (don't know) in the data and declare them in ``Survey.missing``, instead of
        turning them into missing values.

    Returns
    -------
    Survey
        Its ``source`` is the dataset's id. If the dataset is simulated, it says so, and so does every estimate.
        A column whose categories the codebook gives in an order that is not the alphabet's (levels of
        education) is a pandas categorical, so that tables, references and models follow the codebook.

    Raises
    ------
    SurveyReadError
        If the dataset is no survey, describes no design, or lacks the wave.
    SourceError, TableError, CodebookError, DesignError
        If the dataset, its file, its values or its design have faults; all at once.

    Examples
    --------
    >>> len(load_survey("papi-simulated", wave=2022))
    16117
    """
    found = datasets.dataset(name)
    told = _design_of(found)
    resource = _resource_of(found, told)
    data = _checked(found, resource["name"], keep_codes)
    if wave is not None:
        data = _waves(data, str(told.get("wave", "wave")), wave, found.id)
    schema = resource["schema"]
    return Survey(
        _in_order(data, schema),
        _to_design(told, found.id),
        source=found.id,
        simulated=found.simulated,
        missing=_schema_missing(schema) if keep_codes else {},
        yes=_schema_yes(schema),
    )


def _preset(name: str | None, design: Design | None) -> Preset:
    if name is not None and name not in PRESETS:
        raise SurveyReadError(f"there is no preset {name!r}; there are {list(PRESETS)}")
    if name is None and design is None:
        raise SurveyReadError(
            "how was the sample drawn? Give design=Design(weights=…, strata=…, psu=…), "
            f"or a preset out of {list(PRESETS)}"
        )
    return PRESETS[name] if name is not None else Preset(design or Design("weight"))


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
    unknown = [name for name in names if name not in columns]
    if unknown:
        near = {name: difflib.get_close_matches(name, columns, n=3) for name in unknown}
        hints = "; ".join(f"{name!r}: did you mean {found}?" for name, found in near.items() if found)
        raise SurveyReadError(f"{argument}= names columns that are not there: {unknown}. {hints or columns}")


def _values(
    table: tables.Table, schema: Mapping[str, Any] | None
) -> tuple[pd.DataFrame, dict[str, tuple[Any, ...]]]:
    """Return typed values, codes still in place, and the codes that file or codebook call missing."""
    if schema is not None:
        checked = codebook.check(tables.as_text(table.data), schema, table.path.name, keep_codes=True)
        codebook.raise_faults([checked.faults])
        return checked.table, {**_file_missing(table), **_schema_missing(schema)}
    if table.path.suffix.lower() == ".csv":
        return table.data.apply(_number_if_plain), {}
    return table.data, _file_missing(table)


def _file_missing(table: tables.Table) -> dict[str, tuple[Any, ...]]:
    """Return the file's missing codes as they occur: a range becomes the values that lie in it."""
    found = {}
    for column in table.missing:
        values = table.data[column]
        found[column] = tuple(values[table.is_missing(column) & values.notna() & (values != "")].unique())
    return {column: codes for column, codes in found.items() if codes}


def _number_if_plain(text: pd.Series) -> pd.Series:
    """Return numbers if every cell is a plain number or empty; text such as 01, 1e3 or +1 stays text."""
    filled = text[text != ""]
    if not len(filled):
        return text.mask(text == "")
    spelled = pd.Series(filled.unique())
    if not spelled.str.fullmatch(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?").all():
        return text.mask(text == "")
    return pd.to_numeric(text.mask(text == ""))


def _missing_by_column(
    data: pd.DataFrame,
    design: Design,
    declared: Mapping[str, tuple[Any, ...]],
    everywhere: Sequence[Any],
    given: Mapping[str, Sequence[Any]] | Sequence[Any] | None,
) -> dict[str, tuple[Any, ...]]:
    """Return for each column the codes that mean "no answer" and occur in it; design columns have none."""
    own = given if isinstance(given, Mapping) else {}
    everywhere = (*everywhere, *(given if given is not None and not isinstance(given, Mapping) else ()))
    _refuse_unknown("missing", own, list(data.columns))
    found = {}
    for column in data.columns:
        common = () if column in design.columns else everywhere
        codes = dict.fromkeys((*declared.get(column, ()), *common, *own.get(column, ())))
        present = tuple(code for code in codes if (data[column] == code).fillna(False).any())
        if present:
            found[column] = present
    return found


def _without_codes(data: pd.DataFrame, codes: Mapping[str, tuple[Any, ...]]) -> pd.DataFrame:
    cleaned = {name: data[name].mask(data[name].isin(list(found))) for name, found in codes.items()}
    # A column that held .a beside numbers is a column of numbers once .a is gone.
    return data.assign(**{name: values.infer_objects() for name, values in cleaned.items()})


def _digits(values: pd.Series, digits: int) -> pd.Series:
    return values.map(lambda value: f"{int(value):0{digits}d}", na_action="ignore").astype("str")


def _design_of(found: datasets.Dataset) -> Mapping[str, Any]:
    if found.kind != "survey":
        raise SurveyReadError(f"'{found.id}' is a dataset of the kind '{found.kind}', not 'survey'")
    told = found.descriptor.get("design")
    if not isinstance(told, Mapping) or "weights" not in told:
        raise SurveyReadError(
            f"'{found.id}': {datasets.DESCRIPTOR} describes no design; "
            'add "design": {"weights": …, "strata": …, "psu": …}'
        )
    return told


def _resource_of(found: datasets.Dataset, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table that holds the weights, or the one that the design names."""
    holds = [
        name
        for name, each in found.resources.items()
        if any(one["name"] == told["weights"] for one in each.get("schema", {}).get("fields", []))
    ]
    name = told.get("resource") or (holds[0] if len(holds) == 1 else None)
    if name not in found.resources:
        raise SurveyReadError(
            f"'{found.id}': which table holds the respondents? Name it as design.resource, out of "
            f"{holds or list(found.resources)}"
        )
    return found.resources[name]


def _to_design(told: Mapping[str, Any], name: str) -> Design:
    """Return the design that a descriptor tells; what only people read is left aside."""
    known = {each.name for each in fields(Design)}
    aside = {
        "resource",
        "wave",
        "description",
        "description_vi",
        *(key for key in told if key.startswith("x_")),
    }
    unknown = [key for key in told if key not in known | aside]
    if unknown:
        raise SurveyReadError(
            f"'{name}': design has unknown properties {unknown}; allowed are {sorted(known)}"
        )
    return Design(**{key: value for key, value in told.items() if key in known})


def _checked(found: datasets.Dataset, resource: str, keep_codes: bool) -> pd.DataFrame:
    """Return a dataset's table, read and checked once as long as its files stay the same."""
    files = [found.folder / each["path"] for each in found.resources.values()]
    files.append(found.folder / datasets.DESCRIPTOR)
    stamps = [path.stat() if path.is_file() else None for path in files]
    state = tuple((each.st_mtime_ns, each.st_size) if each else None for each in stamps)
    return _read_once(found.folder.resolve(), state, keep_codes)[resource].copy()


@functools.lru_cache(maxsize=4)
def _read_once(folder: Path, state: tuple[Any, ...], keep_codes: bool) -> dict[str, pd.DataFrame]:
    return codebook.load(folder, keep_codes=keep_codes)


def _in_order(data: pd.DataFrame, schema: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table with categories in the codebook's order where sorting would give another one."""
    ordered = {}
    for one in schema["fields"]:
        name, categories = one["name"], one.get("categories", [])
        codes = [str(each["value"] if isinstance(each, Mapping) else each) for each in categories]
        if one.get("type", "string") != "string" or codes == sorted(codes):
            continue
        beside = [str(value) for value in data[name].dropna().unique() if str(value) not in codes]
        ordered[name] = pd.Categorical(data[name], categories=[*codes, *sorted(beside)])
    return data.assign(**ordered)


def _waves(data: pd.DataFrame, column: str, wave: Any, name: str) -> pd.DataFrame:
    if column not in data:
        raise SurveyReadError(f"'{name}' has no column {column!r} of waves")
    wanted = [str(one) for one in ([wave] if pd.api.types.is_scalar(wave) else wave)]
    there = data[column].astype("str")
    absent = [one for one in wanted if one not in set(there)]
    if absent or not wanted:
        raise SurveyReadError(f"'{name}' has no wave {absent or wanted}; it has {sorted(there.unique())}")
    return data[there.isin(wanted)].reset_index(drop=True)


def _schema_missing(schema: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Return the labelled missing codes of each field, in the field's type."""
    found = {}
    for one in schema["fields"]:
        codes = codebook.missing_codes(one, schema, labelled=True)
        if codes:
            found[one["name"]] = tuple(_of_type(code, one) for code in codes)
    return found


def _schema_yes(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the code of Yes of fields whose two categories are Yes and No, but are not 1 and 0."""
    found = {}
    for one in schema["fields"]:
        said = {
            each["value"]: str(each.get("label", ""))
            for each in one.get("categories", [])
            if isinstance(each, Mapping)
        }
        code = code_of_yes(said)
        if code is not None:
            found[one["name"]] = code
    return found


def _labelled_yes(known: Labels, data: pd.DataFrame) -> dict[str, Any]:
    """Return the code of Yes of columns that hold only the two codes which the file labels Yes and No."""
    found = {}
    coded = dict.fromkeys(name for name, code in known if code is not None)
    for column in (name for name in coded if name in data):
        held = {tables.cell_text(value): value for value in data[column].dropna().unique()}
        told = {
            code: text["vi"] for (name, code), text in known.items() if name == column and code is not None
        }
        said = {code: told.get(text, "") for text, code in held.items()}
        beside = {text: label for text, label in told.items() if text not in held and is_yes_or_no(label)}
        code = code_of_yes({**beside, **said}) if held else None
        if code is not None:
            found[str(column)] = code
    return found


def _of_type(code: str, one: Mapping[str, Any]) -> Any:
    kind = one.get("type", "string")
    return int(code) if kind in ("integer", "year") else float(code) if kind == "number" else code
