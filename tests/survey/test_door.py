"""Anybody's file becomes the same people: what gets into the count, in every format."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from portal_analysis.shape import has_flag
from portal_analysis.survey.compare import difference
from portal_analysis.survey.design import Design, DesignError
from portal_analysis.survey.estimate import mean, multiple_response, proportion, total
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.readers import SurveyReadError, questions, read_survey
from portal_analysis.survey.totals import TotalsError
from portal_analysis.survey.values import AnswersError
from portal_analysis.tables import TableError
from portal_analysis.tables.table import TableWarning

from .conftest import in_code_page, with_set, write_file

D = Design("w", strata="st", psu="psu")
N = 48


def people(**columns: object) -> pd.DataFrame:
    """Return 48 people in two strata of four units, with columns repeated to their length."""
    frame = pd.DataFrame({"w": np.tile([1.0, 2.0], N // 2), "st": np.repeat([1, 2], N // 2)})
    frame["psu"] = np.repeat(np.arange(8), N // 8)
    for name, values in columns.items():
        frame[name] = np.resize(np.array(values, dtype=object), N).tolist()
    return frame.infer_objects()


def share(table: pd.DataFrame, **where: object) -> float:
    """Return the one estimate of the rows that hold the values."""
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return float(table["estimate"].iloc[0])


class TestBlankText:
    def test_is_no_answer_in_every_format(self, tmp_path, ending):
        frame = people(q=["Có", "Không", "Có", ""], reg=["Bắc", "Nam", "  ", ""])
        survey = read_survey(write_file(frame, tmp_path / f"a.{ending}"), D, yes={"q": "Có"})
        table = proportion(survey, "q", by=[(), ("reg",)])
        assert table["reg"].tolist()[1:] == ["Bắc", "Nam"]
        assert table["n"].tolist() == [36, 12, 12]
        assert table["n_missing"].tolist() == [12, 0, 0]
        assert proportion(survey, "q", categories=True)["category"].tolist() == ["Có", "Không"]

    def test_is_no_answer_in_a_frame_and_in_a_categorical(self):
        frame = people(q=[1, 0, 1, 0], reg=["Bắc", " ", "Nam", ""])
        for data in (frame, frame.astype({"reg": "category"})):
            survey = Survey(data, D)
            assert proportion(survey, "q", by="reg")["reg"].tolist() == ["Bắc", "Nam"]
            assert difference(survey, "q", between="reg")["n"].tolist() == [24]
        with pytest.raises(DesignError, match="'st' is missing in row 0"):
            Survey(frame.assign(st=" "), D)


class TestLabelsThatPrintAlike:
    @pytest.mark.parametrize("same", ["Huế ", "Hue\u0302\u0301", "\u00a0Huế", "Ｈuế", "Huế\u200b"])
    def test_are_one_label(self, same):
        frame = people(y=[1, 0, 0, 0], reg=["Huế", same], q=["Có", "Co\u0301", "Không", "Không "])
        survey = Survey(
            frame.assign(st=frame["reg"].map({"Huế": "a", same: "a "})), D, yes={"q": "Co\u0301 "}
        )
        assert proportion(survey, "y", by="reg")["reg"].tolist() == ["Huế"]
        assert share(proportion(survey, "q")) == pytest.approx(0.5)
        assert survey.layout.strata == 1

    def test_categories_keep_their_order(self):
        frame = people(q=["b", "a ", "a", "b"])
        frame["q"] = pd.Categorical(frame["q"], categories=["b", "a ", "a", " "], ordered=True)
        survey = Survey(frame, D)
        assert list(survey.data["q"].cat.categories) == ["b", "a"]
        assert proportion(survey, "q", categories=True)["n"].tolist() == [48, 48]

    def test_the_frame_given_is_not_changed(self):
        frame = people(q=["b ", "a"])
        before = frame.copy(deep=True)
        Survey(frame, D)
        pd.testing.assert_frame_equal(frame, before)


REPLIES = {1: "Có", 2: "Không", 8: "Không biết", 9: "Từ chối"}


class TestYesAndNo:
    @pytest.mark.parametrize("ending", ["dta", "sav"])
    def test_several_others_are_asked_about_by_code_and_label(self, tmp_path, ending):
        frame = people(q=[1, 2, 8, 9])
        path = write_file(frame, tmp_path / f"a.{ending}", variable_value_labels={"q": REPLIES})
        survey = read_survey(path, D, yes={"q": 1})
        with pytest.raises(
            AnswersError, match=r"2 \(Không\), 8 \(Không biết\), 9 \(Từ chối\).*\(8, 9\).*\(2,\)"
        ):
            proportion(survey, "q")
        told = read_survey(path, D, missing={"q": (8, 9)})
        assert dict(told.yes) == {"q": 1}
        assert proportion(told, "q")[["n", "n_missing"]].to_numpy().tolist() == [[24, 24]]

    def test_text_is_asked_about_too_and_no_settles_it(self, tmp_path):
        path = write_file(people(q=["Có", "Không", "Chưa", "KB"]), tmp_path / "a.csv")
        with pytest.raises(AnswersError, match=r"'Không'.*'KB'"):
            proportion(read_survey(path, D, yes={"q": "Có"}), "q")
        with pytest.raises(AnswersError, match="'KB', which no= does not name"):
            proportion(read_survey(path, D, yes={"q": "Có"}, no={"q": ("Không", "Chưa")}), "q")
        told = read_survey(path, D, yes={"q": "Có"}, no={"q": ("Không", "Chưa")}, missing={"q": ("KB",)})
        assert proportion(told, "q")["n"].tolist() == [36]

    def test_the_two_top_points_of_a_scale(self):
        survey = Survey(people(q=[1, 2, 3, 4, 5]), D, yes={"q": (4, 5)}, no={"q": range(1, 4)})
        assert proportion(survey, "q")["n"].tolist() == [48]

    @pytest.mark.parametrize(
        ("values", "yes"), [([1, None, None, None], {}), ([True, None], {}), (["x", "", ""], {"q": "x"})]
    )
    def test_a_column_in_which_nobody_says_no_is_asked_about(self, values, yes):
        survey = Survey(people(q=values), D, yes=yes)
        with pytest.raises(AnswersError, match=r"is a blank a no\?"):
            proportion(survey, "q")
        assert proportion(Survey(people(q=values), D, yes=yes, no={"q": 0}), "q")["estimate"].tolist() == [1]

    def test_ticks_of_a_set_and_of_a_subpopulation_may_be_blank(self):
        frame = people(a=[1, None, None, 1], b=[None, 1, None, 1], y=[1, 0, 1])
        survey = Survey(frame, D)
        table = multiple_response(survey, ["a", "b"])
        assert table["n"].tolist() == [36, 36]
        assert proportion(survey, "y", domain="a")["n"].tolist() == [24]

    def test_everybody_who_answered_said_yes_where_a_no_is_declared(self, tmp_path):
        path = tmp_path / "a.sav"
        write_file(people(q=[1, None]), path, variable_value_labels={"q": {0: "Không", 1: "Có"}})
        assert proportion(read_survey(path, D), "q")["estimate"].tolist() == [1]


class TestCodesForNoAnswer:
    @pytest.mark.parametrize("ending", ["dta", "sav"])
    @pytest.mark.parametrize(
        "label", ["NA", "Không biết", "KB/TC", "Don’t know / Refused", "98. Từ chối trả lời"]
    )
    def test_labels_that_say_so_are_asked_about(self, tmp_path, ending, label):
        path = tmp_path / f"a.{ending}"
        write_file(people(age=[20, 30, 40, 999]), path, variable_value_labels={"age": {999: label}})
        with pytest.raises(AnswersError, match=r"999, labelled .*12 rows.*missing=\{'age': \(999,\)\}"):
            mean(read_survey(path, D), "age")
        assert mean(read_survey(path, D, missing={"age": (999,)}), "age")["n"].tolist() == [36]
        assert mean(read_survey(path, D, missing={"age": ()}), "age")["n"].tolist() == [48]

    def test_a_labelled_number_far_from_all_others_is_asked_about(self):
        frame = people(rooms=[1, 2, 3, 4, 5, 6, -99])
        with pytest.raises(AnswersError, match="-99, labelled 'XX'"):
            mean(Survey(frame, D, labels={"rooms": {-99: "XX"}}), "rooms")

    def test_labels_of_numbers_like_the_others_are_not(self):
        frame = people(rooms=[0, 1, 2, 3, 4, 5, 6, 7])
        survey = Survey(frame, D, labels={"rooms": {0: "Không có phòng", 7: "7 trở lên"}})
        assert mean(survey, "rooms")["n"].tolist() == [48]

    @pytest.mark.parametrize("ending", ["dta", "parquet"])
    def test_codes_are_found_in_numbers_of_seven_digits(self, tmp_path, ending):
        frame = people(hours=[1.5, 2.5, 99.9, 3.5]).astype({"hours": np.float32})
        path = tmp_path / f"a.{ending}"
        frame.to_stata(path, write_index=False) if ending == "dta" else write_file(frame, path)
        survey = read_survey(path, D, missing={"hours": (99.9,)})
        assert mean(survey, "hours")[["n", "n_missing"]].to_numpy().tolist() == [[36, 12]]
        direct = Survey(frame, D, missing={"hours": (99.9,)})
        assert mean(direct, "hours")["n"].tolist() == [36]

    def test_a_code_that_never_occurs_is_told_with_what_comes_near(self, tmp_path, ending):
        path = write_file(people(hours=[1.5, 2.5, 99.8]), tmp_path / f"a.{ending}")
        with pytest.warns(TableWarning, match=r"99.9 never occurs in 'hours'; near it: 99.8"):
            read_survey(path, D, missing={"hours": (99.9,)})
        with pytest.warns(TableWarning, match=r"none of the codes \[888, 999\] occurs"):
            read_survey(path, D, missing=(888, 999))

    @pytest.mark.parametrize("written", ["{:.1f}", "{:.2f}", "{:.0f}"])
    @pytest.mark.parametrize("mark", [".", ","])
    def test_a_code_is_found_however_its_decimals_are_written(self, tmp_path, written, mark):
        frame = people(y=[1, 0, 9, 1], rooms=[2, 3, 99.5, 4])
        for name in ("y", "rooms"):
            form = "{:.2f}" if name == "rooms" else written
            frame[name] = [form.format(one).replace(".", mark) for one in frame[name]]
        path = tmp_path / "a.csv"
        frame.to_csv(path, index=False, sep=";")
        survey = read_survey(path, D, sep=";", missing={"y": 9, "rooms": 99.5})
        assert proportion(survey, "y")[["n", "n_missing"]].to_numpy().tolist() == [[36, 12]]
        assert mean(survey, "rooms")[["n", "estimate"]].to_numpy().tolist() == [
            [36, pytest.approx(3.0, abs=0.5)]
        ]

    def test_a_code_of_text_is_not_found_in_another_spelling(self, tmp_path):
        path = write_file(people(y=["1.10", "1.1", "1.2"]), tmp_path / "a.csv")
        with pytest.warns(TableWarning, match="never occurs"):
            read_survey(path, D, missing={"y": "1.100"})

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    @pytest.mark.parametrize("nothing", ["NA", ".", "#N/A", "KTL"])
    def test_text_that_stands_for_nothing_leaves_numbers(self, tmp_path, ending, nothing):
        frame = people(age=[20, 30, 40, nothing], y=[1, 0, nothing, 1])
        if ending == "xlsx" and nothing == "#N/A":
            pytest.skip("an error of Excel")
        path = write_file(frame.astype(str), tmp_path / f"a.{ending}")
        for options in ({"missing": (nothing,)}, {}):
            survey = read_survey(path, D, **options)
            assert mean(survey, "age")[["n", "n_missing"]].to_numpy().tolist() == [[36, 12]]
            assert proportion(survey, "y")["n"].tolist() == [36]

    def test_a_code_of_its_own_spelling_leaves_numbers_and_may_be_kept(self, tmp_path):
        path = write_file(people(age=[20, 30, "không nhớ rõ"]).astype(str), tmp_path / "a.csv")
        with pytest.raises(AnswersError, match="such as 'không nhớ rõ'"):
            mean(read_survey(path, D), "age")
        for keep in (True, False):
            survey = read_survey(path, D, missing={"age": ("không nhớ rõ",)}, keep_codes=keep)
            assert mean(survey, "age")["n"].tolist() == [32]

    def test_the_same_text_in_a_column_of_words_is_told(self, tmp_path):
        path = write_file(people(age=[20, "NA"], q=["Có", "NA"]).astype(str), tmp_path / "a.csv")
        with pytest.warns(TableWarning, match=r"missing=\{'q': \('NA',\)\}"):
            survey = read_survey(path, D)
        assert proportion(survey, "q", categories=True)["category"].tolist() == ["Có", "NA"]


class TestReplicates:
    FRAME = people(y=[1, 0, 0]).assign(**{f"W{k}": np.resize([1.0, 2.0, 3.0 - k / 9], N) for k in range(5)})

    def test_the_weights_are_no_replicate_of_themselves(self):
        asked = [Design("W0", replicates=r, replicate_method="BRR") for r in ("W", ("W1", "W2", "W3", "W4"))]
        first, second = (proportion(Survey(self.FRAME, design), "y") for design in asked)
        pd.testing.assert_frame_equal(first, second)
        with pytest.raises(DesignError, match="'W0', the weights themselves"):
            proportion(Survey(self.FRAME, Design("W0", replicates=("W0", "W1"), replicate_method="BRR")), "y")

    @pytest.mark.parametrize(("new", "said"), [("W2022", "jump from 4 to 2022"), ("W_3", "alike")])
    def test_columns_that_are_not_numbered_on_are_told(self, new, said):
        survey = Survey(self.FRAME.assign(**{new: 1.0}), Design("W0", replicates="W", replicate_method="BRR"))
        with pytest.raises(DesignError, match=said):
            proportion(survey, "y")

    def test_single_replicate_weights_may_be_negative(self):
        frame = self.FRAME.assign(W3=np.where(np.arange(N) == 5, -0.4, self.FRAME["W3"]))
        for method in ("BRR", "ACS"):
            table = proportion(Survey(frame, Design("W0", replicates="W", replicate_method=method)), "y")
            assert table["se"].notna().all()

    def test_factors_are_multiplied_and_recognised_by_their_mean(self):
        factors = {f"r{k}": np.resize([0.0, 2.0, 1.0, 1.0 + k / 8], N) for k in range(1, 5)}
        frame = people(y=[1, 0, 0]).assign(w=lambda f: f["w"] * 100, **factors)
        made = frame.assign(**{name: frame[name] * frame["w"] for name in factors})
        design = Design("w", replicates="r", replicate_method="BRR")
        with pytest.raises(DesignError, match="are they factors of the weights"):
            proportion(Survey(frame, design), "y")
        told = Design("w", replicates="r", replicate_method="BRR", replicate_factors=True)
        by_factors, by_weights = proportion(Survey(frame, told), "y"), proportion(Survey(made, design), "y")
        pd.testing.assert_frame_equal(by_factors, by_weights)
        with pytest.raises(DesignError, match="replicate_factors"):
            Design("w", replicate_factors=True)


REFERENCE = Path(__file__).resolve().parents[1] / "reference"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("BRR", {"replicates": "W", "replicate_method": "BRR"}),
        ("ACS", {"replicates": "W", "replicate_method": "ACS"}),
        ("factors", {"replicates": "f", "replicate_method": "BRR", "replicate_factors": True}),
    ],
)
def test_replicates_of_a_file_agree_with_r(name, change):
    """R's survey 4.5: negative replicate weights, the weights W0 beside W1 to W8, factors (replicates.R)."""
    answer = pd.read_csv(REFERENCE / "replicates_answers.csv").set_index("name").loc[name]
    design = Design("W0", mse=True, **change)
    table = proportion(Survey(pd.read_csv(REFERENCE / "replicates.csv"), design), "y", by=[(), ("sex",)])
    found = [*table.loc[0, ["estimate", "se", "df"]], *table.loc[1, ["estimate", "se"]]]
    wanted = answer[["estimate", "se", "df", "first", "first_se"]].tolist()
    assert found == pytest.approx(wanted, rel=1e-12)


