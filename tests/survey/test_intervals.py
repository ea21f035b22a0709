import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey import intervals
from portal_analysis.survey.compare import contrast, difference, trend
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import mean, proportion, ratio, total
from portal_analysis.survey.microdata import Survey, WeightsWarning
from portal_analysis.survey.values import AnswersError
from portal_analysis.survey.weights import post_stratify, rake

RECIPE = importlib.util.spec_from_file_location(
    "coverage_recipe", Path(__file__).parents[1] / "reference" / "coverage.py"
)
coverage = importlib.util.module_from_spec(RECIPE)
RECIPE.loader.exec_module(coverage)


def _flag(p: float, n: float, df: float, n_eff: float | None = None) -> str:
    se = np.sqrt(p * (1 - p) / (n_eff or n))
    return str(intervals.reliability(*(np.array([value], dtype=float) for value in (p, se, n, df)))[0])


@pytest.mark.parametrize(
    ("p", "n", "df", "n_eff", "flag"),
    [
        (0.5, 1000, 40, None, ""),
        (0.5, 29, 28, None, "suppress"),  # fewer than 30 asked
        (0.5, 400, 40, 25, "suppress"),  # fewer than 30 in effect
        (0.5, 40, 39, None, "suppress"),  # interval of 0.30 or wider
        (0.01, 100, 99, None, "suppress"),  # wider than 0.05 and than 130% of the rate
        (0.01, 1000, 500, None, ""),  # narrow, however wide beside the rate
        (0.5, 1000, 7, None, "review"),  # fewer than 8 degrees of freedom
        (0.0, 1000, 40, None, "review"),  # nobody
        (1.0, 1000, 40, None, "review"),  # everybody
        (0.5, 1000, 0, None, "suppress"),  # no degrees of freedom
    ],
)
def test_flags_follow_the_published_standards(p: float, n: float, df: float, n_eff: float, flag: str) -> None:
    assert _flag(p, n, df, n_eff) == flag


def test_korn_graubard_never_counts_more_people_than_were_asked() -> None:
    one = [np.array([value]) for value in (0.2, 1e-6, 100.0, 100.0, 50.0)]
    capped = intervals.limits(*one, 0.95, "korn-graubard")
    free = intervals.limits(*one, 0.95, "beta")
    assert capped[1] - capped[0] > 0.1
    assert free[1] - free[0] < 1e-4


def test_critical_values_are_those_of_the_tables() -> None:
    found = intervals.t_quantile(np.array([1.0, 5.0, np.inf, 0.0]), 0.95)
    assert found[:3] == pytest.approx([12.7062047361747, 2.57058183563631, 1.95996398454005], rel=1e-12)
    assert np.isnan(found[3])


# ------------------------------------------------------------------------------- few PSUs, finite populations


def test_nobody_in_three_psus_is_covered_as_promised() -> None:
    told = coverage.clustered(3, 30, 0.05, 0.1, 1000, 20230711)
    assert told["ours"] > 0.95
    assert told["n as it is"] < 0.90  # what NCHS' macro gives with few PSUs


@pytest.mark.parametrize("drawn", [20, 60])
def test_samples_of_a_finite_population_are_covered(drawn: int) -> None:
    assert min(coverage.portals(63, drawn, yes, 400, 7) for yes in range(0, 64, 7)) > 0.94


