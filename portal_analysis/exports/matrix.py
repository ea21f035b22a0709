"""Portals × criteria as a workbook to be looked at: colours by level, counts, who disagreed with the verdict.

Takes an audit; hands on :func:`write_matrix`. To go on computing take the tidy tables of
:func:`~portal_analysis.audit.write.write_audit`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.audit.agreement import disagreements
from portal_analysis.audit.consensus import verdicts
from portal_analysis.audit.judgements import AUDITED, Audit
from portal_analysis.exports.job import ExportError
from portal_analysis.figures.parts import LEVELS
from portal_analysis.figures.style import ink_on
from portal_analysis.files import moment, replace_files, safe_cell
from portal_analysis.language.catalogue import check_language, word
from portal_analysis.language.labels import Labels, Names, is_missing, source_title
from portal_analysis.language.reading import is_simulated
from portal_analysis.languages import texts_in

COLOURS = {code: part.colour for part in LEVELS for code in part.codes}
"""Of the verdicts that were audited; the others stay white."""

BEFORE = ("met", "judged", "split")
"""What is counted for each portal, before its verdicts."""

BELOW = (*reversed(AUDITED), "not_judged", "split")
"""What is counted for each criterion, below its verdicts."""

LONGEST_NOTE = 1500
"""Characters of a cell's note."""

LIST = ("round", "portal_id", "criterion_id", "verdict", "tie", "assessor_id", "vote", "evidence", "comment")


@dataclass(frozen=True)
class Cell:
    """What one portal's cell of one criterion says."""

    verdict: str
    tie: bool
    agreeing: int
    votes: int
    told: tuple[tuple[str, str], ...]

    @property
    def split(self) -> bool:
        """Did assessors disagree?"""
        return bool(self.told)


@dataclass(frozen=True)
class Round:
    """The verdicts of one round."""

    name: str
    portals: tuple[str, ...]
    criteria: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]

    def row(self, portal: str) -> list[Cell]:
        """Return the cells of a portal."""
        return [self.cells[portal, one] for one in self.criteria]

    def column(self, criterion: str) -> list[Cell]:
        """Return the cells of a criterion."""
        return [self.cells[one, criterion] for one in self.portals]


def write_matrix(
    audit: Audit,
    path: str | Path,
    lang: str = "en",
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    labels: Labels | None = None,
) -> Path:
    """Write a workbook with a sheet a round: portals down, criteria across, the verdict in words and colour.

    Parameters
    ----------
    audit : Audit
    path : str or Path
        The workbook; its name ends in ``.xlsx``. Its folder is made if it is not there.
    lang : {"en", "vi"}
    consensus, roll_up : str
        How assessors and pages become one verdict; see :func:`portal_analysis.audit.consensus.verdicts`.
    labels : mapping, optional
        Text for ``(column, value)``, or per language; comes before the audit's own names.

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        If the name does not end in ``.xlsx``.
    AuditError
        If nothing was judged, or a rule is unknown.

    Notes
    -----
    Where assessors disagreed the cell says how many gave the verdict, of how many, and its note says who said what;
    the last sheet lists the same, with evidence and comments. Colours are those of
    :func:`~portal_analysis.figures.plot_criteria`; words always stand beside them. Simulated data are named as such on
    every sheet. The same audit gives the same bytes.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> pa.write_matrix(latest, "matrix.xlsx").name
    'matrix.xlsx'
    """
    check_language(lang)
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ExportError(f"{target.name!r} does not end in .xlsx")
    listed = disagreements(audit, consensus, roll_up)
    rounds = list(_rounds(verdicts(audit, consensus, roll_up), listed))
    names = Names(
        lang, [audit.source] if audit.source else [], given={**_own_names(audit), **dict(labels or {})}
    )
    content = _Book(names, audit).made(rounds, listed)
    return replace_files(target.parent, {target.name: content})[target.name]


def _own_names(audit: Audit) -> dict[tuple[str, str | None], dict[str, str]]:
    """Return the names of portals and criteria that the audit's tables hold."""
    found: dict[tuple[str, str | None], dict[str, str]] = {}
    for table, column, name in (
        (audit.portals, "portal_id", "name"),
        (audit.criteria, "criterion_id", "wording"),
    ):
        for row in table.astype(object).to_dict("records"):
            if told := texts_in(row, name):
                found[column, str(row[column])] = told
    return found


