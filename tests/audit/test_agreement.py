from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit import coefficients as co
from portal_analysis.audit.agreement import (
    NO_DISAGREEMENT,
    NO_VARIATION,
    NOT_RATED,
    NOT_TWICE,
    ONE_ASSESSOR,
    ONE_LEVEL,
    ONE_PORTAL,
    agreement,
    disagreements,
)
from portal_analysis.audit.judgements import Audit, AuditError, load_audit, rate

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "agreement.csv")
TYPED = pd.read_csv(REFERENCE / "ratings.csv")
R_WEIGHTS = ("identity", "linear", "quadratic", "ordinal")


def audit_of(ratings: np.ndarray, n_levels: int) -> Audit:
    """One criterion with that many levels; ratings (portals × assessors) are places of levels, 1 the worst."""
    words = [f"level {place}" for place in range(1, n_levels + 1)]
    criteria = pd.DataFrame({"criterion_id": ["k"], "levels": ["|".join(words)], "good_from": words[-1]})
    portal, assessor = np.nonzero(ratings > 0)
    judged = pd.DataFrame(
        {"portal_id": [f"p{place:03d}" for place in portal], "criterion_id": "k", "round": "1"}
    )
    judged["assessor_id"] = [f"x{place}" for place in assessor]
    judged["rating"] = [words[place - 1] for place in ratings[portal, assessor]]
    portals = pd.DataFrame({"portal_id": [f"p{place:03d}" for place in range(len(ratings))]})
    return Audit(rate(judged, criteria), criteria=criteria, portals=portals)


def typed_audit(name: str) -> Audit:
    own = TYPED[TYPED["table"] == name]
    wide = own.pivot_table(index="unit", columns="rater", values="rating", dropna=False).fillna(0).astype(int)
    return audit_of(wide.to_numpy(), int(own["levels"].iloc[0]))


def assert_as_in_r(found: pd.DataFrame, answers: pd.DataFrame, metric: str) -> int:
    """Compare every coefficient that R has under these weights; return how many numbers were compared."""
    found, compared = found.set_index("indicator"), 0
    for row in answers[answers["metric"] == metric].itertuples():
        name = row.indicator.removeprefix("irr ")
        mine = found.loc["AC2" if name == "AC1" and metric != "identity" else name]
        for column in ("estimate", "by_chance", "se", "ci_low", "ci_high"):
            theirs = getattr(row, column)
            # irrCAC calls a chance of exactly 1 a coefficient, and its interval of no width an interval
            if pd.isna(theirs) or pd.isna(mine["estimate"]) or (row.se < 1e-9 and column.startswith("ci")):
                continue
            low = max(theirs, 0) if (name, column) == ("percent agreement", "ci_low") else theirs
            assert mine[column] == pytest.approx(low, abs=1e-6), (metric, name, column)
            compared += 1
    return compared


@pytest.mark.parametrize("name", TYPED["table"].unique())
def test_tables_typed_by_hand_as_in_r(name: str) -> None:
    answers, compared = ANSWERS[ANSWERS["table"] == name], 0
    for metric in co.WEIGHTS:
        table = agreement(typed_audit(name), weights=metric, interval="superpopulation")
        found = table[table["criterion_id"].notna()]
        assert (found["metric"] == metric).all()
        compared += assert_as_in_r(found, answers, metric)
    assert compared >= 4 * 6 * 5


@pytest.fixture(scope="module")
def simulated() -> Audit:
    return load_audit("portal-review-simulated")


def test_the_simulated_audit_as_in_r(simulated: Audit) -> None:
    compared = 0
    for metric in R_WEIGHTS:
        table = agreement(simulated, weights=metric, interval="superpopulation")
        for (when, name), found in table.dropna(subset="criterion_id").groupby(["round", "criterion_id"]):
            compared += assert_as_in_r(found, ANSWERS[ANSWERS["table"] == f"{when} {name}"], metric)
    assert compared > 26 * 6 * 5 * 3


def category_audit() -> Audit:
    """The table ``ratings_category.csv``: levels 1, 2, 3, and x for "not applicable"."""
    long = (
        pd.read_csv(REFERENCE / "ratings_category.csv", dtype=str)
        .melt("unit", var_name="assessor_id")
        .dropna()
    )
    criteria = pd.DataFrame({"criterion_id": ["k"], "levels": ["1|2|3"], "good_from": ["3"]})
    judged = long.assign(criterion_id="k", round="1", portal_id=long["unit"].str.zfill(2))
    judged["outcome"] = judged["value"].map({"x": "not_applicable"})
    judged["rating"] = judged["value"].replace("x", None)
    return Audit(rate(judged.drop(columns=["unit", "value"]), criteria), criteria=criteria)


