from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from portal_analysis.audit.agreement import disagreements
from portal_analysis.audit.consensus import VERDICTS, decide, verdicts
from portal_analysis.audit.coverage import coverage
from portal_analysis.audit.drivers import rank_drivers
from portal_analysis.audit.index import what_if
from portal_analysis.audit.judgements import OUTCOMES, Audit, AuditError
from portal_analysis.audit.raters import assessor_bias
from portal_analysis.audit.schema import TABLES
from portal_analysis.audit.settle import settled
from portal_analysis.audit.shares import shares
from portal_analysis.audit.tools import corrected_prevalence, tool_accuracy


def tally(**votes: int) -> np.ndarray:
    return np.array([votes.get(name, 0) for name in OUTCOMES])


@pytest.mark.parametrize(
    ("votes", "majority", "unanimous", "any_fails", "tie"),
    [
        ({"met": 2, "not_met": 1}, "met", "cant_tell", "not_met", False),
        ({"met": 1, "not_met": 1}, "not_met", "cant_tell", "not_met", True),
        ({"met": 1, "partly": 1}, "partly", "cant_tell", "partly", True),
        ({"met": 3}, "met", "met", "met", False),
        ({"met": 1, "not_applicable": 2}, "not_applicable", "cant_tell", "met", False),
        ({"met": 1, "not_applicable": 1}, "met", "cant_tell", "met", True),
        ({"met": 1, "cant_tell": 5, "not_tested": 5}, "met", "met", "met", False),
        ({"cant_tell": 1, "error": 2, "not_tested": 3}, "cant_tell", "cant_tell", "cant_tell", False),
        ({"error": 1, "not_tested": 3}, "error", "error", "error", False),
        ({}, "no_record", "no_record", "no_record", False),
    ],
)
def test_rules(votes: dict[str, int], majority: str, unanimous: str, any_fails: str, tie: bool) -> None:
    counted = tally(**votes)
    verdict, tied = decide(counted, "majority")
    assert (VERDICTS[int(verdict)], bool(tied)) == (majority, tie)
    assert VERDICTS[int(decide(counted, "unanimous")[0])] == unanimous
    assert VERDICTS[int(decide(counted, "any-fails")[0])] == any_fails


@pytest.mark.parametrize(
    ("votes", "middle", "tie"),
    [
        ({"met": 2, "not_met": 1}, "met", False),
        ({"met": 2, "partly": 1, "not_met": 2}, "partly", False),
        ({"met": 2, "not_met": 2}, "not_met", True),
        ({"met": 1, "partly": 1}, "partly", True),
        ({"not_met": 1, "not_applicable": 2}, "not_applicable", False),
        ({"cant_tell": 1}, "cant_tell", False),
    ],
)
def test_the_middle_vote(votes: dict[str, int], middle: str, tie: bool) -> None:
    verdict, tied = decide(tally(**votes), "median")
    assert (VERDICTS[int(verdict)], bool(tied)) == (middle, tie)


def pages_audit(outcomes: list[str]) -> Audit:
    rows = pd.DataFrame({"page_id": [f"p{place}" for place in range(len(outcomes))], "outcome": outcomes})
    judged = rows.assign(portal_id="a", criterion_id="k", assessor_id="x", round="2024")
    pages = rows[["page_id"]].assign(portal_id="a", role=["home", *["other"] * (len(outcomes) - 1)])
    return Audit(judged, pages=pages)


@pytest.mark.parametrize(
    ("outcomes", "any_page", "worst", "share", "home"),
    [
        (["met", "not_met", "met"], "not_met", "not_met", "partly", "met"),
        (["met", "cant_tell"], "cant_tell", "met", "met", "met"),
        (["met", "not_tested"], "met", "met", "met", "met"),
        (["not_met", "not_met"], "not_met", "not_met", "not_met", "not_met"),
        (["not_applicable", "met"], "met", "met", "met", "not_applicable"),
        (["error", "not_tested"], "error", "error", "error", "error"),
    ],
)
def test_roll_ups(outcomes: list[str], any_page: str, worst: str, share: str, home: str) -> None:
    audit = pages_audit(outcomes)
    expected = {"any-page-fails": any_page, "worst": worst, "share-of-pages": share, "home-only": home}
    found = {name: verdicts(audit, roll_up=name)["verdict"].iloc[0] for name in expected}
    assert found == expected


