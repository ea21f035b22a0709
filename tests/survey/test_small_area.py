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
from portal_analysis.shape import estimates
from portal_analysis.survey import fay_herriot
from portal_analysis.survey.area_data import AreaError, all_areas, fitted_to
from portal_analysis.survey.area_posterior import averaged
from portal_analysis.survey.fay_herriot import at_variances, bootstrap, fit, predict, reml, reml_of_many

sys.path.insert(0, str(Path(__file__).parent))
from areas import survey_of, truth_of

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
R = pd.read_csv(REFERENCE / "areas.csv", dtype={"name": str})
DATA = pd.read_csv(REFERENCE / "areas_data.csv", dtype={"province": str})
SAE = pd.read_csv(REFERENCE / "areas_sae.csv", dtype={"name": str})
HBSAE = pd.read_csv(REFERENCE / "areas_posterior.csv", dtype={"name": str})


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


@pytest.mark.parametrize(
    ("key", "draws", "most"),
    [
        ("internet_home covariates", 5000, 1.05),
        ("pesp_use none", 5000, 1.05),
        ("npsp_use none", 5000, 1.05),
        ("npsp_use covariates", 500, 1.35),
    ],
)
def test_the_mean_squared_error_is_that_of_5000_bootstraps(key, draws, most):
    """Where areas differ by little beside their sampling errors the analytic one is larger: npsp_use, given facts."""
    name, kind = key.split()
    y, x, v = given(name, kind == "covariates")
    area = [np.eye(len(y))]
    fitted = fit(y, x, v, area)
    ratio = fitted.mse.mean() / np.mean(bootstrap(fitted, area, draws, 1))
    assert 0.95 < ratio < most
    assert (ratio > 1.05) == (fitted.variances[0] < 0.2 * np.trace(v) / len(y))


@pytest.mark.parametrize("key", SAE.loc[SAE["what"] == "variance", "fit"])
def test_variances_predictions_and_errors_are_those_of_sae(key):
    name, kind = key.split()
    y, x, v = given(name, kind == "covariates")
    fitted = fit(y, x, v, [np.eye(len(y))])
    theirs = {what: own["value"].to_numpy() for what, own in SAE[SAE["fit"] == key].groupby("what")}
    assert fitted.variances == pytest.approx(theirs["variance"], abs=1e-8)
    assert fitted.beta == pytest.approx(theirs["beta"], abs=1e-8)
    assert np.sqrt(np.diag(fitted.beta_covariance)) == pytest.approx(theirs["beta_se"], abs=1e-8)
    assert fitted.value == pytest.approx(theirs["blup"], abs=1e-8)
    g1, g2, g3 = fitted.parts
    # sae takes the variance of the variance for its limit, as if no coefficients were estimated
    limit = 2 / np.sum(1 / (fitted.variances + np.diag(v)) ** 2)
    assert g1 + g2 + 2 * g3 * limit / fitted.variances_covariance[0, 0] == pytest.approx(
        theirs["mse"], abs=1e-10
    )
    assert fitted.mse == pytest.approx(theirs["mse"], rel=0.04)


@pytest.mark.parametrize("name", ["internet_home", "pesp_use", "npsp_use"])
def test_errors_over_all_variances_are_those_of_hbsae(name):
    y, x, v = given(name, True)
    fitted = fit(y, x, v, [np.eye(len(y))])
    found = averaged(fitted, [np.eye(len(y))])
    theirs = {what: own["value"].to_numpy() for what, own in HBSAE[HBSAE["fit"] == name].groupby("what")}
    assert found.value == pytest.approx(fitted.value)
    assert found.mse - (theirs["mean"] - fitted.value) ** 2 == pytest.approx(theirs["variance"], rel=1e-6)
    assert np.diag(found.covariance) == pytest.approx(found.mse)
    assert sum(one.share for one in found.possible) == pytest.approx(1)


