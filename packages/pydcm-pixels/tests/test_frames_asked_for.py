"""Which frames iterators yield, and when a data set decodes its pixels anew."""

from __future__ import annotations

import numpy as np
import pytest

import pydcm
from pydcm.pixels import get_decoder, iter_pixels, transcode

RLE, BIG_ENDIAN = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.2"


@pytest.fixture(params=["native", "encapsulated"])
def film(request, make_dataset):
    arr = np.arange(3 * 8 * 9, dtype="<u2").reshape(3, 8, 9)
    ds = make_dataset(arr, frames=True)
    if request.param == "encapsulated":
        transcode(ds, RLE)
    return ds, arr


@pytest.mark.parametrize("indices", [[2, 0], (1,), range(3), np.array([0, 2]), np.array([0]), "iterator"])
def test_indices_of_any_kind(indices, film):
    ds, arr = film
    wanted = [1, 1] if isinstance(indices, str) else list(indices)
    given = iter(wanted) if isinstance(indices, str) else indices
    assert np.array_equal(list(iter_pixels(ds, indices=given)), arr[wanted])


@pytest.mark.parametrize("indices", [None, [], np.array([], int)])
def test_no_indices_are_all_frames(indices, film):
    ds, arr = film
    assert np.array_equal(list(iter_pixels(ds, indices=indices)), arr)


@pytest.mark.parametrize("method", ["iter_array", "iter_buffer"])
def test_negative_indices_count_from_the_end(method, film):
    ds, arr = film
    frames = getattr(get_decoder(ds.file_meta.TransferSyntaxUID), method)(ds, indices=[-1, -3, 1, -4])
    for wanted in (2, 0, 1):
        frame, _ = next(frames)
        assert bytes(frame) == arr[wanted].tobytes()
    with pytest.raises(ValueError, match="greater than or equal to -3, not -4: there are 3 frames"):
        next(frames)


@pytest.mark.filterwarnings("ignore:The .0028,0102. .High Bit")
def test_a_change_of_the_description_decodes_anew(make_dataset):
    ds = make_dataset(np.full((4, 4), 0x0FF0, "<u2"), bits_stored=12)
    assert ds.pixel_array[0, 0] == 0x0FF0
    ds.HighBit = 15
    assert ds.pixel_array[0, 0] == 0x00FF
    ds.HighBit = 11
    assert ds.pixel_array[0, 0] == 0x0FF0
    ds.BitsStored, ds.HighBit = 16, 15
    ds.file_meta.TransferSyntaxUID = BIG_ENDIAN
    assert ds.pixel_array[0, 0] == 0xF00F
    first = ds.pixel_array
    assert ds.pixel_array is first


@pytest.mark.parametrize("table", ["wrong", "extended"])
@pytest.mark.filterwarnings("ignore:The Basic Offset Table is", "ignore:The .7FE0,0001.")
def test_frames_by_index_of_a_file_with_a_wrong_table(table, make_dataset, tmp_path):
    arr = np.random.default_rng(0).integers(0, 256, (3, 8, 9)).astype("u1")
    ds = make_dataset(arr, frames=True)
    transcode(ds, RLE, encapsulate_ext=table == "extended")
    if table == "extended":
        ds.ExtendedOffsetTable = np.array([8, 16, 24], "<u8").tobytes()
    else:
        offsets = np.frombuffer(ds.PixelData, "<u4", 3, 8) + [0, 4, 0]
        ds.PixelData = ds.PixelData[:8] + offsets.astype("<u4").tobytes() + ds.PixelData[20:]
        ds["PixelData"].is_undefined_length = True
    path = tmp_path / "wrong.dcm"
    pydcm.dcmwrite(path, ds, enforce_file_format=True)
    for indices in ([0, 0], [2, 1, 0], [1, 1, 2]):
        assert np.array_equal(list(iter_pixels(path, indices=indices)), arr[indices])


def test_fewer_frames_than_stated_are_not_decompressed(make_dataset):
    ds = make_dataset(np.zeros((2, 8, 9), "u1"), frames=True)
    transcode(ds, RLE)
    ds.NumberOfFrames = 3
    with pytest.raises(ValueError, match="set that to 2 if these are all"):
        ds.decompress()
    ds.NumberOfFrames = 2
    ds.decompress()
    assert ds.pixel_array.shape == (2, 8, 9)


@pytest.mark.parametrize("tail", ["5", "4.57", "4.70", "4.80", "4.90", "4.201", "4.110"])
@pytest.mark.parametrize("planar", [0, 1])
def test_planes_are_what_the_stream_has(tail, planar, make_dataset):
    """*Planar Configuration* says nothing about compressed frames, whoever decodes them."""
    arr = np.random.default_rng(0).integers(0, 256, (2, 64, 70, 3)).astype("u1")
    ds = make_dataset(arr, frames=True)
    transcode(ds, "1.2.840.10008.1.2." + tail)
    ds.PlanarConfiguration = planar
    decoder = get_decoder(ds.file_meta.TransferSyntaxUID)
    for plugin in decoder.available_plugins:
        assert np.array_equal(decoder.as_array(ds, decoding_plugin=plugin)[0], arr), plugin
        for frame, (one, _) in zip(arr, decoder.iter_array(ds, decoding_plugin=plugin), strict=True):
            assert np.array_equal(one, frame), plugin
        for frame, (data, what) in zip(arr, decoder.iter_buffer(ds, decoding_plugin=plugin), strict=True):
            shown = np.moveaxis(frame, -1, 0) if what["planar_configuration"] else frame
            assert bytes(data) == np.ascontiguousarray(shown).tobytes(), plugin


def test_file_meta_that_was_taken_away(make_dataset):
    ds = make_dataset(np.ones((3, 4), "u1"))
    ds.file_meta = None
    with pytest.raises(AttributeError, match="Transfer Syntax UID.* set it to how the pixel data is encoded"):
        _ = ds.pixel_array
