"""Portals and pages with at least one detected failure, of those reached."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit.detected import detected
from portal_analysis.audit.judgements import Audit, AuditError, lists_problems_only
from portal_analysis.audit.readers import read_audit
from portal_analysis.shape import domains_of

ROWS = [
    # portal, page, criterion, outcome, severity, elements
    ("a", "a1", "k", "not_met", "critical", 3),
    ("a", "a2", "k", "not_met", "minor", 1),
    ("a", "a1", "l", "cant_tell", None, None),
    ("b", "b1", "l", "not_met", "minor", 2),
    ("d", "d1", "k", "not_met", "critical", 9),
]


@pytest.fixture
def audit() -> Audit:
    """Three portals reached (c without a finding), one that led to a log-in, one unreachable."""
    judged = pd.DataFrame(
        ROWS, columns=["portal_id", "page_id", "criterion_id", "outcome", "severity", "elements"]
    )
    seen = [
        ("a", "a1", "ok"),
        ("a", "a2", "unknown"),
        ("b", "b1", "ok"),
        ("c", "c1", "ok"),
        ("d", "d1", "login"),
    ]
    runs = pd.DataFrame([*seen, ("e", None, "unreachable")], columns=["portal_id", "page_id", "status"])
    pages = pd.DataFrame([(page, portal) for portal, page, _ in seen], columns=["page_id", "portal_id"])
    return Audit(
        judged.assign(assessor_id="t", round="2024"),
        runs=runs.assign(assessor_id="t", round="2024"),
        pages=pages,
        portals=pd.DataFrame({"portal_id": list("abcde"), "region": ["n", "n", "s", "s", "s"]}),
        criteria=pd.DataFrame(
            {"criterion_id": ["k", "l"], "wcag_level": ["A", None], "wording_en": ["K", "L"]}
        ),
        assessors=pd.DataFrame({"assessor_id": ["t"], "kind": "tool", "reports": "problems"}),
        source="mine",
        simulated=True,
    )


def shown(table: pd.DataFrame, *columns: str) -> list[list[Any]]:
    return table[list(columns)].astype(object).to_numpy().tolist()


def test_portals_and_pages_by_criterion(audit: Audit) -> None:
    table = detected(audit)
    assert shown(table, "indicator", "count", "base", "not_reached", "elements") == [
        ["k", 1, 3, 2, 4],
        ["l", 1, 3, 2, 2],
    ]
    assert table["estimate"].tolist() == [1 / 3, 1 / 3]
    assert table["label_en"].tolist() == ["K", "L"]
    assert shown(table, "flag", "source", "counted", "measure")[0] == [
        "simulated",
        "mine",
        "portals",
        "proportion",
    ]
    assert domains_of(table) == ["round"]
    pages = detected(audit, of="pages")
    assert shown(pages, "indicator", "count", "base", "not_reached") == [["k", 2, 4, 1], ["l", 1, 4, 1]]


def test_by_severity_level_region_and_nothing(audit: Audit) -> None:
    assert shown(detected(audit, by="severity"), "severity", "count", "base") == [
        ["critical", 1, 3],
        ["minor", 2, 3],
    ]
    assert shown(detected(audit, by="wcag_level"), "wcag_level", "count") == [["A", 1]]
    assert shown(detected(audit, by=[]), "indicator", "count", "base") == [["detected failure", 2, 3]]
    by_region = detected(audit, by=["region", "criterion_id"])
    assert shown(by_region, "region", "indicator", "count", "base") == [
        ["n", "k", 1, 2],
        ["n", "l", 1, 2],
        ["s", "k", 0, 1],
        ["s", "l", 0, 1],
    ]
    assert shown(detected(audit, by=["kind", "severity"]), "kind", "severity", "count")[0] == [
        "tool",
        "critical",
        1,
    ]


def test_intervals_and_unknown_words(audit: Audit) -> None:
    table = detected(audit, by=[], interval="incomplete")
    assert shown(table, "ci_low", "ci_high") == [[2 / 5, 4 / 5]]
    wilson = detected(audit, by=[], interval="superpopulation").iloc[0]
    assert wilson["ci_low"] == pytest.approx(0.2076596, abs=1e-7)  # Newcombe 1998, method 3, 2 of 3
    for wrong in ({"by": "planet"}, {"of": "sites"}, {"interval": "pages"}, {"by": "round"}):
        with pytest.raises(AuditError):
            detected(audit, **wrong)  # type: ignore[arg-type]


def test_a_round_that_reached_nothing_is_not_measured(audit: Audit) -> None:
    tables = audit.tables()
    lost = pd.DataFrame(
        {"portal_id": ["a"], "page_id": ["a1"], "status": ["blocked"], "round": "2025", "assessor_id": "t"}
    )
    more = Audit(**{**tables, "runs": pd.concat([tables["runs"].astype(object), lost], ignore_index=True)})
    table = detected(more, by=[]).set_index("round")
    assert table.loc["2025", ["base", "flag"]].tolist() == [0, "not measured"]
    assert pd.isna(table.loc["2025", "count"])


def test_people_without_runs_are_reached_by_their_judgements(make_audit: Any) -> None:
    audit = make_audit(("a", "k", "x", "met"), ("b", "k", "x", "not_met"), ("c", "k", "x", "not_tested"))
    assert shown(detected(audit), "count", "base", "not_reached") == [[1, 2, 1]]


def test_tools_that_list_problems_are_marked(put: Any, axe_result: Any, read: Any) -> None:
    page = {"documentTitle": "T", "pageUrl": "https://a.vn/", "issues": []}
    assert lists_problems_only(read_audit(put("p.json", page))) == ["pa11y"]
    assert lists_problems_only(read_audit(put("p.json", page), tested={"pa11y": ["1.1.1"]})) == []
    assert lists_problems_only(read(put("p.json", axe_result))) == []
    only = {name: axe_result[name] for name in ("testEngine", "url", "violations")}
    assert lists_problems_only(read(put("p.json", only))) == ["axe-core-4.9.1"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.sampled_from("kl"),
            st.sampled_from(["met", "not_met", "cant_tell", "not_tested"]),
        ),
        min_size=1,
        unique_by=lambda row: row[:2],
    )
)
def test_counts_are_those_of_a_loop(rows: list[tuple[str, str, str]]) -> None:
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "outcome"])
    table = detected(Audit(judged.assign(assessor_id="x", round="1"))).set_index("indicator")
    reached = {portal for portal, _, outcome in rows if outcome != "not_tested"}
    for criterion in table.index:
        failing = {portal for portal, name, outcome in rows if name == criterion and outcome == "not_met"}
        assert table.loc[criterion, "base"] == len(reached)
        assert table["count"].fillna(0).loc[criterion] == len(failing)


@pytest.fixture
def put(tmp_path: Any) -> Any:
    """Return a function that writes JSON into a folder."""
    import json

    def write(name: str, content: Any) -> Any:
        (tmp_path / name).write_text(json.dumps(content))
        return tmp_path / name

    return write


@pytest.fixture
def read() -> Any:
    """Return a reader that lets warnings pass."""
    import warnings

    def quietly(path: Any) -> Audit:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read_audit(path)

    return quietly


@pytest.fixture
def axe_result() -> dict[str, Any]:
    """A result of axe-core with violations and passes."""
    rule = {"id": "image-alt", "tags": ["wcag111"], "nodes": []}
    return {
        "testEngine": {"name": "axe-core", "version": "4.9.1"},
        "url": "https://a.vn/",
        "violations": [rule],
        "passes": [],
        "incomplete": [],
        "inapplicable": [],
    }


def test_a_run_without_a_round_is_of_every_round() -> None:
    judged = pd.DataFrame({"portal_id": "a", "criterion_id": "k", "assessor_id": "t", "round": ["1", "2"]})
    runs = pd.DataFrame({"portal_id": ["b", "c"], "status": ["ok", "login"], "assessor_id": "t"})
    table = detected(Audit(judged.assign(outcome=["not_met", "met"]), runs=runs))
    assert shown(table, "round", "count", "base", "not_reached") == [["1", 1, 2, 1], ["2", 0, 2, 1]]
