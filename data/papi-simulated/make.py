"""Make the simulated survey: ``python data/papi-simulated/make.py [FOLDER]``.

Every number comes from ``datapackage.json`` (assumptions, codes) and ``targets.csv`` (national rates). The same
numbers and seed give the same bytes: random numbers are plain uniforms and integers of PCG64, effects are rounded.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.datasets import write_descriptor

HERE = Path(__file__).resolve().parent
SEED = 20230711
DONT_KNOW, REFUSED = 888, 999
ITEMS = ("internet_home", "online_news", "npsp_use", "npsp_profile", "npsp_procedure", "pesp_use")
PLACE_LEVELS = ("province", "district", "commune", "village")

Random = np.random.Generator
Values = Mapping[str, Any]


def main(folder: Path = HERE) -> None:
    """Write ``respondents.csv``, ``targets.csv`` and ``datapackage.json`` into ``folder``."""
    descriptor = json.loads((HERE / "datapackage.json").read_text("utf-8"))
    assumed = {each["name"]: each["values"] for each in descriptor["assumptions"]}
    fields = descriptor["resources"][0]["schema"]["fields"]
    codes = {each["name"]: [one["value"] for one in each.get("categories", [])] for each in fields}
    targets = pd.read_csv(HERE / "targets.csv").set_index(["wave", "indicator"])["rate"]
    rng = np.random.Generator(np.random.PCG64(SEED))

    provinces = make_provinces(codes["province"], assumed, rng)
    frame = make_frame(provinces, assumed, rng)
    samples = {panel: draw_villages(frame, provinces, rng) for panel in assumed["panels"]}
    waves = []
    for panel, years in assumed["panels"].items():
        for year in years:
            people = draw_people(samples[panel], int(assumed["sizes"][str(year)]), assumed, rng)
            people["weight"] = weigh(people, provinces, assumed["population"])
            add_answers(people, str(year), targets.loc[year], assumed, rng)
            waves.append(people.assign(wave=year, panel=panel))
    respondents = name_clusters(pd.concat(waves, ignore_index=True))
    folder.mkdir(parents=True, exist_ok=True)
    write(respondents[[each["name"] for each in fields]], folder / "respondents.csv")
    if folder.resolve() != HERE:
        shutil.copyfile(HERE / "targets.csv", folder / "targets.csv")
    write_descriptor(folder, descriptor)


def normal(rng: Random, size: int, sd: float) -> np.ndarray:
    """Return bell-shaped numbers from whole ones (twelve uniforms), rounded: the same on every machine."""
    whole = rng.integers(0, 65536, size=(size, 12)).sum(axis=1) - 12 * 65535 // 2
    return np.round(sd * whole / 65536, 4)


def between(rng: Random, limits: list[float], size: int) -> np.ndarray:
    """Return uniform numbers between two limits."""
    low, high = limits
    return low + (high - low) * rng.random(size)


def make_provinces(codes: list[str], assumed: Values, rng: Random) -> pd.DataFrame:
    """Return one row a province: its class, quota, made-up size and the share of the capital's district."""
    classes, population = assumed["classes"], assumed["population"]
    named = {code: name for name, each in classes.items() for code in each.get("provinces", [])}
    table = pd.DataFrame({"province": codes})
    table["size"] = table["province"].map(named).fillna("small")
    table["sampled_districts"] = [classes[name]["districts"] for name in table["size"]]
    table["quota"] = [classes[name]["quota"] for name in table["size"]]
    limits = np.array([population["adults"][name] for name in table["size"]], dtype=float)
    table["adults"] = (limits[:, 0] + (limits[:, 1] - limits[:, 0]) * rng.random(len(table))).round(-3)
    table["capital_share"] = between(rng, population["capital_share"], len(table)).round(3)
    table["minority_share"] = rng.random(len(table)).round(3)
    return table


def make_frame(provinces: pd.DataFrame, assumed: Values, rng: Random) -> pd.DataFrame:
    """Return one row a village of the made-up country, with the effects of the places it lies in."""
    districts = [assumed["frame"]["districts"][name] for name in provinces["size"]]
    communes, villages = assumed["frame"]["communes"], assumed["frame"]["villages"]
    district = provinces.loc[provinces.index.repeat(districts)].reset_index(drop=True)
    district["d"] = np.concatenate([np.arange(number) for number in districts])
    district["district_size"] = rng.integers(50, 150, len(district))
    commune = district.loc[district.index.repeat(communes)].reset_index(drop=True)
    commune["c"] = np.tile(np.arange(communes), len(district))
    commune["commune_size"] = rng.integers(50, 150, len(commune))
    village = commune.loc[commune.index.repeat(villages)].reset_index(drop=True)
    village["v"] = np.tile(np.arange(villages), len(commune))
    village["village_size"] = rng.integers(50, 150, len(village))
    numbers = (len(provinces), len(district), len(commune), len(village))
    repeats = (np.array(districts) * communes * villages, communes * villages, villages, 1)
    for theme in ("connection", "portal"):
        spread = assumed["provinces"][theme]
        village[theme] = sum(
            np.repeat(normal(rng, number, spread[level]), repeat)
            for level, number, repeat in zip(PLACE_LEVELS, numbers, repeats, strict=True)
        )
    return _settle(village, assumed["places"], rng)


