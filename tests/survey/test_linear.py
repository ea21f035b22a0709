"""The engine's derivatives, of whatever is estimated, against infinitely small changes of the weights."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.compare import contrast, difference, trend
from portal_analysis.survey.decompose import REFERENCES, decompose
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import mean, proportion, ratio
from portal_analysis.survey.inequality import inequality
from portal_analysis.survey.kitagawa import kitagawa
from portal_analysis.survey.measures import ORDERED, UNORDERED
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.model import regress
from portal_analysis.survey.standardise import standardise

WAVES = pd.read_csv(Path(__file__).parents[1] / "reference" / "waves.csv", dtype={"province": str})
WAVES["psu"] = WAVES["province"] + WAVES["panel"] + WAVES["district"].astype(str)
SMALL = 1e-3


def _pair() -> tuple[Survey, Survey]:
    """Return a survey, and the same with replicates that change one PSU's weights by 0.1% up and down."""
    psus = WAVES["psu"].unique()
    raised = {
        f"r{i}_{sign}": WAVES["weight"] * (1 + sign * SMALL * (WAVES["psu"] == p))
        for i, p in enumerate(psus)
        for sign in (1, -1)
    }
    columns = tuple(raised)
    design = Design(
        "weight",
        replicates=columns,
        replicate_method="other",
        scale=len(psus) / (len(psus) - 1) / SMALL**2 / 2,
        rscales=(1.0,) * len(columns),
    )
    frame = pd.concat([WAVES, pd.DataFrame(raised)], axis=1)
    return Survey(WAVES, Design("weight", psu="psu")), Survey(frame, design)


TAYLOR, TINY = _pair()
AGES = ["18-34", "35-54", "55+"]
ASKED: dict[str, Callable[[Survey], pd.DataFrame]] = {
    "proportion": lambda s: proportion(s, "used", by="age_group"),
    "mean": lambda s: mean(s, "years", by="gender"),
    "ratio": lambda s: ratio(s, "used", "years", by="gender"),
    "difference": lambda s: difference(s, "used", "age_group", by="gender", pairs="all"),
    "trend": lambda s: trend(s, "used", by="gender"),
    "trend logit": lambda s: trend(s, "used", method="logit"),
    "trend contrast": lambda s: trend(s, "used", method="contrast"),
    "contrast": lambda s: contrast(s, "used", "gender", "wave", scale="ratio"),
    "ratio difference": lambda s: contrast(s, "used", "gender", statistic="ratio", denominator="years"),
    "standardise": lambda s: standardise(s, "used", "age_group", by="gender"),
    "standardise gap": lambda s: standardise(
        s, "used", "age_group", "wave == 2020", by="gender", reference="male"
    ),
    "ordered": lambda s: inequality(s, "used", "age_group", ORDERED[:8], order=AGES),
    "linear slopes": lambda s: inequality(s, "used", "age_group", ["sii", "rii"], order=AGES, link="linear"),
    "unordered": lambda s: inequality(s, "used", "province", UNORDERED, reference="01"),
    "change": lambda s: inequality(s, "used", "age_group", ["rii", "erreygers"], order=AGES, over="wave"),
    "kitagawa": lambda s: kitagawa(s, "used", "gender", "age_group"),
    "poisson": lambda s: regress(s, "used ~ gender + years", "poisson"),
    "linear": lambda s: regress(s, "years ~ gender * urban"),
    "predicted": lambda s: regress(s, "used ~ gender + years", "logit", effect="predicted"),
    "marginal": lambda s: regress(s, "used ~ gender + years", "poisson", effect="marginal"),
    **{
        f"{method} {reference}": lambda s, m=method, r=reference: decompose(
            s, "used ~ years + urban + age_group", "gender", m, reference=r
        )
        for method in ("oaxaca", "fairlie")
        for reference in REFERENCES
    },
    "threefold": lambda s: decompose(s, "used ~ years + urban", "gender", "fairlie", threefold=True),
}


@pytest.mark.parametrize("what", list(ASKED))
def test_errors_are_those_of_infinitely_small_changes(what: str) -> None:
    ours, theirs = ASKED[what](TAYLOR), ASKED[what](TINY)
    assert len(ours) == len(theirs) > 0
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-4)
    assert (ours["se"] > 0).all()
