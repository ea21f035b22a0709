"""Readers of audit files: whatever tools and people leave behind becomes one audit.

Hands on :func:`read_audit`, which tells files apart by their content, and the errors and warnings of reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.readers import detect, scales, tidy
from portal_analysis.audit.readers import mapping as mappings
from portal_analysis.audit.readers.addresses import Portals, address_key
from portal_analysis.audit.readers.assembly import Assembly, Settings, with_manifest, without_date
from portal_analysis.audit.readers.files import files_under
from portal_analysis.audit.readers.manifest import Manifest, read_manifest
from portal_analysis.audit.readers.mapping import MappingError
from portal_analysis.audit.readers.names import Names
from portal_analysis.audit.readers.reading import (
    UNREAD,
    Fault,
    Faults,
    FileFaults,
    Notes,
    ReaderError,
    ReaderWarning,
    Site,
    Visit,
    reader_error,
)
from portal_analysis.audit.readers.runs import KEY, REPEATS, Pending, check_twice, note_versions, settle
from portal_analysis.audit.readers.shapes import Entry
from portal_analysis.datasets import own_source
from portal_analysis.origins import Origin, of_files
from portal_analysis.paths import is_folder, is_there, shown

__all__ = ["MappingError", "ReaderError", "ReaderWarning", "read_audit"]

_MANIFEST, _MAPPINGS = "manifest.csv", ("mapping.toml", "mapping.json")

Source = str | Path | pd.DataFrame | Sequence[str | Path | pd.DataFrame]


def read_audit(
    path: Source,
    mapping: Any = None,
    manifest: Any = None,
    *,
    round: str | None = None,
    portals: pd.DataFrame | None = None,
    criteria: Literal["wcag", "rule"] = "wcag",
    passes: Literal["met", "cant_tell"] = "met",
    tested: Mapping[str, Sequence[str]] | None = None,
    types: str | Sequence[str] | None = None,
    repeats: Literal["first", "last", "majority", "worst"] | None = None,
    faults: Literal["raise", "skip"] = "raise",
    source: str = "",
    simulated: bool = False,
) -> Audit:
    """Read one audit file, or all files below a folder, into one :class:`~portal_analysis.audit.judgements.Audit`.

    Parameters
    ----------
    path : str, Path, DataFrame, or sequence of them
        A file, a folder, a table in memory, or several. Understood, by content and whatever the names: rubric
        sheets (``.xlsx``, ``.ods``, CSV, Stata, SPSS, Parquet, frames), JSON of axe-core, Lighthouse 9 to 13
        (also of Lighthouse CI, PageSpeed Insights, WebPageTest and user flows), Pa11y, Pa11y CI, Oobee, IBM
        Equal Access, the MDN HTTP Observatory, WCAG-EM Report Tool, the EU monitoring method and EARL, CSV of
        Lighthouse, Pa11y, Oobee and CWAC, any of them packed with gzip; and what
        :mod:`portal_analysis.audit.write` wrote. A folder may hold its own ``manifest.csv`` and
        ``mapping.toml`` or ``mapping.json``.
    mapping : str, Path or dict, optional
        What rubric sheets look like: :class:`~portal_analysis.audit.readers.mapping.Mapping` lists what it
        may say. Sheets without doubt need none.
    manifest : str, Path or DataFrame, optional
        What files do not say, a row a file or page:
        :data:`~portal_analysis.audit.readers.manifest.COLUMNS`.
    round : str, optional
        The round of whatever no file, mapping or manifest gives a round; ``"1"`` if not given.
    portals : DataFrame, optional
        The portals, with ``portal_id`` and ``url``: addresses on their hosts (``www.`` aside) belong to them, on a
        host that portals share to the one with the longest path that the address begins with; a portal may have
        several rows with an address each. An address on any other host stays a portal of its own, called by its
        host; nothing is guessed. A portal that a sheet names must be one of them, by id, ``name_vi``, ``name_en`` or
        any usual spelling of its province.
    criteria : {"wcag", "rule"}
        ``wcag`` sums a tool's rules up by the success criterion they test a part of (``wcag:1.4.3``); rules
        without one stay (``axe:region``). ``rule`` keeps every rule (``axe:image-alt``).
    passes : {"met", "cant_tell"}
        What it means that a tool found no failure: ``met`` says that what the tool can test passed;
        ``cant_tell`` leaves the criterion to people.
    tested : mapping, optional
        Tool → success criteria that its rules cover, for tools that report problems only, such as ``{"pa11y":
        ["1.1.1", "1.4.3"]}``: one without an issue on an audited page has then passed. Without it such a tool
        gives no ``met``; count what it gives by :func:`~portal_analysis.audit.detected.detected`.
    types : str or sequence of str, optional
        The kinds of findings to keep, in the tools' own words: ``"error"`` (Pa11y), ``"mustFix"`` (Oobee),
        ``"violations"`` (axe-core) …
    repeats : {"first", "last", "majority", "worst"}, optional
        What to do where one tool looked at one page several times in a round: one of the runs, what most of them say
        (a tie goes to the worse), or the worst. Not given, it is a fault. Lighthouse CI says itself which run counts.
    faults : {"raise", "skip"}
        ``skip`` leaves out the files that cannot be read and says so in a :class:`ReaderWarning`, whose
        ``table`` lists them; files that a manifest places become runs with status ``error``.
    source, simulated
        As in :class:`~portal_analysis.audit.judgements.Audit`; the name of the file or folder if not given.

    Returns
    -------
    Audit
        What is not judged is ``not_tested``; what could not be reached, and what led to another page than the one
        meant (a log-in, another site), is a run that is not ``ok`` and has no judgement: not audited is neither failed
        nor passed.

    Raises
    ------
    ReaderError
        All faults of all files, with file and line; nothing is read by halves. A file that gives nothing is a fault.

    Warns
    -----
    ReaderWarning
        Where something was read but needs a look; each kind once, with a table of all cases.

    Notes
    -----
    Several findings of one visit on one criterion become one judgement: any failure fails it, and a
    check that broke off or could not tell keeps it from passing. One run is one page, tool and start, in
    however many files. Addresses are compared by :func:`~portal_analysis.audit.readers.addresses.same_address`,
    names of portals, criteria and assessors without regard to case, blanks and the form of Unicode. Snippets of
    pages and comments are kept as plain text, cut to a length, in ``evidence`` and ``comment``; they are never
    rendered or run.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> sheet = pd.DataFrame({"portal": ["Hà Nội", "Huế"], "search": ["đạt", "chưa đạt"]})
    >>> pa.read_audit(sheet).judgements["outcome"].tolist()
    ['met', 'not_met']
    """
    given = dict(locals())
    kinds = None if types is None else frozenset([types] if isinstance(types, str) else types)
    _check_choices(criteria, passes, repeats, faults, kinds)
    roots = _roots(path)
    mapping, manifest = _companions(roots, mapping, manifest)
    notes, names = Notes(), Names(portals)
    settings = Settings(round, criteria == "rule", passes, tested or {}, kinds)
    assembly = Assembly(settings, Portals(portals), names, notes)
    said, shapes = read_manifest(manifest), mappings.read_mapping(mapping)
    kept = {Path(one).resolve() for one in (mapping, manifest) if isinstance(one, str | Path)}
    files = _files(roots, kept)
    paths = {name: one for name, one in files.items() if isinstance(one, Path)}
    origin = of_files([*paths.values(), *sorted(kept)], read_audit, given, simulated=simulated)
    whole = _whole(roots, files, source, origin.simulated)
    if whole is not None:
        return replace(whole, origin=replace(origin, simulated=whole.simulated))
    aside, found = detect.passed_over(paths)
    found += said.unread(list(files))
    wanted = {name: one for name, one in files.items() if name not in aside}
    pending, entries = _read_files(assembly, wanted, said, shapes, found)
    if not files:
        advice = "give the folder with the audit files"
        found.append(Fault(str(path), None, "the folder holds no file", advice))
    read = bool(entries) or any(one.visit.status != "error" for one in pending)
    if found and (faults == "raise" or not read):
        raise reader_error(found)
    notes.add(UNREAD, *found)
    pending += _unvisited(assembly, said, pending)
    for settled in settle(pending, repeats, notes):
        assembly.add_visit(settled.visit, settled.place)
    scales.add_to(assembly, entries)
    check_twice(assembly.rows["judgements"])
    note_versions(assembly.rows["runs"], notes)
    notes.warn()
    named = own_source(Path(path)) if isinstance(path, str | Path) else ""
    return _audit(assembly, portals, source or named, origin)


def _check_choices(
    criteria: str, passes: str, repeats: str | None, faults: str, types: frozenset[str] | None
) -> None:
    allowed: list[tuple[str, Any, Sequence[Any]]] = [
        ("criteria", criteria, ("wcag", "rule")),
        ("passes", passes, ("met", "cant_tell")),
        ("repeats", repeats, (None, *REPEATS)),
        ("faults", faults, ("raise", "skip")),
        *(("types", one, detect.TYPES) for one in sorted(types or ())),
    ]
    wrong = [
        Fault(name, None, f"{name} is {value!r}", f"it can be {list(choices)}")
        for name, value, choices in allowed
        if value not in choices
    ]
    if wrong:
        raise reader_error(wrong)


# ------------------------------------------------------------------------------------------------ files


def _roots(path: Source) -> list[Path | pd.DataFrame]:
    """Return what is to be read: files, folders and frames.

    Raises
    ------
    ReaderError
        If one of them is not there.
    """
    given: Iterable[Any] = [path] if isinstance(path, str | Path | pd.DataFrame) else path
    roots = [one if isinstance(one, pd.DataFrame) else Path(one) for one in given]
    missing = [one for one in roots if isinstance(one, Path) and not is_there(one)]
    if missing:
        advice = "correct the path"
        raise reader_error(
            [Fault(shown(one), None, "there is no such file or folder", advice) for one in missing]
        )
    return roots


def _companions(roots: Sequence[Path | pd.DataFrame], mapping: Any, manifest: Any) -> tuple[Any, Any]:
    """Return mapping and manifest: those given, else those that lie in the folder."""
    root = roots[0] if len(roots) == 1 else None
    if isinstance(root, Path) and is_folder(root):
        if manifest is None and (root / _MANIFEST).is_file():
            manifest = root / _MANIFEST
        if mapping is None:
            mapping = next((root / name for name in _MAPPINGS if (root / name).is_file()), None)
    return mapping, manifest


def _files(roots: Sequence[Path | pd.DataFrame], aside: set[Path]) -> dict[str, Path | pd.DataFrame]:
    """Name → file or frame; a name is the path below the folder given, and no two are the same."""
    files: dict[str, Path | pd.DataFrame] = {}
    for place, root in enumerate(roots, start=1):
        if isinstance(root, pd.DataFrame):
            files["frame" if len(roots) == 1 else f"frame {place}"] = root
            continue
        try:
            found = files_under(root)
        except FileFaults as error:
            raise reader_error(error.found) from None
        for one in found:
            if one.resolve() not in aside:
                name = one.name if one == root else one.relative_to(root).as_posix()
                files[name if name not in files else f"{root.parent.name or place}/{name}"] = one
    return files


def _whole(
    roots: Sequence[Path | pd.DataFrame],
    files: Mapping[str, Path | pd.DataFrame],
    source: str,
    simulated: bool,
) -> Audit | None:
    """Return the audit that a folder or workbook holds as a whole, None if it is something else."""
    root = roots[0] if len(roots) == 1 else None
    if isinstance(root, Path) and tidy.is_folder(root):
        return tidy.read_folder(root, source, simulated)
    only = next(iter(files.values())) if len(files) == 1 else None
    if isinstance(only, Path) and only.suffix.lower() == ".xlsx":
        return tidy.read_workbook(only, source, simulated)
    return None


def _read_files(
    assembly: Assembly,
    files: Mapping[str, Path | pd.DataFrame],
    said: Manifest,
    shapes: Sequence[mappings.Mapping],
    found: list[Fault],
) -> tuple[list[Pending], list[tuple[str, Entry]]]:
    """Read every file: the visits and the entries of sheets; faults are added to ``found``."""
    pending: list[Pending] = []
    entries: list[tuple[str, Entry]] = []
    asked = detect.Asked(said, shapes, assembly.names, assembly.notes)
    for name, one in files.items():
        try:
            visits, sheet = detect.read_file(one, name, asked)
            pending += _placed(assembly, visits, name, said)
            entries += [(name, entry) for entry in sheet]
        except FileFaults as error:
            found += error.found
            pending += _unread(assembly, name, said, error)
    return pending, entries


def _placed(assembly: Assembly, visits: Sequence[Visit | Site], file: str, said: Manifest) -> list[Pending]:
    """Give each visit its place, with what the manifest says of it."""
    alone = len(visits) == 1
    pending: list[Pending] = []
    for visit in visits:
        if isinstance(visit, Site):
            portal = assembly.portal(visit.url, visit.name)
            if portal is not None:
                assembly.add_portal(portal, visit.url, visit.name)
            continue
        given = said.about(file, visit.url, alone)
        visit = with_manifest(visit, given)
        pending.append(Pending(visit, assembly.placed(visit, file, given), bool(given.get("assessor_id"))))
    faults = Faults(file)
    faults.found += without_date([one.visit for one in pending], file)
    faults.tell()
    return pending


# --------------------------------------------------------------------------------------------- the whole


def _unread(assembly: Assembly, file: str, said: Manifest, error: FileFaults) -> list[Pending]:
    """Return a file that could not be read as a run that failed, if the manifest says of which portal."""
    given = said.about(file)
    if not (given.get("portal_id") or given.get("url")):
        return []
    message = f"the file could not be read: {error.found[0].found}"[:500]
    visit = Visit(given.get("tool") or "unknown", url=given.get("url"), status="error", message=message)
    return [Pending(visit, assembly.placed(visit, file, given))]


def _unvisited(assembly: Assembly, said: Manifest, pending: Sequence[Pending]) -> list[Pending]:
    """Return the pages that the manifest names without a file and that no file turned out to hold."""
    seen = {address_key(one.visit.url) for one in pending if one.visit.url}
    found = []
    for row in said.without_file():
        if row.get("url") and address_key(row["url"]) in seen:
            continue
        given = {
            **row,
            "status": row.get("status") or ("ok" if row.get("http_status", 0) >= 400 else "not_run"),
        }
        visit = Visit(row.get("tool") or "unknown", url=row.get("url"), message=row.get("message"))
        visit = with_manifest(visit, given)
        found.append(Pending(visit, assembly.placed(visit, said.file, given)))
    return found


def _audit(assembly: Assembly, portals: pd.DataFrame | None, source: str, origin: Origin) -> Audit:
    tables = assembly.frames()
    if portals is not None:
        named = portals.assign(portal_id=portals["portal_id"].astype(str))
        named = named.drop_duplicates("portal_id", ignore_index=True)
        seen = tables.get("portals", pd.DataFrame({"portal_id": []}))
        others = seen[~seen["portal_id"].isin(named["portal_id"])]
        tables["portals"] = pd.concat([named, others], ignore_index=True) if len(others) else named
    judgements = tables.pop("judgements", None)
    if judgements is None:
        judgements = pd.DataFrame(columns=[*KEY, "outcome"])
    try:
        return Audit(judgements, **tables, source=source, simulated=origin.simulated, origin=origin)
    except AuditError as error:
        faults = [
            Fault(*_place(row), f"{row['column']}: {row['found']}", f"allowed: {row['allowed']}")
            for row in ([] if error.table is None else error.table.to_dict("records"))
        ]
        raise reader_error(
            faults or [Fault("audit", None, re.sub(r"\s+", " ", str(error)), "see above")]
        ) from error


def _place(row: Mapping[Any, Any]) -> tuple[str, int | None]:
    """Return file and line of a fault that an audit tells, whose place is ``file line 3``; else its table."""
    found = re.fullmatch(r"(.+) line (\d+)", str(row["file"]))
    return (found[1], int(found[2])) if found else (str(row["file"] or row["table"]), None)
