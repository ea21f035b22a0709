"""Logistic regression against R's svyglm (tests/reference/model.R), and its invariants."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from portal_analysis.shape import VALUE_COLUMNS
from portal_analysis.survey.compare import contrast, difference
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import mean
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.model import ModelError, logit, regress
from portal_analysis.survey.values import AnswersError

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "model.csv", comment="#")
MARGINAL = pd.read_csv(REFERENCE / "marginal.csv", comment="#")
COMPARED = pd.read_csv(REFERENCE / "compare.csv", comment="#")
WAVES = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str})
DESIGNS = {
    "panel": Design("weight", "province", "district", panel="panel"),
    "stages": Design(
        "weight", "province", ("district", "village"), fpc=("n_districts", "n_villages"), panel="panel"
    ),
    "jkn": Design("weight", "province", "district", panel="panel", replicate_method="JKn"),
}
SURVEYS = {name: Survey(WAVES, design) for name, design in DESIGNS.items()}
FORMULAS = {
    "used": "used ~ gender + ethnicity + age_group + years",
    "profile": "profile ~ ethnicity + years",
    "interaction": "used ~ ethnicity * years + C(wave)",
    "binary": "used ~ ethnicity",
    "powers": "used ~ gender + years + I(years**2)",
}
R_COLUMNS = {
    "estimate": "estimate",
    "se": "se",
    "df": "df",
    "p_value": "p_value",
    "ci_low": "low",
    "ci_high": "high",
}


def check(table: pd.DataFrame, wanted: pd.DataFrame, columns: dict[str, str]) -> None:
    assert len(wanted) == len(table) > 0
    for ours, theirs in columns.items():
        np.testing.assert_allclose(
            table[ours].to_numpy(float), wanted[theirs].to_numpy(float), rtol=1e-6, err_msg=ours
        )


@pytest.mark.parametrize("model", FORMULAS)
@pytest.mark.parametrize("name", DESIGNS)
def test_coefficients_are_those_of_svyglm(name: str, model: str) -> None:
    table = logit(SURVEYS[name], FORMULAS[model], effect="coefficient")
    check(table, ANSWERS[ANSWERS["case"] == f"{model}/{name}"], R_COLUMNS)


@pytest.mark.parametrize("model", FORMULAS)
@pytest.mark.parametrize("name", DESIGNS)
def test_terms_are_those_of_regtermtest(name: str, model: str) -> None:
    table = logit(SURVEYS[name], FORMULAS[model], effect="term")
    columns = {"statistic": "statistic", "ndf": "ndf", "df": "df", "p_value": "p_value"}
    check(table, ANSWERS[ANSWERS["case"] == f"{model} terms/{name}"], columns)


@pytest.mark.parametrize("variance", ["design", "delta"])
@pytest.mark.parametrize("name", ["panel", "stages"])
@pytest.mark.parametrize("model", ["used", "powers", "interaction"])
def test_marginal_effects_are_those_of_the_recipe(model: str, name: str, variance: str) -> None:
    formula = FORMULAS[model].replace(" + C(wave)", "")
    table = logit(SURVEYS[name], formula, effect="marginal", variance=variance)
    columns = {name: name for name in ("estimate", "se", "df")}
    check(table, ANSWERS[ANSWERS["case"] == f"{variance} {model}/{name}"], columns)


@pytest.mark.parametrize("name", ["panel", "stages"])
@pytest.mark.parametrize("model", ["used", "powers", "interaction"])
def test_marginal_effects_are_those_of_the_margins_package(model: str, name: str) -> None:
    formula = FORMULAS[model].replace(" + C(wave)", "")
    table = logit(SURVEYS[name], formula, effect="marginal", variance="delta")
    told = MARGINAL[MARGINAL["case"] == f"{model}/{name}"]
    assert len(told) == len(table) > 0
    for one in ("estimate", "se"):
        ours, theirs = np.sort(table[one].to_numpy(float)), np.sort(told[one].to_numpy(float))
        np.testing.assert_allclose(ours, theirs, rtol=5e-6, err_msg=one)


def test_a_domain_keeps_the_design() -> None:
    table = logit(SURVEYS["panel"], FORMULAS["used"], domain="urban", effect="coefficient")
    check(table, ANSWERS[ANSWERS["case"] == "used/panel urban"], R_COLUMNS)
    assert table["n"].iloc[0] == WAVES.loc[WAVES["urban"] == 1, "used"].notna().sum()


@pytest.mark.parametrize("kind", ["BRR", "Fay", "JK1", "JKn", "bootstrap"])
def test_replicates_of_a_file(kind: str) -> None:
    data = pd.read_csv(REFERENCE / "paired_replicates.csv")
    extra: dict[str, object] = {"Fay": {"rho": 0.3}, "JKn": {"scale": 1.0, "rscales": 0.5}}.get(kind, {})
    survey = Survey(data, Design("w", replicates=f"{kind}_", replicate_method=kind, **extra))
    table = logit(survey, "y ~ sex + x", effect="coefficient")
    check(table, COMPARED[COMPARED["case"] == f"replicates logit/{kind}"], R_COLUMNS)


def test_odds_ratios_are_coefficients_raised() -> None:
    raised = logit(SURVEYS["panel"], FORMULAS["used"])
    plain = logit(SURVEYS["panel"], FORMULAS["used"], effect="coefficient").iloc[1:].reset_index(drop=True)
    np.testing.assert_allclose(raised["estimate"], np.exp(plain["estimate"]), rtol=1e-12)
    np.testing.assert_allclose(raised["ci_high"], np.exp(plain["ci_high"]), rtol=1e-12)
    np.testing.assert_allclose(raised["se"], raised["estimate"] * plain["se"], rtol=1e-12)
    np.testing.assert_allclose(raised["p_value"], plain["p_value"], rtol=1e-12)
    assert set(raised["unit"]) == {"odds ratio"}


def test_one_category_gives_the_difference_of_the_proportions() -> None:
    gap = difference(SURVEYS["stages"], "used", "ethnicity").iloc[0]
    odds = gap["proportion"] / (1 - gap["proportion"])
    base = gap["reference_proportion"] / (1 - gap["reference_proportion"])
    assert logit(SURVEYS["stages"], "used ~ ethnicity")["estimate"].iloc[0] == pytest.approx(
        odds / base, rel=1e-9
    )
    effect = logit(SURVEYS["stages"], "used ~ ethnicity", effect="marginal").iloc[0]
    assert (effect["estimate"], effect["se"]) == pytest.approx((gap["estimate"], gap["se"]), rel=1e-9)


def test_terms_categories_and_references_are_named() -> None:
    survey = Survey(WAVES, DESIGNS["panel"], source="here", simulated=True)
    table = logit(survey, 'used ~ gender * C(wave) + C(age_group, contr.treatment(base="55+")) + years')
    assert list(table.columns[:3]) == ["indicator", "term", "category"]
    assert list(table.columns[3:12]) == list(VALUE_COLUMNS)
    told = {
        (row.term, row.category): row.reference for row in table.itertuples() if isinstance(row.category, str)
    }
    assert told[("gender", "male")] == "female"
    assert told[("wave", "2021")] == "2019"
    assert told[("age_group", "18-34")] == "55+"
    assert told[("gender:wave", "male:2022")] == "female:2019"
    number = table[table["term"] == "years"].iloc[0]
    assert pd.isna(number["category"])
    assert number["contrast"] == "one more years"
    assert set(table["flag"]) == {"simulated"}
    assert set(table["source"]) == {"here"}


def test_the_reference_turned_round_turns_the_odds_ratio_round() -> None:
    one = logit(SURVEYS["panel"], "used ~ ethnicity + years").iloc[0]
    other = logit(SURVEYS["panel"], 'used ~ C(ethnicity, contr.treatment(base="other")) + years').iloc[0]
    assert one["estimate"] == pytest.approx(1 / other["estimate"], rel=1e-9)
    assert one["p_value"] == pytest.approx(other["p_value"], rel=1e-8)


def test_years_far_from_zero_lose_no_digits() -> None:
    near = WAVES.assign(since=WAVES["wave"] - 2019)
    for effect in ("coefficient", "marginal"):
        far = (
            logit(SURVEYS["panel"], "used ~ wave + I(wave**2)", effect=effect)
            if effect == "coefficient"
            else None
        )
        one = logit(SURVEYS["panel"], "used ~ wave + years", effect=effect).iloc[-2:]
        other = logit(Survey(near, DESIGNS["panel"]), "used ~ since + years", effect=effect).iloc[-2:]
        np.testing.assert_allclose(one[["estimate", "se"]], other[["estimate", "se"]], rtol=1e-8)
        assert far is None or np.isfinite(far["se"]).all()


def test_codes_of_missing_answers_are_left_out_everywhere() -> None:
    coded = WAVES.assign(
        used=WAVES["used"].fillna(888), years=WAVES["years"].where(WAVES["id"] % 50 > 0, 999)
    )
    survey = Survey(coded, DESIGNS["panel"], missing={"used": (888,), "years": (999,)})
    gaps = coded.assign(years=coded["years"].where(coded["years"] < 999), used=WAVES["used"])
    wanted = logit(Survey(gaps, DESIGNS["panel"]), "used ~ years")
    table = logit(survey, "used ~ years")
    pd.testing.assert_frame_equal(table, wanted)
    assert table["n"].iloc[0] + table["n_missing"].iloc[0] == len(WAVES)


def test_functions_and_categories_can_stand_in_the_formula() -> None:
    data = WAVES.assign(
        age=pd.Categorical(WAVES["age_group"], ["55+", "35-54", "18-34", "nobody"]), old=WAVES["years"] > 9
    )
    table = logit(Survey(data, DESIGNS["panel"]), "used ~ age + old + scale(years)", effect="marginal")
    assert table["term"].tolist() == ["age", "age", "old", "years"]
    assert table["reference"].tolist()[:2] == ["55+", "55+"]
    straight = logit(Survey(data, DESIGNS["panel"]), "used ~ age + old + years", effect="marginal")
    np.testing.assert_allclose(table[["estimate", "se"]], straight[["estimate", "se"]], rtol=1e-8)


def test_separation_names_who_and_how_many() -> None:
    data = WAVES.assign(
        north=((WAVES["province"] == "01") & (WAVES["id"] % 2 == 0)).astype(int),
        place=WAVES["province"].eq("01").map({True: "a", False: "b"}),
    )
    with pytest.raises(ModelError, match=r"separation.*place\[T.b\]: 0 yes of \d+"):
        logit(Survey(data, DESIGNS["panel"]), "north ~ place + years")


def test_separation_by_a_number_is_found_too() -> None:
    data = WAVES.assign(late=(WAVES["years"] > 9).astype(int))
    with pytest.raises(ModelError, match="separation"):
        logit(Survey(data, DESIGNS["panel"]), "late ~ years + gender")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("used ~ gender + nope", "no column 'nope'"),
        ("used ~ gender + I(gender == 'male')", "collinear"),
        ("used ~ years + I(years * 2)", "collinear"),
        ("used + gender", "outcome ~ a"),
        ("used ~ 1", "names no term"),
        ("used ~ C(village) * C(district) * C(province)", "degrees of freedom"),
        ("always ~ gender", "does not vary"),
        ("used ~ np.exp(gender)", "cannot be computed"),
        ("used ~ np.log(none)", r"\['np.log\(none\)'\] of the formula .* are not finite for everybody"),
        ("used ~ I(none * years)", r"\['I\(none \* years\)'\] are zero for everybody"),
    ],
)
def test_faults_are_told(formula: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        logit(Survey(WAVES.assign(always=1, none=0.0), DESIGNS["panel"]), formula)


def test_the_degrees_of_freedom_may_be_those_of_the_whole_design() -> None:
    survey = Survey(WAVES.assign(north=(WAVES["province"] < "40").astype(int)), DESIGNS["panel"])
    own, whole = (logit(survey, "used ~ years", domain="north", df=df).iloc[0] for df in ("domain", "design"))
    assert whole[["estimate", "se"]].tolist() == own[["estimate", "se"]].tolist()
    assert whole["df"] == logit(SURVEYS["panel"], "used ~ years")["df"].iloc[0] > own["df"]
    assert whole["df_kind"] == "design"


def test_one_person_far_out_on_the_right_side_is_no_separation() -> None:
    random = np.random.default_rng(4)
    near = pd.DataFrame({"x": random.normal(0, 1, 400), "psu": np.arange(400) // 10})
    near["y"] = (random.random(400) < 1 / (1 + np.exp(-near["x"]))).astype(int)
    far = pd.concat([near, pd.DataFrame({"x": [60.0], "psu": [0], "y": [1]})], ignore_index=True)
    one, other = (logit(Survey(data, Design(psu="psu")), "y ~ x") for data in (near, far))
    np.testing.assert_allclose(other[["estimate", "se"]], one[["estimate", "se"]], rtol=1e-9)


def test_margins_of_a_number_are_means_in_its_own_unit() -> None:
    table = regress(SURVEYS["panel"], "years ~ ethnicity", "linear", effect="predicted")
    means = mean(SURVEYS["panel"], "years", by="ethnicity")
    assert set(table["unit"]) == {"number"}
    np.testing.assert_allclose(table["estimate"], means["estimate"], rtol=1e-9)


def test_a_text_outcome_and_unknown_words_are_refused() -> None:
    with pytest.raises(AnswersError, match="yes"):
        logit(SURVEYS["panel"], "gender ~ years")
    with pytest.raises(ModelError, match="odds ratio"):
        logit(SURVEYS["panel"], "used ~ years", effect="probability")
    with pytest.raises(ModelError, match="delta"):
        logit(SURVEYS["panel"], "used ~ years", effect="marginal", variance="fixed")
    with pytest.raises(ModelError, match=r"C\(years > 5\)"):
        logit(SURVEYS["panel"], "used ~ C(years > 5)", effect="marginal")
    with pytest.raises(ModelError, match="domain"):
        logit(SURVEYS["panel"], "used ~ years", df="many")


def test_a_category_lost_in_a_replicate_is_told() -> None:
    data = WAVES.assign(
        only=((WAVES["province"] == "01") & (WAVES["district"] == 1)).map({True: "x", False: "y"})
    )
    data["only"] = data["only"].where(data["panel"] == "A", "y")
    survey = Survey(data, DESIGNS["jkn"])
    with pytest.raises(ModelError, match=r"replicate \d+"):
        logit(survey, 'used ~ C(only, contr.treatment(base="y"))')


def test_marginal_effects_with_replicates_count_the_people_anew() -> None:
    linear = logit(SURVEYS["panel"], FORMULAS["used"], effect="marginal")
    for variance in ("design", "delta"):
        again = logit(SURVEYS["jkn"], FORMULAS["used"], effect="marginal", variance=variance)
        np.testing.assert_allclose(again["estimate"], linear["estimate"], rtol=1e-9)
        assert (again["se"] / linear["se"]).between(0.95, 1.15).all()


def test_the_survey_is_not_changed() -> None:
    before = WAVES.copy()
    logit(Survey(WAVES, DESIGNS["panel"]), FORMULAS["interaction"], effect="marginal")
    pd.testing.assert_frame_equal(WAVES, before)


@pytest.mark.parametrize("effect", ["odds ratio", "coefficient", "marginal", "term"])
def test_the_unit_follows_the_source(effect: str) -> None:
    table = logit(SURVEYS["panel"], "used ~ gender + years", effect=effect)
    assert list(table.columns).index("unit") == list(table.columns).index("source") + 1


# --------------------------------------------------------------- Poisson and linear models, predictive margins

REGRESSIONS = pd.read_csv(REFERENCE / "regress.csv", comment="#")
REGRESSED = {"used": "used ~ gender + ethnicity + age_group + years", "years": "years ~ ethnicity * urban"}


@pytest.mark.parametrize("name", ["panel", "stages", "jkn"])
@pytest.mark.parametrize("family", ["poisson", "linear"])
@pytest.mark.parametrize("model", list(REGRESSED))
def test_other_families_are_those_of_svyglm(name: str, family: str, model: str) -> None:
    wanted = REGRESSIONS[REGRESSIONS["case"] == f"{family} {model} {name}"]
    table = regress(SURVEYS[name], REGRESSED[model], family, effect="coefficient")
    assert len(table) == len(wanted)
    np.testing.assert_allclose(table["df"], wanted["df"])
    for column, tolerance in (("estimate", 1e-7), ("se", 1e-6)):
        np.testing.assert_allclose(table[column], wanted[column], rtol=tolerance)


@pytest.mark.parametrize("family", ["logit", "poisson", "linear"])
def test_predictive_margins_are_those_of_svypredmeans_and_of_replicates(family: str) -> None:
    formula = "used ~ gender + years + ethnicity"
    for name, case, columns in (("panel", "margin", ["estimate"]), ("jkn", "margin jkn", ["estimate", "se"])):
        table = regress(SURVEYS[name], formula, family, effect="predicted").query("term == 'ethnicity'")
        wanted = REGRESSIONS[REGRESSIONS["case"] == f"{case} {family}"].set_index("key")
        np.testing.assert_allclose(table[columns], wanted.loc[table["category"], columns], rtol=1e-6)
        assert set(table["unit"]) == {"proportion"}


def test_the_error_of_a_margin_is_close_to_that_of_replicates() -> None:
    taylor, jkn = (
        regress(SURVEYS[name], "used ~ gender + ethnicity", "logit", effect="predicted")
        for name in ("panel", "jkn")
    )
    np.testing.assert_allclose(taylor["se"], jkn["se"], rtol=0.05)


def test_the_ratio_of_one_category_is_the_ratio_of_the_rates() -> None:
    row = regress(SURVEYS["panel"], "used ~ ethnicity", "poisson").iloc[0]
    rates = contrast(SURVEYS["panel"], "used", "ethnicity", scale="ratio").iloc[0]
    assert row["estimate"] == pytest.approx(rates["estimate"], rel=1e-9)
    assert row["se"] == pytest.approx(rates["se"], rel=1e-7)
    assert row["unit"] == "ratio"


def test_a_column_of_0_and_1_is_a_category() -> None:
    row = logit(SURVEYS["panel"], "used ~ urban").iloc[0]
    assert (row["category"], row["reference"], row["contrast"]) == ("1", "0", "1 - 0")
    crossed = logit(SURVEYS["panel"], "used ~ urban * ethnicity")
    assert crossed["category"].tolist() == ["1", "other", "1:other"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"family": "probit"}, "family"),
        ({"family": "linear", "effect": "ratio"}, "no ratio"),
        ({"family": "poisson", "effect": "odds ratio"}, "no odds ratio"),
        ({"family": "linear", "effect": "predicted", "formula": "used ~ years"}, "no category"),
        ({"family": "poisson", "formula": "minus ~ gender"}, "negative"),
        ({"family": "poisson", "formula": "used ~ never"}, "separation"),
    ],
)
def test_what_no_model_can_give_is_told(arguments: dict[str, str], message: str) -> None:
    data = WAVES.assign(minus=-1.0 * WAVES["years"], never=(WAVES["used"] == 0) & (WAVES["years"] > 9))
    survey = Survey(data.assign(never=data["never"].map({True: "yes", False: "no"})), SURVEYS["panel"].design)
    with pytest.raises(ModelError, match=message):
        regress(survey, **{"formula": "used ~ gender", **arguments})
