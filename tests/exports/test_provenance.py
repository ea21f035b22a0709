"""The json says where every number comes from and how it was made."""

from __future__ import annotations

import json

import pytest

from portal_analysis import origins
from portal_analysis.exports import export
from portal_analysis.exports.provenance import design_in_words
from portal_analysis.published import load_published


def told(*args, **to):
    return json.loads(export("use", *args, formats=["json"], **to).files["json"].read_text("utf-8"))


def test_a_known_source_is_cited_with_licence_and_hashes(tmp_path):
    found = told(load_published("egov-figures"), folder=tmp_path)
    (source,) = found["sources"]
    assert source["id"] == "egov-figures"
    assert source["licenses"]
    assert source["citation"]
    assert all(item["hash"].startswith("sha256:") for item in source["files"])
    assert source["simulated"] is False


def test_an_own_dataset_is_named_as_such(table, tmp_path):
    with origins.afresh():
        assert told(table, folder=tmp_path)["sources"] == [
            {"id": "toy", "note": "a table of which this session has read no file"}
        ]


def test_method_flags_versions_and_command(table, figure, tmp_path):
    found = told(table, figure, folder=tmp_path)
    assert found["method"] == {"unit": ["proportion"], "interval": ["korn-graubard"], "level": [0.95]}
    assert found["table"]["flags"] == {"suppress": 1, "simulated": 3}
    assert {"python", "pandas", "numpy", "matplotlib"} <= set(found["software"])
    assert found["command"] == "portal-analysis again use.json"
    assert found["figure"]["alt"] == figure.portal_text.alt


def test_the_command_can_be_given(table, tmp_path, monkeypatch):
    assert told(table, folder=tmp_path, command="make report")["command"] == "make report"
    monkeypatch.setenv("PORTAL_ANALYSIS_COMMAND", "portal-analysis report --lang vi")
    assert told(table, folder=tmp_path)["command"] == "portal-analysis report --lang vi"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Complex sample (weights: w; strata: province; sampling units: district, village)."),
        ("vi", "Mẫu phức hợp (trọng số: w; tầng: province; đơn vị chọn mẫu: district, village)."),
    ],
)
def test_a_design_is_told_in_words(lang, text):
    assert (
        design_in_words({"weights": "w", "strata": "province", "psu": ["district", "village"]}, lang) == text
    )
    assert design_in_words(None, lang) == ""
