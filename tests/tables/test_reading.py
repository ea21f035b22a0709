"""Files are read as they are, and every fault is told at once."""

import sys
import unicodedata
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis import tables
from portal_analysis.tables import TableError, read_csv_text, read_table


def csv_of(folder: Path, raw: bytes | str, name: str = "small.csv") -> Path:
    path = folder / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode("utf-8"))
    return path


def fault(path: Path) -> str:
    with pytest.raises(TableError) as caught:
        read_table(path)
    return str(caught.value)


class TestCsv:
    def test_nothing_is_guessed(self, tmp_path):
        frame = read_csv_text(csv_of(tmp_path, "code,answer,note\n01,888,NA\n1.0,,null\n"))
        assert frame.to_dict("list") == {
            "code": ["01", "1.0"],
            "answer": ["888", ""],
            "note": ["NA", "null"],
        }
        assert frame.index.name == "row"
        assert list(frame.index) == [2, 3]

    def test_mark_and_windows_line_ends_are_taken(self, tmp_path):
        frame = read_csv_text(csv_of(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n"))
        assert list(frame.columns) == ["a", "b"]
        assert frame.loc[2].tolist() == ["1", "2"]

    def test_a_quoted_cell_keeps_commas_and_lines(self, tmp_path):
        frame = read_csv_text(csv_of(tmp_path, 'a,b\n"x\ny","1,5"\nz,"he said ""no"""\n'))
        assert frame["a"].tolist() == ["x\ny", "z"]
        assert frame["b"].tolist() == ["1,5", 'he said "no"']
        assert list(frame.index) == [2, 4], "a row is known by the line at which it begins"

    def test_a_header_alone_is_an_empty_table(self, tmp_path):
        frame = read_csv_text(csv_of(tmp_path, "a,b\n"))
        assert frame.shape == (0, 2)

    @pytest.mark.parametrize("text", ["a,b\n\n\n", "a\n\n\n", '"a","b"\n\n\n', "a\r\n\r\n\r\n"])
    def test_blank_lines_below_a_header_are_no_rows(self, tmp_path, text):
        (tmp_path / "blank.csv").write_bytes(text.encode())
        assert len(read_table(tmp_path / "blank.csv").data) == 0

    def test_a_blank_line_below_a_single_name_is_passed_over(self, tmp_path):
        (tmp_path / "one.csv").write_bytes(b"a\n\nx\n")
        assert read_table(tmp_path / "one.csv").data["a"].tolist() == ["x"]

    def test_text_is_composed(self, tmp_path):
        apart = unicodedata.normalize("NFD", "tỉnh\nĐắk Lắk\n")
        frame = read_csv_text(csv_of(tmp_path, apart))
        assert list(frame.columns) == ["tỉnh"]
        assert frame["tỉnh"].tolist() == ["Đắk Lắk"]

    def test_all_faults_of_the_rows_come_in_one_error(self, tmp_path):
        message = fault(csv_of(tmp_path, "a,a,,b \n1,2,3,4\n\n1,2\n1,2,3,4,5\n"))
        assert "4 faults" in message
        assert "column 3 has no name" in message
        assert "'a' stands over 2 columns" in message
        assert "line 4: 2 cells" in message
        assert "line 5: 5 cells" in message

    def test_ragged_rows_of_a_quoted_file_are_told_too(self, tmp_path):
        message = fault(csv_of(tmp_path, 'a,b\n"x\ny",2\n3\n"4",5,6\n'))
        assert "line 4: 1 cell, the header has 2" in message
        assert "line 5: 3 cells" in message

    def test_an_open_quote_is_told_with_its_line(self, tmp_path):
        assert "line 3" in fault(csv_of(tmp_path, 'a,b\n1,2\n"3,4\n5,6\n'))

    def test_faults_of_the_bytes_are_told_with_their_lines(self, tmp_path):
        old = (
            "tỉnh\n".encode() + "Hà Nội\n".encode("utf-16-le") + "Huế".encode("cp1258", "replace") + b"\xe9\n"
        )
        message = fault(csv_of(tmp_path, old))
        assert "NUL bytes" in message
        assert "not in UTF-8" in message
        assert "windows-1258" in message

    def test_an_old_vietnamese_encoding_is_refused(self, tmp_path):
        message = fault(csv_of(tmp_path, b"a,b\n1,2\nH\xe0 N\xf4\xf2i,3\n"))
        assert "line 3 not in UTF-8" in message

    def test_a_dataset_s_file_is_strict(self, tmp_path):
        with pytest.raises(TableError, match=r"(?s)'b ' begins or ends with a blank.*line 3: an empty line"):
            read_csv_text(csv_of(tmp_path, "a,b \n1,2\n\n"))
        with pytest.raises(TableError, match="parted by ';'"):
            read_csv_text(csv_of(tmp_path, "a;b\n1;2\n"))

    @pytest.mark.parametrize("mark", [";", "\t", "|", ","])
    @pytest.mark.parametrize("quote", ['"', ""])
    def test_what_parts_the_cells_is_found_out(self, tmp_path, mark, quote):
        cell = f"{quote}x{quote}"
        path = csv_of(tmp_path, f"a{mark}b{mark}c\n1{mark}{cell}{mark}3\n\n4{mark}{cell}{mark}6\n")
        data = read_table(path).data
        assert data["a"].tolist() == ["1", "4"]
        assert list(data.index) == [2, 4]

    def test_a_decimal_comma_parts_nothing(self, tmp_path):
        data = read_table(csv_of(tmp_path, "w;s\n0,85;1\n1,2;2\n")).data
        assert data["w"].tolist() == ["0,85", "1,2"]
        assert read_table(csv_of(tmp_path, "a,b;c\n1,2;3\n"), sep=";").data.columns.tolist() == ["a,b", "c"]

    def test_a_file_parted_by_another_mark_is_one_fault(self, tmp_path):
        lines = "a;b\n" + "1,1;2,2\n" * 300
        with pytest.raises(TableError, match=r"(?s)1 fault:.*300 of 300 lines.*sep=") as caught:
            read_table(csv_of(tmp_path, lines.replace(";", "\u2016")))
        assert str(caught.value).count("\n") == 1

    def test_titles_above_the_names_are_passed_over(self, tmp_path):
        text = "Population, by province\n\nunit;2011;2012\nHà Nội;1;2\nHuế;3;4\n"
        data = read_table(csv_of(tmp_path, text)).data
        assert data.columns.tolist() == ["unit", "2011", "2012"]
        assert list(data.index) == [4, 5]
        assert read_table(csv_of(tmp_path, text), header=3).data.equals(data)
        with pytest.raises(TableError, match="header=9 is none"):
            read_table(csv_of(tmp_path, text), header=9)

    def test_rows_that_label_the_names_are_no_answers(self, tmp_path):
        path = csv_of(tmp_path, 'w,q1\nWeight,"Used it, ever?"\n"{""id"": 1}",x\n1.5,1\n')
        table = read_table(path, label_rows=2)
        assert table.data.to_dict("list") == {"w": ["1.5"], "q1": ["1"]}
        assert table.labels == {"w": "Weight", "q1": "Used it, ever?"}

    def test_a_column_of_row_numbers_needs_no_name(self, tmp_path):
        frame = pd.DataFrame({"a": [5, 6], "b": ["x", "y"]})
        path = csv_of(tmp_path, frame.to_csv())
        assert read_table(path).data.to_dict("list") == {"row": ["0", "1"], "a": ["5", "6"], "b": ["x", "y"]}
        frame.to_excel(tmp_path / "a.xlsx")
        assert read_table(tmp_path / "a.xlsx").data.columns.tolist() == ["row", "a", "b"]
        assert "column 1 has no name" in fault(csv_of(tmp_path, ",a\nHà Nội,1\nHuế,2\n"))

    def test_text_with_utf_16_s_mark_is_read(self, tmp_path):
        assert (
            read_table(csv_of(tmp_path, "a\tb\nHà Nội\t1\n".encode("utf-16"), "x.txt")).data["a"][2]
            == "Hà Nội"
        )

    @pytest.mark.parametrize("encoding", ["cp1258", "Windows-1258"])
    def test_an_old_vietnamese_encoding_is_read_when_named(self, tmp_path, encoding):
        path = csv_of(tmp_path, b"a,b\n1,2\nH\xe0 N\xf4\xf2i,3\n")
        assert read_table(path, encoding=encoding).data["a"].tolist() == ["1", "Hà Nội"]

    def test_a_file_of_an_old_font_is_named(self, tmp_path):
        path = csv_of(tmp_path, "a\nH\xb5 N\xe9i\nHu\xd5\n".encode("latin-1"))
        assert "'Hà Nội' in tcvn3" in fault(path)
        assert read_table(path, encoding="tcvn3").data["a"].tolist() == ["Hà Nội", "Huế"]

    def test_an_unknown_encoding_is_told(self, tmp_path):
        with pytest.raises(TableError, match="unknown encoding"):
            read_table(csv_of(tmp_path, "a\n1\n"), encoding="tcvn-99")

    def test_an_empty_file_is_refused(self, tmp_path):
        assert "empty" in fault(csv_of(tmp_path, b""))

    def test_a_long_list_of_faults_is_cut_and_counted(self, tmp_path):
        message = fault(csv_of(tmp_path, "a,b\n" + "1\n" * 50 + "1,2\n" * 51))
        assert "50 faults" in message
        assert "and 20 more" in message

    @given(
        rows=st.lists(
            st.lists(
                st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), min_size=2, max_size=2
            ),
            min_size=1,
            max_size=5,
        )
    )
    def test_what_is_written_is_read(self, rows, tmp_path_factory):
        path = tmp_path_factory.mktemp("written") / "any.csv"
        frame = pd.DataFrame(rows, columns=["a", "b"], dtype="str")
        path.write_bytes(frame.to_csv(index=False, lineterminator="\n").encode("utf-8"))
        wanted = [[unicodedata.normalize("NFC", cell) for cell in row] for row in rows]
        assert read_csv_text(path).to_numpy().tolist() == wanted


class TestMissingFile:
    def test_near_names_are_told(self, tmp_path):
        csv_of(tmp_path, "a\n1\n", "respondents.csv")
        assert "did you mean respondents.csv" in fault(tmp_path / "Respondent.csv")

    def test_without_a_near_name_the_folder_is_listed(self, tmp_path):
        csv_of(tmp_path, "a\n1\n", "x.csv")
        assert "the folder holds x.csv" in fault(tmp_path / "completely-other.parquet")

    def test_a_missing_folder_is_named(self, tmp_path):
        assert "does not exist" in fault(tmp_path / "nowhere" / "x.csv")

    def test_a_folder_is_no_file(self, tmp_path):
        assert "is a folder" in fault(tmp_path)

    def test_an_unknown_kind_is_refused_with_the_known_ones(self, tmp_path):
        message = fault(csv_of(tmp_path, "x", "a.rds"))
        assert "'.rds'" in message
        assert ".sav" in message

    @pytest.mark.parametrize("name", ["broken.dta", "broken.sav", "broken.xlsx", "broken.parquet"])
    def test_a_broken_file_is_told(self, tmp_path, name):
        message = fault(csv_of(tmp_path, b"this is no such file", name))
        assert name in message
        assert "damaged" in message

    @pytest.mark.parametrize("order", ["little", "big"])
    @pytest.mark.parametrize("length", range(10))
    def test_a_file_cut_short_in_the_name_of_its_encoding_is_told(self, tmp_path, order, length):
        record = b"".join(number.to_bytes(4, order) for number in (7, 20, 1))
        raw = b"$FL2" + record + (5).to_bytes(4, order) + b"UTF-8"
        assert "damaged" in fault(csv_of(tmp_path, raw[: 4 + len(record) + length], "cut.sav"))

    @pytest.mark.parametrize(
        ("name", "package"), [("a.dta", "pyreadstat"), ("a.xlsx", "openpyxl"), ("a.parquet", "pyarrow")]
    )
    def test_a_missing_package_is_named_with_the_remedy(self, tmp_path, monkeypatch, name, package):
        monkeypatch.setitem(sys.modules, package, None)
        message = fault(csv_of(tmp_path, b"x", name))
        assert package in message
        assert "pip install portal-analysis[io]" in message


@pytest.fixture
def spss(tmp_path):
    path = tmp_path / "poll.sav"
    frame = pd.DataFrame(
        {"used": [1.0, 2.0, 88.0, 99.0, None], "income": [5.0, -5.0, -99.0, 0.0, 1.5], "tỉnh": list("abcab")}
    )
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels={"used": "Đã sử dụng cổng"},
        variable_value_labels={"used": {1.0: "Có", 2.0: "Không", 88.0: "Không biết", 99.0: "Từ chối"}},
        missing_ranges={"used": [88, 99], "income": [{"lo": -99, "hi": -1}]},
    )
    return path


