"""Centralised Web Accessibility Checker: a folder of results, with the CSV of its audits and its logs.

Hands on one visit a page and audit; a row with ``num_issues`` 0 stands for a page on which that audit found nothing.
Sites and pages that it could not look at become visits too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.foreign import EVIDENCE_LENGTH, clean, count_of
from portal_analysis.audit.readers.reading import Faults, Finding, Site, Visit

_AUDIT = {"organisation", "base_url", "url", "num_issues"}
_PAGES = {"organisation", "base_url", "number_of_pages"}
_BLOCKED = {"organisation", "url", "anti_bot_check"}
_QUEUE = {"organisation", "base_url", "url", "sector"}
_INFORMATION = {"organisation", "base_url", "url", "audit_id", "page_id"}
TYPES = ("failed", "passed")
"""Kinds of findings: rows with and without an issue."""

_TWIN = "num_pages"
"""The column that only ``axe_core_audit_template_aware.csv`` has, whose ``num_issues`` are those of a whole site."""

LOGS = ("progress.csv", "config.json", "chromedriver.log")
"""Files of a results folder that say nothing about pages."""


def is_csv(rows: Sequence[Sequence[str]]) -> bool:
    """Are these the rows of one of CWAC's files?"""
    header = set(rows[0])
    if header >= _QUEUE and "sector" in header and len(header) == len(_QUEUE):
        return True
    return any(header >= known for known in (_AUDIT, _PAGES, _BLOCKED, _INFORMATION))


def aside(files: Iterable[str]) -> set[str]:
    """Return the files of results folders that are passed over: logs, pictures, and the template-aware twin."""
    names = list(files)
    folders = {
        PurePosixPath(name).parent
        for name in names
        if PurePosixPath(name).name in ("axe_core_audit.csv", "pages_scanned.csv", "audit_log.csv")
    }
    found = set()
    for name in names:
        path = PurePosixPath(name)
        inside = path.parent in folders or any(
            parent in folders and path.relative_to(parent).parts[0] in ("screenshots", "anti_bot_ss")
            for parent in path.parents
        )
        twin = path.name == "axe_core_audit_template_aware.csv"
        plain = str(path.with_name("axe_core_audit.csv"))
        if inside and (
            path.name in LOGS or path.suffix in (".log", ".png", ".jpg") or (twin and plain in names)
        ):
            found.add(name)
    return found


def read_csv(rows: Sequence[Sequence[str]], file: str) -> Iterator[Visit | Site]:
    """Yield one visit a page of an audit, or the sites and pages of a log.

    The several window sizes in which a page was looked at are one visit: a failure in one is a failure.

    Raises
    ------
    FileFaults
        If a row has no address, or a number of issues that is none.
    """
    header = set(rows[0])
    if not any(any(row) for row in rows[1:]):
        return
    if header >= _PAGES:
        yield from _sites(rows)
    elif header >= _BLOCKED:
        yield from _blocked(rows)
    elif "num_issues" in header:
        yield from _audited(rows, file)
    elif len(header) == len(_QUEUE):
        yield from _queued(rows)
    else:
        yield from _named(rows)


