"""The notebooks: no number typed, no output stored, the same code in both languages, and they run."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from portal_analysis.report import Report

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = sorted((ROOT / "notebooks").glob("*.ipynb"))
VIETNAMESE = sorted((ROOT / "notebooks" / "vi").glob("*.ipynb"))
ALL = ENGLISH + VIETNAMESE
EXPORT = "application/vnd.portal-analysis.export+json"
TABLE = "application/vnd.portal-analysis.table+json"
START = "00-start-here.ipynb"
WRITTEN = (
    "01-what-does-18-percent-say.ipynb",
    "02-shortcomings-as-published.ipynb",
    "05-shortcomings-of-the-portals.ipynb",
    "06-can-we-trust-the-audit.ipynb",
    "08-sixty-three-provinces.ipynb",
)

TYPED_NUMBERS = re.compile(
    r"\d\s*%|\d\s*(?:percent|per cent|percentage point|phần trăm|điểm phần trăm)"
    r"|\b\d+\s+(?:of|out of|trên|trong số|/)\s+\d+|\b\d+/63\b|\d[.,]\d",
    re.IGNORECASE,
)
FORBIDDEN_CODE = re.compile(
    r"\bdef\b|\bclass\b|\blambda\b|sys\.path|\bopen\(|read_csv|read_excel|read_json|Path\("
)


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    notebook = json.loads(path.read_text("utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def is_parameters(cell: dict[str, Any]) -> bool:
    return "parameters" in cell["metadata"].get("tags", [])


def headings(path: Path) -> list[int]:
    lines = [line for cell in cells(path, "markdown") for line in source(cell).splitlines()]
    return [len(line) - len(line.lstrip("#")) for line in lines if re.match(r"#+ ", line)]


def name(path: Path) -> str:
    return path.relative_to(ROOT / "notebooks").as_posix()


def test_every_notebook_is_there_in_both_languages() -> None:
    assert set(WRITTEN) <= {path.name for path in ENGLISH}
    assert [path.name for path in ENGLISH] == [path.name for path in VIETNAMESE]


@pytest.mark.parametrize("paths", [ENGLISH, VIETNAMESE], ids=["en", "vi"])
def test_the_first_page_names_every_chapter_as_it_is_titled(paths: list[Path]) -> None:
    chapters = [path for path in paths if re.match(r"\d\d-", path.name) and path.name != START]
    titles = [source(cells(path, "markdown")[0]).splitlines()[0].removeprefix("# ") for path in chapters]
    listed = re.findall(r"\[(.+?)\]\((.+?)\)", source(cells(paths[0], "markdown")[0]))
    assert [file for _, file in listed] == [path.name for path in chapters]
    assert [title for title, _ in listed] == titles


@pytest.mark.parametrize("text", ["18%", "3,05 %", "18 percent", "30 of 63", "30 trên 63", "60/63", "4.85"])
def test_a_typed_number_would_be_found(text: str) -> None:
    assert TYPED_NUMBERS.search(f"It is {text} in all.")


@pytest.mark.parametrize("path", ALL, ids=name)
def test_no_number_is_typed_in_the_narrative(path: Path) -> None:
    found = [
        match.group() for cell in cells(path, "markdown") for match in TYPED_NUMBERS.finditer(source(cell))
    ]
    assert not found


@pytest.mark.parametrize("path", ALL, ids=name)
def test_no_output_is_stored_and_cells_keep_their_names(path: Path) -> None:
    notebook = json.loads(path.read_text("utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in cells(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ALL, ids=name)
def test_cells_are_short_and_define_nothing(path: Path) -> None:
    for cell in cells(path, "code"):
        assert not FORBIDDEN_CODE.search(source(cell)), source(cell)
        assert len(source(cell).splitlines()) <= 10, source(cell)


@pytest.mark.parametrize("path", ALL, ids=name)
def test_the_first_code_cell_sets_the_language(path: Path) -> None:
    lang = "vi" if path in VIETNAMESE else "en"
    tagged = [is_parameters(cell) for cell in cells(path, "code")]
    assert tagged == [True] + [False] * (len(tagged) - 1)
    assert source(cells(path, "code")[0]) == f'lang = "{lang}"'


@pytest.mark.parametrize("path", ALL, ids=name)
def test_headings_stand_in_order(path: Path) -> None:
    levels = headings(path)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", ENGLISH, ids=name)
def test_the_code_is_the_same_in_both_languages(path: Path) -> None:
    other = ROOT / "notebooks" / "vi" / path.name
    pairs = list(zip(cells(path, "code"), cells(other, "code"), strict=True))
    assert pairs
    for ours, theirs in pairs:
        assert ours["id"] == theirs["id"]
        assert is_parameters(ours) or source(ours) == source(theirs)


@pytest.mark.parametrize("path", ENGLISH, ids=name)
def test_the_narrative_has_the_same_shape_in_both_languages(path: Path) -> None:
    other = ROOT / "notebooks" / "vi" / path.name
    assert headings(path) == headings(other)
    for ours, theirs in zip(cells(path, "markdown"), cells(other, "markdown"), strict=True):
        assert ours["id"] == theirs["id"]
        assert source(ours) != source(theirs)
        assert len(source(ours).split("\n\n")) == len(source(theirs).split("\n\n"))


def outputs_of(notebook: Any) -> list[Any]:
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def names_of_figures(path: Path) -> list[str]:
    """Return the figures that an executed notebook gives to the report."""
    printed = [cell for cell in cells(path, "code") if "notebook" not in cell["metadata"].get("tags", [])]
    outputs = [output["data"] for cell in printed for output in cell["outputs"]]
    return [data[EXPORT]["name"] for data in outputs if EXPORT in data]


@pytest.mark.slow
def test_what_notebooks_show_in_the_report_has_words(report: Report) -> None:
    for path in sorted((report.folder / "notebooks").glob("*.ipynb")):
        outputs = outputs_of(json.loads(path.read_text("utf-8")))
        assert not [one for one in outputs if one["output_type"] in ("error", "stream")]
        has_words([one["data"] for one in outputs], report.lang, path.name)
        for name in names_of_figures(path):
            assert (report.folder / "figures" / f"{name}.svg").is_file()
            assert (report.folder / "tables" / f"{name}.csv").is_file()


@pytest.mark.slow
def test_the_report_runs_every_notebook_but_the_first_page(report: Report) -> None:
    found = {path.name for path in (report.folder / "notebooks").glob("*.ipynb")}
    assert {path.name for path in ENGLISH} - found == {START}


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in ALL if path.name == START], ids=name)
def test_the_first_page_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    has_words(run(path, tmp_path, monkeypatch), "vi" if path in VIETNAMESE else "en", path.name)


def has_words(shown: list[dict[str, Any]], lang: str, file: str) -> None:
    """Check that figures have alternative texts, tables titles and rows, and texts no missing values."""
    figures = [data[EXPORT] for data in shown if EXPORT in data]
    assert figures or file in (START, "summary.ipynb")
    for figure in figures:
        assert figure["alt"].strip()
        assert figure["long_alt"].startswith(figure["alt"].split(".")[0])
        assert figure["lang"] == lang
    names = [figure["name"] for figure in figures]
    assert len(names) == len(set(names)), "a figure is shown twice"
    tables = [data[TABLE] for data in shown if TABLE in data]
    assert {table["lang"] for table in tables} <= {lang}
    assert all(table["title"] and table["table"]["rows"] for table in tables)
    texts = ["".join(data["text/markdown"]) for data in shown if "text/markdown" in data]
    assert all("nan" not in text and "None" not in text for text in texts)


def run(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Execute a notebook in a folder; return the data of its outputs."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    outputs = outputs_of(notebook)
    wrong = [output for output in outputs if output.output_type in ("error", "stream")]
    assert not wrong
    return [output.data for output in outputs]
