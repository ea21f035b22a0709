"""Results of Pa11y: JSON of one page, with or without its wrapper, CSV, and Pa11y CI's JSON of many pages.

Hands on one visit a page. Pa11y reports problems only: a criterion of which it says nothing was not shown to be met,
so a clean page gives a visit without findings (see ``tested`` of
:func:`~portal_analysis.audit.readers.read_audit` for runs whose rules are known).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.foreign import EVIDENCE_LENGTH, clean, dict_of, list_of, text_of
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import Faults, Finding, Visit

OUTCOMES = {"error": "not_met", "warning": "cant_tell", "notice": "cant_tell"}
"""What the types of HTML CodeSniffer mean: an error is a failure; a warning or notice asks a person to look.

With the runner ``axe`` the type says how bad an issue is, not how sure: whether axe was sure stands in
``runnerExtras.needsFurtherReview``, and in a result without that key nothing tells it.
"""

_TYPES = {1: "error", 2: "warning", 3: "notice"}

CSV_HEADER = ["type", "code", "message", "context", "selector"]


def is_issue(value: Any) -> bool:
    """Is this one issue that Pa11y reports?"""
    return (
        isinstance(value, dict)
        and {"code", "message"} <= set(value)
        and bool({"type", "typeCode"} & set(value))
    )


def is_page(value: Any) -> bool:
    """Is this the result of one page, with its address?"""
    return (
        isinstance(value, dict)
        and isinstance(value.get("issues"), list)
        and ("pageUrl" in value or "documentTitle" in value)
    )


def is_ci(value: Any) -> bool:
    """Is this a result of Pa11y CI?"""
    return isinstance(value, dict) and isinstance(value.get("results"), dict) and "total" in value


def is_document(value: Any) -> bool:
    """Is this a result of one page or of many, or one issue?"""
    return is_page(value) or is_ci(value) or is_issue(value)


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield one visit a page.

    A bare list of issues is one page, whose address a manifest must give.
    """
    bare: dict[int | None, Visit] = {}
    for document in found:
        value = document.value
        if is_page(value):
            url, title = text_of(value.get("pageUrl")), text_of(value.get("documentTitle"))
            yield _visit(url, list_of(value["issues"]), document.line, title)
        elif is_ci(value):
            yield from _ci_visits(value["results"], document.line)
        else:
            visit = bare.setdefault(document.array, _visit(None, [], document.line))
            visit.findings += [_finding(value, document.line)] if value else []
    yield from bare.values()


def _ci_visits(results: dict[str, Any], line: int) -> Iterator[Visit]:
    """One visit an address; an address whose only item is a message without a code was not audited."""
    for url, items in results.items():
        items = [dict_of(item) for item in list_of(items)]
        failed = [item for item in items if not item.get("code")]
        if failed:
            message = clean(failed[0].get("message", "the page was not audited"), 500)
            yield Visit("pa11y", url=url, status="error", message=message, line=line, lists_problems=True)
        else:
            yield _visit(url, items, line)


def _visit(url: str | None, issues: list[Any], line: int, title: str | None = None) -> Visit:
    findings = [_finding(issue, line) for issue in issues if isinstance(issue, dict) and issue.get("code")]
    return Visit("pa11y", url=url, line=line, title=title, lists_problems=True, findings=findings)


def _outcome(kind: str, axe: bool, extras: dict[str, Any]) -> str:
    """Return the outcome of an issue: by its type, or for axe by whether axe was sure."""
    if extras.get("needsFurtherReview"):
        return "cant_tell"
    if not axe:
        return OUTCOMES.get(kind, "cant_tell")
    return "not_met" if extras.get("needsFurtherReview") is False else "cant_tell"


def _finding(issue: dict[str, Any], line: int) -> Finding:
    code, runner = clean(issue["code"], 300), str(issue.get("runner") or "")
    coded = issue.get("typeCode")
    kind = str(issue.get("type") or _TYPES.get(coded if isinstance(coded, int) else 0, "error"))
    axe = runner == "axe" or (not runner and wcag.is_rule(code))
    extras = dict_of(issue.get("runnerExtras"))
    outcome = _outcome(kind, axe, extras)
    number = wcag.criterion(code)
    numbers = wcag.of_rule(code) if axe else (number,) if number else ()
    message = clean(issue.get("message"), 300)
    snippet, place = (
        clean(issue.get("context"), EVIDENCE_LENGTH),
        clean(issue.get("selector"), EVIDENCE_LENGTH),
    )
    return Finding(
        rule=f"{'axe' if axe else runner or 'pa11y'}:{code}",
        outcome=outcome,
        numbers=numbers,
        title=message,
        evidence=f"{snippet} at {place}" if snippet or place else "",
        comment=f"{kind} {code}: {message}",
        line=line,
        type=kind,
        severity=text_of(extras.get("impact")) if axe else kind,
        elements=1,
    )


def mended(text: str) -> str:
    r"""Return the text of Pa11y's CSV with its quotes doubled, as CSV has them: Pa11y writes them as ``\"``."""
    header = text.lstrip().split("\n", 1)[0].replace('"', "").replace(" ", "").strip().lower()
    return text.replace('\\"', '""') if header.startswith(",".join(CSV_HEADER)) else text


def is_csv(rows: Sequence[Sequence[str]]) -> bool:
    """Are these the rows of Pa11y's CSV?"""
    return bool(rows) and [cell.strip().lower() for cell in rows[0][:5]] == CSV_HEADER


def read_csv(rows: Sequence[Sequence[str]], file: str) -> Iterator[Visit]:
    """Yield the one visit of a CSV; its address must come from a manifest, for the file has none.

    Raises
    ------
    FileFaults
        If a row has no code or an unknown type.
    """
    visit, faults = Visit("pa11y", line=1, lists_problems=True), Faults(file)
    for line, row in enumerate(rows[1:], start=2):
        issue = dict(zip(CSV_HEADER, row, strict=False))
        if not any(row):
            continue
        if issue.get("type") not in OUTCOMES or not issue.get("code"):
            found = f"no issue of Pa11y: {clean(row, 80)}"
            faults.add(line, found, f"the type is one of {list(OUTCOMES)} and the code is there")
            continue
        visit.findings.append(_finding(issue, line))
    faults.tell()
    yield visit
