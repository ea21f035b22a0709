from __future__ import annotations

import unicodedata

import pandas as pd
import pytest

from portal_analysis.audit.feedback import (
    coder_agreement,
    feedback_shares,
    feedback_texts,
    keyword_list,
    mask,
    suggest_codes,
    suggestion_quality,
)
from portal_analysis.audit.judgements import TABLES, Audit, AuditError
from portal_analysis.audit.shares import shares
from portal_analysis.language.catalogue import WordingError

ROWS = [
    ("1", "2023-01-05", "p", "S1"),
    ("1", "2023-01-05", "q", "S1"),
    ("1", "2023-01-05", "q", "S2"),
    ("2", "2023-02-05", "p", "S2"),
    ("2", "2023-02-05", "q", "S2"),
    ("3", "2023-02-07", "p", None),
    ("3", "2023-02-07", "q", None),
    ("4", "2023-02-08", "p", "S1"),
]
TEXTS = {"1": "trang bị lỗi", "2": "người khiếm thị", "3": "cảm ơn", "4": "lỗi thanh toán"}


@pytest.fixture
def coded() -> Audit:
    feedback = pd.DataFrame(ROWS, columns=["item_id", "date", "coder", "shortcoming"])
    feedback["text"] = feedback["item_id"].map(TEXTS)
    return Audit(TABLES["judgements"].empty(), feedback=feedback, source="toy")


def by_code(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("shortcoming")


def test_items_are_the_unit_and_ties_count(coded: Audit) -> None:
    table = by_code(feedback_shares(coded))
    assert table.loc["S1", ["count", "base"]].tolist() == [2, 4]
    assert table.loc["S2", ["count", "base", "ties"]].tolist() == [2, 4, 1]
    assert (table["interval"] == "items").all()
    assert by_code(feedback_shares(coded, consensus="unanimous")).loc["S2", "count"] == 1


def test_by_period(coded: Audit) -> None:
    table = feedback_shares(coded, period="month")
    january = table[table["period"] == "2023-01"].set_index("shortcoming")
    assert january.loc["S1", ["count", "base"]].tolist() == [1, 1]


def test_agreement_needs_two_coders(coded: Audit) -> None:
    table = coder_agreement(coded)
    assert by_code(table).loc["S2", ["count", "base"]].tolist() == [2, 3]
    assert by_code(table).loc["S1", "pairwise"] == 1
    whole = table[table["shortcoming"].isna()].iloc[0]
    assert (whole["count"], whole["base"]) == (2, 3)


def test_ac1_of_a_rare_code_stays_high() -> None:
    """61 of 63 agree on "no": kappa would be near 0, AC1 is not."""
    said = {(61, "p"), (62, "q")}
    cells = [(item, coder) for item in range(63) for coder in "pq"]
    rows = [(str(item), coder, "S1" if (item, coder) in said else None) for item, coder in cells]
    feedback = pd.DataFrame(rows, columns=["item_id", "coder", "shortcoming"])
    found = by_code(coder_agreement(Audit(TABLES["judgements"].empty(), feedback=feedback))).loc["S1"]
    assert found["pairwise"] == pytest.approx(61 / 63)
    assert found["ac1"] == pytest.approx(0.967, abs=5e-4)


def test_suggestions_name_their_word(coded: Audit) -> None:
    words = pd.DataFrame({"keyword": ["lỗi", "khiếm thị", "ồn"], "shortcoming": ["S1", "S2", "S3"]})
    texts = pd.Series(TEXTS).map(lambda text: unicodedata.normalize("NFD", text.upper()))
    found = suggest_codes(texts, words)
    assert found.to_records(index=False).tolist() == [
        ("1", "S1", "lỗi"),
        ("2", "S2", "khiếm thị"),
        ("4", "S1", "lỗi"),
    ]


def test_precision_and_recall(coded: Audit) -> None:
    words = pd.DataFrame({"keyword": ["trang", "cảm ơn", "khiếm thị"], "shortcoming": ["S1", "S1", "S2"]})
    table = suggestion_quality(coded, words).set_index(["indicator", "shortcoming"])
    assert table.loc[("precision", "S1"), ["count", "base"]].tolist() == [1, 2]
    assert table.loc[("recall", "S1"), ["count", "base"]].tolist() == [1, 2]
    assert table.loc[("recall", "S2"), "estimate"] == 0.5


def test_the_shipped_keywords_are_bilingual_and_find_most() -> None:
    words = keyword_list()
    assert set(words["lang"]) == {"vi", "en"}
    assert set(words["shortcoming"]) == {"S1", "S2", "S3", "S4", "S5"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tôi là Nguyễn Văn Thử ở xã An Bình", "Tôi là [name] ở xã An Bình"),
        ("gặp chị Lan ở một cửa", "gặp chị [name] ở một cửa"),
        ("Ông Vũ Ví Dụ nói", "Ông [name] nói"),
        ("NGUYỄN VĂN AN gửi", "[name] gửi"),
        ("Mr. John Smith called", "Mr. [name] called"),
        ("thành phố Hồ Chí Minh", "thành phố Hồ Chí Minh"),
        ("gọi 0900 000 101, +84 900-000-102.", "gọi [phone], [phone]."),
        ("thư a.b+c@mail.example.vn nhé", "thư [e-mail] nhé"),
        ("CCCD 001000000123, CMND 100000001", "CCCD [id number], CMND [id number]"),
        ("CCCD 001 000 000 123", "CCCD [id number]"),
        (
            "hồ sơ H99.88.77-230101-0001 nộp 100.000 đồng năm 2023",
            "hồ sơ H99.88.77-230101-0001 nộp 100.000 đồng năm 2023",
        ),
        ("Cổng Dịch vụ công quốc gia báo lỗi", "Cổng Dịch vụ công quốc gia báo lỗi"),
        (unicodedata.normalize("NFD", "chị Nguyễn Thị Mẫu"), "chị [name]"),
    ],
)
def test_mask(text: str, expected: str) -> None:
    assert mask(text) == expected


