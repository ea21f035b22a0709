"""Variance shared out among the stages of a sample, against R's VCA and against paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal_analysis as pa
from portal_analysis.survey.stages import StageError, nested, shares_of, stage_effects
from portal_analysis.survey.values import AnswersError

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
STAGES = ["district", "commune", "village"]


@cache
def papi() -> pa.Survey:
    return pa.load_survey("papi-simulated", wave=2022)


def survey(values: list[int], villages: list[str], groups: str = "A", weights: object = 1.0) -> pa.Survey:
    data = pd.DataFrame({"y": values, "village": villages, "group": groups, "w": weights})
    return pa.Survey(data, pa.Design("w"))


def test_components_are_those_of_vca():
    """Sequential analysis of variance with unequal numbers; components below 0 stay as they are."""
    expected = pd.read_csv(REFERENCE / "stages.csv")
    four = papi().data["province"].isin(["02", "04", "06", "08"])
    found = stage_effects(papi(), list(expected["indicator"].unique()), STAGES, "province", domain=four)
    assert found["stage"].tolist() == expected["stage"].tolist()
    assert (expected["variance"] < 0).sum() == 4
    np.testing.assert_allclose(found["variance"], expected["variance"], rtol=1e-9)


def test_one_stage_on_paper():
    """Two villages of two: SS between 1, within 0, so that all variance is between villages."""
    found = nested(np.array([0.0, 0, 1, 1]), pd.DataFrame({"g": "A", "village": list("aabb")}))
    np.testing.assert_allclose(found.squares, [[1.0, 0.0]])
    np.testing.assert_allclose(found.components(), [0.5, 0.0])
    assert shares_of(found.components()).tolist() == [1.0, 0.0]


def test_the_design_effect_of_equal_clusters_is_that_of_kish():
    rng = np.random.default_rng(5)
    villages = np.repeat(np.arange(40), 10)
    values = (rng.random(400) < np.repeat(rng.uniform(0.1, 0.9, 40), 10)).astype(int)
    found = stage_effects(survey(values, villages), "y", ["village"], "group")
    rho = found["estimate"].iloc[0]
    assert rho > 0.1
    assert found["deff"].sum() == pytest.approx(1 + 9 * rho)
    assert found["cluster_size"].tolist() == [40.0, 10.0]


def test_shares_add_up_and_none_is_below_zero():
    found = stage_effects(papi(), "npsp_use", STAGES, "province")
    assert found["estimate"].sum() == pytest.approx(1)
    assert (found["variance"] < 0).any()
    assert (found["estimate"] >= 0).all()
    below = found[found["variance"] < 0]
    assert (below["ci_high"] > 0).all()  # a share of 0 is not sure to be 0
    assert found["flag"].eq("simulated").all()


def test_an_interval_needs_several_groups():
    one = survey([0, 1, 0, 1, 1, 1], list("aabbcc"))
    assert stage_effects(one, "y", ["village"], "group")[["se", "ci_low", "df"]].isna().all(axis=None)


def test_weights_tell_their_own_effect():
    values = [0, 1, 0, 1]
    equal = stage_effects(survey(values, list("aabb")), "y", ["village"], "group")
    unequal = stage_effects(survey(values, list("aabb"), weights=[1, 3, 1, 3]), "y", ["village"], "group")
    assert equal["weighting"].iloc[0] == pytest.approx(1)
    assert unequal["weighting"].iloc[0] == pytest.approx(1 + 0.25)  # 1 + cv²


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stages": []}, "name the columns of the stages"),
        ({"stages": ["group"]}, "another column as within"),
        ({"level": 2}, "between 0 and 1"),
        ({"stages": ["one"]}, r"stages \['one'\] have one unit only"),
    ],
)
def test_bad_input_is_told(change, words):
    given_ = {"stages": ["village"], "within": "group", "level": 0.95} | change
    data = survey([0, 1, 0, 1], list("aabb")).data.assign(one="x")
    with pytest.raises(StageError, match=words):
        stage_effects(pa.Survey(data, pa.Design("w")), "y", **given_)


def test_answers_that_are_all_alike_or_no_yes_or_no():
    with pytest.raises(StageError, match="no variance to share out"):
        stage_effects(survey([0, 0, 0, 0], list("aabb")), "y", ["village"], "group")
    with pytest.raises(AnswersError, match="cannot read the answers"):
        stage_effects(survey([0, 5, 7, 9], list("aabb")), "y", ["village"], "group")
    with pytest.raises(StageError, match="nobody has answered"):
        stage_effects(survey([np.nan] * 4, list("aabb")), "y", ["village"], "group")


@given(st.lists(st.integers(0, 1), min_size=12, max_size=12), st.integers(0, 1000))
def test_the_order_of_rows_and_the_names_of_units_make_no_difference(values, seed):
    codes = pd.DataFrame({"g": np.repeat([0, 1], 6), "village": list("aabbbcaabbcc")})
    order = np.random.default_rng(seed).permutation(12)
    renamed = codes.assign(village=codes["village"].map({"a": "z", "b": "y", "c": "x"}))
    one = nested(np.array(values, dtype=float), codes).components()
    other = nested(np.array(values, dtype=float)[order], renamed.iloc[order]).components()
    np.testing.assert_allclose(one, other, atol=1e-12)
