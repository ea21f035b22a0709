"""The simulated survey keeps its design, its published rates and its bytes."""

import importlib.util
import json

import numpy as np
import pandas as pd
import pytest

from portal_analysis import codebook, datasets
from portal_analysis.survey.readers import load_survey

ITEMS = ["internet_home", "online_news", "npsp_use", "npsp_profile", "npsp_procedure", "pesp_use"]
SIZES = {2020: 14732, 2021: 15833, 2022: 16117, 2023: 19536, 2024: 18894}


@pytest.fixture(scope="module")
def people():
    return codebook.load("papi-simulated", keep_codes=True)["respondents"]


@pytest.fixture(scope="module")
def rates():
    return codebook.load("papi-simulated")["targets"]


def weighted_rate(people: pd.DataFrame, item: str) -> tuple[float, float]:
    """Return a rate and its standard error, linearised by hand from the totals of the sampling units."""
    known = ~people[item].isin([888, 999])
    weight, yes = people["weight"] * known, people[item].where(known, 0)
    rate = (weight * yes).sum() / weight.sum()
    scores = weight * (yes - rate) / weight.sum()
    by_stratum = scores.groupby([people["stratum"], people["psu"]]).sum().groupby(level=0)
    return rate, float(np.sqrt((by_stratum.var() * by_stratum.size()).sum()))


def test_waves_have_the_published_sizes(people):
    assert people.groupby("wave").size().to_dict() == SIZES
    found = datasets.dataset("papi-simulated").descriptor["assumptions"]
    sizes = next(each["values"] for each in found if each["name"] == "sizes")
    assert sizes == {str(wave): size for wave, size in SIZES.items()}


def test_every_wave_has_the_published_design(people):
    for _, wave in people.groupby("wave"):
        districts = wave.groupby("province")["district"].nunique()
        large = ["01", "79", "38", "40", "75", "89"]
        assert districts[large].tolist() == [6] * 6
        assert set(districts.drop(large)) == {3}
        assert len(districts) == 63
        assert wave["district"].nunique() == 207
        assert wave["commune"].nunique() == 414
        assert wave["village"].nunique() == 828
        assert set(wave.groupby("district")["commune"].nunique()) == {2}
        assert (wave.groupby("stratum")["psu"].nunique() >= 2).all()


def test_codes_of_clusters_are_nested_and_panels_apart(people):
    assert (people["district"].str[:2] == people["province"]).all()
    assert (people["village"].str[:6] == people["commune"]).all()
    assert people.groupby("psu")["stratum"].nunique().max() == 1
    assert people.groupby("psu")["panel"].nunique().max() == 1
    villages = people.groupby("wave")["village"].agg(set)
    assert villages[2020] == villages[2021] == villages[2022] != villages[2023] == villages[2024]


def test_weighted_rates_are_the_targets_within_their_intervals(people, rates):
    assert len(rates) == 30
    for target in rates.itertuples():
        rate, se = weighted_rate(people[people["wave"] == target.wave], target.indicator)
        assert abs(rate - target.rate) < min(1.96 * se, 0.0005), target


def test_published_targets_are_the_published_figures(rates):
    published = rates[rates["basis"] == "published"].set_index(["indicator", "wave"])
    as_told = published["published"].str.rstrip("%").astype(float) / 100
    np.testing.assert_allclose(as_told, published["rate"])
    assert published.loc[("npsp_profile", 2022), "rate"] == pytest.approx(0.0301)
    names = {each["name"] for each in datasets.dataset("papi-simulated").descriptor["sources"]}
    cited = {one for cell in rates["source_ids"].dropna() for one in cell.split(";")}
    assert cited <= names


def test_answers_follow_from_each_other(people):
    use, profile, procedure = (people[name] for name in ("npsp_use", "npsp_profile", "npsp_procedure"))
    assert (use[profile == 1] == 1).all()
    assert (profile[procedure == 1] == 1).all()
    offline = (people["internet_home"] == 0) & (people["online_news"] == 0)
    assert not (offline & (use == 1)).any()
    assert not (offline & (people["pesp_use"] == 1)).any()
    assert (profile[use == 888] == 888).all()
    low = people["age_group"].map({"18-29": 18, "30-44": 30, "45-59": 45, "60+": 60})
    assert ((people["age"] >= low) & (people["age"] < low + 26)).all()


def test_clusters_cost_precision_as_in_such_surveys(people):
    effects = []
    for _, wave in people.groupby("wave"):
        for item in ITEMS[:3]:
            rate, se = weighted_rate(wave, item)
            effects.append(se**2 / (rate * (1 - rate) / len(wave)))
    assert min(effects) > 1.3
    assert max(effects) < 5
    assert 2 < np.mean(effects) < 4


def test_weights_add_up_to_the_made_up_population_in_every_wave(people):
    totals = people.groupby(["wave", "province"])["weight"].sum().unstack("wave")
    assert np.allclose(totals.sub(totals[2020], axis=0), 0, atol=40)
    shares = people.groupby(["wave", "sex"])["weight"].sum().unstack()
    assert np.allclose(shares["female"] / shares.sum(axis=1), 0.51, atol=1e-4)


def test_labels_are_there_in_both_languages():
    found = datasets.dataset("papi-simulated").resources["respondents"]["schema"]["fields"]
    assert len(found) == 21
    for one in found:
        assert one["title"], one["name"]
        assert one["title_vi"], one["name"]
        for code in [*one.get("categories", []), *one.get("missingValues", [])]:
            assert code["label"], one["name"]
            assert code["label_vi"], one["name"]


def test_a_survey_of_it_says_that_it_is_simulated():
    survey = load_survey("papi-simulated", wave=2022)
    assert len(survey) == 16117
    assert survey.simulated
    assert survey.data["npsp_use"].dropna().isin([0, 1]).all()
    assert len(load_survey("papi-simulated")) == sum(SIZES.values())


@pytest.mark.slow
def test_the_same_script_makes_the_same_bytes(tmp_path):
    folder = datasets.dataset("papi-simulated").folder
    spec = importlib.util.spec_from_file_location("make_papi", folder / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    again = tmp_path / "papi-simulated"
    make.main(again)
    for name in ("respondents.csv", "targets.csv", "datapackage.json"):
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name
    assert json.loads((again / "datapackage.json").read_text("utf-8"))["simulated"] is True
    assert (folder / "respondents.csv").stat().st_size < 8_000_000
