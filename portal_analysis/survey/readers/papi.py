"""PAPI's yearly workbooks of scores by province, in both layouts, as ESTIMATES.

Hands on ESTIMATES by province and year; the names of the indicators in both languages go with the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis import codebook, provinces
from portal_analysis.letters import folded, plain_letters
from portal_analysis.shape import estimates
from portal_analysis.survey.readers.presets import SurveyReadError
from portal_analysis.tables.excel import cells_of, open_book
from portal_analysis.tables.table import cell_text, existing

HIGHEST = 999
"""The row of the highest score of all provinces, which is no province."""
CODE_ROW = re.compile(r"(ma\s*(tinh|tp|gso).*|tinh\s*id|province\s*(code|id)|gso\s*code)")
SCALE_HEAD = re.compile(r"(thang\s*(diem|do).*|scale.*)")
ERROR_ROWS = {
    "ci_low": re.compile(r".*(95\s*%.*low|low.*95\s*%|can duoi).*"),
    "ci_high": re.compile(r".*(95\s*%.*(high|upper)|(high|upper).*95\s*%|can tren).*"),
    "se": re.compile(r".*(standard error|sai so chuan).*"),
}
HEADLINE = re.compile(r"(un-?\s?weighted|weighted)?\s*\d{0,4}\s*papi(\s*score)?|chi so papi.*")
SHARE = re.compile(r".*(0\s*%?\s*(-|–|to|den|;|,).*100\s*%|0\s*(-|–|to)\s*1(\.0+)?\s*(\D|$)).*|.*%.*")
MARKED = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True)
class _Row:
    """One indicator of one year: its names, scale and values by province."""

    name_en: str
    name_vi: str
    scale: str
    values: dict[str, float]


def read_papi(path: str | Path, sheet: str | None = None, source: str | None = None) -> pd.DataFrame:
    """Read a PAPI workbook of scores by province as ESTIMATES.

    Both layouts are read: until 2017 a province a row and an indicator a column, one sheet a year; since 2018 an
    indicator a row and a province a column, the row of codes ("Mã tỉnh") anywhere near the top.

    Parameters
    ----------
    path : str or Path
        An ``.xlsx`` file of papi.org.vn.
    sheet : str, optional
        Read this sheet only; all that are named by a year if not given.
    source : str, optional
        What to call the data; the file's name without its ending if not given.

    Returns
    -------
    DataFrame
        ESTIMATES by ``province`` (codes) and ``period`` (the year), with ``units`` (63 or 34), ``scale`` as the
        workbook says it. Shares are proportions, scores have the unit ``number``. A score of 0 or an empty cell is
        withheld by PAPI: its estimate is missing and flagged ``not measured``; so is a share of 0 of a province whose
        score before it is withheld. Other shares of 0 are flagged ``uncertain``. Standard errors and intervals of the
        headline score are taken over where the workbook has them.

    Raises
    ------
    TableError
        If the file is missing or no workbook.
    SurveyReadError
        If no sheet is of either layout; what was looked for is told.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> names = ["tinhid", "tentinh_eng", "tentinh_vie", "Transparency"]
    >>> rows = pd.DataFrame([names, [1, "Ha Noi", "Hà Nội", 5.5], [24, "Bac Giang", "Bắc Giang", 5.8]])
    >>> rows.to_excel("scores.xlsx", sheet_name="2015_PAPI", index=False, header=names)
    >>> scores = pa.read_papi("scores.xlsx")
    >>> print(scores[["indicator", "province", "period", "estimate"]].to_string(index=False))
       indicator province period  estimate
    Transparency       01   2015       5.5
    Transparency       24   2015       5.8
    """
    path = existing(path)
    book = open_book(path)
    pages = [each for each in book.worksheets if (each.title == sheet if sheet else _year(each.title))]
    if not pages:
        told = "named by a year" if sheet is None else repr(sheet)
        raise SurveyReadError(f"{path.name}: no sheet {told}; it has {book.sheetnames}")
    named = source or path.stem
    tables: list[pd.DataFrame] = []
    labels: codebook.Labels = {}
    for page in pages:
        rows, units = _rows(cells_of(path, page), path, page.title)
        period = _year(page.title) or _year(path.stem)
        tables.append(_table(rows, period, units, named))
        labels |= {
            ("indicator", row.name_en): {"en": row.name_en, "vi": row.name_vi or row.name_en} for row in rows
        }
    codebook.remember(named, labels)
    found = pd.concat(tables, ignore_index=True)
    return estimates(found, ["province", "period"])


def _year(text: str) -> str:
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", text)
    return found.group(1) if found else ""


def _folded(value: Any) -> str:
    return plain_letters(folded(cell_text(value)))


def _rows(cells: list[list[Any]], path: Path, title: str) -> tuple[list[_Row], int]:
    """Read a sheet of either layout."""
    head = [_folded(cell) for cell in cells[0]] if cells else []
    if any(CODE_ROW.fullmatch(cell) for cell in head[:4]):
        return _by_row(cells, head)
    for at, row in enumerate(cells[:15]):
        label = next((place for place, cell in enumerate(row[:6]) if CODE_ROW.fullmatch(_folded(cell))), None)
        if label is not None:
            return _by_column(cells, at)
    raise SurveyReadError(
        f"{path.name}, sheet {title!r}: neither a first row with a column of codes ('tinhid') nor a row of codes "
        "('Mã tỉnh') among the first 15"
    )


def _code(value: Any) -> str:
    """Return a cell as a province's code, or nothing."""
    text = cell_text(value).strip()
    return text.zfill(2) if re.fullmatch(r"\d{1,2}", text) and int(text) else ""


