"""The index of each portal with the error of its measurement."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.portal_scores import portal_scores, reliability


@cache
def audit() -> Audit:
    return pa.load_audit("portal-review-simulated").only(round="2024")


def judged(outcomes: dict[str, str], assessors: str = "x") -> Audit:
    rows = [
        {"portal_id": portal, "criterion_id": criterion, "assessor_id": who, "round": "1",
         "outcome": "met" if mark == "1" else "not_met"}
        for portal, marks in outcomes.items()
        for criterion, mark in zip("klmn", marks, strict=False)
        for who in assessors
    ]  # fmt: skip
    portals = pd.DataFrame({"portal_id": list(outcomes), "province_code": ["01", "02"][: len(outcomes)]})
    return Audit(pd.DataFrame(rows), portals=portals)


def test_the_score_is_that_of_the_index_by_province():
    found = portal_scores(audit(), draws=200)
    index = pa.scores(audit())
    index = index[index["group"].isna()].set_index("portal_id")["estimate"]
    np.testing.assert_allclose(found["estimate"], index[found["portal_id"]])
    assert found["province_code"].tolist() == audit().portals["province_code"].tolist()
    assert (found["se"] > 0).all()
    assert found["interval"].eq("assessors, pages").all() or found["interval"].eq("assessors").all()
    assert found["flag"].eq("simulated").all()


def test_without_a_second_rating_no_error_is_known():
    found = portal_scores(judged({"a": "1100", "b": "1111"}))
    assert found["estimate"].tolist() == [0.5, 1.0]
    assert found["se"].isna().all()
    assert found["reliability"].isna().all()


def test_the_same_seed_gives_the_same_errors():
    one, two = (portal_scores(audit(), draws=150, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert not one["se"].equals(portal_scores(audit(), draws=150, seed=5)["se"])


def test_reliability_on_paper():
    assert reliability(np.array([0.0, 2.0]), np.array([1.0, 1.0])) == pytest.approx(0.5)
    assert np.isnan(reliability(np.array([1.0, 1.0]), np.array([0.1, 0.1])))


def test_portals_without_a_province_and_bad_levels_are_told():
    with pytest.raises(AuditError, match="need a column 'province_code'"):
        portal_scores(replace(audit(), portals=audit().portals.drop(columns="province_code")))
    with pytest.raises(AuditError, match="level"):
        portal_scores(audit(), level=95)
