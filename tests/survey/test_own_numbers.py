"""A researcher's own provinces, scores and PAPI's workbooks become ESTIMATES and codes."""

from __future__ import annotations

import math

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from portal_analysis import codebook
from portal_analysis.provinces import ProvinceError
from portal_analysis.shape import EstimatesError, check
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import proportion
from portal_analysis.survey.readers import SurveyReadError, estimates, read_papi, read_survey
from portal_analysis.tables.table import TableWarning

from .conftest import write_file

THREE = ["01", "46", "79"]


@pytest.fixture(autouse=True)
def forget():
    yield
    codebook.remember("", {})


def provinces_of(path, **options):
    survey = read_survey(path, Design("w"), **options)
    return survey, proportion(survey, "y", by="province")["province"].tolist()


class TestProvincesOfASurvey:
    @pytest.mark.parametrize(
        "values",
        [
            [1, 46, 79],
            [1.0, 46.0, 79.0],
            ["01", "46", "79"],
            ["1", "46", "79"],
        ],
    )
    def test_become_codes_in_every_format(self, tmp_path, ending, values):
        frame = pd.DataFrame({"w": 1.0, "y": [1, 0, 1] * 4, "province": values * 4})
        assert provinces_of(write_file(frame, tmp_path / f"a.{ending}"))[1] == THREE

    @pytest.mark.parametrize(
        "values", [["Hà Nội", "TT-Huế", "TP.HCM"], ["ha noi ", "Thừa Thiên Huế", "Thành phố Hồ Chí Minh"]]
    )
    def test_names_become_codes_where_the_column_is_called_so(self, tmp_path, ending, values):
        frame = pd.DataFrame({"w": 1.0, "y": [1, 0, 1], "province": values, "gso63": values})
        survey, found = provinces_of(write_file(frame, tmp_path / f"a.{ending}"))
        assert survey.data["gso63"].tolist() == THREE
        assert sorted(found) == sorted(value.strip() for value in values)

    def test_a_survey_s_own_numbers_are_read_by_their_labels(self, tmp_path):
        frame = pd.DataFrame({"w": 1.0, "y": [1, 0, 1, 1], "province": [1, 2, 3, 888]})
        labels = {"province": {1: "TP Hồ Chí Minh", 2: "Hà Nội", 3: "Thừa Thiên - Huế", 888: "Không biết"}}
        path = tmp_path / "a.dta"
        pyreadstat.write_dta(frame, str(path), variable_value_labels=labels)
        survey, found = provinces_of(path, missing={"province": (888,)})
        assert found == THREE
        assert survey.data["province"].tolist()[:3] == ["79", "01", "46"]

    def test_one_misspelt_name_is_told_and_nothing_is_changed(self, tmp_path):
        frame = pd.DataFrame({"w": 1.0, "y": [1, 0, 1], "gso63": ["Hà Nội", "Huế", "Hải Fòng"]})
        with pytest.warns(TableWarning, match=r"(?s)Hải Fòng.*nearest: .*Hải Phòng"):
            survey = read_survey(write_file(frame, tmp_path / "a.csv"), Design("w"))
        assert survey.data["gso63"].tolist() == ["Hà Nội", "Huế", "Hải Fòng"]

    def test_what_holds_no_provinces_is_left(self, tmp_path):
        frame = pd.DataFrame({"w": 1.0, "y": [1, 0], "province": ["Arica", "Iquique"]})
        assert provinces_of(write_file(frame, tmp_path / "a.csv"))[1] == ["Arica", "Iquique"]
        named = frame.assign(gso63=frame["province"])
        left = read_survey(write_file(named, tmp_path / "c.csv"), Design("w")).data["gso63"]
        assert left.tolist() == ["Arica", "Iquique"]
        frame["province"] = [300, 301]
        assert provinces_of(write_file(frame, tmp_path / "b.csv"))[1] == [300, 301]

    def test_codes_of_the_list_of_34(self, tmp_path):
        frame = pd.DataFrame({"w": 1.0, "y": [1, 0], "gso34": ["Lào Cai", 24]})
        survey = read_survey(write_file(frame, tmp_path / "a.csv"), Design("w"))
        assert survey.data["gso34"].tolist() == ["15", "24"]


