"""Lighthouse reports, JSON of versions 9 to 13 and CSV: one visit a report.

Hands on a visit whose status tells whether the page was audited: a ``runtimeError`` or a page that answered with an
error status was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import (
    EVIDENCE_LENGTH,
    Fault,
    FileFaults,
    Finding,
    Visit,
    clean,
    dict_of,
    list_of,
    text_of,
)

GOOD, POOR = 0.9, 0.5
"""Scores from which Lighthouse colours a graded audit green, and below which red."""

_UNSCORED = {"notApplicable": "not_applicable", "manual": "not_tested", "error": "error"}
_ITEMS_KEPT = 3


def is_report(value: Any) -> bool:
    """Is this one Lighthouse report?"""
    if not isinstance(value, dict):
        return False
    return "lighthouseVersion" in value or (
        isinstance(value.get("audits"), dict) and isinstance(value.get("categories"), dict)
    )


def slim(value: dict[str, Any]) -> Any:
    """Drop what is not kept while a file is still being read: pictures, traces, all but a few items."""
    items = value.get("items")
    if isinstance(items, list):
        value["items"], value["item_count"] = items[:_ITEMS_KEPT], len(items)
    if "lighthouseVersion" in value:
        for name in ("fullPageScreenshot", "i18n", "stackPacks", "timing"):
            value.pop(name, None)
    elif "screenshot" in value and isinstance(value.get("nodes"), dict):
        return {}
    return value


def outcome_of(score: float | None, mode: str) -> str | None:
    """Return the outcome of an audit, None if the audit is information without a verdict.

    ``binary`` is met or not; graded modes (``numeric``, ``metricSavings``) follow Lighthouse's own colours:
    met from 0.9, not met below 0.5, partly between.
    """
    if mode in _UNSCORED:
        return _UNSCORED[mode]
    if mode == "informative":
        return None
    if score is None:
        return "not_tested"
    if mode == "binary":
        return "met" if score >= 1 else "not_met"
    return "met" if score >= GOOD else "not_met" if score < POOR else "partly"


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield one visit for each Lighthouse report.

    Raises
    ------
    FileFaults
        If a document is no Lighthouse report.
    """
    for document in found:
        value = document.value
        report = dict_of(value).get("lhr", value)
        if is_report(report):
            yield _visit(report, document.line)
        elif report != []:
            advice = "keep files of different tools apart"
            raise FileFaults(Fault(file, document.line, "this document is no Lighthouse report", advice))


def _visit(report: dict[str, Any], line: int) -> Visit:
    requested = text_of(report.get("requestedUrl"))
    final = text_of(report.get("finalDisplayedUrl")) or text_of(report.get("finalUrl"))
    form = text_of(dict_of(report.get("configSettings")).get("formFactor"))
    version = text_of(report.get("lighthouseVersion"))
    status, code, message = _reached(report)
    warnings = [clean(one, 300) for one in list_of(report.get("runWarnings")) if one]
    return Visit(
        tool="lighthouse",
        version=version,
        assessor="-".join(part for part in ("lighthouse", version, form) if part),
        url=requested or final,
        final_url=final,
        started_at=text_of(report.get("fetchTime")),
        http_status=code,
        status=status,
        message="; ".join([*([message] if message else []), *warnings]) or None,
        line=line,
        findings=list(_findings(report, line)),
    )


def _reached(report: dict[str, Any]) -> tuple[str, int | None, str | None]:
    """Return status, HTTP status and reason: was the page that was asked for audited?"""
    broken = dict_of(report.get("runtimeError"))
    if broken and broken.get("code") != "NO_ERROR":
        return "error", None, clean(f"{broken.get('code', 'error')}: {broken.get('message', '')}", 500)
    answer = dict_of(dict_of(report.get("audits")).get("http-status-code"))
    if answer.get("score") == 0:
        shown = "".join(sign for sign in str(answer.get("displayValue", "")) if sign.isdigit())
        code = int(shown) if len(shown) == 3 else None
        return "error", code, f"the page answered with the HTTP status {shown or 'of an error'}"
    return "ok", None, None


def _findings(report: dict[str, Any], line: int) -> Iterator[Finding]:
    audits = dict_of(report.get("audits"))
    seen: set[str] = set()
    for category, described in dict_of(report.get("categories")).items():
        for reference in list_of(dict_of(described).get("auditRefs")):
            reference = dict_of(reference)
            name = str(reference.get("id"))
            audit = audits.get(name)
            if name in seen or not isinstance(audit, dict) or reference.get("group") == "hidden":
                continue
            seen.add(name)
            finding = _finding(name, audit, category, line)
            if finding is not None:
                yield finding


