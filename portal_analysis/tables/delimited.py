"""Text files with one row a line: CSV as anybody writes it.

Hands on every cell as it stands in the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pandas as pd

from portal_analysis.letters import composed
from portal_analysis.tables.encodings import decoded, recognised
from portal_analysis.tables.table import (
    MOST_COLUMNS,
    Options,
    Table,
    existing,
    header_faults,
    raise_faults,
    row_names,
    too_wide,
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 50
"""So many lines tell what parts the cells."""


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
    rows = _rows(path, _text_of(path, None), ",", 0, strict=True)
    raise_faults(path, [*header_faults(rows.header), *rows.faults])
    return rows.frame(rows.header)


def read_delimited(path: Path, options: Options) -> Table:
    """Read a text file whose cells are parted by one mark, found out or told; lines above the names are passed over."""
    text = _text_of(path, options.encoding)
    sep = options.sep or separator(text)
    skipped = _title_lines(text, sep) if options.header is None else options.header - 1
    rows = _rows(path, text, sep, skipped, strict=False)
    header = [name.strip() for name in rows.header]
    header = row_names(header, list(rows.cells.iloc[:, 0]) if len(rows.cells.columns) else [])
    faults = header_faults(header, f"line {rows.first}")
    raise_faults(path, [*faults, *_together(rows, sep, options)])
    data = rows.frame(header)
    data = data[(data != "").any(axis=1)]
    labels = data.iloc[: options.label_rows]
    said = {name: text for name, text in labels.iloc[0].items() if text.strip()} if len(labels) else {}
    return Table(data.iloc[options.label_rows :], {str(name): text for name, text in said.items()}, path=path)


def separator(text: str) -> str:
    """Return the mark that parts the cells of most lines into the same number: comma, semicolon, tab or bar."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.split("\n", LOOKED_AT)[:LOOKED_AT] if line.strip()]
    shares = {}
    for mark in SEPARATORS:
        counts = Counter(count for line in lines if (count := line.count(mark)))
        shares[mark] = counts.most_common(1)[0][1] / len(lines) if counts else 0.0
    best = max(shares, key=lambda mark: shares[mark])
    return best if shares[best] else ","


class _Rows:
    """The rows of a text file: names, cells, the line at which each row begins, faults."""

    def __init__(self, header: list[str], cells: pd.DataFrame, starts: list[int], faults: list[str]) -> None:
        self.header, self.cells, self.starts, self.faults = header, cells, starts, faults
        self.first = 1
        self.widths: Counter[int] = Counter()

    def frame(self, header: list[str]) -> pd.DataFrame:
        """Return the cells under their names."""
        named = self.cells.set_axis(pd.Index(header), axis=1)
        return named.set_axis(pd.Index(self.starts, name="row", dtype="int64"), axis=0)


def _text_of(path: Path, encoding: str | None) -> str:
    raw = path.read_bytes().removeprefix(BYTE_ORDER_MARK)
    if encoding is None and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"  # the file's first two bytes say so
    if not raw.strip():
        raise_faults(path, ["the file is empty; its first line must name the columns"])
    faults = []
    if encoding is None and b"\x00" in raw:
        lines = [number for number, line in enumerate(raw.split(b"\n"), 1) if b"\x00" in line]
        faults.append(f"NUL bytes on {_lines(lines)}: the file is damaged, or it is not a text file")
    try:
        text = decoded(raw, encoding or "utf-8")
    except (UnicodeDecodeError, LookupError) as error:
        text = ""
        faults.append(_encoding_fault(raw) if encoding is None else f"the text is not in {encoding}: {error}")
    raise_faults(path, faults)
    return composed(text)