def test_not_applicable_can_be_a_category_as_in_r() -> None:
    answers, compared = pd.read_csv(REFERENCE / "agreement_category.csv"), 0
    for metric, own in answers.groupby("metric"):
        table = agreement(
            category_audit(), weights=str(metric), interval="superpopulation", not_applicable="category"
        )
        found = table[table["criterion_id"].notna()].set_index("indicator").rename({"AC2": "AC1"})
        for row in own.itertuples():
            mine = found.loc[row.indicator]
            assert [mine["estimate"], mine["by_chance"], mine["se"]] == pytest.approx(
                [row.estimate, row.by_chance, row.se], abs=1e-9
            )
            compared += 1
    assert compared == 24


def test_whether_a_criterion_applies_is_agreement_only_if_asked() -> None:
    ignored = agreement(category_audit()).set_index("indicator")
    counted = agreement(category_audit(), not_applicable="category").set_index("indicator")
    assert set(counted["n_levels"]) == {4}
    assert set(ignored["n_levels"]) == {3}
    assert counted["n"].iloc[0] > ignored["n"].iloc[0]
    with pytest.raises(AuditError, match="rank"):
        agreement(category_audit(), weights="rank", not_applicable="category")
    with pytest.raises(AuditError, match="ignore, category"):
        agreement(category_audit(), not_applicable="level")


def test_five_levels_are_not_three() -> None:
    found = agreement(typed_audit("five-levels")).set_index("indicator")["estimate"]["AC1"]
    assert found.tolist() == pytest.approx([0.7754, 0.7754], abs=5e-5)  # on outcomes it would be 0.8799


def test_the_paradox_of_kappa_is_shown(make_audit: Callable[..., Audit]) -> None:
    rows = [(f"p{place:02d}", "k", a, "not_met") for place in range(61) for a in "xy"]
    rows += [
        ("q1", "k", "x", "met"),
        ("q1", "k", "y", "not_met"),
        ("q2", "k", "x", "not_met"),
        ("q2", "k", "y", "met"),
    ]
    table = agreement(make_audit(*rows))
    found = table[table["criterion_id"].notna()].set_index("indicator")["estimate"]
    assert found["percent agreement"] == pytest.approx(61 / 63)
    assert found["AC1"] == pytest.approx(0.967, abs=5e-4)
    assert found["Fleiss kappa"] == pytest.approx(-0.016, abs=5e-4)


def test_unanimity_is_named_and_not_just_missing(make_audit: Callable[..., Audit]) -> None:
    table = agreement(make_audit(*[(p, "k", a, "met") for p in "abc" for a in "xy"]))
    found = table[table["criterion_id"].notna()].set_index("indicator")
    assert found.loc[["percent agreement", "AC1"], "estimate"].tolist() == [1, 1]
    assert found.loc["Krippendorff alpha", "note"] == NO_VARIATION


def test_single_votes_measure_no_agreement(make_audit: Callable[..., Audit]) -> None:
    table = agreement(
        make_audit(("a", "k", "x", "met"), ("b", "k", "y", "met"), ("b", "k", "z", "cant_tell"))
    )
    assert (table["flag"] == "not measured").all()
    assert table["estimate"].isna().all()


def test_pooled_rows_and_intervals(small: Audit) -> None:
    for method in ("analytic", "bootstrap"):
        table = agreement(small, interval="superpopulation", method=method, replicates=40)
        pooled = table[table["criterion_id"].isna()].set_index("indicator")
        # Cells with two votes: a (two met, one not) and b (both partly).
        assert pooled.loc["percent agreement", "estimate"] == pytest.approx((1 / 3 + 1) / 2)
        assert pooled.loc["percent agreement", "base"] == 2
        assert pooled.loc["percent agreement", "ci_low"] < pooled.loc["percent agreement", "ci_high"]


def test_pooling_weighs_observed_and_chance_agreement_by_cells(make_audit: Callable[..., Audit]) -> None:
    rows = [
        (f"p{place}", "k", a, "met" if place or a == "x" else "not_met") for place in range(6) for a in "xy"
    ]
    rows += [
        (f"p{place}", "l", a, "not_met" if place or a == "x" else "met") for place in range(3) for a in "xy"
    ]
    table = agreement(make_audit(*rows)).set_index(["criterion_id", "indicator"])
    one, other = table.loc["k"], table.loc["l"]
    pooled = table[table.index.get_level_values(0).isna()].droplevel(0)
    observed = (
        6 * one.loc["percent agreement", "estimate"] + 3 * other.loc["percent agreement", "estimate"]
    ) / 9
    assert pooled.loc["percent agreement", "estimate"] == pytest.approx(observed)
    for name in ("AC1", "Fleiss kappa", "Cohen kappa", "Conger kappa", "Brennan-Prediger"):
        chance = (6 * one.loc[name, "by_chance"] + 3 * other.loc[name, "by_chance"]) / 9
        assert pooled.loc[name, "estimate"] == pytest.approx((observed - chance) / (1 - chance))


