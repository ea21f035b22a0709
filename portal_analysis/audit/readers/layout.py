"""Where things stand in a sheet: its header, its columns, its criteria, and which rows are portals at all.

Hands on :class:`Layout`. What would be guessing is a fault, with a draft of the mapping that would say it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from portal_analysis.audit.readers import levels as words
from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.mapping import SHAPES, Mapping
from portal_analysis.audit.readers.reading import LEFT_OUT, Fault, FileFaults, Notes
from portal_analysis.audit.readers.sheets import Sheet
from portal_analysis.audit.readers.vocabulary import vocabulary

_HEADER_SEARCH = 20
_ANSWER = re.compile(r"^(?P<of>.+)(?:/|\[|\.(?!\s)|\s[-–—]\s|:\s)\s*(?P<word>[^/\[\]]+?)\s*\]?$")
_UNIT = re.compile(r"\s*[(\[:].*$")


@dataclass
class Layout:
    """Where things stand in one sheet.

    ``criteria`` are columns that hold one criterion each; ``answers`` are criteria of which each column holds
    one answer: criterion → column → the word that a mark in it stands for.
    """

    mapping: Mapping
    header: int
    columns: dict[str, int]
    criteria: dict[int, str]
    groups: dict[int, str]
    first: int
    answers: dict[str, dict[int, str]] = field(default_factory=dict)


@cache
def _roles() -> words.Words:
    return words.Words(
        (header, role) for role, headers in vocabulary()["headers"].items() for header in headers
    )


def role_of(name: str) -> str | None:
    """Return what a column with this header says, None if the header is not known."""
    found = _roles().one(name)
    return str(found) if found is not None else None


@cache
def _listed(kind: str, name: str) -> words.Words:
    return words.word_list(kind, name)


def is_listed(text: str, kind: str, name: str) -> bool:
    """Say whether a text, with or without a unit in brackets after it, is in a list of ``words.toml``."""
    return bool(_listed(kind, name).all(text) or _listed(kind, name).all(_UNIT.sub("", text)))


def settle(sheet: Sheet, where: str, given: Mapping | None, sheets: int, notes: Notes) -> Layout:
    """Find the header row, name its columns, and settle the shape; a fault if that would be guessing."""
    header = given.header - 1 if given and given.header else _header_row(sheet, given)
    if header is None or header >= len(sheet.rows):
        raise FileFaults(Fault(where, None, "no row names the columns", draft(sheet, 0, given)))
    groups_at, names_at = _two_rows(sheet, header, given)
    names = _names(sheet, names_at, header)
    columns, faults = _columns(names, given, where, header)
    if faults:
        raise FileFaults(*faults)
    shape = given.shape if given and given.shape else _shape(columns, sheets)
    if shape is None:
        found = "the shape of the sheet is not clear"
        raise FileFaults(Fault(where, header + 1, found, draft(sheet, header, given)))
    mapping = replace(given or Mapping(), shape=shape)
    groups = _groups(sheet, groups_at, names) if groups_at is not None else {}
    layout = Layout(mapping, header, columns, {}, groups, max(header, names_at) + 1)
    if shape in ("wide", "matrix"):
        _Columns(sheet, layout, names, where, notes).settle()
    return layout


# ------------------------------------------------------------------------------------------ header rows


def _header_row(sheet: Sheet, given: Mapping | None) -> int | None:
    sought = {words.fold(name) for name in given.columns.values()} if given else set()
    for place, row in enumerate(sheet.rows[:_HEADER_SEARCH]):
        filled = [cell for cell in row if cell]
        if sought:
            if sought & {words.fold(cell) for cell in filled}:
                return place
        elif len(filled) >= 2 and any(role_of(cell) in ("portal", "criterion") for cell in filled):
            return place
    return None


def _two_rows(sheet: Sheet, header: int, given: Mapping | None) -> tuple[int | None, int]:
    """Return the rows of the groups (if any) and of the names: groups may stand above or in the header row."""
    if given and given.groups:
        return given.groups - 1, header
    below = sheet.rows[header + 1] if header + 1 < len(sheet.rows) else []
    blanks = [place for place, cell in enumerate(sheet.rows[header]) if not cell]
    filled = [place for place, cell in enumerate(below) if cell]
    named = [place for place in range(len(sheet.rows[header])) if sheet.cell(header, place)]
    free = len(filled) >= 2 and not (below and below[0]) and not _entry_below(sheet, header, named)
    if blanks and free and (_no_levels(below) or _answers_below(sheet, header, below)):
        return header, header + 1
    above = sheet.rows[header - 1] if header else []
    several = sum(bool(cell) for cell in above) >= 2
    if (several or _heads_answers(sheet, header, above)) and not any(role_of(cell) for cell in above if cell):
        return header - 1, header
    return None, header


def _heads_answers(sheet: Sheet, header: int, above: Sequence[str]) -> bool:
    """Tell whether the one cell above the header stands over the first of some columns named after levels."""
    over = [place for place, cell in enumerate(above) if cell]
    return len(over) == 1 and all(
        words.understand(sheet.cell(header, place)) is not None for place in (over[0], over[0] + 1)
    )


def _no_levels(row: Sequence[str]) -> bool:
    return all(words.understand(cell) is None for cell in row if cell)


def _answers_below(sheet: Sheet, header: int, below: Sequence[str]) -> bool:
    """Tell whether the row below names each criterion's answers: below every merged header different levels."""
    groups: dict[int, list[str]] = {}
    current = -1
    for place, cell in enumerate(below):
        current = place if sheet.cell(header, place) else current
        if cell:
            groups.setdefault(current, []).append(words.fold(cell))
    return bool(groups) and all(len(found) > 1 and len(set(found)) == len(found) for found in groups.values())


