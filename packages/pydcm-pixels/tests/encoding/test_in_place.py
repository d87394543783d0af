"""`Dataset.compress` and `Dataset.decompress`: what they say about the image, and single bits."""

from __future__ import annotations

import numpy as np
import pytest

PREFIX = "1.2.840.10008.1.2."


@pytest.mark.parametrize(
    ("tail", "options", "method"),
    [
        ("4.50", {}, "ISO_10918_1"),
        ("4.81", {"jls_error": 2}, "ISO_14495_1"),
        ("4.91", {"j2k_cr": [8]}, "ISO_15444_1"),
        ("4.203", {"htj2k_step": 0.01}, "ISO_15444_15"),
        ("4.112", {}, "ISO_18181_1"),
    ],
)
@pytest.mark.parametrize("from_array", [False, True])
@pytest.mark.parametrize("before", [None, "00"])
def test_a_loss_is_recorded(tail, options, method, from_array, before, make_dataset, smooth):
    arr = smooth((64, 48), "u1", 8)
    ds = make_dataset(arr)
    if before:
        ds.LossyImageCompression = before
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    uid = ds.SOPInstanceUID
    ds.compress(PREFIX + tail, *([arr] if from_array else []), **options)
    assert ds.LossyImageCompression == "01"
    assert ds.LossyImageCompressionMethod == method
    assert float(ds.LossyImageCompressionRatio) == pytest.approx(arr.size / len(ds.PixelData), rel=0.1)
    assert ds.ImageType[0] == "DERIVED"
    assert ds.SourceImageSequence[0].ReferencedSOPInstanceUID == uid != ds.SOPInstanceUID


def test_the_same_instance_is_not_derived(make_dataset, smooth):
    ds = make_dataset(smooth((64, 48), "u1", 8))
    ds.compress(PREFIX + "4.50", generate_instance_uid=False)
    assert ds.LossyImageCompression == "01"
    assert "SourceImageSequence" not in ds


@pytest.mark.parametrize(
    ("tail", "options"), [("4.90", {}), ("4.81", {}), ("4.203", {}), ("4.112", {"distance": 0}), ("5", {})]
)
def test_no_loss_is_no_loss(tail, options, make_dataset, smooth):
    ds = make_dataset(smooth((64, 48), "u1", 8))
    ds.LossyImageCompression = "00"
    ds.compress(PREFIX + tail, **options)
    assert ds.LossyImageCompression == "00"
    assert "LossyImageCompressionMethod" not in ds


@pytest.mark.parametrize("tail", ["8.1", "1.98"])
@pytest.mark.parametrize("shape", [(8, 8), (5, 7), (3, 8, 8), (3, 5, 7), (2, 1, 1)])
def test_single_bits(tail, shape, make_dataset):
    arr = np.random.default_rng(1).integers(0, 2, shape, dtype="u1")
    packed = np.packbits(arr.reshape(-1), bitorder="little").tobytes()
    ds = make_dataset(np.zeros(shape, "u1"), frames=len(shape) == 3)
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit = 0
    ds.PixelData = before = packed + bytes(len(packed) % 2)
    ds.compress(PREFIX + tail)
    assert np.array_equal(ds.pixel_array, arr)
    ds.decompress()
    assert np.array_equal(ds.pixel_array, arr)
    assert ds.PixelData == before
    assert ds.get("NumberOfFrames", 1) == (shape[0] if len(shape) == 3 else 1)
