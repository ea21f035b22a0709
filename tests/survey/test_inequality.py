"""Measures of inequality against WHO's healthequal and R's replicates (reference/inequality.R)."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.compare import contrast, difference
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import mean
from portal_analysis.survey.inequality import inequality
from portal_analysis.survey.linear import CompareError
from portal_analysis.survey.measures import ORDERED, UNORDERED, measured
from portal_analysis.survey.microdata import Survey

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "inequality.csv", comment="#").set_index(["case", "key"])
SAMPLES = pd.read_csv(REFERENCE / "inequality_samples.csv")
WAVES = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str})
PANEL, JKN = (
    Survey(WAVES, Design("weight", "province", "district", panel="panel", replicate_method=method))
    for method in (None, "JKn")
)
AGES = ["18-34", "35-54", "55+"]
ABSOLUTE = {"difference": 100, "aci": 100, "mdb": 100, "mdbu": 100, "mdm": 100, "mdmu": 100, "par": 100}
ABSOLUTE |= {"mdr": 100, "mdru": 100, "bgsd": 100, "bgv": 1e4}


@pytest.mark.parametrize(
    "case", ["ordered 1", "ordered 0", "unordered 1", "unordered 0", "reference 1", "reference 0"]
)
def test_points_are_those_of_who(case: str) -> None:
    kind, favourable = case.split()
    sample = SAMPLES[SAMPLES["sample"] == ("ordered" if kind == "ordered" else "unordered")]
    wanted = ANSWERS.loc[case]["estimate"]
    base = int(sample["reference"].to_numpy().argmax()) if kind == "reference" else None
    share = (sample["population"] / sample["population"].sum()).to_numpy()
    found = measured(
        sample["estimate"].to_numpy() / 100,
        share,
        list(wanted.index),
        kind == "ordered",
        base,
        favourable == "1",
    )
    for name, ours in zip(wanted.index, found, strict=True):
        value = np.exp(ours) if name == "ratio" else ours * ABSOLUTE.get(name, 1)
        assert value == pytest.approx(wanted[name], rel=1e-9, abs=1e-12), name


def test_every_measure_has_its_point_by_who() -> None:
    kept = {
        key
        for case, key in ANSWERS.index
        if case.split()[0] in ("ordered", "unordered", "reference", "people")
    }
    assert kept == {*ORDERED, *UNORDERED}


@pytest.mark.parametrize("link", ["logit", "linear"])
def test_slopes_are_those_of_regressions_on_people(link: str) -> None:
    table = inequality(PANEL, "used", "age_group", ["sii", "rii"], order=AGES, link=link)
    wanted = ANSWERS.loc[f"people {link}"].loc[["sii", "rii"], "estimate"]
    np.testing.assert_allclose(table["estimate"], wanted, rtol=1e-9)


def test_errors_are_those_of_replicates() -> None:
    for case, between, more in (
        ("jkn ordered", "age_group", {"order": AGES, "link": "linear"}),
        ("jkn unordered", "province", {}),
    ):
        wanted = ANSWERS.loc[case]
        table = inequality(JKN, "used", between, list(wanted.index), **more)
        np.testing.assert_allclose(table[["estimate", "se"]], wanted[["estimate", "se"]], rtol=1e-9)


@pytest.mark.parametrize("link", ["logit", "linear"])
def test_linearised_errors_are_close_to_replicates(link: str) -> None:
    wanted = ["difference", "ratio", "sii", "rii", "aci", "rci", "wagstaff", "erreygers"]
    taylor, jkn = (inequality(s, "used", "age_group", wanted, order=AGES, link=link) for s in (PANEL, JKN))
    np.testing.assert_allclose(taylor["estimate"], jkn["estimate"], rtol=1e-12)
    np.testing.assert_allclose(taylor["se"], jkn["se"], rtol=0.05)


def test_two_groups_give_the_difference_and_the_ratio() -> None:
    table = inequality(PANEL, "used", "ethnicity", order=["Kinh", "other"])
    for row, other in (
        (table.iloc[0], difference(PANEL, "used", "ethnicity").iloc[0]),
        (table.iloc[1], contrast(PANEL, "used", "ethnicity", scale="ratio").iloc[0]),
    ):
        for name in ("estimate", "se", "ci_low", "ci_high"):
            assert row[name] == pytest.approx(other[name], rel=1e-9)


def test_a_change_of_a_measure_is_the_change_of_the_gap() -> None:
    table = inequality(PANEL, "used", "ethnicity", order=["Kinh", "other"], over="wave")
    for inequality_, scale in (("difference", "difference"), ("ratio", "ratio")):
        ours = table[table["inequality"] == inequality_]
        theirs = contrast(PANEL, "used", "ethnicity", "wave", scale=scale)
        assert ours["wave"].tolist() == [2020, 2021, 2022]
        np.testing.assert_allclose(ours[["estimate", "se"]], theirs[["estimate", "se"]], rtol=1e-9)


def test_a_change_rests_on_the_people_of_its_two_waves_alone() -> None:
    """PSUs of later waves would make an interval too narrow."""
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"wave": np.repeat([1, 2, 3], [100, 100, 500])})
    frame["psu"] = np.where(frame["wave"] < 3, frame["wave"] * 100 + frame.index % 5, 300 + frame.index % 50)
    frame["g"], frame["y"] = random.integers(0, 2, 700).astype(str), random.integers(0, 2, 700)
    survey = Survey(frame, Design(psu="psu"))
    whole = inequality(survey, "y", "g", ["difference", "mdm"], over="wave").iloc[:2]
    alone = inequality(survey, "y", "g", ["difference", "mdm"], over="wave", domain="wave < 3")
    told = ["estimate", "se", "ci_low", "ci_high", "df", "n", "n_missing", "n_least"]
    pd.testing.assert_frame_equal(whole[told], alone[told])
    assert set(alone["n"]) == {200}
    assert set(alone["df"]) == {9}


def test_many_equal_groups_look_unequal_by_chance_and_are_told_so() -> None:
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"g": np.repeat(np.arange(30), 40), "w": 2.0, "y": random.random(1200) < 0.3})
    table = inequality(Survey(frame, Design("w")), "y", "g", ["difference", "ratio", "mdm", "theil"])
    assert (table["flag"] == "review").all()
    assert (table["if_equal"] / table["estimate"]).between(0.6, 1.6).all()
    assert (table["bias"] > 0).all()
    frame["y"] = random.random(1200) < 0.2 + frame["g"] / 50
    assert (inequality(Survey(frame, Design("w")), "y", "g", ["bgsd", "mdm"])["flag"] == "").all()


def test_a_mean_by_cells_and_a_census() -> None:
    table = inequality(
        PANEL, "years", "age_group", ["aci", "theil", "bgsd"][:1], order=AGES, by="gender", statistic="mean"
    )
    assert table["gender"].tolist() == ["female", "male"]
    assert set(table["unit"]) == {"number"}
    means = mean(PANEL, "years", by=["gender", "age_group"]).query("gender == 'male'")["estimate"].to_numpy()
    share = WAVES.query("gender == 'male'").groupby("age_group")["weight"].sum().to_numpy()
    share = share / share.sum()
    assert table["estimate"].iloc[1] == pytest.approx(measured(means, share, ["aci"], True)[0], rel=1e-12)
    frame = pd.DataFrame({"y": [1, 0, 1, 0, 0, 1], "g": list("aabbcc"), "w": 1.0, "N": 6})
    census = inequality(Survey(frame, Design("w", fpc="N")), "y", "g")
    assert census["se"].tolist() == [0, 0]


@pytest.mark.slow
def test_simulated_surveys_are_covered() -> None:
    random, hits, draws = np.random.default_rng(11), 0, 150
    truth = np.array([0.2, 0.3, 0.4, 0.5, 0.6])
    size = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    wanted = measured(truth, size, ["aci"], True)[0]
    group, psu = np.tile(np.repeat(np.arange(5), (size * 40).astype(int)), 30), np.repeat(np.arange(30), 40)
    for _ in range(draws):
        chance = np.clip(truth[group] + random.normal(0, 0.06, 30)[psu], 0, 1)
        frame = pd.DataFrame({"y": random.random(1200) < chance, "g": group, "psu": psu, "w": 5.0})
        row = inequality(Survey(frame, Design("w", psu="psu")), "y", "g", "aci", order=range(5)).iloc[0]
        hits += row["ci_low"] <= wanted <= row["ci_high"]
    assert 0.90 < hits / draws < 0.99


def test_a_reference_without_answers_is_named_with_its_cell() -> None:
    silent = (WAVES["gender"] == "male") & (WAVES["age_group"] == "55+")
    survey = Survey(WAVES.assign(used=WAVES["used"].mask(silent)), PANEL.design)
    with pytest.raises(CompareError, match=r"the reference has no answers in \{'gender': 'male'\}"):
        inequality(survey, "used", "age_group", "mdr", reference="55+", by="gender")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"measures": "gini"}, "gini"),
        ({"measures": "sii"}, "without order="),
        ({"measures": "mdr"}, "need a reference"),
        ({"measures": "mdr", "reference": "x"}, "not a group"),
        ({"order": ["18-34", "55+"]}, "every group"),
        ({"order": AGES, "reference": "55+"}, "leave reference"),
        ({"by": "age_group"}, "one of by"),
        ({"between": "ethnicity", "order": ["Kinh", "other"], "measures": "aci"}, "3 are needed"),
        ({"statistic": "total"}, "statistic"),
        (
            {"statistic": "mean", "order": AGES, "measures": "wagstaff"},
            r"\['wagstaff'\] are measures of proportions",
        ),
        ({"link": "probit"}, "link"),
        ({"level": 7}, "level"),
    ],
)
def test_what_cannot_be_summed_up_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        inequality(PANEL, "used", **{"between": "age_group", **arguments})