class TestOwnScores:
    def test_one_line(self):
        frame = pd.DataFrame({"tinh": ["Hà Nội", "Huế"], "diem": [3.5, 2.5], "se": [0.1, 0.2]})
        table = estimates(
            frame.rename(columns={"tinh": "province"}), estimate="diem", by="province", source="own"
        )
        assert table["indicator"].tolist() == ["diem", "diem"]
        assert table["province"].tolist() == ["01", "46"]
        assert table["units"].tolist() == [63, 63]
        assert table["se"].tolist() == [0.1, 0.2]
        assert list(check(table).columns[:3]) == ["indicator", "province", "estimate"]

    def test_several_columns_are_several_indicators(self):
        frame = pd.DataFrame({"province": [1, 46], "a": [0.1, 0.2], "b": [0.3, 0.4]})
        table = estimates(frame, estimate=["a", "b"], by="province", unit="proportion")
        assert table["indicator"].tolist() == ["a", "a", "b", "b"]
        assert table["estimate"].tolist() == [0.1, 0.2, 0.3, 0.4]

    def test_a_column_or_a_word_names_the_indicator(self):
        frame = pd.DataFrame({"what": ["x", "y"], "score": [1, 2], "year": [2023, 2024]})
        assert estimates(frame, "what", "score", "year")["indicator"].tolist() == ["x", "y"]
        assert "what" not in estimates(frame, "what", "score", "year")
        assert estimates(frame, "quality", "score", ["year", "what"])["indicator"].tolist() == ["quality"] * 2

    def test_percentages_become_proportions_and_labels_are_found(self):
        frame = pd.DataFrame({"sex": ["f", "m"], "use": [66.7, 50], "ci_low": [60.0, 40]})
        table = estimates(
            frame, estimate="use", by="sex", unit="percent", source="poll", labels={"use": "Usage"}
        )
        assert table["estimate"].tolist() == pytest.approx([0.667, 0.5])
        assert table["ci_low"].tolist() == pytest.approx([0.6, 0.4])
        assert codebook.labels("poll")[("indicator", "use")]["en"] == "Usage"
        codebook.remember("poll", {})

    def test_all_34_names_are_of_that_list(self):
        from portal_analysis import provinces

        names = provinces.units(34)["name_vi"]
        table = estimates(pd.DataFrame({"province": names, "s": 1.0}), estimate="s", by="province")
        assert table["units"].unique().tolist() == [34]
        assert table["province"].tolist() == provinces.units(34)["code"].tolist()
        some = estimates(
            pd.DataFrame({"province": ["Lào Cai"], "s": 1.0}), estimate="s", by="province", units=34
        )
        assert some["province"].tolist() == ["15"]

    def test_faults_are_told_with_the_way_out(self):
        frame = pd.DataFrame({"province": ["Hà Nội", "Hải Fòng"], "score": [1, "n/a"]})
        with pytest.raises(EstimatesError, match=r"did you mean \['score'\]"):
            estimates(frame, estimate="scores")
        with pytest.raises(EstimatesError, match="row 1 has 'n/a'"):
            estimates(frame, estimate="score")
        with pytest.raises(ProvinceError, match="Hải Fòng"):
            estimates(frame.assign(score=1), estimate="score", by="province")
        with pytest.raises(EstimatesError, match=r"between 0 and 1; row 1 has 66\.7"):
            estimates(frame.assign(score=[0.5, 66.7]), estimate="score", unit="proportion")
        with pytest.raises(EstimatesError, match="expected a frame, got list"):
            estimates([1, 2])
        with pytest.raises(EstimatesError, match="estimate= names no column"):
            estimates(frame, estimate=[])
        with pytest.raises(EstimatesError, match="several columns are indicators by their names"):
            estimates(frame, "quality", ["score", "province"])

    def test_the_frame_is_not_changed(self):
        frame = pd.DataFrame({"province": [1, 46], "score": [1.0, 2]})
        before = frame.copy(deep=True)
        estimates(frame, estimate="score", by="province", simulated=True)
        pd.testing.assert_frame_equal(frame, before)


