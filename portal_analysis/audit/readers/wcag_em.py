"""Evaluations by people: exports of the WCAG-EM Report Tool in all its generations, and EARL assertions of any tool.

Hands on one visit for the site as a whole and one for each page of the sample, or one for each subject of EARL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.addresses import host_of
from portal_analysis.audit.readers.foreign import clean, dict_of, list_of, text_of
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import Faults, Finding, Visit

OUTCOMES = {
    "passed": "met",
    "pass": "met",
    "failed": "not_met",
    "fail": "not_met",
    "canttell": "cant_tell",
    "cannottell": "cant_tell",
    "inapplicable": "not_applicable",
    "notapplicable": "not_applicable",
    "untested": "not_tested",
    "nottested": "not_tested",
}
"""EARL's outcomes and its outcome classes, in lower case."""

_RESULTS = ("auditResult", "auditSample", "assertions")
_OF_NODES = {"@graph", "@context", "@id", "id", "@type", "type", *_RESULTS}
"""What tells a node of linked data from the results of a tool."""

_SAMPLES = {"structuredSample": "structured sample", "randomSample": "random sample"}
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_RELEASE = re.compile(r"/(?P<tool>[\w.-]+)/releases/tag/v?(?P<version>[\w.-]+)$")


def is_linked_data(value: Any) -> bool:
    """Is this JSON-LD with assertions?"""
    if not isinstance(value, dict):
        return False
    named = {"@graph", *_RESULTS} & set(value)
    return (
        bool(named) or "assertion" in _types(value) or ("@context" in value and "evaluation" in _types(value))
    )


def is_node(value: Any) -> bool:
    """Is this a node of linked data, such as a subject or a person that stands before or after the assertions?"""
    return isinstance(value, dict) and bool(set(value) & _OF_NODES)


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield the visits of each evaluation, and one for each subject of assertions that stand alone.

    Raises
    ------
    FileFaults
        All assertions with an outcome that EARL does not know.
    """
    loose: list[tuple[dict[str, Any], int]] = []
    nodes: dict[str, dict[str, Any]] = {}
    faults = Faults(file)
    for document in found:
        for node in _graph(document.value):
            if _identity(node):
                nodes[str(_identity(node))] = node
            if any(name in node for name in _RESULTS[:2]) or "evaluation" in _types(node):
                people = _people(document.value)
                yield from _evaluation(node, people, document.line, faults)
            elif "assertion" in _types(node):
                loose.append((node, document.line))
            for assertion in list_of(node.get("assertions")):
                loose.append((_about(dict_of(assertion), node, nodes), document.line))
    yield from _loose(loose, nodes, faults)
    faults.tell()


def _about(
    assertion: dict[str, Any], node: dict[str, Any], nodes: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Return an assertion inside its subject or a list, with the subject and assertor that the outer node names."""
    subject = "testsubject" in _types(node) or text_of(node.get("source")) or "assertor" in node
    said = dict(assertion)
    if subject and not said.get("subject"):
        said["subject"] = {name: one for name, one in node.items() if name != "assertions"}
    outer = node.get("assertor") or node.get("assertedBy")
    if outer is not None and not said.get("assertedBy"):
        said["assertedBy"] = outer
    if isinstance(said.get("assertedBy"), dict) and _identity(said["assertedBy"]):
        nodes.setdefault(str(_identity(said["assertedBy"])), said["assertedBy"])
    return said


