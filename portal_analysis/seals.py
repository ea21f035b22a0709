"""What a dataset may not quietly stop to say: whose it is, under which licence, and whether it was made up.

Hands on :func:`seal_of`, the hash of these properties, which ``portal-analysis describe`` writes into the description.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEAL = "seal"
"""The property of a ``datapackage.json`` that holds the hash."""

SEALED = ("name", "kind", "simulated", "licenses", "sources", "contributors")
"""The properties that the hash is of, as far as they are there."""


def seal_of(descriptor: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the sealed properties, written as JSON with sorted names and no blanks."""
    held = {name: descriptor[name] for name in SEALED if name in descriptor}
    text = json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_broken(descriptor: Mapping[str, Any]) -> bool:
    """Tell whether a description has a seal that does not fit what it says; one without a seal promises nothing."""
    return SEAL in descriptor and descriptor[SEAL] != seal_of(descriptor)
