"""Small audit files in the formats of the tools, written for the tests."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.readers import ReaderWarning, read_audit

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Return a function that writes a file (text, bytes, or anything as JSON) into one folder."""

    def write(name: str, content: Any) -> Path:
        path = tmp_path / "audit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            path.write_text(text, encoding="utf-8")
        return path

    return write


def quietly(path: Path, *given: Any, **settings: Any) -> Audit:
    """Read, and let warnings about unknown status pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        return read_audit(path, *given, **settings)


def outcomes(audit: Audit) -> dict[str, str]:
    """Criterion → outcome, for an audit of one page."""
    pairs = audit.judgements[["criterion_id", "outcome"]].astype(object)
    return dict(pairs.itertuples(index=False, name=None))


@pytest.fixture
def read() -> Callable[..., Audit]:
    """Return :func:`quietly`."""
    return quietly


@pytest.fixture
def outcome_by_criterion() -> Callable[[Audit], dict[str, str]]:
    """Return :func:`outcomes`."""
    return outcomes


def axe_rule(name: str, tags: list[str], nodes: int = 1, html: str = "<img>") -> dict[str, Any]:
    node = {
        "html": html,
        "target": ["#a", ["iframe", "b"]],
        "any": [],
        "all": [],
        "none": [],
        "impact": "serious",
    }
    return {"id": name, "impact": "serious", "tags": tags, "help": f"Help on {name}", "nodes": [node] * nodes}


@pytest.fixture
def axe_result() -> dict[str, Any]:
    """One result of axe-core with every kind of list."""
    return {
        "testEngine": {"name": "axe-core", "version": "4.9.1"},
        "timestamp": "2024-05-02T03:04:05.678Z",
        "url": "https://dichvucong.example.vn/trang-chu",
        "violations": [
            axe_rule("image-alt", ["wcag2a", "wcag111"], 3),
            axe_rule("region", ["best-practice"]),
        ],
        "incomplete": [axe_rule("color-contrast", ["wcag2aa", "wcag143"])],
        "passes": [
            axe_rule("area-alt", ["wcag2a", "wcag111"], 0),
            axe_rule("document-title", ["wcag2a", "wcag242"]),
            axe_rule("link-name", ["wcag2a", "wcag244", "wcag412"]),
        ],
        "inapplicable": [axe_rule("video-caption", ["wcag2a", "wcag122"], 0), axe_rule("aria-text", [], 0)],
    }
