"""The public names, in the order of the work; each comment heads a chapter of the reference."""

# What there is: datasets, and how a researcher's own files are read
from .datasets import sources as sources
from .published import load_published as load_published
from .codebook import load_tables as load_tables
from .facts import province_facts as province_facts
from .claims import load_claims as load_claims
from .claims import propose_claims as propose_claims
from .survey.readers import load_survey as load_survey
from .survey.readers import read_survey as read_survey
from .survey.readers import read_papi as read_papi
from .survey.readers import questions as questions
from .survey.readers import estimates as estimates
from .registers import load_register as load_register
from .registers import read_register as read_register
from .registers import simulate_register as simulate_register
from .audit.judgements import load_audit as load_audit
from .audit.readers import read_audit as read_audit
from .survey.microdata import Survey as Survey
from .survey.design import Design as Design
from .survey.summary import summary as summary
from .registers import Register as Register
from .registers import RegisterError as RegisterError
from .faults import Error as Error
from .audit.judgements import Audit as Audit
from . import provinces as provinces

# From microdata with a design: rates and comparisons
from .survey.estimate import proportion as proportion
from .survey.estimate import multiple_response as multiple_response
from .survey.estimate import mean as mean
from .survey.estimate import total as total
from .survey.estimate import ratio as ratio
from .survey.quantile import quantile as quantile
from .survey.compare import difference as difference
from .survey.compare import contrast as contrast
from .survey.compare import covariance as covariance
from .survey.trend import trend as trend
from .survey.association import association as association
from .survey.standardise import standardise as standardise
from .survey.inequality import inequality as inequality
from .survey.kitagawa import kitagawa as kitagawa
from .survey.decompose import decompose as decompose
from .survey.model import logit as logit
from .survey.model import regress as regress

# Rates of small areas
from .survey.small_area import area_rates as area_rates
from .survey.small_area import small_area as small_area
from .survey.small_area import direct_and_model as direct_and_model
from .survey.area_ranks import area_ranks as area_ranks
from .survey.area_ranks import area_above as area_above
from .survey.area_checks import area_checks as area_checks

# Weights, and the next wave
from .survey.weights import post_stratify as post_stratify
from .survey.weights import rake as rake
from .survey.weights import calibrate as calibrate
from .survey.weights import as_replicates as as_replicates
from .survey.stages import stage_effects as stage_effects
from .survey.plan import plan_wave as plan_wave
from .survey.plan import wave_margins as wave_margins
from .survey.tryout import try_plan as try_plan

# From registers: one word, five rates
from .registers import usage_rates as usage_rates
from .registers import register_conflicts as register_conflicts

# From audits: who was audited, and what is met
from .audit.coverage import coverage as coverage
from .audit.shares import shares as shares
from .audit.detected import detected as detected
from .audit.pages import pages as pages
from .audit.pages import page_shares as page_shares
from .audit.pages import discovery as discovery

# Whether assessors agree, and what is settled
from .audit.agreement import disagreements as disagreements
from .audit.agreement import agreement as agreement
from .audit.raters import pairwise_agreement as pairwise_agreement
from .audit.raters import assessor_bias as assessor_bias
from .audit.raters import assessor_errors as assessor_errors
from .audit.benchmark import benchmark as benchmark
from .audit.consensus import verdicts as verdicts
from .audit.settle import settle as settle
from .audit.settle import settled as settled

# Shortcomings, scores and ranks of portals
from .audit.shortcomings import shortcomings as shortcomings
from .audit.shortcomings import portal_shortcomings as portal_shortcomings
from .audit.shortcomings import sensitivity as sensitivity
from .audit.shortcomings import co_occurrence as co_occurrence
from .audit.index import scores as scores
from .audit.index import mostly_met as mostly_met
from .audit.index import what_if as what_if
from .audit.items import items as items
from .audit.portal_scores import portal_scores as portal_scores
from .audit.montecarlo import ranks as ranks
from .audit.montecarlo import above as above
from .audit.drivers import rank_drivers as rank_drivers

# From round to round
from .audit.rounds import rounds as rounds
from .audit.rounds import flows as flows
from .audit.rounds import several_rounds as several_rounds
from .audit.rounds import chained_index as chained_index

# Tools beside people, and comments of users
from .audit.tools import tool_accuracy as tool_accuracy
from .audit.tools import corrected_prevalence as corrected_prevalence
from .audit.crosswalk import tool_codebook as tool_codebook
from .audit.feedback import feedback_shares as feedback_shares
from .audit.feedback import coder_agreement as coder_agreement
from .audit.feedback import suggestion_quality as suggestion_quality
from .audit.feedback import feedback_texts as feedback_texts
from .audit.feedback import mask as mask

# The next round, and audits for others
from .audit.plan import assessors_needed as assessors_needed
from .audit.plan import pages_for_margin as pages_for_margin
from .audit.plan import plan_round as plan_round
from .audit.plan import write_rubric as write_rubric
from .audit.write import write_audit as write_audit
from .audit.write import write_earl as write_earl

# From both: whether use goes with the quality of portals
from .linkage.areas import link as link
from .linkage.areas import link_without as link_without
from .linkage.points import link_points as link_points
from .linkage.persons import link_persons as link_persons
from .linkage.power import link_power as link_power
from .linkage.pairs import in_34 as in_34

# From publications: statements, and what bears on each
from .published import published_shortcomings as published_shortcomings
from .shape import combine as combine
from .progress import targets as targets
from .claims import check_claims as check_claims
from .claims import claim_meanings as claim_meanings
from .claims import check_arithmetic as check_arithmetic
from .claims import possible_counts as possible_counts
from .claims import grim as grim
from .claims import grim_power as grim_power

# What a table says
from .language.sentences import describe as describe
from .documents.show import show as show
from .language.sentences import phrase as phrase
from .explore import explore as explore

# Figures
from .figures import plot_estimates as plot_estimates
from .figures import plot_trend as plot_trend
from .figures import plot_gap as plot_gap
from .figures import plot_equiplot as plot_equiplot
from .figures import plot_tiles as plot_tiles
from .figures import plot_map as plot_map
from .figures import plot_counts as plot_counts
from .figures import plot_criteria as plot_criteria
from .figures import plot_matrix as plot_matrix
from .figures import plot_co_occurrence as plot_co_occurrence
from .figures import plot_coverage as plot_coverage
from .figures import plot_discovery as plot_discovery
from .figures import plot_ranks as plot_ranks
from .figures import plot_link as plot_link
from .figures import plot_flows as plot_flows
from .figures import plot_together as plot_together

# Files that say where they come from, and hold nobody's answers
from .disclosure.withhold import withhold as withhold
from .exports import export as export
from .exports import slides as slides
from .exports.matrix import write_matrix as write_matrix
from .deposit import deposit as deposit

__version__: str
