"""The four shapes in which people write judgements: wide, long, matrix, one sheet a portal.

Hands on one entry a cell that holds, or could hold, a judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from portal_analysis.audit.readers import levels as words
from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.layout import Layout
from portal_analysis.audit.readers.reading import LOOK, Fault, Notes
from portal_analysis.audit.readers.rows import body
from portal_analysis.audit.readers.sheets import Sheet


@dataclass(slots=True)
class Entry:
    """One cell that holds, or could hold, a judgement."""

    portal: str
    criterion: str
    text: str
    line: int
    colour: str | None = None
    about: dict[str, str] = field(default_factory=dict)
    reading: words.Reading | None = None
    levels: tuple[str, ...] | None = None
    good_from: str | None = None
    scale: str | None = None


Read = tuple[list[Entry], list[Fault]]
Reader = Callable[[Sheet, Layout, dict[str, str], str, Notes], Read]

_CHOSEN = {"1", "true", "x", "v", "✓", "✔", "yes", "có", "selected", "1.0"}
_NOT_CHOSEN = {"", "0", "false", "no", "không", "0.0"}


def _about(
    sheet: Sheet, row: int, layout: Layout, values: dict[str, str], last: dict[str, str]
) -> dict[str, str]:
    """Return what the row says beside its judgements; empty cells of ``fill_down`` repeat what was last said."""
    said = dict(values)
    for role, column in layout.columns.items():
        text = clean(sheet.cell(row, column))
        if not text and role in layout.mapping.fill_down:
            text = last.get(role, "")
        if text:
            said[role] = last[role] = text
    return said


def wide(sheet: Sheet, layout: Layout, values: dict[str, str], where: str, notes: Notes) -> Read:
    """Return a row a portal, a column a criterion, or a column each of its answers."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    last: dict[str, str] = {}
    tints = _Tints(sheet, layout, where, notes)
    for row in body(sheet, layout, where, notes):
        about = _about(sheet, row, layout, values, last)
        if not about.get("portal"):
            faults.append(
                Fault(where, row + 1, "a row without a portal", "name the portal, or empty the row")
            )
            continue
        for column, criterion in layout.criteria.items():
            group, wording = layout.groups.get(column), sheet.wordings.get(criterion)
            said = about if wording is None else {"wording": wording, **about}
            entries.append(_entry(sheet, row, column, about["portal"], criterion, said, group, tints))
        for criterion, answers in layout.answers.items():
            entry, fault = _answered(sheet, row, criterion, answers, about, where)
            entries.append(entry)
            faults += fault
    return entries, faults


def _answered(
    sheet: Sheet, row: int, criterion: str, answers: dict[int, str], about: dict[str, str], where: str
) -> tuple[Entry, list[Fault]]:
    """Return the one judgement that several columns of answers hold: the answer that has the mark."""
    cells = {column: words.fold(sheet.cell(row, column)) for column in answers}
    odd = [sheet.cell(row, column) for column, cell in cells.items() if cell not in _CHOSEN | _NOT_CHOSEN]
    text = ", ".join(answers[column] for column, cell in cells.items() if cell in _CHOSEN)
    entry = Entry(
        clean(about["portal"], 300), clean(criterion, 300), "" if odd else text, row + 1, about=about
    )
    if not odd:
        return entry, []
    found = f"{odd[0]!r} below an answer to {criterion!r}"
    return entry, [Fault(where, row + 1, found, "mark the answer with 1 or x and leave the others empty")]