def test_an_adjusted_fit_is_as_sure_as_all_variances_that_may_be(survey, facts):
    rates = pa.area_rates(survey, "pesp_use")
    model = pa.small_area(rates, facts)
    assert set(model["fitting"]) == {"adjusted REML"}
    assert model["flag"].str.contains("review").all()
    y, x, v = given("pesp_use", True)
    plain = fit(y, x, v, [np.eye(len(y))])
    areas = all_areas(rates, facts, "arcsine")[0]
    wider = fitted_to(areas, facts)
    assert wider.mse.mean() > 1.4 * plain.mse.mean()
    own = predict(plain, x[:3])[1]
    assert (predict(wider, x[:3])[1] > 1.2 * own).all()
    for other in (
        pa.area_ranks(rates, facts, draws=100),
        pa.area_above(rates, facts, draws=100),
        pa.area_checks(rates, facts),
    ):
        assert other["flag"].str.contains("review").all()
    drawn_too = pa.small_area(rates, facts, mse="bootstrap", draws=100)
    assert drawn_too["se"].tolist() == model["se"].tolist()


def test_errors_over_two_variances_are_those_of_a_fine_net():
    random = np.random.default_rng(3)
    names = np.tile(np.arange(12), 2)
    effects = [(names[:, None] == names[None, :]).astype(float), np.eye(24)]
    x = np.column_stack([np.ones(24), random.standard_normal(24)])
    y, v = x @ [1.0, 0.2] + 0.6 * random.standard_normal(24), np.eye(24)
    fitted = fit(y, x, v, effects)
    assert fitted.adjusted
    points = (np.arange(40) + 0.5) / 20
    found = [at_variances(y, x, v, effects, np.array([one, other])) for one in points for other in points]
    share = np.exp([one.loglik for one in found])
    each = [np.diag(one.g1 + one.g2) + (one.value - fitted.value) ** 2 for one in found]
    assert averaged(fitted, effects).mse == pytest.approx(np.average(each, axis=0, weights=share), rel=0.02)


def test_a_variance_far_below_the_errors_is_found():
    random = np.random.default_rng([1, 500])
    d = np.exp(random.normal(0, 0.4, 63))
    d /= d.mean()
    x = np.column_stack([np.ones(63), random.standard_normal((63, 2))])
    area = [np.eye(63)]
    least = 1.0
    for number in range(3):
        y = np.random.default_rng(number).standard_normal(63) * np.sqrt(d)
        x_beta = x @ np.linalg.lstsq(x, y, rcond=None)[0]

        def variance(share, y=y, fixed=x_beta):
            return reml(fixed + share * (y - fixed), x, np.diag(d), area)[0]

        low, high = 0.0, 3.0  # residuals of a size at which the variance is just above 0
        for _ in range(45):
            middle = (low + high) / 2
            low, high = (middle, high) if variance(middle) == 0 else (low, middle)
        for more in (0, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4):
            least = min(least, variance(high + more))
    assert 0 < least < 1e-6


@pytest.mark.parametrize("seed", [627, 1470])
def test_a_variance_that_steps_leap_over_is_found(seed):
    """Sampling variances lie so far apart that full steps go to and fro around the top of the likelihood."""
    random = np.random.default_rng(seed)
    d = np.exp(random.normal(0, 2.0, 20))
    y, x, area = 0.5 * np.sqrt(d) * random.standard_normal(20), np.ones((20, 1)), [np.eye(20)]
    found = reml(y, x, np.diag(d), area)[0]
    near = found * np.linspace(0.99, 1.01, 21)
    likely = [at_variances(y, x, np.diag(d), area, np.array([one])).loglik for one in near]
    assert np.argmax(likely) == 10
    assert reml_of_many(np.stack([y, y / 2]), x, d)[0] == pytest.approx(found, rel=1e-8)


def test_a_search_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(fay_herriot, "MOST_STEPS", 2)
    y, x, v = given("npsp_use", True)
    with pytest.raises(AreaError, match="the likelihood has no clear maximum"):
        fit(y, x, v, [np.eye(len(y))])


