from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit.judgements import OUTCOMES, Audit, AuditError
from portal_analysis.audit.shortcomings import (
    co_occurrence,
    portal_shortcomings,
    sensitivity,
    shortcomings,
    versions,
)
from portal_analysis.shape import domains_of

CODEBOOK = pd.DataFrame(
    {
        "criterion_id": ["k", "l", "l"],
        "scheme": "article",
        "shortcoming": ["S1", "S1", "S2"],
        "share": [1, 0.5, 1],
    }
)


def row(table: pd.DataFrame, **wanted: object) -> pd.Series:
    for name, value in wanted.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_prevalence_by_all_three_rules(small: Audit) -> None:
    table = shortcomings(small)
    assert domains_of(table) == ["round", "shortcoming", "rule"]
    # a fails l (one of two), b fails none; c and d were not audited.
    found = row(table, shortcoming="S1", rule="any")
    assert (found["count"], found["base"], found["undecided"], found["n_portals"]) == (1, 2, 2, 4)
    assert (found["bound_low"], found["bound_high"]) == (1 / 4, 3 / 4)
    assert row(table, shortcoming="S1", rule="share")["count"] == 1
    assert row(table, shortcoming="S2", rule="any")["estimate"] == 0.5


def test_what_no_criterion_measures_is_not_measured_and_never_zero(small: Audit) -> None:
    found = row(shortcomings(small), shortcoming="S3", rule="any")
    assert np.isnan(found["estimate"])
    assert np.isnan(found["count"])
    assert found["flag"] == "not measured; simulated"
    assert (found["n_criteria"], found["n_codebook"]) == (0, 1)


def test_a_listed_shortcoming_outside_the_codebook_is_shown(small: Audit) -> None:
    listed = pd.DataFrame(
        {"scheme": "article", "shortcoming": ["S1", "S2", "S3", "S4"], "label_en": list("abcd")}
    )
    audit = Audit(**{**small.tables(), "shortcomings": listed})
    found = row(shortcomings(audit, rule="any"), shortcoming="S4")
    assert found["flag"] == "not measured"
    assert found["label_en"] == "d"


