"""The audit wing: from judgements of portals to shares, shortcomings and coded feedback.

Hands on ESTIMATES; the value that travels through it is :class:`~portal_analysis.audit.judgements.Audit`.
"""
