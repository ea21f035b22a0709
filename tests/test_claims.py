"""Published statements against figures: the verdict on each, and what may and may not decide it."""

from __future__ import annotations

import dataclasses
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.claims import (
    CLAIM_COLUMNS,
    QUALIFIERS,
    VERDICTS,
    ClaimError,
    Claims,
    check_claims,
    load_claims,
    same_house,
    span,
)
from portal_analysis.datasets import SourceError
from portal_analysis.language.catalogue import catalogue, word
from portal_analysis.languages import LANGUAGES
from portal_analysis.published import load_published
from portal_analysis.shape import EstimatesError, combine, estimates

VERDICT_OF = {
    "article.usage_18": "definition unknown",
    "article.usage_period": "conflicting sources",
    "article.profile_3_05": "conflicting sources",
    "article.procedure_1": "agrees",
    "article.portals_63": "agrees",
    "article.five_shortcomings": "agrees",
    "article.shortcoming_s1": "not computable",
    "article.shortcoming_s2": "not computable",
    "article.shortcoming_s3": "not computable",
    "article.shortcoming_s4": "not computable",
    "article.shortcoming_s5": "not computable",
    "ips.npsp_use_2020": "conflicting sources",
    "ips.npsp_use_2021": "conflicting sources",
    "ips.npsp_use_2022": "agrees",
    "ips.npsp_profile_2020": "no independent source",
    "ips.npsp_profile_2021": "no independent source",
    "ips.npsp_profile_2022": "conflicting sources",
    "ips.internet_home_2016": "no independent source",
    "ips.internet_home_2019": "no independent source",
    "ips.internet_home_2022": "agrees",
    "ips.online_news_2016": "no independent source",
    "ips.online_news_2019": "no independent source",
    "ips.online_news_2022": "no independent source",
    "ips.sample_2022": "agrees",
}


@pytest.fixture(scope="module")
def claims() -> Claims:
    return load_claims("egov-figures")


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return combine(load_published("egov-figures"), load_published("portal-review-published"))


@pytest.fixture(scope="module")
def english(claims: Claims, published: pd.DataFrame) -> pd.DataFrame:
    return check_claims(claims, published, lang="en").set_index("claim_id")


@pytest.fixture(scope="module")
def vietnamese(claims: Claims, published: pd.DataFrame) -> pd.DataFrame:
    return check_claims(claims, published, lang="vi").set_index("claim_id")


def survey(low: float, high: float, flag: str = "", wave: float = 2022, **domains: str) -> pd.DataFrame:
    row = {
        "indicator": "npsp_use",
        "wave": wave,
        "estimate": (low + high) / 2,
        "ci_low": low,
        "ci_high": high,
        "flag": flag,
        "source": "my-survey",
        "unit": "proportion",
        **domains,
    }
    return estimates(pd.DataFrame([row]), ["wave", *domains])


def verdict(claims: Claims, tables: list[pd.DataFrame], claim: str = "ips.npsp_use_2022") -> pd.Series:
    checked = check_claims(claims, combine(*tables), match={"papi_npsp_use": "npsp_use"})
    return checked.set_index("claim_id").loc[claim]


def test_every_claim_has_its_verdict(english):
    assert english["verdict"].to_dict() == VERDICT_OF


def test_the_verdict_does_not_depend_on_the_language(english, vietnamese):
    assert vietnamese["verdict"].equals(english["verdict"])
    assert vietnamese["verdict_label"].tolist() == [word(f"claim.{one}", "vi") for one in english["verdict"]]
    for column in ("statement", "why", "verdict_label"):
        assert (vietnamese[column] != english[column]).all()


def test_every_verdict_has_a_name_in_both_languages(english):
    told = {key.removeprefix("claim.") for key in catalogue("en") if key.startswith("claim.")}
    assert told == set(VERDICTS)
    assert ["claim_id", *english.columns] == CLAIM_COLUMNS
    assert english["why"].str.len().gt(0).all()