def test_home_only_needs_a_home_page() -> None:
    audit = pages_audit(["met", "met"])
    nowhere = Audit(audit.judgements, pages=audit.pages.assign(role="other"))
    with pytest.raises(AuditError, match="home"):
        verdicts(nowhere, roll_up="home-only")


def test_every_expected_cell_has_a_row(small: Audit) -> None:
    table = verdicts(small)
    assert len(table) == 3 * 4
    assert (table.loc[table["criterion_id"] == "m", "verdict"] == "no_record").all()


def test_an_unknown_rule_names_the_known(make_audit: Callable[..., Audit]) -> None:
    with pytest.raises(AuditError, match="majority, median, unanimous, any-fails"):
        verdicts(make_audit(("a", "k", "x", "met")), consensus="loudest")


def whole_and_pages(*rows: tuple[str | None, str]) -> Audit:
    """One portal, criterion and assessor: (page or None for the portal as a whole, outcome)."""
    table = pd.DataFrame(list(rows), columns=["page_id", "outcome"])
    return Audit(table.assign(portal_id="a", criterion_id="k", assessor_id="x", round="1"))


@pytest.mark.parametrize(
    ("rows", "share", "verdict"),
    [
        ([(None, "not_met"), ("p", "met"), ("q", "met")], 1.0, "not_met"),
        ([(None, "met"), ("p", "met"), ("q", "not_met")], 0.5, "not_met"),
        ([(None, "not_tested"), ("p", "met")], 1.0, "met"),
        ([(None, "not_met"), ("p", "not_tested")], 0.0, "not_met"),
    ],
)
def test_a_judgement_of_the_whole_is_no_further_page(rows, share, verdict):
    audit = whole_and_pages(*rows)
    mean = shares(audit, at_least="good", roll_up="share-of-pages").iloc[0]
    assert (mean["estimate"], mean["base"]) == (share, 1)
    for roll_up in ("any-page-fails", "worst"):
        table = verdicts(audit, roll_up=roll_up)
        assert table["verdict"].tolist() == [verdict]
        assert shares(audit, at_least="good", roll_up=roll_up)["base"].tolist() == [1]


def test_what_only_the_whole_left_untested_is_neither_failed_nor_passed():
    found = shares(whole_and_pages((None, "not_tested"), ("p", "error")), at_least="good").iloc[0]
    assert (found["base"], found["met"], found["not_met"]) == (0, 0, 0)
    assert "not measured" in found["flag"]


@pytest.mark.parametrize(
    "ask", [verdicts, disagreements, shares, coverage, tool_accuracy, corrected_prevalence]
)
def test_an_audit_without_judgements_says_so(ask: Callable[[Audit], object]) -> None:
    criteria = pd.DataFrame({"criterion_id": ["k"], "wcag_sc": ["1.1.1"]})
    empty = Audit(TABLES["judgements"].empty(), criteria=criteria, portals=pd.DataFrame({"portal_id": ["a"]}))
    with pytest.raises(AuditError, match=r"no judgements|no tool"):
        ask(empty)


def test_what_nobody_could_rate_gives_no_number_and_no_crash() -> None:
    rows = [(portal, criterion, who) for portal in "abc" for criterion in "kl" for who in "xyz"]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "assessor_id"])
    audit = Audit(judged.assign(round="1", outcome="not_applicable"))
    assert (settled(audit).judgements["outcome"] == "not_applicable").all()
    assert rank_drivers(audit, draws=64)["estimate"].isna().all()
    with pytest.raises(AuditError, match="fewer than two"):
        assessor_bias(audit)
    with pytest.raises(AuditError, match="does not meet"):
        what_if(audit)
