from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit.paired import cochran, homogeneity, mcnemar, phi, score_limits
from portal_analysis.inference import adjusted

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
MORE = pd.read_csv(REFERENCE / "rounds_more.csv").set_index("what")["value"]


def test_two_rounds_as_in_r() -> None:
    answers = pd.read_csv(REFERENCE / "rounds_two.csv")
    for row in answers.itertuples():
        assert mcnemar(row.gained, row.lost)[0] == pytest.approx(row.exact, rel=1e-9)
        # PropCIs halves until a step of 1e-7
        assert score_limits(row.gained, row.lost, row.n) == pytest.approx((row.low, row.high), abs=2e-6)
    assert len(answers) == 7


def test_mid_p_by_hand() -> None:
    assert mcnemar(4, 0)[1] == pytest.approx(2 * 0.5**4 - 0.5**4)
    assert mcnemar(0, 0) == (1, 1)
    assert mcnemar(5, 5)[1] == pytest.approx(1 - 252 / 1024 + 0.0, abs=0.25)


@pytest.mark.parametrize("method", ["stuart_maxwell", "bhapkar"])
def test_levels_as_in_irr(method: str) -> None:
    answers = pd.read_csv(REFERENCE / "rounds_levels.csv")
    for row in answers.itertuples():
        table = np.array(row.table.split(), dtype=int).reshape(3, 3)
        statistic, df, p = homogeneity(table, method)
        assert df == 2
        assert statistic == pytest.approx(getattr(row, method), rel=1e-9)
        assert p == pytest.approx(getattr(row, f"p_{method}"), rel=1e-9)
        wider = np.zeros((4, 4), dtype=int)
        wider[np.ix_([0, 1, 3], [0, 1, 3])] = table  # a level that nobody has
        assert homogeneity(wider, method)[0] == pytest.approx(statistic)


def test_two_levels_are_mcnemar_without_correction() -> None:
    statistic, df, _ = homogeneity(np.array([[5, 9], [2, 4]]), "stuart_maxwell")
    assert (statistic, df) == (pytest.approx((9 - 2) ** 2 / (9 + 2)), 1)


def test_what_tells_nothing_is_no_number() -> None:
    assert np.isnan(homogeneity(np.diag([3, 4]), "bhapkar")).all()
    assert np.isnan(homogeneity(np.array([[0, 0, 0], [0, 7, 0], [0, 0, 0]]), "stuart_maxwell")).all()
    assert np.isnan(cochran(np.ones((4, 3), dtype=int))).all()
    assert np.isnan(score_limits(0, 0, 0)).all()
    assert np.isnan(phi(5, 0, 3, 0))


def test_cochran_and_holm_as_in_r() -> None:
    answers = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1], [1, 1, 1], [0, 1, 1], [0, 0, 0], [1, 0, 1], [0, 0, 1],
                        [0, 1, 0], [0, 0, 1]])  # fmt: skip
    q, df, p = cochran(answers)
    assert (q, df, p) == (pytest.approx(MORE["cochran"]), 2, pytest.approx(MORE["cochran p"]))
    found = adjusted(np.array([0.01, 0.04, np.nan, 0.03, 0.2, 0.005]), "holm")
    assert np.delete(found, 2) == pytest.approx([MORE[f"holm {place}"] for place in range(1, 6)])
    assert np.isnan(found[2])


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_limits_hold_the_difference(gained: int, lost: int, same: int) -> None:
    n = gained + lost + same
    if not n:
        return
    low, high = score_limits(gained, lost, n)
    assert -1 <= low <= (gained - lost) / n <= high <= 1
    exact, mid = mcnemar(gained, lost)
    assert 0 < mid <= exact <= 1


@pytest.mark.parametrize("method", ["stuart_maxwell", "bhapkar"])
def test_levels_without_change_and_parts_that_do_not_mix_as_in_coin(method: str) -> None:
    answers = pd.read_csv(REFERENCE / "rounds_stable.csv")
    for row in answers.itertuples():
        numbers = np.array(row.table.split(), dtype=int)
        size = int(np.sqrt(len(numbers)))
        statistic, df, p = homogeneity(numbers.reshape(size, size), method)
        assert df == row.df
        assert statistic == pytest.approx(getattr(row, method), rel=1e-9)
        assert p == pytest.approx(getattr(row, f"p_{method}"), rel=1e-9)
    assert answers["df"].tolist() == [1, 2, 2, 3]


def test_where_every_portal_makes_the_same_step_bhapkar_has_no_number() -> None:
    up = np.array([[0, 5, 0], [0, 0, 3], [0, 0, 0]])
    assert homogeneity(up, "stuart_maxwell")[:2] == (pytest.approx(8), 2)
    assert np.isnan(homogeneity(up, "bhapkar")[0])
