"""ESTIMATES to matplotlib figures; nothing in here computes a statistic."""
