"""Make a simulated survey in which the true rate of every province is known, and depends on facts in a stated way.

Run ``python data/province-survey-simulated/make.py [FOLDER]``. Frame, people and weights are made as those of
``papi-simulated``, with as many clusters, none of which is certain; the answers hang together with facts of
``province-facts`` as ``assumptions`` of the description say, so that a model of areas can be judged against the
truth. The same seed gives the same bytes.
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
    assumed["frame"] = own["frame"]
    fields = borrowed["resources"][0]["schema"]["fields"]
    codes = next([one["value"] for one in f["categories"]] for f in fields if f["name"] == "province")
    rng = np.random.Generator(np.random.PCG64(SEED))
    provinces = papi.make_provinces(codes, assumed, rng)
    frame = papi.make_frame(provinces, assumed, rng)
    for theme in ("connection", "portal"):
        frame[theme] += frame["province"].map(explained(own["dependence"][theme], codes)).to_numpy()
    people = papi.draw_people(draw_villages(frame, provinces, rng), own["design"]["size"], assumed, rng)
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


def draw_villages(frame: pd.DataFrame, provinces: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw two communes of the capital's district, two of each other district drawn, two villages of each commune.

    All are drawn with equal chances and none is certain, so that the survey's standard errors are right on average.
    """
    chance = pd.Series(rng.random(len(frame)), index=frame.index)
    keys = ["province", "d", "c", "v"]
    for depth, wanted in ((4, 2), (3, 2)):
        least = chance.groupby([frame[key] for key in keys[:depth]]).transform("min")
        units = pd.DataFrame({"unit": least, **{key: frame[key] for key in keys[: depth - 1]}})
        order = units.groupby(keys[: depth - 1])["unit"].rank(method="dense")
        frame, chance = frame[order <= wanted], chance[order <= wanted]
        chance = pd.Series(rng.random(len(frame)), index=frame.index)
    least = chance.groupby([frame["province"], frame["d"]]).transform("min").where(frame["d"] > 0, -1.0)
    order = least.groupby(frame["province"]).rank(method="dense")
    districts = frame["province"].map(provinces.set_index("province")["sampled_districts"])
    return frame[order <= districts].reset_index(drop=True)


def weights_of_villages(frame: pd.DataFrame, provinces: pd.DataFrame) -> np.ndarray:
    """Return the weight that each village has in its province: the capital's share, and villages alike within."""
    share = frame["province"].map(provinces.set_index("province")["capital_share"])
    capital = frame["d"] == 0
    number = frame.groupby(["province", capital])["v"].transform("size")
    return np.asarray(share.where(capital, 1 - share) / number)


def add_answers(
    people: pd.DataFrame,
    frame: pd.DataFrame,
    provinces: pd.DataFrame,
    rates: dict[str, Any],
    rng: np.random.Generator,
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
        truth.append(
            pd.DataFrame({"indicator": item, "province": own.index, "rate": own.round(9).to_numpy()})
        )
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
