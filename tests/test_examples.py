"""Every public name has an example that runs and prints what it says; datasets are read once for all of them."""

from __future__ import annotations

import doctest
import functools
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import portal_analysis as pa

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
LOADS = [name for name in pa.__all__ if name.startswith("load_")]


def once(load: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that reads each dataset once; a table is handed out as a copy."""
    known: dict[str, Any] = {}

    @functools.wraps(load)
    def found(*which: Any, **more: Any) -> Any:
        key = repr((which, more))
        if key not in known:
            known[key] = load(*which, **more)
        return known[key].copy() if isinstance(known[key], pd.DataFrame) else known[key]

    return found


@pytest.fixture(scope="module", autouse=True)
def loaded_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in LOADS:
            patch.setattr(pa, name, once(getattr(pa, name)))
        yield


def examples(name: str) -> list[doctest.DocTest]:
    """Return the examples of a public name; of a module, those of its functions."""
    found = getattr(pa, name)
    parts = [found]
    if inspect.ismodule(found):
        parts = [one for one in vars(found).values() if getattr(one, "__module__", "") == found.__name__]
    texts = [inspect.getdoc(one) or "" for one in parts]
    told = [doctest.DocTestParser().get_doctest(text, {}, name, None, 0) for text in texts]
    return [one for one in told if one.examples]


@pytest.mark.parametrize("name", pa.__all__)
def test_the_example_of_a_public_name_prints_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = examples(name)
    assert found, f"{name} has no example"
    for one in found:
        said: list[str] = []
        doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(one, out=said.append, clear_globs=True)
        assert not said, "".join(said)


@pytest.mark.parametrize("name", pa.__all__)
def test_an_example_stands_complete_under_its_heading(name: str) -> None:
    for one in examples(name):
        assert one.docstring is not None
        assert "Examples\n--------\n" in one.docstring
        assert "import portal_analysis as pa\n" in [step.source for step in one.examples]
        assert not [step for step in one.examples if doctest.SKIP in step.options]
        assert sum(step.source.count("\n") for step in one.examples) <= 14
