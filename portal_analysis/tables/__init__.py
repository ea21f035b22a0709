"""Read a file as it is: its values, its labels, its codes for missing answers; nothing is guessed.

Hands on plain frames, and a :class:`Table` where the file says more about its columns than their names.
"""

from portal_analysis.tables.delimited import read_csv_text
from portal_analysis.tables.draft import draft_resource
from portal_analysis.tables.reading import read_table
from portal_analysis.tables.table import (
    Table,
    TableError,
    as_text,
    cell_text,
    existing,
    raise_faults,
    save_csv,
)

__all__ = [
    "Table",
    "TableError",
    "as_text",
    "cell_text",
    "draft_resource",
    "existing",
    "raise_faults",
    "read_csv_text",
    "read_table",
    "save_csv",
]