def test_bootstraps_of_areas_that_share_clusters_are_near_the_analytic_error():
    """Direct values of neighbours have errors with a correlation of 0.3."""
    random = np.random.default_rng(2)
    x = np.column_stack([np.ones(20), random.standard_normal(20)])
    v = 0.1 * (np.eye(20) + 0.3 * (np.eye(20, k=1) + np.eye(20, k=-1)))
    noise = np.linalg.cholesky(v) @ random.standard_normal(20)
    fitted = fit(x @ [0, 0.5] + 0.7 * random.standard_normal(20) + noise, x, v, [np.eye(20)])
    found = bootstrap(fitted, [np.eye(20)], 250, 1)
    assert found.mean() == pytest.approx(fitted.mse.mean(), rel=0.05)


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
    assert model["flag"].str.contains("synthetic").tolist() == [False] * 39 + [True]
    assert np.isnan(last["n"])
    assert last["ci_low"] < truth[7] < last["ci_high"]
    assert (model["basis"] == "model").sum() == 39


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "nobody was asked there"), ("vi", "không ai ở đó được hỏi")]
)
def test_a_synthetic_rate_is_told_as_such_wherever_it_stands(rates, facts, lang, word):
    own = rates[(rates["indicator"] == "internet_home") & (rates["province"] != "48")]
    model = pa.small_area(own, facts)
    last = model[model["province"] == "48"]
    figure = pa.plot_map(model, lang=lang)
    assert word in figure.portal_text.long_alt
    assert word in figure.portal_text.caption
    assert word in pa.describe(model, lang=lang)
    assert all(any(word in cell for cell in row) for row in pa.show(last, lang=lang).rows)


FACTS_REFUSED = [
    ("missing for area A03", lambda x: x.assign(x=x["x"].where(x["area"] != "A03"))),
    ("missing for area A03", lambda x: x.assign(x=x["x"].where(x["area"] != "A03", np.inf))),
    ("same in every area", lambda x: x.assign(y=1.0)),
    ("same in every area", lambda x: x.assign(y=1 + 1e-15 * np.arange(40))),
    ("determine each other", lambda x: x.assign(y=2 * x["x"] + 1)),
    ("determine each other", lambda x: x.assign(y=2 * x["x"] + 1e-9 * np.arange(40) ** 2)),
    ("no row for area A03", lambda x: x[x["area"] != "A03"]),
    ("theirs are 'a0', 'a1'", lambda x: x.assign(area=[f"a{i}" for i in range(40)])),
    ("theirs are 0, 1", lambda x: x.assign(area=range(40))),
    ("rows without area", lambda x: pd.concat([x, x.head(1).assign(area=None)])),
    ("several rows for 'A00'", lambda x: pd.concat([x, x.head(1)])),
    ("several columns", lambda x: pd.concat([x, x[["x"]]], axis=1)),
    (r"\['y'\] are not", lambda x: x.assign(y=1j * x["x"])),
    (r"\['y'\] are not", lambda x: x.assign(y="high")),
    ("no number", lambda x: x[["area"]]),
    ("column 'area'", lambda x: x.rename(columns={"area": "province"})),
]
RATES_REFUSED = [
    ("5 areas have a sample", lambda r: r.head(6)),
    ("several rows for 'A00'", lambda r: pd.concat([r, r.iloc[[1]]], ignore_index=True)),
    ("several rows for the country", lambda r: pd.concat([r, r.iloc[[0]]], ignore_index=True)),
    ("no national row", lambda r: r.iloc[1:]),
    ("no national row", lambda r: r.assign(estimate=r["estimate"].where(r["area"].notna()))),
    ("too rare", lambda r: r.assign(estimate=0.0, se=0.0)),
    ("too rare", lambda r: r.assign(estimate=1.0, se=0.0)),
    ("standard error above 0", lambda r: r.assign(estimate=0.3, se=0.0)),
    ("standard error above 0", lambda r: r.assign(se=np.nan)),
    ("a number above 0", lambda r: r.assign(share=r["share"].where(r["area"] != "A05"))),
    ("a number above 0", lambda r: r.assign(share=-r["share"])),
    (r"in \['score'\]", lambda r: r.assign(unit="score")),
    ("area_rates", lambda r: r.drop(columns="share")),
    ("one column of waves only", lambda r: by_wave_and_sex(r)),
]


def by_wave_and_sex(rates: pd.DataFrame) -> pd.DataFrame:
    cells = [rates.assign(wave=wave, sex=sex) for wave in (2020, 2021) for sex in "fm"]
    return estimates(pd.concat(cells, ignore_index=True), ["wave", "sex", "area"])


@pytest.mark.parametrize(("told", "spoilt"), FACTS_REFUSED)
def test_facts_that_cannot_serve_are_refused_by_name(told, spoilt):
    _, rates, facts = drawn(4)
    with pytest.raises(AreaError, match=told):
        pa.small_area(rates, spoilt(facts))


