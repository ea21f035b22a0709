"""The simulated audit against the published counts: both files read, row by row."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from portal_analysis import codebook, datasets
from portal_analysis.audit.consensus import verdicts
from portal_analysis.audit.coverage import coverage
from portal_analysis.audit.feedback import (
    coder_agreement,
    feedback_shares,
    feedback_texts,
    suggestion_quality,
)
from portal_analysis.audit.judgements import Audit, load_audit
from portal_analysis.audit.shares import shares
from portal_analysis.audit.shortcomings import co_occurrence, shortcomings

ID = "portal-review-simulated"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def audit() -> Audit:
    return load_audit(ID)


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return codebook.load("portal-review-published")["counts"].set_index("count_id")


@pytest.fixture(scope="module")
def calibration() -> pd.DataFrame:
    return codebook.load(ID)["calibration"].set_index("count_id")


def test_every_certain_count_of_portals_is_calibrated(
    published: pd.DataFrame, calibration: pd.DataFrame
) -> None:
    wanted = published[(published["status"] == "reported") & (published["base"] == 63)]
    wanted = wanted[wanted["unit"] == "portals"]
    assert set(calibration.index) == set(wanted.index)
    assert len(calibration) >= 15


def test_the_consensus_gives_the_published_counts_row_by_row(
    audit: Audit, published: pd.DataFrame, calibration: pd.DataFrame
) -> None:
    table = shares(audit).set_index(["indicator", "round", "outcome"])
    compared = 0
    for count_id, row in calibration[calibration["criterion_id"].notna()].iterrows():
        found = table.loc[(row["criterion_id"], row["round"], row["counted"])]
        assert (found["count"], found["base"]) == (published.loc[count_id, "count"], 63), count_id
        compared += 1
    assert compared == 17


def test_the_two_counts_over_criteria_are_given_too(audit: Audit, published: pd.DataFrame) -> None:
    graded = audit.criteria[(audit.criteria["scale"] == "ordinal") & (audit.criteria["round"] == "2024")]
    table = verdicts(audit)
    table = table[(table["round"] == "2024") & table["criterion_id"].isin(graded["criterion_id"])]
    good = (table["verdict"] == "met").groupby(table["portal_id"]).mean()
    assert (good > 0.5).sum() == published.loc["2024.majority_good", "count"] == 0
    assert (good < 1).sum() == published.loc["2024.some_inconvenience", "count"] == 63


def test_assessors_disagree_and_leave_gaps(audit: Audit) -> None:
    kinds = set(audit.assessors["kind"])
    assert {"expert", "disabled user", "minority user", "tool"} <= kinds
    assert (
        shares(audit, at_least="good", consensus="any-fails")["count"].sum()
        < shares(audit, at_least="good")["count"].sum()
    )
    by_kind = coverage(audit, by=["round", "kind"])
    assert (by_kind["estimate"] < 1).any()
    assert (
        coverage(audit, by="reason", of="runs").set_index("reason")["count"][["error", "unreachable"]] > 0
    ).all()


def test_everything_is_flagged_simulated(audit: Audit) -> None:
    tables = [
        shares(audit),
        coverage(audit),
        shortcomings(audit),
        co_occurrence(audit),
        feedback_shares(audit),
        coder_agreement(audit),
        suggestion_quality(audit),
    ]
    for table in tables:
        assert table["flag"].str.contains("simulated").all()
        assert (table["source"] == ID).all()


def test_what_a_round_does_not_measure_is_said(audit: Audit) -> None:
    table = shortcomings(audit, rule="any").set_index(["round", "shortcoming"])
    assert table.loc[("2022", "S3"), "base"] == 63
    for key in [("2022", "S1"), ("2022", "S5"), ("2024", "S4"), ("2024", "S5")]:
        assert "not measured" in table.loc[key, "flag"]
    assert set(shortcomings(audit, "reviewers")["shortcoming"]) == {"R1", "R2", "R3", "R4", "R5"}


def test_two_hundred_varied_items(audit: Audit) -> None:
    texts = feedback_texts(audit)
    assert len(texts) == texts["text"].nunique() == 200
    assert audit.feedback.groupby("item_id")["coder"].nunique().min() >= 2
    assert not texts["text"].str.contains(r"@|0900|\b\d{9}\b|\b\d{12}\b").any()
    agreement = coder_agreement(audit)["estimate"]
    assert agreement.between(0.3, 0.95).all()


def test_the_descriptions_say_that_it_is_invented() -> None:
    described = datasets.dataset(ID).descriptor
    assert described["simulated"] is True
    assert "says nothing about any real portal" in described["description"]
    assert "không phản ánh bất kỳ cổng" in described["description_vi"]


def test_the_same_bytes_again(tmp_path: Path) -> None:
    for name in (ID, "portal-review-published", "provinces"):
        shutil.copytree(ROOT / "data" / name, tmp_path / name)
    made = [path for path in sorted((tmp_path / ID).glob("*.csv")) if path.name != "feedback_items.csv"]
    handmade = ("feedback_items.csv", "keywords.csv", "name_words.csv")
    for path in made:
        if path.name not in handmade:
            path.unlink()
    command = [sys.executable, str(tmp_path / ID / "make.py")]
    subprocess.run(command, check=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""})
    for path in [*made, tmp_path / ID / "datapackage.json"]:
        ours = (ROOT / "data" / ID / path.name).read_bytes()
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(ours).digest(), path.name