class TestDates:
    def test_a_date_may_mean_no_answer(self, tmp_path):
        path = tmp_path / "a.dta"
        day = {"variable_format": {"t": "%td"}}
        pyreadstat.write_dta(people(t=[23131.0, 0.0], q=[1, 888]), str(path), **day)
        survey = read_survey(path, D, missing={"t": pd.Timestamp("1960-01-01"), "q": 888})
        assert survey.data["t"].isna().tolist() == [False, True] * (N // 2)
        everywhere = read_survey(path, D, missing=(888,))
        assert everywhere.data["t"].notna().all()
        assert everywhere.data["q"].isna().sum() == N // 2

    @pytest.mark.parametrize(
        ("form", "number", "said"),
        [
            ("%tm", 760, "2023-05"),
            ("%tmMon_CCYY", 760, "2023-05"),
            ("%tq", 253, "2023-Q2"),
            ("%tw", 3293, "2023-W18"),
            ("%th", 126, "2023-H1"),
            ("%ty", 2023, 2023),
            ("%td", 23131, pd.Timestamp("2023-05-01")),
            ("%d", 23131, pd.Timestamp("2023-05-01")),
            ("%tc", 1998540000000, pd.Timestamp("2023-05-01 06:00")),
            ("%tC", 1998540027000, pd.Timestamp("2023-05-01 06:00")),
        ],
    )
    def test_of_stata_are_dates_and_periods(self, tmp_path, form, number, said):
        path = tmp_path / "a.dta"
        pyreadstat.write_dta(people(t=[float(number)]), str(path), variable_format={"t": form})
        assert read_survey(path, D).data["t"].tolist() == [said] * N

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ("DATE11", pd.Timestamp("2023-05-01")),
            ("DATETIME20", pd.Timestamp("2023-05-01 06:00")),
            ("MOYR8", "2023-05"),
            ("QYR6", "2023-Q2"),
            ("WKYR10", "2023-W18"),
        ],
    )
    def test_of_spss_are_dates_and_periods(self, tmp_path, form, said):
        path = tmp_path / "a.sav"
        seconds = (pd.Timestamp("2023-05-01 06:00") - pd.Timestamp("1582-10-14")).total_seconds()
        pyreadstat.write_sav(people(t=[seconds]), str(path), variable_format={"t": form})
        assert read_survey(path, D).data["t"].tolist() == [said] * N

    @pytest.mark.parametrize(("ending", "form", "wrong"), [("sav", "DATE11", 5.8e11), ("dta", "%td", 6.5e6)])
    def test_one_that_cannot_be_is_told_and_missing(self, tmp_path, ending, form, wrong):
        good = 1.39e10 if ending == "sav" else 23131.0
        path = tmp_path / f"a.{ending}"
        frame = people(y=[1, 0]).assign(t=[wrong] + [good] * (N - 1))
        write = pyreadstat.write_sav if ending == "sav" else pyreadstat.write_dta
        write(frame, str(path), variable_format={"t": form})
        with pytest.warns(TableWarning, match=rf"'t' \({form}\): row 1: .* missing"):
            survey = read_survey(path, D)
        assert survey.data["t"].isna().tolist() == [True] + [False] * (N - 1)
        assert proportion(survey, "y")["n"].tolist() == [N]

    def test_one_in_a_sheet_that_cannot_be_is_told_and_missing(self, tmp_path):
        book = openpyxl.Workbook()
        book.active.append(["w", "day"])
        for number in (45000, 6600000):
            book.active.append([1, number])
            book.active.cell(book.active.max_row, 2).number_format = "yyyy-mm-dd"
        book.save(tmp_path / "a.xlsx")
        with pytest.warns(TableWarning, match="cell B3: 6600000: no date"):
            survey = read_survey(tmp_path / "a.xlsx", Design("w"))
        assert survey.data["day"].isna().tolist() == [False, True]

    def test_codes_for_no_answer_among_dates_are_missing(self, tmp_path):
        path = tmp_path / "a.sav"
        frame = people(t=[1.39e10, 99999999999.0])
        pyreadstat.write_sav(
            frame, str(path), variable_format={"t": "DATE11"}, missing_ranges={"t": [99999999999]}
        )
        assert read_survey(path, D).data["t"].isna().sum() == N // 2


