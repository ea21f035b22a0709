"""Simulate how often intervals hold the truth: rare rates in few PSUs, finite populations, inequality.

Run ``python tests/reference/coverage.py`` (some minutes). For each number of PSUs it prints the share of 4,000
samples whose 95% Korn–Graubard interval holds the truth, with n at 0 of n taken as it is (NCHS' macro) and
corrected for the degrees of freedom (ours), among all samples and among those without a yes; then the coverage
of samples without replacement from 63 portals, against the exact hypergeometric one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import beta as beta_distribution

from portal_analysis.survey import intervals
from portal_analysis.survey.design import Design
from portal_analysis.survey.inequality import inequality
from portal_analysis.survey.measures import measured
from portal_analysis.survey.microdata import Survey


def sample(
    random: np.random.Generator, psus: int, size: int, rate: float, rho: float, draws: int
) -> np.ndarray:
    """Return yes-counts (draws, psus): beta-binomial clusters with intraclass correlation ``rho``."""
    a, b = rate * (1 / rho - 1), (1 - rate) * (1 / rho - 1)
    return random.binomial(size, random.beta(a, b, (draws, psus)))


def clustered(psus: int, size: int, rate: float, rho: float, draws: int, seed: int) -> dict[str, float]:
    """Return the coverage of both rules in samples of equal clusters."""
    yes = sample(np.random.default_rng(seed), psus, size, rate, rho, draws)
    n, df = np.full(draws, float(psus * size)), np.full(draws, psus - 1.0)
    p, se = yes.sum(axis=1) / n, (yes / size).std(axis=1, ddof=1) / np.sqrt(psus)
    low, high, _ = intervals.limits(p, se, n, n, df, 0.95, "korn-graubard")
    plain = np.where(p == 0, beta_distribution.ppf(0.975, 1, n), high)
    none = p == 0
    return {
        "ours": float(((low <= rate) & (rate <= high)).mean()),
        "n as it is": float(((low <= rate) & (rate <= plain)).mean()),
        "ours, no yes": float((rate <= high)[none].mean()) if none.any() else np.nan,
        "n as it is, no yes": float((rate <= plain)[none].mean()) if none.any() else np.nan,
    }


def portals(population: int, drawn: int, yes: int, draws: int, seed: int) -> float:
    """Return the coverage in simple random samples without replacement of a population with ``yes``."""
    found = np.random.default_rng(seed).hypergeometric(yes, population - yes, drawn, draws)
    n, p = np.full(draws, float(drawn)), found / drawn
    se = np.sqrt((1 - drawn / population) * p * (1 - p) / (drawn - 1))
    size = np.full(draws, float(population))
    finite = intervals.Finite(size, found / size, (found + size - n) / size, size <= n)
    low, high, _ = intervals.limits(p, se, n, n, n - 1, 0.95, "korn-graubard", finite)
    truth = yes / population
    return float(((low <= truth + 1e-12) & (truth - 1e-12 <= high)).mean())


def unequal(draws: int, seed: int) -> dict[str, float]:
    """Return how often intervals of inequality measures hold the truth: 5 groups that share all of 30 PSUs."""
    random, truth = np.random.default_rng(seed), np.array([0.2, 0.3, 0.4, 0.5, 0.6])
    group, psu = np.tile(np.repeat(np.arange(5), [12, 10, 8, 6, 4]), 30), np.repeat(np.arange(30), 40)
    share = np.bincount(group) / len(group)
    ordered = ["difference", "ratio", "sii", "rii", "aci", "rci"]
    unordered = ["mdm", "bgsd", "theil", "mld"]
    wanted = np.concatenate([measured(truth, share, ordered, True), measured(truth, share, unordered)])
    hits = np.zeros(len(wanted))
    for _ in range(draws):
        chance = np.clip(truth[group] + random.normal(0, 0.06, 30)[psu], 0, 1)
        frame = pd.DataFrame({"y": random.random(1200) < chance, "g": group, "psu": psu, "w": 5.0})
        survey = Survey(frame, Design("w", psu="psu"))
        told = pd.concat(
            [
                inequality(survey, "y", "g", ordered, order=range(5)),
                inequality(survey, "y", "g", unordered),
            ]
        )
        logs = told["inequality"].isin(["ratio", "rii"]).to_numpy()
        low, high = (np.where(logs, np.log(told[c].where(logs, 1)), told[c]) for c in ("ci_low", "ci_high"))
        hits += (low <= wanted) & (wanted <= high)
    return dict(zip([*ordered, *unordered], hits / draws, strict=True))


if __name__ == "__main__":
    print("1,000 simulated surveys:", {k: round(v, 3) for k, v in unequal(1000, 20230711).items()})
    for psus in (3, 5, 8, 20):
        for rate in (0.03, 0.05):
            told = clustered(psus, 30, rate, 0.1, 4000, 20230711)
            print(f"{psus:2} PSUs of 30, {rate:.0%}:", {k: round(v, 3) for k, v in told.items()})
    for drawn in (20, 40, 60, 63):
        least = min(portals(63, drawn, yes, 4000, 7) for yes in range(64))
        print(f"{drawn} of 63 portals: least coverage over all 64 truths {least:.3f}")
