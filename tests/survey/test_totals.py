import numpy as np
import pandas as pd
import pytest

from portal_analysis.survey import totals
from portal_analysis.survey.design import Design
from portal_analysis.survey.estimate import proportion
from portal_analysis.survey.microdata import Survey


@pytest.fixture
def survey() -> Survey:
    frame = pd.DataFrame(
        {
            "w": [1.0, 2, 3, 4, 0, 6],
            "psu": [1, 1, 2, 2, 3, 3],
            "y": [1, 0, 1, np.nan, 1, 1],
            "sex": ["f", "m", "f", "f", None, "m"],
            "year": [2022, 2022, 2023, 2023, 2023, 2022],
        }
    )
    return Survey(frame, Design("w", psu="psu"))


def _sums(survey: Survey, by: object) -> tuple[totals.Domains, totals.Totals]:
    domains, cells = totals.domains(survey, totals.groupings(by))
    y = survey.data["y"].to_numpy(float)
    return domains, totals.sums(survey, [y], None, cells, len(domains.names))


def test_sums_by_hand(survey: Survey) -> None:
    _, sums = _sums(survey, None)
    assert sums.unit.tolist() == [0, 1, 2]
    assert sums.n[:, 0].tolist() == [2, 1, 1]
    assert sums.w[:, 0].tolist() == [3, 3, 6]
    assert sums.wy[:, 0].tolist() == [1, 3, 6]
    assert sums.members.tolist() == [2, 2, 1]


def test_margins_come_with_the_cells_and_leave_their_column_empty(survey: Survey) -> None:
    domains, sums = _sums(survey, [(), ("sex",), ("sex", "year")])
    assert domains.names["sex"].fillna("all").tolist() == ["all", "f", "m", "f", "f", "m"]
    assert domains.names["year"].tolist() == [None, None, None, 2022, 2023, 2022]
    assert sums.by_domain("wy")[:, 0].tolist() == [10, 4, 6, 1, 3, 6]


def test_a_missing_value_of_by_is_in_no_domain_but_in_the_margin(survey: Survey) -> None:
    domains, _ = _sums(survey, [(), ("sex",)])
    assert domains.of_row[0].tolist() == [0] * 6
    assert domains.of_row[1].tolist() == [1, 2, 1, 1, -1, 2]


@pytest.mark.parametrize(
    ("by", "found"),
    [
        (None, ((),)),
        ("a", (("a",),)),
        (["a", "b"], (("a", "b"),)),
        ([(), "a", ["a", "b"]], ((), ("a",), ("a", "b"))),
    ],
)
def test_by_says_groupings(by: object, found: object) -> None:
    assert totals.groupings(by) == found


def test_a_column_twice_in_by_is_refused() -> None:
    with pytest.raises(totals.TotalsError, match="twice"):
        totals.groupings(["a", "a"])


def test_groupings_of_more_columns_than_one_number_can_hold_are_told_apart() -> None:
    """Seven columns of 1,000 values have more combinations than whole numbers of 64 bits."""
    rows = np.arange(2000)
    frame = pd.DataFrame({f"g{k}": (rows // 2 * (2 * k + 1)) % 1000 for k in range(7)})
    frame = frame.assign(psu=rows % 10, y=rows % 2, w=1.0 + rows % 3)
    survey = Survey(frame, Design("w", psu="psu"))
    one, all_of_them = (proportion(survey, "y", by=by) for by in ("g0", [f"g{k}" for k in range(7)]))
    assert len(all_of_them) == 1000
    numbers = ["estimate", "se", "n"]
    found = all_of_them.sort_values("g0", ignore_index=True)[numbers]
    pd.testing.assert_frame_equal(found, one[numbers])