def test_undecided_unless_the_unknown_cannot_matter(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(
        ("a", "k", "x", "not_met"),
        ("b", "k", "x", "met"),
        ("c", "k", "x", "met"),
        ("c", "l", "x", "met"),
        ("d", "k", "x", "met"),
        ("d", "l", "x", "not_applicable"),
        codebook=CODEBOOK,
    )
    table = portal_shortcomings(audit)
    s1 = table[table["shortcoming"] == "S1"].set_index("portal_id")
    assert s1["any"].tolist() == [True, pd.NA, False, False]
    assert s1["share"].tolist() == [True, pd.NA, False, False]
    ignoring = portal_shortcomings(audit, unaudited="ignore")
    assert ignoring[ignoring["shortcoming"] == "S1"]["any"].tolist() == [True, False, False, False]
    s2 = table[table["shortcoming"] == "S2"].set_index("portal_id")
    assert s2["any"].isna().tolist() == [True, True, False, True]


def test_severity_weighs_criteria_and_codebook(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(
        ("a", "k", "x", "not_met"),
        ("a", "l", "x", "met"),
        criteria=pd.DataFrame({"criterion_id": ["k", "l"], "weight": [1, 6]}),
        codebook=CODEBOOK,
    )
    found = row(portal_shortcomings(audit), shortcoming="S1")
    # k weighs 1 × 1, l weighs 6 × 0.5.
    assert found["defect_severity"] == pytest.approx(1 / 4)
    assert found["defect_share"] == pytest.approx(1 / 2)
    assert (found["any"], found["share"], found["severity"]) == (True, True, False)


def test_partly_counts_as_asked(make_audit: Callable[..., Audit]) -> None:
    audit = make_audit(("a", "k", "x", "partly"), codebook=CODEBOOK)
    assert row(portal_shortcomings(audit), shortcoming="S1")["defect_share"] == 0
    assert row(portal_shortcomings(audit, partly=0.5), shortcoming="S1")["share"]


def test_by_region_and_with_intervals(small: Audit) -> None:
    table = shortcomings(small, by="region", rule="any", interval="incomplete")
    north = row(table, region="north", shortcoming="S1")
    assert (north["count"], north["base"], north["ci_low"], north["ci_high"]) == (1, 2, 0.5, 0.5)
    south = row(table, region="south", shortcoming="S1")
    assert (south["base"], south["ci_low"], south["ci_high"]) == (0, 0, 1)
    wilson = row(shortcomings(small, rule="any", interval="superpopulation"), shortcoming="S1")
    assert 0 < wilson["ci_low"] < 0.5 < wilson["ci_high"] < 1


def test_codebooks_have_versions_and_can_be_replaced(small: Audit) -> None:
    old = CODEBOOK.assign(version="1.9")
    new = pd.DataFrame(
        {"criterion_id": ["k"], "scheme": "article", "shortcoming": ["S1"], "version": ["1.10"]}
    )
    both = pd.concat([old, new])
    audit = Audit(**{**small.tables(), "codebook": both})
    assert versions(audit, "article") == ["1.9", "1.10"]
    assert row(shortcomings(audit, rule="any"), shortcoming="S1")["count"] == 0
    assert row(shortcomings(audit, rule="any", version="1.9"), shortcoming="S1")["count"] == 1
    assert row(shortcomings(small, rule="any", codebook=new), shortcoming="S1")["codebook"] == "1.10"
    with pytest.raises(AuditError, match=r"1\.9"):
        shortcomings(audit, version="2")


def test_a_codebook_that_names_no_criterion_is_refused(small: Audit) -> None:
    with pytest.raises(AuditError, match="'zzz'"):
        shortcomings(small, codebook=CODEBOOK.assign(criterion_id="zzz"))


def test_sensitivity_leaves_one_criterion_out(small: Audit) -> None:
    table = sensitivity(small)
    without_l = row(table, shortcoming="S1", left_out="l")
    assert (without_l["estimate"], without_l["change"]) == (0, -0.5)
    alone = row(table, shortcoming="S2", left_out="l")
    assert alone["flag"] == "not measured; simulated"
    assert np.isnan(alone["estimate"])
    assert not ((table["shortcoming"] == "S2") & (table["left_out"] == "k")).any()


def test_co_occurrence_counts_and_tests(make_audit: Callable[..., Audit]) -> None:
    # S1 and S2 together on four portals, each alone on one, neither on four.
    first = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    second = [1, 1, 1, 1, 0, 1, 0, 0, 0, 0]
    rows = [
        (f"p{place}", criterion, "x", "not_met" if fails else "met")
        for criterion, column in (("k", first), ("l", second))
        for place, fails in enumerate(column)
    ]
    codebook = pd.DataFrame({"criterion_id": ["k", "l"], "scheme": "article", "shortcoming": ["S1", "S2"]})
    table = co_occurrence(make_audit(*rows, codebook=codebook))
    assert len(table) == 4
    found = row(table, shortcoming="S1", with_shortcoming="S2")
    assert (found["count"], found["first_only"], found["second_only"], found["neither"]) == (4, 1, 1, 4)
    assert found["jaccard"] == pytest.approx(4 / 6)
    # Hypergeometric by hand: 2 × (C(5,4) C(5,1) + 1) / C(10,5)
    assert found["p_value"] == pytest.approx(2 * 26 / 252)
    assert found["p_holm"] == pytest.approx(2 * 26 / 252)
    itself = row(table, shortcoming="S1", with_shortcoming="S1")
    assert itself["jaccard"] == 1
    assert np.isnan(itself["p_value"])


def test_holm_never_lowers_a_p_value_and_keeps_their_order() -> None:
    from portal_analysis.audit.co_occurrence import _holm

    pairs = pd.DataFrame(
        {
            "shortcoming": ["S1", "S1", "S2"],
            "with_shortcoming": ["S2", "S3", "S3"],
            "p_value": [0.01, 0.04, 0.03],
        }
    )
    assert _holm(pairs).tolist() == pytest.approx([0.03, 0.06, 0.06])


def test_faults_come_together(small: Audit) -> None:
    with pytest.raises(AuditError, match=r"rule.*threshold.*partly"):
        shortcomings(small, rule="most", threshold=0, partly=2)
    with pytest.raises(AuditError, match="article"):
        shortcomings(small, scheme="mine")


CELLS = [(portal, criterion) for portal in "abcd" for criterion in "kl"]


@given(
    st.dictionaries(st.sampled_from(CELLS), st.sampled_from(OUTCOMES)),
    st.sampled_from(["any", "share", "severity"]),
)
def test_filling_the_gaps_never_overturns_a_decision(outcomes: dict[tuple[str, str], str], rule: str) -> None:
    """What is decided with gaps stays so whatever the gaps turn out to be."""
    gaps = ("not_tested", "error", "cant_tell")
    decided = _decisions(outcomes, rule)
    for filling in ("met", "not_met"):
        whole = dict.fromkeys(CELLS, filling) | {c: o for c, o in outcomes.items() if o not in gaps}
        filled = _decisions(whole, rule)
        measured = {c for (_, c), o in outcomes.items() if o in ("met", "partly", "not_met")}
        if measured == set("kl"):
            for key, answer in decided.items():
                assert pd.isna(answer) or bool(answer) == bool(filled[key])


def _decisions(outcomes: dict[tuple[str, str], str], rule: str) -> dict[tuple[str, str], object]:
    rows = [(portal, criterion, "x", "2024", outcome) for (portal, criterion), outcome in outcomes.items()]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "assessor_id", "round", "outcome"])
    criteria = pd.DataFrame({"criterion_id": ["k", "l"], "round": "2024"})
    portals = pd.DataFrame({"portal_id": list("abcd")})
    table = portal_shortcomings(Audit(judged, criteria=criteria, portals=portals, codebook=CODEBOOK))
    return dict(zip(zip(table["portal_id"], table["shortcoming"], strict=True), table[rule], strict=True))


def test_what_could_be_told_nowhere_leaves_portals_undecided_and_has_no_count(make_audit):
    codes = pd.DataFrame(
        {"criterion_id": ["k", "l", "m"], "scheme": "article", "shortcoming": ["S1", "S1", "S2"]}
    )
    audit = make_audit(
        ("a", "k", "x", "met"),
        ("b", "k", "x", "met"),
        ("a", "l", "x", "cant_tell"),
        ("b", "l", "x", "cant_tell"),
        ("a", "m", "x", "not_tested"),
        codebook=codes,
    )
    table = shortcomings(audit, rule="any").set_index("shortcoming")
    assert table.loc["S1", ["base", "undecided", "n_criteria"]].tolist() == [0, 2, 2]
    assert table.loc["S1", ["bound_low", "bound_high"]].tolist() == [0, 1]
    assert table.loc["S2", ["base", "undecided", "n_criteria"]].tolist() == [0, 0, 0]
    assert table["count"].isna().all()
    assert (table["flag"] == "not measured").all()
    square = co_occurrence(audit)
    assert square[["count", "first_only", "second_only", "neither"]].isna().all(axis=None)
    assert (square["flag"] == "not measured").all()
