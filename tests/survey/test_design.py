import dataclasses

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.design import Design, DesignError
from portal_analysis.survey.microdata import Survey


@pytest.fixture
def small() -> pd.DataFrame:
    return pd.DataFrame(
        {"w": [1.0, 2, 3, 4, 5, 6], "h": list("aabbcc"), "psu": [1, 2, 1, 2, 1, 2], "y": [1, 0, 1, 1, 0, 0]}
    )


def test_labels_used_again_in_another_stratum_are_other_psus(small: pd.DataFrame) -> None:
    layout = Survey(small, Design("w", "h", "psu")).layout
    assert (layout.psus, layout.strata) == (6, 3)


def test_a_psu_in_two_strata_is_an_error_where_labels_are_unique(small: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match=r"PSU \['1', '2'\] .*more than one stratum"):
        Survey(small, Design("w", "h", "psu", nest=False))


def test_all_faults_come_in_one_error_with_their_rows(small: pd.DataFrame) -> None:
    bad = small.assign(w=[-1, 2, np.nan, 4, np.inf, 6], h=["a", None, "b", "b", "c", "c"])
    with pytest.raises(DesignError) as caught:
        Survey(bad, Design("w", "h", "psu"))
    message = str(caught.value)
    for said in (
        "negative in row 0",
        "not a number in row 2",
        "infinite in row 4",
        "'h' is missing in row 1",
    ):
        assert said in message


@pytest.mark.parametrize(
    ("change", "design", "said"),
    [
        ({"w": [0.0] * 6}, Design("w"), "sum to zero"),
        ({}, Design("weight"), "no column 'weight'; there are"),
        ({"n": [1, 1, 9, 9, 9, 9]}, Design("w", "h", "psu", fpc="n"), "2 drawn from 1 in 'a'"),
        ({"n": [5, 9, 9, 9, 9, 9]}, Design("w", "h", "psu", fpc="n"), "varies within"),
        ({"n": [0.5, 0.5, 9, 9, 9, 9]}, Design("w", "h", "psu", fpc="n"), "mixes fractions and counts"),
        (
            {"psu": [1, 1, 1, 2, 1, 2]},
            Design("w", "h", "psu"),
            r"strata \['a'\] have one unit each at stage 1",
        ),
        ({"psu": [1] * 6}, Design("w", "h", "psu", lonely_psu="average"), "no other strata"),
    ],
)
def test_data_that_do_not_fit_are_refused(
    small: pd.DataFrame, change: dict, design: Design, said: str
) -> None:
    with pytest.raises(DesignError, match=said):
        Survey(small.assign(**change), design)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"lonely_psu": "ignore"}, "may be"),
        ({"psu": "p", "fpc": ("a", "b")}, "one fpc for each stage"),
        ({"replicates": "r"}, "without replicate_method"),
        ({"replicate_method": "BRR"}, "cannot be made here"),
        ({"replicates": "r", "replicate_method": "Fay"}, "rho"),
        ({"replicates": "r", "replicate_method": "JKn"}, "rscales"),
        ({"replicate_method": "bootstrap"}, "how many"),
        ({"replicate_method": "JK1", "strata": "h"}, "without strata"),
    ],
)
def test_contradicting_designs_are_refused(arguments: dict, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        Design("w", **arguments)


def test_a_survey_is_a_value_that_never_changes_its_frame(small: pd.DataFrame) -> None:
    before = small.copy()
    survey = Survey(small, Design("w", "h", "psu"))
    small.loc[0, "w"] = 100.0
    assert survey.data.loc[0, "w"] == before.loc[0, "w"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        survey.source = "other"  # type: ignore[misc]
    assert dataclasses.replace(survey, source="other").source == "other"


def test_the_picture_of_a_survey_says_what_it_is(small: pd.DataFrame) -> None:
    survey = Survey(small, Design("w", "h", "psu"), source="<me>", simulated=True)
    for said in ("rows 6", "strata 3 (h)", "PSUs 6 (psu)", "simulated yes"):
        assert said in repr(survey)
    assert "&lt;me&gt;" in survey._repr_html_()


def test_a_design_says_only_what_was_declared() -> None:
    assert repr(Design("w", psu=["a", "b"])) == "Design(weights='w', psu=('a', 'b'))"


def test_a_simulated_source_stays_simulated_under_another_design(small: pd.DataFrame) -> None:
    assert Survey(small, Design("w"), source="papi-simulated").simulated
    assert not Survey(small, Design("w"), source="my-own").simulated
    assert not Survey(small, Design("w")).simulated
