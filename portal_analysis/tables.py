"""Read a file as it is: its values, its labels, its codes for missing answers; nothing is guessed.

Hands on plain frames, and a :class:`Table` where the file says more about its columns than their names.
"""

from __future__ import annotations

import csv
import difflib
import importlib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

MOST_FAULTS = 20
"""So many faults of a file are written out; of the rest, the number."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
EXCEL_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
MOST_CATEGORIES = 30
"""A text column with more different values than this is drafted without categories."""


class TableError(ValueError):
    """A file cannot be read as a table, or not without guessing; the message holds every fault found."""


@dataclass(frozen=True, eq=False)
class Table:
    """A file's values as they are, with what the file says of them.

    Attributes
    ----------
    data : DataFrame
        Values as stored: codes stay codes, codes of missing answers stay in place. A CSV file is all text.
        The index ``row`` is the row of the file (CSV and Excel: the header is row 1; others: from 1).
    labels : mapping of str to str
        What the file calls its columns.
    values : mapping of str to mapping
        For a column, what its codes mean. Two codes may share a label.
    missing : mapping of str to tuple
        For a column, the codes declared to be missing answers: single codes, or ``(low, high)`` ranges.
        Stata's extended missing values are the texts ``".a"`` to ``".z"``.
    path : Path
        The file.
    """

    data: pd.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    missing: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    path: Path = Path()

    def is_missing(self, column: str) -> pd.Series:
        """Return where a column holds nothing, or a code declared to be a missing answer."""
        values = self.data[column]
        found = values.isna() | (values.astype("string") == "").fillna(False)
        for code in self.missing.get(column, ()):
            if isinstance(code, tuple):
                found |= pd.to_numeric(values, errors="coerce").between(*code)
            else:
                found |= values == code
        return found.astype(bool)


def read_table(path: str | Path, sheet: str | None = None, encoding: str | None = None) -> Table:
    """Read a file as it is: CSV, Excel, Stata, SPSS or Parquet.

    Nothing is guessed and nothing is lost: CSV cells stay text; labelled codes of Stata and SPSS stay codes
    with their labels beside them; user-missing codes (888, 999, ``.a``) stay in the data and are declared in
    ``missing``.

    Parameters
    ----------
    path : str or Path
        A ``.csv``, ``.xlsx``, ``.dta``, ``.sav``, ``.zsav`` or ``.parquet`` file.
    sheet : str, optional
        Which sheet of a workbook; needed if more than one holds data.
    encoding : str, optional
        Encoding of a Stata or SPSS file that does not name its own, such as ``"windows-1258"``.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        If the file is missing (near names are told), of another kind, broken, or no table (all faults); or the
        package that reads its kind is not installed.
    """
    path = existing(path)
    kind = path.suffix.lower()
    if kind not in READERS:
        known = ", ".join(READERS)
        raise TableError(
            f"{path.name}: files of the kind {kind or 'without ending'!r} are not read, only {known}"
        )
    if sheet is not None and kind != ".xlsx":
        raise TableError(f"{path.name} has no sheets; sheet= is for .xlsx files")
    return READERS[kind](path, sheet, encoding)


def as_text(data: pd.DataFrame) -> pd.DataFrame:
    """Return a frame's values as the text a CSV file holds: whole numbers without ``.0``, nothing as ``""``."""
    return pd.DataFrame({name: _text(data[name]) for name in data.columns}, index=data.index)


