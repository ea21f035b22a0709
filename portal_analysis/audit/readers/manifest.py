"""The manifest: a table that says about audit files what they do not say themselves.

Hands on the row that belongs to a file, or to one address in it.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from portal_analysis.arguments import misfits
from portal_analysis.audit.judgements import RUN_STATUSES
from portal_analysis.audit.readers.addresses import address_key
from portal_analysis.audit.readers.files import csv_rows
from portal_analysis.audit.readers.reading import Fault, FileFaults, ReaderError, reader_error
from portal_analysis.audit.readers.wcag_em import iso_date
from portal_analysis.audit.schema import no_dates

COLUMNS = {
    "file": "name of the file, as below the folder that is read, or its last part",
    "url": "address of the page, in any spelling; tells apart the pages of one file",
    "final_url": "address at which the browser ended, for tools that do not tell",
    "portal_id": "the portal",
    "page_id": "the page",
    "round": "the round",
    "assessor_id": "who, or which tool, judged",
    "http_status": "what the server answered; from 400 the page was not audited",
    "rated_at": "when, as ISO 8601",
    "tool": "pa11y, axe … for files that do not tell",
    "version": "of the tool",
    "setup": "window, device or language, where one tool looked at a page in several",
    "status": "of the run: " + ", ".join(RUN_STATUSES),
    "message": "why a page was not audited",
}
"""The columns of a manifest. A row without ``file`` is a page that nobody could audit: it becomes a run."""


class Manifest:
    """Rows of a manifest, found by file and address. A class, for the lookup is built once and used per page."""

    def __init__(self, table: pd.DataFrame | None, file: str = "the manifest") -> None:
        self.rows = [] if table is None else [_row(row) for row in table.to_dict("records")]
        self.file = file
        undated = no_dates(row["rated_at"] for row in self.rows if "rated_at" in row)
        faults = [
            fault
            for line, row in enumerate(self.rows, start=2)
            for fault in _faults(row, undated, file, line)
        ]
        unknown = [] if table is None else [str(name) for name in table.columns if name not in COLUMNS]
        if unknown:
            faults.append(Fault(file, 1, f"unknown columns {unknown}", f"the columns are {list(COLUMNS)}"))
        self._by: dict[tuple[str | None, str | None], dict[str, Any]] = {}
        self._of_file: dict[str, list[dict[str, Any]]] = {}
        for line, row in enumerate(self.rows, start=2):
            other = self._by.setdefault((row.get("file"), _key(row.get("url"))), row)
            if other is not row and other != row and (row.get("file") or row.get("url")):
                found = f"a second row about {row.get('file') or row.get('url')!r} says something else"
                faults.append(Fault(file, line, found, "keep one row a file and page"))
            if row.get("file"):
                self._of_file.setdefault(row["file"], []).append(row)
        if faults:
            raise reader_error(faults)

    def about(self, file: str, url: str | None = None, alone: bool = False) -> dict[str, Any]:
        """Return what is said about a page of a file: its own row, else the file's only row, else the address's.

        ``alone`` says that the file holds one page only: the file's only row is then about it, whatever its address.
        """
        key = _key(url)
        for name in (file, PurePosixPath(file).name):
            if key is not None and (name, key) in self._by:
                return self._by[(name, key)]
            if (name, None) in self._by:
                return self._by[(name, None)]
            rows = self._of_file.get(name, [])
            if len(rows) == 1 and (url is None or alone or _key(rows[0].get("url")) in (None, key)):
                return rows[0]
        return self._by.get((None, key), {}) if key else {}

    def unread(self, files: list[str]) -> list[Fault]:
        """Return a fault for each file that is named but not there."""
        there = {name for file in files for name in (file, PurePosixPath(file).name)}
        lines = [(line, row["file"]) for line, row in enumerate(self.rows, start=2) if row.get("file")]
        advice = "correct the name, or take the row away"
        return [
            Fault(self.file, line, f"there is no file {name!r}", advice)
            for line, name in lines
            if name not in there
        ]

    def without_file(self) -> list[dict[str, Any]]:
        """Return the rows about pages of which there is no file and no address in a file."""
        return [row for row in self.rows if not row.get("file")]


def read_manifest(source: Any) -> Manifest:
    """Return the manifest in a CSV file or a frame; an empty one for None.

    Raises
    ------
    ReaderError
        If columns are not known, or a status or date is none.
    """
    if source is None or isinstance(source, pd.DataFrame):
        return Manifest(source)
    if wrong := misfits({"manifest": source}, {"manifest": str | Path | pd.DataFrame | None}):
        raise ReaderError.of(wrong)
    path = Path(source)
    try:
        rows = csv_rows(path, path.name)
    except FileFaults as error:
        raise reader_error(error.found) from error
    filled = [row for row in rows[1:] if any(row)]
    width = len(rows[0]) if rows else 0
    table = pd.DataFrame([(row + [""] * width)[:width] for row in filled], columns=rows[0] if rows else None)
    return Manifest(table, path.name)


def _key(url: str | None) -> str | None:
    return None if url is None else address_key(url)


def _row(row: dict[Any, Any]) -> dict[str, Any]:
    said = {str(name): value for name, value in row.items() if not _is_empty(value)}
    texts = {name: str(value).strip() for name, value in said.items()}
    return {name: text.replace("\\", "/") if name == "file" else text for name, text in texts.items()}


def _is_empty(value: Any) -> bool:
    return value is None or bool(pd.isna(value)) or str(value).strip() == ""


def _faults(row: dict[str, Any], undated: set[str], file: str, line: int) -> list[Fault]:
    faults = []
    if "http_status" in row:
        text = row["http_status"].removesuffix(".0")
        if text.isdigit() and 100 <= int(text) <= 599:
            row["http_status"] = int(text)
        else:
            faults.append(Fault(file, line, f"http_status {text!r}", "a number from 100 to 599, or empty"))
    if row.get("status") not in (None, *RUN_STATUSES):
        faults.append(Fault(file, line, f"status {row['status']!r}", f"allowed are {list(RUN_STATUSES)}"))
    date = row.get("rated_at")
    if date is not None and (date in undated or iso_date(date.replace("Z", "").strip()) is None):
        faults.append(Fault(file, line, f"rated_at {date!r}", "write dates as 2024-05-31"))
    return faults
