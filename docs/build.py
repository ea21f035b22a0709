"""Build the reference as a site of HTML files that open from disk: ``python docs/build.py [--quick]``.

The order of its chapters is that of ``portal_analysis/__init__.pyi``; texts come from the docstrings, figures from
their examples, tutorials from the notebooks, which are run. Nothing is fetched. ``--quick`` leaves the notebooks out.
"""

from __future__ import annotations

import argparse
import contextlib
import doctest
import inspect
import io
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import portal_analysis as pa
from portal_analysis.figures.saving import save
from portal_analysis.language.alternative import FigureText
from portal_analysis.languages import FIRST

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
STUB = ROOT / "portal_analysis" / "__init__.pyi"
TEXTS = {"index": HERE / "index.md", "architecture": HERE / "architecture.md"}
TEXTS |= {name: ROOT / f"{name.upper()}.md" for name in ("contributing", "changelog")}
MOVED = {"docs/architecture.md": "architecture.md", "CHANGELOG.md": "changelog.md"}
"""Links of the repository's pages, as they are among the pages of the site."""
MIME = ("application/vnd.portal-analysis", "application/vnd.jupyter.widget")
"""What only the report and a running notebook can read."""
TUTORIALS = {FIRST: (".", "Tutorials"), "vi": ("vi", "Hướng dẫn (Tiếng Việt)")}

SWITCH = re.compile(r'(<a class="reference internal" href="[^"]*">([^<]*)</a><details[^>]*>)<summary>')


@dataclass(frozen=True)
class Chapter:
    """A chapter of the reference: its title and its public names."""

    title: str
    names: tuple[str, ...]

    @property
    def slug(self) -> str:
        """Return the chapter's name as an address."""
        return re.sub(r"\W+", "-", self.title.partition(":")[0].lower()).strip("-")


def chapters(stub: str) -> list[Chapter]:
    """Return the chapters of a stub: each comment heads the names that follow it."""
    parts = re.split(r"^# (.+)\n", stub, flags=re.MULTILINE)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [Chapter(title, tuple(re.findall(r" as (\w+)$", names, re.MULTILINE))) for title, names in pairs]


def first_line(name: str) -> str:
    """Return the summary of a public name."""
    return inspect.getdoc(getattr(pa, name)).partition("\n\n")[0].replace("\n", " ")  # type: ignore[union-attr]


def example(name: str) -> list[doctest.Example]:
    """Return the statements of a public name's example with what they print."""
    return doctest.DocTestParser().get_examples(inspect.getdoc(getattr(pa, name)) or "")


def titled(title: str, mark: str = "=") -> str:
    """Return a heading in reStructuredText."""
    return f"{title}\n{mark * len(title)}\n\n"


def tree(entries: list[str], hidden: bool = False) -> str:
    """Return a table of contents in reStructuredText."""
    options = "   :hidden:\n" if hidden else "   :maxdepth: 1\n"
    return f".. toctree::\n{options}\n" + "".join(f"   {entry}\n" for entry in entries) + "\n"


def name_page(name: str, picture: str | None) -> str:
    """Return the page of one public name: signature, docstring, and the figure that its example draws."""
    found = getattr(pa, name)
    kind = "module" if inspect.ismodule(found) else "class" if inspect.isclass(found) else "function"
    members = "   :members:\n" if kind != "function" else ""
    return titled(name) + f".. auto{kind}:: portal_analysis.{name}\n{members}\n" + (picture or "")


def chapter_page(chapter: Chapter) -> str:
    """Return the page of a chapter: its names with their summaries."""
    lines = "".join(f":doc:`{name} <{name}>`\n   {first_line(name)}\n\n" for name in chapter.names)
    return titled(chapter.title) + lines + tree(list(chapter.names), hidden=True)


def draw(name: str) -> Any:
    """Run a figure's example and return the figure."""
    room: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec("".join(step.source for step in example(name)), room)
    return room["figure"]


