"""Whether persons in provinces with better portals use them more, other things equal: a model of persons.

Takes a survey and scores by province; hands on ESTIMATES of :func:`portal_analysis.survey.model.logit` whose errors
know that there are only as many portals as provinces.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis import provinces
from portal_analysis.arguments import handed_on
from portal_analysis.linkage.pairs import LEAST_AREAS, LinkError, only_scores
from portal_analysis.shape import join_flags
from portal_analysis.survey.design import Design
from portal_analysis.survey.gather import with_rows
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.model import logit
from portal_analysis.survey.values import need

SCORE = "portal_score"
"""The column that the score of a person's province is put in, and the term of the formula."""

METHODS = ("calibrated", "as measured")
"""Scores drawn towards their mean by their reliability, or as they stand."""


@with_rows("a model of persons", whole=False)
def link_persons(
    survey: Survey,
    scores: pd.DataFrame,
    formula: str,
    province: str = "province",
    method: str = "calibrated",
    **choices: Any,
) -> pd.DataFrame:
    """Fit a logistic model of persons with the score of their province's portal among the terms.

    Parameters
    ----------
    survey : Survey
        Persons, with the code of their province.
    scores : DataFrame
        ESTIMATES of one score by province, such as :func:`portal_analysis.audit.portal_scores.portal_scores` of one
        round.
    formula : str
        Such as ``"npsp_use ~ portal_score + sex + age_group"``. ``portal_score`` stands for the score, in standard
        deviations between provinces.
    province : str
        The column of the survey that holds provinces, in any spelling that
        :func:`portal_analysis.provinces.code` knows.
    method : {"calibrated", "as measured"}
        ``calibrated``: each score is drawn towards the mean by its own reliability (regression calibration), so that
        the coefficient is that of true scores. ``as measured``: errors of scores are left in, and dilute it.
    **choices
        ``domain, effect, df, level`` of :func:`portal_analysis.survey.model.logit`.

    Returns
    -------
    DataFrame
        ESTIMATES of ``logit``. Extras: ``method``; ``areas``, provinces with a score; ``per``, one standard deviation
        of the score in its own units; ``reliability`` of the scores. Persons whose province has no score are counted
        in ``n_missing``.

    Raises
    ------
    LinkError
        If the formula does not name ``portal_score``, fewer than 10 provinces have a score, or all scores are alike.
    ModelError
        See :func:`portal_analysis.survey.model.regress`.

    Notes
    -----
    Persons of a province share its score and whatever else is peculiar to it, so that the province is the sampling
    unit: weights and provinces make the design (``svydesign(ids = ~province, weights = ~w)`` in R), strata within
    provinces play no part. That treats provinces as a sample of provinces as they might be; with the survey's own
    design, which takes these provinces as the whole, the error of a term that does not vary within provinces would be
    far too small (B. Moulton, *Rev. Econ. Statist.* 72 (1990) 334–338). Degrees of freedom are provinces less terms.

    Calibrated scores are ``μ + λ_i (x_i − μ)``, ``λ_i = σ² / (σ² + se_i²)``, σ² the variance of scores less the mean
    of ``se²`` (R. Carroll, D. Ruppert, L. Stefanski & C. Crainiceanu, *Measurement Error in Nonlinear Models*, 2nd ed.
    2006, ch. 4); that λ is estimated is not in the error. A province's score is no trait of a person: the term tells
    how persons of such provinces differ, not what a better portal would do.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> audit = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> found = pa.link_persons(papi, pa.portal_scores(audit, draws=100), "pesp_use ~ portal_score + sex")
    >>> found["term"].tolist(), float(found["df"].iloc[0])
    (['portal_score', 'sex'], 60.0)
    """
    if method not in METHODS:
        raise LinkError(f"method={method!r} is unknown; it may be {list(METHODS)}")
    if not isinstance(formula, str) or SCORE not in formula.partition("~")[2]:
        raise LinkError(f"the formula {formula!r} must name {SCORE!r}, which stands for the province's score")
    need(survey, [province])
    if SCORE in survey.data.columns:
        raise LinkError(f"the survey has a column {SCORE!r} already; drop it, the score is put there")
    own = only_scores(scores)
    of = int(own["units"].iloc[0])
    codes = _codes(survey, province, of)
    shared = own.loc[own.index.intersection(pd.Index(codes.dropna().unique()))]
    if len(shared) < LEAST_AREAS:
        raise LinkError(
            f"{len(shared)} provinces of the survey have a score; a link needs {LEAST_AREAS} and more"
        )
    values, per, reliable = _prepared(shared, method)
    data = survey.data.assign(**{province: codes, SCORE: codes.map(values).astype(float)})
    kept = data[province].notna().to_numpy()
    if not kept.all():
        raise LinkError(f"{int((~kept).sum())} persons have no province; leave them out")
    whole = replace(
        survey, data=data, design=Design(survey.design.weights or _ones(data), psu=province), calibration=()
    )
    table = handed_on(logit, choices, {"survey": whole, "formula": formula}, LinkError)
    sources = [
        one for cell in (survey.source or "", *shared["source"]) for one in str(cell).split("; ") if one
    ]
    flag = join_flags(*table["flag"], *("simulated" for cell in shared["flag"] if "simulated" in cell))
    return table.assign(
        flag=table["flag"].map(lambda old: join_flags(old, flag)),
        source="; ".join(dict.fromkeys(sources)),
        method=method,
        areas=len(shared),
        per=per,
        reliability=reliable,
    )


def _ones(data: pd.DataFrame) -> str:
    raise LinkError("the survey has no column of weights; declare one, a column of 1 if all count alike")


def _codes(survey: Survey, province: str, of: int) -> pd.Series:
    values = survey.data[province]
    known = {value: provinces.code(value, list=of) for value in pd.unique(values.dropna())}
    return values.map(known)


def _prepared(shared: pd.DataFrame, method: str) -> tuple[pd.Series, float, float]:
    """Return each province's score in standard deviations, what one is, and the reliability of the scores."""
    x, error = shared["estimate"].astype(float), shared["se"].astype(float).fillna(0.0) ** 2
    spread = float(x.var(ddof=1))
    if spread <= 1e-24:
        raise LinkError(f"the scores of all {len(x)} provinces are {x.iloc[0]:g}; there is nothing to link")
    true = spread - float(error.mean())
    if true <= 0:
        raise LinkError(
            "the scores differ by no more than their own errors; there is nothing to link use with"
        )
    drawn = x.mean() + true / (true + error) * (x - x.mean()) if method == "calibrated" else x
    return (drawn - x.mean()) / np.sqrt(spread), float(np.sqrt(spread)), true / spread
