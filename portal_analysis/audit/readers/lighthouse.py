"""Lighthouse reports in JSON, versions 9 to 13, alone or in a wrapper: one visit a report.

Hands on a visit whose status tells whether the page was audited: a ``runtimeError`` was not. Reports are found
inside the answers of PageSpeed Insights and WebPageTest and in user flows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.foreign import EVIDENCE_LENGTH, clean, dict_of, list_of, text_of
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import Faults, Finding, Visit

GOOD, POOR = 0.9, 0.5
"""Scores from which Lighthouse colours a graded audit green, and below which red."""

_MILD = ("low", "info", "information", "informational", "none", "syntax")
"""Severities of such items that ask for nothing; all others, in any language, ask for a look."""

_UNSCORED = {"notApplicable": "not_applicable", "manual": "not_tested", "error": "error"}
MODES = ("binary", "numeric", "metricSavings", "informative", *_UNSCORED)
"""How audits are scored."""

_ITEMS_KEPT = 3
_UNREAD = ("fullPageScreenshot", "i18n", "stackPacks", "timing")


def is_report(value: dict[str, Any]) -> bool:
    """Is this one Lighthouse report?"""
    return "lighthouseVersion" in value or (
        isinstance(value.get("audits"), dict) and isinstance(value.get("categories"), dict)
    )


def slim(value: dict[str, Any]) -> Any:
    """Drop what is not kept while a file is still being read: pictures, traces, all but a few items."""
    items = value.get("items")
    if isinstance(items, list):
        graded = any("severity" in dict_of(item) for item in items)
        value = {**value, "items": items if graded else items[:_ITEMS_KEPT], "item_count": len(items)}
    if "lighthouseVersion" in value:
        return {name: one for name, one in value.items() if name not in _UNREAD}
    if "screenshot" in value and isinstance(value.get("nodes"), dict):
        return {}
    return value


def reports_in(value: Any) -> list[dict[str, Any]]:
    """Return the Lighthouse reports in a document: itself, or those inside a well-known wrapper.

    PageSpeed Insights keeps the report under ``lighthouseResult``, WebPageTest under ``data.lighthouse``,
    Lighthouse's own runner under ``lhr``, and a user flow one a step under ``steps``.
    """
    if not isinstance(value, dict):
        return []
    if is_report(value):
        return [value]
    data = dict_of(value.get("data"))
    inside = [value.get(name) for name in ("lhr", "lighthouseResult", "lighthouse")]
    inside += [data.get("lighthouse"), *(dict_of(step).get("lhr") for step in list_of(value.get("steps")))]
    return [one for one in inside if isinstance(one, dict) and is_report(one)]


def is_document(value: Any) -> bool:
    """Is this a report, or does it hold one?"""
    return bool(reports_in(value))


def outcome_of(score: float | None, mode: str, details: dict[str, Any] | None = None) -> str | None:
    """Return the outcome of an audit, None if the audit is information without a verdict.

    ``binary`` is met or not; graded modes (``numeric``, ``metricSavings``) follow Lighthouse's own colours:
    met from 0.9, not met below 0.5, partly between. Information that lists items of more than low severity, such as a
    missing policy against foreign scripts, cannot be told from a failure: ``cant_tell``.
    """
    if mode in _UNSCORED:
        return _UNSCORED[mode]
    if mode == "informative":
        return "cant_tell" if _severe(details or {}) else None
    if score is None:
        return "not_tested"
    if mode == "binary":
        return "met" if score >= 1 else "not_met"
    return "met" if score >= GOOD else "not_met" if score < POOR else "partly"


def _severe(details: dict[str, Any]) -> list[str]:
    """Return the severities above low that the items of an audit have."""
    found = [text_of(dict_of(item).get("severity")) for item in list_of(details.get("items"))]
    return [one for one in found if one and one.strip().lower() not in _MILD]


def score_of(value: Any) -> float | None:
    """Return a score from 0 to 1, None where there is none (``null``, empty, and -1 in CSV).

    Raises
    ------
    ValueError
        If it is no number from 0 to 1.
    """
    if value is None or (isinstance(value, str) and value.strip() in ("", "null", "-1", "undefined")):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"the score {value!r} is no number")
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"the score {value!r} is no number") from None
    if not math.isfinite(number) or not 0 <= number <= 1:
        raise ValueError(f"the score {value!r} is not between 0 and 1")
    return number


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield one visit for each Lighthouse report.

    Raises
    ------
    FileFaults
        If a score is no number from 0 to 1.
    """
    for document in found:
        for report in reports_in(document.value):
            yield _visit(report, file, document.line)


