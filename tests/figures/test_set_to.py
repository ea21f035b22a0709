"""Figures of simulated data say which of their numbers are set to published ones, in both languages."""

from __future__ import annotations

import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.datasets import dataset, translated
from portal_analysis.shape import estimates


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_simulated_datasets_say_it_and_their_figures_do_too(lang):
    ids = pa.sources().query("simulated")["id"].tolist()
    told = {one: translated(dataset(one).descriptor, "set_to", lang) for one in ids}
    assert len(ids) == len(set(told.values())) == 3
    assert all(dataset(one).descriptor["set_to"] != dataset(one).descriptor["set_to_vi"] for one in ids)
    rows = pd.DataFrame({"sex": ["male", "female"], "estimate": [0.1, 0.2], "indicator": "npsp_use"})
    table = estimates(rows.assign(source="papi-simulated", unit="proportion", n=500), ["sex"])
    drawn = pa.plot_estimates(table, lang=lang).portal_text
    assert told["papi-simulated"] in drawn.caption
    assert told["papi-simulated"] in drawn.long_alt


def test_a_register_that_is_made_says_it_too():
    rows = pd.DataFrame(
        {"month": ["2022-01", "2022-02"], "estimate": [0.1, 0.2], "indicator": "dossiers online"}
    )
    table = estimates(
        rows.assign(source="register-simulated", unit="proportion", flag="simulated"), ["month"]
    )
    drawn = pa.plot_estimates(table, rows="month").portal_text
    assert "Set to published numbers" in drawn.caption


def test_years_that_are_said_to_be_published_are_those_of_the_targets():
    targets = pa.load_tables("papi-simulated")["targets"].query("basis in ('published', 'inexact')")
    years = {name: sorted(set(part["wave"].astype(int))) for name, part in targets.groupby("indicator")}
    said = str(dataset("papi-simulated").descriptor["set_to"])
    wanted = {
        "npsp_use": "portal 2020–2022",
        "npsp_profile": "portal 2020–2022",
        "npsp_procedure": "procedure: 2022",
        "pesp_use": "portals 2023",
        "internet_home": "internet at home 2021–2023",
        "online_news": "news online 2022",
    }
    assert set(years) == set(wanted)
    for name, words in wanted.items():
        first, last = years[name][0], years[name][-1]
        assert words in said
        assert words.endswith(f"{first}–{last}" if first < last else str(first))