@pytest.mark.parametrize(("told", "spoilt"), RATES_REFUSED)
def test_rates_that_cannot_serve_are_refused_by_name(told, spoilt):
    _, rates, facts = drawn(4)
    with pytest.raises(AreaError, match=told):
        pa.small_area(spoilt(rates), facts)


def test_rare_outcomes_are_refused():
    with pytest.raises(AreaError, match="too rare"):
        pa.small_area(drawn(4, 0.01)[1], drawn(4)[2])


def test_facts_that_vary_only_where_nobody_was_asked_tell_nothing():
    _, rates, facts = drawn(4)
    with pytest.raises(AreaError, match="same in every area"):
        pa.small_area(rates[rates["area"] != "A07"], facts.assign(y=(facts["area"] == "A07") * 1.0))


@pytest.mark.parametrize(
    "choices", [{"draws": 0}, {"draws": 150.5}, {"draws": "many"}, {"seed": -1}, {"level": 95}]
)
def test_numbers_that_nothing_can_be_drawn_with_are_refused(choices):
    _, rates, facts = drawn(4)
    for of in (pa.small_area, pa.area_ranks):
        with pytest.raises(AreaError, match=next(iter(choices))):
            of(rates, facts, **choices)
    with pytest.raises(AreaError, match="level"):
        pa.area_checks(rates, facts, level="0.95")
    with pytest.raises(AreaError, match="top"):
        pa.area_ranks(rates, facts, top=0)


def test_names_of_facts_are_free_and_numbers_of_areas_too():
    _, rates, facts = drawn(4)
    own = pa.small_area(rates, facts)
    for name in ("there", "estimate", "share", "wave", 1):
        named = pa.small_area(rates, facts.rename(columns={"x": name}))
        assert named["estimate"].tolist() == own["estimate"].tolist()
    assert (
        pa.small_area(rates.assign(n=rates["n"].where(rates["area"] != "A05", 1.0)), facts)["se"]
        .notna()
        .all()
    )


def test_a_model_is_not_taken_for_what_it_was_made_from():
    _, rates, facts = drawn(4)
    model = pa.small_area(rates, facts)
    for pair in ((model, rates), (model, model), (rates, rates)):
        with pytest.raises(AreaError, match="direct rates first"):
            pa.direct_and_model(*pair)


def test_waves_need_facts_of_their_own_or_of_all():
    _, rates, facts = drawn(4)
    both = estimates(
        pd.concat([rates.assign(wave=one) for one in (2020, 2021)], ignore_index=True), ["wave", "area"]
    )
    yearly = pd.concat([facts.assign(wave=one) for one in (2020, 2021, 2022)], ignore_index=True)
    found = pa.small_area(both, yearly)
    assert sorted(found["wave"].unique()) == [2020, 2021]
    assert found["estimate"].notna().all()
    with pytest.raises(AreaError, match="no row for area A00 in 2020"):
        pa.small_area(both, yearly.iloc[1:])
    with pytest.raises(AreaError, match=r"no national row .* for use, 2020"):
        pa.small_area(both[both["area"].notna() | (both["wave"] == 2021)], facts)


@pytest.fixture(scope="module")
def waves():
    """Rates of two waves, the second of which is higher, and facts with an area that nobody was sent to."""
    _, first, facts = drawn(4)
    _, second, _ = drawn(4, 0.5)
    both = pd.concat([first.assign(wave=2020), second.assign(wave=2021)], ignore_index=True)
    return estimates(both, ["wave", "area"]), pd.concat([facts, pd.DataFrame({"area": ["A99"], "x": [0.5]})])


def covariance_of(rates: pd.DataFrame, between: float) -> pd.DataFrame:
    """Covariance of direct rates of two waves, the two errors of an area having this correlation."""
    own = rates[rates["area"].notna()]
    index = pd.MultiIndex.from_frame(own[["indicator", "wave", "area"]].astype(object))
    same = own["area"].to_numpy()[:, None] == own["area"].to_numpy()[None, :]
    r = np.where(np.eye(len(own)) == 1, 1.0, np.where(same, between, 0.0))
    return pd.DataFrame(r * np.outer(own["se"], own["se"]), index=index, columns=index)


