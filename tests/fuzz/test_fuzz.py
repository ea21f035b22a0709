"""Spoilt files of every format: read, or an error of the package. The long run is ``python -m tests.fuzz.run``."""

import sys
import warnings

import pytest

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


def test_an_error_that_is_not_the_packages_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tests.fuzz.seeds.pa.provinces.code", lambda names: {}["x"])
    assert one("provinces", 7, 0, tmp_path).startswith("foreign: KeyError")
