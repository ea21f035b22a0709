from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from portal_analysis import shape as est
from portal_analysis.audit.agreement import agreement
from portal_analysis.audit.judgements import Audit, AuditError, load_audit
from portal_analysis.audit.raters import (
    assessor_bias,
    assessor_errors,
    pairwise_agreement,
)


@pytest.fixture(scope="module")
def simulated() -> Audit:
    return load_audit("portal-review-simulated")


@pytest.fixture
def three(make_audit: Callable[..., Audit]) -> Audit:
    """Three assessors of four portals: z is strict, x and y agree on all but one."""
    said = {"a": ("met", "met", "not_met"), "b": ("met", "met", "not_met"), "c": ("not_met", "not_met", "not_met"),
            "d": ("met", "not_met", "not_met")}  # fmt: skip
    rows = [(p, "k", who, one) for p, all_ in said.items() for who, one in zip("xyz", all_, strict=True)]
    kinds = pd.DataFrame({"assessor_id": list("xyz"), "kind": ["expert", "expert", "tool"]})
    return make_audit(*rows, assessors=kinds)


def test_every_two_assessors(three: Audit) -> None:
    table = pairwise_agreement(three)
    plain = table[table["indicator"] == "percent agreement"].set_index(["assessor_id_a", "assessor_id_b"])
    assert plain["estimate"].to_dict() == {("x", "y"): 0.75, ("x", "z"): 0.25, ("y", "z"): 0.5}
    assert plain.loc[("x", "z"), ["a_higher", "b_higher"]].tolist() == [3, 0]
    assert plain.loc[("x", "z"), "bias_p"] == pytest.approx(2 * 0.5**3)
    assert est.domains_of(table) == ["round", "assessor_id_a", "assessor_id_b"]
    assert "Cohen kappa" in set(table["indicator"])


def test_kinds_speak_with_one_voice(three: Audit) -> None:
    table = pairwise_agreement(three, between="kind", by="criterion_id")
    named = table[(table["criterion_id"] == "k") & (table["indicator"] == "percent agreement")].iloc[0]
    # experts settle on met, met, not_met and, tied, the worse level
    assert (named["kind_a"], named["kind_b"], named["estimate"], named["n"]) == ("expert", "tool", 0.5, 4)


def test_pooled_pairs_are_those_of_an_audit_of_the_two(simulated: Audit) -> None:
    pair = pairwise_agreement(simulated.only(round="2024"), interval="superpopulation", weights="linear")
    own = pair[(pair["assessor_id_a"] == "expert-1") & (pair["assessor_id_b"] == "expert-2")]
    two = simulated.only(round="2024").only(assessor_id=["expert-1", "expert-2"])
    alone = agreement(two, interval="superpopulation", weights="linear").query("criterion_id.isna()")
    names = ["indicator", "estimate", "se", "n"]
    pd.testing.assert_frame_equal(own[names].reset_index(drop=True), alone[names].reset_index(drop=True))


def test_rounds_are_compared_on_criteria_with_the_same_levels() -> None:
    rows = [(p, k, when, one) for k in "kl" for p, both in {"a": ("met", "met"), "b": ("met", "not_met")}.items()
            for when, one in zip("12", both, strict=True)]  # fmt: skip
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "round", "outcome"]).assign(
        assessor_id="x"
    )
    criteria = pd.DataFrame(
        {"criterion_id": list("kll"), "round": [None, "1", "2"], "levels": ["n|y", "n|y", "n|s|y"]}
    )
    table = pairwise_agreement(Audit(judged, criteria=criteria), between="round", by="criterion_id")
    assert table["criterion_id"].dropna().unique().tolist() == ["k"]
    assert table["estimate"].iloc[0] == 0.5
    assert "round" not in table


