"""A table of chosen elements of many files: :func:`index` and its parts.

``_columns`` says what a column is and turns a file into a row, ``_walk`` finds the files, ``_journal`` remembers rows
across interruptions, ``_tables`` writes and returns tables, ``_run`` drives them.
"""

from ._run import DEFAULT_TAGS, index

__all__ = ["DEFAULT_TAGS", "index"]
