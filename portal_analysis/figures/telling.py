"""What is too little for a map is told: how many values can be published, and which.

Hands on :class:`Sentence`.
"""

from __future__ import annotations

from collections.abc import Sequence

from portal_analysis.figures import style
from portal_analysis.figures.compose import Picture
from portal_analysis.figures.layout import PITCH, Sheet
from portal_analysis.language import numbers
from portal_analysis.language.alternative import Shown
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading

FEWEST = 8
"""Of fewer provinces than these, a map shows what there is."""
SHARE = 0.25
"""A map shows at least this share of its provinces."""


def too_few(lines: Sequence[Line]) -> bool:
    """Are so few of many values left that a map of them would show nothing but gaps?"""
    seen = sum(not line.hidden for line in lines)
    return len(lines) >= FEWEST and any(line.withheld for line in lines) and seen < SHARE * len(lines)


class Sentence(Picture):
    """A sentence in the place of a map: so many of so many values, each by name."""

    kind = "sentence"
    tells = ("n",)

    def __init__(self, reading: Reading, heads: tuple[str, str], named: Sequence[tuple[str, Line]]) -> None:
        super().__init__(reading, heads)
        self.seen = [(name, line) for name, line in named if not line.hidden]
        count, whole = (numbers.count(one, reading.lang) for one in (len(self.seen), len(named)))
        told = "; ".join(f"{name} {line.marked}" for name, line in self.seen)
        self.text = reading.word("sentence.no_values", all=whole)
        if told:
            self.text = reading.word("sentence.few_values", count=count, all=whole, told=told)
        self.axes = self.text

    def shown(self) -> list[Shown]:
        """Return the values that are told."""
        return [Shown(name, line) for name, line in self.seen]

    def measure(self, page: Sheet) -> float:
        """Break the sentence into lines."""
        self.page = page
        self.points = page.size.most(page.size.text)
        self.lines = style.wrap(self.text, page.width, self.points)
        return len(self.lines) * self.points * PITCH + self.points

    def draw(self) -> None:
        """Write the sentence."""
        for number, line in enumerate(self.lines):
            self.page.text(0, (number + 0.5) * self.points * PITCH, line, self.points, gid="sentence")
