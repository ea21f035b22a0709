"""Values over time, with their intervals, and with a gap where they do not measure the same thing.

Hands on :func:`plot_trend`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from portal_analysis.estimates import domains_of, rows_of, split_flags
from portal_analysis.figures import scales, style
from portal_analysis.figures.alt import Shown, describe_figure, trend_sentence
from portal_analysis.figures.layout import Sheet, draw_key, key_height, sheet, spread, write_lines
from portal_analysis.figures.periods import Period, parse
from portal_analysis.figures.places import Places, places
from portal_analysis.figures.reading import TIME_COLUMNS, Reading, fixed, heading, name_of, varying, whole
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.words import Labels, Words, hidden, words

TOP = 1.7
"""Room above the picture, in letters' heights: the value of a dot on the uppermost line stands there."""
LINE = 1.45
"""Height of a line of a period's name, in letters' heights."""
HALO = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.4}


@dataclass(frozen=True)
class Point:
    """One value at its place in time."""

    x: float
    y: float
    row: dict[str, Any]
    period: Period


@dataclass(frozen=True)
class Series:
    """The values of one indicator or group, in the order of time."""

    name: str
    points: tuple[Point, ...]

    @property
    def seen(self) -> tuple[Point, ...]:
        """The values that may be drawn."""
        return tuple(point for point in self.points if not hidden(point.row))


def plot_trend(
    table: pd.DataFrame,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    over: str | None = None,
    group: str | None = None,
    breaks: str | None = None,
    labels: Labels | None = None,
    units: int = 63,
    source_note: str | None = None,
) -> Figure:
    """Draw values over time; a line joins only what measures the same thing.

    Values of different indicators or groups are never joined. Within a series the line breaks where the column
    ``breaks`` changes, beside a withheld value, and beside a value whose definition is unknown. Where periods
    are of unequal length (a year, the first seven months) a bar shows the time that each value covers.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES with a column of periods and at most one other column that varies.
    lang, size, title, subtitle, labels, units, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.
    over : str, optional
        The column of periods (``2022``, ``2022-07``, ``2022-01/2022-07``, ``2022-H1``, dates); found by its name if not
        given. Values that are no period are put side by side in the table's order.
    group : str, optional
        The column whose values make the lines.
    breaks : str, optional
        A column that changes where the definition does; ``definition`` if the table has it.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``.

    Raises
    ------
    FigureError
        If the table is empty, no column of periods is found, or there are more series than can be told apart.
    """
    form = style.size_of(size)
    text = words(whole(table), lang, labels)
    where = places(units)
    over = _time_column(table, over)
    names = [group] if group else [name for name in varying(table) if name != over]
    reading = Reading(over, names[0] if len(names) == 1 else None, fixed(table, (over, *names)))
    head, under = heading(table, reading, text, where, title, subtitle)
    breaks = breaks or ("definition" if "definition" in table else None)
    if breaks is not None and breaks not in table:
        raise FigureError(f"no column {breaks!r} to break the lines by; the table has {list(table.columns)}")
    series = _series(table, over, names, text, where)
    notes = _notes(series, text)
    with style.house(form):
        page = sheet(table, lang, form, head, under, source_note, extra_notes=notes)
        _Picture(page, table, text, series, breaks).draw()
    shown = {item.name: [_shown(point, item, text) for point in item.points] for item in series}
    axes = text.say(
        f"The horizontal axis is time ({text.column(over)}); each line is one series.",
        f"Trục ngang là thời gian ({text.column(over)}); mỗi đường là một chuỗi số liệu.",
    )
    everything = [item for items in shown.values() for item in items]
    trend = trend_sentence(shown, text)
    page.finish(describe_figure("trend", head, everything, text, axes, page.notes, under, trend))
    return page.opened


def _shown(point: Point, series: Series, text: Words) -> Shown:
    return Shown(point.period.name(text.lang).replace("\n", " "), point.row, series.name)


