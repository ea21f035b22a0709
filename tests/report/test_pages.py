"""The printed report can be finished, its first page tells the numbers, simulated data are named; in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from portal_analysis.language.catalogue import word
from portal_analysis.report import Report

pytestmark = pytest.mark.slow

WHOLE, BODY = 45, 25
TOLD = {
    "en": {
        "18%": "No source found says what is counted out of what",
        "4.85%": "How the answers were weighted is not published",
        "3.01%": "3.05% as the press has it",
        "60 of 63 portals": "their scoring guide is published only in part",
        "39 of 63 portals": "These are the reviewers’ counts",
        "30 of 63 portals": "These are the reviewers’ counts",
        "simulated data": "they say nothing about Viet Nam",
    },
    "vi": {
        "18%": "Chưa tìm thấy nguồn nào nêu rõ tử số và mẫu số",
        "4,85%": "Cách tính trọng số không được công bố",
        "3,01%": "theo báo chí là 3,05%",
        "60/63 cổng": "hướng dẫn chấm điểm chỉ được công bố một phần",
        "39/63 cổng": "Đây là số lượng do nhóm đánh giá công bố",
        "30/63 cổng": "Đây là số lượng do nhóm đánh giá công bố",
        "dữ liệu mô phỏng": "không phản ánh tình hình Việt Nam",
    },
}
"""What a reader finds on the first page, each number with its caveat."""
SIMULATED = {"en": "simulated", "vi": "mô phỏng"}


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


def test_the_first_page_tells_each_number_with_its_caveat(report: Report) -> None:
    from pypdf import PdfReader

    page = " ".join(PdfReader(report.pdf).pages[0].extract_text().split())
    for number, caveat in TOLD[report.lang].items():
        assert number in page
        assert caveat in page[page.index(number) :]
    assert len(page.split()) < 400


def test_every_picture_and_table_of_a_chapter_on_simulated_data_says_so(report: Report) -> None:
    """Chapters and what is looked up of them are told by their titles, parts by theirs."""
    said, page = SIMULATED[report.lang], report.html.read_text("utf-8")
    parts = re.split(r"(?=<h[2-4][ >])", page)
    chapter, found = "", []
    for part in parts:
        head = re.match(r"<h([2-4])[^>]*>(.*?)</h", part, re.DOTALL)
        if head and (head[1] in "23" or said in head[2].lower()):
            chapter = head[2].lower()
        if said in chapter:
            found += re.findall(r"<figure.*?</figure>|<table.*?</table>", part, re.DOTALL)
    assert len(found) > 40
    assert [one[:200] for one in found if said not in one.lower()] == []