def _finding(name: str, audit: dict[str, Any], category: str, line: int) -> Finding | None:
    score = audit.get("score")
    number = float(score) if isinstance(score, int | float) and not isinstance(score, bool) else None
    outcome = outcome_of(number, str(audit.get("scoreDisplayMode", "numeric")))
    if outcome is None:
        return None
    details = dict_of(audit.get("details"))
    tags = [str(tag) for tag in list_of(dict_of(details.get("debugData")).get("tags"))]
    title = clean(audit.get("title") or name, 300)
    shown = text_of(audit.get("displayValue"))
    return Finding(
        rule=_rule(name, category),
        outcome=outcome,
        numbers=_numbers(name, tags),
        title=title,
        evidence=_evidence(name, details) if outcome in ("not_met", "partly") else "",
        comment=f"{name}: {title}" + (f" ({shown})" if shown else ""),
        line=line,
    )


def _rule(name: str, category: str) -> str:
    """An accessibility audit that is a rule of axe-core keeps axe's name, so that both tools speak of one thing."""
    return (
        f"axe:{name}"
        if category == "accessibility" and wcag.is_rule(name)
        else f"lighthouse:{clean(name, 100)}"
    )


def _numbers(name: str, tags: list[str]) -> tuple[str, ...]:
    """The criteria by the tags that a failing audit carries, else by the catalogue of rules."""
    return wcag.of_tags(tags) if tags else wcag.of_rule(name)


def _evidence(name: str, details: dict[str, Any]) -> str:
    items = [dict_of(item) for item in list_of(details.get("items"))]
    count = details.get("item_count", len(items))
    for item in items:
        node = dict_of(item.get("node"))
        if node.get("snippet"):
            place = (
                f"{clean(node['snippet'], EVIDENCE_LENGTH)} at {clean(node.get('selector'), EVIDENCE_LENGTH)}"
            )
            return f"{name} ×{count}: {place}"
        if isinstance(item.get("url"), str):
            return f"{name} ×{count}: {clean(item['url'], EVIDENCE_LENGTH)}"
    return f"{name} ×{count}" if count else ""


# ---------------------------------------------------------------------------------------------- CSV


def is_csv(rows: Sequence[Sequence[str]]) -> bool:
    """Are these the rows of a Lighthouse CSV report?"""
    return bool(rows) and "requestedUrl" in rows[0] and "fetchTime" in rows[0]


def read_csv(rows: Sequence[Sequence[str]], file: str) -> Iterator[Visit]:
    """Yield the visit of a CSV report: a table of the run, then one of category, audit and score.

    The CSV does not say how an audit is scored: 1 is met, 0 not met, and scores between follow Lighthouse's
    colours; an audit without a score is ``not_tested``, for it may be not applicable, manual or failed.

    Raises
    ------
    FileFaults
        If a score is no number.
    """
    run = dict(zip(rows[0], rows[1], strict=False)) if len(rows) > 1 else {}
    findings, faults, header, seen = [], [], [], set()
    for line, row in enumerate(rows[2:], start=3):
        if "audit" in row and "score" in row:
            header = list(row)
        elif header and len(row) > header.index("score") and row[header.index("audit")]:
            cells = dict(zip(header, row, strict=False))
            name, score = cells["audit"], cells["score"].strip()
            if name in seen:
                continue
            seen.add(name)
            try:
                number = float(score) if score and score != "null" else None
            except ValueError:
                faults.append(Fault(file, line, f"the score {score!r} is no number", "scores are 0 to 1"))
                continue
            findings.append(_csv_finding(name, number, cells, line))
    if faults:
        raise FileFaults(*faults)
    status = "ok" if any(finding.outcome != "not_tested" for finding in findings) else "error"
    yield Visit(
        tool="lighthouse",
        url=run.get("requestedUrl") or run.get("finalDisplayedUrl") or None,
        final_url=run.get("finalDisplayedUrl") or run.get("finalUrl") or None,
        started_at=run.get("fetchTime") or None,
        status=status,
        message=None if status == "ok" else "the report holds no score: nothing was audited",
        line=1,
        findings=findings,
    )


def _csv_finding(name: str, score: float | None, cells: dict[str, str], line: int) -> Finding:
    category = cells.get("category", "")
    graded = category == "performance" or score not in (None, 0.0, 1.0)
    outcome = outcome_of(score, "numeric" if graded else "binary") or "not_tested"
    shown = cells.get("displayValue") or ""
    return Finding(
        rule=_rule(name, category),
        outcome=outcome,
        numbers=_numbers(name, []),
        title=name,
        comment=clean(f"{name} ({shown})" if shown else name),
        line=line,
    )
