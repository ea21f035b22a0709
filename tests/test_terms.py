"""The package's own words: every code it makes has a name in both languages, and labels fall back to it."""

from __future__ import annotations

import pytest

from portal_analysis import terms, wording
from portal_analysis.audit import agreement, coverage, shortcomings
from portal_analysis.audit.judgements import ASSESSOR_KINDS, OUTCOMES, RUN_STATUSES
from portal_analysis.figures import words
from portal_analysis.terms import term


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        ("indicator", agreement.COEFFICIENTS),
        ("rule", shortcomings.RULES),
        ("outcome", OUTCOMES),
        ("reason", coverage.REASONS),
        ("status", tuple(one for one in RUN_STATUSES)),
        ("kind", ASSESSOR_KINDS),
    ],
)
@pytest.mark.parametrize("lang", ["en", "vi"])
def test_every_code_that_the_package_makes_has_a_name(column, codes, lang):
    assert all(term(column, code, lang) for code in codes)


def test_names_differ_between_the_languages():
    for named in (*terms.VALUES.values(), terms.COLUMNS):
        assert all(set(each) == {"en", "vi"} and each["en"] != each["vi"] for each in named.values())


def test_a_word_that_is_not_the_packages_own_has_no_name():
    assert term("indicator", "npsp_use", "en") == term("colour", None, "vi") == ""


def test_labels_fall_back_to_the_packages_words():
    assert wording.label("a caller's", "rule", "any", "vi") == "có ít nhất một tiêu chí chưa đạt"
    assert wording.label("a caller's", "indicator", "visits", "en") == "Visits to pages that succeeded"
    assert wording.label("a caller's", "left_out", None, "en") == "criterion left out"


def test_a_codebooks_own_name_comes_first(monkeypatch):
    named = {("rule", "any"): {"en": "our rule", "vi": "quy tắc của chúng tôi"}}
    monkeypatch.setattr(wording.codebook, "labels", lambda source: named)
    assert wording.label("ours", "rule", "any", "vi") == "quy tắc của chúng tôi"


def test_figures_use_the_same_words():
    said = words.Words("vi", {}, "proportion", 1)
    assert said.label("reason", "not_tested") == "chưa kiểm tra"
    assert said.column("rule") == "quy tắc"
