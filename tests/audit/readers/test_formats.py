# ruff: noqa: E501  (rows of CSV are as long as the tools write them)
"""Formats of tools and programs: whole CWAC folders, Oobee, Equal Access, the Observatory, EU audits, .ods, Stata."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from portal_analysis.audit.readers import ReaderError, ReaderWarning, read_audit
from portal_analysis.audit.readers.opendocument import opendocument_sheets
from portal_analysis.audit.shortcomings import shortcomings

CWAC = "﻿organisation,sector,page_title,base_url,url,viewport_size,audit_id,page_id,audit_type,issue_id,description,target,num_issues,help,helpUrl,id,impact,html,tags,best-practice\n"


def test_a_whole_cwac_folder(put: Any) -> None:
    a, b = (
        "Dept A,Gov,Home,https://a.example.vn/,https://a.example.vn/,{}",
        "Dept B,Gov,Home,https://b.example.vn/,https://b.example.vn/,{}",
    )
    rows = f"{a},1_small,1,axe_core_audit,1,d,#i,2,Images must have alt,u,image-alt,critical,<img>,\"['wcag111']\",No\n"
    clean = f"{b},2_small,2,axe_core_audit,,,,0,,,,,,,\n"
    put("axe_core_audit.csv", CWAC + rows + clean)
    put(
        "axe_core_audit_template_aware.csv",
        CWAC.replace("best-practice", "best-practice,num_pages") + rows.replace(",No", ",No,9"),
    )
    put(
        "reflow_audit.csv",
        f"organisation,sector,page_title,base_url,url,viewport_size,audit_id,page_id,num_issues,overflows,overflow_amount_px\n{a},1_small,1,1,TRUE,40\n{b},2_small,2,0,FALSE,0\n",
    )
    put(
        "focus_indicator_audit.csv",
        f"organisation,sector,page_title,base_url,url,viewport_size,audit_id,page_id,num_issues,description,html\n{a},1_small,1,0,,\n{b},2_small,2,1,The page never stopped animating (WCAG 2.2.2),\n",
    )
    put(
        "title_audit.csv",
        f"organisation,sector,page_title,base_url,url,viewport_size,audit_id,page_id\n{a},1,1\n",
    )
    put(
        "pages_scanned.csv",
        "organisation,base_url,number_of_pages,sector\nDept A,https://a.example.vn/,1,Gov\nDept C,https://c.example.vn/,0,Gov\n",
    )
    put(
        "anti_bot.csv",
        "organisation,domain,url,anti_bot_check,viewport_size\nDept D,d.example.vn,https://d.example.vn/,cloudflare,{}\n",
    )
    put(
        "audit_log.csv",
        "organisation,base_url,url,sector\nDept A,https://a.example.vn/,https://a.example.vn/,Gov\nDept E,https://e.example.vn/,https://e.example.vn/x,Gov\n",
    )
    put("progress.csv", "time,iteration\n1,2\n")
    put("config.json", {"headless": True})
    put("screenshots/1_small.png", b"\x89PNG\r\n")
    folder = put("2024-05-01.log", "started").parent
    audit = read_audit(folder)
    judged = audit.judgements.set_index(["portal_id", "criterion_id"])["outcome"].astype(object).to_dict()
    assert judged == {
        ("a.example.vn", "wcag:1.1.1"): "not_met",
        ("a.example.vn", "wcag:1.4.10"): "not_met",
        ("a.example.vn", "wcag:2.4.7"): "met",
        ("b.example.vn", "wcag:1.4.10"): "met",
        ("b.example.vn", "wcag:2.2.2"): "cant_tell",
    }
    runs = audit.runs.set_index("portal_id")["status"].astype(object).to_dict()
    assert runs == {
        "a.example.vn": "ok",
        "b.example.vn": "ok",
        "c.example.vn": "unreachable",
        "d.example.vn": "blocked",
        "e.example.vn": "not_run",
    }
    assert audit.judgements["elements"].tolist()[0] == 2
    assert audit.assessors["reports"].tolist() == ["problems"]


def test_a_template_aware_file_alone_is_read(put: Any) -> None:
    row = "A,G,T,https://a.vn/,https://a.vn/,{},1,1,axe_core_audit,1,d,#i,900,h,u,image-alt,critical,<i>,\"['wcag111']\",No,12\n"
    path = put(
        "axe_core_audit_template_aware.csv", CWAC.replace("best-practice", "best-practice,num_pages") + row
    )
    assert read_audit(path).judgements["elements"].tolist() == [1]


def oobee_result(new: bool) -> dict[str, Any]:
    """A result with one rule a category, in the old form (rules by name at the top) or the new."""
    pages = [
        {"url": "https://a.example.vn/", "pageTitle": "A", "items": [{"html": "<img>", "xpath": "/img"}] * 4}
    ]

    def category(name: str, tags: list[str]) -> dict[str, Any]:
        said = {"conformance": tags, "axeImpact": "serious", "description": "d", "pagesAffected": pages}
        return {"totalItems": 4, "rules": [{"rule": name, **said}] if new else {name: said}}

    items = {
        "mustFix": category("image-alt", ["wcag2a", "wcag111"]),
        "goodToFix": category("region", ["best-practice"]),
        "needsReview": category("color-contrast", ["wcag143"]),
        "passed": category("html-has-lang", ["wcag311"]),
    }
    about = {
        "endTime": "2024-05-01T10:00:00Z",
        "oobeeAppVersion": "0.10",
        "pagesScanned": [{"url": "https://b.example.vn/", "pageTitle": "B"}],
        "pagesNotScanned": [{"url": "https://c.example.vn/", "httpStatusCode": 404}, "https://d.example.vn/"],
    }
    return {**about, **({"items": items} if new else items)}


@pytest.mark.parametrize("new", [True, False])
def test_oobee_json(put: Any, new: bool) -> None:
    audit = read_audit(put("scan.json", oobee_result(new)))
    judged = audit.judgements.set_index("criterion_id")
    assert judged["outcome"].astype(object).to_dict() == {
        "wcag:1.1.1": "not_met",
        "axe:region": "not_met",
        "wcag:1.4.3": "cant_tell",
        "wcag:3.1.1": "met",
    }
    assert judged.loc["wcag:1.1.1", ["severity", "elements"]].tolist() == ["serious", 4]
    runs = audit.runs.set_index("portal_id")["status"].astype(object).to_dict()
    assert runs == {
        "a.example.vn": "ok",
        "b.example.vn": "ok",
        "c.example.vn": "error",
        "d.example.vn": "error",
    }
    only = read_audit(put("scan.json", oobee_result(new)), types="mustFix")
    assert only.judgements["criterion_id"].tolist() == ["wcag:1.1.1"]


def test_all_elements_of_oobee_are_counted(put: Any) -> None:
    result = oobee_result(True)
    page = result["items"]["mustFix"]["rules"][0]["pagesAffected"][0]
    page["items"] = page["items"] * 500
    assert read_audit(put("scan.json", result)).judgements["elements"].tolist()[0] == 2000
    page["itemsCount"] = 2001
    assert read_audit(put("scan.json", result)).judgements["elements"].tolist()[0] == 2001


def test_what_oobee_says_of_no_page_or_category_is_passed_over(put: Any) -> None:
    result = oobee_result(True)
    result["items"]["mine"] = result["items"]["mustFix"]
    result["items"]["mustFix"]["rules"][0]["pagesAffected"].append({"pageTitle": "no address"})
    result["items"]["goodToFix"]["rules"].append("no rule")
    result["pagesScanned"].append({"url": None})
    result["pagesNotScanned"] = [{"httpStatusCode": 500}, True, None]
    audit = read_audit(put("scan.json", result))
    assert audit.judgements["portal_id"].unique().tolist() == ["a.example.vn"]
    assert len(audit.judgements) == 4
    assert audit.runs["status"].tolist() == ["ok", "ok"]


IBM = {
    "results": [
        {
            "ruleId": "img_alt_valid",
            "value": ["VIOLATION", "FAIL"],
            "level": "violation",
            "message": "m",
            "snippet": "<img>",
            "path": {"dom": "/html/img"},
        },
        {
            "ruleId": "img_alt_valid",
            "value": ["VIOLATION", "FAIL"],
            "level": "violation",
            "message": "m",
            "snippet": "<img>",
        },
        {"ruleId": "text_contrast_sufficient", "value": ["VIOLATION", "POTENTIAL"], "message": "m"},
        {"ruleId": "page_title_exists", "value": ["VIOLATION", "PASS"], "level": "pass"},
        {"ruleId": "html_skipnav_exists", "value": ["VIOLATION", "MANUAL"], "level": "manual"},
    ],
    "numExecuted": 5,
    "ruleTime": 12,
    "summary": {
        "URL": "https://dvc.example.vn/",
        "startReport": 1714557600000,
        "toolID": "accessibility-checker-v3.1.60",
    },
}


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"report": one}])
def test_equal_access(put: Any, wrap: Any) -> None:
    audit = read_audit(put("ibm.json", wrap(IBM)))
    judged = audit.judgements.set_index("criterion_id")
    assert judged["outcome"].astype(object).to_dict() == {
        "ibm:img_alt_valid": "not_met",
        "ibm:text_contrast_sufficient": "cant_tell",
        "ibm:page_title_exists": "met",
        "ibm:html_skipnav_exists": "cant_tell",
    }
    assert judged.loc["ibm:img_alt_valid", ["severity", "elements"]].tolist() == ["violation", 2]
    assert audit.assessors["version"].tolist() == ["3.1.60"]
    assert str(audit.runs["started_at"].iloc[0]) == "2024-05-01 10:00:00"


@pytest.mark.parametrize("start", [0, -5, 1e15, True, "yesterday"])
def test_equal_access_without_a_time_has_none(put: Any, start: Any) -> None:
    report = {**IBM, "summary": {**IBM["summary"], "startReport": start}}  # type: ignore[dict-item]
    audit = read_audit(put("ibm.json", report))
    assert audit.runs["started_at"].isna().all()
    assert len(audit.judgements) == 4


OBSERVATORY = {
    "scan": {
        "algorithmVersion": 4,
        "grade": "C",
        "score": 55,
        "statusCode": 200,
        "testsFailed": 1,
        "testsPassed": 1,
    },
    "tests": {
        "content-security-policy": {"pass": False, "result": "csp-not-implemented", "scoreModifier": -25},
        "cookies": {"pass": True, "result": "cookies-secure", "scoreModifier": 0},
        "subresource-integrity": {"pass": None, "result": "sri-not-needed"},
    },
}


def test_the_observatory_measures_data_protection(put: Any) -> None:
    path = put("o.json", OBSERVATORY)
    manifest = pd.DataFrame({"file": ["o.json"], "url": ["https://dvc.example.vn/"]})
    audit = read_audit(path, manifest=manifest)
    judged = audit.judgements.set_index("criterion_id")
    assert judged["outcome"].astype(object).to_dict() == {
        "observatory:content-security-policy": "not_met",
        "observatory:cookies": "met",
        "observatory:subresource-integrity": "not_applicable",
    }
    assert judged.loc["observatory:content-security-policy", "comment"].endswith("(-25)")
    found = shortcomings(audit, rule="any").set_index("shortcoming")
    assert found.loc["S3", ["count", "base"]].tolist() == [1, 1]
    with pytest.raises(ReaderError, match="nothing says which portal"):
        read_audit(path)


def test_the_observatory_service_gives_the_sum_of_its_tests(put: Any) -> None:
    answer = {
        "algorithm_version": 4,
        "grade": "A",
        "score": 100,
        "status_code": 200,
        "tests_failed": 0,
        "tests_passed": 10,
        "error": None,
    }
    link = "https://developer.mozilla.org/en-US/observatory/analyze?host=dvc.example.vn"
    audit = read_audit(put("o.json", {**answer, "details_url": link}))
    assert audit.judgements[["portal_id", "outcome"]].astype(object).to_numpy().tolist() == [
        ["dvc.example.vn", "met"]
    ]
    broken = read_audit(put("o.json", {**answer, "details_url": link, "error": "site-down"}))
    assert broken.runs["status"].tolist() == ["error"]


def test_the_observatory_may_name_the_host(put: Any) -> None:
    audit = read_audit(put("o.json", {**OBSERVATORY, "host": "dvc.example.vn"}))
    assert audit.portal_ids() == ["dvc.example.vn"]


def assessment(number: str, status: str, **more: Any) -> dict[str, Any]:
    return {"criterion": {"number": number}, "status": {"name": status}, "exemption": False, **more}


EU = {
    "auditor": "Bureau X",
    "audited_at": "2025-03-04",
    "inventory": {"name": "Cổng A"},
    "audit_reference": {"name": "RAWeb", "version": "1"},
    "pages": [
        {
            "number": 1,
            "uri": "https://a.example.lu/fr",
            "assessments": [
                assessment("1.1", "C"),
                assessment("1.2", "NC", changes_to_do="mend it", exemption=True, exemption_comment="map"),
            ],
        },
        {
            "number": 2,
            "uri": "https://dev.example.net/x",
            "assessments": [assessment("1.1", "NA"), assessment("1.2", "NC")],
        },
        {"number": 3, "uri": "Contact", "assessments": [assessment("1.1", "NT"), assessment("1.2", "NT")]},
    ],
}


def test_audits_by_the_eu_method(put: Any) -> None:
    audit = read_audit(put("eu.json", EU))
    assert audit.portals[["portal_id", "name_en"]].astype(object).to_numpy().tolist() == [
        ["a.example.lu", "Cổng A"]
    ]
    assert audit.judgements["outcome"].astype(object).tolist() == [
        "met",
        "not_met",
        "not_applicable",
        "not_met",
        "not_tested",
        "not_tested",
    ]
    assert audit.judgements["criterion_id"].astype(object).tolist()[:2] == ["RAWeb 1:1.1", "RAWeb 1:1.2"]
    assert audit.judgements["comment"].tolist()[1] == "mend it\nexempt: map"
    assert audit.runs["status"].astype(object).tolist() == ["ok", "ok", "not_run"]
    assert audit.pages["role"].astype(object).tolist().count("home") == 1
    assert audit.assessors[["assessor_id", "kind"]].astype(object).to_numpy().tolist() == [
        ["Bureau X", "expert"]
    ]
    levels = {**EU, "pages": [{"uri": "x", "assessments": [assessment("1.8", "C"), assessment("1.1", "C")]}]}
    found = read_audit(put("eu.json", levels)).criteria.set_index("criterion_id")["wcag_level"].astype(object)
    assert found.to_dict() == {"RAWeb 1:1.8": "AA", "RAWeb 1:1.1": "A"}
    wrong = {**EU, "pages": [{"number": 1, "uri": "x", "assessments": [assessment("1.1", "OK")]}]}
    with pytest.raises(ReaderError, match=r"'1\.1' has the status 'OK'; statuses are"):
        read_audit(put("eu.json", wrong))


def test_a_comment_that_is_cut_says_so(put: Any) -> None:
    page = {"uri": "https://a.example.lu", "assessments": [assessment("1.1", "NC", changes_to_do="x" * 5000)]}
    comment = read_audit(put("eu.json", {**EU, "pages": [page]})).judgements["comment"].iloc[0]
    assert comment == "x" * 3999 + "…"


def test_criteria_of_a_method_that_is_not_listed_have_no_level(put: Any) -> None:
    own = {**EU, "audit_reference": {"name": "Ours"}, "pages": EU["pages"][:1]}  # type: ignore[index]
    criteria = read_audit(put("eu.json", own)).criteria
    assert criteria["criterion_id"].tolist() == ["Ours:1.1", "Ours:1.2"]
    assert criteria["wcag_level"].isna().all()
    app = {**own, "audit_reference": {"name": "RAAM"}}
    app["pages"] = [
        {"uri": "x.example.lu", "assessments": [assessment("14.3", "C"), assessment("14.1", "C")]}
    ]
    levels = read_audit(put("eu.json", app)).criteria.set_index("criterion_id")["wcag_level"]
    assert levels.isna().to_dict() == {"RAAM:14.3": True, "RAAM:14.1": False}


def test_pa11y_escapes_quotes_by_a_backslash(put: Any) -> None:
    text = '"type","code","message","context","selector"\n"error","WCAG2AA.Principle1.Guideline1_1.1_1_1.H37","Img, \\"no alt\\"","<img src=\\"a,b.png\\">","html > img"\n'
    manifest = pd.DataFrame({"file": ["p.csv"], "url": ["https://a.example.vn/"]})
    audit = read_audit(put("p.csv", text), manifest=manifest)
    assert audit.judgements["evidence"].tolist() == ['<img src="a,b.png"> at html > img']
    assert audit.judgements["comment"].tolist()[0].endswith('Img, "no alt"')


@pytest.mark.parametrize(
    ("extras", "kind", "outcome"),
    [
        ({"needsFurtherReview": False}, "notice", "not_met"),
        ({"needsFurtherReview": True}, "error", "cant_tell"),
        ({}, "error", "cant_tell"),
    ],
)
def test_the_type_of_an_axe_issue_in_pa11y_is_not_its_certainty(
    put: Any, extras: Any, kind: str, outcome: str
) -> None:
    issue = {
        "code": "image-alt",
        "type": kind,
        "message": "m",
        "runner": "axe",
        "runnerExtras": {"impact": "minor", **extras},
    }
    page = {"documentTitle": "T", "pageUrl": "https://a.example.vn/", "issues": [issue]}
    audit = read_audit(put("p.json", page))
    assert audit.judgements[["outcome", "severity"]].astype(object).to_numpy().tolist() == [
        [outcome, "minor"]
    ]


def test_types_can_be_chosen(put: Any) -> None:
    issues = [
        {
            "code": f"WCAG2AA.Principle1.Guideline1_1.1_1_{place}.H",
            "type": kind,
            "message": "m",
            "runner": "htmlcs",
        }
        for place, kind in enumerate(["error", "warning", "notice"], start=1)
    ]
    issues[1]["code"] = "WCAG2AA.Principle1.Guideline1_4.1_4_3.G18"
    path = put("p.json", {"documentTitle": "T", "pageUrl": "https://a.example.vn/", "issues": issues})
    assert read_audit(path, types="error").judgements["outcome"].tolist() == ["not_met"]
    assert len(read_audit(path, types=["error", "warning"]).judgements) == 2
    with pytest.raises(ReaderError, match="types is 'errors'; it can be"):
        read_audit(path, types="errors")


def test_a_pass_on_parsing_is_a_pass_of_its_rule_and_needs_no_look(
    put: Any, axe_result: Any, read: Any, outcome_by_criterion: Any
) -> None:
    passed = {"id": "duplicate-id", "tags": ["wcag2a", "wcag411"], "nodes": []}
    found = outcome_by_criterion(read(put("a.json", {**axe_result, "passes": [passed]})))
    assert found["axe:duplicate-id"] == "met"
    assert "wcag:4.1.1" not in found


@pytest.mark.parametrize("code", ["WCAG2AA.Principle4.Guideline4_1.4_1_1.F77", "duplicate-id"])
def test_parsing_is_no_criterion_any_more(put: Any, code: str) -> None:
    runner = "axe" if code == "duplicate-id" else "htmlcs"
    issue = {
        "code": code,
        "type": "error",
        "message": "double id",
        "runner": runner,
        "runnerExtras": {"needsFurtherReview": False},
    }
    with pytest.warns(ReaderWarning, match="criteria that WCAG no longer has"):
        audit = read_audit(
            put("p.json", {"documentTitle": "T", "pageUrl": "https://a.vn/", "issues": [issue]})
        )
    assert audit.judgements[["criterion_id", "outcome"]].astype(object).to_numpy().tolist() == [
        [f"{runner}:{code}", "not_met"]
    ]
    assert audit.criteria["wcag_sc"].isna().all()


def test_people_may_still_judge_parsing_in_wcag_21(put: Any) -> None:
    node = {
        "@type": "Assertion",
        "assertedBy": "An",
        "mode": "earl:manual",
        "subject": {"source": "https://a.vn/"},
        "test": "WCAG21:parsing",
        "result": {"outcome": "earl:failed"},
    }
    audit = read_audit(put("e.json", {"@graph": [node]}))
    assert audit.criteria[["criterion_id", "scheme"]].astype(object).to_numpy().tolist() == [
        ["wcag:4.1.1", "wcag21"]
    ]


def test_criteria_carry_level_and_clause(put: Any, axe_result: Any, read: Any) -> None:
    criteria = read(put("a.json", axe_result)).criteria.set_index("criterion_id")
    assert criteria.loc["wcag:1.4.3", ["wcag_level", "en_301_549"]].tolist() == ["AA", "9.1.4.3"]
    rules = read(put("a.json", axe_result), criteria="rule").criteria.set_index("criterion_id")
    assert rules.loc["axe:image-alt", ["wcag_level", "en_301_549"]].tolist() == ["A", "9.1.1.1"]


def test_frames_that_axe_could_not_test_are_said_beside_its_passes(
    put: Any, axe_result: Any, read: Any
) -> None:
    axe_result["incomplete"].append({"id": "frame-tested", "tags": ["best-practice"], "nodes": [{}, {}]})
    audit = read(put("a.json", axe_result))
    comments = audit.judgements.set_index("criterion_id")["comment"]
    assert comments["wcag:2.4.2"].endswith("2 frames of the page could not be tested")
    assert "2 frames" in audit.runs["message"].iloc[0]


# ------------------------------------------------------------------------------------- other programs

STYLES = """<office:automatic-styles>
<style:style style:name="g" style:family="table-cell"><style:table-cell-properties fo:background-color="#00b050"/></style:style>
<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles>"""
NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "fo": "xsl-fo-compatible",
    }.items()
)


def ods(path: Path, rows: str) -> Path:
    table = (
        f'<table:table table:name="S"><table:table-column table:visibility="collapse"/>{rows}</table:table>'
    )
    hidden = '<table:table table:name="H" table:style-name="off"><table:table-row><table:table-cell/></table:table-row></table:table>'
    text = f"<office:document-content {NAMES}>{STYLES}<office:body><office:spreadsheet>{table}{hidden}</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text)
    return path


def cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def test_opendocument(tmp_path: Path) -> None:
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    number = (
        '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    )
    green = '<table:table-cell table:style-name="g"/>'
    rows = (
        row(cell("Tỉnh"), cell("Tra<text:s/>cứu"), cell("b"), cell("c"))
        + row(cell("Huế"), cell("Đạt"), number, green)
        + row(
            cell("Sơn La"),
            cell("Không đạt", 'table:number-columns-repeated="2"'),
            cell(""),
            more='table:visibility="collapse"',
        )
    )
    with pytest.warns(ReaderWarning) as said:
        audit = read_audit(ods(tmp_path / "a.ods", rows + empty))
    found = said[0].message.table["found"].tolist()  # type: ignore[union-attr]
    assert found == ["hidden rows: 3", "hidden columns: A"]
    judged = audit.judgements.set_index(["portal_id", "criterion_id"])["outcome"].astype(object).to_dict()
    assert judged == {
        ("Huế", "Tra cứu"): "met",
        ("Huế", "b"): "met",
        ("Huế", "c"): "met",
        ("Sơn La", "Tra cứu"): "not_met",
        ("Sơn La", "b"): "not_met",
        ("Sơn La", "c"): "not_tested",
    }


def test_each_kind_of_cell_of_opendocument(tmp_path: Path) -> None:
    typed = (
        '<table:table-cell office:value-type="{0}" office:{1}="{2}"><text:p>shown</text:p></table:table-cell>'
    )
    cells = [
        typed.format("boolean", "boolean-value", "true"),
        typed.format("date", "date-value", "2024-05-01"),
        typed.format("float", "value", "x"),
        typed.format("percentage", "value", "0.5"),
        cell(
            "a<text:tab/>b<office:annotation><text:p>note</text:p></office:annotation> <text:span>c</text:span>"
        ),
        "<table:covered-table-cell/>",
        cell("one</text:p><text:p>two"),
    ]
    grouped = f"<table:table-row-group>{row(*cells)}</table:table-row-group>"
    blank = row(
        '<table:table-cell table:number-columns-repeated="3"/>', more='table:number-rows-repeated="2"'
    )
    (sheet,) = opendocument_sheets(ods(tmp_path / "k.ods", row(cell("a")) + blank + grouped), "k.ods")
    rows = [list(map(str, one)) for one in sheet.rows]
    assert rows[0] == ["a"]
    assert rows[3] == ["true", "2024-05-01", "x", "0.5", "a b c", "", "one\ntwo"]
    assert len(rows) == 4


def test_what_is_no_row_cell_or_colour_of_opendocument_is_passed_over(tmp_path: Path) -> None:
    filled = STYLES.replace("#00b050", "transparent")
    cells = row("<text:p>loose</text:p>", cell("a", 'table:style-name="g"'), "<office:annotation/>")
    path = ods(tmp_path / "k.ods", f"<office:forms/>{cells}")
    with zipfile.ZipFile(path) as archive:
        text = archive.read("content.xml").decode()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", text.replace(STYLES, filled))
    (sheet,) = opendocument_sheets(path, "k.ods")
    assert [list(one) for one in sheet.rows] == [["a"]]
    assert sheet.shades == {}


def test_an_opendocument_that_unfolds_to_too_much_is_refused(tmp_path: Path) -> None:
    """A small file may unfold to five million bytes."""
    path = tmp_path / "b.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b" " * 6_000_000)
    with pytest.raises(ReaderError, match=r"b\.ods: the spreadsheet is too large; split it"):
        read_audit(path)


def test_cells_repeated_over_many_rows_of_opendocument_are_too_many(tmp_path: Path) -> None:
    rows = row(cell("a", 'table:number-columns-repeated="100"'), more='table:number-rows-repeated="9000"')
    with pytest.raises(ReaderError, match="the sheet is too large"):
        read_audit(ods(tmp_path / "b.ods", rows))


def test_columns_shown_and_hidden_are_counted_on(tmp_path: Path) -> None:
    shown = '<table:table-column table:number-columns-repeated="2"/>'
    hidden = '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
    (sheet,) = opendocument_sheets(ods(tmp_path / "k.ods", shown + hidden + row(cell("a"))), "k.ods")
    assert sheet.said == ("hidden columns: A, D, E",)


@pytest.mark.parametrize("content", [b"<a>", b"no xml"])
def test_a_broken_opendocument_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    with pytest.raises(ReaderError, match="the spreadsheet cannot be read"):
        read_audit(path)


REPEATED = '<table:table-cell table:number-columns-repeated="16384"/>'
HARM = {
    "blanks": row(cell('a<text:s text:c="999999999999"/>')),
    "no number": row(cell("a"), more='table:number-rows-repeated="²"'),
    "many digits": row(cell("a"), more=f'table:number-rows-repeated="{"9" * 5_000}"'),
    "columns": row(REPEATED * 5_000, cell("a")),
    "rows": (row(more='table:number-rows-repeated="1048576"') + row(cell("a"))) * 60,
    "depth": row(cell("<text:span>" * 5_000 + "a" + "</text:span>" * 5_000)),
    "groups": "<table:table-row-group>" * 5_000 + row(cell("a")) + "</table:table-row-group>" * 5_000,
    "hidden": '<table:table-column table:visibility="collapse" table:number-columns-repeated="16384"/>'
    * 5_000
    + row(cell("a")),
}


@pytest.mark.parametrize("rows", HARM.values(), ids=HARM)
def test_what_a_small_opendocument_repeats_is_bounded(tmp_path: Path, rows: str) -> None:
    path, start = ods(tmp_path / "harm.ods", rows), time.process_time()
    with pytest.raises(ReaderError):
        read_audit(path)
    assert time.process_time() - start < 5


def test_a_formula_without_a_value_in_opendocument(tmp_path: Path) -> None:
    formula = '<table:table-cell table:formula="of:=1"/>'
    rows = row(cell("Tỉnh"), cell("a")) + row(cell("Huế"), formula)
    with pytest.raises(ReaderError, match="formulas without a stored value in 'S': B2"):
        read_audit(ods(tmp_path / "a.ods", rows))
    broken = tmp_path / "b.ods"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(ReaderError, match="declares a document type"):
        read_audit(broken)


def test_stata_and_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"v1": ["Hà Nội", "Huế"], "tra_cuu": pd.Categorical(["Đạt", "Chưa đạt"])})
    labels = {"v1": "Tỉnh", "tra_cuu": "Có tra cứu hồ sơ"}
    frame.to_stata(tmp_path / "r.dta", version=118, write_index=False, variable_labels=labels)
    audit = read_audit(tmp_path / "r.dta")
    assert audit.judgements["outcome"].astype(object).tolist() == ["met", "not_met"]
    assert audit.criteria[["criterion_id", "wording_vi"]].astype(object).to_numpy().tolist() == [
        ["tra_cuu", "Có tra cứu hồ sơ"]
    ]
    frame.rename(columns={"v1": "portal"}).to_parquet(tmp_path / "r.parquet")
    assert sorted(read_audit(tmp_path / "r.parquet").portal_ids()) == ["Huế", "Hà Nội"]


def test_an_archive_whose_names_are_no_text_is_a_fault(put: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ä.xml", "x")
    broken = packed.getvalue().replace("ä".encode(), b"\xff\xff")
    with pytest.raises(ReaderError, match="no workbook"):
        read_audit(put("a.ods", broken))
