"""Values of the Image Pixel module that are not there, or are several: errors say which, and what to do."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm.pixels import compress, export, get_decoder, pixel_array, transcode

RLE = "1.2.840.10008.1.2.5"
ARR = np.arange(2 * 64 * 64, dtype="<u2").reshape(2, 64, 64)


def _everything(ds, tmp_path):
    """Return the functions that look at the pixels of `ds`."""
    return [
        lambda: ds.pixel_array,
        lambda: pydcm.decode(ds),
        lambda: pydcm.render(ds),
        lambda: export(ds, tmp_path / "film.gif"),
        lambda: transcode(ds, RLE),
        lambda: compress(ds, RLE),
    ]


@pytest.mark.parametrize("value", ["", None, 0])
@pytest.mark.filterwarnings("ignore:A value of", "ignore:The number of bytes of pixel data is suff")
def test_no_number_of_frames_is_one(value, make_dataset):
    pytest.importorskip("PIL")
    for number, arr in enumerate((ARR[0], ARR), start=1):
        ds = make_dataset(ARR[:number] if number > 1 else arr, frames=number > 1)
        ds.NumberOfFrames = value
        assert ds.pixel_array.shape == arr.shape
        assert pydcm.render(ds).shape == (64, 64)
        transcode(ds, RLE)
        assert ds.NumberOfFrames == number
        assert np.array_equal(ds.pixel_array, arr)


@pytest.mark.filterwarnings("ignore:A value of")
def test_compressing_says_what_it_leaves_out(make_dataset):
    ds = make_dataset(ARR, frames=True)
    ds.NumberOfFrames = None
    with pytest.warns(UserWarning, match="16384 bytes, of which only the 8192 are encoded"):
        compress(ds, RLE)
    assert ds.NumberOfFrames == 1
    assert np.array_equal(ds.pixel_array, ARR[0])


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "BitsAllocated", "BitsStored", "NumberOfFrames"])
def test_several_values(keyword, make_dataset, tmp_path):
    ds = make_dataset(ARR, frames=True)
    setattr(ds, keyword, [2, 2])
    for function in _everything(ds, tmp_path):
        with pytest.raises(ValueError, match=r"value of '\[2, 2\]' is invalid"):
            function()


@pytest.mark.parametrize("value", [None, b""])
def test_pixel_data_without_a_value(value, make_dataset, tmp_path):
    ds = make_dataset(ARR[0])
    ds.PixelData = value
    for function in _everything(ds, tmp_path):
        with pytest.raises(ValueError, match=r"\b0 (vs|bytes actual vs\.) 8192"):
            function()


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_transfer_syntaxes_that_are_none(make_dataset):
    ds = make_dataset(ARR[0])
    for name in ("RLELossless", "1.2.3", "1.2.840.10008.5.1.4.1.1.4"):
        with pytest.raises(
            ValueError, match=f"'{name}' is no transfer syntax .* such as pydcm.uid.RLELossless"
        ):
            transcode(ds, name)
    del ds.file_meta.TransferSyntaxUID
    for function in (lambda: ds.pixel_array, lambda: transcode(ds, RLE), lambda: pydcm.render(ds)):
        with pytest.raises(AttributeError, match="set it to how the pixel data is encoded"):
            function()


def test_numbers_of_numpy_are_numbers(make_dataset):
    ds = make_dataset(ARR[0])
    arr, _ = get_decoder(ds.file_meta.TransferSyntaxUID).as_array(
        ds, rows=np.uint16(64), number_of_frames=np.int64(1)
    )
    assert np.array_equal(arr, ARR[0])
    assert np.array_equal(pixel_array(ds), ARR[0])
