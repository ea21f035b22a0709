"""The whole report as a word processor opens it: nothing that a screen reader needs is lost on the way to PDF."""

from __future__ import annotations

from collections import Counter

import pytest
from docx import Document

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(report, office_pdf):
    """Return the report's Word document, and what LibreOffice makes of it as a tagged PDF."""
    return Document(report.docx), office_pdf(report.docx, "writer")


def elements(reader):
    everything = (reader.get_object(number) for number in range(1, max(reader.xref[0]) + 1))
    return [one for one in everything if isinstance(one, dict) and one.get("/Type") == "/StructElem"]


def test_a_word_processor_opens_the_report_and_keeps_what_screen_readers_need(opened):
    document, reader = opened
    tree = elements(reader)
    given = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    kept = [str(one["/Alt"]) for one in tree if "/Alt" in one]
    assert len(given) > 30
    assert [alt for alt in given if not any(alt in one for one in kept)] == []
    kinds = Counter(str(one["/S"]) for one in tree)
    assert kinds["/Table"] == len(document.tables)
    assert kinds["/TH"] >= len(document.tables)
    assert kinds["/H1"] >= 3
    language = document.core_properties.language
    assert str(reader.trailer["/Root"]["/Lang"]) == language