@pytest.fixture
def stata(tmp_path):
    path = tmp_path / "poll.dta"
    frame = pd.DataFrame({"used": [1, 2, "a", "b"], "age": [30.0, 41.0, None, 50.0]})
    pyreadstat.write_dta(
        frame,
        str(path),
        version=15,
        missing_user_values={"used": ["a", "b"]},
        variable_value_labels={"used": {1: "same", 2: "same", "a": "Không biết"}},
    )
    return path


class TestSpss:
    def test_user_missing_codes_stay_in_the_data(self, spss):
        table = read_table(spss)
        assert table.data["used"].tolist()[:4] == [1, 2, 88, 99]
        assert table.missing["used"] == (88, 99)
        assert table.is_missing("used").tolist() == [False, False, True, True, True]

    def test_a_range_of_missing_codes_is_kept_as_a_range(self, spss):
        table = read_table(spss)
        assert table.missing["income"] == ((-99, -1),)
        assert table.is_missing("income").tolist() == [False, True, True, False, False]

    def test_labels_are_read(self, spss):
        table = read_table(spss)
        assert table.labels == {"used": "Đã sử dụng cổng"}
        assert table.values["used"][88] == "Không biết"


class TestStata:
    def test_extended_missing_values_stay_and_are_declared(self, stata):
        table = read_table(stata)
        assert table.data["used"].tolist() == [1, 2, ".a", ".b"]
        assert table.missing["used"] == (".a", ".b")
        assert table.is_missing("used").tolist() == [False, False, True, True]

    def test_two_codes_may_share_a_label(self, stata):
        assert read_table(stata).values["used"] == {1: "same", 2: "same", ".a": "Không biết"}


