"""All faults of a table in one error, each with file, row, column, what was found and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from portal_analysis import codebook, datasets
from portal_analysis.codebook import CodebookError
from portal_analysis.tables import TableError

PORTALS = {
    "fields": [
        {
            "name": "portal",
            "type": "string",
            "title": "Portal",
            "title_vi": "Cổng",
            "constraints": {"required": True},
        },
        {"name": "score", "type": "number", "constraints": {"minimum": 0, "maximum": 10}},
        {
            "name": "level",
            "type": "string",
            "title": "Level",
            "title_vi": "Mức",
            "categories": [
                {"value": "good", "label": "Good", "label_vi": "Tốt"},
                {"value": "poor", "label": "Poor", "label_vi": "Kém"},
            ],
        },
        {"name": "visits", "type": "integer", "missingValues": ["", {"value": "888", "label": "Don't know"}]},
    ],
    "primaryKey": ["portal"],
}
COUNTS = {
    "fields": [{"name": "portal", "type": "string"}, {"name": "open", "type": "boolean"}],
    "foreignKeys": [{"fields": ["portal"], "reference": {"resource": "portals", "fields": ["portal"]}}],
}
GOOD = "portal,score,level,visits\nhn,7.5,good,12\nhue,,poor,888\n"


def test_good_table_is_typed(make_dataset):
    tables = codebook.load(make_dataset({"portals": GOOD}, {"portals": PORTALS}))
    portals = tables["portals"]
    assert list(portals.columns) == ["portal", "score", "level", "visits"]
    assert portals["score"].tolist()[0] == 7.5
    assert pd.isna(portals["score"][1])
    assert pd.isna(portals["visits"][1])


def test_labelled_missing_codes_can_be_kept(make_dataset):
    tables = codebook.load(make_dataset({"portals": GOOD}, {"portals": PORTALS}), keep_codes=True)
    assert tables["portals"]["visits"].tolist() == [12, 888]


def test_all_faults_are_in_one_error(make_dataset):
    text = "portal,score,level,visits\nhn,11,good,12\nhn,seven,fair,1.5\n,1,poor,2\n"
    folder = make_dataset({"portals": text}, {"portals": PORTALS})
    with pytest.raises(CodebookError) as caught:
        codebook.load(folder)
    faults = caught.value.table
    found = set(zip(faults["row"], faults["column"], faults["found"], strict=True))
    assert found == {
        (2, "score", "'11'"),
        (3, "score", "'seven'"),
        (3, "level", "'fair'"),
        (3, "visits", "'1.5'"),
        (3, "portal", "hn"),
        (4, "portal", "''"),
    }
    assert "portals.csv, row 3, column 'level': found 'fair'; allowed: text, one of good, poor" in str(
        caught.value
    )
    assert "row 2 has it already" in str(caught.value)


def test_unknown_and_missing_columns_are_named(make_dataset):
    folder = make_dataset({"portals": "portal,scor,level,visits\nhn,1,good,2\n"}, {"portals": PORTALS})
    with pytest.raises(
        CodebookError, match=r"column 'scor': found unknown column; allowed: did you mean \['score'\]"
    ):
        codebook.load(folder)


def test_foreign_keys_between_tables(make_dataset):
    files = {"portals": GOOD, "counts": "portal,open\nhn,true\nhanoi,false\n"}
    folder = make_dataset(files, {"portals": PORTALS, "counts": COUNTS})
    with pytest.raises(
        CodebookError, match=r"counts\.csv, row 3, column 'portal': found 'hanoi'; allowed: a value of portal"
    ):
        codebook.load(folder)


def test_changed_file_is_refused(make_dataset):
    folder: Path = make_dataset({"portals": GOOD}, {"portals": PORTALS})
    (folder / "portals.csv").write_text(GOOD + "dn,1,good,3\n")
    with pytest.raises(datasets.SourceError, match="is not the file described"):
        codebook.load(folder)


def test_missing_file_is_named(make_dataset):
    folder: Path = make_dataset({"portals": GOOD}, {"portals": PORTALS})
    (folder / "portals.csv").unlink()
    with pytest.raises(datasets.SourceError, match=r"portals\.csv .* is missing"):
        codebook.load(folder)


@pytest.fixture
def labelled(make_dataset, monkeypatch):
    """Return the folder of a dataset with labels, found by its id."""
    folder: Path = make_dataset({"portals": GOOD}, {"portals": PORTALS})
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(folder.parent))
    yield folder
    codebook.remember("toy", {})


def test_labels_in_both_languages(labelled):
    found = codebook.labels("toy")
    assert found[("level", None)] == {"en": "Level", "vi": "Mức"}
    assert found[("level", "poor")]["vi"] == "Kém"
    assert codebook.labels("nobody-has-this") == {}


def test_edited_titles_are_read_again(labelled):
    assert codebook.labels("toy")[("level", None)]["en"] == "Level"
    path = labelled / datasets.DESCRIPTOR
    path.write_text(path.read_text("utf-8").replace('"Level"', '"Grade"'), encoding="utf-8")
    assert codebook.labels("toy")[("level", None)]["en"] == "Grade"


def test_an_opened_source_is_remembered_over_its_dataset_and_forgotten(labelled):
    codebook.remember("toy", codebook.as_labels({"level": "Own word"}))
    assert codebook.labels("toy")[("level", None)]["en"] == "Own word"
    assert codebook.labels("toy")[("level", "poor")]["vi"] == "Kém"
    codebook.remember("toy", {})
    assert codebook.labels("toy")[("level", None)]["en"] == "Level"


def test_labels_of_any_spelling_become_one_form():
    both = {"en": "Use", "vi": "Sử dụng"}
    found = codebook.as_labels({"q1": both, ("q1", 1.0): "Có", "q2": {None: "Second", 2: both, "x": "X"}})
    assert found[("q1", None)] == found[("indicator", "q1")] == found[("q2", "2")] == both
    assert found[("q1", "1")] == {"en": "Có", "vi": "Có"}
    assert found[("q2", None)]["vi"] == "Second"
    assert codebook.as_labels(found) == found
    with pytest.raises(TableError, match="is no name"):
        codebook.as_labels({"q1": 5})


def test_a_dataset_declares_the_list_of_its_provinces(make_dataset, monkeypatch):
    fields = [{"name": "province", "type": "string", "units": 34}, {"name": "level", "type": "string"}]
    folder = make_dataset({"p": "province,level\n15,a\n"}, {"p": {"fields": fields}})
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(folder.parent))
    assert codebook.units("toy", "province") == 34
    assert codebook.units("toy", "level") is None
    assert codebook.units("nobody-has-this", "province") is None


def test_integers_stay_whole_and_the_input_is_not_changed():
    text = pd.DataFrame({"visits": ["12", "888"]}, index=[2, 3])
    before = text.copy()
    checked = codebook.check(text, {"fields": [PORTALS["fields"][3]]})
    assert str(checked.table["visits"].dtype) == "Int64"
    pd.testing.assert_frame_equal(text, before)


def test_a_dataset_is_drafted_from_a_file_and_passes_its_own_check(tmp_path):
    file = tmp_path / "My Survey.csv"
    file.write_text("w,used\n1.5,1\n2,0\n", encoding="utf-8")
    folder = codebook.draft_dataset(file, tmp_path / "private")
    tables = codebook.load(folder)
    assert folder.name == "my-survey"
    assert tables["my-survey"]["used"].tolist() == [1, 0]
    drafted = {"weights": "w", "strata": "", "psu": "", "x_guessed": ["weights"]}
    assert datasets.dataset(folder).descriptor["design"] == drafted
    with pytest.raises(datasets.SourceError, match="is there already"):
        codebook.draft_dataset(file, tmp_path / "private")


def test_nothing_is_drafted_from_a_broken_file(tmp_path):
    file = tmp_path / "broken.csv"
    file.write_text("a,b\n1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="broken"):
        codebook.draft_dataset(file, tmp_path / "private")
    assert not (tmp_path / "private").exists()


def test_bounds_patterns_and_whole_codes_are_checked():
    schema = {
        "fields": [
            {
                "name": "day",
                "type": "date",
                "constraints": {"minimum": "2024-01-01", "maximum": "2024-12-31"},
            },
            {"name": "code", "type": "string", "constraints": {"pattern": "[0-9]{2}", "unique": True}},
            {"name": "grade", "type": "integer", "categories": [{"value": 1}, {"value": 2}]},
        ]
    }
    text = pd.DataFrame(
        {"day": ["2024-05-01", "2023-12-31"], "code": ["01", "012"], "grade": ["2", "3"]}, index=[2, 3]
    )
    faults = codebook.check(text, schema).faults
    assert set(zip(faults["row"], faults["column"], strict=True)) == {(3, "day"), (3, "code"), (3, "grade")}
    twice = codebook.check(text.assign(code="01", day="2024-05-01", grade="1"), schema).faults
    assert list(twice["column"]) == ["code"]


def test_a_missing_value_breaks_no_bound():
    field = {"name": "score", "type": "number", "constraints": {"minimum": 0}}
    checked = codebook.check(pd.DataFrame({"score": ["", "1"]}, index=[2, 3]), {"fields": [field]})
    assert checked.faults.empty


def test_a_draft_keeps_labels_that_do_not_cover_all_values(tmp_path):
    file = tmp_path / "poll.dta"
    frame = pd.DataFrame({"w": [1.0] * 4, "age": [20, 30, 40, 999], "rooms": [0, 1, 2, 3]})
    labels = {"age": {999: "Không nhớ"}, "rooms": {0: "Không có phòng"}}
    pyreadstat.write_dta(frame, str(file), variable_value_labels=labels)
    folder = codebook.draft_dataset(file, tmp_path / "private")
    _, age, rooms = datasets.dataset(folder).descriptor["resources"][0]["schema"]["fields"]
    assert age["missingValues"] == ["", {"value": "999", "label": "Không nhớ", "label_vi": ""}]
    assert codebook.load(folder)["poll"]["age"].isna().tolist() == [False] * 3 + [True]
    assert rooms["x_labels"] == [{"value": "0", "label": "Không có phòng", "label_vi": ""}]
    assert codebook.labels_of(folder)[("rooms", "0")]["vi"] == "Không có phòng"


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        ({"type": "datetime"}, "2024-05-01T10:00:00", "yesterday"),
        ({"type": "datetime"}, "2024-05-01", "now"),
        ({"type": "date"}, "2024-05-01", "today"),
        ({"type": "yearmonth"}, "2024-05", "2024-13"),
        ({"type": "number", "categories": [0.5, 1]}, "0.5", "0.7"),
        ({"type": "number", "constraints": {"exclusiveMinimum": 0, "exclusiveMaximum": 1}}, "0.5", "1"),
        ({"type": "string", "constraints": {"minLength": 2, "maxLength": 3}}, "abc", "a"),
        (
            {"type": "datetime", "constraints": {"minimum": "2024-05-01T10:00:00+07:00"}},
            "2024-05-01T03:00:00Z",
            "2024-05-01",
        ),
        ({"type": "date", "constraints": {"maximum": "2024-05-01"}}, "2024-05-01", "2024-05-02"),
        ({"type": "yearmonth", "constraints": {"minimum": "2024-05"}}, "2024-05", "2024-04"),
        ({"type": "year", "constraints": {"minimum": "2024"}}, "2024", "2023"),
    ],
)
def test_types_and_constraints_of_the_standard_are_understood(field, right, wrong):
    schema = {"fields": [{"name": "a", **field}]}
    assert codebook.check(pd.DataFrame({"a": [right]}, index=[2]), schema).faults.empty
    assert list(codebook.check(pd.DataFrame({"a": [wrong]}, index=[2]), schema).faults["row"]) == [2]


@pytest.mark.parametrize("kind", ["string", "any", "boolean"])
@pytest.mark.parametrize("rule", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
def test_what_has_no_order_has_no_bounds(make_dataset, kind, rule):
    schema = {"fields": [{"name": "a", "type": kind, "constraints": {rule: 1}}]}
    folder = make_dataset({"t": "a\n1\n"}, {"t": schema})
    with pytest.raises(
        datasets.SourceError, match=f"{rule} bounds numbers, dates and months; the type is '{kind}'"
    ):
        codebook.load(folder)


def test_a_foreign_key_points_to_a_table(make_dataset):
    key = {"fields": ["a"], "reference": {"resource": "notes", "fields": ["b"]}}
    folder = make_dataset(
        {"t": "a\n1\n", "notes": "b\n1\n"},
        {
            "t": {"fields": [{"name": "a", "type": "string"}], "foreignKeys": [key]},
            "notes": {"fields": [{"name": "b"}]},
        },
    )
    assert codebook.load(folder)["t"]["a"].tolist() == ["1"]
    descriptor = datasets.dataset(folder).descriptor
    descriptor["resources"][1] |= {"format": "txt"}
    datasets.write_descriptor(folder, descriptor)
    with pytest.raises(datasets.SourceError, match="points to the resource 'notes', which is no table"):
        codebook.load(folder)