def _settle(village: pd.DataFrame, places: Values, rng: Random) -> pd.DataFrame:
    """Say which villages are urban, and in which most people belong to other ethnic groups than Kinh."""
    capital, seat = village["d"] == 0, village["c"] == 0
    urban = np.select(
        [capital, seat], [places["urban"]["capital"], places["urban"]["seat"]], places["urban"]["elsewhere"]
    )
    village["urban"] = (rng.random(len(village)) < urban).astype(int)
    minority = places["minority_village"]
    rural_share = minority["rural"] + minority["rural_range"] * village["minority_share"]
    share = np.where(village["urban"] == 1, minority["urban"], rural_share)
    village["minority_village"] = rng.random(len(village)) < share
    return village


def draw_villages(frame: pd.DataFrame, provinces: pd.DataFrame, rng: Random) -> pd.DataFrame:
    """Draw districts, communes and villages: the seat with certainty, others proportionally to size."""
    drawn = []
    for province, wanted in zip(provinces["province"], provinces["sampled_districts"], strict=True):
        here = frame[frame["province"] == province]
        for d in _draw(here.drop_duplicates("d"), "d", "district_size", wanted - 1, rng):
            district = here[here["d"] == d]
            for c in _draw(district.drop_duplicates("c"), "c", "commune_size", 1, rng):
                commune = district[district["c"] == c]
                drawn += [commune[commune["v"] == v] for v in _draw(commune, "v", "village_size", 1, rng)]
    return pd.concat(drawn, ignore_index=True)


def _draw(units: pd.DataFrame, number: str, size: str, wanted: int, rng: Random) -> list[int]:
    """Return unit 0 and ``wanted`` others, drawn systematically with probability proportional to size."""
    others = units[units[number] > 0]
    steps = others[size].cumsum().to_numpy() / others[size].sum() * wanted
    hits = np.searchsorted(steps, rng.random() + np.arange(wanted), side="right")
    return [0, *others[number].to_numpy()[np.minimum(hits, len(others) - 1)].tolist()]


def draw_people(villages: pd.DataFrame, size: int, assumed: Values, rng: Random) -> pd.DataFrame:
    """Return ``size`` persons of the sampled villages: sex, age, ethnicity, education."""
    wanted = villages["quota"].to_numpy() * (0.9 + 0.2 * rng.random(len(villages)))
    people = villages.loc[villages.index.repeat(share_out(size, wanted))].reset_index(drop=True)
    population = assumed["population"]
    shares = population["sample_age_group"]
    people["sex"] = np.where(rng.random(size) < population["sample_female"], "female", "male")
    group = np.searchsorted(np.cumsum(list(shares.values()))[:-1].round(6), rng.random(size), side="right")
    people["age_group"] = np.array(list(shares))[group]
    first, last = np.array([18, 30, 45, 60])[group], np.array([29, 44, 59, 85])[group]
    people["age"] = first + np.floor((last - first + 1) * rng.random(size)).astype(int)
    other = assumed["places"]["other_ethnicity"]
    share = np.where(people["minority_village"], other["minority_village"], other["elsewhere"])
    people["ethnicity"] = np.where(rng.random(size) < share, "other", "kinh")
    people["education"] = _educate(people, assumed["education"], rng)
    return people


def share_out(total: int, wanted: np.ndarray) -> np.ndarray:
    """Return whole numbers that add up to ``total``, as near to the shares ``wanted`` as can be."""
    exact = wanted / wanted.sum() * total
    whole = np.floor(exact).astype(int)
    largest = np.argsort(-(exact - whole), kind="stable")[: total - whole.sum()]
    whole[largest] += 1
    return whole


def _educate(people: pd.DataFrame, rule: Values, rng: Random) -> np.ndarray:
    shift = (
        np.log(people["age_group"].map(rule["age_group"]).astype(float))
        + np.log(rule["female"]) * (people["sex"] == "female")
        + np.log(rule["urban"]) * people["urban"]
        + np.log(rule["other_ethnicity"]) * (people["ethnicity"] == "other")
    ).to_numpy()
    chance = rng.random(len(people))
    score = np.round(shift + np.log(chance / (1 - chance)), 6)
    ranks = np.argsort(np.argsort(score, kind="stable"), kind="stable") / len(people)
    cuts = np.cumsum(list(rule["shares"].values()))[:-1].round(6)
    return np.array(list(rule["shares"]))[np.searchsorted(cuts, ranks, side="right")]


