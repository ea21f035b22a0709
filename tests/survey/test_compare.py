"""Differences, trends and tests of association against R (reference/compare.R), and their invariants."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal_analysis.inference import adjusted
from portal_analysis.shape import VALUE_COLUMNS, has_flag
from portal_analysis.survey.association import STATISTICS, association
from portal_analysis.survey.compare import CompareError, covariance, difference, trend
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import proportion
from portal_analysis.survey.joint import EstimateError
from portal_analysis.survey.microdata import Survey

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "compare.csv", comment="#").rename(
    columns={"low": "ci_low", "high": "ci_high"}
)
WAVES = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str}).assign(
    province_wave=lambda table: table["province"] + table["wave"].astype(str)
)
DESIGNS = {
    "panel": Design("weight", "province", "district", panel="panel"),
    "independent": Design("weight", "province_wave", "district"),
    "stages": Design(
        "weight", "province", ("district", "village"), fpc=("n_districts", "n_villages"), panel="panel"
    ),
    "jkn": Design("weight", "province", "district", panel="panel", replicate_method="JKn"),
}
SURVEYS = {name: Survey(WAVES, design) for name, design in DESIGNS.items()}
T_COLUMNS = ("estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high")


def check(
    table: pd.DataFrame, case: str, columns: tuple[str, ...] = T_COLUMNS, tolerance: float = 1e-9
) -> None:
    wanted = ANSWERS[ANSWERS["case"] == case]
    assert len(wanted) == len(table) > 0
    for column in columns:
        np.testing.assert_allclose(
            table[column].to_numpy(float),
            wanted[column].to_numpy(float),
            rtol=tolerance,
            err_msg=f"{case} {column}",
        )


def logged(table: pd.DataFrame) -> pd.DataFrame:
    ends = {name: np.log(table[name]) for name in ("estimate", "ci_low", "ci_high")}
    return table.assign(**ends, se=table["se"] / table["estimate"])


# ------------------------------------------------------------------------------------------- difference, R


@pytest.mark.parametrize("name", ["panel", "stages"])
def test_difference_is_that_of_r(name: str) -> None:
    survey = SURVEYS[name]
    check(difference(survey, "used", "ethnicity"), f"ethnicity/{name}")
    check(difference(survey, "used", "ethnicity", by="wave"), f"ethnicity by wave/{name}")
    check(difference(survey, "used", "ethnicity", domain="urban"), f"ethnicity in urban/{name}")


@pytest.mark.parametrize("name", ["panel", "stages"])
def test_waves_that_share_districts_have_their_covariance(name: str) -> None:
    check(difference(SURVEYS[name], "used", "wave"), f"wave/{name}")


def test_waves_with_shared_districts_are_not_taken_as_independent() -> None:
    right = difference(SURVEYS["panel"], "used", "wave").iloc[0]
    wrong = ANSWERS[ANSWERS["case"] == "wave/independent"].iloc[0]
    assert right["estimate"] == pytest.approx(wrong["estimate"], rel=1e-9)
    assert wrong["se"] / right["se"] > 1.1  # 0.0755 for 0.0679
    assert right["df"] == wrong["df"] / 2
    asked_for = difference(SURVEYS["independent"], "used", "wave").iloc[:1]
    check(asked_for, "wave/independent")


def test_a_panel_divides_the_strata() -> None:
    crossed = Survey(
        WAVES.assign(stratum=WAVES["province"] + WAVES["panel"]), Design("weight", "stratum", "district")
    )
    table = difference(crossed, "used", "wave")
    pd.testing.assert_frame_equal(table, difference(SURVEYS["panel"], "used", "wave"), rtol=1e-12)
    pooled = difference(Survey(WAVES, Design("weight", "province", "district")), "used", "wave")
    assert (pooled["df"] < table["df"]).any()  # districts of different draws with one label taken as one


def test_all_pairs_and_holm_are_those_of_r() -> None:
    table = difference(SURVEYS["panel"], "used", "age_group", pairs="all", adjust="holm")
    check(table, "age pairs/panel")
    wanted = ANSWERS.loc[ANSWERS["case"] == "age pairs holm/panel", "p_value"]
    np.testing.assert_allclose(table["p_adjusted"], wanted, rtol=1e-9)
    assert table["contrast"].tolist() == ["35-54 - 18-34", "55+ - 18-34", "55+ - 35-54"]


def test_difference_is_svycontrast_of_svyby() -> None:
    check(difference(SURVEYS["panel"], "profile", "ethnicity"), "profile ethnicity/svyby")


def test_difference_of_replicates_is_that_of_r() -> None:
    check(difference(SURVEYS["jkn"], "used", "ethnicity"), "ethnicity/jkn")


@pytest.mark.parametrize("kind", ["BRR", "Fay", "JK1", "JKn", "bootstrap"])
def test_difference_with_replicates_of_a_file(kind: str) -> None:
    data = pd.read_csv(REFERENCE / "paired_replicates.csv")
    extra: dict[str, object] = {"Fay": {"rho": 0.3}, "JKn": {"scale": 1.0, "rscales": 0.5}}.get(kind, {})
    survey = Survey(data, Design("w", replicates=f"{kind}_", replicate_method=kind, **extra))
    check(difference(survey, "y", "sex"), f"replicates/{kind}")


@pytest.mark.parametrize("option", ["adjust", "average", "remove", "certainty"])
def test_difference_over_strata_of_one_psu(option: str) -> None:
    data = pd.read_csv(REFERENCE / "lonely.csv")
    survey = Survey(data, Design("w", "stratum", "psu", lonely_psu=option))
    check(difference(survey, "y", "g"), f"lonely/{option}")


# --------------------------------------------------------------------------------- difference, invariants


def test_difference_agrees_with_the_joint_covariance() -> None:
    both = covariance(SURVEYS["stages"], "used", by="wave").to_numpy()
    apart = np.zeros(4)
    apart[[2, 0]] = 1, -1
    row = difference(SURVEYS["stages"], "used", "wave").query("wave == 2021").iloc[0]
    assert row["se"] == pytest.approx(float(np.sqrt(apart @ both @ apart)), rel=1e-9)


def test_difference_is_of_the_proportions_and_antisymmetric() -> None:
    shares = proportion(SURVEYS["panel"], "used", by="ethnicity").set_index("ethnicity")["estimate"]
    one = difference(SURVEYS["panel"], "used", "ethnicity", reference="Kinh").iloc[0]
    other = difference(SURVEYS["panel"], "used", "ethnicity", reference="other").iloc[0]
    assert one["estimate"] == pytest.approx(shares["other"] - shares["Kinh"], rel=1e-12)
    assert one["proportion"] == pytest.approx(shares["other"], rel=1e-12)
    assert (one["estimate"], one["ci_low"], one["ci_high"]) == pytest.approx(
        (-other["estimate"], -other["ci_high"], -other["ci_low"]), rel=1e-12
    )
    assert (one["se"], one["p_value"]) == pytest.approx((other["se"], other["p_value"]), rel=1e-12)


def twins() -> pd.DataFrame:
    """Two groups with the same answers in the same districts: whatever one does, the other does."""
    one = WAVES[["province", "panel", "district", "weight", "used"]]
    return pd.concat([one.assign(group="a"), one.assign(group="b")], ignore_index=True)


def test_difference_with_itself_is_zero_without_error() -> None:
    row = difference(Survey(twins(), DESIGNS["panel"]), "used", "group").iloc[0]
    assert row["estimate"] == pytest.approx(0, abs=1e-15)
    assert row["se"] == pytest.approx(0, abs=1e-15)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 1000), st.sampled_from([0.1, 10.0, 3.7]))
def test_order_of_rows_and_size_of_weights_do_not_matter(seed: int, factor: float) -> None:
    shuffled = WAVES.sample(frac=1, random_state=seed).assign(weight=lambda t: t["weight"] * factor)
    for name in ("panel", "stages"):
        survey = Survey(shuffled, DESIGNS[name])
        for made, base in (
            (difference(survey, "used", "wave"), difference(SURVEYS[name], "used", "wave")),
            (trend(survey, "used", method="logit"), trend(SURVEYS[name], "used", method="logit")),
            (association(survey, "used", "age_group"), association(SURVEYS[name], "used", "age_group")),
        ):
            columns = ["estimate", "se", "p_value", "df", "n"]
            pd.testing.assert_frame_equal(made[columns], base[columns], rtol=1e-8, atol=1e-12)


def test_domain_keeps_the_psus_that_a_filter_would_lose() -> None:
    only = WAVES.assign(odd=((WAVES["district"] <= 2) & (WAVES["ethnicity"] == "other")).astype(int))
    kept = difference(Survey(only, DESIGNS["panel"]), "used", "gender", domain="odd").iloc[0]
    design = replace(DESIGNS["panel"], lonely_psu="remove")  # without it the filter's loss is an error
    dropped = difference(Survey(only[only["odd"] == 1], design), "used", "gender").iloc[0]
    assert kept["estimate"] == pytest.approx(dropped["estimate"], rel=1e-12)
    assert abs(kept["se"] / dropped["se"] - 1) > 0.01


def test_missing_answers_stay_in_the_design_and_are_counted() -> None:
    coded = WAVES.assign(used=WAVES["used"].fillna(888))
    survey = Survey(coded, DESIGNS["panel"], missing={"used": (888, 999)})
    table = difference(survey, "used", "ethnicity")
    check(table, "ethnicity/panel")
    assert table["n_missing"].sum() == WAVES["used"].isna().sum()


def test_several_indicators_and_by_are_laid_out_as_estimates() -> None:
    before = WAVES.copy()
    survey = Survey(WAVES, DESIGNS["panel"], source="here", simulated=True)
    table = difference(survey, ["used", "profile"], "wave", by=["gender", "urban"], reference=2020)
    assert list(table.columns[:4]) == ["indicator", "gender", "urban", "wave"]
    assert list(table.columns[4:13]) == list(VALUE_COLUMNS)
    assert len(table) == 2 * 4 * 3
    assert set(table["unit"]) == {"points"}
    assert set(table["source"]) == {"here"}
    assert has_flag(table, "simulated").all()
    pd.testing.assert_frame_equal(WAVES, before)
    cell = WAVES.assign(inside=((WAVES["gender"] == "male") & (WAVES["urban"] == 1)).astype(int))
    alone = difference(Survey(cell, DESIGNS["panel"]), "used", "wave", domain="inside", reference=2020)
    within = table[(table["indicator"] == "used") & (table["gender"] == "male") & (table["urban"] == 1)]
    np.testing.assert_allclose(within[["estimate", "se", "df"]], alone[["estimate", "se", "df"]], rtol=1e-10)


def test_no_error_is_flagged_not_hidden() -> None:
    data = WAVES.assign(never=0)
    row = difference(Survey(data, DESIGNS["panel"]), "never", "ethnicity").iloc[0]
    assert row["flag"] == "suppress"
    assert np.isnan(row["ci_low"])
    assert np.isnan(row["p_value"])


def test_few_psus_are_flagged_for_review() -> None:
    table = difference(SURVEYS["panel"], "used", "gender", by="province")
    assert has_flag(table, "review").tolist() == [free < 8 for free in table["df"]]
    assert has_flag(table, "review").any()


def test_degrees_of_freedom_are_named() -> None:
    designed = difference(SURVEYS["panel"], "used", "gender", by="province", df="design")
    given = difference(SURVEYS["panel"], "used", "gender", df=12)
    assert set(designed["df"]) == {30.0}
    assert set(designed["df_kind"]) == {"design"}
    assert (given["df"].iloc[0], given["df_kind"].iloc[0]) == (12.0, "given")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"between": "gender", "reference": "x"}, "not a group of 'gender'"),
        ({"between": "gender", "by": "gender"}, "by and in between"),
        ({"between": "gender", "pairs": "some"}, "reference"),
        ({"between": "gender", "adjust": "bonferroni"}, "holm"),
        ({"between": "gender", "domain": "men", "by": None}, "at least two"),
        ({"between": "gender", "df": "many"}, "design"),
    ],
)
def test_difference_says_what_is_wrong(arguments: dict, message: str) -> None:
    men = WAVES.assign(men=(WAVES["gender"] == "male").astype(int))
    with pytest.raises((CompareError, EstimateError), match=message):
        difference(Survey(men, DESIGNS["panel"]), "used", **arguments)


def test_holm_by_hand() -> None:
    p = np.array([0.01, np.nan, 0.04, 0.03])
    np.testing.assert_allclose(adjusted(p, "holm"), [0.03, np.nan, 0.06, 0.06])
    np.testing.assert_allclose(adjusted(p, "bh"), [0.03, np.nan, 0.04, 0.04])


# --------------------------------------------------------------------------------------------------- trend


@pytest.mark.parametrize("name", ["panel", "stages", "independent", "jkn"])
def test_linear_trend_is_svyglm_gaussian(name: str) -> None:
    check(trend(SURVEYS[name], ["used", "profile"]), f"linear/{name}")


@pytest.mark.parametrize("name", ["panel", "stages", "independent", "jkn"])
def test_logit_trend_is_svyglm_quasibinomial(name: str) -> None:
    table = trend(SURVEYS[name], ["used", "profile"], method="logit")
    assert set(table["unit"]) == {"odds ratio"}
    check(logged(table), f"logit/{name}", tolerance=1e-6)


@pytest.mark.parametrize("name", ["panel", "stages"])
def test_contrast_trend_is_svycontrast(name: str) -> None:
    check(trend(SURVEYS[name], "used", method="contrast"), f"contrast/{name}")


def test_trend_by_groups_and_in_a_domain() -> None:
    check(trend(SURVEYS["panel"], "used", by="ethnicity"), "linear by ethnicity/panel")
    by_logit = trend(SURVEYS["panel"], "used", by="ethnicity", method="logit")
    check(logged(by_logit), "logit by ethnicity/panel", tolerance=1e-6)
    check(trend(SURVEYS["panel"], "used", domain="urban"), "linear in urban/panel")


def test_trend_does_not_take_waves_as_independent() -> None:
    right, wrong = (trend(SURVEYS[name], "used")["se"].iloc[0] for name in ("panel", "independent"))
    assert abs(right / wrong - 1) > 0.05


def test_trend_over_two_waves_is_their_difference() -> None:
    two = Survey(WAVES.assign(first=(WAVES["wave"] <= 2020).astype(int)), DESIGNS["panel"])
    apart = difference(two, "used", "wave", domain="first").iloc[0]
    for method in ("linear", "contrast"):
        slope = trend(two, "used", domain="first", method=method).iloc[0]
        assert (slope["estimate"], slope["se"]) == pytest.approx((apart["estimate"], apart["se"]), rel=1e-9)
        assert slope["period"] == "2019/2020"


def test_slope_that_does_not_exist_is_flagged() -> None:
    never = WAVES.assign(rare=((WAVES["province"] == "01") & (WAVES["id"] % 3 == 0)).astype(int))
    table = trend(Survey(never, DESIGNS["panel"]), "rare", by="province", method="logit")
    alone = table["province"] == "01"
    assert table.loc[alone, "estimate"].notna().all()
    assert table.loc[~alone, "estimate"].isna().all()
    assert has_flag(table, "suppress").tolist() == (~alone).tolist()


def test_a_rate_that_leaves_zero_in_the_last_wave_has_no_finite_odds_ratio() -> None:
    late = WAVES.assign(late=WAVES["used"].where(WAVES["wave"] == WAVES["wave"].max(), 0))
    row = trend(Survey(late, DESIGNS["panel"]), "late", method="logit").iloc[0]
    assert np.isnan(row["estimate"])
    assert row["flag"] == "suppress"
    assert trend(Survey(late, DESIGNS["panel"]), "late")["estimate"].iloc[0] > 0


def test_rates_that_rise_from_nobody_to_everybody_have_no_finite_odds_ratio() -> None:
    """Ten groups of 11 people a wave; 1 to 10 of them say yes in the middle one."""
    cells = [(g, wave, i) for g in range(1, 11) for wave in (1, 2, 3) for i in range(11)]
    frame = pd.DataFrame(cells, columns=["g", "wave", "psu"])
    frame["y"] = ((frame["wave"] == 3) | ((frame["wave"] == 2) & (frame["psu"] < frame["g"]))).astype(int)
    survey = Survey(frame, Design(psu="psu"))
    assert trend(survey, "y", by="g", method="logit")["estimate"].isna().all()
    assert trend(survey, "y", by="g")["estimate"].to_numpy() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"over": "gender"}, "numbers"),
        ({"over": "one"}, "at least two"),
        ({"over": "wave", "by": "wave"}, "by and in over"),
        ({"over": "wave", "method": "quadratic"}, "contrast"),
    ],
)
def test_trend_says_what_is_wrong(arguments: dict, message: str) -> None:
    with pytest.raises(CompareError, match=message):
        trend(Survey(WAVES.assign(one=1), DESIGNS["panel"]), "used", **arguments)


# --------------------------------------------------------------------------------------------- association


def asked(survey: Survey, row: str, column: str, statistic: str, **more: str) -> pd.DataFrame:
    table = association(survey, row, column, statistic=statistic, **more)
    return table.assign(statistic=table["estimate"])


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("name", ["panel", "stages", "jkn"])
def test_association_is_svychisq(name: str, statistic: str) -> None:
    survey = SURVEYS[name]
    tables = [asked(survey, "profile", column, statistic) for column in ("ethnicity", "age_group")]
    if statistic == "F":
        tables.append(asked(survey, "age_group", "province", statistic))
    columns = ("statistic", "ndf", "p_value") + (() if statistic == "Chisq" else ("df",))
    check(pd.concat(tables), f"association {statistic}/{name}", columns)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_association_in_a_domain_with_missing_answers(statistic: str) -> None:
    table = asked(SURVEYS["panel"], "used", "age_group", statistic, domain="urban")
    check(table, f"association {statistic}/panel urban", ("statistic", "ndf", "p_value"))


def test_association_is_the_same_either_way_round() -> None:
    one = association(SURVEYS["stages"], "used", "age_group").iloc[0]
    other = association(SURVEYS["stages"], "age_group", "used").iloc[0]
    assert one["p_value"] == pytest.approx(other["p_value"], rel=1e-9)


def test_association_by_cells_flags_what_has_no_table() -> None:
    here = WAVES.assign(here=((WAVES["province"] == "01") & (WAVES["id"] % 3 == 0)).astype(int))
    table = association(Survey(here, DESIGNS["panel"]), "here", "gender", by="province")
    assert table["p_value"].notna().tolist() == [True, False, False, False, False]
    assert has_flag(table, "suppress").tolist() == [False, True, True, True, True]
    with pytest.raises(CompareError, match="at least 2 x 2"):
        association(Survey(here.assign(one=1), DESIGNS["panel"]), "one", "gender")


def test_the_unit_follows_the_source() -> None:
    survey = SURVEYS["panel"]
    for table in (
        difference(survey, "used", "wave"),
        trend(survey, "used", by="gender"),
        association(survey, "used", "gender"),
    ):
        assert list(table.columns).index("unit") == list(table.columns).index("source") + 1
