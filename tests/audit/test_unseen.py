from __future__ import annotations

import functools
from itertools import combinations
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit.judgements import load_audit
from portal_analysis.audit.sites import sites
from portal_analysis.audit.unseen import (
    coverage,
    discovery_curve,
    estimate_unseen,
    limits,
    lower_bound,
    share_limits,
    stay_unseen,
)

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FAILURES = pd.read_csv(REFERENCE / "failures.csv")
TABLES = FAILURES["table"].unique()
IN_FULL = {
    "digital-learning-hub": 36,
    "luxembourg": 14,
    "food-safety": 13,
    "housing": 46,
    "klima-agence": 35,
}
"""Failing criteria of the five real web audits, all of their pages taken together."""


def typed(name: str) -> np.ndarray:
    own = FAILURES[FAILURES["table"] == name]
    return own.pivot_table(index="criterion", columns="page", values="fails").to_numpy() > 0


@functools.cache
def luxembourg(portal: str) -> np.ndarray:
    """Which criteria fail on which of the pages that were looked at."""
    audit = load_audit("audits-luxembourg")
    return next(site.fails for site in sites(audit, None, "good", "majority") if site.portal == portal)


@pytest.mark.parametrize("name", TABLES)
def test_with_replacement_as_in_vegan(name: str) -> None:
    answer = pd.read_csv(REFERENCE / "pages_pool.csv").set_index("table").loc[name]
    found = estimate_unseen(typed(name))
    assert found.seen == answer["seen"]
    assert found.seen + found.unseen == pytest.approx(answer["estimate"], rel=1e-9)
    _, variance = lower_bound(found.once, found.twice, found.pages, np.inf, found.seen)
    assert np.sqrt(variance) == pytest.approx(answer["se"], rel=1e-9)
    assert found.se >= np.sqrt(variance)


@pytest.mark.parametrize("name", TABLES)
def test_limits_and_coverage_as_in_inext(name: str) -> None:
    answer = pd.read_csv(REFERENCE / "inext.csv").set_index("table").loc[name]
    found = estimate_unseen(typed(name), level=0.9)
    assert found.seen + found.unseen == pytest.approx(answer["estimate"], rel=1e-9)
    assert found.coverage == pytest.approx(answer["coverage"], rel=1e-9)
    # iNEXT's limits know the analytic variance only
    count = typed(name).sum(axis=1)
    _, variance = lower_bound(found.once, found.twice, found.pages, np.inf, found.seen)
    z = NormalDist().inv_cdf(0.95)
    own = limits(count[count > 0], found.unseen, variance, found.pages, np.inf, z)
    assert own == pytest.approx((answer["low"], answer["high"]), rel=1e-9)


def test_coverage_of_pages_without_a_second_failure() -> None:
    assert coverage(1, 0, 10, 5, np.inf) == 1  # nothing else is estimated to be there
    assert coverage(0, 0, 10, 5, np.inf) == 1
    assert np.isnan(coverage(0, 0, 0, 5, np.inf))
    assert coverage(3, 0, 10, 5, 10) == pytest.approx(1 - 0.5 * 0.3 * 0.8)


@pytest.mark.parametrize("name", TABLES)
def test_the_discovery_curve_as_in_vegan(name: str) -> None:
    answers = pd.read_csv(REFERENCE / "pages_curve.csv")
    fails = typed(name)
    mean, sd = discovery_curve(fails)
    own = answers[answers["table"] == name]
    assert mean == pytest.approx(own["mean"].to_numpy(), rel=1e-12)
    # vegan's standard deviation takes the failures of two criteria for correlated alike at every step; here every
    # choice of pages is tried
    for draws in range(1, fails.shape[1] + 1):
        chosen = [fails[:, list(few)].any(axis=1).sum() for few in combinations(range(fails.shape[1]), draws)]
        assert sd[draws - 1] == pytest.approx(np.std(chosen), abs=1e-7)


def test_hypergeometric_probabilities_as_in_r() -> None:
    answers = pd.read_csv(REFERENCE / "pages_missed.csv")
    for row in answers.itertuples():
        found = stay_unseen(row.on_pages, row.total, row.draws)
        assert float(found) == pytest.approx(row.probability, rel=1e-12, abs=1e-15)
    assert len(answers) > 30


def test_limits_of_shares_as_in_r() -> None:
    answers = pd.read_csv(REFERENCE / "pages_limits.csv")
    for row in answers.itertuples():
        finite = share_limits(np.array([row.failing]), row.pages, row.total, row.level)
        many = share_limits(np.array([row.failing]), row.pages, np.inf, row.level)
        assert [float(one[0]) for one in finite] == pytest.approx([row.low, row.high], abs=1e-12)
        assert [float(one[0]) for one in many] == pytest.approx(
            [row.low_binomial, row.high_binomial], abs=1e-9
        )