class TestSheets:
    def book(self, path, merged=None, sheets=("data",)):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in sheets:
            page = book.create_sheet(name)
            page.append(["w", "st", "psu", "y", "province"])
            for row in range(8):
                page.append(
                    [1, 1 + row // 4, row, row % 2, ["Hà Nội", "Huế"][row // 4] if row % 4 == 0 else None]
                )
            for cells in merged or ():
                page.merge_cells(cells)
        book.save(path)
        return path

    def test_cells_merged_downwards_hold_their_value_in_each_row(self, tmp_path):
        survey = read_survey(self.book(tmp_path / "a.xlsx", ["E2:E5", "E6:E9"]), D)
        assert proportion(survey, "y", by="province")["n"].tolist() == [4, 4]

    def test_cells_merged_across_columns_are_told(self, tmp_path):
        with pytest.raises(TableError, match="D2:E2 are merged across columns"):
            read_survey(self.book(tmp_path / "a.xlsx", ["D2:E2"]), D)

    def test_a_sheet_is_chosen(self, tmp_path):
        path = self.book(tmp_path / "a.xlsx", sheets=("data", "codebook"))
        with pytest.raises(TableError, match="2 sheets with data"):
            read_survey(path, D)
        assert len(read_survey(path, D, sheet="data")) == 8
        with pytest.raises(TableError, match=r"did you mean \['data'\]"):
            read_survey(path, D, sheet="Data")


VIETNAMESE = {"prov": ["Hà Nội", "Huế", "Đà Nẵng"]}


class TestEncodings:
    @pytest.mark.parametrize("declared", [True, False])
    def test_windows_1258_of_spss(self, tmp_path, declared):
        frame = people(prov=["AAAAAAA", "BBBBB", "CCCCCCCC"], y=[1.0, 0.0])
        path = write_file(
            frame,
            tmp_path / "a.sav",
            column_labels={"prov": "AAAAAAA"},
            variable_value_labels={"y": {1: "AAAAAAA", 0: "BBBBB"}},
        )
        swapped = {
            b"AAAAAAA": "Hà Nô\u0323i".encode("cp1258"),
            b"BBBBB": "Huê\u0301 ".encode("cp1258"),
            b"CCCCCCCC": "Đà Nă\u0303ng".encode("cp1258")[:8],
        }
        in_code_page(path, "windows-1258" if declared else "windows-1252", swapped)
        survey = read_survey(path, D, encoding=None if declared else "cp1258")
        assert list(survey.data.columns) == ["w", "st", "psu", "prov", "y"]
        assert survey.data["prov"].unique().tolist()[:2] == ["Hà Nội", "Huế"]
        assert survey.labels[("prov", None)]["vi"] == "Hà Nội"
        assert survey.labels[("y", "0")]["vi"] == "Huế"

    @pytest.mark.parametrize("ending", ["xlsx", "parquet", "csv"])
    def test_text_of_old_fonts_is_named_then_read(self, tmp_path, ending):
        path = tmp_path / f"a.{ending}"
        frame = people(prov=["Hµ Néi", "HuÕ", "§µ N½ng"])
        if ending == "csv":
            path.write_bytes(frame.to_csv(index=False).encode("latin-1"))
        else:
            write_file(frame, path)
        with pytest.raises(TableError, match=r'tcvn3.*encoding="tcvn3"'):
            read_survey(path, D)
        assert read_survey(path, D, encoding="TCVN3").data["prov"].unique().tolist() == VIETNAMESE["prov"]
        left = read_survey(path, D, encoding="latin-1")
        assert left.data["prov"].unique().tolist()[0] == "Hµ Néi"

    @pytest.mark.parametrize(("name", "texts"), [("tcvn3", ["Hµ Néi", "HuÕ"]), ("vni", ["Haø Noäi", "Hueá"])])
    def test_old_stata_files(self, tmp_path, name, texts):
        path = tmp_path / "a.dta"
        frame = people(prov=texts, y=[1, 0])
        frame.to_stata(path, write_index=False, version=114, variable_labels={"prov": texts[0]})
        with pytest.raises(TableError, match=f"'Hà Nội' in {name}"):
            read_survey(path, D)
        survey = read_survey(path, D, encoding=name)
        assert survey.data["prov"].unique().tolist() == ["Hà Nội", "Huế"]
        assert survey.labels[("prov", None)]["vi"] == "Hà Nội"

    def test_a_text_of_other_bytes_is_named_and_read(self, tmp_path):
        path = write_file(people(t=["AxyA", "Huế"]), tmp_path / "a.sav")
        in_code_page(path, "UTF-8", {b"AxyA": b"A\xe9\xe8A"})
        with pytest.raises(TableError, match=r"column 't', row 1.*encoding="):
            read_survey(path, D)
        survey = read_survey(path, D, encoding="latin1")
        assert survey.data["t"].unique().tolist() == ["AéèA", "Huế"], "what is in UTF-8 stays as it is"


class TestText:
    def test_semicolons_and_decimal_commas(self, tmp_path):
        path = tmp_path / "a.csv"
        people(income=["1,5", "0,85", "12"]).to_csv(path, index=False, sep=";", decimal=",")
        survey = read_survey(path, D)
        assert survey.data["w"].tolist()[:2] == [1, 2]
        assert survey.data["income"].tolist()[:3] == [1.5, 0.85, 12]

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_decimal_commas_in_cells_of_text(self, tmp_path, ending):
        path = write_file(people(a=["0,85", "1,2"], b=["1,234", "5,678"]), tmp_path / f"a.{ending}")
        survey = read_survey(path, D)
        assert survey.data["a"].tolist()[:2] == [0.85, 1.2]
        assert survey.data["b"].tolist()[0] == "1,234", "thousands or decimals: nobody can tell"
        assert read_survey(path, D, decimal=",").data["b"].tolist()[0] == 1.234
        with pytest.raises(DesignError, match="such as '1,234'"):
            read_survey(path, Design("b"))
        with pytest.raises(SurveyReadError, match="decimal="):
            read_survey(path, D, decimal=";")

    def test_thousands_by_points(self, tmp_path):
        path = write_file(people(a=["1.234,5", "12.000", "7"]), tmp_path / "a.csv")
        assert read_survey(path, D, decimal=",").data["a"].tolist()[:3] == [1234.5, 12000, 7]

    def test_numbers_as_r_writes_them(self, tmp_path):
        path = write_file(people(a=["1e+05", ".5", "-2.5e-07"], b=["1e5", "01", "+1"]), tmp_path / "a.csv")
        survey = read_survey(path, D)
        assert survey.data["a"].tolist()[:3] == [100000, 0.5, -2.5e-07]
        assert survey.data["b"].tolist()[:3] == ["1e5", "01", "+1"]

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_rows_of_labels_under_the_names(self, tmp_path, ending):
        head = pd.DataFrame([["Weight", "Stratum", "Area", "Used it?"], ["{1}", "{2}", "{3}", "{4}"]])
        frame = people(q=[1, 2])
        stacked = pd.concat([head.set_axis(frame.columns, axis=1), frame.astype(object)])
        path = write_file(stacked, tmp_path / f"a.{ending}")
        with pytest.raises(TableError, match=r"lines 2 to 3 look like labels.*label_rows=2"):
            read_survey(path, D)
        survey = read_survey(path, D, label_rows=2, yes={"q": 1})
        assert survey.labels[("q", None)]["en"] == "Used it?"
        assert proportion(survey, "q")["estimate"].notna().all()

    def test_rows_of_labels_may_have_gaps(self, tmp_path):
        head = pd.DataFrame([["Weight", None, None, "Used it?"], ["{1}", "{2}", None, "{4}"]])
        frame = people(q=[1, 2])
        stacked = pd.concat([head.set_axis(frame.columns, axis=1), frame.astype(object)])
        with pytest.raises(
            TableError, match=r"lines 2 to 3 look like labels, not answers \('w': 'Weight', 'q'"
        ):
            read_survey(write_file(stacked, tmp_path / "a.csv"), D)

    def test_row_numbers_without_a_name_are_no_fault(self, tmp_path):
        path = tmp_path / "a.csv"
        people(q=[1, 0]).to_csv(path)
        assert read_survey(path, D).data.columns[0] == "row"


class TestSeveralAnswersInOneCell:
    @pytest.mark.parametrize(("sep", "parts"), [(" ", " "), (", ", ", "), (";", "; "), ("\n", "\n")])
    def test_become_a_set(self, tmp_path, sep, parts):
        cells = [parts.join(["cost", "trust"]), "trust", "", parts.join(["cost", "trust", "skill"])]
        survey = read_survey(write_file(people(why=cells), tmp_path / "a.csv"), D)
        with pytest.raises(AnswersError, match="multiple_response"):
            proportion(survey, "why")
        table = multiple_response(survey, "why", sep=sep)
        assert table["category"].tolist() == ["cost", "skill", "trust"]
        assert table["n"].tolist() == [36] * 3
        assert share(table, category="trust") == 1
        assert multiple_response(survey, "why", sep=sep, of="answers")["estimate"].sum() == pytest.approx(1)

    def test_answers_that_hold_the_mark_and_those_nobody_gave(self):
        frame = people(why=["Cost (fees, travel), Trust", "Trust"])
        survey = Survey(frame, D, categories={"why": ["Skill", "Cost (fees, travel)", "Trust"]})
        table = multiple_response(survey, "why", sep=", ", choices=["Cost (fees, travel)"])
        assert table["category"].tolist() == ["Skill", "Cost (fees, travel)", "Trust"]
        assert share(table, category="Skill") == 0
        with pytest.raises(AnswersError, match="one column"):
            multiple_response(survey, ["why", "w"], sep=",")

    def test_sets_of_spss_are_offered_by_name(self, tmp_path):
        path = write_file(people(a=[1, 2, 2, 1], b=[2, 1, 2, 1]), tmp_path / "a.sav")
        with_set(path, "$why=D1 1 9 Why not?  a b\n")
        survey = read_survey(path, D)
        assert dict(survey.sets) == {"why": ("a", "b")}
        assert multiple_response(survey, "why")["indicator"].tolist() == ["a", "b"]
        assert questions(survey).set_index("name").loc["a", "part_of"] == "why"

    def test_sets_of_spss_that_hold_0_and_1_need_no_yes_code(self, tmp_path):
        path = write_file(people(a=[1, 0, 0, 1], b=[0, 1, 0, 1]), tmp_path / "a.sav")
        with_set(path, "$why=D1 1 9 Why not?  a b\n")
        survey = read_survey(path, D)
        assert dict(survey.yes) == {}
        assert multiple_response(survey, "why")["estimate"].tolist() == pytest.approx([0.5, 2 / 3])


class TestTotals:
    @pytest.mark.parametrize("weights", [1.0, [0.5, 1.5], 1 / N])
    def test_of_weights_that_count_no_people_are_flagged(self, weights):
        frame = people(y=[1, 0]).assign(w=np.resize(weights, N))
        survey = Survey(frame, D)
        assert has_flag(total(survey, "y"), "no population total").all()
        assert not has_flag(mean(survey, "y"), "no population total").any()
        assert "count no people" in repr(survey)
        assert not has_flag(total(Survey(people(y=[1, 0]), D), "y"), "no population total").any()

    def test_unweighted_data_have_a_spelling(self, tmp_path):
        path = write_file(people(y=[1, 0, 0]), tmp_path / "a.csv")
        for design in (Design(), Design(None)):
            survey = read_survey(path, design)
            assert proportion(survey, "y")["estimate"].tolist() == [pytest.approx(1 / 3)]
            assert "every row counts 1" in repr(survey)
            assert has_flag(total(survey, "y"), "no population total").all()
        with pytest.raises(SurveyReadError, match=r"Design\(\) if every person"):
            read_survey(path)


class TestOrder:
    @pytest.mark.parametrize("ending", ["csv", "dta", "sav"])
    def test_of_text_that_holds_numbers_is_natural(self, tmp_path, ending):
        bands = ["100+", "5-9", "10-14", "15-19"]
        survey = read_survey(write_file(people(y=[1, 0], age=bands), tmp_path / f"a.{ending}"), D)
        right = ["5-9", "10-14", "15-19", "100+"]
        assert proportion(survey, "y", by="age")["age"].tolist() == right
        assert proportion(survey, "age", categories=True)["category"].tolist() == right
        assert difference(survey, "y", between="age")["reference"].unique().tolist() == ["5-9"]

    @pytest.mark.parametrize("ending", ["dta", "sav"])
    def test_points_of_a_labelled_scale_that_nobody_chose_are_rows_of_0(self, tmp_path, ending):
        scale = {1: "Rất kém", 2: "Kém", 3: "Trung bình", 4: "Tốt", 5: "Rất tốt", 9: "Không biết"}
        path = write_file(people(q=[2, 3, 4]), tmp_path / f"a.{ending}", variable_value_labels={"q": scale})
        table = proportion(read_survey(path, D), "q", categories=True)
        assert table["category"].tolist() == [1, 2, 3, 4, 5]
        assert table["estimate"].iloc[[0, 4]].tolist() == [0, 0]
        assert (table["ci_high"] > 0).all()

    def test_categories_of_a_categorical_too(self):
        frame = people(q=["b", "c"])
        frame["q"] = pd.Categorical(frame["q"], categories=["a", "c", "b"], ordered=True)
        table = proportion(Survey(frame, D), "q", categories=True)
        assert table["category"].tolist() == ["a", "c", "b"]
        assert proportion(Survey(frame.assign(y=1), D), "y", by="q")["q"].tolist() == ["c", "b"]


def test_after_leaving_out_rows_the_error_says_that_domain_is_the_way():
    frame = people(y=[1, 0])
    with pytest.raises(DesignError, match="domain="):
        Survey(frame[(frame["psu"] < 5)], D)


def test_misspelt_columns_are_asked_about():
    survey = Survey(people(npsp_use=[1, 0]), D)
    with pytest.raises(AnswersError, match=r"did you mean \['npsp_use'\]"):
        proportion(survey, "nspp_use")
    with pytest.raises(DesignError, match=r"did you mean \['psu'\]"):
        Survey(people(), Design("w", psu="pus"))


def test_a_column_of_very_many_values_is_asked_about_before_it_splits():
    frame = pd.DataFrame({"y": [1, 0] * 600, "income": range(1200)})
    with pytest.raises(TotalsError, match="1,200 domains: is it a number or an id"):
        proportion(Survey(frame, Design()), "y", by="income")
    meant = frame.assign(income=frame["income"].astype("category"))
    assert len(proportion(Survey(meant, Design()), "y", by="income")) == 1200


def test_the_same_people_from_every_format(tmp_path):
    """The whole of it: labels, blanks, codes, order, design."""
    frame = people(q=[1, 2, 8], sex=["Nữ", "Nam ", ""], age=["5-9", "10-14"])
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for ending in ("csv", "xlsx", "dta", "sav", "parquet"):
            path = write_file(frame, tmp_path / f"people.{ending}")
            survey = read_survey(path, D, yes={"q": 1}, missing={"q": (8,)})
            found.append(proportion(survey, "q", by=[(), ("sex",), ("age",)]))
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other, check_dtype=False)


class TestQuestions:
    def test_each_kind_of_column_is_described(self):
        frame = people(
            day=pd.to_datetime(["2024-01-31"] + ["2024-05-01"] * (N - 1)),
            age=[18.0, 90.5] + [30.0] * (N - 2),
            used=[0, 1] + [1] * (N - 2),
            nothing=[np.nan] * N,
            school=["low", "high"] + ["low"] * (N - 2),
            remark=[f"remark {place}" for place in range(N)],
            level=pd.Categorical(["b"] * N, categories=["a", "b"]),
        )
        told = questions(Survey(frame, D)).set_index("name")
        assert told["type"].to_dict() == {
            **dict.fromkeys(D.columns, "design"),
            **{"day": "date", "age": "number", "used": "yes/no", "nothing": "empty"},
            **{"school": "category", "remark": "text", "level": "category"},
        }
        assert told.loc["day", "answers"] == "2024-01-31 to 2024-05-01"
        assert told.loc["age", "answers"] == "18 to 90.5"
        assert told.loc["remark", "answers"] == f"{N} different, such as 'remark 0'"
        assert told.loc["nothing", ["n", "n_missing"]].tolist() == [0, N]
