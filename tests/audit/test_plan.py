from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from portal_analysis.audit.judgements import Audit, AuditError, load_audit
from portal_analysis.audit.plan import (
    UNREADABLE,
    assessors_needed,
    pages_for_margin,
    plan_round,
    write_rubric,
)
from portal_analysis.audit.readers import read_audit


def test_pages_for_a_margin() -> None:
    assert pages_for_margin(0.05) == 385
    assert pages_for_margin(0.05, of=1000) == 278
    assert pages_for_margin(0.1, share=0.1) == 35
    assert pages_for_margin(0.01, of=12) == 12
    for arguments, words in (({"margin": 10}, "between 0 and 1"), ({"margin": 0.1, "of": 0}, "one page")):
        with pytest.raises(AuditError, match=words):
            pages_for_margin(**arguments)


def test_assessors_for_a_sure_majority(make_audit) -> None:
    rows = [
        (f"p{k}", "k", who, "met" if who == "x" or k > 1 else "not_met") for k in range(10) for who in "xy"
    ]
    rows += [
        (f"p{k}", "l", who, "met" if (who == "x") == (k % 2 == 0) else "not_met")
        for k in range(10)
        for who in "xy"
    ]
    rows += [("p1", "m", "x", "met"), *[(f"p{k}", "n", who, "met") for k in range(5) for who in "xy"]]
    table = assessors_needed(make_audit(*rows)).set_index("criterion_id")
    error = (1 - np.sqrt(1 - 2 * 0.2)) / 2
    assert table.loc["k", "error"] == pytest.approx(error)
    assert table.loc["k", "estimate"] == 3
    assert table.loc["k", "wrong"] == pytest.approx(3 * error**2 * (1 - error) + error**3)
    assert table.loc["l", "note"] == UNREADABLE
    assert np.isnan(table.loc["l", "estimate"])
    assert table.loc["m", "flag"] == "not measured"
    assert table.loc["n", "estimate"] == 1
    with pytest.raises(AuditError, match=r"between 0 and 0\.5"):
        assessors_needed(make_audit(*rows), wrong=5)


def test_what_a_round_takes() -> None:
    table = plan_round(63, 40, assessors=(1, 3), margins=(0.1, 0.2), minutes=6, hourly=10)
    first = table.iloc[0]
    assert (first["pages"], first["judgements"], first["hours"]) == (97, 63 * 40 * 97, 63 * 40 * 97 / 10)
    assert first["cost"] == 10 * first["hours"]
    assert table["judgements"].iloc[1] == 3 * first["judgements"]
    with pytest.raises(AuditError, match="1 or more"):
        plan_round(0, 40)
    with pytest.raises(AuditError, match="below 0"):
        plan_round(1, 1, minutes=-1)


@pytest.fixture(scope="module")
def simulated() -> Audit:
    return load_audit("portal-review-simulated")


def test_the_rubric_comes_back_as_it_was_written(simulated: Audit, tmp_path: Path) -> None:
    folder = write_rubric(simulated, tmp_path / "next", "2025", ["an", "bình"])
    back = read_audit(folder)
    expected = simulated.criteria[simulated.criteria["round"] == "2024"].set_index("criterion_id")
    found = back.criteria.set_index("criterion_id")
    assert set(found.index) == set(expected.index)
    for column in ("levels", "good_from", "group", "wording_en"):
        assert found[column].astype(object).to_dict() == expected[column].astype(object).to_dict()
    assert back.rounds() == ["2025"]
    assert set(back.portal_ids()) == set(simulated.portal_ids())
    assert sorted(back.assessors["assessor_id"]) == ["an", "bình"]
    assert (back.judgements["outcome"] == "not_tested").all()
    assert len(back.judgements) == 63 * len(expected) * 2


def test_what_people_fill_in_is_read(tmp_path: Path) -> None:
    criteria = pd.DataFrame({"criterion_id": ["k", "=l"], "levels": ["red|yellow|green", "no|yes"],
                             "good_from": ["yellow", None], "wording_vi": ["Có tra cứu", "Có chat"]})  # fmt: skip
    judged = pd.DataFrame({"portal_id": ["a"], "criterion_id": ["k"], "assessor_id": ["x"], "round": ["1"],
                           "outcome": ["not_tested"]})  # fmt: skip
    pages = pd.DataFrame({"page_id": ["a1", "a2"], "portal_id": ["a", "a"]})
    folder = write_rubric(Audit(judged, criteria=criteria, pages=pages), tmp_path, "2", ["x"], pages=True)
    book = openpyxl.load_workbook(folder / "rubric.xlsx")
    sheet = book["x"]
    header = [cell.value for cell in sheet[1]]
    for line, said in ((2, "yellow"), (3, "no"), (4, "red")):
        sheet.cell(line, header.index("rating") + 1, said)
    assert len(sheet.data_validations.dataValidation) == 4
    book.save(folder / "rubric.xlsx")
    back = read_audit(folder).judgements.set_index(["page_id", "criterion_id"])
    assert back["outcome"].astype(object).to_dict() == {
        ("a1", "k"): "met", ("a1", "=l"): "not_met", ("a2", "k"): "not_met", ("a2", "=l"): "not_tested",
    }  # fmt: skip
    assert back.loc[("a1", "k"), "rating"] == "yellow"


def test_rubrics_that_cannot_be(simulated: Audit, tmp_path: Path, make_audit) -> None:
    for names in ([], ["a/b"], ["x" * 32], ["an", "An"]):
        with pytest.raises(AuditError, match="name of its own"):
            write_rubric(simulated, tmp_path, "2025", names)
    with pytest.raises(AuditError, match="criteria and portals"):
        write_rubric(make_audit(("a", "k", "x", "met")), tmp_path, "2", ["x"])
    with pytest.raises(AuditError, match="lists no pages"):
        write_rubric(make_audit(("a", "k", "x", "met")), tmp_path, "2", ["x"], pages=True)


def test_only_levels_that_a_cell_can_list_are_offered(tmp_path: Path) -> None:
    """A list of choices in a cell holds fewer than 255 characters."""
    criteria = pd.DataFrame(
        {"criterion_id": ["free", "short", "long"], "levels": [None, "no|yes", "n" * 200 + "|" + "y" * 60]}
    )
    judged = pd.DataFrame({"portal_id": ["a"], "criterion_id": "short", "assessor_id": "x", "round": "1"})
    audit = Audit(judged.assign(outcome="met"), criteria=criteria)
    write_rubric(audit, tmp_path, "2", ["Lan"])
    sheet = openpyxl.load_workbook(tmp_path / "rubric.xlsx").worksheets[0]
    (offered,) = sheet.data_validations.dataValidation
    names = [cell.value for cell in sheet[1]]
    assert offered.formula1 == '"no,yes"'
    line = int("".join(sign for sign in str(offered.sqref) if sign.isdigit()))
    assert sheet.cell(line, names.index("criterion_id") + 1).value == "short"
