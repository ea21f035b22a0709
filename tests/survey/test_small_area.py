"""Estimates of areas: R's numbers, the national rate kept, the flag said, and models that are refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.disclosure.withhold import publishable
from portal_analysis.language.reading import read
from portal_analysis.survey.area_data import AreaError, all_areas
from portal_analysis.survey.fay_herriot import bootstrap, fit, reml, reml_of_many

sys.path.insert(0, str(Path(__file__).parent))
from areas import survey_of, truth_of

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
R = pd.read_csv(REFERENCE / "areas.csv", dtype={"name": str})
DATA = pd.read_csv(REFERENCE / "areas_data.csv", dtype={"province": str})


def of_r(key: str, what: str) -> np.ndarray:
    return R.loc[(R["fit"] == key) & (R["what"] == what), "value"].to_numpy()


def given(name: str, covariates: bool):
    own = DATA[DATA["fit"] == name]
    x = np.column_stack([np.ones(len(own)), *([own["income"], own["dti"]] if covariates else [])])
    return own["y"].to_numpy(), x, np.diag(own["v"])


@pytest.mark.parametrize("covariates", [True, False])
@pytest.mark.parametrize("name", ["internet_home", "pesp_use", "npsp_use"])
def test_between_area_variance_and_predictions_are_those_of_metafor(name, covariates):
    y, x, v = given(name, covariates)
    key = f"{name} {'covariates' if covariates else 'none'}"
    area = [np.eye(len(y))]
    assert reml(y, x, v, area) == pytest.approx(of_r(key, "variance"), abs=1e-10)
    fitted = fit(y, x, v, area)
    if fitted.adjusted:
        assert name == "pesp_use"
        return
    assert fitted.beta == pytest.approx(of_r(key, "beta"), abs=1e-8)
    assert fitted.value == pytest.approx(of_r(key, "blup"), abs=1e-8)
    assert np.sqrt(fitted.parts[0] + fitted.parts[1]) == pytest.approx(of_r(key, "blup_se"), abs=1e-8)
    assert fitted.residuals == pytest.approx(of_r(key, "residual"), abs=1e-8)


def test_three_waves_that_share_places_are_those_of_metafor():
    own = DATA[DATA["fit"] == "waves"]
    v = pd.read_csv(REFERENCE / "areas_v_waves.csv", header=None).to_numpy()
    waves = [(own["wave"] == one).to_numpy(float) for one in (2020, 2021, 2022)]
    x = np.column_stack([*waves, own["income"], own["dti"]])
    province = own["province"].to_numpy()
    area = (province[:, None] == province[None, :]).astype(float)
    fitted = fit(own["y"].to_numpy(), x, v, [area, np.eye(len(own))])
    assert fitted.variances == pytest.approx(of_r("waves", "variance"), rel=1e-5)
    assert fitted.value == pytest.approx(of_r("waves", "blup"), abs=1e-6)


def test_a_variance_of_0_is_adjusted_as_by_emdi():
    y, x, v = given("pesp_use", True)
    assert of_r("pesp_use covariates", "variance") == 0
    fitted = fit(y, x, v, [np.eye(len(y))])
    assert fitted.adjusted
    emdi = pd.read_csv(REFERENCE / "areas_adjusted.csv")["value"].iloc[0]
    assert fitted.variances[0] == pytest.approx(emdi, rel=1e-4)


def test_the_mean_squared_error_is_that_of_5000_bootstraps():
    y, x, v = given("internet_home", True)
    area = [np.eye(len(y))]
    fitted = fit(y, x, v, area)
    assert np.mean(bootstrap(fitted, area, 5000, 1)) == pytest.approx(fitted.mse.mean(), rel=0.05)


def test_many_fits_at_once_are_those_of_one_at_a_time():
    y, x, v = given("npsp_use", True)
    some = np.stack([y, y[::-1].copy(), np.roll(y, 3)])
    assert reml_of_many(some, x, np.diag(v)) == pytest.approx(
        [reml(one, x, v, [np.eye(len(y))])[0] for one in some], abs=1e-9
    )


@pytest.fixture(scope="module")
def survey():
    return pa.load_survey("province-survey-simulated")


@pytest.fixture(scope="module")
def rates(survey):
    return pa.area_rates(survey, ["internet_home", "npsp_use"])


@pytest.fixture(scope="module")
def facts():
    return pa.province_facts({"income": 2016, "dti": 2022})


@pytest.mark.parametrize("scale", ["arcsine", "logit"])
def test_the_weighted_mean_of_the_areas_is_the_national_rate(rates, facts, scale):
    model = pa.small_area(rates, facts, scale=scale)
    for name, own in model.groupby("indicator"):
        direct = rates[rates["indicator"] == name]
        share = direct.set_index("province")["share"].reindex(own["province"]).to_numpy()
        national = direct.loc[direct["province"].isna(), "estimate"].iloc[0]
        assert len(own) == 63
        assert share @ own["estimate"].to_numpy() == pytest.approx(national, abs=1e-12)


def test_facts_that_matter_lower_the_error_by_30_percent_and_noise_does_not(rates):
    facts = pa.province_facts({"income": 2016, "literacy": 2016, "dti": 2022})
    matter = {"internet_home": ["income", "literacy"], "npsp_use": ["income", "dti"]}
    noise = facts[["province"]].assign(a=np.random.default_rng(5).standard_normal(63))
    for name, columns in matter.items():
        own = rates[rates["indicator"] == name]
        choices = (None, facts[["province", *columns]], noise)
        none, good, bad = (pa.small_area(own, x)["se"].median() for x in choices)
        assert good < 0.7 * none
        assert bad > 0.95 * none


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_suppress_never_turns_into_a_number_silently(rates, facts, lang):
    own = rates[rates["indicator"] == "npsp_use"]
    model = pa.small_area(own, facts)
    assert model["flag"].str.contains("model-based").all()
    hidden = model["direct_flag"] == "suppress"
    assert hidden.sum() > 20
    shown = publishable(model)
    assert shown.loc[hidden, ["direct", "direct_se"]].isna().all(axis=None)
    assert shown.loc[~hidden, "direct"].notna().all()
    assert shown["estimate"].notna().all()
    word = {"en": "estimated by a model", "vi": "ước lượng từ mô hình"}[lang]
    figure = pa.plot_tiles(model, lang=lang)
    assert word in figure.portal_text.long_alt
    assert word in pa.describe(model, lang=lang)
    assert any(word in line for line in read(model, lang).flag_lines())
    assert all(any(word in cell for cell in row) for row in pa.show(model, lang=lang).rows)
    both = pa.direct_and_model(own, model)
    assert all(line.withheld == ("suppress" in line.flags) for line in read(both, lang).lines)


def drawn(seed: int, rate: float = 0.3, areas: int = 40):
    random = np.random.default_rng(seed)
    x = random.standard_normal(areas)
    truth = truth_of(x[:, None], [0.4], 0.2, rate, random)
    facts = pd.DataFrame({"area": [f"A{i:02d}" for i in range(areas)], "x": x})
    return truth, survey_of(truth, random), facts


def test_areas_without_sample_are_synthetic_and_say_so():
    truth, rates, facts = drawn(3)
    model = pa.small_area(rates[rates["area"] != "A07"], facts, benchmark=None)
    last = model.iloc[-1]
    assert (last["area"], last["basis"], last["shrinkage"]) == ("A07", "synthetic", 1.0)
    assert np.isnan(last["n"])
    assert last["ci_low"] < truth[7] < last["ci_high"]
    assert (model["basis"] == "model").sum() == 39


def test_bad_input_is_refused_by_name():
    _, rates, facts = drawn(4)
    with pytest.raises(AreaError, match="5 areas have a sample"):
        pa.small_area(rates.head(6), facts)
    with pytest.raises(AreaError, match="missing for area A03"):
        pa.small_area(rates, facts.assign(x=facts["x"].where(facts["area"] != "A03")))
    with pytest.raises(AreaError, match="same in every area"):
        pa.small_area(rates, facts.assign(y=1.0))
    with pytest.raises(AreaError, match="determine each other"):
        pa.small_area(rates, facts.assign(y=2 * facts["x"] + 1))
    with pytest.raises(AreaError, match="no row for area A03"):
        pa.small_area(rates, facts[facts["area"] != "A03"])
    with pytest.raises(AreaError, match="too rare"):
        pa.small_area(rates.assign(estimate=0.0, se=0.0), facts)
    with pytest.raises(AreaError, match="too rare"):
        pa.small_area(drawn(4, 0.01)[1], facts)
    with pytest.raises(AreaError, match="area_rates"):
        pa.small_area(rates.drop(columns="share"), facts)


def test_areas_of_one_psu_use_the_design_effect_of_all():
    _, rates, facts = drawn(6)
    one = rates.assign(se=rates["se"].where(rates["area"] != "A05"))
    row = pa.small_area(one, facts).set_index("area").loc["A05"]
    assert row["estimate"] > 0
    assert row["deff"] > 1


def test_nothing_that_tells_areas_apart_is_refused():
    random = np.random.default_rng(8)
    alike = survey_of(np.full(40, 0.3), random, rho=0.2)
    alike.loc[1:, "estimate"] = 0.3
    with pytest.raises(AreaError, match="do not differ beyond chance"):
        pa.small_area(alike)


def test_ranks_are_counted_by_the_code_of_the_audit(rates, facts):
    own = rates[rates["indicator"] == "npsp_use"]
    ranks = pa.area_ranks(own, facts, draws=500)
    above = pa.area_above(own, facts, draws=500)
    assert ranks["estimate"].tolist() == list(range(1, 64))
    assert (ranks["ci_low"] <= ranks["ci_high"]).all()
    assert ranks["flag"].str.contains("model-based").all()
    pair = above.set_index(["province", "other_province"])["estimate"]
    first, last = ranks["province"].iloc[[0, -1]]
    assert pair[first, last] > 0.95
    assert pair[first, last] + pair[last, first] == pytest.approx(1)
    assert ranks["band"].is_monotonic_increasing


def test_checks_name_covariates_areas_and_regions(rates, facts):
    own = rates[rates["indicator"] == "npsp_use"]
    told = pa.area_checks(own, facts)
    assert told["term"].tolist() == ["income", "dti"]
    assert (told["between_without"] > told["area_sd"]).all()
    assert len(pa.area_checks(own, facts, kind="residuals")) == 63
    regions = pa.provinces.units().set_index("code")["region_en"]
    assert len(pa.area_checks(own, facts, kind="regions", regions=regions)) == 6
    with pytest.raises(AreaError, match="names no region"):
        pa.area_checks(own, facts, kind="regions")


def test_intervals_held_the_truth_in_500_surveys():
    """The shares are those that ``tests/reference/areas_coverage.py`` counted."""
    held = pd.read_csv(REFERENCE / "areas_coverage.csv")
    served = held[held["served"]]
    assert len(served)
    assert served["coverage"].between(0.93, 0.97).all()
    assert (held["surveys"] == 500).all()


def test_intervals_hold_the_truth_in_some_surveys_drawn_here():
    held = []
    for seed in range(12):
        truth, rates, facts = drawn(seed, areas=63)
        model = pa.small_area(rates, facts)
        held.append(model["ci_low"].to_numpy() <= truth)
        held.append(truth <= model["ci_high"].to_numpy())
    assert 0.955 < np.mean(held) < 0.99  # each side alone


def test_inputs_are_not_changed(rates, facts):
    before = rates.copy(), facts.copy()
    pa.small_area(rates, facts)
    pd.testing.assert_frame_equal(rates, before[0])
    pd.testing.assert_frame_equal(facts, before[1])
    assert all_areas(rates, facts, "arcsine")[0].free == 60
