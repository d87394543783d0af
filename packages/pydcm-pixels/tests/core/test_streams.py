"""What is read of the headers of streams."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from pydcm_pixels._core._streams import first_scan

GREY = np.arange(80, dtype="u1").reshape(8, 10)


@pytest.mark.parametrize("level", [0, 3])
def test_first_scan(level):
    grey = imagecodecs.jpegls_encode(GREY, level=level)
    colour = imagecodecs.jpegls_encode(np.stack([GREY] * 3, -1), level=level)
    assert first_scan(grey) == (level, 0)
    assert first_scan(colour) == (level, 2)


def test_what_looks_like_a_scan_inside_a_segment_is_none():
    stream = imagecodecs.jpegls_encode(GREY, level=2)
    comment = b"\xff\xfe\x00\x0a\xff\xda\x00\x08\x01\x01\x00\x09"
    assert first_scan(stream[:2] + comment + b"\xff" + stream[2:]) == (2, 0)


def test_no_scan():
    stream = imagecodecs.jpegls_encode(GREY)
    end = stream.index(b"\xff\xda") + 9
    assert all(first_scan(stream[:n]) is None for n in range(end))
    assert first_scan(stream[:end]) == (0, 0)
    assert first_scan(b"\xff\xd8 is no stream") is None
