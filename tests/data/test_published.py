"""The published datasets and the provinces: complete, linked, in both languages, valid for other tools."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from pathlib import Path

import pandas as pd
import pytest

from portal_analysis import codebook, datasets, provinces

DATA = Path(__file__).resolve().parents[2] / "data"
DATASETS = ["egov-figures", "portal-review-published", "provinces"]
FORBIDDEN = re.compile(
    r"(?i:facts\.md|published_figures|seed document|find_string|git snapshot|stored page)|NOT STATED"
    r"|NOT RECOVERED|/work\b|/tmp\b|papi_province_scores|dti_province_scores"
)
VIETNAMESE = re.compile(
    "[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE
)
ALIKE = {"Kon Tum", "Gia Lai", "Long An", "An Giang"}
"""Vietnamese names without any mark."""
NAMES = ("publisher_vi", "cited_vi")
"""Columns of names of publishers, which may be those of other countries."""


@pytest.fixture(scope="module")
def figures() -> dict[str, pd.DataFrame]:
    return codebook.load("egov-figures")


@pytest.fixture(scope="module")
def review() -> dict[str, pd.DataFrame]:
    return codebook.load("portal-review-published")


@pytest.mark.parametrize("name", DATASETS)
def test_another_tool_finds_the_dataset_valid(name: str) -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(DATA / name / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert report.stats["tasks"] == len(datasets.dataset(name).resources)


@pytest.mark.parametrize("name", DATASETS)
def test_size_and_hash_are_those_of_the_files(name: str, tmp_path: Path) -> None:
    folder = shutil.copytree(DATA / name, tmp_path / name)
    described = json.loads((folder / "datapackage.json").read_text("utf-8"))
    again = datasets.write_descriptor(folder, described)
    assert again.read_bytes() == (DATA / name / "datapackage.json").read_bytes()
    assert {Path(each["path"]).name for each in described["resources"]} == {
        path.name for path in folder.iterdir() if path.name not in ("datapackage.json", "NOTICE")
    }


@pytest.mark.parametrize("name", DATASETS)
def test_text_is_composed_unicode_with_unix_lines_and_names_no_workshop(name: str) -> None:
    for path in sorted((DATA / name).iterdir()):
        raw = path.read_bytes()
        text = raw.decode("utf-8")
        assert b"\r" not in raw, path.name
        assert text.endswith("\n"), path.name
        assert unicodedata.is_normalized("NFC", text), path.name
        assert not (found := FORBIDDEN.search(text)), f"{path.name}: {found}"


@pytest.mark.parametrize("name", DATASETS)
def test_every_label_has_both_languages(name: str) -> None:
    found = codebook.labels(name)
    lacking = [key for key, both in found.items() if not both["en"] or not both["vi"]]
    assert found
    assert not lacking


@pytest.mark.parametrize("name", DATASETS)
def test_vietnamese_texts_have_their_marks(name: str) -> None:
    tables = codebook.load(name)
    seen = 0
    for key, table in tables.items():
        for column in [each for each in table if each.endswith("_vi") and each not in NAMES]:
            texts = table[column].dropna().unique()
            seen += len(texts)
            bare = [text for text in texts if not VIETNAMESE.search(text) and text not in ALIKE]
            assert not bare, f"{key}.{column}: {bare}"
    assert seen > 50


def test_all_161_figures_by_status_unit_and_indicator(figures: dict[str, pd.DataFrame]) -> None:
    table = figures["figures"]
    assert len(table) == 161
    assert table["status"].value_counts().to_dict() == {
        "reported": 138,
        "reported_inexact": 16,
        "uncertain_definition": 3,
        "conflict": 2,
        "target": 2,
    }
    assert table.groupby("unit")["value"].agg(["size", "sum"]).round(5).T.to_dict("list") == UNIT_TOTALS
    assert table.groupby("indicator_id").size().to_dict() == INDICATOR_SIZES


UNIT_TOTALS = {
    "accounts": [4, 17235000.0],
    "dossiers": [4, 1267681.0],
    "index 0-1": [70, 35.88691],
    "million dossiers": [3, 30.9],
    "percent": [55, 2213.5495],
    "persons": [8, 645797.0],
    "rank": [13, 1173.0],
    "score 0.33-3.33": [3, 3.11],
    "transactions": [1, 67000.0],
}
INDICATOR_SIZES = {
    **dict.fromkeys(["un_egdi", "un_egdi_rank", "un_epi", "un_hci", "un_osi", "un_tii"], 12),
    **{"itu_internet_users": 14, "dti_province": 7, "dti_national": 2, "papi_sample_size": 5},
    **dict.fromkeys(
        ["mic_dossiers_online", "npsp_accounts", "npsp_online_dossiers", "papi_internet_home"], 4
    ),
    **dict.fromkeys(["ncdt_usage_rate", "papi_npsp_use", "papi_npsp_profile", "papi_online_news"], 3),
    **dict.fromkeys(["papi_cumulative_sample", "full_process_dossiers_2025", "full_process_provision"], 3),
    **dict.fromkeys(["full_process_dossiers", "mic_services_with_dossiers"], 2),
    **dict.fromkeys(
        [
            *("dti_provincial_mean", "eligible_full_process_procedures", "full_process_dossiers_provincial"),
            *("local_dossiers_online", "local_dossiers_received", "mic_level4_eligible"),
            *("ncdt_target_dossiers_online", "ncdt_target_services_with_dossiers", "npsp_epayments"),
            *("npsp_online_dossiers_2023", "papi_d8_8_1", "papi_d8_8_2", "papi_d8_8_3", "un_osi_rank"),
            *("papi_npsp_procedure_press", "papi_npsp_profile_press", "papi_npsp_use_undp", "papi_pesp_use"),
            *("papi_privacy_concern", "pwd_hard_to_find_info"),
        ],
        1,
    ),
}


def test_inexact_figures_and_only_they_carry_a_qualifier(figures: dict[str, pd.DataFrame]) -> None:
    table = figures["figures"].set_index("figure_id")
    inexact = table["status"] == "reported_inexact"
    assert (table["qualifier"] != "exact").equals(inexact)
    counted = table.loc[inexact, "qualifier"].value_counts().to_dict()
    assert counted == {"more than": 9, "nearly": 4, "about": 2, "just over": 1}
    assert table.loc["papi_npsp_procedure_press.2022", ["value", "qualifier"]].tolist() == [1.0, "more than"]
    assert table.loc["papi_internet_home.2022", ["value", "qualifier"]].tolist() == [76.0, "nearly"]
    assert table.loc["papi_privacy_concern.2023", ["value", "qualifier"]].tolist() == [33.0, "about"]


def test_a_figure_has_its_indicators_unit_and_at_least_one_source(figures: dict[str, pd.DataFrame]) -> None:
    table = figures["figures"].merge(figures["indicators"], on="indicator_id", suffixes=("", "_of"))
    assert (table["unit"] == table["unit_of"]).all()
    linked = figures["figure_sources"]
    assert set(linked["figure_id"]) == set(table["figure_id"])
    used = pd.concat(figures[name]["source_id"] for name in ["figure_sources", "figure_variants", "claims"])
    assert set(used) == set(figures["sources"]["source_id"])
    assert len(linked) == 179


def test_a_variant_differs_from_its_figure(figures: dict[str, pd.DataFrame]) -> None:
    columns = ["value", "qualifier", "period_start", "period_end", "level"]
    ours = figures["figures"].set_index("figure_id")
    for row in figures["figure_variants"].set_index("figure_id").itertuples():
        assert [getattr(row, name) for name in columns] != ours.loc[row.Index, columns].tolist()
    other = figures["figure_variants"].set_index("source_id")["period_end"]
    assert other["vietnamvn_2023_07"] == pd.Timestamp("2022-06-30")


def test_figures_of_provinces_name_the_code_of_their_list(figures: dict[str, pd.DataFrame]) -> None:
    table = figures["figures"]
    local = table[table["geography"] != "Viet Nam"]
    assert table.loc[table["geography"] == "Viet Nam", "province_code"].isna().all()
    assert len(local) == 7
    assert (provinces.code(local["geography"], list=63) == local["province_code"]).all()


def test_periods_run_forward(figures: dict[str, pd.DataFrame]) -> None:
    for name in ("figures", "claims"):
        table = figures[name].dropna(subset=["period_start", "period_end"])
        assert (table["period_start"] <= table["period_end"]).all()
        assert len(table) > 20


def test_the_18_percent_has_no_definition_and_its_series_stands_beside_it(
    figures: dict[str, pd.DataFrame],
) -> None:
    indicators = figures["indicators"].set_index("indicator_id")
    row = indicators.loc["ncdt_usage_rate"]
    assert row[["definition_status", "counts"]].tolist() == ["not stated", "not stated"]
    assert row[["numerator_en", "denominator_en"]].isna().all()
    linked = figures["claim_figures"].query("claim_id == 'article.usage_18'").merge(figures["figures"])
    by_relation = linked.groupby("relation")["value"].agg(sorted).to_dict()
    assert by_relation["states"] == [18.0]
    assert by_relation["same series"] == [1.78, 9.51]
    confused = linked[linked["relation"] == "must not be confused with"]["indicator_id"]
    assert {"mic_dossiers_online", "papi_npsp_use", "papi_npsp_profile"} <= set(confused)
    assert set(indicators.loc[confused, "counts"]) == {"dossiers", "persons"}


def test_profiles_in_press_and_report_are_one_measure(figures: dict[str, pd.DataFrame]) -> None:
    table = figures["figures"].merge(figures["indicators"][["indicator_id", "measure"]])
    same = table[(table["measure"] == "papi_npsp_profile") & (table["period_end"].dt.year == 2022)]
    assert sorted(same["value"]) == [3.01, 3.05]
    links = figures["claim_figures"].query("relation == 'same measure'")
    assert set(links["claim_id"]) == {
        "article.profile_3_05",
        "ips.npsp_profile_2022",
        "ips.npsp_use_2020",
        "ips.npsp_use_2021",
    }


def test_every_claim_about_a_figure_is_linked_to_the_figure_it_states(
    figures: dict[str, pd.DataFrame],
) -> None:
    claims = figures["claims"].query("kind in ['figure', 'definition']")
    links = figures["claim_figures"].query("relation == 'states'").merge(figures["figures"])
    stated = claims.merge(links, on="claim_id", suffixes=("", "_published"))
    assert len(stated) == len(claims) == 17
    exact = stated[stated["qualifier"] == stated["qualifier_published"]]
    assert (exact["value"] == exact["value_published"]).all()
    assert set(stated["claim_id"]) - set(exact["claim_id"]) == {"ips.internet_home_2022"}
    assert (stated["period_start"] == stated["period_start_published"]).all()


def test_claims_on_records_point_to_records(
    figures: dict[str, pd.DataFrame], review: dict[str, pd.DataFrame]
) -> None:
    keys = {
        name: {"/".join(row) for row in review[name][columns].astype(str).itertuples(index=False)}
        for name, columns in {
            "rounds": ["round"],
            "counts": ["count_id"],
            "shortcomings": ["scheme", "shortcoming_id"],
        }.items()
    }
    records = figures["claim_records"]
    lost = [row for row in records.itertuples() if row.key not in keys[row.resource]]
    assert not lost
    assert len(records) > 20


def test_every_published_count(review: dict[str, pd.DataFrame]) -> None:
    table = review["counts"].set_index("count_id")
    assert {key: (row["count"], row["base"], row["count_type"]) for key, row in table.iterrows()} == COUNTS
    assert (table["count"] <= table["base"]).all()
    assert table["status"].value_counts().to_dict() == {"reported": 22, "conflict": 2, "uncertain": 1}
    assert table.loc["2023.cut_off", "status"] == "uncertain"


COUNTS = {
    "2022.policy_service_portal": (3, 63, "meeting"),
    "2022.policy_egov_portal": (4, 63, "meeting"),
    "2022.policy_app": (32, 50, "meeting"),
    "2022.contact_service_portal": (1, 63, "meeting"),
    "2022.contact_egov_portal": (3, 63, "meeting"),
    "2022.contact_app": (17, 50, "meeting"),
    "2022.emails_answered": (9, 130, "meeting"),
    "2023.originals_required": (26, 63, "having the defect"),
    "2023.no_online_results": (24, 63, "having the defect"),
    "2023.cut_off": (17, 63, "having the defect"),
    "2023.guide_posted": (17, 63, "meeting"),
    "2023.guide_three_forms": (23, 63, "meeting"),
    "2024.guide_posted": (62, 63, "meeting"),
    "2024.guide_three_forms": (32, 63, "meeting"),
    "2024.lookup_advanced": (63, 63, "meeting"),
    "2024.lookup_messaging": (22, 63, "meeting"),
    "2024.support_good": (24, 63, "meeting"),
    "2024.full_process_good": (30, 63, "meeting"),
    "2024.lookup_good": (22, 63, "meeting"),
    "2024.data_protection_not_met": (60, 63, "not meeting"),
    "2024.disability_not_met": (39, 63, "not meeting"),
    "2024.chatbot_present": (37, 63, "meeting"),
    "2024.chatbot_working": (23, 63, "meeting"),
    "2024.majority_good": (0, 63, "meeting"),
    "2024.some_inconvenience": (63, 63, "having the defect"),
}


def test_criteria_and_rounds(review: dict[str, pd.DataFrame]) -> None:
    assert review["rounds"]["round"].tolist() == ["2022", "2023", "2024"]
    assert review["criteria"].groupby("round").size().to_dict() == {"2022": 2, "2023": 10, "2024": 8}
    assert review["criteria"]["status"].eq("missing").sum() == 2
    known = {(row.round, row.level) for row in review["levels"].itertuples()}
    used = {
        (row.round, level)
        for row in review["criteria"].dropna(subset=["levels"]).itertuples()
        for level in row.levels.split()
    }
    used |= {(row.round, row.level) for row in review["counts"].dropna(subset=["level"]).itertuples()}
    assert used == known


def test_every_record_of_the_review_has_a_source_and_every_source_a_record(
    review: dict[str, pd.DataFrame],
) -> None:
    pairs = {"rounds": "round", "criteria": "criterion_id", "counts": "count_id"}
    links = {"rounds": "round_sources", "criteria": "criterion_sources", "counts": "count_sources"}
    for name, key in pairs.items():
        assert set(review[name][key]) == set(review[links[name]][key])
    tables = [*links.values(), "shortcoming_sources"]
    assert set(pd.concat(review[name]["source_id"] for name in tables)) == set(review["sources"]["source_id"])


def test_shortcomings_in_two_lists_of_five(review: dict[str, pd.DataFrame]) -> None:
    table = review["shortcomings"]
    assert table["shortcoming_id"].tolist() == [
        f"{letter}{place}" for letter in "SR" for place in range(1, 6)
    ]
    assert table["scheme"].tolist() == ["article"] * 5 + ["reviewers"] * 5


def test_the_codebook_codes_one_thing_a_row_with_shares_of_one(review: dict[str, pd.DataFrame]) -> None:
    book = review["codebook"]
    assert (book["criterion_id"].notna() ^ book["count_id"].notna()).all()
    coded = book["criterion_id"].fillna(book["count_id"])
    assert not book.assign(coded=coded).duplicated(["coded", "scheme", "shortcoming_id"]).any()
    assert (book.groupby([coded, "scheme"])["share"].sum() == 1).all()
    overall = {"2024.majority_good", "2024.some_inconvenience"}
    assert set(book["count_id"].dropna()) == set(review["counts"]["count_id"]) - overall
    missing = review["criteria"].query("status == 'missing'")["criterion_id"]
    assert set(book["criterion_id"].dropna()) == set(review["criteria"]["criterion_id"]) - set(missing)


def test_a_count_of_a_criterion_is_coded_as_the_criterion(review: dict[str, pd.DataFrame]) -> None:
    book = review["codebook"].set_index("scheme")
    linked = review["counts"].dropna(subset=["criterion_id"])
    assert len(linked) == 12
    for row in linked.itertuples():
        of_count = book[book["count_id"] == row.count_id][["shortcoming_id", "share"]]
        of_criterion = book[book["criterion_id"] == row.criterion_id][["shortcoming_id", "share"]]
        pd.testing.assert_frame_equal(of_count, of_criterion)


def test_the_boundary_notice_stays_with_the_files() -> None:
    notice = (DATA / "provinces" / "NOTICE").read_text("utf-8")
    assert "Copyright (c) 2025 Tran Ngoc Minh Hieu" in notice
    assert "Natural Earth" in notice
