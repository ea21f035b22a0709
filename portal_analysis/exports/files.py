"""Write a table and its figure to files: whole or not at all, the same bytes each time.

Hands on :class:`Exported`: the files, the words of the figure, the table; a notebook shows it, the report reads it.
"""

from __future__ import annotations

import base64
import html
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from portal_analysis.estimates import add_flag, check, has_flag
from portal_analysis.exports import documents, pictures, provenance, sheets
from portal_analysis.exports.job import ExportError, Job

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from portal_analysis.figures.alt import FigureText
    from portal_analysis.figures.words import Labels

FORMATS = ("svg", "pdf", "png", "emf", "csv", "xlsx", "docx", "tex", "json")
FIGURE_FORMATS = ("svg", "pdf", "png", "emf")
DEFAULT = ("svg", "pdf", "png", "csv", "xlsx", "json")
NEEDS = {"xlsx": "xlsxwriter", "docx": "docx"}
"""Formats that an extra brings, by the module that must be there."""

MIME = "application/vnd.portal-analysis.export+json"
SECRET = ("estimate", "se", "ci_low", "ci_high", "df", "deff")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_RESERVED = {
    *("con", "prn", "aux", "nul"),
    *(f"com{n}" for n in range(1, 10)),
    *(f"lpt{n}" for n in range(1, 10)),
}


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
    display : dict
        The table as it is read: ``columns`` and ``rows`` of text in the language.
    """

    name: str
    folder: Path
    files: dict[str, Path]
    text: FigureText | None
    table: pd.DataFrame = field(repr=False)
    lang: str = "en"
    display: dict[str, Any] = field(default_factory=dict, repr=False)

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
        Of ``svg, pdf, png, emf, csv, xlsx, docx, tex, json``; svg, pdf, png, csv, xlsx and json if not given.
    lang : {"en", "vi"}, optional
        Of table headings and text; the figure's language if not given, else English.
    text : {"text", "outline"}
        In SVG: letters as text that can be searched and read aloud, or as shapes that look the same anywhere.
    min_n : int
        Disclosure threshold: rows with fewer answers are withheld. 0 for none. Row and column totals are not
        checked: a single withheld cell beside its total can be found by subtraction.
    labels : mapping, optional
        As in the ``plot_`` functions.
    command : str, optional
        What makes the files again, written into the json; ``$PORTAL_ANALYSIS_COMMAND`` or the call of this
        function if not given.

    Returns
    -------
    Exported

    Raises
    ------
    ExportError
        If a format is unknown or needs a figure, the table is empty, the name is not safe, the folder cannot be
        written, or the figure shows values that ``min_n`` withholds.

    Notes
    -----
    Rows flagged ``suppress`` and rows under ``min_n`` keep their domain, flag and source, but their estimate,
    error, interval and counts are left empty in every file; a figure does not draw them.
    """
    faults = [*_name_faults(name), *_table_faults(estimates)]
    chosen = tuple(dict.fromkeys(formats)) if formats is not None else _default_formats(figure)
    faults += _format_faults(chosen, figure, text)
    if faults:
        raise ExportError("; ".join(faults))
    words_of = getattr(figure, "portal_text", None)
    language = lang or (words_of.lang if words_of else "en")
    table = withhold(estimates, min_n)
    if figure is not None and (has_flag(table, "suppress") & ~has_flag(estimates, "suppress")).any():
        raise ExportError(
            f"rows have fewer than min_n={min_n} answers and the figure may show them: "
            f"draw it from withhold(estimates, {min_n}) and export that table"
        )
    published = blank(table)
    display = display_table(published, language, labels)
    job = Job(name, published, figure, words_of, language, text, min_n, command, chosen, display, labels)
    files = _write_all(Path(folder), name, chosen, job)
    return Exported(name, Path(folder), files, words_of, published, language, display)