def drawn(chapter: Chapter, folder: Path) -> dict[str, FigureText]:
    """Draw the figures of a chapter into a folder; return what each says."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {}
    for name in chapter.names:
        figure = draw(name)
        (folder / f"{name}.svg").write_bytes(save(figure, "svg", {}, outline=True))
        told[name] = figure.portal_text
    return told


def picture(name: str, said: FigureText) -> str:
    """Return a figure in reStructuredText, with its alternative text."""
    return f".. image:: /figures/{name}.svg\n   :alt: {' '.join(said.alt.split())}\n   :width: 100%\n\n"


def gallery_page(told: dict[str, FigureText]) -> str:
    """Return the page of all figures: each with the code that makes it."""
    lead = "Each figure with the code that makes it and the alternative text that travels with it. "
    lead += "What rests on simulated data says so.\n\n"
    text = titled("Gallery of figures") + lead
    for name, said in told.items():
        code = "".join(step.source for step in example(name)).replace("\n", "\n   ")
        text += titled(said.title, "-") + f":doc:`reference/{name}`\n\n" + picture(name, said)
        text += f".. code-block:: python\n\n   {code}\n\n"
        text += f"**Alternative text**\n\n   {' '.join(said.long_alt.split())}\n\n"
    return text


def write_reference(source: Path) -> None:
    """Write the pages of chapters and names, and the gallery."""
    found = chapters(STUB.read_text("utf-8"))
    folder = source / "reference"
    folder.mkdir(parents=True)
    figures = next(chapter for chapter in found if chapter.title == "Figures")
    told = drawn(figures, source / "figures")
    for chapter in found:
        (folder / f"{chapter.slug}.rst").write_text(chapter_page(chapter), "utf-8")
        for name in chapter.names:
            shown = picture(name, told[name]) if name in told else None
            (folder / f"{name}.rst").write_text(name_page(name, shown), "utf-8")
    contents = titled("Reference") + tree([chapter.slug for chapter in found])
    (folder / "index.rst").write_text(contents, "utf-8")
    (source / "gallery.rst").write_text(gallery_page(told), "utf-8")


def write_texts(source: Path) -> None:
    """Copy the repository's own pages, with links as they are in the site."""
    for name, path in TEXTS.items():
        text = path.read_text("utf-8")
        for link, moved in MOVED.items():
            text = text.replace(f"]({link})", f"]({moved})")
        (source / f"{name}.md").write_text(text, "utf-8")


def run_tutorials(source: Path, home: Path | None) -> None:
    """Run the notebooks of a folder, in each language, and hand their outputs on."""
    for lang, (folder, title) in TUTORIALS.items():
        target = source / "tutorials" / lang
        target.mkdir(parents=True)
        paths = sorted((home / folder).glob("*.ipynb")) if home else []
        for name, notebook in executed(paths):
            write_notebook(notebook, target / f"{name}.ipynb")
        contents = titled(title, "=" * 2) + tree([path.stem for path in paths])
        (target / "index.rst").write_text(contents, "utf-8")


def executed(paths: list[Path]) -> Iterator[tuple[str, Any]]:
    """Run notebooks in a folder that is thrown away."""
    from portal_analysis.report.run import run_notebooks

    variables = {"PORTAL_ANALYSIS_DATA": str(ROOT / "data"), "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as scratch:
        for path in paths:
            print(f"runs {path.name}", flush=True)
            [ran] = run_notebooks([path], Path(scratch), variables, lambda _: None)
            yield ran.name, ran.notebook


def write_notebook(notebook: Any, path: Path) -> None:
    """Write an executed notebook without the outputs that nothing on a page can read."""
    import nbformat

    notebook.metadata.pop("widgets", None)

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for mime in [one for one in data if one.startswith(MIME)]:
                del data[mime]
    nbformat.write(notebook, path)


def named(page: str, address: str) -> str:
    """Name what the theme leaves without a name: the switches of the table of contents, and a page's language."""
    lang = address.split("/")[1] if address.startswith("tutorials/") else FIRST
    if lang != FIRST:
        page = page.replace("<article ", f'<article lang="{lang}" ', 1)
    return SWITCH.sub(r'\1<summary aria-label="\2">', page)


def build(out: Path, tutorials: Path | None) -> int:
    """Gather the pages, with the notebooks of a folder, and let Sphinx write the site.

    Returns
    -------
    int
        0 if there was nothing to warn of.
    """
    from sphinx.cmd.build import build_main

    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        source.mkdir()
        write_texts(source)
        write_reference(source)
        run_tutorials(source, tutorials)
        shutil.rmtree(out, ignore_errors=True)
        options = ["-q", "-W", "--keep-going", "-c", str(HERE), "-d", f"{scratch}/known", "-b", "html"]
        status = build_main([*options, str(source), str(out)])
    for page in out.rglob("*.html"):
        page.write_text(named(page.read_text("utf-8"), page.relative_to(out).as_posix()), "utf-8")
    return status


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "site")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks")
    parser.add_argument("--quick", action="store_true", help="leave the notebooks out")
    given = parser.parse_args()
    return build(given.out, None if given.quick else given.notebooks)


if __name__ == "__main__":
    sys.exit(main())
