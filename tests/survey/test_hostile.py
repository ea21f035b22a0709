"""What a hostile user tries: R's number, a clear error, or a flag; never a silent wrong answer."""

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.association import association
from portal_analysis.survey.compare import CompareError, difference, trend
from portal_analysis.survey.design import Design, DesignError
from portal_analysis.survey.estimate import EstimateError, mean, multiple_response, proportion, ratio, total
from portal_analysis.survey.margins import CalibrationError
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.model import ModelError, logit
from portal_analysis.survey.quantile import quantile
from portal_analysis.survey.replicates import replicates
from portal_analysis.survey.totals import TotalsError
from portal_analysis.survey.values import AnswersError
from portal_analysis.survey.weights import post_stratify, rake

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
        proportion(survey, "y", domain=FRAME["h"])
    with pytest.raises(AnswersError, match="list"):
        ratio(survey, "x", ["y"])
    with pytest.raises(AnswersError, match="at least one item"):
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
    alone = Design("w", psu="one", lonely_psu="adjust", replicate_method="JK1")
    with pytest.raises(DesignError, match="has one PSU that is left out or stands alone"):
        replicates(Survey(FRAME.assign(one=1), alone))


def with_columns(**columns: object) -> Survey:
    return Survey(FRAME.assign(**columns), DESIGN)


@pytest.mark.parametrize("weight", [1e51, 1e200, 1e308, 1e-200, 1j, pd.Timestamp("2020"), [[1]] * 8])
def test_weights_that_cannot_be_computed_with_are_refused(weight: object) -> None:
    with pytest.raises(DesignError, match="weights 'w'"):
        with_columns(w=weight)


def test_weights_and_answers_at_the_limit_have_finite_errors() -> None:
    table = total(with_columns(w=1e49, x=FRAME["x"] * 1e49), "x")
    assert np.isfinite(table[["estimate", "se", "ci_low", "deff"]].to_numpy(float)).all()


def test_numbers_that_overflow_are_an_error() -> None:
    with pytest.raises(AnswersError, match="beyond"):
        mean(with_columns(x=FRAME["x"] * 1e200), "x")
    with pytest.raises(EstimateError, match="other units"):
        ratio(with_columns(tiny=1e-300), "x", "tiny")


def test_complex_answers_are_refused() -> None:
    survey = with_columns(z=FRAME["y"] + 0j)
    for ask in (proportion, mean):
        with pytest.raises(AnswersError, match="complex"):
            ask(survey, "z")
    with pytest.raises(AnswersError, match="complex"):
        logit(survey, "y ~ z")


@pytest.mark.parametrize(
    ("value", "word"), [(-1.0, "negative"), (0.0, "zero"), (1e200, "above"), (1j, "numbers")]
)
def test_replicate_weights_out_of_range_are_refused(value: object, word: str) -> None:
    survey = Survey(FRAME.assign(r1=value, r2=1.0), Design("w", replicates="r", replicate_method="BRR"))
    with pytest.raises(DesignError, match=f"r1.*{word}"):
        proportion(survey, "y")


@pytest.mark.parametrize("value", [0, np.inf, 1j, pd.NA])
def test_a_population_size_must_be_a_finite_number_above_0(value: object) -> None:
    frame = FRAME.assign(size=pd.Series([value] * 8, dtype=object))
    with pytest.raises(DesignError, match="fpc 'size'"):
        Survey(frame, Design("w", "h", "psu", fpc="size"))


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("BRR", {"scale": 1.0}),
        ("Fay", {"scale": 1.0, "rho": 0.5}),
        ("JK2", {"rscales": 1.0}),
        ("ACS", {"scale": 1.0}),
        ("JK1", {"rho": 0.5}),
    ],
)
def test_factors_that_would_go_unused_are_refused(method: str, more: dict[str, float]) -> None:
    with pytest.raises(DesignError, match="no meaning"):
        Design("w", replicates="r", replicate_method=method, **more)
    with pytest.raises(DesignError, match="made here"):
        Design("w", "h", "psu", replicate_method="JKn", scale=1.0)


