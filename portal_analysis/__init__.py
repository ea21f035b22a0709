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
    from portal_analysis.audit.benchmark import benchmark
    from portal_analysis.audit.consensus import verdicts
    from portal_analysis.audit.coverage import coverage
    from portal_analysis.audit.crosswalk import tool_codebook
    from portal_analysis.audit.detected import detected
    from portal_analysis.audit.drivers import rank_drivers
    from portal_analysis.audit.feedback import (
        coder_agreement,
        feedback_shares,
        feedback_texts,
        mask,
        suggestion_quality,
    )
    from portal_analysis.audit.index import mostly_met, scores, what_if
    from portal_analysis.audit.items import items
    from portal_analysis.audit.judgements import Audit, load_audit
    from portal_analysis.audit.montecarlo import above, ranks
    from portal_analysis.audit.pages import discovery, page_shares, pages
    from portal_analysis.audit.plan import assessors_needed, pages_for_margin, plan_round, write_rubric
    from portal_analysis.audit.portal_scores import portal_scores
    from portal_analysis.audit.raters import assessor_bias, assessor_errors, pairwise_agreement
    from portal_analysis.audit.readers import read_audit
    from portal_analysis.audit.rounds import chained_index, flows, rounds, several_rounds
    from portal_analysis.audit.settle import settle, settled
    from portal_analysis.audit.shares import shares
    from portal_analysis.audit.shortcomings import (
        co_occurrence,
        portal_shortcomings,
        sensitivity,
        shortcomings,
    )
    from portal_analysis.audit.tools import corrected_prevalence, tool_accuracy
    from portal_analysis.audit.write import write_audit, write_earl
    from portal_analysis.claims import (
        check_arithmetic,
        check_claims,
        claim_meanings,
        grim,
        grim_power,
        load_claims,
        possible_counts,
        propose_claims,
    )
    from portal_analysis.codebook import load_tables
    from portal_analysis.datasets import sources
    from portal_analysis.disclosure.withhold import withhold
    from portal_analysis.documents.show import show
    from portal_analysis.explore import explore
    from portal_analysis.exports import export, slides
    from portal_analysis.exports.matrix import write_matrix
    from portal_analysis.facts import province_facts
    from portal_analysis.faults import Error
    from portal_analysis.figures import (
        plot_co_occurrence,
        plot_counts,
        plot_coverage,
        plot_criteria,
        plot_discovery,
        plot_estimates,
        plot_flows,
        plot_gap,
        plot_map,
        plot_matrix,
        plot_ranks,
        plot_tiles,
        plot_together,
        plot_trend,
    )
    from portal_analysis.language.sentences import describe, phrase
    from portal_analysis.linkage.areas import link, link_without
    from portal_analysis.linkage.pairs import in_34
    from portal_analysis.linkage.persons import link_persons
    from portal_analysis.linkage.power import link_power
    from portal_analysis.progress import targets
    from portal_analysis.registers import (
        Register,
        RegisterError,
        load_register,
        read_register,
        register_conflicts,
        simulate_register,
        usage_rates,
    )
    from portal_analysis.shape import combine, load_published, published_shortcomings
    from portal_analysis.survey.area_checks import area_checks
    from portal_analysis.survey.area_ranks import area_above, area_ranks
    from portal_analysis.survey.association import association
    from portal_analysis.survey.compare import contrast, covariance, difference
    from portal_analysis.survey.decompose import decompose
    from portal_analysis.survey.design import Design, Survey
    from portal_analysis.survey.estimate import mean, multiple_response, proportion, ratio, total
    from portal_analysis.survey.inequality import inequality
    from portal_analysis.survey.kitagawa import kitagawa
    from portal_analysis.survey.model import logit, regress
    from portal_analysis.survey.plan import plan_wave, wave_margins
    from portal_analysis.survey.quantile import quantile
    from portal_analysis.survey.readers import estimates, load_survey, questions, read_papi, read_survey
    from portal_analysis.survey.small_area import area_rates, direct_and_model, small_area
    from portal_analysis.survey.stages import stage_effects
    from portal_analysis.survey.standardise import standardise
    from portal_analysis.survey.summary import summary
    from portal_analysis.survey.trend import trend
    from portal_analysis.survey.tryout import try_plan
    from portal_analysis.survey.weights import as_replicates, calibrate, post_stratify, rake