def _entry_below(sheet: Sheet, header: int, named: list[int]) -> bool:
    """Is the row below the header already an entry: does its portal or criterion cell say something?"""
    roles = [place for place in named if role_of(sheet.cell(header, place)) in ("portal", "criterion")]
    return any(sheet.cell(header + 1, place) for place in roles)


def _names(sheet: Sheet, names_at: int, header: int) -> dict[int, str]:
    """Column → name: the lower of two header rows where it says something, else the upper."""
    width = max(len(sheet.rows[names_at]), len(sheet.rows[header]))
    named = {place: sheet.cell(names_at, place) or sheet.cell(header, place) for place in range(width)}
    return {place: clean(" ".join(name.split()), 300) for place, name in named.items()}


def _groups(sheet: Sheet, row: int, names: dict[int, str]) -> dict[int, str]:
    """Column → group: a merged header fills the empty cells to its right."""
    filled, current = {}, ""
    for place in sorted(names):
        current = sheet.cell(row, place) or current
        if current and current != names[place]:
            filled[place] = clean(current, 300)
    return filled


def _columns(
    names: dict[int, str], given: Mapping | None, where: str, header: int
) -> tuple[dict[str, int], list[Fault]]:
    """Role → column, by the mapping or by the headers that are understood."""
    places: dict[str, int] = {}
    for place, name in names.items():
        places.setdefault(words.fold(name), place)
    faults = []
    found: dict[str, int] = {}
    if given and given.columns:
        repeated = _repeated(names)
        for role, name in given.columns.items():
            if words.fold(str(name)) in repeated:
                both = f"the columns {repeated[words.fold(str(name))]} are all called {name!r}"
                faults.append(Fault(where, header + 1, both, "give each its own name"))
            elif words.fold(str(name)) in places:
                found[role] = places[words.fold(str(name))]
            else:
                there = [name for name in names.values() if name]
                faults.append(
                    Fault(where, header + 1, f"there is no column {name!r}", f"the columns are {there}")
                )
        return found, faults
    for place, name in names.items():
        meant = role_of(name)
        if meant and meant in found:
            both = f"the columns {[names[found[meant]], name]} may both be the {meant}"
            faults.append(Fault(where, header + 1, both, "say it in a mapping"))
        elif meant:
            found[meant] = place
    return found, faults


