"""Write a table and its figure to files: whole or not at all, the same bytes each time.

Hands on :class:`Exported`: the files, the words of the figure, the table; a notebook shows it, the report reads it.
"""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from portal_analysis.disclosure.thresholds import thresholds, whole_number
from portal_analysis.disclosure.withhold import publishable
from portal_analysis.documents.blocks import Table
from portal_analysis.documents.html import table_html
from portal_analysis.exports import deck, papers, pictures, provenance, sheets
from portal_analysis.exports.job import ExportError, Job, name_faults
from portal_analysis.figures.saving import drawing
from portal_analysis.files import plain_text, replace_files
from portal_analysis.language.alternative import FigureText
from portal_analysis.language.arrange import title_of
from portal_analysis.language.catalogue import word
from portal_analysis.language.grid import the_grid
from portal_analysis.language.labels import Labels
from portal_analysis.language.reading import read
from portal_analysis.shape import VALUE_COLUMNS, check, domains_of, has_flag

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "pdf", "png", "emf", "pptx", "csv", "xlsx", "docx", "tex", "json")
FIGURE_FORMATS = ("svg", "pdf", "png", "emf", "pptx")
DEFAULT = ("svg", "pdf", "png", "csv", "xlsx", "json")
NEEDS = {"xlsx": "xlsxwriter", "docx": "docx", "pptx": "pptx"}
"""Formats that an extra brings, by the module that must be there."""

REPORT_VARIABLE = "PORTAL_ANALYSIS_REPORT"
"""Set while a report is made: figures are then drawn for narrow screens, too."""
SLIDES = "slides"
"""What the variable of a report says if its figures are wanted as slides too."""
COLUMN = "column.svg"
"""The ending of the drawing for narrow screens."""

MIME = "application/vnd.portal-analysis.export+json"


@dataclass(frozen=True)
class Exported:
    """What was written: files by format, the figure's words, and the table as it went into the files.

    Attributes
    ----------
    name : str
    folder : Path
        Where the files lie.
    files : dict of str to Path
        The file of each format.
    text : FigureText or None
        Title, caption and alt texts, if there is a figure.
    table : DataFrame
        ESTIMATES as published: withheld values are missing.
    lang : str
    reading : Table
        The table as it is read: title, headings and cells as text in the language.
    """

    name: str
    folder: Path
    files: dict[str, Path]
    text: FigureText | None
    table: pd.DataFrame = field(repr=False)
    lang: str = "en"
    reading: Table = field(default=Table("", (), ()), repr=False)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            "text/html": _exported_html(self),
            "text/plain": _exported_plain(self),
            MIME: _exported_json(self),
        }


