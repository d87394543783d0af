"""Pixel data in sequences, such as icons, when the data set around it gets another transfer syntax."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from pydcm import dcmread, dcmwrite
from pydcm.dataset import Dataset
from pydcm.pixels import pixel_array, transcode

PREFIX = "1.2.840.10008.1.2."
IMPLICIT, EXPLICIT, BIG, DEFLATED, RLE, J2K = ("", "1", "2", "1.99", "5", "4.90")
NATIVE = [IMPLICIT, EXPLICIT, BIG, DEFLATED]


def _uid(tail):
    return (PREFIX + tail).rstrip(".")


def _written(ds):
    stream = BytesIO()
    dcmwrite(stream, ds, enforce_file_format=True)
    return dcmread(BytesIO(stream.getvalue()))


def _icon(arr, vr, make_dataset):
    made, icon = make_dataset(arr), Dataset()
    for element in made:
        if element.tag.group in (0x28, 0x7FE0):
            icon.add(element)
    icon["PixelData"].VR = vr
    return icon


def _values(ds):
    """Return the samples of the icon, which is not encapsulated."""
    icon = ds.IconImageSequence[0]
    element, width = icon["PixelData"], icon.BitsAllocated // 8
    assert not element.is_undefined_length
    big = not ds.file_meta.TransferSyntaxUID.is_little_endian
    data = element.value
    if big and width == 1 and element.VR == "OW":
        data = np.frombuffer(data, "u2").byteswap().tobytes()
    return np.frombuffer(data, f"{'>' if big else '<'}u{width}").reshape(icon.Rows, icon.Columns)


@pytest.mark.parametrize("source", [*NATIVE, RLE, J2K])
@pytest.mark.parametrize("target", [*NATIVE, RLE, J2K])
@pytest.mark.parametrize("outer", ["u1", "u2", "u4", "bits"])
@pytest.mark.parametrize(("inner", "vr"), [("u1", "OB"), ("u1", "OW"), ("u2", "OW")])
def test_native_icons_keep_their_samples(source, target, outer, inner, vr, make_dataset):
    if outer in ("u4", "bits") and not {source, target} <= set(NATIVE):
        pytest.skip("not possible in these syntaxes")
    rng = np.random.default_rng(0)
    arr = rng.integers(0, 2 if outer == "bits" else 200, (16, 16)).astype("u1" if outer == "bits" else outer)
    small = rng.integers(0, 200, (6, 6)).astype(inner)
    ds = make_dataset(arr)
    if outer == "bits":
        ds.BitsAllocated = ds.BitsStored = 1
        ds.HighBit = 0
        ds.PixelData = np.packbits(arr.reshape(-1), bitorder="little").tobytes()
    ds.IconImageSequence = [_icon(small, vr, make_dataset)]
    for tail in (source, target):
        transcode(ds, _uid(tail))
        ds = _written(ds)
        assert np.array_equal(_values(ds), small)
        assert np.array_equal(pixel_array(ds), arr)


def _with_encapsulated_icon(make_dataset, deep=False):
    rng = np.random.default_rng(0)
    arr, small = rng.integers(0, 200, (64, 64)).astype("u1"), rng.integers(0, 200, (36, 36)).astype("u1")
    ds, icon = make_dataset(arr), make_dataset(small)
    transcode(ds, _uid(J2K))
    transcode(icon, _uid(J2K))
    item = Dataset()
    for element in icon:
        if element.tag.group in (0x28, 0x7FE0):
            item.add(element)
    if deep:
        outer = Dataset()
        outer.IconImageSequence = [item]
        ds.SourceImageSequence = [Dataset(), outer]
    else:
        ds.IconImageSequence = [item]
    return _written(ds), arr, small


@pytest.mark.parametrize("target", [*NATIVE, RLE, "decompress"])
@pytest.mark.parametrize("deep", [False, True])
def test_encapsulated_icons_become_native(target, deep, make_dataset):
    ds, arr, small = _with_encapsulated_icon(make_dataset, deep)
    if target == "decompress":
        ds.decompress()
    else:
        transcode(ds, _uid(target))
    ds = _written(ds)
    if deep:
        ds.IconImageSequence = ds.SourceImageSequence[1].IconImageSequence
    assert np.array_equal(_values(ds), small)
    assert np.array_equal(pixel_array(ds), arr)


def test_an_icon_that_cannot_be_decoded_stops_it(make_dataset):
    ds, _, _ = _with_encapsulated_icon(make_dataset)
    ds.IconImageSequence[0].Rows = 9
    before = ds.PixelData
    with pytest.raises(ValueError, match="perhaps an icon"):
        transcode(ds, _uid(EXPLICIT))
    assert ds.file_meta.TransferSyntaxUID == _uid(J2K)
    assert ds.PixelData == before


def test_other_elements_are_not_looked_into(make_dataset):
    """A file with an element that cannot be made sense of is converted like any other."""
    ds = make_dataset(np.zeros((16, 16), "u1"))
    transcode(ds, _uid(RLE))
    ds.PixelData = ds.PixelData + b"\xfe\xff\xdd\xe0" + bytes(4)  # a second end of the sequence
    ds["PixelData"].is_undefined_length = True
    ds = _written(ds)
    assert 0xFFFEE0DD in ds
    transcode(ds, _uid(EXPLICIT))
    assert not ds.pixel_array.any()
