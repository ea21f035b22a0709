"""Tables as they are shown: labelled, in one language, escaped."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from portal_analysis.documents.show import TABLE_MIME, show
from portal_analysis.language.arrange import FigureError
from portal_analysis.language.grid import GridError
from portal_analysis.published import load_published, published_shortcomings
from portal_analysis.shape import estimates

ATTACK = '<script>alert("x")</script>'


def test_every_text_is_escaped():
    table = pd.DataFrame({ATTACK: [ATTACK], "b": ["a & b"]})
    bundle = show(table, ATTACK)._repr_mimebundle_()
    assert "<script" not in bundle["text/html"]
    assert bundle["text/html"].count("&lt;script&gt;") == 3
    assert "a &amp; b" in bundle["text/html"]
    assert bundle[TABLE_MIME]["table"]["rows"] == [[ATTACK, "a & b"]]


def test_a_table_has_a_caption_headers_and_a_language():
    text = show(pd.DataFrame({"a": ["x"], "b": ["y"]}), "Bảng", "vi")._repr_mimebundle_()["text/html"]
    assert re.match(r'<table [^>]*lang="vi"[^>]*><caption>Bảng</caption>', text)
    assert re.search(r'<th [^>]*scope="col">a</th>', text)
    assert re.search(r'<th [^>]*scope="row">x</th><td[^>]*>y</td>', text)


def test_cells_are_written_in_the_language():
    table = pd.DataFrame(
        {
            "n": [1234.5],
            "yes": [np.bool_(True)],
            "none": [None],
            "gap": [np.nan],
            "day": [pd.Timestamp("2023-07-11")],
            "whole": pd.array([7], dtype="Int64"),
        }
    )
    assert show(table, "t", "en").rows == (("1,234.5", "yes", "", "", "11 July 2023", "7"),)
    assert show(table, "t", "vi").rows == (("1.234,5", "có", "", "", "11/7/2023", "7"),)


def test_columns_are_chosen_named_and_read_in_the_language():
    table = pd.DataFrame({"title_en": ["Round"], "title_vi": ["Đợt"], "why": ["x"], "other": [1]})
    assert show(table, "t", "en", columns=["title", "why"]).rows == (("Round", "x"),)
    assert show(table, "t", "vi", columns=["title", "why"]).rows == (("Đợt", "x"),)
    assert show(table, "t", "vi", columns=["title", "why"]).columns == ("Tên gọi", "Lý do")
    assert show(table, "t", "vi", columns={"why": "Vì sao"}).columns == ("Vì sao",)


def test_estimates_are_labelled_with_their_flags():
    counts = load_published("portal-review-published")
    one = counts[counts["indicator"] == "2023.cut_off"]
    shown = show(one, "t", "vi", columns=["indicator", "round", "estimate", "flag", "note", "source_ids"])
    assert shown.columns == ("Chỉ tiêu", "Đợt đánh giá", "Giá trị", "Lưu ý", "Ghi chú", "Nơi công bố")
    assert shown.rows[0][0] == "Hạn chế bị cắt mất phần mô tả trong mọi bản tìm được"
    assert shown.rows[0][1:4] == (
        "2023, đánh giá lần thứ nhất",
        "17/63 cổng (27,0%)",
        "văn bản công bố không đầy đủ",
    )
    assert shown.rows[0][4].startswith("con số chắc chắn")
    assert shown.rows[0][5].startswith("ANTV, tháng 7/2023; KTSG Online")


def test_estimates_show_their_interval_and_n():
    row = {"indicator": "use", "estimate": 0.1, "ci_low": 0.08, "ci_high": 0.12, "n": 1200}
    table = estimates(pd.DataFrame([row]))
    shown = show(table, "t", columns=["indicator", "estimate", "interval", "n"])
    assert shown.columns == ("Indicator", "Value", "95% interval", "n")
    assert shown.rows == (("use", "10.0%", "8.0–12.0", "1,200"),)


def test_estimates_without_columns_are_shown_whole():
    counts = load_published("portal-review-published").head(2)
    shown = show(counts, "t", "en")
    assert len(shown.rows) == 2
    assert shown.columns == ("Indicator", "Round", "Count", "Value", "n")
    assert shown.rows[0][2:] == ("3 of 63", "4.8%", "63")
    assert show(counts, "t", "vi").rows[0][2:] == ("3/63", "4,8%", "63")


def test_a_value_that_is_not_there_is_told_in_words():
    rows = published_shortcomings(load_published("portal-review-published"))
    shown = show(rows[rows["shortcoming"] == "S4"], "t", "en", columns=["indicator", "estimate", "flag"])
    assert shown.rows == (("no published count", "not measured", "not measured by this source"),)


def test_wrong_columns_titles_and_languages_are_told():
    table = pd.DataFrame({"a": [1]})
    with pytest.raises(GridError, match=r"no columns \['b'\]; it has \['a'\]"):
        show(table, "t", columns=["a", "b"])
    with pytest.raises(GridError, match="title"):
        show(table, "  ")
    with pytest.raises(ValueError, match="language 'xx'"):
        show(table, "t", "xx")


def test_an_interval_is_a_column_that_only_estimates_have():
    counts = load_published("portal-review-published").head(1)
    assert show(counts, "t", columns=["interval"]).rows == (("",),)
    for table, column in ((counts, "count_of"), (pd.DataFrame({"a": [1]}), "interval")):
        with pytest.raises(GridError, match="no columns"):
            show(table, "t", columns=[column])


def test_the_table_is_not_changed():
    counts = load_published("portal-review-published")
    before = counts.copy()
    show(counts, "t", "vi", columns=["indicator", "estimate"])
    pd.testing.assert_frame_equal(counts, before)


def test_what_is_compared_with_what_is_shown_in_words():
    row = {"indicator": "npsp_use", "wave": 2022, "urban": 1.0, "estimate": 0.03, "reference": 0}
    rows = pd.DataFrame([{**row, "p_value": 0.04}, {**row, "p_value": 1e-9}])
    table = estimates(rows.assign(source="papi-simulated", unit="points"), ["wave", "urban"])
    shown = show(table, "t", "vi", columns=["urban", "reference", "p_value"])
    assert shown.columns[1:] == ("So với", "p")
    assert shown.rows == (("Thành thị", "Nông thôn", "0,040"), ("Thành thị", "Nông thôn", "< 0,001"))


@pytest.fixture
def rates() -> pd.DataFrame:
    """Return a simulated survey's rates by year and sex, one of them to be read with caution."""
    rows = [
        (2020, "female", 0.041, "simulated"),
        (2020, "male", 0.052, "review; simulated"),
        (2021, "female", 0.06, "simulated"),
        (2021, "male", 0.0002, "simulated"),
    ]
    frame = pd.DataFrame(rows, columns=["wave", "sex", "estimate", "flag"]).assign(
        indicator="npsp_use", se=0.002, source="papi-simulated", unit="proportion", level=0.95
    )
    ends = {"ci_low": (frame["estimate"] - 0.004).clip(0.00001), "ci_high": frame["estimate"] + 0.004}
    return estimates(frame.assign(**ends), ["wave", "sex"])