def export(
    name: str,
    estimates: pd.DataFrame,
    figure: Figure | None = None,
    folder: str | Path = "exports",
    formats: Sequence[str] | None = None,
    lang: str | None = None,
    text: str = "text",
    *,
    min_n: int = 0,
    labels: Labels | None = None,
    command: str | None = None,
    rows: str | None = None,
    across: str | None = None,
    interval: bool = False,
    bom: bool = False,
) -> Exported:
    """Write a table, and its figure, to files.

    The same input gives the same bytes, in every format. Either all formats are written or none.

    Parameters
    ----------
    name : str
        The files' name without ending: letters without accents, digits, ``.``, ``-`` and ``_``.
    estimates : DataFrame
        ESTIMATES; not changed.
    figure : Figure, optional
        Made from the table by a ``plot_`` function, so that it has its title and alt text.
    folder : str or Path
        Made if it is not there.
    formats : sequence of str, optional
        Of ``svg, pdf, png, emf, pptx, csv, xlsx, docx, tex, json``; svg, pdf, png, csv, xlsx and json if not given.
    lang : {"en", "vi"}, optional
        Of table headings and text; the figure's language if not given, else English.
    text : {"text", "outline"}
        In SVG: letters as text that can be searched and read aloud, or as shapes that look the same anywhere.
    min_n : int
        Disclosure threshold: rows with fewer answers are withheld, and whatever would give them away by subtraction
        (:func:`withhold`). It can make the threshold of a row's source stricter, not looser: that stands in the
        ``datapackage.json`` of a survey or in ``Survey(min_n=…)``, and is 10 if neither says another number.
    labels : mapping, optional
        As in the ``plot_`` functions.
    rows, across, interval
        Make the table that is read (in Word, LaTeX and the workbook's first sheet) a wide one, as in ``show``; the
        files to compute with stay long.
    bom : bool
        Begin the CSV with a byte-order mark, by which Excel knows that it is UTF-8.
    command : str, optional
        What makes the files again, written into the json; ``$PORTAL_ANALYSIS_COMMAND`` or ``portal-analysis again``
        with the json's name if not given.

    Returns
    -------
    Exported

    Raises
    ------
    ExportError
        If a format is unknown or needs a figure, the table is empty, the name is not safe, the folder cannot be
        written, the figure was made of another table, or it shows values that the table withholds.
    DisclosureError
        If the table is microdata in disguise, or ``min_n`` is no whole number.
    FigureError
        If a wide table is asked for and other columns vary too.

    Notes
    -----
    Rows flagged ``suppress`` and rows that are withheld keep their domain, flag and source, but their estimate,
    error, interval and counts are left empty in every file; a figure does not draw them.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> published = pa.load_published("egov-figures")
    >>> usage = published[published["indicator"] == "ncdt_usage_rate"]
    >>> done = pa.export("usage", usage, pa.plot_trend(usage), formats=["svg", "csv"])
    >>> print(sorted(path.name for path in done.files.values()))
    ['usage.csv', 'usage.svg']
    """
    whole_number(min_n, "min_n")
    faults = [*name_faults(name), *_table_faults(estimates)]
    chosen = tuple(dict.fromkeys(formats)) if formats is not None else _default_formats(figure)
    faults += _format_faults(chosen, figure, text)
    faults += _figure_faults(estimates, figure, min_n) if not faults else []
    if faults:
        raise ExportError.of(faults)
    words_of = getattr(figure, "portal_text", None)
    language = lang or (words_of.lang if words_of else "en")
    published = publishable(estimates, min_n)
    grid = the_grid(published, language, None, labels, rows=rows, across=across, interval=interval)
    title = words_of.title if words_of else title_of(read(published, language, labels))
    told = _plain(Table(title, grid.columns, grid.rows, grid.note))
    least = thresholds(estimates, min_n)
    wide = {"rows": rows, "across": across, "interval": interval}
    asked = {"lang": language, "text": text, "min_n": min_n, "labels": labels, **wide, "bom": bom}
    job = Job(
        name,
        published,
        figure,
        words_of,
        language,
        text,
        int(least.max()),
        command,
        chosen,
        told,
        labels,
        bom,
        asked,
        estimates,
    )
    files = _write_all(Path(folder), name, chosen, job)
    return Exported(name, Path(folder), files, words_of, published, language, told)


def _plain(table: Table) -> Table:
    """Return a table without characters that a document cannot hold."""
    rows = tuple(tuple(map(plain_text, row)) for row in table.rows)
    return Table(plain_text(table.title), tuple(map(plain_text, table.columns)), rows, plain_text(table.note))


def _default_formats(figure: Figure | None) -> tuple[str, ...]:
    there = [name for name in DEFAULT if name not in NEEDS or find_spec(NEEDS[name]) is not None]
    return tuple(name for name in there if figure is not None or name not in FIGURE_FORMATS)


def _table_faults(table: pd.DataFrame) -> list[str]:
    return ["the table has no rows; there is nothing to export"] if check(table).empty else []


def _format_faults(formats: Sequence[str], figure: Figure | None, text: str) -> list[str]:
    faults = []
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        faults.append(f"unknown formats {unknown}; formats are {list(FORMATS)}")
    if not formats:
        faults.append(f"no format was asked for; formats are {list(FORMATS)}")
    absent = [
        f"{name} needs the package {NEEDS[name]}"
        for name in formats
        if name in NEEDS and not find_spec(NEEDS[name])
    ]
    if absent:
        faults.append(f"{'; '.join(absent)}: install portal-analysis with the extra 'io' or 'report'")
    wanting = [name for name in formats if name in FIGURE_FORMATS and figure is None]
    if wanting:
        faults.append(f"the formats {wanting} need a figure")
    if figure is not None and getattr(figure, "portal_text", None) is None:
        faults.append("the figure has no title and alt text; make it with a plot_ function of this package")
    if text not in ("text", "outline"):
        faults.append(f"text={text!r} is unknown; it is 'text' or 'outline'")
    return faults


