"""Single bits and overlays in big-endian words: the first bits are in the low byte (PS3.5 §8.1.1, §8.1.2)."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

import pydcm
from pydcm.cli.main import main

BIG = "1.2.840.10008.1.2.2"


def swapped(data):
    even = data + bytes(len(data) % 2)
    return np.frombuffer(even, "u2").byteswap().tobytes()


def packed(arr):
    data = np.packbits(arr.reshape(-1), bitorder="little").tobytes()
    return data + bytes(len(data) % 2)


@pytest.mark.parametrize("shape", [(16, 16), (3, 8, 8), (3, 5, 7), (2, 3, 3)])
@pytest.mark.parametrize("vr", ["OW", "OB"])
def test_single_bits(shape, vr, make_dataset, tmp_path):
    arr = np.random.default_rng(2).integers(0, 2, shape, dtype="u1")
    ds = make_dataset(np.zeros(shape, "u1"), frames=len(shape) == 3)
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit = 0
    ds.file_meta.TransferSyntaxUID = BIG
    ds.PixelData = swapped(packed(arr)) if vr == "OW" else packed(arr)
    ds["PixelData"].VR = vr
    path = tmp_path / "big.dcm"
    pydcm.dcmwrite(path, ds, enforce_file_format=True)
    stacked = arr.reshape(-1, *shape[-2:])
    for source in (path, path.read_bytes(), pydcm.dcmread(path)):
        assert np.array_equal(pydcm.decode(source), stacked)
        for frame in range(len(stacked)):
            assert np.array_equal(pydcm.decode(source, frame + 1)[0], stacked[frame])
    main(["convert", str(path), str(tmp_path / "little.dcm"), "--to", "explicit"])
    little = pydcm.dcmread(tmp_path / "little.dcm")
    assert little.PixelData == packed(arr)
    assert np.array_equal(little.pixel_array, arr)


def with_overlay(make_dataset, plane):
    ds = make_dataset(np.zeros(plane.shape, "u1"))
    for element, vr, value in (
        (0x0010, "US", plane.shape[0]),
        (0x0011, "US", plane.shape[1]),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x3000, "OW", packed(plane)),
    ):
        ds.add_new(0x60000000 | element, vr, value)
    return ds


@pytest.mark.parametrize("shape", [(4, 16), (5, 7), (3, 3)])
def test_overlays(shape, make_dataset, tmp_path):
    plane = np.random.default_rng(3).integers(0, 2, shape, dtype="u1")
    ds = with_overlay(make_dataset, plane)
    ds.save_as(tmp_path / "little.dcm", enforce_file_format=True)
    main(["convert", str(tmp_path / "little.dcm"), str(tmp_path / "big.dcm"), "--to", "big"])
    big = pydcm.dcmread(tmp_path / "big.dcm")
    assert big[0x60003000].value == swapped(packed(plane))
    for one in (ds, big):
        assert np.array_equal(one.overlay_array(0x6000), plane)
        assert np.array_equal(pydcm.render(one, overlays=True) == 255, plane == 1)


@pytest.mark.skipif(shutil.which("dcmconv") is None, reason="needs dcmtk")
def test_as_dcmtk_writes_them(make_dataset, tmp_path):
    plane = np.random.default_rng(4).integers(0, 2, (6, 7), dtype="u1")
    with_overlay(make_dataset, plane).save_as(tmp_path / "little.dcm", enforce_file_format=True)
    subprocess.run(["dcmconv", "+tb", tmp_path / "little.dcm", tmp_path / "big.dcm"], check=True, timeout=60)
    big = pydcm.dcmread(tmp_path / "big.dcm")
    assert big.file_meta.TransferSyntaxUID == BIG
    assert np.array_equal(big.overlay_array(0x6000), plane)


def test_overlays_without_values(make_dataset):
    ds = with_overlay(make_dataset, np.ones((3, 3), "u1"))
    ds[0x60000010].value = None
    with pytest.raises(ValueError, match="no value of OverlayRows"):
        ds.overlay_array(0x6000)
    with pytest.warns(UserWarning, match="overlay of group 6000 is not drawn"):
        pydcm.render(ds, overlays=True)
