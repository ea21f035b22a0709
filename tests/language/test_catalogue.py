"""Words by their keys: languages, placeholders, texts given per language, composed letters."""

from __future__ import annotations

import unicodedata

import pytest

from portal_analysis.language.catalogue import (
    WordingError,
    capital,
    catalogue,
    check_language,
    in_language,
    inside,
    nfc,
    own_word,
    word,
)
from portal_analysis.languages import FIRST, FOLDER, LANGUAGES


def test_each_file_of_words_is_a_language_and_english_is_the_first():
    assert set(LANGUAGES) == {path.stem for path in FOLDER.glob("*.toml")}
    assert LANGUAGES[0] == FIRST == "en"
    assert "vi" in LANGUAGES


@pytest.mark.parametrize("lang", ["xx", "EN", "", "../en"])
def test_an_unknown_language_is_told_whatever_is_asked(lang):
    for ask in (check_language, catalogue, lambda one: word("word.yes", one)):
        with pytest.raises(WordingError, match=f"language {lang!r} is not known; languages are"):
            ask(lang)


def test_placeholders_are_filled():
    assert word("number.count", "en", count="30", base="63") == "30 of 63"
    assert word("number.count", "vi", count="30", base="63") == "30/63"


def test_what_stands_in_a_place_is_not_filled_itself():
    assert word("word.compared_with", "en", other="{base}") == "compared with: {base}"


def test_an_own_word_is_found_or_empty():
    assert own_word("indicator", "visits", "en") == "Visits to pages that succeeded"
    assert own_word("value.rule", "any", "vi") == "có ít nhất một tiêu chí chưa đạt"
    assert own_word("column", "a column of the caller's", "en") == ""
    assert own_word("value", "rule", "en") == ""
    assert own_word("period", "months", "en") == ""  # a list is no word


def test_a_text_may_be_given_per_language_and_english_stands_in():
    both = {"en": "Women", "vi": "Nữ"}
    assert [in_language(both, lang) for lang in ("en", "vi")] == ["Women", "Nữ"]
    assert in_language({"en": "Women"}, "vi") == "Women"
    assert in_language({"en": "Women", "vi": ""}, "vi") == "Women"
    assert in_language({"vi": "Nữ"}, "en") == "Nữ"
    assert in_language({}, "en") == ""
    assert in_language("Women", "vi") == "Women"


def test_letters_are_composed():
    apart = unicodedata.normalize("NFD", "Tỷ lệ")
    assert nfc(apart) == in_language(apart, "vi") == "Tỷ lệ"
    assert word("word.compared_with", "vi", other=apart) == "so với: Tỷ lệ"
    every = [text for lang in LANGUAGES for text in catalogue(lang).values() if isinstance(text, str)]
    assert [text for text in every if nfc(text) != text] == []


@pytest.mark.parametrize(
    ("text", "beginning", "within"),
    [
        ("usage rate", "Usage rate", "usage rate"),
        ("Province", "Province", "province"),
        ("NPSP use", "NPSP use", "NPSP use"),
        ("đợt", "Đợt", "đợt"),
        ("Đợt", "Đợt", "đợt"),
        ("", "", ""),
    ],
)
def test_names_begin_sentences_and_stand_inside_them(text, beginning, within):
    assert (capital(text), inside(text)) == (beginning, within)
