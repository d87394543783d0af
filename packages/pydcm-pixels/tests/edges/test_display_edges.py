"""Pictures of images that are unusual: windows that cannot be, floating point, constant, padding only."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm_pixels.display import export, render

RAMP = np.array([[0, 64, 128, 255]], "u1")


@pytest.mark.parametrize("width", [0, -5, None, "", [None]])
def test_windows_that_cannot_be(width, make_dataset):
    ds = make_dataset(RAMP)
    ds.WindowCenter, ds.WindowWidth = 100, width
    assert render(ds).tolist() == [[0, 64, 128, 255]]


def test_one_of_several_windows(make_dataset):
    ds = make_dataset(RAMP)
    ds.WindowCenter, ds.WindowWidth = [128, 64.5], [256, 129]
    assert render(ds).tolist() == RAMP.tolist()
    assert render(ds, index=1).tolist() == [[0, 128, 255, 255]]
    with pytest.raises((ValueError, IndexError), match="2"):
        render(ds, index=2)
    ds.WindowCenter, ds.WindowWidth = [128, 64], 256
    assert render(ds).tolist() == RAMP.tolist()


@pytest.mark.parametrize("window", ["wide", (1,), (1, 2, 3), 7, ("a", "b")])
def test_windows_that_are_none(window, make_dataset):
    with pytest.raises((ValueError, TypeError)):
        render(make_dataset(RAMP), window=window)


def float_image(make_dataset, arr):
    ds = make_dataset(np.zeros(arr.shape, "u2"))
    del ds.PixelData
    ds.BitsAllocated = 32
    ds.FloatPixelData = arr.astype("<f4").tobytes()
    return ds


@pytest.mark.filterwarnings("error")
def test_floating_point(make_dataset):
    ds = float_image(make_dataset, np.array([[0.0, 0.5, 1.0, 0.25]]))
    assert render(ds).tolist() == [[0, 128, 255, 64]]
    ds = float_image(make_dataset, np.array([[np.nan, -np.inf, np.inf, 0, 2, 1]]))
    assert render(ds).tolist() == [[0, 0, 255, 0, 255, 128]]
    assert render(float_image(make_dataset, np.full((2, 2), np.nan))).tolist() == [[0, 0], [0, 0]]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [0, 7, 65535])
def test_constant_images(value, make_dataset):
    picture = render(make_dataset(np.full((3, 3), value, "u2")))
    assert (picture == picture[0, 0]).all()


def test_padding_only(make_dataset):
    ds = make_dataset(np.full((2, 2), 9, "u2"))
    ds.PixelPaddingValue = 9
    assert render(ds).tolist() == [[0, 0], [0, 0]]


def test_padding_as_a_range(make_dataset):
    ds = make_dataset(np.array([[1, 2, 3, 10, 20]], "u2"))
    ds.PixelPaddingValue, ds.PixelPaddingRangeLimit = 3, 1
    assert render(ds).tolist() == [[0, 0, 0, 0, 255]]


def test_one_bit(make_dataset):
    ds = make_dataset(np.zeros((2, 4), "u1"))
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit, ds.PixelData = 0, bytes([0b01011010, 0])
    assert render(ds).tolist() == [[0, 255, 0, 255], [255, 0, 255, 0]]


@pytest.mark.parametrize("stored", [8, 12, 16])
def test_colours_of_more_than_eight_bits(stored, make_dataset):
    top = (1 << stored) - 1
    arr = np.array([[[0, top // 2, top]]], "u2")
    assert render(make_dataset(arr, bits_stored=stored)).tolist() == [[[0, 127, 255]]]


def test_sigmoid_and_exact_windows(make_dataset):
    ds = make_dataset(RAMP)
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = 128, 64, "SIGMOID"
    expected = 255 / (1 + np.exp(-4 * (RAMP - 128.0) / 64))
    assert np.abs(render(ds) - expected).max() <= 0.5
    ds.VOILUTFunction, ds.WindowWidth = "LINEAR_EXACT", 128
    assert render(ds).tolist() == [[0, 0, 128, 255]]


def test_overlays_beyond_the_image(make_dataset):
    ds = make_dataset(np.zeros((4, 4), "u1"))
    ds.add_new(0x60000010, "US", 3)
    ds.add_new(0x60000011, "US", 3)
    ds.add_new(0x60000100, "US", 1)
    ds.add_new(0x60000102, "US", 0)
    ds.add_new(0x60003000, "OW", b"\xff\x01")
    for origin, drawn in (((-1, -1), 1), ((3, 3), 4), ((9, 9), 0), ((-30000, 1), 0)):
        ds.add_new(0x60000050, "SS", list(origin))
        assert int((render(ds, overlays=True) == 255).sum()) == drawn


def test_films_of_one_frame_and_frames_that_are_not_there(make_dataset, tmp_path):
    pytest.importorskip("PIL")
    ds = make_dataset(RAMP.repeat(8, 0).repeat(8, 1))
    export(ds, tmp_path / "a.gif")
    with pytest.raises(ValueError, match="no frame 2"):
        export(ds, tmp_path / "a.png", frames=[2])
    with pytest.raises(ValueError, match="no frames"):
        export(ds, tmp_path / "b.gif", frames=[])
    assert not (tmp_path / "b.gif").exists()


def test_render_of_every_photometric_interpretation(make_dataset):
    arr = np.full((2, 2, 3), (81, 90, 240), "u1")
    red = render(make_dataset(arr, photometric="YBR_FULL"))
    assert (
        np.abs(red[0, 0].astype(int) - pydcm.pixels.convert_color_space(arr, "YBR_FULL", "RGB")[0, 0]).max()
        == 0
    )
