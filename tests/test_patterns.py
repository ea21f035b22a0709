"""Patterns that others wrote end, whatever they are."""

import time

import pytest

from portal_analysis import patterns
from portal_analysis.patterns import PatternError, compiled, fits, named


def test_a_pattern_fits_the_whole_text():
    assert fits(r"\d{2}", "01")
    assert not fits(r"\d{2}", "011")


def test_groups_are_found_by_name_and_only_those_that_took_part():
    assert named(r"(?P<portal>\w+)_(?P<round>\d+)?", "hanoi_2024.xlsx") == {
        "portal": "hanoi",
        "round": "2024",
    }
    assert named(r"(?P<portal>\w+)_(?P<round>\d+)?", "hanoi_.xlsx") == {"portal": "hanoi"}
    assert named(r"(?P<round>\d+)", "x") == {}


@pytest.mark.parametrize("pattern", ["(a+)+b", "(.*a){25}b"])
def test_a_search_without_end_is_given_up(pattern, monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    start = time.monotonic()
    with pytest.raises(PatternError, match="takes more than"):
        fits(pattern, "a" * 5000)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("pattern", ["[", "(", "a{2,1}", "(?P<1>a)", "a" * 2000, "(?<=a+)(?P<a>", "\\"])
def test_what_is_no_pattern_is_one_error(pattern):
    with pytest.raises(PatternError, match=r"no regular expression|at most"):
        compiled(pattern)
