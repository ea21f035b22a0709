"""What a figure shows, in words for those who do not see it: a short and a long text in two languages.

Hands on :class:`FigureText`, which every figure carries and every exported file embeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal_analysis.estimates import split_flags
from portal_analysis.figures.words import Words, hidden, nfc
from portal_analysis.wording import FLAG_TEXT

MOST_VALUES = 130
"""The long text lists the values up to this many."""


@dataclass(frozen=True)
class FigureText:
    """The words of a figure: heading, caption, and the texts that stand for the picture."""

    title: str
    subtitle: str
    caption: str
    alt: str
    long_alt: str
    lang: str


@dataclass(frozen=True)
class Shown:
    """One value as a figure shows it: its name, the row of the table, the group or series that it belongs to."""

    name: str
    row: dict[str, Any]
    group: str = ""

    @property
    def full(self) -> str:
        """The name with its group."""
        return f"{self.name}, {self.group}" if self.group else self.name


KINDS = {
    "dots": {"en": "Dot plot with intervals", "vi": "Biểu đồ điểm kèm khoảng tin cậy"},
    "plain dots": {"en": "Dot plot", "vi": "Biểu đồ điểm"},
    "trend": {"en": "Line chart", "vi": "Biểu đồ đường"},
    "tiles": {"en": "Tile map of the provinces", "vi": "Bản đồ ô các tỉnh, thành phố"},
    "counts": {"en": "Bar chart of counts", "vi": "Biểu đồ thanh số đếm"},
    "map": {"en": "Map of the provinces", "vi": "Bản đồ các tỉnh, thành phố"},
    "criteria": {"en": "Stacked bar chart of outcomes", "vi": "Biểu đồ thanh chồng về mức đánh giá"},
    "matrix": {"en": "Matrix", "vi": "Ma trận"},
    "co-occurrence": {"en": "Matrix of joint occurrence", "vi": "Ma trận đồng xuất hiện"},
    "coverage": {"en": "Stacked bar chart of coverage", "vi": "Biểu đồ thanh chồng về mức độ bao phủ"},
    "gap": {"en": "Dumbbell chart", "vi": "Biểu đồ cặp điểm"},
}


def describe_figure(
    kind: str,
    title: str,
    shown: Sequence[Shown],
    words: Words,
    axes: str,
    notes: Sequence[str],
    subtitle: str = "",
    trend: str = "",
) -> FigureText:
    """Make a figure's texts from what it shows.

    The short text names the kind of picture, what it is of, the range and its ends; the long one adds what is
    on the axes, the trend, the flags, every value, and the notes.
    """
    opening = nfc(f"{KINDS[kind][words.lang]}: {_no_stop(title)}.")
    extremes = _range_sentence(shown, words)
    warnings = _flag_sentence(shown, words)
    short = _join(opening, extremes, trend, warnings)
    under = f"{_no_stop(subtitle)}." if subtitle else ""
    long = _join(opening, under, axes, extremes, trend, warnings, _every_value(shown, words), *notes)
    caption = _join(f"{_no_stop(title)}.", under, *notes)
    return FigureText(nfc(title), nfc(subtitle), caption, short, long, words.lang)


def _no_stop(text: str) -> str:
    return text.rstrip(".")


def _join(*parts: str) -> str:
    return nfc(" ".join(part.strip() for part in parts if part and part.strip()))


def _range_sentence(shown: Sequence[Shown], words: Words) -> str:
    seen = [item for item in shown if not hidden(item.row)]
    if not seen:
        return words.say("No value may be shown.", "Không có giá trị nào được hiển thị.")
    if len(seen) == 1:
        return f"{seen[0].full}: {words.value(seen[0].row, marked=False)}."
    low, high = _extreme(seen, lowest=True), _extreme(seen, lowest=False)
    lowest, highest = (words.value(end[0].row, marked=False) for end in (low, high))
    if low[0].row["estimate"] == high[0].row["estimate"]:
        return words.say(f"All {len(seen)} values are {lowest}.", f"Cả {len(seen)} giá trị đều là {lowest}.")
    return words.say(
        f"{len(seen)} values from {lowest} ({_names(low, words)}) to {highest} ({_names(high, words)}).",
        f"{len(seen)} giá trị, từ {lowest} ({_names(low, words)}) đến {highest} ({_names(high, words)}).",
    )


def _extreme(seen: Sequence[Shown], lowest: bool) -> list[Shown]:
    values = [item.row["estimate"] for item in seen]
    end = min(values) if lowest else max(values)
    return [item for item, value in zip(seen, values, strict=True) if value == end]


def _names(items: Sequence[Shown], words: Words) -> str:
    names = [item.full for item in items[:3]]
    more = len(items) - len(names)
    text = "; ".join(names)
    return text + words.say(f" and {more} more", f" và {more} mục khác") if more else text


def _flag_sentence(shown: Sequence[Shown], words: Words) -> str:
    parts = []
    for flag, told in FLAG_TEXT.items():
        text = told[words.lang]
        with_flag = [item for item in shown if flag in split_flags(item.row["flag"])]
        if not with_flag:
            continue
        if len(with_flag) == len(shown):
            parts.append(words.say(f"all values: {text}", f"mọi giá trị: {text}"))
        else:
            parts.append(
                words.say(f"{_names(with_flag, words)}: {text}", f"{_names(with_flag, words)}: {text}")
            )
    return words.say("Note: ", "Lưu ý: ") + "; ".join(parts) + "." if parts else ""


def _every_value(shown: Sequence[Shown], words: Words) -> str:
    if not 1 < len(shown) <= MOST_VALUES:
        return ""
    items = []
    for item in shown:
        inside = words.interval(item.row)
        items.append(f"{item.full} {words.value(item.row)}" + (f" ({inside})" if inside else ""))
    return words.say("Values: ", "Các giá trị: ") + "; ".join(items) + "."


def trend_sentence(series: dict[str, list[Shown]], words: Words) -> str:
    """Say of each series how its first and last values compare; no trend is claimed, only the two ends named."""
    sentences = []
    for name, items in series.items():
        seen = [item for item in items if not hidden(item.row)]
        if len(seen) < 2:
            continue
        first, last = seen[0], seen[-1]
        head = f"{name}: " if len(series) > 1 and name else ""
        before, after = (words.value(end.row, marked=False) for end in (first, last))
        text = words.say(
            f"{before} in {first.name}, {after} in {last.name}",
            f"{before} ({first.name}), {after} ({last.name})",
        )
        sentences.append(head + text)
    return "; ".join(sentences) + "." if sentences else ""
