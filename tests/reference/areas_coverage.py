"""Count how often intervals of modelled rates hold the truth: 500 surveys of 63 areas a row, into areas_coverage.csv.

Run ``python tests/reference/areas_coverage.py`` (some minutes). Where the model refuses most of the surveys as
too rare, it does not serve there, and ``served`` says so.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from portal_analysis.survey.area_data import AreaError
from portal_analysis.survey.small_area import small_area

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "survey"))
from areas import survey_of, truth_of  # noqa: E402

SURVEYS, AREAS = 500, 63
CASES = [
    (0.75, 12, 20, 0.05),
    (0.3, 12, 20, 0.05),
    (0.05, 12, 20, 0.03),
    (0.03, 12, 40, 0.01),
    (0.01, 12, 20, 0.03),
]


def main() -> None:
    """Draw, fit and count."""
    rows = []
    for rate, clusters, people, rho in CASES:
        random = np.random.default_rng([20261126, round(rate * 100)])
        x = random.standard_normal((AREAS, 2))
        facts = pd.DataFrame({"area": [f"A{i:02d}" for i in range(AREAS)], "a": x[:, 0], "b": x[:, 1]})
        held, refused = [], 0
        for _ in range(SURVEYS):
            truth = truth_of(x, [0.3, -0.2], 0.25, rate, random)
            rates = survey_of(truth, random, clusters, people, rho)
            try:
                model = small_area(rates, facts)
            except AreaError:
                refused += 1
                continue
            held.append(((model["ci_low"] <= truth) & (truth <= model["ci_high"])).mean())
        served = refused < SURVEYS / 2
        rows.append(
            (rate, clusters, people, rho, SURVEYS, refused, np.mean(held) if held else np.nan, served)
        )
        print(rows[-1], flush=True)
    names = ["rate", "clusters", "people", "rho", "surveys", "refused", "coverage", "served"]
    pd.DataFrame(rows, columns=names).to_csv(HERE / "areas_coverage.csv", index=False)


if __name__ == "__main__":
    main()
