"""A register typed by hand: two agencies, three procedures, in both kinds."""

from __future__ import annotations

import pandas as pd
import pytest

import portal_analysis as pa


@pytest.fixture
def dossiers() -> pd.DataFrame:
    """Return eleven dossiers: a is online and popular, b is online and little used, c is not offered."""
    rows = [
        ("2024-01", "north", "a", "full", "online"),
        ("2024-01", "north", "a", "full", "online"),
        ("2024-01", "south", "a", "full", "counter"),
        ("2024-01", "north", "b", "part", "counter"),
        ("2024-01", "south", "c", "information", "counter"),
        ("2024-02", "north", "a", "full", "online"),
        ("2024-02", "south", "a", "full", "online"),
        ("2024-02", "south", "a", "full", None),
        ("2024-02", "south", "b", "part", "online"),
        ("2024-02", "north", "c", "information", "online"),
        ("2024-02", "south", "c", "information", "counter"),
    ]
    return pd.DataFrame(rows, columns=["month", "agency", "procedure", "service", "channel"])


@pytest.fixture
def register(dossiers: pd.DataFrame) -> pa.Register:
    """Return them as a register of dossiers."""
    return pa.Register(dossiers, "channel", "service", "procedure", **SAID)


SAID = {"yes": {"channel": "online", "service": ("full", "part")}, "source": "typed", "min_n": 0}


@pytest.fixture
def procedures() -> pd.DataFrame:
    """Return five rows of seven procedures, of which one is used online though not offered, and one cannot be."""
    return pd.DataFrame(
        {
            "agency": ["north", "north", "south", "south", "south"],
            "offered": [1, 1, 0, 0, 1],
            "dossiers": [10, 0, 4, 5, 2],
            "online": [8, 0, 0, 1, 3],
            "offline": [2, 0, 4, 4, 0],
            "alike": [2, 1, 1, 2, 1],
        }
    )


@pytest.fixture
def listed(procedures: pd.DataFrame) -> pa.Register:
    """Return them as a register of procedures."""
    named = {"dossiers": "dossiers", "offline": "offline", "procedures": "alike"}
    return pa.Register(procedures, "online", "offered", **named)
