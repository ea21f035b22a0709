"""A table read aloud: its numbers, their intervals and their caveats in sentences.

Takes ESTIMATES; hands on :func:`describe`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from portal_analysis.language import numbers
from portal_analysis.language.catalogue import capital, check_language, word
from portal_analysis.language.labels import Labels, is_missing
from portal_analysis.language.line import ERRORS, Line
from portal_analysis.language.reading import Reading, read
from portal_analysis.shape import check

MOST_ROWS = 8

SAID_BESIDE = (
    *("mean", "total", "ratio", "coefficient", "marginal effect"),
    *("margin", "sample size", "variance share", "correlation", "slope"),
)
"""Kinds of numbers that the name of an indicator does not tell, and that a sentence says."""


LIVE = {ord(sign): f"&#{ord(sign)};" for sign in "&<>[]`$|~_\\"}
"""What would be markup of names and codes, as references that every reader of Markdown shows as the sign."""

_BEGINS = re.compile(r"^#|^\+(?= )|^=|(?<=^\d)[.)]|(?<=^- )[#+=-]", re.MULTILINE)
"""What begins a heading or another list, where only a list's own hyphens may."""


class Text(str):
    """A text that Jupyter shows as Markdown: bold numbers and lists are its own, and no other markup is live."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return _BEGINS.sub(lambda found: f"&#{ord(found[0])};", str(self).translate(LIVE))


def describe(
    table: pd.DataFrame, lang: str = "en", most: int = MOST_ROWS, labels: Labels | None = None
) -> Text:
    """Read a table of estimates aloud: each number, its interval and its caveats.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES.
    lang : {"en", "vi"}
        The language of the sentences.
    most : int
        Up to this many rows are read one by one, values of one indicator that have no interval in one sentence; a
        longer table by its lowest and highest value and its flags.
    labels : mapping, optional
        Text for ``(column, value)``, or per language; comes before the labels of file and dataset.

    Returns
    -------
    Text
        Markdown: a sentence, or a list of them. Simulated data say so at the end.

    Raises
    ------
    EstimatesError
        If the table is not ESTIMATES.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> published = pa.load_published("egov-figures")
    >>> usage = published[published["indicator"] == "ncdt_usage_rate"]
    >>> print(pa.describe(usage.tail(1)))
    Usage rate of online public services (National Committee on Digital Transformation), Viet Nam,
    January–July 2022: **18%**. No source found says what is counted out of what.
    """
    check_language(lang)
    if check(table).empty:
        return Text(word("sentence.nothing", lang))
    reading = read(table, lang, labels)
    if len(reading.lines) <= most:
        sentences = [one for group in _groups(reading.lines) for one in _sentences(group)]
    else:
        groups = [reading.subset(part) for _, part in reading.table.groupby("indicator", sort=False)]
        sentences = [_summary(group) for group in groups]
    told_apart = _told_apart(reading)
    sentences = [sentence.replace("\n", " ") for sentence in sentences]
    text = sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)
    text = f"{text}\n\n{told_apart}" if told_apart else text
    return Text(f"{text}\n\n*{word('word.simulated', lang)}*" if reading.simulated else text)


def _told_apart(reading: Reading) -> str:
    """Tell rates apart that go by one word, and which of them a claim can mean; nothing of other tables."""
    lines = [line for line in reading.lines if not is_missing(line.row.get("claim"))]
    if len({line.row["claim"] for line in lines}) < 2 or len({line.about() for line in lines}) > 1:
        return ""
    told = [
        reading.word("sentence.meaning", claim=line.named("claim"), value=line.number)
        for line in lines
        if not line.hidden
    ]
    error = "sentence.clusters" if any(line.ends for line in lines) else "sentence.every_row"
    return reading.word(
        "sentence.one_word",
        count=numbers.count(len(told), reading.lang),
        meanings="; ".join(told),
        error=reading.word(error),
    )


def phrase(name: str, lang: str = "en", **values: object) -> Text:
    """Return a phrase of the project's own notebooks in a language, with numbers in its places.

    Parameters
    ----------
    name : str
        Its key in the section ``notebook`` of the words.
    lang : {"en", "vi"}
        The language.
    **values : DataFrame or object
        What stands in the phrase's places: of ESTIMATES the numbers as :func:`describe` writes them, several with
        what each is about; anything else as text.

    Returns
    -------
    Text

    Raises
    ------
    WordingError
        If there is no such phrase.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> str(pa.phrase("datasets", "vi"))
    'Các bộ dữ liệu'
    """
    told = {
        key: _numbers(value, lang) if isinstance(value, pd.DataFrame) else value
        for key, value in values.items()
    }
    return Text(word(f"notebook.{name}", lang, **told))


def _numbers(table: pd.DataFrame, lang: str) -> str:
    """Write a table's numbers in a row: one as it is, several with what tells them apart."""
    reading = read(check(table), lang)
    if len(reading.lines) == 1:
        return reading.lines[0].spoken
    several = tuple(name for name in reading.lines[0].domains if table[name].nunique(dropna=False) > 1)
    told = [
        f"{line.spoken} ({line.about(several) or line.indicator})"
        if several
        else f"{line.indicator}: {line.spoken}"
        for line in reading.lines
    ]
    return ", ".join(told)


