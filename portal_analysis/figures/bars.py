"""Counts of portals as bars: "30 of 63", with what is left of the 63 beside it.

Hands on :func:`plot_counts`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from matplotlib.axes import Axes

from portal_analysis.figures import style
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.layout import Sheet, draw_key, key_height
from portal_analysis.figures.rows import rows as rows_on
from portal_analysis.figures.style import FigureError
from portal_analysis.language import numbers
from portal_analysis.language.alternative import Shown
from portal_analysis.language.arrange import Arrangement, arrange, heading
from portal_analysis.language.labels import is_missing
from portal_analysis.language.line import Line
from portal_analysis.language.numbers import unit_name
from portal_analysis.language.reading import Reading

MET = {"meeting": 0, "met": 0, "not meeting": 1, "not_met": 1, "having the defect": 1, "defect": 1}
KINDS = ("key.met", "key.not_met")


@dataclass(frozen=True)
class Bar:
    """One count with its base, as it is written and drawn."""

    label: str
    kind: int
    line: Line
    written: str
    short: bool = False
    """Is what the count leaves shown: those that fall short of what the others meet?"""

    @property
    def count(self) -> float:
        """What the dark part of the bar counts."""
        count = float(self.line.row["count"])
        return float(self.line.row["base"]) - count if self.short else count

    @property
    def share(self) -> float:
        """The dark part of the bar."""
        base = self.line.row["base"]
        return self.count / float(base) if self.drawn and base else 0.0

    @property
    def drawn(self) -> bool:
        """Is there a count out of a base that may be shown?"""
        return self.line.counted and not self.line.hidden


@figure()
def plot_counts(
    reading: Reading,
    look: Look,
    rows: str | None = None,
    group: str | None = None,
    sort: bool = False,
    kind: str | None = None,
    shortfall: bool = False,
) -> Picture:
    """Draw counts out of a base as bars; the pale rest of a bar is what the count leaves.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with the columns ``count`` and ``base``.
    rows, group : str, optional
        The columns whose values name a bar; those that vary if not given.
    sort : bool
        Largest share first; by default the table's order.
    kind : str, optional
        A column that says what is counted: ``meeting``, or ``not meeting`` and ``having the defect``, which get
        another colour and a hatch; ``count_type`` if the table has it.
    shortfall : bool
        Count in every bar those that fall short: of what is met, what the count leaves of its base. The most common
        shortfall comes first, and the title says on how many points more than half fall short.

    Raises
    ------
    FigureError
        If the table is empty or lacks ``count`` or ``base``, or a count is larger than its base; if shortfalls of
        different bases, or of what is published as an approximate count, are asked for.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> counts = pa.load_published("portal-review-published")
    >>> found = counts[(counts["round"] == "2022") & counts["base"].notna()]
    >>> figure = pa.plot_counts(found)
    >>> print(figure.portal_text.title)
    Counts out of all that were looked at
    """
    table = reading.table
    missing = [name for name in ("count", "base") if name not in table]
    if missing:
        raise FigureError(f"counts need the columns {missing}; the table has {list(table.columns)}")
    wrong = table[table["count"] > table["base"]]
    if not wrong.empty:
        raise FigureError(
            f"a count is larger than its base: {wrong[['indicator', 'count', 'base']].to_dict('records')}"
        )
    found = arrange(table, rows, group)
    kind = kind or ("count_type" if "count_type" in table else None)
    if kind is not None and kind not in table:
        raise FigureError(
            f"no column {kind!r} that says the kind of a bar; the table has {list(table.columns)}"
        )
    bars = [_bar(line, found, kind) for line in reading.lines]
    if shortfall:
        bars = [_fallen(bar) for bar in bars]
        _check_shortfalls(bars)
    made = _message(reading, bars) if shortfall else _title(reading, found)
    heads = heading(reading, found, look.title, look.subtitle, made)
    if sort or shortfall:
        bars.sort(key=lambda bar: -bar.share if not bar.line.hidden else 1.0)
    return _Bars(reading, heads, bars)


def _fallen(bar: Bar) -> Bar:
    """Return the bar of those that fall short."""
    met = bar.kind == 0 and bar.drawn
    fallen = replace(bar, kind=1, short=met)
    if not met:
        return fallen
    line = bar.line
    told = {
        "count": numbers.count(fallen.count, line.lang),
        "base": numbers.count(line.row["base"], line.lang),
    }
    return replace(fallen, written=line.word("number.count", **told) + line.marks)


def _check_shortfalls(bars: list[Bar]) -> None:
    bases = {(bar.line.row["base"], str(bar.line.row.get("counted"))) for bar in bars if bar.drawn}
    if len(bases) > 1:
        raise FigureError(f"shortfalls are compared out of one base, not {sorted(bases)}: choose rows of one")
    rough = [bar.label for bar in bars if bar.short and bar.line.qualified]
    if rough:
        raise FigureError(f"what falls short of an approximate count is not known: leave out {rough}")


def _message(reading: Reading, bars: list[Bar]) -> str:
    """Say on how many points more than half fall short."""
    known = [bar for bar in bars if bar.drawn]
    many = sum(bar.share > 0.5 for bar in known)
    told = {"count": numbers.count(many, reading.lang), "all": numbers.count(len(known), reading.lang)}
    return reading.word("title.shortfall", **told)


def _bar(line: Line, found: Arrangement, kind: str | None) -> Bar:
    label = ", ".join(line.named(name) for name in found.used)
    return Bar(label, MET.get(str(line.row[kind]), 0) if kind else 0, line, _written(line))


def _title(reading: Reading, found: Arrangement) -> str:
    """Return a title for the tables whose own would say little: many indicators, or shortcomings."""
    if "shortcoming" in found.used:
        return reading.word("title.each_shortcoming")
    return reading.word("title.counts") if "indicator" in found.used else ""


def _written(line: Line) -> str:
    """Write "30 of 63", with what is counted where it is no portals, and the signs of the row's flags."""
    if line.hidden or is_missing(line.row["count"]):
        return line.absent or line.word("word.not_measured")
    if not line.counted:
        return line.write(line.row["count"], 0) + line.marks
    counted = unit_name(str(line.row.get("counted") or ""), line.lang)
    named = counted if line.row.get("counted") != "portals" else ""
    return f"{line.count} {named}".strip() + line.marks