def book_of(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


OLD = [
    ["tinhid", "tentinh_eng", "tentinh_vie", "Transparency", "Un-weighted2015PAPI"],
    ["tinhid", "tentinh_eng", "tentinh_vie", "Công khai", "Chỉ số PAPI (không có trọng số)"],
    [1, "Ha Noi", "Hà Nội", 5.5, 36.5],
    [24, "Bac Giang", "Bắc Giang", 0, None],
    [999, "Highest", "Điểm cao nhất", 6.6, 42.7],
    [None] * 5,
]
NEW = [
    ["", "PAPI 2022", None, None, None, None],
    ["VIE", "ENG", "Thang điểm/Scale", "Hà Nội", "Bắc Giang", "Huế"],
    ["Mã tỉnh", "Province code", None, 1, 24, 46],
    ["Chỉ số PAPI gốc", "Unweighted PAPI Score", "10-80", 42.5, 0, 40.1],
    ["Khoảng tin cậy 95% (thấp)", "Unweighted 95% CI Low", None, 41.0, 0, 39.0],
    ["Khoảng tin cậy 95% (cao)", "Unweighted 95% CI High", None, 44.0, 0, 41.2],
    ["Sai số chuẩn", "Unweighted Standard Error", None, 0.75, 0, 0.55],
    ["Quản trị điện tử", "E-Governance", "1-10", 3.1, 0, 2.9],
    ["Đã dùng cổng", "Used the portal (%)", "0%-100%", 0.05, 0, 0],
    ["", None, None, None, None, None],
]


class TestPapiWorkbooks:
    def test_a_province_a_row(self, tmp_path):
        table = read_papi(
            book_of(tmp_path / "PAPI.xlsx", {"2014_PAPI": OLD, "2016_PAPI": OLD, "notes": [["x"]]})
        )
        assert table["period"].unique().tolist() == ["2014", "2016"]
        assert table["province"].unique().tolist() == ["01", "24"]
        assert table["indicator"].unique().tolist() == ["Transparency", "Unweighted PAPI"]
        withheld = table[table["province"] == "24"]
        assert withheld["estimate"].isna().all()
        assert (withheld["flag"] == "not measured").all()
        assert codebook.labels("PAPI")[("indicator", "Transparency")]["vi"] == "Công khai"
        assert table["units"].unique().tolist() == [63]

    def test_an_indicator_a_row(self, tmp_path):
        table = read_papi(book_of(tmp_path / "p.xlsx", {"2022_VIE_ENG": NEW})).set_index(
            ["indicator", "province"]
        )
        assert table["period"].unique().tolist() == ["2022"]
        head = table.loc[("Unweighted PAPI Score", "01")]
        assert head[["estimate", "se", "ci_low", "ci_high"]].tolist() == [42.5, 0.75, 41.0, 44.0]
        assert table.loc[("Unweighted PAPI Score", "24"), "flag"] == "not measured"
        assert math.isnan(table.loc[("Unweighted PAPI Score", "24"), "se"])
        used = table.loc["Used the portal (%)"]
        assert used["unit"].unique().tolist() == ["proportion"]
        assert used["estimate"].tolist()[0] == 0.05
        assert used["flag"].tolist() == ["", "not measured", "uncertain"]
        assert len(table) == 9
        assert codebook.labels("p")[("indicator", "E-Governance")]["vi"] == "Quản trị điện tử"

    def test_34_units_with_more_rows_above_and_blank_columns(self, tmp_path):
        from portal_analysis import provinces

        units = provinces.units(34)
        rows = [
            ["Metadata", None, None, None, *[None] * 34],
            [None, None, None, None, *units["name_en"]],
            ["Tên tỉnh", None, None, None, *units["name_vi"]],
            ["Mã tỉnh", None, None, None, *units["code"]],
            ["Quản trị điện tử", "E-Governance", None, "1-10", *[3.0] * 34],
        ]
        table = read_papi(book_of(tmp_path / "p.xlsx", {"2024": rows}))
        assert table["units"].unique().tolist() == [34]
        assert table["province"].tolist() == units["code"].tolist()

    def test_other_workbooks_are_told_what_is_looked_for(self, tmp_path):
        with pytest.raises(SurveyReadError, match="no sheet named by a year"):
            read_papi(book_of(tmp_path / "p.xlsx", {"data": OLD}))
        with pytest.raises(SurveyReadError, match="neither a first row"):
            read_papi(book_of(tmp_path / "p.xlsx", {"2022": [["a", "b"], [1, 2]]}))
        assert len(read_papi(book_of(tmp_path / "2016.xlsx", {"data": OLD}), sheet="data", source="own")) == 4
