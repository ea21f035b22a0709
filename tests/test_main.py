"""The command line: exit status, one-line errors, a traceback only when asked for."""

from __future__ import annotations

import nbformat
import pytest

from portal_analysis import __main__, __version__
from portal_analysis.__main__ import main
from portal_analysis.codebook import CodebookError


@pytest.fixture
def faulty(make_dataset):
    """Return a dataset with two faults in its table."""
    fields = [
        {"name": "id", "type": "string", "constraints": {"required": True, "unique": True}},
        {"name": "share", "type": "number", "constraints": {"minimum": 0, "maximum": 1}},
    ]
    return make_dataset({"figures": "id,share\na,0.5\na,7\n"}, {"figures": {"fields": fields}})


def test_sources_lists_what_there_is(capsys):
    assert main(["sources"]) == 0
    out = capsys.readouterr().out
    assert "egov-figures" in out
    assert "papi-simulated" in out


def test_sources_says_where_to_look_when_there_is_nothing(capsys, monkeypatch):
    monkeypatch.setattr(__main__, "list_sources", lambda: __import__("pandas").DataFrame())
    assert main(["sources"]) == 0
    assert "PORTAL_ANALYSIS_DATA" in capsys.readouterr().out


def test_check_counts_rows_of_a_dataset_without_faults(capsys):
    assert main(["check", "egov-figures"]) == 0
    assert capsys.readouterr().out.startswith("egov-figures: no faults (")


def test_check_prints_all_faults_and_fails(faulty, capsys):
    assert main(["check", str(faulty)]) == 1
    caught = capsys.readouterr()
    assert caught.out == ""
    assert "id" in caught.err
    assert "7" in caught.err
    assert "Traceback" not in caught.err


def test_an_unknown_dataset_is_one_line(capsys):
    assert main(["check", "egov-figure"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("portal-analysis: there is no dataset 'egov-figure'. Did you mean")
    assert err.count("\n") == 1


def test_debug_shows_the_traceback(faulty):
    with pytest.raises(CodebookError):
        main(["--debug", "check", str(faulty)])


def test_describe_writes_hashes_anew(faulty, capsys):
    (faulty / "figures.csv").write_text("id,share\na,0.5\n", encoding="utf-8")
    assert main(["check", str(faulty)]) == 1
    assert main(["describe", str(faulty)]) == 0
    assert main(["check", str(faulty)]) == 0
    assert "1 rows" in capsys.readouterr().out


def test_report_is_written_where_asked(tmp_path, capsys):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [nbformat.v4.new_markdown_cell("# One"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "01-one.ipynb")
    out = tmp_path / "made"
    assert main(["report", "--quiet", "--out", str(out), "--notebooks", str(folder)]) == 0
    assert (out / "report.html").is_file()
    assert capsys.readouterr().out.startswith(str(out))


def test_report_on_a_failing_notebook_is_one_line(tmp_path, capsys):
    cells = [nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01-one.ipynb")
    out = tmp_path / "made"
    assert main(["report", "--quiet", "--out", str(out), "--notebooks", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert err == "portal-analysis: 01-one.ipynb, code cell 1: ZeroDivisionError: division by zero\n"
    assert not out.exists()


def test_a_missing_package_says_what_to_install(monkeypatch, capsys):
    def missing():
        raise ModuleNotFoundError("No module named 'tqdm'", name="tqdm")

    monkeypatch.setattr(__main__, "list_sources", missing)
    assert main(["sources"]) == 1
    assert "pip install 'portal-analysis[io,report,lab]'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["report", "--lang", "fr"], ["fly"]])
def test_wrong_words_are_told_by_status_two(words, capsys):
    with pytest.raises(SystemExit) as told:
        main(words)
    assert told.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as told:
        main(["--version"])
    assert told.value.code == 0
    assert __version__ in capsys.readouterr().out
