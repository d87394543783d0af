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

#: How deep sequences may be nested (PS3.5 §7.5), in files and in JSON. Content trees of structured reports seldom pass 20.
MAX_DEPTH: int = 256

#: Fragments of one encapsulated value (PS3.5 §A.4).
MAX_FRAGMENTS: int = 50_000_000

#: Bytes that a deflated data set (PS3.5 §A.5) may always expand to, whatever its compressed size.
INFLATE_ALLOWANCE: int = 64 * 2**20

#: Above that allowance, how many bytes one compressed byte may expand to (DEFLATE itself ends at 1032).
MAX_INFLATE_RATIO: int = 250

#: Voxels of an array that a transform of a volume makes: a mistaken spacing or size soon asks for more than there is memory.
MAX_VOXELS: int = 2**32

#: Samples that a frame of compressed pixel data may always have, whatever the size of its stream.
FRAME_ALLOWANCE: int = 64 * 2**20

#: Above that allowance, how many samples one byte of the stream may make.
MAX_SAMPLES_PER_BYTE: int = 4000
