"""*Bits Allocated* more than *Bits Stored* needs, and single bits."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

import pydcm
from pydcm_pixels._utils.bits import pack_bits
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
BITWISE = ["8.1", "1.98"]


def reread(ds):
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    return pydcm.dcmread(BytesIO(stream.getvalue()))


@pytest.mark.parametrize(
    ("allocated", "stored"),
    [
        ("u1", 1),
        ("u1", 5),
        ("i1", 6),
        ("u2", 5),
        ("u2", 8),
        ("i2", 7),
        ("i2", 8),
        ("u4", 8),
        ("u4", 12),
        ("i4", 16),
    ],
)
@pytest.mark.parametrize(
    "tail", ["5", "4.57", "4.70", "4.80", "4.81", "4.90", "4.201", "4.110", "8.1", "1.98"]
)
def test_wide_containers(tail, allocated, stored, make_dataset):
    lowest = -(1 << stored - 1) if allocated[0] == "i" else 0
    arr = (np.arange(33 * 47).reshape(33, 47) % (1 << stored) + lowest).astype(allocated)
    ds = make_dataset(arr, bits_stored=stored)
    try:
        transcode(ds, PREFIX + tail, verify=True)
    except ValueError as exc:
        assert "They are valid for" in str(exc)
        pytest.skip("not possible in this syntax")
    again = reread(ds)
    assert again.BitsAllocated == 8 * arr.dtype.itemsize
    assert again.pixel_array.dtype == arr.dtype
    assert np.array_equal(again.pixel_array, arr)


@pytest.mark.parametrize("tail", BITWISE)
@pytest.mark.parametrize("shape", [(3, 16, 16), (3, 7, 9), (7, 9)])
def test_single_bits(tail, shape, make_dataset):
    arr = np.random.default_rng(0).integers(0, 2, shape, dtype="u1")
    several = len(shape) == 3
    ds = make_dataset(arr, frames=several)
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit = 0
    ds.PixelData = packed = pack_bits(arr)
    by_compress = reread(ds)
    transcode(ds, PREFIX + tail, verify=True)
    by_compress.compress(PREFIX + tail)
    assert by_compress.PixelData == ds.PixelData
    again = reread(ds)
    assert again.BitsAllocated == 1
    assert np.array_equal(again.pixel_array, arr)
    transcode(again, PREFIX + "1")
    assert again.PixelData == packed


def test_single_bits_that_are_none(make_dataset):
    ds = make_dataset(np.zeros((7, 9), "u1"))
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit = 0
    ds.PixelData = bytes(8)
    for tail in ("5", "4.90", "4.80"):
        with pytest.raises(ValueError, match="Deflated Image Frame Compression"):
            transcode(ds, PREFIX + tail)
    assert ds.PixelData == bytes(8)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("tail", ["5", "4.57", "4.80", "4.90", "4.201", "4.110", "8.1", "1.98"])
def test_planes(tail, planar, make_dataset, smooth):
    """Uncompressed planes and pixels give the same; Planar Configuration says 0 afterwards."""
    arr = smooth((7, 9, 3), "u1", 8)
    ds = make_dataset(arr)
    if planar:
        ds.PlanarConfiguration = 1
        ds.PixelData = arr.transpose(2, 0, 1).tobytes() + b"\0"
    transcode(ds, PREFIX + tail)
    again = reread(ds)
    assert again.PlanarConfiguration == 0
    assert np.array_equal(again.pixel_array, arr)


@pytest.mark.parametrize(
    "tail", ["5", "4.57", "4.70", "4.80", "4.90", "4.201", "4.110", "8.1", "1.98", "1.99"]
)
def test_ybr_samples_stay(tail, make_dataset, smooth):
    arr = smooth((8, 10, 3), "u1", 8)
    ds = make_dataset(arr, photometric="YBR_FULL")
    transcode(ds, PREFIX + tail)
    again = reread(ds)
    assert again.PhotometricInterpretation == "YBR_FULL"
    raw = pydcm.pixels.pixel_array(again, raw=True)
    assert np.array_equal(raw, arr)
    transcode(again, PREFIX + "1")
    assert again.PixelData == arr.tobytes()


@pytest.mark.parametrize("tail", ["5", "4.57", "4.70", "4.80", "4.90"])
def test_pydicom_reads_our_ybr(tail, make_dataset, smooth, tmp_path):
    pydicom = pytest.importorskip("pydicom")
    if not pydicom.pixels.get_decoder(PREFIX + tail).is_available:
        pytest.skip(f"pydicom has no plugin for {PREFIX}{tail} here")
    arr = smooth((8, 10, 3), "u1", 8)
    ds = make_dataset(arr, photometric="YBR_FULL")
    transcode(ds, PREFIX + tail)
    ds.save_as(tmp_path / "ours.dcm", enforce_file_format=True)
    assert np.array_equal(pydicom.pixels.pixel_array(tmp_path / "ours.dcm", raw=True), arr)


@pytest.mark.parametrize(("tail", "command"), [("5", "dcmdrle"), ("4.57", "dcmdjpeg"), ("4.80", "dcmdjpls")])
def test_dcmtk_reads_our_ybr(tail, command, make_dataset, smooth, program, tmp_path):
    arr = smooth((8, 10, 3), "u1", 8)
    ds = make_dataset(arr, photometric="YBR_FULL")
    transcode(ds, PREFIX + tail)
    ds.save_as(tmp_path / "ours.dcm", enforce_file_format=True)
    program(
        command, *(["+cn"] if command == "dcmdjpeg" else []), tmp_path / "ours.dcm", tmp_path / "theirs.dcm"
    )
    assert np.array_equal(pydcm.pixels.pixel_array(tmp_path / "theirs.dcm", raw=True), arr)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("tail", ["5", "4.57", "4.90", "1.98", "2"])
def test_overlays_in_unused_bits_are_kept(tail, several, make_dataset):
    """They get elements of their own: no encoder has room for them."""
    rng = np.random.default_rng(0)
    shape = (3, 7, 9) if several else (7, 9)
    arr, overlay = rng.integers(0, 4096, shape, dtype="u2"), rng.integers(0, 2, shape, dtype="u2")
    ds = make_dataset(arr | overlay << 15, bits_stored=12, frames=several)
    for element, vr, value in ((0x10, "US", 7), (0x11, "US", 9), (0x40, "CS", "G"), (0x50, "SS", [1, 1])):
        ds.add_new(0x60020000 | element, vr, value)
    ds.add_new(0x60020100, "US", 16)
    ds.add_new(0x60020102, "US", 15)
    assert np.array_equal(ds.overlay_array(0x6002), overlay)
    transcode(ds, PREFIX + ("5" if tail == "2" else tail))
    if tail == "2":
        transcode(ds, PREFIX + tail)
        transcode(ds, PREFIX + "4.90")
    again = reread(ds)
    assert np.array_equal(again.pixel_array, arr)
    assert np.array_equal(again.overlay_array(0x6002), overlay)
    assert (again[0x60020100].value, again[0x60020102].value) == (1, 0)
