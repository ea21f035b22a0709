"""What stands out in a figure, and in which colours: rows that are meant, and groups with a colour of their own.

Hands on :class:`Emphasis`, which every picture asks for its colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.colors import is_color_like, to_hex

from portal_analysis.figures import style
from portal_analysis.figures.style import FigureError
from portal_analysis.language.labels import code_text, is_missing
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading

MUTED = "#8a929b"
"""What does not stand out: grey, with a contrast of 3 to white."""

LEAST_CONTRAST = 3.0
"""Between a colour and white (WCAG 2, 1.4.11)."""


@dataclass(frozen=True)
class Emphasis:
    """Codes (or names) of the rows that stand out, and the colours of codes."""

    codes: frozenset[str] = frozenset()
    colours: Mapping[str, str] = field(default_factory=dict)

    def stands_out(self, line: Line | None) -> bool:
        """Is the line one of those that are meant?"""
        return bool(self.codes) and line is not None and not self.codes.isdisjoint(codes_of(line))

    def faint(self, line: Line | None) -> bool:
        """Tell whether the line gives way to those that are meant."""
        return bool(self.codes) and not self.stands_out(line)

    def colour(self, line: Line | None, usual: str) -> str:
        """Return the colour of a line: its own, grey if it gives way, else the usual one."""
        if self.faint(line):
            return MUTED
        if not self.colours:
            return usual
        return next((self.colours[code] for code in codes_of(line) if code in self.colours), usual)

    def of_groups(self, groups: Sequence[Sequence[Line | None]]) -> list[str]:
        """Return the colour of each group in a key: that of its lines if they all have the same."""
        found = []
        for lines, usual in zip(groups, style.COLOURS, strict=False):
            used = {self.colour(line, usual) for line in lines if line is not None}
            found.append(used.pop() if len(used) == 1 else usual)
        return found


PLAIN = Emphasis()


def codes_of(line: Line | None) -> list[str]:
    """Return the codes and the names that a line may be called by, without regard to capitals."""
    if line is None:
        return []
    told = [name for name in ("indicator", *line.domains) if not is_missing(line.row[name])]
    return [
        text.casefold() for name in reversed(told) for text in (code_text(line.row[name]), line.named(name))
    ]


def emphasis(
    reading: Reading, highlight: Any = None, colours: Mapping[Any, str] | None = None, part: bool = False
) -> Emphasis:
    """Return what stands out, by the codes or names that are given; a part of a table may lack them.

    Raises
    ------
    FigureError
        If no row has a code, or a colour is none or too pale on white.
    """
    if highlight is None and not colours:
        return PLAIN
    codes = frozenset(_text(one) for one in _several(highlight))
    painted = {_text(code): _checked(colour) for code, colour in (colours or {}).items()}
    known = {text for line in reading.lines for text in codes_of(line)}
    lost = sorted((codes | set(painted)) - known)
    if lost and not part:
        raise FigureError(f"no row of the table is called {lost}; rows are called {sorted(known)[:12]} …")
    return Emphasis(codes, painted)


def told(reading: Reading, found: Emphasis) -> str:
    """Name what stands out, for the notes; nothing if nothing does."""
    lines = [line for line in reading.lines if found.stands_out(line)]
    names = [
        line.named(name)
        for line in lines
        for name in ("indicator", *line.domains)
        if {code_text(line.row[name]).casefold(), line.named(name).casefold()} & found.codes
    ]
    return reading.word("note.highlighted", names="; ".join(dict.fromkeys(names))) if names else ""


def _several(given: Any) -> list[Any]:
    if given is None:
        return []
    return [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)


def _text(code: Any) -> str:
    return code_text(code).casefold()


def _checked(colour: Any) -> str:
    if not is_color_like(colour):
        raise FigureError(f"{colour!r} is no colour; give one as '#24619f' or by a name of matplotlib's")
    if style.contrast(colour, "white") < LEAST_CONTRAST:
        raise FigureError(
            f"{colour!r} is too pale: its contrast to white is {round(style.contrast(colour, 'white'), 1)}, "
            f"and {int(LEAST_CONTRAST)} is the least at which everybody sees it"
        )
    return str(to_hex(colour))
