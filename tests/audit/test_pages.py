from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis import shape as est
from portal_analysis.audit.judgements import Audit, AuditError, load_audit
from portal_analysis.audit.pages import (
    INSUFFICIENT,
    NONE_SEEN,
    NONE_TWICE,
    TAKEN_FOR_RANDOM,
    discovery,
    page_shares,
    pages,
)
from portal_analysis.audit.shares import shares

WORDS = {"1": "not_met", "0": "met", "p": "partly", "n": "not_applicable", "t": "not_tested"}


def site(
    table: dict[str, str], portal: str = "a", roles: str = "", **more
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judgements and pages: one letter a page for each criterion, one letter a role (r: random, h: home)."""
    n_pages = len(next(iter(table.values())))
    rows = [(c, f"{portal}{i}", WORDS[one]) for c, row in table.items() for i, one in enumerate(row)]
    judged = pd.DataFrame(rows, columns=["criterion_id", "page_id", "outcome"])
    listed = pd.DataFrame({"page_id": [f"{portal}{i}" for i in range(n_pages)], "portal_id": portal})
    listed["role"] = [{"r": "random", "h": "home"}[one] for one in roles] if roles else None
    return judged.assign(**{"portal_id": portal, "assessor_id": "x", "round": "1", **more}), listed


def audit_of(*sites: tuple[pd.DataFrame, pd.DataFrame], **tables) -> Audit:
    return Audit(pd.concat([one for one, _ in sites]), pages=pd.concat([two for _, two in sites]), **tables)


USUAL = {"k": "1100", "l": "1000", "m": "0100", "n": "0010", "o": "0000", "p": "0110", "q": "n0nn"}


def test_what_is_unseen_by_hand() -> None:
    row = pages(audit_of(site(USUAL)), of=20).iloc[0]
    # Q1 = 3 (l, m, n), Q2 = 2 (k, p), t = 4, T = 20: w = 4/3, r = 1/4
    f = 9 / (2 * 4 / 3 * 2 + 0.25 * 3)
    assert (row["seen"], row["once"], row["twice"], row["n"], row["base"]) == (5, 3, 2, 4, 7)
    assert row["estimate"] == pytest.approx(5 + f)
    assert row["ci_low"] <= row["estimate"] <= row["ci_high"] <= 7
    assert row["need_80"] <= row["need_90"] <= row["need_95"]
    assert (row["method"], row["interval"], row["note"]) == ("chao-lin", "pages", TAKEN_FOR_RANDOM)
    many = pages(audit_of(site(USUAL))).iloc[0]
    assert many["method"] == "chao2"
    assert many["unseen"] == pytest.approx(0.75 * 9 / 4)
    assert np.isnan(many["of_pages"])


def test_structured_pages_are_known_and_random_ones_the_sample() -> None:
    row = pages(audit_of(site(USUAL, roles="hrrr")), of=21).iloc[0]
    # k and l fail on the home page; of the rest m, n fail on one random page, p on two
    f = 4 / (2 * 1.5 * 1 + (3 / 17) * 2)
    assert (row["seen"], row["once"], row["twice"], row["structured"], row["random"]) == (5, 2, 1, 1, 3)
    assert row["unseen"] == pytest.approx(min(f, 2))
    assert row["note"] == ""
    complete = pages(audit_of(site(USUAL, roles="hhhr")), of=4).iloc[0]
    assert (complete["estimate"], complete["ci_low"], complete["ci_high"]) == (5, 5, 5)


def test_pages_that_do_not_suffice_say_so() -> None:
    one, none, clean, single = (
        pages(audit_of(site(table)), of=30).iloc[0]
        for table in ({"k": "1", "l": "0"}, {"k": "tt"}, {"k": "000"}, {"k": "100", "l": "111", "m": "000"})
    )
    assert one["note"] == INSUFFICIENT
    assert np.isnan([one["estimate"], one["ci_high"], one["need_90"]]).all()
    assert one["seen"] == 1
    assert none["flag"] == "not measured"
    assert np.isnan(none["estimate"])
    assert (clean["note"], clean["estimate"]) == (NONE_SEEN, 0)
    assert np.isnan(clean["ci_high"])
    assert single["note"] == NONE_TWICE


def test_all_pages_give_no_width() -> None:
    for audit in (audit_of(site({"k": "1", "l": "0"})), audit_of(site(USUAL))):
        row = pages(audit, of="listed").iloc[0]
        assert row["ci_low"] == row["estimate"] == row["ci_high"] == row["seen"]
        assert row["se"] == 0
        assert row["coverage"] == 1
        exact = page_shares(audit, of="listed")
        assert (exact["ci_low"] == exact["ci_high"]).all()


def test_partly_fails_only_if_asked() -> None:
    audit = audit_of(site({"k": "p1p", "l": "0p0"}))
    assert pages(audit)["seen"].iloc[0] == 2
    assert pages(audit, at_least="partly")["seen"].iloc[0] == 1


def test_how_many_pages_a_portal_has() -> None:
    sites = site(USUAL), site(USUAL, "b")
    portals = pd.DataFrame({"portal_id": ["a", "b"], "n_pages": [10, 40]})
    audit = audit_of(*sites, portals=portals)
    for of in ("n_pages", {"a": 10, "b": 40}, pd.Series([10, 40], index=["a", "b"])):
        assert pages(audit, of=of)["of_pages"].tolist() == [10, 40]
    assert pages(audit, of={"a": 10})["of_pages"].isna().tolist() == [False, True]
    with pytest.raises(AuditError, match="3 pages by 'of', but 4"):
        pages(audit, of=3)
    with pytest.raises(AuditError, match="column of portals"):
        pages(audit, of="size")
    with pytest.raises(AuditError, match="no numbers of pages"):
        pages(audit, of={"a": 10.5})


def test_bad_questions(make_audit) -> None:
    audit = audit_of(site(USUAL))
    with pytest.raises(AuditError, match="names a page"):
        pages(make_audit(("a", "k", "x", "met")))
    with pytest.raises(AuditError, match="good, partly"):
        pages(audit, at_least="excellent")
    with pytest.raises(AuditError, match="probability"):
        pages(audit, level=95)
    with pytest.raises(AuditError, match="no page was looked at"):
        discovery(audit_of(site({"k": "t"})))


def test_shares_of_pages_of_a_criterion() -> None:
    table = page_shares(audit_of(site(USUAL, roles="hrrr")), of=11).set_index("indicator")
    # k: the home page fails, one of three random ones; ten others
    assert table.loc["k", "estimate"] == pytest.approx((1 + 10 / 3) / 11)
    assert table.loc["o", "ci_low"] == 0
    assert table.loc["o", "ci_high"] > 0.3
    assert table.loc["k", "ci_low"] < table.loc["k", "estimate"] < table.loc["k", "ci_high"]
    assert table.loc["q", "note"] == INSUFFICIENT
    assert table.loc["q", "n"] == 1


def test_the_curve_ends_where_the_audit_did() -> None:
    table = discovery(audit_of(site(USUAL), site({"k": "10"}, "b")))
    assert est.domains_of(table) == ["round", "portal_id", "pages"]
    a = table[table["portal_id"] == "a"]
    assert a["estimate"].iloc[0] == pytest.approx((2 + 3 + 2 + 0) / 4)
    assert a["estimate"].iloc[-1] == 5
    assert a["share"].iloc[-1] == 1
    assert (table["portal_id"] == "b").sum() == 2


def test_assessors_settle_each_page_first() -> None:
    first, listed = site({"k": "11", "l": "00"})
    audits = [
        audit_of((first, listed), (site({"k": said, "l": "00"}, assessor_id=who)[0], listed[:0]))
        for who, said in (("y", "00"), ("y", "11"))
    ]
    assert [pages(audit)["seen"].iloc[0] for audit in audits] == [1, 1]  # a tie goes to the worse outcome
    lenient = audit_of(
        (first, listed), *[(site({"k": "00"}, assessor_id=who)[0], listed[:0]) for who in "yz"]
    )
    assert pages(lenient)["seen"].iloc[0] == 0


def test_the_simulated_audit() -> None:
    table = pages(load_audit("portal-review-simulated"))
    assert (table["flag"].str.contains("simulated")).all()
    assert table["estimate"].notna().any()


def test_pages_as_an_error_of_counts_of_portals() -> None:
    clean = {"k": "000", "l": "100", "m": "010", "n": "110"}
    audit = audit_of(site(clean), site(clean, "b"))
    row = shares(audit, at_least="good", interval="pages").set_index("indicator").loc["k"]
    # k passed on all pages of both portals, but some criteria fail where nobody looked
    assert (row["estimate"], row["ci_high"]) == (1, 1)
    assert row["ci_low"] < 1
    failing = shares(audit, at_least="good", interval="pages").set_index("indicator").loc["n"]
    assert (failing["estimate"], failing["ci_low"], failing["ci_high"]) == (0, 0, 0)
    complete = shares(audit, at_least="good", interval="pages", of="listed").set_index("indicator").loc["k"]
    assert complete["ci_low"] == 1
    one_page = audit_of(site({"k": "0"}))
    row = shares(one_page, at_least="good", interval="pages").iloc[0]
    assert np.isnan(row["ci_low"])


def test_pages_of_which_nobody_judged_any_are_no_pages() -> None:
    with pytest.raises(AuditError, match="no criterion was judged on any page"):
        page_shares(audit_of(site({"k": "tt", "l": "tt"})))


def test_a_criterion_that_applies_to_no_random_page_is_known_from_those_chosen() -> None:
    table = page_shares(audit_of(site({"k": "110n", "l": "0000", "m": "nnn1"}, roles="hhhr")), of=10)
    known = table.set_index("indicator")[["estimate", "ci_low", "ci_high"]]
    assert known.loc["k"].tolist() == pytest.approx([2 / 3] * 3)
    assert known.loc["m"].isna().tolist() == [False, True, True]
