"""From an article's text to proposed claims: every number found, none altered, nothing decided."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.claims import (
    PROPOSAL_COLUMNS,
    QUALIFIERS,
    ClaimError,
    check_arithmetic,
    load_claims,
    propose_claims,
)
from portal_analysis.claims.vocabulary import languages_read
from portal_analysis.language.numbers import plain
from portal_analysis.languages import OF_DATA
from portal_analysis.published import period_code

ARTICLE = {
    "en": """HANOI – A committee's report puts the use of online public services at a mere 18% for the first seven
months of 2022. The number was quoted on July 11, when researchers presented their review of 63 provincial portals
in 2023.

According to PAPI, 3.05% of those interviewed had made a profile on the national portal, and more than 1% had done a
procedure there. The reviewers name five main shortcomings of the portals.""",
    "vi": """HÀ NỘI – Theo báo cáo của một ủy ban, trong 7 tháng đầu năm 2022, việc sử dụng dịch vụ công trực tuyến mới
đạt 18%. Con số được dẫn lại ngày 11/7, khi nhóm nghiên cứu trình bày kết quả rà soát 63 cổng cấp tỉnh năm 2023.

Theo PAPI, 3,05% người được phỏng vấn có hồ sơ trên cổng quốc gia, còn hơn 1% từng làm thủ tục ở đó. Nhóm rà soát nêu
năm hạn chế chính của các cổng.""",
}
"""The facts of the article of 11 July 2023 in our own words."""

FACTS = [
    (18, "exact", "percent", "2022-01-01/2022-07-31"),
    (63, "exact", "portals", "2023"),
    (3.05, "exact", "percent", None),
    (1, "more than", "percent", None),
    (5, "exact", "shortcomings", None),
]


def number(value, unit="percent", qualifier="exact", base=None, period=None):
    """Return what a proposed number is told by."""
    return value, qualifier, unit, base, period


SAMPLES = [
    (
        "en",
        "Usage was 1.78% in 2020 and 9.51% in 2021.",
        [number(1.78, period="2020"), number(9.51, period="2021")],
    ),
    (
        "en",
        "It rose from 1.78% (2020) to 18% (2022).",
        [number(1.78, period="2020"), number(18, period="2022")],
    ),
    (
        "en",
        "In 2020, 2021 and 2022, it was 4.05%, 4.11% and 4.85%, respectively.",
        [number(4.05, period="2020"), number(4.11, period="2021"), number(4.85, period="2022")],
    ),
    ("en", "Of the portals 30 of 63 are good.", [number(30, "", base=63)]),
    ("en", "Sixty of the 63 portals had none.", [number(60, "portals", base=63)]),
    ("en", "One in five users complained.", [number(1, "persons", base=5)]),
    ("en", "One third of the users fear for their privacy.", [number(33.3, qualifier="about")]),
    ("en", "The rate doubled.", [number(2, "times", qualifier="about")]),
    ("en", "It is 2.5 times the end of 2023.", [number(2.5, "times", period="../2023-12-31")]),
    (
        "en",
        "By 19 July 2024 there were 16.4 million accounts.",
        [number(16400000, "accounts", period="../2024-07-19")],
    ),
    (
        "en",
        "Just over 30% had internet at home; nearly 60% in 2019.",
        [number(30, qualifier="just over", period="2019"), number(60, qualifier="nearly", period="2019")],
    ),
    (
        "en",
        "At least 70 percent by 2025, and no more than 5%.",
        [
            number(70, qualifier="at least", period="../2025-12-31"),
            number(5, qualifier="at most", period="../2025-12-31"),
        ],
    ),
    (
        "en",
        "It fell by 1.72 percentage points in the third quarter of 2023.",
        [number(1.72, "points", period="2023-07-01/2023-09-30")],
    ),
    (
        "en",
        "From 28 November 2022 to 11 April 2023 users posted 200 comments.",
        [number(200, "items", period="2022-11-28/2023-04-11")],
    ),
    (
        "en",
        "Between 30 and 43% of dossiers were online in H1 2024.",
        [number(30, period="2024-01-01/2024-06-30"), number(43, period="2024-01-01/2024-06-30")],
    ),
    (
        "en",
        "Some 2.1 % of the 1 234 567 people aged 18 or more.",
        [number(2.1, qualifier="about"), number(1234567, "persons"), number(18, "", qualifier="at least")],
    ),
    (
        "en",
        "Two and a half million dossiers, 14.5m in all.",
        [number(2500000, "dossiers"), number(14500000, "")],
    ),
    ("en", "It is twenty-three point zero five percent.", [number(23.05)]),
    (
        "vi",
        "Đạt ba phẩy không năm phần trăm trong 10 tháng năm 2022.",
        [number(3.05, period="2022-01-01/2022-10-31")],
    ),
    (
        "en",
        "Twelve hundred portals, two thousand and five users.",
        [number(1200, "portals"), number(2005, "persons")],
    ),
    (
        "vi",
        "Một trăm linh năm cổng, hai nghìn năm trăm hồ sơ, hai mươi lăm trang.",
        [number(105, "portals"), number(2500, "dossiers"), number(25, "pages")],
    ),
    ("vi", "Trong ba năm, hai mươi năm sau.", [number(3, "years"), number(20, "years")]),
    ("en", "The score fell by -1.2.", [number(-1.2, "")]),
    (
        "en",
        "1. Of 2,000 users 5% did.\n2. In 2021-22 it was 6%.",
        [number(2000, "persons"), number(5), number(6, period="2021-01-01/2022-12-31")],
    ),
    ("en", "Dr. Hong said that 18% is low.", [number(18)]),
    (
        "vi",
        "Năm 2020, 2021 và 2022 lần lượt là 4,05%, 4,11% và 4,85%.",
        [number(4.05, period="2020"), number(4.11, period="2021"), number(4.85, period="2022")],
    ),
    (
        "vi",
        "Có 30/63 cổng đạt, 26 trên 63 cổng yêu cầu bản gốc.",
        [number(30, "portals", base=63), number(26, "portals", base=63)],
    ),
    ("vi", "24 trong tổng số 63 cổng không trả kết quả.", [number(24, "portals", base=63)]),
    (
        "vi",
        "Năm 2016, nhỉnh hơn 30% có internet; đến năm 2022 là gần 76%.",
        [
            number(30, qualifier="just over", period="2016"),
            number(76, qualifier="nearly", period="../2022-12-31"),
        ],
    ),
    ("vi", "Hơn 30% một chút.", [number(30, qualifier="just over")]),
    (
        "vi",
        "Tỷ lệ tăng gấp đôi, rồi gấp 2,5 lần.",
        [number(2, "times", qualifier="about"), number(2.5, "times")],
    ),
    ("vi", "Một phần ba số người dùng lo ngại.", [number(33.3, qualifier="about")]),
    ("vi", "Tổng giá trị là 26,7 tỷ đồng.", [number(26700000000, "dong")]),
    (
        "vi",
        "Hơn 1.234,5 nghìn hồ sơ trong quý I/2023.",
        [number(1234500, "dossiers", qualifier="more than", period="2023-01-01/2023-03-31")],
    ),
    (
        "vi",
        "Hai triệu rưỡi tài khoản, hai mươi lăm nghìn hồ sơ.",
        [number(2500000, "accounts"), number(25000, "dossiers")],
    ),
    (
        "vi",
        "Sáu mươi ba cổng; năm 2022 có năm cổng.",
        [number(63, "portals", period="2022"), number(5, "portals", period="2022")],
    ),
    (
        "vi",
        "Từ ngày 28/11/2022 đến ngày 11/4/2023 có 200 phản ánh.",
        [number(200, "items", period="2022-11-28/2023-04-11")],
    ),
    ("vi", "Đến hết tháng 4/2023, 54,8% hồ sơ là trực tuyến.", [number(54.8, period="../2023-04-30")]),
    (
        "vi",
        "Nửa đầu năm 2024 đạt 42%, tăng 1,72 điểm phần trăm.",
        [number(42, period="2024-01-01/2024-06-30"), number(1.72, "points", period="2024-01-01/2024-06-30")],
    ),
    (
        "vi",
        "Đạt 7.6% trong số 19,536 người, cao hơn mức 4.85%.",
        [number(7.6), number(19536, "persons"), number(4.85)],
    ),
    (
        "vi",
        "Chưa đến 5% người từ 18 tuổi trở lên.",
        [number(5, qualifier="less than"), number(18, "years", qualifier="at least")],
    ),
    ("vi", "TP. Hồ Chí Minh đạt 0,8373 điểm.", [number(0.8373, "")]),
    (
        "en",
        "One in eight users, nearly half of them men.",
        [number(1, "persons", base=8), number(50, qualifier="nearly")],
    ),
    (
        "en",
        "Half a million users; a quarter of a million files.",
        [number(500000, "persons", qualifier="about"), number(250000, "dossiers", qualifier="about")],
    ),
    (
        "en",
        "Five sixths of the portals, less than a quarter of users.",
        [number(83.3, qualifier="about"), number(25, qualifier="less than")],
    ),
    (
        "en",
        "It cost 1.3 trillion dong, about a dozen portals and a hundred users.",
        [number(1.3e12, "dong"), number(12, "portals", qualifier="about"), number(100, "persons")],
    ),
    ("en", "Two dozen portals, 3 dozen apps.", [number(24, "portals"), number(36, "apps")]),
    (
        "en",
        "One point two million files, 2 million 300 thousand users.",
        [number(1200000, "dossiers"), number(2300000, "persons")],
    ),
    (
        "en",
        "It grew fivefold, and two-and-a-half times in cities.",
        [number(5, "times", qualifier="about"), number(2.5, "times")],
    ),
    (
        "en",
        "Two hundred ten portals took two years and a half.",
        [number(210, "portals"), number(2.5, "years")],
    ),
    ("en", "From 5 to 28 January 2025 it was 7%.", [number(7, period="2025-01-05/2025-01-28")]),
    ("en", "Between January 5 and 28, 2025, it was 7%.", [number(7, period="2025-01-05/2025-01-28")]),
    ("en", "December 20 to January 5, 2025: 7%.", [number(7, period="2024-12-20/2025-01-05")]),
    (
        "en",
        "On Jul. 11, 2023 it was 5%. 18pc later.",
        [number(5, period="2023-07-11/2023-07-11"), number(18)],
    ),
    ("en", "In the 2010s it was 5%.", [number(5)]),
    (
        "vi",
        "Gấp hai lần rưỡi, rồi gấp 2 lần rưỡi.",
        [number(2.5, "times", qualifier="about"), number(2.5, "times")],
    ),
    (
        "vi",
        "Một phẩy hai triệu hồ sơ, 5 vạn cổng, hai tá trang.",
        [number(1200000, "dossiers"), number(50000, "portals"), number(24, "pages")],
    ),
    ("vi", "Một trăm rưỡi cổng, hai nghìn rưởi hồ sơ.", [number(150, "portals"), number(2500, "dossiers")]),
    (
        "vi",
        "5 triệu rưỡi tài khoản, 21,5 nghìn tỷ đồng.",
        [number(5500000, "accounts"), number(2.15e13, "dong")],
    ),
    (
        "vi",
        "1 tỷ 200 triệu đồng, một nghìn không trăm linh năm cổng, hai trăm mười trang.",
        [number(1200000000, "dong"), number(1005, "portals"), number(210, "pages")],
    ),
    (
        "vi",
        "Năm phần sáu số cổng, hơn nửa số cổng, nửa triệu hồ sơ.",
        [
            number(83.3, qualifier="about"),
            number(50, qualifier="more than"),
            number(500000, "dossiers", qualifier="about"),
        ],
    ),
    (
        "vi",
        "Cứ tám người thì chỉ có một người dùng; một trong năm cổng lỗi.",
        [number(1, "persons", base=8), number(1, "portals", base=5)],
    ),
    ("vi", "Từ ngày 5 đến ngày 28 tháng 1 năm 2025 đạt 7%.", [number(7, period="2025-01-05/2025-01-28")]),
    (
        "vi",
        "Từ 20/12 đến 5/1/2025 đạt 7%, tháng 7.2022 đạt 5%.",
        [number(7, period="2024-12-20/2025-01-05"), number(5, period="2022-07")],
    ),
    ("vi", "Những năm 2010, chưa tới 5%.", [number(5, qualifier="less than")]),
]

NO_NUMBERS = [
    ("en", "Decision 06/QD-TTg, COVID-19, 4G, the 9th meeting, level 4 and Resolution 17 were named."),
    ("en", "See www.example.vn/2022/5 at 12:30, or write to a1@b2.vn."),
    ("en", "Hundreds of people said that one of the portals is hard to use."),
    ("vi", "Nghị quyết số 17/NQ-CP và Nghị định 42/2022/NĐ-CP quy định dịch vụ mức độ 4."),
    ("vi", "Có các việc: (1) sửa cổng, (2) đào tạo; xem [3, 4] và 2.2.1."),
    ("en", "Call the hotline 1900-9095 or +84 24 3825 0001 about Project 06."),
    ("vi", "Gọi tổng đài 1022 hoặc 1900.9095 về Đề án 06, vài chục cổng, mấy phần trăm."),
    ("vi", "Hàng trăm người cho rằng một cổng như vậy không dễ dùng, phiên họp lần thứ hai."),
]


def told(row: pd.Series) -> tuple[object, ...]:
    base, period = (None if pd.isna(row[name]) else row[name] for name in ("base", "period"))
    return row["value"], row["qualifier"], row["unit"], base, period


@pytest.mark.parametrize("lang", OF_DATA)
def test_the_numbers_of_the_article_are_all_proposed_and_none_is_altered(lang):
    found = propose_claims(ARTICLE[lang])
    assert found["lang"].unique().tolist() == [lang]
    values = found[found["value"].notna()]
    facts = [(row.value, row.qualifier, row.unit, row.period) for row in values.itertuples()]
    assert facts == FACTS
    covered = " ".join([*found["written"], *found["period_written"]])
    figures = re.findall(r"\d+(?:[.,]\d+)*", ARTICLE[lang])
    assert [one for one in figures if one not in covered] == []
    assert not found["confirmed"].any()


@pytest.mark.parametrize("lang", OF_DATA)
@pytest.mark.parametrize(
    "claim", load_claims().statements.to_dict("records"), ids=lambda claim: claim["claim_id"]
)
def test_our_own_statements_come_back_as_they_were_entered(lang, claim):
    found = propose_claims(claim[f"statement_{lang}"], lang)
    if pd.isna(claim["value"]):
        assert found.empty
        return
    row = found[found["value"].notna()].iloc[0]
    assert len(found[found["value"].notna()]) == 1
    assert [row[name] for name in ("value", "qualifier", "unit")] == [
        claim[name] for name in ("value", "qualifier", "unit")
    ]
    assert row["decimals"] == claim["decimals"]
    assert row["period"] in (None, period_code(claim["period_start"], claim["period_end"]))


@pytest.mark.parametrize(("lang", "text", "expected"), SAMPLES)
def test_each_way_to_write_a_number_is_read(lang, text, expected):
    found = propose_claims(text, lang)
    assert [told(row) for _, row in found[found["value"].notna()].iterrows()] == expected


@pytest.mark.parametrize(("lang", "text"), NO_NUMBERS)
def test_names_and_addresses_are_no_numbers(lang, text):
    assert propose_claims(text, lang).empty


@pytest.mark.parametrize(("lang", "text"), [(sample[0], sample[1]) for sample in SAMPLES])
def test_what_is_written_stands_where_it_says(lang, text):
    for row in propose_claims(f"Intro.\n\n{text}", lang).itertuples():
        assert f"Intro.\n\n{text}"[row.start : row.end] == row.written
        assert row.written in row.sentence
        assert row.qualifier in QUALIFIERS


def test_a_number_that_can_be_read_two_ways_is_given_both_ways():
    english = propose_claims("PAPI asked 16,117 people.", "en").iloc[0]
    assert (english["value"], english["other_value"]) == (16117, 16.117)
    vietnamese = propose_claims("PAPI hỏi 16.117 người.", "vi").iloc[0]
    assert (vietnamese["value"], vietnamese["other_value"]) == (16117, 16.117)
    assert propose_claims("Chỉ số là 0.418.", "vi").iloc[0]["value"] == 0.418
    assert pd.isna(propose_claims("In all 3.05%.", "en").iloc[0]["other_value"])


def test_the_other_notation_of_a_text_is_followed_throughout():
    found = propose_claims("Có 3.05% của 16,117 người được hỏi trong năm 2022.", "vi")
    assert found["value"].tolist() == [3.05, 16117]


@given(st.integers(0, 10**9), st.integers(0, 4), st.sampled_from(languages_read()))
def test_no_number_is_altered_that_is_written_as_its_language_writes_it(whole, places, lang):
    value = whole / 10**places
    text = plain(value, lang, places)
    found = propose_claims(f"{text}%", lang).iloc[0]
    assert found["written"] == f"{text}%"
    assert found["value"] == pytest.approx(value, rel=1e-12)
    assert found["decimals"] == places


def test_a_long_sentence_is_read_in_time_that_grows_with_its_length():
    for told in ("hai mươi ", "one hundred and ", "2022 ", "1,", "a" * 50):
        propose_claims("Trong các số này " + told * 400, "vi")
        propose_claims("The number of " + told * 400, "en")


def test_decomposed_vietnamese_is_read_too():
    text = unicodedata.normalize("NFD", "Nhỉnh hơn 30% một chút trong năm 2022, và năm hạn chế.")
    assert propose_claims(text)["value"].tolist() == [30, 5]


def test_a_sentence_with_a_time_alone_is_proposed_as_one():
    found = propose_claims("The review was held in August 2023.", "en").iloc[0]
    assert (found["kind"], found["period"], found["written"]) == ("definition", "2023-08", "August 2023")
    assert pd.isna(found["value"])


def test_a_period_without_a_year_is_told_and_left_open():
    row = propose_claims("Trong 7 tháng đầu năm, tỷ lệ đạt 18%.", "vi").iloc[0]
    assert (row["value"], row["period"], row["period_written"]) == (18, None, "7 tháng đầu năm")


def test_the_table_has_its_columns_even_when_empty():
    empty = propose_claims("The portals are hard to use.", "en")
    assert empty.empty
    assert empty.columns.tolist() == PROPOSAL_COLUMNS
    assert empty.dtypes.equals(propose_claims("It is 18% of the users.", "en").dtypes)
    assert check_arithmetic(empty).empty


def test_what_cannot_be_read_is_told():
    with pytest.raises(ClaimError, match="expected the text of an article, got NoneType"):
        propose_claims(None)  # type: ignore[arg-type]
    with pytest.raises(ClaimError, match=r"language of the text cannot be told; give lang, one of \['en', "):
        propose_claims("18%")
    with pytest.raises(ValueError, match="language 'xx'"):
        propose_claims("18 % en 2022", "xx")
