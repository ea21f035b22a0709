"""Decompositions of gaps against R's oaxaca and its replicates (reference/decompose.R), and their invariants."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.compare import difference
from portal_analysis.survey.decompose import REFERENCES, decompose
from portal_analysis.survey.design import Design
from portal_analysis.survey.kitagawa import kitagawa
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.standardise import standardise

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = pd.read_csv(REFERENCE / "decompose.csv", comment="#").set_index(["case", "key"])
WAVES = pd.read_csv(REFERENCE / "waves.csv", dtype={"province": str})
PANEL, JKN = (
    Survey(WAVES, Design("weight", "province", "district", panel="panel", replicate_method=method))
    for method in (None, "JKn")
)
EQUAL = Survey(WAVES.assign(one=1.0), Design("one"))
FORMULA = "used ~ years + urban + gender"
MANY = "used ~ id + years + urban + gender + wave + profile + age_group + weight + I(id**2)"


def named(table: pd.DataFrame) -> pd.DataFrame:
    """Label the parts as the answers do: a whole part by its name, a share of one by its variable."""
    return table.set_index(table["term"].fillna(table["part"]).replace({"gender": "male"}))


@pytest.mark.parametrize("reference", REFERENCES)
def test_points_are_those_of_oaxaca(reference: str) -> None:
    found = named(decompose(EQUAL, FORMULA, "ethnicity", reference=reference))
    wanted = ANSWERS.loc[f"oaxaca {reference}", "estimate"]
    np.testing.assert_allclose(found.loc[wanted.index, "estimate"], wanted, rtol=1e-8)
    assert found.loc["gap", "estimate"] == pytest.approx(
        ANSWERS.loc[("oaxaca", "gap"), "estimate"], rel=1e-12
    )


def test_three_folds_are_those_of_oaxaca() -> None:
    found = named(decompose(EQUAL, FORMULA, "ethnicity", threefold=True))
    wanted = ANSWERS.loc["oaxaca threefold", "estimate"]
    np.testing.assert_allclose(found.loc[wanted.index, "estimate"], wanted, rtol=1e-8)


@pytest.mark.parametrize("method", ["oaxaca", "fairlie"])
def test_errors_are_those_of_replicates(method: str) -> None:
    found = named(decompose(JKN, FORMULA, "ethnicity", method))
    wanted = ANSWERS.loc[f"jkn {method}"]
    np.testing.assert_allclose(found.loc[wanted.index, "estimate"], wanted["estimate"], rtol=1e-6)
    np.testing.assert_allclose(found.loc[wanted.index, "se"], wanted["se"], rtol=1e-6)


@pytest.mark.parametrize("method", ["oaxaca", "fairlie"])
def test_parts_add_up_to_the_gap(method: str) -> None:
    found = decompose(PANEL, "used ~ years * urban + age_group", "ethnicity", method, reference="average")
    part = found[found["term"].isna()].set_index("part")["estimate"]
    assert part["explained"] + part["unexplained"] == pytest.approx(part["gap"], abs=1e-12)
    assert found["estimate"][found["term"].notna()].sum() == pytest.approx(part["explained"], abs=1e-12)
    raw = difference(PANEL, "used", "ethnicity").iloc[0]
    gap = found.iloc[0]
    assert gap[["estimate", "se"]].tolist() == pytest.approx(raw[["estimate", "se"]].tolist(), rel=1e-6)
    assert found["share"].iloc[0] == 1


def test_the_order_of_the_terms_does_not_matter() -> None:
    one = decompose(PANEL, "used ~ years + urban", "ethnicity", "fairlie").set_index(["part", "term"])
    other = decompose(PANEL, "used ~ urban + years", "ethnicity", "fairlie").set_index(["part", "term"])
    for term in ("years", "urban"):
        row, twin = one.loc[("explained", term)], other.loc[("explained", term)]
        assert row["estimate"] == pytest.approx(twin["estimate"], rel=1e-8)
        assert row["se"] == pytest.approx(twin["se"], rel=1e-8)


def test_kitagawa_is_that_of_replicates() -> None:
    wanted = ANSWERS.loc["jkn kitagawa"]
    found = kitagawa(JKN, "used", "ethnicity", "age_group").set_index("part").loc[wanted.index]
    np.testing.assert_allclose(found[["estimate", "se"]], wanted[["estimate", "se"]], rtol=1e-9)


def test_kitagawa_lies_between_two_standardisations() -> None:
    known = Survey(WAVES.dropna(subset="used"), PANEL.design)
    rest = kitagawa(known, "used", "ethnicity", ["age_group", "gender"]).set_index("part").loc["rates"]
    apart = [
        standardise(
            known, "used", ["age_group", "gender"], f"ethnicity == '{g}'", by="ethnicity", reference="Kinh"
        )
        for g in ("Kinh", "other")
    ]
    assert rest["estimate"] == pytest.approx(np.mean([t["estimate"].iloc[0] for t in apart]), rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "probit"}, "method"),
        ({"reference": "both"}, "reference"),
        ({"between": "age_group"}, "name two"),
        ({"groups": ("Kinh", "Kinh")}, "two different"),
        ({"formula": "used ~ ethnicity"}, "leave it out"),
        ({"formula": "used ~ 0 + years"}, "constant"),
        ({"formula": "used ~ 1"}, "no term"),
        ({"formula": "used"}, "outcome ~"),
        ({"formula": MANY, "method": "fairlie", "df": 999}, "too many"),
        ({"level": 3}, "level"),
    ],
)
def test_what_cannot_be_decomposed_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decompose(PANEL, **{"formula": FORMULA, "between": "ethnicity", **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"over": "ethnicity"}, "'ethnicity' cannot stand in between and in over"),
        ({"over": []}, "over names no column"),
        (
            {"groups": ("Kinh", "all")},
            r"must be two different groups of 'ethnicity', which has \['Kinh', 'other'\]",
        ),
    ],
)
def test_what_cannot_be_split_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kitagawa(PANEL, "used", "ethnicity", **{"over": "age_group", **arguments})


def test_groups_turned_round_turn_the_gap_round() -> None:
    plain, turned = (
        kitagawa(PANEL, "used", "ethnicity", "age_group", groups=groups)
        for groups in (None, ("Kinh", "other"))
    )
    assert turned["contrast"].iloc[0] == "Kinh - other"
    np.testing.assert_allclose(turned["estimate"], -plain["estimate"], rtol=1e-12)


def test_cells_of_one_group_alone_are_named() -> None:
    frame = pd.DataFrame({"y": [1, 0, 1, 0, 1], "a": list("xyxyz"), "g": list("ppqqq"), "w": 2.0})
    with pytest.raises(ValueError, match="'z'"):
        kitagawa(Survey(frame, Design("w")), "y", "g", "a")
