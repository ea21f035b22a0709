from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit.judgements import AUDITED, OUTCOMES, Audit, AuditError
from portal_analysis.audit.shares import shares
from portal_analysis.shape import VALUE_COLUMNS, domains_of

PORTALS, CRITERIA, ASSESSORS = "abcde", "kl", "xyz"
CELLS = [(p, c, a) for p in PORTALS for c in CRITERIA for a in ASSESSORS]
COUNTS = ["indicator", "outcome", "count", "base", "estimate"]


def row(table: pd.DataFrame, **wanted: object) -> pd.Series:
    for name, value in wanted.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_counts_come_out_of_the_audited(small: Audit) -> None:
    table = shares(small)
    assert domains_of(table) == ["round", "outcome"]
    assert list(table.columns[3 : 3 + len(VALUE_COLUMNS)]) == list(VALUE_COLUMNS)
    met = row(table, indicator="k", outcome="met")
    assert (met["count"], met["base"], met["n_portals"], met["estimate"]) == (1, 2, 4, 0.5)
    assert (met["not_tested"], met["no_record"], met["partly"]) == (1, 1, 1)
    assert np.isnan(met["ci_low"])
    assert met["flag"] == "simulated"
    assert met["source"] == "small"


def test_nobody_audited_is_not_measured_and_not_zero(small: Audit) -> None:
    unmeasured = row(shares(small, at_least="good"), indicator="m")
    assert np.isnan(unmeasured["estimate"])
    assert unmeasured["flag"] == "not measured; simulated"
    assert unmeasured["base"] == 0


def test_at_least_a_level(small: Audit) -> None:
    assert row(shares(small, at_least="good"), indicator="k")["count"] == 1
    assert row(shares(small, at_least="green"), indicator="k")["count"] == 1
    assert row(shares(small, at_least="yellow"), indicator="k")["count"] == 2
    assert row(shares(small, at_least="partly"), indicator="k")["count"] == 2
    with pytest.raises(AuditError, match=r"'purple'.*green"):
        shares(small, at_least="purple")


