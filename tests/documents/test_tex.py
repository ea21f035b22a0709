"""A table as LaTeX: nothing in it is a command, columns of numbers stand to the right, long tables break."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.documents.blocks import Table
from portal_analysis.documents.tex import LONG, escape, tex
from portal_analysis.language.line import MARKS, SET_APART

SAFE = set(string.ascii_letters + string.digits + " .,;:()'-/+=!?@\"`–“”’")


def shape(*columns: tuple[str, ...]) -> str:
    """Return how LaTeX lines up the columns of a table."""
    text = tex(Table("T", tuple("abcdefgh"[: len(columns)]), tuple(zip(*columns, strict=True))), "t")
    return re.search(r"\\begin\{(?:tabular|longtable)\}\{(\w+)\}", text)[1]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a_b & 50%", r"a\_b \& 50\%"),
        ("$1 #2 {x} ~ ^", r"\$1 \#2 \{x\} \textasciitilde{} \textasciicircum{}"),
        ("\\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("−1.5", r"\ensuremath{-}1.5"),
        ("<0.01–0.4", r"\textless{}0.01–0.4"),
        ("[name] *x*", "{[}name] {*}x{*}"),
        ("Tỷ lệ sử dụng", "Tỷ lệ sử dụng"),
        ("", ""),
    ],
)
def test_text_is_printed_as_it_is(text, written):
    assert escape(text) == written


@given(st.text(alphabet=string.printable, max_size=30))
def test_no_text_is_a_command(text):
    plain = re.sub(r"\\(text\w+|ensuremath)\{\}|\\[&%$#_{}]|\{[\[*]\}", "", escape(text))
    assert not set(plain) & set("\\&%$#_{}~^<>|*[")


@pytest.mark.parametrize("mark", [*MARKS.values(), SET_APART, "−", "∞"])
def test_every_sign_beside_a_number_can_be_printed(mark):
    assert set(re.sub(r"\\[A-Za-z]+|\\[,#]|\{\*\}|[{}]", "", escape(mark))) <= SAFE


def test_a_table_has_caption_label_head_and_note():
    block = Table("Use_rate", ("place", "share"), (("Hà Nội", "18.5%"), ("Huế", "")), "SIMULATED DATA")
    assert tex(block, "use", "Source: x & y").splitlines() == [
        "% packages: booktabs; a typeface with Vietnamese letters",
        r"\begin{table}",
        r"\caption{Use\_rate. SIMULATED DATA}\label{tab:use}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"place & share \\",
        r"\midrule",
        r"Hà Nội & 18.5\% \\",
        r"Huế &  \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\footnotesize Source: x \& y",
        r"\end{table}",
    ]
    assert "footnotesize" not in tex(block, "use")


def test_a_long_table_breaks_across_pages_and_repeats_its_head():
    block = Table("T", ("a", "b"), tuple((f"x{n}", str(n)) for n in range(LONG + 1)))
    text = tex(block, "long", "Source: x")
    assert "% packages: booktabs, longtable" in text
    assert r"\begin{longtable}{lr}" in text
    assert text.count(r"a & b \\") == 2
    assert (
        text.index(r"\endfirsthead") < text.index(r"\endhead") < text.index(r"\endfoot") < text.index("x0 ")
    )
    assert text.endswith("\\end{longtable}\n\\par\\footnotesize Source: x\n")
    assert "longtable" not in tex(Table("T", ("a", "b"), block.rows[:LONG]), "short")


@pytest.mark.parametrize(
    "cells",
    [
        ("18.5%", "1,200"),
        ("18,5%", "1.200"),
        ("4.1–5.3", "<0.01–0.4"),
        ("+1.2 to +3.0", "−1,55 đến +0,22"),
        ("3 of 63", "26/63"),
        ("< 0.001", "0.040"),
        ("1.00%\N{THIN SPACE}†", "7\N{THIN SPACE}§"),
        ("5.20\N{THIN SPACE}† (4.80–5.60)", "0.02 (<0.01–0.42)"),
        ("18.5%", "withheld"),
        ("18.5%", ""),
    ],
)
def test_numbers_stand_to_the_right(cells):
    assert shape(("x", "y"), cells) == "lr"


@pytest.mark.parametrize(
    "cells", [("to be read with caution", ""), ("", ""), ("2020–2024 review", "x"), ("–", "×")]
)
def test_words_stand_to_the_left(cells):
    assert shape(("x", "y"), cells) == "ll"
