"""The lossless process of JPEG: predictors, restart markers, depth, sign, colour."""

from __future__ import annotations

import numpy as np
import pytest


def noise(shape, bits, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 1 << bits, shape).astype("u2" if bits > 8 else "u1")


@pytest.mark.parametrize("bits", [2, 8, 12, 16])
@pytest.mark.parametrize("predictor", range(1, 8))
def test_predictors(predictor, bits, streams, make_dataset):
    arr = noise((9, 7), bits)
    stream = streams.lossless_jpeg(arr, bits, predictor)
    ds = streams.wrapped(make_dataset(arr, bits_stored=bits), [stream], "lossless")
    decoded, messages = streams.pixels(ds)
    assert np.array_equal(decoded, arr)
    assert not messages


@pytest.mark.parametrize("predictor", [1, 4, 7])
@pytest.mark.parametrize("interval", [1, 2, 5])
def test_restart_markers(interval, predictor, streams, make_dataset):
    arr = noise((17, 5), 16)
    stream = streams.lossless_jpeg(arr, 16, predictor, restart_rows=interval)
    assert b"\xff\xd0" in stream
    decoded, _ = streams.pixels(streams.wrapped(make_dataset(arr), [stream], "lossless"))
    assert np.array_equal(decoded, arr)


def test_differences_of_half_the_range(streams, make_dataset):
    arr = np.array([[0, 32768, 0, 65535, 32767, 65535, 0]], "u2")
    decoded, _ = streams.pixels(
        streams.wrapped(make_dataset(arr), [streams.lossless_jpeg(arr, 16)], "lossless")
    )
    assert np.array_equal(decoded, arr)


def test_colour_is_left_alone(streams, make_dataset):
    arr = noise((6, 5, 3), 8)
    stream = streams.lossless_jpeg(arr, 8, 1)
    decoded, messages = streams.pixels(streams.wrapped(make_dataset(arr), [stream], "first order"))
    assert np.array_equal(decoded, arr)
    assert not messages


def test_signed_samples_are_extended(streams, make_dataset):
    arr = np.array([[-2048, -1, 0, 1, 2047]], "i2")
    stream = streams.lossless_jpeg(arr.astype("u2") & 0xFFF, 12)
    decoded, messages = streams.pixels(
        streams.wrapped(make_dataset(arr, bits_stored=12), [stream], "lossless")
    )
    assert decoded.dtype == "i2"
    assert np.array_equal(decoded, arr)
    assert not messages


def test_signed_samples_of_a_stream_with_more_bits(streams, make_dataset):
    arr = np.array([[-2048, -1, 0, 1, 2047]], "i2")
    stream = streams.lossless_jpeg(arr.view("u2"), 16)
    decoded, _ = streams.pixels(streams.wrapped(make_dataset(arr, bits_stored=12), [stream], "lossless"))
    assert np.array_equal(decoded, arr)


def test_point_transform(streams, make_dataset):
    arr = noise((8, 9), 12)
    stream = streams.lossless_jpeg(arr, 12, 2, shift=3)
    decoded, _ = streams.pixels(streams.wrapped(make_dataset(arr, bits_stored=12), [stream], "lossless"))
    assert np.array_equal(decoded, arr >> 3 << 3)


def test_no_end_of_image(streams, make_dataset):
    arr = noise((5, 6), 12)
    stream = streams.lossless_jpeg(arr, 12, end=b"")
    ds = streams.wrapped(make_dataset(arr, bits_stored=12), [stream], "lossless")
    decoded, _ = streams.pixels(ds)
    assert np.array_equal(decoded, arr)