class TestExcel:
    def test_values_are_as_stored(self, tmp_path):
        path = tmp_path / "book.xlsx"
        pd.DataFrame({"code": ["01", "02"], "n": [1, 2], "share": [0.5, None]}).to_excel(path, index=False)
        table = read_table(path)
        assert table.data["code"].tolist() == ["01", "02"]
        assert table.data["n"].tolist() == [1, 2]
        assert table.is_missing("share").tolist() == [False, True]
        assert list(table.data.index) == [2, 3]

    def test_several_sheets_need_a_name(self, tmp_path):
        path = tmp_path / "book.xlsx"
        with pd.ExcelWriter(path) as book:
            pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="one", index=False)
            pd.DataFrame({"a": [2]}).to_excel(book, sheet_name="two", index=False)
        assert "['one', 'two']" in fault(path)
        assert read_table(path, sheet="two").data["a"].tolist() == [2]
        with pytest.raises(TableError, match="no sheet 'three'"):
            read_table(path, sheet="three")

    def test_errors_and_formulas_without_result_are_told_by_cell(self, tmp_path):
        from openpyxl import Workbook

        book = Workbook()
        for row in (["a", None, "b"], [1, 2, "#REF!"], ["=A2+1", 3, 4]):
            book.active.append(row)
        path = tmp_path / "book.xlsx"
        book.save(path)
        message = fault(path)
        assert "column 2 has no name" in message
        assert "cell C2: #REF!" in message
        assert "cell A3: a formula without its result" in message