__version__ = "0.2.0"

_ROOMS = {
    # what the package says no with
    "Error": "faults",
    # what there is
    "sources": "datasets",
    "load_published": "shape",
    "read_papi": "survey.readers",
    "load_claims": "claims",
    "propose_claims": "claims",
    "load_tables": "codebook",
    "province_facts": "facts",
    "load_survey": "survey.readers",
    "read_survey": "survey.readers",
    "questions": "survey.readers",
    "estimates": "survey.readers",
    "load_register": "registers",
    "read_register": "registers",
    "simulate_register": "registers",
    "load_audit": "audit.judgements",
    "read_audit": "audit.readers",
    "Design": "survey.design",
    "Survey": "survey.design",
    "summary": "survey.summary",
    "Register": "registers",
    "RegisterError": "registers",
    "Audit": "audit.judgements",
    # from microdata with a design: rates, comparisons, models, calibrated weights
    "proportion": "survey.estimate",
    "multiple_response": "survey.estimate",
    "mean": "survey.estimate",
    "total": "survey.estimate",
    "ratio": "survey.estimate",
    "quantile": "survey.quantile",
    "difference": "survey.compare",
    "contrast": "survey.compare",
    "covariance": "survey.compare",
    "area_rates": "survey.small_area",
    "small_area": "survey.small_area",
    "direct_and_model": "survey.small_area",
    "area_ranks": "survey.area_ranks",
    "area_above": "survey.area_ranks",
    "area_checks": "survey.area_checks",
    "standardise": "survey.standardise",
    "inequality": "survey.inequality",
    "kitagawa": "survey.kitagawa",
    "decompose": "survey.decompose",
    "trend": "survey.trend",
    "association": "survey.association",
    "logit": "survey.model",
    "regress": "survey.model",
    "post_stratify": "survey.weights",
    "rake": "survey.weights",
    "calibrate": "survey.weights",
    "as_replicates": "survey.weights",
    # from registers: one word, five rates
    "usage_rates": "registers",
    "register_conflicts": "registers",
    "stage_effects": "survey.stages",
    "plan_wave": "survey.plan",
    "wave_margins": "survey.plan",
    "try_plan": "survey.tryout",
    # from audits: who was audited, what is met, which shortcomings follow
    "coverage": "audit.coverage",
    "shares": "audit.shares",
    "detected": "audit.detected",
    "disagreements": "audit.agreement",
    "agreement": "audit.agreement",
    "pairwise_agreement": "audit.raters",
    "assessor_bias": "audit.raters",
    "assessor_errors": "audit.raters",
    "benchmark": "audit.benchmark",
    "verdicts": "audit.consensus",
    "settle": "audit.settle",
    "settled": "audit.settle",
    "pages": "audit.pages",
    "page_shares": "audit.pages",
    "discovery": "audit.pages",
    "shortcomings": "audit.shortcomings",
    "portal_shortcomings": "audit.shortcomings",
    "sensitivity": "audit.shortcomings",
    "co_occurrence": "audit.shortcomings",
    "scores": "audit.index",
    "mostly_met": "audit.index",
    "what_if": "audit.index",
    "items": "audit.items",
    "portal_scores": "audit.portal_scores",
    "ranks": "audit.montecarlo",
    "above": "audit.montecarlo",
    "rank_drivers": "audit.drivers",
    "rounds": "audit.rounds",
    "flows": "audit.rounds",
    "several_rounds": "audit.rounds",
    "chained_index": "audit.rounds",
    "tool_accuracy": "audit.tools",
    "corrected_prevalence": "audit.tools",
    "tool_codebook": "audit.crosswalk",
    "feedback_shares": "audit.feedback",
    "coder_agreement": "audit.feedback",
    "suggestion_quality": "audit.feedback",
    "feedback_texts": "audit.feedback",
    "mask": "audit.feedback",
    "write_audit": "audit.write",
    "write_earl": "audit.write",
    "assessors_needed": "audit.plan",
    "pages_for_margin": "audit.plan",
    "plan_round": "audit.plan",
    "write_rubric": "audit.plan",
    # from both: whether use goes with the quality of portals
    "link": "linkage.areas",
    "link_without": "linkage.areas",
    "link_persons": "linkage.persons",
    "link_power": "linkage.power",
    "in_34": "linkage.pairs",
    # from publications: statements, and what bears on each
    "published_shortcomings": "shape",
    "combine": "shape",
    "targets": "progress",
    "check_claims": "claims",
    "claim_meanings": "claims",
    "check_arithmetic": "claims",
    "possible_counts": "claims",
    "grim": "claims",
    "grim_power": "claims",
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
    "plot_discovery": "figures",
    "plot_ranks": "figures",
    "plot_flows": "figures",
    "plot_together": "figures",
    # files that say where they come from, and hold nobody's answers
    "withhold": "disclosure.withhold",
    "export": "exports",
    "slides": "exports",
    "write_matrix": "exports.matrix",
}

