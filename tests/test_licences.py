"""Whoever installs the package gets nothing that binds more than weak copyleft: every licence is read, and known."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).resolve().parents[1] / "pyproject.toml").read_text("utf-8"))[
    "project"
]
EXTRAS = PROJECT["optional-dependencies"]

PERMISSIVE = re.compile(
    r"MIT(-0|-CMU)?|ISC|Zlib|0BSD|CC0-1\.0|Unlicense|HPND|PSF-2\.0|Python-2\.0|CNRI-Python|BlueOak-1\.0\.0"
    r"|BSD(-[234]-Clause)?|Apache( License)?,?( Version)?[ -]2(\.0)?|W3C|OFL-1\.1"
    r"|MIT License|BSD License|(Modified|New|The)? ?BSD( License)?|3-Clause BSD License|ISC License( \(ISCL\))?"
    r"|Apache Software License|Python Software Foundation License|Public Domain|The Unlicense \(Unlicense\)"
    r"|Historical Permission Notice and Disclaimer \(HPND\)|zlib/libpng License|CC0 1\.0 Universal.*"
)
WEAK = re.compile(
    r"MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|LGPL-[23][.\d]*(-or-later|-only)?|EPL-2\.0"
)
"""What binds the files of the package itself, and nothing that uses it."""

CHOSEN = {
    "text-unidecode": "Artistic-1.0-Perl",
    "docutils": "Public Domain",
    "axe-playwright-python": "MIT",
}
"""Packages that offer several licences, or name theirs in a file only: the one taken. docutils has one module for
Emacs under the GPL, which nothing here loads; the first two and the third come with tools of tests and of the
reference, none with the package."""


def walked(names: list[str]) -> dict[str, metadata.Distribution]:
    """Return what is installed of some requirements and of all that they need, on this machine."""
    found: dict[str, metadata.Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(one) for one in names]
    while waiting:
        one = waiting.pop()
        key = (re.sub(r"[-_.]+", "-", one.name).lower(), frozenset(one.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            found[key[0]] = metadata.distribution(key[0])
        except metadata.PackageNotFoundError:
            continue
        needs = map(Requirement, found[key[0]].requires or [])
        extras = ["", *one.extras]
        waiting += [
            each
            for each in needs
            if each.marker is None or any(each.marker.evaluate({"extra": e}) for e in extras)
        ]
    return found


def licences(name: str, distribution: metadata.Distribution) -> list[str]:
    """Return the licences of which one package is under all."""
    if name in CHOSEN:
        return [CHOSEN[name]]
    told = distribution.metadata
    if expression := told.get("License-Expression"):
        parts = re.sub(r"[()]", " ", expression).split(" AND ")
        return [part.split(" OR ")[0].strip() for part in parts]
    classified = [
        one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or [] if one.startswith("License ::")
    ]
    classified = [one for one in classified if one != "OSI Approved"]
    first = (str(told.get("License") or "").strip().splitlines() or [""])[0]
    return classified or first.split(" AND ")


def unknown(names: list[str]) -> list[str]:
    allowed = (PERMISSIVE, WEAK, re.compile("Artistic-1.0-Perl"))
    return [
        f"{name}: {one or 'none named'}"
        for name, distribution in sorted(walked(names).items())
        for one in licences(name, distribution)
        if not any(each.fullmatch(one) for each in allowed)
    ]


@pytest.mark.parametrize("extra", [None, *EXTRAS])
def test_every_licence_is_permissive_or_weak_copyleft(extra):
    names = PROJECT["dependencies"] if extra is None else EXTRAS[extra]
    if extra == "docs" and find_spec("sphinx") is None:  # as on the lowest versions
        pytest.skip("the tools of the documentation are not installed")
    assert walked(names)
    assert unknown(names) == []


def test_a_licence_that_binds_all_would_be_seen(monkeypatch):
    told = {"License-Expression": "GPL-3.0-or-later"}

    class Bound:
        requires = ()

        class metadata:
            get = staticmethod(told.get)
            get_all = staticmethod(lambda name: [])

    monkeypatch.setattr(metadata, "distribution", lambda name: Bound)
    assert unknown(["anything"]) == ["anything: GPL-3.0-or-later"]


def test_what_is_taken_by_choice_comes_with_no_part_of_the_package():
    users = [*PROJECT["dependencies"], *(one for extra in ("io", "report", "big") for one in EXTRAS[extra])]
    assert not set(CHOSEN) & set(walked(users))
