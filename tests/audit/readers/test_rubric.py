"""Sheets of people, in the shapes in which they write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from portal_analysis.audit.readers import MappingError, ReaderError, ReaderWarning, read_audit
from portal_analysis.audit.readers.levels import understand
from portal_analysis.audit.readers.sheets import traffic_light

Rows = list[list[Any]]


@pytest.fixture
def book(tmp_path: Path) -> Any:
    """Return a function that writes a workbook: sheet name → rows; ``#RRGGBB`` is an empty filled cell."""

    def write(name: str, sheets: dict[str, Rows], merge: tuple[str, ...] = ()) -> Path:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, rows in sheets.items():
            sheet = made.create_sheet(title)
            for place, row in enumerate(rows, start=1):
                for column, value in enumerate(row, start=1):
                    cell = sheet.cell(place, column)
                    if isinstance(value, str) and value.startswith("#"):
                        colour, _, text = value[1:].partition(" ")
                        cell.fill, cell.value = PatternFill("solid", fgColor=f"FF{colour}"), text or None
                    else:
                        cell.value = value
            for area in merge:
                sheet.merge_cells(area)
        path = tmp_path / "books" / name
        path.parent.mkdir(exist_ok=True)
        made.save(path)
        return path

    return write


def grid(audit: Any) -> dict[tuple[str, str], str]:
    table = audit.judgements[["portal_id", "criterion_id", "outcome"]].astype(object)
    return {(portal, criterion): outcome for portal, criterion, outcome in table.itertuples(index=False)}


def ratings(audit: Any) -> list[Any]:
    return audit.judgements["rating"].astype(object).where(audit.judgements["rating"].notna(), None).tolist()


# ------------------------------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Đạt", "met"),
        ("ĐẠT", "met"),
        ("dat", "met"),
        ("Chưa đạt", "not_met"),
        ("KHONG DAT", "not_met"),
        ("khong_dat", "not_met"),
        ("Đạt một phần", "partly"),
        ("có", "met"),
        ("Không", "not_met"),
        ("tốt", "met"),
        ("Trung bình", "partly"),
        ("kém", "not_met"),
        ("xanh", "met"),
        ("Vàng", "partly"),
        ("đỏ", "not_met"),
        ("Green", "met"),
        ("amber", "partly"),
        ("x", "met"),
        ("1", "met"),
        ("1,0", "met"),
        ("0.0", "not_met"),
        ("Yes", "met"),
        ("N", "not_met"),
        ("N/A", "not_applicable"),
        ("Không áp dụng", "not_applicable"),
        ("không rõ", "cant_tell"),
        ("Không truy cập được", "error"),
        ("-", "not_tested"),
    ],
)
def test_words_mean_outcomes(text: str, outcome: str) -> None:
    found = understand(text)
    assert found is not None
    assert found.outcome == outcome


@pytest.mark.parametrize("text", ["khá", "0,5", "2", "có lẽ", "đạt giải nhất", "notable"])
def test_other_words_are_not_guessed(text: str) -> None:
    assert understand(text) is None


@pytest.mark.parametrize(
    "text", ["Đạt (có lỗi nhỏ)", "đạt: có lỗi nhỏ", "Đạt - có lỗi nhỏ", "Đạt; có lỗi nhỏ"]
)
def test_a_note_that_trails_is_kept(text: str) -> None:
    found = understand(text)
    assert found is not None
    assert (found.outcome, found.note) == ("met", "có lỗi nhỏ")


@pytest.mark.parametrize(
    ("colour", "level"),
    [("00B050", "green"), ("92D050", "green"), ("C6EFCE", "green"), ("FFFF00", "yellow"), ("FFC000", "yellow"),
     ("FF0000", "red"), ("FFC7CE", "red"), ("FFFFFF", None), ("D9D9D9", None), ("4472C4", None)],
)  # fmt: skip
def test_colours_of_office_are_traffic_lights(colour: str, level: str | None) -> None:
    assert traffic_light(colour) == level


# ------------------------------------------------------------------------------------------------ wide

WIDE = (
    "Tỉnh;Tra cứu;Liên hệ\nHà Nội;Đạt;có\nHuế;Chưa đạt;\nSơn La;một phần;không\n;;\nGhi chú: chấm tháng 5;;\n"
)


