"""Persons and the score of their province, against R's survey with provinces as sampling units."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.linkage.pairs import LinkError
from portal_analysis.linkage.persons import link_persons
from portal_analysis.shape import estimates

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


@cache
def papi() -> pa.Survey:
    return pa.load_survey("papi-simulated", wave=2022)


def scores(se: float | None = None) -> pd.DataFrame:
    told = pd.read_csv(REFERENCE / "link_scores.csv", dtype={"province": str})
    rows = told.rename(columns={"score": "estimate"}).assign(indicator="portal_score", se=se, source="own")
    return estimates(rows, ["province"])


@pytest.mark.parametrize("outcome", ["pesp_use", "npsp_use"])
def test_it_is_what_survey_says_with_provinces_as_clusters(outcome):
    told = pd.read_csv(REFERENCE / "link_persons.csv")
    want = told[told["outcome"] == outcome].set_index("term")
    found = link_persons(papi(), scores(), f"{outcome} ~ portal_score + sex", effect="coefficient").set_index(
        "term"
    )
    for term, other in (("portal_score", "portal_score"), ("sex", "sexmale")):
        assert found.loc[term, "estimate"] == pytest.approx(want.loc[other, "estimate"], rel=1e-6)
        assert found.loc[term, "se"] == pytest.approx(want.loc[other, "se"], rel=1e-6)
        assert found.loc[term, "df"] == want.loc[other, "df"]
    # what is to be avoided: the survey's own design takes these provinces for all that could be
    assert found.loc["portal_score", "se"] > 1.1 * want.loc["portal_score", "own_se"]


def test_calibrated_scores_undo_the_dilution():
    naive = link_persons(
        papi(), scores(0.1), "pesp_use ~ portal_score", method="as measured", effect="coefficient"
    )
    found = link_persons(papi(), scores(0.1), "pesp_use ~ portal_score", effect="coefficient")
    reliability = float(found["reliability"].iloc[0])
    slopes = [table.set_index("term")["estimate"]["portal_score"] for table in (naive, found)]
    assert 0.3 < reliability < 0.8
    assert slopes[1] == pytest.approx(slopes[0] / reliability, rel=1e-6)
    exact = link_persons(papi(), scores(), "pesp_use ~ portal_score", effect="coefficient")
    assert exact["reliability"].iloc[0] == 1
    np.testing.assert_allclose(exact["estimate"], naive["estimate"])


def test_persons_whose_province_has_no_score_are_counted():
    some = scores().iloc[3:]
    found = link_persons(papi(), some, "pesp_use ~ portal_score")
    assert found["areas"].eq(60).all()
    lost = papi().data["province"].isin(["01", "02", "04"]).sum()
    assert found["n_missing"].iloc[0] >= lost
    assert found["flag"].eq("simulated").all()
    assert found["source"].eq("papi-simulated; own").all()


@pytest.mark.parametrize(
    ("table", "formula", "words"),
    [
        (scores().head(5), "pesp_use ~ portal_score", "5 provinces of the survey have a score"),
        (scores(), "pesp_use ~ sex", "must name 'portal_score'"),
        (scores().assign(estimate=0.5), "pesp_use ~ portal_score", "nothing to link"),
        (scores(0.5), "pesp_use ~ portal_score", "no more than their own errors"),
    ],
)
def test_bad_input_is_told(table, formula, words):
    with pytest.raises(LinkError, match=words):
        link_persons(papi(), table, formula)


def test_unknown_methods_and_taken_names_are_told():
    with pytest.raises(LinkError, match="unknown"):
        link_persons(papi(), scores(), "pesp_use ~ portal_score", method="simex")
    taken = pa.Survey(papi().data.assign(portal_score=1), papi().design, source="own")
    with pytest.raises(LinkError, match="has a column 'portal_score' already"):
        link_persons(taken, scores(), "pesp_use ~ portal_score")
