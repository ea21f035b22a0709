"""Surveys of areas whose true rates are known, drawn cluster by cluster; rates as :func:`area_rates` gives them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from portal_analysis.shape import estimates


def expit(x):
    return 1 / (1 + np.exp(-x))


def truth_of(x: np.ndarray, slopes, sd: float, rate: float, random) -> np.ndarray:
    """True rates of areas: a logit of facts and of what they do not explain, with a mean of ``rate``."""
    odds = x @ np.asarray(slopes) + sd * random.standard_normal(len(x))
    return expit(odds + brentq(lambda c: expit(odds + c).mean() - rate, -30, 30))


def survey_of(truth: np.ndarray, random, clusters=12, people=20, rho=0.05) -> pd.DataFrame:
    """Direct rates of clusters drawn in every area, beta-binomial with the correlation ``rho`` within a cluster."""
    m = len(truth)
    k = (1 - rho) / rho
    within = random.beta((truth * k)[:, None], ((1 - truth) * k)[:, None], (m, clusters))
    yes = random.binomial(people, within) / people
    p, se = yes.mean(axis=1), yes.std(axis=1, ddof=1) / np.sqrt(clusters)
    n = float(clusters * people)
    share = 1 / m
    codes = [f"A{i:02d}" for i in range(m)]
    rows = pd.DataFrame(
        {
            "indicator": "use",
            "area": [None, *codes],
            "estimate": [share * p.sum(), *p],
            "se": [np.sqrt((se**2).sum()) * share, *se],
            "n": [n * m] + [n] * m,
            "deff": 2.0,
            "flag": "simulated",
            "source": "simulated",
            "unit": "proportion",
            "share": [1.0] + [share] * m,
        }
    )
    return estimates(rows, ["area"])