def test_a_wide_sheet_is_understood_by_itself(put: Any) -> None:
    audit = read_audit(put("w.csv", "﻿" + WIDE))
    assert grid(audit) == {
        ("Hà Nội", "Tra cứu"): "met",
        ("Hà Nội", "Liên hệ"): "met",
        ("Huế", "Tra cứu"): "not_met",
        ("Huế", "Liên hệ"): "not_tested",
        ("Sơn La", "Tra cứu"): "partly",
        ("Sơn La", "Liên hệ"): "not_met",
    }
    criteria = audit.criteria.set_index("criterion_id")
    assert criteria.loc["Tra cứu", ["scale", "levels", "good_from"]].tolist() == [
        "ordinal",
        "không đạt|đạt một phần|đạt",
        "đạt",
    ]
    assert criteria.loc["Liên hệ", "levels"] == "không|có"
    assert audit.judgements["source_row"].tolist() == [2, 2, 3, 3, 4, 4]
    assert ratings(audit) == ["đạt", "có", "không đạt", None, "đạt một phần", "không"]


def test_words_of_several_families_share_a_neutral_scale(put: Any) -> None:
    audit = read_audit(put("w.csv", "portal,c\nA,x\nB,0\nC,đạt một phần\nD,\n"))
    assert audit.criteria["levels"].tolist() == ["not_met|partly|met"]
    assert ratings(audit) == ["met", "not_met", "partly", None]


def test_merged_groups_above_and_colours_without_words(book: Any) -> None:
    rows: Rows = [
        ["BẢNG ĐÁNH GIÁ"],
        [],
        ["STT", "Tỉnh", "Giao diện", None, "Bảo mật"],
        [None, None, "Tìm kiếm", "Ngôn ngữ", "Chính sách"],
        [1, "Hà Nội", "#00B050", "#FFC000", "#FF0000"],
        [2, "Huế", "#92D050 rất tốt", None, "#FFC7CE Đạt"],
        ["Tổng", None, 2, 1, 0],
    ]
    path = book("c.xlsx", {"Bảng": rows}, ("C3:D3", "A3:A4", "B3:B4"))
    with pytest.warns(ReaderWarning) as said:
        audit = read_audit(path)
    assert [str(one.message).split(":")[0] for one in said] == [
        "1 places in audit files were read but need a look",
        "1 rows or columns of sheets are no judgements and were left out",
    ]
    assert "'Đạt' on red in 'Chính sách'" in str(said[0].message)
    assert grid(audit) == {
        ("Hà Nội", "Tìm kiếm"): "met",
        ("Hà Nội", "Ngôn ngữ"): "partly",
        ("Hà Nội", "Chính sách"): "not_met",
        ("Huế", "Tìm kiếm"): "met",
        ("Huế", "Ngôn ngữ"): "not_tested",
        ("Huế", "Chính sách"): "met",
    }
    criteria = audit.criteria.set_index("criterion_id")
    assert criteria["group"].astype(object).to_dict() == {
        "Tìm kiếm": "Giao diện",
        "Ngôn ngữ": "Giao diện",
        "Chính sách": "Bảo mật",
    }
    assert criteria.loc["Tìm kiếm", "levels"] == "red|green"
    comments = audit.judgements.set_index(["portal_id", "criterion_id"])["comment"]
    assert comments[("Huế", "Tìm kiếm")] == "rất tốt"


def test_unknown_words_are_faults_with_a_draft_of_the_mapping(put: Any) -> None:
    path = put("w.csv", "Tỉnh,Tra cứu,Điểm\nHà Nội,khá,3\nHuế,tốt,4\nSơn La,khá,5\n")
    with pytest.raises(ReaderError) as error:
        read_audit(path)
    message = str(error.value)
    assert "4 faults" in message
    assert "w.csv, line 2: 'khá' in 'Tra cứu' and 1 more lines is no level that is known" in message
    assert 'levels = { "khá" = "met", "tốt" = "met" }' in message
    assert 'ignore = ["Điểm"]' in message