def test_calibrated_replicates_of_a_fixed_kind_keep_their_factors() -> None:
    frame = FRAME.assign(r1=[1.0, 3.0] * 4, r2=[3.0, 1.0] * 4)
    survey = Survey(frame, Design("w", replicates="r", replicate_method="Fay", rho=0.5))
    fitted = post_stratify(survey, "h", {"a": 8, "b": 8})
    assert replicates(fitted).scale == replicates(survey).scale == 2.0


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"missing": (888,)}, "missing"),
        ({"yes": 1}, "yes"),
        ({"source": 3}, "source"),
        ({"calibration": 3}, "calibration"),
        ({"design": "w"}, "design"),
        ({"design": FRAME}, "design"),
    ],
)
def test_arguments_of_a_survey_are_named(wrong: dict[str, object], word: str) -> None:
    with pytest.raises(DesignError, match=f"{word} "):
        Survey(**{"data": FRAME, "design": DESIGN, **wrong})


@pytest.mark.parametrize("name", ["weights", "strata", "psu", "fpc", "panel", "lonely_psu", "rho", "nest"])
@pytest.mark.parametrize("value", [3, ("h", "h"), FRAME])
def test_arguments_of_a_design_are_named(name: str, value: object) -> None:
    with pytest.raises(DesignError, match=name):
        Design(**{"weights": "w", name: value})


def test_codes_may_be_an_array() -> None:
    survey = Survey(
        FRAME, DESIGN, missing={"x": np.array([8, 7])}, yes={"x": np.array([1, 2, 3])}, no={"x": range(4, 7)}
    )
    assert proportion(survey, "x").loc[0, ["estimate", "n"]].tolist() == [0.5, 6]


@pytest.mark.parametrize(
    "header", [[*FRAME.columns[:-1], 3], pd.MultiIndex.from_product([FRAME.columns, ["a"]])]
)
def test_columns_of_the_table_are_named_by_text(header: object) -> None:
    with pytest.raises(DesignError, match="text"):
        Survey(FRAME.set_axis(header, axis=1), DESIGN)


@pytest.mark.parametrize("labels", [[[1]] * 8, [1] + ["1"] * 7])
def test_labels_are_of_one_kind(labels: list[object]) -> None:
    labels = pd.Series(labels, dtype=object)
    with pytest.raises(DesignError, match="'psu' holds"):
        with_columns(psu=labels)
    with pytest.raises(AnswersError, match="'g' holds"):
        proportion(with_columns(g=labels), "y", by="g")


@pytest.mark.parametrize(
    "by", [3, True, [3], [None], {"h"}, FRAME, [("h",), ("h",)], [(), ()], [["h", "psu"], ["psu", "h"]]]
)
def test_groupings_are_names_each_once(by: object) -> None:
    with pytest.raises(TotalsError, match="by"):
        proportion(Survey(FRAME, DESIGN), "y", by=by)
    with pytest.raises(AnswersError, match="by"):
        difference(Survey(FRAME, DESIGN), "y", "h", by=by)


ASKED = (proportion, mean, total, multiple_response, lambda s, i: ratio(s, i, "x"))
COMPARED = (lambda s, i: difference(s, i, "h"), lambda s, i: trend(s, i, over="x"))


@pytest.mark.parametrize("names", [None, 3, {"y"}, FRAME, ["y", "y"], [None]])
@pytest.mark.parametrize("ask", [*ASKED, *COMPARED])
def test_indicators_are_names_each_once(ask: Callable[..., object], names: object) -> None:
    with pytest.raises(AnswersError, match="name"):
        ask(Survey(FRAME, DESIGN), names)


@pytest.mark.parametrize("ask", COMPARED)
def test_no_indicator_is_an_error(ask: Callable[..., object]) -> None:
    with pytest.raises(AnswersError, match="at least one"):
        ask(Survey(FRAME, DESIGN), [])


@pytest.mark.parametrize(
    "ask",
    [
        *(lambda s, ask=ask: ask(s, "y") for ask in (*ASKED, *COMPARED)),
        lambda s: association(s, "y", "h"),
        lambda s: logit(s, "y ~ h"),
        lambda s: post_stratify(s, "h", {"a": 1, "b": 1}),
        lambda s: rake(s, {"h": {"a": 1, "b": 1}}),
    ],
)
def test_a_table_without_a_design_is_not_a_survey(ask: Callable[..., object]) -> None:
    with pytest.raises(AnswersError, match="expected a Survey, got DataFrame"):
        ask(FRAME)


