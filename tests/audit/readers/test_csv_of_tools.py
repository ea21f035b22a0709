# ruff: noqa: E501  (rows of CSV are as long as the tools write them)
"""Oobee's and CWAC's CSV."""

from __future__ import annotations

from typing import Any

import pytest

from portal_analysis.audit.readers import ReaderError, read_audit

OOBEE = """customFlowLabel,deviceChosen,scanCompletedAt,severity,issueId,issueDescription,wcagConformance,url,pageTitle,context,howToFix,axeImpact,xpath,learnMore
,Desktop,2024-05-01T10:00:00.000Z,mustFix,image-alt,Images,"wcag2a,wcag111",https://a.example.vn/,T,<img>,fix,critical,/img,
,Desktop,2024-05-01T10:00:00.000Z,needsReview,oobee-grading,Grade,"wcag2aaa,wcag315",https://a.example.vn/,T,<p>,fix,,/p,
,Desktop,2024-05-01T10:00:00.000Z,error,error-pages-skipped,Skipped,,https://a.example.vn/b,T,,,,,
"""


def test_oobee_tells_skipped_pages(put: Any, outcome_by_criterion: Any) -> None:
    audit = read_audit(put("report.csv", OOBEE))
    assert outcome_by_criterion(audit) == {"wcag:1.1.1": "not_met", "wcag:3.1.5": "cant_tell"}
    runs = audit.runs.set_index("requested_url")["status"].astype(object).to_dict()
    assert runs == {"https://a.example.vn/": "ok", "https://a.example.vn/b": "error"}
    by_rule = outcome_by_criterion(read_audit(put("report.csv", OOBEE), criteria="rule"))
    assert by_rule == {"axe:image-alt": "not_met", "oobee:oobee-grading": "cant_tell"}


def test_oobee_faults_have_lines(put: Any) -> None:
    with pytest.raises(ReaderError, match=r"report\.csv, line 3: severity 'severe'"):
        read_audit(put("report.csv", OOBEE.replace("needsReview", "severe")))


def test_oobee_may_leave_lines_empty(put: Any, outcome_by_criterion: Any) -> None:
    head, first, *others = OOBEE.splitlines()
    audit = read_audit(put("report.csv", "\n".join([head, first, "", "," * 13, *others])))
    assert outcome_by_criterion(audit) == {"wcag:1.1.1": "not_met", "wcag:3.1.5": "cant_tell"}
    assert audit.judgements["source_row"].tolist() == [2, 5]


CWAC = """﻿organisation,sector,page_title,base_url,url,viewport_size,audit_id,page_id,audit_type,issue_id,description,target,num_issues,help,helpUrl,id,impact,html,tags,best-practice
Dept A,Gov,T,https://a.example.vn/,https://a.example.vn/x,{'w': 1},1,1,axe_core_audit,1,d,#i,2,Help,u,image-alt,critical,<img>,"['wcag2a', 'wcag111']",No
Dept A,Gov,T,https://a.example.vn/,https://a.example.vn/x,{'w': 2},1,1,axe_core_audit,2,d,#r,1,Help,u,region,moderate,<p>,['best-practice'],Yes
Dept B,Gov,T,https://b.example.vn/,https://b.example.vn/,{'w': 1},1,2,axe_core_audit,,,,0,,,,,,,
"""


def test_cwac_tells_clean_pages(put: Any, outcome_by_criterion: Any) -> None:
    audit = read_audit(put("axe_core_audit.csv", CWAC))
    assert outcome_by_criterion(audit) == {"wcag:1.1.1": "not_met", "axe:region": "not_met"}
    assert audit.runs["portal_id"].tolist() == ["a.example.vn", "b.example.vn"]
    assert audit.runs["status"].tolist() == ["ok", "ok"]
    assert audit.portals["name_en"].tolist() == ["Dept A", "Dept B"]


def test_cwac_pages_scanned_are_portals(put: Any) -> None:
    put("axe_core_audit.csv", CWAC)
    folder = put(
        "pages_scanned.csv",
        "organisation,base_url,number_of_pages,sector\nDept C,https://c.example.vn/,0,Gov\n",
    ).parent
    assert read_audit(folder).portals["portal_id"].tolist() == [
        "a.example.vn",
        "b.example.vn",
        "c.example.vn",
    ]


def test_cwac_may_leave_lines_empty(put: Any) -> None:
    audit = read_audit(put("axe_core_audit.csv", CWAC.replace("Dept B", "\nDept B")))
    assert audit.judgements["source_row"].tolist() == [2, 3]
    assert audit.runs["portal_id"].tolist() == ["a.example.vn", "b.example.vn"]


def test_cwac_names_a_site_by_its_organisation_if_it_has_no_address(put: Any) -> None:
    text = "organisation,base_url,number_of_pages,sector\nDept C,,3,Gov\n,,3,Gov\n,https://d.example.vn,3,\n"
    audit = read_audit(put("pages_scanned.csv", text))
    assert audit.portals["portal_id"].tolist() == ["d.example.vn", "site:Dept C"]
