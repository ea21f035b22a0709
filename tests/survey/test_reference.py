"""Every number against R's survey package; the recipe is tests/reference/survey.R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from portal_analysis.survey import estimate, intervals, linear
from portal_analysis.survey.design import Design
from portal_analysis.survey.joint import Outcomes, joint
from portal_analysis.survey.microdata import Survey

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "survey_answers.csv", keep_default_na=False, na_values=["NA", "NaN"])
TOLERANCE = 1e-9


def _table(name: str) -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / f"{name}.csv")
    return (
        frame.assign(cluster=frame["stratum"] + "." + frame["psu"].astype(str))
        if name == "complex"
        else frame
    )


def _replicates(kind: str, mse: bool = False, **more: object) -> Design:
    columns = tuple(c for c in _table("paired_replicates") if c.startswith(f"{kind}_"))
    extra: dict[str, object] = {"Fay": {"rho": 0.3}, "JKn": {"scale": 1.0, "rscales": 0.5}}.get(kind, {})
    return Design("w", replicates=columns, mse=mse, **{"replicate_method": kind, **extra, **more})


def _designs() -> dict[str, tuple[str, Design]]:
    stages = ("psu", "ssu", "person")
    fpcs = ("fpc1", "fpc2", "fpc3")
    found = {
        "one stage": ("complex", Design("w", "stratum", "psu")),
        "one stage fpc": ("complex", Design("w", "stratum", "psu", fpc="fpc1")),
        "two stages fpc": ("complex", Design("w", "stratum", stages[:2], fpc=fpcs[:2])),
        "three stages fpc": ("complex", Design("w", "stratum", stages, fpc=fpcs)),
        "no strata": ("complex", Design("w", psu="cluster")),
        "no design": ("complex", Design("w")),
        "twelve": ("twelve", Design("w", "stratum", "psu")),
        "even": ("even", Design("w", "stratum", "psu")),
        "made JKn": ("complex", Design("w", "stratum", "psu", replicate_method="JKn")),
        "made JKn fpc": ("complex", Design("w", "stratum", "psu", fpc="fpc1", replicate_method="JKn")),
        "made JK1": ("paired", Design("w", psu="psu", replicate_method="JK1")),
        "replicates other": (
            "paired_replicates",
            _replicates(
                "JK1", replicate_method="other", scale=0.7, rscales=tuple(np.linspace(0.5, 1.25, 16))
            ),
        ),
    }
    for lonely in ("adjust", "average", "remove", "certainty"):
        for suffix, adjust in (("", False), ("domains", True)):
            design = Design("w", "stratum", "psu", lonely_psu=lonely, lonely_domain=adjust)
            found[f"lonely {lonely} {suffix}"] = ("lonely", design)
        design = Design("w", "stratum", "psu", lonely_psu=lonely, replicate_method="JKn")
        found[f"made JKn {lonely}"] = ("lonely", design)
    for kind in ("BRR", "Fay", "JKn", "JK1", "bootstrap"):
        found[f"replicates {kind} "] = ("paired_replicates", _replicates(kind))
        found[f"replicates {kind} mse"] = ("paired_replicates", _replicates(kind, mse=True))
    return found


DESIGNS = _designs()
MEMBERSHIP = ("member=1", "thin=1")


def _ask(case: str, what: str, where: str, **more: object) -> pd.Series:
    """Estimate one row in the way a researcher would: ``by`` and ``domain``, no filtered frame."""
    name, design = DESIGNS[case]
    survey = Survey(_table(name), design)
    pairs = [part.split("=") for part in where.split()] if where != "all" else []
    domain = pairs[0][0] if where in MEMBERSHIP else None
    by = [] if domain else [column for column, _ in pairs]
    kind, column = what.split(":")
    if kind == "ratio":
        over, under = column.split("/")
        table = estimate.ratio(survey, over, under, by=by or None, domain=domain, **more)
    elif kind == "interval":
        table = estimate.proportion(survey, "y", by=by or None, domain=domain, interval=column, **more)
    else:
        table = getattr(estimate, kind)(survey, column, by=by or None, domain=domain, **more)
    for column, value in pairs if by else []:
        table = table[table[column].astype(str) == value]
    assert len(table) == 1
    return table.iloc[0]


CASES = ANSWERS[ANSWERS["case"].isin(DESIGNS)]


def test_no_case_of_the_answers_is_left_out() -> None:
    assert set(ANSWERS["case"]) - set(DESIGNS) == {"categories", "JKn covariance", "filtered rows"}
    assert set(DESIGNS) <= set(ANSWERS["case"])


@pytest.mark.parametrize("case", sorted(DESIGNS))
def test_numbers_are_those_of_r(case: str) -> None:
    wrong, compared = [], 0
    for (what, where), rows in CASES[CASES["case"] == case].groupby(["what", "domain"]):
        plain = _ask(case, str(what), str(where))
        for stat, value in zip(rows["stat"], rows["value"], strict=True):
            ours = (
                _ask(case, str(what), str(where), deff="replace")["deff"]
                if stat == "deff_replace"
                else plain[stat]
            )
            compared += 1
            if case == "made JKn adjust" and stat in ("df", "ci_low", "ci_high"):
                continue  # R: rank of the replicates less 1, 7; ours: PSUs less strata, 5
            if not _agrees(float(ours), float(value), stat):
                wrong.append((what, where, stat, float(ours), float(value)))
    assert not wrong
    assert compared == len(CASES[CASES["case"] == case])


def _agrees(ours: float, theirs: float, stat: str) -> bool:
    if np.isnan(theirs):
        return bool(np.isnan(ours))
    return bool(np.isclose(ours, theirs, rtol=TOLERANCE, atol=1e-15 if stat != "deff" else 0))


@pytest.mark.parametrize("category", ["primary", "secondary", "university"])
def test_categories_are_those_of_r(category: str) -> None:
    survey = Survey(_table("complex"), DESIGNS["one stage"][1])
    table = estimate.proportion(survey, "school", categories=True).set_index("category")
    rows = ANSWERS[(ANSWERS["case"] == "categories") & (ANSWERS["what"] == category)].set_index("stat")[
        "value"
    ]
    assert table.loc[category, ["estimate", "se"]].tolist() == pytest.approx(
        [rows["estimate"], rows["se"]], rel=TOLERANCE
    )


def test_covariance_of_domains_is_that_of_r() -> None:
    survey = Survey(_table("complex"), DESIGNS["made JKn"][1])
    outcomes = Outcomes(["x"], [survey.data["x"].to_numpy()])
    ours = linear.derived(joint(survey, outcomes, "sex")).covariance()
    theirs = ANSWERS[ANSWERS["case"] == "JKn covariance"]["value"].to_numpy().reshape(2, 2)
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE)


def test_filtering_rows_first_gives_another_error_than_ours() -> None:
    wrong = ANSWERS[ANSWERS["case"] == "filtered rows"]["value"].iloc[0]
    ours = _ask("one stage", "proportion:y", "wave=2023 group=other")["se"]
    assert abs(ours / wrong - 1) > 0.005


def test_every_interval_has_its_reference() -> None:
    have = {w.split(":")[1] for w in ANSWERS["what"] if w.startswith("interval:")}
    # likelihood: test_weights, by greg.R
    assert have | {"agresti-coull", "likelihood"} == set(intervals.INTERVALS)


@pytest.mark.parametrize(("method", "theirs"), [("agresti-coull", "agresti_coull"), ("wilson", "wilson")])
def test_score_intervals_are_those_of_statsmodels_with_the_effective_size(method: str, theirs: str) -> None:
    # convention: R has no Agresti-Coull interval for surveys, and svy's Wilson corrects n_e for df as well as
    # taking t(df); ours is the textbook interval of n_e answers with t(df) in the normal quantile's place
    p, se, n, df = (
        np.array(v) for v in ([0.02, 0.3, 0.9], [0.01, 0.04, 0.02], [200.0, 300, 400], [4.0, 9, 60])
    )
    low, high, _ = intervals.limits(p, se, n, n, df, 0.95, method)
    size, alpha = p * (1 - p) / se**2, 2 * norm.sf(student.ppf(0.975, df))
    expected = [proportion_confint(s * q, s, a, theirs) for s, q, a in zip(size, p, alpha, strict=True)]
    np.testing.assert_allclose(np.column_stack([low, high]), expected, rtol=1e-12)
