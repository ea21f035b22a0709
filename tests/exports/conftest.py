"""A small simulated table, its figure, and a folder to write to."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from portal_analysis.figures import plot_estimates
from portal_analysis.shape import estimates

NAMES = {("indicator", "npsp_use"): {"en": "Used the portal", "vi": "Đã sử dụng Cổng Dịch vụ công quốc gia"}}


@pytest.fixture
def labels() -> dict[Any, Any]:
    return NAMES


@pytest.fixture
def table() -> pd.DataFrame:
    """Ha Noi, Ha Giang (withheld), Ca Mau with few answers; simulated; a note that looks like a formula."""
    return estimates(
        pd.DataFrame(
            {
                "indicator": "npsp_use",
                "province": ["01", "02", "96"],
                "estimate": [0.051, 0.2, 0.123],
                "se": [0.01, 0.1, 0.02],
                "ci_low": [0.03, 0.01, 0.08],
                "ci_high": [0.08, 0.6, 0.17],
                "n": [400, 7, 29],
                "flag": ["simulated", "suppress; simulated", "simulated"],
                "source": "toy",
                "unit": "proportion",
                "interval": "korn-graubard",
                "level": 0.95,
                "shift": [-0.5, 1.25, 3.0],
                "note": ["=HYPERLINK(1)", "-3", "plain, “quoted”"],
            }
        ),
        ["province"],
    )


@pytest.fixture
def figure(table):
    return plot_estimates(table, lang="vi", labels=NAMES)