__all__ = [
    "Audit",
    "Design",
    "Error",
    "Register",
    "RegisterError",
    "Survey",
    "above",
    "agreement",
    "area_above",
    "area_checks",
    "area_ranks",
    "area_rates",
    "as_replicates",
    "assessor_bias",
    "assessor_errors",
    "assessors_needed",
    "association",
    "benchmark",
    "calibrate",
    "chained_index",
    "check_arithmetic",
    "check_claims",
    "claim_meanings",
    "co_occurrence",
    "coder_agreement",
    "combine",
    "contrast",
    "corrected_prevalence",
    "covariance",
    "coverage",
    "decompose",
    "describe",
    "detected",
    "difference",
    "direct_and_model",
    "disagreements",
    "discovery",
    "estimates",
    "explore",
    "export",
    "feedback_shares",
    "feedback_texts",
    "flows",
    "grim",
    "grim_power",
    "in_34",
    "inequality",
    "items",
    "kitagawa",
    "link",
    "link_persons",
    "link_power",
    "link_without",
    "load_audit",
    "load_claims",
    "load_published",
    "load_register",
    "load_survey",
    "load_tables",
    "logit",
    "mask",
    "mean",
    "mostly_met",
    "multiple_response",
    "page_shares",
    "pages",
    "pages_for_margin",
    "pairwise_agreement",
    "phrase",
    "plan_round",
    "plan_wave",
    "plot_co_occurrence",
    "plot_counts",
    "plot_coverage",
    "plot_criteria",
    "plot_discovery",
    "plot_estimates",
    "plot_flows",
    "plot_gap",
    "plot_map",
    "plot_matrix",
    "plot_ranks",
    "plot_tiles",
    "plot_together",
    "plot_trend",
    "portal_scores",
    "portal_shortcomings",
    "possible_counts",
    "post_stratify",
    "proportion",
    "propose_claims",
    "province_facts",
    "provinces",
    "published_shortcomings",
    "quantile",
    "questions",
    "rake",
    "rank_drivers",
    "ranks",
    "ratio",
    "read_audit",
    "read_papi",
    "read_register",
    "read_survey",
    "register_conflicts",
    "regress",
    "rounds",
    "scores",
    "sensitivity",
    "settle",
    "settled",
    "several_rounds",
    "shares",
    "shortcomings",
    "show",
    "simulate_register",
    "slides",
    "small_area",
    "sources",
    "stage_effects",
    "standardise",
    "suggestion_quality",
    "summary",
    "targets",
    "tool_accuracy",
    "tool_codebook",
    "total",
    "trend",
    "try_plan",
    "usage_rates",
    "verdicts",
    "wave_margins",
    "what_if",
    "withhold",
    "write_audit",
    "write_earl",
    "write_matrix",
    "write_rubric",
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
