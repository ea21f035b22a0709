"""What the writers of all formats need to know of one export.

Hands on :class:`Job`, and the error that every part of an export raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from portal_analysis.documents.blocks import Table
from portal_analysis.faults import Error
from portal_analysis.language.alternative import FigureText
from portal_analysis.language.labels import Labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_RESERVED = {
    *("con", "prn", "aux", "nul"),
    *(f"com{n}" for n in range(1, 10)),
    *(f"lpt{n}" for n in range(1, 10)),
}


class ExportError(Error):
    """Nothing was written, and why."""


@dataclass(frozen=True)
class Job:
    """One export: table, figure and words, and how they were asked for."""

    name: str
    table: pd.DataFrame
    figure: Figure | None
    words: FigureText | None
    lang: str
    text: str
    min_n: int
    command: str | None
    formats: tuple[str, ...]
    reading: Table
    labels: Labels | None = None
    bom: bool = False
    asked: Mapping[str, Any] = field(default_factory=dict)
    whole: pd.DataFrame | None = None
    """The table as it was given, from which the steps are found that made it; it never leaves."""

    @property
    def title(self) -> str:
        """The figure's title; without a figure that of the table."""
        return self.words.title if self.words else self.reading.title

    @property
    def told(self) -> FigureText:
        """The figure's words."""
        if self.words is None:
            raise ExportError("the figure has no title and alt text")
        return self.words

    @property
    def drawn(self) -> Figure:
        """The figure."""
        if self.figure is None:
            raise ExportError("there is no figure")
        return self.figure


def name_faults(name: str) -> list[str]:
    """Say that a file cannot have this name on every system, or would lie in another folder."""
    safe = isinstance(name, str) and _NAME.fullmatch(name) and not name.endswith(".")
    if not safe or name.split(".")[0].lower() in _RESERVED:
        return [f"{name!r} is no safe file name: use letters a–z, digits, '-', '_' and '.', no folders"]
    return []
