"""What a figure says in English and Vietnamese: labels of codes, numbers, intervals, flags, sources.

Hands on a :class:`Words` made for one table and one language; it turns columns and values into text.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis.estimates import rows_of, split_flags
from portal_analysis.figures.style import FigureError
from portal_analysis.terms import SAME_CODES, term
from portal_analysis.wording import ERROR_KINDS, FLAG_TEXT, LANGUAGES, QUALIFIERS, number, period, unit_label

Labels = Mapping[tuple[str, str | None], "str | Mapping[str, str]"]
"""Text for (column, value); (column, None) is the column's own title; text may be given per language."""

MARKS = {
    "suppress": "×",
    "review": "†",
    "inexact": "≈",
    "definition unknown": "‡",
    "conflict": "§",
    "uncertain": "?",
    "target": "¶",
    "not measured": "–",
}
"""The sign that stands beside a flagged value in a figure; the note below the figure says what it means."""

STAMP = {"en": "SIMULATED DATA", "vi": "DỮ LIỆU MÔ PHỎNG"}
STAMP_NOTE = {"en": "not real findings", "vi": "không phải kết quả thực tế"}

INTERVALS = {
    "korn-graubard": "Korn–Graubard",
    "logit": "logit",
    "xlogit": "logit (xlogit)",
    "beta": "beta",
    "wilson": "Wilson",
    "agresti-coull": "Agresti–Coull",
    "asin": "arcsine",
    "mean": "Wald",
    "wald": "Wald",
    "t": "t",
}

COLUMNS = {
    "indicator": {"en": "indicator", "vi": "chỉ tiêu"},
    "province": {"en": "province", "vi": "tỉnh, thành phố"},
    "geography": {"en": "place", "vi": "địa bàn"},
    "region": {"en": "region", "vi": "vùng"},
    "wave": {"en": "survey wave", "vi": "đợt khảo sát"},
    "year": {"en": "year", "vi": "năm"},
    "period": {"en": "period", "vi": "kỳ"},
    "round": {"en": "round", "vi": "vòng đánh giá"},
    "criterion": {"en": "criterion", "vi": "tiêu chí"},
    "criterion_id": {"en": "criterion", "vi": "tiêu chí"},
    "portal": {"en": "portal", "vi": "cổng"},
    "portal_id": {"en": "portal", "vi": "cổng"},
    "shortcoming": {"en": "shortcoming", "vi": "hạn chế"},
    "gender": {"en": "gender", "vi": "giới tính"},
    "sex": {"en": "sex", "vi": "giới tính"},
    "ethnicity": {"en": "ethnicity", "vi": "dân tộc"},
    "urban": {"en": "urban or rural", "vi": "thành thị hay nông thôn"},
    "age_group": {"en": "age group", "vi": "nhóm tuổi"},
    "characteristic": {"en": "characteristic", "vi": "đặc điểm"},
    "category": {"en": "category", "vi": "nhóm"},
    "p_value": {"en": "p", "vi": "p"},
}


def nfc(text: object) -> str:
    """Return text in composed Unicode, as Vietnamese is searched and drawn."""
    return unicodedata.normalize("NFC", str(text))


def check_lang(lang: str) -> str:
    """Return ``lang`` if figures can be made in it.

    Raises
    ------
    FigureError
        If it is neither ``"en"`` nor ``"vi"``.
    """
    if lang not in LANGUAGES:
        raise FigureError(f"unknown language {lang!r}; languages are {list(LANGUAGES)}")
    return lang


def plain_number(value: float, lang: str, digits: int) -> str:
    """Write a number without its unit, with the language's decimal sign and thousands sign."""
    if value is None or not math.isfinite(value):
        return "–"
    return number(value, "number", lang, digits)


def scale_of(unit: str) -> float:
    """Return what a value is multiplied with before it is printed: 100 for proportions and points."""
    return 100.0 if unit in ("proportion", "points") else 1.0


