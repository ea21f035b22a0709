"""Standardised rates against R's svystandardize (reference/standardise.R), and their invariants."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.compare import CompareError, difference
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import EstimateError, proportion
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.standardise import standardise

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "standardise.csv", comment="#").fillna({"key": ""})
ANSWERS = ANSWERS.set_index(["case", "key"])
WAVES = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str})
SURVEYS = {
    "panel": Survey(WAVES, Design("weight", "province", "district", panel="panel")),
    "stages": Survey(
        WAVES,
        Design(
            "weight", "province", ("district", "village"), fpc=("n_districts", "n_villages"), panel="panel"
        ),
    ),
    "jkn": Survey(WAVES, Design("weight", "province", "district", panel="panel", replicate_method="JKn")),
}
SHARES = {"18-34": 0.5, "35-54": 0.3, "55+": 0.2}
NUMBERS = ["estimate", "se"]


def wanted(case: str, key: str) -> np.ndarray:
    return ANSWERS.loc[(case, key), NUMBERS].to_numpy(float)


@pytest.mark.parametrize("name", list(SURVEYS))
@pytest.mark.parametrize(("item", "statistic"), [("used", "proportion"), ("years", "mean")])
def test_rates_are_those_of_svystandardize(name: str, item: str, statistic: str) -> None:
    asked: dict[str, Any] = {"population": SHARES, "by": "ethnicity", "statistic": statistic}
    table = standardise(SURVEYS[name], item, "age_group", **asked).set_index("ethnicity")
    for group in ("Kinh", "other"):
        np.testing.assert_allclose(
            table.loc[group, NUMBERS].astype(float), wanted(f"{item}/{name}", group), rtol=1e-9
        )
    gap = standardise(SURVEYS[name], item, "age_group", reference="Kinh", **asked).iloc[0]
    np.testing.assert_allclose(gap[NUMBERS].astype(float), wanted(f"{item} gap/{name}", "other"), rtol=1e-9)


@pytest.mark.parametrize("name", list(SURVEYS))
def test_everybody_in_several_columns_is_that_of_svystandardize(name: str) -> None:
    cells = WAVES[["age_group", "gender"]].drop_duplicates().assign(size=7)
    row = standardise(SURVEYS[name], "used", ["age_group", "gender"], population=cells).iloc[0]
    np.testing.assert_allclose(row[NUMBERS].astype(float), wanted(f"everybody/{name}", ""), rtol=1e-9)


@pytest.mark.parametrize("name", list(SURVEYS))
def test_a_group_standardised_to_itself_has_its_crude_rate(name: str) -> None:
    known = Survey(WAVES.dropna(subset="used"), SURVEYS[name].design)
    one = {"domain": "ethnicity == 'other'"}
    row, crude = (
        standardise(known, "used", "age_group", **one).iloc[0],
        proportion(known, "used", **one).iloc[0],
    )
    for column in ("estimate", "se", "df", "n"):
        assert row[column] == pytest.approx(crude[column], rel=1e-9)
    assert row["crude"] == pytest.approx(crude["estimate"], rel=1e-12)


def test_the_adjusted_gap_stands_beside_the_crude_one() -> None:
    row = standardise(SURVEYS["panel"], "used", "age_group", by="ethnicity", reference="Kinh").iloc[0]
    assert row["crude"] == pytest.approx(
        difference(SURVEYS["panel"], "used", "ethnicity")["estimate"].iloc[0]
    )
    assert row["unit"] == "points"


def test_another_wave_may_be_the_standard_and_has_an_error_of_its_own() -> None:
    survey, year = SURVEYS["panel"], WAVES[WAVES["wave"] == 2019]
    sizes = year.groupby("age_group")["weight"].sum()
    estimated = standardise(survey, "used", "age_group", "wave == 2019", by="wave")
    fixed = standardise(survey, "used", "age_group", sizes, by="wave")
    np.testing.assert_allclose(estimated["estimate"], fixed["estimate"], rtol=1e-12)
    assert (abs(estimated["se"] / fixed["se"] - 1) > 1e-6).any()
    assert estimated["standard"].unique().tolist() == ["wave == 2019"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"population": {"18-34": 1, "nobody": 1}}, "nobody"),
        ({"population": {"18-34": -1}}, "not negative"),
        ({"population": 5}, "mapping"),
        ({"population": "wave == 1066"}, "no member"),
        ({"by": "age_group"}, "one of by and over"),
        ({"by": "ethnicity", "reference": "x"}, "reference"),
        ({"reference": "Kinh"}, "by="),
        ({"statistic": "total"}, "statistic"),
        ({"level": 0}, "level"),
    ],
)
def test_what_cannot_be_standardised_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((CompareError, EstimateError, ValueError), match=message):
        standardise(SURVEYS["panel"], "used", "age_group", **arguments)


def test_a_group_without_people_in_a_cell_is_named() -> None:
    frame = pd.DataFrame({"y": [1, 0, 1, 0, 1], "a": ["x", "y", "x", "y", "x"], "g": list("ppqqr"), "w": 2.0})
    with pytest.raises(CompareError, match="'r', 'y'"):
        standardise(Survey(frame, Design("w")), "y", "a", by="g")
