"""Rendering, export, look-up tables, overlays."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm.pixels import apply_color_lut, apply_modality_lut, apply_presentation_lut, apply_voi_lut, render
from pydcm_pixels.display import export


def test_window_of_the_data_set(make_dataset):
    ds = make_dataset(np.array([[0, 50, 100, 150, 200]], "u2"))
    ds.WindowCenter, ds.WindowWidth = 100, 100
    assert render(ds).tolist() == [[0, 0, 129, 255, 255]]
    assert render(ds, window=(100.5, 201)).tolist() == [[0, 64, 128, 191, 255]]


def test_automatic_window_leaves_padding_out(make_dataset):
    ds = make_dataset(np.array([[-2000, 0, 100]], "i2"))
    ds.PixelPaddingValue = -2000
    assert render(ds).tolist() == [[0, 0, 255]]


def test_monochrome1_is_inverted(make_dataset):
    ds = make_dataset(np.array([[0, 255]], "u1"), photometric="MONOCHROME1")
    assert render(ds).tolist() == [[255, 0]]


def test_voi_table_and_rescale(make_dataset):
    ds = make_dataset(np.array([[0, 1, 2, 9]], "u2"))
    item = pydcm.Dataset()
    item.LUTDescriptor = [3, 10, 8]
    item.add_new("LUTData", "US", [0, 100, 255])
    ds.VOILUTSequence = [item]
    ds.RescaleSlope, ds.RescaleIntercept = 1, 10
    assert render(ds).tolist() == [[0, 100, 255, 255]]
    assert apply_voi_lut(apply_modality_lut(ds.pixel_array, ds).astype("i4"), ds).tolist() == [
        [0, 100, 255, 255]
    ]


def test_palettes(make_dataset):
    ds = make_dataset(np.array([[0, 1, 7]], "u1"), photometric="PALETTE COLOR")
    for number, colour in enumerate(("Red", "Green", "Blue")):
        setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [2, 0, 16])
        data = np.array([0, 256 * 10 * (number + 1)], "<u2").tobytes()
        setattr(ds, f"{colour}PaletteColorLookupTableData", data)
    assert render(ds).tolist() == [[[0, 0, 0], [10, 20, 30], [10, 20, 30]]]
    hot = apply_color_lut(np.array([0, 255], "u1"), palette="HOT_IRON")
    assert hot[0].tolist() == [0, 0, 0]
    assert hot[1].tolist() == [255, 255, 255]


def test_segmented_palette_bombs_are_refused():
    from pydcm_pixels._processing.palette import expand_segmented_lut

    assert expand_segmented_lut((0, 2, 1, 5, 1, 2, 9), "<7H") == [1, 5, 7, 9]
    with pytest.raises(ValueError, match="more than 65536"):
        expand_segmented_lut((0, 1, 3, 1, 65535, 9, 1, 65535, 0), "<9H")
    with pytest.raises(ValueError, match="may not point"):
        expand_segmented_lut((0, 1, 3, 2, 1, 3, 0), "<7H")


def test_presentation_lut(make_dataset):
    ds = pydcm.Dataset()
    ds.PresentationLUTShape = "INVERSE"
    assert apply_presentation_lut(np.array([0, 3, 10]), ds).tolist() == [10, 7, 0]
    ds.PresentationLUTShape = "OTHER"
    with pytest.raises(NotImplementedError, match="OTHER"):
        apply_presentation_lut(np.array([0]), ds)


def overlay(ds, bits, origin=(1, 1)):
    from pydcm.pixels import pack_bits

    ds.add_new((0x6000, 0x0010), "US", bits.shape[0])
    ds.add_new((0x6000, 0x0011), "US", bits.shape[1])
    ds.add_new((0x6000, 0x0050), "SS", list(origin))
    ds.add_new((0x6000, 0x0100), "US", 1)
    ds.add_new((0x6000, 0x0102), "US", 0)
    ds.add_new((0x6000, 0x3000), "OW", pack_bits(bits))


def test_overlays(make_dataset):
    ds = make_dataset(np.array([[0, 10, 20], [30, 40, 50]], "u1"))
    bits = np.array([[1, 0], [0, 1]], "u1")
    overlay(ds, bits, origin=(1, 2))
    assert np.array_equal(ds.overlay_array(0x6000), bits)
    picture = render(ds, overlays=True)
    assert picture[0, 1] == picture[1, 2] == 255
    assert picture[0, 0] == 0


def test_overlay_in_unused_bits(make_dataset):
    ds = make_dataset(np.array([[0x1001, 0x0002]], "u2"), bits_stored=12)
    ds.add_new((0x6000, 0x0100), "US", 16)
    ds.add_new((0x6000, 0x0102), "US", 12)
    ds.add_new((0x6000, 0x0010), "US", 1)
    ds.add_new((0x6000, 0x0011), "US", 2)
    assert ds.overlay_array(0x6000).tolist() == [[1, 0]]
    assert ds.pixel_array.tolist() == [[1, 2]]


def test_no_such_frame(make_dataset):
    with pytest.raises(ValueError, match="no frame 2"):
        render(make_dataset(np.zeros((2, 2), "u1")), 2)


def test_export(make_dataset, tmp_path):
    image = pytest.importorskip("PIL.Image")
    frames = np.zeros((3, 8, 10), "u1")
    frames[1] = 200
    frames[2, 4:] = 90
    ds = make_dataset(frames, frames=True)
    export(ds, tmp_path / "one.png", window=(128, 256))
    with image.open(tmp_path / "one.png") as picture:
        assert picture.size == (10, 8)
    export(ds, tmp_path / "all.gif", window=(128, 256))
    with image.open(tmp_path / "all.gif") as film:
        assert film.n_frames == 3
    with pytest.raises(ValueError, match="holds one picture"):
        export(ds, tmp_path / "two.png", frames=[1, 2])
