"""A report is written whole or not at all, and the same notebooks give the same report."""

from __future__ import annotations

import hashlib
import os
import shutil

import pytest

from portal_analysis.datasets import SourceError
from portal_analysis.language.catalogue import WordingError
from portal_analysis.report import Report, ReportError, make, make_report
from portal_analysis.report.run import RunError


def hashes(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def broken(tmp_path, toy_notebooks):
    """Return a folder whose second notebook fails."""
    import nbformat

    folder = tmp_path / "broken"
    shutil.copytree(toy_notebooks, folder)
    cells = [nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "02-bad.ipynb")
    return folder


def test_everything_lies_where_it_is_said(reports):
    report = reports["en"]
    assert isinstance(report, Report)
    assert report.html == report.folder / "report.html"
    assert {path.name for path in (report.folder / "figures").iterdir()} == {
        f"{name}.{kind}" for name in ("usage", "again") for kind in ("svg", "pdf", "png")
    }
    assert {"usage.csv", "usage.json"} <= {path.name for path in (report.folder / "tables").iterdir()}
    assert [path.name for path in (report.folder / "notebooks").iterdir()] == ["01-toy.ipynb"]
    assert report.figures == 2


@pytest.mark.slow
def test_the_same_notebooks_give_the_same_bytes(reports, toy_notebooks, tmp_path):
    again = make_report("vi", out=tmp_path / "again", notebooks=toy_notebooks, progress=False)
    assert hashes(again.folder) == hashes(reports["vi"].folder)


@pytest.mark.slow
def test_a_failing_notebook_writes_nothing(broken, tmp_path):
    out = tmp_path / "out" / "report"
    with pytest.raises(RunError, match=r"^02-bad\.ipynb, code cell 2: ZeroDivisionError"):
        make_report("en", out=out, notebooks=broken, progress=False)
    assert not out.parent.exists()


@pytest.mark.slow
def test_a_failing_notebook_leaves_the_earlier_report(broken, tmp_path):
    out = tmp_path / "report"
    out.mkdir()
    (out / "report.html").write_text("earlier")
    with pytest.raises(RunError):
        make_report("en", out=out, notebooks=broken, progress=False)
    assert hashes(tmp_path / "report") == {"report.html": hashlib.sha256(b"earlier").hexdigest()}


def test_an_earlier_report_is_replaced_and_other_files_stay(tmp_path):
    made, target = tmp_path / "made", tmp_path / "report"
    for folder, text in ((made, "new"), (target, "old")):
        (folder / "figures").mkdir(parents=True)
        (folder / "report.html").write_text(text)
    (target / "figures" / "gone.svg").write_text("old")
    (target / "my notes.txt").write_text("mine")
    make._replace(made, target)
    assert (target / "report.html").read_text() == "new"
    assert sorted(hashes(target)) == ["my notes.txt", "report.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "report"]


def test_if_the_new_report_cannot_be_moved_the_old_one_comes_back(tmp_path, monkeypatch):
    made, target = tmp_path / "made", tmp_path / "report"
    for folder, text in ((made, "new"), (target, "old")):
        folder.mkdir()
        (folder / "report.html").write_text(text)
    move = os.replace

    def fail(source, goal):
        if str(source).endswith("fresh"):
            raise OSError("disk full")
        move(source, goal)

    monkeypatch.setattr(make.os, "replace", fail)
    with pytest.raises(ReportError, match="disk full"):
        make._replace(made, target)
    assert (target / "report.html").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "report"]


def test_a_foreign_folder_is_refused(tmp_path, toy_notebooks):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(ReportError, match="is not empty and holds no earlier report"):
        make_report(out=tmp_path, notebooks=toy_notebooks, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path, toy_notebooks):
    (tmp_path / "report").write_text("x")
    with pytest.raises(ReportError, match="is a file"):
        make_report(out=tmp_path / "report", notebooks=toy_notebooks, progress=False)


def test_missing_folders_are_told(tmp_path, toy_notebooks):
    with pytest.raises(ReportError, match="no folder of notebooks"):
        make_report(out=tmp_path / "r", notebooks=tmp_path / "none", progress=False)
    with pytest.raises(ReportError, match="begins with two digits"):
        make_report(out=tmp_path / "r", notebooks=tmp_path, progress=False)
    with pytest.raises(ReportError, match="no data folder at"):
        make_report(out=tmp_path / "r", data=tmp_path / "no", notebooks=toy_notebooks, progress=False)
    with pytest.raises(WordingError):
        make_report("xx")


def test_start_pages_are_no_part_of_the_report(tmp_path, toy_notebooks):
    folder = tmp_path / "notebooks"
    shutil.copytree(toy_notebooks, folder)
    shutil.copy(folder / "01-toy.ipynb", folder / "00-start-here.ipynb")
    shutil.copy(folder / "01-toy.ipynb", folder / "draft.ipynb")
    assert [path.name for path in make.find_notebooks("en", folder)] == ["01-toy.ipynb"]


def test_two_figures_of_one_name_are_refused(reports, tmp_path):
    from portal_analysis.documents.blocks import Picture, Table

    picture = Picture("p", {}, "", "", "", "", Table("", (), ()))
    with pytest.raises(ReportError, match="two exports are called 'p'"):
        make._gather([picture, picture], [], tmp_path / "made")


def test_a_dataset_that_nobody_knows_is_no_obstacle():
    from portal_analysis.datasets import dataset
    from portal_analysis.report import assemble

    assert assemble._known("my-own-survey") is None
    with pytest.raises(SourceError):
        dataset("my-own-survey")


def outputs_of(data: dict[str, object], kind: str = "execute_result") -> list[object]:
    from types import SimpleNamespace

    import nbformat

    from portal_analysis.report.make import _is_told

    output = (
        nbformat.v4.new_output(kind, data) if kind != "stream" else nbformat.v4.new_output("stream", text="7")
    )
    return [one for one in [output, SimpleNamespace()] if isinstance(one, dict) and _is_told(one)]


def test_copied_notebooks_hold_no_table_as_python_shows_it():
    import pandas as pd

    import portal_analysis as pa

    frame = pd.DataFrame({"n": [3, 4]})
    plain = {"text/plain": repr(frame)}
    assert not outputs_of({**plain, "text/html": frame.to_html()})
    assert not outputs_of({**plain, "text/html": "<style>x</style><table><tr><td>3</td></tr></table>"})
    assert not outputs_of({"text/plain": repr(frame["n"])})
    assert not outputs_of({}, "stream")
    usage = pa.load_published("egov-figures").query("indicator == 'ncdt_usage_rate'")
    assert outputs_of(pa.show(usage, "T")._repr_mimebundle_())
    assert outputs_of(pa.plot_trend(usage)._repr_mimebundle_())
    assert outputs_of({"text/markdown": pa.describe(usage)._repr_markdown_()})
    survey = pa.Survey(frame, pa.Design())
    assert outputs_of({"text/plain": repr(survey), "text/html": survey._repr_html_()})
    audit = pa.load_audit("egi-chile")
    assert outputs_of({"text/plain": repr(audit), "text/html": audit._repr_html_()})
