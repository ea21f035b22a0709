"""Write the made-up samples that the R scripts and the tests read; seeded, so they never change."""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent


def complex_sample() -> pd.DataFrame:
    """600 people: 6 strata, 4 to 6 PSUs each (labels used again), 3 SSUs a PSU, 2 waves, missing answers."""
    random = np.random.default_rng(20230711)
    rows = []
    for stratum in "ABCDEF":
        psus = int(random.integers(4, 7))
        size1 = psus * int(random.integers(3, 8))
        for psu in range(1, psus + 1):
            level, size2 = random.normal(0, 0.5), int(random.integers(5, 12))
            for ssu in range(1, 4):
                for person in range(1, 8):
                    chance = 1 / (1 + np.exp(-(level - 0.4)))
                    rows.append((stratum, psu, ssu, person, size1, size2, 40, chance))
    frame = pd.DataFrame(rows, columns=["stratum", "psu", "ssu", "person", "fpc1", "fpc2", "fpc3", "chance"])
    frame = frame.iloc[:600].copy() if len(frame) > 600 else frame
    n = len(frame)
    frame["w"] = np.round(random.uniform(20, 200, n), 3)
    frame["wave"] = np.where(frame["person"] <= 3, 2022, 2023)
    frame["sex"] = random.choice(["f", "m"], n)
    frame["group"] = random.choice(["kinh", "other"], n, p=[0.8, 0.2])
    frame["y"] = np.where(random.random(n) < 0.06, np.nan, (random.random(n) < frame["chance"]).astype(float))
    frame["rare"] = (random.random(n) < 0.025).astype(float)
    frame["never"] = 0.0
    frame["x"] = np.round(random.normal(10, 3, n) + 4 * frame["chance"], 4)
    frame["z"] = np.round(random.gamma(3, 2, n), 4)
    frame["member"] = (random.random(n) < 0.55).astype(int)
    frame["school"] = random.choice(["primary", "secondary", "university"], n, p=[0.5, 0.35, 0.15])
    return frame.drop(columns="chance")


def lonely_sample() -> pd.DataFrame:
    """40 people in 5 strata, two of which have one PSU."""
    random = np.random.default_rng(7)
    psus = [
        ("A", 1),
        ("A", 2),
        ("A", 3),
        ("B", 1),
        ("C", 1),
        ("C", 2),
        ("D", 1),
        ("E", 1),
        ("E", 2),
        ("E", 3),
    ]
    rows = [(stratum, psu) for stratum, psu in psus for _ in range(4)]
    frame = pd.DataFrame(rows, columns=["stratum", "psu"])
    frame["w"] = np.round(random.uniform(5, 50, len(frame)), 2)
    frame["y"] = random.integers(0, 2, len(frame))
    frame["x"] = np.round(random.normal(5, 2, len(frame)), 3)
    frame["g"] = np.where(
        frame["stratum"].isin(["A", "B", "E"]) & (random.random(len(frame)) < 0.7), "u", "v"
    )
    frame["thin"] = ((frame["stratum"] == "A") & (frame["psu"] == 1)) | frame["stratum"].isin(["C", "E"])
    frame["thin"] = frame["thin"].astype(int)
    return frame


def paired_sample() -> pd.DataFrame:
    """96 people in 8 strata of two PSUs: what balanced repeated replication needs."""
    random = np.random.default_rng(11)
    frame = pd.DataFrame(
        [(h, 2 * h + i) for h in range(8) for i in range(2) for _ in range(6)], columns=["h", "psu"]
    )
    frame["w"] = np.round(random.uniform(10, 90, len(frame)), 2)
    frame["y"] = random.integers(0, 2, len(frame))
    frame["x"] = np.round(random.normal(20, 4, len(frame)), 3)
    frame["sex"] = random.choice(["f", "m"], len(frame))
    return frame


def even_sample() -> pd.DataFrame:
    """Three surveys in one: strata far apart, PSUs of a stratum alike."""
    random = np.random.default_rng(23)
    rows = [
        (size, f"{size}{h}", psu, int(random.random() < chance))
        for size, psus, persons in (("few", 2, 20), ("some", 3, 30), ("many", 6, 40))
        for h, chance in enumerate((0.05, 0.3, 0.6, 0.9))
        for psu in range(psus)
        for _ in range(persons)
    ]
    frame = pd.DataFrame(rows, columns=["size", "stratum", "psu", "y"])
    frame["w"] = np.round(random.uniform(40, 60, len(frame)), 2)
    frame["x"] = np.round(random.normal(5, 1, len(frame)), 3)
    return frame


if __name__ == "__main__":
    made = {"complex": complex_sample, "lonely": lonely_sample, "paired": paired_sample, "even": even_sample}
    for name, make in made.items():
        make().to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n")
