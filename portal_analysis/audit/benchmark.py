"""In which band of a scale of words a coefficient lies, as a probability.

Takes ESTIMATES of coefficients with standard errors; hands on ESTIMATES.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from portal_analysis import shape as est
from portal_analysis.arguments import is_share
from portal_analysis.audit.judgements import AuditError

BANDS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "landis-koch": (
        ("almost-perfect", 0.8, 1.0),
        ("substantial", 0.6, 0.8),
        ("moderate", 0.4, 0.6),
        ("fair", 0.2, 0.4),
        ("slight", 0.0, 0.2),
        ("poor", -1.0, 0.0),
    ),
    "altman": (
        ("very-good", 0.8, 1.0),
        ("good", 0.6, 0.8),
        ("moderate", 0.4, 0.6),
        ("fair", 0.2, 0.4),
        ("poor", -1.0, 0.2),
    ),
    "fleiss": (("excellent", 0.75, 1.0), ("intermediate", 0.4, 0.75), ("poor", -1.0, 0.4)),
}
"""Bands of coefficients that are in use, best first: J. Landis & G. Koch (1977), D. Altman (1991), J. Fleiss (1981)."""


@dataclass(frozen=True)
class _Band:
    name: str
    low: float
    high: float


def benchmark(table: pd.DataFrame, scale: str = "landis-koch", sure: float = 0.95) -> pd.DataFrame:
    """Say with what probability a coefficient lies in each band of a scale of words.

    Parameters
    ----------
    table : DataFrame
        ESTIMATES of coefficients with standard errors, as from ``agreement(…, interval="superpopulation")``.
    scale : {"landis-koch", "altman", "fleiss"}
        See :data:`BANDS`.
    sure : float
        How sure a statement "at least this band" has to be.

    Returns
    -------
    DataFrame
        ESTIMATES: the rows of ``table`` (without plain percentages) once for each band, domain ``band`` last;
        ``estimate`` is the probability of the band. Extras: ``at_least``, the probability of this band or a better
        one; ``reached``, true for the best band whose ``at_least`` is ``sure`` or more; ``coefficient`` and
        ``coefficient_se``.

    Raises
    ------
    AuditError
        If the scale is unknown, or no row has a standard error.

    Notes
    -----
    A normal distribution around the estimate, cut at −1 and 1: ``P(low < κ < high) = [Φ((κ̂ − low)/s) −
    Φ((κ̂ − high)/s)] / [Φ((κ̂ + 1)/s) − Φ((κ̂ − 1)/s)]`` (K. Gwet, *Handbook of Inter-Rater Reliability*, 4th ed.
    2014, ch. 6). A word read off the estimate alone says more than is known.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> table = pa.agreement(latest, interval="superpopulation")
    >>> bands = pa.benchmark(table[table["criterion_id"].isna() & (table["indicator"] == "AC1")])
    >>> print(bands.loc[bands["reached"], "band"].tolist())
    ['substantial']
    """
    if scale not in BANDS:
        raise AuditError(f"scale is {scale!r}; it can be {', '.join(BANDS)}")
    if not is_share(sure):
        raise AuditError(f"sure is {sure!r}; it is a probability between 0 and 1, such as 0.95")
    known = est.check(table)[table["se"].notna() & (table["indicator"] != "percent agreement")]
    if not len(known):
        raise AuditError("no row has a standard error; ask agreement for interval='superpopulation'")
    bands = [_Band(*band) for band in BANDS[scale]]
    numbers = known[["estimate", "se"]].to_numpy(dtype=float)
    chance = np.array([[_within(value, se, band) for band in bands] for value, se in numbers])
    at_least = chance.cumsum(axis=1)
    rows = known.loc[known.index.repeat(len(bands))].reset_index(drop=True)
    rows["coefficient"], rows["coefficient_se"] = rows["estimate"], rows["se"]
    rows["band"], rows["scale"] = np.tile([band.name for band in bands], len(known)), scale
    rows["estimate"], rows["at_least"] = chance.ravel(), np.minimum(at_least.ravel(), 1.0)
    first = (at_least >= sure - 1e-12).argmax(axis=1)
    rows["reached"] = (np.arange(len(bands)) == first[:, None]).ravel()
    rows[["se", "ci_low", "ci_high", "df"]] = np.nan
    return est.estimates(
        rows.assign(unit="proportion", measure="probability"), [*est.domains_of(table), "band"]
    )


def _within(value: float, se: float, band: _Band) -> float:
    if se <= 0:
        inside = band.low < value <= band.high or (band.low == -1 and value <= -1)
        return float(inside)
    normal = NormalDist()
    whole = normal.cdf((value + 1) / se) - normal.cdf((value - 1) / se)
    return (normal.cdf((value - band.low) / se) - normal.cdf((value - band.high) / se)) / whole
