"""Registers: records of procedures and dossiers, in which every row counts and nothing was drawn.

Hands on :class:`Register` and the rates of online use by every denominator.
"""

from portal_analysis.registers.register import Register, RegisterError, load_register, read_register
from portal_analysis.registers.simulated import simulate_register
from portal_analysis.registers.usage import register_conflicts, usage_rates

__all__ = [
    "Register",
    "RegisterError",
    "load_register",
    "read_register",
    "register_conflicts",
    "simulate_register",
    "usage_rates",
]
