"""Imports point down the flow and never back, and importing the package stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "portal_analysis"

FLOW = [
    "datasets",
    "tables",
    "codebook",
    "estimates",
    "provinces",
    "terms",
    "survey.design",
    "survey.answers",
    "survey.totals",
    "survey.variance",
    "survey.intervals",
    "survey.estimate",
    "survey.contrasts",
    "survey.weights",
    "survey.contrasts",
    "survey.compare",
    "survey.model",
    "survey.readers",
    "survey",
    "audit",
    "wording",
    "claims",
    "figures",
    "exports",
    "blocks",
    "explore",
    "report",
    "__main__",
]
HEAVY = [
    "matplotlib",
    "seaborn",
    "statsmodels",
    "pandera",
    "scipy",
    "openpyxl",
    "pyreadstat",
    "duckdb",
    "nbclient",
    "ipywidgets",
]
DRAWERS = ("figures", "exports")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def rank(name: str) -> int:
    fits = [place for place, room in enumerate(FLOW) if name == room or name.startswith(room + ".")]
    assert fits, f"{name} has no place in the flow"
    return min(fits)


def imports(path: Path, top_only: bool = False) -> set[str]:
    """Return the names that a module imports, inside functions too unless ``top_only``."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = tree.body if top_only else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_no_module_imports_from_further_down(path):
    mine = rank(name_of(path))
    for name in imports(path, top_only=True):
        room = name.removeprefix("portal_analysis.")
        if room != name and any(room == one or room.startswith(one + ".") for one in FLOW):
            assert rank(room) <= mine, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_figures_and_exports_know_matplotlib(path):
    used = {name.split(".")[0] for name in imports(path)} & {"matplotlib", "seaborn"}
    assert not used or name_of(path).split(".")[0] in DRAWERS


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, portal_analysis; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_has_a_docstring():
    import portal_analysis as pa

    for name in pa.__all__:
        assert getattr(pa, name).__doc__, name
    assert len(set(pa.__all__)) == len(pa.__all__)


def test_an_unknown_name_is_told():
    import portal_analysis as pa

    with pytest.raises(AttributeError, match="no attribute 'plot_pie'"):
        _ = pa.plot_pie


def test_the_package_raises_and_never_asserts():
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Assert)], path
