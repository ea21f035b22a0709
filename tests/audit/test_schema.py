"""Short tables of an audit are looked at word by word, long ones by columns: the same comes out."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal_analysis import codebook
from portal_analysis.audit import schema
from portal_analysis.audit.judgements import TABLES, Audit, AuditError

WORDS = st.sampled_from(["a", "b", " a ", "", None, float("nan"), 3, 3.0, 2.5, "met", "0012", "nan"])
COLUMNS = {
    "judgements": (
        "portal_id",
        "criterion_id",
        "assessor_id",
        "round",
        "outcome",
        "elements",
        "page_id",
        "mine",
    ),
    "criteria": ("criterion_id", "round", "scale", "weight", "wording_en"),
    "assessors": ("assessor_id", "kind", "reports"),
    "runs": ("portal_id", "status", "http_status", "started_at"),
}
GOOD = {"outcome": "met", "status": "ok", "kind": "tool", "started_at": "2024-05-01", "scale": "binary"}
TABLE = st.sampled_from(sorted(COLUMNS)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(
            st.fixed_dictionaries(
                {
                    column: st.just(GOOD[column]) | WORDS if column in GOOD else WORDS
                    for column in COLUMNS[name]
                }
            ),
            min_size=1,
            max_size=4,
        ),
    )
)


def made(name: str, frame: pd.DataFrame) -> tuple[pd.DataFrame | None, str]:
    shaped, faults = schema.checked(TABLES[name], frame)
    return (None, faults.to_string()) if len(faults) else (shaped, "")


@given(TABLE)
@example(
    ("criteria", [{"criterion_id": "a", "round": None, "scale": None, "weight": "1.5", "wording_en": None}])
)
@example(("assessors", [{"assessor_id": "a", "kind": "tool", "reports": None}]))
@example(("runs", [{"portal_id": "a", "status": "ok", "http_status": 200.0, "started_at": "2024-05-01"}]))
def test_short_and_long_tables_are_checked_alike(drawn: tuple[str, list[dict[str, object]]]) -> None:
    name, rows = drawn
    frame = pd.DataFrame(rows)
    short, told = made(name, frame)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "_SMALL", -1)
        long, also = made(name, frame)
    assert told == also
    if short is None or long is None:
        assert short is long
    else:
        pd.testing.assert_frame_equal(short, long)


def test_a_small_audit_without_a_fault_is_made_without_a_frame_for_each_column(monkeypatch) -> None:
    def refuse(*given: object) -> None:
        raise RuntimeError("the columns were looked at one by one")

    rows = {"portal_id": ["a", "b"], "criterion_id": "k", "assessor_id": "x", "round": "1", "outcome": "met"}
    monkeypatch.setattr(codebook, "check", refuse)
    assert len(Audit(pd.DataFrame(rows)).judgements) == 2
    with pytest.raises(RuntimeError, match="one by one"):
        Audit(pd.DataFrame(rows | {"outcome": "passed"}))


def test_what_is_no_word_is_refused_in_tables_of_any_length() -> None:
    rows = {"portal_id": [["a"]], "criterion_id": "k", "assessor_id": "x", "round": "1", "outcome": "met"}
    for frame in (pd.DataFrame(rows), pd.concat([pd.DataFrame(rows)] * 300, ignore_index=True)):
        with pytest.raises((AuditError, TypeError)):
            Audit(frame)


def test_a_table_that_no_audit_has_is_named() -> None:
    with pytest.raises(AuditError, match=r"no table of an audit is called 'portal'; they are \['portals', "):
        schema.shape("portal", pd.DataFrame({"portal_id": ["a"]}))
