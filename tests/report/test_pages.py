"""The printed report is short enough to be finished, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal_analysis.language.catalogue import word
from portal_analysis.report import Report

pytestmark = pytest.mark.slow

WHOLE, BODY = 45, 25


@pytest.fixture
def starts(report: Report) -> tuple[list[tuple[str, int]], int]:
    """Return the headings of the PDF with their pages, counted from 1, and how many pages it has."""
    from pypdf import PdfReader

    reader = PdfReader(report.pdf)

    def walk(items: list[Any]) -> Iterator[tuple[str, int]]:
        for one in items:
            if isinstance(one, list):
                yield from walk(one)
            else:
                yield str(one.title), (reader.get_destination_page_number(one) or 0) + 1

    return list(walk(reader.outline)), len(reader.pages)


def test_the_whole_has_at_most_forty_five_pages(starts: tuple[list[tuple[str, int]], int]) -> None:
    assert starts[1] <= WHOLE


def test_its_body_has_at_most_twenty_five(starts: tuple[list[tuple[str, int]], int], report: Report) -> None:
    headings = starts[0]
    reference = dict(headings)[word("report.reference", report.lang)]
    assert 1 < headings[0][1] < reference <= headings[0][1] + BODY