def _time_column(table: pd.DataFrame, over: str | None) -> str:
    names = domains_of(table)
    if over is not None:
        if over not in names:
            raise FigureError(f"no column {over!r}; the table is about {names}")
        return over
    for name in (*TIME_COLUMNS, *names):
        if name in names and (name in TIME_COLUMNS or table[name].map(parse).notna().all()):
            return name
    raise FigureError(f"no column of periods among {names}; name it with over=")


def _series(table: pd.DataFrame, over: str, names: list[str], text: Words, where: Places) -> list[Series]:
    periods = _periods(table[over], text)
    found: dict[str, list[Point]] = {}
    for row, period in zip(rows_of(table), periods, strict=True):
        name = _series_name(row, names, text, where)
        found.setdefault(name, []).append(Point(period.middle, float(row["estimate"]), row, period))
    if len(found) > len(style.COLOURS):
        raise FigureError(
            f"{len(found)} series; at most {len(style.COLOURS)} can be told apart: choose fewer"
        )
    series = [
        Series(name, tuple(sorted(points, key=lambda point: point.x))) for name, points in found.items()
    ]
    for item in series:
        places_ = [point.x for point in item.points]
        if len(set(places_)) < len(places_):
            raise FigureError(
                f"several rows of {item.name or 'the table'} for the same period; a line needs one for each"
            )
    return series


def _series_name(row: dict[str, Any], names: list[str], text: Words, where: Places) -> str:
    """Name a line by what sets it apart; that it is about everybody is not said where something else is."""
    told = [name for name in names if not pd.isna(row[name])] or names[:1]
    return ", ".join(name_of(column, row[column], text, where) for column in told)


def _periods(column: pd.Series, text: Words) -> list[Period]:
    parsed = [parse(value) for value in column]
    if all(period is not None for period in parsed):
        return [period for period in parsed if period is not None]
    order = {value: number for number, value in enumerate(dict.fromkeys(column))}
    label = {value: text.label(str(column.name), value) for value in order}
    return [Period(order[value], order[value] + 1, label[value], label[value]) for value in column]


def _notes(series: list[Series], text: Words) -> tuple[str, ...]:
    notes = []
    if _unequal(series):
        notes.append(
            text.say(
                "Horizontal bar: the time that a value covers.", "Thanh ngang: khoảng thời gian của số liệu."
            )
        )
    points = [point for item in series for point in item.points]
    if any("definition unknown" in split_flags(point.row["flag"]) for point in points):
        notes.append(
            text.say(
                "Values without a known definition are not joined by a line.",
                "Các giá trị chưa rõ định nghĩa không được nối thành đường.",
            )
        )
    return tuple(notes)


def _unequal(series: list[Series]) -> bool:
    lengths = [point.period.end - point.period.start for item in series for point in item.points]
    return max(lengths) > 1.1 * min(lengths)


