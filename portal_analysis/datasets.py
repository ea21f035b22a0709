"""What data/ holds: one dataset is one folder, described by its ``datapackage.json`` and nothing else.

Hands on :class:`Dataset` values and the table of all datasets; reads no table itself.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.descriptors import KINDS, faults_of
from portal_analysis.faults import Error
from portal_analysis.languages import text_of, texts_in
from portal_analysis.paths import is_file, is_folder, shown
from portal_analysis.seals import SEAL, is_broken, seal_of
from portal_analysis.structured import read_json

DESCRIPTOR = "datapackage.json"
DATA_VARIABLE = "PORTAL_ANALYSIS_DATA"


__all__ = ["KINDS", "Dataset", "SourceError", "SourceWarning", "dataset", "sources"]


class SourceError(Error):
    """A dataset cannot be found, or its description is broken."""


class SourceWarning(UserWarning):
    """A dataset among others is broken and was left out."""


@dataclass(frozen=True)
class Dataset:
    """One folder of data with its description.

    Attributes
    ----------
    id : str
        The dataset's ``name``; it stands in the ``source`` column of every table made from it.
    folder : Path
        Where its files lie.
    descriptor : mapping
        ``datapackage.json`` as read.
    """

    id: str
    folder: Path
    descriptor: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def kind(self) -> str:
        """``survey``, ``audit``, ``register``, ``published``, ``geography`` or ``standard``."""
        return str(self.descriptor["kind"])

    @property
    def simulated(self) -> bool:
        """Are these data made up to try methods on?"""
        return bool(self.descriptor["simulated"])

    @cached_property
    def resources(self) -> dict[str, Mapping[str, Any]]:
        """The dataset's tables and files by name."""
        return {resource["name"]: resource for resource in self.descriptor["resources"]}

    @property
    def tables(self) -> dict[str, Mapping[str, Any]]:
        """The resources that are tables: those in CSV, by name."""
        return {name: one for name, one in self.resources.items() if is_table(one)}

    def title(self, lang: str = "en") -> str:
        """Return the title in a language, else in English."""
        return translated(self.descriptor, "title", lang)

    @property
    def people(self) -> str:
        """Who made it: names of people and organisations."""
        return ", ".join(found for one in self.descriptor.get("contributors", []) if (found := _person(one)))

    @property
    def licence(self) -> str:
        """Under which licences it may be used: their names, or where they stand."""
        told = (
            [one.get(key) for key in ("name", "title", "path")] for one in self.descriptor.get("licenses", [])
        )
        return ", ".join(next(filter(None, one)) for one in told)

    def citation(self, lang: str = "en") -> str:
        """Return how to cite the dataset: who, title, version, licence."""
        version = self.descriptor.get("version", "")
        parts = [self.people, self.title(lang), f"v{version}" if version else "", self.licence]
        return ". ".join(part for part in parts if part)

    def file(self, name: str) -> Path:
        """Return the path of a resource's file, once its hash was found right.

        Raises
        ------
        SourceError
            If there is no such resource, its file is missing, or the file is not the one described.
        """
        if name not in self.resources:
            raise SourceError(f"dataset '{self.id}' has no resource '{name}'; it has {list(self.resources)}")
        resource = self.resources[name]
        path = self.folder / resource["path"]
        if not is_file(path):
            raise SourceError(
                f"{self.id}: the file {resource['path']} that {DESCRIPTOR} describes is missing in {self.folder}"
            )
        described = str(resource.get("hash", ""))
        if described and described != (found := hash_of(path)):
            raise SourceError(
                f"{self.id}: {resource['path']} is not the file described: its hash is {found}, {DESCRIPTOR} says "
                f"{described}. If the change is meant, run `portal-analysis describe {self.id}`."
            )
        return path


def translated(item: Mapping[str, Any], name: str, lang: str) -> str:
    """Return ``item[name_vi]`` in Vietnamese where there is one, else ``item[name]``, which is English."""
    return text_of(texts_in(item, name), lang)


def roots() -> list[Path]:
    """Return the data folders in which datasets are looked up, first found first.

    ``$PORTAL_ANALYSIS_DATA``; ``data`` in the working folder or above it; the ``data`` of the checkout or of the
    installed package. In each, ``private`` is looked into as well.
    """
    named = os.environ.get(DATA_VARIABLE)
    here = Path(__file__).resolve().parent
    above = [folder / "data" for folder in (Path.cwd(), *Path.cwd().parents)]
    candidates = [*([Path(named)] if named else []), *above, here.parent / "data", here / "shipped" / "data"]
    if named and not Path(named).is_dir():
        raise SourceError(f"${DATA_VARIABLE} names {named}, which is not a folder")
    unique = dict.fromkeys(path.resolve() for path in candidates if _holds_datasets(path))
    return [folder for root in unique for folder in (root, root / "private") if folder.is_dir()]


