"""Sheets in which people wrote their judgements: what each cell means.

Hands on one entry a cell; what is not written is ``not_tested``, never failed and never passed. What is not clear
without guessing is a fault, with a draft of the mapping that would say it.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from portal_analysis.audit.readers import layout as layouts
from portal_analysis.audit.readers import levels as words
from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.mapping import Mapping
from portal_analysis.audit.readers.names import Names
from portal_analysis.audit.readers.reading import LEFT_OUT, LOOK, PRECEDENCE, Fault, FileFaults, Notes
from portal_analysis.audit.readers.shapes import READERS, Entry
from portal_analysis.audit.readers.sheets import Sheet
from portal_analysis.audit.readers.wcag_em import iso_date
from portal_analysis.audit.schema import no_dates
from portal_analysis.patterns import named

_WORDS_SHOWN = 12
_GRADED = ("met", "partly", "not_met")

_Known = dict[str, tuple[dict[str, words.Reading] | None, list[str] | None]]
"""Criterion → what a mapping says of its words, and its levels worst first."""


def read(
    sheets: Sequence[Sheet], file: str, mappings: Sequence[Mapping], names: Names, notes: Notes
) -> list[Entry]:
    """Return the entries of the sheets of one file.

    Raises
    ------
    FileFaults
        All cells that are not understood, rows without a portal, portals that occur twice or that nobody knows,
        and shapes that cannot be told apart, each with its line and what a mapping would say.
    """
    given = next((one for one in mappings if one.applies_to(file)), None)
    chosen = [sheet for sheet in sheets if any(any(row) for row in sheet.rows) or sheet.colours]
    faults: list[Fault] = []
    if given and given.sheets is not None:
        missing = [name for name in given.sheets if name not in {sheet.name for sheet in sheets}]
        known = [sheet.name for sheet in sheets]
        faults += [
            Fault(file, None, f"there is no sheet {name!r}", f"the sheets are {known}") for name in missing
        ]
        chosen = [sheet for sheet in chosen if sheet.name in given.sheets]
    else:
        chosen = _without_asides(chosen, file, notes)
    if not chosen and not faults:
        faults.append(Fault(file, None, "no cell is filled in", "take the file away, or get it again"))
    entries: list[Entry] = []
    for sheet in chosen:
        try:
            entries += _of_sheet(sheet, file, given, len(chosen), names, notes)
        except FileFaults as error:
            faults += error.found
    if not entries and not faults:
        faults.append(Fault(file, None, "no row is about a portal", "take the file away, or get it again"))
    if faults:
        raise FileFaults(*faults)
    return entries


def _without_asides(sheets: list[Sheet], file: str, notes: Notes) -> list[Sheet]:
    """Return the sheets of a workbook without those that are called summary, guide or the like."""
    aside = [sheet.name for sheet in sheets if layouts.is_listed(sheet.name, "sheets", "aside")]
    if not aside or len(aside) == len(sheets):
        return sheets
    found, advice = f"sheets {aside} look like summaries or guides", "to read them, name them: sheets = [...]"
    notes.add(LEFT_OUT, Fault(file, None, found, advice))
    return [sheet for sheet in sheets if sheet.name not in aside]


def _of_sheet(
    sheet: Sheet, file: str, given: Mapping | None, sheets: int, names: Names, notes: Notes
) -> list[Entry]:
    where = file if sheets == 1 else f"{file} [{sheet.name}]"
    layout = layouts.settle(sheet, where, given, sheets, notes)
    notes.add(LOOK, *(Fault(where, None, said, "they are read like all others") for said in sheet.said))
    values = _values(layout.mapping, file, sheet.name)
    entries, faults = READERS[str(layout.mapping.shape)](sheet, layout, values, where, notes)
    faults += _bring_together(entries, names, where)
    faults += _understand(entries, layout.mapping, where, notes)
    kept, repeated = _without_duplicates(entries, layout.mapping, where)
    if faults or repeated:
        raise FileFaults(*faults, *repeated)
    return kept


def _values(mapping: Mapping, file: str, sheet: str) -> dict[str, str]:
    """Return what holds for the whole sheet: from the mapping, the file's name, the sheet's name."""
    path = PurePosixPath(file)
    fill = {"stem": path.name.split(".")[0], "folder": path.parent.name, "sheet": sheet}
    values = {
        role: re.sub(r"\{(stem|folder|sheet)\}", lambda found: fill[found[1]], value)
        for role, value in mapping.values.items()
    }
    return {**values, **(named(mapping.file_pattern, path.name) if mapping.file_pattern else {})}


def _bring_together(entries: Sequence[Entry], names: Names, where: str) -> list[Fault]:
    """Give portals, criteria, assessors and rounds the spelling first met; a portal that nobody knows is a fault."""
    unknown: dict[str, int] = {}
    for entry in entries:
        portal = names.portal(entry.portal)
        if portal is None:
            unknown.setdefault(entry.portal, entry.line)
        else:
            entry.portal = portal
        entry.criterion = names.same("criterion", entry.criterion)
        for role in ("assessor", "round"):
            if role in entry.about:
                entry.about[role] = names.same(role, entry.about[role])
    return [
        Fault(where, line, f"{portal!r} is none of the portals given", _did_you_mean(names.near(portal)))
        for portal, line in unknown.items()
    ]


def _did_you_mean(near: list[str]) -> str:
    meant = f"did you mean {near}? " if near else ""
    return f"{meant}Correct the name, or add it to portals="


# --------------------------------------------------------------------------------------------- meaning


def _understand(entries: list[Entry], mapping: Mapping, where: str, notes: Notes) -> list[Fault]:
    """Give every entry its outcome; one fault for each word that is not known."""
    known: _Known = {}
    for entry in entries:
        if entry.criterion not in known:
            known[entry.criterion] = mapping.readings(entry.criterion)
    near = _families(entries, known)
    seen: dict[tuple[str | None, ...], words.Reading | None] = {}
    unknown: dict[str, list[Entry]] = {}
    faults: list[Fault] = []
    for entry in entries:
        readings, levels = known[entry.criterion]
        cell = (entry.criterion, entry.text, entry.colour, entry.about.get("outcome"))
        if cell not in seen:
            seen[cell] = _reading(entry, mapping, readings, near.get(entry.criterion, set()))
        entry.reading = seen[cell]
        if entry.reading is None:
            unknown.setdefault(clean(entry.text, 80), []).append(entry)
            continue
        if levels is not None:
            entry.levels, entry.good_from = tuple(levels), _good_from(mapping, levels, readings)
        elif mapping.scale == "count":
            entry.levels, entry.good_from, entry.scale = (), mapping.good_from, "count"
    faults += _dated([entry for entry in entries if entry.reading], mapping, where)
    if mapping.colours:
        _say_contradictions(entries, known, where, notes)
    faults += _without_level(entries, known, where)
    faults += _no_levels(entries, unknown, where)
    faults += [_unknown_word(text, found, entries, known, where) for text, found in unknown.items()]
    faults += _marks_side_by_side(entries, known, where)
    return list(dict.fromkeys(faults))


def _families(entries: Sequence[Entry], known: _Known) -> dict[str, set[str]]:
    """Return the families of levels in which each criterion is written, by the cells that leave no doubt."""
    found: dict[str, set[str]] = {}
    for criterion, text in {(entry.criterion, entry.text) for entry in entries if entry.text}:
        if known[criterion][0] is None:
            reading = words.understand(text)
            if reading is not None and reading.family:
                found.setdefault(criterion, set()).add(reading.family)
    return found


def _dated(entries: Sequence[Entry], mapping: Mapping, where: str) -> list[Fault]:
    """Give every entry its date as ISO 8601; a fault for each that is not clear, or no day at all."""
    dated = [(entry, entry.about["rated_at"]) for entry in entries if entry.about.get("rated_at")]
    read_as = {text: _date(text, mapping) for text in dict.fromkeys(text for _, text in dated)}
    wrong = {None, *no_dates(one for one in read_as.values() if one)}
    faults = []
    for entry, text in dated:
        date = read_as[text]
        if date in wrong:
            found = f"the date {clean(text, 40)!r} is not clear"
            advice = 'correct it, or say date_format = "%d/%m/%Y" in a mapping'
            faults.append(Fault(where, entry.line, found, advice))
        else:
            entry.about = {**entry.about, "rated_at": str(date)}
    return faults


def _no_levels(entries: Sequence[Entry], unknown: dict[str, list[Entry]], where: str) -> list[Fault]:
    """One fault for a column of many words and hardly a level; its words are taken out of ``unknown``."""
    odd: dict[str, list[str]] = {}
    for text, found in unknown.items():
        for criterion in {entry.criterion for entry in found}:
            odd.setdefault(criterion, []).append(text)
    read: dict[str, set[str]] = {}
    for entry in entries:
        if entry.text and entry.reading is not None:
            read.setdefault(entry.criterion, set()).add(entry.text)
    columns = {
        name: texts
        for name, texts in odd.items()
        if len(texts) > max(_WORDS_SHOWN, 4 * len(read.get(name, ())))
    }
    faults = []
    for name, texts in columns.items():
        said = f"{name!r} holds {len(texts)} different texts that are no levels, such as {sorted(texts)[:3]}"
        advice = (
            f"leave it out, ignore = [{layouts.toml_text(name)}], or say what its numbers mean in a mapping"
        )
        line = min(entry.line for text in texts for entry in unknown[text] if entry.criterion == name)
        faults.append(Fault(where, line, said, advice))
    for text in list(unknown):
        unknown[text] = [entry for entry in unknown[text] if entry.criterion not in columns]
        if not unknown[text]:
            del unknown[text]
    return faults


def _unknown_word(
    text: str,
    found: Sequence[Entry],
    entries: Sequence[Entry],
    known: _Known,
    where: str,
) -> Fault:
    """One fault for one word, wherever it stands."""
    first = found[0]
    criteria = list(dict.fromkeys(entry.criterion for entry in found))
    others = f" and {len(criteria) - 1} more criteria" if len(criteria) > 1 else ""
    more = f" and {len(found) - 1} more lines" if len(found) > 1 else ""
    said = f"{text!r} in {first.criterion!r}{others}{more}"
    readings = known[first.criterion][0]
    if words.two_levels(first.text, readings):
        advice = "leave one level in the cell"
        return Fault(where, first.line, f"{said} names two levels", advice)
    return Fault(where, first.line, f"{said} is no level that is known", _advice(first, entries, readings))


def _advice(entry: Entry, entries: Sequence[Entry], readings: dict[str, words.Reading] | None) -> str:
    """Return what a mapping would say of an unknown word, known words beside it: TOML to paste and mend."""
    said: dict[str, str] = {entry.text: "met"}
    for other in entries:
        reading = other.reading
        if other.criterion == entry.criterion and other.text and reading is not None and reading.family:
            said.setdefault(other.text.split("(")[0].strip() if reading.note else other.text, reading.outcome)
    if readings is not None:
        said.update({word: one.outcome for word, one in readings.items()})
    shown = ", ".join(
        f'{layouts.toml_text(clean(word, 80))} = "{outcome}"'
        for word, outcome in list(said.items())[:_WORDS_SHOWN]
    )
    others = " | ".join(words.OUTCOME_WORDS)
    name = json.dumps(entry.criterion, ensure_ascii=False)
    return (
        f"say in a mapping what it means, levels = {{ {shown} }} (an outcome is one of {others}), or leave the "
        f"column out: ignore = [{name}]"
    )


def _marks_side_by_side(entries: Sequence[Entry], known: _Known, where: str) -> list[Fault]:
    """Return a tick beside a cross: alone each means met, side by side nobody can say which does."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if known[entry.criterion][0] is None and entry.reading and entry.reading.family == "mark":
            first.setdefault("tick" if words.fold(entry.text)[:1] in words.TICKS else "cross", entry)
    if len(first) < 2:
        return []
    tick, cross = first["tick"], first["cross"]
    found = f"{clean(tick.text, 20)!r} and {clean(cross.text, 20)!r} stand side by side as marks"
    levels = f'levels = {{ "{tick.text[:1]}" = "met", "{cross.text[:1]}" = "not_met" }}'
    advice = f"say in a mapping what each means, {levels}"
    return [Fault(where, max(tick.line, cross.line), found, advice)]


