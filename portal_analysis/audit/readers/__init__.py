"""Readers of audit files: whatever tools and people leave behind becomes one audit.

Hands on :func:`read_audit`, which tells files apart by their content, and the errors and warnings of reading.
"""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.readers import axe, cwac, lighthouse, oobee, pa11y, rubric, tidy, wcag_em
from portal_analysis.audit.readers import mapping as mappings
from portal_analysis.audit.readers.files import csv_rows, files_under, kind_of, text_stream
from portal_analysis.audit.readers.jsonstream import Document, documents
from portal_analysis.audit.readers.manifest import Manifest, read_manifest
from portal_analysis.audit.readers.mapping import MappingError
from portal_analysis.audit.readers.reading import (
    Assembly,
    Fault,
    FileFaults,
    ReaderError,
    ReaderWarning,
    Settings,
    Site,
    Visit,
    fault_table,
    host_of,
)
from portal_analysis.audit.readers.sheets import Sheet, workbook_sheets

__all__ = ["MappingError", "ReaderError", "ReaderWarning", "read_audit"]

_JSON_READERS = {"axe": axe.read, "lighthouse": lighthouse.read, "pa11y": pa11y.read, "wcag-em": wcag_em.read}
_CSV_READERS = (lighthouse, pa11y, oobee, cwac)
_MANIFEST, _MAPPINGS = "manifest.csv", ("mapping.toml", "mapping.json")


def read_audit(
    path: str | Path,
    mapping: Any = None,
    manifest: Any = None,
    *,
    round: str | None = None,
    portals: pd.DataFrame | None = None,
    criteria: Literal["wcag", "rule"] = "wcag",
    passes: Literal["met", "cant_tell"] = "met",
    tested: Mapping[str, Sequence[str]] | None = None,
    faults: Literal["raise", "skip"] = "raise",
    source: str = "",
    simulated: bool = False,
) -> Audit:
    """Read one audit file, or all files below a folder, into one :class:`~portal_analysis.audit.judgements.Audit`.

    Parameters
    ----------
    path : str or Path
        A file or folder. Understood, by content and whatever the names: rubric sheets (``.xlsx``, CSV), JSON
        of axe-core, Lighthouse 9 to 13, Pa11y, Pa11y CI, WCAG-EM Report Tool and EARL, CSV of Lighthouse,
        Pa11y, Oobee and CWAC, any of them packed with gzip; and what :mod:`portal_analysis.audit.write` wrote.
        A folder may hold its own ``manifest.csv`` and ``mapping.toml`` or ``mapping.json``.
    mapping : str, Path or dict, optional
        What rubric sheets look like: :class:`~portal_analysis.audit.readers.mapping.Mapping` lists what it
        may say. Sheets without doubt need none.
    manifest : str, Path or DataFrame, optional
        What files do not say, a row a file or page:
        :data:`~portal_analysis.audit.readers.manifest.COLUMNS`.
    round : str, optional
        The round of whatever no file, mapping or manifest gives a round; ``"1"`` if not given.
    portals : DataFrame, optional
        The portals, with ``portal_id`` and ``url``: addresses on their hosts (``www.`` aside) belong to them.
        An address on any other host stays a portal of its own, called by its host; nothing is guessed.
    criteria : {"wcag", "rule"}
        ``wcag`` sums a tool's rules up by the success criterion they test a part of (``wcag:1.4.3``); rules
        without one stay (``axe:region``). ``rule`` keeps every rule (``axe:image-alt``).
    passes : {"met", "cant_tell"}
        What it means that a tool found no failure: ``met`` says that what the tool can test passed;
        ``cant_tell`` leaves the criterion to people.
    tested : mapping, optional
        Tool → success criteria that its rules cover, for tools that report problems only, such as
        ``{"pa11y": ["1.1.1", "1.4.3"]}``: one without an issue on an audited page has then passed.
    faults : {"raise", "skip"}
        ``skip`` leaves out the files that cannot be read and says so in a :class:`ReaderWarning`, whose
        ``table`` lists them; files that a manifest places become runs with status ``error``.
    source, simulated
        As in :class:`~portal_analysis.audit.judgements.Audit`.

    Returns
    -------
    Audit
        What is not judged is ``not_tested``; what could not be reached is a run that is not ``ok`` and has no
        judgement: not audited is neither failed nor passed.

    Raises
    ------
    ReaderError
        All faults of all files, with file and line; nothing is read by halves.

    Notes
    -----
    Several findings of one visit on one criterion become one judgement: any failure fails it, and a check that
    broke off or could not tell keeps it from passing. Snippets of pages and comments are kept as plain text,
    cut to a length, in ``evidence`` and ``comment``; they are never rendered or run.
    """
    root = Path(path)
    if not root.exists():
        raise ReaderError([Fault(str(path), None, "there is no such file or folder", "correct the path")])
    mapping, manifest = _companions(root, mapping, manifest)
    settings = Settings(round, criteria == "rule", passes, tested or {})
    assembly = Assembly(settings, _hosts(portals))
    said, shapes = read_manifest(manifest), mappings.read_mapping(mapping)
    aside = {Path(one).resolve() for one in (mapping, manifest) if isinstance(one, str | Path)}
    files = {_name(one, root): one for one in files_under(root) if one.resolve() not in aside}
    if tidy.is_folder(root):
        return tidy.read_folder(root, source, simulated)
    whole = _whole_workbook(list(files.values()), source, simulated)
    if whole is not None:
        return whole
    found = said.unread(list(files))
    entries: list[tuple[str, rubric.Entry]] = []
    for name, one in files.items():
        try:
            entries += [(name, entry) for entry in _read_file(one, name, assembly, said, shapes)]
        except FileFaults as error:
            found += error.faults
            _note_unread(assembly, name, said, error)
    if not files:
        found.append(
            Fault(str(path), None, "the folder holds no file", "give the folder with the audit files")
        )
    if found and (faults == "raise" or not (entries or any(assembly.rows.values()))):
        raise ReaderError(found)
    rubric.add_to(assembly, entries)
    _add_unvisited(assembly, said)
    _check_twice(assembly)
    _warn(found, "could not be read and were left out")
    _warn(assembly.notes, "have a status that is not known")
    return _audit(assembly, portals, source, simulated)


