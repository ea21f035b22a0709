"""An audit in files: tidy CSV, and a workbook to hand on; linked data are written by :mod:`portal_analysis.audit.earl`.

Hands on files that :func:`~portal_analysis.audit.readers.read_audit` reads back without loss.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.audit.earl import EARL, WriteError, write_earl
from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.readers.tidy import ABOUT, CONTROL, MARK, is_folder, safe
from portal_analysis.files import replace_files

__all__ = ["EARL", "WriteError", "write_audit", "write_earl"]

MOST_ROWS = 1_048_575
"""Rows below the header that a sheet of a workbook can hold."""

LONGEST_CELL = 32_000
"""Characters that a cell of a workbook can hold, with room for escapes."""

_BROKEN = re.compile(r"[\x00\ud800-\udfff]")


def write_audit(audit: Audit, path: str | Path) -> Path:
    """Write a whole audit for ``read_audit``: a workbook if the path ends in ``.xlsx``, else a folder of CSV.

    Parameters
    ----------
    audit : Audit
    path : str or Path
        Where; the folder is made if it is not there. An audit that was written there before is replaced whole, its
        tables that this one does not have too; other files stay.

    Returns
    -------
    Path
        The workbook or folder.

    Raises
    ------
    WriteError
        If a table is too long, or a text too long or broken, for the form; if the files cannot be written: what was
        there before is there.

    Notes
    -----
    Texts that a spreadsheet would take for formulas (``= + - @``) get an apostrophe, which is taken away on
    reading. The tables of an audit come back as they were; columns of a researcher's own come back as text.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("egi-chile")
    >>> folder = pa.write_audit(audit, "chile")
    >>> print(sorted(path.name for path in folder.iterdir()))
    ['about.csv', 'assessors.csv', 'criteria.csv', 'judgements.csv', 'portals.csv']
    """
    path = Path(path)
    if path.suffix.lower() == ".xlsx":
        return _write_workbook(audit, path)
    tables = _tables(audit)
    contents = {f"{name}.csv": _csv(frame) for name, frame in tables.items()}
    gone = [f"{name}.csv" for name in audit.tables() if name not in tables] if is_folder(path) else []
    return _put(path, contents, gone)


def _csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV, every cell in quotes where one holds a bare carriage return, which must begin no row."""
    held = any(frame[column].str.contains("\r", regex=False).any() for column in frame)
    quoting: Any = csv.QUOTE_ALL if held else csv.QUOTE_MINIMAL
    return frame.to_csv(index=False, lineterminator="\n", quoting=quoting).encode()


def _put(folder: Path, contents: dict[str, bytes], gone: Sequence[str] = ()) -> Path:
    """Write files into a folder, all or none."""
    try:
        replace_files(folder, contents, gone)
    except OSError as fault:
        raise WriteError(
            f"cannot write into {folder}: {fault.strerror or fault}; nothing was written"
        ) from fault
    return folder


def _tables(audit: Audit) -> dict[str, pd.DataFrame]:
    """Return the tables that hold something, as safe text, the description of the whole first."""
    said = [("source", audit.source), ("simulated", "true" if audit.simulated else "false")]
    about = pd.DataFrame(said, columns=[MARK, "value"])
    filled = {name: frame for name, frame in audit.tables().items() if len(frame)}
    faults: list[str] = []
    texts = {name: _as_text(name, frame, faults) for name, frame in {ABOUT: about, **filled}.items()}
    if faults:
        raise WriteError.of(faults, "the audit cannot be written")
    return texts


def _as_text(table: str, frame: pd.DataFrame, faults: list[str]) -> pd.DataFrame:
    """Every cell as text that reads back as it was: missing is empty, numbers with all digits, ISO dates."""
    written = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_datetime64_any_dtype(values):
            cells = [None if pd.isna(value) else value.isoformat() for value in values]
        elif pd.api.types.is_float_dtype(values):
            cells = [None if pd.isna(value) else repr(float(value)) for value in values]
        elif pd.api.types.is_integer_dtype(values):
            cells = [None if pd.isna(value) else str(int(value)) for value in values]
        else:
            cells = _safe_texts(values, f"{table}.{column}", faults)
        written[str(column)] = pd.Series(cells, dtype=object)
    return pd.DataFrame(written).fillna("")


def _safe_texts(values: pd.Series, place: str, faults: list[str]) -> list[str | None]:
    codes, distinct = pd.factorize(values.astype(object))
    safely = [safe(str(value)) for value in distinct]
    if any(_BROKEN.search(text) for text in safely):
        faults.append(f"{place} holds characters that are no Unicode text")
    return [None if code < 0 else safely[code] for code in codes]


def _looks_escaped(text: str) -> bool:
    """Would a workbook's reader take this text for the spelling of another?"""
    return "_x" in text and (CONTROL.search(text) is not None or "x005F_" in text or "x005f_" in text)


def _write_workbook(audit: Audit, path: Path) -> Path:
    import xlsxwriter

    tables = _tables(audit)
    faults = [
        f"{name} has {len(one):,} rows; a sheet holds {MOST_ROWS:,}"
        for name, one in tables.items()
        if len(one) > MOST_ROWS
    ]
    for name, one in tables.items():
        spelled = [column for column in one.columns if one[column].map(_looks_escaped).any()]
        faults += [f"{name}.{column} holds text that looks like an escape of workbooks" for column in spelled]
        long = [column for column in one.columns if one[column].str.len().max() > LONGEST_CELL]
        faults += [
            f"{name}.{column} holds more than {LONGEST_CELL:,} characters in a cell" for column in long
        ]
    if faults:
        raise WriteError.of(
            faults, "the audit does not fit into a workbook; write it to a folder of CSV files"
        )
    target = io.BytesIO()
    texts_only = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, {"in_memory": True, **texts_only}) as book:
        book.set_properties({"title": "Audit of portals", "created": datetime.datetime(2000, 1, 1)})
        heading = book.add_format({"bold": True})
        for name, frame in tables.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, list(frame.columns), heading)
            for column, values in enumerate(frame.to_numpy(dtype=object).T):
                for row, text in enumerate(values, start=1):
                    if text:
                        sheet.write_string(row, column, text)
    _put(path.parent, {path.name: target.getvalue()})
    return path
