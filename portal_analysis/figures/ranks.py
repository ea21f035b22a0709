"""Ranks with their intervals, and the groups of portals or areas that a ranking does not tell apart.

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
from portal_analysis.shape import domains_of

AREAS = "area rank"
MEASURES = ("rank", AREAS)


def _ranked(given: Any) -> pd.DataFrame:
    return ranks(given) if isinstance(given, Audit) else given


@figure(_ranked)
def plot_ranks(reading: Reading, look: Look, bands: bool = True, columns: int | None = None) -> Picture:
    """Draw the rank of each portal or area with its interval, best first, in groups that cannot be told apart.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES of one round as ``ranks(audit)`` gives them, or of one indicator as
        :func:`portal_analysis.survey.area_ranks.area_ranks` does, with the column ``band``. An Audit is ranked first.
    bands : bool
        A heading over each group that cannot be told apart.
    columns : int, optional
        Columns side by side; chosen by size and number of rows if not given.

    Raises
    ------
    FigureError
        If the table is empty, holds other measures than ranks, or more than one round or indicator.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> figure = pa.plot_ranks(pa.ranks(latest, draws=200))
    >>> print(figure.portal_text.title)
    Ranks of the portals, and how sure they are
    """
    table = reading.table
    if reading.measure not in MEASURES or "band" not in table:
        raise FigureError("these are no ranks; make the table with ranks()")
    areas = reading.measure == AREAS
    of = domains_of(table)[-1] if areas else "portal_id"
    several, named = ("indicator", "indicators") if areas else ("round", "rounds")
    found = list(dict.fromkeys(table[several])) if several in table else []
    if len(found) > 1 or table[of].duplicated().any():
        raise FigureError(f"the table ranks several {named} ({found}); draw one {several}")
    lines = sorted(reading.lines, key=lambda line: (line.row["band"], line.estimate))
    blocks = _blocks(reading, lines, of) if bands else [Block("", tuple(_row(line, of) for line in lines))]
    title = (
        reading.word("title.area_ranks", rate=lines[0].indicator) if areas else reading.word("title.ranks")
    )
    arranged = Arrangement(of, None, fixed(table, [of, "indicator"]))
    picture = _Ranks(reading, heading(reading, arranged, look.title, look.subtitle, title))
    picture.lay(blocks, [], columns, None, sectioned=False)
    picture.kind = "ranks"
    heads = [block.heading for block in blocks if block.heading]
    picture.axes = reading.word("alt.rank_axis", names="; ".join(heads) or reading.word("word.all"))
    if any(len(block.rows) > 1 for block in blocks if block.heading):
        picture.notes = (reading.word("note.area_bands" if areas else "note.bands"),)
    return picture


def _row(line: Line, of: str) -> Row:
    return Row(line.named(of), (line,))


def _blocks(reading: Reading, lines: list[Line], of: str) -> list[Block]:
    """Put portals or areas of one band under one heading that tells their places."""
    blocks, first = [], 1
    for _, group in groupby(lines, key=lambda line: line.row["band"]):
        own = list(group)
        last = first + len(own) - 1
        told = reading.word("key.place", place=first)
        if len(own) > 1:
            told = reading.word("key.places", first=first, last=last)
        blocks.append(Block(told, tuple(_row(line, of) for line in own)))
        first = last + 1
    return blocks


class _Ranks(Dots):
    """Rows of ranks."""

    tells = ("interval",)
