"""Results of axe-core in every form people keep them."""

from __future__ import annotations

import copy
import gzip
import json
from typing import Any

import pandas as pd
import pytest

from portal_analysis.audit.readers import ReaderError, ReaderWarning, read_audit

EXPECTED = {
    "wcag:1.1.1": "not_met",
    "axe:region": "not_met",
    "wcag:1.4.3": "cant_tell",
    "wcag:2.4.2": "met",
    "wcag:2.4.4": "met",
    "wcag:4.1.2": "met",
    "wcag:1.2.2": "not_applicable",
    "axe:aria-text": "not_applicable",
}


def other(result: dict[str, Any]) -> dict[str, Any]:
    return {**copy.deepcopy(result), "url": "https://other.example.vn/"}


def test_lists_become_outcomes_of_success_criteria(
    put: Any, read: Any, axe_result: Any, outcome_by_criterion: Any
) -> None:
    audit = read(put("a.json", axe_result))
    assert outcome_by_criterion(audit) == EXPECTED
    criteria = audit.criteria.set_index("criterion_id")
    assert criteria.loc["wcag:1.1.1", "wording_en"] == "Non-text Content (WCAG 1.1.1, level A)"
    assert criteria.loc["wcag:1.1.1", "scheme"] == "wcag22"
    assert pd.isna(criteria.loc["axe:region", "wcag_sc"])


def test_a_rule_can_stay_a_criterion(put: Any, read: Any, axe_result: Any, outcome_by_criterion: Any) -> None:
    audit = read(put("a.json", axe_result), criteria="rule")
    found = outcome_by_criterion(audit)
    assert found["axe:image-alt"] == "not_met"
    assert found["axe:area-alt"] == "met"
    assert audit.criteria.set_index("criterion_id").loc["axe:image-alt", "wcag_sc"] == "1.1.1"


def test_a_pass_may_be_left_to_people(
    put: Any, read: Any, axe_result: Any, outcome_by_criterion: Any
) -> None:
    found = outcome_by_criterion(read(put("a.json", axe_result), passes="cant_tell"))
    assert found["wcag:2.4.2"] == "cant_tell"
    assert "met" not in found.values()


def test_evidence_names_rule_count_snippet_and_place(put: Any, read: Any, axe_result: Any) -> None:
    judgements = read(put("a.json", axe_result)).judgements.set_index("criterion_id")
    assert judgements.loc["wcag:1.1.1", "evidence"] == "image-alt ×3: <img> at #a > iframe b"
    assert judgements.loc["wcag:1.1.1", "comment"] == "image-alt, serious: Help on image-alt"
    assert str(judgements.loc["wcag:1.1.1", "rated_at"]) == "2024-05-02 03:04:05.678000"


def test_status_is_unknown_and_says_so(put: Any, axe_result: Any) -> None:
    with pytest.warns(ReaderWarning, match="does not say whether the page was reached") as caught:
        audit = read_audit(put("a.json", axe_result))
    assert audit.runs["status"].tolist() == ["unknown"]
    assert len(caught[0].message.table) == 1  # type: ignore[union-attr]


def test_a_manifest_tells_a_page_from_an_error_page(put: Any, axe_result: Any) -> None:
    put("a.json", axe_result)
    folder = put("b.json", other(axe_result)).parent
    manifest = pd.DataFrame(
        {"file": ["a.json", "b.json"], "http_status": [200, 404], "portal_id": ["P1", "P2"]}
    )
    audit = read_audit(folder, manifest=manifest)
    runs = audit.runs.set_index("portal_id")
    assert runs.loc["P1", "status"] == "ok"
    assert runs.loc["P2", "status"] == "error"
    assert runs.loc["P2", "http_status"] == 404
    assert set(audit.judgements["portal_id"]) == {"P1"}


def test_every_form_of_two_results_is_the_same(put: Any, read: Any, axe_result: Any) -> None:
    two = [axe_result, other(axe_result)]
    forms = {
        "array": json.dumps(two),
        "lines": "\n".join(map(json.dumps, two)),
        "concatenated": json.dumps(two[0], indent=1) + json.dumps(two[1], indent=1),
        "by-address": json.dumps(
            {one["url"]: {key: value for key, value in one.items() if key != "url"} for one in two}
        ),
        "bom": "﻿" + json.dumps(two),
        "as-text": json.dumps([{**one, "violations": json.dumps(one["violations"])} for one in two]),
    }
    tables = {}
    for name, text in forms.items():
        judgements = read(put(f"{name}/r.json", text)).judgements.drop(columns="source_row")
        tables[name] = judgements.astype(object)
    tables["gzip"] = read(put("gz/r.json", gzip.compress(forms["array"].encode()))).judgements.drop(
        columns="source_row"
    )
    tables["utf-16"] = read(put("u16/r.json", forms["array"].encode("utf-16"))).judgements.drop(
        columns="source_row"
    )
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table.astype(object), tables["array"], obj=name)
    assert len(tables["array"]) == 16


def test_stored_lists_of_violations_have_no_passes(put: Any, read: Any) -> None:
    violations = json.dumps(
        [{"id": "html-has-lang", "tags": ["wcag311"], "helpUrl": "https://x/rules/axe/4.8/y", "nodes": []}]
    )
    rows = [{"target_url": "a.example.gov", "accessibility_violations_list": violations}]
    audit = read(put("g.json", rows))
    assert audit.judgements["criterion_id"].tolist() == ["wcag:3.1.1"]
    assert audit.assessors["assessor_id"].tolist() == ["axe-core-4.8"]
    assert audit.portals["portal_id"].tolist() == ["a.example.gov"]


def test_a_broken_stored_list_is_named_with_its_line(put: Any) -> None:
    first = '{"target_url": "a.gov",\n "accessibility_violations_list": ""}'
    second = '{"target_url": "b.gov", "accessibility_violations_list": "[{"}'
    path = put("g.json", f"{first}\n{second}")
    message = r"g\.json, line 3: 'accessibility_violations_list' is a text that is no JSON"
    with pytest.raises(ReaderError, match=message):
        read_audit(path)


def test_markup_stays_text_and_is_cut(put: Any, read: Any, axe_result: Any) -> None:
    axe_result["violations"][0]["nodes"][0]["html"] = "<script>alert(1)</script>\x00" + "x" * 9_000
    evidence = (
        read(put("a.json", axe_result)).judgements.set_index("criterion_id").loc["wcag:1.1.1", "evidence"]
    )
    assert evidence.startswith("image-alt ×3: <script>alert(1)</script>�x")
    assert len(evidence) < 600


def test_two_results_of_one_page_in_one_round_are_a_fault(put: Any, axe_result: Any, read: Any) -> None:
    put("one.json", axe_result)
    folder = put("two.json", axe_result).parent
    with pytest.raises(ReaderError, match=r"two\.json.*judges what one\.json judges"):
        read(folder)
    rounds = pd.DataFrame({"file": ["one.json", "two.json"], "round": ["2023", "2024"]})
    assert read(folder, manifest=rounds).rounds() == ["2023", "2024"]