def test_mask_speaks_vietnamese() -> None:
    assert mask("gọi 0900000101", lang="vi") == "gọi [số điện thoại]"
    with pytest.raises(WordingError, match="language 'xx' is not known"):
        mask("x", lang="xx")


def test_texts_are_only_shown_masked(coded: Audit) -> None:
    feedback = coded.feedback.astype({"text": object})
    feedback["text"] = "gọi 0900000101"
    shown = feedback_texts(Audit(coded.judgements, feedback=feedback))
    assert not shown["text"].str.contains("0900").any()
    assert shown.set_index("item_id").loc["1", "shortcomings"] == "S1 S2"


def test_no_feedback_is_said(small: Audit) -> None:
    with pytest.raises(AuditError, match="no coded feedback"):
        feedback_shares(small)
    assert len(shares(small))


def test_codes_without_a_coder_are_of_one_or_of_nobody(coded: Audit) -> None:
    feedback = coded.feedback.astype({"coder": object})
    one = Audit(coded.judgements, feedback=feedback.iloc[[0, 3]].assign(coder=None))
    assert by_code(feedback_shares(one)).loc["S1", ["count", "base"]].tolist() == [1, 2]
    feedback.loc[[1, 4], "coder"] = None
    with pytest.raises(AuditError, match=r"2 rows have no coder, the first are rows \[2, 5\]"):
        feedback_shares(Audit(coded.judgements, feedback=feedback))


def test_periods_and_rules_that_are_none_are_refused(coded: Audit) -> None:
    with pytest.raises(AuditError, match="period is 'week'; it can be "):
        feedback_shares(coded, period="week")
    with pytest.raises(AuditError, match="consensus is 'median'; it can be "):
        feedback_shares(coded, consensus="median")
