"""How many people use online public services, who is left out, and what is wrong with the portals.

The names below stand in the order of the work. A researcher has published figures, survey microdata or audits of
portals; every number ends in one table, ESTIMATES; from it come sentences, figures and files.

>>> import portal_analysis as pa
>>> published = pa.load_published("egov-figures")
>>> usage = published[published["indicator"] == "ncdt_usage_rate"]
>>> figure = pa.plot_trend(usage, lang="en")
>>> pa.export("usage", usage, figure)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal_analysis import provinces
    from portal_analysis.audit.agreement import agreement, disagreements
    from portal_analysis.audit.coverage import coverage
    from portal_analysis.audit.crosswalk import tool_codebook
    from portal_analysis.audit.detected import detected
    from portal_analysis.audit.feedback import (
        coder_agreement,
        feedback_shares,
        feedback_texts,
        mask,
        suggestion_quality,
    )
    from portal_analysis.audit.judgements import Audit, load_audit
    from portal_analysis.audit.readers import read_audit
    from portal_analysis.audit.shares import shares
    from portal_analysis.audit.shortcomings import (
        co_occurrence,
        portal_shortcomings,
        sensitivity,
        shortcomings,
    )
    from portal_analysis.audit.write import write_audit, write_earl
    from portal_analysis.claims import check_claims, load_claims
    from portal_analysis.codebook import load_tables
    from portal_analysis.datasets import sources
    from portal_analysis.documents.show import show
    from portal_analysis.shape import combine, load_published, published_shortcomings
    from portal_analysis.explore import explore
    from portal_analysis.exports import export
    from portal_analysis.figures import (
        plot_co_occurrence,
        plot_counts,
        plot_coverage,
        plot_criteria,
        plot_estimates,
        plot_gap,
        plot_map,
        plot_matrix,
        plot_tiles,
        plot_trend,
    )
    from portal_analysis.language.sentences import describe, phrase
    from portal_analysis.survey.compare import association, difference, trend
    from portal_analysis.survey.design import Design, Survey
    from portal_analysis.survey.estimate import mean, multiple_response, proportion, ratio, total
    from portal_analysis.survey.model import logit
    from portal_analysis.survey.readers import load_survey, questions, read_papi, read_survey
    from portal_analysis.survey.weights import post_stratify, rake

__version__ = "0.1.0"

_ROOMS = {
    # what there is
    "sources": "datasets",
    "load_published": "shape",
    "read_papi": "survey.readers",
    "load_claims": "claims",
    "load_tables": "codebook",
    "load_survey": "survey.readers",
    "read_survey": "survey.readers",
    "questions": "survey.readers",
    "load_audit": "audit.judgements",
    "read_audit": "audit.readers",
    "Design": "survey.design",
    "Survey": "survey.design",
    "Audit": "audit.judgements",
    # from microdata with a design: rates, comparisons, models, calibrated weights
    "proportion": "survey.estimate",
    "multiple_response": "survey.estimate",
    "mean": "survey.estimate",
    "total": "survey.estimate",
    "ratio": "survey.estimate",
    "difference": "survey.compare",
    "trend": "survey.compare",
    "association": "survey.compare",
    "logit": "survey.model",
    "post_stratify": "survey.weights",
    "rake": "survey.weights",
    # from audits: who was audited, what is met, which shortcomings follow
    "coverage": "audit.coverage",
    "shares": "audit.shares",
    "detected": "audit.detected",
    "disagreements": "audit.agreement",
    "agreement": "audit.agreement",
    "shortcomings": "audit.shortcomings",
    "portal_shortcomings": "audit.shortcomings",
    "sensitivity": "audit.shortcomings",
    "co_occurrence": "audit.shortcomings",
    "tool_codebook": "audit.crosswalk",
    "feedback_shares": "audit.feedback",
    "coder_agreement": "audit.feedback",
    "suggestion_quality": "audit.feedback",
    "feedback_texts": "audit.feedback",
    "mask": "audit.feedback",
    "write_audit": "audit.write",
    "write_earl": "audit.write",
    # from publications: statements, and what bears on each
    "published_shortcomings": "shape",
    "combine": "shape",
    "check_claims": "claims",
    # what a table says
    "describe": "language.sentences",
    "show": "documents.show",
    "phrase": "language.sentences",
    "explore": "explore",
    "plot_estimates": "figures",
    "plot_trend": "figures",
    "plot_gap": "figures",
    "plot_tiles": "figures",
    "plot_map": "figures",
    "plot_counts": "figures",
    "plot_criteria": "figures",
    "plot_matrix": "figures",
    "plot_co_occurrence": "figures",
    "plot_coverage": "figures",
    # files that say where they come from
    "export": "exports",
}

__all__ = [
    "Audit",
    "Design",
    "Survey",
    "agreement",
    "association",
    "check_claims",
    "co_occurrence",
    "coder_agreement",
    "combine",
    "coverage",
    "describe",
    "detected",
    "difference",
    "disagreements",
    "explore",
    "export",
    "feedback_shares",
    "feedback_texts",
    "load_audit",
    "load_claims",
    "load_published",
    "load_survey",
    "load_tables",
    "logit",
    "mask",
    "mean",
    "multiple_response",
    "phrase",
    "plot_co_occurrence",
    "plot_counts",
    "plot_coverage",
    "plot_criteria",
    "plot_estimates",
    "plot_gap",
    "plot_map",
    "plot_matrix",
    "plot_tiles",
    "plot_trend",
    "portal_shortcomings",
    "post_stratify",
    "proportion",
    "provinces",
    "published_shortcomings",
    "questions",
    "rake",
    "ratio",
    "read_audit",
    "read_papi",
    "read_survey",
    "sensitivity",
    "shares",
    "shortcomings",
    "show",
    "sources",
    "suggestion_quality",
    "tool_codebook",
    "total",
    "trend",
    "write_audit",
    "write_earl",
]


def __getattr__(name: str) -> Any:
    if name == "provinces":
        return import_module(f"{__name__}.provinces")
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; there are {__all__}")
    found = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
