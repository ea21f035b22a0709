"""Which rate of a register a published share can mean.

Takes the rates of :func:`portal_analysis.usage_rates`; hands on the same rows, each with a verdict.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pandas as pd

from portal_analysis.claims.spans import ClaimError, span
from portal_analysis.shape import check

COUNTS = {
    "procedures": ("procedures", "procedures with dossiers"),
    "services": ("procedures", "procedures with dossiers"),
    "dossiers": ("dossiers",),
    "persons": (),
}
"""What a claim may say it counts, and the rates (by ``counted``) that count the same; none is of persons."""


def claim_meanings(
    rates: pd.DataFrame,
    value: float | str,
    decimals: int | None = None,
    qualifier: str = "exact",
    counts: str | None = None,
) -> pd.DataFrame:
    """Say which rates of a register a published percentage can mean, by its value and by what it says it counts.

    Parameters
    ----------
    rates : DataFrame
        From :func:`portal_analysis.usage_rates`.
    value : float or str
        The published percentage, such as ``71`` or ``"68.8"``.
    decimals : int, optional
        Its decimals; those it has itself if not given.
    qualifier : str
        The word before it, one of :data:`portal_analysis.claims.QUALIFIERS`.
    counts : {"procedures", "services", "dossiers", "persons"}, optional
        What the claim says it counts, if it says so.

    Returns
    -------
    DataFrame
        The rates with two further columns: ``claimed``, the percentage, and ``can_mean``: ``yes``; ``value``, the rate
        would be written otherwise; or ``counted``, the claim counts something else. A claim that counts persons can
        mean none of them. That a value fits does not show that the rate is meant: several may fit by chance.

    Raises
    ------
    ClaimError
        If the table holds no such rates, ``counts`` is another word, or the value is no number.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> rates = pa.usage_rates(pa.load_register("procedures-japan").only(kind="1", actor=("5", "7")))
    >>> told = pa.claim_meanings(rates, "71", counts="dossiers")
    >>> told.loc[told["can_mean"] == "yes", "indicator"].tolist()
    ['dossiers online where offered']
    """
    if not {"claim", "counted"} <= set(check(rates).columns):
        raise ClaimError("the table holds no rates of a register: it comes from usage_rates(register)")
    if counts is not None and counts not in COUNTS:
        raise ClaimError(f"counts={counts!r} is unknown; it may be {list(COUNTS)}")
    open_to = span(value, qualifier, decimals)
    alike = None if counts is None else COUNTS[counts]
    pairs = zip(rates["estimate"].tolist(), rates["counted"].tolist(), strict=True)
    told = [_verdict(estimate, counted, open_to, alike) for estimate, counted in pairs]
    return rates.assign(claimed=float(value), can_mean=pd.Series(told, index=rates.index, dtype=object))


def _verdict(estimate: float, counted: str, open_to: Any, alike: tuple[str, ...] | None) -> str:
    if alike is not None and counted not in alike:
        return "counted"
    return "yes" if not pd.isna(estimate) and open_to.holds(Fraction(estimate) * 100) else "value"
