"""JPEG-LS: sign, precision, interleave modes, colour markers."""

from __future__ import annotations

import numpy as np
import pytest

jpeg_ls = pytest.importorskip("jpeg_ls")

RNG = np.random.default_rng(12)


def values(low, high, shape):
    """Return values over the whole range, smooth enough for streams not to outgrow them."""
    ramp = np.linspace(low, high - 1, int(np.prod(shape))).reshape(shape)
    return np.clip(ramp.round().astype(int) + RNG.integers(-1, 2, shape), low, high - 1)


def encode(arr, bits, error=0, planes=False):
    colour = arr.ndim == 3
    data = np.ascontiguousarray(arr.transpose(2, 0, 1) if planes else arr)
    return bytes(
        jpeg_ls.encode_pixel_data(
            data.astype(data.dtype.newbyteorder("<")).tobytes(),
            error,
            rows=arr.shape[0],
            columns=arr.shape[1],
            samples_per_pixel=3 if colour else 1,
            bits_stored=bits,
            planar_configuration=int(planes),
        )
    )


@pytest.mark.parametrize("bits", [3, 6, 8, 10, 12, 16])
def test_signed(bits, streams, make_dataset):
    """The stream holds the bit pattern, its precision tells which bit is the sign."""
    dtype = "i1" if bits <= 8 else "i2"
    arr = values(-(1 << bits - 1), 1 << bits - 1, (29, 31)).astype(dtype)
    pattern = (arr.astype("i4") & ((1 << bits) - 1)).astype(dtype.replace("i", "u"))
    ds = streams.wrapped(make_dataset(arr, bits_stored=bits), [encode(pattern, bits)], "jpegls")
    decoded, messages = streams.pixels(ds)
    assert decoded.dtype == dtype
    assert np.array_equal(decoded, arr)
    assert not messages


@pytest.mark.parametrize("error", [1, 4])
def test_signed_near_lossless(error, streams, make_dataset):
    """Of a bit pattern that wraps around zero only values away from zero stay near (PS3.5 §8.2.3)."""
    arr = RNG.integers(100, 1900, (20, 21)).astype("i2") * np.where(np.arange(21) < 10, -1, 1).astype("i2")
    stream = encode((arr & 0xFFF).astype("u2"), 12, error)
    decoded, _ = streams.pixels(streams.wrapped(make_dataset(arr, bits_stored=12), [stream], "near"))
    assert np.abs(decoded.astype(int) - arr).max() <= error


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("stated", [0, 1])
@pytest.mark.parametrize("bits", [8, 12])
def test_interleave_mode_goes_before_planar_configuration(bits, stated, planes, streams, make_dataset):
    arr = values(0, 1 << bits, (17, 10, 3)).astype("u1" if bits == 8 else "u2")
    ds = make_dataset(np.stack([arr, arr[::-1]]), bits_stored=bits, frames=True)
    ds.PlanarConfiguration = stated
    stream, other = encode(arr, bits, planes=planes), encode(arr[::-1], bits, planes=planes)
    streams.wrapped(ds, [stream, other], "jpegls")
    decoded, _ = streams.pixels(ds)
    assert np.array_equal(decoded, [arr, arr[::-1]])


def test_no_end_of_image(streams, make_dataset):
    arr = values(0, 256, (18, 19)).astype("u1")
    stream = encode(arr, 8).rstrip(b"\x00")
    assert stream.endswith(b"\xff\xd9")
    decoded, messages = streams.pixels(streams.wrapped(make_dataset(arr), [stream[:-2]], "jpegls"))
    assert np.array_equal(decoded, arr)
    assert any("end marker" in one for one in messages)


def test_components_called_rgb(streams, make_dataset):
    arr = values(0, 256, (18, 19, 3)).astype("u1")
    stream = bytearray(encode(arr, 8))
    at = stream.index(b"\xff\xf7") + 10
    scan = stream.index(b"\xff\xda") + 5
    for index, name in enumerate(b"RGB"):
        stream[at + 3 * index] = stream[scan + 2 * index] = name
    ds = streams.wrapped(make_dataset(arr, photometric="YBR_FULL"), [bytes(stream)], "jpegls")
    decoded, messages = streams.pixels(ds)
    assert np.array_equal(decoded, arr)
    assert any("YBR_FULL" in one and "'RGB'" in one for one in messages)
