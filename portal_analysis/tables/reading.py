"""Any file that is a table, by the ending of its name.

Hands on a :class:`Table`; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from portal_analysis.tables.delimited import read_csv
from portal_analysis.tables.excel import read_excel
from portal_analysis.tables.labelled import read_parquet, read_spss, read_stata
from portal_analysis.tables.table import Table, TableError, existing

READERS: dict[str, Callable[[Path, str | None, str | None], Table]] = {
    ".csv": read_csv,
    ".xlsx": read_excel,
    ".dta": read_stata,
    ".sav": read_spss,
    ".zsav": read_spss,
    ".parquet": read_parquet,
}


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
