"""Oobee's ``report.csv``, one row for each element with a problem, and the JSON of its results, old and new.

Hands on one visit a page. Pages without a problem do not occur in the CSV, so they are not known to be clean; the JSON
lists the pages that were scanned and those that were not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.foreign import EVIDENCE_LENGTH, clean, count_of, dict_of, list_of, text_of
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import Faults, Finding, Visit

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
    faults = Faults(file)
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        cells = dict(zip(rows[0], row, strict=False))
        outcome = SEVERITIES.get(cells.get("severity", "").strip().lower().replace(" ", "").replace("_", ""))
        url = cells.get("url", "").strip()
        if outcome is None or not url:
            found = f"severity {cells.get('severity', '')!r} and url {url!r}"
            faults.add(line, clean(found, 200), f"severities are {list(SEVERITIES)}; a url is needed")
            continue
        made = Visit("oobee", url=url, started_at=_time(cells), line=line, lists_problems=True)
        visit = visits.setdefault(url, made)
        visit.title = visit.title or (None if outcome == "error" else cells.get("pageTitle") or None)
        if outcome == "error":
            visit.status, visit.message = "error", clean(cells.get("issueId") or "page skipped", 200)
        else:
            visit.findings.append(_finding(cells, outcome, line))
    faults.tell()
    yield from visits.values()


def _time(cells: dict[str, str]) -> str | None:
    return cells.get("scanCompletedAt", "").strip() or None


def _finding(cells: Mapping[str, str], outcome: str, line: int) -> Finding:
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
        type=clean(cells.get("severity"), 20),
        severity=clean(cells.get("axeImpact"), 20) or None,
        elements=1,
    )


# --------------------------------------------------------------------------------------------- JSON

CATEGORIES = ("mustFix", "goodToFix", "needsReview", "passed")


def is_results(value: Any) -> bool:
    """Is this the JSON in which Oobee keeps its results, with its items by category?"""
    return bool(_items(value)) and any(
        isinstance(dict_of(_items(value).get(name)).get("rules"), list | dict) for name in CATEGORIES
    )


def _items(value: Any) -> dict[str, Any]:
    """Return the categories: under ``items``, or at the top as older versions wrote them."""
    return dict_of(dict_of(value).get("items")) or {
        name: one for name, one in dict_of(value).items() if name in CATEGORIES
    }


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield one visit for each page that was scanned or skipped."""
    for document in found:
        yield from _visits(document.value, document.line)


def _visits(result: dict[str, Any], line: int) -> Iterator[Visit]:
    visits: dict[str, Visit] = {}
    started = text_of(result.get("endTime")) or text_of(result.get("startTime"))
    version = text_of(result.get("oobeeAppVersion")) or text_of(result.get("phAppVersion"))

    def visit_of(page: Any) -> Visit | None:
        url = text_of(page) if not isinstance(page, dict) else text_of(page.get("url"))
        if url is None:
            return None
        made = Visit("oobee", url=url, version=version, started_at=started, line=line, lists_problems=True)
        visit = visits.setdefault(url, made)
        visit.title = visit.title or text_of(dict_of(page).get("pageTitle"))
        visit.final_url = visit.final_url or text_of(dict_of(page).get("actualUrl"))
        return visit

    for page in list_of(result.get("pagesScanned")):
        visit_of(page)
    for category, rule in _rules(result):
        for page in list_of(rule.get("pagesAffected")):
            visit = visit_of(page)
            if visit is not None:
                visit.findings.append(_of_rule(category, rule, dict_of(page), line))
    for page in list_of(result.get("pagesNotScanned")):
        visit = visit_of(page)
        if visit is not None:
            visit.status, visit.title, visit.final_url = "error", None, None
            visit.http_status = count_of(dict_of(page).get("httpStatusCode"))
            visit.message = clean(dict_of(page).get("metadata") or "page skipped", 200)
    yield from visits.values()


def _rules(result: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for category, described in _items(result).items():
        if category in CATEGORIES:
            rules = dict_of(described).get("rules")
            for name, rule in rules.items() if isinstance(rules, dict) else enumerate(list_of(rules)):
                if isinstance(rule, dict):
                    yield category, {"rule": name, **rule}


def _of_rule(category: str, rule: dict[str, Any], page: dict[str, Any], line: int) -> Finding:
    """Return a rule's items on one page as one finding."""
    items = [dict_of(item) for item in list_of(page.get("items"))]
    first = items[0] if items else {}
    cells = {
        "issueId": str(rule.get("rule")),
        "issueDescription": str(rule.get("description") or ""),
        "wcagConformance": ",".join(str(tag) for tag in list_of(rule.get("conformance"))),
        "context": str(first.get("html") or ""),
        "xpath": str(first.get("xpath") or ""),
        "severity": category,
        "axeImpact": str(rule.get("axeImpact") or ""),
    }
    finding = _finding(cells, SEVERITIES[category.lower()], line)
    finding.elements = count_of(page.get("itemsCount")) or len(items) or 1
    if finding.outcome == "met":
        finding.evidence, finding.severity, finding.elements = "", None, None
    return finding
