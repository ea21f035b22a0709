"""Numbers, labels and sentences in English and Vietnamese: what a table says, read aloud.

Takes ESTIMATES; hands on text. Rounding happens here and in the figures, nowhere else.
"""

from __future__ import annotations

import calendar
import math
import numbers
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from portal_analysis import codebook, datasets
from portal_analysis.estimates import (
    NO_COUNT,
    check,
    domains_of,
    has_flag,
    rows_of,
    split_flags,
    term_columns,
)
from portal_analysis.terms import SAME_CODES, term

LANGUAGES = ("en", "vi")
MINUS = "\N{MINUS SIGN}"
MOST_ROWS = 8

WORDS: Mapping[str, Mapping[str, str]] = {
    "all": {"en": "all", "vi": "tất cả"},
    "not available": {"en": "not available", "vi": "không có"},
    "withheld": {"en": "withheld", "vi": "không công bố"},
    "only where": {"en": "only those of “{column}”", "vi": "chỉ nhóm “{column}”"},
    "compared": {"en": "{one} compared with {other}", "vi": "{one} so với {other}"},
    "odds ratio": {"en": "odds ratio {value}", "vi": "tỷ số chênh {value}"},
    "of answers": {"en": "{value} of all answers", "vi": "{value} tổng số câu trả lời"},
    "a year": {"en": "{value} a year", "vi": "{value} mỗi năm"},
    "a unit": {"en": "{value} for each unit of “{over}”", "vi": "{value} cho mỗi đơn vị của “{over}”"},
    "two degrees": {"en": "{one} and {other} degrees of freedom", "vi": "{one} và {other} bậc tự do"},
    "points": {"en": "percentage points", "vi": "điểm phần trăm"},
    "portals": {"en": "portals", "vi": "cổng"},
    "of": {"en": "of", "vi": "trên"},
    "interval": {
        "en": "{level}% interval {low} to {high}",
        "vi": "khoảng tin cậy {level}%: {low} đến {high}",
    },
    "bounds": {"en": "{kind}: {low} to {high}", "vi": "{kind}: {low} đến {high}"},
    "n": {"en": "n = {n}", "vi": "n = {n}"},
    "simulated": {
        "en": "These are simulated data: they show the method and say nothing about Viet Nam.",
        "vi": "Đây là dữ liệu mô phỏng: chỉ minh hoạ phương pháp, không phản ánh tình hình Việt Nam.",
    },
    NO_COUNT: {"en": "no published count", "vi": "chưa có số đếm nào được công bố"},
    "nothing": {
        "en": "There is nothing to report: the table is empty.",
        "vi": "Không có gì để trình bày: bảng trống.",
    },
    "range": {
        "en": "{count} values, from {low} ({where_low}) to {high} ({where_high}).",
        "vi": "{count} giá trị, từ {low} ({where_low}) đến {high} ({where_high}).",
    },
    "some withheld": {
        "en": "{count} of {all} values can be published, from {low} ({where_low}) to {high} ({where_high});"
        " the others are too unreliable.",
        "vi": "{count} trên {all} giá trị có thể công bố, từ {low} ({where_low}) đến {high} ({where_high});"
        " các giá trị còn lại không đủ tin cậy.",
    },
    "flagged": {"en": "{count} of them: {flag}.", "vi": "Trong đó {count} giá trị: {flag}."},
    "all flagged": {"en": "All of them: {flag}.", "vi": "Tất cả các giá trị này: {flag}."},
}