def _repeated(names: dict[int, str]) -> dict[str, list[int]]:
    """Folded name → the places, from 1, of the columns that are called so, where there are several."""
    places: dict[str, list[int]] = {}
    for place, name in names.items():
        if name:
            places.setdefault(words.fold(name), []).append(place + 1)
    return {name: found for name, found in places.items() if len(found) > 1}


def _shape(columns: dict[str, int], sheets: int) -> str | None:
    """Return the shape that the columns leave no doubt about."""
    judged = "rating" in columns or "outcome" in columns
    if {"portal", "criterion"} <= set(columns) and judged:
        return "long"
    if "portal" in columns and "criterion" not in columns and not judged:
        return "wide"
    if "criterion" in columns and "portal" not in columns and judged and sheets > 1:
        return "sheet-per-portal"
    return None


# ------------------------------------------------------------------------------------ criterion columns


class _Columns:
    """The choice of the columns that hold judgements. A class, for its steps share the sheet and its notes."""

    def __init__(self, sheet: Sheet, layout: Layout, names: dict[int, str], where: str, notes: Notes) -> None:
        self.sheet, self.layout, self.names, self.where, self.notes = sheet, layout, names, where, notes
        self.mapping, self.line = layout.mapping, layout.header + 1

    def settle(self) -> None:
        """Fill in ``criteria`` and ``answers`` of the layout."""
        rest = self._rest()
        if self.mapping.criteria is not None and self.mapping.shape == "wide":
            self.layout.criteria = self._wanted(rest)
            return
        wide = self.mapping.shape == "wide"
        rest = self._without_sums(rest)
        if wide:
            rest = self._without_answers(rest)
            rest = self._without_empty(rest)
        named = self._told_apart(rest)
        if not named and not self.layout.answers:
            found = "no column is left for criteria"
            raise FileFaults(
                Fault(self.where, self.line, found, draft(self.sheet, self.layout.header, self.mapping))
            )
        self.layout.criteria = named

    def _rest(self) -> dict[int, str]:
        ignored = {words.fold(name) for name in self.mapping.ignore}
        taken = set(self.layout.columns.values())
        rest = {
            place: name
            for place, name in self.names.items()
            if place not in taken
            and words.fold(name) not in ignored
            and not is_listed(name, "columns", "unimportant")
        }
        if self.mapping.criteria is not None:
            return rest
        metadata = {words.fold(one) for one in vocabulary()["columns"]["metadata"]}
        return {place: name for place, name in rest.items() if words.fold(name) not in metadata}

    def _wanted(self, rest: dict[int, str]) -> dict[int, str]:
        """Return the columns that the mapping names."""
        criteria = self.mapping.criteria or {}
        wanted = {words.fold(name): criterion for name, criterion in criteria.items()}
        chosen = {
            place: str(wanted[words.fold(name)]) for place, name in rest.items() if words.fold(name) in wanted
        }
        lost = set(wanted) - {words.fold(rest[place]) for place in chosen}
        if lost:
            found = f"there are no columns {sorted(name for name in criteria if words.fold(name) in lost)}"
            raise FileFaults(Fault(self.where, self.line, found, f"the columns are {list(rest.values())}"))
        return chosen

    def _without_sums(self, rest: dict[int, str]) -> dict[int, str]:
        sums = [place for place, name in rest.items() if is_listed(name, "columns", "sums")]
        if sums:
            found = f"columns {[rest[place] for place in sums]} look like sums, ranks or weights"
            self._note(found, "if they hold judgements, name them in a mapping: criteria = [...]")
        return {place: name for place, name in rest.items() if place not in sums}

    def _without_empty(self, rest: dict[int, str]) -> dict[int, str]:
        """Columns without one cell are no criteria, unless no column has any or blanks are said to mean something."""
        spoken = [place for place in rest if self._speaks(place)]
        if (
            self.mapping.blank != "not_tested"
            or not (spoken or self.layout.answers)
            or len(spoken) == len(rest)
        ):
            return rest
        silent = [name for place, name in rest.items() if place not in spoken]
        found = f"no portal has a word in the columns {silent}"
        self._note(found, "if they are criteria that nobody judged, name them in a mapping: criteria = [...]")
        return {place: rest[place] for place in spoken}

    def _speaks(self, place: int) -> bool:
        rows = range(self.layout.first, len(self.sheet.rows))
        return any(self.sheet.cell(row, place) or (row, place) in self.sheet.colours for row in rows)

    def _without_answers(self, rest: dict[int, str]) -> dict[int, str]:
        """Take out the columns that hold one answer each: ``tra_cuu/dat``, or levels below a merged header."""
        found = {place: answer for place, name in rest.items() if (answer := self._answer(place, name))}
        named = {words.fold(name): place for place, name in rest.items() if place not in found}
        by_criterion: dict[str, dict[int, str]] = {}
        for place, (criterion, word) in found.items():
            by_criterion.setdefault(criterion, {})[place] = word
        faults = []
        for criterion, answers in by_criterion.items():
            parent = named.get(words.fold(criterion))
            if parent is not None and self._speaks(parent):
                continue
            if len(answers) < 2:
                place, word = next(iter(answers.items()))
                what = f"the column {rest[place]!r} is named after a level, {word!r}: it holds answers, not judgements"
                advice = f"leave it out, ignore = [{json.dumps(rest[place], ensure_ascii=False)}], or name it otherwise"
                faults.append(Fault(self.where, self.line, what, advice))
            self.layout.answers[criterion] = answers
        if faults:
            raise FileFaults(*faults)
        empty = {named.get(words.fold(criterion)) for criterion in self.layout.answers}
        return {place: name for place, name in rest.items() if place not in found and place not in empty}

    def _answer(self, place: int, name: str) -> tuple[str, str] | None:
        """Return the criterion and the level that a column's name stands for, None if it names no level."""
        if self._is_level(name):
            return self.layout.groups.get(place, name), name
        parted = _ANSWER.match(name)
        if parted and self._is_level(parted["word"], also_without=True):
            return parted["of"].strip(), parted["word"]
        return None

    def _is_level(self, name: str, also_without: bool = False) -> bool:
        given = self.mapping.levels
        if isinstance(given, Table | list):
            return words.fold(name) in {words.fold(str(one)) for one in given}
        found = words.understand(name)
        if found is None or found.note:
            return False
        return found.family not in ("number", "mark", *(() if also_without else (None,)))

    def _told_apart(self, rest: dict[int, str]) -> dict[int, str]:
        """Columns with one name in two groups get the group's name before theirs."""
        repeated = {name for name in rest.values() if list(rest.values()).count(name) > 1}
        groups = self.layout.groups
        named = {
            place: f"{groups[place]} / {name}" if name in repeated and place in groups else name
            for place, name in rest.items()
        }
        seen: dict[str, int] = {}
        for name in named.values():
            seen[words.fold(name)] = seen.get(words.fold(name), 0) + 1
        twice = sorted({name for name in named.values() if seen[words.fold(name)] > 1})
        if twice:
            found = f"columns occur twice: {twice}"
            raise FileFaults(Fault(self.where, self.line, found, "give each its own name"))
        return named

    def _note(self, found: str, advice: str) -> None:
        self.notes.add(LEFT_OUT, Fault(self.where, self.line, found, advice))


# ---------------------------------------------------------------------------------------------- drafts


def draft(sheet: Sheet, header: int, given: Mapping | None) -> str:
    """Return what a mapping for this sheet would look like, as TOML that can be pasted and completed."""
    names = [cell for cell in (sheet.rows[header] if header < len(sheet.rows) else []) if cell][:12]
    portal = next((name for name in names if role_of(name) == "portal"), names[0] if names else "…")
    lines = [
        f'shape = "{(given.shape if given else None) or "wide"}"  # one of {", ".join(SHAPES)}',
        f"header = {header + 1}",
        f"columns = {{ portal = {toml_text(portal)} }}",
        f"criteria = [{', '.join(toml_text(name) for name in names if name != portal)}]",
        'levels = { "đạt" = "met", "đạt một phần" = "partly", "không đạt" = "not_met" }',
    ]
    return "say it in a mapping, for instance in TOML:\n" + "\n".join(lines)


def toml_text(text: str) -> str:
    """Return a text as a string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