# ------------------------------------------------------------------------------------------------ files


def _companions(root: Path, mapping: Any, manifest: Any) -> tuple[Any, Any]:
    """Return mapping and manifest: those given, else those that lie in the folder."""
    if root.is_dir():
        if manifest is None and (root / _MANIFEST).is_file():
            manifest = root / _MANIFEST
        if mapping is None:
            mapping = next((root / name for name in _MAPPINGS if (root / name).is_file()), None)
    return mapping, manifest


def _name(file: Path, root: Path) -> str:
    return file.name if file == root else file.relative_to(root).as_posix()


def _hosts(portals: pd.DataFrame | None) -> dict[str, str]:
    if portals is None:
        return {}
    missing = [name for name in ("portal_id", "url") if name not in portals.columns]
    if missing:
        raise ReaderError(
            [Fault("portals", None, f"columns {missing} are missing", "give portal_id and url")]
        )
    named = zip(portals["portal_id"], portals["url"], strict=True)
    return {host: str(portal) for portal, url in named if isinstance(url, str) and (host := host_of(url))}


def _whole_workbook(files: list[Path], source: str, simulated: bool) -> Audit | None:
    """Return the audit in the one file, if it is a workbook that holds a whole audit."""
    if len(files) == 1 and files[0].suffix.lower() == ".xlsx":
        return tidy.read_workbook(files[0], source, simulated)
    return None


def _read_file(
    path: Path, file: str, assembly: Assembly, said: Manifest, shapes: Sequence[mappings.Mapping]
) -> list[rubric.Entry]:
    """Read one file: visits go to the assembly once the whole file was read, rubric entries are returned."""
    kind = kind_of(path, file)
    if kind == "json":
        with text_stream(path, file) as stream:
            _add(assembly, list(_json_visits(stream, file, said)), file, said)
        return []
    if kind == "xlsx":
        return _of_rubric(workbook_sheets(path, file), file, said, shapes)
    rows = csv_rows(path, file)
    reader = next((one for one in _CSV_READERS if one.is_csv(rows)), None)
    if reader is not None:
        _add(assembly, list(reader.read_csv(rows, file)), file, said)
        return []
    return _of_rubric([Sheet(Path(file).name.split(".")[0], rows)], file, said, shapes)


def _of_rubric(
    sheets: Sequence[Sheet], file: str, said: Manifest, shapes: Sequence[mappings.Mapping]
) -> list[rubric.Entry]:
    """Read sheets; what the manifest says about the file holds where the sheets say nothing."""
    entries = rubric.read(sheets, file, shapes)
    given = said.about(file)
    roles = {"round": "round", "assessor": "assessor_id", "rated_at": "rated_at", "page": "page_id"}
    for entry in entries:
        for role, name in roles.items():
            if given.get(name) and not entry.about.get(role):
                entry.about[role] = given[name]
    return entries


def _json_visits(stream: Any, file: str, said: Manifest) -> Iterator[Visit]:
    found = documents(stream, file, _slim)
    first = next(found, None)
    if first is None:
        raise FileFaults(Fault(file, None, "the file is empty", "take it away, or get it again"))
    tool = _tool_of(first) or _tool_named(said.about(file).get("tool"))
    if tool is None:
        raise FileFaults(Fault(file, first.line, _unknown(first.value), _ADVICE))
    yield from _JSON_READERS[tool](itertools.chain([first], found), file)


_ADVICE = (
    "JSON of axe-core, Lighthouse, Pa11y, WCAG-EM or EARL is read; name the tool in a manifest if it is one"
)


def _slim(value: dict[str, Any]) -> Any:
    return lighthouse.slim(axe.slim(value))