FLAG_TEXT: Mapping[str, Mapping[str, str]] = {
    "suppress": {"en": "too unreliable to publish", "vi": "không đủ tin cậy để công bố"},
    "review": {"en": "to be read with caution", "vi": "cần thận trọng khi sử dụng"},
    "inexact": {"en": "published as an approximate value", "vi": "giá trị công bố là gần đúng"},
    "definition unknown": {
        "en": "no source found says what is counted out of what",
        "vi": "chưa tìm thấy nguồn nào nêu rõ tử số và mẫu số",
    },
    "conflict": {"en": "sources contradict each other", "vi": "các nguồn mâu thuẫn nhau"},
    "uncertain": {"en": "the published text is incomplete", "vi": "văn bản công bố không đầy đủ"},
    "target": {"en": "a target, not a result", "vi": "là chỉ tiêu, không phải kết quả"},
    "not measured": {"en": "not measured by this source", "vi": "nguồn này không đo"},
    "simulated": {"en": "simulated data", "vi": "dữ liệu mô phỏng"},
}

QUALIFIERS: Mapping[str, Mapping[str, str]] = {
    "exact": {"en": "{value}", "vi": "{value}"},
    "about": {"en": "about {value}", "vi": "khoảng {value}"},
    "more than": {"en": "more than {value}", "vi": "hơn {value}"},
    "just over": {"en": "just over {value}", "vi": "nhỉnh hơn {value}"},
    "nearly": {"en": "nearly {value}", "vi": "gần {value}"},
}

MONTHS_EN = tuple(calendar.month_name)


class WordingError(ValueError):
    """A language, unit or qualifier is not known."""


class Text(str):
    """A text that Jupyter shows as Markdown."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def check_language(lang: str) -> str:
    """Return ``lang`` if it is one of :data:`LANGUAGES`.

    Raises
    ------
    WordingError
        If it is another.
    """
    if lang not in LANGUAGES:
        raise WordingError(f"language {lang!r} is not known; languages are {list(LANGUAGES)}")
    return lang


def word(name: str, lang: str) -> str:
    """Return one of the fixed words in a language."""
    return WORDS[name][check_language(lang)]


def number(value: float, unit: str = "proportion", lang: str = "en", digits: int | None = None) -> str:
    """Write a number as a reader of the language expects it.

    Parameters
    ----------
    value : float
        The number; proportions and points on 0–1.
    unit : str
        ``proportion`` → ``18.5%`` / ``18,5%``; ``points`` → ``+2.1 percentage points``; ``count`` → ``16,117`` /
        ``16.117``; any other: the number, with the unit's name behind it unless it is ``number`` or ``odds ratio``.
    lang : {"en", "vi"}
        The language: decimal point or comma, thousands by comma or point.
    digits : int, optional
        Decimals. Without it: as many as the number has, up to two for percentages and four for the rest.

    Returns
    -------
    str
        The number; a missing one is ``–``.
    """
    check_language(lang)
    if value is None or pd.isna(value):
        return "–"
    if unit == "proportion":
        return f"{_figure(value * 100, 2, digits, lang)}%"
    if unit == "points":
        return f"{'+' if value > 0 else ''}{_figure(value * 100, 2, digits, lang)} {word('points', lang)}"
    text = _figure(value, 0 if unit == "count" else 4, digits, lang)
    return text if unit in ("count", "number", "odds ratio") else f"{text} {unit_label(unit, lang)}"


def unit_label(unit: str, lang: str) -> str:
    """Return a unit's name in a language; an unknown unit is its own name."""
    return UNIT_LABELS.get(unit, {}).get(lang, unit)


UNIT_LABELS: Mapping[str, Mapping[str, str]] = {
    "persons": {"en": "persons", "vi": "người"},
    "accounts": {"en": "accounts", "vi": "tài khoản"},
    "dossiers": {"en": "dossiers", "vi": "hồ sơ"},
    "transactions": {"en": "transactions", "vi": "giao dịch"},
    "million": {"en": "million", "vi": "triệu"},
    "portals": {"en": "portals", "vi": "cổng"},
    "apps": {"en": "apps", "vi": "ứng dụng"},
    "items": {"en": "items", "vi": "ý kiến"},
    "e-mails": {"en": "e-mails", "vi": "thư điện tử"},
    "million dossiers": {"en": "million dossiers", "vi": "triệu hồ sơ"},
    "shortcomings": {"en": "shortcomings", "vi": "hạn chế"},
    "index 0-1": {"en": "(index, 0 to 1)", "vi": "(chỉ số, từ 0 đến 1)"},
    "score 0.33-3.33": {"en": "(score, 0.33 to 3.33)", "vi": "(điểm, từ 0,33 đến 3,33)"},
    "rank": {"en": "(rank)", "vi": "(thứ hạng)"},
}


