"""Prevalence corrected for sensitivity and specificity, by delicatessen, for tests/audit/test_tools.py.

python rogan_gladen.py writes rogan_gladen.csv. delicatessen (MIT) solves the estimating equations of the corrected
share and takes its variance from the empirical sandwich, without the formula of Rogan and Gladen. The first row is the
example that its documentation takes from Cole et al. (2023).
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
from delicatessen import MEstimator
from delicatessen.estimating_equations import ee_rogan_gladen

# by the tool: passes, failures; by people pass: tool passes, fails; by people fail: tool passes, fails
CASES = ((270, 680, 71, 18, 38, 203), (40, 23, 30, 4, 5, 14), (20, 43, 18, 2, 9, 12), (55, 8, 40, 1, 6, 4))


def corrected(case: tuple[int, ...]) -> tuple[float, float]:
    found = np.repeat([0, 1, 0, 1, 0, 1], case)
    people = np.repeat([np.nan, np.nan, 0, 0, 1, 1], case)
    main = np.repeat([1, 1, 0, 0, 0, 0], case)
    model = MEstimator(lambda theta: ee_rogan_gladen(theta, people, found, main), init=[0.5, 0.5, 0.75, 0.75])
    model.estimate(solver="lm", tolerance=1e-13)
    return float(model.theta[0]), float(np.sqrt(model.variance[0, 0]))


def main() -> None:
    here = Path(__file__)
    rows = ["passes,failures,pass_pass,pass_fail,fail_pass,fail_fail,estimate,se"]
    for case in CASES:
        rows.append(",".join(map(str, case)) + ",{:.12g},{:.12g}".format(*corrected(case)))
    here.with_suffix(".csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = f"delicatessen {version('delicatessen')}\nnumpy {np.__version__}\n"
    here.with_name("rogan_gladen_version.txt").write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
