"""The command line: ``portal-analysis report``, ``lab``, ``check``, ``new``, ``describe``, ``sources``.

Takes words from the shell; hands on an exit status. Errors are one readable line, a traceback only with ``--debug``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from portal_analysis import __version__
from portal_analysis.datasets import (
    DATA_VARIABLE,
    DESCRIPTOR,
    KINDS,
    Dataset,
    SourceError,
    dataset,
    read_descriptor,
    write_descriptor,
)
from portal_analysis.datasets import sources as list_sources
from portal_analysis.faults import Error
from portal_analysis.language.catalogue import word
from portal_analysis.languages import FIRST, LANGUAGES

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_QUIET = {"fetchNews": "false", "checkForUpdates": False}
_NOTIFICATIONS = "@jupyterlab/apputils-extension:notification"
_TRANSLATION = "@jupyterlab/translation-extension:plugin"


def lab_settings(lang: str) -> dict[str, object]:
    """Return what JupyterLab begins with: no news from the network, menus in the language of the notebooks."""
    settings: dict[str, object] = {_NOTIFICATIONS: _QUIET}
    if lang != FIRST:
        settings[_TRANSLATION] = {"locale": word("language.tag", lang).replace("-", "_")}
    return settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``portal-analysis``; those of the shell if not given.

    Returns
    -------
    int
        0 if the work was done, 1 if it could not be.
    """
    chosen = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = chosen.command
    try:
        command(chosen)
    except BrokenPipeError:
        return 1
    except (ValueError, OSError, ImportError) as error:
        if chosen.debug:
            raise
        print(f"portal-analysis: {_hint(error)}", file=sys.stderr)
        return 1
    except Exception as error:  # whatever it is, one readable line, and the way to see more
        if chosen.debug:
            raise
        told = f"{type(error).__name__}: {error}"
        print(
            f"portal-analysis: unexpected {told}; see where with portal-analysis --debug …", file=sys.stderr
        )
        return 1
    return 0


def _hint(error: Exception) -> str:
    if isinstance(error, ImportError) and error.name:
        return f"{error}. Install what this needs with: pip install 'portal-analysis[io,report,lab,big]'"
    return str(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="portal-analysis",
        description="Use of online public services, who is left out, and what is wrong with the portals.",
    )
    parser.add_argument("--version", action="version", version=f"portal_analysis {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(required=True, metavar="command")
    for add in (
        _add_report,
        _add_lab,
        _add_check,
        _add_new,
        _add_describe,
        _add_again,
        _add_verify,
        _add_deposit,
        _add_simulate,
        _add_sources,
    ):
        add(commands)
    return parser


def _add_report(commands: Commands) -> None:
    parser = commands.add_parser("report", help="run the notebooks and write the report")
    parser.add_argument(
        "--lang", choices=LANGUAGES, default="en", help="language of the report (default: en)"
    )
    parser.add_argument("--data", type=Path, help="a data folder to look in first")
    parser.add_argument("--out", type=Path, help="folder to write (default: report; report-vi for vi)")
    parser.add_argument("--notebooks", type=Path, help="folder of the notebooks")
    parser.add_argument(
        "--slides", action="store_true", help="write report.pptx too: a slide a figure of its body"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(command=_report)


def _report(chosen: argparse.Namespace) -> None:
    from portal_analysis.report import make_report

    made = make_report(
        chosen.lang,
        chosen.data,
        chosen.out,
        chosen.notebooks,
        progress=not chosen.quiet,
        slides=chosen.slides,
    )
    kinds = ", ".join([str(made.html), ".pdf", ".docx", *([".pptx"] if made.pptx else [])])
    print(f"{kinds} ({made.figures} figures, {made.tables} tables); pictures and tables lie beside")


def _add_lab(commands: Commands) -> None:
    parser = commands.add_parser("lab", help="open JupyterLab on the notebooks")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="which notebooks to open")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="options for JupyterLab, after --")
    parser.set_defaults(command=_lab)


