"""Of whom an estimate is: the subpopulation that ``domain=`` keeps, and how the table says it.

Takes a column, a mask or an expression; hands on which rows belong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.survey.answers import yes_no
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import UNORDERED, AnswersError, is_missing

Domain = str | Sequence[bool] | np.ndarray | pd.Series | None
"""What keeps an estimate to a subpopulation: see :func:`members`."""


def members(survey: Survey, domain: Domain) -> np.ndarray:
    """Say who belongs to a subpopulation; missing means not (as R's ``subset``).

    Parameters
    ----------
    domain : str or sequence of bool, optional
        A 0/1 column; an expression of columns such as ``"age >= 18 and urban == 1"`` (pandas' ``query``, in
        which codes for no answer are missing); or a truth value for each row.

    Raises
    ------
    AnswersError
        If it is none of these, or nobody belongs to it.
    """
    counted = survey.layout.weights > 0
    if domain is None:
        return np.ones(len(survey), dtype=bool)
    if isinstance(domain, str):
        plain = domain in survey.data.columns or domain.isidentifier()
        inside = yes_no(survey, [domain], ticks=True)[0] == 1 if plain else _expressed(survey, domain)
    else:
        inside = _masked(survey, domain)
    if not (inside & counted).any():
        raise AnswersError(
            f"domain {told_domain(domain)!r} has no member: no row with a weight above 0 is in it"
        )
    return inside


def _expressed(survey: Survey, expression: str) -> np.ndarray:
    frame = survey.data.copy(deep=False)
    for name in set(survey.missing) & set(frame.columns):
        frame[name] = frame[name].mask(is_missing(survey, name))
    try:
        found = frame.eval(expression, engine="python")
    except Exception as error:  # whatever a text that is no expression may raise
        raise AnswersError(
            f"domain={expression!r} is neither a column nor an expression of columns: {error}; "
            f"the survey has {list(survey.columns)}"
        ) from error
    return _masked(survey, found)


def _masked(survey: Survey, mask: Any) -> np.ndarray:
    held = (
        pd.Series(mask).reset_index(drop=True) if pd.api.types.is_list_like(mask) else pd.Series(dtype=bool)
    )
    if not isinstance(mask, UNORDERED) and len(held) == len(survey):
        if pd.api.types.is_bool_dtype(held.dtype):
            return held.to_numpy(dtype=bool, na_value=False)
        if set(held.dropna().unique()) <= {0, 1}:
            return (held == 1).to_numpy(dtype=bool, na_value=False)
    raise AnswersError(
        f"domain is a {type(mask).__name__} that does not say yes or no for each of the {len(survey)} rows"
    )


def told_domain(domain: Domain) -> str:
    """Return how a table names a subpopulation: its column, its expression, the mask's own name."""
    if isinstance(domain, str):
        return domain
    name = getattr(domain, "name", None)
    return str(name) if isinstance(name, str) and name else "given rows"


def about_whom(table: pd.DataFrame, survey: Survey, domain: Domain) -> pd.DataFrame:
    """Return a table that says whom it is about: what holds of the whole survey, and what it was kept to.

    The survey's ``about`` (its one wave) stands as the first domain columns, unless the table has them; ``domain=``
    as the column ``subpopulation``.
    """
    table = table.copy(deep=False)
    for name, value in reversed(list(survey.about.items())):
        if name not in table:
            table.insert(list(table.columns).index("indicator") + 1, name, value)
    return table if domain is None else table.assign(subpopulation=told_domain(domain))
