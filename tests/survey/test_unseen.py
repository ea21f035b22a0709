"""Errors that nobody can see (all within one PSU) and errors that there are none of (a census), room by room."""

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey import compare, decompose, inequality, kitagawa, model, standardise
from portal_analysis.survey.answers import AnswersError
from portal_analysis.survey.design import Design
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.problem import ModelError

R = np.random.default_rng(11)
DATA = pd.DataFrame(
    {
        "psu": np.repeat(["a", "b", "c"], 60),
        "used": R.integers(0, 2, 180),
        "number": R.normal(40, 9, 180).round(1),
        "group": np.tile(["m", "f"], 90),
        "age": np.tile(["y", "y", "o", "o"], 45),
        "wave": np.tile([2020, 2020, 2020, 2021, 2021], 36),
    }
).assign(here=lambda d: (d["psu"] == "a").astype(int))
SAMPLE, CENSUS = Survey(DATA, Design(psu="psu")), Survey(DATA, Design(census=True))

ROOMS = {
    "standardised": lambda s, **k: standardise.standardise(s, "used", "age", by="group", **k),
    "standardised gap": lambda s, **k: standardise.standardise(
        s, "used", "age", by="group", reference="f", **k
    ),
    "inequality": lambda s, **k: inequality.inequality(s, "used", "group", **k),
    "trend": lambda s, **k: compare.trend(s, "used", by="group", **k),
    "difference": lambda s, **k: compare.difference(s, "used", "group", **k),
    "kitagawa": lambda s, **k: kitagawa.kitagawa(s, "used", "group", "age", **k),
}
MODELS = {
    "marginal": lambda s, **k: model.logit(s, "used ~ group", effect="marginal", **k),
    "odds ratio": lambda s, **k: model.logit(s, "used ~ group", **k),
    "decompose": lambda s, **k: decompose.decompose(s, "number ~ age", "group", **k),
}


@pytest.mark.parametrize("df", ["domain", "design", 5])
@pytest.mark.parametrize("room", ROOMS)
def test_within_one_psu_there_is_no_error(room, df):
    table = ROOMS[room](SAMPLE, domain="here", df=df)
    assert len(table)
    assert table[["se", "ci_low", "ci_high"]].isna().all(axis=None)
    assert set(table["flag"]) == {"suppress"}


@pytest.mark.parametrize("df", ["design", 5])
@pytest.mark.parametrize("room", MODELS)
def test_no_model_is_told_within_one_psu(room, df):
    with pytest.raises(ModelError, match="within one PSU"):
        MODELS[room](SAMPLE, domain="here", df=df)


def test_no_association_is_tested_within_one_psu():
    with pytest.raises(compare.CompareError, match="no error can be seen"):
        compare.association(SAMPLE, "group", "used", domain="here")
    table = compare.association(SAMPLE, "group", "used", by="here")
    assert table.set_index("here")["flag"].to_dict() == {0: "", 1: "suppress"}


def test_no_association_is_tested_where_all_psus_are_alike():
    with pytest.raises(compare.CompareError, match="alike in all PSUs"):
        compare.association(SAMPLE, "group", "age")


@pytest.mark.parametrize("room", ROOMS | MODELS)
def test_a_census_has_no_error_and_no_flag(room):
    table = (ROOMS | MODELS)[room](CENSUS)
    assert (table["se"] == 0).all()
    assert (table["ci_low"] == table["estimate"]).all()
    assert (table["ci_high"] == table["estimate"]).all()
    assert set(table["flag"]) == {""}


def test_a_census_has_nothing_to_test():
    with pytest.raises(compare.CompareError, match="everybody was asked"):
        compare.association(CENSUS, "group", "age")
    with pytest.raises(ModelError, match="everybody was asked"):
        model.logit(CENSUS, "used ~ group", effect="term")


def test_a_finite_population_is_heard_of_by_standardised_rates_too():
    """45 of 48 asked: the interval of the rate is narrow enough for no flag, which that of a sample is not."""
    frame = DATA.iloc[:45].assign(N=48)
    known = standardise.standardise(Survey(frame, Design(fpc="N")), "used", "age")
    endless = standardise.standardise(Survey(frame, Design()), "used", "age")
    assert (known["flag"].item(), endless["flag"].item()) == ("", "suppress")


def test_a_model_of_few_psus_is_to_be_reviewed():
    assert set(MODELS["odds ratio"](SAMPLE)["flag"]) == {"review"}
    assert set(model.logit(SAMPLE, "used ~ group", effect="term")["flag"]) == {"review"}
    many = Survey(DATA.assign(psu=np.arange(180) // 6), Design(psu="psu"))
    assert set(MODELS["odds ratio"](many)["flag"]) == {""}


def test_a_group_that_one_replicate_loses_leaves_the_points_of_inequality():
    """A jackknife replicate without a PSU has nobody of the group that lies within it."""
    frame = DATA.assign(group=np.where(DATA["here"] & (np.arange(180) % 2 == 0), "x", DATA["group"]))
    made = Survey(frame, Design(psu="psu", replicate_method="JK1"))
    found = inequality.inequality(made, "used", "group", ["mdm", "theil"])
    plain = inequality.inequality(Survey(frame, Design(psu="psu")), "used", "group", ["mdm", "theil"])
    assert found["estimate"].tolist() == pytest.approx(plain["estimate"].tolist(), rel=1e-12)
    for table in (found, plain):
        assert table[["se", "ci_low", "ci_high", "if_equal", "bias"]].isna().all(axis=None)
        assert set(table["flag"]) == {"suppress"}


@pytest.mark.parametrize("room", ["difference", "inequality", "kitagawa"])
def test_a_gap_to_a_group_within_one_psu_has_no_error(room):
    """That of the other group alone would be told for the whole."""
    inside = DATA["here"].astype(bool)
    frame = DATA.assign(group=np.where(inside & (np.arange(180) % 8 < 4), "x", DATA["group"]))
    found = ROOMS[room](
        Survey(frame, Design(psu="psu")),
        **(
            {"groups": ("x", "f")}
            if room == "kitagawa"
            else {"reference": "x"}
            if room == "difference"
            else {}
        ),
    )
    assert len(found)
    assert found["se"].isna().all()
    assert set(found["flag"]) == {"suppress"}
    sound = ROOMS[room](SAMPLE)
    assert sound["se"].notna().all()


def test_people_of_no_known_group_are_counted_by_a_decomposition():
    frame = DATA.assign(group=DATA["group"].where(DATA.index % 9 > 0))
    found = MODELS["decompose"](Survey(frame, Design()), domain="here")
    assert set(found["n_ungrouped"]) == {7}


def test_a_logistic_model_says_that_it_is_of_a_rate():
    with pytest.raises(AnswersError, match="a rate"):
        model.logit(SAMPLE, "number ~ group")