def _say_contradictions(entries: Sequence[Entry], known: _Known, where: str, notes: Notes) -> None:
    """Note the cells whose word says one thing and whose fill another; the word counts."""
    for entry in entries:
        graded = entry.reading is not None and entry.reading.outcome in _GRADED
        if not entry.text or not entry.colour or entry.reading is None or not graded:
            continue
        readings = known[entry.criterion][0]
        by_colour = words.understand(entry.colour, readings) or words.understand(entry.colour)
        if by_colour is not None and by_colour.outcome != entry.reading.outcome:
            found = f"{clean(entry.text, 40)!r} on {entry.colour} in {entry.criterion!r}: the word and the fill differ"
            notes.add(LOOK, Fault(where, entry.line, found, "the word counts; correct one of them"))


def _good_from(mapping: Mapping, names: list[str], readings: dict[str, words.Reading] | None) -> str | None:
    met = [
        name
        for name in names
        if readings and readings.get(words.fold(name), words.Reading("")).outcome == "met"
    ]
    return met[0] if met else None


def _reading(
    entry: Entry, mapping: Mapping, readings: dict[str, words.Reading] | None, near: set[str]
) -> words.Reading | None:
    text = entry.text
    if mapping.shape in ("long", "sheet-per-portal") and entry.about.get("outcome") in words.OUTCOME_WORDS:
        outcome = entry.about["outcome"]
        found = words.understand(text, readings, near) if text else None
        fits = found is not None and found.outcome == outcome
        return found if fits else words.Reading(outcome, None, _only_level(outcome, readings))
    if not text:
        if entry.colour and mapping.colours:
            return words.understand(entry.colour, readings) or words.understand(entry.colour)
        return words.Reading(mapping.blank)
    if mapping.scale == "count" and readings is None:
        return _count(text, mapping)
    found = words.understand(text, readings, near)
    if found is None and entry.colour and mapping.colours and not words.two_levels(text, readings):
        by_colour = words.understand(entry.colour, readings) or words.understand(entry.colour)
        return replace(by_colour, note=clean(text)) if by_colour else None
    return found


