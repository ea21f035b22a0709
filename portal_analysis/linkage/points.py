"""Each province's score beside its rate, and the line that the errors of both leave: what a scatter of a link shows.

Takes rates and scores by province; hands on ESTIMATES of the rates with the scores beside them, flagged as ecological.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from portal_analysis.linkage.areas import ECOLOGICAL, SPREAD, prepared
from portal_analysis.linkage.both import centre, fit_both
from portal_analysis.linkage.pairs import CARRIED, beside
from portal_analysis.shape import add_flag, domains_of, estimates, has_flag, join_flags, split_flags

FAR = 2.0
"""A province stands apart if it lies so many standard deviations from the line."""


def link_points(
    rates: pd.DataFrame,
    scores: pd.DataFrame,
    weights: Mapping[str, float] | str | None = None,
    variances: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Set each province's score beside its rate, with the line that :func:`link` calls ``errors in both``.

    Parameters
    ----------
    rates, scores, weights, variances, level
        As of :func:`portal_analysis.linkage.areas.link`.

    Returns
    -------
    DataFrame
        The rows of ``rates`` that have a score, flagged ``ecological``, with the domain column ``predictor`` (the
        score) and the extras ``score``, ``score_low``, ``score_high``; ``fitted``, the rate on the line at this score;
        ``stands``, ``above`` or ``below`` for a province that lies two standard deviations of what a measured rate
        may differ from the line, √(s² + v + b²u) with the spread s of true rates around it, the error variances v of
        the rate and u of the score and the slope b. Of withheld rates it is not said.

    Raises
    ------
    LinkError
        See :func:`portal_analysis.linkage.areas.link`.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> import pandas as pd
    >>> codes = pa.provinces.units(63)["code"][:12]
    >>> rows = {"province": codes, "score": range(12), "use": [0.02 * k + 0.1 for k in range(12)], "se": 0.01}
    >>> scores = pa.estimates(pd.DataFrame(rows).drop(columns="se"), estimate="score", by="province")
    >>> rates = pa.estimates(pd.DataFrame(rows), estimate="use", by="province", unit="proportion")
    >>> points = pa.link_points(rates.assign(n=250), scores)
    >>> print(points[["province", "estimate"]].head(2).to_string(index=False))
    province  estimate
          01      0.10
          02      0.12
    """
    per, of = prepared(rates, scores, weights, variances, SPREAD, level)
    best = fit_both(of)
    x, y = centre(of, best)
    left, right, units = beside(rates, scores, weights)
    table, told = left.loc[of.codes], right.loc[of.codes]
    fitted = y + best.slope * (of.x - x)
    far = (of.y - fitted) / np.sqrt(best.rest**2 + of.y_variance + best.slope**2 * of.x_variance)
    flags = [one for cell in told["flag"] for one in split_flags(cell) if one in CARRIED]
    table = add_flag(table, join_flags(ECOLOGICAL, *dict.fromkeys(flags)))
    hidden = has_flag(table, "suppress")
    table = table.assign(
        predictor=of.predictor,
        score=of.x * per,
        score_low=told["ci_low"].to_numpy(),
        score_high=told["ci_high"].to_numpy(),
        fitted=fitted,
        stands=np.where(hidden | (abs(far) < FAR), "", np.where(far > 0, "above", "below")),
        score_interval=told["interval"].to_numpy() if "interval" in told else "",
        source=[_joined(one, other) for one, other in zip(table["source"], told["source"], strict=True)],
    )
    return estimates(table.reset_index(drop=True), [*domains_of(left), "predictor"], units=units)


def _joined(one: object, other: object) -> str:
    return "; ".join(dict.fromkeys([*str(one).split("; "), *str(other).split("; ")]))