def test_a_portal_copied_is_no_new_evidence_in_pooled_errors(make_audit: Callable[..., Audit]) -> None:
    random = np.random.default_rng(7)
    said = random.choice(["met", "not_met"], size=(30, 2))
    rows = [(f"p{place}", name, a, said[place, voice]) for name in "kl" for place in range(30)
            for voice, a in enumerate("xy")]  # fmt: skip
    table = agreement(make_audit(*rows), interval="superpopulation").set_index("indicator")
    single, pooled = table[table["criterion_id"] == "k"], table[table["criterion_id"].isna()]
    assert pooled["se"].to_numpy() == pytest.approx(single["se"].to_numpy())
    assert (pooled["df"] == 29).all()


def test_analytic_and_bootstrap_errors_tell_the_same(simulated: Audit) -> None:
    graded = simulated.only(round="2024")
    pooled = [
        agreement(graded, weights="linear", interval="superpopulation", method=method, replicates=2000)
        .query("criterion_id.isna()")
        .set_index("indicator")["se"]
        for method in ("analytic", "bootstrap")
    ]
    assert (pooled[1] / pooled[0]).between(0.9, 1.1).all()


def test_groups_of_criteria(simulated: Audit) -> None:
    table = agreement(simulated.only(round="2023"), by="group")
    assert list(table.columns[1:3]) == ["round", "group"]
    groups = table[table["indicator"] == "AC1"]
    assert groups["group"].isna().sum() == 1
    assert groups["n_criteria"].max() == groups.loc[groups["group"].isna(), "n_criteria"].iloc[0]
    with pytest.raises(AuditError, match="column of criteria"):
        agreement(simulated, by="colour")


def test_levels_nobody_used_count_for_chance() -> None:
    ratings = np.array([[1, 1], [1, 2], [2, 2]])
    two, five = (agreement(audit_of(ratings, n)).set_index("indicator")["by_chance"] for n in (2, 5))
    assert two["Brennan-Prediger"].iloc[0] == pytest.approx(1 / 2)
    assert five["Brennan-Prediger"].iloc[0] == pytest.approx(1 / 5)


def test_numbers_are_levels_at_their_own_distance() -> None:
    criteria = pd.DataFrame({"criterion_id": ["k"], "scale": "count"})
    said = {"a": ["0", "10"], "b": ["1", "1"], "c": ["0", "1"]}
    rows = [(p, "k", a, one) for p, both in said.items() for a, one in zip("xy", both, strict=True)]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "assessor_id", "rating"]).assign(
        round="1"
    )
    table = agreement(Audit(rate(judged, criteria), criteria=criteria), weights="linear")
    assert table["n_levels"].iloc[0] == 3
    assert table["estimate"].iloc[0] == pytest.approx((0 + 1 + 0.9) / 3)


def test_pages_become_the_worst_level() -> None:
    criteria = pd.DataFrame({"criterion_id": ["k"], "levels": "a|b|c|d"})
    rows = [
        ("p", "1", "x", "d"),
        ("p", "2", "x", "b"),
        ("p", "1", "y", "b"),
        ("q", None, "x", "c"),
        ("q", None, "y", "d"),
    ]
    judged = pd.DataFrame(rows, columns=["portal_id", "page_id", "assessor_id", "rating"])
    audit = Audit(rate(judged.assign(criterion_id="k", round="1"), criteria), criteria=criteria)
    assert agreement(audit)["estimate"].iloc[0] == 0.5


def note_of(table: pd.DataFrame, indicator: str) -> str:
    return str(table[table["criterion_id"] == "k"].set_index("indicator").loc[indicator, "note"])


