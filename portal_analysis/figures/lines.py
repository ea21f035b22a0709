"""Values over time, with their intervals, and with a gap where they do not measure the same thing.

Hands on :func:`plot_trend`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes

from portal_analysis.figures import scales, style
from portal_analysis.figures.blocks import one_unit
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.layout import Sheet, draw_key, key_height, spread, write_lines
from portal_analysis.figures.series import Point, Series, series_of, time_column, unequal
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.timeline import LINE, UNKNOWN, Timeline
from portal_analysis.language.alternative import Shown, two_ends
from portal_analysis.language.arrange import (
    Arrangement,
    fixed,
    heading,
    varying,
)
from portal_analysis.language.catalogue import inside
from portal_analysis.language.reading import Reading

TOP = 1.7
"""Room above the picture, in letters' heights: the value of a dot on the uppermost line stands there."""


HALO = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.4}


Box = tuple[float, float, float, float]
"""Left, lower edge, width and height in points."""


@figure()
def plot_trend(
    reading: Reading,
    look: Look,
    over: str | None = None,
    group: str | None = None,
    breaks: str | None = None,
) -> Picture:
    """Draw values over time; a line joins only what measures the same thing.

    Values of different indicators or groups are never joined. Within a series the line breaks where the column
    ``breaks`` changes, beside a withheld value, and beside a value whose definition is unknown. Where periods
    are of unequal length (a year, the first seven months) a bar shows the time that each value covers.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with a column of periods and at most one other column that varies.
    over : str, optional
        The column of periods (``2022``, ``2022-07``, ``2022-01/2022-07``, ``2022-H1``, dates); found by its name if not
        given. Values that are no period are put side by side in the table's order.
    group : str, optional
        The column whose values make the lines.
    breaks : str, optional
        A column that changes where the definition does; ``definition`` if the table has it.

    Raises
    ------
    FigureError
        If the table is empty, no column of periods is found, or there are more series than can be told apart.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> published = pa.load_published("egov-figures")
    >>> usage = published[published["indicator"] == "ncdt_usage_rate"]
    >>> figure = pa.plot_trend(usage)
    >>> print(figure.portal_text.subtitle)
    Viet Nam
    """
    one_unit(reading)
    table = reading.table
    over = time_column(table, over)
    if group and group not in table:
        raise FigureError(f"no column {group!r} to tell lines apart by; the table has {list(table.columns)}")
    names = [group] if group else [name for name in varying(table) if name != over]
    found = Arrangement(over, names[0] if len(names) == 1 else None, fixed(table, (over, *names)))
    breaks = breaks or ("definition" if "definition" in table else None)
    if breaks is not None and breaks not in table:
        raise FigureError(f"no column {breaks!r} to break the lines by; the table has {list(table.columns)}")
    picture = Lines(reading, heading(reading, found, look.title, look.subtitle))
    picture.series, picture.breaks = series_of(reading, over, names), breaks
    picture.axes = reading.word("alt.time", over=inside(reading.names.column(over)))
    picture.notes = _notes(picture.series, reading)
    picture.trend = two_ends(picture.by_series(), reading)
    return picture


def _notes(series: list[Series], reading: Reading) -> tuple[str, ...]:
    notes = [reading.word("note.covered")] if unequal(series) else []
    if any(UNKNOWN in line.flags for line in reading.lines):
        notes.append(reading.word("note.not_joined"))
    return tuple(notes)