def test_parquet_keeps_types(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"code": ["01", "02"], "y": [1.5, 2.0]}).to_parquet(path)
    table = read_table(path)
    assert table.data["code"].tolist() == ["01", "02"]
    assert table.data["y"].tolist() == [1.5, 2.0]


class TestDraft:
    def test_a_draft_holds_the_file_s_own_labels_and_codes(self, spss):
        draft = tables.draft_resource(read_table(spss))
        used, income, _ = draft["schema"]["fields"]
        assert draft["path"] == "poll.csv"
        assert used["title"] == "Đã sử dụng cổng"
        assert used["type"] == "integer"
        assert used["categories"] == [
            {"value": 1, "label": "Có", "label_vi": ""},
            {"value": 2, "label": "Không", "label_vi": ""},
        ]
        assert used["missingValues"] == [
            "",
            {"value": "88", "label": "Không biết", "label_vi": ""},
            {"value": "99", "label": "Từ chối", "label_vi": ""},
        ]
        assert income["type"] == "number"
        assert [one["value"] for one in income["missingValues"][1:]] == ["-5", "-99"]

    def test_leading_zeros_are_text(self, tmp_path):
        draft = tables.draft_resource(
            read_table(csv_of(tmp_path, "p,d,n\n01,2023-07-11,10\n02,2023-08-13,9\n"))
        )
        assert [one["type"] for one in draft["schema"]["fields"]] == ["string", "date", "integer"]

    def test_the_draft_describes_the_saved_file(self, spss, tmp_path):
        from portal_analysis import codebook

        table = read_table(spss)
        draft = tables.draft_resource(table)
        saved = tables.save_csv(table, tmp_path / draft["path"])
        checked = codebook.check(read_csv_text(saved), draft["schema"])
        assert checked.faults.empty
        assert checked.table["used"].tolist()[:2] == [1, 2]
        assert checked.table["used"].isna().sum() == 3

    def test_a_table_is_not_changed(self, stata):
        table = read_table(stata)
        before = table.data.copy(deep=True)
        tables.draft_resource(table)
        pd.testing.assert_frame_equal(table.data, before)
