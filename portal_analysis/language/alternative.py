"""What a figure shows, in words for those who do not see it: a short and a long text.

Takes lines of a Reading; hands on :class:`FigureText`, which every figure carries and every exported file embeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal_analysis.language.catalogue import nfc
from portal_analysis.language.line import MARKS, Line
from portal_analysis.language.reading import Reading

MOST_VALUES = 130
"""The long text lists the values up to this many."""

MOST_NAMES = 3


@dataclass(frozen=True)
class FigureText:
    """The words of a figure: heading, caption, and the texts that stand for the picture."""

    title: str
    subtitle: str
    caption: str
    alt: str
    long_alt: str
    lang: str
    notes: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class Shown:
    """One value as a figure shows it: its name, its line, its group or series, and its text where it is no estimate."""

    name: str
    line: Line
    group: str = ""
    text: str = ""

    @property
    def full(self) -> str:
        """The name with its group."""
        return f"{self.name}, {self.group}" if self.group else self.name

    @property
    def value(self) -> str:
        """The value as the figure writes it, without signs."""
        return self.text or self.line.number


def figure_text(
    reading: Reading,
    kind: str,
    heads: tuple[str, str],
    shown: Sequence[Shown],
    axes: str,
    notes: Sequence[str],
    trend: str = "",
) -> FigureText:
    """Make a figure's texts from what it shows.

    The short text names the kind of picture, what it is of, the range and its ends; the long one adds what is
    on the axes, the trend, the flags, every value, and the notes.
    """
    title, subtitle = (nfc(one) for one in heads)
    opening = f"{reading.word(f'alt.{kind}')}: {_no_stop(title)}."
    extremes = _range(shown, reading)
    cautions = _cautions(shown, reading)
    under = f"{_no_stop(subtitle)}." if subtitle else ""
    stamp = f"{reading.stamp}." if reading.simulated else ""
    short = _join(stamp, opening, under, extremes, trend, cautions)
    long = _join(stamp, opening, under, axes, extremes, trend, cautions, _values(shown, reading), *notes)
    caption = _join(f"{_no_stop(title)}.", under, *notes, stamp)
    return FigureText(title, subtitle, caption, short, long, reading.lang, tuple(notes), kind)


def _no_stop(text: str) -> str:
    return text.rstrip(".")


def _join(*parts: str) -> str:
    return nfc(" ".join(part.strip() for part in parts if part and part.strip()))


def _range(shown: Sequence[Shown], reading: Reading) -> str:
    seen = [item for item in shown if not item.line.hidden]
    if not seen:
        return reading.word("alt.none_shown")
    if len(seen) == 1:
        return f"{seen[0].full}: {seen[0].value}{_interval(seen[0])}."
    low, high = _extreme(seen, lowest=True), _extreme(seen, lowest=False)
    if low[0].line.row["estimate"] == high[0].line.row["estimate"]:
        return reading.word("alt.all_equal", count=len(seen), value=low[0].value)
    ends = {"low": low[0].value, "high": high[0].value}
    ends |= {"lowest": _names(low, reading), "highest": _names(high, reading)}
    return reading.word("alt.range", count=len(seen), **ends)


def _extreme(seen: Sequence[Shown], lowest: bool) -> list[Shown]:
    values = [item.line.row["estimate"] for item in seen]
    end = min(values) if lowest else max(values)
    return [item for item, value in zip(seen, values, strict=True) if value == end]


def _names(items: Sequence[Shown], reading: Reading) -> str:
    text = "; ".join(item.full for item in items[:MOST_NAMES])
    more = len(items) - MOST_NAMES
    return text + reading.word("alt.more", count=more) if more > 0 else text


def _cautions(shown: Sequence[Shown], reading: Reading) -> str:
    parts = []
    for flag in MARKS:
        told = reading.word(f"flag.{flag}")
        found = [item for item in shown if flag in item.line.flags]
        if found and len(found) == len(shown):
            parts.append(reading.word("alt.every_flagged", flag=told))
        elif found:
            parts.append(f"{_names(found, reading)}: {told}")
    return reading.word("alt.caution", parts="; ".join(parts)) if parts else ""


def _values(shown: Sequence[Shown], reading: Reading) -> str:
    if not 1 < len(shown) <= MOST_VALUES:
        return ""
    items = [f"{item.full} {item.value}{item.line.marks}{_interval(item)}" for item in shown]
    return reading.word("alt.values", items="; ".join(items))


def _interval(item: Shown) -> str:
    """Return the interval that stands behind a value, in brackets; nothing where the value is a text of its own."""
    return f" ({item.line.interval})" if item.line.interval and not item.text else ""


def two_ends(series: Mapping[str, Sequence[Shown]], reading: Reading) -> str:
    """Say of each series how its first and last values compare; no trend is claimed, only the two ends named."""
    sentences = []
    for name, items in series.items():
        seen = [item for item in items if not item.line.hidden]
        if len(seen) < 2:
            continue
        first, last = seen[0], seen[-1]
        ends = {"before": first.value, "first": first.name, "after": last.value, "last": last.name}
        text = reading.word("alt.two_ends", **ends)
        sentences.append(f"{name}: {text}" if len(series) > 1 and name else text)
    return "; ".join(sentences) + "." if sentences else ""