def digits_for(values: Iterable[float], unit: str) -> int:
    """Return the fewest decimals that keep printed values, or 1 (2 for small ones) if they run on.

    Up to two decimals are kept in percentages, four in other numbers.
    """
    scale = scale_of(unit)
    numbers = [float(value) * scale for value in values if not pd.isna(value)]
    if not numbers:
        return 0
    for digits in range(3 if unit in ("proportion", "points") else 5):
        if all(abs(number - round(number, digits)) < 1e-9 for number in numbers):
            return digits
    return 2 if max(abs(number) for number in numbers) < 1 else 1


def ratio_digits(value: float) -> int:
    """Return the decimals of an odds ratio: more the nearer it is to zero, where its steps are small."""
    return 3 if abs(value) < 0.1 else 2 if abs(value) < 10 else 1


@dataclass(frozen=True)
class Words:
    """Text for one table in one language."""

    lang: str
    labels: Labels
    unit: str
    digits: int

    def say(self, en: str, vi: str) -> str:
        """Return the one of two texts that is in the figure's language."""
        return nfc(en if self.lang == "en" else vi)

    def number(self, value: float, digits: int | None = None, suffix: bool = True) -> str:
        """Write one value of the table."""
        places = self.digits if digits is None else digits
        if self.unit == "odds ratio" and digits is None:
            places = ratio_digits(value)
        text = plain_number(float(value) * scale_of(self.unit), self.lang, places)
        if self.unit == "points" and value > 0 and suffix:
            text = f"+{text}"
        return f"{text}%" if suffix and text != "–" and self.unit == "proportion" else text

    def value(self, row: Mapping[str, Any], marked: bool = True) -> str:
        """Write the row's estimate as it may be shown: qualified, withheld or not measured; with its flags' marks."""
        flags = split_flags(row.get("flag", ""))
        if "suppress" in flags:
            return self.say("withheld", "không công bố")
        if "not measured" in flags or pd.isna(row["estimate"]):
            return self.say("not measured", "không đo")
        told = self.number(row["estimate"], self.places(row))
        if is_qualified(row):
            pattern = QUALIFIERS.get(row["qualifier"], {}).get(self.lang, f"{row['qualifier']} {{value}}")
            told = pattern.format(value=told)
            flags = [flag for flag in flags if flag != "inexact"]
        return told + (marks(flags) if marked else "")

    def places(self, row: Mapping[str, Any]) -> int:
        """Return the decimals of a row: its own if it is published as it is, else those of the table."""
        if not pd.isna(row.get("decimals")):
            return int(row["decimals"])
        if self.unit == "odds ratio" and not pd.isna(row["estimate"]):
            return ratio_digits(row["estimate"])
        if pd.isna(row.get("se")) and pd.isna(row["ci_low"]):
            return digits_for([row["estimate"]], self.unit)
        return self.digits

    def interval(self, row: Mapping[str, Any]) -> str:
        """Write the row's interval without unit, or nothing if there is none."""
        if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]) or hidden(row):
            return ""
        signed = self.unit == "points"
        low, high = (self.number(row[name], suffix=signed) for name in ("ci_low", "ci_high"))
        dash = self.say(" to ", " đến ") if signed or row["ci_low"] < 0 else "–"
        return f"{low}{dash}{high}"

    def label(self, column: str, value: Any) -> str:
        """Return the label of a value of a column: given, or the value itself made readable."""
        if value is None or (not isinstance(value, (str, list, tuple)) and pd.isna(value)):
            return self.say("All", "Chung")
        if isinstance(value, float) and value.is_integer():
            value = str(int(value))
        found = self._given(column, str(value))
        found = found or self._given(SAME_CODES.get(column, column), str(value))
        if found:
            return nfc(found)
        if own := term(column, str(value), self.lang):
            return nfc(own)
        if column == "period":
            return _period_name(str(value), self.lang)
        return nfc(str(value).replace("_", " "))

    def unit_name(self) -> str:
        """Return the name of the unit where values are written without it, or nothing."""
        if self.unit in ("proportion", "number", "count"):
            return ""
        known = {
            "points": ("percentage points", "điểm phần trăm"),
            "odds ratio": ("odds ratio", "tỷ số chênh"),
        }
        return (
            self.say(*known[self.unit])
            if self.unit in known
            else nfc(unit_label(self.unit, self.lang)).strip("()")
        )

    def column(self, column: str) -> str:
        """Return the title of a column."""
        given = self._given(column, None)
        if given:
            return given
        known = COLUMNS.get(column)
        own = known[self.lang] if known else term(column, None, self.lang)
        return nfc(own or column.replace("_", " "))

    def _given(self, column: str, value: str | None) -> str:
        text = self.labels.get((column, value))
        if isinstance(text, Mapping):
            text = text.get(self.lang) or text.get("en")
        return nfc(text) if text else ""


