# make report   the report, from the data and notebooks of the project
# make test     the tests, in minutes
# make test-all every test: the browser, the word processor, all notebooks in both languages
# make coverage the whole suite, and what of the lines and branches of survey/ and audit/ it ran
# make lab      JupyterLab on the notebooks
# make docs     the reference as a site that opens from disk: site/index.html
# make bench    time the full table on 16 thousand and 160 thousand rows, by every engine that is installed
# make lint     style and types
# make test-lowest   the tests that read, count and draw, on the lowest version of every dependency
# Needs python3 (3.11 or newer), make and git; everything else is installed into .venv.

PYTHON ?= python3
LANGUAGE_OF_REPORT ?= en
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(shell command -v uv >/dev/null 2>&1 && echo "uv pip install --quiet --python $(BIN)/python" || echo "$(BIN)/python -m pip install --quiet --disable-pip-version-check")
# The lock holds versions and no hashes: they would have to be those of every wheel of every system and Python, and what can be
# fetched on one machine are its own; on all others such a lock refuses to install. It is a list to choose from besides: the
# report takes half of it, by --constraint, which cannot be combined with --require-hashes and an editable install.
LOCK := requirements.lock
INPUTS := pyproject.toml $(LOCK)
SHARED := --numprocesses auto --dist loadscope --no-loadscope-reorder --quiet

.PHONY: report report-vi test test-all coverage test-lowest lab lint docs bench clean

report: $(VENV)/.report
	$(BIN)/portal-analysis report --lang $(LANGUAGE_OF_REPORT)

report-vi: $(VENV)/.report
	$(BIN)/portal-analysis report --lang vi

test: $(VENV)/.test
	$(BIN)/python -m pytest $(SHARED) -m "not slow and not browser"

test-all: $(VENV)/.test
	HYPOTHESIS_PROFILE=many $(BIN)/python -m pytest $(SHARED)

test-lowest:
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements-lowest.txt '.[io,report,big]' frictionless hypothesis ipywidgets ibis-framework[duckdb] polars pypdf pytest pytest-xdist pyyaml
	PYTHONPATH=. .venv-lowest/bin/python -m pytest $(SHARED) -m "not slow and not browser" --ignore tests/browser

coverage: $(VENV)/.test
	$(BIN)/python -m pytest $(SHARED) --cov --cov-report=term-missing --cov-report=json

lab: $(VENV)/.lab
	$(BIN)/portal-analysis lab

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.docs
	$(BIN)/python docs/build.py

bench: $(VENV)/.test
	$(BIN)/python benchmarks/scale.py --rows 16000 160000 --engines pandas polars duckdb svy r --results benchmarks/results/small

clean:
	rm -rf $(VENV) .venv-lowest report report-vi exports site

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'portal_analysis needs Python 3.11 or newer; found ' + sys.version.split()[0])"
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV); else $(PYTHON) -m venv $(VENV); fi

$(VENV)/.report: $(BIN)/python $(INPUTS)
	$(INSTALL) --constraint $(LOCK) --editable '.[io,report,big]'
	@touch $@

$(VENV)/.lab: $(BIN)/python $(INPUTS)
	$(INSTALL) --constraint $(LOCK) --editable '.[io,report,lab,big]'
	@touch $@

$(VENV)/.docs: $(BIN)/python $(INPUTS)
	$(INSTALL) --constraint $(LOCK) --editable '.[io,report,lab,big,docs]'
	@touch $@

$(VENV)/.test: $(BIN)/python $(INPUTS)
	$(INSTALL) --constraint $(LOCK) --editable '.[io,report,lab,big,docs,dev]'
	@touch $@
