"""Quantiles against R's svyquantile (reference/quantile.R), and by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.design import Design
from portal_analysis.survey.joint import EstimateError
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.quantile import quantile

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "quantile.csv", comment="#")
WAVES = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str})
STAGES = {"psu": ("district", "village"), "fpc": ("n_districts", "n_villages")}
SURVEYS = {
    "panel": Survey(WAVES, Design("weight", "province", "district", panel="panel")),
    "stages": Survey(WAVES, Design("weight", "province", panel="panel", **STAGES)),
    "jkn": Survey(WAVES, Design("weight", "province", "district", panel="panel", replicate_method="JKn")),
}


@pytest.mark.parametrize("case", sorted(ANSWERS["case"].unique()))
def test_quantiles_are_those_of_svyquantile(case: str) -> None:
    name, rule, interval = case.split()
    wanted = ANSWERS[ANSWERS["case"] == case]
    for key, row in wanted.set_index("key").iterrows():
        column, group, p = str(key).split()
        domain = None if group == "all" else f"ethnicity == '{group}'"
        # convention: the df of replicates made here are PSUs less strata, R takes their rank less 1
        df = {"df": row["df"]} if name == "jkn" else {}
        asked: dict[str, Any] = {"domain": domain, "rule": rule, "interval": interval, **df}
        ours = quantile(SURVEYS[name], column, float(p), **asked).iloc[0]
        for stat, theirs in (("estimate", "estimate"), ("ci_low", "low"), ("ci_high", "high"), ("se", "se")):
            np.testing.assert_allclose(ours[stat], row[theirs], rtol=1e-9, err_msg=f"{key} {stat}")


def test_groups_at_once_are_groups_one_by_one() -> None:
    together = quantile(SURVEYS["panel"], ["years", "weight"], [0.25, 0.5], by="ethnicity")
    assert together[["indicator", "quantile", "ethnicity"]].iloc[1].tolist() == ["years", 0.25, "other"]
    for _, row in together.iterrows():
        domain = f"ethnicity == '{row['ethnicity']}'"
        alone = quantile(SURVEYS["panel"], row["indicator"], row["quantile"], domain=domain).iloc[0]
        for stat in ("estimate", "se", "ci_low", "ci_high", "n", "df"):
            assert row[stat] == alone[stat]


def test_a_median_by_hand() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4, np.nan], "w": [1.0, 1, 1, 1, 9]})
    survey = Survey(frame, Design("w"))
    assert quantile(survey, "x")["estimate"].tolist() == [2]
    row = quantile(survey, "x", rule="school").iloc[0]
    assert (row["estimate"], row["n"], row["n_missing"], row["flag"]) == (2.5, 4, 1, "suppress")


def test_a_census_has_a_quantile_without_error() -> None:
    frame = pd.DataFrame({"x": range(1, 12), "w": 1.0, "N": 11})
    row = quantile(Survey(frame, Design("w", fpc="N")), "x").iloc[0]
    assert (row["estimate"], row["se"], row["ci_low"], row["ci_high"], row["flag"]) == (6, 0, 6, 6, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"probabilities": 50}, "between 0 and 1"),
        ({"rule": "hf9"}, "rule"),
        ({"interval": "score"}, "interval"),
    ],
)
def test_what_is_no_quantile_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(EstimateError, match=message):
        quantile(SURVEYS["panel"], "years", **arguments)


def test_who_did_not_answer_gives_neither_rows_nor_degrees_of_freedom() -> None:
    """R leaves them out before it counts: a PSU without an answer is none, and ``beta`` takes the answers for n."""
    frame = WAVES.assign(asked=WAVES["years"].mask((WAVES["district"] == 1) | (WAVES.index % 5 == 0)))
    survey = Survey(frame, Design("weight", "province", "district", panel="panel"))
    told = quantile(survey, "asked", [0.25, 0.5], interval="beta")
    kept = quantile(survey, "asked", [0.25, 0.5], interval="beta", domain=frame["asked"].notna())
    columns = ["estimate", "se", "ci_low", "ci_high", "n", "df"]
    pd.testing.assert_frame_equal(told[columns], kept[columns], rtol=1e-12)
    assert (told["n_missing"] > 0).all()
    assert (told["df"] < quantile(survey, "years", 0.5)["df"].item()).all()
