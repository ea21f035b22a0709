"""The reference as a site: opened from disk it is accessible, asks nothing of the network and names no machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import portal_analysis as pa

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "index.html",
    "reference/index.html",
    "reference/proportion.html",
    "reference/Survey.html",
    "reference/provinces.html",
    "reference/plot_map.html",
    "gallery.html",
    "tutorials/vi/01-toy.html",
    "architecture.html",
    "changelog.html",
    "search.html",
]


@pytest.fixture(scope="session")
def site(toy_notebooks, tmp_path_factory):
    """Build the site with one short notebook a language; Sphinx has nothing to warn of."""
    out = tmp_path_factory.mktemp("site") / "out"
    command = [sys.executable, ROOT / "docs" / "build.py", "--out", out, "--notebooks", toy_notebooks]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on_a_page_that_asks_for_nothing(browser, site, name, scheme):
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / name).as_uri())
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    result = page.evaluate("axe.run(document)")
    context.close()
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in result["violations"]] == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert len(result["passes"]) > 15


def test_every_public_name_has_a_page_and_no_page_names_a_machine(site):
    for name in pa.__all__:
        assert (site / "reference" / f"{name}.html").is_file(), name
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert str(ROOT) not in text
        assert str(site.parent) not in text


def test_each_figure_of_the_gallery_has_its_code_and_its_alternative_text(site):
    text = (site / "gallery.html").read_text("utf-8")
    code = re.sub("<[^>]+>", "", text)
    alts = {name: alt for alt, name in re.findall(r'<img alt="([^"]{60,})"[^>]*src="[^"]*/(\w+)\.svg"', text)}
    assert sorted(alts) == [name for name in pa.__all__ if name.startswith("plot_")]
    assert all(f"figure = pa.{name}(" in code for name in alts)


def test_a_vietnamese_tutorial_says_its_language(site):
    assert '<article lang="vi"' in (site / "tutorials/vi/01-toy.html").read_text("utf-8")