def weigh(people: pd.DataFrame, provinces: pd.DataFrame, population: Values) -> np.ndarray:
    """Return weights: the capital's district by its share, then post-stratified by province, sex and age group."""
    capital = people["d"] == 0
    share = people["capital_share"].where(capital, 1 - people["capital_share"])
    base = share / people.groupby(["province", capital])["province"].transform("size")
    cell = base.groupby([people["province"], people["sex"], people["age_group"]]).transform("sum")
    female = population["female"]
    wanted = (
        people["adults"]
        * people["age_group"].map(population["age_group"])
        * np.where(people["sex"] == "female", female, 1 - female)
    )
    return np.round(base * wanted / cell, 1).to_numpy()


def add_answers(people: pd.DataFrame, year: str, rates: pd.Series, assumed: Values, rng: Random) -> None:
    """Add the answers of one wave; questions that were not asked are recorded as No."""
    size, gaps, missing = len(people), assumed["gaps"], assumed["missing"]
    blank = {item: _missing(missing[item], size, rng) for item in ("education", *ITEMS)}
    blank["npsp_profile"] = np.where(blank["npsp_use"] > 0, blank["npsp_use"], blank["npsp_profile"])
    truth: dict[str, np.ndarray] = {}
    asked: dict[str, Callable[[], np.ndarray]] = {
        "internet_home": lambda: np.ones(size, dtype=bool),
        "online_news": lambda: np.ones(size, dtype=bool),
        "npsp_use": lambda: truth["internet_home"] | truth["online_news"],
        "npsp_profile": lambda: truth["npsp_use"],
        "npsp_procedure": lambda: truth["npsp_profile"],
        "pesp_use": lambda: truth["internet_home"] | truth["online_news"],
    }
    for item in ITEMS:
        may = asked[item]()
        if item in ("npsp_profile", "npsp_procedure"):
            parent = "npsp_use" if item == "npsp_profile" else "npsp_profile"
            # Nobody is asked a second question who said No to the first, or did not answer it.
            blank[item] = np.where(blank[parent] > 0, blank[parent], np.where(truth[parent], blank[item], 0))
        odds = log_odds(people, gaps[item], year, truth)
        weight = people["weight"].to_numpy()
        truth[item] = calibrate(odds, may, weight * (blank[item] == 0), float(rates[item]), rng)
        people[item] = np.where(blank[item] > 0, blank[item], truth[item].astype(int))
    people["education"] = np.where(
        blank["education"] > 0, blank["education"].astype(str), people["education"]
    )


def _missing(shares: list[float], size: int, rng: Random) -> np.ndarray:
    chance = rng.random(size)
    return np.select([chance < shares[0], chance < shares[0] + shares[1]], [DONT_KNOW, REFUSED], 0)


def log_odds(people: pd.DataFrame, gap: Values, year: str, truth: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return each person's log-odds of Yes, but for the constant: places, groups, earlier answers."""
    odds = (
        people[gap["place"]]
        + np.log(people["age_group"].map(gap["age_group"]).astype(float))
        + np.log(people["education"].map(gap["education"]).astype(float))
        + np.log(gap["female"]) * (people["sex"] == "female")
        + np.log(gap["urban"]) * people["urban"]
        + np.log(gap["other_ethnicity"][year]) * (people["ethnicity"] == "other")
    )
    for earlier in truth:
        if earlier in gap:
            odds = odds + np.log(gap[earlier]) * truth[earlier]
    return odds.to_numpy()


def calibrate(odds: np.ndarray, may: np.ndarray, weight: np.ndarray, rate: float, rng: Random) -> np.ndarray:
    """Return Yes or No for each person, the constant chosen so that the weighted share of Yes is ``rate``."""
    chance = rng.random(len(odds))
    # A person says Yes once the constant passes this point: sort by it, and stop where the share is nearest.
    point = np.round(np.log(chance / (1 - chance)) - odds, 6)
    order = np.argsort(np.where(may, point, np.inf), kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    if share[may.sum() - 1] < rate:
        raise ValueError(f"{rate:.2%} cannot be reached: only {share[may.sum() - 1]:.2%} are asked")
    yes = np.zeros(len(odds), dtype=bool)
    yes[order[: np.abs(share[: may.sum()] - rate).argmin() + 1]] = True
    return yes


def name_clusters(people: pd.DataFrame) -> pd.DataFrame:
    """Return the persons of all waves with the codes of their clusters, strata and sampling units."""
    number = {name: people[name].astype(str) for name in ("d", "c", "v")}
    people["district"] = people["province"] + number["d"].str.zfill(2)
    people["commune"] = people["district"] + number["c"].str.zfill(2)
    people["village"] = people["commune"] + number["v"]
    capital = people["d"] == 0
    people["stratum"] = people["province"] + np.where(capital, "C", "O") + people["panel"]
    people["psu"] = people["panel"] + people["commune"].where(capital, people["district"])
    return people


def write(people: pd.DataFrame, path: Path) -> None:
    """Write the persons, in the order of wave, village and weight, as text that is the same everywhere."""
    text = people.assign(weight=people["weight"].map("{:.1f}".format))
    ordered = text.sort_values(["wave", "village"], kind="stable")
    path.write_bytes(ordered.to_csv(index=False, lineterminator="\n").encode("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
