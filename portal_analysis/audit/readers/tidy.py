"""Whole audits as this package writes them: a folder of tidy CSV files, or one workbook.

Hands on the audit that was written, table by table, without loss.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.audit.judgements import TABLES, Audit, AuditError
from portal_analysis.audit.readers.files import check_workbook
from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.reading import Fault, FileFaults, reader_error
from portal_analysis.files import is_dangerous
from portal_analysis.tables.workbooks import most_cells, streamed

ABOUT = "about"
"""The sheet or file that says that the others are tables of an audit, and whose."""

MARK = "portal_analysis audit"
CONTROL = re.compile(r"_x(00[01][0-9A-Fa-f])_")
"""How a workbook spells a control character, such as the carriage return of a line break."""


def safe(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe before what it may take for one."""
    return f"'{text}" if text.startswith("'") or is_dangerous(text) else text


def restored(text: str) -> str:
    """Return the text that :func:`safe` was given."""
    return text[1:] if text.startswith("'") else text


def is_folder(path: Path) -> bool:
    """Is this a folder of tables that were written as an audit?"""
    about = path / f"{ABOUT}.csv"
    return path.is_dir() and about.is_file() and about.read_bytes()[:200].find(MARK.encode()) >= 0


def read_folder(path: Path, source: str = "", simulated: bool = False) -> Audit:
    """Return the audit that was written to a folder.

    Raises
    ------
    ReaderError
        If a table cannot be read, or the tables do not fit together.
    """
    tables = {name: path / f"{name}.csv" for name in (ABOUT, *TABLES) if (path / f"{name}.csv").is_file()}
    frames, faults = {}, []
    for name, file in tables.items():
        try:
            frame = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
            frames[name] = _restored(frame)
        except (ValueError, OSError) as error:
            faults.append(Fault(file.name, None, clean(f"no CSV: {error}", 300), "write the audit again"))
    if faults:
        raise reader_error(faults)
    return _assembled(frames, path.name, source, simulated)


def read_workbook(path: Path, source: str = "", simulated: bool = False) -> Audit | None:
    """Return the audit in a workbook, None if the workbook is something else.

    Raises
    ------
    ReaderError
        If the tables do not fit together.
    """
    try:
        check_workbook(path, path.name)
        frames = _frames(path)
    except FileFaults:
        return None
    return None if frames is None else _assembled(frames, path.name, source, simulated)


def _frames(path: Path) -> dict[str, pd.DataFrame] | None:
    try:
        with streamed(path) as book:
            if ABOUT not in book.sheetnames or book[ABOUT]["A1"].value != MARK:
                return None
            held = [name for name in book.sheetnames if name == ABOUT or name in TABLES]
            return {name: _frame(book[name], most_cells(path)) for name in held}
    except Exception as error:  # openpyxl fails on broken workbooks with errors of any kind
        found = clean(f"the workbook cannot be read: {error}", 300)
        raise FileFaults(Fault(path.name, None, found, "save it again")) from error


def _frame(sheet: Any, most: int) -> pd.DataFrame:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True)
    header = [str(name) for name in next(rows, ())]
    body: list[list[Any]] = []
    for row in rows:
        most -= len(row) + 1
        if most < 0:
            raise ValueError(f"the sheet {sheet.title!r} is too large")
        body.append([*map(_text, row), *[""] * (len(header) - len(row))])
    return pd.DataFrame(body, columns=header, dtype=object)


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return restored(CONTROL.sub(lambda found: chr(int(found[1], 16)), value))
    return "" if value is None else value


def _restored(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.apply(lambda column: column.where(~column.str.startswith("'"), column.str[1:]))


def _mark(said: dict[str, Any], file: str) -> bool:
    """Return whether an audit says that it is simulated; what says neither is a fault, never taken for real."""
    told = str(said.get("simulated", "")).strip().lower()
    if told in ("true", "false"):
        return told == "true"
    found = f"'simulated' is {clean(told, 50)!r}" if "simulated" in said else "the row 'simulated' is missing"
    advice = "write true or false behind it: true for data that a program made"
    raise reader_error([Fault(file, None, f"{ABOUT}: {found}", advice)])


def _assembled(frames: dict[str, pd.DataFrame], file: str, source: str, simulated: bool) -> Audit:
    about = frames.pop(ABOUT)
    said = dict(zip(about.iloc[:, 0], about.iloc[:, 1], strict=True)) if about.shape[1] > 1 else {}
    filled = {name: frame for name, frame in frames.items() if len(frame)}
    judgements = filled.pop("judgements", TABLES["judgements"].empty())
    was_simulated = _mark(said, file)
    try:
        return Audit(
            judgements,
            **filled,  # type: ignore[arg-type]
            source=source or str(said.get("source", "")),
            simulated=simulated or was_simulated,
        )
    except AuditError as error:
        raise reader_error([Fault(file, None, str(error), "correct the cells that are named")]) from error