def long(sheet: Sheet, layout: Layout, values: dict[str, str], where: str, notes: Notes) -> Read:
    """Return a row a judgement."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    last: dict[str, str] = {}
    column = layout.columns.get("rating", layout.columns.get("outcome", -1))
    if column < 0:
        return [], [
            Fault(where, layout.header + 1, "no column holds the rating", "name it in columns.rating")
        ]
    tints = _Tints(sheet, layout, where, notes)
    for row in body(sheet, layout, where, notes):
        about = _about(sheet, row, layout, values, last)
        missing = [role for role in ("portal", "criterion") if not about.get(role)]
        if missing:
            faults.append(
                Fault(where, row + 1, f"a row without {' and '.join(missing)}", "fill it in, or fill_down")
            )
            continue
        group = about.get("group")
        entries.append(_entry(sheet, row, column, about["portal"], about["criterion"], about, group, tints))
    return entries, faults


def per_portal(sheet: Sheet, layout: Layout, values: dict[str, str], where: str, notes: Notes) -> Read:
    """Return a row a criterion, a sheet a portal."""
    return long(sheet, layout, {"portal": sheet.name, **values}, where, notes)


def matrix(sheet: Sheet, layout: Layout, values: dict[str, str], where: str, notes: Notes) -> Read:
    """Return a row a criterion, a column a portal or an assessor."""
    entries: list[Entry] = []
    last: dict[str, str] = {}
    ignored = {words.fold(name) for name in layout.mapping.ignore}
    if "criterion" not in layout.columns:
        return [], [
            Fault(where, layout.header + 1, "no column names the criteria", "name it in columns.criterion")
        ]
    tints = _Tints(sheet, layout, where, notes)
    for row in body(sheet, layout, where, notes):
        about = _about(sheet, row, layout, values, last)
        criterion = about.get("criterion")
        if not criterion or words.fold(criterion) in ignored:
            continue
        for column, name in layout.criteria.items():
            assessors = layout.mapping.columns_are == "assessors"
            one = {**about, "assessor": name} if assessors else about
            portal = about.get("portal") if assessors else name
            if portal is None:
                found = "nothing says which portal this is about"
                return [], [Fault(where, row + 1, found, "say it in values.portal or columns.portal")]
            entries.append(_entry(sheet, row, column, portal, criterion, one, about.get("group"), tints))
    return entries, []


READERS: dict[str, Reader] = {
    "wide": wide,
    "long": long,
    "matrix": matrix,
    "sheet-per-portal": per_portal,
}


class _Tints:
    """Which fills are levels and which only tint a row or column. A class, for each row is looked at once.

    A row whose portal or number is filled in the colour of its cells is tinted, and so is a column whose header has
    exactly the shade of its cells: their fills say nothing.
    """

    def __init__(self, sheet: Sheet, layout: Layout, where: str, notes: Notes) -> None:
        self.sheet, self.layout, self.where, self.notes = sheet, layout, where, notes
        judged = set(layout.criteria) | {layout.columns.get("rating", -1), layout.columns.get("outcome", -1)}
        width = max((len(row) for row in sheet.rows), default=0)
        others = [column for column in range(width) if column not in judged]
        self.beside = [*layout.columns.values(), *others]
        self.told: set[int] = set()

    def level(self, row: int, column: int) -> str | None:
        """Return the colour of a cell where it is a level."""
        colour = self.sheet.colours.get((row, column))
        if colour is None:
            return None
        shade = self.sheet.shades.get((row, column), colour)
        if any(self._shade(row, other) == shade for other in self.beside if other != column):
            self._tell(row, column)
            return None
        headers = (self.layout.header, self.layout.first - 1)
        return None if any(self._shade(head, column) == shade for head in headers) else colour

    def _shade(self, row: int, column: int) -> str | None:
        return self.sheet.shades.get((row, column), self.sheet.colours.get((row, column)))

    def _tell(self, row: int, column: int) -> None:
        if row not in self.told and not self.sheet.cell(row, column):
            self.told.add(row)
            found = "the row is tinted: the fill of its empty cells is no level"
            self.notes.add(LOOK, Fault(self.where, row + 1, found, "write the levels of that row as words"))


def _entry(
    sheet: Sheet,
    row: int,
    column: int,
    portal: str,
    criterion: str,
    about: dict[str, str],
    group: str | None,
    tints: _Tints,
) -> Entry:
    said = {**about, **({"group": group} if group else {})}
    text, colour = sheet.cell(row, column), tints.level(row, column)
    return Entry(clean(portal, 300), clean(criterion, 300), text, row + 1, colour, said)
