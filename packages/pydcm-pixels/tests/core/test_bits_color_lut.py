"""Bits, colour and look-up tables in C against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm_pixels._core import _bits, _color, _lut

RNG = np.random.default_rng(7)


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
@pytest.mark.parametrize("unused", [1, 3, 7])
def test_extend_sign(dtype, unused):
    info = np.iinfo(dtype)
    values = RNG.integers(info.min, info.max, 1000, dtype=dtype, endpoint=True)
    expected = np.right_shift(np.left_shift(values, unused), unused)
    assert _bits.has_unused_bits(values, unused)
    _bits.extend_sign(values, unused)
    assert np.array_equal(values, expected)
    assert not _bits.has_unused_bits(values, unused)


def test_extend_sign_refuses_impossible_widths():
    with pytest.raises(ValueError, match="8 unused bits"):
        _bits.extend_sign(np.zeros(1, "u1"), 8)


@pytest.mark.parametrize("first", [0, 1, 7, 8, 13])
@pytest.mark.parametrize("count", [1, 7, 8, 9, 100])
def test_unpack(first, count):
    packed = RNG.integers(0, 256, 20).astype("u1")
    out = np.empty(count, "u1")
    _bits.unpack(packed, out, first)
    assert np.array_equal(out, np.unpackbits(packed, bitorder="little")[first : first + count])


def test_unpack_past_the_end():
    with pytest.raises(ValueError, match="do not hold bits"):
        _bits.unpack(bytes(2), bytearray(9), 8)


def test_ybr_to_rgb_is_the_equation_rounded_half_up():
    y, cb, cr = (
        axis.reshape(-1).astype("f8") for axis in np.meshgrid(*[np.arange(0, 256, 5)] * 3, indexing="ij")
    )
    pixels = np.stack([y, cb, cr], -1).astype("u1").reshape(-1)
    out = np.empty_like(pixels)
    _color.ybr_full_to_rgb(pixels, out)
    exact = np.stack(
        [
            y + 1.402 * (cr - 128),
            y - (0.114 * 1.772 * (cb - 128) + 0.299 * 1.402 * (cr - 128)) / 0.587,
            y + 1.772 * (cb - 128),
        ],
        -1,
    )
    assert np.abs(np.clip(exact, 0, 255) - out.reshape(-1, 3)).max() <= 0.5 + 1e-9


def test_rgb_to_ybr_and_back_is_within_one():
    pixels = RNG.integers(0, 256, 30000).astype("u1")
    there = np.empty_like(pixels)
    back = np.empty_like(pixels)
    _color.rgb_to_ybr_full(pixels, there)
    _color.ybr_full_to_rgb(there, back)
    assert np.abs(back.astype(int) - pixels).max() <= 1


def test_expand_422_and_interleave():
    out = np.empty(12, "u1")
    _color.expand_422(np.array([1, 2, 3, 4, 5, 6, 7, 8], "u1"), out)
    assert out.tolist() == [1, 3, 4, 2, 3, 4, 5, 7, 8, 6, 7, 8]
    planes = np.arange(24, dtype="u2")
    out = np.empty(24, "u2")
    _color.interleave3(planes, out, 4)
    assert np.array_equal(out.reshape(2, 4, 3), planes.reshape(2, 3, 4).transpose(0, 2, 1))


def test_lookup_clamps_at_both_ends():
    out = np.empty(4, "u2")
    _lut.lookup(np.array([-10, -2, 0, 99], "i2"), np.array([5, 6, 7], "u2"), -2, out)
    assert out.tolist() == [5, 5, 7, 7]
    rgb = np.empty(6, "u1")
    _lut.lookup_rgb(np.array([0, 9], "u1"), *(np.array([i, i + 1], "u1") for i in (1, 3, 5)), 0, rgb)
    assert rgb.tolist() == [1, 3, 5, 2, 4, 6]


def test_colours_do_not_depend_on_how_many_pixels_there_are():
    pixels = np.random.default_rng(7).integers(0, 256, (31 * 4000, 3)).astype("u1")
    pixels[::5, 1:] = 78, 178  # green is a half
    whole, pieces = np.empty_like(pixels), np.empty_like(pixels)
    _color.ybr_full_to_rgb(pixels.reshape(-1), whole.reshape(-1))
    for start in range(0, len(pixels), 31):  # fewer than vectors take
        piece = slice(start, start + 31)
        _color.ybr_full_to_rgb(pixels[piece].reshape(-1), pieces[piece].reshape(-1))
    assert np.array_equal(whole, pieces)