def test_eighteen_percent_stands_beside_its_series_and_what_it_must_not_be_confused_with(english, vietnamese):
    why = english.loc["article.usage_18", "why"]
    assert "1.78% (2020) → 9.51% (2021) → 18% (January–July 2022)" in why
    beside = why.split("must not be confused with:")[1]
    for told in ("4.85%", "3.01%", "3.05%", "more than 1%", "2021: 30%", "about 40%", "43.2%"):
        assert told in beside
    assert "1,78% (2020) → 9,51% (2021) → 18% (tháng 1–7/2022)" in vietnamese.loc["article.usage_18", "why"]


def test_a_claim_on_a_period_is_told_in_periods(english):
    row = english.loc["article.usage_period"]
    assert row["claimed"] == "January–July 2022"
    assert row["found"] == (
        "January–June 2022 (vietnam.vn, July 2023); "
        "January–July 2022 (Vietnam News Agency (VietnamPlus), 11 July 2023; VTV, 13 August 2023)"
    )
    assert row["why"] == "Publications do not agree: January–June 2022 (vietnam.vn, July 2023)."


def test_the_two_profile_rates_conflict_from_both_sides(english):
    assert "3.01%" in english.loc["article.profile_3_05", "why"]
    assert "3.05%" in english.loc["ips.npsp_profile_2022", "why"]


def test_each_number_found_is_told_once_with_all_who_give_it(english):
    found = english.loc["article.profile_3_05", "found"]
    assert found.count("3.05%") == 1
    assert found.startswith(
        "3.05% (Vietnam News Agency (VietnamPlus), 11 July 2023; VTV, 13 August 2023; vietnam.vn, July 2023)"
    )


def test_a_finding_names_the_counts_that_bear_on_it(english):
    assert "39 of 63 portals" in english.loc["article.shortcoming_s2", "why"]
    assert "60 of 63 portals" in english.loc["article.shortcoming_s3", "why"]
    assert "bear on" not in english.loc["article.shortcoming_s4", "why"]


def test_counts_of_records_need_the_counts(claims):
    only_figures = check_claims(claims, load_published("egov-figures")).set_index("claim_id")
    assert only_figures.loc["article.portals_63", "verdict"] == "not computable"
    assert "portals" not in only_figures.loc["article.shortcoming_s2", "why"]


@pytest.mark.parametrize(
    ("value", "qualifier", "decimals", "inside", "outside"),
    [
        (3.05, "exact", 2, [3.05, 3.046, 3.054], [3.01, 3.04, 3.06]),
        (18, "exact", 0, [17.6, 18.4], [17.4, 18.6]),
        (1, "more than", 0, [1.01, 50], [1, 0.99]),
        (30, "just over", 0, [30.1, 32.9], [30, 33.1]),
        (76, "nearly", 0, [75.9, 69], [76, 68]),
        (40, "about", 0, [36.1, 40, 43.9], [35.9, 44.1]),
        (5, "at least", 0, [5, 80], [4.9]),
        (5, "at most", 0, [5, 0], [5.1]),
        (5, "less than", 0, [4.9, 0], [5]),
        (4_300_000, "exact", -5, [4_250_000, 4_349_999], [4_240_000, 4_360_000]),
    ],
)
def test_a_span_holds_what_the_words_leave_open(value, qualifier, decimals, inside, outside):
    held = span(value, qualifier, decimals)
    assert [held.holds(one) for one in inside] == [True] * len(inside)
    assert [held.holds(one) for one in outside] == [False] * len(outside)


