"""JupyterLab in a browser: notebooks run to their end, those of the report are shown, no network is needed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CHAPTERS = [path.name for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
RUNS = [(lang, name) for lang in ("en", "vi") for name in CHAPTERS[:2]]
"""That all chapters run to their end is seen where the report runs them; these two do in Lab, too."""
READY = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const session = panel?.context?.sessionContext;
  return Boolean(session?.isReady && session.session?.kernel?.status === 'idle' && panel.content?.widgets?.length
    && window.jupyterapp.commands.isEnabled('notebook:run-all-cells'));
}"""
OPEN = "path => window.jupyterapp.commands.execute('docmanager:open', {path}).then(() => undefined)"
SEEN = """path => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return panel?.context?.path === path && panel.context.isReady && panel.content.widgets.length > 0;
}"""
BEGUN = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .some(one => one.model.type === 'code' && (one.model.executionCount > 0 || one.model.executionState === 'running'))"""
RUN = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
DONE = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = panel.content.widgets.filter(one => one.model.type === 'code');
  const failed = cells.some(one => one.model.outputs.toJSON().some(output => output.output_type === 'error'));
  return failed || cells.every(one => one.model.executionCount > 0 && one.model.executionState !== 'running')
    && panel.context.sessionContext.session.kernel.status === 'idle';
}"""
ERRORS = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter(one => one.model.type === 'code')
  .flatMap(one => one.model.outputs.toJSON())
  .filter(one => one.output_type === 'error' || one.output_type === 'stream')
  .map(one => one.evalue || one.text)"""
COUNT = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter(one => one.model.type === 'code' && one.model.executionCount > 0).length"""
ALIGNED = """async () => {
  const content = window.jupyterapp.shell.currentWidget.content, found = new Set();
  for (let place = 0; place < content.widgets.length; place++) {
    await content.scrollToItem(place);
    content.node.querySelectorAll('.jp-OutputArea-output table[lang] :is(th, td)')
      .forEach(cell => found.add(getComputedStyle(cell).textAlign));
  }
  return [...found];
}"""
"""How the cells of tables are aligned; only cells in sight are drawn, so all are looked at in turn."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(url, server, seconds=90):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError("JupyterLab did not answer")


@pytest.fixture(scope="module", params=["en", "vi"])
def lab(request, tmp_path_factory, own_report):
    """Start ``portal-analysis lab`` on copies of the notebooks, with settings of its own; return its address.

    Beside them lie those of the report, as ``shown/``.
    """
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    root_of = home / "notebooks" / ("" if request.param == "en" else request.param)
    shutil.copytree(own_report(request.param).folder / "notebooks", root_of / "shown")
    folders = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    root = str(NOTEBOOKS.parent)
    environment = {**os.environ, **folders, "PYTHONPATH": root, "PORTAL_ANALYSIS_DATA": f"{root}/data"}
    environment["JUPYTERLAB_WORKSPACES_DIR"] = str(home / "workspaces")
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(home / "settings")
    trusted = [
        str(path) for path in sorted((root_of / "shown").iterdir())
    ]  # else Lab shows no styles of what it did not run
    subprocess.run(
        [sys.executable, "-m", "nbformat.sign", *trusted], env=environment, check=True, capture_output=True
    )
    port = free_port()
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=", "--expose-app-in-browser", "--ServerApp.ip=127.0.0.1"]
    command = [sys.executable, "-m", "portal_analysis", "lab", "--lang", request.param, "--", *options]
    with (home / "log.txt").open("w") as log:
        server = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status", server)
            yield request.param, f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@pytest.fixture
def page(browser, lab):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(300_000)
    opened.asked = []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("websocket", lambda socket: opened.asked.append(socket.url))
    yield opened
    opened.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    context.close()


def away(page):
    """Return what was asked of other machines than this one."""
    near = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
    return [url for url in page.asked if not url.startswith(near)]


def run_all(page, url):
    """Open a notebook and run it; a command given while Lab still lays out its window may be lost."""
    page.goto(url)
    page.wait_for_function(READY)
    for _ in range(10):
        page.evaluate(RUN)
        page.wait_for_timeout(1500)
        if page.evaluate(BEGUN):
            break
    page.wait_for_function(DONE)


@pytest.mark.parametrize(("lab", "name"), RUNS, indirect=["lab"])
def test_a_notebook_runs_to_its_end(page, lab, name):
    _, address = lab
    run_all(page, f"{address}/lab/tree/{name}")
    check_shown(page, name)


def test_the_notebooks_of_the_report_are_shown(page, lab):
    _, address = lab
    page.goto(f"{address}/lab/tree/shown/{CHAPTERS[1]}")
    page.wait_for_function(READY)
    for name in CHAPTERS[1:]:
        page.evaluate(OPEN, f"shown/{name}")
        page.wait_for_function(SEEN, arg=f"shown/{name}")
        check_shown(page, name)


def check_shown(page, name):
    """See that every cell ran without an error, tables are aligned as text is, and no other machine is asked."""
    assert page.evaluate(ERRORS) == [], name
    assert page.evaluate(COUNT) >= 3, name
    assert set(page.evaluate(ALIGNED)) == (set() if name == "summary.ipynb" else {"left"})
    assert away(page) == []


def test_lab_opens_on_the_start_page_in_the_language(page, lab):
    lang, address = lab
    page.goto(address)
    page.wait_for_function(READY)
    assert "00-start-here.ipynb" in page.url
    menu = page.locator(".lm-MenuBar-itemLabel").first.inner_text()
    assert menu == {"en": "File", "vi": "Tệp"}[lang]
    link = page.locator(".jp-RenderedMarkdown a", has_text={"en": "left out", "vi": "bỏ lại"}[lang]).first
    link.click()
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.context?.path.endsWith('04-who-is-left-out.ipynb')"
    )
    assert away(page) == []


def test_looking_around_works_by_keyboard(page, lab):
    lang, address = lab
    run_all(page, f"{address}/lab/tree/00-start-here.ipynb")
    selectors = page.locator(".widget-dropdown select")
    selectors.first.wait_for()
    assert selectors.count() == 3
    page.wait_for_selector(".widget-html table caption")
    before = page.locator(".widget-html caption").inner_text()
    selectors.first.focus()
    for key in ("Space", "ArrowDown", "Enter"):  # a bare arrow moves between cells of the notebook
        page.keyboard.press(key)
        page.wait_for_timeout(300)
    page.wait_for_function(
        "told => document.querySelector('.widget-html caption').innerText !== told", arg=before
    )
    selectors.nth(2).select_option(label={"en": "Tiếng Việt", "vi": "English"}[lang])
    other = {"en": "vi", "vi": "en"}[lang]
    page.wait_for_function(
        f"() => document.querySelector('.widget-html table').getAttribute('lang') === '{other}'"
    )
    assert away(page) == []
