"""Loaded arrays: their types and values, how they are read and where they are put."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm.filereader import dcmread
from pydcm_pixels._formats.nifti import from_nifti
from pydcm_pixels._series.discovery import discover
from pydcm_pixels._series.loading import load_series

from .conftest import pattern

pytest.importorskip("pydcm_pixels._volume.model")
pytestmark = pytest.mark.filterwarnings("error")


def test_hounsfield_units(series):
    builder = series(RescaleSlope=1, RescaleIntercept=-1024)
    pixels = builder.stack(5)
    volume = load_series(builder.folder)
    assert volume.pixels.dtype == np.float32
    assert np.array_equal(volume.pixels, pixels.astype("f4") - 1024)
    assert volume.axes == "zyx"
    assert volume.meta["modality"] == "CT"
    assert volume.meta["units"] == "HU"
    assert volume.meta["series_instance_uid"] == builder.common["SeriesInstanceUID"]
    assert np.array_equal(load_series(builder.folder, rescale=False).pixels, pixels)
    assert load_series(builder.folder, rescale=False).pixels.dtype == np.int16


def test_out_is_filled(series, tmp_path):
    builder = series()
    pixels = builder.stack(5)
    out = np.memmap(tmp_path / "volume.raw", dtype="f4", mode="w+", shape=(5, 6, 8))
    assert load_series(builder.folder, out=out).pixels is out
    assert np.array_equal(out, pixels)
    with pytest.raises(ValueError, match="'out' has the shape"):
        load_series(builder.folder, out=np.empty((4, 6, 8), "f4"))


def test_workers_give_the_same(series):
    builder = series(RescaleSlope=2, RescaleIntercept=3)
    builder.stack(100)
    one = load_series(builder.folder, workers=1)
    assert np.array_equal(load_series(builder.folder, workers=4).pixels, one.pixels)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4"])
def test_types_and_syntaxes(series, syntax, dtype):
    builder = series(RescaleSlope="0.5", RescaleIntercept="-7")
    pixels = np.random.default_rng(1).integers(0, 100, (3, 5, 7)).astype(dtype)
    for at in range(3):
        builder.add(pixels[at], [0, 0, at], syntax=syntax)
    assert np.array_equal(load_series(builder.folder, rescale=False).pixels, pixels)
    assert np.array_equal(load_series(builder.folder).pixels, pixels.astype("f4") * 0.5 - 7)
    assert np.array_equal(load_series(builder.folder, dtype="f8").pixels, pixels.astype("f8") * 0.5 - 7)
    assert np.array_equal(
        load_series(builder.folder, dtype="i2").pixels, np.rint(pixels.astype("f8") * 0.5 - 7).astype("i2")
    )


def test_unused_bits_are_no_part_of_the_value(series):
    builder = series(BitsStored=12)
    pixels = pattern(3)
    builder.add(pixels, [0, 0, 0], BitsStored=12)
    path = next(builder.folder.glob("*.dcm"))
    content = bytearray(path.read_bytes())
    content[-1] |= 0xF0  # an overlay in the high bits, as ACR-NEMA had it
    path.write_bytes(content)
    expected = pixels.copy()
    expected[-1, -1] = (int(expected[-1, -1]) & 0xFFF) - (4096 if int(expected[-1, -1]) & 0x800 else 0)
    assert np.array_equal(load_series(builder.folder, rescale=False).pixels[0], expected)
    assert np.array_equal(load_series(builder.folder).pixels[0], expected)


def test_elements_after_the_pixels(series):
    builder = series()
    pixels = builder.stack(3)
    for path in builder.folder.glob("*.dcm"):
        padding = b"\xfc\xff\xfc\xffOB\0\0\x08\0\0\0" + bytes(8)
        path.write_bytes(path.read_bytes() + padding)
    assert np.array_equal(load_series(builder.folder).pixels, pixels)


def test_compressed(series):
    builder = series(RescaleSlope=2, RescaleIntercept=-5)
    pixels = builder.stack(4)
    for path in sorted(builder.folder.glob("*.dcm"))[:3]:  # one stays as it is
        ds = dcmread(path)
        ds.compress("1.2.840.10008.1.2.5")
        ds.save_as(path)
    assert np.array_equal(load_series(builder.folder).pixels, pixels * 2 - 5)


@pytest.mark.parametrize("max_bytes", [1, 400, 1 << 20])
def test_stream(series, max_bytes):
    builder = series("MR", RescaleSlope=2, RescaleIntercept=1)
    for time in range(3):
        for z in range(4):
            builder.add(pattern(time * 4 + z), [0, 0, z], TemporalPositionIdentifier=time + 1)
    (stack,) = discover(builder.folder).stacks
    parts = [part.copy() for part in stack.stream(max_bytes=max_bytes)]
    assert np.array_equal(np.concatenate(parts).reshape(stack.shape), stack.read())
    assert len(parts) == {1: 12, 400: 6, 1 << 20: 1}[max_bytes]
    stored = np.concatenate([part.copy() for part in stack.stream(rescale=False)])
    assert stored.dtype == np.int16


def frames_like(builder, count, rows=64, columns=64):
    for at in range(count):
        builder.add(pattern(at, rows, columns), [0, 0, at])


@pytest.mark.parametrize("case", ["as expected", "another file", "mixed", "large"])
def test_reserved_memory(series, monkeypatch, case):
    from pydcm_pixels._series import reserve

    monkeypatch.setattr(reserve, "_LEAST", 1)
    if case == "large":
        monkeypatch.setattr(reserve, "_MOST", 1)
    builder = series()
    frames_like(builder, 70)
    if case == "another file":
        (builder.folder / "notes").write_text("none")
    if case == "mixed":
        other = series(folder="series/zz")
        other.add(pattern(0, 10, 10), [0, 0, 0])
    expected = load_series(builder.folder, workers=1).pixels
    taken = []
    original = reserve.Reserve.take
    monkeypatch.setattr(
        reserve.Reserve, "take", lambda self, *args: taken.append(original(self, *args)) or taken[-1]
    )
    volume = load_series(builder.folder, workers=2)
    assert np.array_equal(volume.pixels, expected)
    assert (taken[0] is not None) == (case == "as expected")


def test_slow_disks_are_read_by_threads(series, monkeypatch):
    import threading
    import time

    from pydcm_pixels._series import scan

    builder = series()
    pixels = builder.stack(130)
    original, names = scan._read, set()

    def slow(path, models):
        time.sleep(0.002)
        names.add(threading.current_thread().name)
        return original(path, models)

    monkeypatch.setattr(scan, "_read", slow)
    assert np.array_equal(load_series(builder.folder, rescale=False).pixels, pixels)
    assert any(name.startswith("pydcm-scan") for name in names)
    names.clear()
    load_series(builder.folder, workers=1)
    assert len(names) == 1


def test_large_arrays(monkeypatch):
    from pydcm_pixels._core._slices import touch
    from pydcm_pixels._series import memory

    monkeypatch.setattr(memory, "LARGE", 1)
    array = memory.new_array((3, 1000, 7), "f4")
    assert array.shape == (3, 1000, 7)
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert array.flags.writeable
    provision = memory.Provision(array)
    provision.begin()
    provision.finish(3)
    array[...] = 2
    assert array.sum() == 42_000
    paused = memory.Provision(array)
    paused.begin(2)
    assert paused.pause()[1] == 1
    paused.finish(2)
    touch(np.empty(0, "u1"), np.zeros(3, "i8"))
    for state in (np.zeros(2, "i8"), np.full(3, -1)):
        with pytest.raises(ValueError, match="three numbers"):
            touch(np.empty(1, "u1"), state)
    with pytest.raises(MemoryError):
        memory.new_array((1 << 30, 1 << 30, 1 << 10), "f8")


@pytest.mark.parametrize("rescale", [True, False])
@pytest.mark.parametrize("slopes", [(None,) * 3, (2, 2, 2), (1.5, 2.5, 3.5)])
def test_whole_numbers_are_rounded_and_stay_at_their_ends(series, slopes, rescale):
    builder = series("CT")
    pixels = np.array([[0, 7, 255, 256, 40000, 65535, 300, 1]], "u2")
    for at, slope in enumerate(slopes):
        builder.add(
            pixels, [0, 0, 2 * at], RescaleSlope=slope, RescaleIntercept=None if slope is None else -9
        )
    for dtype in ("u1", "i2", "i4", "i8"):
        info = np.iinfo(dtype)
        found = load_series(builder.folder, dtype=dtype, rescale=rescale).pixels
        for plane, slope in zip(found, slopes, strict=True):
            real = pixels.astype("f8") * slope - 9 if rescale and slope else pixels
            assert np.array_equal(plane, np.rint(real).clip(info.min, info.max).astype(dtype))


def test_colours_stay_what_they_are(series, tmp_path):
    builder = series("OT")
    pixels = np.random.default_rng(1).integers(0, 256, (3, 6, 8, 3)).astype("u1")
    for at, picture in enumerate(pixels):
        builder.add(picture, [0, 0, 2 * at])
    volume = load_series(builder.folder)
    assert volume.axes == "zyxc"
    assert volume.dtype == np.uint8
    assert np.array_equal(volume.pixels, pixels)
    assert load_series(builder.folder, dtype="f4").dtype == np.float32
    volume.to_dicom_series(tmp_path / "again")
    assert np.array_equal(load_series(tmp_path / "again").pixels, pixels)
    volume.to_nifti(tmp_path / "a.nii")
    assert np.array_equal(from_nifti(tmp_path / "a.nii").pixels, pixels)


def test_scaling_of_double_precision(series):
    """Only float32 is what dcm2niix writes: what holds more digits has those of the file."""
    builder = series("PT", RescaleSlope="0.123456789012", RescaleIntercept="2147483647")
    pixels = builder.stack(3).astype("f8")
    values = load_series(builder.folder, dtype="f8").pixels
    assert np.array_equal(values, pixels * 0.123456789012 + 2147483647)
    assert np.array_equal(load_series(builder.folder, dtype="i8").pixels, np.rint(values))
    single = pixels * float(np.float32(0.123456789012)) + float(np.float32(2147483647))
    assert np.array_equal(load_series(builder.folder).pixels, single.astype("f4"))
