"""What a table must look like: a Table Schema compiled into checks, all faults in one error.

Takes tables of text as `tables` reads them; hands on typed, checked frames, and the labels in both languages.
"""

from portal_analysis.codebook.checks import NO_COLUMN, REPEATED, Checked, check, foreign_key_faults
from portal_analysis.codebook.draft import draft_dataset, unfinished
from portal_analysis.codebook.faults import FAULT_COLUMNS, CodebookError, Schema, no_faults, raise_faults
from portal_analysis.codebook.fields import missing_codes
from portal_analysis.codebook.loading import load, load_tables
from portal_analysis.codebook.names import (
    Labels,
    as_labels,
    code_meant,
    field_labels,
    labels,
    labels_of,
    remember,
    units,
)
from portal_analysis.codebook.plain import TEXT, plain_values

__all__ = [
    "FAULT_COLUMNS",
    "NO_COLUMN",
    "REPEATED",
    "TEXT",
    "Checked",
    "CodebookError",
    "Labels",
    "Schema",
    "as_labels",
    "check",
    "code_meant",
    "draft_dataset",
    "field_labels",
    "foreign_key_faults",
    "labels",
    "labels_of",
    "load",
    "load_tables",
    "missing_codes",
    "no_faults",
    "plain_values",
    "raise_faults",
    "remember",
    "unfinished",
    "units",
]
