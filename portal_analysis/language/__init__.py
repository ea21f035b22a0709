"""What a number is called, how it is written and what must be said beside it, in every language of the package.

Takes ESTIMATES; hands on a :class:`~portal_analysis.language.reading.Reading`, which sentences, figures, tables and
files only place.
"""