def _lab(chosen: argparse.Namespace) -> None:
    from jupyterlab.labapp import main as lab

    from portal_analysis.report.make import find_notebooks, start_page

    first = find_notebooks(chosen.lang)[0]
    page = start_page(first.parent) or first
    options = [option for option in chosen.options if option != "--"]
    with tempfile.TemporaryDirectory(prefix="portal-analysis-") as settings:
        chosen_settings = json.dumps(lab_settings(chosen.lang))
        (Path(settings) / "overrides.json").write_text(chosen_settings, encoding="utf-8")
        sys.argv = ["jupyter-lab"]
        lab(
            [
                f"--ServerApp.root_dir={page.parent}",
                f"--LabApp.default_url=/lab/tree/{page.name}",
                f"--LabApp.app_settings_dir={settings}",
                "--LabApp.news_url=None",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                *options,
            ]
        )


def _add_check(commands: Commands) -> None:
    parser = commands.add_parser(
        "check", help="check a dataset against its codebook and print all its faults"
    )
    parser.add_argument("dataset", help="id or folder of a dataset")
    parser.set_defaults(command=_check)


def _check(chosen: argparse.Namespace) -> None:
    from portal_analysis.codebook import load, unfinished
    from portal_analysis.codebook.outlines import is_outline, outline_faults

    source = dataset(chosen.dataset)
    files = {name: source.file(name) for name in source.resources}
    outlines = [files[name] for name, one in source.resources.items() if is_outline(one)]
    if wrong := [fault for path in outlines for fault in outline_faults(path)]:
        raise SourceError.of(wrong, f"{source.folder} cannot be used")
    tables = load(source)
    if not tables:
        raise SourceError(
            f"{source.id}: nothing was checked: none of its {len(source.resources)} files is a CSV table"
        )
    _load(source)
    sizes = ", ".join(f"{name}: {len(table):,} rows" for name, table in tables.items())
    print(f"{source.id}: no faults ({sizes})")
    for what in unfinished(source):
        print(f"{source.id}: still a draft: {what}")


def _load(source: Dataset) -> None:
    """Load a dataset as its kind is loaded: what is checked must load."""
    from portal_analysis.audit.judgements import load_audit
    from portal_analysis.published import load_published
    from portal_analysis.registers import load_register
    from portal_analysis.survey.readers import load_survey

    loaders: dict[str, Callable[[str], object]] = {
        "survey": load_survey,
        "audit": load_audit,
        "register": load_register,
        "published": load_published,
    }
    if source.kind in loaders:
        loaders[source.kind](str(source.folder.resolve()))


def _add_simulate(commands: Commands) -> None:
    parser = commands.add_parser("simulate", help="write a simulated register of dossiers of any size")
    parser.add_argument("file", type=Path, help="the Parquet file to write")
    parser.add_argument("--dossiers", type=int, default=1_000_000, help="how many (default: 1000000)")
    parser.add_argument("--seed", type=int, default=20230711, help="of all that is drawn")
    parser.set_defaults(command=_simulate)


def _simulate(chosen: argparse.Namespace) -> None:
    from portal_analysis.registers import simulate_register

    register = simulate_register(chosen.file, chosen.dossiers, chosen.seed)
    print(
        f"{chosen.file}: {chosen.dossiers:,} dossiers, all simulated; pa.read_register({str(chosen.file)!r}) opens it"
    )
    print(register)


def _add_new(commands: Commands) -> None:
    parser = commands.add_parser("new", help="make a dataset folder from a file, its description drafted")
    parser.add_argument("file", type=Path, help="a CSV, Excel, Stata, SPSS or Parquet file")
    parser.add_argument("--into", type=Path, help="where (default: private, in the nearest data folder)")
    parser.add_argument("--kind", choices=KINDS, default="survey", help="what it is (default: survey)")
    parser.add_argument("--sheet", help="which sheet of a workbook")
    parser.add_argument("--encoding", help="encoding of the text, such as tcvn3 or windows-1258")
    parser.add_argument("--sep", help="what parts the cells of a text file")
    parser.add_argument("--header", type=int, help="the line that names the columns, counted from 1")
    parser.add_argument("--label-rows", type=int, default=0, help="lines of labels below the names")
    parser.set_defaults(command=_new)


