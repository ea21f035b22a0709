from __future__ import annotations

import pandas as pd
import pytest

from portal_analysis.audit.coverage import coverage
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.shape import domains_of


def test_reached_out_of_expected(small: Audit) -> None:
    found = coverage(small).iloc[0]
    # Three criteria on four portals; k on a and b, l on a and b were audited.
    assert (found["count"], found["base"], found["estimate"]) == (4, 12, 4 / 12)
    assert (found["audited"], found["not_tested"], found["no_record"]) == (4, 1, 4)
    assert found["flag"] == "simulated"


def test_a_portal_whose_every_visit_failed_is_an_error_not_a_gap(small: Audit) -> None:
    by_portal = coverage(small, by="portal_id").set_index("portal_id")
    assert by_portal.loc["d", "error"] == 3
    assert by_portal.loc["c", "error"] == 0


def test_assessors_are_expected_to_judge_what_they_judged_somewhere(small: Audit) -> None:
    by_kind = coverage(small, by=["kind"]).set_index("kind")
    assert by_kind.loc["tool", "base"] == 4
    assert by_kind.loc["expert", "base"] == 8


def test_reasons_have_a_row_each_and_add_up(small: Audit) -> None:
    table = coverage(small, by=["round", "reason"])
    assert domains_of(table) == ["round", "reason"]
    assert table["count"].sum() == table["base"].iloc[0] == 12
    assert table["estimate"].sum() == pytest.approx(1)


def test_the_ledger_of_visits(small: Audit) -> None:
    table = coverage(small, by="reason", of="runs").set_index("reason")
    assert table.loc["unreachable", "count"] == 1
    assert table.loc["ok", "estimate"] == 0


def test_total_and_region(small: Audit) -> None:
    assert coverage(small, by=()).iloc[0]["base"] == 12
    assert coverage(small, by="region").set_index("region").loc["south", "count"] == 0


def test_faults_are_named(small: Audit) -> None:
    with pytest.raises(AuditError, match="planet"):
        coverage(small, by="planet")
    with pytest.raises(AuditError, match="'judgements' or 'runs'"):
        coverage(small, of="everything")


def test_visits_by_a_column_of_the_portals(small: Audit) -> None:
    runs = pd.DataFrame({"portal_id": ["a", "d", "c"], "status": ["ok", "unreachable", "ok"]})
    audit = Audit(small.judgements, portals=small.portals, runs=runs)
    table = coverage(audit, by="region", of="runs").set_index("region")
    assert table.loc["north", ["count", "base"]].tolist() == [1, 1]
    assert table.loc["south", ["count", "base", "unreachable"]].tolist() == [1, 2, 1]
    with pytest.raises(AuditError, match=r"no column \['planet'\] in runs or portals"):
        coverage(audit, by="planet", of="runs")
