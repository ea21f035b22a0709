"""What in a sheet is a criterion and a portal, and what is neither."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.styles import PatternFill

from portal_analysis.audit.coverage import coverage
from portal_analysis.audit.readers import MappingError, ReaderError, ReaderWarning, read_audit
from portal_analysis.audit.readers.levels import understand


def grid(audit: Any) -> dict[tuple[str, str], str]:
    table = audit.judgements[["portal_id", "criterion_id", "outcome"]].astype(object)
    return {(portal, criterion): outcome for portal, criterion, outcome in table.itertuples(index=False)}


def frame(text: str) -> pd.DataFrame:
    rows = [line.split(";") for line in text.strip().split("\n")]
    return pd.DataFrame(rows[1:], columns=rows[0])


@pytest.fixture(params=["csv", "xlsx", "frame"])
def sheet(request: Any, put: Any, tmp_path: Path) -> Any:
    """Return a function that gives one table in the form of the test: CSV, workbook or frame."""

    def make(text: str) -> Any:
        if request.param == "csv":
            return put("s.csv", text)
        if request.param == "frame":
            return frame(text)
        book = openpyxl.Workbook()
        for line in text.strip().split("\n"):
            book.active.append([cell or None for cell in line.split(";")])
        book.save(tmp_path / "s.xlsx")
        return tmp_path / "s.xlsx"

    return make


# ---------------------------------------------------------------------------------------- columns


def test_what_survey_tools_write_is_no_criterion(sheet: Any) -> None:
    head = "start;Tỉnh;tra_cuu;__version__;_id;_uuid;_tags;_index"
    text = f"{head}\n2024-05-01;Hà Nội;1;v1;7;u;;1\n2024-05-01;Huế;0;v1;8;w;;2\n"
    audit = read_audit(sheet(text))
    assert grid(audit) == {("Hà Nội", "tra_cuu"): "met", ("Huế", "tra_cuu"): "not_met"}
    assert coverage(audit, by=[])["estimate"].tolist() == [1.0]


def test_a_column_without_a_cell_and_sums_are_left_out_and_said(sheet: Any) -> None:
    text = "Portal;a;b;Tổng điểm;Xếp hạng\nA;x;;1;1\nB;;;0;2\n"
    with pytest.warns(ReaderWarning, match="2 rows or columns of sheets are no judgements") as said:
        audit = read_audit(sheet(text))
    assert grid(audit) == {("A", "a"): "met", ("B", "a"): "not_tested"}
    found = said[0].message.table["found"].tolist()  # type: ignore[union-attr]
    assert "['Tổng điểm', 'Xếp hạng']" in found[0]
    assert "['b']" in found[1]


def test_columns_that_a_mapping_names_are_criteria_whatever_they_are_called(sheet: Any) -> None:
    audit = read_audit(sheet("Portal;Rank;b\nA;1;\n"), {"criteria": ["Rank", "b"]})
    assert grid(audit) == {("A", "Rank"): "met", ("A", "b"): "not_tested"}


@pytest.mark.parametrize(
    "text",
    [
        "Portal;Tìm;Tìm/Đạt;Tìm/Chưa đạt;Tìm/Một phần\nA;;1;0;0\nB;;0;1;0\nC;;;;\nD;;0;0;1\n",
        "Portal;Tìm [Đạt];Tìm [Chưa đạt];Tìm [Một phần]\nA;true;;\nB;;true;\nC;;;\nD;;;true\n",
        ";Tìm;;\nPortal;Đạt;Chưa đạt;Một phần\nA;x;;\nB;;x;\nC;;;\nD;;;x\n",
    ],
    ids=["one column an answer", "brackets", "merged group above"],
)
def test_columns_of_answers_are_one_criterion(put: Any, text: str) -> None:
    audit = read_audit(put("s.csv", text))
    assert grid(audit) == {
        ("A", "Tìm"): "met",
        ("B", "Tìm"): "not_met",
        ("C", "Tìm"): "not_tested",
        ("D", "Tìm"): "partly",
    }


def test_answers_below_merged_headers(put: Any) -> None:
    text = "STT;Tỉnh;Tra cứu;;Liên hệ;\n;;Có;Không;Có;Không\n1;Huế;x;;;x\n2;Sơn La;;x;x;\n"
    assert grid(read_audit(put("s.csv", text))) == {
        ("Huế", "Tra cứu"): "met",
        ("Huế", "Liên hệ"): "not_met",
        ("Sơn La", "Tra cứu"): "not_met",
        ("Sơn La", "Liên hệ"): "met",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Portal;Search/Yes;Other\nA;1;x\n", "named after a level, 'Yes'"),
        ("Portal;Green;Help\nA;1;x\n", "named after a level, 'Green'"),
        ("Portal;Search/Yes;Search/No\nA;1;1\n", "names two levels"),
        ("Portal;Search/Yes;Search/No\nA;maybe;\n", "'maybe' below an answer to 'Search'"),
    ],
)
def test_names_of_levels_that_are_not_clear_are_faults(put: Any, text: str, message: str) -> None:
    with pytest.raises(ReaderError, match=message):
        read_audit(put("s.csv", text))


def test_more_columns_than_two_thousand_are_all_read(put: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["Portal", *(f"c{place}" for place in range(2_100))])
    page.append(["A", *([1] * 2_100)])
    book.save(tmp_path / "w.xlsx")
    assert len(read_audit(tmp_path / "w.xlsx").judgements) == 2_100


def test_the_row_with_the_columns_of_the_mapping_is_the_header(put: Any) -> None:
    path = put("s.csv", "Bảng đánh giá;\nnăm 2024;\nMã;b\nA;x\n")
    audit = read_audit(path, {"columns": {"portal": "mã"}})
    assert grid(audit) == {("A", "b"): "met"}
    assert audit.judgements["source_row"].tolist() == [4]


def test_a_mapping_may_say_the_line_of_the_groups(put: Any) -> None:
    text = "nhóm;Bảo mật;;Giao diện\nghi;;;\nCổng;a;b;c\nA;x;0;x\n"
    audit = read_audit(put("s.csv", text), {"groups": 1, "header": 3})
    groups = audit.criteria.set_index("criterion_id")["group"].astype(object)
    assert groups.to_dict() == {"a": "Bảo mật", "b": "Bảo mật", "c": "Giao diện"}


def test_columns_without_a_name_are_not_taken_for_one_name(put: Any) -> None:
    path = put("s.csv", "Mã;;c;\nA;;x;\n")
    assert grid(read_audit(path, {"shape": "wide", "columns": {"portal": "mã"}, "criteria": ["c"]})) == {
        ("A", "c"): "met"
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Portal;Tổng điểm;Xếp hạng\nA;3;1\n", "no column is left for criteria; say it in a mapping"),
        ("Portal;a;A \nA;x;0\n", r"columns occur twice: \['A', 'a'\]; give each its own name"),
    ],
)
def test_columns_that_are_no_criteria_or_one_twice_are_faults(put: Any, text: str, message: str) -> None:
    with pytest.raises(ReaderError, match=rf"s\.csv, line 1: {message}"):
        read_audit(put("s.csv", text))


def test_answers_beside_the_judgement_itself_are_not_read_twice(put: Any) -> None:
    text = "Portal;Tìm;Tìm/Đạt;Tìm/Chưa đạt\nA;đạt;1;\nB;chưa đạt;;1\nC;;;\n"
    assert grid(read_audit(put("s.csv", text))) == {
        ("A", "Tìm"): "met",
        ("B", "Tìm"): "not_met",
        ("C", "Tìm"): "not_tested",
    }


# ------------------------------------------------------------------------------------------- rows


def test_rows_that_judge_nothing_are_no_portals_and_need_no_word(put: Any) -> None:
    """An empty row that is numbered, and the heading of a sum without one."""
    text = "STT;Tỉnh;a\n1;Huế;x\n2;;\n;Tổng;\n3;Sơn La;0\n"
    assert grid(read_audit(put("s.csv", text))) == {("Huế", "a"): "met", ("Sơn La", "a"): "not_met"}


@pytest.mark.parametrize(
    "row",
    [
        "Điểm tối đa",
        "Trọng số:",
        "Max score",
        "Weight",
        "Trung bình",
        "Tỷ lệ đạt (%)",
        "Average",
        "Count",
        "Tổng",
    ],
)
def test_rows_of_sums_and_weights_are_no_portals(sheet: Any, row: str) -> None:
    for text in (f"Portal;a\n{row};1\nA;1\nB;0\n", f"Portal;a\nA;1\nB;0\n{row};1\n"):
        with pytest.warns(ReaderWarning, match="does not look like a portal"):
            audit = read_audit(sheet(text))
        assert audit.portal_ids() == ["A", "B"]


@pytest.mark.parametrize("name", ["Trung bình cả nước", "Tong so", "Average of all portals", "Cả nước"])
def test_a_numbered_row_of_an_average_is_no_portal(sheet: Any, name: str) -> None:
    with pytest.warns(ReaderWarning, match="does not look like a portal"):
        audit = read_audit(sheet(f"STT;Tỉnh;a\n1;A;1\n2;B;0\n3;{name};1\n"))
    assert audit.portal_ids() == ["A", "B"]


def test_signatures_and_footnotes_are_no_portals(sheet: Any) -> None:
    foot = "Số liệu do nhóm nghiên cứu thu thập bằng tay từ tháng 5 đến tháng 7 năm 2024"
    text = f"Cổng;a\nA;x\nB;\nNgười lập biểu;\n(*) chấm hai lần;\n{foot};\nGhi chú: xem sau;\n"
    with pytest.warns(ReaderWarning) as said:
        audit = read_audit(sheet(text))
    assert audit.portal_ids() == ["A", "B"]
    assert len(said[0].message.table) == 3  # type: ignore[union-attr]


def test_a_portal_that_was_not_reached_stays_one(sheet: Any) -> None:
    audit = read_audit(sheet("Cổng;a\nA;x\nTổng cục Thuế;\n"))
    assert audit.portal_ids() == ["A", "Tổng cục Thuế"]


# ------------------------------------------------------------------------------------------ cells


@pytest.mark.parametrize(
    "text", ["Có, Không", "Tốt; Kém", "Yes, No", "Đạt; chưa đạt trên di động", "Có\nKhông"]
)
def test_two_levels_in_one_cell_are_a_fault(put: Any, text: str) -> None:
    assert understand(text) is None
    path = put("s.csv", f'Portal,Search\nA,"{text}"\n')
    with pytest.raises(ReaderError, match="names two levels; leave one level in the cell"):
        read_audit(path)
    with pytest.raises(ReaderError, match="names two levels"):
        read_audit(pd.DataFrame({"Portal": ["A"], "Criterion": ["Search"], "Rating": [text]}))


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Đạt (có lỗi nhỏ)", "met"),
        ("Không đạt (có lỗi)", "not_met"),
        ("Đạt, không có lỗi", "met"),
        ("1 (0 lỗi)", "met"),
        ("Có; có", "met"),
    ],
)
def test_notes_stay_notes(text: str, outcome: str) -> None:
    found = understand(text)
    assert found is not None
    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("words", "outcomes"),
    [
        (["Vâng", "Không"], ["met", "not_met"]),
        (["xanh", "vàng", "đỏ"], ["met", "partly", "not_met"]),
        (["xanh", "vang", "do"], ["met", "partly", "not_met"]),
        (["vang", "khong"], ["met", "not_met"]),
        (["khong dat", "dat"], ["not_met", "met"]),
    ],
)
def test_tone_marks_count(put: Any, words: list[str], outcomes: list[str]) -> None:
    rows = "\n".join(f"P{place},{word}" for place, word in enumerate(words))
    assert read_audit(put("s.csv", f"Cổng,a\n{rows}\n")).judgements["outcome"].tolist() == outcomes


@pytest.mark.parametrize("word", ["Vắng", "Đặt", "Cổ", "Kẽm", "Đó", "vang"])
def test_a_word_that_differs_by_a_mark_is_another_word(put: Any, word: str) -> None:
    with pytest.raises(ReaderError, match="is no level that is known"):
        read_audit(put("s.csv", f"Cổng,a\nA,{word}\n"))


def test_headers_keep_their_marks_too(put: Any) -> None:
    with pytest.raises(ReaderError, match="no row names the columns"):
        read_audit(put("s.csv", "Tính,a\nA,x\n"))
    assert read_audit(put("s.csv", "Tinh,a\nA,x\n")).portal_ids() == ["A"]


def test_a_tick_beside_a_cross_is_asked_about(sheet: Any) -> None:
    with pytest.raises(ReaderError, match="'V' and 'X' stand side by side"):
        read_audit(sheet("Portal;a\nA;V\nB;X\n"))
    audit = read_audit(sheet("Portal;a\nA;V\nB;X\n"), {"levels": {"v": "met", "x": "not_met"}})
    assert grid(audit) == {("A", "a"): "met", ("B", "a"): "not_met"}


def filled(path: Path, rows: list[list[Any]], fills: dict[str, str]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, colour in fills.items():
        book.active[cell].fill = PatternFill("solid", fgColor=f"FF{colour}")
    book.save(path)
    return path


def test_a_tinted_row_or_column_says_nothing(tmp_path: Path) -> None:
    rows = [["Portal", "a", "b", "c"], ["A", None, "x", None], ["B", None, None, None]]
    tint, green = "C6EFCE", "00B050"
    path = filled(
        tmp_path / "t.xlsx",
        rows,
        {"A2": tint, "B2": tint, "C2": tint, "D2": tint, "B3": green, "D1": tint, "D3": tint},
    )
    with pytest.warns(ReaderWarning, match="line 2: the row is tinted"):
        audit = read_audit(path)
    assert grid(audit) == {
        ("A", "a"): "not_tested",
        ("A", "b"): "met",
        ("A", "c"): "not_tested",
        ("B", "a"): "met",
        ("B", "b"): "not_tested",
        ("B", "c"): "not_tested",
    }


def test_a_formula_without_a_value_is_a_fault(tmp_path: Path) -> None:
    path = filled(tmp_path / "f.xlsx", [["Portal", "a", "b"], ["A", "x", '=IF(1>0,"x","")']], {})
    with pytest.raises(ReaderError, match=r"formulas without a stored value in 'Sheet': C2; open the file"):
        read_audit(path)


def test_hidden_rows_and_columns_are_said(tmp_path: Path) -> None:
    path = filled(tmp_path / "h.xlsx", [["Portal", "a", "b"], ["A", "x", "x"], ["B", "x", "x"]], {})
    book = openpyxl.load_workbook(path)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    book.save(path)
    with pytest.warns(ReaderWarning, match="2 places in audit files") as said:
        assert len(read_audit(path).judgements) == 4
    found = said[0].message.table["found"].tolist()  # type: ignore[union-attr]
    assert found == ["hidden rows: 3", "hidden columns: C"]


# ------------------------------------------------------------------------------------------- faults


def test_one_unknown_word_is_one_fault(sheet: Any) -> None:
    text = "Portal;a;b;c\nA;khá;khá;tốt\nB;khá;kém;khá\n"
    with pytest.raises(ReaderError) as error:
        read_audit(sheet(text))
    assert len(error.value.faults) == 1
    assert "'khá' in 'a' and 2 more criteria and 3 more lines" in str(error.value)


def test_a_column_of_other_things_is_one_fault(put: Any) -> None:
    rows = "".join(f"P{place},x,town {place}\n" for place in range(40))
    with pytest.raises(ReaderError, match=r"(?s)1 fault:.*'where' holds 40 different texts"):
        read_audit(put("s.csv", "Portal,a,where\n" + rows))


def test_the_drafted_mapping_can_be_pasted(put: Any) -> None:
    path = put("s.csv", 'ma;cong "một";Tra cứu\n1;A;đạt\n2;B;không đạt\n')
    with pytest.raises(ReaderError) as error:
        read_audit(path)
    drafted = str(error.value).split("in TOML:\n")[1]
    mapping = tomllib.loads(drafted)
    mapping["columns"] = {"portal": mapping["criteria"].pop(0)}
    assert len(read_audit(path, mapping).judgements) == 2
    put(
        "mapping.toml",
        drafted.replace('portal = "ma"', 'portal = "cong \\"một\\""').replace('"cong \\"một\\"", ', ""),
    )
    assert read_audit(path.parent).portal_ids() == ["A", "B"]


def test_the_advice_on_a_word_can_be_pasted(put: Any) -> None:
    path = put("s.csv", "Portal,a\nA,khá\nB,tốt (nhanh)\nC,kém\n")
    with pytest.raises(ReaderError) as error:
        read_audit(path)
    found = re.search(r"levels = \{.*?\}", str(error.value))
    assert found is not None
    audit = read_audit(path, tomllib.loads(found.group()))
    assert audit.judgements["outcome"].tolist() == ["met", "met", "not_met"]


def test_a_word_against_its_fill_is_said_with_a_mapping_too(tmp_path: Path) -> None:
    path = filled(tmp_path / "c.xlsx", [["Portal", "a"], ["A", "khá"]], {"B2": "FF0000"})
    with pytest.warns(ReaderWarning, match="'khá' on red in 'a': the word and the fill differ"):
        audit = read_audit(path, {"levels": {"khá": "met", "kém": "not_met"}})
    assert grid(audit) == {("A", "a"): "met"}


def test_a_summary_beside_the_sheets_of_portals_is_no_portal(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("Huế", "Sơn La", "Tổng hợp"):
        page = book.create_sheet(name)
        for row in (["Tiêu chí", "Mức"], ["a", "Tốt"]):
            page.append(row)
    book.remove(book["Sheet"])
    book.save(tmp_path / "b.xlsx")
    with pytest.warns(ReaderWarning, match=r"\['Tổng hợp'\] look like summaries or guides"):
        assert sorted(read_audit(tmp_path / "b.xlsx").portal_ids()) == ["Huế", "Sơn La"]
    audit = read_audit(tmp_path / "b.xlsx", {"sheets": ["Huế", "Tổng hợp"]})
    assert sorted(audit.portal_ids()) == ["Huế", "Tổng hợp"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"levels": {"Đạt": "met", "đạt ": "not_met"}}, "'levels' gives 'đạt' several meanings"),
        ({"criteria": {"A": "one", "a": "two"}}, "'criteria' gives 'a' several meanings"),
        ({"columns": {"portal": "x", "url": "X"}}, "'columns' gives 'x' several meanings"),
    ],
)
def test_double_keys_of_a_mapping_are_faults(put: Any, mapping: Any, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        read_audit(put("s.csv", "x,a\nA,x\n"), mapping)


def test_a_column_of_a_mapping_that_occurs_twice_is_a_fault(put: Any) -> None:
    with pytest.raises(ReaderError, match=r"the columns \[1, 2\] are all called 'code'"):
        read_audit(put("s.csv", "code,Code,a\n1,2,x\n"), {"columns": {"portal": "code"}})


CELLS = [
    "", "Portal", "Tỉnh", "Tiêu chí", "Kết quả", "a", "b/Có", "b/Không", "Đạt", "đạt; không", "khong dat", "x",
    "V", "1", "0", "0,5", "n/a", "?", "Tổng", "Trọng số", "Ghi chú: x", "*", "Hà Nội", "hà nội",
    "TP. Hồ Chí Minh", "_id", "=1", "Vâng", "vang",
]  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(st.sampled_from(CELLS), min_size=2, max_size=5), min_size=1, max_size=6))
@pytest.mark.filterwarnings("ignore::portal_analysis.audit.readers.ReaderWarning")
def test_any_sheet_is_read_or_named(rows: list[list[str]]) -> None:
    width = len(rows[0])
    table = pd.DataFrame([(row + [""] * width)[:width] for row in rows[1:]], columns=rows[0])
    try:
        audit = read_audit(table)
    except ReaderError as error:
        audit, faults = None, error.table
    if audit is None:
        assert len(faults) == len(faults.drop_duplicates()) > 0
        return
    judged = audit.judgements.astype(object)
    assert not judged.duplicated(["portal_id", "criterion_id", "assessor_id", "round", "page_id"]).any()
    assert not set(judged["portal_id"]) & {"Tổng", "Trọng số", "*"}
    assert not set(judged["criterion_id"]) & {"Tổng", "Trọng số", "_id", "Đạt"}
