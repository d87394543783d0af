"""Fuzz target: JPEG (DCT) streams, as the data set describes them and otherwise."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np

from pydcm_pixels._core import _jpeg
from pydcm_testing import fuzzing

streams = fuzzing.load(Path(__file__).with_name("streams.py"))
mutate = streams.changed
SYNTAXES = ("4.50", "4.51")
KINDS = (("u1", 8),)


def check(data: bytes) -> bool:
    """Take the first bytes of `data` as description, the rest as stream; tell whether it was decoded."""
    if not streams.decode_checked("jpeg", data, SYNTAXES):
        return False
    description, stream = streams.described(data, SYNTAXES)
    rows, columns = description["rows"], description["columns"]
    if description["samples_per_pixel"] == 3 and 0 < rows * columns <= streams.PIXELS:
        out = np.empty(3 * rows * columns, "u1")
        if _jpeg.decode(stream, out, rows, columns, False):
            expected = imagecodecs.jpeg8_decode(stream, colorspace="YCBCR", outcolorspace="YCBCR")
            assert np.array_equal(out, expected.reshape(-1))
    return True


def samples() -> list[bytes]:
    """Return streams that decode."""
    return streams.seeds("jpeg", SYNTAXES, KINDS)
