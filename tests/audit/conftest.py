"""A small audit typed by hand, and a maker of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from portal_analysis.audit.judgements import Audit

COLUMNS = ["portal_id", "criterion_id", "assessor_id", "outcome"]


def judged(*rows: tuple[str, str, str, str], **columns: Any) -> pd.DataFrame:
    """Judgements of one round from (portal, criterion, assessor, outcome)."""
    return pd.DataFrame(list(rows), columns=COLUMNS).assign(**{"round": "2024", **columns})


@pytest.fixture
def make_audit() -> Callable[..., Audit]:
    """Return a maker of audits: rows of (portal, criterion, assessor, outcome), and any table of its own."""

    def make(*rows: tuple[str, str, str, str], **tables: Any) -> Audit:
        flags = {name: tables.pop(name) for name in ("source", "simulated") if name in tables}
        return Audit(judged(*rows), **tables, **flags)

    return make


@pytest.fixture
def small(make_audit: Callable[..., Audit]) -> Audit:
    """Four portals, three criteria (one never judged), three assessors, a codebook, and a run that failed."""
    return make_audit(
        ("a", "k", "x", "met"),
        ("a", "k", "y", "not_met"),
        ("a", "k", "z", "met"),
        ("b", "k", "x", "partly"),
        ("b", "k", "y", "partly"),
        ("c", "k", "x", "not_tested"),
        ("a", "l", "x", "not_met"),
        ("b", "l", "x", "met"),
        criteria=pd.DataFrame(
            {"criterion_id": ["k", "l", "m"], "weight": [1, 2, 3], "levels": "red|yellow|green", "group": "g"}
        ),
        portals=pd.DataFrame({"portal_id": list("abcd"), "region": ["north", "north", "south", "south"]}),
        assessors=pd.DataFrame({"assessor_id": list("xyz"), "kind": ["expert", "tool", "expert"]}),
        codebook=pd.DataFrame(
            {
                "criterion_id": ["k", "l", "l", "m"],
                "scheme": "article",
                "shortcoming": ["S1", "S1", "S2", "S3"],
            }
        ),
        runs=pd.DataFrame({"portal_id": ["d"], "status": ["unreachable"]}),
        source="small",
        simulated=True,
    )