def _tool_of(document: Document) -> str | None:
    """Return which tool wrote a document, by what is in it."""
    value = document.value
    if lighthouse.is_report(value) or (isinstance(value, dict) and lighthouse.is_report(value.get("lhr"))):
        return "lighthouse"
    if axe.is_result(value) or axe.is_keyed(value):
        return "axe"
    if pa11y.is_page(value) or pa11y.is_ci(value) or pa11y.is_issue(value):
        return "pa11y"
    return "wcag-em" if wcag_em.is_linked_data(value) else None


def _tool_named(name: str | None) -> str | None:
    return next((tool for tool in _JSON_READERS if name and name.lower().startswith(tool)), None)


def _unknown(value: Any) -> str:
    if value == []:
        return "an empty list, which does not tell which tool wrote it"
    names = list(value)[:8] if isinstance(value, dict) else type(value).__name__
    return f"JSON of an unknown kind, with {names}"


def _add(assembly: Assembly, visits: Sequence[Visit | Site], file: str, said: Manifest) -> None:
    for visit in visits:
        if isinstance(visit, Site):
            portal = assembly.portal(visit.url)
            if portal is not None:
                assembly.add_portal(portal, visit.url, visit.name)
        else:
            assembly.add_visit(visit, file, said.about(file, visit.url))


# --------------------------------------------------------------------------------------------- the whole


def _note_unread(assembly: Assembly, file: str, said: Manifest, error: FileFaults) -> None:
    """Note a file that could not be read as a run that failed, if the manifest says of which portal."""
    given = said.about(file)
    if given.get("portal_id") or given.get("url"):
        message = f"the file could not be read: {error.faults[0].found}"[:500]
        visit = Visit(given.get("tool") or "unknown", url=given.get("url"), status="error", message=message)
        assembly.add_visit(visit, file, {**given, "status": "error"})


def _add_unvisited(assembly: Assembly, said: Manifest) -> None:
    """Note the pages that the manifest names without a file and that no file turned out to hold."""
    seen = {row["requested_url"] for row in assembly.rows["runs"]}
    for row in said.without_file():
        if row.get("url") in seen and row.get("url") is not None:
            continue
        status = row.get("status") or ("error" if row.get("http_status", 0) >= 400 else "not_run")
        visit = Visit(
            row.get("tool") or "unknown", url=row.get("url"), status=status, message=row.get("message")
        )
        assembly.add_visit(visit, said.file, {**row, "status": status})


_KEY = ("portal_id", "page_id", "criterion_id", "assessor_id", "round")


def _check_twice(assembly: Assembly) -> None:
    """Raise if two files, or two results in one, judge the same: that would be counted twice."""
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    pairs: dict[tuple[str, str], tuple[dict[str, Any], int]] = {}
    for row in assembly.rows["judgements"]:
        key = tuple(row.get(name) for name in _KEY)
        other = first.setdefault(key, row)
        if other is not row:
            files = (str(other["source_file"]), str(row["source_file"]))
            example, count = pairs.get(files, (row, 0))
            pairs[files] = (example, count + 1)
    advice = "give them different rounds or assessors, in a manifest or mapping, or take one away"
    found = [
        Fault(
            second,
            row.get("source_row"),
            f"judges what {one if one != second else 'an earlier result in it'} judges ({count} times), first "
            f"{row['criterion_id']!r} of {row['portal_id']!r} by {row['assessor_id']!r} in round {row['round']!r}",
            advice,
        )
        for (one, second), (row, count) in pairs.items()
    ]
    if found:
        raise ReaderError(found)


def _warn(found: Sequence[Fault], what: str) -> None:
    if found:
        table = fault_table(found)
        shown = "\n".join(f"- {fault}" for fault in found[:5])
        more = f"\n- and {len(found) - 5} more; the warning's table has all" if len(found) > 5 else ""
        warnings.warn(
            ReaderWarning(f"{len(found)} audit results {what}:\n{shown}{more}", table), stacklevel=3
        )


def _audit(assembly: Assembly, portals: pd.DataFrame | None, source: str, simulated: bool) -> Audit:
    tables = assembly.frames()
    if portals is not None:
        named = portals.assign(portal_id=portals["portal_id"].astype(str))
        seen = tables.get("portals", pd.DataFrame({"portal_id": []}))
        others = seen[~seen["portal_id"].isin(named["portal_id"])]
        tables["portals"] = pd.concat([named, others], ignore_index=True) if len(others) else named
    judgements = tables.pop("judgements", None)
    if judgements is None:
        judgements = pd.DataFrame(columns=[*_KEY, "outcome"])
    try:
        return Audit(judgements, **tables, source=source, simulated=simulated)
    except AuditError as error:
        faults = [
            Fault(
                str(row["file"] or row["table"]),
                None,
                f"{row['column']}: {row['found']}",
                f"allowed: {row['allowed']}",
            )
            for row in error.faults.to_dict("records")
        ]
        raise ReaderError(
            faults or [Fault("audit", None, re.sub(r"\s+", " ", str(error)), "see above")]
        ) from error
