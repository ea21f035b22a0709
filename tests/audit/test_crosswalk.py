"""Reports of tools lead to shortcomings out of the box; what no tool measures stays not measured."""

from __future__ import annotations

import json
import warnings

import pandas as pd
import pytest

from portal_analysis.audit import wcag
from portal_analysis.audit.crosswalk import known_criteria, tool_codebook
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.readers import ReaderWarning, read_audit
from portal_analysis.audit.shortcomings import co_occurrence, sensitivity, shortcomings


def axe_page(url, violations=(), passes=()):
    rules = {"violations": violations, "passes": passes}
    lists = {name: [{"id": rule, "tags": [], "nodes": []} for rule in ids] for name, ids in rules.items()}
    return {"testEngine": {"name": "axe-core", "version": "4.11.4"}, "url": url, **lists, "incomplete": []}


@pytest.fixture
def audit(tmp_path) -> Audit:
    pages = [
        axe_page("https://a.example/", ["color-contrast", "region"], ["document-title"]),
        axe_page("https://b.example/", [], ["color-contrast", "region", "document-title"]),
    ]
    (tmp_path / "axe.json").write_text(json.dumps(pages))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        return read_audit(tmp_path / "axe.json")


@pytest.mark.parametrize("given", [None, tool_codebook()], ids=["by itself", "given"])
def test_an_axe_report_gives_shortcomings(audit, given):
    table = shortcomings(audit, rule="any", codebook=given).set_index("shortcoming")
    assert list(table.index) == ["S1", "S2", "S3", "S4", "S5"]
    assert (table.loc["S2", "count"], table.loc["S2", "base"]) == (1, 2)
    assert (table.loc[["S1", "S3", "S4", "S5"], "flag"] == "not measured").all()
    assert table.loc[["S1", "S3", "S4", "S5"], "estimate"].isna().all()
    assert table.loc["S4", "label_vi"].startswith("Dữ liệu")


def test_the_other_counts_read_it_too(audit):
    assert co_occurrence(audit)["base"].max() == 2
    assert set(sensitivity(audit)["codebook"]) == {"1"}


def test_an_edited_copy_is_used(audit):
    edited = tool_codebook().assign(version="mine")
    edited.loc[edited["criterion_id"] == "axe:region", "shortcoming"] = "S1"
    table = shortcomings(audit, rule="any", codebook=edited).set_index("shortcoming")
    assert table.loc["S1", "count"] == 1
    assert set(table["codebook"]) == {"mine"}


def test_a_name_that_nobody_knows_is_a_fault(audit):
    wrong = pd.concat([tool_codebook(), tool_codebook().head(1).assign(criterion_id="wcga:1.1.1")])
    with pytest.raises(AuditError, match=r"wcga:1\.1\.1"):
        shortcomings(audit, codebook=wrong)


def test_an_audit_of_other_criteria_says_what_it_needs(make_audit):
    with pytest.raises(AuditError, match="give codebook="):
        shortcomings(make_audit(("a", "our own", "x", "met")))


def test_the_codebook_speaks_of_every_criterion_and_rule_and_not_of_s4_and_s5():
    numbers = {number for number in wcag.catalogue()["wcag_sc"] if not wcag.is_obsolete(number)}
    assert {f"wcag:{number}" for number in numbers} <= known_criteria()
    rules = pd.read_csv(wcag.datasets.dataset("wcag2").file("rules"))
    rules = rules.loc[rules["wcag_sc"] != "4.1.1", "rule_id"]
    assert {f"axe:{rule}" for rule in rules} <= known_criteria()
    assert not {"wcag:4.1.1", "axe:duplicate-id"} & known_criteria()
    table = tool_codebook()
    assert set(table["shortcoming"]) == {"S1", "S2", "S3"}
    assert set(table["basis"]) == {"our reading"}
    assert table["share"].between(0, 1).all()


def test_the_codebook_handed_out_is_a_copy():
    mine = tool_codebook()
    mine.loc[0, "shortcoming"] = "S5"
    assert "S5" not in set(tool_codebook()["shortcoming"])


def test_a_codebook_of_ones_own_has_no_shipped_words(make_audit) -> None:
    audit = make_audit(("a", "k", "x", "not_met"), ("b", "k", "x", "met"))
    own = pd.DataFrame({"criterion_id": ["k"], "scheme": "mine", "shortcoming": "X1"})
    table = shortcomings(audit, rule="any", codebook=own, scheme="mine")
    assert table[["shortcoming", "count", "base", "label_en"]].to_numpy().tolist() == [["X1", 1, 2, "X1"]]
    shipped = shortcomings(audit, rule="any", codebook=own.assign(scheme="article", shortcoming="S1"))
    assert len(shipped) == 5
    assert shipped["label_en"].iloc[0].startswith("Functions do not work smoothly")
    words = pd.DataFrame({"scheme": ["article"], "shortcoming": ["S1"], "label_en": ["Ours"]})
    named = Audit(audit.judgements, shortcomings=words)
    kept = shortcomings(named, rule="any", codebook=own.assign(scheme="article", shortcoming="S1"))
    assert kept["label_en"].tolist() == ["Ours"]
