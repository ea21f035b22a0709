"""What each criterion tells of portals: facility, floor and ceiling, what it shares with the others.

Takes an audit; hands on ESTIMATES.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from portal_analysis.audit.index import Recipe, sheets, worth
from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.shares import finish


def items(audit: Audit, consensus: str = "majority", roll_up: str = "any-page-fails") -> pd.DataFrame:
    """Say what each criterion tells: how many portals meet it, whether it parts them, whether another says the same.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``facility`` (share of portals that meet the criterion), domains ``round`` and
        ``criterion_id``. Extras: ``floor`` and ``ceiling`` (none or all meet it, so that it tells no portals apart),
        ``item_rest`` (correlation of its level with the mean level of the others), ``most_like`` (the criterion with
        the highest correlation) and ``like`` (that correlation).

    Notes
    -----
    A checklist adds up different things: a low ``item_rest`` is no fault by itself, and with a negative one a good
    portal tends to fail. Correlations are Pearson's over the portals that have both (phi for two levels).

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> found = pa.items(latest)
    >>> print(found[["criterion_id", "estimate"]].head(3).round(2).to_string(index=False))
         criterion_id  estimate
    disability_access      0.06
        2024_i_compat      0.18
      data_protection      0.02
    """
    parts = []
    for sheet in sheets(audit, consensus, roll_up):
        level = worth(sheet, Recipe(), sheet.level)
        met = worth(sheet, Recipe(normalise="met"), sheet.level)
        known = ~np.isnan(met)
        base = known.sum(axis=0)
        count = np.where(known, met, 0.0).sum(axis=0)
        frame = pd.DataFrame(level, columns=sheet.criteria)
        alike = frame.corr(min_periods=3).to_numpy(copy=True)
        np.fill_diagonal(alike, np.nan)
        high = np.where(np.isnan(alike), -np.inf, alike)
        rest = [_rest_correlation(frame, place) for place in range(len(sheet.criteria))]
        table = pd.DataFrame({"criterion_id": sheet.criteria, "count": count, "base": base, "n": base})
        table["estimate"] = table["count"] / table["base"].where(table["base"] > 0)
        table["floor"] = table["estimate"] == 0
        table["ceiling"] = table["estimate"] == 1
        table["item_rest"] = rest
        table["like"] = np.where(np.isinf(high.max(axis=1)), np.nan, high.max(axis=1))
        names = np.array(sheet.criteria, dtype=object)[high.argmax(axis=1)]
        table["most_like"] = pd.Series(names, dtype=object).mask(table["like"].isna(), None)
        parts.append(table.assign(round=sheet.when))
    table = pd.concat(parts, ignore_index=True).assign(
        indicator="facility", unit="proportion", measure="proportion"
    )
    return finish(audit, table, ["round", "criterion_id"])


def _rest_correlation(frame: pd.DataFrame, place: int) -> float:
    own, others = frame.iloc[:, place], frame.drop(columns=frame.columns[place])
    rest = others.mean(axis=1)
    both = own.notna() & rest.notna()
    if both.sum() < 3 or own[both].std() == 0 or rest[both].std() == 0:
        return float("nan")
    return float(np.corrcoef(own[both], rest[both])[0, 1])
