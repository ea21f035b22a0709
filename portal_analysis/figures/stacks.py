"""Bars in parts: how many portals are good, average or inadequate; how many were audited at all.

Hands on :func:`plot_criteria` and :func:`plot_coverage`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from portal_analysis.estimates import domains_of, rows_of, split_flags
from portal_analysis.figures import style
from portal_analysis.figures.alt import FigureText, Shown, describe_figure
from portal_analysis.figures.layout import Sheet, draw_key, key_height, sheet
from portal_analysis.figures.places import Places, places
from portal_analysis.figures.reading import fixed, name_of, varying, whole
from portal_analysis.figures.rows import rows as rows_on
from portal_analysis.figures.style import FigureError
from portal_analysis.figures.words import Labels, Words, plain_number, words


@dataclass(frozen=True)
class Part:
    """A part of every bar: the codes that count for it, its name, its look."""

    codes: tuple[str, ...]
    names: Mapping[str, str]
    colour: str
    hatch: str = ""


LEVELS = (
    Part(("met", "good", "green"), {"en": "good (met)", "vi": "tốt (đạt)"}, "#0a5f45"),
    Part(
        ("partly", "average", "yellow"),
        {"en": "average (partly)", "vi": "trung bình (đạt một phần)"},
        "#f2c230",
        "....",
    ),
    Part(
        ("not_met", "inadequate", "red"), {"en": "inadequate (not met)", "vi": "chưa đạt"}, "#e2735f", "////"
    ),
)
"""The three levels of the reviews: dark green plain, yellow dotted, red striped."""

REST = Part(("rest",), {"en": "not judged", "vi": "không đánh giá được"}, "#ffffff")

REASONS = (
    Part(("audited", "ok"), {"en": "audited", "vi": "đã đánh giá"}, "#2f5fb3"),
    Part(("not_applicable",), {"en": "not applicable", "vi": "không áp dụng"}, "#c9d6ea", "...."),
    Part(("cant_tell",), {"en": "cannot tell", "vi": "không xác định được"}, "#f2c230", "xxxx"),
    Part(
        ("error", "unreachable"),
        {"en": "error or not reachable", "vi": "lỗi hoặc không truy cập được"},
        "#e2735f",
        "////",
    ),
    Part(
        ("not_tested", "not_run", "blocked"),
        {"en": "not tested", "vi": "chưa kiểm tra"},
        "#8c939b",
        "\\\\\\\\",
    ),
    Part(("no_record",), {"en": "no record", "vi": "không có ghi nhận"}, "#ffffff"),
)
"""What became of what was to be audited."""


@dataclass(frozen=True)
class Stack:
    """One bar: its label, the count of each part, and its row of flags."""

    label: str
    counts: tuple[float, ...]
    flag: str

    @property
    def total(self) -> float:
        """The whole bar."""
        return sum(self.counts)


def plot_criteria(
    table: Any,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    outcome: str | None = None,
    sort: bool = False,
    labels: Labels | None = None,
    units: int = 63,
    source_note: str | None = None,
) -> Figure:
    """Draw each criterion as a bar of good, average and inadequate portals, with their counts.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES with one row a criterion and outcome, as ``shares(audit)`` gives it: ``count`` and, if some
        portals could not be judged, ``base`` and ``n_portals``. An Audit is counted by ``shares`` first.
    lang, size, title, subtitle, labels, units, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.
    outcome : str, optional
        The column of levels (``met, partly, not_met``, or ``green, yellow, red``); found by its values if not given.
    sort : bool
        Most good portals first; by default the table's order.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. The levels differ in lightness and hatch, not in colour alone.

    Raises
    ------
    FigureError
        If the table is empty, has no column of levels, or an unknown level.
    """
    table = whole(_counted(table))
    outcome = _part_column(table, outcome, LEVELS)
    text = words(table, lang, labels)
    where = places(units)
    rows = _row_columns(table, outcome)
    stacks = _level_stacks(table, outcome, rows, text, where)
    if sort:
        stacks.sort(key=lambda stack: -(stack.counts[0] / stack.total if stack.total else -1.0))
    rest = any(stack.counts[-1] for stack in stacks)
    parts = (*LEVELS, REST) if rest else LEVELS
    if not rest:
        stacks = [Stack(stack.label, stack.counts[:-1], stack.flag) for stack in stacks]
    made = text.say("Portals by level of each criterion", "Số cổng theo mức đánh giá của từng tiêu chí")
    return _draw(
        "criteria", table, stacks, parts, text, where, size, (title, made), subtitle, rows, source_note
    )


def plot_coverage(
    table: Any,
    lang: str = "en",
    size: str = "report",
    title: str | None = None,
    subtitle: str | None = None,
    *,
    labels: Labels | None = None,
    units: int = 63,
    source_note: str | None = None,
) -> Figure:
    """Draw what was reached of what was to be audited, and what became of the rest.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES as ``coverage(audit, by=…)`` gives it, with a column of counts for each reason. Of an Audit,
        each criterion is shown.
    lang, size, title, subtitle, labels, units, source_note
        As in :func:`~portal_analysis.figures.points.plot_estimates`.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``.

    Raises
    ------
    FigureError
        If the table is empty or has no counts of reasons.
    """
    if not isinstance(table, pd.DataFrame) and hasattr(table, "judgements"):
        from portal_analysis.audit.coverage import coverage

        table = coverage(table, by=("round", "criterion_id"))
    table = whole(table)
    text = words(table, lang, labels)
    where = places(units)
    used = [part for part in REASONS if any(code in table for code in part.codes)]
    if not used:
        known = [code for part in REASONS for code in part.codes]
        raise FigureError(
            f"no counts of reasons: none of the columns {known}; make the table with coverage()"
        )
    rows = [name for name in varying(table) if name != "indicator" or len(varying(table)) == 1]
    stacks = []
    for row in rows_of(table):
        counts = tuple(float(sum(row.get(code) or 0 for code in part.codes)) for part in used)
        stacks.append(Stack(_label(row, rows, text, where), counts, row["flag"]))
    seen = [number for number in range(len(used)) if any(stack.counts[number] for stack in stacks)]
    stacks = [Stack(s.label, tuple(s.counts[number] for number in seen), s.flag) for s in stacks]
    parts = tuple(used[number] for number in seen)
    made = text.say("What was audited, and what was not", "Những gì đã và chưa được đánh giá")
    return _draw(
        "coverage", table, stacks, parts, text, where, size, (title, made), subtitle, rows, source_note
    )


def _counted(table: Any) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame) or not hasattr(table, "judgements"):
        return table
    from portal_analysis.audit.shares import shares

    return shares(table)


def _part_column(table: pd.DataFrame, column: str | None, parts: Sequence[Part]) -> str:
    known = {code for part in parts for code in part.codes}
    names = domains_of(table)
    if column is None:
        column = next((name for name in names if set(table[name].dropna().astype(str)) <= known), None)
    if column is None or column not in names:
        raise FigureError(f"no column of levels among {names}; levels are {sorted(known)}")
    unknown = sorted(set(table[column].dropna().astype(str)) - known)
    if unknown:
        raise FigureError(f"unknown levels {unknown} in column {column!r}; levels are {sorted(known)}")
    if "count" not in table:
        raise FigureError(f"levels need the column 'count'; the table has {list(table.columns)}")
    return column


def _row_columns(table: pd.DataFrame, outcome: str) -> list[str]:
    found = [name for name in varying(table) if name != outcome]
    return found or ["indicator"]


def _label(row: dict[str, Any], names: Sequence[str], text: Words, where: Places) -> str:
    return ", ".join(name_of(name, row[name], text, where) for name in names) or text.say("All", "Tất cả")


def _level_stacks(
    table: pd.DataFrame, outcome: str, rows: list[str], text: Words, where: Places
) -> list[Stack]:
    """Gather the rows of each criterion into one bar; the last part is what could not be judged."""
    place = {code: number for number, part in enumerate(LEVELS) for code in part.codes}
    found: dict[str, list[float]] = {}
    flags: dict[str, str] = {}
    for row in rows_of(table):
        label = _label(row, rows, text, where)
        counts = found.setdefault(label, [0.0] * (len(LEVELS) + 1))
        flags[label] = row["flag"]
        level = place[str(row[outcome])]
        if counts[level]:
            raise FigureError(
                f"several rows for {label!r} at the level {row[outcome]!r}; a bar needs one for each"
            )
        counts[level] = 0.0 if pd.isna(row["count"]) else float(row["count"])
        if not pd.isna(row.get("n_portals")) and not pd.isna(row.get("base")):
            counts[-1] = float(row["n_portals"] - row["base"])
    return [Stack(label, tuple(counts), flags[label]) for label, counts in found.items()]


def _draw(
    kind: str,
    table: pd.DataFrame,
    stacks: list[Stack],
    parts: Sequence[Part],
    text: Words,
    where: Places,
    size: str,
    title: tuple[str | None, str],
    subtitle: str | None,
    rows: list[str],
    source_note: str | None,
) -> Figure:
    form = style.size_of(size)
    given, made = title
    head = made if given is None else given
    rest = fixed(table, [*rows, "indicator", *(name for name in ("outcome", "reason") if name in table)])
    shared = [name_of(name, value, text, where) for name, value in rest.items() if not pd.isna(value)]
    under = "; ".join(shared) if subtitle is None else subtitle
    with style.house(form):
        page = sheet(
            table.assign(n=float("nan"), ci_low=float("nan")), text.lang, form, head, under, source_note
        )
        _Picture(page, text, stacks, parts).draw()
    page.finish(_texts(kind, head, under, stacks, parts, text, page.notes))
    return page.opened


def _texts(
    kind: str,
    head: str,
    under: str,
    stacks: list[Stack],
    parts: Sequence[Part],
    text: Words,
    notes: list[str],
) -> FigureText:
    """Tell the first part of each bar as its value, and all parts in the long text."""
    counted = Words(text.lang, text.labels, "count", 0)
    empty = float("nan")
    shown = [
        Shown(
            s.label,
            {
                "estimate": s.counts[0] if s.total else empty,
                "flag": s.flag,
                "ci_low": empty,
                "ci_high": empty,
            },
        )
        for s in stacks
    ]
    told = []
    for stack in stacks:
        each = ", ".join(
            f"{part.names[text.lang]} {plain_number(count, text.lang, 0)}"
            for part, count in zip(parts, stack.counts, strict=True)
        )
        told.append(f"{stack.label}: {each}")
    first = parts[0].names[text.lang]
    axes = (
        text.say(f"Values are the counts of “{first}”. ", f"Giá trị là số đếm của “{first}”. ")
        + "; ".join(told)
        + "."
    )
    return describe_figure(kind, head, shown, counted, axes, notes, under)


class _Picture:
    """Bars in parts on a sheet, with a key to the parts."""

    def __init__(self, page: Sheet, text: Words, stacks: list[Stack], parts: Sequence[Part]) -> None:
        self.page, self.text, self.stacks, self.parts = page, text, stacks, parts
        self.names = [part.names[text.lang] for part in parts]
        written = [self._written(stack) for stack in stacks]
        self.rows = rows_on(page, [stack.label for stack in stacks], written, 2.6)
        self.key = key_height(page, self.names, self.rows.points)

    def _written(self, stack: Stack) -> str:
        if not stack.total or "not measured" in split_flags(stack.flag):
            return self.text.say("not measured", "không đo")
        return f"n = {plain_number(stack.total, self.text.lang, 0)}"

    def draw(self) -> None:
        """Draw the key and the bars."""
        page = self.page
        page.open(self.key + self.rows.height)
        draw_key(page, self.names, self.rows.points, self._draw_sample)
        axes, middles = self.rows.axes(page, self.key)
        for stack, middle in zip(self.stacks, middles, strict=True):
            self._draw_stack(axes, stack, middle)
            self.rows.write(axes, page, middle, self._written(stack), bool(stack.total))

    def _draw_stack(self, axes: Axes, stack: Stack, middle: float) -> None:
        left, across = 0.0, self.rows.across(self.page)
        for number, (part, count) in enumerate(zip(self.parts, stack.counts, strict=True)):
            if not count:
                continue
            width = count / stack.total
            axes.barh(
                middle, width, left=left, height=self.rows.bar, zorder=2, gid=f"part-{number}", **look(part)
            )
            told = plain_number(count, self.text.lang, 0)
            if style.text_size(told, self.rows.points, "bold")[0] + self.rows.points * 0.5 < width * across:
                self._write_count(axes, left + width / 2, middle, told, part)
            left += width

    def _write_count(self, axes: Axes, x: float, y: float, told: str, part: Part) -> None:
        """Write a count, on a plain patch where the part is hatched."""
        points = self.rows.points
        if part.hatch:
            wide = (style.text_size(told, points, "bold")[0] + points * 0.4) / self.rows.across(self.page)
            axes.barh(
                y,
                wide,
                left=x - wide / 2,
                height=self.rows.bar - 1.2,
                color=part.colour,
                zorder=3,
                gid="patch",
            )
        look: dict[str, Any] = {"ha": "center", "va": "center", "weight": "bold", "zorder": 4, "gid": "count"}
        axes.text(x, y, told, fontsize=points, color=style.ink_on(part.colour), **look)

    def _draw_sample(self, axes: Axes, x: float, y: float, number: int) -> None:
        width = self.rows.points * 1.7
        axes.barh(y, width, left=x, height=self.rows.points, gid="key", **look(self.parts[number]))


def look(part: Part) -> dict[str, Any]:
    """Return how a part is filled: its colour, and its hatch in a darker shade."""
    return {
        "facecolor": part.colour,
        "edgecolor": style.darker(part.colour) if part.colour != "#ffffff" else style.MUTED,
        "hatch": part.hatch,
        "linewidth": 0.5,
    }
