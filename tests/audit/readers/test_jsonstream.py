"""Documents out of text that is not quite JSON."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit.readers import jsonstream
from portal_analysis.audit.readers.reading import FileFaults


def values(text: str) -> list[object]:
    return [one.value for one in jsonstream.documents(io.StringIO(text), "f.json")]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}{"a": 2}',
        '{"a": 1}\n{"a": 2}\n',
        '[{"a": 1}, {"a": 2}]',
        '{"a": 1},\n{"a": 2},',
        '\x1e{"a": 1}\n\x1e{"a":2}',
    ],
)
def test_all_ways_to_keep_several_documents(text: str) -> None:
    assert values(text) == [{"a": 1}, {"a": 2}]


def test_an_empty_list_is_a_document() -> None:
    assert values("[]") == [[]]


def test_raw_control_characters_are_text() -> None:
    assert values('{"a": "x\x01\ty\nz"}') == [{"a": "x\x01\ty\nz"}]


def test_lines_are_counted_across_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonstream, "CHUNK", 7)
    found = list(jsonstream.documents(io.StringIO('{"a": "long text"}\n\n{"b":\n 2}\n{"c": 3}'), "f"))
    assert [(one.value, one.line) for one in found] == [({"a": "long text"}, 1), ({"b": 2}, 3), ({"c": 3}, 5)]


@pytest.mark.parametrize(
    ("text", "line"), [('{"a": 1', 1), ('{"a": 1}\n{"b" 2}', 2), ('{"a":\n[1,\n2', 3), ("[1, 2] x", 1)]
)
def test_a_fault_has_its_line(text: str, line: int) -> None:
    with pytest.raises(FileFaults) as error:
        values(text)
    assert error.value.found[0].line == line


def test_deep_nesting_is_a_fault() -> None:
    with pytest.raises(FileFaults):
        values('{"a":' + "[" * 200_000)


def test_the_hook_sees_every_object() -> None:
    seen: list[dict[str, object]] = []
    found = jsonstream.documents(
        io.StringIO('{"a": {"b": {"c": {}}}}'), "f", lambda one: seen.append(dict(one)) or one
    )
    assert len(list(found)) == 1
    assert len(seen) == 4


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(st.dictionaries(st.text(), json_values, max_size=3), min_size=1, max_size=4), st.integers(1, 30)
)
def test_what_was_written_is_read_at_any_window(objects: list[dict[str, object]], chunk: int) -> None:
    before, jsonstream.CHUNK = jsonstream.CHUNK, chunk
    try:
        assert values("\n".join(json.dumps(one, ensure_ascii=False) for one in objects)) == objects
        assert values(json.dumps(objects)) == objects
    finally:
        jsonstream.CHUNK = before
