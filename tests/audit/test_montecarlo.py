from __future__ import annotations

import resource
import time

import numpy as np
import pandas as pd
import pytest

from portal_analysis import shape as est
from portal_analysis.audit.drivers import rank_drivers
from portal_analysis.audit.index import scores
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.montecarlo import above, ranks


def made_up(
    portals: int, criteria: int, assessors: int, error: float = 0.1, seed: int = 1, groups: int = 4
) -> Audit:
    """Portals from bad to good; assessors who err."""
    random = np.random.default_rng(seed)
    truth = random.random((portals, criteria)) < np.linspace(0.1, 0.9, portals)[:, None]
    said = truth[..., None] ^ (random.random((portals, criteria, assessors)) < error)
    p, c, a = np.indices(said.shape).reshape(3, -1)
    judged = pd.DataFrame({"portal_id": [f"p{one:02d}" for one in p], "criterion_id": [f"c{one:02d}" for one in c],
                           "assessor_id": [f"a{one}" for one in a], "round": "1",
                           "outcome": np.where(said.ravel(), "met", "not_met")})  # fmt: skip
    names = [f"c{one:02d}" for one in range(criteria)]
    table = pd.DataFrame({"criterion_id": names, "group": [f"g{one % groups}" for one in range(criteria)],
                          "levels": "no|yes"})  # fmt: skip
    return Audit(judged, criteria=table)


@pytest.fixture(scope="module")
def audit() -> Audit:
    return made_up(12, 16, 3)


def test_ranks_have_intervals_and_are_seeded(audit: Audit) -> None:
    table = ranks(audit, draws=500, top=3)
    assert est.domains_of(table) == ["round", "portal_id"]
    assert table["estimate"].is_monotonic_increasing
    assert (table["ci_low"] <= table["median"]).all()
    assert (table["median"] <= table["ci_high"]).all()
    assert (table["ci_high"] > table["ci_low"]).any()
    assert table["drawn"].iloc[0] == "weights, aggregation, missing, assessors"
    assert table["p_top"].sum() == pytest.approx(3, abs=0.4)
    pd.testing.assert_frame_equal(table, ranks(audit, draws=500, top=3))
    assert not table["mean"].equals(ranks(audit, draws=500, top=3, seed=5)["mean"])
    nominal = scores(audit).query("group.isna()").set_index("portal_id")["rank"]
    assert table.set_index("portal_id")["estimate"].to_dict() == nominal.to_dict()


def test_without_doubt_ranks_stand_still() -> None:
    agreed = made_up(6, 8, 3, error=0.0, seed=3)
    table = ranks(agreed, sources=["missing"], draws=200)
    assert (table["ci_low"] == table["estimate"]).all()
    assert (table["ci_high"] == table["estimate"]).all()


def test_chances_to_stand_above_add_up(audit: Audit) -> None:
    table = above(audit, draws=400).set_index(["portal_id", "other"])["estimate"]
    assert len(table) == 12 * 11
    for (one, other), chance in table.items():
        assert chance + table[(other, one)] == pytest.approx(1)
    assert table[("p11", "p00")] > 0.99


def test_portals_that_cannot_be_told_apart_share_a_band(audit: Audit) -> None:
    table = ranks(audit, draws=800)
    chance = above(audit, draws=800).set_index(["portal_id", "other"])["estimate"]
    assert table["band"].is_monotonic_increasing
    assert 1 < table["band"].nunique() < 12
    for _, band in table.groupby("band"):
        first, *others = band["portal_id"]
        assert all(chance[(first, other)] < 0.95 for other in others)
    twins = made_up(2, 4, 1)
    same = Audit(twins.judgements.assign(outcome="met"), criteria=twins.criteria)
    tied = ranks(same, sources=["weights"], draws=200)
    assert tied["tied"].tolist() == [2, 2]
    assert tied["band"].tolist() == [1, 1]
    assert tied["estimate"].tolist() == [1, 1]


def test_what_moves_ranks(audit: Audit) -> None:
    table = rank_drivers(audit, draws=256, sources=["weights", "assessors"], concentration=2000.0)
    total = table[table["indicator"] == "total"].set_index("driver")["estimate"]
    first = table[table["indicator"] == "first order"].set_index("driver")["estimate"]
    assert total["assessors"] > total["weights"]
    assert first.sum() == pytest.approx(1, abs=0.4)
    loose = rank_drivers(audit, draws=256, sources=["weights", "assessors"], concentration=2.0)
    total = loose[loose["indicator"] == "total"].set_index("driver")["estimate"]
    assert total["weights"] > total["assessors"]
    assert (table["se"] > 0).all()
    alone = rank_drivers(audit, draws=256, sources=["assessors"])
    assert alone["estimate"].to_list() == pytest.approx([1, 1], abs=0.25)


def test_pages_are_a_source() -> None:
    rows = [(p, f"c{c}", f"{p}{page}", "not_met" if (c + page + k) % 5 == 0 or c < k else "met")
            for k, p in enumerate("abc") for c in range(8) for page in range(4)]  # fmt: skip
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "page_id", "outcome"])
    audit = Audit(judged.assign(assessor_id="x", round="1"))
    table = ranks(audit, draws=200)
    assert table["drawn"].iloc[0] == "weights, aggregation, missing, pages"
    still = ranks(audit, draws=200, sources=["pages"], of=4)
    assert (still["ci_low"] == still["ci_high"]).all()


def test_bad_questions(audit: Audit) -> None:
    for arguments, words in (
        ({"sources": ["luck"]}, "weights, aggregation, missing, assessors, pages"),
        ({"sources": []}, "sources are"),
        ({"sources": ["pages"]}, "names a page"),
        ({"aggregations": ["harmonic"]}, "arithmetic, geometric, copeland"),
        ({"draws": 5}, "at least 100"),
        ({"concentration": 0}, "above 0"),
        ({"level": 90}, "probability"),
        ({"normalise": "zscore"}, "no geometric mean"),
        ({"weights": {"g0": 1.0}}, "weights name the groups"),
    ):
        with pytest.raises(AuditError, match=words):
            ranks(audit, **arguments)
    with pytest.raises(AuditError, match="one portal only"):
        ranks(made_up(1, 4, 2))
    with pytest.raises(AuditError, match="rated twice"):
        ranks(made_up(3, 4, 1), sources=["assessors"])


def test_ten_thousand_draws_take_seconds() -> None:
    whole = made_up(63, 40, 4)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    table = ranks(whole)
    assert time.perf_counter() - start < 20  # under 10 s on a machine with nothing else to do
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kilobytes
    assert len(table) == 63
