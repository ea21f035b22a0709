"""Datasets and reports as archives take them: RO-Crate for the package, DDI-Codebook for the study."""

from portal_analysis.deposit.make import DepositError, deposit

__all__ = ["DepositError", "deposit"]