def test_pairs_that_cannot_be(make_audit: Callable[..., Audit], three: Audit) -> None:
    alone = make_audit(("a", "k", "x", "met"))
    with pytest.raises(AuditError, match="nothing to compare"):
        pairwise_agreement(alone)
    with pytest.raises(AuditError, match="one round only"):
        pairwise_agreement(three, between="round")
    with pytest.raises(AuditError, match="assessor_id, round, kind"):
        pairwise_agreement(three, between="colour")
    with pytest.raises(AuditError, match="one value of 'kind' only"):
        pairwise_agreement(three.only(kind="expert"), between="kind")
    with pytest.raises(AuditError, match="fewer than two assessors"):
        assessor_bias(alone)


def test_the_strict_one_is_seen(three: Audit) -> None:
    found = assessor_bias(three, interval="superpopulation").set_index("assessor_id")
    # x: 1, 1, 0, 1 against (1+0)/2, (1+0)/2, 0, 0
    assert found.loc["x", "estimate"] == pytest.approx((0.5 + 0.5 + 0 + 1) / 4)
    assert found.loc["z", "estimate"] == pytest.approx(-(1 + 1 + 0 + 0.5) / 4)
    gaps = np.array([0.5, 0.5, 0, 1])
    assert found.loc["x", "se"] == pytest.approx(gaps.std(ddof=1) / 2)
    assert found.loc["z", "agrees"] == pytest.approx(0.5)
    assert found["n"].tolist() == [4, 4, 4]


def test_errors_of_assessors_are_found_again(make_audit: Callable[..., Audit]) -> None:
    random = np.random.default_rng(5)
    right, rows = {"a": 0.95, "b": 0.9, "c": 0.85, "d": 0.6}, []
    for portal in range(400):
        true = random.random() < 0.6
        for who, share in right.items():
            said = true if random.random() < share else not true
            rows.append((f"p{portal}", "k", who, "met" if said else "not_met"))
    table = assessor_errors(make_audit(*rows), interval="superpopulation", replicates=60)
    own = table[table["truth"] == table["said"]].groupby("assessor_id")["estimate"].mean()
    assert own.to_dict() == pytest.approx(right, abs=0.06)
    assert table.groupby(["assessor_id", "truth"])["estimate"].sum().to_numpy() == pytest.approx(1)
    assert (table["ci_low"] <= table["estimate"] + 0.03).all()
    assert (table["se"] > 0).all()


def test_two_assessors_cannot_be_told_apart(make_audit: Callable[..., Audit]) -> None:
    with pytest.raises(AuditError, match="3 assessors"):
        assessor_errors(make_audit(*[(p, "k", who, "met") for p in "ab" for who in "xy"]))


def test_pairs_and_rounds_can_agree_that_a_criterion_does_not_apply() -> None:
    judged = pd.DataFrame(
        [(portal, who, when, "not_applicable" if portal in "ab" else "met")
         for portal in "abcd" for who in "xy" for when in ("1", "2")],
        columns=["portal_id", "assessor_id", "round", "outcome"],
    )  # fmt: skip
    judged.loc[judged.eval("portal_id == 'a' and assessor_id == 'y' and round == '2'"), "outcome"] = "met"
    audit = Audit(judged.assign(criterion_id="k"))
    for between, agreed in (("assessor_id", [1.0, 0.75]), ("round", [0.75])):
        table = pairwise_agreement(audit, between, not_applicable="category")
        own = table[table["indicator"] == "percent agreement"]
        assert own["estimate"].tolist() == agreed
        assert own["n"].tolist() == [4] * len(own)
        assert (own[["a_higher", "b_higher"]] == 0).all(axis=None)


def test_who_rated_nothing_of_a_group_is_not_in_it(make_audit: Callable[..., Audit]) -> None:
    rows = [(p, k, a, "met") for p in "abc" for k, who in (("k", "xy"), ("l", "yz")) for a in who]
    criteria = pd.DataFrame({"criterion_id": ["k", "l"], "group": ["g", "h"]})
    table = assessor_bias(make_audit(*rows, criteria=criteria), by="group")
    named = table.loc[table["group"].notna(), ["group", "assessor_id"]]
    assert named.to_numpy().tolist() == [["g", "x"], ["g", "y"], ["h", "y"], ["h", "z"]]
    assert table.loc[table["group"].isna(), "assessor_id"].tolist() == ["x", "y", "z"]
