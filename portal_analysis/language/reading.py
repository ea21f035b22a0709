"""A table of estimates, read once: what each row is called, its number as text, and what must be said beside it.

Takes ESTIMATES; hands on a :class:`Reading`. Sentences, figures, alternative texts, tables and files place what it
says and say nothing of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from portal_analysis.datasets import SourceError, dataset, translated
from portal_analysis.disclosure.withhold import publishable
from portal_analysis.language import numbers
from portal_analysis.language.catalogue import capital, catalogue, check_language, own_word
from portal_analysis.language.labels import Labels, Names, source_title, sources_of
from portal_analysis.language.line import ERRORS, MARKS, Line, Spoken
from portal_analysis.languages import text_of, texts_in
from portal_analysis.shape import check, domains_of, rows_of

MOST_PUBLICATIONS = 4
"""So many publications are named; of more their number is told."""


@dataclass(frozen=True, eq=False)
class Reading(Spoken):
    """A table as it is read in a language.

    Attributes
    ----------
    table : DataFrame
        The ESTIMATES that were read.
    names : Names
    lines : tuple of Line
        One a row, in the table's order.
    """

    table: pd.DataFrame
    names: Names
    lines: tuple[Line, ...]

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The codes of the units that occur."""
        return tuple(dict.fromkeys(line.unit for line in self.lines))

    @property
    def unit(self) -> str:
        """The unit that all rows share; nothing if they differ."""
        return self.units[0] if len(self.units) == 1 else ""

    @cached_property
    def measure(self) -> str:
        """The kind of number that all rows are; nothing if they differ."""
        found = {line.measure for line in self.lines}
        return found.pop() if len(found) == 1 else ""

    @cached_property
    def unit_words(self) -> str:
        """The name of the unit that all rows share, or nothing."""
        found = {line.unit_words for line in self.lines}
        return found.pop().strip("()") if len(found) == 1 else ""

    @cached_property
    def simulated(self) -> bool:
        """Does any row rest on simulated data? Its flag may say so, or its source does."""
        flagged = any("simulated" in line.flags for line in self.lines)
        return flagged or any(is_simulated(source) for source in sources_of(self.table))

    @cached_property
    def all_doubtful(self) -> bool:
        """Does every number that is shown need care, so that it is said once and not at each?"""
        seen = [line for line in self.lines if not line.hidden]
        return len(seen) > 1 and all(line.doubtful for line in seen)

    def number(self, value: float, places: int | None = None) -> str:
        """Write a value in the table's unit, as on an axis."""
        return numbers.number(value, self.unit or "number", self.lang, places)

    def subset(self, rows: pd.DataFrame) -> Reading:
        """Return the reading of some of the table's rows."""
        return _reading(rows, self.names)

    # what must be said below a figure or a table

    def source_line(self, note: str | None = None) -> str:
        """Return the line that says where the numbers come from: who measured and who published, or the datasets."""
        told = (
            note
            or self._published()
            or "; ".join(source_title(source, self.lang) for source in sources_of(self.table))
        )
        return self.word("note.source", head=self.word("word.source"), names=told) if told else ""

    def _published(self) -> str:
        """Name the publications of published numbers, a few by name, and who measured the numbers."""
        if "source_ids" not in self.table or not self.table["source_ids"].fillna("").all():
            return ""
        ids = {
            one: line.names.value("source_id", one, line.row["source"])
            for line in self.lines
            for one in str(line.row["source_ids"]).split("; ")
        }
        names = list(dict.fromkeys(ids.values()))
        if len(names) > MOST_PUBLICATIONS:
            title = "; ".join(source_title(source, self.lang) for source in sources_of(self.table))
            return self.word("note.publications", count=numbers.count(len(names), self.lang), title=title)
        origins = {text_of(texts_in(line.row, "origin"), self.lang) for line in self.lines}
        origin = origins.pop() if len(origins) == 1 else ""
        published = "; ".join(names)
        return self.word("note.quoted", origin=origin, names=published) if origin else published

    def n_line(self) -> str:
        """Return what is known of the number of answers behind each value."""
        n = self.table["n"].dropna()
        if n.empty:
            return ""
        low, high = (numbers.count(value, self.lang) for value in (n.min(), n.max()))
        if low == high:
            return self.word("number.n", n=low)
        return self.word("note.n_each", low=low, high=high)

    def interval_line(self, shape: str = "note.line") -> str:
        """Return what the intervals are: level, method, and the error they stand for; ``shape`` is what shows them."""
        drawn = [line for line in self.lines if line.ends is not None]
        if not drawn:
            return self.word("sentence.every_row") if "claim" in self.table else ""
        kinds = [one for line in drawn for one in str(line.row.get("interval") or "").split(", ")]
        errors = [self.word(f"error.{kind}") for kind in dict.fromkeys(kinds) if kind in ERRORS]
        levels = {float(line.row["level"]) for line in drawn if isinstance(line.row.get("level"), float)}
        levels -= {one for one in levels if pd.isna(one)}
        level = f"{numbers.number(100 * levels.pop(), 'number', self.lang)}%" if len(levels) == 1 else ""
        told = {"shape": self.word(shape)}
        if errors:
            inside = f" ({level})" if level else ""
            return self.word("note.error", errors=", ".join(errors), level=inside, **told)
        methods = [own_word("method", kind, self.lang) or kind for kind in dict.fromkeys(kinds) if kind]
        method = f" ({', '.join(methods)})" if methods else ""
        if not level:
            return self.word("note.interval_plain", method=method, **told)
        return self.word("note.interval", level=level, method=method, **told)

    def flag_lines(self, worded: bool = False) -> list[str]:
        """Return one note for each flag, behind its mark or the words that stand for it.

        ``worded`` says that absent numbers are told in words, not by their marks.
        """
        lines = []
        for flag in MARKS:
            found = [line for line in self.lines if flag in line.flags]
            if found:
                lines.append(f"{self._sign(flag, found, worded)} {self.word(f'flag.{flag}')}")
        return lines

    def _sign(self, flag: str, lines: list[Line], worded: bool) -> str:
        """Return what stands beside or for the values of a flag: its mark, or words such as "about …, nearly …:"."""
        if worded and flag in ("suppress", "not measured"):
            return f"{lines[0].absent}:"
        used = dict.fromkeys(line.row["qualifier"] for line in lines if flag == "inexact" and line.qualified)
        told = [numbers.qualified("…", one, self.lang) for one in used]
        if not told:
            return MARKS[flag]
        bare = [] if all(line.qualified for line in lines) else [MARKS[flag]]
        return f"{', '.join([*told, *bare])}:"

    @property
    def set_line(self) -> str:
        """Return which numbers of simulated data are set to published ones, so that none is taken for a finding."""
        told = dict.fromkeys(set_to(source, self.lang) for source in sources_of(self.table))
        return " ".join(one for one in told if one)

    @property
    def stamp(self) -> str:
        """The words that stand on whatever rests on simulated data; nothing for other data."""
        return self.word("word.stamp") if self.simulated else ""

    @cached_property
    def interval_heading(self) -> str:
        """What the intervals are, for the heading over them: with their level where all rows share it."""
        lines = [line for line in self.lines if line.ends is not None]
        levels = {line.level for line in lines}
        if len(levels) != 1 or any(str(line.row.get("interval")) in ERRORS for line in lines):
            return self.word("heading.interval")
        return self.word("heading.interval_of", level=numbers.number(100 * levels.pop(), "number", self.lang))

    @cached_property
    def value_heading(self) -> str:
        """What the numbers are, for the heading over them: kind and unit where all rows share them."""
        if not self.measure or self.measure == "proportion":
            kind = self.word("heading.value")
        else:
            kind = capital(self.word(f"measure.{self.measure}"))
        unit = self.unit_words
        if not unit or unit.lower() == kind.lower():
            return kind
        return f"{kind}, {unit}"


