"""A deposit tells archives in their own words what the data are, and leaves nobody's answers out of the house."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from portal_analysis.__main__ import main
from portal_analysis.datasets import dataset, hash_of
from portal_analysis.deposit import DepositError, deposit

DDI = "{ddi:codebook:2_5}"
ORDER = {
    "codeBook": ("stdyDscr", "fileDscr", "dataDscr", "otherMat"),
    "stdyDscr": ("citation", "stdyInfo", "method", "dataAccs", "othrStdyMat"),
    "citation": ("titlStmt", "rspStmt", "prodStmt", "verStmt"),
    "titlStmt": ("titl", "parTitl", "IDNo"),
    "prodStmt": ("prodDate", "software"),
    "stdyInfo": ("abstract", "sumDscr"),
    "sumDscr": ("timePrd", "dataKind"),
    "dataColl": ("sampProc", "weight"),
    "useStmt": ("conditions", "disclaimer"),
    "othrStdyMat": ("relMat", "othRefs"),
    "fileTxt": ("fileName", "fileCont", "dimensns", "fileType", "dataChck"),
    "var": ("labl", "invalrng", "txt", "catgry", "varFormat"),
    "catgry": ("catValu", "labl"),
    "otherMat": ("labl", "notes"),
}
"""The elements that are written, in the order of DDI-Codebook 2.5: its schema knows no other order."""

FIELDS = {
    "fields": [
        {
            "name": "use",
            "type": "integer",
            "title": "Used it",
            "title_vi": "Đã dùng",
            "categories": [{"value": 1, "label": "Yes", "label_vi": "Có"}, {"value": 0, "label": "No"}],
            "missingValues": ["", {"value": "888", "label": "Don't know"}],
        },
        {"name": "w", "type": "number", "title": "Weight & <more>"},
    ]
}
ROWS = "use,w\n1,1.5\n0,2.5\n888,1\n"


@pytest.fixture
def make_survey(make_dataset):
    def make(**more: Any) -> Path:
        told = {"kind": "survey", "design": {"weights": "w"}, "contributors": [{"title": "A. Người"}], **more}
        folder: Path = make_dataset({"people": ROWS}, {"people": FIELDS}, **told)
        return folder

    return make


def graph(folder: Path) -> dict[str, dict[str, Any]]:
    told = json.loads((folder / "ro-crate-metadata.json").read_text("utf-8"))
    assert told["@context"] == "https://w3id.org/ro/crate/1.1/context"
    found = {one["@id"]: one for one in told["@graph"]}
    assert len(found) == len(told["@graph"])
    return found


def referred(value: Any) -> list[str]:
    if isinstance(value, dict):
        return (
            [value["@id"]]
            if set(value) == {"@id"}
            else [one for part in value.values() for one in referred(part)]
        )
    return [one for part in value for one in referred(part)] if isinstance(value, list) else []


def in_order(element: ElementTree.Element) -> None:
    name = element.tag.removeprefix(DDI)
    if name in ORDER:
        places = [ORDER[name].index(child.tag.removeprefix(DDI)) for child in element]
        assert places == sorted(places), name
    for child in element:
        in_order(child)


def codebook(folder: Path) -> ElementTree.Element:
    root = ElementTree.parse(folder / "ddi-codebook.xml").getroot()
    in_order(root)
    ids = [one.get("ID") for one in root.iter() if one.get("ID")]
    assert len(set(ids)) == len(ids)
    assert {one.get("files") for one in root.iter(f"{DDI}var")} <= set(ids)
    return root


@pytest.mark.parametrize("name", ["egov-figures", "provinces", "papi-simulated"])
def test_every_entity_of_the_crate_is_there_and_the_codebook_is_in_order(tmp_path, name):
    folder = deposit(name, tmp_path / "x", files=False)
    found = graph(folder)
    assert found["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert {"name", "description", "datePublished", "license"} <= set(found["./"])
    outside = {"https://w3id.org/ro/crate/1.1"}
    assert set(referred(list(found.values()))) <= set(found) | outside
    root = codebook(folder)
    fields = [field for table in dataset(name).tables.values() for field in table["schema"]["fields"]]
    assert [one.get("name") for one in root.iter(f"{DDI}var")] == [field["name"] for field in fields]


def test_files_lie_in_the_crate_with_their_hashes(make_survey, tmp_path):
    folder = deposit(make_survey(simulated=True), tmp_path / "x")
    told = graph(folder)["people.csv"]
    assert told["@type"] == "File"
    assert f"sha256:{told['sha256']}" == hash_of(folder / "people.csv")
    assert told["contentSize"] == str(len(ROWS))
    assert graph(folder)["./"]["hasPart"] == [{"@id": "people.csv"}]


def test_answers_of_real_people_stay_unless_they_are_asked_for(make_survey, tmp_path):
    source = make_survey()
    folder = deposit(source, tmp_path / "x")
    assert sorted(path.name for path in folder.iterdir()) == ["ddi-codebook.xml", "ro-crate-metadata.json"]
    assert graph(folder)["#people.csv"]["sha256"] == hash_of(source / "people.csv").removeprefix("sha256:")
    assert "hasPart" not in graph(folder)["./"]
    assert (deposit(source, tmp_path / "y", files=True) / "people.csv").read_text("utf-8") == ROWS


def test_variables_are_told_in_both_languages_with_codes_and_what_is_no_answer(make_survey, tmp_path):
    root = codebook(deposit(make_survey(), tmp_path / "x"))
    use, weight = root.iter(f"{DDI}var")
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert {one.get(lang): one.text for one in use.findall(f"{DDI}labl")} == {
        "en": "Used it",
        "vi": "Đã dùng",
    }
    codes = {one.findtext(f"{DDI}catValu"): one.get("missing") for one in use.findall(f"{DDI}catgry")}
    assert codes == {"1": None, "0": None, "888": "Y"}
    assert [one.get("VALUE") for one in use.iter(f"{DDI}item")] == ["888"]
    assert (use.get("intrvl"), weight.get("intrvl"), weight.get("wgt")) == ("discrete", "contin", "wgt")
    assert weight.findtext(f"{DDI}labl") == "Weight & <more>"
    assert "weights: w" in str(root.findtext(f".//{DDI}sampProc"))


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_data_begin_by_saying_so_in_both_files(make_survey, tmp_path, simulated):
    folder = deposit(make_survey(simulated=simulated), tmp_path / "x")
    abstract = str(codebook(folder).findtext(f".//{DDI}abstract"))
    described = json.dumps(graph(folder)["./"], ensure_ascii=False)
    assert abstract.startswith("SIMULATED DATA") is simulated
    assert ("SIMULATED DATA" in described) is simulated
    assert ("DỮ LIỆU MÔ PHỎNG" in described) is simulated


def test_the_same_data_give_the_same_bytes(make_survey, tmp_path):
    source = make_survey()
    one = deposit(source, tmp_path / "x")
    before = [path.read_bytes() for path in sorted(one.iterdir())]
    assert [path.read_bytes() for path in sorted(deposit(source, one).iterdir())] == before


def test_nothing_but_an_earlier_deposit_is_replaced(make_survey, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "thesis.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(DepositError, match="holds no earlier deposit"):
        deposit(make_survey(), tmp_path / "x")
    assert (tmp_path / "x" / "thesis.docx").read_text("utf-8") == "mine"


def test_a_report_is_deposited_with_what_it_was_made_of(tmp_path, capsys):
    report = tmp_path / "report"
    report.mkdir()
    (report / "report.html").write_text("<p>x</p>", encoding="utf-8")
    told = {
        "report": "portal_analysis",
        "options": {"lang": "vi"},
        "day": "2026-11-27",
        "inputs": [{"path": "01-x.ipynb", "hash": "sha256:ab"}],
        "datasets": [{"id": "papi-simulated", "path": "datapackage.json", "hash": "sha256:cd"}],
        "outputs": [],
        "software": {"portal-analysis": "0.2.0"},
    }
    (report / "report.json").write_text(json.dumps(told), encoding="utf-8")
    words = [
        "deposit",
        str(report),
        "--out",
        str(tmp_path / "x"),
        "--title",
        "Ai dùng cổng?",
        "--author",
        "A",
    ]
    assert main(words) == 0
    assert "ro-crate-metadata.json" in capsys.readouterr().out
    found = graph(tmp_path / "x")
    assert found["#making"]["object"] == [{"@id": "#input-1"}, {"@id": "#input-2"}]
    assert found["./"]["name"] == "Ai dùng cổng?"
    assert found["./"]["description"].startswith("DỮ LIỆU MÔ PHỎNG")
    assert set(referred(list(found.values()))) <= set(found) | {"https://w3id.org/ro/crate/1.1"}
    assert (tmp_path / "x" / "report.html").is_file()
    root = codebook(tmp_path / "x")
    assert root.findtext(f".//{DDI}relMat") == "01-x.ipynb sha256:ab"
    assert {one.get("URI") for one in root.findall(f"{DDI}otherMat")} == {"report.html", "report.json"}


def test_an_unknown_dataset_is_told(capsys):
    assert main(["deposit", "no-such-data"]) == 1
    assert "there is no dataset 'no-such-data'" in capsys.readouterr().err
