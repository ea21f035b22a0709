from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from portal_analysis.audit.composite import aggregate, first_component, normalise, ranks_of, weighted_mean
from portal_analysis.audit.judgements import AuditError

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "index.csv")
DATA = pd.read_csv(REFERENCE / "index_data.csv").iloc[:, 1:].to_numpy(dtype=float)
WEIGHTS = np.array([0.4, 0.3, 0.2, 0.1])


def answer(step: str) -> np.ndarray:
    own = ANSWERS[ANSWERS["step"] == step]
    return own.sort_values(["unit", "part"])["value"].to_numpy()


@pytest.mark.parametrize("step", ["minmax", "zscore", "rank", "goalposts"])
def test_normalising_as_in_coinr(step: str) -> None:
    found = normalise(DATA, step, (1, 8))
    assert found.ravel() == pytest.approx(answer(step), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("step", ["arithmetic", "geometric", "copeland"])
def test_aggregating_as_in_coinr(step: str) -> None:
    complete = normalise(DATA, "minmax")[~np.isnan(DATA).any(axis=1)] + 0.05
    assert aggregate(complete, WEIGHTS, step) == pytest.approx(answer(step), rel=1e-9)
    many = aggregate(np.stack([complete, complete[::-1]]), np.stack([WEIGHTS, WEIGHTS]), step)
    assert many[1] == pytest.approx(answer(step)[::-1], rel=1e-9)


def test_gaps_as_in_coinr() -> None:
    found = weighted_mean(normalise(DATA, "minmax"), WEIGHTS)
    assert found == pytest.approx(answer("arithmetic with gaps"), rel=1e-9)


def test_a_geometric_mean_of_zero_is_asked_about() -> None:
    values = np.array([[0.0, 1.0], [0.5, 0.5]])
    with pytest.raises(AuditError, match="zeros='offset'"):
        aggregate(values, np.ones(2), "geometric")
    found = aggregate(values, np.ones(2), "geometric", "offset", 0.01)
    assert found == pytest.approx([np.sqrt(0.01 * 1.01) - 0.01, 0.5])


def test_what_does_not_vary_has_no_place_on_a_scale_of_spread() -> None:
    values = np.array([[1.0, 1.0], [1.0, 2.0]])
    for kind in ("minmax", "zscore"):
        assert np.isnan(normalise(values, kind)[:, 0]).all()
    assert normalise(values, "rank").tolist() == [[1, 1], [1, 2]]
    with pytest.raises(AuditError, match="same value"):
        normalise(values, "goalposts", (1, 1))
    with pytest.raises(AuditError, match="minmax"):
        normalise(values, "spread")


def test_ties_share_the_better_rank() -> None:
    assert ranks_of(np.array([3.0, 1, 3, np.nan, 2])).tolist()[:3] == [1, 4, 1]
    assert np.isnan(ranks_of(np.array([1.0, np.nan]))[1])


def test_weights_of_the_first_component() -> None:
    random = np.random.default_rng(1)
    common = random.normal(size=200)
    values = np.column_stack([common, common + 0.1 * random.normal(size=200), random.normal(size=200)])
    weights = first_component(values)
    assert weights.sum() == pytest.approx(1)
    assert weights[2] < 0.05
    with pytest.raises(AuditError, match="take 'equal'"):
        first_component(np.ones((5, 3)))


def test_ways_to_add_up_that_are_none_are_refused() -> None:
    values = np.array([[0.4, 0.9]])
    with pytest.raises(AuditError, match="aggregation is 'harmonic'; it can be arithmetic, geometric"):
        aggregate(values, np.ones(2), "harmonic")
    with pytest.raises(AuditError, match="zeros is 'drop'; it can be "):
        aggregate(values, np.ones(2), "geometric", "drop")
    assert aggregate(values, np.ones(2), "geometric") == pytest.approx([0.6])