def _period_name(code: str, lang: str) -> str:
    try:
        return nfc(period(code, lang))
    except (ValueError, IndexError):
        return nfc(code)


def is_qualified(row: Mapping[str, Any]) -> bool:
    """Tell whether a value was published with a qualifier such as "nearly"."""
    qualifier = row.get("qualifier")
    return isinstance(qualifier, str) and qualifier.strip() not in ("", "exact")


def hidden(row: Mapping[str, Any]) -> bool:
    """Tell whether a row's number must not be drawn: withheld, not measured or missing."""
    flags = split_flags(row.get("flag", ""))
    return "suppress" in flags or "not measured" in flags or bool(pd.isna(row["estimate"]))


def marks(flags: list[str]) -> str:
    """Return the signs of flags, as they stand behind a value."""
    return "".join(
        MARKS[flag] for flag in flags if flag in MARKS and flag not in ("suppress", "not measured")
    )


def short_value(row: Mapping[str, Any], text: Words) -> str:
    """Write a value as short as a tile needs it."""
    flags = split_flags(row["flag"])
    if hidden(row):
        return MARKS["suppress"] if "suppress" in flags else MARKS["not measured"]
    return (
        ("≈" if is_qualified(row) else "")
        + text.number(row["estimate"], text.places(row))
        + marks([flag for flag in flags if flag != "inexact"])
    )


def words(
    table: pd.DataFrame,
    lang: str,
    labels: Labels | None = None,
    places: Callable[[str], Labels] | None = None,
) -> Words:
    """Gather what is needed to write about ``table`` in ``lang``.

    Labels given by the caller come first, then those of the datasets that ``source`` names, then provinces.
    """
    check_lang(lang)
    units = list(table["unit"].dropna().unique()) if "unit" in table else []
    if len(units) > 1:
        raise FigureError(
            f"the table mixes the units {sorted(map(str, units))}; draw one figure for each unit"
        )
    unit = str(units[0]) if units else _guess_unit(table)
    known: dict[tuple[str, str | None], Any] = {}
    for source in sources_of(table):
        known.update(dataset_labels(source))
    known.update(own_labels(table))
    known.update(labels or {})
    shown = table["estimate"][[not hidden(row) for row in rows_of(table)]]
    return Words(lang, known, unit, digits_for(shown, unit))


def own_labels(table: pd.DataFrame) -> dict[tuple[str, str | None], Any]:
    """Return the names that a table brings itself in ``label_en`` and ``label_vi``.

    They name the shortcoming where there is such a column, else the indicator.
    """
    if "label_en" not in table or "label_vi" not in table:
        return {}
    column = "shortcoming" if "shortcoming" in table else "indicator"
    rows = table[[column, "label_en", "label_vi"]].dropna(subset=[column, "label_en"]).drop_duplicates(column)
    return {
        (column, str(code)): {"en": str(en), "vi": str(en if pd.isna(vi) else vi)}
        for code, en, vi in rows.itertuples(index=False, name=None)
    }


def _guess_unit(table: pd.DataFrame) -> str:
    values = table["estimate"].dropna()
    return "proportion" if len(values) and values.between(0, 1).all() else "number"


