"""How an export is made, step by step, as plain data; and those steps taken again.

Hands on :func:`steps_of`, which goes into the json beside an export, and :func:`take`, which takes the steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis import codebook, origins, structured
from portal_analysis.codebook import names
from portal_analysis.datasets import dataset
from portal_analysis.disclosure.thresholds import declare, declared
from portal_analysis.disclosure.withhold import publishable
from portal_analysis.exports.cells import is_missing, plain
from portal_analysis.exports.job import ExportError, Job
from portal_analysis.faults import Error
from portal_analysis.figures.compose import Look, Recipe
from portal_analysis.language.labels import sources_of
from portal_analysis.origins import Origin
from portal_analysis.steps import MARK, Call, Trace, Untraced, joined, kept, made_by

WRITERS = (
    "export",
    "slides",
    "write_audit",
    "write_earl",
    "write_matrix",
    "write_rubric",
    "simulate_register",
    "explore",
)
"""Public functions that a file's steps may not call: they write elsewhere than where they are asked to."""

TAKEN = "a table was not made by functions of this package alone, and is taken as it was exported"


def steps_of(job: Job) -> dict[str, Any]:
    """Return the steps that made the table and the figure of an export, or why they are not known."""
    trace = Trace(written)
    table = job.table if job.whole is None else job.whole
    try:
        given = {"estimates": {f"{MARK}step": trace.outer(table)}}
        if job.figure is not None:
            given["figure"] = {f"{MARK}step": trace.call(_call_of(job.figure))}
        asked = {name: trace.value(kept(value)) for name, value in job.asked.items()}
    except (Untraced, RecursionError) as why:
        return {"steps": None, "untraced": str(why)}
    last = {"call": "export", "with": {"name": job.name, **given, "formats": list(job.formats), **asked}}
    lost = {"untraced": TAKEN} if trace.lost else {}
    return {"steps": [*trace.steps, last], **lost}


def _call_of(figure: Any) -> Call:
    """Return the call that made a figure, by the note of it or by the figure's own recipe."""
    if (call := made_by(figure)) is not None:
        return call
    recipe = getattr(figure, "portal_recipe", None)
    if not isinstance(recipe, Recipe):
        raise Untraced("the figure was drawn outside this package")
    usual = Look()
    look = {one.name: getattr(recipe.look, one.name) for one in fields(Look)}
    look = {name: value for name, value in look.items() if value is not getattr(usual, name)}
    return Call(recipe.maker.__name__, {"table": recipe.table, **kept({**look, **recipe.own})})


# ------------------------------------------------------------------------------- a table, written down


def written(table: pd.DataFrame) -> dict[str, Any]:
    """Return a table as plain data, with what of it may leave, and what was declared of its sources.

    Raises
    ------
    Untraced
        If a cell holds what is no plain value.
    """
    shown = publishable(table).reset_index(drop=True)
    columns = [_column(str(name), shown[name]) for name in shown]
    return {"table": columns, "declared": {one: _declared(one, shown) for one in sources_of(shown)}}


def _column(name: str, values: pd.Series) -> dict[str, Any]:
    kind: Any = str(values.dtype)
    if isinstance(values.dtype, pd.CategoricalDtype):
        kind = {
            "categories": [plain(one) for one in values.cat.categories],
            "ordered": bool(values.cat.ordered),
        }
    cells = [_cell(one) for one in values.astype(object)]
    if any(not isinstance(one, bool | int | float | str | None) for one in cells):
        raise Untraced(f"its column {name!r} holds what is neither a number nor a text")
    return {"name": name, "kind": kind, "values": cells}