def test_duplicate_portals_and_rows_without_one(put: Any) -> None:
    path = put("w.csv", "Tỉnh,a\nHuế,đạt\nHuế,không đạt\n,đạt\n")
    with pytest.raises(ReaderError) as error:
        read_audit(path)
    assert "lines [2, 3]" in str(error.value)
    assert "line 4: a row without a portal" in str(error.value)
    put("w.csv", "Tỉnh,a\nHuế,đạt\nHuế,không đạt\n")
    chosen = {
        how: grid(read_audit(path, {"duplicates": how}))[("Huế", "a")] for how in ("first", "last", "worst")
    }
    assert chosen == {"first": "met", "last": "not_met", "worst": "not_met"}


# --------------------------------------------------------------------------------------------- mapping


def test_a_mapping_says_columns_levels_rounds_and_dates(put: Any) -> None:
    put(
        "mapping.toml",
        """
shape = "wide"
columns = { portal = "code", url = "web", rated_at = "seen" }
date_format = "%d/%m/%Y"
levels = ["0", "1", "2"]
good_from = "1"

[[files]]
match = "r2023.csv"
criteria = { person = "personal", find = "find" }
values = { round = "2023", assessor = "team" }

[[files]]
match = "r2024.csv"
criteria = { personalization = "personal", find = "find", new = "new" }
values = { round = "2024", assessor = "team" }
""",
    )
    put(
        "r2023.csv",
        'code,name,web,seen,person,find\n01,A,https://a.vn/,03/11/2021,0,"2,0"\n02,B,https://b.vn/,,,1\n',
    )
    path = put(
        "r2024.csv", "code,name,web,seen,personalization,find,new\n01,A,https://a.vn/,04/12/2022,1,0,2\n"
    )
    audit = read_audit(path.parent)
    table = audit.judgements.astype(object)[["round", "portal_id", "criterion_id", "rating", "outcome"]]
    assert table.where(table.notna(), None).to_numpy().tolist() == [
        ["2023", "01", "personal", "0", "not_met"],
        ["2023", "01", "find", "2", "met"],
        ["2023", "02", "personal", None, "not_tested"],
        ["2023", "02", "find", "1", "met"],
        ["2024", "01", "personal", "1", "met"],
        ["2024", "01", "find", "0", "not_met"],
        ["2024", "01", "new", "2", "met"],
    ]
    assert str(audit.judgements["rated_at"].iloc[0]) == "2021-11-03 00:00:00"
    assert audit.portals["url"].tolist() == ["https://a.vn/", "https://b.vn/"]
    assert audit.criteria["round"].isna().all()


def test_a_date_that_is_not_clear_is_a_fault(put: Any) -> None:
    with pytest.raises(ReaderError, match="'03/11/2021' is not clear; correct it, or say date_format"):
        read_audit(put("w.csv", "portal,ngày,a\nA,03/11/2021,x\n"))


def test_words_with_outcomes_and_scales_that_change(put: Any) -> None:
    put("one.csv", "portal,a\nA,khá\nB,yếu kém\n")
    path = put("two.csv", "portal,a\nA,đạt\nB,không\n")
    mapping = {
        "files": [
            {
                "match": "one.csv",
                "values": {"round": "1"},
                "levels": {"giỏi": "met", "khá": "met", "yếu kém": "not_met"},
            },
            {"match": "two.csv", "values": {"round": "2"}, "levels": ["không", "đạt"]},
        ]
    }
    audit = read_audit(path.parent, mapping)
    assert ratings(audit) == ["giỏi", "yếu kém", "đạt", "không"]
    assert audit.criteria[["round", "levels"]].astype(object).to_numpy().tolist() == [
        ["1", "yếu kém|giỏi"],
        ["2", "không|đạt"],
    ]


def test_counts_with_decimal_commas(put: Any) -> None:
    path = put("w.csv", "portal;speed\nA;0,5\nB;0\nC;12\nD;n/a\n")
    audit = read_audit(path, {"scale": "count", "good_from": "10"})
    assert audit.judgements["outcome"].tolist() == ["partly", "not_met", "met", "not_applicable"]
    assert ratings(audit) == ["0.5", "0", "12", None]


