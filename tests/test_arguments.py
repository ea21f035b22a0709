"""What counts as a number, and as a whole one, everywhere alike."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from portal_analysis.arguments import is_number, is_whole


@pytest.mark.parametrize("value", [3, 2.5, np.float64(2.5), np.float32(1), np.int8(3), Fraction(1, 3)])
def test_numbers_of_all_kinds_are_numbers(value: object) -> None:
    assert is_number(value)


@pytest.mark.parametrize("value", [True, np.True_, "3", None, 1j, Decimal(3), [3], np.array([3])])
def test_truth_values_texts_and_lists_are_none(value: object) -> None:
    assert not is_number(value)
    assert not is_whole(value, 0)


def test_a_whole_number_is_not_below_the_least() -> None:
    assert is_whole(3, 3)
    assert is_whole(np.int64(3), 1)
    assert not is_whole(2, 3)
    assert not is_whole(3.0, 1)
