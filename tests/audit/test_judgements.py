from __future__ import annotations

import time

import pandas as pd
import pytest

from portal_analysis.audit.judgements import TABLES, Audit, AuditError, load_audit, outcome_of, rate, shape

JUDGED = {"portal_id": ["a", "b"], "criterion_id": "k", "assessor_id": "x", "round": 2024, "outcome": "met"}


def test_all_faults_come_in_one_error_with_file_and_line() -> None:
    bad = pd.DataFrame(JUDGED).assign(outcome=["passed", None], source_file="sheet.csv", source_row=[7, 8])
    portals = pd.DataFrame({"name_en": ["A"]})
    with pytest.raises(AuditError) as caught:
        Audit(bad, portals=portals)
    message = str(caught.value)
    assert "3 faults" in message
    assert "sheet.csv line 7" in message
    assert "'passed'" in message
    assert "not_met, partly, met" in message
    assert "sheet.csv line 8" in message
    assert "(empty)" in message
    assert "portals" in message
    assert "portal_id" in message
    assert set(caught.value.table["column"]) == {"outcome", "portal_id"}


def test_keys_that_lead_nowhere_or_repeat_are_named() -> None:
    twice = pd.DataFrame(JUDGED).assign(portal_id="a")
    with pytest.raises(AuditError, match="a key used once; row 1 has it already") as caught:
        Audit(
            twice,
            portals=pd.DataFrame({"portal_id": ["z"]}),
            assessors=pd.DataFrame({"assessor_id": ["x"], "kind": "expert"}),
            criteria=pd.DataFrame({"criterion_id": ["k"], "round": ["2023"]}),
        )
    faults = caught.value.table
    assert list(faults["column"]) == [
        "portal_id, criterion_id, assessor_id, round",
        "portal_id",
        "criterion_id, round",
        "portal_id",
        "criterion_id, round",
    ]
    assert faults.loc[2, "found"] == "'k, 2024'"


def test_a_criterion_without_a_round_holds_for_all() -> None:
    audit = Audit(pd.DataFrame(JUDGED), criteria=pd.DataFrame({"criterion_id": ["k"]}))
    assert audit.rounds() == ["2024"]


def test_ratings_must_be_levels_and_mean_their_outcome() -> None:
    criteria = pd.DataFrame({"criterion_id": ["k"], "levels": ["red|yellow|green"]})
    rated = pd.DataFrame(JUDGED).assign(rating=["blue", "yellow"])
    with pytest.raises(AuditError) as caught:
        Audit(rated, criteria=criteria)
    assert list(caught.value.table["column"]) == ["rating", "outcome"]
    assert "met for the rating yellow" in str(caught.value)
    assert len(Audit(rated.assign(rating=["green", None]), criteria=criteria).judgements) == 2


def test_absent_tables_are_empty_with_their_columns() -> None:
    audit = Audit(pd.DataFrame(JUDGED))
    for name, table in TABLES.items():
        assert list(getattr(audit, name).columns)[: len(table.columns)] == table.columns
    assert audit.runs.empty
    assert audit.portal_ids() == ["a", "b"]


def test_the_frame_given_is_not_changed() -> None:
    given = pd.DataFrame(JUDGED)
    before = given.copy()
    Audit(given)
    pd.testing.assert_frame_equal(given, before)


def test_own_columns_are_kept_and_numbers_become_words() -> None:
    shaped = shape(
        "judgements",
        pd.DataFrame(JUDGED).assign(round=2024.0, mine=[1, 2], rated_at="2024-01-01T08:00+07:00"),
    )
    assert shaped["round"].astype(object).tolist() == ["2024", "2024"]
    assert shaped["mine"].tolist() == [1, 2]
    assert shaped["rated_at"].iloc[0] == pd.Timestamp("2024-01-01 01:00")


@pytest.mark.parametrize(
    ("rating", "levels", "good_from", "expected"),
    [
        ("green", ["red", "yellow", "green"], None, "met"),
        ("yellow", ["red", "yellow", "green"], None, "partly"),
        ("red", ["red", "yellow", "green"], None, "not_met"),
        ("yellow", ["red", "yellow", "green"], "yellow", "met"),
        ("blue", ["red", "green"], None, None),
        ("2", [], "3", "partly"),
        ("3,0", [], "3", "met"),
        ("0", [], None, "not_met"),
        ("many", [], None, None),
    ],
)
def test_outcome_of(rating: str, levels: list[str], good_from: str | None, expected: str | None) -> None:
    assert outcome_of(rating, levels, good_from) == expected


def test_rate_fills_only_what_is_missing() -> None:
    given = pd.DataFrame(JUDGED | {"portal_id": list("abcd")[:2]}).assign(
        rating=["red", None], outcome=[None, None]
    )
    criteria = pd.DataFrame({"criterion_id": ["k"], "levels": ["red|green"]})
    assert rate(given, criteria)["outcome"].tolist() == ["not_met", "not_tested"]
    kept = rate(given.assign(outcome=["cant_tell", "error"]), criteria)
    assert kept["outcome"].tolist() == ["cant_tell", "error"]


