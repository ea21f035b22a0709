"""From files and dataset folders to surveys: codes, names and designs arrive as they should."""

import pandas as pd
import pyreadstat
import pytest

from portal_analysis.codebook import CodebookError
from portal_analysis.survey.design import Design, DesignError
from portal_analysis.survey.readers import SurveyReadError, load_survey, read_survey
from portal_analysis.tables import TableError

DESIGN = Design("w", strata="s", psu="p")
TEXT = "s,p,w,used,code\nA,1,1.5,1,01\nA,2,2,0,02\nB,1,1,888,03\nB,2,1,,04\n"


@pytest.fixture
def small_csv(tmp_path):
    path = tmp_path / "poll.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def papi_2016(tmp_path):
    """Return a file with the variables of the public PAPI file of 2016."""
    path = tmp_path / "papi.dta"
    frame = pd.DataFrame(
        {
            "PSW_psweight": [888.0, 2.0, 1.0, 1.0],
            "PSW_PSU": [1, 2, 3, 4],
            "PSW_STRATA": [1, 1, 2, 2],
            "a001": [1, 2, 999, 2],
            "a002": [30, 41, 52, 888],
            "tinh": [1, 1, 79, 79],
            "d306": [-999999, 3, 2, 1],
        }
    )
    pyreadstat.write_dta(frame, str(path), variable_value_labels={"a001": {1: "Nam", 2: "Nữ"}})
    return path


class TestReadSurvey:
    def test_plain_numbers_become_numbers_and_codes_stay_text(self, small_csv):
        survey = read_survey(small_csv, DESIGN)
        assert survey.data["w"].tolist() == [1.5, 2, 1, 1]
        assert survey.data["code"].tolist() == ["01", "02", "03", "04"]
        assert survey.source == "poll"
        assert not survey.simulated

    def test_without_word_of_it_no_code_is_missing(self, small_csv):
        assert read_survey(small_csv, DESIGN).data["used"].tolist()[:3] == [1, 0, 888]

    def test_named_codes_become_missing(self, small_csv):
        survey = read_survey(small_csv, DESIGN, missing=(888, 999))
        assert survey.data["used"].isna().tolist() == [False, False, True, True]
        assert dict(survey.missing) == {}

    def test_codes_may_be_kept_and_declared(self, small_csv):
        survey = read_survey(small_csv, DESIGN, missing={"used": (888,)}, keep_codes=True)
        assert survey.data["used"].tolist()[2] == 888
        assert dict(survey.missing) == {"used": (888,)}

    def test_a_codebook_checks_the_file(self, small_csv):
        plain = [{"name": name, "type": "string"} for name in ("s", "p", "code")]
        numbers = [{"name": "w", "type": "number"}, {"name": "used", "type": "integer", "categories": [1, 0]}]
        with pytest.raises(CodebookError, match="888"):
            read_survey(small_csv, DESIGN, codebook={"fields": plain + numbers})
        numbers[1]["missingValues"] = ["", {"value": "888", "label": "Don't know"}]
        survey = read_survey(small_csv, DESIGN, codebook={"fields": plain + numbers})
        assert survey.data["used"].isna().sum() == 2
        assert survey.data["p"].tolist() == ["1", "2", "1", "2"]

    def test_a_codebook_names_fields(self, small_csv):
        with pytest.raises(SurveyReadError, match="codebook has no 'fields'; it must be a Table Schema"):
            read_survey(small_csv, DESIGN, codebook={"used": {"type": "integer"}})

    def test_columns_are_renamed(self, small_csv):
        survey = read_survey(small_csv, DESIGN, rename={"used": "npsp_use"})
        assert "npsp_use" in survey.data

    def test_codes_that_spss_declares_are_missing(self, tmp_path):
        path = tmp_path / "poll.sav"
        frame = pd.DataFrame(
            {"s": ["A", "A"], "p": [1.0, 2.0], "w": [1.0, 1.0], "y": [1.0, 88.0], "z": [-3.0, 5.0]}
        )
        pyreadstat.write_sav(frame, str(path), missing_ranges={"y": [88], "z": [{"lo": -9, "hi": -1}]})
        survey = read_survey(path, DESIGN)
        assert survey.data["y"].isna().tolist() == [False, True]
        assert survey.data["z"].isna().tolist() == [True, False]

    def test_stata_s_extended_missing_values_leave_numbers(self, tmp_path):
        path = tmp_path / "poll.dta"
        frame = pd.DataFrame({"s": [1, 1], "p": [1, 2], "w": [1.0, 1.0], "y": [1, "a"]})
        pyreadstat.write_dta(frame, str(path), version=15, missing_user_values={"y": ["a"]})
        survey = read_survey(path, DESIGN)
        assert survey.data["y"].isna().tolist() == [False, True]
        assert pd.api.types.is_numeric_dtype(survey.data["y"])
        kept = read_survey(path, DESIGN, keep_codes=True)
        assert dict(kept.missing) == {"y": (".a",)}

    def test_neither_design_nor_preset(self, small_csv):
        with pytest.raises(SurveyReadError, match="papi-2016"):
            read_survey(small_csv)

    def test_names_that_are_not_there(self, small_csv):
        with pytest.raises(SurveyReadError, match="did you mean \\['used'\\]"):
            read_survey(small_csv, DESIGN, rename={"use": "npsp_use"})
        with pytest.raises(SurveyReadError, match="missing="):
            read_survey(small_csv, DESIGN, missing={"nothing": (1,)})
        with pytest.raises(SurveyReadError, match="several columns"):
            read_survey(small_csv, DESIGN, rename={"used": "code"})
        with pytest.raises(SurveyReadError, match="no preset"):
            read_survey(small_csv, preset="papi-1999")

    def test_faults_of_file_and_design_arrive(self, small_csv, tmp_path):
        with pytest.raises(TableError, match=r"poll\.csv"):
            read_survey(tmp_path / "pol.csv", DESIGN)
        with pytest.raises(DesignError, match="weight"):
            read_survey(small_csv, Design("weight"))


