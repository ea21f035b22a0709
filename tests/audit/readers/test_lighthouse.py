"""Lighthouse reports of both families of versions, and the CSV."""

from __future__ import annotations

from typing import Any

import pytest

from portal_analysis.audit.readers import ReaderError, ReaderWarning, read_audit
from portal_analysis.audit.readers.lighthouse import outcome_of, slim
from portal_analysis.audit.shortcomings import shortcomings


def audit_entry(mode: str, score: float | None, **more: Any) -> dict[str, Any]:
    return {"title": "t", "scoreDisplayMode": mode, "score": score, **more}


@pytest.fixture
def report() -> dict[str, Any]:
    """A report with one audit of every mode."""
    details = {
        "items": [{"node": {"snippet": "<a>", "selector": "body > a"}}] * 5,
        "debugData": {"tags": ["wcag2a", "wcag244", "wcag412"]},
    }
    audits = {
        "link-name": audit_entry("binary", 0, details=details),
        "html-has-lang": audit_entry("binary", 1),
        "heading-order": audit_entry("binary", 1),
        "video-caption": audit_entry("notApplicable", None),
        "focus-traps": audit_entry("manual", None),
        "is-on-https": audit_entry("binary", 0, details={"items": [{"url": "http://x.example/a.js"}]}),
        "csp-xss": audit_entry("informative", 1),
        "largest-contentful-paint": audit_entry("numeric", 0.6, displayValue="3.1 s"),
        "speed-index": audit_entry("numeric", 0.2),
        "redirects": audit_entry("metricSavings", 1),
        "charset": audit_entry("error", None),
        "metrics": audit_entry("informative", 1),
        "http-status-code": audit_entry("binary", 1),
    }
    named = {
        "accessibility": ["link-name", "html-has-lang", "heading-order", "video-caption", "focus-traps"],
        "best-practices": ["is-on-https", "csp-xss", "charset"],
        "performance": ["largest-contentful-paint", "speed-index", "redirects"],
        "seo": ["http-status-code", "html-has-lang"],
    }
    hidden = {"id": "metrics", "weight": 0, "group": "hidden"}
    categories = {
        key: {"id": key, "auditRefs": [{"id": name} for name in names]} for key, names in named.items()
    }
    categories["performance"]["auditRefs"].append(hidden)
    return {
        "lighthouseVersion": "12.0.0",
        "requestedUrl": "http://dvc.example.vn/",
        "mainDocumentUrl": "https://dvc.example.vn/",
        "finalDisplayedUrl": "https://dvc.example.vn/#home",
        "fetchTime": "2024-01-02T00:00:00.000Z",
        "runWarnings": ["slow"],
        "configSettings": {"formFactor": "desktop"},
        "audits": audits,
        "categories": categories,
    }


EXPECTED = {
    "wcag:2.4.4": "not_met",
    "wcag:4.1.2": "not_met",
    "wcag:3.1.1": "met",
    "axe:heading-order": "met",
    "wcag:1.2.2": "not_applicable",
    "lighthouse:focus-traps": "not_tested",
    "lighthouse:is-on-https": "not_met",
    "lighthouse:charset": "error",
    "lighthouse:largest-contentful-paint": "partly",
    "lighthouse:speed-index": "not_met",
    "lighthouse:redirects": "met",
    "lighthouse:http-status-code": "met",
}


def test_modes_and_scores_become_outcomes(put: Any, report: Any, outcome_by_criterion: Any) -> None:
    audit = read_audit(put("r.json", report))
    assert outcome_by_criterion(audit) == EXPECTED
    evidence = audit.judgements.set_index("criterion_id")["evidence"]
    assert evidence["wcag:2.4.4"] == "link-name ×5: <a> at body > a"
    assert evidence["lighthouse:is-on-https"] == "is-on-https ×1: http://x.example/a.js"


def test_the_run_says_which_page_when_and_with_what(put: Any, report: Any) -> None:
    audit = read_audit(put("r.json", report))
    run = audit.runs.iloc[0]
    assert (run["status"], run["final_url"], run["message"]) == ("ok", "https://dvc.example.vn/#home", "slow")
    assert audit.assessors["assessor_id"].tolist() == ["lighthouse-12.0.0-desktop"]
    assert audit.portals["portal_id"].tolist() == ["dvc.example.vn"]


