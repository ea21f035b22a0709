"""Comparisons of any kind against R (reference/contrast.R), and their invariants."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from portal_analysis.shape import domains_of
from portal_analysis.survey.association import association
from portal_analysis.survey.compare import CompareError, contrast, covariance, difference
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import EstimateError, total
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import AnswersError
from portal_analysis.survey.weights import post_stratify

REFERENCE = Path(__file__).parents[1] / "reference"
WAVES = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str})
STAGES = {"psu": ("district", "village"), "fpc": ("n_districts", "n_villages")}
SURVEYS = {
    "panel": Survey(WAVES, Design("weight", "province", "district", panel="panel")),
    "stages": Survey(WAVES, Design("weight", "province", panel="panel", **STAGES)),
    "jkn": Survey(WAVES, Design("weight", "province", "district", panel="panel", replicate_method="JKn")),
}
ANSWERS = pd.read_csv(REFERENCE / "contrast.csv", comment="#").fillna({"key": ""}).set_index(["case", "key"])
LONELY = pd.read_csv(REFERENCE / "lonely.csv").assign(
    n1=12, ssu=lambda t: np.arange(1, len(t) + 1) // 3, n2=9
)


def check(row: pd.Series, case: str, key: str) -> None:
    wanted = ANSWERS.loc[(case, key)]
    estimate, se = row["estimate"], row["se"]
    if row.get("scale") == "ratio":
        estimate, se = np.log(estimate), se / estimate
    np.testing.assert_allclose([estimate, se], wanted[["estimate", "se"]].to_numpy(float), rtol=1e-9)


@pytest.mark.parametrize("name", ["panel", "stages"])
@pytest.mark.parametrize("statistic", ["proportion", "mean", "total"])
@pytest.mark.parametrize(("scale", "word"), [("difference", "difference"), ("ratio", "log ratio")])
def test_two_groups_are_compared_as_in_r(name: str, statistic: str, scale: str, word: str) -> None:
    column = "used" if statistic == "proportion" else "years"
    table = contrast(SURVEYS[name], column, "ethnicity", statistic=statistic, scale=scale)
    check(table.iloc[0], f"{statistic} {word}/{name}", "other - Kinh")


@pytest.mark.parametrize("name", ["panel", "stages"])
def test_ratios_are_compared_as_in_r(name: str) -> None:
    table = contrast(SURVEYS[name], "used", "ethnicity", statistic="ratio", denominator="years")
    check(table.iloc[0], f"ratio difference/{name}", "other - Kinh")


@pytest.mark.parametrize("name", ["panel", "stages"])
def test_the_change_of_a_gap_is_that_of_r(name: str) -> None:
    for scale, word in (("difference", "change of the gap"), ("ratio", "log change of the gap")):
        table = contrast(SURVEYS[name], "used", "ethnicity", "wave", scale=scale)
        assert domains_of(table) == ["wave", "ethnicity"]
        assert table["contrast"].tolist() == [f"other - Kinh, {year} - 2019" for year in (2020, 2021, 2022)]
        check(table.iloc[2], f"{word}/{name}", "2022 - 2019")


def test_two_indicators_are_compared_as_in_r() -> None:
    said = {"profiles a user": {"profile": 1, "used": -1}}
    survey = Survey(WAVES.assign(answered=WAVES["used"].notna().astype(int)), SURVEYS["panel"].design)
    table = contrast(survey, ["used", "profile"], coefficients=said, scale="ratio", domain="answered == 1")
    check(table.iloc[0], "log profile over used/panel", "")
    assert table["indicator"].tolist() == table["contrast"].tolist() == ["profiles a user"]


def test_comparisons_are_computed_with_every_replicate() -> None:
    check(
        contrast(SURVEYS["jkn"], "used", "ethnicity", scale="ratio").iloc[0], "proportion log ratio/jkn", ""
    )
    check(contrast(SURVEYS["jkn"], "used", "ethnicity", "wave").iloc[2], "change of the gap/jkn", "")


@pytest.mark.parametrize("name", ["panel", "stages"])
def test_covariance_is_that_of_r(name: str) -> None:
    ours = covariance(SURVEYS[name], "used", by="wave")
    wanted = ANSWERS.loc[f"covariance/{name}", "estimate"].to_numpy(float).reshape(4, 4)
    np.testing.assert_allclose(ours, wanted, rtol=1e-9, atol=1e-20)
    assert list(ours.index) == list(ours.columns) == [("used", year) for year in range(2019, 2023)]


# ----------------------------------------------------------------------------------------- lonely PSUs, R 4.5


@pytest.mark.parametrize("option", ["adjust", "average", "remove"])
def test_totals_of_lonely_units_are_those_of_r(option: str) -> None:
    survey = Survey(LONELY, Design("w", "stratum", "psu", lonely_psu=option))
    case = f"lonely {option}"
    for column in ("x", "y"):
        check(total(survey, column).iloc[0], case, f"total {column}")
    wald = association(survey, "y", "g", statistic="Wald")["estimate"].iloc[0]
    assert wald == pytest.approx(ANSWERS.loc[(case, "Wald"), "estimate"], rel=1e-9)
    fitted = post_stratify(survey, "g", {"u": 300, "v": 700})
    check(total(fitted, "x").iloc[0], case, "post-stratified")
    check(total(fitted, "x", domain="thin").iloc[0], case, "post-stratified domain")


def test_lonely_units_of_any_stage_are_centred_at_the_mean_of_all() -> None:
    stages = Design("w", "stratum", ("psu", "ssu"), fpc=("n1", "n2"), lonely_psu="adjust")
    survey = Survey(LONELY, stages)
    check(total(survey, "x").iloc[0], "lonely stages", "total x")
    check(total(survey, "x", domain="thin").iloc[0], "lonely stages", "domain")
    spread = covariance(survey, "x", statistic="total").to_numpy()[0, 0]
    assert np.sqrt(spread) == pytest.approx(total(survey, "x")["se"].iloc[0], rel=1e-12)
    everywhere = LONELY.assign(stratum=LONELY["stratum"] + LONELY["psu"].astype(str))
    design = Design("w", "stratum", "psu", lonely_psu="adjust")
    check(total(Survey(everywhere, design), "x", df=3).iloc[0], "lonely everywhere", "total x")


def test_lonely_units_of_the_second_stage_are_centred_within_their_unit_by_hand() -> None:
    """2 of 4 towns, in each of two strata 1 of 5 streets: totals of 2 and 6, and of 1 and 3."""
    frame = pd.DataFrame(
        {"town": [1, 1, 2, 2], "part": list("abab"), "street": 1, "x": [2, 6, 1, 3], "all": "x"}
    )
    stages = Design(None, ("all", "part"), ("town", "street"), fpc=("n1", "n2"), lonely_psu="adjust")
    survey = Survey(frame.assign(n1=4, n2=5), stages)
    towns = (1 - 2 / 4) * 2 * ((8 - 6) ** 2 + (4 - 6) ** 2)
    streets = 2 / 4 * (1 - 1 / 5) * (2**2 + 2**2 + 1**2 + 1**2)
    assert total(survey, "x")["se"].iloc[0] ** 2 == pytest.approx(towns + streets, rel=1e-12)
    assert covariance(survey, "x", statistic="total").to_numpy() == pytest.approx(towns + streets, rel=1e-12)


# ------------------------------------------------------------------------------------------------- invariants


def test_difference_is_a_contrast_of_proportions() -> None:
    one = difference(SURVEYS["stages"], "used", "ethnicity", by="wave")
    other = contrast(SURVEYS["stages"], "used", "ethnicity", by="wave")
    columns = ["estimate", "se", "ci_low", "ci_high", "df", "p_value", "n", "n_missing", "flag"]
    pd.testing.assert_frame_equal(one[columns], other[columns], rtol=1e-12)


def test_own_coefficients_give_what_the_words_give() -> None:
    survey = SURVEYS["panel"]
    change = {("other", 2022): 1, ("Kinh", 2022): -1, ("other", 2019): -1, ("Kinh", 2019): 1}
    own = contrast(survey, "used", ["ethnicity", "wave"], coefficients={"gap": change}, adjust="bh").iloc[0]
    said = contrast(survey, "used", "ethnicity", "wave").iloc[2]
    assert own[["estimate", "se", "df"]].tolist() == pytest.approx(said[["estimate", "se", "df"]].tolist())
    assert own["p_adjusted"] == own["p_value"]


def test_groups_that_share_every_psu_are_not_independent() -> None:
    frame = pd.DataFrame([(p, g, int(i < p)) for p in range(8) for g in "ab" for i in range(8)])
    frame = frame.set_axis(["psu", "g", "y"], axis=1).assign(w=3.0)
    frame["y"] = frame["y"].where(frame.index % 5 > 0, 1 - frame["y"])
    taylor, jkn = (Survey(frame, Design("w", psu="psu", replicate_method=m)) for m in (None, "JK1"))
    row, again = contrast(taylor, "y", "g").iloc[0], contrast(jkn, "y", "g").iloc[0]
    apart = np.sqrt(np.trace(covariance(taylor, "y", by="g").to_numpy()))
    assert row["se"] < 0.6 * apart
    assert row["se"] == pytest.approx(again["se"], rel=1e-9)


@pytest.mark.parametrize("df", ["domain", "design", 12])
def test_a_group_within_one_psu_leaves_a_difference_without_error(df: Any) -> None:
    frame = pd.DataFrame({"psu": np.arange(40) // 5, "y": np.arange(40) % 3 == 0, "w": 2.0})
    survey = Survey(frame.assign(g=frame["psu"] == 0), Design("w", psu="psu"))
    for table in (difference(survey, "y", "g", df=df), contrast(survey, "y", "g", df=df, scale="ratio")):
        assert table["se"].isna().all()
        assert table["flag"].tolist() == ["suppress"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "between="),
        ({"between": "ethnicity", "scale": "log"}, "scale"),
        ({"between": "ethnicity", "reference": "nobody"}, "reference"),
        ({"between": "ethnicity", "by": "ethnicity"}, "one of by"),
        ({"between": ["ethnicity", "wave"]}, "one column"),
        ({"between": "ethnicity", "coefficients": {"a": {"nobody": 1}}}, "nobody"),
        ({"between": "ethnicity", "coefficients": {"a": {"Kinh": "x"}}}, "finite numbers"),
        ({"between": "ethnicity", "coefficients": {}}, "must be such as"),
        (
            {"between": "ethnicity", "coefficients": {"gap": {}}},
            "of 'gap' must be a mapping from groups to numbers",
        ),
        ({"between": "ethnicity", "over": "one"}, r"'one' has \['x'\]: at least two values"),
        ({"between": "ethnicity", "by": "twin"}, r"no cell of \['twin'\] has 'Kinh' and another group"),
        ({"between": "ethnicity", "over": "wave", "coefficients": {"a": {"Kinh": 1}}}, "over="),
        ({"coefficients": {"a": {"profile": 1}}}, "profile"),
        ({"between": "ethnicity", "statistic": "median"}, "statistic"),
        ({"between": "ethnicity", "statistic": "ratio"}, "denominator"),
        ({"between": "ethnicity", "adjust": "none"}, "adjust"),
        ({"between": "ethnicity", "level": 2}, "level"),
    ],
)
def test_what_cannot_be_compared_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((CompareError, EstimateError, AnswersError), match=message):
        contrast(
            Survey(WAVES.assign(one="x", twin=WAVES["ethnicity"]), SURVEYS["panel"].design),
            "used",
            **arguments,
        )


def test_a_change_is_told_only_where_both_groups_are_in_both_waves() -> None:
    lost = (WAVES["ethnicity"] == "other") & (WAVES["wave"] == 2021)
    survey = Survey(WAVES.assign(ethnicity=WAVES["ethnicity"].mask(lost)), SURVEYS["panel"].design)
    found = contrast(survey, "used", "ethnicity", "wave")
    whole = contrast(SURVEYS["panel"], "used", "ethnicity", "wave")
    assert found["wave"].tolist() == [2020, 2022]
    numbers = ["estimate", "se", "df"]
    pd.testing.assert_frame_equal(
        found[numbers], whole.loc[whole["wave"] != 2021, numbers].reset_index(drop=True), rtol=1e-9
    )


def test_a_rate_of_zero_has_no_ratio() -> None:
    frame = pd.DataFrame({"y": [0, 0, 0, 0, 1, 0, 1, 1], "g": ["a"] * 4 + ["b"] * 4, "w": 2.0})
    row = contrast(Survey(frame, Design("w")), "y", "g", scale="ratio").iloc[0]
    assert np.isnan(row["estimate"])
    assert row["flag"] == "suppress"
