"""Text files with one row a line: CSV as anybody writes it.

Hands on every cell as it stands in the file.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from portal_analysis.tables.table import Table, composed, existing, header_faults, raise_faults

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


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
    raise_faults(path, [*header_faults(header), *faults])
    cells.columns = pd.Index(header)
    return cells.set_axis(pd.Index(starts, name="row", dtype="int64"), axis=0)


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


def read_csv(path: Path, sheet: str | None, encoding: str | None) -> Table:
    return Table(read_csv_text(path), path=path)
