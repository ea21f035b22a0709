"""The arithmetic of claims: GRIM as R computes it, planted faults found, true statements not accused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.claims import (
    CHECKS,
    CONSISTENCY,
    RELATIONS,
    ClaimError,
    check_arithmetic,
    grim,
    grim_power,
    load_claims,
    possible_counts,
    propose_claims,
)
from portal_analysis.language.catalogue import catalogue
from portal_analysis.languages import LANGUAGES

REFERENCE = pd.read_csv(Path(__file__).parent / "reference" / "grim.csv", dtype={"value": str})
"""The answers of R's scrutiny package (reference/grim.R)."""

P, T = "percent", "times"


def table(*claims: tuple[str, str, str], **columns: object) -> pd.DataFrame:
    told = pd.DataFrame(claims, columns=["claim_id", "value", "unit"])
    return told.assign(**columns)


def relation(name: str, of: str, claim_id: str | None = None) -> pd.DataFrame:
    return pd.DataFrame([{"relation": name, "of": of, "claim_id": claim_id}])


def verdicts(claims: pd.DataFrame, relations: pd.DataFrame | None = None) -> set[str]:
    return set(check_arithmetic(claims, relations)["verdict"])


def test_the_test_of_ten_thousand_numbers_is_that_of_r():
    assert len(REFERENCE) == 10_000
    assert 0.6 < REFERENCE["consistent"].mean() < 0.8
    found = [grim(row.value, row.n, row.items, bool(row.percent)) for row in REFERENCE.itertuples()]
    assert found == REFERENCE["consistent"].astype(bool).tolist()


def test_the_power_is_that_of_r():
    decimals = REFERENCE["value"].str.partition(".")[2].str.len()
    rows = zip(REFERENCE.itertuples(), decimals, strict=True)
    found = [grim_power(row.n, places, row.items, bool(row.percent)) for row, places in rows]
    assert found == pytest.approx(REFERENCE["power"].tolist(), rel=1e-9)


def test_counts_are_there_exactly_where_r_finds_the_percentage_possible():
    shares = REFERENCE[(REFERENCE["percent"] == 1) & (REFERENCE["items"] == 1)]
    assert len(shares) > 4000
    found = [len(possible_counts(row.value, row.n)) > 0 for row in shares.itertuples()]
    assert found == shares["consistent"].astype(bool).tolist()


def test_the_published_rates_of_profiles_are_six_or_seven_people_apart():
    assert list(possible_counts(3.01, 16117)) == [485]
    assert list(possible_counts(3.05, 16117)) == [491, 492]
    assert list(possible_counts(4.85, 16117)) == [781, 782]
    row = check_arithmetic(load_claims()).set_index("check").loc["same measure"]
    assert (row["counts_low"], row["counts_high"]) == (6, 7)
    assert row["verdict"] == "impossible if unweighted"
    assert "3.05% stands for 491–492; 3.01% stands for 485; they are 6–7 apart" in row["why"]


@given(st.integers(1, 30_000), st.integers(0, 30_000), st.integers(0, 3))
def test_a_count_is_among_those_that_its_percentage_can_stand_for(n, count, decimals):
    count = min(count, n)
    share = Fraction(100 * count, n)
    shown = f"{float(round(share * 10**decimals)) / 10**decimals:.{decimals}f}"
    assert count in possible_counts(shown, n)
    assert grim(shown, n, percent=True)


@given(st.integers(1, 400), st.integers(0, 1000).map(lambda tenths: f"{tenths / 10:.1f}"))
def test_every_possible_count_rounds_to_the_percentage(n, shown):
    for count in possible_counts(shown, n):
        assert abs(Fraction(100 * count, n) - Fraction(shown)) <= Fraction(1, 20)


@pytest.mark.parametrize(
    ("percent", "n", "qualifier", "first", "last"),
    [
        (1, 16117, "more than", 162, 16117),
        (50, 10, "more than", 6, 10),
        (50, 10, "at least", 5, 10),
        (50, 10, "less than", 0, 4),
        (50, 10, "at most", 0, 5),
        (60, 100, "nearly", 54, 59),
        (30, 100, "just over", 31, 33),
    ],
)
def test_words_before_a_percentage_leave_open_what_they_say(percent, n, qualifier, first, last):
    found = possible_counts(percent, n, qualifier=qualifier)
    assert (found[0], found[-1]) == (first, last)


def test_outside_nought_and_a_hundred_there_are_no_counts():
    for told in (-5, "101.6", 250):
        assert len(possible_counts(told, 63)) == 0
    assert list(possible_counts(0, 63)) == [0]
    assert list(possible_counts(100, 63)) == [63]
    assert list(possible_counts("0.00", 63)) == [0]


