"""Bounds on what an input may ask for, as plain numbers.

They are far above anything seen in real files and exist so that a damaged or hostile one ends in
:class:`~pydcm.errors.DicomLimitError` instead of a crash, a hang or exhausted memory. Assign to them to allow
more::

    import pydcm.limits
    pydcm.limits.MAX_DEPTH = 500

Lengths need no bound of their own: a length is always checked against the bytes that are really there before
anything is allocated for it.
"""

from __future__ import annotations

#: How deep sequences may be nested (PS3.5 §7.5). Content trees of structured reports seldom pass 20.
MAX_DEPTH: int = 256

#: Elements of one data set, its items included.
MAX_ELEMENTS: int = 100_000_000

#: Items of one sequence.
MAX_ITEMS: int = 20_000_000

#: Fragments of one encapsulated value (PS3.5 §A.4).
MAX_FRAGMENTS: int = 50_000_000

#: Frames of one value: Number of Frames is an IS, hence a signed 32-bit number (PS3.5 §6.2).
MAX_FRAMES: int = 2**31 - 1

#: Bytes that a deflated data set (PS3.5 §A.5) may always expand to, whatever its compressed size.
INFLATE_ALLOWANCE: int = 256 * 2**20

#: Above that allowance, how many bytes one compressed byte may expand to (DEFLATE itself ends at 1032).
MAX_INFLATE_RATIO: int = 250

#: Directory records of one DICOMDIR (PS3.10 §8).
MAX_DIRECTORY_RECORDS: int = 20_000_000

#: How deep the objects of a JSON document may be nested (PS3.18 §F).
MAX_JSON_DEPTH: int = 3 * MAX_DEPTH
