"""Any file that is a table, by the ending of its name.

Hands on a :class:`Table`; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from portal_analysis.paths import shown
from portal_analysis.structured import reason
from portal_analysis.tables.delimited import read_delimited
from portal_analysis.tables.excel import read_excel
from portal_analysis.tables.labelled import read_parquet, read_spss, read_stata
from portal_analysis.tables.table import Options, Table, TableError, existing, warn

READERS: dict[str, Callable[[Path, Options], Table]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".xlsx": read_excel,
    ".xlsm": read_excel,
    ".dta": read_stata,
    ".sav": read_spss,
    ".zsav": read_spss,
    ".parquet": read_parquet,
}
TEXT = (".csv", ".tsv", ".txt")
SHEETS = (".xlsx", ".xlsm")


def read_table(
    path: str | Path,
    sheet: str | None = None,
    encoding: str | None = None,
    sep: str | None = None,
    header: int | None = None,
    label_rows: int = 0,
) -> Table:
    """Read a file as it is: CSV, Excel, Stata, SPSS or Parquet.

    Nothing is guessed and nothing is lost: CSV cells stay text; labelled codes of Stata and SPSS stay codes
    with their labels beside them; user-missing codes (888, 999, ``.a``) stay in the data and are declared in
    ``missing``. Dates are dates; months, quarters, weeks and half-years of Stata (``%tm``, ``%tq``, ``%tw``,
    ``%th``) and SPSS (MOYR, QYR, WKYR) are text such as ``2023-05``, ``2023-Q2``. Cells merged downwards in Excel hold
    their value in each row.

    Parameters
    ----------
    path : str or Path
        A ``.csv``, ``.tsv``, ``.txt``, ``.xlsx``, ``.xlsm``, ``.dta``, ``.sav``, ``.zsav`` or ``.parquet`` file.
    sheet : str, optional
        Which sheet of a workbook; needed if more than one holds data.
    encoding : str, optional
        Encoding of the text: ``"tcvn3"``, ``"vni"``, ``"viscii"``, ``"windows-1258"`` or any that Python knows. Where
        it is not given, text files are UTF-8 (or UTF-16 with its mark), other files as they say; text that must
        have been typed in TCVN3, VNI or VISCII is a fault that names the encoding.
    sep : str, optional
        The mark that parts the cells of a text file; found out if not given (comma, semicolon, tab or bar).
    header : int, optional
        The line or row that names the columns, counted from 1. If not given, the first; titles of one cell above a
        table of three columns or more are passed over.
    label_rows : int
        How many lines below the names hold question texts or ids, not answers. The first gives the labels.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        If the file is missing (near names are told), of another kind, broken, or no table (all faults); or the
        package that reads its kind is not installed.

    Warns
    -----
    TableWarning
        If single values cannot be what the file says they are, such as a date in the year 20016.
    """
    path = existing(path)
    kind = path.suffix.lower()
    options = Options(sheet, encoding, sep, header, label_rows)
    faults = _option_faults(path, kind, options)
    if faults:
        raise TableError.of(faults)
    try:
        table = READERS[kind](path, options)
    except OSError as error:
        raise TableError(f"{shown(path)} cannot be read: {reason(error)}") from error
    except MemoryError as error:
        raise TableError(f"{path.name} takes more memory than there is") from error
    for note in table.notes:
        warn(f"{path.name}, {note}")
    return table


def _option_faults(path: Path, kind: str, options: Options) -> list[str]:
    if kind not in READERS:
        old = "; save it as .xlsx" if kind in (".xls", ".xlsb", ".ods") else ""
        known = ", ".join(READERS)
        return [
            f"{path.name}: files of the kind {kind or 'without ending'!r} are not read, only {known}{old}"
        ]
    faults = []
    if options.sheet is not None and kind not in SHEETS:
        faults.append(f"{path.name} has no sheets; sheet= is for .xlsx files")
    if options.sep is not None and (kind not in TEXT or len(options.sep) != 1):
        faults.append(f"sep={options.sep!r}: it must be one character, for .csv, .tsv and .txt files")
    if (options.header is not None or options.label_rows) and kind not in (*TEXT, *SHEETS):
        faults.append(
            f"{path.name} names its columns itself: header= and label_rows= are for text and sheets"
        )
    for name, value in (("header", options.header), ("label_rows", options.label_rows)):
        if value is not None and (not isinstance(value, int) or value < (name == "header")):
            faults.append(f"{name}={value!r} must be a whole number")
    return faults
