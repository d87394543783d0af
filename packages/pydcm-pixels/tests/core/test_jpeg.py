"""Baseline JPEG by our own code is what libjpeg makes of it, or left to libjpeg."""

from __future__ import annotations

import io
import random

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from pydcm_pixels._codecs import jpeg
from pydcm_pixels._core import _jpeg
from pydcm_pixels._core._color import ybr_full_to_rgb

pytestmark = pytest.mark.skipif(not _jpeg.can_decode(), reason="this processor is left to libjpeg")
YCBCR = {"colorspace": "YCBCR", "outcolorspace": "YCBCR"}
SUBSAMPLINGS = ["444", "422", "420"]


def picture(shape, kind="smooth"):
    rng = np.random.default_rng(sum(shape))
    if kind == "noise":
        return rng.integers(0, 256, (*shape, 3)).astype("u1")
    if kind == "flat":
        coarse = rng.integers(0, 256, (shape[0] // 16 + 1, shape[1] // 16 + 1, 3)).astype("u1")
        return np.ascontiguousarray(coarse.repeat(16, 0).repeat(16, 1)[: shape[0], : shape[1]])
    rows, columns = np.indices(shape)
    planes = [128 + 120 * np.sin(rows / 9 + i) * np.cos(columns / 7 - i) for i in range(3)]
    return np.stack(planes, -1).astype("u1")


def ours(stream, shape, rgb=False):
    out = np.zeros(3 * shape[0] * shape[1], "u1")
    return out.reshape(*shape, 3) if _jpeg.decode(stream, out, *shape, rgb) else None


def check(stream, shape):
    expected = imagecodecs.jpeg8_decode(stream, **YCBCR)
    assert np.array_equal(ours(stream, shape), expected)
    ybr_full_to_rgb(expected.reshape(-1), expected.reshape(-1))
    assert np.array_equal(ours(stream, shape, rgb=True), expected)


@pytest.mark.parametrize("kind", ["smooth", "noise", "flat"])
@pytest.mark.parametrize("subsampling", SUBSAMPLINGS)
@pytest.mark.parametrize(
    "shape", [(1, 8), (2, 9), (8, 8), (16, 16), (17, 31), (32, 33), (47, 95), (15, 130), (64, 64)]
)
def test_samples_are_those_of_libjpeg(shape, subsampling, kind):
    for quality in (3, 50, 90, 100):
        for optimize in (False, True):
            arr = picture(shape, kind)
            check(imagecodecs.jpeg8_encode(arr, quality, subsampling=subsampling, optimize=optimize), shape)


@pytest.mark.parametrize("interval", [1, 3, 8])
@pytest.mark.parametrize("subsampling", SUBSAMPLINGS)
def test_restart_markers(subsampling, interval):
    stream = io.BytesIO()
    image = Image.fromarray(picture((75, 101)))
    image.save(
        stream,
        "JPEG",
        quality=85,
        subsampling=SUBSAMPLINGS.index(subsampling),
        restart_marker_blocks=interval,
    )
    assert b"\xff\xd0" in stream.getvalue()
    check(stream.getvalue(), (75, 101))


def test_components_that_are_rgb():
    arr = picture((40, 50))
    stream = imagecodecs.jpeg8_encode(arr, 95, colorspace="RGB", outcolorspace="RGB", subsampling="444")
    assert np.array_equal(
        ours(stream, (40, 50)), imagecodecs.jpeg8_decode(stream, colorspace="RGB", outcolorspace="RGB")
    )


def test_what_is_not_plain_is_left_to_libjpeg():
    arr, shape = picture((40, 50)), (40, 50)
    plain = imagecodecs.jpeg8_encode(arr, 90, subsampling="422")
    start, end = plain.index(b"\xff\xda") + 14, plain.rindex(b"\xff\xd9")
    assert ours(plain, shape) is not None
    assert ours(plain + b"\0\0\0", shape) is not None
    assert ours(plain[:end] + b"\xff\xff" + plain[end:], shape) is not None
    progressive = io.BytesIO()
    Image.fromarray(arr).save(progressive, "JPEG", progressive=True)
    others = [
        plain[:end],
        plain[:end] + b"\xff\xd0" + plain[end:],
        plain[:end] + b"\0" + plain[end:],
        plain[: (start + end) // 2] + plain[end:],
        plain.replace(b"\x01\x21\x00", b"\x01\x12\x00"),
        plain.replace(b"\x01\x21\x00", b"\x01\x41\x00"),
        plain.replace(b"\xff\xdb", b"\xff\xfe"),
        plain.replace(b"\xff\xc4", b"\xff\xfe"),
        plain.replace(b"\xff\xc0", b"\xff\xc9"),
        progressive.getvalue(),
        imagecodecs.jpeg8_encode(arr[..., 0].copy(), 90),
        imagecodecs.jpeg8_encode(arr[:, :4].copy(), 90, subsampling="422"),
        plain[:start],
        plain[:20],
        b"",
    ]
    for number, stream in enumerate(others):
        assert ours(stream, shape) is None, number
    assert ours(plain, (50, 40)) is None
    assert ours(plain, (40, 49)) is None
    with pytest.raises(ValueError, match="6000 are needed"):
        _jpeg.decode(plain, np.zeros(5999, "u1"), 40, 50, True)


@pytest.mark.parametrize("subsampling", SUBSAMPLINGS)
def test_damaged_streams_are_refused_or_decoded_alike(subsampling):
    chance, shape = random.Random(subsampling), (40, 61)
    plain = imagecodecs.jpeg8_encode(picture(shape), 80, subsampling=subsampling, optimize=True)
    accepted = 0
    for _ in range(400):
        stream = bytearray(plain)
        for _ in range(chance.randint(1, 3)):
            stream[chance.randrange(2, len(stream))] = chance.randrange(256)
        found = ours(bytes(stream), shape)
        if found is not None:
            accepted += 1
            assert np.array_equal(found, imagecodecs.jpeg8_decode(bytes(stream), **YCBCR))
    assert 0 < accepted < 400


@pytest.mark.parametrize("to_rgb", [False, True])
@pytest.mark.parametrize("has_out", [False, True])
def test_the_codec_gives_the_same_without_it(has_out, to_rgb, monkeypatch):
    arr = picture((40, 50))
    description = {"rows": 40, "columns": 50, "samples_per_pixel": 3, "bits_allocated": 8}
    found = []
    for stream in (imagecodecs.jpeg8_encode(arr, 90, subsampling="420"), imagecodecs.jpeg8_encode(arr, 90)):
        for can in (True, False):
            monkeypatch.setattr(_jpeg, "can_decode", lambda can=can: can)
            out = np.zeros(arr.size, "u1") if has_out else None
            found.append(jpeg.decode(stream, out=out, to_rgb=to_rgb, **description))
            assert out is None or np.array_equal(out, found[-1].reshape(-1))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[2], found[3])
    assert found[0].shape == (40, 50, 3)
