"""Count how often intervals of modelled rates hold the truth: 500 surveys of 63 areas a row, into areas_coverage.csv.

Run ``python tests/reference/areas_coverage.py`` (some minutes). Where the model refuses most of the surveys as
too rare, it does not serve there, and ``served`` says so. ``adjusted`` is the share of surveys that give a variance
between areas of 0, ``coverage_adjusted`` that of their intervals, ``coverage_synthetic`` that of five areas without
sample. ``sd`` is how areas differ beyond their facts, on the logit scale.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from portal_analysis.survey.area_data import AreaError
from portal_analysis.survey.small_area import small_area

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "survey"))
from areas import survey_of, truth_of  # noqa: E402

SURVEYS, AREAS, BARE = 500, 63, 5
CASES = [
    (0.75, 12, 20, 0.05, 0.25, "arcsine"),
    (0.3, 12, 20, 0.05, 0.25, "arcsine"),
    (0.3, 12, 20, 0.05, 0.25, "logit"),
    (0.3, 12, 20, 0.05, 0.09, "arcsine"),
    (0.05, 12, 20, 0.03, 0.25, "arcsine"),
    (0.03, 12, 20, 0.03, 0.25, "arcsine"),
    (0.03, 12, 40, 0.01, 0.25, "arcsine"),
    (0.01, 12, 20, 0.03, 0.25, "arcsine"),
    (0.01, 12, 100, 0.01, 0.25, "arcsine"),
]


def counted(rate: float, clusters: int, people: int, rho: float, sd: float, scale: str) -> tuple[object, ...]:
    """Draw, fit and count."""
    random = np.random.default_rng([20261126, round(rate * 100), people, round(sd * 100)])
    names = [f"A{i:02d}" for i in range(AREAS + BARE)]
    rows, refused = [], 0
    for _ in range(SURVEYS):
        x = random.standard_normal((AREAS + BARE, 2))
        facts = pd.DataFrame({"area": names, "a": x[:, 0], "b": x[:, 1]})
        truth = truth_of(x, [0.3, -0.2], sd, rate, random)
        rates = survey_of(truth[:AREAS], random, clusters, people, rho)
        try:
            model = small_area(rates, facts, scale=scale)
        except AreaError:
            refused += 1
            continue
        held = (model["ci_low"] <= truth) & (truth <= model["ci_high"])
        rows.append((held[:AREAS].mean(), held[AREAS:].mean(), model["fitting"].iloc[0] == "adjusted REML"))
    found = np.array(rows, dtype=float).reshape(-1, 3)
    own, bare, adjusted = found.mean(axis=0) if len(found) else (np.nan,) * 3
    of_adjusted = found[found[:, 2] == 1, 0]
    return (
        *(rate, clusters, people, rho, sd, scale, SURVEYS, refused),
        *(own, bare, adjusted, of_adjusted.mean() if len(of_adjusted) else np.nan, refused < SURVEYS / 2),
    )


def main() -> None:
    """Count each case."""
    names = ["rate", "clusters", "people", "rho", "sd", "scale", "surveys", "refused"]
    names += ["coverage", "coverage_synthetic", "adjusted", "coverage_adjusted", "served"]
    with ProcessPoolExecutor(3) as pool:
        rows = list(pool.map(counted, *zip(*CASES, strict=True)))
    pd.DataFrame(rows, columns=names).to_csv(HERE / "areas_coverage.csv", index=False)


if __name__ == "__main__":
    main()