class _Range(NamedTuple):
    low: Line
    high: Line


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.indicator, line.row["source"]), []).append(line)
    return list(found.values())


def _sentences(lines: list[Line]) -> list[str]:
    plain = all(line.ends is None and not line.p() for line in lines)
    if len(lines) == 1 or not plain or any(not is_missing(line.row.get("ci_low")) for line in lines):
        return [_sentence(line) for line in lines]
    return [_series(lines)]


def _sentence(line: Line) -> str:
    told = "; ".join(part for part in (interval_text(line), _degrees(line), _n(line), _p(line)) if part)
    sentence = f"{_head(line)}: **{line.spoken}**" + (f" ({told})" if told else "") + "."
    return sentence + (f" {capital(line.caveat)}." if line.caveat else "")


def _series(lines: list[Line]) -> str:
    """Read several values of one indicator in one sentence; what all share is said once."""
    domains = lines[0].domains
    shared = tuple(name for name in domains if len({str(line.row[name]) for line in lines}) == 1)
    varying = tuple(name for name in domains if name not in shared)
    caveats = {line.caveat for line in lines}
    items = []
    for line in lines:
        own = [line.about(varying), _n(line), line.caveat if len(caveats) > 1 else ""]
        told = "; ".join(part for part in own if part)
        items.append(f"**{line.spoken}**" + (f" ({told})" if told else ""))
    sentence = f"{_head(lines[0], shared)}: {', '.join(items)}."
    common = caveats.pop() if len(caveats) == 1 else ""
    return sentence + (f" {capital(common)}." if common else "")


def _head(line: Line, domains: tuple[str, ...] | None = None) -> str:
    name = line.indicator
    if line.measure in SAID_BESIDE:
        name = line.word("title.measured", what=name, measure=line.word(f"measure.{line.measure}"))
    where = line.about(domains)
    if not where:
        return name
    return f"{name}, {where}" if name.endswith(")") else f"{name} ({where})"


def interval_text(line: Line) -> str:
    """Write the interval of a row in words, with the error that it stands for."""
    if line.ends is None:
        return ""
    low, high = line.ends
    if line.unit == "points":
        high = word("number.spoken", line.lang, value=high, unit=line.word("unit.points"))
    kind = str(line.row.get("interval") or "")
    if kind in ERRORS:
        return line.word("sentence.bounds", kind=line.word(f"error.{kind}"), low=low, high=high)
    level = numbers.number(100 * line.level, "number", line.lang)
    return line.word("sentence.interval", level=level, low=low, high=high)


def _summary(reading: Reading) -> str:
    if len(reading.lines) == 1:
        return _sentence(reading.lines[0])
    known = sorted((line for line in reading.lines if not line.hidden), key=lambda line: line.row["estimate"])
    withheld = any(line.withheld for line in reading.lines)
    if not known:
        absent = reading.word("word.withheld" if withheld else "word.not_available")
        return f"{_head(reading.lines[0], ())}: {absent}." + _flag_counts(reading.lines)
    ends = _Range(known[0], known[-1])
    domains = [name for name in ends.low.domains if reading.table[name].nunique(dropna=False) > 1]
    text = reading.word(
        "sentence.some_withheld" if withheld else "sentence.range",
        count=numbers.count(len(known), reading.lang),
        low=ends.low.spoken,
        high=ends.high.spoken,
        where_low=_where(ends.low, tuple(domains)),
        where_high=_where(ends.high, tuple(domains)),
        **({"all": numbers.count(len(reading.lines), reading.lang)} if withheld else {}),
    )
    return f"{_head(ends.low, ())}: {text}" + _flag_counts(known)


def _where(line: Line, domains: tuple[str, ...]) -> str:
    return "; ".join(part for part in (line.about(domains), interval_text(line)) if part)


def _flag_counts(lines: Sequence[Line]) -> str:
    counts: dict[str, int] = {}
    for flag in (flag for line in lines for flag in line.flags if flag != "simulated"):
        counts[flag] = counts.get(flag, 0) + 1
    lang, told = lines[0].lang, []
    for flag, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        meaning = word(f"flag.{flag}", lang)
        if count < len(lines):
            told.append(word("sentence.flagged", lang, count=numbers.count(count, lang), flag=meaning))
        else:
            told.append(word("sentence.all_flagged", lang, flag=meaning))
    return "".join(f" {part}" for part in told)


def _n(line: Line) -> str:
    return line.word("number.n", n=line.n) if line.n and is_missing(line.row.get("base")) else ""


def _degrees(line: Line) -> str:
    given = [line.row.get(name) for name in ("ndf", "df")]
    known = [float(one) for one in given if one is not None and not is_missing(one)]
    if line.unit not in numbers.STATISTICS or len(known) < 2:
        return ""
    one, other = (numbers.plain(n, line.lang, 0 if n >= 10 or n == round(n) else 1) for n in known)
    return line.word("number.degrees", one=one, other=other)


def _p(line: Line) -> str:
    told = line.p()
    if not told:
        return ""
    return line.word("number.p_below" if told.startswith("<") else "number.p", p=told)
