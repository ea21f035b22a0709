"""Names and codes that would be formulas, markup, scripts or broken files are text and nothing else."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import portal_analysis as pa
from portal_analysis.audit.readers.tidy import restored, safe
from portal_analysis.exports import export
from portal_analysis.figures import plot_estimates
from portal_analysis.files import is_dangerous, plain_text, safe_cell
from portal_analysis.shape import estimates

BAD = [
    "a\x01b\x0bc\x1f",
    "x\r=1+1",
    " =1+1",
    "\u200b\ufeff =1+1",
    "＝1+1",
    "﹢1",
    "−1+1",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![i](http://e.example/i.png)",
    "<http://e.example>",
    "l1\n# H\n- b",
    "\u202eabc",
    "`code`",
    "a | b",
    "\ufffe",
]


@pytest.fixture
def hostile() -> pd.DataFrame:
    n = len(BAD)
    values = {"estimate": [0.1 + 0.05 * i for i in range(n)], "n": 400, "ci_low": 0.05, "ci_high": 0.99}
    rows = {"indicator": "use", "group": BAD, **values}
    return estimates(pd.DataFrame({**rows, "source": "x\x02y", "unit": "proportion"}), ["group"])


def test_no_label_adds_a_row_or_a_formula_to_a_csv(hostile, tmp_path):
    content = export("x", hostile, folder=tmp_path, formats=["csv"]).files["csv"].read_bytes()
    assert b"\r" not in content
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert len(rows) == len(BAD) + 1
    assert len(pd.read_csv(io.BytesIO(content))) == len(BAD)
    assert not [cell for row in rows for cell in row if is_dangerous(cell)]


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("kind", ["svg", "docx", "xlsx"])
def test_every_file_is_xml_whatever_the_labels_hold(hostile, tmp_path, kind):
    figure = plot_estimates(hostile, title="T\x01 <b>\x0c") if kind == "svg" else None
    content = export("x", hostile, figure, tmp_path, [kind]).files[kind].read_bytes()
    if kind == "svg":
        parts = [content]
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(name) for name in archive.namelist() if name.endswith(".xml")]
    for part in parts:
        root = ElementTree.fromstring(part)
        assert not [one for one in root.iter() if one.tag.endswith("script")]


@pytest.mark.parametrize("html", [True, False])
def test_no_sentence_is_live_markup(hostile, html):
    told = pa.describe(hostile, most=50)
    shown = MarkdownIt("commonmark", {"html": html}).enable(["table"]).render(told._repr_markdown_())
    for live in ("<script", "<a ", "<img", "<h1", "<code", "<table", 'javascript:alert(1)"'):
        assert live not in shown
    assert shown.count("<li>") == len(BAD)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert(1)</script>" in told


def test_bold_numbers_and_lists_stay():
    given = estimates(
        pd.DataFrame({"indicator": ["a_b", "c"], "estimate": [0.5, 0.25], "source": "toy", "n": 99.0})
    )
    told = pa.describe(given)._repr_markdown_()
    assert "**50.0%**" in told or "**50%**" in told
    assert told.startswith("- ")


@given(st.text())
def test_no_cell_is_a_formula_or_a_row(text):
    cell = str(safe_cell(text))
    assert not is_dangerous(cell)
    assert "\r" not in cell
    assert cell.removeprefix("'").endswith(plain_text(text).removeprefix("'"))


@given(st.text())
def test_what_an_audit_writes_comes_back(text):
    assert restored(safe(text)) == text
    assert not is_dangerous(safe(text))
