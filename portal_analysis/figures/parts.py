"""Parts of a bar that every figure draws alike: levels of a verdict, what became of what was to be audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal_analysis.figures import style


@dataclass(frozen=True)
class Part:
    """A part of every bar: its name's key, the codes that count for it, its look."""

    name: str
    codes: tuple[str, ...]
    colour: str
    hatch: str = ""


LEVELS = (
    Part("good", ("met", "good", "green"), "#0a5f45"),
    Part("average", ("partly", "average", "yellow"), "#f2c230", "...."),
    Part("inadequate", ("not_met", "inadequate", "red"), "#e2735f", "////"),
)
"""The three levels of the reviews: dark green plain, yellow dotted, red striped."""

REST = Part("rest", ("rest",), "#ffffff")

REASONS = (
    Part("audited", ("audited",), "#2f5fb3"),
    Part("reached", ("ok",), "#0f2b4a"),
    Part("not_applicable", ("not_applicable",), "#c9d6ea", "...."),
    Part("cant_tell", ("cant_tell",), "#f2c230", "xxxx"),
    Part("error", ("error", "unreachable", "browser_error"), "#e2735f", "////"),
    Part("elsewhere", ("off_site", "redirected", "login", "blocked"), "#c3a5d8", "++++"),
    Part("not_tested", ("not_tested", "not_run"), "#8c939b", "\\\\\\\\"),
    Part("no_record", ("no_record",), "#ffffff"),
)
"""What became of what was to be audited."""

FLOWS = (
    Part("kept", ("kept",), "#0a5f45"),
    Part("fixed", ("fixed",), "#7fc8a9", "...."),
    Part("new", ("new",), "#f2c230", "////"),
    Part("still", ("still_failing",), "#e2735f", "\\\\\\\\"),
)
"""What became of each portal from one round to the next."""


def dressed(part: Part) -> dict[str, Any]:
    """Return how a part is filled: its colour, and its hatch in a darker shade."""
    return {
        "facecolor": part.colour,
        "edgecolor": style.darker(part.colour) if part.colour != "#ffffff" else style.MUTED,
        "hatch": part.hatch,
        "linewidth": 0.5,
    }
