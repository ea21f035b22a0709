"""Figures and tables as files that say where they come from, made whole or not at all, the same bytes each time.

Hands on :class:`Exported`: the files, the words of the figure, the table; a notebook shows it, the report reads it.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import math
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from portal_analysis.estimates import add_flag, check, has_flag

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from portal_analysis.figures.alt import FigureText
    from portal_analysis.figures.words import Labels

FORMATS = ("svg", "pdf", "png", "csv", "json")
FIGURE_FORMATS = ("svg", "pdf", "png")
MIME = "application/vnd.portal-analysis.export+json"
EPOCH = "1704067200"
"""The moment written into files that must name one (1 January 2024, UTC), unless SOURCE_DATE_EPOCH is set."""

SECRET = ("estimate", "se", "ci_low", "ci_high", "df", "deff")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"com{n}" for n in range(1, 10)),
    *(f"lpt{n}" for n in range(1, 10)),
}


class ExportError(ValueError):
    """Nothing was written, and why."""


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
        Of :data:`FORMATS`; all that apply if not given.
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
    job = Job(name, published, figure, words_of, language, text, min_n, command, chosen, display)
    files = _write_all(Path(folder), name, chosen, job)
    return Exported(name, Path(folder), files, words_of, published, language, display)


@dataclass(frozen=True)
class Job:
    """All that the writers of the formats need to know."""

    name: str
    table: pd.DataFrame
    figure: Figure | None
    words: FigureText | None
    lang: str
    text: str
    min_n: int
    command: str | None
    formats: tuple[str, ...]
    display: dict[str, Any]


# What may be written


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
    return tuple(name for name in FORMATS if figure is not None or name not in FIGURE_FORMATS)


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
    wanting = [name for name in formats if name in FIGURE_FORMATS and figure is None]
    if wanting:
        faults.append(f"the formats {wanting} need a figure")
    if figure is not None and getattr(figure, "portal_text", None) is None:
        faults.append("the figure has no title and alt text; make it with a plot_ function of this package")
    if text not in ("text", "outline"):
        faults.append(f"text={text!r} is unknown; it is 'text' or 'outline'")
    return faults


# Whole files or none


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


# Pictures


def _save(figure: Figure, kind: str, info: dict[str, Any], outline: bool = False, dpi: int = 300) -> bytes:
    """Return the figure's bytes; settings are those of the house style, the date is fixed."""
    import matplotlib as mpl

    settings: Any = {
        "svg.fonttype": "path" if outline else "none",
        "svg.hashsalt": "portal_analysis",
        "pdf.fonttype": 42,
        "axes.unicode_minus": True,
        "savefig.bbox": None,
        "path.simplify": True,
    }
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = before or EPOCH
    try:
        with mpl.rc_context(settings):
            target = io.BytesIO()
            figure.savefig(target, format=kind, dpi=dpi, metadata=info, facecolor="white")
            return target.getvalue()
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]


def _words(job: Job) -> FigureText:
    if job.words is None:
        raise ExportError("the figure has no title and alt text")
    return job.words


def _figure(job: Job) -> Figure:
    if job.figure is None:
        raise ExportError("there is no figure")
    return job.figure


def _png(job: Job) -> bytes:
    words = _words(job)
    info = {"Title": words.title, "Description": words.alt, "Source": words.caption, "Software": None}
    return _save(_figure(job), "png", info)


def _svg(job: Job) -> bytes:
    words = _words(job)
    info = {
        "Date": None,
        "Creator": None,
        "Title": words.title,
        "Description": words.alt,
        "Language": words.lang,
    }
    return accessible_svg(_save(_figure(job), "svg", info, outline=job.text == "outline"), words, job.name)


def accessible_svg(svg: bytes, words: FigureText, name: str) -> bytes:
    """Return the SVG with ``role``, language, ``<title>`` and ``<desc>``, so that a screen reader reads its text."""
    start = svg.index(b"<svg")
    end = svg.index(b">", start)
    tag = svg[start:end].decode()
    spoken = (
        f' role="img" lang="{words.lang}" xml:lang="{words.lang}" aria-labelledby="{name}-title {name}-desc"'
    )
    inside = (
        f'\n <title id="{name}-title">{html.escape(words.title)}</title>'
        f'\n <desc id="{name}-desc">{html.escape(words.long_alt)}</desc>'
    )
    return svg[:start] + (tag + spoken + ">" + inside).encode() + svg[end + 1 :]


