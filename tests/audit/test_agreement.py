from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from portal_analysis.audit.agreement import NO_VARIATION, agreement, coefficients, disagreements
from portal_analysis.audit.judgements import Audit, AuditError

# Four observers, twelve units, five values, with gaps: K. Krippendorff, Computing Krippendorff's
# Alpha-Reliability (2011), section E; the same data are cac.raw4raters in R's irrCAC.
OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]


def published_counts() -> np.ndarray:
    marks = np.array([row.split() for row in OBSERVERS])
    return np.stack([(marks == str(value)).sum(axis=0) for value in range(1, 6)], axis=1)


def test_the_published_example() -> None:
    observed, ac1, kappa, alpha = coefficients(published_counts())
    # irrCAC: pa.coeff.raw, gwet.ac1.raw, fleiss.kappa.raw, krippen.alpha.raw
    assert observed == pytest.approx(0.8181818, abs=5e-8)
    assert ac1 == pytest.approx(0.77544, abs=5e-6)
    assert kappa == pytest.approx(0.76117, abs=5e-6)
    assert alpha == pytest.approx(0.743, abs=5e-4)
    assert coefficients(published_counts(), "ordinal")[3] == pytest.approx(0.815, abs=5e-4)


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
    table = agreement(small, interval="superpopulation", replicates=40)
    pooled = table[table["criterion_id"].isna()].set_index("indicator")
    # Cells with two votes: a (two met, one not) and b (both partly).
    assert pooled.loc["percent agreement", "estimate"] == pytest.approx((1 / 3 + 1) / 2)
    assert pooled.loc["percent agreement", "base"] == 2
    assert pooled.loc["percent agreement", "ci_low"] < pooled.loc["percent agreement", "ci_high"]
    with pytest.raises(AuditError, match="superpopulation"):
        agreement(small, interval="wilson")
    with pytest.raises(AuditError, match="ordinal, nominal"):
        agreement(small, metric="ratio")


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
