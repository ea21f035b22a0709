"""Names of columns and codes travel from a file to whoever shows the estimates, and never to another's."""

from __future__ import annotations

import dataclasses
import pickle

import pandas as pd
import pyreadstat
import pytest

from portal_analysis import codebook
from portal_analysis.codebook import names
from portal_analysis.survey.compare import difference
from portal_analysis.survey.design import Design, DesignError
from portal_analysis.survey.estimate import proportion
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.readers import read_survey
from portal_analysis.survey.values import AnswersError

DESIGN = Design("w")
LABELS = {"used": "Đã dùng cổng", "sex": "Giới tính"}
CODES = {"used": {1: "Có", 2: "Không"}, "sex": {1: "Nam", 2: "Nữ"}}


@pytest.fixture(autouse=True)
def forget():
    yield
    names._REMEMBERED.clear()


def written(path, used=(1, 2, 2, 1), codes=CODES, labels=LABELS, extra=None):
    """Write four people, two columns of codes, as a Stata or SPSS file."""
    frame = pd.DataFrame({"w": [1.0, 1, 2, 2], "used": used, "sex": [1, 2, 1, 2], **(extra or {})})
    write = pyreadstat.write_dta if path.suffix == ".dta" else pyreadstat.write_sav
    write(frame, str(path), column_labels=labels, variable_value_labels=codes)
    return path


@pytest.mark.parametrize("ending", ["dta", "sav"])
def test_labels_of_a_file_are_found_by_the_source_of_its_estimates(tmp_path, ending):
    survey = read_survey(written(tmp_path / f"poll.{ending}"), DESIGN, rename={"used": "npsp_use"})
    table = proportion(survey, "npsp_use", by="sex")
    known = codebook.labels(table["source"].iloc[0])
    assert known[("indicator", "npsp_use")] == {"en": "Đã dùng cổng", "vi": "Đã dùng cổng"}
    assert known[("sex", "2")]["vi"] == "Nữ"
    assert ("indicator", "used") not in known


def test_the_caller_s_labels_go_before_the_file_s_and_the_schema_s(tmp_path):
    path = tmp_path / "poll.csv"
    path.write_text("w,sex\n1,1\n1,2\n", encoding="utf-8")
    fields = [
        {"name": "w", "type": "number"},
        {
            "name": "sex",
            "type": "integer",
            "title": "Sex",
            "categories": [{"value": 1, "label": "Man", "label_vi": "Nam"}, {"value": 2, "label": "Woman"}],
        },
    ]
    survey = read_survey(path, DESIGN, codebook={"fields": fields}, labels={"sex": {2: "Female"}})
    assert survey.labels[("sex", None)]["en"] == "Sex"
    assert survey.labels[("sex", "1")] == {"en": "Man", "vi": "Nam"}
    assert survey.labels[("sex", "2")]["en"] == "Female"


def test_a_yes_that_the_labels_tell_need_not_be_named(tmp_path):
    survey = read_survey(written(tmp_path / "poll.dta"), DESIGN)
    assert dict(survey.yes) == {"used": 1}
    assert proportion(survey, "used")["estimate"].iloc[0] == pytest.approx(0.5)
    turned = {"used": {1: "2. Không", 2: "1. Có"}}
    assert dict(read_survey(written(tmp_path / "b.sav", codes=turned), DESIGN).yes) == {"used": 2}
    assert dict(read_survey(tmp_path / "b.sav", DESIGN, yes={"used": 1}).yes) == {"used": 1}


def test_labels_of_a_column_that_the_file_has_not_are_passed_over(tmp_path):
    path = written(tmp_path / "a.sav")
    survey = read_survey(path, DESIGN, labels={"gone": {1: "Có", 2: "Không"}})
    assert "gone" not in survey.yes
    assert dict(survey.yes) == dict(read_survey(path, DESIGN).yes) != {}


def test_labelled_texts_are_the_points_of_a_scale(tmp_path):
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"w": [1.0, 1, 1], "q": ["b", "a", "a"]})
    pyreadstat.write_sav(
        frame, str(path), variable_value_labels={"q": {"a": "Tốt", "b": "Kém", "c": "Rất kém"}}
    )
    survey = read_survey(path, DESIGN)
    assert survey.categories["q"] == ("a", "b", "c")
    assert proportion(survey, "q", categories=True)["estimate"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])


def test_a_yes_that_nobody_said_is_none_of_them(tmp_path):
    survey = read_survey(written(tmp_path / "poll.sav", used=(2, 2, 2, 2)), DESIGN)
    assert proportion(survey, "used")["estimate"].tolist() == [0.0]


@pytest.mark.parametrize("codes", [{0: "Yes", 1: "No"}, {0: "Có sử dụng", 1: "Không sử dụng"}])
def test_labels_that_say_the_opposite_of_0_and_1_are_asked_about(tmp_path, codes):
    survey = read_survey(written(tmp_path / "poll.dta", used=(0, 1, 1, 1), codes={"used": codes}), DESIGN)
    with pytest.raises(AnswersError, match=f"0 = '{codes[0]}', 1 = '{codes[1]}'"):
        proportion(survey, "used")
    for code, share in ((0, 1 / 6), (1, 5 / 6)):
        asked = dataclasses.replace(survey, yes={"used": code})
        assert proportion(asked, "used")["estimate"].iloc[0] == pytest.approx(share)