def test_of_numbers_below_zero_no_ratio_is_accused():
    told = table(("a", "-1.2", ""), ("b", "2.4", ""), ("c", "2", T))
    assert verdicts(told, relation("ratio", "a; b", "c")) == {"possible"}
    assert verdicts(told, relation("difference", "a; b", "c")) == {"impossible"}


def test_last_zeros_of_a_text_count():
    assert not grim("12.50", 30, percent=True)
    assert list(possible_counts("50", 3)) == []
    assert list(possible_counts("33", 3)) == [1]
    assert list(possible_counts(33.3, 3)) == [1]
    assert list(possible_counts("33.0", 3)) == []


PLANTED = {
    "percentage of 63": (table(("a", "41.5", "percent"), n=63, weighted=False), None),
    "percentage of 50": (
        table(("a", "35", "percent"), n=50, weighted=False),
        table(("a", "33.3", "percent"), n=50),
    ),
    "more than all": (table(("a", "101.6", "percent"), n=63, weighted=False), None),
    "more portals than there are": (table(("a", "64", "portals"), n=63), None),
    "half a portal": (table(("a", "12.5", "portals"), n=63), None),
    "difference": (
        table(("a", "4.05", "percent"), ("b", "4.85", "percent"), ("c", "1.20", "points")),
        relation("difference", "a; b", "c"),
    ),
    "doubled": (
        table(("a", "30", "percent"), ("b", "43.2", "percent"), ("c", "2", "times"), decimals=[0, 1, 1]),
        relation("ratio", "a; b", "c"),
    ),
    "2.5 times": (
        table(("a", "20.0", "percent"), ("b", "42", "percent"), ("c", "2.5", "times")),
        relation("ratio", "a; b", "c"),
    ),
    "parts of 100": (
        table(("a", "47.6", "percent"), ("b", "38.1", "percent"), ("c", "17.5", "percent")),
        relation("sum", "a; b; c"),
    ),
    "sum of counts": (
        table(("a", "26", "portals"), ("b", "24", "portals"), ("c", "17", "portals"), ("t", "70", "portals")),
        relation("sum", "a; b; c", "t"),
    ),
    "part above the whole": (
        table(("a", "3.05", "percent"), ("b", "2.08", "percent")),
        relation("part", "a; b"),
    ),
    "one rate twice": (
        table(("a", "3.05", "percent"), ("b", "3.01", "percent"), n=16117, weighted=False),
        relation("same measure", "a; b"),
    ),
    "one sample of two sizes": (
        table(("a", "3.05", "percent"), ("b", "4.85", "percent"), n=[16117, 15833]),
        relation("same sample", "a; b"),
    ),
    "count and share": (
        table(("a", "30", "portals"), ("b", "63", "portals"), ("c", "49.2", "percent")),
        relation("share", "a; b", "c"),
    ),
    "per cent change": (
        table(("a", "28.63", "percent"), ("b", "43.2", "percent"), ("c", "14.57", "percent")),
        relation("percent change", "a; b", "c"),
    ),
}
PLANTED["percentage of 50"] = (PLANTED["percentage of 50"][1], None)


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_fault_is_found(name):
    assert len(PLANTED) >= 12
    claims, relations = PLANTED[name]
    assert verdicts(claims, relations) & {"impossible", "impossible if unweighted"}


COUNTS = [(60, 63), (59, 63), (32, 50), (1, 63), (3, 63), (17, 50), (9, 130), (26, 63), (24, 63), (17, 63)]
COUNTS += [
    (30, 63),
    (22, 63),
    (39, 63),
    (62, 63),
    (37, 63),
    (23, 63),
    (485, 16117),
    (782, 16117),
    (0, 63),
    (63, 63),
]
TRUE_SHARES = [
    (f"{round(100 * count / of, places):.{places}f}", of) for count, of in COUNTS for places in (0, 1)
]


