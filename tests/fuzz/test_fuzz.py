"""Spoilt files of every format: read, or an error of the package. The long run is ``python -m tests.fuzz.run``."""

import json
import sys
import warnings

import pytest

from portal_analysis.audit.readers import detect, pa11y
from portal_analysis.audit.readers.files import csv_rows
from tests.fuzz.run import one
from tests.fuzz.seeds import seeds

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="timers of processes")
SHORT = 2
MANY = 40
SLOW = ("sources-", "descriptor-portal-review", "descriptor-egi", "tidy-", "outlines")


def wrong(name: str, numbers: range, folder) -> list[tuple[int, str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [(number, one(name, 7, number, folder)) for number in numbers]
    return [(number, what) for number, what in found if what not in (None, "read")]


@pytest.mark.parametrize("name", [name for name in seeds() if not name.startswith(SLOW)])
def test_a_few_spoilt_files_are_read_or_refused(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert wrong(name, range(SHORT), tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", list(seeds()))
def test_many_spoilt_files_are_read_or_refused(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert wrong(name, range(SHORT, MANY), tmp_path) == []


@pytest.mark.parametrize(
    "name", ["csv", "csv-bytes", "sav", "axe", "observatory", "rubric", "descriptor-survey", "provinces"]
)
def test_what_is_not_spoilt_is_read(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tests.fuzz.mutations.spoilt", lambda content, how, random: content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert one(name, 7, 0, tmp_path) == "read"


@pytest.mark.parametrize("tool", list(detect._JSON))
def test_every_tool_that_writes_json_is_spoilt(tool):
    documents = [json.loads(seed.content) for seed in seeds().values() if seed.file == "a.json"]
    assert tool in {detect._tool_of(document) for document in documents}


@pytest.mark.parametrize("reader", detect._CSV_READERS)
def test_every_tool_that_writes_csv_is_spoilt(reader, tmp_path):
    path = tmp_path / "a.csv"
    known = []
    for content in [seed.content for seed in seeds().values() if seed.file == "a.csv"]:
        path.write_bytes(content)
        known.append(reader.is_csv(csv_rows(path, "a.csv", pa11y.mended)))
    assert any(known)


def test_an_error_that_is_not_the_packages_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tests.fuzz.seeds.pa.provinces.code", lambda names: {}["x"])
    assert one("provinces", 7, 0, tmp_path).startswith("foreign: KeyError")
