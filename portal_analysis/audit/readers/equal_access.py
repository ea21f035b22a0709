"""Reports of IBM Equal Access (accessibility-checker): one page a report.

Hands on one visit a report. A report names no success criteria, so its rules stand as they are (``ibm:img_alt_valid``).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from portal_analysis.audit.readers.foreign import EVIDENCE_LENGTH, clean, dict_of, list_of, text_of
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import Finding, Visit

OUTCOMES = {
    "violation": "not_met",
    "potentialviolation": "cant_tell",
    "recommendation": "not_met",
    "potentialrecommendation": "cant_tell",
    "manual": "cant_tell",
    "pass": "met",
}
"""What the level of a result means; a recommendation is advice that was not followed."""

_CONFIDENCE = {"FAIL": "violation", "POTENTIAL": "potentialviolation", "MANUAL": "manual", "PASS": "pass"}


def is_report(value: Any) -> bool:
    """Is this one report?"""
    results = dict_of(value).get("results")
    if not isinstance(results, list):
        return False
    named = bool({"numExecuted", "ruleTime"} & set(value)) or "toolID" in dict_of(value.get("summary"))
    return named or any("ruleId" in dict_of(one) for one in results[:3])


def _report(value: Any) -> dict[str, Any]:
    """Return the report itself, or the one under ``report``."""
    return value if is_report(value) else dict_of(dict_of(value).get("report"))


def is_document(value: Any) -> bool:
    """Is this a report, alone or under ``report``?"""
    return is_report(_report(value))


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield one visit for each report."""
    for document in found:
        yield _visit(_report(document.value), document.line)


def _visit(report: dict[str, Any], line: int) -> Visit:
    summary = dict_of(report.get("summary"))
    tool = text_of(summary.get("toolID")) or text_of(report.get("toolID")) or ""
    results = [dict_of(one) for one in list_of(report.get("results")) if dict_of(one).get("ruleId")]
    rules: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in results:
        rules.setdefault((clean(one["ruleId"], 100), _level(one)), []).append(one)
    return Visit(
        "ibm-equal-access",
        version=tool.rpartition("-v")[2] or None if "-v" in tool else None,
        url=text_of(summary.get("URL")) or text_of(report.get("URL")),
        started_at=_time(summary.get("startReport")),
        title=text_of(report.get("label")),
        lists_problems=not any(level == "pass" for _, level in rules),
        line=line,
        findings=[_finding(name, level, found, line) for (name, level), found in rules.items()],
    )


def _level(result: dict[str, Any]) -> str:
    """Return a result's level; a report straight from the engine has its value instead, ``["VIOLATION", "FAIL"]``."""
    named = str(result.get("level") or "").lower()
    if named in OUTCOMES:
        return named
    value = [str(one).upper() for one in list_of(result.get("value"))]
    level = next((_CONFIDENCE[one] for one in value if one in _CONFIDENCE), "manual")
    return level.replace("violation", "recommendation") if "RECOMMENDATION" in value else level


def _time(value: Any) -> str | None:
    """Milliseconds since 1970 as ISO 8601."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e14:
        return None
    return datetime.datetime.fromtimestamp(value / 1000, datetime.UTC).isoformat()


def _finding(name: str, level: str, found: list[dict[str, Any]], line: int) -> Finding:
    first = found[0]
    message = clean(first.get("message"), 300)
    place = clean(dict_of(first.get("path")).get("dom"), EVIDENCE_LENGTH)
    failing = OUTCOMES[level] != "met"
    shown = f"{clean(first.get('snippet'), EVIDENCE_LENGTH)} at {place}"
    return Finding(
        rule=f"ibm:{name}",
        outcome=OUTCOMES[level],
        title=name,
        evidence=f"{name} ×{len(found)}: {shown}" if failing else "",
        comment=f"{level} {name}: {message}" if failing else f"{name}: automatic check passed",
        line=line,
        type=level,
        severity=level if failing else None,
        elements=len(found) if failing else None,
    )