TRUE_RELATIONS = [
    (("difference", "a; b", "c"), (("a", "4.05", P), ("b", "4.85", P), ("c", "0.8", "points"))),
    (("difference", "a; b", "c"), (("a", "74", P), ("b", "76", P), ("c", "2", "points"))),
    (("difference", "a; b", "c"), (("a", "39.98", P), ("b", "38.26", P), ("c", "1.72", "points"))),
    (("ratio", "a; b", "c"), (("a", "17", P), ("b", "42", P), ("c", "2.5", T))),
    (("ratio", "a; b", "c"), (("a", "33.9", P), ("b", "67.8", P), ("c", "2", T))),
    (("ratio", "a; b", "c"), (("a", "9.51", P), ("b", "18", P), ("c", "1.9", T))),
    (("sum", "a; b; c", None), (("a", "33.3", P), ("b", "33.3", P), ("c", "33.3", P))),
    (("sum", "a; b; c", None), (("a", "47.6", P), ("b", "38.1", P), ("c", "14.3", P))),
    (("sum", "a; b", "c"), (("a", "3.0", ""), ("b", "9.1", ""), ("c", "12.1", ""))),
    (("sum", "a; b", "c"), (("a", "17", "portals"), ("b", "46", "portals"), ("c", "63", "portals"))),
    (("part", "a; b", None), (("a", "3.05", P), ("b", "4.85", P))),
    (("part", "a; b", None), (("a", "23", "portals"), ("b", "37", "portals"))),
    (("part", "a; b", None), (("a", "63", "portals"), ("b", "63", "portals"))),
    (("share", "a; b", "c"), (("a", "30", "portals"), ("b", "63", "portals"), ("c", "47.6", P))),
    (("share", "a; b", "c"), (("a", "12.1", ""), ("b", "14.5", ""), ("c", "83.4", P))),
    (("percent change", "a; b", "c"), (("a", "17", "portals"), ("b", "62", "portals"), ("c", "264.7", P))),
    (
        ("percent change", "a; b", "c"),
        (("a", "15833", "persons"), ("b", "16117", "persons"), ("c", "1.8", P)),
    ),
    (
        ("percent change", "a; b", "c"),
        (("a", "19536", "persons"), ("b", "18894", "persons"), ("c", "3.3", P)),
    ),
    (
        ("sum", "a; b", "c"),
        (("a", "197779", "persons"), ("b", "18894", "persons"), ("c", "216673", "persons")),
    ),
    (("ratio", "a; b", "c"), (("a", "0.4874", ""), ("b", "0.6419", ""), ("c", "1.32", T))),
]


def test_none_of_fifty_true_statements_is_accused():
    told = pd.DataFrame(
        [{"claim_id": f"s{k}", "value": value, "unit": P, "n": n} for k, (value, n) in enumerate(TRUE_SHARES)]
    )
    assert len(TRUE_SHARES) + len(TRUE_RELATIONS) >= 50
    for weighted in (None, False):
        assert verdicts(told.assign(weighted=weighted)) == {"possible"}
    for (name, of, result), claims in TRUE_RELATIONS:
        checks = check_arithmetic(table(*claims), relation(name, of, result))
        assert checks["verdict"].unique().tolist() == ["possible"], (name, claims, checks["why"].tolist())


@given(st.lists(st.integers(1, 2000), min_size=2, max_size=6), st.integers(0, 2))
def test_true_parts_rounded_in_any_way_are_never_accused(counts, places):
    total = sum(counts)
    names = [f"p{k}" for k in range(len(counts))]
    parts = [
        (name, f"{100 * count / total:.{places}f}", P) for name, count in zip(names, counts, strict=True)
    ]
    told = table(*parts, n=total, weighted=False)
    assert verdicts(told, relation("sum", "; ".join(names))) == {"possible"}


@given(st.floats(1, 90), st.floats(1, 90), st.integers(0, 2))
def test_true_differences_ratios_and_changes_are_never_accused(one, other, places):
    def shown(value: float) -> str:
        return f"{value:.{places}f}"

    told = table(
        *[("a", shown(one), P), ("b", shown(other), P), ("d", shown(abs(other - one)), "points")],
        *[("r", f"{other / one:.2f}", T), ("c", f"{100 * (other - one) / one:.1f}", P)],
    )
    rows = [
        {"relation": name, "of": "a; b", "claim_id": result}
        for name, result in [("difference", "d"), ("ratio", "r"), ("percent change", "c")]
    ]
    assert verdicts(told, pd.DataFrame(rows)) == {"possible"}


def test_of_weighted_percentages_nothing_is_said():
    told = table(("a", "41.5", P), n=63)
    assert check_arithmetic(told)["verdict"].tolist() == ["impossible if unweighted"]
    assert check_arithmetic(told.assign(weighted=False))["verdict"].tolist() == ["impossible"]
    assert check_arithmetic(told.assign(weighted=True))["verdict"].tolist() == ["not checkable"]
    assert "26 (41.27%) and 27 (42.86%)" in check_arithmetic(told)["why"].item()