def test_estimates_make_their_own_title(rates):
    assert show(rates).title == "Used the National Public Service Portal by sex, 2020 and 2021"
    vi = show(rates, lang="vi").title
    assert vi == "Đã sử dụng Cổng Dịch vụ công quốc gia theo giới tính, 2020 và 2021"
    one = show(rates[rates["wave"] == 2020])
    assert one.title == "Used the National Public Service Portal by sex. 2020"
    assert show(rates, "Mine").title == "Mine"
    with pytest.raises(GridError, match="needs a title"):
        show(rates, "")
    with pytest.raises(GridError, match="needs a title"):
        show(pd.DataFrame({"a": [1]}))


def test_simulated_data_say_so_in_the_caption_whatever_columns_are_shown(rates):
    for shown in (show(rates), show(rates, columns=["wave", "estimate"]), show(rates, across="wave")):
        assert shown.note.startswith("SIMULATED DATA – not real findings")
        assert shown.table.caption == f"{shown.title}. {shown.note}"
        bundle = shown._repr_mimebundle_()
        assert f"<caption>{shown.table.caption}</caption>" in bundle["text/html"]
        assert bundle["text/plain"].startswith(shown.table.caption)
        assert bundle[TABLE_MIME]["note"] == shown.note
    assert "DỮ LIỆU MÔ PHỎNG" in show(rates, lang="vi").note
    assert "SIMULATED" in show(rates.assign(flag="")).note
    assert show(rates.assign(flag="", source="mine")).note == ""


