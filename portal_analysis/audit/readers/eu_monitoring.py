"""Audits in the JSON of the method by which EU member states monitor public sites: criterion × page × status × comment.

Hands on one visit a page. The format is that of the Luxembourg observatory of digital accessibility (RGAA,
RAWeb and RAAM audits); its numbers of criteria are those of the method named, not of WCAG.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from portal_analysis.audit.readers.addresses import host_of
from portal_analysis.audit.readers.foreign import clean, dict_of, list_of, text_of
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import Faults, Finding, Visit
from portal_analysis.audit.readers.wcag_em import iso_date

STATUSES = {"c": "met", "nc": "not_met", "na": "not_applicable", "nt": "not_tested"}
"""Conforming, not conforming, not applicable, not tested."""

_UNNAMED = ("", "non renseigné", "not specified", "nicht angegeben")


def is_audit(value: Any) -> bool:
    """Is this one audit by the method?"""
    pages = list_of(dict_of(value).get("pages"))
    return "audit_reference" in dict_of(value) and any("assessments" in dict_of(page) for page in pages)


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield one visit for each page of each audit.

    Raises
    ------
    FileFaults
        All statuses that are none of the method's.
    """
    faults = Faults(file)
    for document in found:
        yield from _visits(document.value, document.line, faults)
    faults.tell()


def _visits(audit: dict[str, Any], line: int, faults: Faults) -> Iterator[Visit]:
    pages = [dict_of(page) for page in list_of(audit.get("pages"))]
    site = next((text_of(page.get("uri")) for page in pages if host_of(text_of(page.get("uri")))), None)
    method = _method(audit)
    for place, page in enumerate(pages, start=1):
        findings = [_finding(dict_of(one), method, line, faults) for one in list_of(page.get("assessments"))]
        visit = Visit(
            "eu-monitoring",
            url=text_of(page.get("uri")) or f"page {page.get('number') or place}",
            site=site,
            site_name=text_of(dict_of(audit.get("inventory")).get("name")),
            assessor=_auditor(audit),
            kind="expert",
            started_at=iso_date(audit.get("audited_at")),
            line=line,
            role="home" if page.get("number", place) == 1 else None,
            findings=[finding for finding in findings if finding is not None],
        )
        if all(finding.outcome == "not_tested" for finding in visit.findings):
            visit.status, visit.message = "not_run", "nothing was tested"
        yield visit


def _method(audit: dict[str, Any]) -> str:
    reference = dict_of(audit.get("audit_reference"))
    parts = [text_of(reference.get("name")), text_of(reference.get("version"))]
    return " ".join(part for part in parts if part) or "EU monitoring"


def _auditor(audit: dict[str, Any]) -> str:
    name = text_of(audit.get("auditor")) or ""
    return "expert" if name.strip().casefold() in _UNNAMED else name


def _finding(assessment: dict[str, Any], method: str, line: int, faults: Faults) -> Finding | None:
    number = text_of(dict_of(assessment.get("criterion")).get("number"))
    status = text_of(dict_of(assessment.get("status")).get("name")) or ""
    outcome = STATUSES.get(status.strip().casefold())
    if outcome is None or number is None:
        found = f"criterion {number!r} has the status {status!r}"
        faults.add(line, found, f"statuses are {[one.upper() for one in STATUSES]}")
        return None
    said = [text_of(assessment.get(name)) for name in ("changes_to_do", "patches_follow_up")]
    if assessment.get("exemption") is True:
        reason = text_of(assessment.get("exemption_comment"))
        said.append(f"exempt: {reason}" if reason else "exempt")
    return Finding(
        rule=f"{method}:{clean(number, 30)}",
        outcome=outcome,
        title=f"{method}, {clean(number, 30)}",
        comment=clean("\n".join(one for one in said if one)),
        line=line,
        level=_level(method.split(" ")[0], number),
    )


@cache
def _levels() -> dict[str, Any]:
    with (Path(__file__).parent / "eu_levels.toml").open("rb") as stream:
        return tomllib.load(stream)


def _level(method: str, number: str) -> str | None:
    """Return the level of a criterion by its method's list, ``A`` or ``AA``; None if either has none."""
    listed = _levels().get(method)
    if listed is None or number in listed.get("unknown", ()):
        return None
    return "AA" if number in listed["AA"] else "A"
