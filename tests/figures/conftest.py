"""Small tables of estimates, typed by hand, and what figures are asked for."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from portal_analysis.shape import estimates

NAMES = {
    ("indicator", "npsp_use"): {"en": "Used the portal", "vi": "Đã sử dụng Cổng Dịch vụ công quốc gia"},
    ("indicator", "npsp_profile"): {
        "en": "Has a profile",
        "vi": "Có tài khoản trên Cổng Dịch vụ công quốc gia",
    },
    ("ethnicity", "kinh"): {"en": "Kinh", "vi": "Kinh"},
    ("ethnicity", "other"): {"en": "Ethnic minorities", "vi": "Các dân tộc thiểu số"},
}


@pytest.fixture
def labels() -> dict[Any, Any]:
    """Labels as a codebook gives them."""
    return NAMES


@pytest.fixture
def four_provinces() -> pd.DataFrame:
    """Ha Noi, Ha Giang (review), Cao Bang (withheld), Ca Mau; simulated."""
    return estimates(
        pd.DataFrame(
            {
                "indicator": "npsp_use",
                "province": ["01", "02", "04", "96"],
                "estimate": [0.05, 0.01, 0.20, 0.12],
                "ci_low": [0.03, 0.0, 0.01, 0.08],
                "ci_high": [0.08, 0.04, 0.60, 0.17],
                "n": [400, 90, 7, 300],
                "flag": ["simulated", "review; simulated", "suppress; simulated", "simulated"],
                "source": "toy",
                "unit": "proportion",
                "interval": "korn-graubard",
                "level": 0.95,
            }
        ),
        ["province"],
    )


@pytest.fixture
def two_groups() -> pd.DataFrame:
    """Two indicators in two groups, not simulated, exact."""
    return estimates(
        pd.DataFrame(
            {
                "indicator": ["npsp_use", "npsp_use", "npsp_profile", "npsp_profile"],
                "ethnicity": ["kinh", "other", "kinh", "other"],
                "estimate": [0.051, 0.022, 0.034, 0.012],
                "ci_low": [0.045, 0.015, 0.03, 0.007],
                "ci_high": [0.058, 0.031, 0.039, 0.02],
                "n": [12000, 3000, 12000, 3000],
                "source": "toy",
                "unit": "proportion",
                "interval": "logit",
                "level": 0.95,
            }
        ),
        ["ethnicity"],
    )


@pytest.fixture
def over_time() -> pd.DataFrame:
    """One indicator in four years with a change of definition; another with unknown definition, to July 2022."""
    return estimates(
        pd.DataFrame(
            {
                "indicator": ["npsp_use"] * 4 + ["rate"] * 2,
                "period": ["2019", "2020", "2021", "2022", "2021", "2022-01-01/2022-07-31"],
                "estimate": [0.02, 0.04, 0.041, 0.048, 0.0951, 0.18],
                "ci_low": [0.01, 0.03, 0.03, 0.04, None, None],
                "ci_high": [0.03, 0.05, 0.05, 0.06, None, None],
                "flag": ["", "", "", "", "definition unknown", "definition unknown"],
                "source": "toy",
                "unit": "proportion",
                "definition": ["a", "a", "b", "b", "", ""],
            }
        ),
        ["period"],
    )


@pytest.fixture
def counted() -> pd.DataFrame:
    """Three counts of portals; one of portals with a defect, one of another base, one in conflict."""
    return estimates(
        pd.DataFrame(
            {
                "indicator": ["guide", "originals", "app"],
                "estimate": [62 / 63, 26 / 63, 32 / 50],
                "n": [63, 63, 50],
                "flag": ["", "", "conflict"],
                "source": "toy",
                "unit": "proportion",
                "count": [62, 26, 32],
                "base": [63, 63, 50],
                "count_type": ["meeting", "having the defect", "meeting"],
            }
        )
    )


@pytest.fixture
def all_provinces() -> pd.DataFrame:
    """63 provinces with rare rates, wide intervals and flags, as the real survey gives them."""
    from portal_analysis import provinces

    codes = list(provinces.units(63)["code"])
    rows = []
    for number, code in enumerate(codes):
        value = 0.001 + (number * 37 % 63) ** 2 / 63**2 * 0.12
        rows.append(
            {
                "indicator": "npsp_use",
                "province": code,
                "estimate": value,
                "ci_low": value * 0.2,
                "ci_high": min(value * 2 + 0.01, 1.0),
                "n": 60 + number * 8,
                "flag": {5: "review; simulated", 17: "suppress; simulated"}.get(number, "simulated"),
                "source": "toy",
                "unit": "proportion",
                "interval": "korn-graubard",
                "level": 0.95,
            }
        )
    return estimates(pd.DataFrame(rows), ["province"])
