"""From notebooks to a report: run them, read what they show, write it down.

Hands on :func:`make_report`; the parts are imported when a report is made.
"""

from __future__ import annotations

from portal_analysis.report.make import Report, ReportError, make_report

__all__ = ["Report", "ReportError", "make_report"]
