"""Fuzz target: RLE streams, as the data set describes them and otherwise."""

from __future__ import annotations

from pathlib import Path

from pydcm_testing import fuzzing

streams = fuzzing.load(Path(__file__).with_name("streams.py"))
mutate = streams.changed
SYNTAXES = ("5",)
KINDS = (("u1", 8), ("u2", 16), ("u4", 32))


def check(data: bytes) -> bool:
    """Take the first bytes of `data` as description, the rest as stream; tell whether it was decoded."""
    return streams.decode_checked("rle", data, SYNTAXES)


def samples() -> list[bytes]:
    """Return streams that decode."""
    return streams.seeds("rle", SYNTAXES, KINDS)
