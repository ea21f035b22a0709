"""What a sample gives to estimate with: people, PSUs, strata, weights and degrees of freedom, domain by domain.

Hands on a plain table.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from portal_analysis.survey import gather
from portal_analysis.survey.domains import Domain
from portal_analysis.survey.joint import By, Outcomes, joint
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import need


@gather.anywhere(why="a summary")
def summary(survey: Survey, by: By = None, domain: Domain = None) -> pd.DataFrame:
    """Sum up the design, for everybody or for each domain.

    Parameters
    ----------
    survey : Survey
    by, domain : optional
        As of :func:`portal_analysis.survey.estimate.proportion`.

    Returns
    -------
    DataFrame
        The columns of ``by``, then ``n`` (people with a weight above 0), ``weights`` (their sum), ``n_kish``
        (how many equal weights are worth as much: (Σw)²/Σw²), ``psus``, ``strata``, ``lonely_strata`` (of
        which the domain has one PSU; a census is not lonely), ``df`` (R's ``degf``: PSUs less strata; with
        replicate weights of the file their rank less 1), ``n_ungrouped`` (who is in no row of this grouping).

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> print(pa.summary(papi)[["n", "psus", "strata"]].to_string(index=False))
        n  psus  strata
    16117   270     126
    """
    need(survey, [])
    layout = survey.layout
    found = joint(survey, Outcomes(["one"], [np.ones(len(survey))], total=True), by, domain)
    sums, first = found.sums, layout.stages[0]
    psu = sums.domain * layout.psus + layout.psu[sums.unit]
    held = np.unique(psu[sums.members > 0])
    domains, stratum = held // layout.psus, layout.stratum[held % layout.psus]
    pairs, psus = np.unique(domains * layout.strata + stratum, return_counts=True)
    of_pair, lonely = pairs // layout.strata, (psus == 1) & (first.unsampled[pairs % layout.strata] > 1e-7)
    count = len(found.names)
    weights, squares = (
        sum(np.bincount(d[d >= 0], power[d >= 0], count) for d in found.domains.of_row)
        for power in (layout.weights, layout.squares)
    )
    return found.names.reset_index(drop=True).assign(
        n=found.members.astype(int),
        weights=weights,
        n_kish=weights**2 / squares,
        psus=np.bincount(domains, minlength=count),
        strata=np.bincount(of_pair, minlength=count),
        lonely_strata=np.bincount(of_pair[lonely], minlength=count),
        df=found.degrees("domain"),
        n_ungrouped=found.ungrouped.astype(int),
    )
