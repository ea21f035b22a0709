"""A report says what it was made of, and can be made again to the byte."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from portal_analysis.__main__ import main
from portal_analysis.datasets import hash_of
from portal_analysis.report.make import verify_again
from portal_analysis.report.record import RecordError, differences, read_record


@pytest.fixture(scope="module")
def copied(reports, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "en"
    shutil.copytree(reports["en"].folder, folder)
    return folder


def test_every_file_of_a_report_stands_in_its_record(copied):
    told = read_record(copied / "report.json")
    there = {path.relative_to(copied).as_posix() for path in copied.rglob("*") if path.is_file()}
    assert {one["path"] for one in told["outputs"]} == there - {"report.json"}
    assert all(hash_of(copied / one["path"]) == one["hash"] for one in told["outputs"])
    assert [one["path"] for one in told["inputs"]] == ["01-toy.ipynb"]
    assert [one["id"] for one in told["datasets"]] == ["egov-figures"]
    assert {"python", "portal-analysis", "pandas", "matplotlib"} <= set(told["software"])
    assert told["options"]["lang"] == "en"


@pytest.mark.slow
def test_a_report_is_made_again_to_the_byte(copied, capsys):
    assert main(["verify", str(copied / "report.json")]) == 0
    assert capsys.readouterr().out.strip().endswith("identical")


def test_what_differs_is_named(copied):
    told = read_record(copied / "report.json")
    other = json.loads(json.dumps(told))
    other["software"]["pandas"] = "0.1"
    other["inputs"][0]["hash"] = "sha256:0"
    other["outputs"] = other["outputs"][1:]
    gone, changed = copied / "citations.bib", copied / "citations.ris"
    before = gone.read_bytes(), changed.read_bytes()
    gone.unlink()
    changed.write_bytes(b"x")
    found = "\n".join(differences(copied, told, other))
    gone.write_bytes(before[0])
    changed.write_bytes(before[1])
    for said in (
        "now\ninput 01-toy.ipynb is not the same",
        "pandas: ",
        f"output {told['outputs'][0]['path']} is no more there",
        "citations.bib is missing",
        "citations.ris in ",
    ):
        assert said in found


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 100_000,
        "[]",
        '{"report": "portal_analysis"}',
        '{"report": "portal_analysis", "options": 7}',
    ],
)
def test_what_is_no_record_is_told(tmp_path, text):
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=r"not JSON|lie in each other|is no record"):
        verify_again(tmp_path / "report.json")
