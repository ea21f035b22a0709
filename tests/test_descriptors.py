"""A description is held against the standard first; whatever it says, one error, and other datasets do not suffer."""

import copy
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import portal_analysis as pa
from portal_analysis import datasets
from portal_analysis.datasets import SourceError, SourceWarning, roots
from portal_analysis.descriptors import faults_of

GOOD = {
    "name": "toy",
    "title": "A toy",
    "kind": "published",
    "simulated": False,
    "licenses": [{"name": "CC0-1.0"}],
    "contributors": [{"title": "Somebody"}],
    "labels": {"a": {"resource": "t", "value": "a", "en": "a", "vi": "a"}},
    "resources": [
        {
            "name": "t",
            "path": "t.csv",
            "schema": {
                "fields": [{"name": "a", "constraints": {"required": True}}, {"name": "b", "type": "integer"}]
            },
        }
    ],
}


def changed(*path, to):
    made = copy.deepcopy(GOOD)
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return made


@pytest.mark.parametrize("root", sorted({one for root in roots() for one in root.glob("*/datapackage.json")}))
def test_every_description_of_ours_holds_to_the_standard(root):
    assert faults_of(json.loads(root.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ([], ["the description is [], expected an object"]),
        (changed("kind", to="poll"), ["'kind' is 'poll', allowed are"]),
        (changed("simulated", to="yes"), ["'simulated' is 'yes', expected true or false"]),
        (changed("licenses", to=[{}]), ["'licenses', entry 1", "needs one of ['name', 'path']"]),
        (changed("licenses", to="CC0"), ["'licenses' is 'CC0', expected a list"]),
        (changed("contributors", 0, to="me"), ["'contributors', entry 1 is 'me', expected an object"]),
        (changed("resources", to={}), ["'resources' is {}, expected a list"]),
        (changed("resources", 0, to=None), ["resource 1 is None, expected an object"]),
        (changed("resources", 0, "path", to=["a", "b"]), ["resource 1, 'path' is"]),
        (
            changed("resources", 0, "schema", to="schema.json"),
            ["resource 1, 'schema' is 'schema.json'"],
        ),
        (
            changed("resources", 0, "schema", "fields", 1, "type", to=["x"]),
            ["field 2, 'type' is ['x'], expected a text"],
        ),
        (changed("resources", 0, "schema", "fields", 0, "name", to=""), ["field 1, 'name'"]),
        (
            changed("resources", 0, "schema", "fields", 0, "constraints", to={"minLength": "a"}),
            ["'minLength' is 'a'"],
        ),
        (changed("labels", "a", to={"resource": "t"}), ["'labels', 'a': 'en' is missing"]),
        (changed("min_n", to=-1), ["'min_n' is -1"]),
    ],
)
def test_what_breaks_the_standard_is_told_with_its_place(description, told):
    found = "\n".join(faults_of(description))
    for part in told:
        assert part in found


def test_a_licence_may_have_a_path_alone_and_a_person_no_title(tmp_path, monkeypatch):
    made = changed(
        "licenses", to=[{"path": "LICENCE.md"}, {"title": "Open"}, {"name": "CC0-1.0", "path": "x"}]
    )
    made["licenses"].pop(1)
    made["contributors"] = [
        {"givenName": "Lan", "familyName": "Trần"},
        {"organization": "UNDP"},
        {"email": "a@b.vn"},
    ]
    folder = write(tmp_path / "data" / "toy", made)
    assert datasets.dataset(folder).citation() == "Lan Trần, UNDP, a@b.vn. A toy. LICENCE.md, CC0-1.0"
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path / "data"))
    listed = pa.sources().set_index("id")
    assert listed.loc["toy", "licence"] == "LICENCE.md, CC0-1.0"


def test_one_broken_dataset_is_told_and_the_others_are_listed(tmp_path, monkeypatch):
    write(tmp_path / "data" / "toy", GOOD)
    write(tmp_path / "data" / "broken", changed("licenses", to=3))
    deep = tmp_path / "data" / "deep"
    deep.mkdir()
    (deep / "datapackage.json").write_text("[" * 100_000)
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path / "data"))
    with pytest.warns(SourceWarning) as told:
        listed = pa.sources()
    assert "toy" in set(listed["id"])
    assert "egov-figures" in set(listed["id"])
    assert {"broken", "deep"}.isdisjoint(listed["id"])
    assert len(told) == 2


def test_what_a_description_says_of_the_folder_is_looked_at(tmp_path):
    made = changed("labels", "a", "resource", to="other")
    made["resources"][0]["path"] = "a/../../t.csv"
    with pytest.raises(SourceError) as caught:
        datasets.dataset(write(tmp_path / "tox", made))
    for part in ("the folder is called 'tox'", "there is no resource 'other'", "leads out of the folder"):
        assert part in str(caught.value)


NAMES = st.sampled_from(["name", "value", "a"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(0, 9) | st.text("ab/.{", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "value", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value, path=()):
    yield path
    for key, one in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(one, (*path, key))


PLACES = [path for path in places(GOOD) if path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("any") / "toy", GOOD)


@given(st.sampled_from(PLACES), ANY)
@settings(max_examples=60, deadline=None)
def test_whatever_stands_anywhere_is_read_or_an_error_of_the_package(folder, place, value):
    write(folder, changed(*place, to=value))
    try:
        tables = pa.load_tables(folder)
        datasets.dataset(folder).citation()
    except pa.Error:
        return
    assert all(isinstance(one, pd.DataFrame) for one in tables.values())


def write(folder, description):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "t.csv").write_text("a,b\nx,1\ny,2\n", encoding="utf-8")
    (folder / "datapackage.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
    return folder