def test_every_qualifier_has_its_span_and_its_word():
    for name in QUALIFIERS:
        held = span(40, name, 0)
        assert held.low < held.high
        assert all(f"qualifier.{name}" in catalogue(lang) for lang in LANGUAGES)
    with pytest.raises(ClaimError, match="qualifier 'scarcely' is not known"):
        span(40, "scarcely")
    with pytest.raises(ClaimError, match="'many' is not a number"):
        span("many")
    with pytest.raises(ClaimError, match="not a finite number"):
        span(math.nan)
    with pytest.raises(ClaimError, match="decimals must be a whole number"):
        span(40, "exact", 1.5)


@given(
    st.floats(0.1, 100),
    st.floats(0.1, 100),
    st.sampled_from(["exact", "about", "more than", "just over", "nearly"]),
)
def test_meeting_is_mutual_and_every_span_meets_itself(one, other, qualifier):
    first, second = span(one, qualifier, 1), span(other, "exact", 1)
    assert first.meets(first)
    assert first.meets(second) == second.meets(first)


def test_a_survey_that_holds_the_claimed_value_agrees(claims, published):
    row = verdict(claims, [published, survey(0.043, 0.054)])
    assert row["verdict"] == "agrees"
    assert "my-survey" in row["found"]


def test_a_survey_that_excludes_it_contradicts(claims, published):
    row = verdict(claims, [published, survey(0.06, 0.08)])
    assert row["verdict"] == "conflicting sources"
    assert "my-survey" in row["why"]


def test_a_simulated_survey_never_decides(claims, published):
    row = verdict(claims, [published, survey(0.6, 0.8, flag="simulated")])
    assert row["verdict"] == "agrees"
    assert "my-survey" not in row["found"]
    assert row["why"].endswith("The survey estimate at hand is simulated and decides nothing.")


@pytest.mark.parametrize("other", [{"wave": 2021}, {"province": "01"}])
def test_a_survey_of_another_year_or_of_one_province_bears_on_nothing(claims, published, other):
    row = verdict(claims, [published, survey(0.6, 0.8, **other)])
    assert row["verdict"] == "agrees"
    assert "my-survey" not in row["found"]


def test_a_number_that_all_others_exclude_differs(claims, published):
    statements = claims.statements.copy()
    mine = statements["claim_id"] == "article.procedure_1"
    statements.loc[mine, ["value", "qualifier", "source_id"]] = [0.5, "exact", "somebody"]
    altered = dataclasses.replace(claims, statements=statements)
    row = check_claims(altered, published).set_index("claim_id").loc["article.procedure_1"]
    assert row["verdict"] == "differs"
    assert "more than 1%" in row["why"]


OWN = ["ips.npsp_profile_2020", "ips.online_news_2022", "ips.internet_home_2016"]


@pytest.mark.parametrize("claim", OWN)
def test_what_only_the_publisher_says_in_two_languages_is_not_confirmed(claims, published, claim):
    row = check_claims(claims, published).set_index("claim_id").loc[claim]
    assert row["verdict"] == "no independent source"
    assert row["why"].startswith("Only the publisher of the statement itself")


def test_a_second_publisher_or_a_survey_confirms(claims, published):
    stated = pd.concat(
        [
            claims.stated,
            pd.DataFrame([{"figure_id": "papi_npsp_profile.2020", "source_id": "vtv_2023_08_13"}]),
        ]
    )
    heard = check_claims(dataclasses.replace(claims, stated=stated), published).set_index("claim_id")
    assert heard.loc["ips.npsp_profile_2020", "verdict"] == "agrees"
    assert "1.22% (VTV, 13 August 2023)" in heard.loc["ips.npsp_profile_2020", "why"]
    mine = survey(0.011, 0.014, wave=2020)
    tables = combine(published, mine)
    measured = check_claims(claims, tables, match={"papi_npsp_profile": "npsp_use"}).set_index("claim_id")
    assert measured.loc["ips.npsp_profile_2020", "verdict"] == "agrees"


