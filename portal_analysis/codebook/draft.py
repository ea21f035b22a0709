"""A dataset's description, drafted from a file for a person to complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portal_analysis.arguments import handed_on
from portal_analysis.datasets import Dataset, SourceError, keep_out_of_git, private_folder, write_descriptor
from portal_analysis.tables import Table, draft_resource, read_table, save_csv
from portal_analysis.tables.draft import guess_design, plain_numbers

GUESSED = "x_guessed"
"""The property of a drafted design that names which of its columns were guessed."""


def draft_dataset(
    path: str | Path, into: str | Path | None = None, kind: str = "survey", **options: Any
) -> Path:
    """Make a dataset folder from a file, its description drafted from the file's own names, labels and codes.

    Parameters
    ----------
    path : str or Path
        A CSV, Excel, Stata, SPSS or Parquet file.
    into : str or Path, optional
        The folder in which the dataset's folder is made; where ``load_survey`` finds it and git passes it over
        (:func:`portal_analysis.datasets.private_folder`) if not given.
    kind : str
        What it is: ``survey``, ``audit``, ``published`` or another of :data:`portal_analysis.datasets.KINDS`.
    **options
        ``sheet``, ``encoding``, ``sep``, ``header``, ``label_rows`` of :func:`portal_analysis.tables.read_table`.

    Returns
    -------
    Path
        The new folder, with the table as CSV and a ``datapackage.json`` for a person to complete: titles in
        Vietnamese, licence, sources, and the design of a survey, whose columns are guessed by their names.

    Raises
    ------
    TableError
        If the file cannot be read. Nothing is written.
    SourceError
        If the folder is there already.
    """
    table = plain_numbers(handed_on(read_table, options, {"path": path}))
    resource = draft_resource(table)
    place = private_folder() if into is None else Path(into)
    folder = place / resource["name"]
    if folder.exists():
        raise SourceError(f"{folder} is there already; choose another place with --into, or remove it first")
    folder.mkdir(parents=True)
    if into is None:
        keep_out_of_git(place)
    save_csv(table, folder / resource["path"])
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": resource["name"],
        "title": Path(path).stem,
        "title_vi": "",
        "kind": kind,
        "simulated": False,
        "licenses": [],
        "sources": [],
        **_design(table, kind),
        "resources": [resource],
    }
    write_descriptor(folder, descriptor)
    return folder


def _design(table: Table, kind: str) -> dict[str, Any]:
    """Return the guessed design of a survey, marked as a guess."""
    if kind != "survey":
        return {}
    guessed = guess_design(table)
    return {"design": {**guessed, GUESSED: [part for part, column in guessed.items() if column]}}


def unfinished(source: Dataset) -> list[str]:
    """Say what a person still has to complete in a drafted description; nothing if it is complete."""
    told = source.descriptor
    found = [f"'{name}' is empty" for name in ("title", "title_vi") if not str(told.get(name, "")).strip()]
    found += [f"'{name}' is empty" for name in ("licenses", "sources") if not told.get(name)]
    design = told.get("design", {})
    guessed = design.get(GUESSED, []) if isinstance(design, dict) else []
    if guessed:
        columns = ", ".join(f"{part} = {design.get(part)!r}" for part in guessed)
        found.append(
            f"the design is a guess by the columns' names ({columns}): correct it, then take {GUESSED} out"
        )
    return found
