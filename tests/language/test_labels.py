"""What columns, codes and provinces are called: the order of the names, and the two lists of provinces."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from portal_analysis import codebook
from portal_analysis.audit import coefficients, coverage, shortcomings
from portal_analysis.audit.judgements import ASSESSOR_KINDS, OUTCOMES, RUN_STATUSES
from portal_analysis.language import labels
from portal_analysis.language.catalogue import catalogue, own_word
from portal_analysis.language.labels import (
    Names,
    NamesError,
    code_text,
    is_missing,
    package_word,
    province_list,
    source_title,
    sources_of,
)
from portal_analysis.languages import LANGUAGES
from portal_analysis.shape import estimates

SURVEY = "papi-simulated"
NEW_UNITS = ["01", "04", "08", "11", "12", "14", "15", "19", "20", "22", "24", "25", "31", "33", "37", "38"]
NEW_UNITS += ["40", "42", "44", "46", "48", "51", "52", "56", "66", "68", "75", "79", "80", "82", "86", "91"]
NEW_UNITS += ["92", "96"]


def of(*sources: str, lang: str = "en", given=None) -> Names:
    return Names(lang, sources, given=given)


def table(rows: dict, domains: list[str], **more) -> pd.DataFrame:
    frame = pd.DataFrame({"indicator": "use", "estimate": 0.1, "source": "a caller's", **rows})
    return estimates(frame.assign(**more), domains)


# the package's own words


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        ("indicator", (*coefficients.NAMES, "AC2", "Cohen kappa")),
        ("rule", shortcomings.RULES),
        ("outcome", OUTCOMES),
        ("reason", coverage.REASONS),
        ("status", RUN_STATUSES),
        ("kind", ASSESSOR_KINDS),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_that_the_package_makes_has_a_name(column, codes, lang):
    assert codes
    assert [code for code in codes if not package_word(column, code, lang)] == []


@pytest.mark.parametrize("section", ["column", "value"])
def test_names_differ_between_the_languages(section):
    same = {key for key, text in catalogue("en").items() if text == catalogue("vi")[key]}
    assert {key for key in same if key.startswith(f"{section}.")} <= {
        "column.jaccard",
        "column.n",
        "column.p_value",
        "column.p_holm",
        "column.id",
    }


def test_a_word_that_is_not_the_packages_own_has_no_name():
    assert package_word("indicator", "npsp_use", "en") == package_word("colour", "red", "vi") == ""
    assert own_word("column", "colour", "vi") == ""


def test_columns_that_share_words_are_named_alike():
    for column in ("reason", "verdict", "vote", "status"):
        assert package_word(column, "not_tested", "vi") == package_word("outcome", "not_tested", "vi")
    assert of(lang="vi").value("reason", "not_tested") == "chưa kiểm tra"


# the order in which names are looked up


def test_labels_fall_back_to_the_packages_words():
    assert of("a caller's", lang="vi").value("rule", "any") == "có ít nhất một tiêu chí chưa đạt"
    assert of("a caller's").value("indicator", "visits") == "Visits to pages that succeeded"
    assert of("a caller's").column("left_out") == "criterion left out"
    assert of("a caller's", lang="vi").column("rule") == "quy tắc"


def test_labels_come_from_the_codebook_and_else_from_the_code():
    assert of("portal-review-published").value("round", "2023") == "2023, first review"
    assert of("portal-review-published", lang="vi").value("round", "2023") == "2023, đánh giá lần thứ nhất"
    assert of("nobody's").value("round", "2023") == "2023"
    assert of("nobody's", lang="vi").value("period", "2024-07") == "tháng 7/2024"
    assert of("nobody's", lang="vi").value("province", "01") == "Hà Nội"
    assert of("nobody's").value("province", "97") == "97"
    assert of("nobody's").column("province") == "province"
    assert of("nobody's").column("how_often") == "how often"


@pytest.mark.parametrize("nothing", [None, math.nan, pd.NA, pd.NaT])
def test_missing_is_everybody_by_one_word(nothing):
    for column in ("province", "sex", "no column of ours"):
        assert of(SURVEY).value(column, nothing) == "All"
        assert of(SURVEY, lang="vi").value(column, nothing) == "Chung"


def test_a_codebooks_own_name_comes_before_the_packages(monkeypatch):
    named = {("rule", "any"): {"en": "our rule", "vi": "quy tắc của chúng tôi"}}
    monkeypatch.setattr(codebook, "labels", lambda source: named)
    assert of("ours", lang="vi").value("rule", "any") == "quy tắc của chúng tôi"


def test_the_callers_name_comes_first_in_its_language():
    given = {("sex", "female"): {"en": "women asked", "vi": "nữ được hỏi"}, ("sex", None): "gender"}
    assert of(SURVEY, given=given).value("sex", "female") == "women asked"
    assert of(SURVEY, lang="vi", given=given).value("sex", "female") == "nữ được hỏi"
    assert of(SURVEY, given=given).value("sex", "male") == of(SURVEY).value("sex", "male")
    assert of(SURVEY, given=given).column("sex") == "gender"
    assert of(SURVEY, given=given).title("sex") == "Gender"


def test_a_rows_own_source_is_asked_before_the_others(monkeypatch):
    books = {"a": {("q", "1"): {"en": "yes of a"}}, "b": {("q", "1"): {"en": "yes of b"}}}
    monkeypatch.setattr(codebook, "labels", lambda source: books.get(source, {}))
    names = of("a", "b")
    assert [names.value("q", 1, source) for source in ("b", "a", None, "a; b")] == [
        "yes of b",
        "yes of a",
        "yes of a",
        "yes of a",
    ]
    assert names.value("q", 1, "b; a") == "yes of b"


def test_a_tables_own_names_stand_between_the_callers_and_the_codebooks():
    own = table({"shortcoming": ["S1"]}, ["shortcoming"], label_en="Clumsy", label_vi="Khó dùng")
    assert Names.of(own, "vi").value("shortcoming", "S1") == "Khó dùng"
    given = {("shortcoming", "S1"): "Awkward"}
    assert Names.of(own, "en", given).value("shortcoming", "S1") == "Awkward"
    half = own.assign(label_vi=None)
    assert Names.of(half, "vi").value("shortcoming", "S1") == "Clumsy"


def test_codes_of_a_second_shortcoming_are_named_as_the_first():
    own = table({"shortcoming": ["S1"]}, ["shortcoming"], label_en="Clumsy", label_vi="Khó dùng")
    assert Names.of(own, "en").value("with_shortcoming", "S1") == "Clumsy"


def test_an_indicator_of_columns_is_named_by_them():
    names = of(SURVEY)
    use, ethnicity = names.value("indicator", "npsp_use"), names.column("ethnicity")
    assert names.value("indicator", "npsp_use x ethnicity") == f"{use} × {ethnicity}"
    assert names.value("indicator", "npsp_use/internet_home") == (
        f"{use} / {names.value('indicator', 'internet_home')}"
    )
    assert names.value("indicator", "a/b") == "a/b"
    assert names.value("indicator", "age") == names.column("age")


def test_terms_and_categories_of_a_model_are_named_by_their_columns():
    names = of(SURVEY)
    assert names.term("ethnicity:I(wave - 2022)") == f"{names.column('ethnicity')} × {names.column('wave')}"
    row = {"indicator": "npsp_use", "term": "C(urban)", "source": SURVEY}
    assert names.part(row, "category", 1) == "Urban"
    assert names.part(row, "term", "C(urban)") == names.column("urban")
    assert names.part({**row, "term": "age"}, "category", None) == "each unit more"
    assert names.part(row, "term", None) == ""
    answered = {"indicator": "education", "term": None, "source": SURVEY}
    assert names.part(answered, "category", "none") == "No schooling completed"


# codes and sources


def test_codes_are_written_as_codebooks_write_them():
    assert [code_text(code) for code in (1.0, 1, "1", "01", 1.5, True)] == [
        "1",
        "1",
        "1",
        "01",
        "1.5",
        "True",
    ]


def test_what_is_missing_is_told_from_what_is_empty():
    assert all(is_missing(cell) for cell in (None, math.nan, pd.NA, pd.NaT))
    assert not any(is_missing(cell) for cell in ("", 0, False, "nan", [None]))


def test_sources_are_told_once_in_their_order():
    assert sources_of(pd.DataFrame({"source": ["b; a", "a", None, "c;b"]})) == ["b", "a", "c"]
    assert sources_of(pd.DataFrame({"a": [1]})) == []


def test_a_dataset_of_the_callers_is_called_by_its_id():
    assert source_title("my-own", "vi") == "my-own"
    assert source_title(SURVEY, "vi") != SURVEY != source_title(SURVEY, "en")


# the two lists of provinces


def test_a_table_says_which_list_its_codes_are_of():
    both = {"province": ["15", "24"]}
    assert Names.of(table(both, ["province"], units=34), "en").value("province", "15") == "Lao Cai"
    assert Names.of(table(both, ["province"], units=63), "en").value("province", "15") == "Yen Bai"
    named = table({"gso34": ["15"]}, ["gso34"])
    assert Names.of(named, "vi").value("gso34", "15") == "Lào Cai"
    old = table({"gso63": ["15"]}, ["gso63"])
    assert Names.of(old, "vi").value("gso63", "15") == "Yên Bái"


def test_a_table_that_does_not_say_is_of_the_list_that_holds_its_codes():
    assert len(NEW_UNITS) == 34
    assert province_list(table({"province": NEW_UNITS}, ["province"])) == 34
    assert province_list(table({"province": NEW_UNITS[:9]}, ["province"])) == 63
    assert province_list(table({"province": ["01"], "period": ["2026"]}, ["province", "period"])) == 34
    assert province_list(table({"province": ["01"], "period": ["2025"]}, ["province", "period"])) == 63
    assert province_list(table({"province": ["02"], "period": ["2026"]}, ["province", "period"])) == 63
    assert province_list(table({"sex": ["female"]}, ["sex"])) == 63


def test_a_list_that_does_not_hold_the_codes_is_an_error():
    with pytest.raises(NamesError, match=r"\['02'\] are no codes of the list of 34 provinces.*units=63"):
        Names.of(table({"province": ["01", "02"]}, ["province"], units=34), "en")
    mixed = table({"province": ["01", "01"]}, ["province"]).assign(units=[34, 63])
    with pytest.raises(NamesError, match=r"63 or 34, not \[34, 63\]"):
        province_list(mixed)
    with pytest.raises(NamesError, match=r"not \[64\]"):
        province_list(table({"province": ["01"]}, ["province"]).assign(units=64))


def test_an_unused_lookup_is_not_shared_between_tables():
    first = Names.of(table({"province": ["15"]}, ["province"], units=34), "en")
    second = Names.of(table({"province": ["15"]}, ["province"], units=63), "en")
    assert [one.value("province", "15") for one in (first, second, first)] == [
        "Lao Cai",
        "Yen Bai",
        "Lao Cai",
    ]
    assert labels._register(34, "en") != labels._register(63, "en")
