from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis.audit.judgements import Audit, AuditError, load_audit, rate
from portal_analysis.audit.rounds import (
    ONE_SIDED,
    OTHER_LEVELS,
    OTHER_WORDING,
    chained_index,
    flows,
    rounds,
    several_rounds,
)

# Municipal portals of Chile, 2019 and 2021, rated in both: met in both, met then not, not then met, met in neither
# (B. González-Bustamante & D. Aguilar, Electronic Government Index, 2023, CC BY 4.0).
CHILE = {
    "search": (112, 35, 63, 113),
    "phone": (280, 23, 17, 3),
    "mobile": (14, 0, 300, 9),
    "forms": (51, 251, 2, 19),
}


def audit_of(counts: dict[str, tuple[int, int, int, int]], criteria: pd.DataFrame | None = None) -> Audit:
    words = {0: ("met", "met"), 1: ("met", "not_met"), 2: ("not_met", "met"), 3: ("not_met", "not_met")}
    rows = []
    for name, cells in counts.items():
        kinds = np.repeat(range(4), cells)
        rows += [
            (f"p{k:03d}", name, when, words[kind][r])
            for k, kind in enumerate(kinds)
            for r, when in enumerate("12")
        ]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "round", "outcome"]).assign(
        assessor_id="x"
    )
    return Audit(judged, criteria=criteria)