def test_only_narrows_judgements_but_not_the_portals(small: Audit) -> None:
    tools = small.only(kind="tool")
    assert set(tools.judgements["assessor_id"]) == {"y"}
    assert tools.portal_ids() == list("abcd")
    assert small.only(region="south").portal_ids() == ["c", "d"]
    assert small.only(round="2023").judgements.empty
    with pytest.raises(AuditError, match="planet"):
        small.only(planet="mars")


def test_reprs_escape_what_the_data_say() -> None:
    evil = "<script>alert(1)</script>"
    audit = Audit(pd.DataFrame(JUDGED).assign(round=evil), source=evil)
    assert "<script>" not in audit._repr_html_()
    assert "&lt;script&gt;" in audit._repr_html_()


def test_the_repr_says_that_it_is_simulated(small: Audit) -> None:
    assert "SIMULATED" in repr(small)
    assert "simulated" in small._repr_html_()


def test_an_audit_without_judgements_is_no_audit(make_dataset) -> None:
    schema = {"fields": [{"name": "portal_id", "type": "string"}]}
    folder = make_dataset({"portals": "portal_id\na\n"}, {"portals": schema}, kind="audit")
    with pytest.raises(AuditError, match=r"'toy' has no resource 'judgements'; it has \['portals'\]"):
        load_audit(folder)


def test_load_audit_refuses_other_kinds() -> None:
    with pytest.raises(AuditError, match="kind 'published'"):
        load_audit("portal-review-published")


def test_an_audit_hands_over_what_its_files_call_things() -> None:
    audit = Audit(
        pd.DataFrame(JUDGED),
        criteria=pd.DataFrame(
            {
                "criterion_id": ["k", "k", "l"],
                "round": ["2023", "2024", None],
                "wording_en": ["old", "new", None],
                "wording_vi": [None, "mới", None],
            }
        ),
        portals=pd.DataFrame({"portal_id": ["a", "b"], "name_vi": ["Cổng A", None], "name_en": None}),
        shortcomings=pd.DataFrame({"scheme": ["x", "y"], "shortcoming": "S1", "label_en": ["one", "two"]}),
    )
    assert audit.labels == {
        ("indicator", "k"): {"en": "new", "vi": "mới"},
        ("criterion_id", "k"): {"en": "new", "vi": "mới"},
        ("portal_id", "a"): {"en": "Cổng A", "vi": "Cổng A"},
    }
    one = Audit(audit.judgements, shortcomings=audit.shortcomings[:1])
    assert one.labels == {("shortcoming", "S1"): {"en": "one", "vi": "one"}}


def test_a_small_audit_is_made_quickly() -> None:
    """The tables are checked by distinct values: some milliseconds, not some for every column."""
    given = pd.DataFrame(JUDGED)
    Audit(given)
    times = []
    for _ in range(20):
        start = time.process_time()
        Audit(given)
        times.append(time.process_time() - start)
    assert min(times) < 0.010


def test_datetimes_and_numbers_come_back_in_their_types() -> None:
    rows = {
        "rated_at": ["2024-01-01", "2024-01-02T03:04:05Z"],
        "source_row": [1.0, None],
        "elements": ["3", ""],
    }
    shaped = shape("judgements", pd.DataFrame(JUDGED).assign(**rows))
    assert shaped["rated_at"].tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02 03:04:05")]
    assert shaped["rated_at"].dtype == "datetime64[us]"
    assert shaped["source_row"].dtype == shaped["elements"].dtype == "Int64"
    assert shaped["outcome"].cat.ordered
    assert not shaped["portal_id"].cat.ordered
    weights = shape("criteria", pd.DataFrame({"criterion_id": ["k"], "weight": [0.1 + 0.2]}))["weight"]
    assert weights.tolist() == pytest.approx([0.1 + 0.2], rel=1e-15)
    with pytest.raises(AuditError, match="column 'rated_at': found 'soon'; allowed: datetime"):
        shape("judgements", pd.DataFrame(JUDGED).assign(rated_at="soon"))
    with pytest.raises(AuditError, match=r"column 'source_row': found '1\.5'; allowed: integer"):
        shape("judgements", pd.DataFrame(JUDGED).assign(source_row=1.5))


def test_frames_of_any_dtype_are_the_same_audit() -> None:
    plain = Audit(pd.DataFrame(JUDGED))
    for kind in ("category", "object", "string"):
        other = Audit(pd.DataFrame(JUDGED).astype(kind))
        for name in plain.judgements:
            left, right = plain.judgements[name], other.judgements[name]
            assert (
                left.astype(object).where(left.notna(), None).tolist()
                == right.astype(object).where(right.notna(), None).tolist()
            )
            assert left.dtype == right.dtype
