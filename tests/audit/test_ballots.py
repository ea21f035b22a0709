"""Which levels a criterion has where nobody said them, and how several ratings become one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from portal_analysis.audit.ballots import ballots, one_rating
from portal_analysis.audit.judgements import Audit, AuditError

SAID = pd.DataFrame(
    {"portal_id": ["a", "a", "b"], "assessor_id": ["x", "y", "x"], "outcome": ["met", "not_met", "met"]}
).assign(criterion_id="k", round="1")


def test_numbers_without_a_scale_are_levels_that_stand_where_they_are() -> None:
    cast = ballots(Audit(SAID.assign(rating=["3", "1", "2,5"])))
    assert cast.levels == [("1", "2,5", "3")]
    assert cast.values[0].tolist() == [1, 2.5, 3]
    assert cast.rating.tolist() == [[[2, 0], [1, -1]]]


def test_words_without_a_scale_are_no_levels_and_the_outcomes_count() -> None:
    cast = ballots(Audit(SAID.assign(rating=["3", "weak", "2,5"])))
    assert cast.levels == [("not_met", "met")]
    assert cast.rating.tolist() == [[[1, 0], [1, -1]]]


def test_a_share_of_pages_has_no_level_of_the_scale() -> None:
    pages = SAID.assign(page_id=["p", "q", "p"], rating=["green", "red", "green"])
    criteria = pd.DataFrame({"criterion_id": ["k"], "levels": ["red|green"]})
    assert ballots(Audit(pages, criteria=criteria)).levels == [("red", "green")]
    assert ballots(Audit(pages, criteria=criteria), "share-of-pages").levels == [("not_met", "met")]


def test_a_rule_for_levels_is_one_of_two() -> None:
    rating, apart = np.array([0, 2, 2]), np.zeros(3, dtype=bool)
    assert [int(one_rating(rating, apart, rule)) for rule in ("majority", "median")] == [2, 2]
    assert int(one_rating(np.array([0, 0, 2, 1]), np.zeros(4, dtype=bool), "median")) == 0
    with pytest.raises(AuditError, match="consensus is 'unanimous'; for levels it can be majority, median"):
        one_rating(rating, apart, "unanimous")
