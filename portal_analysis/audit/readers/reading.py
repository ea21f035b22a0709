"""What every reader of audit files hands over: visits with their findings, faults, and notes of what needs a look.

Hands on :class:`Visit`, :class:`Finding`, :class:`Site`, the errors and warnings of reading.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from portal_analysis.faults import Error, told

PRECEDENCE = ("not_met", "partly", "cant_tell", "error", "met", "not_applicable", "not_tested")
"""Which outcome a criterion gets when several findings of one visit speak of it: the first that occurs.

One failure fails the criterion; a check that broke off or could not tell keeps the others from passing it.
"""


# ------------------------------------------------------------------------------------------- faults


@dataclass(frozen=True)
class Fault:
    """One thing in a file that cannot be read: where, what was found, what to do."""

    file: str
    line: int | None
    found: str
    advice: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{place}: {self.found}; {self.advice}"


class ReaderError(Error):
    """Audit files cannot be read; nothing of them was taken.

    Attributes
    ----------
    table : DataFrame
        ``file, line, found, advice``: one row a fault.
    """


class ReaderWarning(UserWarning):
    """Something in audit files needs a look, though it was read.

    Attributes
    ----------
    table : DataFrame
        ``file, line, found, advice``: one row a case.
    """

    def __init__(self, message: str, table: pd.DataFrame) -> None:
        super().__init__(message)
        self.table = table

    def __reduce__(self) -> tuple[type[ReaderWarning], tuple[str, pd.DataFrame]]:
        return type(self), (str(self), self.table)


def fault_table(faults: Iterable[Fault]) -> pd.DataFrame:
    """Return faults as a table."""
    rows = [(fault.file, fault.line, fault.found, fault.advice) for fault in faults]
    return pd.DataFrame(rows, columns=["file", "line", "found", "advice"]).astype({"line": "Int64"})


class FileFaults(Error):
    """The faults of one file, on their way to :class:`ReaderError`."""

    def __init__(self, *found: Fault) -> None:
        lines = [str(fault) for fault in found]
        super().__init__(told(lines), lines)
        self.found = found

    def __reduce__(self) -> tuple[type[FileFaults], tuple[Fault, ...]]:
        return type(self), self.found


class Faults:
    """The faults of one file while it is read, so that all are told at once. A class, for readers hand it about."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, line: int | None, found: str, advice: str) -> None:
        """Note one fault of the file."""
        self.found.append(Fault(self.file, line, found, advice))

    def tell(self) -> None:
        """Raise all that were noted as one; return quietly if there are none.

        Raises
        ------
        FileFaults
        """
        if self.found:
            raise FileFaults(*self.found)


def reader_error(found: Iterable[Fault]) -> ReaderError:
    """Make the one error that tells all faults of all files, each once."""
    once = list(dict.fromkeys(found))
    return ReaderError.of(map(str, once), "the audit files cannot be read", fault_table(once))


class Notes:
    """What was read but needs a look, by kind; each kind becomes one warning. A class, for every reader adds to it."""

    def __init__(self) -> None:
        self.kinds: dict[str, list[Fault]] = {}

    def add(self, kind: str, *faults: Fault) -> None:
        """Note cases of a kind, a phrase such as ``"audit results have a status that is not known"``."""
        self.kinds.setdefault(kind, []).extend(faults)

    def warn(self) -> None:
        """Warn once a kind, with all its cases in the warning's table."""
        for kind, found in self.kinds.items():
            if not found:
                continue
            shown = "\n".join(f"- {fault}" for fault in found[:5])
            more = f"\n- and {len(found) - 5} more; the warning's table has all" if len(found) > 5 else ""
            warning = ReaderWarning(f"{len(found)} {kind}:\n{shown}{more}", fault_table(found))
            warnings.warn(warning, stacklevel=3)


UNKNOWN = "audit results have a status that is not known"
NOT_MEANT = "audit results are not of the page that was meant and were left out"
UNREAD = "audit results could not be read and were left out"
LEFT_OUT = "rows or columns of sheets are no judgements and were left out"
LOOK = "places in audit files were read but need a look"
SAME_RUN = "audit results are one run in several files or formats and were counted once"
OBSOLETE = "findings are on criteria that WCAG no longer has; they stand as rules and fail no criterion"
"""Kinds of notes: what they say after their number."""


# ------------------------------------------------------------------------------------------- visits


@dataclass(slots=True)
class Finding:
    """What one rule or question says about one page.

    ``rule`` is ``<tool>:<id>``; ``numbers`` are the WCAG success criteria it tests a part of; ``type`` is the
    tool's own word for the kind of finding (``error``, ``warning``, ``violations``, ``mustFix``); ``severity``
    its word for how bad it is; ``elements`` how many places of the page it is about.
    """

    rule: str
    outcome: str
    numbers: tuple[str, ...] = ()
    title: str = ""
    evidence: str = ""
    comment: str = ""
    rated_at: str | None = None
    line: int | None = None
    type: str | None = None
    severity: str | None = None
    elements: int | None = None
    level: str | None = None


@dataclass(slots=True)
class Visit:
    """One look of one assessor at one page (``url``), or at a site as a whole (``site``).

    ``status`` is one of :data:`~portal_analysis.audit.judgements.RUN_STATUSES`. Of a visit that was
    ``not_run``, only what is ``not_tested`` is kept, of one that saw another page or failed nothing: not
    audited is neither failed nor passed. ``setup`` tells apart looks at one page by one tool: a window's size,
    a mode. ``part`` names one of several files about one look. ``lists_problems`` says that the tool says
    nothing of what it found in order; ``told``, that a manifest gave the HTTP status.
    """

    tool: str
    url: str | None = None
    site: str | None = None
    site_name: str | None = None
    version: str | None = None
    final_url: str | None = None
    started_at: str | None = None
    http_status: int | None = None
    status: str = "ok"
    message: str | None = None
    assessor: str | None = None
    kind: str = "tool"
    role: str | None = None
    line: int | None = None
    log: bool = True
    title: str | None = None
    setup: str | None = None
    part: str | None = None
    lists_problems: bool = False
    told: bool = False
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """A portal that a file names, whether or not it was visited."""

    url: str
    name: str | None = None