def _new(chosen: argparse.Namespace) -> None:
    from portal_analysis.codebook import draft_dataset, unfinished

    names = ("sheet", "encoding", "sep", "header", "label_rows")
    options = {name: getattr(chosen, name) for name in names}
    folder = draft_dataset(chosen.file, chosen.into, chosen.kind, **options)
    print(f"{folder / DESCRIPTOR} is a draft:")
    for what in unfinished(read_descriptor(folder)):
        print(f"- {what}")
    print(f"Complete it, then: portal-analysis check {folder}")


def _add_describe(commands: Commands) -> None:
    parser = commands.add_parser(
        "describe",
        help="write the sizes and hashes of a dataset's files, and the seal of its licence and mark, anew",
    )
    parser.add_argument("dataset", help="id or folder of a dataset")
    parser.set_defaults(command=_describe)


def _describe(chosen: argparse.Namespace) -> None:
    source = dataset(chosen.dataset, sealed=False)
    path = write_descriptor(source.folder, json.loads(json.dumps(source.descriptor)))
    print(f"{path} describes {len(source.resources)} file(s) as they lie there")


def _add_again(commands: Commands) -> None:
    parser = commands.add_parser("again", help="make the files of an export again from the json beside them")
    parser.add_argument("file", type=Path, help="the json")
    parser.add_argument("--out", type=Path, help="folder to write (default: again, beside the json)")
    parser.add_argument("--data", type=Path, help="a data folder to look in first")
    parser.set_defaults(command=_again)


def _again(chosen: argparse.Namespace) -> None:
    from portal_analysis.exports.again import again

    made = again(chosen.file, chosen.out, chosen.data)
    print(f"{made.name}: {', '.join(path.name for path in made.files.values())} in {made.folder}")


def _add_verify(commands: Commands) -> None:
    parser = commands.add_parser(
        "verify", help="make an export or a report again and say whether its files are identical"
    )
    parser.add_argument("file", type=Path, help="the json beside an export, or report.json of a report")
    parser.add_argument("--data", type=Path, help="a data folder to look in first")
    parser.set_defaults(command=_verify)


def _verify(chosen: argparse.Namespace) -> None:
    from portal_analysis.exports.again import verify
    from portal_analysis.report.make import verify_again
    from portal_analysis.report.record import RECORD

    found = verify_again(chosen.file) if chosen.file.name == RECORD else verify(chosen.file, chosen.data)
    if found:
        raise Error.of(found, f"{chosen.file} was made again and is not identical")
    print(f"{chosen.file}: identical")


def _add_deposit(commands: Commands) -> None:
    parser = commands.add_parser("deposit", help="put a dataset or a report together for a data archive")
    parser.add_argument("what", help="id or folder of a dataset, or folder of a report")
    parser.add_argument("--out", type=Path, help="folder to write (default: its name with -deposit)")
    with_files = parser.add_mutually_exclusive_group()
    with_files.add_argument("--files", action="store_true", default=None, help="with its files, answers too")
    with_files.add_argument("--no-files", dest="files", action="store_false", help="the description alone")
    parser.add_argument("--title", help="of a report")
    parser.add_argument(
        "--author", action="append", default=[], help="of a report; may be given several times"
    )
    parser.set_defaults(command=_deposit)


def _deposit(chosen: argparse.Namespace) -> None:
    from portal_analysis.deposit import deposit

    folder = deposit(chosen.what, chosen.out, chosen.files, chosen.title, tuple(chosen.author))
    print(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")


def _add_sources(commands: Commands) -> None:
    parser = commands.add_parser("sources", help="list the datasets")
    parser.set_defaults(command=_sources)


def _sources(chosen: argparse.Namespace) -> None:
    table = list_sources()
    if table.empty:
        print(f"no datasets found; set ${DATA_VARIABLE} to the folder that holds them")
        return
    print(table.drop(columns=["title_vi", "folder"]).to_string(index=False))


if __name__ == "__main__":
    raise SystemExit(main())