def test_two_rates_of_one_survey_may_differ_by_their_weights_alone():
    pair = table(("a", "3.05", P), ("b", "3.01", P), n=16117)
    same = relation("same measure", "a; b")
    between = [
        check_arithmetic(pair.assign(weighted=told), same).iloc[-1] for told in ([None, None], [True, False])
    ]
    assert [row["verdict"] for row in between] == ["impossible if unweighted"] * 2
    assert check_arithmetic(pair.assign(weighted=True), same).iloc[-1]["verdict"] == "impossible"


def test_a_share_can_be_of_a_claims_own_base():
    told = pd.DataFrame(
        [
            {"claim_id": "a", "value": 30, "unit": "portals", "base": 63},
            {"claim_id": "b", "value": "47.6", "unit": "%", "base": None},
        ]
    )
    assert verdicts(told, relation("share", "a", "b")) == {"possible"}
    told.loc[1, "value"] = "48.6"
    assert "impossible" in verdicts(told, relation("share", "a", "b"))


def test_proposals_can_be_reckoned_with_as_they_are():
    told = propose_claims("30 of 63 portals (47.6%) are good, and 64 of 63 are not. It doubled.", lang="en")
    checks = check_arithmetic(told, relation("share", "p1", "p2"))
    assert checks.set_index("claim_id")["verdict"].to_dict() == {
        **{"p1": "possible", "p2": "possible", "p3": "impossible"}
    }


def test_every_check_verdict_and_relation_has_its_word():
    for lang in LANGUAGES:
        assert {f"check.{name}" for name in CHECKS} <= set(catalogue(lang))
        assert {f"consistency.{name}" for name in CONSISTENCY} <= set(catalogue(lang))
    assert set(RELATIONS) <= set(CHECKS)


@pytest.mark.parametrize("name", PLANTED)
def test_reasons_are_told_in_both_languages(name):
    claims, relations = PLANTED[name]
    english, vietnamese = (check_arithmetic(claims, relations, lang) for lang in ("en", "vi"))
    assert (english["why"] != vietnamese["why"]).all()
    assert english["verdict"].equals(vietnamese["verdict"])
    assert english["why"].str.endswith(".").all()


@pytest.mark.parametrize(
    ("claims", "relations", "message"),
    [
        (pd.DataFrame({"value": [1]}), None, r"needs the columns \['claim_id'\]"),
        ("3.05", None, "expected claims or a table of them, got str"),
        (table(("a", "many", P)), None, "claim 'a': 'many' is not a number"),
        (table(("a", "3", P), ("a", "4", P)), None, r"more than once there is \['a'\]"),
        (table(("a", "3", P), n=2.5), None, "claim 'a': n must be a whole number above zero, not 2.5"),
        (table(("a", "3", P), n=10, weighted="perhaps"), None, "weighted must be True, False or empty"),
        (table(("a", "3", P), qualifier="hardly"), None, "qualifier 'hardly' is not known"),
        (table(("a", "3", P)), relation("cousin", "a; a"), "relation 'cousin' is not known"),
        (table(("a", "3", P)), relation("sum", "a; b"), r"not there: \['b'\]"),
        (table(("a", "3", P), ("b", "3", P)), relation("ratio", "a; b"), "needs claim_id"),
        (table(("a", "3", P), ("b", "3", P)), relation("part", "a; b", "a"), "takes no claim_id"),
        (table(("a", "3", P), ("b", "3", P)), relation("part", "a"), "is of two claims, not of"),
        (
            table(("a", "3", P)),
            pd.DataFrame({"relation": ["sum"], "of": [None]}),
            "'of' holds the ids of claims",
        ),
        (table(("a", "3", P)), pd.DataFrame({"of": ["a"]}), "relations are a table with the columns"),
        (table((None, "3", P)), None, "claim_id is empty in row 1"),
    ],
)
def test_what_cannot_be_reckoned_with_is_told(claims, relations, message):
    with pytest.raises(ClaimError, match=message):
        check_arithmetic(claims, relations)


@pytest.mark.parametrize("n", [0, -3, 2.5, "many", None])
def test_a_sample_that_is_none_is_told(n):
    with pytest.raises(ClaimError, match=r"n must be a whole number|is not a number"):
        possible_counts(3.05, n)
    with pytest.raises(ClaimError, match=r"n must be a whole number|is not a number"):
        grim("3.05", n)


def test_an_unknown_language_is_told():
    with pytest.raises(ValueError, match="language 'xx'"):
        check_arithmetic(table(("a", "3", P)), lang="xx")


def test_nothing_to_check_is_an_empty_table():
    assert check_arithmetic(table(("a", "3", P))).empty
    assert check_arithmetic(table()).empty
