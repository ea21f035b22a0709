"""No path that somebody types raises an error of the system; what cannot be looked into is told."""

import json
import os
from pathlib import Path

import pytest

import portal_analysis as pa
from portal_analysis import datasets, paths
from portal_analysis.audit.readers import files
from portal_analysis.audit.readers.files import files_under
from portal_analysis.audit.readers.reading import FileFaults
from portal_analysis.tables import elsewhere

STRANGE = ["a\x00b", "x" * 5000, "\udcff", "\ud800.csv", "a/" * 3000, "/dev/zero", "con:", " ", "%s{}"]


@pytest.mark.parametrize("name", STRANGE, ids=range(len(STRANGE)))
@pytest.mark.parametrize(
    "door", [pa.load_survey, pa.load_audit, pa.load_tables, pa.load_register, pa.read_audit, pa.read_register]
)
def test_a_strange_path_is_an_error_of_the_package(name, door):
    with pytest.raises(pa.Error) as caught:
        door(name)
    str(caught.value).encode("utf-8")


@pytest.mark.parametrize("name", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_path_of_a_survey_mapping_or_manifest_is_one_too(name, tmp_path):
    for door in (
        lambda: pa.read_survey(name, pa.Design()),
        lambda: pa.read_audit(tmp_path, mapping=name),
        lambda: pa.read_audit(tmp_path, manifest=name),
    ):
        with pytest.raises(pa.Error):
            door()


def test_a_folder_that_cannot_be_looked_into_is_a_fault(tmp_path, monkeypatch):
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "a.json").write_text("{}")
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "b.json").write_text("{}")
    real = os.scandir

    def scandir(folder):
        if Path(folder) == closed:
            raise PermissionError(13, "Permission denied", str(folder))
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    found = dict(paths.files_below(tmp_path))
    assert found == {tmp_path / "open" / "a.json": "", closed: "Permission denied"}
    with pytest.raises(FileFaults, match="closed: cannot be looked into: Permission denied"):
        files_under(tmp_path)
    with pytest.raises(pa.Error, match="cannot be looked into"):
        pa.read_audit(tmp_path)
    assert paths.names_in(closed) == []


def test_a_folder_that_holds_a_whole_disk_is_not_looked_through(tmp_path, monkeypatch):
    for number in range(4):
        (tmp_path / f"{number}.json").write_text("{}")
    for room in (paths, files, elsewhere):
        monkeypatch.setattr(room, "MOST_FILES", 3)
    for door in (pa.read_audit, lambda path: pa.Survey(path, pa.Design()), pa.read_register):
        with pytest.raises(pa.Error, match="holds more than 3 files"):
            door(tmp_path)


def test_a_file_that_cannot_be_opened_is_an_error_of_the_package(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("w,a\n1,2\n")

    real = Path.open

    def refuse(self, *given, **more):
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *given, **more)

    monkeypatch.setattr(Path, "open", refuse)
    for door in (lambda: pa.read_survey(path, pa.Design()), lambda: pa.read_audit(path)):
        with pytest.raises(pa.Error, match=r"cannot be read.*Permission denied"):
            door()


def test_a_resource_whose_name_no_file_can_have_is_missing(make_dataset):
    folder = make_dataset({"t": "a\n1\n"}, {"t": {"fields": [{"name": "a", "type": "string"}]}})
    descriptor = json.loads((folder / datasets.DESCRIPTOR).read_text("utf-8"))
    descriptor["resources"][0]["path"] = "x" * 300 + ".csv"
    (folder / datasets.DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
    with pytest.raises(datasets.SourceError, match="describes is missing"):
        pa.load_tables(folder)