def _figure_faults(estimates: pd.DataFrame, figure: Figure | None, min_n: int) -> list[str]:
    """Say how the table differs from the one that the figure was made of, and what the figure shows too much of."""
    given = getattr(figure, "portal_table", None)
    if figure is None or given is None:
        return []
    drawn, table = publishable(given), publishable(estimates, min_n)
    told = "export the table that the figure was made of, or draw the figure again"
    if domains_of(drawn) != domains_of(table):
        return [f"the figure is about {domains_of(drawn)}, the table about {domains_of(table)}: {told}"]
    names = ["indicator", *domains_of(table), "source"]
    bare = set(map(_row_text, table.loc[has_flag(table, "suppress"), names].itertuples(index=False)))
    shown = drawn.loc[~has_flag(drawn, "suppress"), names].itertuples(index=False)
    open_ = sorted(bare & set(map(_row_text, shown)))
    if open_:
        return [
            f"the figure shows {len(open_)} row(s) that the table withholds, such as {open_[0]}: draw it from "
            f"withhold(estimates{f', {min_n}' if min_n else ''}) and export that table"
        ]
    columns = ["indicator", *domains_of(table), *(name for name in VALUE_COLUMNS if name != "deff")]
    ours, theirs = (set(map(_row_text, one[columns].itertuples(index=False))) for one in (table, drawn))
    if ours == theirs:
        return []
    other = sorted(theirs - ours)[:2] or sorted(ours - theirs)[:2]
    return [
        f"the figure was made of another table: {len(theirs - ours)} of its rows are not in this one and "
        f"{len(ours - theirs)} rows of this one are not in it, such as {'; '.join(other)}: {told}"
    ]


def _row_text(row: Any) -> str:
    return ", ".join(
        f"{value:.12g}" if isinstance(value, float) else str(value) for value in row if not _is_empty(value)
    )


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or bool(pd.isna(value))


def _write_all(folder: Path, name: str, formats: Sequence[str], job: Job) -> dict[str, Path]:
    """Make every format, then put all of them in their places at once."""
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"cannot make the folder {folder}: it is a file")
    try:
        with drawing():
            contents = {kind: (f"{name}.{kind}", WRITERS[kind](job)) for kind in formats}
            if os.environ.get(REPORT_VARIABLE) and "svg" in formats:
                contents |= _narrow(job, f"{name}.{COLUMN}")
            if os.environ.get(REPORT_VARIABLE) == SLIDES and "svg" in formats:
                contents |= {SLIDES: (f"{name}.{SLIDES}.pptx", deck.for_report(job))}
        replace_files(folder, dict(contents.values()))
    except OSError as fault:
        told = fault.strerror or str(fault)
        raise ExportError(f"cannot write {name} into {folder}: {told}; nothing was written") from fault
    return {kind: folder / contents[kind][0] for kind in formats}


def _narrow(job: Job, name: str) -> dict[str, tuple[str, bytes]]:
    """Draw the figure as wide as a column, if its function can be asked again."""
    again = getattr(job.figure, "portal_again", None)
    if again is None:
        return {}
    return {"column": (name, pictures.svg(replace(job, figure=again(size="column"))))}


WRITERS: dict[str, Callable[[Job], bytes]] = {
    "svg": pictures.svg,
    "pdf": pictures.pdf,
    "png": pictures.png,
    "emf": pictures.emf,
    "pptx": deck.pptx,
    "csv": sheets.csv,
    "xlsx": sheets.xlsx,
    "docx": papers.docx,
    "tex": papers.tex,
    "json": provenance.json,
}


def _exported_html(exported: Exported) -> str:
    parts = []
    for kind, mime in (("svg", "image/svg+xml"), ("png", "image/png")):
        if exported.text is not None and kind in exported.files and exported.files[kind].is_file():
            parts.append(_picture(exported.files[kind], mime, exported.text))
            break
    else:
        parts.append(table_html(exported.reading, exported.reading.caption, exported.lang))
    head = word("word.files", exported.lang)
    names = ", ".join(html.escape(path.name) for path in exported.files.values())
    where = html.escape(str(exported.folder))
    parts.append(f'<p lang="{exported.lang}">{head} ({where}): {names}</p>')
    return "\n".join(parts)


def _picture(path: Path, mime: str, words: FigureText) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<figure lang="{words.lang}"><img src="data:{mime};base64,{data}" alt="{html.escape(words.alt)}" '
        f'style="max-width: 100%"><figcaption>{html.escape(words.caption)}</figcaption></figure>'
    )


def _exported_plain(exported: Exported) -> str:
    files = ", ".join(path.name for path in exported.files.values())
    told = f"\n{exported.text.alt}" if exported.text else ""
    return f"{exported.name}: {files} in {exported.folder}{told}"


def _exported_json(exported: Exported) -> dict[str, Any]:
    words = exported.text
    return {
        "name": exported.name,
        "folder": str(exported.folder),
        "files": {kind: path.name for kind, path in exported.files.items()},
        "title": exported.reading.title,
        "caption": words.caption if words else "",
        "alt": words.alt if words else "",
        "long_alt": words.long_alt if words else "",
        "lang": exported.lang,
        "note": exported.reading.note,
        "table": {
            "columns": list(exported.reading.columns),
            "rows": [list(row) for row in exported.reading.rows],
        },
    }