def test_errors_of_waves_that_share_places_are_correlated_as_they_were_found_to_be(waves):
    rates, facts = waves
    apart = all_areas(rates, facts, "arcsine")[0].sampling
    shared = all_areas(rates, facts, "arcsine", covariance_of(rates, 0.4))[0].sampling
    assert np.diag(shared) == pytest.approx(np.diag(apart))
    size = np.sqrt(np.diag(shared))
    own = np.eye(40)
    assert shared / np.outer(size, size) == pytest.approx(np.block([[own, 0.4 * own], [0.4 * own, own]]))


def test_waves_that_share_nothing_are_independent(waves):
    rates, facts = waves
    given = pa.small_area(rates, facts, covariance=covariance_of(rates, 0.0))
    pd.testing.assert_frame_equal(given, pa.small_area(rates, facts))


def test_a_covariance_that_does_not_belong_to_the_rates_is_refused(waves):
    rates, facts = waves
    whole = covariance_of(rates, 0.4)
    with pytest.raises(AreaError, match=r"no row for \('use', 2020, 'A00'\).*by=\['wave', 'area'\]"):
        pa.small_area(rates, facts, covariance=whole.iloc[1:, 1:])
    with pytest.raises(AreaError, match="that of several waves; the rates have one"):
        pa.small_area(drawn(4)[1], facts, covariance=whole)


def test_facts_without_waves_are_those_of_every_wave(waves):
    rates, facts = waves
    yearly = pd.concat([facts.assign(wave=one) for one in (2020, 2021)], ignore_index=True)
    pd.testing.assert_frame_equal(pa.small_area(rates, facts), pa.small_area(rates, yearly))


def test_areas_without_sample_are_moved_as_the_others_of_their_wave(waves):
    rates, facts = waves

    def middle(model):
        """The value on the model's scale, in the middle of the interval."""
        held = model.assign(middle=np.arcsin(np.sqrt(model[["ci_low", "ci_high"]])).mean(axis=1))
        return held.set_index(["wave", "area"])["middle"]

    shift = middle(pa.small_area(rates, facts)) - middle(pa.small_area(rates, facts, benchmark=None))
    for wave in (2020, 2021):
        assert shift[wave, "A99"] == pytest.approx(shift[wave, "A00"], abs=1e-10)
    assert shift[2020, "A99"] != pytest.approx(shift[2021, "A99"], abs=1e-5)


def test_ranks_are_of_one_wave(waves):
    with pytest.raises(AreaError, match="keep one value of 'wave'"):
        pa.area_ranks(*waves, draws=100)


def test_a_national_rate_far_from_the_areas_is_reached_or_refused():
    _, rates, facts = drawn(4)
    exact = rates.assign(se=rates["se"] / 10)
    far = exact.assign(estimate=exact["estimate"].where(exact["area"].notna(), 0.6))
    assert pa.small_area(far, facts)["estimate"].mean() == pytest.approx(0.6, abs=1e-12)
    beyond = exact.assign(estimate=exact["estimate"].where(exact["area"].notna(), 0.99))
    with pytest.raises(AreaError, match=r"no shift of all areas gives the national rate 0\.99"):
        pa.small_area(beyond, facts)


def test_words_that_a_model_does_not_know_are_refused(waves):
    _, rates, facts = drawn(4)
    with pytest.raises(AreaError, match=r"benchmark='regional' is unknown; it may be \['national', None\]"):
        pa.small_area(rates, facts, benchmark="regional")
    with pytest.raises(AreaError, match="kind='rank' is unknown; it may be"):
        pa.area_checks(rates, facts, kind="rank")
    with pytest.raises(AreaError, match="regions= is a mapping from area to region"):
        pa.area_checks(rates, facts, kind="regions", regions="North")
    with pytest.raises(AreaError, match="no covariates to check"):
        pa.area_checks(rates)
    with pytest.raises(
        AreaError, match=r"direct rates are by \['wave', 'area'\], those of the model by \['area'\]"
    ):
        pa.direct_and_model(waves[0], pa.small_area(rates, facts))


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
    assert len(served) > len(held) / 2
    assert served["coverage"].between(0.93, 0.97).all()
    assert (held.loc[~held["served"], "rate"] < 0.05).all()
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