def _value(cell: Any) -> float:
    number = pd.to_numeric(pd.Series([cell], dtype=object), errors="coerce").iloc[0]
    return float(number)


def _by_row(cells: list[list[Any]], head: list[str]) -> tuple[list[_Row], int]:
    """Read a province a row: names in two languages in the first two rows."""
    at = next(place for place, cell in enumerate(head) if CODE_ROW.fullmatch(cell))
    body = [row for row in cells[1:] if _code(row[at])]
    second = cells[1] if len(cells) > 1 and not _code(cells[1][at]) else cells[0]
    found = []
    for place in range(at + 1, len(head)):
        values = {_code(row[at]): _value(row[place]) for row in body}
        if any(value == value for value in values.values()):
            english, vietnamese = cell_text(cells[0][place]), cell_text(second[place])
            found.append(_Row(_headline(english), vietnamese, "", values))
    return found, _units([_code(row[at]) for row in body])


def _headline(name: str) -> str:
    """Return an indicator's name; the headline score's without the year of some other workbook in it."""
    plain = " ".join(re.sub(r"20\d\d", " ", name).replace("-", "").split())
    return plain.replace("unweightedPAPI", "unweighted PAPI") if HEADLINE.fullmatch(_folded(plain)) else name


def _by_column(cells: list[list[Any]], at: int) -> tuple[list[_Row], int]:
    """Read an indicator a row: the columns whose cell in the row of codes is one are the provinces."""
    codes = {place: code for place, cell in enumerate(cells[at]) if (code := _code(cell))}
    aside = [place for place in range(max(map(len, cells))) if place < min(codes) or place > max(codes)]
    scale = _scale_column(cells[: at + 4], aside)
    names = [place for place in aside if place != scale]
    found: list[_Row] = []
    for row in cells[at + 1 :]:
        values = {code: _value(row[place]) for place, code in codes.items()}
        texts = [cell_text(row[place]).strip() for place in names if place < len(row)]
        words = [text for text in texts if re.search(r"[^\W\d_]{2}", text)]
        if not words or not any(value == value for value in values.values()):
            continue
        vietnamese = next((text for text in words if MARKED.search(text)), words[0])
        english = next((text for text in words if not MARKED.search(text)), vietnamese)
        told = cell_text(row[scale]).strip() if scale is not None else ""
        found.append(_Row(_headline(english), vietnamese, told, values))
    return found, _units(list(codes.values()))


def _scale_column(cells: list[list[Any]], aside: Sequence[int]) -> int | None:
    for row in cells:
        for place in aside:
            if place < len(row) and SCALE_HEAD.fullmatch(_folded(row[place])):
                return place
    return None


def _units(codes: Sequence[str]) -> int:
    """Tell the list of provinces by the codes: 34 if all fit it and there are no more than it has."""
    known = {each: set(provinces.units(each)["code"]) for each in provinces.LISTS}
    held = set(codes)
    return 34 if held <= known[34] and (len(held) == len(known[34]) or not held <= known[63]) else 63


def _table(rows: list[_Row], period: str, units: int, source: str) -> pd.DataFrame:
    """Lay a year out, one row a province and indicator; rows of errors become columns of the score before them."""
    made: list[dict[str, Any]] = []
    base: dict[str, dict[str, Any]] = {}
    withheld: set[str] = set()
    for row in rows:
        part = next((name for name, form in ERROR_ROWS.items() if form.fullmatch(_folded(row.name_en))), None)
        if part is not None:
            for code, value in row.values.items():
                if code in base and value > 0:
                    base[code][part] = value
            continue
        share, divisor = _share(row)
        if not share:
            withheld = {code for code, value in row.values.items() if not value > 0}
        told = list(
            _numbers(row, share, divisor, withheld, {"period": period, "units": units, "source": source})
        )
        if HEADLINE.fullmatch(_folded(row.name_en)):
            base = {one["province"]: one for one in told}
        made += told
    return pd.DataFrame(made)


def _share(row: _Row) -> tuple[bool, float]:
    """Tell whether an indicator is a share, by its scale, and what its values are divided by."""
    values = [value for value in row.values.values() if value == value]
    if not SHARE.fullmatch(_folded(row.scale)) or max(values) > 100:
        return False, 1.0
    return True, 1.0 if max(values) <= 1 else 100.0


def _numbers(
    row: _Row, share: bool, divisor: float, withheld: set[str], told: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for code, value in row.values.items():
        lost = value != value or (value == 0 and (not share or code in withheld))
        yield {
            "indicator": row.name_en,
            "province": code,
            "estimate": float("nan") if lost else value / divisor,
            "unit": "proportion" if share else "number",
            "flag": "not measured" if lost else "uncertain" if value == 0 else "",
            "scale": row.scale,
            **told,
        }
