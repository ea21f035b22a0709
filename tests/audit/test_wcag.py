"""Spellings of success criteria, and the catalogue itself."""

from __future__ import annotations

import pytest

from portal_analysis import codebook
from portal_analysis.audit import wcag


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        ("1.4.3", "1.4.3"),
        ("WCAG 1.4.3 Contrast (Minimum)", "1.4.3"),
        ("wcag143", "1.4.3"),
        ("wcag1410", "1.4.10"),
        ("WCAG2:non-text-content", "1.1.1"),
        ("wcag20:text-equiv-all", "1.1.1"),
        ("https://www.w3.org/TR/WCAG20/#ensure-compat-rsv", "4.1.2"),
        ("WCAG22:redundant-entry", "3.3.7"),
        ("WCAG2AA.Principle3.Guideline3_1.3_1_1.H57.2", "3.1.1"),
        ("WCAG2AA.Principle1.Guideline1_4.1_4_3_F24.F24.FGColour", "1.4.3"),
        ("WCAG2AA.Principle1.Guideline1_4.1_4_10.C32,C31", "1.4.10"),
    ],
)
def test_a_spelling_names_its_criterion(spelling: str, number: str) -> None:
    assert wcag.criterion(spelling) == number


@pytest.mark.parametrize("spelling", ["", "region", "wcag2aa", "1.9.9", "version 4.8.2", "11.4.3", "WCAG2:"])
def test_other_texts_name_none(spelling: str) -> None:
    assert wcag.criterion(spelling) is None


def test_tags_give_each_criterion_once_in_order() -> None:
    assert wcag.of_tags(["cat.color", "wcag2aa", "wcag143", "EN-9.1.4.3", "wcag412", "wcag143"]) == (
        "1.4.3",
        "4.1.2",
    )


def test_rules_test_parts_of_criteria_or_none() -> None:
    assert wcag.of_rule("link-name") == ("2.4.4", "4.1.2")
    assert wcag.of_rule("region") == ()
    assert wcag.is_rule("region")
    assert not wcag.is_rule("is-on-https")


def test_the_catalogue_holds_the_numbers_of_the_recommendations() -> None:
    versions = wcag.catalogue()["versions"]
    counts = [versions.str.contains(version, regex=False).sum() for version in ("2.0", "2.1", "2.2")]
    assert counts == [61, 78, 86]
    levels = wcag.catalogue().loc[versions.str.contains("2.2", regex=False), "level"].value_counts()
    assert levels.to_dict() == {"A": 31, "AAA": 31, "AA": 24}


def test_the_dataset_matches_its_description() -> None:
    tables = codebook.load("wcag2")
    assert len(tables["criteria"]) == 87
    assert set(tables["rules"]["wcag_sc"].dropna()) <= set(tables["criteria"]["wcag_sc"])
