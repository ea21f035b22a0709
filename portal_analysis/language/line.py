"""One row of a table of estimates, read: what it is called, its number as text, and what must be said beside it.

Takes a row of ESTIMATES; hands on a :class:`Line`, of which a Reading is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from portal_analysis.language import numbers
from portal_analysis.language.catalogue import nfc, word
from portal_analysis.language.labels import Names, is_missing
from portal_analysis.language.numbers import NONE, RATIOS, STATISTICS
from portal_analysis.shape import split_flags

MARKS = {
    "suppress": "×",
    "review": "†",
    "model-based": "^",
    "synthetic": "•",
    "inexact": "≈",
    "definition unknown": "‡",
    "conflict": "§",
    "uncertain": "#",
    "not comparable": "¬",
    "target": "¶",
    "no population total": "*",
    "inconsistent": "¤",
    "ecological": "°",
    "not measured": NONE,
}
"""The sign that stands beside a flagged value in a figure; the note below the figure says what it means."""

DOUBTFUL = (
    *("review", "synthetic", "inexact", "definition unknown", "conflict", "uncertain", "target"),
    *("not comparable", "no population total", "inconsistent"),
)
"""Flags that make a value be drawn hollow or hatched."""

SET_APART = "\N{THIN SPACE}"
"""Between a value and its signs, so that they are not read as punctuation."""

ERRORS = (
    *("assessors", "pages", "choices", "incomplete", "items", "simple random sample", "superpopulation"),
    "clusters",
)
"""Intervals that stand for another error than that of a sample."""


class Spoken:
    """What is told in the language of its names."""

    names: Names

    @property
    def lang(self) -> str:
        """The language."""
        return self.names.lang

    def word(self, key: str, **values: object) -> str:
        """Return a word of the catalogue in its language."""
        return word(key, self.lang, **values)


@dataclass(frozen=True, eq=False)
class Line(Spoken):
    """One row of a table as text in a language.

    Attributes
    ----------
    row : mapping
        The row, unrounded.
    """

    row: Mapping[str, Any]
    names: Names = field(repr=False)
    domains: tuple[str, ...] = field(repr=False)

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """The row's flags."""
        return tuple(split_flags(self.row.get("flag", "")))

    @property
    def withheld(self) -> bool:
        """Is the number too unreliable, or about too few, to be told?"""
        return "suppress" in self.flags

    @property
    def hidden(self) -> bool:
        """Is there no number to tell: withheld, not measured, or missing?"""
        return self.withheld or "not measured" in self.flags or bool(pd.isna(self.row["estimate"]))

    @cached_property
    def unit(self) -> str:
        """The code of the unit; a proportion if the table says none and the number lies on 0–1."""
        told = self.row.get("unit")
        return "proportion" if is_missing(told) or told == "" else str(told)

    @cached_property
    def measure(self) -> str:
        """What kind of number it is: the table's own word, or what its columns tell."""
        told = self.row.get("measure")
        return str(told) if not is_missing(told) and told else measure_of(self.row, self.unit)

    @cached_property
    def places(self) -> int:
        """The decimals of the number and of its interval."""
        if not is_missing(self.row.get("decimals")):
            return int(self.row["decimals"])
        if self.counted:
            share = self.unit == "proportion" and self.row["count"] not in (0, self.row["base"])
            return 1 if share else 0
        if self.measure in ("rank", "area rank"):
            return 0 if self.estimate % 1 == 0 else 1
        se = NAN if is_missing(self.row.get("se")) else float(self.row["se"])
        return numbers.digits(self.estimate, self.unit, se, self.high - self.low)

    @property
    def estimate(self) -> float:
        """The number, unrounded."""
        return float(self.row["estimate"])

    @cached_property
    def low(self) -> float:
        """The lower end of the interval; missing if there is none."""
        return NAN if is_missing(self.row.get("ci_low")) else float(self.row["ci_low"])

    @cached_property
    def high(self) -> float:
        """The upper end of the interval; missing if there is none."""
        return NAN if is_missing(self.row.get("ci_high")) else float(self.row["ci_high"])

    @property
    def ranged(self) -> bool:
        """Is there an interval to draw?"""
        return not self.hidden and not pd.isna(self.low + self.high)

    @property
    def doubtful(self) -> bool:
        """Does a flag say that a number that is shown needs care?"""
        return not self.hidden and any(flag in DOUBTFUL for flag in self.flags)

    @property
    def counted(self) -> bool:
        """Is the number a count out of a base?"""
        return not is_missing(self.row.get("count")) and not is_missing(self.row.get("base"))

    @property
    def signed(self) -> bool:
        """Is a plus written before what is above zero?"""
        return self.unit == "points" or (
            self.measure in ("difference", "trend", "marginal effect")
            and self.unit not in (*RATIOS, "proportion")
        )

    def write(self, value: Any, places: int | None = None) -> str:
        """Write a value as this row's number is written."""
        return numbers.number(
            value, self.unit, self.lang, self.places if places is None else places, self.signed
        )

    @cached_property
    def absent(self) -> str:
        """Why there is no number, in words; nothing if there is one."""
        if self.withheld:
            return self.word("word.withheld")
        if "not measured" in self.flags:
            return word("word.not_measured", self.lang)
        return word("word.not_available", self.lang) if pd.isna(self.row["estimate"]) else ""

    @cached_property
    def number(self) -> str:
        """The number without the name of its unit, as published or estimated; or why there is none."""
        if self.absent:
            return self.absent
        return numbers.qualified(self.write(self.row["estimate"]), self.row.get("qualifier"), self.lang)

    @cached_property
    def count(self) -> str:
        """The count out of its base: "30 of 63"; or why there is none; nothing for what is not counted."""
        if not self.counted:
            return self.absent if "count" in self.row and self.hidden else ""
        told = {name: numbers.count(self.row[name], self.lang) for name in ("count", "base")}
        return self.absent or word("number.count", self.lang, **told)

    @cached_property
    def unit_words(self) -> str:
        """The name of the unit, with the time that it is for; nothing for percentages and bare numbers."""
        told = numbers.unit_name(self.unit, self.lang)
        if self.row.get("share_of") == "answers":
            told = word("number.of_answers", self.lang)
        over = self.row.get("over")
        if self.measure == "slope" and not is_missing(self.row.get("per")):
            return self._for_more(told, float(self.row["per"]))
        if is_missing(over) or self.measure != "trend":
            return told
        named = self.names.column(str(over), self.row.get("source"))
        key = "number.each_year" if over in ("wave", "year") else "number.each_unit"
        return word(
            key, self.lang, unit=told, **({} if over in ("wave", "year") else {"over": named})
        ).strip()

    def _for_more(self, unit: str, per: float) -> str:
        """Say for how much more of what a slope is."""
        told = numbers.number(per, "number", self.lang)
        return self.word("number.each_more", unit=unit, per=told, over=self.named("predictor"))

    @cached_property
    def spoken(self) -> str:
        """The number with all that it needs in a sentence: "30 of 63 portals (47.6%)", "+2.1 percentage points"."""
        if self.absent:
            return self.absent
        if self.counted:
            return self._spoken_count()
        if not self.unit_words:
            return self.number
        key = "statistic" if self.unit in STATISTICS else "named" if self.unit in RATIOS else "spoken"
        return word(f"number.{key}", self.lang, value=self.number, unit=self.unit_words)

    def _spoken_count(self) -> str:
        of = {name: numbers.count(self.row[name], self.lang) for name in ("count", "base")}
        counted = numbers.unit_name(str(self.row.get("counted") or ""), self.lang)
        told = word("number.count_named", self.lang, **of, counted=counted) if counted else self.count
        if self.unit != "proportion":
            return told
        return word("number.count_spoken", self.lang, count=told, share=self.number)

    @property
    def marks(self) -> str:
        """The signs of the row's flags, set apart from what stands before them."""
        told = "".join(
            MARKS[flag]
            for flag in self.flags
            if flag in MARKS and flag not in ("suppress", "not measured") and not self._said(flag)
        )
        return SET_APART + told if told and not self.hidden else ""

    def _said(self, flag: str) -> bool:
        """Tell whether the number's qualifier says already that it is inexact."""
        return flag == "inexact" and self.qualified

    @property
    def qualified(self) -> bool:
        """Was the number published with a qualifier such as "nearly"?"""
        told = self.row.get("qualifier")
        return isinstance(told, str) and told.strip() not in ("", "exact")

    @property
    def marked(self) -> str:
        """The number with the signs of its flags, as a figure shows it."""
        return self.number + self.marks

    @property
    def short(self) -> str:
        """The number as short as a tile needs it."""
        if self.hidden:
            return MARKS["suppress" if self.withheld else "not measured"]
        return ("≈" if self.qualified else "") + self.write(self.row["estimate"]) + self.marks

    @cached_property
    def ends(self) -> tuple[str, str] | None:
        """The ends of the interval, or nothing."""
        return (self._end(self.low), self._end(self.high)) if self.ranged else None

    def _end(self, value: float) -> str:
        """Write an end of the interval; one that the number's decimals cannot tell from zero is below the least."""
        least = 10.0**-self.places / numbers.scale_of(self.unit)
        return f"<{self.write(least)}" if 0 < value < least / 2 else self.write(value)

    @cached_property
    def interval(self) -> str:
        """The interval without unit: "4.1–5.3", "+1.2 to +3.0"."""
        if self.ends is None:
            return ""
        low, high = (end.removesuffix("%") for end in self.ends)
        signed = self.signed or self.row["ci_low"] < 0
        return word("number.range_signed" if signed else "number.range", self.lang, low=low, high=high)

    @property
    def n(self) -> str:
        """The number of answers or units behind the number."""
        return "" if is_missing(self.row.get("n")) else numbers.count(self.row["n"], self.lang)

    @property
    def level(self) -> float:
        """The level of the interval; a domain column of that name is none."""
        told = self.row.get("level")
        return float(told) if isinstance(told, float | int) and not pd.isna(told) else 0.95

    def p(self, column: str = "p_value") -> str:
        """Return the p-value in a column."""
        value = self.row.get(column)
        return "" if is_missing(value) or self.withheld else numbers.p_value(float(value or 0), self.lang)

    @cached_property
    def indicator(self) -> str:
        """The name of the indicator."""
        return self.named("indicator")

    def named(self, column: str) -> str:
        """Return the name of the row's code in a column; of a change over it, also what it starts from."""
        name = self.names.part(self.row, column, self.row[column]).replace("\n", " ")
        start = self.row.get("over_reference")
        if is_missing(start) or column != self.row.get("over"):
            return name
        return word("word.compared", self.lang, one=name, other=self.names.part(self.row, column, start))

    @cached_property
    def told(self) -> tuple[str, ...]:
        """The domain columns that the row says something about."""
        return tuple(name for name in self.domains if not is_missing(self.row[name]))

    @cached_property
    def reference(self) -> str:
        """The group that the row is compared with, a code of its last domain; nothing for what is no comparison."""
        value = self.row.get("reference")
        if not self.told or is_missing(value):
            return ""
        return self.names.part(self.row, self.told[-1], value)

    @cached_property
    def subpopulation(self) -> str:
        """The column whose members alone are counted; nothing if all are."""
        kept = self.row.get("subpopulation")
        return "" if is_missing(kept) else self.names.column(str(kept), self.row.get("source"))

    @cached_property
    def standard(self) -> str:
        """What the groups were made alike in; nothing for what is not standardised."""
        over = self.row.get("over")
        if self.measure != "standardised" or is_missing(over):
            return ""
        return " × ".join(self.names.column(name, self.row.get("source")) for name in str(over).split(" x "))

    @cached_property
    def only(self) -> str:
        """What the groups were made alike in, and that only members of a column are counted, in words."""
        alike = word("word.standardised", self.lang, over=self.standard) if self.standard else ""
        kept = word("word.only", self.lang, column=self.subpopulation) if self.subpopulation else ""
        return ", ".join(part for part in (alike, kept) if part)

    @cached_property
    def period(self) -> str:
        """The time that a trend goes over; nothing where a domain column says it."""
        value = self.row.get("period")
        if self.measure != "trend" or is_missing(value) or "period" in self.domains:
            return ""
        return nfc(numbers.period_name(value, self.lang))

    def about(self, domains: tuple[str, ...] | None = None) -> str:
        """Return what the row is about, without its indicator: "Ha Noi, 2022"; "Women compared with Men"."""
        told = [name for name in (self.domains if domains is None else domains) if name in self.told]
        parts = [self.named(name) for name in told]
        if parts and self.reference and told[-1] == self.told[-1]:
            parts[-1] = word("word.compared", self.lang, one=parts[-1], other=self.reference)
        if {"term", "category"} <= set(told) and ":" not in str(self.row["term"]):
            del parts[told.index("term")]
        return ", ".join([*parts, *(part for part in (self.period, self.only) if part)])

    def with_estimate(self, estimate: float) -> Line:
        """Return the line about another number of the same row, such as a part of what it counts."""
        return Line({**self.row, "estimate": estimate}, self.names, self.domains)

    @property
    def caveat(self) -> str:
        """What the flags mean, that the data are simulated left aside: the whole table says so."""
        return flag_text("; ".join(flag for flag in self.flags if flag != "simulated"), self.lang)


NAN = float("nan")


def flag_text(flag: str, lang: str) -> str:
    """Say what the flags of a cell mean, joined by "; "."""
    return "; ".join(word(f"flag.{one}", lang) for one in split_flags(flag))


def measure_of(row: Mapping[str, Any], unit: str) -> str:
    """Tell the kind of a number from a row's other columns, for tables that do not say it."""
    of_model = not is_missing(row.get("term"))
    if not is_missing(row.get("over")):
        return "trend"
    if unit in STATISTICS:
        return "term test" if of_model else "association"
    if unit in RATIOS:
        return "odds ratio"
    if unit == "log odds":
        return "coefficient"
    if unit == "points":
        return "marginal effect" if of_model else "difference"
    return "proportion" if unit == "proportion" else ""
