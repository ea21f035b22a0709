"""Files of JSON and TOML: whatever is in them, one error of the package, with the place where it can be told."""

import pytest

from portal_analysis.faults import Error
from portal_analysis.structured import DEEPEST, parse_json, read_either, read_json, read_toml


class OwnError(Error):
    """What the caller of these readers raises."""


def test_plain_values_come_through(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes('\ufeff{"a": [1, 2.5, "é", null, true]}'.encode())
    assert read_json(path, OwnError) == {"a": [1, 2.5, "é", None, True]}
    toml = tmp_path / "a.toml"
    toml.write_text("a = 1\n", encoding="utf-8")
    assert read_toml(toml, OwnError) == read_either(toml, OwnError) == {"a": 1}
    assert read_either(path, OwnError)["a"][0] == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"a": 1,\n oops}', "line 2, column 2: not JSON"),
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": 1e999}', "inf is no number"),
        (b'{"a": ' + b"9" * 400 + b"}", "400 digits"),
        (b'{"a": -' + b"9" * 9000 + b"}", "digits"),
        (b"[" * 100_000, "lie in each other"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "lie in each other"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a": "\\ud800"}', "half of a character"),
        (b'{"\\ud800": 1}', "half of a character"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "line 1, column 1: not JSON"),
    ],
)
def test_what_is_no_json_for_a_table_is_one_error(tmp_path, content, told):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(OwnError, match=told):
        read_json(path, OwnError)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a = 1\na = 2\n", "not TOML"),
        (b"a = nan\n", "nan is no number"),
        (b"a = " + b"9" * 5000, "cannot be"),
        (b"a = " + b"9" * 100, "digits"),
        (b"a = " + b"[" * 5000, "lie in each other|not TOML"),
        (b"a = 2024-13-45\n", "not TOML"),
        (b"\x00", "not TOML"),
    ],
)
def test_what_is_no_toml_for_a_table_is_one_error(tmp_path, content, told):
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(OwnError, match=told):
        read_toml(path, OwnError)


@pytest.mark.parametrize("name", ["a\x00b", "x" * 5000, "missing.json", "."])
def test_a_file_that_cannot_be_is_one_error(tmp_path, name):
    with pytest.raises(OwnError, match="cannot be read"):
        read_json(tmp_path / name, OwnError)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("portal_analysis.structured.LARGEST", 10)
    (tmp_path / "a.json").write_text("[1, 2, 3, 4, 5]")
    with pytest.raises(OwnError, match="more than 10 bytes"):
        read_json(tmp_path / "a.json", OwnError)


def test_a_text_is_named_as_the_caller_calls_it():
    with pytest.raises(OwnError, match=r"^the register, line 1, column 2: not JSON"):
        parse_json("{", "the register", OwnError)