def test_version_9_names_the_final_page_otherwise(put: Any, report: Any) -> None:
    old = {key: value for key, value in report.items() if key not in ("mainDocumentUrl", "finalDisplayedUrl")}
    audit = read_audit(
        put("r.json", {**old, "lighthouseVersion": "9.6.0", "finalUrl": "https://dvc.example.vn/f"})
    )
    assert audit.runs["final_url"].tolist() == ["https://dvc.example.vn/f"]


def test_a_runtime_error_is_not_audited(put: Any, report: Any) -> None:
    report["runtimeError"] = {"code": "NO_FCP", "message": "the page did not paint"}
    audit = read_audit(put("r.json", report))
    assert len(audit.judgements) == 0
    assert audit.runs.iloc[0][["status", "message"]].tolist() == [
        "error",
        "NO_FCP: the page did not paint; slow",
    ]


def test_an_error_page_is_not_audited(put: Any, report: Any) -> None:
    report["audits"]["http-status-code"] = audit_entry("binary", 0, displayValue="404")
    with pytest.warns(ReaderWarning, match=r"(?s)not of the page that was meant.*HTTP 404"):
        audit = read_audit(put("r.json", report))
    assert len(audit.judgements) == 0
    assert audit.runs["http_status"].tolist() == [404]


@pytest.mark.parametrize(
    ("score", "mode", "outcome"),
    [
        (0.9, "numeric", "met"),
        (0.89, "numeric", "partly"),
        (0.5, "metricSavings", "partly"),
        (0.49, "numeric", "not_met"),
        (None, "binary", "not_tested"),
        (1, "informative", None),
    ],
)
def test_graded_scores_follow_the_colours(score: float | None, mode: str, outcome: str | None) -> None:
    assert outcome_of(score, mode) == outcome


CSV = """requestedUrl,finalDisplayedUrl,fetchTime,gatherMode
"https://dvc.example.vn/","https://dvc.example.vn/","2024-01-02T00:00:00.000Z","navigation"

category,score
"accessibility",0.5

category,audit,score,displayValue,description
"performance","speed-index","0.7","4 s","d"
"accessibility","image-alt","0","","d, with comma"
"accessibility","video-caption","","","d"
"best-practices","is-on-https","1","","d"
"""


def test_csv_of_two_stacked_tables(put: Any, outcome_by_criterion: Any) -> None:
    audit = read_audit(put("r.csv", CSV.replace("\n", "\r\n")))
    assert outcome_by_criterion(audit) == {
        "lighthouse:speed-index": "partly",
        "wcag:1.1.1": "not_met",
        "wcag:1.2.2": "not_tested",
        "lighthouse:is-on-https": "met",
    }


def test_a_score_that_is_no_number_is_named_with_its_line(put: Any) -> None:
    with pytest.raises(ReaderError, match=r"r\.csv, line 9: the score 'zero' is no number"):
        read_audit(put("r.csv", CSV.replace('"image-alt","0"', '"image-alt","zero"')))


def test_missing_headers_are_undecided_and_not_free_of_the_shortcoming(put: Any, report: Any) -> None:
    """Information that lists what is missing, with severity High, is no pass."""
    item = {"severity": "High", "description": "No HSTS header found"}
    for name, severity in (("csp-xss", "Medium"), ("has-hsts", "High"), ("clickjacking-mitigation", "Low")):
        details = {
            "type": "table",
            "items": [{**item, "severity": "Low"}] * 4 + [{**item, "severity": severity}],
        }
        report["audits"][name] = audit_entry("informative", 1, details=details)
        report["categories"]["best-practices"]["auditRefs"].append({"id": name})
    report["audits"]["is-on-https"]["score"] = 1
    audit = read_audit(put("r.json", report))
    judged = audit.judgements.set_index("criterion_id")
    assert judged.loc[["lighthouse:csp-xss", "lighthouse:has-hsts"], "outcome"].tolist() == ["cant_tell"] * 2
    assert "lighthouse:clickjacking-mitigation" not in judged.index
    assert judged.loc["lighthouse:has-hsts", "severity"] == "high"
    found = shortcomings(audit, rule="any").set_index("shortcoming")
    assert found.loc["S3", ["base", "undecided"]].tolist() == [0, 1]
    assert found.loc["S3", ["count", "estimate"]].isna().all()