def _rounds(table: pd.DataFrame, listed: pd.DataFrame) -> Iterator[Round]:
    votes = listed.groupby(["round", "portal_id", "criterion_id"], sort=False)[["assessor_id", "vote"]]
    told = {key: tuple(own.itertuples(index=False, name=None)) for key, own in votes}
    for when, own in table.groupby("round", sort=False):
        cells = {}
        for row in own.astype({"verdict": str}).to_dict("records"):
            place = row["portal_id"], row["criterion_id"]
            agreeing = int(row.get(row["verdict"], 0))
            cells[place] = Cell(
                row["verdict"], bool(row["tie"]), agreeing, int(row["votes"]), told.get((when, *place), ())
            )
        portals, criteria = (tuple(dict.fromkeys(own[name])) for name in ("portal_id", "criterion_id"))
        yield Round(str(when), portals, criteria, cells)


def counts_of(cells: Sequence[Cell]) -> dict[str, int]:
    """Count verdicts: each that was audited, those judged at all, the rest, and those on which assessors disagreed."""
    counts = {name: sum(cell.verdict == name for cell in cells) for name in AUDITED}
    judged = sum(counts.values())
    split = sum(cell.split for cell in cells)
    return {**counts, "judged": judged, "not_judged": len(cells) - judged, "split": split}


