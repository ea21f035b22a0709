"""Make a simulated survey in which the true rate of every province is known, and depends on facts in a stated way.

Run ``python data/province-survey-simulated/make.py [FOLDER]``. Frame, design, people and weights are those of
``papi-simulated``, with other random numbers; the answers hang together with facts of ``province-facts`` as
``assumptions`` of the description say, so that a model of areas can be judged against the truth. The same seed gives
the same bytes.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.datasets import write_descriptor

HERE = Path(__file__).resolve().parent
SEED = 20261126


def main(folder: Path = HERE) -> None:
    """Write ``respondents.csv``, ``truth.csv`` and ``datapackage.json`` into ``folder``."""
    papi = _papi()
    descriptor = json.loads((HERE / "datapackage.json").read_text("utf-8"))
    own = {each["name"]: each["values"] for each in descriptor["assumptions"]}
    borrowed = json.loads((HERE.parent / "papi-simulated" / "datapackage.json").read_text("utf-8"))
    assumed = {each["name"]: each["values"] for each in borrowed["assumptions"]}
    assumed["provinces"] = {
        theme: {**assumed["provinces"][theme], "province": own["unexplained"][theme]}
        for theme in ("connection", "portal")
    }
    fields = borrowed["resources"][0]["schema"]["fields"]
    codes = next([one["value"] for one in f["categories"]] for f in fields if f["name"] == "province")
    rng = np.random.Generator(np.random.PCG64(SEED))
    provinces = papi.make_provinces(codes, assumed, rng)
    frame = papi.make_frame(provinces, assumed, rng)
    for theme in ("connection", "portal"):
        frame[theme] += frame["province"].map(explained(own["dependence"][theme], codes)).to_numpy()
    people = papi.draw_people(papi.draw_villages(frame, provinces, rng), own["design"]["size"], assumed, rng)
    people["weight"] = papi.weigh(people, provinces, assumed["population"])
    truth = add_answers(people, frame, provinces, own["rates"], rng)
    people = papi.name_clusters(people.assign(wave=own["design"]["wave"], panel="A"))
    write(people[[f["name"] for f in descriptor["resources"][0]["schema"]["fields"]]], truth, folder)
    if folder.resolve() != HERE:
        shutil.copyfile(HERE / "datapackage.json", folder / "datapackage.json")
    write_descriptor(folder, descriptor)


def _papi() -> ModuleType:
    """Return the maker of ``papi-simulated``, whose frame, design and weights are used."""
    spec = importlib.util.spec_from_file_location("make_papi", HERE.parent / "papi-simulated" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def explained(slopes: dict[str, Any], codes: list[str]) -> pd.Series:
    """Return the log-odds that facts explain: slopes on standardised facts of the years stated."""
    facts = pd.read_csv(HERE.parent / "province-facts" / "facts.csv", dtype={"gso63": str})
    total = pd.Series(0.0, index=codes)
    for name, each in slopes.items():
        rows = facts[(facts["fact_id"] == name) & (facts["year"] == each["year"])]
        values = rows.set_index("gso63")["value"].reindex(codes)
        total += each["slope"] * (values - values.mean()) / values.std()
    return total.round(6)


def weights_of_villages(frame: pd.DataFrame, provinces: pd.DataFrame) -> np.ndarray:
    """Return the weight that each village has on average in its province's estimate, by the design."""
    capital = frame["province"].map(provinces.set_index("province")["capital_share"])

    def share(within: list[str], number: str, size: str) -> pd.Series:
        others = frame[size].where(frame[number] > 0, 0)
        units = frame.assign(others=others).drop_duplicates([*within, number])
        total = units.groupby(within)["others"].sum().rename("total")
        return others / frame[within].join(total, on=within)["total"]

    district = share(["province"], "d", "district_size")
    commune = share(["province", "d"], "c", "commune_size")
    village = share(["province", "d", "c"], "v", "village_size")
    return (
        np.where(frame["d"] == 0, capital, (1 - capital) * district)
        * np.where(frame["c"] == 0, 0.5, 0.5 * commune)
        * np.where(frame["v"] == 0, 0.5, 0.5 * village)
    )


def add_answers(
    people: pd.DataFrame, frame: pd.DataFrame, provinces: pd.DataFrame, rates: dict[str, Any], rng: np.random.Generator
) -> pd.DataFrame:
    """Add the answers, and return the true rate of each province."""
    weight = weights_of_villages(frame, provinces)
    adults = provinces.set_index("province")["adults"]
    size = frame["province"].map(adults / adults.sum()).to_numpy() * weight
    truth = []
    for item, each in rates.items():
        odds = (frame[each["place"]] + each["urban"] * frame["urban"]).to_numpy()
        constant = _constant(odds, size, each["rate"])
        chance = np.round(1 / (1 + np.exp(-odds - constant)), 9)
        own = pd.Series(weight * chance).groupby(frame["province"]).sum()
        truth.append(pd.DataFrame({"indicator": item, "province": own.index, "rate": own.round(9).to_numpy()}))
        mine = (people[each["place"]] + each["urban"] * people["urban"]).to_numpy()
        people[item] = (rng.random(len(people)) < np.round(1 / (1 + np.exp(-mine - constant)), 9)).astype(int)
    return pd.concat(truth, ignore_index=True)


def _constant(odds: np.ndarray, size: np.ndarray, rate: float) -> float:
    """Return the constant at which the country's rate is ``rate``, by halving."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        above = (size / (1 + np.exp(-odds - middle))).sum() > rate
        low, high = (low, middle) if above else (middle, high)
    return round((low + high) / 2, 6)


def write(people: pd.DataFrame, truth: pd.DataFrame, folder: Path) -> None:
    """Write both tables as text that is the same everywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    text = people.assign(weight=people["weight"].map("{:.1f}".format)).sort_values("psu", kind="stable")
    for name, table in (("respondents", text), ("truth", truth)):
        (folder / f"{name}.csv").write_bytes(table.to_csv(index=False, lineterminator="\n").encode("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
