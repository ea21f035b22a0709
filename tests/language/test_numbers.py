"""Numbers and periods, as a reader of either language expects them; one rule for decimals."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.language.catalogue import WordingError
from portal_analysis.language.numbers import (
    MINUS,
    MOST,
    NONE,
    count,
    digits,
    month_words,
    number,
    p_value,
    period,
    period_name,
    plain,
    qualified,
    unit_name,
)

UNITS = ("proportion", "points", "number", "odds ratio", "log odds", "F", "index 0-1")
ERRORS = st.one_of(st.just(math.nan), st.floats(1e-6, 10))


@pytest.mark.parametrize(
    ("value", "unit", "places", "en", "vi"),
    [
        (0.185, "proportion", None, "18.5%", "18,5%"),
        (0.18, "proportion", None, "18%", "18%"),
        (0.0951, "proportion", None, "9.51%", "9,51%"),
        (0.4, "proportion", 1, "40.0%", "40,0%"),
        (1.0, "proportion", None, "100%", "100%"),
        (0.0, "proportion", 1, "0.0%", "0,0%"),
        (-1e-12, "proportion", 1, "0.0%", "0,0%"),
        (0.00004, "proportion", 1, "0.004%", "0,004%"),
        (0.021, "points", None, "+2.1", "+2,1"),
        (-0.021, "points", None, "−2.1", "−2,1"),
        (0.0, "points", None, "0", "0"),
        (16117, "count", None, "16,117", "16.117"),
        (1234567.5, "number", None, "1,234,567.5", "1.234.567,5"),
        (1.25, "odds ratio", 2, "1.25", "1,25"),
        (16117, "persons", None, "16,117", "16.117"),
        (14.5, "million dossiers", None, "14.5", "14,5"),
        (3, "apples", None, "3", "3"),
        (math.nan, "proportion", None, "–", "–"),
        (None, "count", None, "–", "–"),
        (math.inf, "odds ratio", None, "∞", "∞"),
        (-math.inf, "log odds", None, "−∞", "−∞"),
    ],
)
def test_a_number_follows_its_unit_and_language(value, unit, places, en, vi):
    assert number(value, unit, "en", places) == en
    assert number(value, unit, "vi", places) == vi


@pytest.mark.parametrize(
    ("unit", "en", "vi"),
    [
        ("points", "percentage points", "điểm phần trăm"),
        ("persons", "persons", "người"),
        ("million dossiers", "million dossiers", "triệu hồ sơ"),
        ("apples", "apples", "apples"),
        ("proportion", "", ""),
        ("number", "", ""),
    ],
)
def test_a_unit_is_named_unless_the_number_says_it(unit, en, vi):
    assert (unit_name(unit, "en"), unit_name(unit, "vi")) == (en, vi)


def test_a_plus_is_written_where_it_is_asked_for():
    assert number(0.5, "log odds", "en", 2, signed=True) == "+0.50"
    assert number(0.0, "log odds", "en", 2, signed=True) == "0.00"
    assert number(-0.5, "log odds", "en", 2, signed=True) == "−0.50"


@pytest.mark.parametrize(
    ("value", "unit", "se", "told"),
    [
        (0.0485, "proportion", 0.002, 2),
        (0.0485, "proportion", 0.01, 2),
        (0.0485, "proportion", 0.011, 1),
        (0.485, "proportion", 0.002, 1),
        (0.1, "proportion", 0.002, 1),
        (0.0951, "proportion", math.nan, 2),
        (0.18, "proportion", math.nan, 0),
        (1 / 3, "proportion", math.nan, 2),
        (-0.05, "points", 0.01, 2),
        (0.02, "odds ratio", 0.001, 3),
        (1.25, "odds ratio", 5.0, 2),
        (12.0, "odds ratio", math.nan, 1),
        (27.134, "F", math.nan, 2),
        (39.25, "number", 0.2, 2),
        (12345.6, "persons", 150.0, 0),
        (0.123456789, "index 0-1", 1e-9, 4),
        (1 / 3, "number", math.nan, 4),
        (0.00002, "proportion", 0.00002, 3),
        (0.0, "proportion", 0.002, 2),
        (math.nan, "proportion", 0.002, 0),
    ],
)
def test_decimals_follow_size_error_and_unit(value, unit, se, told):
    assert digits(value, unit, se) == told


def test_the_width_of_an_interval_stands_in_for_a_missing_error():
    assert digits(0.05, "proportion", math.nan, 0.04) == digits(0.05, "proportion", 0.01)
    assert digits(0.05, "proportion", 0.002, 0.4) == digits(0.05, "proportion", 0.002)


@given(st.floats(10.0**-MOST, 1), st.sampled_from(UNITS), ERRORS)
def test_a_number_that_is_not_zero_is_never_written_as_zero(value, unit, error):
    text = number(value, unit, "en", digits(value, unit, error)).strip("+%")
    assert float(text) > 0


@given(st.floats(0, 1e6), st.sampled_from(UNITS), ERRORS)
def test_decimals_are_few_and_do_not_depend_on_the_sign(value, unit, error):
    assert 0 <= digits(value, unit, error) <= MOST
    assert digits(-value, unit, error) == digits(value, unit, error)


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_a_count_can_be_read_back_in_both_languages(value):
    for lang, thousands in (("en", ","), ("vi", ".")):
        for text in (number(value, "count", lang), count(value, lang)):
            assert int(text.replace(MINUS, "-").replace(thousands, "")) == value


@pytest.mark.parametrize(
    ("value", "en", "vi"),
    [
        (0.0401, "0.040", "0,040"),
        (1.0, "1.000", "1,000"),
        (0.00099, "< 0.001", "< 0,001"),
        (0.0, "< 0.001", "< 0,001"),
    ],
)
def test_a_p_value_has_three_decimals(value, en, vi):
    assert (p_value(value, "en"), p_value(value, "vi")) == (en, vi)


@pytest.mark.parametrize(
    ("code", "en", "vi"),
    [
        ("2022", "2022", "2022"),
        ("2024-07", "July 2024", "tháng 7/2024"),
        ("2022-01-01/2022-07-31", "January–July 2022", "tháng 1–7/2022"),
        ("2024-01-01/2024-02-29", "January–February 2024", "tháng 1–2/2024"),
        ("2024-01-01/2024-07-10", "1 January 2024 – 10 July 2024", "1/1/2024 – 10/7/2024"),
        ("2020-01-01/2021-12-31", "1 January 2020 – 31 December 2021", "1/1/2020 – 31/12/2021"),
        ("2020/2024", "2020–2024", "2020–2024"),
        ("2023-01-01/..", "since 1 January 2023", "từ 1/1/2023"),
        ("../2020-05-19", "to 19 May 2020", "đến 19/5/2020"),
    ],
)
def test_a_period_is_told_in_words(code, en, vi):
    assert (period(code, "en"), period(code, "vi")) == (en, vi)


def test_what_is_no_period_is_told_as_it_is():
    assert period_name("first-wave", "en") == "first-wave"
    assert period_name("2024-13", "vi") == "2024-13"
    assert period_name(2022, "vi") == "2022"


def test_months_have_the_words_that_their_place_needs():
    assert month_words(7, "en") == {"name": "July", "short": "Jul", "span": "Jul"}
    assert month_words(7, "vi")["short"] == "T7"


@pytest.mark.parametrize(
    ("qualifier", "en", "vi"),
    [
        ("exact", "76%", "76%"),
        ("", "76%", "76%"),
        (math.nan, "76%", "76%"),
        ("nearly", "nearly 76%", "gần 76%"),
        ("more than", "more than 76%", "hơn 76%"),
        ("just over", "just over 76%", "trên 76% một chút"),
        ("about", "about 76%", "khoảng 76%"),
    ],
)
def test_a_published_number_keeps_its_qualifier(qualifier, en, vi):
    assert qualified(number(0.76, "proportion", "en"), qualifier, "en") == en
    assert qualified(number(0.76, "proportion", "vi"), qualifier, "vi") == vi


def test_a_published_number_keeps_its_decimals():
    assert number(0.0500, "proportion", "en", 2) == "5.00%"


def test_unknown_words_are_told():
    with pytest.raises(WordingError, match="'roughly' is not known; qualifiers are"):
        qualified("10%", "roughly", "en")
    for write in (
        lambda: number(1, "count", "xx"),
        lambda: number(math.nan, "count", "xx"),
        lambda: plain(1, "xx", 0),
        lambda: period("2022", "xx"),
    ):
        with pytest.raises(WordingError, match="language 'xx' is not known; languages are"):
            write()


def test_a_missing_number_is_a_dash():
    assert plain(math.nan, "vi", 2) == NONE