def withhold(table: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """Return the table with ``suppress`` joined to the flags of rows with fewer than ``min_n`` answers."""
    small = check(table)["n"].notna() & (table["n"] < min_n)
    return add_flag(table, "suppress", small) if small.any() else table.copy()


def blank(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table without the numbers of rows flagged ``suppress``."""
    hidden = has_flag(table, "suppress")
    shown = table.copy()
    if hidden.any():
        last = list(table.columns).index("source")
        extras = [
            c for c in table.columns[last + 1 :] if pd.api.types.is_numeric_dtype(table[c]) and c != "level"
        ]
        for column in (*SECRET, "n", *extras):
            shown[column] = shown[column].astype(float).mask(hidden)
    return shown


def _default_formats(figure: Figure | None) -> tuple[str, ...]:
    there = [name for name in DEFAULT if name not in NEEDS or find_spec(NEEDS[name]) is not None]
    return tuple(name for name in there if figure is not None or name not in FIGURE_FORMATS)


def _name_faults(name: str) -> list[str]:
    safe = isinstance(name, str) and _NAME.fullmatch(name) and not name.endswith(".")
    if not safe or name.split(".")[0].lower() in _RESERVED:
        return [f"{name!r} is no safe file name: use letters a–z, digits, '-', '_' and '.', no folders"]
    return []


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


def _write_all(folder: Path, name: str, formats: Sequence[str], job: Job) -> dict[str, Path]:
    """Write every format into a temporary folder beside the goal, then move all of them at once."""
    made = _make_folder(folder)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    except OSError as fault:
        _unmake(made)
        raise ExportError(f"cannot write into the folder {folder}: {fault.strerror}") from fault
    try:
        fresh = {}
        for kind in formats:
            fresh[kind] = temporary / f"{name}.{kind}"
            fresh[kind].write_bytes(WRITERS[kind](job))
        goals = {kind: folder / f"{name}.{kind}" for kind in formats}
        _move_all(fresh, goals, temporary / "old")
    except OSError as fault:
        raise ExportError(
            f"cannot write {name} into {folder}: {fault.strerror}; nothing was written"
        ) from fault
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        _unmake(made)
    return goals


def _make_folder(folder: Path) -> list[Path]:
    """Make the folder and those above it; return the ones that were made, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ExportError(f"cannot make the folder {folder}: {fault.strerror}") from fault
    return missing


def _unmake(folders: Sequence[Path]) -> None:
    """Remove folders that were made and have stayed empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _move_all(fresh: Mapping[str, Path], goals: Mapping[str, Path], old: Path) -> None:
    """Put the new files in their places; if one cannot be put there, the old ones come back."""
    old.mkdir()
    done: list[tuple[Path, Path | None]] = []
    try:
        for kind, goal in goals.items():
            kept = old / goal.name if goal.exists() or goal.is_symlink() else None
            if kept is not None:
                if goal.is_dir():
                    raise IsADirectoryError(21, f"{goal.name} is a folder")
                os.replace(goal, kept)
            done.append((goal, kept))
            os.replace(fresh[kind], goal)
    except OSError:
        for goal, kept in reversed(done):
            goal.unlink(missing_ok=True)
            if kept is not None:
                os.replace(kept, goal)
        raise


def display_table(table: pd.DataFrame, lang: str, labels: Labels | None = None) -> dict[str, Any]:
    """Return the table as it is read: headings and cells as text in the language, flags in words."""
    from portal_analysis.figures.display import readable

    return readable(table, lang, labels)


WRITERS: dict[str, Callable[[Job], bytes]] = {
    "svg": pictures.svg,
    "pdf": pictures.pdf,
    "png": pictures.png,
    "emf": pictures.emf,
    "csv": sheets.csv,
    "xlsx": sheets.xlsx,
    "docx": documents.docx,
    "tex": documents.tex,
    "json": provenance.json,
}


def _exported_html(exported: Exported) -> str:
    parts = []
    for kind, mime in (("svg", "image/svg+xml"), ("png", "image/png")):
        if exported.text is not None and kind in exported.files and exported.files[kind].is_file():
            parts.append(_picture(exported.files[kind], mime, exported.text))
            break
    else:
        parts.append(_html_table(exported))
    head = "Tệp" if exported.lang == "vi" else "Files"
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


def _html_table(exported: Exported) -> str:
    columns, rows = exported.display["columns"], exported.display["rows"]
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows[:100]
    )
    return f'<table lang="{exported.lang}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


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
        "title": words.title if words else "",
        "caption": words.caption if words else "",
        "alt": words.alt if words else "",
        "long_alt": words.long_alt if words else "",
        "lang": exported.lang,
        "table": exported.display,
    }