def qualified(value: float, unit: str, qualifier: str, lang: str, digits: int | None = None) -> str:
    """Write a published number with its qualifier: "more than 1%", "gần 76%".

    Raises
    ------
    WordingError
        If the qualifier is not one of :data:`QUALIFIERS`.
    """
    if pd.isna(qualifier) or qualifier == "":
        qualifier = "exact"
    if qualifier not in QUALIFIERS:
        raise WordingError(f"qualifier {qualifier!r} is not known; qualifiers are {list(QUALIFIERS)}")
    return QUALIFIERS[qualifier][check_language(lang)].format(value=number(value, unit, lang, digits))


def period(code: str, lang: str = "en") -> str:
    """Write a period (``2022``, ``2024-07``, ``2022-01-01/2022-07-31``) in words.

    Whole years and whole months are told as such; any other period by its first and last day.
    """
    check_language(lang)
    if "/" not in str(code):
        return _date(str(code), lang)
    start, end = str(code).split("/")
    if start == "..":
        return f"{'to' if lang == 'en' else 'đến'} {_date(end, lang)}"
    if end == "..":
        return f"{'since' if lang == 'en' else 'từ'} {_date(start, lang)}"
    if start[:4] == end[:4] and start[8:] == "01" and _is_month_end(end):
        first, last = int(start[5:7]), int(end[5:7])
        if lang == "en":
            return f"{MONTHS_EN[first]}–{MONTHS_EN[last]} {end[:4]}"
        return f"tháng {first}–{last}/{end[:4]}"
    dash = "–" if len(start) == len(end) == 4 else " – "
    return f"{_date(start, lang)}{dash}{_date(end, lang)}"


def label(source: str, column: str, value: Any = None, lang: str = "en") -> str:
    """Return the name of a column, or of a code in it, from the codebook of a source.

    Parameters
    ----------
    source : str
        Id of a dataset (several joined by ``"; "`` are tried in order).
    column, value : str
        The column, and the code; without ``value`` the column's own name.
    lang : {"en", "vi"}
        The language.

    Returns
    -------
    str
        The name; where no codebook knows one, the package's own word for what it puts into tables itself, the
        province's name for a column called ``province``, the period in words for ``period``, the column's or code's
        own text otherwise.
    """
    check_language(lang)
    if value is not None and pd.isna(value):
        return word("all", lang)
    key = None if value is None else _code(value)
    for one in str(source).split("; "):
        found = codebook.labels(one).get((column, key))
        if found and found[lang]:
            return found[lang]
    if column == "indicator" and key is not None and " x " in key:
        return " × ".join(_indicator_or_column(source, part, lang) for part in key.split(" x "))
    if column == "indicator" and key == NO_COUNT:
        return word(NO_COUNT, lang)
    if own := term(column, key, lang):
        return own
    if key is not None and column in SAME_CODES:
        return label(source, SAME_CODES[column], value, lang)
    if key is not None and column == "period":
        return period(key, lang)
    if key is not None and column in ("province", "province_code", "gso63"):
        return _province(key, lang)
    return key if key is not None else str(column)


def _indicator_or_column(source: str, name: str, lang: str) -> str:
    """Return the name of one of the two columns that a test of association is about."""
    told = label(source, "indicator", name, lang)
    return label(source, name, None, lang) if told == name else told


def flag_text(flag: str, lang: str = "en") -> str:
    """Say what the flags of a cell mean, joined by "; "."""
    return "; ".join(FLAG_TEXT[one][check_language(lang)] for one in split_flags(flag))