def _cells(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    for line, row in enumerate(rows[1:], start=2):
        if any(row):
            yield (
                line,
                defaultdict(str, {name: cell.strip() for name, cell in zip(rows[0], row, strict=False)}),
            )


def _visit(cells: dict[str, str], line: int, part: str) -> Visit:
    url = cells.get("url") or cells.get("base_url") or None
    name = clean(cells.get("organisation"), 300) or None
    made = Visit("cwac", url=url, site=cells.get("base_url") or None, site_name=name, line=line)
    made.part, made.lists_problems, made.title = part, True, cells.get("page_title") or None
    return made


def _sites(rows: Sequence[Sequence[str]]) -> Iterator[Visit | Site]:
    for line, cells in _cells(rows):
        yield Site(cells["base_url"], clean(cells["organisation"], 300) or None)
        if count_of(cells["number_of_pages"]) == 0:
            visit = _visit(cells, line, "log")
            visit.status, visit.message = "unreachable", "no page of the site was scanned"
            yield visit


def _blocked(rows: Sequence[Sequence[str]]) -> Iterator[Visit]:
    for line, cells in _cells(rows):
        visit = _visit(cells, line, "anti_bot")
        visit.status, visit.message = "blocked", clean(f"anti-bot check: {cells['anti_bot_check']}", 300)
        yield visit


def _queued(rows: Sequence[Sequence[str]]) -> Iterator[Visit]:
    """Pages that were to be scanned; they count only where no audit has them."""
    for line, cells in _cells(rows):
        visit = _visit(cells, line, "log")
        visit.status, visit.message, visit.title = "not_run", "queued, and in no audit", None
        yield visit


def _named(rows: Sequence[Sequence[str]]) -> Iterator[Site]:
    """Return the sites of an audit that gives information without a verdict: titles, pictures, readability."""
    for _, cells in _cells(rows):
        yield Site(cells["base_url"], clean(cells["organisation"], 300) or None)


def _audited(rows: Sequence[Sequence[str]], file: str) -> Iterator[Visit]:
    visits: dict[tuple[str, str], Visit] = {}
    faults = Faults(file)
    for line, cells in _cells(rows):
        count, url = count_of(cells["num_issues"]), cells.get("url", "")
        if not url or count is None:
            found = f"url {url!r} and num_issues {cells['num_issues']!r}"
            faults.add(line, clean(found, 200), "a url and a whole number of issues are needed")
            continue
        kind = _kind(cells, file)
        visit = visits.setdefault((cells["base_url"], url), _visit(cells, line, kind))
        finding = _finding(cells, kind, count, line)
        if finding is not None:
            visit.findings.append(finding)
    faults.tell()
    yield from visits.values()


def _kind(cells: dict[str, str], file: str) -> str:
    """Which audit a row is of: as it says, else by its columns and the name of its file."""
    if "overflows" in cells:
        return "reflow_audit"
    return cells.get("audit_type") or PurePosixPath(file).name.split(".")[0]


def _finding(cells: dict[str, str], kind: str, count: int, line: int) -> Finding | None:
    if kind == "reflow_audit":
        return _own("reflow", "1.4.10", count, cells, line)
    if "focus_indicator" in kind:
        moving = "2.2.2" in cells.get("description", "")
        return _own("focus-indicator", "2.2.2" if moving else "2.4.7", count, cells, line, moving)
    return _of_rule(cells, kind, count, line) if count > 0 else None


def _own(
    name: str, number: str, count: int, cells: dict[str, str], line: int, potential: bool = False
) -> Finding:
    """Return what a check of CWAC's own found; unlike axe's rows, a row without an issue says that it passed."""
    failed = "cant_tell" if potential else "not_met"
    shown = clean(cells.get("description") or cells.get("overflow_amount_px"), 300)
    return Finding(
        rule=f"cwac:{name}",
        outcome=failed if count else "met",
        numbers=(number,),
        title=name,
        evidence=clean(cells.get("html"), EVIDENCE_LENGTH) if count else "",
        comment=f"{name}: {shown}"
        if count and shown
        else f"{name}: automatic check passed"
        if not count
        else name,
        line=line,
        type="failed" if count else "passed",
        elements=count or None,
    )


def _of_rule(cells: dict[str, str], kind: str, count: int, line: int) -> Finding:
    name = clean(cells.get("id") or cells.get("issue_id") or kind, 100)
    numbers = wcag.of_tags(re.findall(r"wcag\d{3,4}", cells.get("tags", ""))) or wcag.of_rule(name)
    title = clean(cells.get("help") or cells.get("description") or name, 300)
    elements = 1 if _TWIN in cells else count
    return Finding(
        rule=f"{'axe' if wcag.is_rule(name) or 'axe' in kind else 'cwac'}:{name}",
        outcome="not_met",
        numbers=numbers,
        title=title,
        evidence=f"{name} ×{count}: {clean(cells.get('html'), EVIDENCE_LENGTH)} at "
        f"{clean(cells.get('target'), EVIDENCE_LENGTH)}",
        comment=f"{name}: {title}",
        line=line,
        type="failed",
        severity=clean(cells.get("impact"), 20) or None,
        elements=elements,
    )
