"""Small worlds typed by hand, shared by the tests."""

from __future__ import annotations

import functools
import gc
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from pypdf import PdfReader

from portal_analysis import datasets
from portal_analysis.disclosure import thresholds

if TYPE_CHECKING:
    from portal_analysis.report import Report

ROOT = Path(__file__).resolve().parents[1]


settings.register_profile("few", max_examples=15, deadline=None, derandomize=True)
settings.register_profile("many", max_examples=60, deadline=None, derandomize=True)


def pytest_configure() -> None:
    """Date every file alike, those of fixtures that are made before any test too."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))


REPORT = (
    "tests/browser/test_lab.py",
    "tests/browser/test_report.py",
    "tests/report/test_office.py",
    "tests/report/test_pages.py",
    "tests/test_notebooks.py",
)
"""Files whose tests read the report of the project's own notebooks, which takes minutes to make."""

SMALL_REPORT = (
    "tests/documents/test_docx.py",
    "tests/documents/test_html.py",
    "tests/documents/test_pdf.py",
    "tests/report/test_make.py",
    "tests/report/test_record.py",
    "tests/report/test_talk.py",
)
"""Files whose tests read the reports of the small notebooks: made once, in one process."""


def group_of(name: str) -> str:
    """Name the tests that one process runs: a file's, or all that read the same reports."""
    file, _, test = name.partition("::")
    if file in SMALL_REPORT:
        return "report of the small notebooks"
    lang = re.search(r"[\[-](en|vi)[\]-]", test)
    return f"report in {lang[1]}" if file in REPORT and lang else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each group of tests to one process."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that read a report, one language after the other; see that no report is made twice."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        params = getattr(getattr(item, "callspec", None), "params", {})
        for reads, group, files in (
            ("report" in params, "report in ", "REPORT"),
            (fixtures >= {"reports", "toy_notebooks"}, "report of ", "SMALL_REPORT"),
        ):
            if reads and not group_of(item.nodeid).startswith(group):
                raise pytest.UsageError(
                    f"{item.nodeid} reads a report: name its file in {files} of tests/conftest.py"
                )
    items.sort(
        key=lambda item: (not group_of(item.nodeid).startswith("report in"), group_of(item.nodeid)[:12])
    )


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what stays to the end anyway: all modules, and thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of the caller's shell choose the data."""
    monkeypatch.delenv(datasets.DATA_VARIABLE, raising=False)


