"""Imports point down the flow and never back, those inside functions too; what a word is stands in one room."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "portal_analysis"

FLOW = [
    # ground
    "letters",
    "languages",
    "faults",
    "arguments",
    "paths",
    "patterns",
    "structured",
    "descriptors",
    "seals",
    "datasets",
    "origins",
    "steps",
    "files",
    "sizes",
    "tables",
    "codebook",
    "shape",
    "published",
    "disclosure",
    "provinces",
    "facts",
    "ranking",
    "inference",
    "language.catalogue",
    "language.numbers",
    # the wings; each orders its own files
    "survey",
    "audit",
    "registers",
    # both wings together, and what was promised
    "linkage",
    "progress",
    # a table is read once
    "language.labels",
    "language.line",
    "language.reading",
    "language.arrange",
    "language.alternative",
    "language.sentences",
    "language.grid",
    # who places what it says
    "claims",
    "figures.typeface",
    "figures.saving",
    "figures.style",
    "figures.periods",
    "figures.layout",
    "figures.emphasis",
    "figures.annotations",
    "figures.compose",
    "figures",
    "documents.blocks",
    "documents.numbered",
    "documents",
    "exports.cells",
    "exports.job",
    "exports.making",
    "exports.provenance",
    "exports",
    "explore",
    "report",
    "deposit",
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
    "narwhals",
    "polars",
    "pyspark",
    "ibis",
    "nbclient",
    "ipywidgets",
]
DRAWERS = ("figures", "documents", "exports")
ABOVE = ("claims", "figures", "documents", "exports", "explore", "report")
"""Rooms that only place what a Reading says."""
READ = ("letters", "tables", "survey.readers", "audit.readers", "provinces", "language.catalogue")
"""Rooms that read words which others wrote, in the spelling that others gave them."""


def rooms() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    del found[""]
    return found


ROOMS = rooms()


def rank(name: str) -> int:
    fits = [room for room in FLOW if name == room or name.startswith(room + ".")]
    assert fits, f"{name} has no place in the flow"
    return FLOW.index(max(fits, key=len))


def is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@functools.cache
def statements(path: Path) -> list[ast.AST]:
    """Return every node of a module, those inside functions too; only what types need is left out."""
    waiting: list[ast.AST] = [tree(path)]
    found = []
    while waiting:
        node = waiting.pop()
        if not is_typing(node):
            found.append(node)
            waiting += ast.iter_child_nodes(node)
    return found


@functools.cache
def imports(path: Path) -> set[str]:
    """Return the modules that a module imports."""
    found = set()
    for node in statements(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def of_package(path: Path) -> set[str]:
    """Return the package's own rooms that a module imports, by the file that they are in."""
    names = {
        name.removeprefix("portal_analysis.") for name in imports(path) if name.startswith("portal_analysis.")
    }
    return {name if name in ROOMS else name.rpartition(".")[0] for name in names} - {""}


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_from_further_down(room):
    for name in of_package(ROOMS[room]) - {room}:
        assert rank(name) <= rank(room), f"{room} imports {name}"


def test_no_room_imports_itself_in_a_circle():
    graph = {room: of_package(path) - {room} for room, path in ROOMS.items() if path.name != "__init__.py"}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        pytest.fail(f"a circle of imports: {' -> '.join(circle.args[1])}")
    assert set(graph) <= set(order)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_can_be_read_at_once(room):
    """No file is longer than 400 lines, the examples that the reference shows left out."""
    text = re.sub(r'\n *Examples\n *-+\n.*?(?=""")', "", ROOMS[room].read_text("utf-8"), flags=re.DOTALL)
    assert len(text.splitlines()) <= 400


def test_an_import_inside_a_function_is_seen(tmp_path):
    path = tmp_path / "room.py"
    path.write_text("def f():\n    from portal_analysis.report import make\n", encoding="utf-8")
    assert "portal_analysis.report.make" in imports(path)


@pytest.mark.parametrize("room", ROOMS)
def test_only_drawers_know_matplotlib(room):
    used = {name.split(".")[0] for name in imports(ROOMS[room])} & {"matplotlib", "seaborn"}
    assert not used or room.split(".")[0] in DRAWERS


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_rooms_of_the_engine_know_other_tables_than_those_of_pandas(room):
    used = {name.split(".")[0] for name in imports(ROOMS[room])} & {
        "narwhals",
        "duckdb",
        "polars",
        "pyspark",
        "ibis",
    }
    assert not used or room.split(".")[0] != "survey" or room in ("survey.engine", "survey.queries")


@pytest.mark.parametrize("room", [room for room in ROOMS if room.split(".")[0] in ABOVE])
def test_who_places_words_looks_up_no_name_and_writes_no_number(room):
    """Names come from a Reading: no codebook, no register of provinces by name, no decimals of its own."""
    text = ROOMS[room].read_text("utf-8")
    assert "codebook.labels" not in text
    assert "provinces.name" not in text
    for node in statements(ROOMS[room]):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = "".join(str(getattr(part, "value", "")) for part in ast.walk(node.format_spec))
            assert not re.search(r"[,%]|\.\d+f", spec) or room == "figures.saving", ast.unparse(node)


def is_vietnamese(text: str) -> bool:
    return bool(re.search(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", text.lower()))


@pytest.mark.parametrize("room", ROOMS)
def test_no_word_of_a_language_stands_outside_the_catalogue(room):
    """No Vietnamese text, no pair of texts by language, no choice by language; docstrings and errors are free."""
    if any(room == one or room.startswith(one + ".") for one in READ):
        return
    raised = {
        id(part) for node in statements(ROOMS[room]) if isinstance(node, ast.Raise) for part in ast.walk(node)
    }
    for node in statements(ROOMS[room]):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in raised:
            assert not is_vietnamese(node.value) or is_documentation(node, ROOMS[room]), node.value
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            texts = [key.value for key, value in pairs if isinstance(key, ast.Constant) and holds_text(value)]
            assert not {"en", "vi"} <= set(texts), ast.unparse(node)
        if isinstance(node, ast.Compare):
            assert not re.search(r"lang\w* [!=]= '(en|vi)'", ast.unparse(node)), ast.unparse(node)


def holds_text(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node))


def is_documentation(constant: ast.Constant, path: Path) -> bool:
    """Is a text a docstring, or a text that stands alone below a name?"""
    return any(
        isinstance(node, ast.Expr) and getattr(node.value, "lineno", 0) == constant.lineno
        for node in ast.walk(tree(path))
    )


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

    with pytest.raises(AttributeError, match="portal_analysis attribute plot_pie"):
        _ = pa.plot_pie


def test_the_package_raises_and_never_asserts():
    for path in PACKAGE.rglob("*.py"):
        assert not [node for node in ast.walk(tree(path)) if isinstance(node, ast.Assert)], path


def undocumented(body: list[ast.stmt]) -> Iterator[str]:
    """Return the public functions, classes and methods without a docstring; overloads have that of what they say."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            said = [ast.unparse(one) for one in node.decorator_list]
            if not ast.get_docstring(node) and "overload" not in said:
                yield node.name
            if isinstance(node, ast.ClassDef):
                yield from (f"{node.name}.{name}" for name in undocumented(node.body))


@pytest.mark.parametrize("room", ROOMS)
def test_every_function_that_others_call_says_what_it_does(room):
    assert not list(undocumented(tree(ROOMS[room]).body))


def test_a_method_without_a_docstring_is_seen():
    code = 'class Room:\n    """A room."""\n    def door(self): ...\n    def _lock(self): ...'
    assert list(undocumented(ast.parse(code).body)) == ["Room.door"]
