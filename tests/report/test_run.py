"""Notebooks run from top to bottom in a folder of their own, or one error says where they stopped."""

from __future__ import annotations

import time

import nbformat
import pytest

from portal_analysis.report.run import RunError, code_cells, read_notebook, run_notebooks


def write(path, *sources):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbformat.write(notebook, path)
    return path


def test_a_notebook_runs_in_the_folder_with_the_environment(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    path = write(
        tmp_path / "01-a.ipynb",
        "import os\nopen('made.txt', 'w').write(os.environ['TOLD'])",
        "print('second')",
    )
    steps = []
    (ran,) = run_notebooks([path], work, {"TOLD": "yes"}, steps.append)
    assert ran.name == "01-a"
    assert (work / "made.txt").read_text() == "yes"
    assert ran.notebook.cells[1].outputs[0].text == "second\n"
    assert steps == ["01-a", "01-a"]
    assert nbformat.read(path, 4).cells[1].outputs == []
    assert [one.name for one in work.iterdir()] == ["made.txt"]


def test_a_failing_cell_is_one_error_that_names_notebook_and_cell(tmp_path):
    path = write(tmp_path / "02-b.ipynb", "x = 1", "raise KeyError('gone')", "x = 2")
    with pytest.raises(RunError, match=r"^02-b\.ipynb, code cell 2: KeyError: 'gone'$"):
        run_notebooks([path], tmp_path, {}, lambda name: None)


def test_a_dead_kernel_is_told(tmp_path):
    path = write(tmp_path / "03-c.ipynb", "x = 1", "import os\nos._exit(3)")
    with pytest.raises(RunError, match=r"^03-c\.ipynb, code cell 2: the kernel died"):
        run_notebooks([path], tmp_path, {}, lambda name: None)


def test_a_file_that_is_no_notebook_is_told(tmp_path):
    path = tmp_path / "04-d.ipynb"
    path.write_text("{}{")
    with pytest.raises(RunError, match=r"04-d\.ipynb is no notebook"):
        read_notebook(path)
    with pytest.raises(RunError, match="cannot be read"):
        code_cells(tmp_path / "missing.ipynb")


def test_code_cells_are_counted(tmp_path):
    assert code_cells(write(tmp_path / "05-e.ipynb", "1", "2", "3")) == 3


def test_notebooks_run_at_the_same_time_and_come_back_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    meet = """import os, time
open({mine!r}, "w").close()
while not os.path.exists({other!r}): time.sleep(0.05)"""
    paths = [
        write(tmp_path / f"{name}.ipynb", meet.format(mine=name, other=other))
        for name, other in (("01-a", "02-b"), ("02-b", "01-a"))
    ]
    work = tmp_path / "work"
    work.mkdir()
    steps = []
    assert [ran.name for ran in run_notebooks(paths, work, {}, steps.append)] == ["01-a", "02-b"]
    assert sorted(steps) == ["01-a", "02-b"]


def test_a_failing_notebook_ends_those_that_run_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    slow = write(tmp_path / "01-a.ipynb", "import time\ntime.sleep(500)")
    broken = write(tmp_path / "02-b.ipynb", "raise KeyError('gone')")
    begun = time.monotonic()
    with pytest.raises(RunError, match=r"^02-b\.ipynb, code cell 1: KeyError: 'gone'$"):
        run_notebooks([slow, broken], tmp_path, {}, lambda name: None)
    assert time.monotonic() - begun < 200
