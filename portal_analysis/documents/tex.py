"""A table as LaTeX with rules of booktabs, every letter escaped.

Takes a block; hands on text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal_analysis.documents.blocks import Table

LONG = 30
"""A table of more rows breaks across pages."""


def tex(block: Table, name: str, notes: str = "") -> str:
    """Return a table as LaTeX; a long one breaks across pages.

    Parameters
    ----------
    block : Table
    name : str
        What the label ``tab:name`` is made of.
    notes : str
        What stands below the table.
    """
    long = len(block.rows) > LONG
    shape = "".join("r" if _is_number_column(block.rows, n) else "l" for n in range(len(block.columns)))
    head = " & ".join(escape(column) for column in block.columns) + r" \\"
    body = [" & ".join(escape(cell) for cell in row) + r" \\" for row in block.rows]
    title = rf"\caption{{{escape(block.caption)}}}\label{{tab:{name}}}"
    below = [rf"\par\footnotesize {escape(notes)}"] if notes else []
    packages = "booktabs" + (", longtable" if long else "")
    lines = [f"% packages: {packages}; a typeface with Vietnamese letters"]
    lines += _long(shape, title, head, body, below) if long else _short(shape, title, head, body, below)
    return "\n".join(lines) + "\n"


def _short(shape: str, title: str, head: str, body: list[str], below: list[str]) -> list[str]:
    opened = [r"\begin{table}", title, rf"\begin{{tabular}}{{{shape}}}", r"\toprule", head, r"\midrule"]
    return [*opened, *body, r"\bottomrule", r"\end{tabular}", *below, r"\end{table}"]


def _long(shape: str, title: str, head: str, body: list[str], below: list[str]) -> list[str]:
    opened = [rf"\begin{{longtable}}{{{shape}}}", rf"{title}\\", r"\toprule", head, r"\midrule"]
    again = [r"\endfirsthead", r"\toprule", head, r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
    return [*opened, *again, *body, r"\end{longtable}", *below]


def _is_number_column(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Tell whether a column holds numbers, counts or intervals, as far as it holds anything."""
    cells = [row[column] for row in rows if row[column]]
    return bool(cells) and sum(bool(_NUMBERS.fullmatch(cell)) for cell in cells) >= len(cells) / 2


_NUMBER = r"[−+<]? ?[\d.,]+%?"
_NUMBERS = re.compile(rf"{_NUMBER}((–| \w+ |/){_NUMBER})?(\u2009\S+)?( \(.+\))?")
"""A number, a range or a count, with the signs of its flags and its interval."""


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": r"\ensuremath{-}",
    "≈": r"\ensuremath{\approx}",
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "¶": r"\P{}",
    "§": r"\S{}",
    "¬": r"\textlnot{}",
    "¤": r"\textcurrency{}",
    "°": r"\textdegree{}",
    "×": r"\ensuremath{\times}",
    "•": r"\textbullet{}",
    "∞": r"\ensuremath{\infty}",
    "\N{THIN SPACE}": r"\,",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after the end of a row both would be taken for its arguments
    "*": "{*}",
}


def escape(text: str) -> str:
    """Write text so that LaTeX prints it as it is."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)
