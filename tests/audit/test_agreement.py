from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from portal_analysis.audit.agreement import disagreements
from portal_analysis.audit.judgements import Audit


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