def private_folder() -> Path:
    """Return the folder for data that must not be published: ``private`` in the first data folder of the caller's own.

    The one that ``$PORTAL_ANALYSIS_DATA`` names, else the nearest ``data`` that holds datasets in the working folder or
    above it, else ``data`` in the working folder; never that of the installed package.
    """
    named = os.environ.get(DATA_VARIABLE)
    above = [folder / "data" for folder in (Path.cwd(), *Path.cwd().parents)]
    own = [Path(named)] if named else [path for path in above if _holds_datasets(path)]
    return (own[0] if own else Path.cwd() / "data") / "private"


def keep_out_of_git(folder: Path) -> None:
    """Let git pass a folder over, wherever it lies, by a ``.gitignore`` in it."""
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def dataset(name: str | Path, sealed: bool = True) -> Dataset:
    """Return a dataset by its id, or by the path of its folder; ``sealed=False`` reads one whose seal is broken, too.

    Raises
    ------
    SourceError
        If there is none of that name (the nearest names are told), or its description is broken.
    """
    if (folder := find(name)) is not None:
        return read_descriptor(folder, sealed)
    known = [found.name for found in folders()]
    near = difflib.get_close_matches(str(name), known, n=3)
    raise SourceError(
        f"there is no dataset '{shown(name)}'. "
        + (f"Did you mean {near}? " if near else "")
        + f"There are {sorted(set(known))}."
    )


def find(name: str | Path) -> Path | None:
    """Return the folder of a dataset by its id, or by the path of its folder; None if there is none."""
    folder = Path(name)
    if is_folder(folder) and (folder.is_absolute() or len(folder.parts) > 1):
        return folder
    here = [root / str(name) for root in roots() if is_file(root / str(name) / DESCRIPTOR)]
    return here[0] if here and str(name) else None


def state(folder: Path, paths: Iterable[str] = ()) -> tuple[tuple[int, int] | None, ...]:
    """Return the times and sizes of a dataset's description and of some of its files: what a cache goes by."""
    return tuple(_stamp(folder / path) for path in (DESCRIPTOR, *paths))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def own_source(path: Path) -> str:
    """Call a caller's file by its name, but never as a dataset of the package is called."""
    return f"{path.stem} (own file)" if find(path.stem) is not None else path.stem


def sources() -> pd.DataFrame:
    """List the datasets that can be loaded.

    Returns
    -------
    DataFrame
        One row a dataset: ``id, title, title_vi, kind, period, licence, simulated, folder``.

    Warns
    -----
    SourceWarning
        For each folder whose description is broken; the others are listed.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> known = pa.sources()
    >>> print(known.loc[known["simulated"], "id"].tolist())
    ['papi-simulated', 'portal-review-simulated', 'province-survey-simulated']
    """
    found: dict[str, Dataset] = {}
    for folder in folders():
        try:
            found.setdefault(folder.name, read_descriptor(folder))
        except SourceError as error:
            warnings.warn(f"left out: {error}", SourceWarning, stacklevel=2)
    rows = [
        {
            "id": each.id,
            "title": each.title("en"),
            "title_vi": each.title("vi"),
            "kind": each.kind,
            "period": each.descriptor.get("period", ""),
            "licence": each.licence,
            "simulated": each.simulated,
            "folder": str(each.folder),
        }
        for each in found.values()
    ]
    columns = ["id", "title", "title_vi", "kind", "period", "licence", "simulated", "folder"]
    return pd.DataFrame(rows, columns=columns)


def read_descriptor(folder: Path, sealed: bool = True) -> Dataset:
    """Read and check a folder's ``datapackage.json``; all its faults in one error.

    Raises
    ------
    SourceError
        If the file is missing or no JSON, a property is missing or of a wrong kind, a resource lacks its path or
        schema, or a path leads out of the folder; or its seal does not fit (:mod:`portal_analysis.seals`), unless
        ``sealed`` is False.
    """
    path = folder / DESCRIPTOR
    if not is_file(path):
        raise SourceError(f"{folder} is not a dataset: it has no {DESCRIPTOR}")
    descriptor = read_json(path, SourceError)
    faults = faults_of(descriptor)
    if isinstance(descriptor, dict):
        faults += _folder_faults(descriptor, folder)
    if faults:
        raise SourceError.of(faults, f"{path} cannot be used")
    if sealed and is_broken(descriptor):
        raise SourceError(
            f"{path}: name, kind, licence, sources or the mark 'simulated' are not those that were sealed. "
            f"If the change is meant, run `portal-analysis describe {folder}`."
        )
    return Dataset(descriptor["name"], folder, descriptor)


