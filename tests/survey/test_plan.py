"""Sizes of the next wave, against R's PracTools, and against waves that a computer draws."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal_analysis as pa
from portal_analysis.shape import estimates
from portal_analysis.sizes import SizeError, rounded_up, size_for_margin
from portal_analysis.survey.plan import (
    PlanError,
    Wave,
    cost_of,
    optimal_within,
    plan_wave,
    wave_margins,
    waves,
)
from portal_analysis.survey.tryout import try_plan

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
DESIGNS = pd.read_csv(REFERENCE / "plan.csv")
COSTS = {"district": 300, "commune": 100, "village": 50, "person": 5}
CLUSTERS = {"commune": 2, "village": 2, "person": 16}


def effects(shares=(0.02, 0.01, 0.03, 0.94), rate=0.2, weighting=1.2) -> pd.DataFrame:
    rows = {
        "indicator": "npsp_use",
        "stage": ["district", "commune", "village", "person"],
        "estimate": shares,
        "cluster_size": [3.0, 2.0, 2.0, 16.0],
        "rate": rate,
        "weighting": weighting,
        "groups": 63,
        "flag": "simulated",
        "source": "papi-simulated",
    }
    return estimates(pd.DataFrame(rows), ["stage"])


@cache
def of_papi() -> pd.DataFrame:
    papi = pa.load_survey("papi-simulated", wave=2022)
    return pa.stage_effects(papi, ["npsp_use", "pesp_use"], ["district", "commune", "village"], "province")


def test_there_are_twenty_designs_of_practools():
    assert DESIGNS["kind"].value_counts().to_dict() == {"margin": 8, "two stages": 6, "three stages": 6}


@pytest.mark.parametrize("row", DESIGNS[DESIGNS["kind"] == "margin"].to_dict("records"))
def test_sizes_for_a_margin_are_those_of_practools(row):
    found = size_for_margin(row["margin"], row["share"], row["of"], row["level"])
    assert found == pytest.approx(row["answer"], rel=1e-9)


@pytest.mark.parametrize("row", DESIGNS[DESIGNS["kind"] != "margin"].to_dict("records"))
def test_optimal_clusters_and_costs_are_those_of_practools(row):
    """PracTools rounds units to one decimal but not the cost, which holds all of them."""
    three = row["kind"] == "three stages"
    first, second = row["delta1"], row["delta2"]
    share = np.array(
        [first, (1 - first) * second, (1 - first) * (1 - second)] if three else [first, 1 - first]
    )
    cost = np.array([row["c1"], row["c2"], row["c3"]] if three else [row["c1"], row["c2"]])
    within = optimal_within(share, cost)
    stages = tuple(str(place) for place in range(len(share)))
    wave = Wave("y", stages, share, within, row["share"], 1.0, 0.95)
    variance = (row["cv"] * row["share"]) ** 2
    units = float(wave.se(np.array([1.0]))[0] ** 2 / variance)
    assert units == pytest.approx(row["m"], abs=0.0501)
    assert within[1:] == pytest.approx([row["n"], row["q"]] if three else [row["n"]], abs=0.0501)
    assert units * cost_of(within, cost) == pytest.approx(row["answer"], rel=1e-9)


@pytest.mark.parametrize("weighting", [1.0, 1.6])
@pytest.mark.parametrize("shares", [(0.0, 0.01, 0.02, 0.97), (0.06, 0.0, 0.05, 0.89)])
def test_drawn_waves_reach_the_planned_half_width(shares, weighting):
    """Five hundred draws of each: within ten per cent; the estimator knows nothing of the plan."""
    own = effects(shares, 0.1, weighting)
    plan = plan_wave(own, [0.03, 0.06], clusters=CLUSTERS)
    found = try_plan(plan, own, draws=500, clusters=CLUSTERS)
    assert len(found) == 2
    np.testing.assert_allclose(found["estimate"], found["planned"], rtol=0.1)
    assert (found["covered"] > 0.88).all()
    assert found["flag"].eq("simulated").all()


def test_a_plan_that_forgets_the_clusters_would_be_found_out():
    own = effects((0.06, 0.0, 0.05, 0.89), 0.1)
    alone = plan_wave(effects((0.0, 0.0, 0.0, 1.0), 0.1), [0.02], clusters=CLUSTERS)
    found = try_plan(alone, own, draws=200, clusters=CLUSTERS)
    assert (found["estimate"] > 1.3 * found["planned"]).all()


def test_a_plan_reaches_its_margin_and_no_smaller_one_does():
    plan = plan_wave(of_papi(), [0.02, 0.05], clusters=CLUSTERS, costs=COSTS)
    rows = plan[plan["goal"] != "publish"]
    assert (rows["margin"] <= rows["goal"].astype(float)).all()
    for _, row in rows.iterrows():
        own = of_papi()[of_papi()["indicator"] == row["indicator"]]
        fewer = wave_margins(own, [int(row["district"]) - 1], clusters=CLUSTERS)
        assert fewer["estimate"].iloc[0] > float(row["goal"])
    assert (plan["estimate"] == plan["district"] * 64).all()
    assert (plan["in_all"] == plan["estimate"] * 63).all()
    each = plan["district"] * 300 + plan["commune"] * 100 + plan["village"] * 50 + plan["estimate"] * 5
    np.testing.assert_allclose(plan["cost"], each * 63)


def test_what_is_publishable_carries_no_flag_when_it_is_drawn():
    """The sample of the goal "publish" passes the reliability rule, one district fewer does not."""
    plan = plan_wave(of_papi(), [0.05], clusters=CLUSTERS).set_index(["indicator", "goal"])
    first = int(plan.loc[("pesp_use", "publish"), "district"])
    own = of_papi()[of_papi()["indicator"] == "pesp_use"]
    wave = waves(own, CLUSTERS)[0][0]
    assert wave.publishable(np.array([float(first)])).all()
    assert not wave.publishable(np.array([first - 1.0])).any()
    assert first - 1 >= 8  # below 8 degrees of freedom the rule asks for a review


def test_too_few_units_are_said_and_keep_their_flags():
    plan = plan_wave(effects(), [0.005], available=11)
    row = plan[plan["goal"] == "0.005"].iloc[0]
    assert np.isnan(row["estimate"])
    assert row["flag"] == "not measured; simulated"
    assert row["note"] == "more-than-there-are"


def test_optimal_clusters_cost_least_and_pass_over_stages_without_variance():
    own = effects((0.05, 0.0, 0.05, 0.9))
    best = plan_wave(own, [0.05], clusters="optimal", costs=COSTS)
    assert (best["commune"] == best["district"]).all()
    for villages in (1, 2, 3):
        other = plan_wave(
            own, [0.05], clusters={"commune": 2, "village": villages, "person": 16}, costs=COSTS
        )
        assert best["cost"].iloc[0] <= other["cost"].iloc[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"margins": [2]}, "two points are 0.02"),
        ({"margins": []}, "margins"),
        ({"level": 95}, "level"),
        ({"rate": 1.0}, "give one between 0 and 1"),
        ({"clusters": {"district": 2}}, "later stages are"),
        ({"clusters": {"person": 0}}, "each of 1 unit or more"),
        ({"clusters": "best"}, "it is 'optimal'"),
        ({"clusters": "optimal"}, "needs costs"),
        ({"costs": {"district": 3}}, "missing"),
        ({"costs": {**COSTS, "person": -1}}, "below 0"),
    ],
)
def test_bad_plans_are_told(change, words):
    with pytest.raises(PlanError, match=words):
        plan_wave(effects(), **change)


def test_tables_that_are_no_stages_and_rates_of_nobody_are_told():
    rates = estimates(pd.DataFrame({"indicator": ["y"], "estimate": [0.1]}))
    with pytest.raises(PlanError, match="no table of stage_effects"):
        plan_wave(rates)
    with pytest.raises(PlanError, match="give one between 0 and 1"):
        plan_wave(effects(rate=0.0))
    with pytest.raises(PlanError, match="2 units"):
        wave_margins(effects(), [1])
    with pytest.raises(PlanError, match="not a table of plan_wave"):
        try_plan(rates, effects())
    with pytest.raises(PlanError, match="nothing can be drawn"):
        try_plan(plan_wave(effects(), [0.05]), effects(), draws=1)
    for bad in ({"margin": 0}, {"margin": 0.1, "of": 0}, {"margin": 0.1, "share": 1}):
        with pytest.raises(SizeError):
            size_for_margin(**bad)


def test_nothing_given_is_changed():
    own = effects()
    plan_wave(own, [0.05])
    pd.testing.assert_frame_equal(own, effects())


@given(
    st.floats(0.01, 0.4),
    st.floats(0.05, 0.95),
    st.floats(1.0, 2.0),
    st.integers(2, 200),
    st.floats(1.01, 3.0),
)
def test_more_units_and_less_alike_people_give_smaller_margins(share, rate, weighting, first, more):
    at = np.array([float(first), np.ceil(first * more) + 1])
    alike = Wave("y", ("a", "b"), np.array([share, 1 - share]), np.array([1.0, 10.0]), rate, weighting, 0.95)
    apart = Wave(
        "y", ("a", "b"), np.array([share / 2, 1 - share / 2]), np.array([1.0, 10.0]), rate, weighting, 0.95
    )
    assert np.diff(alike.margin(at))[0] < 0
    assert (apart.margin(at) < alike.margin(at)).all()
    assert alike.effect() >= 1


def test_whole_numbers_are_not_raised_by_a_rounding_error():
    assert rounded_up(3 + 1e-12) == 3
    assert rounded_up(3.01) == 4
    assert rounded_up(99.0, most=12) == 12


PRICES = {"district": 300, "commune": 100, "village": 50, "person": 5}


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"margins": ["x"]}, "margins"),
        ({"groups": 0}, "groups"),
        ({"groups": "63"}, "groups"),
        ({"available": 11.5}, "available"),
        ({"rate": "x"}, "the rate of"),
        ({"clusters": [2]}, "clusters"),
        ({"clusters": {"commune": "2"}}, "clusters"),
        ({"clusters": {"commune": float("inf")}}, "clusters"),
        ({"costs": [1]}, "costs"),
        ({"costs": PRICES | {"person": "x"}}, "no number"),
        ({"costs": PRICES | {"person": float("inf")}}, "no number"),
        ({"costs": PRICES | {"person": 0}, "clusters": "optimal"}, "cost above 0"),
        ({"level": "95"}, "level"),
    ],
)
def test_what_is_no_number_of_a_plan_is_told(choices, told):
    with pytest.raises(PlanError, match=told):
        plan_wave(effects(), **choices)


def test_one_margin_and_one_number_of_units_are_asked_for_as_several_are():
    assert (
        plan_wave(effects(), 0.02)["estimate"].tolist() == plan_wave(effects(), [0.02])["estimate"].tolist()
    )
    assert len(wave_margins(effects(), 3)) == 1
    with pytest.raises(PlanError, match="first is"):
        wave_margins(effects(), [float("nan")])


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"seed": -1}, "seed"),
        ({"draws": 10.5}, "draws"),
        ({"draws": "x"}, "draws"),
        ({"cost": 1}, "no choice is called 'cost'"),
        ({"draws": 10**9}, "draws is 1000000000; it is at most"),
    ],
)
def test_what_cannot_be_drawn_is_told(choices, told):
    plan = plan_wave(effects(), [0.05], clusters=CLUSTERS)
    with pytest.raises(PlanError, match=told):
        try_plan(plan, effects(), **choices)
    with pytest.raises(PlanError, match="nothing of"):
        try_plan(plan, effects().assign(indicator="other"), draws=5)
