"""Blocks of a document, and how they are written as HTML, Word, PDF and LaTeX, each once.

Takes blocks; hands on files. Notebooks, exports and the report all write through these rooms.
"""