def _portals(drawn: int, yes: int, population: int = 63, **columns: object) -> Survey:
    frame = pd.DataFrame({"y": [1] * yes + [0] * (drawn - yes), "w": population / drawn, "N": population})
    return Survey(frame.assign(g=["a", "b"] * (drawn // 2) + ["a"] * (drawn % 2)), Design("w", fpc="N"))


@pytest.mark.parametrize("interval", intervals.INTERVALS)
def test_no_limit_leaves_what_is_possible_in_a_finite_population(interval: str) -> None:
    row = proportion(_portals(60, 18), "y", interval=interval).iloc[0]
    assert 18 / 63 - 1e-12 <= row["ci_low"] <= 0.3 <= row["ci_high"] <= 21 / 63 + 1e-12
    assert proportion(_portals(60, 0), "y", interval=interval)["ci_high"].iloc[0] <= 3 / 63 + 1e-12


def test_a_finite_population_without_end_is_an_infinite_one() -> None:
    wide = _portals(60, 18, 10**9)
    plain = Survey(wide.data, Design("w"))
    numbers = ["se", "ci_low", "ci_high"]
    np.testing.assert_allclose(proportion(wide, "y")[numbers], proportion(plain, "y")[numbers], rtol=1e-6)


@pytest.mark.parametrize("interval", intervals.INTERVALS)
def test_a_census_has_width_zero_and_no_flag(interval: str) -> None:
    survey = _portals(63, 21)
    table = proportion(survey, "y", by=[(), ("g",), ("y",)], interval=interval)
    assert (table["ci_low"] == table["estimate"]).all()
    assert (table["ci_high"] == table["estimate"]).all()
    assert (table["se"] == 0).all()
    assert (table["flag"] == "").all()


def test_differences_and_numbers_of_a_census_are_exact() -> None:
    survey = _portals(63, 21)
    for table in (
        difference(survey, "y", "g"),
        mean(survey, "y"),
        total(survey, "y"),
        ratio(survey, "y", "w"),
        contrast(survey, "y", "g", scale="ratio"),
        proportion(Survey(survey.data.assign(p=range(63)), Design("w", psu="p", fpc="N")), "y", by="p"),
    ):
        assert (table["se"] == 0).all()
        assert (table["ci_high"] == table["ci_low"]).all()
        assert (table["flag"] == "").all()


def test_clusters_counted_in_full_are_a_census_too() -> None:
    frame = pd.DataFrame({"y": [1, 0, 0, 1, 1, 1], "psu": [1, 1, 2, 2, 3, 3], "w": 1.0, "N": 3})
    row = proportion(Survey(frame, Design("w", psu="psu", fpc="N")), "y").iloc[0]
    assert (row["ci_low"], row["ci_high"], row["flag"]) == (row["estimate"], row["estimate"], "")


# --------------------------------------------------------------------------- what cannot be known, and what is told


@pytest.mark.parametrize("df", ["domain", "design", 12])
@pytest.mark.parametrize("ask", [proportion, mean, total, lambda s, i, **k: ratio(s, i, "x", **k)])
def test_a_domain_within_one_psu_has_no_error_whatever_df(ask: Any, df: Any) -> None:
    frame = pd.DataFrame({"y": [1, 0, 1, 1, 0, 1, 0, 0], "x": 1.0, "psu": [1, 1, 2, 2, 3, 3, 4, 4], "w": 9.0})
    table = ask(Survey(frame.assign(g=frame["psu"]), Design("w", psu="psu")), "y", by="g", df=df)
    assert table["se"].isna().all()
    assert (table["flag"] == "suppress").all()


@pytest.mark.parametrize(
    ("estimate", "se", "n", "df", "count", "signed", "flag"),
    [
        (12.0, 15.0, 2, 1, False, False, "suppress"),  # two respondents
        (12.0, 1.0, 300, 40, False, False, ""),
        (12.0, 4.0, 300, 40, False, False, "review"),  # relative error of a third
        (12.0, 7.0, 300, 40, False, False, "suppress"),  # above one half
        (0.01, 7.0, 300, 40, False, True, ""),  # may be negative: a relative error says nothing
        (12.0, 1.0, 300, 7, False, False, "review"),
        (12.0, 1.0, 29, 20, False, False, "suppress"),
        (900.0, 90.0, 12, 20, True, False, ""),  # totals: ten are enough
        (900.0, 90.0, 9, 20, True, False, "suppress"),
        (900.0, 400.0, 200, 20, True, False, "suppress"),  # wider than 160% of the total
    ],
)
def test_numbers_are_flagged_by_the_rules_cited(
    estimate: float, se: float, n: float, df: float, count: bool, signed: bool, flag: str
) -> None:
    one = [np.array([float(v)]) for v in (estimate, se, n, df)]
    none = np.array([False])
    found = intervals.reliability_of_numbers(*one, count, np.array([signed]), none)
    assert found[0] == flag


def test_people_without_a_group_are_counted() -> None:
    frame = pd.DataFrame({"y": [1, 0] * 6, "g": ["a", None, "b"] * 4, "in": [1] * 9 + [0] * 3, "w": 5.0})
    survey = Survey(frame, Design("w"))
    table = proportion(survey, "y", by=[(), ("g",)])
    assert table["n_ungrouped"].tolist() == [0, 4, 4]
    assert proportion(survey, "y", by="g", domain="in")["n_ungrouped"].tolist() == [3, 3]
    assert difference(survey, "y", "g")["n_ungrouped"].tolist() == [4]


def test_one_giant_weight_is_told() -> None:
    frame = pd.DataFrame({"y": [1, 0] * 50, "w": [1e9] + [1.0] * 99})
    assert "worth 1 equal ones (Kish)" in repr(Survey(frame, Design("w")))
    assert "Kish" not in repr(Survey(frame.assign(w=3.0), Design("w")))


def test_weights_that_count_no_people_are_told() -> None:
    frame = pd.DataFrame({"y": [1, 0] * 50, "g": ["a", "b"] * 50, "w": 1.0})
    survey = Survey(frame, Design("w"))
    assert total(survey, "y")["flag"].tolist() == ["no population total"]
    for fit in (
        lambda: post_stratify(survey, "g", {"a": 0.5, "b": 0.5}),
        lambda: rake(survey, {"g": {"a": 0.4, "b": 0.6}}),
    ):
        with pytest.warns(WeightsWarning, match="told in shares"):
            fit()


@pytest.mark.parametrize("ask", [lambda s: difference(s, "x", "g"), lambda s: trend(s, "x", "t")])
def test_a_comparison_of_numbers_is_sent_to_its_place(ask: Any) -> None:
    frame = pd.DataFrame({"x": [4.5, 2.5] * 10, "g": ["a", "b"] * 10, "t": [1, 2] * 10, "w": 2.0})
    with pytest.raises(AnswersError, match="contrast"):
        ask(Survey(frame, Design("w")))


@pytest.mark.parametrize(
    "domain", ["in", "age > 30 and g == 'a'", [True] * 4 + [False] * 4, pd.Series([1.0] * 4 + [None] * 4)]
)
def test_a_subpopulation_may_be_told_in_any_way(domain: Any) -> None:
    frame = pd.DataFrame(
        {"y": [1, 0, 1, 1, 0, 0, 0, 0], "in": [1] * 4 + [0] * 4, "age": [40] * 6 + [20, 999], "w": 2.0}
    ).assign(g=["a"] * 4 + ["b"] * 2 + ["a"] * 2)
    table = proportion(Survey(frame, Design("w"), missing={"age": (999,)}), "y", domain=domain)
    assert table[["estimate", "n"]].iloc[0].tolist() == [0.75, 4]
    assert table["subpopulation"].iloc[0] == (domain if isinstance(domain, str) else "given rows")


@pytest.mark.parametrize("domain", ["age >", "nothing == 1", [True], {"a": 1}, ["yes"] * 4, "age + 1"])
def test_a_subpopulation_that_is_none_is_an_error(domain: Any) -> None:
    frame = pd.DataFrame({"y": [1, 0, 1, 1], "age": [40, 30, 20, 10], "w": 2.0})
    with pytest.raises(AnswersError, match="domain"):
        proportion(Survey(frame, Design("w")), "y", domain=domain)