def is_simulated(source: str) -> bool:
    """Tell whether a dataset that the package finds is simulated."""
    try:
        return dataset(source).simulated
    except SourceError:
        return False


def set_to(source: str, lang: str) -> str:
    """Return what a simulated dataset says of which of its numbers are set to published ones; nothing for others."""
    try:
        return translated(dataset(source).descriptor, "set_to", lang)
    except SourceError:
        return str(catalogue(lang).get(f"set_to.{source}", ""))


def read(table: pd.DataFrame, lang: str = "en", labels: Labels | None = None) -> Reading:
    """Read a table of estimates; what may not leave by its sources' thresholds is withheld here, for all who show it.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES.
    lang : str
        The language.
    labels : mapping, optional
        Text for ``(column, value)``, or per language; comes before all other names.

    Returns
    -------
    Reading

    Raises
    ------
    EstimatesError
        If the table is not ESTIMATES.
    DisclosureError
        If the table is microdata in disguise.
    WordingError
        If the language is not known.
    NamesError
        If codes of provinces are of no single list.
    """
    check_language(lang)
    shown = publishable(check(table))
    return _reading(shown, Names.of(shown, lang, labels))


def _reading(table: pd.DataFrame, names: Names) -> Reading:
    domains = tuple(domains_of(table))
    return Reading(table, names, tuple(Line(row, names, domains) for row in rows_of(table)))