@pytest.fixture(autouse=True)
def own_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no survey of an earlier test decide what of a table may leave."""
    monkeypatch.setattr(thresholds, "_DECLARED", dict(thresholds._DECLARED))


@pytest.fixture
def make_dataset(tmp_path: Path) -> Any:
    """Return a function that writes a small dataset: texts of files, and a schema for each."""

    def make(files: dict[str, str], schemas: dict[str, dict[str, Any]], **properties: Any) -> Path:
        folder = tmp_path / "data" / "toy"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        descriptor = {
            "name": "toy",
            "title": "A toy",
            "title_vi": "Đồ chơi",
            "kind": "published",
            "simulated": False,
            "licenses": [{"name": "CC0-1.0"}],
            **properties,
            "resources": [
                {"name": name, "path": f"{name}.csv", "format": "csv", "schema": schemas[name]}
                for name in files
            ],
        }
        datasets.write_descriptor(folder, descriptor)
        return folder

    return make


WORDS = {
    "en": ("How many use the portals?", "Usage rate", "All **published** values:", "Values"),
    "vi": ("Bao nhiêu người dùng cổng?", "Tỷ lệ sử dụng", "Mọi giá trị **đã công bố**:", "Giá trị"),
}


def write_notebook(path: Path, cells: Sequence[tuple[str, str]]) -> Path:
    """Write a notebook of (kind, source) cells."""
    import nbformat

    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    make: dict[str, Callable[[str], Any]] = {
        "markdown": nbformat.v4.new_markdown_cell,
        "code": nbformat.v4.new_code_cell,
    }
    notebook.cells = [make[kind](source) for kind, source in cells]
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell{place}"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def toy_cells(lang: str) -> list[tuple[str, str]]:
    """Return the cells of a notebook with two figures, two tables, a list and a link."""
    question, title, lead, values = WORDS[lang]
    return [
        ("markdown", f"# {question}\n\n{lead}\n\n- one\n- [two](https://example.org/two)"),
        ("code", "import portal_analysis as pa\npublished = pa.load_published('egov-figures')"),
        ("code", "usage = published[published['indicator'] == 'ncdt_usage_rate']"),
        ("markdown", f"## {title} <script>alert(1)</script>"),
        (
            "code",
            f"figure = pa.plot_trend(usage, lang='{lang}', title='{title}')\npa.export('usage', usage, figure)",
        ),
        ("code", f"pa.describe(usage, lang='{lang}')"),
        ("markdown", f"### {values}\n\n| a | b |\n|---|---|\n| 1 | <b>2</b> |"),
        ("code", f"pa.show(usage, '{values} & <i>x</i>', '{lang}')"),
        (
            "code",
            f"figure = pa.plot_trend(usage, lang='{lang}', title='{values}')\npa.export('again', usage, figure)",
        ),
    ]


@pytest.fixture(scope="session")
def toy_notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one notebook in each language."""
    folder = tmp_path_factory.mktemp("notebooks")
    write_notebook(folder / "01-toy.ipynb", toy_cells("en"))
    write_notebook(folder / "vi" / "01-toy.ipynb", toy_cells("vi"))
    return folder


@pytest.fixture(scope="session")
def reports(toy_notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """Return the report of the small notebook in each language."""
    from portal_analysis.report import make_report

    out = tmp_path_factory.mktemp("out")
    return {
        lang: make_report(lang, out=out / lang, notebooks=toy_notebooks, progress=False)
        for lang in ("en", "vi")
    }


@pytest.fixture(scope="session")
def own_report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Report]:
    """Return what makes the report of the project's own notebooks in a language, once however often it is asked for."""
    from portal_analysis.report import make_report

    out = tmp_path_factory.mktemp("report")

    @functools.cache
    def made(lang: str) -> Report:
        return make_report(lang, out=out / lang, notebooks=ROOT / "notebooks", progress=False)

    return made


@pytest.fixture(params=["en", "vi"])
def report(request: pytest.FixtureRequest, own_report: Callable[[str], Report]) -> Report:
    """Return the report of the project's own notebooks, in each language."""
    return own_report(request.param)


@pytest.fixture
def office_pdf(tmp_path: Path) -> Callable[[Path, str], PdfReader]:
    """Return what opens a file in LibreOffice's ``writer`` or ``impress`` and reads the tagged PDF that it makes."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")

    def opened(path: Path, part: str) -> PdfReader:
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        tagged = f'pdf:{part}_pdf_Export:{{"UseTaggedPDF":{{"type":"boolean","value":"true"}}}}'
        command = [
            office,
            profile,
            "--headless",
            "--convert-to",
            tagged,
            "--outdir",
            str(tmp_path),
            str(path),
        ]
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        made = tmp_path / f"{path.stem}.pdf"
        if "could not be loaded" in run.stderr + run.stdout and not made.is_file():
            pytest.skip(f"LibreOffice has no {part}")
        return PdfReader(made)

    return opened


@pytest.fixture
def alternatives() -> Callable[[PdfReader], list[str]]:
    """Return what lists the alternative texts of a tagged PDF."""

    def kept(reader: PdfReader) -> list[str]:
        everything = (reader.get_object(number) for number in range(1, max(reader.xref[0]) + 1))
        return [str(one["/Alt"]) for one in everything if isinstance(one, dict) and "/Alt" in one]

    return kept
