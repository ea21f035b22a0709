"""What an argument may be: a number, a whole number. Truth values are neither."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TypeGuard


def is_whole(value: object, least: int) -> TypeGuard[int]:
    """Is it a whole number that is not below the least?"""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def is_number(value: object) -> TypeGuard[float]:
    """Is it a real number, and no truth value?"""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_share(value: object) -> TypeGuard[float]:
    """Is it a number above 0 and below 1, as a level or a share is?"""
    return is_number(value) and 0 < value < 1
