"""A table in a notebook: what it shows is what the report prints.

Takes frames; hands on :class:`Shown`, which Jupyter displays and the report reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from portal_analysis.documents.blocks import Table
from portal_analysis.documents.html import table_html
from portal_analysis.language.arrange import title_of
from portal_analysis.language.catalogue import check_language, word
from portal_analysis.language.grid import GridError, is_estimates, the_grid
from portal_analysis.language.labels import Labels
from portal_analysis.language.reading import is_simulated, read

TABLE_MIME = "application/vnd.portal-analysis.table+json"


@dataclass(frozen=True)
class Shown:
    """A table as it is read: text in columns and rows, under a title.

    Attributes
    ----------
    title : str
        What the table shows.
    columns : tuple of str
        Column headings.
    rows : tuple of tuple of str
        The cells.
    lang : {"en", "vi"}
        The language of the words.
    note : str
        What must be said with it: that its data are simulated, what its signs mean.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lang: str = "en"
    note: str = ""

    @property
    def table(self) -> Table:
        """The table as a block of a document."""
        return Table(self.title, self.columns, self.rows, self.note)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        table = {"columns": list(self.columns), "rows": [list(row) for row in self.rows]}
        return {
            "text/plain": self._plain(),
            "text/html": table_html(self.table, self.table.caption, self.lang),
            TABLE_MIME: {"title": self.title, "note": self.note, "lang": self.lang, "table": table},
        }

    def _plain(self) -> str:
        rows = ["\t".join(row) for row in (self.columns, *self.rows)]
        return "\n".join([self.table.caption, *rows])


def show(
    table: pd.DataFrame,
    title: str | None = None,
    lang: str = "en",
    columns: Mapping[str, str] | Sequence[str] | None = None,
    *,
    rows: str | None = None,
    across: str | None = None,
    interval: bool = False,
    labels: Labels | None = None,
    source: str | None = None,
) -> Shown:
    """Show a table in a notebook and in the report: numbers by language, every cell escaped.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES, which are named from the codebook with flags in words; or any other frame.
    title : str, optional
        What the table shows; it becomes its caption. Of ESTIMATES it is made of what the rows share if not given.
    lang : {"en", "vi"}
        The language.
    columns : mapping or sequence of str, optional
        Which columns to show, and, as a mapping, what to call them. ``x`` stands for ``x_en`` or ``x_vi`` where the
        table has those. Of ESTIMATES, ``estimate`` is the value with its qualifier or count, ``interval`` its
        interval, codes are named and flags are told in words.
    rows, across : str, optional
        Make a wide table: one row a value of ``rows``, one column a value of ``across``, units in the headings.
    interval : bool
        In a wide table, write the interval behind each number.
    labels : mapping, optional
        Text for ``(column, value)``, or per language; comes before all other names.
    source : str, optional
        The dataset that a frame other than ESTIMATES rests on, so that simulated data are called so.

    Returns
    -------
    Shown
        Displays itself in Jupyter.

    Raises
    ------
    GridError
        If a column is not in the table, or a frame that is not ESTIMATES has no title.
    FigureError
        If a wide table is asked for and more than two columns vary.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> survey = pa.load_survey("papi-simulated")
    >>> rates = pa.proportion(survey, "npsp_use", by=["wave", "sex"])
    >>> pa.show(rates, rows="sex", across="wave").columns
    ('Sex', '2020 (%)', '2021 (%)', '2022 (%)', '2023 (%)', '2024 (%)')
    """
    check_language(lang)
    if title is None and is_estimates(table):
        title = title_of(read(table, lang, labels))
    if not (title or "").strip():
        raise GridError("a table needs a title that says what it shows")
    grid = the_grid(
        table,
        lang,
        columns,
        labels,
        rows=rows,
        across=across,
        interval=interval,
        stamp=word("word.stamp", lang) if source and is_simulated(source) else "",
    )
    return Shown(str(title), grid.columns, grid.rows, lang, grid.note)
