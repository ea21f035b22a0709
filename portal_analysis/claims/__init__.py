"""What publications claim: verdicts on statements, their arithmetic, and statements proposed from a text."""

from portal_analysis.claims.arithmetic import grim, grim_power, possible_counts
from portal_analysis.claims.consistency import CHECKS, CONSISTENCY, check_arithmetic
from portal_analysis.claims.meanings import claim_meanings
from portal_analysis.claims.proposals import PROPOSAL_COLUMNS, propose_claims
from portal_analysis.claims.relations import RELATIONS
from portal_analysis.claims.spans import LOOSENESS, QUALIFIERS, ClaimError, Span, span
from portal_analysis.claims.statements import Claims, load_claims, same_house
from portal_analysis.claims.verdicts import CLAIM_COLUMNS, VERDICTS, check_claims

__all__ = [
    "CHECKS",
    "CLAIM_COLUMNS",
    "CONSISTENCY",
    "LOOSENESS",
    "PROPOSAL_COLUMNS",
    "QUALIFIERS",
    "RELATIONS",
    "VERDICTS",
    "ClaimError",
    "Claims",
    "Span",
    "check_arithmetic",
    "check_claims",
    "claim_meanings",
    "grim",
    "grim_power",
    "load_claims",
    "possible_counts",
    "propose_claims",
    "same_house",
    "span",
]
