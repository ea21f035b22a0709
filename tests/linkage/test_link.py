"""Rates beside scores: against R's metafor and statpsych, and against provinces whose truth is known."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import portal_analysis as pa
from portal_analysis import provinces
from portal_analysis.linkage.areas import link, link_without
from portal_analysis.linkage.both import fit_both, held_at, weighted
from portal_analysis.linkage.pairs import LinkError, in_34, pairs
from portal_analysis.shape import add_flag, estimates, has_flag, split_flags

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
CODES = provinces.units(63)["code"].tolist()


def by_province(values, se=None, indicator="npsp_use", codes=None, **more) -> pd.DataFrame:
    codes = CODES[: len(values)] if codes is None else codes
    rows = {"indicator": indicator, "province": codes, "estimate": values, "se": se, "source": "own", **more}
    return estimates(pd.DataFrame(rows), ["province"])


def scores_of(values, se=None, **more) -> pd.DataFrame:
    return by_province(values, se, "portal_score", unit="number", **more)


def made(slope: float, seed: int, n: int = 63, noise: float = 0.02) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rates and scores, both with errors, of provinces whose true slope is known."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0.5, 0.1, n)
    rates = 0.2 + slope * (true - 0.5) + rng.normal(0, 0.015, n) + rng.normal(0, noise, n)
    return (
        by_province(rates, noise, n=[300] * n),
        scores_of(true + rng.normal(0, 0.06, n), 0.06),
    )


@cache
def answers() -> tuple[pd.DataFrame, pd.Series]:
    told = pd.read_csv(REFERENCE / "link.csv").set_index(["case", "name"])["value"]
    return pd.read_csv(REFERENCE / "link_pairs.csv"), told


@pytest.mark.parametrize("case", ["clear", "weak", "noisy"])
def test_it_is_what_metafor_and_statpsych_say(case):
    points, told = answers()
    own, want = points[points["case"] == case], told[case]
    rates = by_province(own["y"].to_numpy(), np.sqrt(own["vy"].to_numpy()))
    scores = scores_of(own["x"].to_numpy(), np.sqrt(own["vx"].to_numpy()))
    found = link(rates, scores, variances="given", per=1.0).set_index("method")
    true, both = found.loc["true values"], found.loc["errors in both"]
    # metafor looks for the top without derivatives, and the top is flat; ends of the profile are sharper
    assert true["estimate"] == pytest.approx(want["correlation"], rel=1e-5)
    assert both["estimate"] == pytest.approx(want["slope"], rel=1e-5)
    assert [true["ci_low"], true["ci_high"]] == pytest.approx([want["low"], want["high"]], rel=1e-7)
    assert true["p_value"] == both["p_value"] == pytest.approx(want["p_value"], rel=1e-6)
    line = found.loc["weighted"]
    for name, value in (
        ("weighted", "estimate"),
        ("weighted_se", "se"),
        ("weighted_low", "ci_low"),
        ("between", "between"),
    ):
        assert line[value] == pytest.approx(want[name], rel=1e-8), name
    assert line["p_value"] == pytest.approx(want["weighted_p"], rel=1e-8)
    rank = found.loc["spearman"]
    assert [rank["estimate"], rank["p_value"]] == pytest.approx(
        [want["spearman"], want["spearman_p"]], rel=1e-9
    )
    assert [rank["ci_low"], rank["ci_high"]] == pytest.approx(
        [want["statpsych_low"], want["statpsych_high"]], abs=5.1e-5
    )  # statpsych rounds to four places


@pytest.mark.parametrize("case", ["clear", "weak", "noisy"])
def test_the_correction_goes_the_way_of_simex(case):
    """SIMEX with its quadratic extrapolation corrects less than all of it; the naive slope not at all."""
    points, told = answers()
    own, want = points[points["case"] == case], told[case]
    rates = by_province(own["y"].to_numpy(), np.sqrt(own["vy"].to_numpy()))
    scores = scores_of(own["x"].to_numpy(), np.sqrt(own["vx"].to_numpy()))
    found = link(rates, scores, variances="given", per=1.0).set_index("method")["estimate"]
    assert abs(found["reliability correction"]) > abs(found["weighted"])
    assert found["reliability correction"] == pytest.approx(want["simex"], rel=0.15)


def test_errors_of_scores_dilute_the_slope_and_taking_them_out_mends_it():
    """Over thirty made countries the weighted slope is too small by the reliability, and its interval misses."""
    own = [pairs(*made(0.3, seed)) for seed in range(30)]
    naive, both = [weighted(one) for one in own], [fit_both(one) for one in own]
    slopes = np.array([one.slope for one in naive])
    assert slopes.mean() == pytest.approx(0.3 * 0.01 / (0.01 + 0.0036), rel=0.05)
    assert np.mean([one.slope for one in both]) == pytest.approx(0.3, rel=0.05)
    reached = [
        held_at(one, best, "slope", 0.3) - best.fit < 3.84 for one, best in zip(own, both, strict=True)
    ]
    assert np.mean(reached) >= 0.85
    assert (np.abs(slopes - 0.3) < 2 * np.array([one.se for one in naive])).mean() < 0.7


def test_where_there_is_no_link_one_is_seldom_found():
    own = [pairs(*made(0.0, seed)) for seed in range(100, 130)]
    both = [fit_both(one) for one in own]
    falls = [held_at(one, best, "slope", 0.0) - best.fit for one, best in zip(own, both, strict=True)]
    assert np.mean(np.array(falls) > 3.84) < 0.2
    assert min(falls) > -1e-6


def test_every_row_says_that_it_holds_of_provinces_only():
    found = link(*made(0.3, 1))
    assert all("ecological" in split_flags(flag) for flag in found["flag"])
    for lang, words in (("en", "says nothing of persons"), ("vi", "không nói lên điều gì về từng người")):
        assert words in pa.describe(found, lang=lang)
    assert "°" in "".join(
        text.get_text()
        for text in pa.plot_estimates(found[found["measure"] == "slope"]).findobj()
        if hasattr(text, "get_text")
    )


def test_simulated_and_model_based_rates_are_said_and_suppressed_ones_count_by_their_error():
    rates, scores = made(0.3, 2)
    hidden = add_flag(add_flag(rates, "simulated"), "suppress", [place < 50 for place in range(63)])
    found = link(hidden, scores)
    assert set(found["flag"]) == {"ecological; simulated"}
    np.testing.assert_allclose(found["estimate"], link(rates, scores)["estimate"])
    assert found["n"].eq(63).all()


def test_slopes_are_for_as_much_as_is_asked():
    one, other = link(*made(0.3, 3), per=0.1), link(*made(0.3, 3), per=1.0)
    slope = one["measure"] == "slope"
    np.testing.assert_allclose(one.loc[slope, "estimate"] * 10, other.loc[slope, "estimate"], rtol=1e-6)
    np.testing.assert_allclose(one.loc[~slope, "estimate"], other.loc[~slope, "estimate"], rtol=1e-6)
    assert "for 0.1 more of" in pa.describe(one)
    assert "tăng 0,1" in pa.describe(one, lang="vi")


def test_one_province_that_makes_the_link_is_found():
    rng = np.random.default_rng(8)
    x, y = rng.normal(0.5, 0.02, 63), rng.normal(0.2, 0.02, 63)
    x[7], y[7] = 0.9, 0.6
    rates, scores = by_province(y, 0.01, n=[300] * 63), scores_of(x)
    found = link_without(rates, scores, per=1.0)
    assert len(found) == 63
    assert found["without"].iloc[0] == CODES[7]
    whole = link(rates, scores, per=1.0).set_index("method")["estimate"]["errors in both"]
    assert found["moved"].iloc[0] == pytest.approx(found["estimate"].iloc[0] - whole)
    assert provinces.name(CODES[7]) in pa.describe(found.head(1))
    alone = link(*(table[table["province"] != CODES[7]] for table in (rates, scores)), per=1.0)
    assert found["estimate"].iloc[0] == pytest.approx(
        alone.set_index("method")["estimate"]["errors in both"], rel=1e-5
    )
    assert found["correlation"].iloc[0] == pytest.approx(alone["estimate"].iloc[1], abs=1e-5)


def test_errors_of_rates_are_smoothed_where_there_are_people_behind_them():
    rates = by_province([0.0, 0.1] * 10, [0.0, 0.02] * 10, n=[100, 200] * 10)
    scores = scores_of(np.linspace(0, 1, 20))
    smooth = pairs(rates, scores).y_variance
    np.testing.assert_allclose(smooth, [0.04 / 100, 0.04 / 200] * 10)
    with pytest.raises(LinkError, match="take variances='smoothed'"):
        pairs(rates, scores, variances="given")
    without_n = by_province([0.05, 0.1] * 10, [0.01, 0.02] * 10)
    np.testing.assert_allclose(pairs(without_n, scores).y_variance, [0.0001, 0.0004] * 10)


def test_true_values_on_one_line_are_said_to_be():
    rng = np.random.default_rng(4)
    true = rng.normal(0.5, 0.1, 63)
    found = link(
        by_province(0.2 + 0.3 * true + rng.normal(0, 0.002, 63), 0.02, n=[300] * 63), scores_of(true)
    )
    row = found[found["method"] == "true values"].iloc[0]
    assert row["note"] == "on-one-line"
    assert row["ci_high"] == 1.0
    assert row["ci_low"] > 0.5


def test_rates_that_differ_by_no_more_than_their_errors_have_no_correlation():
    rng = np.random.default_rng(6)
    found = link(
        by_province(0.2 + rng.normal(0, 0.002, 63), 0.02, n=[300] * 63), scores_of(rng.normal(0.5, 0.1, 63))
    )
    row = found[found["method"] == "true values"].iloc[0]
    assert row["note"] == "rates-alike"
    assert np.isnan(row["estimate"])
    assert (row["ci_low"], row["ci_high"]) == (-1.0, 1.0)


# ------------------------------------------------------------------------------------------- 63 and 34


def test_the_63_become_the_34_by_their_people():
    rates = by_province([0.1, 0.2, 0.3], 0.03, codes=["35", "36", "37"], n=[100, 100, 100])
    people = {"35": 1.0, "36": 2.0, "37": 1.0}
    row = in_34(rates, people).iloc[0]
    assert row["province"] == "37"
    assert row["units"] == 34
    assert row["estimate"] == pytest.approx(0.2)
    assert row["se"] == pytest.approx(0.03 * np.sqrt(1 / 16 + 1 / 4 + 1 / 16))
    assert row["n"] == 300
    assert "Ninh Binh" in pa.describe(in_34(rates, people))


def test_a_unit_of_which_a_part_is_missing_has_no_rate():
    assert np.isnan(in_34(by_province([0.1, 0.2], 0.03, codes=["35", "36"]), "equal")["estimate"]).all()


def test_all_63_become_all_34_and_a_constant_stays_what_it_is():
    found = in_34(by_province([0.25] * 63, 0.03), "equal")
    assert sorted(found["province"]) == sorted(provinces.units(34)["code"])
    np.testing.assert_allclose(found["estimate"], 0.25)


def test_tables_of_both_lists_are_brought_together_if_told_how():
    rates, scores = made(0.3, 5)
    new = in_34(scores, "equal")
    with pytest.raises(LinkError, match="different lists of provinces"):
        link(rates, new)
    found = link(rates, new, weights="equal")
    assert found["n"].eq(34).all()
    assert found["units"].eq(34).all()
    both = link(in_34(rates, "equal"), new)
    np.testing.assert_allclose(found["estimate"], both["estimate"])


@pytest.mark.parametrize(
    ("weights", "words"), [(None, "Give weights="), ("people", "unknown"), ({"01": 1}, "no number above 0")]
)
def test_bad_weights_are_told(weights, words):
    with pytest.raises(LinkError, match=words):
        in_34(by_province([0.1] * 63, 0.01), weights)


def test_the_34_are_not_merged_again():
    with pytest.raises(LinkError, match="of the 34 units already"):
        in_34(in_34(by_province([0.1] * 63, 0.01), "equal"), "equal")


# ------------------------------------------------------------------------------------------- bad input


def test_five_provinces_say_nothing():
    with pytest.raises(LinkError, match="5 provinces have a rate and a score; a link needs 10"):
        link(by_province([0.1, 0.2, 0.3, 0.2, 0.1], 0.01, n=[100] * 5), scores_of([1.0, 2, 3, 4, 5]))


@pytest.mark.parametrize(
    ("rates", "scores", "words"),
    [
        (
            by_province([0.0] * 63, 0.0, n=[100] * 63),
            scores_of(np.arange(63.0)),
            "rates of all 63 provinces are 0",
        ),
        (
            by_province(np.linspace(0.1, 0.2, 63), 0.01),
            scores_of([2.0] * 63),
            "scores of all 63 provinces are 2",
        ),
        (by_province(np.linspace(0.1, 0.2, 63)), scores_of(np.arange(63.0)), "no standard errors"),
        (
            by_province(np.linspace(0.1, 0.2, 63), 0.01),
            scores_of(np.arange(63.0), 40.0),
            "no more than their own errors",
        ),
        (pd.DataFrame({"a": [1]}), scores_of([1.0]), "not a table of estimates"),
        (
            estimates(pd.DataFrame({"indicator": ["y"], "estimate": [0.1]})),
            scores_of([1.0]),
            "one column of provinces",
        ),
    ],
)
def test_tables_that_say_nothing_of_a_link_are_told(rates, scores, words):
    with pytest.raises(ValueError, match=words):
        link(rates, scores)


def test_several_rows_for_a_province_are_told():
    rates, scores = made(0.3, 7)
    waves = pd.concat([rates.assign(wave=year) for year in (2020, 2021)])
    with pytest.raises(LinkError, match=r"choose one value of \['wave'\]"):
        link(estimates(waves, ["wave", "province"]), scores)


@pytest.mark.parametrize("change", [{"level": 95}, {"per": 0}, {"per": "iqr"}, {"variances": "none"}])
def test_bad_choices_are_told(change):
    with pytest.raises(LinkError, match=next(iter(change))):
        link(*made(0.3, 7), **change)


def test_missing_provinces_are_counted():
    rates, scores = made(0.3, 7)
    found = link(rates.iloc[:60], scores.iloc[2:])
    assert found["n"].eq(58).all()
    assert found["lost"].eq(5).all()


def test_a_national_row_is_left_out_and_nothing_given_is_changed():
    rates, scores = made(0.3, 9)
    country = estimates(pd.concat([rates, rates.head(1).assign(province=None)]), ["province"])
    before = country.copy()
    np.testing.assert_allclose(link(country, scores)["estimate"], link(rates, scores)["estimate"])
    pd.testing.assert_frame_equal(country, before)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 5.0), st.floats(-2.0, 2.0))
def test_a_score_in_other_units_gives_the_same_correlation(seed, scale, shift):
    rates, scores = made(0.2, seed)
    other = scores.assign(estimate=scores["estimate"] * scale + shift, se=scores["se"] * scale)
    one, two = (link(rates, table) for table in (scores, other))
    for column in ("estimate", "ci_low", "ci_high"):
        np.testing.assert_allclose(one[column], two[column], rtol=1e-4, atol=1e-6)


def test_what_is_withheld_of_the_63_is_no_number_of_the_34():
    rates = by_province([0.25] * 63, 0.03)
    found = in_34(add_flag(rates, "suppress", rates["province"] == "36"), "equal")
    hidden = has_flag(found, "suppress")
    assert found.loc[hidden, "province"].tolist() == ["37"]
    alone = in_34(add_flag(rates, "suppress", rates["province"] == "01"), "equal")
    assert has_flag(alone, "suppress").sum() == 1
    assert not any("25" in cell for cell in pa.show(alone[has_flag(alone, "suppress")]).rows[0])


@pytest.mark.parametrize("choice", [{"level": "95"}, {"per": None}, {"per": float("inf")}])
def test_numbers_that_a_link_cannot_use_are_told(choice):
    rates, scores = made(0.2, 3)
    with pytest.raises(LinkError, match=next(iter(choice))):
        link(rates, scores, **choice)


def test_rates_without_any_error_are_told():
    rates, scores = made(0.2, 3)
    with pytest.raises(LinkError, match="as if they were exact"):
        link(rates.assign(se=0.0), scores)
