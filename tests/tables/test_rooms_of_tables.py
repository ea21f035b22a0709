"""The border's parts: old Vietnamese encodings, the order of labels, what labels say, numbers in text."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis import provinces
from portal_analysis.tables import border, encodings, order, replies

ICONV_TCVN = (
    "a1Ă a2Â a3Ê a4Ô a5Ơ a6Ư a7Đ a8ă a9â aaê abô acơ adư aeđ b5à b6ả b7ã b8á b9ạ bbằ bcẳ bdẵ beắ c6ặ "
    "c7ầ c8ẩ c9ẫ caấ cbậ ccè ceẻ cfẽ d0é d1ẹ d2ề d3ể d4ễ d5ế d6ệ d7ì d8ỉ dcĩ ddí deị dfò e1ỏ e2õ e3ó "
    "e4ọ e5ồ e6ổ e7ỗ e8ố e9ộ eaờ ebở ecỡ edớ eeợ efù f1ủ f2ũ f3ú f4ụ f5ừ f6ử f7ữ f8ứ f9ự faỳ fbỷ fcỹ "
    "fdý feỵ "
)
"""What iconv (GNU libc 2.36) makes of the bytes of TCVN 5712, a byte and its letter."""
NAMES = provinces.units(63)["name_vi"].tolist()
TELLING = [name for name in NAMES if not name.isascii()]


def typed(text: str, encoding: str) -> str:
    """Type a text for an old font: the inverse of what is read, one letter at a time."""
    if encoding == "utf-8":
        return text.encode("utf-8").decode("latin-1")
    if encoding == "windows-1258":
        apart = "".join(_toned(letter) for letter in text)
        return apart.encode("cp1258").decode("latin-1")
    if encoding == "vni":
        inverse = {new: old for old, new in reversed(encodings.VNI.items())}
    else:
        inverse = {new: chr(old) for old, new in encodings.LETTERS[encoding].items()}
    return "".join(inverse.get(letter, letter) for letter in text)


def _toned(letter: str) -> str:
    """Write a letter as Windows-1258 does: the letter with its hat or horn, then its tone."""
    apart = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in apart if mark in encodings.TONE_MARKS)
    return unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tone)) + tone


def test_tcvn3_is_what_iconv_says():
    for pair in ICONV_TCVN.split():
        assert encodings.decoded(bytes([int(pair[:2], 16)]), "TCVN-3") == pair[2:]


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "windows-1258", "utf-8"])
def test_names_typed_for_old_fonts_are_recognised_and_read(encoding):
    old = [typed(name, encoding) for name in NAMES]
    name, example, read = encodings.recognised(old)
    assert (name, read) == (encoding, NAMES[old.index(example)])
    if encoding != "utf-8":
        assert [encodings.recoded(text, encoding) for text in old] == NAMES


@pytest.mark.parametrize(
    "texts",
    [
        NAMES,
        ["Café", "Pérez", "José", "naïve", "Müller", "año"],
        ["São Tomé", "Curaçao", "Côte d'Ivoire"],
        ["50 m²", "½ ngày", "§ 3"],
        ["plain", "ascii"],
        [],
    ],
)
def test_other_texts_are_left_alone(texts):
    assert encodings.recognised(texts) is None


def test_windows_1258_is_composed():
    assert encodings.decoded(b"H\xe0 N\xf4\xf2i, Hu\xea\xec", "cp1258") == "Hà Nội, Huế"
    assert encodings.vietnamese("CP-1258") == encodings.vietnamese("windows_1258") == "windows-1258"
    assert encodings.vietnamese("latin-1") is None


@pytest.mark.parametrize(
    "right",
    [
        ["5-9", "10-14", "15-19", "100+"],
        ["T1", "T2", "T10", "T12"],
        ["Dưới 18", "18-29", "30–59", "60+", "Trên 60"],
        ["<5", "5-10", ">10"],
        ["dưới 30", "30-59", "từ 60 trở lên"],
        ["500-999", "1.000-2.000", "12.000+"],
        ["Quận 1", "Quận 2", "Quận 10"],
        ["0.5", "1.25", "1.5"],
        ["2021-Q3", "2022-Q1", "2022-Q4"],
        ["01", "02", "10"],
        ["Bắc Ninh", "Huế", "Hà Nội"],
        [1, 2, 10],
    ],
)
def test_labels_sort_as_people_read_them(right):
    for seed in range(5):
        mixed = [right[i] for i in np.random.default_rng(seed).permutation(len(right))]
        assert order.in_order(mixed) == right


@given(st.lists(st.text(max_size=8), unique=True))
def test_any_texts_have_an_order_that_does_not_depend_on_their_place(texts):
    assert order.in_order(texts) == order.in_order(reversed(texts))
    assert sorted(order.in_order(texts)) == sorted(texts)


@pytest.mark.parametrize(
    "label",
    ["Không biết", "8. Từ chối", "KB/TC", "DK", "don’t know", "N/A", "Không trả lời", "(99) Refused", "NA"],
)
def test_labels_that_say_no_answer(label):
    assert replies.says_no_answer(label)


@pytest.mark.parametrize(
    "label", ["Không", "No", "Có", "Nam", "1", "Không khí", "Nothing", "Biết", "", "99 trở lên"]
)
def test_labels_that_are_answers(label):
    assert not replies.says_no_answer(label)


@pytest.mark.parametrize(
    ("zero", "one", "against"),
    [
        ("Yes", "No", True),
        ("Có", "Không", True),
        ("Có sử dụng", "Không sử dụng", True),
        ("Sử dụng", "Không sử dụng", True),
        ("0. Đã dùng", "1. Chưa dùng", True),
        ("No", "Yes", False),
        ("Không", "Có", False),
        ("Nông thôn", "Thành thị", False),
        ("Nước", "Không khí", False),
        ("Không", "Chưa", False),
    ],
)
def test_labels_against_0_and_1(zero, one, against):
    assert replies.speaks_against(zero, one) is against


class TestNumbersInText:
    @pytest.mark.parametrize(
        ("texts", "decimal", "read"),
        [
            (["1", "2.5", ""], None, [1, 2.5, None]),
            (["0,85", "1,2", " 3 "], None, [0.85, 1.2, 3]),
            (["1,234", "5,678"], ",", [1.234, 5.678]),
            (["1.234,5", "7"], ",", [1234.5, 7]),
            (["1e+05", "NA"], None, [100000, None]),
            (["1", "KTL", "."], None, [1, None, None]),
        ],
    )
    def test_are_read(self, texts, decimal, read):
        found = border.numbers_in(pd.Series(texts), decimal)
        assert found.astype(object).where(found.notna(), None).tolist() == read

    @pytest.mark.parametrize(
        "texts", [["01", "2"], ["1,234"], ["1;2"], ["1.234.567"], ["85%"], ["1e5"], ["NA", "x"]]
    )
    def test_codes_and_what_nobody_can_tell_stay_text(self, texts):
        assert border.numbers_in(pd.Series(texts)).tolist() == texts

    @given(
        st.lists(
            st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e6, 1e6).map(lambda x: round(x, 4))),
            min_size=1,
        )
    )
    def test_what_a_number_is_written_as_is_read_back(self, numbers):
        plain = pd.Series(
            [f"{number:.4f}" if isinstance(number, float) else str(number) for number in numbers]
        )
        assert border.numbers_in(plain).tolist() == pytest.approx([float(text) for text in plain])
        commas = border.numbers_in(plain.str.replace(".", ","), ",")
        assert commas.tolist() == pytest.approx([float(text) for text in plain])


@given(st.text())
def test_one_spelling_is_reached_at_once(text):
    once = border.one_spelling(text)
    assert border.one_spelling(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