class _Bars(Picture):
    """Bars on a sheet, with a key to their kinds where there are several."""

    kind = "counts"
    tells = ()
    divisible = True

    def __init__(self, reading: Reading, heads: tuple[str, str], bars: list[Bar]) -> None:
        super().__init__(reading, heads)
        self.bars = bars
        several = len({bar.kind for bar in bars}) > 1
        self.names = [reading.word(key) for key in KINDS] if several else []
        short = any(bar.short for bar in bars)
        bases = {bar.line.row["base"] for bar in bars if bar.drawn}
        self.notes = (reading.word("note.bases_differ"),) if len(bases) > 1 else ()
        self.notes += (reading.word("note.shortfall"),) if short else ()
        told = "; ".join(f"{bar.label}: {bar.written}" for bar in bars)
        self.axes = reading.word("alt.bars", told=told)

    def shown(self) -> list[Shown]:
        """Return the counts."""
        return [
            Shown(bar.label, bar.line.with_estimate(bar.share), text=bar.written.removesuffix(bar.line.marks))
            if bar.short
            else Shown(bar.label, bar.line, text=bar.line.count)
            for bar in self.bars
        ]

    def measure(self, page: Sheet) -> float:
        """Measure the rows and the key."""
        self.page = page
        self.rows = rows_on(page, [bar.label for bar in self.bars], [bar.written for bar in self.bars], 2.6)
        self.key = key_height(page, self.names, self.rows.points)
        return self.key + self.rows.height

    def draw(self) -> None:
        """Draw the key and the bars."""
        page = self.page
        draw_key(page, self.names, self.rows.points, self._draw_sample)
        bold = [place for place, bar in enumerate(self.bars) if self.emphasis.stands_out(bar.line)]
        axes, middles = self.rows.axes(page, self.key, bold)
        for bar, middle in zip(self.bars, middles, strict=True):
            if bar.drawn:
                self._draw_bar(axes, bar, middle)
                self.anchor(bar.line, axes, bar.share, middle)
            self.rows.write(axes, page, middle, bar.written, not bar.line.hidden)

    def _draw_bar(self, axes: Axes, bar: Bar, middle: float) -> None:
        part = bar.share
        rest: dict[str, Any] = {"facecolor": style.REST, "edgecolor": style.RULE, "linewidth": 0.5}
        if part:
            axes.barh(middle, part, height=self.rows.bar, gid="count", zorder=3, **self._look(bar))
        axes.barh(middle, 1 - part, left=part, height=self.rows.bar, gid="rest", zorder=2, **rest)

    def _look(self, bar: Bar) -> dict[str, Any]:
        usual = bar_look(bar.kind)
        colour = self.emphasis.colour(bar.line, usual["facecolor"])
        return usual if colour == usual["facecolor"] else {**usual, "facecolor": colour}

    def _draw_sample(self, axes: Axes, x: float, y: float, number: int) -> None:
        axes.barh(y, self.rows.points * 1.7, left=x, height=self.rows.points, gid="key", **bar_look(number))


def bar_look(kind: int) -> dict[str, Any]:
    """Return how a count's bar is filled: what is met plain, what is not met hatched."""
    colour = ("#2f5fb3", "#e07b00")[kind]
    return {
        "facecolor": colour,
        "edgecolor": "white" if kind else colour,
        "hatch": "////" if kind else "",
        "linewidth": 0.0 if kind else 0.5,
    }
