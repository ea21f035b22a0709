"""What a file is, by its content, and its reader.

Hands on the visits, sites and entries of one file; a file that gives none of them, and no fault either, is a
fault itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from portal_analysis.audit.readers import (
    axe,
    cwac,
    equal_access,
    eu_monitoring,
    lighthouse,
    lighthouse_csv,
    observatory,
    oobee,
    pa11y,
    rubric,
    wcag_em,
)
from portal_analysis.audit.readers import mapping as mappings
from portal_analysis.audit.readers.files import csv_rows, kind_of, text_stream
from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.jsonstream import Document, Hook, documents
from portal_analysis.audit.readers.layout import role_of
from portal_analysis.audit.readers.manifest import Manifest
from portal_analysis.audit.readers.names import Names
from portal_analysis.audit.readers.opendocument import is_opendocument, opendocument_sheets
from portal_analysis.audit.readers.reading import Fault, FileFaults, Notes, Site, Visit
from portal_analysis.audit.readers.shapes import Entry
from portal_analysis.audit.readers.sheets import Sheet, frame_sheet, workbook_sheets
from portal_analysis.structured import read_json
from portal_analysis.tables import apart
from portal_analysis.tables.columnar import read_columns

Read = tuple[list[Visit | Site], list[Entry]]
"""Visits and sites of tools, and entries of sheets."""


class Tool(NamedTuple):
    """JSON of a tool: what tells a document of it from all others, what one is called, and who reads them.

    ``slim`` drops what the reader does not need while a file is read, and is for tools that write large files; it
    returns an object itself where it drops nothing. It is tried on the first document of every file, for the tool is
    not known yet; no other tool's documents come to their reader through it. ``follows`` says what that is no tool's
    document may come after the first document of a file.
    """

    is_its: Callable[[Any], bool]
    called: str
    read: Callable[[Iterator[Document], str], Iterator[Visit]]
    slim: Hook | None = None
    follows: Callable[[Any], bool] = lambda _: False


def _is_empty(value: Any) -> bool:
    return value == []


_JSON = {
    "lighthouse": Tool(
        lighthouse.is_document, "Lighthouse report", lighthouse.read, lighthouse.slim, _is_empty
    ),
    "axe": Tool(axe.is_document, "axe result", axe.read, axe.slim, _is_empty),
    "pa11y": Tool(pa11y.is_document, "result of Pa11y", pa11y.read, follows=_is_empty),
    "ibm-equal-access": Tool(equal_access.is_document, "report of Equal Access", equal_access.read),
    "mdn-observatory": Tool(observatory.is_result, "result of the Observatory", observatory.read),
    "oobee": Tool(oobee.is_results, "result of Oobee", oobee.read),
    "eu-monitoring": Tool(eu_monitoring.is_audit, "audit of the EU method", eu_monitoring.read),
    "wcag-em": Tool(wcag_em.is_linked_data, "linked data", wcag_em.read, follows=wcag_em.is_node),
}
TYPES = tuple(
    dict.fromkeys(
        (
            *pa11y.OUTCOMES,
            *axe.OUTCOMES,
            *oobee.CATEGORIES,
            *cwac.TYPES,
            *equal_access.OUTCOMES,
            *lighthouse.MODES,
        )
    )
)
"""The words by which tools tell kinds of findings: what ``types`` of :func:`read_audit` may hold."""

_CSV_READERS = (lighthouse_csv, pa11y, oobee, cwac)
_ADVICE = f"JSON of {', '.join(_JSON)} and EARL is read; name the tool in a manifest if it is one"


class Asked(NamedTuple):
    """What goes with every file of a reading: the manifest, the mappings, known names, and where notes are kept."""

    said: Manifest
    shapes: Sequence[mappings.Mapping]
    names: Names
    notes: Notes


def read_file(
    source: Path | pd.DataFrame,
    file: str,
    asked: Asked,
) -> Read:
    """Read one file or frame.

    Raises
    ------
    FileFaults
        All its faults; also if it holds nothing at all.
    """
    visits, entries = _read(source, file, asked)
    if not visits and not entries:
        found = "the file was read and holds no result: no page, no portal, no judgement"
        raise FileFaults(Fault(file, None, found, "take it away, or get it again"))
    return visits, entries


def _read(
    source: Path | pd.DataFrame,
    file: str,
    asked: Asked,
) -> Read:
    if isinstance(source, pd.DataFrame):
        return [], _of_sheets([frame_sheet(file, source)], file, asked)
    kind = kind_of(source, file)
    if kind == "json":
        return [*_json_visits(source, file, _tool_named(asked.said.about(file).get("tool")))], []
    if kind == "csv":
        rows = csv_rows(source, file, pa11y.mended)
        reader = next((one for one in _CSV_READERS if one.is_csv(rows)), None)
        if reader is not None:
            return list(reader.read_csv(rows, file)), []
        sheets = [Sheet(PurePosixPath(file).name.split(".")[0], rows)]
    elif kind == "zip":
        sheets = (opendocument_sheets if is_opendocument(source) else workbook_sheets)(source, file)
    else:
        sheets = [_statistics_sheet(source, file, kind)]
    return [], _of_sheets(sheets, file, asked)


def _statistics_sheet(path: Path, file: str, kind: str) -> Sheet:
    """Return a table of Stata, SPSS or Parquet as a sheet, its value labels as the words.

    A variable keeps its name, unless only its label says what it is (``v1``, labelled "Tỉnh").
    """
    readers = {"dta": _stata, "sav": _spss, "parquet": lambda one: (read_columns(one), {})}
    try:
        frame, labels = readers[kind](path)
    except Exception as error:  # the readers of foreign formats fail with errors of any kind
        found = clean(f"the table cannot be read: {type(error).__name__}: {error}", 300)
        raise FileFaults(Fault(file, None, found, "save it again, or as CSV")) from error
    names = {name: label for name, label in labels.items() if role_of(label) and not role_of(name)}
    return frame_sheet(PurePosixPath(file).name.split(".")[0], frame.rename(columns=names), labels)


def _stata(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    reader: Any = pd.read_stata(path, iterator=True)
    with reader:
        frame = reader.read(convert_categoricals=True)
        labels = {name: label for name, label in reader.variable_labels().items() if label.strip()}
    return frame, labels


def _spss(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    frame, meta = apart.read("read_sav", path, apply_value_formats=True)
    labels = {name: label for name, label in meta.column_names_to_labels.items() if label and label.strip()}
    return frame, labels


def _of_sheets(
    sheets: Sequence[Sheet],
    file: str,
    asked: Asked,
) -> list[Entry]:
    """Read sheets; what the manifest says about the file holds where the sheets say nothing."""
    entries = rubric.read(sheets, file, asked.shapes, asked.names, asked.notes)
    given = asked.said.about(file)
    roles = {"round": "round", "assessor": "assessor_id", "rated_at": "rated_at", "page": "page_id"}
    for entry in entries:
        for role, name in roles.items():
            if given.get(name) and not entry.about.get(role):
                entry.about[role] = given[name]
    return entries


# ---------------------------------------------------------------------------------------------- JSON


def _json_visits(source: Path, file: str, named: str | None) -> list[Visit]:
    """Read the documents of a file, all of one tool; again from its start if a hook of another tool dropped anything.

    Raises
    ------
    FileFaults
        If no tool is known by the first document, or one after it is another tool's.
    """
    hooks = _Hooks()
    with text_stream(source, file) as stream:
        found = documents(stream, file, hooks)
        first = next(found)  # a file that begins with a bracket gives one, or a fault
        tool = _tool_meant(first.value, named)
        if tool is not None and hooks.keep_to(tool.slim):
            return _visits(tool, itertools.chain([first], found), file)
    with text_stream(source, file) as stream:
        found = documents(stream, file, tool.slim if tool else None)
        first = next(found)
        tool = tool or _tool_meant(first.value, named)
        if tool is None:
            raise FileFaults(Fault(file, first.line, _unknown(first.value), _ADVICE))
        return _visits(tool, itertools.chain([first], found), file)


class _Hooks:
    """The hooks of all tools for the first document, and that of its tool for the others.

    A class, for a stream keeps its hook: which ones are tried is changed here between two documents.
    """

    def __init__(self) -> None:
        self._tried = [tool.slim for tool in _JSON.values() if tool.slim]
        self._dropped: set[Hook] = set()

    def __call__(self, value: dict[str, Any]) -> Any:
        """Return what the hooks leave of an object, and remember which of them dropped something."""
        for hook in self._tried:
            left = hook(value)
            if left is not value:
                self._dropped.add(hook)
                value = left
        return value

    def keep_to(self, own: Hook | None) -> bool:
        """Try only one hook from now on, or none; say whether no other has dropped anything yet."""
        self._tried = [own] if own else []
        return self._dropped <= set(self._tried)


def _visits(tool: Tool, found: Iterator[Document], file: str) -> list[Visit]:
    return list(tool.read(_only_of(tool, found, file), file))


def _only_of(tool: Tool, found: Iterator[Document], file: str) -> Iterator[Document]:
    """Yield the documents of a tool and what may follow them; a document of another tool is a fault."""
    for document in found:
        follows = tool.follows(document.value) and _tool_of(document.value) is None
        if not (tool.is_its(document.value) or follows):
            advice = "keep files of different tools apart"
            raise FileFaults(Fault(file, document.line, f"this document is no {tool.called}", advice))
        yield document


def _tool_meant(value: Any, named: str | None) -> Tool | None:
    """Return the tool that wrote a document, else the one that a manifest names."""
    return _JSON.get(_tool_of(value) or named or "")


def _tool_of(value: Any) -> str | None:
    """Return which tool wrote a document, by what is in it."""
    return next((name for name, tool in _JSON.items() if tool.is_its(value)), None)


def _tool_named(name: str | None) -> str | None:
    return next((tool for tool in _JSON if name and name.lower().startswith(tool)), None)


def _unknown(value: Any) -> str:
    if value == []:
        return "an empty list, which does not tell which tool wrote it"
    names = list(value)[:8] if isinstance(value, dict) else type(value).__name__
    return f"JSON of an unknown kind, with {names}"


# -------------------------------------------------------------------------------------------- aside


def passed_over(files: dict[str, Path]) -> tuple[set[str], list[Fault]]:
    """Return the files of a folder that hold no results of their own, and faults of the folder as a whole.

    Lighthouse CI's ``manifest.json`` names the run of each page that stands for its repeats: the other runs, the links
    and the results of its assertions are passed over. So are pictures of a page beside the data (the HTML twin of a
    JSON) and the logs of a results folder.
    """
    aside = cwac.aside(files)
    faults: list[Fault] = []
    for name, path in files.items():
        if PurePosixPath(name).name == "manifest.json":
            runs = _representative(path)
            if runs is not None:
                found, wrong = _of_lighthouse_ci(name, runs, files)
                aside, faults = aside | found, faults + wrong
    stems = {name.removesuffix(".json") for name in files if name.endswith(".json")}
    aside |= {
        name for name in files if name.lower().endswith((".html", ".htm")) and name.rsplit(".", 1)[0] in stems
    }
    return aside, faults


def _representative(path: Path) -> dict[str, bool] | None:
    """File → is it the run that stands for its repeats; None if this is no manifest of Lighthouse CI."""
    try:
        rows = read_json(path, mappings.MappingError)
    except mappings.MappingError:
        return None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return None
    if not all("isRepresentativeRun" in row and isinstance(row.get("jsonPath"), str) for row in rows):
        return None
    return {
        row["jsonPath"].replace("\\", "/").rsplit("/", 1)[-1]: bool(row["isRepresentativeRun"])
        for row in rows
    }


def _of_lighthouse_ci(
    manifest: str, runs: dict[str, bool], files: dict[str, Path]
) -> tuple[set[str], list[Fault]]:
    folder = PurePosixPath(manifest)
    beside = {str(folder.with_name(name)) for name in ("links.json", "assertion-results.json")}
    others = {str(folder.with_name(name)) for name, stands in runs.items() if not stands}
    lost = [name for name, stands in runs.items() if stands and str(folder.with_name(name)) not in files]
    advice = "put the report beside its manifest, or take the manifest away and say repeats="
    faults = [
        Fault(manifest, None, f"there is no file {name!r}, the representative run", advice) for name in lost
    ]
    return {manifest, *beside, *others} & set(files), faults