def test_a_level_inside_an_outcome_is_read_from_the_ratings(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(("a", "k", "x", "partly"), ("b", "k", "x", "partly"), ("c", "k", "x", "not_met"))
    rated = audit.judgements.assign(rating=["fair", "weak", "bad"])
    graded = Audit(rated, criteria=pd.DataFrame({"criterion_id": ["k"], "levels": ["bad|weak|fair|good"]}))
    found = row(shares(graded, at_least="fair"), indicator="k")
    assert (found["count"], found["base"]) == (1, 3)


def test_by_portals_and_by_assessors(small: Audit) -> None:
    by_region = shares(small, at_least="good", by="region")
    assert row(by_region, indicator="k", region="north")["base"] == 2
    assert row(by_region, indicator="k", region="south")["base"] == 0
    by_kind = shares(small, at_least="good", by="kind")
    assert domains_of(by_kind) == ["round", "kind"]
    assert row(by_kind, indicator="k", kind="tool")["met"] == 0
    assert row(by_kind, indicator="k", kind="expert")["met"] == 1
    assert "l" not in set(by_kind.loc[by_kind["kind"] == "tool", "indicator"])
    with pytest.raises(AuditError, match="planet"):
        shares(small, by="planet")


def test_wilson_is_only_given_when_asked_for(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(
        *[(f"p{place:02d}", "k", "x", "met" if place < 30 else "not_met") for place in range(63)]
    )
    assert shares(audit, at_least="good")["ci_low"].isna().all()
    found = shares(audit, at_least="good", interval="superpopulation").iloc[0]
    # statsmodels.stats.proportion.proportion_confint(30, 63, method="wilson")
    assert found["ci_low"] == pytest.approx(0.35782124053827, rel=1e-12)
    assert found["ci_high"] == pytest.approx(0.5972964356326276, rel=1e-12)
    assert found["interval"] == "superpopulation"


def test_incomplete_gives_worst_and_best_case(small: Audit) -> None:
    found = row(shares(small, at_least="good", interval="incomplete"), indicator="k")
    assert (found["ci_low"], found["ci_high"]) == (1 / 4, 3 / 4)


def test_not_applicable_is_not_unknown(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(("a", "k", "x", "met"), ("b", "k", "x", "not_applicable"), ("c", "k", "x", "error"))
    found = shares(audit, at_least="good", interval="incomplete").iloc[0]
    assert (found["base"], found["ci_low"], found["ci_high"]) == (1, 0.5, 1.0)


def test_bootstrap_over_assessors_is_seeded_and_knows_unanimity(make_audit: Callable[..., Audit]) -> None:
    agreed = make_audit(*[(p, "k", a, "met" if p < "c" else "not_met") for p in PORTALS for a in ASSESSORS])
    found = shares(agreed, at_least="good", interval="assessors", replicates=50).iloc[0]
    assert (found["ci_low"], found["ci_high"]) == (0.4, 0.4)
    assert found["se"] == pytest.approx(0, abs=1e-12)
    split = make_audit(*[(p, "k", a, "met" if a == "x" else "not_met") for p in PORTALS for a in ASSESSORS])
    first = shares(split, at_least="good", interval="assessors", replicates=400)
    again = shares(split, at_least="good", interval="assessors", replicates=400)
    pd.testing.assert_frame_equal(first, again)
    # x outvotes the others when drawn at least twice of three: 7/27.
    assert first["se"].iloc[0] == pytest.approx(np.sqrt(7 / 27 * 20 / 27), abs=0.03)


def test_one_assessor_has_no_assessor_interval(make_audit: Callable[..., Audit]) -> None:
    found = shares(make_audit(("a", "k", "x", "met")), at_least="good", interval="assessors").iloc[0]
    assert np.isnan(found["ci_low"])
    assert found["estimate"] == 1


def test_pages_are_strata_within_portals() -> None:
    outcomes = {"a": ["met", "met", "not_met", "not_met"], "b": ["met", "met", "met", "not_met"]}
    rows = [(p, f"{p}{place}", word) for p, words in outcomes.items() for place, word in enumerate(words)]
    judged = pd.DataFrame(rows, columns=["portal_id", "page_id", "outcome"])
    audit = Audit(judged.assign(criterion_id="k", assessor_id="x", round="2024"))
    found = shares(audit, at_least="good", roll_up="share-of-pages", interval="pages").iloc[0]
    assert found["estimate"] == pytest.approx((0.5 + 0.75) / 2)
    assert found["se"] == pytest.approx(np.sqrt(0.25 / 3 + 0.1875 / 3) / 2)
    assert found["df"] == 6
    assert np.isnan(found["count"])
    with pytest.raises(AuditError, match="needs at_least='good'"):
        shares(audit, interval="pages")


def test_an_interval_must_name_its_error(small: Audit) -> None:
    with pytest.raises(AuditError, match="assessors, pages, incomplete, superpopulation"):
        shares(small, interval="wilson")


def test_the_audit_is_not_changed(small: Audit) -> None:
    before = {name: frame.copy() for name, frame in small.tables().items()}
    shares(small, interval="assessors", replicates=10)
    for name, frame in small.tables().items():
        pd.testing.assert_frame_equal(frame, before[name])


# ------------------------------------------------------------------------------------ properties


def build(outcomes: dict[tuple[str, str, str], str]) -> Audit:
    rows = [(*key, outcome, "2024") for key, outcome in outcomes.items()]
    columns = ["portal_id", "criterion_id", "assessor_id", "outcome", "round"]
    return Audit(
        pd.DataFrame(rows, columns=columns),
        criteria=pd.DataFrame({"criterion_id": list(CRITERIA), "round": "2024"}),
        portals=pd.DataFrame({"portal_id": list(PORTALS)}),
        assessors=pd.DataFrame({"assessor_id": list(ASSESSORS), "kind": "expert"}),
    )


judged_cells = st.dictionaries(st.sampled_from(CELLS), st.sampled_from(OUTCOMES))


@given(judged_cells, st.sampled_from(["majority", "unanimous", "any-fails"]))
def test_not_audited_is_never_failed_and_never_passed(
    outcomes: dict[tuple[str, str, str], str], consensus: str
) -> None:
    table = shares(build(outcomes), consensus=consensus).drop_duplicates("indicator")
    for criterion in CRITERIA:
        looked = {p for (p, c, _), outcome in outcomes.items() if c == criterion and outcome in AUDITED}
        failed = {p for (p, c, _), outcome in outcomes.items() if c == criterion and outcome == "not_met"}
        passed = {p for (p, c, _), outcome in outcomes.items() if c == criterion and outcome == "met"}
        found = row(table, indicator=criterion)
        assert found["base"] <= len(looked)
        assert found["not_met"] <= len(failed)
        assert found["met"] <= len(passed)
        beside = found[["not_applicable", "cant_tell", "not_tested", "error", "no_record"]].sum()
        assert found["base"] + beside == found["n_portals"] == len(PORTALS)


@given(judged_cells)
def test_not_tested_rows_change_no_share(outcomes: dict[tuple[str, str, str], str]) -> None:
    filled = dict.fromkeys(CELLS, "not_tested") | outcomes
    pd.testing.assert_frame_equal(shares(build(outcomes))[COUNTS], shares(build(filled))[COUNTS])


@given(judged_cells, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(outcomes: dict[tuple[str, str, str], str], random: object) -> None:
    items = list(outcomes.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(shares(build(outcomes)), shares(build(dict(items))))


def test_each_portal_can_be_a_domain(small):
    table = shares(small, at_least="good", by="portal_id")
    found = table[table["indicator"] == "l"].set_index("portal_id")["count"]
    assert found.to_dict() == {"a": 0, "b": 1, "c": 0, "d": 0}


# ------------------------------------------------------------------------------------ what is asked for


def test_without_a_table_of_assessors_their_names_still_split(make_audit: Callable[..., Audit]) -> None:
    bare = make_audit(("a", "k", "x", "met"), ("a", "k", "y", "not_met"), ("b", "k", "x", "met"))
    table = shares(bare, at_least="good", by="assessor_id").set_index("assessor_id")
    assert table[["count", "base"]].to_numpy().tolist() == [[2, 2], [0, 1]]
    with pytest.raises(AuditError, match=r"no table of assessors with the columns \['kind'\]"):
        shares(bare, by="kind")
    with pytest.raises(AuditError, match=r"portals have no columns \['url'\]; they have \['portal_id'\]"):
        shares(bare, by="url")


def test_by_a_column_of_the_criteria(small: Audit) -> None:
    by_group = shares(small, at_least="good", by="group")
    assert domains_of(by_group) == ["round", "group"]
    assert by_group["group"].tolist() == ["g", "g", "g"]
    assert by_group["count"].tolist() == shares(small, at_least="good")["count"].tolist()


def test_a_mean_share_of_pages_has_one_level_and_one_interval(small: Audit) -> None:
    with pytest.raises(AuditError, match="at_least is 'good', not 'yellow'"):
        shares(small, at_least="yellow", roll_up="share-of-pages")
    with pytest.raises(AuditError, match="a mean share of pages has no interval 'incomplete'"):
        shares(small, at_least="good", roll_up="share-of-pages", interval="incomplete")


def test_the_model_of_errors_splits_by_portals_and_criteria(make_audit: Callable[..., Audit]) -> None:
    """Where all agree the model says what they say, with hardly an error."""
    rows = [(p, "k", a, "met" if p in "abc" else "not_met") for p in "abcdef" for a in ASSESSORS]
    audit = make_audit(
        *rows,
        portals=pd.DataFrame({"portal_id": list("abcdef"), "region": ["n", "n", "s", "s", "s", "s"]}),
        criteria=pd.DataFrame({"criterion_id": ["k"], "group": ["g"]}),
    )
    plain = shares(audit, at_least="good", by="region", consensus="dawid-skene")
    assert plain[["region", "count", "base"]].to_numpy().tolist() == [["n", 2, 2], ["s", 1, 4]]
    assert plain["ci_low"].isna().all()
    assert plain["consensus"].tolist() == ["dawid-skene"] * 2
    found = shares(
        audit, at_least="good", by=["region", "group"], consensus="dawid-skene", interval="assessors"
    )
    assert found[["group", "count", "ci_low", "ci_high"]].to_numpy().tolist() == [
        ["g", 2, 1, 1],
        ["g", 1, 0.25, 0.25],
    ]


def test_what_the_model_of_errors_cannot_say(small: Audit) -> None:
    for more in ({"by": "kind"}, {"roll_up": "share-of-pages"}):
        with pytest.raises(AuditError, match="takes all assessors together, and one level a portal"):
            shares(small, at_least="good", consensus="dawid-skene", **more)
    with pytest.raises(AuditError, match="the interval 'assessors' is for at_least='good'"):
        shares(small, at_least="yellow", consensus="dawid-skene", interval="assessors")