@pytest.mark.parametrize("wrong", [{"level": 2}, {"level": None}, {"df": None}, {"df": True}])
def test_comparisons_and_models_name_arguments_of_a_wrong_kind(wrong: dict[str, object]) -> None:
    survey = Survey(FRAME, DESIGN)
    with pytest.raises(EstimateError, match=next(iter(wrong))):
        difference(survey, "y", "h", **wrong)
    with pytest.raises(ModelError, match=next(iter(wrong))):
        logit(survey, "y ~ h", **wrong)


@pytest.mark.parametrize("formula", [None, 3])
def test_a_formula_is_text(formula: object) -> None:
    with pytest.raises(ModelError, match="text"):
        logit(Survey(FRAME, DESIGN), formula)


def test_a_model_leaves_out_missing_codes_however_they_are_written() -> None:
    frame = pd.concat([FRAME.assign(psu=FRAME["psu"] + 2 * i, x=[888, 1, 2, 3] * 2) for i in range(4)])
    as_text, as_number = (Survey(frame, DESIGN, missing={"x": (code,)}) for code in ("888", 888))
    assert logit(as_text, "y ~ x")["n"].eq(24).all()
    assert logit(as_text, "y ~ x").equals(logit(as_number, "y ~ x"))


@pytest.mark.parametrize("kind", [Decimal, bool, lambda y: np.bool_(y)])
def test_plain_objects_are_read_as_numbers(kind: Callable[[int], object]) -> None:
    survey = with_columns(z=pd.Series([kind(y) for y in FRAME["y"][:-1]] + [None], dtype=object))
    assert proportion(survey, "z")["estimate"].iloc[0] == mean(survey, "z")["estimate"].iloc[0] == 3 / 7


def test_missing_codes_are_found_among_decimals() -> None:
    survey = Survey(FRAME.assign(x=[Decimal(f"{x}.0") for x in FRAME["x"]]), DESIGN, missing={"x": (8,)})
    assert mean(survey, "x").loc[0, ["estimate", "n"]].tolist() == [4, 7]


@pytest.mark.parametrize("rules", [{"bounds": 3}, {"bounds": ("a", 2)}, {"tolerance": "a"}, {"max_iter": 0}])
def test_rules_of_raking_are_named(rules: dict[str, object]) -> None:
    with pytest.raises(CalibrationError, match=next(iter(rules))):
        rake(Survey(FRAME, DESIGN), {"h": {"a": 1, "b": 1}}, **rules)


@pytest.mark.parametrize("number", ["a", 1j, None, 1e300])
def test_totals_of_a_population_must_be_numbers(number: object) -> None:
    with pytest.raises(CalibrationError, match="positive numbers"):
        post_stratify(Survey(FRAME, DESIGN), "h", {"a": number, "b": 1})


def test_a_difference_of_an_unreliable_rate_is_to_be_reviewed() -> None:
    frame = pd.concat([FRAME.assign(psu=FRAME["psu"] + 2 * i, g=list("uv") * 4) for i in range(40)])
    survey = Survey(frame.assign(g=["u"] * 10 + ["v"] * 155 + ["z"] * 155), DESIGN)
    flags = difference(survey, "y", "g", pairs="all").set_index("contrast")["flag"]
    assert proportion(survey, "y", by="g").set_index("g")["flag"].to_dict() == {
        "u": "suppress",
        "v": "",
        "z": "",
    }
    assert flags.to_dict() == {"v - u": "review", "z - u": "review", "z - v": ""}


def test_infinite_answers_are_refused() -> None:
    survey = with_columns(x=[np.inf, *range(7)], y=[np.inf, 0, 1, 0, 1, 0, 1, 0])
    with pytest.raises(AnswersError, match="'x' holds infinite values"):
        mean(survey, "x")
    with pytest.raises(AnswersError, match="'y' holds infinite values"):
        proportion(survey, "y")


def test_a_column_that_stands_twice_in_the_table_is_refused_where_it_is_asked_for() -> None:
    survey = Survey(pd.concat([FRAME, FRAME[["y"]]], axis=1), DESIGN)
    with pytest.raises(AnswersError, match=r"\['y'\] are in the table more than once"):
        mean(survey, "y")
    assert mean(survey, "x")["estimate"].iloc[0] == 4.5