def sources_of(table: pd.DataFrame) -> list[str]:
    """Return the ids of the datasets that the rows come from, in order of appearance."""
    cells = [str(cell) for cell in table["source"].dropna().unique()]
    return list(dict.fromkeys(part.strip() for cell in cells for part in cell.split(";") if part.strip()))


def dataset_labels(source: str) -> dict[tuple[str, str | None], Any]:
    """Return the labels of a dataset that the package finds, or none for the caller's own dataset."""
    from portal_analysis import codebook

    return dict(codebook.labels(source))


def source_title(source: str, lang: str) -> str:
    """Return the title of a dataset that the package finds, or the id of the caller's own dataset."""
    from portal_analysis import datasets

    try:
        return nfc(datasets.dataset(source).title(lang))
    except datasets.SourceError:
        return nfc(source)


def source_line(table: pd.DataFrame, lang: str, note: str | None) -> str:
    """Return the line that says where the numbers come from."""
    names = [note] if note else [source_title(source, lang) for source in sources_of(table)]
    if not names:
        return ""
    head = {"en": "Source", "vi": "Nguồn"}[lang]
    return nfc(f"{head}: {'; '.join(names)}")


def n_line(table: pd.DataFrame, lang: str) -> str:
    """Return what is known of the number of answers behind each value."""
    n = table["n"].dropna()
    if n.empty:
        return ""
    low, high = (plain_number(value, lang, 0) for value in (n.min(), n.max()))
    if low == high:
        return f"n = {low}"
    return f"n = {low}–{high} " + {"en": "for each value", "vi": "cho mỗi giá trị"}[lang]


def interval_line(table: pd.DataFrame, lang: str, shape: Mapping[str, str] | None = None) -> str:
    """Return what the drawn intervals are: level, method, and the error they stand for."""
    drawn = table[table["ci_low"].notna() & table["ci_high"].notna()]
    if drawn.empty:
        return ""
    kinds = list(drawn["interval"].dropna().astype(str).unique()) if "interval" in drawn else []
    levels = (
        list(pd.to_numeric(drawn["level"], errors="coerce").dropna().unique()) if "level" in drawn else []
    )
    level = plain_number(float(levels[0]) * 100, lang, 0) + "% " if len(levels) == 1 else ""
    errors = [ERROR_KINDS[kind][lang] for kind in kinds if kind in ERROR_KINDS]
    methods = [INTERVALS.get(kind, kind) for kind in kinds if kind not in ERROR_KINDS and kind]
    head = (shape or {"en": "Line", "vi": "Đoạn thẳng"})[lang]
    if errors:
        return nfc(f"{head}: {', '.join(errors)}" + (f" ({level.strip()})" if level else ""))
    named = f"khoảng tin cậy {level}".strip() if lang == "vi" else f"{level}confidence interval"
    inside = ", ".join(methods)
    return nfc(f"{head}: {named}" + (f" ({inside})" if inside else ""))


def flag_lines(table: pd.DataFrame, lang: str) -> list[str]:
    """Return one note for each flag in the table, behind its mark or the words that stand for it."""
    rows = rows_of(table)
    lines = []
    for flag, mark in MARKS.items():
        found = [row for row in rows if flag in split_flags(row["flag"])]
        if found:
            sign = _qualifiers(found, lang) if flag == "inexact" else ""
            lines.append(nfc(f"{sign or mark} {FLAG_TEXT[flag][lang]}"))
    return lines


def _qualifiers(rows: list[dict[str, Any]], lang: str) -> str:
    """Return the words that stand before inexact values: "about …, more than …:"."""
    used = dict.fromkeys(row["qualifier"] for row in rows if is_qualified(row))
    told = [QUALIFIERS[word][lang].format(value="…") for word in used if word in QUALIFIERS]
    return f"{', '.join(told)}:" if told else ""


def is_simulated(table: pd.DataFrame) -> bool:
    """Tell whether any row comes from simulated data."""
    return any("simulated" in split_flags(cell) for cell in table["flag"])