def _encoding_fault(raw: bytes) -> str:
    lines = [number for number, line in enumerate(raw.split(b"\n"), 1) if not _is_utf8(line)]
    western = raw.decode("latin-1")
    found = recognised(word for line in western.splitlines() for word in re.split(r'[,;\t|"]', line))
    example = (
        f'{found[1]!r} is {found[2]!r} in {found[0]}: read it with encoding="{found[0]}"; ' if found else ""
    )
    return (
        f"{_lines(lines)} not in UTF-8. {example}name the file's encoding, such as "
        'encoding="windows-1258" or encoding="tcvn3" for older Vietnamese files, encoding="latin-1" for Western '
        "ones, or save the file as CSV UTF-8"
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


def _title_lines(text: str, sep: str) -> int:
    """Return how many lines stand above the names: lines of one cell and a blank one, above three columns or more."""
    lines = [line.strip() for line in text.split("\n", LOOKED_AT)[:LOOKED_AT]]
    counts = [re.sub(r'"[^"]*"', "", line).count(sep) for line in lines]
    first = next((place for place, count in enumerate(counts) if count), 0)
    wide = Counter(count for count in counts if count).most_common(1)
    titled = first > 1 and not lines[first - 1] and counts[first] == wide[0][0] >= 2
    return first if titled and sum(line.count('"') for line in lines[:first]) % 2 == 0 else 0


def _rows(path: Path, text: str, sep: str, skipped: int, strict: bool) -> _Rows:
    if skipped:
        lines = text.replace("\r\n", "\n").split("\n")
        if skipped >= len(lines):
            raise_faults(path, [f"the file has {len(lines)} lines; header={skipped + 1} is none of them"])
        text = "\n".join(lines[skipped:])
    if (columns := text.partition("\n")[0].count(sep) + 1) > MOST_COLUMNS:
        raise_faults(path, [too_wide(columns)])
    plain = '"' not in text and "\r" not in text.replace("\r\n", "")
    rows = (_plain_rows if plain else _quoted_rows)(text, sep, skipped, strict)
    rows.first = skipped + 1
    return rows


def _plain_rows(text: str, sep: str, skipped: int, strict: bool) -> _Rows:
    """Read a file that has no quotes: every line is a row, every mark a border."""
    first, _, rest = text.replace("\r\n", "\n").partition("\n")
    header, rest = first.split(sep), rest.removesuffix("\n")
    lines = rest.split("\n") if rest else []
    found = [line.count(sep) + 1 if line else 0 for line in lines]
    wide, start = len(header), skipped + 2
    kept = [place for place, cells in enumerate(found, start) if cells or strict or wide == 1]
    wrong = [(place, found[place - start]) for place in kept if found[place - start] != wide]
    faults = [_ragged(place, cells, wide) for place, cells in wrong if cells or wide > 1]
    cells = pd.DataFrame(columns=range(wide), dtype="str")
    if wide == 1 and not faults:
        cells = pd.DataFrame({0: pd.Series(lines, dtype="str")})
    elif kept and not faults:
        cells = pd.read_csv(
            io.StringIO(rest),
            header=None,
            dtype="str",
            na_filter=False,
            quoting=csv.QUOTE_NONE,
            sep=sep,
            engine="c",
        )
    rows = _Rows(header, cells, kept[: len(cells)], faults)
    rows.widths = Counter(cells for cells in found if cells)
    return rows


def _quoted_rows(text: str, sep: str, skipped: int, strict: bool) -> _Rows:
    """Read a file with quoted cells, which may hold separators and line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=sep)
    found: list[list[str]] = []
    starts = [1]
    faults: list[str] = []
    try:
        for row in reader:
            found.append(row)
            starts.append(reader.line_num + 1)
    except csv.Error as error:
        faults.append(
            f"line {starts[-1] + skipped}: {error}: a quote is left open, or not doubled inside a cell"
        )
    header = found[0] if found else []
    wide = len(header)
    placed = [(start + skipped, row) for start, row in zip(starts, found, strict=False) if row or strict]
    faults += [_ragged(start, len(row), wide) for start, row in placed if len(row) != wide]
    body = [] if faults else placed[1:]
    cells = pd.DataFrame([row for _, row in body], columns=range(wide), dtype="str")
    rows = _Rows(header, cells, [start for start, _ in body], faults)
    rows.widths = Counter(len(row) for row in found[1:] if row)
    return rows


def _ragged(line: int, found: int, expected: int) -> str:
    cells = "an empty line" if not found else f"{found} cells" if found > 1 else "1 cell"
    return f"line {line}: {cells}, the header has {expected}"


def _together(rows: _Rows, sep: str, options: Options) -> list[str]:
    """Return the faults of single lines, or one in their place where most lines disagree with the header."""
    total = sum(rows.widths.values())
    if total < 20 or len(rows.faults) < total / 2:
        return rows.faults
    usual = rows.widths.most_common(1)[0][0]
    asked = "" if options.sep else "; if another mark parts the cells, name it by sep="
    return [
        f"{len(rows.faults)} of {total} lines have another number of cells than line {rows.first}, which is to name "
        f"the columns: {len(rows.header)} names, mostly {usual} cells, parted by {sep!r}{asked}; if another line "
        "names the columns, say header= and its number"
    ]