def _pdf(job: Job) -> bytes:
    words = _words(job)
    info = {
        "Title": words.title,
        "Subject": words.alt,
        "Keywords": words.caption,
        "Creator": "portal_analysis",
        "Producer": None,
        "CreationDate": None,
    }
    return _with_language(_save(_figure(job), "pdf", info), words.lang)


def _with_language(pdf: bytes, lang: str) -> bytes:
    """Return the PDF with its language in the catalogue, added as an update after the end (ISO 32000-1, 7.5.6)."""
    trailer = pdf[pdf.rindex(b"trailer") :]
    root = re.search(rb"/Root (\d+) 0 R", trailer)
    size = re.search(rb"/Size (\d+)", trailer)
    start = re.search(rb"startxref\s+(\d+)", trailer)
    catalogue = root and re.search(rb"(?<!\d)" + root[1] + rb" 0 obj\s*<<(.*?)>>\s*endobj", pdf, re.DOTALL)
    if not (root and size and start and catalogue):
        return pdf
    more = f"/Lang ({lang}) /ViewerPreferences << /DisplayDocTitle true >>".encode()
    body = pdf + (b"" if pdf.endswith(b"\n") else b"\n")
    place = len(body)
    body += root[1] + b" 0 obj\n<<" + catalogue[1].rstrip() + b" " + more + b" >>\nendobj\n"
    xref = len(body)
    body += b"xref\n" + root[1] + b" 1\n" + f"{place:010d} 00000 n \n".encode()
    kept = re.search(rb"/Info (\d+) 0 R", trailer)
    note = b" /Info " + kept[1] + b" 0 R" if kept else b""
    body += (
        b"trailer\n<< /Size "
        + size[1]
        + b" /Root "
        + root[1]
        + b" 0 R"
        + note
        + b" /Prev "
        + start[1]
        + b" >>\n"
    )
    return body + f"startxref\n{xref}\n%%EOF\n".encode()


# Tables


def safe_cell(value: Any) -> Any:
    """Return text so that no spreadsheet takes it for a formula; numbers are left as they are."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return "'" + value
    return value


def _cell(value: Any) -> Any:
    """Return a cell for a text file: missing is empty, whole numbers have no decimals, floats all their digits."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, int):
        return value
    return safe_cell(str(value))


def _csv(job: Job) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([safe_cell(str(column)) for column in job.table.columns])
    for row in job.table.astype(object).itertuples(index=False, name=None):
        writer.writerow([_cell(_plain(value)) for value in row])
    return target.getvalue().encode()


def _plain(value: Any) -> Any:
    """Return a Python value for a numpy one."""
    return value.item() if hasattr(value, "item") else value


def display_table(table: pd.DataFrame, lang: str, labels: Labels | None = None) -> dict[str, Any]:
    """Return the table as it is read: headings and cells as text in the language, flags in words."""
    from portal_analysis.figures.display import readable

    return readable(table, lang, labels)


# Provenance