def test_what_cannot_be_computed_says_why(make_audit: Callable[..., Audit]) -> None:
    alone = agreement(
        make_audit(("a", "k", "x", "met"), ("b", "k", "x", "not_met")), interval="superpopulation"
    )
    assert alone["estimate"].isna().all()
    assert (alone["note"] == ONE_ASSESSOR).all()
    assert (alone["flag"] == "not measured").all()
    apart = agreement(make_audit(("a", "k", "x", "met"), ("b", "k", "y", "met")))
    assert (apart["note"] == NOT_TWICE).all()
    unseen = agreement(make_audit(("a", "k", "x", "not_tested"), ("a", "k", "y", "cant_tell")))
    assert (unseen["note"] == NOT_RATED).all()
    portal = agreement(
        make_audit(("a", "k", "x", "met"), ("a", "k", "y", "not_met")), interval="superpopulation"
    )
    assert note_of(portal, "percent agreement") == ONE_PORTAL
    assert portal["se"].isna().all()
    same = agreement(
        make_audit(*[(p, "k", a, "met") for p in "abc" for a in "xy"]), interval="superpopulation"
    )
    assert note_of(same, "Cohen kappa") == NO_VARIATION
    assert note_of(same, "AC1") == NO_DISAGREEMENT
    assert same[["ci_low", "ci_high"]].isna().all(axis=None)
    one = agreement(audit_of(np.ones((3, 2), dtype=int), 1))
    assert note_of(one, "AC1") == ONE_LEVEL


def test_bad_questions_name_the_answers(small: Audit) -> None:
    for arguments, words in (
        ({"interval": "wilson"}, "superpopulation"),
        ({"weights": "ratio"}, "identity, linear, quadratic, ordinal, rank"),
        ({"method": "jackknife"}, "analytic, bootstrap"),
        ({"level": 95}, "0.95"),
        ({"interval": "superpopulation", "method": "bootstrap", "replicates": 1}, "at least 2"),
    ):
        with pytest.raises(AuditError, match=words):
            agreement(small, **arguments)
    with pytest.raises(AuditError, match="no judgements"):
        agreement(Audit(small.judgements.iloc[:0]))


def test_a_thousand_draws_over_forty_criteria_take_seconds() -> None:
    random = np.random.default_rng(3)
    places = pd.MultiIndex.from_product([range(63), range(40), range(4)], names=["p", "k", "a"]).to_frame(
        index=False
    )
    judged = pd.DataFrame({
        "portal_id": "p" + places["p"].astype(str), "criterion_id": "k" + places["k"].astype(str),
        "assessor_id": "a" + places["a"].astype(str), "round": "1",
        "outcome": random.choice(["met", "partly", "not_met"], len(places)),
    })  # fmt: skip
    audit, start = Audit(judged), time.perf_counter()
    table = agreement(audit, interval="superpopulation", method="bootstrap", replicates=1000)
    assert time.perf_counter() - start < 10
    assert table["se"].notna().all()


@given(st.integers(2, 4), st.data())
def test_any_pattern_of_gaps_keeps_the_coefficients_in_bounds(n_levels: int, data: st.DataObject) -> None:
    shape = st.lists(st.lists(st.integers(0, n_levels), min_size=3, max_size=3), min_size=2, max_size=8)
    ratings = np.array(data.draw(shape))
    if not (ratings > 0).any():
        return
    table = agreement(audit_of(ratings, n_levels), interval="superpopulation").query("criterion_id == 'k'")
    assert table["estimate"].dropna().le(1 + 1e-12).all()
    assert table.loc[table["indicator"] == "percent agreement", "estimate"].dropna().between(0, 1).all()
    assert ((table["note"] != "") | table["estimate"].notna()).all()
    known = table.dropna(subset=["ci_low"])
    assert (
        (known["ci_low"] <= known["estimate"] + 1e-9) & (known["estimate"] <= known["ci_high"] + 1e-9)
    ).all()


def test_only_split_cells_are_listed_ties_first(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(
        ("a", "k", "x", "met"),
        ("a", "k", "y", "met"),
        ("b", "k", "x", "met"),
        ("b", "k", "y", "not_met"),
        ("c", "k", "x", "met"),
        ("c", "k", "y", "met"),
        ("c", "k", "z", "partly"),
        ("d", "k", "x", "met"),
        ("d", "k", "y", "not_tested"),
    )
    noted = audit.judgements.assign(evidence=[None, None, "shot-1", None, None, None, None, None, None])
    table = disagreements(Audit(noted))
    assert table["portal_id"].tolist() == ["b", "b", "c", "c", "c"]
    assert table["tie"].tolist() == [True, True, False, False, False]
    assert table["verdict"].tolist() == ["not_met", "not_met", "met", "met", "met"]
    assert table["vote"].tolist() == ["met", "not_met", "met", "met", "partly"]
    assert table["evidence"].iloc[0] == "shot-1"
    assert table["dissent"].iloc[0] == 0.5


def test_unanimous_has_nothing_to_settle(make_audit: Callable[..., Audit]) -> None:
    table = disagreements(make_audit(("a", "k", "x", "met"), ("a", "k", "y", "met")))
    assert isinstance(table, pd.DataFrame)
    assert table.empty
