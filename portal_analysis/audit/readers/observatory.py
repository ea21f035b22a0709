"""Results of the MDN HTTP Observatory: headers that protect data and users, one host a result.

Hands on one visit a result. The command line's result holds the tests but no address, which a manifest must give; the
service's holds the address but only the number of tests passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal_analysis.audit.readers.foreign import clean, count_of, dict_of, text_of
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import Finding, Visit


def is_result(value: Any) -> bool:
    """Is this one result, of the command line or of the service?"""
    found = dict_of(value)
    scan = dict_of(found.get("scan"))
    tests = dict_of(found.get("tests"))
    named = ("algorithmVersion" in scan or "testsPassed" in scan) and bool(tests)
    return named or {"algorithm_version", "tests_passed", "tests_failed"} <= set(found)


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield one visit for each result."""
    for document in found:
        yield _visit(document.value, document.line)


def _visit(result: dict[str, Any], line: int) -> Visit:
    scan = dict_of(result.get("scan")) or result
    version = text_of(scan.get("algorithmVersion")) or text_of(scan.get("algorithm_version"))
    broken = text_of(scan.get("error"))
    return Visit(
        "mdn-observatory",
        version=version,
        url=_host(result),
        started_at=text_of(scan.get("scanned_at")) or text_of(scan.get("scannedAt")),
        http_status=count_of(scan.get("statusCode") or scan.get("status_code")),
        status="error" if broken else "ok",
        message=broken and clean(broken, 500),
        line=line,
        findings=list(_findings(result, scan, line)),
    )


def _host(result: dict[str, Any]) -> str | None:
    """Return the address: as named, or in the link to the details."""
    for name in ("host", "hostname", "site", "url"):
        if text_of(result.get(name)):
            return text_of(result.get(name))
    link = text_of(result.get("details_url")) or ""
    return next(iter(parse_qs(urlsplit(link).query).get("host", [])), None)


def _findings(result: dict[str, Any], scan: dict[str, Any], line: int) -> Iterator[Finding]:
    for name, test in dict_of(result.get("tests")).items():
        yield _of_test(clean(name, 100), dict_of(test), line)
    if not dict_of(result.get("tests")):
        failed = count_of(scan.get("tests_failed"))
        grade = f"grade {clean(scan.get('grade'), 5)}, score {clean(scan.get('score'), 5)}"
        outcome = "cant_tell" if failed is None else "met" if failed == 0 else "not_met"
        yield Finding("observatory:all-tests", outcome, title="all tests", comment=grade, line=line)


def _of_test(name: str, test: dict[str, Any], line: int) -> Finding:
    passed = test.get("pass")
    outcome = "met" if passed is True else "not_met" if passed is False else "not_applicable"
    found = clean(test.get("result"), 200)
    modifier = test.get("scoreModifier", test.get("score_modifier"))
    return Finding(
        rule=f"observatory:{name}",
        outcome=outcome,
        title=clean(test.get("title") or name, 200),
        evidence=found if outcome == "not_met" else "",
        comment=f"{name}: {found}" + (f" ({modifier:+d})" if isinstance(modifier, int) and modifier else ""),
        line=line,
    )
