"""Published survey files of which the design, the codes for missing answers and better names are known.

Hands on a :class:`Preset` by its name; and the error of all readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from portal_analysis.faults import Error
from portal_analysis.survey.design import Design


class SurveyReadError(Error):
    """A file or dataset cannot be read as the survey asked for."""


@dataclass(frozen=True)
class Preset:
    """What is known of a published file: its design, its codes for missing answers, names for its columns.

    Attributes
    ----------
    design : Design
        Design in the file's own column names.
    missing : tuple
        Codes that mean "no answer" in every column but those of the design.
    rename : mapping of str to str
        Names that the analyses use, by the file's names. Those that the file lacks are passed over.
    digits : mapping of str to int
        Columns (new names) whose whole numbers are codes of so many digits: ``1`` is ``"01"``.
    cite : str
        Where the names are described.
    """

    design: Design
    missing: tuple[Any, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    digits: Mapping[str, int] = field(default_factory=dict)
    cite: str = ""


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "papi-2016": Preset(
            design=Design("PSW_psweight", strata="PSW_STRATA", psu="PSW_PSU"),
            missing=(888, 999, -999999),
            rename={
                "a001": "sex",
                "a002": "age",
                "a005": "ethnicity",
                "a006": "education",
                "khuvuc": "urban",
                "tinh": "province",
            },
            digits={"province": 2},
            cite="doi:10.7910/DVN/Z8ALJA (source dataverse_Z8ALJA of the dataset egov-figures)",
        )
    }
)
"""Presets of public files. In the file of ``papi-2016`` a respondent has one row for each candidate shown."""
