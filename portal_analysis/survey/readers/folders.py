"""From a dataset folder to a survey: tables checked against their codebook, the design that its description tells.

Hands on a :class:`Survey`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis import codebook, datasets
from portal_analysis.languages import LANGUAGES
from portal_analysis.origins import of_dataset
from portal_analysis.survey.design import Design
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.readers.presets import SurveyReadError
from portal_analysis.survey.readers.schema import categories_of, missing_of, yes_of


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
        Where one wave was asked for, every estimate says which (``Survey.about``). Its ``source`` is
        the dataset's id. If the dataset is simulated, it says so, and so does every estimate.
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
    >>> import portal_analysis as pa
    >>> len(pa.load_survey("papi-simulated", wave=2022))
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
        missing=missing_of(schema) if keep_codes else {},
        yes=yes_of(schema),
        categories={name: codes for name, codes in categories_of(schema).items() if name in data},
        labels={} if datasets.find(found.id) == found.folder else codebook.labels_of(found.folder),
        about=_one_wave(data, str(told.get("wave", "wave")), wave),
        origin=of_dataset(found, "load_survey"),
    )


def _one_wave(
    data: pd.DataFrame, column: str, asked: int | str | Iterable[int | str] | None
) -> dict[str, Any]:
    """Return the wave that every estimate is of, where one was asked for."""
    waves = list(data[column].unique()) if asked is not None else []
    return {column: waves[0]} if len(waves) == 1 else {}


def _design_of(found: datasets.Dataset) -> Mapping[str, Any]:
    if found.kind != "survey":
        raise SurveyReadError(f"'{found.id}' is a dataset of the kind '{found.kind}', not 'survey'")
    told = found.descriptor.get("design")
    if not isinstance(told, Mapping) or told.get("weights", "") == "":
        raise SurveyReadError(
            f"'{found.id}': {datasets.DESCRIPTOR} describes no design; "
            'add "design": {"weights": …, "strata": …, "psu": …}; "weights": null if every row counts the same'
        )
    return told


def _resource_of(found: datasets.Dataset, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table that holds the weights, or the one that the design names."""
    holds = [
        name
        for name, each in found.tables.items()
        if told["weights"] is None or any(one["name"] == told["weights"] for one in each["schema"]["fields"])
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
        *(f"description_{lang}" for lang in LANGUAGES),
        *(key for key in told if key.startswith("x_")),
    }
    unknown = [key for key in told if key not in known | aside]
    if unknown:
        raise SurveyReadError(
            f"'{name}': design has unknown properties {unknown}; allowed are {sorted(known)}"
        )
    return Design(**{key: _listed(value) for key, value in told.items() if key in known and value != ""})


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _checked(found: datasets.Dataset, resource: str, keep_codes: bool) -> pd.DataFrame:
    """Return a dataset's table, read and checked once as long as its files stay the same."""
    state = datasets.state(found.folder, [str(each["path"]) for each in found.resources.values()])
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