def save_csv(table: Table, path: str | Path) -> Path:
    """Write a table's values as CSV: UTF-8, commas, line feeds; codes stay codes."""
    path = Path(path)
    path.write_bytes(as_text(table.data).to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return path


def draft_resource(table: Table) -> dict[str, Any]:
    """Draft the description of a table as a resource of ``datapackage.json``, for a person to complete.

    Names, labels and codes are the file's own. Types are read off the values: a column is ``integer``,
    ``number`` or ``date`` only if all its values are; ``01`` stays text.

    Parameters
    ----------
    table : Table
        From :func:`read_table`.

    Returns
    -------
    dict
        ``name``, ``path`` (the CSV file that :func:`save_csv` is to write), ``schema`` with ``title``,
        ``categories`` and ``missingValues``. Vietnamese titles and labels are left ``""``.
    """
    text = as_text(table.data)
    name = re.sub(r"[^a-z0-9]+", "-", _plain_letters(table.path.stem).lower()).strip("-") or "data"
    return {
        "name": name,
        "path": f"{name}.csv",
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": [_draft_field(table, str(column), text[column]) for column in text]},
    }


def read_csv_text(path: str | Path) -> pd.DataFrame:
    """Read a CSV file as text, every cell as it stands in the file.

    Nothing is guessed: ``01`` stays ``"01"``, ``888`` stays ``"888"``, an empty cell is ``""``. Text is
    brought to Unicode's composed form (NFC), so that a name typed on any keyboard joins with the same name.

    Parameters
    ----------
    path : str or Path
        A CSV file: UTF-8 (a byte-order mark is allowed), commas, one header line, optional ``"`` quotes.

    Returns
    -------
    DataFrame
        Columns of text; the index, named ``row``, is the line of the file (the header is line 1) at which a
        row begins.

    Raises
    ------
    TableError
        If the file is missing, empty, not UTF-8, holds NUL bytes, names a column twice or not at all, or has
        rows that are longer or shorter than the header. All faults are in the one error.
    """
    path = existing(path)
    raw = path.read_bytes().removeprefix(BYTE_ORDER_MARK)
    text = _decoded(raw, path)
    plain = '"' not in text and "\r" not in text.replace("\r\n", "")
    header, cells, starts, faults = _plain_rows(text) if plain else _quoted_rows(text)
    raise_faults(path, [*_header_faults(header), *faults])
    cells.columns = pd.Index(header)
    return cells.set_axis(pd.Index(starts, name="row", dtype="int64"), axis=0)


def existing(path: str | Path) -> Path:
    """Return ``path`` if a file is there.

    Raises
    ------
    TableError
        If not; the message names the files of that folder whose names come near.
    """
    path = Path(path)
    if path.is_file():
        return path
    if path.is_dir():
        raise TableError(f"{path} is a folder; name a file in it: {_listed(_names(path))}")
    if not path.parent.is_dir():
        raise TableError(f"there is no file {path}: the folder {path.parent} does not exist")
    names = _names(path.parent)
    lower = {name.lower(): name for name in names}
    near = [lower[name] for name in difflib.get_close_matches(path.name.lower(), lower, n=5, cutoff=0.5)]
    near += [name for name in names if Path(name).stem == path.stem and name not in near]
    hint = f"did you mean {_listed(near)}?" if near else f"the folder holds {_listed(names)}"
    raise TableError(f"there is no file {path.name} in {path.parent}: {hint}")


def raise_faults(path: Path, faults: Iterable[str]) -> None:
    """Raise one :class:`TableError` that lists ``faults``, or do nothing if there are none."""
    found = list(faults)
    if not found:
        return
    shown = found[:MOST_FAULTS] + (
        [f"and {len(found) - MOST_FAULTS} more"] if len(found) > MOST_FAULTS else []
    )
    number = "1 fault" if len(found) == 1 else f"{len(found)} faults"
    raise TableError(f"{path.name} cannot be read as a table, {number}:\n  " + "\n  ".join(shown))


def composed(text: str) -> str:
    """Return ``text`` in Unicode's composed form (NFC)."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.is_file())


def _listed(names: list[str]) -> str:
    more = f" … ({len(names)} files)" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more if names else "no files"


def _decoded(raw: bytes, path: Path) -> str:
    faults = []
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise_faults(path, ["the text is UTF-16; save the file as CSV UTF-8"])
    if b"\x00" in raw:
        lines = [number for number, line in enumerate(raw.split(b"\n"), 1) if b"\x00" in line]
        faults.append(f"NUL bytes on {_lines(lines)}: the file is damaged, or it is not a text file")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", errors="replace")
        faults.append(_encoding_fault(raw))
    if not raw.strip():
        faults.append("the file is empty; its first line must name the columns")
    raise_faults(path, faults)
    return composed(text)


def _encoding_fault(raw: bytes) -> str:
    lines = [number for number, line in enumerate(raw.split(b"\n"), 1) if not _is_utf8(line)]
    return (
        f"{_lines(lines)} not in UTF-8 (older Vietnamese files are often in Windows-1258 or TCVN3); "
        "open the file with its own encoding and save it as CSV UTF-8"
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lines(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10])) + (f" … ({len(numbers)} lines)" if len(numbers) > 10 else "")
    return f"{'line' if len(numbers) == 1 else 'lines'} {shown}"


def _header_faults(header: list[str], line: str = "line 1") -> list[str]:
    unnamed = [place for place, name in enumerate(header, 1) if not name.strip()]
    counts = Counter(name for name in header if name.strip())
    padded = [name for name in counts if name != name.strip()]
    alone = header[0] if len(header) == 1 else ""
    return [
        *(f"{line}: cells are parted by {mark!r}, not by commas" for mark in ";\t|" if mark in alone),
        *(f"{line}: column {place} has no name" for place in unnamed),
        *(
            f"{line}: the name {name!r} stands over {times} columns"
            for name, times in counts.items()
            if times > 1
        ),
        *(f"{line}: the name {name!r} begins or ends with a blank" for name in padded),
    ]


Rows = tuple[list[str], pd.DataFrame, list[int], list[str]]


def _plain_rows(text: str) -> Rows:
    """Read a file that has no quotes: every line is a row, every comma a border."""
    first, _, rest = text.replace("\r\n", "\n").partition("\n")
    header, rest = first.split(","), rest.removesuffix("\n")
    lines = rest.split("\n") if rest else []
    found = [line.count(",") + 1 if line else 0 for line in lines]
    wide = len(header)
    faults = [_ragged(place, cells, wide) for place, cells in enumerate(found, 2) if cells != wide]
    cells = pd.DataFrame(columns=range(wide), dtype="str")
    if lines and not faults:
        cells = pd.read_csv(
            io.StringIO(rest), header=None, dtype="str", na_filter=False, quoting=csv.QUOTE_NONE, engine="c"
        )
    return header, cells, list(range(2, len(lines) + 2)), faults


def _quoted_rows(text: str) -> Rows:
    """Read a file with quoted cells, which may hold commas and line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    starts = [1]
    faults: list[str] = []
    try:
        for row in reader:
            rows.append(row)
            starts.append(reader.line_num + 1)
    except csv.Error as error:
        faults.append(f"line {starts[-1]}: {error}: a quote is left open, or not doubled inside a cell")
    header = rows[0] if rows else []
    wide = len(header)
    faults += [
        _ragged(start, len(row), wide) for start, row in zip(starts, rows, strict=False) if len(row) != wide
    ]
    body = [] if faults else rows[1:]
    cells = pd.DataFrame(body, columns=range(wide), dtype="str")
    return header, cells, starts[1 : len(body) + 1], faults


def _ragged(line: int, found: int, expected: int) -> str:
    cells = "an empty line" if not found else f"{found} cells" if found > 1 else "1 cell"
    return f"line {line}: {cells}, the header has {expected}"


def _read_csv(path: Path, sheet: str | None, encoding: str | None) -> Table:
    return Table(read_csv_text(path), path=path)


def _read_excel(path: Path, sheet: str | None, encoding: str | None) -> Table:
    """Read one sheet: names in its first row, values as Excel keeps them."""
    openpyxl = _package("openpyxl", path)
    book = _opened(path, lambda: openpyxl.load_workbook(path, data_only=True))
    used = [each.title for each in book.worksheets if each.max_row > 1 or each["A1"].value is not None]
    if sheet is None and len(used) != 1:
        raise TableError(f"{path.name} has {len(used)} sheets with data: name one by sheet= out of {used}")
    if sheet is not None and sheet not in book.sheetnames:
        raise TableError(f"{path.name} has no sheet {sheet!r}; it has {book.sheetnames}")
    page = book[sheet or used[0]]
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    kept = [number for number, row in enumerate(rows) if any(cell is not None for cell in row)]
    if 0 not in kept:
        raise_faults(path, [f"sheet {page.title!r}: row 1 must name the columns, but it is empty"])
    places = [
        place for place in range(len(rows[0])) if any(rows[number][place] is not None for number in kept)
    ]
    header = ["" if rows[0][place] is None else composed(str(rows[0][place])) for place in places]
    formulas = _opened(path, lambda: openpyxl.load_workbook(path))[page.title]
    raise_faults(path, [*_header_faults(header, "row 1"), *_cell_faults(page, formulas)])
    body = [[rows[number][place] for place in places] for number in kept[1:]]
    index = pd.Index([number + 1 for number in kept[1:]], name="row", dtype="int64")
    data = pd.DataFrame(body, columns=pd.Index(header), index=index, dtype=object).infer_objects()
    return Table(_composed_frame(data), path=path)


def _cell_faults(page: Any, formulas: Any) -> list[str]:
    """Name cells that hold an error, or a formula whose result was never saved."""
    faults = []
    for row in page.iter_rows():
        for cell in row:
            if cell.value in EXCEL_ERRORS:
                faults.append(f"cell {cell.coordinate}: {cell.value}")
            elif cell.value is None and str(formulas[cell.coordinate].value or "").startswith("="):
                faults.append(f"cell {cell.coordinate}: a formula without its result; save the file in Excel")
    return faults


def _read_stata(path: Path, sheet: str | None, encoding: str | None) -> Table:
    pyreadstat = _package("pyreadstat", path)
    data, meta = _opened(path, lambda: pyreadstat.read_dta(path, user_missing=True, encoding=encoding))
    missing = {name: tuple(f".{code}" for code in codes) for name, codes in meta.missing_user_values.items()}
    for name in missing:
        # The package gives Stata's .a as the letter a; numbers beside it stay numbers.
        data[name] = data[name].map(lambda value: f".{value}" if isinstance(value, str) else value)
    values = {
        name: {f".{code}" if isinstance(code, str) else code: text for code, text in codes.items()}
        for name, codes in meta.variable_value_labels.items()
    }
    return _labelled(path, data, meta.column_names_to_labels, values, missing)


def _read_spss(path: Path, sheet: str | None, encoding: str | None) -> Table:
    pyreadstat = _package("pyreadstat", path)
    data, meta = _opened(path, lambda: pyreadstat.read_sav(path, user_missing=True, encoding=encoding))
    missing = {
        name: tuple(one["lo"] if one["lo"] == one["hi"] else (one["lo"], one["hi"]) for one in ranges)
        for name, ranges in meta.missing_ranges.items()
    }
    return _labelled(path, data, meta.column_names_to_labels, meta.variable_value_labels, missing)


def _read_parquet(path: Path, sheet: str | None, encoding: str | None) -> Table:
    _package("pyarrow", path)
    data = _opened(path, lambda: pd.read_parquet(path, engine="pyarrow"))
    return _labelled(path, data.reset_index(drop=True), {}, {}, {})


READERS: dict[str, Callable[[Path, str | None, str | None], Table]] = {
    ".csv": _read_csv,
    ".xlsx": _read_excel,
    ".dta": _read_stata,
    ".sav": _read_spss,
    ".zsav": _read_spss,
    ".parquet": _read_parquet,
}


def _package(name: str, path: Path) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise TableError(
            f"reading {path.name} needs the package {name}: pip install portal-analysis[io]"
        ) from error


def _opened(path: Path, read: Callable[[], Any]) -> Any:
    """Return what ``read`` returns; whatever it raises, the file is broken or not what its name says."""
    try:
        return read()
    except Exception as error:  # each package has its own kinds of error for a broken file
        raise TableError(
            f"{path.name} is no readable {path.suffix} file, or it is damaged: {error}"
        ) from error


def _labelled(
    path: Path,
    data: pd.DataFrame,
    labels: Mapping[str, str | None],
    values: Mapping[str, Mapping[Any, str]],
    missing: Mapping[str, tuple[Any, ...]],
) -> Table:
    names = [composed(str(name)) for name in data.columns]
    raise_faults(path, _header_faults(names, "columns"))
    index = pd.RangeIndex(1, len(data) + 1, name="row")
    return Table(
        _composed_frame(data.set_axis(names, axis=1).set_axis(index, axis=0)),
        {composed(name): composed(text) for name, text in labels.items() if text},
        {
            composed(name): {code: composed(text) for code, text in each.items()}
            for name, each in values.items()
        },
        {composed(name): codes for name, codes in missing.items()},
        path,
    )


def _composed_frame(data: pd.DataFrame) -> pd.DataFrame:
    changed = {}
    for name in data.columns:
        if data[name].dtype == object or isinstance(data[name].dtype, pd.StringDtype):
            spelled = {
                text: composed(text)
                for text in data[name].dropna().unique()
                if isinstance(text, str) and text != composed(text)
            }
            if spelled:
                changed[name] = data[name].replace(spelled)
    return data.assign(**changed)


def _text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        short = (values.dropna() == values.dropna().dt.normalize()).all()
        return values.dt.strftime("%Y-%m-%d" if short else "%Y-%m-%dT%H:%M:%S").fillna("").astype("str")
    return values.astype(object).map(_cell_text).astype("str")


def _cell_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def _plain_letters(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _draft_field(table: Table, column: str, text: pd.Series) -> dict[str, Any]:
    """Draft one field: type, title, categories and missing values as the file has them."""
    lost = table.is_missing(column)
    known = text[~lost]
    labels = {_cell_text(code): label for code, label in table.values.get(column, {}).items()}
    lost_codes = sorted(
        {
            *text[lost],
            *(_cell_text(one) for one in table.missing.get(column, ()) if not isinstance(one, tuple)),
        }
        - {""}
    )
    kind = _draft_type(known)
    codes = [code for code in labels if code not in lost_codes]
    if not codes and kind == "string" and 0 < known.nunique() <= min(MOST_CATEGORIES, len(known) / 2):
        codes = sorted(known.unique())
    draft: dict[str, Any] = {
        "name": column,
        "type": kind,
        "title": table.labels.get(column, column),
        "title_vi": "",
    }
    # A code without a label would be refused, so categories are drafted only if they cover the values.
    if codes and known.isin(codes).all():
        value = int if kind == "integer" else str
        draft["categories"] = [
            {"value": value(code), "label": labels.get(code, code), "label_vi": ""} for code in codes
        ]
    if lost_codes:
        coded = [{"value": code, "label": labels.get(code, "Missing"), "label_vi": ""} for code in lost_codes]
        draft["missingValues"] = ["", *coded]
    return draft


def _draft_type(known: pd.Series) -> str:
    """Return the Table Schema type that all values have: no leading zeros in numbers, ISO dates."""
    patterns = {
        "integer": r"-?(0|[1-9][0-9]{0,14})",
        "number": r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?",
        "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    }
    for kind, pattern in patterns.items():
        if len(known) and known.str.fullmatch(pattern).all():
            return kind
    return "string"
