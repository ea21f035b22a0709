import numpy as np
import pytest

from portal_analysis.survey import intervals


def _flag(p: float, n: float, df: float, n_eff: float | None = None) -> str:
    se = np.sqrt(p * (1 - p) / (n_eff or n))
    return str(intervals.reliability(*(np.array([value], dtype=float) for value in (p, se, n, df)))[0])


@pytest.mark.parametrize(
    ("p", "n", "df", "n_eff", "flag"),
    [
        (0.5, 1000, 40, None, ""),
        (0.5, 29, 28, None, "suppress"),  # fewer than 30 asked
        (0.5, 400, 40, 25, "suppress"),  # fewer than 30 in effect
        (0.5, 40, 39, None, "suppress"),  # interval of 0.30 or wider
        (0.01, 100, 99, None, "suppress"),  # wider than 0.05 and than 130% of the rate
        (0.01, 1000, 500, None, ""),  # narrow, however wide beside the rate
        (0.5, 1000, 7, None, "review"),  # fewer than 8 degrees of freedom
        (0.0, 1000, 40, None, "review"),  # nobody
        (1.0, 1000, 40, None, "review"),  # everybody
        (0.5, 1000, 0, None, "suppress"),  # no degrees of freedom
    ],
)
def test_flags_follow_the_published_standards(p: float, n: float, df: float, n_eff: float, flag: str) -> None:
    assert _flag(p, n, df, n_eff) == flag


def test_korn_graubard_never_counts_more_people_than_were_asked() -> None:
    one = [np.array([value]) for value in (0.2, 1e-6, 100.0, 100.0, 50.0)]
    capped = intervals.limits(*one, 0.95, "korn-graubard")
    free = intervals.limits(*one, 0.95, "beta")
    assert capped[1] - capped[0] > 0.1
    assert free[1] - free[0] < 1e-4


def test_critical_values_are_those_of_the_tables() -> None:
    found = intervals.t_quantile(np.array([1.0, 5.0, np.inf, 0.0]), 0.95)
    assert found[:3] == pytest.approx([12.7062047361747, 2.57058183563631, 1.95996398454005], rel=1e-12)
    assert np.isnan(found[3])
