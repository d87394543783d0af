"""RLE segments and frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm_pixels._core import _rle

ROWS = st.binary(max_size=600) | st.lists(st.sampled_from([0, 1]), max_size=600).map(bytes)


@settings(deadline=None)
@given(ROWS)
def test_row_round_trip(row):
    assert _rle.decode_segment(_rle.encode_row(row)) == row


@pytest.mark.parametrize(
    ("row", "encoded"),
    [
        (b"", b""),
        (b"\x07", b"\x00\x07"),
        (b"\x07" * 2, b"\xff\x07"),
        (b"\x07" * 128, b"\x81\x07"),
        (b"\x07" * 129, b"\x81\x07\x00\x07"),
        (b"\x07" * 130, b"\x81\x07\xff\x07"),
        (bytes(range(128)), b"\x7f" + bytes(range(128))),
        (bytes(range(129)), b"\x7f" + bytes(range(128)) + b"\x00\x80"),
    ],
)
def test_runs_of_a_row(row, encoded):
    assert _rle.encode_row(row) == encoded


def test_segments_are_even_and_rows_do_not_share_runs():
    # Two rows of the same byte are two runs (PS3.5 G.3.1)
    assert _rle.encode_segment(b"\x01" * 8, 4) == b"\xfd\x01\xfd\x01"
    assert len(_rle.encode_segment(b"\x01\x02\x03", 3)) % 2 == 0


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("planar", [True, False])
def test_frame_round_trip(samples, width, planar):
    rng = np.random.default_rng(samples * width)
    pixels = rng.integers(0, 3, (5, 7, samples, width)).astype("u1")
    encoded = _rle.encode_frame(pixels.tobytes(), 5, 7, samples, width)
    out = bytearray(pixels.size)
    assert _rle.decode_frame(encoded, out, 35, samples, width, False, planar) == 0
    expected = pixels.reshape(35, samples, width)
    assert bytes(out) == (expected.transpose(1, 0, 2) if planar else expected).tobytes()


def test_most_significant_plane_comes_first():
    encoded = _rle.encode_frame(b"\x34\x12", 1, 1, 1, 2)
    first, second = _rle.parse_header(encoded[:64])
    assert encoded[first : first + 2] == b"\x00\x12"
    assert encoded[second : second + 2] == b"\x00\x34"


def test_excess_is_reported_and_short_segments_are_refused():
    encoded = _rle.encode_frame(bytes(10), 1, 10, 1, 1)
    assert _rle.decode_frame(encoded, bytearray(9), 9, 1, 1) == 10
    with pytest.raises(ValueError, match=r"\(10 vs. 11 bytes\)"):
        _rle.decode_frame(encoded, bytearray(11), 11, 1, 1)


@pytest.mark.parametrize("header", [b"", bytes(63), b"\x10" + bytes(63)])
def test_bad_headers(header):
    with pytest.raises(ValueError, match="RLE header"):
        _rle.parse_header(header)


def test_too_many_segments():
    with pytest.raises(ValueError, match="maximum of 15 segments"):
        _rle.encode_frame(bytes(16), 1, 1, 4, 4)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200),
    st.integers(0, 3),
    st.integers(1, 40),
    st.sampled_from([1, 3]),
    st.sampled_from([1, 2]),
)
def test_hostile_frames_end_in_an_error_or_a_frame(body, n_segments, n_pixels, samples, width):
    frame = n_segments.to_bytes(4, "little") + body
    out = bytearray(n_pixels * samples * width)
    try:
        _rle.decode_frame(frame, out, n_pixels, samples, width)
    except ValueError:
        pass
