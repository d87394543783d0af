"""Fuzz target: pictures of images with any windows, tables, padding and overlays."""

from __future__ import annotations

import random
import struct

import numpy as np

import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm_testing.fuzzing import REFUSALS, overwrite

#: What the picture depends on: tag, VR, and what the values are made of.
ELEMENTS = (
    (0x00281050, "DS", "decimal"),
    (0x00281051, "DS", "decimal"),
    (0x00281056, "CS", "function"),
    (0x00281052, "DS", "decimal"),
    (0x00281053, "DS", "decimal"),
    (0x00280120, "US", "number"),
    (0x00280121, "US", "number"),
    (0x20500020, "CS", "function"),
    (0x60000010, "US", "number"),
    (0x60000011, "US", "number"),
    (0x60000050, "SS", "pair"),
    (0x60000100, "US", "number"),
    (0x60000102, "US", "number"),
    (0x60003000, "OW", "bytes"),
    (0x00280030, "DS", "decimal"),
    (0x00280034, "IS", "whole"),
)
DECIMALS = ("", "0", "-1", "1e300", "-1e300", "0.5", "128", "256\\10", "1e-300", "40000", "nan", "inf")
FUNCTIONS = ("", "LINEAR", "SIGMOID", "LINEAR_EXACT", "INVERSE", "IDENTITY", "linear", "X")
NUMBERS = (0, 1, 2, 3, 7, 8, 16, 255, 1000, 65535)
KINDS = (("u1", 1), ("u2", 1), ("i2", 1), ("u1", 3), ("u2", 3), ("f4", 1), ("i1", 1))


def value_of(kind: str, byte: int) -> object:
    if kind == "decimal":
        return DECIMALS[byte % len(DECIMALS)].split("\\")
    if kind == "function":
        return FUNCTIONS[byte % len(FUNCTIONS)]
    if kind == "number":
        return NUMBERS[byte % len(NUMBERS)]
    if kind == "pair":
        return [byte - 128, byte // 8 - 16]
    return [str(byte % 4), str(byte // 64)] if kind == "whole" else bytes([byte]) * (byte % 16 * 2)


def check(data: bytes) -> bool:
    """Take pairs of bytes of `data` as elements and their values; tell whether there was a picture."""
    if len(data) < 4:
        return False
    dtype, samples = KINDS[data[0] % len(KINDS)]
    photometric = ("MONOCHROME2", "MONOCHROME1", "RGB", "YBR_FULL", "PALETTE COLOR")[data[1] % 5]
    arr = np.arange(20 * samples).reshape(4, 5, samples).astype(dtype) * (data[2] % 64)
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydcm.uid.ExplicitVRLittleEndian
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PlanarConfiguration = 4, 5, samples, 0
    ds.PhotometricInterpretation = photometric
    ds.BitsAllocated = 8 * arr.itemsize
    ds.BitsStored = max(1, ds.BitsAllocated - data[3] % 9)
    ds.PixelRepresentation = int(arr.dtype.kind == "i")
    if dtype == "f4":
        arr[0, :3] = [[np.nan], [np.inf], [-np.inf]]
        ds.FloatPixelData = arr.tobytes()
    else:
        ds.PixelData = arr.tobytes()
    for which, byte in struct.iter_unpack("BB", data[4 : len(data) // 2 * 2]):
        tag, vr, kind = ELEMENTS[which % len(ELEMENTS)]
        try:
            ds.add_new(tag, vr, value_of(kind, byte))
        except REFUSALS:
            continue
    found = False
    for options in (
        {},
        {"window": "auto"},
        {"overlays": True},
        {"index": 1},
        {"window": (data[2] - 9.0, data[3] - 3.0)},
    ):
        try:
            picture = pydcm.render(ds, **options)
        except (*REFUSALS, AttributeError) as exc:  # the latter for an overlay whose elements are missing
            assert str(exc)
        else:
            found = True
            assert picture.dtype == "u1"
            assert picture.shape == (4, 5) + ((3,) if picture.ndim == 3 else ())
    html = ds._repr_html_()
    assert "<img" in html or "no picture: " in html
    return found


def samples() -> list[bytes]:
    """Return images of each kind, plain and with a window and an overlay."""
    out = []
    for kind, (_, samples) in enumerate(KINDS):
        start = bytes([kind, 0 if samples == 1 else 2, 3, 0])
        overlay = bytes([8, 3, 9, 3, 10, 128, 11, 1, 13, 2, 0, 6, 1, 6])
        out += [start, start + overlay[-4:], start + overlay]
    return out


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Add, change or take out an element."""
    at = 4 + chance.randrange(max(1, len(data) // 2 - 1)) * 2
    pair = bytes([chance.randrange(len(ELEMENTS)), chance.randrange(256)])
    what = chance.random()
    if what < 0.2 or len(data) < 4:
        return overwrite(data, chance)
    return data[:at] + (pair if what < 0.8 else b"") + data[at + (2 if what > 0.5 else 0) :]
