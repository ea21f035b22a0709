"""What publications claim: verdicts on statements, their arithmetic, and statements proposed from a text."""

from portal_analysis.claims.spans import LOOSENESS, QUALIFIERS, ClaimError, Span, span
from portal_analysis.claims.statements import Claims, load_claims, same_house
from portal_analysis.claims.verdicts import CLAIM_COLUMNS, VERDICTS, check_claims

__all__ = [
    "CLAIM_COLUMNS",
    "LOOSENESS",
    "QUALIFIERS",
    "VERDICTS",
    "ClaimError",
    "Claims",
    "Span",
    "check_claims",
    "load_claims",
    "same_house",
    "span",
]