def test_labels_that_agree_with_0_and_1_are_not_asked_about(tmp_path):
    codes = {"used": {0: "Không", 1: "Có"}, "sex": {1: "Không khuyết tật", 2: "Khuyết tật"}}
    survey = read_survey(written(tmp_path / "poll.sav", used=(0, 1, 1, 1), codes=codes), DESIGN)
    assert proportion(survey, "used")["estimate"].iloc[0] == pytest.approx(5 / 6)


def test_two_files_of_one_name_have_each_its_own_labels(tmp_path):
    (tmp_path / "a").mkdir()
    first = read_survey(written(tmp_path / "a" / "poll.dta"), DESIGN)
    second = read_survey(written(tmp_path / "poll.dta", labels={"used": "Other"}), DESIGN)
    assert codebook.labels("poll")[("used", None)]["en"] == "Other"
    proportion(first, "used")
    assert codebook.labels("poll")[("used", None)]["en"] == "Đã dùng cổng"
    (tmp_path / "poll.csv").write_text("w,used\n1,1\n1,0\n", encoding="utf-8")
    read_survey(tmp_path / "poll.csv", DESIGN)
    assert codebook.labels("poll") == {}
    assert second.labels[("used", None)]["en"] == "Other"


def test_a_file_called_as_a_dataset_neither_gets_nor_takes_its_labels(tmp_path):
    survey = read_survey(written(tmp_path / "papi-simulated.dta"), DESIGN)
    assert survey.source == "papi-simulated (own file)"
    assert not survey.simulated
    assert codebook.labels("papi-simulated")[("sex", None)]["vi"] != "Giới tính mới"
    assert ("used", None) not in codebook.labels("papi-simulated")
    assert ("npsp_use", None) not in codebook.labels(survey.source)


def test_labels_survive_replace_and_pickle(tmp_path):
    survey = read_survey(written(tmp_path / "poll.dta"), DESIGN, units=34)
    again = dataclasses.replace(survey, data=survey.data.head(3))
    names._REMEMBERED.clear()
    back = pickle.loads(pickle.dumps(survey))
    assert back.labels == survey.labels == again.labels
    assert (back.units, dict(back.yes)) == (34, {"used": 1})
    assert codebook.labels("poll")[("sex", "1")]["en"] == "Nam"
    pd.testing.assert_frame_equal(proportion(back, "used"), proportion(survey, "used"))


def test_wrong_labels_and_lists_are_refused():
    data = pd.DataFrame({"w": [1.0, 1], "y": [0, 1]})
    with pytest.raises(DesignError, match=r"(?s)labels is a list.*units is 35"):
        Survey(data, DESIGN, labels=["y"], units=35)
    with pytest.raises(DesignError, match="is no name"):
        Survey(data, DESIGN, labels={"y": 3})


PEOPLE = pd.DataFrame(
    {"w": 1.0, "y": [0, 1, 1, 0], "province": ["01", "01", "15", "15"], "sex": [1, 2, 1, 2]}
)


def test_the_list_of_the_provinces_stands_in_the_table():
    survey = Survey(PEOPLE, DESIGN, source="poll", units=34)
    assert proportion(survey, "y", by="province")["units"].tolist() == [34, 34]
    assert difference(survey, "y", between="sex", by="province")["units"].tolist() == [34, 34]
    assert "units" not in proportion(survey, "y", by="sex")
    assert "units" not in proportion(Survey(PEOPLE, DESIGN, source="poll"), "y", by="province")


def test_a_column_s_name_may_tell_the_list():
    renamed = PEOPLE.rename(columns={"province": "gso34"})
    assert proportion(Survey(renamed, DESIGN), "y", by=[(), ("gso34",)])["units"].tolist() == [34] * 3


@pytest.mark.parametrize("ending", ["dta", "sav"])
def test_a_label_may_be_said_for_its_code(tmp_path, ending):
    codes = {"used": {1: "Đã dùng", 2: "Chưa dùng", 8: "Từ chối trả lời", 9: "Không nhớ"}}
    path = written(tmp_path / f"a.{ending}", used=(1, 2, 8, 9), codes=codes)
    by_label = read_survey(
        path, DESIGN, yes={"used": "đã dùng"}, missing={"used": ["Từ chối trả lời", "không nhớ"]}
    )
    by_code = read_survey(path, DESIGN, yes={"used": 1}, missing={"used": [8, 9]})
    pd.testing.assert_frame_equal(proportion(by_label, "used"), proportion(by_code, "used"))
    own = Survey(by_code.data, DESIGN, labels=codes, yes={"used": "Đã dùng"}, no={"used": "Chưa dùng"})
    assert proportion(own, "used")["estimate"].tolist() == proportion(by_code, "used")["estimate"].tolist()


def test_a_text_that_is_a_value_is_never_taken_for_a_label():
    people = pd.DataFrame({"w": [1.0, 1, 1], "used": ["1", "2", "Có"]})
    survey = Survey(
        people, DESIGN, labels={"used": {1: "Có", 2: "Không"}}, yes={"used": "Có"}, no={"used": ("1", "2")}
    )
    assert proportion(survey, "used")["estimate"].tolist() == pytest.approx([1 / 3])


def test_a_yes_code_that_is_neither_value_nor_label_is_told_with_those_that_are(tmp_path):
    path = written(tmp_path / "a.dta")
    with pytest.raises(AnswersError, match=r"never holds its yes-code 'Yes'; it holds 1 \(Có\), 2 \(Không\)"):
        proportion(read_survey(path, DESIGN, yes={"used": "Yes"}), "used")
