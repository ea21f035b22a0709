"""One portal, criterion or assessor, however it is spelled."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd
import pytest

from portal_analysis.audit.readers import ReaderError, read_audit
from portal_analysis.audit.readers.names import Names, province_of


def test_spellings_from_several_files_are_one_portal_criterion_and_assessor(put: Any) -> None:
    decomposed = unicodedata.normalize("NFD", "Thừa Thiên Huế,đạt,Lan\n")
    put("a.csv", "Tỉnh,Tra cứu,Người đánh giá\nTP. Hồ Chí Minh,đạt,Lan\n" + decomposed)
    folder = put("b.csv", "Tỉnh,tra  CỨU,Người đánh giá\nHồ Chí Minh,đạt,Minh \nHuế,đạt, minh\n").parent
    audit = read_audit(folder)
    assert audit.portal_ids() == ["TP. Hồ Chí Minh", unicodedata.normalize("NFD", "Thừa Thiên Huế")]
    assert audit.criteria["criterion_id"].tolist() == ["Tra cứu"]
    assert audit.assessors["assessor_id"].tolist() == ["Lan", "Minh"]


def test_one_province_twice_in_a_sheet_is_judged_twice(put: Any) -> None:
    path = put("a.csv", "Tỉnh,Đợt,a\nHà Nội,2024,đạt\nthành phố Hà Nội,2024,không đạt\n")
    with pytest.raises(ReaderError, match=r"'Hà Nội' is judged twice on 'a'.*round '2024': lines \[2, 3\]"):
        read_audit(path)


PORTALS = pd.DataFrame(
    {
        "portal_id": ["P01", "P79", "bo-y-te"],
        "name_vi": ["Hà Nội", "TP. Hồ Chí Minh", "Bộ Y tế"],
        "url": ["https://dvc.hanoi.example.vn", None, "https://dvc.moh.example.vn/"],
    }
)


def test_listed_portals_are_found_by_id_name_province_or_address() -> None:
    names = Names(PORTALS)
    found = ["p01", "thành phố Hà Nội", "Ho Chi Minh City", "bộ y tế", "http://dvc.moh.example.vn", "Sơn La"]
    assert [names.portal(one) for one in found] == ["P01", "P01", "P79", "bo-y-te", "bo-y-te", None]


def test_a_name_that_is_no_listed_portal_is_a_fault_with_the_nearest(put: Any) -> None:
    path = put("a.csv", "Tỉnh,a\nHà Nội,đạt\nBộ Y tê,đạt\nĐiểm cao nhất,đạt\n")
    with pytest.raises(ReaderError) as error:
        read_audit(path, portals=PORTALS)
    message = str(error.value)
    assert "2 faults" in message
    assert "line 3: 'Bộ Y tê' is none of the portals given; did you mean ['Bộ Y tế'" in message
    audit = read_audit(put("a.csv", "Tỉnh,a\nHà Nội,đạt\n"), portals=PORTALS)
    assert audit.judgements["portal_id"].tolist() == ["P01"]
    assert audit.portal_ids() == ["P01", "P79", "bo-y-te"]


def test_addresses_of_one_host_are_one_portal_of_a_sheet(put: Any) -> None:
    path = put(
        "a.csv", "Cổng,Tiêu chí,Kết quả\nhttps://www.a.vn/x,k,đạt\nhttp://a.vn,l,đạt\nwww.a.vn,m,đạt\n"
    )
    assert read_audit(path).judgements["portal_id"].astype(object).tolist() == ["a.vn"] * 3


def test_two_portals_of_one_name_are_a_fault() -> None:
    table = pd.DataFrame({"portal_id": ["a", "b"], "name_en": ["Health", "health "], "url": ["", ""]})
    with pytest.raises(ReaderError, match="'health' is the name of both 'a' and 'b'"):
        Names(table)


@pytest.mark.parametrize("text", ["01", "1", "VN-HN", "Cổng A", "", "Sở Y tế Hà Nội"])
def test_numbers_and_other_names_are_no_provinces(text: str) -> None:
    assert province_of(text) is None


def test_portals_of_sheets_need_no_address(put: Any) -> None:
    path = put("a.csv", "Cổng,a\nsở y tế,đạt\n")
    audit = read_audit(path, portals=pd.DataFrame({"portal_id": ["s1"], "name_vi": ["Sở Y tế"]}))
    assert audit.judgements["portal_id"].tolist() == ["s1"]
    with pytest.raises(ReaderError, match="there is no column 'portal_id'"):
        read_audit(path, portals=pd.DataFrame({"id": ["s1"]}))