def row_name(row: Mapping[str, Any], domains: list[str], lang: str) -> str:
    """Return what one row of ESTIMATES is about, without its indicator: "Ha Noi, 2022".

    A comparison names what it compares with ("Women compared with Men"), a trend the time it goes over.
    """
    told = [name for name in domains if not pd.isna(row[name])]
    parts = [part_name(row, name, row[name], lang) for name in told]
    other = reference_name(row, domains, lang)
    if parts and other:
        parts[-1] = word("compared", lang).format(one=parts[-1], other=other)
    if {"term", "category"} <= set(told) and ":" not in str(row["term"]):
        del parts[told.index("term")]
    if not _missing(row, "over") and not _missing(row, "period"):
        parts.append(period(row["period"], lang))
    if not _missing(row, "subpopulation"):
        kept = label(row["source"], str(row["subpopulation"]), None, lang)
        parts.append(word("only where", lang).format(column=kept))
    return ", ".join(parts)


def row_label(row: Mapping[str, Any], column: str, value: Any, lang: str) -> str:
    """Return the name of a code in a row: as :func:`label` finds it, else what the row brings in ``label_en/_vi``.

    Those two columns name the shortcoming where there is such a column, else the indicator.
    """
    found = label(row["source"], column, value, lang)
    own = f"label_{lang}"
    named = column == ("shortcoming" if "shortcoming" in row else "indicator")
    return str(row[own]) if named and found == str(value) and not _missing(row, own) else found


def reference_name(row: Mapping[str, Any], domains: list[str], lang: str) -> str:
    """Return what a row is compared with: a code of its last domain. Empty for what is no comparison."""
    told = [name for name in domains if not pd.isna(row[name])]
    if not told or _missing(row, "reference"):
        return ""
    return part_name(row, told[-1], row["reference"], lang)


def part_name(row: Mapping[str, Any], name: str, value: Any, lang: str) -> str:
    """Name one domain of a row: a term by its columns, a category by the column that it is of."""
    source = row["source"]
    if name == "term":
        return term_name(source, value, lang)
    if name != "category":
        return row_label(row, name, value, lang)
    of = row["indicator"] if _missing(row, "term") else row["term"]
    return category_name(source, of, value, lang)


def term_name(source: str, term: str, lang: str) -> str:
    """Return the name of a model's term by the columns that it is made of: "Ethnicity × Survey year"."""
    return " × ".join(label(source, column, None, lang) for column in term_columns(term))


def category_name(source: str, term: str, category: Any, lang: str) -> str:
    """Return the name of a category of a model's term, as the codebook calls the codes of its columns."""
    columns = term_columns(term) or [str(term)]
    codes = [category] if len(columns) == 1 else str(category).split(":")
    names = []
    for code in codes:
        found = [label(source, column, code, lang) for column in columns]
        names.append(next((name for name in found if name != _code(code)), found[0]))
    return " × ".join(names)