def _json(job: Job) -> bytes:
    content = provenance(job)
    return (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def provenance(job: Job) -> dict[str, Any]:
    """Return where the numbers come from and how they were made."""
    from portal_analysis.figures.words import sources_of

    words = job.words
    return {
        "name": job.name,
        "formats": list(job.formats),
        "lang": job.lang,
        "figure": None
        if words is None
        else {
            "title": words.title,
            "subtitle": words.subtitle,
            "caption": words.caption,
            "alt": words.alt,
            "long_alt": words.long_alt,
        },
        "table": {
            "columns": [str(column) for column in job.table.columns],
            "rows": len(job.table),
            "sha256": hashlib.sha256(_csv(job)).hexdigest(),
            "flags": _flag_counts(job.table),
        },
        "method": _method(job.table),
        "suppression": {
            "min_n": job.min_n,
            "rows": int(has_flag(job.table, "suppress").sum()),
            "rule": "numbers of rows flagged 'suppress' or with n below min_n are left empty",
        },
        "sources": [_source(source, job.lang) for source in sources_of(job.table)],
        "software": _versions(),
        "command": job.command or os.environ.get("PORTAL_ANALYSIS_COMMAND") or _call(job),
    }


def _flag_counts(table: pd.DataFrame) -> dict[str, int]:
    from portal_analysis.estimates import FLAGS

    counts = {flag: int(has_flag(table, flag).sum()) for flag in FLAGS}
    return {flag: count for flag, count in counts.items() if count}


def _method(table: pd.DataFrame) -> dict[str, Any]:
    """Return the values of the columns that say how numbers were made."""
    names = [name for name in ("unit", "interval", "level", "df_kind") if name in table]
    return {name: sorted({_plain(v) for v in table[name].dropna()}, key=str) for name in names}


def _source(source: str, lang: str) -> dict[str, Any]:
    """Return what is known of a dataset: title, citation, licence, files with hashes, design in words."""
    from portal_analysis.datasets import SourceError, dataset

    try:
        found = dataset(source)
    except SourceError:
        return {"id": source, "note": "the caller's own dataset; the package has no description of it"}
    told = found.descriptor
    files = [
        {key: item[key] for key in ("path", "bytes", "hash") if key in item} for item in told["resources"]
    ]
    return {
        "id": source,
        "title": found.title(lang),
        "citation": found.citation(lang),
        "kind": found.kind,
        "simulated": found.simulated,
        "version": told.get("version", ""),
        "accessed": told.get("accessed", ""),
        "licenses": list(told.get("licenses", [])),
        "sources": list(told.get("sources", [])),
        "files": files,
        "design": told.get("design"),
        "design_in_words": design_in_words(told.get("design"), lang),
    }


def design_in_words(design: Mapping[str, Any] | None, lang: str) -> str:
    """Say a sample design in a sentence."""
    if not design:
        return ""
    vi = lang == "vi"
    psu = design.get("psu")
    names = {
        "weights": ("trọng số" if vi else "weights", design.get("weights")),
        "strata": ("tầng" if vi else "strata", design.get("strata")),
        "psu": (
            "đơn vị chọn mẫu" if vi else "sampling units",
            ", ".join(psu) if isinstance(psu, list) else psu,
        ),
        "fpc": ("hiệu chỉnh tổng thể hữu hạn" if vi else "finite population correction", design.get("fpc")),
        "lonely_psu": ("tầng chỉ có một đơn vị" if vi else "strata with one unit", design.get("lonely_psu")),
    }
    parts = [f"{word}: {value}" for word, value in names.values() if value]
    head = "Mẫu phức hợp" if vi else "Complex sample"
    return f"{head} ({'; '.join(parts)})."


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("portal-analysis", "pandas", "numpy", "matplotlib", "statsmodels"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _call(job: Job) -> str:
    drawn = ", figure" if job.figure is not None else ""
    return f"pa.export({job.name!r}, estimates{drawn}, formats={list(job.formats)!r}, min_n={job.min_n})"


WRITERS: dict[str, Callable[[Job], bytes]] = {
    "svg": _svg,
    "pdf": _pdf,
    "png": _png,
    "csv": _csv,
    "json": _json,
}


# Shown in a notebook


def figure_html(figure: Figure) -> str:
    """Return HTML that shows the figure with its alt text."""
    words = figure.portal_text  # type: ignore[attr-defined]
    picture = _save(figure, "png", {"Software": None}, dpi=144)
    return _image("image/png", picture, words, figure.get_figwidth())


def _image(kind: str, content: bytes, words: FigureText, inches: float) -> str:
    data = base64.b64encode(content).decode()
    return (
        f'<img src="data:{kind};base64,{data}" alt="{html.escape(words.alt)}" lang="{words.lang}" '
        f'style="max-width: 100%; width: {inches:.2f}in">'
    )


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
