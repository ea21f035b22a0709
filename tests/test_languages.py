"""The text of data in a language: that language, else English, else Vietnamese, else whatever there is."""

from __future__ import annotations

import pandas as pd
import pytest

from portal_analysis import languages
from portal_analysis.languages import column_in, in_each, text_of, texts_in


@pytest.fixture
def french(monkeypatch):
    """Let there be a third language."""
    monkeypatch.setattr(languages, "LANGUAGES", ("en", "fr", "vi"))


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"vi": "Nữ", "en": "Women", "fr": "Femmes"}, "Femmes"),
        ({"vi": "Nữ", "en": "Women", "fr": ""}, "Women"),
        ({"de": "Frauen", "vi": "Nữ"}, "Nữ"),
        ({"de": "Frauen"}, "Frauen"),
        ({"de": ""}, ""),
        ({}, ""),
    ],
)
def test_a_text_is_that_of_the_language_else_english_else_vietnamese(texts, found):
    assert text_of(texts, "fr") == found


def test_a_text_in_one_language_stands_for_those_of_data():
    assert in_each({"vi": "Nữ"}) == {"en": "Nữ", "vi": "Nữ"}
    assert in_each({"fr": "Femmes", "en": "Women"}) == {"en": "Women", "vi": "Women", "fr": "Femmes"}


def test_what_a_description_says_in_each_language_is_found(french):
    told = {"title": "Women", "title_vi": "Nữ", "title_fr": "Femmes", "title_de": "Frauen"}
    assert texts_in(told, "title") == {"en": "Women", "fr": "Femmes", "vi": "Nữ"}


@pytest.mark.parametrize("nothing", [None, "", float("nan"), pd.NA, pd.NaT])
def test_what_is_missing_is_not_said(nothing):
    assert texts_in({"name_en": nothing, "name": "Women", "name_vi": nothing}, "name") == {"en": "Women"}
    assert texts_in({"name_en": nothing}, "name") == {}


def test_the_name_with_its_language_goes_before_the_bare_one():
    assert texts_in({"name": "nu", "name_en": "Women"}, "name") == {"en": "Women"}


def test_the_column_of_a_language_is_found_else_the_english_one():
    columns = ["region", "region_en", "region_vi"]
    assert column_in(columns, "region", "vi") == "region_vi"
    assert column_in(columns, "region", "fr") == "region_en"
    assert column_in(columns[2:], "region", "fr") == "region_vi"
    assert column_in(columns[:1], "region", "fr") == "region"
