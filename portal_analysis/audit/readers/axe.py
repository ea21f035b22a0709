"""Results of axe-core: one page or many, in every form in which people keep them.

Hands on one visit a result. An axe result names neither the HTTP status nor whether the page was an error page, so
its visit is ``unknown`` until a manifest says more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.foreign import EVIDENCE_LENGTH, clean, dict_of, list_of, text_of
from portal_analysis.audit.readers.jsonstream import Document
from portal_analysis.audit.readers.reading import Fault, FileFaults, Finding, Visit

OUTCOMES = {
    "violations": "not_met",
    "incomplete": "cant_tell",
    "passes": "met",
    "inapplicable": "not_applicable",
}
"""The four lists of a result and what being in them means; ``passes`` says that the tool found no failure."""

_STORED_LIST = "accessibility_violations_list"
"""Where a public scanning programme keeps the violations of a page, as text."""

_NODES_KEPT = 3
_LONGEST_TEXT = 4000
_WHOLE = ("[", "{", "data:")
"""How long texts begin that are not cut: lists kept as text, and pictures, which reports of Lighthouse are full of."""

_VERSION = re.compile(r"/rules/axe/(\d+(?:\.\d+)*)/")


def is_result(value: Any) -> bool:
    """Is this one axe result?"""
    if not isinstance(value, dict):
        return False
    if _STORED_LIST in value:
        return True
    lists = sum(name in value for name in OUTCOMES)
    return "violations" in value and (lists > 1 or "testEngine" in value or "url" in value)


def is_keyed(value: Any) -> bool:
    """Is this an object of results by address?"""
    return isinstance(value, dict) and bool(value) and all(is_result(one) for one in value.values())


def is_document(value: Any) -> bool:
    """Is this one result, or several by address?"""
    return is_result(value) or is_keyed(value)


def slim(value: dict[str, Any]) -> Any:
    """Drop what is not kept while a file is still being read: all but a few nodes, checks, long texts."""
    nodes = value.get("nodes")
    if isinstance(nodes, list) and "id" in value:
        value = {**value, "node_count": len(nodes), "nodes": nodes[:_NODES_KEPT]}
    elif "relatedNodes" in value:
        return {"message": value.get("message")}
    long = {
        name: one[:_LONGEST_TEXT]
        for name, one in value.items()
        if isinstance(one, str) and len(one) > _LONGEST_TEXT and not one.lstrip().startswith(_WHOLE)
    }
    return {**value, **long} if long else value


def read(found: Iterator[Document], file: str) -> Iterator[Visit]:
    """Yield one visit for each axe result.

    Raises
    ------
    FileFaults
        If the list of violations is kept as a text that is no JSON.
    """
    for document in found:
        value = document.value
        if is_result(value):
            yield _visit(value, file, document.line)
            continue
        for url, one in dict_of(value).items():
            yield _visit({"url": url, **one}, file, document.line)


def _visit(result: dict[str, Any], file: str, line: int) -> Visit:
    lists = {name: _rules(result.get(name), name, file, line) for name in OUTCOMES}
    if _STORED_LIST in result:
        lists["violations"] += _rules(result[_STORED_LIST], _STORED_LIST, file, line)
    frames = next((rule for rule in lists["incomplete"] if rule.get("id") == "frame-tested"), None)
    findings = [
        _finding(rule, name, line, frames)
        for name, rules in lists.items()
        for rule in rules
        if rule.get("id")
    ]
    engine = dict_of(result.get("testEngine"))
    version = text_of(engine.get("version")) or _version_in_links(lists)
    message = "an axe result does not say whether the page was reached"
    return Visit(
        tool=text_of(engine.get("name")) or "axe-core",
        version=version,
        url=text_of(result.get("url")) or text_of(result.get("target_url")),
        started_at=text_of(result.get("timestamp")),
        status="unknown",
        message=message if frames is None else f"{message}; {_frames_said(frames)}",
        setup=_window(dict_of(result.get("testEnvironment"))),
        lists_problems=not any(name in result for name in ("passes", "inapplicable")),
        line=line,
        findings=findings,
    )


def _window(environment: dict[str, Any]) -> str | None:
    """Return the size of the browser's window, which tells a phone from a desk."""
    width, height = (environment.get(name) for name in ("windowWidth", "windowHeight"))
    return f"{width}x{height}" if isinstance(width, int) and isinstance(height, int) else None


def _frames_said(frames: dict[str, Any]) -> str:
    count = frames.get("node_count", len(list_of(frames.get("nodes")))) or 1
    return f"{count} frame{'s' if count > 1 else ''} of the page could not be tested"


def _rules(value: Any, name: str, file: str, line: int) -> list[dict[str, Any]]:
    """Return the rules of one list, which may be kept as a text."""
    if isinstance(value, str):
        if not value.strip():
            return []
        try:
            value = json.loads(value, strict=False, object_hook=slim)
        except (ValueError, RecursionError) as error:
            found = f"'{name}' is a text that is no JSON: {error}"
            raise FileFaults(Fault(file, line, found, "store the list whole")) from error
    return [rule for rule in list_of(value) if isinstance(rule, dict)]


def _version_in_links(lists: dict[str, list[dict[str, Any]]]) -> str | None:
    for rules in lists.values():
        for rule in rules:
            found = _VERSION.search(str(rule.get("helpUrl", "")))
            if found:
                return found.group(1)
    return None


def _finding(rule: dict[str, Any], listed: str, line: int, frames: dict[str, Any] | None = None) -> Finding:
    name, outcome = clean(rule["id"], 100), OUTCOMES[listed]
    tags = [str(tag) for tag in list_of(rule.get("tags"))]
    title = clean(rule.get("help") or rule.get("description") or name, 300)
    severity = clean(rule["impact"], 20) if rule.get("impact") else None
    count = rule.get("node_count", len(list_of(rule.get("nodes"))))
    failing = outcome in ("not_met", "cant_tell")
    said = f"{name}, {severity}: {title}" if failing and severity else f"{name}: {_SAID.get(outcome, title)}"
    if outcome == "met" and frames is not None:
        said = f"{said}; {_frames_said(frames)}"
    return Finding(
        rule=f"axe:{name}",
        outcome=outcome,
        numbers=wcag.of_tags(tags) if tags else wcag.of_rule(name),
        title=title,
        evidence=_evidence(name, count, rule) if failing else "",
        comment=said,
        line=line,
        type=listed,
        severity=severity if failing else None,
        elements=count if failing else None,
    )


_SAID = {"met": "automatic check passed", "not_applicable": "nothing to check"}


def _evidence(name: str, count: int, rule: dict[str, Any]) -> str:
    nodes = [node for node in list_of(rule.get("nodes")) if isinstance(node, dict)][:1]
    shown = "".join(f": {clean(node.get('html'), EVIDENCE_LENGTH)} at {_target(node)}" for node in nodes)
    return f"{name} ×{count}{shown}"


def _target(node: dict[str, Any]) -> str:
    """Return where a node is; parts of frames and shadow trees are nested lists."""
    parts = [
        " ".join(map(str, part)) if isinstance(part, list) else str(part)
        for part in list_of(node.get("target"))
    ]
    return clean(" > ".join(parts), EVIDENCE_LENGTH)
