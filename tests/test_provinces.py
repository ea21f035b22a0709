"""Spellings, codes and lists of provinces."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis import provinces
from portal_analysis.provinces import ProvinceError, register

UNITS = {each: provinces.units(each) for each in provinces.LISTS}
SPELLINGS = [
    ("TP.HCM", "79"),
    ("TP. Hồ Chí Minh", "79"),
    ("Thành phố Hồ Chí Minh", "79"),
    ("HCMC", "79"),
    ("Sài Gòn", "79"),
    ("Hochiminh City", "79"),
    ("Thua Thien-Hue", "46"),
    ("Thừa Thiên - Huế", "46"),
    ("TT Huế", "46"),
    ("Huế", "46"),
    ("Đắc Lắc", "66"),
    ("Daklak", "66"),
    ("Ðắk Lắk", "66"),  # an Icelandic letter in place of Đ
    ("DAK LAK PROVINCE", "66"),
    ("BRVT", "77"),
    ("BR-VT", "77"),
    ("Bà Rịa – Vũng Tàu", "77"),
    ("Ba Ria Vung Tau", "77"),
    ("tỉnh Hà Giang", "02"),
    ("TỈNH HÀ GIANG", "02"),
    (unicodedata.normalize("NFD", "tỉnh Hà Giang"), "02"),
    ("  Hà\u00a0Giang\n", "02"),
    ("HàNội", "01"),
    ("Ha Noi City", "01"),
    ("Hoà Bình", "17"),
    ("Kontum", "62"),
    ("Province of Kon Tum", "62"),
    ("VN-HN", "01"),
    ("vn-26", "46"),
    ("02", "02"),
    ("2", "02"),
    (2, "02"),
    (2.0, "02"),
    (np.int64(79), "79"),
]


@pytest.mark.parametrize(("spelling", "expected"), SPELLINGS)
def test_usual_spellings(spelling: object, expected: str) -> None:
    assert provinces.code(spelling) == expected


def strip_marks(text: str) -> str:
    plain = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(mark for mark in plain if not unicodedata.combining(mark))


FORMS = {
    "NFC": lambda text: unicodedata.normalize("NFC", text),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "upper": str.upper,
    "lower": str.lower,
    "no marks": strip_marks,
    "no blanks": lambda text: text.replace(" ", ""),
    "hyphens": lambda text: text.replace(" ", "-"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("which", provinces.LISTS)
def test_own_names_map_back_in_every_form(which: int, form: str) -> None:
    units = UNITS[which]
    for column in ("name_vi", "name_en"):
        spelled = units[column].map(FORMS[form])
        assert provinces.code(spelled, list=which).tolist() == units["code"].tolist()


@pytest.mark.parametrize("which", provinces.LISTS)
def test_names_with_their_kind_map_back(which: int) -> None:
    units = UNITS[which]
    city = units["type"] == "municipality"
    vietnamese = np.where(city, "TP. ", "Tỉnh ") + units["name_vi"]
    english = units["name_en"].str.removesuffix(" City") + np.where(city, " City", " Province")
    assert provinces.code(vietnamese, list=which).tolist() == units["code"].tolist()
    assert provinces.code(english, list=which).tolist() == units["code"].tolist()


@given(
    st.integers(0, 62),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
)
def test_random_case_and_form_map_back(place: int, upper: list[bool], form: str) -> None:
    unit = UNITS[63].iloc[place]
    mixed = "".join(a.upper() if up else a.lower() for a, up in zip(unit["name_vi"], upper, strict=False))
    assert provinces.code(unicodedata.normalize(form, mixed)) == unit["code"]


@given(st.one_of(st.text(max_size=14), st.text(alphabet="hàanộoiừugc ", max_size=8)))
def test_random_text_never_matches_silently(text: str) -> None:
    letters = [each for each in strip_marks(text).lower() if each.isalnum()]
    try:
        found = provinces.code(text)
    except ProvinceError:
        return
    unit = UNITS[63].set_index("code").loc[found]
    known = {found.lstrip("0"), *strip_marks(unit["name_vi"]).lower()}
    assert set(letters) <= known or "".join(letters).lstrip("0") == found.lstrip("0")


@given(st.integers(0, 62), st.integers(0, 30), st.sampled_from("qwzjf"))
def test_one_strange_letter_is_an_error_that_names_the_unit(place: int, at: int, letter: str) -> None:
    unit = UNITS[63].iloc[place]
    name = unit["name_en"]
    broken = name[: at % len(name)] + letter + name[at % len(name) :]
    with pytest.raises(ProvinceError) as error:
        provinces.code(broken)
    assert f"({unit['code']})" in str(error.value)


def test_spellings_are_told_apart() -> None:
    known_units = register.register_read()
    for which in provinces.LISTS:
        table = UNITS[which]
        for spelling, known in [*zip(table["name_vi"], table["code"], strict=True)]:
            assert known_units.keys[which][register.key_of(spelling)] == known
        assert set(known_units.keys[which].values()) == set(table["code"])


def test_all_faulty_inputs_in_one_error_with_rows_and_nearest() -> None:
    given_names = pd.Series(["Hà Nội", "Ha Giangg", None, "QN", "Ha Giangg", 15, " "], index=list("abcdefg"))
    with pytest.raises(ProvinceError) as error:
        provinces.code(given_names)
    message = str(error.value)
    assert "row b, e: 'Ha Giangg' is unknown; nearest: Hà Giang (02)" in message
    assert "row c, g: an empty cell" in message
    assert "Quảng Nam (49), Quảng Ninh (22), Quảng Ngãi (51)" in message
    assert "15 is ambiguous: Yên Bái in the list of 63, Lào Cai in the list of 34" in message
    assert "Hà Nội" not in message
    assert error.value.table["rows"].tolist() == [("b", "e"), ("c", "g"), ("d",), ("f",)]
    assert all(len(near) == 3 for near in error.value.table["nearest"][[0, 2, 3]])


@pytest.mark.parametrize("value", [True, ["Hà Nội"], b"Hanoi", 1.5, "63", 0, "Thái Nguyên!"])
def test_what_is_no_name_is_an_error(value: object) -> None:
    with pytest.raises(ProvinceError):
        provinces.code([value, 1])


@pytest.mark.parametrize("number", [15, 24, 44, 52, 80, 82, 91])
def test_a_number_with_two_meanings_needs_its_list(number: int) -> None:
    for spelled in (number, str(number)):
        with pytest.raises(ProvinceError, match="pass list=63 or list=34"):
            provinces.code(spelled)
    old, new = (provinces.name(provinces.code(number, list=each), "vi", list=each) for each in (63, 34))
    assert old != new


def test_all_other_numbers_of_the_list_of_63_are_clear() -> None:
    clear = [each for each in UNITS[63]["code"] if int(each) not in (15, 24, 44, 52, 80, 82, 91)]
    assert provinces.code(clear).tolist() == clear


def test_a_town_is_not_its_province() -> None:
    with pytest.raises(ProvinceError, match=r"of another kind than Thái Nguyên \(19\)"):
        provinces.code("TP. Thái Nguyên")
    with pytest.raises(ProvinceError, match="list of 34"):
        provinces.code("Thành phố Huế")
    assert provinces.code("Thành phố Huế", list=34) == "46"


def test_names_in_both_lists_follow_the_list() -> None:
    assert (provinces.code("Quảng Trị"), provinces.code("Quảng Trị", list=34)) == ("45", "44")
    assert (provinces.code("Lào Cai"), provinces.code("Lào Cai", list=34)) == ("10", "15")


def test_a_province_that_was_merged_says_where_it_went() -> None:
    with pytest.raises(ProvinceError, match=r"since July 2025 it is in Lào Cai \(15\)"):
        provinces.code("Yên Bái", list=34)
    with pytest.raises(ProvinceError, match="list of 63"):
        provinces.code("VN-HN", list=34)


def test_a_series_keeps_index_and_name_and_is_not_changed() -> None:
    given_names = pd.Series(["Hà Nội", "TP.HCM", "Hà Nội"], index=[7, 3, 5], name="tinh")
    before = given_names.copy()
    codes = provinces.code(given_names)
    pd.testing.assert_series_equal(codes, pd.Series(["01", "79", "01"], index=[7, 3, 5], name="tinh"))
    pd.testing.assert_series_equal(given_names, before)
    assert provinces.code(given_names.astype("category")).tolist() == ["01", "79", "01"]
    assert len(provinces.code([])) == 0


def test_names_and_regions() -> None:
    assert provinces.name("79", "vi") == "Hồ Chí Minh"
    assert provinces.name(pd.Series(["01", None])).isna().tolist() == [False, True]
    assert provinces.region("79") == "SE"
    assert provinces.region("79", "vi") == "Đông Nam Bộ"
    assert provinces.region("15", "en", list=34) == "Northern Midlands and Mountains"
    with pytest.raises(ProvinceError, match="several regions"):
        provinces.region(["51", "01"], list=34)
    with pytest.raises(ProvinceError, match=r"'99' \(row 1\), '7' \(row 2\)"):
        provinces.name(["01", "99", "7"])
    with pytest.raises(ProvinceError, match=r"language 'xx' is not known; languages are \['en'"):
        provinces.name("01", "xx")


def test_units_of_both_lists() -> None:
    assert [len(UNITS[each]) for each in (63, 34)] == [63, 34]
    assert UNITS[34].set_index("code").loc["08", "parts"] == ("02", "08")
    assert sum(len(parts) for parts in UNITS[34]["parts"]) == 63
    assert (UNITS[34]["type"] == "municipality").sum() == 6
    assert (UNITS[63]["type"] == "municipality").sum() == 5
    assert UNITS[34]["region"].isna().sum() == 7
    mine = provinces.units()
    mine.loc[0, "name_vi"] = "changed"
    assert provinces.units().loc[0, "name_vi"] == "Hà Nội"


@pytest.mark.parametrize(("year", "expected"), [(2022, 63), (2024, 63), (2026, 34)])
def test_a_year_has_its_list(year: int, expected: int) -> None:
    assert len(provinces.units(year=year)) == expected


def test_lists_and_years_that_do_not_exist_or_agree() -> None:
    with pytest.raises(ProvinceError, match="two lists"):
        provinces.units(year=2025)
    assert len(provinces.units(34, year=2025)) == 34
    with pytest.raises(ProvinceError, match="contradict"):
        provinces.units(34, year=2022)
    with pytest.raises(ProvinceError, match="there is no list 64"):
        provinces.code("Hà Nội", list=64)


def test_crosswalk_holds_every_unit_once() -> None:
    table = provinces.crosswalk()
    assert table["gso63"].is_unique
    assert len(table) == 63
    assert table["gso34"].nunique() == 34
    assert table["same_extent"].sum() == 11
    assert table.set_index("gso63").loc["15", ["gso34", "name34_vi"]].tolist() == ["15", "Lào Cai"]


@pytest.mark.parametrize("which", provinces.LISTS)
def test_tiles_do_not_overlap(which: int) -> None:
    table = provinces.tiles(which)
    assert len(table) == which
    assert not table.duplicated(["row", "col"]).any()
    assert table["list"].eq(which).all()


@pytest.mark.parametrize("which", provinces.LISTS)
def test_every_unit_has_an_outline(which: int) -> None:
    parsed = provinces.boundaries(which)
    assert sorted(one["id"] for one in parsed["features"]) == UNITS[which]["code"].tolist()
    parsed["features"].clear()
    assert len(provinces.boundaries(which)["features"]) == which


def test_boundary_note_in_both_languages() -> None:
    assert "not for areas" in provinces.boundary_note()
    assert "tham khảo" in provinces.boundary_note("vi")


def test_islands_name_their_province_in_both_lists() -> None:
    table = provinces.islands()
    assert table.loc[table["inset"], "name_vi"].tolist() == ["Hoàng Sa", "Trường Sa"]
    successor = provinces.crosswalk().set_index("gso63")["gso34"]
    assert (table["gso63"].map(successor) == table["gso34"]).all()


def test_a_hundred_thousand_rows_are_looked_up_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    resolve = provinces.resolve

    def counted(value: object, *rest: object) -> object:
        asked.append(value)
        return resolve(value, *rest)

    monkeypatch.setattr(provinces, "resolve", counted)
    names = pd.Series(["TP.HCM", "BRVT"] * 50_000)
    assert provinces.code(names).value_counts().to_dict() == {"79": 50_000, "77": 50_000}
    assert asked == ["TP.HCM", "BRVT"]


def test_half_a_character_is_no_province():
    with pytest.raises(ProvinceError, match="udcd0"):
        provinces.code(["H\udcd0", "Huế"])
