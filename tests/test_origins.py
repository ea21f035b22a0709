"""Provenance follows the file, never the name; and what is simulated stays so, wherever its files are copied to."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis import datasets, origins
from portal_analysis.__main__ import main
from portal_analysis.audit.readers import ReaderError
from portal_analysis.codebook.outlines import outline_faults

DATA = Path(__file__).resolve().parents[1] / "data"
ROWS = "province,yes,w\n01,1,1.5\n01,0,1.0\n02,1,2.0\n02,0,1.0\n"
COLUMNS = ["portal_id", "criterion_id", "assessor_id", "round", "outcome"]


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "_KNOWN", {})


def own(folder: Path, name: str, text: str = ROWS) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    return path


def sources_in(table: pd.DataFrame, folder: Path) -> list[dict[str, Any]]:
    written = pa.export("t", table, folder=folder, formats=["json"]).files["json"]
    told: list[dict[str, Any]] = json.loads(written.read_text("utf-8"))["sources"]
    return told


def rates(survey: pa.Survey) -> pd.DataFrame:
    return pa.proportion(survey, "yes")


def test_an_own_file_called_like_a_dataset_gets_nothing_of_that_dataset(tmp_path):
    path = own(tmp_path, "egov-figures")
    survey = pa.read_survey(path, pa.Design("w", strata="province"), yes={"yes": 1})
    (told,) = sources_in(rates(survey), tmp_path / "out")
    assert "citation" not in told
    assert "licenses" not in told
    assert told["files"] == [{"path": str(path), "bytes": len(ROWS), "hash": datasets.hash_of(path)}]
    assert told["design"] == {"weights": "w", "strata": "province"}
    assert told["options"] == {"yes": {"yes": 1}}
    assert told["reader"] == "read_survey"


def test_a_frame_that_claims_to_be_a_dataset_gets_nothing_of_it(tmp_path):
    frame = pd.DataFrame({"yes": [0, 1, 1], "w": 1.0})
    (told,) = sources_in(rates(pa.Survey(frame, pa.Design("w"), source="egov-figures")), tmp_path)
    assert told == {"id": "egov-figures", "note": "a table in memory, made by the caller"}


def test_a_dataset_is_told_from_the_folder_that_was_loaded(tmp_path):
    copied = tmp_path / "data" / "egov-figures"
    shutil.copytree(DATA / "egov-figures", copied)
    descriptor = json.loads((copied / "datapackage.json").read_text("utf-8"))
    datasets.write_descriptor(copied, {**descriptor, "title": "My own edition"})
    (told,) = sources_in(pa.load_published(copied), tmp_path / "out")
    assert told["title"] == "My own edition"


def test_two_files_of_one_name_are_both_told(tmp_path):
    tables = [rates(pa.read_survey(own(tmp_path / each, "own"), pa.Design("w"))) for each in ("a", "b")]
    assert [one["files"][0]["path"] for one in sources_in(tables[0], tmp_path / "out")] == [
        str(tmp_path / each / "own.csv") for each in ("a", "b")
    ]


def test_what_is_made_of_a_survey_or_an_audit_keeps_its_origin(tmp_path):
    survey = pa.read_survey(own(tmp_path, "own"), pa.Design("w"))
    assert replace(survey, about={"wave": 2022}).origin == survey.origin
    audit = pa.load_audit("portal-review-simulated")
    assert audit.only(round="2024").origin.dataset.id == "portal-review-simulated"


def test_a_table_of_an_origin_gives_no_row_away():
    frame = pd.DataFrame({"name": ["Nguyễn Thị Mẫu"]})
    assert origins.plain({"table": frame, "codes": (1, 2), "path": Path("x")}) == {
        "table": "(DataFrame)",
        "codes": [1, 2],
        "path": "x",
    }


def test_many_files_are_told_by_one_hash(tmp_path, monkeypatch):
    monkeypatch.setattr(origins, "MOST", 1)
    paths = [own(tmp_path, name) for name in ("a", "b")]
    (told,) = origins.of_files(paths, pa.read_audit, {}).files
    assert told["bytes"] == 2 * len(ROWS)
    paths[1].write_text("other", encoding="utf-8")
    assert origins.of_files(paths, pa.read_audit, {}).files[0]["hash"] != told["hash"]


@pytest.mark.parametrize("name", ["respondents", "renamed"])
def test_a_copied_file_of_a_simulated_dataset_is_simulated(tmp_path, name):
    copied = tmp_path / f"{name}.csv"
    shutil.copy(DATA / "province-survey-simulated" / "respondents.csv", copied)
    survey = pa.read_survey(copied, pa.Design())
    assert survey.simulated
    assert survey.origin is not None
    assert survey.origin.simulated


def test_a_shortened_file_in_the_folder_of_a_simulated_dataset_is_simulated(tmp_path):
    copied = tmp_path / "province-survey-simulated"
    shutil.copytree(DATA / "province-survey-simulated", copied)
    text = (copied / "respondents.csv").read_text("utf-8").splitlines()[:200]
    (copied / "respondents.csv").write_text("\n".join(text), encoding="utf-8")
    assert pa.read_survey(copied / "respondents.csv", pa.Design()).simulated


def test_an_own_file_is_not_simulated(tmp_path):
    assert not pa.read_survey(own(tmp_path, "own"), pa.Design("w")).simulated


def test_files_of_a_simulated_audit_are_simulated(tmp_path):
    copied = tmp_path / "mine.csv"
    shutil.copy(DATA / "portal-review-simulated" / "portals.csv", copied)
    assert origins.of_files([copied], pa.read_audit, {}).simulated


def written_audit(path: Path) -> Path:
    frame = pd.DataFrame([["a", "k", "x", "1", "met"]], columns=COLUMNS)
    return pa.write_audit(pa.Audit(frame, simulated=True), path)


@pytest.mark.parametrize("mark", ["yes", "1", "WAHR", "", "no", None])
def test_a_mark_that_says_neither_is_a_fault_and_never_real(tmp_path, mark):
    written = written_audit(tmp_path / "audit")
    said = "" if mark is None else f"simulated,{mark}\n"
    (written / "about.csv").write_text(f"portal_analysis audit,value\nsource,toy\n{said}", encoding="utf-8")
    with pytest.raises(ReaderError, match=r"'simulated' is|the row 'simulated' is missing"):
        pa.read_audit(written)


@pytest.mark.parametrize("mark", ["WAHR", 1, None])
def test_so_it_is_in_a_workbook(tmp_path, mark):
    written = written_audit(tmp_path / "audit.xlsx")
    book = openpyxl.load_workbook(written)
    book["about"]["B3"].value = mark
    book.save(written)
    with pytest.raises(ReaderError, match="'simulated' is"):
        pa.read_audit(written)


@pytest.mark.parametrize("mark", [True, "TRUE"])
def test_what_excel_makes_of_true_is_true(tmp_path, mark):
    written = written_audit(tmp_path / "audit.xlsx")
    book = openpyxl.load_workbook(written)
    book["about"]["B3"].value = mark
    book.save(written)
    assert pa.read_audit(written).simulated


def test_a_header_alone_is_a_fault(tmp_path):
    written = written_audit(tmp_path / "audit")
    (written / "about.csv").write_text("portal_analysis audit,value\n", encoding="utf-8")
    with pytest.raises(ReaderError, match="the row 'simulated' is missing"):
        pa.read_audit(written)


@pytest.mark.parametrize("path", sorted(DATA.glob("*/datapackage.json")), ids=lambda path: path.parent.name)
def test_every_dataset_here_is_sealed(path):
    assert json.loads(path.read_text("utf-8"))["seal"].startswith("sha256:")
    datasets.read_descriptor(path.parent)


@pytest.mark.parametrize("change", [{"simulated": True}, {"licenses": []}, {"sources": [{"title": "x"}]}])
def test_what_is_sealed_is_not_changed_by_accident(make_dataset, change):
    folder = make_dataset({"t": "a\n1\n"}, {"t": {"fields": [{"name": "a", "type": "integer"}]}})
    path = folder / "datapackage.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), encoding="utf-8")
    with pytest.raises(datasets.SourceError, match="not those that were sealed"):
        datasets.dataset(folder)
    assert main(["describe", str(folder)]) == 0
    assert datasets.dataset(folder).descriptor.items() >= change.items()


def test_outlines_are_checked_by_hash_and_by_form(tmp_path, capsys):
    copied = tmp_path / "provinces"
    shutil.copytree(DATA / "provinces", copied)
    assert main(["check", str(copied)]) == 0
    path = copied / "boundaries34.geojson"
    path.write_text(path.read_text("utf-8").replace("Polygon", "Point", 1), encoding="utf-8")
    assert main(["check", str(copied)]) == 1
    assert "is not the file described" in capsys.readouterr().err
    main(["describe", str(copied)])
    assert main(["check", str(copied)]) == 1
    assert "boundaries34.geojson, feature 1: its geometry must be one of" in capsys.readouterr().err


def one_feature(properties: str, coordinates: str) -> str:
    shape = f'{{"type": "Polygon", "coordinates": {coordinates}}}'
    return (
        f'{{"type": "FeatureCollection", "features": [{{"properties": {properties}, "geometry": {shape}}}]}}'
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "lie in each other"),
        (one_feature('{"a": 1}', "[[[1, NaN]]]"), "NaN is no number"),
        ("[]", "no GeoJSON"),
        ('{"type": "FeatureCollection", "features": []}', "no feature"),
        (one_feature('{"a": 1}', "[[[1, 200]]]"), "longitudes"),
        (one_feature("{}", "[[[1, 2]]]"), "no properties"),
        (one_feature('{"a": 1}', "7"), "no lists of points"),
    ],
)
def test_each_fault_of_outlines_is_named(tmp_path, text, said):
    (tmp_path / "x.geojson").write_text(text, encoding="utf-8")
    assert said in "; ".join(outline_faults(tmp_path / "x.geojson"))
