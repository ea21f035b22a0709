"""Results of Pa11y, which reports problems only."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pandas as pd
import pytest

from portal_analysis.audit.readers import ReaderError, read_audit


def issue(code: str, kind: str = "error", **more: Any) -> dict[str, Any]:
    base = {
        "code": code,
        "type": kind,
        "typeCode": 1,
        "message": f"on {code}",
        "context": "<b>",
        "selector": "html > b",
    }
    return {**base, "runner": "htmlcs", "runnerExtras": {}, **more}


ISSUES = [
    issue("WCAG2AA.Principle1.Guideline1_1.1_1_1.H37"),
    issue("WCAG2AA.Principle1.Guideline1_1.1_1_1.G94", "notice"),
    issue("WCAG2AA.Principle1.Guideline1_4.1_4_10.C32,C31", "warning"),
    issue("region", runner="axe", runnerExtras={"needsFurtherReview": True}),
    issue("color-contrast", runner="axe", runnerExtras={"needsFurtherReview": False}),
]
EXPECTED = {
    "wcag:1.1.1": "not_met",
    "wcag:1.4.10": "cant_tell",
    "axe:region": "cant_tell",
    "wcag:1.4.3": "not_met",
}
PAGE = {"documentTitle": "T", "pageUrl": "https://www.dvc.example.vn/a", "issues": ISSUES}


def test_errors_fail_and_warnings_ask_for_a_look(put: Any, outcome_by_criterion: Any) -> None:
    audit = read_audit(put("p.json.gz", gzip.compress(json.dumps(PAGE).encode())))
    assert outcome_by_criterion(audit) == EXPECTED
    assert audit.runs["status"].tolist() == ["ok"]
    assert audit.portals["portal_id"].tolist() == ["dvc.example.vn"]


@pytest.mark.parametrize("coded", [[1], {"a": 1}, None, 9])
def test_a_type_that_has_no_name_counts_as_an_error(put: Any, outcome_by_criterion: Any, coded: Any) -> None:
    one = {**issue("WCAG2AA.Principle1.Guideline1_1.1_1_1.H37"), "type": None, "typeCode": coded}
    assert outcome_by_criterion(read_audit(put("p.json", {**PAGE, "issues": [one]}))) == {
        "wcag:1.1.1": "not_met"
    }


def test_a_bare_list_needs_a_manifest(put: Any, outcome_by_criterion: Any) -> None:
    path = put("p.json", ISSUES)
    with pytest.raises(ReaderError, match="name the file, its portal_id and its url in a manifest"):
        read_audit(path)
    manifest = pd.DataFrame({"file": ["p.json"], "url": ["https://dvc.example.vn/"], "round": ["2024"]})
    audit = read_audit(path, manifest=manifest)
    assert outcome_by_criterion(audit) == EXPECTED
    assert audit.rounds() == ["2024"]


def test_an_empty_list_is_a_clean_page_once_the_tool_is_named(put: Any) -> None:
    path = put("p.json", "[]")
    with pytest.raises(ReaderError, match="an empty list, which does not tell which tool wrote it"):
        read_audit(path)
    manifest = pd.DataFrame({"file": ["p.json"], "url": ["https://dvc.example.vn/"], "tool": ["pa11y"]})
    audit = read_audit(path, manifest=manifest)
    assert (len(audit.judgements), audit.runs["status"].tolist()) == (0, ["ok"])


def test_csv_is_read_with_a_manifest(put: Any, outcome_by_criterion: Any) -> None:
    rows = ['"type","code","message","context","selector"']
    rows += [f'"{one["type"]}","{one["code"]}","m","<b>","b"' for one in ISSUES[:3]]
    path = put("p.csv", "\n".join(rows) + "\n")
    manifest = pd.DataFrame({"file": ["p.csv"], "portal_id": ["P1"], "url": ["https://dvc.example.vn/"]})
    assert outcome_by_criterion(read_audit(path, manifest=manifest)) == {
        "wcag:1.1.1": "not_met",
        "wcag:1.4.10": "cant_tell",
    }


def test_a_csv_row_that_is_no_issue_is_named(put: Any) -> None:
    path = put("p.csv", '"type","code","message","context","selector"\nfatal,x,m,c,s\n')
    with pytest.raises(ReaderError, match=r"p\.csv, line 2: no issue of Pa11y"):
        read_audit(path)


def test_csv_may_leave_lines_empty(put: Any) -> None:
    head = '"type","code","message","context","selector"'
    line = "error,WCAG2AA.Principle1.Guideline1_1.1_1_1.H37,m,<b>,b"
    manifest = pd.DataFrame({"file": ["p.csv"], "url": ["https://dvc.example.vn/"]})
    audit = read_audit(put("p.csv", f"{head}\n\n,,,,\n{line}\n"), manifest=manifest)
    assert audit.judgements["source_row"].tolist() == [4]


def test_ci_tells_pages_that_were_not_audited(put: Any, outcome_by_criterion: Any) -> None:
    results = {
        "https://a.example.vn/": ISSUES[:1],
        "https://b.example.vn/": [{"message": "net::ERR_NAME_NOT_RESOLVED"}],
        "https://c.example.vn/": [],
    }
    audit = read_audit(put("ci.json", {"total": 3, "passes": 1, "errors": 2, "results": results}))
    runs = audit.runs.set_index("portal_id")
    assert runs["status"].astype(object).to_dict() == {
        "a.example.vn": "ok",
        "b.example.vn": "error",
        "c.example.vn": "ok",
    }
    assert runs.loc["b.example.vn", "message"] == "net::ERR_NAME_NOT_RESOLVED"
    assert set(audit.judgements["portal_id"]) == {"a.example.vn"}


def test_silence_is_no_pass_unless_the_rules_are_known(put: Any, outcome_by_criterion: Any) -> None:
    path = put("p.json", PAGE)
    assert "met" not in outcome_by_criterion(read_audit(path)).values()
    known = outcome_by_criterion(read_audit(path, tested={"pa11y": ["1.1.1", "3.1.1"]}))
    assert known == {**EXPECTED, "wcag:3.1.1": "met"}
    put(
        "p.json",
        {"total": 1, "passes": 0, "errors": 1, "results": {"https://b.example.vn/": [{"message": "no"}]}},
    )
    assert len(read_audit(path, tested={"pa11y": ["1.1.1"]}).judgements) == 0
