"""Fuzz target: files with pixel data; the short way from a path gives what the complete way gives."""

from __future__ import annotations

import random
import tempfile
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.encaps import encapsulate
from pydcm_testing.fuzzing import REFUSALS
from pydcm_testing.fuzzing.elements import mutate as mutate_elements

FOLDER = tempfile.TemporaryDirectory(prefix="pydcm-fuzz-")
PATH = Path(FOLDER.name, "a.dcm")
#: AttributeErrors and TypeErrors come from elements that are missing, or of which there are several.
ERRORS = (*REFUSALS, RuntimeError, AttributeError, TypeError, KeyError)
CODECS = {
    "1": "",
    "2": "",
    "1.98": "uncompressed",
    "5": "rle",
    "8.1": "deflated",
    "4.50": "jpeg",
    "4.70": "jpeg",
}
CODECS |= {"4.80": "jpegls", "4.90": "jpeg2000", "4.201": "htj2k", "4.110": "jpegxl"}


def attempt(function: Any, *arguments: Any, **options: Any) -> Any:
    """Return what `function` gives, or the error."""
    try:
        return function(*arguments, **options)
    except ERRORS as exc:
        assert not isinstance(exc, RecursionError)
        return exc


def check(data: bytes) -> bool:
    """Take `data` for a file; tell whether it has pixels."""
    PATH.write_bytes(data)
    ds = attempt(pydcm.dcmread, BytesIO(data), force=True)
    if isinstance(ds, Exception):
        assert isinstance(attempt(pydcm.pixel_array, PATH), Exception)
        return False
    found = False
    for options in ({}, {"index": 0}, {"raw": True}):
        complete = attempt(pydcm.pixel_array, ds, **options)
        short = attempt(pydcm.pixel_array, PATH, **options)
        if isinstance(short, Exception):
            continue
        found = True
        if not isinstance(complete, Exception):
            assert short.dtype == complete.dtype
            assert short.shape == complete.shape
            assert np.array_equal(short, complete, equal_nan=short.dtype.kind == "f")
    decoded = attempt(pydcm.decode, PATH, raw=True)
    assert isinstance(decoded, Exception) or decoded.ndim in (3, 4)
    return found


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change a value of the image's description, a byte of the pixel data, or the elements themselves."""
    at = data.find(b"\x28\x00\x02\x00US")
    pixels = data.find(b"\xe0\x7f\x10\x00O")
    if at < 0 or pixels < at or chance.random() < 0.2:
        return mutate_elements(data, chance)
    out = bytearray(data)
    if chance.random() < 0.5:
        places = [place for place in range(at, pixels - 9) if out[place : place + 2] == b"\x28\x00"]
        place = chance.choice(places) + 8
        out[place] = chance.choice((0, 1, 2, 3, 7, 8, 12, 16, 32, out[place] ^ 1, chance.randrange(256)))
    else:
        place = min(pixels + 8 + chance.randrange(60), len(out) - 1)
        out[place] = chance.choice((0, 1, 4, 8, 0xFF, 0xFE, out[place] ^ 1, chance.randrange(256)))
    return bytes(out)


def image(syntax: str, arr: np.ndarray, n_frames: int, bits: int, **more: Any) -> bytes:
    """Return a file with `arr` as each of its frames."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydcm.uid.UID("1.2.840.10008.1.2." + syntax)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.Rows, ds.Columns = arr.shape[:2]
    ds.SamplesPerPixel = 3 if arr.ndim == 3 else 1
    ds.PhotometricInterpretation = more.get("photometric", "RGB" if arr.ndim == 3 else "MONOCHROME2")
    if arr.ndim == 3:
        ds.PlanarConfiguration = 0
    if n_frames > 1:
        ds.NumberOfFrames = n_frames
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8 * arr.itemsize, bits, bits - 1
    ds.PixelRepresentation = int(arr.dtype.kind == "i")
    data = arr.tobytes()
    if CODECS[syntax]:
        description = {
            "transfer_syntax_uid": str(ds.file_meta.TransferSyntaxUID),
            "rows": ds.Rows,
            "columns": ds.Columns,
            "samples_per_pixel": ds.SamplesPerPixel,
            "bits_allocated": ds.BitsAllocated,
            "bits_stored": bits,
            "pixel_representation": ds.PixelRepresentation,
            "photometric_interpretation": ds.PhotometricInterpretation,
            "planar_configuration": 0,
        }
        encode = import_module("pydcm_pixels._codecs." + CODECS[syntax]).encode
        frame = bytes(encode(data, **description))
        ds.PixelData = encapsulate([frame] * n_frames, has_bot=more.get("table", True))
        ds["PixelData"].is_undefined_length = True
    else:
        ds.PixelData = data * n_frames
    ds["PixelData"].VR = "OB" if CODECS[syntax] or bits <= 8 else "OW"
    file = BytesIO()
    ds.save_as(file, enforce_file_format=True)
    return file.getvalue()


def samples() -> list[bytes]:
    """Return a file of each transfer syntax: grey or colour, one frame or two, with and without offset table."""
    out = []
    ramp = np.add.outer(np.arange(8), np.arange(10))
    for number, syntax in enumerate(CODECS):
        bits = 8 if syntax == "4.50" else (8, 12, 16)[number % 3]
        arr = (ramp << (bits - 6)).astype("u1" if bits == 8 else "u2")
        if number % 4 == 0 and bits == 8:
            arr = np.stack([arr, arr // 2, arr // 3], axis=-1)
        out += [image(syntax, arr, frames, bits, table=frames > 1) for frames in (1, 2)]
    out.append(image("1", (ramp - 9).astype("i2"), 1, 12))
    out.append(image("4.90", (ramp - 9).astype("i2"), 1, 12))
    out.append(image("5", np.stack([ramp.astype("u1")] * 3, axis=-1), 1, 8, photometric="YBR_FULL"))
    return out