def _cell(value: Any) -> Any:
    if is_missing(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else plain(value)


def _declared(source: str, table: pd.DataFrame) -> dict[str, Any]:
    """Return threshold, names and list of provinces that a source's survey brought, as far as the table needs them."""
    labels, units = names.remembered(source)
    held = {str(one) for one in table["indicator"]}
    used = [
        [column, code, dict(name)]
        for (column, code), name in labels.items()
        if (column == "indicator" and str(code) in held) or (column in table and column != "indicator")
    ]
    known = [_origin_told(one) for one in origins.known(source)]
    return {**declared(source), "units": units, "labels": used, "origins": known}


def _origin_told(origin: Origin) -> dict[str, Any]:
    if origin.dataset is not None:
        return {"reader": origin.reader, "dataset": origin.dataset.id}
    names_of = ("reader", "files", "options", "design", "simulated")
    return {name: origins.plain(getattr(origin, name)) for name in names_of}


def _origin_read(told: Mapping[str, Any]) -> Origin:
    if "dataset" in told:
        return origins.of_dataset(dataset(told["dataset"]), told["reader"])
    return Origin(**{**told, "files": tuple(told["files"])})


def _read(step: Mapping[str, Any]) -> pd.DataFrame:
    for source, told in step["declared"].items():
        labels = {(column, code): name for column, code, name in told["labels"]}
        if labels or told["units"]:
            codebook.remember(source, labels, told["units"])
        for one in told["origins"]:
            origins.remember(source, _origin_read(one))
        if "min_n" in told:
            declare(source, told["min_n"])
    return pd.DataFrame({one["name"]: _series(one) for one in step["table"]})


def _series(column: Mapping[str, Any]) -> pd.Series:
    kind = column["kind"]
    if isinstance(kind, Mapping):
        return pd.Series(pd.Categorical(column["values"], kind["categories"], ordered=kind["ordered"]))
    if kind == "object":
        return pd.Series(column["values"], dtype=object)
    return pd.Series(column["values"]).astype(kind) if not kind.startswith("float") else _floats(column)


def _floats(column: Mapping[str, Any]) -> pd.Series:
    return pd.Series([float("nan") if one is None else one for one in column["values"]], dtype=column["kind"])


# ---------------------------------------------------------------------------------------------- again


def take(steps: Sequence[Mapping[str, Any]]) -> tuple[list[Any], Mapping[str, Any]]:
    """Take all steps but the last.

    Parameters
    ----------
    steps : sequence of mapping
        As :func:`steps_of` gave them.

    Returns
    -------
    tuple
        What the steps made, and the arguments of the last, which is the export.

    Raises
    ------
    ExportError
        If a step is none that an export writes. Errors of the functions called come through.
    """
    made: list[Any] = []
    try:
        for step in steps[:-1]:
            made.append(_taken(step, made))
        last = steps[-1]
        if last["call"] != "export":
            raise ExportError("the last step is no export")
        return made, {name: _value(one, made) for name, one in last["with"].items()}
    except Error:
        raise
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
        told = f"step {len(made) + 1} is none that can be taken: {type(error).__name__}: {error}"
        raise ExportError(told) from error


def _taken(step: Mapping[str, Any], made: Sequence[Any]) -> Any:
    if "table" in step:
        return _read(step)
    if "rows" in step:
        return joined(
            (made[place], row) for place, first, last in step["rows"] for row in range(first, last + 1)
        )
    import portal_analysis as pa

    name, given = step["call"], {key: _value(one, made) for key, one in step["with"].items()}
    if f"{MARK}of" in given and name == "only":
        return given.pop(f"{MARK}of").only(**given)
    if name not in dir(pa) or name in WRITERS or not callable(getattr(pa, name)):
        raise ExportError(f"{name!r} is no function of this package by which an export is made")
    return getattr(pa, name)(*given.pop("*", ()), **given)


def _value(told: Any, made: Sequence[Any]) -> Any:
    """Return an argument as it was, from its plain form."""
    if isinstance(told, list):
        return [_value(one, made) for one in told]
    if not isinstance(told, dict):
        return told
    marks = [key for key in told if key.startswith(MARK)]
    if len(told) != 1 or not marks:
        return {key: _value(one, made) for key, one in told.items()}
    (mark,), inside = marks, told[marks[0]]
    if mark == f"{MARK}dict":
        return {_value(key, made): _value(one, made) for key, one in inside}
    if mark == f"{MARK}Design":
        import portal_analysis as pa

        return pa.Design(**{name: _value(one, made) for name, one in inside.items()})
    makers: dict[str, Any] = {
        "tuple": tuple,
        "set": set,
        "path": Path,
        "float": float,
        "step": made.__getitem__,
    }
    return makers[mark.removeprefix(MARK)](_value(inside, made))


def read_told(path: Path) -> dict[str, Any]:
    """Read the json beside an export.

    Raises
    ------
    ExportError
        If it is missing, no JSON within bounds, or not written by an export.
    """
    told = structured.read_json(path, ExportError)
    if not isinstance(told, dict) or not {"name", "formats"} <= set(told):
        raise ExportError(f"{path} was not written beside an export")
    return told
