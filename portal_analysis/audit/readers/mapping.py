"""The mapping file of rubric sheets: which shape they have, which column says what, which words are which level.

Hands on :class:`Mapping` values, checked: what the file may say is listed there.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import fnmatch
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal_analysis.audit.readers import levels as words
from portal_analysis.faults import Error
from portal_analysis.patterns import PatternError, compiled
from portal_analysis.structured import read_either

SHAPES = ("wide", "long", "matrix", "sheet-per-portal")
ROLES = (
    "portal",
    "portal_name",
    "province_code",
    "url",
    "page",
    "criterion",
    "wording",
    "group",
    "assessor",
    "assessor_kind",
    "round",
    "rating",
    "outcome",
    "comment",
    "evidence",
    "rated_at",
)
VALUES = ("portal", "assessor", "assessor_kind", "round", "scheme", "rated_at")
DUPLICATES = ("error", "first", "last", "worst")


class MappingError(Error):
    """A mapping of rubric sheets says something that is not understood; all such things at once."""


@dataclass(frozen=True)
class Mapping:
    """What a rubric sheet is.

    Attributes
    ----------
    shape : str
        ``wide`` (a row a portal, a column a criterion), ``long`` (a row a judgement), ``matrix`` (a row a
        criterion, a column a portal or an assessor, see ``columns_are``), or ``sheet-per-portal`` (a row a
        criterion, one sheet named after each portal).
    columns : mapping
        Role → header of the column; roles are :data:`ROLES`.
    criteria : list or mapping
        Headers of the criterion columns of a wide sheet, or header → criterion_id. Not given: all other columns.
    ignore : list
        Headers of columns, or names of rows of a matrix, to leave out.
    values : mapping
        What no column says, for the whole file: ``portal, assessor, assessor_kind, round, scheme, rated_at``;
        ``{stem}``, ``{folder}`` and ``{sheet}`` stand for the file's, folder's and sheet's name.
    file_pattern : str
        A regular expression searched in the file's name; its groups ``portal, assessor, round`` are values.
    levels : list or mapping
        Levels worst first, or word → outcome. ``criteria_levels`` says it for single criteria.
    good_from : str
        The level, or number for ``scale = "count"``, from which a criterion is met.
    scale : str
        ``count`` for cells that are numbers (with decimal point or comma).
    blank : str
        The outcome of an empty cell: ``not_tested`` unless said otherwise.
    duplicates : str
        For a portal that occurs twice: ``error``, ``first``, ``last`` or ``worst``.
    sheets : list
        Names of the sheets to read; not given: all that are visible.
    header : int
        Line of the header that names the columns. ``groups`` is the line of the groups above or below it.
    columns_are : str
        ``portals`` or ``assessors``, for a matrix.
    fill_down : list
        Roles whose empty cells repeat the cell above (merged cells).
    date_format : str
        How dates are written, as for ``strptime``; ISO 8601 needs none.
    colours : bool
        May the fill of an empty cell be its level?
    match : str
        The files it is for, when one mapping file holds several: ``[[files]]``.
    """

    shape: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    criteria: dict[str, str] | None = None
    ignore: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    file_pattern: str | None = None
    levels: Any = None
    criteria_levels: dict[str, Any] = field(default_factory=dict)
    good_from: str | None = None
    scale: str | None = None
    blank: str = "not_tested"
    duplicates: str = "error"
    sheets: tuple[str, ...] | None = None
    header: int | None = None
    groups: int | None = None
    columns_are: str = "portals"
    fill_down: tuple[str, ...] = ()
    date_format: str | None = None
    colours: bool = True
    match: str = "*"

    def applies_to(self, file: str) -> bool:
        """Is this mapping for the file?"""
        return fnmatch.fnmatch(file, self.match) or fnmatch.fnmatch(Path(file).name, self.match)

    def readings(self, criterion: str) -> tuple[dict[str, words.Reading] | None, list[str] | None]:
        """Return the meaning of words for a criterion, and its levels worst first; None if not said."""
        levels = self.criteria_levels.get(criterion, self.levels)
        if levels is None:
            return None, None
        if isinstance(levels, collections.abc.Mapping):
            return words.named(levels)
        good = self.good_from if self.good_from in levels else None
        return words.ordered(levels, good), list(levels)


def read_mapping(source: Any) -> list[Mapping]:
    """Return the mappings that a TOML or JSON file, or a dict, holds; several stand under ``files``.

    Raises
    ------
    MappingError
        If the file is no TOML or JSON, or says things that are not known: all of them at once.
    """
    if source is None:
        return []
    name = "the mapping"
    if isinstance(source, str | Path):
        name, source = str(source), read_either(Path(source), MappingError)
    if not isinstance(source, collections.abc.Mapping):
        raise MappingError(f"{name}: expected a table, found {type(source).__name__}")
    shared = {key: value for key, value in source.items() if key != "files"}
    several = source.get("files", [{}])
    if not isinstance(several, list) or not all(isinstance(one, collections.abc.Mapping) for one in several):
        raise MappingError(f"{name}: 'files' is {several!r}; expected a list of tables")
    single = [{key: said for key, said in {**shared, **one}.items() if said is not None} for one in several]
    faults = [fault for one in single for fault in _faults(one)]
    if faults:
        raise MappingError.of(faults, f"{name} cannot be used")
    return [_made(one) for one in single]


_TYPES: dict[str, tuple[type, ...]] = {
    "columns": (dict,),
    "values": (dict,),
    "criteria_levels": (dict,),
    "criteria": (dict, list),
    "levels": (dict, list),
    "ignore": (list,),
    "sheets": (list,),
    "fill_down": (list,),
    "header": (int,),
    "groups": (int,),
    "colours": (bool,),
    **dict.fromkeys(("file_pattern", "good_from", "date_format", "match", "shape", "blank"), (str,)),
    **dict.fromkeys(("duplicates", "columns_are", "scale"), (str,)),
}


def _faults(one: collections.abc.Mapping[str, Any]) -> list[str]:
    known = [name.name for name in dataclasses.fields(Mapping)]
    faults = [f"unknown entry '{name}'; known are {known}" for name in one if name not in known]
    for name, types in _TYPES.items():
        if name in one and not isinstance(one[name], types):
            faults.append(
                f"'{name}' is {one[name]!r}; expected {' or '.join(kind.__name__ for kind in types)}"
            )
    faults = faults or _part_faults(one)
    if faults:
        return faults
    choices = {
        "shape": SHAPES,
        "blank": words.OUTCOME_WORDS,
        "duplicates": DUPLICATES,
        "columns_are": ("portals", "assessors"),
        "scale": ("count",),
    }
    for name, allowed in choices.items():
        if one.get(name) is not None and one[name] not in allowed:
            faults.append(f"'{name}' is {one[name]!r}; allowed are {list(allowed)}")
    faults += [
        f"unknown role '{role}' in 'columns'; roles are {list(ROLES)}"
        for role in one.get("columns", {})
        if role not in ROLES
    ]
    faults += [
        f"unknown entry '{role}' in 'values'; they are {list(VALUES)}"
        for role in one.get("values", {})
        if role not in VALUES
    ]
    for levels in (one.get("levels"), *one.get("criteria_levels", {}).values()):
        faults += _level_faults(levels, one.get("good_from"))
        faults += _doubled("levels", levels)
    faults += [
        *_doubled("criteria", one.get("criteria")),
        *_doubled("columns", one.get("columns"), turned=True),
    ]
    try:
        compiled(str(one.get("file_pattern") or ""))
    except PatternError as error:
        faults.append(f"'file_pattern': {error}")
    return faults


def _part_faults(one: collections.abc.Mapping[str, Any]) -> list[str]:
    """Say what in lists and tables no cell or header can be; and lines that no sheet has."""
    tables = {name: said for name, said in one.items() if isinstance(said, dict | list)}
    levels: dict[str, Any] = dict(tables.pop("criteria_levels", {}))
    tables |= {f"criteria_levels, {name}": said for name, said in levels.items()}
    faults = [
        f"'{name}' holds {part!r}; expected a text"
        for name, said in tables.items()
        for part in _held(said)
        if part is None
        or isinstance(part, dict | list)
        or (name in ("columns", "criteria") and not isinstance(part, str))
    ]
    counted = [name for name in ("header", "groups") if one.get(name, 1) < 1]
    return faults + [f"'{name}' is {one[name]!r}; lines are counted from 1" for name in counted]


def _held(said: Any) -> list[Any]:
    if isinstance(said, dict):
        return list(said.values())
    return said if isinstance(said, list) else [None]


def _doubled(entry: str, said: Any, turned: bool = False) -> list[str]:
    """Words that differ by case or blanks alone and are given different meanings; with ``turned``, by their values."""
    if not isinstance(said, collections.abc.Mapping):
        return []
    meant: dict[str, set[str]] = {}
    for word, meaning in said.items():
        word, meaning = (meaning, word) if turned else (word, meaning)
        meant.setdefault(words.fold(str(word)), set()).add(str(meaning))
    return [
        f"'{entry}' gives {word!r} several meanings: {sorted(found)}"
        for word, found in meant.items()
        if len(found) > 1
    ]


def _level_faults(levels: Any, good_from: Any) -> list[str]:
    if isinstance(levels, collections.abc.Mapping):
        return [
            f"the level '{word}' is '{outcome}'; outcomes are {list(words.OUTCOME_WORDS)}"
            for word, outcome in levels.items()
            if outcome not in words.OUTCOME_WORDS
        ]
    if isinstance(levels, list) and (len(levels) < 2 or any("|" in str(level) for level in levels)):
        return [f"the levels {levels!r} must be two or more, without '|'"]
    if isinstance(levels, list) and good_from is not None and str(good_from) not in map(str, levels):
        return [f"'good_from' is {good_from!r}; the levels are {levels!r}"]
    return []


def _made(one: dict[str, Any]) -> Mapping:
    made = dict(one)
    criteria = made.get("criteria")
    if isinstance(criteria, list):
        made["criteria"] = {str(name): str(name) for name in criteria}
    for name in ("ignore", "fill_down"):
        made[name] = tuple(map(str, made.get(name, ())))
    if made.get("sheets") is not None:
        made["sheets"] = tuple(map(str, made["sheets"]))
    if isinstance(made.get("levels"), list):
        made["levels"] = [str(level) for level in made["levels"]]
    made["criteria_levels"] = {
        name: [str(level) for level in given] if isinstance(given, list) else given
        for name, given in made.get("criteria_levels", {}).items()
    }
    made["values"] = {name: str(value) for name, value in made.get("values", {}).items()}
    if made.get("good_from") is not None:
        made["good_from"] = str(made["good_from"])
    return Mapping(**made)
