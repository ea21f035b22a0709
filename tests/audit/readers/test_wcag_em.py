"""Evaluations by people in the generations of the WCAG-EM Report Tool, and EARL of other tools."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from portal_analysis.audit.readers import ReaderError, ReaderWarning, read_audit


def part(page: str, outcome: str, **more: Any) -> dict[str, Any]:
    return {"type": "Assertion", "subject": [page], "result": {"outcome": outcome, **more}}


PAGES = [
    {"id": "_:struct_0", "description": "https://dvc.example.vn", "title": "Home"},
    {"id": "_:struct_1", "description": "form, see https://dvc.example.vn/form", "title": "Form"},
]
RANDOM = [{"id": "_:rand_0", "description": "", "title": "Random"}]
SECOND = {
    "@graph": [
        {
            "@context": {},
            "type": "Evaluation",
            "evaluationScope": {
                "website": {"siteName": "DVC", "siteScope": "all of https://www.dvc.example.vn"}
            },
            "auditResult": [
                {
                    "type": "Assertion",
                    "test": "WCAG2:non-text-content",
                    "subject": "_:website",
                    "result": {
                        "outcome": "earl:failed",
                        "description": "two",
                        "date": "2023-05-02 10:00:00 +0700",
                    },
                    "hasPart": [
                        part("_:struct_0", "earl:passed"),
                        part("_:struct_1", "earl:failed", description="<img> without text"),
                    ],
                },
                {
                    "type": "Assertion",
                    "test": "WCAG2:reflow",
                    "subject": "_:website",
                    "result": {"outcome": "earl:untested"},
                },
                {
                    "type": "Assertion",
                    "test": "WCAG2:keyboard",
                    "subject": "_:website",
                    "result": {"outcome": "earl:cantTell"},
                    "hasPart": [
                        {**part("_:struct_0", "earl:inapplicable"), "subject": ["_:struct_0", "_:struct_1"]}
                    ],
                },
            ],
            "creator": "_:someone",
            "structuredSample": {"webpage": PAGES},
            "randomSample": {"webpage": RANDOM},
        },
        {"type": "Person", "id": "_:someone", "name": "An Evaluator"},
    ]
}


def rows(audit: Any) -> set[tuple[str | None, str, str]]:
    table = audit.judgements[["page_id", "criterion_id", "outcome"]].astype(object)
    return {
        (page if isinstance(page, str) else None, one, two)
        for page, one, two in table.itertuples(index=False)
    }


EXPECTED = {
    (None, "wcag:1.1.1", "not_met"),
    ("https://dvc.example.vn", "wcag:1.1.1", "met"),
    ("https://dvc.example.vn/form", "wcag:1.1.1", "not_met"),
    (None, "wcag:1.4.10", "not_tested"),
    (None, "wcag:2.1.1", "cant_tell"),
    ("https://dvc.example.vn", "wcag:2.1.1", "not_applicable"),
    ("https://dvc.example.vn/form", "wcag:2.1.1", "not_applicable"),
}


def test_site_and_pages_are_judged_apart(put: Any) -> None:
    audit = read_audit(put("e.json", SECOND))
    assert rows(audit) == EXPECTED
    assert audit.assessors[["assessor_id", "kind"]].astype(object).to_numpy().tolist() == [
        ["An Evaluator", "expert"]
    ]
    assert audit.portals["portal_id"].tolist() == ["dvc.example.vn"]
    assert str(audit.judgements["rated_at"].iloc[0]) == "2023-05-02 03:00:00"


def test_a_page_that_nobody_tested_was_not_run(put: Any) -> None:
    runs = read_audit(put("e.json", SECOND)).runs.astype(object)
    assert runs.set_index("page_id")["status"].to_dict()["Random"] == "not_run"
    assert (runs["status"] == "ok").sum() == 3


def test_the_first_generation(put: Any) -> None:
    first = {
        "@graph": [
            {
                "@context": {"wcag20": "http://www.w3.org/TR/WCAG20/#"},
                "type": "evaluation",
                "evaluationScope": {"website": {"title": "DVC", "siteScope": "x"}},
                "auditResult": [
                    {
                        "type": "earl:assertion",
                        "testRequirement": "wcag20:text-equiv-all",
                        "subject": "_:website",
                        "result": {"outcome": "earl:passed", "description": "fine"},
                        "hasPart": [{**part("_:p", "earl:failed"), "testcase": "wcag20:text-equiv-all"}],
                    }
                ],
                "structuredSample": {
                    "webpage": {
                        "type": "webpage",
                        "id": "_:p",
                        "handle": "one",
                        "description": "http://dvc.example.vn",
                    }
                },
            }
        ]
    }
    audit = read_audit(put("e.json", first))
    assert rows(audit) == {(None, "wcag:1.1.1", "met"), ("http://dvc.example.vn", "wcag:1.1.1", "not_met")}


def test_the_latest_generation(put: Any) -> None:
    page = {
        "id": "https://dvc.example.vn/",
        "type": ["TestSubject", "Webpage"],
        "title": "Home",
        "description": "",
    }
    latest = {
        "@context": {},
        "type": "Evaluation",
        "defineScope": {"scope": {"title": "DVC", "description": "https://dvc.example.vn"}},
        "selectSample": {"structuredSample": [page], "randomSample": []},
        "auditSample": [
            {
                "type": "Assertion",
                "subject": {"id": "https://dvc.example.vn/", "type": ["TestSubject", "Webpage"]},
                "test": {"id": "WCAG22:redundant-entry", "type": ["TestCriterion"]},
                "result": {
                    "outcome": {"id": "earl:failed", "type": ["OutcomeValue", "Fail"]},
                    "description": "asks twice",
                },
            },
            {
                "type": "Assertion",
                "subject": {"id": "_:website", "type": ["TestSubject", "Website"]},
                "test": {"id": "WCAG22:reflow"},
                "result": {"outcome": {"type": ["OutcomeValue", "Pass"]}},
            },
        ],
        "reportFindings": {"evaluator": "E", "date": {"@value": "2024-06-01"}},
    }
    audit = read_audit(put("e.json", latest))
    assert rows(audit) == {("https://dvc.example.vn/", "wcag:3.3.7", "not_met"), (None, "wcag:1.4.10", "met")}
    assert audit.assessors["assessor_id"].tolist() == ["E"]


def earl(url: str, name: str, outcome: Any, **test: Any) -> dict[str, Any]:
    return {
        "@type": "Assertion",
        "mode": "earl:automatic",
        "assertedBy": "https://github.com/dequelabs/axe-core/releases/tag/3.2.2",
        "subject": {"@type": ["earl:TestSubject"], "source": url},
        "result": {"@type": "TestResult", "outcome": outcome},
        "test": {"@type": "TestCase", "title": name, "@id": f"https://rules.example/{name}?x", **test},
    }


@pytest.mark.parametrize(
    "outcome", ["earl:failed", "http://www.w3.org/ns/earl#failed", {"@id": "earl:failed"}]
)
def test_assertions_of_a_tool(put: Any, read: Any, outcome: Any) -> None:
    linked = {"isPartOf": "https://www.w3.org/TR/WCAG20/#text-equiv-all"}
    found = [
        earl("https://a.example.vn/", "some-rule", outcome, **linked),
        earl("https://a.example.vn/", "region", "earl:passed"),
        earl("https://b.example.vn/", "other", "earl:untested"),
    ]
    audit = read(put("e.jsonld", {"@context": {}, "@graph": found}))
    assert {(one, two) for _, one, two in rows(audit)} == {
        ("wcag:1.1.1", "not_met"),
        ("axe:region", "met"),
        ("earl:other", "not_tested"),
    }
    assert audit.assessors["assessor_id"].tolist() == ["axe-core-3.2.2"]
    assert audit.runs["status"].tolist() == ["unknown", "unknown"]


def test_unknown_outcomes_are_faults_all_at_once(put: Any) -> None:
    bad = [earl("https://a.example.vn/", name, "earl:maybe") for name in ("one", "two")]
    with pytest.raises(ReaderError, match="2 faults") as error:
        read_audit(put("e.json", {"@graph": bad}))
    assert "earl:maybe" in str(error.value)


def test_assertions_in_a_list_keep_what_they_say_themselves(put: Any, read: Any) -> None:
    """An assertion with its own subject and assertor takes neither from the node around it."""
    own = {**earl("https://a.example.vn/", "one", "earl:failed"), "assertedBy": "urn:mine"}
    bare = {**earl("https://b.example.vn/", "two", "earl:passed")}
    del bare["assertedBy"]
    nodes = [
        {"assertions": [own, bare]},
        {
            "@type": "TestSubject",
            "source": "https://c.example.vn/",
            "assertor": "urn:list",
            "assertions": [own],
        },
    ]
    audit = read(put("e.json", {"@graph": nodes}))
    assert audit.runs["portal_id"].tolist() == ["a.example.vn", "b.example.vn"]
    assert audit.assessors["assessor_id"].tolist() == ["unknown", "urn:mine"]


@pytest.mark.parametrize(
    "other",
    [
        "a note",
        [],
        {"url": "https://b.example.vn/", "violations": []},
        {"type": "error", "code": "c", "message": "m", "selector": "#a"},
        {"id": 77_666_718, "algorithm_version": 4, "tests_passed": 9, "tests_failed": 1},
    ],
)
def test_a_document_that_is_no_linked_data_is_not_lost_without_a_word(put: Any, other: Any) -> None:
    one = {"@graph": [earl("https://a.example.vn/", "one", "earl:failed"), "a note"]}
    person = {"@id": "urn:me", "name": "Lan"}
    with pytest.raises(ReaderError, match=r"e\.json, line 1: this document is no linked data; keep files"):
        read_audit(put("e.json", [one, person, other]))
    with pytest.warns(ReaderWarning, match="does not say whether the page was reached"):
        audit = read_audit(put("e.json", [one, person]))
    assert audit.judgements["criterion_id"].tolist() == ["earl:one"]


def test_a_subject_without_an_address_needs_a_manifest(put: Any, read: Any) -> None:
    said = earl("the home page", "one", "earl:failed")
    path = put("e.json", {"@graph": [said]})
    with pytest.raises(ReaderError, match="nothing says which portal or page this is about"):
        read(path)
    manifest = pd.DataFrame({"file": ["e.json"], "portal_id": ["P1"]})
    assert read(path, manifest=manifest).judgements["portal_id"].tolist() == ["P1"]
