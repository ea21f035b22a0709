"""The project's files agree with each other: requirements, environment, lock, citation, README."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

import portal_analysis
from portal_analysis.datasets import roots

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CALLED = {"python-fastjsonschema": "fastjsonschema"}
"""Packages that conda calls otherwise."""
NAMED = ["pandas", "numpy", "matplotlib", "seaborn", "statsmodels", "jupyterlab"]


def bounds(requirements: list[str]) -> dict[str, str]:
    parsed = (re.fullmatch(r"([A-Za-z0-9-]+)(.*)", one) for one in requirements)
    return {match[1]: match[2] for match in parsed if match}


def test_environment_names_the_same_packages_and_bounds():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    conda = bounds([one for one in environment["dependencies"] if isinstance(one, str)])
    conda = {CALLED.get(name, name): bound for name, bound in conda.items()}
    lab = bounds(PROJECT["optional-dependencies"]["lab"])
    ours = {**bounds(PROJECT["dependencies"]), "jupyterlab": lab["jupyterlab"]}
    assert environment["channels"] == ["conda-forge"]
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda.pop("pip") == ""
    assert conda == ours
    assert set(NAMED) <= set(conda)
    pip = [one["pip"] for one in environment["dependencies"] if isinstance(one, dict)]
    assert pip == [["-e .[io,report,lab,big]"]]


def test_the_tests_on_the_lowest_versions_take_the_lowest_that_are_allowed():
    pins = bounds((ROOT / "requirements-lowest.txt").read_text("utf-8").splitlines())
    extras = PROJECT["optional-dependencies"]
    allowed = bounds([*PROJECT["dependencies"], *extras["io"], *extras["report"], *extras["big"]])
    for name, bound in allowed.items():
        lowest = [int(part) for part in bound.removeprefix(">=").split(".")]
        pinned = [int(part) for part in pins[name].removeprefix("==").split(".")]
        assert pinned == lowest + [0] * (len(pinned) - len(lowest)), name


@pytest.mark.skipif(
    find_spec("ruff") is None or shutil.which("git") is None or not (ROOT / ".git").exists(),
    reason="no ruff, or no list of files",
)
def test_style_is_checked_in_every_file():
    """A folder left out by its name would be left out wherever a folder of that name stands."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.pyi", "*.ipynb"], cwd=ROOT, capture_output=True, check=True
    )
    ruff = [sys.executable, "-m", "ruff", "check", "--show-files", "."]
    seen = subprocess.run(ruff, cwd=ROOT, capture_output=True, check=True, text=True).stdout.splitlines()
    known = {Path(one).relative_to(ROOT).as_posix() for one in seen}
    assert sorted(set(listed.stdout.decode().splitlines()) - known) == []


def test_the_lock_holds_every_requirement_and_no_address():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = {line.split("==")[0].lower() for line in lock.splitlines() if "==" in line}
    wanted = [
        *PROJECT["dependencies"],
        *(one for extra in PROJECT["optional-dependencies"].values() for one in extra),
    ]
    missing = [name for name in bounds(wanted) if name.lower() not in locked]
    assert not missing
    assert "://" not in lock


def test_versions_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == PROJECT["version"] == portal_analysis.__version__
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_readme_begins_with_a_figure_and_the_two_commands():
    first = (ROOT / "README.md").read_text("utf-8")[:2500]
    assert re.search(r"!\[[^\]]{40,}\]\(\S+\.(svg|png)\)", first)
    assert "make report" in first
    assert "make test" in first
    picture = re.search(r"!\[[^\]]+\]\((\S+)\)", first)
    assert picture
    assert (ROOT / picture[1]).is_file()


@pytest.mark.parametrize(
    "path", [".ci/run", "Makefile", "LICENSE", "CITATION.cff", "CHANGELOG.md", "data/README.md"]
)
def test_what_convention_wants_is_there(path):
    assert (ROOT / path).is_file()


def test_every_dataset_folder_names_its_licence():
    from portal_analysis.datasets import sources

    table = sources()
    assert len(table) >= 3
    assert (table["licence"] != "").all()
    assert roots()[0] == ROOT / "data"


def test_every_dataset_travels_in_the_wheel_and_private_ones_never():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    shipped = set(build["targets"]["wheel"]["force-include"])
    datasets = {f"data/{path.parent.name}" for path in (ROOT / "data").glob("*/datapackage.json")}
    assert {one for one in shipped if one.startswith("data/") and not one.endswith(".md")} == datasets
    assert "data" not in shipped
    assert "**/data/private/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "**/data/private" in build["targets"]["sdist"]["exclude"]
