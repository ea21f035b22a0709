"""Make a report: run the notebooks, gather what they show, write everything or nothing.

Hands on :class:`Report`, which says where the report and its files lie.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal_analysis.datasets import DATA_VARIABLE, roots
from portal_analysis.documents.blocks import Block, Front, Picture, Table
from portal_analysis.documents.docx import write_docx
from portal_analysis.documents.html import write_html
from portal_analysis.documents.pdf import write_pdf
from portal_analysis.documents.show import TABLE_MIME
from portal_analysis.exports.files import MIME as EXPORT
from portal_analysis.exports.files import REPORT_VARIABLE, SLIDES
from portal_analysis.faults import Error
from portal_analysis.files import STAGE, recover, replace_folder, terminable
from portal_analysis.language.catalogue import check_language
from portal_analysis.languages import FIRST
from portal_analysis.report.assemble import Chapter, assemble, datasets_of
from portal_analysis.report.citations import bibtex, citations, csl, ris
from portal_analysis.report.read import markdown_blocks, read_cells
from portal_analysis.report.record import RECORD, record, verify_report
from portal_analysis.report.run import Ran, code_cells, run_notebooks
from portal_analysis.report.settings import NAME as SETTINGS
from portal_analysis.report.settings import Settings, read_settings
from portal_analysis.report.talk import write_slides

WRITERS = {"report.html": write_html, "report.pdf": write_pdf, "report.docx": write_docx}
NAME = "report.html"
DECK = "report.pptx"
OURS = (
    *WRITERS,
    DECK,
    "figures",
    "tables",
    "notebooks",
    "citations.bib",
    "citations.ris",
    "citations.json",
    RECORD,
)
SUMMARY = "summary.ipynb"
"""The notebook whose output is the summary on the first page."""
METHOD = "method.md"
PICTURES = ("svg", "pdf", "png", "emf")
OWN_HTML = ('<img src="data:image/png;base64,', "<table><caption>Survey</caption>", "<p>Audit of ")
"""How figures, surveys and audits begin as HTML; none of them shows a row."""


class ReportError(Error):
    """No report was written, and why."""


@dataclass(frozen=True)
class Report:
    """Where a report lies.

    Attributes
    ----------
    folder : Path
        The folder of the report.
    html, pdf, docx : Path
        The report itself, with the same content in each.
    figures, tables : int
        How many figures and tables it has.
    lang : {"en", "vi"}
        Its language.
    pptx : Path, optional
        Its figures as slides, if they were asked for.
    """

    folder: Path
    html: Path
    pdf: Path
    docx: Path
    figures: int
    tables: int
    lang: str
    pptx: Path | None = None


def make_report(
    lang: str = "en",
    data: str | Path | None = None,
    out: str | Path | None = None,
    notebooks: str | Path | None = None,
    progress: bool = True,
    slides: bool = False,
) -> Report:
    """Run the notebooks and write the report with its figures, tables and executed notebooks.

    Parameters
    ----------
    lang : {"en", "vi"}
        Language of narrative, figures and tables.
    data : str or Path, optional
        A data folder to look in first.
    out : str or Path, optional
        The folder to write; ``report`` for English and ``report-vi`` for Vietnamese if not given. An earlier
        report there is replaced, anything else is left alone.
    notebooks : str or Path, optional
        The folder of the notebooks; those of the project if not given.
    progress : bool
        Show a progress bar on standard error.
    slides : bool
        Write ``report.pptx`` too: title, summary, and each figure of the report's body on a slide of its own, no text
        below 14 points. A figure of too many rows goes to two slides, one that fits on none is told in words.

    Returns
    -------
    Report
        ``folder`` holds ``report.html``, ``report.pdf`` (PDF/UA-1), ``report.docx``,
        ``figures/``, ``tables/`` and ``notebooks/``; ``report.json`` says what it was made of, and the hash of every
        file.

    Raises
    ------
    ReportError
        If a folder is missing, the target is not an earlier report, or there are no notebooks.
    RunError
        If a notebook does not run to its end. Nothing is written.
    """
    check_language(lang)
    target = Path(out) if out is not None else Path("report" if lang == FIRST else f"report-{lang}")
    _check_target(target)
    paths = find_notebooks(lang, notebooks)
    settings = read_settings(paths[-1].parent, lang)
    variables = {
        DATA_VARIABLE: str(_data_folder(data)),
        "MPLBACKEND": "agg",
        REPORT_VARIABLE: SLIDES if slides else "1",
    }
    with terminable(), tempfile.TemporaryDirectory(prefix="portal-analysis-") as scratch:
        folder = Path(scratch)
        with _progress(paths, progress) as step:
            ran = run_notebooks(paths, folder, variables, step)
        summary, chapters = _chapters(ran, folder, settings)
        made = folder / "made"
        blocks = [block for chapter in chapters for block in (*chapter.body, *chapter.reference)]
        _gather(blocks, ran, made)
        document = assemble(chapters, settings, _method(paths[-1].parent), lang)
        page = Front(
            settings.title, settings.lines, tuple(summary), settings.authors, settings.accent, settings.logo
        )
        for name, write in WRITERS.items():
            write(made / name, document, page, lang)
        if slides:
            write_slides(made / DECK, [block for chapter in chapters for block in chapter.body], page, lang)
        _write_citations(made, blocks)
        asked = {"lang": lang, "data": data, "notebooks": notebooks}
        options = {name: value if value is None else str(value) for name, value in asked.items()}
        options |= {"slides": "yes"} if slides else {}
        record(made, [*paths, *_beside(paths[-1].parent)], datasets_of(blocks), options)
        _replace(made, target)
    pictures = sum(isinstance(block, Picture) for block in blocks)
    tables = sum(isinstance(block, Table) for block in document)
    html, pdf, docx = (target / name for name in WRITERS)
    return Report(target, html, pdf, docx, pictures, tables, lang, target / DECK if slides else None)


def find_notebooks(lang: str, folder: str | Path | None = None) -> list[Path]:
    """Return the notebooks of a language, in the order of their numbers.

    Raises
    ------
    ReportError
        If the folder is missing or holds no numbered notebook.
    """
    place = Path(folder) if folder is not None else _shipped_notebooks()
    if lang != FIRST:
        place = place / lang
    if not place.is_dir():
        raise ReportError(f"there is no folder of notebooks at {place}")
    found = sorted(path for path in place.glob("[0-9][0-9]-*.ipynb") if not path.name.startswith("00-"))
    if not found:
        raise ReportError(f"{place} holds no notebook whose name begins with two digits and a hyphen")
    summary = place / SUMMARY
    return [*([summary] if summary.is_file() else []), *found]


def _beside(folder: Path) -> list[Path]:
    """Return what else a report is made of: settings, the description of the methods."""
    places = [folder / METHOD, folder / SETTINGS, folder.parent / SETTINGS]
    return [path for path in dict.fromkeys(places) if path.is_file()]


def verify_again(path: str | Path) -> list[str]:
    """Make a report again from its ``report.json``, and say what differs.

    Returns
    -------
    list of str
        A line for each input, version, dataset or file that is not the same; nothing if all are identical.

    Raises
    ------
    RecordError
        If the file is no record of a report.
    ReportError, RunError
        If the report cannot be made.
    """

    def make(options: Mapping[str, Any], folder: Path) -> None:
        data, notebooks = (options.get(name) for name in ("data", "notebooks"))
        lang, slides = str(options.get("lang", FIRST)), bool(options.get("slides"))
        make_report(lang, data, folder, notebooks, progress=False, slides=slides)

    with tempfile.TemporaryDirectory(prefix="portal-analysis-") as scratch:
        return verify_report(Path(path), make, Path(scratch) / "report")


def _chapters(ran: list[Ran], folder: Path, settings: Settings) -> tuple[list[Block], list[Chapter]]:
    """Read the executed notebooks: what the first page sums up, and the chapters."""
    summary: list[Block] = []
    chapters = []
    for each in ran:
        body, reference = read_cells(each.notebook, folder)
        if f"{each.name}.ipynb" == SUMMARY:
            summary = body
        else:
            chapters.append(Chapter(settings.part_of(each.name), body, reference))
    return summary, chapters


def _method(folder: Path) -> list[Block]:
    """Return the description of the methods that lies beside the notebooks, if there is one."""
    path = folder / METHOD
    return markdown_blocks(path.read_text("utf-8")) if path.is_file() else []


def _write_citations(made: Path, blocks: list[Block]) -> None:
    found = citations(datasets_of(blocks))
    for name, write in {"bib": bibtex, "ris": ris, "json": csl}.items():
        (made / f"citations.{name}").write_text(write(found), encoding="utf-8", newline="\n")


def start_page(folder: Path) -> Path | None:
    """Return the notebook that lists the questions, if there is one; it is no part of the report."""
    return next(iter(sorted(folder.glob("00-*.ipynb"))), None)


def _shipped_notebooks() -> Path:
    package = Path(__file__).resolve().parents[1]
    candidates = [Path.cwd() / "notebooks", package.parent / "notebooks", package / "shipped" / "notebooks"]
    return next((place for place in candidates if any(place.glob("[0-9][0-9]-*.ipynb"))), candidates[1])


def _data_folder(data: str | Path | None) -> Path:
    if data is not None:
        if not Path(data).is_dir():
            raise ReportError(f"there is no data folder at {data}")
        return Path(data).resolve()
    found = [place for place in roots() if place.name != "private"]
    if not found:
        raise ReportError("no data folder was found; name one with --data")
    return found[0]


def _check_target(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise ReportError(f"{target} is a file; name a folder for the report")
    if target.is_symlink() and not target.exists():
        raise ReportError(
            f"{target} is a link to {os.readlink(target)}, which is not there; name another folder"
        )
    place = Path(os.path.realpath(target)).parent
    if place.is_dir() and os.access(place, os.W_OK):
        recover(place)
    if target.is_dir() and any(target.iterdir()) and not (target / NAME).is_file():
        raise ReportError(
            f"{target} is not empty and holds no earlier report; name another folder with --out"
        )


@contextmanager
def _progress(paths: list[Path], shown: bool) -> Iterator[Callable[[str], None]]:
    from tqdm import tqdm

    cells = sum(code_cells(path) for path in paths)
    with tqdm(total=cells, unit="cell", disable=None if shown else True, file=sys.stderr, leave=False) as bar:

        def step(name: str) -> None:
            bar.set_description(name)
            bar.update(1)

        yield step


def _gather(blocks: list[Block], ran: list[Ran], made: Path) -> None:
    """Copy the exported files and the executed notebooks to where the report will stand."""
    for name in ("figures", "tables", "notebooks"):
        (made / name).mkdir(parents=True)
    taken: dict[str, str] = {}
    for block in blocks:
        if not isinstance(block, Picture):
            continue
        if block.name in taken:
            raise ReportError(f"two exports are called '{block.name}'; give each figure its own name")
        taken[block.name] = block.title
        for kind in (kind for kind in block.files if kind not in ("column", SLIDES)):
            place = made / ("figures" if kind in PICTURES else "tables") / f"{block.name}.{kind}"
            place.write_bytes(block.content(kind))
    for each in ran:
        _write_notebook(each, made / "notebooks" / f"{each.name}.ipynb")


def _write_notebook(ran: Ran, path: Path) -> None:
    import nbformat

    for cell in ran.notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _is_told(output)]
    path.write_text(nbformat.writes(ran.notebook) + "\n", encoding="utf-8", newline="\n")


def _is_told(output: Any) -> bool:
    """Is an output one that this package made, in which small groups are withheld?

    Frames, arrays and lists as Python shows them, and whatever is printed, may hold them, and stay out.
    """
    data = output.get("data") or {}
    html = data.get("text/html", "")
    shown = "".join(html) if isinstance(html, list) else html
    return bool({EXPORT, TABLE_MIME, "text/markdown"} & set(data)) or shown.startswith(OWN_HTML)


def _replace(made: Path, target: Path) -> None:
    """Put the finished report in the place of an earlier one; what is no part of a report stays."""

    def fill(fresh: Path) -> None:
        shutil.copytree(made, fresh, dirs_exist_ok=True)
        if target.is_dir():
            _keep(target, fresh)

    try:
        replace_folder(target, fill)
    except OSError as fault:
        raise ReportError(
            f"cannot write the report to {target}: {fault.strerror or fault}; what was there before is there"
        ) from fault


def _keep(target: Path, fresh: Path) -> None:
    for path in target.iterdir():
        if path.name in OURS or path.name.startswith(STAGE):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, fresh / path.name, symlinks=True)
        else:
            shutil.copy2(path, fresh / path.name, follow_symlinks=False)
