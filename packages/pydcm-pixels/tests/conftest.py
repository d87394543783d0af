"""Data sets made for the tests."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import UID, ExplicitVRLittleEndian, generate_uid


def build_dataset(arr, *, photometric=None, bits_stored=None, frames=False, syntax=ExplicitVRLittleEndian):
    """Return an uncompressed data set with `arr` as its pixel data; the frames are the first axis if `frames`."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    size = arr.shape[1:] if frames else arr.shape
    ds.Rows, ds.Columns = size[:2]
    ds.SamplesPerPixel = 3 if len(size) == 3 else 1
    ds.PhotometricInterpretation = photometric or ("RGB" if len(size) == 3 else "MONOCHROME2")
    if len(size) == 3:
        ds.PlanarConfiguration = 0
    if frames:
        ds.NumberOfFrames = arr.shape[0]
    ds.BitsAllocated = 8 * arr.dtype.itemsize
    ds.BitsStored = bits_stored or ds.BitsAllocated
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(arr.dtype.kind == "i")
    data = arr.astype(arr.dtype.newbyteorder("<")).tobytes()
    ds.PixelData = data + b"\x00" * (len(data) % 2)
    ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"
    return ds


@pytest.fixture
def make_dataset():
    return build_dataset


@pytest.fixture
def smooth():
    """Return a function that makes compressible arrays of a shape, type and number of used bits."""

    def make(shape, dtype="u2", bits=12, seed=1):
        rng = np.random.default_rng(seed)
        signed = np.dtype(dtype).kind == "i"
        top = (1 << (bits - 1 if signed else bits)) - 1
        ramp = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) / (shape[0] + shape[1])
        values = ramp * top + rng.integers(-3, 4, shape[:2])
        values = np.clip(values, 0, top)
        if signed:
            values -= top // 2
        if len(shape) == 3:
            values = np.stack([values, values[::-1], values[:, ::-1]], axis=-1)
        return values.astype(dtype)

    return make