def describe(table: pd.DataFrame, lang: str = "en", most: int = MOST_ROWS) -> Text:
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

    Returns
    -------
    Text
        Markdown: a sentence, or a list of them. Simulated data say so at the end.

    Raises
    ------
    EstimatesError
        If the table is not ESTIMATES.
    """
    check_language(lang)
    if check(table).empty:
        return Text(word("nothing", lang))
    domains = domains_of(table)
    rows = rows_of(table)
    if len(rows) <= most:
        sentences = [one for group in _groups(rows, lang) for one in _sentences(group, domains, lang)]
    else:
        groups = [group for _, group in table.groupby("indicator", sort=False)]
        sentences = [_summary(group, domains, lang) for group in groups]
    text = sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)
    if has_flag(table, "simulated").any():
        text += f"\n\n*{word('simulated', lang)}*"
    return Text(text)


def value_text(row: Mapping[str, Any], lang: str) -> str:
    """Write a row's number: as counted ("23 of 63 portals"), as published ("more than 1%"), or as estimated."""
    unit = _unit(row)
    if is_withheld(row):
        return word("withheld", lang)
    if not _missing(row, "count") and not _missing(row, "base"):
        of = f"{number(row['count'], 'count', lang)} {word('of', lang)} {number(row['base'], 'count', lang)}"
        counted = unit_label(str(row.get("counted") or ""), lang)
        whole = 0 if row["count"] in (0, row["base"]) else 1
        return f"{of} {counted}".strip() + f" ({number(row['estimate'], unit, lang, whole)})"
    if not _missing(row, "qualifier"):
        digits = None if _missing(row, "decimals") else int(row["decimals"])
        return qualified(row["estimate"], unit, row["qualifier"], lang, digits)
    if unit in STATISTICS:
        return f"{unit} = {number(row['estimate'], 'number', lang, 2)}"
    shown = number(row["estimate"], unit, lang, digits_for(row))
    if unit == "odds ratio":
        shown = word("odds ratio", lang).format(value=shown)
    if row.get("share_of") == "answers":
        return word("of answers", lang).format(value=shown)
    if _missing(row, "over"):
        return shown
    pattern = word("a year" if row["over"] in ("wave", "year") else "a unit", lang)
    return pattern.format(value=shown, over=label(row["source"], row["over"], None, lang))


STATISTICS = ("F", "X²")
"""Units of test statistics."""


def is_withheld(row: Mapping[str, Any]) -> bool:
    """Tell whether a number must not be told: it is flagged as too unreliable to publish."""
    return "suppress" in split_flags(row.get("flag", ""))


def digits_for(row: Mapping[str, Any]) -> int | None:
    """Return the decimals for an estimate with a standard error: one, two for small percentages; else None."""
    if _missing(row, "se") and _missing(row, "ci_low"):
        return None
    if _unit(row) in ("proportion", "points"):
        return 1 if abs(row["estimate"]) >= 0.1 or pd.isna(row["estimate"]) else 2
    if _unit(row) == "odds ratio" and abs(row["estimate"]) < 0.1:
        return 3
    return 2


def interval_text(row: Mapping[str, Any], lang: str) -> str:
    """Write a row's interval, with what it stands for; empty if there is none."""
    if _missing(row, "ci_low") or _missing(row, "ci_high") or is_withheld(row):
        return ""
    digits = digits_for(row)
    low, high = (number(row[name], _unit(row), lang, digits) for name in ("ci_low", "ci_high"))
    if _unit(row) == "points":
        low = low.removesuffix(f" {word('points', lang)}")
    kind = str(row.get("interval") or "")
    if kind in ERROR_KINDS:
        return word("bounds", lang).format(kind=ERROR_KINDS[kind][lang], low=low, high=high)
    given = row.get("level")
    level = float(given) if isinstance(given, numbers.Real) and not math.isnan(given) else 0.95
    shown = number(100 * level, "number", lang)
    return word("interval", lang).format(level=shown, low=low, high=high)


ERROR_KINDS: Mapping[str, Mapping[str, str]] = {
    "assessors": {"en": "range over assessors", "vi": "dao động giữa những người đánh giá"},
    "pages": {"en": "range over sampled pages", "vi": "dao động giữa các trang được chọn"},
    "incomplete": {
        "en": "worst and best case for what was not audited",
        "vi": "trường hợp xấu nhất và tốt nhất với phần chưa đánh giá",
    },
    "items": {
        "en": "interval if the items were a sample of all feedback",
        "vi": "khoảng tin cậy nếu coi các ý kiến là một mẫu của mọi phản ánh",
    },
    "simple random sample": {
        "en": "interval if the respondents were a simple random sample",
        "vi": "khoảng tin cậy nếu coi người trả lời là mẫu ngẫu nhiên đơn giản",
    },
    "superpopulation": {
        "en": "interval if the portals were a sample",
        "vi": "khoảng tin cậy nếu coi các cổng là một mẫu",
    },
}


