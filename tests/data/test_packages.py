"""Every dataset that travels with the package is a valid Data Package, and loads."""

from __future__ import annotations

from pathlib import Path

import pytest
from frictionless import Package

from portal_analysis import codebook

DATA = Path(__file__).resolve().parents[2] / "data"
FOLDERS = sorted(path.parent for path in DATA.glob("*/datapackage.json"))


def test_the_named_datasets_are_there():
    names = {folder.name for folder in FOLDERS}
    assert {
        "audits-luxembourg",
        "egi-chile",
        "egov-figures",
        "portal-review-published",
        "provinces",
        "papi-simulated",
        "portal-review-simulated",
    } <= names


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_another_data_package_tool_finds_no_fault(folder, monkeypatch):
    monkeypatch.chdir(folder)
    report = Package("datapackage.json").validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])[:5]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_package_itself_finds_no_fault(folder):
    tables = codebook.load(folder)
    assert all(len(table) for table in tables.values())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_the_city_that_is_called_after_a_person_is_called_a_city(folder):
    """In Vietnamese the name alone is a person's."""
    assert '"label_vi": "Hồ Chí Minh"' not in (folder / "datapackage.json").read_text("utf-8")
