"""The short ways to frames in fragments or behind extended offset tables, and from data sets in memory."""

from __future__ import annotations

import struct
import warnings
from io import BytesIO

import numpy as np
import pytest

import pydcm
from pydcm_pixels._decode.framing import MemoryParts, all_of_several, one_of_several, only_frame
from pydcm_pixels._decode.loaded import loaded_array
from pydcm_pixels._decode.quick import quick_array
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def frames_of(n):
    ramp = np.add.outer(np.arange(30), np.arange(44)) * 50
    return np.stack([ramp + np.random.default_rng(at).integers(0, 9, ramp.shape) for at in range(n)]).astype(
        "u2"
    )


@pytest.fixture
def make(make_dataset):
    """Return a function that makes a compressed data set of some frames, and its encoded frames."""

    def image(n=5, tail="4.80"):
        arr = frames_of(n)
        ds = make_dataset(arr if n > 1 else arr[0], bits_stored=12, frames=n > 1)
        transcode(ds, PREFIX + tail)
        return ds, list(pydcm.encaps.generate_frames(ds.PixelData, number_of_frames=n))

    return image


def saved(ds, tmp_path, value=None):
    if value is not None:
        ds.PixelData = value
        ds["PixelData"].is_undefined_length = True
    path = tmp_path / "image.dcm"
    ds.save_as(path, enforce_file_format=True)
    return path


def complete(path, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return pydcm.pixel_array(BytesIO(path.read_bytes()), **options), [str(one.message) for one in caught]


def extend(ds, frames, shorter=0):
    value, offsets, lengths = pydcm.encaps.encapsulate_extended(frames)
    ds.ExtendedOffsetTable = offsets
    ds.ExtendedOffsetTableLengths = struct.pack(
        f"<{len(frames)}Q", *[n - shorter for n in struct.unpack(f"<{len(frames)}Q", lengths)]
    )
    return value


@pytest.mark.parametrize("shorter", [0, 1])
@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("tail", ["5", "4.80", "8.1"])
def test_extended_offsets(tail, n, shorter, make, tmp_path):
    ds, frames = make(n, tail)
    if shorter:
        frames = [
            frame[: len(frame) // 2 * 2 - 1] + b"\0" if frame[-1:] == b"\0" else frame for frame in frames
        ]
        shorter = int(all(frame[-1:] == b"\0" for frame in frames))
    path = saved(ds, tmp_path, extend(ds, frames, shorter))
    expected = frames_of(n) if n > 1 else frames_of(n)[0]
    assert np.array_equal(quick_array(path)[0], expected)
    assert np.array_equal(quick_array(path, workers=3)[0], expected)
    for index in range(n):
        assert np.array_equal(quick_array(path, index)[0], frames_of(n)[index])
    read = pydcm.dcmread(path)
    assert np.array_equal(loaded_array(read, PREFIX + tail, workers=2), expected)
    assert np.array_equal(complete(path)[0], expected)


DAMAGE = {
    "offset": ("ExtendedOffsetTable", 8, 2),
    "first": ("ExtendedOffsetTable", 0, 8),
    "far": ("ExtendedOffsetTable", 31, 0xFF),
    "length": ("ExtendedOffsetTableLengths", 24, 6),  # by more than the one byte that may pad a frame
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_wrong_extended_offsets_are_left_alone(damage, make, tmp_path):
    ds, frames = make()
    value = extend(ds, frames)
    keyword, at, change = DAMAGE[damage]
    table = bytearray(ds[keyword].value)
    table[at] ^= change
    setattr(ds, keyword, bytes(table))
    path = saved(ds, tmp_path, value)
    assert quick_array(path) is None
    assert quick_array(path, at // 8) is None
    assert loaded_array(pydcm.dcmread(path), PREFIX + "4.80") is None
    arr, told = complete(path)
    assert np.array_equal(arr, frames_of(5))
    assert any("Extended Offset Table" in one for one in told)


@pytest.mark.parametrize("keyword", ["ExtendedOffsetTable", "ExtendedOffsetTableLengths"])
def test_half_a_table_is_left_alone(keyword, make, tmp_path):
    ds, frames = make()
    value = extend(ds, frames)
    del ds[keyword]
    path = saved(ds, tmp_path, value)
    assert quick_array(path) is None
    assert loaded_array(pydcm.dcmread(path), PREFIX + "4.80") is None
    assert np.array_equal(pydcm.pixel_array(path), frames_of(5))


@pytest.mark.parametrize("n_fragments", [2, 3, 40])
@pytest.mark.parametrize("has_table", [False, True])
def test_one_frame_in_fragments(has_table, n_fragments, make, tmp_path):
    ds, (frame,) = make(1)
    value = pydcm.encaps.encapsulate([frame], fragments_per_frame=n_fragments, has_bot=has_table)
    path = saved(ds, tmp_path, value)
    read = pydcm.dcmread(path)
    for arr in (quick_array(path)[0], loaded_array(read, PREFIX + "4.80"), complete(path)[0]):
        assert np.array_equal(arr, frames_of(1)[0])


def test_broken_values_have_no_frames():
    item = b"\xfe\xff\x00\xe0"
    table, piece = item + bytes(4), item + struct.pack("<I", 4) + b"abcd"
    assert only_frame(MemoryParts(table + piece), 0) == [(16, 20)]
    assert only_frame(MemoryParts(table + piece + piece + END), 0) == [(16, 20), (28, 32)]
    assert all_of_several(MemoryParts(table + piece + piece), 0, 2) == [(16, 20), (28, 32)]
    broken = [
        table,
        table + piece[:-1],
        table + piece + piece[:-1],
        table + piece + item + bytes(4) + END,
        table + piece + item + b"\xff" * 4,
        table + piece + b"abcd" + bytes(4),
        table + piece + END[:5],
        table + (item + struct.pack("<I", 1) + b"a") * 5000 + END,
        b"",
    ]
    for value in broken:
        assert only_frame(MemoryParts(value), 0) is None
        assert all_of_several(MemoryParts(value), 0, 2) is None
        assert one_of_several(MemoryParts(value), 0, 2, 1, (bytes(16), b"\xff" * 16)) is None
        assert one_of_several(MemoryParts(value), 0, 2, 1, (bytes(8) + b"\xff" * 8, bytes(16))) is None


@pytest.mark.parametrize("tail", ["1", "5", "4.80"])
def test_pixels_of_a_data_set_follow_its_pixel_data(tail, make_dataset, tmp_path):
    arr = frames_of(3)
    ds = make_dataset(arr, bits_stored=12, frames=True)
    other = make_dataset(arr[::-1], bits_stored=12, frames=True)
    if tail != "1":
        transcode(ds, PREFIX + tail)
        transcode(other, PREFIX + tail)
    read = pydcm.dcmread(saved(ds, tmp_path))
    first = read.pixel_array
    assert np.array_equal(first, arr)
    assert read.PixelData == ds.PixelData
    assert read.pixel_array is first  # looking at the value changes nothing
    read["PixelData"].value = other.PixelData
    assert np.array_equal(read.pixel_array, arr[::-1])
    read.PixelData = ds.PixelData
    assert np.array_equal(read.pixel_array, arr)
    read = pydcm.dcmread(saved(ds, tmp_path))
    read.pixel_array[:] = 0
    read["PixelData"] = other["PixelData"]
    assert np.array_equal(read.pixel_array, arr[::-1])
    deferred = pydcm.dcmread(saved(ds, tmp_path), defer_size=100)
    assert np.array_equal(deferred.pixel_array, arr)