def _visit(report: dict[str, Any], file: str, line: int) -> Visit:
    requested = text_of(report.get("requestedUrl"))
    final = text_of(report.get("finalDisplayedUrl")) or text_of(report.get("finalUrl"))
    version = text_of(report.get("lighthouseVersion"))
    status, code, message = _reached(report)
    warnings = [clean(one, 300) for one in list_of(report.get("runWarnings")) if one]
    setup = _setup(report)
    return Visit(
        tool="lighthouse",
        version=version,
        assessor="-".join(part for part in ("lighthouse", version, setup) if part),
        setup=setup,
        url=requested or final,
        final_url=final,
        started_at=text_of(report.get("fetchTime")),
        http_status=code,
        status=status,
        message="; ".join([*([message] if message else []), *warnings]) or None,
        line=line,
        findings=list(_findings(report, file, line)),
    )


def _setup(report: dict[str, Any]) -> str | None:
    """Return the form of the device, and how the page was looked at if it was not just opened."""
    form = text_of(dict_of(report.get("configSettings")).get("formFactor"))
    mode = text_of(report.get("gatherMode"))
    return "-".join(part for part in (form, None if mode == "navigation" else mode) if part) or None


def _reached(report: dict[str, Any]) -> tuple[str, int | None, str | None]:
    """Return status, HTTP status and reason: was the page that was asked for audited?"""
    broken = dict_of(report.get("runtimeError"))
    if broken and broken.get("code") != "NO_ERROR":
        return "error", None, clean(f"{broken.get('code', 'error')}: {broken.get('message', '')}", 500)
    answer = dict_of(dict_of(report.get("audits")).get("http-status-code"))
    if answer.get("score") == 0:
        shown = "".join(sign for sign in str(answer.get("displayValue", "")) if sign.isdigit())
        if len(shown) == 3:
            return "ok", int(shown), None
        return "error", None, "the page answered with the HTTP status of an error"
    return "ok", None, None


def _findings(report: dict[str, Any], file: str, line: int) -> Iterator[Finding]:
    audits = dict_of(report.get("audits"))
    seen: set[str] = set()
    faults = Faults(file)
    for category, described in dict_of(report.get("categories")).items():
        for reference in list_of(dict_of(described).get("auditRefs")):
            reference = dict_of(reference)
            name = str(reference.get("id"))
            audit = audits.get(name)
            if name in seen or not isinstance(audit, dict) or reference.get("group") == "hidden":
                continue
            seen.add(name)
            try:
                finding = _finding(name, audit, category, line)
            except ValueError as error:
                faults.add(line, f"{error} (audit {name!r})", "scores are 0 to 1, or null")
                continue
            if finding is not None:
                yield finding
    faults.tell()


def _finding(name: str, audit: dict[str, Any], category: str, line: int) -> Finding | None:
    details = dict_of(audit.get("details"))
    outcome = outcome_of(score_of(audit.get("score")), str(audit.get("scoreDisplayMode", "numeric")), details)
    if outcome is None:
        return None
    debug = dict_of(details.get("debugData"))
    tags = [str(tag) for tag in list_of(debug.get("tags"))]
    title = clean(audit.get("title") or name, 300)
    shown = text_of(audit.get("displayValue"))
    failing = outcome in ("not_met", "partly", "cant_tell")
    severe = _severe(details)
    return Finding(
        rule=rule_of(name, category),
        outcome=outcome,
        numbers=numbers_of(name, tags),
        title=title,
        evidence=_evidence(name, details) if failing else "",
        comment=f"{name}: {title}" + (f" ({shown})" if shown else ""),
        line=line,
        type=text_of(audit.get("scoreDisplayMode")),
        severity=_impact(debug, severe) if failing else None,
        elements=_elements(details) if failing else None,
    )


def _impact(debug: dict[str, Any], severe: list[str]) -> str | None:
    """How bad: axe's word for it, else the severity that the items have."""
    return text_of(debug.get("impact")) or (severe[0].strip().lower() if severe else None)


def _elements(details: dict[str, Any]) -> int | None:
    count = details.get("item_count", len(list_of(details.get("items"))))
    return count if isinstance(count, int) and count else None


def rule_of(name: str, category: str) -> str:
    """Keep axe's name for an audit that is a rule of axe-core, so that both tools speak of one thing."""
    return (
        f"axe:{name}"
        if category == "accessibility" and wcag.is_rule(name)
        else f"lighthouse:{clean(name, 100)}"
    )


def numbers_of(name: str, tags: list[str]) -> tuple[str, ...]:
    """Return the criteria by the tags that a failing audit carries, else by the catalogue of rules."""
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
        for key in ("url", "description"):
            if isinstance(item.get(key), str):
                return f"{name} ×{count}: {clean(item[key], EVIDENCE_LENGTH)}"
    return f"{name} ×{count}" if count else ""
