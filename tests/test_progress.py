"""Targets: the confidence that they are met, and the rise they need, against R's confint and paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import portal_analysis as pa
from portal_analysis.progress import TargetError, end_of, targets
from portal_analysis.shape import add_flag, estimates


def rates(**change) -> pd.DataFrame:
    rows = {
        "indicator": "npsp_use",
        "wave": [2020, 2022],
        "estimate": [0.04, 0.05],
        "se": [0.003, 0.004],
        "n": [14732, 16117],
        "df": 200.0,
        "unit": "proportion",
        "source": "own",
    }
    return estimates(pd.DataFrame(rows | change), ["wave"])


def of(table: pd.DataFrame, quantity: str) -> pd.Series:
    return table[table["quantity"] == quantity].iloc[0]


def published(*names: str) -> pd.DataFrame:
    table = pa.load_published("egov-figures")
    return table[table["indicator"].isin(names)]


def test_the_last_time_counts_and_the_rise_is_arithmetic():
    found = targets(rates(), 0.08, due=2025)
    assert found["wave"].eq(2022).all()
    rise = of(found, "needed rise")
    assert rise["estimate"] == pytest.approx(0.03 / 3)
    assert rise["se"] == pytest.approx(0.004 / 3)
    assert rise["ci_high"] == pytest.approx(0.01 + stats.t.ppf(0.975, 200) * 0.004 / 3)
    gap = of(found, "gap")
    assert [gap["estimate"], gap["se"]] == pytest.approx([-0.03, 0.004])
    assert rise["years"] == 3


def test_the_confidence_is_the_share_of_samples_that_would_be_so_low():
    """An end of the survey's own logit interval is met with the confidence of that end: R's svyciprop as judge."""
    papi = pa.load_survey("papi-simulated", wave=2022)
    told = pa.proportion(papi, "npsp_use", interval="logit", level=0.9)
    for end, confidence in (("ci_low", 0.95), ("ci_high", 0.05)):
        found = targets(told, float(told[end].iloc[0]), due=2022)
        assert of(found, "met")["estimate"] == pytest.approx(confidence, abs=1e-9)
    assert of(targets(told, float(told["estimate"].iloc[0]), due=2022), "met")["estimate"] == pytest.approx(
        0.5
    )


def test_what_is_due_needs_no_rise():
    found = targets(rates(), 0.02, due=2022)
    rise = of(found, "needed rise")
    assert np.isnan(rise["estimate"])
    assert rise["note"] == "due"
    assert of(found, "met")["estimate"] > 0.999
    assert of(found, "gap")["estimate"] == pytest.approx(0.03)


def test_the_published_target_is_held_against_the_published_series():
    found = targets(published("mic_dossiers_online"), published("ncdt_target_dossiers_online"))
    assert (
        found["period"].eq("2022-01-01/2022-09-30").all()
    )  # the last before it was due, not the last of all
    assert of(found, "gap")["estimate"] == pytest.approx(0.432 - 0.5)
    met = of(found, "met")
    assert np.isnan(met["estimate"])
    assert met["note"] == "no-error"
    assert met["flag"] == "not measured"
    assert of(found, "needed rise")["estimate"] == pytest.approx(0.068 / (1 - 273 / 365))
    assert "definition unknown" not in "".join(found["flag"])


def test_persons_are_not_held_against_dossiers():
    papi = pa.load_survey("papi-simulated", wave=2022)
    for name, counts in (
        ("ncdt_target_dossiers_online", "dossiers"),
        ("ncdt_target_services_with_dossiers", "services"),
    ):
        with pytest.raises(TargetError, match=f"counts persons, the target '{name}' {counts}"):
            targets(pa.proportion(papi, "npsp_use"), published(name))
    with pytest.raises(TargetError, match="counts services, the target"):
        targets(published("mic_services_with_dossiers"), published("ncdt_target_dossiers_online"))


def test_a_target_of_another_or_no_definition_is_flagged():
    other = targets(published("full_process_dossiers").head(1), published("ncdt_target_dossiers_online"))
    assert other["flag"].str.contains("definition unknown").all()
    none = targets(published("mic_services_with_dossiers"), published("ncdt_target_services_with_dossiers"))
    assert none["flag"].str.contains("definition unknown").all()


def test_the_rise_that_was_seen_comes_from_the_trend():
    papi = pa.load_survey("papi-simulated")
    told = pa.proportion(papi, "npsp_use", by=["wave", "sex"])
    slope = pa.trend(papi, "npsp_use", by="sex")
    found = targets(told, 0.2, due=2030, seen=slope)
    seen = found[found["quantity"] == "seen rise"].set_index("sex")
    assert seen.loc["female", "estimate"] == slope.set_index("sex").loc["female", "estimate"]
    assert found["flag"].str.contains("simulated").all()
    text = pa.describe(found[found["sex"] == "female"])
    assert "target of 20%" in text
    assert "percentage points a year" in text
    assert "2020–2024" in text
    with pytest.raises(TargetError, match="over the same series"):
        targets(told, 0.2, due=2030, seen=pa.trend(papi, "pesp_use"))


def test_withheld_and_empty_rates_tell_nothing():
    found = targets(add_flag(rates(), "suppress"), 0.1, due=2025)
    assert found["estimate"].isna().all()
    assert found["flag"].eq("suppress").all()
    nobody = targets(rates(estimate=[0.0, 0.0], se=[0.0, 0.0]), 0.1, due=2025)
    assert np.isnan(of(nobody, "met")["estimate"])
    assert of(nobody, "met")["note"] == "no-error"


@pytest.mark.parametrize(
    ("table", "arguments", "words"),
    [
        (rates(), {"target": 80, "due": 2025}, "80 per cent are 0.8"),
        (rates(), {"target": 0.8}, "say with due="),
        (rates(), {"target": 0.8, "due": 2025, "level": 95}, "level"),
        (rates(unit="points"), {"target": 0.8, "due": 2025}, "targets are of shares"),
        (estimates(rates().drop(columns="wave")), {"target": 0.8, "due": 2025}, "needs a time"),
        (rates(), {"target": published("mic_dossiers_online"), "due": 2025}, "no row flagged 'target'"),
        (rates(estimate=[np.nan, np.nan]), {"target": 0.8, "due": 2025}, "no estimate"),
        (rates(wave=["spring", "autumn"]), {"target": 0.8, "due": 2025}, "no year, month or period"),
    ],
)
def test_bad_input_is_told(table, arguments, words):
    with pytest.raises(TargetError, match=words):
        targets(table, **arguments)


@pytest.mark.parametrize(
    ("time", "end"),
    [
        *((2022, 2023.0), ("2022", 2023.0), (2022.0, 2023.0)),
        *(("2024-07", 2024 + 213 / 366), ("2022-01-01/2022-06-30", 2022 + 181 / 365)),
    ],
)  # fmt: skip
def test_times_end_where_they_end(time, end):
    assert end_of(time) == pytest.approx(end)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.floats(0.001, 0.05), st.integers(2, 500))
def test_the_nearer_the_target_the_surer(p, target, se, df):
    table = rates(estimate=[0.5, p], se=[0.1, se], df=float(df))
    lower, higher = (of(targets(table, one, due=2030), "met")["estimate"] for one in (target * 0.9, target))
    assert 0 <= higher <= lower <= 1


@pytest.mark.parametrize(
    "choice", [{"due": "2025"}, {"due": 2025.5}, {"due": float("nan")}, {"due": 2025, "level": "95"}]
)
def test_years_and_levels_that_are_none_are_told(choice):
    with pytest.raises(TargetError, match=r"due is|level"):
        targets(rates(), 0.1, **choice)
