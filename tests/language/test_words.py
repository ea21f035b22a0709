"""The files of words: the same keys and placeholders in each language, none missing, none unused."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path

import pytest

from portal_analysis.audit.coverage import REASONS
from portal_analysis.claims import VERDICTS
from portal_analysis.datasets import KINDS
from portal_analysis.language.catalogue import WordingError, catalogue, word
from portal_analysis.languages import LANGUAGES
from portal_analysis.shape import FLAGS, MEASURES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "\n".join(path.read_text("utf-8") for path in (ROOT / "portal_analysis").rglob("*.py"))
CELLS = "\n".join(
    "".join(cell["source"])
    for path in (ROOT / "notebooks").rglob("*.ipynb")
    for cell in json.loads(path.read_text("utf-8"))["cells"]
)
BY_CODE = (
    "column",
    "indicator",
    "value",
    "unit",
    "qualifier",
    "flag",
    "method",
    "error",
    "meaning",
    "measure",
)
"""Sections whose keys are codes of tables; what is a code of what is tested below."""


IN_TEXT = {key for key in catalogue("en") if key.startswith("text.")}
"""How numbers are written in running text: a language whose numbers are not read may leave all of it out."""


def placeholders(text: object) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(str(text)) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_the_same_keys_and_placeholders(lang):
    ours, first = catalogue(lang), catalogue("en")
    assert set(first) - set(ours) in (set(), IN_TEXT)
    assert set(ours) <= set(first)
    assert {key for key in ours if placeholders(ours[key]) != placeholders(first[key])} == set()
    assert all(text for text in ours.values())


def test_languages_are_told_apart_by_their_common_words():
    told = [tuple(catalogue(lang).get("text.common", [lang])) for lang in LANGUAGES]
    assert len(set(told)) == len(LANGUAGES)


def test_every_word_is_used():
    """A key stands in the code as it is, or the code puts its last part together from a code of a table."""
    told = re.findall(r"""["']([a-z_]+)\.\{""", SOURCE)
    made = {section for section in told if section != "word"} | {"language", "period", "mask", "design"}
    unused = [
        key
        for key in catalogue("en")
        if key.partition(".")[0] not in (*BY_CODE, "notebook", *made)
        and not re.search(rf"""["']{re.escape(key)}["']""", SOURCE)
    ]
    assert unused == []


def test_every_phrase_of_the_notebooks_is_used_and_there():
    asked = set(re.findall(r"""pa\.phrase\(\s*["']([^"']+)["']""", CELLS))
    there = {key.partition(".")[2] for key in catalogue("en") if key.startswith("notebook.")}
    assert asked == there


@pytest.mark.parametrize(
    ("section", "codes"),
    [
        ("flag", FLAGS),
        ("measure", MEASURES),
        ("claim", VERDICTS),
        ("kind", KINDS),
        ("value.outcome", REASONS),
    ],
)
def test_every_code_of_the_package_has_its_word(section, codes):
    assert [code for code in codes if f"{section}.{code}" not in catalogue("en")] == []


def test_every_key_that_the_code_asks_for_is_there():
    sections = {key.partition(".")[0] for key in catalogue("en")}
    asked = re.findall(r"""word\(\s*["']([a-z_]+\.[a-z_]+)["']""", SOURCE)
    assert asked
    assert [key for key in asked if key.partition(".")[0] in sections and key not in catalogue("en")] == []


def test_an_unknown_word_or_language_is_told():
    with pytest.raises(WordingError, match=r"no word 'word\.nothing'"):
        word("word.nothing", "en")
    with pytest.raises(WordingError, match="language 'xx' is not known; languages are"):
        word("word.yes", "xx")