def test_blank_may_mean_not_met_if_somebody_says_so(put: Any) -> None:
    audit = read_audit(put("w.csv", "portal,a,b\nA,x,\n"), {"blank": "not_met"})
    assert audit.judgements["outcome"].tolist() == ["met", "not_met"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"shape": "round"}, "'shape' is 'round'; allowed are"),
        ({"shap": "wide"}, "unknown entry 'shap'"),
        ({"columns": {"gate": "x"}}, "unknown role 'gate'"),
        ({"levels": {"x": "good"}}, "the level 'x' is 'good'"),
        ({"levels": ["a", "b"], "good_from": "c"}, "'good_from' is 'c'"),
        ({"levels": ["a"]}, r"the levels \['a'\] must be two or more"),
        ({"levels": ["a|b", "c"]}, "must be two or more, without '|'"),
        ({"file_pattern": "("}, "no regular expression"),
        ({"header": "1"}, "'header' is '1'; expected int"),
        ([1], "expected a table"),
    ],
)
def test_faults_of_a_mapping_are_named(put: Any, mapping: Any, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        read_audit(put("w.csv", WIDE), mapping)


def test_an_unknown_word_is_told_beside_the_words_of_the_mapping(put: Any) -> None:
    path = put("w.csv", "portal,a\nA,khá\nB,giỏi\n")
    said = 'levels = { "khá" = "met", "giỏi" = "met", "kém" = "not_met" }'
    with pytest.raises(ReaderError, match=f"line 2: 'khá' in 'a' is no level.*{said}"):
        read_audit(path, {"levels": {"giỏi": "met", "kém": "not_met"}})


def test_dates_are_read_as_the_mapping_says_and_no_other_way(put: Any) -> None:
    path = put("w.csv", "portal,ngày,a\nA,31/12/2021,x\nB,12/31/2021,x\n")
    with pytest.raises(ReaderError, match=r"1 fault:.*\n.*line 3: the date '12/31/2021' is not clear"):
        read_audit(path, {"date_format": "%d/%m/%Y"})


def test_a_date_is_read_once_for_all_answers_of_a_row(put: Any) -> None:
    path = put("w.csv", "portal,ngày,a / Có,a / Không,b / Có,b / Không\nA,31/12/2021,1,0,0,1\n")
    judged = read_audit(path, {"date_format": "%d/%m/%Y"}).judgements
    assert judged["outcome"].tolist() == ["met", "not_met"]
    assert judged["rated_at"].dt.date.astype(str).tolist() == ["2021-12-31"] * 2


def test_words_among_counts_are_known_only_if_they_name_no_level(put: Any) -> None:
    path = put("w.csv", "portal,a\nA,3\nB,không rõ\n")
    assert grid(read_audit(path, {"scale": "count"})) == {("A", "a"): "met", ("B", "a"): "cant_tell"}
    put("w.csv", "portal,a\nA,3\nB,nhiều\nC,đạt\n")
    with pytest.raises(ReaderError, match="2 faults") as error:
        read_audit(path, {"scale": "count"})
    assert error.value.table["line"].tolist() == [3, 4]


def test_marks_are_compared_as_they_are_read(put: Any) -> None:
    with pytest.raises(ReaderError, match="line 3: '✓' and '_x_' stand side by side as marks"):
        read_audit(put("w.csv", "portal,a\nA,✓\nB,_x_\n"))


def test_fills_that_a_mapping_leaves_out_say_nothing(book: Any) -> None:
    path = book("c.xlsx", {"s": [["Portal", "a"], ["A", "#FF0000 Đạt"], ["B", "#00B050"]]})
    with pytest.warns(ReaderWarning, match="the word and the fill differ"):
        assert grid(read_audit(path)) == {("A", "a"): "met", ("B", "a"): "met"}
    assert grid(read_audit(path, {"colours": False})) == {("A", "a"): "met", ("B", "a"): "not_tested"}


def test_a_column_that_is_not_there_is_named(put: Any) -> None:
    path = put("w.csv", "code,a\n1,x\n")
    with pytest.raises(ReaderError, match=r"there is no column 'portal'; the columns are \['code', 'a'\]"):
        read_audit(path, {"shape": "wide", "columns": {"portal": "portal", "url": "a"}})
    with pytest.raises(ReaderError, match=r"there are no columns \['b'\]"):
        read_audit(path, {"shape": "wide", "columns": {"portal": "code"}, "criteria": ["a", "b"]})


# ----------------------------------------------------------------------------------------- other shapes


def test_a_long_sheet_with_merged_portals(put: Any) -> None:
    text = "Tỉnh,Tiêu chí,Kết quả,Ghi chú,Người đánh giá\nHuế,a,Đạt,,An\n,b,Không đạt,=nút hỏng,An\nSơn La,a,?,,Bình\n"
    path = put("l.csv", text)
    with pytest.raises(ReaderError, match="line 3: a row without portal"):
        read_audit(path)
    audit = read_audit(path, {"fill_down": ["portal"]})
    assert grid(audit) == {("Huế", "a"): "met", ("Huế", "b"): "not_met", ("Sơn La", "a"): "cant_tell"}
    assert audit.assessors["assessor_id"].tolist() == ["An", "Bình"]
    assert audit.judgements["comment"].tolist()[1] == "=nút hỏng"


def test_the_outcome_of_a_long_sheet_counts_and_its_word_is_kept_where_it_fits(put: Any) -> None:
    text = "Tỉnh,Tiêu chí,Kết quả,outcome\nA,k,Đạt,met\nB,k,,not_met\nC,k,Đạt,not_met\n"
    audit = read_audit(put("l.csv", text))
    assert audit.judgements["outcome"].tolist() == ["met", "not_met", "not_met"]
    assert ratings(audit) == ["đạt", "không đạt", "không đạt"]


@pytest.mark.parametrize(
    ("words", "levels"),
    [
        (("Đạt", "Không đạt", "Đạt"), "không đạt|đạt một phần|đạt"),
        (("1", "0", ""), "not_met|partly|met"),
        (("Đạt", "no", "gần đạt"), "not_met|partly|met"),
    ],
)
def test_an_outcome_between_makes_a_scale_of_three_levels_whatever_the_words(
    put: Any, words: tuple[str, ...], levels: str
) -> None:
    rows = [f"{portal},k,{word}," for portal, word in zip("ABC", words, strict=True)]
    said = zip(rows, ("met", "not_met", "partly"), strict=True)
    text = "Tỉnh,Tiêu chí,Kết quả,outcome\n" + "".join(f"{row}{outcome}\n" for row, outcome in said)
    audit = read_audit(put("l.csv", text))
    assert audit.criteria[["scale", "levels"]].astype(object).to_numpy().tolist() == [["ordinal", levels]]
    worst, middle, best = levels.split("|")
    assert ratings(audit) == [best, worst, middle]


def test_an_outcome_takes_the_level_of_a_mapping_that_means_it(put: Any) -> None:
    path = put("l.csv", "portal,criterion,rating,outcome\nA,k,good,met\nB,k,bad,partly\nC,k,,not_met\n")
    audit = read_audit(path, {"levels": ["bad", "fair", "good"]})
    assert audit.judgements["outcome"].tolist() == ["met", "partly", "not_met"]
    assert ratings(audit) == ["good", "fair", "bad"]
    assert ratings(read_audit(path, {"levels": ["bad", "fair", "fine", "good"]})) == ["good", None, "bad"]


def test_an_outcome_that_a_mapping_of_words_leaves_open_is_read(put: Any) -> None:
    path = put("w.csv", "portal,a\nA,good\nB,\n")
    audit = read_audit(path, {"levels": {"good": "met"}, "blank": "not_met"})
    assert audit.judgements["outcome"].tolist() == ["met", "not_met"]


def test_an_outcome_that_no_level_of_a_mapping_means_is_a_fault(put: Any) -> None:
    path = put("l.csv", "portal,criterion,rating,outcome\nA,k,good,met\nB,k,bad,partly\nC,k,,partly\n")
    said = r"line 3: 'k' has the outcome 'partly', and none of its levels \['bad', 'good'\] means it; name a level"
    with pytest.raises(ReaderError, match=said) as error:
        read_audit(path, {"levels": ["bad", "good"]})
    assert len(error.value.table) == 1


@pytest.mark.parametrize(
    ("text", "mapping", "message"),
    [
        ("Portal,Tiêu chí,c\nA,k,x\n", {"shape": "long"}, "no column holds the rating"),
        ("Portal,B\nk,x\n", {"shape": "matrix"}, "no column names the criteria"),
        (
            "Tiêu chí,Lan,An\nk,x,\n",
            {"shape": "matrix", "columns": {"criterion": "Tiêu chí"}, "columns_are": "assessors"},
            "line 2: nothing says which portal this is about",
        ),
    ],
)
def test_a_shape_without_the_columns_it_needs_is_a_fault(
    put: Any, text: str, mapping: Any, message: str
) -> None:
    with pytest.raises(ReaderError, match=message):
        read_audit(put("s.csv", text), mapping)


def test_one_sheet_a_portal(book: Any) -> None:
    rows: Rows = [["Tiêu chí", "Mức", "Nhận xét"], ["a", "Tốt", "nhanh"], ["b", "Kém", None]]
    audit = read_audit(book("s.xlsx", {"Huế": rows, "Sơn La": [*rows[:2], ["b", None, None]]}))
    assert grid(audit) == {
        ("Huế", "a"): "met",
        ("Huế", "b"): "not_met",
        ("Sơn La", "a"): "met",
        ("Sơn La", "b"): "not_tested",
    }


def test_one_sheet_with_criteria_and_no_portal_is_not_guessed(book: Any) -> None:
    path = book("s.xlsx", {"Sheet1": [["Tiêu chí", "Mức"], ["a", "Tốt"]]})
    with pytest.raises(ReaderError, match="the shape of the sheet is not clear; say it in a mapping"):
        read_audit(path)
    audit = read_audit(path, {"shape": "sheet-per-portal", "values": {"portal": "{stem}"}})
    assert grid(audit) == {("s", "a"): "met"}


def test_one_workbook_an_assessor(book: Any) -> None:
    sheet: Rows = [["Portal", "a"], ["A", "yes"], ["B", "no"]]
    book("An_2023.xlsx", {"s": sheet})
    path = book("Binh_2023.xlsx", {"s": [*sheet[:2], ["B", "yes"]]})
    with pytest.raises(ReaderError, match="judges what An_2023"):
        read_audit(path.parent)
    audit = read_audit(path.parent, {"file_pattern": r"(?P<assessor>\w+)_(?P<round>\d{4})"})
    assert audit.assessors["assessor_id"].tolist() == ["An", "Binh"]
    assert audit.rounds() == ["2023"]
    assert len(audit.judgements) == 4


def test_a_matrix_of_portals_or_of_assessors(put: Any) -> None:
    path = put("m.csv", "tests,tool_one,tool_two\nContent,,\nalt_text,yes,no\nlang,,error\n")
    with pytest.raises(ReaderError, match="no row names the columns"):
        read_audit(path)
    mapping = {"shape": "matrix", "columns": {"criterion": "tests"}, "ignore": ["Content"]}
    assert grid(read_audit(path, mapping)) == {
        ("tool_one", "alt_text"): "met",
        ("tool_two", "alt_text"): "not_met",
        ("tool_one", "lang"): "not_tested",
        ("tool_two", "lang"): "error",
    }
    by_tool = {**mapping, "columns_are": "assessors", "values": {"portal": "P", "assessor_kind": "tool"}}
    audit = read_audit(path, by_tool)
    assert audit.assessors[["assessor_id", "kind"]].astype(object).to_numpy().tolist() == [
        ["tool_one", "tool"],
        ["tool_two", "tool"],
    ]
    assert audit.portal_ids() == ["P"]


def test_sheets_can_be_chosen_and_hidden_ones_are_left(book: Any) -> None:
    sheet: Rows = [["Portal", "a"], ["A", "yes"]]
    path = book("b.xlsx", {"data": sheet, "notes": [["anything"], ["at all"]]})
    assert grid(read_audit(path, {"sheets": ["data"]})) == {("A", "a"): "met"}
    with pytest.raises(ReaderError, match="there is no sheet 'dat'"):
        read_audit(path, {"sheets": ["dat"]})
    made = openpyxl.load_workbook(path)
    made["notes"].sheet_state = "hidden"
    made.save(path)
    assert grid(read_audit(path)) == {("A", "a"): "met"}