def is_table(resource: Mapping[str, Any]) -> bool:
    """Tell whether a resource is a table: its format, or the ending of its path, is CSV."""
    return str(resource.get("format", Path(str(resource.get("path"))).suffix.lstrip("."))).lower() == "csv"


def write_descriptor(folder: Path, descriptor: Mapping[str, Any]) -> Path:
    """Write ``datapackage.json``, with the size and hash of each file as it lies in ``folder``, and the seal.

    The same files and description give the same bytes.
    """
    filled = dict(descriptor)
    filled["resources"] = [
        {
            **resource,
            "bytes": (folder / resource["path"]).stat().st_size,
            "hash": hash_of(folder / resource["path"]),
        }
        for resource in descriptor["resources"]
    ]
    filled[SEAL] = seal_of(filled)
    path = folder / DESCRIPTOR
    path.write_text(json.dumps(filled, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")
    return path


def resource_like(
    source: str, name: str, columns: Iterable[str], own: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the description of a table whose columns mean what they mean in another dataset.

    Parameters
    ----------
    source, name : str
        The dataset, and the table in it.
    columns : iterable of str
        The columns of the new table.
    own : mapping, optional
        What is said otherwise of a column.
    """
    like = dataset(source).resources[name]
    fields = {field["name"]: field for field in like["schema"]["fields"]}
    keys = {key: like["schema"][key] for key in ("primaryKey", "foreignKeys") if key in like["schema"]}
    described = [
        {**fields.get(column, {"name": column}), **(own or {}).get(column, {})} for column in columns
    ]
    kept = {key: like[key] for key in ("type", "format", "mediatype", "encoding")}
    # what stands in brackets is said of the other dataset alone
    told = {title: like[title].partition(" (")[0] for title in ("title", "title_vi")}
    schema = {"fields": described, **keys}
    return {"name": name, "path": f"{name}.csv", **told, **kept, "schema": schema}


def hash_of(path: Path) -> str:
    """Return a file's SHA-256 as Data Packages write it: ``sha256:<hex>``."""
    with path.open("rb") as stream:
        return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()


def _holds_datasets(folder: Path) -> bool:
    return folder.is_dir() and any(any(folder.glob(f"{deep}*/{DESCRIPTOR}")) for deep in ("", "private/"))


def folders() -> list[Path]:
    """Return the folders of all datasets, in the order in which they are looked up."""
    return [path.parent for root in roots() for path in sorted(root.glob(f"*/{DESCRIPTOR}"))]


def _person(told: Mapping[str, Any]) -> str:
    named = " ".join(str(told[key]) for key in ("givenName", "familyName") if told.get(key))
    return str(told.get("title") or named or told.get("organization") or told.get("email") or "")


def _folder_faults(descriptor: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Say what in a description does not fit the folder, or itself: names, paths, the tables that it speaks of."""
    name, own = descriptor.get("name"), folder.resolve().name
    if isinstance(name, str) and name != own:
        yield f"'name' is '{name}' but the folder is called '{own}'"
    found = descriptor.get("resources")
    resources = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    named = [str(one.get("name")) for one in resources]
    for twice in sorted({one for one in named if named.count(one) > 1}):
        yield f"'resources' hold two called '{twice}'"
    for place, resource in enumerate(resources, start=1):
        yield from _resource_faults(resource, f"resource {place}", folder)
    labels = descriptor.get("labels")
    for column, rule in labels.items() if isinstance(labels, dict) else ():
        if isinstance(rule, dict) and isinstance(rule.get("resource"), str) and rule["resource"] not in named:
            yield f"'labels', '{column}': there is no resource '{rule['resource']}'; there are {named}"


def _resource_faults(resource: Mapping[str, Any], where: str, folder: Path) -> Iterator[str]:
    path = resource.get("path")
    if isinstance(path, str) and not _inside(folder, path):
        yield f"{where}: the path '{path}' leads out of the folder"
    schema = resource.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if is_table(resource) and not (isinstance(fields, list) and fields):
        yield f"{where}: 'schema.fields' is missing"


def _inside(folder: Path, path: str) -> bool:
    try:
        return (folder / path).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return False
