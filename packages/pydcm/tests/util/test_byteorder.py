"""Words in the other byte order."""

from __future__ import annotations

import pydcm
from pydcm.dataset import Dataset
from pydcm.util.byteorder import swap_words


def sample() -> Dataset:
    ds = Dataset()
    ds.BitsAllocated = 16
    ds.add_new(0x00281201, "OW", b"\x01\x02\x03\x04")
    ds.add_new(0x00660016, "OF", b"\x01\x02\x03\x04\x05")  # a byte too many stays where it is
    ds.add_new(0x00091001, "UN", b"\x01\x02")
    ds.add_new(0x00091002, "OB", b"\x01\x02")
    item = Dataset()
    item.add_new(0x00283006, "OW", b"\x05\x06")
    ds.ModalityLUTSequence = [item]
    ds.add_new(0x7FE00010, "OW", b"\x01\x02\x03\x04")
    return ds


def test_words_at_every_depth() -> None:
    ds = sample()
    swap_words(ds)
    assert ds[0x00281201].value == ds.PixelData == b"\x02\x01\x04\x03"
    assert ds[0x00660016].value == b"\x04\x03\x02\x01\x05"
    assert ds[0x00091001].value == ds[0x00091002].value == b"\x01\x02"
    assert ds.ModalityLUTSequence[0].LUTData == b"\x06\x05"
    swap_words(ds)
    assert ds == sample()


def test_pixel_data_by_its_samples() -> None:
    ds = sample()
    swap_words(ds, pixel_data=False)
    assert ds.PixelData == b"\x01\x02\x03\x04"
    ds.BitsAllocated = 32
    swap_words(ds)
    assert ds.PixelData == b"\x04\x03\x02\x01"
    ds.BitsAllocated = 1
    swap_words(ds)
    assert (ds.PixelData, ds["PixelData"].VR) == (b"\x04\x03\x02\x01", pydcm.valuerep.VR.OB)
