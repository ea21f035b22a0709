"""The words of other people's files that the readers understand, kept as data in ``words.toml``.

Hands on the parsed file.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def vocabulary() -> dict[str, Any]:
    """Return the tables of ``words.toml``."""
    with (Path(__file__).parent / "words.toml").open("rb") as stream:
        return tomllib.load(stream)