def test_any_frame_can_say_what_it_rests_on():
    frame = pd.DataFrame({"a": [1]})
    assert show(frame, "t", source="papi-simulated").note == "SIMULATED DATA – not real findings"
    assert show(frame, "t", source="egov-figures").note == show(frame, "t", source="mine").note == ""


def test_a_wide_table_has_a_column_for_each_value(rates):
    shown = show(rates, rows="sex", across="wave")
    assert shown.columns == ("Sex", "2020 (%)", "2021 (%)")
    assert shown.rows == (("Women", "4.10", "6.00"), ("Men", "5.20\N{THIN SPACE}†", "0.02"))
    assert shown.note.endswith("† to be read with caution")
    told = show(rates, rows="sex", across="wave", interval=True)
    assert told.rows[1][1:] == ("5.20\N{THIN SPACE}† (4.80–5.60)", "0.02 (<0.01–0.42)")


def test_a_wide_table_of_three_columns_is_refused(rates):
    more = estimates(pd.concat([rates.assign(urban=0), rates.assign(urban=1)]), ["wave", "sex", "urban"])
    with pytest.raises(FigureError, match="all vary"):
        show(more, rows="sex", across="wave")
    with pytest.raises(FigureError, match=r"no such column.*'nothing'"):
        show(rates, across="nothing")
    with pytest.raises(GridError, match="give one"):
        show(rates, across="wave", columns=["estimate"])


def test_the_heading_says_kind_and_unit_and_the_cells_only_the_number(rates):
    gaps = rates.assign(unit="points", measure="difference", reference="male")
    shown = show(gaps[gaps["sex"] == "female"])
    assert shown.columns == (
        "Indicator",
        "Survey year",
        "Sex",
        "Compared with",
        "Difference, percentage points",
        "95% interval",
    )
    assert shown.rows[0][3:] == ("Men", "+4.10", "+3.70 to +4.50")
    mixed = pd.concat([gaps.head(1), rates.head(1)], ignore_index=True)
    assert [row[4] for row in show(mixed, "t").rows] == ["+4.10 percentage points", "4.10%"]
    chosen = show(gaps, columns=["sex", "estimate"])
    assert chosen.columns[1] == "Difference, percentage points"
    assert chosen.rows[0] == ("Women", "+4.10")
    named = show(gaps, columns={"sex": "Who", "estimate": "How much"})
    assert (named.columns, named.rows[0]) == (("Who", "How much"), ("Women", "+4.10 percentage points"))


def test_whom_a_number_is_about_and_its_time_have_their_columns():
    row = {"indicator": "npsp_use", "estimate": 0.006, "se": 0.001, "ci_low": 0.004, "ci_high": 0.008}
    more = {"over": "wave", "period": "2020/2024", "subpopulation": "internet_home", "measure": "trend"}
    trend = estimates(pd.DataFrame([{**row, **more}]).assign(source="papi-simulated", unit="points"))
    shown = show(trend)
    told = dict(zip(shown.columns, shown.rows[0], strict=True))
    assert list(told)[1:] == ["Among", "Period", "Change, percentage points a year", "95% interval"]
    assert list(told.values())[2:] == ["2020–2024", "+0.60", "+0.40 to +0.80"]
    assert f"nly those of “{told['Among']}”" in shown.title


def test_an_empty_table_is_one_clear_sentence(rates):
    for to in ({}, {"columns": ["estimate"]}, {"across": "wave"}):
        shown = show(rates.iloc[:0], "t", "vi", **to)
        assert shown.rows == (("Không có gì để trình bày: bảng trống.",),)
    assert "There is nothing to report" in show(pd.DataFrame({"a": []}), "t")._repr_mimebundle_()["text/html"]