def _graph(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a document: those of its graph, or itself."""
    yield from (node for node in list_of(value.get("@graph", value)) if isinstance(node, dict))


def _types(node: dict[str, Any]) -> set[str]:
    return {_tail(name) for name in [*list_of(node.get("@type")), *list_of(node.get("type"))]}


def _tail(name: Any) -> str:
    """``earl:Passed``, ``http://…/earl#passed`` or ``{"@id": …}`` → ``passed``."""
    if isinstance(name, dict):
        name = name.get("@id") or name.get("id") or ""
    return re.split(r"[:#/]", str(name))[-1].lower()


def _identity(node: Any) -> str | None:
    if isinstance(node, dict):
        return text_of(node.get("@id")) or text_of(node.get("id"))
    return text_of(node)


def _outcome(result: Any) -> str | None:
    value = dict_of(result).get("outcome")
    names = [_tail(value)]
    if isinstance(value, dict):
        names += [_tail(name) for name in [*list_of(value.get("type")), *list_of(value.get("@type"))]]
    return next((OUTCOMES[name] for name in names if name in OUTCOMES), None)


def _people(value: dict[str, Any]) -> dict[str, str]:
    people = {}
    for node in _graph(value):
        name = text_of(node.get("name")) or text_of(node.get("xmlns:name"))
        if name and _types(node) & {"person", "assertor"}:
            people[str(_identity(node))] = name
    return people


# ------------------------------------------------------------------------------------- evaluations


def _evaluation(node: dict[str, Any], people: dict[str, str], line: int, faults: Faults) -> Iterator[Visit]:
    """Yield the visits of one evaluation: the site first, then the pages of its sample."""
    pages = _pages(node)
    site, name = _site(node, pages)
    assessor = _assessor(node, people)
    whole = Visit("wcag-em", site=site, site_name=name, assessor=assessor, kind="expert", line=line)
    whole.started_at = _date(node)
    visits = {key: _page_visit(key, page, whole) for key, page in pages.items()}
    for assertion in [*list_of(node.get("auditResult")), *list_of(node.get("auditSample"))]:
        _spread(dict_of(assertion), whole, visits, faults)
    for visit in (whole, *visits.values()):
        tested = any(finding.outcome != "not_tested" for finding in visit.findings)
        visit.status = "ok" if tested else "not_run"
        visit.message = None if tested else "nothing was tested"
        visit.log = visit is not whole or tested or not visits
        yield visit


def _pages(node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the pages of the sample by their id, with the sample they belong to."""
    chosen = dict_of(node.get("selectSample")) or node
    pages: dict[str, dict[str, Any]] = {}
    for key, role in _SAMPLES.items():
        for sample in list_of(chosen.get(key)):
            for page in list_of(dict_of(sample).get("webpage", sample)):
                if isinstance(page, dict) and _identity(page):
                    pages.setdefault(str(_identity(page)), {**page, "role": role})
    return pages


def _address(node: dict[str, Any]) -> str | None:
    """Return the address in a page's or site's properties: as such, or the first in its description."""
    for name in ("source", "description", "siteScope", "id", "@id", "title", "scope"):
        text = text_of(node.get(name))
        found = _ADDRESS.search(text) if text else None
        if found:
            return found.group().rstrip(".,;)")
    return None


def _site(node: dict[str, Any], pages: dict[str, dict[str, Any]]) -> tuple[str | None, str | None]:
    """Return the address and name of the site: from its scope, else from the first page that has an address."""
    scope = dict_of(node.get("evaluationScope")) or dict_of(node.get("defineScope"))
    website = dict_of(scope.get("website")) or dict_of(scope.get("scope"))
    name = text_of(website.get("siteName")) or text_of(website.get("title")) or text_of(website.get("name"))
    addresses = [_address(website), *(_address(page) for page in pages.values())]
    return next((address for address in addresses if host_of(address)), None), name


def _assessor(node: dict[str, Any], people: dict[str, str]) -> str:
    creator = _identity(node.get("creator")) or ""
    evaluator = text_of(dict_of(node.get("reportFindings")).get("evaluator"))
    named = dict_of(node.get("creator")).get("name")
    return (
        evaluator or people.get(creator) or text_of(named) or next(iter(people.values()), None) or "evaluator"
    )


def _date(node: dict[str, Any]) -> str | None:
    date = dict_of(node.get("reportFindings")).get("date") or node.get("date")
    return iso_date(date.get("@value") if isinstance(date, dict) else date)


def iso_date(value: Any) -> str | None:
    """Return a date as ISO 8601 if it is one, allowing ``2019-09-05 11:27:55 +0200``; None otherwise."""
    found = re.match(
        r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$",
        str(value).strip(),
    )
    if not found:
        return None
    day, time, zone = found.groups()
    if zone and len(zone) == 5:
        zone = f"{zone[:3]}:{zone[3:]}"
    return day if not time else f"{day}T{time}{zone or ''}"


def _page_visit(key: str, page: dict[str, Any], whole: Visit) -> Visit:
    title = text_of(page.get("title")) or text_of(page.get("handle"))
    return Visit(
        "wcag-em",
        url=_address(page) or title or key,
        site=whole.site,
        site_name=whole.site_name,
        assessor=whole.assessor,
        kind="expert",
        role=page["role"],
        line=whole.line,
        started_at=whole.started_at,
    )


def _spread(assertion: dict[str, Any], whole: Visit, visits: dict[str, Visit], faults: Faults) -> None:
    """Put an assertion and its parts to the pages they are about; what is about no page is about the site."""
    parts = [dict_of(part) for part in list_of(assertion.get("hasPart")) if dict_of(part).get("result")]
    for one in (assertion, *parts):
        finding = _finding(one, _test(one) or _test(assertion), whole.line, faults)
        if finding is None:
            continue
        named = [visits[key] for key in map(_identity, list_of(one.get("subject"))) if key in visits]
        for visit in named or [whole]:
            visit.findings.append(finding)


def _test(assertion: dict[str, Any]) -> Any:
    return assertion.get("test") or assertion.get("testRequirement") or assertion.get("testcase")


def _finding(assertion: dict[str, Any], test: Any, line: int | None, faults: Faults) -> Finding | None:
    result = dict_of(assertion.get("result"))
    outcome = _outcome(result)
    name = _identity(test) or ""
    if outcome is None or not name:
        found = f"an assertion about {name or 'no test'} has the outcome {result.get('outcome')!r}"
        faults.add(line, clean(found, 300), f"EARL's outcomes are {sorted(set(OUTCOMES))}")
        return None
    details = dict_of(test)
    linked = [name, *map(str, list_of(details.get("isPartOf"))), str(details.get("num", ""))]
    numbers = tuple(dict.fromkeys(number for one in linked if (number := wcag.criterion(one))))
    title = text_of(details.get("title")) or re.split(r"[:#/]", name.split("?")[0])[-1]
    numbers = numbers or wcag.of_rule(title)
    rule = f"axe:{title}" if wcag.is_rule(title) else f"earl:{title}"
    return Finding(
        rule=rule if not (numbers and wcag.criterion(name)) else f"wcag:{numbers[0]}",
        outcome=outcome,
        numbers=numbers,
        title=clean(title, 300),
        comment=clean(result.get("description")),
        rated_at=iso_date(result.get("date")),
        line=line,
    )


# ---------------------------------------------------------------------------------------- loose EARL


def _loose(
    assertions: list[tuple[dict[str, Any], int]],
    nodes: dict[str, dict[str, Any]],
    faults: Faults,
) -> Iterator[Visit]:
    """Yield one visit for each subject and assertor of assertions that belong to no evaluation."""
    visits: dict[tuple[str, str], Visit] = {}
    for assertion, line in assertions:
        finding = _finding(assertion, assertion.get("test"), line, faults)
        if finding is None:
            continue
        assertor = _identity(assertion.get("assertedBy")) or "unknown"
        for subject in list_of(assertion.get("subject")):
            known = nodes.get(_identity(subject) or "", {})
            url = _subject_address(dict_of(subject)) or _subject_address(known) or _identity(subject) or ""
            visit = visits.get((url, assertor))
            if visit is None:
                automatic = _tail(assertion.get("mode")) in ("automatic", "semiauto")
                visit = _loose_visit(url, assertor, nodes.get(assertor, {}), automatic, line)
                visit.final_url = _redirected(dict_of(subject)) or _redirected(known)
                visits[(url, assertor)] = visit
            if visit.kind == "tool":
                visit.started_at = visit.started_at or finding.rated_at
            visit.findings.append(finding)
    yield from visits.values()


def _subject_address(subject: dict[str, Any]) -> str | None:
    for name in ("source", "url", "@id", "id", "description"):
        text = _identity(subject.get(name))
        if text and _ADDRESS.match(text):
            return text
    return None


def _redirected(subject: dict[str, Any]) -> str | None:
    return text_of(_identity(subject.get("redirectedTo")))


def _loose_visit(url: str, assertor: str, node: dict[str, Any], automatic: bool, line: int) -> Visit:
    release = _RELEASE.search(assertor)
    named = [text_of(node.get(key)) for key in ("name", "title", "doap:name", "dcterms:title", "foaf:name")]
    name = next((one for one in named if one), None) or (release["tool"] if release else assertor)
    version = (
        text_of(node.get("hasVersion")) or text_of(node.get("doap:release")) or text_of(node.get("version"))
    )
    message = "EARL does not say whether the page was reached" if automatic else None
    return Visit(
        tool=name,
        version=version or (release["version"] if release else None),
        assessor=None if automatic else name,
        kind="tool" if automatic else "expert",
        url=url or None,
        status="unknown" if automatic else "ok",
        message=message,
        line=line,
    )
