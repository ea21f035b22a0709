"""Any file or folder: told apart by content, faults together, nothing audited that was not."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal_analysis.audit.readers import MappingError, ReaderError, ReaderWarning, files, read_audit
from portal_analysis.tables import workbooks

PAGE = {
    "documentTitle": "T",
    "pageUrl": "https://a.example.vn/",
    "issues": [{"code": "WCAG2AA.Principle1.Guideline1_1.1_1_1.H37", "type": "error", "message": "m"}],
}
SHEET = "portal,round,search\nhue,2024,đạt\nson-la,2024,\n"


def test_a_folder_of_everything_is_one_audit(put: Any, axe_result: Any, read: Any) -> None:
    put("tools/page.txt", PAGE)
    put("tools/deeper/axe.dat", axe_result)
    put("people/sheet.csv", SHEET)
    put(".hidden", "x")
    folder = put("people/~$sheet.xlsx", "lock").parents[1]
    audit = read(folder, round="2024")
    assert audit.portal_ids() == ["a.example.vn", "dichvucong.example.vn", "hue", "son-la"]
    assert set(audit.judgements["source_file"]) == {
        "tools/page.txt",
        "tools/deeper/axe.dat",
        "people/sheet.csv",
    }
    assert audit.rounds() == ["2024"]
    assert audit.criteria.set_index("criterion_id").loc["wcag:1.1.1", "mode"] == "automatic"


def test_people_and_tools_on_one_criterion_make_it_semi_automatic(put: Any, read: Any) -> None:
    put("a.json", PAGE)
    site = {"website": {"siteName": "A", "siteScope": "https://a.example.vn"}}
    result = {"test": "WCAG2:non-text-content", "subject": "_:w", "result": {"outcome": "earl:passed"}}
    folder = put(
        "b.json", {"@graph": [{"type": "Evaluation", "evaluationScope": site, "auditResult": [result]}]}
    ).parent
    audit = read(folder)
    assert audit.criteria["mode"].tolist() == ["semi-automatic"]
    assert audit.assessors["kind"].tolist() == ["expert", "tool"]


def test_a_rubric_may_judge_what_a_tool_judges(put: Any) -> None:
    put("a.json", PAGE)
    folder = put("b.csv", "portal,wcag:1.1.1\na.example.vn,đạt\n").parent
    audit = read_audit(folder)
    assert audit.judgements["outcome"].tolist() == ["not_met", "met"]
    row = audit.criteria.astype(object).iloc[0]
    assert row[["mode", "levels", "wcag_sc"]].tolist() == ["semi-automatic", "không đạt|đạt", "1.1.1"]


def test_known_portals_get_the_addresses_of_their_hosts(put: Any, read: Any) -> None:
    portals = pd.DataFrame(
        {"portal_id": ["p1", "p2"], "url": ["https://www.a.example.vn/x", "https://b.example.vn"]}
    )
    path = put("a.json", {**PAGE, "pageUrl": "http://a.example.vn/y"})
    audit = read(path, portals=portals)
    assert audit.judgements["portal_id"].tolist() == ["p1"]
    assert audit.portal_ids() == ["p1", "p2"]
    strange = read(put("a.json", {**PAGE, "pageUrl": "https://sub.a.example.vn/"}), portals=portals)
    assert strange.judgements["portal_id"].tolist() == ["sub.a.example.vn"]


def test_all_faults_of_all_files_come_at_once(put: Any) -> None:
    put("a.json", '{"unknown": 1}')
    put("b.json", '{"pageUrl": "x",\n')
    put("c.csv", "portal,a\nA,perhaps\n")
    put("d.html", "<html>")
    put("e.csv", "tỉnh\n".encode("utf-16-le"))
    put("f.json", "")
    put("g.csv", b"portal,a\n\xff\xfe\xff,1\n")
    folder = put("h.xlsx", b"PK\x03\x04broken").parent
    with pytest.raises(ReaderError, match="8 faults") as error:
        read_audit(folder)
    assert error.value.table["file"].tolist() == [
        "a.json",
        "b.json",
        "c.csv",
        "d.html",
        "e.csv",
        "f.json",
        "g.csv",
        "h.xlsx",
    ]
    assert error.value.table["line"].tolist()[1:3] == [2, 2]


def test_bad_files_can_be_skipped_and_are_listed(put: Any) -> None:
    put("a.json", PAGE)
    folder = put("b.json", "{").parent
    manifest = pd.DataFrame({"file": ["b.json"], "url": ["https://b.example.vn/"]})
    with pytest.warns(ReaderWarning, match="1 audit results could not be read") as caught:
        audit = read_audit(folder, manifest=manifest, faults="skip")
    assert caught[0].message.table["file"].tolist() == ["b.json"]  # type: ignore[union-attr]
    runs = audit.runs.set_index("portal_id")["status"].astype(object).to_dict()
    assert runs == {"a.example.vn": "ok", "b.example.vn": "error"}
    assert set(audit.judgements["portal_id"]) == {"a.example.vn"}


def test_nothing_readable_is_an_error_even_when_skipping(put: Any, tmp_path: Path) -> None:
    with pytest.raises(ReaderError):
        read_audit(put("b.json", "{"), faults="skip")
    with pytest.raises(ReaderError, match="there is no such file or folder"):
        read_audit(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReaderError, match="the folder holds no file"):
        read_audit(tmp_path / "empty")


def test_a_manifest_in_the_folder_is_used(put: Any) -> None:
    put("a.json", PAGE["issues"])
    folder = put(
        "manifest.csv",
        "file,portal_id,page_id,url,http_status,round,assessor_id,rated_at,status,message\n"
        "a.json,P1,home,https://a.example.vn/,200,2024,robot,2024-05-01,,\n"
        ",P2,,https://b.example.vn/,,2024,,,unreachable,no answer\n"
        ",P3,,https://c.example.vn/,503,2024,,,,\n",
    ).parent
    audit = read_audit(folder)
    row = audit.judgements.astype(object).iloc[0]
    assert row[["portal_id", "page_id", "assessor_id", "round"]].tolist() == ["P1", "home", "robot", "2024"]
    assert str(row["rated_at"]) == "2024-05-01 00:00:00"
    runs = audit.runs.astype(object).set_index("portal_id")
    assert runs["status"].to_dict() == {"P1": "ok", "P2": "unreachable", "P3": "error"}
    assert runs.loc["P2", "message"] == "no answer"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,colour\nx,y\n", "unknown columns"),
        ("file,http_status\na.json,yes\n", "http_status 'yes'"),
        ("file,status\na.json,fine\n", "status 'fine'"),
        ("file,rated_at\na.json,1/2/2024\n", "write dates as 2024-05-31"),
        ("file,portal_id\nother.json,P\n", "there is no file 'other.json'"),
    ],
)
def test_faults_of_a_manifest_are_named(put: Any, text: str, message: str) -> None:
    path = put("a.json", PAGE)
    with pytest.raises(ReaderError, match=message):
        read_audit(path, manifest=put("../m.csv", text))


def test_a_manifest_of_another_kind_is_named(put: Any) -> None:
    with pytest.raises(ReaderError, match="manifest is 3; it must be a text, a path, a DataFrame or None"):
        read_audit(put("a.json", PAGE), manifest=3)  # type: ignore[arg-type]


def test_mixed_documents_in_one_file_are_a_fault(put: Any, axe_result: Any) -> None:
    with pytest.raises(ReaderError, match=r"line 2: this document is no result of Pa11y"):
        read_audit(put("a.json", json.dumps(PAGE) + "\n" + json.dumps(axe_result)))


# -------------------------------------------------------------------------------------- not audited

OUTCOME = {
    "đạt": "met",
    "không đạt": "not_met",
    "đạt một phần": "partly",
    "": "not_tested",
    "n/a": "not_applicable",
}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(st.sampled_from(sorted(OUTCOME)), min_size=3, max_size=3), min_size=1, max_size=8))
def test_a_blank_is_neither_failed_nor_passed(put: Any, cells: list[list[str]]) -> None:
    lines = ["portal,a,b,c", *(",".join([f"p{place}", *row]) for place, row in enumerate(cells))]
    audit = read_audit(put("w.csv", "\n".join(lines)), {"criteria": ["a", "b", "c"]})
    assert audit.judgements["outcome"].tolist() == [OUTCOME[cell] for row in cells for cell in row]


STATES = ("clean", "issue", "failed", "runtime error", "unreachable")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=6))
def test_a_page_that_was_not_reached_has_no_judgement(put: Any, states: list[str]) -> None:
    folder = put("ci.json", {"total": 0, "passes": 0, "errors": 0, "results": {}}).parent
    for old in folder.glob("lhr*.json"):
        old.unlink()
    results: dict[str, Any] = {}
    missing = []
    for place, state in enumerate(states):
        url = f"https://p{place}.example.vn/"
        if state == "runtime error":
            audits = {"image-alt": {"score": 0, "scoreDisplayMode": "binary"}}
            named = {"accessibility": {"auditRefs": [{"id": "image-alt"}]}}
            report = {"lighthouseVersion": "12", "requestedUrl": url, "audits": audits, "categories": named}
            put(f"lhr{place}.json", {**report, "runtimeError": {"code": "X", "message": "m"}})
        elif state == "unreachable":
            missing.append({"url": url, "status": "unreachable", "portal_id": f"p{place}.example.vn"})
        else:
            results[url] = {"clean": [], "issue": PAGE["issues"], "failed": [{"message": "no"}]}[state]
    if results:
        put("ci.json", {"total": 0, "passes": 0, "errors": 0, "results": results})
    else:
        (folder / "ci.json").unlink(missing_ok=True)
        put("none.csv", "organisation,base_url,number_of_pages,sector\n,https://z.example.vn/,1,\n")
    manifest = pd.DataFrame(missing, columns=["url", "status", "portal_id"])
    audit = read_audit(folder, manifest=manifest, tested={"pa11y": ["1.1.1"], "lighthouse": ["1.1.1"]})
    judged = audit.judgements.astype(object).set_index("portal_id")["outcome"].to_dict()
    expected = {"clean": "met", "issue": "not_met"}
    assert judged == {
        f"p{place}.example.vn": expected[one] for place, one in enumerate(states) if one in expected
    }
    assert len(audit.runs) == len(states)


# ------------------------------------------------------------------------------------------- hostile

_HEADS = [
    b"",
    b"{",
    b"[",
    b'{"violations": ',
    b"PK\x03\x04",
    b"\x1f\x8b\x08\x00",
    b"portal,a\n",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(_HEADS), st.binary(max_size=60))
def test_garbage_is_a_reader_error(put: Any, head: bytes, body: bytes) -> None:
    path = put("g.bin", head + body)
    try:
        audit = read_audit(path)
    except ReaderError:
        return
    assert set(audit.judgements["outcome"]) <= {"not_tested"}


_STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=True) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_SKELETONS: list[dict[str, Any]] = [
    {
        "violations": 0,
        "passes": 0,
        "incomplete": 0,
        "inapplicable": 0,
        "url": 0,
        "testEngine": 0,
        "timestamp": 0,
    },
    {
        "lighthouseVersion": 0,
        "requestedUrl": 0,
        "audits": 0,
        "categories": 0,
        "runtimeError": 0,
        "runWarnings": 0,
    },
    {"pageUrl": 0, "documentTitle": 0, "issues": 0},
    {"results": 0, "total": 0},
    {"@graph": 0},
    {"audit_reference": 0, "pages": 0, "inventory": 0, "auditor": 0, "audited_at": 0},
    {"audit_reference": {}, "pages": [{"uri": 1, "assessments": [{"criterion": 0, "status": []}]}]},
    {"results": 0, "numExecuted": 0, "summary": 0},
    {"results": [{"ruleId": 1, "value": 3, "path": 0}], "summary": {"toolID": "x", "URL": "https://a.vn"}},
    {"scan": {"algorithmVersion": 1, "statusCode": 0}, "tests": 0},
    {"algorithm_version": 0, "tests_passed": 0, "tests_failed": 0, "details_url": 0},
    {"items": {"mustFix": {"rules": 0}}, "pagesScanned": 0, "pagesNotScanned": 0, "endTime": 0},
    {"mustFix": {"rules": [{"pagesAffected": [{"url": "https://a.vn", "items": 0}]}]}, "pagesScanned": 0},
    {"lighthouseResult": {"lighthouseVersion": "12", "audits": 0, "categories": 0}, "id": 0},
    {"steps": 0, "lhr": {"lighthouseVersion": "12", "requestedUrl": 0, "audits": 0, "fetchTime": 0}},
    {"@graph": [{"@type": "TestSubject", "source": 0, "assertor": 0, "assertions": 0}]},
    {
        "@type": "Evaluation",
        "@context": 0,
        "auditSample": 0,
        "selectSample": 0,
        "defineScope": 0,
        "creator": 0,
    },
]


def _filled(value: Any, data: Any) -> Any:
    """A skeleton with something strange wherever it has a 0."""
    if isinstance(value, dict):
        return {key: _filled(one, data) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, data) for one in value]
    return value or data.draw(_STRANGE)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(_SKELETONS), st.data())
@pytest.mark.filterwarnings("ignore::portal_analysis.audit.readers.ReaderWarning")
def test_results_with_strange_insides_are_read_or_named(
    put: Any, skeleton: dict[str, Any], data: Any
) -> None:
    filled = {key: _filled(value, data) for key, value in skeleton.items()}
    for key in ("url", "requestedUrl", "pageUrl"):
        if key in filled and data.draw(st.booleans()):
            filled[key] = "https://a.example.vn/"
    try:
        audit = read_audit(put("s.json", filled))
    except ReaderError:
        return
    assert set(audit.judgements["criterion_id"]) <= set(audit.criteria["criterion_id"])


def test_a_workbook_that_unfolds_without_end_is_refused(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST", 1_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x" * 5_000)
    with pytest.raises(ReaderError, match="unfolds to 5,000 bytes"):
        read_audit(put("b.xlsx", packed.getvalue()))


def test_a_workbook_with_entities_is_refused(put: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(ReaderError, match="declares a document type"):
        read_audit(put("b.xlsx", packed.getvalue()))


def test_a_packed_file_that_unfolds_without_end_is_refused(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_TEXT", 100_000)
    path = put("a.json.gz", gzip.compress(b"[" + b" " * 1_000_000))
    with pytest.raises(ReaderError, match="unfolds to more than"):
        read_audit(path)


def test_a_mapping_that_is_no_mapping_is_named(put: Any) -> None:
    path = put("w.csv", SHEET)
    with pytest.raises(MappingError, match=r"m\.toml: not TOML: "):
        read_audit(path, put("../m.toml", "= ="))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"files": 3}, "'files' is 3"),
        ({"files": [1]}, "'files' is"),
        ({"columns": {"portal": 1}}, "'columns' holds 1"),
        ({"columns": {"portal": {}}}, "'columns' holds {}"),
        ({"levels": [None, "a"]}, "'levels' holds None"),
        ({"levels": {"a": []}}, r"'levels' holds \[\]"),
        ({"criteria_levels": {"a": 1}}, "'criteria_levels, a' holds None"),
        ({"header": 0}, "lines are counted from 1"),
        ({"file_pattern": 3}, "'file_pattern' is 3"),
        ({"shape": ["wide"]}, "'shape' is"),
    ],
)
def test_a_mapping_of_wrong_kinds_is_named(put: Any, said: dict[str, Any], told: str) -> None:
    with pytest.raises(MappingError, match=told):
        read_audit(put("w.csv", SHEET), mapping=said)


def test_nothing_in_a_mapping_is_as_if_it_were_not_there(put: Any, read: Any) -> None:
    path = put("w.csv", SHEET)
    alone = read(path).judgements
    pd.testing.assert_frame_equal(read(path, mapping={"levels": None, "columns": None}).judgements, alone)


def test_a_large_file_is_never_held_whole(put: Any, read: Any, axe_result: Any) -> None:
    node = {
        "html": "<p>" + "x" * 3_000,
        "target": ["p"],
        "any": [{"id": "c", "relatedNodes": [], "message": "m" * 200}],
    }
    rules = [
        {"id": f"rule-{place}", "tags": ["wcag111"], "help": "h", "nodes": [node] * 40}
        for place in range(120)
    ]
    path = put("large.json", {**axe_result, "passes": rules})
    del rules
    size = path.stat().st_size
    assert size > 15_000_000
    tracemalloc.start()
    try:
        audit = read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(audit.judgements) > 0
    assert peak < size / 2