class _Book:
    """A workbook in the making: looks, names, sheets."""

    def __init__(self, names: Names, audit: Audit) -> None:
        self.names, self.lang, self.source = names, names.lang, audit.source
        self.simulated = audit.simulated or bool(audit.source and is_simulated(audit.source))

    def made(self, rounds: Sequence[Round], listed: pd.DataFrame) -> bytes:
        """Return the workbook with all its sheets."""
        import xlsxwriter

        target = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(target, {**options, "strings_to_numbers": False}) as book:
            book.set_properties({"title": self.word("matrix.title"), "created": moment()})
            self.looks = self._looks(book)
            for one in rounds:
                self._round(book.add_worksheet(_sheet_name(one.name, book)), one)
            self._list(book.add_worksheet(_sheet_name(self.word("matrix.list"), book)), listed)
        return target.getvalue()

    def word(self, key: str, **told: object) -> str:
        return word(key, self.lang, **told)

    def _looks(self, book: Any) -> dict[str, Any]:
        cell = {
            "border": 1,
            "border_color": "#c4c9d0",
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
        }
        looks = {
            "title": {"bold": True, "font_size": 14},
            "stamp": {"bold": True, "font_color": "#ffffff", "bg_color": "#a3123f"},
            "head": {**cell, "bold": True, "bg_color": "#eef1f5"},
            "name": {
                "bold": True,
                "valign": "vcenter",
                "text_wrap": True,
                "border": 1,
                "border_color": "#c4c9d0",
            },
            "number": {**cell, "bg_color": "#eef1f5"},
            "other": {**cell, "italic": True, "font_color": "#5b6470"},
            "text": {"text_wrap": True, "valign": "top"},
        }
        for name in AUDITED:
            looks[name] = {**cell, "bg_color": COLOURS[name], "font_color": ink_on(COLOURS[name])}
        return {name: book.add_format(look) for name, look in looks.items()}

    def _top(self, sheet: Any, title: str) -> int:
        """Write title, stamp and source; return the next free row."""
        sheet.write_string(0, 0, title, self.looks["title"])
        row = 1
        if self.simulated:
            sheet.write_string(row, 0, self.word("word.stamp"), self.looks["stamp"])
            row += 1
        if self.source:
            told = self.word(
                "note.source", head=self.word("word.source"), names=source_title(self.source, self.lang)
            )
            sheet.write_string(row, 0, str(safe_cell(told)))
            row += 1
        return row

    def _round(self, sheet: Any, one: Round) -> None:
        row = self._top(
            sheet, self.word("matrix.of_round", round=self.names.value("round", one.name, self.source))
        )
        sheet.write_string(row, 0, self.word("matrix.told"))
        for place, name in enumerate(reversed(AUDITED), start=1):
            sheet.write_string(row + 1, place, self.value("outcome", name), self.looks[name])
        head = row + 3
        self._heads(sheet, head, one)
        for place, portal in enumerate(one.portals, start=head + 1):
            self._portal(sheet, place, portal, one)
        for place, name in enumerate(BELOW, start=head + 1 + len(one.portals)):
            sheet.write_string(place, 0, self.word(f"matrix.{name}"), self.looks["name"])
            for column, criterion in enumerate(one.criteria, start=1 + len(BEFORE)):
                sheet.write_number(
                    place, column, counts_of(one.column(criterion))[name], self.looks["number"]
                )
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, len(BEFORE), 9)
        sheet.set_column(1 + len(BEFORE), len(BEFORE) + len(one.criteria), 15)
        sheet.freeze_panes(head + 1, 1)
        sheet.set_landscape()
        sheet.repeat_rows(head)
        sheet.fit_to_pages(1, 0)

    def _heads(self, sheet: Any, head: int, one: Round) -> None:
        sheet.write_string(head, 0, self.names.title("portal_id"), self.looks["head"])
        for column, name in enumerate(BEFORE, start=1):
            sheet.write_string(head, column, self.word(f"matrix.{name}"), self.looks["head"])
        for column, criterion in enumerate(one.criteria, start=1 + len(BEFORE)):
            sheet.write_string(head, column, self.value("criterion_id", criterion), self.looks["head"])
        sheet.set_row(head, 90)

    def _portal(self, sheet: Any, row: int, portal: str, one: Round) -> None:
        sheet.write_string(row, 0, self.value("portal_id", portal), self.looks["name"])
        counts = counts_of(one.row(portal))
        for column, name in enumerate(BEFORE, start=1):
            sheet.write_number(row, column, counts[name], self.looks["number"])
        for column, cell in enumerate(one.row(portal), start=1 + len(BEFORE)):
            sheet.write_string(
                row, column, self._said(cell), self.looks.get(cell.verdict, self.looks["other"])
            )
            if cell.split:
                votes = "\n".join(
                    f"{self.value('assessor_id', who)}: {self.value('outcome', what)}"
                    for who, what in cell.told
                )
                sheet.write_comment(row, column, votes[:LONGEST_NOTE], {"author": "portal_analysis"})

    def _said(self, cell: Cell) -> str:
        """Say the verdict; where assessors disagreed, how many gave it; whether it was a tie."""
        told = self.value("outcome", cell.verdict)
        if not cell.split:
            return told
        key = "matrix.tie" if cell.tie else "matrix.some"
        return self.word(key, verdict=told, count=cell.agreeing, all=cell.votes)

    def _list(self, sheet: Any, listed: pd.DataFrame) -> None:
        head = self._top(sheet, self.word("matrix.list")) + 1
        shown = [name for name in LIST if name not in ("evidence", "comment") or listed[name].notna().any()]
        for column, name in enumerate(shown):
            sheet.write_string(head, column, self.names.title(name), self.looks["head"])
        for row, told in enumerate(listed.astype(object).to_dict("records"), start=head + 1):
            for column, name in enumerate(shown):
                sheet.write_string(row, column, self._listed(name, told[name]), self.looks["text"])
        sheet.set_column(0, len(shown) - 1, 22)
        sheet.freeze_panes(head + 1, 0)
        sheet.autofilter(head, 0, head + max(len(listed), 1), len(shown) - 1)

    def _listed(self, column: str, value: Any) -> str:
        if is_missing(value):
            return ""
        if column == "tie":
            return self.word("word.yes" if value else "word.no")
        if column in ("evidence", "comment"):
            return str(safe_cell(str(value)))[:LONGEST_NOTE]
        return self.value("outcome" if column in ("verdict", "vote") else column, value)

    def value(self, column: str, value: Any) -> str:
        """Return the name of a code, safe as a cell."""
        return str(safe_cell(self.names.value(column, value, self.source or None)))


def _sheet_name(name: str, book: Any) -> str:
    """Return a name that a sheet can have, and that no other sheet has."""
    kept = "".join(" " if mark in "[]:*?/\\'" else mark for mark in name).strip()[:28] or "1"
    taken = {sheet.get_name().casefold() for sheet in book.worksheets()}
    found, number = kept, 2
    while found.casefold() in taken:
        found, number = f"{kept} {number}", number + 1
    return found
