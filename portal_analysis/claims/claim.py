"""One row of a table of claims, read for reckoning.

Hands on :class:`Claim`: its number exactly, what it leaves open, what it is out of, and how it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from portal_analysis.claims.arithmetic import possible_counts, sample_size
from portal_analysis.claims.spans import ClaimError, Span, as_written, span
from portal_analysis.claims.statements import claimed
from portal_analysis.language import numbers
from portal_analysis.language.catalogue import word
from portal_analysis.language.labels import is_missing

SPELT = {"%": "percent"}
"""Other spellings of units."""

COUNTED = (
    "persons",
    "accounts",
    "dossiers",
    "transactions",
    "portals",
    "apps",
    "items",
    "pages",
    "e-mails",
    "shortcomings",
)
"""Units that there is no half of."""

YES, NO = ("true", "1", "1.0", "yes"), ("false", "0", "0.0", "no")


@dataclass(frozen=True)
class Claim:
    """One claim with its number.

    Attributes
    ----------
    row : mapping
        The row of the table.
    lang : str
        The language that it is written in.
    """

    row: Mapping[str, Any]
    lang: str

    @property
    def id(self) -> str:
        """The claim's id."""
        return str(self.row["claim_id"])

    @property
    def qualifier(self) -> str:
        """The word before its number."""
        told = self.row.get("qualifier")
        return "exact" if is_missing(told) or told == "" else str(told)

    @property
    def unit(self) -> str:
        """The code of its unit."""
        told = "" if is_missing(self.row.get("unit")) else str(self.row["unit"]).strip()
        return SPELT.get(told, told)

    @property
    def is_share(self) -> bool:
        """Is it a part of a hundred?"""
        return self.unit == "percent"

    @property
    def value(self) -> Fraction:
        """Its number, exactly."""
        return as_written(self.row["value"])[0]

    @property
    def decimals(self) -> int:
        """The decimals of its number."""
        return as_written(self.row["value"], self.row.get("decimals"))[1]

    @property
    def span(self) -> Span:
        """The values that its number leaves open; a count leaves open none but itself."""
        if (
            self.unit in COUNTED
            and self.qualifier == "exact"
            and self.decimals == 0
            and self.value.denominator == 1
        ):
            return Span(self.value, self.value)
        return span(self.row["value"], self.qualifier, self.decimals)

    @property
    def n(self) -> int | None:
        """The units that it is out of, where that is told."""
        told = next((self.row[name] for name in ("n", "base") if not is_missing(self.row.get(name))), None)
        return None if told is None else sample_size(told)

    @property
    def weighted(self) -> bool | None:
        """Is its number weighted? None where that is not told."""
        told = self.row.get("weighted")
        if is_missing(told) or told == "":
            return None
        if str(told).strip().lower() not in (*YES, *NO):
            raise ClaimError(f"weighted must be True, False or empty, not {told!r} (claim '{self.id}')")
        return str(told).strip().lower() in YES

    @property
    def counts(self) -> range:
        """How many of n its percentage can stand for, unweighted."""
        return possible_counts(str(self.row["value"]), self.n, self.decimals, self.qualifier)

    @property
    def written(self) -> str:
        """Its number in words, with the decimals that it has."""
        told = {
            "value": float(self.value),
            "decimals": self.decimals,
            "kind": None,
            "unit": self.unit or None,
        }
        return claimed({**self.row, **told}, self.lang)

    @property
    def whole_of_it(self) -> Claim | None:
        """What it is out of, as a claim of its own."""
        return (
            None
            if self.n is None
            else Claim({"claim_id": self.id, "value": self.n, "unit": self.unit}, self.lang)
        )

    def word(self, key: str, **values: object) -> str:
        """Return a word of the catalogue in the claim's language."""
        return word(key, self.lang, **values)

    def whole(self, value: int) -> str:
        """Write a whole number in the claim's language."""
        return numbers.count(value, self.lang)


def whole_range(found: range, lang: str) -> str:
    """Write whole numbers that follow one another: "485", "491–492"."""
    ends = [numbers.count(one, lang) for one in dict.fromkeys((found[0], found[-1]))]
    return ends[0] if len(ends) == 1 else word("number.range", lang, low=ends[0], high=ends[1])