def test_a_publication_of_the_same_house_under_another_name_is_no_second_witness(claims, published):
    line = {"figure_id": "papi_npsp_profile.2020", "source_id": "vllf_72721"}
    stated = pd.concat([claims.stated, pd.DataFrame([line])])
    heard = check_claims(dataclasses.replace(claims, stated=stated), published).set_index("claim_id")
    assert claims.publishers["vllf_72721"] == "Vietnam Law & Legal Forum (IPS/UNDP authors)"
    assert heard.loc["ips.npsp_profile_2020", "verdict"] == "no independent source"


def test_a_publisher_that_contradicts_itself_is_told(claims, published):
    line = {
        **{"figure_id": "papi_npsp_profile.2020", "source_id": "ips_ct200", "value": 1.9, "decimals": 1},
        **{"qualifier": "exact", "period_start": pd.Timestamp("2020-01-01")},
        "period_end": pd.Timestamp("2020-12-31"),
    }
    stated = pd.concat([claims.stated, pd.DataFrame([line])], ignore_index=True)
    row = check_claims(dataclasses.replace(claims, stated=stated), published).set_index("claim_id")
    assert row.loc["ips.npsp_profile_2020", "verdict"] == "conflicting sources"
    assert "1.9%" in row.loc["ips.npsp_profile_2020", "why"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("VTV", "VTV", True),
        ("VietnamPlus", "Vietnam News Agency (VietnamPlus)", True),
        ("Vietnam News Agency (VietnamPlus)", "Vietnam Pictorial (VNA)", True),
        ("VietNamNet", "VietNamNet Global", True),
        ("UNDP Viet Nam", "CECODES, VFF-CRT, RTA & UNDP", True),
        ("VTV", "VOV", False),
        ("vietnam.vn", "Vietnam News Agency (VietnamPlus)", False),
        ("MIC Viet Nam", "UNDP Viet Nam", False),
        ("The Hanoi Times", "Thời báo Tài chính Việt Nam", False),
        ("Vietnam Law & Legal Forum", "Vietnam Pictorial (VNA)", False),
    ],
)
def test_publishers_are_of_one_house_if_they_share_a_name(one, other, same):
    assert same_house(one, other) == same
    assert same_house(other, one) == same


def test_who_measured_and_who_published_are_named_in_both_languages(english, vietnamese):
    assert english.loc["article.usage_18", "stated_by"] == (
        "National Committee on Digital Transformation, quoted by Vietnam News Agency (VietnamPlus), 11 July 2023"
    )
    assert vietnamese.loc["article.usage_18", "stated_by"] == (
        "Ủy ban Quốc gia về chuyển đổi số, dẫn theo Thông tấn xã Việt Nam (VietnamPlus), 11/7/2023"
    )
    assert "Nhân Dân, 2023" in english.loc["article.five_shortcomings", "found"]
    assert english.loc["article.portals_63", "found"].endswith("and 5 more)")


def test_what_cannot_be_set_side_by_side_is_told(claims, published):
    with pytest.raises(ClaimError, match=r"load_published\('egov-figures'\)"):
        check_claims(claims, load_published("portal-review-published"))
    with pytest.raises(ClaimError, match="none of the figures"):
        check_claims(claims, published[published["figure_id"].isna()])
    with pytest.raises(EstimatesError, match="not a table of estimates"):
        check_claims(claims, pd.DataFrame({"figure_id": ["x"]}))
    with pytest.raises(ClaimError, match="expected claims from load_claims, got DataFrame"):
        check_claims(claims.statements, published)
    with pytest.raises(ValueError, match="language 'xx'"):
        check_claims(claims, published, lang="xx")
    with pytest.raises(SourceError, match="'portal-review-published' has no table 'claims'"):
        load_claims("portal-review-published")


def test_checking_changes_nothing(claims, published):
    before, statements = published.copy(), claims.statements.copy()
    check_claims(claims, published)
    pd.testing.assert_frame_equal(published, before)
    pd.testing.assert_frame_equal(claims.statements, statements)
    assert math.inf not in published["estimate"].tolist()