def test_criteria_that_were_defined_anew_are_caught() -> None:
    table = rounds(audit_of(CHILE), "1", "2", interval="superpopulation").set_index("criterion_id")
    assert table["n"].tolist() == [323] * 4
    assert table["reason"].to_dict() == {"search": "", "phone": "", "mobile": ONE_SIDED, "forms": ONE_SIDED}
    assert table.loc["mobile", ["share_first", "share_second"]].tolist() == pytest.approx(
        [0.043, 0.972], abs=1e-3
    )
    assert table.loc["mobile", "flag"] == "not comparable"
    assert table["p_holm"].isna().to_dict() == {
        "search": False,
        "phone": False,
        "mobile": True,
        "forms": True,
    }
    assert table.loc["search", "estimate"] == pytest.approx((63 - 35) / 323)
    assert table.loc["search", ["kept", "fixed", "new", "still_failing"]].tolist() == [112, 63, 35, 113]
    assert table.loc["search", "p_holm"] == pytest.approx(2 * table.loc["search", "p_value"])
    assert (table["ci_low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["ci_high"]).all()


def test_two_real_rounds() -> None:
    """Municipal portals in Chile: what was defined anew is caught, the rest followed."""
    audit = load_audit("egi-chile")
    table = rounds(audit, "2019", "2021").set_index("criterion_id")
    assert "pladeco" not in table.index, "it was asked in one round only"
    assert table.loc[table["reason"] == ONE_SIDED].index.tolist() == ["forms", "news", "mobile", "transac"]
    assert table.loc["mobile", ["share_first", "share_second"]].tolist() == pytest.approx(
        [0.043, 0.972], abs=1e-3
    )
    assert table.loc["forms", ["share_first", "share_second"]].tolist() == pytest.approx(
        [0.936, 0.166], abs=1e-3
    )
    chain = chained_index(audit).set_index("round")
    assert chain["n_criteria"].tolist() == [13, 13]
    assert chain.loc["2021", "estimate"] - chain.loc["2019", "estimate"] == pytest.approx(
        table.loc[table["comparable"], "estimate"].mean()
    )


def test_a_census_has_no_interval_unless_asked() -> None:
    assert rounds(audit_of(CHILE), "1", "2")[["se", "ci_low", "ci_high"]].isna().all(axis=None)


def test_flows_of_each_portal() -> None:
    table = flows(audit_of({"k": (1, 1, 1, 1)}), "1", "2")
    assert table["flow"].tolist() == ["kept", "new", "fixed", "still failing"]
    assert table[["before", "after"]].iloc[1].tolist() == ["met", "not_met"]


def test_other_words_and_levels_are_other_criteria() -> None:
    counts = dict.fromkeys("klmn", (5, 2, 3, 4))
    criteria = pd.DataFrame(
        [(name, when, "Search works", "no|yes", "yes") for name in "klm" for when in "12"]
        + [("n", None, "x", "no|yes", "yes")],
        columns=["criterion_id", "round", "wording_en", "levels", "good_from"],
    )
    criteria.loc[(criteria["criterion_id"] == "k") & (criteria["round"] == "2"), "wording_en"] = (
        " search  WORKS"
    )
    criteria.loc[(criteria["criterion_id"] == "l") & (criteria["round"] == "2"), "wording_en"] = (
        "Search is quick"
    )
    criteria.loc[(criteria["criterion_id"] == "m") & (criteria["round"] == "2"), "levels"] = "no|partly|yes"
    table = rounds(audit_of(counts, criteria), "1", "2").set_index("criterion_id")
    assert table["reason"].to_dict() == {"k": "", "l": OTHER_WORDING, "m": OTHER_LEVELS, "n": ""}
    chain = chained_index(audit_of(counts, criteria))
    assert chain["n_criteria"].tolist() == [2, 2]
    assert chain["left_out"].iloc[1] == "l, m"
    assert np.diff(chain["estimate"]) == pytest.approx((3 - 2) / 14)


def test_levels_are_tested_as_levels() -> None:
    criteria = pd.DataFrame({"criterion_id": ["k"], "levels": "red|yellow|green"})
    table = np.array([[20, 10, 5], [3, 30, 15], [0, 5, 15]])
    cells = np.repeat(np.arange(9), table.ravel())
    rows = [(f"p{k}", when, ["red", "yellow", "green"][one]) for k, cell in enumerate(cells)
            for when, one in zip("12", divmod(cell, 3), strict=True)]  # fmt: skip
    judged = pd.DataFrame(rows, columns=["portal_id", "round", "rating"]).assign(
        criterion_id="k", assessor_id="x"
    )
    row = rounds(Audit(rate(judged, criteria), criteria=criteria), "1", "2").iloc[0]
    assert row["stuart_maxwell"] == pytest.approx(13.7647058823529)
    assert row["bhapkar"] == pytest.approx(15.887936717205)
    assert row["test_df"] == 2


def test_three_rounds() -> None:
    said = ["110", "011", "001", "111", "011", "000", "101", "001", "010", "001"]
    rows = [(f"p{k}", str(r + 1), "met" if one == "1" else "not_met") for k, row in enumerate(said)
            for r, one in enumerate(row)]  # fmt: skip
    judged = pd.DataFrame(rows, columns=["portal_id", "round", "outcome"]).assign(
        criterion_id="k", assessor_id="x"
    )
    audit = Audit(judged)
    row = several_rounds(audit).iloc[0]
    assert (row["estimate"], row["df"], row["n"]) == (pytest.approx(3), 2, 10)
    assert chained_index(audit)["estimate"].tolist() == pytest.approx([0.3, 0.5, 0.7])
    with pytest.raises(AuditError, match="For two take rounds"):
        several_rounds(audit, ["1", "2"])


def test_rounds_that_share_nothing() -> None:
    judged = pd.DataFrame({"portal_id": ["a", "b"], "criterion_id": "k", "assessor_id": "x", "round": ["1", "2"],
                           "outcome": "met"})  # fmt: skip
    with pytest.raises(AuditError, match="share no portal"):
        rounds(Audit(judged), "1", "2")
    with pytest.raises(AuditError, match="the audit has \\['1', '2'\\]"):
        rounds(Audit(judged), "1", "3")
    with pytest.raises(AuditError, match="superpopulation"):
        rounds(Audit(judged), "1", "2", interval="wilson")
    with pytest.raises(AuditError, match="two rounds"):
        chained_index(Audit(judged).only(round="1"))
    with pytest.raises(AuditError, match="no criterion that can be compared"):
        chained_index(audit_of({"k": (0, 9, 0, 1)}))
    with pytest.raises(AuditError, match="no judgements"):
        flows(Audit(judged.iloc[:0]), "1", "2")


def test_the_simulated_audit() -> None:
    table = rounds(load_audit("portal-review-simulated"), "2023", "2024")
    assert len(table) >= 3
    assert table["flag"].str.contains("simulated").all()
    assert (table[["kept", "fixed", "new", "still_failing"]].sum(axis=1) == table["n"]).all()


def test_three_rounds_without_a_common_criterion_are_not_compared() -> None:
    rows = [(p, k, when) for k, both in (("k", "12"), ("l", "13")) for when in both for p in "abc"]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "round"])
    audit = Audit(judged.assign(assessor_id="x", outcome="met"))
    with pytest.raises(AuditError, match=r"no criterion is in all of the rounds \['1', '2', '3'\]"):
        several_rounds(audit)
