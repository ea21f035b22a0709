"""Oobee's ``report.csv``: one row for each element with a problem, over many pages.

Hands on one visit a page. Pages without a problem do not occur in the file, so they are not known to be clean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.reading import EVIDENCE_LENGTH, Fault, FileFaults, Finding, Visit, clean

SEVERITIES = {
    "mustfix": "not_met",
    "goodtofix": "not_met",
    "needsreview": "cant_tell",
    "passed": "met",
    "error": "error",
}
_REQUIRED = {"severity", "issueId", "url", "wcagConformance"}


def is_csv(rows: Sequence[Sequence[str]]) -> bool:
    """Are these the rows of Oobee's report?"""
    return bool(rows) and set(rows[0]) >= _REQUIRED


def read_csv(rows: Sequence[Sequence[str]], file: str) -> Iterator[Visit]:
    """Yield one visit a page; a page that Oobee skipped gives a visit with status ``error``.

    Raises
    ------
    FileFaults
        If a row has no address or an unknown severity.
    """
    visits: dict[str, Visit] = {}
    faults: list[Fault] = []
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        cells = dict(zip(rows[0], row, strict=False))
        outcome = SEVERITIES.get(cells.get("severity", "").strip().lower().replace(" ", "").replace("_", ""))
        url = cells.get("url", "").strip()
        if outcome is None or not url:
            found = f"severity {cells.get('severity', '')!r} and url {url!r}"
            faults.append(
                Fault(file, line, clean(found, 200), f"severities are {list(SEVERITIES)}; a url is needed")
            )
            continue
        visit = visits.setdefault(url, Visit("oobee", url=url, started_at=_time(cells), line=line))
        if outcome == "error":
            visit.status, visit.message = "error", clean(cells.get("issueId") or "page skipped", 200)
        else:
            visit.findings.append(_finding(cells, outcome, line))
    if faults:
        raise FileFaults(*faults)
    yield from visits.values()


def _time(cells: dict[str, str]) -> str | None:
    return cells.get("scanCompletedAt", "").strip() or None


def _finding(cells: dict[str, str], outcome: str, line: int) -> Finding:
    name = clean(cells.get("issueId"), 100)
    numbers = wcag.of_tags(cells.get("wcagConformance", "").split(",")) or wcag.of_rule(name)
    title = clean(cells.get("issueDescription") or name, 300)
    snippet, place = cells.get("context", ""), cells.get("xpath", "")
    return Finding(
        rule=f"{'axe' if wcag.is_rule(name) else 'oobee'}:{name}",
        outcome=outcome,
        numbers=numbers,
        title=title,
        evidence=f"{clean(snippet, EVIDENCE_LENGTH)} at {clean(place, EVIDENCE_LENGTH)}"
        if snippet or place
        else "",
        comment=f"{name}: {title}",
        line=line,
    )