class _Picture:
    """Series placed on a sheet: lines and dots to the left, their names to the right."""

    def __init__(
        self, page: Sheet, table: pd.DataFrame, text: Words, series: list[Series], breaks: str | None
    ) -> None:
        self.page, self.text, self.series, self.breaks = page, text, series, breaks
        self.points = page.size.small
        self.low, self.high = scales.span(table, text, margin=0.0)
        everything = [point for item in series for point in item.points]
        self.first = min(point.period.start for point in everything)
        self.last = max(point.period.end for point in everything)
        self.names = any(item.name for item in series)
        self.boxes: list[tuple[float, float, float, float]] = []

    def draw(self) -> None:
        """Draw axes, series, their names and their values."""
        page, points = self.page, self.points
        column = page.size.name == "column"
        self.right = page.width * (0.34 if column else 0.28) if self.names else points * 1.5
        wanted = page.width * (0.95 if column else 0.55)
        while self.points > 10 and self._names_height() > min(wanted, page.room) - self.points * 3.4:
            self.points = round(self.points - 0.4, 1)
        points = self.points
        self.keyed = self.names and self._names_height() > min(wanted, page.room) - points * 3.4
        names = [item.name for item in self.series] if self.keyed else []
        if self.keyed:
            self.right = points * 1.5
        key = key_height(page, names, points)
        body = page.body(wanted + key)
        self.page.open(body)
        draw_key(page, names, points, self._draw_sample)
        most = scales.most_ticks(body - key - points * (TOP + 4.0), points)
        self.low, self.high = scales.rounded(self.low, self.high, self.text, most)
        ticks = scales.tick_labels(scales.ticks(self.low, self.high, self.text, most), self.text)
        left = max(style.text_size(tick, points)[0] for tick in ticks) + points
        self.across = page.width - left - self.right
        levels = self._levels()
        self.down = body - key - points * (TOP + 1.4 + sum(LINE * lines for lines, _ in levels))
        axes = page.axes(left, key + points * TOP, self.across, self.down)
        axes.set_xlim(self.first - self._pad(), self.last + self._pad())
        scales.number_axis(axes, "y", self.low, self.high, self.text, self.down, points)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        self._time_axis(axes, levels)
        for number, item in enumerate(self.series):
            self._draw_series(axes, item, number)
        self._name_series(axes, left + self.across)
        self._write_values(axes)

    def _draw_sample(self, axes: Axes, x: float, y: float, number: int) -> None:
        colour, points = style.COLOURS[number], self.points
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

    def _pad(self) -> float:
        return (self.last - self.first) * 0.03

    def _x(self, value: float) -> float:
        return (value - self.first + self._pad()) / (self.last - self.first + 2 * self._pad()) * self.across

    def _y(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low) * self.down

    def _levels(self) -> list[tuple[int, dict[Period, str]]]:
        """Return the names of the periods, level below level, each with its number of lines.

        What does not fit between its neighbours stands in one line below them.
        """
        found = {point.period for item in self.series for point in item.points}
        periods = sorted(found, key=lambda period: period.middle)
        names = {period: period.name(self.text.lang) for period in periods}
        upper = self._apart(periods, names)
        rest = {period: names[period].replace("\n", " ") for period in periods if period not in upper}
        lower = self._apart(list(rest), rest)
        levels = [(max(names[one].count("\n") + 1 for one in upper), {one: names[one] for one in upper})]
        return [*levels, (1, {one: rest[one] for one in lower})] if lower else levels

    def _time_axis(self, axes: Axes, levels: list[tuple[int, dict[Period, str]]]) -> None:
        """Name the periods below the axis."""
        seen = {point.period: point.x for item in self.series for point in item.points}
        look: dict[str, Any] = {"labelsize": self.points, "labelcolor": style.INK}
        for minor, (_, names) in zip((False, True), levels, strict=False):
            axes.set_xticks([seen[one] for one in names], labels=list(names.values()), minor=minor)
        axes.tick_params(axis="x", which="major", **look)
        below = levels[0][0] * LINE * self.points
        axes.tick_params(axis="x", which="minor", length=2, pad=3.5 + below, **look)
        for label in axes.get_xticklabels(which="both"):
            label.set_linespacing(1.15)

    def _apart(self, periods: list[Period], names: dict[Period, str]) -> list[Period]:
        """Return the periods whose names do not touch the name before; the last is always named."""
        chosen: list[Period] = []
        for period in reversed(periods):
            if not chosen or self._end(period, names, 1) + self.points * 0.5 < self._end(
                chosen[-1], names, -1
            ):
                chosen.append(period)
        return chosen[::-1]

    def _end(self, period: Period, names: dict[Period, str], side: int) -> float:
        width = max(style.text_size(part, self.points)[0] for part in names[period].split("\n"))
        return self._x(period.middle) + side * width / 2

    def _dodge(self, number: int) -> float:
        if len(self.series) == 1:
            return 0.0
        step = self.points * 0.7 / self.across * (self.last - self.first)
        return (number - (len(self.series) - 1) / 2) * step

    def _draw_series(self, axes: Axes, item: Series, number: int) -> None:
        colour, seen, aside = style.COLOURS[number], item.seen, self._dodge(number)
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
        ranges = [point for point in seen if not pd.isna(point.row["ci_low"] + point.row["ci_high"])]
        if ranges:
            axes.vlines(
                [p.x + aside for p in ranges],
                [p.row["ci_low"] for p in ranges],
                [p.row["ci_high"] for p in ranges],
                colors=colour,
                linewidth=1.5,
                zorder=3,
                gid=f"intervals-{number}",
            )
        if _unequal(self.series) and seen:
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
            faces = ["white" if style.is_doubtful(p.row["flag"]) else colour for p in seen]
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

    def _joined(self, one: Point, two: Point) -> bool:
        if hidden(one.row) or hidden(two.row) or one.period.end > two.period.start + 1e-6:
            return False
        if any("definition unknown" in split_flags(point.row["flag"]) for point in (one, two)):
            return False
        if self.breaks is None:
            return True
        before, after = one.row[self.breaks], two.row[self.breaks]
        return bool(before == after or (pd.isna(before) and pd.isna(after)))

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
                color=style.COLOURS[number],
                linewidth=0.6,
                alpha=0.8,
                zorder=2,
                gid="leader",
            )
            x = start + points * 0.35 / self.across
            look = {"color": style.readable(style.COLOURS[number]), "transform": axes.transAxes}
            write_lines(axes, x, y / self.down, text, points, gid="group", **look)

    def _write_values(self, axes: Axes) -> None:
        """Write values beside their dots where there is room: above the interval, else below."""
        for number, item in enumerate(self.series):
            for point in item.seen:
                x, y = self._x(point.x + self._dodge(number)), self._y(point.y)
                self.boxes.append((x - self.points * 0.5, y - self.points * 0.5, self.points, self.points))
                low, high = point.row["ci_low"], point.row["ci_high"]
                if not pd.isna(low + high):
                    self.boxes.append((x - 1, self._y(low), 2, self._y(high) - self._y(low)))
        for number, item in enumerate(self.series):
            for point in item.seen:
                self._write_value(axes, point, number)

    def _write_value(self, axes: Axes, point: Point, number: int) -> None:
        text = self.text.value(point.row)
        width, tall = style.text_size(text, self.points)[0], self.points * 1.15
        x = self._x(point.x + self._dodge(number))
        top = point.y if pd.isna(point.row["ci_high"]) else point.row["ci_high"]
        bottom = point.y if pd.isna(point.row["ci_low"]) else point.row["ci_low"]
        beside = self._y(point.y) - tall / 2
        choices = [
            (x, self._y(top) + self.points * 0.7),
            (x, self._y(bottom) - self.points * 0.7 - tall),
            (x - width / 2 - self.points * 0.8, beside),
            (x + width / 2 + self.points * 0.8, beside),
        ]
        for x, y in choices:
            box = (x - width / 2, y, width, tall)
            inside = (
                box[0] >= -self.points and box[1] >= 0 and box[0] + width <= self.across + self.points * 0.6
            )
            if inside and not any(_overlap(box, other) for other in self.boxes):
                self.boxes.append(box)
                axes.text(
                    x / self.across,
                    (y + tall / 2) / self.down,
                    text,
                    transform=axes.transAxes,
                    ha="center",
                    va="center",
                    fontsize=self.points,
                    color=style.readable(style.COLOURS[number]) if len(self.series) > 1 else style.INK,
                    zorder=5,
                    gid="value",
                    bbox=HALO,
                )
                return


def _overlap(one: tuple[float, float, float, float], two: tuple[float, float, float, float]) -> bool:
    return (
        one[0] < two[0] + two[2]
        and two[0] < one[0] + one[2]
        and one[1] < two[1] + two[3]
        and two[1] < one[1] + one[3]
    )
