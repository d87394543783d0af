"""Small and thin images, and noise, which no codec likes."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
LOSSLESS = [
    ("5", {}),
    ("4.57", {}),
    ("4.70", {}),
    ("4.80", {}),
    ("4.80", {"encoding_plugin": "imagecodecs"}),
    ("4.90", {}),
    ("4.91", {"reversible": True}),
    ("4.201", {}),
    ("4.202", {}),
    ("4.110", {}),
    ("8.1", {}),
    ("1.98", {}),
]
LOSSY = [
    ("4.50", {}),
    ("4.51", {}),
    ("4.81", {"jls_error": 1}),
    ("4.91", {"j2k_psnr": [60]}),
    ("4.203", {"htj2k_step": 0.01}),
    ("4.112", {"distance": 1.0}),
]
SIZES = [(1, 1), (1, 2), (2, 1), (1, 5), (5, 1), (3, 3), (2, 64), (64, 2), (5, 700), (700, 5)]


def reread(ds):
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    return pydcm.dcmread(BytesIO(stream.getvalue()))


def noise(size, dtype, bits):
    lowest = -(1 << bits - 1) if dtype[0] == "i" else 0
    values = np.random.default_rng(size[0]).integers(lowest, lowest + (1 << bits), size)
    # One less at both ends, so that near-lossless JPEG-LS takes signed samples.
    return np.clip(values, lowest + 1, lowest + (1 << bits) - 2).astype(dtype)


@pytest.mark.filterwarnings("error:.*do not fit")
@pytest.mark.filterwarnings("ignore:The number of bytes of compressed pixel data matches")
@pytest.mark.parametrize(("tail", "options"), LOSSLESS + LOSSY)
@pytest.mark.parametrize(
    ("sample", "stored"), [("u1", 8), ("u1", 7), ("u2", 12), ("u2", 16), ("i2", 13), ("i2", 16)]
)
def test_noise_of_every_size(tail, options, sample, stored, make_dataset):
    for size in SIZES:
        for shape in (size, (*size, 3)):
            if len(shape) == 3 and sample[0] == "i":
                continue
            arr = noise(shape, sample, stored)
            ds = make_dataset(arr, bits_stored=stored)
            try:
                transcode(ds, PREFIX + tail, **options)
            except ValueError as exc:
                assert "They are valid for" in str(exc)
                continue
            decoded = reread(ds).pixel_array
            assert decoded.shape == arr.shape
            if (tail, options) in LOSSLESS:
                assert np.array_equal(decoded, arr)


def test_lossy_htj2k_says_what_its_stream_holds(make_dataset):
    """Samples that leave the range they had are nothing to warn of then."""
    ds = make_dataset(noise((33, 47), "u2", 12), bits_stored=12)
    transcode(ds, PREFIX + "4.203", htj2k_step=0.01)
    assert (ds.BitsStored, ds.HighBit) == (16, 15)
    ds = make_dataset(noise((33, 47), "u2", 12), bits_stored=12)
    transcode(ds, PREFIX + "4.203")
    assert (ds.BitsStored, ds.HighBit) == (12, 11)