class Lines(Timeline):
    """Series placed on a sheet: lines and dots to the left, their names to the right."""

    kind = "trend"

    def by_series(self) -> dict[str, list[Shown]]:
        """Return the values of each series in the order of time."""
        return {
            item.name: [
                Shown(point.period.name(self.reading.lang).replace("\n", " "), point.line, item.name)
                for point in item.points
            ]
            for item in self.series
        }

    def shown(self) -> list[Shown]:
        """Return the values, series by series."""
        return [item for items in self.by_series().values() for item in items]

    def measure(self, page: Sheet) -> float:
        """Choose the size of the text, and whether the series are named beside the picture or in a key."""
        self.page, self.points = page, page.size.small
        self.low, self.high = scales.span(self.reading, margin=0.0)
        everything = [point for item in self.series for point in item.points]
        self.first = min(point.period.start for point in everything)
        self.last = max(point.period.end for point in everything)
        self.names = any(item.name for item in self.series)
        self.boxes: list[Box] = []
        self.pieces: list[Box] = []
        column = page.size.name == "column"
        self.right = page.width * (0.34 if column else 0.28) if self.names else self.points * 1.5
        wanted = page.width * (0.95 if column else 0.55)
        while (
            self.points > max(10, page.size.least)
            and self._names_height() > min(wanted, page.room) - self.points * 3.4
        ):
            self.points = max(round(self.points - 0.4, 1), page.size.least)
        self.keyed = self.names and self._names_height() > min(wanted, page.room) - self.points * 3.4
        if self.keyed:
            self.right = self.points * 1.5
        self.key = key_height(page, self._keyed_names(), self.points)
        self.body = page.body(wanted + self.key)
        return self.body

    def _keyed_names(self) -> list[str]:
        return [item.name for item in self.series] if self.keyed else []

    def draw(self) -> None:
        """Draw axes, series, their names and their values."""
        page, points, body, key = self.page, self.points, self.body, self.key
        draw_key(page, self._keyed_names(), points, self._draw_sample)
        most = scales.most_ticks(body - key - points * (TOP + 4.0), points)
        self.low, self.high = scales.rounded(self.low, self.high, self.reading, most)
        ticks = scales.tick_labels(scales.ticks(self.low, self.high, self.reading, most), self.reading)
        left = max(style.text_size(tick, points)[0] for tick in ticks) + points
        self.across = page.width - left - self.right
        levels = self._levels()
        self.down = body - key - points * (TOP + 1.4 + sum(LINE * lines for lines, _ in levels))
        axes = page.axes(left, key + points * TOP, self.across, self.down)
        before, after = self._pads()
        axes.set_xlim(self.first - before, self.last + after)
        scales.number_axis(axes, "y", self.low, self.high, self.reading, self.down, points)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        self._time_axis(axes, levels)
        for number, item in enumerate(self.series):
            self._draw_series(axes, item, number)
        self._name_series(axes, left + self.across)
        self._write_values(axes)

    def _draw_sample(self, axes: Axes, x: float, y: float, number: int) -> None:
        colour, points = self._colour(number), self.points
        axes.plot([x, x + points * 1.8], [y, y], color=colour, linestyle=style.DASHES[number], gid="key")
        look: dict[str, Any] = {
            "marker": style.MARKERS[number],
            "c": colour,
            "edgecolors": style.darker(colour),
        }
        axes.scatter([x + points * 0.9], [y], s=(points * 0.7) ** 2, zorder=4, gid="key", **look)

    def _names_height(self) -> float:
        """Return the room that the names to the right need, one under the other."""
        room = self.right - self.points * 1.6
        lines = [len(style.wrap(item.name, room, self.points)) for item in self.series if item.name]
        return sum((number * 1.25 + 0.55) * self.points for number in lines)

    def _colour(self, number: int) -> str:
        """Return the colour of a series: grey only if none of its values stands out."""
        lines = [point.line for point in self.series[number].points]
        meant = next((line for line in lines if self.emphasis.stands_out(line)), lines[0])
        return self.emphasis.colour(meant, style.COLOURS[number])

    def _dodge(self, number: int) -> float:
        """Return how far a series stands aside of its periods, so that intervals can be told apart."""
        if len(self.series) == 1 or not any(line.ranged for line in self.reading.lines):
            return 0.0
        step = self.points * 0.7 / self.across * (self.last - self.first)
        return (number - (len(self.series) - 1) / 2) * step

    def _draw_series(self, axes: Axes, item: Series, number: int) -> None:
        colour, seen, aside = self._colour(number), item.seen, self._dodge(number)
        for point in seen:
            self.anchor(point.line, axes, point.x + aside, point.y)
        for one, two in zip(item.points, item.points[1:], strict=False):
            if self._joined(one, two):
                axes.plot(
                    [one.x + aside, two.x + aside],
                    [one.y, two.y],
                    color=colour,
                    linestyle=style.DASHES[number],
                    zorder=3,
                    gid=f"line-{number}",
                )
        ranges = [point for point in seen if point.line.ranged]
        if ranges:
            axes.vlines(
                [p.x + aside for p in ranges],
                [p.line.low for p in ranges],
                [p.line.high for p in ranges],
                colors=colour,
                linewidth=1.5,
                zorder=3,
                gid=f"intervals-{number}",
            )
        if unequal(self.series) and seen:
            axes.hlines(
                [p.y for p in seen],
                [p.period.start for p in seen],
                [p.period.end for p in seen],
                colors=colour,
                linewidth=3.2,
                alpha=0.35,
                zorder=2,
                gid=f"periods-{number}",
            )
        if seen:
            faces = ["white" if p.line.doubtful else colour for p in seen]
            axes.scatter(
                [p.x + aside for p in seen],
                [p.y for p in seen],
                s=(self.points * 0.75) ** 2,
                c=faces,
                edgecolors=style.darker(colour),
                linewidths=1.0,
                marker=style.MARKERS[number],
                zorder=4,
                clip_on=False,
                gid=f"points-{number}",
            )

    def _name_series(self, axes: Axes, left: float) -> None:
        """Write each series' name to the right, at the height of its last value, moved apart where they would touch."""
        if not self.names or self.keyed:
            return
        room, points = self.right - self.points * 1.6, self.points
        named = [(number, item) for number, item in enumerate(self.series) if item.seen]
        texts = [style.wrap(item.name, room, points) for _, item in named]
        heights = [(len(text) * 1.25 + 0.55) * points for text in texts]
        wanted = [self._y(item.seen[-1].y) for _, item in named]
        placed = spread(wanted, heights, 0.0, self.down + points)
        for (number, item), text, y in zip(named, texts, placed, strict=True):
            last = item.seen[-1]
            end = (self._x(last.x + self._dodge(number)) + points * 0.6) / self.across
            start = 1 + points * 0.9 / self.across
            axes.plot(
                [end, start],
                [self._y(last.y) / self.down, y / self.down],
                transform=axes.transAxes,
                clip_on=False,
                color=self._colour(number),
                linewidth=0.6,
                alpha=0.8,
                zorder=2,
                gid="leader",
            )
            x = start + points * 0.35 / self.across
            look = {"color": style.readable(self._colour(number)), "transform": axes.transAxes}
            write_lines(axes, x, y / self.down, text, points, gid="group", **look)

    def _write_values(self, axes: Axes) -> None:
        """Write values beside their dots where there is room: above the interval, else below."""
        for number, item in enumerate(self.series):
            for point in item.seen:
                x, y = self._x(point.x + self._dodge(number)), self._y(point.y)
                self.boxes.append((x - self.points * 0.5, y - self.points * 0.5, self.points, self.points))
                low, high = point.line.low, point.line.high
                if point.line.ranged:
                    self.boxes.append((x - 1, self._y(low), 2, self._y(high) - self._y(low)))
            self.pieces += self._pieces(item, number)
        for number, item in enumerate(self.series):
            for point in item.seen:
                self._write_value(axes, point, number)

    def _pieces(self, item: Series, number: int) -> list[Box]:
        """Return the boxes of a series' lines, cut into short pieces, where no value may stand."""
        found = []
        for one, two in pairwise(item.points):
            if not self._joined(one, two):
                continue
            ends = [(self._x(p.x + self._dodge(number)), self._y(p.y)) for p in (one, two)]
            count = int(max(abs(ends[1][0] - ends[0][0]), abs(ends[1][1] - ends[0][1])) // 3) + 1
            for step in range(count + 1):
                x, y = (a + (b - a) * step / count for a, b in zip(*ends, strict=True))
                found.append((x - 1, y - 1, 2.0, 2.0))
        return found

    def _write_value(self, axes: Axes, point: Point, number: int) -> None:
        text = point.line.marked
        width, tall = style.text_size(text, self.points)[0], self.points * 1.15
        x = self._x(point.x + self._dodge(number))
        top = point.line.high if point.line.ranged else point.y
        bottom = point.line.low if point.line.ranged else point.y
        beside = self._y(point.y) - tall / 2
        above, below = self._y(top) + self.points * 0.7, self._y(bottom) - self.points * 0.7 - tall
        aside = width / 2 + self.points * 0.2
        choices = [
            (x, above),
            (x, below),
            (x - aside, above),
            (x + aside, below),
            (x + aside, above),
            (x - aside, below),
            (x - width / 2 - self.points * 0.8, beside),
            (x + width / 2 + self.points * 0.8, beside),
        ]
        for taken in ([*self.boxes, *self.pieces], self.boxes):
            for x, y in choices:
                box = (x - width / 2, y, width, tall)
                if self._inside(box) and not any(_overlap(box, other) for other in taken):
                    self.boxes.append(box)
                    self._write_text(axes, x, y + tall / 2, text, number)
                    return

    def _inside(self, box: Box) -> bool:
        left, low, width, _ = box
        return left >= -self.points and low >= 0 and left + width <= self.across + self.points * 0.6

    def _write_text(self, axes: Axes, x: float, y: float, text: str, number: int) -> None:
        several = len(self.series) > 1
        axes.text(
            x / self.across,
            y / self.down,
            text,
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=self.points,
            color=style.readable(self._colour(number)) if several else style.INK,
            zorder=5,
            gid="value",
            bbox=HALO,
        )


def _overlap(one: Box, two: Box) -> bool:
    return (
        one[0] < two[0] + two[2]
        and two[0] < one[0] + one[2]
        and one[1] < two[1] + two[3]
        and two[1] < one[1] + one[3]
    )
