"""Figures and tables as files that say where they come from, made whole or not at all, the same bytes each time.

Hands on :func:`export` and what it returns; the writers of the formats are rooms of their own.
"""

from portal_analysis.disclosure.withhold import withhold
from portal_analysis.exports.deck import slides
from portal_analysis.exports.files import DEFAULT, FORMATS, MIME, Exported, export
from portal_analysis.exports.job import ExportError

__all__ = ["DEFAULT", "FORMATS", "MIME", "ExportError", "Exported", "export", "slides", "withhold"]
