"""Centralised Web Accessibility Checker: ``axe_core_audit.csv`` and ``pages_scanned.csv``.

Hands on one visit a page; a row with ``num_issues`` 0 stands for a clean page, which gives a visit without findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.reading import (
    EVIDENCE_LENGTH,
    Fault,
    FileFaults,
    Finding,
    Site,
    Visit,
    clean,
)

_REQUIRED = {"organisation", "base_url", "url", "audit_type", "num_issues"}
_PAGES = {"organisation", "base_url", "number_of_pages"}


def is_csv(rows: Sequence[Sequence[str]]) -> bool:
    """Are these the rows of one of CWAC's files that are read?"""
    return bool(rows) and (set(rows[0]) >= _REQUIRED or set(rows[0]) >= _PAGES)


def read_csv(rows: Sequence[Sequence[str]], file: str) -> Iterator[Visit | Site]:
    """Yield one visit a page of the audit, or one site a row of ``pages_scanned.csv``.

    The several window sizes in which a page was looked at are one visit: a failure in one is a failure.

    Raises
    ------
    FileFaults
        If a row has no address, or a number of issues that is none.
    """
    visits: dict[str, Visit] = {}
    faults: list[Fault] = []
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        cells = dict(zip(rows[0], row, strict=False))
        if "number_of_pages" in cells and "num_issues" not in cells:
            yield Site(cells["base_url"], clean(cells["organisation"], 300) or None)
            continue
        count, url = cells.get("num_issues", "").strip(), cells.get("url", "").strip()
        if not url or not re.fullmatch(r"\d+(\.0)?", count):
            found = f"url {url!r} and num_issues {count!r}"
            faults.append(
                Fault(file, line, clean(found, 200), "a url and a whole number of issues are needed")
            )
            continue
        site, name = cells.get("base_url") or None, clean(cells.get("organisation"), 300) or None
        visit = visits.setdefault(url, Visit("cwac", url=url, site=site, site_name=name, line=line))
        if float(count) > 0:
            visit.findings.append(_finding(cells, count, line))
    if faults:
        raise FileFaults(*faults)
    yield from visits.values()


def _finding(cells: dict[str, str], count: str, line: int) -> Finding:
    name = clean(cells.get("id") or cells.get("issue_id") or cells.get("audit_type"), 100)
    numbers = wcag.of_tags(re.findall(r"wcag\d{3,4}", cells.get("tags", ""))) or wcag.of_rule(name)
    title = clean(cells.get("help") or cells.get("description") or name, 300)
    return Finding(
        rule=f"{'axe' if wcag.is_rule(name) or 'axe' in cells.get('audit_type', '') else 'cwac'}:{name}",
        outcome="not_met",
        numbers=numbers,
        title=title,
        evidence=f"{name} ×{count}: {clean(cells.get('html'), EVIDENCE_LENGTH)} at "
        f"{clean(cells.get('target'), EVIDENCE_LENGTH)}",
        comment=f"{name}: {title}",
        line=line,
    )