def test_without_replacement_by_hand() -> None:
    # Q1 = 4, Q2 = 3, t = 6, T = 24: w = 6/5, r = 1/3, f = 16 / (7.2 + 4/3)
    found = estimate_unseen(typed("usual"), 24)
    assert (found.once, found.twice) == (3, 3)
    f = 9 / (2 * 1.2 * 3 + 3 / 3)
    assert found.unseen == pytest.approx(f, rel=1e-12)
    variance = f + (2 * 1.2 * 3 * f**2 + 9 * f) ** 2 / 3**5 + 4 * 1.44 * 3 * (f / 3) ** 4
    assert lower_bound(3, 3, 6, 24, found.seen)[1] == pytest.approx(variance, rel=1e-12)
    assert found.se > np.sqrt(variance)
    failures = typed("usual").sum()
    assert found.coverage == pytest.approx(1 - 0.75 * 3 / failures * 15 / (15 + 6))


def test_a_large_portal_is_one_without_end() -> None:
    near, limit = estimate_unseen(typed("usual"), 10_000_000), estimate_unseen(typed("usual"))
    assert near.unseen == pytest.approx(limit.unseen, rel=1e-5)
    assert near.more_pages(0.95) == pytest.approx(limit.more_pages(0.95), abs=1)


def test_one_page_says_nothing_and_all_pages_everything() -> None:
    one = estimate_unseen(typed("usual")[:, :1], 20)
    assert np.isnan([one.unseen, one.se, one.low, one.high]).all()
    assert np.isnan(one.more_pages(0.9))
    everything = estimate_unseen(typed("usual"), 6)
    assert (everything.unseen, everything.low, everything.high, everything.coverage) == (0, 8, 8, 1)
    assert everything.more_pages(0.95) == 0


def test_nothing_seen_is_no_pass() -> None:
    found = estimate_unseen(np.zeros((5, 4), dtype=bool), 30)
    assert (found.unseen, found.low) == (0, 0)
    assert np.isnan(found.high)
    settled = estimate_unseen(np.tile([True, True, True], (4, 1)), 30)
    assert settled.low == settled.seen < settled.high


@pytest.mark.parametrize("audit", IN_FULL)
def test_five_pages_of_real_audits(audit: str) -> None:
    fails, random = luxembourg(audit), np.random.default_rng(20230711)
    full, pages = int(fails.any(axis=1).sum()), fails.shape[1]
    assert full == IN_FULL[audit]
    found = [estimate_unseen(fails[:, random.permutation(pages)[:5]], pages, 0.9) for _ in range(2000)]
    mean = np.mean([one.seen + one.unseen for one in found])
    assert abs(mean / full - 1) < 0.10
    assert np.mean([one.low <= full <= one.high for one in found]) >= 0.85
    seen = discovery_curve(fails)[0] / full
    assert 0.45 <= seen[4] <= 0.735
    assert 0.11 <= seen[0] <= 0.26
    assert np.mean([one.seen for one in found]) == pytest.approx(seen[4] * full, rel=0.03)


def test_the_pages_asked_for_are_enough() -> None:
    """Going on to the number of pages asked for shows about the share that was wanted."""
    fails, random, reached = luxembourg("digital-learning-hub"), np.random.default_rng(9), []
    for _ in range(300):
        order = random.permutation(fails.shape[1])
        more = estimate_unseen(fails[:, order[:5]], fails.shape[1]).more_pages(0.9)
        reached.append(fails[:, order[: 5 + int(more)]].any(axis=1).sum() / 36)
    assert 0.85 < np.mean(reached) < 0.97


@given(st.integers(2, 8), st.integers(0, 20), st.data())
def test_any_table_gives_sane_numbers(pages: int, beyond: int, data: st.DataObject) -> None:
    row = st.lists(st.booleans(), min_size=pages, max_size=pages)
    fails = np.array(data.draw(st.lists(row, min_size=1, max_size=12)))
    found = estimate_unseen(fails, pages + beyond)
    assert found.unseen >= 0
    assert found.low <= found.seen + found.unseen + 1e-9
    assert found.seen - 1e-9 <= found.low
    assert np.isnan(found.high) or found.high >= found.seen + found.unseen - 1e-9
    needs = [found.more_pages(goal) for goal in (0.8, 0.9, 0.95, 1.0)]
    assert needs == sorted(needs)
    assert needs[-1] <= beyond
    assert np.isnan(found.coverage) or 0 <= found.coverage <= 1
    mean, sd = discovery_curve(fails)
    assert (np.diff(mean) >= -1e-12).all()
    assert mean[-1] == pytest.approx(found.seen)
    assert sd[-1] == pytest.approx(0, abs=1e-7)
