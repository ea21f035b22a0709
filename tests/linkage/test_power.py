"""Power of a correlation against R's pwr, and what errors of measurement take from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from portal_analysis.linkage.pairs import LinkError
from portal_analysis.linkage.power import detectable, link_power, power_of

ANSWERS = pd.read_csv(Path(__file__).resolve().parents[1] / "reference" / "link_power.csv")


@pytest.mark.parametrize("row", ANSWERS.to_dict("records"))
def test_power_is_that_of_pwr(row):
    # pwr looks for the correlation of a wanted power to four places only
    near = 1e-4 if row["power"] == pytest.approx(0.8, abs=1e-12) else 1e-9
    assert power_of(row["r"], int(row["n"]), row["level"]) == pytest.approx(row["power"], rel=near)


def test_the_least_correlation_is_that_of_pwr():
    for row in ANSWERS.tail(3).to_dict("records"):
        assert detectable(int(row["n"]), 1.0) == pytest.approx(row["r"], rel=1e-4)


def test_a_diluted_correlation_is_seen_as_often_as_drawn():
    """Two thousand draws of 63 provinces with errors in both."""
    rng = np.random.default_rng(11)
    true = rng.standard_normal((2, 2000, 63))
    y = 0.5 * true[0] + np.sqrt(0.75) * true[1] + rng.standard_normal((2000, 63)) * np.sqrt(1 / 0.5 - 1)
    x = true[0] + rng.standard_normal((2000, 63)) * np.sqrt(1 / 0.8 - 1)
    centred = [one - one.mean(axis=1, keepdims=True) for one in (x, y)]
    r = (centred[0] * centred[1]).sum(axis=1) / np.sqrt(
        (centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1)
    )
    seen = np.abs(r) * np.sqrt(61 / (1 - r**2)) > 2.0
    found = link_power(63, [0.5], reliability=(0.8, 0.5))
    assert found["observed"].iloc[0] == pytest.approx(0.5 * np.sqrt(0.4))
    assert found["estimate"].iloc[0] == pytest.approx(seen.mean(), abs=0.03)


def test_what_can_never_be_seen_has_no_least():
    assert np.isnan(detectable(10, 0.1))


@pytest.mark.parametrize(
    "change",
    [
        *({"areas": 3}, {"areas": 10.5}, {"correlations": [1.0]}, {"correlations": []}),
        *({"reliability": 0}, {"reliability": (1, 2)}, {"level": 1}),
    ],
)  # fmt: skip
def test_bad_numbers_are_told(change):
    with pytest.raises(LinkError):
        link_power(**change)


def test_one_correlation_is_asked_for_as_several_are():
    assert link_power(63, 0.3)["estimate"].tolist() == link_power(63, [0.3])["estimate"].tolist()
    with pytest.raises(LinkError, match="level"):
        link_power(63, level="95")
