"""Every lossless encoder: our own decoder gives back the exact samples."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

import pydcm
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
TAILS = [
    "5",
    "4.57",
    "4.70",
    "4.80",
    "4.81",
    "4.90",
    "4.91",
    "4.201",
    "4.202",
    "4.203",
    "4.110",
    "4.112",
    "8.1",
    "1.98",
]
# What it takes to be lossless where the syntax would allow a loss.
OPTIONS = {"4.91": {"reversible": True}, "4.112": {"distance": 0}}


def reread(ds):
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    return pydcm.dcmread(BytesIO(stream.getvalue()))


@pytest.mark.parametrize("tail", TAILS)
def test_exact(tail, dtype, bits, images):
    if tail in ("4.110", "4.112") and dtype[0] == "i":
        pytest.skip("JPEG XL samples have no sign")
    for ds, arr in images(dtype, bits):
        transcode(ds, PREFIX + tail, **OPTIONS.get(tail, {}))
        again = reread(ds)
        assert again.file_meta.TransferSyntaxUID == PREFIX + tail
        assert "LossyImageCompression" not in again
        decoded = again.pixel_array
        assert decoded.dtype == arr.dtype
        assert np.array_equal(decoded, arr)


@pytest.mark.parametrize("tail", ["4.57", "4.80", "4.90", "5"])
def test_one_pixel(tail, make_dataset):
    for shape in ((1, 1), (1, 3), (3, 1), (1, 1, 3)):
        arr = np.full(shape, 200, dtype="u1")
        ds = make_dataset(arr)
        transcode(ds, PREFIX + tail)
        assert np.array_equal(reread(ds).pixel_array, arr)