@pytest.mark.parametrize("score", [7, -0.5, float("nan"), float("inf"), "good", True])
def test_scores_that_are_none_are_faults(put: Any, report: Any, score: Any) -> None:
    report["audits"]["html-has-lang"]["score"] = score
    with pytest.raises(ReaderError, match=r"the score .* \(audit 'html-has-lang'\)"):
        read_audit(put("r.json", report))


@pytest.mark.parametrize("score", ["7", "nan", "inf"])
def test_scores_that_are_none_are_faults_in_csv_too(put: Any, score: str) -> None:
    with pytest.raises(ReaderError, match=r"line 9: the score .* is not between 0 and 1"):
        read_audit(put("r.csv", CSV.replace('"image-alt","0"', f'"image-alt","{score}"')))


def test_what_only_informs_is_not_met_in_csv(put: Any, outcome_by_criterion: Any) -> None:
    rows = "".join(
        f'"best-practices","{name}","1","","d"\n' for name in ("js-libraries", "metrics", "has-hsts")
    )
    found = outcome_by_criterion(read_audit(put("r.csv", CSV + rows)))
    assert found["lighthouse:has-hsts"] == "cant_tell"
    assert not {"lighthouse:js-libraries", "lighthouse:metrics"} & set(found)


def test_the_one_table_of_older_versions(put: Any, outcome_by_criterion: Any) -> None:
    head = '"requestedUrl","finalUrl","category","name","title","type","score"\r\n'
    page = '"https://dvc.example.vn/","https://dvc.example.vn/"'
    rows = [
        '"Accessibility","accessibility-score","Overall","numeric","0.5"',
        '"Accessibility","image-alt","Images","binary","0"',
        '"Accessibility","tabindex","Tab","notApplicable","-1"',
        '"Best Practices","js-libraries","Libraries","informative","-1"',
        '"Performance","speed-index","Speed","numeric","0.95"',
    ]
    audit = read_audit(put("r.csv", head + "\r\n".join(f"{page},{row}" for row in rows)))
    assert outcome_by_criterion(audit) == {
        "wcag:1.1.1": "not_met",
        "axe:tabindex": "not_applicable",
        "lighthouse:speed-index": "met",
    }


def test_a_row_that_is_cut_off_is_named_with_its_line(put: Any) -> None:
    head = "requestedUrl,finalUrl,category,name,title,type,score\n"
    page = "https://dvc.example.vn/,https://dvc.example.vn/,Accessibility"
    text = f"{head}{page},image-alt,Images,binary,0\n\n{page},tabindex,Tab\n"
    with pytest.raises(ReaderError, match=r"r\.csv, line 4: the row ends before \['score', 'type'\]"):
        read_audit(put("r.csv", text))


def test_an_audit_of_two_categories_counts_once_in_csv(put: Any) -> None:
    again = '"best-practices","image-alt","1","","d"\n'
    judged = read_audit(put("r.csv", CSV + again), criteria="rule").judgements
    assert judged.loc[judged["criterion_id"] == "axe:image-alt", "outcome"].tolist() == ["not_met"]


def test_an_error_page_without_its_number_is_not_audited(put: Any, report: Any) -> None:
    report["audits"]["http-status-code"] = audit_entry("binary", 0, displayValue="no answer")
    audit = read_audit(put("r.json", report))
    assert len(audit.judgements) == 0
    assert audit.runs["status"].tolist() == ["error"]
    assert audit.runs["message"].tolist() == ["the page answered with the HTTP status of an error; slow"]


def test_evidence_is_the_first_item_that_shows_a_place(put: Any, report: Any) -> None:
    items = [{"wastedBytes": 9}, {"node": {"snippet": "<p>", "selector": "p"}}]
    report["audits"]["speed-index"]["details"] = {"items": items}
    report["audits"]["is-on-https"]["details"] = {"items": [{"wastedBytes": 9}]}
    judged = read_audit(put("r.json", report)).judgements.set_index("criterion_id")
    assert judged.loc["lighthouse:speed-index", "evidence"] == "speed-index ×2: <p> at p"
    assert judged.loc["lighthouse:is-on-https", "evidence"] == "is-on-https ×1"


def test_pictures_are_dropped_while_a_report_is_read() -> None:
    picture = {"screenshot": {"data": "data:image/webp;base64,UklG"}, "nodes": {"a": {"top": 1}}}
    assert slim(picture) == {}
    assert slim({**picture, "nodes": ["a"]}) == {**picture, "nodes": ["a"]}