@pytest.mark.parametrize(("answers", "rate"), [(["yes", None], 1.0), (["no", "no"], 0.0)])
def test_a_category_that_nobody_chose_is_still_an_answer(answers: list[object], rate: float) -> None:
    declared = pd.Categorical(answers * 4, categories=["yes", "no"])
    survey = Survey(FRAME.assign(q=declared), DESIGN, yes={"q": "yes"})
    assert proportion(survey, "q")["estimate"].iloc[0] == rate


def test_a_question_that_nobody_answered_has_no_categories() -> None:
    survey = with_columns(q=pd.Series([None] * 8, dtype=object))
    with pytest.raises(EstimateError, match=r"no answers in \['q'\]"):
        proportion(survey, "q", categories=True)
    with pytest.raises(AnswersError, match="'q' holds no answers"):
        multiple_response(survey, "q", sep=";")


def test_a_grouping_that_names_no_column_by_text_is_refused() -> None:
    with pytest.raises(TotalsError, match=r"must name columns by text, not \[3\]"):
        proportion(Survey(FRAME, DESIGN), "y", by=[("h",), ("psu", 3)])


BROUGHT = Design("w", replicates="r", replicate_method="JK1")
REPLICATED = FRAME.assign(r1=[0.0, 0, 4, 4] * 2, r2=[4.0, 4, 0, 0] * 2, r3=2.0)


@pytest.mark.parametrize("design", [DESIGN, BROUGHT])
def test_a_grouping_that_nobody_is_in_leaves_the_others(design: Design) -> None:
    survey = Survey(REPLICATED.assign(gone=pd.Series([None] * 8, dtype=object)), design)
    found = proportion(survey, "y", by=[("h",), ("gone",)])
    alone = proportion(survey, "y", by="h")
    assert found["gone"].isna().all()
    pd.testing.assert_frame_equal(found.drop(columns="gone"), alone)
    with pytest.raises(EstimateError, match="by='gone' leaves no domain: every row misses a value"):
        proportion(survey, "y", by="gone")


def test_groups_whose_members_all_weigh_nothing_have_no_estimate() -> None:
    survey = with_columns(w=[2.0] * 4 + [0.0] * 4, g=[None] * 4 + ["x"] * 4)
    row = proportion(survey, "y", by="g").iloc[0]
    assert (row["g"], row["n"], row["flag"]) == ("x", 0, "suppress")
    assert np.isnan(row["estimate"])


def test_a_group_without_answers_has_no_degrees_of_freedom_among_replicates() -> None:
    frame = REPLICATED.assign(y=[np.nan] * 4 + [1, 0, 0, 1])
    table = quantile(Survey(frame, BROUGHT), "y", by="h")
    assert table.loc[table["h"] == "a", ["estimate", "se"]].isna().all(axis=None)
    assert table.loc[table["h"] == "b", "estimate"].notna().all()


def test_two_replicates_are_needed_and_a_factor_for_each() -> None:
    one = Survey(FRAME.assign(r1=1.0), BROUGHT)
    with pytest.raises(DesignError, match="names 1 columns, at least 2 are needed"):
        proportion(one, "y")
    three = Design("w", replicates="r", replicate_method="other", rscales=(1.0, 1.0))
    with pytest.raises(DesignError, match="rscales has 2 numbers for 3 replicates"):
        proportion(Survey(REPLICATED, three), "y")


def test_a_bootstrap_leaves_the_only_unit_of_a_stratum_as_it_is() -> None:
    frame = pd.concat([FRAME, FRAME.tail(2).assign(h="c", y=1)])
    design = Design("w", "h", "psu", lonely_psu="certainty", replicate_method="bootstrap", replicates=20)
    factors = replicates(Survey(frame, design)).weights
    assert (factors[4] == 1).all()
    assert (factors[:4].std(axis=1) > 0).all()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"statistic": "Pearson"}, "statistic='Pearson' is unknown; it may be"),
        ({"column": "y"}, "'y' cannot be tested against itself"),
    ],
)
def test_an_association_is_of_two_columns_by_a_known_test(more: dict[str, str], told: str) -> None:
    with pytest.raises(CompareError, match=told):
        association(Survey(FRAME, DESIGN), **{"row": "y", "column": "h", **more})
