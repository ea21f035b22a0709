"""What the package says no with: one error above all its errors, how faults become one message, which name is meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

from portal_analysis.letters import plain_letters

if TYPE_CHECKING:
    import pandas as pd

MOST = 30
"""So many faults are written out in a message; of the rest, the number."""


class Error(ValueError):
    """Something that was given cannot be used: a file, a table, a name, an argument; nothing was done.

    Every error of the package is one, so that ``except pa.Error`` catches what bad input can cause and no more.

    Attributes
    ----------
    faults : tuple of str
        Every fault found, one text each; the message alone where it is the only one.
    table : DataFrame or None
        The faults of tables, a row each, with where they are; which columns there are each error says.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> try:
    ...     pa.load_published("egov-figure")
    ... except pa.Error as error:
    ...     print(type(error).__name__)
    SourceError
    """

    def __init__(
        self, message: str = "", faults: Iterable[str] = (), table: pd.DataFrame | None = None
    ) -> None:
        super().__init__(message)
        self.faults: tuple[str, ...] = tuple(faults) or (message,)
        self.table = table

    @classmethod
    def of(cls, faults: Iterable[str], head: str = "", table: pd.DataFrame | None = None) -> Self:
        """Make the one error that tells all faults, each once; ``head`` says what they are faults of."""
        found = tuple(dict.fromkeys(faults))
        return cls(told(found, head), found, table)


def told(faults: Sequence[str], head: str = "") -> str:
    """Return faults as one message: one a line below the head, or in one line where there is no head.

    Examples
    --------
    >>> told(["no column 'w'", "level is 2"])
    "no column 'w'; level is 2"
    >>> print(told(["no column 'w'"], "the file cannot be read"))
    the file cannot be read, 1 fault:
    - no column 'w'
    """
    if not head:
        return "; ".join(faults)
    more = len(faults) - MOST
    rest = [f"and {more} more, all in the error's `faults`"] if more > 0 else []
    return "\n".join([f"{head}, {counted(len(faults))}:", *(f"- {one}" for one in [*faults[:MOST], *rest])])


def counted(number: int) -> str:
    """Say how many faults there are.

    Examples
    --------
    >>> counted(1), counted(2)
    ('1 fault', '2 faults')
    """
    return "1 fault" if number == 1 else f"{number} faults"


def near(name: str, known: Iterable[str]) -> str:
    """Say which of the known names is meant, or which there are: the end of a message about a name not known.

    Examples
    --------
    >>> near("wieght", ["weight", "stratum"])
    "did you mean ['weight']?"
    """
    names = [str(one) for one in known]
    spelt = {plain_letters(one).casefold(): one for one in reversed(names)}
    key = plain_letters(str(name)).casefold()
    found = [spelt[each] for each in difflib.get_close_matches(key, spelt, n=3, cutoff=0.6)]
    more = f" … ({len(names)} in all)" if len(names) > 30 else ""
    return f"did you mean {found}?" if found else f"there are {names[:30]}{more}"
