"""Post-stratification and raking against R (tests/reference/calibrate.R), and their invariants."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.association import association
from portal_analysis.survey.compare import difference
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import mean, proportion, ratio, total
from portal_analysis.survey.margins import CalibrationError
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.model import logit
from portal_analysis.survey.summary import summary
from portal_analysis.survey.weights import as_replicates, calibrate, post_stratify, rake

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "calibrate.csv", comment="#").set_index(["case", "key"])
WAVES = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str}).assign(one=1)
DESIGNS = {
    "panel": Design("weight", "province", "district", panel="panel"),
    "stages": Design(
        "weight", "province", ("district", "village"), fpc=("n_districts", "n_villages"), panel="panel"
    ),
    "jkn": Design("weight", "province", "district", panel="panel", replicate_method="JKn"),
}
GENDER = {"female": 52000, "male": 48000}
AGE = {"18-34": 37500, "35-54": 35500, "55+": 27000}
PLACE = pd.DataFrame(
    {"province": ["01", "02", "48", "79", "96"], "people": [25000, 9000, 12000, 39000, 15000]}
)
CELLS = pd.Series(
    [19000, 18500, 18000, 17500, 15000, 12000],
    index=pd.MultiIndex.from_product([AGE, GENDER], names=["age_group", "gender"]),
)
MARGINS = {"gender": GENDER, "age_group": AGE, "province": PLACE}
WAYS = {
    "gender": lambda survey: post_stratify(survey, "gender", GENDER),
    "cells": lambda survey: post_stratify(survey, ["age_group", "gender"], CELLS),
    "raked": lambda survey: rake(survey, MARGINS),
    "greg": lambda survey: rake(survey, MARGINS, residuals="greg"),
    "bounded": lambda survey: rake(survey, {"gender": GENDER, "age_group": AGE}, bounds=(0.9, 1.15)),
    "twice": lambda survey: post_stratify(rake(survey, MARGINS), ["age_group", "gender"], CELLS),
}
CASES = [*(f"{way}/{name}" for way in ("gender", "cells", "raked") for name in DESIGNS)]
CASES += ["greg/panel", "greg/stages", "bounded/panel", "twice/panel"]


def sample(name: str = "panel", data: pd.DataFrame = WAVES) -> Survey:
    return Survey(data, DESIGNS[name])


def calibrated(case: str) -> Survey:
    way, name = case.split("/")
    return WAYS[way](sample(name))


def estimates_of(survey: Survey) -> dict[str, pd.DataFrame]:
    groups = proportion(survey, "used", by="ethnicity")
    return {
        "proportion used": proportion(survey, "used"),
        "proportion profile": proportion(survey, "profile"),
        "mean years": mean(survey, "years"),
        "total profile": total(survey, "profile"),
        "ratio profile/years": ratio(survey, "profile", "years"),
        "proportion used urban": proportion(survey, "used", domain="urban"),
        "proportion used Kinh": groups[groups["ethnicity"] == "Kinh"],
        "proportion used other": groups[groups["ethnicity"] == "other"],
        "difference used other - Kinh": difference(survey, "used", "ethnicity"),
    }


@pytest.mark.parametrize("case", CASES)
def test_estimates_have_the_errors_of_r(case: str) -> None:
    for key, table in estimates_of(calibrated(case)).items():
        wanted = ANSWERS.loc[(case, key)]
        for column in ("estimate", "se", "df"):
            assert table[column].iloc[0] == pytest.approx(wanted[column], rel=1e-9), (key, column)


@pytest.mark.parametrize("case", CASES)
def test_models_and_tests_have_the_errors_of_r(case: str) -> None:
    survey = calibrated(case)
    model = logit(survey, "used ~ ethnicity + years", effect="coefficient")
    for row, term in zip(model.itertuples(), ("(Intercept)", "ethnicityother", "years"), strict=True):
        wanted = ANSWERS.loc[(case, f"logit {term}")]
        assert (row.estimate, row.se, row.df) == pytest.approx(
            tuple(wanted[["estimate", "se", "df"]]), rel=1e-6
        )
    test, wanted = (
        association(survey, "profile", "age_group").iloc[0],
        ANSWERS.loc[(case, "association profile age_group")],
    )
    assert test["estimate"] == pytest.approx(wanted["statistic"], rel=1e-9)
    assert (test["df"], test["p_value"]) == pytest.approx((wanted["df"], wanted["p_value"]), rel=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_weights_are_those_of_r(case: str) -> None:
    survey = calibrated(case)
    for person in (1, 100, 250, 400):
        wanted = ANSWERS.loc[(case, f"weight {person}"), "estimate"]
        assert survey.layout.weights[person - 1] == pytest.approx(wanted, rel=1e-9)


def test_calibrated_weights_are_not_taken_as_given() -> None:
    right = calibrated("cells/panel")
    given = Survey(right.data, right.design)
    for key, table in estimates_of(given).items():
        assert table["se"].iloc[0] == pytest.approx(ANSWERS.loc[("cells/fixed", key), "se"], rel=1e-9)
    assert proportion(given, "used")["se"].iloc[0] / proportion(right, "used")["se"].iloc[0] > 1.05


@pytest.mark.parametrize("case", CASES)
def test_totals_hit_the_population_without_error(case: str) -> None:
    survey = calibrated(case)
    people = total(survey, "one", by="gender").set_index("gender")["estimate"]
    everybody = total(survey, "one").iloc[0]
    cells = {
        "female": CELLS.xs("female", level="gender").sum(),
        "male": CELLS.xs("male", level="gender").sum(),
    }
    wanted = cells if case.startswith(("cells", "twice")) else GENDER
    assert people.to_dict() == pytest.approx(wanted, rel=1e-11)
    assert everybody["estimate"] == pytest.approx(100_000, rel=1e-11)
    if not case.startswith("twice"):
        assert everybody["se"] < 1e-6


def test_raking_to_margins_that_fit_changes_no_weight() -> None:
    fits = {column: WAVES.groupby(column)["weight"].sum() for column in ("gender", "age_group")}
    for bounds in (None, (0.5, 2.0)):
        np.testing.assert_allclose(
            rake(sample(), fits, bounds=bounds).layout.weights, WAVES["weight"], rtol=1e-11
        )


def test_one_margin_raked_is_post_stratified() -> None:
    raked, fitted = rake(sample(), {"gender": GENDER}, residuals="greg"), calibrated("gender/panel")
    np.testing.assert_allclose(raked.layout.weights, fitted.layout.weights, rtol=1e-12)
    assert proportion(raked, "used")["se"].iloc[0] == pytest.approx(
        proportion(fitted, "used")["se"].iloc[0], rel=1e-9
    )


def test_bounds_hold_and_bind() -> None:
    free = rake(sample(), {"gender": GENDER, "age_group": AGE})
    size = 100_000 / WAVES["weight"].sum()
    change = calibrated("bounded/panel").layout.weights / WAVES["weight"] / size
    assert (free.layout.weights / WAVES["weight"] / size).max() > 1.16
    assert change.max() == pytest.approx(1.15)
    assert change.min() == pytest.approx(0.9)


def test_wide_bounds_do_nothing() -> None:
    free, wide = rake(sample(), MARGINS), rake(sample(), MARGINS, bounds=(0.0, 50.0))
    np.testing.assert_allclose(wide.layout.weights, free.layout.weights, rtol=1e-9)


def test_replicates_with_bounds_are_fitted_one_by_one() -> None:
    survey = rake(sample("jkn"), {"gender": GENDER, "age_group": AGE}, bounds=(0.2, 5))
    free = rake(sample("jkn"), {"gender": GENDER, "age_group": AGE})
    one, other = proportion(survey, "used").iloc[0], proportion(free, "used").iloc[0]
    assert (one["estimate"], one["se"]) == pytest.approx((other["estimate"], other["se"]), rel=1e-9)


def test_replicates_of_a_file_are_fitted_too() -> None:
    data = pd.read_csv(REFERENCE / "paired_replicates.csv")
    survey = Survey(data, Design("w", replicates="BRR_", replicate_method="BRR"))
    fitted = post_stratify(survey, "sex", {"f": 500, "m": 400})
    people = total(Survey(fitted.data.assign(one=1), fitted.design), "one", by="sex")
    assert people["estimate"].tolist() == pytest.approx([500, 400])
    assert people["se"].max() < 1e-10
    assert fitted.design.replicates[0] == "BRR_1_poststratified"


def test_the_first_survey_stays_as_it_was() -> None:
    before, survey = WAVES.copy(), sample()
    fitted = post_stratify(survey, "gender", GENDER)
    pd.testing.assert_frame_equal(survey.data, before)
    assert survey.calibration == ()
    assert fitted.design.weights == "weight_poststratified"
    assert fitted.data["weight"].tolist() == WAVES["weight"].tolist()
    assert (fitted.source, fitted.simulated) == (survey.source, survey.simulated)


def test_a_population_may_be_a_mapping_a_series_or_a_frame() -> None:
    frame = CELLS.rename("people").reset_index()
    pairs = {(age, gender): people for (age, gender), people in CELLS.items()}
    wanted = calibrated("cells/panel").layout.weights
    for population in (frame, pairs):
        found = post_stratify(sample(), ["age_group", "gender"], population)
        np.testing.assert_array_equal(found.layout.weights, wanted)


def test_all_faults_of_a_population_come_at_once() -> None:
    with pytest.raises(CalibrationError) as error:
        rake(sample(), {"gender": {"female": -1, "other": 5}, "nope": {1: 2}})
    for word in (
        "must be positive",
        "'other'",
        "have no respondent",
        "'male'",
        "not in the population",
        "nope",
    ):
        assert word in str(error.value)


def test_missing_categories_are_told_with_their_rows() -> None:
    gaps = WAVES.assign(
        gender=WAVES["gender"].where(WAVES["id"] != 3), urban=WAVES["urban"].where(WAVES["id"] > 1, 9)
    )
    survey = Survey(gaps, DESIGNS["panel"], missing={"urban": (9,)})
    with pytest.raises(CalibrationError, match="row 2 "):
        post_stratify(survey, "gender", GENDER)
    with pytest.raises(CalibrationError, match="row 0 "):
        post_stratify(survey, "urban", {0: 1, 1: 1})


@pytest.mark.parametrize(
    ("population", "message"),
    [
        ({"female": 1, "male": np.nan}, "positive"),
        ({"female": 1, "male": np.inf}, "infinite"),
        (pd.DataFrame({"sex": ["female"], "people": [1]}), "needs the columns"),
        (pd.Series([1, 2, 3], ["female", "male", "male"]), "more than once"),
        ([1, 2], "list"),
    ],
)
def test_a_population_that_cannot_be_read(population: object, message: str) -> None:
    with pytest.raises(CalibrationError, match=message):
        post_stratify(sample(), "gender", population)  # type: ignore[arg-type]


def test_margins_that_disagree_are_refused() -> None:
    with pytest.raises(CalibrationError, match="disagree"):
        rake(sample(), {"gender": GENDER, "age_group": {**AGE, "55+": 1}})


@pytest.mark.parametrize("margins", [{}, ["gender"], None])
def test_margins_name_columns_and_their_totals(margins: object) -> None:
    with pytest.raises(CalibrationError, match="margins must name columns and their totals, such as"):
        rake(sample(), margins)  # type: ignore[arg-type]


def test_bounds_that_are_just_wide_enough_are_kept() -> None:
    """Weights far apart and margins far off: full steps of the fit would go too far."""
    frame = pd.DataFrame([(a, b) for a in range(5) for b in range(4)], columns=["a", "b"])
    random = np.random.default_rng(10)
    frame["w"] = np.exp(random.normal(0, 1.5, 20))
    fits = frame["w"] * np.exp(random.uniform(np.log(0.5), np.log(2), 20))
    margins = {name: fits.groupby(frame[name]).sum().to_dict() for name in ("a", "b")}
    fitted = rake(Survey(frame, Design("w")), margins, bounds=(0.5, 2))
    for name in ("a", "b"):
        sums = fitted.data[fitted.design.weights].groupby(frame[name]).sum()
        assert sums.to_dict() == pytest.approx(margins[name], rel=1e-6)
    size = fits.sum() / frame["w"].sum()
    assert (fitted.data[fitted.design.weights] / frame["w"] / size).between(0.5 - 1e-9, 2 + 1e-9).all()


def test_no_convergence_says_so() -> None:
    with pytest.raises(CalibrationError, match=r"after 2 rounds: .* is off by"):
        rake(sample(), MARGINS, max_iter=2)
    with pytest.raises(CalibrationError, match="within the bounds"):
        rake(sample(), {"gender": {"female": 9, "male": 1}}, bounds=(0.9, 1.1))


def test_contradicting_margins_do_not_converge() -> None:
    data = WAVES.assign(twin=WAVES["gender"])
    with pytest.raises(CalibrationError, match="contradict"):
        rake(
            sample(data=data),
            {"gender": {"female": 1, "male": 9}, "twin": {"female": 9, "male": 1}},
            max_iter=50,
        )


@pytest.mark.parametrize(
    ("arguments", "message"), [({"bounds": (1.2, 2)}, "around 1"), ({"residuals": "best"}, "greg")]
)
def test_arguments_without_meaning(arguments: dict, message: str) -> None:
    with pytest.raises(CalibrationError, match=message):
        rake(sample(), {"gender": GENDER}, **arguments)


def test_a_category_lost_in_a_replicate_is_told() -> None:
    one = ((WAVES["province"] == "01") & (WAVES["panel"] == "A") & (WAVES["district"] == 1)).astype(int)
    with pytest.raises(CalibrationError, match="replicate"):
        post_stratify(sample("jkn", WAVES.assign(rare=one)), "rare", {0: 10, 1: 5})


# ------------------------------------------------------------- GREG, replicate weights as a table, the design summed up

GREG = pd.read_csv(REFERENCE / "greg.csv", comment="#").set_index(["case", "key"])
WHOLE = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str})
DRAWN = {
    "panel": Design("weight", "province", "district", panel="panel"),
    "stages": Design(
        "weight", "province", ("district", "village"), fpc=("n_districts", "n_villages"), panel="panel"
    ),
    "jkn": Design("weight", "province", "district", panel="panel", replicate_method="JKn"),
}
TOTALS = {"gender": {"female": 32000, "male": 30000}, "years": 480000}


@pytest.mark.parametrize("name", list(DRAWN))
def test_greg_weights_and_errors_are_those_of_calibrate(name: str) -> None:
    fitted = calibrate(Survey(WHOLE, DRAWN[name]), TOTALS)
    by_group = proportion(fitted, "profile", by="ethnicity")
    one = calibrate(Survey(WHOLE, DRAWN[name]), {"years": 480000}, count=62000)
    told = {
        "mean profile": mean(fitted, "profile").iloc[0],
        "total profile": total(fitted, "profile").iloc[0],
        "profile Kinh": by_group.iloc[0],
        "profile other": by_group.iloc[1],
        "count and number": mean(one, "profile").iloc[0],
    }
    for key, row in told.items():
        wanted = GREG.loc[(name, key), ["estimate", "se"]].to_numpy(float)
        np.testing.assert_allclose(row[["estimate", "se"]].astype(float), wanted, rtol=1e-8, err_msg=key)
    years = total(fitted, "years").iloc[0]
    assert years["estimate"] == pytest.approx(480000, rel=1e-12)
    assert years["se"] < 1e-6


@pytest.mark.parametrize("name", ["panel", "stages"])
@pytest.mark.parametrize("what", ["profile", "used"])
def test_likelihood_intervals_are_close_to_those_r_interpolates(name: str, what: str) -> None:
    known = Survey(WHOLE, DRAWN[name])
    row = proportion(known, what, domain=f"{what} >= 0", interval="likelihood").iloc[0]
    wanted = GREG.loc[(f"likelihood {name}", what)]
    np.testing.assert_allclose(
        row[["ci_low", "ci_high"]].astype(float), wanted[["low", "high"]].astype(float), rtol=5e-4
    )


@pytest.mark.parametrize(
    ("totals", "message"),
    [
        ({}, "such as"),
        ({"years": np.nan}, "finite"),
        ({"nothing": 5}, "nothing"),
        ({"used": 5}, "missing in row"),
        ({"gender": {"female": 1}}, "male"),
        ({"years": 480000, "wave": 5}, "below 0|contradict"),
        ({"years": 480000, "double": 480000}, "contradict each other: no weights fit them all"),
        ({"gender": {"female": 3, "male": 3}, "ethnicity": {"Kinh": 5, "other": 5}}, "disagree"),
    ],
)
def test_totals_that_cannot_be_met_are_told(totals: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(Survey(WHOLE.assign(double=2 * WHOLE["years"]), DRAWN["panel"]), totals)


@pytest.mark.parametrize(("method", "number"), [("JKn", None), ("bootstrap", 20)])
def test_a_table_of_replicates_gives_the_errors_of_those_made_here(method: str, number: int | None) -> None:
    plain = Survey(WHOLE, DRAWN["stages"])
    table = as_replicates(plain, method, number)
    here = Survey(WHOLE, replace(DRAWN["stages"], replicate_method=method, replicates=number))
    assert table.design.replicates[:2] == ("weight_1", "weight_2")
    assert set(table.design.replicates) <= set(table.data.columns)
    ours, theirs = (mean(s, "years", by="gender", df=9)["se"] for s in (table, here))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert "weight_1" not in plain.data.columns


def test_the_design_is_summed_up() -> None:
    frame = pd.DataFrame(
        {
            "h": list("aaaabbcc"),
            "psu": [1, 1, 2, 2, 3, 4, 5, 5],
            "w": [1, 1, 1, 1, 3, 1, 2, 0],
            "g": list("xyxyxxzz"),
        }
    )
    table = summary(Survey(frame, Design("w", "h", "psu", lonely_psu="adjust")), by=[(), ("g",)])
    assert table["n"].tolist() == [7, 4, 2, 1]
    assert table["psus"].tolist() == [5, 4, 2, 1]
    assert table["strata"].tolist() == [3, 2, 1, 1]
    assert table["lonely_strata"].tolist() == [1, 0, 0, 1]
    assert table["df"].tolist() == [2, 2, 1, 0]
    assert table["n_kish"].iloc[1] == pytest.approx(36 / 12)
    assert table["weights"].tolist() == [10, 6, 2, 2]
