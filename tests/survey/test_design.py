import dataclasses

import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey.design import Design, DesignError
from portal_analysis.survey.estimate import total
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.weights import post_stratify


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
        (
            {"n": 4, "m": 4, "id": [1, 2, 3, 4, 5, 5]},
            Design("w", psu=("h", "id"), fpc=("n", "m"), lonely_psu="average"),
            'stage 2: lonely_psu="average" has no other strata to average over within one unit',
        ),
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
        ({"strata": ("h", "g"), "psu": "p"}, "strata names 2 stages, psu 1"),
        ({"replicate_method": "jackknife"}, "replicate_method='jackknife' is unknown; it may be"),
        (
            {"replicate_method": "bootstrap", "replicates": 1},
            "replicates=1 asks for bootstrap replicates: at least 2",
        ),
        ({"replicate_method": "JKn", "replicates": 50}, "replicates=50 asks for bootstrap"),
    ],
)
def test_contradicting_designs_are_refused(arguments: dict, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        Design("w", **arguments)


def test_labels_that_are_unique_need_no_nesting(small: pd.DataFrame) -> None:
    unique = small.assign(psu=range(6))
    one, other = (Survey(unique, Design("w", "h", "psu", nest=nest)) for nest in (True, False))
    pd.testing.assert_frame_equal(total(one, "y"), total(other, "y"))


def test_a_table_without_rows_is_refused(small: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="the table has no rows"):
        Survey(small.head(0), Design("w"))


@pytest.mark.parametrize(
    "codes", [{"missing": {"z": (9,)}}, {"yes": {"z": 1}}, {"sets": {"both": ("y", "z")}}]
)
def test_codes_of_a_column_that_is_not_there_are_refused(small: pd.DataFrame, codes: dict) -> None:
    with pytest.raises(DesignError, match="no column 'z'"):
        Survey(small, Design("w"), **codes)


def test_stages_below_the_first_count_only_with_their_sizes(small: pd.DataFrame) -> None:
    stages, psus = (Survey(small, Design("w", psu=psu)) for psu in (("h", "psu"), "h"))
    pd.testing.assert_frame_equal(total(stages, "y"), total(psus, "y"))


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


def test_the_picture_of_a_survey_names_populations_replicates_and_calibrations(small: pd.DataFrame) -> None:
    drawn = Survey(small.assign(n=9), Design("w", "h", "psu", fpc="n", replicate_method="JKn"))
    assert "fpc n;" in repr(drawn)
    assert "replicates JKn, made here" in repr(drawn)
    brought = Survey(small.assign(r1=1.0, r2=2.0), Design("w", replicates="r", replicate_method="BRR"))
    assert "replicates BRR, of the file" in repr(brought)
    once = post_stratify(Survey(small, Design("w")), "h", {"a": 1, "b": 1, "c": 1})
    fitted = post_stratify(once, "psu", {1: 1, 2: 2})
    assert "calibrated 2 time(s)" in repr(fitted)


def test_a_design_says_only_what_was_declared() -> None:
    assert repr(Design("w", psu=["a", "b"])) == "Design(weights='w', psu=('a', 'b'))"


def test_a_simulated_source_stays_simulated_under_another_design(small: pd.DataFrame) -> None:
    assert Survey(small, Design("w"), source="papi-simulated").simulated
    assert not Survey(small, Design("w"), source="my-own").simulated
    assert not Survey(small, Design("w")).simulated
