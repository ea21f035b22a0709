"""What all files have in common: their moment, their bytes, and text that no spreadsheet runs."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.files import DANGEROUS, EPOCH, moment, plain_text, safe_cell, same_bytes


@given(st.text(max_size=20))
def test_no_text_starts_a_formula(text):
    assert not str(safe_cell(text)).startswith(DANGEROUS)
    assert str(safe_cell(text)).endswith(plain_text(text))


@pytest.mark.parametrize("number", [-1, -0.5, 0, 3.25, np.float64(-2.0)])
def test_numbers_are_left_as_they_are(number):
    assert safe_cell(number) is number


@pytest.mark.parametrize("value", [None, True, 3, 2.5])
def test_what_is_no_text_is_left_as_it_is(value):
    assert safe_cell(value) is value


def test_files_are_dated_with_one_moment(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert moment() == datetime(2024, 1, 1)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH + 60))
    assert moment() == datetime(2024, 1, 1, 0, 1)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert moment() == datetime(1980, 1, 1)  # the first year that an archive can name


def archive(*names: str, year: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name in names:
            file.writestr(zipfile.ZipInfo(name, (year, 5, 6, 7, 8, 10)), f"content of {name}")
    return target.getvalue()


def test_archives_of_the_same_contents_have_the_same_bytes():
    one = same_bytes(archive("b.xml", "[Content_Types].xml", "a.xml", year=2020))
    assert one == same_bytes(archive("a.xml", "b.xml", "[Content_Types].xml", year=2024))
    with zipfile.ZipFile(io.BytesIO(one)) as file:
        assert file.namelist() == ["[Content_Types].xml", "a.xml", "b.xml"]
        assert file.read("a.xml") == b"content of a.xml"
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
