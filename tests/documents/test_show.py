"""Tables as they are shown: labelled, in one language, escaped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis.documents.show import TABLE_MIME, show
from portal_analysis.language.grid import GridError
from portal_analysis.estimates import estimates, load_published, published_shortcomings

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
    assert text.startswith('<table lang="vi"><caption>Bảng</caption>')
    assert '<th scope="col">a</th>' in text
    assert '<th scope="row">x</th><td>y</td>' in text


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
        "17 trên 63 cổng (27,0%)",
        "văn bản công bố không đầy đủ",
    )
    assert shown.rows[0][4].startswith("con số chắc chắn")
    assert shown.rows[0][5].startswith("ANTV; KTSG")


def test_estimates_show_their_interval_and_n():
    row = {"indicator": "use", "estimate": 0.1, "ci_low": 0.08, "ci_high": 0.12, "n": 1200}
    table = estimates(pd.DataFrame([row]))
    shown = show(table, "t", columns=["indicator", "estimate", "interval", "n"])
    assert shown.rows == (("use", "10.0%", "95% interval 8.0% to 12.0%", "1,200"),)


def test_estimates_without_columns_are_shown_whole():
    counts = load_published("portal-review-published").head(2)
    shown = show(counts, "t", "en")
    assert len(shown.rows) == 2
    assert "3 of 63" in shown.rows[0]


def test_a_value_that_is_not_there_is_a_dash():
    rows = published_shortcomings(load_published("portal-review-published"))
    shown = show(rows[rows["shortcoming"] == "S4"], "t", "en", columns=["indicator", "estimate", "flag"])
    assert shown.rows == (("no published count", "–", "not measured by this source"),)


def test_wrong_columns_titles_and_languages_are_told():
    table = pd.DataFrame({"a": [1]})
    with pytest.raises(GridError, match=r"no columns \['b'\]; it has \['a'\]"):
        show(table, "t", columns=["a", "b"])
    with pytest.raises(GridError, match="title"):
        show(table, "  ")
    with pytest.raises(ValueError, match="language 'fr'"):
        show(table, "t", "fr")


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
