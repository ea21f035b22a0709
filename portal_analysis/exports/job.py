"""What the writers of all formats need to know of one export.

Hands on :class:`Job`, and the error that every part of an export raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from portal_analysis.figures.alt import FigureText
    from portal_analysis.figures.words import Labels

EPOCH = 1704067200
"""The moment written into files that must name one (1 January 2024, UTC), unless SOURCE_DATE_EPOCH is set."""


class ExportError(ValueError):
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
    display: dict[str, Any]
    labels: Labels | None = None

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