def _only_level(outcome: str, readings: dict[str, words.Reading] | None) -> str | None:
    """Return the level that a mapping gives an outcome, None if it gives it none or several."""
    levels = {one.level for one in (readings or {}).values() if one.outcome == outcome}
    return next(iter(levels)) if len(levels) == 1 else None


def _without_level(entries: Sequence[Entry], known: _Known, where: str) -> list[Fault]:
    """Return one fault for each outcome of a sheet that no level of the mapping has."""
    found: dict[tuple[str, str], Fault] = {}
    for entry in entries:
        readings, levels = known[entry.criterion]
        outcome = entry.reading.outcome if entry.reading else ""
        meant = {one.outcome for one in (readings or {}).values()}
        if levels is None or outcome not in _GRADED or outcome in meant or outcome in levels:
            continue
        said = f"{entry.criterion!r} has the outcome {outcome!r}, and none of its levels {levels} means it"
        advice = "name a level for it in the mapping's levels, or correct the outcome"
        found.setdefault((entry.criterion, outcome), Fault(where, entry.line, said, advice))
    return list(found.values())


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
    twice: dict[str, tuple[Entry, set[int]]] = {}
    for entry in entries:
        said = (entry.about.get(role) for role in ("page", "assessor", "round"))
        key = (entry.portal, entry.criterion, *said)
        first = kept.get(key)
        worse = mapping.duplicates == "worst" and first is not None and _rank(entry) < _rank(first)
        if first is None or mapping.duplicates == "last" or worse:
            kept[key] = entry
        elif mapping.duplicates == "error":
            twice.setdefault(entry.portal, (entry, set()))[1].update((first.line, entry.line))
    return list(kept.values()), [_twice(where, *found) for found in twice.values()]


def _twice(where: str, entry: Entry, lines: set[int]) -> Fault:
    beside = [
        f"{role} {entry.about[role]!r}" for role in ("page", "assessor", "round") if entry.about.get(role)
    ]
    found = (
        f"the portal {entry.portal!r} is judged twice on {entry.criterion!r} by one assessor"
        f"{''.join(f', {one}' for one in beside)}: lines {sorted(lines)[:6]}"
    )
    advice = 'correct it, or say duplicates = "first", "last" or "worst" in a mapping'
    return Fault(where, min(lines), found, advice)


def _rank(entry: Entry) -> int:
    return PRECEDENCE.index(entry.reading.outcome) if entry.reading else len(PRECEDENCE)
