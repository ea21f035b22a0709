"""Audits in files, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit import write
from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.readers import ReaderError, read_audit
from portal_analysis.audit.write import WriteError, write_audit, write_earl


@pytest.fixture
def audit() -> Audit:
    """Two portals, judged by a person and a tool, with texts that spreadsheets would run."""
    judgements = pd.DataFrame(
        {
            "portal_id": ["01", "01", "02", "02", "01"],
            "page_id": [None, "https://a.vn/", None, None, None],
            "criterion_id": ["search", "wcag:1.1.1", "search", "privacy", "privacy"],
            "assessor_id": ["An", "axe", "An", "An", "An"],
            "round": ["2024"] * 5,
            "rating": ["đạt", None, "không đạt", None, "đạt một phần"],
            "outcome": ["met", "not_met", "not_met", "not_tested", "partly"],
            "evidence": ["=HYPERLINK(1)", "<script>alert(1)</script>", "+1", "-", "@x"],
            "comment": ["'quoted", "line\nbreak", 'comma, "quote"', None, "tab\there _x0041_"],
            "rated_at": ["2024-05-01T10:11:12.123456", None, None, None, "2024-05-02"],
            "source_row": [2, 3, None, 5, 6],
        }
    )
    criteria = pd.DataFrame(
        {
            "criterion_id": ["search", "privacy", "wcag:1.1.1"],
            "wording_vi": ["Tra cứu", "Quyền riêng tư", None],
            "wording_en": [None, None, "Non-text Content"],
            "scale": ["ordinal", "ordinal", "binary"],
            "levels": ["không đạt|đạt một phần|đạt", "không đạt|đạt một phần|đạt", None],
            "good_from": ["đạt", "đạt", None],
            "weight": [0.1, 1 / 3, None],
            "wcag_sc": [None, "3.3.2", "1.1.1"],
        }
    )
    portals = pd.DataFrame(
        {
            "portal_id": ["01", "02"],
            "province_code": ["01", "02"],
            "name_vi": ["Hà Nội", "Hà Giang"],
            "url": ["https://a.vn/", None],
        }
    )
    assessors = pd.DataFrame(
        {"assessor_id": ["An", "axe"], "kind": ["expert", "tool"], "tool": [None, "axe-core"]}
    )
    pages = pd.DataFrame({"page_id": ["https://a.vn/"], "portal_id": ["01"], "url": ["https://a.vn/"]})
    runs = pd.DataFrame({"portal_id": ["02"], "status": ["unreachable"], "http_status": [503]})
    return Audit(
        judgements,
        criteria=criteria,
        portals=portals,
        assessors=assessors,
        pages=pages,
        runs=runs,
        source="toy",
        simulated=True,
    )


def assert_same(one: Audit, other: Audit) -> None:
    assert (one.source, one.simulated) == (other.source, other.simulated)
    for name, frame in one.tables().items():
        pd.testing.assert_frame_equal(other.tables()[name], frame, obj=name)


@pytest.mark.parametrize("name", ["audit.xlsx", "audit"])
def test_what_was_written_is_read(audit: Audit, tmp_path: Path, name: str) -> None:
    assert_same(audit, read_audit(write_audit(audit, tmp_path / name)))


@pytest.mark.parametrize("name", ["audit.xlsx", "audit"])
def test_no_judgement_is_no_loss_either(tmp_path: Path, name: str) -> None:
    empty = Audit(pd.DataFrame(columns=["portal_id", "criterion_id", "assessor_id", "round", "outcome"]))
    assert_same(empty, read_audit(write_audit(empty, tmp_path / name)))


def test_the_same_audit_gives_the_same_bytes(audit: Audit, tmp_path: Path) -> None:
    first, second = (write_audit(audit, tmp_path / name).read_bytes() for name in ("1.xlsx", "2.xlsx"))
    assert first == second


def test_no_cell_is_a_formula(audit: Audit, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_audit(audit, tmp_path / "audit.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [
        cell for cell in cells if cell.data_type == "f" or str(cell.value).startswith(("=", "+", "-", "@"))
    ]
    assert "'=HYPERLINK(1)" in {cell.value for cell in cells}
    text = (write_audit(audit, tmp_path / "csv") / "judgements.csv").read_text("utf-8")
    assert ",'=HYPERLINK(1)," in text
    assert ",'@x," in text


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00￾￿"), max_size=12)


@given(
    st.lists(
        texts | st.sampled_from(["=1", "'=1", "''", " a ", "a\r\nb", "\t", "NA", "nan", "1.0"]),
        min_size=1,
        max_size=4,
    )
)
@pytest.mark.slow
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, comments: list[str]) -> None:
    rows = {
        "portal_id": [f"p{place}" for place in range(len(comments))],
        "criterion_id": "c",
        "assessor_id": "a",
        "round": "1",
        "outcome": "met",
        "comment": comments,
    }
    audit = Audit(pd.DataFrame(rows))
    folder = tmp_path_factory.mktemp("w")
    for name in ("a.xlsx", "a"):
        assert_same(audit, read_audit(write_audit(audit, folder / name)))


def test_what_does_not_fit_is_named(audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "MOST_ROWS", 4)
    monkeypatch.setattr(write, "LONGEST_CELL", 20)
    with pytest.raises(
        WriteError, match=r"judgements has 5 rows(.|\n)*judgements\.evidence holds more than 20"
    ):
        write_audit(audit, tmp_path / "audit.xlsx")
    escaped = Audit(audit.judgements.assign(comment="_x000D_"), audit.criteria)
    with pytest.raises(WriteError, match=r"judgements\.comment holds text that looks like an escape"):
        write_audit(escaped, tmp_path / "audit.xlsx")
    broken = Audit(audit.judgements.assign(comment="a\x00b"), audit.criteria)
    with pytest.raises(WriteError, match=r"judgements\.comment holds characters that are no Unicode"):
        write_audit(broken, tmp_path / "audit")


def evaluations(audit: Audit, folder: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text("utf-8")) for path in write_earl(audit, folder)}


def test_one_evaluation_a_portal_round_and_assessor(audit: Audit, tmp_path: Path) -> None:
    made = evaluations(audit, tmp_path / "earl")
    assert list(made) == ["01_2024_An.json", "01_2024_axe.json", "02_2024_An.json"]
    person = made["01_2024_An.json"]
    assert person["reportFindings"]["title"] == "Hà Nội, round 2024 (simulated data)"
    assert person["reportFindings"]["evaluator"] == "An"
    one = person["auditSample"][0]
    assert one["test"]["id"] == "WCAG21:labels-or-instructions"
    assert one["result"]["outcome"]["id"] == "earl:failed"
    assert one["result"]["description"].startswith("partly met\n")
    tool = made["01_2024_axe.json"]
    assert (
        tool["selectSample"]["structuredSample"][0]["id"]
        == tool["auditSample"][0]["subject"]["id"]
        == "https://a.vn/"
    )
    assert tool["auditSample"][0]["mode"] == "earl:automatic"


def test_evaluations_have_the_parts_that_the_report_tool_opens(audit: Audit, tmp_path: Path) -> None:
    steps = {"defineScope", "exploreTarget", "selectSample", "auditSample", "reportFindings"}
    for evaluation in evaluations(audit, tmp_path / "earl").values():
        assert evaluation["type"] == "Evaluation"
        assert steps < set(evaluation)
        assert steps <= set(evaluation["@context"])
        assert evaluation["defineScope"]["conformanceTarget"] == "AA"
        subjects = {"_:website", *(page["id"] for page in evaluation["selectSample"]["structuredSample"])}
        for assertion in evaluation["auditSample"]:
            assert {"subject", "test", "result", "mode", "assertedBy"} <= set(assertion)
            assert assertion["subject"]["id"] in subjects
            assert assertion["test"]["id"].split(":")[0] in ("WCAG21", "WCAG22")


def test_evaluations_are_read_as_they_were_meant(audit: Audit, tmp_path: Path) -> None:
    write_earl(audit, tmp_path / "earl")
    again = read_audit(tmp_path / "earl", round="2024")
    table = again.judgements.astype(object)[["criterion_id", "assessor_id", "outcome"]]
    assert sorted(map(tuple, table.to_numpy().tolist())) == [
        ("wcag:1.1.1", "axe", "not_met"),
        ("wcag:3.3.2", "An", "not_met"),
        ("wcag:3.3.2", "An", "not_tested"),
    ]


def test_all_judgements_as_assertions(audit: Audit, tmp_path: Path) -> None:
    (path,) = write_earl(audit, tmp_path, form="earl")
    graph = json.loads(path.read_text("utf-8"))["@graph"]
    assert len(graph) == 5
    assert [one["result"]["outcome"]["id"] for one in graph] == [
        "earl:passed",
        "earl:failed",
        "earl:failed",
        "earl:untested",
        "earl:failed",
    ]
    assert graph[4]["test"]["isPartOf"] == {"id": "WCAG21:labels-or-instructions"}


def test_no_success_criterion_is_no_evaluation(tmp_path: Path) -> None:
    rows = {
        "portal_id": ["p"],
        "criterion_id": ["c"],
        "assessor_id": ["a"],
        "round": ["1"],
        "outcome": ["met"],
    }
    with pytest.raises(WriteError, match="no judgement on a WCAG success criterion"):
        write_earl(Audit(pd.DataFrame(rows)), tmp_path / "earl")
    assert not (tmp_path / "earl").exists()


def test_a_pass_of_a_tool_leaves_the_criterion_to_people(audit: Audit, tmp_path: Path) -> None:
    passed = audit.judgements.astype(object).assign(outcome="met", rating=None, comment=None)
    mine = Audit(passed, audit.criteria, assessors=audit.assessors, portals=audit.portals, pages=audit.pages)
    (path,) = write_earl(mine, tmp_path, form="earl")
    found = {
        one["mode"]: (one["result"]["outcome"]["id"], one["result"]["description"].split("\n")[0])
        for one in json.loads(path.read_text("utf-8"))["@graph"]
    }
    assert found["earl:automatic"] == ("earl:cantTell", "an automatic check found no failure")
    assert found["earl:manual"][0] == "earl:passed"
    (path,) = write_earl(mine, tmp_path, form="earl", tool_passes="passed")
    assert {one["result"]["outcome"]["id"] for one in json.loads(path.read_text())["@graph"]} == {
        "earl:passed"
    }
    with pytest.raises(WriteError, match="tool_passes is 'met'"):
        write_earl(mine, tmp_path, tool_passes="met")  # type: ignore[arg-type]


def test_the_whole_sample_is_kept(tmp_path: Path) -> None:
    rows = {
        "portal_id": "p",
        "criterion_id": "wcag:1.1.1",
        "assessor_id": ["An", "Lan"],
        "round": "1",
        "outcome": "met",
    }
    judged = pd.DataFrame(rows).assign(page_id=["https://a.vn/", "https://a.vn/lan"])
    pages = {
        "https://a.vn/": "structured sample",
        "https://a.vn/random": "random sample",
        "https://a.vn/untested": "structured sample",
        "https://a.vn/lan": "random sample",
    }
    table = pd.DataFrame(
        [(page, "p", page, role) for page, role in pages.items()],
        columns=["page_id", "portal_id", "url", "role"],
    )
    criteria = pd.DataFrame({"criterion_id": ["wcag:1.1.1"], "wcag_sc": ["1.1.1"]})
    sample = evaluations(Audit(judged, criteria, pages=table), tmp_path)["p_1_An.json"]["selectSample"]
    assert [page["id"] for page in sample["structuredSample"]] == ["https://a.vn/", "https://a.vn/untested"]
    assert [page["id"] for page in sample["randomSample"]] == ["https://a.vn/random"]
    again = read_audit(tmp_path / "p_1_An.json")
    roles = again.pages.astype(object).set_index("page_id")["role"].to_dict()
    assert roles == {page: role for page, role in pages.items() if page != "https://a.vn/lan"}


def test_pages_of_one_name_keep_their_own_address(tmp_path: Path) -> None:
    rows = {"portal_id": ["a", "b"], "page_id": "home", "criterion_id": "k", "assessor_id": "x", "round": "1"}
    pages = {"portal_id": ["a", "b"], "page_id": "home", "url": ["https://a.vn/", "https://b.vn/"]}
    audit = Audit(pd.DataFrame(rows).assign(outcome="met"), pages=pd.DataFrame(pages))
    (path,) = write_earl(audit, tmp_path, form="earl")
    graph = json.loads(path.read_text("utf-8"))["@graph"]
    assert [one["subject"]["id"] for one in graph] == ["https://a.vn/", "https://b.vn/"]


def test_evaluations_that_would_have_one_name_are_refused(tmp_path: Path) -> None:
    rows = {"portal_id": ["a b", "a-b"], "criterion_id": "wcag:1.1.1", "assessor_id": "x", "round": "1"}
    criteria = pd.DataFrame({"criterion_id": ["wcag:1.1.1"], "wcag_sc": ["1.1.1"]})
    audit = Audit(pd.DataFrame(rows).assign(outcome="met"), criteria)
    with pytest.raises(WriteError, match=r"two evaluations would be called 'a-b_1_x\.json'"):
        write_earl(audit, tmp_path / "earl")


def test_a_table_that_is_no_csv_any_more_is_named(audit: Audit, tmp_path: Path) -> None:
    folder = write_audit(audit, tmp_path / "audit")
    (folder / "judgements.csv").write_text('portal_id,outcome\n"01,met\n', encoding="utf-8")
    (folder / "runs.csv").write_bytes(b"portal_id\n\xff\n")
    with pytest.raises(ReaderError, match=r"no CSV: .*; write the audit again") as error:
        read_audit(folder)
    assert error.value.table["file"].tolist() == ["judgements.csv", "runs.csv"]


def test_tables_that_do_not_fit_together_any_more_are_named(audit: Audit, tmp_path: Path) -> None:
    folder = write_audit(audit, tmp_path / "audit")
    text = (folder / "portals.csv").read_text("utf-8")
    (folder / "portals.csv").write_text("\n".join(text.splitlines()[:2]), encoding="utf-8")
    with pytest.raises(ReaderError, match=r"'02'.*; correct the cells that are named"):
        read_audit(folder)


def test_a_written_workbook_with_a_cell_far_off_is_too_large(audit: Audit, tmp_path: Path) -> None:
    path = write_audit(audit, tmp_path / "audit.xlsx")
    book = openpyxl.load_workbook(path)
    for row in range(10, 50):
        book["judgements"].cell(row, 16_384).value = "x"
    book.save(path)
    with pytest.raises(ReaderError, match="the sheet is too large"):
        read_audit(path)