class _Range(NamedTuple):
    low: dict[str, Any]
    high: dict[str, Any]


def _groups(rows: list[dict[str, Any]], lang: str) -> list[list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        name = row_label(row, "indicator", row["indicator"], lang)
        found.setdefault((name, row["source"]), []).append(row)
    return list(found.values())


def _sentences(rows: list[dict[str, Any]], domains: list[str], lang: str) -> list[str]:
    plain = all(_missing(row, "ci_low") and _missing(row, "p_value") for row in rows)
    if len(rows) == 1 or not plain:
        return [_sentence(row, domains, lang) for row in rows]
    return [_series(rows, domains, lang)]


def _sentence(row: Mapping[str, Any], domains: list[str], lang: str) -> str:
    details = [interval_text(row, lang), _degrees_text(row, lang), _n_text(row, lang), _p_text(row, lang)]
    told = "; ".join(part for part in details if part)
    sentence = f"{_head(row, domains, lang)}: {_bold(row, lang)}" + (f" ({told})" if told else "") + "."
    caveats = _caveats(row, lang)
    return sentence + (f" {_capital(caveats)}." if caveats else "")


def _series(rows: list[dict[str, Any]], domains: list[str], lang: str) -> str:
    """Read several values of one indicator in one sentence; what all share is said once."""
    shared = [name for name in domains if len({str(row[name]) for row in rows}) == 1]
    varying = [name for name in domains if name not in shared]
    caveats = {_caveats(row, lang) for row in rows}
    items = []
    for row in rows:
        own = [
            row_name(row, varying, lang),
            _n_text(row, lang),
            _caveats(row, lang) if len(caveats) > 1 else "",
        ]
        told = "; ".join(part for part in own if part)
        items.append(_bold(row, lang) + (f" ({told})" if told else ""))
    sentence = f"{_head(rows[0], shared, lang)}: {', '.join(items)}."
    common = caveats.pop() if len(caveats) == 1 else ""
    return sentence + (f" {_capital(common)}." if common else "")


def _head(row: Mapping[str, Any], domains: list[str], lang: str) -> str:
    name = row_label(row, "indicator", row["indicator"], lang)
    where = row_name(row, domains, lang)
    if not where:
        return name
    return f"{name}, {where}" if name.endswith(")") else f"{name} ({where})"


def _bold(row: Mapping[str, Any], lang: str) -> str:
    return f"**{word('not available', lang) if pd.isna(row['estimate']) else value_text(row, lang)}**"


def _caveats(row: Mapping[str, Any], lang: str) -> str:
    return flag_text("; ".join(one for one in split_flags(row["flag"]) if one != "simulated"), lang)


def _summary(group: pd.DataFrame, domains: list[str], lang: str) -> str:
    if len(group) == 1:
        return _sentence(rows_of(group)[0], domains, lang)
    told = group["estimate"].notna() & ~has_flag(group, "suppress")
    known = group[told].sort_values("estimate", kind="stable")
    if known.empty:
        first = rows_of(group)[0]
        head = row_label(first, "indicator", first["indicator"], lang)
        nothing = word("withheld" if has_flag(group, "suppress").any() else "not available", lang)
        return f"{head}: {nothing}." + "".join(f" {part}" for part in _flag_counts(group, lang))
    ends = _Range(rows_of(known)[0], rows_of(known)[-1])
    varying = [name for name in domains if group[name].nunique(dropna=False) > 1]
    withheld = bool(has_flag(group, "suppress").any())
    text = word("some withheld" if withheld else "range", lang).format(
        count=number(len(known), "count", lang),
        all=number(len(group), "count", lang),
        low=value_text(ends.low, lang),
        high=value_text(ends.high, lang),
        where_low=_where(ends.low, varying, lang),
        where_high=_where(ends.high, varying, lang),
    )
    head = row_label(ends.low, "indicator", ends.low["indicator"], lang)
    return f"{head}: {text}" + "".join(f" {part}" for part in _flag_counts(known, lang))


def _where(row: Mapping[str, Any], domains: list[str], lang: str) -> str:
    return "; ".join(part for part in (row_name(row, domains, lang), interval_text(row, lang)) if part)


def _flag_counts(group: pd.DataFrame, lang: str) -> list[str]:
    counts = group["flag"].map(split_flags).explode().value_counts()
    told = {flag: count for flag, count in counts.items() if flag != "simulated"}
    return [
        word("flagged" if count < len(group) else "all flagged", lang).format(
            count=number(count, "count", lang), flag=flag_text(str(flag), lang)
        )
        for flag, count in sorted(told.items(), key=lambda item: (-item[1], str(item[0])))
    ]


def _n_text(row: Mapping[str, Any], lang: str) -> str:
    if _missing(row, "n") or not _missing(row, "base"):
        return ""
    return word("n", lang).format(n=number(row["n"], "count", lang))


def _degrees_text(row: Mapping[str, Any], lang: str) -> str:
    if _unit(row) not in STATISTICS or _missing(row, "ndf") or _missing(row, "df"):
        return ""
    one, other = (number(row[name], "number", lang, 0 if row[name] >= 10 else 1) for name in ("ndf", "df"))
    return word("two degrees", lang).format(one=one.removesuffix(".0").removesuffix(",0"), other=other)


def _p_text(row: Mapping[str, Any], lang: str) -> str:
    if _missing(row, "p_value") or is_withheld(row):
        return ""
    told = p_value(row["p_value"], lang)
    return f"p {told}" if told.startswith("<") else f"p = {told}"


def p_value(value: float, lang: str) -> str:
    """Write a p-value to three decimals; a smaller one is "< 0.001"."""
    if value < 0.001:
        return f"< {number(0.001, 'number', lang, 3)}"
    return number(value, "number", lang, 3)


def _unit(row: Mapping[str, Any]) -> str:
    return "proportion" if _missing(row, "unit") or not row["unit"] else str(row["unit"])


def _missing(row: Mapping[str, Any], name: str) -> bool:
    return name not in row or row[name] is None or bool(pd.isna(row[name])) or row[name] == ""


def _figure(value: float, most: int, digits: int | None, lang: str) -> str:
    text = f"{value:,.{most if digits is None else digits}f}"
    if digits is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    text = re.sub(r"^-(?=[0.,]*$)", "", text)
    if lang == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    return text.replace("-", MINUS)


def _date(code: str, lang: str) -> str:
    parts = code.split("-")
    if len(parts) == 1:
        return code
    year, month = parts[0], int(parts[1])
    if len(parts) == 2:
        return f"{MONTHS_EN[month]} {year}" if lang == "en" else f"tháng {month}/{year}"
    day = int(parts[2])
    return f"{day} {MONTHS_EN[month]} {year}" if lang == "en" else f"{day}/{month}/{year}"


def _is_month_end(day: str) -> bool:
    year, month, last = (int(part) for part in day.split("-"))
    return last == calendar.monthrange(year, month)[1]


def _code(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _province(code: str, lang: str) -> str:
    from portal_analysis import provinces

    try:
        return provinces.name(code, lang)
    except ValueError:
        return code


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def source_note(table: pd.DataFrame, lang: str = "en") -> str:
    """Return the line that names a table's sources: "Source: title (id)."."""
    ids = list(dict.fromkeys(one for cell in check(table)["source"] for one in str(cell).split("; ") if one))
    if not ids:
        return ""
    head = {"en": "Source", "vi": "Nguồn"}[check_language(lang)]
    return f"{head}: " + "; ".join(_titled(one, lang) for one in ids) + "."


def _titled(source: str, lang: str) -> str:
    try:
        return f"{datasets.dataset(source).title(lang)} ({source})"
    except datasets.SourceError:
        return source
