from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from portal_analysis.audit import settle as settle_module
from portal_analysis.audit.judgements import Audit, AuditError, load_audit
from portal_analysis.audit.readers import read_audit
from portal_analysis.audit.settle import fit_dawid_skene, settle, settled
from portal_analysis.audit.shares import shares
from portal_analysis.audit.write import write_audit

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


def reference_ratings() -> np.ndarray:
    spec = importlib.util.spec_from_file_location("recipe", REFERENCE / "dawid_skene.py")
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    return recipe.ratings()


def test_the_model_as_in_crowd_kit() -> None:
    answers = pd.read_csv(REFERENCE / "dawid_skene.csv")
    fit = fit_dawid_skene(reference_ratings(), 3, prior=0)
    level, error = (answers[answers["kind"] == kind] for kind in ("level", "error"))
    assert (len(level), len(error)) == (180, 45)
    mine = fit.level[level["unit"].astype(int), level["level"].astype(int)]
    assert mine == pytest.approx(level["value"].to_numpy(), abs=1e-6)
    places = [error[name].astype(int) for name in ("rater", "truth", "level")]
    assert fit.error[tuple(places)] == pytest.approx(error["value"].to_numpy(), abs=1e-6)


def test_a_good_assessor_outweighs_two_who_guess() -> None:
    random = np.random.default_rng(2)
    truth = random.integers(2, size=300)
    good = [np.where(random.random(300) < 0.97, truth, 1 - truth) for _ in range(3)]
    bad = [random.integers(2, size=300) for _ in range(4)]
    said = np.stack([*good, *bad], axis=1)
    fit = fit_dawid_skene(said, 2)
    majority = said.mean(axis=1) > 0.5
    assert (fit.level.argmax(axis=1) == truth).mean() > (majority == truth).mean() + 0.05
    assert fit.error[0, 1, 1] > 0.9
    assert fit.error[6, 1, 1] < 0.7


def test_criteria_have_their_own_prevalence() -> None:
    random = np.random.default_rng(4)
    criterion = np.repeat([0, 1], 200)
    truth = (random.random(400) < np.where(criterion == 0, 0.1, 0.9)).astype(int)
    said = np.where(random.random((400, 4)) < 0.85, truth[:, None], 1 - truth[:, None])
    fit = fit_dawid_skene(said, 2, criterion)
    assert fit.prevalence[:, 1] == pytest.approx([truth[:200].mean(), truth[200:].mean()], abs=0.04)


@pytest.fixture
def graded() -> Audit:
    said = {
        "a": ["red", "yellow", "green"],
        "b": ["green", "green", "red"],
        "c": ["yellow", "green"],
        "d": ["red"],
    }
    rows = [(p, who, one) for p, all_ in said.items() for who, one in zip("xyz", all_, strict=False)]
    judged = pd.DataFrame(rows, columns=["portal_id", "assessor_id", "rating"]).assign(
        criterion_id="k", round="1"
    )
    judged["outcome"] = judged["rating"].map({"red": "not_met", "yellow": "partly", "green": "met"})
    extra = pd.DataFrame({"portal_id": ["e", "e"], "assessor_id": ["x", "y"], "criterion_id": "k", "round": "1",
                          "outcome": ["not_applicable", "cant_tell"]})  # fmt: skip
    criteria = pd.DataFrame({"criterion_id": ["k"], "levels": ["red|yellow|green"], "scale": "ordinal"})
    return Audit(pd.concat([judged, extra]), criteria=criteria, source="graded")


def test_rules(graded: Audit) -> None:
    def of(rule: str) -> dict:
        return settle(graded, rule).set_index("portal_id")["rating"].to_dict()

    assert of("majority") == {"a": "red", "b": "green", "c": "yellow", "d": "red"}
    assert of("median") == {"a": "yellow", "b": "green", "c": "yellow", "d": "red"}
    model = settle(graded, "dawid-skene")
    assert (model["rule"] == "dawid-skene").all()
    assert model["probability"].between(1 / 3, 1).all()
    shares_ = settle(graded).set_index("portal_id")
    assert shares_.loc["b", "probability"] == pytest.approx(2 / 3)
    assert shares_.loc["c", "p_met"] == 0.5
    assert shares_["outcome"].to_dict() == {"a": "not_met", "b": "met", "c": "partly", "d": "not_met"}


def test_the_consensus_is_a_rubric_to_go_on_with(graded: Audit, tmp_path: Path) -> None:
    one = settled(graded, "median")
    assert one.judgements["assessor_id"].astype(str).unique().tolist() == ["consensus"]
    assert one.source == "graded"
    back = read_audit(write_audit(one, tmp_path / "rubric.xlsx"))
    pd.testing.assert_frame_equal(back.judgements, one.judgements)
    row = one.judgements.set_index(one.judgements["portal_id"].astype(str))
    assert row.loc["a", "rating"] == "yellow"
    assert row.loc["e", "outcome"] == "not_applicable"
    assert "median: 3 ratings" in row.loc["a", "comment"]


def test_settled_shares_are_those_of_the_rule() -> None:
    audit = load_audit("portal-review-simulated").only(kind="expert")
    for rule in ("majority", "median"):
        own, other = (
            shares(settled(audit, rule), at_least="good"),
            shares(audit, at_least="good", consensus=rule),
        )
        key = ["round", "indicator"]
        both = own.merge(other, on=key, suffixes=("", "_of_votes"))
        assert len(both) == len(other)
        assert (both["count"] == both["count_of_votes"]).mean() > 0.95  # levels and outcomes break ties alike
    model = shares(audit, at_least="good", consensus="dawid-skene", interval="assessors")
    assert model["estimate"].between(0, 1).all()
    assert (model["ci_low"] <= model["estimate"]).all()
    assert (model["se"] > 0).any()


def test_outcomes_stand_where_there_are_no_levels(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(("a", "k", "x", "met"), ("a", "k", "y", "partly"), ("a", "k", "z", "met"))
    one = settled(audit, "dawid-skene")
    assert one.judgements["rating"].isna().all()
    assert one.judgements["outcome"].tolist() == ["met"]


def test_what_cannot_be_settled(make_audit: Callable[..., Audit], graded: Audit) -> None:
    two = make_audit(("a", "k", "x", "met"), ("a", "k", "y", "met"))
    with pytest.raises(AuditError, match="needs 3 assessors"):
        settle(two, "dawid-skene")
    with pytest.raises(AuditError, match="majority, median, dawid-skene"):
        settle(graded, "mode")
    with pytest.raises(AuditError, match="prior"):
        settle(graded, "dawid-skene", prior=-1)
    with pytest.raises(AuditError, match="nobody rated"):
        fit_dawid_skene(np.full((3, 2), -1), 2)
    with pytest.raises(AuditError, match="no judgements"):
        settle(Audit(graded.judgements.iloc[:0]))


def test_all_the_same_is_sure(make_audit: Callable[..., Audit]) -> None:
    table = settle(make_audit(*[(p, "k", who, "met") for p in "abcdef" for who in "xyz"]), "dawid-skene")
    assert (table["rating"] == "met").all()
    assert (table["probability"] > 0.99).all()


def test_a_model_that_does_not_come_to_rest_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle_module, "MOST_ROUNDS", 3)
    with pytest.raises(AuditError, match="did not come to rest within 3 rounds; give a larger prior"):
        fit_dawid_skene(reference_ratings(), 3)
