"""Sheets in which people wrote their judgements, in the shapes in which they do: wide, long, matrix, one per portal.

Hands on one entry a cell; what is not written is ``not_tested``, never failed and never passed. What is not clear
without guessing is a fault, with a draft of the mapping that would say it.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from portal_analysis.audit.readers import levels as words
from portal_analysis.audit.readers.mapping import SHAPES, Mapping
from portal_analysis.audit.readers.reading import PRECEDENCE, Assembly, Fault, FileFaults, clean
from portal_analysis.audit.readers.sheets import Sheet
from portal_analysis.audit.readers.wcag_em import iso_date

HEADERS: dict[str, tuple[str, ...]] = {
    "portal": (
        "portal", "portal id", "portal_id", "cổng", "tên cổng", "cổng dịch vụ công", "tỉnh", "tỉnh/thành phố",
        "tỉnh thành", "tỉnh, thành phố", "tỉnh/tp", "tên tỉnh", "địa phương", "đơn vị", "province", "site", "website",
    ),
    "portal_name": ("portal name", "name", "name_vi", "name_en"),
    "province_code": ("province_code", "mã tỉnh"),
    "url": ("url", "địa chỉ", "link", "đường dẫn"),
    "page": ("page", "page_id", "trang"),
    "criterion": ("criterion", "criterion_id", "tiêu chí", "mã tiêu chí", "criteria", "chỉ tiêu"),
    "wording": ("wording", "nội dung", "nội dung tiêu chí", "mô tả"),
    "group": ("group", "nhóm", "nhóm tiêu chí"),
    "assessor": ("assessor", "assessor_id", "rater", "evaluator", "người đánh giá", "chuyên gia"),
    "assessor_kind": ("assessor_kind",),
    "round": ("round", "wave", "đợt", "đợt đánh giá", "vòng"),
    "rating": ("rating", "level", "mức", "mức độ", "mức đánh giá", "kết quả", "đánh giá", "result", "answer"),
    "outcome": ("outcome",),
    "comment": ("comment", "comments", "note", "notes", "ghi chú", "nhận xét"),
    "evidence": ("evidence", "minh chứng", "bằng chứng"),
    "rated_at": ("rated_at", "ngày", "ngày đánh giá"),
}  # fmt: skip
"""Headers that are understood without a mapping."""

UNIMPORTANT = ("stt", "tt", "no", "no.", "#", "")
NOTES = (
    "ghi chú",
    "chú thích",
    "nguồn",
    "note",
    "notes",
    "source",
    "*",
    "tổng",
    "tổng số",
    "tổng cộng",
    "total",
    "cộng",
)
"""First words of rows below a table that are no portals."""

_ROLE_OF = {words.fold(header): role for role, headers in HEADERS.items() for header in headers}
_HEADER_SEARCH = 20


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


def read(sheets: Sequence[Sheet], file: str, mappings: Sequence[Mapping]) -> list[Entry]:
    """Return the entries of the sheets of one file.

    Raises
    ------
    FileFaults
        All cells that are not understood, rows without a portal, portals that occur twice, and shapes that
        cannot be told apart, each with its line and what a mapping would say.
    """
    given = next((one for one in mappings if one.applies_to(file)), None)
    chosen = [sheet for sheet in sheets if any(any(row) for row in sheet.rows) or sheet.colours]
    faults: list[Fault] = []
    if given and given.sheets is not None:
        missing = [name for name in given.sheets if name not in {sheet.name for sheet in sheets}]
        names = [sheet.name for sheet in sheets]
        faults += [
            Fault(file, None, f"there is no sheet {name!r}", f"the sheets are {names}") for name in missing
        ]
        chosen = [sheet for sheet in chosen if sheet.name in given.sheets]
    if not chosen and not faults:
        faults.append(Fault(file, None, "no cell is filled in", "take the file away, or get it again"))
    entries: list[Entry] = []
    for sheet in chosen:
        try:
            entries += _of_sheet(sheet, file, given, len(chosen))
        except FileFaults as error:
            faults += error.faults
    if faults:
        raise FileFaults(*faults)
    return entries


# --------------------------------------------------------------------------------------------- layout


@dataclass
class _Layout:
    """Where things stand in one sheet."""

    mapping: Mapping
    header: int
    columns: dict[str, int]
    criteria: dict[int, str]
    groups: dict[int, str]
    first: int


def _of_sheet(sheet: Sheet, file: str, given: Mapping | None, sheets: int) -> list[Entry]:
    where = file if sheets == 1 else f"{file} [{sheet.name}]"
    layout = _layout(sheet, where, given, sheets)
    values = _values(layout.mapping, file, sheet.name)
    reader = {"wide": _wide, "long": _long, "matrix": _matrix, "sheet-per-portal": _per_portal}
    entries, faults = reader[str(layout.mapping.shape)](sheet, layout, values, where)
    faults += _understand(entries, layout.mapping, where)
    kept, repeated = _without_duplicates(entries, layout.mapping, where)
    if faults or repeated:
        raise FileFaults(*faults, *repeated)
    return kept


def _layout(sheet: Sheet, where: str, given: Mapping | None, sheets: int) -> _Layout:
    """Find the header row, name its columns, and settle the shape; a fault if that would be guessing."""
    header = given.header - 1 if given and given.header else _header_row(sheet, given)
    if header is None or header >= len(sheet.rows):
        found = "no row names the columns"
        raise FileFaults(Fault(where, None, found, _draft(sheet, 0, given)))
    groups_at, names_at = _two_rows(sheet, header, given)
    names = _names(sheet, names_at, header)
    columns, faults = _columns(names, given, where, header)
    if faults:
        raise FileFaults(*faults)
    shape = given.shape if given and given.shape else _shape(columns, sheets)
    if shape is None:
        found = "the shape of the sheet is not clear"
        raise FileFaults(Fault(where, header + 1, found, _draft(sheet, header, given)))
    mapping = replace(given or Mapping(), shape=shape)
    groups = _groups(sheet, groups_at, names) if groups_at is not None else {}
    criteria = _criteria(sheet, names, columns, groups, mapping, where, header)
    return _Layout(mapping, header, columns, criteria, groups, max(header, names_at) + 1)


def _header_row(sheet: Sheet, given: Mapping | None) -> int | None:
    sought = {words.fold(name) for name in given.columns.values()} if given else set()
    for place, row in enumerate(sheet.rows[:_HEADER_SEARCH]):
        folded = [words.fold(cell) for cell in row if cell]
        if sought:
            if sought & set(folded):
                return place
        elif len(folded) >= 2 and any(_ROLE_OF.get(cell) in ("portal", "criterion") for cell in folded):
            return place
    return None


def _two_rows(sheet: Sheet, header: int, given: Mapping | None) -> tuple[int | None, int]:
    """Return the rows of the groups (if any) and of the names: groups may stand above or in the header row."""
    if given and given.groups:
        groups = given.groups - 1
        return groups, header
    below = sheet.rows[header + 1] if header + 1 < len(sheet.rows) else []
    blanks = [place for place, cell in enumerate(sheet.rows[header]) if not cell]
    filled = [place for place, cell in enumerate(below) if cell]
    if blanks and len(filled) >= 2 and not (below and below[0]) and _no_levels(below):
        named = [place for place in range(len(sheet.rows[header])) if sheet.cell(header, place)]
        if not _entry_below(sheet, header, named):
            return header, header + 1
    above = sheet.rows[header - 1] if header else []
    if sum(bool(cell) for cell in above) >= 2 and not any(
        words.fold(cell) in _ROLE_OF for cell in above if cell
    ):
        return header - 1, header
    return None, header


def _no_levels(row: Sequence[str]) -> bool:
    return all(words.understand(cell) is None for cell in row if cell)


def _entry_below(sheet: Sheet, header: int, named: list[int]) -> bool:
    """Is the row below the header already an entry: does its portal or criterion cell say something?"""
    roles = [
        place
        for place in named
        if _ROLE_OF.get(words.fold(sheet.cell(header, place))) in ("portal", "criterion")
    ]
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
    if given and given.columns:
        found: dict[str, int] = {}
        for role, name in given.columns.items():
            if words.fold(str(name)) in places:
                found[role] = places[words.fold(str(name))]
            else:
                there = [name for name in names.values() if name]
                faults.append(
                    Fault(where, header + 1, f"there is no column {name!r}", f"the columns are {there}")
                )
        return found, faults
    found = {}
    for place, name in names.items():
        meant = _ROLE_OF.get(words.fold(name))
        if meant and meant in found:
            both = f"the columns {[names[found[meant]], name]} may both be the {meant}"
            faults.append(Fault(where, header + 1, both, "say it in a mapping"))
        elif meant:
            found[meant] = place
    return found, faults


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


def _criteria(
    sheet: Sheet,
    names: dict[int, str],
    columns: dict[str, int],
    groups: dict[int, str],
    mapping: Mapping,
    where: str,
    header: int,
) -> dict[int, str]:
    """Column → criterion (wide) or portal or assessor (matrix)."""
    if mapping.shape in ("long", "sheet-per-portal"):
        return {}
    ignored = {words.fold(name) for name in (*mapping.ignore, *UNIMPORTANT)}
    rest = {
        place: name
        for place, name in names.items()
        if place not in columns.values() and words.fold(name) not in ignored
    }
    if mapping.criteria is not None and mapping.shape == "wide":
        wanted = {words.fold(name): criterion for name, criterion in mapping.criteria.items()}
        chosen = {
            place: str(wanted[words.fold(name)]) for place, name in rest.items() if words.fold(name) in wanted
        }
        lost = set(wanted) - {words.fold(rest[place]) for place in chosen}
        if lost:
            found = f"there are no columns {sorted(name for name in mapping.criteria if words.fold(name) in lost)}"
            raise FileFaults(Fault(where, header + 1, found, f"the columns are {list(rest.values())}"))
        return chosen
    repeated = {name for name in rest.values() if list(rest.values()).count(name) > 1}
    named = {
        place: f"{groups[place]} / {name}" if name in repeated and place in groups else name
        for place, name in rest.items()
    }
    twice = sorted({name for name in named.values() if list(named.values()).count(name) > 1})
    if twice:
        raise FileFaults(Fault(where, header + 1, f"columns occur twice: {twice}", "give each its own name"))
    if not named:
        found = "no column is left for criteria"
        raise FileFaults(Fault(where, header + 1, found, _draft(sheet, header, mapping)))
    return named


def _draft(sheet: Sheet, header: int, given: Mapping | None) -> str:
    """Return what a mapping for this sheet would look like."""
    names = [cell for cell in (sheet.rows[header] if header < len(sheet.rows) else []) if cell][:12]
    portal = next(
        (name for name in names if _ROLE_OF.get(words.fold(name)) == "portal"), names[0] if names else "…"
    )
    return (
        "say it in a mapping, for instance in TOML: "
        f'shape = "wide"  # one of {", ".join(SHAPES)}; header = {header + 1}; '
        f"columns = {{ portal = {json.dumps(portal, ensure_ascii=False)} }}; "
        f"criteria = {json.dumps([name for name in names if name != portal], ensure_ascii=False)}; "
        'levels = { "đạt" = "met", "đạt một phần" = "partly", "không đạt" = "not_met" }'
    )


def _values(mapping: Mapping, file: str, sheet: str) -> dict[str, str]:
    """What holds for the whole sheet: from the mapping, the file's name, the sheet's name."""
    path = PurePosixPath(file)
    fill = {"stem": path.name.split(".")[0], "folder": path.parent.name, "sheet": sheet}
    values = {
        role: re.sub(r"\{(stem|folder|sheet)\}", lambda found: fill[found[1]], value)
        for role, value in mapping.values.items()
    }
    found = re.search(mapping.file_pattern, path.name) if mapping.file_pattern else None
    named = found.groupdict() if found else {}
    return {**values, **{role: value for role, value in named.items() if value}}


# --------------------------------------------------------------------------------------------- shapes

_Read = tuple[list[Entry], list[Fault]]


def _about(
    sheet: Sheet, row: int, layout: _Layout, values: dict[str, str], last: dict[str, str]
) -> dict[str, str]:
    """What the row says beside its judgements; empty cells of ``fill_down`` repeat what was last said."""
    said = dict(values)
    for role, column in layout.columns.items():
        text = clean(sheet.cell(row, column))
        if not text and role in layout.mapping.fill_down:
            text = last.get(role, "")
        if text:
            said[role] = last[role] = text
    return said


def _body(sheet: Sheet, layout: _Layout) -> Iterator[int]:
    """The rows below the header that say something; notes and sums below the table are left out."""
    for row in range(layout.first, len(sheet.rows)):
        filled = [cell for cell in sheet.rows[row] if cell]
        if not filled and not any(place == row for place, _ in sheet.colours):
            continue
        first = words.fold(filled[0]) if filled else ""
        key = [
            sheet.cell(row, layout.columns[role])
            for role in ("portal", "criterion")
            if role in layout.columns
        ]
        note = (
            any(re.match(rf"{re.escape(words.fold(name))}\s*($|[:.(]|\d)", first) for name in NOTES)
            or first[:1] == "*"
        )
        if note and (filled[0] in key or not any(key)):
            continue
        judged = {*layout.criteria, layout.columns.get("rating", -1), layout.columns.get("outcome", -1)}
        if not any(key) and not any(sheet.cell(row, column) for column in judged if column >= 0):
            continue
        yield row


def _wide(sheet: Sheet, layout: _Layout, values: dict[str, str], where: str) -> _Read:
    entries: list[Entry] = []
    faults: list[Fault] = []
    last: dict[str, str] = {}
    for row in _body(sheet, layout):
        about = _about(sheet, row, layout, values, last)
        if not about.get("portal"):
            faults.append(
                Fault(where, row + 1, "a row without a portal", "name the portal, or empty the row")
            )
            continue
        for column, criterion in layout.criteria.items():
            entries.append(
                _entry(sheet, row, column, about["portal"], criterion, about, layout.groups.get(column))
            )
    return entries, faults


def _long(sheet: Sheet, layout: _Layout, values: dict[str, str], where: str) -> _Read:
    entries: list[Entry] = []
    faults: list[Fault] = []
    last: dict[str, str] = {}
    column = layout.columns.get("rating", layout.columns.get("outcome", -1))
    if column < 0:
        return [], [
            Fault(where, layout.header + 1, "no column holds the rating", "name it in columns.rating")
        ]
    for row in _body(sheet, layout):
        about = _about(sheet, row, layout, values, last)
        missing = [role for role in ("portal", "criterion") if not about.get(role)]
        if missing:
            faults.append(
                Fault(where, row + 1, f"a row without {' and '.join(missing)}", "fill it in, or fill_down")
            )
            continue
        entries.append(
            _entry(sheet, row, column, about["portal"], about["criterion"], about, about.get("group"))
        )
    return entries, faults


def _per_portal(sheet: Sheet, layout: _Layout, values: dict[str, str], where: str) -> _Read:
    named = {"portal": sheet.name, **values}
    return _long(sheet, layout, named, where)


def _matrix(sheet: Sheet, layout: _Layout, values: dict[str, str], where: str) -> _Read:
    entries: list[Entry] = []
    faults: list[Fault] = []
    last: dict[str, str] = {}
    ignored = {words.fold(name) for name in layout.mapping.ignore}
    if "criterion" not in layout.columns:
        return [], [
            Fault(where, layout.header + 1, "no column names the criteria", "name it in columns.criterion")
        ]
    for row in _body(sheet, layout):
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
            entries.append(_entry(sheet, row, column, portal, criterion, one, about.get("group")))
    return entries, faults


def _entry(
    sheet: Sheet, row: int, column: int, portal: str, criterion: str, about: dict[str, str], group: str | None
) -> Entry:
    said = {**about, **({"group": group} if group else {})}
    text = sheet.cell(row, column)
    return Entry(
        clean(portal, 300), clean(criterion, 300), text, row + 1, sheet.colours.get((row, column)), said
    )


# --------------------------------------------------------------------------------------------- meaning


def _understand(entries: list[Entry], mapping: Mapping, where: str) -> list[Fault]:
    """Give every entry its outcome; one fault for each word that is not known."""
    unknown: dict[tuple[str, str], list[int]] = {}
    seen: dict[tuple[str | None, ...], words.Reading | None] = {}
    known: dict[str, tuple[dict[str, words.Reading] | None, list[str] | None]] = {}
    faults: list[Fault] = []
    for entry in entries:
        if entry.criterion not in known:
            known[entry.criterion] = mapping.readings(entry.criterion)
        readings, names = known[entry.criterion]
        cell = (entry.criterion, entry.text, entry.colour, entry.about.get("outcome"))
        if cell not in seen:
            seen[cell] = _reading(entry, mapping, readings)
        entry.reading = seen[cell]
        if entry.reading is None:
            unknown.setdefault((entry.criterion, clean(entry.text, 80)), []).append(entry.line)
            continue
        if names is not None:
            entry.levels, entry.good_from = tuple(names), _good_from(mapping, names, readings)
        elif mapping.scale == "count":
            entry.levels, entry.good_from, entry.scale = (), mapping.good_from, "count"
        date = entry.about.get("rated_at")
        if date and _date(date, mapping) is None:
            found, advice = (
                f"the date {clean(date, 40)!r} is not clear",
                'say date_format = "%d/%m/%Y" in a mapping',
            )
            faults.append(Fault(where, entry.line, found, advice))
        elif date:
            entry.about["rated_at"] = str(_date(date, mapping))
    for (criterion, text), lines in unknown.items():
        more = f" and {len(lines) - 1} more lines" if len(lines) > 1 else ""
        found = f"{text!r} in {criterion!r}{more} is no level that is known"
        faults.append(Fault(where, lines[0], found, _advice(criterion, text)))
    return list(dict.fromkeys(faults))


def _advice(criterion: str, text: str) -> str:
    word, name = json.dumps(text, ensure_ascii=False), json.dumps(criterion, ensure_ascii=False)
    outcomes = " | ".join(words.OUTCOME_WORDS)
    meaning = f'levels = {{ {word} = "{outcomes}" }}'
    return f"say in a mapping what it means, {meaning}, or leave the column out: ignore = [{name}]"


def _good_from(mapping: Mapping, names: list[str], readings: dict[str, words.Reading] | None) -> str | None:
    met = [
        name
        for name in names
        if readings and readings.get(words.fold(name), words.Reading("")).outcome == "met"
    ]
    return met[0] if met else None


def _reading(
    entry: Entry, mapping: Mapping, readings: dict[str, words.Reading] | None
) -> words.Reading | None:
    text = entry.text
    if mapping.shape in ("long", "sheet-per-portal") and entry.about.get("outcome") in words.OUTCOME_WORDS:
        outcome = entry.about["outcome"]
        found = words.understand(text, readings) if text else None
        return found if found and found.outcome == outcome else words.Reading(outcome)
    if not text:
        if entry.colour and mapping.colours:
            return words.understand(entry.colour, readings) or words.understand(entry.colour)
        return words.Reading(mapping.blank)
    if mapping.scale == "count" and readings is None:
        return _count(text, mapping)
    found = words.understand(text, readings)
    if found is None and entry.colour and mapping.colours:
        by_colour = words.understand(entry.colour, readings) or words.understand(entry.colour)
        return replace(by_colour, note=clean(text)) if by_colour else None
    return found


def _count(text: str, mapping: Mapping) -> words.Reading | None:
    value, least = words.number_of(text), words.number_of(str(mapping.good_from or "1")) or 1.0
    if value is None:
        found = words.understand(text, {})
        return found if found and found.family is None else None
    outcome = "met" if value >= least else "not_met" if value <= 0 else "partly"
    return words.Reading(outcome, None, f"{value:g}")


def _date(text: str, mapping: Mapping) -> str | None:
    if mapping.date_format:
        try:
            return datetime.datetime.strptime(text, mapping.date_format).isoformat()
        except ValueError:
            return None
    return iso_date(text)


def _without_duplicates(
    entries: list[Entry], mapping: Mapping, where: str
) -> tuple[list[Entry], list[Fault]]:
    """Keep one entry a portal, page, criterion, assessor and round, as the mapping says; else a fault each."""
    kept: dict[tuple[str | None, ...], Entry] = {}
    twice: dict[str, set[int]] = {}
    for entry in entries:
        key = (
            entry.portal,
            entry.criterion,
            *(entry.about.get(role) for role in ("page", "assessor", "round")),
        )
        first = kept.get(key)
        worse = mapping.duplicates == "worst" and first is not None and _rank(entry) < _rank(first)
        if first is None or mapping.duplicates == "last" or worse:
            kept[key] = entry
        elif mapping.duplicates == "error":
            twice.setdefault(entry.portal, set()).update((first.line, entry.line))
    advice = 'correct it, or say duplicates = "first", "last" or "worst" in a mapping'
    faults = [
        Fault(
            where,
            min(lines),
            f"the portal {portal!r} is judged twice by one assessor: lines {sorted(lines)[:6]}",
            advice,
        )
        for portal, lines in twice.items()
    ]
    return list(kept.values()), faults


def _rank(entry: Entry) -> int:
    return PRECEDENCE.index(entry.reading.outcome) if entry.reading else len(PRECEDENCE)


# --------------------------------------------------------------------------------------------- assembly


def add_to(assembly: Assembly, entries: Sequence[tuple[str, Entry]]) -> None:
    """Add the entries of all rubric files, each with its file, to the tables of an audit.

    The levels of a criterion come from the mapping, else from the words that were used for it in all files.
    """
    default = assembly.settings.round or "1"
    scales = _scales(entries, default)
    described: set[tuple[str, str | None]] = set()
    for file, entry in entries:
        said, reading = entry.about, entry.reading or words.Reading("not_tested")
        round_ = said.get("round") or default
        assessor = said.get("assessor") or "expert"
        assembly.add_portal(entry.portal, said.get("url"), None)
        row = assembly.keyed["portals"][entry.portal]
        row.setdefault("province_code", said.get("province_code"))
        row.setdefault("name_vi", said.get("portal_name"))
        assembly.add_assessor(assessor, said.get("assessor_kind") or "expert", None, None)
        if said.get("page"):
            assembly.add_page(said["page"], entry.portal, None, None)
        named, levels = scales[(entry.criterion, round_)]
        judged = reading.outcome in ("met", "partly", "not_met")
        comment = "\n".join(part for part in (reading.note, said.get("comment")) if part)
        assembly.rows["judgements"].append(
            {
                "portal_id": entry.portal,
                "page_id": said.get("page"),
                "criterion_id": entry.criterion,
                "assessor_id": assessor,
                "round": round_,
                "rating": (reading.level or levels.get(reading.outcome)) if judged else None,
                "outcome": reading.outcome,
                "evidence": said.get("evidence"),
                "comment": comment or None,
                "rated_at": said.get("rated_at"),
                "source_file": file,
                "source_row": entry.line,
            }
        )
        if (entry.criterion, named["round"]) not in described:
            described.add((entry.criterion, named["round"]))
            assembly.add_criterion(entry.criterion, named["round"], **_worded(entry), **_scale_only(named))


def _scale_only(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if name != "round"}


def _worded(entry: Entry) -> dict[str, Any]:
    """Return how a criterion is worded, in the language that its diacritics tell, and where it belongs."""
    said = entry.about
    wording = said.get("wording") or entry.criterion
    language = (
        "wording_vi"
        if words.fold(wording) != " ".join(wording.replace("_", " ").casefold().split())
        else "wording_en"
    )
    return {
        "scheme": said.get("scheme") or "rubric",
        language: wording,
        "group": said.get("group"),
        "mode": "manual",
    }


def _scales(
    entries: Sequence[tuple[str, Entry]], default: str
) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, str]]]:
    """(criterion, round) → its scale as columns of ``criteria``, and outcome → level.

    A criterion whose scale is the same in all rounds is described once, without a round.
    """
    used: dict[tuple[str, str], list[Entry]] = {}
    for _, entry in entries:
        used.setdefault((entry.criterion, entry.about.get("round") or default), []).append(entry)
    unsaid: dict[str, dict[str, str]] = {}
    for criterion in {criterion for criterion, _ in used}:
        every = [
            entry
            for key, group in used.items()
            if key[0] == criterion
            for entry in group
            if entry.levels is None
        ]
        readings = [entry.reading for entry in every if entry.reading and entry.reading.family]
        unsaid[criterion] = words.scale_of(
            [str(one.family) for one in readings], [one.outcome for one in readings]
        )
    scales = {key: _scale(group, unsaid[key[0]]) for key, group in used.items()}
    made = {}
    for (criterion, round_), (columns, levels) in scales.items():
        same = all(other == (columns, levels) for key, other in scales.items() if key[0] == criterion)
        made[(criterion, round_)] = ({**columns, "round": None if same else round_}, levels)
    return made


def _scale(entries: list[Entry], unsaid: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    said = next((entry for entry in entries if entry.levels is not None), None)
    if said is not None and said.scale == "count":
        return {"scale": "count", "levels": None, "good_from": said.good_from}, {}
    if said is None or said.levels is None:
        scale = "ordinal" if len(unsaid) > 2 else "binary"
        return {"scale": scale, "levels": "|".join(unsaid.values()), "good_from": unsaid.get("met")}, unsaid
    scale = "ordinal" if len(said.levels) > 2 else "binary"
    return {"scale": scale, "levels": "|".join(said.levels), "good_from": said.good_from}, {}
