"""Small worlds typed by hand, shared by the tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from portal_analysis import datasets

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of the caller's shell choose the data."""
    monkeypatch.delenv(datasets.DATA_VARIABLE, raising=False)
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")


@pytest.fixture
def make_dataset(tmp_path: Path) -> Any:
    """Return a function that writes a small dataset: texts of files, and a schema for each."""

    def make(files: dict[str, str], schemas: dict[str, dict[str, Any]], **properties: Any) -> Path:
        folder = tmp_path / "data" / "toy"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        descriptor = {
            "name": "toy",
            "title": "A toy",
            "title_vi": "Đồ chơi",
            "kind": "published",
            "simulated": False,
            "licenses": [{"name": "CC0-1.0"}],
            **properties,
            "resources": [
                {"name": name, "path": f"{name}.csv", "format": "csv", "schema": schemas[name]}
                for name in files
            ],
        }
        datasets.write_descriptor(folder, descriptor)
        return folder

    return make