class TestPreset:
    def test_design_names_and_missing_codes_of_the_public_file(self, papi_2016):
        survey = read_survey(papi_2016, preset="papi-2016")
        assert survey.design == Design("PSW_psweight", strata="PSW_STRATA", psu="PSW_PSU")
        assert survey.data["sex"].isna().tolist() == [False, False, True, False]
        assert survey.data["age"].isna().tolist() == [False, False, False, True]
        assert survey.data["d306"].isna().tolist() == [True, False, False, False]
        assert survey.data["province"].tolist() == ["01", "01", "79", "79"]

    def test_a_weight_of_888_is_a_weight(self, papi_2016):
        assert read_survey(papi_2016, preset="papi-2016").data["PSW_psweight"].tolist()[0] == 888

    def test_codes_of_provinces_that_are_text_stay_as_they_are(self, papi_2016):
        frame = pd.read_stata(papi_2016, convert_categoricals=False).assign(tinh=["01", "01", "79", "79"])
        frame.to_stata(papi_2016, write_index=False, version=118)
        survey = read_survey(papi_2016, preset="papi-2016")
        assert survey.data["province"].tolist() == ["01", "01", "79", "79"]


FIELDS = [
    {"name": "wave", "type": "integer"},
    {"name": "s", "type": "string"},
    {"name": "p", "type": "string"},
    {"name": "w", "type": "number"},
    {
        "name": "used",
        "type": "integer",
        "categories": [{"value": 1, "label": "Yes"}, {"value": 2, "label": "No"}],
        "missingValues": ["", {"value": "888", "label": "Don't know"}],
    },
]
ROWS = "wave,s,p,w,used\n1,A,1,1,1\n1,A,2,1,2\n2,A,1,1,888\n2,A,2,1,1\n"


@pytest.fixture
def toy(make_dataset):
    """Return a function that writes a survey dataset of four rows."""

    def make(**properties):
        given = {"kind": "survey", "design": {"weights": "w", "strata": "s", "psu": "p"}, **properties}
        return make_dataset({"people": ROWS}, {"people": {"fields": FIELDS}}, **given)

    return make


class TestLoadSurvey:
    def test_design_codes_and_source_come_from_the_description(self, toy):
        survey = load_survey(toy(simulated=True))
        assert survey.design == DESIGN
        assert survey.data["used"].isna().tolist() == [False, False, True, False]
        assert dict(survey.yes) == {"used": 1}
        assert survey.source == "toy"
        assert survey.simulated

    def test_codes_may_be_kept(self, toy):
        survey = load_survey(toy(), keep_codes=True)
        assert survey.data["used"].tolist() == [1, 2, 888, 1]
        assert dict(survey.missing) == {"used": (888,)}

    def test_waves_are_chosen(self, toy):
        folder = toy()
        assert load_survey(folder, wave=2).data["wave"].tolist() == [2, 2]
        assert len(load_survey(folder, wave=[1, 2])) == 4
        with pytest.raises(SurveyReadError, match=r"no wave \['3'\]; it has \['1', '2'\]"):
            load_survey(folder, wave=3)

    def test_a_column_of_waves_that_is_not_there_is_told(self, toy):
        folder = toy(design={"weights": "w", "strata": "s", "psu": "p", "wave": "year"})
        with pytest.raises(SurveyReadError, match="'toy' has no column 'year' of waves"):
            load_survey(folder, wave=2)

    def test_a_survey_once_loaded_cannot_spoil_the_next(self, toy):
        folder = toy()
        first = load_survey(folder)
        first.data.loc[0, "w"] = 100.0
        assert load_survey(folder).data["w"].tolist() == [1, 1, 1, 1]

    def test_a_changed_file_is_read_again(self, toy):
        folder = toy()
        assert len(load_survey(folder)) == 4
        (folder / "people.csv").write_text(ROWS + "2,A,2,1,1\n", encoding="utf-8")
        with pytest.raises(ValueError, match="not the file described"):
            load_survey(folder)

    @pytest.mark.parametrize(
        ("properties", "message"),
        [
            ({"kind": "audit"}, "not 'survey'"),
            ({"design": {}}, "describes no design"),
            ({"design": {"weights": "w", "cluster": "p"}}, "unknown properties \\['cluster'\\]"),
            ({"design": {"weights": "w", "resource": "nobody"}}, "which table"),
        ],
    )
    def test_what_is_no_survey_is_refused(self, toy, properties, message):
        with pytest.raises(SurveyReadError, match=message):
            load_survey(toy(**properties))

    def test_categories_keep_the_order_of_the_codebook(self):
        survey = load_survey("papi-simulated", wave=2022)
        order = ["none", "primary", "lower", "upper", "tertiary"]
        assert list(survey.data["education"].cat.categories) == order
        assert survey.data["sex"].dtype != "category"
        coded = load_survey("papi-simulated", wave=2022, keep_codes=True).data["education"]
        assert list(coded.cat.categories) == [*order, "888", "999"]
        assert (coded == "888").sum() > 0
        assert survey.data["education"].isna().sum() == coded.isin(["888", "999"]).sum()
