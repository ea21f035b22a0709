"""Datasets are found by id or folder, and a broken description is told in one error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal_analysis import datasets
from portal_analysis.datasets import SourceError

SCHEMA = {"fields": [{"name": "a", "type": "integer"}]}


@pytest.fixture
def toy(make_dataset, monkeypatch) -> Path:
    folder: Path = make_dataset({"t": "a\n1\n"}, {"t": SCHEMA})
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(folder.parent))
    return folder


def test_a_dataset_is_found_by_id_and_by_folder(toy):
    assert datasets.dataset("toy").folder == toy.resolve()
    assert datasets.dataset(toy).title("vi") == "Đồ chơi"


def test_it_stands_in_the_table_of_sources(toy):
    table = datasets.sources().set_index("id")
    assert table.loc["toy", "licence"] == "CC0-1.0"
    assert not table.loc["toy", "simulated"]


def test_private_data_are_found_beside_the_shipped(toy):
    private = toy.parent / "private"
    private.mkdir()
    toy.rename(private / "toy")
    (toy.parent / "other").mkdir()
    (toy.parent / "other" / "datapackage.json").write_text("{}")
    assert datasets.dataset("toy").folder == (private / "toy").resolve()


def test_unknown_dataset_names_the_nearest(toy):
    with pytest.raises(SourceError, match=r"no dataset 'toi'.*Did you mean \['toy'\]"):
        datasets.dataset("toi")


def test_folder_named_by_the_variable_must_exist(monkeypatch, tmp_path):
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(SourceError, match="is not a folder"):
        datasets.roots()


def test_broken_json_is_told_with_its_line(toy):
    (toy / "datapackage.json").write_text('{"name": "toy",\n oops}')
    with pytest.raises(SourceError, match="line 2, column 2: not JSON"):
        datasets.dataset(toy)


def test_all_faults_of_a_description_in_one_error(toy):
    broken = {
        "name": "other",
        "kind": "poll",
        "simulated": "no",
        "resources": [{"name": "t", "path": "../t.csv"}],
    }
    (toy / "datapackage.json").write_text(json.dumps(broken))
    with pytest.raises(SourceError) as caught:
        datasets.dataset(toy)
    for part in (
        "'title' is missing",
        "'kind' is 'poll'",
        "'simulated' is 'no'",
        "leads out of the folder",
        "is called 'toy'",
    ):
        assert part in str(caught.value)


def test_writing_a_description_twice_gives_the_same_bytes(toy):
    first = (toy / "datapackage.json").read_bytes()
    datasets.write_descriptor(toy, json.loads(first))
    assert (toy / "datapackage.json").read_bytes() == first


def test_a_folder_without_description_is_no_dataset(tmp_path):
    with pytest.raises(SourceError, match=r"is not a dataset: it has no datapackage\.json"):
        datasets.dataset(tmp_path)
