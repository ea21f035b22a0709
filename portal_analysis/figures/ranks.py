"""Ranks with their intervals, and the groups of portals that a ranking does not tell apart.

Hands on :func:`plot_ranks`.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd

from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.montecarlo import ranks
from portal_analysis.figures.blocks import Block, Row
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.points import Dots
from portal_analysis.figures.style import FigureError
from portal_analysis.language.arrange import Arrangement, fixed, heading
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading


def _ranked(given: Any) -> pd.DataFrame:
    return ranks(given) if isinstance(given, Audit) else given


@figure(_ranked)
def plot_ranks(reading: Reading, look: Look, bands: bool = True, columns: int | None = None) -> Picture:
    """Draw the rank of each portal with its interval, best first, in groups that cannot be told apart.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES of one round as ``ranks(audit)`` gives them, with the column ``band``. An Audit is ranked first.
    bands : bool
        A heading over each group of portals that cannot be told apart.
    columns : int, optional
        Columns side by side; chosen by size and number of portals if not given.

    Raises
    ------
    FigureError
        If the table is empty, holds other measures than ranks, or more than one round.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> figure = pa.plot_ranks(pa.ranks(latest, draws=200))
    >>> print(figure.portal_text.title)
    Ranks of the portals, and how sure they are
    """
    table = reading.table
    if reading.measure != "rank" or "band" not in table:
        raise FigureError("these are no ranks; make the table with ranks()")
    rounds = list(dict.fromkeys(table["round"])) if "round" in table else []
    if len(rounds) > 1 or table["portal_id"].duplicated().any():
        raise FigureError(f"the table ranks the portals of several rounds ({rounds}); draw one round")
    lines = sorted(reading.lines, key=lambda line: (line.row["band"], line.estimate))
    blocks = _blocks(reading, lines) if bands else [Block("", tuple(map(_row, lines)))]
    found = Arrangement("portal_id", None, fixed(table, ["portal_id", "indicator"]))
    picture = _Ranks(reading, heading(reading, found, look.title, look.subtitle, reading.word("title.ranks")))
    picture.lay(blocks, [], columns, None, sectioned=False)
    picture.kind = "ranks"
    named = [block.heading for block in blocks if block.heading]
    picture.axes = reading.word("alt.rank_axis", names="; ".join(named) or reading.word("word.all"))
    if any(len(block.rows) > 1 for block in blocks if block.heading):
        picture.notes = (reading.word("note.bands"),)
    return picture


def _row(line: Line) -> Row:
    return Row(line.named("portal_id"), (line,))


def _blocks(reading: Reading, lines: list[Line]) -> list[Block]:
    """Put portals of one band under one heading that tells their places."""
    blocks, first = [], 1
    for _, group in groupby(lines, key=lambda line: line.row["band"]):
        own = list(group)
        last = first + len(own) - 1
        told = reading.word("key.place", place=first)
        if len(own) > 1:
            told = reading.word("key.places", first=first, last=last)
        blocks.append(Block(told, tuple(map(_row, own))))
        first = last + 1
    return blocks


class _Ranks(Dots):
    """Rows of ranks."""

    tells = ("interval",)
