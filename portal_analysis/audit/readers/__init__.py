"""Readers of audit files: each turns one format into judgements and runs."""
