"""What a hostile user tries: R's number, a clear error, or a flag; never a silent wrong answer."""

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.answers import AnswersError
from portal_analysis.survey.design import Design, DesignError, Survey
from portal_analysis.survey.estimate import EstimateError, mean, multiple_response, proportion, ratio
from portal_analysis.survey.variance import replicates

DESIGN = Design("w", "h", "psu")
FRAME = pd.DataFrame(
    {
        "h": list("aaaabbbb"),
        "psu": [1, 1, 2, 2] * 2,
        "w": 2.0,
        "y": [1, 0, 0, 0, 1, 1, 0, 1],
        "x": range(1, 9),
    }
)


def test_a_negative_denominator_turns_only_the_sign() -> None:
    survey = Survey(FRAME.assign(z=FRAME["x"] + 1.0, minus=-FRAME["x"] - 1.0), DESIGN)
    plus, minus = ratio(survey, "y", "z").iloc[0], ratio(survey, "y", "minus").iloc[0]
    assert minus["estimate"] == pytest.approx(-plus["estimate"])
    assert minus["se"] == pytest.approx(plus["se"])


def test_a_denominator_of_zero_and_no_answers_are_flagged() -> None:
    survey = Survey(FRAME.assign(zero=0, none=np.nan), DESIGN)
    for table in (ratio(survey, "x", "zero"), mean(survey, "none"), proportion(survey, "none")):
        assert table[["estimate", "se"]].isna().all(axis=None)
        assert (table["flag"] == "suppress").all()


@pytest.mark.parametrize("name", ["estimate", "n", "indicator", "unit", "flag", "source", "level", "n_eff"])
def test_by_may_not_be_called_like_a_column_of_the_result(name: str) -> None:
    with pytest.raises(EstimateError, match="rename"):
        proportion(Survey(FRAME.assign(**{name: "a"}), DESIGN), "y", by=name)


@pytest.mark.parametrize("kind", ["category", object])
def test_a_yes_code_is_found_among_floats(kind: object) -> None:
    survey = Survey(FRAME.assign(y=FRAME["y"].astype(float).astype(kind)), DESIGN, yes={"y": 1})
    assert proportion(survey, "y")["estimate"].iloc[0] == 0.5


@pytest.mark.parametrize("wrong", [{"level": "0.95"}, {"level": None}, {"df": None}, {"df": True}])
def test_arguments_of_a_wrong_kind_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(EstimateError, match=next(iter(wrong))):
        proportion(Survey(FRAME, DESIGN), "y", **wrong)


def test_columns_are_named_by_text() -> None:
    survey = Survey(FRAME, DESIGN)
    with pytest.raises(AnswersError, match="Series"):
        proportion(survey, "y", domain=FRAME["y"])
    with pytest.raises(AnswersError, match="list"):
        ratio(survey, "x", ["y"])
    with pytest.raises(EstimateError, match="at least one item"):
        multiple_response(survey, [])


@pytest.mark.parametrize(
    "wrong", [{"scale": -1}, {"rscales": (-1, 1)}, {"scale": np.nan}, {"seed": "a"}, {"seed": -1}]
)
def test_factors_and_seed_must_be_numbers(wrong: dict[str, object]) -> None:
    with pytest.raises(DesignError, match=next(iter(wrong))):
        Design("w", replicates="r", replicate_method="other", **wrong)


@pytest.mark.parametrize("value", [np.inf, "a"])
def test_replicate_weights_must_be_finite_numbers(value: object) -> None:
    survey = Survey(FRAME.assign(r1=value, r2=1.0), Design("w", replicates="r", replicate_method="BRR"))
    with pytest.raises(DesignError, match="r1"):
        proportion(survey, "y")


def test_a_domain_that_a_replicate_loses_is_suppressed() -> None:
    frame = FRAME.assign(r1=[0.0] * 4 + [4.0] * 4, r2=[4.0] * 4 + [0.0] * 4, r3=2.0)
    table = proportion(Survey(frame, Design("w", replicates="r", replicate_method="JK1")), "y", by="h")
    assert table["flag"].eq("suppress").all()


def test_a_jackknife_of_nothing_is_an_error() -> None:
    with pytest.raises(DesignError, match="jackknife"):
        replicates(Survey(FRAME.assign(all=2), Design("w", "h", "psu", fpc="all", replicate_method="JKn")))
