"""Portals × criteria for people: the verdict in words and colour, counts that add up, and who disagreed."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.schema import TABLES
from portal_analysis.exports.job import ExportError
from portal_analysis.exports.matrix import COLOURS, write_matrix


@pytest.fixture
def audit() -> Audit:
    """Two portals, two criteria: x, y and z differ on a's search; b's search is a tie; nobody judged b's privacy."""
    said = {
        ("a", "search"): {"x": "met", "y": "met", "z": "not_met"},
        ("a", "privacy"): {"x": "partly"},
        ("b", "search"): {"x": "met", "y": "not_met"},
    }
    rows = [(*where, who, what) for where, all_ in said.items() for who, what in all_.items()]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "assessor_id", "outcome"])
    criteria = pd.DataFrame(
        {
            "criterion_id": ["search", "privacy"],
            "wording_en": ["=Search", "Privacy"],
            "wording_vi": ["Tra cứu", None],
        }
    )
    judged.loc[0, "comment"] = "=cmd()"
    return Audit(
        judged.assign(round="1/2024"), criteria=criteria, portals=pd.DataFrame({"portal_id": ["a", "b"]})
    )


def rows_of(path: Path, sheet: int = 0) -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(path).worksheets[sheet].iter_rows(values_only=True)]


def test_verdicts_counts_and_who_disagreed(audit: Audit, tmp_path: Path) -> None:
    path = write_matrix(audit, tmp_path / "new" / "matrix.xlsx")
    rows = rows_of(path)
    head = next(place for place, row in enumerate(rows) if row[0] == "Portal")
    assert rows[head][:6] == ["Portal", "met", "judged", "assessors disagreed", "'=Search", "Privacy"]
    assert rows[head + 1][:6] == ["a", 1, 2, 1, "met (2 of 3)", "partly met"]
    assert rows[head + 2][:6] == ["b", 0, 1, 1, "not met (1 of 2, tie)", "no record"]
    below = {row[0]: row[4:6] for row in rows[head + 3 :]}
    assert below == {
        "met": [1, 0], "partly met": [0, 1], "not met": [1, 0], "not judged": [0, 1], "assessors disagreed": [2, 0],
    }  # fmt: skip


def test_colours_stand_for_levels_and_notes_tell_the_votes(audit: Audit, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_matrix(audit, tmp_path / "m.xlsx")).worksheets[0]
    cells = {cell.value: cell for row in sheet.iter_rows(max_row=8, max_col=6) for cell in row if cell.value}
    filled = {text: cells[text].fill.fgColor.rgb[2:].lower() for text in ("met (2 of 3)", "partly met")}
    assert filled == {"met (2 of 3)": COLOURS["met"][1:], "partly met": COLOURS["partly"][1:]}
    assert cells["met (2 of 3)"].comment.text == "x: met\ny: met\nz: not met"
    assert cells["no record"].fill.fill_type is None
    assert cells["partly met"].comment is None


def test_the_list_has_every_vote_of_split_cells(audit: Audit, tmp_path: Path) -> None:
    path = write_matrix(audit, tmp_path / "m.xlsx")
    assert openpyxl.load_workbook(path).sheetnames == ["1 2024", "Who disagreed"]
    rows = rows_of(path, 1)
    assert len(rows) - rows.index(next(row for row in rows if row[0] == "Round")) - 1 == 5
    assert any("'=cmd()" in row for row in rows)


def test_it_speaks_vietnamese_and_takes_names(audit: Audit, tmp_path: Path) -> None:
    path = write_matrix(
        audit, tmp_path / "m.xlsx", "vi", labels={("portal_id", "a"): {"vi": "Cổng A", "en": "A"}}
    )
    text = str(rows_of(path))
    assert "đạt (2/3)" in text
    assert "Cổng A" in text
    assert "Tra cứu" in text
    assert "Privacy" in text, "a criterion without a Vietnamese wording keeps the other one"


def test_simulated_audits_say_so_on_every_sheet(audit: Audit, tmp_path: Path) -> None:
    invented = Audit(**audit.tables(), simulated=True)
    path = write_matrix(invented, tmp_path / "m.xlsx")
    for sheet in range(2):
        assert ["SIMULATED DATA" in str(row[0]) for row in rows_of(path, sheet)].count(True) == 1


def test_the_same_bytes_and_no_file_by_halves(audit: Audit, tmp_path: Path) -> None:
    one, two = (write_matrix(audit, tmp_path / f"{name}.xlsx").read_bytes() for name in "ab")
    assert one == two
    with pytest.raises(ExportError, match=r"\.xlsx"):
        write_matrix(audit, tmp_path / "m.csv")
    with pytest.raises(AuditError, match="no judgements"):
        write_matrix(Audit(TABLES["judgements"].empty()), tmp_path / "c.xlsx")
    with pytest.raises(AuditError, match="consensus"):
        write_matrix(audit, tmp_path / "c.xlsx", consensus="loudest")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]
