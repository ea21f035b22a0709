from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis import shape as est
from portal_analysis.audit.index import mostly_met, scores, what_if
from portal_analysis.audit.items import items
from portal_analysis.audit.judgements import Audit, AuditError, load_audit, rate

CRITERIA = pd.DataFrame(
    {"criterion_id": list("klmn"), "group": ["g", "g", "h", "h"], "weight": [3, 1, 2, 2],
     "levels": ["no|yes", "bad|fair|good", "no|yes", "no|yes"]}
)  # fmt: skip
SAID = {"a": ["yes", "good", "yes", "yes"], "b": ["yes", "fair", "no", None], "c": ["no", "bad", "yes", "no"]}


@pytest.fixture
def audit() -> Audit:
    rows = [(p, c, one) for p, all_ in SAID.items() for c, one in zip("klmn", all_, strict=True) if one]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "rating"]).assign(
        assessor_id="x", round="1"
    )
    return Audit(rate(judged, CRITERIA), criteria=CRITERIA)


def of(table: pd.DataFrame, group: str | None = None) -> dict:
    own = table[table["group"].isna() if group is None else table["group"] == group]
    return own.set_index("portal_id")["estimate"].to_dict()


def test_criteria_make_groups_and_groups_the_index(audit: Audit) -> None:
    table = scores(audit)
    assert of(table, "g") == pytest.approx({"a": 1, "b": 0.75, "c": 0})
    assert of(table, "h") == pytest.approx({"a": 1, "b": 0, "c": 0.5})
    assert of(table) == pytest.approx({"a": 1, "b": 0.375, "c": 0.25})
    whole = table[table["group"].isna()]
    assert whole["rank"].tolist() == [1, 2, 3]
    assert whole["base"].tolist() == [4, 3, 4]
    assert est.domains_of(table) == ["round", "portal_id", "group"]


def test_choices(audit: Audit) -> None:
    assert of(scores(audit, missing="worst"), "h")["b"] == 0
    assert of(scores(audit, missing="mean"), "h")["b"] == pytest.approx(0.25)
    assert of(scores(audit, weights="given"))["b"] == pytest.approx((3 * 1 + 0.5) / 4 * 0.5)
    assert of(scores(audit, weights={"g": 0.8, "h": 0.2}))["c"] == pytest.approx(0.1)
    assert of(scores(audit, normalise="met"), "g")["b"] == 0.5
    assert of(scores(audit, aggregation="copeland")) == {"a": 2, "b": -1, "c": -1}
    assert scores(audit, aggregation="copeland").query("group.isna()")["tied"].tolist() == [1, 2, 2]
    assert of(scores(audit, aggregation="geometric", zeros="offset"))["b"] < 0.375
    assert set(scores(audit, weights="pca")["weights"]) == {"pca"}


def test_bad_recipes_name_what_there_is(audit: Audit) -> None:
    for arguments, words in (
        ({"normalise": "spread"}, "minmax"),
        ({"aggregation": "harmonic"}, "copeland"),
        ({"missing": "guess"}, "ignore, worst, mean"),
        ({"weights": "own"}, "equal, given, pca"),
        ({"weights": {"g": 0.8, "h": 0.4}}, "add up to 1.2"),
        ({"weights": {"g": 1.2, "h": -0.2}}, "0 or more"),
        ({"weights": {"g": 1.0}}, "has \\['g', 'h'\\]"),
        ({"aggregation": "geometric"}, "zeros='offset'"),
    ):
        with pytest.raises(AuditError, match=words):
            scores(audit, **arguments)
    with pytest.raises(AuditError, match="weight of 0 or more"):
        scores(Audit(audit.judgements, criteria=CRITERIA.assign(weight=[1, 1, None, 1])), weights="given")
    with pytest.raises(AuditError, match="no judgements"):
        scores(Audit(audit.judgements.iloc[:0]))


def test_the_headline(audit: Audit) -> None:
    row = mostly_met(audit).iloc[0]
    # a meets 4 of 4, b 1 of 3 (fair is not good), c 1 of 4
    assert (row["count"], row["base"], row["estimate"]) == (1, 3, pytest.approx(1 / 3))
    assert mostly_met(audit, 0.3)["count"].iloc[0] == 2
    assert mostly_met(audit, 0.3, missing="worst")["count"].iloc[0] == 1
    with pytest.raises(AuditError, match="share of the criteria"):
        mostly_met(audit, 50)


def test_not_applicable_is_a_named_choice() -> None:
    judged = pd.DataFrame({"portal_id": list("aabb"), "criterion_id": list("klkl"), "assessor_id": "x", "round": "1",
                           "outcome": ["met", "not_applicable", "met", "not_met"]})  # fmt: skip
    found = [of(scores(Audit(judged), not_applicable=rule))["a"] for rule in ("ignore", "best", "worst")]
    assert found == [1, 1, 0.5]


def test_what_a_portal_would_gain(audit: Audit) -> None:
    table = what_if(audit).set_index(["portal_id", "criterion_id"])
    assert ("a", "k") not in table.index
    assert table.loc[("c", "k"), "estimate"] == pytest.approx(0.25)
    assert table.loc[("c", "k"), ["rank", "new_rank"]].tolist() == [3, 2]
    assert table.loc[("b", "l"), "estimate"] == pytest.approx(0.125)
    with pytest.raises(AuditError, match="nothing to gain"):
        what_if(audit.only(portal_id="a"))


def test_items(audit: Audit) -> None:
    table = items(audit).set_index("criterion_id")
    assert table["estimate"].to_dict() == pytest.approx({"k": 2 / 3, "l": 1 / 3, "m": 2 / 3, "n": 0.5})
    assert not table["floor"].any()
    assert table.loc["k", "most_like"] == "l"
    assert table.loc["k", "like"] == pytest.approx(np.corrcoef([1, 1, 0], [1, 0.5, 0])[0, 1])
    flat = items(audit.only(portal_id="a"))
    assert flat["ceiling"].all()
    assert flat["item_rest"].isna().all()


def test_the_simulated_audit() -> None:
    table = scores(load_audit("portal-review-simulated").only(kind="expert"))
    whole = table[table["group"].isna()]
    assert whole.groupby("round")["portal_id"].nunique().max() == 63
    assert (whole["flag"].str.contains("simulated")).all()
    assert whole["estimate"].dropna().between(0, 1).all()
