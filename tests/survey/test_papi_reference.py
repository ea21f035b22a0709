"""The simulated survey's rates, errors, design effects, intervals and model, against R's survey package."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from portal_analysis.survey.estimate import proportion
from portal_analysis.survey.model import logit
from portal_analysis.survey.readers import load_survey

ITEMS = ["internet_home", "online_news", "npsp_use", "npsp_profile", "npsp_procedure", "pesp_use"]


@pytest.fixture(scope="module")
def answers():
    path = Path(__file__).resolve().parents[1] / "reference" / "papi_answers.csv"
    return pd.read_csv(path, dtype={"domain": str}).set_index(["what", "item", "domain"])["value"]


@pytest.fixture(scope="module")
def papi():
    return load_survey("papi-simulated")


def told(answers, what, table, domain):
    keys = [(what, row["indicator"], str(row[domain])) for row in table.to_dict("records")]
    return answers.loc[keys].to_numpy(float)


def test_rates_errors_and_design_effects_by_wave(answers, papi):
    table = proportion(papi, ITEMS, by="wave")
    assert len(table) == 30
    assert table["estimate"].to_numpy() == pytest.approx(told(answers, "wave", table, "wave"), rel=1e-9)
    assert table["se"].to_numpy() == pytest.approx(told(answers, "wave_se", table, "wave"), rel=1e-9)
    assert table["deff"].to_numpy() == pytest.approx(told(answers, "wave_deff", table, "wave"), rel=1e-9)


def test_rates_and_errors_by_province(answers, papi):
    table = proportion(papi, ITEMS, by=["wave", "province"])
    table = table[table["wave"] == 2022]
    assert len(table) == 378
    assert table["estimate"].to_numpy() == pytest.approx(
        told(answers, "province", table, "province"), rel=1e-9
    )
    assert table["se"].to_numpy() == pytest.approx(told(answers, "province_se", table, "province"), rel=1e-9)


# For beta, R takes a t quantile with the rows of the whole file as degrees of freedom, also inside a subset; ours takes
# those of the domain: 85,112 against some 16,000, a difference in the seventh digit.
@pytest.mark.parametrize(("interval", "tolerance"), [("beta", 1e-6), ("xlogit", 1e-9), ("asin", 1e-9)])
def test_intervals_of_rare_answers(answers, papi, interval, tolerance):
    table = proportion(papi, ITEMS, by="wave", interval=interval)
    table = table[table["wave"] == 2022]
    assert len(table) == 6
    for limit in ("low", "high"):
        expected = told(answers, f"{interval}_{limit}", table, "wave")
        assert table[f"ci_{limit}"].to_numpy() == pytest.approx(expected, rel=tolerance)


def test_the_model(answers, papi):
    papi_2022 = load_survey("papi-simulated", wave=2022)
    table = logit(papi_2022, "npsp_use ~ sex + ethnicity", effect="coefficient")
    ours = {
        f"{row['term']}{row['category']}": row
        for row in table.to_dict("records")
        if row["term"] in ("sex", "ethnicity")
    }
    assert set(ours) == {"sexmale", "ethnicityother"}
    for name, row in ours.items():
        assert row["estimate"] == pytest.approx(answers[("logit", "npsp_use", name)], rel=1e-6)
        assert row["se"] == pytest.approx(answers[("logit_se", "npsp_use", name)], rel=1e-6)
